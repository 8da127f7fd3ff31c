//! `wharf eject`.

use std::path::PathBuf;

use super::ask;
use super::context::Context;
use super::failure::Result;
use super::global;
use crate::ops;

/// Write the deployed stacks as plain CloudFormation, to go on without wharf
///
/// Writes template, parameters and tags of every stack of the application, and a README that says how to deploy them
/// without wharf. Changes nothing in AWS.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Folder to write into
    #[arg(long, value_name = "DIR", default_value = "cloudformation")]
    output_dir: PathBuf,
}

/// Writes the files and prints their names.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.app.app).await?;
    let files = ops::eject::eject(&cx.session, &app, &args.output_dir).await?;
    cx.show(&files, false)
}
