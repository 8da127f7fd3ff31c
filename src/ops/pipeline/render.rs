//! Rendering a pipeline's stack.

use super::load::{Loaded, load};
use crate::aws::Connection;
use crate::aws::cloudformation;
use crate::describe;
use crate::facts::{self, pipeline::PipelineFacts};
use crate::model::pipeline::{Origin, Pipeline};
use crate::name::{AppName, PipelineName};
use crate::ops::difference::{self, Difference};
use crate::ops::overrides::{self, Owner};
use crate::ops::package::{Packaged, Source};
use crate::ops::{Error, Result, Session, stacks};
use crate::stack::Stack;
use crate::stack::pipeline::{self as stack, TAG, stack_name};
use crate::store::Environment;
use crate::workspace::file;
use crate::yaml::template;

/// Type of the resource that a pipeline's stack is known by.
const PIPELINE: &str = "AWS::CodePipeline::Pipeline";

/// Which pipeline is rendered, from what.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its application.
    pub app: AppName,
    /// Its name.
    pub name: String,
    /// Where facts come from.
    pub facts: Source,
    /// Whether an older version may go over a newer one's template.
    pub allow_downgrade: bool,
}

/// The pipeline's stack as it would be deployed.
///
/// # Errors
/// A faulty manifest, overrides that don't fit, an environment that does not exist, a newer deployed template; whatever AWS
/// reports.
pub async fn package(session: &Session, options: &Package) -> Result<Packaged> {
    let loaded = load(session, &options.app, &options.name)?;
    let facts = match &options.facts {
        Source::Offline(file) => offline(session, options, file.as_deref())?,
        Source::Live => live(session, options, &loaded).await?,
    };
    rendered(session, loaded, &facts).await
}

async fn rendered(session: &Session, loaded: Loaded, facts: &PipelineFacts) -> Result<Packaged> {
    let model = &loaded.read.model;
    let mut stack = stack::pipeline(model, facts)?;
    if let Some(folder) = &loaded.folder {
        overrides::apply(session, &mut stack, Owner::Pipeline(folder), None).await?;
    }
    Ok(Packaged {
        template_file: format!("{}.pipeline.stack.yml", model.name),
        parameters_file: format!("{}.pipeline.params.json", model.name),
        stack,
        addons: None,
        warnings: vec![loaded.findings],
    })
}

/// The resources of a pipeline's template, without its changes.
///
/// # Errors
/// A faulty manifest.
pub fn resources(session: &Session, app: &AppName, name: &str) -> Result<Vec<overrides::Resource>> {
    let loaded = load(session, app, name)?;
    Ok(overrides::resources(&fresh(session, app, &loaded)?.template))
}

/// A pipeline's stack as it would be in a fresh application, with its patches.
///
/// # Errors
/// A faulty manifest, patches that don't fit.
pub(in crate::ops) fn plain(session: &Session, app: &AppName, name: &str) -> Result<Stack> {
    let loaded = load(session, app, name)?;
    let mut stack = fresh(session, app, &loaded)?;
    if let Some(folder) = &loaded.folder {
        overrides::patch(session, &mut stack, Owner::Pipeline(folder))?;
    }
    Ok(stack)
}

/// The stack with names in the place of everything that only AWS knows.
fn fresh(session: &Session, app: &AppName, loaded: &Loaded) -> Result<Stack> {
    let model = &loaded.read.model;
    let mut facts = PipelineFacts::new(facts::App::new(app.clone()));
    let artifacts = facts::Artifacts { bucket: "artifacts".to_owned(), ..facts::Artifacts::default() };
    facts.artifacts.insert(facts.region.clone(), artifacts);
    let environments = model.stages.iter().map(|stage| (stage.env.clone(), Default::default()));
    facts.environments = environments.collect();
    facts.workloads = session.local_workloads()?;
    Ok(stack::pipeline(model, &facts)?)
}

/// The facts of a file.
fn offline(session: &Session, options: &Package, path: Option<&std::path::Path>) -> Result<PipelineFacts> {
    let Some(path) = path else {
        return Err(Error::Usage(
            "`--offline` needs `--facts FILE`: a pipeline knows roles and buckets".to_owned(),
        ));
    };
    let text = file::read_text(&session.inputs.directory.join(path))?;
    let bad = |message: String| Error::BadFacts { path: path.display().to_string(), message };
    let mut facts: PipelineFacts = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
    if facts.app.name != options.app {
        return Err(bad(format!("it speaks of the application {}, not of {}", facts.app.name, options.app)));
    }
    if facts.workloads.is_empty() {
        facts.workloads = session.local_workloads()?;
    }
    Ok(facts)
}

