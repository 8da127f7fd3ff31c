//! Credentials that are renewed while a command runs.
//!
//! The SDK asks a provider again before the time at which credentials say that they end. That leaves two gaps. Keys whose end
//! nobody knows (those of a profile) are handed out for ever, because the SDK reads the shared files once. And credentials
//! that AWS refuses before their time (a revoked session, a wrong clock) stay in its cache.
//!
//! So a call that is refused with `ExpiredToken` drops what is cached, lets the chain of providers begin anew, and is tried
//! once more. Role sessions ([`Role`]) are opened through the connection that takes the role on, so that the same holds for
//! the credentials behind them.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime_api::client::identity::{
    IdentityFuture, ResolveCachedIdentity, SharedIdentityCache, SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::interceptors::context::InterceptorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::{Connection, Settings, configuration};

/// The cached credentials of a connection, and what AWS said of them. Clones share both.
#[derive(Debug, Clone, Default)]
pub(crate) struct Renewal(Arc<State>);

#[derive(Debug)]
struct State {
    cache: Mutex<SharedIdentityCache>,
    refused: Mutex<Refused>,
    /// How often the cache was replaced.
    rounds: AtomicU32,
    /// Whether the chain of providers is to begin anew.
    stale: AtomicBool,
}

/// Ids of access keys that AWS refused as expired.
#[derive(Debug, Default)]
struct Refused {
    keys: BTreeSet<String>,
    /// Those that were handed out again after they were dropped: nothing else is to be had for now.
    again: BTreeSet<String>,
}

impl Default for State {
    fn default() -> Self {
        Self {
            cache: Mutex::new(IdentityCache::lazy().build()),
            refused: Mutex::default(),
            rounds: AtomicU32::new(0),
            stale: AtomicBool::new(false),
        }
    }
}

impl Renewal {
    /// The cache of identities for clients of this connection.
    pub(crate) fn cache(&self) -> SharedIdentityCache {
        SharedIdentityCache::new(Cache(self.clone()))
    }

    /// What tells clients of this connection to try a call again.
    pub(crate) fn classifier(&self) -> Expired {
        Expired(self.clone())
    }

    /// Drops what is cached, and what is known of refused keys: the next call asks the providers again, which begin anew.
    pub(crate) fn renew(&self) {
        *self.0.refused.lock().unwrap_or_else(PoisonError::into_inner) = Refused::default();
        self.forget();
    }

    fn forget(&self) {
        *self.0.cache.lock().unwrap_or_else(PoisonError::into_inner) = IdentityCache::lazy().build();
        self.0.rounds.fetch_add(1, Ordering::SeqCst);
        self.0.stale.store(true, Ordering::SeqCst);
    }

    /// Takes in that AWS refused `key` as expired; returns whether other credentials may be had.
    fn refuse(&self, key: &str) -> bool {
        let mut refused = self.0.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.again.contains(key) {
            return false;
        }
        if refused.keys.insert(key.to_owned()) {
            self.forget();
        }
        true
    }

    fn round(&self) -> u32 {
        self.0.rounds.load(Ordering::SeqCst)
    }

    /// Takes in that `key` was handed out, by the cache of this round or a later one. What an old cache hands out while it is
    /// replaced says nothing of what is to be had now.
    fn handed_out(&self, key: &str, round: u32) {
        if round != self.round() {
            return;
        }
        let mut refused = self.0.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.keys.contains(key) {
            refused.again.insert(key.to_owned());
        }
    }
}

/// The SDK's cache, replaced by an empty one when what it holds is of no use any more.
#[derive(Debug)]
struct Cache(Renewal);

