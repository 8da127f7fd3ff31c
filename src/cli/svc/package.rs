//! `wharf svc package`.

use std::path::PathBuf;

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{global, workload};
use crate::ops::service::Noun;

/// Print a service's CloudFormation template
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    /// Tag for the image; the task definition then names the image by it, not by its digest
    #[arg(long)]
    tag: Option<String>,
    /// Write `<svc>-<env>.stack.yml`, `<svc>-<env>.params.json` and `<svc>.addons.stack.yml` into this folder instead
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// Build, push and upload what the template refers to
    #[arg(long)]
    upload_assets: bool,
    /// Overwrite what a newer version of wharf deployed
    #[arg(long)]
    allow_downgrade: bool,
    /// Show the difference to the deployed template; exit code 0: none, 1: some, 2: it can't be told
    #[arg(long, conflicts_with_all = ["output_dir", "upload_assets"])]
    diff: bool,
    /// Package all services of the workspace
    #[arg(long, conflicts_with = "name", requires = "output_dir")]
    all: bool,
    #[command(flatten)]
    offline: global::Offline,
}

/// Renders, then prints, writes or compares.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let wanted = workload::Package {
        app: args.service.app.app,
        name: args.service.name,
        env: args.service.env,
        tag: args.tag,
        output_dir: args.output_dir,
        upload: args.upload_assets,
        allow_downgrade: args.allow_downgrade,
        diff: args.diff,
        all: args.all,
        offline: args.offline,
    };
    workload::package(cx, Noun::Service, wanted).await
}
