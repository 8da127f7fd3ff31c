//! The change set of a change: made, judged whether it changes anything, told, and removed when it is not carried out.

use serde_json::Value;

use super::Apply;
use crate::aws::Kind;
use crate::aws::cloudformation::change_set::{ChangeSet, Request};
use crate::aws::cloudformation::{self, Template};
use crate::deploy::{Failure, Pauses, Polling, pause_or_interrupt};
use crate::event::ResourceChange;

impl Apply<'_> {
    /// Makes the change set; `None`: there is nothing to change.
    pub(super) async fn propose(
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
    pub(super) async fn changes_nothing(
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
    pub(super) async fn forget(&self, change_set: &str, create: bool) {
        let door = self.connection.cloudformation();
        let _ = door.delete_change_set(&self.stack.name, change_set).await;
        if create {
            let stack = door.stack(&self.stack.name).await.ok().flatten();
            if stack.is_some_and(|stack| stack.status == "REVIEW_IN_PROGRESS") {
                let _ = door.delete_stack(&self.stack.name, self.options.role_arn).await;
            }
        }
    }
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
pub(super) fn changes(set: &ChangeSet, template: &Value) -> Vec<ResourceChange> {
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
    use super::super::Applied;
    use crate::deploy::testing::{Cloud, Recorder, Step, deploy, wanted};

    #[tokio::test(flavor = "current_thread")]
    async fn nothing_to_change_leaves_nothing_behind() {
        let cloud = Cloud::new(Some("UPDATE_COMPLETE"))
            .change_set("FAILED", "The submitted information didn't contain changes.");
        let recorder = Recorder::default();
        assert_eq!(deploy(&cloud, &recorder).await, Ok(Applied::Unchanged));
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
        assert_eq!(deploy(&cloud, &recorder).await, Ok(Applied::Unchanged));
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
            let done = deploy(&cloud, &Recorder::default()).await.unwrap();
            assert!(matches!(done, Applied::Done { created: false, .. }), "{status} {template} {name}");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_refused_change_set_leaves_no_empty_stack() {
        let cloud = Cloud::new(None).change_set("FAILED", "Transform AWS::Serverless failed");
        let failure = deploy(&cloud, &Recorder::default()).await.unwrap_err();
        insta::assert_snapshot!(failure, @"CloudFormation refuses the change of stack shop-test-api: Transform AWS::Serverless failed");
        assert!(cloud.actions().ends_with(&[
            "DeleteChangeSet".into(),
            "DescribeStacks".into(),
            "DeleteStack".into()
        ]));
    }
}
