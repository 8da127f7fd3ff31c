//! What has to be asked for: task definitions, the last lines of containers, health check settings.
//!
//! A rollback deletes log groups and target groups with everything in them. So [`Early`] asks as soon as a task stops, while
//! the change is still followed, and [`collect`] asks once more at the end for what was not there yet.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join, join_all};

use super::{Evidence, FailedService, StoppedContainer, StoppedTask, UnhealthyTarget};
use crate::aws::Connection;
use crate::aws::ecs::tasks::{Task, TaskDefinition};
use crate::aws::elbv2::{TargetGroup, TargetHealth};
use crate::deploy::watch::End;
use crate::deploy::watch::service::{ServiceTracker, revision};

/// Tasks that are kept as evidence, the newest ones.
const TASKS: usize = 10;
/// Tasks whose logs are read, the newest ones.
const TASKS_WITH_LOGS: usize = 2;
/// Lines that are read of a container's log.
const LINES: i32 = 20;
/// Looks at the log of a stopped task whose lines may come late.
const LOOKS: u32 = 5;

/// What was asked about a service's stopped tasks and its load balancer while the change went on.
#[derive(Debug, Clone, Default)]
pub struct Early {
    /// Tasks by id, with the number of looks at their logs.
    tasks: BTreeMap<String, (StoppedTask, u32)>,
    /// Target groups of the service that are not described yet.
    wanted: BTreeSet<String>,
    /// Target groups by ARN.
    groups: BTreeMap<String, TargetGroup>,
}

impl Early {
    /// Remembers the service's target groups, by ARN.
    pub fn note_groups(&mut self, arns: &[String]) {
        self.wanted.extend(arns.iter().filter(|arn| !self.groups.contains_key(*arn)).cloned());
    }

    /// Asks about tasks that have stopped since the last time, and about the target groups once a task or target failed.
    /// Questions that fail leave gaps.
    pub async fn gather(&mut self, connection: &Connection, tracker: &ServiceTracker) {
        let stopped = tracker.stopped();
        let calm = stopped.is_empty() && tracker.unhealthy().is_empty();
        if !calm && !self.wanted.is_empty() {
            let wanted = std::mem::take(&mut self.wanted);
            let arns: Vec<&str> = wanted.iter().map(String::as_str).collect();
            let found = connection.elbv2().target_groups(&arns).await.unwrap_or_default();
            self.groups.extend(found.into_iter().map(|group| (group.arn.clone(), group)));
        }
        let silent = |task: &StoppedTask| task.containers.iter().all(|container| container.logs.is_empty());
        let due: Vec<&Task> = stopped
            .into_iter()
            .rev()
            .take(TASKS_WITH_LOGS)
            .filter(|task| {
                self.tasks.get(task.id()).is_none_or(|(seen, looks)| silent(seen) && *looks < LOOKS)
            })
            .collect();
        for task in due {
            let definition = connection.ecs().task_definition(&task.task_definition).await.ok().flatten();
            let seen = one(connection, tracker.name(), task, definition.as_ref(), true).await;
            let looks = self.tasks.get(task.id()).map_or(0, |(_, looks)| *looks);
            self.tasks.insert(task.id().to_owned(), (seen, looks + 1));
        }
    }

    /// `task` with what was known of it earlier and is not known any more.
    fn complete(&self, mut task: StoppedTask) -> StoppedTask {
        let Some((seen, _)) = self.tasks.get(&task.id) else { return task };
        if task.architecture.is_empty() {
            task.architecture.clone_from(&seen.architecture);
        }
        for container in &mut task.containers {
            let Some(seen) = seen.containers.iter().find(|seen| seen.name == container.name) else {
                continue;
            };
            if container.logs.is_empty() {
                container.logs.clone_from(&seen.logs);
            }
            if container.ports.is_empty() {
                container.ports.clone_from(&seen.ports);
            }
        }
        task
    }
}

