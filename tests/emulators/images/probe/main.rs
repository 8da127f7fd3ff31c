//! A small web server whose behaviour is set by its environment: what the tests deploy. Only the standard library.
//!
//! Built without Cargo and without a libc in the image:
//! `rustc -O -C target-feature=+crt-static -o probe main.rs`, then `FROM scratch` (see `Dockerfile`).
//!
//! `probe` (no arguments) serves. Variables, all optional:
//!
//! | variable               | meaning                                                                        | default     |
//! |------------------------|--------------------------------------------------------------------------------|-------------|
//! | `PORT`                 | port to listen on                                                              | 8080        |
//! | `PROBE_NAME`           | name in answers and log lines                                                  | probe       |
//! | `PROBE_HEALTH_PATH`    | path of the health check                                                       | /health     |
//! | `PROBE_HEALTH_STATUS`  | its status code                                                                | 200         |
//! | `PROBE_SICK_AFTER`     | seconds after which the health check answers 500                               | never       |
//! | `PROBE_LISTEN_AFTER`   | seconds before it listens                                                      | 0           |
//! | `PROBE_EXIT_AFTER`     | seconds after which it exits                                                   | never       |
//! | `PROBE_EXIT_CODE`      | code of that exit                                                              | 1           |
//! | `PROBE_LINES`          | lines written to stdout at the start (`line 1` ...)                            | 0           |
//! | `PROBE_STDERR`         | one line written to stderr at the start                                        | none        |
//! | `PROBE_ALLOCATE_MB`    | megabytes of memory taken (and touched) after the start                        | 0           |
//! | `PROBE_IGNORE_SIGTERM` | `1`: SIGTERM is written to the log and ignored; else it ends the server with 0 | 0           |
//!
//! Paths: `/` name and version of the answer; the health path; `/env/NAME` a variable (404 without); `/headers` the request;
//! `/status/CODE`; `/log/TEXT` writes TEXT to the log; `/exit/CODE` ends the server; `/fetch/HOST:PORT/PATH` asks another
//! server; anything else answers 200 with the path. Every request is a log line: `GET /path 200`.
//!
//! `probe check URL [SECONDS]` is a health check command: exit 0 when URL (http://host:port/path) answers 2xx.
//! `probe print TEXT...` writes TEXT and ends, `probe exit CODE` ends with CODE, `probe sleep SECONDS` waits.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::process::exit;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

static TERMINATED: AtomicBool = AtomicBool::new(false);
const SIGTERM: i32 = 15;

unsafe extern "C" {
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
}

extern "C" fn on_sigterm(_: i32) {
    TERMINATED.store(true, Ordering::SeqCst);
}

fn text(name: &str, default: &str) -> String {
    env::var(name).unwrap_or_else(|_| default.to_owned())
}

fn number(name: &str) -> Option<f64> {
    env::var(name).ok().and_then(|v| v.parse().ok())
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

fn after(seconds: f64, work: impl FnOnce() + Send + 'static) {
    thread::spawn(move || {
        thread::sleep(Duration::from_secs_f64(seconds));
        work();
    });
}

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        [] | ["serve"] => serve(),
        ["check", url, rest @ ..] => {
            let seconds = rest.first().and_then(|s| s.parse().ok()).unwrap_or(2.0);
            match get(url.trim_start_matches("http://"), Duration::from_secs_f64(seconds)) {
                Ok((status, _)) if (200..300).contains(&status) => {}
                Ok((status, _)) => fail(&format!("{url} answered {status}")),
                Err(error) => fail(&format!("{url}: {error}")),
            }
        }
        ["print", rest @ ..] => say(&rest.join(" ")),
        ["exit", code] => exit(code.parse().unwrap_or(1)),
        ["sleep", seconds] => thread::sleep(Duration::from_secs_f64(seconds.parse().unwrap_or(1.0))),
        _ => fail("usage: probe [serve | check URL [SECONDS] | print TEXT... | exit CODE | sleep SECONDS]"),
    }
}

fn fail(message: &str) -> ! {
    eprintln!("{message}");
    exit(1)
}

