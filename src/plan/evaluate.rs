//! A template with its parameters put in: what CloudFormation works with.
//!
//! Conditions become true or false, references to parameters and pseudo parameters become values, functions over values are
//! carried out. What only the running stack knows stays symbolic: `{"Ref": "Cluster"}`, `{"Fn::GetAtt": ["Role", "Arn"]}`,
//! `{"Fn::ImportValue": …}`; texts that hold such parts become `{"Fn::Join": ["", […]]}`.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

/// What a template is evaluated with.
#[derive(Debug, Clone, Default)]
pub struct Given {
    /// Values of parameters; the template's defaults stand for those that are missing.
    pub parameters: BTreeMap<String, String>,
    /// Name of the stack.
    pub stack: String,
    /// Its region, such as `eu-west-1`; empty when unknown.
    pub region: String,
    /// Its account, 12 digits; empty when unknown.
    pub account: String,
    /// Its partition, such as `aws`; empty when unknown.
    pub partition: String,
}

/// A template with everything put in that is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evaluated {
    /// The resources that exist under these parameters, by logical id. A resource whose condition is not known counts as there.
    pub resources: BTreeMap<String, Resource>,
    /// Names of the exports, each with the logical id of its output. Names that are not fully known are written as JSON.
    pub exports: BTreeMap<String, String>,
}

/// A resource of an evaluated template.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    /// Its type, such as `AWS::ECS::Service`.
    pub kind: String,
    /// Its properties: numbers and booleans are texts, as CloudFormation compares them.
    pub properties: Value,
    /// Its `DeletionPolicy`; empty without one.
    pub deletion_policy: String,
    /// Its `UpdateReplacePolicy`; empty without one.
    pub replace_policy: String,
}

/// Evaluates a template in normal form (see `yaml::template`).
#[must_use]
pub fn evaluate(template: &Value, given: &Given) -> Evaluated {
    let evaluator = Evaluator {
        template,
        parameters: parameters(template, given),
        given,
        conditions: RefCell::default(),
    };
    let mut evaluated = Evaluated::default();
    for (id, resource) in
        template["Resources"].as_object().into_iter().flatten().filter(|(_, item)| evaluator.is_live(item))
    {
        let text = |key: &str| resource[key].as_str().unwrap_or_default().to_owned();
        let properties = evaluator.value(&resource["Properties"]).unwrap_or(Value::Null);
        let resource = Resource {
            kind: text("Type"),
            properties: if properties.is_object() { properties } else { json!({}) },
            deletion_policy: text("DeletionPolicy"),
            replace_policy: text("UpdateReplacePolicy"),
        };
        evaluated.resources.insert(id.clone(), resource);
    }
    for (id, output) in
        template["Outputs"].as_object().into_iter().flatten().filter(|(_, item)| evaluator.is_live(item))
    {
        let name = &output["Export"]["Name"];
        if let Some(name) = evaluator.value(name).filter(|_| !name.is_null()) {
            let name = name.as_str().map_or_else(|| name.to_string(), str::to_owned);
            evaluated.exports.insert(name, id.clone());
        }
    }
    evaluated
}

struct Evaluator<'a> {
    template: &'a Value,
    /// Values of the template's parameters; those without a known value are missing.
    parameters: BTreeMap<&'a str, Value>,
    given: &'a Given,
    conditions: RefCell<BTreeMap<&'a str, Option<bool>>>,
}

fn parameters<'a>(template: &'a Value, given: &Given) -> BTreeMap<&'a str, Value> {
    let mut values = BTreeMap::new();
    for (name, definition) in template["Parameters"].as_object().into_iter().flatten() {
        let kind = definition["Type"].as_str().unwrap_or_default();
        // The value of such a parameter names a parameter of Systems Manager, whose value counts.
        if kind.starts_with("AWS::SSM::Parameter::Value") {
            continue;
        }
        // Nobody is told the value of such a parameter once it is deployed.
        if definition.get("NoEcho").is_some_and(|hidden| text(hidden) == "true") {
            continue;
        }
        let default = definition.get("Default").map(text);
        let Some(value) = given.parameters.get(name).cloned().or(default) else { continue };
        let list = kind.starts_with("List<") || kind == "CommaDelimitedList";
        let value = match (list, value.as_str()) {
            (true, "") => json!([]),
            (true, value) => value.split(',').map(|item| Value::from(item.trim())).collect(),
            (false, value) => Value::from(value),
        };
        values.insert(name.as_str(), value);
    }
    values
}

