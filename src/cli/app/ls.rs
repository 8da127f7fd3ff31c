//! `wharf app ls`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::ops;

/// List the applications of this account and region
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Prints one name a line.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let apps = ops::app::list(&cx.session).await?;
    cx.show(&apps, args.json)
}
