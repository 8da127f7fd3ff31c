//! Rules of an application load balancer, listeners of a network load balancer.

use super::Check;
use super::ports::{Index, listener_protocol, listeners, rules};
use crate::diagnostic::Span;
use crate::manifest::decode::{Decode, Form, Spanned, Text};
use crate::manifest::http as written;
use crate::manifest::nlb::{Listener, Nlb as WrittenNlb};
use crate::manifest::scalar::Duration;
use crate::model::container::Protocol;
use crate::model::routing::{Alias, Http, Nlb, NlbListener, NlbProtocol, Rule, TargetHealthCheck};

/// Most values that the conditions of one rule may hold (a quota of load balancers that AWS does not raise).
const MAX_CONDITION_VALUES: usize = 5;
/// Seconds a target that leaves may go on, when nothing is said.
const DEREGISTRATION_DELAY: u64 = 60;
/// TLS policy of a listener when none is given.
const SSL_POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// The rules of the application load balancer.
pub(super) fn http(given: &written::Http, backend: bool, index: &Index, check: &mut Check<'_>) -> Http {
    if let (true, Some(alb)) = (backend, &given.alb) {
        check
            .warn("model/routing", alb.span, "`alb` has no effect on a Backend Service")
            .help("a Backend Service stands behind the environment's internal load balancer; remove `alb`");
    }
    let rules = rules(given)
        .enumerate()
        .map(|(number, rule)| {
            let at = if number == 0 { given.span } else { rule.span };
            if let Some(grace) = grace_period(rule).filter(|_| number > 0) {
                misplaced_grace(grace, "http.healthcheck", check);
            }
            self::rule(rule, at, index, check)
        })
        .collect();
    let imported = if backend { None } else { check.text(given.alb.as_ref(), "alb") };
    Http { rules, imported }
}

fn misplaced_grace(grace: Spanned<Duration>, place: &str, check: &mut Check<'_>) {
    check
        .error("model/routing", grace.span, "the grace period is one for the whole service")
        .help(format!("set it in `{place}` at the top"));
}

/// The grace period of a rule's health check, if it has one.
pub(super) fn grace_period(rule: &written::Rule) -> Option<Spanned<Duration>> {
    rule.healthcheck.as_ref()?.full()?.grace_period
}

fn rule(given: &written::Rule, at: Span, index: &Index, check: &mut Check<'_>) -> Rule {
    let path = match &given.path {
        Some(path) => leading_slash(&path.value),
        None => {
            check.missing(at, "path", "the path whose requests are for the service; `/` takes everything");
            "/".to_owned()
        }
    };
    let target =
        index.resolve(given.target_container.as_ref(), given.target_port, index.main_port(), at, check);
    let health_check = match &given.healthcheck {
        None => TargetHealthCheck { path: "/".to_owned(), ..TargetHealthCheck::default() },
        Some(Form::Short(path)) => {
            TargetHealthCheck { path: leading_slash(&path.value), ..TargetHealthCheck::default() }
        }
        Some(Form::Full(full)) => TargetHealthCheck {
            path: full.path.as_ref().map_or_else(|| "/".to_owned(), |path| leading_slash(&path.value)),
            port: full.port.map(|port| port.value),
            success_codes: success_codes(full.success_codes.as_ref(), check),
            healthy_threshold: check.range(full.healthy_threshold.as_ref(), "healthy_threshold", 2, 10),
            unhealthy_threshold: check.range(full.unhealthy_threshold.as_ref(), "unhealthy_threshold", 2, 10),
            interval: check.seconds(full.interval.as_ref(), "interval", 5, 300),
            timeout: check.seconds(full.timeout.as_ref(), "timeout", 2, 120),
        },
    };
    let checked = given.healthcheck.as_ref().and_then(|form| form.full()).and_then(|full| full.port);
    tcp_only(
        checked.map(|port| port.value).unwrap_or(target.port),
        checked,
        given.target_port,
        at,
        index,
        check,
    );
    let aliases = aliases(given.alias.as_ref(), given.hosted_zone.as_ref(), check);
    if let (Some(zone), None) = (&given.hosted_zone, &given.alias)
        && check.complete
    {
        check
            .error("model/routing", zone.span, "`hosted_zone` is for host names, and there are none")
            .help("set `alias`, or remove `hosted_zone`");
    }
    let ips: Vec<String> = given
        .allowed_source_ips
        .iter()
        .flat_map(|list| &list.items)
        .map(|cidr| cidr.value.0.clone())
        .collect();
    // The path `/` is matched by one pattern, every other by two: itself and what is below it.
    let patterns = if path == "/" { 1 } else { 2 };
    let values = patterns + aliases.len() + ips.len();
    if values > MAX_CONDITION_VALUES {
        let place = given.allowed_source_ips.as_ref().map(Decode::span);
        let place = place.or(given.alias.as_ref().map(Decode::span)).unwrap_or(at);
        let message = format!(
            "a rule holds {MAX_CONDITION_VALUES} values, this one {values}: {patterns} of the path, {} host names, {} address blocks",
            aliases.len(),
            ips.len()
        );
        let room = MAX_CONDITION_VALUES - patterns;
        check.error("model/routing", place, message).help(format!(
            "split it: `additional_rules` with the same path, each with at most {room} of them"
        ));
    }
    Rule {
        path,
        target,
        health_check,
        deregistration_delay: delay(given.deregistration_delay.as_ref(), check),
        stickiness: given.stickiness.is_some_and(|flag| flag.value),
        allowed_source_ips: ips,
        aliases,
        redirect_to_https: given.redirect_to_https.is_none_or(|flag| flag.value),
        protocol_version: given.version.map(|version| version.value.as_str().to_ascii_uppercase()),
    }
}

