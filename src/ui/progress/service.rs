//! An ECS service as far as its events tell: deployments, how traffic goes over, tasks, targets, messages, and what it waits
//! for.

use std::collections::VecDeque;

use super::wait::{Wait, Waits};
use crate::event::{Deployment, Phase, Shift, Task};

/// Messages kept of a service.
const MESSAGES: usize = 5;
/// Stopped tasks kept of a service.
const STOPPED_TASKS: usize = 10;

/// An ECS service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ServiceView {
    /// Its name.
    pub name: String,
    /// Its deployments, the newest first.
    pub deployments: Vec<Deployment>,
    /// Its deployments that move traffic from one version to the next, in the order they began.
    pub shifts: Vec<Shift>,
    /// Its tasks that are not stopped, and the last stopped ones, in the order they were first seen.
    pub tasks: Vec<Task>,
    /// Targets behind load balancers by address: state and reason.
    pub targets: Vec<TargetView>,
    /// ECS's last messages with their times.
    pub messages: VecDeque<(i64, String)>,
    /// What it waited for so far.
    pub waits: Waits,
}

/// A target behind a load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetView {
    /// Its address.
    pub target: String,
    /// `initial`, `healthy`, `unhealthy`, `draining`, `unused`.
    pub state: String,
    /// The load balancer's reason.
    pub reason: String,
}

impl ServiceView {
    /// The newest deployment.
    #[must_use]
    pub fn primary(&self) -> Option<&Deployment> {
        self.deployments.iter().find(|deployment| deployment.status == "PRIMARY").or(self.deployments.first())
    }

    pub(super) fn message(&mut self, at: i64, message: &str) {
        self.messages.push_back((at, message.to_owned()));
        if self.messages.len() > MESSAGES {
            self.messages.pop_front();
        }
    }

    pub(super) fn deployment(&mut self, deployment: &Deployment) {
        match self.deployments.iter_mut().find(|known| known.id == deployment.id) {
            Some(known) => known.clone_from(deployment),
            None => self.deployments.insert(0, deployment.clone()),
        }
        self.deployments.sort_by_key(|deployment| deployment.status != "PRIMARY");
    }

    pub(super) fn shift(&mut self, shift: &Shift) {
        match self.shifts.iter_mut().find(|known| known.id == shift.id) {
            Some(known) => known.clone_from(shift),
            None => self.shifts.push(shift.clone()),
        }
    }

    /// The deployment that moves traffic right now.
    #[must_use]
    pub fn shifting(&self) -> Option<&Shift> {
        self.shifts.last().filter(|shift| shift.phase() != Phase::Over)
    }

    /// What it waits for in words, how long that takes as a rule, and since when in milliseconds since the Unix epoch. `now`:
    /// the words tell how much of a time that is set is over.
    #[must_use]
    pub fn waiting(&self, now: Option<i64>) -> Option<(String, &'static str, i64)> {
        let (wait, since) = self.waits.now()?;
        let shift = self.shifting().filter(|shift| of_phase(shift.phase()) == Some(wait));
        let Some(shift) = shift else { return Some((wait.words().to_owned(), wait.rule(), since)) };
        let rule = if wait == Wait::Step { shift.step_field() } else { wait.rule() };
        Some((shift.words(now), rule, shift.since().unwrap_or(since)))
    }

    pub(super) fn task(&mut self, task: &Task) {
        match self.tasks.iter_mut().find(|known| known.id == task.id) {
            Some(known) => known.clone_from(task),
            None => self.tasks.push(task.clone()),
        }
        let stopped = self.tasks.iter().filter(|task| task.status == "STOPPED").count();
        if stopped > STOPPED_TASKS
            && let Some(oldest) = self.tasks.iter().position(|task| task.status == "STOPPED")
        {
            self.tasks.remove(oldest);
        }
    }

    pub(super) fn target(&mut self, target: &str, state: &str, reason: &str) {
        let new =
            TargetView { target: target.to_owned(), state: state.to_owned(), reason: reason.to_owned() };
        match self.targets.iter_mut().find(|known| known.target == target) {
            Some(known) => *known = new,
            None => self.targets.push(new),
        }
        self.targets.retain(|target| target.state != "unused");
    }

