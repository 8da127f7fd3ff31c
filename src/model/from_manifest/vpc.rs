//! The network of an environment.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Check;
use crate::diagnostic::Span;
use crate::manifest::decode::{Decode, List, Spanned};
use crate::manifest::environment as written;
use crate::manifest::scalar::Cidr;
use crate::model::environment::{
    ImportedVpc, ManagedVpc, SecurityGroupRule, SecurityGroupRules, Subnet, Vpc,
};

/// Addresses of a VPC that is made, when nothing is said.
const CIDR: &str = "10.0.0.0/16";
/// Its public subnets.
const PUBLIC: [&str; 2] = ["10.0.0.0/24", "10.0.1.0/24"];
/// Its private subnets.
const PRIVATE: [&str; 2] = ["10.0.2.0/24", "10.0.3.0/24"];

/// The network: an existing one by its id, else one that is made.
pub(super) fn vpc(given: Option<&written::Vpc>, check: &mut Check<'_>) -> Vpc {
    let empty = written::Vpc::default();
    let given = given.unwrap_or(&empty);
    match &given.id {
        Some(id) => {
            if let Some(cidr) = &given.cidr {
                check.exclusive(("id", id.span), ("cidr", cidr.span));
            }
            Vpc::Imported(imported(check.text(Some(id), "id").unwrap_or_default(), id.span, given, check))
        }
        None => Vpc::Managed(managed(given, check)),
    }
}

type Kind<'a> = (&'static str, Option<&'a List<written::Subnet>>);

fn kinds(given: &written::Vpc) -> [Kind<'_>; 2] {
    let subnets = given.subnets.as_ref();
    [
        ("public", subnets.and_then(|subnets| subnets.public.as_ref())),
        ("private", subnets.and_then(|subnets| subnets.private.as_ref())),
    ]
}

fn imported(id: String, at: Span, given: &written::Vpc, check: &mut Check<'_>) -> ImportedVpc {
    let [public, private] = kinds(given).map(|(kind, list)| {
        let mut ids = vec![];
        for subnet in list.into_iter().flat_map(|list| &list.items) {
            let Some(id) = &subnet.id else {
                check.missing(subnet.span, "id", "an existing VPC has existing subnets: each has an `id`");
                continue;
            };
            let other = [
                ("cidr", subnet.cidr.as_ref().map(Decode::span)),
                ("az", subnet.az.as_ref().map(Decode::span)),
            ];
            for (key, span) in other.into_iter().filter_map(|(key, span)| Some((key, span?))) {
                check.exclusive(("id", id.span), (key, span));
            }
            ids.push(check.text(Some(id), "id").unwrap_or_default());
        }
        if let ([_], Some(list)) = (ids.as_slice(), list) {
            check
                .error(
                    "model/network",
                    list.span,
                    format!("one {kind} subnet is too few: load balancers stand in two zones"),
                )
                .help(format!("name two {kind} subnets of different availability zones, or none"));
        }
        ids
    });
    if public.is_empty() && private.is_empty() {
        check.missing(at, "subnets", "name the subnets of the VPC that the environment may use");
    }
    ImportedVpc { id, public, private }
}

fn managed(given: &written::Vpc, check: &mut Check<'_>) -> ManagedVpc {
    let cidr = given.cidr.as_ref().map_or_else(|| CIDR.to_owned(), |cidr| cidr.value.0.clone());
    let mut placed: Vec<(String, Option<Span>)> = vec![];
    let [public, private] = kinds(given).map(|(kind, list)| {
        let Some(list) = list else {
            let defaults = if kind == "public" { PUBLIC } else { PRIVATE };
            placed.extend(defaults.map(|cidr| (cidr.to_owned(), None)));
            return defaults.map(|cidr| Subnet { cidr: cidr.to_owned(), az: None }).to_vec();
        };
        let subnets = subnets(kind, list, check);
        let written = list.items.iter().filter_map(|subnet| subnet.cidr.as_ref());
        placed.extend(written.map(|cidr: &Spanned<Cidr>| (cidr.value.0.clone(), Some(cidr.span))));
        subnets
    });
    let place = given.cidr.as_ref().map(|cidr| cidr.span);
    inside(&cidr, place, &placed, check);
    let zones =
        |subnets: &[Subnet]| subnets.iter().filter_map(|subnet| subnet.az.clone()).collect::<BTreeSet<_>>();
    let (a, b) = (zones(&public), zones(&private));
    let both = given.subnets.as_ref().filter(|subnets| subnets.public.is_some() && subnets.private.is_some());
    if let (Some(subnets), true) = (both, a != b) {
        check
            .error(
                "model/network",
                subnets.span,
                "public and private subnets stand in different availability zones",
            )
            .help(format!("public: {}; private: {}: use the same zones for both", words(&a), words(&b)));
    }
    if let (Some(subnets), true) = (given.subnets.as_ref(), private.len() > public.len()) {
        check
            .error("model/network", subnets.span, "there are more private than public subnets")
            .help("each private subnet reaches the internet through the NAT gateway of a public one");
    }
    ManagedVpc { cidr, public, private }
}

fn words(zones: &BTreeSet<String>) -> String {
    if zones.is_empty() { "none".to_owned() } else { zones.iter().cloned().collect::<Vec<_>>().join(", ") }
}

