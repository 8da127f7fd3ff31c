//! The pipelines of the workspace and their manifests.

use std::path::Path;

use serde::Serialize;

use super::LocalPipeline;
use crate::describe::pipeline as view;
use crate::diagnostic::Source;
use crate::manifest;
use crate::model;
use crate::name::AppName;
use crate::ops::package::Findings;
use crate::ops::{Error, Result, Session, lines};
use crate::page::{Page, Paged};

/// A pipeline of the workspace.
#[derive(Debug, Clone)]
pub struct Local {
    /// Its name: what its manifest says, or else that of its folder.
    pub name: String,
    /// Its manifest.
    pub source: Source,
    /// Its folder; none for the single pipeline of early Copilot versions.
    folder: Option<String>,
    /// Environments it deploys to, in order.
    stages: Vec<String>,
}

/// The pipelines that have a manifest in the workspace.
///
/// # Errors
/// No workspace; a file can't be read.
pub fn local(session: &Session) -> Result<Vec<Local>> {
    let workspace = session.workspace()?;
    let mut found = vec![];
    for pipeline in workspace.pipelines()? {
        let source = workspace.source(pipeline.manifest)?;
        let read = manifest::pipeline::read(&source).0.unwrap_or_default();
        let name = read.name.map(|name| name.value).filter(|name| !name.is_empty());
        let stages = read.stages.unwrap_or_default().items.into_iter();
        found.push(Local {
            name: name.or_else(|| pipeline.folder.clone()).unwrap_or_else(|| "pipeline".to_owned()),
            source,
            folder: pipeline.folder,
            stages: stages.filter_map(|stage| Some(stage.name?.value)).collect(),
        });
    }
    Ok(found)
}

/// Pipelines of the workspace, as `pipeline ls --local` lists them.
#[derive(Debug, Clone, Serialize)]
pub struct Locals {
    /// The pipelines.
    pub pipelines: Vec<LocalPipeline>,
}

impl Paged for Locals {
    fn page(&self, _now: jiff::Timestamp) -> Page {
        Page::new().with("", lines(self.pipelines.iter().map(|pipeline| pipeline.name.clone())))
    }
}

impl Locals {
    /// The pipelines of the workspace. `details`: also their names in CodePipeline, where AWS can be asked.
    ///
    /// # Errors
    /// No workspace; a file can't be read.
    pub async fn read(session: &Session, app: &AppName, details: bool) -> Result<Self> {
        let local = local(session)?;
        let deployed = if details && !local.is_empty() {
            // What the workspace holds does not depend on AWS.
            view::deployed(session.aws().await, app).await.unwrap_or_default()
        } else {
            vec![]
        };
        let pipelines = local.into_iter().map(|local| {
            let found = deployed.iter().find(|found| found.name == local.name);
            LocalPipeline {
                pipeline_name: found.map(|found| found.pipeline_name.clone()),
                manifest_path: local.source.path,
                name: local.name,
                stages: local.stages,
            }
        });
        Ok(Self { pipelines: pipelines.collect() })
    }
}

/// A pipeline's manifest, read.
pub(super) struct Loaded {
    /// The pipeline as meant, with the places of its stages.
    pub read: model::pipeline::Read,
    /// Warnings.
    pub findings: Findings,
    /// Name of its folder, which may hold changes of the template; none for the single pipeline of early Copilot versions.
    pub folder: Option<String>,
}

/// Where a pipeline's build has its commands when its manifest says nothing: beside the manifest.
pub(in crate::ops) fn buildspec_of(manifest: &Source) -> String {
    match Path::new(&manifest.path).parent() {
        Some(folder) => format!("{}/buildspec.yml", folder.display()).replace('\\', "/"),
        None => "buildspec.yml".to_owned(),
    }
}

/// The folder of a pipeline of the workspace, in which changes of its template stand.
///
/// # Errors
/// No workspace, no such pipeline; [`Error::Usage`] for the single pipeline of early Copilot versions, which has no folder.
pub fn folder(session: &Session, name: &str) -> Result<String> {
    let one = find(session, name)?;
    one.folder.ok_or_else(|| {
        Error::Usage(format!(
            "{} has no folder for overrides: move it and its buildspec to pipelines/{name}/ first",
            one.source.path
        ))
    })
}

/// The pipeline of the workspace with this name, or in a folder of this name.
fn find(session: &Session, name: &str) -> Result<Local> {
    let found = local(session)?;
    let known = found.iter().map(|one| one.name.clone()).collect();
    let named = |one: &Local| one.name == name || one.folder.as_deref() == Some(name);
    found.into_iter().find(named).ok_or_else(|| Error::NoLocalPipeline { name: name.to_owned(), known })
}

/// Reads the manifest of a pipeline of the workspace.
pub(super) fn load(session: &Session, app: &AppName, name: &str) -> Result<Loaded> {
    let one = find(session, name)?;
    let (read, diagnostics) = model::pipeline::read(&one.source, app, &buildspec_of(&one.source));
    let findings = Findings { source: one.source, diagnostics };
    let Some(read) = read else { return Err(Error::Manifest(Box::new(findings))) };
    Ok(Loaded { read, findings, folder: one.folder })
}
