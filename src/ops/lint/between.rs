//! What workloads say of each other: topics, routes and dependencies.

use std::collections::{BTreeMap, BTreeSet};

use super::book::place;
use super::{Bench, Workload};
use crate::diagnostic::{Diagnostics, Span};
use crate::manifest::shape::nearest;
use crate::model::routing::Rule;
use crate::model::service::Kind;
use crate::model::workload as model;
use crate::name::{EnvName, WorkloadName};
use crate::ops::service::{Dependent, faults};
use crate::workspace::list::Owner;
use crate::yaml::node::Node;

/// Checks that topics that are subscribed to are published in the workspace.
pub(super) fn topics(bench: &mut Bench<'_>, workloads: &[Workload]) {
    for workload in workloads {
        let mut found = vec![];
        for (env, service) in workload.services() {
            let mut out = Diagnostics::new();
            for wanted in service.events.iter().flat_map(|events| &events.subscriptions) {
                let at = subscription(&workload.root, env, wanted.service.as_str(), &wanted.topic);
                let Some(publisher) = workloads.iter().find(|other| other.name == wanted.service) else {
                    let names = workloads.iter().map(|other| other.name.as_str());
                    let near = nearest(wanted.service.as_str(), names);
                    let help = near.map_or_else(
                        || "it has to be deployed before this service".to_owned(),
                        |near| format!("did you mean `{near}`?"),
                    );
                    let message = format!("there is no {} in this workspace", wanted.service);
                    out.warn("topics/service", message).at(at).help(help);
                    continue;
                };
                let Some(other) = publisher.models.get(env) else { continue };
                let published = published(other);
                if published.contains(&wanted.topic) || has_addons(bench, publisher) {
                    continue;
                }
                let message = format!("{} does not publish the topic {}", wanted.service, wanted.topic);
                let help = if published.is_empty() {
                    format!("add it to `publish.topics` of {}", wanted.service)
                } else {
                    format!("it publishes {}", published.join(", "))
                };
                out.error("topics/unknown", message).at(at).help(help);
            }
            found.push((env.clone(), out));
        }
        bench.book.merge(&workload.source, found);
    }
}

/// Checks that what workloads wait for is in the workspace, and that none waits for itself.
pub(super) fn dependencies(bench: &mut Bench<'_>, workloads: &[Workload]) {
    let all: Vec<WorkloadName> = workloads.iter().map(|workload| workload.name.clone()).collect();
    let mut found: BTreeMap<WorkloadName, Vec<(EnvName, Diagnostics)>> = BTreeMap::new();
    for env in &bench.envs {
        let read =
            workloads.iter().filter_map(|workload| Some((&workload.name, workload.depends_on.get(env)?)));
        let items: Vec<Dependent<'_>> = read.map(|(name, on)| (name, on.as_slice())).collect();
        for (name, out) in faults(&items, &all) {
            found.entry(name).or_default().push((env.clone(), out));
        }
    }
    for workload in workloads {
        let Some(mut found) = found.remove(&workload.name) else { continue };
        for env in &bench.envs {
            // What is not the case in an environment is told as such.
            if !found.iter().any(|(known, _)| known == env) {
                found.push((env.clone(), Diagnostics::new()));
            }
        }
        bench.book.merge(&workload.source, found);
    }
}

/// Names of the topics of a service, as they are subscribed to.
fn published(workload: &model::Workload) -> Vec<String> {
    let topics = match workload {
        model::Workload::Container(service) => &service.topics,
        model::Workload::RequestDriven(service) => &service.topics,
        model::Workload::StaticSite(_) => return vec![],
    };
    let name = |topic: &crate::model::service::Topic| {
        if topic.fifo.is_some() { format!("{}.fifo", topic.name) } else { topic.name.clone() }
    };
    topics.iter().map(name).collect()
}

/// Whether topics may come from addons.
fn has_addons(bench: &Bench<'_>, workload: &Workload) -> bool {
    let workspace = bench.session.workspace();
    workspace.is_ok_and(|workspace| {
        workspace.addons(Owner::Workload(&workload.name)).is_ok_and(|files| !files.is_empty())
    })
}

