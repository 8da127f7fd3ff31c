//! Every cause that is told apart, the home of advice; `docs/failures.md` is made from it. Codes are stable.

use super::ending;

/// A cause as such, without the facts of one case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// Its stable code, such as `image_not_found`.
    pub code: &'static str,
    /// What it means: a phrase.
    pub means: &'static str,
    /// What to do, the best first: a sentence each.
    pub remedy: &'static [&'static str],
}

/// What to do about the cause with this code; empty when there is no such code.
pub(super) fn remedy(code: &str) -> &'static [&'static str] {
    KINDS.iter().find(|kind| kind.code == code).map_or(&[], |kind| kind.remedy)
}

pub(super) const fn kind(code: &'static str, means: &'static str, remedy: &'static [&'static str]) -> Kind {
    Kind { code, means, remedy }
}

const NETWORK: &str = "A task in private subnets needs a NAT gateway or VPC endpoints (ecr.api, ecr.dkr, s3, logs, ssm, secretsmanager); in public subnets it needs a public address.";
const QUOTA: &str =
    "Ask for a higher quota in the Service Quotas console, or remove what is no longer needed.";
const LOGS: &str = "Read its last lines; the whole log is in `wharf svc logs`.";
const TAKEN: &str =
    "Remove or rename the other one: it may be left from an earlier stack, or belong to another one.";
const SLOW: &str = "Give a slow start more time with `http.healthcheck.grace_period`.";

/// All causes, in the order of a deployment: image, start, run, health, place, stack, traffic.
pub const KINDS: &[Kind] = &joined();

const fn joined() -> [Kind; EARLY.len() + ending::KINDS.len()] {
    let mut all = [EARLY[0]; EARLY.len() + ending::KINDS.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < EARLY.len() { EARLY[at] } else { ending::KINDS[at - EARLY.len()] };
        at += 1;
    }
    all
}

