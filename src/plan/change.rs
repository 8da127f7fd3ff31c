//! A deployed template against a wanted one, resource by resource and property by property.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::evaluate::{Evaluated, Given, Resource, evaluate, is_symbolic, references};
use super::form::{at, canonical, name_of};
use super::guard::{Guard, guard};
use super::resource_type::{self, Effect};
use super::value::{masked, shown};
use super::words::words;

/// A template in normal form and the values of its parameters.
#[derive(Debug, Clone, Copy)]
pub struct Side<'a> {
    /// The template.
    pub template: &'a Value,
    /// The values.
    pub parameters: &'a BTreeMap<String, String>,
}

/// What becomes of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// It goes.
    Remove,
    /// It is made anew and the old one is deleted.
    Replace,
    /// It may be made anew: only AWS knows.
    MayReplace,
    /// It leaves the stack and lives on.
    Keep,
    /// It is changed in place.
    Modify,
    /// It is new.
    Add,
}

/// A property that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Property {
    /// Where it is, such as `ContainerDefinitions[web].Image`.
    pub path: String,
    /// What the manifest calls it, such as `image`; empty where it has no word for it.
    pub words: String,
    /// Its deployed value, `***` for a secret; absent when it is new.
    pub old: Option<String>,
    /// Its value to come, `***` for a secret; absent when it goes.
    pub new: Option<String>,
    /// What its change does to the resource.
    pub effect: Effect,
    /// Why that is, where it is not plain from the resource's type; empty otherwise.
    pub reason: String,
}

/// A resource that does not stay as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Its logical id.
    pub id: String,
    /// Its type, such as `AWS::ECS::Service`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What becomes of it.
    pub action: Action,
    /// Whether what it is goes with it, when it is replaced or removed: `retain` and `snapshot` keep it.
    pub policy: String,
    /// Why it is not to be replaced or removed by accident.
    pub guard: Option<Guard>,
    /// Properties that differ.
    pub properties: Vec<Property>,
}

/// What becomes of a stack's resources.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// Those that don't stay as they are, by action and logical id.
    pub resources: Vec<Change>,
    /// How many stay as they are.
    pub unchanged: usize,
    /// Exported names that would be gone: other stacks may import them.
    pub lost_exports: Vec<String>,
}

impl Change {
    /// Whether it is replaced or removed, or may be, although it holds data or takes traffic; or changed, when that alone
    /// sends traffic elsewhere.
    #[must_use]
    pub fn is_risky(&self) -> bool {
        let goes = matches!(self.action, Action::Remove | Action::Replace | Action::MayReplace);
        // A listener rule is guarded only where a change sets the weights of its target groups back.
        let is_reset = self.kind == LISTENER_RULE && self.action == Action::Modify;
        self.guard.is_some() && (goes || is_reset)
    }

    /// The properties that make it be replaced.
    pub fn causes(&self) -> impl Iterator<Item = &Property> {
        self.properties.iter().filter(|property| property.effect != Effect::Update)
    }
}

impl Changes {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.lost_exports.is_empty()
    }

    /// The resources with an action.
    pub fn with(&self, action: Action) -> impl Iterator<Item = &Change> {
        self.resources.iter().filter(move |change| change.action == action)
    }
}

/// What a comparison works with besides the two templates.
pub struct Around<'a> {
    /// Name, region, account of the stack.
    pub given: &'a Given,
    /// Puts in what is known of the running stack, such as imported values.
    pub known: &'a dyn Fn(&Value) -> Value,
    /// Name of the workload, whose main container has the manifest's plain words; empty for other stacks.
    pub workload: &'a str,
}

/// The create-only properties of a type that differ between two canonical values. A task definition is replaced only by
/// another family: that every change makes a new revision is meant.
#[must_use]
pub fn replacing(kind: &str, old: &Value, new: &Value) -> Vec<&'static str> {
    let paths: Vec<&str> = match kind {
        TASK_DEFINITION => vec!["Family"],
        _ => resource_type::create_only(kind).map(|(path, _)| path).collect(),
    };
    paths.into_iter().filter(|path| at(old, path) != at(new, path)).collect()
}

