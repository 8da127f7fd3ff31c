//! A Request-Driven Web Service as meant, from its manifest. Limits are those of App Runner:
//! <https://docs.aws.amazon.com/apprunner/latest/api/API_CreateService.html>

use super::image::{image, secrets, texts, variables};
use super::network::placement;
use super::size::{nearest_sizes, platform};
use super::task::topics;
use super::{Check, read_as};
use crate::diagnostic::{Diagnostics, Source, Span};
use crate::manifest::decode::{Decode, Form, Text};
use crate::manifest::http::HealthCheck as WrittenCheck;
use crate::manifest::interpolate::Lookup;
use crate::manifest::request_driven as written;
use crate::model::container::{Container, Image, Port, Protocol};
use crate::model::request_driven::{HealthCheck, Ingress, RequestDriven, registry};
use crate::model::service::Placement;
use crate::model::workload::Read;
use crate::name::{AppName, EnvName, WorkloadName};

/// Pairs of CPU units and MiB of an instance.
/// <https://docs.aws.amazon.com/apprunner/latest/api/API_InstanceConfiguration.html>
const SIZES: [(u64, u64); 11] = [
    (256, 512),
    (256, 1024),
    (512, 1024),
    (1024, 2048),
    (1024, 3072),
    (1024, 4096),
    (2048, 4096),
    (2048, 6144),
    (4096, 8192),
    (4096, 10240),
    (4096, 12288),
];
/// Longest name of a service in App Runner, which has application, environment and service in it.
const MAX_NAME: usize = 40;
/// Most seconds and most checks of a health check.
const MAX_CHECK: u64 = 20;
/// Tags that are ours.
const OWN_TAGS: [&str; 3] = ["copilot-application", "copilot-environment", "copilot-service"];

/// Reads the manifest of a Request-Driven Web Service for an environment, as [`crate::model::workload::read`] does.
pub(in crate::model) fn read(
    source: &Source,
    app: &AppName,
    env: &EnvName,
    lookup: Lookup<'_>,
) -> (Option<Read<RequestDriven>>, Diagnostics) {
    read_as(source, app, env, lookup, |read, out| model(read, (app, env), out))
}

/// The service that a manifest means for an environment. What breaks a rule goes to `out`; the result is of use only when
/// nothing does.
fn model(read: &written::Read, (app, env): (&AppName, &EnvName), out: &mut Diagnostics) -> RequestDriven {
    let (name, at, given) = (&read.head.name.value, read.head.name.span, &read.body);
    let check = &mut Check::new(out);
    let full = format!("{app}-{env}-{name}");
    if full.len() > MAX_NAME {
        check
            .error("model/name", at, format!("App Runner would have to call the service {full}"))
            .help(format!(
                "App Runner's names have at most {MAX_NAME} characters, this one has {}: give the service a shorter name",
                full.len()
            ));
    }
    machine(given, check);
    let (cpu, memory) = size(given, at, check);
    let (main, port) = container(name, at, given, check);
    let http = given.http.clone().unwrap_or_default();
    RequestDriven {
        name: name.clone(),
        cpu,
        memory,
        main,
        port,
        command: check.text(given.command.as_ref(), "command"),
        health_check: http.healthcheck.as_ref().map(|given| health_check(given, check)),
        ingress: match &http.private {
            None => Ingress::Internet,
            Some(Form::Short(flag)) if !flag.value => Ingress::Internet,
            Some(Form::Short(_)) => Ingress::Environment,
            Some(Form::Full(full)) => match check.text(full.endpoint.as_ref(), "endpoint") {
                Some(endpoint) => Ingress::Endpoint(endpoint),
                None => Ingress::Environment,
            },
        },
        alias: alias(http.alias.as_ref(), check),
        placement: subnets(given, check),
        tags: tags(given, check),
        topics: topics(given.publish.as_ref(), check),
        tracing: given.observability.as_ref().is_some_and(|given| given.tracing.is_some()),
        autoscaling: autoscaling(given.count.as_ref(), check),
    }
}

