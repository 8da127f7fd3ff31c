//! A scripted AWS at the wire: the real clients on one side, a function from request to answer on the other.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use super::Connection;

/// A request as it went over the wire.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub method: String,
    pub uri: String,
    /// The operation: `Action` of query protocols, the last part of the JSON target, else empty.
    pub action: String,
    /// The body, form-decoded for query protocols.
    pub body: String,
    pub authorization: String,
    pub user_agent: String,
    /// When it was signed, such as `20260102T030405Z`.
    pub date: String,
}

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    /// How long it takes.
    after: Duration,
}

impl Answer {
    fn new(status: u16, content_type: &str, body: &str) -> Self {
        let headers = vec![("content-type", content_type.to_owned())];
        Self { status, headers, body: body.to_owned(), after: Duration::ZERO }
    }

    /// The same, given after a time.
    pub(crate) fn after(self, after: Duration) -> Self {
        Self { after, ..self }
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

/// An answer of a query or REST/XML service.
pub(crate) fn xml(status: u16, body: &str) -> Answer {
    Answer::new(status, "text/xml", body)
}

/// An answer of a JSON service.
pub(crate) fn json(status: u16, body: &str) -> Answer {
    Answer::new(status, "application/x-amz-json-1.1", body)
}

/// A failure of a JSON service.
pub(crate) fn json_error(code: &str, message: &str) -> Answer {
    json(400, &serde_json::json!({"__type": code, "message": message}).to_string())
}

/// A failure of a query service.
pub(crate) fn xml_error(status: u16, code: &str, message: &str) -> Answer {
    xml(
        status,
        &format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>req-1</RequestId></ErrorResponse>"
        ),
    )
    .header("x-amzn-requestid", "req-1")
}

type Script = dyn Fn(&Request) -> Answer + Send + Sync;

/// The scripted AWS.
pub(crate) struct Server {
    connection: Connection,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// A connection to it, in `eu-west-1`.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// What it was asked so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The operations it was asked for so far.
    pub(crate) fn actions(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.action).collect()
    }
}

/// A server that answers with what `script` returns.
pub(crate) fn server(script: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> Server {
    impatient(TimeoutConfig::disabled(), script)
}

/// The same, which is waited for no longer than `timeouts` say.
pub(crate) fn impatient(
    timeouts: TimeoutConfig,
    script: impl Fn(&Request) -> Answer + Send + Sync + 'static,
) -> Server {
    let seen: Arc<Mutex<Vec<Request>>> = Arc::default();
    let connector = SharedHttpConnector::new(Scripted { script: Arc::new(script), seen: seen.clone() });
    let config = SdkConfig::builder()
        .behavior_version(super::behaviour())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "AKIDTEST", "secret", None, None, "test",
        )))
        .identity_cache(IdentityCache::lazy().build())
        .app_name(AppName::new("wharf-test").unwrap())
        .retry_config(
            RetryConfig::standard()
                .with_max_attempts(3)
                .with_initial_backoff(Duration::from_millis(1))
                .with_max_backoff(Duration::from_millis(2)),
        )
        .timeout_config(timeouts)
        .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
        .time_source(SystemTimeSource::new())
        .http_client(super::http::judged(http_client_fn(move |_, _| connector.clone()), None))
        .build();
    Server { connection: Connection::with_config(config), seen }
}

/// A server that gives `answers` in turn, and the last one for ever after.
pub(crate) fn answers(answers: Vec<Answer>) -> Server {
    let next = Mutex::new(0);
    server(move |_| {
        let mut next = next.lock().unwrap();
        let answer = answers[(*next).min(answers.len() - 1)].clone();
        *next += 1;
        answer
    })
}

struct Scripted {
    script: Arc<Script>,
    seen: Arc<Mutex<Vec<Request>>>,
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scripted")
    }
}

impl HttpConnector for Scripted {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let request = read(&request);
        self.seen.lock().unwrap().push(request.clone());
        let answer = (self.script)(&request);
        let mut response =
            HttpResponse::new(answer.status.try_into().unwrap(), SdkBody::from(answer.body.as_str()));
        for (name, value) in answer.headers {
            response.headers_mut().insert(name, value);
        }
        HttpConnectorFuture::new(async move {
            if !answer.after.is_zero() {
                tokio::time::sleep(answer.after).await;
            }
            Ok::<_, ConnectorError>(response)
        })
    }
}

fn read(request: &HttpRequest) -> Request {
    let header = |name: &str| request.headers().get(name).unwrap_or_default().to_owned();
    let raw = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
    let form = header("content-type").contains("urlencoded");
    let action = match header("x-amz-target").rsplit_once('.') {
        Some((_, action)) => action.to_owned(),
        None if form => {
            raw.split('&').find_map(|pair| pair.strip_prefix("Action=")).unwrap_or_default().to_owned()
        }
        None => String::new(),
    };
    Request {
        method: request.method().to_owned(),
        uri: request.uri().to_owned(),
        action,
        body: if form { decode(&raw) } else { raw },
        authorization: header("authorization"),
        date: header("x-amz-date"),
        user_agent: format!("{} {}", header("user-agent"), header("x-amz-user-agent")),
    }
}

fn decode(text: &str) -> String {
    let mut out = vec![];
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(if bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
