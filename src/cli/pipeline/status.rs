//! `wharf pipeline status`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// Show how a pipeline stands: its stages, transitions and actions
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pipeline: global::Pipeline,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the state.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.pipeline.app.app).await?;
    let name = ask::pipeline(cx, &app, args.pipeline.name).await?;
    let status = ops::pipeline::status(&cx.session, &app, &name).await?;
    cx.show(&status, args.json)
}
