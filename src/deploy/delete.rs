//! Removing a stack.

use super::conclusion::{conclude_deletion, finished};
use super::turn::Turn;
use super::watch::{self, Change};
use super::{Failure, Interrupt, Polling, WhenBusy};
use crate::aws::Connection;
use crate::event::{Event, Operation, Outcome, Reporter};

/// How a stack is removed.
pub struct Options<'a> {
    /// The role CloudFormation removes it with; `None`: the one it was last changed with, else the caller's own rights.
    pub role_arn: Option<&'a str>,
    /// Logical ids of resources that stay where an earlier deletion has failed.
    pub retain: &'a [String],
    /// What to do when something else is changing it.
    pub when_busy: WhenBusy,
    /// What this is for people, such as `service api in test`.
    pub title: &'a str,
    /// Takes the events.
    pub reporter: &'a dyn Reporter,
    /// How often the user asked to stop. A deletion can't be undone: it goes on unwatched.
    pub interrupt: Option<Interrupt>,
    /// How often to ask.
    pub polling: Polling,
}

impl<'a> Options<'a> {
    /// The usual way: waiting while the stack is busy.
    #[must_use]
    pub fn new(title: &'a str, reporter: &'a dyn Reporter) -> Self {
        Self {
            role_arn: None,
            retain: &[],
            when_busy: WhenBusy::Wait,
            title,
            reporter,
            interrupt: None,
            polling: Polling::default(),
        }
    }
}

/// Removes the stack `name` and waits until it is gone; returns whether there was one.
///
/// # Errors
/// [`Failure::Failed`] with the resource that can't be removed and why; the other kinds when it did not begin or can't be
/// followed.
pub async fn delete(connection: &Connection, name: &str, options: Options<'_>) -> Result<bool, Failure> {
    let door = connection.cloudformation();
    let interrupt = options.interrupt.clone();
    let mut turn =
        Turn::new(connection, name, options.reporter, options.when_busy, interrupt, options.polling);
    let stack = loop {
        let Some(stack) = turn.look().await? else { return Ok(false) };
        // A deletion someone else began is followed as if it were ours.
        if !stack.is_in_progress() || stack.status == "DELETE_IN_PROGRESS" {
            break stack;
        }
        turn.wait(&stack).await?;
    };
    let before = door.latest_events(&stack.id).await?;
    options.reporter.report(Event::StackStarted {
        stack: name.to_owned(),
        operation: Operation::Delete,
        title: options.title.to_owned(),
        changes: vec![],
    });
    if stack.status != "DELETE_IN_PROGRESS"
        && let Err(error) = door
            .delete_stack_but(
                &stack.id,
                options.role_arn,
                if stack.status == "DELETE_FAILED" { options.retain } else { &[] },
            )
            .await
    {
        finished(options.reporter, name, &stack.status, Outcome::Failed, &error.to_string());
        return Err(error.into());
    }
    let change = Change {
        stood: Some(&stack),
        interrupt: options.interrupt.clone(),
        ..Change::new((&stack.id, name), &before, options.reporter, options.polling)
    };
    let end = watch::follow(connection, change).await?;
    conclude_deletion(options.reporter, name, &end)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::testing::{Cloud, Recorder, Step, fast};

    async fn run(cloud: &Cloud, recorder: &Recorder) -> Result<bool, Failure> {
        let options = Options { polling: fast(), ..Options::new("service api in test", recorder) };
        delete(cloud.connection(), "shop-test-api", options).await
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_missing_stack_is_fine() {
        let cloud = Cloud::new(None);
        assert_eq!(run(&cloud, &Recorder::default()).await, Ok(false));
        assert_eq!(cloud.actions(), ["DescribeStacks"]);
    }

    /// Only then CloudFormation takes a list of what stays; in other states policies of the template say so.
    #[tokio::test(flavor = "current_thread")]
    async fn what_stays_is_listed_after_a_failed_deletion() {
        for (status, listed) in [("DELETE_FAILED", true), ("UPDATE_COMPLETE", false)] {
            let cloud = Cloud::new(Some(status));
            let recorder = Recorder::default();
            let retain = ["AddonsStack".to_owned()];
            let options = Options { polling: fast(), retain: &retain, ..Options::new("service", &recorder) };
            assert_eq!(delete(cloud.connection(), "shop-test-api", options).await, Ok(true));
            let sent = cloud.body("DeleteStack");
            assert_eq!(sent.contains("RetainResources.member.1=AddonsStack"), listed, "{status}: {sent}");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_stack_is_followed_until_it_is_gone() {
        let cloud = Cloud::new(Some("UPDATE_COMPLETE"));
        let recorder = Recorder::default();
        assert_eq!(run(&cloud, &recorder).await, Ok(true));
        assert_eq!(
            recorder.lines(),
            ["shop-test-api started Delete 0", "shop-test-api finished DELETE_COMPLETE Done"]
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_can_not_be_removed_is_named() {
        let cloud = Cloud::new(Some("DELETE_FAILED")).deletes(vec![
            Step::stack("DELETE_IN_PROGRESS"),
            Step::failed(
                "Bucket",
                "AWS::S3::Bucket",
                "DELETE_FAILED",
                "The bucket you tried to delete is not empty (Service: S3)",
            ),
            Step::stack("DELETE_FAILED"),
        ]);
        let recorder = Recorder::default();
        let Failure::Failed { status, cause, .. } = run(&cloud, &recorder).await.unwrap_err() else {
            panic!()
        };
        assert_eq!((status.as_str(), cause.code.as_str()), ("DELETE_FAILED", "bucket_not_empty"));
        assert_eq!(recorder.lines().last().unwrap(), "shop-test-api finished DELETE_FAILED Failed");
    }
}
