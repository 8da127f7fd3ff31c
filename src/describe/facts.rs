//! What rendering needs to know of an environment, read from AWS: what `--facts` writes and deployments use.

use std::collections::BTreeMap;

use futures_util::try_join;

use super::Error;
use super::stack::{self, Deployed};
use crate::aws::{self, Connection, Kind};
use crate::facts::{self, Artifacts, Facts, Image};
use crate::name::{AppName, WorkloadName, undashed};
use crate::store;

/// CloudFront's managed list of the addresses it calls origins from.
const CLOUDFRONT: &str = "com.amazonaws.global.cloudfront.origin-facing";
/// What outputs that hold the ARN of a workload's repository begin with.
const REPOSITORY: &str = "ECRRepo";

/// What an application has in a region: where images and files go.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Regional {
    /// The bucket and its key.
    pub artifacts: Artifacts,
    /// URIs of the image repositories by workload.
    pub repositories: BTreeMap<String, String>,
}

/// Reads where images and files of `app` go in `region`; `app_account` is a connection to the application's account. Empty
/// when the application has nothing in the region yet.
///
/// # Errors
/// What AWS reports.
pub async fn regional(
    app_account: &Connection,
    app: &AppName,
    account: &str,
    region: &str,
) -> Result<Regional, Error> {
    let set = format!("{app}-infrastructure");
    let instances = app_account.cloudformation().stack_instances(&set, Some(account), Some(region)).await?;
    let Some(instance) = instances.into_iter().find(|instance| !instance.stack_id.is_empty()) else {
        return Ok(Regional::default());
    };
    let stack = app_account.region(region).cloudformation().stack(&instance.stack_id).await?;
    let outputs: BTreeMap<String, String> = stack
        .map(|stack| stack.outputs.into_iter().map(|(name, output)| (name, output.value)).collect())
        .unwrap_or_default();
    Ok(of_outputs(&outputs))
}

/// What the outputs of a regional stack say.
fn of_outputs(outputs: &BTreeMap<String, String>) -> Regional {
    let text = |name: &str| outputs.get(name).cloned().unwrap_or_default();
    Regional {
        artifacts: Artifacts { bucket: text("PipelineBucket"), kms_key_arn: text("KMSKeyARN") },
        repositories: outputs
            .iter()
            .filter_map(|(name, arn)| Some((undashed(name.strip_prefix(REPOSITORY)?), repository_uri(arn)?)))
            .collect(),
    }
}

/// The URI of the repository with the ARN `arn:<partition>:ecr:<region>:<account>:repository/<name>`.
fn repository_uri(arn: &str) -> Option<String> {
    let mut parts = arn.splitn(6, ':').skip(3);
    let (region, account, name) = (parts.next()?, parts.next()?, parts.next()?.strip_prefix("repository/")?);
    Some(format!("{account}.dkr.ecr.{region}.{}/{name}", facts::dns_suffix(region)))
}

/// An environment's facts with its stack, which holds more than rendering needs (feature parameters, outputs).
#[derive(Debug, Clone, PartialEq)]
pub struct Environment {
    /// What rendering needs.
    pub facts: Facts,
    /// The environment's stack; `None` when it was never deployed.
    pub stack: Option<Deployed>,
    /// Where images and files go.
    pub regional: Regional,
}

/// Reads the facts of an environment. `app_account` is a connection to the application's account, `manager` the one of the
/// environment's manager role. With a workload, the deployed parameters are those of its stack and its repository is
/// among the images; else they are the environment's.
///
/// # Errors
/// What AWS reports.
pub async fn environment(
    app_account: &Connection,
    manager: &Connection,
    app: &store::App,
    env: &store::Environment,
    workload: Option<&WorkloadName>,
) -> Result<Environment, Error> {
    let env_stack = format!("{}-{}", app.name, env.name);
    let (stack, regional, prefix_lists, parameters) = try_join!(
        async { Ok::<_, Error>(stack::read(manager, &env_stack).await?) },
        regional(app_account, &app.name, &app.account, &env.region),
        prefix_lists(manager),
        workload_parameters(manager, app, env, workload),
    )?;
    let mut facts = Facts::new(app.name.clone(), env.name.clone());
    facts.app = app.into();
    facts.env = env.into();
    facts.artifacts = regional.artifacts.clone();
    facts.cloudfront_prefix_lists = prefix_lists;
    if let Some(stack) = &stack {
        facts.env.version = stack.version().to_owned();
        facts.env.service_discovery_endpoint = namespace(stack, &app.name);
        facts.env.manifest = stack.manifest().map(str::to_owned);
    }
    facts.parameters = match workload {
        Some(_) => parameters,
        None => stack.as_ref().map(|stack| stack.parameters.clone()).unwrap_or_default(),
    };
    if let Some(workload) = workload
        && let Some(repository) = regional.repositories.get(workload.as_str())
    {
        let image = Image { repository: repository.clone(), ..Image::default() };
        facts.images.insert(workload.to_string(), image);
    }
    Ok(Environment { facts, stack, regional })
}

