//! `wharf job`: jobs.

mod delete;
mod deploy;
mod init;
mod logs;
mod ls;
mod overrides;
mod package;
mod run;
mod show;
mod status;

use super::context::Context;
use super::failure::Result;

/// Create, deploy, run, list, show, observe and delete jobs
#[derive(clap::Subcommand, Debug)]
pub enum Command {
    Init(init::Args),
    Ls(ls::Args),
    Package(package::Args),
    Deploy(deploy::Args),
    Delete(delete::Args),
    Run(run::Args),
    Show(show::Args),
    Status(status::Args),
    Logs(logs::Args),
    Override(overrides::Args),
}

impl Command {
    /// Runs the verb.
    pub fn run(self, cx: &mut Context) -> Result {
        match self {
            Self::Init(args) => cx.block_on(|cx| Box::pin(init::run(args, cx))),
            Self::Ls(args) => cx.block_on(|cx| Box::pin(ls::run(args, cx))),
            Self::Package(args) => cx.block_on(|cx| Box::pin(package::run(args, cx))),
            Self::Deploy(args) => cx.block_on(|cx| Box::pin(deploy::run(args, cx))),
            Self::Delete(args) => cx.block_on(|cx| Box::pin(delete::run(args, cx))),
            Self::Run(args) => cx.block_on(|cx| Box::pin(run::run(args, cx))),
            Self::Show(args) => cx.block_on(|cx| Box::pin(show::run(args, cx))),
            Self::Status(args) => cx.block_on(|cx| Box::pin(status::run(args, cx))),
            Self::Logs(args) => cx.block_on(|cx| Box::pin(logs::run(args, cx))),
            Self::Override(args) => cx.block_on(|cx| Box::pin(overrides::run(args, cx))),
        }
    }
}
