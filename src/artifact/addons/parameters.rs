//! The parameters file against the parameters that the template has.

use serde_json::{Map, Value as Json};

use super::merge::Merged;
use super::{File, PARAMETERS_FILES};
use crate::diagnostic::Diagnostics;
use crate::yaml::node::Node;
use crate::yaml::template::normal;

/// The one section of a parameters file, and the section of a template.
const PARAMETERS: &str = "Parameters";

/// The values that the file gives, in their order.
pub(super) fn read(
    merged: &Merged,
    file: Option<&File<'_>>,
    required: &[&str],
    findings: &mut [Diagnostics],
) -> Map<String, Json> {
    let values =
        file.map(|file| values(merged, file, required, &mut findings[file.index])).unwrap_or_default();
    for name in required {
        if merged.get(PARAMETERS, name).is_none() {
            // No file is to blame; the first that has parameters or resources is where people look.
            let first = ["Parameters", "Resources"].into_iter().find_map(|section| {
                let (key, _) = merged.section(section).next()?;
                merged.place(section, key)
            });
            let message = format!("the template of the addons has no parameter `{name}`");
            if let Some(place) = first {
                findings[place.file]
                    .error("addons/required-parameter", message)
                    .at(place.span)
                    .help(format!("every addons template has {}: type String", required.join(", ")));
            }
        }
    }
    for (name, parameter) in merged.section(PARAMETERS) {
        let given =
            required.contains(&name) || values.contains_key(name) || parameter.get("Default").is_some();
        if let (false, Some(place)) = (given, merged.place(PARAMETERS, name)) {
            findings[place.file]
                .error("addons/parameter-without-value", format!("the parameter `{name}` has no value"))
                .at(place.span)
                .help(format!("give it a Default, or a value in {}", PARAMETERS_FILES[0]));
        }
    }
    values
}

fn values(merged: &Merged, file: &File<'_>, required: &[&str], found: &mut Diagnostics) -> Map<String, Json> {
    let mut values = Map::new();
    for (key, _) in file.root.as_mapping().unwrap_or_default() {
        if key.as_str() != Some(PARAMETERS) {
            let name = key.as_str().unwrap_or_default();
            found
                .warn("addons/section", format!("unknown section `{name}`"))
                .at(key.span)
                .help("the file has one section, `Parameters`");
        }
    }
    let Some(section) = file.root.get(PARAMETERS) else {
        found
            .error("addons/parameters-file", "the file has no section `Parameters`")
            .help("write the values below a line `Parameters:`");
        return values;
    };
    let pairs = match section.as_mapping() {
        Some(pairs) if section.tag.is_none() => pairs,
        _ if section.is_null() => &[],
        _ => {
            let message = format!("`Parameters` is a map of names and values, not {}", section.describe());
            found.error("addons/parameters-file", message).at(section.span);
            return values;
        }
    };
    for (key, value) in pairs {
        let name = key.as_str().unwrap_or_default();
        if required.contains(&name) {
            found
                .error("addons/reserved-parameter", format!("`{name}` can't be set: wharf gives its value"))
                .at(key.span)
                .help("remove the line");
        } else if merged.get(PARAMETERS, name).is_none() {
            let message = format!("no template has a parameter `{name}`");
            found.error("addons/unknown-parameter", message).at(key.span).help(known(merged, required));
        } else if no_value(value) {
            found.error("addons/parameter-without-value", format!("`{name}` has no value")).at(key.span);
        } else {
            values.insert(name.to_owned(), normal(value));
        }
    }
    values
}

fn no_value(value: &Node) -> bool {
    value.is_null() && value.tag.is_none()
}

fn known(merged: &Merged, required: &[&str]) -> String {
    let names: Vec<&str> =
        merged.section(PARAMETERS).map(|(name, _)| name).filter(|name| !required.contains(name)).collect();
    if names.is_empty() {
        "the templates have no parameters that can be set".to_owned()
    } else {
        format!("parameters that can be set: {}", names.join(", "))
    }
}
