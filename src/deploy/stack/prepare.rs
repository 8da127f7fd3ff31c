//! Bringing a stack to where a change set can be made: what others do to it is waited for, what a first try left is removed.

use super::{Apply, Options};
use crate::aws::cloudformation;
use crate::deploy::turn::Turn;
use crate::deploy::{Endurance, Failure, Pauses, Wait, note, pause_or_interrupt, repair};
use crate::event::Level;

/// How often a stack that was made a moment ago and has not begun is looked at before it counts as left over: as long as a
/// change set takes, with the shortest pause between the looks.
const LOOKS_AT_FRESH: u32 = 8;
/// Age below which a stack may be on its way, in milliseconds. Clocks differ, so it is generous.
const FRESH: i64 = 5 * 60 * 1000;

impl Apply<'_> {
    /// Brings the stack to where a change set can be made; `None`: it is to be created.
    pub(super) async fn prepare(&mut self) -> Result<Option<cloudformation::Stack>, Failure> {
        let mut looks = 0;
        let Options { reporter, when_busy, polling, .. } = self.options;
        let interrupt = self.options.interrupt.clone();
        let mut turn = Turn::new(self.connection, &self.stack.name, reporter, when_busy, interrupt, polling);
        loop {
            let found = turn.look().await?;
            let Some(stack) = found else { return Ok(None) };
            match stack.status.as_str() {
                // A change set that was never carried out, or a first try that failed: there is nothing in it.
                // One that is fresh may be on its way: somebody else makes a change set for it right now.
                "REVIEW_IN_PROGRESS" if is_fresh(&stack) && looks < LOOKS_AT_FRESH => {
                    looks += 1;
                    pause_or_interrupt(self.options.polling.first, self.options.interrupt.as_mut()).await;
                    if self.is_interrupted() {
                        return Err(self.interrupted());
                    }
                }
                "REVIEW_IN_PROGRESS" | "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" => {
                    if stack.status != "REVIEW_IN_PROGRESS" {
                        let text = format!(
                            "Stack {} is left from a first try that failed ({}); it is removed first.",
                            self.stack.name, stack.status
                        );
                        note(self.options.reporter, Level::Info, text);
                    }
                    self.remove(&stack).await?;
                    return Ok(None);
                }
                repair::STATUS => repair::continue_rollback(self.connection, &stack, &self.options).await?,
                "DELETE_FAILED" => {
                    return Err(self
                        .stuck(&stack, "Its deletion did not come to an end: delete it again, then deploy"));
                }
                "IMPORT_ROLLBACK_FAILED" => {
                    return Err(self.stuck(
                        &stack,
                        "An import into it failed: mend it in the CloudFormation console first",
                    ));
                }
                _ if stack.is_in_progress() => turn.wait(&stack).await?,
                _ => return Ok(Some(stack)),
            }
        }
    }

    /// Deletes what a first try left, and waits until it is gone.
    async fn remove(&mut self, stack: &cloudformation::Stack) -> Result<(), Failure> {
        let door = self.connection.cloudformation();
        door.delete_stack(&stack.id, self.options.role_arn).await?;
        let mut pauses = Pauses::new(self.options.polling);
        let mut endurance = Endurance::new(self.options.polling.patience);
        let what = format!("The removal of {}", self.stack.name);
        loop {
            let wait = Wait {
                connection: self.connection,
                what: &what,
                reporter: self.options.reporter,
                pause: self.options.polling.first,
                interrupt: self.options.interrupt.as_ref(),
            };
            match endurance.ask(wait, || door.stack(&stack.id)).await? {
                None => return Ok(()),
                Some(stack) if stack.status == "DELETE_COMPLETE" => return Ok(()),
                Some(stack) if stack.status == "DELETE_FAILED" => {
                    return Err(self.stuck(&stack, "What a first try left can't be removed: delete the stack in the CloudFormation console, then deploy again"));
                }
                Some(_) => pauses.wait().await,
            }
        }
    }

    fn stuck(&self, stack: &cloudformation::Stack, advice: &str) -> Failure {
        Failure::Stuck {
            stack: self.stack.name.clone(),
            status: stack.status.clone(),
            reason: stack.reason.clone(),
            advice: advice.to_owned(),
        }
    }
}

/// Whether a stack was made so lately that whoever made it may still be at work.
fn is_fresh(stack: &cloudformation::Stack) -> bool {
    (jiff::Timestamp::now().as_millisecond() - stack.created).abs() < FRESH
}

#[cfg(test)]
mod tests {
    use super::super::{Applied, apply};
    use super::*;
    use crate::deploy::WhenBusy;
    use crate::deploy::testing::{Cloud, Recorder, Step, deploy, wanted};

    #[tokio::test(flavor = "current_thread")]
    async fn what_a_first_try_left_is_removed() {
        for left in ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"] {
            let cloud = Cloud::new(Some(left))
                .steps(vec![Step::stack("CREATE_IN_PROGRESS"), Step::stack("CREATE_COMPLETE")]);
            let recorder = Recorder::default();
            let done = deploy(&cloud, &recorder).await.unwrap();
            assert!(matches!(done, Applied::Done { created: true, .. }), "{left}");
            let actions = cloud.actions();
            let at = |name: &str| actions.iter().position(|action| action == name).unwrap();
            assert!(at("DeleteStack") < at("CreateChangeSet"), "{actions:?}");
            assert!(cloud.body("CreateChangeSet").contains("ChangeSetType=CREATE"));
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_busy_stack_is_waited_for_or_refused() {
        let steps = || vec![Step::stack("UPDATE_IN_PROGRESS"), Step::stack("UPDATE_COMPLETE")];
        let cloud = Cloud::new(Some("UPDATE_IN_PROGRESS")).settles_to("UPDATE_COMPLETE").steps(steps());
        let recorder = Recorder::default();
        let done = deploy(&cloud, &recorder).await.unwrap();
        assert!(matches!(done, Applied::Done { created: false, .. }));
        assert!(recorder.lines()[0].contains("being changed by someone else (UPDATE_IN_PROGRESS)"));

        let cloud = Cloud::new(Some("UPDATE_IN_PROGRESS"));
        let options = Options { when_busy: WhenBusy::Refuse, ..Options::new("t", &recorder) };
        let failure = apply(cloud.connection(), &wanted(), options).await.unwrap_err();
        insta::assert_snapshot!(failure, @"stack shop-test-api is being changed by someone else (UPDATE_IN_PROGRESS)");
    }
}
