//! Events and resources of stacks.

use aws_sdk_cloudformation::types;

use super::{CloudFormation, millis};
use crate::aws::{Error, Kind, query};

/// Something that happened to a resource of a stack, or to the stack itself.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct StackEvent {
    /// Its id, unique within the stack.
    pub id: String,
    /// ARN of the stack.
    pub stack_id: String,
    /// Name of the stack.
    pub stack: String,
    /// Logical id of the resource.
    pub logical_id: String,
    /// Physical id of the resource; empty while it has none.
    pub physical_id: String,
    /// Type of the resource.
    pub resource_type: String,
    /// Status, such as `CREATE_IN_PROGRESS`.
    pub status: String,
    /// Why; empty without a reason.
    pub reason: String,
    /// Milliseconds since the Unix epoch.
    pub at: i64,
}

impl StackEvent {
    /// Whether it is about the stack itself and not about a resource in it.
    #[must_use]
    pub fn is_of_stack(&self) -> bool {
        self.resource_type == "AWS::CloudFormation::Stack" && self.physical_id == self.stack_id
    }
}

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackResource {
    /// Its logical id.
    pub logical_id: String,
    /// Its physical id; empty while it has none.
    pub physical_id: String,
    /// Its type.
    pub resource_type: String,
    /// Its status.
    pub status: String,
    /// Why; empty without a reason.
    pub reason: String,
}

