//! What ECS says of tasks that never ran, and of services it finds no place for.
//!
//! The words are those of the ECS guide's pages on stopped tasks ("CannotPullContainer", "ResourceInitializationError",
//! "CannotStartContainerError", "Other errors") and on service event messages, and of reports where the guide is silent.

use super::pattern::{self, Pattern};
use super::{Cause, StoppedContainer, StoppedTask, task};

/// Words of a network that does not lead where it should.
const NO_WAY: &[&str] = &[
    "connection issue",
    "network configuration",
    "timeout",
    "timed out",
    "dial tcp",
    "deadline exceeded",
    "no such host",
    "request canceled",
    "requestcanceled",
];
/// Words of a refusal.
const REFUSED: &[&str] = &["accessdenied", "access denied", "not authorized to perform", "forbidden"];

/// `CannotPullContainerError: …`, `CannotPullImageManifestError: …`.
const IMAGES: &[Pattern] = &[
    // Docker Hub: "toomanyrequests: You have reached your pull rate limit."
    Pattern::new(
        "image_rate_limit",
        &[&["toomanyrequests", "rate limit"]],
        "{image} can't be pulled: the registry's limit of pulls is reached",
    ),
    Pattern::new(
        "image_permission",
        &[&["not authorized to perform", "role has the permissions to pull"]],
        "{image} can't be pulled: the execution role may not[ do {word}]",
    )
    .word(&["authorized to perform:"]),
    Pattern::new(
        "image_access",
        &[&[
            "pull access denied",
            "403 forbidden",
            "no basic auth",
            "unauthorized",
            "not authorized",
            "authorization failed",
        ]],
        "{image} can't be pulled: the registry refuses",
    ),
    Pattern::new(
        "image_not_found",
        &[&["not found", "manifest unknown", "does not exist", "name unknown"]],
        "{image} does not exist in its registry",
    ),
    Pattern::new("image_network", &[NO_WAY], "{image} can't be pulled: the task does not reach the registry"),
    Pattern::new("image_size", &[&["no space left"]], "{image} does not fit on the task's disk"),
    Pattern::new("image", &[], "{image} can't be pulled"),
];

/// Words of environment files: "failed to download env files: …".
const ENV_FILE: &[&str] = &["env file", "environment file"];
/// Words of log drivers: "failed to validate logger args: …", "failed to initialize logging driver: …".
const LOGS: &[&str] = &["logger args", "logging driver", "log stream", "log group"];

/// `ResourceInitializationError: …`.
const PREPARATION: &[Pattern] = &[
    Pattern::new(
        "start_network",
        &[ENV_FILE, NO_WAY],
        "{service} can't load its environment file: it does not reach S3",
    ),
    Pattern::new("env_file_refused", &[ENV_FILE, REFUSED], "{service} may not read its environment file"),
    Pattern::new("env_file_missing", &[ENV_FILE], "the environment file of {service} can't be read"),
    Pattern::new("start_network", &[LOGS, NO_WAY], "{service} does not reach CloudWatch Logs"),
    Pattern::new("log_access", &[LOGS, REFUSED], "{service} may not write logs[: {word} is not allowed]")
        .word(&["authorized to perform:"]),
    Pattern::new(
        "log_group_missing",
        &[LOGS, &["does not exist", "cannot find", "can't find"]],
        "the log group of {service} does not exist",
    ),
    Pattern::new("log_driver", &[LOGS], "logging of {service} can't be set up"),
    // "failed to invoke EFS utils commands to set up EFS volumes: stderr: …"
    Pattern::new(
        "efs_mount",
        &[&["efs utils", "efs volume", "mount.nfs4", "failed to mount"], &["failed to resolve"]],
        "a volume of {service} can't be mounted: its EFS file system has no mount target there",
    ),
    Pattern::new(
        "efs_mount",
        &[&["efs utils", "efs volume", "mount.nfs4", "failed to mount"], &["access denied"]],
        "a volume of {service} can't be mounted: EFS refuses",
    ),
    Pattern::new(
        "efs_mount",
        &[&["efs utils", "efs volume", "mount.nfs4", "failed to mount"], &["timeout", "timed out"]],
        "a volume of {service} can't be mounted: EFS does not answer on port 2049",
    ),
    Pattern::new(
        "efs_mount",
        &[&["efs utils", "efs volume", "mount.nfs4", "failed to mount"]],
        "a volume of {service} can't be mounted from EFS",
    ),
    // KMS: "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are
    // not allowed to access."; Secrets Manager: "Access to KMS is not allowed".
    Pattern::new(
        "kms_refused",
        &[&["kms:", "access to kms", "customer master key", "kms key", "awskms"]],
        "{service} may not use the key of a secret that it needs to start[: {word} is not allowed]",
    )
    .word(&["authorized to perform:"]),
    Pattern::new(
        "image_permission",
        &[&["perform: ecr:"]],
        "{service} may not pull its images: {word} is not allowed",
    )
    .word(&["authorized to perform:"]),
    Pattern::new(
        "secret_access",
        &[REFUSED],
        "{service} may not read what it needs to start[: {word} is not allowed]",
    )
    .word(&["authorized to perform:"]),
    Pattern::new(
        "parameter_not_found",
        &[&["invalid ssm parameters", "invalid parameters:", "parameternotfound"]],
        "the parameter[ {word}] that {service} needs does not exist",
    )
    .word(&["invalid ssm parameters:", "invalid parameters:"]),
    Pattern::new(
        "secret_key",
        &[&["did not contain json key"]],
        "a secret that {service} needs lacks the JSON key[ {word}]",
    )
    .word(&["json key"]),
    Pattern::new(
        "secret_empty",
        &[&["secret value for staging label", "secret value for versionid"]],
        "the secret[ {word}] that {service} needs has no value",
    )
    .word(&["fetch secret"]),
    Pattern::new(
        "secret_not_found",
        &[&["can't find the specified secret", "resourcenotfound"]],
        "the secret[ {word}] that {service} needs does not exist",
    )
    .word(&["fetch secret"]),
    Pattern::new(
        "eni",
        &[&["configure eni", "setup regular eni"]],
        "a task of {service} got no network interface",
    ),
    Pattern::new(
        "start_network",
        &[NO_WAY],
        "{service} does not reach the AWS services it needs to start: a matter of its network",
    ),
    Pattern::new("start", &[], "a task of {service} can't be prepared"),
];

