//! What laying a template over a deployed stack does to each of its resources.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::{Map, Value};

use super::known::Known;
use super::machinery;
use crate::plan::change::replacing;
use crate::plan::evaluate::evaluate;
use crate::plan::form::canonical;

pub use crate::plan::change::Side;

/// What becomes of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It goes, and with it something that is needed.
    Lost,
    /// It is made anew and the old one deleted.
    Replaced,
    /// It would have another type, which CloudFormation refuses.
    Retyped,
    /// It only served Copilot and goes.
    Machinery,
    /// It is changed in place.
    Changed,
    /// It stays as it is.
    Kept,
    /// It is new.
    Added,
}

impl Verdict {
    /// Whether a takeover must not do this.
    #[must_use]
    pub fn is_forbidden(self) -> bool {
        matches!(self, Self::Lost | Self::Replaced | Self::Retyped)
    }
}

/// A resource and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// Its logical id.
    pub id: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: String,
    /// What becomes of it.
    pub verdict: Verdict,
    /// Names of the properties that differ; of a forbidden verdict those that forbid it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<String>,
}

/// What becomes of a stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Comparison {
    /// Its resources: forbidden ones first, then machinery, changed, kept and added ones, each sorted by logical id.
    pub resources: Vec<Fate>,
    /// Exported names that would be gone: other stacks may import them.
    pub lost_exports: Vec<String>,
}

impl Comparison {
    /// Whether nothing but machinery goes.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.lost_exports.is_empty() && !self.resources.iter().any(|fate| fate.verdict.is_forbidden())
    }

    /// What of it must not be, a clause each: resources of `stack` that would be lost, replaced or retyped, and exports that
    /// would be gone.
    #[must_use]
    pub fn problems(&self, stack: &str) -> Vec<String> {
        let forbidden = self.resources.iter().filter(|fate| fate.verdict.is_forbidden());
        let resources = forbidden.map(|fate| {
            let Fate { id, kind, properties, .. } = fate;
            match fate.verdict {
                Verdict::Lost => format!("{id} ({kind}) of {stack} would be lost"),
                Verdict::Retyped => {
                    format!("{id} of {stack} would become {} instead of {kind}", properties.join(", "))
                }
                _ => {
                    let names = properties.join(", ");
                    format!("{id} ({kind}) of {stack} would be replaced, as {names} would change")
                }
            }
        });
        let exports = self.lost_exports.iter();
        resources.chain(exports.map(|name| format!("the export {name} would be gone"))).collect()
    }

    /// Resources with a verdict.
    pub fn with(&self, verdict: Verdict) -> impl Iterator<Item = &Fate> {
        self.resources.iter().filter(move |fate| fate.verdict == verdict)
    }
}

/// What laying `new` over the deployed `old` does.
#[must_use]
pub fn compare(old: Side<'_>, new: Side<'_>, known: &Known) -> Comparison {
    let evaluated = |side: Side<'_>| evaluate(side.template, &known.given(side.parameters));
    let (before, after) = (evaluated(old), evaluated(new));
    let machinery = machinery::machinery(old.template);
    let mut resources: Vec<Fate> = before
        .resources
        .iter()
        .map(|(id, had)| {
            let (verdict, properties) = match after.resources.get(id) {
                None if machinery.contains(id.as_str()) => (Verdict::Machinery, vec![]),
                None => (Verdict::Lost, vec![]),
                Some(has) if has.kind != had.kind => (Verdict::Retyped, vec![has.kind.clone()]),
                Some(has) => {
                    let form = |value: &Value| canonical(&known.put_in(value));
                    judge(&had.kind, &form(&had.properties), &form(&has.properties))
                }
            };
            Fate { id: id.clone(), kind: had.kind.clone(), verdict, properties }
        })
        .collect();
    let new = after.resources.iter().filter(|(id, _)| !before.resources.contains_key(*id));
    resources.extend(new.map(|(id, has)| Fate {
        id: id.clone(),
        kind: has.kind.clone(),
        verdict: Verdict::Added,
        properties: vec![],
    }));
    resources.sort_by(|one, other| (one.verdict, &one.id).cmp(&(other.verdict, &other.id)));
    let lost = before.exports.keys().filter(|name| !after.exports.contains_key(*name));
    Comparison { resources, lost_exports: lost.cloned().collect() }
}

