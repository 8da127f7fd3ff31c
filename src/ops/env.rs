//! Environments: made, packaged, deployed, listed, shown, deleted.
//!
//! An environment begins as two roles and a record ([`init()`]); its network, cluster and everything on demand come with the
//! first [`deploy()`].

mod cdn;
mod delete;
mod deploy;
mod init;
mod plan;
mod tasks;

use serde::Serialize;

pub use delete::{delete, delete_preview};
pub(super) use delete::{remove, way_in};
pub use deploy::{Package, deploy, diff, package, resources};
pub(super) use deploy::{foresee, is_bootstrap, load, offline};
pub use init::{Account, Init, Shape, init};
pub use plan::plan;

use super::{Error, Result, Session, lines};
use crate::describe;
use crate::name::{AppName, EnvName};
use crate::page::{Page, Paged};
use crate::store;

/// Environments of an application.
#[derive(Debug, Clone, Serialize)]
pub struct Environments {
    /// Their records.
    pub environments: Vec<store::Environment>,
}

impl Paged for Environments {
    fn page(&self, _now: jiff::Timestamp) -> Page {
        let names = self.environments.iter().map(|environment| environment.name.to_string());
        Page::new().with("", lines(names))
    }
}

/// The environments of an application.
///
/// # Errors
/// The application does not exist; whatever AWS reports.
pub async fn list(session: &Session, app: &AppName) -> Result<Environments> {
    session.app(app).await?;
    Ok(Environments { environments: session.store().await.environments(app).await? })
}

/// What an environment holds.
///
/// # Errors
/// It does not exist; whatever AWS reports.
pub async fn show(
    session: &Session,
    app: &AppName,
    env: &EnvName,
    resources: bool,
) -> Result<describe::environment::Environment> {
    let record = session.env(app, env).await?;
    let workloads = session.store().await.workloads(app).await?;
    Ok(describe::environment::show(&session.manager(&record).await, &record, &workloads, resources).await?)
}

/// The manifest that the environment was deployed with.
///
/// # Errors
/// It was never deployed, or without a manifest; whatever AWS reports.
pub async fn deployed_manifest(session: &Session, app: &AppName, env: &EnvName) -> Result<String> {
    let record = session.env(app, env).await?;
    Ok(describe::environment::manifest(&session.manager(&record).await, &record).await?)
}

/// What AWS says of the environment, as the file that offline rendering reads.
///
/// # Errors
/// It does not exist; whatever AWS reports.
pub async fn facts_file(session: &Session, app: &AppName, env: &EnvName) -> Result<String> {
    let connection = session.aws().await;
    let (app, record) = (session.app(app).await?, session.env(app, env).await?);
    let manager = session.manager(&record).await;
    let found = describe::facts::environment(connection, &manager, &app, &record, None).await?;
    let mut text =
        serde_json::to_string_pretty(&found.facts).map_err(|error| Error::Bug(error.to_string()))?;
    text.push('\n');
    Ok(text)
}
