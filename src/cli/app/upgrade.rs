//! `wharf app upgrade`.

use crate::cli::ask;
use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::name::AppName;
use crate::ops;

/// Bring an application's roles and regional resources to this version's templates
///
/// Changes the stack of the application's roles and the StackSet with its buckets, keys and image repositories. Nothing in
/// them is replaced or lost: where something would be, it is refused before anything changes. `wharf doctor` shows
/// beforehand what it does. Environments and services are brought up to date by their next deployment.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Name of the application [default: the workspace's]
    #[arg(short, long, value_name = "NAME")]
    name: Option<AppName>,
}

/// Upgrades the application.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app_by(cx, args.name, "--name").await?;
    let report = ops::app::upgrade(&cx.session, &app).await?;
    cx.tell(&report)
}
