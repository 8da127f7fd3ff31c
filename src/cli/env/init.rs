//! `wharf env init`.

use crate::cli::context::Context;
use crate::cli::failure::Result;
use crate::cli::{ask, global};
use crate::name::EnvName;
use crate::ops;

/// Register an environment: write its manifest, create its roles and its record
///
/// `wharf env deploy` creates the network and the rest.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    app: global::App,
    /// Name of the environment
    #[arg(short, long, value_name = "NAME")]
    name: Option<EnvName>,
    /// Named AWS profile for the environment's account
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
    /// Overwrite what a newer version of wharf deployed
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
#[command(next_help_heading = "Content of the manifest")]
struct Shape {
    /// Use the default network; excludes the flags for an imported or adjusted one
    #[arg(long, conflicts_with_all = ["import_vpc_id", "import_public_subnets", "import_private_subnets",
        "override_vpc_cidr", "override_az_names", "override_public_cidrs", "override_private_cidrs"])]
    default_config: bool,
    /// Turn Container Insights on
    #[arg(long)]
    container_insights: bool,
    /// Existing VPC to use
    #[arg(long, value_name = "ID", conflicts_with_all = ["override_vpc_cidr", "override_az_names", "override_public_cidrs", "override_private_cidrs"])]
    import_vpc_id: Option<String>,
    /// Existing public subnets to use: none or at least two
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    import_public_subnets: Vec<String>,
    /// Existing private subnets to use: none or at least two
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    import_private_subnets: Vec<String>,
    /// ARNs of existing certificates for the public load balancer
    #[arg(long, value_name = "ARNS", value_delimiter = ',')]
    import_cert_arns: Vec<String>,
    /// CIDR of the new VPC
    #[arg(long, value_name = "CIDR")]
    override_vpc_cidr: Option<String>,
    /// Availability zones of the new VPC, at least two
    #[arg(long, value_name = "ZONES", value_delimiter = ',')]
    override_az_names: Vec<String>,
    /// CIDRs of the new public subnets, one for each zone
    #[arg(long, value_name = "CIDRS", value_delimiter = ',')]
    override_public_cidrs: Vec<String>,
    /// CIDRs of the new private subnets, one for each zone
    #[arg(long, value_name = "CIDRS", value_delimiter = ',')]
    override_private_cidrs: Vec<String>,
    /// Subnets of the internal load balancer, out of the imported ones
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
