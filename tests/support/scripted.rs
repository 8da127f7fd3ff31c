//! AWS as a script: an HTTP server on this machine that answers by service and operation.
//!
//! It holds records of the Parameter Store, answers who is calling and hands out roles by itself; everything else has to be
//! said. What nobody said is answered with the error `NotScripted`, which shows up in the transcript of the run.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// The account all answers speak of.
pub const ACCOUNT: &str = "123456789012";

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Request {
    /// Service (from the signature) and operation, such as `ssm:GetParameter`; for S3 the method and the path.
    pub action: String,
    /// The body.
    pub body: String,
    /// Id of the access key it was signed with; empty without a signature.
    pub key: String,
    /// Whether it speaks JSON (else XML).
    json: bool,
}

/// What is answered.
#[derive(Clone)]
pub enum Answer {
    /// A JSON document.
    Json(Value),
    /// What stands in the result element of an XML answer.
    Xml(String),
    /// An XML answer as it stands.
    Raw(String),
    /// A refusal: HTTP status, code and message.
    Error(u16, String, String),
    /// A whole document, for services that speak restXml.
    Document(String),
    /// Nothing for this long, then an empty answer.
    Late(Duration),
}

impl Answer {
    /// A refusal with HTTP status 400.
    pub fn error(code: &str, message: &str) -> Self {
        Self::Error(400, code.to_owned(), message.to_owned())
    }
}

/// Decides about a request before anything else does.
type First = Arc<dyn Fn(&Request) -> Option<Answer> + Send + Sync>;

/// What the server will answer.
#[derive(Clone, Default)]
pub struct Script {
    first: Option<First>,
    records: BTreeMap<String, Value>,
    rules: Vec<(String, String, Answer)>,
}

impl Script {
    /// A parameter of the Parameter Store.
    pub fn record(mut self, path: &str, value: Value) -> Self {
        self.records.insert(path.to_owned(), value);
        self
    }

    /// Answers `action` (or all of a service: `ssm:*`; or all: `*`) when the body holds `part`. The first rule that fits
    /// counts.
    pub fn on(mut self, action: &str, part: &str, answer: Answer) -> Self {
        self.rules.push((action.to_owned(), part.to_owned(), answer));
        self
    }

    /// Asks `first` before any rule.
    pub fn first(mut self, first: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static) -> Self {
        self.first = Some(Arc::new(first));
        self
    }

    /// Starts to answer.
    pub fn start(self) -> Scripted {
        self.begin(|script, stream, seen| script.serve(stream, seen))
    }

    /// Starts to answer as a proxy for HTTPS: it takes the place of every host of AWS in `eu-west-1`, with a certificate of
    /// [`AUTHORITY`]. `CONNECT <host>` counts as an operation.
    pub fn start_as_proxy(self) -> Scripted {
        let tls = Arc::new(tls());
        self.begin(move |script, stream, seen| {
            let mut reader = BufReader::new(stream);
            let Some(asked) = read(&mut reader)? else { return Ok(()) };
            let host = asked.action.trim_start_matches("unsigned:").to_owned();
            seen.lock().unwrap().push(Request { action: host, ..asked });
            let mut stream = reader.into_inner();
            write!(stream, "HTTP/1.1 200 OK\r\n\r\n")?;
            let session = rustls::ServerConnection::new(tls.clone()).unwrap();
            script.serve(rustls::StreamOwned::new(session, stream), seen)
        })
    }

