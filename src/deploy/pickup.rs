//! Following a change that somebody else began: a deployment that was detached, or the run of which was stopped.

use super::conclusion::{conclude, conclude_deletion};
use super::watch::{self, Change, Undo};
use super::{Failure, Interrupt, Polling};
use crate::aws::Connection;
use crate::aws::cloudformation::Stack;
use crate::aws::cloudformation::events::StackEvent;
use crate::event::{Event, Operation, Reporter};

/// How a change is followed.
pub struct Options<'a> {
    /// What the stack is for people, such as `service api in test`.
    pub title: &'a str,
    /// Takes the events.
    pub reporter: &'a dyn Reporter,
    /// How often the user asked to stop: once is enough, as nothing is undone.
    pub interrupt: Option<Interrupt>,
    /// How often to ask.
    pub polling: Polling,
}

/// Whether something is being done to a stack that can be followed.
#[must_use]
pub fn goes_on(stack: &Stack) -> bool {
    stack.is_in_progress() && stack.status != "REVIEW_IN_PROGRESS"
}

/// Follows what is being done to a stack, from its beginning to its end; returns what was done.
///
/// # Errors
/// [`Failure::Failed`] with cause and evidence when it did not end well; [`Failure::Left`] when the user asked to stop;
/// [`Failure::LostSight`] when it can't be followed any more.
pub async fn pick_up(
    connection: &Connection,
    stack: &Stack,
    options: Options<'_>,
) -> Result<Operation, Failure> {
    let door = connection.cloudformation();
    let mut events = door.latest_events(&stack.id).await?;
    if beginning(stack, &events).1.is_empty() {
        // The first page does not reach back behind the beginning: all of them.
        events = door.events(&stack.id, None, 0).await?;
    }
    let (operation, before) = beginning(stack, &events);
    options.reporter.report(Event::StackStarted {
        stack: stack.name.clone(),
        operation,
        title: options.title.to_owned(),
        changes: vec![],
    });
    let change = Change {
        undo: Undo::Leave,
        express: stack.express && operation != Operation::Delete,
        interrupt: options.interrupt,
        ..Change::new((&stack.id, &stack.name), before, options.reporter, options.polling)
    };
    let end = watch::follow(connection, change).await?;
    if operation == Operation::Delete {
        conclude_deletion(options.reporter, &stack.name, &end)?;
    } else {
        conclude(options.reporter, &stack.name, &end)?;
    }
    Ok(operation)
}

/// Follows the services of a stack at rest whose last change was in express mode, until they run: whoever made the change may be
/// gone.
///
/// # Errors
/// As [`pick_up`]; [`Failure::Failed`] when they did not come up.
pub async fn prove(
    connection: &Connection,
    stack: &Stack,
    fail_fast: bool,
    options: Options<'_>,
) -> Result<(), Failure> {
    options.reporter.report(Event::StackStarted {
        stack: stack.name.clone(),
        operation: Operation::Update,
        title: options.title.to_owned(),
        changes: vec![],
    });
    let change = Change {
        stood: Some(stack),
        undo: Undo::Leave,
        express: true,
        proof_only: true,
        fail_fast,
        interrupt: options.interrupt,
        ..Change::new((&stack.id, &stack.name), &[], options.reporter, options.polling)
    };
    let end = watch::follow(connection, change).await?;
    conclude(options.reporter, &stack.name, &end)
}

/// What is being done to a stack, and its events (newest first) from before that.
fn beginning<'a>(stack: &Stack, events: &'a [StackEvent]) -> (Operation, &'a [StackEvent]) {
    let first = events.iter().position(|event| {
        event.is_of_stack()
            && matches!(
                event.status.as_str(),
                "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS" | "DELETE_IN_PROGRESS"
            )
    });
    let Some(first) = first else { return (of_status(&stack.status), &[]) };
    (of_status(&events[first].status), &events[first + 1..])
}

/// What a status is a state of.
fn of_status(status: &str) -> Operation {
    match status.split_once('_') {
        Some(("CREATE" | "ROLLBACK", _)) => Operation::Create,
        Some(("DELETE", _)) => Operation::Delete,
        _ => Operation::Update,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::testing::{Cloud, Recorder, Step, fast};

    async fn run(
        cloud: &Cloud,
        recorder: &Recorder,
        interrupt: Option<Interrupt>,
    ) -> Result<Operation, Failure> {
        let stack = cloud.connection().cloudformation().stack("shop-test-api").await.unwrap().unwrap();
        assert!(goes_on(&stack), "{}", stack.status);
        let options =
            Options { title: "service api in test", reporter: recorder, interrupt, polling: fast() };
        pick_up(cloud.connection(), &stack, options).await
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_update_is_followed_from_its_beginning() {
        let cloud = Cloud::new(Some("CREATE_COMPLETE")).goes_on(
            vec![
                Step::stack("UPDATE_IN_PROGRESS"),
                Step::resource("TaskDefinition", "AWS::ECS::TaskDefinition", "UPDATE_IN_PROGRESS"),
            ],
            vec![
                Step::resource("TaskDefinition", "AWS::ECS::TaskDefinition", "UPDATE_COMPLETE"),
                Step::stack("UPDATE_COMPLETE"),
            ],
        );
        let recorder = Recorder::default();
        assert_eq!(run(&cloud, &recorder, None).await, Ok(Operation::Update));
        assert_eq!(
            recorder.lines(),
            [
                "shop-test-api started Update 0",
                "shop-test-api TaskDefinition UPDATE_IN_PROGRESS",
                "shop-test-api TaskDefinition UPDATE_COMPLETE",
                "shop-test-api finished UPDATE_COMPLETE Done",
            ]
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_rollback_ends_with_its_cause_and_a_deletion_with_nothing() {
        let failed = "Resource handler returned message: \"Rule exists\"";
        let cloud = Cloud::new(Some("CREATE_COMPLETE")).goes_on(
            vec![
                Step::stack("UPDATE_IN_PROGRESS"),
                Step::failed("Rule", "AWS::ElasticLoadBalancingV2::ListenerRule", "UPDATE_FAILED", failed),
                Step::stack("UPDATE_ROLLBACK_IN_PROGRESS"),
            ],
            vec![Step::stack("UPDATE_ROLLBACK_COMPLETE")],
        );
        let failure = run(&cloud, &Recorder::default(), None).await.unwrap_err();
        let Failure::Failed { status, evidence, .. } = failure else { panic!("{failure:?}") };
        assert_eq!(
            (status.as_str(), evidence.resources[0].logical_id.as_str()),
            ("UPDATE_ROLLBACK_COMPLETE", "Rule")
        );
        let cloud = Cloud::new(Some("CREATE_COMPLETE"))
            .goes_on(vec![Step::stack("DELETE_IN_PROGRESS")], vec![Step::stack("DELETE_COMPLETE")]);
        assert_eq!(run(&cloud, &Recorder::default(), None).await, Ok(Operation::Delete));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn leaving_undoes_nothing() {
        let cloud =
            Cloud::new(Some("CREATE_COMPLETE")).goes_on(vec![Step::stack("UPDATE_IN_PROGRESS")], vec![]);
        let (sender, interrupt) = tokio::sync::watch::channel(0);
        sender.send(1).unwrap();
        let left = run(&cloud, &Recorder::default(), Some(interrupt)).await;
        assert_eq!(left, Err(Failure::Left { stack: "shop-test-api".to_owned() }));
        assert!(
            !cloud.actions().iter().any(|action| action.starts_with("Cancel") || action == "DeleteStack")
        );
    }
}
