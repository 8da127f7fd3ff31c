//! An environment as meant.

pub use super::from_manifest::environment::{Read, default, read};
use crate::name::EnvName;

/// An environment as meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// Its name.
    pub name: EnvName,
    /// Its network.
    pub vpc: Vpc,
    /// Rules of the environment's security group besides its own.
    pub security_group: SecurityGroupRules,
    /// Days VPC flow logs are kept; absent: none are made.
    pub flow_logs: Option<u64>,
    /// CloudFront in front of the public load balancer, if any.
    pub cdn: Option<Cdn>,
    /// The public load balancer.
    pub public: PublicHttp,
    /// The internal load balancer.
    pub private: PrivateHttp,
    /// Whether Container Insights is on.
    pub container_insights: bool,
}

/// The network of an environment.
#[derive(Debug, Clone, PartialEq)]
pub enum Vpc {
    /// Made and owned by the environment.
    Managed(ManagedVpc),
    /// Exists already.
    Imported(ImportedVpc),
}

/// A network that the environment makes.
#[derive(Debug, Clone, PartialEq)]
pub struct ManagedVpc {
    /// Its CIDR.
    pub cidr: String,
    /// Public subnets in the order of their numbers.
    pub public: Vec<Subnet>,
    /// Private subnets in the order of their numbers.
    pub private: Vec<Subnet>,
}

/// A subnet that is made.
#[derive(Debug, Clone, PartialEq)]
pub struct Subnet {
    /// Its CIDR.
    pub cidr: String,
    /// Its availability zone; absent: the region's zone of the same number.
    pub az: Option<String>,
}

/// A network that exists.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedVpc {
    /// Its id.
    pub id: String,
    /// Ids of its public subnets.
    pub public: Vec<String>,
    /// Ids of its private subnets.
    pub private: Vec<String>,
}

/// Rules of a security group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SecurityGroupRules {
    /// What may come in.
    pub ingress: Vec<SecurityGroupRule>,
    /// What may go out; empty: everything.
    pub egress: Vec<SecurityGroupRule>,
}

/// One rule of a security group.
#[derive(Debug, Clone, PartialEq)]
pub struct SecurityGroupRule {
    /// The other side.
    pub cidr: String,
    /// `tcp`, `udp`, a protocol number, or `-1` for all.
    pub protocol: String,
    /// First port.
    pub from_port: i64,
    /// Last port.
    pub to_port: i64,
}

/// CloudFront in front of the public load balancer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Cdn {
    /// ARN of a certificate in us-east-1.
    pub certificate: Option<String>,
    /// Whether TLS ends at CloudFront.
    pub terminate_tls: bool,
    /// Files served from a bucket.
    pub static_assets: Option<StaticAssets>,
}

/// Files that CloudFront serves from a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct StaticAssets {
    /// Host name.
    pub alias: String,
    /// Domain name of the bucket.
    pub location: String,
    /// Path pattern.
    pub path: String,
}

/// Settings of the public load balancer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PublicHttp {
    /// ARNs of imported certificates.
    pub certificates: Vec<String>,
    /// Access logs, if on.
    pub access_logs: Option<AccessLogs>,
    /// Whether only CloudFront may call.
    pub ingress_cdn: bool,
    /// CIDRs that may call; empty and not `ingress_cdn`: everyone.
    pub source_ips: Vec<String>,
    /// TLS policy of the HTTPS listener.
    pub ssl_policy: Option<String>,
}

/// Access logs of a load balancer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AccessLogs {
    /// Bucket they go to; absent: one is made.
    pub bucket: Option<String>,
    /// Prefix of their keys.
    pub prefix: Option<String>,
}

/// Settings of the internal load balancer.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PrivateHttp {
    /// ARNs of imported certificates.
    pub certificates: Vec<String>,
    /// Subnets it stands in, by id; empty: the private ones.
    pub subnets: Vec<String>,
    /// Whether the whole VPC may call.
    pub ingress_vpc: bool,
    /// TLS policy of the HTTPS listener.
    pub ssl_policy: Option<String>,
}
