//! `wharf job override`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::global;
use crate::cli::overrides::{Flags, of_workload};
use crate::ops::service::Noun;

/// Begin changes of a job's CloudFormation template
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    job: global::Job,
    #[command(flatten)]
    flags: Flags,
}

/// Writes `overrides/` beside the job's manifest.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    of_workload(cx, Noun::Job, args.job.app.app, args.job.name, args.job.env, args.flags)
}
