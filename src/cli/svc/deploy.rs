//! `wharf svc deploy`.

use std::collections::BTreeMap;

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{global, workload};
use crate::ops::service::Noun;

/// Build, push and deploy one service
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    /// Tag for the image; the task definition then names the image by it, not by its digest
    #[arg(long)]
    tag: Option<String>,
    /// Tags for all resources of the stack, as KEY=VALUE,KEY=VALUE
    #[arg(long, value_name = "TAGS", value_parser = global::pairs)]
    resource_tags: Option<BTreeMap<String, String>>,
    /// Replace the tasks even when nothing changed
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    change: global::Change,
    #[command(flatten)]
    preflight: global::Preflight,
    #[command(flatten)]
    express: global::Express,
    /// Show the plan, what would be changed and what it costs, then ask whether to go on
    #[arg(long)]
    diff: bool,
    /// With --diff: go on without asking
    #[arg(long, requires = "diff")]
    diff_yes: bool,
}

/// Plans, shows the difference where wanted, deploys, prints the address.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let wanted = workload::Deploy {
        app: args.service.app.app,
        name: args.service.name,
        env: args.service.env,
        tag: args.tag,
        resource_tags: args.resource_tags,
        force: args.force,
        change: args.express.of(args.preflight.of(args.change))?,
        diff: args.diff,
        diff_yes: args.diff_yes,
    };
    workload::deploy(cx, Noun::Service, wanted).await
}
