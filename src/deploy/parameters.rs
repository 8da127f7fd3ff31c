//! Changing parameters of a deployed stack; its template, tags and all other values stay. Or the template, and the values stay.
//!
//! This is how features of an environment are switched on and off: the environment's template reacts to lists of workloads in
//! its parameters. Several deployments may want that at the same time, so the values are computed anew from what is deployed
//! each time someone else was faster.

use std::collections::BTreeMap;

use super::conclusion::conclude;
use super::stack::{Applied, Options};
use super::turn::Turn;
use super::watch::{self, Change, Undo};
use super::{Failure, WhenBusy, repair};
use crate::aws::cloudformation::{Stack, Template, Update};
use crate::aws::{Connection, Kind};
use crate::event::{Event, Operation};

/// Changes parameters of the stack `name`. `change` gets the stack as deployed and returns the parameters that shall have other
/// values, or none when the deployed ones will do; it may be asked several times. Of the options the place of the template and
/// whether to roll back don't matter here.
///
/// # Errors
/// [`Failure::Refused`] when there is no such stack or `change` can't do with it; otherwise as [`super::stack::apply`].
pub async fn change(
    connection: &Connection,
    name: &str,
    options: Options<'_>,
    mut change: impl FnMut(&Stack) -> Result<BTreeMap<String, String>, String>,
) -> Result<Applied, Failure> {
    let refused = |reason: String| Failure::Refused { stack: name.to_owned(), reason };
    let interrupt = options.interrupt.clone();
    let mut turn =
        Turn::new(connection, name, options.reporter, options.when_busy, interrupt, options.polling);
    loop {
        let stack = turn.look().await?.ok_or_else(|| refused("it does not exist".to_owned()))?;
        let mut wanted = change(&stack).map_err(refused)?;
        wanted.retain(|key, value| stack.parameters.get(key) != Some(value));
        // Nothing to do, whatever else is going on.
        if wanted.is_empty() && !stack.is_in_progress() {
            return Ok(Applied::Unchanged);
        }
        if stack.status == repair::STATUS {
            repair::continue_rollback(connection, &stack, &options).await?;
            continue;
        }
        if stack.is_in_progress() {
            turn.wait(&stack).await?;
            continue;
        }
        match begin(connection, &stack, Template::Previous, &wanted, &options).await {
            // Someone was faster: look again.
            Err(Failure::Aws(error)) if error.kind == Kind::Busy && options.when_busy == WhenBusy::Wait => {
                turn.pause().await?;
            }
            result => return result,
        }
    }
}

/// Gives a deployed stack another template; its parameters and tags stay. The stack must be at rest.
///
/// # Errors
/// [`Failure::Busy`] when somebody else was faster; otherwise as [`super::stack::apply`].
pub async fn change_template(
    connection: &Connection,
    stack: &Stack,
    template: Template,
    options: Options<'_>,
) -> Result<Applied, Failure> {
    match begin(connection, stack, template, &BTreeMap::new(), &options).await {
        Err(Failure::Aws(error)) if error.kind == Kind::Busy => Err(Failure::Busy {
            stack: stack.name.clone(),
            status: String::new(),
            reason: error.message.clone(),
        }),
        result => result,
    }
}

