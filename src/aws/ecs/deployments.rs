//! Service deployments: how far ECS is with moving traffic from one version of a service to the next.

use aws_sdk_ecs::primitives::DateTime;
use aws_sdk_ecs::types;

use super::super::cloudformation::millis;
use super::super::{Error, query};
use super::{Ecs, count, shifts_traffic, text};

/// Most service deployments one DescribeServiceDeployments call takes.
const DEPLOYMENTS: usize = 20;

/// A service deployment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ServiceDeployment {
    /// Its ARN.
    pub arn: String,
    /// `PENDING`, `IN_PROGRESS`, `SUCCESSFUL`, `STOP_REQUESTED`, `STOPPED`, `ROLLBACK_REQUESTED`, `ROLLBACK_IN_PROGRESS`,
    /// `ROLLBACK_SUCCESSFUL`, `ROLLBACK_FAILED`.
    pub status: String,
    /// ECS's reason for the status; empty without one.
    pub reason: String,
    /// Lifecycle stage, such as `SCALE_UP`, `PRODUCTION_TRAFFIC_SHIFT`, `BAKE_TIME`; empty before the first.
    pub stage: String,
    /// `ROLLING`, `BLUE_GREEN`, `CANARY`, `LINEAR`; empty: `ROLLING`.
    pub strategy: String,
    /// Minutes that the old version stays after all traffic went over.
    pub bake_minutes: u32,
    /// Percent of the traffic that goes first (canary) or with each step (linear).
    pub step_percent: Option<f64>,
    /// Minutes before the next part follows (canary, linear).
    pub step_bake_minutes: u32,
    /// Milliseconds since the Unix epoch of its creation.
    pub created: i64,
    /// Milliseconds since the Unix epoch of its last change.
    pub updated: i64,
    /// The versions that ran before.
    pub old: Vec<Revision>,
    /// The version that is deployed.
    pub new: Option<Revision>,
    /// Why it is taken back; empty when it is not.
    pub rollback: String,
    /// Names of the alarms that take it back.
    pub alarms: Vec<String>,
    /// Names of those that rang.
    pub ringing: Vec<String>,
}

/// A version of a service in a service deployment.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Revision {
    /// Its ARN.
    pub arn: String,
    /// Tasks wanted.
    pub desired: u32,
    /// Tasks running.
    pub running: u32,
    /// Tasks starting.
    pub pending: u32,
    /// Percent of the production traffic, 0 to 100; `None` when ECS does not say.
    pub production: Option<f64>,
    /// Percent of the test traffic, 0 to 100; `None` when ECS does not say.
    pub test: Option<f64>,
}

impl ServiceDeployment {
    /// Whether traffic goes over from one version to the next.
    #[must_use]
    pub fn shifts_traffic(&self) -> bool {
        shifts_traffic(&self.strategy)
    }

    /// Percent of the production traffic of the old and of the new version; `None` when ECS does not say.
    #[must_use]
    pub fn production(&self) -> Option<(f64, f64)> {
        self.share(|revision| revision.production)
    }

    /// Percent of the test traffic of the old and of the new version; `None` without test traffic.
    #[must_use]
    pub fn test(&self) -> Option<(f64, f64)> {
        self.share(|revision| revision.test).filter(|(_, new)| *new > 0.0)
    }

    fn share(&self, of: impl Fn(&Revision) -> Option<f64>) -> Option<(f64, f64)> {
        let new = of(self.new.as_ref()?)?;
        // Not `sum`: that of nothing is -0.
        Some((self.old.iter().filter_map(of).fold(0.0, |sum, part| sum + part), new))
    }
}

impl Ecs {
    /// The service deployments with these ARNs, those that exist (DescribeServiceDeployments, 20 a call).
    ///
    /// # Errors
    /// Whatever ECS reports.
    pub async fn service_deployments(&self, arns: &[&str]) -> Result<Vec<ServiceDeployment>, Error> {
        let client = self.client().await?;
        let mut found = vec![];
        for batch in arns.chunks(DEPLOYMENTS) {
            let arns = batch.iter().map(|&arn| arn.to_owned()).collect();
            let send = client.describe_service_deployments().set_service_deployment_arns(Some(arns)).send();
            let output = self.call("DescribeServiceDeployments", send).await?;
            found.extend(output.service_deployments().iter().map(deployment));
        }
        Ok(found)
    }

    /// ARNs of the service deployments of a service that were created after `since` (milliseconds since the Unix epoch), newest
    /// first (ListServiceDeployments, all pages).
    ///
    /// # Errors
    /// Whatever ECS reports; an unknown service or cluster is [`crate::aws::Kind::NotFound`].
    pub async fn service_deployment_arns(
        &self,
        cluster: &str,
        service: &str,
        since: i64,
    ) -> Result<Vec<String>, Error> {
        let client = self.client().await?;
        let after = types::CreatedAt::builder().after(DateTime::from_millis(since)).build();
        let mut found = query::pages(|token| {
            let after = after.clone();
            async move {
                let send = client
                    .list_service_deployments()
                    .cluster(cluster)
                    .service(service)
                    .created_at(after)
                    .set_next_token(token)
                    .send();
                let output = self.call("ListServiceDeployments", send).await?;
                let found = output
                    .service_deployments()
                    .iter()
                    .map(|brief| (millis(brief.created_at()), text(brief.service_deployment_arn())));
                Ok((found.collect(), output.next_token().map(str::to_owned)))
            }
        })
        .await?;
        found.sort_by_key(|(created, _)| std::cmp::Reverse(*created));
        Ok(found.into_iter().map(|(_, arn)| arn).collect())
    }
}

