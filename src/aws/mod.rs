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
mod configuration;
pub mod connections;
pub mod ec2;
pub mod ecr;
pub mod ecs;
pub mod efs;
pub mod elbv2;
mod endpoint;
pub mod error;
mod http;
pub mod iam;
pub mod kms;
pub mod logs;
mod presigned;
pub mod pricing;
pub mod query;
pub mod quotas;
mod renewal;
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

use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::service_clock_skew::ServiceClockSkewInterceptor;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::service_config::ServiceConfigKey;
use tokio::sync::OnceCell;

pub(crate) use configuration::behaviour;
pub use error::{Denied, Error, Kind};
use renewal::Renewal;

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
    /// Whether the keys stand in this process's environment, so that nothing but a new process can have other ones.
    pub keys_of_environment: bool,
    /// Longest wait for the answer to one request.
    pub read_timeout: Option<Duration>,
    /// Takes what is worth knowing while a call is tried again.
    pub tell: Option<Tell>,
}

/// Takes sentences for the user.
#[derive(Clone)]
pub struct Tell(pub Arc<dyn Fn(String) + Send + Sync>);

impl fmt::Debug for Tell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tell")
    }
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
    renewal: Renewal,
    /// What the small client learned about the clock of services.
    skew: SharedInterceptor,
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
        let renewal = match &origin {
            // The same identity in another region: one set of credentials.
            Origin::Derived { base, role_arn, .. } if role_arn.is_empty() => base.0.renewal.clone(),
            _ => Renewal::default(),
        };
        Self(Arc::new(Inner {
            origin,
            config: OnceCell::new(),
            clients: Clients::default(),
            renewal,
            skew: SharedInterceptor::new(ServiceClockSkewInterceptor::new()),
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
        let renewal = &self.0.renewal;
        let (base, role_arn, region) = match &self.0.origin {
            Origin::Settings(settings) => {
                return Ok(renewal::renewing(configuration::load(settings).await?, settings, renewal));
            }
            Origin::Derived { base, role_arn, region } => (base, role_arn, region),
            #[cfg(test)]
            Origin::Config(config) => {
                return Ok(config.to_builder().identity_cache(renewal.cache()).build());
            }
        };
        let mut config = base.config().await?.to_builder();
        if !region.is_empty() {
            config.set_region(Region::new(region.clone()));
        }
        if role_arn.is_empty() {
            return Ok(config.build());
        }
        let millis = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let role = renewal::Role {
            base: if region.is_empty() { base.clone() } else { base.region(region) },
            arn: role_arn.clone(),
            session: format!("wharf-{millis}"),
        };
        let provider = SharedCredentialsProvider::new(role);
        Ok(config.credentials_provider(provider).identity_cache(renewal.cache()).build())
    }

    /// Forgets sessions and keys, here and in what this connection was made from: the next call finds its credentials anew,
    /// also in files that were changed since. For waits whose credentials have expired.
    pub fn renew(&self) {
        self.0.renewal.renew();
        if let Origin::Derived { base, .. } = &self.0.origin {
            base.renew();
        }
    }

    /// Whether nothing but a new process can have other credentials: keys stand in the environment or on the command line.
    #[must_use]
    pub fn is_fixed(&self) -> bool {
        match &self.0.origin {
            Origin::Settings(settings) => {
                settings.keys.is_some() || (settings.keys_of_environment && settings.profile.is_none())
            }
            Origin::Derived { base, .. } => base.is_fixed(),
            #[cfg(test)]
            Origin::Config(_) => false,
        }
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
        let error = match Box::pin(send).await {
            Ok(output) => return Ok(output),
            Err(error) => Error::from_sdk(service.name, operation, error),
        };
        if !matches!(error.kind, Kind::Unreachable { .. } | Kind::Untrusted { .. }) {
            return Err(error);
        }
        let endpoint = match self.endpoint_override(service.id).await? {
            Some(url) => url,
            None => endpoint::of(self.config().await?, service.prefix, &self.region_name().await?).0,
        };
        Err(error.at(&endpoint))
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
    (
        $(#[$doc:meta])* $door:ident, $method:ident, $sdk:ident, $name:literal, $id:literal, $prefix:literal
        $(, adjusted by $adjust:ident)?
    ) => {
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
                        let builder = $sdk::config::Builder::from(config)
                            .retry_classifier(connection.0.renewal.classifier());
                        $(let builder = Self::$adjust(builder, config);)?
                        Ok($sdk::Client::from_conf(builder.build()))
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
