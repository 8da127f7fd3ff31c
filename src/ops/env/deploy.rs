//! Rendering an environment's stack and putting it in place.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{cdn, plan};
use crate::aws::Connection;
use crate::aws::cloudformation;
use crate::deploy::WhenBusy;
use crate::deploy::stack::Applied;
use crate::diagnostic;
use crate::facts::{self, Facts};
use crate::model;
use crate::name::{AppName, EnvName};
use crate::ops::app::infrastructure;
use crate::ops::difference::{self, Difference};
use crate::ops::doctor::Foreseen;
use crate::ops::domain::environment::{Leaving, Managed};
use crate::ops::package::{Findings, Packaged, Source, offline_facts};
use crate::ops::preflight::{self, Checked, Outcome, Verified};
use crate::ops::stacks::{self, Change, Target};
use crate::ops::{Error, Report, Result, Session, addons, overrides, owner, takeover};
use crate::stack::Stack;
use crate::stack::document::environment_stack;
use crate::stack::environment::{
    CDN_CERTIFICATE_PARAMETER, Options, PUBLIC_CERTIFICATE_PARAMETER, environment,
};
use crate::stack::features::Features;
use crate::takeover::machinery;
use crate::workspace::list::Owner;
use crate::yaml::template;

/// Which environment is rendered, from what.
#[derive(Debug, Clone)]
pub struct Package {
    /// Its application.
    pub app: AppName,
    /// Its name.
    pub name: EnvName,
    /// Where facts come from.
    pub facts: Source,
    /// Whether the stack is changed even when nothing else is new.
    pub force: bool,
    /// Whether files that the template refers to are really uploaded.
    pub upload: bool,
    /// Whether an older version may go over a newer one's template.
    pub allow_downgrade: bool,
}

/// An environment's manifest, read.
pub(in crate::ops) struct Loaded {
    /// The environment as meant.
    pub model: model::environment::Environment,
    /// The manifest's text after interpolation.
    pub raw: String,
    /// Warnings.
    pub findings: Findings,
}

/// Reads the manifest `text` of an environment, or the workspace's where there is none.
pub(in crate::ops) fn load(
    session: &Session,
    app: &AppName,
    name: &EnvName,
    text: Option<&str>,
) -> Result<Loaded> {
    let source = match text {
        Some(text) => {
            diagnostic::Source { path: format!("the deployed manifest of {name}"), text: text.to_owned() }
        }
        None => session.workspace()?.environment(name)?,
    };
    let lookup = |variable: &str| session.variable(variable);
    let (mut read, mut diagnostics) = model::environment::read(&source, app, name, &lookup);
    if let Some(read) = read.as_mut().filter(|read| read.named.0 != *name) {
        let text = format!("the environment is named {} here; the folder's name counts", read.named.0);
        diagnostics.warn("model/name", text).at(read.named.1).help(format!("write `name: {name}`"));
        read.model.name = name.clone();
    }
    let findings = session.accept(source, diagnostics)?;
    match read {
        Some(read) => Ok(Loaded { model: read.model, raw: read.raw, findings }),
        None => Err(Error::Bug(format!("{} has neither a meaning nor an error", findings.source.path))),
    }
}

/// An environment's stack as it would be in a fresh application, with the patches of it.
///
/// # Errors
/// A faulty manifest, patches that don't fit.
pub(in crate::ops) fn offline(session: &Session, app: &AppName, name: &EnvName) -> Result<Stack> {
    let loaded = load(session, app, name, None)?;
    let addons = addons::load(session, Owner::Environments)?.addons;
    let mut facts = Facts::new(app.clone(), name.clone());
    addons::enter(addons.as_ref(), &mut facts)?;
    let options = Package {
        app: app.clone(),
        name: name.clone(),
        facts: Source::Offline(None),
        force: false,
        upload: false,
        allow_downgrade: false,
    };
    let mut stack = render(&options, &loaded, &facts, addons.as_ref())?;
    overrides::patch(session, &mut stack, Owner::Environments)?;
    Ok(stack)
}

