//! Reaching AWS: the only home of the SDK. Plain types go in and come out.
//!
//! A [`Connection`] is an identity in a region. Nothing is built before the first call through it, so a command that asks
//! AWS nothing pays nothing. It hands out doors, one per service ([`Connection::cloudformation`] and so on), and further
//! connections: with a role ([`Connection::assume`]) or in another region ([`Connection::region`]). Each exists once, so
//! sessions and sockets are shared.
//!
//! | module | holds |
//! |---|---|
//! | [`error`] | what went wrong, classified |
//! | [`query`] | a small client for services of which few operations are used (no SDK crate) |
//! | [`sts`] [`ssm`] [`iam`] [`ec2`] [`tagging`] [`apprunner`] [`cloudformation`] [`cloudfront`] [`cloudwatch`] [`s3`] [`ecr`] [`ecs`] [`logs`] [`elbv2`] [`acm`] [`route53`] [`states`] [`codepipeline`] [`connections`] [`secretsmanager`] [`kms`] [`quotas`] [`efs`] [`pricing`] | the doors |

pub mod acm;
pub mod apprunner;
pub mod cloudformation;
pub mod cloudfront;
pub mod cloudwatch;
pub mod codepipeline;
pub mod connections;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod efs;
pub mod elbv2;
pub mod error;
mod http;
pub mod iam;
pub mod kms;
pub mod logs;
pub mod pricing;
pub mod query;
pub mod quotas;
pub mod route53;
pub mod s3;
pub mod secretsmanager;
pub mod ssm;
pub mod states;
pub mod sts;
pub mod tagging;
#[cfg(test)]
pub(crate) mod testing;

use std::collections::BTreeMap;
use std::fmt;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::service_config::ServiceConfigKey;
use tokio::sync::OnceCell;

pub use error::{Denied, Error, Kind};

use crate::secret::Secret;

/// What the user's environment and flags say about reaching AWS. Reading them is the caller's work.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Region to use instead of the one of the environment or the profile, such as `eu-west-1`.
    pub region: Option<String>,
    /// Profile of the shared configuration to use instead of the default chain.
    pub profile: Option<String>,
    /// Keys to use instead of any other credentials.
    pub keys: Option<Keys>,
    /// Certificates that servers are checked against.
    pub roots: Roots,
}

/// Access keys given by the user.
#[derive(Debug, Clone)]
pub struct Keys {
    /// The access key's id.
    pub access_key_id: String,
    /// The secret half.
    pub secret_access_key: Secret,
    /// Token of a temporary session.
    pub session_token: Option<Secret>,
}

/// Where trusted certificates come from. Files are read by the caller.
#[derive(Debug, Clone, Default)]
pub enum Roots {
    /// The platform's own store. On Linux this reads hundreds of files: [`Roots::SystemBundle`] is faster.
    #[default]
    System,
    /// The bundle `AWS_CA_BUNDLE` names: nothing else is trusted.
    Bundle {
        /// Its path, for messages.
        path: String,
        /// Its content.
        pem: Vec<u8>,
    },
    /// The first existing of the platform's usual bundle files; the platform's store counts when it holds nothing.
    SystemBundle {
        /// Its path, for messages.
        path: String,
        /// Its content.
        pem: Vec<u8>,
    },
}

/// An identity in a region. Cheap to clone; clones share everything.
#[derive(Clone)]
pub struct Connection(Arc<Inner>);

struct Inner {
    origin: Origin,
    config: OnceCell<SdkConfig>,
    clients: Clients,
    /// Connections made from this one, by role ("" for the same identity) and region ("" for the same region).
    derived: Mutex<BTreeMap<(String, String), Connection>>,
}

enum Origin {
    /// The user's settings.
    Settings(Settings),
    /// The identity of another connection, or a role it takes on, in a region ("" for the same).
    Derived { base: Connection, role_arn: String, region: String },
    /// A finished configuration.
    #[cfg(test)]
    Config(Box<SdkConfig>),
}

