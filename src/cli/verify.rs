//! `wharf verify`.

use super::context::Context;
use super::failure::{Failure, Result, codes};
use super::{ask, global, planned};
use crate::name::{EnvName, WorkloadName};
use crate::ops;

/// Check what a deployment rests on, without changing anything
///
/// Looks at everything that makes deployments fail late: roles, stacks, secrets with their tags and keys, images, ports,
/// subnets and free addresses, certificates, listener rules, quotas, names. Lists what was looked at with what came of it and
/// what to do. `deploy` does the same for what is new or changed. Exit code 0: a deployment would not fail for any of this,
/// 1: it would, 2: it can't be told.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Services and jobs to check; may be repeated
    #[arg(short, long, value_name = "NAME", value_delimiter = ',')]
    name: Vec<WorkloadName>,
    /// Name of the environment
    #[arg(short, long, value_name = "NAME")]
    env: Option<EnvName>,
    /// Check all services and jobs of the workspace
    #[arg(long, conflicts_with = "name")]
    all: bool,
    #[command(flatten)]
    trial: global::Trial,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Looks, and prints what was found; the exit code says whether a deployment would fail.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let json = args.json;
    let verified = match verified(cx, args).await {
        Ok(verified) => verified,
        Err(failure) if failure.is_interruption() => return Err(failure),
        Err(failure) => return Err(failure.with_code(codes::USAGE)),
    };
    let failed = verified.has_failed();
    cx.show_as("verify", &verified, json)?;
    if failed { Err(Failure::silent(codes::FAILED)) } else { Ok(()) }
}

async fn verified(cx: &Context, args: Args) -> std::result::Result<ops::preflight::Verified, Failure> {
    let app = ask::workspace_app(cx, args.app.app)?;
    let names = ask::several(cx, args.all, args.name)?;
    let env = ask::env(cx, &app, args.env).await?;
    let mut options = planned::workloads(app, env, None);
    options.change = args.trial.of(options.change);
    Ok(ops::service::verify(&cx.session, &options, &names).await?)
}
