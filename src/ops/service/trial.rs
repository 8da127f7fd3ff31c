//! `--try`: workloads run on this machine before anything changes in AWS. Images are built as a deployment would build them, and
//! the deployment pushes these very images.

use std::collections::BTreeMap;
use std::path::Path;

use super::deploy::Deploy;
use super::environment::{Place, Ready};
use super::images::{self, Here};
use super::render::Loaded;
use super::request_driven;
use crate::artifact::image::{self, Tags};
use crate::event::Step;
use crate::model::container::{Container, Image};
use crate::model::request_driven::registry;
use crate::model::workload::Workload;
use crate::ops::app::infrastructure;
use crate::ops::preflight::{Checked, Finding, containers};
use crate::ops::trial::owner::{self, Owner};
use crate::ops::trial::plan::{Known, Plan, lines};
use crate::ops::trial::run::{self, Bench, CHECK};
use crate::ops::{Error, Result, Session};
use crate::secret::Secret;
use crate::stack::document::environment_stack;
use crate::stack::workload::addons::{AddonKind, variable_name};
use crate::tools::engine::{self, Engine};
use crate::tools::git;
use crate::workspace::{self, scratch::Scratch};

/// Tries workloads one after the other; findings in their order.
///
/// # Errors
/// The file of values can't be read or is open to others; no container engine; a failed build; interrupted.
pub(super) async fn trial(
    session: &Session,
    options: &Deploy,
    place: &Place,
    jobs: &[(&Loaded, &Ready)],
) -> Result<Vec<Checked>> {
    // Never closed. One after the other: each wants the machine's whole attention.
    let _turn = session.tries.acquire().await.ok();
    let given = given(session, options.change.try_env.as_deref())?;
    let needs_login = jobs.iter().flat_map(|(loaded, _)| containers(&loaded.model)).any(in_ecr);
    let mut logged_in = None;
    let engine = match needs_login {
        true => logged_in.insert(images::log_in(session, &place.regional).await?).engine.clone(),
        false => images::engine(session)?,
    };
    let scratch = Scratch::new(&images::temporary(session))?;
    let owner = Owner::new().await;
    let swept = owner::sweep(&engine, &owner).await;
    if swept > 0 {
        session.note(format!("Removed {swept} containers that an earlier try left."));
    }
    let address = engine.address(|name| session.variable(name)).await;
    let bench = Bench {
        session,
        engine: &engine,
        scratch: &scratch,
        owner: &owner,
        remote: address.as_deref().is_some_and(is_remote),
        platform: engine.platform().await,
    };
    let mut checked = vec![];
    for (loaded, ready) in jobs {
        let found = of_one(&bench, options, place, (loaded, ready), &given).await?;
        checked.push(Checked::new(&loaded.model, &options.env, found));
    }
    Ok(checked)
}

/// The same as findings alone, where a failed build is one.
///
/// # Errors
/// As [`trial`], but for what the engine could not do.
pub(super) async fn findings(
    session: &Session,
    options: &Deploy,
    place: &Place,
    job: (&Loaded, &Ready),
) -> Result<Vec<Finding>> {
    match trial(session, options, place, &[job]).await {
        Ok(checked) => Ok(checked.into_iter().flat_map(|one| one.checks).collect()),
        Err(Error::Engine(error)) => {
            let what = format!("{} {}", job.0.model.noun(), job.0.model.name());
            let built = matches!(error, engine::Error::Failed { task: engine::Task::Build, .. });
            let finding = match built {
                true => Finding::failed(CHECK, what, "", error.to_string()),
                false => Finding::unknown(CHECK, what, error.to_string()),
            };
            Ok(vec![Finding { lines: error.log_lines(), next: error.next_steps(), ..finding }])
        }
        Err(error) => Err(error),
    }
}

fn in_ecr(container: &Container) -> bool {
    match &container.image {
        Image::Build(_) => true,
        Image::Location(location) => registry(location) == Some("ECR"),
    }
}

