//! The documents `Load Balanced Web Service`, `Backend Service`, `Worker Service` and `Scheduled Job`.

use super::count::Count;
use super::decode::{Decode, Flag, Form, List, Map, Spanned, Text};
use super::deployment::Deployment;
use super::document::{self, Body};
use super::element::{element, unknown_key_but};
pub use super::head::Kind;
use super::http::Http;
use super::image::Image;
use super::logging::Logging;
use super::network::Network;
use super::nlb::Nlb;
use super::scalar::Duration;
use super::sidecar::Sidecar;
use super::storage::Storage;
use super::subscribe::Subscribe;
use super::task::{Exec, Observability, Platform, Publish, TaskdefOverride};
use super::trigger::Trigger;
use super::variables::{Secret, Value};
use crate::diagnostic::{Diagnostics, Span};
use crate::yaml::node::Node;

/// A manifest of a service as written.
pub type Document = document::Document<Service>;
/// A manifest of a service, read for one environment.
pub type Read = document::Read<Service>;

element! {
    /// What a service or job is, for all environments or for one.
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
        /// How a new version takes over.
        deployment: Deployment = "deployment",
        /// What is measured.
        observability: Observability = "observability",
        /// What starts a job.
        trigger: Trigger = "on",
        /// How long a job may run, all its tries together.
        timeout: Spanned<Duration> = "timeout",
        /// How often a job that failed is tried again.
        retries: Spanned<u64> = "retries" default "0",
        /// Workloads that are deployed before this one when they are deployed together.
        depends_on: List<Text> = "depends_on",
    }
}

impl Kind {
    /// Fields of [`Service`] that this kind does not have, those below them included. `read_field` refuses the first
    /// parts of a path; fields within a block are refused where the block becomes a model.
    pub(super) const fn without(self) -> &'static [&'static str] {
        const DELAYED: &str = "deployment.rollback_alarms.messages_delayed";
        match self {
            Self::Backend => &["nlb", "subscribe", "count.queue_delay", DELAYED, "on", "timeout", "retries"],
            Self::ScheduledJob => &[
                "http",
                "nlb",
                "image.port",
                "count",
                "subscribe",
                "deployment",
                "observability",
                "network.connect",
            ],
            Self::Worker => &[
                "on",
                "timeout",
                "retries",
                "http",
                "nlb",
                "image.port",
                "count.requests",
                "count.response_time",
                "network.connect.alias",
            ],
            _ => &["subscribe", "count.queue_delay", DELAYED, "on", "timeout", "retries"],
        }
    }
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
            let portless = kind.without().contains(&"image.port");
            if let Some(port) = self.image.as_mut().and_then(|image| image.port.take_if(|_| portless)) {
                without(kind, "image.port", port.span, out);
            }
            let alone = kind.without().contains(&"network.connect");
            let connect = self.network.as_mut().and_then(|network| network.connect.take_if(|_| alone));
            if let Some(connect) = connect {
                without(kind, "network.connect", connect.span(), out);
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
        unknown_key_but(key, &Self::OBJECT, kind.without(), out);
    }

    fn depends_on(&self) -> &[Text] {
        self.depends_on.as_ref().map(|list| list.items.as_slice()).unwrap_or_default()
    }
}

/// Warns of a field that services of this kind do not have.
fn without(kind: Kind, field: &str, at: Span, out: &mut Diagnostics) {
    out.warn("manifest/unknown-key", format!("a {} has no `{field}`; it is ignored", kind.as_str()))
        .at(at)
        .help(match kind {
            Kind::ScheduledJob => "remove it",
            _ => "remove it, or change the type of the service",
        });
}
