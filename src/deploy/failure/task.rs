//! Tasks that did not stay up: why, by what ECS, the load balancer and the containers say.

use super::{Cause, Evidence, StoppedContainer, StoppedTask, start, target};

/// A task that never ran: its image, its secrets, its volumes, its command.
pub(super) fn before_start(task: &StoppedTask, evidence: &Evidence) -> Option<Cause> {
    let reasons = || {
        let of_containers =
            task.containers.iter().map(|container| (Some(container), container.reason.as_str()));
        of_containers.chain([(None, task.reason.as_str())]).filter(|(_, reason)| !reason.is_empty())
    };
    let cause = wrong_architecture(task)
        .or_else(|| reasons().find_map(|(container, reason)| start::reason(task, container, reason)))?;
    Some(seen(cause, task, evidence))
}

/// What people call a service: the name CloudFormation gives it, `<stack>-Service-<random>`, without what it added.
pub(super) fn short(service: &str) -> &str {
    match service.rsplit_once("-Service-") {
        Some((stack, random)) if !stack.is_empty() && random.chars().all(char::is_alphanumeric) => stack,
        _ => service,
    }
}

/// How many tasks ended the same way, and which.
fn seen(cause: Cause, task: &StoppedTask, evidence: &Evidence) -> Cause {
    let count = evidence.tasks.iter().filter(|other| other.service == task.service).count();
    let tasks = if count == 1 { "1 task".to_owned() } else { format!("{count} tasks") };
    cause.detail(format!(
        "{tasks} of {} stopped; the last one was {} ({})",
        short(&task.service),
        task.id,
        task.task_definition
    ))
}

fn wrong_architecture(task: &StoppedTask) -> Option<Cause> {
    let in_log = |container: &&StoppedContainer| {
        container.logs.iter().any(|line| line.contains("exec format error"))
            || container.reason.contains("exec format error")
    };
    let in_pull = |reason: &str| {
        reason.contains("descriptor matching platform") || reason.contains("no matching manifest")
    };
    let by_container = task.containers.iter().find(in_log);
    let by_pull = task
        .containers
        .iter()
        .map(|container| container.reason.as_str())
        .chain([task.reason.as_str()])
        .any(in_pull);
    if by_container.is_none() && !by_pull {
        return None;
    }
    let name = by_container.or(task.containers.first()).map_or("the container", |container| &container.name);
    let (wanted, flag) = match task.architecture.as_str() {
        "ARM64" => ("ARM64", "linux/arm64"),
        _ => ("x86-64", "linux/amd64"),
    };
    let cause = Cause::new(
        "architecture",
        format!("the image of {name} is built for another architecture: the task runs on {wanted}"),
    )
    .instead(&[
        &format!("Build the image for {flag}: set `platform: {flag}` in the manifest, or build it on such a machine."),
        "Or run the task on the architecture of the image by setting `platform` to that.",
    ]);
    Some(match by_container {
        Some(container) => cause.logs(&container.logs),
        None => cause,
    })
}

/// A task whose container ended by itself.
pub(super) fn ended(task: &StoppedTask, evidence: &Evidence) -> Option<Cause> {
    let size = if task.memory.is_empty() { String::new() } else { format!(" {} MiB of", task.memory) };
    // ECS: "OutOfMemoryError: Container killed due to memory usage".
    if let Some(container) = task.containers.iter().find(|container| container.reason.contains("OutOfMemory"))
    {
        let headline = format!("container {} used up its{size} memory and was killed", container.name);
        return Some(seen(Cause::new("out_of_memory", headline).logs(&container.logs), task, evidence));
    }
    if task.reason.contains("OutOfMemory") {
        let killed = task.containers.iter().find(|container| container.exit_code == Some(137));
        let logs = killed.map_or(&[][..], |container| &container.logs);
        let headline =
            format!("the containers of {} used up their{size} memory together", short(&task.service));
        let cause = Cause::new("out_of_memory_task", headline).detail(task.reason.clone()).logs(logs);
        return Some(seen(cause, task, evidence));
    }
    // ECS ends healthy and unhealthy tasks too; only containers that ended first are to blame for their exit codes.
    if task.code != "EssentialContainerExited" && !task.reason.starts_with("Essential container") {
        return None;
    }
    let of_code = |container: &&StoppedContainer| {
        container.essential && container.exit_code.is_some_and(|code| code != 0)
    };
    let container = task
        .containers
        .iter()
        .filter(of_code)
        // A sidecar that ECS ended along with the first one has the code of a signal.
        .min_by_key(|container| matches!(container.exit_code, Some(137 | 143)))
        .or_else(|| {
            task.containers.iter().find(|container| container.essential && container.exit_code.is_some())
        })?;
    let code = container.exit_code?;
    let name = &container.name;
    let end = END.iter().find(|end| end.0 == code);
    let headline = match (code, end) {
        (0, _) => format!("container {name} ended by itself with code 0, but a service has to keep running"),
        (_, Some((_, _, meaning))) => format!("container {name} exited with code {code}: {meaning}"),
        _ => format!("container {name} exited with code {code}"),
    };
    let kind = end.map_or("container_exited", |end| end.1);
    let mut cause = Cause::new(kind, headline).logs(&container.logs).detail(container.reason.clone());
    if container.logs.is_empty() {
        cause = cause.first("It wrote nothing to its log: check its command, and run the image locally.");
    } else if evidence.status.starts_with("ROLLBACK") || evidence.status == "DELETE_COMPLETE" {
        // The rollback of a first creation removes the log group with everything else.
        cause = cause.first(
            "Read its last lines; `wharf deploy --no-rollback` keeps the whole log for `wharf svc logs`.",
        );
    }
    Some(seen(cause, task, evidence))
}