/// The environment's stack as it would be deployed.
///
/// # Errors
/// A faulty manifest, overrides that don't fit, a newer deployed template; whatever AWS reports.
pub async fn package(session: &Session, options: &Package) -> Result<Packaged> {
    packaged(session, options, &load(session, &options.app, &options.name, None)?).await
}

/// The same of a manifest that was read already.
async fn packaged(session: &Session, options: &Package, loaded: &Loaded) -> Result<Packaged> {
    let addons = addons::load(session, Owner::Environments)?;
    let mut facts = match &options.facts {
        Source::Offline(file) => offline_facts(session, file.as_deref(), &options.app, &options.name)?,
        Source::Live => live_facts(session, options, &loaded.model).await?,
    };
    let more = addons.addons.as_ref();
    addons::enter(more, &mut facts)?;
    if let Some(more) = more {
        if facts.addons_url.is_empty() {
            session.warn("The template has no addons: the facts name no artifact bucket to upload them to.");
        } else if options.upload && options.facts == Source::Live {
            let manager = session.manager(&session.env(&options.app, &options.name).await?).await;
            more.upload(session, &manager, &facts.artifacts, &facts.env.region).await?;
        }
    }
    let template = addons::text(more, &facts)?;
    let mut stack = render(options, loaded, &facts, more)?;
    overrides::apply(session, &mut stack, Owner::Environments, Some(&options.name)).await?;
    Ok(Packaged {
        template_file: format!("{}.env.yml", options.name),
        parameters_file: format!("{}.env.params.json", options.name),
        stack,
        addons: template.map(|text| ("env.addons.yml".to_owned(), text)),
        warnings: std::iter::once(loaded.findings.clone()).chain(addons.findings).collect(),
    })
}

fn render(
    options: &Package,
    loaded: &Loaded,
    facts: &Facts,
    addons: Option<&addons::Addons>,
) -> Result<Stack> {
    let features = Features::from_parameters(&facts.parameters);
    let force_id = if options.force { uuid::Uuid::new_v4().to_string() } else { deployed_force_id(facts) };
    let addons_parameters = addons.map(addons::Addons::parameters).unwrap_or_default();
    let more = Options { force_id, addons_parameters, ..Options::default() };
    Ok(environment(&loaded.model, facts, &loaded.raw, &features, &more)?)
}

/// The resources of an environment's template, as far as they are known without AWS.
///
/// # Errors
/// A faulty manifest.
pub fn resources(session: &Session, app: &AppName, name: &EnvName) -> Result<Vec<overrides::Resource>> {
    let loaded = load(session, app, name, None)?;
    let facts = Facts::new(app.clone(), name.clone());
    let features = Features::from_parameters(&facts.parameters);
    let stack = environment(&loaded.model, &facts, &loaded.raw, &features, &Options::default())?;
    Ok(overrides::resources(&stack.template))
}

fn deployed_force_id(facts: &Facts) -> String {
    facts.parameters.get(FORCE_ID).cloned().unwrap_or_default()
}

/// Key under which the deployed `LastForceDeployID` output travels in the facts.
const FORCE_ID: &str = "LastForceDeployID";

async fn live_facts(
    session: &Session,
    options: &Package,
    model: &model::environment::Environment,
) -> Result<Facts> {
    let connection = session.aws().await;
    let app = session.app(&options.app).await?;
    let record = session.env(&options.app, &options.name).await?;
    let manager = session.manager(&record).await;
    let name = environment_stack(&options.app, &options.name);
    let deployed = stacks::settled(session, &manager, &name).await?;
    owner::Owner::environment(&options.app, &options.name).check(deployed.as_ref())?;
    let mut certificates = BTreeMap::new();
    if let Some(deployed) = &deployed {
        let template = manager.cloudformation().template(&deployed.name).await?;
        stacks::refuse_newer(&name, template.as_deref(), options.allow_downgrade)?;
        if options.upload {
            takeover::refuse_unsecured(&name, template.as_deref())?;
        }
        certificates = inherited_certificates(&manager, deployed, template.as_deref()).await?;
    }
    let mut facts = Facts::new(options.app.clone(), options.name.clone());
    facts.app = facts::App::from(&app);
    facts.env = facts::Env::from(&record);
    facts.root_user_arn = infrastructure::root_arn(connection, &record.region).await?;
    facts.artifacts = infrastructure::resources(connection, &facts.app, &record.region).await?.artifacts;
    if let Some(deployed) = deployed {
        facts.env.service_discovery_endpoint =
            deployed.parameters.get("ServiceDiscoveryEndpoint").cloned().unwrap_or_default();
        facts.parameters = certificates;
        facts.parameters.extend(deployed.parameters);
        if let Some(output) = deployed.outputs.get(FORCE_ID) {
            facts.parameters.insert(FORCE_ID.to_owned(), output.value.clone());
        }
    }
    if model.public.ingress_cdn {
        let list = "com.amazonaws.global.cloudfront.origin-facing";
        facts.cloudfront_prefix_lists = manager.ec2().prefix_lists(list).await?;
    }
    Ok(facts)
}

