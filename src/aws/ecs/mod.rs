//! ECS: clusters and services (here), tasks and their definitions ([`tasks`]), deployments that move traffic
//! ([`deployments`]).

pub mod deployments;
pub mod tasks;

use std::collections::BTreeMap;

use aws_sdk_ecs::types;

use super::cloudformation::millis;
use super::{Connection, Error, door, query};

door!(
    /// The door to ECS.
    Ecs, ecs, aws_sdk_ecs, "ECS", "ECS", "ecs"
);

/// Most services one DescribeServices call takes.
const SERVICES: usize = 10;

/// A service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// ARN of its cluster.
    pub cluster: String,
    /// `ACTIVE`, `DRAINING`, `INACTIVE`.
    pub status: String,
    /// ARN of its task definition.
    pub task_definition: String,
    /// Tasks wanted.
    pub desired: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks starting.
    pub pending: u32,
    /// `FARGATE`, `EC2`, `EXTERNAL`; empty with a capacity provider strategy.
    pub launch_type: String,
    /// Names of its capacity providers, in the order of its strategy.
    pub capacity_providers: Vec<String>,
    /// Whether commands may be run in its containers.
    pub exec: bool,
    /// ARNs of the target groups its tasks register with, the alternate ones of a deployment strategy too.
    pub target_groups: Vec<String>,
    /// How new versions take over: `ROLLING`, `BLUE_GREEN`, `CANARY`, `LINEAR`; empty: `ROLLING`.
    pub strategy: String,
    /// ARN of the service deployment that goes on; empty when ECS names none.
    pub current_deployment: String,
    /// Names of the alarms that take a deployment back.
    pub alarms: Vec<String>,
    /// Its deployments, newest first.
    pub deployments: Vec<Deployment>,
    /// Its messages, newest first (at most 100).
    pub messages: Vec<Message>,
    /// Milliseconds since the Unix epoch of its creation.
    pub created: i64,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A deployment of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Its id, `ecs-svc/…`.
    pub id: String,
    /// `PRIMARY`, `ACTIVE`, `INACTIVE`.
    pub status: String,
    /// ARN of its task definition.
    pub task_definition: String,
    /// Tasks wanted.
    pub desired: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks starting.
    pub pending: u32,
    /// Tasks that failed to start or became unhealthy.
    pub failed: u32,
    /// `IN_PROGRESS`, `COMPLETED`, `FAILED`; empty when ECS says nothing.
    pub rollout: String,
    /// ECS's reason for the rollout's state; empty without one.
    pub reason: String,
    /// Milliseconds since the Unix epoch of its creation.
    pub created: i64,
    /// Milliseconds since the Unix epoch of its last change.
    pub updated: i64,
}

/// A message of a service.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Message {
    /// Its id.
    pub id: String,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// Its text.
    pub text: String,
}

/// A cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cluster {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// `ACTIVE`, `INACTIVE` ….
    pub status: String,
    /// How many services it has.
    pub services: u64,
}

/// A change of a service outside CloudFormation.
#[derive(Debug, Clone, Copy, Default)]
pub struct Update {
    /// Tasks wanted; `None` leaves it.
    pub desired: Option<u32>,
    /// Whether all tasks are replaced even if nothing changed.
    pub force: bool,
}

fn count(count: i32) -> u32 {
    u32::try_from(count).unwrap_or_default()
}

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

fn tags(tags: &[types::Tag]) -> BTreeMap<String, String> {
    tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), text(tag.value())))).collect()
}

impl Service {
    /// Whether a new version runs beside the old one, and traffic goes over.
    #[must_use]
    pub fn shifts_traffic(&self) -> bool {
        shifts_traffic(&self.strategy)
    }
}

/// Whether a new version runs beside the old one with this strategy.
fn shifts_traffic(strategy: &str) -> bool {
    !matches!(strategy, "" | "ROLLING")
}