const LISTENER_RULE: &str = "AWS::ElasticLoadBalancingV2::ListenerRule";
const TASK_DEFINITION: &str = "AWS::ECS::TaskDefinition";

/// What laying `new` over the deployed `old` does.
#[must_use]
pub fn changes(old: Side<'_>, new: Side<'_>, around: &Around<'_>) -> Changes {
    let evaluated = |side: Side<'_>| {
        let given = Given { parameters: side.parameters.clone(), ..around.given.clone() };
        let mut evaluated = evaluate(side.template, &given);
        for resource in evaluated.resources.values_mut() {
            resource.properties = canonical(&(around.known)(&resource.properties));
        }
        evaluated
    };
    let (before, after) = (evaluated(old), evaluated(new));
    let mut found: BTreeMap<&str, Change> = BTreeMap::new();
    for (id, had) in &before.resources {
        let change = match after.resources.get(id) {
            None => Some(removed(id, had)),
            Some(has) if has.kind != had.kind => Some(retyped(id, had, has)),
            Some(has) => modified(id, had, has, around.workload),
        };
        found.extend(change.map(|change| (id.as_str(), change)));
    }
    for (id, has) in after.resources.iter().filter(|(id, _)| !before.resources.contains_key(*id)) {
        let change = Change {
            id: id.clone(),
            kind: has.kind.clone(),
            action: Action::Add,
            policy: String::new(),
            guard: guard(&has.kind),
            properties: vec![],
        };
        found.insert(id, change);
    }
    follow(&before, &after, &mut found, around.workload);
    let unchanged = after.resources.keys().filter(|id| !found.contains_key(id.as_str())).count();
    let mut resources: Vec<Change> = found.into_values().collect();
    resources.sort_by(|one, other| (one.action, &one.id).cmp(&(other.action, &other.id)));
    let lost = before.exports.keys().filter(|name| !after.exports.contains_key(*name));
    Changes { resources, unchanged, lost_exports: lost.cloned().collect() }
}

/// What a policy keeps: `retain`, `snapshot`, or nothing.
fn kept_by(policy: &str) -> String {
    let kept = match policy {
        "Retain" | "RetainExceptOnCreate" => "retain",
        "Snapshot" => "snapshot",
        _ => "",
    };
    kept.to_owned()
}

/// Whether CloudFormation makes a snapshot of a resource that goes without a policy.
fn has_last_snapshot(resource: &Resource) -> bool {
    match resource.kind.as_str() {
        "AWS::RDS::DBCluster" => true,
        "AWS::RDS::DBInstance" => resource.properties.get("DBClusterIdentifier").is_none(),
        _ => false,
    }
}

fn removed(id: &str, had: &Resource) -> Change {
    let policy = match had.deletion_policy.as_str() {
        "" if has_last_snapshot(had) => "snapshot".to_owned(),
        policy => kept_by(policy),
    };
    let action = if policy == "retain" { Action::Keep } else { Action::Remove };
    Change {
        id: id.to_owned(),
        kind: had.kind.clone(),
        action,
        policy,
        guard: guard(&had.kind),
        properties: vec![],
    }
}

fn retyped(id: &str, had: &Resource, has: &Resource) -> Change {
    let property = Property {
        path: "Type".to_owned(),
        words: String::new(),
        old: Some(had.kind.clone()),
        new: Some(has.kind.clone()),
        effect: Effect::Replace,
        reason: "CloudFormation refuses to change the type of a resource".to_owned(),
    };
    Change { action: Action::Replace, properties: vec![property], ..removed(id, had) }
}

/// Whether this is a listener rule between whose target groups ECS moves traffic: the weights of the template are not those
/// at work, and any change of the rule sets them back.
fn is_weighted(rule: &Resource) -> bool {
    let groups = |action: &Value| {
        let groups = action.get("ForwardConfig").and_then(|forward| forward.get("TargetGroups"));
        groups.and_then(Value::as_array).is_some_and(|groups| groups.len() > 1)
    };
    let actions = rule.properties.get("Actions").and_then(Value::as_array);
    rule.kind == LISTENER_RULE && actions.is_some_and(|actions| actions.iter().any(groups))
}