    /// Takes in that something of it changed at `at`.
    pub(super) fn changed(&mut self, at: i64) {
        self.waits.turn(self.waits_for(), at);
    }

    /// What the service waits for; none when it waits for nothing that is known.
    #[must_use]
    pub fn waits_for(&self) -> Option<Wait> {
        let shifting = self.shifting().map(Shift::phase);
        if let Some(wait) = shifting.and_then(of_phase) {
            return Some(wait);
        }
        match (shifting, self.waits_for_tasks()) {
            // The old tasks are there to stay until all traffic went over.
            (Some(Phase::Start), None | Some(Wait::Drain | Wait::Stop)) => Some(Wait::Stable),
            (_, wait) => wait,
        }
    }

    /// What a rolling deployment waits for.
    fn waits_for_tasks(&self) -> Option<Wait> {
        let primary = self.primary()?;
        let starting = |status: &str| {
            self.tasks
                .iter()
                .any(|task| task.status == status && task.task_definition == primary.task_definition)
        };
        let target = |state: &str| self.targets.iter().any(|target| target.state == state);
        if primary.rollout == "COMPLETED" || primary.rollout == "FAILED" {
            None
        } else if primary.running < primary.desired {
            Some(if starting("PROVISIONING") {
                Wait::Place
            } else if starting("PENDING") || starting("ACTIVATING") {
                Wait::Pull
            } else if primary.pending > 0 {
                Wait::Place
            } else {
                Wait::Start
            })
        } else if target("initial") || target("unhealthy") {
            Some(Wait::Healthy)
        } else if target("draining") {
            Some(Wait::Drain)
        } else if self.deployments.iter().any(|old| old.status == "ACTIVE" && old.running > 0) {
            Some(Wait::Stop)
        } else {
            Some(Wait::Stable)
        }
    }
}

/// What is waited for in a phase, where that is something of its own.
fn of_phase(phase: Phase) -> Option<Wait> {
    match phase {
        Phase::Test => Some(Wait::Test),
        Phase::Move => Some(Wait::Move),
        Phase::Step => Some(Wait::Step),
        Phase::Bake => Some(Wait::Bake),
        Phase::Back => Some(Wait::Back),
        Phase::Start | Phase::CleanUp | Phase::Over => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_says_what_it_waits_for() {
        let deployment = |running, pending, rollout: &str| Deployment {
            id: "1".into(),
            status: "PRIMARY".into(),
            task_definition: "t:2".into(),
            desired: 1,
            running,
            pending,
            failed: 0,
            rollout: rollout.into(),
            reason: String::new(),
        };
        let mut service = ServiceView::default();
        assert_eq!(service.waits_for(), None);
        service.deployment(&Deployment {
            id: "0".into(),
            status: "ACTIVE".into(),
            ..deployment(1, 0, "COMPLETED")
        });
        service.deployment(&deployment(0, 1, "IN_PROGRESS"));
        assert_eq!(service.primary().unwrap().id, "1");
        assert_eq!(service.waits_for(), Some(Wait::Place));
        service.deployment(&deployment(1, 0, "IN_PROGRESS"));
        service.target("10.0.0.1", "initial", "");
        assert_eq!(service.waits_for(), Some(Wait::Healthy));
        service.target("10.0.0.1", "healthy", "");
        assert_eq!(service.waits_for(), Some(Wait::Stop));
        service.target("10.0.0.2", "draining", "");
        assert_eq!(service.waits_for(), Some(Wait::Drain));
        service.target("10.0.0.2", "unused", "");
        service.deployment(&Deployment { id: "0".into(), status: "INACTIVE".into(), ..deployment(0, 0, "") });
        assert_eq!(service.waits_for(), Some(Wait::Stable));
        service.deployment(&deployment(1, 0, "COMPLETED"));
        assert_eq!(service.waits_for(), None);
    }
}
