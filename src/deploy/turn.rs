//! A stack that somebody else may be changing: that is waited for, and the stack is looked at again.

use super::{
    Endurance, Failure, Interrupt, Pauses, Polling, Wait, WhenBusy, interrupts, note, pause_or_interrupt,
};
use crate::aws::cloudformation::Stack;
use crate::aws::{Connection, Error};
use crate::event::{Level, Reporter};

/// The wait of one change for its turn.
pub(super) struct Turn<'a> {
    connection: &'a Connection,
    stack: &'a str,
    reporter: &'a dyn Reporter,
    when_busy: WhenBusy,
    interrupt: Option<Interrupt>,
    polling: Polling,
    /// The other change, as it is called for the user.
    what: String,
    /// The status that the user knows; empty while nothing is waited for.
    said: String,
    pauses: Pauses,
    endurance: Endurance,
}

impl<'a> Turn<'a> {
    /// Nothing is waited for yet. `stack`: its name.
    pub(super) fn new(
        connection: &'a Connection,
        stack: &'a str,
        reporter: &'a dyn Reporter,
        when_busy: WhenBusy,
        interrupt: Option<Interrupt>,
        polling: Polling,
    ) -> Self {
        Self {
            connection,
            stack,
            reporter,
            when_busy,
            interrupt,
            polling,
            what: format!("The other change of {stack}"),
            said: String::new(),
            pauses: Pauses::new(polling),
            endurance: Endurance::new(polling.patience),
        }
    }

    /// The stack as it stands; `None` when there is none. Trouble is lived through once another change is waited for.
    ///
    /// # Errors
    /// Whatever CloudFormation reports.
    pub(super) async fn look(&mut self) -> Result<Option<Stack>, Error> {
        let door = self.connection.cloudformation();
        if self.said.is_empty() {
            return door.stack(self.stack).await;
        }
        let wait = Wait {
            connection: self.connection,
            what: &self.what,
            reporter: self.reporter,
            pause: self.polling.first,
            interrupt: self.interrupt.as_ref(),
        };
        self.endurance.ask(wait, || door.stack(self.stack)).await
    }

    /// Waits a while for the change that goes on with `stack`.
    ///
    /// # Errors
    /// [`Failure::Busy`] when nothing is to be waited for; [`Failure::Interrupted`].
    pub(super) async fn wait(&mut self, stack: &Stack) -> Result<(), Failure> {
        if self.when_busy == WhenBusy::Refuse {
            return Err(Failure::Busy {
                stack: self.stack.to_owned(),
                status: stack.status.clone(),
                reason: stack.reason.clone(),
            });
        }
        if self.said != stack.status {
            let text = format!(
                "Stack {} is being changed by someone else ({}); waiting for it.",
                self.stack, stack.status
            );
            note(self.reporter, Level::Info, text);
            self.said.clone_from(&stack.status);
        }
        self.pause().await
    }

    /// Waits a while.
    ///
    /// # Errors
    /// [`Failure::Interrupted`].
    pub(super) async fn pause(&mut self) -> Result<(), Failure> {
        if interrupts(self.interrupt.as_ref()) > 0 {
            return Err(Failure::Interrupted { stack: self.stack.to_owned(), status: String::new() });
        }
        pause_or_interrupt(self.pauses.next(), self.interrupt.as_mut()).await;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::aws::testing;
    use crate::deploy::testing::{Cloud, Recorder, Step, deploy, fast, quick};
    use crate::deploy::{delete, parameters};

    /// A stack that somebody else changes, and credentials that expire once that is waited for.
    fn busy() -> Cloud {
        let expired = testing::xml_error(403, "ExpiredToken", "The security token is expired");
        Cloud::new(Some("UPDATE_IN_PROGRESS"))
            .settles_to("UPDATE_COMPLETE")
            .refuses_from("DescribeStacks", 1, 3, expired)
            .steps(vec![Step::stack("UPDATE_IN_PROGRESS"), Step::stack("UPDATE_COMPLETE")])
    }

    fn assert_lived_through(recorder: &Recorder) {
        let told = recorder.told();
        assert!(told[0].contains("being changed by someone else (UPDATE_IN_PROGRESS)"), "{told:#?}");
        assert!(told[1].contains("have expired. The other change of shop-test-api goes on"), "{told:#?}");
        assert_eq!(told[2..], ["AWS answers again."]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn every_change_waits_through_expired_credentials() {
        let recorder = Recorder::default();
        let add = |_: &Stack| Ok(BTreeMap::from([("ALBWorkloads".to_owned(), "api".to_owned())]));
        parameters::change(busy().connection(), "shop-test-api", quick(&recorder), add).await.unwrap();
        assert_lived_through(&recorder);

        let recorder = Recorder::default();
        deploy(&busy(), &recorder).await.unwrap();
        assert_lived_through(&recorder);

        let recorder = Recorder::default();
        let options = delete::Options { polling: fast(), ..delete::Options::new("t", &recorder) };
        assert_eq!(delete::delete(busy().connection(), "shop-test-api", options).await, Ok(true));
        assert_lived_through(&recorder);
    }
}
