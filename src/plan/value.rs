//! Values of templates as people read them, without secrets.

use serde_json::{Map, Value};

use crate::secret::is_suspect;

/// What stands in the place of a secret.
pub const HIDDEN: &str = "***";

/// A value as one line of text: scalars as they are, references as `${Name}`, the rest as JSON.
#[must_use]
pub fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Object(map) if map.len() == 1 => {
            let symbol = map.iter().next().and_then(|(name, argument)| symbol(name, argument));
            symbol.unwrap_or_else(|| value.to_string())
        }
        other => other.to_string(),
    }
}

/// A function whose value only the running stack knows.
fn symbol(name: &str, argument: &Value) -> Option<String> {
    match (name, argument) {
        ("Ref", Value::String(id)) => Some(format!("${{{id}}}")),
        ("Fn::GetAtt", Value::Array(pair)) => {
            let parts: Vec<&str> = pair.iter().filter_map(Value::as_str).collect();
            Some(format!("${{{}}}", parts.join(".")))
        }
        ("Fn::ImportValue", name) => Some(format!("${{import {}}}", shown(name))),
        ("Fn::Join", Value::Array(arguments)) => {
            let [Value::String(separator), Value::Array(parts)] = arguments.as_slice() else { return None };
            Some(parts.iter().map(shown).collect::<Vec<_>>().join(separator))
        }
        _ => None,
    }
}

/// `value`, of what is called `name`, without texts that look like secrets.
#[must_use]
pub fn masked(name: &str, value: &Value) -> Value {
    match value {
        Value::String(text) if is_suspect(name, text) => Value::from(HIDDEN),
        Value::Array(items) => items.iter().map(|item| masked(name, item)).collect(),
        Value::Object(map) => {
            let variable = map.get("Name").and_then(Value::as_str);
            let hidden = map.iter().map(|(key, item)| {
                let name = variable.filter(|_| key == "Value").unwrap_or(key);
                (key.clone(), masked(name, item))
            });
            Value::Object(hidden.collect::<Map<_, _>>())
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn references_read_as_what_they_name() {
        for (value, text) in [
            (json!("256"), "256"),
            (json!({"Ref": "Cluster"}), "${Cluster}"),
            (json!({"Fn::GetAtt": ["Role", "Arn"]}), "${Role.Arn}"),
            (json!({"Fn::ImportValue": "shop-test-VpcId"}), "${import shop-test-VpcId}"),
            (json!({"Fn::Join": ["", ["arn:", {"Ref": "A"}, ":x"]]}), "arn:${A}:x"),
            (json!({"Fn::Join": "odd"}), r#"{"Fn::Join":"odd"}"#),
            (json!({"a": 1, "b": ["x"]}), r#"{"a":1,"b":["x"]}"#),
            (Value::Null, ""),
        ] {
            assert_eq!(shown(&value), text);
        }
    }

    #[test]
    fn secrets_are_hidden_wherever_they_stand() {
        let value = json!({"Environment": [{"Name": "DB_PASSWORD", "Value": "hunter22"}, {"Name": "LEVEL", "Value": "info"}],
            "MasterUserPassword": "correct-horse", "Url": "https://user:pass-word@host/x", "Token": {"Ref": "Token"}});
        assert_eq!(
            masked("Properties", &value),
            json!({"Environment": [{"Name": "DB_PASSWORD", "Value": "***"}, {"Name": "LEVEL", "Value": "info"}],
                "MasterUserPassword": "***", "Url": "***", "Token": {"Ref": "Token"}})
        );
    }
}
