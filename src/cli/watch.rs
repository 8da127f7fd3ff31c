//! `wharf watch`.

use super::context::Context;
use super::failure::Result;
use super::{ask, global};
use crate::ops;

/// Follow the deployments that go on in an environment, whoever began them
///
/// Shows them from their beginning and ends as they do: with the addresses, or with the first cause of a failure. Ctrl-C only
/// stops watching.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
}

/// Settles the environment and follows.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.service.app.app).await?;
    let env = ask::env(cx, &app, args.service.env).await?;
    let report =
        ops::watch::watch(&cx.session, &ops::watch::Watch { app, env, name: args.service.name }).await?;
    cx.tell(&report)
}
