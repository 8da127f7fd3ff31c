//! Five services at once: what changed, since when, and what waits for what.

use std::process::Command;

use crate::support::Emulator;

fn manifest(name: &str, more: &str) -> String {
    format!(
        "name: {name}\ntype: Backend Service\nimage:\n  build: {name}/Dockerfile\n  port: 8080\ncpu: 256\nmemory: 512\ncount: 1\n{more}"
    )
}

const API: &str = "depends_on: [db]\n";
const WEB: &str = "depends_on: [api]\n";
const SITE: &str = "publish:\n  topics: [{name: orders}]\n";

/// Subscribes to a topic that is not there before `site` is, which it need not say.
const BILL: &str = "name: bill\ntype: Worker Service\nimage: {build: bill/Dockerfile}\ncpu: 256\nmemory: 512\n\
    subscribe:\n  topics: [{name: orders, service: site}]\n";

#[test]
fn five_services_that_wait_for_each_other() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    sandbox.wharf("app init shop").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox.wharf("env deploy --name test").ends(0);
    for (name, more) in [("api", API), ("db", ""), ("site", SITE), ("web", WEB)] {
        emulator.write_probe(name);
        sandbox.write(&format!("wharf/{name}/manifest.yml"), manifest(name, more));
    }
    emulator.write_probe("bill");
    sandbox.write("wharf/bill/manifest.yml", BILL);

    // First all of them, in their order.
    let first = sandbox.wharf("deploy --all --env test --init-wkld --progress lines").expect(0);
    let at = |text: &str| first.stderr.find(text).unwrap_or_else(|| panic!("{text}: {}", first.transcript()));
    assert!(at("service web in test waits for api") < at("service db in test: CREATE_COMPLETE"));
    assert!(at("service db in test: CREATE_COMPLETE") < at("Create service api in test"));
    assert!(at("service api in test: CREATE_COMPLETE") < at("Create service web in test"));
    assert!(at("Create service site in test") < at("service db in test: CREATE_COMPLETE"));
    assert!(at("service bill in test waits for site") < at("service site in test: CREATE_COMPLETE"));
    assert!(at("service site in test: CREATE_COMPLETE") < at("Create service bill in test"));

    // Then none, and one that changed.
    let second = sandbox.wharf("deploy --all --env test").expect(0);
    assert!(
        second.transcript().contains("Unchanged in test: api, bill, db, site, web."),
        "{}",
        second.transcript()
    );
    assert!(!second.transcript().contains("Build image"), "{}", second.transcript());
    sandbox.write("wharf/api/manifest.yml", manifest("api", &format!("{API}variables:\n  A: b\n")));
    let third = sandbox.wharf("deploy --all --env test").expect(0);
    let said = third.transcript();
    assert!(
        said.contains("api is deployed to test") && said.contains("Unchanged in test: bill, db, site, web."),
        "{said}"
    );

    // What differs from a commit, in a repository.
    let script = "git init -q -b main && git add -A && git -c user.name=t -c user.email=t@example.com commit -q -m one";
    let status = Command::new("/bin/sh").args(["-c", script]).current_dir(sandbox.work()).status().unwrap();
    assert!(status.success());
    sandbox.write("wharf/site/manifest.yml", manifest("site", &format!("{SITE}variables:\n  A: b\n")));
    let since = sandbox.wharf("deploy --env test --since HEAD").expect(0).transcript();
    assert!(since.contains("site is deployed to test"), "{since}");
    assert!(since.contains("Left out, not changed since HEAD: api, bill, db, web."), "{since}");

    // One that fails stops the one that waits for it, and no other.
    sandbox
        .write(
            "wharf/db/manifest.yml",
            manifest("db", "variables:\n  PROBE_EXIT_AFTER: \"0\"\n  PROBE_EXIT_CODE: \"7\"\n"),
        )
        .write("wharf/api/manifest.yml", manifest("api", &format!("{API}variables:\n  A: c\n")))
        .write("wharf/site/manifest.yml", manifest("site", &format!("{SITE}variables:\n  A: c\n")));
    let failed = sandbox.wharf("deploy --all --env test").expect(1).transcript();
    for text in [
        "exit code 7",
        "api is not deployed, because db failed.",
        "site is deployed to test",
        "Unchanged in test: bill, web.",
    ] {
        assert!(failed.contains(text), "{text}: {failed}");
    }
}
