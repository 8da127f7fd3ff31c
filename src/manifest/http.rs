//! `http`: routing by an application load balancer.

use super::decode::{Flag, Form, List, Spanned, Text};
use super::element::element;
use super::scalar::{Cidr, Duration, words};

element! {
    /// How the load balancer checks a target.
    pub struct HealthCheck {
        /// Path that is asked for.
        path: Text = "path" default "/",
        /// Port that is asked.
        port: Spanned<u16> = "port" default "the port of the target",
        /// Status codes that count as healthy, such as `200,301` or `200-299`.
        success_codes: Text = "success_codes" default "200",
        /// Successes in a row before a target counts as healthy, 2 to 10.
        healthy_threshold: Spanned<u64> = "healthy_threshold" default "5",
        /// Failures in a row before a target counts as unhealthy, 2 to 10.
        unhealthy_threshold: Spanned<u64> = "unhealthy_threshold" default "2",
        /// Time a check may take.
        timeout: Spanned<Duration> = "timeout" default "5s",
        /// Time between checks.
        interval: Spanned<Duration> = "interval" default "30s",
        /// Time after a task's start in which failing checks do not count; for the whole service.
        grace_period: Spanned<Duration> = "grace_period" default "60s",
    }
}

words! {
    /// Version of HTTP that targets speak.
    pub enum Version {
        /// gRPC.
        Grpc = "grpc",
        /// HTTP/1.1.
        Http1 = "http1",
        /// HTTP/2.
        Http2 = "http2",
    }
}

element! {
    /// A host name in the full form.
    pub struct NamedAlias {
        /// The host name.
        name: Text = "name",
        /// Id of the Route 53 hosted zone in which its record is written.
        hosted_zone: Text = "hosted_zone",
    }
}

/// One host name, in either form.
pub type Alias = Form<Text, NamedAlias>;
/// One host name, or a list of them.
pub type Aliases = Form<Text, List<Alias>>;

element! {
    /// One rule: which requests are for the service, and where they go.
    pub struct Rule {
        /// Path whose requests are for the service; `/` takes everything.
        path: Text = "path",
        /// Version of HTTP that the container speaks.
        version: Spanned<Version> = "version" default "http1",
        /// Path of the health check, or all of its settings.
        healthcheck: Form<Text, HealthCheck> = "healthcheck" default "/",
        /// Whether a client stays with one task.
        stickiness: Flag = "stickiness" default "false",
        /// Host names of the service.
        alias: Aliases = "alias",
        /// Time a task that leaves may finish its requests.
        deregistration_delay: Spanned<Duration> = "deregistration_delay" default "60s",
        /// Container that gets the requests.
        target_container: Text = "target_container" default "the main container" was "targetContainer",
        /// Port that gets the requests.
        target_port: Spanned<u16> = "target_port" default "the port of the container",
        /// Blocks of addresses that may call.
        allowed_source_ips: List<Spanned<Cidr>> = "allowed_source_ips" default "everyone",
        /// Id of the Route 53 hosted zone for host names without one of their own.
        hosted_zone: Text = "hosted_zone",
        /// Whether plain HTTP is answered with a redirect to HTTPS.
        redirect_to_https: Flag = "redirect_to_https" default "true",
    }
}

element! {
    /// Routing by an application load balancer.
    pub struct Http {
        /// Name or ARN of a load balancer made elsewhere.
        alb: Text = "alb" default "the environment's",
        /// Further rules.
        additional_rules: List<Rule> = "additional_rules",
    }
    flatten
    /// The main rule.
    rule: Rule;
}
