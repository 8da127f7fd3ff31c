//! Images: built and pushed where the registry does not hold their content yet.
//!
//! The registry is asked for the tag that names an image's content before anything is built. Images of one command build
//! side by side, as many at a time as the session has turns for.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::PoisonError;

use futures_util::future::try_join_all;
use tokio::sync::SemaphorePermit;

use crate::artifact::dockerignore::{Ignore, Verdict};
use crate::artifact::image::{ContentHash, FileKind, Hasher, ImagePlan};
use crate::aws::Connection;
use crate::aws::ecr::Which;
use crate::event::{Event, Outcome, Step};
use crate::facts;
use crate::ops::{Error, Result, Session};
use crate::tools::engine::{BuildRequest, Engine, Lookup, credentials, output};
use crate::workspace::{self, build, scratch::Scratch};

/// Makes sure that the registry holds every planned image; returns them by container.
///
/// # Errors
/// No container engine, a failed build or push, whatever ECR reports.
pub(super) async fn ensure(
    session: &Session,
    regional: &Connection,
    repository: &str,
    plans: &[ImagePlan],
    given_tag: Option<&str>,
) -> Result<BTreeMap<String, facts::Image>> {
    let mut images = BTreeMap::new();
    let mut wanted = vec![];
    for plan in plans {
        let hash = content_hash(session, plan)?;
        match pushed(regional, repository, plan, &hash, given_tag).await? {
            Some(image) => {
                skipped(session, plan, &image);
                images.insert(plan.container.clone(), image);
            }
            None => wanted.push((plan, hash)),
        }
    }
    if wanted.is_empty() {
        return Ok(images);
    }
    let engine = log_in(session, regional).await?;
    let builds =
        wanted.into_iter().map(|(plan, hash)| build_and_push(session, &engine.engine, plan, hash, given_tag));
    let built: Vec<(String, facts::Image)> = try_join_all(builds).await?;
    images.extend(built);
    Ok(images)
}

/// The images as they would be named, without building any: the pushed ones of the same content, else by the tag that names
/// the content.
///
/// # Errors
/// An unreadable Dockerfile or build context; whatever ECR reports.
pub(super) async fn predict(
    session: &Session,
    regional: &Connection,
    repository: &str,
    plans: &[ImagePlan],
    given_tag: Option<&str>,
) -> Result<BTreeMap<String, facts::Image>> {
    let mut images = BTreeMap::new();
    for plan in plans {
        let hash = content_hash(session, plan)?;
        let image = match pushed(regional, repository, plan, &hash, given_tag).await? {
            Some(image) => image,
            None if given_tag.is_some() => address(plan, String::new(), given_tag),
            None => {
                facts::Image { repository: plan.repository.clone(), tag: hash.tag(), digest: String::new() }
            }
        };
        images.insert(plan.container.clone(), image);
    }
    Ok(images)
}

/// The hash of everything an image is built from.
fn content_hash(session: &Session, plan: &ImagePlan) -> Result<ContentHash> {
    let workspace = session.workspace()?;
    let dockerfile = workspace.dockerfile(&plan.build.dockerfile)?;
    let context = workspace.resolve(&plan.build.context);
    let ignored = build::ignore_file(&workspace.resolve(&plan.build.dockerfile), &context)?;
    let ignore = Ignore::parse(&ignored.unwrap_or_default());
    let entries = build::context(&context, &|path| match ignore.verdict(path) {
        Verdict::Seen => build::Visit::Take,
        Verdict::Hidden => build::Visit::Skip,
        Verdict::HiddenForNow => build::Visit::Enter,
    })?;
    let mut hasher = Hasher::new(&dockerfile.text, &plan.build, &plan.platform);
    for entry in &entries {
        let kind = match &entry.kind {
            build::EntryKind::File(digest) => FileKind::File(digest),
            build::EntryKind::Directory => FileKind::Directory,
            build::EntryKind::Link(target) => FileKind::Link(target),
        };
        hasher.add(&entry.path, entry.mode, kind);
    }
    Ok(hasher.finish())
}

