//! Plans of services: what deploying them would do. Nothing is built, pushed, uploaded or changed.

use std::collections::BTreeMap;

use super::deploy::{Deploy, load_all, stack_of};
use super::environment::{self, Place, Ready, Taken};
use super::features::needs;
use super::render::Loaded;
use super::site;
use super::topics;
use crate::model::workload::Workload;
use crate::name::WorkloadName;
use crate::ops::owner::Owner;
use crate::ops::plan::{self, Costs, Ground, Laid, Plan, Risk, StackPlan, Switch, Upload};
use crate::ops::takeover::{self, Deployed};
use crate::ops::{Error, Result, Session, addons};
use crate::plan::cost::Cost;
use crate::plan::guard::Guard;
use crate::stack::Stack;
use crate::stack::document::{environment_stack, workload_stack};
use crate::stack::features::{Feature, Features};
use crate::yaml::template;

/// What deploying services would do, each in turn.
///
/// # Errors
/// A faulty manifest, an environment that is not deployed, patches that don't fit; whatever AWS reports.
pub async fn plan(session: &Session, options: &Deploy, names: &[WorkloadName]) -> Result<Vec<Plan>> {
    let loaded = load_all(session, options, names).await?;
    let mut place = environment::read(session, &options.app, &options.env).await?;
    place.together = topics::together(loaded.iter().map(|one| &one.model));
    let mut parameters = place.parameters.clone();
    let mut plans = vec![];
    for loaded in &loaded {
        let one = of_one(session, options, &place, loaded, &parameters).await?;
        parameters = one.1;
        plans.push(one.0);
    }
    Ok(plans)
}

/// A plan, and the environment's parameters after it.
async fn of_one(
    session: &Session,
    options: &Deploy,
    place: &Place,
    loaded: &Loaded,
    parameters: &BTreeMap<String, String>,
) -> Result<(Plan, BTreeMap<String, String>)> {
    let name = loaded.model.name();
    let stack = workload_stack(&options.app, &options.env, name);
    let deployed = takeover::deployed(session, &place.manager, &stack).await?;
    let owner = Owner::workload(&options.app, &options.env, name);
    owner.check(deployed.as_ref().map(|deployed| &deployed.stack))?;
    let mut ready = place.prepare(session, loaded).await?;
    place.artifacts(session, loaded, &mut ready.facts, options.tag.as_deref(), false).await?;
    let files = site::prepare(session, place, loaded, &ready.facts).await?;
    let wanted = wanted(session, options, place, loaded, &ready).await?;
    let laid = laid(options, place, loaded, &ready, deployed.as_ref(), &wanted, true).await?;
    let changed = features(&loaded.model, parameters);
    let whole = with_environment(place, laid, (parameters, &changed)).await?;
    let is_known = |address: &str| {
        deployed.as_ref().is_some_and(|deployed| {
            deployed.text.contains(address)
                || deployed.stack.parameters.values().any(|value| value == address)
        })
    };
    let upload = |what: String, address: &str| Upload { what, upload: !is_known(address) };
    let env_files = ready.facts.env_files.iter();
    let mut uploads: Vec<Upload> =
        env_files.map(|(container, arn)| upload(format!("environment file of {container}"), arn)).collect();
    if !ready.facts.addons_url.is_empty() {
        uploads.push(upload(format!("addons of {name}"), &ready.facts.addons_url));
    }
    let (had, has) = (Features::from_parameters(parameters), Features::from_parameters(&changed));
    let known = had.public_aliases();
    let plan = Plan {
        kind: loaded.model.noun(),
        name: name.to_string(),
        environment: options.env.to_string(),
        region: place.record.region.clone(),
        takeover: whole.takeover,
        images: plan::images(&ready.facts.images, deployed.is_none()),
        uploads,
        files: files.map(|files| files.lines()).unwrap_or_default(),
        features: switches(&had, &has),
        names: has.public_aliases().into_iter().filter(|name| !known.contains(name)).collect(),
        cost: Costs::new(place.prices.of(&place.record.region), whole.before, whole.after),
        stacks: whole.stacks,
    };
    Ok((plan, changed))
}

