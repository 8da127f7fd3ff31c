//! `wharf manifest schema`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::ops::reference;

/// Print the JSON Schema of a type of manifest
///
/// Types are `load-balanced-web-service` and the like; `workspace-files` is the schema of `.workspace`,
/// `addons.parameters.yml` and `cfn.patches.yml`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Type of the manifest, such as `backend-service`
    #[arg(value_name = "TYPE", required_unless_present = "write")]
    kind: Option<String>,
    /// Write the schemas of all types into the workspace, where editors find them
    #[arg(long, conflicts_with = "kind")]
    write: bool,
}

/// Prints one, or writes all.
pub fn run(args: &Args, cx: &mut Context) -> Result {
    match &args.kind {
        Some(kind) => cx.print(&reference::schema(kind)?),
        None => cx.show(&reference::write_schemas(&cx.session)?, false),
    }
}
