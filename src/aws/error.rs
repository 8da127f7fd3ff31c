//! What went wrong with a call, classified, so that callers can act on the kind and people can act on the text.

use std::error::Error as StdError;
use std::fmt;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use super::http::is_certificate_error;

/// Longest part of a service's message that is kept, in characters: encoded authorisation failures run to thousands.
const LONGEST_MESSAGE: usize = 1_000;

/// A failed call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What kind of failure it is.
    pub kind: Kind,
    /// The service as people call it, such as `CloudFormation`; empty when no service was asked.
    pub service: &'static str,
    /// The operation, such as `DescribeStacks`; empty when none was called.
    pub operation: &'static str,
    /// The service's code, such as `ValidationError`; empty when it never answered.
    pub code: String,
    /// The service's message, or what happened on the way to it.
    pub message: String,
    /// The service's id of the request; empty when it never answered.
    pub request_id: Box<str>,
}

/// Kinds of failures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// No credentials are configured.
    NoCredentials,
    /// There are credentials, but they or the login behind them have expired.
    ExpiredCredentials,
    /// There are credentials, but AWS does not know them (wrong key, wrong secret, region not enabled).
    RejectedCredentials,
    /// The clock of this machine differs from AWS's by more than a signature may be old.
    ClockSkewed,
    /// No region is configured.
    NoRegion,
    /// The identity lacks a permission.
    AccessDenied(Box<Denied>),
    /// The thing asked for does not exist.
    NotFound,
    /// The thing to be made exists.
    AlreadyExists,
    /// Too many requests, even after retries.
    Throttled,
    /// No answer: no network, wrong region name, wrong proxy, or a wrong endpoint.
    Unreachable {
        /// The address that was called; empty when unknown.
        endpoint: Box<str>,
    },
    /// The server's certificate is not trusted.
    Untrusted {
        /// The address that was called; empty when unknown.
        endpoint: Box<str>,
    },
    /// Something else is being done to the same thing.
    Busy,
    /// AWS refuses the request as it is.
    InvalidRequest,
    /// Any other failure of the service.
    Service,
}

/// What AWS says about a refusal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Denied {
    /// The action that is not allowed, such as `ecs:UpdateService`; empty when AWS does not say.
    pub action: String,
    /// The resource it is not allowed on; empty when AWS does not say.
    pub resource: String,
    /// Who was refused; empty when AWS does not say.
    pub principal: String,
}

impl Error {
    /// A failure before any service was asked.
    #[must_use]
    pub fn local(kind: Kind, message: String) -> Self {
        Self { kind, service: "", operation: "", code: String::new(), message, request_id: Box::default() }
    }

    /// An answer that lacks what the API promises to hold.
    #[must_use]
    pub fn incomplete(service: &'static str, operation: &'static str, missing: &str) -> Self {
        Self { service, operation, ..Self::local(Kind::Service, format!("the answer lacks {missing}")) }
    }

    /// A failure a service reported, classified by its code, message and HTTP status.
    #[must_use]
    pub fn reported(
        service: &'static str,
        operation: &'static str,
        status: u16,
        code: &str,
        message: &str,
        request_id: &str,
    ) -> Self {
        let kind = classify(status, code, message);
        let first = match kind {
            // What follows the first sentence is the signed request, which may hold the session's token.
            Kind::RejectedCredentials => message.lines().next().unwrap_or_default(),
            _ => message,
        };
        Self {
            kind,
            service,
            operation,
            code: code.to_owned(),
            message: first.chars().take(LONGEST_MESSAGE).collect(),
            request_id: request_id.into(),
        }
    }

