//! Many services at once: what they say of each other, and what changed since a revision.

use std::process::Command;

use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::world::{API, records, shop_in, shop_with};

fn git(sandbox: &Sandbox, script: &str) {
    let identity = ["AUTHOR", "COMMITTER"]
        .map(|role| [(format!("GIT_{role}_NAME"), "t"), (format!("GIT_{role}_EMAIL"), "t@example.com")]);
    let done = Command::new("/bin/sh")
        .args(["-ec", script])
        .current_dir(sandbox.work())
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .envs(identity.into_iter().flatten())
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn dependencies_in_a_circle_and_on_nobody() {
    let sandbox = shop_with(&format!("{API}depends_on: [web]\n"));
    let other = |name: &str, on: &str| API.replace("name: api", &format!("name: {name}")) + on;
    sandbox
        .write("wharf/web/manifest.yml", other("web", "depends_on:\n  - db\n"))
        .write("wharf/db/manifest.yml", other("db", "depends_on: [api, wed]\n"));
    expect_runs!("many_lint", sandbox.wharf("lint"));
}

#[test]
fn a_circle_is_not_deployed() {
    let (sandbox, server) = shop_in(records());
    let web = sandbox.read("wharf/web/manifest.yml");
    sandbox
        .write("wharf/web/manifest.yml", format!("{web}depends_on: [api]\n"))
        .write("wharf/api/manifest.yml", format!("{API}depends_on: [web]\n"));
    expect_runs!("many_circle", sandbox.wharf("deploy --all --env test"));
    crate::changes::unchanged(&server);
}

#[test]
fn what_changed_since_a_revision() {
    let (sandbox, server) = shop_in(records());
    let nowhere = sandbox.wharf("deploy --env test --since main");
    git(&sandbox, "git init -q -b main; git add -A; git commit -q -m one");
    let unknown = sandbox.wharf("deploy --env test --since v9");
    let option = sandbox.wharf("deploy --env test --since=--output=x");
    let nothing = sandbox.wharf("deploy --env test --since HEAD");
    let json = sandbox.wharf("deploy --env test --all --since main --progress json");
    expect_runs!("many_since", nowhere, unknown, option, nothing, json);
    git(
        &sandbox,
        "echo x > x; git add x; git commit -q -m two; git clone -q --depth 1 file://$PWD shallow; mv .git full; mv shallow/.git .git",
    );
    expect_runs!("many_shallow", sandbox.wharf("deploy --env test --since HEAD~1"));
    crate::changes::unchanged(&server);
}
