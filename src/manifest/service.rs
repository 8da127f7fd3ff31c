//! The documents `Load Balanced Web Service`, `Backend Service` and `Worker Service`.

use super::count::Count;
use super::decode::{Decode, Entry, Flag, Form, List, Map, Spanned, Text, enter, mismatch};
use super::element::{element, unknown_key};
use super::http::Http;
use super::image::Image;
use super::interpolate::{Lookup, interpolate};
use super::logging::Logging;
use super::network::Network;
use super::nlb::Nlb;
use super::overlay::Overlay;
use super::shape::Shape;
use super::sidecar::Sidecar;
use super::storage::Storage;
use super::subscribe::Subscribe;
use super::task::{Deployment, Exec, Observability, Platform, Publish, TaskdefOverride};
use super::variables::{Secret, Value};
use crate::diagnostic::{Diagnostics, Source, Span};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::yaml::node::{self, Node};

element! {
    /// What a service is, for all environments or for one.
    pub struct Service {
        /// Image of the main container.
        image: Image = "image",
        /// Replaces the image's entry point.
        entrypoint: Form<Text, List<Text>> = "entrypoint",
        /// Replaces the image's command.
        command: Form<Text, List<Text>> = "command",
        /// Routing by an application load balancer; `false` for none.
        http: Form<Flag, Http> = "http",
        /// A network load balancer of the service's own.
        nlb: Nlb = "nlb",
        /// CPU units of a task; 1024 are one vCPU.
        cpu: Spanned<u64> = "cpu" default "256",
        /// Memory of a task in MiB.
        memory: Spanned<u64> = "memory" default "512",
        /// Operating system and architecture, such as `linux/arm64`.
        platform: Form<Text, Platform> = "platform" default "linux/x86_64",
        /// How many tasks run.
        count: Count = "count" default "1",
        /// Whether commands may be run in the containers.
        exec: Form<Flag, Exec> = "exec" default "false",
        /// Variables of the main container.
        variables: Map<Value> = "variables",
        /// Path of a `.env` file for the main container.
        env_file: Text = "env_file",
        /// Secrets of the main container.
        secrets: Map<Secret> = "secrets",
        /// Storage of a task.
        storage: Storage = "storage",
        /// Logs.
        logging: Logging = "logging",
        /// Containers beside the main one, by name.
        sidecars: Map<Sidecar> = "sidecars",
        /// Network of the tasks.
        network: Network = "network",
        /// What the service publishes.
        publish: Publish = "publish",
        /// What the service reads from.
        subscribe: Subscribe = "subscribe",
        /// Changes of the rendered task definition.
        taskdef_overrides: List<TaskdefOverride> = "taskdef_overrides",
        /// How a new version replaces the old one.
        deployment: Deployment = "deployment",
        /// What is measured.
        observability: Observability = "observability",
    }
}

super::scalar::words! {
    /// The `type` of a service or job.
    pub enum Kind {
        /// Reached through a load balancer.
        LoadBalancedWeb = "Load Balanced Web Service",
        /// Reached inside the environment.
        Backend = "Backend Service",
        /// Reads from a queue.
        Worker = "Worker Service",
        /// Runs at times.
        ScheduledJob = "Scheduled Job",
        /// Runs on App Runner.
        RequestDriven = "Request-Driven Web Service",
        /// Files behind CloudFront.
        StaticSite = "Static Site",
    }
}

impl Kind {
    /// Whether services of this kind can be deployed.
    #[must_use]
    pub fn supported(self) -> bool {
        matches!(self, Self::LoadBalancedWeb | Self::Backend | Self::Worker)
    }

    /// Fields of [`Service`] that this kind does not have, those below them included. `read_field` refuses the first
    /// parts of a path; fields within a block are refused where the block becomes a model.
    pub(super) const fn without(self) -> &'static [&'static str] {
        const DELAYED: &str = "deployment.rollback_alarms.messages_delayed";
        match self {
            Self::Backend => &["nlb", "subscribe", "count.queue_delay", DELAYED],
            Self::Worker => &[
                "http",
                "nlb",
                "image.port",
                "count.requests",
                "count.response_time",
                "network.connect.alias",
            ],
            _ => &["subscribe", "count.queue_delay", DELAYED],
        }
    }
}

/// What a manifest says it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Its name.
    pub name: Spanned<WorkloadName>,
    /// Its type.
    pub kind: Spanned<Kind>,
}

/// A manifest of a service as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// What it says it is.
    pub head: Head,
    /// What holds for all environments.
    pub base: Service,
    /// What covers it, by environment.
    pub environments: Map<Service>,
}

/// A manifest of a service, read for one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// What it says it is.
    pub head: Head,
    /// The service with the environment's section laid over.
    pub service: Service,
    /// The text with its names replaced, before the environment's section is laid over.
    pub raw: String,
}

/// Reads name and type only. A type that can't be deployed yet is no error here.
#[must_use]
pub fn head(source: &Source) -> (Option<Head>, Diagnostics) {
    let mut out = Diagnostics::new();
    let head = match node::parse(&source.text) {
        Ok(root) => read_head(&root, &mut out),
        Err(error) => {
            out.syntax(error);
            None
        }
    };
    (head, out.sorted())
}