/// A scalar as CloudFormation compares it.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The only function of a map that is one, with its argument.
fn function(value: &Value) -> Option<(&str, &Value)> {
    let map = value.as_object().filter(|map| map.len() == 1)?;
    map.iter().next().map(|(name, argument)| (name.as_str(), argument))
}

impl<'a> Evaluator<'a> {
    /// Whether a resource or an output is there, or may be.
    fn is_live(&self, item: &'a Value) -> bool {
        item["Condition"].as_str().is_none_or(|name| self.condition(name) != Some(false))
    }

    /// What a condition says; `None` when a value in it is not known, or when it is not there.
    fn condition(&self, name: &'a str) -> Option<bool> {
        if let Some(known) = self.conditions.borrow().get(name) {
            return *known;
        }
        // A condition that needs itself is no condition; CloudFormation refuses it.
        self.conditions.borrow_mut().insert(name, None);
        let verdict = self.test(&self.template["Conditions"][name]);
        self.conditions.borrow_mut().insert(name, verdict);
        verdict
    }

    fn test(&self, expression: &'a Value) -> Option<bool> {
        let (function, argument) = function(expression)?;
        let items = argument.as_array().map(Vec::as_slice).unwrap_or_default();
        match function {
            "Condition" => self.condition(argument.as_str()?),
            "Fn::Equals" => {
                let [one, other] = items else { return None };
                let (one, other) = (self.value(one)?, self.value(other)?);
                (!is_symbolic(&one) && !is_symbolic(&other)).then(|| one == other)
            }
            "Fn::Not" => self.test(items.first()?).map(|verdict| !verdict),
            "Fn::And" | "Fn::Or" => {
                let decisive = function == "Fn::Or";
                let verdicts: Vec<_> = items.iter().map(|item| self.test(item)).collect();
                match verdicts.contains(&Some(decisive)) {
                    true => Some(decisive),
                    false => (!verdicts.contains(&None)).then_some(!decisive),
                }
            }
            _ => None,
        }
    }

    /// The value of an expression; `None` for `AWS::NoValue`.
    fn value(&self, node: &'a Value) -> Option<Value> {
        match node {
            Value::Array(items) => Some(items.iter().filter_map(|item| self.value(item)).collect()),
            Value::Object(map) => match function(node).and_then(|(name, argument)| self.call(name, argument))
            {
                Some(outcome) => outcome,
                None => Some(Value::Object(
                    map.iter().filter_map(|(key, item)| Some((key.clone(), self.value(item)?))).collect(),
                )),
            },
            scalar => Some(Value::from(text(scalar))),
        }
    }

    /// The outcome of a function; `None` when `name` is none of CloudFormation's.
    fn call(&self, name: &str, argument: &'a Value) -> Option<Option<Value>> {
        let items = argument.as_array().map(Vec::as_slice).unwrap_or_default();
        let symbol =
            |argument: Value| Some(Some(Value::Object(Map::from_iter([(name.to_owned(), argument)]))));
        match name {
            "Ref" => Some(self.reference(argument.as_str().unwrap_or_default())),
            "Fn::GetAtt" => symbol(argument.clone()),
            "Fn::Sub" => Some(Some(self.substitute(argument))),
            "Fn::Join" => {
                let [separator, list] = items else { return symbol(argument.clone()) };
                match self.value(list)? {
                    Value::Array(parts) => Some(Some(concatenate(parts, &text(separator)))),
                    other => symbol(json!([separator, other])),
                }
            }
            "Fn::If" => {
                let [condition, yes, no] = items else { return symbol(argument.clone()) };
                let condition = condition.as_str().unwrap_or_default();
                match self.condition(condition) {
                    Some(verdict) => Some(self.value(if verdict { yes } else { no })),
                    None => symbol(json!([condition, self.value(yes), self.value(no)])),
                }
            }
            "Fn::Split" => {
                let [separator, whole] = items else { return symbol(argument.clone()) };
                match self.value(whole)? {
                    Value::String(whole) => {
                        Some(Some(whole.split(&text(separator)).map(Value::from).collect()))
                    }
                    other => symbol(json!([separator, other])),
                }
            }
            "Fn::Select" => {
                let [index, list] = items else { return symbol(argument.clone()) };
                let (index, list) = (self.value(index)?, self.value(list)?);
                let at = index.as_str().and_then(|index| index.parse::<usize>().ok());
                match at.and_then(|at| list.as_array()?.get(at)) {
                    Some(found) => Some(Some(found.clone())),
                    None => symbol(json!([index, list])),
                }
            }
            "Fn::FindInMap" => {
                let keys: Vec<Value> = items.iter().filter_map(|key| self.value(key)).collect();
                let found = keys.iter().try_fold(&self.template["Mappings"], |at, key| at.get(key.as_str()?));
                match found {
                    Some(found) => Some(self.value(found)),
                    None => symbol(Value::Array(keys)),
                }
            }
            name if name.starts_with("Fn::") => symbol(self.value(argument)?),
            _ => None,
        }
    }

