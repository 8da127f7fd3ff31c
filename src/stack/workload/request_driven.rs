//! The stack of a service on App Runner.

use serde::Serialize;
use serde_json::{Value, json};

use super::addons::{self, AddonKind, Addons};
use super::container::{self, Surroundings};
use super::topics::{self, TopicView};
use super::{Condition, Parameter, StackError, access, network};
use crate::facts::Facts;
use crate::model::request_driven::{HealthCheck, Ingress, RequestDriven, registry};
use crate::stack::{Stack, document, expr, render};

/// Output with the service's own host name: App Runner is told of it once the stack stands.
pub const HOST_OUTPUT: &str = "HostName";

/// Everything the stack is made from.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The service as meant.
    pub service: &'a RequestDriven,
    /// What AWS says.
    pub facts: &'a Facts,
    /// Text of the manifest after interpolation; goes into the template's metadata.
    pub manifest: &'a str,
    /// The service's addons, if any.
    pub addons: Option<&'a Addons>,
    /// Ids of the subnets behind a placement by tags.
    pub tagged_subnets: &'a [String],
}

/// A template's view. `access_point` is there for the part that all workloads share.
#[derive(Debug, Serialize)]
struct View {
    parameters: Vec<Parameter>,
    told: Vec<String>,
    conditions: Vec<Condition>,
    permissions_boundary: Option<Value>,
    managed_policies: Vec<Value>,
    variables: Vec<Value>,
    secrets: Vec<Value>,
    command: Option<String>,
    health_check: bool,
    connector: Option<ConnectorView>,
    private: Option<PrivateView>,
    tracing: bool,
    autoscaling: Option<Value>,
    host: Option<String>,
    tags: Vec<Value>,
    topics: Vec<TopicView>,
    addon_parameters: Value,
    access_point: Option<()>,
}

#[derive(Debug, Serialize)]
struct ConnectorView {
    subnets: Value,
    security_groups: Vec<Value>,
}

#[derive(Debug, Serialize)]
struct PrivateView {
    endpoint: Value,
}

/// The stack of a service on App Runner.
///
/// # Errors
/// [`StackError::Render`] is a bug.
pub fn request_driven(input: &Input<'_>) -> Result<Stack, StackError> {
    let Input { service, facts, .. } = *input;
    let checks = health_parameters(service.health_check.as_ref());
    let parameters = parameters(input, &checks);
    let checked = service.health_check.is_some();
    let view = View {
        told: checks.iter().filter(|_| !checked).map(|check| check.name.clone()).collect(),
        conditions: conditions(&checks, checked),
        permissions_boundary: document::permissions_boundary(&facts.app),
        managed_policies: managed_policies(service, input.addons),
        variables: variables(input),
        secrets: surroundings(input, &[]).secrets("Value", &service.main.secrets),
        command: service.command.clone(),
        health_check: checked,
        connector: service.placement.as_ref().map(|placement| ConnectorView {
            subnets: network::subnets(placement, input.tagged_subnets),
            security_groups: [
                expr::reference("ServiceSecurityGroup"),
                expr::environment_export("EnvironmentSecurityGroup"),
            ]
            .into_iter()
            .chain(network::addon_security_groups(input.addons).into_iter().map(addons::if_there))
            .collect(),
        }),
        private: match &service.ingress {
            Ingress::Internet => None,
            Ingress::Environment => {
                Some(PrivateView { endpoint: expr::environment_export("AppRunnerVpcEndpointId") })
            }
            Ingress::Endpoint(id) => Some(PrivateView { endpoint: Value::from(id.as_str()) }),
        },
        tracing: service.tracing,
        autoscaling: service.autoscaling.as_ref().map(|name| {
            let prefix = expr::sub(
                "arn:${AWS::Partition}:apprunner:${AWS::Region}:${AWS::AccountId}:autoscalingconfiguration/",
            );
            expr::join("", vec![prefix, Value::from(name.as_str())])
        }),
        host: service.alias.clone(),
        tags: tags(service),
        topics: topics::views(&service.topics),
        addon_parameters: Addons::stack_parameters(input.addons),
        access_point: None,
        parameters,
    };
    let rendered = render::render("workload/request-driven.yml", &view)?;
    Ok(Stack {
        name: document::workload_stack(&facts.app.name, &facts.env.name, &service.name),
        template: document::finished(rendered, Some(input.manifest)),
        parameters: view.parameters.into_iter().map(|parameter| (parameter.name, parameter.value)).collect(),
        tags: document::tags(&facts.app, Some(&facts.env.name), Some(&service.name)),
    })
}

