//! `wharf env upgrade`: kept for old scripts.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::global;
use crate::ops::Report;

/// Do nothing (kept for old scripts)
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    env: global::Env,
    /// All environments
    #[arg(long)]
    all: bool,
}

/// Says what does the work now.
pub fn run(_args: &Args, cx: &mut Context) -> Result {
    let next =
        vec!["`env upgrade` does nothing: `wharf env deploy` brings an environment up to date.".to_owned()];
    cx.tell(&Report { next, ..Report::default() })
}
