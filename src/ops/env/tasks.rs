//! One-off tasks that were run in an environment. Each has a stack of its own, with an image repository, a bucket and a log
//! group, that the environment's role deletes: they go before the environment does.

use crate::aws::cloudformation::Stack;
use crate::aws::ecs::tasks::Filter;
use crate::aws::{Connection, Kind};
use crate::ops::data;
use crate::ops::stacks::{self, Target};
use crate::ops::{Result, Session};
use crate::stack::document::environment_stack;
use crate::store::Environment;

/// Tag with a task's name.
const TAG: &str = "copilot-task";

/// The stacks of an environment's tasks.
pub(super) async fn find(manager: &Connection, record: &Environment) -> Result<Vec<Stack>> {
    let mut stacks = manager.cloudformation().stacks().await?;
    stacks.retain(|stack| {
        let tag = |key: &str| stack.tags.get(key).map(String::as_str);
        tag(TAG).is_some()
            && tag("copilot-application") == Some(record.app.as_str())
            && tag("copilot-environment") == Some(record.name.as_str())
            && stack.parent_id.is_empty()
            && stack.status != "DELETE_COMPLETE"
    });
    Ok(stacks)
}

/// Name of the task that a stack is for.
pub(super) fn name(stack: &Stack) -> &str {
    stack.tags.get(TAG).map(String::as_str).unwrap_or_default()
}

/// Stops the environment's tasks and removes their stacks with their images and files.
///
/// # Errors
/// A resource can't be deleted; whatever AWS reports.
pub(super) async fn remove(session: &Session, manager: &Connection, record: &Environment) -> Result<()> {
    for stack in find(manager, record).await? {
        let name = name(&stack);
        session.check_interrupt()?;
        stop(manager, record, name).await?;
        for resource in manager.cloudformation().resources(&stack.id).await?.unwrap_or_default() {
            if resource.physical_id.is_empty() || resource.status == "DELETE_COMPLETE" {
                continue;
            }
            match resource.resource_type.as_str() {
                "AWS::S3::Bucket" => data::empty_bucket(session, manager, &resource.physical_id).await?,
                "AWS::ECR::Repository" => empty_repository(session, manager, &resource.physical_id).await?,
                _ => {}
            }
        }
        let title = format!("task {name} of {}", record.name);
        let target = Target { role_arn: Some(&record.execution_role_arn), ..Target::new(&title) };
        stacks::delete(session, manager, &stack.id, &target).await?;
    }
    Ok(())
}

/// Stops what runs of a task: a cluster with tasks can't be deleted.
async fn stop(manager: &Connection, record: &Environment, name: &str) -> Result<()> {
    let stack = environment_stack(&record.app, &record.name);
    let Some(stack) = manager.cloudformation().stack(&stack).await? else { return Ok(()) };
    let Some(cluster) = stack.outputs.get("ClusterId").map(|output| output.value.as_str()) else {
        return Ok(());
    };
    let family = format!("copilot-{name}");
    let filter = Filter { family: Some(&family), ..Filter::default() };
    for task in manager.ecs().task_arns(cluster, filter).await? {
        manager.ecs().stop_task(cluster, &task, "The environment is deleted.").await?;
    }
    Ok(())
}

/// Removes all images, with the environment's role or, where that may not, with the user's own credentials.
async fn empty_repository(session: &Session, manager: &Connection, repository: &str) -> Result<()> {
    match manager.ecr().empty(repository).await {
        Err(error) if matches!(error.kind, Kind::AccessDenied(_)) => {
            let Some(own) = data::own(session, manager).await? else { return Err(error.into()) };
            own.ecr().empty(repository).await?;
            Ok(())
        }
        result => Ok(result.map(drop)?),
    }
}
