//! Tasks that did not stay up: why, by what ECS, the load balancer and the containers say.

use super::resource::word_after;
use super::{Cause, Evidence, StoppedContainer, StoppedTask, UnhealthyTarget};

/// A task that never ran: its image, its secrets, its volumes, its command.
pub(super) fn before_start(task: &StoppedTask, evidence: &Evidence) -> Option<Cause> {
    let reasons = || {
        let of_containers =
            task.containers.iter().map(|container| (Some(container), container.reason.as_str()));
        of_containers.chain([(None, task.reason.as_str())]).filter(|(_, reason)| !reason.is_empty())
    };
    let cause = wrong_architecture(task).or_else(|| {
        reasons().find_map(|(container, reason)| {
            if reason.contains("CannotPull") {
                Some(image(task, container, reason))
            } else if reason.contains("ResourceInitializationError") {
                Some(initialisation(task, reason))
            } else if reason.contains("CannotStartContainerError")
                || reason.contains("CannotCreateContainerError")
            {
                Some(command(container, reason))
            } else {
                None
            }
        })
    })?;
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
    .next(format!(
        "Build the image for {flag}: set `platform: {flag}` in the manifest, or build it on such a machine."
    ))
    .next("Or run the task on the architecture of the image by setting `platform` to that.");
    Some(match by_container {
        Some(container) => cause.logs(&container.logs),
        None => cause,
    })
}

fn image(task: &StoppedTask, container: Option<&StoppedContainer>, reason: &str) -> Cause {
    let lower = reason.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    let container = container.or(task.containers.first());
    let image = container.map_or("", |container| container.image.as_str());
    let image = if image.is_empty() { "the image".to_owned() } else { format!("image {image}") };
    let cause = if has(&["toomanyrequests", "rate limit"]) {
        Cause::new(
            "image_rate_limit",
            format!("{image} can't be pulled: the registry's limit of pulls is reached"),
        )
        .next("Copy the image into ECR and use it from there, or wait and deploy again.")
    } else if has(&[
        "pull access denied",
        "403 forbidden",
        "no basic auth",
        "unauthorized",
        "not authorized",
        "authorization failed",
    ]) {
        Cause::new("image_access", format!("{image} can't be pulled: the registry refuses"))
            .next("Check the name; a private registry needs `image.credentials` in the manifest, an ECR repository of another account a policy that allows this one.")
    } else if has(&["not found", "manifest unknown", "does not exist", "name unknown"]) {
        Cause::new("image_not_found", format!("{image} does not exist in its registry"))
            .next("Check repository, tag and digest, and that the image was pushed to this region.")
    } else if has(&[
        "timeout",
        "timed out",
        "connection issue",
        "dial tcp",
        "deadline exceeded",
        "no such host",
    ]) {
        Cause::new("image_network", format!("{image} can't be pulled: the task does not reach the registry"))
            .next("A task in private subnets needs a NAT gateway or VPC endpoints (ecr.api, ecr.dkr, s3); in public subnets it needs a public address.")
    } else if has(&["no space left"]) {
        Cause::new("image_size", format!("{image} does not fit on the task's disk"))
            .next("Make the image smaller, or raise `storage.ephemeral` in the manifest.")
    } else {
        Cause::new("image", format!("{image} can't be pulled"))
            .next("Pull it by hand with the same name to see whether it exists.")
    };
    cause.detail(reason.to_owned())
}

