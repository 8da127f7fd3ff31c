//! The SDK's configuration, from the user's settings and environment.

use std::time::Duration;

use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::service_config::ServiceConfigKey;

use super::{Error, Settings, http};

/// Tries of one call where neither `AWS_MAX_ATTEMPTS` nor the profile says how many.
const TRIES: u32 = 8;
/// Longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest wait for an answer. AWS's slowest answers to what wharf asks take a few seconds.
const READ: Duration = Duration::from_secs(30);

/// Loads the configuration `settings` and the user's environment describe.
pub(super) async fn load(settings: &Settings) -> Result<SdkConfig, Error> {
    let mut loader = aws_config::defaults(behaviour())
        .http_client(http::client(settings)?)
        // Set, so that the SDK does not read the environment itself: it ends the process on a value that it does not know,
        // such as the `legacy` of other tools.
        .retry_config(RetryConfig::standard())
        .timeout_config(timeouts(settings));
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
    let mut config = loader.load().await;
    if let Some(profile) = settings.profile.as_ref().filter(|_| settings.keys.is_none()) {
        let provider = SharedCredentialsProvider::new(of_profile(profile, &config));
        config = config.into_builder().credentials_provider(provider).build();
    }
    let retries = retries(&|env, profile| setting(&config, env, profile));
    Ok(config.into_builder().retry_config(retries).build())
}

/// The credentials of a profile that was asked for by name, and no others: the SDK's own chain takes keys and roles that stand in
/// the environment first.
fn of_profile(profile: &str, config: &SdkConfig) -> CredentialsProviderChain {
    let mut place = ProviderConfig::without_region()
        .with_behavior_version(Some(behaviour()))
        .with_region(config.region().cloned());
    if let Some(client) = config.http_client() {
        place = place.with_http_client(client);
    }
    let provider = ProfileFileCredentialsProvider::builder().configure(&place).profile_name(profile).build();
    // In a chain of one, so that a profile that is not there is told in the same words as elsewhere.
    CredentialsProviderChain::first_try("Profile", provider)
}

/// The SDK's behaviour is pinned, so that an update of its crates changes nothing by itself.
pub(crate) fn behaviour() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// How often calls are tried, by `AWS_MAX_ATTEMPTS` and `AWS_RETRY_MODE` or their like in the profile; `lookup` takes both
/// names.
///
/// Not adaptive unless asked for: that limits a whole service to one call in seconds after a single refusal, which is no
/// measure for a command that makes a few dozen. Pauses with jitter grow up to 20 s.
fn retries(lookup: &dyn Fn(&'static str, &'static str) -> Option<String>) -> RetryConfig {
    let mode = lookup("AWS_RETRY_MODE", "retry_mode").unwrap_or_default();
    let tries = lookup("AWS_MAX_ATTEMPTS", "max_attempts").and_then(|text| text.trim().parse().ok());
    let config = if mode.trim().eq_ignore_ascii_case("adaptive") {
        RetryConfig::adaptive()
    } else {
        RetryConfig::standard()
    };
    config.with_max_attempts(tries.filter(|tries| *tries > 0).unwrap_or(TRIES))
}

/// A setting of the environment or else of the profile.
fn setting(config: &SdkConfig, env: &'static str, profile: &'static str) -> Option<String> {
    let key = ServiceConfigKey::builder().service_id("wharf").env(env).profile(profile).build().ok()?;
    config.service_config()?.load_config(key)
}

/// Limits of one try of one call. The pauses between tries come on top; see `http` for how often a host that says nothing is
/// asked.
fn timeouts(settings: &Settings) -> TimeoutConfig {
    let read = settings.read_timeout.unwrap_or(READ);
    TimeoutConfig::builder()
        .connect_timeout(CONNECT.min(read))
        .read_timeout(read)
        .operation_attempt_timeout(read * 3)
        .build()
}

#[cfg(test)]
mod tests {
    use aws_config::retry::RetryMode;

    use super::*;

    fn read(mode: &'static str, tries: &'static str) -> RetryConfig {
        retries(&|env, _| Some(if env == "AWS_RETRY_MODE" { mode } else { tries }.to_owned()))
    }

    #[test]
    fn the_environment_says_how_often_calls_are_tried() {
        assert_eq!(read("standard", "3").max_attempts(), 3);
        assert_eq!(read("adaptive", "3").mode(), RetryMode::Adaptive);
        // Values of other tools end nothing.
        let legacy = read("legacy", "0");
        assert_eq!((legacy.mode(), legacy.max_attempts()), (RetryMode::Standard, TRIES));
        assert_eq!(retries(&|_, _| None).max_attempts(), TRIES);
    }
}
