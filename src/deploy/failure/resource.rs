//! Resources that CloudFormation could not make, change or remove: what their reasons mean.

use super::{Cause, FailedResource};

/// One line: which resource and CloudFormation's own words.
pub(super) fn line(failed: &FailedResource) -> String {
    format!("{} ({}): {}", failed.logical_id, failed.resource_type, plain(&failed.reason))
}

/// The cause of a failed resource, by its reason.
pub(super) fn explain(failed: &FailedResource) -> Cause {
    let reason = plain(&failed.reason);
    let id = &failed.logical_id;
    let kind = &failed.resource_type;
    let has = |words: &[&str]| words.iter().any(|word| failed.reason.contains(word));
    if has(&["Priority '"]) && has(&["currently in use"]) || has(&["PriorityInUse"]) {
        return Cause::new(
            super::RULE_PRIORITY,
            format!("the priority of listener rule {id} is taken by another rule of the same listener"),
        )
        .detail(reason)
        .next("Deploy again: a free priority is looked up each time.");
    }
    if has(&["as it is in use by"]) {
        let users =
            reason.split_once("in use by").map_or("", |(_, users)| users).trim().trim_end_matches('.');
        return Cause::new("export_in_use", format!("an output of the stack is still used by {users}"))
            .detail(reason.clone())
            .next(format!("Deploy {users} without it first, then this stack again."));
    }
    if has(&["No export named"]) {
        let name = word_after(&reason, "No export named");
        return Cause::new("export_missing", format!("{id} needs the export {name}, which no stack has"))
            .detail(reason)
            .next("Deploy the environment with `wharf env deploy`: it exports what services import.");
    }
    if has(&["not authorized to perform", "AccessDenied", "UnauthorizedOperation", "is not authorized"]) {
        let action = word_after(&reason, "authorized to perform:");
        let what = if action.is_empty() { String::new() } else { format!(": {action} is not allowed") };
        return Cause::new("access_denied", format!("{id} ({kind}) was refused for lack of permission{what}"))
            .detail(reason)
            .next("Allow the action to the role that deploys, or look for a permissions boundary or a policy of the organisation that denies it.");
    }
    if has(&["is not empty", "BucketNotEmpty"]) {
        return Cause::new(
            "bucket_not_empty",
            format!("the bucket {id} can't be deleted because it holds objects"),
        )
        .detail(format!("{} {reason}", failed.physical_id).trim().to_owned())
        .next("Empty the bucket, then run the command again.");
    }
    if has(&["LimitExceeded", "limit exceeded", "maximum number of", "exceeded the limit", "QuotaExceeded"]) {
        return Cause::new("limit", format!("{id} ({kind}) exceeds a quota of the account"))
            .detail(reason)
            .next(
                "Ask for a higher limit in the Service Quotas console, or remove what is no longer needed.",
            );
    }
    if has(&["already exists", "AlreadyExists", "already exported by stack"]) {
        return Cause::new("exists", format!("{id} ({kind}) can't be made: its name is taken"))
            .detail(reason)
            .next("Remove or rename the other one: it may be left from an earlier stack, or belong to another one.");
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

/// The word that follows `mark`, without punctuation.
pub(super) fn word_after(text: &str, mark: &str) -> String {
    let rest = text.split_once(mark).map_or("", |(_, rest)| rest);
    rest.split_whitespace().next().unwrap_or_default().trim_matches(['.', ',', '"', '\'', ';']).to_owned()
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
