//! `wharf doctor`.

use super::ask;
use super::context::Context;
use super::failure::Result;
use super::global;
use crate::ops;

/// Show what there is of an application in AWS, and what taking it over from Copilot would do
///
/// Reads only. Looks at every stack of the application, in all accounts and regions: who deployed it, custom resources and
/// the dates on which their functions age, stacks that are stuck, differences between manifests and what is deployed. Ends
/// with a verdict on each stack. In the application's workspace it also shows, resource by resource, what a takeover does.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Let CloudFormation look for resources that were changed by hand (starts a search in AWS)
    #[arg(long)]
    drift: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Examines the application and prints what was found.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.app.app).await?;
    let report = ops::doctor::examine(&cx.session, &ops::doctor::Options { app, drift: args.drift }).await?;
    cx.show(&report, args.json)
}
