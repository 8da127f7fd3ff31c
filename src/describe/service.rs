//! A service as deployed in each of its environments: configuration, addresses, variables, secrets, alarms, resources.
//!
//! [`show`] reads it; [`Shown`] is the view. Values of secrets are never read, only where they come from.

mod page;

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use futures_util::try_join;
use serde::Serialize;

pub(in crate::describe) use self::page::resource_table;
use super::site::{self, Objects};
use super::stack::{self, Deployed, Resource};
use super::{Error, Target, url};
use crate::aws::ecs::tasks::TaskDefinition;
use crate::aws::{Connection, apprunner};
use crate::name::{EnvName, WorkloadName};
use crate::store;

/// A deployed service. Serialises to the JSON of `svc show --json`; what a type of service can't have is left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shown {
    /// Its name.
    pub service: String,
    /// Its type as manifests write it.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its application.
    pub application: String,
    /// How it is configured, one per environment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configurations: Option<Vec<Configuration>>,
    /// Alarms that roll its deployments back.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rollback_alarms: Vec<RollbackAlarm>,
    /// Where it is reached from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub routes: Option<Vec<Route>>,
    /// Where neighbours find it by Cloud Map.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service_discovery: Option<Vec<Endpoint>>,
    /// Where neighbours find it by Service Connect.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub service_connect: Vec<Endpoint>,
    /// Variables of its containers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variables: Option<Vec<Variable>>,
    /// Secrets of its containers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretFrom>,
    /// What is measured of a service on App Runner, by environment.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub observability: Vec<Observability>,
    /// Files of a site by environment, when resources are asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub objects: Vec<Objects>,
    /// Resources of its stacks by environment, when asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<BTreeMap<String, Vec<Resource>>>,
    /// Versions of its stacks by environment.
    #[serde(skip)]
    pub versions: BTreeMap<String, String>,
}

/// How a service is configured in an environment. Numbers are texts, as Copilot wrote them.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Configuration {
    /// The environment.
    pub environment: String,
    /// Port of its main container; `-` when it exposes none.
    pub port: String,
    /// CPU units of a task.
    pub cpu: String,
    /// Memory of a task in MiB.
    pub memory: String,
    /// Platform of its tasks, such as `LINUX/X86_64`; left out when unknown.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub platform: String,
    /// Tasks it was deployed with; left out for a service on App Runner, which decides that itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tasks: String,
    /// When a job runs, as EventBridge has it; empty for services.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub schedule: String,
}

/// An alarm that rolls deployments back.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RollbackAlarm {
    /// Its name.
    pub name: String,
    /// What it is for; its condition when its owner said nothing.
    pub description: String,
    /// The environment.
    pub environment: String,
}

/// An address of a service from outside.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Route {
    /// The environment.
    pub environment: String,
    /// Its addresses as `a, b or c`.
    pub url: String,
    /// Who reaches a service on App Runner: `internet` or `environment`; left out for others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress: Option<&'static str>,
}

/// An address of a service from its neighbours.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Endpoint {
    /// The environments it holds in.
    pub environment: Vec<String>,
    /// `<host>:<port>`.
    pub endpoint: String,
}

/// What is measured of a service on App Runner.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Observability {
    /// The environment.
    pub environment: String,
    /// Where its traces go; left out when there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracing: Option<Tracing>,
}

/// Where traces go.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tracing {
    /// `AWSXRAY`.
    pub vendor: &'static str,
}

/// A variable of a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct Variable {
    /// The environment.
    pub environment: String,
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The container; left out where there is only one (App Runner).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub container: String,
}

/// A secret of a container.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SecretFrom {
    /// The variable that holds it.
    pub name: String,
    /// The container; left out where there is only one (App Runner).
    #[serde(skip_serializing_if = "String::is_empty")]
    pub container: String,
    /// The environment.
    pub environment: String,
    /// Where its value comes from: an ARN or the name of an SSM parameter.
    pub value_from: String,
    /// The same of a service on App Runner, under the name Copilot gave it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// An environment with the connection of its manager role.
