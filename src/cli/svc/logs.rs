//! `wharf logs` and `wharf svc logs`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global, workload};
use crate::ops;

/// Print the log lines of a service
///
/// The lines of all tasks and containers are merged by time. Without a time or a limit, the last 10 are printed.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    #[command(flatten)]
    logs: workload::Logs,
    /// Read another log group
    #[arg(long, value_name = "NAME")]
    log_group: Option<String>,
    /// Print only lines of the task that stopped last
    #[arg(short, long, conflicts_with = "tasks")]
    previous: bool,
    /// Print only lines of this container
    #[arg(long, value_name = "NAME")]
    container: Option<String>,
}

/// Prints history, then follows where wanted.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let deployed = ask::deployed(cx, "logs", args.service).await?;
    let json = args.logs.json;
    let options = ops::logs::Options {
        log_group: args.log_group,
        previous: args.previous,
        container: args.container,
        ..args.logs.into()
    };
    workload::logs(cx, deployed, &options, json).await
}
