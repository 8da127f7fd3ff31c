//! A service as meant, from its manifest.

use super::container::{check_dependencies, main, sidecar};
use super::count::count;
use super::deployment::{self, deployment};
use super::events::events;
use super::job::job;
use super::network::network;
use super::ports::Index;
use super::routing::{grace_period, http, nlb};
use super::size::{platform, size};
use super::storage::storage;
use super::task::{logging, overrides, topics};
use super::{Check, read_as};
use crate::diagnostic::{Diagnostics, Source};
use crate::manifest::decode::{Decode, Form};
use crate::manifest::interpolate::Lookup;
use crate::manifest::service as written;
use crate::model::service::{Kind, Service};
use crate::model::workload::Read;
use crate::name::{AppName, EnvName};

/// Seconds in which failing load balancer checks do not count, when nothing is said.
const GRACE_PERIOD: u64 = 60;
/// Longest grace period ECS takes, in seconds.
const MAX_GRACE_PERIOD: u64 = 2_147_483_647;

/// Reads the manifest of a service for an environment. `lookup` gives the variables of the process. Nothing comes when
/// there is any error; warnings come beside a result. The findings are sorted by place.
#[must_use]
pub fn read(
    source: &Source,
    app: &AppName,
    env: &EnvName,
    lookup: Lookup<'_>,
) -> (Option<Read<Service>>, Diagnostics) {
    read_as(source, app, env, lookup, model)
}

/// The service that a manifest means. What breaks a rule goes to `out`; the result is of use only when nothing does.
fn model(read: &written::Read, out: &mut Diagnostics) -> Service {
    let check = &mut Check::new(out);
    let given = &read.body;
    let at = read.head.name.span;
    let name = read.head.name.value.as_str();
    let kind = match read.head.kind.value {
        written::Kind::LoadBalancedWeb => Kind::LoadBalancedWeb,
        written::Kind::Worker => Kind::Worker,
        written::Kind::ScheduledJob => Kind::Job,
        _ => Kind::Backend,
    };
    let web = kind == Kind::LoadBalancedWeb;
    let alb = routed(given, kind, read, check);
    let index = Index::new(name, given, alb, given.nlb.as_ref(), check);
    if web
        && index.main_port().is_none()
        && let Some(image) = &given.image
    {
        check.missing(image.span, "port", "the port the container listens on: `port: 8080` in `image`");
    }
    let http = alb.map(|given| http(given, !web, &index, check));
    let nlb = given.nlb.as_ref().map(|given| nlb(given, &index, check));
    let target = match &http {
        Some(http) => http.rules.first().map(|rule| rule.target.clone()),
        None => {
            index.main_port().map(|port| crate::model::routing::Target { container: name.to_owned(), port })
        }
    };
    let platform = platform(given.platform.as_ref(), check);
    let (cpu, memory) = size(given, &platform, at, check);
    let (storage, mounts) = storage(name, given, &platform, check);
    let (log_retention, log_router) = logging(given.logging.as_ref(), check);
    check_dependencies(name, given, log_router.is_some(), check);
    let mut main = main(name, given, at, check);
    main.ports = index.of(name);
    main.mounts = mounts;
    let volumes: Vec<String> = storage.volumes.iter().map(|volume| volume.name.clone()).collect();
    let sidecars = given
        .sidecars
        .iter()
        .flat_map(|map| &map.entries)
        .map(|(name, entry)| {
            let mut container = sidecar(name, &entry.value, entry.key, &volumes, check);
            container.ports = index.of(name);
            container
        })
        .collect();
    let network = network(given.network.as_ref(), kind, &platform, target.as_ref(), &index, check);
    let around = deployment::Surroundings {
        kind,
        http: alb,
        nlb: given.nlb.is_some(),
        connect: network.connect.as_ref().is_some_and(|connect| connect.target.is_some()),
        count: given.count.as_ref(),
    };
    let deployment = deployment(given.deployment.as_ref(), &around, check);
    Service {
        name: read.head.name.value.clone(),
        kind,
        job: (kind == Kind::Job).then(|| job(given, read.head.kind.span, check)),
        cpu,
        memory,
        count: count(given.count.as_ref(), kind, http.is_some(), &platform, check),
        exec: match &given.exec {
            None => false,
            Some(Form::Short(flag)) => flag.value,
            Some(Form::Full(full)) => full.enable.is_none_or(|flag| flag.value),
        },
        main,
        sidecars,
        port: index.main_port(),
        grace_period: grace(given, alb, check),
        network,
        http,
        nlb,
        target,
        storage,
        log_retention,
        log_router,
        topics: topics(given.publish.as_ref(), check),
        events: (kind == Kind::Worker).then(|| events(given.subscribe.as_ref(), check)),
        deployment,
        tracing: given.observability.as_ref().is_some_and(|observability| observability.tracing.is_some()),
        taskdef_overrides: overrides(given.taskdef_overrides.as_ref(), check),
        platform,
    }
}

/// The application load balancer's block, when there is to be one.
fn routed<'a>(
    given: &'a written::Service,
    kind: Kind,
    read: &written::Read,
    check: &mut Check<'_>,
) -> Option<&'a crate::manifest::http::Http> {
    match &given.http {
        Some(Form::Full(http)) => Some(http),
        Some(Form::Short(flag)) if flag.value => {
            check
                .error(
                    "model/routing",
                    flag.span,
                    "`http: true` does not say which requests are for the service",
                )
                .help("write `http: {path: /}`");
            None
        }
        Some(Form::Short(flag)) => {
            if given.nlb.is_none() && check.complete {
                check
                    .error("model/routing", flag.span, "a Load Balanced Web Service needs a load balancer")
                    .help("set `http.path` or `nlb.port`, or make it a Backend Service");
            }
            None
        }
        None if kind != Kind::LoadBalancedWeb => None,
        None => {
            let help = if given.nlb.is_some() {
                "write `http: false` when the network load balancer is all it needs"
            } else {
                "say which requests are for the service: `http: {path: /}`"
            };
            check.missing(read.head.kind.span, "http", help);
            None
        }
    }
}

fn grace(
    given: &written::Service,
    alb: Option<&crate::manifest::http::Http>,
    check: &mut Check<'_>,
) -> Option<u64> {
    if alb.is_none() && given.nlb.is_none() {
        return None;
    }
    let http = alb.and_then(|http| grace_period(&http.rule));
    let health = given.nlb.as_ref().and_then(|nlb| nlb.listener.healthcheck.as_ref());
    let nlb = health.and_then(|health| health.grace_period);
    if let (Some(http), Some(nlb)) = (&http, &nlb) {
        check
            .error("model/routing", nlb.span(), "the grace period is one for the whole service")
            .other(http.span(), "also given here")
            .help("keep one of them");
    }
    let grace = http.or(nlb);
    Some(check.seconds(grace.as_ref(), "grace_period", 0, MAX_GRACE_PERIOD).unwrap_or(GRACE_PERIOD))
}
