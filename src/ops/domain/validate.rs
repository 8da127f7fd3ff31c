//! Whether the names that a service asks for can be had: known only once application and environment are.

use super::names;
use crate::aws::Connection;
use crate::aws::acm;
use crate::diagnostic::Diagnostics;
use crate::model::environment::Environment;
use crate::model::request_driven::RequestDriven;
use crate::model::routing::Alias;
use crate::model::service::{Kind, Service};
use crate::model::site::Site;
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
    let mut findings = Findings::new(context.env, text);
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

/// Checks the host name of a service on App Runner. `text` is its manifest, for the place.
#[must_use]
pub(in crate::ops) fn association(context: &Context<'_>, service: &RequestDriven, text: &str) -> Diagnostics {
    let mut findings = Findings::new(context.env, text);
    let Some(alias) = &service.alias else { return findings.found };
    if context.domain.is_empty() {
        findings.unmanaged(alias);
    } else if !names::is_association(alias, context.app, context.domain) {
        findings.alias(
            "http",
            alias,
            format!("{alias} is no name that a service on App Runner can have"),
            &format!(
                "it may be one label before {}, such as {}.{}, but not {}",
                context.domain,
                service.name,
                context.domain,
                names::of_app(context.app, context.domain)
            ),
        );
    }
    findings.found
}