/// The image in the registry that was built from the same content and carries the tag that was given, if there is one.
async fn pushed(
    regional: &Connection,
    repository: &str,
    plan: &ImagePlan,
    hash: &ContentHash,
    given_tag: Option<&str>,
) -> Result<Option<facts::Image>> {
    let Some(image) = regional.ecr().image(repository, Which::Tag(&hash.tag())).await? else {
        return Ok(None);
    };
    // A tag that was asked for by name must name this very image.
    if given_tag.is_some() && !plan.version.is_empty() && !image.tags.contains(&plan.version) {
        return Ok(None);
    }
    Ok(Some(address(plan, image.digest, given_tag)))
}

/// How the stack names an image: by the tag that was given, else by its digest, so that the same content is no change.
fn address(plan: &ImagePlan, digest: String, given_tag: Option<&str>) -> facts::Image {
    let tag = if given_tag.is_some() { plan.version.clone() } else { String::new() };
    facts::Image { repository: plan.repository.clone(), tag, digest }
}

fn skipped(session: &Session, plan: &ImagePlan, image: &facts::Image) {
    let id = format!("build {} {}", plan.repository, plan.container);
    let title = format!("Build image {}", plan.container);
    session.reporter.report(Event::StepStarted { id: id.clone(), kind: Step::Build, title });
    let detail = format!("already pushed, {}", short(&image.digest));
    session.reporter.report(Event::StepFinished { id, outcome: Outcome::Skipped, detail });
}

fn short(digest: &str) -> &str {
    digest.get(..19).unwrap_or(digest)
}

/// Builds the images of a workload whose content the registry does not hold yet, and pushes nothing: they are pushed as they
/// are by [`ensure`]. Returns by container how each image is called on this machine, and the digest of a pushed one, which may
/// have to be fetched.
///
/// # Errors
/// A failed build, whatever ECR reports.
pub(super) async fn build_here(
    session: &Session,
    engine: &Engine,
    regional: &Connection,
    repository: &str,
    plans: &[ImagePlan],
    given_tag: Option<&str>,
) -> Result<BTreeMap<String, Here>> {
    let builds = plans.iter().map(|plan| async move {
        let hash = content_hash(session, plan)?;
        let name = format!("{}:{}", plan.repository, hash.tag());
        if let Some(image) = pushed(regional, repository, plan, &hash, given_tag).await? {
            return Ok::<_, Error>((plan.container.clone(), Here { name, digest: image.digest }));
        }
        build(session, engine, plan, &hash).await?;
        Ok((plan.container.clone(), Here { name, digest: String::new() }))
    });
    Ok(try_join_all(builds).await?.into_iter().collect())
}

/// An image that is to be run on this machine.
#[derive(Debug, Clone)]
pub(super) struct Here {
    /// `repository:tag`, by its content.
    pub name: String,
    /// Digest of the pushed image, which may not be on this machine; empty when it was built here.
    pub digest: String,
}

/// An engine that is logged in to the registry. Its private configuration goes with the value.
pub(super) struct LoggedIn {
    pub engine: Engine,
    _config: Option<Scratch>,
}

/// The container engine of this machine.
///
/// # Errors
/// There is none.
pub(super) fn engine(session: &Session) -> Result<Engine> {
    let path = session.variable("PATH");
    let builder = session.variable("WHARF_BUILDER");
    let buildkit = session.variable("DOCKER_BUILDKIT");
    Ok(Engine::find(Lookup {
        builder: builder.as_deref(),
        path: path.as_deref().map(str::as_ref),
        docker_buildkit: buildkit.as_deref(),
    })?)
}

/// Where private files go.
pub(super) fn temporary(session: &Session) -> PathBuf {
    session.variable("TMPDIR").map_or_else(|| PathBuf::from("/tmp"), PathBuf::from)
}

