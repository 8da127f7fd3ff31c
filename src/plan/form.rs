//! Values in a form that does not depend on an order that means nothing.

use serde_json::Value;

/// Keys that name the elements of a list whose order means nothing.
pub const NAMES: [&str; 8] = ["Name", "Key", "PolicyName", "ContainerName", "Sid", "Id", "Field", "Variable"];

/// The key that names every element of a list, if there is one.
#[must_use]
pub fn name_of(items: &[Value]) -> Option<&'static str> {
    NAMES.into_iter().find(|name| !items.is_empty() && items.iter().all(|item| item.get(*name).is_some()))
}

/// The values at a path such as `KeySchema.*.Name`.
#[must_use]
pub fn at<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    path.split('.').fold(vec![value], |values, part| {
        let below = |value: &'a Value| match (part, value) {
            ("*", Value::Array(items)) => items.iter().collect(),
            (name, value) => value.get(name).into_iter().collect::<Vec<_>>(),
        };
        values.into_iter().flat_map(below).collect()
    })
}

/// A value in a form that does not depend on the order of what has none: keys of maps, lists of texts, lists of named
/// elements. The order of a command line or of a function's arguments stays. A list of one text is that text.
#[must_use]
pub fn canonical(value: &Value) -> Value {
    canonical_in(value, false)
}

fn canonical_in(value: &Value, ordered: bool) -> Value {
    match value {
        Value::Object(map) => {
            let mut pairs: Vec<(String, Value)> = map
                .iter()
                .map(|(key, value)| {
                    let ordered = key.starts_with("Fn::") || matches!(key.as_str(), "Command" | "EntryPoint");
                    (key.clone(), canonical_in(value, ordered))
                })
                .collect();
            pairs.sort_by(|one, other| one.0.cmp(&other.0));
            Value::Object(pairs.into_iter().collect())
        }
        Value::Array(items) => {
            // The parts of a join stand in a list in the list of its arguments.
            let mut items: Vec<Value> = items.iter().map(|item| canonical_in(item, ordered)).collect();
            if ordered {
                return Value::Array(items);
            }
            if items.iter().all(Value::is_string) {
                if items.len() == 1 {
                    return items.remove(0);
                }
                items.sort_by(|one, other| one.as_str().cmp(&other.as_str()));
            } else if let Some(name) = name_of(&items) {
                items.sort_by_cached_key(|item| format!("{} {item}", item[name]));
            }
            Value::Array(items)
        }
        scalar => scalar.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn arguments_of_functions_keep_their_order() {
        for value in [
            json!({"Fn::GetAtt": ["Service", "Name"]}),
            json!({"Fn::Join": ["", ["b", "a"]]}),
            json!({"Fn::Select": ["1", ["b", "a"]]}),
        ] {
            assert_eq!(canonical(&value), value);
        }
        assert_eq!(
            canonical(&json!({"Subnets": ["b", "a"], "One": ["x"]})),
            json!({"One": "x", "Subnets": ["a", "b"]})
        );
    }
}