/// Image, variables and secrets, and the port. What App Runner has nothing for is told.
fn container(
    name: &WorkloadName,
    at: Span,
    given: &written::RequestDriven,
    check: &mut Check<'_>,
) -> (Container, u16) {
    let image = given.image.clone().unwrap_or_default();
    let source = match &given.image {
        Some(given) => self::image(given.build.as_ref(), given.location.as_ref(), given.span, check),
        None => {
            check.missing(
                at,
                "image",
                "say where the image comes from: `image: {build: path/to/Dockerfile}`",
            );
            Image::Location(String::new())
        }
    };
    if let (Image::Location(address), Some(text)) = (&source, &image.location)
        && !address.is_empty()
        && registry(address).is_none()
    {
        check
            .error(
                "model/image",
                text.span,
                "App Runner takes images from Amazon ECR and Amazon ECR Public only",
            )
            .help("push the image there, or let it be built: `build: path/to/Dockerfile`");
    }
    let unused = [
        ("credentials", image.credentials.as_ref().map(Decode::span)),
        ("labels", image.labels.as_ref().map(Decode::span)),
        ("depends_on", image.depends_on.as_ref().map(Decode::span)),
        ("healthcheck", image.healthcheck.as_ref().map(Decode::span)),
    ];
    for (key, place) in unused {
        let Some(place) = place else { continue };
        let help = if key == "healthcheck" {
            "App Runner has checks of its own: `http.healthcheck`"
        } else {
            "remove it"
        };
        check.warn("model/unused", place, format!("`image.{key}` has no effect on App Runner")).help(help);
    }
    if let (None, Some(image)) = (image.port, &given.image) {
        check.missing(image.span, "port", "the port the container listens on: `port: 8080` in `image`");
    }
    let port = image.port.map(|port| port.value).unwrap_or_default();
    let container = Container {
        name: name.to_string(),
        image: source,
        credentials: None,
        essential: None,
        entrypoint: vec![],
        command: vec![],
        variables: variables(given.variables.as_ref(), check),
        secrets: secrets(given.secrets.as_ref(), check),
        env_file: None,
        labels: texts(None),
        depends_on: std::collections::BTreeMap::new(),
        health_check: None,
        ports: vec![Port { number: port, protocol: Protocol::Tcp }],
        mounts: vec![],
    };
    (container, port)
}

fn machine(given: &written::RequestDriven, check: &mut Check<'_>) {
    let platform = platform(given.platform.as_ref(), check);
    if let Some(place) = given.platform.as_ref().filter(|_| !platform.is_default()) {
        check
            .error("model/platform", place.span(), "App Runner runs `linux/x86_64` only")
            .help("remove `platform`: images are built for it");
    }
}

fn size(given: &written::RequestDriven, at: Span, check: &mut Check<'_>) -> (u64, u64) {
    let cpu = given.cpu.map_or(1024, |cpu| cpu.value);
    let memory = given.memory.map_or(2048, |memory| memory.value);
    if !SIZES.contains(&(cpu, memory)) {
        let place = given.memory.map(|memory| memory.span).or(given.cpu.map(|cpu| cpu.span)).unwrap_or(at);
        check
            .error(
                "model/size",
                place,
                format!("App Runner has no instance of {cpu} CPU units and {memory} MiB"),
            )
            .help(format!("the nearest are {}", nearest_sizes(SIZES.to_vec(), cpu, memory)));
    }
    (cpu, memory)
}

