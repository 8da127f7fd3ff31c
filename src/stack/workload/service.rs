//! The stacks of what runs in containers: Load Balanced Web Service, Backend Service, Worker Service, Scheduled Job.

use serde::Serialize;
use serde_json::Value;

use super::access::{self, EnvFileView};
use super::addons::Addons;
use super::container::{self, ContainerView, Surroundings};
use super::events::{self, EventsView};
use super::job::{self, JobView};
use super::network::{self, ConnectView};
use super::nlb::{self, NlbView};
use super::priority::{self, Priorities, RuleSlot};
use super::routing::{self, AlbView, Routing, TargetView};
use super::scaling::{self, AlarmView, CapacityView, ScalingView};
use super::shift::ShiftView;
use super::storage::{self, AccessPointView, GrantView, StorageParts, VolumeView};
use super::topics::{self, TopicView};
use super::{Condition, Parameter, StackError, taskdef};
use crate::facts::Facts;
use crate::model::container::Container;
use crate::model::environment::Environment;
use crate::model::schedule::Schedule;
use crate::model::service::{Count, Kind, Platform, RollbackAlarms, Service};
use crate::stack::{Stack, document, expr, render};

/// Everything a service's stack is made from.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The service as meant.
    pub service: &'a Service,
    /// Its environment as meant.
    pub environment: &'a Environment,
    /// What AWS says.
    pub facts: &'a Facts,
    /// Text of the manifest after interpolation; goes into the template's metadata.
    pub manifest: &'a str,
    /// The service's addons, if any.
    pub addons: Option<&'a Addons>,
    /// Priorities read from the listeners for rules that are new; see [`rule_slots`].
    pub priorities: &'a Priorities,
    /// ARN of the certificate of a network load balancer's TLS listeners; absent: the deployed one.
    pub nlb_certificate: Option<&'a str>,
    /// Ids of the subnets behind a placement by tags.
    pub tagged_subnets: &'a [String],
}

/// Parameters that only say something to readers of the stack; the template names them in metadata.
const TOLD: [&str; 8] = [
    "ContainerPort",
    "TargetContainer",
    "HTTPSEnabled",
    "RulePath",
    "DNSDelegated",
    "NLBAliases",
    "TaskCount",
    "Schedule",
];

/// A template's view.
#[derive(Debug, Serialize)]
struct View {
    description: &'static str,
    parameters: Vec<Parameter>,
    told: Vec<&'static str>,
    conditions: Vec<Condition>,
    permissions_boundary: Option<Value>,
    task: TaskView,
    env_files: Vec<EnvFileView>,
    managed_policies: Vec<Value>,
    exec: bool,
    tracing: bool,
    file_systems: Vec<GrantView>,
    topics: Vec<TopicView>,
    events: Option<EventsView>,
    service: Option<ServiceView>,
    job: Option<JobView>,
    scaling: Option<ScalingView>,
    alarms: Vec<AlarmView>,
    alb: Option<AlbView>,
    nlb: Option<NlbView>,
    access_point: Option<AccessPointView>,
    addon_parameters: Value,
}

#[derive(Debug, Serialize)]
struct TaskView {
    platform: Option<PlatformView>,
    ephemeral: Option<u64>,
    containers: Vec<ContainerView>,
    volumes: Vec<VolumeView>,
}

#[derive(Debug, Serialize)]
struct PlatformView {
    os: String,
    architecture: String,
}

#[derive(Debug, Serialize)]
struct ServiceView {
    after: Vec<String>,
    fixed_count: bool,
    min_healthy: u64,
    max: u64,
    shift: Option<ShiftView>,
    shifts_balanced: bool,
    alarms: Vec<String>,
    capacity: Vec<CapacityView>,
    connect: Option<ConnectView>,
    public_ip: &'static str,
    subnets: Value,
    security_groups: Vec<Value>,
    grace_period: Option<u64>,
    targets: Vec<TargetView>,
    discovery: bool,
    always_registered: bool,
}

/// Parameter with the ARN of the certificate of the network load balancer's TLS listeners.
pub const NLB_CERTIFICATE_PARAMETER: &str = "NLBCertificateARN";

