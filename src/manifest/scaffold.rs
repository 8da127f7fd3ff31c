//! The manifests that `init` writes: what was answered, and hints at the rest as comments.

mod environment;
pub mod pipeline;
mod site;

pub use environment::{Environment, Network, environment};
pub use site::static_site;

use super::catalogue::{self, Frame};
use crate::name::{EnvName, WorkloadName};

/// Where the image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    /// Path of a Dockerfile, relative to the workspace root.
    Dockerfile(String),
    /// An image that exists.
    Location(String),
}

/// A container's health check, as found in a Dockerfile (`HEALTHCHECK`). Times in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// `["CMD-SHELL", …]` or `["CMD", …]`.
    pub command: Vec<String>,
    /// Seconds between checks.
    pub interval: u64,
    /// Failures before the container counts as unhealthy.
    pub retries: u64,
    /// Seconds a check may take.
    pub timeout: u64,
    /// Seconds after the start in which failures do not count.
    pub start_period: u64,
}

/// A topic that a new Worker Service subscribes to. Read from `service:topic`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// Service that publishes it.
    pub service: WorkloadName,
    /// Its name, without `.fifo`.
    pub name: String,
    /// Whether it is a FIFO topic: its name was given with `.fifo`.
    pub fifo: bool,
}

impl std::str::FromStr for Topic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (service, topic) = text
            .split_once(':')
            .ok_or_else(|| format!("{text:?} is no SERVICE:TOPIC; write for example orders:paid"))?;
        let service = WorkloadName::new(service).map_err(|error| format!("{service:?}: {error}"))?;
        let (name, fifo) = match topic.strip_suffix(".fifo") {
            Some(name) => (name, true),
            None => (topic, false),
        };
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(fits) {
            return Err(format!(
                "{topic:?} can't be the name of a topic: letters, digits, hyphens, underscores"
            ));
        }
        Ok(Self { service, name: name.to_owned(), fifo })
    }
}

/// When a new job runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// Its schedule, as a manifest takes it.
    pub schedule: String,
    /// How long it may run, such as `1h30m`; absent: as long as it takes.
    pub timeout: Option<String>,
    /// How often it is tried again after it failed.
    pub retries: u64,
}

/// What is known of a new service or job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: WorkloadName,
    /// Where its image comes from.
    pub image: Image,
    /// Port its container listens on; a service behind a load balancer has one.
    pub port: Option<u16>,
    /// Path whose requests are for it (Load Balanced Web Service).
    pub path: String,
    /// Its platform when it is not the default, such as `linux/arm64`.
    pub platform: Option<String>,
    /// Its container's health check (Backend Service).
    pub health_check: Option<HealthCheck>,
    /// Topics it subscribes to (Worker Service).
    pub topics: Vec<Topic>,
    /// Environments that have no public subnets: its tasks stand in the private ones there.
    pub private_environments: Vec<EnvName>,
    /// Whether only the environment reaches it (Request-Driven Web Service).
    pub private: bool,
}