fn modified(id: &str, had: &Resource, has: &Resource, workload: &str) -> Option<Change> {
    let mut walk = Walk { kind: &had.kind, workload, found: vec![] };
    walk.compare(&[], Some(&had.properties), Some(&has.properties));
    let properties = walk.found;
    if properties.is_empty() {
        return None;
    }
    let worst = properties.iter().map(|property| property.effect).max().unwrap_or(Effect::Update);
    Some(Change {
        id: id.to_owned(),
        kind: had.kind.clone(),
        action: action(worst),
        policy: kept_by(&has.replace_policy),
        guard: if is_weighted(had) { Some(Guard::Traffic) } else { guard(&had.kind) },
        properties,
    })
}

fn action(effect: Effect) -> Action {
    match effect {
        Effect::Update => Action::Modify,
        Effect::MayReplace => Action::MayReplace,
        Effect::Replace => Action::Replace,
    }
}

/// A step of a path: how it reads, and how the table of types has it.
#[derive(Clone)]
struct Step {
    text: String,
    part: String,
}

struct Walk<'a> {
    kind: &'a str,
    workload: &'a str,
    found: Vec<Property>,
}

impl Walk<'_> {
    fn compare(&mut self, path: &[Step], old: Option<&Value>, new: Option<&Value>) {
        if old == new {
            return;
        }
        // A list of names that comes or goes is told name by name.
        let none = Value::Array(vec![]);
        let (old, new) = match (old, new) {
            (None, Some(Value::Array(items))) if by_name(items).is_some() => (Some(&none), new),
            (Some(Value::Array(items)), None) if by_name(items).is_some() => (old, Some(&none)),
            pair => pair,
        };
        let below = |step: Step| [path, &[step]].concat();
        match (old, new) {
            (Some(Value::Object(one)), Some(Value::Object(other)))
                if !is_function(one.keys()) && !is_function(other.keys()) =>
            {
                let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
                for key in keys {
                    let step = Step { text: format!(".{key}"), part: key.clone() };
                    self.compare(&below(step), one.get(key), other.get(key));
                }
            }
            (Some(Value::Array(one)), Some(Value::Array(other))) => {
                let element = |text: &str| Step { text: format!("[{text}]"), part: "*".to_owned() };
                match (named(one), named(other)) {
                    (Some(one), Some(other)) => {
                        let names: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
                        for name in names {
                            self.compare(
                                &below(element(name)),
                                one.get(name).copied(),
                                other.get(name).copied(),
                            );
                        }
                    }
                    _ if one.len() == other.len() && one.iter().chain(other).all(Value::is_object) => {
                        for (index, (one, other)) in one.iter().zip(other).enumerate() {
                            self.compare(&below(element(&index.to_string())), Some(one), Some(other));
                        }
                    }
                    _ => self.differs(path, old, new),
                }
            }
            _ => self.differs(path, old, new),
        }
    }

    fn differs(&mut self, path: &[Step], old: Option<&Value>, new: Option<&Value>) {
        let text: String = path.iter().map(|step| step.text.as_str()).collect();
        let text = text.trim_start_matches('.').to_owned();
        let parts: Vec<&str> = path.iter().map(|step| step.part.as_str()).collect();
        let mut effect = effect(self.kind, &parts);
        let mut reason = String::new();
        let open = [old, new].into_iter().flatten().any(is_symbolic);
        if effect == Effect::Replace && open {
            effect = Effect::MayReplace;
            "its value is only known once it is deployed".clone_into(&mut reason);
        }
        // The last name says whether it is a secret; a variable's name stands before its value.
        let names: Vec<&str> =
            path.iter().rev().map(|step| step.text.trim_matches(['.', '[', ']'])).collect();
        let name = match names.as_slice() {
            ["Value", variable, ..] => variable,
            [name, ..] => name,
            [] => "",
        };
        let read = |value: &Value| shown(plain(&masked(name, value)));
        self.found.push(Property {
            words: words(self.kind, &text, self.workload),
            path: text,
            old: old.map(read),
            new: new.map(read),
            effect,
            reason,
        });
    }
}

/// The value of an element that is a name and a value; its path has the name.
fn plain(value: &Value) -> &Value {
    match value.as_object() {
        Some(map) if map.len() == 2 && map.contains_key("Name") => {
            map.iter().find(|(key, _)| *key != "Name").map_or(value, |(_, value)| value)
        }
        _ => value,
    }
}

