//! Where tasks stand in the network, and how others reach them by name.

use serde::Serialize;
use serde_json::Value;

use super::addons::{self, AddonKind, Addons};
use super::storage::variable;
use crate::model::service::{Connect, Network, Placement};
use crate::stack::expr;

/// Service Connect as the template prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ConnectView {
    /// Cloud Map namespace.
    pub namespace: String,
    /// Name others use; none: the service only calls others.
    pub alias: Option<Value>,
}

/// Whether tasks have public addresses: `ENABLED` or `DISABLED`.
#[must_use]
pub fn public_ip(placement: &Placement) -> &'static str {
    if *placement == Placement::Public { "ENABLED" } else { "DISABLED" }
}

/// Subnets of the tasks. `tagged`: ids of the subnets that carry the tags of a placement by tags.
#[must_use]
pub fn subnets(placement: &Placement, tagged: &[String]) -> Value {
    match placement {
        Placement::Public => expr::split(",", expr::environment_export("PublicSubnets")),
        Placement::Private => expr::split(",", expr::environment_export("PrivateSubnets")),
        Placement::Subnets(ids) => Value::from(ids.clone()),
        Placement::Tagged(_) => Value::from(tagged.to_vec()),
    }
}

/// Security groups of the tasks: the environment's, the manifest's, the addons'.
#[must_use]
pub fn security_groups(network: &Network, addons: Option<&Addons>) -> Vec<Value> {
    let mut groups = vec![];
    if !network.deny_default {
        groups.push(expr::environment_export("EnvironmentSecurityGroup"));
    }
    groups.extend(network.security_groups.iter().map(variable));
    groups.extend(addon_security_groups(addons).into_iter().map(addons::if_there));
    groups
}

/// Security groups that addons give; there only while the addons are.
#[must_use]
pub fn addon_security_groups(addons: Option<&Addons>) -> Vec<Value> {
    let ids = addons.into_iter().flat_map(|addons| addons.of(&[AddonKind::SecurityGroup]));
    ids.map(addons::output).collect()
}

/// Service Connect in a namespace.
#[must_use]
pub fn connect(connect: &Connect, namespace: String) -> ConnectView {
    let name = || connect.alias.as_deref().map_or_else(|| expr::reference("WorkloadName"), Value::from);
    ConnectView { namespace, alias: connect.target.is_some().then(name) }
}
