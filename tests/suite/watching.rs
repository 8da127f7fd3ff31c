//! `watch`: what goes on in an environment, as far as it comes without real stacks.

use crate::changes::deployed_environment;
use crate::expect_runs;
use crate::world::{records, shop_in, stack};

#[test]
fn what_goes_on_is_followed_and_what_does_not_is_said() {
    let rest =
        records().on("DescribeStacks", "shop-test-web", stack("shop-test-web", "UPDATE_COMPLETE", &[], &[]));
    let (sandbox, server) = shop_in(deployed_environment(rest));
    expect_runs!(
        "watch_at_rest",
        sandbox.wharf("watch -e test"),
        sandbox.wharf("watch -e test -n web"),
        sandbox.wharf("watch -e test -n api"),
        sandbox.wharf("watch -e test -n nobody"),
        sandbox.wharf("watch -e staging"),
    );
    assert!(!server.actions().iter().any(|action| action.contains("Cancel") || action.contains("Delete")));
}