/// Whether an engine's address is that of another machine.
fn is_remote(address: &str) -> bool {
    match address.split_once("://") {
        Some(("tcp" | "http" | "https", rest)) => {
            let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
            !matches!(host, "127.0.0.1" | "localhost" | "[::1]")
        }
        Some(("ssh", _)) => true,
        _ => false,
    }
}

/// Values for the try. The file is one of secrets: only its owner may read it.
fn given(session: &Session, path: Option<&Path>) -> Result<BTreeMap<String, Secret>> {
    let Some(path) = path else { return Ok(BTreeMap::new()) };
    let path = session.inputs.directory.join(path);
    let text = workspace::file::read_private(&path)?;
    Ok(lines(&text).map(|(name, value)| (name.to_owned(), Secret::new(value))).collect())
}

async fn of_one(
    bench: &Bench<'_>,
    options: &Deploy,
    place: &Place,
    (loaded, ready): (&Loaded, &Ready),
    given: &BTreeMap<String, Secret>,
) -> Result<Vec<Finding>> {
    let Bench { session, engine, .. } = *bench;
    let what = format!("{} {}", loaded.model.noun(), loaded.model.name());
    if matches!(loaded.model, Workload::StaticSite(_)) {
        return Ok(vec![Finding::unknown(CHECK, what, "a Static Site has no containers")]);
    }
    if !engine.runs_containers() {
        let why = format!("{} builds images and runs none", engine.kind().program());
        return Ok(vec![
            Finding::unknown(CHECK, what, why)
                .advice("Name another engine with WHARF_BUILDER, such as podman."),
        ]);
    }
    let platform = loaded.model.container().map_or("linux/amd64".to_owned(), |one| one.platform.docker());
    let own = bench.platform.as_deref().unwrap_or("linux");
    if platform.split('/').next() != own.split('/').next() {
        let why = format!("its tasks run on {platform}, and this machine runs {own}");
        return Ok(vec![Finding::unknown(CHECK, what, why)]);
    }
    let mut names = BTreeMap::new();
    for (container, here) in built(bench, options, place, loaded).await? {
        match here_or_fetched(bench, &here, &platform).await? {
            Ok(name) => drop(names.insert(container, name)),
            Err(finding) => return Ok(vec![finding]),
        }
    }
    for container in containers(&loaded.model) {
        let Image::Location(location) = &container.image else { continue };
        if let Err(error) = fetch(session, engine, location, &platform).await? {
            return Ok(vec![unfetched(location, &error)]);
        }
        names.insert(container.name.clone(), location.clone());
    }
    let mut env_files = BTreeMap::new();
    for container in containers(&loaded.model) {
        let Some(path) = &container.env_file else { continue };
        let text = workspace::file::read_text(&session.workspace()?.resolve(path))?;
        env_files.insert(container.name.clone(), text);
    }
    let addons: Vec<String> = loaded
        .addons
        .addons
        .iter()
        .flat_map(|addons| {
            let addons = addons.of_workload();
            let ids: Vec<String> =
                addons.of(&[AddonKind::Variable, AddonKind::Secret]).map(variable_name).collect();
            ids
        })
        .collect();
    let known = Known {
        images: &names,
        facts: &ready.facts,
        exports: &place.exports,
        load_balancer: load_balancer(options, place, loaded, ready),
        env_files: &env_files,
        addons: &addons,
        given,
    };
    match &loaded.model {
        Workload::Container(service) => run::run(bench, &Plan::of(service, &known)).await,
        Workload::RequestDriven(service) => run::run(bench, &Plan::of_app_runner(service, &known)).await,
        Workload::StaticSite(_) => Ok(vec![]),
    }
}