fn health_check(given: &Form<Text, WrittenCheck>, check: &mut Check<'_>) -> HealthCheck {
    let full = match given {
        Form::Short(path) => {
            let path = check.text(Some(path), "healthcheck").map(absolute);
            return HealthCheck { path, ..HealthCheck::default() };
        }
        Form::Full(full) => full,
    };
    let unused = [
        ("port", full.port.map(|port| port.span)),
        ("success_codes", full.success_codes.as_ref().map(|codes| codes.span)),
        ("grace_period", full.grace_period.as_ref().map(Decode::span)),
    ];
    for (key, place) in unused {
        if let Some(place) = place {
            check
                .warn("model/unused", place, format!("`healthcheck.{key}` has no effect on App Runner"))
                .help("remove it");
        }
    }
    HealthCheck {
        path: check.text(full.path.as_ref(), "path").map(absolute),
        interval: check.seconds(full.interval.as_ref(), "interval", 1, MAX_CHECK),
        timeout: check.seconds(full.timeout.as_ref(), "timeout", 1, MAX_CHECK),
        healthy_threshold: check.range(full.healthy_threshold.as_ref(), "healthy_threshold", 1, MAX_CHECK),
        unhealthy_threshold: check.range(
            full.unhealthy_threshold.as_ref(),
            "unhealthy_threshold",
            1,
            MAX_CHECK,
        ),
    }
}

fn absolute(path: String) -> String {
    if path.starts_with('/') { path } else { format!("/{path}") }
}

/// A host name; whether it fits the application's domain is known only with the application.
fn alias(given: Option<&Text>, check: &mut Check<'_>) -> Option<String> {
    let given = given?;
    let label = |label: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
        !label.is_empty()
            && label.len() <= 63
            && label.chars().all(fits)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = given.value.as_str();
    if !name.contains('.') || name.len() > 253 || !name.split('.').all(label) {
        check
            .error("model/alias", given.span, format!("{name:?} is no host name"))
            .help("such as `web.example.com`, where `example.com` is the application's domain");
    }
    Some(given.value.to_ascii_lowercase())
}

fn subnets(given: &written::RequestDriven, check: &mut Check<'_>) -> Option<Placement> {
    let written = given.network.as_ref()?.vpc.as_ref()?.placement.as_ref()?;
    let placement = placement(Some(written), check);
    if placement == Placement::Public && matches!(written, Form::Short(_)) {
        check
            .error("model/network", written.span(), "a service on App Runner can't stand in public subnets")
            .help("leave `placement` out: it reaches the internet without; `private` lets it reach the VPC");
    }
    Some(placement)
}

fn tags(given: &written::RequestDriven, check: &mut Check<'_>) -> std::collections::BTreeMap<String, String> {
    for (key, entry) in given.tags.iter().flat_map(|map| &map.entries) {
        if OWN_TAGS.contains(&key.as_str()) {
            check
                .error("model/tags", entry.key, format!("the tag `{key}` is set by wharf"))
                .help("remove it here");
        }
        let length = entry.value.value.chars().count();
        if key.is_empty()
            || key.chars().count() > 128
            || length > 256
            || key.to_ascii_lowercase().starts_with("aws:")
        {
            check
                .error(
                    "model/tags",
                    entry.key,
                    format!("AWS takes no tag {key:?} with a value of {length} characters"),
                )
                .help(
                    "a key has 1 to 128 characters and does not begin with `aws:`, a value has at most 256",
                );
        }
    }
    texts(given.tags.as_ref())
}

/// `name` or `name/revision`.
/// <https://docs.aws.amazon.com/apprunner/latest/api/API_CreateAutoScalingConfiguration.html>
fn autoscaling(given: Option<&Text>, check: &mut Check<'_>) -> Option<String> {
    let given = given?;
    let (name, revision) = match given.value.split_once('/') {
        Some((name, revision)) => (name, Some(revision)),
        None => (given.value.as_str(), None),
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_name = (4..=32).contains(&name.len()) && name.chars().all(fits) && !name.starts_with(['-', '_']);
    // A revision may be followed by the id of the configuration, as in its ARN.
    let is_revision = revision.is_none_or(|text| {
        let (revision, id) = text.split_once('/').map_or((text, None), |(revision, id)| (revision, Some(id)));
        digits(revision)
            && id.is_none_or(|id| !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric()))
    });
    if !is_name || !is_revision {
        check
            .error(
                "model/count",
                given.span,
                format!("{:?} is no autoscaling configuration of App Runner", given.value),
            )
            .help(
                "`count` is its name and revision, such as `high-availability/3`; make one with `aws apprunner \
                 create-auto-scaling-configuration`",
            );
    }
    Some(given.value.clone())
}
