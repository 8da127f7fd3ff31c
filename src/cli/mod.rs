//! What the user types: the commands, their flags, and what comes of them.
//!
//! [`main`] parses, builds a `context::Context` (the only reader of the process environment), runs one command and turns
//! what came of it into an exit code (`failure`). A command is one file: its `Args`, whose doc comments are the help, and
//! `run`, a short recipe of calls into `ops`. Whatever a command shows is a value with a text form and a JSON form.

mod advice;
mod app;
mod ask;
mod ask_pipeline;
mod ask_service;
mod completion;
mod context;
mod cost;
mod deploy;
mod diff;
mod doctor;
mod eject;
mod env;
mod failure;
mod global;
mod init;
mod job;
mod lint;
mod manifest;
mod overrides;
mod pipeline;
mod planned;
mod rollback;
mod svc;
mod verify;
mod version;
mod watch;
mod workload;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use failure::{codes, deployment_report};

/// The version as scripts read it that were written for Copilot: its third word.
const VERSION: &str = concat!("version: v", env!("CARGO_PKG_VERSION"));

/// Takes a containerised application from its source to production on AWS and runs it there.
#[derive(Parser, Debug)]
#[command(name = "wharf", version = VERSION, after_help = AFTER_HELP, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: global::Global,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "Start with `wharf init` in a folder with a Dockerfile.\n\
    Exit codes: 0 done, 1 failed, 2 wrong usage, 3 output closed, 5 held back, 130 interrupted, 255 a bug of wharf.";

#[derive(Subcommand, Debug)]
enum Command {
    Init(init::Args),
    Deploy(deploy::Args),
    Diff(diff::Args),
    Verify(verify::Args),
    Status(svc::status::Args),
    Logs(svc::logs::Args),
    Cost(cost::Args),
    Doctor(doctor::Args),
    Eject(eject::Args),
    Rollback(rollback::Args),
    Watch(watch::Args),
    #[command(subcommand)]
    App(app::Command),
    #[command(subcommand)]
    Env(env::Command),
    #[command(subcommand)]
    Svc(svc::Command),
    #[command(subcommand)]
    Job(job::Command),
    Lint(lint::Args),
    #[command(subcommand)]
    Manifest(manifest::Command),
    #[command(subcommand)]
    Pipeline(pipeline::Command),
    Completion(completion::Args),
    Version(version::Args),
}

/// The definition of the whole command line, as completions, man pages and the reference are made from it.
#[must_use]
pub fn command() -> clap::Command {
    Cli::command()
}

/// The arguments without values of switches: `--yes=true` is `--yes`, `--yes=false` is nothing. Scripts written for Copilot
/// hold both.
fn without_switch_values(command: &clap::Command, args: impl Iterator<Item = OsString>) -> Vec<OsString> {
    fn switches<'a>(command: &'a clap::Command, found: &mut BTreeSet<&'a str>) {
        let own = command.get_arguments().filter(|arg| matches!(arg.get_action(), ArgAction::SetTrue));
        found.extend(own.filter_map(clap::Arg::get_long));
        command.get_subcommands().for_each(|command| switches(command, found));
    }
    let args: Vec<OsString> = args.collect();
    if !args.iter().any(|arg| arg.to_str().is_some_and(|text| text.starts_with("--") && text.contains('='))) {
        return args;
    }
    let mut known = BTreeSet::new();
    switches(command, &mut known);
    args.into_iter()
        .filter_map(|arg| {
            let switch = arg.to_str().and_then(|text| text.strip_prefix("--")?.split_once('='));
            match switch.filter(|(name, _)| known.contains(name)) {
                Some((name, "true" | "1" | "t" | "T" | "TRUE" | "True")) => Some(format!("--{name}").into()),
                Some((_, "false" | "0" | "f" | "F" | "FALSE" | "False")) => None,
                _ => Some(arg),
            }
        })
        .collect()
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    failure::catch_bugs();
    let command = command();
    let args = without_switch_values(&command, std::env::args_os());
    let cli = match command.try_get_matches_from(args).and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(error) => return failure::usage(&error),
    };
    let mut context = match context::Context::new(&cli.global) {
        Ok(context) => context,
        Err(failure) => return failure.exit_without_context(),
    };
    let result = cli.command.run(&mut context);
    failure::exit(&context, result)
}

impl Command {
    fn run(self, cx: &mut context::Context) -> failure::Result {
        match self {
            Self::Init(args) => cx.block_on(|cx| Box::pin(init::run(args, cx))),
            Self::Deploy(args) => cx.block_on(|cx| Box::pin(deploy::run(args, cx))),
            Self::Diff(args) => cx.block_on(|cx| Box::pin(diff::run(args, cx))),
            Self::Verify(args) => cx.block_on(|cx| Box::pin(verify::run(args, cx))),
            Self::Cost(args) => cx.block_on(|cx| Box::pin(cost::run(args, cx))),
            Self::Status(args) => cx.block_on(|cx| Box::pin(svc::status::run(args, cx))),
            Self::Logs(args) => cx.block_on(|cx| Box::pin(svc::logs::run(args, cx))),
            Self::Doctor(args) => cx.block_on(|cx| Box::pin(doctor::run(args, cx))),
            Self::Eject(args) => cx.block_on(|cx| Box::pin(eject::run(args, cx))),
            Self::Rollback(args) => cx.block_on(|cx| Box::pin(rollback::run(args, cx))),
            Self::Watch(args) => cx.block_on(|cx| Box::pin(watch::run(args, cx))),
            Self::App(command) => command.run(cx),
            Self::Env(command) => command.run(cx),
            Self::Svc(command) => command.run(cx),
            Self::Job(command) => command.run(cx),
            Self::Lint(args) => lint::run(&args, cx),
            Self::Manifest(command) => command.run(cx),
            Self::Pipeline(command) => command.run(cx),
            Self::Completion(args) => completion::run(&args, cx),
            Self::Version(args) => version::run(&args, cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn switches_take_values_as_copilots_do() {
        let args = ["wharf", "svc", "delete", "--yes=true", "--name=api", "--json=false", "--yes=maybe"];
        let left = without_switch_values(&command(), args.iter().map(OsString::from));
        assert_eq!(left, ["wharf", "svc", "delete", "--yes", "--name=api", "--yes=maybe"]);
    }
}
