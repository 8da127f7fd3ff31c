//! Plans: what a deployment would do, told before anything happens.
//!
//! A [`Plan`] is what the user sees; [`lay`] holds a rendered stack against the deployed one, with the stack of addons that is
//! nested in it. [`gate`] stops a deployment that would replace or delete what holds data or takes traffic, until somebody
//! has agreed to that very resource. `page`: how a plan reads.

mod page;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::takeover::{self, Deployed};
use super::{Error, Result};
use crate::aws::Connection;
use crate::facts;
use crate::plan::change::{Action, Around, Changes, Property, Side, changes};
use crate::plan::cost::{Cost, cost};
use crate::plan::evaluate::{Resource, evaluate};
use crate::plan::guard::Guard;
use crate::plan::price::Regional;
use crate::stack::Stack;
use crate::takeover::known::Known;
use crate::takeover::{Stage, machinery, retain, stage};
use crate::yaml::template;

pub(super) use page::{by_use, dollars, item_words};

/// What a deployment would do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plan {
    /// `service`, `job` or `environment`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The environment.
    pub environment: String,
    /// The environment's region.
    pub region: String,
    /// Whether a stack of Copilot's is taken over.
    pub takeover: bool,
    /// The stacks that change: its own, that of its addons, the environment's.
    pub stacks: Vec<StackPlan>,
    /// Images of its containers.
    pub images: Vec<Image>,
    /// Files that its stack refers to.
    pub uploads: Vec<Upload>,
    /// What is to be done with each file of a site, such as `+ index.html`: `+` new, `~` changed, `-` gone.
    pub files: Vec<String>,
    /// What the environment switches on or off.
    pub features: Vec<Switch>,
    /// Host names that get a record and a place in a certificate.
    pub names: Vec<String>,
    /// What it costs.
    pub cost: Costs,
}

/// What becomes of a stack.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StackPlan {
    /// The stack.
    pub stack: String,
    /// What it is for people, such as `service api in test`.
    pub title: String,
    /// Whether there is none yet.
    pub new: bool,
    /// What becomes of its resources.
    #[serde(flatten)]
    pub changes: Changes,
    /// How many resources go that only served Copilot.
    pub machinery: usize,
}

/// An image of a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Image {
    /// The container.
    pub container: String,
    /// Its repository.
    pub repository: String,
    /// Whether it is built and pushed; otherwise the registry has its content.
    pub build: bool,
    /// Why.
    pub reason: String,
    /// Of a release: the image as its tasks name it, by digest; empty otherwise.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub address: String,
}

/// A file that a stack refers to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Upload {
    /// What it is, such as `environment file of web`.
    pub what: String,
    /// Whether what is deployed refers to another content, or to none.
    pub upload: bool,
}

/// Something that an environment has on demand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Switch {
    /// What, such as `public load balancer`.
    pub feature: String,
    /// Whether it is switched on; otherwise off.
    pub on: bool,
}

/// What is paid a month before and after.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Costs {
    /// US dollars a month, after less before, of what has a known price.
    pub difference: f64,
    /// Whether prices of the region are known.
    pub region_known: bool,
    /// Before.
    pub before: Cost,
    /// After.
    pub after: Cost,
}

impl Costs {
    /// What is paid before and after at the prices of a region.
    #[must_use]
    pub fn new(prices: Regional<'_>, before: Cost, after: Cost) -> Self {
        let difference = ((after.monthly - before.monthly) * 100.0).round() / 100.0;
        Self { difference, region_known: prices.is_known(), before, after }
    }
}

/// Plans of what is deployed together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Plans {
    /// One for each workload or environment.
    pub plans: Vec<Plan>,
}

impl Plan {
    /// Whether nothing would be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stacks.iter().all(|stack| stack.changes.is_empty() && stack.machinery == 0)
            && self.files.is_empty()
            && self.features.is_empty()
            && !self.images.iter().any(|image| image.build)
    }
}

impl Plans {
    /// Whether nothing would be done.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.plans.iter().all(Plan::is_empty)
    }
}

/// What a stack is held against.
pub(super) struct Ground<'a> {
    /// The way to manage the stack.
    pub connection: &'a Connection,
    /// Its region.
    pub region: &'a str,
    /// What things cost there.
    pub prices: Regional<'a>,
    /// Name of the workload; empty for an environment.
    pub workload: &'a str,
    /// Outputs of the environment's stack.
    pub outputs: &'a BTreeMap<String, String>,
    /// Values of its exports by their names.
    pub exports: &'a BTreeMap<String, String>,
    /// Whether nested stacks are read that don't change: their cost counts.
    pub whole: bool,
}

