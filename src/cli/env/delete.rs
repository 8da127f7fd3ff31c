//! `wharf env delete`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// Delete an environment that no service runs in any more
///
/// Its manifest stays, and so do its file system and data in addons unless `--delete-data` is given.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    env: global::Env,
    /// Delete without asking
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    data: global::Data,
}

/// Shows what goes, asks, deletes.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.env.app.app).await?;
    let name = ask::env(cx, &app, args.env.name).await?;
    let preview = ops::env::delete_preview(&cx.session, &app, &name, args.data.choice()).await?;
    ask::deletion(cx, &preview, args.yes)?;
    let gone = ops::env::delete(&cx.session, &app, &name, args.data.choice()).await?;
    cx.tell(&gone)
}
