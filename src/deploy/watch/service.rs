//! An ECS service while it is being changed: two looks at it become the events between them. Pure.

use std::collections::{BTreeMap, BTreeSet};

use super::shift::ShiftTracker;
use super::standing::Rollout;
use crate::aws::ecs;
use crate::aws::ecs::deployments::ServiceDeployment;
use crate::aws::ecs::tasks::Task;
use crate::aws::elbv2::TargetHealth;
use crate::event::{self, Event};

/// ECS's clock and CloudFormation's may differ by this much, in milliseconds.
pub(super) const SKEW: i64 = 5_000;

/// How a service stands at one moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The service.
    pub service: ecs::Service,
    /// Its tasks, also those that stopped lately.
    pub tasks: Vec<Task>,
    /// The health of its targets, with the ARN of their target group.
    pub targets: Vec<(String, TargetHealth)>,
    /// Deployments that move its traffic from one version to the next; none of a rolling service.
    pub shifts: Vec<ServiceDeployment>,
}

/// What was seen of a service so far.
#[derive(Debug, Clone)]
pub struct ServiceTracker {
    stack: String,
    name: String,
    cluster: String,
    since: i64,
    first: bool,
    deployments: BTreeMap<String, event::Deployment>,
    tasks: BTreeMap<String, event::Task>,
    targets: BTreeMap<String, (String, String)>,
    seen_messages: BTreeSet<String>,
    messages: Vec<String>,
    stopped: BTreeMap<String, Task>,
    unhealthy: BTreeMap<String, (String, TargetHealth)>,
    rollouts: Vec<String>,
    rollout: Rollout,
    alarms: Vec<String>,
    shifts: ShiftTracker,
}

impl ServiceTracker {
    /// Begins to watch the service `name` of `cluster`, which belongs to `stack` and whose change began at `since`
    /// (milliseconds since the Unix epoch).
    #[must_use]
    pub fn new(stack: &str, cluster: &str, name: &str, since: i64) -> Self {
        Self {
            stack: stack.to_owned(),
            name: name.to_owned(),
            cluster: cluster.to_owned(),
            since: since - SKEW,
            first: true,
            deployments: BTreeMap::new(),
            tasks: BTreeMap::new(),
            targets: BTreeMap::new(),
            seen_messages: BTreeSet::new(),
            messages: vec![],
            stopped: BTreeMap::new(),
            unhealthy: BTreeMap::new(),
            rollouts: vec![],
            rollout: Rollout::new(since),
            alarms: vec![],
            shifts: ShiftTracker::new(since),
        }
    }

    /// The same, where deployments with these ids are of before the change, whenever they end.
    #[must_use]
    pub fn knowing(mut self, known: &[String]) -> Self {
        self.rollout.know(known);
        self
    }

    /// How its rollout stands.
    pub fn rollout(&mut self) -> &mut Rollout {
        &mut self.rollout
    }

    /// The service's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of its cluster.
    #[must_use]
    pub fn cluster(&self) -> &str {
        &self.cluster
    }

    /// Its messages since the change began, oldest first.
    #[must_use]
    pub fn messages(&self) -> &[String] {
        &self.messages
    }

    /// ECS's reasons for failed rollouts since the change began.
    #[must_use]
    pub fn rollouts(&self) -> &[String] {
        &self.rollouts
    }

    /// ECS's reason why the new version did not come up, or that it did not.
    #[must_use]
    pub fn reason(&self) -> String {
        let reason = self.rollouts.last().cloned().or_else(|| self.rollout.told());
        reason.unwrap_or_else(|| "the tasks of the new version did not come up".to_owned())
    }

    /// What was seen of its deployments that move traffic.
    #[must_use]
    pub fn shifts(&self) -> &ShiftTracker {
        &self.shifts
    }

    /// Names of the alarms that may have taken a deployment back: those that ECS names, else all that could.
    #[must_use]
    pub fn alarms(&self) -> &[String] {
        let ringing = self.shifts.failed().map(|failed| &failed.shift.ringing);
        if let Some(ringing) = ringing.filter(|ringing| !ringing.is_empty()) {
            return ringing;
        }
        let reason = self.shifts.failed().map(|failed| &failed.shift.reason);
        let said = self.messages.iter().chain(&self.rollouts).chain(reason).any(|text| says_alarm(text));
        if said { &self.alarms } else { &[] }
    }

