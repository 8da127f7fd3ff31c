//! A workload's manifest: its head, what holds for all environments, and what covers it in each.

use super::decode::{Decode, Entry, Map, Text, mismatch};
use super::head::{Head, Kind, read_head};
use super::interpolate::{Lookup, interpolate};
use super::overlay::Overlay;
use super::shape::Shape;
use crate::diagnostic::{Diagnostics, Source, Span};
use crate::name::{AppName, EnvName};
use crate::yaml::node::{self, Node};

/// What a document says of the workload itself, besides its head.
pub trait Body: Decode + Overlay + Clone {
    /// An empty one, to be blamed at this place.
    fn at(span: Span) -> Self;

    /// Reads a key of the document or of an environment's section; reports what is wrong with it.
    fn read_field(&mut self, kind: Kind, key: &Node, node: &Node, out: &mut Diagnostics);

    /// Names of the workloads that are deployed before this one, as written.
    fn depends_on(&self) -> &[Text];
}

/// A manifest as written.
#[derive(Debug, Clone, PartialEq)]
pub struct Document<T> {
    /// What it says it is.
    pub head: Head,
    /// What holds for all environments.
    pub base: T,
    /// What covers it, by environment.
    pub environments: Map<T>,
}

/// A manifest, read for one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Read<T> {
    /// What it says it is.
    pub head: Head,
    /// What it says, with the environment's section laid over.
    pub body: T,
    /// The text with its names replaced, before the environment's section is laid over.
    pub raw: String,
}

/// Reads a manifest for an environment. A value comes whenever name and type are right, also beside errors: whoever goes
/// on from here can report what else is wrong, and must not use the result when there are errors.
#[must_use]
pub fn read<T: Body>(
    source: &Source,
    app: &AppName,
    env: &EnvName,
    lookup: Lookup<'_>,
) -> (Option<Read<T>>, Diagnostics) {
    let mut out = Diagnostics::new();
    let root = match node::parse(&source.text) {
        Ok(root) => root,
        Err(error) => {
            out.syntax(error);
            return (None, out);
        }
    };
    let interpolated = interpolate(source, root, app, env, lookup, &mut out);
    let read = document::<T>(&interpolated.root, &mut out).map(|document| {
        let mut body = document.base;
        if let Some(section) = document.environments.entries.get(env.as_str()) {
            body.overlay(section.value.clone());
        }
        Read { head: document.head, body, raw: interpolated.text }
    });
    (read, out)
}

/// Reads the tree of a manifest: its head, all fields, the sections of all environments.
pub fn document<T: Body>(root: &Node, out: &mut Diagnostics) -> Option<Document<T>> {
    let head = read_head(root, out)?;
    let kind = head.kind.value;
    let mut base = T::at(head.name.span);
    let mut environments = Map::default();
    for (key, node) in root.as_mapping().unwrap_or_default() {
        match key.as_str() {
            Some("name" | "type") => {}
            Some("environments") => environments = sections(kind, key, node, out),
            _ => base.read_field(kind, key, node, out),
        }
    }
    Some(Document { head, base, environments })
}

fn sections<T: Body>(kind: Kind, key: &Node, node: &Node, out: &mut Diagnostics) -> Map<T> {
    let mut map = Map { span: key.span, ..Map::default() };
    if node.is_null() {
        return map;
    }
    let Some(pairs) = node.as_mapping() else {
        mismatch(node, Shape::Map { value: T::shape }, out);
        return map;
    };
    for (env, node) in pairs {
        if node.is_null() {
            continue;
        }
        let Some(fields) = node.as_mapping() else {
            mismatch(node, T::shape(), out);
            continue;
        };
        let mut section = T::at(env.span);
        for (key, node) in fields {
            match key.as_str() {
                Some(name @ ("name" | "type" | "environments")) => {
                    out.warn(
                        "manifest/unknown-key",
                        format!("`{name}` can't differ between environments; it is ignored"),
                    )
                    .at(key.span)
                    .help("remove it here");
                }
                _ => section.read_field(kind, key, node, out),
            }
        }
        if let Some(name) = env.as_str() {
            map.entries.insert(name.to_owned(), Entry { key: env.span, value: section });
        }
    }
    map
}
