//! Making a service: its manifest, its image repository, its record.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::artifact::dockerfile::{self, Dockerfile};
use crate::facts;
use crate::manifest::head::Kind;
pub use crate::manifest::scaffold::{Topic, Trigger};
use crate::manifest::scalar::Duration;
use crate::manifest::{self, scaffold};
use crate::model::environment::Vpc;
use crate::model::request_driven::registry;
use crate::model::schedule::schedule;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::app::infrastructure;
use crate::ops::app::upgrade::StateChange;
use crate::ops::package::Findings;
use crate::ops::{Error, Report, Result, Session, env, reference};
use crate::store::Workload;
use crate::workspace::file::Written;

/// Where a service's image comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    /// Built from a Dockerfile, by its path below the project's root.
    Dockerfile(String),
    /// An image that exists.
    Location(String),
    /// As the manifest says, which is there already.
    Manifest,
    /// None: the files and directories of a Static Site, by their paths below the project's root, those of directories
    /// with a slash at the end.
    Sources(Vec<String>),
}

/// What a service is made from.
#[derive(Debug, Clone)]
pub struct Init {
    /// Its name.
    pub name: WorkloadName,
    /// Its kind.
    pub kind: Kind,
    /// Its image.
    pub image: Image,
    /// Port its container listens on.
    pub port: Option<u16>,
    /// Topics that a Worker Service subscribes to.
    pub topics: Vec<Topic>,
    /// Whether only the environment reaches a Request-Driven Web Service.
    pub private: bool,
    /// When a Scheduled Job runs.
    pub trigger: Option<Trigger>,
}

/// Checks a trigger: its schedule and its timeout.
///
/// # Errors
/// [`Error::Usage`] that says what is wrong and what to write.
pub fn check_trigger(trigger: &Trigger) -> Result<()> {
    schedule(&trigger.schedule).map_err(|fault| Error::Usage(fault.to_string()))?;
    let Some(timeout) = &trigger.timeout else { return Ok(()) };
    let whole = Duration::parse(timeout)
        .is_some_and(|timeout| timeout.secs() > 0 && timeout.nanos() % 1_000_000_000 == 0);
    if whole {
        return Ok(());
    }
    Err(Error::Usage(format!("{timeout:?} is no timeout: write whole seconds, such as 90s or 1h30m")))
}

/// TCP ports that a Dockerfile of the workspace exposes, in its order.
///
/// # Errors
/// It is not there or can't be read.
pub fn exposed_ports(session: &Session, path: &str) -> Result<Vec<u16>> {
    let exposed = read_dockerfile(session, path)?.ports;
    Ok(exposed.into_iter().filter(|port| port.protocol != "udp").map(|port| port.port).collect())
}

fn read_dockerfile(session: &Session, path: &str) -> Result<Dockerfile> {
    let source = session.workspace()?.dockerfile(path)?;
    Ok(dockerfile::parse(&source.text, None, &BTreeMap::new()))
}

/// The paths of a site's sources as [`Image::Sources`] has them, from those given on the command line.
///
/// # Errors
/// No workspace; one of them is not there or not in the project.
pub fn source_paths(session: &Session, paths: &[PathBuf]) -> Result<Vec<String>> {
    let root = session.workspace()?.root();
    let mut sources = vec![];
    for path in paths {
        let full = session.inputs.directory.join(path);
        let source = manifest_path(session, path)?;
        if !full.exists() {
            return Err(Error::Usage(format!("--sources: {} does not exist", path.display())));
        }
        if !root.join(&source).exists() || source.starts_with('/') {
            let root = root.display();
            return Err(Error::Usage(format!("--sources: {} is not below {root}", path.display())));
        }
        sources.push(if full.is_dir() { format!("{source}/") } else { source });
    }
    Ok(sources)
}

/// A path as given on the command line (relative to the working directory) as a path of a manifest (relative to the
/// project's root, with `/`).
///
/// # Errors
/// No workspace.
pub fn manifest_path(session: &Session, path: &Path) -> Result<String> {
    let root = session.workspace()?.root();
    let full = session.inputs.directory.join(path);
    let mut parts: Vec<String> = vec![];
    for part in full.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                parts.pop();
            }
            part => parts.push(part.as_os_str().to_string_lossy().into_owned()),
        }
    }
    let full: std::path::PathBuf = parts.iter().collect();
    let relative = full.strip_prefix(root).unwrap_or(&full);
    Ok(relative.to_string_lossy().replace('\\', "/"))
}

