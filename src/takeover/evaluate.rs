//! A template with its parameters as values: conditions decided, parameters and mappings put in, texts joined.
//!
//! What only a running stack knows stays symbolic (`{"$ref": …}`, `{"$att": […]}`, `{"$cat": […]}`), so that two templates
//! compare whichever way they say the same.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::machinery;

/// What is known of the running stack and of what surrounds it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Known {
    /// Name of the stack.
    pub stack: String,
    /// Its 12-digit account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// Its partition, such as `aws`.
    pub partition: String,
    /// What `Ref` gives of a deployed resource, by logical id.
    pub references: BTreeMap<String, String>,
    /// Attributes of deployed resources, by logical id and name.
    pub attributes: BTreeMap<String, BTreeMap<String, String>>,
    /// Values of other stacks' exports.
    pub imports: BTreeMap<String, String>,
}

impl Known {
    /// What the ARN of a stack says: `arn:<partition>:cloudformation:<region>:<account>:stack/<name>/<id>`.
    #[must_use]
    pub fn of_stack(arn: &str) -> Self {
        let mut parts = arn.split(':').skip(1);
        let mut next = || parts.next().unwrap_or_default().to_owned();
        let partition = next();
        let (_, region, account) = (next(), next(), next());
        let stack = next().split('/').nth(1).unwrap_or_default().to_owned();
        Self { stack, account, region, partition, ..Self::default() }
    }
}

/// A template under given parameter values.
pub struct Evaluated<'a> {
    template: &'a Value,
    parameters: BTreeMap<&'a str, String>,
    known: &'a Known,
    conditions: RefCell<BTreeMap<String, Option<bool>>>,
}

/// Stands for `AWS::NoValue` until the list or map around it is done.
fn no_value() -> Value {
    json!({"$none": true})
}

impl<'a> Evaluated<'a> {
    /// The template in normal form with these values; parameters without a value have their defaults.
    #[must_use]
    pub fn new(template: &'a Value, given: &BTreeMap<String, String>, known: &'a Known) -> Self {
        let declared = template["Parameters"].as_object().into_iter().flatten();
        let parameters = declared
            .filter_map(|(name, parameter)| {
                let value = given.get(name).cloned();
                Some((name.as_str(), value.or_else(|| parameter.get("Default").and_then(text))?))
            })
            .collect();
        Self { template, parameters, known, conditions: RefCell::default() }
    }

