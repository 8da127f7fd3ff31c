//! `nlb`: a network load balancer of the service's own.

use super::decode::{Flag, List, Spanned, Text};
use super::element::element;
use super::http::Aliases;
use super::scalar::{Duration, PortSpec};

element! {
    /// How the load balancer checks a target.
    pub struct HealthCheck {
        /// Port that is asked.
        port: Spanned<u16> = "port" default "the port of the target",
        /// Successes in a row before a target counts as healthy, 2 to 10.
        healthy_threshold: Spanned<u64> = "healthy_threshold",
        /// Failures in a row before a target counts as unhealthy, 2 to 10.
        unhealthy_threshold: Spanned<u64> = "unhealthy_threshold",
        /// Time a check may take.
        timeout: Spanned<Duration> = "timeout",
        /// Time between checks.
        interval: Spanned<Duration> = "interval",
        /// Time after a task's start in which failing checks do not count; for the whole service.
        grace_period: Spanned<Duration> = "grace_period" default "60s",
    }
}

element! {
    /// One listener.
    pub struct Listener {
        /// Port it listens on, with its protocol: `443/tls`, `53/udp`, `8080` (tcp).
        port: Spanned<PortSpec> = "port",
        /// How targets are checked.
        healthcheck: HealthCheck = "healthcheck",
        /// Container that gets the traffic.
        target_container: Text = "target_container" default "the main container",
        /// Port that gets the traffic.
        target_port: Spanned<u16> = "target_port" default "the listener's port",
        /// TLS policy of a TLS listener.
        ssl_policy: Text = "ssl_policy" default "ELBSecurityPolicy-TLS13-1-2-2021-06",
        /// Whether a client stays with one task.
        stickiness: Flag = "stickiness" default "false",
        /// Time a task that leaves may finish its connections.
        deregistration_delay: Spanned<Duration> = "deregistration_delay" default "60s",
    }
}

element! {
    /// A network load balancer of the service's own.
    pub struct Nlb {
        /// Host names of the load balancer.
        alias: Aliases = "alias",
        /// Further listeners.
        additional_listeners: List<Listener> = "additional_listeners",
    }
    flatten
    /// The main listener.
    listener: Listener;
}
