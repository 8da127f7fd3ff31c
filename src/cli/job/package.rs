//! `wharf job package`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{global, workload};
use crate::ops::service::Noun;

/// Print a job's CloudFormation template
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    job: global::Job,
    #[command(flatten)]
    package: workload::Package,
    /// Package all jobs of the workspace
    #[arg(long, conflicts_with = "name", requires = "output_dir")]
    all: bool,
    #[command(flatten)]
    offline: global::Offline,
}

/// Renders, then prints, writes or compares.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let which = workload::Which { target: args.job.into(), all: args.all, offline: args.offline };
    workload::package(cx, Noun::Job, which, args.package).await
}
