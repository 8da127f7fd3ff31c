//! `wharf svc resume`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// Start a Request-Driven Web Service that was paused
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
}

/// Resumes and tells where the service is reached.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let (app, name, env) = ask::deployed(cx, "resume", args.service).await?;
    let resumed = ops::service::resume(&cx.session, &app, &name, &env).await?;
    cx.tell(&resumed)
}
