//! The document `Request-Driven Web Service`: a service that runs on App Runner.

use super::decode::{Flag, Form, List, Map, Spanned, Text};
use super::document::{self, Body};
use super::element::{element, unknown_key};
use super::head::Kind;
use super::http::HealthCheck;
use super::image::Image;
use super::network::{Placement, Subnets};
use super::task::{Observability, Platform, Publish};
use super::variables::{Secret, Value};
use crate::diagnostic::{Diagnostics, Span};
use crate::yaml::node::Node;

element! {
    /// Reached from inside the network only, in the full form.
    pub struct Private {
        /// Id of a VPC endpoint for `com.amazonaws.<region>.apprunner.requests` that exists.
        endpoint: Text = "endpoint" default "the environment's",
    }
}

element! {
    /// How requests reach the service.
    pub struct Http {
        /// Path of the health check, or its settings: App Runner asks for it over HTTP. Without it, it tries the port.
        healthcheck: Form<Text, HealthCheck> = "healthcheck",
        /// A host name below the application's domain, such as `web.example.com`.
        alias: Text = "alias",
        /// Whether the service is reached from inside the environment's network only.
        private: Form<Flag, Private> = "private" default "false",
    }
}

element! {
    /// What the service reaches in the VPC.
    pub struct Vpc {
        /// Subnets through which it reaches the VPC, and everything else; without it, it reaches the internet only.
        placement: Form<Spanned<Placement>, Subnets> = "placement",
    }
}

element! {
    /// Network of the service.
    pub struct Network {
        /// What it reaches in the VPC.
        vpc: Vpc = "vpc",
    }
}

element! {
    /// What a Request-Driven Web Service is, for all environments or for one.
    pub struct RequestDriven {
        /// Image of the container.
        image: Image = "image",
        /// Replaces the image's command.
        command: Text = "command",
        /// How requests reach the service.
        http: Http = "http",
        /// CPU units of an instance; 1024 are one vCPU.
        cpu: Spanned<u64> = "cpu" default "1024",
        /// Memory of an instance in MiB.
        memory: Spanned<u64> = "memory" default "2048",
        /// Operating system and architecture; App Runner has `linux/x86_64` only.
        platform: Form<Text, Platform> = "platform" default "linux/x86_64",
        /// Name of an App Runner autoscaling configuration, such as `high-availability/3`.
        count: Text = "count" default "App Runner's own default",
        /// Variables of the container.
        variables: Map<Value> = "variables",
        /// Secrets of the container.
        secrets: Map<Secret> = "secrets",
        /// Tags of the App Runner resources.
        tags: Map<Text> = "tags",
        /// Network of the service.
        network: Network = "network",
        /// What the service publishes.
        publish: Publish = "publish",
        /// What is measured.
        observability: Observability = "observability",
        /// Workloads that are deployed before this one when they are deployed together.
        depends_on: List<Text> = "depends_on",
    }
}

/// Fields of the shared blocks that are read and have no effect on App Runner, those below them included.
pub const WITHOUT: &[&str] = &[
    "image.credentials",
    "image.labels",
    "image.depends_on",
    "image.healthcheck",
    "http.healthcheck.port",
    "http.healthcheck.success_codes",
    "http.healthcheck.grace_period",
];

/// A manifest of a Request-Driven Web Service, read for one environment.
pub type Read = document::Read<RequestDriven>;

impl Body for RequestDriven {
    fn at(span: Span) -> Self {
        Self { span, ..Self::default() }
    }

    fn read_field(&mut self, _: Kind, key: &Node, node: &Node, out: &mut Diagnostics) {
        if !self.read_key(key, node, out) {
            unknown_key(key, &Self::OBJECT, out);
        }
    }

    fn depends_on(&self) -> &[Text] {
        self.depends_on.as_ref().map(|list| list.items.as_slice()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;
    use crate::manifest::decode::Decode;
    use crate::manifest::overlay::Overlay;
    use crate::yaml::node;

    fn read(text: &str) -> (RequestDriven, Vec<String>) {
        let mut out = Diagnostics::new();
        let node = node::parse(text).unwrap();
        let read = RequestDriven::decode(&node, node.span, &mut out).unwrap();
        (read, out.items().iter().map(|item| item.message.clone()).collect())
    }

    #[test]
    fn its_own_forms_are_read() {
        let (read, findings) = read(
            "http: {private: {endpoint: vpce-1}, alias: web.example.com, healthcheck: /up}\n\
             network: {vpc: {placement: {subnets: [subnet-1]}}}\n\
             count: high-availability/3\ncommand: run --all\ntags: {cost: 12}\n",
        );
        assert_eq!(findings, [""; 0]);
        let http = read.http.unwrap();
        assert_eq!(http.private.unwrap().full().unwrap().endpoint.as_ref().unwrap().value, "vpce-1");
        assert_eq!(http.healthcheck.unwrap().short().unwrap().value, "/up");
        assert_eq!(read.count.unwrap().value, "high-availability/3");
        assert_eq!(read.tags.unwrap().entries["cost"].value.value, "12");
    }

    #[test]
    fn what_only_ecs_has_is_told() {
        let (_, findings) = read("sidecars: {a: {}}\ncommand: [run]\nexec: true\nnetwork: {connect: true}\n");
        assert_eq!(
            findings,
            [
                "unknown key `sidecars` is ignored",
                "expected a text, found a list",
                "unknown key `exec` is ignored",
                "unknown key `connect` is ignored",
            ]
        );
    }

    #[test]
    fn an_environment_covers_one_form_with_the_other() {
        let mut base =
            read("http: {private: true, healthcheck: {path: /up, interval: 5s}}\ntags: {a: 1}\n").0;
        base.overlay(
            read("http: {private: {endpoint: vpce-1}, healthcheck: {timeout: 2s}}\ntags: {b: 2}\n").0,
        );
        let http = base.http.unwrap();
        assert!(http.private.unwrap().full().is_some());
        let check = http.healthcheck.unwrap();
        let check = check.full().unwrap();
        assert!(check.path.is_some() && check.interval.is_some() && check.timeout.is_some());
        assert_eq!(base.tags.unwrap().entries.len(), 2);
    }
}
