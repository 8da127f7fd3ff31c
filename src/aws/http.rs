//! How bytes reach AWS: TLS roots, proxies, and which failures are worth a second try.
//!
//! The SDK's own client is used, with three corrections. A custom client ignores `HTTPS_PROXY` unless told otherwise.
//! `AWS_CA_BUNDLE` is not read by the SDK. And errors that no second try can mend (an untrusted certificate, a host that
//! never answered) are not tried eight times over half a minute; nor is a host that takes requests and says nothing.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, Connector};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::error::{Error, Kind};
use super::renewal::SignedWith;
use super::{Roots, Settings, Tell};

/// Tries against a host that has never answered in this process.
const TRIES_UNTIL_FIRST_ANSWER: u32 = 3;
/// Tries of one call that a host lets pass without a word.
const SILENT_TRIES: u32 = 3;

/// The client all doors share. Reads the certificates but opens nothing.
///
/// # Errors
/// When the bundle of certificates named by the user holds none that can be used.
pub(crate) fn client(settings: &Settings) -> Result<SharedHttpClient, Error> {
    let store = trust_store(&settings.roots)?;
    let context = TlsContext::builder().with_trust_store(store).build().map_err(|error| {
        Error::local(Kind::Untrusted { endpoint: Box::default() }, format!("TLS can't be set up: {error}"))
    })?;
    let inner = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(context.clone()).build()
    });
    Ok(judged(SharedHttpClient::new(inner), settings.tell.clone()))
}

/// A client that judges the failures of `inner`, and leaves with each answer what it was asked with.
pub(super) fn judged(inner: SharedHttpClient, tell: Option<Tell>) -> SharedHttpClient {
    SharedHttpClient::new(Judging { inner, hosts: Arc::default(), tell })
}

/// Only certificates that parse go in: the client ends the process on one that doesn't.
fn trust_store(roots: &Roots) -> Result<TrustStore, Error> {
    let (path, pem, named) = match roots {
        Roots::System => return Ok(TrustStore::default()),
        Roots::Bundle { path, pem } => (path, pem, true),
        Roots::SystemBundle { path, pem } => (path, pem, false),
    };
    let mut store = rustls::RootCertStore::empty();
    let mut text = String::new();
    for certificate in CertificateDer::pem_slice_iter(pem).filter_map(Result::ok) {
        let encoded = aws_smithy_types::base64::encode(certificate.as_ref());
        if store.add(certificate).is_ok() {
            text.push_str("-----BEGIN CERTIFICATE-----\n");
            for line in encoded.as_bytes().chunks(64) {
                text.push_str(&String::from_utf8_lossy(line));
                text.push('\n');
            }
            text.push_str("-----END CERTIFICATE-----\n");
        }
    }
    match (text.is_empty(), named) {
        (false, _) => Ok(TrustStore::empty().with_pem_certificate(text)),
        (true, false) => Ok(TrustStore::default()),
        (true, true) => Err(Error::local(
            Kind::Untrusted { endpoint: Box::default() },
            format!("the certificate bundle {path} (AWS_CA_BUNDLE) holds no certificate in PEM form"),
        )),
    }
}

/// What is known of hosts by their names.
type Hosts = Arc<Mutex<BTreeMap<String, Host>>>;

#[derive(Debug, Default)]
struct Host {
    /// Whether it has answered.
    answered: bool,
    /// Tries that failed.
    failures: u32,
    /// Whether the user knows that it says nothing.
    told: bool,
}

/// Judges the inner client's failures.
#[derive(Debug)]
struct Judging {
    inner: SharedHttpClient,
    hosts: Hosts,
    tell: Option<Tell>,
}

impl HttpClient for Judging {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(JudgingConnector {
            inner: self.inner.http_connector(settings, components),
            hosts: self.hosts.clone(),
            tell: self.tell.clone(),
            read: settings.read_timeout(),
        })
    }
}

#[derive(Debug)]
struct JudgingConnector {
    inner: SharedHttpConnector,
    hosts: Hosts,
    tell: Option<Tell>,
    read: Option<Duration>,
}

impl HttpConnector for JudgingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let host = host(request.uri());
        let attempt = attempt(request.headers().get("amz-sdk-request"));
        let key = signed_with(request.headers().get("authorization"));
        let (hosts, tell, read) = (self.hosts.clone(), self.tell.clone(), self.read);
        let call = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer = call.await;
            let error = match answer {
                Ok(mut response) => {
                    noted(&hosts, &host, |known| {
                        known.answered = true;
                        known.told = false;
                    });
                    if let Some(key) = key {
                        response.add_extension(SignedWith(key));
                    }
                    return Ok(response);
                }
                Err(error) => error,
            };
            let silence = error.is_timeout().then(|| silence(&error, read));
            let (error, news) = noted(&hosts, &host, |known| {
                known.failures += 1;
                let error = judge(error, known, attempt, silence.as_deref());
                // What looks for credentials in several places has no number of a try: that one of them is not there is usual.
                let goes_on = silence.is_some() && attempt.is_some() && !error.is_user();
                let news = goes_on && !std::mem::replace(&mut known.told, true);
                (error, news)
            });
            if let (true, Some(silence), Some(Tell(tell))) = (news, silence, tell) {
                tell(format!("{} from {host}, trying again.", uppercased(&silence)));
            }
            Err(error)
        })
    }
}

