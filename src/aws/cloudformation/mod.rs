//! CloudFormation: stacks ([`stack`](self)), change sets ([`change_set`]), events and resources ([`events`]), stack sets
//! ([`stack_set`]), drift ([`drift`]).

pub mod change_set;
pub mod drift;
pub mod events;
pub mod stack_set;

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types;

use super::error::gone;
use super::{Connection, Error, door};

door!(
    /// The door to CloudFormation.
    CloudFormation, cloudformation, aws_sdk_cloudformation, "CloudFormation", "CloudFormation", "cloudformation"
);

/// Longest template that goes into a request, in bytes; longer ones must come by URL.
pub const MAX_TEMPLATE_BODY: usize = 51_200;

/// A deployed stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stack {
    /// Its ARN, which names it even after it is deleted.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its status, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// Why it has that status; empty without a reason.
    pub reason: String,
    /// Values of its parameters (those with `NoEcho` read `****`).
    pub parameters: BTreeMap<String, String>,
    /// Its outputs.
    pub outputs: BTreeMap<String, Output>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The role CloudFormation changes it with; empty without one.
    pub role_arn: String,
    /// Milliseconds since the Unix epoch of its creation.
    pub created: i64,
    /// Milliseconds since the Unix epoch of its last update; `None` when it was never updated.
    pub updated: Option<i64>,
    /// Whether its last operation was, or is, in express mode: CloudFormation did not wait until anything runs.
    pub express: bool,
    /// Whether it must not be deleted.
    pub protected: bool,
    /// ARN of the stack it is nested in; empty for a stack of its own.
    pub parent_id: String,
}

/// An output of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// Its value.
    pub value: String,
    /// Name it is exported under; empty when it isn't.
    pub export: String,
}

/// Where a template is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// The text itself, at most [`MAX_TEMPLATE_BODY`] bytes.
    Body(String),
    /// The S3 URL of an uploaded template.
    Url(String),
    /// The one the stack has.
    Previous,
}

/// What a template declares.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Names of its parameters with their defaults.
    pub parameters: BTreeMap<String, Option<String>>,
    /// Its `Metadata` section as JSON text; empty without one.
    pub metadata: String,
    /// Types of its resources.
    pub resource_types: Vec<String>,
}

/// Milliseconds since the Unix epoch.
pub(crate) fn millis(time: Option<&aws_smithy_types::DateTime>) -> i64 {
    // Rounded: services that send seconds as a fraction lose a little on the way through floating point.
    time.and_then(|time| i64::try_from((time.as_nanos() + 500_000).div_euclid(1_000_000)).ok())
        .unwrap_or_default()
}

fn parameters(parameters: &BTreeMap<String, String>) -> Vec<types::Parameter> {
    parameters
        .iter()
        .map(|(key, value)| types::Parameter::builder().parameter_key(key).parameter_value(value).build())
        .collect()
}

fn tags(tags: &BTreeMap<String, String>) -> Vec<types::Tag> {
    tags.iter().map(|(key, value)| types::Tag::builder().key(key).value(value).build()).collect()
}

fn values(parameters: &[types::Parameter]) -> BTreeMap<String, String> {
    parameters
        .iter()
        .filter_map(|parameter| {
            // Not the resolved value of an SSM parameter: what is carried over must be what was given.
            let value = parameter.parameter_value().unwrap_or_default();
            Some((parameter.parameter_key()?.to_owned(), value.to_owned()))
        })
        .collect()
}

fn tag_values(tags: &[types::Tag]) -> BTreeMap<String, String> {
    tags.iter()
        .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
        .collect()
}

fn capabilities() -> Vec<types::Capability> {
    vec![
        types::Capability::CapabilityIam,
        types::Capability::CapabilityNamedIam,
        types::Capability::CapabilityAutoExpand,
    ]
}

