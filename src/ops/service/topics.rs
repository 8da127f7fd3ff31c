//! Topics that a Worker Service subscribes to: SNS takes no subscription to a topic that is not there, and CloudFormation
//! would say so only in the middle of a deployment.

use std::collections::{BTreeMap, BTreeSet};

use crate::aws::Connection;
use crate::facts::Facts;
use crate::model::service::Service;
use crate::name::WorkloadName;
use crate::ops::{Error, Result};
use crate::stack::document::workload_stack;

/// Checks that every topic is there: in the stack of the service that publishes it, or tagged as the service's own (a topic
/// of its addons). Topics of services that are deployed `before` this one come with them.
///
/// # Errors
/// [`Error::NoTopic`] with the topics of that service; whatever AWS reports.
pub(super) async fn check(
    manager: &Connection,
    facts: &Facts,
    service: &Service,
    before: &BTreeSet<&WorkloadName>,
) -> Result<()> {
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
            let mut known = [names, &tagged].concat();
            known.sort();
            known.dedup();
            let (service, topic) = (wanted.service.clone(), wanted.topic.clone());
            return Err(Error::NoTopic { topic, service, known });
        }
        known.insert(&wanted.service, [names, &tagged].concat());
    }
    Ok(())
}

/// Topics in the stack of a service, by their names in manifests.
async fn published(manager: &Connection, facts: &Facts, service: &WorkloadName) -> Result<Vec<String>> {
    let stack = workload_stack(&facts.app.name, &facts.env.name, service);
    let resources = manager.cloudformation().resources(&stack).await?.unwrap_or_default();
    let topics = resources.iter().filter(|resource| resource.resource_type == "AWS::SNS::Topic");
    Ok(topics.filter_map(|topic| local_name(&topic.physical_id, facts, service)).collect())
}

/// Topics that carry the tags of a service.
async fn tagged(manager: &Connection, facts: &Facts, service: &WorkloadName) -> Result<Vec<String>> {
    let tags = [
        ("copilot-application", facts.app.name.as_str()),
        ("copilot-environment", facts.env.name.as_str()),
        ("copilot-service", service.as_str()),
    ];
    let found = manager.tagging().resources(&["sns"], &tags).await?;
    Ok(found.iter().filter_map(|topic| local_name(&topic.arn, facts, service)).collect())
}

/// What follows `<app>-<env>-<service>-` in a topic's ARN.
fn local_name(arn: &str, facts: &Facts, service: &WorkloadName) -> Option<String> {
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
            |end: &str| local_name(&format!("arn:aws:sns:eu-west-1:111122223333:{end}"), &facts, &orders);
        assert_eq!(name("shop-test-orders-paid.fifo").as_deref(), Some("paid.fifo"));
        assert_eq!(name("shop-test-other-paid"), None);
    }
}