fn subnets(kind: &str, list: &List<written::Subnet>, check: &mut Check<'_>) -> Vec<Subnet> {
    let mut subnets = vec![];
    for subnet in &list.items {
        if let Some(id) = &subnet.id {
            check
                .error("model/network", id.span, "existing subnets need the `id` of their VPC")
                .help("set `network.vpc.id`, or write `cidr` instead of `id`");
        } else if subnet.cidr.is_none() {
            check.missing(subnet.span, "cidr", "the subnet's block of addresses, such as `10.0.0.0/24`");
        }
        subnets.push(Subnet {
            cidr: subnet.cidr.as_ref().map(|cidr| cidr.value.0.clone()).unwrap_or_default(),
            az: check.text(subnet.az.as_ref(), "az"),
        });
    }
    let zoned = subnets.iter().filter(|subnet| subnet.az.is_some()).count();
    let distinct = subnets.iter().filter_map(|subnet| subnet.az.as_ref()).collect::<BTreeSet<_>>().len();
    if zoned > 0 && zoned < subnets.len() {
        check
            .error("model/network", list.span, format!("some {kind} subnets have an `az`, others do not"))
            .help("give all of them an availability zone, or none");
    } else if distinct < zoned {
        check
            .error("model/network", list.span, format!("two {kind} subnets stand in one availability zone"))
            .help("one subnet of a kind in each zone");
    } else if subnets.len() < 2 {
        check
            .error("model/network", list.span, format!("there are less than two {kind} subnets"))
            .help("load balancers stand in two availability zones: make two subnets");
    }
    // The subnets are numbered in the order of their zones.
    subnets.sort_by(|a, b| a.az.cmp(&b.az));
    subnets
}

/// First and last address of an IPv4 block.
fn addresses(cidr: &str) -> Option<(u64, u64)> {
    let (address, bits) = cidr.split_once('/')?;
    let IpAddr::V4(address) = address.parse().ok()? else { return None };
    let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32)?;
    let size = 1_u64 << (32 - bits);
    let first = u64::from(u32::from(address)) / size * size;
    Some((first, first + size - 1))
}

/// Reports subnets outside of the VPC, and subnets that overlap.
fn inside(vpc: &str, place: Option<Span>, subnets: &[(String, Option<Span>)], check: &mut Check<'_>) {
    let Some(whole) = addresses(vpc) else { return };
    let mut told = false;
    for (number, (cidr, at)) in subnets.iter().enumerate() {
        let Some(block) = addresses(cidr) else { continue };
        if block.0 < whole.0 || block.1 > whole.1 {
            // The defaults share the place of the VPC's block: one finding is enough.
            if at.is_none() && std::mem::replace(&mut told, true) {
                continue;
            }
            let Some(at) = at.or(place) else { continue };
            check
                .error("model/network", at, format!("the subnet {cidr} lies outside of the VPC's {vpc}"))
                .help(
                    "give the blocks of all subnets in `network.vpc.subnets`, inside of `network.vpc.cidr`",
                );
        }
        let before = subnets[..number].iter().find(|(other, _)| {
            addresses(other).is_some_and(|other| other.0 <= block.1 && block.0 <= other.1)
        });
        if let (Some((other, first)), Some(at)) = (before, at.or(before.and_then(|(_, first)| *first))) {
            let diagnostic =
                check.error("model/network", at, format!("the subnets {cidr} and {other} overlap"));
            if let Some(first) = first.filter(|first| *first != at) {
                diagnostic.other(first, "the other one");
            }
            diagnostic.help("give each subnet addresses of its own, public and private ones alike");
        }
    }
}

/// Rules of the environment's security group.
pub(super) fn security_group(
    given: Option<&written::SecurityGroup>,
    check: &mut Check<'_>,
) -> SecurityGroupRules {
    let Some(given) = given else { return SecurityGroupRules::default() };
    let mut rules = |list: Option<&List<written::SecurityGroupRule>>| {
        list.into_iter().flat_map(|list| &list.items).map(|rule| self::rule(rule, check)).collect()
    };
    SecurityGroupRules { ingress: rules(given.ingress.as_ref()), egress: rules(given.egress.as_ref()) }
}

fn rule(given: &written::SecurityGroupRule, check: &mut Check<'_>) -> SecurityGroupRule {
    let there = [
        ("cidr", given.cidr.is_some(), "the addresses of the other side"),
        ("ip_protocol", given.ip_protocol.is_some(), "`tcp`, `udp`, a number, or `-1` for all"),
        ("ports", given.ports.is_some(), "a port such as `443`, or a range such as `8000-8080`"),
    ];
    for (key, _, help) in there.iter().filter(|(_, there, _)| !there) {
        check.missing(given.span, key, *help);
    }
    let ports = given.ports.unwrap_or_default();
    if ports.value.from > ports.value.to {
        check
            .error(
                "model/range",
                ports.span,
                format!("the range ends at {}, before it begins at {}", ports.value.to, ports.value.from),
            )
            .help(format!("write `ports: {}-{}`", ports.value.to, ports.value.from));
    }
    SecurityGroupRule {
        cidr: given.cidr.as_ref().map(|cidr| cidr.value.0.clone()).unwrap_or_default(),
        protocol: check.text(given.ip_protocol.as_ref(), "ip_protocol").unwrap_or_default(),
        from_port: ports.value.from,
        to_port: ports.value.to,
    }
}
