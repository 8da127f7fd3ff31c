//! Which container listens on which port, computed over the whole service.
//!
//! Ports come from sidecars, from targets of load balancers, and from `image.port`, in this order; the first one wins.
//! A port belongs to one container and has one protocol, as containers of a task share one network.

use std::collections::BTreeMap;

use super::Check;
use crate::diagnostic::Span;
use crate::manifest::decode::{Spanned, Text};
use crate::manifest::http::{Http, Rule};
use crate::manifest::nlb::{Listener, Nlb};
use crate::manifest::scalar::PortSpec;
use crate::manifest::service::Service as Written;
use crate::manifest::shape::nearest;
use crate::model::container::{Port, Protocol};
use crate::model::routing::{NlbProtocol, Target};

struct Exposed {
    container: String,
    protocol: Protocol,
    at: Span,
}

/// The ports of a service.
pub(super) struct Index {
    main: String,
    /// Every container that traffic may be sent to, with the port it names itself.
    containers: BTreeMap<String, Option<u16>>,
    ports: BTreeMap<u16, Exposed>,
}

/// The rules of an application load balancer, the main one first.
pub(super) fn rules(http: &Http) -> impl Iterator<Item = &Rule> {
    std::iter::once(&http.rule).chain(http.additional_rules.iter().flat_map(|list| &list.items))
}

/// The listeners of a network load balancer, the main one first.
pub(super) fn listeners(nlb: &Nlb) -> impl Iterator<Item = &Listener> {
    std::iter::once(&nlb.listener).chain(nlb.additional_listeners.iter().flat_map(|list| &list.items))
}

/// The protocol a listener is written with: TCP when none is given, or one that does not exist.
pub(super) fn listener_protocol(port: &PortSpec) -> NlbProtocol {
    match port.protocol.as_deref() {
        Some("udp") => NlbProtocol::Udp,
        Some("tls") => NlbProtocol::Tls,
        _ => NlbProtocol::Tcp,
    }
}

fn check_listener_protocol(port: &Spanned<PortSpec>, check: &mut Check<'_>) {
    let protocol = port.value.protocol.as_deref().unwrap_or("tcp");
    if !matches!(protocol, "tcp" | "udp" | "tls") {
        check
            .error("model/port", port.span, format!("a network load balancer has no protocol {protocol:?}"))
            .help("one of `tcp`, `udp` or `tls`");
    }
}

impl Index {
    /// Computes the ports of a service.
    pub(super) fn new(
        main: &str,
        written: &Written,
        http: Option<&Http>,
        nlb: Option<&Nlb>,
        check: &mut Check<'_>,
    ) -> Self {
        let port = written.image.as_ref().and_then(|image| image.port);
        let mut index = Self { main: main.to_owned(), containers: BTreeMap::new(), ports: BTreeMap::new() };
        index.containers.insert(main.to_owned(), port.map(|port| port.value));
        for (name, entry) in written.sidecars.iter().flat_map(|map| &map.entries) {
            let port = entry.value.port.as_ref();
            index.containers.entry(name.clone()).or_insert(port.map(|port| port.value.number));
            let Some(port) = port else { continue };
            let protocol = match port.value.protocol.as_deref() {
                None | Some("tcp") => Protocol::Tcp,
                Some("udp") => Protocol::Udp,
                Some(other) => {
                    check
                        .error("model/port", port.span, format!("a container has no protocol {other:?}"))
                        .help("one of `tcp` or `udp`");
                    Protocol::Tcp
                }
            };
            index.expose(port.value.number, name, protocol, port.span, check);
        }
        for rule in http.into_iter().flat_map(rules) {
            if let Some(port) = rule.target_port {
                index.target(port, rule.target_container.as_ref(), Protocol::Tcp, check);
            }
        }
        for listener in nlb.into_iter().flat_map(listeners) {
            let Some(spec) = &listener.port else { continue };
            check_listener_protocol(spec, check);
            let protocol = listener_protocol(&spec.value).transport();
            let own = Spanned { value: spec.value.number, span: spec.span };
            let port = listener.target_port.unwrap_or(own);
            index.target(port, listener.target_container.as_ref(), protocol, check);
        }
        if let Some(port) = port {
            index.expose(port.value, main, Protocol::Tcp, port.span, check);
        }
        index
    }