fn initialisation(task: &StoppedTask, reason: &str) -> Cause {
    let has = |words: &[&str]| words.iter().any(|word| reason.contains(word));
    let service = short(&task.service);
    let cause = if has(&["AccessDenied", "not authorized to perform"]) {
        let action = word_after(reason, "authorized to perform:");
        Cause::new("secret_access", format!("{service} may not read what it needs to start: {action} is not allowed"))
            .next("A secret must carry the tags copilot-application and copilot-environment of the service, or the execution role needs a policy that allows reading it and its key.")
    } else if has(&[
        "invalid parameters:",
        "invalid ssm parameters:",
        "ParameterNotFound",
        "ResourceNotFoundException",
        "can't find the specified secret",
    ]) {
        let name = ["invalid ssm parameters:", "invalid parameters:", "fetch secret"]
            .iter()
            .map(|mark| word_after(reason, mark))
            .find(|name| !name.is_empty())
            .unwrap_or_default();
        let name = if name.is_empty() { String::new() } else { format!(" {name}") };
        Cause::new("secret_not_found", format!("the secret{name} that {service} needs does not exist"))
            .next("Make it, with the tags copilot-application and copilot-environment, or correct its name in the manifest's `secrets`.")
            .next("It must be in the account and region of the environment.")
    } else if has(&["did not contain json key", "retrieved secret from Secrets Manager did not contain"]) {
        Cause::new(
            "secret_key",
            format!("a secret that {service} needs lacks the JSON key the manifest names"),
        )
        .next("Correct the key after the secret's name in the manifest's `secrets`.")
    } else if has(&["EFS", "failed to mount"]) {
        Cause::new("volume", format!("a volume of {service} can't be mounted from EFS"))
            .next("Check the file system's mount targets, their security group (port 2049) and the access point's permissions.")
    } else if has(&["env file", "environment file"]) {
        Cause::new("env_file", format!("the environment file of {service} can't be read"))
            .next("Deploy again: the file is uploaded with each deployment.")
    } else if has(&["logging driver", "logger args", "log stream"]) {
        Cause::new("logging", format!("logging of {service} can't be set up")).next(
            "Check the log group, the `logging` section of the manifest and the execution role's rights.",
        )
    } else {
        Cause::new("start_network", format!("{service} does not reach the AWS services it needs to start: a matter of its network"))
            .next("A task in private subnets needs a NAT gateway or VPC endpoints (ecr.api, ecr.dkr, s3, logs, ssm, secretsmanager); in public subnets it needs a public address.")
            .next("The VPC must resolve DNS names, and the security groups must let port 443 out.")
    };
    cause.detail(reason.to_owned())
}

fn command(container: Option<&StoppedContainer>, reason: &str) -> Cause {
    let name = container.map_or("the container", |container| &container.name);
    let program =
        reason.split_once("exec: \"").and_then(|(_, rest)| rest.split_once('"')).map(|(program, _)| program);
    let headline = match program {
        Some(program) if reason.contains("permission denied") => {
            format!("container {name} can't start: {program} is not executable")
        }
        Some(program) => {
            format!("container {name} can't start: its command {program} does not exist in the image")
        }
        None => format!("container {name} can't start"),
    };
    Cause::new("command", headline)
        .detail(reason.to_owned())
        .next("Check `entrypoint` and `command` in the manifest and in the Dockerfile.")
}