fn surroundings<'a>(input: &Input<'a>, common: &'a [(&'a str, Value)]) -> Surroundings<'a> {
    Surroundings { facts: input.facts, addons: input.addons, common, env_files: &[], target: None }
}

/// Variables of the container. A secret of an addon comes twice: its value as a secret, and its ARN as a variable, for
/// programs that read it themselves.
fn variables(input: &Input<'_>) -> Vec<Value> {
    let Input { service, facts, .. } = *input;
    let mut common = container::common_variables(facts, topics::arns(&service.topics), None);
    // Names of the environment's namespace are known inside of its network only.
    common.retain(|(name, _)| service.placement.is_some() || *name != container::DISCOVERY_VARIABLE);
    let own = &service.main.variables;
    let mut entries = surroundings(input, &common).environment(own);
    for id in input.addons.into_iter().flat_map(|addons| addons.of(&[AddonKind::Secret])) {
        let name = format!("{}_ARN", addons::variable_name(id));
        if !own.contains_key(&name) {
            entries.push(addons::if_there(json!({"Name": name, "Value": addons::output(id)})));
        }
    }
    entries
}

/// Managed policies of the instance role: what addons give, and the one that traces need.
fn managed_policies(service: &RequestDriven, addons: Option<&Addons>) -> Vec<Value> {
    let mut policies = access::managed_policies(addons);
    if service.tracing {
        policies.push(expr::sub("arn:${AWS::Partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"));
    }
    policies
}

fn tags(service: &RequestDriven) -> Vec<Value> {
    let tag = |key: &str, value: Value| json!({"Key": key, "Value": value});
    let mut tags = vec![
        tag("copilot-application", expr::reference("AppName")),
        tag("copilot-environment", expr::reference("EnvName")),
        tag("copilot-service", expr::reference("WorkloadName")),
    ];
    tags.extend(service.tags.iter().map(|(key, value)| tag(key, Value::from(value.as_str()))));
    tags
}

fn parameters(input: &Input<'_>, checks: &[Parameter]) -> Vec<Parameter> {
    let Input { service, facts, .. } = *input;
    let image = container::image_address(&service.main, facts);
    // What is built is pushed to Amazon ECR.
    let repository = registry(&image).unwrap_or("ECR");
    let mut parameters = vec![
        Parameter::text("AppName", facts.app.name.as_str()),
        Parameter::text("EnvName", facts.env.name.as_str()),
        Parameter::text("WorkloadName", service.name.as_str()),
        Parameter::text("ContainerImage", image),
        Parameter::number("ContainerPort", service.port),
        Parameter::text("ImageRepositoryType", repository),
        Parameter::text("InstanceCPU", service.cpu.to_string()),
        Parameter::text("InstanceMemory", service.memory.to_string()),
    ];
    parameters.extend(checks.iter().cloned());
    parameters.push(Parameter::optional(
        "AddonsTemplateURL",
        facts.addons_url.as_str(),
        "URL of the addons template; empty without addons.",
    ));
    parameters.push(Parameter {
        description: Some("ARN of the key that encrypts artifacts."),
        ..Parameter::text("ArtifactKeyARN", facts.artifacts.kms_key_arn.as_str())
    });
    parameters
}

/// The parameters of the health check; empty where App Runner decides.
fn health_parameters(check: Option<&HealthCheck>) -> Vec<Parameter> {
    let number = |value: fn(&HealthCheck) -> Option<u64>| {
        check.and_then(value).map(|n| n.to_string()).unwrap_or_default()
    };
    [
        ("HealthCheckPath", check.and_then(|check| check.path.clone()).unwrap_or_default()),
        ("HealthCheckInterval", number(|check| check.interval)),
        ("HealthCheckTimeout", number(|check| check.timeout)),
        ("HealthCheckHealthyThreshold", number(|check| check.healthy_threshold)),
        ("HealthCheckUnhealthyThreshold", number(|check| check.unhealthy_threshold)),
    ]
    .into_iter()
    .map(|(name, value)| Parameter { default: Some(""), ..Parameter::text(name, value) })
    .collect()
}

fn conditions(checks: &[Parameter], checked: bool) -> Vec<Condition> {
    let mut conditions = vec![Condition::equals(
        "NeedsAccessRole",
        expr::reference("ImageRepositoryType"),
        Value::from("ECR"),
    )];
    conditions.extend(
        checks
            .iter()
            .filter(|_| checked)
            .map(|check| Condition::differs(format!("Has{}", check.name), &check.name, Value::from(""))),
    );
    conditions.push(Condition::differs("HasAddons", "AddonsTemplateURL", Value::from("")));
    conditions
}
