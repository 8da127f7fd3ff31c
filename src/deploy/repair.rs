//! A stack whose last update could not be undone (`UPDATE_ROLLBACK_FAILED`): its rollback is continued, and the stack can be
//! changed again.
//!
//! CloudFormation tries the resources again that failed. What keeps failing must be mended in AWS, or given up: a resource
//! that is skipped counts as rolled back, whatever it really is like
//! (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-continueupdaterollback.html>).

use super::conclusion::finished;
use super::stack::Options;
use super::watch::{self, Change, End};
use super::{Failure, note};
use crate::aws::Connection;
use crate::aws::cloudformation::Stack;
use crate::event::{Event, Level, Operation, Outcome};

/// The status of such a stack.
pub const STATUS: &str = "UPDATE_ROLLBACK_FAILED";

/// Continues the rollback of `stack` and follows it to its end.
///
/// # Errors
/// [`Failure::Stuck`] when it fails again, with the resources that could not be rolled back; [`Failure::Refused`] when CloudFormation does not
/// know a resource that is to be skipped; otherwise as [`super::stack::apply`].
pub async fn continue_rollback(
    connection: &Connection,
    stack: &Stack,
    options: &Options<'_>,
) -> Result<(), Failure> {
    let door = connection.cloudformation();
    let text = format!(
        "CloudFormation could not undo the last update of stack {} ({STATUS}); its rollback is continued first.",
        stack.name
    );
    note(options.reporter, Level::Info, text);
    let before = door.latest_events(&stack.id).await?;
    let skip: Vec<&str> = options.skip.iter().map(String::as_str).collect();
    door.continue_update_rollback(&stack.name, options.role_arn, &skip).await?;
    options.reporter.report(Event::StackStarted {
        stack: stack.name.clone(),
        operation: Operation::Update,
        title: format!("{} (continued rollback)", options.title),
        changes: vec![],
    });
    let change = Change {
        stood: Some(stack),
        interrupt: options.interrupt.clone(),
        ..Change::new((&stack.id, &stack.name), &before, options.reporter, options.polling)
    };
    let end = watch::follow(connection, change).await?;
    if end.status == "UPDATE_ROLLBACK_COMPLETE" {
        finished(options.reporter, &stack.name, &end.status, Outcome::Done, "");
        return Ok(());
    }
    let reason = reason(&end);
    finished(options.reporter, &stack.name, &end.status, Outcome::Failed, &reason);
    let ids: Vec<&str> = end.failed.iter().map(|resource| resource.logical_id.as_str()).collect();
    let ids = if ids.is_empty() { "ID,…".to_owned() } else { ids.join(",") };
    Err(Failure::Stuck {
        stack: stack.name.clone(),
        status: end.status,
        reason,
        advice: format!(
            "Its rollback failed again. Mend in AWS what the reason names, then deploy again; or give these resources up as they \
             are with `--resources-to-skip {ids}`"
        ),
    })
}

/// Which resources could not be rolled back, and why.
fn reason(end: &End) -> String {
    let failed: Vec<String> = end
        .failed
        .iter()
        .map(|resource| format!("{}: {}", resource.logical_id, resource.reason.trim_end_matches(['.', ' '])))
        .collect();
    if failed.is_empty() { end.reason.clone() } else { failed.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::stack::{Applied, apply};
    use crate::deploy::testing::{Cloud, Recorder, Step, quick, wanted};

    async fn deploy(cloud: &Cloud, recorder: &Recorder, skip: &[String]) -> Result<Applied, Failure> {
        apply(cloud.connection(), &wanted(), Options { skip, ..quick(recorder) }).await
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_rollback_is_continued_and_the_change_goes_on() {
        let cloud = Cloud::new(Some(STATUS)).steps(vec![
            Step::stack("UPDATE_ROLLBACK_IN_PROGRESS"),
            Step::resource("Service", "AWS::ECS::Service", "UPDATE_COMPLETE"),
            Step::stack("UPDATE_ROLLBACK_COMPLETE"),
            Step::stack("UPDATE_IN_PROGRESS"),
            Step::stack("UPDATE_COMPLETE"),
        ]);
        let recorder = Recorder::default();
        let done = deploy(&cloud, &recorder, &["Queue".to_owned()]).await.unwrap();
        assert!(matches!(done, Applied::Done { created: false, .. }));
        assert_eq!(
            recorder.lines(),
            [
                "note CloudFormation could not undo the last update of stack shop-test-api (UPDATE_ROLLBACK_FAILED); its rollback is continued first.",
                "shop-test-api started Update 0",
                "shop-test-api Service UPDATE_COMPLETE",
                "shop-test-api finished UPDATE_ROLLBACK_COMPLETE Done",
                "shop-test-api started Update 2",
                "shop-test-api finished UPDATE_COMPLETE Done",
            ]
        );
        assert!(cloud.body("ContinueUpdateRollback").contains("ResourcesToSkip.member.1=Queue"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_rollback_that_fails_again_says_what_to_do() {
        let cloud = Cloud::new(Some(STATUS)).steps(vec![
            Step::stack("UPDATE_ROLLBACK_IN_PROGRESS"),
            Step::failed("Queue", "AWS::SQS::Queue", "UPDATE_FAILED", "The queue does not exist."),
            Step::stack(STATUS),
        ]);
        let failure = deploy(&cloud, &Recorder::default(), &[]).await.unwrap_err();
        insta::assert_snapshot!(failure, @"stack shop-test-api is in UPDATE_ROLLBACK_FAILED, Queue: The queue does not exist. Its rollback failed again. Mend in AWS what the reason names, then deploy again; or give these resources up as they are with `--resources-to-skip Queue`");
        assert!(!cloud.actions().contains(&"CreateChangeSet".to_owned()));
    }
}
