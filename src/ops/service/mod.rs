//! Services: made, packaged, deployed, rolled back, listed, shown, deleted.
//!
//! What differs between types of workloads stands in a `match` over [`Workload`](crate::model::workload::Workload): the
//! stack in `render`, what is looked up and uploaded before it in `environment` (`prepare`, `artifacts`, `priorities`,
//! `needs`), what is done after it in `apply`. Everything else is the same for all.

mod apply;
mod delete;
mod deploy;
mod environment;
mod express;
mod features;
mod hosts;
mod images;
mod inherited;
mod init;
mod many;
mod naming;
mod parting;
mod plan;
mod release;
mod render;
mod request_driven;
mod restart;
mod rollback;
mod run;
mod since;
mod site;
mod topics;
mod trial;
mod unchanged;
mod verify;

use serde::Serialize;

pub(in crate::ops) use delete::is_site;
pub(super) use delete::remove;
pub use delete::{delete, delete_preview};
pub(super) use deploy::foresee;
pub use deploy::{Deploy, Group, deploy, groups};
pub use init::{
    Image, Init, Topic, Trigger, check_trigger, exposed_ports, init, kind_of, manifest_path, source_paths,
};
pub(super) use request_driven::is as is_request_driven;

pub use crate::manifest::head::Kind;
pub(super) use many::{Dependent, faults};
pub use many::{Ending, Fate};
pub use plan::plan;
pub use release::{Releases, releases};
pub(super) use render::offline;
pub use render::{Package, diff, package, resources};
pub use request_driven::{pause, resume};
pub use rollback::{Ahead, Rollback, ahead, rollback};
pub use since::{Touched, since};
pub use verify::verify;

use super::{Result, Session};
use crate::describe;
use crate::manifest;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::page::{Body, Cell, Page, Paged};
use crate::store;

/// A service of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its application.
    pub app: AppName,
    /// Its name.
    pub name: WorkloadName,
    /// The `type` of its manifest.
    #[serde(rename = "type")]
    pub kind: String,
}

/// Services of an application.
#[derive(Debug, Clone, Serialize)]
pub struct Services {
    /// The services, sorted by name.
    pub services: Vec<Listed>,
}

impl Paged for Services {
    fn page(&self, _now: jiff::Timestamp) -> Page {
        let row = |service: &Listed| {
            vec![Cell::or_dash(service.name.to_string()), Cell::or_dash(service.kind.clone())]
        };
        Page::new().with("", Body::table(&["Name", "Type"], self.services.iter().map(row).collect()))
    }
}

/// The two sorts of workloads that people tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// What runs until it is stopped.
    Service,
    /// What runs at times.
    Job,
}

impl Noun {
    /// What workloads of a type are.
    #[must_use]
    pub fn of(kind: &str) -> Self {
        if kind == Kind::ScheduledJob.as_str() { Self::Job } else { Self::Service }
    }

    /// `service` or `job`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Job => "job",
        }
    }
}

/// Workloads of one sort with a manifest in the workspace, sorted by name. One whose type can't be read counts as either,
/// so that whoever deploys it is told.
///
/// # Errors
/// No workspace, an unreadable folder or manifest.
pub fn local(session: &Session, noun: Noun) -> Result<Vec<WorkloadName>> {
    let mut names = vec![];
    for name in session.local_workloads()? {
        let head = manifest::head::head(&session.workspace()?.manifest(&name)?).0;
        if head.is_none_or(|head| Noun::of(head.kind.value.as_str()) == noun) {
            names.push(name);
        }
    }
    Ok(names)
}

/// The services of an application; `local`: only those with a manifest in the workspace.
///
/// # Errors
/// The application does not exist, no workspace with `local`; whatever AWS reports.
pub async fn list(session: &Session, app: &AppName, local: bool) -> Result<Services> {
    Ok(Services { services: listed(session, app, local, Some(Noun::Service)).await? })
}