#[derive(Debug, Clone)]
pub struct Place {
    /// The environment.
    pub env: EnvName,
    /// The connection of its manager role.
    pub manager: Connection,
}

/// Reads a service in all of `places`; those it is not deployed to are left out.
///
/// # Errors
/// What AWS reports.
pub async fn show(
    workload: &store::Workload,
    places: &[Place],
    with_resources: bool,
) -> Result<Shown, Error> {
    let found = try_join_all(places.iter().map(|place| read(workload, place, with_resources))).await?;
    Ok(assemble(workload, found.into_iter().flatten().collect(), with_resources))
}

/// The manifest the service was last deployed from in an environment.
///
/// # Errors
/// [`Error::NotDeployed`] without a stack, [`Error::Missing`] when its template holds no manifest, and what AWS reports.
pub async fn manifest(manager: &Connection, target: &Target) -> Result<String, Error> {
    let deployed = stack::read(manager, &target.stack()).await?.ok_or_else(|| target.not_deployed())?;
    deployed.manifest().map(str::to_owned).ok_or_else(|| Error::Missing {
        stack: target.stack(),
        what: "manifest",
        hint: "; its template is older than that (v1.23 was the first to keep it)".to_owned(),
    })
}

/// Where the service is reached from outside in an environment, `https` first; empty when it is not.
///
/// # Errors
/// [`Error::NotDeployed`] without a stack, and what AWS reports.
pub async fn addresses(manager: &Connection, target: &Target) -> Result<Vec<String>, Error> {
    let (name, env_name) = (target.stack(), target.environment_stack());
    let (stack, env, resources) = try_join!(
        async { Ok(stack::read(manager, &name).await?) },
        async { Ok(stack::read(manager, &env_name).await?) },
        stack::resources(manager, &name),
    )?;
    let stack = stack.ok_or_else(|| target.not_deployed())?;
    let env = env.unwrap_or_else(|| Deployed::none(&env_name));
    url::addresses(manager, target, &env, &stack, &resources).await
}

/// What was found of a service in one environment.
struct Found {
    target: Target,
    env: Deployed,
    stack: Deployed,
    resources: Vec<Resource>,
    definition: Option<TaskDefinition>,
    instance: Option<apprunner::Service>,
    urls: Vec<String>,
    alarms: Vec<(String, String)>,
    /// The files of a site, when resources are asked for.
    tree: Option<String>,
}

async fn read(workload: &store::Workload, place: &Place, all: bool) -> Result<Option<Found>, Error> {
    let target =
        Target { app: workload.app.clone(), env: place.env.clone(), workload: workload.name.clone() };
    let manager = &place.manager;
    let (name, env_name) = (target.stack(), target.environment_stack());
    let (stack, env, resources) = try_join!(
        async { Ok::<_, Error>(stack::read(manager, &name).await?) },
        async { Ok(stack::read(manager, &env_name).await?) },
        stack::resources(manager, &name),
    )?;
    let Some(stack) = stack else { return Ok(None) };
    let env = env.unwrap_or_else(|| Deployed::none(&env_name));
    let definition = resources
        .iter()
        .find(|resource| resource.kind == "AWS::ECS::TaskDefinition")
        .map(|resource| resource.physical_id.clone());
    let (definition, instance, urls, alarms, tree) = try_join!(
        async {
            match definition {
                Some(arn) => Ok::<_, Error>(manager.ecs().task_definition(&arn).await?),
                None => Ok(None),
            }
        },
        super::apprunner::read(manager, &resources),
        url::addresses(manager, &target, &env, &stack, &resources),
        rollback_alarms(manager, &stack),
        site::tree_of(manager, &resources, all && workload.kind == SITE),
    )?;
    Ok(Some(Found { target, env, stack, resources, definition, instance, urls, alarms, tree }))
}