/// Makes the service. Can be run again after it was stopped anywhere; a manifest that is there is kept.
///
/// # Errors
/// The application does not exist; no such Dockerfile; a service of that name with another type; whatever AWS reports.
pub async fn init(session: &Session, app: &AppName, options: &Init, allow_downgrade: bool) -> Result<Report> {
    let connection = session.aws().await;
    let facts = facts::App::from(&session.app(app).await?);
    let workspace = session.workspace()?;
    let kind = options.kind.as_str();
    if let (Kind::RequestDriven, Image::Location(address)) = (options.kind, &options.image)
        && registry(address).is_none()
    {
        return Err(Error::Usage(format!(
            "{address} is in no registry that App Runner pulls from: it takes images from Amazon ECR and Amazon ECR Public only"
        )));
    }
    let known = session.store().await.workloads(app).await?;
    if let Some(other) = known.iter().find(|other| other.name == options.name && other.kind != kind) {
        return Err(Error::Exists(format!("{} exists as a {}", options.name, other.kind)));
    }
    let images = options.kind != Kind::StaticSite;
    let change = StateChange::AddWorkload { name: &options.name, images };
    infrastructure::admit(session, connection, &facts, (change, allow_downgrade)).await?;
    let mut done = vec![];
    if options.image == Image::Manifest {
        let source = workspace.manifest(&options.name)?;
        if manifest::head::head(&source).0.is_none_or(|head| head.kind.value.as_str() != kind) {
            return Err(Error::Usage(format!("{} is no manifest of a {kind}", source.path)));
        }
    } else {
        let text = text(session, app, options, &known).await?;
        let (path, written) = workspace.write_manifest(&options.name, &text)?;
        if written == Written::Created {
            reference::place_schema_of(workspace, kind)?;
        }
        let kept = if written == Written::Kept { " (kept as it was)" } else { "" };
        done.push(format!("The manifest of {} is {}{kept}.", options.name, workspace.display(&path)));
    }
    infrastructure::add_workload(session, connection, &facts, &options.name, images).await?;
    let record = Workload { app: app.clone(), name: options.name.clone(), kind: kind.to_owned() };
    session.store().await.create_workload(&record).await?;
    done.push(format!("{} is registered in {app}.", options.name));
    let mut next = vec![format!("Run `wharf deploy --name {}` to deploy it.", options.name)];
    if options.kind == Kind::RequestDriven {
        next.push(APP_RUNNER.to_owned());
    }
    Ok(Report { done, next, ..Report::default() })
}

/// What whoever begins a Request-Driven Web Service should know.
/// <https://docs.aws.amazon.com/apprunner/latest/dg/apprunner-availability-change.html>
const APP_RUNNER: &str = "App Runner is closed to new customers since 30 April 2026: accounts that did not use it before can't \
    deploy this service. A Load Balanced Web Service runs everywhere.";

/// The manifest of a new service.
async fn text(session: &Session, app: &AppName, options: &Init, known: &[Workload]) -> Result<String> {
    let mut health_check = None;
    let image = match &options.image {
        Image::Dockerfile(path) => {
            health_check = read_dockerfile(session, path)?.health_check.map(|check| scaffold::HealthCheck {
                command: check.command,
                interval: check.interval.unwrap_or(30),
                retries: check.retries.unwrap_or(3),
                timeout: check.timeout.unwrap_or(30),
                start_period: check.start_period.unwrap_or(0),
            });
            scaffold::Image::Dockerfile(path.clone())
        }
        Image::Location(address) => scaffold::Image::Location(address.clone()),
        Image::Manifest => return Ok(String::new()),
        Image::Sources(sources) => {
            let folder = session.workspace()?.folder().file_name().unwrap_or_default();
            return Ok(scaffold::static_site(&options.name, sources, &folder.to_string_lossy()));
        }
    };
    // Without a domain all services share one host name: only the first can have all of its paths.
    let domain = !session.app(app).await?.domain.is_empty();
    let web = Kind::LoadBalancedWeb.as_str();
    let others = known.iter().any(|other| other.kind == web && other.name != options.name);
    let path = if others && !domain { options.name.to_string() } else { "/".to_owned() };
    // What is built on an ARM machine runs on ARM.
    let arm = cfg!(any(target_arch = "aarch64", target_arch = "arm"));
    let service = scaffold::Service {
        name: options.name.clone(),
        image,
        port: options.port,
        path,
        platform: arm.then(|| "linux/arm64".to_owned()),
        health_check,
        topics: options.topics.clone(),
        private_environments: private_environments(session)?,
        private: options.private,
    };
    Ok(match options.kind {
        Kind::LoadBalancedWeb => scaffold::load_balanced_web_service(&service),
        Kind::Backend => scaffold::backend_service(&service),
        Kind::Worker => scaffold::worker_service(&service),
        Kind::RequestDriven => scaffold::request_driven_web_service(&service),
        Kind::ScheduledJob => {
            let trigger = options.trigger.as_ref();
            scaffold::scheduled_job(
                &service,
                trigger.ok_or_else(|| Error::Bug("a job without a schedule".to_owned()))?,
            )
        }
        kind @ Kind::StaticSite => {
            let kind = kind.as_str();
            return Err(Error::Unsupported(format!("wharf makes no {kind} yet")));
        }
    })
}

/// Environments of the workspace without public subnets: tasks stand in the private ones there.
fn private_environments(session: &Session) -> Result<Vec<EnvName>> {
    let app = session.workspace()?.app();
    let mut found = vec![];
    for name in session.local_environments()? {
        // A faulty manifest is the business of whoever deploys that environment.
        let Ok(loaded) = env::load(session, app, &name, None) else { continue };
        if matches!(&loaded.model.vpc, Vpc::Imported(vpc) if vpc.public.is_empty()) {
            found.push(name);
        }
    }
    Ok(found)
}

/// The kind of the service whose manifest is in the workspace; none without one, or of a kind that is no service.
///
/// # Errors
/// No workspace; a manifest without a type this version knows.
pub fn kind_of(session: &Session, name: &WorkloadName) -> Result<Option<Kind>> {
    if !session.workspace()?.manifest_path(name).is_file() {
        return Ok(None);
    }
    let source = session.workspace()?.manifest(name)?;
    let (head, diagnostics) = manifest::head::head(&source);
    let Some(head) = head else {
        return Err(Error::Manifest(Box::new(Findings { source, diagnostics })));
    };
    let kind = head.kind.value;
    if !kind.supported() {
        let kind = kind.as_str();
        return Err(Error::Unsupported(format!(
            "{name} is a {kind}, which this version does not deploy yet"
        )));
    }
    Ok(Some(kind))
}
