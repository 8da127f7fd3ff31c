//! Taking over a stack that Copilot deployed, in two updates.
//!
//! Before anything changes, [`judge`] holds the new template against the deployed one; whatever goes besides Copilot's own
//! machinery is a refusal. The first update ([`secure`]) keeps the custom resources from being deleted, the second is the
//! ordinary deployment. A run that was stopped between them is continued by the next one: which update is next is seen from
//! the deployed template, and `stacks::apply` never lays a template over custom resources that nothing keeps.

pub mod survivors;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::stacks::{self, Target};
use super::{Error, Result, Session};
use crate::aws::Connection;
use crate::aws::cloudformation;
use crate::aws::cloudformation::events::StackResource;
use crate::aws::elbv2;
use crate::page::{Body, Cell, Mark, Page, Paged};
use crate::plan::unchanged;
use crate::stack::Stack;
use crate::takeover::compare::{Comparison, Fate, Side, Verdict, compare};
use crate::takeover::inherited::{Inherited, Physical, inherited};
use crate::takeover::known::Known;
use crate::takeover::survivors::Survivors;
use crate::takeover::{Stage, machinery, retain, stage};
use crate::yaml::template;

/// A stack of Copilot's that is to become wharf's, and what that does to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Takeover {
    /// The stack.
    pub stack: String,
    /// What it is for people, such as `service api in test`.
    pub title: String,
    /// Version in its template's metadata; empty when it says none.
    pub version: String,
    /// Whether the first of the two updates is done.
    pub begun: bool,
    /// What becomes of its resources.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// What lives on.
    pub lives_on: Survivors,
}

impl Takeover {
    /// What forbids it, a clause each; empty when nothing does.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        self.comparison.problems(&self.stack)
    }
}

impl Paged for Takeover {
    fn page(&self, _now: Timestamp) -> Page {
        let by = if self.version.is_empty() {
            "an early Copilot".to_owned()
        } else {
            format!("Copilot {}", self.version)
        };
        let first = if self.begun { " (done)" } else { "" };
        let kept = self.comparison.with(Verdict::Kept).count();
        let mut steps = vec![
            Cell::from(format!("Deployed by {by}. It is taken over in two updates:")),
            Cell::from(format!(
                "1. custom resources are kept from being deleted, nothing else changes{first}"
            )),
            Cell::from("2. wharf's template takes the place of the deployed one".to_owned()),
            Cell::from(format!("{kept} resources stay as they are; of the others:")),
        ];
        steps.extend(self.problems().into_iter().map(|problem| Cell::new(problem, Mark::Bad)));
        let rows = self.comparison.resources.iter().filter(|fate| fate.verdict != Verdict::Kept).map(row);
        Page::new()
            .with(&format!("Takeover of {} ({})", self.title, self.stack), Body::Lines(steps))
            .with("", Body::table(&["Resource", "Type", "What becomes of it"], rows.collect()))
            .with(LIVES_ON, survivors::body(&self.lives_on))
    }
}

/// Heading of what lives on.
pub(super) const LIVES_ON: &str = "Lives on";

/// A resource as a row of a table.
pub(super) fn row(fate: &Fate) -> Vec<Cell> {
    let names = fate.properties.join(", ");
    let (text, mark) = match fate.verdict {
        Verdict::Lost => ("lost".to_owned(), Mark::Bad),
        Verdict::Replaced => (format!("replaced: {names} would change"), Mark::Bad),
        Verdict::Retyped => (format!("another type: {names}"), Mark::Bad),
        Verdict::Machinery => ("goes: it only served Copilot".to_owned(), Mark::Dim),
        Verdict::Changed if fate.kind == "AWS::ECS::TaskDefinition" => {
            (format!("new revision: {names}"), Mark::Plain)
        }
        Verdict::Changed => (format!("changed in place: {names}"), Mark::Plain),
        Verdict::Kept => ("stays as it is".to_owned(), Mark::Dim),
        Verdict::Added => ("new".to_owned(), Mark::Good),
    };
    let kind = fate.kind.strip_prefix("AWS::").unwrap_or(&fate.kind);
    vec![Cell::from(fate.id.as_str()), Cell::new(kind, Mark::Dim), Cell::new(text, mark)]
}