/// Checks the host names of a site, unless they have a certificate of the user's. `text` is its manifest, for the places.
#[must_use]
pub(in crate::ops) fn site(context: &Context<'_>, site: &Site, text: &str) -> Diagnostics {
    let mut findings = Findings::new(context.env, text);
    for alias in site.aliases.iter().filter(|_| site.certificate.is_none()) {
        if context.domain.is_empty() {
            findings.alias(
                "http",
                alias,
                format!("{alias} can't be had: there is no certificate for it"),
                "a host name needs an application with a domain (`app init --domain`), or `http.certificate` with the ARN of a \
                 certificate in us-east-1 that covers it",
            );
        } else {
            owned(context, "http", alias, &mut findings);
        }
    }
    findings.found
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
    let mut findings = Findings::new(env, text);
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

impl<'a> Findings<'a> {
    fn new(env: &'a EnvName, text: &str) -> Self {
        Self { root: node::parse(text).ok(), env, found: Diagnostics::new() }
    }

    /// A host name whose record would stand in the application's zones, of which there are none.
    fn unmanaged(&mut self, alias: &str) {
        self.alias(
            "http",
            alias,
            format!("{alias} can't be had: its record stands in the application's zones"),
            "a host name needs an application with a domain (`app init --domain`)",
        );
    }

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::model;

    const BASE: &str = "image:\n  location: nginx\n  port: 80\ncpu: 256\nmemory: 512\ncount: 1\n";

    fn service(kind: &str, rest: &str) -> (Service, String) {
        let text = format!("name: web\ntype: {kind}\n{BASE}{rest}");
        let source = Source { path: "manifest.yml".to_owned(), text: text.clone() };
        let (app, env) = names_of();
        let (read, found) = model::service::read(&source, &app, &env, &|_| None);
        (read.unwrap_or_else(|| panic!("{found:?}")).model, text)
    }

    fn names_of() -> (AppName, EnvName) {
        (AppName::new("shop").unwrap(), EnvName::new("test").unwrap())
    }

    fn environment(rest: &str) -> Environment {
        let (app, env) = names_of();
        let text = format!("name: test\ntype: Environment\n{rest}");
        let source = Source { path: "manifest.yml".to_owned(), text };
        let (read, found) = model::environment::read(&source, &app, &env, &|_| None);
        read.unwrap_or_else(|| panic!("{found:?}")).model
    }

    /// Findings as `line:column message`.
    fn told(kind: &str, rest: &str, domain: &str, environment: &Environment) -> Vec<String> {
        let (app, env) = names_of();
        let (service, text) = service(kind, rest);
        let found = names(&Context { app: &app, env: &env, domain, environment }, &service, &text);
        found
            .items()
            .iter()
            .map(|finding| {
                let span = finding.span.unwrap_or_default();
                assert!(finding.help.is_some());
                format!("{}:{} {}", span.line, span.column, finding.message)
            })
            .collect()
    }

    const WEB: &str = "Load Balanced Web Service";
    const IMPORTED: &str = "http:\n  public:\n    certificates: [arn:aws:acm:eu-west-1:1:certificate/c]\n";

    #[test]
    fn aliases_need_a_domain_or_certificates() {
        let rest = "http:\n  path: /\n  alias: www.example.com\n";
        let none = environment("");
        assert_eq!(
            told(WEB, rest, "", &none),
            ["11:10 www.example.com can't be had: there is no certificate for it"]
        );
        assert!(told(WEB, rest, "example.com", &none).is_empty());
        assert!(told(WEB, rest, "", &environment(IMPORTED)).is_empty());
        let redirect = "http:\n  path: /\n  redirect_to_https: true\n";
        assert_eq!(told(WEB, redirect, "", &none), ["11:22 there is no HTTPS to redirect to"]);
        assert!(told(WEB, redirect, "example.com", &none).is_empty());
    }

    #[test]
    fn aliases_of_all_rules_are_names_of_the_application() {
        let rest = "http:\n  path: /\n  alias: [www.example.com, a.b.example.com]\n  additional_rules:\n    - path: /v1\n      alias: example.org\n";
        assert_eq!(
            told(WEB, rest, "example.com", &environment("")),
            [
                "11:28 a.b.example.com is no name of shop in test",
                "14:14 example.org is no name of shop in test"
            ]
        );
    }

    #[test]
    fn the_environments_own_part_is_the_place_that_is_shown() {
        let rest = "http:\n  path: /\nenvironments:\n  test:\n    http:\n      alias: example.org\n";
        assert_eq!(
            told(WEB, rest, "example.com", &environment("")),
            ["14:14 example.org is no name of shop in test"]
        );
    }

    #[test]
    fn imported_certificates_need_aliases() {
        let rest = "http:\n  path: /\n";
        let found = told(WEB, rest, "", &environment(IMPORTED));
        assert_eq!(found.len(), 1);
        assert!(found[0].ends_with("so each rule needs an `alias`"), "{found:?}");
        let own = "http:\n  path: /\n  alias:\n    - name: www.example.com\n      hosted_zone: Z1\n";
        assert!(told(WEB, own, "", &environment(IMPORTED)).is_empty());
        let found = told(WEB, own, "example.com", &environment(""));
        assert!(found[0].contains("is written in the application's own zones"), "{found:?}");
    }

    #[test]
    fn services_behind_cloudfront_need_aliases() {
        let cdn = environment("cdn: true\n");
        let found = told(WEB, "http:\n  path: /\n", "example.com", &cdn);
        assert!(found[0].ends_with("services behind CloudFront need an `alias`"), "{found:?}");
        assert!(told(WEB, "http:\n  path: /\n  alias: example.com\n", "example.com", &cdn).is_empty());
    }

    #[test]
    fn network_load_balancers_get_names_and_certificates_from_the_domain() {
        let rest = "http: false\nnlb:\n  port: 443/tls\n  target_port: 80\n  alias: tcp.example.com\n";
        assert!(told(WEB, rest, "example.com", &environment("")).is_empty());
        let found = told(WEB, rest, "", &environment(""));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].contains("a TLS listener needs a certificate"), "{found:?}");
        assert!(found[1].starts_with("13:10 tcp.example.com can't be had"), "{found:?}");
        let found =
            told(WEB, &rest.replace("tcp.example.com", "tcp.example.org"), "example.com", &environment(""));
        assert_eq!(found, ["13:10 tcp.example.org is no name of shop in test"]);
    }

    #[test]
    fn backends_need_certificates_of_the_internal_load_balancer() {
        let rest = "http:\n  path: /\n  alias: api.example.com\n";
        let found = told("Backend Service", rest, "example.com", &environment(""));
        assert_eq!(found, ["11:10 api.example.com can't be had: there is no certificate for it"]);
        let private =
            environment("http:\n  private:\n    certificates: [arn:aws:acm:eu-west-1:1:certificate/c]\n");
        assert!(told("Backend Service", rest, "", &private).is_empty());
        let found = told("Backend Service", "http:\n  path: /\n", "", &private);
        assert!(found[0].ends_with("so each rule needs an `alias`"), "{found:?}");
    }

    /// Findings of a workload that stands behind no load balancer.
    fn told_of(text: &str, domain: &str) -> Vec<String> {
        let (app, env) = names_of();
        let source = Source { path: "manifest.yml".to_owned(), text: text.to_owned() };
        let (read, found) = model::workload::read(&source, &app, &env, &|_| None);
        let none = environment("");
        let context = Context { app: &app, env: &env, domain, environment: &none };
        let found = match read.unwrap_or_else(|| panic!("{found:?}")).model {
            model::workload::Workload::StaticSite(it) => site(&context, &it, text),
            model::workload::Workload::RequestDriven(it) => association(&context, &it, text),
            model::workload::Workload::Container(_) => panic!("{text}"),
        };
        let place = |found: &crate::diagnostic::Diagnostic| found.span.unwrap_or_default();
        let line = |it: &crate::diagnostic::Diagnostic| {
            format!("{}:{} {}", place(it).line, place(it).column, it.message)
        };
        found.items().iter().map(line).collect()
    }

    #[test]
    fn sites_have_names_of_the_application_or_a_certificate_of_their_own() {
        let site = |rest: &str| {
            format!("name: docs\ntype: Static Site\nfiles:\n  - source: dist\nhttp:\n  alias: {rest}\n")
        };
        assert_eq!(
            told_of(&site("docs.example.com"), ""),
            ["6:10 docs.example.com can't be had: there is no certificate for it"]
        );
        assert!(told_of(&site("docs.example.com"), "example.com").is_empty());
        assert!(told_of(&site("example.com"), "example.com").is_empty());
        assert_eq!(
            told_of(&site("a.docs.example.com"), "example.com"),
            ["6:10 a.docs.example.com is no name of shop in test"]
        );
        let own = "docs.example.org\n  certificate: arn:aws:acm:us-east-1:123456789012:certificate/c";
        assert!(told_of(&site(own), "").is_empty());
    }

    #[test]
    fn services_on_app_runner_have_names_one_label_below_the_root_domain() {
        let service = |alias: &str| {
            format!(
                "name: web\ntype: Request-Driven Web Service\nimage:\n  location: public.ecr.aws/nginx/nginx\n  port: 80\nhttp:\n  \
                 alias: {alias}\n"
            )
        };
        assert!(told_of(&service("web.example.com"), "example.com").is_empty());
        for alias in ["example.com", "shop.example.com", "web.test.shop.example.com", "web.example.org"] {
            let message = format!("7:10 {alias} is no name that a service on App Runner can have");
            assert_eq!(told_of(&service(alias), "example.com"), [message]);
        }
        assert_eq!(
            told_of(&service("web.example.com"), ""),
            ["7:10 web.example.com can't be had: its record stands in the application's zones"]
        );
    }

    #[test]
    fn each_list_of_certificates_stands_for_all_aliases() {
        let (service, text) = service(WEB, "http:\n  path: /\n  alias: [www.example.com, example.com]\n");
        let (_, env) = names_of();
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let all = [names(&["*.example.com", "example.com"]), names(&["*.example.com"])];
        assert!(covered(&env, &service, &text, &all[..1]).is_empty());
        let found = covered(&env, &service, &text, &all);
        assert_eq!(found.items().len(), 1);
        assert_eq!(found.items()[0].message, "none of the environment's certificates stands for example.com");
    }
}
