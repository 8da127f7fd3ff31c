//! `wharf env deploy`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global, planned};
use crate::ops;

/// Create or update an environment from its manifest
///
/// An environment holds the network, the cluster and the DNS namespace. Load balancers, a file system and NAT gateways are
/// added when the first service needs them.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    env: global::Env,
    /// Update the stack even when nothing changed
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    change: global::Change,
    /// Leave out the check of quotas that comes before a new environment is made
    #[arg(long)]
    skip_preflight: bool,
    #[command(flatten)]
    planned: global::Planned,
}

/// Renders, shows the difference where wanted, deploys.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::workspace_app(cx, args.env.app.app)?;
    let name = ask::local_env(cx, args.env.name)?;
    let options = ops::env::Package {
        app,
        name,
        facts: ops::package::Source::Live,
        force: args.force,
        upload: false,
        allow_downgrade: args.change.allow_downgrade,
    };
    if !planned::environment_agreed(cx, &options, args.planned.wish()).await? {
        return Ok(());
    }
    let change = ops::Change { skip_preflight: args.skip_preflight, ..args.change.into() };
    let deployed = planned::env(cx, &options, change).await?;
    cx.tell(&deployed)
}
