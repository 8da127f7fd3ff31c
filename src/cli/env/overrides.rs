//! `wharf env override`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::overrides::{Begin, Flags, begin};
use crate::cli::{ask, global};
use crate::ops;
use crate::ops::overrides::Owner;

/// Begin changes of the CloudFormation template of all environments
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    env: global::Env,
    #[command(flatten)]
    flags: Flags,
}

/// Writes `overrides/` beside the environments.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::workspace_app(cx, args.env.app.app)?;
    let name = args.env.name;
    let resources = |cx: &Context| {
        let name = match name.clone() {
            Some(name) => name,
            None => ask::any_local_env(cx)?,
        };
        Ok(ops::env::resources(&cx.session, &app, &name)?)
    };
    let package = "wharf env package".to_owned();
    begin(cx, args.flags, &Begin { owner: Owner::Environments, package, resources: &resources })
}
