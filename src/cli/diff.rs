//! `wharf diff`.

use super::context::Context;
use super::failure::{Failure, Result, codes};
use super::{ask, global, planned};
use crate::name::{EnvName, WorkloadName};
use crate::ops;

/// Show what a deployment would do, without doing anything
///
/// Holds the workspace against what is deployed: every resource that would be made, changed, replaced or deleted, with the
/// properties that differ, images to build, files to upload, what the environment switches on, and the monthly cost before
/// and after. Nothing is built, pushed, uploaded or changed. Exit code 0: nothing would be done, 1: something, 2: it can't
/// be told.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Services and jobs to plan; may be repeated
    #[arg(short, long, value_name = "NAME", value_delimiter = ',')]
    name: Vec<WorkloadName>,
    /// Name of the environment
    #[arg(short, long, value_name = "NAME")]
    env: Option<EnvName>,
    /// Plan all services and jobs of the workspace
    #[arg(long, conflicts_with = "name")]
    all: bool,
    /// Plan the environment itself, not what runs in it
    #[arg(long, conflicts_with_all = ["name", "all", "tag"])]
    environment: bool,
    /// Plan a rollback to this release, as `wharf svc releases` lists it; nothing of the workspace is read
    #[arg(long, value_name = "RELEASE", value_parser = global::release, conflicts_with_all = ["all", "environment", "tag", "text"])]
    to: Option<String>,
    /// Tag for the images; the task definitions then name the images by it, not by their digests
    #[arg(long)]
    tag: Option<String>,
    /// Show the difference of the templates' texts after the plan
    #[arg(long, conflicts_with = "json")]
    text: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Makes the plan and prints it; the exit code says whether something would be done.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let json = args.json;
    let (plans, texts) = match planned_by(cx, args).await {
        Ok(found) => found,
        Err(failure) if failure.is_interruption() => return Err(failure),
        Err(failure) => return Err(failure.with_code(codes::USAGE)),
    };
    let same = plans.is_empty();
    cx.show_as("plan", &plans, json)?;
    for difference in &texts {
        cx.print_difference(difference)?;
    }
    if same { Ok(()) } else { Err(Failure::silent(codes::FAILED)) }
}

async fn planned_by(
    cx: &Context,
    args: Args,
) -> std::result::Result<(ops::plan::Plans, Vec<ops::difference::Difference>), Failure> {
    if args.to.is_some() {
        if args.name.len() > 1 {
            return Err(
                Failure::user("--to takes one service").next("Name the one to roll back with --name.")
            );
        }
        let service = global::Service { app: args.app, name: args.name.first().cloned(), env: args.env };
        let (app, name, env) = ask::released(cx, service).await?;
        let change = ops::Change { allow_downgrade: true, ..ops::Change::default() };
        let options = ops::service::Rollback { app, name, env, to: args.to, change };
        let ahead = ops::service::ahead(&cx.session, &options).await?;
        return Ok((ops::plan::Plans { plans: vec![ahead.plan().clone()] }, vec![]));
    }
    let app = ask::workspace_app(cx, args.app.app)?;
    let mut texts = vec![];
    if args.environment {
        let name = ask::local_env(cx, args.env)?;
        let options = planned::environment(app, name);
        if args.text {
            texts.push(ops::env::diff(&cx.session, &options).await?);
        }
        let plan = ops::env::plan(&cx.session, &options).await?;
        return Ok((ops::plan::Plans { plans: vec![plan] }, texts));
    }
    let names = ask::several(cx, args.all, args.name)?;
    let env = ask::env(cx, &app, args.env).await?;
    let options = planned::workloads(app, env, args.tag);
    if args.text {
        for name in &names {
            texts.push(ops::service::diff(&cx.session, &planned::package(&options, name)).await?);
        }
    }
    let plans = ops::service::plan(&cx.session, &options, &names).await?;
    Ok((ops::plan::Plans { plans }, texts))
}