/// Causes that belong to an image, a task, its place or a resource.
const EARLY: &[Kind] = &[
    kind(
        "image_not_found",
        "the image, its tag or its digest is not in the registry",
        &["Check repository, tag and digest, and that the image was pushed to this region."],
    ),
    kind(
        "image_access",
        "the registry refuses to hand over the image",
        &[
            "Check the name; a private registry needs `image.credentials` in the manifest, an ECR repository of another account a policy that allows this one.",
        ],
    ),
    kind(
        "image_permission",
        "the execution role may not pull from ECR",
        &[
            "Allow the execution role ecr:GetAuthorizationToken, ecr:BatchGetImage and ecr:GetDownloadUrlForLayer, and look for a permissions boundary that takes them away.",
        ],
    ),
    kind(
        "image_network",
        "the task does not reach the registry",
        &[NETWORK, "The security groups must let port 443 out."],
    ),
    kind(
        "image_rate_limit",
        "the registry's limit of pulls is reached, as of Docker Hub without a login",
        &[
            "Copy the image into ECR and use it from there, or give `image.credentials`; or wait and deploy again.",
        ],
    ),
    kind(
        "image_size",
        "the image does not fit on the task's disk",
        &["Make the image smaller, or raise `storage.ephemeral` in the manifest."],
    ),
    kind(
        "image",
        "the image can't be pulled, for a reason not told apart",
        &["Pull it by hand with the same name to see whether it exists."],
    ),
    kind(
        "architecture",
        "the image is built for another processor than the task runs on (`exec format error`)",
        &[
            "Build the image for the task's architecture: set `platform` in the manifest, such as `linux/amd64` or `linux/arm64`.",
            "Or run the task on the architecture of the image by setting `platform` to that.",
        ],
    ),
    kind(
        "command_not_found",
        "the entry point or command is not in the image (exit code 127)",
        &[
            "Check `entrypoint` and `command` in the manifest and in the Dockerfile; a script's first line must name a shell that the image has.",
        ],
    ),
    kind(
        "command_not_executable",
        "the entry point or command may not be executed (exit code 126)",
        &["Make it executable in the Dockerfile, such as with `COPY --chmod=755`."],
    ),
    kind(
        "container_start",
        "the container can't be made or started, for a reason not told apart",
        &["Run the image locally with the same command and variables."],
    ),
    kind(
        "secret_not_found",
        "a secret of Secrets Manager does not exist",
        &[
            "Make it, with the tags copilot-application and copilot-environment, or correct its name in the manifest's `secrets`.",
            "It must be in the account and region of the environment.",
        ],
    ),
    kind(
        "secret_empty",
        "a secret of Secrets Manager exists, but has no value yet",
        &["Give the secret a value, then deploy again."],
    ),
    kind(
        "secret_key",
        "a secret lacks the JSON key that the manifest names",
        &["Correct the key after the secret's name in the manifest's `secrets`."],
    ),
    kind(
        "secret_access",
        "the execution role may not read a secret or parameter, mostly for lack of its tags",
        &[
            "A secret must carry the tags copilot-application and copilot-environment of the service, or the execution role needs a policy that allows reading it.",
        ],
    ),
    kind(
        "parameter_not_found",
        "a parameter of SSM's Parameter Store does not exist",
        &[
            "Make it, with the tags copilot-application and copilot-environment, or correct its name in the manifest's `secrets`.",
            "It must be in the account and region of the environment.",
        ],
    ),
    kind(
        "kms_refused",
        "the key of a secret or parameter may not be used",
        &["Allow the execution role kms:Decrypt on the key, in its policy and in the key's own."],
    ),
    kind(
        "env_file_missing",
        "the environment file can't be found or read",
        &["Deploy again: the file is uploaded with each deployment."],
    ),
    kind(
        "env_file_refused",
        "the execution role may not read the environment file",
        &[
            "Deploy again: the file is uploaded with each deployment, and S3 refuses a missing file like a forbidden one.",
            "Check that the policies of the bucket and its key let the execution role read.",
        ],
    ),
    kind(
        "efs_mount",
        "a volume of EFS can't be mounted",
        &[
            "Check the file system's mount targets (one in each zone), their security group (port 2049 from the service) and its path.",
            "With an access point or IAM, check the task role's elasticfilesystem:ClientMount and the file system's policy.",
        ],
    ),
    kind(
        "log_group_missing",
        "the log group that the containers write to does not exist",
        &["Deploy the service again: its stack makes the group; or correct the name in `logging`."],
    ),
    kind(
        "log_access",
        "the execution role may not write logs",
        &["Allow the execution role logs:CreateLogStream and logs:PutLogEvents on the log group."],
    ),
    kind(
        "log_driver",
        "the log driver can't be set up",
        &["Check the `logging` section of the manifest and the options it hands on."],
    ),
    kind(
        "start_network",
        "the task does not reach the AWS services it needs to start",
        &[NETWORK, "The VPC must resolve DNS names, and the security groups must let port 443 out."],
    ),
    kind(
        "start",
        "the task can't be prepared, for a reason not told apart",
        &["Deploy again; if it stays, look at the stopped task in the ECS console."],
    ),
    kind(
        "out_of_memory",
        "a container used up its memory and was killed",
        &["Raise `memory` in the manifest, or make the program use less."],
    ),
    kind(
        "out_of_memory_task",
        "the containers of a task used up its memory together",
        &["Raise `memory` in the manifest: sidecars share it with the main container."],
    ),
    kind(
        "container_ended",
        "a container of a service ended by itself with code 0",
        &["Check that the command stays in the foreground, or make it a job."],
    ),
    kind("container_exited", "a container ended with an exit code of its own", &[LOGS]),
    kind(
        "container_killed",
        "a container was killed (exit code 137) and ECS does not say for its memory",
        &[LOGS, "Look at its memory in `wharf svc status`, and at what may kill its processes from inside."],
    ),
    kind(
        "container_crashed",
        "a container crashed (exit code 139 or another signal of the processor)",
        &[
            LOGS,
            "Check native libraries and whether the image is built for the task's architecture (`platform`).",
        ],
    ),
    kind(
        "container_terminated",
        "a container ended on a signal to end (exit code 143) that ECS did not send first",
        &[LOGS, "Look for what ends it: another container of the task, or a supervisor inside."],
    ),
    kind(
        "container_health_check",
        "the health check command of a container kept failing",
        &[
            "Run the command of `image.healthcheck` inside the container: its program must be in the image, and it must exit with 0.",
            "Give a slow start more time with `start_period`.",
        ],
    ),
    kind(
        "health_check",
        "the load balancer's health check kept failing, and nothing says how",
        &[
            "Ask the health check path of the running container: it must answer with a code the manifest expects.",
        ],
    ),
    kind(
        "health_check_code",
        "the load balancer's health check got another code than expected",
        &[
            "Set `http.healthcheck.path` to a path that answers without a login or redirect, or `success_codes` to what it answers.",
        ],
    ),
    kind(
        "health_check_timeout",
        "the load balancer's health check got no answer in time",
        &[
            "Check that the program listens on 0.0.0.0 (not only on localhost) and answers within the health check's timeout.",
            "Check that the service's security groups let the load balancer in.",
            SLOW,
        ],
    ),
    kind(
        "health_check_no_answer",
        "nothing listens on the port the load balancer asks at: the connection is refused",
        &[
            "Check that the program listens on 0.0.0.0 (not only on localhost), and that `image.port` is its port.",
            SLOW,
        ],
    ),
    kind(
        "port",
        "the program listens on another port than the load balancer asks at",
        &[
            "Set `image.port` (or `http.target_port`) to the port it listens on, or make the program listen on the other one.",
        ],
    ),
    kind(
        "port_local",
        "the program listens on localhost only, where the load balancer can't reach it",
        &["Make the program listen on 0.0.0.0; many take a variable such as HOST or a flag such as --host."],
    ),
    kind(
        "grace_period",
        "the program listens on the right port, but came up too late for the health check",
        &[
            "Raise `http.healthcheck.grace_period` (60 seconds unless set) above the time it needs to start.",
            "Or make the start faster: more `cpu`, less work before listening.",
        ],
    ),
    kind(
        "capacity",
        "AWS has no capacity for the task right now, of Fargate or of Fargate Spot",
        &["Deploy again later, or in more zones; with `count.spot`, run the service off Spot."],
    ),
    kind(
        "spot",
        "AWS took the Fargate Spot capacity of a task back",
        &["Deploy again, or run some tasks off Spot with `count.range.spot_from`."],
    ),
    kind(
        "placement",
        "no instance of the cluster fits the task",
        &["Add capacity that fits the task's CPU, memory, ports and architecture, or ask for less."],
    ),
    kind(
        "eni",
        "the task got no network interface",
        &[
            "Deploy again; if it stays, look at the quota of network interfaces and, on EC2, at what the instance type allows.",
        ],
    ),
    kind(
        "subnet_full",
        "a subnet has no free addresses for tasks",
        &[
            "Free addresses in the subnets, or place the service in larger ones (`network.vpc.placement`); a rolling deployment needs room for both revisions.",
        ],
    ),
    kind(
        "quota_fargate",
        "the account's quota of Fargate (vCPUs, tasks, size of a task) is used up",
        &[QUOTA],
    ),
    kind("quota_services", "the cluster's quota of services is used up", &[QUOTA]),
    kind("quota_target_groups", "the quota of target groups is used up", &[QUOTA]),
    kind(
        "quota_rules",
        "the listener has too many rules",
        &[
            "Join hosts and paths of services into fewer rules, or import another load balancer (`http.alb`).",
            QUOTA,
        ],
    ),
    kind("quota_load_balancers", "the quota of load balancers is used up", &[QUOTA]),
    kind(
        "quota_vpcs",
        "the region's quota of VPCs is used up",
        &["Import an existing VPC (`network.vpc.id` of the environment).", QUOTA],
    ),
    kind(
        "quota_addresses",
        "the region's quota of elastic addresses is used up, as for NAT gateways",
        &[QUOTA],
    ),
    kind("limit", "another quota of the account is used up", &[QUOTA]),
    kind("throttled", "AWS took too many requests at once", &["Wait some minutes, then deploy again."]),
    kind(
        "rule_priority",
        "another rule of the listener has the priority",
        &["Deploy again: a free priority is looked up each time."],
    ),
    kind(
        "listener_exists",
        "the load balancer has a listener on the port already",
        &["Choose another port, or remove the other listener."],
    ),
    kind(
        "role",
        "AWS can't take on a role of the service",
        &[
            "Check that the role exists and trusts the service that takes it on (ecs-tasks.amazonaws.com for tasks).",
        ],
    ),
    kind(
        "access_denied",
        "the identity that deploys lacks a permission",
        &["Allow the action to the role that deploys, or look for a policy that denies it."],
    ),
    kind(
        "permissions_boundary",
        "a permissions boundary forbids the action",
        &[
            "Ask whoever owns the boundary to allow the action; where every role must carry one, `wharf app init --permissions-boundary` sets it.",
        ],
    ),
    kind(
        "organisation_policy",
        "a policy of the organisation forbids the action",
        &["Ask the administrators of the organisation, or deploy to an account or region that may do it."],
    ),
    kind(
        "log_group_exists",
        "a log group of the name is there already",
        &[
            "Delete the log group (or export and delete it), then deploy again: a deleted stack may have kept it.",
        ],
    ),
    kind(
        "bucket_exists",
        "a bucket of the name is there already, perhaps in another account",
        &["Choose another name, or none: names of buckets are unique in all of AWS."],
    ),
    kind(
        "role_exists",
        "a role of the name is there already",
        &[
            "Delete the role if nothing uses it, or choose another name; roles are shared by all regions of an account.",
        ],
    ),
    kind(
        "target_group_exists",
        "a target group of the name is there already",
        &["Delete the target group if no listener uses it, then deploy again."],
    ),
    kind(
        "queue_exists",
        "a queue of the name is there already, or was deleted a minute ago",
        &["Wait a minute if it was just deleted; else delete it or choose another name."],
    ),
    kind("exists", "something of the name is there already", &[TAKEN]),
    kind(
        "stack_busy",
        "something else is changing the stack",
        &["Wait until the other change is done, then run the command again."],
    ),
    kind(
        "service_draining",
        "the service of this name is still being deleted",
        &["Wait until its last tasks have stopped, then deploy again."],
    ),
    kind(
        "export_in_use",
        "an output of the stack is still used by another stack",
        &["Deploy the other stack without it first, then this one again."],
    ),
    kind(
        "export_missing",
        "the stack needs an output that no stack has",
        &["Deploy the environment with `wharf env deploy`: it exports what services import."],
    ),
    kind(
        "exec_role",
        "`exec` is on, but the service has no task role that allows it",
        &["Give the task a role with the ssmmessages permissions, or turn `exec` off."],
    ),
    kind(
        "service_connect_name",
        "the name for Service Connect is in use",
        &[
            "Choose another `network.connect.alias`, or remove the service that has the name: it may be left in the namespace of a deleted environment.",
        ],
    ),
    kind(
        "task_size",
        "Fargate has no such pair of CPU and memory",
        &["Set `cpu` and `memory` to a pair that Fargate has, such as 256 and 512, or 1024 and 2048."],
    ),
    kind(
        "certificate_not_issued",
        "the certificate is not issued, or of a kind load balancers do not take",
        &["Look at the certificate in ACM: it must be Issued; a pending one waits for its DNS record."],
    ),
    kind(
        "certificate_region",
        "the certificate does not exist in the region where it is needed",
        &[
            "Import a certificate of the environment's region for a load balancer, and one of us-east-1 for CloudFront.",
        ],
    ),
    kind(
        "record_exists",
        "an alias has a DNS record already",
        &["Remove the record if nothing needs it, or choose another `http.alias`."],
    ),
    kind(
        "cloudfront_alias",
        "an alias belongs to another CloudFront distribution",
        &["Take the name off the other distribution first; it may be in another account."],
    ),
    kind(
        "bucket_not_empty",
        "a bucket can't be deleted because it holds objects",
        &["Empty the bucket, then run the command again."],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_advice_is_in_sentences() {
        for (index, kind) in KINDS.iter().enumerate() {
            assert!(KINDS[..index].iter().all(|other| other.code != kind.code), "{} twice", kind.code);
            assert!(kind.code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{}", kind.code);
            assert!(!kind.means.ends_with('.') && !kind.means.contains('|'), "{}", kind.means);
            for text in kind.remedy {
                assert!(text.ends_with('.') && !text.contains('|'), "{}: {text}", kind.code);
            }
        }
        assert!(KINDS.len() >= 25);
        assert!(remedy("no_such_code").is_empty());
    }
}