/// The listener rules of a service's stack: those whose parameters are not among the deployed ones need a free priority
/// of their listener ([`priority::free`]), handed to [`service`] in [`Input::priorities`].
///
/// # Errors
/// [`StackError::LoadBalancer`] when the facts do not hold the load balancer of `http.alb`, [`StackError::Listeners`] when
/// its listeners can't be told apart.
pub fn rule_slots(
    service: &Service,
    environment: &Environment,
    facts: &Facts,
) -> Result<Vec<RuleSlot>, StackError> {
    let routing = routed(service, environment, facts)?;
    Ok(routing.map(|routing| routing.slots).unwrap_or_default())
}

fn routed(
    service: &Service,
    environment: &Environment,
    facts: &Facts,
) -> Result<Option<Routing>, StackError> {
    service.http.as_ref().map(|http| routing::routing(http, service.kind, environment, facts)).transpose()
}

/// The stack of a service.
///
/// # Errors
/// As [`rule_slots`]; [`StackError::Taskdef`] when `taskdef_overrides` do not fit; [`StackError::Function`] when a key of
/// the manifest is the name of a CloudFormation function; [`StackError::Render`] is a bug.
pub fn service(input: &Input<'_>) -> Result<Stack, StackError> {
    let Input { service, facts, .. } = *input;
    container::check_keys(service)?;
    let mut routing = routed(service, input.environment, facts)?;
    let mut nlb = service.nlb.as_ref().map(nlb::nlb);
    if service.deployment.shift.is_some() {
        routing.iter_mut().for_each(Routing::alternate);
        nlb.iter_mut().for_each(|(view, targets)| view.alternate(targets));
    }
    let events = service.events.as_ref().map(events::events).transpose()?;
    let router = service.log_router.as_ref();
    let env_files = access::env_files(&service.main, router.is_some(), &service.sidecars);
    let parameters = parameters(input, routing.as_ref(), nlb.as_ref().map(|(view, _)| view), &env_files);
    let all: Vec<&Container> = std::iter::once(&service.main).chain(&service.sidecars).collect();
    let StorageParts { volumes, grants, access_point } =
        storage::storage(&service.storage, service.name.as_str(), &all);
    let scaled = match &service.count {
        Count::Scaled(scaling) => {
            let queues = events.as_ref().map(EventsView::queues).unwrap_or_default();
            Some(scaling::scaling(scaling, routing.as_ref().map(|routing| &routing.measured), &queues))
        }
        Count::Fixed(_) | Count::Spot(_) => None,
    };
    let told = TOLD.into_iter().filter(|name| {
        let used = match *name {
            "TaskCount" => scaled.is_none() && service.job.is_none(),
            "Schedule" => service.job.as_ref().is_some_and(|job| job.schedule != Schedule::Never),
            _ => false,
        };
        !used && parameters.iter().any(|parameter| parameter.name == *name)
    });
    let alarms =
        scaling::alarms(&service.deployment.rollback, &facts.app.name, &facts.env.name, &service.name);
    let job = service.job.as_ref().map(|job| job::view(input, job));
    let service_view = job.is_none().then(|| service_view(input, routing.as_ref(), nlb.as_ref(), &alarms));
    let nlb_view = nlb.as_ref().map(|(view, _)| view);
    let conditions = conditions(service.kind, nlb_view, service_view.as_ref(), &env_files);
    let view = View {
        description: match service.kind {
            Kind::LoadBalancedWeb => "A load balanced web service on Amazon ECS, made by wharf.",
            Kind::Backend => "A backend service on Amazon ECS, made by wharf.",
            Kind::Worker => "A worker service on Amazon ECS, made by wharf.",
            Kind::Job => "A scheduled job on Amazon ECS, made by wharf.",
        },
        told: told.collect(),
        conditions,
        permissions_boundary: document::permissions_boundary(&facts.app),
        task: TaskView {
            platform: platform(&service.platform),
            ephemeral: service.storage.ephemeral,
            containers: containers(input, routing.as_ref(), events.as_ref(), &env_files),
            volumes,
        },
        env_files,
        managed_policies: access::managed_policies(input.addons),
        exec: service.exec,
        tracing: service.tracing,
        file_systems: grants,
        topics: topics::views(&service.topics),
        events,
        service: service_view,
        job,
        scaling: scaled,
        alarms,
        alb: routing.map(|routing| routing.view),
        nlb: nlb.map(|(view, _)| view),
        access_point,
        addon_parameters: Addons::stack_parameters(input.addons),
        parameters,
    };
    let mut template =
        document::finished(render::render("workload/service.yml", &view)?, Some(input.manifest));
    taskdef::apply(&mut template, &service.taskdef_overrides)?;
    Ok(Stack {
        name: document::workload_stack(&facts.app.name, &facts.env.name, &service.name),
        template,
        parameters: view
            .parameters
            .into_iter()
            // What only the deployed stack knows has no value while nobody has asked.
            .filter(|parameter| parameter.name != scaling::CALCULATOR || !parameter.value.is_empty())
            .map(|parameter| (parameter.name, parameter.value))
            .collect(),
        tags: document::tags(&facts.app, Some(&facts.env.name), Some(&service.name)),
    })
}