/// The place of a subscription.
fn subscription(root: &Node, env: &EnvName, service: &str, topic: &str) -> Span {
    let name = topic.trim_end_matches(".fifo");
    let section = root.get("environments").and_then(|sections| sections.get(env.as_str()));
    let lists = [section, Some(root)].into_iter().flatten();
    let items = lists.filter_map(|root| root.get("subscribe")?.get("topics")?.as_sequence()).flatten();
    let text = |item: &Node, key: &str| item.get(key).and_then(Node::as_str).map(str::to_owned);
    let mut named = items.filter(|item| text(item, "service").as_deref() == Some(service));
    let exact = named.find(|item| text(item, "name").as_deref() == Some(name));
    match exact.and_then(|item| item.get("name")) {
        Some(node) => node.span,
        None => place(root, env, &["subscribe", "topics"]).unwrap_or_default(),
    }
}

/// A rule of a listener that several workloads may share.
struct Route<'a> {
    workload: &'a Workload,
    balancer: String,
    path: String,
    hosts: BTreeSet<String>,
    sources: BTreeSet<&'a str>,
    at: Span,
}

/// Checks that no two rules of a load balancer take the same requests.
pub(super) fn routes(bench: &mut Bench<'_>, workloads: &[Workload]) {
    for env in bench.envs.clone() {
        let routes: Vec<Route<'_>> =
            workloads.iter().flat_map(|workload| routes_of(workload, &env)).collect();
        for (index, route) in routes.iter().enumerate() {
            let same = |other: &&Route<'_>| {
                other.balancer == route.balancer && other.path == route.path && other.sources == route.sources
            };
            for other in routes[..index].iter().filter(same) {
                clash(bench, route, other);
            }
        }
    }
}

fn clash(bench: &mut Bench<'_>, route: &Route<'_>, other: &Route<'_>) {
    let who = if other.workload.name == route.workload.name {
        "another rule".to_owned()
    } else {
        other.workload.name.to_string()
    };
    let place = format!("{}:{}", other.workload.source.path, other.at.line);
    let path = format!("/{}", route.path);
    let out = bench.book.of(&route.workload.source);
    if let Some(host) = route.hosts.intersection(&other.hosts).next() {
        out.warn("routes/duplicate", format!("{who} takes {path} of {host} already ({place})"))
            .at(route.at)
            .help("only one of the two rules gets requests: give one another path or host name");
    } else if route.hosts.is_empty() && other.hosts.is_empty() {
        out.note("routes/shared-path", format!("{who} takes {path} as well ({place})"))
            .at(route.at)
            .help("without a domain of the application both have the same address: give one another path");
    }
}

fn routes_of<'a>(workload: &'a Workload, env: &EnvName) -> Vec<Route<'a>> {
    let Some(service) = workload.models.get(env).and_then(model::Workload::container) else { return vec![] };
    let Some(http) = &service.http else { return vec![] };
    let balancer = match (&http.imported, service.kind) {
        (Some(name), _) => name.clone(),
        (None, Kind::Backend) => "internal".to_owned(),
        (None, _) => "public".to_owned(),
    };
    let route = |(index, rule): (usize, &'a Rule)| Route {
        workload,
        balancer: balancer.clone(),
        path: rule.path.trim_matches('/').to_owned(),
        hosts: rule.aliases.iter().map(|alias| alias.name.to_ascii_lowercase()).collect(),
        sources: rule.allowed_source_ips.iter().map(String::as_str).collect(),
        at: rule_place(&workload.root, env, index),
    };
    http.rules.iter().enumerate().map(route).collect()
}

/// The place of a rule's path: of the main rule, or of one of the additional ones.
fn rule_place(root: &Node, env: &EnvName, index: usize) -> Span {
    if index == 0 {
        return place(root, env, &["http", "path"])
            .or_else(|| place(root, env, &["http"]))
            .unwrap_or_default();
    }
    let section = root.get("environments").and_then(|sections| sections.get(env.as_str()));
    let rules = [section, Some(root)]
        .into_iter()
        .flatten()
        .find_map(|root| root.get("http")?.get("additional_rules")?.as_sequence());
    let rule = rules.and_then(|rules| rules.get(index - 1));
    rule.and_then(|rule| rule.get("path")).or(rule).map(|node| node.span).unwrap_or_default()
}
