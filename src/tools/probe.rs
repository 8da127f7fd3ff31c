//! Asking a port of this machine as a load balancer does.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Most bytes that are read for a status line.
const LONGEST_STATUS_LINE: usize = 4096;
/// How long a connection has to stay open to count as one that a program took.
const HOLD: Duration = Duration::from_millis(300);

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// An answer over HTTP with this status code.
    Status(u16),
    /// A connection that stays open, or on which something is said that is no HTTP.
    Open,
    /// The connection is refused: nobody listens, or not where we are.
    Refused,
    /// Taken and closed without a word, as engines do whose own proxy stands before a container that nobody listens in.
    Closed,
    /// No answer in time.
    Late,
}

/// Asks for a path over HTTP, as the load balancers of AWS do in their health checks: `GET`, without redirects.
pub async fn http(address: SocketAddr, path: &str, patience: Duration) -> Answer {
    let path: String = path.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nUser-Agent: ELB-HealthChecker/2.0\r\n\
         Accept-Encoding: gzip, compressed\r\n\r\n"
    );
    let work = async {
        let Ok(mut stream) = TcpStream::connect(address).await else { return Answer::Refused };
        if stream.write_all(request.as_bytes()).await.is_err() {
            return Answer::Closed;
        }
        let mut seen = vec![];
        let mut buffer = [0; 1024];
        while !seen.contains(&b'\n') && seen.len() < LONGEST_STATUS_LINE {
            match stream.read(&mut buffer).await {
                Ok(0) | Err(_) => break,
                Ok(count) => seen.extend_from_slice(&buffer[..count]),
            }
        }
        match status(&seen) {
            Some(code) => Answer::Status(code),
            None if seen.is_empty() => Answer::Closed,
            None => Answer::Open,
        }
    };
    timeout(patience, work).await.unwrap_or(Answer::Late)
}

/// Opens a connection and says nothing, as health checks over TCP do.
pub async fn tcp(address: SocketAddr, patience: Duration) -> Answer {
    let Ok(connected) = timeout(patience, TcpStream::connect(address)).await else { return Answer::Late };
    let Ok(mut stream) = connected else { return Answer::Refused };
    match timeout(HOLD, stream.read(&mut [0; 1])).await {
        Ok(Ok(0) | Err(_)) => Answer::Closed,
        Ok(Ok(_)) | Err(_) => Answer::Open,
    }
}

/// The code of a status line such as `HTTP/1.1 200 OK`.
fn status(bytes: &[u8]) -> Option<u16> {
    let text = String::from_utf8_lossy(bytes);
    let mut parts = text.lines().next()?.split(' ');
    if !parts.next()?.starts_with("HTTP/1.") {
        return None;
    }
    parts.next()?.parse().ok().filter(|code| (100..600).contains(code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    async fn asked(answer: &'static str, wait: Duration, patience: Duration) -> (Answer, Answer) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    if answer.is_empty() && wait.is_zero() {
                        return;
                    }
                    let _ = stream.read(&mut [0; 1024]).await;
                    tokio::time::sleep(wait).await;
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        let answers = (http(address, "/health x", patience).await, tcp(address, patience).await);
        serving.abort();
        answers
    }

    #[tokio::test]
    async fn answers_are_told_apart() {
        let long = Duration::from_secs(5);
        let none = Duration::ZERO;
        assert_eq!(
            asked("HTTP/1.1 204 No Content\r\n\r\n", none, long).await,
            (Answer::Status(204), Answer::Open)
        );
        assert_eq!(asked("HTTP/1.0 500\r\n\r\n", none, long).await.0, Answer::Status(500));
        assert_eq!(asked("SSH-2.0-x\r\n", none, long).await.0, Answer::Open);
        assert_eq!(asked("", none, long).await, (Answer::Closed, Answer::Closed));
        assert_eq!(asked("x", Duration::from_secs(9), Duration::from_millis(50)).await.0, Answer::Late);
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        assert_eq!((http(free, "/", long).await, tcp(free, long).await), (Answer::Refused, Answer::Refused));
    }
}
