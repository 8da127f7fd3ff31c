//! Making and changing a stack, from whatever state it is in.
//!
//! A stack may be new, left over from a failed first try, being changed by someone else, or stuck. [`apply`] brings it to
//! where a change set can be made, makes it, carries it out and follows it. Every step looks at what is there first, so a run
//! that was stopped anywhere is continued by the next one.
//!
//! `prepare` brings the stack there, `proposal` has the change set; this module carries it out.

mod prepare;
mod proposal;

use super::conclusion::{conclude, finished};
use super::watch::{self, Change, Undo};
use super::{Failure, Interrupt, Pauses, Polling, WhenBusy, interrupts};
use crate::aws::cloudformation::change_set::ChangeSet;
use crate::aws::cloudformation::{self, MAX_TEMPLATE_BODY, Template};
use crate::aws::{Connection, Kind};
use crate::event::{Event, Operation, Outcome, Reporter};
use crate::stack::Stack;

/// Tries against a stack that others keep changing between a look and the change.
const RACES: u32 = 10;

/// How a stack is changed.
pub struct Options<'a> {
    /// The role CloudFormation changes it with; `None`: the caller's own rights.
    pub role_arn: Option<&'a str>,
    /// Where the template was uploaded to; `None`: it goes into the request, which only a short one may.
    pub template_url: Option<&'a str>,
    /// Whether a failed change is left as far as it came.
    pub disable_rollback: bool,
    /// Whether CloudFormation is done as soon as the configuration is applied: then what runs is proven here.
    pub express: bool,
    /// Ids of the deployments of ECS services from before, where this is the way back of a change that did not come up. It is
    /// not undone itself: asked to stop, it is left.
    pub back: Option<&'a [String]>,
    /// Whether a change is taken back as soon as it is clear that the new tasks will never stay up.
    pub fail_fast: bool,
    /// Logical ids of resources that are given up when the rollback of an earlier update has to be continued.
    pub skip: &'a [String],
    /// Whether to return as soon as the change has begun.
    pub detach: bool,
    /// Whether the deletion of what was replaced is waited for.
    pub cleanup: bool,
    /// What to do when something else is changing it.
    pub when_busy: WhenBusy,
    /// What this is for people, such as `service api in test`.
    pub title: &'a str,
    /// Takes the events.
    pub reporter: &'a dyn Reporter,
    /// How often the user asked to stop.
    pub interrupt: Option<Interrupt>,
    /// How often to ask.
    pub polling: Polling,
}

impl<'a> Options<'a> {
    /// The usual way: with rollback, followed to the end, waiting while the stack is busy.
    #[must_use]
    pub fn new(title: &'a str, reporter: &'a dyn Reporter) -> Self {
        Self {
            role_arn: None,
            template_url: None,
            disable_rollback: false,
            express: false,
            back: None,
            fail_fast: false,
            skip: &[],
            detach: false,
            cleanup: true,
            when_busy: WhenBusy::Wait,
            title,
            reporter,
            interrupt: None,
            polling: Polling::default(),
        }
    }
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Applied {
    /// It was carried out.
    Done {
        /// The stack's ARN.
        stack_id: String,
        /// Whether the stack is new.
        created: bool,
    },
    /// There was nothing to change.
    Unchanged,
    /// It has begun and is not followed.
    Started {
        /// The stack's ARN.
        stack_id: String,
    },
}

/// Brings the deployed stack to `stack`.
///
/// # Errors
/// [`Failure::Failed`] with cause and evidence when CloudFormation could not carry the change out; the other kinds when it did
/// not begin or can't be followed.
pub async fn apply(connection: &Connection, stack: &Stack, options: Options<'_>) -> Result<Applied, Failure> {
    Apply { connection, stack, options }.run().await
}

struct Apply<'a> {
    connection: &'a Connection,
    stack: &'a Stack,
    options: Options<'a>,
}

