//! Pipelines: made, packaged, deployed, listed, shown, deleted.
//!
//! A pipeline lives in the application's account and region. Its manifest and its build's commands are in
//! `pipelines/<name>/`; those of early Copilot versions in `pipeline.yml` and `buildspec.yml`.

mod delete;
mod deploy;
mod init;
mod load;
mod render;

use serde::Serialize;

pub(super) use delete::remove_all;
pub use delete::{Delete, delete, delete_preview, token_secret};
pub use deploy::deploy;
pub use init::{Ci, Init, Kind, ci, init, proposed_name, repositories};
pub(super) use load::buildspec_of;
pub use load::{Local, Locals, folder, local};
pub(super) use render::plain;
pub use render::{Package, diff, exists, package, resources};

use super::{Error, Result, Session};
use crate::describe::pipeline::{self as view, Found, Pipeline, Pipelines, Status};
pub use crate::model::repository::Repository;
use crate::name::AppName;

/// The pipelines of an application that are deployed.
///
/// # Errors
/// The application does not exist; whatever AWS reports.
pub async fn list(session: &Session, app: &AppName) -> Result<Pipelines> {
    session.app(app).await?;
    Ok(view::list(session.aws().await, app).await?)
}

/// Names of the pipelines of an application that are deployed.
///
/// # Errors
/// The application does not exist; whatever AWS reports.
pub async fn names(session: &Session, app: &AppName) -> Result<Vec<String>> {
    session.app(app).await?;
    Ok(view::deployed(session.aws().await, app).await?.into_iter().map(|found| found.name).collect())
}

/// A pipeline that is deployed.
///
/// # Errors
/// It is not deployed; whatever AWS reports.
pub async fn show(session: &Session, app: &AppName, name: &str, resources: bool) -> Result<Pipeline> {
    let found = find(session, app, name).await?;
    let shown = view::show(session.aws().await, &found, resources).await?;
    shown.ok_or_else(|| Error::NoPipeline { name: name.to_owned(), known: vec![] })
}

/// How a pipeline stands.
///
/// # Errors
/// It is not deployed; whatever AWS reports.
pub async fn status(session: &Session, app: &AppName, name: &str) -> Result<Status> {
    let found = find(session, app, name).await?;
    Ok(view::status(session.aws().await, &found).await?)
}

/// A deployed pipeline by its name, or by that of its CodePipeline pipeline.
async fn find(session: &Session, app: &AppName, name: &str) -> Result<Found> {
    session.app(app).await?;
    let found = view::deployed(session.aws().await, app).await?;
    let known = found.iter().map(|one| one.name.clone()).collect();
    let fits = |one: &Found| one.name == name || one.pipeline_name == name;
    found.into_iter().find(fits).ok_or_else(|| Error::NoPipeline { name: name.to_owned(), known })
}

/// A pipeline with its manifest in the workspace, as `pipeline ls --local --json` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocalPipeline {
    /// Its name.
    pub name: String,
    /// Path of its manifest, from the working directory where it lies below it.
    pub manifest_path: String,
    /// Name of the CodePipeline pipeline, when it is deployed and AWS could be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pipeline_name: Option<String>,
    /// Environments it deploys to, in order.
    pub stages: Vec<String>,
}