    /// Tasks that were started since the change began and stopped, but not because fewer were wanted; oldest first.
    #[must_use]
    pub fn stopped(&self) -> Vec<&Task> {
        let mut stopped: Vec<&Task> = self.stopped.values().collect();
        stopped.sort_by_key(|task| task.stopped.unwrap_or(task.created));
        stopped
    }

    /// `family:number` of the task definition that is being rolled out; `None` before the first look.
    #[must_use]
    pub fn current(&self) -> Option<&String> {
        self.deployments.get(&self.rollout.primary()?.id).map(|deployment| &deployment.task_definition)
    }

    /// Targets as last seen unhealthy, with the ARN of their target group.
    #[must_use]
    pub fn unhealthy(&self) -> Vec<&(String, TargetHealth)> {
        self.unhealthy.values().collect()
    }

    /// What happened since the last look.
    pub fn take(&mut self, snapshot: &Snapshot) -> Vec<Event> {
        let mut events = vec![];
        self.take_messages(snapshot, &mut events);
        self.take_deployments(snapshot, &mut events);
        self.take_tasks(snapshot, &mut events);
        self.take_targets(snapshot, &mut events);
        self.rollout.take(&snapshot.service.deployments);
        self.take_shifts(snapshot, &mut events);
        self.first = false;
        events
    }

    fn take_messages(&mut self, snapshot: &Snapshot, events: &mut Vec<Event>) {
        for message in snapshot.service.messages.iter().rev() {
            if message.at < self.since || !self.seen_messages.insert(message.id.clone()) {
                continue;
            }
            let text = bare(&message.text);
            self.rollout.take_message(message.at, text);
            self.messages.push(text.to_owned());
            events.push(Event::ServiceMessage {
                stack: self.stack.clone(),
                service: self.name.clone(),
                message: text.to_owned(),
            });
        }
    }

    fn take_deployments(&mut self, snapshot: &Snapshot, events: &mut Vec<Event>) {
        for deployment in &snapshot.service.deployments {
            let now = event::Deployment {
                id: deployment.id.clone(),
                status: deployment.status.clone(),
                task_definition: revision(&deployment.task_definition),
                desired: deployment.desired,
                running: deployment.running,
                pending: deployment.pending,
                failed: deployment.failed,
                rollout: deployment.rollout.clone(),
                reason: deployment.reason.clone(),
            };
            let before = self.deployments.insert(now.id.clone(), now.clone());
            if before.as_ref() == Some(&now) {
                continue;
            }
            let failed_before = before.is_some_and(|before| before.rollout == "FAILED");
            // A rollout that failed before the change is old news.
            let is_news = deployment.updated >= self.since && !self.rollout.knows(&now.id);
            if now.rollout == "FAILED" && !failed_before && is_news {
                self.rollouts.push(now.reason.clone());
            }
            events.push(Event::Deployment {
                stack: self.stack.clone(),
                service: self.name.clone(),
                deployment: now,
            });
        }
    }

    fn take_shifts(&mut self, snapshot: &Snapshot, events: &mut Vec<Event>) {
        if !snapshot.service.alarms.is_empty() {
            self.alarms.clone_from(&snapshot.service.alarms);
        }
        events.extend(self.shifts.take(&snapshot.shifts).into_iter().map(|shift| Event::Shift {
            stack: self.stack.clone(),
            service: self.name.clone(),
            shift,
        }));
    }

    fn take_tasks(&mut self, snapshot: &Snapshot, events: &mut Vec<Event>) {
        for task in &snapshot.tasks {
            if task.stopped.is_some_and(|stopped| stopped < self.since) {
                continue;
            }
            let now = event::Task {
                id: task.id().to_owned(),
                task_definition: revision(&task.task_definition),
                status: task.status.clone(),
                health: task.health.clone(),
                stopped_reason: task.stopped_reason.clone(),
                containers: task
                    .containers
                    .iter()
                    .map(|container| event::Container {
                        name: container.name.clone(),
                        status: container.status.clone(),
                        exit_code: container.exit_code,
                        reason: container.reason.clone(),
                    })
                    .collect(),
            };
            let is_new = task.created >= self.since;
            if is_new && is_stopping(&task.status) && !is_scaling(&task.stopped_reason) {
                self.stopped.insert(now.id.clone(), task.clone());
            }
            let before = self.tasks.insert(now.id.clone(), now.clone());
            // Tasks that ran before the change only count once something happens to them.
            let silent = before.is_none() && self.first && !is_new;
            if before.as_ref() != Some(&now) && !silent {
                events.push(Event::Task { stack: self.stack.clone(), service: self.name.clone(), task: now });
            }
        }
    }

