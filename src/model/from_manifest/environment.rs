//! An environment as meant, from its manifest.

use super::Check;
use super::task::retention;
use super::vpc::{security_group, vpc};
use crate::diagnostic::{Diagnostics, Source, Span};
use crate::manifest::decode::{Decode, Form, List, Text};
use crate::manifest::environment as written;
use crate::manifest::interpolate::Lookup;
use crate::manifest::scalar::Cidr;
use crate::model::environment::{
    AccessLogs, Cdn, Environment, PrivateHttp, PublicHttp, SecurityGroupRules, StaticAssets, Vpc,
};
use crate::name::{AppName, EnvName};

/// Days flow logs are kept, when nothing is said.
const FLOW_LOGS: u64 = 14;

/// An environment read from its manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The environment.
    pub model: Environment,
    /// The manifest's text with its names replaced: what is embedded in the template.
    pub raw: String,
    /// The name in the manifest and its place.
    pub named: (EnvName, Span),
}

/// Reads the manifest of an environment. `lookup` gives the variables of the process. Nothing comes when there is any
/// error; warnings come beside a result. The findings are sorted by place.
#[must_use]
pub fn read(
    source: &Source,
    app: &AppName,
    env: &EnvName,
    lookup: Lookup<'_>,
) -> (Option<Read>, Diagnostics) {
    let (read, mut out) = written::read(source, app, env, lookup);
    let read = read.map(|read| {
        let named = (read.name.value.clone(), read.name.span);
        Read { model: model(&read, &mut out), raw: read.raw, named }
    });
    let read = read.filter(|_| !out.has_errors());
    (read, out.sorted())
}

/// An environment about which nothing is said but its name: every default.
#[must_use]
pub fn default(name: &EnvName) -> Environment {
    Environment {
        name: name.clone(),
        vpc: vpc(None, &mut Check::new(&mut Diagnostics::new())),
        security_group: SecurityGroupRules::default(),
        flow_logs: None,
        cdn: None,
        public: PublicHttp::default(),
        private: PrivateHttp::default(),
        container_insights: false,
    }
}

fn model(read: &written::Read, out: &mut Diagnostics) -> Environment {
    let check = &mut Check::new(out);
    let given = &read.environment;
    let network = given.network.as_ref().and_then(|network| network.vpc.as_ref());
    let vpc = vpc(network, check);
    let http = given.http.clone().unwrap_or_default();
    let public = public(&http.public.clone().unwrap_or_default(), check);
    let cdn = cdn(given.cdn.as_ref(), &public, check);
    if let (true, None) = (public.ingress_cdn, &cdn) {
        let at = http.public.as_ref().map_or(given.span, ingress_cdn_place);
        check
            .error("model/cdn", at, "only CloudFront may call the load balancer, and there is none")
            .help("set `cdn: true`, or remove this");
    }
    let private = private(&http.private.unwrap_or_default(), &vpc, check);
    Environment {
        name: read.name.value.clone(),
        security_group: security_group(network.and_then(|vpc| vpc.security_group.as_ref()), check),
        flow_logs: match network.and_then(|vpc| vpc.flow_logs.as_ref()) {
            None => None,
            Some(Form::Short(flag)) => flag.value.then_some(FLOW_LOGS),
            Some(Form::Full(full)) => Some(retention(full.retention.as_ref(), FLOW_LOGS, check)),
        },
        vpc,
        cdn,
        public,
        private,
        container_insights: given
            .observability
            .as_ref()
            .and_then(|observability| observability.container_insights)
            .is_some_and(|flag| flag.value),
    }
}

fn ingress_cdn_place(public: &written::PublicHttp) -> Span {
    let new = public.ingress.as_ref().and_then(|ingress| ingress.cdn);
    let old = public.security_groups.as_ref().and_then(|groups| groups.ingress.as_ref());
    let old = old.and_then(|ingress| ingress.restrict_to.as_ref()).and_then(|restrict| restrict.cdn);
    new.or(old).map_or(public.span, |flag| flag.span)
}

/// Certificates, which are named by their ARNs.
fn certificates(given: Option<&List<Text>>, check: &mut Check<'_>) -> Vec<String> {
    let items = given.into_iter().flat_map(|list| &list.items);
    items.map(|text| arn(text, "certificate", check)).collect()
}

fn arn(text: &Text, what: &str, check: &mut Check<'_>) -> String {
    let parts: Vec<&str> = text.value.splitn(6, ':').collect();
    if parts.len() < 6 || parts[0] != "arn" {
        check
            .warn("model/arn", text.span, format!("{:?} is not the ARN of a {what}", text.value))
            .help("such as `arn:aws:acm:eu-west-1:111122223333:certificate/…`; AWS refuses anything else");
    }
    text.value.clone()
}

/// The ARN of a certificate for CloudFront, which takes those of us-east-1 only. A fault is reported under `rule`.
pub(super) fn cloudfront_certificate(text: &Text, rule: &'static str, check: &mut Check<'_>) -> String {
    let arn = arn(text, "certificate", check);
    if arn.split(':').nth(3).is_some_and(|region| region != "us-east-1") {
        check
            .error(rule, text.span, "CloudFront takes certificates of us-east-1 only")
            .help("request or import the certificate there");
    }
    arn
}

fn source_ips(given: Option<&List<Text>>, check: &mut Check<'_>) -> Vec<String> {
    let mut out = vec![];
    for text in given.into_iter().flat_map(|list| &list.items) {
        if let Err(help) = Cidr::check(&text.value) {
            check
                .warn("model/cidr", text.span, format!("{:?} is no CIDR block", text.value))
                .help(help.unwrap_or_else(|| "such as `192.0.2.0/24`; AWS refuses anything else".to_owned()));
        }
        out.push(text.value.clone());
    }
    out
}