/// A stack held against the deployed one.
pub(super) struct Laid {
    /// The stack, and the one that is nested in it.
    pub stacks: Vec<StackPlan>,
    /// What both cost before.
    pub before: Cost,
    /// What both cost after.
    pub after: Cost,
    /// Whether a stack of Copilot's is taken over.
    pub takeover: bool,
}

/// Holds `wanted` against what is deployed. `addons`: text of the template that is nested in it.
pub(super) async fn lay(
    ground: &Ground<'_>,
    deployed: Option<&Deployed>,
    wanted: &Stack,
    addons: Option<&str>,
    title: &str,
) -> Result<Laid> {
    let nothing = (json!({}), BTreeMap::new());
    let mut known =
        Known { stack: wanted.name.clone(), region: ground.region.to_owned(), ..Known::default() };
    let mut taken = false;
    let mut document = None;
    if let Some(deployed) = deployed {
        known = Known::of_stack(&deployed.stack.id);
        if deployed.has_custom_resources() {
            let resources =
                ground.connection.cloudformation().resources(&wanted.name).await?.unwrap_or_default();
            known = takeover::known(deployed, &resources, ground.outputs);
            document = Some(retain::without_handles(&deployed.document));
        }
        taken = stage(&deployed.document, &wanted.template) != Stage::Ordinary;
    }
    known.imports.clone_from(ground.exports);
    let old = match (deployed, &document) {
        (Some(deployed), Some(document)) => {
            Side { template: document, parameters: &deployed.stack.parameters }
        }
        (Some(deployed), None) => {
            Side { template: &deployed.document, parameters: &deployed.stack.parameters }
        }
        (None, _) => Side { template: &nothing.0, parameters: &nothing.1 },
    };
    let new = Side { template: &wanted.template, parameters: &wanted.parameters };
    let mut one = between(&wanted.name, title, (old, new), &known, ground.workload);
    one.new = deployed.is_none();
    if taken {
        let machinery = machinery::machinery(old.template);
        let count = one.changes.resources.len();
        one.changes.resources.retain(|change| !machinery.contains(change.id.as_str()));
        one.machinery = count - one.changes.resources.len();
    }
    let priced = |side: Side<'_>| {
        let resources = evaluate(side.template, &known.given(side.parameters)).resources;
        (cost(&resources, ground.prices), resources)
    };
    let ((mut before, had), (mut after, has)) = (priced(old), priced(new));
    let mut stacks = vec![one];
    let (old, new) = (had.get(ADDONS), has.get(ADDONS));
    if (ground.whole || old != new)
        && let Some(nested) = nested(ground, &wanted.name, (old, new), addons, &known, title).await?
    {
        stacks.push(nested.0);
        // It was looked into.
        let outer = stacks.iter_mut().take(1).flat_map(|stack| &mut stack.changes.resources);
        outer.filter(|change| change.id == ADDONS).for_each(|change| change.guard = None);
        (before, after) = (before.and(nested.1), after.and(nested.2));
    }
    Ok(Laid { stacks, before, after, takeover: taken })
}

/// Logical id of the stack of addons.
const ADDONS: &str = "AddonsStack";

fn between(
    stack: &str,
    title: &str,
    (old, new): (Side<'_>, Side<'_>),
    known: &Known,
    workload: &str,
) -> StackPlan {
    let given = known.given(&BTreeMap::new());
    let around = Around { given: &given, known: &|value| known.put_in(value), workload };
    let changes = changes(old, new, &around);
    StackPlan { stack: stack.to_owned(), title: title.to_owned(), new: false, changes, machinery: 0 }
}

