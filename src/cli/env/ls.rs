//! `wharf env ls`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// List the environments of an application
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints one name a line.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.app.app).await?;
    let environments = ops::env::list(&cx.session, &app).await?;
    cx.show(&environments, args.json)
}
