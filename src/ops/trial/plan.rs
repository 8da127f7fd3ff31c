//! What a try runs: the containers of a workload as a task would have them, and what is asked of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::facts::Facts;
use crate::model::container::{Container, Dependency, HealthCheck, Variable, VolumeSource};
use crate::model::request_driven::RequestDriven;
use crate::model::routing::TargetHealthCheck;
use crate::model::service::{Kind, Service, Topic};
use crate::secret::Secret;

/// What stands where a value is not known. Programs that only look whether a variable is there go on with it.
pub const PLACEHOLDER: &str = "placeholder";
/// Path, interval, timeout, codes and failures in a row that a target group has when nothing is said:
/// <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html>
const INTERVAL: u64 = 30;
const TIMEOUT: u64 = 5;
const CODES: &str = "200";
const UNHEALTHY: u64 = 2;
/// What App Runner takes when nothing is said, in seconds:
/// <https://docs.aws.amazon.com/apprunner/latest/api/API_HealthCheckConfiguration.html>
const APP_RUNNER: (u64, u64, u64) = (5, 2, 5);
/// Shortest time that a program gets to come up, and longest: seconds.
const PATIENCE: (u64, u64) = (30, 300);

/// A workload to try.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// Its name.
    pub name: String,
    /// Its containers in the order in which they start.
    pub parts: Vec<Part>,
    /// What is asked.
    pub probes: Vec<Probe>,
    /// Whether it is to come to its end, as a job.
    pub ends: bool,
    /// Memory of a task in MiB.
    pub memory: u64,
    /// What its tasks run on, such as `linux/arm64`.
    pub platform: String,
    /// What the containers have in a task and not here, a phrase each, such as `secret DB_PASSWORD`.
    pub absent: Vec<String>,
    /// What is never shown: values that were given for the try.
    pub hidden: Vec<Secret>,
}

/// A container to try.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its image on this machine.
    pub image: String,
    /// Whether the image is one by location, which may be there for several platforms.
    pub located: bool,
    /// Replaces the image's entry point.
    pub entrypoint: Vec<String>,
    /// Replaces the image's command.
    pub command: Vec<String>,
    /// Its variables.
    pub variables: BTreeMap<String, Secret>,
    /// Whether the task ends when it ends.
    pub essential: bool,
    /// Whether others wait until it has ended.
    pub awaited: bool,
    /// What it waits for.
    pub depends_on: BTreeMap<String, Dependency>,
    /// Its own health check.
    pub health_check: Option<HealthCheck>,
    /// Volume, path, and whether it may only be read.
    pub mounts: Vec<(String, String, bool)>,
    /// Whether its root file system may only be read.
    pub read_only: bool,
}

/// Something that is asked of a container.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// The container.
    pub container: String,
    /// Its port.
    pub port: u16,
    /// Path and codes that count as healthy; `None`: whether something listens.
    pub http: Option<(String, String)>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How long it is asked until it has failed.
    pub patience: Duration,
    /// Whether a deployment would fail without an answer.
    pub must: bool,
}

/// What is known besides the manifest.
pub struct Known<'a> {
    /// Images on this machine, by container.
    pub images: &'a BTreeMap<String, String>,
    /// What AWS says.
    pub facts: &'a Facts,
    /// Values of exports by their names.
    pub exports: &'a BTreeMap<String, String>,
    /// Host name of the load balancer, where the service has one and it is known.
    pub load_balancer: Option<String>,
    /// Texts of environment files by container.
    pub env_files: &'a BTreeMap<String, String>,
    /// Variables and secrets that addons make.
    pub addons: &'a [String],
    /// Values that were given for the try.
    pub given: &'a BTreeMap<String, Secret>,
}

