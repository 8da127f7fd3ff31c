//! `wharf app delete`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::name::AppName;
use crate::ops;

/// Delete an application and everything it owns
///
/// Shows what will be deleted (services, environments, images, buckets, roles and records) and asks. The manifests stay,
/// and so does data in addons unless `--delete-data` is given.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Name of the application [default: the workspace's]
    #[arg(short, long, value_name = "NAME")]
    name: Option<AppName>,
    /// Delete without asking
    #[arg(short, long)]
    yes: bool,
    #[command(flatten)]
    data: global::Data,
}

/// Shows what goes, asks, deletes.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app_by(cx, args.name, "--name").await?;
    let preview = ops::app::delete_preview(&cx.session, &app, args.data.choice()).await?;
    ask::deletion(cx, &preview, args.yes)?;
    let gone = ops::app::delete(&cx.session, &app, args.data.choice()).await?;
    cx.tell(&gone)
}
