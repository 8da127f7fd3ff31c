//! The nested stack of the user's further resources, and what containers get of its outputs.

use serde_json::{Map, Value};

use super::super::expr;
pub use crate::artifact::addons::{AddonKind, AddonOutput};

/// What a workload's stack needs to know of its addons.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Addons {
    /// Outputs in the order of the template.
    pub outputs: Vec<AddonOutput>,
    /// Values of the parameters file in normal form; may hold intrinsic functions of the parent stack.
    pub parameters: Map<String, Value>,
}

impl Addons {
    /// Ids of the outputs of these kinds.
    pub fn of<'a>(&'a self, kinds: &'a [AddonKind]) -> impl Iterator<Item = &'a str> {
        self.outputs
            .iter()
            .filter(move |output| kinds.contains(&output.kind))
            .map(|output| output.id.as_str())
    }

    /// Parameters handed to the nested stack: the three every addons template has, then the file's.
    #[must_use]
    pub fn stack_parameters(addons: Option<&Self>) -> Value {
        let mut parameters = Map::new();
        for (name, from) in [("App", "AppName"), ("Env", "EnvName"), ("Name", "WorkloadName")] {
            parameters.insert(name.to_owned(), expr::reference(from));
        }
        if let Some(addons) = addons {
            parameters.extend(addons.parameters.clone());
        }
        Value::Object(parameters)
    }
}

/// The value of an output of the nested stack.
#[must_use]
pub fn output(id: &str) -> Value {
    expr::attribute("AddonsStack", &format!("Outputs.{id}"))
}

/// `value` where the nested stack exists, else nothing.
#[must_use]
pub fn if_there(value: Value) -> Value {
    expr::when("HasAddons", value, expr::no_value())
}

/// An output's id as the name of a variable: `MyDDBTableName` → `MY_DDB_TABLE_NAME`.
#[must_use]
pub fn variable_name(id: &str) -> String {
    let characters: Vec<char> = id.chars().collect();
    let mut name = String::new();
    for (at, c) in characters.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| characters.get(at));
        let after = characters.get(at + 1);
        let word_starts = c.is_ascii_uppercase()
            && before.is_some_and(|before| {
                !before.is_ascii_uppercase() || after.is_some_and(char::is_ascii_lowercase)
            });
        if word_starts {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn variable_names_are_the_ids_in_words(id in "[A-Za-z][A-Za-z0-9]{0,30}") {
            let name = variable_name(&id);
            prop_assert_eq!(name.replace('_', ""), id.to_ascii_uppercase());
            prop_assert!(!name.starts_with('_') && !name.ends_with("__") && !name.contains("__"), "{}", name);
            // A word begins with a capital of the id, and every capital after a small letter or digit begins one.
            let starts = name.match_indices('_').count();
            let letters: Vec<char> = id.chars().collect();
            let after_small = letters.windows(2).filter(|pair| !pair[0].is_ascii_uppercase() && pair[1].is_ascii_uppercase());
            prop_assert!(starts >= after_small.count() && starts <= id.chars().filter(char::is_ascii_uppercase).count());
        }
    }

    #[test]
    fn output_ids_become_variable_names() {
        for (id, name) in [
            ("MyDDBTableName", "MY_DDB_TABLE_NAME"),
            ("bucketName", "BUCKET_NAME"),
            ("DBSecret", "DB_SECRET"),
            ("URL", "URL"),
            ("S3Bucket", "S3_BUCKET"),
        ] {
            assert_eq!(variable_name(id), name);
        }
    }
}
