//! One look at an ECS service: the service, its tasks and its targets.

use futures_util::future::{join, join_all};

use super::service::Snapshot;
use crate::aws::ecs::tasks::Filter;
use crate::aws::{Connection, Error};

/// Cluster and name in the ARN of a service, `arn:…:service/<cluster>/<name>`.
pub(super) fn service_of(arn: &str) -> Option<(&str, &str)> {
    let (_, path) = arn.split_once(":service/")?;
    path.split_once('/')
}

/// How a service stands; `None` when it does not exist.
pub(super) async fn look(
    connection: &Connection,
    cluster: &str,
    name: &str,
) -> Result<Option<Snapshot>, Error> {
    let ecs = connection.ecs();
    let filter = |stopped| Filter { service: Some(name), stopped, ..Filter::default() };
    let names = [name];
    let services = ecs.services(cluster, &names);
    let tasks = async {
        let (running, stopped) =
            join(ecs.task_arns(cluster, filter(false)), ecs.task_arns(cluster, filter(true))).await;
        let mut arns = running?;
        arns.extend(stopped?);
        arns.sort();
        arns.dedup();
        ecs.tasks(cluster, &arns).await
    };
    let (services, tasks) = join(services, tasks).await;
    let Some(service) = services?.into_iter().next() else { return Ok(None) };
    let elb = connection.elbv2();
    let targets = join_all(service.target_groups.iter().map(|group| {
        let elb = &elb;
        async move { (group, elb.target_health(group).await) }
    }));
    let mut health = vec![];
    for (group, answer) in targets.await {
        // The health of targets is worth having, but not worth failing for.
        health.extend(answer.unwrap_or_default().into_iter().map(|target| (group.clone(), target)));
    }
    let tasks = match tasks {
        Err(error) if error.is_not_found() => vec![],
        other => other?,
    };
    Ok(Some(Snapshot { service, tasks, targets: health }))
}