/// Workloads of an application, sorted by name: of one sort, or all.
///
/// # Errors
/// As [`list`].
pub async fn listed(
    session: &Session,
    app: &AppName,
    local: bool,
    noun: Option<Noun>,
) -> Result<Vec<Listed>> {
    let mut services: Vec<Listed> = if local {
        let mut found = vec![];
        for name in session.local_workloads()? {
            let source = session.workspace()?.manifest(&name)?;
            if let Some(head) = manifest::head::head(&source).0 {
                found.push(Listed { app: app.clone(), name, kind: head.kind.value.as_str().to_owned() });
            }
        }
        found
    } else {
        session.app(app).await?;
        let workloads = session.store().await.workloads(app).await?;
        workloads
            .into_iter()
            .map(|workload| Listed { app: app.clone(), name: workload.name, kind: workload.kind })
            .collect()
    };
    services.retain(|service| noun.is_none_or(|noun| Noun::of(&service.kind) == noun));
    services.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(services)
}

/// The `type` that a workload is registered with; none for one without a record, which may still have a stack.
///
/// # Errors
/// Whatever AWS reports.
pub async fn recorded_kind(session: &Session, app: &AppName, name: &WorkloadName) -> Result<Option<String>> {
    match session.store().await.workload(app, name).await {
        Ok(workload) => Ok(Some(workload.kind)),
        Err(store::Error::NoWorkload { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// How a service is set up in every environment it runs in.
///
/// # Errors
/// It does not exist; whatever AWS reports.
pub async fn show(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    resources: bool,
) -> Result<describe::service::Shown> {
    let store = session.store().await;
    let workload = store.workload(app, name).await?;
    let environments = store.environments(app).await?;
    let connection = session.aws().await;
    let place = |env: &store::Environment| connection.assume(&env.manager_role_arn, &env.region);
    let places = describe::app::places_of(&workload, &environments, place).await?;
    Ok(describe::service::show(&workload, &places, resources).await?)
}

/// How a service runs, by what it is.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub enum Status {
    /// Containers on ECS.
    Container(Box<describe::status::Status>),
    /// Files behind CloudFront.
    Site(Box<describe::site::Status>),
    /// A container on App Runner.
    AppRunner(Box<describe::apprunner::Status>),
}

impl Paged for Status {
    fn page(&self, now: jiff::Timestamp) -> Page {
        match self {
            Self::Container(status) => status.page(now),
            Self::Site(status) => status.page(now),
            Self::AppRunner(status) => status.page(now),
        }
    }
}

/// How a service runs in an environment.
///
/// # Errors
/// It is not deployed there; whatever AWS reports.
pub async fn status(session: &Session, app: &AppName, name: &WorkloadName, env: &EnvName) -> Result<Status> {
    let record = session.env(app, env).await?;
    let target = describe::Target { app: app.clone(), env: env.clone(), workload: name.clone() };
    let manager = session.manager(&record).await;
    // Most services run on ECS: only where there is no ECS service, the record is asked.
    match describe::status::status(&manager, &target).await {
        Err(describe::Error::Missing { .. }) if request_driven::is(session, app, name).await? => {
            Ok(Status::AppRunner(Box::new(describe::apprunner::status(&manager, &target).await?)))
        }
        Err(describe::Error::Missing { .. }) if is_site(session, app, name).await? => {
            Ok(Status::Site(Box::new(describe::site::status(&manager, &target).await?)))
        }
        status => Ok(Status::Container(Box::new(status?))),
    }
}

/// The manifest that a service was deployed with.
///
/// # Errors
/// It is not deployed there, or without a manifest; whatever AWS reports.
pub async fn deployed_manifest(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    env: &EnvName,
) -> Result<String> {
    let record = session.env(app, env).await?;
    let target = describe::Target { app: app.clone(), env: env.clone(), workload: name.clone() };
    Ok(describe::service::manifest(&session.manager(&record).await, &target).await?)
}