/// What AWS says.
async fn live(session: &Session, options: &Package, loaded: &Loaded) -> Result<PipelineFacts> {
    let connection = session.aws().await;
    let model = &loaded.read.model;
    let record = session.app(&options.app).await?;
    let mut facts = PipelineFacts::new(facts::App::from(&record));
    facts.region = connection.region_name().await?;
    refuse_other_region(model, &facts.region)?;
    let known = session.store().await.environments(&options.app).await?;
    refuse_missing(loaded, &known)?;
    for env in known.iter().filter(|env| model.stages.iter().any(|stage| stage.env == env.name)) {
        let found = facts::pipeline::Environment {
            region: env.region.clone(),
            execution_role_arn: env.execution_role_arn.clone(),
            manager_role_arn: env.manager_role_arn.clone(),
        };
        facts.environments.insert(env.name.clone(), found);
    }
    let regions = facts.environments.values().map(|env| env.region.clone());
    let mut regions: Vec<String> = regions.chain([facts.region.clone()]).collect();
    regions.sort();
    regions.dedup();
    for region in regions {
        let found = describe::facts::regional(connection, &options.app, &facts.app.account, &region).await?;
        if found.artifacts.bucket.is_empty() {
            return Err(Error::NoRegion { app: options.app.clone(), region });
        }
        facts.artifacts.insert(region, found.artifacts);
    }
    facts.workloads = session.local_workloads()?;
    if let Origin::Connection { name: Some(name), .. } = &model.source.origin {
        facts.connection_arn = connection_arn(connection, name).await?;
    }
    facts.legacy = is_legacy(connection, &options.app, &model.name).await?;
    let name = stack_name(&options.app, &model.name, facts.legacy);
    if let Some(text) = connection.cloudformation().template(&name).await? {
        stacks::refuse_newer(&name, Some(&text), options.allow_downgrade)?;
        let deployed = template::parse(&text).unwrap_or_default();
        let named = &deployed["Resources"]["Pipeline"]["Properties"]["Name"];
        facts.deployed_name = (!named.is_null()).then(|| named.clone());
    }
    Ok(facts)
}

/// A CodeCommit repository must be where the pipeline is.
fn refuse_other_region(model: &Pipeline, here: &str) -> Result<()> {
    match &model.source.origin {
        Origin::CodeCommit { repository, region, .. } if !region.is_empty() && region != here => {
            Err(Error::RepositoryElsewhere {
                repository: repository.clone(),
                region: region.clone(),
                app_region: here.to_owned(),
            })
        }
        _ => Ok(()),
    }
}

/// Refuses stages whose environments do not exist, each with its place.
fn refuse_missing(loaded: &Loaded, known: &[Environment]) -> Result<()> {
    let mut findings = loaded.findings.clone();
    for (stage, at) in loaded.read.model.stages.iter().zip(&loaded.read.stages) {
        if !known.iter().any(|env| env.name == stage.env) {
            let names: Vec<&str> = known.iter().map(|env| env.name.as_str()).collect();
            let help = match names.as_slice() {
                [] => format!("run `wharf env init --name {}` to make it", stage.env),
                names => format!(
                    "the application has {}; `wharf env init --name {}` makes it",
                    names.join(", "),
                    stage.env
                ),
            };
            findings
                .diagnostics
                .error("pipeline/environment", format!("there is no environment {}", stage.env))
                .at(*at)
                .help(help);
        }
    }
    if findings.diagnostics.has_errors() { Err(Error::Manifest(Box::new(findings))) } else { Ok(()) }
}

async fn connection_arn(connection: &Connection, name: &str) -> Result<String> {
    let found = connection.connections().list().await?;
    let known = found.iter().map(|one| one.name.clone()).collect();
    let arn = found.into_iter().find(|one| one.name == name).map(|one| one.arn);
    arn.ok_or_else(|| Error::NoConnection { name: name.to_owned(), known })
}

/// Whether the pipeline has a stack from before pipelines' stacks were named after their applications.
pub(super) async fn is_legacy(connection: &Connection, app: &AppName, name: &PipelineName) -> Result<bool> {
    let door = connection.cloudformation();
    if door.stack(&stack_name(app, name, false)).await?.is_some() {
        return Ok(false);
    }
    let old = stack_name(app, name, true);
    let Some(stack) = door.stack(&old).await?.filter(|stack| is_of(stack, app)) else { return Ok(false) };
    let resources = door.resources(&stack.name).await?.unwrap_or_default();
    Ok(resources.iter().any(|resource| resource.resource_type == PIPELINE))
}

fn is_of(stack: &cloudformation::Stack, app: &AppName) -> bool {
    stack.tags.get("copilot-application").is_some_and(|value| value == app.as_str())
        && !stack.tags.contains_key(TAG)
}

/// Whether the pipeline has a stack.
///
/// # Errors
/// A faulty manifest; whatever AWS reports.
pub async fn exists(session: &Session, options: &Package) -> Result<bool> {
    let name = load(session, &options.app, &options.name)?.read.model.name;
    let connection = session.aws().await;
    let legacy = is_legacy(connection, &options.app, &name).await?;
    let stack = connection.cloudformation().stack(&stack_name(&options.app, &name, legacy)).await?;
    Ok(stack.is_some_and(|stack| !stacks::is_leftover(&stack.status)))
}

/// How the pipeline's stack differs from the deployed one.
///
/// # Errors
/// As [`package`].
pub async fn diff(session: &Session, options: &Package) -> Result<Difference> {
    let packaged = package(session, options).await?;
    difference::with_deployed(session.aws().await, &packaged).await
}
