//! Releases of a workload: kept with every deployment, listed, and deployed again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::apply::addresses;
use super::environment::{self, Place};
use super::features;
use super::naming::Before;
use super::plan;
use crate::artifact::{self, key};
use crate::aws::ecr::Which;
use crate::deploy::stack::Applied;
use crate::describe;
use crate::diagnostic::Source;
use crate::facts::{self, Facts, Image};
use crate::model::workload::{self, Workload};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::stacks::{self, Change, Target};
use crate::ops::{Error, Report, Result, Session};
use crate::page::{Body, Cell, Mark, Page, Paged};
use crate::stack::Stack;
use crate::stack::document::workload_stack;
use crate::stack::workload::NLB_CERTIFICATE_PARAMETER;
use crate::stack::workload::site::CERTIFICATE;
use crate::store::release::{self, Release};
use crate::tools::git;
use crate::yaml::template;

/// Most releases that are listed.
const MOST: usize = 20;
/// Hexadecimal digits of a release's id.
const DIGITS: usize = 10;

/// Releases of a workload in an environment, newest first. The first one runs.
#[derive(Debug, Clone, Serialize)]
pub struct Releases {
    /// The releases.
    pub releases: Vec<Listed>,
}

/// A release as it is listed.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Listed {
    /// Its id.
    pub id: String,
    /// When it was deployed: milliseconds since the Unix epoch, RFC 3339 in JSON.
    #[serde(serialize_with = "describe::rfc3339")]
    pub deployed_at: Option<i64>,
    /// Tag of the git commit it was built from; empty when unknown.
    pub commit: String,
    /// The images by container.
    pub images: BTreeMap<String, String>,
    /// Whether it runs now.
    pub current: bool,
}

impl Paged for Releases {
    fn page(&self, now: Timestamp) -> Page {
        let row = |release: &Listed| {
            let short = |image: &String| match image.split_once("@sha256:") {
                Some((_, digest)) => digest.chars().take(12).collect(),
                None => image.rsplit('/').next().unwrap_or(image).to_owned(),
            };
            let images: Vec<String> =
                release.images.iter().map(|(name, image)| format!("{name} {}", short(image))).collect();
            let mark = if release.current { Mark::Good } else { Mark::Plain };
            vec![
                Cell::new(release.id.clone(), mark),
                Cell::or_dash(describe::ago(release.deployed_at, now)),
                Cell::or_dash(release.commit.clone()),
                Cell::or_dash(images.join(", ")),
                Cell::new(if release.current { "current".to_owned() } else { String::new() }, mark),
            ]
        };
        let rows = self.releases.iter().map(row).collect();
        Page::new().with("", Body::table(&["Release", "Deployed", "Commit", "Images", ""], rows))
    }
}

/// Which release is deployed again.
#[derive(Debug, Clone)]
pub struct Rollback {
    /// The application.
    pub app: AppName,
    /// The workload.
    pub name: WorkloadName,
    /// The environment.
    pub env: EnvName,
    /// Id of the release, or its beginning; `None`: the one before the current one.
    pub to: Option<String>,
    /// How the stack is changed.
    pub change: Change,
}

/// A release's id: the same template, parameters and tags have the same.
fn id(stack: &Stack, template: &str) -> String {
    let mut id = artifact::sha256(format!("{template}\0{}", stack.parameters_json()).as_bytes());
    id.truncate(DIGITS);
    id
}

/// Keeps what was deployed as a release, unless it is the newest one. That this fails does not fail a deployment: it is told as
/// a warning.
///
/// `text`: the stack's template, as it was uploaded.
pub(super) async fn keep(
    session: &Session,
    place: &Place,
    stack: &Stack,
    text: &str,
    images: &BTreeMap<String, Image>,
) {
    if let Err(error) = try_keep(session, place, stack, text, images).await {
        session.warn(format!("The release was not recorded, so `rollback` won't offer it: {error}."));
    }
}

async fn try_keep(
    session: &Session,
    place: &Place,
    stack: &Stack,
    text: &str,
    images: &BTreeMap<String, Image>,
) -> Result<()> {
    let release = Release {
        id: id(stack, text),
        at: Timestamp::now().as_millisecond(),
        commit: git::inspect(session.workspace()?.root()).await.tag.unwrap_or_default(),
        images: images.iter().map(|(name, image)| (name.clone(), image.address())).collect(),
        template: key::template(&stack.name, text),
        parameters: stack.parameters.clone(),
        tags: stack.tags.clone(),
    };
    Ok(all(place, &stack.name).keep(&release).await?)
}

