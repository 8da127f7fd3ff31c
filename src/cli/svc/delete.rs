//! `wharf svc delete`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;
use crate::ops::service::Noun;

/// Delete a service
///
/// With `--env` from that environment only; else from every environment, with its images and its record. The manifest stays,
/// and so does data in addons unless `--delete-data` is given.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    /// Delete without asking
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    data: global::Data,
}

/// Shows what goes, asks, deletes.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.service.app.app).await?;
    let name =
        ask::workload(cx, &app, ask::Wanted { noun: Noun::Service, verb: "delete" }, args.service.name)
            .await?;
    let (env, data) = (args.service.env.as_ref(), args.data.choice());
    let preview = ops::service::delete_preview(&cx.session, &app, &name, env, data).await?;
    ask::deletion(cx, &preview, args.yes)?;
    let gone = ops::service::delete(&cx.session, &app, &name, env, data).await?;
    cx.tell(&gone)
}