impl Plan {
    /// What is run of a service or job on ECS.
    #[must_use]
    pub fn of(service: &Service, known: &Known<'_>) -> Self {
        let mut absent = BTreeSet::new();
        let containers = std::iter::once(&service.main).chain(&service.sidecars);
        let awaited: BTreeSet<&String> = containers
            .clone()
            .flat_map(|container| &container.depends_on)
            .filter(|(_, until)| matches!(until, Dependency::Complete | Dependency::Success))
            .map(|(name, _)| name)
            .collect();
        let mut common = common(known, service.name.as_str());
        common.extend(topics(known.facts, service.name.as_str(), &service.topics));
        if service.events.is_some() {
            absent.insert("queue".to_owned());
            common.insert("COPILOT_QUEUE_URI".to_owned(), PLACEHOLDER.to_owned());
        }
        let mut parts: Vec<Part> = containers
            .map(|container| {
                let main = container.name == service.main.name;
                let mut part = part(container, main, &common, known, &mut absent);
                part.awaited = awaited.contains(&container.name);
                part.read_only = main && service.storage.readonly_fs == Some(true);
                part
            })
            .collect();
        parts = in_order(parts);
        let volumes = service.storage.volumes.iter();
        let files = volumes.filter(|volume| !matches!(volume.source, VolumeSource::Scratch));
        absent.extend(files.map(|volume| format!("file system {}", volume.name)));
        Self {
            name: service.name.to_string(),
            probes: probes(service),
            ends: service.kind == Kind::Job,
            memory: service.memory,
            platform: service.platform.docker(),
            absent: absent.into_iter().collect(),
            hidden: known.given.values().cloned().collect(),
            parts,
        }
    }

    /// What is run of a service on App Runner.
    #[must_use]
    pub fn of_app_runner(service: &RequestDriven, known: &Known<'_>) -> Self {
        let mut absent = BTreeSet::new();
        let mut common = common(known, service.name.as_str());
        common.extend(topics(known.facts, service.name.as_str(), &service.topics));
        common.insert("PORT".to_owned(), service.port.to_string());
        let mut main = part(&service.main, true, &common, known, &mut absent);
        main.command = service.command.as_deref().map(words).unwrap_or_default();
        let (interval, timeout, failures) = APP_RUNNER;
        let health = service.health_check.clone().unwrap_or_default();
        let interval = health.interval.unwrap_or(interval);
        let failures = health.unhealthy_threshold.unwrap_or(failures);
        let path =
            service.health_check.as_ref().map(|check| check.path.clone().unwrap_or_else(|| "/".into()));
        let probe = Probe {
            container: main.name.clone(),
            port: service.port,
            http: path.map(|path| (path, CODES.to_owned())),
            timeout: Duration::from_secs(health.timeout.unwrap_or(timeout)),
            patience: patience(interval * failures),
            must: true,
        };
        Self {
            name: service.name.to_string(),
            parts: vec![main],
            probes: vec![probe],
            ends: false,
            memory: service.memory,
            platform: "linux/amd64".to_owned(),
            absent: absent.into_iter().collect(),
            hidden: known.given.values().cloned().collect(),
        }
    }

    /// A text without what is never shown.
    #[must_use]
    pub fn safe(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for secret in &self.hidden {
            // What is as short as `1` hides nothing and would blacken everything.
            if secret.expose().len() >= 4 {
                text = text.replace(secret.expose(), "***");
            }
        }
        text
    }

    /// The container whose network the others share: the first that stays for sure, as a task ends with it or another container
    /// waits until it is healthy. Where there is none, the first that nobody waits to end.
    #[must_use]
    pub fn keeper(&self) -> Option<&str> {
        let healthy = |part: &Part| {
            let mut others = self.parts.iter();
            others.any(|other| other.depends_on.get(&part.name) == Some(&Dependency::Healthy))
        };
        let stay = || self.parts.iter().filter(|part| !part.awaited);
        let keeper = stay().find(|part| part.essential || healthy(part)).or_else(|| stay().next());
        keeper.map(|part| part.name.as_str())
    }

    /// Volumes of its containers, each once.
    #[must_use]
    pub fn volumes(&self) -> BTreeSet<&str> {
        self.parts.iter().flat_map(|part| &part.mounts).map(|(volume, _, _)| volume.as_str()).collect()
    }
}

