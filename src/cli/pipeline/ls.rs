//! `wharf pipeline ls`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// List the pipelines of an application
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// List the pipelines with a manifest in this workspace, deployed or not
    #[arg(long)]
    local: bool,
}

/// Prints one name a line.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    if args.local {
        let app = ask::workspace_app(cx, args.app.app)?;
        let found = ops::pipeline::Locals::read(&cx.session, &app, args.json).await?;
        return cx.show(&found, args.json);
    }
    let app = ask::app(cx, args.app.app).await?;
    let pipelines = ops::pipeline::list(&cx.session, &app).await?;
    cx.show(&pipelines, args.json)
}
