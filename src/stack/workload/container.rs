//! Containers of a task.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::StackError;
use super::access::{EnvFileView, LOG_ROUTER};
use super::addons::{self, AddonKind, Addons};
use super::storage::variable;
use crate::facts::Facts;
use crate::model::container::{Container, Image, LogRouter, Secret, Variable};
use crate::model::routing::Target;
use crate::model::service::Service;
use crate::stack::expr;

/// Name and image of the X-Ray collector, in the release of July 2026: the SDKs in the other containers reach it on localhost,
/// to which it listens by itself.
/// <https://github.com/aws-observability/aws-otel-collector/releases/tag/v0.49.0>
const COLLECTOR: (&str, &str) =
    ("aws-otel-collector", "public.ecr.aws/aws-observability/aws-otel-collector:v0.49.0");

/// A container as the template prints it. Lists that are empty are left out.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ContainerView {
    name: Value,
    image: Value,
    credentials: Option<String>,
    essential: Option<bool>,
    entrypoint: Vec<String>,
    command: Vec<String>,
    environment: Vec<Value>,
    env_file: Option<EnvFileView>,
    secrets: Vec<Value>,
    labels: BTreeMap<String, String>,
    depends_on: Vec<DependencyView>,
    health_check: Option<HealthCheckView>,
    ports: Vec<PortView>,
    mounts: Vec<MountView>,
    readonly_fs: Option<bool>,
    router_options: BTreeMap<&'static str, String>,
    destination: Option<DestinationView>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct DependencyView {
    container: String,
    condition: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct HealthCheckView {
    command: Vec<String>,
    interval: u64,
    retries: u64,
    start_period: u64,
    timeout: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct PortView {
    number: u16,
    protocol: &'static str,
    target: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct MountView {
    volume: String,
    path: String,
    read_only: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct DestinationView {
    options: BTreeMap<String, String>,
    secrets: Vec<Value>,
}

/// What the containers of a task share.
#[derive(Debug, Clone, Copy)]
pub struct Surroundings<'a> {
    /// What AWS says: images.
    pub facts: &'a Facts,
    /// The workload's addons.
    pub addons: Option<&'a Addons>,
    /// Variables every container gets, in order.
    pub common: &'a [(&'a str, Value)],
    /// Environment files of the task.
    pub env_files: &'a [EnvFileView],
    /// Container and port that the service's own traffic goes to.
    pub target: Option<&'a Target>,
}

/// Variable with the environment's namespace.
pub(super) const DISCOVERY_VARIABLE: &str = "COPILOT_SERVICE_DISCOVERY_ENDPOINT";

/// The variables every container of a workload gets.
#[must_use]
pub fn common_variables(
    facts: &Facts,
    topics: Option<Value>,
    load_balancer: Option<Value>,
) -> Vec<(&'static str, Value)> {
    let mut common = vec![
        ("COPILOT_APPLICATION_NAME", expr::reference("AppName")),
        (DISCOVERY_VARIABLE, Value::from(facts.service_discovery_endpoint())),
        ("COPILOT_ENVIRONMENT_NAME", expr::reference("EnvName")),
        ("COPILOT_SERVICE_NAME", expr::reference("WorkloadName")),
    ];
    common.extend(topics.map(|arns| ("COPILOT_SNS_TOPIC_ARNS", arns)));
    common.extend(load_balancer.map(|name| ("COPILOT_LB_DNS", name)));
    common
}

/// Address of the main container's image: of the pushed one, or as in the manifest; empty while it is not known.
#[must_use]
pub fn image_address(container: &Container, facts: &Facts) -> String {
    match &container.image {
        Image::Location(location) => location.clone(),
        Image::Build(_) => facts.images.get(&container.name).map(|image| image.address()).unwrap_or_default(),
    }
}

/// The value a secret is read from.
fn secret_source(secret: &Secret) -> Value {
    match secret {
        Secret::From(name) => Value::from(name.as_str()),
        Secret::Export(name) => expr::export(name),
        Secret::SecretsManager(name) => expr::join(
            "",
            vec![
                expr::sub("arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:"),
                Value::from(name.as_str()),
            ],
        ),
    }
}

/// Key of a secret's source in a task definition.
const VALUE_FROM: &str = "ValueFrom";

/// Entries `{Name, <key>}` of secrets.
fn secret_entries(key: &str, secrets: &BTreeMap<String, Secret>) -> Vec<Value> {
    secrets.iter().map(|(name, secret)| json!({"Name": name, key: secret_source(secret)})).collect()
}

impl Surroundings<'_> {
    /// Common variables, outputs of addons, then the user's own, which win over an earlier one of the same name.
    pub(super) fn environment(&self, own: &BTreeMap<String, Variable>) -> Vec<Value> {
        let entry = |name: &str, value: Value| json!({"Name": name, "Value": value});
        let mut entries: Vec<Value> = self
            .common
            .iter()
            .filter(|(name, _)| !own.contains_key(*name))
            .map(|(name, value)| entry(name, value.clone()))
            .collect();
        if let Some(addons) = self.addons {
            for id in addons.of(&[AddonKind::Variable]) {
                let name = addons::variable_name(id);
                if !own.contains_key(&name) {
                    entries.push(addons::if_there(entry(&name, addons::output(id))));
                }
            }
        }
        entries.extend(own.iter().map(|(name, value)| entry(name, variable(value))));
        entries
    }

    /// The user's own secrets, then those of addons; where each is read from stands under `key`.
    pub(super) fn secrets(&self, key: &str, own: &BTreeMap<String, Secret>) -> Vec<Value> {
        let mut entries = secret_entries(key, own);
        if let Some(addons) = self.addons {
            for id in addons.of(&[AddonKind::Secret]) {
                let name = addons::variable_name(id);
                if !own.contains_key(&name) {
                    let entry = json!({"Name": name, key: addons::output(id)});
                    entries.push(addons::if_there(entry));
                }
            }
        }
        entries
    }

    fn env_file(&self, container: &str) -> Option<EnvFileView> {
        self.env_files.iter().find(|file| file.container == container).cloned()
    }

    fn plain(&self, container: &Container) -> ContainerView {
        let mut environment = self.environment(&container.variables);
        if !container.mounts.is_empty() {
            let points: BTreeMap<&str, &str> =
                container.mounts.iter().map(|mount| (mount.volume.as_str(), mount.path.as_str())).collect();
            environment.push(json!({"Name": "COPILOT_MOUNT_POINTS", "Value": json!(points).to_string()}));
        }
        ContainerView {
            name: Value::from(container.name.as_str()),
            image: Value::from(image_address(container, self.facts)),
            credentials: container.credentials.clone(),
            essential: container.essential,
            entrypoint: container.entrypoint.clone(),
            command: container.command.clone(),
            environment,
            env_file: self.env_file(&container.name),
            secrets: self.secrets(VALUE_FROM, &container.secrets),
            labels: container.labels.clone(),
            depends_on: container
                .depends_on
                .iter()
                .map(|(name, condition)| DependencyView {
                    container: name.clone(),
                    condition: condition.as_str(),
                })
                .collect(),
            health_check: container.health_check.as_ref().map(|check| HealthCheckView {
                command: check.command.clone(),
                interval: check.interval,
                retries: check.retries,
                start_period: check.start_period,
                timeout: check.timeout,
            }),
            ports: container
                .ports
                .iter()
                .map(|port| PortView {
                    number: port.number,
                    protocol: port.protocol.as_str(),
                    target: self
                        .target
                        .is_some_and(|to| to.container == container.name && to.port == port.number),
                })
                .collect(),
            mounts: container
                .mounts
                .iter()
                .map(|mount| MountView {
                    volume: mount.volume.clone(),
                    path: mount.path.clone(),
                    read_only: mount.read_only,
                })
                .collect(),
            ..ContainerView::default()
        }
    }

    /// The container called as the workload.
    #[must_use]
    pub fn main(
        &self,
        container: &Container,
        router: Option<&LogRouter>,
        readonly_fs: Option<bool>,
    ) -> ContainerView {
        ContainerView {
            name: expr::reference("WorkloadName"),
            image: expr::reference("ContainerImage"),
            readonly_fs,
            destination: router.map(|router| DestinationView {
                options: router.destination.clone(),
                secrets: secret_entries(VALUE_FROM, &router.secret_options),
            }),
            ..self.plain(container)
        }
    }

    /// The log router.
    #[must_use]
    pub fn router(&self, router: &LogRouter) -> ContainerView {
        let mut options = BTreeMap::from([("enable-ecs-log-metadata", router.metadata.to_string())]);
        if let Some(file) = &router.config_file {
            options.insert("config-file-type", "file".to_owned());
            options.insert("config-file-value", file.clone());
        }
        ContainerView {
            name: Value::from(LOG_ROUTER),
            image: Value::from(router.image.as_str()),
            environment: self.environment(&router.variables),
            env_file: self.env_file(LOG_ROUTER),
            secrets: self.secrets(VALUE_FROM, &router.secrets),
            router_options: options,
            ..ContainerView::default()
        }
    }

    /// A sidecar of the manifest.
    #[must_use]
    pub fn sidecar(&self, container: &Container) -> ContainerView {
        self.plain(container)
    }
}

/// Refuses keys of the manifest that CloudFormation would read as functions of its own: `{"Ref": …}` as labels would
/// not be a label.
///
/// # Errors
/// [`StackError::Function`] with the first such key.
pub fn check_keys(service: &Service) -> Result<(), StackError> {
    let containers = std::iter::once(&service.main).chain(&service.sidecars);
    let labels = containers.flat_map(|container| container.labels.keys()).map(|key| ("labels", key));
    let router = service.log_router.iter();
    let options = router.flat_map(|router| router.destination.keys()).map(|key| ("logging.destination", key));
    match labels.chain(options).find(|(_, key)| *key == "Ref" || key.starts_with("Fn::")) {
        Some((place, key)) => Err(StackError::Function { place, key: key.clone() }),
        None => Ok(()),
    }
}

/// The X-Ray collector.
#[must_use]
pub fn collector() -> ContainerView {
    ContainerView {
        name: Value::from(COLLECTOR.0),
        image: Value::from(COLLECTOR.1),
        command: vec!["--config=/etc/ecs/ecs-xray.yaml".to_owned()],
        ..ContainerView::default()
    }
}
