//! What the status of a service looks like.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::{ago, last_part, short};
use super::{Deployment, Status, Task};
use crate::page::{Bar, Body, Cell, Mark, Page, Paged};

/// Messages of the service that are shown.
const EVENTS: usize = 5;

impl Paged for Status {
    fn page(&self, now: Timestamp) -> Page {
        let warnings = self.warnings.iter().map(|text| Cell::new(text.as_str(), Mark::Dim)).collect();
        Page::new()
            .with("Task Summary", Body::Bars(self.bars()))
            .with("Deployments", self.deployments(now))
            .with("Traffic Shift", self.traffic_shift(now))
            .with("Tasks", self.running_tasks(now))
            .with("Stopped Tasks", self.stopped(now))
            .with("Alarms", self.alarm_table(now))
            .with("Last Events", self.last_events(now))
            .with("Not Shown", Body::Lines(warnings))
    }
}

fn count(value: i64) -> u64 {
    value.try_into().unwrap_or(0)
}

fn health_mark(health: &str) -> Mark {
    match health.to_ascii_lowercase().as_str() {
        "healthy" | "ok" | "completed" => Mark::Good,
        "unhealthy" | "alarm" | "failed" | "unavailable" => Mark::Bad,
        _ => Mark::Plain,
    }
}

fn word(text: &str) -> Cell {
    if text.is_empty() { Cell::or_dash("") } else { Cell::new(text, health_mark(text)) }
}

/// Counted words, such as `2/3 healthy`, of what there is.
fn bar(label: &str, value: usize, max: usize, note: &str) -> Bar {
    let count = |value: usize| u64::try_from(value).unwrap_or(u64::MAX);
    Bar { label: label.to_owned(), value: count(value), max: count(max), note: note.to_owned() }
}

impl Status {
    fn bars(&self) -> Vec<Bar> {
        let service = &self.service;
        let mut note = "desired tasks are running".to_owned();
        if service.pending_count > 0 {
            note.push_str(&format!(", {} pending", service.pending_count));
        }
        let mut bars = vec![Bar {
            label: "Running".to_owned(),
            value: count(service.running_count),
            max: count(service.desired_count),
            note,
        }];
        if let Some(shift) = &service.traffic_shift
            && let Some(new) = shift.new_percent
        {
            let note = format!("percent of the traffic go to the new version ({})", shift.shift.word());
            bars.push(Bar { label: "Traffic".to_owned(), value: new.round() as u64, max: 100, note });
        }
        let running: Vec<&Task> = self.tasks.iter().filter(|task| task.last_status == "RUNNING").collect();
        if running.iter().any(|task| matches!(task.health.as_str(), "HEALTHY" | "UNHEALTHY")) {
            let healthy = running.iter().filter(|task| task.health == "HEALTHY").count();
            bars.push(bar("Health", healthy, running.len(), "pass their container health checks"));
        }
        let behind: Vec<bool> = running.iter().filter_map(|task| self.passes(task)).collect();
        if !behind.is_empty() {
            let healthy = behind.iter().filter(|healthy| **healthy).count();
            bars.push(bar("Targets", healthy, behind.len(), "pass the health checks of their load balancer"));
        }
        let mut providers: BTreeMap<&str, usize> = BTreeMap::new();
        for task in running.iter().filter(|task| !task.capacity_provider.is_empty()) {
            *providers.entry(&task.capacity_provider).or_default() += 1;
        }
        if providers.len() > 1 {
            for (provider, number) in providers {
                bars.push(bar("Capacity", number, running.len(), &format!("on {provider}")));
            }
        }
        bars
    }

    /// Whether all targets of `task` are healthy; `None` when it has none.
    fn passes(&self, task: &Task) -> Option<bool> {
        let mut states = self.targets_of(task).peekable();
        states.peek()?;
        Some(states.all(|state| state == "healthy"))
    }

    fn targets_of<'a>(&'a self, task: &'a Task) -> impl Iterator<Item = &'a str> {
        self.target_health_descriptions
            .iter()
            .filter(|target| target.task_id == task.id)
            .map(|target| target.health_status.state.as_str())
    }

