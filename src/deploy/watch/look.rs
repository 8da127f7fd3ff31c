//! How an ECS service stands right now, in as few questions as there are answers to show.

use futures_util::future::{join, join_all};

use super::service::{ServiceTracker, Snapshot};
use crate::aws::ecs::deployments::ServiceDeployment;
use crate::aws::ecs::tasks::Filter;
use crate::aws::ecs::{Ecs, Service};
use crate::aws::{Connection, Error};

/// Cluster and name in the ARN of a service, `arn:…:service/<cluster>/<name>`.
pub(super) fn service_of(arn: &str) -> Option<(&str, &str)> {
    let (_, path) = arn.split_once(":service/")?;
    path.split_once('/')
}

/// How a service stands; `None` when it does not exist.
pub(super) async fn look(
    connection: &Connection,
    tracker: &ServiceTracker,
) -> Result<Option<Snapshot>, Error> {
    let (cluster, name) = (tracker.cluster(), tracker.name());
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
    let (targets, shifts) = join(targets, shifts(&ecs, &service, tracker)).await;
    let mut health = vec![];
    for (group, answer) in targets {
        // The health of targets is worth having, but not worth failing for.
        health.extend(answer.unwrap_or_default().into_iter().map(|target| (group.clone(), target)));
    }
    let tasks = match tasks {
        Err(error) if error.is_not_found() => vec![],
        other => other?,
    };
    Ok(Some(Snapshot { service, tasks, targets: health, shifts }))
}

/// The deployments that move the service's traffic: nothing is asked about a rolling service, one question as a rule about the
/// others. What can't be read is left out: everything else is still worth showing.
async fn shifts(ecs: &Ecs, service: &Service, tracker: &ServiceTracker) -> Vec<ServiceDeployment> {
    let shifts = tracker.shifts();
    let open = shifts.open();
    if !service.shifts_traffic() && open.is_empty() {
        return vec![];
    }
    let current = Some(service.current_deployment.clone());
    let current = current.filter(|current| !current.is_empty() && !shifts.is_over(current));
    let mut arns: Vec<String> = open.iter().map(|&arn| arn.to_owned()).chain(current).collect();
    if arns.is_empty() {
        // ECS names none that goes on: one may have begun and ended since the last look.
        let listed = ecs.service_deployment_arns(tracker.cluster(), tracker.name(), shifts.since()).await;
        arns = listed.unwrap_or_default();
        arns.retain(|arn| !shifts.is_over(arn));
    }
    arns.sort();
    arns.dedup();
    let arns: Vec<&str> = arns.iter().map(String::as_str).collect();
    ecs.service_deployments(&arns).await.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{self, Answer, Request};

    fn ecs(request: &Request, service: &str, deployments: &str) -> Answer {
        match request.action.as_str() {
            "DescribeServices" => testing::json(200, &format!(r#"{{"services": [{service}]}}"#)),
            "ListTasks" => testing::json(200, r#"{"taskArns": []}"#),
            "ListServiceDeployments" => testing::json(
                200,
                r#"{"serviceDeployments": [{"serviceDeploymentArn": "arn:new", "createdAt": 200}, {"serviceDeploymentArn": "arn:over", "createdAt": 150}]}"#,
            ),
            "DescribeServiceDeployments" => {
                testing::json(200, &format!(r#"{{"serviceDeployments": [{deployments}]}}"#))
            }
            other => panic!("{other}"),
        }
    }

    async fn asked(service: &'static str, tracker: &ServiceTracker) -> (Vec<String>, String) {
        let server = testing::server(move |request| {
            ecs(request, service, r#"{"serviceDeploymentArn": "arn:new", "status": "IN_PROGRESS"}"#)
        });
        look(server.connection(), tracker).await.unwrap().unwrap();
        let requests = server.requests();
        let about: Vec<&Request> =
            requests.iter().filter(|request| request.action.contains("ServiceDeployment")).collect();
        let last = about.last().map(|request| request.body.clone()).unwrap_or_default();
        (about.iter().map(|request| request.action.clone()).collect(), last)
    }

    #[tokio::test(flavor = "current_thread")]
    async fn only_services_that_move_traffic_cost_a_question_more() {
        let mut tracker = ServiceTracker::new("s", "c", "api", 100_000);
        assert!(asked(r#"{"serviceName": "api"}"#, &tracker).await.0.is_empty());
        let named = r#"{"serviceName": "api", "currentServiceDeployment": "arn:new", "deploymentConfiguration": {"strategy": "CANARY"}}"#;
        let (actions, body) = asked(named, &tracker).await;
        assert_eq!(actions, ["DescribeServiceDeployments"]);
        assert_eq!(body, r#"{"serviceDeploymentArns":["arn:new"]}"#);
        let unnamed = r#"{"serviceName": "api", "deploymentConfiguration": {"strategy": "CANARY"}}"#;
        assert_eq!(
            asked(unnamed, &tracker).await.0,
            ["ListServiceDeployments", "DescribeServiceDeployments"]
        );
        // One that is known is asked about until it is over, whatever the service says of itself.
        tracker.note_shift(ServiceDeployment {
            arn: "arn:new".into(),
            strategy: "CANARY".into(),
            status: "IN_PROGRESS".into(),
            created: 200_000,
            ..ServiceDeployment::default()
        });
        assert_eq!(asked(r#"{"serviceName": "api"}"#, &tracker).await.0, ["DescribeServiceDeployments"]);
    }
}
