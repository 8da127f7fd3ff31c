//! Whether the names that a service asks for can be had: known only once application and environment are.

use super::names;
use crate::aws::Connection;
use crate::aws::acm;
use crate::diagnostic::Diagnostics;
use crate::model::environment::Environment;
use crate::model::routing::Alias;
use crate::model::service::{Kind, Service};
use crate::name::{AppName, EnvName};
use crate::ops::Result;
use crate::yaml::node::{self, Node, Span, Value};

/// Id of the rules.
const RULE: &str = "deploy/names";

/// What names depend on besides the service.
#[derive(Debug, Clone, Copy)]
pub(in crate::ops) struct Context<'a> {
    /// The application.
    pub app: &'a AppName,
    /// The environment.
    pub env: &'a EnvName,
    /// The application's domain; empty without one.
    pub domain: &'a str,
    /// The environment as deployed.
    pub environment: &'a Environment,
}

/// Checks the names of a service as far as that needs no call. `text` is its manifest, for the places.
#[must_use]
pub(in crate::ops) fn names(context: &Context<'_>, service: &Service, text: &str) -> Diagnostics {
    let mut findings = Findings { root: node::parse(text).ok(), env: context.env, found: Diagnostics::new() };
    match service.kind {
        Kind::LoadBalancedWeb => {
            web(context, service, &mut findings);
            network(context, service, &mut findings);
        }
        Kind::Backend => backend(context, service, &mut findings),
        _ => {}
    }
    findings.found
}

fn web(context: &Context<'_>, service: &Service, findings: &mut Findings<'_>) {
    let Some(http) = &service.http else { return };
    let imported = !context.environment.public.certificates.is_empty();
    let aliases: Vec<&Alias> = http.rules.iter().flat_map(|rule| &rule.aliases).collect();
    if http.imported.is_none() && context.domain.is_empty() && !imported {
        for alias in &aliases {
            findings.alias(
                "http",
                &alias.name,
                format!("{} can't be had: there is no certificate for it", alias.name),
                "an alias needs an application with a domain (`app init --domain`) or certificates in the environment's \
                 manifest (`http.public.certificates`)",
            );
        }
        if let Some(place) = findings.key("http", "redirect_to_https", "true") {
            findings.found.error(RULE, "there is no HTTPS to redirect to").at(place).help(
                "HTTPS needs an application with a domain or certificates in the environment's manifest",
            );
        }
        return;
    }
    let bare: Vec<_> = http.rules.iter().filter(|rule| rule.aliases.is_empty()).collect();
    if imported && http.imported.is_none() && !bare.is_empty() {
        findings.section(
            "http",
            "the environment imports its certificates, so each rule needs an `alias`",
            "add `alias` with a name that one of the certificates stands for",
        );
    }
    for alias in &aliases {
        if alias.hosted_zone.is_some() && !imported && http.imported.is_none() {
            findings.alias(
                "http",
                &alias.name,
                format!("the record of {} is written in the application's own zones", alias.name),
                "remove `hosted_zone`: it is for environments that import certificates",
            );
        } else if alias.hosted_zone.is_some() && context.environment.cdn.is_some() {
            findings.alias(
                "http",
                &alias.name,
                format!("{} must lead to CloudFront, its record in `hosted_zone` would lead to the load balancer", alias.name),
                "remove `hosted_zone` and point the name to the environment's CloudFront distribution yourself",
            );
        } else if !imported && http.imported.is_none() {
            owned(context, "http", &alias.name, findings);
        }
    }
    if imported || http.imported.is_some() {
        return;
    }
    if context.environment.cdn.is_some() && !bare.is_empty() {
        findings.section(
            "http",
            "services behind CloudFront need an `alias`",
            "add `alias` to each rule, or turn off `cdn` in the environment's manifest",
        );
    }
}

/// An alias must be a name of the application's.
fn owned(context: &Context<'_>, section: &str, alias: &str, findings: &mut Findings<'_>) {
    if names::is_alias(alias, context.app, context.env, context.domain) {
        return;
    }
    let domains = [
        names::of_environment(context.app, context.env, context.domain),
        names::of_app(context.app, context.domain),
        context.domain.to_owned(),
    ];
    findings.alias(
        section,
        alias,
        format!("{alias} is no name of {} in {}", context.app, context.env),
        &format!("a name may be {}, or one label before one of them", domains.join(", ")),
    );
}

fn network(context: &Context<'_>, service: &Service, findings: &mut Findings<'_>) {
    let Some(nlb) = &service.nlb else { return };
    let imported = !context.environment.public.certificates.is_empty();
    let managed = !context.domain.is_empty() && !imported;
    let tls =
        nlb.listeners.iter().any(|listener| listener.protocol == crate::model::routing::NlbProtocol::Tls);
    if tls && !managed {
        findings.section(
            "nlb",
            "a TLS listener needs a certificate, and there is none",
            "network load balancers get theirs from the application's domain; in an environment that imports certificates they \
             have none",
        );
    }
    for alias in &nlb.aliases {
        if managed {
            owned(context, "nlb", alias, findings);
        } else {
            findings.alias(
                "nlb",
                alias,
                format!("{alias} can't be had: its record stands in the application's zones"),
                "names of a network load balancer need an application with a domain, and an environment that imports no \
                 certificates",
            );
        }
    }
}

