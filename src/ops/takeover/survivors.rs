//! What lives on through a takeover, with what only AWS knows of it, and how it reads.

use std::collections::BTreeMap;

use super::Deployed;
use crate::aws::Connection;
use crate::aws::cloudformation::events::StackResource;
use crate::page::{Body, Cell};
use crate::stack::Stack;
use crate::stack::features::Feature;
use crate::takeover::compare::{Comparison, Side};
use crate::takeover::inherited::{Physical, inherited};
use crate::takeover::known::Known;
use crate::takeover::survivors::{Survivors, Tasks, survivors};

/// What lives on when `wanted` is laid over a deployed stack. What can't be read is left out: a plan must not fail because
/// somebody may not look at a certificate.
pub(super) async fn found(
    connection: &Connection,
    deployed: &Deployed,
    wanted: &Stack,
    (resources, known, comparison): (&[StackResource], &Known, &Comparison),
) -> Survivors {
    let physical: Vec<Physical> = resources.iter().map(physical).collect();
    let parameters: &BTreeMap<String, String> = &deployed.stack.parameters;
    let old = Side { template: &deployed.document, parameters };
    let new = Side { template: &wanted.template, parameters: &wanted.parameters };
    let inherited = inherited(&deployed.document, &physical, parameters);
    let features = Feature::ALL.map(Feature::parameter);
    let mut found = survivors((old, new), known, comparison, &inherited, &physical, &features);
    for certificate in &mut found.certificates {
        let Some(region) = certificate.arn.split(':').nth(3) else { continue };
        let door = connection.region(region).acm();
        let known = door.certificate(&certificate.arn).await.ok().flatten();
        certificate.names = known.map(|known| known.names).unwrap_or_default();
    }
    found.tasks = tasks(connection, resources).await;
    found
}

/// A resource with its ids.
pub(super) fn physical(resource: &StackResource) -> Physical {
    Physical { logical_id: resource.logical_id.clone(), physical_id: resource.physical_id.clone() }
}

async fn tasks(connection: &Connection, resources: &[StackResource]) -> Option<Tasks> {
    let service = resources.iter().find(|one| one.resource_type == "AWS::ECS::Service")?;
    // The ARN of a service names its cluster.
    let (_, path) = service.physical_id.split_once(":service/")?;
    let (cluster, name) = path.split_once('/')?;
    let found = connection.ecs().services(cluster, &[name]).await.ok()?;
    found.first().map(|service| Tasks { running: service.running, desired: service.desired })
}

/// How it reads: a line for each thing.
pub fn body(found: &Survivors) -> Body {
    let mut pairs: Vec<(String, String)> = vec![];
    let mut add = |name: &str, value: String| pairs.push((name.to_owned(), value));
    for certificate in &found.certificates {
        let names = match certificate.names.is_empty() {
            true => String::new(),
            false => format!(" ({})", certificate.names.join(", ")),
        };
        add("Certificate", format!("{}{names}", certificate.arn));
    }
    if !found.hosted_zone.is_empty() {
        add("Hosted zone", found.hosted_zone.clone());
    }
    if !found.records.is_empty() {
        add("DNS records", found.records.join(", "));
    }
    for rule in &found.rules {
        add("Listener rule", format!("{}, priority {}", rule.id, rule.priority));
    }
    for (name, value) in &found.features {
        add("Parameter", format!("{name}: {value}"));
    }
    if let Some(tasks) = &found.tasks {
        add("Tasks", format!("{} run of {} wanted", tasks.running, tasks.desired));
    }
    if !found.access_logs.is_empty() {
        add("Access logs", found.access_logs.clone());
    }
    if !found.exports.is_empty() {
        add("Exports", found.exports.join(", "));
    }
    Body::Pairs(pairs.into_iter().map(|(name, value)| (name, Cell::from(value))).collect())
}
