//! `wharf job logs`.

use std::time::Duration;

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::workload::Printer;
use crate::cli::{ask, global};
use crate::ops;

/// Print the log lines of a job
///
/// The lines of all containers are merged by time. Without a time or a limit, those of the last run are printed.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    job: global::Job,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
    /// Keep printing new lines as they come
    #[arg(long)]
    follow: bool,
    /// Print lines newer than this, such as 30s, 15m or 1h30m
    #[arg(long, value_name = "DURATION", value_parser = global::duration)]
    since: Option<Duration>,
    /// Print lines from this instant on (RFC 3339)
    #[arg(long, value_name = "TIME", conflicts_with = "since")]
    start_time: Option<String>,
    /// Print lines up to this instant (RFC 3339)
    #[arg(long, value_name = "TIME", conflicts_with = "follow")]
    end_time: Option<String>,
    /// Print at most this many lines, 1 to 10000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10000))]
    limit: Option<u32>,
    /// Print only lines of the last so many runs, 1 to 1000 [default: 1, without a time]
    #[arg(long, value_name = "N", conflicts_with = "follow", value_parser = clap::value_parser!(u32).range(1..=1000))]
    last: Option<u32>,
    /// Print only lines of tasks whose ids start with one of these
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    tasks: Vec<String>,
    /// Also print what the state machine says
    #[arg(long, conflicts_with = "tasks")]
    include_state_machine: bool,
}

/// Prints history, then follows where wanted.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let (app, name, env) = ask::deployed_job(cx, "logs", args.job).await?;
    let timed = args.since.is_some() || args.start_time.is_some() || args.end_time.is_some();
    let alone = !timed && !args.follow && args.tasks.is_empty();
    let options = ops::logs::Options {
        follow: args.follow,
        since: args.since,
        start: args.start_time,
        end: args.end_time,
        limit: args.limit,
        tasks: args.tasks,
        last: args.last.or(alone.then_some(1)),
        state_machine: args.include_state_machine,
        ..ops::logs::Options::default()
    };
    let mut printer = Printer::new(cx, args.json);
    let events = printer.events();
    let streamed =
        ops::logs::stream(&cx.session, &app, &name, &env, &options, &mut |line| printer.print(&line)).await;
    printer.finish()?;
    streamed?;
    if events { cx.result("value", &()) } else { Ok(()) }
}
