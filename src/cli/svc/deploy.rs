//! `wharf svc deploy`.

use std::collections::BTreeMap;

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::ops;

/// Build, push and deploy one service
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    service: global::Service,
    /// Tag for the image; the task definition then names the image by it, not by its digest
    #[arg(long)]
    tag: Option<String>,
    /// Tags for all resources of the stack, as KEY=VALUE,KEY=VALUE
    #[arg(long, value_name = "TAGS", value_parser = global::pairs)]
    resource_tags: Option<BTreeMap<String, String>>,
    /// Replace the tasks even when nothing changed
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    change: global::Change,
    /// Show the difference to the deployed template, then ask whether to go on
    #[arg(long)]
    diff: bool,
    /// With --diff: go on without asking
    #[arg(long, requires = "diff")]
    diff_yes: bool,
}

/// Plans, shows the difference where wanted, deploys, prints the address.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::workspace_app(cx, args.service.app.app)?;
    let name = ask::local_service(cx, args.service.name)?;
    let env = ask::env(cx, &app, args.service.env).await?;
    if args.diff {
        let package = ops::service::Package {
            app: app.clone(),
            name: name.clone(),
            env: env.clone(),
            tag: args.tag.clone(),
            facts: ops::package::Source::Live,
            upload: false,
            allow_downgrade: args.change.allow_downgrade,
        };
        let difference = ops::service::diff(&cx.session, &package).await?;
        if !ask::difference(cx, &difference, args.diff_yes)? {
            return Ok(());
        }
    }
    let options = ops::service::Deploy {
        app,
        env,
        tag: args.tag,
        resource_tags: args.resource_tags.unwrap_or_default(),
        force: args.force,
        change: args.change.into(),
    };
    let deployed = ask::deployed_services(cx, &options, std::slice::from_ref(&name)).await?;
    cx.tell(&deployed)
}
