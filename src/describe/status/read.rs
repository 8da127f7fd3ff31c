//! Reading the status of a service from AWS.

use futures_util::future::try_join_all;
use futures_util::{join, try_join};

use super::super::{Error, Target, last_part};
use super::{
    Alarm, Container, Deployment, Event, HealthStatus, Image, Service, Status, TargetHealth, Task,
    TrafficShift,
};
use crate::aws::ecs::deployments::ServiceDeployment;
use crate::aws::ecs::tasks::Filter;
use crate::aws::{self, Connection, cloudwatch, ecs, elbv2};
use crate::event::{Phase, Share, Shift};

/// Messages of the service that are kept.
const EVENTS: usize = 10;
/// A service deployment is made a moment before or after the deployment that it consists of, in milliseconds.
const SKEW: i64 = 60_000;

/// Reads how the service is doing, through the connection of the environment's manager role.
///
/// # Errors
/// [`Error::NotDeployed`] without a stack, [`Error::Missing`] when the stack holds no ECS service, and what AWS reports.
/// Alarms and targets that may not be read are told in [`Status::warnings`] instead.
pub async fn status(manager: &Connection, target: &Target) -> Result<Status, Error> {
    let (cluster, name) = find(manager, target).await?;
    let door = manager.ecs();
    let by_service = |stopped| Filter { service: Some(&name), stopped, ..Filter::default() };
    let names = [name.as_str()];
    let (services, running, stopped) = try_join!(
        door.services(&cluster, &names),
        door.task_arns(&cluster, by_service(false)),
        door.task_arns(&cluster, by_service(true)),
    )?;
    let service = services.into_iter().next().ok_or_else(|| missing(target, ""))?;
    let arns: Vec<String> = running.iter().chain(&stopped).cloned().collect();
    let (tasks, targets, alarms, shift) = join!(
        door.tasks(&cluster, &arns),
        targets(manager, &service.target_groups),
        alarms(manager, target, last_part(&cluster), &service.name),
        traffic_shift(&door, &service),
    );
    let mut warnings = vec![];
    let shift = shift.unwrap_or_else(|error| {
        warnings.push(format!("traffic shift: {error}"));
        None
    });
    let targets = targets.unwrap_or_else(|error| {
        warnings.push(format!("targets: {error}"));
        vec![]
    });
    let alarms = alarms.unwrap_or_else(|error| {
        warnings.push(format!("alarms: {error}"));
        vec![]
    });
    let mut status = Status { warnings, ..assemble(&service, tasks?, targets, alarms) };
    status.service.traffic_shift = shift;
    Ok(status)
}

/// The deployment that moves the service's traffic right now; nothing is asked about a rolling service.
async fn traffic_shift(door: &ecs::Ecs, service: &ecs::Service) -> Result<Option<TrafficShift>, aws::Error> {
    if !service.shifts_traffic() {
        return Ok(None);
    }
    let arn = if service.current_deployment.is_empty() {
        let newest = service.deployments.iter().map(|deployment| deployment.created).max();
        let since = newest.unwrap_or_default() - SKEW;
        door.service_deployment_arns(&service.cluster, &service.name, since).await?.into_iter().next()
    } else {
        Some(service.current_deployment.clone())
    };
    let Some(arn) = arn else { return Ok(None) };
    let found = door.service_deployments(&[&arn]).await?;
    Ok(found.iter().find(|found| found.shifts_traffic()).and_then(shown))
}

