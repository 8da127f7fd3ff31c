//! `wharf job status`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// Show when a job runs next and how its last runs ended
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    job: global::Job,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// How many of the last runs are shown, 1 to 100
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    last: u32,
}

/// Prints the status.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let (app, name, env) = ask::deployed_job(cx, "status", args.job).await?;
    let status = ops::job::status(&cx.session, &app, &name, &env, args.last).await?;
    cx.show(&status, args.json)
}