async fn begin(
    connection: &Connection,
    stack: &Stack,
    template: Template,
    wanted: &BTreeMap<String, String>,
    options: &Options<'_>,
) -> Result<Applied, Failure> {
    let door = connection.cloudformation();
    let keep: Vec<&str> =
        stack.parameters.keys().map(String::as_str).filter(|key| !wanted.contains_key(*key)).collect();
    let before = door.latest_events(&stack.id).await?;
    let update = Update {
        stack: &stack.name,
        template,
        parameters: wanted,
        keep: &keep,
        tags: None,
        role_arn: options.role_arn,
    };
    if door.update_stack(&update).await?.is_none() {
        return Ok(Applied::Unchanged);
    }
    options.reporter.report(Event::StackStarted {
        stack: stack.name.clone(),
        operation: Operation::Update,
        title: options.title.to_owned(),
        changes: vec![],
    });
    if options.detach {
        return Ok(Applied::Started { stack_id: stack.id.clone() });
    }
    let change = Change {
        stood: Some(stack),
        cleanup: options.cleanup,
        undo: Undo::Cancel,
        interrupt: options.interrupt.clone(),
        ..Change::new((&stack.id, &stack.name), &before, options.reporter, options.polling)
    };
    let end = watch::follow(connection, change).await?;
    conclude(options.reporter, &stack.name, &end)?;
    Ok(Applied::Done { stack_id: stack.id.clone(), created: false })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::testing::{Cloud, Recorder, Step, fast};

    async fn add(cloud: &Cloud, recorder: &Recorder, workload: &str) -> Result<Applied, Failure> {
        let options = Options { polling: fast(), ..Options::new("environment test", recorder) };
        change(cloud.connection(), "shop-test-api", options, |stack| {
            let mut list: Vec<&str> = stack.parameters["ALBWorkloads"].split(',').collect();
            if !list.contains(&workload) {
                list.push(workload);
            }
            Ok(BTreeMap::from([("ALBWorkloads".to_owned(), list.join(","))]))
        })
        .await
    }

    #[tokio::test(flavor = "current_thread")]
    async fn only_the_wanted_parameters_change() {
        let cloud = Cloud::new(Some("UPDATE_COMPLETE"))
            .steps(vec![Step::stack("UPDATE_IN_PROGRESS"), Step::stack("UPDATE_COMPLETE")]);
        let recorder = Recorder::default();
        let done = add(&cloud, &recorder, "api").await.unwrap();
        assert!(matches!(done, Applied::Done { created: false, .. }));
        let sent = cloud.body("UpdateStack");
        assert!(sent.contains("UsePreviousTemplate=true"), "{sent}");
        assert!(
            sent.contains("ParameterKey=ALBWorkloads&Parameters.member.1.ParameterValue=web,api"),
            "{sent}"
        );
        assert!(sent.contains("ParameterKey=AppName&Parameters.member.2.UsePreviousValue=true"), "{sent}");
        assert_eq!(recorder.lines().last().unwrap(), "shop-test-api finished UPDATE_COMPLETE Done");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_there_is_not_added_again() {
        let cloud = Cloud::new(Some("UPDATE_COMPLETE"));
        assert_eq!(add(&cloud, &Recorder::default(), "web").await, Ok(Applied::Unchanged));
        assert_eq!(cloud.actions(), ["DescribeStacks"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_busy_environment_is_waited_for() {
        let cloud = Cloud::new(Some("UPDATE_IN_PROGRESS"))
            .settles_to("UPDATE_COMPLETE")
            .steps(vec![Step::stack("UPDATE_IN_PROGRESS"), Step::stack("UPDATE_COMPLETE")]);
        let recorder = Recorder::default();
        add(&cloud, &recorder, "api").await.unwrap();
        assert!(recorder.lines()[0].contains("being changed by someone else"), "{:?}", recorder.lines());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn another_template_keeps_all_values() {
        let cloud = Cloud::new(Some("UPDATE_COMPLETE"))
            .steps(vec![Step::stack("UPDATE_IN_PROGRESS"), Step::stack("UPDATE_COMPLETE")]);
        let recorder = Recorder::default();
        let stack = cloud.connection().cloudformation().stack("shop-test-api").await.unwrap().unwrap();
        let options = Options { polling: fast(), ..Options::new("service api in test", &recorder) };
        let body = Template::Body("Resources: {}".into());
        let done = change_template(cloud.connection(), &stack, body, options).await.unwrap();
        assert!(matches!(done, Applied::Done { created: false, .. }));
        let sent = cloud.body("UpdateStack");
        assert!(sent.contains("TemplateBody=Resources"), "{sent}");
        assert_eq!(sent.matches("UsePreviousValue=true").count(), stack.parameters.len(), "{sent}");
        assert!(!sent.contains("ParameterValue") && !sent.contains("Tags"), "{sent}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_missing_stack_is_refused() {
        let failure = add(&Cloud::new(None), &Recorder::default(), "api").await.unwrap_err();
        insta::assert_snapshot!(failure, @"CloudFormation refuses the change of stack shop-test-api: it does not exist");
    }
}