/// A deployment as it is shown; `None` for one that is over.
fn shown(found: &ServiceDeployment) -> Option<TrafficShift> {
    let share = |(old, new)| Share { old, new };
    let shift = Shift {
        strategy: found.strategy.clone(),
        status: found.status.clone(),
        reason: found.reason.clone(),
        stage: found.stage.clone(),
        stage_since: found.updated,
        traffic_since: found.updated,
        production: found.production().map(share),
        test: found.test().map(share),
        bake_minutes: found.bake_minutes,
        step_percent: found.step_percent,
        step_bake_minutes: found.step_bake_minutes,
        ..Shift::default()
    };
    (shift.phase() != Phase::Over).then(|| TrafficShift {
        id: last_part(&found.arn).to_owned(),
        strategy: found.strategy.clone(),
        status: found.status.clone(),
        status_reason: found.reason.clone(),
        lifecycle_stage: found.stage.clone(),
        updated_at: Some(found.updated),
        new_percent: shift.production.map(|share| share.new),
        old_percent: shift.production.map(|share| share.old),
        test_percent: shift.test.map(|share| share.new),
        bake_minutes: found.bake_minutes,
        step_percent: found.step_percent,
        step_bake_minutes: found.step_bake_minutes,
        ringing_alarms: found.ringing.clone(),
        shift,
    })
}

/// Cluster and service (ARNs) of the workload: by tags, else as the stack has it.
///
/// # Errors
/// [`Error::NotDeployed`] without a stack, [`Error::Missing`] when the stack holds no ECS service, and what AWS reports.
pub async fn find(manager: &Connection, target: &Target) -> Result<(String, String), Error> {
    // The tags of a deleted service stay findable for a while, and a new one is not findable at once: the stack decides.
    let tagged = match manager.tagging().resources(&["ecs:service"], &target.tags()).await {
        Ok(found) => found.into_iter().map(|resource| resource.arn).collect(),
        Err(error) if matches!(error.kind, aws::Kind::AccessDenied { .. }) => vec![],
        Err(error) => return Err(error.into()),
    };
    if let [only] = tagged.as_slice()
        && let Some(found) = cluster_of(only)
    {
        let names = [only.as_str()];
        match manager.ecs().services(&found.0, &names).await {
            Ok(services) if services.iter().any(|service| service.status == "ACTIVE") => return Ok(found),
            Ok(_) => {}
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(error.into()),
        }
    }
    let stack = target.stack();
    let resources = manager.cloudformation().resources(&stack).await?.ok_or_else(|| target.not_deployed())?;
    let arn = resources
        .iter()
        .filter(|resource| resource.status != "DELETE_COMPLETE" && !resource.physical_id.is_empty())
        .find(|resource| resource.resource_type == "AWS::ECS::Service");
    let arn = arn.ok_or_else(|| {
        let holds = |kind: &str| resources.iter().any(|resource| resource.resource_type == kind);
        let hint = if holds("AWS::StepFunctions::StateMachine") {
            "; it is a scheduled job"
        } else if holds(super::super::apprunner::SERVICE) {
            "; it runs on App Runner"
        } else if holds("AWS::CloudFront::Distribution") {
            "; it is a static site"
        } else {
            "; its last deployment may have failed"
        };
        missing(target, hint)
    })?;
    cluster_of(&arn.physical_id).ok_or_else(|| missing(target, "; its ARN has no cluster"))
}

fn missing(target: &Target, hint: &str) -> Error {
    Error::Missing { stack: target.stack(), what: "ECS service", hint: hint.to_owned() }
}

/// ARNs of cluster and service out of `arn:…:service/<cluster>/<name>`.
fn cluster_of(arn: &str) -> Option<(String, String)> {
    let (head, rest) = arn.split_once(":service/")?;
    let (cluster, _) = rest.split_once('/')?;
    Some((format!("{head}:cluster/{cluster}"), arn.to_owned()))
}

/// Health of all targets, with the target group of each.
async fn targets(
    manager: &Connection,
    groups: &[String],
) -> Result<Vec<(String, elbv2::TargetHealth)>, aws::Error> {
    let door = manager.elbv2();
    let found = try_join_all(groups.iter().map(|group| door.target_health(group))).await?;
    Ok(groups
        .iter()
        .zip(found)
        .flat_map(|(group, targets)| targets.into_iter().map(|target| (group.clone(), target)))
        .collect())
}