    /// The failure of an SDK call.
    #[must_use]
    pub fn from_sdk<E>(
        service: &'static str,
        operation: &'static str,
        error: SdkError<E, HttpResponse>,
    ) -> Self
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        if let SdkError::ServiceError(context) = &error {
            let meta = context.err().meta();
            let request_id = meta.request_id().or_else(|| context.raw().headers().request_id());
            return Self::reported(
                service,
                operation,
                context.raw().status().as_u16(),
                meta.code().unwrap_or_default(),
                meta.message().unwrap_or_default(),
                request_id.unwrap_or_default(),
            );
        }
        let (kind, message) = match &error {
            SdkError::ResponseError(context) => (
                Kind::Service,
                format!("the answer (HTTP {}) can't be read", context.raw().status().as_u16()),
            ),
            SdkError::TimeoutError(_) => {
                (Kind::Unreachable { endpoint: Box::default() }, "no answer in time".to_owned())
            }
            _ => match refused_role(&error) {
                Some(refusal) => return refusal,
                None => transport(&error),
            },
        };
        Self { service, operation, ..Self::local(kind, message) }
    }

    /// The same, where what could not be reached or trusted is at `endpoint`.
    #[must_use]
    pub(super) fn at(mut self, endpoint: &str) -> Self {
        if let Kind::Unreachable { endpoint: known } | Kind::Untrusted { endpoint: known } = &mut self.kind {
            *known = endpoint.into();
        }
        self
    }

    /// Whether the same call may succeed later without anyone doing anything: throttling, no answer, a failure inside
    /// AWS, a change in progress.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self.kind, Kind::Throttled | Kind::Unreachable { .. } | Kind::Busy | Kind::Service)
    }

    /// Whether there are no credentials, or none that AWS takes.
    #[must_use]
    pub fn is_about_credentials(&self) -> bool {
        matches!(self.kind, Kind::ExpiredCredentials | Kind::NoCredentials | Kind::RejectedCredentials)
    }

    /// Whether the thing asked for does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.kind == Kind::NotFound
    }
}

/// The answer to a deletion, or to the end of something: that it is not there is no failure.
///
/// # Errors
/// Every other failure.
pub(super) fn gone<T>(answer: Result<T, Error>) -> Result<(), Error> {
    match answer {
        Ok(_) => Ok(()),
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) => Err(error),
    }
}

/// The refusal of the role that the call was to be made with: the SDK hands it over as a failure of credentials.
fn refused_role(error: &(dyn StdError + 'static)) -> Option<Error> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(refused) = current.downcast_ref::<Error>() {
            return Some(refused.clone());
        }
        next = current.source();
    }
    None
}

/// A failure on the way to the service: credentials, network, certificates.
fn transport(error: &(dyn StdError + 'static)) -> (Kind, String) {
    let mut last = error.to_string();
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(credentials) = current.downcast_ref::<CredentialsError>() {
            return credentials_failure(credentials);
        }
        last = current.to_string();
        next = current.source();
    }
    let endpoint = Box::default();
    if is_certificate_error(error) {
        (Kind::Untrusted { endpoint }, last)
    } else if matches_any(error, &["failed to construct request", "endpoint resolution"]) {
        (Kind::InvalidRequest, last)
    } else {
        (Kind::Unreachable { endpoint }, last)
    }
}

fn credentials_failure(error: &CredentialsError) -> (Kind, String) {
    let mut message = error.to_string();
    let mut next = error.source();
    while let Some(current) = next {
        message = current.to_string();
        next = current.source();
    }
    let text = message.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let kind = if has(&["expired", "refresh", "unauthorizedexception"]) {
        Kind::ExpiredCredentials
    } else if is_certificate_error(error) {
        Kind::Untrusted { endpoint: Box::default() }
    } else if has(&["dispatch", "connect", "dns"]) {
        Kind::Unreachable { endpoint: Box::default() }
    } else {
        Kind::NoCredentials
    };
    let first = message.lines().next().unwrap_or_default();
    if !first.starts_with("no credentials found in chain") {
        return (kind, first.to_owned());
    }
    // The SDK names each place it looked in. Worth knowing is only a profile that was asked for by name and is not there.
    let missing = message.split_once("profile `").and_then(|(_, rest)| rest.split_once("` was not defined"));
    (kind, missing.map(|(profile, _)| format!("there is no profile {profile}")).unwrap_or_default())
}

