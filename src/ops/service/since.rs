//! Workloads of which a file changed since a revision: for repositories that hold many.

use super::render::{self, Loaded};
use super::request_driven;
use crate::artifact::dockerignore::Ignore;
use crate::artifact::image::{self, ImagePlan, Tags};
use crate::model::container::Container;
use crate::model::workload::Workload;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::{Result, Session};
use crate::plan::touched::{Inputs, plain};
use crate::tools::git;
use crate::workspace::build;

/// A workload, and the first file of it that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// The workload.
    pub name: WorkloadName,
    /// The file, relative to the project's root where it lies in it; `None` when none changed.
    pub file: Option<String>,
}

/// Which workloads have files that differ between the revision and the working tree, untracked files included.
///
/// # Errors
/// No repository, an unknown revision; a faulty manifest.
pub async fn since(
    session: &Session,
    app: &AppName,
    env: &EnvName,
    revision: &str,
    names: &[WorkloadName],
) -> Result<Vec<Touched>> {
    let workspace = session.workspace()?;
    let changed = git::changed_since(workspace.root(), revision).await?;
    let changed: Vec<_> = changed.iter().map(|path| plain(path)).collect();
    let mut found = vec![];
    for name in names {
        let inputs = inputs(session, &render::load(session, app, name, env)?)?;
        let file = inputs.touched(&changed).map(|path| workspace.display(path));
        found.push(Touched { name: name.clone(), file });
    }
    Ok(found)
}

/// The files a workload is made of: its folder (manifest, addons, overrides), what its images are built from, its environment
/// files, the sources of a site.
fn inputs(session: &Session, loaded: &Loaded) -> Result<Inputs> {
    let workspace = session.workspace()?;
    let resolve = |path: &str| plain(&workspace.resolve(path));
    let mut inputs = Inputs {
        trees: vec![plain(&workspace.folder().join(loaded.model.name().as_str()))],
        ..Inputs::default()
    };
    let plans: Vec<ImagePlan> = match &loaded.model {
        Workload::Container(service) => {
            let containers = std::iter::once(&service.main).chain(&service.sidecars);
            let router = service.log_router.iter().filter_map(|router| router.env_file.as_ref());
            let files = containers.filter_map(|container: &Container| container.env_file.as_ref());
            inputs.files.extend(files.chain(router).map(|path| resolve(path)));
            image::plan(service, "", &Tags::default())
        }
        Workload::RequestDriven(service) => request_driven::images(service, "", &Tags::default()),
        Workload::StaticSite(site) => {
            inputs.trees.extend(site.files.iter().map(|set| resolve(&set.source)));
            vec![]
        }
    };
    for plan in plans {
        let (dockerfile, context) = (resolve(&plan.build.dockerfile), resolve(&plan.build.context));
        let mut ignore = dockerfile.clone().into_os_string();
        ignore.push(".dockerignore");
        let rules = build::ignore_file(&dockerfile, &context)?.unwrap_or_default();
        inputs.files.extend([dockerfile, ignore.into(), context.join(".dockerignore")]);
        inputs.contexts.push((context, Ignore::parse(&rules)));
    }
    Ok(inputs)
}
