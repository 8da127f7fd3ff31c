//! Stack sets: one template, an instance per account and region.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::types;

use super::{CloudFormation, Template, capabilities, millis, parameters, tag_values, tags, values};
use crate::aws::error::gone;
use crate::aws::{Error, query};

/// A stack set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackSet {
    /// Its name.
    pub name: String,
    /// `ACTIVE` or `DELETED`.
    pub status: String,
    /// What it is for.
    pub description: String,
    /// Its template.
    pub template: String,
    /// Values of its parameters.
    pub parameters: BTreeMap<String, String>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// ARN of the role that administers it.
    pub admin_role_arn: String,
    /// Name of the role it takes on in the accounts of its instances.
    pub execution_role: String,
}

/// A stack set to make or to change.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// Its template.
    pub template: &'a Template,
    /// Values of its parameters.
    pub parameters: &'a BTreeMap<String, String>,
    /// Its tags.
    pub tags: &'a BTreeMap<String, String>,
    /// ARN of the role that administers it.
    pub admin_role_arn: &'a str,
    /// Name of the role it takes on in the accounts of its instances.
    pub execution_role: &'a str,
}

/// An operation of a stack set, as lists have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// `QUEUED`, `RUNNING`, `STOPPING`, `STOPPED`, `SUCCEEDED` or `FAILED`.
    pub status: String,
    /// Why; empty without a reason.
    pub reason: String,
    /// Milliseconds since the Unix epoch of its beginning.
    pub began: i64,
}

impl Listed {
    /// Whether it is not at its end.
    #[must_use]
    pub fn is_under_way(&self) -> bool {
        matches!(&*self.status, "QUEUED" | "RUNNING" | "STOPPING")
    }
}

/// An instance of a stack set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// Its account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// ARN of its stack; empty while there is none.
    pub stack_id: String,
    /// `CURRENT`, `OUTDATED`, `INOPERABLE`.
    pub status: String,
    /// Why; empty without a reason.
    pub reason: String,
}

/// An operation on a stack set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// `RUNNING`, `SUCCEEDED`, `FAILED`, `STOPPING`, `STOPPED`, `QUEUED`.
    pub status: String,
    /// Why; empty without a reason.
    pub reason: String,
}

/// What an operation did to one instance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperationResult {
    /// The instance's account.
    pub account: String,
    /// The instance's region.
    pub region: String,
    /// `PENDING`, `RUNNING`, `SUCCEEDED`, `FAILED`, `CANCELLED`.
    pub status: String,
    /// Why; empty without a reason.
    pub reason: String,
}

/// All regions at once; one failure is reported, not tolerated.
fn preferences() -> types::StackSetOperationPreferences {
    types::StackSetOperationPreferences::builder()
        .region_concurrency_type(types::RegionConcurrencyType::Parallel)
        .build()
}

impl CloudFormation {
    /// Makes a stack set without instances (CreateStackSet).
    ///
    /// # Errors
    /// [`crate::aws::Kind::AlreadyExists`] when it exists; whatever else CloudFormation reports.
    pub async fn create_stack_set(&self, request: &Request<'_>) -> Result<(), Error> {
        let call = self
            .client()
            .await?
            .create_stack_set()
            .stack_set_name(request.name)
            .description(request.description)
            .set_parameters(Some(parameters(request.parameters)))
            .set_tags(Some(tags(request.tags)))
            .set_capabilities(Some(capabilities()))
            .administration_role_arn(request.admin_role_arn)
            .execution_role_name(request.execution_role);
        let call = match request.template {
            Template::Body(body) => call.template_body(body),
            Template::Url(url) => call.template_url(url),
            // There is none yet.
            Template::Previous => call,
        };
        self.call("CreateStackSet", call.send()).await.map(drop)
    }

    /// Begins to change a stack set and all its instances (UpdateStackSet). `operation` names the operation: a second one of
    /// the same name is refused, which makes two writers notice each other.
    ///
    /// # Errors
    /// [`crate::aws::Kind::Busy`] when another operation runs or had the same name; whatever else CloudFormation reports.
    pub async fn update_stack_set(&self, request: &Request<'_>, operation: &str) -> Result<(), Error> {
        let call = self
            .client()
            .await?
            .update_stack_set()
            .stack_set_name(request.name)
            .description(request.description)
            .operation_id(operation)
            .operation_preferences(preferences())
            .set_parameters(Some(parameters(request.parameters)))
            .set_tags(Some(tags(request.tags)))
            .set_capabilities(Some(capabilities()))
            .administration_role_arn(request.admin_role_arn)
            .execution_role_name(request.execution_role);
        let call = match request.template {
            Template::Body(body) => call.template_body(body),
            Template::Url(url) => call.template_url(url),
            Template::Previous => call.use_previous_template(true),
        };
        self.call("UpdateStackSet", call.send()).await.map(drop)
    }

