//! Services on App Runner that did not come up: why, by what App Runner and the container say.

use super::{Cause, FailedInstances};

/// Type of the resource.
pub(super) const SERVICE: &str = "AWS::AppRunner::Service";
/// Words of messages that tell a failure.
const BAD: [&str; 4] = ["fail", "error", "stopped", "exit code"];
/// Messages that are shown.
const MESSAGES: usize = 3;

/// The cause by App Runner's messages; none when it said nothing.
pub(super) fn explain(failed: &FailedInstances) -> Option<Cause> {
    let mut messages: Vec<&str> = failed.messages.iter().map(|message| plain(message)).collect();
    // What follows the failure is the way back.
    let is_bad = |message: &&str| BAD.iter().any(|word| message.to_lowercase().contains(word));
    if let Some(at) = messages.iter().rposition(is_bad) {
        messages.truncate(at + 1);
    }
    let last = messages.last()?;
    let name = &failed.name;
    let all = messages.join("\n").to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| all.contains(word));
    let log = failed.logs.join("\n").to_lowercase();
    let cause = if log.contains("exec format error") {
        Cause::new(
            "architecture",
            format!("the image of {name} is built for another architecture: App Runner runs x86-64"),
        )
        .instead(&[
            "Build the image for linux/amd64: `wharf` does so by itself when the manifest has no `platform`.",
        ])
    } else if has(&["health check failed", "health checks failed", "failed health check"]) {
        Cause::new("health_check", format!("{name} did not pass App Runner's health check"))
            .instead(&["See that the container listens on `image.port` on all addresses (0.0.0.0), and that the path of `http.healthcheck` answers 200."])
    } else if has(&["failed to pull", "pull your image", "access role", "image manifest"]) {
        Cause::new("image", format!("App Runner can't pull the image of {name}"))
            .instead(&["See that the image is there, in this region, for linux/amd64."])
    } else if has(&["secret", "parameter"]) && has(&["retrieve", "access", "not found", "failed to"]) {
        Cause::new("secret", format!("{name} may not read a secret that it needs to start, or it is not there"))
            .instead(&["A secret needs the tags `copilot-application` and `copilot-environment`: `wharf secret init` and `wharf svc show` help."])
    } else if has(&["exit code", "exited", "failed to start"]) {
        Cause::new("container_exited", format!("the container of {name} ended before it answered"))
            .instead(&["Run the image with the same variables and command, and see why it ends."])
    } else {
        Cause::new("app_runner", format!("App Runner gave up on {name}: {}", last.trim_end_matches('.')))
    };
    let shown = messages.iter().rev().take(MESSAGES).rev();
    let cause = shown.fold(cause, |cause, message| cause.detail(*message)).logs(&failed.logs);
    Some(cause.next("Read what App Runner says with `wharf svc logs --log-group system`."))
}

/// A message without the time in front: `11-20-2026 04:12:55 PM [AppRunner] Service is running.`
fn plain(message: &str) -> &str {
    message.split_once("[AppRunner]").map_or(message, |(_, text)| text).trim()
}

#[cfg(test)]
mod tests {
    use super::super::{Evidence, FailedResource, explain as explain_all};
    use super::*;

    fn of(messages: &[&str], logs: &[&str]) -> Cause {
        let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        explain_all(&Evidence {
            stack: "shop-test-web".into(),
            resources: vec![FailedResource {
                stack: "shop-test-web".into(),
                logical_id: "Service".into(),
                resource_type: SERVICE.into(),
                status: "CREATE_FAILED".into(),
                reason: "Resource handler returned message: \"null\" (RequestToken: 1, HandlerErrorCode: NotStabilized)".into(),
                ..FailedResource::default()
            }],
            instances: vec![FailedInstances {
                name: "shop-test-web".into(),
                messages: owned(messages),
                logs: owned(logs),
            }],
            ..Evidence::default()
        })
    }

    #[test]
    fn causes_by_what_app_runner_says() {
        for (messages, logs, code) in [
            (
                vec!["11-20-2026 04:12:55 PM [AppRunner] Health check failed on protocol `HTTP`[Path: '/']."],
                vec![],
                "health_check",
            ),
            (
                vec![
                    "[AppRunner] Failed to pull your image. Be sure you configure your service with a valid access role.",
                ],
                vec![],
                "image",
            ),
            (
                vec![
                    "[AppRunner] Your application stopped or failed to start. See logs for more information. Container exit code: 1",
                ],
                vec!["no DB_HOST"],
                "container_exited",
            ),
            (vec!["[AppRunner] Failed to retrieve a secret: arn:x"], vec![], "secret"),
            (vec!["[AppRunner] Health check failed."], vec!["exec /app: exec format error"], "architecture"),
            (vec!["[AppRunner] Something else."], vec![], "app_runner"),
        ] {
            let cause = of(&messages, &logs);
            assert_eq!(cause.code, code, "{cause:?}");
            assert_eq!(cause.logs, logs, "{cause:?}");
        }
        let cause =
            of(&["[AppRunner] Starting.", "[AppRunner] Health check failed."], &["listening on 3000"]);
        assert_eq!(cause.headline, "shop-test-web did not pass App Runner's health check");
        assert_eq!(&cause.details[..2], ["Starting.", "Health check failed."]);
        assert!(cause.details[2].starts_with("Service (AWS::AppRunner::Service)"), "{cause:?}");
        // Without messages the resource's own reason is all there is.
        assert_eq!(of(&[], &[]).code, "timeout");
    }
}