impl ResolveCachedIdentity for Cache {
    fn resolve_cached_identity<'a>(
        &'a self,
        resolver: SharedIdentityResolver,
        components: &'a RuntimeComponents,
        bag: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        let round = self.0.round();
        let cache = self.0.0.cache.lock().unwrap_or_else(PoisonError::into_inner).clone();
        IdentityFuture::new(async move {
            let identity = cache.resolve_cached_identity(resolver, components, bag).await?;
            if let Some(credentials) = identity.data::<Credentials>() {
                self.0.handed_out(credentials.access_key_id(), round);
            }
            Ok(identity)
        })
    }
}

/// Id of the access key that a request was signed with; the HTTP client leaves it with the answer, because the request is
/// gone by then.
#[derive(Debug, Clone)]
pub(super) struct SignedWith(pub String);

/// Tries a call again whose credentials have expired, if others may be had.
#[derive(Debug)]
pub(crate) struct Expired(Renewal);

impl ClassifyRetry for Expired {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let refused = context.response().filter(|response| says_expired(response));
        match refused.and_then(|response| response.extension::<SignedWith>()) {
            Some(SignedWith(key)) if self.0.refuse(key) => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "expired credentials"
    }
}

/// `ExpiredToken` or `ExpiredTokenException`, in whatever protocol. The answer to HEAD has no body: S3 says no more than 400.
fn says_expired(response: &HttpResponse) -> bool {
    const CODE: &str = "ExpiredToken";
    let status = response.status().as_u16();
    if !matches!(status, 400 | 401 | 403) {
        return false;
    }
    let body = response.body().bytes().unwrap_or_default();
    response.headers().get("x-amzn-errortype").is_some_and(|code| code.contains(CODE))
        || body.windows(CODE.len()).any(|part| part == CODE.as_bytes())
        || (status == 400 && body.is_empty())
}

/// The credentials that the user's settings and environment lead to.
#[derive(Debug)]
pub(super) struct Chain {
    settings: Settings,
    renewal: Renewal,
    current: tokio::sync::Mutex<SharedCredentialsProvider>,
}

impl Chain {
    /// Begins with `first`, which was made from `settings`.
    pub(super) fn new(settings: Settings, renewal: Renewal, first: SharedCredentialsProvider) -> Self {
        Self { settings, renewal, current: tokio::sync::Mutex::new(first) }
    }

    async fn credentials(&self) -> provider::Result {
        let provider = {
            let mut current = self.current.lock().await;
            // The SDK's providers read the shared files once: new ones read them as they are now.
            if self.renewal.0.stale.swap(false, Ordering::SeqCst)
                && let Ok(fresh) = configuration::load(&self.settings).await
                && let Some(provider) = fresh.credentials_provider()
            {
                *current = provider;
            }
            current.clone()
        };
        provider.provide_credentials().await
    }
}

impl ProvideCredentials for Chain {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

/// The session of a role that a connection takes on.
#[derive(Debug)]
pub(super) struct Role {
    /// Who takes it on, in the region that is asked.
    pub base: Connection,
    /// The role's ARN.
    pub arn: String,
    /// Name of the session.
    pub session: String,
}

impl ProvideCredentials for Role {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let session = self.base.sts().assume_role(&self.arn, &self.session).await;
            let session = session.map_err(CredentialsError::provider_error)?;
            Ok(Credentials::new(
                session.access_key_id,
                session.secret_access_key.expose(),
                Some(session.session_token.expose().to_owned()),
                session.ends,
                "role",
            ))
        })
    }
}

