//! `wharf job show`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{global, workload};
use crate::name::WorkloadName;
use crate::ops::service::Noun;

/// Show a job: its schedule, sizes, variables and secrets in each environment
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Name of the job
    #[arg(short, long, value_name = "NAME")]
    name: Option<WorkloadName>,
    #[command(flatten)]
    show: workload::Show,
}

/// Prints the job.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    workload::show(cx, Noun::Job, (args.app, args.name), args.show).await
}