fn matches_any(error: &(dyn StdError + 'static), words: &[&str]) -> bool {
    let mut next = Some(error);
    while let Some(current) = next {
        let text = current.to_string();
        if words.iter().any(|word| text.contains(word)) {
            return true;
        }
        next = current.source();
    }
    false
}

/// The kind of a reported failure. Codes are those of the services' API references and of the common errors.
fn classify(status: u16, code: &str, message: &str) -> Kind {
    // awsJson may send `namespace#Code`, and some services `Code:detail`.
    let code = code.rsplit('#').next().unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default();
    let name = code.trim_end_matches("Exception").trim_end_matches("Error");
    match name {
        "RequestTimeTooSkewed" | "RequestInTheFuture" => Kind::ClockSkewed,
        // `Signature expired: … is now earlier than …`, `Signature not yet current: …`
        "InvalidSignature" | "SignatureDoesNotMatch" | "AuthFailure" | "IncompleteSignature"
            if message.starts_with("Signature expired")
                || message.starts_with("Signature not yet current") =>
        {
            Kind::ClockSkewed
        }
        "ExpiredToken" | "RequestExpired" | "TokenRefreshRequired" | "ExpiredTokenId" => {
            Kind::ExpiredCredentials
        }
        "InvalidClientTokenId"
        | "UnrecognizedClient"
        | "SignatureDoesNotMatch"
        | "AuthFailure"
        | "InvalidAccessKeyId"
        | "InvalidSignature"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "InvalidToken" => Kind::RejectedCredentials,
        "AccessDenied"
        | "Unauthorized"
        | "UnauthorizedOperation"
        | "Authorization"
        | "Forbidden"
        | "NotAuthorized" => denied(message),
        "Throttling"
        | "Throttled"
        | "TooManyRequests"
        | "RequestLimitExceeded"
        | "SlowDown"
        | "RequestThrottled"
        | "ProvisionedThroughputExceeded"
        | "EC2Throttled" => Kind::Throttled,
        "OperationInProgress"
        | "StaleRequest"
        | "ResourceInUse"
        | "PriorityInUse"
        | "ResourceConflict"
        | "ConcurrentModification"
        | "OperationIdAlreadyExists"
        | "UpdateInProgress" => Kind::Busy,
        "BucketAlreadyOwnedByYou" | "ResourceExists" => Kind::AlreadyExists,
        _ if name.contains("AlreadyExists") => Kind::AlreadyExists,
        "InvalidInput" if message.contains("has been taken") => Kind::AlreadyExists,
        _ if name.contains("NotFound") || name.starts_with("NoSuch") || name.ends_with("DoesNotExist") => {
            Kind::NotFound
        }
        _ if message.contains("does not exist") => Kind::NotFound,
        _ if message.contains("_IN_PROGRESS state") => Kind::Busy,
        _ if message.contains("is not authorized to perform") => denied(message),
        _ if name.starts_with("Validation")
            || name.starts_with("Invalid")
            || name.starts_with("Missing")
            || name.starts_with("Malformed") =>
        {
            Kind::InvalidRequest
        }
        "" => match status {
            403 => denied(message),
            404 => Kind::NotFound,
            429 => Kind::Throttled,
            400..=499 => Kind::InvalidRequest,
            _ => Kind::Service,
        },
        _ => Kind::Service,
    }
}

/// Takes `User: <arn> is not authorized to perform: <action> on resource: <arn> …` apart.
fn denied(message: &str) -> Kind {
    let word_after = |mark: &str| {
        let rest = message.split_once(mark).map_or("", |(_, rest)| rest).trim_start();
        let word = rest.split_whitespace().next().unwrap_or_default();
        word.trim_end_matches(['.', ',']).to_owned()
    };
    Kind::AccessDenied(Box::new(Denied {
        action: word_after("authorized to perform:"),
        resource: word_after("on resource:"),
        principal: word_after("User:"),
    }))
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let message = self.message.trim_end_matches('.');
        match &self.kind {
            Kind::NoCredentials if message.is_empty() => f.write_str("no AWS credentials were found")?,
            Kind::NoCredentials => write!(f, "no AWS credentials were found ({message})")?,
            Kind::ExpiredCredentials => write!(f, "the AWS credentials have expired ({message})")?,
            Kind::RejectedCredentials => write!(f, "AWS does not accept the credentials ({message})")?,
            Kind::ClockSkewed => {
                write!(f, "the clock of this machine differs too much from that of AWS ({message})")?
            }
            Kind::AccessDenied(denied) if !denied.action.is_empty() => {
                let Denied { action, resource, principal } = denied.as_ref();
                let who = if principal.is_empty() { "the identity in use" } else { principal };
                write!(f, "access denied: {who} may not perform {action}")?;
                if !resource.is_empty() {
                    write!(f, " on {resource}")?;
                }
            }
            Kind::AccessDenied { .. } => write!(f, "access denied: {message}")?,
            Kind::Unreachable { endpoint } if !endpoint.is_empty() => {
                write!(f, "can't reach {endpoint}: {message}")?;
            }
            Kind::Unreachable { .. } => write!(f, "can't reach AWS: {message}")?,
            Kind::Untrusted { endpoint } if !endpoint.is_empty() => {
                write!(f, "the certificate of {endpoint} is not trusted: {message}")?;
            }
            Kind::Throttled => write!(f, "AWS asks for fewer requests: {message}")?,
            _ if message.is_empty() => f.write_str("AWS reports a failure without a message")?,
            _ => f.write_str(message)?,
        }
        let mut about = vec![];
        if !self.operation.is_empty() {
            about.push(format!("{} {}", self.service, self.operation));
        }
        if !self.code.is_empty() {
            about.push(self.code.clone());
        }
        if !self.request_id.is_empty() {
            about.push(format!("request {}", self.request_id));
        }
        if about.is_empty() { Ok(()) } else { write!(f, " ({})", about.join(", ")) }
    }
}

