//! Resources that CloudFormation could not make, change or remove: what their reasons mean.

use super::pattern::{self, Pattern};
use super::{Cause, FailedResource};

const SERVICE: &[&str] = &["AWS::ECS::Service"];
const RULE: &[&str] = &["AWS::ElasticLoadBalancingV2::ListenerRule"];
const TARGET_GROUP: &[&str] = &["AWS::ElasticLoadBalancingV2::TargetGroup"];
const BALANCER: &[&str] = &["AWS::ElasticLoadBalancingV2::LoadBalancer"];
const LISTENER: &[&str] =
    &["AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerCertificate"];
const BUCKET: &[&str] = &["AWS::S3::Bucket"];

/// How services say that a quota is used up: ELB's codes `TooMany…`, EC2's "The maximum number of … has been reached",
/// CloudFormation's `HandlerErrorCode: ServiceLimitExceeded`.
const FULL: &[&str] = &[
    "limitexceeded",
    "limit exceeded",
    "maximum number of",
    "exceeded the limit",
    "quotaexceeded",
    "exceeded quota",
    "exceed quota",
    "toomany",
];
/// How services say that a name is taken. ELB: "A target group with the same name '…' exists, but with different settings".
const TAKEN: &[&str] = &[
    "already exists",
    "alreadyexists",
    "already exported by stack",
    "already owned by you",
    "with the same name",
];