impl Apply<'_> {
    async fn run(&mut self) -> Result<Applied, Failure> {
        let template = self.template()?;
        let mut pauses = Pauses::new(self.options.polling);
        for _ in 0..RACES {
            let stood = self.prepare().await?;
            let name = format!("wharf-{}", uuid::Uuid::new_v4());
            match self.propose(&name, &template, stood.is_none()).await {
                Ok(None) => return Ok(Applied::Unchanged),
                Ok(Some(set)) if self.changes_nothing(&set, stood.as_ref()).await? => {
                    self.forget(&set.id, false).await;
                    return Ok(Applied::Unchanged);
                }
                Ok(Some(set)) => match self.carry_out(&set, stood).await {
                    Err(Failure::Busy { .. }) if self.options.when_busy == WhenBusy::Wait => {
                        pauses.wait().await
                    }
                    result => return result,
                },
                // Someone was faster; look again.
                Err(Failure::Aws(error)) if error.kind == Kind::Busy => match self.options.when_busy {
                    WhenBusy::Wait => pauses.wait().await,
                    WhenBusy::Refuse => return Err(self.busy("", &error.message)),
                },
                Err(failure) => return Err(failure),
            }
        }
        Err(self.busy("", "others keep changing it"))
    }

    fn template(&self) -> Result<Template, Failure> {
        if let Some(url) = self.options.template_url {
            return Ok(Template::Url(url.to_owned()));
        }
        let body = self.stack.template_yaml();
        if body.len() > MAX_TEMPLATE_BODY {
            return Err(Failure::TooLong { stack: self.stack.name.clone(), bytes: body.len() });
        }
        Ok(Template::Body(body))
    }

    fn busy(&self, status: &str, reason: &str) -> Failure {
        Failure::Busy { stack: self.stack.name.clone(), status: status.to_owned(), reason: reason.to_owned() }
    }

    fn is_interrupted(&self) -> bool {
        interrupts(self.options.interrupt.as_ref()) > 0
    }

    fn interrupted(&self) -> Failure {
        Failure::Interrupted { stack: self.stack.name.clone(), status: String::new() }
    }

    async fn carry_out(
        &mut self,
        set: &ChangeSet,
        stood: Option<cloudformation::Stack>,
    ) -> Result<Applied, Failure> {
        let door = self.connection.cloudformation();
        let created = stood.is_none();
        let stack_id = if set.stack_id.is_empty() { self.stack.name.clone() } else { set.stack_id.clone() };
        let before = door.latest_events(&stack_id).await?;
        self.options.reporter.report(Event::StackStarted {
            stack: self.stack.name.clone(),
            operation: if created { Operation::Create } else { Operation::Update },
            title: self.options.title.to_owned(),
            changes: proposal::changes(set, &self.stack.template),
        });
        if let Err(error) = self.execute(set).await {
            self.forget(&set.id, created).await;
            let status = stood.map(|stack| stack.status).unwrap_or_default();
            let (outcome, reason) = match &error {
                Failure::Busy { .. } => (Outcome::Cancelled, "somebody else was faster".to_owned()),
                error => (Outcome::Failed, error.to_string()),
            };
            finished(self.options.reporter, &self.stack.name, &status, outcome, &reason);
            return Err(error);
        }
        if self.options.detach {
            return Ok(Applied::Started { stack_id });
        }
        let undo = match created {
            _ if self.options.back.is_some() => Undo::Leave,
            true => Undo::Delete { role_arn: self.options.role_arn.map(str::to_owned) },
            false => Undo::Cancel,
        };
        let change = Change {
            stood: stood.as_ref(),
            cleanup: self.options.cleanup,
            undo,
            express: self.options.express,
            known: self.options.back.unwrap_or_default(),
            fail_fast: self.options.fail_fast && !self.options.disable_rollback,
            interrupt: self.options.interrupt.clone(),
            ..Change::new((&stack_id, &self.stack.name), &before, self.options.reporter, self.options.polling)
        };
        let end = watch::follow(self.connection, change).await?;
        conclude(self.options.reporter, &self.stack.name, &end)?;
        Ok(Applied::Done { stack_id, created })
    }

    /// Executes the change set. An answer that was lost on the way is no reason to do it twice or to give up.
    async fn execute(&self, set: &ChangeSet) -> Result<(), Failure> {
        let door = self.connection.cloudformation();
        let Err(error) =
            door.execute_change_set(&self.stack.name, &set.id, self.options.disable_rollback).await
        else {
            return Ok(());
        };
        let now = door.change_set(&self.stack.name, &set.id).await;
        match now.map(|set| set.execution_status) {
            Ok(status) if status.starts_with("EXECUTE_IN_PROGRESS") || status == "EXECUTE_COMPLETE" => Ok(()),
            // Another change of the stack came between the look and this one.
            Ok(status) if status == "OBSOLETE" => Err(self.busy("", "somebody else was faster")),
            _ if error.kind == Kind::Busy => Err(self.busy("", &error.message)),
            // Somebody else took the new stack for a left-over one.
            _ if error.is_not_found() => Err(self.busy("", "somebody else removed it")),
            _ => Err(error.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing;
    use crate::deploy::testing::{Cloud, Recorder, Step, deploy, quick, wanted};

    #[tokio::test(flavor = "current_thread")]
    async fn a_new_stack_is_made_and_followed() {
        let cloud = Cloud::new(None).steps(vec![
            Step::stack("CREATE_IN_PROGRESS"),
            Step::resource("TaskDefinition", "AWS::ECS::TaskDefinition", "CREATE_COMPLETE"),
            Step::stack("CREATE_COMPLETE"),
        ]);
        let recorder = Recorder::default();
        let done = deploy(&cloud, &recorder).await.unwrap();
        assert_eq!(done, Applied::Done { stack_id: cloud.stack_id(), created: true });
        assert_eq!(
            recorder.lines(),
            [
                "shop-test-api started Create 2",
                "shop-test-api TaskDefinition CREATE_COMPLETE",
                "shop-test-api finished CREATE_COMPLETE Done",
            ]
        );
        let Event::StackStarted { changes, .. } = &recorder.events()[0] else { panic!() };
        // In the order of the template, not of the change set.
        assert_eq!(changes[0].logical_id, "TaskDefinition");
        assert_eq!(changes[1].title, "An ECS service to run and maintain your tasks");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_failed_service_is_explained_by_its_tasks() {
        let cloud = Cloud::new(Some("UPDATE_COMPLETE")).failing_service().steps(vec![
            Step::stack("UPDATE_IN_PROGRESS"),
            Step::service("UPDATE_IN_PROGRESS", ""),
            Step::Answer(400, "Throttling", "Rate exceeded"),
            Step::Answer(403, "ExpiredToken", "The security token included in the request is expired"),
            Step::Answer(500, "InternalFailure", "oops"),
            Step::service(
                "UPDATE_FAILED",
                "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker was \
                 triggered'.\" (RequestToken: 1, HandlerErrorCode: GeneralServiceException)",
            ),
            Step::stack("UPDATE_ROLLBACK_IN_PROGRESS"),
            Step::service("UPDATE_IN_PROGRESS", ""),
            Step::service("UPDATE_COMPLETE", ""),
            Step::stack("UPDATE_ROLLBACK_COMPLETE"),
        ]);
        let recorder = Recorder::default();
        let Failure::Failed { status, cause, evidence, .. } = deploy(&cloud, &recorder).await.unwrap_err()
        else {
            panic!()
        };
        assert_eq!(status, "UPDATE_ROLLBACK_COMPLETE");
        assert_eq!(
            (cause.code.as_str(), cause.headline.as_str()),
            ("container_exited", "container api exited with code 1")
        );
        assert_eq!(cause.logs, ["starting", "Error: DATABASE_URL is not set"]);
        assert_eq!(evidence.tasks[0].task_definition, "shop-test-api:7");
        assert_eq!(evidence.resources.len(), 1);
        let lines = recorder.lines();
        let count = |what: &str| lines.iter().filter(|line| line.as_str() == what).count();
        assert_eq!(count("task 0a1b STOPPED"), 1, "{lines:#?}");
        assert_eq!(count("shop-test-api Service UPDATE_IN_PROGRESS"), 2, "{lines:#?}");
        assert_eq!(lines.last().unwrap(), "shop-test-api finished UPDATE_ROLLBACK_COMPLETE Failed");
        assert!(
            lines.iter().any(|line| line.contains("credentials have expired"))
                || lines.iter().any(|line| line.contains("trying again"))
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_interrupt_undoes_what_was_begun() {
        for (stood, undo, status) in [
            (Some("UPDATE_COMPLETE"), "CancelUpdateStack", "UPDATE_ROLLBACK_COMPLETE"),
            (None, "DeleteStack", "DELETE_COMPLETE"),
        ] {
            let cloud = Cloud::new(stood).steps(vec![Step::stack(if stood.is_some() {
                "UPDATE_IN_PROGRESS"
            } else {
                "CREATE_IN_PROGRESS"
            })]);
            let recorder = Recorder::default();
            let (sender, interrupt) = tokio::sync::watch::channel(0);
            cloud.on_execute(move || {
                sender.send_replace(1);
            });
            let options = Options { interrupt: Some(interrupt), ..quick(&recorder) };
            let failure = apply(cloud.connection(), &wanted(), options).await.unwrap_err();
            assert_eq!(
                failure,
                Failure::Interrupted { stack: "shop-test-api".into(), status: status.into() }
            );
            assert_eq!(cloud.actions().iter().filter(|action| *action == undo).count(), 1);
            assert_eq!(
                recorder.lines().last().unwrap(),
                &format!("shop-test-api finished {status} Cancelled")
            );
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_cancellation_that_was_not_heard_is_asked_for_again() {
        let throttled = testing::xml_error(400, "Throttling", "Rate exceeded");
        let cloud = Cloud::new(Some("UPDATE_COMPLETE"))
            .steps(vec![Step::stack("UPDATE_IN_PROGRESS")])
            .refuses("CancelUpdateStack", 3, throttled);
        let recorder = Recorder::default();
        let (sender, interrupt) = tokio::sync::watch::channel(0);
        cloud.on_execute(move || {
            sender.send_replace(1);
        });
        let options = Options { interrupt: Some(interrupt), ..quick(&recorder) };
        let wanted = wanted();
        let run = apply(cloud.connection(), &wanted, options);
        let ended = tokio::time::timeout(std::time::Duration::from_secs(30), run).await;
        let status = "UPDATE_ROLLBACK_COMPLETE".to_owned();
        let want = Failure::Interrupted { stack: "shop-test-api".into(), status };
        assert_eq!(ended.expect("it does not end"), Err(want));
        let told = recorder.told();
        assert!(told.iter().any(|text| text.starts_with("Stopping: stack")), "{told:#?}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_long_template_must_be_uploaded() {
        let cloud = Cloud::new(None);
        let mut stack = wanted();
        stack.template["Description"] = "x".repeat(60_000).into();
        let failure =
            apply(cloud.connection(), &stack, Options::new("t", &Recorder::default())).await.unwrap_err();
        assert!(matches!(failure, Failure::TooLong { .. }));
        assert_eq!(cloud.actions(), [""; 0]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_detached_change_is_only_begun() {
        let cloud = Cloud::new(Some("UPDATE_COMPLETE"));
        let recorder = Recorder::default();
        let options = Options { detach: true, ..Options::new("t", &recorder) };
        let started = apply(cloud.connection(), &wanted(), options).await.unwrap();
        assert_eq!(started, Applied::Started { stack_id: cloud.stack_id() });
        assert_eq!(cloud.actions().last().unwrap(), "ExecuteChangeSet");
    }
}
