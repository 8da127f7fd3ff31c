//! Pairs of manifest and template that Copilot itself made, and where they are.
//!
//! They are no part of this project. They are looked for in the folder that `WHARF_GOLDEN` names: then they must be there. Else
//! in `../shared/golden`; without them tests say so and pass.

#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

/// The folder with the pairs, and the list of them.
pub struct References {
    folder: PathBuf,
    list: Value,
}

impl References {
    /// The pairs; `None`, and a line that says so, without them.
    pub fn new() -> Option<Self> {
        let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/golden"));
        let folder = std::env::var_os("WHARF_GOLDEN").map_or(beside, PathBuf::from);
        let Ok(text) = std::fs::read_to_string(folder.join("inputs.json")) else {
            assert!(
                std::env::var_os("WHARF_GOLDEN").is_none(),
                "there are no reference pairs in {}",
                folder.display()
            );
            eprintln!(
                "skipped: there are no reference pairs in {}; WHARF_GOLDEN names the folder",
                folder.display()
            );
            return None;
        };
        Some(Self { folder, list: serde_json::from_str(&text).unwrap() })
    }

    /// The text of a file that a pair names.
    pub fn read(&self, path: &Value) -> String {
        std::fs::read_to_string(self.folder.join(path.as_str().unwrap())).unwrap()
    }

    /// The pairs of a list, with what all have in common.
    pub fn cases(&self, list: &str) -> Vec<Value> {
        let of = |case: &Value| {
            let mut merged = self.list["defaults"].as_object().unwrap().clone();
            merged.extend(case.as_object().unwrap().clone());
            Value::Object(merged)
        };
        let cases = self.list[list].as_array().unwrap().iter();
        // A note among the cases is none.
        cases.filter(|case| case.get("template").is_some()).map(of).collect()
    }
}

/// Parameters in a file of theirs.
pub fn parameters(text: &str) -> BTreeMap<String, String> {
    let document: Value = serde_json::from_str(text).unwrap();
    serde_json::from_value(document["Parameters"].clone()).unwrap()
}
