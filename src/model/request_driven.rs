//! A Request-Driven Web Service as meant for one environment: it runs on App Runner.

use std::collections::BTreeMap;

use super::container::Container;
pub(super) use super::from_manifest::request_driven::read;
use super::service::{Placement, Topic};
use crate::name::WorkloadName;

/// A service on App Runner as meant.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestDriven {
    /// Its name; `<app>-<env>-<name>`, App Runner's own name of it, has at most 40 characters.
    pub name: WorkloadName,
    /// CPU units of an instance (1024 = one vCPU).
    pub cpu: u64,
    /// Memory of an instance in MiB.
    pub memory: u64,
    /// The container: of it App Runner has image, variables and secrets; its command is [`RequestDriven::command`].
    pub main: Container,
    /// Port the container listens on.
    pub port: u16,
    /// Replaces the image's command: one text, which App Runner splits.
    pub command: Option<String>,
    /// How App Runner checks an instance over HTTP; absent: it tries the port.
    pub health_check: Option<HealthCheck>,
    /// Who reaches it.
    pub ingress: Ingress,
    /// A host name of its own below the application's domain.
    pub alias: Option<String>,
    /// Subnets through which it reaches everything; absent: App Runner's own network, out to the internet only.
    pub placement: Option<Placement>,
    /// Tags of the App Runner resources besides ours.
    pub tags: BTreeMap<String, String>,
    /// Topics it publishes.
    pub topics: Vec<Topic>,
    /// Whether App Runner sends traces to X-Ray.
    pub tracing: bool,
    /// Autoscaling configuration by name, with an optional revision: `high-availability/3`; absent: the account's default.
    pub autoscaling: Option<String>,
}

/// An HTTP health check of App Runner; what is absent is left to App Runner.
/// <https://docs.aws.amazon.com/apprunner/latest/api/API_HealthCheckConfiguration.html>
#[derive(Debug, Clone, PartialEq, Default)]
pub struct HealthCheck {
    /// Path that is asked for.
    pub path: Option<String>,
    /// Seconds between checks, 1 to 20.
    pub interval: Option<u64>,
    /// Seconds a check may take, 1 to 20.
    pub timeout: Option<u64>,
    /// Successes in a row before an instance counts as healthy, 1 to 20.
    pub healthy_threshold: Option<u64>,
    /// Failures in a row before an instance counts as unhealthy, 1 to 20.
    pub unhealthy_threshold: Option<u64>,
}

/// Who reaches a service on App Runner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ingress {
    /// Everybody.
    Internet,
    /// The environment's VPC, through the endpoint that the environment has for such services.
    Environment,
    /// The environment's VPC, through the VPC endpoint with this id.
    Endpoint(String),
}

impl Ingress {
    /// Whether only the environment's VPC reaches the service.
    #[must_use]
    pub fn is_private(&self) -> bool {
        *self != Self::Internet
    }
}

/// The kind of registry that an image's address names: `ECR` or `ECR_PUBLIC`, as App Runner calls them; none for any other.
#[must_use]
pub fn registry(address: &str) -> Option<&'static str> {
    let host = address.split('/').next().unwrap_or_default();
    let mut parts = host.split('.');
    let account = parts.next().unwrap_or_default();
    let private = account.len() == 12
        && account.bytes().all(|b| b.is_ascii_digit())
        && parts.next() == Some("dkr")
        && matches!(parts.next(), Some("ecr" | "ecr-fips"));
    if private { Some("ECR") } else { (host == "public.ecr.aws").then_some("ECR_PUBLIC") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_that_app_runner_knows() {
        for (address, kind) in [
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/web:1", Some("ECR")),
            ("111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/shop/web@sha256:00", Some("ECR")),
            ("public.ecr.aws/nginx/nginx:1.27", Some("ECR_PUBLIC")),
            ("nginx", None),
            ("docker.io/library/nginx", None),
            ("1111.dkr.ecr.eu-west-1.amazonaws.com/shop", None),
        ] {
            assert_eq!(registry(address), kind, "{address}");
        }
    }
}