    /// The resources that are there under the template's conditions, with their properties. Where a condition can't be
    /// decided the resource counts.
    #[must_use]
    pub fn resources(&self) -> BTreeMap<&'a str, (&'a str, Value)> {
        machinery::resources(self.template)
            .filter(|(_, resource)| self.holds(resource))
            .map(|(id, resource)| (id, (machinery::kind(resource), self.value(&resource["Properties"]))))
            .collect()
    }

    /// Names that the template exports.
    #[must_use]
    pub fn exports(&self) -> BTreeSet<String> {
        let outputs = self.template["Outputs"].as_object().into_iter().flatten();
        outputs
            .filter(|(_, output)| output.get("Export").is_some() && self.holds(output))
            .map(|(_, output)| match self.value(&output["Export"]["Name"]) {
                Value::String(name) => name,
                other => other.to_string(),
            })
            .collect()
    }

    fn holds(&self, part: &Value) -> bool {
        part["Condition"].as_str().is_none_or(|name| self.condition(name) != Some(false))
    }

    /// Whether a condition holds; `None` when only the running stack knows.
    fn condition(&self, name: &str) -> Option<bool> {
        if let Some(known) = self.conditions.borrow().get(name) {
            return *known;
        }
        // One that leads back to itself can't be decided.
        self.conditions.borrow_mut().insert(name.to_owned(), None);
        let verdict = self.test(&self.template["Conditions"][name]);
        self.conditions.borrow_mut().insert(name.to_owned(), verdict);
        verdict
    }

    fn test(&self, test: &Value) -> Option<bool> {
        let (function, argument) = test.as_object().filter(|map| map.len() == 1)?.iter().next()?;
        let parts = || argument.as_array().into_iter().flatten().map(|part| self.test(part));
        match function.as_str() {
            "Condition" | "Fn::Condition" => self.condition(argument.as_str()?),
            "Fn::Equals" => {
                let (left, right) = (self.value(argument.get(0)?), self.value(argument.get(1)?));
                let decided = [&left, &right].iter().all(|side| !side.is_object());
                decided.then_some(left == right)
            }
            "Fn::Not" => parts().next()?.map(|verdict| !verdict),
            "Fn::And" if parts().any(|part| part == Some(false)) => Some(false),
            "Fn::Or" if parts().any(|part| part == Some(true)) => Some(true),
            "Fn::And" => parts().all(|part| part == Some(true)).then_some(true),
            "Fn::Or" => parts().all(|part| part == Some(false)).then_some(false),
            _ => None,
        }
    }

    /// A value with everything put in that is known. Numbers and booleans are texts, as CloudFormation takes them.
    fn value(&self, value: &Value) -> Value {
        match value {
            Value::Null => Value::from(""),
            Value::Array(items) => {
                let items = items.iter().map(|item| self.value(item));
                Value::Array(items.filter(|item| *item != no_value()).collect())
            }
            Value::Object(map) => {
                if let Some((function, argument)) = map.iter().next().filter(|_| map.len() == 1)
                    && let Some(value) = self.function(function, argument)
                {
                    return value;
                }
                let pairs = map.iter().map(|(key, value)| (key.clone(), self.value(value)));
                Value::Object(pairs.filter(|(_, value)| *value != no_value()).collect::<Map<_, _>>())
            }
            scalar => text(scalar).map_or(Value::Null, Value::from),
        }
    }

    /// What an intrinsic function gives; `None` for what is none.
    fn function(&self, function: &str, argument: &Value) -> Option<Value> {
        let part = |index: usize| argument.get(index).unwrap_or(&Value::Null);
        Some(match function {
            "Ref" => self.reference(argument.as_str()?),
            "Fn::GetAtt" => self.attribute(part(0).as_str()?, &self.value(part(1))),
            "Fn::Sub" => self.substituted(argument)?,
            "Fn::Join" => match self.value(part(1)) {
                Value::Array(items) => joined(items, part(0).as_str().unwrap_or_default()),
                other => json!({"$join": [part(0), other]}),
            },
            "Fn::ImportValue" => {
                let name = self.value(argument);
                let known = name.as_str().and_then(|name| self.known.imports.get(name));
                known.map_or_else(|| json!({"$import": name}), |value| Value::from(value.as_str()))
            }
            "Fn::Split" => match (part(0).as_str(), self.value(part(1))) {
                (Some(mark), Value::String(whole)) => whole.split(mark).map(Value::from).collect(),
                (_, other) => json!({"$split": [part(0), other]}),
            },
            "Fn::Select" => {
                let (index, items) = (self.value(part(0)), self.value(part(1)));
                let place = index.as_str().and_then(|text| text.parse::<usize>().ok());
                let chosen = place.and_then(|place| items.as_array()?.get(place).cloned());
                chosen.unwrap_or_else(|| json!({"$select": [index, items]}))
            }
            "Fn::If" => match self.condition(part(0).as_str()?) {
                Some(true) => self.value(part(1)),
                Some(false) => self.value(part(2)),
                None => json!({"$if": [part(0), self.value(part(1)), self.value(part(2))]}),
            },
            "Fn::FindInMap" => {
                let keys: Vec<Value> = (0..3).map(|index| self.value(part(index))).collect();
                let at = |value: &'a Value, key: &Value| value.get(key.as_str()?);
                let found = keys.iter().try_fold(&self.template["Mappings"], at);
                found.map_or_else(|| json!({"$map": keys}), |value| self.value(value))
            }
            _ => {
                let name = function.strip_prefix("Fn::")?;
                json!({format!("${name}"): self.value(argument)})
            }
        })
    }

    fn reference(&self, name: &str) -> Value {
        let known = self.known;
        let text = match name {
            "AWS::NoValue" => return no_value(),
            "AWS::StackName" => &known.stack,
            "AWS::AccountId" => &known.account,
            "AWS::Region" => &known.region,
            "AWS::Partition" => &known.partition,
            "AWS::URLSuffix" if known.partition == "aws-cn" => "amazonaws.com.cn",
            "AWS::URLSuffix" => "amazonaws.com",
            name => {
                if let Some(value) = self.parameters.get(name) {
                    let kind = self.template["Parameters"][name]["Type"].as_str().unwrap_or_default();
                    if kind == "CommaDelimitedList" || kind.starts_with("List<") {
                        return value.split(',').map(|item| Value::from(item.trim())).collect();
                    }
                    return Value::from(value.as_str());
                }
                match known.references.get(name) {
                    Some(id) => id,
                    None => return json!({"$ref": name}),
                }
            }
        };
        Value::from(text)
    }

    fn attribute(&self, id: &str, attribute: &Value) -> Value {
        let known = attribute.as_str().and_then(|name| self.known.attributes.get(id)?.get(name));
        known.map_or_else(|| json!({"$att": [id, attribute]}), |value| Value::from(value.as_str()))
    }

    fn substituted(&self, argument: &Value) -> Option<Value> {
        let (text, own) = match argument {
            Value::Array(parts) => (parts.first()?.as_str()?, parts.get(1).unwrap_or(&Value::Null)),
            other => (other.as_str()?, &Value::Null),
        };
        let mut parts = vec![];
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else { break };
            parts.push(Value::from(before));
            rest = after;
            parts.push(match (name.trim(), name.trim().split_once('.')) {
                (name, _) if name.starts_with('!') => Value::from(format!("${{{}}}", &name[1..])),
                (name, _) if own.get(name).is_some() => self.value(&own[name]),
                (_, Some((id, attribute))) => self.attribute(id, &Value::from(attribute)),
                (name, None) => self.reference(name),
            });
        }
        parts.push(Value::from(rest));
        Some(joined(parts, ""))
    }
}