/// What an exit code of a container means: the cause by its code in [`super::KINDS`], and in words where it says more than that
/// the program failed.
#[must_use]
pub fn exit(code: i32) -> (&'static str, Option<&'static str>) {
    let end = END.iter().find(|end| end.0 == code);
    (end.map_or("container_exited", |end| end.1), end.map(|end| end.2))
}

/// Exit codes that say more than that a program failed: the cause and the meaning. Above 128 they are signals.
const END: &[(i32, &str, &str)] = &[
    (0, "container_ended", "it ended by itself"),
    (126, "command_not_executable", "its command was found but may not be executed"),
    (127, "command_not_found", "its command was not found in the image"),
    (129, "container_terminated", "signal 1 (SIGHUP), its terminal was closed"),
    (130, "container_terminated", "signal 2 (SIGINT), it was interrupted"),
    (132, "container_crashed", "signal 4 (SIGILL), an instruction this processor does not have"),
    (134, "container_crashed", "signal 6 (SIGABRT), it gave up on an internal error"),
    (136, "container_crashed", "signal 8 (SIGFPE), a calculation that has no result"),
    (137, "container_killed", "signal 9 (SIGKILL), it was killed"),
    (139, "container_crashed", "signal 11 (SIGSEGV), it used memory that is not its own"),
    (143, "container_terminated", "signal 15 (SIGTERM), it was asked to end"),
];

/// A task that ECS stopped because a health check failed.
pub(super) fn unhealthy(task: &StoppedTask, evidence: &Evidence) -> Option<Cause> {
    if task.reason.contains("failed container health checks") {
        let name = task
            .containers
            .iter()
            .find(|container| container.health == "UNHEALTHY")
            .or(task.containers.first())
            .map_or("the container", |container| &container.name);
        let logs =
            task.containers.iter().find(|container| container.name == *name).map_or(&[][..], |c| &c.logs);
        let cause = Cause::new(
            "container_health_check",
            format!("the health check command of container {name} kept failing"),
        )
        .detail(task.reason.clone())
        .logs(logs);
        return Some(seen(cause, task, evidence));
    }
    if !task.reason.contains("failed ELB health checks") {
        return None;
    }
    let service =
        evidence.services.iter().find(|service| service.name == task.service || evidence.services.len() == 1);
    let logs =
        task.containers.iter().find(|container| !container.logs.is_empty()).map_or(&[][..], |c| &c.logs);
    let written = task.containers.iter().flat_map(|container| &container.logs);
    let cause = match service.and_then(target::last) {
        Some(target) => target::explain(short(&task.service), &target, written),
        None => Cause::new(
            "health_check",
            format!("the load balancer's health check of {} kept failing", short(&task.service)),
        ),
    };
    Some(seen(cause.detail(task.reason.clone()).logs(logs), task, evidence))
}

/// What tasks, the service's messages and ECS's reasons for its rollouts say of places to run, the newest first.
pub(super) fn places(evidence: &Evidence) -> Option<Cause> {
    let stopped = evidence.tasks.iter().rev().find_map(|task| {
        let cause =
            [&task.reason, &task.code].into_iter().find_map(|text| start::place(&task.service, text))?;
        Some(seen(cause, task, evidence))
    });
    stopped.or_else(|| {
        evidence.services.iter().find_map(|service| {
            let texts = service.messages.iter().chain(&service.rollouts).rev();
            texts.into_iter().find_map(|text| start::place(&service.name, text))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_called_by_their_stack() {
        assert_eq!(short("shop-test-api-Service-FAE2TH4O67TE"), "shop-test-api");
        assert_eq!(short("api"), "api");
    }
}
