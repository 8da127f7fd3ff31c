//! `wharf job run`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::workload::Printer;
use crate::cli::{ask, global};
use crate::ops;

/// Start a job now
///
/// With `--follow` the command prints the log lines of the run and ends when the job does: with exit code 0 when it
/// succeeded.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    job: global::Job,
    /// Print the log lines of the run and wait for its end
    #[arg(long)]
    follow: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Starts the job, follows it where wanted.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let (app, name, env) = ask::deployed_job(cx, "run", args.job).await?;
    let started = ops::job::run(&cx.session, &app, &name, &env).await?;
    if !args.follow {
        return cx.show(&started, args.json);
    }
    cx.ui.note(&format!("{name} runs in {env}: execution {}", started.execution.name));
    let mut printer = Printer::new(cx, args.json);
    let followed = ops::job::follow(&cx.session, &started, &mut |line| printer.print(&line)).await;
    printer.finish()?;
    cx.show(&followed?, args.json)
}