/// Names of the alarms in the service's deployment configuration, and what they are for.
async fn rollback_alarms(manager: &Connection, stack: &Deployed) -> Result<Vec<(String, String)>, Error> {
    let configuration = &stack.template["Resources"]["Service"]["Properties"]["DeploymentConfiguration"];
    let names: Vec<String> = configuration["Alarms"]["AlarmNames"]
        .as_array()
        .map(|names| names.iter().filter_map(|name| stack.text(name)).collect())
        .unwrap_or_default();
    let known: Vec<&str> = names.iter().map(String::as_str).collect();
    let found = if known.is_empty() { vec![] } else { manager.cloudwatch().alarms_named(&known).await? };
    let describe = |name: &String| {
        let alarm = found.iter().find(|alarm| alarm.name == *name);
        let description = alarm.map_or(String::new(), |alarm| match alarm.description.as_str() {
            "" => super::status::condition(alarm),
            description => description.to_owned(),
        });
        (name.clone(), description)
    };
    Ok(names.iter().map(describe).collect())
}

/// Type of the workloads that are files.
const SITE: &str = "Static Site";

/// The view out of what was found.
fn assemble(workload: &store::Workload, found: Vec<Found>, with_resources: bool) -> Shown {
    let site = workload.kind == SITE;
    let worker = matches!(workload.kind.as_str(), "Worker Service" | "Scheduled Job");
    let mut shown = Shown {
        service: workload.name.to_string(),
        kind: workload.kind.clone(),
        application: workload.app.to_string(),
        configurations: (!site).then(Vec::new),
        routes: (!worker).then(Vec::new),
        service_discovery: (!worker && !site && !workload.kind.starts_with("Request-Driven")).then(Vec::new),
        variables: (!site).then(Vec::new),
        resources: with_resources.then(BTreeMap::new),
        ..Shown::default()
    };
    for found in found {
        let env = found.target.env.to_string();
        if let Some(configurations) = &mut shown.configurations {
            configurations.push(configuration(&found));
        }
        for (name, description) in found.alarms {
            shown.rollback_alarms.push(RollbackAlarm { name, description, environment: env.clone() });
        }
        if let Some(routes) = &mut shown.routes
            && !found.urls.is_empty()
        {
            let ingress = found
                .instance
                .as_ref()
                .map(|instance| if instance.public { "internet" } else { "environment" });
            routes.push(Route { environment: env.clone(), url: url::sentence(&found.urls), ingress });
        }
        if let Some(endpoints) = &mut shown.service_discovery {
            if let Some(endpoint) = url::discovery(&found.target, &found.env, &found.stack) {
                add(endpoints, &env, endpoint);
            }
            for endpoint in url::connect(&found.stack) {
                add(&mut shown.service_connect, &env, endpoint);
            }
        }
        for container in found.definition.iter().flat_map(|definition| &definition.containers) {
            if let Some(variables) = &mut shown.variables {
                variables.extend(container.environment.iter().map(|(name, value)| Variable {
                    environment: env.clone(),
                    name: name.clone(),
                    value: value.clone(),
                    container: container.name.clone(),
                }));
            }
            shown.secrets.extend(container.secrets.iter().map(|(name, from)| SecretFrom {
                name: name.clone(),
                container: container.name.clone(),
                environment: env.clone(),
                value_from: from.clone(),
                value: None,
            }));
        }
        if let Some(instance) = &found.instance {
            add_instance(&mut shown, &env, instance);
        }
        if let Some(tree) = found.tree {
            shown.objects.push(Objects { environment: env.clone(), tree });
        }
        if let Some(resources) = &mut shown.resources {
            resources.insert(env.clone(), found.resources);
        }
        shown.versions.insert(env, found.stack.version().to_owned());
    }
    if let Some(variables) = &mut shown.variables {
        variables.sort_by(|a, b| {
            (&a.name, &a.container, &a.environment).cmp(&(&b.name, &b.container, &b.environment))
        });
    }
    shown.secrets.sort();
    shown
}

/// Variables, secrets and tracing of a service on App Runner.
fn add_instance(shown: &mut Shown, env: &str, instance: &apprunner::Service) {
    if let Some(variables) = &mut shown.variables {
        variables.extend(instance.variables.iter().map(|(name, value)| Variable {
            environment: env.to_owned(),
            name: name.clone(),
            value: value.clone(),
            ..Variable::default()
        }));
    }
    shown.secrets.extend(instance.secrets.iter().map(|(name, from)| SecretFrom {
        name: name.clone(),
        environment: env.to_owned(),
        value_from: from.clone(),
        value: Some(from.clone()),
        ..SecretFrom::default()
    }));
    let tracing = instance.observability.as_ref().map(|_| Tracing { vendor: "AWSXRAY" });
    shown.observability.push(Observability { environment: env.to_owned(), tracing });
}