/// The nested stack of addons: what becomes of it, what it costs before and after. `None` without one.
async fn nested(
    ground: &Ground<'_>,
    stack: &str,
    (old, new): (Option<&Resource>, Option<&Resource>),
    addons: Option<&str>,
    outer: &Known,
    title: &str,
) -> Result<Option<(StackPlan, Cost, Cost)>> {
    let cloudformation = ground.connection.cloudformation();
    let parse = |text: &str| {
        template::parse(text)
            .map_err(|error| Error::BadTemplate { stack: stack.to_owned(), message: error.to_string() })
    };
    let mut known = Known { imports: outer.imports.clone(), ..outer.clone() };
    let (mut before, mut values) = (json!({}), BTreeMap::new());
    if old.is_some() {
        let resources = cloudformation.resources(stack).await?.unwrap_or_default();
        let found = resources.into_iter().find(|resource| resource.logical_id == ADDONS);
        let id = found.map(|resource| resource.physical_id).unwrap_or_default();
        let (text, deployed) = (cloudformation.template(&id).await?, cloudformation.stack(&id).await?);
        // One that can't be read can't be judged.
        let (Some(text), Some(deployed)) = (text, deployed) else { return Ok(None) };
        known = Known { imports: outer.imports.clone(), ..Known::of_stack(&deployed.id) };
        (before, values) = (parse(&text)?, deployed.parameters);
    }
    let (after, wanted) = match (new, addons) {
        (Some(has), Some(text)) => {
            // What only the outer stack knows stays as it is.
            let mut wanted = values.clone();
            let given = outer.put_in(&has.properties["Parameters"]);
            for (name, value) in given.as_object().into_iter().flatten() {
                if let Value::String(text) = value {
                    wanted.insert(name.clone(), text.clone());
                }
            }
            (parse(text)?, wanted)
        }
        // It is none of ours.
        (Some(_), None) => return Ok(None),
        (None, _) if old.is_none() => return Ok(None),
        (None, _) => (json!({}), BTreeMap::new()),
    };
    let old = Side { template: &before, parameters: &values };
    let new = Side { template: &after, parameters: &wanted };
    let plan = between(&format!("{stack}/{ADDONS}"), &format!("addons of {title}"), (old, new), &known, "");
    let priced = |side: Side<'_>| {
        cost(&evaluate(side.template, &known.given(side.parameters)).resources, ground.prices)
    };
    Ok(Some((plan, priced(old), priced(new))))
}

/// What other values of its parameters do to a deployed stack, such as an environment's: only costs that differ are told.
pub(super) fn with_parameters(
    ground: &Ground<'_>,
    stack: &str,
    document: &Value,
    (before, after): (&BTreeMap<String, String>, &BTreeMap<String, String>),
    title: &str,
) -> Laid {
    let known = Known { stack: stack.to_owned(), region: ground.region.to_owned(), ..Known::default() };
    let old = Side { template: document, parameters: before };
    let new = Side { template: document, parameters: after };
    let priced = |side: Side<'_>| {
        cost(&evaluate(side.template, &known.given(side.parameters)).resources, ground.prices)
    };
    let (before, after) = apart(priced(old), priced(new));
    let plan = between(stack, title, (old, new), &known, ground.workload);
    Laid { stacks: vec![plan], before, after, takeover: false }
}

/// Two costs without the items that both have.
fn apart(before: Cost, after: Cost) -> (Cost, Cost) {
    let without = |cost: &Cost, other: &Cost| {
        let items: Vec<_> = cost.items.iter().filter(|item| !other.items.contains(item)).cloned().collect();
        let sum: f64 = items.iter().filter_map(|item| item.monthly).sum();
        let usage = cost.usage.iter().filter(|text| !other.usage.contains(text)).cloned().collect();
        Cost { monthly: (sum * 100.0).round() / 100.0, items, usage, prices_of: cost.prices_of.clone() }
    };
    (without(&before, &after), without(&after, &before))
}

/// The images of containers, as they are foreseen: one without a digest is built.
pub(super) fn images(images: &BTreeMap<String, facts::Image>, new: bool) -> Vec<Image> {
    let image = |(container, image): (&String, &facts::Image)| {
        let build = image.digest.is_empty();
        let reason = match (build, new) {
            (false, _) => "the registry has this content",
            (true, true) => "it is the first",
            (true, false) => "its content is new",
        };
        Image {
            container: container.clone(),
            repository: image.repository.clone(),
            build,
            reason: reason.to_owned(),
            address: String::new(),
        }
    };
    images.iter().map(image).collect()
}

/// What would be replaced or deleted although it holds data or takes traffic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Risk {
    /// The stack.
    pub stack: String,
    /// Logical id of the resource.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What would become of it.
    pub action: Action,
    /// What it has.
    pub guard: Guard,
    /// What is kept of it: `retain`, `snapshot` or nothing.
    pub policy: String,
    /// What makes it be replaced, such as `BucketName: a -> b`; empty for what goes.
    pub causes: Vec<String>,
}

