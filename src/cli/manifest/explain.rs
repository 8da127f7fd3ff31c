//! `wharf manifest explain`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::ops::reference;

/// Say what a field of a manifest is
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Path of the field, such as `http.healthcheck.interval` or `sidecars.NAME.port`
    field: String,
    /// Type of the manifest, such as `backend-service` [default: all that have the field]
    #[arg(short = 't', long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Looks it up.
pub fn run(args: &Args, cx: &mut Context) -> Result {
    let meanings = reference::explain(&args.field, args.kind.as_deref())?;
    cx.show(&meanings, args.json)
}
