//! `wharf init`: the guided start.

use std::path::PathBuf;

use super::context::Context;
use super::failure::{Failure, Result};
use super::{ask, deploy, global};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops;
use crate::ui::Question;

/// Take a folder with a Dockerfile to a running service
///
/// Creates the application, writes the service's manifest and, if you want, creates an environment and deploys to it. Asks
/// for what no flag gives. What exists already is kept.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Name of the application
    #[arg(short, long, value_name = "NAME")]
    app: Option<AppName>,
    /// Environment to deploy to; giving it answers the question whether to deploy with yes
    #[arg(short, long, value_name = "NAME")]
    env: Option<EnvName>,
    /// Name of the service or job
    #[arg(short, long, value_name = "NAME")]
    name: Option<WorkloadName>,
    /// Type: "Load Balanced Web Service", "Backend Service", "Request-Driven Web Service", "Worker Service", "Static Site" or "Scheduled Job"
    #[arg(short = 't', long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Path of the service's Dockerfile
    #[arg(short, long, value_name = "PATH", conflicts_with = "image")]
    dockerfile: Option<PathBuf>,
    /// Address of an existing image, instead of a Dockerfile
    #[arg(short, long, value_name = "ADDRESS")]
    image: Option<String>,
    /// Port the container listens on
    #[arg(long)]
    port: Option<u16>,
    /// Who may reach a Request-Driven Web Service: Internet or Environment
    #[arg(long, value_name = "INGRESS")]
    ingress_type: Option<ask::Ingress>,
    /// File or directory of a Static Site; may be repeated [default: the whole project]
    #[arg(long, value_name = "PATH", value_delimiter = ',', conflicts_with_all = ["image", "dockerfile", "port"])]
    sources: Vec<PathBuf>,
    #[command(flatten)]
    trigger: global::Trigger,
    /// Deploy without asking; with =false don't deploy [default: ask]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    deploy: Option<bool>,
    /// Tag for the image; the task definition then names the image by it, not by its digest
    #[arg(long)]
    tag: Option<String>,
    /// Region of a new environment [default: the session's]
    #[arg(long)]
    region: Option<String>,
    /// Named AWS profile for the environment's account
    #[arg(long)]
    profile: Option<String>,
    /// Tags for all resources of a new application, as KEY=VALUE,KEY=VALUE
    #[arg(long, value_name = "TAGS", value_parser = global::pairs)]
    resource_tags: Option<std::collections::BTreeMap<String, String>>,
}

/// Name of the environment that is proposed first.
const FIRST_ENVIRONMENT: &str = "test";

/// Application, service, then environment and deployment when they are wanted.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = match cx.session.workspace_app() {
        Some(_) => ask::workspace_app(cx, args.app)?,
        None => match args.app {
            Some(app) => app,
            None => ask::new_app(cx, "--app")?,
        },
    };
    let options = ops::app::Init {
        domain: None,
        name: app.clone(),
        permissions_boundary: None,
        tags: args.resource_tags.unwrap_or_default(),
    };
    ops::app::init(&cx.session, &options).await?;
    let given = ask::ServiceAnswers {
        name: args.name,
        kind: args.kind,
        dockerfile: args.dockerfile,
        image: args.image,
        port: args.port,
        ingress: args.ingress_type,
        topics: vec![],
        sources: args.sources,
        trigger: Some(args.trigger),
        noun: None,
        kind_flag: "--type",
    };
    let service = ask::service_init(cx, given)?;
    let made = ops::service::init(&cx.session, &app, &service, false).await?;
    let deploy = match args.deploy {
        Some(deploy) => deploy,
        None if args.env.is_some() => true,
        None => {
            let text = format!("Deploy {} now?", service.name);
            let help =
                "This makes an environment with its own network; its parts cost money while they are there.";
            cx.ui.confirm(Question { text: &text, flag: "--deploy", help }, true)?
        }
    };
    if !deploy {
        return cx.tell(&made);
    }
    let env = match args.env {
        Some(env) => env,
        None => environment(cx, &app).await?,
    };
    let deployment = deploy::Args {
        name: vec![service.name.to_string()],
        env: Some(env),
        tag: args.tag,
        deploy_env: Some(true),
        init_env: Some(true),
        profile: args.profile,
        region: args.region,
        ..deploy::Args::default()
    };
    deploy::run(deployment, cx).await
}

/// An environment that is there, or the name of a new one.
async fn environment(cx: &Context, app: &AppName) -> std::result::Result<EnvName, Failure> {
    if !ops::env::list(&cx.session, app).await?.environments.is_empty() {
        return ask::env(cx, app, None).await;
    }
    let help = "An environment is a place where services run, such as test or prod.";
    let question = Question { text: "Deploy to which new environment?", flag: "--env", help };
    ask::typed(cx, question, Some(FIRST_ENVIRONMENT))
}