    fn take_targets(&mut self, snapshot: &Snapshot, events: &mut Vec<Event>) {
        for (group, health) in &snapshot.targets {
            let target = match health.port {
                0 => health.target.clone(),
                port => format!("{}:{port}", health.target),
            };
            if health.state == "unhealthy" {
                self.unhealthy.insert(format!("{group} {target}"), (group.clone(), health.clone()));
            }
            let reason = if health.description.is_empty() { &health.reason } else { &health.description };
            let now = (health.state.clone(), reason.clone());
            let before = self.targets.insert(format!("{group} {target}"), now.clone());
            let silent = before.is_none() && self.first && health.state == "healthy";
            if before.as_ref() != Some(&now) && !silent {
                events.push(Event::Target {
                    stack: self.stack.clone(),
                    service: self.name.clone(),
                    target,
                    state: now.0,
                    reason: now.1,
                });
            }
        }
    }
}

/// A message without its `(service …) ` prefix.
fn bare(message: &str) -> &str {
    match message.strip_prefix("(service ").and_then(|rest| rest.split_once(") ")) {
        Some((_, text)) => text,
        None => message,
    }
}

/// Whether ECS says that an alarm ended a deployment. Its message is "deployment failed: alarm detected.", its reason for the
/// status of a service deployment "Service deployment rolled back because of one or more active alarms."
pub(crate) fn says_alarm(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("alarm detected") || text.contains("active alarm")
}

/// `family:number` of a task definition's ARN.
pub(crate) fn revision(arn: &str) -> String {
    arn.rsplit('/').next().unwrap_or_default().to_owned()
}

fn is_stopping(status: &str) -> bool {
    matches!(status, "DEACTIVATING" | "STOPPING" | "DEPROVISIONING" | "STOPPED")
}

/// Whether a task ended because fewer tasks were wanted.
fn is_scaling(reason: &str) -> bool {
    reason.starts_with("Scaling activity initiated by")
}

