//! `wharf svc init`.

use std::path::PathBuf;

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::name::WorkloadName;
use crate::ops;

/// Write a service's manifest and register the service
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Name of the service
    #[arg(short, long, value_name = "NAME")]
    name: Option<WorkloadName>,
    /// Type of the service: "Load Balanced Web Service", "Backend Service", "Request-Driven Web Service", "Worker Service" or "Static Site"
    #[arg(short = 't', long, value_name = "TYPE")]
    svc_type: Option<String>,
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
    /// Topic that a Worker Service subscribes to, as SERVICE:TOPIC; may be repeated
    #[arg(long, value_name = "TOPIC", value_delimiter = ',', conflicts_with = "no_subscribe")]
    subscribe_topics: Vec<ops::service::Topic>,
    /// Subscribe to no topics
    #[arg(long)]
    no_subscribe: bool,
    /// File or directory of a Static Site; may be repeated [default: the whole project]
    #[arg(long, value_name = "PATH", value_delimiter = ',', conflicts_with_all = ["image", "dockerfile", "port"])]
    sources: Vec<PathBuf>,
    /// Overwrite what a newer version of wharf deployed
    #[arg(long)]
    allow_downgrade: bool,
}

/// Asks for what is missing, writes the manifest, registers.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::workspace_app(cx, args.app.app)?;
    let given = ask::ServiceAnswers {
        name: args.name,
        kind: args.svc_type,
        dockerfile: args.dockerfile,
        image: args.image,
        port: args.port,
        ingress: args.ingress_type,
        topics: if args.no_subscribe { vec![] } else { args.subscribe_topics },
        sources: args.sources,
        noun: Some(ops::service::Noun::Service),
        trigger: None,
        kind_flag: "--svc-type",
    };
    let service = ask::service_init(cx, given)?;
    let made = ops::service::init(&cx.session, &app, &service, args.allow_downgrade).await?;
    cx.tell(&made)
}
