//! `wharf job ls`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// List the jobs of an application
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// List only jobs with a manifest in this workspace
    #[arg(long)]
    local: bool,
}

/// Prints names and types.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.app.app).await?;
    let jobs = ops::job::list(&cx.session, &app, args.local).await?;
    cx.show(&jobs, args.json)
}
