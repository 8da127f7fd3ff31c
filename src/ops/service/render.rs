//! A service's stack from its manifest, without changing anything.

use crate::facts::Facts;
use crate::manifest::decode::Spanned;
use crate::model;
use crate::model::environment::Environment;
use crate::model::workload::Workload;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::difference::{self, Difference};
use crate::ops::package::{Findings, Packaged, Source, offline_facts};
use crate::ops::service::{environment as surroundings, site};
use crate::ops::{Error, Result, Session, addons, env, overrides, stacks, takeover};
use crate::stack::Stack;
use crate::stack::document::workload_stack;
use crate::stack::workload::request_driven::{Input as RequestDriven, request_driven};
use crate::stack::workload::{self, Priorities};
use crate::workspace::list::Owner;

/// Which service is rendered, for which environment, from what.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its application.
    pub app: AppName,
    /// Its name.
    pub name: WorkloadName,
    /// The environment.
    pub env: EnvName,
    /// Tag of its images instead of the git commit.
    pub tag: Option<String>,
    /// Where facts come from.
    pub facts: Source,
    /// Whether images and files are really built and uploaded.
    pub upload: bool,
    /// Whether an older version may go over a newer one's template.
    pub allow_downgrade: bool,
}

/// A workload's manifest, read.
pub(super) struct Loaded {
    /// The workload as meant.
    pub model: Workload,
    /// The manifest's text after interpolation.
    pub raw: String,
    /// Warnings.
    pub findings: Findings,
    /// The service's addons.
    pub addons: addons::Loaded,
    /// Workloads that are deployed before it.
    pub depends_on: Vec<Spanned<WorkloadName>>,
}

/// Reads a service's manifest.
pub(super) fn load(session: &Session, app: &AppName, name: &WorkloadName, env: &EnvName) -> Result<Loaded> {
    let workspace = session.workspace()?;
    let source = workspace.manifest(name)?;
    let lookup = |variable: &str| session.variable(variable);
    let (read, diagnostics) = model::workload::read(&source, app, env, &lookup);
    let findings = session.accept(source, diagnostics)?;
    let Some(read) = read else {
        return Err(Error::Bug(format!("{} has neither a meaning nor an error", findings.source.path)));
    };
    if read.model.name() != name {
        return Err(Error::OtherName { folder: name.clone(), name: read.model.name().clone() });
    }
    let addons = addons::load(session, Owner::Workload(name))?;
    Ok(Loaded { model: read.model, raw: read.raw, findings, addons, depends_on: read.depends_on })
}

/// What a service is rendered with besides its manifest.
pub(super) struct Around<'a> {
    /// Its environment as meant.
    pub environment: &'a Environment,
    /// What AWS says.
    pub facts: &'a Facts,
    /// Priorities of new listener rules.
    pub priorities: &'a Priorities,
    /// Subnets behind a placement by tags.
    pub subnets: &'a [String],
    /// ARN of the certificate that wharf manages for the service alone: of a network load balancer's TLS listeners, of a
    /// site's host names. Absent: the deployed one.
    pub certificate: Option<&'a str>,
}

/// A service's stack with the user's overrides.
pub(super) async fn render(session: &Session, loaded: &Loaded, around: &Around<'_>) -> Result<Stack> {
    let mut stack = plain(loaded, around)?;
    let env = &around.facts.env.name;
    overrides::apply(session, &mut stack, Owner::Workload(loaded.model.name()), Some(env)).await?;
    Ok(stack)
}

/// A service's stack without the user's overrides.
fn plain(loaded: &Loaded, around: &Around<'_>) -> Result<Stack> {
    let addons = loaded.addons.addons.as_ref().map(addons::Addons::of_workload);
    Ok(match &loaded.model {
        Workload::Container(service) => workload::service(&workload::Input {
            service,
            environment: around.environment,
            facts: around.facts,
            manifest: &loaded.raw,
            addons: addons.as_ref(),
            priorities: around.priorities,
            nlb_certificate: around.certificate,
            tagged_subnets: around.subnets,
        })?,
        Workload::RequestDriven(service) => request_driven(&RequestDriven {
            service,
            facts: around.facts,
            manifest: &loaded.raw,
            addons: addons.as_ref(),
            tagged_subnets: around.subnets,
        })?,
        Workload::StaticSite(site) => workload::site(&workload::SiteInput {
            site,
            facts: around.facts,
            manifest: &loaded.raw,
            addons: addons.as_ref(),
            certificate: around.certificate,
        })?,
    })
}

/// The resources of a service's template, as far as they are known without AWS.
///
/// # Errors
/// A faulty manifest, of the service or of the environment.
pub fn resources(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    env: &EnvName,
) -> Result<Vec<overrides::Resource>> {
    let loaded = load(session, app, name, env)?;
    let facts = Facts::new(app.clone(), env.clone());
    let environment = env::load(session, app, env, None)?.model;
    let around = Around {
        environment: &environment,
        facts: &facts,
        priorities: &Priorities::new(),
        subnets: &[],
        certificate: None,
    };
    Ok(overrides::resources(&plain(&loaded, &around)?.template))
}

