//! Releases of a workload: kept with every deployment, and listed. `rollback` deploys one again.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::environment::{self, Place};
use crate::artifact::{self, key};
use crate::describe;
use crate::facts::Image;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::{Result, Session};
use crate::page::{Body, Cell, Mark, Page, Paged};
use crate::stack::Stack;
use crate::stack::document::workload_stack;
use crate::store::release::{self, Release};
use crate::tools::git;

/// Most releases that are listed.
pub(super) const MOST: usize = 20;
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

pub(super) fn all<'a>(place: &'a Place, stack: &'a str) -> release::Releases<'a> {
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
