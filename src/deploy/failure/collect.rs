//! What has to be asked for after a failure: task definitions, the last lines of containers, health check settings.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join, join_all};

use super::{Evidence, FailedService, StoppedContainer, StoppedTask, UnhealthyTarget};
use crate::aws::Connection;
use crate::aws::ecs::tasks::{Task, TaskDefinition};
use crate::aws::elbv2::TargetGroup;
use crate::deploy::watch::End;
use crate::deploy::watch::service::{ServiceTracker, revision};

/// Tasks that are kept as evidence, the newest ones.
const TASKS: usize = 10;
/// Tasks whose logs are read, the newest ones.
const TASKS_WITH_LOGS: usize = 2;
/// Lines that are read of a container's log.
const LINES: i32 = 20;

/// Puts together what is known of a change that ended badly. Questions that fail leave gaps: evidence is worth having, but
/// never a failure of its own.
pub async fn collect(connection: &Connection, stack: &str, end: &End) -> Evidence {
    let services = join_all(end.services.iter().map(|tracker| service(connection, tracker)));
    let tasks = join_all(end.services.iter().map(|tracker| tasks(connection, tracker)));
    let (services, tasks) = join(services, tasks).await;
    Evidence {
        stack: stack.to_owned(),
        status: end.status.clone(),
        reason: end.reason.clone(),
        resources: end.failed.clone(),
        services,
        tasks: tasks.into_iter().flatten().collect(),
    }
}

async fn service(connection: &Connection, tracker: &ServiceTracker) -> FailedService {
    let unhealthy = tracker.unhealthy();
    let arns: BTreeSet<&str> = unhealthy.iter().map(|(group, _)| group.as_str()).collect();
    let arns: Vec<&str> = arns.into_iter().collect();
    let groups = match arns.is_empty() {
        true => vec![],
        false => connection.elbv2().target_groups(&arns).await.unwrap_or_default(),
    };
    let groups: BTreeMap<&str, &TargetGroup> =
        groups.iter().map(|group| (group.arn.as_str(), group)).collect();
    FailedService {
        name: tracker.name().to_owned(),
        cluster: tracker.cluster().to_owned(),
        messages: tracker.messages().to_vec(),
        rollouts: tracker.rollouts().to_vec(),
        targets: unhealthy
            .iter()
            .map(|(arn, health)| {
                let group = groups.get(arn.as_str());
                UnhealthyTarget {
                    target: health.target.clone(),
                    port: health.port,
                    reason: health.reason.clone(),
                    description: health.description.clone(),
                    path: group.map(|group| group.health_path.clone()).unwrap_or_default(),
                    expected: group.map(|group| group.health_codes.clone()).unwrap_or_default(),
                }
            })
            .collect(),
    }
}

async fn tasks(connection: &Connection, tracker: &ServiceTracker) -> Vec<StoppedTask> {
    let mut stopped = tracker.stopped();
    let surplus = stopped.len().saturating_sub(TASKS);
    let stopped = stopped.split_off(surplus);
    let revisions: BTreeSet<&str> = stopped.iter().map(|task| task.task_definition.as_str()).collect();
    let definitions = join_all(revisions.into_iter().map(|arn| async move {
        let definition = connection.ecs().task_definition(arn).await.ok().flatten()?;
        Some((arn, definition))
    }));
    let definitions: BTreeMap<&str, TaskDefinition> = definitions.await.into_iter().flatten().collect();
    let first_with_logs = stopped.len().saturating_sub(TASKS_WITH_LOGS);
    join_all(stopped.iter().enumerate().map(|(at, task)| {
        let definition = definitions.get(task.task_definition.as_str());
        one(connection, tracker.name(), task, definition, at >= first_with_logs)
    }))
    .await
}

async fn one(
    connection: &Connection,
    service: &str,
    task: &Task,
    definition: Option<&TaskDefinition>,
    with_logs: bool,
) -> StoppedTask {
    let containers = join_all(task.containers.iter().map(|container| async move {
        let defined = definition.and_then(|definition| {
            definition.containers.iter().find(|defined| defined.name == container.name)
        });
        let logs = match defined {
            Some(defined) if with_logs && !defined.log_group.is_empty() => {
                let stream = format!("{}/{}/{}", defined.log_prefix, defined.name, task.id());
                let page = connection.logs().stream(&defined.log_group, &stream, true, LINES, None).await;
                page.unwrap_or_default().lines.into_iter().map(|line| line.message).collect()
            }
            _ => vec![],
        };
        StoppedContainer {
            name: container.name.clone(),
            image: container.image.clone(),
            essential: defined.is_none_or(|defined| defined.essential),
            exit_code: container.exit_code,
            reason: container.reason.clone(),
            health: container.health.clone(),
            ports: defined.map(|defined| defined.ports.clone()).unwrap_or_default(),
            logs,
        }
    }));
    StoppedTask {
        id: task.id().to_owned(),
        service: service.to_owned(),
        task_definition: revision(&task.task_definition),
        code: task.stop_code.clone(),
        reason: task.stopped_reason.clone(),
        architecture: match definition.map(|definition| definition.architecture.as_str()) {
            Some("") | None => task.architecture.clone(),
            Some(architecture) => architecture.to_owned(),
        },
        memory: task.memory.clone(),
        containers: containers.await,
    }
}
