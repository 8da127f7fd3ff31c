//! `wharf env package`.

use std::path::PathBuf;

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// Print the environment's CloudFormation template
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    env: global::Env,
    /// Write `<env>.env.yml` and `<env>.env.params.json` into this folder instead
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// Upload what the template refers to
    #[arg(long)]
    upload_assets: bool,
    /// Give the template a new LastForceDeployID, so that it always is a change
    #[arg(long)]
    force: bool,
    /// Overwrite what a newer version of wharf deployed
    #[arg(long)]
    allow_downgrade: bool,
    /// Show the difference to the deployed template; exit code 0: none, 1: some, 2: it can't be told
    #[arg(long, conflicts_with_all = ["output_dir", "upload_assets"])]
    diff: bool,
    #[command(flatten)]
    offline: global::Offline,
}

/// Renders, then prints, writes or compares.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::workspace_app(cx, args.env.app.app)?;
    let name = ask::local_env(cx, args.env.name)?;
    let options = ops::env::Package {
        app,
        name,
        facts: ops::package::facts_source(args.offline.offline, args.offline.facts),
        force: args.force,
        allow_downgrade: args.allow_downgrade,
    };
    if args.diff {
        let difference = ops::env::diff(&cx.session, &options).await;
        return cx.show_difference(difference);
    }
    let packaged = ops::env::package(&cx.session, &options).await?;
    cx.warn_all(&packaged.warnings);
    match args.output_dir {
        Some(dir) => cx.show(&ops::package::write(&cx.session, &packaged, &dir)?, false),
        None => cx.print(&packaged.template()),
    }
}
