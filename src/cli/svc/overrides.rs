//! `wharf svc override`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::global;
use crate::cli::overrides::{Flags, of_workload};
use crate::ops::service::Noun;

/// Begin changes of a service's CloudFormation template
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    #[command(flatten)]
    flags: Flags,
}

/// Writes `overrides/` beside the service's manifest.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    of_workload(cx, Noun::Service, args.service.app.app, args.service.name, args.service.env, args.flags)
}