/// Texts put together; what is no text stays between them.
fn joined(parts: Vec<Value>, mark: &str) -> Value {
    let mut out: Vec<Value> = vec![];
    let mut add = |part: Value| match (part, out.last_mut()) {
        (Value::String(text), _) if text.is_empty() => {}
        (Value::String(text), Some(Value::String(last))) => last.push_str(&text),
        (part, _) => out.push(part),
    };
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            add(Value::from(mark));
        }
        match part {
            Value::Object(mut map) if map.len() == 1 && map.contains_key("$cat") => {
                if let Some(Value::Array(inner)) = map.remove("$cat") {
                    inner.into_iter().for_each(&mut add);
                }
            }
            part => add(part),
        }
    }
    match out.len() {
        0 => Value::from(""),
        1 => out.remove(0),
        _ => json!({"$cat": out}),
    }
}

/// A scalar as CloudFormation's text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => {
            match number.as_f64().filter(|value| value.fract() == 0.0 && value.abs() < 9e15) {
                Some(whole) => Some((whole as i64).to_string()),
                None => Some(number.to_string()),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::template::parse;

    fn known() -> Known {
        let mut known = Known::of_stack("arn:aws:cloudformation:eu-west-1:123456789012:stack/shop-test/uuid");
        known.references.insert("HTTPSCert".into(), "arn:cert".into());
        known
            .attributes
            .insert("EnvControllerAction".into(), [("Listener".into(), "arn:listener".into())].into());
        known.imports.insert("shop-test-Listener".into(), "arn:listener".into());
        known
    }

    fn property(template: &str, given: &[(&str, &str)]) -> Value {
        let known = known();
        let text = format!("{template}\n");
        let template = parse(&text).unwrap();
        let given = given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Evaluated::new(&template, &given, &known).resources()["A"].1["P"].clone()
    }

    const HEAD: &str = "Parameters: {App: {Type: String}, Flag: {Type: String, Default: true}, List: {Type: CommaDelimitedList, Default: 'a, b'}}\n\
        Mappings: {M: {eu-west-1: {Id: 7}}}\n\
        Conditions:\n  Is: !Equals [!Ref Flag, true]\n  Isnt: !Not [!Condition Is]\n  Both: !And [!Condition Is, !Condition Isnt]\n  Later: !Equals [!Ref B, x]\n\
        Resources:\n  A:\n    Type: T\n    Properties:\n      P: ";

    #[test]
    fn functions_give_their_values() {
        for (written, wanted) in [
            ("!Sub '${AWS::StackName}-${App}-x'", json!("shop-test-shop-x")),
            (
                "!Join ['-', [!Ref App, 1, !GetAtt B.Arn]]",
                json!({"$cat": ["shop-1-", {"$att": ["B", "Arn"]}]}),
            ),
            ("!If [Isnt, 1, !Ref AWS::NoValue]", Value::Null),
            ("!If [Both, 1, 2]", json!("2")),
            ("!If [Later, 1, 2]", json!({"$if": ["Later", "1", "2"]})),
            ("!FindInMap [M, !Ref AWS::Region, Id]", json!("7")),
            ("!Select [1, !Split [',', 'a,b']]", json!("b")),
            ("!Ref List", json!(["a", "b"])),
            ("!GetAtt EnvControllerAction.Listener", json!("arn:listener")),
            ("!ImportValue shop-test-Listener", json!("arn:listener")),
            ("!Ref HTTPSCert", json!("arn:cert")),
            ("!Sub ['${X}/${!Y}', {X: !Ref App}]", json!("shop/${Y}")),
            ("!ImportValue other", json!({"$import": "other"})),
            ("[1, !Ref AWS::NoValue, true]", json!(["1", "true"])),
        ] {
            assert_eq!(property(&format!("{HEAD}{written}"), &[("App", "shop")]), wanted, "{written}");
        }
    }

    #[test]
    fn resources_and_exports_without_their_condition_are_not_there() {
        let text = "Conditions: {Never: !Equals [a, b]}\nResources: {A: {Type: T, Condition: Never}, B: {Type: T}}\n\
            Outputs: {X: {Condition: Never, Export: {Name: x}}, Y: {Export: {Name: !Sub '${AWS::StackName}-y'}}, Z: {Value: z}}\n";
        let (template, known) = (parse(text).unwrap(), known());
        let evaluated = Evaluated::new(&template, &BTreeMap::new(), &known);
        assert_eq!(evaluated.resources().into_keys().collect::<Vec<_>>(), ["B"]);
        assert_eq!(evaluated.exports().into_iter().collect::<Vec<_>>(), ["shop-test-y"]);
    }

    #[test]
    fn a_condition_that_leads_back_to_itself_ends() {
        let text = "Conditions: {A: !Not [!Condition A]}\nResources: {A: {Type: T, Condition: A}}\n";
        let (template, known) = (parse(text).unwrap(), Known::default());
        assert_eq!(Evaluated::new(&template, &BTreeMap::new(), &known).resources().len(), 1);
    }
}
