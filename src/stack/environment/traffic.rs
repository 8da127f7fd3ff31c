//! Who may call the load balancers, where their logs go, and CloudFront before them.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::expr::{attribute, join, no_value, reference, split, sub, when};
use super::super::features::{CDN_ALIASES_PARAMETER, CDN_STATIC_ALIAS_PARAMETER};
use crate::facts::{Facts, partition};
use crate::model::environment::{
    AccessLogs as AccessLogsModel, Cdn as CdnModel, Environment, PublicHttp, SecurityGroupRule,
};

/// Rules of a security group as CloudFormation takes them.
pub(super) fn rules(rules: &[SecurityGroupRule]) -> Vec<Value> {
    let value = |rule: &SecurityGroupRule| {
        json!({
            address_property(&rule.cidr): rule.cidr,
            "FromPort": rule.from_port,
            "IpProtocol": rule.protocol,
            "ToPort": rule.to_port,
        })
    };
    rules.iter().map(value).collect()
}

/// Who may call the public load balancer on a port: CloudFront and the given addresses, or everyone.
pub(super) fn public_ingress(http: &PublicHttp, prefix_lists: &[String], port: u16) -> Vec<Value> {
    let rule = |property: &str, value: &str, description: String| {
        json!({
            property: value,
            "Description": description,
            "FromPort": port,
            "IpProtocol": "tcp",
            "ToPort": port,
        })
    };
    if !http.ingress_cdn && http.source_ips.is_empty() {
        return vec![rule("CidrIp", "0.0.0.0/0", format!("Allow from anyone on port {port}"))];
    }
    let lists = prefix_lists.iter().filter(|_| http.ingress_cdn).map(|id| {
        rule("SourcePrefixListId", id, format!("Allow ingress from prefix list {id} on port {port}"))
    });
    let addresses = http.source_ips.iter().map(|ip| {
        rule(address_property(ip), ip, format!("Allow ingress from source IP {ip} on port {port}"))
    });
    lists.chain(addresses).collect()
}

fn address_property(cidr: &str) -> &'static str {
    if cidr.contains(':') { "CidrIpv6" } else { "CidrIp" }
}

/// Access logs of the public load balancer.
#[derive(Debug, Serialize)]
pub(super) struct AccessLogs {
    /// Whether the bucket is made.
    managed: bool,
    bucket: Value,
    prefix: Option<String>,
    /// Who writes the logs.
    principal: Value,
    /// ARN pattern of the logs' objects.
    objects: Value,
}

impl AccessLogs {
    pub fn new(logs: &AccessLogsModel, region: &str) -> Self {
        let bucket = logs.bucket.as_deref();
        let prefix = logs.prefix.clone().filter(|prefix| !prefix.is_empty());
        let mut objects = vec![attribute("ELBAccessLogsBucket", "Arn")];
        if let Some(prefix) = &prefix {
            objects.extend(["/".into(), prefix.as_str().into()]);
        }
        objects.push(sub("/AWSLogs/${AWS::AccountId}/*"));
        Self {
            managed: bucket.is_none(),
            bucket: bucket.map_or_else(|| reference("ELBAccessLogsBucket"), Value::from),
            prefix,
            principal: log_writer(region),
            objects: join("", objects),
        }
    }
}

/// Who writes the access logs of load balancers: their log delivery service; in China an account of the region's.
///
/// From "Enable access logs for your Application Load Balancer" of the Elastic Load Balancing user guide.
fn log_writer(region: &str) -> Value {
    let account = match region {
        "cn-north-1" => "638102146993",
        "cn-northwest-1" => "037604701340",
        _ => return json!({"Service": "logdelivery.elasticloadbalancing.amazonaws.com"}),
    };
    json!({"AWS": format!("arn:{}:iam::{account}:root", partition(region))})
}

/// CloudFront before the public load balancer.
#[derive(Debug, Serialize)]
pub(super) struct Cdn {
    /// ARN of the certificate that the manifest names.
    certificate: Option<String>,
    /// Whether the certificate is a parameter.
    managed_certificate: bool,
    /// Host names; null without a certificate that could stand for them.
    aliases: Option<Value>,
    viewer_protocol: &'static str,
    origin_protocol: &'static str,
    static_assets: Option<StaticAssets>,
}

#[derive(Debug, Serialize)]
struct StaticAssets {
    location: String,
    path: String,
}

impl Cdn {
    pub fn new(model: &CdnModel, managed_certificate: bool) -> Self {
        let managed_certificate = managed_certificate && model.certificate.is_none();
        let aliases = (managed_certificate || model.certificate.is_some())
            .then(|| aliases(model.static_assets.is_some(), managed_certificate));
        // With TLS ended here the load balancer is asked by plain HTTP, and the viewer never is.
        let (viewer_protocol, origin_protocol) = if model.terminate_tls {
            ("redirect-to-https", "http-only")
        } else {
            ("allow-all", "match-viewer")
        };
        Self {
            certificate: model.certificate.clone(),
            managed_certificate,
            aliases,
            viewer_protocol,
            origin_protocol,
            static_assets: model
                .static_assets
                .as_ref()
                .map(|assets| StaticAssets { location: assets.location.clone(), path: assets.path.clone() }),
        }
    }

    /// Whether the distribution carries host names.
    pub fn has_aliases(&self) -> bool {
        self.aliases.is_some()
    }

    /// Whether the certificate is a parameter.
    pub fn has_managed_certificate(&self) -> bool {
        self.managed_certificate
    }
}

fn aliases(static_assets: bool, managed_certificate: bool) -> Value {
    let services = reference(CDN_ALIASES_PARAMETER);
    let names = if static_assets {
        let both = sub(&format!("${{{CDN_STATIC_ALIAS_PARAMETER}}},${{{CDN_ALIASES_PARAMETER}}}"));
        when("HasCDNAliases", split(",", both), json!([reference(CDN_STATIC_ALIAS_PARAMETER)]))
    } else {
        when("HasCDNAliases", split(",", services), no_value())
    };
    if managed_certificate { when("HasCDNCertificate", names, no_value()) } else { names }
}

/// Whether the environment's certificates are requested for it: the application has a domain and none are imported.
pub(super) fn managed_certificates(model: &Environment, facts: &Facts) -> bool {
    !facts.app.domain.is_empty() && model.public.certificates.is_empty()
}
