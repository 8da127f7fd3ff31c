//! What a field is: looked up in the definitions, with an example from the maximal manifest.

use super::catalogue::{DOCUMENTS, Document};
use super::shape::{Field, nearest};
use crate::yaml::node::{self, Node, Value};

/// Most paths that are suggested for one that is not known.
const MOST_SUGGESTIONS: usize = 5;

/// A field of one or several types of manifests.
#[derive(Debug, Clone)]
pub struct Explained {
    /// Its path: `[]` stands for an item of a list, `<key>` for a key of the user's.
    pub path: String,
    /// Types that have it, with the same meaning.
    pub types: Vec<&'static str>,
    /// Its definition.
    pub field: &'static Field,
    /// How it is written, from the top of the manifest; empty where the maximal manifest does not show it.
    pub example: String,
    /// The fields right below it, with their paths.
    pub below: Vec<(String, &'static Field)>,
}

/// Looks a field up in one type or in all. `field` is a path such as `http.healthcheck.interval`; the marks of items (`[]`)
/// may be left out, and any word stands for a key of the user's.
///
/// Fields of one path that mean different things in different types come one after the other.
///
/// # Errors
/// Paths that may have been meant, none when nothing is near.
pub fn explain(field: &str, of: Option<&'static Document>) -> Result<Vec<Explained>, Vec<String>> {
    let documents: Vec<&'static Document> = match of {
        Some(document) => vec![document],
        None => DOCUMENTS.iter().collect(),
    };
    let wanted = words(field);
    let mut found: Vec<Explained> = vec![];
    for document in &documents {
        let fields = document.fields();
        let Some((path, definition)) = fields.iter().find(|(path, _)| matches(&words(path), &wanted)) else {
            continue;
        };
        let below: Vec<_> = fields.iter().filter(|(other, _)| is_child(other, path)).cloned().collect();
        let same = found.iter_mut().find(|other| {
            other.path == *path
                && other.field.doc == definition.doc
                && other.field.default == definition.default
                && other.below.iter().map(|(path, _)| path).eq(below.iter().map(|(path, _)| path))
        });
        match same {
            Some(same) => same.types.push(document.name),
            None => found.push(Explained {
                path: path.clone(),
                types: vec![document.name],
                field: definition,
                example: example(document.example, path).unwrap_or_default(),
                below,
            }),
        }
    }
    if found.is_empty() { Err(suggestions(field, &documents)) } else { Ok(found) }
}

/// The parts of a path, without the marks of items.
fn words(path: &str) -> Vec<&str> {
    path.split('.').map(|word| word.trim_end_matches("[]")).filter(|word| !word.is_empty()).collect()
}

fn matches(known: &[&str], wanted: &[&str]) -> bool {
    known.len() == wanted.len()
        && known.iter().zip(wanted).all(|(known, wanted)| *known == "<key>" || known == wanted)
}

/// Whether `path` is a field right below `above`.
fn is_child(path: &str, above: &str) -> bool {
    let Some(rest) = path.strip_prefix(above) else { return false };
    let rest = rest.trim_start_matches("[]").trim_start_matches(".<key>").trim_start_matches("[]");
    rest.strip_prefix('.').is_some_and(|key| !key.contains('.'))
}

/// Paths that end as the given one does, else the nearest ones.
fn suggestions(field: &str, documents: &[&'static Document]) -> Vec<String> {
    let mut paths: Vec<String> = documents.iter().flat_map(|document| document.paths()).collect();
    let mut seen = std::collections::BTreeSet::new();
    paths.retain(|path| seen.insert(path.clone()));
    let wanted = words(field);
    let Some(last) = wanted.last() else { return vec![] };
    let ending: Vec<&String> = paths.iter().filter(|path| words(path).ends_with(&wanted)).collect();
    if !ending.is_empty() {
        return ending.into_iter().take(MOST_SUGGESTIONS).cloned().collect();
    }
    if let Some(near) = nearest(field, paths.iter().map(String::as_str)).filter(|_| wanted.len() > 1) {
        return vec![near.to_owned()];
    }
    let names = paths.iter().filter_map(|path| words(path).last().copied());
    let Some(near) = nearest(last, names) else { return vec![] };
    let same = paths.iter().filter(|path| words(path).last() == Some(&near));
    same.take(MOST_SUGGESTIONS).cloned().collect()
}

/// The part of a manifest that shows a field, with the keys above it.
fn example(manifest: &str, path: &str) -> Option<String> {
    let mut node = &node::parse(manifest).ok()?;
    let mut out = String::new();
    let mut depth = 0;
    let parts: Vec<&str> = path.split('.').collect();
    for (index, part) in parts.iter().enumerate() {
        let name = part.trim_end_matches("[]");
        let (key, value) = pair(node, name, &parts[index + 1..])?;
        let indent = "  ".repeat(depth);
        if index + 1 == parts.len() {
            let lines = lines_of(manifest, key, value);
            let base = lines.first().map_or(0, |line| line.len() - line.trim_start_matches([' ', '-']).len());
            for line in lines {
                let cut = line.char_indices().nth(base).map_or("", |(at, _)| &line[at..]);
                out.push_str(&format!("{indent}{cut}\n"));
            }
            return Some(out);
        }
        out.push_str(&format!("{indent}{}:\n", key.as_str()?));
        depth += 1;
        node = value;
        for _ in 0..part.matches("[]").count() {
            out.push_str(&format!("{}- # …\n", "  ".repeat(depth)));
            depth += 1;
            node = item(node, &parts[index + 1..])?;
        }
    }
    None
}

/// The pair under `name`; for `<key>` the first whose value has what comes below.
fn pair<'a>(node: &'a Node, name: &str, below: &[&str]) -> Option<(&'a Node, &'a Node)> {
    let pairs = node.as_mapping()?;
    let wanted = |(key, value): &&(Node, Node)| match name {
        "<key>" => below.is_empty() || leads(value, below),
        name => key.as_str() == Some(name),
    };
    pairs.iter().find(wanted).map(|(key, value)| (key, value))
}