/// One entry per endpoint, with all environments it holds in.
fn add(endpoints: &mut Vec<Endpoint>, env: &str, endpoint: String) {
    match endpoints.iter_mut().find(|known| known.endpoint == endpoint) {
        Some(known) => known.environment.push(env.to_owned()),
        None => endpoints.push(Endpoint { environment: vec![env.to_owned()], endpoint }),
    }
}

fn configuration(found: &Found) -> Configuration {
    let first = |names: [&str; 2]| {
        let values = names.into_iter().map(|name| found.stack.parameter(name));
        values.into_iter().find(|value| !value.is_empty()).unwrap_or_default().to_owned()
    };
    let port = first(["TargetPort", "ContainerPort"]);
    let platform = found.definition.as_ref().map_or(String::new(), |definition| {
        // What ECS takes when the task definition says nothing.
        let part =
            |text: &str, default: &str| if text.is_empty() { default.to_owned() } else { text.to_owned() };
        format!("{}/{}", part(&definition.os, "LINUX"), part(&definition.architecture, "X86_64"))
    });
    Configuration {
        environment: found.target.env.to_string(),
        port: if port.is_empty() || port == "-1" { "-".to_owned() } else { port },
        cpu: first(["TaskCPU", "InstanceCPU"]),
        memory: first(["TaskMemory", "InstanceMemory"]),
        platform,
        tasks: found.stack.parameter("TaskCount").to_owned(),
        schedule: found.stack.parameter("Schedule").to_owned(),
    }
}

/// The services or jobs as `svc ls --json` and its like list them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its application; empty where the JSON of Copilot left it empty.
    pub app: String,
    /// Its name.
    pub name: String,
    /// Its type as manifests write it.
    #[serde(rename = "type")]
    pub kind: String,
}

impl From<&store::Workload> for Listed {
    fn from(workload: &store::Workload) -> Self {
        Self { app: workload.app.to_string(), name: workload.name.to_string(), kind: workload.kind.clone() }
    }
}

