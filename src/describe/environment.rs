//! An environment: its record, what is deployed to it, its network, tags and resources.

use std::collections::BTreeMap;

use futures_util::try_join;
use jiff::Timestamp;
use serde::Serialize;

use super::service::{Listed, deployed_to, resource_table};
use super::stack::{self, Resource};
use super::{Error, ago};
use crate::aws::Connection;
use crate::page::{Body, Cell, Page, Paged};
use crate::store;

/// An environment. Serialises to the JSON of `env show --json`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Environment {
    /// Its record.
    pub environment: store::Environment,
    /// Services deployed to it.
    pub services: Vec<Listed>,
    /// Jobs deployed to it.
    pub jobs: Vec<Listed>,
    /// Tags of its stack.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
    /// Resources of its stack, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<Resource>>,
    /// Its network.
    #[serde(rename = "environmentVPC")]
    pub vpc: Vpc,
    /// Version of its template; empty when it was never deployed.
    #[serde(skip)]
    pub version: String,
    /// Status of its stack; empty when it was never deployed.
    #[serde(skip)]
    pub status: String,
    /// When its stack last changed.
    #[serde(skip)]
    pub changed: Option<i64>,
}

/// The network of an environment; empty before the first deployment.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Vpc {
    /// Id of the VPC.
    pub id: String,
    /// Ids of the public subnets.
    #[serde(rename = "publicSubnetIDs")]
    pub public_subnet_ids: Vec<String>,
    /// Ids of the private subnets.
    #[serde(rename = "privateSubnetIDs")]
    pub private_subnet_ids: Vec<String>,
}

/// The environments as `env ls --json` lists them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Environments {
    /// Their records.
    pub environments: Vec<store::Environment>,
}

/// Reads an environment; `workloads` are all services and jobs of the application, `manager` is the connection of the
/// environment's manager role.
///
/// # Errors
/// What AWS reports.
pub async fn show(
    manager: &Connection,
    env: &store::Environment,
    workloads: &[store::Workload],
    with_resources: bool,
) -> Result<Environment, Error> {
    let name = format!("{}-{}", env.app, env.name);
    let (stack, deployed, resources) = try_join!(
        async { Ok::<_, Error>(stack::read(manager, &name).await?) },
        deployed_to(manager, env, workloads),
        async { if with_resources { Ok(Some(stack::resources(manager, &name).await?)) } else { Ok(None) } },
    )?;
    let list = |jobs: bool| {
        workloads
            .iter()
            .filter(|workload| workload.is_job() == jobs && deployed.contains(&workload.name))
            .map(Listed::from)
            .collect()
    };
    let ids = |output: &str| {
        let text = stack.as_ref().map(|stack| stack.output(output)).unwrap_or_default();
        text.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect()
    };
    Ok(Environment {
        environment: env.clone(),
        services: list(false),
        jobs: list(true),
        vpc: Vpc {
            id: stack.as_ref().map(|stack| stack.output("VpcId").to_owned()).unwrap_or_default(),
            public_subnet_ids: ids("PublicSubnets"),
            private_subnet_ids: ids("PrivateSubnets"),
        },
        resources,
        version: stack.as_ref().map(|stack| stack.version().to_owned()).unwrap_or_default(),
        status: stack.as_ref().map(|stack| stack.status.clone()).unwrap_or_default(),
        changed: stack.as_ref().map(|stack| stack.changed),
        tags: stack.map(|stack| stack.tags).unwrap_or_default(),
    })
}

/// The manifest the environment was last deployed from.
///
/// # Errors
/// [`Error::Missing`] without a stack or when its template holds no manifest, and what AWS reports.
pub async fn manifest(manager: &Connection, env: &store::Environment) -> Result<String, Error> {
    let name = format!("{}-{}", env.app, env.name);
    let deployed = stack::read(manager, &name).await?;
    deployed.as_ref().and_then(|stack| stack.manifest()).map(str::to_owned).ok_or_else(|| Error::Missing {
        stack: name,
        what: "manifest",
        hint: "; the environment was never deployed, or with a version that did not keep it".to_owned(),
    })
}