fn deployment(found: &types::ServiceDeployment) -> ServiceDeployment {
    let configuration = found.deployment_configuration();
    let canary = configuration.and_then(|it| it.canary_configuration());
    let linear = configuration.and_then(|it| it.linear_configuration());
    let percent = canary.and_then(|it| it.canary_percent()).or(linear.and_then(|it| it.step_percent()));
    let minutes = canary
        .and_then(|it| it.canary_bake_time_in_minutes())
        .or(linear.and_then(|it| it.step_bake_time_in_minutes()));
    ServiceDeployment {
        arn: text(found.service_deployment_arn()),
        status: text(found.status().map(types::ServiceDeploymentStatus::as_str)),
        reason: text(found.status_reason()),
        stage: text(found.lifecycle_stage().map(types::ServiceDeploymentLifecycleStage::as_str)),
        strategy: text(configuration.and_then(|it| it.strategy()).map(types::DeploymentStrategy::as_str)),
        bake_minutes: count(configuration.and_then(|it| it.bake_time_in_minutes()).unwrap_or_default()),
        step_percent: percent,
        step_bake_minutes: count(minutes.unwrap_or_default()),
        created: millis(found.created_at()),
        updated: millis(found.updated_at().or(found.started_at()).or(found.created_at())),
        old: found.source_service_revisions().iter().map(revision).collect(),
        new: found.target_service_revision().map(revision),
        rollback: text(found.rollback().and_then(|rollback| rollback.reason())),
        alarms: found.alarms().map(|alarms| alarms.alarm_names().to_vec()).unwrap_or_default(),
        ringing: found.alarms().map(|alarms| alarms.triggered_alarm_names().to_vec()).unwrap_or_default(),
    }
}

fn revision(found: &types::ServiceRevisionSummary) -> Revision {
    Revision {
        arn: text(found.arn()),
        desired: count(found.requested_task_count()),
        running: count(found.running_task_count()),
        pending: count(found.pending_task_count()),
        production: found.requested_production_traffic_weight(),
        test: found.requested_test_traffic_weight(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{Kind, testing};

    #[tokio::test(flavor = "current_thread")]
    async fn a_deployment_tells_stage_shares_and_alarms() {
        let server = testing::answers(vec![testing::json(
            200,
            r#"{"serviceDeployments": [{"serviceDeploymentArn": "arn:d", "status": "IN_PROGRESS", "lifecycleStage": "PRE_PRODUCTION_TRAFFIC_SHIFT", "createdAt": 1767323000, "updatedAt": 1767323045.678, "deploymentConfiguration": {"strategy": "LINEAR", "bakeTimeInMinutes": 5, "linearConfiguration": {"stepPercent": 12.5, "stepBakeTimeInMinutes": 6}}, "sourceServiceRevisions": [{"arn": "old", "runningTaskCount": 2, "requestedProductionTrafficWeight": 87.5}], "targetServiceRevision": {"arn": "new", "requestedTaskCount": 2, "pendingTaskCount": 1, "requestedProductionTrafficWeight": 12.5, "requestedTestTrafficWeight": 100.0}, "rollback": {"reason": "why"}, "alarms": {"status": "MONITORING", "alarmNames": ["a", "b"], "triggeredAlarmNames": ["b"]}}], "failures": []}"#,
        )]);
        let arns: Vec<String> = (0..21).map(|at| format!("arn:{at}")).collect();
        let arns: Vec<&str> = arns.iter().map(String::as_str).collect();
        let found = server.connection().ecs().service_deployments(&arns).await.unwrap();
        assert_eq!(server.requests().len(), 2);
        let found = &found[0];
        assert_eq!(
            (found.strategy.as_str(), found.stage.as_str()),
            ("LINEAR", "PRE_PRODUCTION_TRAFFIC_SHIFT")
        );
        assert_eq!((found.bake_minutes, found.step_percent, found.step_bake_minutes), (5, Some(12.5), 6));
        assert_eq!((found.created, found.updated), (1_767_323_000_000, 1_767_323_045_678));
        assert_eq!((found.old[0].running, found.old[0].production, found.old[0].test), (2, Some(87.5), None));
        let new = found.new.as_ref().unwrap();
        assert_eq!((new.desired, new.pending, new.production, new.test), (2, 1, Some(12.5), Some(100.0)));
        assert_eq!((found.rollback.as_str(), found.ringing.as_slice()), ("why", &["b".to_owned()][..]));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn newer_deployments_are_listed_first_over_pages() {
        let page = |created: i64, next: &str| {
            testing::json(
                200,
                &format!(
                    r#"{{"serviceDeployments": [{{"serviceDeploymentArn": "arn:{created}", "createdAt": {created}}}]{next}}}"#
                ),
            )
        };
        let server = testing::answers(vec![page(10, r#", "nextToken": "n""#), page(20, "")]);
        let found = server.connection().ecs().service_deployment_arns("c", "api", 5_500).await.unwrap();
        assert_eq!(found, ["arn:20", "arn:10"]);
        let bodies: Vec<String> = server.requests().into_iter().map(|request| request.body).collect();
        assert_eq!(bodies[0], r#"{"service":"api","cluster":"c","createdAt":{"after":5.5}}"#);
        assert!(bodies[1].contains(r#""nextToken":"n""#), "{}", bodies[1]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_unknown_service_is_not_found() {
        let server =
            testing::answers(vec![testing::json_error("ServiceNotFoundException", "Service not found.")]);
        let error = server.connection().ecs().service_deployment_arns("c", "api", 0).await.unwrap_err();
        assert_eq!(error.kind, Kind::NotFound);
    }
}