fn words(text: &str) -> Vec<String> {
    shell_words::split(text).unwrap_or_else(|_| text.split_whitespace().map(str::to_owned).collect())
}

/// Variables that every container of a task has, as far as they are known here.
fn common(known: &Known<'_>, name: &str) -> BTreeMap<String, String> {
    let facts = known.facts;
    let region = facts.env.region.clone();
    let mut common = BTreeMap::from([
        ("COPILOT_APPLICATION_NAME", facts.app.name.to_string()),
        ("COPILOT_ENVIRONMENT_NAME", facts.env.name.to_string()),
        ("COPILOT_SERVICE_NAME", name.to_owned()),
        ("COPILOT_SERVICE_DISCOVERY_ENDPOINT", facts.service_discovery_endpoint()),
        ("AWS_REGION", region.clone()),
        ("AWS_DEFAULT_REGION", region),
        // A machine in AWS would hand its own role over: what is tried does nothing in AWS.
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
    ]);
    common.extend(known.load_balancer.clone().map(|name| ("COPILOT_LB_DNS", name)));
    common.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn part(
    container: &Container,
    main: bool,
    common: &BTreeMap<String, String>,
    known: &Known<'_>,
    absent: &mut BTreeSet<String>,
) -> Part {
    let mut variables: BTreeMap<String, Secret> = BTreeMap::new();
    let mut set = |name: &str, value: &str| drop(variables.insert(name.to_owned(), Secret::new(value)));
    // ECS: what a task definition says itself goes over its environment files.
    for (name, value) in known.env_files.get(&container.name).into_iter().flat_map(|text| lines(text)) {
        set(name, value);
    }
    common.iter().for_each(|(name, value)| set(name, value));
    if !container.mounts.is_empty() {
        let points: BTreeMap<&str, &str> =
            container.mounts.iter().map(|mount| (mount.volume.as_str(), mount.path.as_str())).collect();
        set("COPILOT_MOUNT_POINTS", &serde_json::json!(points).to_string());
    }
    let mut unknown = vec![];
    for name in known.addons {
        unknown.push((name, "output of an addon, "));
    }
    for (name, value) in &container.variables {
        match value {
            Variable::Text(text) => set(name, text),
            Variable::Export(export) => match known.exports.get(export) {
                Some(value) => set(name, value),
                None => unknown.push((name, "variable ")),
            },
        }
    }
    unknown.extend(container.secrets.keys().map(|name| (name, "secret ")));
    for (name, kind) in unknown {
        set(name, PLACEHOLDER);
        if !known.given.contains_key(name) {
            absent.insert(format!("{kind}{name}"));
        }
    }
    // A sidecar gets of what was given what it asks for; the main container may want more than its manifest names.
    let asked = |name: &String| {
        main || container.secrets.contains_key(name) || container.variables.contains_key(name)
    };
    for (name, value) in known.given.iter().filter(|(name, _)| asked(name)) {
        variables.insert(name.clone(), value.clone());
    }
    Part {
        name: container.name.clone(),
        image: known.images.get(&container.name).cloned().unwrap_or_default(),
        located: matches!(container.image, crate::model::container::Image::Location(_)),
        entrypoint: container.entrypoint.clone(),
        command: container.command.clone(),
        variables,
        essential: container.essential.unwrap_or(true),
        awaited: false,
        depends_on: container.depends_on.clone(),
        health_check: container.health_check.clone(),
        mounts: container
            .mounts
            .iter()
            .map(|mount| (mount.volume.clone(), mount.path.clone(), mount.read_only))
            .collect(),
        read_only: false,
    }
}

/// The topics that a workload publishes, as their variable tells them: their names are known before they are there.
fn topics(facts: &Facts, workload: &str, topics: &[Topic]) -> Option<(String, String)> {
    let (app, env) = (&facts.app.name, &facts.env);
    let arn = |topic: &Topic| {
        let name = format!("{}{}", topic.name, if topic.fifo.is_some() { ".fifo" } else { "" });
        let stack = format!("{app}-{}-{workload}", env.name);
        let arn = format!("arn:{}:sns:{}:{}:{stack}-{name}", facts.partition(), env.region, env.account);
        (name, arn)
    };
    let all: BTreeMap<String, String> = topics.iter().map(arn).collect();
    (!all.is_empty()).then(|| ("COPILOT_SNS_TOPIC_ARNS".to_owned(), serde_json::json!(all).to_string()))
}

/// `NAME=VALUE` of a file's lines, as ECS reads them: values are literal.
pub fn lines(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = text.lines().map(|line| line.trim_end_matches('\r'));
    let lines = lines.filter(|line| !line.trim_start().starts_with('#'));
    lines.filter_map(|line| line.split_once('=')).filter(|(name, _)| !name.is_empty() && name.trim() == *name)
}

/// Containers, each after those that it waits for. A circle is broken where it is: manifests with one do not come here.
fn in_order(mut waiting: Vec<Part>) -> Vec<Part> {
    let mut out: Vec<Part> = vec![];
    while !waiting.is_empty() {
        let names: BTreeSet<String> = waiting.iter().map(|part| part.name.clone()).collect();
        let ready = |part: &&Part| !part.depends_on.keys().any(|name| names.contains(name));
        // Of several, those that stay come first, as the network is that of the first one, and then those that they may wait for.
        let rank = |part: &Part| match (part.awaited, part.essential) {
            (false, true) => 0,
            (true, _) => 1,
            (false, false) => 2,
        };
        let ready = waiting.iter().enumerate().filter(|(_, part)| ready(part));
        let first = ready.min_by_key(|(_, part)| rank(part)).map(|(at, _)| at);
        out.push(waiting.remove(first.unwrap_or(0)));
    }
    out
}

fn patience(seconds: u64) -> Duration {
    Duration::from_secs(seconds.clamp(PATIENCE.0, PATIENCE.1))
}

fn probes(service: &Service) -> Vec<Probe> {
    let mut found: Vec<Probe> = vec![];
    let grace = service.grace_period.unwrap_or_default();
    let mut add = |container: &str, port: u16, check: &TargetHealthCheck, http: bool| {
        let port = check.port.unwrap_or(port);
        let probe = Probe {
            container: container.to_owned(),
            port,
            http: http.then(|| {
                (check.path.clone(), check.success_codes.clone().unwrap_or_else(|| CODES.to_owned()))
            }),
            timeout: Duration::from_secs(check.timeout.unwrap_or(TIMEOUT)),
            patience: patience(
                grace + check.interval.unwrap_or(INTERVAL) * check.unhealthy_threshold.unwrap_or(UNHEALTHY),
            ),
            must: true,
        };
        if !found.contains(&probe) {
            found.push(probe);
        }
    };
    for rule in service.http.iter().flat_map(|http| &http.rules) {
        // A health check of gRPC or over TLS is not asked in full: that something listens is.
        let asked = rule.health_check.port.unwrap_or(rule.target.port);
        let plain = rule.protocol_version.as_deref().is_none_or(|version| version == "HTTP1") && asked != 443;
        add(&rule.target.container, rule.target.port, &rule.health_check, plain);
    }
    for listener in service.nlb.iter().flat_map(|nlb| &nlb.listeners) {
        if listener.protocol.transport() == crate::model::container::Protocol::Tcp {
            add(&listener.target.container, listener.target.port, &listener.health_check, false);
        }
    }
    // Others call it at this port, and nothing checks it.
    if let Some(port) = service.port
        && !found.iter().any(|probe| probe.port == port)
    {
        found.push(Probe {
            container: service.main.name.clone(),
            port,
            http: None,
            timeout: Duration::from_secs(TIMEOUT),
            patience: Duration::from_secs(PATIENCE.0),
            must: false,
        });
    }
    found
}

/// Whether a status code is among codes such as `200-299,401`.
#[must_use]
pub fn is_success(codes: &str, status: u16) -> bool {
    codes.split(',').any(|part| match part.trim().split_once('-') {
        Some((low, high)) => {
            let bounds = low.trim().parse::<u16>().ok().zip(high.trim().parse::<u16>().ok());
            bounds.is_some_and(|(low, high)| (low..=high).contains(&status))
        }
        None => part.trim().parse() == Ok(status),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Source;
    use crate::model::workload::{self, Workload};
    use crate::name::{AppName, EnvName};

    const EVERYTHING: &str = "name: web\ntype: Load Balanced Web Service\nimage:\n  build: Dockerfile\n  port: 8080\n  depends_on: {init: success}\n\
        http:\n  path: /\n  healthcheck: {path: /health, success_codes: '200,204', interval: 10s, timeout: 3s, grace_period: 20s}\n\
        cpu: 256\nmemory: 512\nentrypoint: [/bin/sh, -c]\ncommand: run\nvariables:\n  LEVEL: debug\n  TABLE:\n    from_cfn: shop-test-table\n  OTHER:\n    from_cfn: nobody\n\
        secrets:\n  DB_PASSWORD: /shop/db\n  TOKEN: /shop/token\nstorage:\n  readonly_fs: true\n  volumes:\n    data:\n      path: /data\n      efs: true\n\
        sidecars:\n  init:\n    image: nginx\n    essential: false\n    secrets:\n      TOKEN: /shop/token\n  aside:\n    image: envoy\n    port: 9000\n";

    fn plan(manifest: &str, given: &[(&str, &str)]) -> Plan {
        let source = Source { path: "m".into(), text: manifest.into() };
        let (app, env) = (AppName::new("shop").unwrap(), EnvName::new("test").unwrap());
        let (read, found) = workload::read(&source, &app, &env, &|_| None);
        let model = read.unwrap_or_else(|| panic!("{found:?}")).model;
        let mut facts = Facts::new(app, env);
        facts.env.region = "eu-west-1".into();
        let given = given.iter().map(|(name, value)| ((*name).to_owned(), Secret::new(*value))).collect();
        let known = Known {
            images: &BTreeMap::from([("web".to_owned(), "r/web:1".to_owned())]),
            facts: &facts,
            exports: &BTreeMap::from([("shop-test-table".to_owned(), "table-1".to_owned())]),
            load_balancer: Some("lb.example".to_owned()),
            env_files: &BTreeMap::from([("web".to_owned(), "# x\nA=1=2\nLEVEL=file\nbroken\n".to_owned())]),
            addons: &["BUCKET_NAME".to_owned()],
            given: &given,
        };
        match &model {
            Workload::Container(service) => Plan::of(service, &known),
            Workload::RequestDriven(service) => Plan::of_app_runner(service, &known),
            Workload::StaticSite(_) => panic!("a site has no containers"),
        }
    }

    #[test]
    fn containers_have_what_a_task_gives_them_as_far_as_it_is_known() {
        let plan = plan(EVERYTHING, &[("TOKEN", "t0ken"), ("EXTRA", "1")]);
        let names: Vec<&str> = plan.parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["aside", "init", "web"], "the main container waits for init");
        let of =
            |at: usize, name: &str| plan.parts[at].variables.get(name).map(|value| value.expose().to_owned());
        for (name, value) in [
            ("A", "1=2"),
            ("LEVEL", "debug"),
            ("TABLE", "table-1"),
            ("OTHER", PLACEHOLDER),
            ("DB_PASSWORD", PLACEHOLDER),
            ("BUCKET_NAME", PLACEHOLDER),
            ("TOKEN", "t0ken"),
            ("EXTRA", "1"),
            ("COPILOT_APPLICATION_NAME", "shop"),
            ("COPILOT_SERVICE_NAME", "web"),
            ("COPILOT_SERVICE_DISCOVERY_ENDPOINT", "test.shop.local"),
            ("COPILOT_LB_DNS", "lb.example"),
            ("COPILOT_MOUNT_POINTS", "{\"data\":\"/data\"}"),
            ("AWS_REGION", "eu-west-1"),
        ] {
            assert_eq!(of(2, name).as_deref(), Some(value), "{name}");
        }
        assert_eq!((of(1, "TOKEN").as_deref(), of(1, "EXTRA"), of(0, "TOKEN")), (Some("t0ken"), None, None));
        assert_eq!(
            plan.absent,
            ["file system data", "output of an addon, BUCKET_NAME", "secret DB_PASSWORD", "variable OTHER"]
        );
        assert!(plan.parts[1].awaited && !plan.parts[2].awaited && plan.parts[2].read_only);
        assert_eq!(plan.keeper(), Some("aside"));
        assert_eq!(plan.safe("the token is t0ken"), "the token is ***");
        assert!(!format!("{plan:?}").contains("t0ken"));
    }

    #[test]
    fn the_network_is_that_of_a_container_that_stays() {
        let manifest = |main: &str, sidecars: &str| {
            format!(
                "name: web\ntype: Backend Service\nimage:\n  location: nginx\n  port: 80\n{main}sidecars:\n{sidecars}"
            )
        };
        let seen = |manifest: String| {
            let plan = plan(&manifest, &[]);
            let names: Vec<&str> = plan.parts.iter().map(|part| part.name.as_str()).collect();
            (names.join(" "), plan.keeper().unwrap_or_default().to_owned())
        };
        let sidecar =
            |name: &str, more: &str| format!("  {name}:\n    image: x\n    essential: false\n{more}");
        let check = "    healthcheck: {command: [CMD, ok]}\n";
        // A helper that nobody waits for does not come before the one that the task ends with.
        let both = sidecar("aside", "") + &sidecar("init", "");
        let init = "  depends_on: {init: success}\n";
        assert_eq!(seen(manifest(init, &both)), ("init web aside".to_owned(), "web".to_owned()));
        // One that has to be healthy first is there before it, and reached at localhost.
        let proxy = sidecar("proxy", check);
        let healthy = "  depends_on: {proxy: healthy}\n";
        assert_eq!(seen(manifest(healthy, &proxy)), ("proxy web".to_owned(), "proxy".to_owned()));
        // One that has only to have started may end at once.
        let start = "  depends_on: {aside: start}\n";
        assert_eq!(seen(manifest(start, &sidecar("aside", ""))), ("aside web".to_owned(), "web".to_owned()));
    }

    #[test]
    fn it_is_asked_what_the_load_balancer_asks() {
        let all = plan(EVERYTHING, &[]).probes;
        assert_eq!(all.len(), 1, "{all:?}");
        assert_eq!(
            (
                all[0].port,
                all[0].http.clone(),
                all[0].timeout.as_secs(),
                all[0].patience.as_secs(),
                all[0].must
            ),
            (8080, Some(("/health".to_owned(), "200,204".to_owned())), 3, 40, true)
        );
        let backend = "name: api\ntype: Backend Service\nimage:\n  location: nginx\n  port: 80\n";
        let asked = &plan(backend, &[]).probes[0];
        assert!((asked.port, asked.must, asked.http.is_none()) == (80, false, true), "{asked:?}");
        let job = plan(
            "name: job\ntype: Scheduled Job\nimage:\n  location: nginx\non:\n  schedule: '@daily'\n",
            &[],
        );
        assert!(job.ends && job.probes.is_empty());
        let runner = "name: web\ntype: Request-Driven Web Service\nimage:\n  location: public.ecr.aws/x/y\n  port: 80\nhttp:\n  healthcheck: /ok\ncommand: serve --port 80\n";
        let runner = plan(runner, &[]);
        assert_eq!(runner.parts[0].command, ["serve", "--port", "80"]);
        assert_eq!(runner.probes[0].http, Some(("/ok".to_owned(), "200".to_owned())));
        assert!(runner.parts[0].variables.contains_key("PORT"));
    }

    #[test]
    fn codes_are_lists_of_ranges() {
        for (codes, status, fits) in [
            ("200", 200, true),
            ("200-299", 204, true),
            ("200, 301", 301, true),
            ("200-299", 404, false),
            ("", 200, false),
        ] {
            assert_eq!(is_success(codes, status), fits, "{codes} {status}");
        }
    }
}
