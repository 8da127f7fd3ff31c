//! Whether what a stack holds runs, where CloudFormation did not wait for it: in express mode it is done as soon as the
//! configuration is applied.
//!
//! The services that the change touched are followed on, as while CloudFormation changes them, until ECS (or App Runner) is
//! done with them: then the change is done, or has failed. What CloudFormation said of these services is told only then, so that
//! the view and its events are those of any deployment.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use super::look::{look, service_of};
use super::service::ServiceTracker;
use super::standing::{BELIEVED, Standing};
use super::{Follower, Watched, Watching};
use crate::aws::cloudformation::Stack;
use crate::aws::cloudformation::events::StackResource;
use crate::aws::{Connection, Error, Kind};
use crate::deploy::conclusion::is_done;
use crate::deploy::failure::FailedResource;
use crate::deploy::note;
use crate::event::{Event, Level};

/// How long services are followed: as long as CloudFormation waits for one.
const LONGEST: Duration = Duration::from_secs(3 * 60 * 60);

/// How a change stands whose end is not CloudFormation's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Health {
    /// What it made runs, or was waited for by CloudFormation.
    #[default]
    Proven,
    /// It did not come up.
    Failed,
    /// The user asked to stop before it was known.
    Stopped,
}

/// What is followed on after CloudFormation is done.
pub(super) struct Proof {
    /// ARNs of the stack's task definitions.
    definitions: Vec<String>,
    since: Instant,
}

/// Whether CloudFormation is done in such a way that services may still be on their way.
pub(super) fn is_applied(status: &str) -> bool {
    matches!(
        status,
        "CREATE_COMPLETE"
            | "UPDATE_COMPLETE"
            | "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"
            | "UPDATE_ROLLBACK_COMPLETE"
    )
}

/// Whether a resource is of a type that is proven here.
pub(super) fn is_proven_here(resource_type: &str) -> bool {
    matches!(resource_type, "AWS::ECS::Service" | RUNNER)
}

const RUNNER: &str = "AWS::AppRunner::Service";

/// How the services of a stack at rest stand, at one look.
///
/// # Errors
/// Whatever AWS reports.
async fn standing(connection: &Connection, stack: &Stack) -> Result<Standing, Error> {
    let resources = connection.cloudformation().resources(&stack.id).await?.unwrap_or_default();
    let definitions = definitions(&resources);
    let mut seen = vec![];
    for resource in &resources {
        let standing = match resource.resource_type.as_str() {
            RUNNER => runner(connection, &resource.physical_id).await?,
            "AWS::ECS::Service" => {
                let Some((cluster, name)) = service_of(&resource.physical_id) else { continue };
                let mut tracker = ServiceTracker::new(&stack.name, cluster, name, began(stack));
                let Some(snapshot) = look(connection, &tracker).await? else { continue };
                tracker.take(&snapshot);
                // Time has passed since the change: what is seen is believed.
                let rollout = tracker.rollout();
                let looks = std::iter::repeat_with(|| rollout.standing(&definitions));
                looks.take(BELIEVED as usize + 1).last().unwrap_or(Standing::Going)
            }
            _ => continue,
        };
        seen.push(standing);
    }
    Ok(worst(seen))
}

/// How several services stand together.
fn worst(seen: Vec<Standing>) -> Standing {
    if seen.contains(&Standing::Bad) {
        Standing::Bad
    } else if seen.contains(&Standing::Going) {
        Standing::Going
    } else {
        Standing::Good
    }
}

/// Whether the last change of a stack at rest was in express mode, and what it made does not run, or not yet.
///
/// # Errors
/// Whatever AWS reports.
pub async fn is_unproven(connection: &Connection, stack: &Stack) -> Result<bool, Error> {
    Ok(stack.express && is_done(&stack.status) && standing(connection, stack).await? != Standing::Good)
}

