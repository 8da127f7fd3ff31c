//! `wharf job logs`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global, workload};
use crate::ops;

/// Print the log lines of a job
///
/// The lines of all containers are merged by time. Without a time or a limit, those of the last run are printed.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    job: global::Job,
    #[command(flatten)]
    logs: workload::Logs,
    /// Print only lines of the last so many runs, 1 to 1000 [default: 1, without a time]
    #[arg(long, value_name = "N", conflicts_with = "follow", value_parser = clap::value_parser!(u32).range(1..=1000))]
    last: Option<u32>,
    /// Also print what the state machine says
    #[arg(long, conflicts_with = "tasks")]
    include_state_machine: bool,
}

/// Prints history, then follows where wanted.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let deployed = ask::deployed_job(cx, "logs", args.job).await?;
    let logs = &args.logs;
    let timed = logs.since.is_some() || logs.start_time.is_some() || logs.end_time.is_some();
    let alone = !timed && !logs.follow && logs.tasks.is_empty();
    let json = logs.json;
    let options = ops::logs::Options {
        last: args.last.or(alone.then_some(1)),
        state_machine: args.include_state_machine,
        ..args.logs.into()
    };
    workload::logs(cx, deployed, &options, json).await
}
