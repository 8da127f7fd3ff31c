//! A small client for services of which few operations are used.
//!
//! The SDK crates of EC2, SSM or IAM cost minutes of build time and megabytes of binary for a handful of calls. This client
//! speaks their protocols (awsQuery, ec2Query, awsJson, restXml) over the same machinery the SDK crates use: retries, timeouts,
//! signing, the cache of credentials and the HTTP client are the SDK's own.

use aws_config::SdkConfig;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::{DisableClockSkewCorrection, ServiceClockSkewClassifier};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::{Operation, OperationBuilder};
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::identity::SharedIdentityResolver;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use serde::de::DeserializeOwned;

use super::{Connection, Error, Kind, behaviour, endpoint, region_of};

/// How a service is spoken to.
#[derive(Debug, Clone, Copy)]
pub enum Protocol {
    /// awsQuery and ec2Query: a form in, XML out.
    Query {
        /// The API's version, such as `2016-11-15`.
        version: &'static str,
    },
    /// awsJson 1.1: JSON in and out.
    Json {
        /// The prefix of `X-Amz-Target`, such as `AmazonSSM`.
        target: &'static str,
    },
    /// awsJson 1.0: the same under another content type.
    Json10 {
        /// The prefix of `X-Amz-Target`, such as `AWSStepFunctions`.
        target: &'static str,
    },
    /// restXml: a method and a path, XML in and out.
    Rest,
}

/// A request of a service that speaks restXml.
#[derive(Debug, Clone)]
pub struct Rest {
    /// The HTTP method, such as `GET`.
    pub method: &'static str,
    /// Path and query, such as `/2013-04-01/hostedzone?maxitems=1`; values are encoded with [`encoded`].
    pub path: String,
    /// The XML document that is sent; empty for none.
    pub body: String,
}

/// A service the small client can speak to.
#[derive(Debug, Clone, Copy)]
pub struct Api {
    /// What people call it.
    pub name: &'static str,
    /// The SDK's id of it, which names its `AWS_ENDPOINT_URL_<ID>`.
    pub id: &'static str,
    /// First part of its host name; requests are signed for its last part.
    pub prefix: &'static str,
    /// How it is spoken to.
    pub protocol: Protocol,
}

/// Parameters of a query call, in the order they were added.
#[derive(Debug, Clone, Default)]
pub struct Form(String);

impl Form {
    /// Adds a parameter.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push('&');
        }
        percent_encode(key, &mut self.0);
        self.0.push('=');
        percent_encode(value, &mut self.0);
        self
    }

    /// Adds `values` as `<key>.1`, `<key>.2` ….
    #[must_use]
    pub fn list<'a>(self, key: &str, values: impl IntoIterator<Item = &'a str>) -> Self {
        values
            .into_iter()
            .enumerate()
            .fold(self, |form, (at, value)| form.with(&format!("{key}.{}", at + 1), value))
    }

    /// Adds EC2's `Filter.<n>.Name` and `Filter.<n>.Value.<m>`.
    #[must_use]
    pub fn filters(self, filters: &[(String, Vec<String>)]) -> Self {
        filters.iter().enumerate().fold(self, |form, (at, (name, values))| {
            let at = at + 1;
            form.with(&format!("Filter.{at}.Name"), name)
                .list(&format!("Filter.{at}.Value"), values.iter().map(String::as_str))
        })
    }
}

/// A text as a value of a query or a segment of a path.
#[must_use]
pub fn encoded(text: &str) -> String {
    let mut out = String::new();
    percent_encode(text, &mut out);
    out
}

/// RFC 3986: everything but letters, digits, `-`, `.`, `_`, `~` is encoded.
fn percent_encode(text: &str, out: &mut String) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
}

/// What a service said when it refused.
#[derive(Debug)]
pub(super) struct Refusal {
    meta: ErrorMetadata,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.meta)
    }
}

impl std::error::Error for Refusal {}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.meta
    }
}

/// Calls `operation` with a JSON document and reads the answer.
///
/// # Errors
/// Whatever the service reports, or that its answer can't be read.
pub async fn json<T: DeserializeOwned>(
    connection: &Connection,
    api: Api,
    operation: &'static str,
    input: &serde_json::Value,
) -> Result<T, Error> {
    let bytes = call(connection, api, operation, posted(input.to_string())).await?;
    // An operation without output may answer with nothing at all.
    let bytes = if bytes.is_empty() { b"{}".as_slice() } else { &bytes };
    serde_json::from_slice(bytes).map_err(|error| unreadable(api, operation, &error.to_string()))
}

/// Calls `operation` with a form and reads the XML answer.
///
/// # Errors
/// Whatever the service reports, or that its answer can't be read.
pub async fn xml<T: DeserializeOwned>(
    connection: &Connection,
    api: Api,
    operation: &'static str,
    form: Form,
) -> Result<T, Error> {
    let bytes = call(connection, api, operation, posted(form.0)).await?;
    read_xml(api, operation, &bytes)
}