/// A task whose container ended by itself.
pub(super) fn ended(task: &StoppedTask, evidence: &Evidence) -> Option<Cause> {
    let out_of_memory = task.containers.iter().find(|container| {
        container.reason.contains("OutOfMemory")
            || task.reason.contains("OutOfMemory") && container.exit_code == Some(137)
    });
    if let Some(container) = out_of_memory {
        let memory = if task.memory.is_empty() { String::new() } else { format!(" {} MiB of", task.memory) };
        let cause = Cause::new(
            "out_of_memory",
            format!("container {} used up its{memory} memory and was killed", container.name),
        )
        .next("Raise `memory` in the manifest, or make the program use less.")
        .logs(&container.logs);
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
    let headline = match code {
        0 => format!("container {name} ended by itself with code 0, but a service has to keep running"),
        code => format!("container {name} exited with code {code}"),
    };
    let mut cause = Cause::new("container_exited", headline).logs(&container.logs);
    if let Some(meaning) = meaning(code) {
        cause = cause.detail(meaning);
    }
    cause = cause.detail(container.reason.clone());
    cause = match container.logs.is_empty() {
        true => cause.next("It wrote nothing to its log: check its command, and run the image locally."),
        // The rollback of a first creation removes the log group with everything else.
        false if evidence.status.starts_with("ROLLBACK") || evidence.status == "DELETE_COMPLETE" => cause
            .next(
                "Read its last lines; `wharf deploy --no-rollback` keeps the whole log for `wharf svc logs`.",
            ),
        false => cause.next("Read its last lines; the whole log is in `wharf svc logs`."),
    };
    if code == 0 {
        cause = cause.next("Check that the command stays in the foreground, or make it a job.");
    }
    Some(seen(cause, task, evidence))
}

/// What an exit code usually means.
fn meaning(code: i32) -> Option<String> {
    let signal =
        |name: &str, what: &str| Some(format!("code {code} is signal {} ({name}): {what}", code - 128));
    match code {
        126 => Some("code 126: the command was found but may not be executed".into()),
        127 => Some("code 127: the command was not found in the image".into()),
        129 => signal("SIGHUP", "the terminal was closed"),
        130 => signal("SIGINT", "it was interrupted"),
        132 => signal(
            "SIGILL",
            "an instruction this processor does not have; the image may be built for another one",
        ),
        134 => signal("SIGABRT", "it gave up on an internal error"),
        136 => signal("SIGFPE", "a calculation that has no result"),
        137 => signal("SIGKILL", "it was killed, for using too much memory or for not ending in time"),
        139 => signal(
            "SIGSEGV",
            "it used memory that is not its own; sometimes an image of another architecture",
        ),
        143 => signal("SIGTERM", "it was asked to end"),
        255 => Some("code 255: the program failed, or could not be run at all".into()),
        _ => None,
    }
}

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
        let cause = Cause::new("container_health_check", format!("the health check command of container {name} kept failing"))
            .detail(task.reason.clone())
            .next("Run the command of `image.healthcheck` inside the container: its program must be in the image, and it must exit with 0.")
            .next("Give a slow start more time with `start_period`.")
            .logs(logs);
        return Some(seen(cause, task, evidence));
    }
    if !task.reason.contains("failed ELB health checks") {
        return None;
    }
    let target = evidence
        .services
        .iter()
        .filter(|service| service.name == task.service || evidence.services.len() == 1)
        .find_map(|service| service.targets.last());
    let logs =
        task.containers.iter().find(|container| !container.logs.is_empty()).map_or(&[][..], |c| &c.logs);
    let cause = match target {
        Some(target) => of_target(short(&task.service), target, task.containers.iter().flat_map(|c| &c.logs)),
        None => Cause::new("health_check", format!("the load balancer's health check of {} kept failing", short(&task.service)))
            .next("Ask the health check path of the running container: it must answer with a code the manifest expects."),
    };
    Some(seen(cause.detail(task.reason.clone()).logs(logs), task, evidence))
}

/// Targets that never became healthy, without a task that tells more.
pub(super) fn targets(evidence: &Evidence) -> Option<Cause> {
    let service = evidence.services.iter().find(|service| !service.targets.is_empty())?;
    let logs = evidence.tasks.iter().flat_map(|task| &task.containers).flat_map(|container| &container.logs);
    Some(of_target(short(&service.name), service.targets.last()?, logs))
}

