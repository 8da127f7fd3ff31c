//! Making an environment: its manifest, its place in the application's StackSet, its two roles, its record.

use crate::aws::{self, Connection};
use crate::facts::{self, Facts};
use crate::manifest::scaffold;
use crate::name::{AppName, EnvName};
use crate::ops::app::infrastructure;
use crate::ops::app::upgrade::StateChange;
use crate::ops::owner::Owner;
use crate::ops::{Error, Report, Result, Session, domain, reference, stacks};
use crate::secret::Secret;
use crate::stack::{self, Stack};
use crate::store;
use crate::workspace::file::Written;

/// Whose credentials make the environment, and where.
#[derive(Debug, Clone, Default)]
pub struct Account {
    /// Named profile.
    pub profile: Option<String>,
    /// Access key id, secret access key and session token.
    pub keys: Option<(String, String, Option<String>)>,
    /// Region; the session's when absent.
    pub region: Option<String>,
}

/// What the manifest of a new environment says.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    /// Whether Container Insights is on.
    pub container_insights: bool,
    /// VPC that exists.
    pub vpc_id: Option<String>,
    /// Its public subnets.
    pub public_subnets: Vec<String>,
    /// Its private subnets.
    pub private_subnets: Vec<String>,
    /// Imported certificates, by ARN.
    pub certificates: Vec<String>,
    /// CIDR of a VPC that is made.
    pub vpc_cidr: Option<String>,
    /// Its availability zones.
    pub zones: Vec<String>,
    /// CIDRs of its public subnets.
    pub public_cidrs: Vec<String>,
    /// CIDRs of its private subnets.
    pub private_cidrs: Vec<String>,
    /// Subnets of the internal load balancer.
    pub internal_subnets: Vec<String>,
    /// Whether the whole VPC may reach the internal load balancer.
    pub internal_vpc_ingress: bool,
}

/// What an environment is made from.
#[derive(Debug, Clone)]
pub struct Init {
    /// Its application.
    pub app: AppName,
    /// Its name.
    pub name: EnvName,
    /// Its account and region.
    pub account: Account,
    /// Whether an older version may go over a newer one's template.
    pub allow_downgrade: bool,
    /// What its manifest says.
    pub manifest: Shape,
}

/// Makes the environment. Can be run again after it was stopped anywhere.
///
/// # Errors
/// The application does not exist; the environment exists in another account or region; flags that do not fit; whatever
/// AWS reports.
pub async fn init(session: &Session, options: &Init) -> Result<Report> {
    let (app_name, name) = (&options.app, &options.name);
    let answers = answers(name, &options.manifest)?;
    let connection = session.aws().await;
    let app = session.app(app_name).await?;
    let theirs = own_connection(session, &options.account).await;
    let region = theirs.region_name().await?;
    let account = theirs.sts().caller_identity().await?.account;
    if let Some(record) = find(session, app_name, name).await?
        && (record.account_id != account || record.region != region)
    {
        return Err(Error::Exists(format!(
            "the environment {name} exists in account {} and region {}",
            record.account_id, record.region
        )));
    }
    let facts = facts::App::from(&app);
    let change = StateChange::AddAccount(&account);
    infrastructure::admit(session, connection, &facts, (change, options.allow_downgrade)).await?;
    let owner = Owner::environment(app_name, name);
    owner.check(theirs.cloudformation().stack(&owner.stack()).await?.as_ref())?;
    let text = scaffold::environment(&answers);
    let (path, written) = session.workspace()?.write_environment(name, &text)?;
    if written == Written::Created {
        reference::place_schema_of(session.workspace()?, crate::manifest::environment::TYPE)?;
    }
    let manifest = session.workspace()?.display(&path);
    session.work("Prepare ECS in the account", theirs.iam().create_ecs_service_linked_role()).await.ok();
    domain::root::delegate(session, connection, &app, &account, true).await?;
    infrastructure::add_account(session, connection, &facts, &account).await?;
    infrastructure::ensure_region(session, connection, &facts, &region).await?;
    let record = bootstrap(session, &theirs, &app, name, &account, &region).await?;
    session.store().await.create_environment(&record).await?;
    let kept = if written == Written::Kept { " (kept as it was)" } else { "" };
    Ok(Report {
        done: vec![
            format!(
                "The environment {name} of {app_name} is registered in account {account} and region {region}."
            ),
            format!("Its manifest is {manifest}{kept}."),
        ],
        next: vec![format!("Run `wharf env deploy --name {name}` to make its network and cluster.")],
        ..Report::default()
    })
}

async fn own_connection(session: &Session, account: &Account) -> Connection {
    if account.profile.is_none() && account.keys.is_none() && account.region.is_none() {
        return session.aws().await.clone();
    }
    let keys = account.keys.clone().map(|(access_key_id, secret, token)| aws::Keys {
        access_key_id,
        secret_access_key: Secret::new(secret),
        session_token: token.map(Secret::new),
    });
    session.connect(account.region.clone(), account.profile.clone(), keys)
}