    fn begin(
        self,
        serve: impl Fn(&Self, TcpStream, &Mutex<Vec<Request>>) -> std::io::Result<()> + Send + Sync + 'static,
    ) -> Scripted {
        let serve = Arc::new(serve);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Mutex::new(vec![]));
        let over = Arc::new(AtomicBool::new(false));
        let (script, seen, stop) = (Arc::new(self), requests.clone(), over.clone());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::Relaxed) {
                    return;
                }
                let (script, seen, serve) = (script.clone(), seen.clone(), serve.clone());
                // A client that goes away in the middle is none of the server's business.
                thread::spawn(move || drop(serve(&script, stream, &seen)));
            }
        });
        Scripted { address, requests, over }
    }

    fn serve(&self, stream: impl Read + Write, seen: &Mutex<Vec<Request>>) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        while let Some(request) = read(&mut reader)? {
            seen.lock().unwrap().push(request.clone());
            let (status, body) = self.answer(&request);
            let kind = if request.json { "application/x-amz-json-1.1" } else { "text/xml" };
            write!(
                reader.get_mut(),
                // An instance says how long its token lasts; everybody else does not read that.
                "HTTP/1.1 {status} Scripted\r\ncontent-type: {kind}\r\nx-amzn-requestid: req-1\r\n\
                 x-aws-ec2-metadata-token-ttl-seconds: 21600\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            )?;
            reader.get_mut().flush()?;
        }
        Ok(())
    }

    fn answer(&self, request: &Request) -> (u16, String) {
        let service = request.action.split(':').next().unwrap();
        let fits = |rule: &str| rule == "*" || rule == request.action || rule == format!("{service}:*");
        // So that a rule can say where the last value of a form ends.
        let body = format!("{}&", request.body);
        let rule = self.rules.iter().find(|(action, part, _)| fits(action) && body.contains(part));
        let first = self.first.as_ref().and_then(|first| first(request));
        let answer = match (first, rule) {
            (Some(answer), _) => answer,
            (None, Some((_, _, answer))) => answer.clone(),
            (None, None) => self.usual(request),
        };
        let operation = request.action.rsplit(':').next().unwrap();
        match answer {
            Answer::Json(value) => (200, value.to_string()),
            Answer::Xml(result) => {
                let result = format!("<{operation}Result>{result}</{operation}Result>");
                (200, format!("<{operation}Response>{result}</{operation}Response>"))
            }
            Answer::Raw(body) => (200, body),
            Answer::Error(status, code, message) if request.json => {
                (status, json!({"__type": code, "message": message}).to_string())
            }
            Answer::Error(status, code, message) => {
                let error = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
                (status, format!("<ErrorResponse>{error}<RequestId>req-1</RequestId></ErrorResponse>"))
            }
            Answer::Document(text) => (200, text),
            Answer::Late(pause) => {
                thread::sleep(pause);
                (200, String::new())
            }
        }
    }

    /// What is answered without a rule.
    fn usual(&self, request: &Request) -> Answer {
        let input: Value = serde_json::from_str(&request.body).unwrap_or_default();
        let parameter = |(path, value): (&String, &Value)| json!({"Name": path, "Value": value.to_string(), "Version": 1});
        match request.action.as_str() {
            "ssm:GetParameter" => {
                let name = input["Name"].as_str().unwrap_or_default();
                match self.records.get_key_value(name) {
                    Some(found) => Answer::Json(json!({"Parameter": parameter(found)})),
                    None => Answer::error("ParameterNotFound", ""),
                }
            }
            "ssm:GetParametersByPath" => {
                let path = format!("{}/", input["Path"].as_str().unwrap_or_default().trim_end_matches('/'));
                let below = |name: &str| name.strip_prefix(&path).is_some_and(|rest| !rest.contains('/'));
                let found: Vec<Value> = self.records.iter().filter(|(name, _)| below(name)).map(parameter).collect();
                Answer::Json(json!({"Parameters": found}))
            }
            "sts:GetCallerIdentity" => Answer::Xml(format!(
                "<Arn>arn:aws:iam::{ACCOUNT}:user/dev</Arn><UserId>U</UserId><Account>{ACCOUNT}</Account>"
            )),
            "sts:AssumeRole" => Answer::Xml(
                "<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey>\
                 <SessionToken>role-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
                    .to_owned(),
            ),
            // All is allowed.
            "iam:SimulatePrincipalPolicy" => Answer::Xml("<EvaluationResults/>".to_owned()),
            action => Answer::error("NotScripted", &format!("the test says nothing of {action}")),
        }
    }
}

/// The authority that made the certificate of [`Script::start_as_proxy`], in PEM form. Made for these tests.
pub const AUTHORITY: &str = include_str!("tls/ca.pem");

/// A server that speaks TLS as any host of AWS.
fn tls() -> rustls::ServerConfig {
    use rustls::pki_types::pem::PemObject as _;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let certificate = rustls::pki_types::CertificateDer::from_pem_slice(include_bytes!("tls/server.pem"));
    let key = rustls::pki_types::PrivateKeyDer::from_pem_slice(include_bytes!("tls/server.key"));
    rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.unwrap()], key.unwrap())
        .unwrap()
}

/// The next request of a connection; none when the client has closed it.
fn read(reader: &mut BufReader<impl Read>) -> std::io::Result<Option<Request>> {
    let mut first = String::new();
    if reader.read_line(&mut first)? == 0 {
        return Ok(None);
    }
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        headers.insert(name.to_lowercase(), value.trim().to_owned());
    }
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    // Credential=<key>/<date>/<region>/<service>/aws4_request
    let signature = headers.get("authorization").map_or("", String::as_str);
    let service = signature.split('/').nth(3).unwrap_or("unsigned");
    let key = signature.split_once("Credential=").and_then(|(_, rest)| rest.split('/').next());
    let key = key.unwrap_or_default().to_owned();
    let target = headers.get("x-amz-target").and_then(|target| target.rsplit('.').next());
    let form = body.split('&').find_map(|pair| pair.strip_prefix("Action="));
    let plain = first.trim_end().trim_end_matches(" HTTP/1.1");
    let action = format!("{service}:{}", target.or(form).unwrap_or(plain));
    Ok(Some(Request { action, body, key, json: target.is_some() }))
}

/// The running server; it ends with the value.
pub struct Scripted {
    address: String,
    requests: Arc<Mutex<Vec<Request>>>,
    over: Arc<AtomicBool>,
}

impl Scripted {
    /// Where it listens, for `AWS_ENDPOINT_URL`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The operations that were asked for so far, such as `ssm:GetParameter`.
    pub fn actions(&self) -> Vec<String> {
        self.requests.lock().unwrap().iter().map(|request| request.action.clone()).collect()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // Wakes the listener up.
        drop(TcpStream::connect(&self.address));
    }
}
