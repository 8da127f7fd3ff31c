//! `wharf lint`.

use super::context::Context;
use super::failure::{Failure, Result, codes};
use crate::ops::lint;
use crate::ui;

/// Check all files of the workspace without calling AWS
///
/// Exit code 0: no errors, 1: errors (with --strict also warnings), 2: wrong usage. Rules are described in docs/lint.md.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Checks, and prints what was found.
pub fn run(args: &Args, cx: &mut Context) -> Result {
    let linted = lint::lint(&cx.session)?;
    if args.json {
        cx.ui.json(&linted)?;
    } else if cx.ui.settings().json {
        cx.result("value", &linted)?;
    } else {
        let colour = cx.ui.stdout_style().colour;
        for found in &linted.drawn {
            cx.ui.out(&ui::diagnostic::draw(&found.source, found.diagnostics.items(), colour))?;
            cx.ui.out("\n")?;
        }
        cx.ui.hint(&linted.summary());
    }
    if linted.errors > 0 { Err(Failure::silent(codes::FAILED)) } else { Ok(()) }
}