/// Makes the stack with the environment's two roles where it is not there, and gives the environment's record.
async fn bootstrap(
    session: &Session,
    theirs: &Connection,
    app: &store::App,
    name: &EnvName,
    account: &str,
    region: &str,
) -> Result<store::Environment> {
    let mut facts = Facts::new(app.name.clone(), name.clone());
    facts.app = facts::App::from(app);
    facts.env.account = account.to_owned();
    facts.env.region = region.to_owned();
    facts.root_user_arn = infrastructure::root_arn(session.aws().await, region).await?;
    facts.artifacts = infrastructure::resources(session.aws().await, &facts.app, region).await?.artifacts;
    let stack = stack::bootstrap::bootstrap(&facts)?;
    let cloudformation = theirs.cloudformation();
    let mut deployed =
        cloudformation.stack(&stack.name).await?.filter(|stack| !stacks::is_leftover(&stack.status));
    if deployed.is_none() {
        remove_leftover_roles(theirs, &stack).await?;
        let title = format!("roles of the environment {name}");
        stacks::apply(session, theirs, &stack, &stacks::Target::new(&title)).await?;
        deployed = cloudformation.stack(&stack.name).await?;
    }
    let outputs = deployed.map(|stack| stack.outputs).unwrap_or_default();
    let output = |key: &str| {
        outputs
            .get(key)
            .map(|output| output.value.clone())
            .ok_or_else(|| Error::MissingOutput { stack: stack.name.clone(), output: key.to_owned() })
    };
    Ok(store::Environment {
        app: app.name.clone(),
        name: name.clone(),
        region: region.to_owned(),
        account_id: account.to_owned(),
        registry_url: String::new(),
        execution_role_arn: output("CFNExecutionRoleARN")?,
        manager_role_arn: output("EnvironmentManagerRoleARN")?,
        custom_config: None,
        telemetry: None,
    })
}

/// Roles that a deleted environment of the same name left behind: they are retained on purpose and would be in the way.
/// Those of an environment that only has the same name, of another application or region, are not touched.
async fn remove_leftover_roles(theirs: &Connection, stack: &Stack) -> Result<()> {
    for suffix in ["CFNExecutionRole", "EnvManagerRole"] {
        let role = format!("{}-{suffix}", stack.name);
        let ours = theirs.iam().role(&role).await?.is_some_and(|role| {
            [store::APP_TAG, store::ENV_TAG].iter().all(|tag| role.tags.get(*tag) == stack.tags.get(*tag))
        });
        if ours {
            theirs.iam().delete_role(&role).await?;
        }
    }
    Ok(())
}

/// The environment's record, if there is one.
async fn find(session: &Session, app: &AppName, name: &EnvName) -> Result<Option<store::Environment>> {
    let records = session.store().await.environments(app).await?;
    Ok(records.into_iter().find(|record| record.name == *name))
}

/// What the manifest is written from. Default CIDRs are those of the environment manifest's reference.
fn answers(name: &EnvName, shape: &Shape) -> Result<scaffold::Environment> {
    let adjusted = shape.vpc_cidr.is_some()
        || !(shape.zones.is_empty() && shape.public_cidrs.is_empty() && shape.private_cidrs.is_empty());
    let network = match &shape.vpc_id {
        Some(id) => {
            for (subnets, flag) in [
                (&shape.public_subnets, "--import-public-subnets"),
                (&shape.private_subnets, "--import-private-subnets"),
            ] {
                if subnets.len() == 1 {
                    return Err(Error::Usage(format!("{flag} takes no subnet or at least two")));
                }
            }
            scaffold::Network::Imported {
                id: id.clone(),
                public: shape.public_subnets.clone(),
                private: shape.private_subnets.clone(),
            }
        }
        None if !shape.public_subnets.is_empty() || !shape.private_subnets.is_empty() => {
            return Err(Error::Usage(
                "subnets are imported together with their VPC: give --import-vpc-id".to_owned(),
            ));
        }
        None if adjusted => scaffold::Network::Managed {
            cidr: shape.vpc_cidr.clone().unwrap_or_else(|| "10.0.0.0/16".to_owned()),
            public: zoned(&shape.public_cidrs, ["10.0.0.0/24", "10.0.1.0/24"], &shape.zones),
            private: zoned(&shape.private_cidrs, ["10.0.2.0/24", "10.0.3.0/24"], &shape.zones),
        },
        None => scaffold::Network::Default,
    };
    Ok(scaffold::Environment {
        name: name.clone(),
        network,
        public_certificates: shape.certificates.clone(),
        private_certificates: vec![],
        private_subnets: shape.internal_subnets.clone(),
        allow_vpc_ingress: shape.internal_vpc_ingress,
        container_insights: shape.container_insights,
    })
}

/// CIDRs with their zones, if any are given.
fn zoned(cidrs: &[String], usual: [&str; 2], zones: &[String]) -> Vec<(String, Option<String>)> {
    let cidrs: Vec<String> =
        if cidrs.is_empty() { usual.map(str::to_owned).to_vec() } else { cidrs.to_vec() };
    cidrs.into_iter().enumerate().map(|(at, cidr)| (cidr, zones.get(at).cloned())).collect()
}
