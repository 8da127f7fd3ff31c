//! `wharf job deploy`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{global, workload};
use crate::ops::service::Noun;

/// Build, push and deploy one job
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    job: global::Job,
    #[command(flatten)]
    tags: workload::Tags,
    #[command(flatten)]
    trial: global::Trial,
    #[command(flatten)]
    deployment: global::Deployment,
}

/// Plans, shows the difference where wanted, deploys.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let wanted = workload::Deploy {
        target: args.job.into(),
        tags: args.tags,
        force: false,
        trial: args.trial,
        deployment: args.deployment,
    };
    workload::deploy(cx, Noun::Job, wanted).await
}