#[cfg(test)]
impl ServiceTracker {
    /// Takes in a deployment that moves traffic.
    pub(super) fn note_shift(&mut self, found: ServiceDeployment) {
        self.shifts.take(&[found]);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::line;
    use super::*;
    use crate::aws::ecs::Message;
    use crate::aws::ecs::tasks::Container;

    fn service(deployments: Vec<ecs::Deployment>, messages: Vec<Message>) -> ecs::Service {
        ecs::Service {
            arn: "arn:aws:ecs:eu-west-1:1:service/c/api".into(),
            name: "api".into(),
            cluster: "c".into(),
            status: "ACTIVE".into(),
            task_definition: String::new(),
            desired: 1,
            running: 1,
            pending: 0,
            launch_type: "FARGATE".into(),
            capacity_providers: vec![],
            exec: false,
            target_groups: vec!["tg".into()],
            strategy: String::new(),
            current_deployment: String::new(),
            alarms: vec![],
            deployments,
            messages,
            created: 0,
            tags: BTreeMap::new(),
        }
    }

    fn deployment(id: &str, status: &str, running: u32, rollout: &str) -> ecs::Deployment {
        ecs::Deployment {
            id: id.into(),
            status: status.into(),
            task_definition: format!("arn:aws:ecs:eu-west-1:1:task-definition/shop-test-api:{id}"),
            desired: 1,
            running,
            pending: 0,
            failed: 0,
            rollout: rollout.into(),
            reason: format!("ECS deployment {id}"),
            created: 0,
            updated: 100_000,
        }
    }

    fn task(id: &str, created: i64, status: &str) -> Task {
        Task {
            arn: format!("arn:aws:ecs:eu-west-1:1:task/c/{id}"),
            task_definition: "arn:aws:ecs:eu-west-1:1:task-definition/shop-test-api:2".into(),
            status: status.into(),
            health: "UNKNOWN".into(),
            stop_code: String::new(),
            stopped_reason: String::new(),
            started_by: String::new(),
            group: String::new(),
            zone: String::new(),
            launch_type: String::new(),
            capacity_provider: String::new(),
            architecture: String::new(),
            cpu: String::new(),
            memory: String::new(),
            exec: false,
            private_ip: String::new(),
            network_interface: String::new(),
            created,
            started: None,
            stopped: None,
            containers: vec![Container {
                name: "api".into(),
                image: String::new(),
                digest: String::new(),
                status: status.into(),
                exit_code: None,
                reason: String::new(),
                health: "UNKNOWN".into(),
            }],
            tags: BTreeMap::new(),
        }
    }

    fn health(target: &str, state: &str) -> (String, TargetHealth) {
        let health = TargetHealth {
            target: target.into(),
            port: 8080,
            state: state.into(),
            reason: String::new(),
            description: String::new(),
        };
        ("tg".into(), health)
    }

    fn message(id: &str, at: i64, text: &str) -> Message {
        Message { id: id.into(), at, text: text.into() }
    }

    fn lines(events: &[Event]) -> Vec<String> {
        events.iter().map(line).collect()
    }

    #[test]
    fn a_deployment_from_look_to_look() {
        let mut tracker = ServiceTracker::new("s", "c", "api", 100_000);
        let old = message("0", 1, "(service api) has reached a steady state.");
        let first = Snapshot {
            service: service(
                vec![deployment("2", "PRIMARY", 0, "IN_PROGRESS"), deployment("1", "ACTIVE", 1, "COMPLETED")],
                vec![message("1", 101_000, "(service api) has started 1 tasks: (task new)."), old.clone()],
            ),
            tasks: vec![task("old", 1, "RUNNING"), task("new", 101_000, "PROVISIONING")],
            targets: vec![health("10.0.0.1", "healthy")],
            shifts: vec![],
        };
        assert_eq!(
            lines(&tracker.take(&first)),
            [
                "message has started 1 tasks: (task new).",
                "deployment PRIMARY 0/1 IN_PROGRESS",
                "deployment ACTIVE 1/1 COMPLETED",
                "task new PROVISIONING",
            ]
        );
        assert_eq!(tracker.take(&first), []);
        let mut last = first.clone();
        last.service.deployments = vec![deployment("2", "PRIMARY", 1, "COMPLETED")];
        last.tasks = vec![
            Task {
                stopped_reason: "Scaling activity initiated by (deployment ecs-svc/2)".into(),
                stopped: Some(110_000),
                ..task("old", 1, "STOPPED")
            },
            task("new", 101_000, "RUNNING"),
        ];
        last.targets = vec![health("10.0.0.1", "draining"), health("10.0.0.2", "healthy")];
        last.service.messages.insert(0, message("2", 111_000, "(service api) has reached a steady state."));
        assert_eq!(
            lines(&tracker.take(&last)),
            [
                "message has reached a steady state.",
                "deployment PRIMARY 1/1 COMPLETED",
                "task old STOPPED",
                "task new RUNNING",
                "target 10.0.0.1:8080 draining",
                "target 10.0.0.2:8080 healthy",
            ]
        );
        assert!(tracker.stopped().is_empty() && tracker.rollouts().is_empty());
    }

    #[test]
    fn what_fails_is_kept_as_evidence() {
        let mut tracker = ServiceTracker::new("s", "c", "api", 100_000);
        let failed = Snapshot {
            service: service(vec![deployment("2", "PRIMARY", 0, "FAILED")], vec![]),
            tasks: vec![
                Task { stopped: Some(1_000), ..task("long ago", 500, "STOPPED") },
                Task { stopped: Some(120_000), ..task("broken", 110_000, "STOPPED") },
            ],
            targets: vec![health("10.0.0.2", "unhealthy")],
            shifts: vec![],
        };
        tracker.take(&failed);
        // The rollback takes the target away and ECS forgets the task; the evidence stays.
        let gone = service(vec![], vec![]);
        tracker.take(&Snapshot { service: gone, tasks: vec![], targets: vec![], shifts: vec![] });
        assert_eq!(tracker.stopped().iter().map(|task| task.id()).collect::<Vec<_>>(), ["broken"]);
        assert_eq!(tracker.unhealthy().len(), 1);
        assert_eq!(tracker.rollouts(), ["ECS deployment 2"]);
    }
}
