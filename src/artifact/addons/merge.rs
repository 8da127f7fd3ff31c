//! All files as one template.
//!
//! Sections are united by key; equal values may stand in several files, in any order and style. `Mappings` are united two
//! levels deep, `Transform` is a list without repetitions.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use super::{File, Place};
use crate::diagnostic::{Diagnostics, Span};
use crate::yaml::node::Node;
use crate::yaml::template::normal;

/// Sections that are united by key, in the order they are written in, with the others among them.
const ORDER: [&str; 10] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    MAPPINGS,
    "Conditions",
    TRANSFORM,
    "Resources",
    "Outputs",
];
/// The section that is united by two levels of keys.
const MAPPINGS: &str = "Mappings";
/// The section that is a list or a single value.
const TRANSFORM: &str = "Transform";
/// Sections that are one value.
const SINGLE: [&str; 2] = ["AWSTemplateFormatVersion", "Description"];

/// The united template.
#[derive(Debug, Default)]
pub(super) struct Merged {
    sections: HashMap<&'static str, Map<String, Json>>,
    single: HashMap<&'static str, Json>,
    transforms: Vec<Json>,
    /// Where a key stood first: section and keys.
    places: HashMap<Vec<String>, Place>,
}

impl Merged {
    /// Entries of a section, in their order.
    pub fn section(&self, name: &str) -> impl Iterator<Item = (&str, &Json)> {
        self.sections.get(name).into_iter().flatten().map(|(key, value)| (key.as_str(), value))
    }

    /// An entry of a section.
    pub fn get(&self, section: &str, key: &str) -> Option<&Json> {
        self.sections.get(section)?.get(key)
    }

    /// Where an entry of a section stood first.
    pub fn place(&self, section: &str, key: &str) -> Option<Place> {
        self.places.get([section.to_owned(), key.to_owned()].as_slice()).copied()
    }

    /// The template in normal form.
    pub fn template(&self) -> Json {
        let mut template = Map::new();
        for name in ORDER {
            if let Some(value) = self.single.get(name) {
                template.insert(name.to_owned(), value.clone());
            } else if let (TRANSFORM, [one]) = (name, self.transforms.as_slice()) {
                template.insert(name.to_owned(), one.clone());
            } else if name == TRANSFORM && !self.transforms.is_empty() {
                template.insert(name.to_owned(), Json::Array(self.transforms.clone()));
            } else if let Some(section) = self.sections.get(name).filter(|section| !section.is_empty()) {
                template.insert(name.to_owned(), Json::Object(section.clone()));
            }
        }
        Json::Object(template)
    }
}

