//! The document `Environment`.

use super::decode::{Decode, Flag, Form, List, Spanned, Text};
use super::element::element;
use super::interpolate::{Lookup, interpolate};
use super::scalar::{Cidr, PortRange};
use crate::diagnostic::{Diagnostics, Source};
use crate::name::{AppName, EnvName};
use crate::yaml::node;

/// The `type` of an environment's manifest.
pub const TYPE: &str = "Environment";

element! {
    /// A subnet: an existing one by `id`, or one to make.
    pub struct Subnet {
        /// Id of an existing subnet.
        id: Text = "id",
        /// Its block of addresses.
        cidr: Spanned<Cidr> = "cidr",
        /// Its availability zone.
        az: Text = "az",
    }
}

element! {
    /// The subnets.
    pub struct Subnets {
        /// Subnets with a route to the internet.
        public: List<Subnet> = "public" default "10.0.0.0/24, 10.0.1.0/24",
        /// Subnets without one.
        private: List<Subnet> = "private" default "10.0.2.0/24, 10.0.3.0/24",
    }
}

element! {
    /// A rule of a security group.
    pub struct SecurityGroupRule {
        /// The other side.
        cidr: Spanned<Cidr> = "cidr",
        /// Port or range of ports.
        ports: Spanned<PortRange> = "ports",
        /// `tcp`, `udp`, a protocol number, or `-1` for all.
        ip_protocol: Text = "ip_protocol",
    }
}

element! {
    /// Rules of the environment's security group.
    pub struct SecurityGroup {
        /// What may come in besides the environment's own traffic.
        ingress: List<SecurityGroupRule> = "ingress",
        /// What may go out.
        egress: List<SecurityGroupRule> = "egress" default "everything",
    }
}

element! {
    /// Flow logs of the VPC in the full form.
    pub struct FlowLogs {
        /// Days they are kept.
        retention: Spanned<u64> = "retention" default "14",
    }
}

element! {
    /// The VPC: an existing one by `id`, or one to make.
    pub struct Vpc {
        /// Id of an existing VPC.
        id: Text = "id",
        /// Block of addresses of the VPC that is made.
        cidr: Spanned<Cidr> = "cidr" default "10.0.0.0/16",
        /// Its subnets.
        subnets: Subnets = "subnets",
        /// Rules of the environment's security group.
        security_group: SecurityGroup = "security_group",
        /// Flow logs.
        flow_logs: Form<Flag, FlowLogs> = "flow_logs" default "false",
    }
}

element! {
    /// The network.
    pub struct Network {
        /// The VPC.
        vpc: Vpc = "vpc",
    }
}

element! {
    /// What is measured.
    pub struct Observability {
        /// Whether CloudWatch Container Insights is on.
        container_insights: Flag = "container_insights" default "false",
    }
}

element! {
    /// Limits of the older spelling.
    pub struct RestrictTo {
        /// Whether only CloudFront may call.
        cdn: Flag = "cdn",
        /// Blocks of addresses that may call.
        source_ips: List<Text> = "source_ips",
    }
}

element! {
    /// Ingress in the older spelling.
    pub struct OldIngress {
        /// Who may call the public load balancer.
        restrict_to: RestrictTo = "restrict_to",
        /// Whether the VPC may call the internal load balancer.
        from_vpc: Flag = "from_vpc",
    }
}

element! {
    /// The older place of `ingress`.
    pub struct OldSecurityGroups {
        /// Ingress.
        ingress: OldIngress = "ingress",
    }
}

element! {
    /// Access logs in the full form.
    pub struct AccessLogs {
        /// Bucket they go to.
        bucket_name: Text = "bucket_name" default "one is made",
        /// Prefix of their keys.
        prefix: Text = "prefix",
    }
}

element! {
    /// Who may call the public load balancer.
    pub struct PublicIngress {
        /// Whether only CloudFront may call.
        cdn: Flag = "cdn" default "false",
        /// Blocks of addresses that may call.
        source_ips: List<Text> = "source_ips" default "everyone",
    }
}

element! {
    /// The public load balancer.
    pub struct PublicHttp {
        /// The older place of `ingress`.
        security_groups: OldSecurityGroups = "security_groups",
        /// ARNs of certificates.
        certificates: List<Text> = "certificates",
        /// Access logs.
        access_logs: Form<Flag, AccessLogs> = "access_logs" default "false",
        /// Who may call.
        ingress: PublicIngress = "ingress",
        /// TLS policy.
        ssl_policy: Text = "ssl_policy",
    }
}

