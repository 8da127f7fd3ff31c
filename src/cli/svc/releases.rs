//! `wharf svc releases`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// List what a service was deployed with, newest first
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the releases.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let (app, name, env) = ask::released(cx, args.service).await?;
    let releases = ops::service::releases(&cx.session, &app, &name, &env).await?;
    cx.show(&releases, args.json)
}
