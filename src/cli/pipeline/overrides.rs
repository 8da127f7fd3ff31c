//! `wharf pipeline override`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::overrides::{Begin, Flags, begin};
use crate::cli::{ask, global};
use crate::ops;
use crate::ops::overrides::Owner;

/// Begin changes of a pipeline's CloudFormation template
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pipeline: global::Pipeline,
    #[command(flatten)]
    flags: Flags,
}

/// Writes `overrides/` beside the pipeline's manifest.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::workspace_app(cx, args.pipeline.app.app)?;
    let name = ask::local_pipeline(cx, args.pipeline.name)?;
    let folder = ops::pipeline::folder(&cx.session, &name)?;
    let resources = |cx: &Context| Ok(ops::pipeline::resources(&cx.session, &app, &name)?);
    let package = format!("wharf pipeline package --name {name}");
    begin(cx, args.flags, &Begin { owner: Owner::Pipeline(&folder), package, resources: &resources })
}
