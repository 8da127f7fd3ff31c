//! Change sets: what a change will do, before it is done.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types;

use super::{CloudFormation, Template, capabilities, parameters, tags};
use crate::aws::error::gone;
use crate::aws::{Error, query};

/// A change set to make.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The stack's name.
    pub stack: &'a str,
    /// The change set's name.
    pub name: &'a str,
    /// Whether the stack is to be made (else changed).
    pub create: bool,
    /// The template.
    pub template: Template,
    /// Values of the parameters.
    pub parameters: &'a BTreeMap<String, String>,
    /// Tags of the stack.
    pub tags: &'a BTreeMap<String, String>,
    /// The role CloudFormation changes the stack with; `None`: the caller's own rights.
    pub role_arn: Option<&'a str>,
    /// Whether CloudFormation is done as soon as the configuration is applied (mode `EXPRESS`). A failure is rolled back, which
    /// this mode does not do of itself.
    pub express: bool,
}

/// A change set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSet {
    /// Its ARN.
    pub id: String,
    /// ARN of its stack.
    pub stack_id: String,
    /// `CREATE_PENDING`, `CREATE_IN_PROGRESS`, `CREATE_COMPLETE`, `FAILED` ….
    pub status: String,
    /// Why; empty without a reason.
    pub reason: String,
    /// `AVAILABLE`, `UNAVAILABLE`, `EXECUTE_IN_PROGRESS` ….
    pub execution_status: String,
    /// What it will do; of the nested stacks only that they change.
    pub changes: Vec<Change>,
}

/// A change of one resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// `Add`, `Modify`, `Remove`, `Import`, `Dynamic`.
    pub action: String,
    /// The resource's logical id.
    pub logical_id: String,
    /// Its physical id; empty for a new one.
    pub physical_id: String,
    /// Its type.
    pub resource_type: String,
    /// `True`, `False`, `Conditional` for a modification; empty otherwise.
    pub replacement: String,
    /// What is changed, such as `Properties`, `Tags`.
    pub scope: Vec<String>,
    /// Properties that cause the change, with `Always`, `Conditionally` or `Never` for whether they need a replacement.
    pub details: Vec<(String, String)>,
}

impl ChangeSet {
    /// Whether it was refused because it changes nothing. CloudFormation says so in two wordings, as a failure or as a
    /// change set that can't be carried out.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let said = ["didn't contain changes", "No updates are to be performed", "no changes"]
            .iter()
            .any(|words| self.reason.contains(words));
        said && self.changes.is_empty() && (self.status == "FAILED" || self.execution_status == "UNAVAILABLE")
    }

    /// Whether it is still being made.
    #[must_use]
    pub fn is_pending(&self) -> bool {
        matches!(self.status.as_str(), "CREATE_PENDING" | "CREATE_IN_PROGRESS")
    }
}

impl CloudFormation {
    /// Begins to make a change set, nested stacks included, and returns its ARN (CreateChangeSet).
    ///
    /// # Errors
    /// Whatever CloudFormation reports; [`crate::aws::Kind::Busy`] while the stack is being changed.
    pub async fn create_change_set(&self, request: &Request<'_>) -> Result<String, Error> {
        let kind = if request.create { types::ChangeSetType::Create } else { types::ChangeSetType::Update };
        let mut call = self
            .client()
            .await?
            .create_change_set()
            .stack_name(request.stack)
            .change_set_name(request.name)
            .change_set_type(kind)
            .include_nested_stacks(true)
            .set_parameters(Some(parameters(request.parameters)))
            .set_tags(Some(tags(request.tags)))
            .set_capabilities(Some(capabilities()))
            .set_role_arn(request.role_arn.map(str::to_owned))
            .set_deployment_config(request.express.then(express));
        call = match &request.template {
            Template::Body(body) => call.template_body(body),
            Template::Url(url) => call.template_url(url),
            Template::Previous => call.use_previous_template(true),
        };
        let output = self.call("CreateChangeSet", call.send()).await?;
        output.id.ok_or_else(|| Error::incomplete("CloudFormation", "CreateChangeSet", "the change set's id"))
    }