fn item<'a>(node: &'a Node, below: &[&str]) -> Option<&'a Node> {
    node.as_sequence()?.iter().find(|item| leads(item, below))
}

/// Whether a path leads somewhere from here.
fn leads(node: &Node, path: &[&str]) -> bool {
    let Some((first, below)) = path.split_first() else { return true };
    let name = first.trim_end_matches("[]");
    let Some((_, value)) = pair(node, name, below) else { return false };
    match &value.value {
        Value::Sequence(items) if first.ends_with("[]") => items.iter().any(|item| leads(item, below)),
        _ => !first.ends_with("[]") && leads(value, below),
    }
}

/// The lines from a key to the end of its value, without comments that stand behind it.
fn lines_of<'a>(text: &'a str, key: &Node, value: &Node) -> Vec<&'a str> {
    let start = text[..key.span.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text
        .get(value.span.end..)
        .and_then(|rest| rest.find('\n'))
        .map_or(text.len(), |at| value.span.end + at);
    let mut lines: Vec<&str> = text.get(start..end).unwrap_or_default().lines().collect();
    while lines.len() > 1
        && lines.last().is_some_and(|line| line.trim().is_empty() || line.trim().starts_with('#'))
    {
        lines.pop();
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::catalogue::find;

    #[test]
    fn fields_are_found_with_and_without_marks() {
        for path in
            ["sidecars.<key>.port", "sidecars.nginx.port", "subscribe.topics[].name", "subscribe.topics.name"]
        {
            let found = explain(path, find("worker-service")).unwrap();
            assert_eq!(words(&found[0].path).last(), words(path).last(), "{path}");
            assert!(!found[0].example.is_empty(), "{path}");
        }
        assert_eq!(
            explain("cpu", None).unwrap().iter().map(|meaning| meaning.types.len()).sum::<usize>(),
            DOCUMENTS.iter().filter(|document| document.paths().contains(&"cpu".to_owned())).count()
        );
    }

    #[test]
    fn one_path_can_mean_several_things() {
        let found = explain("network.vpc", None).unwrap();
        assert!(found.len() > 1, "{found:?}");
        let below = &found[0].below;
        assert!(below.iter().any(|(path, _)| path == "network.vpc.placement"), "{below:?}");
    }

    #[test]
    fn examples_show_the_way() {
        let found = explain("http.healthcheck.interval", find("load-balanced-web-service")).unwrap();
        assert_eq!(found[0].example, "http:\n  healthcheck:\n    interval: 10s\n");
        let found = explain("taskdef_overrides[].path", find("load-balanced-web-service")).unwrap();
        assert!(
            found[0].example.starts_with("taskdef_overrides:\n  - # …\n    path: "),
            "{}",
            found[0].example
        );
    }

    #[test]
    fn mistyped_fields_get_suggestions() {
        let near = |field: &str| explain(field, find("backend-service")).unwrap_err();
        assert_eq!(near("deployments"), ["deployment"]);
        assert_eq!(near("http.healthchek.path"), ["http.healthcheck.path"]);
        assert_eq!(near("spot_from"), ["count.range.spot_from"]);
        assert!(near("placment").contains(&"network.vpc.placement".to_owned()));
        assert_eq!(near("zzzzzzzzzzz"), [""; 0]);
        assert_eq!(near(""), [""; 0]);
    }
}
