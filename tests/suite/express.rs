//! `--express`, as far as it comes without real stacks: what it does not go together with.

use crate::changes::unchanged;
use crate::expect_runs;
use crate::plans::deployed_with;
use crate::world::WEB;

#[test]
fn flags_that_express_does_not_go_together_with() {
    let (sandbox, server) = deployed_with("");
    expect_runs!(
        "express_flags",
        sandbox.wharf("deploy -n web -e test --express --no-rollback").expect(2),
        sandbox.wharf("svc deploy -n web -e test --express --detach").expect(2),
        sandbox.wharf("job deploy -n web -e test --express --detach").expect(2),
        sandbox.wharf("rollback -n web -e test --express --detach").expect(2),
        sandbox.wharf("env deploy -n test --express").expect(2),
    );
    assert_eq!(server.actions(), [""; 0]);
}

#[test]
fn changes_that_could_not_be_taken_back_are_refused() {
    let (sandbox, server) = deployed_with("");
    sandbox.write("wharf/web/manifest.yml", WEB.replace("  path: /\n", "  path: /\n  version: grpc\n"));
    let risky = sandbox.wharf("svc deploy -n web -e test --express --allow-replace TargetGroup").expect(1);
    sandbox.write("wharf/web/manifest.yml", format!("{WEB}deployment:\n  strategy: blue_green\n"));
    let shifting = sandbox.wharf("deploy -n web -e test --express").expect(1);
    expect_runs!("express_refused", risky, shifting);
    unchanged(&server);
}
