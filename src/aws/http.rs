//! How bytes reach AWS: TLS roots, proxies, and which failures are worth a second try.
//!
//! The SDK's own client is used, with three corrections. A custom client ignores `HTTPS_PROXY` unless told otherwise.
//! `AWS_CA_BUNDLE` is not read by the SDK. And errors that no second try can mend (an untrusted certificate, a host that
//! never answered) are not tried eight times over half a minute.

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::sync::{Arc, Mutex, PoisonError};

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

use super::Roots;
use super::error::{Error, Kind};

/// Tries against a host that has never answered in this process.
const TRIES_UNTIL_FIRST_ANSWER: u32 = 3;

/// The client all doors share. Reads `roots` but opens nothing.
///
/// # Errors
/// When the bundle of certificates named by the user holds none that can be used.
pub(crate) fn client(roots: &Roots) -> Result<SharedHttpClient, Error> {
    let context = TlsContext::builder().with_trust_store(trust_store(roots)?).build().map_err(|error| {
        Error::local(Kind::Untrusted { endpoint: Box::default() }, format!("TLS can't be set up: {error}"))
    })?;
    let inner = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(ProxyConfig::from_env());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).tls_context(context.clone()).build()
    });
    Ok(SharedHttpClient::new(Judging { inner, hosts: Arc::default() }))
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

/// Whether a host has answered, and how often it was tried before it did.
type Hosts = Arc<Mutex<BTreeMap<String, (bool, u32)>>>;

/// Judges the inner client's failures.
#[derive(Debug)]
struct Judging {
    inner: SharedHttpClient,
    hosts: Hosts,
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
        })
    }
}

#[derive(Debug)]
struct JudgingConnector {
    inner: SharedHttpConnector,
    hosts: Hosts,
}

impl HttpConnector for JudgingConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let host = host(request.uri());
        let hosts = self.hosts.clone();
        let call = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer = call.await;
            let mut hosts = hosts.lock().unwrap_or_else(PoisonError::into_inner);
            let (answered, failures) = hosts.entry(host).or_default();
            match answer {
                Ok(response) => {
                    *answered = true;
                    Ok(response)
                }
                Err(error) => {
                    *failures += 1;
                    Err(judge(error, *answered, *failures))
                }
            }
        })
    }
}

/// Turns `error` into one that is not retried when a retry can't help.
fn judge(error: ConnectorError, answered: bool, failures: u32) -> ConnectorError {
    let hopeless = !answered && failures >= TRIES_UNTIL_FIRST_ANSWER && (error.is_io() || error.is_timeout());
    if hopeless || is_certificate_error(&error) { ConnectorError::user(error.into()) } else { error }
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

    #[test]
    fn an_untrusted_certificate_is_final() {
        let error = judge(io("invalid peer certificate: UnknownIssuer"), true, 1);
        assert!(error.is_user());
        assert!(is_certificate_error(&error));
    }

    #[test]
    fn a_host_that_never_answered_is_given_up_early_and_one_that_did_is_not() {
        assert!(judge(io("connection refused"), false, 2).is_io());
        assert!(judge(io("connection refused"), false, 3).is_user());
        assert!(judge(io("connection reset"), true, 30).is_io());
    }

    #[test]
    fn a_bundle_without_certificates_is_refused_by_name() {
        let roots = Roots::Bundle { path: "ca.pem".into(), pem: b"not a bundle".to_vec() };
        let error = client(&roots).unwrap_err();
        assert!(error.to_string().contains("ca.pem (AWS_CA_BUNDLE)"), "{error}");
        let broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec();
        assert!(client(&Roots::Bundle { path: "ca.pem".into(), pem: broken.clone() }).is_err());
        assert!(client(&Roots::SystemBundle { path: "ca.pem".into(), pem: broken }).is_ok());
    }

    #[test]
    fn the_host_of_an_address() {
        assert_eq!(host("https://sts.eu-west-1.amazonaws.com/?a=b"), "sts.eu-west-1.amazonaws.com");
        assert_eq!(host("http://127.0.0.1:5000"), "127.0.0.1:5000");
    }
}