fn stack(stack: &types::Stack) -> Stack {
    Stack {
        id: stack.stack_id().unwrap_or_default().to_owned(),
        name: stack.stack_name().unwrap_or_default().to_owned(),
        status: stack.stack_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: stack.stack_status_reason().unwrap_or_default().to_owned(),
        parameters: values(stack.parameters()),
        outputs: stack
            .outputs()
            .iter()
            .filter_map(|output| {
                let value = output.output_value().unwrap_or_default().to_owned();
                let export = output.export_name().unwrap_or_default().to_owned();
                Some((output.output_key()?.to_owned(), Output { value, export }))
            })
            .collect(),
        tags: tag_values(stack.tags()),
        role_arn: stack.role_arn().unwrap_or_default().to_owned(),
        created: millis(stack.creation_time()),
        updated: stack.last_updated_time().map(|time| millis(Some(time))),
        express: stack.deployment_config().and_then(|config| config.mode())
            == Some(&types::DeploymentConfigMode::Express),
        protected: stack.enable_termination_protection().unwrap_or_default(),
        parent_id: stack.parent_id().unwrap_or_default().to_owned(),
    }
}

impl Stack {
    /// The value of the output `name`; `None` when there is no such output.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&str> {
        self.outputs.get(name).map(|output| output.value.as_str())
    }

    /// Whether CloudFormation is changing it now. A stack that only waits for its first change set
    /// (`REVIEW_IN_PROGRESS`) is not being changed.
    #[must_use]
    pub fn is_in_progress(&self) -> bool {
        self.status.ends_with("_IN_PROGRESS") && self.status != "REVIEW_IN_PROGRESS"
    }
}

