//! Whether a change that still goes on can't end well any more.

use super::{Cause, Evidence, explain};

/// Tasks that have to stop in one way before it counts as how the new version is, and not as an accident.
const SAME: usize = 2;

/// Kinds of causes that no further task mends: a first task that stops with one of them is enough.
const CERTAIN: &[&str] = &[
    "architecture",
    "command_not_executable",
    "command_not_found",
    "env_file_missing",
    "env_file_refused",
    "image_access",
    "image_not_found",
    "image_permission",
    "kms_refused",
    "log_group_missing",
    "parameter_not_found",
    "secret_access",
    "secret_empty",
    "secret_key",
    "secret_not_found",
];

/// Kinds of causes that lie in the new version, but may be an accident once: something it needs was not there yet.
const REPEATED: &[&str] = &[
    "container_crashed",
    "container_ended",
    "container_exited",
    "container_health_check",
    "container_killed",
    "health_check",
    "health_check_code",
    "health_check_no_answer",
    "health_check_timeout",
    "out_of_memory",
    "out_of_memory_task",
    "port",
    "port_local",
];

/// Why the change can't end well any more; `None` while it may. `evidence` holds one service, of whose tasks only those of
/// the new task definition count: an old version that keeps failing is what a deployment may be there to mend.
#[must_use]
pub fn hopeless(evidence: &Evidence) -> Option<Cause> {
    let ways: Vec<Cause> = evidence
        .tasks
        .iter()
        .map(|task| explain(&Evidence { tasks: vec![task.clone()], resources: vec![], ..evidence.clone() }))
        .collect();
    let certain = ways.iter().any(|cause| CERTAIN.contains(&cause.code.as_str()));
    let repeated = ways.iter().any(|cause| {
        REPEATED.contains(&cause.code.as_str())
            && ways.iter().filter(|other| other.code == cause.code).count() >= SAME
    });
    (certain || repeated).then(|| explain(&Evidence { resources: vec![], ..evidence.clone() }))
}

#[cfg(test)]
mod tests {
    use super::super::{FailedService, KINDS, StoppedContainer, StoppedTask};
    use super::*;

    fn task(id: &str, exit_code: Option<i32>, reason: &str) -> StoppedTask {
        StoppedTask {
            id: id.to_owned(),
            service: "shop-test-api".to_owned(),
            task_definition: "shop-test-api:3".to_owned(),
            code: "EssentialContainerExited".to_owned(),
            reason: "Essential container in task exited".to_owned(),
            containers: vec![StoppedContainer {
                name: "api".to_owned(),
                essential: true,
                exit_code,
                reason: reason.to_owned(),
                ..StoppedContainer::default()
            }],
            ..StoppedTask::default()
        }
    }

    fn evidence(tasks: Vec<StoppedTask>) -> Evidence {
        let service = FailedService { name: "shop-test-api".to_owned(), ..FailedService::default() };
        Evidence { stack: "shop-test-api".to_owned(), services: vec![service], tasks, ..Evidence::default() }
    }

    #[test]
    fn an_accident_is_forgiven_once_and_what_is_certain_is_not() {
        assert_eq!(hopeless(&evidence(vec![])), None);
        assert_eq!(hopeless(&evidence(vec![task("a", Some(1), "")])), None);
        let twice = hopeless(&evidence(vec![task("a", Some(1), ""), task("b", Some(1), "")])).unwrap();
        assert_eq!(twice.code, "container_exited");
        let pull = "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref \
                    registry/api:none: registry/api:none: not found";
        assert_eq!(hopeless(&evidence(vec![task("a", None, pull)])).unwrap().code, "image_not_found");
    }

    #[test]
    fn what_passes_by_itself_is_waited_for() {
        let network = "ResourceInitializationError: unable to pull secrets or registry auth: i/o timeout";
        let tasks = || vec![task("a", None, network), task("b", None, network)];
        let cause = explain(&evidence(tasks()));
        assert!(
            !CERTAIN.contains(&cause.code.as_str()) && !REPEATED.contains(&cause.code.as_str()),
            "{cause:?}"
        );
        assert_eq!(hopeless(&evidence(tasks())), None);
    }

    #[test]
    fn the_kinds_are_kinds() {
        for code in CERTAIN.iter().chain(REPEATED) {
            assert!(KINDS.iter().any(|kind| kind.code == *code), "{code}");
        }
    }
}
