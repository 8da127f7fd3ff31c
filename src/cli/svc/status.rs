//! `wharf status` and `wharf svc status`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// Show how a service runs: deployments, tasks, health, what stopped and why
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the status.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let (app, name, env) = ask::deployed(cx, "status", args.service).await?;
    let status = ops::service::status(&cx.session, &app, &name, &env).await?;
    cx.show(&status, args.json)
}
