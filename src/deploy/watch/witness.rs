//! Keeps evidence while it is there.
//!
//! A rollback deletes log groups and target groups, and ECS forgets stopped tasks. So logs, task definitions and health check
//! settings are read as soon as a task stops or a target is unhealthy, not after the end, and an alarm's reason as soon as it
//! took a deployment back.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::service::{ServiceTracker, revision};
use crate::aws::Connection;
use crate::aws::ecs::tasks::{Task, TaskDefinition};
use crate::aws::elbv2::TargetGroup;
use crate::deploy::failure::{
    FailedService, FailedShift, RungAlarm, StoppedContainer, StoppedTask, UnhealthyTarget,
};

/// Tasks that are kept as evidence for each service, the newest ones.
const TASKS: usize = 10;
/// Tasks of a service whose logs are read.
const TASKS_WITH_LOGS: usize = 3;
/// How often a log is looked for: lines arrive a little after the task stopped.
const TRIES: u32 = 4;
/// Lines that are read of a container's log.
const LINES: i32 = 20;

/// What was read of the tasks and target groups of all services.
#[derive(Debug, Clone, Default)]
pub struct Witness {
    /// Task definitions by ARN; `None`: can't be read.
    definitions: BTreeMap<String, Option<TaskDefinition>>,
    /// Target groups by ARN.
    groups: BTreeMap<String, TargetGroup>,
    /// Last lines by task and container.
    logs: BTreeMap<String, Log>,
    /// Why alarms ring, by name; empty: can't be read, or one that does not ring any more.
    alarms: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default)]
struct Log {
    tries: u32,
    lines: BTreeMap<String, Vec<String>>,
}

impl Witness {
    /// Reads what is missing about the tasks that stopped and the targets that are unhealthy. What can't be read leaves a
    /// gap: evidence is worth having, but never a failure of its own.
    pub async fn look(&mut self, connection: &Connection, services: &[&ServiceTracker]) {
        self.definitions(connection, services).await;
        self.groups(connection, services).await;
        self.logs(connection, services).await;
        self.alarms(connection, services).await;
    }

    async fn alarms(&mut self, connection: &Connection, services: &[&ServiceTracker]) {
        let named: BTreeSet<&String> = services.iter().flat_map(|service| service.alarms()).collect();
        let missing: Vec<&str> =
            named.into_iter().filter(|name| !self.alarms.contains_key(*name)).map(String::as_str).collect();
        if missing.is_empty() {
            return;
        }
        let found = match connection.cloudwatch().alarms_named(&missing).await {
            // The next look may tell more.
            Err(error) if error.is_transient() => return,
            found => found.unwrap_or_default(),
        };
        self.alarms.extend(missing.into_iter().map(|name| {
            let rings = found.iter().find(|alarm| alarm.name == name && alarm.state == "ALARM");
            (name.to_owned(), rings.map(|alarm| alarm.reason.clone()).unwrap_or_default())
        }));
    }

    async fn definitions(&mut self, connection: &Connection, services: &[&ServiceTracker]) {
        let stopped = services.iter().flat_map(|service| service.stopped());
        let missing: BTreeSet<String> = stopped
            .map(|task| task.task_definition.clone())
            .filter(|arn| !arn.is_empty() && !self.definitions.contains_key(arn))
            .collect();
        let ecs = connection.ecs();
        let read = join_all(missing.into_iter().map(|arn| {
            let ecs = &ecs;
            async move { (arn.clone(), ecs.task_definition(&arn).await.ok().flatten()) }
        }));
        self.definitions.extend(read.await);
    }

    async fn groups(&mut self, connection: &Connection, services: &[&ServiceTracker]) {
        let unhealthy = services.iter().flat_map(|service| service.unhealthy());
        let missing: BTreeSet<&str> = unhealthy
            .map(|(group, _)| group.as_str())
            .filter(|group| !self.groups.contains_key(*group))
            .collect();
        if missing.is_empty() {
            return;
        }
        let missing: Vec<&str> = missing.into_iter().collect();
        let groups = connection.elbv2().target_groups(&missing).await.unwrap_or_default();
        self.groups.extend(groups.into_iter().map(|group| (group.arn.clone(), group)));
    }