/// What a change at a path does. A task definition is replaced by another family only: each change is a new revision.
fn effect(kind: &str, path: &[&str]) -> Effect {
    match (kind, path) {
        (TASK_DEFINITION, ["Family"]) => Effect::Replace,
        (TASK_DEFINITION, _) => Effect::Update,
        _ => resource_type::effect(kind, path),
    }
}

/// Whether the keys of a map are those of a function whose value is not known.
fn is_function<'a>(mut keys: impl Iterator<Item = &'a String>) -> bool {
    let first = keys.next();
    keys.next().is_none() && first.is_some_and(|name| name == "Ref" || name.starts_with("Fn::"))
}

/// The elements of a list by their names; `None` when they have none, or one twice.
fn by_name(items: &[Value]) -> Option<BTreeMap<String, &Value>> {
    let key = name_of(items)?;
    let named: BTreeMap<String, &Value> = items.iter().map(|item| (shown(&item[key]), item)).collect();
    (named.len() == items.len()).then_some(named)
}

/// The same, where an empty list has no elements.
fn named(items: &[Value]) -> Option<BTreeMap<String, &Value>> {
    if items.is_empty() { Some(BTreeMap::new()) } else { by_name(items) }
}

/// Enters what follows from other resources being replaced: whoever refers to one gets to know its new name, and may have
/// to be replaced for that.
fn follow<'a>(
    before: &'a Evaluated,
    after: &'a Evaluated,
    found: &mut BTreeMap<&'a str, Change>,
    workload: &str,
) {
    // Each round settles at least one resource or is the last.
    for _ in 0..=after.resources.len() {
        let news: BTreeMap<String, Action> = found
            .values()
            .filter(|change| {
                matches!(change.action, Action::Replace | Action::MayReplace)
                    || (change.kind == TASK_DEFINITION && change.action == Action::Modify)
            })
            .map(|change| (change.id.clone(), change.action))
            .collect();
        let mut settled = true;
        for (id, has) in after.resources.iter().filter(|(id, _)| before.resources.contains_key(*id)) {
            for (path, of) in uses(&has.properties) {
                let Some(action) = news.get(of).filter(|_| of != id) else { continue };
                if found.get(id.as_str()).is_some_and(|change| {
                    change
                        .properties
                        .iter()
                        .any(|property| property.path.starts_with(&path) || path.starts_with(&property.path))
                }) {
                    continue;
                }
                let parts: Vec<&str> =
                    path.split(['.', '[']).map(|part| part.trim_end_matches(']')).collect();
                // Its name may stay the same.
                let effect = effect(&has.kind, &parts).min(Effect::MayReplace);
                let (new, reason) = match action {
                    Action::Modify => ("the new revision", String::new()),
                    Action::Replace => ("the new one", format!("it refers to {of}, which is replaced")),
                    _ => ("perhaps a new one", format!("it refers to {of}, which may be replaced")),
                };
                let property = Property {
                    words: words(&has.kind, &path, workload),
                    path,
                    old: Some(format!("${{{of}}}")),
                    new: Some(new.to_owned()),
                    effect,
                    reason,
                };
                settled = false;
                let change = found.entry(id.as_str()).or_insert_with(|| Change {
                    id: id.clone(),
                    kind: has.kind.clone(),
                    action: Action::Modify,
                    policy: kept_by(&has.replace_policy),
                    guard: guard(&has.kind),
                    properties: vec![],
                });
                if change.action == Action::Modify {
                    change.action = self::action(effect);
                }
                change.properties.push(property);
            }
        }
        if settled {
            return;
        }
    }
}

/// The top-level properties that refer to other resources, each with what it refers to.
fn uses(properties: &Value) -> Vec<(String, &str)> {
    let mut all = vec![];
    for (name, value) in properties.as_object().into_iter().flatten() {
        let mut found = vec![];
        references(value, &mut found);
        found.sort_unstable();
        found.dedup();
        all.extend(found.into_iter().map(|id| (name.clone(), id)));
    }
    all
}

#[cfg(test)]
mod tests;