/// `config` with credentials that begin anew when `renewal` says so.
pub(super) fn renewing(config: SdkConfig, settings: &Settings, renewal: &Renewal) -> SdkConfig {
    let Some(first) = config.credentials_provider() else { return config };
    let chain = Chain::new(settings.clone(), renewal.clone(), first);
    config
        .into_builder()
        .credentials_provider(SharedCredentialsProvider::new(chain))
        .identity_cache(renewal.cache())
        .build()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{self, Answer, Request, Server};
    use super::super::{Kind, ssm};
    use super::*;

    fn session(number: u32) -> Answer {
        testing::xml(
            200,
            &format!(
                "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAROLE{number}</AccessKeyId>\
                 <SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>\
                 <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
            ),
        )
    }

    /// Sessions of roles are numbered; calls signed with one that `is_over` are refused.
    fn server(is_over: impl Fn(&Request) -> bool + Send + Sync + 'static) -> Server {
        let count = AtomicU32::new(0);
        testing::server(move |request| match request.action.as_str() {
            "AssumeRole" => session(count.fetch_add(1, Ordering::SeqCst) + 1),
            _ if is_over(request) => testing::json_error("ExpiredTokenException", "expired"),
            "DescribeClusters" => testing::json(200, r#"{"clusters": []}"#),
            _ => testing::json(200, r#"{"Parameters": []}"#),
        })
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_session_that_is_over_is_opened_anew() {
        let server = server(|request| request.authorization.contains("ASIAROLE1/"));
        let manager = server.connection().assume("arn:aws:iam::1:role/m", "");
        manager.ecs().clusters(&["c"]).await.unwrap();
        let expected = ["AssumeRole", "DescribeClusters", "AssumeRole", "DescribeClusters"];
        assert_eq!(server.actions(), expected);
        // The new session is kept, also for the small client.
        manager.ssm().list("/a").await.unwrap();
        assert_eq!(server.actions().len(), 5);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_small_client_does_the_same() {
        let server = server(|request| request.authorization.contains("ASIAROLE1/"));
        let manager = server.connection().assume("arn:aws:iam::1:role/m", "");
        let found: Vec<ssm::Parameter> = manager.ssm().list("/a").await.unwrap();
        assert!(found.is_empty());
        assert_eq!(server.actions().iter().filter(|action| *action == "AssumeRole").count(), 2);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn calls_side_by_side_share_one_new_session() {
        let server = server(|request| request.authorization.contains("ASIAROLE1/"));
        let manager = server.connection().assume("arn:aws:iam::1:role/m", "");
        let ecs = manager.ecs();
        let calls = (0..5).map(|_| ecs.clusters(&["c"]));
        futures_util::future::try_join_all(calls).await.unwrap();
        assert_eq!(server.actions().iter().filter(|action| *action == "AssumeRole").count(), 2);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_stays_refused_is_tried_once_more_and_again_after_a_login() {
        let server = server(|request| request.authorization.contains("AKIDTEST/"));
        let ecs = server.connection().ecs();
        let error = ecs.clusters(&["c"]).await.unwrap_err();
        assert_eq!(error.kind, Kind::ExpiredCredentials);
        assert_eq!(server.actions().len(), 2);
        ecs.clusters(&["c"]).await.unwrap_err();
        assert_eq!(server.actions().len(), 3);
        server.connection().renew();
        ecs.clusters(&["c"]).await.unwrap_err();
        assert_eq!(server.actions().len(), 5);
    }

    #[test]
    fn an_old_cache_does_not_make_a_key_hopeless() {
        let renewal = Renewal::default();
        let before = renewal.round();
        assert!(renewal.refuse("ASIA1"));
        // A call side by side got it a moment ago, and is refused with it in its turn.
        renewal.handed_out("ASIA1", before);
        assert!(renewal.refuse("ASIA1"));
        renewal.handed_out("ASIA1", renewal.round());
        assert!(!renewal.refuse("ASIA1"));
    }

    #[test]
    fn answers_that_say_so() {
        let answer = |status: u16, body: &str| {
            HttpResponse::new(status.try_into().unwrap(), aws_smithy_types::body::SdkBody::from(body))
        };
        assert!(says_expired(&answer(403, r#"{"__type": "ExpiredTokenException"}"#)));
        assert!(says_expired(&answer(400, "<Error><Code>ExpiredToken</Code></Error>")));
        assert!(says_expired(&answer(400, "")));
        assert!(!says_expired(&answer(403, "")));
        assert!(!says_expired(&answer(200, "ExpiredToken")));
    }
}