/// Puts together what is known of a change that ended badly. Questions that fail leave gaps: evidence is worth having, but
/// never a failure of its own.
pub async fn collect(connection: &Connection, stack: &str, end: &End) -> Evidence {
    let services = join_all(end.services.iter().map(|(tracker, early)| service(connection, tracker, early)));
    let tasks = join_all(end.services.iter().map(|(tracker, early)| tasks(connection, tracker, early)));
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

async fn service(connection: &Connection, tracker: &ServiceTracker, early: &Early) -> FailedService {
    let unhealthy = match tracker.unhealthy() {
        // A target may be gone before it is looked at; ECS says what became of it.
        seen if seen.is_empty() => tracker.messages().iter().filter_map(|text| unhealthy_in(text)).collect(),
        seen => seen.into_iter().cloned().collect::<Vec<_>>(),
    };
    let arns: BTreeSet<&str> = unhealthy.iter().map(|(group, _)| group.as_str()).collect();
    let arns: Vec<&str> = arns.into_iter().filter(|arn| !early.groups.contains_key(*arn)).collect();
    let groups = match arns.is_empty() {
        true => vec![],
        false => connection.elbv2().target_groups(&arns).await.unwrap_or_default(),
    };
    let groups: BTreeMap<&str, &TargetGroup> =
        groups.iter().chain(early.groups.values()).map(|group| (group.arn.as_str(), group)).collect();
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

/// The target that a message of ECS calls unhealthy, with the ARN of its target group:
/// `(task 1f) (port 80) is unhealthy in (target-group arn:…) due to (reason Health checks failed)`.
fn unhealthy_in(message: &str) -> Option<(String, TargetHealth)> {
    let (target, rest) = message.split_once(" is unhealthy in (target-group ")?;
    let (group, rest) = rest.split_once(')')?;
    let reason = rest.split_once("(reason ")?.1.trim_end_matches('.');
    let part = |name: &str| Some(target.split_once(name)?.1.split_once(')')?.0);
    Some((
        group.to_owned(),
        TargetHealth {
            target: part("(task ").map_or_else(|| "a target".to_owned(), |id| format!("task {id}")),
            port: part("(port ").and_then(|port| port.parse().ok()).unwrap_or_default(),
            state: "unhealthy".to_owned(),
            reason: String::new(),
            description: reason.strip_suffix(')').unwrap_or(reason).to_owned(),
        },
    ))
}

async fn tasks(connection: &Connection, tracker: &ServiceTracker, early: &Early) -> Vec<StoppedTask> {
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
    .into_iter()
    .map(|task| early.complete(task))
    .collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_tell_of_targets_that_are_gone() {
        let text = "(task 727716a2) (port 8080) is unhealthy in (target-group arn:aws:tg/1) due to (reason Health checks \
                    failed with these codes: [404]).";
        let (group, health) = unhealthy_in(text).unwrap();
        assert_eq!(
            (group.as_str(), health.target.as_str(), health.port),
            ("arn:aws:tg/1", "task 727716a2", 8080)
        );
        assert_eq!(health.description, "Health checks failed with these codes: [404]");
        assert_eq!(unhealthy_in("has reached a steady state."), None);
    }

    #[test]
    fn what_a_rollback_took_away_is_still_known() {
        let task = |logs: &[&str]| StoppedTask {
            id: "1".to_owned(),
            containers: vec![StoppedContainer {
                name: "api".to_owned(),
                logs: logs.iter().map(|line| (*line).to_owned()).collect(),
                ..StoppedContainer::default()
            }],
            ..StoppedTask::default()
        };
        let early = Early { tasks: [("1".to_owned(), (task(&["boom"]), 1))].into(), ..Early::default() };
        assert_eq!(early.complete(task(&[])), task(&["boom"]));
        assert_eq!(early.complete(task(&["boom", "bye"])), task(&["boom", "bye"]));
    }
}