fn platform(platform: &Platform) -> Option<PlatformView> {
    (!platform.is_default())
        .then(|| PlatformView { os: platform.os.clone(), architecture: platform.architecture.clone() })
}

fn containers(
    input: &Input<'_>,
    routing: Option<&Routing>,
    events: Option<&EventsView>,
    env_files: &[EnvFileView],
) -> Vec<ContainerView> {
    let service = input.service;
    let mut common = container::common_variables(
        input.facts,
        topics::arns(&service.topics),
        routing.map(|routing| routing.dns_name.clone()),
    );
    common.extend(events.into_iter().flat_map(|events| events.variables.iter().cloned()));
    let surroundings = Surroundings {
        facts: input.facts,
        addons: input.addons,
        common: &common,
        env_files,
        target: service.target.as_ref(),
    };
    let router = service.log_router.as_ref();
    let mut containers = vec![surroundings.main(&service.main, router, service.storage.readonly_fs)];
    containers.extend(router.map(|router| surroundings.router(router)));
    containers.extend(service.tracing.then(container::collector));
    containers.extend(service.sidecars.iter().map(|sidecar| surroundings.sidecar(sidecar)));
    containers
}

fn parameters(
    input: &Input<'_>,
    routing: Option<&Routing>,
    nlb: Option<&NlbView>,
    env_files: &[EnvFileView],
) -> Vec<Parameter> {
    let Input { service, facts, .. } = *input;
    let web = service.kind == Kind::LoadBalancedWeb;
    let called = !matches!(service.kind, Kind::Worker | Kind::Job);
    let mut parameters = vec![
        Parameter::text("AppName", facts.app.name.as_str()),
        Parameter::text("EnvName", facts.env.name.as_str()),
        Parameter::text("WorkloadName", service.name.as_str()),
    ];
    parameters.extend(service.job.as_ref().map(|job| Parameter::text("Schedule", job::schedule(job))));
    parameters.push(Parameter::text("ContainerImage", container::image_address(&service.main, facts)));
    if called {
        let port = service.port.map_or_else(|| "-1".to_owned(), |port| port.to_string());
        parameters.push(Parameter::number("ContainerPort", port));
    }
    parameters.extend([
        Parameter::text("TaskCPU", service.cpu.to_string()),
        Parameter::text("TaskMemory", service.memory.to_string()),
        Parameter::number("TaskCount", service.count.initial()),
    ]);
    if web {
        let managed = routing::domain_is_managed(input.environment, facts);
        parameters.push(Parameter::flag("DNSDelegated", managed));
    }
    parameters
        .push(Parameter { default: Some("30"), ..Parameter::number("LogRetention", service.log_retention) });
    parameters.push(Parameter::optional(
        "AddonsTemplateURL",
        facts.addons_url.as_str(),
        "URL of the addons template; empty without addons.",
    ));
    parameters.extend(env_files.iter().map(|file| file.parameter(facts)));
    parameters.push(Parameter {
        description: Some("ARN of the key that encrypts artifacts."),
        ..Parameter::text("ArtifactKeyARN", facts.artifacts.kms_key_arn.as_str())
    });
    if service.count.by_backlog() {
        let deployed = facts.parameters.get(scaling::CALCULATOR).cloned().unwrap_or_default();
        parameters.push(Parameter {
            description: Some(
                "Function that computed the backlog when Copilot deployed the stack; names a log group.",
            ),
            ..Parameter::text(scaling::CALCULATOR, deployed)
        });
    }
    let (container, target_port) = match &service.target {
        Some(target) => (target.container.as_str(), target.port.to_string()),
        None => (service.name.as_str(), "-1".to_owned()),
    };
    if called {
        parameters.push(Parameter::text("TargetContainer", container));
        parameters.push(Parameter::number("TargetPort", target_port));
    }
    if let (Some(routing), Some(http)) = (routing, &service.http) {
        parameters.push(Parameter::flag("HTTPSEnabled", routing.https));
        let main_path = http.rules.first().map(|rule| rule.path.clone()).unwrap_or_default();
        parameters.push(Parameter::text("RulePath", main_path));
        let priorities = priority::resolve(&routing.slots, input.priorities, facts);
        parameters.extend(routing.slots.iter().map(|slot| {
            let number = priorities.get(&slot.parameter).copied().unwrap_or(priority::LAST);
            Parameter::number(&slot.parameter, number)
        }));
    }
    if let (Some(view), Some(nlb)) = (nlb, &service.nlb) {
        parameters
            .push(Parameter { default: Some(""), ..Parameter::text("NLBAliases", nlb.aliases.join(",")) });
        let port = nlb.listeners.first().map(|listener| listener.port).unwrap_or_default();
        parameters.push(Parameter::number("NLBPort", port));
        if view.speaks_tls() {
            let deployed = facts.parameters.get(NLB_CERTIFICATE_PARAMETER).map(String::as_str);
            let certificate = input.nlb_certificate.or(deployed).unwrap_or_default();
            parameters.push(Parameter {
                description: Some("ARN of the certificate of the network load balancer's TLS listeners."),
                ..Parameter::text(NLB_CERTIFICATE_PARAMETER, certificate)
            });
        }
    }
    parameters
}