impl CloudFormation {
    /// Events of a stack (name, or ARN which also names a deleted one), newest first, down to the event with the id
    /// `known` exclusive, or to `since` (milliseconds since the Unix epoch) exclusive (DescribeStackEvents). Reads no
    /// more pages than needed. A stack that does not exist has no events.
    ///
    /// # Errors
    /// Whatever CloudFormation reports but that the stack does not exist.
    pub async fn events(
        &self,
        stack: &str,
        known: Option<&str>,
        since: i64,
    ) -> Result<Vec<StackEvent>, Error> {
        let client = self.client().await?;
        let mut found = vec![];
        let mut token: Option<String> = None;
        loop {
            let send = client.describe_stack_events().stack_name(stack).set_next_token(token.clone()).send();
            let output = match self.call("DescribeStackEvents", send).await {
                Ok(output) => output,
                Err(error) if error.is_not_found() => return Ok(found),
                Err(error) => return Err(error),
            };
            for wire in output.stack_events() {
                let event = event(wire);
                if known == Some(event.id.as_str()) || event.at < since {
                    return Ok(found);
                }
                found.push(event);
            }
            match output.next_token.filter(|next| !next.is_empty() && token.as_ref() != Some(next)) {
                Some(next) => token = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// The newest events of a stack, newest first: one page, at most 100 (DescribeStackEvents). A stack that does not exist has
    /// none.
    ///
    /// # Errors
    /// Whatever CloudFormation reports but that the stack does not exist.
    pub async fn latest_events(&self, stack: &str) -> Result<Vec<StackEvent>, Error> {
        let send = self.client().await?.describe_stack_events().stack_name(stack).send();
        match self.call("DescribeStackEvents", send).await {
            Ok(output) => Ok(output.stack_events().iter().map(event).collect()),
            Err(error) if error.is_not_found() => Ok(vec![]),
            Err(error) => Err(error),
        }
    }

    /// The resources of a stack (ListStackResources, all pages); `None` when there is no stack. Manager roles that Copilot
    /// made may not list: for them DescribeStackResources answers, with the first 100.
    ///
    /// # Errors
    /// Whatever CloudFormation reports but that the stack does not exist.
    pub async fn resources(&self, stack: &str) -> Result<Option<Vec<StackResource>>, Error> {
        let client = self.client().await?;
        let found = query::pages(|token| async move {
            let send = client.list_stack_resources().stack_name(stack).set_next_token(token).send();
            let output = self.call("ListStackResources", send).await?;
            Ok((output.stack_resource_summaries().iter().map(resource).collect(), output.next_token))
        })
        .await;
        match found {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) if matches!(error.kind, Kind::AccessDenied { .. }) => {
                let send = client.describe_stack_resources().stack_name(stack).send();
                match self.call("DescribeStackResources", send).await {
                    Ok(output) => Ok(Some(output.stack_resources().iter().map(described).collect())),
                    Err(error) if error.is_not_found() => Ok(None),
                    // What was refused first is what a role should be given.
                    Err(other) if matches!(other.kind, Kind::AccessDenied { .. }) => Err(error),
                    Err(other) => Err(other),
                }
            }
            Err(error) => Err(error),
        }
    }
}

fn event(wire: &types::StackEvent) -> StackEvent {
    StackEvent {
        id: wire.event_id().unwrap_or_default().to_owned(),
        stack_id: wire.stack_id().unwrap_or_default().to_owned(),
        stack: wire.stack_name().unwrap_or_default().to_owned(),
        logical_id: wire.logical_resource_id().unwrap_or_default().to_owned(),
        physical_id: wire.physical_resource_id().unwrap_or_default().to_owned(),
        resource_type: wire.resource_type().unwrap_or_default().to_owned(),
        status: wire.resource_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: wire.resource_status_reason().unwrap_or_default().to_owned(),
        at: millis(wire.timestamp()),
    }
}

fn resource(wire: &types::StackResourceSummary) -> StackResource {
    StackResource {
        logical_id: wire.logical_resource_id().unwrap_or_default().to_owned(),
        physical_id: wire.physical_resource_id().unwrap_or_default().to_owned(),
        resource_type: wire.resource_type().unwrap_or_default().to_owned(),
        status: wire.resource_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: wire.resource_status_reason().unwrap_or_default().to_owned(),
    }
}

fn described(wire: &types::StackResource) -> StackResource {
    StackResource {
        logical_id: wire.logical_resource_id().unwrap_or_default().to_owned(),
        physical_id: wire.physical_resource_id().unwrap_or_default().to_owned(),
        resource_type: wire.resource_type().unwrap_or_default().to_owned(),
        status: wire.resource_status().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        reason: wire.resource_status_reason().unwrap_or_default().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use crate::aws::testing;

    fn page(ids: &[&str], next: &str) -> testing::Answer {
        let members: String = ids
            .iter()
            .map(|id| {
                format!(
                    "<member><EventId>{id}</EventId><StackId>arn:s</StackId><StackName>s</StackName>\
                     <LogicalResourceId>Service</LogicalResourceId><ResourceType>AWS::ECS::Service</ResourceType>\
                     <ResourceStatus>CREATE_IN_PROGRESS</ResourceStatus><Timestamp>2026-01-02T03:04:0{id}Z</Timestamp></member>"
                )
            })
            .collect();
        testing::xml(
            200,
            &format!(
                "<DescribeStackEventsResponse><DescribeStackEventsResult><StackEvents>{members}</StackEvents>{next}\
                 </DescribeStackEventsResult></DescribeStackEventsResponse>"
            ),
        )
    }

    #[tokio::test(flavor = "current_thread")]
    async fn pages_are_read_only_down_to_the_known_event() {
        let server = testing::answers(vec![
            page(&["5", "4"], "<NextToken>n</NextToken>"),
            page(&["3", "2"], "<NextToken>m</NextToken>"),
        ]);
        let found = server.connection().cloudformation().events("arn:s", Some("2"), 0).await.unwrap();
        assert_eq!(found.iter().map(|event| event.id.as_str()).collect::<Vec<_>>(), ["5", "4", "3"]);
        assert_eq!(server.requests().len(), 2);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn older_events_are_left_out() {
        let server = testing::answers(vec![page(&["5", "4", "3"], "")]);
        let found =
            server.connection().cloudformation().events("arn:s", None, 1_767_323_044_000).await.unwrap();
        assert_eq!(found.len(), 2);
        assert!(!found[0].is_of_stack());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_missing_stack_has_neither_events_nor_resources() {
        let server =
            testing::answers(vec![testing::xml_error(400, "ValidationError", "Stack [s] does not exist")]);
        assert_eq!(server.connection().cloudformation().events("s", None, 0).await, Ok(vec![]));
        assert_eq!(server.connection().cloudformation().resources("s").await, Ok(None));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_role_that_may_not_list_resources_may_describe_them() {
        let server = testing::answers(vec![
            testing::xml_error(
                403,
                "AccessDenied",
                "not authorized to perform: cloudformation:ListStackResources",
            ),
            testing::xml(
                200,
                "<DescribeStackResourcesResponse><DescribeStackResourcesResult><StackResources><member>\
                 <LogicalResourceId>Service</LogicalResourceId><PhysicalResourceId>arn:service</PhysicalResourceId>\
                 <ResourceType>AWS::ECS::Service</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>\
                 <Timestamp>2026-01-02T03:04:05Z</Timestamp></member></StackResources>\
                 </DescribeStackResourcesResult></DescribeStackResourcesResponse>",
            ),
        ]);
        let found = server.connection().cloudformation().resources("s").await.unwrap().unwrap();
        assert_eq!(found[0].physical_id, "arn:service");
        assert_eq!(server.actions(), ["ListStackResources", "DescribeStackResources"]);
    }
}
