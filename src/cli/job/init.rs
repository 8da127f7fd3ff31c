//! `wharf job init`.

use std::path::PathBuf;

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::name::WorkloadName;
use crate::ops;

/// Write a job's manifest and register the job
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Name of the job
    #[arg(short, long, value_name = "NAME")]
    name: Option<WorkloadName>,
    /// Type of the job: "Scheduled Job"
    #[arg(short = 't', long, value_name = "TYPE")]
    job_type: Option<String>,
    /// Path of the job's Dockerfile
    #[arg(short, long, value_name = "PATH", conflicts_with = "image")]
    dockerfile: Option<PathBuf>,
    /// Address of an existing image, instead of a Dockerfile
    #[arg(short, long, value_name = "ADDRESS")]
    image: Option<String>,
    #[command(flatten)]
    trigger: global::Trigger,
    /// Overwrite what a newer version of wharf deployed
    #[arg(long)]
    allow_downgrade: bool,
}

/// Asks for what is missing, writes the manifest, registers.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::workspace_app(cx, args.app.app)?;
    let given = ask::ServiceAnswers {
        name: args.name,
        kind: args.job_type,
        dockerfile: args.dockerfile,
        image: args.image,
        trigger: Some(args.trigger),
        noun: Some(ops::service::Noun::Job),
        kind_flag: "--job-type",
        ..ask::ServiceAnswers::default()
    };
    let job = ask::service_init(cx, given)?;
    let made = ops::service::init(&cx.session, &app, &job, args.allow_downgrade).await?;
    cx.tell(&made)
}
