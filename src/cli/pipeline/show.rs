//! `wharf pipeline show`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// Show a deployed pipeline with its stages
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pipeline: global::Pipeline,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Also show the CloudFormation resources
    #[arg(long)]
    resources: bool,
}

/// Prints the pipeline.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.pipeline.app.app).await?;
    let name = ask::pipeline(cx, &app, args.pipeline.name).await?;
    let shown = ops::pipeline::show(&cx.session, &app, &name, args.resources).await?;
    cx.show(&shown, args.json)
}