/// A stack as deployed, with its template.
pub(super) struct Deployed {
    /// The stack.
    pub stack: cloudformation::Stack,
    /// The template's text.
    pub text: String,
    /// The template in normal form.
    pub document: Value,
}

/// The deployed stack `name`, once nobody changes it any more; `None` when there is none that ever came to life.
pub(super) async fn deployed(
    session: &Session,
    connection: &Connection,
    name: &str,
) -> Result<Option<Deployed>> {
    deployed_since(session, connection, name, None).await
}

/// The same after `known` was looked at: its template is read anew only where somebody has changed the stack since.
pub(super) async fn deployed_since(
    session: &Session,
    connection: &Connection,
    name: &str,
    known: Option<&Deployed>,
) -> Result<Option<Deployed>> {
    let Some(stack) = stacks::settled(session, connection, name).await? else { return Ok(None) };
    if stacks::is_leftover(&stack.status) {
        return Ok(None);
    }
    if let Some(known) = known
        && (&known.stack.id, known.stack.updated) == (&stack.id, stack.updated)
    {
        return Ok(Some(Deployed { stack, text: known.text.clone(), document: known.document.clone() }));
    }
    let text = connection.cloudformation().template(name).await?.unwrap_or_default();
    let document = template::parse(&text)
        .map_err(|error| Error::BadTemplate { stack: name.to_owned(), message: error.to_string() })?;
    Ok(Some(Deployed { stack, text, document }))
}

impl Deployed {
    /// What another stack is held against.
    pub fn laid(&self) -> unchanged::Deployed<'_> {
        unchanged::Deployed {
            status: &self.stack.status,
            template: &self.document,
            parameters: &self.stack.parameters,
            tags: &self.stack.tags,
        }
    }

    /// Whether there are custom resources, so that a deployment may be a takeover.
    pub fn has_custom_resources(&self) -> bool {
        machinery::custom_resources(&self.document).next().is_some()
    }
}

/// What custom resources of a deployed stack made.
pub(super) fn inheritance(
    document: &Value,
    resources: &[StackResource],
    parameters: &BTreeMap<String, String>,
) -> Inherited {
    let physical: Vec<Physical> = resources.iter().map(survivors::physical).collect();
    inherited(document, &physical, parameters)
}

/// What laying `wanted` over a deployed stack means; `None` when it is an ordinary update. `outputs` and `exports`:
/// those of the environment's stack, which Copilot's custom resource handed to a service and wharf's template imports.
pub(super) async fn judge(
    connection: &Connection,
    deployed: &Deployed,
    wanted: &Stack,
    title: &str,
    (outputs, exports): (&BTreeMap<String, String>, &BTreeMap<String, String>),
) -> Result<Option<Takeover>> {
    let stage = stage(&deployed.document, &wanted.template);
    if stage == Stage::Ordinary {
        return Ok(None);
    }
    let stack = &deployed.stack;
    let resources = connection.cloudformation().resources(&stack.name).await?.unwrap_or_default();
    let mut known = known(deployed, &resources, outputs);
    known.imports = exports.clone();
    priorities(connection, &deployed.document, &resources, &mut known).await?;
    let before = retain::without_handles(&deployed.document);
    let old = Side { template: &before, parameters: &stack.parameters };
    let new = Side { template: &wanted.template, parameters: &wanted.parameters };
    let comparison = compare(old, new, &known);
    let lives_on = survivors::found(connection, deployed, wanted, (&resources, &known, &comparison)).await;
    Ok(Some(Takeover {
        stack: stack.name.clone(),
        title: title.to_owned(),
        version: stacks::version_of(&deployed.text).unwrap_or_default(),
        begun: stage == Stage::Second,
        comparison,
        lives_on,
    }))
}