/// Reads a manifest for an environment. A value comes whenever name and type are right, also beside errors: whoever goes
/// on from here can report what else is wrong, and must not use the result when there are errors.
#[must_use]
pub fn read(
    source: &Source,
    app: &AppName,
    env: &EnvName,
    lookup: Lookup<'_>,
) -> (Option<Read>, Diagnostics) {
    let mut out = Diagnostics::new();
    let root = match node::parse(&source.text) {
        Ok(root) => root,
        Err(error) => {
            out.syntax(error);
            return (None, out);
        }
    };
    let interpolated = interpolate(source, root, app, env, lookup, &mut out);
    let read = document(&interpolated.root, &mut out).map(|document| {
        let mut service = document.base;
        if let Some(section) = document.environments.entries.get(env.as_str()) {
            service.overlay(section.value.clone());
        }
        Read { head: document.head, service, raw: interpolated.text }
    });
    (read, out)
}

/// Reads the tree of a service's manifest: a type that can be deployed, all fields, the sections of all environments.
pub fn document(root: &Node, out: &mut Diagnostics) -> Option<Document> {
    let head = read_head(root, out)?;
    let kind = head.kind.value;
    if !kind.supported() {
        out.error(
            "manifest/unsupported-type",
            format!("a {} can't be deployed with wharf yet", kind.as_str()),
        )
        .at(head.kind.span)
        .help("its stack can go on running as it is; wharf does not touch it");
        return None;
    }
    let mut base = Service { span: head.name.span, ..Service::default() };
    let mut environments = Map::default();
    for (key, node) in root.as_mapping().unwrap_or_default() {
        match key.as_str() {
            Some("name" | "type") => {}
            Some("environments") => environments = sections(kind, key, node, out),
            _ => read_field(&mut base, kind, false, key, node, out),
        }
    }
    Some(Document { head, base, environments })
}

fn sections(kind: Kind, key: &Node, node: &Node, out: &mut Diagnostics) -> Map<Service> {
    let mut map = Map { span: key.span, ..Map::default() };
    if node.is_null() {
        return map;
    }
    let Some(pairs) = node.as_mapping() else {
        mismatch(node, Shape::Map { value: Service::shape }, out);
        return map;
    };
    for (env, node) in pairs {
        if node.is_null() {
            continue;
        }
        let Some(fields) = node.as_mapping() else {
            mismatch(node, Service::shape(), out);
            continue;
        };
        let mut section = Service { span: env.span, ..Service::default() };
        for (key, node) in fields {
            read_field(&mut section, kind, true, key, node, out);
        }
        if let Some(name) = env.as_str() {
            map.entries.insert(name.to_owned(), Entry { key: env.span, value: section });
        }
    }
    map
}

fn read_field(
    service: &mut Service,
    kind: Kind,
    section: bool,
    key: &Node,
    node: &Node,
    out: &mut Diagnostics,
) {
    let name = key.as_str().unwrap_or_default();
    if kind.without().contains(&name) {
        without(kind, name, key.span, out);
        return;
    }
    if service.read_key(key, node, out) {
        if let Some(port) =
            service.image.as_mut().and_then(|image| image.port.take_if(|_| kind == Kind::Worker))
        {
            without(kind, "image.port", port.span, out);
        }
        if let (Kind::Backend, Some(Form::Short(flag)), "http") = (kind, &service.http, name) {
            out.error(
                "manifest/type",
                "expected a map, found a boolean: the `http` of a Backend Service is a map",
            )
            .at(flag.span)
            .help("leave `http` out when the service needs no internal load balancer");
            service.http = None;
        }
        return;
    }
    if section && matches!(name, "name" | "type" | "environments") {
        out.warn(
            "manifest/unknown-key",
            format!("`{name}` can't differ between environments; it is ignored"),
        )
        .at(key.span)
        .help("remove it here");
        return;
    }
    unknown_key(key, &Service::OBJECT, out);
}

/// Warns of a field that services of this kind do not have.
fn without(kind: Kind, field: &str, at: Span, out: &mut Diagnostics) {
    out.warn("manifest/unknown-key", format!("a {} has no `{field}`; it is ignored", kind.as_str()))
        .at(at)
        .help("remove it, or change the type of the service");
}

fn read_head(root: &Node, out: &mut Diagnostics) -> Option<Head> {
    if root.as_mapping().is_none() {
        out.error("manifest/type", format!("a manifest is a map, not {}", root.describe())).at(root.span);
        return None;
    }
    let top = Span { end: root.span.start, ..root.span };
    let mut field = |key: &str, help: &str| {
        let node = root.get(key).filter(|node| !node.is_null());
        if node.is_none() {
            out.error("manifest/missing", format!("`{key}` is missing")).at(top).help(help);
        }
        enter::<Text>(node?, node?.span, out)
    };
    let name = field("name", "the name is that of the folder the manifest stands in");
    let kind = field("type", &format!("one of: {}", Kind::WORDS.join(", ")));
    let name = name.and_then(|name| match WorkloadName::new(name.value.as_str()) {
        Ok(value) => Some(Spanned { value, span: name.span }),
        Err(error) => {
            out.error("manifest/name", error.to_string()).at(name.span);
            None
        }
    });
    let kind = kind.and_then(|kind| read_kind(&kind, out));
    Some(Head { name: name?, kind: kind? })
}

fn read_kind(text: &Text, out: &mut Diagnostics) -> Option<Spanned<Kind>> {
    use super::scalar::Scalar;
    match Kind::read(&text.value, node::Style::Plain) {
        Ok(value) => Some(Spanned { value, span: text.span }),
        Err(near) => {
            let near = near.map(|near| format!("{near} ")).unwrap_or_default();
            out.error("manifest/unknown-type", format!("there is no type {:?}", text.value))
                .at(text.span)
                .help(format!("{near}the types are {}", Kind::WORDS.join(", ")));
            None
        }
    }
}