impl Paged for Environment {
    fn page(&self, now: Timestamp) -> Page {
        let env = &self.environment;
        let about = [
            ("Application", env.app.to_string()),
            ("Name", env.name.to_string()),
            ("Region", env.region.clone()),
            ("Account ID", env.account_id.clone()),
            ("Version", self.version.clone()),
            ("Stack", self.status.clone()),
            ("Last Change", ago(self.changed, now)),
        ];
        let pair = |(name, value): (&str, String)| (name.to_owned(), Cell::or_dash(value));
        let network = [
            ("VPC", self.vpc.id.clone()),
            ("Public Subnets", self.vpc.public_subnet_ids.join(", ")),
            ("Private Subnets", self.vpc.private_subnet_ids.join(", ")),
        ];
        let network: Vec<_> = network.into_iter().filter(|(_, value)| !value.is_empty()).map(pair).collect();
        let workloads = self
            .services
            .iter()
            .chain(&self.jobs)
            .map(|listed| vec![Cell::from(listed.name.as_str()), listed.kind.as_str().into()]);
        let tags = self.tags.iter().map(|(key, value)| vec![key.as_str().into(), value.as_str().into()]);
        Page::new()
            .with("About", Body::Pairs(about.into_iter().map(pair).collect()))
            .with("Network", Body::Pairs(network))
            .with("Workloads", Body::table(&["Name", "Type"], workloads.collect()))
            .with("Tags", Body::table(&["Key", "Value"], tags.collect()))
            .with("Resources", resource_table(self.resources.as_deref().unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing;

    #[tokio::test(flavor = "current_thread")]
    async fn shows_what_is_deployed_there() {
        let server = testing::server(|request| match request.action.as_str() {
            "DescribeStacks" => testing::xml(
                200,
                "<DescribeStacksResponse><DescribeStacksResult><Stacks><member>\
                 <StackId>arn:stack</StackId><StackName>shop-test</StackName><StackStatus>UPDATE_COMPLETE</StackStatus>\
                 <CreationTime>2026-01-02T03:04:05Z</CreationTime>\
                 <Outputs><member><OutputKey>VpcId</OutputKey><OutputValue>vpc-1</OutputValue></member>\
                 <member><OutputKey>PublicSubnets</OutputKey><OutputValue>subnet-1,subnet-2</OutputValue></member></Outputs>\
                 <Tags><member><Key>copilot-application</Key><Value>shop</Value></member></Tags>\
                 </member></Stacks></DescribeStacksResult></DescribeStacksResponse>",
            ),
            "GetTemplate" => testing::xml(
                200,
                "<GetTemplateResponse><GetTemplateResult><TemplateBody>Metadata:\n  Version: v1.34.0\n  Manifest: \"name: test\"\n\
                 </TemplateBody></GetTemplateResult></GetTemplateResponse>",
            ),
            "ListStackResources" => testing::xml(
                200,
                "<ListStackResourcesResponse><ListStackResourcesResult><StackResourceSummaries><member>\
                 <LogicalResourceId>VPC</LogicalResourceId><PhysicalResourceId>vpc-1</PhysicalResourceId>\
                 <ResourceType>AWS::EC2::VPC</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>\
                 </member></StackResourceSummaries></ListStackResourcesResult></ListStackResourcesResponse>",
            ),
            "GetResources" => testing::json(
                200,
                r#"{"ResourceTagMappingList": [
                    {"ResourceARN": "arn:stack/1", "Tags": [{"Key": "copilot-service", "Value": "api"}]},
                    {"ResourceARN": "arn:stack/2", "Tags": [{"Key": "copilot-service", "Value": "report"}]},
                    {"ResourceARN": "arn:stack/3", "Tags": [{"Key": "copilot-service", "Value": "forgotten"}]}]}"#,
            ),
            other => panic!("unexpected {other}"),
        });
        let env: store::Environment = serde_json::from_value(serde_json::json!({
            "app": "shop", "name": "test", "region": "eu-west-1", "accountID": "111111111111",
            "executionRoleARN": "arn:exec", "managerRoleARN": "arn:manager"
        }))
        .unwrap();
        let workload = |name: &str, kind: &str| store::Workload {
            app: "shop".parse().unwrap(),
            name: name.parse().unwrap(),
            kind: kind.into(),
        };
        let workloads = [
            workload("api", "Backend Service"),
            workload("report", "Scheduled Job"),
            workload("web", "Load Balanced Web Service"),
        ];
        let shown = show(server.connection(), &env, &workloads, true).await.unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap(), @r#"
        {
          "environment": {
            "app": "shop",
            "name": "test",
            "region": "eu-west-1",
            "accountID": "111111111111",
            "registryURL": "",
            "executionRoleARN": "arn:exec",
            "managerRoleARN": "arn:manager"
          },
          "services": [
            {
              "app": "shop",
              "name": "api",
              "type": "Backend Service"
            }
          ],
          "jobs": [
            {
              "app": "shop",
              "name": "report",
              "type": "Scheduled Job"
            }
          ],
          "tags": {
            "copilot-application": "shop"
          },
          "resources": [
            {
              "type": "AWS::EC2::VPC",
              "physicalID": "vpc-1",
              "logicalID": "VPC"
            }
          ],
          "environmentVPC": {
            "id": "vpc-1",
            "publicSubnetIDs": [
              "subnet-1",
              "subnet-2"
            ],
            "privateSubnetIDs": []
          }
        }
        "#);
        let now = "2026-01-02T04:04:05Z".parse().unwrap();
        insta::assert_snapshot!(crate::describe::testing::text(&shown.page(now)), @r#"
        # About
        Application: shop
        Name: test
        Region: eu-west-1
        Account ID: 111111111111
        Version: v1.34.0
        Stack: UPDATE_COMPLETE
        Last Change: 1 hour ago
        # Network
        VPC: vpc-1
        Public Subnets: subnet-1, subnet-2
        # Workloads
        Name | Type
        api | Backend Service
        report | Scheduled Job
        # Tags
        Key | Value
        copilot-application | shop
        # Resources
        Logical ID | Type | Physical ID
        VPC | AWS::EC2::VPC | vpc-1
        "#);
        assert_eq!(manifest(server.connection(), &env).await.unwrap(), "name: test");
    }
}