    /// The change set `name` (or ARN) of a stack with all its changes (DescribeChangeSet, all pages).
    ///
    /// # Errors
    /// Whatever CloudFormation reports.
    pub async fn change_set(&self, stack: &str, name: &str) -> Result<ChangeSet, Error> {
        let client = self.client().await?;
        let mut changes = vec![];
        let mut token: Option<String> = None;
        loop {
            let send = client
                .describe_change_set()
                .stack_name(stack)
                .change_set_name(name)
                .set_next_token(token.clone())
                .send();
            let output = self.call("DescribeChangeSet", send).await?;
            changes.extend(output.changes().iter().filter_map(|change| change.resource_change()).map(change));
            match output.next_token().filter(|next| !next.is_empty() && token.as_deref() != Some(next)) {
                Some(next) => token = Some(next.to_owned()),
                None => {
                    return Ok(ChangeSet {
                        id: output.change_set_id().unwrap_or_default().to_owned(),
                        stack_id: output.stack_id().unwrap_or_default().to_owned(),
                        status: output.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
                        reason: output.status_reason().unwrap_or_default().to_owned(),
                        execution_status: output
                            .execution_status()
                            .map(|status| status.as_str().to_owned())
                            .unwrap_or_default(),
                        changes,
                    });
                }
            }
        }
    }

    /// Carries a change set out (ExecuteChangeSet). With `disable_rollback` a failure leaves the stack as far as it came.
    ///
    /// # Errors
    /// Whatever CloudFormation reports.
    pub async fn execute_change_set(
        &self,
        stack: &str,
        name: &str,
        disable_rollback: bool,
    ) -> Result<(), Error> {
        let send = self
            .client()
            .await?
            .execute_change_set()
            .stack_name(stack)
            .change_set_name(name)
            .set_disable_rollback(disable_rollback.then_some(true))
            .send();
        self.call("ExecuteChangeSet", send).await.map(drop)
    }

    /// Removes a change set (DeleteChangeSet). That it does not exist is no failure.
    ///
    /// # Errors
    /// Whatever else CloudFormation reports.
    pub async fn delete_change_set(&self, stack: &str, name: &str) -> Result<(), Error> {
        let send = self.client().await?.delete_change_set().stack_name(stack).change_set_name(name).send();
        gone(self.call("DeleteChangeSet", send).await)
    }

    /// Names of the stack's change sets (ListChangeSets, all pages).
    ///
    /// # Errors
    /// Whatever CloudFormation reports.
    pub async fn change_sets(&self, stack: &str) -> Result<Vec<String>, Error> {
        let client = self.client().await?;
        query::pages(|token| async move {
            let send = client.list_change_sets().stack_name(stack).set_next_token(token).send();
            let output = self.call("ListChangeSets", send).await?;
            let names = output
                .summaries()
                .iter()
                .filter_map(|summary| summary.change_set_name().map(str::to_owned))
                .collect();
            Ok((names, output.next_token))
        })
        .await
    }
}

/// Express mode with rollback, which it leaves out by default.
fn express() -> types::DeploymentConfig {
    let mode = types::DeploymentConfigMode::Express;
    types::DeploymentConfig::builder().mode(mode).disable_rollback(false).build()
}

