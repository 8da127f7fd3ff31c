//! `wharf env init`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::name::EnvName;
use crate::ops;

/// Register an environment: its manifest, its roles and its record
///
/// The network and everything else is made by `wharf env deploy`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Environment
    #[arg(short, long, value_name = "NAME")]
    name: Option<EnvName>,
    /// Named profile for the environment's account
    #[arg(long, conflicts_with_all = ["aws_access_key_id", "aws_secret_access_key"])]
    profile: Option<String>,
    /// Access key id for the environment's account
    #[arg(long, value_name = "ID", requires = "aws_secret_access_key")]
    aws_access_key_id: Option<String>,
    /// Secret access key for the environment's account
    #[arg(
        long,
        value_name = "KEY",
        requires = "aws_access_key_id",
        env = "WHARF_ENV_SECRET_ACCESS_KEY",
        hide_env_values = true
    )]
    aws_secret_access_key: Option<String>,
    /// Session token for the environment's account
    #[arg(
        long,
        value_name = "TOKEN",
        requires = "aws_access_key_id",
        env = "WHARF_ENV_SESSION_TOKEN",
        hide_env_values = true
    )]
    aws_session_token: Option<String>,
    /// Region of the environment [default: the session's]
    #[arg(long)]
    region: Option<String>,
    /// Let this version overwrite a template of a newer one
    #[arg(long)]
    allow_downgrade: bool,
    /// Accepted for old scripts, without effect
    #[arg(long, hide = true)]
    prod: bool,
    #[command(flatten)]
    shape: Shape,
}

/// What the manifest will say of the network.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "The manifest's content")]
struct Shape {
    /// Ask nothing; conflicts with the flags that follow
    #[arg(long, conflicts_with_all = ["import_vpc_id", "import_public_subnets", "import_private_subnets",
        "override_vpc_cidr", "override_az_names", "override_public_cidrs", "override_private_cidrs"])]
    default_config: bool,
    /// Switch Container Insights on
    #[arg(long)]
    container_insights: bool,
    /// Use this VPC
    #[arg(long, value_name = "ID", conflicts_with_all = ["override_vpc_cidr", "override_az_names", "override_public_cidrs", "override_private_cidrs"])]
    import_vpc_id: Option<String>,
    /// Use these public subnets: none, or at least two
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    import_public_subnets: Vec<String>,
    /// Use these private subnets: none, or at least two
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    import_private_subnets: Vec<String>,
    /// Use these certificates (ARNs) for the public load balancer
    #[arg(long, value_name = "ARNS", value_delimiter = ',')]
    import_cert_arns: Vec<String>,
    /// CIDR of the VPC that is made
    #[arg(long, value_name = "CIDR")]
    override_vpc_cidr: Option<String>,
    /// Availability zones, at least two
    #[arg(long, value_name = "ZONES", value_delimiter = ',')]
    override_az_names: Vec<String>,
    /// CIDRs of the public subnets, one a zone
    #[arg(long, value_name = "CIDRS", value_delimiter = ',')]
    override_public_cidrs: Vec<String>,
    /// CIDRs of the private subnets, one a zone
    #[arg(long, value_name = "CIDRS", value_delimiter = ',')]
    override_private_cidrs: Vec<String>,
    /// Subnets of the internal load balancer, among the imported ones
    #[arg(long, value_name = "IDS", value_delimiter = ',', requires = "import_vpc_id")]
    internal_alb_subnets: Vec<String>,
    /// Let the whole VPC reach the internal load balancer
    #[arg(long)]
    internal_alb_allow_vpc_ingress: bool,
}

/// Asks for the name where it is missing, registers the environment.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::workspace_app(cx, args.app.app)?;
    let name = match args.name {
        Some(name) => name,
        None => ask::new_env(cx)?,
    };
    let keys = args
        .aws_access_key_id
        .zip(args.aws_secret_access_key)
        .map(|(id, secret)| (id, secret, args.aws_session_token));
    let shape = args.shape;
    let options = ops::env::Init {
        app,
        name,
        account: ops::env::Account { profile: args.profile, keys, region: args.region },
        allow_downgrade: args.allow_downgrade,
        manifest: ops::env::Shape {
            container_insights: shape.container_insights,
            vpc_id: shape.import_vpc_id,
            public_subnets: shape.import_public_subnets,
            private_subnets: shape.import_private_subnets,
            certificates: shape.import_cert_arns,
            vpc_cidr: shape.override_vpc_cidr,
            zones: shape.override_az_names,
            public_cidrs: shape.override_public_cidrs,
            private_cidrs: shape.override_private_cidrs,
            internal_subnets: shape.internal_alb_subnets,
            internal_vpc_ingress: shape.internal_alb_allow_vpc_ingress,
        },
    };
    let made = ops::env::init(&cx.session, &options).await?;
    cx.tell(&made)
}