/// What deploying a service over its stack would replace or delete although it holds data or takes traffic. Images are
/// not looked at: no image makes a resource be replaced.
pub(super) async fn risks(
    session: &Session,
    options: &Deploy,
    place: &Place,
    loaded: &Loaded,
    ready: &Ready,
    deployed: &Deployed,
) -> Result<Vec<Risk>> {
    let mut ready = ready.clone();
    addons::enter(loaded.addons.addons.as_ref(), &mut ready.facts)?;
    let wanted = wanted(session, options, place, loaded, &ready).await?;
    let laid = laid(options, place, loaded, &ready, Some(deployed), &wanted, false).await?;
    let mut found = plan::risks(&laid.stacks);
    let changed = features(&loaded.model, &place.parameters);
    if changed != place.parameters {
        let laid = environment_after(place, (&place.parameters, &changed)).await?;
        // What nobody uses any more takes no traffic.
        found.extend(plan::risks(&laid.stacks).into_iter().filter(|risk| risk.guard == Guard::Data));
    }
    Ok(found)
}

/// The stack as it would be deployed.
async fn wanted(
    session: &Session,
    options: &Deploy,
    place: &Place,
    loaded: &Loaded,
    ready: &Ready,
) -> Result<Stack> {
    let priorities = place.priorities(loaded, &ready.facts, &mut Taken::new()).await?;
    stack_of(session, options, place, (loaded, ready, None), &priorities).await
}

async fn laid(
    options: &Deploy,
    place: &Place,
    loaded: &Loaded,
    ready: &Ready,
    deployed: Option<&Deployed>,
    wanted: &Stack,
    whole: bool,
) -> Result<Laid> {
    let name = loaded.model.name();
    let ground = Ground { whole, ..ground(place, name.as_str()) };
    let text = addons::text(loaded.addons.addons.as_ref(), &ready.facts)?;
    let title = format!("{} {name} in {}", loaded.model.noun(), options.env);
    plan::lay(&ground, deployed, wanted, text.as_deref(), &title).await
}

pub(super) fn ground<'a>(place: &'a Place, workload: &'a str) -> Ground<'a> {
    Ground {
        connection: &place.manager,
        region: &place.record.region,
        prices: place.prices.of(&place.record.region),
        workload,
        outputs: &place.outputs,
        exports: &place.exports,
        whole: true,
    }
}

/// The environment's parameters once it has what the service needs, and no more for it.
pub(super) fn features(model: &Workload, parameters: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let features = Features::from_parameters(parameters);
    features.with_needs(model.name(), &needs(model)).applied_to(parameters)
}

/// A workload's stacks with what the environment's stack becomes for it.
pub(super) struct Whole {
    /// The stacks, the environment's last.
    pub stacks: Vec<StackPlan>,
    /// Costs before.
    pub before: Cost,
    /// Costs after.
    pub after: Cost,
    /// Whether a stack of Copilot's is taken over.
    pub takeover: bool,
    /// How many of the stacks are the workload's.
    own: usize,
}

impl Whole {
    /// The environment's stack, when it changes.
    pub fn environment(&self) -> &[StackPlan] {
        self.stacks.get(self.own..).unwrap_or_default()
    }
}

/// Adds the change of the environment's stack, whose parameters become others.
pub(super) async fn with_environment(
    place: &Place,
    laid: Laid,
    (parameters, changed): (&BTreeMap<String, String>, &BTreeMap<String, String>),
) -> Result<Whole> {
    let Laid { stacks, before, after, takeover } = laid;
    let own = stacks.len();
    let mut whole = Whole { stacks, before, after, takeover, own };
    if changed != parameters {
        let laid = environment_after(place, (parameters, changed)).await?;
        whole.stacks.extend(laid.stacks.into_iter().filter(|stack| !stack.changes.is_empty()));
        (whole.before, whole.after) = (whole.before.and(laid.before), whole.after.and(laid.after));
    }
    Ok(whole)
}

async fn environment_after(
    place: &Place,
    parameters: (&BTreeMap<String, String>, &BTreeMap<String, String>),
) -> Result<Laid> {
    let (app, env) = (&place.record.app, &place.record.name);
    let stack = environment_stack(app, env);
    let text = place.manager.cloudformation().template(&stack).await?.unwrap_or_default();
    let document = template::parse(&text)
        .map_err(|error| Error::BadTemplate { stack: stack.clone(), message: error.to_string() })?;
    let title = format!("environment {env}");
    Ok(plan::with_parameters(&ground(place, ""), &stack, &document, parameters, &title))
}

/// What is switched on or off for the first or last workload that needs it.
pub(super) fn switches(had: &Features, has: &Features) -> Vec<Switch> {
    let features = Feature::ALL.into_iter().filter(|feature| *feature != Feature::Aliases);
    let needed = |features: &Features, feature| !features.workloads(feature).is_empty();
    features
        .filter(|feature| needed(had, *feature) != needed(has, *feature))
        .map(|feature| Switch { feature: feature.to_string(), on: needed(has, feature) })
        .collect()
}
