//! Drift: whether somebody changed a stack's resources behind CloudFormation's back.

use super::CloudFormation;
use crate::aws::{Error, query};

/// A resource that is not as the template says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drifted {
    /// Its logical id.
    pub logical_id: String,
    /// `MODIFIED` or `DELETED`.
    pub status: String,
    /// Paths of the properties that differ, such as `/DesiredCount`.
    pub properties: Vec<String>,
}

impl CloudFormation {
    /// Begins to look for drift and returns the id of the search (DetectStackDrift).
    ///
    /// # Errors
    /// Whatever CloudFormation reports, such as a stack that is being changed.
    pub async fn detect_drift(&self, stack: &str) -> Result<String, Error> {
        let send = self.client().await?.detect_stack_drift().stack_name(stack).send();
        let output = self.call("DetectStackDrift", send).await?;
        output
            .stack_drift_detection_id
            .ok_or_else(|| Error::incomplete("CloudFormation", "DetectStackDrift", "the id of the search"))
    }

    /// How a search stands: its status (`DETECTION_IN_PROGRESS`, `DETECTION_COMPLETE`, `DETECTION_FAILED`) and the reason of
    /// a failure (DescribeStackDriftDetectionStatus).
    ///
    /// # Errors
    /// Whatever CloudFormation reports.
    pub async fn drift_detection(&self, id: &str) -> Result<(String, String), Error> {
        let send =
            self.client().await?.describe_stack_drift_detection_status().stack_drift_detection_id(id).send();
        let output = self.call("DescribeStackDriftDetectionStatus", send).await?;
        let status = output.detection_status().map(|status| status.as_str().to_owned()).unwrap_or_default();
        Ok((status, output.detection_status_reason.unwrap_or_default()))
    }

    /// The resources that the last search found changed or deleted (DescribeStackResourceDrifts, all pages).
    ///
    /// # Errors
    /// Whatever CloudFormation reports.
    pub async fn drifted(&self, stack: &str) -> Result<Vec<Drifted>, Error> {
        use aws_sdk_cloudformation::types::StackResourceDriftStatus as Status;
        let client = self.client().await?;
        query::pages(|token| async move {
            let send = client
                .describe_stack_resource_drifts()
                .stack_name(stack)
                .stack_resource_drift_status_filters(Status::Modified)
                .stack_resource_drift_status_filters(Status::Deleted)
                .set_next_token(token)
                .send();
            let output = self.call("DescribeStackResourceDrifts", send).await?;
            let found = output.stack_resource_drifts().iter().map(|drift| Drifted {
                logical_id: drift.logical_resource_id().unwrap_or_default().to_owned(),
                status: drift
                    .stack_resource_drift_status()
                    .map(|status| status.as_str().to_owned())
                    .unwrap_or_default(),
                properties: drift
                    .property_differences()
                    .iter()
                    .filter_map(|difference| Some(difference.property_path()?.to_owned()))
                    .collect(),
            });
            Ok((found.collect(), output.next_token().map(str::to_owned)))
        })
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing;

    #[tokio::test(flavor = "current_thread")]
    async fn drift_is_searched_and_read() {
        let answer = |operation: &str, result: &str| {
            testing::xml(
                200,
                &format!(
                    "<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
                ),
            )
        };
        let server = testing::answers(vec![
            answer("DetectStackDrift", "<StackDriftDetectionId>d-1</StackDriftDetectionId>"),
            answer(
                "DescribeStackDriftDetectionStatus",
                "<StackId>arn:s</StackId><StackDriftDetectionId>d-1</StackDriftDetectionId>\
                 <DetectionStatus>DETECTION_COMPLETE</DetectionStatus><Timestamp>2026-01-02T03:04:05Z</Timestamp>",
            ),
            answer(
                "DescribeStackResourceDrifts",
                "<StackResourceDrifts><member><StackId>arn:s</StackId><LogicalResourceId>Service</LogicalResourceId>\
                 <ResourceType>AWS::ECS::Service</ResourceType><StackResourceDriftStatus>MODIFIED</StackResourceDriftStatus>\
                 <PropertyDifferences><member><PropertyPath>/DesiredCount</PropertyPath><ExpectedValue>1</ExpectedValue>\
                 <ActualValue>2</ActualValue><DifferenceType>NOT_EQUAL</DifferenceType></member></PropertyDifferences>\
                 <Timestamp>2026-01-02T03:04:05Z</Timestamp></member></StackResourceDrifts>",
            ),
        ]);
        let door = server.connection().cloudformation();
        let id = door.detect_drift("s").await.unwrap();
        assert_eq!(door.drift_detection(&id).await.unwrap(), ("DETECTION_COMPLETE".into(), String::new()));
        let drifted = door.drifted("s").await.unwrap();
        let wanted = Drifted {
            logical_id: "Service".into(),
            status: "MODIFIED".into(),
            properties: vec!["/DesiredCount".into()],
        };
        assert_eq!(drifted, [wanted]);
        assert!(
            server.requests()[2].body.contains("MODIFIED") && server.requests()[2].body.contains("DELETED")
        );
    }
}
