//! What to do about failures of AWS, as sentences.

use crate::ops::{self, AwsKind as Kind};

/// What to do about a failure of the records.
pub(super) fn store_advice(error: &ops::StoreError) -> Vec<String> {
    match error {
        ops::StoreError::Aws(error) => aws_advice(error),
        ops::StoreError::NoApp { .. } => vec![
            "An application is known in one account and region only: check AWS_REGION and AWS_PROFILE."
                .to_owned(),
            "Run `wharf app init` or `wharf init` to make it.".to_owned(),
        ],
        ops::StoreError::NoEnvironment { env, .. } => {
            vec![format!("Run `wharf env init --name {env}` to make it.")]
        }
        ops::StoreError::NoWorkload { name, .. } => vec![format!(
            "Run `wharf svc init --name {name}` to register it, or give `--init-wkld` to `wharf deploy`."
        )],
        ops::StoreError::ManyReleases { .. } => {
            vec!["Give more of its id, as `wharf svc releases` lists it.".to_owned()]
        }
        ops::StoreError::Unreadable { .. } => vec![],
    }
}

/// What to do about a call of AWS that failed.
pub(super) fn aws_advice(error: &ops::AwsError) -> Vec<String> {
    let lines: &[&str] = match &error.kind {
        Kind::NoCredentials => &[
            "Run `aws configure` or `aws sso login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
        ],
        Kind::ExpiredCredentials => &[
            "Log in again (`aws sso login`), or set fresh credentials, then run the command again: it goes on where it stopped.",
        ],
        Kind::RejectedCredentials => &[
            "Check that access key, secret and session token belong together and that the region is enabled for the account.",
        ],
        Kind::ClockSkewed => &[
            "Set this machine's clock (`timedatectl set-ntp true`; in a virtual machine that slept, restart it), then run the command again: it goes on where it stopped.",
        ],
        Kind::NoRegion => {
            &["Set AWS_REGION, such as `export AWS_REGION=eu-west-1`, or a region in the profile."]
        }
        Kind::AccessDenied(denied) if !denied.action.is_empty() => {
            return vec![format!(
                "Ask for the permission {}, or use a profile that has it (AWS_PROFILE).",
                denied.action
            )];
        }
        Kind::AccessDenied(_) => &["Use a profile that has the permission (AWS_PROFILE)."],
        Kind::Throttled => &["Wait a minute, then run the command again: it goes on where it stopped."],
        Kind::Unreachable { .. } => &[
            "Check the network, and that your VPN is up where one is needed.",
            "Check the region's name (AWS_REGION), and AWS_ENDPOINT_URL, HTTPS_PROXY and NO_PROXY where they are set.",
        ],
        Kind::Untrusted { .. } => &["Set AWS_CA_BUNDLE to the certificates of your proxy."],
        Kind::Busy => &["Wait until the other operation is done, then run the command again."],
        _ => &[],
    };
    lines.iter().map(|line| (*line).to_owned()).collect()
}
