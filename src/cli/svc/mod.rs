//! `wharf svc`: services.

mod delete;
mod deploy;
mod init;
pub mod logs;
mod ls;
mod overrides;
mod package;
mod pause;
mod releases;
mod resume;
mod show;
pub mod status;

use super::context::Context;
use super::failure::Result;

/// Create, deploy, list, show, observe and delete services
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    Init(init::Args),
    Ls(ls::Args),
    Package(package::Args),
    Override(overrides::Args),
    Deploy(deploy::Args),
    Delete(delete::Args),
    Show(show::Args),
    Status(status::Args),
    Logs(logs::Args),
    Pause(pause::Args),
    Resume(resume::Args),
    Releases(releases::Args),
}

impl Command {
    /// Runs the verb.
    pub fn run(self, cx: &mut Context) -> Result {
        match self {
            Self::Init(args) => cx.block_on(|cx| Box::pin(init::run(args, cx))),
            Self::Ls(args) => cx.block_on(|cx| Box::pin(ls::run(args, cx))),
            Self::Override(args) => cx.block_on(|cx| Box::pin(overrides::run(args, cx))),
            Self::Package(args) => cx.block_on(|cx| Box::pin(package::run(args, cx))),
            Self::Deploy(args) => cx.block_on(|cx| Box::pin(deploy::run(args, cx))),
            Self::Delete(args) => cx.block_on(|cx| Box::pin(delete::run(args, cx))),
            Self::Show(args) => cx.block_on(|cx| Box::pin(show::run(args, cx))),
            Self::Status(args) => cx.block_on(|cx| Box::pin(status::run(args, cx))),
            Self::Logs(args) => cx.block_on(|cx| Box::pin(logs::run(args, cx))),
            Self::Pause(args) => cx.block_on(|cx| Box::pin(pause::run(args, cx))),
            Self::Resume(args) => cx.block_on(|cx| Box::pin(resume::run(args, cx))),
            Self::Releases(args) => cx.block_on(|cx| Box::pin(releases::run(args, cx))),
        }
    }
}
