//! Whether the new version of a service came up, by its deployments in ECS: where CloudFormation does not wait for it (express
//! mode), that decides how the change ended. Pure.

use std::collections::BTreeSet;

use super::service::SKEW;
use crate::aws::ecs::Deployment;

/// How a service stands with what its stack wants it to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is on its way.
    Going,
    /// It runs.
    Good,
    /// It did not come up.
    Bad,
}

/// Looks in a row after which what ECS says is believed although it may have been of before the change.
pub(super) const BELIEVED: u32 = 3;

/// What was seen of the rollout of a service.
#[derive(Debug, Clone)]
pub struct Rollout {
    /// When the change began, in milliseconds since the Unix epoch.
    since: i64,
    /// Messages that say that a deployment failed, with their times.
    failures: Vec<(i64, String)>,
    /// Deployments of before the change, by id.
    known: BTreeSet<String>,
    /// The service's deployments at the last look.
    latest: Vec<Deployment>,
    /// Looks in a row that showed what may only be late.
    doubtful: u32,
}

impl Rollout {
    /// Of a change that began at `since` (milliseconds since the Unix epoch).
    pub(super) fn new(since: i64) -> Self {
        Self { since, failures: vec![], known: BTreeSet::new(), latest: vec![], doubtful: 0 }
    }

    /// Deployments with these ids are of before the change, whenever they end.
    pub(super) fn know(&mut self, ids: &[String]) {
        self.known.extend(ids.iter().cloned());
    }

    /// Whether the deployment with this id is of before the change.
    pub(super) fn knows(&self, id: &str) -> bool {
        self.known.contains(id)
    }

    /// Takes in a message of the service's, with its time.
    pub(super) fn take_message(&mut self, at: i64, text: &str) {
        if text.contains("deployment failed") {
            self.failures.push((at, text.to_owned()));
        }
    }

    /// Takes in the service's deployments.
    pub(super) fn take(&mut self, deployments: &[Deployment]) {
        self.latest = deployments.to_vec();
    }

    /// The deployment that is being rolled out; `None` before the first look.
    pub(super) fn primary(&self) -> Option<&Deployment> {
        self.latest.iter().find(|deployment| deployment.status == "PRIMARY")
    }

    /// Why the last deployment failed, in ECS's words.
    pub(super) fn told(&self) -> Option<String> {
        self.failures.last().map(|(_, text)| text.rsplit(") ").next().unwrap_or(text).to_owned())
    }

    /// How it stands. `definitions`: ARNs of the task definitions of the stack; none: any will do. To be asked once after each
    /// look.
    pub(super) fn standing(&mut self, definitions: &[String]) -> Standing {
        let is_known = |text: &str| self.known.iter().any(|id| text.contains(id.as_str()));
        let told = self.failures.iter().any(|(at, text)| *at >= self.since && !is_known(text));
        let failed = self
            .latest
            .iter()
            .any(|one| one.rollout == "FAILED" && one.created >= self.since - SKEW && !is_known(&one.id));
        if told || failed {
            return Standing::Bad;
        }
        let Some(primary) = self.primary() else { return Standing::Going };
        let wanted = definitions.is_empty() || definitions.contains(&primary.task_definition);
        let done = match primary.rollout.as_str() {
            "" => self.latest.len() == 1 && primary.running == primary.desired,
            rollout => rollout == "COMPLETED",
        };
        let new = primary.created >= self.since - SKEW && !self.knows(&primary.id);
        match (wanted, done, new) {
            (true, false, _) => self.doubtful = 0,
            (true, true, true) => return Standing::Good,
            // A change that made no new deployment, or one that is not listed yet.
            (true, true, false) => {
                self.doubtful += 1;
                if self.doubtful >= BELIEVED {
                    return Standing::Good;
                }
            }
            // ECS went back to what ran before, or has not listed the new one yet.
            (false, ..) => {
                self.doubtful += 1;
                if self.doubtful > BELIEVED {
                    return Standing::Bad;
                }
            }
        }
        Standing::Going
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(id: &str) -> String {
        format!("arn:aws:ecs:eu-west-1:1:task-definition/shop-test-api:{id}")
    }

    fn deployment(id: &str, created: i64, rollout: &str) -> Deployment {
        Deployment {
            id: id.into(),
            status: "PRIMARY".into(),
            task_definition: definition(id),
            desired: 1,
            running: 1,
            pending: 0,
            failed: 0,
            rollout: rollout.into(),
            reason: String::new(),
            created,
            updated: 100_000,
        }
    }

    fn look(rollout: &mut Rollout, deployments: &[Deployment], text: &str) -> Standing {
        rollout.take_message(106_000, text);
        rollout.take(deployments);
        rollout.standing(&[definition("2")])
    }

    #[test]
    fn a_rollout_stands_well_or_badly() {
        let new = |rollout: &str| deployment("2", 101_000, rollout);
        let old = || deployment("1", 0, "COMPLETED");
        let rollout = || Rollout::new(100_000);
        // What is told of a moment before the change is of another one.
        let told = "(deployment 0) deployment failed: tasks failed to start.";
        assert_eq!(look(&mut Rollout::new(106_500), &[new("IN_PROGRESS")], told), Standing::Going);
        let mut good = rollout();
        assert_eq!(good.standing(&[]), Standing::Going);
        // The answer of a moment ago.
        assert_eq!(look(&mut good, &[old()], ""), Standing::Going);
        assert_eq!(look(&mut good, &[new("IN_PROGRESS")], ""), Standing::Going);
        assert_eq!(look(&mut good, &[new("COMPLETED")], ""), Standing::Good);
        assert_eq!(look(&mut rollout(), &[new("FAILED")], ""), Standing::Bad);
        let failed = "(deployment 2) deployment failed: tasks failed to start.";
        let mut bad = rollout();
        assert_eq!(look(&mut bad, &[old()], failed), Standing::Bad);
        assert_eq!(bad.told().as_deref(), Some("deployment failed: tasks failed to start."));
        // On the way back the failure of before is old news, and so is its deployment.
        let mut back = rollout();
        back.know(&["2".to_owned()]);
        let before = Deployment { status: "ACTIVE".into(), ..new("FAILED") };
        let again = Deployment { id: "3".into(), task_definition: definition("2"), ..new("COMPLETED") };
        assert_eq!(look(&mut back, &[again, before], failed), Standing::Good);
        // ECS went back by itself, and nothing tells why any more.
        let mut astray = rollout();
        let seen: Vec<Standing> = (0..4).map(|_| look(&mut astray, &[old()], "")).collect();
        assert_eq!(seen, [Standing::Going, Standing::Going, Standing::Going, Standing::Bad]);
        // A change that made no new deployment.
        let mut same = rollout();
        let kept = deployment("2", 1, "COMPLETED");
        let seen: Vec<Standing> = (0..3).map(|_| look(&mut same, std::slice::from_ref(&kept), "")).collect();
        assert_eq!(seen, [Standing::Going, Standing::Going, Standing::Good]);
    }
}