/// A service's stack as it would be in a fresh application, with its patches. `bare`: the workspace has no such
/// environment, so that one without settings stands for it.
///
/// # Errors
/// A faulty manifest, patches that don't fit.
pub(in crate::ops) fn offline(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    env: &EnvName,
    bare: bool,
) -> Result<Stack> {
    let loaded = load(session, app, name, env)?;
    let mut facts = Facts::new(app.clone(), env.clone());
    addons::enter(loaded.addons.addons.as_ref(), &mut facts)?;
    let text = bare.then(|| format!("name: {env}\ntype: Environment\n"));
    let environment = crate::ops::env::load(session, app, env, text.as_deref())?.model;
    let around = Around {
        environment: &environment,
        facts: &facts,
        priorities: &Priorities::new(),
        subnets: &[],
        certificate: None,
    };
    let mut stack = plain(&loaded, &around)?;
    overrides::patch(session, &mut stack, Owner::Workload(name))?;
    Ok(stack)
}

/// The service's stack as it would be deployed. With `upload`, everything it refers to is there.
///
/// # Errors
/// A faulty manifest, overrides that don't fit, a newer deployed template; a failed build; whatever AWS reports.
pub async fn package(session: &Session, options: &Package) -> Result<Packaged> {
    let (packaged, _) = packaged(session, options, false).await?;
    Ok(packaged)
}

/// The stack and, with `compare`, what is to be done with each file of a site, a line each.
async fn packaged(session: &Session, options: &Package, compare: bool) -> Result<(Packaged, Vec<String>)> {
    let loaded = load(session, &options.app, &options.name, &options.env)?;
    let addons = loaded.addons.addons.as_ref();
    let mut files = vec![];
    if options.upload && matches!(loaded.model, Workload::StaticSite(_)) {
        let name = &options.name;
        session.note(format!(
            "The files of {name} are no part of its stack: `wharf svc deploy --name {name}` uploads them."
        ));
    }
    let (stack, template) = match &options.facts {
        Source::Offline(file) => {
            let mut facts = offline_facts(session, file.as_deref(), &options.app, &options.env)?;
            addons::enter(addons, &mut facts)?;
            let environment =
                env::load(session, &options.app, &options.env, facts.env.manifest.as_deref())?.model;
            let around = Around {
                environment: &environment,
                facts: &facts,
                priorities: &Priorities::new(),
                subnets: &[],
                certificate: None,
            };
            (render(session, &loaded, &around).await?, addons::text(addons, &facts)?)
        }
        Source::Live => {
            let place = surroundings::read(session, &options.app, &options.env).await?;
            let name = workload_stack(&options.app, &options.env, &options.name);
            let deployed = place.manager.cloudformation().template(&name).await?;
            stacks::refuse_newer(&name, deployed.as_deref(), options.allow_downgrade)?;
            if options.upload {
                takeover::refuse_unsecured(&name, deployed.as_deref())?;
            }
            let mut ready = place.prepare(session, &loaded).await?;
            place
                .artifacts(session, &loaded, &mut ready.facts, options.tag.as_deref(), options.upload)
                .await?;
            if compare && let Some(site) = site::prepare(session, &place, &loaded, &ready.facts).await? {
                files = site.lines();
            }
            let mut taken = place.taken();
            let priorities = place.priorities(&loaded, &ready.facts, &mut taken).await?;
            let around = Around {
                environment: &place.model,
                facts: &ready.facts,
                priorities: &priorities,
                subnets: &ready.subnets,
                certificate: None,
            };
            (render(session, &loaded, &around).await?, addons::text(addons, &ready.facts)?)
        }
    };
    let packaged = Packaged {
        template_file: format!("{}-{}.stack.yml", options.name, options.env),
        parameters_file: format!("{}-{}.params.json", options.name, options.env),
        stack,
        addons: template.map(|text| (format!("{}.addons.stack.yml", options.name), text)),
        warnings: std::iter::once(loaded.findings).chain(loaded.addons.findings).collect(),
    };
    Ok((packaged, files))
}

/// How the service's stack differs from the deployed one, and the files of a site from those that are published.
///
/// # Errors
/// As [`package`].
pub async fn diff(session: &Session, options: &Package) -> Result<Difference> {
    let (packaged, files) = packaged(session, options, true).await?;
    let record = session.env(&options.app, &options.env).await?;
    let mut difference = difference::with_deployed(&session.manager(&record).await, &packaged).await?;
    if !files.is_empty() {
        let head = format!("Files of {} (+ new, ~ changed, - gone)", options.name);
        difference.text.push_str(&format!("{head}\n{}\n", files.join("\n")));
    }
    Ok(difference)
}
