//! Routing by an application load balancer: target groups, listener rules, alias records.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::priority::{ListenerAt, RuleSlot};
use super::scaling::Measured;
use super::{Ids, StackError, indexed};
use crate::facts::{Facts, LoadBalancer};
use crate::model::environment::Environment;
use crate::model::routing::{Http, Rule, Target, TargetHealthCheck};
use crate::model::service::Kind;
use crate::stack::expr;

/// Routing as the template prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlbView {
    groups: Vec<GroupView>,
    records: Vec<RecordsView>,
    rules: Vec<RuleView>,
    ingress: Vec<IngressView>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct GroupView {
    id: String,
    description: String,
    version: Option<String>,
    check: CheckView,
    check_protocol: Option<&'static str>,
    port: u16,
    protocol: &'static str,
    deregistration_delay: String,
    stickiness: String,
}

/// A health check of a target group as the template prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CheckView {
    path: String,
    port: Option<String>,
    matcher: Option<Value>,
    healthy_threshold: Option<u64>,
    unhealthy_threshold: Option<u64>,
    interval: Option<u64>,
    timeout: Option<u64>,
}

impl CheckView {
    /// The check of a target group that speaks this protocol version.
    #[must_use]
    pub fn new(check: &TargetHealthCheck, version: Option<&str>) -> Self {
        let codes = if version == Some("GRPC") { "GrpcCode" } else { "HttpCode" };
        Self {
            path: if check.path.is_empty() { "/".to_owned() } else { check.path.clone() },
            port: check.port.map(|port| port.to_string()),
            matcher: check.success_codes.as_ref().map(|accepted| json!({codes: accepted})),
            healthy_threshold: check.healthy_threshold,
            unhealthy_threshold: check.unhealthy_threshold,
            interval: check.interval,
            timeout: check.timeout,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct RecordsView {
    id: String,
    description: String,
    zone: Value,
    comment: Value,
    names: Vec<Value>,
    target_zone: Value,
    target_name: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct RuleView {
    id: String,
    description: String,
    redirect: bool,
    group: String,
    /// The second target group between which traffic moves.
    alternate: Option<String>,
    source_ips: Vec<String>,
    hosts: Vec<Value>,
    paths: Vec<String>,
    listener: Value,
    priority: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct IngressView {
    id: String,
    source: String,
}

/// Routing of a service, and what the rest of its stack needs to know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Routing {
    /// What the template prints.
    pub view: AlbView,
    /// Rules that need a priority, in the order of their parameters.
    pub slots: Vec<RuleSlot>,
    /// Whether clients speak HTTPS to the load balancer.
    pub https: bool,
    /// DNS name of the load balancer.
    pub dns_name: Value,
    /// Dimensions of its metrics.
    pub measured: Measured,
    /// What its target groups lead to, in the order of the rules.
    pub targets: Vec<TargetView>,
}

/// A target group and what it leads to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TargetView {
    /// Name of the container.
    pub container: String,
    /// Its port.
    pub port: u16,
    /// Logical id of the target group.
    pub group: String,
    /// Where traffic goes while a new version runs beside the old one.
    pub alternate: Option<AlternateView>,
}

/// A second target group, for a new version that runs beside the old one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlternateView {
    /// Its logical id.
    pub group: String,
    /// Logical id of the listener rule, or the listener of a network load balancer, whose weights ECS changes.
    pub rule: String,
}

/// Logical id of the second target group beside this one.
#[must_use]
pub fn alternate_id(group: &str) -> String {
    format!("Alternate{group}")
}

impl TargetView {
    /// A target group that leads to this container and port.
    #[must_use]
    pub fn new(target: &Target, group: &str) -> Self {
        Self {
            container: target.container.clone(),
            port: target.port,
            group: group.to_owned(),
            alternate: None,
        }
    }
}

impl Routing {
    /// Gives every target group a second one, and the rules that lead to it both. The rule that ECS changes is the one
    /// that does not redirect.
    pub fn alternate(&mut self) {
        for target in &mut self.targets {
            let group = alternate_id(&target.group);
            let mut rules = self.view.rules.iter_mut();
            if let Some(rule) = rules.rfind(|rule| !rule.redirect && rule.group == target.group) {
                rule.alternate = Some(group.clone());
                target.alternate = Some(AlternateView { group, rule: rule.id.clone() });
            }
        }
        let seconds: Vec<GroupView> = self
            .view
            .groups
            .iter()
            .map(|group| GroupView { id: alternate_id(&group.id), ..group.clone() })
            .collect();
        self.view.groups.extend(seconds);
    }
}

/// A load balancer and its listeners.
struct Balancer {
    dns_name: Value,
    zone: Value,
    full_name: Value,
    http: Option<ListenerAt>,
    https: Option<ListenerAt>,
}

/// Whether the application's domain is served by certificates and zones that wharf looks after.
#[must_use]
pub fn domain_is_managed(environment: &Environment, facts: &Facts) -> bool {
    !facts.app.domain.is_empty() && environment.public.certificates.is_empty()
}

impl Balancer {
    fn public(environment: &Environment, facts: &Facts) -> Self {
        let https = !facts.app.domain.is_empty() || !environment.public.certificates.is_empty();
        Self {
            dns_name: expr::environment_export("PublicLoadBalancerDNS"),
            zone: expr::environment_export("CanonicalHostedZoneID"),
            full_name: expr::environment_export("PublicLoadBalancerFullName"),
            http: Some(ListenerAt::Export("HTTPListenerArn")),
            https: https.then_some(ListenerAt::Export("HTTPSListenerArn")),
        }
    }

    fn internal(environment: &Environment) -> Self {
        let https = !environment.private.certificates.is_empty();
        Self {
            dns_name: expr::environment_export("InternalLoadBalancerDNS"),
            zone: expr::environment_export("InternalLoadBalancerCanonicalHostedZoneID"),
            full_name: expr::environment_export("InternalLoadBalancerFullName"),
            http: Some(ListenerAt::Export("InternalHTTPListenerArn")),
            https: https.then_some(ListenerAt::Export("InternalHTTPSListenerArn")),
        }
    }

    fn imported(name: &str, balancer: &LoadBalancer) -> Result<Self, StackError> {
        let listeners = |protocol: &str| -> Vec<&str> {
            let all = balancer.listeners.iter();
            all.filter(|listener| listener.protocol.eq_ignore_ascii_case(protocol))
                .map(|listener| listener.arn.as_str())
                .collect()
        };
        let (http, https) = (listeners("HTTP"), listeners("HTTPS"));
        let told_apart = http.len() <= 1 && https.len() <= 1 && http.len() + https.len() > 0;
        if !told_apart {
            let found = match (http.len(), https.len()) {
                (0, 0) => "no HTTP and no HTTPS listener".to_owned(),
                (http, https) => format!("{http} HTTP and {https} HTTPS listeners"),
            };
            return Err(StackError::Listeners { name: name.to_owned(), found });
        }
        let only = |listeners: Vec<&str>| listeners.first().map(|arn| ListenerAt::Arn((*arn).to_owned()));
        // CloudWatch names a load balancer by the end of its ARN: app/<name>/<id>.
        let full_name = balancer.arn.split_once(":loadbalancer/").map_or(&*balancer.name, |(_, name)| name);
        Ok(Self {
            dns_name: Value::from(balancer.dns_name.as_str()),
            zone: Value::from(balancer.hosted_zone_id.as_str()),
            full_name: Value::from(full_name),
            http: only(http),
            https: only(https),
        })
    }
}

/// The routing of a service.
///
/// # Errors
/// [`StackError::LoadBalancer`] when the service is put behind a load balancer that the facts do not hold,
/// [`StackError::Listeners`] when its listeners can't be told apart.
pub fn routing(
    http: &Http,
    kind: Kind,
    environment: &Environment,
    facts: &Facts,
) -> Result<Routing, StackError> {
    let imported = match (&http.imported, &facts.load_balancer) {
        (Some(name), None) => return Err(StackError::LoadBalancer { name: name.clone() }),
        (Some(name), Some(balancer)) => Some((name, balancer)),
        (None, _) => None,
    };
    let balancer = match (imported, kind) {
        (Some((name, balancer)), _) => Balancer::imported(name, balancer)?,
        (None, Kind::LoadBalancedWeb) => Balancer::public(environment, facts),
        (None, Kind::Backend | Kind::Worker | Kind::Job) => Balancer::internal(environment),
    };
    let group_id = if imported.is_some() { "TargetGroupForImportedALB" } else { "TargetGroup" };
    let https = balancer.https.is_some();
    let default_hosts = default_hosts(kind, imported.is_some(), https, &balancer, environment, facts);

    let (mut groups, mut rules, mut slots, mut targets) = (vec![], vec![], vec![], vec![]);
    for (index, rule) in http.rules.iter().enumerate() {
        let group = indexed(group_id, index);
        groups.push(group_view(rule, group.clone()));
        targets.push(TargetView::new(&rule.target, &group));
        let aliases: Vec<Value> = rule.aliases.iter().map(|alias| Value::from(&*alias.name)).collect();
        let hosts = if https && !aliases.is_empty() { aliases } else { default_hosts.clone() };
        let mut add = |(id, priority): (&str, &str), listener: &ListenerAt, redirect: bool| {
            let (id, parameter) = (indexed(id, index), indexed(priority, index));
            rules.push(RuleView {
                description: if redirect {
                    format!("Sends plain HTTP requests for {} to HTTPS", rule.path)
                } else {
                    format!("Sends requests for {} to the tasks", rule.path)
                },
                redirect,
                group: group.clone(),
                alternate: None,
                source_ips: rule.allowed_source_ips.clone(),
                hosts: hosts.clone(),
                paths: path_patterns(&rule.path),
                listener: listener.arn(),
                priority: parameter.clone(),
                id: id.clone(),
            });
            let (listener, path) = (listener.clone(), rule.path.clone());
            slots.push(RuleSlot { parameter, rule: id, listener, path });
        };
        let names = if imported.is_some() { &IMPORTED } else { &OWN };
        if let (Some(plain), Some(_)) = (&balancer.http, &balancer.https) {
            add(names.beside, plain, rule.redirect_to_https);
        }
        match (&balancer.http, &balancer.https) {
            (_, Some(secure)) => add(names.https, secure, false),
            (Some(plain), None) => add(names.http, plain, false),
            (None, None) => {}
        }
    }
    let records = records(http, kind, imported.is_some(), &balancer, environment, facts);
    let sources = imported.map(|(_, balancer)| balancer.security_groups.as_slice()).unwrap_or_default();
    let ingress = sources.iter().enumerate().map(|(index, source)| IngressView {
        id: indexed("EnvironmentSecurityGroupIngressFromImportedALB", index),
        source: source.clone(),
    });
    Ok(Routing {
        view: AlbView { groups, records, rules, ingress: ingress.collect() },
        slots,
        https,
        dns_name: balancer.dns_name,
        measured: Measured {
            load_balancer: balancer.full_name,
            target_group: expr::attribute(group_id, "TargetGroupFullName"),
        },
        targets,
    })
}

/// Logical ids of rules and names of their priorities: on the HTTP listener beside an HTTPS one, on the HTTPS
/// listener, on an HTTP listener alone.
struct RuleNames {
    beside: (&'static str, &'static str),
    https: (&'static str, &'static str),
    http: (&'static str, &'static str),
}

const OWN: RuleNames = RuleNames {
    beside: ("HTTPListenerRuleWithDomain", "HTTPRuleWithDomainPriority"),
    https: ("HTTPSListenerRule", "HTTPSRulePriority"),
    http: ("HTTPListenerRule", "HTTPRulePriority"),
};
const IMPORTED: RuleNames = RuleNames {
    beside: ("HTTPListenerRedirectRuleForImportedALB", "HTTPRedirectRulePriority"),
    https: ("HTTPSListenerRuleForImportedALB", "HTTPSRulePriority"),
    http: ("HTTPListenerRuleForImportedALB", "HTTPRulePriority"),
};

/// Path patterns of a rule for `path`, which begins with a slash; `/` takes everything.
#[must_use]
pub fn path_patterns(path: &str) -> Vec<String> {
    if path == "/" { vec!["/*".to_owned()] } else { vec![path.to_owned(), format!("{path}/*")] }
}

fn group_view(rule: &Rule, id: String) -> GroupView {
    let port = rule.target.port;
    let tls = port == 443;
    GroupView {
        id,
        description: format!("Tasks that the load balancer reaches on port {port}"),
        version: rule.protocol_version.clone(),
        check: CheckView::new(&rule.health_check, rule.protocol_version.as_deref()),
        check_protocol: match rule.health_check.port {
            Some(443) => Some("HTTPS"),
            None if tls => Some("HTTPS"),
            Some(_) if tls => Some("HTTP"),
            _ => None,
        },
        port,
        protocol: if tls { "HTTPS" } else { "HTTP" },
        deregistration_delay: rule.deregistration_delay.to_string(),
        stickiness: rule.stickiness.to_string(),
    }
}

/// Name of a service below a name of the environment.
fn service_name(zone_name: Value) -> Value {
    expr::join(".", vec![expr::reference("WorkloadName"), zone_name])
}

/// Hosts of rules without aliases.
fn default_hosts(
    kind: Kind,
    imported: bool,
    https: bool,
    balancer: &Balancer,
    environment: &Environment,
    facts: &Facts,
) -> Vec<Value> {
    match kind {
        _ if imported => vec![],
        Kind::LoadBalancedWeb if https && domain_is_managed(environment, facts) => {
            vec![service_name(expr::environment_export("SubDomain"))]
        }
        Kind::Backend if !https => vec![
            balancer.dns_name.clone(),
            service_name(expr::environment_export("InternalWorkloadsHostedZoneName")),
        ],
        Kind::LoadBalancedWeb | Kind::Backend | Kind::Worker | Kind::Job => vec![],
    }
}

/// Alias records: one group for each zone that the manifest names, or the service's default name.
fn records(
    http: &Http,
    kind: Kind,
    imported: bool,
    balancer: &Balancer,
    environment: &Environment,
    facts: &Facts,
) -> Vec<RecordsView> {
    let group = |id: String, description: &str, zone: Value, comment: Value, names: Vec<Value>| RecordsView {
        id,
        description: description.to_owned(),
        zone,
        comment,
        names,
        target_zone: balancer.zone.clone(),
        target_name: balancer.dns_name.clone(),
    };
    let mut aliases = http.rules.iter().flat_map(|rule| &rule.aliases).peekable();
    if balancer.https.is_none() {
        if kind == Kind::LoadBalancedWeb || imported {
            return vec![];
        }
        return vec![group(
            "LoadBalancerInternalDNSAlias".to_owned(),
            "Name of the service in the environment's internal zone",
            expr::environment_export("InternalWorkloadsHostedZoneID"),
            expr::sub("Load balancer alias for service ${WorkloadName}"),
            vec![service_name(expr::environment_export("InternalWorkloadsHostedZoneName"))],
        )];
    }
    let managed = kind == Kind::LoadBalancedWeb && !imported && domain_is_managed(environment, facts);
    if aliases.peek().is_none() && managed {
        let name =
            vec![expr::reference("WorkloadName"), expr::environment_export("SubDomain"), Value::from("")];
        return vec![group(
            "LoadBalancerDNSAlias".to_owned(),
            "Name of the service in the environment's zone",
            expr::environment_export("HostedZone"),
            expr::sub("Default load balancer alias for service ${WorkloadName}"),
            vec![expr::join(".", name)],
        )];
    }
    let mut zones: BTreeMap<&str, Vec<Value>> = BTreeMap::new();
    for alias in aliases {
        if let Some(zone) = &alias.hosted_zone {
            let names = zones.entry(zone).or_default();
            let name = Value::from(alias.name.as_str());
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let mut ids = Ids::default();
    zones
        .into_iter()
        .map(|(zone, names)| {
            let comment = vec![
                expr::sub("LoadBalancer aliases for service ${WorkloadName} in hosted zone "),
                Value::from(zone),
            ];
            group(
                ids.take("LoadBalancerDNSAlias", zone, ""),
                "Names of the service in a hosted zone of the manifest",
                Value::from(zone),
                expr::join("", comment),
                names,
            )
        })
        .collect()
}