impl Ecs {
    /// The services with these names or ARNs in a cluster, those that exist, in the order asked for (DescribeServices, 10 a
    /// call).
    ///
    /// # Errors
    /// Whatever ECS reports; an unknown cluster is [`super::Kind::NotFound`].
    pub async fn services(&self, cluster: &str, services: &[&str]) -> Result<Vec<Service>, Error> {
        let client = self.client().await?;
        let mut found = vec![];
        for batch in services.chunks(SERVICES) {
            let send = client
                .describe_services()
                .cluster(cluster)
                .set_services(Some(batch.iter().map(|&service| service.to_owned()).collect()))
                .include(types::ServiceField::Tags)
                .send();
            let output = self.call("DescribeServices", send).await?;
            found.extend(output.services().iter().map(service));
        }
        Ok(found)
    }

    /// ARNs of all services of a cluster, sorted (ListServices, all pages).
    ///
    /// # Errors
    /// Whatever ECS reports; an unknown cluster is [`super::Kind::NotFound`].
    pub async fn service_arns(&self, cluster: &str) -> Result<Vec<String>, Error> {
        let client = self.client().await?;
        let mut arns = query::pages(|token| async move {
            let send = client.list_services().cluster(cluster).max_results(100).set_next_token(token).send();
            let output = self.call("ListServices", send).await?;
            Ok((output.service_arns.unwrap_or_default(), output.next_token))
        })
        .await?;
        arns.sort();
        Ok(arns)
    }

    /// Changes a service outside CloudFormation (UpdateService) and returns how it stands then.
    ///
    /// # Errors
    /// Whatever ECS reports.
    pub async fn update_service(&self, cluster: &str, name: &str, update: Update) -> Result<Service, Error> {
        let desired = update.desired.map(|desired| i32::try_from(desired).unwrap_or(i32::MAX));
        let send = self
            .client()
            .await?
            .update_service()
            .cluster(cluster)
            .service(name)
            .set_desired_count(desired)
            .set_force_new_deployment(update.force.then_some(true))
            .send();
        let output = self.call("UpdateService", send).await?;
        let missing = || Error::incomplete("ECS", "UpdateService", "the service");
        output.service().map(service).ok_or_else(missing)
    }

    /// The clusters with these names or ARNs, those that exist (DescribeClusters, 100 a call).
    ///
    /// # Errors
    /// Whatever ECS reports.
    pub async fn clusters(&self, clusters: &[&str]) -> Result<Vec<Cluster>, Error> {
        let client = self.client().await?;
        let mut found = vec![];
        for batch in clusters.chunks(100) {
            let names = batch.iter().map(|&cluster| cluster.to_owned()).collect();
            let output = self
                .call("DescribeClusters", client.describe_clusters().set_clusters(Some(names)).send())
                .await?;
            found.extend(output.clusters().iter().map(|cluster| Cluster {
                arn: text(cluster.cluster_arn()),
                name: text(cluster.cluster_name()),
                status: text(cluster.status()),
                services: u64::try_from(cluster.active_services_count()).unwrap_or_default(),
            }));
        }
        Ok(found)
    }
}