    fn reference(&self, name: &str) -> Option<Value> {
        let pseudo = match name {
            "AWS::NoValue" => return None,
            "AWS::StackName" => &self.given.stack,
            "AWS::Region" => &self.given.region,
            "AWS::AccountId" => &self.given.account,
            "AWS::Partition" => &self.given.partition,
            _ => "",
        };
        if !pseudo.is_empty() {
            return Some(Value::from(pseudo));
        }
        Some(self.parameters.get(name).cloned().unwrap_or_else(|| json!({"Ref": name})))
    }

    fn substitute(&self, argument: &'a Value) -> Value {
        let (pattern, local) = match argument {
            Value::Array(items) => (items.first().map(text).unwrap_or_default(), items.get(1)),
            other => (text(other), None),
        };
        let (mut parts, mut rest) = (vec![], pattern.as_str());
        while let Some(at) = rest.find("${") {
            let Some(length) = rest[at..].find('}') else { break };
            parts.push(Value::from(&rest[..at]));
            let name = rest[at + 2..at + length].trim();
            parts.push(match (name.strip_prefix('!'), local.and_then(|local| local.get(name))) {
                (Some(literal), _) => Value::from(format!("${{{literal}}}")),
                (None, Some(value)) => self.value(value).unwrap_or(Value::Null),
                (None, None) => match name.split_once('.') {
                    Some((id, attribute)) => json!({"Fn::GetAtt": [id, attribute]}),
                    None => self.reference(name).unwrap_or(Value::Null),
                },
            });
            rest = &rest[at + length + 1..];
        }
        parts.push(Value::from(rest));
        concatenate(parts, "")
    }
}

/// Whether a value holds a part that only the running stack knows.
#[must_use]
pub fn is_symbolic(value: &Value) -> bool {
    match value {
        Value::Object(map) => {
            function(value).is_some_and(|(name, _)| name == "Ref" || name.starts_with("Fn::"))
                || map.values().any(is_symbolic)
        }
        Value::Array(items) => items.iter().any(is_symbolic),
        _ => false,
    }
}