/// The environment's Cloud Map namespace. Stacks from before it was a parameter share one per application.
fn namespace(stack: &Deployed, app: &AppName) -> String {
    match stack.parameters.get("ServiceDiscoveryEndpoint") {
        Some(endpoint) if !endpoint.is_empty() => endpoint.clone(),
        _ => format!("{app}.local"),
    }
}

async fn workload_parameters(
    manager: &Connection,
    app: &store::App,
    env: &store::Environment,
    workload: Option<&WorkloadName>,
) -> Result<BTreeMap<String, String>, Error> {
    let Some(workload) = workload else { return Ok(BTreeMap::new()) };
    let target = super::Target { app: app.name.clone(), env: env.name.clone(), workload: workload.clone() };
    let stack = manager.cloudformation().stack(&target.stack()).await?;
    Ok(stack.map(|stack| stack.parameters).unwrap_or_default())
}

/// Ids of CloudFront's prefix lists. Manager roles of older environments may not read them: then they are unknown.
async fn prefix_lists(manager: &Connection) -> Result<Vec<String>, Error> {
    match manager.ec2().prefix_lists(CLOUDFRONT).await {
        Err(aws::Error { kind: Kind::AccessDenied { .. }, .. }) => Ok(vec![]),
        other => Ok(other?),
    }
}

#[cfg(test)]
mod tests {
    use super::super::stack::deployed;
    use super::*;
    use crate::aws::testing;

    #[test]
    fn repositories_are_named_by_workload() {
        let outputs = BTreeMap::from([
            ("PipelineBucket".to_owned(), "bucket".to_owned()),
            ("KMSKeyARN".to_owned(), "arn:key".to_owned()),
            ("StackSetOpId".to_owned(), "7".to_owned()),
            (
                "ECRRepomyDASHapi".to_owned(),
                "arn:aws:ecr:eu-west-1:111111111111:repository/shop/my-api".to_owned(),
            ),
            ("ECRRepocn".to_owned(), "arn:aws-cn:ecr:cn-north-1:111111111111:repository/shop/cn".to_owned()),
        ]);
        let regional = of_outputs(&outputs);
        assert_eq!(regional.artifacts, Artifacts { bucket: "bucket".into(), kms_key_arn: "arn:key".into() });
        assert_eq!(
            regional.repositories["my-api"],
            "111111111111.dkr.ecr.eu-west-1.amazonaws.com/shop/my-api"
        );
        assert_eq!(regional.repositories["cn"], "111111111111.dkr.ecr.cn-north-1.amazonaws.com.cn/shop/cn");
        assert_eq!(regional.repositories.len(), 2);
    }

    #[test]
    fn environments_older_than_the_parameter_share_the_applications_namespace() {
        let app: AppName = "shop".parse().unwrap();
        assert_eq!(namespace(&deployed(&[], &[], "{}"), &app), "shop.local");
        let stack = deployed(&[("ServiceDiscoveryEndpoint", "test.shop.local")], &[], "{}");
        assert_eq!(namespace(&stack, &app), "test.shop.local");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_environment_without_a_stack_has_the_records_facts() {
        let server = testing::server(|request| match request.action.as_str() {
            "DescribeStacks" | "GetTemplate" => {
                testing::xml_error(400, "ValidationError", "Stack with id shop-test does not exist")
            }
            "ListStackInstances" => {
                testing::xml_error(404, "StackSetNotFoundException", "StackSet shop-infrastructure not found")
            }
            "DescribeManagedPrefixLists" => {
                testing::xml_error(403, "UnauthorizedOperation", "You are not authorized")
            }
            other => panic!("unexpected {other}"),
        });
        let app = store::App::new("shop".parse().unwrap(), "111111111111");
        let env: store::Environment = serde_json::from_value(serde_json::json!({
            "app": "shop", "name": "test", "region": "eu-west-1", "accountID": "222222222222"
        }))
        .unwrap();
        let connection = server.connection();
        let found = environment(connection, connection, &app, &env, None).await.unwrap();
        assert_eq!(found.stack, None);
        assert_eq!(
            (found.facts.env.account.as_str(), found.facts.env.version.as_str()),
            ("222222222222", "")
        );
        assert_eq!(found.facts.service_discovery_endpoint(), "test.shop.local");
    }
}