fn service(service: &types::Service) -> Service {
    let configuration = service.deployment_configuration();
    Service {
        arn: text(service.service_arn()),
        name: text(service.service_name()),
        cluster: text(service.cluster_arn()),
        status: text(service.status()),
        task_definition: text(service.task_definition()),
        desired: count(service.desired_count()),
        running: count(service.running_count()),
        pending: count(service.pending_count()),
        launch_type: text(service.launch_type().map(types::LaunchType::as_str)),
        capacity_providers: service
            .capacity_provider_strategy()
            .iter()
            .map(|item| item.capacity_provider().to_owned())
            .collect(),
        exec: service.enable_execute_command(),
        target_groups: service
            .load_balancers()
            .iter()
            .flat_map(|balancer| {
                let alternate =
                    balancer.advanced_configuration().and_then(|more| more.alternate_target_group_arn());
                balancer.target_group_arn().into_iter().chain(alternate).map(str::to_owned)
            })
            .collect(),
        strategy: text(configuration.and_then(|it| it.strategy()).map(types::DeploymentStrategy::as_str)),
        current_deployment: text(service.current_service_deployment()),
        alarms: configuration
            .and_then(|it| it.alarms())
            .filter(|alarms| alarms.enable())
            .map(|alarms| alarms.alarm_names().to_vec())
            .unwrap_or_default(),
        deployments: service
            .deployments()
            .iter()
            .map(|deployment| Deployment {
                id: text(deployment.id()),
                status: text(deployment.status()),
                task_definition: text(deployment.task_definition()),
                desired: count(deployment.desired_count()),
                running: count(deployment.running_count()),
                pending: count(deployment.pending_count()),
                failed: count(deployment.failed_tasks()),
                rollout: text(deployment.rollout_state().map(types::DeploymentRolloutState::as_str)),
                reason: text(deployment.rollout_state_reason()),
                created: millis(deployment.created_at()),
                updated: millis(deployment.updated_at()),
            })
            .collect(),
        messages: service
            .events()
            .iter()
            .map(|event| Message {
                id: text(event.id()),
                at: millis(event.created_at()),
                text: text(event.message()),
            })
            .collect(),
        created: millis(service.created_at()),
        tags: tags(service.tags()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, testing};
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn services_are_described_ten_at_a_time() {
        let server = testing::answers(vec![testing::json(
            200,
            r#"{"services": [{"serviceName": "api", "status": "ACTIVE", "desiredCount": 2, "runningCount": 1, "loadBalancers": [{"targetGroupArn": "tg"}], "events": [{"id": "1", "createdAt": 1767323045.678, "message": "(service api) has started 1 tasks: (task abc)."}], "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "IN_PROGRESS", "failedTasks": 1, "taskDefinition": "arn:aws:ecs:eu-west-1:1:task-definition/api:3"}]}]}"#,
        )]);
        let names: Vec<String> = (0..11).map(|at| format!("s{at}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let found = server.connection().ecs().services("c", &names).await.unwrap();
        assert_eq!(server.requests().len(), 2);
        assert_eq!((found[0].desired, found[0].running), (2, 1));
        assert_eq!(found[0].deployments[0].rollout, "IN_PROGRESS");
        assert_eq!(found[0].messages[0].at, 1_767_323_045_678);
        assert!(!found[0].shifts_traffic());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_strategy_comes_with_its_alarms_and_both_target_groups() {
        let server = testing::answers(vec![testing::json(
            200,
            r#"{"services": [{"serviceName": "api", "currentServiceDeployment": "arn:d", "deploymentConfiguration": {"strategy": "CANARY", "alarms": {"enable": true, "rollback": true, "alarmNames": ["errors"]}}, "loadBalancers": [{"targetGroupArn": "blue", "advancedConfiguration": {"alternateTargetGroupArn": "green"}}]}]}"#,
        )]);
        let found = &server.connection().ecs().services("c", &["api"]).await.unwrap()[0];
        assert!(found.shifts_traffic());
        assert_eq!((found.strategy.as_str(), found.current_deployment.as_str()), ("CANARY", "arn:d"));
        assert_eq!(
            (found.target_groups.as_slice(), found.alarms.as_slice()),
            (&["blue".to_owned(), "green".to_owned()][..], &["errors".to_owned()][..])
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_unknown_cluster_is_not_found() {
        let server =
            testing::answers(vec![testing::json_error("ClusterNotFoundException", "Cluster not found.")]);
        assert_eq!(server.connection().ecs().service_arns("c").await.unwrap_err().kind, Kind::NotFound);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_update_sends_only_what_changes() {
        let server = testing::answers(vec![testing::json(200, r#"{"service": {"serviceName": "api"}}"#)]);
        let ecs = server.connection().ecs();
        ecs.update_service("c", "api", Update { desired: Some(0), force: false }).await.unwrap();
        ecs.update_service("c", "api", Update { desired: None, force: true }).await.unwrap();
        let bodies: Vec<String> = server.requests().into_iter().map(|request| request.body).collect();
        assert_eq!(bodies[0], r#"{"cluster":"c","service":"api","desiredCount":0}"#);
        assert_eq!(bodies[1], r#"{"cluster":"c","service":"api","forceNewDeployment":true}"#);
    }
}