/// What reasons of resources mean.
const REASONS: &[Pattern] = &[
    // API reference of Elastic Load Balancing, CreateRule: PriorityInUse, "Priority '1' is currently in use".
    Pattern::new(
        "rule_priority",
        &[&["priority '", "priorityinuse"], &["currently in use", "priorityinuse"]],
        "the priority of listener rule {id} is taken by another rule of the same listener",
    ),
    Pattern::new(
        "export_in_use",
        &[&["as it is in use by"]],
        "an output of the stack is still used by {word}",
    )
    .rest(&["in use by"]),
    Pattern::new(
        "export_missing",
        &[&["no export named"]],
        "{id} needs the export {word}, which no stack has",
    )
    .word(&["no export named"]),
    // Seen as "CreateService error: SC service is already used by arn:aws:servicediscovery:…:namespace/…".
    Pattern::new(
        "service_connect_name",
        &[&["sc service is already used by"]],
        "the Service Connect name of {id} is in use[ in {word}]",
    )
    .word(&["already used by"]),
    Pattern::new(
        "service_connect_name",
        &[&["service connect", "serviceconnect"], &["already", "duplicate", "conflict"]],
        "the Service Connect name of {id} is in use",
    )
    .of(SERVICE),
    // "The service couldn't be created because a valid taskRoleArn is not being used."
    Pattern::new(
        "exec_role",
        &[&["taskrolearn is not being used"]],
        "{id} can't have `exec`: its task has no role that allows it",
    ),
    Pattern::new(
        "role",
        &[&["unable to assume", "cannot be assumed", "can't be assumed"]],
        "AWS can't take on the role[ {word}] of {id} ({kind})",
    )
    .word(&["assume the role", "assume role"]),
    // IAM's guide on access denied messages lists "no … allows" and "with an explicit deny in a …" for each kind of policy.
    Pattern::new(
        "organisation_policy",
        &[&["service control policy", "resource control policy"]],
        "{id} ({kind}) was refused by a policy of the organisation[: {word} is not allowed]",
    )
    .word(&["authorized to perform:"]),
    Pattern::new(
        "permissions_boundary",
        &[&["permissions boundary"]],
        "{id} ({kind}) was refused by a permissions boundary[: {word} is not allowed]",
    )
    .word(&["authorized to perform:"]),
    Pattern::new(
        "access_denied",
        &[&["not authorized to perform", "accessdenied", "unauthorizedoperation", "is not authorized"]],
        "{id} ({kind}) was refused for lack of permission[: {word} is not allowed]",
    )
    .word(&["authorized to perform:"]),
    Pattern::new(
        "bucket_not_empty",
        &[&["is not empty", "bucketnotempty"]],
        "the bucket {id} can't be deleted because it holds objects",
    )
    .of(BUCKET),
    // ELB, UnsupportedCertificate: also what it says of a certificate that waits for its validation.
    Pattern::new(
        "certificate_not_issued",
        &[&["certificate must have a fully-qualified domain name"]],
        "the certificate of {id} is not issued, or not one that a load balancer takes",
    ),
    // CloudFront, InvalidViewerCertificate.
    Pattern::new(
        "certificate_region",
        &[&["certificate doesn't exist, isn't in us-east-1", "invalidviewercertificate"]],
        "the certificate of {id} is not there: CloudFront takes valid ones of us-east-1 only",
    ),
    Pattern::new(
        "certificate_region",
        &[&["certificate"], &["not found", "certificatenotfound"]],
        "the certificate[ {word}] of {id} does not exist in the load balancer's region",
    )
    .of(LISTENER)
    .word(&["certificate '"]),
    // CloudFront, CNAMEAlreadyExists.
    Pattern::new(
        "cloudfront_alias",
        &[&["cnames you provided are already", "cnamealreadyexists"]],
        "an alias of {id} belongs to another CloudFront distribution",
    ),
    // Route 53, InvalidChangeBatch.
    Pattern::new(
        "record_exists",
        &[&["tried to create resource record set"], &["already exists"]],
        "{word} has a DNS record already, which {id} would make",
    )
    .word(&["name='"]),
    // ECS's guide on invalid CPU or memory errors gives both wordings.
    Pattern::new(
        "task_size",
        &[&["no fargate configuration exists", "invalid cpu or memory value", "invalid 'cpu' setting"]],
        "Fargate has no such pair of CPU and memory as {id} asks for",
    ),
    Pattern::new(
        "stack_busy",
        &[&["_in_progress state and can"]],
        "{id} can't be changed: something else is changing it",
    ),
    Pattern::new(
        "service_draining",
        &[&["service that is still draining"]],
        "{id} can't be made: the service of this name is still being deleted",
    ),
    Pattern::new(
        "subnet_full",
        &[&["insufficientfreeaddresses", "insufficient free addresses", "enough free addresses"]],
        "{id} ({kind}) needs addresses, and its subnet has none left",
    ),
    Pattern::new(
        "throttled",
        &[&["toomanyrequests", "throttling", "rate exceeded"]],
        "{id} ({kind}) failed because AWS took too many requests at once",
    ),
    Pattern::new("quota_rules", &[FULL], "{id} can't be made: its listener has too many rules").of(RULE),
    Pattern::new(
        "quota_target_groups",
        &[&["toomanytargetgroups", "toomanyuniquetargetgroups"]],
        "{id} can't be made: the quota of target groups is used up",
    ),
    Pattern::new("quota_target_groups", &[FULL], "{id} can't be made: the quota of target groups is used up")
        .of(TARGET_GROUP),
    Pattern::new(
        "quota_load_balancers",
        &[FULL],
        "{id} can't be made: the quota of load balancers is used up",
    )
    .of(BALANCER),
    Pattern::new("quota_vpcs", &[FULL], "{id} can't be made: the region's quota of VPCs is used up")
        .of(&["AWS::EC2::VPC"]),
    Pattern::new(
        "quota_addresses",
        &[FULL],
        "{id} can't be made: the region's quota of elastic addresses is used up",
    )
    .of(&["AWS::EC2::EIP"]),
    Pattern::new("quota_services", &[FULL], "{id} can't be made: the cluster's quota of services is used up")
        .of(SERVICE),
    Pattern::new("limit", &[FULL], "{id} ({kind}) exceeds a quota of the account"),
    // ELB, DuplicateListener.
    Pattern::new(
        "listener_exists",
        &[&["listener already exists on this port", "duplicatelistener"]],
        "{id} can't be made: the load balancer has a listener on its port",
    ),
    Pattern::new("log_group_exists", &[TAKEN], "the log group {id} can't be made: its name is taken")
        .of(&["AWS::Logs::LogGroup"]),
    Pattern::new("bucket_exists", &[TAKEN], "the bucket {id} can't be made: its name is taken").of(BUCKET),
    Pattern::new("role_exists", &[TAKEN], "the role {id} can't be made: its name is taken")
        .of(&["AWS::IAM::Role"]),
    Pattern::new("target_group_exists", &[TAKEN], "the target group {id} can't be made: its name is taken")
        .of(TARGET_GROUP),
    Pattern::new("queue_exists", &[TAKEN], "the queue {id} can't be made: its name is taken")
        .of(&["AWS::SQS::Queue"]),
    Pattern::new(
        "queue_exists",
        &[&["must wait 60 seconds after deleting a queue", "queuedeletedrecently"]],
        "the queue {id} can't be made: one of its name was just deleted",
    ),
    Pattern::new("exists", &[TAKEN], "{id} ({kind}) can't be made: its name is taken"),
    // CloudFormation's own: "… did not stabilize.", "Exceeded attempts to wait", HandlerErrorCode: NotStabilized.
    Pattern::new(
        TIMEOUT,
        &[&["did not stabilize", "exceeded attempts to wait", "notstabilized"]],
        "{id} ({kind}) did not become ready in the time that CloudFormation waits",
    ),
];

