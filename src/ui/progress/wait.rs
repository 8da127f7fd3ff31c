//! What an ECS service waits for while it is deployed, how long that takes as a rule, and where the time of a stack went.

use super::service::ServiceView;
use super::state::{StackView, State};
use crate::ui::text;

/// What a deployment of an ECS service waits for, in the order in which it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wait {
    /// ECS has not begun to start tasks.
    Start,
    /// A place for the tasks and their network interfaces.
    Place,
    /// The image, and the containers' start.
    Pull,
    /// The load balancer finds the new tasks healthy.
    Healthy,
    /// Test traffic goes over to the new version.
    Test,
    /// Traffic goes over to the new version.
    Move,
    /// A part of the traffic went over, and the next follows after a time.
    Step,
    /// All traffic went over, and the old version stays ready for a time.
    Bake,
    /// The load balancer lets go of the old tasks.
    Drain,
    /// The old tasks end.
    Stop,
    /// Traffic goes back to the old version.
    Back,
    /// ECS calls the service stable.
    Stable,
}

impl Wait {
    /// It in words, as something that is under way.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Start => "starting tasks",
            Self::Place => "placing tasks and their network",
            Self::Pull => "pulling the image and starting containers",
            Self::Healthy => "waiting for the load balancer's health checks",
            Self::Test => "moving test traffic to the new version",
            Self::Move => "moving traffic to the new version",
            Self::Step => "waiting before more traffic goes to the new version",
            Self::Bake => "keeping the old tasks ready for a time",
            Self::Back => "moving traffic back to the old version",
            Self::Drain => "draining connections of the old tasks",
            Self::Stop => "stopping the old tasks",
            Self::Stable => "waiting for ECS to call it stable",
        }
    }

    /// How long it takes as a rule on Fargate, with what shortens it where the manifest does.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::Start => "a few seconds as a rule",
            Self::Place => "20 to 60 s as a rule",
            Self::Pull => "10 to 60 s as a rule, by the size of the image",
            Self::Healthy => "up to interval × healthy_threshold of http.healthcheck",
            Self::Test | Self::Move => "seconds as a rule, 10 minutes more at a network load balancer",
            Self::Step => "bake_time of deployment.canary or deployment.linear",
            Self::Bake => "deployment.bake_time",
            Self::Back => "under a minute as a rule: the old tasks still run",
            Self::Drain => "http.deregistration_delay, 60 s unless set",
            Self::Stop => "up to 30 s for a program that ignores SIGTERM",
            Self::Stable => "5 to 30 s as a rule",
        }
    }

    /// It in a word or two, for sums.
    fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Place => "placement",
            Self::Pull => "image and start",
            Self::Healthy => "health checks",
            Self::Test => "test traffic",
            Self::Move => "traffic shift",
            Self::Step => "traffic steps",
            Self::Bake => "bake time",
            Self::Back => "taking back",
            Self::Drain => "draining",
            Self::Stop => "stopping old tasks",
            Self::Stable => "steady state",
        }
    }
}

/// The waits of a service with the time each took so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Waits {
    /// What it waits for now, and since when in milliseconds since the Unix epoch.
    now: Option<(Wait, i64)>,
    /// Milliseconds of what is over.
    spent: Vec<(Wait, i64)>,
}

impl Waits {
    /// Takes in what the service waits for from `at` on.
    pub(super) fn turn(&mut self, wait: Option<Wait>, at: i64) {
        if self.now.map(|(now, _)| now) == wait {
            return;
        }
        if let Some((over, since)) = self.now.take() {
            let took = at.saturating_sub(since).max(0);
            match self.spent.iter_mut().find(|(known, _)| *known == over) {
                Some((_, sum)) => *sum += took,
                None => self.spent.push((over, took)),
            }
        }
        self.now = wait.map(|wait| (wait, at));
    }

    /// What it waits for now, and since when in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now(&self) -> Option<(Wait, i64)> {
        self.now
    }

    /// The waits of at least a second in their order, with their milliseconds.
    fn sums(&self) -> Vec<(Wait, i64)> {
        let mut sums: Vec<_> = self.spent.iter().copied().filter(|(_, took)| *took >= 1000).collect();
        sums.sort_unstable_by_key(|(wait, _)| *wait);
        sums
    }
}

/// A stack that took less says nothing of where the time went, in milliseconds.
const WORTH_TELLING: i64 = 20_000;
/// Most resources that are named.
const SLOWEST: usize = 3;

/// Where the time of a stack that is done went, as a line; none for one that was quick or is not done.
#[must_use]
pub fn spent(stack: &StackView) -> Option<String> {
    let total = stack.span.end.and_then(|end| stack.span.elapsed(end))?;
    if stack.state != State::Done || total < WORTH_TELLING {
        return None;
    }
    let service = stack.services.iter().find_map(|service| of_service(stack, service));
    let parts = match service {
        Some((mut parts, took)) => {
            let rest = total - took;
            if rest >= 1000 {
                parts.push(format!("everything else {}", text::duration(rest)));
            }
            parts
        }
        None => slowest(stack),
    };
    let applied = stack.applied.zip(stack.span.start).map(|(applied, start)| applied.saturating_sub(start));
    let applied = applied.map_or_else(String::new, |took| {
        format!("; CloudFormation was done after {} (express mode)", text::duration(took))
    });
    (!parts.is_empty()).then(|| format!("of which {}{applied}", parts.join(", ")))
}

/// The waits of a service, and the milliseconds that its resource took.
fn of_service(stack: &StackView, service: &ServiceView) -> Option<(Vec<String>, i64)> {
    let span = stack.resource_of(service)?.span;
    let took = span.end.and_then(|end| span.elapsed(end))?;
    let sums = service.waits.sums();
    if sums.is_empty() {
        return None;
    }
    Some((
        sums.iter().map(|(wait, took)| format!("{} {}", wait.name(), text::duration(*took))).collect(),
        took,
    ))
}

/// The resources that took longest.
fn slowest(stack: &StackView) -> Vec<String> {
    let mut all: Vec<(i64, &str)> = stack
        .resources
        .iter()
        .filter_map(|resource| {
            let took = resource.span.end.and_then(|end| resource.span.elapsed(end))?;
            Some((took, resource.change.logical_id.as_str()))
        })
        .filter(|(took, _)| *took >= 1000)
        .collect();
    all.sort_by_key(|(took, _)| std::cmp::Reverse(*took));
    all.iter()
        .take(SLOWEST)
        .map(|(took, id)| format!("{} {}", text::safe(id), text::duration(*took)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_add_up_and_keep_their_order() {
        let mut waits = Waits::default();
        for (at, wait) in [
            (0, Some(Wait::Place)),
            (10_000, Some(Wait::Pull)),
            (12_000, Some(Wait::Place)),
            (15_000, Some(Wait::Pull)),
            (15_500, None),
            (20_000, Some(Wait::Drain)),
        ] {
            waits.turn(wait, at);
            waits.turn(wait, at + 100);
        }
        assert_eq!(waits.now(), Some((Wait::Drain, 20_000)));
        assert_eq!(waits.sums(), [(Wait::Place, 13_000), (Wait::Pull, 2500)]);
    }
}
