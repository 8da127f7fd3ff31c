//! `wharf pipeline`: what builds and deploys by itself.

mod delete;
mod deploy;
mod init;
mod ls;
mod overrides;
mod package;
mod show;
mod status;

use super::context::Context;
use super::failure::Result;

/// Create, deploy, list, show and delete pipelines, which build and deploy when the source changes
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    Init(Box<init::Args>),
    #[command(visible_alias = "update")]
    Deploy(deploy::Args),
    Package(package::Args),
    Override(overrides::Args),
    Ls(ls::Args),
    Show(show::Args),
    Status(status::Args),
    Delete(delete::Args),
}

impl Command {
    /// Runs the verb.
    pub fn run(self, cx: &mut Context) -> Result {
        match self {
            Self::Init(args) => cx.block_on(|cx| Box::pin(init::run(*args, cx))),
            Self::Deploy(args) => cx.block_on(|cx| Box::pin(deploy::run(args, cx))),
            Self::Package(args) => cx.block_on(|cx| Box::pin(package::run(args, cx))),
            Self::Override(args) => cx.block_on(|cx| Box::pin(overrides::run(args, cx))),
            Self::Ls(args) => cx.block_on(|cx| Box::pin(ls::run(args, cx))),
            Self::Show(args) => cx.block_on(|cx| Box::pin(show::run(args, cx))),
            Self::Status(args) => cx.block_on(|cx| Box::pin(status::run(args, cx))),
            Self::Delete(args) => cx.block_on(|cx| Box::pin(delete::run(args, cx))),
        }
    }
}