/// SDK clients, each made on first use.
#[derive(Default)]
struct Clients {
    cloudformation: OnceCell<aws_sdk_cloudformation::Client>,
    ecr: OnceCell<aws_sdk_ecr::Client>,
    ecs: OnceCell<aws_sdk_ecs::Client>,
    elbv2: OnceCell<aws_sdk_elasticloadbalancingv2::Client>,
    logs: OnceCell<aws_sdk_cloudwatchlogs::Client>,
    s3: OnceCell<aws_sdk_s3::Client>,
    sts: OnceCell<aws_sdk_sts::Client>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = match &self.0.origin {
            Origin::Derived { role_arn, .. } => role_arn.as_str(),
            _ => "",
        };
        f.debug_struct("Connection").field("role", &role).finish_non_exhaustive()
    }
}

impl Connection {
    /// A connection by `settings`. Does nothing yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self::from_origin(Origin::Settings(settings))
    }

    fn from_origin(origin: Origin) -> Self {
        Self(Arc::new(Inner {
            origin,
            config: OnceCell::new(),
            clients: Clients::default(),
            derived: Mutex::default(),
        }))
    }

    /// A connection of the given configuration.
    #[cfg(test)]
    pub(crate) fn with_config(config: SdkConfig) -> Self {
        Self::from_origin(Origin::Config(Box::new(config)))
    }

    /// The connection that takes on the role `role_arn` in `region`. Its session is opened by the first call through it
    /// (STS AssumeRole), kept, and renewed before it ends.
    #[must_use]
    pub fn assume(&self, role_arn: &str, region: &str) -> Self {
        self.derive(role_arn, region)
    }

    /// The connection of the same identity in another region.
    #[must_use]
    pub fn region(&self, region: &str) -> Self {
        self.derive("", region)
    }

    fn derive(&self, role_arn: &str, region: &str) -> Self {
        let key = (role_arn.to_owned(), region.to_owned());
        let mut derived = self.0.derived.lock().unwrap_or_else(PoisonError::into_inner);
        derived
            .entry(key)
            .or_insert_with_key(|(role_arn, region)| {
                Self::from_origin(Origin::Derived {
                    base: self.clone(),
                    role_arn: role_arn.clone(),
                    region: region.clone(),
                })
            })
            .clone()
    }

    /// The region calls go to.
    ///
    /// # Errors
    /// [`Kind::NoRegion`] when neither settings, environment nor profile name one.
    pub async fn region_name(&self) -> Result<String, Error> {
        let found = region_of(self.config().await?);
        // A profile that does not exist names none either; which one was meant is worth knowing.
        found.map_err(|error| match &self.0.origin {
            Origin::Settings(Settings { profile: Some(profile), .. }) => Error::local(
                Kind::NoRegion,
                format!("no region is set: neither --region, AWS_REGION nor the profile {profile} names one, if there is such a profile"),
            ),
            _ => error,
        })
    }

    /// The SDK's configuration, made on first use.
    pub(crate) async fn config(&self) -> Result<&SdkConfig, Error> {
        // Boxed because a derived connection asks its base in turn.
        self.0.config.get_or_try_init(|| Box::pin(self.load())).await
    }

    async fn load(&self) -> Result<SdkConfig, Error> {
        let (base, role_arn, region) = match &self.0.origin {
            Origin::Settings(settings) => return load(settings).await,
            Origin::Derived { base, role_arn, region } => (base.config().await?, role_arn, region),
            #[cfg(test)]
            Origin::Config(config) => return Ok(SdkConfig::clone(config)),
        };
        let mut config = base.to_builder();
        if !region.is_empty() {
            config.set_region(Region::new(region.clone()));
        }
        config.set_identity_cache(Some(IdentityCache::lazy().build()));
        let config = config.build();
        if role_arn.is_empty() {
            return Ok(config);
        }
        let millis = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let provider = AssumeRoleProvider::builder(role_arn.as_str())
            .configure(&config)
            .session_name(format!("wharf-{millis}"))
            .build()
            .await;
        Ok(config.into_builder().credentials_provider(SharedCredentialsProvider::new(provider)).build())
    }

    /// The address the user put in place of a service's own (`AWS_ENDPOINT_URL`, `AWS_ENDPOINT_URL_<SERVICE>` or the
    /// profile's `endpoint_url`). `service_id` is the SDK's name of the service, such as `CloudFormation`.
    pub(crate) async fn endpoint_override(&self, service_id: &str) -> Result<Option<String>, Error> {
        Ok(endpoint_override(self.config().await?, service_id))
    }

    /// Runs one SDK call and gives its failure the door's words.
    pub(crate) async fn call<T, E>(
        &self,
        service: Service,
        operation: &'static str,
        send: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    ) -> Result<T, Error>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        match Box::pin(send).await {
            Ok(output) => Ok(output),
            Err(error) => {
                let mut error = Error::from_sdk(service.name, operation, error);
                if let Kind::Unreachable { endpoint } | Kind::Untrusted { endpoint } = &mut error.kind {
                    *endpoint = match self.endpoint_override(service.id).await? {
                        Some(url) => url.into(),
                        None => query::default_endpoint(service.prefix, &self.region_name().await?).into(),
                    };
                }
                Err(error)
            }
        }
    }
}

