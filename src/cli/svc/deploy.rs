//! `wharf svc deploy`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{global, workload};
use crate::ops::service::Noun;

/// Build, push and deploy one service
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    #[command(flatten)]
    tags: workload::Tags,
    /// Replace the tasks even when nothing changed
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    trial: global::Trial,
    #[command(flatten)]
    deployment: global::Deployment,
}

/// Plans, shows the difference where wanted, deploys, prints the address.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let wanted = workload::Deploy {
        target: args.service,
        tags: args.tags,
        force: args.force,
        trial: args.trial,
        deployment: args.deployment,
    };
    workload::deploy(cx, Noun::Service, wanted).await
}