fn conditions(
    kind: Kind,
    nlb: Option<&NlbView>,
    service: Option<&ServiceView>,
    env_files: &[EnvFileView],
) -> Vec<Condition> {
    let mut conditions = vec![];
    if service.is_some_and(|service| service.alarms.is_empty() || service.connect.is_none()) {
        let partition = expr::reference("AWS::Partition");
        conditions.push(Condition::equals("IsGovCloud", partition, Value::from("aws-us-gov")));
    }
    if nlb.is_some_and(NlbView::has_default_name) {
        let delegated = expr::reference("DNSDelegated");
        conditions.push(Condition::equals("HasAssociatedDomain", delegated, Value::from("true")));
    }
    conditions.push(Condition::differs("HasAddons", "AddonsTemplateURL", Value::from("")));
    conditions.extend(env_files.iter().map(EnvFileView::condition));
    if kind == Kind::Backend {
        conditions.push(Condition::differs("ExposePort", "TargetPort", Value::from("-1")));
    }
    conditions
}

fn service_view(
    input: &Input<'_>,
    routing: Option<&Routing>,
    nlb: Option<&(NlbView, Vec<TargetView>)>,
    alarms: &[AlarmView],
) -> ServiceView {
    let service = input.service;
    let rules = routing.into_iter().flat_map(|routing| &routing.slots).map(|slot| slot.rule.clone());
    let listeners = nlb.into_iter().flat_map(|(view, _)| view.listeners()).map(str::to_owned);
    let groups = routing
        .into_iter()
        .flat_map(|routing| &routing.targets)
        .chain(nlb.into_iter().flat_map(|(_, targets)| targets));
    let targets: Vec<TargetView> = groups.cloned().collect();
    // What the service names it also waits for.
    let named: Vec<&String> =
        targets.iter().filter_map(|target| Some(&target.alternate.as_ref()?.rule)).collect();
    let rollback = match &service.deployment.rollback {
        RollbackAlarms::None => vec![],
        RollbackAlarms::Names(names) => names.clone(),
        RollbackAlarms::Thresholds { .. } => alarms.iter().map(|alarm| alarm.name.clone()).collect(),
    };
    let network = &service.network;
    ServiceView {
        after: rules.chain(listeners).filter(|id| !named.contains(&id)).collect(),
        fixed_count: !matches!(service.count, Count::Scaled(_)),
        min_healthy: service.deployment.min_healthy_percent,
        max: service.deployment.max_percent,
        shift: service.deployment.shift.as_ref().map(ShiftView::new),
        shifts_balanced: service.deployment.shift.is_some()
            && (service.http.is_some() || service.nlb.is_some()),
        alarms: rollback,
        capacity: scaling::capacity(&service.count),
        connect: network
            .connect
            .as_ref()
            .map(|connect| network::connect(connect, input.facts.service_discovery_endpoint())),
        public_ip: network::public_ip(&network.placement),
        subnets: network::subnets(&network.placement, input.tagged_subnets),
        security_groups: network::security_groups(network, input.addons),
        grace_period: service.grace_period,
        targets,
        discovery: service.kind != Kind::Worker,
        always_registered: service.kind == Kind::LoadBalancedWeb,
    }
}