/// Certificates that Copilot's custom resources requested, as the parameters that wharf's template takes them from.
async fn inherited_certificates(
    manager: &Connection,
    deployed: &cloudformation::Stack,
    text: Option<&str>,
) -> Result<BTreeMap<String, String>> {
    let document = text.and_then(|text| template::parse(text).ok()).unwrap_or_default();
    if machinery::custom_resources(&document).next().is_none() {
        return Ok(BTreeMap::new());
    }
    let resources = manager.cloudformation().resources(&deployed.name).await?.unwrap_or_default();
    let found = takeover::inheritance(&document, &resources, &deployed.parameters);
    let certificates = [
        (PUBLIC_CERTIFICATE_PARAMETER, found.public_certificate),
        (CDN_CERTIFICATE_PARAMETER, found.cdn_certificate),
    ];
    let known = certificates.into_iter().filter(|(_, arn)| !arn.is_empty());
    Ok(known.map(|(name, arn)| (name.to_owned(), arn)).collect())
}

/// How the environment's stack differs from the deployed one.
///
/// # Errors
/// As [`package`].
pub async fn diff(session: &Session, options: &Package) -> Result<Difference> {
    let packaged = package(session, options).await?;
    let record = session.env(&options.app, &options.name).await?;
    difference::with_deployed(&session.manager(&record).await, &packaged).await
}

/// What deploying the environment would do. Nothing is uploaded.
pub(in crate::ops) async fn foresee(session: &Session, app: &AppName, name: &EnvName) -> Result<Foreseen> {
    let options = Package {
        app: app.clone(),
        name: name.clone(),
        facts: Source::Live,
        force: false,
        upload: false,
        allow_downgrade: true,
    };
    let record = session.env(app, name).await?;
    let manager = session.manager(&record).await;
    let packaged = package(session, &options).await?;
    let due = match takeover::deployed(session, &manager, &packaged.stack.name).await? {
        Some(deployed) => {
            let title = format!("environment {name}");
            takeover::judge(
                &manager,
                &deployed,
                &packaged.stack,
                &title,
                (&BTreeMap::new(), &BTreeMap::new()),
            )
            .await?
        }
        None => None,
    };
    let manifest = packaged.stack.template["Metadata"]["Manifest"].as_str().unwrap_or_default().to_owned();
    Ok(Foreseen { takeover: due, manifest, findings: packaged.warnings, after_environment: false })
}

/// Looks at what a new environment needs of the account before anything is made.
///
/// # Errors
/// [`Error::Preflight`] when it would fail.
async fn checked(
    session: &Session,
    manager: &Connection,
    options: &Package,
    model: &model::environment::Environment,
) -> Result<()> {
    let checks = preflight::environment(manager, model).await;
    let name = options.name.to_string();
    let workload = Checked { kind: "environment", name: name.clone(), environment: name, checks };
    let verified = Verified { workloads: vec![workload] };
    if verified.has_failed() {
        return Err(Error::Preflight(verified));
    }
    let denied = verified.with(Outcome::NotChecked).filter(|(_, finding)| finding.is_denied());
    for (_, finding) in denied {
        session.note(format!("Not checked before the deployment: {}.", finding.sentence()));
    }
    Ok(())
}

