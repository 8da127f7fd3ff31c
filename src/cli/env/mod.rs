//! `wharf env`: environments.

mod delete;
mod deploy;
mod init;
mod ls;
mod overrides;
mod package;
mod show;
mod upgrade;

use super::context::Context;
use super::failure::Result;

/// Create, deploy, list, show and delete environments
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    Init(Box<init::Args>),
    Ls(ls::Args),
    Show(show::Args),
    Package(package::Args),
    Override(overrides::Args),
    Deploy(deploy::Args),
    Delete(delete::Args),
    #[command(hide = true)]
    Upgrade(upgrade::Args),
}

impl Command {
    /// Runs the verb.
    pub fn run(self, cx: &mut Context) -> Result {
        match self {
            Self::Init(args) => cx.block_on(|cx| Box::pin(init::run(*args, cx))),
            Self::Ls(args) => cx.block_on(|cx| Box::pin(ls::run(args, cx))),
            Self::Show(args) => cx.block_on(|cx| Box::pin(show::run(args, cx))),
            Self::Override(args) => cx.block_on(|cx| Box::pin(overrides::run(args, cx))),
            Self::Package(args) => cx.block_on(|cx| Box::pin(package::run(args, cx))),
            Self::Deploy(args) => cx.block_on(|cx| Box::pin(deploy::run(args, cx))),
            Self::Delete(args) => cx.block_on(|cx| Box::pin(delete::run(args, cx))),
            Self::Upgrade(args) => upgrade::run(&args, cx),
        }
    }
}