/// Sends `request` to a service that speaks restXml and reads the XML answer.
///
/// # Errors
/// Whatever the service reports, or that its answer can't be read.
pub async fn rest<T: DeserializeOwned>(
    connection: &Connection,
    api: Api,
    operation: &'static str,
    request: Rest,
) -> Result<T, Error> {
    let bytes = call(connection, api, operation, request).await?;
    // An operation without output answers with nothing at all.
    let bytes = if bytes.is_empty() { b"<Nothing/>".as_slice() } else { &bytes };
    read_xml(api, operation, bytes)
}

/// Sends `request` to a service that speaks restJson1 and reads the JSON answer. Its [`Api`] says [`Protocol::Rest`]; the
/// request has no body.
///
/// # Errors
/// Whatever the service reports, or that its answer can't be read.
pub async fn rest_json<T: DeserializeOwned>(
    connection: &Connection,
    api: Api,
    operation: &'static str,
    request: Rest,
) -> Result<T, Error> {
    let bytes = call(connection, api, operation, request).await?;
    serde_json::from_slice(&bytes).map_err(|error| unreadable(api, operation, &error.to_string()))
}

fn posted(body: String) -> Rest {
    Rest { method: "POST", path: "/".to_owned(), body }
}

fn read_xml<T: DeserializeOwned>(api: Api, operation: &'static str, bytes: &[u8]) -> Result<T, Error> {
    quick_xml::de::from_reader(bytes).map_err(|error| unreadable(api, operation, &error.to_string()))
}

fn unreadable(api: Api, operation: &'static str, why: &str) -> Error {
    Error {
        service: api.name,
        operation,
        ..Error::local(Kind::Service, format!("the answer can't be read: {why}"))
    }
}

/// Gathers the items of all pages: `page` gets the token of the page to ask for and returns its items and the next token.
///
/// # Errors
/// The first failure of `page`.
pub async fn pages<T, F>(mut page: impl FnMut(Option<String>) -> F) -> Result<Vec<T>, Error>
where
    F: Future<Output = Result<(Vec<T>, Option<String>), Error>>,
{
    let (mut items, mut token) = (vec![], None);
    loop {
        let (more, next) = page(token.clone()).await?;
        items.extend(more);
        match next.filter(|next| !next.is_empty()) {
            // The same token twice would go on for ever.
            Some(next) if token.as_ref() != Some(&next) => token = Some(next),
            _ => return Ok(items),
        }
    }
}

/// The beginning of an operation at `url`: client, clock, tries and timeouts as the configuration has them. What is no word
/// of a service's own is tried again.
pub(super) fn operation_at(
    config: &SdkConfig,
    service: &'static str,
    operation: &'static str,
    url: &str,
) -> OperationBuilder {
    let mut builder = Operation::builder()
        .service_name(service)
        .operation_name(operation)
        .endpoint_url(url)
        .behavior_version(behaviour())
        .standard_retry(&config.retry_config().cloned().unwrap_or_else(RetryConfig::standard))
        .timeout_config(config.timeout_config().cloned().unwrap_or_else(TimeoutConfig::disabled))
        .retry_classifier(HttpStatusCodeClassifier::default())
        .retry_classifier(TransientErrorClassifier::<Refusal>::new())
        // Numbers the tries, which the HTTP client goes by.
        .interceptor(RequestInfoInterceptor::new());
    if let Some(client) = config.http_client() {
        builder = builder.http_client(client);
    }
    if let Some(sleep) = config.sleep_impl() {
        builder = builder.sleep_impl(sleep);
    }
    if let Some(time) = config.time_source() {
        builder = builder.time_source(time);
    }
    builder
}

