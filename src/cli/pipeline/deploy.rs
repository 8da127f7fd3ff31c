//! `wharf pipeline deploy`.

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::{ask, global};
use crate::ops;
use crate::ui::Question;

/// Create or update a pipeline from its manifest
///
/// A new connection to GitHub or Bitbucket has to be allowed there once: the command says where and waits for it.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pipeline: global::Pipeline,
    /// Update without asking
    #[arg(short, long)]
    yes: bool,
    /// Show the difference to the deployed template, then ask whether to go on
    #[arg(long)]
    diff: bool,
    /// Overwrite what a newer version of wharf deployed
    #[arg(long)]
    allow_downgrade: bool,
}

/// Shows the difference where wanted, asks before a change, deploys.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::workspace_app(cx, args.pipeline.app.app)?;
    let name = ask::local_pipeline(cx, args.pipeline.name)?;
    let options = ops::pipeline::Package {
        app,
        name,
        facts: ops::package::Source::Live,
        allow_downgrade: args.allow_downgrade,
    };
    if args.diff {
        let difference = ops::pipeline::diff(&cx.session, &options).await?;
        if !ask::difference(cx, &difference, args.yes, "--yes")? {
            return Ok(());
        }
    } else if !args.yes && ops::pipeline::exists(&cx.session, &options).await? {
        let text = format!("Update the pipeline {}?", options.name);
        if !cx.ui.confirm(Question { text: &text, flag: "--yes", help: "" }, true)? {
            return Err(Failure::user("nothing was changed"));
        }
    }
    let deployed = ops::pipeline::deploy(&cx.session, &options).await?;
    cx.tell(&deployed)
}