/// A service of the SDK, for messages and endpoints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Service {
    /// What people call it.
    pub name: &'static str,
    /// The SDK's id of it.
    pub id: &'static str,
    /// First part of its host name.
    pub prefix: &'static str,
}

/// Defines a door: a struct with its client and its way of calling, and the method that hands it out.
macro_rules! door {
    ($(#[$doc:meta])* $door:ident, $method:ident, $sdk:ident, $name:literal, $id:literal, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $door(Connection);

        impl $door {
            const SERVICE: $crate::aws::Service =
                $crate::aws::Service { name: $name, id: $id, prefix: $prefix };

            async fn client(&self) -> Result<&$sdk::Client, Error> {
                let connection = &self.0;
                connection
                    .0
                    .clients
                    .$method
                    .get_or_try_init(|| async {
                        let config = connection.config().await?;
                        $crate::aws::region_of(config)?;
                        Ok(Self::make(config))
                    })
                    .await
            }

            /// Runs `operation` and gives its failure the door's words.
            async fn call<T, E>(
                &self,
                operation: &'static str,
                send: impl Future<Output = Result<T, $crate::aws::door_types::SdkError<E>>>,
            ) -> Result<T, Error>
            where
                E: $crate::aws::door_types::ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
            {
                self.0.call(Self::SERVICE, operation, send).await
            }
        }

        impl Connection {
            $(#[$doc])*
            #[must_use]
            pub fn $method(&self) -> $door {
                $door(self.clone())
            }
        }
    };
}
pub(crate) use door;

/// What the [`door`] macro needs in scope.
pub(crate) mod door_types {
    pub(crate) use aws_smithy_types::error::metadata::ProvideErrorMetadata;
    pub(crate) type SdkError<E> = aws_smithy_runtime_api::client::result::SdkError<
        E,
        aws_smithy_runtime_api::client::orchestrator::HttpResponse,
    >;
}

/// Loads the configuration `settings` and the user's environment describe.
async fn load(settings: &Settings) -> Result<SdkConfig, Error> {
    let mut loader = aws_config::defaults(behaviour())
        .http_client(http::client(&settings.roots)?)
        // Not adaptive: that limits a whole service to one call in seconds after a single refusal, which is no measure for
        // a command that makes a few dozen. Pauses with jitter grow up to 20 s.
        .retry_config(RetryConfig::standard().with_max_attempts(8))
        .timeout_config(timeouts());
    if let Ok(name) = AppName::new(concat!("wharf-", env!("CARGO_PKG_VERSION"))) {
        loader = loader.app_name(name);
    }
    if let Some(region) = &settings.region {
        loader = loader.region(Region::new(region.clone()));
    }
    if let Some(profile) = &settings.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(keys) = &settings.keys {
        loader = loader.credentials_provider(Credentials::new(
            keys.access_key_id.as_str(),
            keys.secret_access_key.expose(),
            keys.session_token.as_ref().map(|token| token.expose().to_owned()),
            None,
            "wharf",
        ));
    }
    Ok(loader.load().await)
}

/// The SDK's behaviour is pinned, so that an update of its crates changes nothing by itself.
pub(crate) fn behaviour() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// Limits of one call. The pauses between tries come on top.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(10))
        .read_timeout(Duration::from_secs(60))
        .operation_attempt_timeout(Duration::from_secs(90))
        .build()
}

/// The region of a configuration.
pub(crate) fn region_of(config: &SdkConfig) -> Result<String, Error> {
    match config.region() {
        Some(region) => Ok(region.to_string()),
        None => Err(Error::local(
            Kind::NoRegion,
            "no region is set: neither --region, AWS_REGION nor the profile names one".to_owned(),
        )),
    }
}

fn endpoint_override(config: &SdkConfig, service_id: &str) -> Option<String> {
    let key = ServiceConfigKey::builder()
        .service_id(service_id)
        .env("AWS_ENDPOINT_URL")
        .profile("endpoint_url")
        .build()
        .ok()?;
    config
        .service_config()
        .and_then(|service| service.load_config(key))
        .or_else(|| config.endpoint_url().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show() {
        let keys = Keys {
            access_key_id: "AKIA".into(),
            secret_access_key: Secret::new("hush"),
            session_token: Some(Secret::new("quiet")),
        };
        let shown = format!("{keys:?} {}", keys.secret_access_key);
        assert!(!shown.contains("hush") && !shown.contains("quiet"), "{shown}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_role_is_assumed_once_with_the_callers_keys() {
        let server = testing::server(|request| match request.action.as_str() {
            "AssumeRole" => testing::xml(
                200,
                "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE</AccessKeyId>\
                 <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
                 <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>",
            ),
            _ => testing::xml(
                200,
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::1:user/a</Arn>\
                 <Account>1</Account><UserId>U</UserId></GetCallerIdentityResult></GetCallerIdentityResponse>",
            ),
        });
        let manager = server.connection().assume("arn:aws:iam::1:role/m", "eu-central-1");
        manager.sts().caller_identity().await.unwrap();
        server
            .connection()
            .assume("arn:aws:iam::1:role/m", "eu-central-1")
            .sts()
            .caller_identity()
            .await
            .unwrap();
        let requests = server.requests();
        let actions: Vec<&str> = requests.iter().map(|request| request.action.as_str()).collect();
        assert_eq!(actions, ["AssumeRole", "GetCallerIdentity", "GetCallerIdentity"]);
        assert!(requests[0].body.contains("RoleSessionName=wharf-"), "{}", requests[0].body);
        assert!(requests[0].authorization.contains("AKIDTEST/"));
        assert!(requests[1].authorization.contains("ASIAROLE/"));
        assert!(requests[1].authorization.contains("/eu-central-1/sts/"));
        assert!(requests[1].user_agent.contains("app/wharf-"), "{}", requests[1].user_agent);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_refused_role_is_named() {
        let server = testing::server(|_| {
            testing::xml_error(
                403,
                "AccessDenied",
                "User: arn:aws:iam::1:user/a is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/m",
            )
        });
        let error =
            server.connection().assume("arn:aws:iam::1:role/m", "").ecs().clusters(&["c"]).await.unwrap_err();
        insta::assert_snapshot!(error, @"access denied: arn:aws:iam::1:user/a may not perform sts:AssumeRole on arn:aws:iam::1:role/m (STS AssumeRole, AccessDenied, request req-1)");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn another_region_keeps_the_identity() {
        let server = testing::server(|_| testing::xml(200, "<R/>"));
        let other = server.connection().region("us-east-1");
        assert_eq!(other.region_name().await.unwrap(), "us-east-1");
        assert_eq!(server.connection().region_name().await.unwrap(), "eu-west-1");
    }
}
