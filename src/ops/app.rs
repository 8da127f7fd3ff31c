//! Applications: made, listed, shown, deleted.
//!
//! An application is a record, a stack with its two roles, and a StackSet whose instances hold, in every region the
//! application is used in, its artifact bucket, key and image repositories.

mod delete;
pub mod infrastructure;
pub mod upgrade;

use std::collections::BTreeMap;

use serde::Serialize;

pub use delete::{delete, delete_preview};
use upgrade::StateChange;

use super::lines;
use super::stacks::{self, Target};
use super::takeover;
use super::{Error, Report, Result, Session, domain};
use crate::aws::Connection;
use crate::deploy::stack::Applied;
use crate::describe;
use crate::facts;
use crate::name::AppName;
use crate::page::{Page, Paged};
use crate::stack;
use crate::store;
use crate::workspace::{self, file::Written};

/// What an application is made from.
#[derive(Debug, Clone)]
pub struct Init {
    /// Its name.
    pub name: AppName,
    /// Its domain, such as `example.com`.
    pub domain: Option<String>,
    /// Name or ARN of the policy that bounds every role.
    pub permissions_boundary: Option<String>,
    /// Tags of every stack.
    pub tags: BTreeMap<String, String>,
}

/// Makes the application, or binds the workspace to the one that exists.
///
/// Can be run again after it was stopped anywhere: what is there already is kept.
///
/// # Errors
/// The workspace belongs to another application; the name is taken in another region or by somebody else's roles; the
/// boundary policy does not exist; the account has no hosted zone of the domain; whatever AWS reports.
pub async fn init(session: &Session, options: &Init) -> Result<Report> {
    let name = &options.name;
    // Before anything is made: a workspace of another application is no place for this one.
    if let Some(bound) = session.workspace_app().filter(|bound| bound != name) {
        return Err(Error::OtherApp { workspace: bound, wanted: name.clone() });
    }
    let connection = session.aws().await;
    let region = connection.region_name().await?;
    let identity = connection.sts().caller_identity().await?;
    let record = session.store().await.find_app(name).await?;
    let existed = record.is_some();
    let mut app = match record {
        Some(record) => {
            if let Some(wanted) = &options.permissions_boundary {
                let wanted = wanted.rsplit('/').next().unwrap_or(wanted);
                if record.permissions_boundary != wanted {
                    return Err(Error::Exists(format!(
                        "the application {name} exists with {}",
                        match record.permissions_boundary.as_str() {
                            "" => "no permissions boundary".to_owned(),
                            other => format!("the permissions boundary {other}"),
                        }
                    )));
                }
            }
            if let Some(wanted) = options.domain.as_ref().filter(|wanted| record.domain != **wanted) {
                let domain = match record.domain.as_str() {
                    "" => "without a domain".to_owned(),
                    other => format!("with the domain {other}"),
                };
                return Err(Error::Exists(format!(
                    "the application {name} exists {domain}, not with {wanted}"
                )));
            }
            record
        }
        None => {
            let mut app = store::App::new(name.clone(), &identity.account).with_tags(options.tags.clone());
            app.permissions_boundary = boundary(connection, options.permissions_boundary.as_deref()).await?;
            app
        }
    };
    let has_roles = match existed {
        true => true,
        false => refuse_taken(connection, name, &region).await?,
    };
    if let Some(wanted) = options.domain.as_ref().filter(|_| !existed) {
        app.domain_hosted_zone_id = domain::root::find(session, name, wanted, has_roles).await?;
        app.domain.clone_from(wanted);
    }
    let (workspace, written) = workspace::create(&session.inputs.directory, name)?;
    if existed {
        return Ok(bound_report(name, &workspace.display(workspace.folder()), written));
    }
    deploy_roles(session, connection, &app).await?;
    infrastructure::create(session, connection, &facts::App::from(&app)).await?;
    session.store().await.create_app(&app).await?;
    Ok(Report {
        done: vec![
            format!("The application {name} is made in account {} and region {region}.", identity.account),
            format!("This workspace ({}/) belongs to it.", workspace.display(workspace.folder())),
        ]
        .into_iter()
        .chain(options.domain.iter().map(|domain| {
            format!("Its names stand in the zone {name}.{domain}, to which the zone {domain} points.")
        }))
        .collect(),
        next: vec!["Run `wharf init` or `wharf svc init` to add a service.".to_owned()],
        ..Report::default()
    })
}

fn bound_report(name: &AppName, folder: &str, written: Written) -> Report {
    let bound = match written {
        Written::Kept => {
            format!("This workspace ({folder}/) belongs to the application {name}, which exists.")
        }
        Written::Created => {
            format!("This workspace ({folder}/) now belongs to the application {name}, which exists.")
        }
    };
    Report {
        done: vec![bound],
        next: vec!["Run `wharf app show` to see what it holds.".to_owned()],
        ..Report::default()
    }
}

