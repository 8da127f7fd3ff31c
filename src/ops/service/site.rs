//! A static site's files: read from the workspace, compared with what is published, published.

use super::environment::Place;
use super::render::Loaded;
use crate::artifact::key;
use crate::artifact::site::{self as artifact, Files};
use crate::aws::Connection;
use crate::deploy::site::{self as deploy, Options, Plan};
use crate::facts::Facts;
use crate::model::site::Site;
use crate::model::workload::Workload;
use crate::name::{EnvName, WorkloadName};
use crate::ops::{Error, Result, Session};
use crate::stack::document::workload_stack;
use crate::stack::workload::site::{BUCKET, DISTRIBUTION};
use crate::workspace::site::{Wanted, files as found_in};

/// A site's files, and how they differ from what is published.
pub(super) struct Publishing {
    files: Files,
    plan: Plan,
}

/// The files of a site, hashed.
///
/// # Errors
/// A source that is not there or can't be read, a link that leads out of the project, no file at all, one that is too large.
pub(super) fn files(session: &Session, site: &Site) -> Result<Files> {
    let workspace = session.workspace()?;
    let mut files = Files::new();
    for set in &site.files {
        let takes = |path: &str| set.takes(path);
        let wanted = Wanted { source: &set.source, recursive: set.recursive, takes: &takes };
        for found in found_in(workspace.root(), wanted)? {
            artifact::add(&mut files, set, &found.path, found.local, found.size, found.sha256);
        }
    }
    if let Some((key, file)) = files.iter().find(|(_, file)| file.size > artifact::MAX_SIZE) {
        return Err(Error::LargeFile { site: site.name.clone(), key: key.clone(), size: file.size });
    }
    if files.is_empty() {
        let sources = site.files.iter().map(|set| format!("./{}", set.source)).collect();
        return Err(Error::NoFiles { site: site.name.clone(), sources });
    }
    Ok(files)
}

/// Where a site's stack has its files.
struct Home {
    bucket: String,
    distribution: String,
}

/// The bucket and the distribution of a deployed site; `None` while there is no bucket.
async fn home(manager: &Connection, stack: &str) -> Result<Option<Home>> {
    let resources = manager.cloudformation().resources(stack).await?.unwrap_or_default();
    let id = |logical_id: &str| {
        let found = resources.iter().find(|resource| resource.logical_id == logical_id);
        found.filter(|found| found.status != "DELETE_COMPLETE").map(|found| found.physical_id.clone())
    };
    let bucket = id(BUCKET).filter(|bucket| !bucket.is_empty());
    Ok(bucket.map(|bucket| Home { bucket, distribution: id(DISTRIBUTION).unwrap_or_default() }))
}

/// Reads the files of a workload that is a site, and how they differ from what is published. Nothing is changed.
///
/// # Errors
/// As [`files`]; whatever AWS reports.
pub(super) async fn prepare(
    session: &Session,
    place: &Place,
    loaded: &Loaded,
    facts: &Facts,
) -> Result<Option<Publishing>> {
    let Workload::StaticSite(site) = &loaded.model else { return Ok(None) };
    let files = files(session, site)?;
    let manifests = session.workspace()?.folder().file_name().unwrap_or_default().to_string_lossy();
    deploy::warn_of(&artifact::private(&files, &manifests), session.reporter.as_ref());
    let plan = plan(place, facts, &site.name, &files).await?;
    Ok(Some(Publishing { files, plan }))
}

async fn plan(place: &Place, facts: &Facts, name: &WorkloadName, files: &Files) -> Result<Plan> {
    let stack = workload_stack(&facts.app.name, &facts.env.name, name);
    let Some(home) = home(&place.manager, &stack).await? else { return Ok(Plan::first(files)) };
    let receipt = key::site_receipt(&facts.env.name, name);
    Ok(deploy::plan(&place.manager, &at(&home, "", facts, &receipt), files).await?)
}

fn at<'a>(home: &'a Home, title: &'a str, facts: &'a Facts, receipt: &'a str) -> deploy::Place<'a> {
    deploy::Place {
        title,
        bucket: &home.bucket,
        artifacts: &facts.artifacts.bucket,
        receipt,
        distribution: &home.distribution,
    }
}

impl Publishing {
    /// What is to be done, in words.
    pub fn sentence(&self) -> String {
        self.plan.sentence()
    }

    /// Whether everything is published.
    pub fn is_done(&self) -> bool {
        self.plan.is_done()
    }

    /// What is to be done with each file, a line each, such as `+ index.html`.
    pub fn lines(&self) -> Vec<String> {
        let marked = |mark: &str, keys: &[String]| -> Vec<String> {
            keys.iter().map(|key| format!("{mark} {key}")).collect()
        };
        let plan = &self.plan;
        [marked("+", &plan.new), marked("~", &plan.changed), marked("-", &plan.gone)].concat()
    }

    /// Publishes the files; the stack stands. Returns whether anything was to be done.
    ///
    /// # Errors
    /// The stack lacks its bucket or its distribution; whatever AWS reports; the user stopped it.
    pub async fn publish(
        &self,
        session: &Session,
        place: &Place,
        facts: &Facts,
        name: &WorkloadName,
    ) -> Result<Option<String>> {
        let stack = workload_stack(&facts.app.name, &facts.env.name, name);
        let missing = || Error::MissingOutput { stack: stack.clone(), output: BUCKET.to_owned() };
        let home = home(&place.manager, &stack).await?.ok_or_else(missing)?;
        let title = format!("site {name} in {}", facts.env.name);
        let receipt = key::site_receipt(&facts.env.name, name);
        let at = at(&home, &title, facts, &receipt);
        // The bucket may be another one by now, or somebody else's deployment was faster.
        let options = Options {
            reporter: session.reporter.as_ref(),
            interrupt: Some(session.interrupt.clone()),
            polling: session.inputs.polling,
        };
        let plan = deploy::plan_after_stack(&place.manager, &at, &self.files, &options).await?;
        if plan.is_done() {
            return Ok(None);
        }
        deploy::publish(&place.manager, &at, &self.files, &plan, options).await?;
        Ok(Some(plan.sentence()))
    }
}

/// Empties the bucket of a site's stack, so that the stack can be deleted; a stack without one is no failure.
///
/// # Errors
/// Whatever AWS reports.
pub(super) async fn empty(
    session: &Session,
    manager: &Connection,
    stack: &str,
    name: &WorkloadName,
    env: &EnvName,
) -> Result<()> {
    session.check_interrupt()?;
    if let Some(home) = home(manager, stack).await? {
        let title = format!("site {name} in {env}");
        deploy::empty(manager, &home.bucket, &title, session.reporter.as_ref()).await?;
    }
    Ok(())
}
