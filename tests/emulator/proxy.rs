//! Between the binary and the emulator: counts the calls of AWS, ends the process at one of them, answers in AWS's place.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ExitStatus};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// What happens with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// It goes on, and its answer comes back.
    Pass,
    /// The process is killed; AWS never hears of the call.
    KillBefore,
    /// AWS has done what it was asked for; the process is killed before it hears so.
    KillAfter,
    /// Too many requests.
    Throttle,
    /// A failure inside AWS.
    Failure,
    /// The connection is cut.
    Reset,
    /// The credentials have expired.
    Expired,
    /// The clocks differ too much.
    Skewed,
}

/// Decides what happens with a call, by its number (from 1 on) and its action.
type Rule = Box<dyn FnMut(usize, &str) -> Act + Send>;

#[derive(Default)]
struct State {
    seen: Vec<String>,
    rule: Option<Rule>,
    process: Option<Child>,
    /// Connections are of the run they began in; what comes late is not counted for the next one.
    run: u64,
    /// Names of the roles whose sessions have these access keys.
    roles: BTreeMap<String, String>,
    /// All calls ever: the role (empty for the user's own keys) and the action.
    callers: BTreeSet<(String, String)>,
}

struct Shared {
    upstream: String,
    state: Mutex<State>,
    started: Condvar,
}

/// The running proxy.
pub struct Proxy {
    address: String,
    shared: Arc<Shared>,
}

impl Proxy {
    /// Listens before `upstream`, an address such as `127.0.0.1:4566`.
    pub fn start(upstream: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let shared = Arc::new(Shared {
            upstream: upstream.to_owned(),
            state: Mutex::default(),
            started: Condvar::new(),
        });
        let all = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = all.clone();
                // A client that goes away in the middle is what this is for.
                std::thread::spawn(move || drop(shared.serve(stream)));
            }
        });
        Self { address, shared }
    }

    /// Where it listens, for `AWS_ENDPOINT_URL`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Forgets what was seen; `rule` decides from now on.
    pub fn begin(&self, rule: impl FnMut(usize, &str) -> Act + Send + 'static) {
        let mut state = self.shared.state.lock().unwrap();
        state.seen.clear();
        state.rule = Some(Box::new(rule));
        state.run += 1;
    }

    /// The actions seen since the last beginning, such as `ssm:GetParameter` or `s3:HEAD object`.
    pub fn seen(&self) -> Vec<String> {
        self.shared.state.lock().unwrap().seen.clone()
    }

    /// All calls ever, each with the role whose session made it; the role is empty for the user's own keys.
    pub fn callers(&self) -> BTreeSet<(String, String)> {
        self.shared.state.lock().unwrap().callers.clone()
    }

    /// Runs a process to its end, within a minute and a half; its output must not be a pipe. `poke` is called again and again
    /// and says whether to kill it.
    pub fn watch(&self, process: Child, mut poke: impl FnMut(&Child) -> bool) -> ExitStatus {
        self.shared.state.lock().unwrap().process = Some(process);
        self.shared.started.notify_all();
        let until = Instant::now() + Duration::from_secs(90);
        loop {
            let mut state = self.shared.state.lock().unwrap();
            let process = state.process.as_mut().unwrap();
            if let Some(status) = process.try_wait().unwrap() {
                state.process = None;
                state.rule = None;
                return status;
            }
            if poke(process) || Instant::now() > until {
                process.kill().unwrap();
            }
            drop(state);
            std::thread::sleep(Duration::from_millis(3));
        }
    }
}

impl Shared {
    fn serve(&self, client: TcpStream) -> io::Result<()> {
        let run = self.state.lock().unwrap().run;
        let (mut client, mut server) = (BufReader::new(client), None);
        while let Some(request) = Message::read(&mut client, true)? {
            let action = request.action();
            self.note(&request, &action);
            let act = self.decide(run, &action);
            if act == Act::KillBefore {
                self.kill();
                return Ok(());
            }
            if let Some(refusal) = refusal(act, &request) {
                client.get_mut().write_all(refusal.as_bytes())?;
                continue;
            }
            if act == Act::Reset {
                return Ok(());
            }
            let server = match &mut server {
                Some(server) => server,
                None => server.insert(BufReader::new(TcpStream::connect(&self.upstream)?)),
            };
            server.get_mut().write_all(&request.bytes)?;
            let Some(answer) = Message::read(server, !request.first.starts_with("HEAD "))? else {
                return Ok(());
            };
            if action == "sts:AssumeRole" {
                self.learn(&request, &answer);
            }
            if act == Act::KillAfter {
                self.kill();
                return Ok(());
            }
            client.get_mut().write_all(&answer.bytes)?;
        }
        Ok(())
    }

    /// Notes who makes a call.
    fn note(&self, request: &Message, action: &str) {
        let mut state = self.state.lock().unwrap();
        let role = state.roles.get(request.access_key()).cloned().unwrap_or_default();
        state.callers.insert((role, action.to_owned()));
    }

    /// Notes whose session has begun.
    fn learn(&self, request: &Message, answer: &Message) {
        let (asked, told) = (String::from_utf8_lossy(&request.body), String::from_utf8_lossy(&answer.body));
        let role = asked.split('&').find_map(|pair| pair.strip_prefix("RoleArn=")?.rsplit("%2F").next());
        let key = told.split_once("<AccessKeyId>").and_then(|(_, rest)| rest.split('<').next());
        if let (Some(role), Some(key)) = (role, key) {
            self.state.lock().unwrap().roles.insert(key.to_owned(), role.to_owned());
        }
    }