/// The engine, logged in to the registry.
///
/// # Errors
/// There is no engine, it does not do what it should; whatever ECR reports.
pub(super) async fn log_in(session: &Session, regional: &Connection) -> Result<LoggedIn> {
    let engine = engine(session)?;
    let login = regional.ecr().login().await?;
    let registry = login.endpoint.trim_start_matches("https://").trim_start_matches("http://").to_owned();
    let places = credentials::Places {
        home: session.variable("HOME").or_else(|| session.variable("USERPROFILE")).map(PathBuf::from),
        docker_config: session.variable("DOCKER_CONFIG").map(PathBuf::from),
        registry_auth_file: session.variable("REGISTRY_AUTH_FILE").map(PathBuf::from),
        runtime: session.variable("XDG_RUNTIME_DIR").map(PathBuf::from),
    };
    let mut text = String::new();
    for file in credentials::files(engine.kind(), &places) {
        if let Some(found) = workspace::file::read_optional(&file)? {
            text = found;
            break;
        }
    }
    if credentials::helper_answers(&text, &registry) {
        return Ok(LoggedIn { engine, _config: None });
    }
    let (engine, config) = match credentials::private(engine.kind(), &text, &registry) {
        Some(private) => {
            let scratch = Scratch::new(&temporary(session))?;
            if let Some(directory) = credentials::directory(engine.kind(), &places) {
                scratch.mirror(&directory, &[credentials::FILE])?;
            }
            scratch.write(credentials::FILE, private.as_bytes())?;
            (engine.with_private_config(scratch.path()), Some(scratch))
        }
        None => (engine, None),
    };
    engine.login(&registry, &login.user, &login.password).await?;
    Ok(LoggedIn { engine, _config: config })
}

async fn build_and_push(
    session: &Session,
    engine: &Engine,
    plan: &ImagePlan,
    hash: ContentHash,
    given_tag: Option<&str>,
) -> Result<(String, facts::Image)> {
    let references = plan.references(Some(&hash));
    let name = &plan.container;
    let tried = format!("{}:{}", plan.repository, hash.tag());
    let built = session.built.lock().unwrap_or_else(PoisonError::into_inner).contains(&tried);
    // The semaphore is never closed: without a turn nothing else goes wrong than more load.
    let turn =
        if built { session.builds.acquire().await.ok() } else { build(session, engine, plan, &hash).await? };
    let mut digest = String::new();
    let id = format!("push {} {name}", plan.repository);
    let push = session.step(&id, Step::Push, &format!("Push image {name}"));
    for reference in &references {
        session.check_interrupt()?;
        let mut progress = output::PushProgress::default();
        digest = push
            .run(engine.push(reference, &mut |line| {
                push.output(line);
                if let Some(seen) = progress.line(line) {
                    push.progress(seen.done, seen.total, &seen.message);
                }
            }))
            .await?;
    }
    push.done(short(&digest));
    drop(turn);
    Ok((name.clone(), address(plan, digest, given_tag)))
}

/// Builds an image under all its names; returns the turn in which it did.
async fn build<'a>(
    session: &'a Session,
    engine: &Engine,
    plan: &ImagePlan,
    hash: &ContentHash,
) -> Result<Option<SemaphorePermit<'a>>> {
    let turn = session.builds.acquire().await.ok();
    session.check_interrupt()?;
    let workspace = session.workspace()?;
    let request = BuildRequest {
        context: workspace.resolve(&plan.build.context),
        dockerfile: workspace.resolve(&plan.build.dockerfile),
        target: plan.build.target.clone(),
        args: plan.build.args.clone(),
        cache_from: plan.build.cache_from.clone(),
        platform: Some(plan.platform.clone()),
        tags: plan.references(Some(hash)),
        labels: plan.labels.clone(),
        no_cache: false,
    };
    let name = &plan.container;
    let mut progress = output::BuildProgress::default();
    let id = format!("build {} {name}", plan.repository);
    let build = session.step(&id, Step::Build, &format!("Build image {name}"));
    build
        .run(engine.build(&request, &mut |line| {
            build.output(line);
            if let Some(seen) = progress.line(line) {
                build.progress(seen.done, seen.total, &seen.message);
            }
        }))
        .await?;
    build.done("");
    let built = format!("{}:{}", plan.repository, hash.tag());
    session.built.lock().unwrap_or_else(PoisonError::into_inner).insert(built);
    Ok(turn)
}
