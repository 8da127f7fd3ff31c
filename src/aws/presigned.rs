//! Fetching from an address that is signed already: no credentials go with the request.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use super::query::{Refusal, operation_at, read};
use super::{Connection, Error};

/// What is at `url`, whole. `service` (its name and the first part of its host name) and `operation` gave the address and stand
/// in errors; the address itself, which lets everybody read, does not.
///
/// # Errors
/// Whatever keeps it from being read.
pub(super) async fn get(
    connection: &Connection,
    (service, prefix): (&'static str, &'static str),
    operation: &'static str,
    url: &str,
) -> Result<Vec<u8>, Error> {
    let incomplete = || Error::incomplete(service, operation, "an address to download from");
    let (scheme, rest) = url.split_once("://").ok_or_else(incomplete)?;
    let (host, path) = rest.split_once('/').ok_or_else(incomplete)?;
    let origin = format!("{scheme}://{host}");
    let config = connection.config().await?;
    let fetching = operation_at(config, prefix, operation, &origin)
        .no_auth()
        .serializer(|path: String| {
            let mut request = HttpRequest::new(SdkBody::empty());
            request.set_method("GET")?;
            request.set_uri(path)?;
            Ok(request)
        })
        .deserializer::<Vec<u8>, Refusal>(read)
        .build();
    let fetched = Box::pin(fetching.invoke(format!("/{path}"))).await;
    fetched.map_err(|error| Error::from_sdk(service, operation, error).at(&origin))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use aws_config::timeout::TimeoutConfig;

    use super::super::testing;
    use super::*;

    /// What a failure says of an address: its host, and nothing that lets anybody read.
    #[tokio::test(flavor = "current_thread")]
    async fn failures_name_the_host_alone() {
        let url = "https://bucket.example/layer?X-Amz-Signature=hush";
        let limit = Duration::from_millis(5);
        let limits = TimeoutConfig::builder().operation_attempt_timeout(limit).build();
        let silent = testing::impatient(limits, move |_| testing::xml(200, "").after(limit * 20));
        let refusing = testing::server(|_| testing::xml_error(403, "AccessDenied", "Request has expired"));
        let mut texts = vec![];
        for server in [silent, refusing] {
            let error = get(server.connection(), ("ECR", "api.ecr"), "GetDownloadUrlForLayer", url)
                .await
                .unwrap_err();
            assert!(!format!("{error:?}").contains("hush"), "{error:?}");
            texts.push(error.to_string());
        }
        assert_eq!(
            texts,
            [
                "can't reach https://bucket.example: no answer in time (ECR GetDownloadUrlForLayer)",
                "access denied: Request has expired (ECR GetDownloadUrlForLayer, AccessDenied, request req-1)",
            ]
        );
    }
}
