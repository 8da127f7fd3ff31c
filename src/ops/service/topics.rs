//! Topics that a Worker Service subscribes to: SNS takes no subscription to a topic that is not there, and CloudFormation
//! would say so only in the middle of a deployment. A topic that a service publishes which is deployed in the same run is there
//! once that one is: the subscriber waits for it.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::Connection;
use crate::aws::cloudformation::events::StackResource;
use crate::facts::Facts;
use crate::model::service::Service;
use crate::model::workload::Workload;
use crate::name::WorkloadName;
use crate::ops::{Error, Result};
use crate::stack::document::workload_stack;
use crate::stack::workload::topics::local_name;

/// Topics, by their local names, that workloads publish which are deployed together.
pub(super) type Together = BTreeMap<WorkloadName, BTreeSet<String>>;

/// What workloads publish that are deployed together.
pub(super) fn together<'a>(workloads: impl IntoIterator<Item = &'a Workload>) -> Together {
    let topics = |workload: &Workload| -> BTreeSet<String> {
        let topics = match workload {
            Workload::Container(service) => service.topics.as_slice(),
            Workload::RequestDriven(service) => service.topics.as_slice(),
            Workload::StaticSite(_) => &[],
        };
        topics.iter().map(local_name).collect()
    };
    workloads.into_iter().map(|workload| (workload.name().clone(), topics(workload))).collect()
}

/// Checks that every topic is there: in the stack of the service that publishes it, or tagged as the service's own (a topic
/// of its addons). Topics of services that are deployed `before` this one come with them. Returns services among those that
/// are deployed `together` whose topics are not there yet: they have to come first.
///
/// # Errors
/// [`Error::NoTopic`] with the topics of that service; whatever AWS reports.
pub(super) async fn check(
    manager: &Connection,
    facts: &Facts,
    service: &Service,
    before: &BTreeSet<&WorkloadName>,
    together: &Together,
) -> Result<BTreeSet<WorkloadName>> {
    let mut awaited = BTreeSet::new();
    let mut known: BTreeMap<&WorkloadName, Vec<String>> = BTreeMap::new();
    let all = service.events.iter().flat_map(|events| &events.subscriptions);
    for wanted in all.filter(|wanted| !before.contains(&wanted.service)) {
        if !known.contains_key(&wanted.service) {
            known.insert(&wanted.service, published(manager, facts, &wanted.service).await?);
        }
        let names = known.get(&wanted.service).map(Vec::as_slice).unwrap_or_default();
        if names.contains(&wanted.topic) {
            continue;
        }
        let tagged = tagged(manager, facts, &wanted.service).await?;
        if !tagged.contains(&wanted.topic) {
            if together.get(&wanted.service).is_some_and(|topics| topics.contains(&wanted.topic)) {
                awaited.insert(wanted.service.clone());
                continue;
            }
            let mut known = [names, &tagged].concat();
            known.sort();
            known.dedup();
            let (service, topic) = (wanted.service.clone(), wanted.topic.clone());
            return Err(Error::NoTopic { topic, service, known });
        }
        known.insert(&wanted.service, [names, &tagged].concat());
    }
    Ok(awaited)
}

/// Topics in the stack of a service, by their names in manifests.
async fn published(manager: &Connection, facts: &Facts, service: &WorkloadName) -> Result<Vec<String>> {
    let stack = workload_stack(&facts.app.name, &facts.env.name, service);
    let resources = manager.cloudformation().resources(&stack).await?.unwrap_or_default();
    Ok(topics_in(&resources, facts, service))
}

/// Topics among the resources of a service's stack. A stack that was rolled back still lists those that are gone.
fn topics_in(resources: &[StackResource], facts: &Facts, service: &WorkloadName) -> Vec<String> {
    let there = |resource: &&StackResource| {
        resource.resource_type == "AWS::SNS::Topic" && resource.status != "DELETE_COMPLETE"
    };
    let topics = resources.iter().filter(there);
    topics.filter_map(|topic| known_as(&topic.physical_id, facts, service)).collect()
}

/// Topics that carry the tags of a service.
async fn tagged(manager: &Connection, facts: &Facts, service: &WorkloadName) -> Result<Vec<String>> {
    let tags = [
        ("copilot-application", facts.app.name.as_str()),
        ("copilot-environment", facts.env.name.as_str()),
        ("copilot-service", service.as_str()),
    ];
    let found = manager.tagging().resources(&["sns"], &tags).await?;
    Ok(found.iter().filter_map(|topic| known_as(&topic.arn, facts, service)).collect())
}

/// What follows `<app>-<env>-<service>-` in a topic's ARN.
fn known_as(arn: &str, facts: &Facts, service: &WorkloadName) -> Option<String> {
    let name = arn.rsplit(':').next()?;
    let prefix = format!("{}-{}-{service}-", facts.app.name, facts.env.name);
    name.strip_prefix(&prefix).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::{AppName, EnvName};

    #[test]
    fn topics_are_known_by_the_end_of_their_arns() {
        let facts = Facts::new(AppName::new("shop").unwrap(), EnvName::new("test").unwrap());
        let orders = WorkloadName::new("orders").unwrap();
        let name =
            |end: &str| known_as(&format!("arn:aws:sns:eu-west-1:111122223333:{end}"), &facts, &orders);
        assert_eq!(name("shop-test-orders-paid.fifo").as_deref(), Some("paid.fifo"));
        assert_eq!(name("shop-test-other-paid"), None);
    }
    /// CloudFormation lists the resources of a stack whose first try was undone: they are not there.
    #[test]
    fn topics_that_were_rolled_back_are_not_there() {
        let facts = Facts::new(AppName::new("shop").unwrap(), EnvName::new("test").unwrap());
        let orders = WorkloadName::new("orders").unwrap();
        let topic = |name: &str, status: &str| StackResource {
            logical_id: "Topic".into(),
            physical_id: format!("arn:aws:sns:eu-west-1:111122223333:shop-test-orders-{name}"),
            resource_type: "AWS::SNS::Topic".into(),
            status: status.into(),
            reason: String::new(),
        };
        let resources = [topic("paid", "CREATE_COMPLETE"), topic("gone", "DELETE_COMPLETE")];
        assert_eq!(topics_in(&resources, &facts, &orders), ["paid"]);
    }
}