/// Code of what was waited for in vain: of a service, its tasks may know more.
pub(super) const TIMEOUT: &str = "timeout";

/// One line: which resource and CloudFormation's own words.
pub(super) fn line(failed: &FailedResource) -> String {
    format!("{} ({}): {}", failed.logical_id, failed.resource_type, plain(&failed.reason))
}

/// The code of a failed resource's reason, when it is one of those told apart.
pub(super) fn code(failed: &FailedResource) -> Option<&'static str> {
    pattern::find(REASONS, &failed.resource_type, &failed.reason).map(|found| found.code)
}

/// The cause of a failed resource, by its reason.
pub(super) fn explain(failed: &FailedResource) -> Cause {
    let reason = plain(&failed.reason);
    let (id, kind) = (&failed.logical_id, &failed.resource_type);
    if let Some(found) = pattern::find(REASONS, kind, &failed.reason) {
        let cause = found.cause(&reason, &[("id", id), ("kind", kind)]);
        // Which bucket to empty: its reason does not name it.
        let bucket = if found.code == "bucket_not_empty" { failed.physical_id.as_str() } else { "" };
        return cause.detail(format!("{bucket} {reason}").trim().to_owned());
    }
    let verb = match failed.status.split('_').next() {
        Some("DELETE") => "deleted",
        Some("UPDATE") => "updated",
        _ => "created",
    };
    let text = if reason.is_empty() { "CloudFormation gives no reason".to_owned() } else { reason };
    Cause::new("resource", format!("{id} ({kind}) could not be {verb}: {}", text.trim_end_matches('.')))
}

/// A reason without the wrapping of resource handlers and without request ids.
pub(super) fn plain(reason: &str) -> String {
    let mut text = reason.trim();
    if let Some(rest) = text.strip_prefix("Resource handler returned message: \"") {
        text = rest.rsplit_once("\" (").map_or(rest, |(inner, _)| inner);
    }
    // `(Service: Ecs, Status Code: 400, Request ID: …)` says nothing to people.
    if let Some((front, _)) = text.split_once(" (Service: ") {
        text = front;
    }
    text.trim_end_matches('"').trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrapping_is_taken_off() {
        assert_eq!(
            plain(
                "Resource handler returned message: \"Invalid port. (Service: Ecs, Status Code: 400, Request ID: 1)\" (RequestToken: 2, HandlerErrorCode: InvalidRequest)"
            ),
            "Invalid port."
        );
        assert_eq!(plain("x already exists"), "x already exists");
    }
}