/// What a change of properties does, with the properties that decide it. Where only AWS knows whether a change replaces,
/// it does.
fn judge(kind: &str, old: &Value, new: &Value) -> (Verdict, Vec<String>) {
    let replacing: Vec<String> = replacing(kind, old, new).into_iter().map(str::to_owned).collect();
    if !replacing.is_empty() {
        return (Verdict::Replaced, replacing);
    }
    let maps = [old, new].into_iter().filter_map(Value::as_object);
    let names: BTreeSet<&String> = maps.flat_map(Map::keys).collect();
    let changed = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    let changed: Vec<String> = changed.cloned().collect();
    if changed.is_empty() { (Verdict::Kept, changed) } else { (Verdict::Changed, changed) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::yaml::template::parse;

    fn compared(old: &str, new: &str) -> Comparison {
        let mut known =
            Known::of_stack("arn:aws:cloudformation:eu-west-1:123456789012:stack/shop-test-api/uuid");
        known
            .attributes
            .insert("EnvControllerAction".into(), [("HTTPListenerArn".into(), "arn:listener".into())].into());
        known.imports.insert("shop-test-HTTPListenerArn".into(), "arn:listener".into());
        let (old, new) = (parse(old).unwrap(), parse(new).unwrap());
        let none = BTreeMap::new();
        compare(
            Side { template: &old, parameters: &none },
            Side { template: &new, parameters: &none },
            &known,
        )
    }

    fn lines(comparison: &Comparison) -> Vec<String> {
        let resources = comparison.resources.iter();
        let resources =
            resources.map(|fate| format!("{:?} {} {}", fate.verdict, fate.id, fate.properties.join(" ")));
        let exports = comparison.lost_exports.iter().map(|name| format!("export {name}"));
        resources.map(|line| line.trim_end().to_owned()).chain(exports).collect()
    }

    const OLD: &str = "Resources:\n  EnvControllerAction: {Type: Custom::EnvControllerFunction}\n\
        \x20 Rule:\n    Type: AWS::ElasticLoadBalancingV2::ListenerRule\n    Properties: {ListenerArn: !GetAtt EnvControllerAction.HTTPListenerArn, Priority: 3}\n\
        \x20 TaskDefinition: {Type: AWS::ECS::TaskDefinition, Properties: {Family: f, Cpu: 256}}\n\
        \x20 Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: a}}\n\
        Outputs: {Arn: {Value: x, Export: {Name: !Sub '${AWS::StackName}-Arn'}}}\n";

    #[test]
    fn only_machinery_goes() {
        let comparison = compared(
            OLD,
            "Parameters: {P: {Type: String, Default: 3}}\nResources:\n  Rule:\n    Type: AWS::ElasticLoadBalancingV2::ListenerRule\n\
             \x20   Properties: {Priority: !Ref P, ListenerArn: !ImportValue shop-test-HTTPListenerArn}\n\
             \x20 TaskDefinition: {Type: AWS::ECS::TaskDefinition, Properties: {Family: f, Cpu: 512}}\n\
             \x20 Logs: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: a}}\n  Alarm: {Type: AWS::CloudWatch::Alarm}\n\
             Outputs: {Arn: {Value: y, Export: {Name: shop-test-api-Arn}}}\n",
        );
        assert_eq!(
            lines(&comparison),
            [
                "Machinery EnvControllerAction",
                "Changed TaskDefinition Cpu",
                "Kept Logs",
                "Kept Rule",
                "Added Alarm"
            ]
        );
        assert!(comparison.is_safe());
    }

    #[test]
    fn what_is_lost_replaced_retyped_or_no_more_exported_is_told() {
        let comparison = compared(
            OLD,
            "Resources:\n  Rule: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: arn:other, Priority: 3}}\n\
             \x20 TaskDefinition: {Type: AWS::ECS::TaskDefinition, Properties: {Family: other}}\n  EnvControllerAction: {Type: AWS::SNS::Topic}\n",
        );
        assert_eq!(
            lines(&comparison),
            [
                "Lost Logs",
                "Replaced Rule ListenerArn",
                "Replaced TaskDefinition Family",
                "Retyped EnvControllerAction AWS::SNS::Topic",
                "export shop-test-api-Arn",
            ]
        );
        assert!(!comparison.is_safe());
    }

    /// A value that only a custom resource knows is not the same as another one: better a refusal than a load balancer.
    #[test]
    fn a_value_that_nobody_knows_is_no_match() {
        let rule = |listener: &str| {
            format!(
                "Resources:\n  Rule:\n    Type: AWS::ElasticLoadBalancingV2::ListenerRule\n    Properties: {{ListenerArn: {listener}}}\n"
            )
        };
        let comparison =
            compared(&rule("!GetAtt Other.Arn"), &rule("!ImportValue shop-test-HTTPListenerArn"));
        assert_eq!(lines(&comparison), ["Replaced Rule ListenerArn"]);
    }

    #[test]
    fn the_order_of_tags_variables_and_actions_means_nothing() {
        let of = |properties: &str| format!("Resources:\n  A: {{Type: T, Properties: {properties}}}\n");
        let same = compared(
            &of("{V: [{Name: a, Value: 1}, {Name: b, Value: 2}], Action: [x, y], One: x, Command: [a, b]}"),
            &of(
                "{Action: [y, x], V: [{Name: b, Value: '2'}, {Value: 1, Name: a}], One: [x], Command: [a, b]}",
            ),
        );
        assert_eq!(lines(&same), ["Kept A"]);
        let other = compared(&of("{Command: [a, b]}"), &of("{Command: [b, a]}"));
        assert_eq!(lines(&other), ["Changed A Command"]);
    }
}