/// `CannotStartContainerError: …`, `CannotCreateContainerError: …`: the words of the container runtime.
const CONTAINERS: &[Pattern] = &[
    Pattern::new(
        "log_group_missing",
        &[&["logging driver"], &["log group does not exist"]],
        "the log group of {service} does not exist",
    ),
    Pattern::new("log_driver", &[&["logging driver"]], "logging of {service} can't be set up"),
    Pattern::new(
        "command_not_executable",
        &[&["exec"], &["permission denied"]],
        "container {container} can't start: its command[ {word}] is not executable",
    )
    .word(&["exec: \""]),
    Pattern::new(
        "command_not_found",
        &[&["executable file not found", "no such file or directory"]],
        "container {container} can't start: its command[ {word}] does not exist in the image",
    )
    .word(&["exec: \""]),
    Pattern::new("container_start", &[], "container {container} can't start"),
];

/// Reasons of a task as a whole, messages of its service, reasons of a rollout.
const PLACES: &[Pattern] = &[
    Pattern::new(
        "role",
        &[&["unable to assume", "iam trust relationship has been misconfigured"]],
        "ECS may not take on the role[ {word}] of {service}",
    )
    .word(&["assume the role"]),
    Pattern::new(
        "role",
        &[&["iam permissions policies have been misconfigured"]],
        "ECS can't keep {service} up: its role lacks permissions",
    ),
    // "Unexpected EC2 error while attempting to Create Network Interface … in subnet '…': InsufficientFreeAddressesInSubnet"
    Pattern::new(
        "subnet_full",
        &[&["insufficientfreeaddresses", "insufficient free addresses", "enough free addresses"]],
        "{service} finds no free address in its subnet[ {word}]",
    )
    .word(&["in subnet '"]),
    Pattern::new(
        "eni",
        &[&[
            "resource:eni",
            "network interface provisioning",
            "error while attempting to create network interface",
        ]],
        "a task of {service} got no network interface",
    ),
    Pattern::new(
        "quota_fargate",
        &[&[
            "limit on the number of vcpus",
            "limit on the number of tasks",
            "configuration is above your limit",
            "provisioning capacity limit",
        ]],
        "{service} finds no place: the account's quota of Fargate is used up",
    ),
    Pattern::new(
        "capacity",
        &[&["capacity is unavailable"]],
        "AWS has no capacity for a task of {service} right now",
    ),
    Pattern::new(
        "spot",
        &[&["spot task was interrupted", "spotinterruption"]],
        "AWS took back the Spot capacity that {service} ran on",
    ),
    Pattern::new(
        "service_draining",
        &[&["service that is still draining"]],
        "{service} is still being deleted",
    ),
    Pattern::new(
        "placement",
        &[&["unable to place a task", "no container instances were found", "could not launch"]],
        "ECS found no place for a task of {service}",
    ),
];

/// What the reason of a container or a task says of its start.
pub(super) fn reason(
    task: &StoppedTask,
    container: Option<&StoppedContainer>,
    reason: &str,
) -> Option<Cause> {
    let table = if reason.contains("CannotPull") {
        IMAGES
    } else if reason.contains("ResourceInitializationError") {
        PREPARATION
    } else if reason.contains("CannotStartContainerError") || reason.contains("CannotCreateContainerError") {
        CONTAINERS
    } else {
        return None;
    };
    let container = container.or(task.containers.first());
    let name = container.map_or("", |container| container.name.as_str());
    let image = match container.map_or("", |container| container.image.as_str()) {
        "" => "the image".to_owned(),
        image => format!("image {image}"),
    };
    let values = [("service", task::short(&task.service)), ("container", name), ("image", &image)];
    let found = pattern::find(table, "", reason)?;
    Some(found.cause(reason, &values).detail(reason.to_owned()))
}

/// What a text of a service or of a task as a whole says of where it may run.
pub(super) fn place(service: &str, text: &str) -> Option<Cause> {
    let found = pattern::find(PLACES, "", text)?;
    Some(found.cause(text, &[("service", task::short(service))]).detail(text.to_owned()))
}