/// The images that are built, on this machine or pushed already.
async fn built(
    bench: &Bench<'_>,
    options: &Deploy,
    place: &Place,
    loaded: &Loaded,
) -> Result<BTreeMap<String, Here>> {
    if !containers(&loaded.model).iter().any(|one| matches!(one.image, Image::Build(_))) {
        return Ok(BTreeMap::new());
    }
    let (session, name) = (bench.session, loaded.model.name());
    let app = crate::facts::App::from(&place.app);
    let uri = infrastructure::repository(&place.regional, &app, name).await?;
    let commit = git::inspect(session.workspace()?.root()).await.tag;
    let tag = options.tag.as_deref();
    let tags = Tags { given: tag.map(str::to_owned), commit };
    let plans = match &loaded.model {
        Workload::Container(service) => image::plan(service, &uri, &tags),
        Workload::RequestDriven(service) => request_driven::images(service, &uri, &tags),
        Workload::StaticSite(_) => vec![],
    };
    let repository = format!("{}/{name}", options.app);
    images::build_here(session, bench.engine, &place.regional, &repository, &plans, tag).await
}

/// What an image is called on this machine; one that was pushed from another one is fetched.
async fn here_or_fetched(
    bench: &Bench<'_>,
    here: &Here,
    platform: &str,
) -> Result<std::result::Result<String, Finding>> {
    if here.digest.is_empty() || bench.engine.image_platform(&here.name).await.is_some() {
        return Ok(Ok(here.name.clone()));
    }
    let repository = here.name.rsplit_once(':').map_or(here.name.as_str(), |(repository, _)| repository);
    let name = format!("{repository}@{}", here.digest);
    Ok(match fetch(bench.session, bench.engine, &name, platform).await? {
        Ok(()) => Ok(name),
        Err(error) => Err(unfetched(&name, &error)),
    })
}

/// Fetches an image, also when there is one: a tag may have moved.
async fn fetch(
    session: &Session,
    engine: &Engine,
    name: &str,
    platform: &str,
) -> Result<std::result::Result<(), engine::Error>> {
    session.check_interrupt()?;
    let step = session.step(&format!("fetch {name}"), Step::Work, &format!("Fetch image {name}"));
    let pulled = engine.pull(name, platform, &mut |line| step.output(line)).await;
    if pulled.is_err() {
        // The user's signal goes to the engine's program too.
        step.run(async { session.check_interrupt() }).await?;
    }
    match pulled {
        Ok(()) => {
            step.done("");
            Ok(Ok(()))
        }
        // Such as one that was only ever built here.
        Err(_) if engine.image_platform(name).await.is_some() => {
            step.done("it can't be fetched; the one on this machine is taken");
            Ok(Ok(()))
        }
        Err(error) => {
            step.failed(&error.to_string());
            Ok(Err(error))
        }
    }
}

fn unfetched(name: &str, error: &engine::Error) -> Finding {
    let finding = Finding::unknown(CHECK, format!("image {name}"), error.to_string());
    Finding { next: error.next_steps(), ..finding }
}

/// Host name of the load balancer that the service is behind.
fn load_balancer(options: &Deploy, place: &Place, loaded: &Loaded, ready: &Ready) -> Option<String> {
    let service = loaded.model.container()?;
    let http = service.http.as_ref()?;
    if http.imported.is_some() {
        return ready.facts.load_balancer.as_ref().map(|found| found.dns_name.clone());
    }
    let public = service.kind == crate::model::service::Kind::LoadBalancedWeb;
    let export = if public { "PublicLoadBalancerDNS" } else { "InternalLoadBalancerDNS" };
    place.exports.get(&format!("{}-{export}", environment_stack(&options.app, &options.env))).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_elsewhere_are_told_by_their_address() {
        for (address, remote) in [
            ("unix:///var/run/docker.sock", false),
            ("npipe:////./pipe/docker_engine", false),
            ("tcp://127.0.0.1:2375", false),
            ("tcp://docker:2375", true),
            ("ssh://me@host", true),
        ] {
            assert_eq!(is_remote(address), remote, "{address}");
        }
    }
}