fn of_target<'a>(service: &str, target: &UnhealthyTarget, logs: impl Iterator<Item = &'a String>) -> Cause {
    let path = if target.path.is_empty() { "the health check path" } else { target.path.as_str() };
    let port = target.port;
    let fact = match target.reason.as_str() {
        "" => format!("{}, port {port}: {}", target.target, target.description),
        code => format!("{}:{port}: {} ({code})", target.target, target.description),
    };
    if let Some(codes) = target.description.split_once("codes: [").and_then(|(_, rest)| rest.split_once(']'))
    {
        let expected = if target.expected.is_empty() {
            String::new()
        } else {
            format!(" instead of {}", target.expected)
        };
        return Cause::new(
            "health_check_code",
            format!("the load balancer's health check of {service} got {} from {path}{expected}", codes.0),
        )
        .detail(fact)
        .next("Set `http.healthcheck.path` to a path that answers without a login or redirect, or `success_codes` to what it answers.");
    }
    if let Some(listens) =
        logs.filter_map(|line| listening_port(line)).last().filter(|&listens| listens != port && port != 0)
    {
        return Cause::new(
            "port",
            format!("{service} listens on port {listens}, but the load balancer asks at port {port}"),
        )
        .detail(fact)
        .next(format!(
            "Set `image.port` (or `http.target_port`) to {listens}, or make the program listen on {port}."
        ));
    }
    if target.reason == "Target.Timeout" || target.description.contains("timed out") {
        return Cause::new(
            "health_check_timeout",
            format!("the load balancer's health check of {service} got no answer in time at port {port}"),
        )
        .detail(fact)
        .next("Check that the program listens on 0.0.0.0 (not only on localhost) and answers within the health check's timeout.")
        .next("Give a slow start more time with `http.healthcheck.grace_period`.");
    }
    Cause::new(
        "health_check_no_answer",
        format!("nothing answers the load balancer's health check of {service} at port {port}"),
    )
    .detail(fact)
    .next(format!("Check that the program listens on 0.0.0.0:{port} (not only on localhost), and that `image.port` is its port."))
    .next("Give a slow start more time with `http.healthcheck.grace_period`.")
}

/// The port a line such as `Server listening on http://0.0.0.0:3000` names.
fn listening_port(line: &str) -> Option<u16> {
    let lower = line.to_lowercase();
    let mark = [
        "listening",
        "running on",
        "running at",
        "started on",
        "serving on",
        "bound to",
        "started server on",
    ]
    .iter()
    .find_map(|word| lower.find(word).map(|at| at + word.len()))?;
    let rest = lower.get(mark..)?;
    let number = |text: &str| -> Option<u16> {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        digits.parse().ok().filter(|&port| port > 0)
    };
    // After `port`, or after the last colon that a number follows, as in `http://0.0.0.0:3000/`.
    if let Some((_, after)) = rest.split_once("port") {
        let after = after.trim_start_matches([' ', ':', '=', '"', '\'', '(']);
        if let Some(port) = number(after) {
            return Some(port);
        }
    }
    rest.match_indices(':').filter_map(|(at, _)| number(rest.get(at + 1..)?)).next_back()
}

/// What the service itself says when no task could even be placed.
pub(super) fn messages(evidence: &Evidence) -> Option<Cause> {
    for service in &evidence.services {
        for message in service.messages.iter().rev() {
            let name = short(&service.name);
            if message.contains("unable to place a task") {
                return Some(
                    Cause::new("placement", format!("ECS found no place for a task of {name}"))
                        .detail(message.clone())
                        .next("For Fargate try again later or in more zones; on EC2 add capacity that fits the task's CPU, memory and architecture."),
                );
            }
            if message.contains("unable to assume") || message.contains("is unable to assume role") {
                return Some(
                    Cause::new("role", format!("ECS may not take on a role of {name}"))
                        .detail(message.clone())
                        .next("Check that the role exists and trusts ecs-tasks.amazonaws.com."),
                );
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_called_by_their_stack() {
        assert_eq!(short("shop-test-api-Service-FAE2TH4O67TE"), "shop-test-api");
        assert_eq!(short("api"), "api");
    }

    #[test]
    fn ports_are_read_from_what_servers_print() {
        for (line, port) in [
            ("Server listening on http://0.0.0.0:3000", Some(3000)),
            ("Example app listening at http://localhost:3000/", Some(3000)),
            ("2026-01-02T03:04:05 INFO  Listening on port 8081", Some(8081)),
            (" * Running on http://127.0.0.1:5000/ (Press CTRL+C to quit)", Some(5000)),
            ("Tomcat started on port(s): 9090 (http) with context path ''", None),
            ("listening", None),
            ("GET /healthz 200", None),
        ] {
            assert_eq!(listening_port(line), port, "{line}");
        }
    }
}