/// The name of the boundary policy, which must exist: a role with a boundary that does not would not be made.
async fn boundary(connection: &Connection, policy: Option<&str>) -> Result<String> {
    let Some(policy) = policy else { return Ok(String::new()) };
    let name = policy.rsplit('/').next().unwrap_or(policy);
    if connection.iam().policy_names().await?.iter().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    Err(Error::NoPolicy { name: name.to_owned() })
}

/// Refuses a name whose roles exist without our stack in this region: the application lives elsewhere, or the role is not
/// ours. Returns whether the stack is there: making the application was stopped before.
async fn refuse_taken(connection: &Connection, name: &AppName, region: &str) -> Result<bool> {
    let role = stack::app::admin_role_name(name);
    if connection.iam().role(&role).await?.is_none() {
        return Ok(false);
    }
    if connection.cloudformation().stack(&stack::app::roles_stack_name(name)).await?.is_some() {
        return Ok(true);
    }
    Err(Error::NameTaken { name: name.clone(), role, region: region.to_owned() })
}

/// Makes or changes the stack with the application's roles. Parameters that others set are carried over.
pub(super) async fn deploy_roles(session: &Session, connection: &Connection, app: &store::App) -> Result<()> {
    let name = stack::app::roles_stack_name(&app.name);
    let facts = facts::App::from(app);
    let deployed = takeover::deployed(session, connection, &name).await?;
    let accounts = deployed.as_ref().map(|deployed| &deployed.stack.parameters);
    let accounts = accounts.map(|values| stack::app::delegated_accounts(values, &facts)).unwrap_or_default();
    let domain = domain::root::of_record(app, accounts);
    let stack = stack::app::roles(&facts, domain.as_ref(), deployed.as_ref().map(|one| &one.document))?;
    let ahead = deployed.map(|deployed| upgrade::over_roles(&deployed, &stack)).transpose()?.flatten();
    upgrade::gate(&name, ahead.as_ref())?;
    let title = format!("roles of the application {}", app.name);
    stacks::apply(session, connection, &stack, &Target::new(&title)).await?;
    Ok(())
}

/// Brings the application's roles and its StackSet to this version's templates; what is there already stays.
///
/// # Errors
/// It does not exist; a newer version has written its templates; something would be lost with it; whatever AWS reports.
pub async fn upgrade(session: &Session, name: &AppName) -> Result<Report> {
    let app = facts::App::from(&session.app(name).await?);
    let connection = session.aws().await;
    let stack = stack::app::roles_stack_name(name);
    let deployed = takeover::deployed(session, connection, &stack).await?;
    stacks::refuse_newer(&stack, deployed.as_ref().map(|deployed| deployed.text.as_str()), false)?;
    let (roles, ahead) = upgrade::of_roles(&app, deployed.as_ref())?;
    upgrade::gate(&stack, ahead.as_ref())?;
    infrastructure::admit(session, connection, &app, (StateChange::Upgrade, false)).await?;
    let mut raised = false;
    if deployed.is_none() || ahead.is_some() {
        let title = format!("roles of the application {name}");
        let applied = stacks::apply(session, connection, &roles, &Target::new(&title)).await?;
        raised = applied != Applied::Unchanged;
    }
    raised |= infrastructure::upgrade(session, connection, &app).await?;
    let done = match raised {
        false => format!("The application {name} is up to date: there is nothing to change."),
        true => format!("The application {name} has this version's templates ({}).", stack::TEMPLATE_VERSION),
    };
    Ok(Report { done: vec![done], ..Report::default() })
}

/// Names of applications.
#[derive(Debug, Clone, Serialize)]
pub struct Apps {
    /// The names, sorted.
    pub applications: Vec<AppName>,
}

impl Paged for Apps {
    fn page(&self, _now: jiff::Timestamp) -> Page {
        Page::new().with("", lines(self.applications.iter().map(AppName::to_string)))
    }
}

/// The applications of the account and region.
///
/// # Errors
/// Whatever AWS reports.
pub async fn list(session: &Session) -> Result<Apps> {
    let apps = session.store().await.apps().await?;
    Ok(Apps { applications: apps.into_iter().map(|app| app.name).collect() })
}

/// What an application holds.
///
/// # Errors
/// It does not exist; whatever AWS reports.
pub async fn show(session: &Session, app: &AppName) -> Result<describe::app::Application> {
    let record = session.app(app).await?;
    let connection = session.aws().await;
    let place = |env: &store::Environment| connection.assume(&env.manager_role_arn, &env.region);
    describe::app::show(connection, &record, place).await.map_err(|failure| match failure {
        describe::app::Failure::Store(error) => error.into(),
        describe::app::Failure::Describe(error) => error.into(),
    })
}
