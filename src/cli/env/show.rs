//! `wharf env show`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// Show an environment: its services and tags
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    env: global::Env,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Also show the CloudFormation resources
    #[arg(long)]
    resources: bool,
    /// Print the deployed manifest instead
    #[arg(long, conflicts_with_all = ["json", "resources"])]
    manifest: bool,
    /// Print the facts for `package --offline --facts` instead
    #[arg(long, conflicts_with_all = ["json", "resources", "manifest"])]
    facts: bool,
}

/// Prints the environment.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.env.app.app).await?;
    let name = ask::env(cx, &app, args.env.name).await?;
    if args.manifest {
        return cx.print(&ops::env::deployed_manifest(&cx.session, &app, &name).await?);
    }
    if args.facts {
        return cx.print(&ops::env::facts_file(&cx.session, &app, &name).await?);
    }
    let shown = ops::env::show(&cx.session, &app, &name, args.resources).await?;
    cx.show(&shown, args.json)
}