impl CloudFormation {
    /// The stack called `name`, or the one with that ARN even when it is deleted; `None` when there is none
    /// (DescribeStacks).
    ///
    /// # Errors
    /// Whatever CloudFormation reports but that it does not exist.
    pub async fn stack(&self, name: &str) -> Result<Option<Stack>, Error> {
        let send = self.client().await?.describe_stacks().stack_name(name).send();
        match self.call("DescribeStacks", send).await {
            Ok(output) => Ok(output.stacks().first().map(stack)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All stacks of the region (DescribeStacks, all pages).
    ///
    /// # Errors
    /// Whatever CloudFormation reports.
    pub async fn stacks(&self) -> Result<Vec<Stack>, Error> {
        let client = self.client().await?;
        super::query::pages(|token| async move {
            let send = client.describe_stacks().set_next_token(token).send();
            let output = self.call("DescribeStacks", send).await?;
            Ok((output.stacks().iter().map(stack).collect(), output.next_token))
        })
        .await
    }

    /// The template of the stack as it was handed in (GetTemplate, stage `Original`); `None` when there is no stack.
    ///
    /// # Errors
    /// Whatever CloudFormation reports but that it does not exist.
    pub async fn template(&self, name: &str) -> Result<Option<String>, Error> {
        let send = self
            .client()
            .await?
            .get_template()
            .stack_name(name)
            .template_stage(types::TemplateStage::Original)
            .send();
        match self.call("GetTemplate", send).await {
            Ok(output) => Ok(Some(output.template_body.unwrap_or_default())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What the template of the deployed stack declares (GetTemplateSummary); `None` when there is no stack.
    ///
    /// # Errors
    /// Whatever CloudFormation reports but that it does not exist.
    pub async fn summary(&self, name: &str) -> Result<Option<Summary>, Error> {
        let send = self.client().await?.get_template_summary().stack_name(name).send();
        match self.call("GetTemplateSummary", send).await {
            Ok(output) => Ok(Some(summary(&output))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// What the template of the stack set declares (GetTemplateSummary); `None` when there is no such stack set.
    ///
    /// # Errors
    /// Whatever CloudFormation reports but that it does not exist.
    pub async fn stack_set_summary(&self, name: &str) -> Result<Option<Summary>, Error> {
        let send = self.client().await?.get_template_summary().stack_set_name(name).send();
        match self.call("GetTemplateSummary", send).await {
            Ok(output) => Ok(Some(summary(&output))),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Begins to change a stack without a change set (UpdateStack) and returns its ARN; `None` when nothing would change.
    /// Parameters that are not given keep their values when the template is the previous one.
    ///
    /// # Errors
    /// Whatever CloudFormation reports but that nothing would change; [`super::Kind::Busy`] while it is being changed.
    pub async fn update_stack(&self, update: &Update<'_>) -> Result<Option<String>, Error> {
        let mut values = parameters(update.parameters);
        for name in update.keep {
            values.push(types::Parameter::builder().parameter_key(*name).use_previous_value(true).build());
        }
        let mut request = self
            .client()
            .await?
            .update_stack()
            .stack_name(update.stack)
            .set_parameters(Some(values))
            .set_capabilities(Some(capabilities()))
            .set_role_arn(update.role_arn.map(str::to_owned));
        if let Some(of_update) = update.tags {
            request = request.set_tags(Some(tags(of_update)));
        }
        request = match &update.template {
            Template::Body(body) => request.template_body(body),
            Template::Url(url) => request.template_url(url),
            Template::Previous => request.use_previous_template(true),
        };
        match self.call("UpdateStack", request.send()).await {
            Ok(output) => Ok(Some(output.stack_id.unwrap_or_default())),
            Err(error) if error.message.contains("No updates are to be performed") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Begins to delete a stack (DeleteStack). That it does not exist is no failure.
    ///
    /// # Errors
    /// Whatever CloudFormation reports, such as termination protection.
    pub async fn delete_stack(&self, name: &str, role_arn: Option<&str>) -> Result<(), Error> {
        self.delete_stack_but(name, role_arn, &[]).await
    }

    /// The same, but for resources with these logical ids, which stay: only of a stack in `DELETE_FAILED`.
    ///
    /// # Errors
    /// As [`Self::delete_stack`]; the stack is in another state.
    pub async fn delete_stack_but(
        &self,
        name: &str,
        role_arn: Option<&str>,
        retain: &[String],
    ) -> Result<(), Error> {
        let send = self
            .client()
            .await?
            .delete_stack()
            .stack_name(name)
            .set_role_arn(role_arn.map(str::to_owned))
            .set_retain_resources((!retain.is_empty()).then(|| retain.to_vec()))
            .send();
        gone(self.call("DeleteStack", send).await)
    }

    /// Stops an update in progress; the stack rolls back (CancelUpdateStack).
    ///
    /// # Errors
    /// When the stack is not being updated.
    pub async fn cancel_update(&self, name: &str) -> Result<(), Error> {
        let send = self.client().await?.cancel_update_stack().stack_name(name).send();
        self.call("CancelUpdateStack", send).await.map(drop)
    }

    /// Goes on with a rollback that failed, leaving out the resources `skip` (ContinueUpdateRollback).
    ///
    /// # Errors
    /// When the stack is not in `UPDATE_ROLLBACK_FAILED`.
    pub async fn continue_update_rollback(
        &self,
        name: &str,
        role_arn: Option<&str>,
        skip: &[&str],
    ) -> Result<(), Error> {
        let skip = (!skip.is_empty()).then(|| skip.iter().map(|&id| id.to_owned()).collect());
        let send = self
            .client()
            .await?
            .continue_update_rollback()
            .stack_name(name)
            .set_role_arn(role_arn.map(str::to_owned))
            .set_resources_to_skip(skip)
            .send();
        self.call("ContinueUpdateRollback", send).await.map(drop)
    }

    /// Names of the stacks that import the export `name` (ListImports, all pages); empty when none does.
    ///
    /// # Errors
    /// Whatever CloudFormation reports but that nobody imports it.
    pub async fn importers(&self, name: &str) -> Result<Vec<String>, Error> {
        let client = self.client().await?;
        let found = super::query::pages(|token| async move {
            let send = client.list_imports().export_name(name).set_next_token(token).send();
            let output = self.call("ListImports", send).await?;
            Ok((output.imports.unwrap_or_default(), output.next_token))
        })
        .await;
        match found {
            Err(error) if error.message.contains("is not imported by any stack") => Ok(vec![]),
            other => other,
        }
    }
}

/// A change of a stack without a change set.
#[derive(Debug, Clone)]
pub struct Update<'a> {
    /// The stack's name.
    pub stack: &'a str,
    /// Its template.
    pub template: Template,
    /// Parameters with new values.
    pub parameters: &'a BTreeMap<String, String>,
    /// Names of parameters that keep their values.
    pub keep: &'a [&'a str],
    /// All tags the stack shall have; `None` leaves them.
    pub tags: Option<&'a BTreeMap<String, String>>,
    /// The role CloudFormation changes it with; `None` leaves it.
    pub role_arn: Option<&'a str>,
}

fn summary(
    output: &aws_sdk_cloudformation::operation::get_template_summary::GetTemplateSummaryOutput,
) -> Summary {
    Summary {
        parameters: output
            .parameters()
            .iter()
            .filter_map(|declared| {
                Some((declared.parameter_key()?.to_owned(), declared.default_value().map(str::to_owned)))
            })
            .collect(),
        metadata: output.metadata().unwrap_or_default().to_owned(),
        resource_types: output.resource_types().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, testing};
    use super::*;

    pub(crate) const STACK: &str = "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>\
        <StackId>arn:aws:cloudformation:eu-west-1:1:stack/shop-test/u</StackId><StackName>shop-test</StackName>\
        <StackStatus>UPDATE_COMPLETE</StackStatus><CreationTime>2026-01-02T03:04:05.678Z</CreationTime>\
        <RoleARN>arn:aws:iam::1:role/r</RoleARN><Parameters><member><ParameterKey>AppName</ParameterKey>\
        <ParameterValue>shop</ParameterValue></member></Parameters><Outputs><member><OutputKey>VpcId</OutputKey>\
        <OutputValue>vpc-1</OutputValue><ExportName>shop-test-VpcId</ExportName></member></Outputs><Tags><member>\
        <Key>copilot-application</Key><Value>shop</Value></member></Tags></member></Stacks></DescribeStacksResult>\
        </DescribeStacksResponse>";

    #[tokio::test(flavor = "current_thread")]
    async fn a_stack_is_read_whole() {
        let server = testing::answers(vec![testing::xml(200, STACK)]);
        let stack = server.connection().cloudformation().stack("shop-test").await.unwrap().unwrap();
        assert_eq!(stack.output("VpcId"), Some("vpc-1"));
        assert_eq!(stack.outputs["VpcId"].export, "shop-test-VpcId");
        assert_eq!(stack.parameters["AppName"], "shop");
        assert_eq!(stack.tags["copilot-application"], "shop");
        assert_eq!((stack.created, stack.updated), (1_767_323_045_678, None));
        assert!(!stack.is_in_progress() && !stack.express);
        let express = STACK.replace(
            "<CreationTime>",
            "<DeploymentConfig><Mode>EXPRESS</Mode><DisableRollback>false</DisableRollback></DeploymentConfig><CreationTime>",
        );
        let server = testing::answers(vec![testing::xml(200, &express)]);
        assert!(server.connection().cloudformation().stack("shop-test").await.unwrap().unwrap().express);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_missing_stack_is_none() {
        let server = testing::answers(vec![testing::xml_error(
            400,
            "ValidationError",
            "Stack with id x does not exist",
        )]);
        let door = server.connection().cloudformation();
        assert_eq!(door.stack("x").await, Ok(None));
        assert_eq!(door.template("x").await, Ok(None));
        assert_eq!(door.summary("x").await, Ok(None));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_update_without_effect_and_one_that_must_wait() {
        let update = |server: &testing::Server| {
            let door = server.connection().cloudformation();
            async move {
                let parameters = BTreeMap::from([("ALBWorkloads".to_owned(), "api".to_owned())]);
                door.update_stack(&Update {
                    stack: "shop-test",
                    template: Template::Previous,
                    parameters: &parameters,
                    keep: &["AppName"],
                    tags: None,
                    role_arn: Some("arn:r"),
                })
                .await
            }
        };
        let none = testing::answers(vec![testing::xml_error(
            400,
            "ValidationError",
            "No updates are to be performed.",
        )]);
        assert_eq!(update(&none).await, Ok(None));
        let sent = &none.requests()[0].body;
        assert!(sent.contains("&UsePreviousTemplate=true"), "{sent}");
        assert!(sent.contains("ParameterKey=AppName&Parameters.member.2.UsePreviousValue=true"), "{sent}");
        let busy = testing::answers(vec![testing::xml_error(
            400,
            "ValidationError",
            "Stack:arn is in UPDATE_IN_PROGRESS state and can not be updated.",
        )]);
        assert_eq!(update(&busy).await.unwrap_err().kind, Kind::Busy);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_unknown_host_says_which() {
        let server = testing::answers(vec![testing::xml(200, "no xml at all")]);
        let error = server.connection().cloudformation().stack("a").await.unwrap_err();
        assert_eq!(error.kind, Kind::Service);
        assert!(error.to_string().contains("CloudFormation DescribeStacks"), "{error}");
    }
}