/// Names of the workloads that have a stack in an environment, sorted (tags of stacks; a workload without a record
/// does not count).
///
/// # Errors
/// What AWS reports.
pub async fn deployed_to(
    manager: &Connection,
    env: &store::Environment,
    known: &[store::Workload],
) -> Result<Vec<WorkloadName>, Error> {
    let tags = [(store::APP_TAG, env.app.as_str()), (store::ENV_TAG, env.name.as_str())];
    let stacks = manager.tagging().resources(&["cloudformation:stack"], &tags).await?;
    // Nested stacks carry the tag of the stack they are in.
    let tagged = |name: &str| {
        stacks.iter().any(|stack| stack.tags.get(store::WORKLOAD_TAG).is_some_and(|tag| tag == name))
    };
    Ok(known
        .iter()
        .filter(|workload| tagged(workload.name.as_str()))
        .map(|workload| workload.name.clone())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::super::stack::deployed;
    use jiff::Timestamp;

    use super::*;
    use crate::aws::ecs::tasks::ContainerDefinition;
    use crate::aws::testing;
    use crate::page::Paged;

    fn workload(kind: &str) -> store::Workload {
        store::Workload { app: "shop".parse().unwrap(), name: "api".parse().unwrap(), kind: kind.into() }
    }

    fn found(env: &str) -> Found {
        let map = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
        };
        let container = ContainerDefinition {
            name: "api".into(),
            image: "r:1".into(),
            essential: true,
            environment: map(&[("LOG_LEVEL", "info"), ("COPILOT_ENVIRONMENT_NAME", env)]),
            secrets: map(&[("DB", &format!("/copilot/shop/{env}/secrets/DB"))]),
            ports: vec![8080],
            log_group: String::new(),
            log_prefix: String::new(),
            health_check: vec![],
            entry_point: vec![],
            command: vec![],
        };
        Found {
            instance: None,
            target: Target {
                app: "shop".parse().unwrap(),
                env: env.parse().unwrap(),
                workload: "api".parse().unwrap(),
            },
            env: deployed(&[("ServiceDiscoveryEndpoint", &format!("{env}.shop.local"))], &[], "{}"),
            stack: deployed(
                &[("TargetPort", "8080"), ("TaskCPU", "256"), ("TaskMemory", "512"), ("TaskCount", "2")],
                &[],
                "Metadata:\n  Version: v1.34.0\nResources:\n  Service:\n    Properties:\n      ServiceConnectConfiguration:\n        Services:\n          - ClientAliases:\n              - Port: !Ref TargetPort\n                DnsName: api\n",
            ),
            resources: vec![Resource {
                kind: "AWS::ECS::Service".into(),
                physical_id: "arn:service".into(),
                logical_id: "Service".into(),
            }],
            definition: Some(TaskDefinition {
                arn: "arn:definition".into(),
                family: format!("shop-{env}-api"),
                revision: 3,
                task_role: String::new(),
                execution_role: String::new(),
                architecture: "ARM64".into(),
                os: String::new(),
                cpu: "256".into(),
                memory: "512".into(),
                containers: vec![container],
            }),
            urls: vec![format!("https://api.{env}.example.com"), format!("https://{env}.example.com")],
            tree: None,
            alarms: vec![(
                format!("shop-{env}-api-CopilotRollbackCPUAlarm"),
                "Roll back when the CPU is busy".into(),
            )],
        }
    }

    #[test]
    fn json_has_the_fields_scripts_read() {
        let shown =
            assemble(&workload("Load Balanced Web Service"), vec![found("prod"), found("test")], true);
        insta::assert_snapshot!(serde_json::to_string_pretty(&shown).unwrap(), @r#"
        {
          "service": "api",
          "type": "Load Balanced Web Service",
          "application": "shop",
          "configurations": [
            {
              "environment": "prod",
              "port": "8080",
              "cpu": "256",
              "memory": "512",
              "platform": "LINUX/ARM64",
              "tasks": "2"
            },
            {
              "environment": "test",
              "port": "8080",
              "cpu": "256",
              "memory": "512",
              "platform": "LINUX/ARM64",
              "tasks": "2"
            }
          ],
          "rollbackAlarms": [
            {
              "name": "shop-prod-api-CopilotRollbackCPUAlarm",
              "description": "Roll back when the CPU is busy",
              "environment": "prod"
            },
            {
              "name": "shop-test-api-CopilotRollbackCPUAlarm",
              "description": "Roll back when the CPU is busy",
              "environment": "test"
            }
          ],
          "routes": [
            {
              "environment": "prod",
              "url": "https://api.prod.example.com or https://prod.example.com"
            },
            {
              "environment": "test",
              "url": "https://api.test.example.com or https://test.example.com"
            }
          ],
          "serviceDiscovery": [
            {
              "environment": [
                "prod"
              ],
              "endpoint": "api.prod.shop.local:8080"
            },
            {
              "environment": [
                "test"
              ],
              "endpoint": "api.test.shop.local:8080"
            }
          ],
          "serviceConnect": [
            {
              "environment": [
                "prod",
                "test"
              ],
              "endpoint": "api:8080"
            }
          ],
          "variables": [
            {
              "environment": "prod",
              "name": "COPILOT_ENVIRONMENT_NAME",
              "value": "prod",
              "container": "api"
            },
            {
              "environment": "test",
              "name": "COPILOT_ENVIRONMENT_NAME",
              "value": "test",
              "container": "api"
            },
            {
              "environment": "prod",
              "name": "LOG_LEVEL",
              "value": "info",
              "container": "api"
            },
            {
              "environment": "test",
              "name": "LOG_LEVEL",
              "value": "info",
              "container": "api"
            }
          ],
          "secrets": [
            {
              "name": "DB",
              "container": "api",
              "environment": "prod",
              "valueFrom": "/copilot/shop/prod/secrets/DB"
            },
            {
              "name": "DB",
              "container": "api",
              "environment": "test",
              "valueFrom": "/copilot/shop/test/secrets/DB"
            }
          ],
          "resources": {
            "prod": [
              {
                "type": "AWS::ECS::Service",
                "physicalID": "arn:service",
                "logicalID": "Service"
              }
            ],
            "test": [
              {
                "type": "AWS::ECS::Service",
                "physicalID": "arn:service",
                "logicalID": "Service"
              }
            ]
          }
        }
        "#);
    }

    #[test]
    fn shows_all_environments_side_by_side() {
        let shown =
            assemble(&workload("Load Balanced Web Service"), vec![found("prod"), found("test")], true);
        insta::assert_snapshot!(crate::describe::testing::text(&shown.page(Timestamp::UNIX_EPOCH)), @r#"
        # About
        Application: shop
        Name: api
        Type: Load Balanced Web Service
        # Configurations
        Environment | Tasks | CPU (vCPU/1024) | Memory (MiB) | Platform | Port | Version
        prod | 2 | 256 | 512 | LINUX/ARM64 | 8080 | v1.34.0
        test | 2 | 256 | 512 | LINUX/ARM64 | 8080 | v1.34.0
        # Rollback Alarms
        Name | Environment | Description
        shop-prod-api-CopilotRollbackCPUAlarm | prod | Roll back when the CPU is busy
        shop-test-api-CopilotRollbackCPUAlarm | test | Roll back when the CPU is busy
        # Routes
        Environment | URL
        prod | https://api.prod.example.com or https://prod.example.com
        test | https://api.test.example.com or https://test.example.com
        # Internal Service Endpoints
        Endpoint | Environment
        api.prod.shop.local:8080 | prod
        api.test.shop.local:8080 | test
        # Service Connect
        Endpoint | Environment
        api:8080 | prod, test
        # Variables
        Name | Container | Environment | Value
        COPILOT_ENVIRONMENT_NAME | api | prod | prod
        COPILOT_ENVIRONMENT_NAME | api | test | test
        LOG_LEVEL | api | prod | info
        LOG_LEVEL | api | test | info
        # Secrets
        Name | Container | Environment | Value From
        DB | api | prod | /copilot/shop/prod/secrets/DB
        DB | api | test | /copilot/shop/test/secrets/DB
        # Resources in prod
        Logical ID | Type | Physical ID
        Service | AWS::ECS::Service | arn:service
        # Resources in test
        Logical ID | Type | Physical ID
        Service | AWS::ECS::Service | arn:service
        "#);
    }

    #[test]
    fn each_type_has_its_own_fields() {
        let keys = |kind: &str| -> Vec<String> {
            let json = serde_json::to_value(assemble(&workload(kind), vec![], false)).unwrap();
            json.as_object().unwrap().keys().cloned().collect()
        };
        assert_eq!(keys("Worker Service"), ["service", "type", "application", "configurations", "variables"]);
        assert_eq!(keys("Static Site"), ["service", "type", "application", "routes"]);
        assert_eq!(
            keys("Backend Service"),
            ["service", "type", "application", "configurations", "routes", "serviceDiscovery", "variables"]
        );
        let page = assemble(&workload("Worker Service"), vec![], false).page(Timestamp::UNIX_EPOCH);
        assert!(crate::describe::testing::text(&page).contains("It is not deployed to any environment."));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn environments_without_the_service_are_left_out() {
        let server = testing::server(|request| match request.action.as_str() {
            "DescribeStacks" | "GetTemplate" | "ListStackResources" => {
                testing::xml_error(400, "ValidationError", "Stack with id x does not exist")
            }
            other => panic!("unexpected {other}"),
        });
        let places = [Place { env: "test".parse().unwrap(), manager: server.connection().clone() }];
        let shown = show(&workload("Backend Service"), &places, false).await.unwrap();
        assert_eq!(shown.configurations, Some(vec![]));
        let target = found("test").target;
        let error = addresses(server.connection(), &target).await.unwrap_err();
        assert!(error.to_string().starts_with("api is not deployed to test"), "{error}");
        assert!(matches!(manifest(server.connection(), &target).await, Err(Error::NotDeployed { .. })));
    }
}