element! {
    /// Who may call the internal load balancer.
    pub struct PrivateIngress {
        /// Whether the whole VPC may call.
        vpc: Flag = "vpc" default "false" was "from_vpc",
    }
}

element! {
    /// The internal load balancer.
    pub struct PrivateHttp {
        /// Ids of the subnets it stands in.
        subnets: List<Text> = "subnets" default "the private subnets",
        /// ARNs of certificates.
        certificates: List<Text> = "certificates",
        /// The older place of `ingress`.
        security_groups: OldSecurityGroups = "security_groups",
        /// Who may call.
        ingress: PrivateIngress = "ingress",
        /// TLS policy.
        ssl_policy: Text = "ssl_policy",
    }
}

element! {
    /// The load balancers.
    pub struct Http {
        /// The public load balancer.
        public: PublicHttp = "public",
        /// The internal load balancer.
        private: PrivateHttp = "private",
    }
}

element! {
    /// Files that CloudFront serves from a bucket.
    pub struct StaticAssets {
        /// Domain name of the bucket.
        location: Text = "location",
        /// Host name.
        alias: Text = "alias",
        /// Path pattern.
        path: Text = "path",
    }
}

element! {
    /// CloudFront in the full form.
    pub struct Cdn {
        /// ARN of a certificate in us-east-1.
        certificate: Text = "certificate",
        /// Whether TLS ends at CloudFront.
        terminate_tls: Flag = "terminate_tls" default "false",
        /// Files served from a bucket.
        static_assets: StaticAssets = "static_assets",
    }
}

element! {
    /// What an environment is.
    pub struct Environment {
        /// Its name: the name of its folder.
        name: Text = "name",
        /// `Environment`.
        kind: Text = "type",
        /// Its network.
        network: Network = "network",
        /// What is measured.
        observability: Observability = "observability",
        /// Its load balancers.
        http: Http = "http",
        /// CloudFront in front of the public load balancer.
        cdn: Form<Flag, Cdn> = "cdn" default "false",
    }
}

/// An environment's manifest with its names replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// Its name.
    pub name: Spanned<EnvName>,
    /// What it says.
    pub environment: Environment,
    /// The text with its names replaced.
    pub raw: String,
}

/// Reads the manifest of an environment. A value comes whenever name and type are right, also beside errors: it must not
/// be used then.
#[must_use]
pub fn read(
    source: &Source,
    app: &AppName,
    env: &EnvName,
    lookup: Lookup<'_>,
) -> (Option<Read>, Diagnostics) {
    let mut out = Diagnostics::new();
    let root = match node::parse(&source.text) {
        Ok(root) => root,
        Err(error) => {
            out.syntax(error);
            return (None, out);
        }
    };
    let interpolated = interpolate(source, root, app, env, lookup, &mut out);
    let top = interpolated.root.span;
    let Some(environment) = Environment::decode(&interpolated.root, top, &mut out) else {
        return (None, out);
    };
    let name = name(&environment, &mut out);
    (name.map(|name| Read { name, environment, raw: interpolated.text }), out)
}

fn name(environment: &Environment, out: &mut Diagnostics) -> Option<Spanned<EnvName>> {
    match &environment.kind {
        Some(kind) if kind.value == TYPE => {}
        Some(kind) => {
            out.error(
                "manifest/unknown-type",
                format!("the type of an environment is `{TYPE}`, not {:?}", kind.value),
            )
            .at(kind.span)
            .help(format!("write `type: {TYPE}`"));
            return None;
        }
        None => {
            out.error("manifest/missing", "`type` is missing")
                .at(environment.span)
                .help(format!("write `type: {TYPE}`"));
        }
    }
    let Some(name) = &environment.name else {
        out.error("manifest/missing", "`name` is missing")
            .at(environment.span)
            .help("the name is that of the folder the manifest stands in");
        return None;
    };
    match EnvName::new(name.value.as_str()) {
        Ok(value) => Some(Spanned { value, span: name.span }),
        Err(error) => {
            out.error("manifest/name", error.to_string()).at(name.span);
            None
        }
    }
}
