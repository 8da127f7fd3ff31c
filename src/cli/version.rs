//! `wharf version`.

use super::context::Context;
use super::failure::Result;

/// Print the version
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Prints `version: v2.0.0, built for linux`.
pub fn run(_args: &Args, cx: &mut Context) -> Result {
    cx.ui.out(&format!("version: v{}, built for {}\n", env!("CARGO_PKG_VERSION"), std::env::consts::OS))?;
    Ok(())
}