    /// The stack set `name`; `None` when there is none (DescribeStackSet).
    ///
    /// # Errors
    /// Whatever CloudFormation reports but that it does not exist.
    pub async fn stack_set(&self, name: &str) -> Result<Option<StackSet>, Error> {
        let send = self.client().await?.describe_stack_set().stack_set_name(name).send();
        let output = match self.call("DescribeStackSet", send).await {
            Ok(output) => output,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(output.stack_set().map(|set| StackSet {
            name: set.stack_set_name().unwrap_or_default().to_owned(),
            status: set.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
            description: set.description().unwrap_or_default().to_owned(),
            template: set.template_body().unwrap_or_default().to_owned(),
            parameters: values(set.parameters()),
            tags: tag_values(set.tags()),
            admin_role_arn: set.administration_role_arn().unwrap_or_default().to_owned(),
            execution_role: set.execution_role_name().unwrap_or_default().to_owned(),
        }))
    }

    /// Removes a stack set without instances (DeleteStackSet). That it does not exist is no failure.
    ///
    /// # Errors
    /// When it still has instances; whatever else CloudFormation reports.
    pub async fn delete_stack_set(&self, name: &str) -> Result<(), Error> {
        let send = self.client().await?.delete_stack_set().stack_set_name(name).send();
        gone(self.call("DeleteStackSet", send).await)
    }

    /// Begins to make instances in `account` and `regions` and returns the operation's id (CreateStackInstances).
    ///
    /// # Errors
    /// [`crate::aws::Kind::Busy`] when another operation runs; whatever else CloudFormation reports.
    pub async fn create_stack_instances(
        &self,
        set: &str,
        account: &str,
        regions: &[&str],
    ) -> Result<String, Error> {
        let send = self
            .client()
            .await?
            .create_stack_instances()
            .stack_set_name(set)
            .accounts(account)
            .set_regions(Some(regions.iter().map(|&region| region.to_owned()).collect()))
            .operation_preferences(preferences())
            .send();
        Ok(self.call("CreateStackInstances", send).await?.operation_id.unwrap_or_default())
    }

    /// Begins to delete the instances in `account` and `regions` with their stacks and returns the operation's id
    /// (DeleteStackInstances).
    ///
    /// # Errors
    /// [`crate::aws::Kind::Busy`] when another operation runs; whatever else CloudFormation reports.
    pub async fn delete_stack_instances(
        &self,
        set: &str,
        account: &str,
        regions: &[&str],
    ) -> Result<String, Error> {
        let send = self
            .client()
            .await?
            .delete_stack_instances()
            .stack_set_name(set)
            .accounts(account)
            .set_regions(Some(regions.iter().map(|&region| region.to_owned()).collect()))
            .retain_stacks(false)
            .operation_preferences(preferences())
            .send();
        Ok(self.call("DeleteStackInstances", send).await?.operation_id.unwrap_or_default())
    }

    /// Instances of a stack set, all of them or those of one account and region (ListStackInstances, all pages). A stack
    /// set that does not exist has none.
    ///
    /// # Errors
    /// Whatever CloudFormation reports but that it does not exist.
    pub async fn stack_instances(
        &self,
        set: &str,
        account: Option<&str>,
        region: Option<&str>,
    ) -> Result<Vec<Instance>, Error> {
        let client = self.client().await?;
        let found = query::pages(|token| async move {
            let send = client
                .list_stack_instances()
                .stack_set_name(set)
                .set_stack_instance_account(account.map(str::to_owned))
                .set_stack_instance_region(region.map(str::to_owned))
                .set_next_token(token)
                .send();
            let output = self.call("ListStackInstances", send).await?;
            let instances = output.summaries().iter().map(|summary| Instance {
                account: summary.account().unwrap_or_default().to_owned(),
                region: summary.region().unwrap_or_default().to_owned(),
                stack_id: summary.stack_id().unwrap_or_default().to_owned(),
                status: summary.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
                reason: summary.status_reason().unwrap_or_default().to_owned(),
            });
            Ok((instances.collect(), output.next_token.clone()))
        })
        .await;
        match found {
            Err(error) if error.is_not_found() => Ok(vec![]),
            other => other,
        }
    }

    /// How an operation stands (DescribeStackSetOperation).
    ///
    /// # Errors
    /// Whatever CloudFormation reports.
    pub async fn stack_set_operation(&self, set: &str, operation: &str) -> Result<Operation, Error> {
        let send = self
            .client()
            .await?
            .describe_stack_set_operation()
            .stack_set_name(set)
            .operation_id(operation)
            .send();
        let output = self.call("DescribeStackSetOperation", send).await?;
        let missing = || Error::incomplete("CloudFormation", "DescribeStackSetOperation", "the operation");
        let operation = output.stack_set_operation().ok_or_else(missing)?;
        Ok(Operation {
            status: operation.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
            reason: operation.status_reason().unwrap_or_default().to_owned(),
        })
    }

    /// The operations of a stack set, newest first, one page of them (ListStackSetOperations). A set that does not exist has
    /// none.
    ///
    /// # Errors
    /// Whatever CloudFormation reports but that it does not exist.
    pub async fn stack_set_operations(&self, set: &str) -> Result<Vec<Listed>, Error> {
        let send = self.client().await?.list_stack_set_operations().stack_set_name(set).send();
        let output = match self.call("ListStackSetOperations", send).await {
            Err(error) if error.is_not_found() => return Ok(vec![]),
            other => other?,
        };
        let listed = output.summaries().iter().map(|summary| Listed {
            id: summary.operation_id().unwrap_or_default().to_owned(),
            status: summary.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
            reason: summary.status_reason().unwrap_or_default().to_owned(),
            began: millis(summary.creation_timestamp()),
        });
        Ok(listed.collect())
    }

    /// What an operation did to each instance (ListStackSetOperationResults, all pages).
    ///
    /// # Errors
    /// Whatever CloudFormation reports.
    pub async fn stack_set_operation_results(
        &self,
        set: &str,
        operation: &str,
    ) -> Result<Vec<OperationResult>, Error> {
        let client = self.client().await?;
        query::pages(|token| async move {
            let send = client
                .list_stack_set_operation_results()
                .stack_set_name(set)
                .operation_id(operation)
                .set_next_token(token)
                .send();
            let output = self.call("ListStackSetOperationResults", send).await?;
            let results = output.summaries().iter().map(|summary| OperationResult {
                account: summary.account().unwrap_or_default().to_owned(),
                region: summary.region().unwrap_or_default().to_owned(),
                status: summary.status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
                reason: summary.status_reason().unwrap_or_default().to_owned(),
            });
            Ok((results.collect(), output.next_token.clone()))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Kind, testing};

    #[tokio::test(flavor = "current_thread")]
    async fn an_update_names_its_operation_and_notices_another() {
        let server = testing::answers(vec![testing::xml_error(
            409,
            "OperationInProgressException",
            "Another Operation on StackSet arn is in progress",
        )]);
        let error = server
            .connection()
            .cloudformation()
            .update_stack_set(
                &Request {
                    name: "shop-infrastructure",
                    description: "d",
                    template: &Template::Url("https://b.s3.eu-west-1.amazonaws.com/k.yml".into()),
                    parameters: &BTreeMap::new(),
                    tags: &BTreeMap::new(),
                    admin_role_arn: "arn:a",
                    execution_role: "shop-executionrole",
                },
                "7",
            )
            .await
            .unwrap_err();
        assert_eq!(error.kind, Kind::Busy);
        let sent = &server.requests()[0].body;
        assert!(sent.contains("&OperationId=7"), "{sent}");
        assert!(sent.contains("&TemplateURL=https://b.s3"), "{sent}");
        assert!(sent.contains("&ExecutionRoleName=shop-executionrole"), "{sent}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_missing_set_is_none_and_has_no_instances() {
        let server = testing::answers(vec![testing::xml_error(
            404,
            "StackSetNotFoundException",
            "StackSet x not found",
        )]);
        let door = server.connection().cloudformation();
        assert_eq!(door.stack_set("x").await, Ok(None));
        assert_eq!(door.stack_instances("x", None, None).await, Ok(vec![]));
        door.delete_stack_set("x").await.unwrap();
    }

    #[tokio::test(flavor = "current_thread")]
    async fn operations_are_listed() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<ListStackSetOperationsResponse><ListStackSetOperationsResult><Summaries><member><OperationId>7</OperationId>\
             <Status>RUNNING</Status><CreationTimestamp>2026-01-02T03:04:05Z</CreationTimestamp></member></Summaries>\
             </ListStackSetOperationsResult></ListStackSetOperationsResponse>",
        )]);
        let found = server.connection().cloudformation().stack_set_operations("x").await.unwrap();
        let wanted = Listed {
            id: "7".to_owned(),
            status: "RUNNING".to_owned(),
            reason: String::new(),
            began: 1_767_323_045_000,
        };
        assert_eq!(found, [wanted]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn instances_are_listed() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<ListStackInstancesResponse><ListStackInstancesResult><Summaries><member><Account>1</Account>\
             <Region>eu-west-1</Region><StackId>arn:s</StackId><Status>CURRENT</Status></member></Summaries>\
             </ListStackInstancesResult></ListStackInstancesResponse>",
        )]);
        let found = server
            .connection()
            .cloudformation()
            .stack_instances("x", Some("1"), Some("eu-west-1"))
            .await
            .unwrap();
        assert_eq!(found[0].stack_id, "arn:s");
        let sent = &server.requests()[0].body;
        assert!(sent.contains("StackInstanceAccount=1&StackInstanceRegion=eu-west-1"), "{sent}");
    }
}
