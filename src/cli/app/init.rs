//! `wharf app init`.

use std::collections::BTreeMap;

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::name::AppName;
use crate::ops;

/// Create an application, or bind this workspace to an existing one
///
/// An application is a set of services and environments. It consists of a record, two IAM roles and, in each region it is
/// used in, a bucket, a key and image repositories.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Name of the application [default: the workspace's]
    name: Option<AppName>,
    /// Domain of the application, whose public hosted zone is in the account
    ///
    /// Services then have names below it, with certificates: <SERVICE>.<ENVIRONMENT>.<APPLICATION>.<DOMAIN>, and the aliases of
    /// their manifests. It can't be changed later.
    #[arg(long)]
    domain: Option<String>,
    /// Name or ARN of the IAM policy that bounds every role
    #[arg(long, value_name = "POLICY")]
    permissions_boundary: Option<String>,
    /// Tags for all resources of the application, as KEY=VALUE,KEY=VALUE
    #[arg(long, value_name = "TAGS", value_parser = global::pairs)]
    resource_tags: Option<BTreeMap<String, String>>,
}

/// Asks for the name where it is missing, makes the application.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let name = match args.name.or_else(|| cx.session.workspace_app()) {
        Some(name) => name,
        None => ask::new_app(cx, "NAME")?,
    };
    let options = ops::app::Init {
        name,
        domain: args.domain,
        permissions_boundary: args.permissions_boundary,
        tags: args.resource_tags.unwrap_or_default(),
    };
    let made = ops::app::init(&cx.session, &options).await?;
    cx.tell(&made)
}