/// Ids of the deployments that the ECS services of a stack have and had, as far as that is known.
///
/// # Errors
/// Whatever AWS reports.
pub async fn deployments(connection: &Connection, stack: &str) -> Result<Vec<String>, Error> {
    let resources = connection.cloudformation().resources(stack).await?.unwrap_or_default();
    let ecs = connection.ecs();
    let mut ids = vec![];
    for (cluster, name) in resources.iter().filter_map(|resource| service_of(&resource.physical_id)) {
        let services = ecs.services(cluster, &[name]).await?;
        for service in services {
            // One that failed is listed no more once ECS went back; its messages still name it.
            let told = service.messages.iter().flat_map(|message| message.text.split(['(', ')', ' ']));
            ids.extend(told.filter(|word| word.starts_with("ecs-svc/")).map(str::to_owned));
            ids.extend(service.deployments.into_iter().map(|one| one.id));
        }
    }
    Ok(ids)
}

/// When the last change of a stack began, in milliseconds since the Unix epoch.
fn began(stack: &Stack) -> i64 {
    stack.updated.unwrap_or(stack.created)
}

fn definitions(resources: &[StackResource]) -> Vec<String> {
    let found = resources.iter().filter(|resource| resource.resource_type == "AWS::ECS::TaskDefinition");
    found.map(|resource| resource.physical_id.clone()).filter(|arn| arn.starts_with("arn:")).collect()
}

/// How a service on App Runner stands, by its last operation.
async fn runner(connection: &Connection, arn: &str) -> Result<Standing, Error> {
    let door = connection.apprunner();
    Ok(match door.service(arn).await?.status.as_str() {
        "OPERATION_IN_PROGRESS" => Standing::Going,
        "CREATE_FAILED" => Standing::Bad,
        _ => match door.operations(arn).await?.first().map(|operation| operation.status.clone()) {
            Some(status) if status == "FAILED" || status.starts_with("ROLLBACK_") => Standing::Bad,
            Some(status) if status == "PENDING" || status == "IN_PROGRESS" => Standing::Going,
            _ => Standing::Good,
        },
    })
}

