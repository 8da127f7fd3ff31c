//! `wharf rollback`.

use super::context::Context;
use super::failure::{Failure, Result};
use super::{ask, global, planned};
use crate::ops;

/// Deploy an earlier release of a service again: its template, its settings and its images
///
/// Shows what that would change and what it costs on a terminal, looks whether all it rests on is still there, and asks.
/// What would be replaced or deleted although it holds data or takes traffic is held back as in a deployment.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    /// The release, as `wharf svc releases` lists it; without it the one before the current one
    #[arg(long, value_name = "RELEASE", value_parser = global::release)]
    to: Option<String>,
    /// Don't ask
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    deployment: global::Deployment,
}

/// Reads the release, shows what it would change, asks, deploys.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let global::Deployment { manner, planned: wanted } = args.deployment;
    let change = manner.change()?;
    let (app, name, env) = ask::released(cx, args.service).await?;
    let options = ops::service::Rollback { app, name, env, to: args.to, change };
    let ahead = ops::service::ahead(&cx.session, &options).await?;
    let wish = planned::Wish { yes: args.yes || wanted.diff_yes, ..wanted.wish() };
    if !planned::rollback_agreed(cx, &ahead, wish)? {
        return Err(Failure::user("nothing was rolled back"));
    }
    let report = planned::rollback(cx, options, ahead).await?;
    cx.tell(&report)
}
