//! Deployments that move the traffic of an ECS service from one version to the next: two looks become the events between
//! them. Pure.

use super::service::SKEW;
use crate::aws::ecs::deployments::ServiceDeployment;
use crate::event::{Phase, Share, Shift};

/// What was seen of a service's deployments that move traffic.
#[derive(Debug, Clone, Default)]
pub struct ShiftTracker {
    since: i64,
    seen: Vec<Seen>,
}

/// One of them.
#[derive(Debug, Clone)]
pub struct Seen {
    arn: String,
    /// As it stands.
    pub shift: Shift,
    /// The last stage it was in before it was taken back; empty when there was none.
    pub reached: String,
    /// Percent of the production traffic that the new version got at most.
    pub most: f64,
    /// Whether somebody asked ECS to stop it.
    pub requested: bool,
    /// Why ECS takes it back; empty when it does not.
    pub rollback: String,
}

impl ShiftTracker {
    /// Follows what begins at `since` or later (milliseconds since the Unix epoch).
    pub fn new(since: i64) -> Self {
        Self { since, seen: vec![] }
    }

    /// What began before is none of the change's, in milliseconds since the Unix epoch.
    pub fn since(&self) -> i64 {
        self.since - SKEW
    }

    /// ARNs of those that go on.
    pub fn open(&self) -> Vec<&str> {
        self.seen.iter().filter(|seen| !seen.is_over()).map(|seen| seen.arn.as_str()).collect()
    }

    /// Whether the one with this ARN is known to be over.
    pub fn is_over(&self, arn: &str) -> bool {
        self.seen.iter().any(|seen| seen.arn == arn && seen.is_over())
    }

    /// The one that goes on, else the newest.
    pub fn current(&self) -> Option<&Shift> {
        let open = self.seen.iter().rev().find(|seen| !seen.is_over());
        open.or(self.seen.last()).map(|seen| &seen.shift)
    }

    /// The first that did not end well, or will not.
    pub fn failed(&self) -> Option<&Seen> {
        self.seen.iter().find(|seen| seen.shift.has_failed())
    }

    /// Takes in how they stand, oldest first; returns those that changed.
    pub fn take(&mut self, found: &[ServiceDeployment]) -> Vec<Shift> {
        let mut found: Vec<&ServiceDeployment> = found.iter().filter(|found| self.counts(found)).collect();
        found.sort_by_key(|found| found.created);
        found.into_iter().filter_map(|found| self.one(found)).collect()
    }

    /// Whether it moves traffic and belongs to the change.
    fn counts(&self, found: &ServiceDeployment) -> bool {
        let known = self.seen.iter().any(|seen| seen.arn == found.arn);
        // One that seems to have begun just before, and is over when it is first seen, is the one before.
        let is_late = || found.created >= self.since() && shift(found, None).phase() != Phase::Over;
        found.shifts_traffic() && (known || found.created >= self.since || is_late())
    }

    fn one(&mut self, found: &ServiceDeployment) -> Option<Shift> {
        let index = self.seen.iter().position(|seen| seen.arn == found.arn);
        let before = index.map(|index| self.seen[index].shift.clone());
        let now = shift(found, before.as_ref());
        let index = index.unwrap_or_else(|| {
            self.seen.push(Seen {
                arn: found.arn.clone(),
                shift: now.clone(),
                reached: String::new(),
                most: 0.0,
                requested: false,
                rollback: String::new(),
            });
            self.seen.len() - 1
        });
        let seen = &mut self.seen[index];
        seen.most = seen.most.max(now.production.map_or(0.0, |share| share.new));
        if !now.has_failed() {
            seen.reached.clone_from(&now.stage);
        } else if seen.reached.is_empty() {
            // Never seen before it failed: ECS leaves the stage it was in.
            seen.reached.clone_from(&now.stage);
        }
        seen.requested |= matches!(now.status.as_str(), "STOP_REQUESTED" | "ROLLBACK_REQUESTED");
        if !found.rollback.is_empty() {
            seen.rollback.clone_from(&found.rollback);
        }
        seen.shift = now.clone();
        (before.as_ref() != Some(&now)).then_some(now)
    }
}

impl Seen {
    fn is_over(&self) -> bool {
        self.shift.phase() == Phase::Over
    }
}

