//! `wharf pipeline package`.

use std::path::PathBuf;

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// Print a pipeline's CloudFormation template
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pipeline: global::Pipeline,
    /// Write `<pipeline>.pipeline.stack.yml` and `<pipeline>.pipeline.params.json` into this folder instead
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// Overwrite what a newer version of wharf deployed
    #[arg(long)]
    allow_downgrade: bool,
    /// Show the difference to the deployed template; exit code 0: none, 1: some, 2: it can't be told
    #[arg(long, conflicts_with = "output_dir")]
    diff: bool,
    #[command(flatten)]
    offline: global::Offline,
}

/// Renders, then prints, writes or compares.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::workspace_app(cx, args.pipeline.app.app)?;
    let name = ask::local_pipeline(cx, args.pipeline.name)?;
    let options = ops::pipeline::Package {
        app,
        name,
        facts: ops::package::facts_source(args.offline.offline, args.offline.facts),
        allow_downgrade: args.allow_downgrade,
    };
    if args.diff {
        let difference = ops::pipeline::diff(&cx.session, &options).await;
        return cx.show_difference(difference);
    }
    let packaged = ops::pipeline::package(&cx.session, &options).await?;
    cx.warn_all(&packaged.warnings);
    match args.output_dir {
        Some(dir) => cx.show(&ops::package::write(&cx.session, &packaged, &dir)?, false),
        None => cx.print(&packaged.template()),
    }
}
