//! `wharf app`: applications.

mod delete;
mod init;
mod ls;
mod show;
mod upgrade;

use super::context::Context;
use super::failure::Result;

/// Create, list, show, upgrade and delete applications
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    Init(init::Args),
    Ls(ls::Args),
    Show(show::Args),
    Upgrade(upgrade::Args),
    Delete(delete::Args),
}

impl Command {
    /// Runs the verb.
    pub fn run(self, cx: &mut Context) -> Result {
        match self {
            Self::Init(args) => cx.block_on(|cx| Box::pin(init::run(args, cx))),
            Self::Ls(args) => cx.block_on(|cx| Box::pin(ls::run(args, cx))),
            Self::Show(args) => cx.block_on(|cx| Box::pin(show::run(args, cx))),
            Self::Upgrade(args) => cx.block_on(|cx| Box::pin(upgrade::run(args, cx))),
            Self::Delete(args) => cx.block_on(|cx| Box::pin(delete::run(args, cx))),
        }
    }
}
