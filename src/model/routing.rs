//! How traffic reaches a service: rules of an application load balancer, listeners of a network load balancer.

use super::container::Protocol;

/// A health check of a target group. Absent values are the load balancer's own defaults.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TargetHealthCheck {
    /// Path that is asked for, with a leading slash; empty for TCP checks.
    pub path: String,
    /// Port that is asked; the traffic port when absent.
    pub port: Option<u16>,
    /// Status codes that count as healthy, such as `200` or `200-299`.
    pub success_codes: Option<String>,
    /// Successes in a row before a target counts as healthy.
    pub healthy_threshold: Option<u64>,
    /// Failures in a row before a target counts as unhealthy.
    pub unhealthy_threshold: Option<u64>,
    /// Seconds between checks.
    pub interval: Option<u64>,
    /// Seconds a check may take.
    pub timeout: Option<u64>,
}

/// A container and a port that traffic is sent to.
#[derive(Debug, Clone, PartialEq)]
pub struct Target {
    /// Name of the container.
    pub container: String,
    /// Its port.
    pub port: u16,
}

/// A name that clients use for the service.
#[derive(Debug, Clone, PartialEq)]
pub struct Alias {
    /// The host name.
    pub name: String,
    /// Route 53 zone in which the stack writes its record; none: written by the CLI, or left to the user.
    pub hosted_zone: Option<String>,
}

/// One rule of an application load balancer: which requests go to which target.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// Path with a leading slash; `/` takes everything.
    pub path: String,
    /// Where its requests go.
    pub target: Target,
    /// How targets are checked.
    pub health_check: TargetHealthCheck,
    /// Seconds a target that leaves may finish its requests, 0 to 3600.
    pub deregistration_delay: u64,
    /// Whether a client stays with one target.
    pub stickiness: bool,
    /// CIDRs that may call; empty: all.
    pub allowed_source_ips: Vec<String>,
    /// Host names; used when the listener speaks HTTPS.
    pub aliases: Vec<Alias>,
    /// Whether plain HTTP is answered with a redirect to HTTPS, where there is HTTPS.
    pub redirect_to_https: bool,
    /// `GRPC`, `HTTP1` or `HTTP2`; the load balancer's default when absent.
    pub protocol_version: Option<String>,
}

/// Routing by an application load balancer.
#[derive(Debug, Clone, PartialEq)]
pub struct Http {
    /// The rules, the main one first; never empty.
    pub rules: Vec<Rule>,
    /// Name or ARN of a load balancer made elsewhere (`http.alb`).
    pub imported: Option<String>,
}

/// Protocol of a network load balancer's listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NlbProtocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// TLS, ended at the load balancer.
    Tls,
}

impl NlbProtocol {
    /// The word ELB uses: upper case.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Tls => "TLS",
        }
    }

    /// What arrives at the container.
    #[must_use]
    pub fn transport(self) -> Protocol {
        match self {
            Self::Udp => Protocol::Udp,
            Self::Tcp | Self::Tls => Protocol::Tcp,
        }
    }
}

/// One listener of a network load balancer.
#[derive(Debug, Clone, PartialEq)]
pub struct NlbListener {
    /// Port it listens on.
    pub port: u16,
    /// Its protocol.
    pub protocol: NlbProtocol,
    /// Where its traffic goes.
    pub target: Target,
    /// How targets are checked (path and success codes unused).
    pub health_check: TargetHealthCheck,
    /// Seconds a target that leaves may finish its connections.
    pub deregistration_delay: u64,
    /// Whether a client stays with one target; absent: not said.
    pub stickiness: Option<bool>,
    /// TLS policy of a TLS listener.
    pub ssl_policy: String,
}

/// Routing by a network load balancer of the service's own.
#[derive(Debug, Clone, PartialEq)]
pub struct Nlb {
    /// The listeners, the main one first; never empty.
    pub listeners: Vec<NlbListener>,
    /// Host names.
    pub aliases: Vec<String>,
}
