//! `wharf manifest`.

mod explain;
mod schema;

use clap::Subcommand;

use super::context::Context;
use super::failure::Result;

/// Look up what manifests may hold
#[derive(Subcommand, Debug)]
pub enum Command {
    Explain(explain::Args),
    Schema(schema::Args),
}

impl Command {
    /// Runs it.
    pub fn run(self, cx: &mut Context) -> Result {
        match self {
            Self::Explain(args) => explain::run(&args, cx),
            Self::Schema(args) => schema::run(&args, cx),
        }
    }
}