impl Follower<'_> {
    /// CloudFormation is done: from now on its services are looked at. The events that it lists late are read before. Returns
    /// how it is where nothing that runs was changed.
    pub(super) async fn begin_proof(&mut self) -> Result<Option<Health>, Error> {
        if !self.change.proof_only {
            let status = self.ended.clone();
            tokio::time::sleep(self.change.polling.first / 4).await;
            self.poll().await?;
            self.ended = status;
        }
        let found = self.connection.cloudformation().resources(self.change.stack_id).await?;
        let resources = found.unwrap_or_default();
        if self.change.proof_only {
            let since = self.change.stood.map(began).unwrap_or_default();
            for resource in &resources {
                if resource.resource_type == RUNNER {
                    self.runners.insert(resource.physical_id.clone(), resource.logical_id.clone());
                }
                let Some((cluster, name)) = service_of(&resource.physical_id) else { continue };
                let tracker = ServiceTracker::new(self.change.stack, cluster, name, since);
                self.services
                    .insert(resource.physical_id.clone(), Watched { tracker, state: Watching::Active });
                self.hold(Event::Resource {
                    stack: self.change.stack.to_owned(),
                    logical_id: resource.logical_id.clone(),
                    resource_type: resource.resource_type.clone(),
                    physical_id: resource.physical_id.clone(),
                    status: resource.status.clone(),
                    reason: String::new(),
                });
            }
        }
        for watched in self.services.values_mut().filter(|watched| watched.state != Watching::Refused) {
            watched.state = Watching::Active;
        }
        if !self.services.is_empty() || !self.runners.is_empty() {
            let stack = self.change.stack.to_owned();
            let status = self.ended.clone().unwrap_or_default();
            self.change.reporter.report(Event::StackApplied { stack, status });
        }
        self.proof = Some(Proof { definitions: definitions(&resources), since: Instant::now() });
        Ok((self.services.is_empty() && self.runners.is_empty()).then_some(Health::Proven))
    }

    /// Keeps what CloudFormation says of a service's end until it is proven.
    pub(super) fn hold(&mut self, event: Event) {
        self.held.push(event);
    }

    /// Looks at the services once more; returns whether there was news.
    pub(super) async fn look_again(&mut self) -> Result<bool, Error> {
        let services = self.ask_services().await;
        let failed = services.iter().find_map(|(_, answer)| answer.as_ref().err());
        let failed = failed.filter(|error| !matches!(error.kind, Kind::AccessDenied { .. })).cloned();
        let news = self.take_services(services);
        let trackers: Vec<&ServiceTracker> = self.services.values().map(|watched| &watched.tracker).collect();
        self.witness.look(self.connection, &trackers).await;
        failed.map_or(Ok(news), Err)
    }

    /// How the services are, once that is known. To be asked once after each look that brought an answer.
    pub(super) async fn verdict(&mut self) -> Result<Option<Health>, Error> {
        let Some(proof) = &self.proof else { return Ok(None) };
        if proof.since.elapsed() > LONGEST {
            return Ok(Some(Health::Failed));
        }
        let runners = join_all(self.runners.keys().map(|arn| runner(self.connection, arn))).await;
        let mut seen = runners.into_iter().collect::<Result<Vec<_>, _>>()?;
        for watched in self.services.values_mut().filter(|watched| watched.state != Watching::Refused) {
            seen.push(watched.tracker.rollout().standing(&proof.definitions));
        }
        Ok(match worst(seen) {
            Standing::Bad => Some(Health::Failed),
            Standing::Going => None,
            Standing::Good => Some(Health::Proven),
        })
    }

    /// Says that it is clear already that the new tasks will never stay up; whether it is.
    pub(super) fn is_hopeless(&self) -> bool {
        let back = self.ended.as_ref().is_some_and(|status| status.contains("ROLLBACK"));
        let Some(cause) = self.hopeless().filter(|_| !back) else { return false };
        let text = format!(
            "This won't end well: {}. It ends now instead of after more tries (`--fail-fast=false` waits for them).",
            cause.headline
        );
        note(self.change.reporter, Level::Warning, text);
        true
    }

    /// The end of the proof: what was held back is told, and services that did not come up count as failed resources.
    pub(super) async fn end_proof(&mut self, health: Health) {
        // What CloudFormation took back has failed in any case.
        let back = self.ended.as_ref().is_some_and(|status| status.contains("ROLLBACK"));
        let health = if back { Health::Proven } else { health };
        self.health = health;
        let reasons: BTreeMap<String, String> = self
            .services
            .iter()
            .map(|(arn, watched)| (arn.clone(), watched.tracker.reason()))
            .chain(self.runners.keys().map(|arn| {
                (arn.clone(), "App Runner's operation failed, and it went back by itself".to_owned())
            }))
            .collect();
        for event in std::mem::take(&mut self.held) {
            let Event::Resource { stack, logical_id, resource_type, physical_id, status, reason } = event
            else {
                continue;
            };
            let said = reasons.get(&physical_id).filter(|_| health == Health::Failed);
            let status = match said {
                Some(_) => status.replace("_COMPLETE", "_FAILED"),
                None => status,
            };
            let reason = said.cloned().unwrap_or(reason);
            if said.is_some() {
                self.failed.push(FailedResource {
                    stack: stack.clone(),
                    logical_id: logical_id.clone(),
                    resource_type: resource_type.clone(),
                    physical_id: physical_id.clone(),
                    status: status.clone(),
                    reason: reason.clone(),
                });
            }
            let event = Event::Resource { stack, logical_id, resource_type, physical_id, status, reason };
            self.change.reporter.report(event);
        }
        if !self.runners.is_empty() {
            self.instances = super::apprunner::failed(self.connection, &self.failed).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing;
    use crate::deploy::stack::{Applied, Options, apply};
    use crate::deploy::testing::{Cloud, Recorder, Step, fast, quick, wanted};
    use crate::deploy::{Failure, Interrupt, pickup};

    /// CloudFormation is done while the service is still on its way.
    fn cloud() -> Cloud {
        Cloud::new(Some("UPDATE_COMPLETE")).steps(vec![
            Step::stack("UPDATE_IN_PROGRESS"),
            Step::service("UPDATE_IN_PROGRESS", ""),
            Step::service("UPDATE_COMPLETE", "Resource operation completed using Express Mode."),
            Step::stack("UPDATE_COMPLETE"),
        ])
    }

    async fn run(
        cloud: &Cloud,
        recorder: &Recorder,
        fail_fast: bool,
        interrupt: Option<Interrupt>,
    ) -> Result<Applied, Failure> {
        let options = Options { express: true, fail_fast, interrupt, ..quick(recorder) };
        apply(cloud.connection(), &wanted(), options).await
    }

    fn at(lines: &[String], what: &str) -> usize {
        lines.iter().position(|line| line == what).unwrap_or_else(|| panic!("{what}: {lines:#?}"))
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_change_is_done_once_its_service_runs() {
        let cloud =
            cloud().rollouts(&[(6, "COMPLETED"), (7, "IN_PROGRESS"), (7, "IN_PROGRESS"), (7, "COMPLETED")]);
        let recorder = Recorder::default();
        let done = run(&cloud, &recorder, false, None).await.unwrap();
        assert!(matches!(done, Applied::Done { created: false, .. }));
        let sent = cloud.body("CreateChangeSet");
        assert!(
            sent.contains("DeploymentConfig.Mode=EXPRESS&DeploymentConfig.DisableRollback=false"),
            "{sent}"
        );
        assert!(!cloud.body("ExecuteChangeSet").contains("DisableRollback"));
        let lines = recorder.lines();
        let service = at(&lines, "shop-test-api Service UPDATE_COMPLETE");
        assert!(at(&lines, "deployment PRIMARY 0/1 COMPLETED") < service, "{lines:#?}");
        assert_eq!(lines.last().unwrap(), "shop-test-api finished UPDATE_COMPLETE Done");
        assert!(
            recorder.events().iter().any(|event| matches!(event, Event::StackApplied { .. })),
            "{lines:#?}"
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_does_not_come_up_fails_with_its_first_cause() {
        for rollouts in [&[(7, "IN_PROGRESS"), (7, "FAILED")][..], &[(7, "IN_PROGRESS"), (6, "COMPLETED")]] {
            let cloud = cloud().failing_service().rollouts(rollouts);
            let recorder = Recorder::default();
            let Failure::Failed { status, cause, evidence, .. } =
                run(&cloud, &recorder, false, None).await.unwrap_err()
            else {
                panic!()
            };
            assert_eq!(
                (status.as_str(), cause.headline.as_str()),
                ("UPDATE_COMPLETE", "container api exited with code 1")
            );
            assert_eq!(evidence.resources[0].status, "UPDATE_FAILED");
            let lines = recorder.lines();
            at(&lines, "shop-test-api Service UPDATE_FAILED");
            assert_eq!(lines.last().unwrap(), "shop-test-api finished UPDATE_COMPLETE Failed");
            assert!(!cloud.actions().contains(&"CancelUpdateStack".to_owned()));
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_stop_before_it_is_proven_is_no_success() {
        let cloud = cloud().rollouts(&[(7, "IN_PROGRESS")]);
        let (sender, interrupt) = tokio::sync::watch::channel(0);
        let recorder = Recorder::default();
        let deploying = run(&cloud, &recorder, false, Some(interrupt));
        let stopping = async {
            while !recorder.events().iter().any(|event| matches!(event, Event::StackApplied { .. })) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            sender.send_replace(1);
        };
        let (result, ()) = tokio::join!(deploying, stopping);
        assert_eq!(
            result,
            Err(Failure::Interrupted { stack: "shop-test-api".into(), status: "UPDATE_COMPLETE".into() })
        );
        assert_eq!(recorder.lines().last().unwrap(), "shop-test-api finished UPDATE_COMPLETE Cancelled");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_deployment_that_nobody_followed_is_proven_later() {
        let prove = |rollouts: &'static [(u32, &'static str)]| async move {
            let cloud = Cloud::new(Some("UPDATE_COMPLETE")).express().rollouts(rollouts);
            let recorder = Recorder::default();
            let stack = cloud.connection().cloudformation().stack("shop-test-api").await.unwrap().unwrap();
            assert!(stack.express);
            let before = standing(cloud.connection(), &stack).await.unwrap();
            let options = pickup::Options {
                title: "service api in test",
                reporter: &recorder,
                interrupt: None,
                polling: fast(),
            };
            let proven = pickup::prove(cloud.connection(), &stack, false, options).await;
            assert!(!cloud.actions().contains(&"DescribeStackEvents".to_owned()));
            (before, proven.map_err(|failure| matches!(failure, Failure::Failed { .. })))
        };
        assert_eq!(prove(&[(7, "COMPLETED")]).await, (Standing::Good, Ok(())));
        assert_eq!(prove(&[(7, "IN_PROGRESS"), (7, "COMPLETED")]).await, (Standing::Going, Ok(())));
        assert_eq!(prove(&[(6, "COMPLETED")]).await, (Standing::Bad, Err(true)));
    }

    /// It ends in any case: what is to be shown here went on for ever.
    async fn ended(cloud: &Cloud, recorder: &Recorder, fail_fast: bool) -> Result<Applied, Failure> {
        let run = run(cloud, recorder, fail_fast, None);
        tokio::time::timeout(Duration::from_secs(30), run).await.expect("it does not end")
    }

    #[tokio::test(flavor = "current_thread")]
    async fn trouble_before_the_proof_is_told_once_and_not_for_ever() {
        let expired = testing::xml_error(403, "ExpiredToken", "The security token is expired");
        let cloud =
            cloud().rollouts(&[(7, "IN_PROGRESS")]).refuses("ListStackResources", usize::MAX, expired);
        let recorder = Recorder::default();
        let failure = ended(&cloud, &recorder, false).await.unwrap_err();
        assert!(matches!(failure, Failure::LostSight { .. }), "{failure:?}");
        let lines = recorder.lines();
        let notes: Vec<&String> = lines.iter().filter(|line| line.starts_with("note")).collect();
        assert_eq!(notes.len(), 1, "{notes:#?}");
        assert!(notes[0].contains("aws sso login"), "{notes:#?}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn looks_that_fail_tell_nothing_of_a_service() {
        // The answer of a moment ago, then none for a while.
        let mut looks = vec![(6, "COMPLETED")];
        looks.extend([(0, "ThrottlingException"); 48]);
        looks.push((7, "COMPLETED"));
        let cloud = cloud().rollouts(&looks);
        let done = ended(&cloud, &Recorder::default(), false).await;
        assert!(matches!(done, Ok(Applied::Done { .. })), "{done:?}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_could_not_be_cancelled_in_time_is_given_up_in_the_proof() {
        let late = testing::xml_error(
            400,
            "ValidationError",
            "CancelUpdateStack cannot be called from current stack status",
        );
        let cloud =
            cloud().failing_tasks(2).rollouts(&[(7, "IN_PROGRESS")]).refuses("CancelUpdateStack", 1, late);
        let recorder = Recorder::default();
        let failure = ended(&cloud, &recorder, true).await.unwrap_err();
        let Failure::Failed { status, cause, .. } = failure else { panic!("{failure:?}") };
        assert_eq!((status.as_str(), cause.code.as_str()), ("UPDATE_COMPLETE", "container_exited"));
        assert!(cloud.actions().contains(&"CancelUpdateStack".to_owned()), "{:#?}", recorder.lines());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_cloudformation_took_back_itself_is_not_open() {
        for (status, open) in [("UPDATE_COMPLETE", true), ("UPDATE_ROLLBACK_COMPLETE", false)] {
            let cloud = Cloud::new(Some(status)).express().rollouts(&[(7, "IN_PROGRESS")]);
            let stack = cloud.connection().cloudformation().stack("shop-test-api").await.unwrap().unwrap();
            assert_eq!(is_unproven(cloud.connection(), &stack).await, Ok(open), "{status}");
        }
    }
}