fn backend(context: &Context<'_>, service: &Service, findings: &mut Findings<'_>) {
    let Some(http) = &service.http else { return };
    let imported = !context.environment.private.certificates.is_empty();
    let aliases: Vec<&Alias> = http.rules.iter().flat_map(|rule| &rule.aliases).collect();
    if !imported {
        for alias in aliases {
            findings.alias(
                "http",
                &alias.name,
                format!("{} can't be had: there is no certificate for it", alias.name),
                "the internal load balancer has the certificates of the environment's manifest: `http.private.certificates`",
            );
        }
    } else if http.rules.iter().any(|rule| rule.aliases.is_empty()) {
        findings.section(
            "http",
            "the environment imports certificates for its internal load balancer, so each rule needs an `alias`",
            "add `alias` with a name that one of the certificates stands for",
        );
    }
}

/// Names of the imported certificates that a service's aliases must be among: one list for the load balancer, one for
/// CloudFront; none when nothing has to be asked for.
///
/// # Errors
/// Whatever AWS reports.
pub(in crate::ops) async fn imported_names(
    manager: &Connection,
    context: &Context<'_>,
    service: &Service,
) -> Result<Vec<Vec<String>>> {
    let own = service.http.as_ref().filter(|http| http.imported.is_none());
    if own.is_none_or(|http| http.rules.iter().all(|rule| rule.aliases.is_empty())) {
        return Ok(vec![]);
    }
    let environment = context.environment;
    let (certificates, cdn) = match service.kind {
        Kind::Backend => (&environment.private.certificates, None),
        _ => (
            &environment.public.certificates,
            environment.cdn.as_ref().and_then(|cdn| cdn.certificate.clone()),
        ),
    };
    let mut lists = vec![];
    for arns in [certificates.clone(), cdn.into_iter().collect()] {
        if arns.is_empty() {
            continue;
        }
        let mut names = vec![];
        for arn in arns {
            // arn:<partition>:acm:<region>:<account>:certificate/<id>
            let region = arn.split(':').nth(3).unwrap_or_default();
            let found = manager.region(region).acm().certificate(&arn).await?;
            names.extend(found.map(|found| found.names).unwrap_or_default());
        }
        lists.push(names);
    }
    Ok(lists)
}

/// Checks that each list of certificates' names stands for all aliases of the service.
#[must_use]
pub(in crate::ops) fn covered(
    env: &EnvName,
    service: &Service,
    text: &str,
    lists: &[Vec<String>],
) -> Diagnostics {
    let mut findings = Findings { root: node::parse(text).ok(), env, found: Diagnostics::new() };
    let aliases = service.http.iter().flat_map(|http| &http.rules).flat_map(|rule| &rule.aliases);
    for alias in aliases {
        for names in lists {
            if !names.iter().any(|own| acm::matches(own, &alias.name)) {
                findings.alias(
                    "http",
                    &alias.name,
                    format!("none of the environment's certificates stands for {}", alias.name),
                    &format!("they stand for {}", names.join(", ")),
                );
            }
        }
    }
    findings.found
}

/// Findings with their places.
struct Findings<'a> {
    root: Option<Node>,
    env: &'a EnvName,
    found: Diagnostics,
}

impl Findings<'_> {
    /// The places where a section of the manifest may stand: in the environment's part, then at the top.
    fn sections(&self, section: &str) -> Vec<&Node> {
        let Some(root) = &self.root else { return vec![] };
        let own = root.get("environments").and_then(|all| all.get(self.env.as_str()));
        [own.and_then(|own| own.get(section)), root.get(section)].into_iter().flatten().collect()
    }

    fn add(&mut self, place: Option<Span>, message: String, help: &str) {
        let finding = self.found.error(RULE, message).help(help);
        if let Some(place) = place {
            finding.at(place);
        }
    }

    fn alias(&mut self, section: &str, alias: &str, message: String, help: &str) {
        let place = self.sections(section).into_iter().find_map(|node| text_in(node, alias));
        self.add(place, message, help);
    }

    fn section(&mut self, section: &str, message: &str, help: &str) {
        let place = self.sections(section).first().map(|node| node.span);
        self.add(place, message.to_owned(), help);
    }

    /// Where a key of a section stands with this value.
    fn key(&self, section: &str, key: &str, value: &str) -> Option<Span> {
        let found = self.sections(section).into_iter().find_map(|node| node.get(key))?;
        (found.as_str() == Some(value)).then_some(found.span)
    }
}

/// Where a text stands below a node.
fn text_in(node: &Node, text: &str) -> Option<Span> {
    match &node.value {
        Value::Scalar(own, _) => (own == text).then_some(node.span),
        Value::Sequence(items) => items.iter().find_map(|item| text_in(item, text)),
        Value::Mapping(entries) => entries.iter().find_map(|(_, value)| text_in(value, text)),
    }
}