fn delay(given: Option<&Spanned<Duration>>, check: &mut Check<'_>) -> u64 {
    check.seconds(given, "deregistration_delay", 0, 3600).unwrap_or(DEREGISTRATION_DELAY)
}

fn leading_slash(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}

fn success_codes(given: Option<&Text>, check: &mut Check<'_>) -> Option<String> {
    let given = given?;
    let code = |text: &str| text.trim().parse::<u16>().is_ok_and(|code| (100..=599).contains(&code));
    let fits = given.value.split(',').all(|part| match part.split_once('-') {
        Some((from, to)) => code(from) && code(to),
        None => code(part),
    });
    if !fits {
        check
            .error("model/health-check", given.span, format!("{:?} are no status codes", given.value))
            .help("such as `200`, `200,301` or `200-299`");
    }
    Some(given.value.clone())
}

/// Health checks speak TCP: the port that is asked must not be a UDP port.
fn tcp_only(
    port: u16,
    checked: Option<Spanned<u16>>,
    target: Option<Spanned<u16>>,
    at: Span,
    index: &Index,
    check: &mut Check<'_>,
) {
    if index.protocol(port) == Some(Protocol::Udp) {
        let place = checked.or(target).map_or(at, |port| port.span);
        check
            .error(
                "model/health-check",
                place,
                format!("health checks speak TCP, and port {port} is a UDP port"),
            )
            .help("set `healthcheck.port` to a TCP port of the task");
    }
}

/// A host name, whose first part may be `*`. A fault is reported under `rule`.
pub(super) fn host_name(text: &Text, rule: &'static str, check: &mut Check<'_>) -> String {
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._*".contains(c);
    if text.value.is_empty() || !text.value.chars().all(fits) {
        let help = if text.value.contains(',') {
            "write several names as a list"
        } else {
            "such as `shop.example.com`"
        };
        check.error(rule, text.span, format!("{:?} is no host name", text.value)).help(help);
    }
    text.value.clone()
}

/// The id of a hosted zone: what Route 53 gives out, which is also what logical ids may hold.
fn hosted_zone(text: &Text, check: &mut Check<'_>) -> String {
    if text.value.is_empty() || !text.value.chars().all(|c| c.is_ascii_alphanumeric()) {
        check
            .error("model/routing", text.span, format!("{:?} is no id of a hosted zone", text.value))
            .help("such as `Z0123456789ABCDEFGHIJ`");
    }
    text.value.clone()
}

fn aliases(given: Option<&written::Aliases>, zone: Option<&Text>, check: &mut Check<'_>) -> Vec<Alias> {
    const RULE: &str = "model/routing";
    let default = zone.map(|text| hosted_zone(text, check));
    match given {
        None => vec![],
        Some(Form::Short(text)) => vec![Alias { name: host_name(text, RULE, check), hosted_zone: default }],
        Some(Form::Full(list)) => list
            .items
            .iter()
            .map(|item| match item {
                Form::Short(text) => {
                    Alias { name: host_name(text, RULE, check), hosted_zone: default.clone() }
                }
                Form::Full(full) => {
                    let name = match &full.name {
                        Some(text) => host_name(text, RULE, check),
                        None => {
                            check.missing(full.span, "name", "the host name");
                            String::new()
                        }
                    };
                    let own = full.hosted_zone.as_ref().map(|text| hosted_zone(text, check));
                    Alias { name, hosted_zone: own.or_else(|| default.clone()) }
                }
            })
            .collect(),
    }
}

