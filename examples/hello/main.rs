//! A little web service: says hello, counts its visitors, logs every request. Standard library only.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};

static VISITS: AtomicU64 = AtomicU64::new(0);

fn main() -> std::io::Result<()> {
    let port = std::env::var("PORT").unwrap_or_else(|_| "8080".to_owned());
    let listener = TcpListener::bind(format!("0.0.0.0:{port}"))?;
    println!("hello is listening on port {port}");
    for stream in listener.incoming() {
        std::thread::spawn(move || stream.and_then(answer));
    }
    Ok(())
}

fn answer(mut stream: TcpStream) -> std::io::Result<()> {
    let mut request = String::new();
    let mut reader = BufReader::new(stream.try_clone()?);
    reader.read_line(&mut request)?;
    let mut header = String::new();
    while reader.read_line(&mut header)? > 2 {
        header.clear();
    }
    let path = request.split_whitespace().nth(1).unwrap_or("/").to_owned();
    let (status, body) = match path.as_str() {
        "/healthz" => ("200 OK", "fine\n".to_owned()),
        "/" => {
            let visit = VISITS.fetch_add(1, Ordering::Relaxed) + 1;
            let variable = |name| std::env::var(name).unwrap_or_else(|_| "?".to_owned());
            let (app, env) = (variable("COPILOT_APPLICATION_NAME"), variable("COPILOT_ENVIRONMENT_NAME"));
            ("200 OK", format!("Hello from {app} in {env}, visitor {visit}!\n"))
        }
        _ => ("404 Not Found", "There is nothing here.\n".to_owned()),
    };
    if path != "/healthz" {
        println!("{} {path}", status.split(' ').next().unwrap_or_default());
    }
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}
