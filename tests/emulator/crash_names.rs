//! An application with a domain: names that a killed command leaves half made are made, or taken away, by its second run.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::crash::{Way, crash};
use crate::played::{Played, Step};

/// What is deployed: a service behind both load balancers, a site, a service on App Runner; each with a name of its own.
pub fn prepare(played: &Played) {
    let (sandbox, domain) = (&played.emulator.sandbox, &played.domain);
    played.emulator.make_zone(domain);
    let arn = played.emulator.import_certificate("us-east-1", &[&format!("*.{domain}")]);
    std::fs::write(played.engine("imported"), arn).unwrap();
    sandbox.write("dist/index.html", "<h1>docs</h1>\n");
    played.write_web("www", Some("tcp"), "");
    played.write_docs(&["docs"], None);
    played.write_run(Some("run"));
    sandbox.write("wharf/environments/test/manifest.yml", "name: test\ntype: Environment\n");
}

/// A name that no certificate stands for yet. Inventories know it as an id.
fn new() -> String {
    static NEXT: AtomicUsize = AtomicUsize::new(1000);
    format!("n{}", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Names change on the way, the network load balancer goes, and the site's certificate is another one for a while.
pub fn write(played: &Played, at: usize, back: bool) {
    let kept = |file: &str| std::fs::read_to_string(played.engine(file)).unwrap();
    let (imported, site) = (|| kept("imported"), || kept("site"));
    match (at, back) {
        (9, true) => played.write_web("www", Some("tcp"), ""),
        (9, false) => played.write_web("www", Some(&new()), ""),
        (10, true) => played.write_web("www", Some("two"), ""),
        (10, false) | (12, true) => played.write_web("www", None, ""),
        (11, true) => played.write_docs(&["docs"], None),
        (11, false) => {
            let name = new();
            std::fs::write(played.engine("site"), &name).unwrap();
            played.write_docs(&[&name], None);
        }
        (12, false) => played.write_web(&new(), None, ""),
        (13, true) => played.write_run(Some("run")),
        (13, false) => played.write_run(Some(&new())),
        (14, true) | (15, false) => played.write_docs(&[&site()], None),
        (14, false) | (15, true) => played.write_docs(&[&site()], Some(&imported())),
        _ => {}
    }
}

const fn step(command: &'static str, undo: &'static [&'static str]) -> Step {
    Step { command, undo, makes: &[] }
}

/// There and back.
pub const STEPS: [Step; 20] = [
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
    step("svc deploy --name web --env test", &["svc deploy --name web --env test"]),
    step("svc deploy --name run --env test", &["svc deploy --name run --env test"]),
    step("svc deploy --name docs --env test", &["svc deploy --name docs --env test"]),
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
