//! Events of one stack, each taken once. Pure: answers go in, what is new comes out.

use std::collections::BTreeSet;

use crate::aws::cloudformation::events::StackEvent;

/// CloudFormation lists an event a little after it happened, and not always in order: events this much older than the
/// newest one are still looked for, in milliseconds.
const LATE: i64 = 15_000;

/// What CloudFormation adds when a service's resource is done: an `…_IN_PROGRESS` that begins nothing.
const CONSISTENCY: &str = "Eventual consistency check initiated";

/// Remembers which events of a stack were taken.
#[derive(Debug, Clone)]
pub struct StackTracker {
    seen: BTreeSet<String>,
    start: i64,
    newest: i64,
}

impl StackTracker {
    /// Takes events after those of `before`, which are the newest ones of the time before the change (newest first).
    #[must_use]
    pub fn after(before: &[StackEvent]) -> Self {
        let newest = before.iter().map(|event| event.at).max().unwrap_or_default();
        Self { seen: before.iter().map(|event| event.id.clone()).collect(), start: newest, newest }
    }

    /// Takes events at or after `start`, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn since(start: i64) -> Self {
        Self { seen: BTreeSet::new(), start, newest: start }
    }

    /// From when on to ask for events, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn ask_since(&self) -> i64 {
        self.start.max(self.newest - LATE)
    }

    /// What is new in an answer (newest first), oldest first.
    pub fn take(&mut self, answer: Vec<StackEvent>) -> Vec<StackEvent> {
        let mut new = vec![];
        for event in answer.into_iter().rev() {
            if event.at < self.start || !self.seen.insert(event.id.clone()) {
                continue;
            }
            self.newest = self.newest.max(event.at);
            if !event.reason.contains(CONSISTENCY) {
                new.push(event);
            }
        }
        new
    }
}

/// Whether a status is one a stack stays in.
#[must_use]
pub fn is_final(status: &str) -> bool {
    !status.ends_with("_IN_PROGRESS") && !status.is_empty()
}

/// Whether a status of a resource says it failed of itself, and not because another one did.
#[must_use]
pub fn is_failure(event: &StackEvent) -> bool {
    event.status.ends_with("_FAILED")
        && !["Resource creation cancelled", "Resource update cancelled", "Resource deletion cancelled"]
            .iter()
            .any(|words| event.reason.eq_ignore_ascii_case(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str, at: i64, reason: &str) -> StackEvent {
        StackEvent {
            id: id.into(),
            stack_id: "arn:s".into(),
            stack: "s".into(),
            logical_id: "Service".into(),
            physical_id: String::new(),
            resource_type: "AWS::ECS::Service".into(),
            status: "UPDATE_IN_PROGRESS".into(),
            reason: reason.into(),
            at,
        }
    }

    fn ids(events: &[StackEvent]) -> Vec<&str> {
        events.iter().map(|event| event.id.as_str()).collect()
    }

    #[test]
    fn each_event_is_taken_once_and_in_order() {
        let mut tracker = StackTracker::after(&[event("b", 2, ""), event("a", 1, "")]);
        assert_eq!(
            ids(&tracker.take(vec![event("d", 30_000, ""), event("c", 3, ""), event("b", 2, "")])),
            ["c", "d"]
        );
        assert_eq!(tracker.take(vec![event("d", 30_000, ""), event("c", 3, "")]), []);
        // An event that is listed late, although others are newer.
        assert_eq!(tracker.ask_since(), 15_000);
        assert_eq!(ids(&tracker.take(vec![event("d", 30_000, ""), event("late", 29_000, "")])), ["late"]);
    }

    #[test]
    fn events_from_before_the_change_are_left_out() {
        let mut tracker = StackTracker::after(&[event("b", 20, "")]);
        assert_eq!(tracker.take(vec![event("b", 20, ""), event("old", 10, "")]), []);
        let mut nested = StackTracker::since(20);
        assert_eq!(ids(&nested.take(vec![event("x", 21, ""), event("old", 10, "")])), ["x"]);
    }

    #[test]
    fn the_consistency_check_is_no_new_deployment() {
        let mut tracker = StackTracker::since(0);
        assert_eq!(tracker.take(vec![event("a", 1, "Eventual consistency check initiated")]), []);
        assert_eq!(tracker.take(vec![event("a", 1, "Eventual consistency check initiated")]), []);
    }

    #[test]
    fn cancelled_resources_did_not_fail_themselves() {
        let failed = |reason: &str| StackEvent { status: "CREATE_FAILED".into(), ..event("a", 1, reason) };
        assert!(is_failure(&failed("x already exists")));
        assert!(!is_failure(&failed("Resource creation cancelled")));
        assert!(is_final("UPDATE_ROLLBACK_FAILED") && !is_final("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"));
    }
}