/// Reports the older place of `ingress`.
fn older(groups: &written::OldSecurityGroups, new: Option<Span>, write: &str, check: &mut Check<'_>) {
    match new {
        Some(new) => {
            check
                .error("model/exclusive", groups.span, "`security_groups` is the older spelling of `ingress`")
                .other(new, "also given here")
                .help("keep `ingress`");
        }
        None => {
            check
                .warn("manifest/deprecated-key", groups.span, "`security_groups` is an older spelling")
                .help(format!("write `{write}`"));
        }
    }
}

fn public(given: &written::PublicHttp, check: &mut Check<'_>) -> PublicHttp {
    let new = given.ingress.clone();
    let mut ingress = new.clone().unwrap_or_default();
    if let Some(groups) = &given.security_groups {
        older(groups, new.map(|ingress| ingress.span), "ingress: {cdn: …, source_ips: […]}", check);
        let old = groups.ingress.clone().unwrap_or_default();
        if let Some(flag) = old.from_vpc {
            check
                .error("model/network", flag.span, "`from_vpc` is for the internal load balancer")
                .help("write `http.private.ingress.vpc`");
        }
        let restrict = old.restrict_to.unwrap_or_default();
        ingress.cdn = ingress.cdn.or(restrict.cdn);
        ingress.source_ips = ingress.source_ips.or(restrict.source_ips);
    }
    let access_logs = match &given.access_logs {
        None => None,
        Some(Form::Short(flag)) => flag.value.then(AccessLogs::default),
        Some(Form::Full(full)) => Some(AccessLogs {
            bucket: check.text(full.bucket_name.as_ref(), "bucket_name"),
            prefix: full.prefix.as_ref().map(|prefix| prefix.value.clone()),
        }),
    };
    PublicHttp {
        certificates: certificates(given.certificates.as_ref(), check),
        access_logs,
        ingress_cdn: ingress.cdn.is_some_and(|flag| flag.value),
        source_ips: source_ips(ingress.source_ips.as_ref(), check),
        ssl_policy: check.text(given.ssl_policy.as_ref(), "ssl_policy"),
    }
}

fn private(given: &written::PrivateHttp, vpc: &Vpc, check: &mut Check<'_>) -> PrivateHttp {
    let mut from_vpc = given.ingress.as_ref().and_then(|ingress| ingress.vpc);
    if let Some(groups) = &given.security_groups {
        older(groups, given.ingress.as_ref().map(|ingress| ingress.span), "ingress: {vpc: true}", check);
        let old = groups.ingress.clone().unwrap_or_default();
        from_vpc = from_vpc.or(old.from_vpc);
        if let Some(restrict) = &old.restrict_to {
            check
                .error("model/network", restrict.span, "`restrict_to` is for the public load balancer")
                .help("write it in `http.public.ingress`");
        }
    }
    let subnets = given.subnets.as_ref();
    for subnet in subnets.into_iter().flat_map(|list| &list.items) {
        match vpc {
            Vpc::Managed(_) => {
                check
                    .error("model/network", subnet.span, "subnets can be chosen in an existing VPC only")
                    .help("remove `subnets`: the internal load balancer stands in the private subnets");
            }
            Vpc::Imported(vpc) if !vpc.public.iter().chain(&vpc.private).any(|id| *id == subnet.value) => {
                check
                    .error(
                        "model/network",
                        subnet.span,
                        format!("{:?} is none of the environment's subnets", subnet.value),
                    )
                    .help("list it in `network.vpc.subnets` too");
            }
            Vpc::Imported(_) => {}
        }
    }
    PrivateHttp {
        certificates: certificates(given.certificates.as_ref(), check),
        subnets: subnets
            .into_iter()
            .flat_map(|list| &list.items)
            .map(|subnet| subnet.value.clone())
            .collect(),
        ingress_vpc: from_vpc.is_some_and(|flag| flag.value),
        ssl_policy: check.text(given.ssl_policy.as_ref(), "ssl_policy"),
    }
}

fn cdn(
    given: Option<&Form<crate::manifest::decode::Flag, written::Cdn>>,
    public: &PublicHttp,
    check: &mut Check<'_>,
) -> Option<Cdn> {
    let given = given?;
    let full = match given {
        Form::Short(flag) if !flag.value => return None,
        Form::Short(_) => written::Cdn { span: given.span(), ..written::Cdn::default() },
        Form::Full(full) => full.clone(),
    };
    let terminate_tls = full.terminate_tls.is_some_and(|flag| flag.value);
    match (&full.certificate, public.certificates.is_empty()) {
        (None, false) => check.missing(
            full.span,
            "certificate",
            "the load balancer's certificates are yours, so CloudFront needs one too: an ARN of ACM in us-east-1",
        ),
        (Some(certificate), true) if !terminate_tls && check.complete => {
            check
                .error("model/cdn", certificate.span, "CloudFront and the load balancer would have different certificates")
                .help("set `http.public.certificates`, or `terminate_tls: true` so that TLS ends at CloudFront");
        }
        _ => {}
    }
    let certificate = full.certificate.as_ref().map(|text| cloudfront_certificate(text, "model/cdn", check));
    let static_assets = full.static_assets.as_ref().map(|assets| {
        let mut part = |value: Option<&Text>, key: &str, help: &str| {
            if value.is_none() {
                check.missing(assets.span, key, help);
            }
            check.text(value, key).unwrap_or_default()
        };
        StaticAssets {
            alias: part(assets.alias.as_ref(), "alias", "the host name"),
            location: part(assets.location.as_ref(), "location", "the domain name of the bucket"),
            path: part(assets.path.as_ref(), "path", "the path pattern, such as `static/*`"),
        }
    });
    Some(Cdn { certificate, terminate_tls, static_assets })
}
