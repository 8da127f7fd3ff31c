//! `wharf pipeline delete`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;
use crate::ui::Question;

/// Delete a pipeline; what it has deployed stays
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pipeline: global::Pipeline,
    /// Delete without asking; the secret then goes with --delete-secret only
    #[arg(short, long)]
    yes: bool,
    /// Also delete the secret with the token of the source
    #[arg(long)]
    delete_secret: bool,
}

/// Shows what goes, asks, deletes.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.pipeline.app.app).await?;
    let name = ask::pipeline(cx, &app, args.pipeline.name).await?;
    let mut options = ops::pipeline::Delete { app, name, secret: args.delete_secret };
    let preview = ops::pipeline::delete_preview(&cx.session, &options).await?;
    ask::deletion(cx, &preview, args.yes)?;
    if !options.secret && !args.yes {
        let secret = ops::pipeline::token_secret(&cx.session, &options.app, &options.name).await?;
        if let Some(secret) = secret {
            let text = format!("Delete the secret {secret} too?");
            options.secret =
                cx.ui.confirm(Question { text: &text, flag: "--delete-secret", help: "" }, false)?;
        }
    }
    let gone = ops::pipeline::delete(&cx.session, &options).await?;
    cx.tell(&gone)
}