/// The status and body that `host:port/path` answers with.
fn get(address: &str, timeout: Duration) -> std::io::Result<(u16, String)> {
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let full = if host.contains(':') { host.to_owned() } else { format!("{host}:80") };
    let place = full.to_socket_addrs()?.next().ok_or(std::io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&place, timeout)?;
    stream.set_read_timeout(Some(timeout))?;
    write!(stream, "GET /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0);
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body).to_owned();
    Ok((status, body))
}

fn serve() {
    let name = text("PROBE_NAME", "probe");
    let started = Instant::now();
    // SAFETY: the handler only stores into an atomic.
    unsafe { signal(SIGTERM, on_sigterm) };
    say(&format!("{name} starts, arguments none"));
    if let Ok(line) = env::var("PROBE_STDERR") {
        eprintln!("{line}");
    }
    for n in 1..=number("PROBE_LINES").unwrap_or(0.0) as u64 {
        say(&format!("line {n}"));
    }
    if let Some(seconds) = number("PROBE_EXIT_AFTER") {
        let code = number("PROBE_EXIT_CODE").unwrap_or(1.0) as i32;
        if seconds <= 0.0 {
            say(&format!("exiting with {code}"));
            exit(code);
        }
        after(seconds, move || {
            say(&format!("exiting with {code}"));
            exit(code);
        });
    }
    thread::spawn(|| {
        let ignore = text("PROBE_IGNORE_SIGTERM", "0") == "1";
        loop {
            thread::sleep(Duration::from_millis(20));
            if TERMINATED.swap(false, Ordering::SeqCst) {
                say(if ignore { "ignoring SIGTERM" } else { "received SIGTERM, bye" });
                if !ignore {
                    exit(0);
                }
            }
        }
    });
    if let Some(megabytes) = number("PROBE_ALLOCATE_MB") {
        thread::spawn(move || {
            let mut taken = Vec::new();
            for _ in 0..megabytes as u64 {
                taken.push(vec![1_u8; 1 << 20]);
            }
            say(&format!("took {} MB", taken.len()));
            thread::sleep(Duration::from_secs(3600));
        });
    }
    thread::sleep(Duration::from_secs_f64(number("PROBE_LISTEN_AFTER").unwrap_or(0.0)));
    let port = text("PORT", "8080");
    let listener = match TcpListener::bind(format!("0.0.0.0:{port}")) {
        Ok(listener) => listener,
        Err(error) => fail(&format!("cannot listen on {port}: {error}")),
    };
    say(&format!("{name} listens on {port}"));
    for stream in listener.incoming().flatten() {
        let name = name.clone();
        thread::spawn(move || {
            let _ = answer(stream, &name, started);
        });
    }
}

fn answer(stream: TcpStream, name: &str, started: Instant) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    let mut head = first.clone();
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line == "\r\n" {
            break;
        }
        if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let mut parts = first.split(' ');
    let (method, target) = (parts.next().unwrap_or(""), parts.next().unwrap_or("/"));
    let path = target.split('?').next().unwrap_or("/");

    let (status, content) = if path == text("PROBE_HEALTH_PATH", "/health") {
        let sick = number("PROBE_SICK_AFTER").is_some_and(|s| started.elapsed().as_secs_f64() >= s);
        let status = if sick { 500 } else { number("PROBE_HEALTH_STATUS").unwrap_or(200.0) as u16 };
        (status, "health\n".to_owned())
    } else if path == "/" {
        (200, format!("hello from {name}\n"))
    } else if let Some(variable) = path.strip_prefix("/env/") {
        env::var(variable).map_or((404, String::new()), |value| (200, value))
    } else if path == "/headers" {
        (200, head)
    } else if let Some(code) = path.strip_prefix("/status/") {
        (code.parse().unwrap_or(400), String::new())
    } else if let Some(line) = path.strip_prefix("/log/") {
        say(line);
        (200, String::new())
    } else if let Some(code) = path.strip_prefix("/exit/") {
        let code = code.parse().unwrap_or(1);
        after(0.05, move || exit(code));
        (200, String::new())
    } else if let Some(address) = path.strip_prefix("/fetch/") {
        get(address, Duration::from_secs(2)).unwrap_or_else(|error| (502, format!("{error}\n")))
    } else {
        (200, format!("{path}\n{}", String::from_utf8_lossy(&body)))
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{content}",
        if status < 400 { "OK" } else { "Error" },
        content.len()
    )?;
    say(&format!("{method} {target} {status}"));
    Ok(())
}