fn change(change: &types::ResourceChange) -> Change {
    Change {
        action: change.action().map(|action| action.as_str().to_owned()).unwrap_or_default(),
        logical_id: change.logical_resource_id().unwrap_or_default().to_owned(),
        physical_id: change.physical_resource_id().unwrap_or_default().to_owned(),
        resource_type: change.resource_type().unwrap_or_default().to_owned(),
        replacement: change.replacement().map(|value| value.as_str().to_owned()).unwrap_or_default(),
        scope: change.scope().iter().map(|scope| scope.as_str().to_owned()).collect(),
        details: change
            .details()
            .iter()
            .filter_map(|detail| detail.target())
            .map(|target| {
                let place = match target.name() {
                    Some(name) => name.to_owned(),
                    None => target.attribute().map(|scope| scope.as_str().to_owned()).unwrap_or_default(),
                };
                let recreation = target.requires_recreation().map(|value| value.as_str().to_owned());
                (place, recreation.unwrap_or_default())
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing;

    fn page(body: &str) -> testing::Answer {
        testing::xml(
            200,
            &format!(
                "<DescribeChangeSetResponse><DescribeChangeSetResult>{body}</DescribeChangeSetResult></DescribeChangeSetResponse>"
            ),
        )
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_request_asks_for_everything_a_stack_needs() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<CreateChangeSetResponse><CreateChangeSetResult><Id>arn:cs</Id></CreateChangeSetResult></CreateChangeSetResponse>",
        )]);
        let id = server
            .connection()
            .cloudformation()
            .create_change_set(&Request {
                stack: "shop-test-api",
                name: "wharf-1",
                create: true,
                template: Template::Url("https://b.s3.eu-west-1.amazonaws.com/k.yml".into()),
                parameters: &BTreeMap::from([("AppName".to_owned(), "shop".to_owned())]),
                tags: &BTreeMap::from([("copilot-application".to_owned(), "shop".to_owned())]),
                role_arn: Some("arn:r"),
                express: true,
            })
            .await
            .unwrap();
        assert_eq!(id, "arn:cs");
        let sent = server.requests()[0].body.replace('&', "\n");
        insta::assert_snapshot!(sent, @r"
        Action=CreateChangeSet
        Version=2010-05-15
        StackName=shop-test-api
        TemplateURL=https://b.s3.eu-west-1.amazonaws.com/k.yml
        Parameters.member.1.ParameterKey=AppName
        Parameters.member.1.ParameterValue=shop
        Capabilities.member.1=CAPABILITY_IAM
        Capabilities.member.2=CAPABILITY_NAMED_IAM
        Capabilities.member.3=CAPABILITY_AUTO_EXPAND
        RoleARN=arn:r
        Tags.member.1.Key=copilot-application
        Tags.member.1.Value=shop
        ChangeSetName=wharf-1
        ChangeSetType=CREATE
        IncludeNestedStacks=true
        DeploymentConfig.Mode=EXPRESS
        DeploymentConfig.DisableRollback=false
        ");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn changes_of_all_pages() {
        let server = testing::answers(vec![
            page(
                "<ChangeSetId>arn:cs</ChangeSetId><Status>CREATE_COMPLETE</Status><NextToken>n</NextToken><Changes><member>\
                 <Type>Resource</Type><ResourceChange><Action>Modify</Action><LogicalResourceId>Service</LogicalResourceId>\
                 <ResourceType>AWS::ECS::Service</ResourceType><Replacement>False</Replacement><Scope><member>Properties\
                 </member></Scope><Details><member><Target><Attribute>Properties</Attribute><Name>TaskDefinition</Name>\
                 <RequiresRecreation>Never</RequiresRecreation></Target></member></Details></ResourceChange></member></Changes>",
            ),
            page(
                "<ChangeSetId>arn:cs</ChangeSetId><Status>CREATE_COMPLETE</Status><ExecutionStatus>AVAILABLE</ExecutionStatus>\
                 <Changes><member><ResourceChange><Action>Add</Action><LogicalResourceId>TaskDefinition</LogicalResourceId>\
                 </ResourceChange></member></Changes>",
            ),
        ]);
        let set = server.connection().cloudformation().change_set("s", "arn:cs").await.unwrap();
        assert_eq!(set.changes.len(), 2);
        assert_eq!(set.changes[0].details, [("TaskDefinition".to_owned(), "Never".to_owned())]);
        assert!(!set.is_empty() && !set.is_pending());
    }

    #[test]
    fn nothing_to_change_has_several_wordings() {
        let set = |status: &str, execution: &str, reason: &str| ChangeSet {
            id: String::new(),
            stack_id: String::new(),
            status: status.into(),
            reason: reason.into(),
            execution_status: execution.into(),
            changes: vec![],
        };
        let words = "The submitted information didn't contain changes. Submit different information to create a change set.";
        assert!(set("FAILED", "UNAVAILABLE", words).is_empty());
        assert!(set("FAILED", "UNAVAILABLE", "No updates are to be performed.").is_empty());
        assert!(!set("FAILED", "UNAVAILABLE", "Transform failed").is_empty());
    }
}
