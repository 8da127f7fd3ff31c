//! `wharf cost`.

use super::ask;
use super::context::Context;
use super::failure::Result;
use super::global;
use crate::name::{EnvName, WorkloadName};
use crate::ops;

/// Show what is deployed costs a month
///
/// Reads the deployed templates and adds up what is paid by the hour, whether it is used or not: tasks, load balancers, NAT
/// gateways, public addresses. What depends on use is named, not guessed. Prices are list prices from a table in the
/// program, or those that --refresh has read; a region without a known price gets no number.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Name of the environment [default: all]
    #[arg(short, long, value_name = "NAME")]
    env: Option<EnvName>,
    /// A service or a job, without its environment [default: all, with their environments]
    #[arg(short, long, value_name = "NAME")]
    name: Option<WorkloadName>,
    /// Read current prices of the regions from the AWS Price List first, and keep them for later
    #[arg(long)]
    refresh: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Adds up and prints.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::app(cx, args.app.app).await?;
    let options = ops::cost::Options { app, env: args.env, name: args.name, refresh: args.refresh };
    let costs = ops::cost::costs(&cx.session, &options).await?;
    cx.show(&costs, args.json)
}