/// Whether the stack is what the newest release was deployed with.
pub(super) async fn is_newest(place: &Place, stack: &Stack) -> Result<bool> {
    let wanted = id(stack, &stack.template_yaml());
    Ok(all(place, &stack.name).newest_id().await?.is_some_and(|newest| newest == wanted))
}

fn all<'a>(place: &'a Place, stack: &'a str) -> release::Releases<'a> {
    release::Releases { connection: &place.manager, bucket: place.bucket(), stack }
}

/// The releases of a workload.
///
/// # Errors
/// The environment is not deployed; whatever AWS reports.
pub async fn releases(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    env: &EnvName,
) -> Result<Releases> {
    session.store().await.workload(app, name).await?;
    let place = environment::read(session, app, env).await?;
    let stack = workload_stack(app, env, name);
    let found = all(&place, &stack).newest(MOST).await?;
    let listed = found.into_iter().enumerate().map(|(index, release)| Listed {
        current: index == 0,
        id: release.id,
        deployed_at: Some(release.at),
        commit: release.commit,
        images: release.images,
    });
    Ok(Releases { releases: listed.collect() })
}

/// The release that a rollback goes to.
async fn target(place: &Place, options: &Rollback, stack: &str) -> Result<Release> {
    let releases = all(place, stack);
    let missing =
        |which: String| Error::NoRelease { name: options.name.clone(), env: options.env.clone(), which };
    if let Some(id) = &options.to {
        return releases.find(id).await?.ok_or_else(|| missing(id.clone()));
    }
    let found = releases.newest(MOST).await?;
    let current = found.first().map(|release| release.id.clone()).unwrap_or_default();
    found.into_iter().find(|release| release.id != current).ok_or_else(|| missing(String::new()))
}

/// What a rollback would do, in a sentence.
///
/// # Errors
/// There is no such release; whatever AWS reports.
pub async fn rollback_preview(session: &Session, options: &Rollback) -> Result<(Release, String)> {
    let place = environment::read(session, &options.app, &options.env).await?;
    let stack = workload_stack(&options.app, &options.env, &options.name);
    let release = target(&place, options, &stack).await?;
    let commit =
        if release.commit.is_empty() { String::new() } else { format!(", commit {}", release.commit) };
    let text = format!(
        "Deploy {} to {} as it was in release {} ({}{commit})?",
        options.name,
        options.env,
        release.id,
        describe::ago(Some(release.at), Timestamp::now())
    );
    Ok((release, text))
}

