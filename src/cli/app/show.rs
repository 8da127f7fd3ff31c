//! `wharf app show`.

use crate::cli::ask;
use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::name::AppName;
use crate::ops;

/// Show an application: its environments, services and which runs where
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Name of the application [default: the workspace's]
    #[arg(short, long, value_name = "NAME")]
    name: Option<AppName>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints the application.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app_by(cx, args.name, "--name").await?;
    let shown = ops::app::show(&cx.session, &app).await?;
    cx.show(&shown, args.json)
}
