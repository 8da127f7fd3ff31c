//! Values that are known of a running stack and of what surrounds it.
//!
//! Copilot's templates read the environment through a custom resource, wharf's import it. Whether both name the same thing
//! only shows with the values put in.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::plan::evaluate::Given;

/// What is known of a running stack and of what surrounds it.
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
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let part = |index: usize| parts.get(index).copied().unwrap_or_default();
        Self {
            stack: part(5).split('/').nth(1).unwrap_or_default().to_owned(),
            account: part(4).to_owned(),
            region: part(3).to_owned(),
            partition: part(1).to_owned(),
            ..Self::default()
        }
    }

    /// What a template of the stack is evaluated with.
    #[must_use]
    pub fn given(&self, parameters: &BTreeMap<String, String>) -> Given {
        Given {
            parameters: parameters.clone(),
            stack: self.stack.clone(),
            region: self.region.clone(),
            account: self.account.clone(),
            partition: self.partition.clone(),
        }
    }

    /// An evaluated value with what is known put in; the rest stays symbolic.
    #[must_use]
    pub fn put_in(&self, value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(|item| self.put_in(item)).collect(),
            Value::Object(map) => {
                let values = map.iter().map(|(key, value)| (key.clone(), self.put_in(value)));
                let value = Value::Object(values.collect());
                let function = map.keys().next().filter(|_| map.len() == 1);
                let known = function.and_then(|name| self.known(name, &value[name.as_str()]));
                known.unwrap_or(value)
            }
            scalar => scalar.clone(),
        }
    }

    fn known(&self, function: &str, argument: &Value) -> Option<Value> {
        let text = |value: Option<&String>| value.map(|text| Value::from(text.as_str()));
        let part = |index: usize| argument.get(index).and_then(Value::as_str);
        match function {
            "Ref" => text(self.references.get(argument.as_str()?)),
            "Fn::GetAtt" => text(self.attributes.get(part(0)?)?.get(part(1)?)),
            "Fn::ImportValue" => text(self.imports.get(argument.as_str()?)),
            "Fn::Split" => Some(part(1)?.split(part(0)?).map(Value::from).collect()),
            "Fn::Join" => {
                let parts = argument.get(1)?.as_array()?.iter().map(Value::as_str);
                Some(Value::from(parts.collect::<Option<Vec<_>>>()?.join(part(0)?)))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_arn_says_where_a_stack_is() {
        let known = Known::of_stack("arn:aws-cn:cloudformation:cn-north-1:123456789012:stack/shop-test/uuid");
        let found = [&known.partition, &known.region, &known.account, &known.stack];
        assert_eq!(found, ["aws-cn", "cn-north-1", "123456789012", "shop-test"]);
        assert_eq!(Known::of_stack("nothing"), Known::default());
    }

    #[test]
    fn values_are_put_in_wherever_they_stand() {
        let mut known = Known::default();
        known.references.insert("HTTPSCert".into(), "arn:cert".into());
        known.attributes.insert("Env".into(), [("Subnets".into(), "a,b".into())].into());
        known.imports.insert("shop-Zone".into(), "Z1".into());
        let value = json!({"Certificates": [{"Ref": "HTTPSCert"}], "Other": {"Ref": "Bucket"},
            "Subnets": {"Fn::Split": [",", {"Fn::GetAtt": ["Env", "Subnets"]}]},
            "Name": {"Fn::Join": ["", ["zone/", {"Fn::ImportValue": "shop-Zone"}]]},
            "Later": {"Fn::Join": ["", ["x", {"Fn::GetAtt": ["Role", "Arn"]}]]}});
        assert_eq!(
            known.put_in(&value),
            json!({"Certificates": ["arn:cert"], "Other": {"Ref": "Bucket"}, "Subnets": ["a", "b"], "Name": "zone/Z1",
                "Later": {"Fn::Join": ["", ["x", {"Fn::GetAtt": ["Role", "Arn"]}]]}})
        );
    }
}