/// Alarms that watch the service: those that roll it back, those that scale it, and the user's own with its tags.
async fn alarms(
    manager: &Connection,
    target: &Target,
    cluster: &str,
    service: &str,
) -> Result<Vec<Alarm>, aws::Error> {
    let door = manager.cloudwatch();
    let tagging = manager.tagging();
    let rollback = format!("{}-CopilotRollback", target.full_name());
    // The names that target tracking policies give their alarms.
    let scaling = format!("TargetTracking-service/{cluster}/{service}-");
    let (types, tags) = (["cloudwatch:alarm"], target.tags());
    let (rollback, scaling, tagged) = try_join!(
        door.alarms_with_prefix(&rollback),
        door.alarms_with_prefix(&scaling),
        tagging.resources(&types, &tags),
    )?;
    let known = |name: &str| rollback.iter().chain(&scaling).any(|alarm| alarm.name == name);
    let own: Vec<&str> = tagged
        .iter()
        .filter_map(|resource| resource.arn.split_once(":alarm:").map(|(_, name)| name))
        .filter(|name| !known(name))
        .collect();
    let own = door.alarms_named(&own).await?;
    let kinds = [(own, "Custom"), (scaling, "Auto Scaling"), (rollback, "Rollback")];
    Ok(kinds
        .into_iter()
        .flat_map(|(alarms, kind)| alarms.into_iter().map(move |found| alarm(&found, kind)))
        .collect())
}

fn alarm(found: &cloudwatch::Alarm, kind: &str) -> Alarm {
    Alarm {
        arn: found.arn.clone(),
        name: found.name.clone(),
        condition: condition(found),
        status: found.state.clone(),
        kind: kind.to_owned(),
        updated_times: found.updated.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond),
    }
}

/// When an alarm goes off, such as `CPUUtilization > 70 for 2 datapoints within 10 minutes`.
pub fn condition(alarm: &cloudwatch::Alarm) -> String {
    let operator = match alarm.comparison_operator.as_str() {
        "GreaterThanThreshold" => ">",
        "GreaterThanOrEqualToThreshold" => ">=",
        "LessThanThreshold" => "<",
        "LessThanOrEqualToThreshold" => "<=",
        _ => return "outside its expected band".to_owned(),
    };
    let metric = if alarm.metric_name.is_empty() { "expression" } else { &alarm.metric_name };
    let threshold = alarm.threshold.map_or("its threshold".to_owned(), |threshold| threshold.to_string());
    let mut text = format!("{metric} {operator} {threshold}");
    if let Some(periods) = alarm.evaluation_periods {
        let points = alarm.datapoints_to_alarm.unwrap_or(periods);
        text.push_str(&format!(" for {points} datapoint{}", if points == 1 { "" } else { "s" }));
        if let Some(period) = alarm.period {
            text.push_str(&format!(" within {}", duration(u64::from(periods) * u64::from(period))));
        }
    }
    text
}

