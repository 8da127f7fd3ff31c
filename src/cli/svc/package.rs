//! `wharf svc package`.

use std::path::PathBuf;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::{ask, global};
use crate::ops;

/// Print a service's CloudFormation template
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    /// Tag for the image; the task definition then names the image by it, not by its digest
    #[arg(long)]
    tag: Option<String>,
    /// Write `<svc>-<env>.stack.yml` and `<svc>-<env>.params.json` into this folder instead
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
    let app = ask::workspace_app(cx, args.service.app.app)?;
    let env = ask::local_or_known_env(cx, &app, args.service.env, args.offline.offline).await?;
    let names = if args.all {
        cx.session.local_services()?
    } else {
        vec![ask::local_service(cx, args.service.name)?]
    };
    let Some(first) = names.first().cloned() else {
        return Err(
            Failure::user("there is no service in this workspace").next("Run `wharf svc init` to make one.")
        );
    };
    let mut options = ops::service::Package {
        app,
        name: first,
        env,
        tag: args.tag,
        facts: ops::package::facts_source(args.offline.offline, args.offline.facts),
        upload: args.upload_assets,
        allow_downgrade: args.allow_downgrade,
    };
    if args.diff {
        let difference = ops::service::diff(&cx.session, &options).await;
        return cx.show_difference(difference);
    }
    let mut written = ops::package::Files { files: vec![] };
    for name in names {
        options.name = name;
        let packaged = ops::service::package(&cx.session, &options).await?;
        cx.warn_all(&packaged.warnings);
        match &args.output_dir {
            Some(dir) => written.files.extend(ops::package::write(&cx.session, &packaged, dir)?.files),
            None => return cx.print(&packaged.template()),
        }
    }
    cx.show(&written, false)
}