    /// Exposes a load balancer's target: on the container it names, else where the port is, else on the main one.
    fn target(
        &mut self,
        port: Spanned<u16>,
        container: Option<&Text>,
        protocol: Protocol,
        check: &mut Check<'_>,
    ) {
        let there = self.ports.get(&port.value).map(|exposed| exposed.container.clone());
        let container = match container {
            // What does not exist is reported where the target is resolved.
            Some(container) if !self.containers.contains_key(&container.value) => return,
            Some(container) => container.value.clone(),
            None => there.unwrap_or_else(|| self.main.clone()),
        };
        self.expose(port.value, &container, protocol, port.span, check);
    }

    fn expose(&mut self, port: u16, container: &str, protocol: Protocol, at: Span, check: &mut Check<'_>) {
        let Some(there) = self.ports.get(&port) else {
            self.ports.insert(port, Exposed { container: container.to_owned(), protocol, at });
            return;
        };
        if there.container != container {
            let message = format!("port {port} can't be both {container}'s and {}'s", there.container);
            check
                .error("model/port", at, message)
                .other(there.at, format!("{}'s port", there.container))
                .help("containers of a task share one network: give each a port of its own");
        } else if there.protocol != protocol {
            let message =
                format!("port {port} can't be both {} and {}", there.protocol.as_str(), protocol.as_str());
            check
                .error("model/port", at, message)
                .other(there.at, format!("{} here", there.protocol.as_str()))
                .help("use one protocol, or another port");
        }
    }

    /// The protocol of a port, if a container listens on it.
    pub(super) fn protocol(&self, port: u16) -> Option<Protocol> {
        self.ports.get(&port).map(|exposed| exposed.protocol)
    }

    /// The port the main container names itself (`image.port`).
    pub(super) fn main_port(&self) -> Option<u16> {
        self.containers.get(&self.main).copied().flatten()
    }

    /// The ports of a container, by number.
    pub(super) fn of(&self, container: &str) -> Vec<Port> {
        let own = self.ports.iter().filter(|(_, exposed)| exposed.container == container);
        own.map(|(number, exposed)| Port { number: *number, protocol: exposed.protocol }).collect()
    }

    /// Where a load balancer sends traffic. `default` is the port when neither container nor port is named; `at` the
    /// place to blame when there is none.
    pub(super) fn resolve(
        &self,
        container: Option<&Text>,
        port: Option<Spanned<u16>>,
        default: Option<u16>,
        at: Span,
        check: &mut Check<'_>,
    ) -> Target {
        let container_of =
            |port: u16| self.ports.get(&port).map_or(&self.main, |exposed| &exposed.container).clone();
        if let Some(name) = container {
            let Some(own) = self.containers.get(&name.value) else {
                let names: Vec<&str> = self.containers.keys().map(String::as_str).collect();
                let help = match nearest(&name.value, names.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("the containers are: {}", names.join(", ")),
                };
                check
                    .error("model/target", name.span, format!("there is no container {:?}", name.value))
                    .help(help);
                return Target { container: self.main.clone(), port: 0 };
            };
            let port = port.map(|port| port.value).or(*own);
            if port.is_none() && check.complete {
                check
                    .error("model/target", name.span, format!("the container {:?} has no port", name.value))
                    .help("give it a `port`, or set `target_port` here");
            }
            return Target { container: name.value.clone(), port: port.unwrap_or_default() };
        }
        match port.map(|port| port.value).or(default) {
            Some(port) => Target { container: container_of(port), port },
            None => {
                check.missing(
                    at,
                    "image.port",
                    "say on which port the container listens: `image.port`, or `target_port` here",
                );
                Target { container: self.main.clone(), port: 0 }
            }
        }
    }
}