/// Unites the files. What contradicts is an error in the later file that names the earlier.
pub(super) fn merge(files: &[File<'_>], findings: &mut [Diagnostics]) -> Merged {
    let mut merged = Merged::default();
    for file in files {
        for (key, value) in file.root.as_mapping().unwrap_or_default() {
            let found = &mut findings[file.index];
            let Some(name) = ORDER.into_iter().find(|name| key.as_str() == Some(*name)) else {
                let name = key.as_str().unwrap_or_default();
                found
                    .warn(
                        "addons/section",
                        format!("the section `{name}` is not taken over into the nested stack"),
                    )
                    .at(key.span)
                    .help(format!("sections of addons are {}", ORDER.join(", ")));
                continue;
            };
            if value.is_null() {
                continue;
            }
            if name == TRANSFORM {
                merged.transform(value);
            } else if SINGLE.contains(&name) {
                merged.single(name, key.span, value, file, files, found);
            } else {
                merged.unite(name, value, file, files, found);
            }
        }
    }
    if let Some(file) = files.first()
        && merged.section("Resources").next().is_none()
        && !findings.iter().any(Diagnostics::has_errors)
    {
        findings[file.index]
            .error("addons/no-resources", "the addons hold no resources")
            .help("a template has a section `Resources` with at least one resource");
    }
    merged
}

impl Merged {
    fn transform(&mut self, value: &Node) {
        let wanted = match normal(value) {
            Json::Array(items) => items,
            one => vec![one],
        };
        for one in wanted {
            if !self.transforms.contains(&one) {
                self.transforms.push(one);
            }
        }
    }

    fn single(
        &mut self,
        name: &'static str,
        span: Span,
        value: &Node,
        file: &File<'_>,
        files: &[File<'_>],
        found: &mut Diagnostics,
    ) {
        let place = Place { file: file.index, span };
        let value = normal(value);
        match self.single.get(name) {
            // Every file may describe itself; the nested stack has the first description.
            Some(_) if name == "Description" => {}
            Some(first) if *first == value => {}
            Some(_) => conflict(found, name, place, self.places.get([name.to_owned()].as_slice()), files),
            None => {
                self.single.insert(name, value);
                self.places.insert(vec![name.to_owned()], place);
            }
        }
    }

    fn unite(
        &mut self,
        name: &'static str,
        value: &Node,
        file: &File<'_>,
        files: &[File<'_>],
        found: &mut Diagnostics,
    ) {
        let Some(pairs) = pairs(value) else {
            let message = format!("the section `{name}` is a map, not {}", value.describe());
            found.error("addons/shape", message).at(value.span);
            return;
        };
        for (key, value) in pairs {
            let id = key.as_str().unwrap_or_default();
            let place = Place { file: file.index, span: key.span };
            match pairs_of_mapping(name, value) {
                Some(inner) => {
                    self.places.entry(vec![name.to_owned(), id.to_owned()]).or_insert(place);
                    for (second, value) in inner {
                        let place = Place { file: file.index, span: second.span };
                        let path = [id, second.as_str().unwrap_or_default()];
                        self.enter(name, &path, normal(value), place, files, found);
                    }
                }
                None => self.enter(name, &[id], normal(value), place, files, found),
            }
        }
    }

    /// Enters a value under one or two keys of a section.
    fn enter(
        &mut self,
        section: &'static str,
        path: &[&str],
        value: Json,
        place: Place,
        files: &[File<'_>],
        found: &mut Diagnostics,
    ) {
        let mut map = self.sections.entry(section).or_default();
        let Some((last, above)) = path.split_last() else { return };
        for key in above {
            let inner = map.entry((*key).to_owned()).or_insert_with(|| Json::Object(Map::new()));
            // A mapping that is no map in another file was entered as it is, and is reported here.
            let Some(inner) = inner.as_object_mut() else {
                let name = format!("{section}.{key}");
                let first = self.places.get([section.to_owned(), (*key).to_owned()].as_slice());
                return conflict(found, &name, place, first, files);
            };
            map = inner;
        }
        let mut full = vec![section.to_owned()];
        full.extend(path.iter().map(|key| (*key).to_owned()));
        match map.get(*last) {
            None => {
                map.insert((*last).to_owned(), value);
                self.places.insert(full, place);
            }
            Some(first) if *first == value => {}
            Some(_) => conflict(found, &full.join("."), place, self.places.get(&full), files),
        }
    }
}

fn pairs(node: &Node) -> Option<&[(Node, Node)]> {
    node.as_mapping().filter(|_| node.tag.is_none())
}

/// The entries of a mapping of the section `Mappings`.
fn pairs_of_mapping<'a>(section: &str, value: &'a Node) -> Option<&'a [(Node, Node)]> {
    if section == MAPPINGS { pairs(value) } else { None }
}

fn conflict(found: &mut Diagnostics, name: &str, place: Place, first: Option<&Place>, files: &[File<'_>]) {
    let first = first.map(|first| {
        let path = files.iter().find(|file| file.index == first.file).map_or("", |file| &file.source.path);
        format!("{path}:{}:{}", first.span.line, first.span.column)
    });
    let first = first.unwrap_or_default();
    found
        .error("addons/conflict", format!("`{name}` is not the same as in {first}"))
        .at(place.span)
        .label(format!("differs from {first}"))
        .help("all files become one template: use another name, or make both the same");
}