    async fn logs(&mut self, connection: &Connection, services: &[&ServiceTracker]) {
        let mut wanted = vec![];
        for service in services {
            let stopped = service.stopped();
            let has = |task: &&&Task| self.logs.get(task.id()).is_some_and(|log| !log.lines.is_empty());
            let missing = TASKS_WITH_LOGS.saturating_sub(stopped.iter().filter(has).count());
            let open = stopped.into_iter().filter(|task| {
                self.logs.get(task.id()).is_none_or(|log| log.lines.is_empty() && log.tries < TRIES)
            });
            wanted.extend(open.take(missing));
        }
        let logs = &connection.logs();
        let read = wanted.into_iter().map(|task| {
            let definition = self.definitions.get(&task.task_definition).and_then(Option::as_ref);
            let containers =
                definition.map(|definition| definition.containers.as_slice()).unwrap_or_default();
            let streams = containers.iter().filter(|container| !container.log_group.is_empty()).map(
                move |container| async move {
                    let stream = format!("{}/{}/{}", container.log_prefix, container.name, task.id());
                    let page = logs.stream(&container.log_group, &stream, true, LINES, None).await;
                    let lines = page.unwrap_or_default().lines.into_iter().map(|line| line.message);
                    (container.name.clone(), lines.collect::<Vec<_>>())
                },
            );
            async move { (task.id().to_owned(), join_all(streams).await) }
        });
        for (task, streams) in join_all(read).await {
            let log = self.logs.entry(task).or_default();
            log.tries += 1;
            log.lines.extend(streams.into_iter().filter(|(_, lines)| !lines.is_empty()));
        }
    }

    /// What is known of a service.
    #[must_use]
    pub fn service(&self, tracker: &ServiceTracker) -> FailedService {
        let targets = tracker.unhealthy().into_iter().map(|(arn, health)| {
            let group = self.groups.get(arn);
            UnhealthyTarget {
                target: health.target.clone(),
                port: health.port,
                reason: health.reason.clone(),
                description: health.description.clone(),
                path: group.map(|group| group.health_path.clone()).unwrap_or_default(),
                expected: group.map(|group| group.health_codes.clone()).unwrap_or_default(),
            }
        });
        FailedService {
            name: tracker.name().to_owned(),
            cluster: tracker.cluster().to_owned(),
            messages: tracker.messages().to_vec(),
            rollouts: tracker.rollouts().to_vec(),
            targets: targets.collect(),
            shift: tracker.shifts().failed().map(|failed| FailedShift {
                strategy: failed.shift.strategy.clone(),
                status: failed.shift.status.clone(),
                reason: failed.shift.reason.clone(),
                rollback: failed.rollback.clone(),
                stage: failed.reached.clone(),
                most: failed.most,
                requested: failed.requested,
            }),
            alarms: self.rung(tracker),
        }
    }

    /// The alarms that rang: those that ECS names, else those of the service that ring.
    fn rung(&self, tracker: &ServiceTracker) -> Vec<RungAlarm> {
        let named = tracker.shifts().failed().is_some_and(|failed| !failed.shift.ringing.is_empty());
        let all = tracker.alarms().iter().map(|name| RungAlarm {
            name: name.clone(),
            reason: self.alarms.get(name).cloned().unwrap_or_default(),
        });
        all.filter(|alarm| named || !alarm.reason.is_empty()).collect()
    }

    /// What is known of the tasks of a service that stopped, oldest first.
    #[must_use]
    pub fn tasks(&self, tracker: &ServiceTracker) -> Vec<StoppedTask> {
        let mut stopped = tracker.stopped();
        let surplus = stopped.len().saturating_sub(TASKS);
        stopped.split_off(surplus).into_iter().map(|task| self.task(tracker.name(), task)).collect()
    }

    fn task(&self, service: &str, task: &Task) -> StoppedTask {
        let definition = self.definitions.get(&task.task_definition).and_then(Option::as_ref);
        let log = self.logs.get(task.id());
        let containers = task.containers.iter().map(|container| {
            let defined = definition.and_then(|definition| {
                definition.containers.iter().find(|defined| defined.name == container.name)
            });
            StoppedContainer {
                name: container.name.clone(),
                image: container.image.clone(),
                essential: defined.is_none_or(|defined| defined.essential),
                exit_code: container.exit_code,
                reason: container.reason.clone(),
                health: container.health.clone(),
                ports: defined.map(|defined| defined.ports.clone()).unwrap_or_default(),
                logs: log.and_then(|log| log.lines.get(&container.name)).cloned().unwrap_or_default(),
            }
        });
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
            containers: containers.collect(),
        }
    }
}
