//! Where tasks stand in the network.

use super::Check;
use super::image::value;
use crate::diagnostic::Span;
use crate::manifest::decode::{Decode, Form};
use crate::manifest::network as written;
use crate::model::container::{Protocol, Variable};
use crate::model::routing::Target;
use crate::model::service::{Connect, Kind, Network, Placement, Platform};

use super::ports::Index;

/// Subnets, security groups and Service Connect. `target` is where the service's own traffic goes.
pub(super) fn network(
    written: Option<&written::Network>,
    kind: Kind,
    platform: &Platform,
    target: Option<&Target>,
    index: &Index,
    check: &mut Check<'_>,
) -> Network {
    let vpc = written.and_then(|network| network.vpc.clone()).unwrap_or_default();
    let (security_groups, deny_default) = match &vpc.security_groups {
        None => (vec![], false),
        Some(Form::Short(list)) => (groups(&list.items, check), false),
        Some(Form::Full(full)) => {
            let items = full.groups.iter().flat_map(|list| &list.items).cloned().collect::<Vec<_>>();
            (groups(&items, check), full.deny_default.is_some_and(|flag| flag.value))
        }
    };
    let connect = written.and_then(|network| network.connect.as_ref());
    Network {
        placement: placement(vpc.placement.as_ref(), check),
        security_groups,
        deny_default,
        connect: connect.and_then(|connect| self::connect(connect, kind, platform, target, index, check)),
    }
}

fn groups(items: &[crate::manifest::variables::Value], check: &mut Check<'_>) -> Vec<Variable> {
    items.iter().map(|item| value(item, check)).collect()
}

/// Subnets; the public ones when nothing is said.
pub(super) fn placement(
    written: Option<&Form<crate::manifest::decode::Spanned<written::Placement>, written::Subnets>>,
    check: &mut Check<'_>,
) -> Placement {
    let subnets = match written {
        None => return Placement::Public,
        Some(Form::Short(word)) => {
            return match word.value {
                written::Placement::Public => Placement::Public,
                written::Placement::Private => Placement::Private,
            };
        }
        Some(Form::Full(subnets)) => subnets,
    };
    let mut none = |at: Span| check.missing(at, "subnets", "ids of subnets, or `from_tags`");
    match &subnets.subnets {
        None => {
            none(subnets.span);
            Placement::Public
        }
        Some(Form::Short(list)) => {
            if list.items.is_empty() {
                none(list.span);
            }
            Placement::Subnets(list.items.iter().map(|id| id.value.clone()).collect())
        }
        Some(Form::Full(tags)) => {
            let entries = tags.from_tags.iter().flat_map(|map| &map.entries);
            let tagged: std::collections::BTreeMap<String, Vec<String>> = entries
                .map(|(key, entry)| {
                    let values = match &entry.value {
                        Form::Short(text) => vec![text.value.clone()],
                        Form::Full(list) => list.items.iter().map(|item| item.value.clone()).collect(),
                    };
                    (key.clone(), values)
                })
                .collect();
            if tagged.is_empty() {
                none(tags.span());
            }
            Placement::Tagged(tagged)
        }
    }
}

fn connect(
    written: &Form<crate::manifest::decode::Flag, written::Connect>,
    kind: Kind,
    platform: &Platform,
    target: Option<&Target>,
    index: &Index,
    check: &mut Check<'_>,
) -> Option<Connect> {
    let alias = match written {
        Form::Short(flag) if !flag.value => return None,
        Form::Short(_) => None,
        Form::Full(full) => full.alias.as_ref(),
    };
    if platform.is_windows() {
        check
            .error("model/platform", written.span(), "Service Connect does not run on Windows")
            .help("write `connect: false`");
    }
    if let Some(alias) = alias.filter(|_| kind == Kind::Worker) {
        check
            .error(
                "model/network",
                alias.span,
                "a Worker Service only calls others: nobody reaches it by a name",
            )
            .help("write `connect: true`");
    }
    let target = target.filter(|target| index.protocol(target.port) != Some(Protocol::Udp)).cloned();
    if let (Some(alias), Kind::Backend, None) = (alias, kind, &target)
        && check.complete
    {
        check
            .error("model/network", alias.span, "nobody can reach the service by this name: it has no port")
            .help("set `image.port`, or remove `alias`");
    }
    let alias = check.text(alias, "alias");
    Some(Connect { alias, target })
}