/// The listeners of the network load balancer.
pub(super) fn nlb(given: &WrittenNlb, index: &Index, check: &mut Check<'_>) -> Nlb {
    for item in given.alias.iter().filter_map(|form| form.full()).flat_map(|list| &list.items) {
        if let Some(zone) = item.full().and_then(|full| full.hosted_zone.as_ref()) {
            check
                .error(
                    "model/routing",
                    zone.span,
                    "host names of a network load balancer have no `hosted_zone`",
                )
                .help("remove it: their records are written in the application's zone");
        }
    }
    let mut used: Vec<(u16, Protocol, Span)> = vec![];
    let list = listeners(given)
        .enumerate()
        .map(|(number, listener)| {
            let grace = listener.healthcheck.as_ref().and_then(|health| health.grace_period);
            if let Some(grace) = grace.filter(|_| number > 0) {
                misplaced_grace(grace, "nlb.healthcheck", check);
            }
            let at = if number == 0 { given.span } else { listener.span };
            let listener = self::listener(listener, at, index, check);
            let transport = listener.protocol.transport();
            match used.iter().find(|(port, protocol, _)| (*port, *protocol) == (listener.port, transport)) {
                Some((port, _, first)) if *port != 0 => {
                    check
                        .error("model/routing", at, format!("two listeners on port {port}"))
                        .other(*first, "the first one")
                        .help("give each listener a port of its own");
                }
                _ => used.push((listener.port, transport, at)),
            }
            listener
        })
        .collect();
    let aliases = aliases(given.alias.as_ref(), None, check).into_iter().map(|alias| alias.name).collect();
    Nlb { listeners: list, aliases }
}

fn listener(given: &Listener, at: Span, index: &Index, check: &mut Check<'_>) -> NlbListener {
    let (port, protocol) = match &given.port {
        Some(port) => (port.value.number, listener_protocol(&port.value)),
        None => {
            check.missing(at, "port", "the port the load balancer listens on, such as `443/tls`");
            (0, NlbProtocol::Tcp)
        }
    };
    let default = given.port.as_ref().map(|_| port);
    let target = match default {
        None if given.target_port.is_none() && given.target_container.is_none() => {
            crate::model::routing::Target { container: String::new(), port: 0 }
        }
        _ => index.resolve(given.target_container.as_ref(), given.target_port, default, at, check),
    };
    let health = given.healthcheck.clone().unwrap_or_default();
    let place = given.port.as_ref().map_or(at, |port| port.span);
    let asked = health.port.map_or(target.port, |port| port.value);
    tcp_only(asked, health.port, given.target_port, place, index, check);
    let tls = protocol == NlbProtocol::Tls;
    if let Some(policy) = given.ssl_policy.as_ref().filter(|_| !tls) {
        check
            .warn("model/routing", policy.span, "`ssl_policy` has no effect: the listener does not speak TLS")
            .help(format!("write `port: {port}/tls`, or remove it"));
    }
    NlbListener {
        port,
        protocol,
        target,
        health_check: TargetHealthCheck {
            path: String::new(),
            port: health.port.map(|port| port.value),
            success_codes: None,
            healthy_threshold: check.range(health.healthy_threshold.as_ref(), "healthy_threshold", 2, 10),
            unhealthy_threshold: check.range(
                health.unhealthy_threshold.as_ref(),
                "unhealthy_threshold",
                2,
                10,
            ),
            interval: check.seconds(health.interval.as_ref(), "interval", 5, 300),
            timeout: check.seconds(health.timeout.as_ref(), "timeout", 2, 120),
        },
        deregistration_delay: delay(given.deregistration_delay.as_ref(), check),
        // A TLS listener has no stickiness.
        stickiness: given.stickiness.filter(|_| !tls).map(|flag| flag.value),
        ssl_policy: check
            .text(given.ssl_policy.as_ref(), "ssl_policy")
            .unwrap_or_else(|| SSL_POLICY.to_owned()),
    }
}
