//! An application with a domain: names that a killed command leaves half made are made, or taken away, by its second run.

use crate::crash::{Way, crash};
use crate::played::{Played, Step};

/// What is deployed: a service behind both load balancers, a site, a service on App Runner; each with a name of its own.
pub fn prepare(played: &Played) {
    let (sandbox, domain) = (&played.emulator.sandbox, &played.domain);
    played.emulator.make_zone(domain);
    sandbox.write("dist/index.html", "<h1>docs</h1>\n");
    web(played, Some("tcp"));
    docs(played, "docs");
    let run = format!(
        "name: run\ntype: Request-Driven Web Service\nimage: {{location: public.ecr.aws/good/good:1, port: 8080}}\n\
         http: {{alias: run.{domain}}}\ncpu: 256\nmemory: 512\n"
    );
    sandbox.write("wharf/run/manifest.yml", run);
    sandbox.write("wharf/environments/test/manifest.yml", "name: test\ntype: Environment\n");
}

/// The service's manifest, with a network load balancer of this alias, or without one.
fn web(played: &Played, network: Option<&str>) {
    let domain = &played.domain;
    let network = network.map_or_else(String::new, |alias| {
        format!("nlb:\n  port: 8443/tls\n  target_port: 8080\n  alias: {alias}.{domain}\n")
    });
    let manifest = format!(
        "name: web\ntype: Load Balanced Web Service\nimage: {{location: example.com/good:1, port: 8080}}\ncpu: 256\n\
         memory: 512\ncount: 1\nhttp:\n  path: /\n  alias: [www.{domain}, web.test.names.{domain}]\n{network}"
    );
    played.emulator.sandbox.write("wharf/web/manifest.yml", manifest);
}

/// The site's manifest with this host name.
fn docs(played: &Played, alias: &str) {
    let domain = &played.domain;
    let manifest = format!(
        "name: docs\ntype: Static Site\nhttp: {{alias: {alias}.{domain}}}\nfiles: [{{source: dist, recursive: true}}]\n"
    );
    played.emulator.sandbox.write("wharf/docs/manifest.yml", manifest);
}

/// Names change on the way, and the network load balancer goes.
pub fn write(played: &Played, at: usize, back: bool) {
    match (at, back) {
        (9, true) => web(played, Some("tcp")),
        (9, false) | (10, true) => web(played, Some("two")),
        (10, false) => web(played, None),
        (11, true) => docs(played, "docs"),
        (11, false) => docs(played, "pages"),
        _ => {}
    }
}

const fn step(command: &'static str, undo: &'static [&'static str]) -> Step {
    Step { command, undo, makes: &[] }
}

/// There and back.
pub const STEPS: [Step; 16] = [
    step("app init names --domain {domain}", &["app delete --yes"]),
    step("env init --name test", &["env delete --name test --yes"]),
    step("svc init --name web", &[]),
    step("svc init --name docs", &[]),
    step("svc init --name run", &[]),
    step("env deploy --name test", &["env delete --name test --yes", "env init --name test"]),
    step("svc deploy --name web --env test", &["svc delete --name web --env test --yes"]),
    step("svc deploy --name docs --env test", &["svc delete --name docs --env test --yes"]),
    step("svc deploy --name run --env test", &["svc delete --name run --env test --yes"]),
    step("svc deploy --name web --env test", &["svc deploy --name web --env test"]),
    step(
        "svc deploy --name web --env test --allow-replace NLBListener --allow-replace NetworkLoadBalancerTargetGroup \
         --allow-replace PublicNetworkLoadBalancerV2",
        &["svc deploy --name web --env test"],
    ),
    step("svc deploy --name docs --env test", &["svc deploy --name docs --env test"]),
    step("svc delete --name run --env test --yes", &["svc deploy --name run --env test"]),
    step("svc delete --name docs --env test --yes", &["svc deploy --name docs --env test"]),
    step("svc delete --name web --env test --yes", &["svc deploy --name web --env test"]),
    step("env delete --name test --yes", &["env init --name test", "env deploy --name test"]),
];

#[test]
fn a_killed_command_leaves_no_names() {
    crash(&Way { steps: &STEPS, done: 5, every: 40, prepare, write });
}