/// A deployment as an event tells it; `before`: as it was told last.
fn shift(found: &ServiceDeployment, before: Option<&Shift>) -> Shift {
    let share = |(old, new)| Share { old, new };
    let (production, test) = (found.production().map(share), found.test().map(share));
    // ECS does not say since when; it says when it last changed something.
    let since = |same: bool, known: i64| if same { known } else { found.updated };
    let stage_since =
        before.map_or(found.updated, |before| since(before.stage == found.stage, before.stage_since));
    let traffic_since =
        before.map_or(found.updated, |before| since(before.production == production, before.traffic_since));
    Shift {
        id: found.arn.rsplit('/').next().unwrap_or_default().to_owned(),
        strategy: found.strategy.clone(),
        status: found.status.clone(),
        reason: found.reason.clone(),
        stage: found.stage.clone(),
        stage_since,
        traffic_since,
        production,
        test,
        bake_minutes: found.bake_minutes,
        step_percent: found.step_percent,
        step_bake_minutes: found.step_bake_minutes,
        alarms: found.alarms.clone(),
        ringing: found.ringing.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::ecs::deployments::Revision;
    use crate::aws::testing;
    use crate::deploy::Failure;
    use crate::deploy::stack::{Options, apply};
    use crate::deploy::testing::{Cloud, Recorder, Step, deploy, quick, wanted};
    use crate::event::{Event, Reporter};

    fn deployment(stage: &str, new: f64, updated: i64) -> ServiceDeployment {
        let revision = |production| Revision { production: Some(production), ..Revision::default() };
        ServiceDeployment {
            arn: "arn:aws:ecs:eu-west-1:1:service-deployment/c/api/D1".into(),
            status: "IN_PROGRESS".into(),
            stage: stage.into(),
            strategy: "LINEAR".into(),
            step_percent: Some(10.0),
            created: 100_000,
            updated,
            old: vec![revision(100.0 - new)],
            new: Some(revision(new)),
            ..ServiceDeployment::default()
        }
    }

    #[test]
    fn times_are_those_of_the_change() {
        let mut tracker = ShiftTracker::new(100_000);
        let first = &tracker.take(&[deployment("SCALE_UP", 0.0, 101_000)])[0];
        assert_eq!((first.id.as_str(), first.stage_since, first.traffic_since), ("D1", 101_000, 101_000));
        // Tasks that start are no news of the traffic.
        assert_eq!(tracker.take(&[deployment("SCALE_UP", 0.0, 105_000)]), []);
        let moved = &tracker.take(&[deployment("PRODUCTION_TRAFFIC_SHIFT", 10.0, 110_000)])[0];
        assert_eq!((moved.stage_since, moved.traffic_since), (110_000, 110_000));
        let next = &tracker.take(&[deployment("PRODUCTION_TRAFFIC_SHIFT", 20.0, 120_000)])[0];
        assert_eq!((next.stage_since, next.traffic_since), (110_000, 120_000));
        assert_eq!(next.production, Some(Share { old: 80.0, new: 20.0 }));
        assert_eq!(tracker.open().len(), 1);
    }

    #[test]
    fn what_failed_first_is_kept_with_how_far_it_came() {
        let mut tracker = ShiftTracker::new(100_000);
        tracker.take(&[deployment("BAKE_TIME", 100.0, 110_000)]);
        assert!(tracker.failed().is_none());
        let back = ServiceDeployment {
            status: "ROLLBACK_IN_PROGRESS".into(),
            reason: "because".into(),
            ringing: vec!["errors".into()],
            ..deployment("CLEAN_UP", 0.0, 120_000)
        };
        tracker.take(std::slice::from_ref(&back));
        // CloudFormation deploys the old version once more.
        let again =
            ServiceDeployment { arn: "arn:d/2".into(), created: 130_000, ..deployment("", 0.0, 130_000) };
        tracker.take(&[ServiceDeployment { status: "ROLLBACK_SUCCESSFUL".into(), ..back }, again]);
        let failed = tracker.failed().unwrap();
        assert_eq!((failed.reached.as_str(), failed.most, failed.requested), ("BAKE_TIME", 100.0, false));
        assert_eq!(tracker.open(), ["arn:d/2"]);
        assert_eq!(tracker.current().unwrap().id, "2");
        assert!(tracker.is_over("arn:aws:ecs:eu-west-1:1:service-deployment/c/api/D1"));
    }

    #[test]
    fn rolling_and_earlier_deployments_are_none_of_it() {
        let mut tracker = ShiftTracker::new(100_000);
        let rolling = ServiceDeployment { strategy: "ROLLING".into(), ..deployment("SCALE_UP", 0.0, 1) };
        let early = ServiceDeployment { created: 94_999, ..deployment("SCALE_UP", 0.0, 1) };
        let over = ServiceDeployment {
            created: 99_999,
            status: "ROLLBACK_SUCCESSFUL".into(),
            ..deployment("CLEAN_UP", 0.0, 1)
        };
        assert_eq!(tracker.take(&[rolling, early, over]), []);
        // Clocks differ: one that goes on is the change's own.
        let skewed =
            ServiceDeployment { arn: "arn:d/0".into(), created: 99_999, ..deployment("SCALE_UP", 0.0, 1) };
        assert_eq!(tracker.take(&[skewed]).len(), 1);
        let stopped = ServiceDeployment { status: "STOP_REQUESTED".into(), ..deployment("SCALE_UP", 0.0, 1) };
        tracker.take(&[stopped]);
        assert!(tracker.failed().unwrap().requested);
    }

    /// What CloudFormation does while a service moves its traffic for so many looks.
    fn while_it_shifts(looks: usize) -> Vec<Step> {
        let mut steps = vec![Step::stack("UPDATE_IN_PROGRESS"), Step::service("UPDATE_IN_PROGRESS", "")];
        steps.extend((0..looks).map(|at| Step::resource(&format!("R{at}"), "T", "UPDATE_COMPLETE")));
        steps
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_alarm_in_the_bake_time_is_named_with_its_reason() {
        let mut steps = while_it_shifts(4);
        steps.extend([
            Step::service("UPDATE_FAILED", "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.\" (RequestToken: 1, HandlerErrorCode: GeneralServiceException)"),
            Step::stack("UPDATE_ROLLBACK_IN_PROGRESS"),
            Step::service("UPDATE_IN_PROGRESS", ""),
            Step::service("UPDATE_COMPLETE", ""),
            Step::stack("UPDATE_ROLLBACK_COMPLETE"),
        ]);
        let throttled = testing::xml_error(400, "Throttling", "Rate exceeded");
        let cloud = Cloud::new(Some("UPDATE_COMPLETE")).refuses("DescribeAlarms", 3, throttled).steps(steps).shifts(&[
            r#""status": "IN_PROGRESS", "lifecycleStage": "BAKE_TIME""#,
            r#""status": "ROLLBACK_IN_PROGRESS", "lifecycleStage": "BAKE_TIME", "alarms": {"triggeredAlarmNames": ["errors"]}"#,
            r#""status": "ROLLBACK_SUCCESSFUL", "lifecycleStage": "CLEAN_UP", "statusReason": "Service deployment rolled back because of one or more active alarms.", "alarms": {"triggeredAlarmNames": ["errors"]}"#,
        ]);
        let recorder = Recorder::default();
        let Failure::Failed { cause, .. } = deploy(&cloud, &recorder).await.unwrap_err() else { panic!() };
        assert_eq!(
            (cause.code.as_str(), cause.headline.as_str()),
            ("alarm", "alarm errors went off in the bake time of the deployment of api, which ECS took back")
        );
        assert_eq!(cause.details[0], "errors: Threshold Crossed: 7 errors");
        let lines = recorder.lines();
        let shifts: Vec<&String> = lines.iter().filter(|line| line.starts_with("shift")).collect();
        assert_eq!(
            shifts,
            [
                "shift IN_PROGRESS BAKE_TIME 100% new",
                "shift ROLLBACK_IN_PROGRESS BAKE_TIME 100% new",
                "shift ROLLBACK_SUCCESSFUL CLEAN_UP 100% new"
            ]
        );
        // One that is over is not asked about again; the alarm is read once, at the second look: the first one's tries failed.
        let count = |what: &str| cloud.actions().iter().filter(|action| *action == what).count();
        assert_eq!((count("DescribeServiceDeployments"), count("DescribeAlarms")), (3, 4));
    }

    /// A user who asks to stop as soon as traffic is shown.
    struct Stopper {
        inner: Recorder,
        sender: tokio::sync::watch::Sender<u32>,
    }

    impl Reporter for Stopper {
        fn report(&self, event: Event) {
            if matches!(event, Event::Shift { .. }) {
                self.sender.send_replace(1);
            }
            self.inner.report(event);
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_interrupt_says_what_becomes_of_the_traffic() {
        for (stage, words) in [
            ("BAKE_TIME", "Traffic (100% new) goes back to the old version, whose tasks still run."),
            ("SCALE_UP", "No traffic has gone to the new version yet: all of it stays with the old one."),
        ] {
            let shift = format!(r#""status": "IN_PROGRESS", "lifecycleStage": "{stage}""#);
            let cloud =
                Cloud::new(Some("UPDATE_COMPLETE")).steps(while_it_shifts(2)).shifts(&[shift.as_str()]);
            let (sender, interrupt) = tokio::sync::watch::channel(0);
            let recorder = Stopper { inner: Recorder::default(), sender };
            let options = Options { interrupt: Some(interrupt), ..quick(&recorder) };
            let failure = apply(cloud.connection(), &wanted(), options).await.unwrap_err();
            assert!(matches!(failure, Failure::Interrupted { .. }), "{failure:?}");
            let note = format!(
                "note Stopping: stack shop-test-api is rolled back. {words} Interrupt once more to leave without waiting."
            );
            assert!(recorder.inner.lines().contains(&note), "{:#?}", recorder.inner.lines());
            assert_eq!(cloud.actions().iter().filter(|action| *action == "CancelUpdateStack").count(), 1);
        }
    }
}
