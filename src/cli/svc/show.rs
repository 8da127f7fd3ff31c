//! `wharf svc show`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{global, workload};
use crate::name::WorkloadName;
use crate::ops::service::Noun;

/// Show a service: its addresses, sizes, variables and secrets in each environment
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Name of the service
    #[arg(short, long, value_name = "NAME")]
    name: Option<WorkloadName>,
    #[command(flatten)]
    show: workload::Show,
}

/// Prints the service.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    workload::show(cx, Noun::Service, (args.app, args.name), args.show).await
}