/// Deploys an earlier release again: its template with its parameters, and by them its images.
///
/// # Errors
/// There is no such release; its template or an image of it is gone; a failed deployment; whatever AWS reports.
pub async fn rollback(session: &Session, options: &Rollback) -> Result<Report> {
    let (app, name, env) = (&options.app, &options.name, &options.env);
    session.store().await.workload(app, name).await?;
    let mut place = environment::read(session, app, env).await?;
    let stack_name = workload_stack(app, env, name);
    let release = target(&place, options, &stack_name).await?;
    let deployed = place.manager.cloudformation().template(&stack_name).await?;
    stacks::refuse_newer(&stack_name, deployed.as_deref(), options.change.allow_downgrade)?;
    let gone = |what: String| Error::ReleaseGone { release: release.id.clone(), what };
    let bytes = place.manager.s3().get(place.bucket(), &release.template).await?;
    let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    let text =
        text.ok_or_else(|| gone(format!("its template s3://{}/{}", place.bucket(), release.template)))?;
    let document = template::parse(&text)
        .map_err(|error| Error::BadTemplate { stack: stack_name.clone(), message: error.to_string() })?;
    for image in release.images.values() {
        if !is_there(&place, image).await? {
            return Err(gone(format!("the image {image}")));
        }
    }
    let mut stack = Stack {
        name: stack_name,
        template: document,
        parameters: release.parameters.clone(),
        tags: release.tags.clone(),
    };
    plan::gate(session, &place, name, &stack, &options.change.allow_replace).await?;
    // What the release needs of the environment may have been switched off since.
    let manifest = stack.template["Metadata"]["Manifest"].as_str().unwrap_or_default();
    let source = Source { path: "the release's manifest".to_owned(), text: manifest.to_owned() };
    let model = workload::read(&source, app, env, &|_| None).0.map(|read| read.model);
    let needs = model.as_ref().map(features::needs);
    if let Some(needs) = &needs {
        place.provide(session, &[(name.clone(), needs.clone())], &options.change).await?;
    }
    let names = match &model {
        Some(model) => Some(names_before(session, &place, model, &mut stack).await?),
        None => None,
    };
    let title = format!("service {name} in {env} (release {})", release.id);
    let bucket = place.bucket().to_owned();
    let target = Target {
        role_arn: Some(&place.record.execution_role_arn),
        bucket: Some((&bucket, &place.record.region)),
        change: options.change.clone(),
        ..Target::new(&title)
    };
    let applied = stacks::apply(session, &place.manager, &stack, &target).await?;
    let mut report = Report::default();
    report.done.push(match applied {
        Applied::Started { .. } => {
            format!("CloudFormation has begun to deploy release {} of {name} to {env}.", release.id)
        }
        Applied::Unchanged => format!("{name} in {env} is release {} already.", release.id),
        Applied::Done { .. } => format!("{name} in {env} is release {} again.", release.id),
    });
    if matches!(applied, Applied::Started { .. }) {
        return Ok(report);
    }
    let again = Release { at: Timestamp::now().as_millisecond(), ..release };
    if let Err(error) = all(&place, &stack.name).keep(&again).await {
        session.warn(format!("The rollback was not recorded as a release: {error}."));
    }
    if let (Some(model), Some(names)) = (&model, names) {
        let before = Before { facts: &names.facts, hosts: &names.hosts };
        place.settle_names(session, model, &before, names.certificate.as_deref()).await?;
    }
    if let Some(needs) = needs {
        place.settle(session, name, &needs).await?;
    }
    report.urls = addresses(&place, app, env, name).await?;
    report.next.push(
        "The workspace still holds what was deployed before, and the next deployment brings it back: mend it first."
            .to_owned(),
    );
    Ok(report)
}

/// Names of a workload before its rollback.
struct Names {
    /// What is known, with the parameters of its stack.
    facts: Facts,
    /// Host names that lead to it.
    hosts: Vec<String>,
    /// The certificate that the release's names need.
    certificate: Option<String>,
}

/// Finds the names that lead to a workload, and gives the release a certificate for its own: the one it had may be gone.
async fn names_before(
    session: &Session,
    place: &Place,
    model: &Workload,
    stack: &mut Stack,
) -> Result<Names> {
    let mut facts = Facts::new(place.app.name.clone(), place.record.name.clone());
    facts.app = facts::App::from(&place.app);
    let mut hosts = vec![];
    if let Some(deployed) = place.manager.cloudformation().stack(&stack.name).await? {
        hosts = place.deployed_hosts(model, &deployed).await?;
        facts.parameters = deployed.parameters;
    }
    let certificate = place.certificate(session, model, &facts).await?;
    for parameter in [NLB_CERTIFICATE_PARAMETER, CERTIFICATE] {
        if let (Some(arn), Some(value)) = (&certificate, stack.parameters.get_mut(parameter)) {
            value.clone_from(arn);
        }
    }
    Ok(Names { facts, hosts, certificate })
}

/// Whether an image of the application's own registry is still there; of other registries nothing is known, so they count as
/// there.
async fn is_there(place: &Place, image: &str) -> Result<bool> {
    let Some((host, rest)) = image.split_once('/').filter(|(host, _)| host.contains(".dkr.ecr.")) else {
        return Ok(true);
    };
    // The registry of the application's account in this region; others may not be looked into.
    if !host.contains(&place.record.region) || !rest.starts_with(&format!("{}/", place.record.app)) {
        return Ok(true);
    }
    let found = match rest.split_once('@') {
        Some((repository, digest)) => place.regional.ecr().image(repository, Which::Digest(digest)).await,
        None => {
            let (repository, tag) = rest.split_once(':').unwrap_or((rest, "latest"));
            place.regional.ecr().image(repository, Which::Tag(tag)).await
        }
    };
    Ok(found?.is_some())
}
