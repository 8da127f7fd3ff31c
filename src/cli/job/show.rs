//! `wharf job show`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::name::{EnvName, WorkloadName};
use crate::ops;
use crate::ops::service::Noun;

/// Show a job: its schedule, sizes, variables and secrets in each environment
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Name of the job
    #[arg(short, long, value_name = "NAME")]
    name: Option<WorkloadName>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Also show the CloudFormation resources
    #[arg(long)]
    resources: bool,
    /// Print the manifest deployed to this environment instead
    #[arg(long, value_name = "ENV", conflicts_with_all = ["json", "resources"])]
    manifest: Option<EnvName>,
}

/// Prints the job.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.app.app).await?;
    let name = ask::workload(cx, &app, ask::Wanted { noun: Noun::Job, verb: "show" }, args.name).await?;
    if let Some(env) = args.manifest {
        return cx.print(&ops::service::deployed_manifest(&cx.session, &app, &name, &env).await?);
    }
    let shown = ops::service::show(&cx.session, &app, &name, args.resources).await?;
    cx.show(&shown, args.json)
}