/// What is known of a deployed stack: what Copilot's custom resources handed to it, and ids of the machinery, which is gone
/// from the new template but for what is named after it.
pub(super) fn known(
    deployed: &Deployed,
    resources: &[StackResource],
    outputs: &BTreeMap<String, String>,
) -> Known {
    let mut known = Known::of_stack(&deployed.stack.id);
    let mut answered = machinery::machinery(&deployed.document);
    for (id, resource) in machinery::custom_resources(&deployed.document) {
        answered.insert(id);
        if machinery::kind(resource) == "Custom::EnvControllerFunction" {
            known.attributes.insert(id.to_owned(), outputs.clone());
        }
    }
    for found in resources.iter().filter(|found| answered.contains(found.logical_id.as_str())) {
        known.references.insert(found.logical_id.clone(), found.physical_id.clone());
    }
    known
}

/// Adds to what is known the priorities that a custom resource gave to listener rules, as the rules have them.
async fn priorities(
    connection: &Connection,
    document: &Value,
    resources: &[StackResource],
    known: &mut Known,
) -> Result<()> {
    let mut listeners: BTreeMap<String, Vec<elbv2::Rule>> = BTreeMap::new();
    for (id, rule) in machinery::resources(document) {
        let asked = &rule["Properties"]["Priority"]["Fn::GetAtt"];
        let (Some(action), Some(attribute)) = (asked[0].as_str(), asked[1].as_str()) else { continue };
        let deployed = resources.iter().find(|one| one.logical_id == id);
        let Some(arn) = deployed.map(|one| one.physical_id.as_str()) else { continue };
        let Some(listener) = elbv2::listener_of(arn) else { continue };
        if !listeners.contains_key(&listener) {
            listeners.insert(listener.clone(), connection.elbv2().rules(&listener).await?);
        }
        let has = listeners[&listener].iter().find(|rule| rule.arn == arn);
        if let Some(priority) = has.and_then(|rule| rule.priority) {
            let of_action = known.attributes.entry(action.to_owned()).or_default();
            of_action.insert(attribute.to_owned(), priority.to_string());
        }
    }
    Ok(())
}

/// Stops a deployment before anything changes, when a takeover would lose something or nobody has agreed to it.
pub(super) fn gate(due: &[Takeover], agreed: bool) -> Result<()> {
    let refused: Vec<Takeover> = due.iter().filter(|one| !one.comparison.is_safe()).cloned().collect();
    match (refused.is_empty(), due.is_empty() || agreed) {
        (false, _) => Err(Error::TakeoverRefused(refused)),
        (true, true) => Ok(()),
        (true, false) => Err(Error::TakeoverDue(due.to_vec())),
    }
}

/// Refuses to hand out a stack for another tool, such as a pipeline, to deploy: laid over the deployed template in one update
/// it would have the delete handlers of Copilot's custom resources called.
///
/// # Errors
/// [`Error::Unsecured`].
pub(super) fn refuse_unsecured(stack: &str, deployed: Option<&str>) -> Result<()> {
    let document = deployed.and_then(|text| template::parse(text).ok()).unwrap_or_default();
    match machinery::of_copilot(&document).any(|(_, resource)| !retain::is_retained(resource)) {
        true => Err(Error::Unsecured { stack: stack.to_owned() }),
        false => Ok(()),
    }
}

/// The first of the two updates, unless it is done: the deployed template, in which custom resources are kept from being
/// deleted. It is followed to its end, and rolled back when it fails.
pub(super) async fn secure(
    session: &Session,
    connection: &Connection,
    wanted: &Stack,
    target: &Target<'_>,
) -> Result<()> {
    let title = format!("{}: keep what Copilot's custom resources made", target.title);
    loop {
        let Some(deployed) = deployed(session, connection, &wanted.name).await? else { return Ok(()) };
        if stage(&deployed.document, &wanted.template) != Stage::First {
            return Ok(());
        }
        let text = retain::retained(&deployed.text)
            .map_err(|error| Error::BadTemplate { stack: wanted.name.clone(), message: error.to_string() })?;
        if stacks::replace_template(session, connection, &deployed.stack, text, &title, target).await? {
            return Ok(());
        }
    }
}