    fn deployments(&self, now: Timestamp) -> Body {
        let row = |deployment: &Deployment| {
            let mut state = vec![deployment.rollout_state.as_str()];
            if !deployment.rollout_state_reason.is_empty() {
                state.push(&deployment.rollout_state_reason);
            }
            let failed = match deployment.failed_tasks {
                0 => Cell::or_dash(""),
                failed => Cell::new(failed.to_string(), Mark::Bad),
            };
            vec![
                Cell::from(deployment.status.as_str()),
                Cell::from(last_part(&deployment.task_definition)),
                Cell::from(format!("{}/{}", deployment.running_count, deployment.desired_count)),
                failed,
                Cell::or_dash(ago(deployment.updated_at, now)),
                Cell { text: state.join(": "), mark: health_mark(&deployment.rollout_state) },
            ]
        };
        Body::table(
            &["Deployment", "Revision", "Running", "Failed", "Updated", "Rollout"],
            self.service.deployments.iter().map(row).collect(),
        )
    }

    fn traffic_shift(&self, now: Timestamp) -> Body {
        let rows = self.service.traffic_shift.iter().map(|found| {
            let shift = &found.shift;
            let mut words = shift.words(Some(now.as_millisecond()));
            if shift.has_failed() && !shift.reason.is_empty() {
                words = format!("{words}: {}", shift.reason);
            }
            let failed = if shift.has_failed() { Mark::Bad } else { Mark::Plain };
            vec![
                Cell::from(shift.word()),
                Cell::or_dash(shift.stage.as_str()),
                Cell::or_dash(shift.shares()),
                Cell::new(shift.status.as_str(), failed),
                Cell::from(words),
            ]
        });
        Body::table(&["Strategy", "Stage", "Traffic", "Status", "Now"], rows.collect())
    }

    fn running_tasks(&self, now: Timestamp) -> Body {
        let row = |task: &Task| {
            let mut states: Vec<&str> = self.targets_of(task).collect();
            states.sort_unstable();
            states.dedup();
            let mark = states.iter().map(|state| health_mark(state)).find(|mark| *mark != Mark::Good);
            let targets = if states.is_empty() {
                Cell::or_dash("")
            } else {
                Cell::new(states.join(", "), mark.unwrap_or(Mark::Good))
            };
            vec![
                Cell::from(short(&task.id)),
                Cell::from(task.last_status.as_str()),
                Cell::from(last_part(&task.task_definition_arn)),
                Cell::or_dash(ago(task.started_at, now)),
                Cell::or_dash(task.capacity_provider.as_str()),
                word(&task.health),
                targets,
            ]
        };
        Body::table(
            &["ID", "Status", "Revision", "Started At", "Capacity", "Cont. Health", "HTTP Health"],
            self.tasks.iter().map(row).collect(),
        )
    }

    fn stopped(&self, now: Timestamp) -> Body {
        let row = |task: &Task| {
            vec![
                Cell::from(short(&task.id)),
                Cell::from(last_part(&task.task_definition_arn)),
                Cell::or_dash(ago(task.stopped_at, now)),
                Cell::new(exits(task), if failed(task) { Mark::Bad } else { Mark::Plain }),
                Cell::or_dash(task.stopped_reason.as_str()),
            ]
        };
        Body::table(
            &["ID", "Revision", "Stopped At", "Containers", "Reason"],
            self.stopped_tasks.iter().map(row).collect(),
        )
    }

    fn alarm_table(&self, now: Timestamp) -> Body {
        let rows = self.alarms.iter().map(|alarm| {
            vec![
                Cell::from(alarm.name.as_str()),
                Cell::from(alarm.kind.as_str()),
                Cell::from(alarm.condition.as_str()),
                Cell::or_dash(ago(alarm.updated_times, now)),
                word(&alarm.status),
            ]
        });
        Body::table(&["Name", "Type", "Condition", "Last Updated", "Health"], rows.collect())
    }

    fn last_events(&self, now: Timestamp) -> Body {
        let rows =
            self.events.iter().take(EVENTS).map(|event| {
                vec![Cell::or_dash(ago(event.created_at, now)), Cell::from(event.message.as_str())]
            });
        Body::table(&["When", "Message"], rows.collect())
    }
}