/// The logical ids that a value refers to.
pub fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
    match (function(value), value) {
        (Some(("Ref", Value::String(id))), _) => found.push(id),
        (Some(("Fn::GetAtt", Value::Array(pair))), _) => found.extend(pair.first().and_then(Value::as_str)),
        (_, Value::Object(map)) => map.values().for_each(|item| references(item, found)),
        (_, Value::Array(items)) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

/// Joins parts; neighbouring texts become one.
fn concatenate(parts: Vec<Value>, separator: &str) -> Value {
    let mut joined: Vec<Value> = vec![];
    let mut push = |part: Value| match (joined.last_mut(), part) {
        (Some(Value::String(last)), Value::String(text)) => last.push_str(&text),
        (_, Value::String(text)) if text.is_empty() => {}
        (_, part) => joined.push(part),
    };
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            push(Value::from(separator));
        }
        match part {
            Value::Object(map) => match map.get("Fn::Join").and_then(Value::as_array).map(Vec::as_slice) {
                Some([Value::String(inner), Value::Array(parts)]) if inner.is_empty() => {
                    parts.iter().cloned().for_each(&mut push);
                }
                _ => push(Value::Object(map)),
            },
            part => push(part),
        }
    }
    match joined.len() {
        0 => Value::from(""),
        1 => joined.remove(0),
        _ => json!({"Fn::Join": ["", joined]}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::template;

    fn evaluated(text: &str, parameters: &[(&str, &str)]) -> Evaluated {
        let given = Given {
            parameters: parameters.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect(),
            stack: "shop-test-api".to_owned(),
            region: "eu-west-1".to_owned(),
            account: "111111111111".to_owned(),
            partition: "aws".to_owned(),
        };
        evaluate(&template::parse(text).unwrap(), &given)
    }

    const TEMPLATE: &str = "
Parameters:
  Name: {Type: String}
  Count: {Type: Number, Default: 2}
  Zones: {Type: CommaDelimitedList, Default: 'a, b'}
  Cert: {Type: String, Default: ''}
Mappings:
  Sizes: {eu-west-1: {small: 10}}
Conditions:
  HasCert: !Not [!Equals [!Ref Cert, '']]
  Both: !And [!Condition HasCert, !Equals [!Ref Name, x]]
  Either: !Or [!Condition HasCert, !Equals [!Ref Name, x]]
  Unknown: !Equals [!Ref Cluster, '']
Resources:
  Cluster: {Type: 'AWS::ECS::Cluster', Properties: {ClusterName: !Sub '${AWS::StackName}-${Name}'}}
  Listener: {Type: T, Condition: HasCert}
  Perhaps: {Type: T, Condition: Unknown}
  A:
    Type: T
    DeletionPolicy: Retain
    Properties:
      Number: !Ref Count
      Zone: !Select [1, !Ref Zones]
      Joined: !Join ['-', [!Ref Name, !GetAtt Cluster.Arn, z, !Sub 'q${!lit}${Count}']]
      Gone: !If [HasCert, !Ref Cert, !Ref 'AWS::NoValue']
      Kept: !If [Either, yes it is, no]
      Open: !If [Unknown, 1, 2]
      Size: !FindInMap [Sizes, !Ref 'AWS::Region', small]
      Parts: !Select [1, !Split [':', 'a:b:c']]
      Import: !ImportValue {'Fn::Sub': '${Name}-vpc'}
      Flag: true
Outputs:
  O: {Value: 1, Export: {Name: !Sub '${AWS::StackName}-O'}}
  P: {Condition: Both, Value: 1, Export: {Name: p}}
";

    #[test]
    fn what_is_known_is_put_in_and_the_rest_stays_symbolic() {
        let found = evaluated(TEMPLATE, &[("Name", "x")]);
        assert_eq!(found.resources.keys().collect::<Vec<_>>(), ["A", "Cluster", "Perhaps"]);
        assert_eq!(found.exports.keys().collect::<Vec<_>>(), ["shop-test-api-O"]);
        assert_eq!(found.resources["Cluster"].properties, json!({"ClusterName": "shop-test-api-x"}));
        assert_eq!(found.resources["A"].deletion_policy, "Retain");
        assert_eq!(
            found.resources["A"].properties,
            json!({
                "Number": "2",
                "Zone": "b",
                "Joined": {"Fn::Join": ["", ["x-", {"Fn::GetAtt": ["Cluster", "Arn"]}, "-z-q${lit}2"]]},
                "Kept": "yes it is",
                "Open": {"Fn::If": ["Unknown", "1", "2"]},
                "Size": "10",
                "Parts": "b",
                "Import": {"Fn::ImportValue": "x-vpc"},
                "Flag": "true",
            })
        );
        let with = evaluated(TEMPLATE, &[("Name", "x"), ("Cert", "arn")]);
        assert!(with.resources.contains_key("Listener") && with.exports.contains_key("p"));
        assert_eq!(with.resources["A"].properties["Gone"], "arn");
    }

    #[test]
    fn odd_templates_are_evaluated_as_far_as_they_go() {
        for text in [
            "Resources: 1",
            "Resources: {A: {Type: T, Condition: Nowhere, Properties: 3}}",
            "Conditions: {C: !Condition C}\nResources: {A: {Type: T, Condition: C}}",
            "Resources: {A: {Type: T, Properties: {X: !Select [9, [1]], Y: !Join [1], Z: !Sub '${', W: !Ref [1]}}}",
        ] {
            let _ = evaluated(text, &[]);
        }
        let mut found = vec![];
        let value = json!({"a": [{"Ref": "X"}, {"Fn::Join": ["", [{"Fn::GetAtt": ["Y", "Arn"]}]]}]});
        references(&value, &mut found);
        assert_eq!(found, ["X", "Y"]);
    }
}
