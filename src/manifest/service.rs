//! The documents `Load Balanced Web Service`, `Backend Service` and `Worker Service`.

use super::count::Count;
use super::decode::{Decode, Flag, Form, List, Map, Spanned, Text};
use super::document::{self, Body};
use super::element::{element, unknown_key};
pub use super::head::Kind;
use super::http::Http;
use super::image::Image;
use super::logging::Logging;
use super::network::Network;
use super::nlb::Nlb;
use super::shape::Field;
use super::sidecar::Sidecar;
use super::storage::Storage;
use super::subscribe::Subscribe;
use super::task::{Deployment, Exec, Observability, Platform, Publish, TaskdefOverride};
use super::variables::{Secret, Value};
use crate::diagnostic::{Diagnostics, Span};
use crate::yaml::node::Node;

/// A manifest of a service as written.
pub type Document = document::Document<Service>;
/// A manifest of a service, read for one environment.
pub type Read = document::Read<Service>;

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

impl Kind {
    /// Fields of [`Service`] that this kind does not have, those below them included. `read_field` refuses the first
    /// parts of a path; fields within a block are refused where the block becomes a model.
    fn without(self) -> &'static [&'static str] {
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

    /// The fields of a document of this kind, `name`, `type` and `environments` included, in their order.
    #[must_use]
    pub fn paths(self) -> Vec<String> {
        let fields = Service::shape().paths().into_iter().filter(|path| {
            let below =
                |field: &&str| path.strip_prefix(*field).is_some_and(|rest| !rest.starts_with(is_word));
            !self.without().iter().any(below)
        });
        let head = ["name", "type"].into_iter().map(str::to_owned);
        head.chain(fields).chain(["environments".to_owned()]).collect()
    }
}

/// Whether a character can stand in a key, so that it does not end there.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

impl Body for Service {
    fn at(span: Span) -> Self {
        Self { span, ..Self::default() }
    }

    fn read_field(&mut self, kind: Kind, key: &Node, node: &Node, out: &mut Diagnostics) {
        let name = key.as_str().unwrap_or_default();
        if kind.without().contains(&name) {
            without(kind, name, key.span, out);
            return;
        }
        if self.read_key(key, node, out) {
            if let Some(port) =
                self.image.as_mut().and_then(|image| image.port.take_if(|_| kind == Kind::Worker))
            {
                without(kind, "image.port", port.span, out);
            }
            if let (Kind::Backend, Some(Form::Short(flag)), "http") = (kind, &self.http, name) {
                out.error(
                    "manifest/type",
                    "expected a map, found a boolean: the `http` of a Backend Service is a map",
                )
                .at(flag.span)
                .help("leave `http` out when the service needs no internal load balancer");
                self.http = None;
            }
            return;
        }
        unknown_key(key, &Self::OBJECT, out);
    }
}

/// Warns of a field that services of this kind do not have.
fn without(kind: Kind, field: &str, at: Span, out: &mut Diagnostics) {
    out.warn("manifest/unknown-key", format!("a {} has no `{field}`; it is ignored", kind.as_str()))
        .at(at)
        .help("remove it, or change the type of the service");
}

/// The fields of a service for messages and schemas.
#[must_use]
pub fn fields(kind: Kind) -> Vec<&'static Field> {
    Service::OBJECT.all().filter(|field| !kind.without().contains(&field.key)).collect()
}