/// Whether a container of the task ended badly.
fn failed(task: &Task) -> bool {
    task.containers.iter().any(|container| {
        container.exit_code.is_some_and(|code| code != 0)
            || (container.exit_code.is_none() && !container.reason.is_empty())
    })
}

/// How each container of a stopped task ended, such as `api exit code 137 (OutOfMemoryError)`.
fn exits(task: &Task) -> String {
    let ends = task.containers.iter().map(|container| {
        let code = container.exit_code.map_or("never started".to_owned(), |code| format!("exit code {code}"));
        match container.reason.as_str() {
            "" => format!("{} {code}", container.name),
            reason => format!("{} {code} ({reason})", container.name),
        }
    });
    ends.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::super::{Alarm, Container, Event, HealthStatus, Image, Service, TargetHealth};
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    fn status() -> Status {
        let definition =
            |revision: u32| format!("arn:aws:ecs:eu-west-1:1:task-definition/shop-test-api:{revision}");
        Status {
            service: Service {
                desired_count: 2,
                running_count: 1,
                pending_count: 1,
                status: "ACTIVE".into(),
                deployments: vec![
                    Deployment {
                        id: "ecs-svc/2".into(),
                        desired_count: 2,
                        failed_tasks: 1,
                        updated_at: Some(NOW - 60_000),
                        created_at: Some(NOW - 90_000),
                        task_definition: definition(7),
                        status: "PRIMARY".into(),
                        rollout_state: "IN_PROGRESS".into(),
                        rollout_state_reason: "ECS deployment ecs-svc/2 in progress.".into(),
                        ..Deployment::default()
                    },
                    Deployment {
                        id: "ecs-svc/1".into(),
                        desired_count: 1,
                        running_count: 1,
                        updated_at: Some(NOW - 86_400_000),
                        task_definition: definition(6),
                        status: "ACTIVE".into(),
                        rollout_state: "COMPLETED".into(),
                        ..Deployment::default()
                    },
                ],
                last_deployment_at: Some(NOW - 60_000),
                task_definition: definition(7),
                name: "shop-test-api-Service-1".into(),
                cluster: "shop-test-Cluster-1".into(),
                traffic_shift: None,
            },
            tasks: vec![Task {
                health: "HEALTHY".into(),
                id: "0123456789abcdef".into(),
                images: vec![Image { id: "repo/api:1".into(), digest: "abc".into() }],
                last_status: "RUNNING".into(),
                started_at: Some(NOW - 3_600_000),
                capacity_provider: "FARGATE".into(),
                task_definition_arn: definition(6),
                addresses: vec!["10.0.0.1".into()],
                ..Task::default()
            }],
            alarms: vec![Alarm {
                arn: "arn:alarm".into(),
                name: "shop-test-api-CopilotRollbackCPUAlarm".into(),
                condition: "CPUUtilization > 70 for 2 datapoints within 2 minutes".into(),
                status: "ALARM".into(),
                kind: "Rollback".into(),
                updated_times: Some(NOW - 120_000),
            }],
            stopped_tasks: vec![Task {
                health: "UNKNOWN".into(),
                id: "fedcba9876543210".into(),
                last_status: "STOPPED".into(),
                stopped_at: Some(NOW - 30_000),
                stopped_reason: "Essential container in task exited".into(),
                stop_code: "EssentialContainerExited".into(),
                task_definition_arn: definition(7),
                containers: vec![
                    Container {
                        name: "api".into(),
                        exit_code: Some(137),
                        reason: "OutOfMemoryError".into(),
                        ..Container::default()
                    },
                    Container { name: "nginx".into(), exit_code: Some(0), ..Container::default() },
                ],
                ..Task::default()
            }],
            target_health_descriptions: vec![TargetHealth {
                health_status: HealthStatus {
                    target_id: "10.0.0.1".into(),
                    state: "healthy".into(),
                    ..HealthStatus::default()
                },
                task_id: "0123456789abcdef".into(),
                target_group: "arn:group".into(),
            }],
            events: vec![Event {
                created_at: Some(NOW - 31_000),
                message: "has started 1 tasks: (task fedcba).".into(),
            }],
            warnings: vec![],
        }
    }

    #[test]
    fn json_has_the_fields_scripts_read() {
        insta::assert_snapshot!(serde_json::to_string_pretty(&status()).unwrap(), @r#"
        {
          "Service": {
            "desiredCount": 2,
            "runningCount": 1,
            "pendingCount": 1,
            "status": "ACTIVE",
            "deployments": [
              {
                "id": "ecs-svc/2",
                "desiredCount": 2,
                "runningCount": 0,
                "pendingCount": 0,
                "failedTasks": 1,
                "createdAt": "2023-11-14T22:11:50Z",
                "updatedAt": "2023-11-14T22:12:20Z",
                "launchType": "",
                "taskDefinition": "arn:aws:ecs:eu-west-1:1:task-definition/shop-test-api:7",
                "status": "PRIMARY",
                "rolloutState": "IN_PROGRESS",
                "rolloutStateReason": "ECS deployment ecs-svc/2 in progress."
              },
              {
                "id": "ecs-svc/1",
                "desiredCount": 1,
                "runningCount": 1,
                "pendingCount": 0,
                "failedTasks": 0,
                "createdAt": null,
                "updatedAt": "2023-11-13T22:13:20Z",
                "launchType": "",
                "taskDefinition": "arn:aws:ecs:eu-west-1:1:task-definition/shop-test-api:6",
                "status": "ACTIVE",
                "rolloutState": "COMPLETED",
                "rolloutStateReason": ""
              }
            ],
            "lastDeploymentAt": "2023-11-14T22:12:20Z",
            "taskDefinition": "arn:aws:ecs:eu-west-1:1:task-definition/shop-test-api:7",
            "name": "shop-test-api-Service-1",
            "cluster": "shop-test-Cluster-1"
          },
          "tasks": [
            {
              "health": "HEALTHY",
              "id": "0123456789abcdef",
              "images": [
                {
                  "ID": "repo/api:1",
                  "Digest": "abc"
                }
              ],
              "lastStatus": "RUNNING",
              "startedAt": "2023-11-14T21:13:20Z",
              "stoppedAt": null,
              "stoppedReason": "",
              "stopCode": "",
              "capacityProvider": "FARGATE",
              "taskDefinitionARN": "arn:aws:ecs:eu-west-1:1:task-definition/shop-test-api:6",
              "containers": [],
              "addresses": [
                "10.0.0.1"
              ],
              "availabilityZone": ""
            }
          ],
          "alarms": [
            {
              "arn": "arn:alarm",
              "name": "shop-test-api-CopilotRollbackCPUAlarm",
              "condition": "CPUUtilization > 70 for 2 datapoints within 2 minutes",
              "status": "ALARM",
              "type": "Rollback",
              "updatedTimes": "2023-11-14T22:11:20Z"
            }
          ],
          "stoppedTasks": [
            {
              "health": "UNKNOWN",
              "id": "fedcba9876543210",
              "images": [],
              "lastStatus": "STOPPED",
              "startedAt": null,
              "stoppedAt": "2023-11-14T22:12:50Z",
              "stoppedReason": "Essential container in task exited",
              "stopCode": "EssentialContainerExited",
              "capacityProvider": "",
              "taskDefinitionARN": "arn:aws:ecs:eu-west-1:1:task-definition/shop-test-api:7",
              "containers": [
                {
                  "name": "api",
                  "lastStatus": "",
                  "health": "",
                  "exitCode": 137,
                  "reason": "OutOfMemoryError"
                },
                {
                  "name": "nginx",
                  "lastStatus": "",
                  "health": "",
                  "exitCode": 0,
                  "reason": ""
                }
              ],
              "addresses": [],
              "availabilityZone": ""
            }
          ],
          "targetHealthDescriptions": [
            {
              "healthStatus": {
                "targetID": "10.0.0.1",
                "description": "",
                "state": "healthy",
                "reason": ""
              },
              "taskID": "0123456789abcdef",
              "targetGroup": "arn:group"
            }
          ],
          "events": [
            {
              "createdAt": "2023-11-14T22:12:49Z",
              "message": "has started 1 tasks: (task fedcba)."
            }
          ],
          "warnings": []
        }
        "#);
    }

    #[test]
    fn shows_what_runs_and_why_the_rest_does_not() {
        let page = status().page(Timestamp::from_millisecond(NOW).unwrap());
        insta::assert_snapshot!(crate::describe::testing::text(&page), @r#"
        # Task Summary
        Running 1/2 desired tasks are running, 1 pending
        Health 1/1 pass their container health checks
        Targets 1/1 pass the health checks of their load balancer
        # Deployments
        Deployment | Revision | Running | Failed | Updated | Rollout
        PRIMARY | shop-test-api:7 | 0/2 | 1 | 1 minute ago | IN_PROGRESS: ECS deployment ecs-svc/2 in progress.
        ACTIVE | shop-test-api:6 | 1/1 | - | 1 day ago | COMPLETED
        # Tasks
        ID | Status | Revision | Started At | Capacity | Cont. Health | HTTP Health
        01234567 | RUNNING | shop-test-api:6 | 1 hour ago | FARGATE | HEALTHY | healthy
        # Stopped Tasks
        ID | Revision | Stopped At | Containers | Reason
        fedcba98 | shop-test-api:7 | 30 seconds ago | api exit code 137 (OutOfMemoryError); nginx exit code 0 | Essential container in task exited
        # Alarms
        Name | Type | Condition | Last Updated | Health
        shop-test-api-CopilotRollbackCPUAlarm | Rollback | CPUUtilization > 70 for 2 datapoints within 2 minutes | 2 minutes ago | ALARM
        # Last Events
        When | Message
        31 seconds ago | has started 1 tasks: (task fedcba).
        "#);
    }

    #[test]
    fn a_deployment_that_moves_traffic_says_how_far_it_is() {
        use crate::event::{Share, Shift};

        let mut status = status();
        let mut shift = Shift {
            strategy: "LINEAR".into(),
            status: "IN_PROGRESS".into(),
            stage: "BAKE_TIME".into(),
            stage_since: NOW - 190_000,
            production: Some(Share { old: 0.0, new: 100.0 }),
            bake_minutes: 10,
            ..Shift::default()
        };
        let shown = |status: &Status| {
            let page =
                crate::describe::testing::text(&status.page(Timestamp::from_millisecond(NOW).unwrap()));
            let lines = page.lines().filter(|line| line.contains("Traffic") || line.contains("linear"));
            lines.map(|line| format!("{line}\n")).collect::<String>()
        };
        status.service.traffic_shift = Some(super::super::TrafficShift {
            new_percent: Some(100.0),
            shift: shift.clone(),
            ..Default::default()
        });
        insta::assert_snapshot!(shown(&status), @r#"
        Traffic 100/100 percent of the traffic go to the new version (linear)
        # Traffic Shift
        Strategy | Stage | Traffic | Status | Now
        linear | BAKE_TIME | 100% new | IN_PROGRESS | bake time: 3 of 10 min, then the old tasks end
        "#);
        shift.status = "ROLLBACK_IN_PROGRESS".into();
        shift.reason = "Service deployment rolled back because of one or more active alarms.".into();
        status.service.traffic_shift = Some(super::super::TrafficShift { shift, ..Default::default() });
        insta::assert_snapshot!(shown(&status), @r#"
        # Traffic Shift
        Strategy | Stage | Traffic | Status | Now
        linear | BAKE_TIME | 100% new | ROLLBACK_IN_PROGRESS | moving traffic back to the old version: Service deployment rolled back because of one or more active alarms.
        "#);
    }

    #[test]
    fn a_target_that_fails_decides_over_those_that_pass() {
        let mut status = status();
        status.target_health_descriptions.push(TargetHealth {
            health_status: HealthStatus { state: "unhealthy".into(), ..HealthStatus::default() },
            task_id: "0123456789abcdef".into(),
            target_group: "arn:other".into(),
        });
        assert_eq!(status.passes(&status.tasks[0]), Some(false));
        assert_eq!(status.passes(&status.stopped_tasks[0]), None);
        let Body::Table { rows, .. } = status.running_tasks(Timestamp::UNIX_EPOCH) else {
            panic!("no table")
        };
        assert_eq!(rows[0][6], Cell::new("healthy, unhealthy", Mark::Bad));
    }
}