async fn call(
    connection: &Connection,
    api: Api,
    operation: &'static str,
    request: Rest,
) -> Result<Vec<u8>, Error> {
    let config = connection.config().await?;
    let region = region_of(config)?;
    let (default, signing_region) = endpoint::of(config, api.prefix, &region);
    let url = connection.endpoint_override(api.id).await?.unwrap_or(default);
    let no_credentials = || Error {
        service: api.name,
        operation,
        ..Error::local(Kind::NoCredentials, "no provider is configured".to_owned())
    };
    let credentials = config.credentials_provider().ok_or_else(no_credentials)?;

    let mut layer = Layer::new("query");
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    layer.store_put(SigningRegion::from(aws_config::Region::new(signing_region)));
    // `api.pricing` is a host; what is signed for is `pricing`.
    let signed_for = api.prefix.rsplit('.').next().unwrap_or(api.prefix);
    layer.store_put(SigningName::from(signed_for));
    layer.store_put(SigV4OperationSigningConfig {
        region: None,
        region_set: None,
        name: None,
        signing_options: SigningOptions::default(),
    });
    if let Some(disabled) = config.disable_clock_skew_correction() {
        layer.store_put(DisableClockSkewCorrection::from(disabled));
    }
    let components = RuntimeComponentsBuilder::new("query")
        .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
        .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(
            StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]),
        )))
        .with_identity_cache(Some(config.identity_cache().unwrap_or_else(|| IdentityCache::lazy().build())))
        .with_identity_resolver(SCHEME_ID, SharedIdentityResolver::new(credentials));
    let agent = user_agent(config.app_name().map(AsRef::as_ref));
    let operation_call = operation_at(config, api.prefix, operation, &url)
        .runtime_plugin(
            StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components),
        )
        .retry_classifier(AwsErrorCodeClassifier::<Refusal>::new())
        .retry_classifier(ServiceClockSkewClassifier::<Refusal>::new())
        .retry_classifier(connection.0.renewal.classifier())
        .interceptor(connection.0.skew.clone())
        .serializer(move |Rest { method, path, body }: Rest| {
            let (content_type, target, body) = match api.protocol {
                Protocol::Json { target } => {
                    ("application/x-amz-json-1.1", Some(format!("{target}.{operation}")), body)
                }
                Protocol::Json10 { target } => {
                    ("application/x-amz-json-1.0", Some(format!("{target}.{operation}")), body)
                }
                Protocol::Query { version } => {
                    let separator = if body.is_empty() { "" } else { "&" };
                    let form = format!("Action={operation}&Version={version}{separator}{body}");
                    ("application/x-www-form-urlencoded", None, form)
                }
                Protocol::Rest => ("application/xml", None, body),
            };
            let length = body.len().to_string();
            let mut request = HttpRequest::new(SdkBody::from(body));
            request.set_method(method)?;
            request.set_uri(path)?;
            let headers = request.headers_mut();
            headers.insert("content-type", content_type);
            headers.insert("content-length", length);
            headers.insert("user-agent", agent.clone());
            if let Some(target) = target {
                headers.insert("x-amz-target", target);
            }
            Ok(request)
        })
        .deserializer::<Vec<u8>, Refusal>(read)
        .build();
    connection
        .call(
            super::Service { name: api.name, id: api.id, prefix: api.prefix },
            operation,
            operation_call.invoke(request),
        )
        .await
}

fn user_agent(app: Option<&str>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    match app {
        Some(app) => format!("wharf/{version} app/{app}"),
        None => format!("wharf/{version}"),
    }
}

pub(super) fn read(response: &HttpResponse) -> Result<Vec<u8>, OrchestratorError<Refusal>> {
    let bytes = response.body().bytes().unwrap_or_default();
    if response.status().is_success() {
        return Ok(bytes.to_vec());
    }
    let header = |name: &str| response.headers().get(name);
    let text = String::from_utf8_lossy(bytes);
    let (code, message, id) = match serde_json::from_str::<serde_json::Value>(&text) {
        Ok(value) => {
            let text = |keys: &[&str]| keys.iter().find_map(|key| value[*key].as_str()).map(str::to_owned);
            (
                text(&["__type", "code", "ErrorCode"])
                    .or_else(|| header("x-amzn-errortype").map(str::to_owned)),
                text(&["message", "Message"]),
                None,
            )
        }
        Err(_) => xml_failure(&text),
    };
    let code = code.map(|code| {
        let code = code.rsplit('#').next().unwrap_or_default();
        code.split(':').next().unwrap_or_default().to_owned()
    });
    let request_id =
        header("x-amzn-requestid").or_else(|| header("x-amz-request-id")).map(str::to_owned).or(id);
    let mut meta = ErrorMetadata::builder();
    meta = meta.message(message.unwrap_or_else(|| plain_start(&text)));
    if let Some(code) = code {
        meta = meta.code(code);
    }
    if let Some(id) = request_id {
        meta = meta.custom("aws_request_id", id);
    }
    Err(OrchestratorError::operation(Refusal { meta: meta.build() }))
}

/// Documents that are named for their failure and hold no `Code`.
const NAMED_FAILURES: [&str; 1] = ["InvalidChangeBatch"];