/// Makes or changes the environment.
///
/// # Errors
/// As [`package`]; a failed deployment.
pub async fn deploy(session: &Session, options: &Package, change: &Change) -> Result<Report> {
    let record = session.env(&options.app, &options.name).await?;
    let manager = session.manager(&record).await;
    let name = environment_stack(&options.app, &options.name);
    let loaded = load(session, &options.app, &options.name, None)?;
    let model = &loaded.model;
    let app_record = session.app(&options.app).await?;
    let app = facts::App::from(&app_record);
    let artifacts = infrastructure::resources(session.aws().await, &app, &record.region).await?.artifacts;
    let title = format!("environment {}", options.name);
    let target = Target {
        role_arn: Some(&record.execution_role_arn),
        bucket: Some((&artifacts.bucket, &record.region)),
        change: change.clone(),
        when_busy: WhenBusy::Refuse,
        ..Target::new(&title)
    };
    let mut ready = None;
    let deployed = takeover::deployed(session, &manager, &name).await?;
    owner::Owner::environment(&options.app, &options.name)
        .check(deployed.as_ref().map(|deployed| &deployed.stack))?;
    if deployed.as_ref().is_none_or(|deployed| is_bootstrap(&deployed.document)) && !change.skip_preflight {
        checked(session, &manager, options, model).await?;
    }
    if let Some(deployed) = deployed {
        cdn::check(session, &manager, &app_record, &loaded, &deployed.stack.parameters).await?;
        let packaged = packaged(session, &Package { upload: false, ..options.clone() }, &loaded).await?;
        let wanted = &packaged.stack;
        let due = takeover::judge(&manager, &deployed, wanted, &title, (&BTreeMap::new(), &BTreeMap::new()))
            .await?;
        takeover::gate(due.as_slice(), change.takeover)?;
        if due.is_some() {
            takeover::secure(session, &manager, wanted, &target).await?;
        } else {
            let laid = plan::laid(session, &manager, &record.region, &deployed, &packaged, &title).await?;
            crate::ops::plan::gate(crate::ops::plan::risks(&laid.stacks), &change.allow_replace)?;
            // With addons it is packaged once more, to upload them.
            ready = packaged.addons.is_none().then_some(packaged);
        }
    }
    let mut warned = false;
    let uploading = Package { upload: true, ..options.clone() };
    let applied = loop {
        // Rendered from the deployed parameters: when a service's deployment changes them meanwhile, once more.
        let packaged = match ready.take() {
            Some(packaged) => packaged,
            None => packaged(session, &uploading, &loaded).await?,
        };
        if !std::mem::replace(&mut warned, true) {
            session.report_findings(&packaged.warnings);
        }
        match stacks::apply(session, &manager, &packaged.stack, &target).await {
            Err(error) if stacks::is_busy(&error) => tokio::time::sleep(session.inputs.polling.first).await,
            result => break result?,
        }
    };
    // A stack that still changes has no zone to write into yet: the next deployment of anything looks after that.
    if !matches!(applied, Applied::Started { .. }) {
        if let Some(managed) = Managed::new(session, &app_record, &record, &manager, model) {
            managed.settle().await?;
        } else if let Some(names) = Leaving::new(session, &app_record, &record, &manager).await? {
            names.unused().await?;
        }
    }
    Ok(match applied {
        Applied::Unchanged => Report {
            done: vec![format!(
                "The environment {} is up to date: there is nothing to change.",
                options.name
            )],
            next: vec!["`--force` updates it all the same.".to_owned()],
            ..Report::default()
        },
        Applied::Started { .. } => Report {
            done: vec![format!("CloudFormation has begun to deploy the environment {}.", options.name)],
            ..Report::default()
        },
        Applied::Done { .. } => Report {
            done: vec![format!("The environment {} is deployed.", options.name)],
            next: vec![format!("Run `wharf deploy --env {}` to deploy services to it.", options.name)],
            ..Report::default()
        },
    })
}

/// Whether a stack's metadata says that only its roles are there.
pub(in crate::ops) fn is_bootstrap(template: &Value) -> bool {
    template["Metadata"]["Version"].as_str() == Some(crate::stack::bootstrap::BOOTSTRAP_VERSION)
}
