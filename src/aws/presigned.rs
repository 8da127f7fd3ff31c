//! Fetching from an address that is signed already: no credentials go with the request.

use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use super::query::{Refusal, read};
use super::{Connection, Error, Service, behaviour};

/// What is at `url`, whole. `service` and `operation` gave the address and stand in errors; the address itself, which lets
/// everybody read, does not.
///
/// # Errors
/// Whatever keeps it from being read.
pub(super) async fn get(
    connection: &Connection,
    service: Service,
    operation: &'static str,
    url: &str,
) -> Result<Vec<u8>, Error> {
    let incomplete = || Error::incomplete(service.name, operation, "an address to download from");
    let (scheme, rest) = url.split_once("://").ok_or_else(incomplete)?;
    let (host, path) = rest.split_once('/').ok_or_else(incomplete)?;
    let config = connection.config().await?;
    let mut builder = Operation::builder()
        .service_name(service.prefix)
        .operation_name(operation)
        .endpoint_url(&format!("{scheme}://{host}"))
        .behavior_version(behaviour())
        .no_auth()
        .standard_retry(&config.retry_config().cloned().unwrap_or_else(RetryConfig::standard))
        .timeout_config(config.timeout_config().cloned().unwrap_or_else(TimeoutConfig::disabled))
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(TransientErrorClassifier::<Refusal>::new());
    if let Some(client) = config.http_client() {
        builder = builder.http_client(client);
    }
    if let Some(sleep) = config.sleep_impl() {
        builder = builder.sleep_impl(sleep);
    }
    if let Some(time) = config.time_source() {
        builder = builder.time_source(time);
    }
    let fetching = builder
        .serializer(|path: String| {
            let mut request = HttpRequest::new(SdkBody::empty());
            request.set_method("GET")?;
            request.set_uri(path)?;
            Ok(request)
        })
        .deserializer::<Vec<u8>, Refusal>(read)
        .build();
    connection.call(service, operation, fetching.invoke(format!("/{path}"))).await
}