/// A text as a YAML scalar: plain where that is safe and stays a text, else in double quotes.
fn scalar(text: &str) -> String {
    let plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '.')
        && text.len() > 1
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:@".contains(c))
        && !text.ends_with(':')
        && !["true", "false", "yes", "no", "on", "off", "null", "nan", ".nan", ".inf"]
            .contains(&text.to_ascii_lowercase().as_str());
    if plain || text == "/" { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

fn list(items: &[String]) -> String {
    let items: Vec<String> =
        items.iter().map(|item| serde_json::Value::from(item.as_str()).to_string()).collect();
    format!("[{}]", items.join(", "))
}

/// Lines of a document under construction.
struct Document(String);

impl Document {
    fn new(what: &str, name: &str, kind: &str) -> Self {
        let mut document = Self(String::new());
        document.schema(kind);
        document.line(&format!("# The manifest of the {what} {name}."));
        document.line("");
        document.line(&format!("name: {}", scalar(name)));
        document.line(&format!("type: {kind}"));
        document
    }

    /// Names the schema of a type of manifest, which `init` puts into the manifest folder: editors with
    /// yaml-language-server read it. The path is relative to the manifest; the line has to stand before everything else.
    fn schema(&mut self, kind: &str) {
        if let Some(row) = catalogue::find(kind) {
            let up = if matches!(row.frame, Frame::Workload) { ".." } else { "../.." };
            self.line(&format!("# yaml-language-server: $schema={up}/.schema/{}.json", row.slug));
        }
    }

    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// Takes the lines of `text` over.
    fn lines(&mut self, text: &str) {
        for line in text.lines() {
            self.line(line);
        }
    }

    fn image(&mut self, service: &Service) {
        self.line("image:");
        match &service.image {
            Image::Dockerfile(path) => {
                self.line("  # Path of the Dockerfile, from the root of the workspace.");
                self.line(&format!("  build: {}", scalar(path)));
            }
            Image::Location(location) => self.line(&format!("  location: {}", scalar(location))),
        }
        if let Some(port) = service.port {
            self.line("  # The port the container listens on.");
            self.line(&format!("  port: {port}"));
        }
    }

    fn size(&mut self, service: &Service) {
        let windows = windows(service);
        let (cpu, memory) = if windows { (1024, 2048) } else { (256, 512) };
        self.line("");
        self.line(&format!("cpu: {cpu}      # CPU units of a task; 1024 are one vCPU."));
        self.line(&format!("memory: {memory}   # Memory of a task in MiB."));
        if let Some(platform) = &service.platform {
            self.line(&format!("platform: {}", scalar(platform)));
        }
    }

    /// How many tasks run, and what may be done with them.
    fn tasks(&mut self, service: &Service) {
        self.line("count: 1      # Number of tasks.");
        if !windows(service) {
            self.line("exec: true    # Whether commands may be run in the containers.");
        }
        // Without a port there is nothing that others could reach; Copilot wrote no `connect` there either.
        if !windows(service) && service.port.is_some() {
            self.line("network:");
            self.line("  connect: true   # Services of the environment reach each other by name.");
        }
    }

    /// Hints at what else there is; `differs`: what an environment may have otherwise, as an example.
    fn rest(&mut self, service: &Service, differs: &str) {
        self.line("");
        self.lines(VARIABLES);
        self.lines("\n# Any field can be different in an environment.");
        if service.private_environments.is_empty() {
            self.lines(differs);
            return;
        }
        self.line("environments:");
        for env in &service.private_environments {
            self.line(&format!("  {}:", scalar(env.as_str())));
            self.line("    network:");
            self.line("      vpc:");
            self.line("        placement: private   # This environment has no public subnets.");
        }
    }
}

/// What a service may have otherwise in an environment.
const SERVICE: &str = "# environments:\n#   test:\n#     count: 2\n#     deployment:\n\
                       #       rolling: recreate   # Faster: old tasks stop first.";
/// What a job may have otherwise in an environment.
const JOB: &str = "# environments:\n#   prod:\n#     cpu: 2048";

fn windows(service: &Service) -> bool {
    service.platform.as_deref().is_some_and(|platform| platform.to_ascii_lowercase().starts_with("windows"))
}

/// How variables and secrets are written, as comments.
const VARIABLES: &str = "\
# Variables of the container, and secrets: the name of the variable, then the name of an SSM parameter.
# variables:
#   LOG_LEVEL: info
# secrets:
#   TOKEN: /copilot/${COPILOT_APPLICATION_NAME}/${COPILOT_ENVIRONMENT_NAME}/secrets/TOKEN";

/// Port that services speaking gRPC listen on by convention.
const GRPC: u16 = 50051;

/// The manifest of a new Load Balanced Web Service. Without a port it gets port 80.
#[must_use]
pub fn load_balanced_web_service(service: &Service) -> String {
    let service = Service { port: Some(service.port.unwrap_or(80)), ..service.clone() };
    let mut document = Document::new("service", service.name.as_str(), "Load Balanced Web Service");
    document.line("");
    document.line("http:");
    document.line("  # Requests to this path are for the service; / takes everything.");
    document.line(&format!("  path: {}", scalar(&service.path)));
    if service.port == Some(GRPC) {
        document.line("  version: grpc");
    }
    document.lines(
        "  # A path that answers 200 when the service is well; / by default.\n  # healthcheck: /health",
    );
    document.line("");
    document.image(&service);
    document.size(&service);
    document.tasks(&service);
    document.rest(&service, SERVICE);
    document.0
}

/// The manifest of a new Backend Service.
#[must_use]
pub fn backend_service(service: &Service) -> String {
    let mut document = Document::new("service", service.name.as_str(), "Backend Service");
    document.line("");
    document.image(service);
    if let Some(check) = &service.health_check {
        document.line("  # How the container itself is checked.");
        document.line("  healthcheck:");
        document.line(&format!("    command: {}", list(&check.command)));
        // Docker takes more than ECS does.
        document.line(&format!("    interval: {}s", check.interval.clamp(5, 300)));
        document.line(&format!("    retries: {}", check.retries.clamp(1, 10)));
        document.line(&format!("    timeout: {}s", check.timeout.clamp(2, 60)));
        document.line(&format!("    start_period: {}s", check.start_period.min(300)));
    }
    document.size(service);
    document.tasks(service);
    document.rest(service, SERVICE);
    document.0
}

/// The manifest of a new Worker Service.
#[must_use]
pub fn worker_service(service: &Service) -> String {
    let service = Service { port: None, ..service.clone() };
    let mut document = Document::new("service", service.name.as_str(), "Worker Service");
    document.line("");
    document.image(&service);
    document.line("");
    subscribe(&mut document, &service.topics);
    document.size(&service);
    document.tasks(&service);
    document.rest(&service, SERVICE);
    document.0
}

/// The manifest of a new Scheduled Job.
#[must_use]
pub fn scheduled_job(service: &Service, trigger: &Trigger) -> String {
    let service = Service { port: None, ..service.clone() };
    let mut document = Document::new("job", service.name.as_str(), "Scheduled Job");
    document.lines(
        "\n# When the job runs, in UTC: \"0 9 * * MON-FRI\", \"@daily\", \"@every 1h30m\", \"rate(10 minutes)\", \"none\" for\n\
         # only by hand.",
    );
    document.line("on:");
    document.line(&format!("  schedule: {}", serde_json::Value::from(trigger.schedule.as_str())));
    let mut optional = |given: bool, text: &str| {
        document.line(&if given { text.to_owned() } else { format!("# {text}") });
    };
    let retries = trigger.retries;
    optional(
        retries > 0,
        &format!("retries: {}   # How often a job that failed is tried again.", retries.max(1)),
    );
    let timeout = trigger.timeout.as_deref().unwrap_or("1h30m");
    optional(
        trigger.timeout.is_some(),
        &format!("timeout: {}   # How long it may run, all its tries together.", scalar(timeout)),
    );
    document.line("");
    document.image(&service);
    document.size(&service);
    document.rest(&service, JOB);
    document.0
}

/// The manifest of a new Request-Driven Web Service. Without a port it gets port 80.
#[must_use]
pub fn request_driven_web_service(service: &Service) -> String {
    let service = Service { port: Some(service.port.unwrap_or(80)), ..service.clone() };
    let mut document = Document::new("service", service.name.as_str(), "Request-Driven Web Service");
    document.lines(
        "# It runs on App Runner, which AWS has closed to new customers on 30 April 2026: accounts that used it before go on,\n\
         # without new features. A Load Balanced Web Service runs in every account.",
    );
    document.line("");
    document.image(&service);
    document.line("");
    if service.private {
        document.lines(
            "http:\n  # Only the environment's network reaches the service.\n  private: true\n  \
             # A path that answers 200 when the service is well; without it the port is tried.\n  \
             # healthcheck: /health\n\
             network:\n  vpc:\n    # The service reaches the environment's network, and the internet through it.\n    \
             placement: private",
        );
    } else {
        document.lines(
            "# http:\n\
             #   # A path that answers 200 when the service is well; without it the port is tried.\n\
             #   healthcheck: /health\n\
             # network:\n\
             #   vpc:\n\
             #     # Lets the service reach the environment's network; the internet is then reached through NAT gateways.\n\
             #     placement: private",
        );
    }
    document.line("");
    document.line("cpu: 1024      # CPU units of an instance; 1024 are one vCPU.");
    document.line("memory: 2048   # Memory of an instance in MiB.");
    document.lines(
        "# App Runner decides how many instances run; a configuration of yours can set the bounds.\n\
         # count: my-autoscaling/1",
    );
    document.line("");
    document.lines(VARIABLES);
    document.line("");
    document.lines(
        "# Any field can be different in an environment.\n\
         # environments:\n\
         #   test:\n\
         #     cpu: 512\n\
         #     memory: 1024",
    );
    document.0
}

fn subscribe(document: &mut Document, topics: &[Topic]) {
    document.line("# Messages come from the queue whose URL is in COPILOT_QUEUE_URI.");
    if topics.is_empty() {
        document.lines(
            "# subscribe:\n\
             #   topics:\n\
             #     - name: paid        # A topic that the service orders publishes.\n\
             #       service: orders\n\
             #   queue:\n\
             #     dead_letter:\n\
             #       tries: 3          # Messages that fail so often go to a queue of dead letters.",
        );
        return;
    }
    document.line("subscribe:");
    document.line("  topics:");
    let fifo = topics.iter().any(|topic| topic.fifo);
    for topic in topics {
        document.line(&format!("    - name: {}", scalar(&topic.name)));
        document.line(&format!("      service: {}", scalar(topic.service.as_str())));
        if fifo && !topic.fifo {
            document.line("      queue: true   # A queue of its own: the other one is a FIFO queue.");
        }
    }
    if fifo {
        document.line("  queue:");
        document.line("    fifo: true");
    }
}