impl Risk {
    /// What would happen, as a clause.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { id, stack, .. } = self;
        let kind = self.kind.strip_prefix("AWS::").unwrap_or(&self.kind);
        let what = match self.action {
            Action::Replace => "would be replaced",
            Action::MayReplace => "may be replaced",
            Action::Modify => {
                return format!(
                    "{id} ({kind}) of {stack} would be changed, and that sends all traffic to the first of its two target \
                     groups, where no tasks may be"
                );
            }
            _ => "would be deleted",
        };
        let with = match (self.guard, self.policy.as_str()) {
            (_, "retain") => "; the old one is kept, outside of the stack",
            (_, "snapshot") => "; a snapshot of it is kept",
            (Guard::Data, _) => " with the data in it",
            (Guard::Traffic, _) => ", and it takes traffic",
        };
        format!("{id} ({kind}) of {stack} {what}{with}")
    }
}

/// What is risky in plans of stacks.
pub(super) fn risks(stacks: &[StackPlan]) -> Vec<Risk> {
    let mut risks = vec![];
    for stack in stacks {
        for change in stack.changes.resources.iter().filter(|change| change.is_risky()) {
            let Some(guard) = change.guard else { continue };
            risks.push(Risk {
                stack: stack.stack.clone(),
                id: change.id.clone(),
                kind: change.kind.clone(),
                action: change.action,
                guard,
                policy: change.policy.clone(),
                causes: change.causes().map(cause).collect(),
            });
        }
    }
    risks
}

/// A property that differs, as a clause.
fn cause(property: &Property) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    let change = format!("{}: {} -> {}", property.path, text(&property.old), text(&property.new));
    if property.reason.is_empty() { change } else { format!("{change} ({})", property.reason) }
}

/// Stops a deployment before anything changes, when it would replace or delete something that nobody has agreed to by its
/// logical id.
pub(super) fn gate(risks: Vec<Risk>, agreed: &[String]) -> Result<()> {
    let open: Vec<Risk> = risks.into_iter().filter(|risk| !agreed.contains(&risk.id)).collect();
    if open.is_empty() { Ok(()) } else { Err(Error::Guarded(open)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::price::Prices;

    fn risk(action: Action, guard: Guard, policy: &str) -> Risk {
        Risk {
            stack: "shop-test-api".into(),
            id: "Table".into(),
            kind: "AWS::DynamoDB::Table".into(),
            action,
            guard,
            policy: policy.into(),
            causes: vec![],
        }
    }

    #[test]
    fn a_risk_says_what_happens_and_what_is_kept() {
        let head = "Table (DynamoDB::Table) of shop-test-api";
        for (action, guard, policy, tail) in [
            (Action::Remove, Guard::Data, "", "would be deleted with the data in it"),
            (
                Action::Replace,
                Guard::Data,
                "retain",
                "would be replaced; the old one is kept, outside of the stack",
            ),
            (Action::Remove, Guard::Data, "snapshot", "would be deleted; a snapshot of it is kept"),
            (Action::MayReplace, Guard::Traffic, "", "may be replaced, and it takes traffic"),
        ] {
            assert_eq!(risk(action, guard, policy).sentence(), format!("{head} {tail}"));
        }
    }

    #[test]
    fn the_gate_opens_resource_by_resource() {
        let one = risk(Action::Remove, Guard::Data, "");
        let other = Risk { id: "Queue".into(), ..one.clone() };
        let both = || vec![one.clone(), other.clone()];
        assert!(gate(vec![], &[]).is_ok());
        assert!(gate(both(), &["Table".into(), "Queue".into()]).is_ok());
        match gate(both(), &["Table".into()]) {
            Err(Error::Guarded(left)) => assert_eq!(left, std::slice::from_ref(&other)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn only_costs_that_differ_are_told() {
        let item = |resource: &str, usd: f64| crate::plan::cost::Item {
            resource: resource.into(),
            what: "x".into(),
            monthly: Some(usd),
            estimate: false,
        };
        let of = |items: Vec<_>| Cost { items, monthly: 99.0, ..Cost::default() };
        let (before, after) = apart(of(vec![item("A", 1.0)]), of(vec![item("A", 1.0), item("B", 2.5)]));
        assert_eq!((before.monthly, before.items.len()), (0.0, 0));
        assert_eq!((after.monthly, after.items.len()), (2.5, 1));
        assert!(
            (Costs::new(Prices::default().of("us-east-1"), before, after).difference - 2.5).abs()
                < f64::EPSILON
        );
    }
}
