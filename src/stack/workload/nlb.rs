//! Routing by a network load balancer of the service's own.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::indexed;
use super::routing::{AlternateView, CheckView, TargetView, alternate_id};
use crate::model::routing::{Nlb, NlbProtocol};
use crate::stack::expr;

/// A network load balancer as the template prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NlbView {
    open_ports: Vec<OpenPortView>,
    listeners: Vec<ListenerView>,
    groups: Vec<GroupView>,
    default_name: bool,
    #[serde(skip)]
    tls: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct OpenPortView {
    description: String,
    port: u16,
    protocol: &'static str,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct ListenerView {
    id: String,
    description: String,
    group: String,
    port: Value,
    protocol: &'static str,
    ssl_policy: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct GroupView {
    id: String,
    description: String,
    check: CheckView,
    port: u16,
    protocol: &'static str,
    deregistration_delay: String,
    stickiness: Option<String>,
}

impl NlbView {
    /// Whether a listener speaks TLS, so that a certificate is needed.
    #[must_use]
    pub fn speaks_tls(&self) -> bool {
        self.tls
    }

    /// Whether the load balancer gets its default name in the environment's zone, where there is one.
    #[must_use]
    pub fn has_default_name(&self) -> bool {
        self.default_name
    }

    /// Gives every target group a second one. ECS changes the listener itself.
    pub fn alternate(&mut self, targets: &mut [TargetView]) {
        for (listener, target) in self.listeners.iter().zip(targets) {
            let group = alternate_id(&target.group);
            target.alternate = Some(AlternateView { group, rule: listener.id.clone() });
        }
        let seconds: Vec<GroupView> = self
            .groups
            .iter()
            .map(|group| GroupView { id: alternate_id(&group.id), ..group.clone() })
            .collect();
        self.groups.extend(seconds);
    }

    /// Logical ids of the listeners.
    pub fn listeners(&self) -> impl Iterator<Item = &str> {
        self.listeners.iter().map(|listener| listener.id.as_str())
    }
}

/// The protocol of traffic behind the load balancer, as ELB and EC2 write it.
fn transport(protocol: NlbProtocol) -> &'static str {
    if protocol == NlbProtocol::Udp { "UDP" } else { "TCP" }
}

/// The network load balancer, and what its target groups lead to.
#[must_use]
pub fn nlb(nlb: &Nlb) -> (NlbView, Vec<TargetView>) {
    let mut view = NlbView {
        open_ports: vec![],
        listeners: vec![],
        groups: vec![],
        default_name: nlb.aliases.is_empty(),
        tls: false,
    };
    let (mut targets, mut open) = (vec![], BTreeSet::new());
    for (index, listener) in nlb.listeners.iter().enumerate() {
        let group = indexed("NetworkLoadBalancerTargetGroup", index);
        let (port, protocol, tls) =
            (listener.port, listener.protocol.as_str(), listener.protocol == NlbProtocol::Tls);
        let transport = transport(listener.protocol);
        if open.insert((port, transport)) {
            view.open_ports.push(OpenPortView {
                description: format!("Allow {transport} traffic from anyone on listener port {port}"),
                port,
                protocol: transport,
            });
        }
        view.tls |= tls;
        view.listeners.push(ListenerView {
            id: indexed("NLBListener", index),
            description: format!("{protocol} listener on port {port}"),
            group: group.clone(),
            port: if index == 0 { expr::reference("NLBPort") } else { Value::from(port) },
            protocol,
            ssl_policy: tls.then(|| listener.ssl_policy.clone()),
        });
        let target = &listener.target;
        view.groups.push(GroupView {
            id: group.clone(),
            description: format!("Tasks that the network load balancer reaches on port {}", target.port),
            check: CheckView::new(&listener.health_check, None),
            port: target.port,
            protocol: transport,
            deregistration_delay: listener.deregistration_delay.to_string(),
            // ELB knows no stickiness for TLS listeners.
            stickiness: listener.stickiness.filter(|_| !tls).map(|on| on.to_string()),
        });
        targets.push(TargetView::new(target, &group));
    }
    (view, targets)
}
