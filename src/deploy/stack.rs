//! Making and changing a stack, from whatever state it is in.
//!
//! A stack may be new, left over from a failed first try, being changed by someone else, or stuck. [`apply`] brings it to
//! where a change set can be made, makes it, carries it out and follows it. Every step looks at what is there first, so a run
//! that was stopped anywhere is continued by the next one.

use serde_json::Value;

use super::conclusion::{conclude, finished};
use super::watch::{self, Change, Undo};
use super::{
    Endurance, Failure, Interrupt, Pauses, Polling, Wait, WhenBusy, interrupts, note, pause_or_interrupt,
    repair,
};
use crate::aws::cloudformation::change_set::{ChangeSet, Request};
use crate::aws::cloudformation::{self, MAX_TEMPLATE_BODY, Template};
use crate::aws::{Connection, Kind};
use crate::event::{Event, Level, Operation, Outcome, Reporter, ResourceChange};
use crate::stack::Stack;

/// Tries against a stack that others keep changing between a look and the change.
const RACES: u32 = 10;

/// How often a stack that was made a moment ago and has not begun is looked at before it counts as left over: as long as a
/// change set takes, with the shortest pause between the looks.
const LOOKS_AT_FRESH: u32 = 8;
/// Age below which a stack may be on its way, in milliseconds. Clocks differ, so it is generous.
const FRESH: i64 = 5 * 60 * 1000;

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

    fn stuck(&self, stack: &cloudformation::Stack, advice: &str) -> Failure {
        Failure::Stuck {
            stack: self.stack.name.clone(),
            status: stack.status.clone(),
            reason: stack.reason.clone(),
            advice: advice.to_owned(),
        }
    }

    fn is_interrupted(&self) -> bool {
        interrupts(self.options.interrupt.as_ref()) > 0
    }

    fn interrupted(&self) -> Failure {
        Failure::Interrupted { stack: self.stack.name.clone(), status: String::new() }
    }

    /// Brings the stack to where a change set can be made; `None`: it is to be created.
    async fn prepare(&mut self) -> Result<Option<cloudformation::Stack>, Failure> {
        let door = self.connection.cloudformation();
        let mut pauses = Pauses::new(self.options.polling);
        let (mut said, mut looks) = (String::new(), 0);
        let mut endurance = Endurance::new(self.options.polling.patience);
        loop {
            let found = if said.is_empty() {
                door.stack(&self.stack.name).await?
            } else {
                let what = format!("The other change of {}", self.stack.name);
                endurance.ask(self.wait(&what), || door.stack(&self.stack.name)).await?
            };
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
                status if stack.is_in_progress() => {
                    if self.options.when_busy == WhenBusy::Refuse {
                        return Err(self.busy(status, &stack.reason));
                    }
                    if said != status {
                        let text = format!(
                            "Stack {} is being changed by someone else ({status}); waiting for it.",
                            self.stack.name
                        );
                        note(self.options.reporter, Level::Info, text);
                        said = status.to_owned();
                    }
                    if self.is_interrupted() {
                        return Err(self.interrupted());
                    }
                    pause_or_interrupt(pauses.next(), self.options.interrupt.as_mut()).await;
                }
                _ => return Ok(Some(stack)),
            }
        }
    }

    fn wait<'a>(&'a self, what: &'a str) -> Wait<'a> {
        Wait {
            connection: self.connection,
            what,
            reporter: self.options.reporter,
            pause: self.options.polling.first,
            interrupt: self.options.interrupt.as_ref(),
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
            match endurance.ask(self.wait(&what), || door.stack(&stack.id)).await? {
                None => return Ok(()),
                Some(stack) if stack.status == "DELETE_COMPLETE" => return Ok(()),
                Some(stack) if stack.status == "DELETE_FAILED" => {
                    return Err(self.stuck(&stack, "What a first try left can't be removed: delete the stack in the CloudFormation console, then deploy again"));
                }
                Some(_) => pauses.wait().await,
            }
        }
    }

    /// Makes the change set; `None`: there is nothing to change.
    async fn propose(
        &mut self,
        name: &str,
        template: &Template,
        create: bool,
    ) -> Result<Option<ChangeSet>, Failure> {
        let door = self.connection.cloudformation();
        let stack = &self.stack.name;
        let request = Request {
            stack,
            name,
            create,
            template: template.clone(),
            parameters: &self.stack.parameters,
            tags: &self.stack.tags,
            role_arn: self.options.role_arn,
            express: self.options.express,
        };
        let id = match door.create_change_set(&request).await {
            Ok(id) => id,
            Err(error) if error.kind == Kind::InvalidRequest => {
                return Err(Failure::Refused { stack: stack.clone(), reason: error.to_string() });
            }
            Err(error) => return Err(error.into()),
        };
        // Made in a second or two: look a little more often than at a change.
        let polling = self.options.polling;
        let mut pauses = Pauses::new(Polling { first: polling.first / 4, most: polling.most / 2, ..polling });
        loop {
            let set = match door.change_set(stack, &id).await {
                Ok(set) => set,
                Err(error) => {
                    self.forget(&id, create).await;
                    return Err(error.into());
                }
            };
            if self.is_interrupted() {
                self.forget(&id, create).await;
                return Err(self.interrupted());
            }
            if set.is_pending() {
                pause_or_interrupt(pauses.next(), self.options.interrupt.as_mut()).await;
                continue;
            }
            if set.is_empty() {
                self.forget(&id, create).await;
                return Ok(None);
            }
            if set.status == "FAILED" || set.execution_status == "UNAVAILABLE" {
                self.forget(&id, create).await;
                let reason = if set.reason.is_empty() { set.status } else { set.reason };
                return Err(Failure::Refused { stack: stack.clone(), reason });
            }
            return Ok(Some(set));
        }
    }

    /// Whether a change set that is not empty changes nothing all the same. CloudFormation lists a nested stack and what
    /// uses its outputs in every change set, as another template could be behind the same URL; the URL of addons names
    /// their content.
    async fn changes_nothing(
        &self,
        set: &ChangeSet,
        stood: Option<&cloudformation::Stack>,
    ) -> Result<bool, Failure> {
        let mut nested =
            set.changes.iter().filter(|change| change.resource_type == "AWS::CloudFormation::Stack");
        let listed = nested.next().is_some_and(|change| {
            change.action == "Modify" && change.logical_id == ADDONS_STACK && nested.next().is_none()
        });
        let same = stood.is_some_and(|stood| {
            matches!(stood.status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE")
                && stood.parameters == self.stack.parameters
                && stood.tags == self.stack.tags
        });
        if !listed || !same || is_resolved_anew(&self.stack.template) {
            return Ok(false);
        }
        let text = self.connection.cloudformation().template(&self.stack.name).await?.unwrap_or_default();
        Ok(text.trim_end() == self.stack.template_yaml().trim_end())
    }

    /// Removes a change set that won't be carried out, and the empty stack that was made for it. What can't be removed
    /// now is in no one's way: the next run removes it.
    async fn forget(&self, change_set: &str, create: bool) {
        let door = self.connection.cloudformation();
        let _ = door.delete_change_set(&self.stack.name, change_set).await;
        if create {
            let stack = door.stack(&self.stack.name).await.ok().flatten();
            if stack.is_some_and(|stack| stack.status == "REVIEW_IN_PROGRESS") {
                let _ = door.delete_stack(&self.stack.name, self.options.role_arn).await;
            }
        }
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
            changes: changes(set, &self.stack.template),
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
            stack_id: &stack_id,
            stack: &self.stack.name,
            before: &before,
            stood: stood.as_ref(),
            cleanup: self.options.cleanup,
            undo,
            express: self.options.express,
            proof_only: false,
            known: self.options.back.unwrap_or_default(),
            fail_fast: self.options.fail_fast && !self.options.disable_rollback,
            reporter: self.options.reporter,
            interrupt: self.options.interrupt.clone(),
            polling: self.options.polling,
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

/// Whether a stack was made so lately that whoever made it may still be at work.
fn is_fresh(stack: &cloudformation::Stack) -> bool {
    (jiff::Timestamp::now().as_millisecond() - stack.created).abs() < FRESH
}

/// Logical id of the nested stack of addons.
const ADDONS_STACK: &str = "AddonsStack";

/// Whether the same template with the same parameters can mean something new: by a macro, or a value of Parameter Store.
fn is_resolved_anew(template: &Value) -> bool {
    let parameters = template["Parameters"].as_object();
    template.get("Transform").is_some()
        || parameters.into_iter().flatten().any(|(_, parameter)| {
            parameter["Type"].as_str().is_some_and(|kind| kind.starts_with("AWS::SSM::Parameter"))
        })
}

/// What a change set will do, in the order of the template; what is removed comes last.
fn changes(set: &ChangeSet, template: &Value) -> Vec<ResourceChange> {
    let resources = template.get("Resources").and_then(Value::as_object);
    let place = |id: &str| {
        let place = resources.and_then(|resources| resources.keys().position(|key| key == id));
        place.unwrap_or(usize::MAX)
    };
    let title = |id: &str| {
        let resource = resources.and_then(|resources| resources.get(id));
        let title = resource.and_then(|resource| resource.pointer("/Metadata/aws:copilot:description"));
        title.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let mut changes: Vec<ResourceChange> = set
        .changes
        .iter()
        .map(|change| ResourceChange {
            logical_id: change.logical_id.clone(),
            resource_type: change.resource_type.clone(),
            action: change.action.clone(),
            replacement: change.replacement.clone(),
            title: title(&change.logical_id),
        })
        .collect();
    changes.sort_by_key(|change| place(&change.logical_id));
    changes
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::deploy::testing::{Cloud, Recorder, Step, fast};

    fn wanted() -> Stack {
        Stack {
            name: "shop-test-api".into(),
            template: json!({"Resources": {
                "TaskDefinition": {"Type": "AWS::ECS::TaskDefinition"},
                "Service": {
                    "Type": "AWS::ECS::Service",
                    "Metadata": {"aws:copilot:description": "An ECS service to run and maintain your tasks"},
                },
            }}),
            parameters: BTreeMap::from([("AppName".to_owned(), "shop".to_owned())]),
            tags: BTreeMap::from([("copilot-application".to_owned(), "shop".to_owned())]),
        }
    }

    async fn run(cloud: &Cloud, recorder: &Recorder) -> Result<Applied, Failure> {
        let options = Options {
            polling: fast(),
            role_arn: Some("arn:r"),
            ..Options::new("service api in test", recorder)
        };
        apply(cloud.connection(), &wanted(), options).await
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_new_stack_is_made_and_followed() {
        let cloud = Cloud::new(None).steps(vec![
            Step::stack("CREATE_IN_PROGRESS"),
            Step::resource("TaskDefinition", "AWS::ECS::TaskDefinition", "CREATE_COMPLETE"),
            Step::stack("CREATE_COMPLETE"),
        ]);
        let recorder = Recorder::default();
        let done = run(&cloud, &recorder).await.unwrap();
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
    async fn nothing_to_change_leaves_nothing_behind() {
        let cloud = Cloud::new(Some("UPDATE_COMPLETE"))
            .change_set("FAILED", "The submitted information didn't contain changes.");
        let recorder = Recorder::default();
        assert_eq!(run(&cloud, &recorder).await, Ok(Applied::Unchanged));
        assert_eq!(recorder.lines(), [""; 0]);
        assert_eq!(
            cloud.actions(),
            ["DescribeStacks", "CreateChangeSet", "DescribeChangeSet", "DeleteChangeSet"]
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_same_stack_with_addons_is_no_change() {
        let details = |name: &str| {
            format!(
                "<Parameters><member><ParameterKey>AppName</ParameterKey><ParameterValue>{name}</ParameterValue></member>\
                 </Parameters><Tags><member><Key>copilot-application</Key><Value>shop</Value></member></Tags>"
            )
        };
        let same = wanted().template_yaml();
        let cloud = Cloud::new(Some("UPDATE_COMPLETE")).nested(&same, &details("shop"));
        let recorder = Recorder::default();
        assert_eq!(run(&cloud, &recorder).await, Ok(Applied::Unchanged));
        assert_eq!(recorder.lines(), [""; 0]);
        assert_eq!(cloud.actions().last().map(String::as_str), Some("DeleteChangeSet"));
        // Another template, another parameter, a stack that was rolled back.
        for (status, template, name) in [
            ("UPDATE_COMPLETE", "Resources: {}", "shop"),
            ("UPDATE_COMPLETE", same.as_str(), "other"),
            ("UPDATE_ROLLBACK_COMPLETE", same.as_str(), "shop"),
        ] {
            let cloud = Cloud::new(Some(status))
                .nested(template, &details(name))
                .steps(vec![Step::stack("UPDATE_IN_PROGRESS"), Step::stack("UPDATE_COMPLETE")]);
            let done = run(&cloud, &Recorder::default()).await.unwrap();
            assert!(matches!(done, Applied::Done { created: false, .. }), "{status} {template} {name}");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_a_first_try_left_is_removed() {
        for left in ["ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "REVIEW_IN_PROGRESS"] {
            let cloud = Cloud::new(Some(left))
                .steps(vec![Step::stack("CREATE_IN_PROGRESS"), Step::stack("CREATE_COMPLETE")]);
            let recorder = Recorder::default();
            let done = run(&cloud, &recorder).await.unwrap();
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
        let done = run(&cloud, &recorder).await.unwrap();
        assert!(matches!(done, Applied::Done { created: false, .. }));
        assert!(recorder.lines()[0].contains("being changed by someone else (UPDATE_IN_PROGRESS)"));

        let cloud = Cloud::new(Some("UPDATE_IN_PROGRESS"));
        let options = Options { when_busy: WhenBusy::Refuse, ..Options::new("t", &recorder) };
        let failure = apply(cloud.connection(), &wanted(), options).await.unwrap_err();
        insta::assert_snapshot!(failure, @"stack shop-test-api is being changed by someone else (UPDATE_IN_PROGRESS)");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_refused_change_set_leaves_no_empty_stack() {
        let cloud = Cloud::new(None).change_set("FAILED", "Transform AWS::Serverless failed");
        let failure = run(&cloud, &Recorder::default()).await.unwrap_err();
        insta::assert_snapshot!(failure, @"CloudFormation refuses the change of stack shop-test-api: Transform AWS::Serverless failed");
        assert!(cloud.actions().ends_with(&[
            "DeleteChangeSet".into(),
            "DescribeStacks".into(),
            "DeleteStack".into()
        ]));
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
        let Failure::Failed { status, cause, evidence, .. } = run(&cloud, &recorder).await.unwrap_err()
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

    /// What CloudFormation does while a service moves its traffic for so many looks.
    fn while_it_shifts(looks: usize) -> Vec<Step> {
        let mut steps = vec![Step::stack("UPDATE_IN_PROGRESS"), Step::service("UPDATE_IN_PROGRESS", "")];
        steps.extend((0..looks).map(|at| Step::resource(&format!("R{at}"), "T", "UPDATE_COMPLETE")));
        steps
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_alarm_in_the_bake_time_is_named_with_its_reason() {
        let mut steps = while_it_shifts(4);
        steps.extend([
            Step::service("UPDATE_FAILED", "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.\" (RequestToken: 1, HandlerErrorCode: GeneralServiceException)"),
            Step::stack("UPDATE_ROLLBACK_IN_PROGRESS"),
            Step::service("UPDATE_IN_PROGRESS", ""),
            Step::service("UPDATE_COMPLETE", ""),
            Step::stack("UPDATE_ROLLBACK_COMPLETE"),
        ]);
        let cloud = Cloud::new(Some("UPDATE_COMPLETE")).steps(steps).shifts(&[
            r#""status": "IN_PROGRESS", "lifecycleStage": "BAKE_TIME""#,
            r#""status": "ROLLBACK_IN_PROGRESS", "lifecycleStage": "BAKE_TIME", "alarms": {"triggeredAlarmNames": ["errors"]}"#,
            r#""status": "ROLLBACK_SUCCESSFUL", "lifecycleStage": "CLEAN_UP", "statusReason": "Service deployment rolled back because of one or more active alarms.", "alarms": {"triggeredAlarmNames": ["errors"]}"#,
        ]);
        let recorder = Recorder::default();
        let Failure::Failed { cause, .. } = run(&cloud, &recorder).await.unwrap_err() else { panic!() };
        assert_eq!(
            (cause.code.as_str(), cause.headline.as_str()),
            ("alarm", "alarm errors went off in the bake time of the deployment of api, which ECS took back")
        );
        assert_eq!(cause.details[0], "errors: Threshold Crossed: 7 errors");
        let lines = recorder.lines();
        let shifts: Vec<&String> = lines.iter().filter(|line| line.starts_with("shift")).collect();
        assert_eq!(
            shifts,
            [
                "shift IN_PROGRESS BAKE_TIME 100% new",
                "shift ROLLBACK_IN_PROGRESS BAKE_TIME 100% new",
                "shift ROLLBACK_SUCCESSFUL CLEAN_UP 100% new"
            ]
        );
        // One that is over is not asked about again; the alarm is read once.
        let count = |what: &str| cloud.actions().iter().filter(|action| *action == what).count();
        assert_eq!((count("DescribeServiceDeployments"), count("DescribeAlarms")), (3, 1));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_interrupt_says_what_becomes_of_the_traffic() {
        for (stage, words) in [
            ("BAKE_TIME", "Traffic (100% new) goes back to the old version, whose tasks still run."),
            ("SCALE_UP", "No traffic has gone to the new version yet: all of it stays with the old one."),
        ] {
            let shift = format!(r#""status": "IN_PROGRESS", "lifecycleStage": "{stage}""#);
            let cloud =
                Cloud::new(Some("UPDATE_COMPLETE")).steps(while_it_shifts(2)).shifts(&[shift.as_str()]);
            let (sender, interrupt) = tokio::sync::watch::channel(0);
            let recorder = Stopper { inner: Recorder::default(), sender };
            let options =
                Options { polling: fast(), interrupt: Some(interrupt), ..Options::new("t", &recorder) };
            let failure = apply(cloud.connection(), &wanted(), options).await.unwrap_err();
            assert!(matches!(failure, Failure::Interrupted { .. }), "{failure:?}");
            let note = format!(
                "note Stopping: stack shop-test-api is rolled back. {words} Interrupt once more to leave without waiting."
            );
            assert!(recorder.inner.lines().contains(&note), "{:#?}", recorder.inner.lines());
            assert_eq!(cloud.actions().iter().filter(|action| *action == "CancelUpdateStack").count(), 1);
        }
    }

    /// A user who asks to stop as soon as traffic is shown.
    struct Stopper {
        inner: Recorder,
        sender: tokio::sync::watch::Sender<u32>,
    }

    impl Reporter for Stopper {
        fn report(&self, event: Event) {
            if matches!(event, Event::Shift { .. }) {
                self.sender.send_replace(1);
            }
            self.inner.report(event);
        }
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
            let options =
                Options { polling: fast(), interrupt: Some(interrupt), ..Options::new("t", &recorder) };
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
