//! `wharf svc override`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::overrides::{Begin, Flags, begin};
use crate::cli::{ask, global};
use crate::ops;
use crate::ops::overrides::Owner;

/// Begin changes of a service's CloudFormation template
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    #[command(flatten)]
    flags: Flags,
}

/// Writes `overrides/` beside the service's manifest.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::workspace_app(cx, args.service.app.app)?;
    let name = ask::local_service(cx, args.service.name)?;
    let env = args.service.env;
    let resources = |cx: &Context| {
        let env = match env.clone() {
            Some(env) => env,
            None => ask::any_local_env(cx)?,
        };
        Ok(ops::service::resources(&cx.session, &app, &name, &env)?)
    };
    let package = format!("wharf svc package --name {name}");
    begin(cx, args.flags, &Begin { owner: Owner::Workload(&name), package, resources: &resources })
}