/// The first texts of `Code`, `Message` and `RequestId` (EC2: `RequestID`), wherever they stand.
fn xml_failure(text: &str) -> (Option<String>, Option<String>, Option<String>) {
    use quick_xml::events::Event;
    let mut reader = quick_xml::Reader::from_str(text);
    let (mut code, mut message, mut id) = (None, None, None);
    let mut open = String::new();
    let mut content = String::new();
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                open = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                content.clear();
                if code.is_none() && NAMED_FAILURES.contains(&open.as_str()) {
                    code = Some(open.clone());
                }
            }
            Ok(Event::Text(part)) => content.push_str(&part.decode().unwrap_or_default()),
            Ok(Event::GeneralRef(entity)) => {
                let name = entity.decode().unwrap_or_default();
                let number = entity.resolve_char_ref().ok().flatten().map(String::from);
                let resolved = quick_xml::escape::resolve_xml_entity(&name).map(str::to_owned);
                content.push_str(&number.or(resolved).unwrap_or_default());
            }
            Ok(Event::End(_)) => {
                let slot = match open.as_str() {
                    "Code" => &mut code,
                    "Message" => &mut message,
                    "RequestId" | "RequestID" => &mut id,
                    _ => continue,
                };
                if slot.is_none() {
                    *slot = Some(std::mem::take(&mut content));
                }
                open.clear();
            }
            Ok(Event::Eof) | Err(_) => return (code, message, id),
            Ok(_) => {}
        }
    }
}

/// The start of a body that is no error document, such as a proxy's HTML page.
fn plain_start(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    const JSON: Api =
        Api { name: "SSM", id: "SSM", prefix: "ssm", protocol: Protocol::Json { target: "AmazonSSM" } };
    const QUERY: Api =
        Api { name: "IAM", id: "IAM", prefix: "iam", protocol: Protocol::Query { version: "2010-05-08" } };

    #[test]
    fn forms_are_encoded_and_numbered() {
        let form = Form::default()
            .with("Name", "a b&c=d/é")
            .list("Id", ["x", "y"])
            .filters(&[("tag:n".into(), vec!["1".into()])]);
        assert_eq!(
            form.0,
            "Name=a%20b%26c%3Dd%2F%C3%A9&Id.1=x&Id.2=y&Filter.1.Name=tag%3An&Filter.1.Value.1=1"
        );
    }

    /// A clock that is wrong by years: the call is signed again by the clock of the answer, the next one at once.
    #[tokio::test(flavor = "current_thread")]
    async fn a_wrong_clock_is_corrected() {
        let server = testing::server(|request| {
            if request.date.starts_with("2100") {
                return testing::json(200, r#"{"clusters": []}"#);
            }
            let skewed = testing::json(
                403,
                r#"{"__type": "InvalidSignatureException", "message": "Signature expired: 1 is now earlier than 2"}"#,
            );
            skewed.header("date", "Fri, 01 Jan 2100 00:00:00 GMT")
        });
        let connection = server.connection();
        for _ in 0..2 {
            let _: serde_json::Value =
                json(connection, JSON, "GetParameter", &serde_json::json!({})).await.unwrap();
        }
        assert_eq!(server.requests().len(), 3);
        for _ in 0..2 {
            connection.ecs().clusters(&["c"]).await.unwrap();
        }
        assert_eq!(server.requests().len(), 6);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn throttling_is_retried_in_both_protocols() {
        let server = testing::answers(vec![
            testing::json_error("ThrottlingException", "Rate exceeded"),
            testing::json(200, r#"{"ok": true}"#),
        ]);
        let value: serde_json::Value =
            json(server.connection(), JSON, "GetParameter", &serde_json::json!({})).await.unwrap();
        assert_eq!(value["ok"], true);
        assert_eq!(server.requests().len(), 2);
        assert!(server.requests()[0].authorization.contains("/eu-west-1/ssm/aws4_request"));

        let server = testing::answers(vec![testing::xml_error(400, "Throttling", "Rate exceeded")]);
        let error = xml::<serde_json::Value>(server.connection(), QUERY, "GetRole", Form::default())
            .await
            .unwrap_err();
        assert_eq!(error.kind, Kind::Throttled);
        assert_eq!(server.requests().len(), 3);
        assert!(server.requests()[0].authorization.contains("/us-east-1/iam/aws4_request"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn failures_keep_code_message_and_request() {
        let server =
            testing::answers(vec![testing::xml_error(404, "NoSuchEntity", "Role &lt;x&gt; isn&#39;t")]);
        let error = xml::<serde_json::Value>(server.connection(), QUERY, "GetRole", Form::default())
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), "Role <x> isn't (IAM GetRole, NoSuchEntity, request req-1)");
        let server = testing::answers(vec![testing::xml(502, "<html>\n<body>Bad gateway</body></html>")]);
        let error = xml::<serde_json::Value>(server.connection(), QUERY, "GetRole", Form::default())
            .await
            .unwrap_err();
        assert_eq!(error.kind, Kind::Service);
        assert!(error.message.contains("Bad gateway"), "{error}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn pages_end_without_a_token_and_on_a_repeated_one() {
        let all = pages(|token| async move {
            Ok(match token.as_deref() {
                None => (vec![1], Some("a".to_owned())),
                Some("a") => (vec![], Some("b".to_owned())),
                _ => (vec![2], Some("b".to_owned())),
            })
        })
        .await
        .unwrap();
        assert_eq!(all, [1, 2]);
    }
}