/// Seconds as people say them, in the largest unit that fits without a rest.
fn duration(seconds: u64) -> String {
    let (count, unit) = match seconds {
        seconds if seconds >= 3_600 && seconds.is_multiple_of(3_600) => (seconds / 3_600, "hour"),
        seconds if seconds >= 60 && seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        seconds => (seconds, "second"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

/// The view out of what AWS said.
fn assemble(
    service: &ecs::Service,
    tasks: Vec<ecs::tasks::Task>,
    targets: Vec<(String, elbv2::TargetHealth)>,
    alarms: Vec<Alarm>,
) -> Status {
    let (mut stopped, running): (Vec<Task>, Vec<Task>) =
        tasks.iter().map(task).partition(|task| task.last_status == "STOPPED");
    stopped.sort_by_key(|task| std::cmp::Reverse(task.stopped_at));
    let task_of = |address: &str| {
        let mut known = running.iter().chain(&stopped);
        known
            .find(|task| task.addresses.iter().any(|own| own == address))
            .map(|task| task.id.clone())
            .unwrap_or_default()
    };
    let target_health_descriptions = targets
        .into_iter()
        .map(|(group, target)| TargetHealth {
            task_id: task_of(&target.target),
            health_status: HealthStatus {
                target_id: target.target,
                description: target.description,
                state: target.state,
                reason: target.reason,
            },
            target_group: group,
        })
        .collect();
    let mut deployments: Vec<Deployment> =
        service.deployments.iter().map(|found| deployment(found, &service.launch_type)).collect();
    deployments.sort_by_key(|deployment| deployment.status != "PRIMARY");
    Status {
        service: Service {
            desired_count: service.desired.into(),
            running_count: service.running.into(),
            pending_count: service.pending.into(),
            status: service.status.clone(),
            last_deployment_at: deployments.first().and_then(|deployment| deployment.updated_at),
            deployments,
            task_definition: service.task_definition.clone(),
            name: service.name.clone(),
            cluster: last_part(&service.cluster).to_owned(),
            traffic_shift: None,
        },
        tasks: running,
        alarms,
        stopped_tasks: stopped,
        target_health_descriptions,
        events: service.messages.iter().take(EVENTS).map(event).collect(),
        warnings: vec![],
    }
}

fn deployment(found: &ecs::Deployment, launch_type: &str) -> Deployment {
    Deployment {
        id: found.id.clone(),
        desired_count: found.desired.into(),
        running_count: found.running.into(),
        pending_count: found.pending.into(),
        failed_tasks: found.failed.into(),
        created_at: Some(found.created),
        updated_at: Some(found.updated),
        launch_type: launch_type.to_owned(),
        task_definition: found.task_definition.clone(),
        status: found.status.clone(),
        rollout_state: found.rollout.clone(),
        rollout_state_reason: found.reason.clone(),
    }
}

fn task(found: &ecs::tasks::Task) -> Task {
    Task {
        health: found.health.clone(),
        id: found.id().to_owned(),
        images: found
            .containers
            .iter()
            .map(|container| Image {
                id: container.image.clone(),
                digest: container.digest.strip_prefix("sha256:").unwrap_or(&container.digest).to_owned(),
            })
            .collect(),
        last_status: found.status.clone(),
        started_at: found.started,
        stopped_at: found.stopped,
        stopped_reason: found.stopped_reason.clone(),
        stop_code: found.stop_code.clone(),
        capacity_provider: found.capacity_provider.clone(),
        task_definition_arn: found.task_definition.clone(),
        containers: found
            .containers
            .iter()
            .map(|container| Container {
                name: container.name.clone(),
                last_status: container.status.clone(),
                health: container.health.clone(),
                exit_code: container.exit_code,
                reason: container.reason.clone(),
            })
            .collect(),
        addresses: Some(found.private_ip.clone()).filter(|address| !address.is_empty()).into_iter().collect(),
        availability_zone: found.zone.clone(),
    }
}

/// A message without the name of the service, which every one begins with.
fn event(found: &ecs::Message) -> Event {
    let message = match found.text.strip_prefix("(service ").and_then(|rest| rest.split_once(") ")) {
        Some((_, message)) => message,
        None => &found.text,
    };
    Event { created_at: Some(found.at), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{self, Answer, Request};

    fn target() -> Target {
        Target {
            app: "shop".parse().unwrap(),
            env: "test".parse().unwrap(),
            workload: "api".parse().unwrap(),
        }
    }

    const SERVICE: &str =
        "arn:aws:ecs:eu-west-1:111111111111:service/shop-test-Cluster-1/shop-test-api-Service-1";

    fn ecs(request: &Request) -> Answer {
        match request.action.as_str() {
            "GetResources" if request.body.contains("ecs:service") => testing::json(
                200,
                &format!(r#"{{"ResourceTagMappingList": [{{"ResourceARN": "{SERVICE}", "Tags": []}}]}}"#),
            ),
            "DescribeServices" => testing::json(
                200,
                &format!(
                    r#"{{"services": [{{"serviceArn": "{SERVICE}", "serviceName": "shop-test-api-Service-1", "status": "ACTIVE",
                    "clusterArn": "arn:aws:ecs:eu-west-1:111111111111:cluster/shop-test-Cluster-1",
                    "desiredCount": 1, "runningCount": 1, "pendingCount": 0, "launchType": "FARGATE",
                    "loadBalancers": [{{"targetGroupArn": "arn:group"}}],
                    "deployments": [
                      {{"id": "ecs-svc/1", "status": "ACTIVE", "rolloutState": "FAILED", "rolloutStateReason": "ECS deployment circuit breaker: tasks failed to start.", "updatedAt": 1700000000, "createdAt": 1700000000}},
                      {{"id": "ecs-svc/2", "status": "PRIMARY", "desiredCount": 1, "runningCount": 1, "updatedAt": 1700000100, "createdAt": 1700000000}}],
                    "events": [{{"id": "e", "createdAt": 1700000000, "message": "(service shop-test-api-Service-1) has reached a steady state."}}]}}]}}"#
                ),
            ),
            "ListTasks" if request.body.contains("STOPPED") => {
                testing::json(200, r#"{"taskArns": ["arn:task/c/old"]}"#)
            }
            "ListTasks" => testing::json(200, r#"{"taskArns": ["arn:task/c/new"]}"#),
            "DescribeTasks" => testing::json(
                200,
                r#"{"tasks": [
                  {"taskArn": "arn:task/c/old", "lastStatus": "STOPPED", "stoppedAt": 1700000050, "stoppedReason": "Essential container in task exited",
                   "containers": [{"name": "api", "image": "r:1", "exitCode": 1}]},
                  {"taskArn": "arn:task/c/new", "lastStatus": "RUNNING", "healthStatus": "HEALTHY", "startedAt": 1700000060,
                   "attachments": [{"details": [{"name": "privateIPv4Address", "value": "10.0.0.7"}]}],
                   "containers": [{"name": "api", "image": "r:2", "imageDigest": "sha256:abc"}]}]}"#,
            ),
            "DescribeTargetHealth" => testing::xml(
                200,
                "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions><member>\
                 <Target><Id>10.0.0.7</Id><Port>80</Port></Target><TargetHealth><State>healthy</State></TargetHealth>\
                 </member></TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>",
            ),
            "DescribeAlarms" => testing::xml_error(403, "AccessDenied", "not allowed"),
            "GetResources" => testing::json(200, r#"{"ResourceTagMappingList": []}"#),
            "ListStackResources" => {
                testing::xml_error(400, "ValidationError", "Stack with id shop-test-api does not exist")
            }
            other => panic!("unexpected {other}"),
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn joins_what_aws_says_of_a_service() {
        let server = testing::server(ecs);
        let status = status(server.connection(), &target()).await.unwrap();
        assert_eq!(status.service.deployments[0].status, "PRIMARY");
        assert_eq!(status.service.last_deployment_at, Some(1_700_000_100_000));
        assert_eq!(status.service.cluster, "shop-test-Cluster-1");
        assert_eq!(status.tasks.iter().map(|task| task.id.as_str()).collect::<Vec<_>>(), ["new"]);
        assert_eq!(status.tasks[0].images, [Image { id: "r:2".into(), digest: "abc".into() }]);
        assert_eq!(status.stopped_tasks[0].containers[0].exit_code, Some(1));
        assert_eq!(status.target_health_descriptions[0].task_id, "new");
        assert_eq!(status.events[0].message, "has reached a steady state.");
        // Alarms may be out of reach; the rest is shown all the same.
        assert_eq!(status.warnings.len(), 1);
        assert!(status.warnings[0].starts_with("alarms: "), "{:?}", status.warnings);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_deployment_that_moves_traffic_is_told_with_its_shares() {
        let server = testing::server(|request| match request.action.as_str() {
            "DescribeServices" => testing::json(
                200,
                &format!(
                    r#"{{"services": [{{"serviceArn": "{SERVICE}", "serviceName": "api", "status": "ACTIVE", "clusterArn": "c",
                    "deploymentConfiguration": {{"strategy": "CANARY"}}, "deployments": [{{"id": "ecs-svc/2", "createdAt": 1700000000}}]}}]}}"#
                ),
            ),
            "ListServiceDeployments" => testing::json(
                200,
                r#"{"serviceDeployments": [{"serviceDeploymentArn": "arn:service-deployment/c/api/D1", "createdAt": 1700000000}]}"#,
            ),
            "DescribeServiceDeployments" => testing::json(
                200,
                r#"{"serviceDeployments": [{"serviceDeploymentArn": "arn:service-deployment/c/api/D1", "status": "IN_PROGRESS", "lifecycleStage": "PRODUCTION_TRAFFIC_SHIFT", "updatedAt": 1700000100, "deploymentConfiguration": {"strategy": "CANARY", "bakeTimeInMinutes": 5, "canaryConfiguration": {"canaryPercent": 10, "canaryBakeTimeInMinutes": 15}}, "sourceServiceRevisions": [{"requestedProductionTrafficWeight": 90}], "targetServiceRevision": {"requestedProductionTrafficWeight": 10}}]}"#,
            ),
            _ => ecs(request),
        });
        let status = status(server.connection(), &target()).await.unwrap();
        let json = serde_json::to_value(&status.service.traffic_shift).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "id": "D1", "strategy": "CANARY", "status": "IN_PROGRESS", "statusReason": "",
                "lifecycleStage": "PRODUCTION_TRAFFIC_SHIFT", "updatedAt": "2023-11-14T22:15:00Z",
                "newPercent": 10.0, "oldPercent": 90.0, "testPercent": null, "bakeMinutes": 5,
                "stepPercent": 10.0, "stepBakeMinutes": 15, "ringingAlarms": [],
            })
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn says_that_a_service_is_not_deployed() {
        let server = testing::server(|request| match request.action.as_str() {
            "GetResources" => testing::json(200, r#"{"ResourceTagMappingList": []}"#),
            _ => ecs(request),
        });
        let error = status(server.connection(), &target()).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "api is not deployed to test of application shop: there is no stack shop-test-api"
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_stack_decides_when_tags_do_not() {
        let server = testing::server(|request| match request.action.as_str() {
            "GetResources" => testing::json(200, r#"{"ResourceTagMappingList": []}"#),
            "ListStackResources" => testing::xml(
                200,
                &format!(
                    "<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries><member>\
                     <LogicalResourceId>Service</LogicalResourceId><PhysicalResourceId>{SERVICE}</PhysicalResourceId>\
                     <ResourceType>AWS::ECS::Service</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>\
                     </member></StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>"
                ),
            ),
            _ => ecs(request),
        });
        let (cluster, service) = find(server.connection(), &target()).await.unwrap();
        assert_eq!(cluster, "arn:aws:ecs:eu-west-1:111111111111:cluster/shop-test-Cluster-1");
        assert_eq!(service, SERVICE);
    }

    #[test]
    fn conditions_read_like_sentences() {
        let alarm = cloudwatch::Alarm {
            metric_name: "CPUUtilization".into(),
            comparison_operator: "GreaterThanThreshold".into(),
            threshold: Some(70.5),
            period: Some(60),
            evaluation_periods: Some(3),
            ..cloudwatch::Alarm::default()
        };
        assert_eq!(condition(&alarm), "CPUUtilization > 70.5 for 3 datapoints within 3 minutes");
        let alarm = cloudwatch::Alarm { datapoints_to_alarm: Some(1), period: Some(3_600), ..alarm };
        assert_eq!(condition(&alarm), "CPUUtilization > 70.5 for 1 datapoint within 3 hours");
        assert_eq!(condition(&cloudwatch::Alarm::default()), "outside its expected band");
    }
}