    fn decide(&self, run: u64, action: &str) -> Act {
        let mut state = self.state.lock().unwrap();
        // The process is there before its first call is judged.
        while state.process.is_none() && state.rule.is_some() && state.run == run {
            state = self.started.wait_timeout(state, Duration::from_secs(1)).unwrap().0;
        }
        if state.run != run {
            return Act::Pass;
        }
        state.seen.push(action.to_owned());
        let number = state.seen.len();
        state.rule.as_mut().map_or(Act::Pass, |rule| rule(number, action))
    }

    fn kill(&self) {
        if let Some(process) = &mut self.state.lock().unwrap().process {
            process.kill().unwrap();
        }
    }
}

/// A request or an answer, as it came.
pub struct Message {
    first: String,
    headers: BTreeMap<String, String>,
    /// What it holds, without the marks of chunks.
    pub body: Vec<u8>,
    bytes: Vec<u8>,
}

impl Message {
    /// The next message of a connection; none when the other side has closed it. `body`: whether one may follow.
    pub fn read(stream: &mut BufReader<TcpStream>, body: bool) -> io::Result<Option<Self>> {
        let mut first = String::new();
        if stream.read_line(&mut first)? == 0 {
            return Ok(None);
        }
        let (mut bytes, mut headers) = (first.clone().into_bytes(), BTreeMap::new());
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let end = line.trim_end().is_empty();
            if let Some((name, value)) = line.trim_end().split_once(':') {
                headers.insert(name.to_lowercase(), value.trim().to_owned());
            }
            // The proxy itself says that the body may come.
            if line.to_lowercase().starts_with("expect:") {
                stream.get_mut().write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            } else {
                bytes.extend(line.as_bytes());
            }
            if end {
                break;
            }
        }
        let empty = [" 204 ", " 304 "].iter().any(|code| first.starts_with("HTTP") && first.contains(code));
        let mut content = vec![];
        if body && !empty {
            if headers.get("transfer-encoding").is_some_and(|encoding| encoding == "chunked") {
                chunks(stream, &mut bytes, &mut content)?;
            } else if let Some(length) = headers.get("content-length") {
                let length: u64 = length.parse().map_err(io::Error::other)?;
                stream.by_ref().take(length).read_to_end(&mut content)?;
                bytes.extend(&content);
            }
        }
        Ok(Some(Self { first, headers, body: content, bytes }))
    }

    /// The access key it is signed with.
    fn access_key(&self) -> &str {
        let authorization = self.headers.get("authorization").map_or("", String::as_str);
        let key = authorization.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next());
        key.unwrap_or_default()
    }

    /// Service (from the signature) and operation.
    fn action(&self) -> String {
        // Credential=<key>/<date>/<region>/<service>/aws4_request
        let authorization = self.headers.get("authorization").map_or("", String::as_str);
        let service = authorization.split('/').nth(3).unwrap_or("unsigned");
        let target = self.headers.get("x-amz-target").and_then(|target| target.rsplit('.').next());
        let body = String::from_utf8_lossy(&self.body);
        let form = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
        if let Some(operation) = target.or(form) {
            return format!("{service}:{operation}");
        }
        let mut words = self.first.split_whitespace();
        let (method, address) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let subject = match path.trim_matches('/').split('/').filter(|part| !part.is_empty()).count() {
            0 => "",
            1 if query.contains("list-type") => " list",
            1 => " bucket",
            _ => " object",
        };
        format!("{service}:{method}{subject}")
    }
}

fn chunks(stream: &mut BufReader<TcpStream>, bytes: &mut Vec<u8>, content: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line)?;
        bytes.extend(line.as_bytes());
        let size = line.trim().split(';').next().unwrap_or_default();
        let size = u64::from_str_radix(size, 16).map_err(io::Error::other)?;
        let start = bytes.len();
        stream.by_ref().take(size + 2).read_to_end(bytes)?;
        content.extend(&bytes[start..bytes.len().saturating_sub(2)]);
        if size == 0 {
            return Ok(());
        }
    }
}

/// What AWS would say in its place, in the protocol of the request.
fn refusal(act: Act, request: &Message) -> Option<String> {
    let s3 = request.action().starts_with("s3:");
    let (status, code, message) = match act {
        Act::Throttle if s3 => (503, "SlowDown", "Please reduce your request rate."),
        Act::Expired if s3 => (400, "ExpiredToken", "The provided token has expired."),
        Act::Throttle => (400, "ThrottlingException", "Rate exceeded"),
        Act::Failure => (500, "InternalFailure", "We encountered an internal error. Please try again."),
        Act::Expired => {
            (403, "ExpiredTokenException", "The security token included in the request is expired")
        }
        Act::Skewed => (
            403,
            "RequestTimeTooSkewed",
            "The difference between the request time and the current time is too large.",
        ),
        _ => return None,
    };
    let json = request.headers.contains_key("x-amz-target");
    let body = if request.first.starts_with("HEAD ") {
        String::new()
    } else if json {
        serde_json::json!({"__type": code, "message": message}).to_string()
    } else if s3 {
        format!("<Error><Code>{code}</Code><Message>{message}</Message><RequestId>req-1</RequestId></Error>")
    } else {
        let error =
            format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
        format!("<ErrorResponse>{error}<RequestId>req-1</RequestId></ErrorResponse>")
    };
    let kind = if json { "application/x-amz-json-1.1" } else { "text/xml" };
    // The clock of an answer is the one that a client may set its own by.
    let date = if act == Act::Skewed { "date: Fri, 01 Jan 2100 00:00:00 GMT\r\n" } else { "" };
    Some(format!(
        "HTTP/1.1 {status} Played\r\ncontent-type: {kind}\r\n{date}x-amzn-requestid: req-1\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    ))
}