impl StdError for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(code: &str, message: &str) -> Kind {
        Error::reported("S", "Op", 400, code, message, "r").kind
    }

    #[test]
    fn codes_of_all_protocols_are_classified() {
        for (code, message, want) in [
            (
                "ExpiredToken",
                "The security token included in the request is expired",
                Kind::ExpiredCredentials,
            ),
            ("ExpiredTokenException", "", Kind::ExpiredCredentials),
            ("RequestTimeTooSkewed", "", Kind::ClockSkewed),
            ("InvalidSignatureException", "Signature expired: 1 is now earlier than 2", Kind::ClockSkewed),
            (
                "SignatureDoesNotMatch",
                "Signature not yet current: 2 is still later than 1",
                Kind::ClockSkewed,
            ),
            (
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match",
                Kind::RejectedCredentials,
            ),
            ("InvalidClientTokenId", "", Kind::RejectedCredentials),
            ("UnrecognizedClientException", "", Kind::RejectedCredentials),
            ("ValidationError", "Stack with id app-test does not exist", Kind::NotFound),
            (
                "ValidationError",
                "Stack:arn is in UPDATE_IN_PROGRESS state and can not be updated.",
                Kind::Busy,
            ),
            ("ValidationError", "No updates are to be performed.", Kind::InvalidRequest),
            ("ParameterNotFound", "", Kind::NotFound),
            ("NoSuchEntity", "", Kind::NotFound),
            ("ChangeSetNotFound", "", Kind::NotFound),
            ("StackSetNotFoundException", "", Kind::NotFound),
            ("ParameterAlreadyExists", "", Kind::AlreadyExists),
            ("EntityAlreadyExists", "", Kind::AlreadyExists),
            ("AlreadyExistsException", "", Kind::AlreadyExists),
            ("InvalidInput", "Service role name AWSServiceRoleForECS has been taken", Kind::AlreadyExists),
            ("Throttling", "Rate exceeded", Kind::Throttled),
            ("ThrottlingException", "Rate exceeded", Kind::Throttled),
            ("RequestLimitExceeded", "", Kind::Throttled),
            ("OperationInProgressException", "", Kind::Busy),
            ("com.amazonaws.ssm#ParameterNotFound", "", Kind::NotFound),
            ("InternalFailure", "", Kind::Service),
        ] {
            assert_eq!(kind(code, message), want, "{code} {message}");
        }
    }

    #[test]
    fn a_refusal_names_who_what_and_where() {
        let error = Error::reported(
            "ECS",
            "UpdateService",
            400,
            "AccessDeniedException",
            "User: arn:aws:sts::1:assumed-role/m/s is not authorized to perform: ecs:UpdateService on resource: \
             arn:aws:ecs:eu-west-1:1:service/c/s because no identity-based policy allows the ecs:UpdateService action",
            "abc",
        );
        insta::assert_snapshot!(error, @"access denied: arn:aws:sts::1:assumed-role/m/s may not perform ecs:UpdateService on arn:aws:ecs:eu-west-1:1:service/c/s (ECS UpdateService, AccessDeniedException, request abc)");
    }

    #[test]
    fn the_signed_request_in_a_refusal_is_not_shown() {
        let error = Error::reported(
            "SSM",
            "GetParameter",
            403,
            "InvalidSignatureException",
            "The request signature we calculated does not match.\n\nx-amz-security-token:TOKEN",
            "",
        );
        assert!(!format!("{error:?} {error}").contains("TOKEN"));
    }

    #[test]
    fn a_head_without_body_is_classified_by_its_status() {
        assert_eq!(Error::reported("S3", "HeadObject", 404, "", "", "").kind, Kind::NotFound);
        assert!(matches!(
            Error::reported("S3", "HeadObject", 403, "", "", "").kind,
            Kind::AccessDenied { .. }
        ));
    }
}
