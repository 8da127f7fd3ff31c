//! `wharf svc package`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{global, workload};
use crate::ops::service::Noun;

/// Print a service's CloudFormation template
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    #[command(flatten)]
    package: workload::Package,
    /// Package all services of the workspace
    #[arg(long, conflicts_with = "name", requires = "output_dir")]
    all: bool,
    #[command(flatten)]
    offline: global::Offline,
}

/// Renders, then prints, writes or compares.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let which = workload::Which { target: args.service, all: args.all, offline: args.offline };
    workload::package(cx, Noun::Service, which, args.package).await
}