/// Does something with what is known of a host.
fn noted<T>(hosts: &Hosts, host: &str, take: impl FnOnce(&mut Host) -> T) -> T {
    let mut hosts = hosts.lock().unwrap_or_else(PoisonError::into_inner);
    take(hosts.entry(host.to_owned()).or_default())
}

/// The number of the try, from `attempt=2; max=8`.
fn attempt(header: Option<&str>) -> Option<u32> {
    let (_, rest) = header?.split_once("attempt=")?;
    rest.split(';').next()?.trim().parse().ok()
}

/// The id of the key, from `AWS4-HMAC-SHA256 Credential=<id>/<date>/…`.
fn signed_with(header: Option<&str>) -> Option<String> {
    let (_, rest) = header?.split_once("Credential=")?;
    rest.split_once('/').map(|(key, _)| key.to_owned())
}

/// What did not come in time, such as `no answer for 30 s`.
fn silence(error: &ConnectorError, read: Option<Duration>) -> String {
    let mut next: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        if error.to_string().contains("connect timeout") {
            return "no connection".to_owned();
        }
        next = error.source();
    }
    read.map_or_else(
        || "no answer in time".to_owned(),
        |read| format!("no answer for {} s", read.as_secs_f64()),
    )
}

fn uppercased(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A host that says nothing, as often as it is asked.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Silent(String);

/// Turns `error` into one that is not retried when a retry can't help. `silence`: what did not come in time, if that is what
/// is wrong.
fn judge(error: ConnectorError, host: &Host, attempt: Option<u32>, silence: Option<&str>) -> ConnectorError {
    if is_certificate_error(&error) {
        return ConnectorError::user(error.into());
    }
    let unknown = !host.answered && host.failures >= TRIES_UNTIL_FIRST_ANSWER;
    let tries = attempt.unwrap_or_default();
    match silence {
        Some(silence) if unknown || tries >= SILENT_TRIES => {
            ConnectorError::user(Box::new(Silent(format!("{silence}, tried {} times", tries.max(1)))))
        }
        None if unknown && error.is_io() => ConnectorError::user(error.into()),
        _ => error,
    }
}

/// Whether a chain of errors names a certificate that is not trusted.
pub(crate) fn is_certificate_error(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if error.to_string().contains("invalid peer certificate") {
            return true;
        }
        next = error.source();
    }
    false
}

fn host(uri: &str) -> String {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn io(text: &str) -> ConnectorError {
        ConnectorError::io(text.into())
    }

    fn never(failures: u32) -> Host {
        Host { failures, ..Host::default() }
    }

    #[test]
    fn an_untrusted_certificate_is_final() {
        let known = Host { answered: true, ..never(1) };
        let error = judge(io("invalid peer certificate: UnknownIssuer"), &known, Some(1), None);
        assert!(error.is_user());
        assert!(is_certificate_error(&error));
    }

    #[test]
    fn a_host_that_never_answered_is_given_up_early_and_one_that_did_is_not() {
        assert!(judge(io("connection refused"), &never(2), Some(2), None).is_io());
        assert!(judge(io("connection refused"), &never(3), Some(3), None).is_user());
        let known = Host { answered: true, ..never(30) };
        assert!(judge(io("connection reset"), &known, Some(7), None).is_io());
    }

    #[test]
    fn a_host_that_says_nothing_is_asked_three_times() {
        let silent = || ConnectorError::timeout("HTTP read timeout occurred after 30s".into());
        let known = Host { answered: true, ..never(30) };
        let text = silence(&silent(), Some(Duration::from_secs(30)));
        assert!(judge(silent(), &known, Some(2), Some(&text)).is_timeout());
        let last = judge(silent(), &known, Some(3), Some(&text));
        assert!(last.is_user());
        assert_eq!(last.source().unwrap().to_string(), "no answer for 30 s, tried 3 times");
    }

    #[test]
    fn requests_say_their_try_and_their_key() {
        assert_eq!(attempt(Some("ttl=20260101T000000Z; attempt=2; max=8")), Some(2));
        assert_eq!(attempt(None), None);
        let header =
            "AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/ssm/aws4_request, SignedHeaders=host";
        assert_eq!(signed_with(Some(header)).as_deref(), Some("AKID"));
    }

    #[test]
    fn a_bundle_without_certificates_is_refused_by_name() {
        let client = |roots| client(&Settings { roots, ..Settings::default() });
        let error =
            client(Roots::Bundle { path: "ca.pem".into(), pem: b"not a bundle".to_vec() }).unwrap_err();
        assert!(error.to_string().contains("ca.pem (AWS_CA_BUNDLE)"), "{error}");
        let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec();
        assert!(client(Roots::Bundle { path: "ca.pem".into(), pem: broken.clone() }).is_err());
        assert!(client(Roots::SystemBundle { path: "ca.pem".into(), pem: broken }).is_ok());
    }

    #[test]
    fn the_host_of_an_address() {
        assert_eq!(host("https://sts.eu-west-1.amazonaws.com/?a=b"), "sts.eu-west-1.amazonaws.com");
        assert_eq!(host("http://127.0.0.1:5000"), "127.0.0.1:5000");
    }
}
