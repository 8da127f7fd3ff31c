//! `wharf job delete`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;
use crate::ops::service::Noun;

/// Delete a job
///
/// With `--env` from that environment only; else from every environment, with its images and its record. What runs is stopped.
/// The manifest stays,
/// and so does data in addons unless `--delete-data` is given.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    job: global::Job,
    /// Delete without asking
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    data: global::Data,
}

/// Shows what goes, asks, deletes.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.job.app.app).await?;
    let name =
        ask::workload(cx, &app, ask::Wanted { noun: Noun::Job, verb: "delete" }, args.job.name).await?;
    let (env, data) = (args.job.env.as_ref(), args.data.choice());
    let preview = ops::service::delete_preview(&cx.session, &app, &name, env, data).await?;
    ask::deletion(cx, &preview, args.yes)?;
    let gone = ops::service::delete(&cx.session, &app, &name, env, data).await?;
    cx.tell(&gone)
}
