//! Interpolation, templates with the user's overrides, addons.

use serde_json::Value as Json;
use wharf::artifact::addons::{self, Location, WORKLOAD_PARAMETERS, Wanted};
use wharf::diagnostic::{Diagnostics, Source};
use wharf::manifest::decode::JSON_LIST;
use wharf::manifest::interpolate::interpolate;
use wharf::name::{AppName, EnvName};
use wharf::stack::patch;
use wharf::ui::diagnostic::draw;
use wharf::yaml::node::{self, Node, Value};
use wharf::yaml::template;

use super::parts;

/// A value of the variable `X`, NUL, a text that may name it.
pub fn interpolation(data: &[u8]) {
    let Some(parts) = parts(data) else { return };
    let [value, text] = parts[..] else { return };
    let Ok(root) = node::parse(text) else { return };
    let source = Source { path: "manifest.yml".to_owned(), text: text.to_owned() };
    let lookup = |name: &str| (name == "X").then(|| value.to_owned());
    let (app, env) = (AppName::new("shop").expect("valid"), EnvName::new("test").expect("valid"));
    let mut out = Diagnostics::new();
    let done = interpolate(&source, root.clone(), &app, &env, &lookup, &mut out);
    assert_eq!(draw(&source, out.items(), false).is_empty(), out.is_empty());
    if !out.is_empty() {
        return;
    }
    assert!(same_shape(&root, &done.root), "a value changed the shape of the tree");
    let again = node::parse(&done.text).expect("the text stays YAML");
    assert!(same(&done.root, &again), "tree and text differ:\n{:?}\n{}", done.root, done.text);
    // What names have become is not replaced a second time: an escape leaves a name behind.
    if !done.text.contains("${") {
        let twice = interpolate(
            &Source { text: done.text.clone(), ..source },
            again,
            &app,
            &env,
            &lookup,
            &mut Diagnostics::new(),
        );
        assert_eq!(twice.text, done.text, "replacing where nothing is to be replaced");
    }
}

/// The same keys and places, whatever the scalars are; a scalar may have become a list of texts from JSON.
fn same_shape(before: &Node, after: &Node) -> bool {
    match (&before.value, &after.value) {
        (Value::Scalar(..), Value::Scalar(..)) => true,
        (Value::Scalar(..), Value::Sequence(items)) => {
            json(after).is_some() && items.iter().all(|item| item.as_str().is_some())
        }
        (Value::Sequence(a), Value::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_shape(a, b))
        }
        (Value::Mapping(a), Value::Mapping(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|((k, v), (l, w))| k.as_str() == l.as_str() && same_shape(v, w))
        }
        _ => false,
    }
}

/// The text a list was made from.
fn json(node: &Node) -> Option<&str> {
    node.tag.as_deref()?.strip_prefix(JSON_LIST)
}

/// Whether a tree and the text's tree mean the same: a text that is written anew may say `null` for nothing.
fn same(tree: &Node, text: &Node) -> bool {
    match (&tree.value, &text.value) {
        (Value::Scalar(a, _), Value::Scalar(b, _)) if a == b => true,
        (Value::Sequence(_), Value::Scalar(text, _)) => json(tree) == Some(text),
        (Value::Sequence(a), Value::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Mapping(a), Value::Mapping(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|((k, v), (l, w))| k.as_str() == l.as_str() && same(v, w))
        }
        // Tags mean nothing in a manifest.
        (Value::Scalar(..), Value::Scalar(..)) => {
            let plain = Node { tag: None, ..tree.clone() };
            template::normal(&plain) == template::normal(&Node { tag: None, ..text.clone() })
        }
        _ => false,
    }
}

/// Patches, NUL, the template they are made on.
pub fn overrides(data: &[u8]) {
    let Some(parts) = parts(data) else { return };
    let [patches, text] = parts[..] else { return };
    let Ok(before) = template::parse(text) else { return };
    written_reads_back(&before);
    let patches = match patch::read(patches) {
        Ok(read) => read,
        Err(error) => return within(patches, &error),
    };
    let run = || {
        let mut after = before.clone();
        patch::apply(&mut after, &patches).map(|passed_over| (after, passed_over))
    };
    let done = run();
    assert_eq!(done, run(), "the same patches, another result");
    match done {
        Ok((after, _)) => written_reads_back(&after),
        Err(error) => within(parts[0], &error),
    }
}

/// An error of patches leads to a place in their text.
fn within(text: &str, error: &patch::PatchError) {
    assert!(!error.message.is_empty());
    let lines = text.split('\n').count();
    assert!((1..=lines).contains(&error.span.line), "line {} of {lines}", error.span.line);
    assert!(error.span.start <= text.len(), "byte {} of {}", error.span.start, text.len());
}

/// A document as it is written is what it was, in the one form of its functions.
fn written_reads_back(document: &Json) {
    let yaml = template::to_yaml(document);
    let read = template::parse(&yaml).unwrap_or_else(|error| panic!("{error}\n{yaml}"));
    let again = template::to_yaml(&read);
    assert_eq!(template::parse(&again).as_ref(), Ok(&read), "read, written and read again\n{again}");
}

/// A parameters file (empty for none), NUL, the templates of a folder with NUL between them.
pub fn addons(data: &[u8]) {
    let Some(parts) = parts(data) else { return };
    let Some((parameters, templates)) = parts.split_first() else { return };
    let file = |path: String, text: &str| Source { path, text: text.to_owned() };
    let mut sources: Vec<Source> =
        templates.iter().enumerate().map(|(at, text)| file(format!("addons/{at}.yml"), text)).collect();
    if !parameters.is_empty() {
        sources.push(file("addons/addons.parameters.yml".to_owned(), parameters));
    }
    let read = || addons::read(&sources, WORKLOAD_PARAMETERS, &mut locate);
    let reading = read();
    assert_eq!(reading.findings.len(), sources.len());
    for (source, found) in sources.iter().zip(&reading.findings) {
        assert_eq!(draw(source, found.items(), false).is_empty(), found.is_empty());
    }
    let Some(addons) = reading.addons else { return };
    written_reads_back(&addons.template);
    let again = read().addons.expect("it was read before");
    assert_eq!(addons, again, "read twice, different");
    // The one template read as the only file says the same.
    let merged = file("addons/merged.yml".to_owned(), &addons.text());
    let mut sources = vec![merged];
    if !parameters.is_empty() {
        sources.push(file("addons/addons.parameters.yml".to_owned(), parameters));
    }
    let once = addons::read(&sources, WORKLOAD_PARAMETERS, &mut locate);
    let once = once.addons.unwrap_or_else(|| panic!("{:?}\n{}", once.findings, addons.text()));
    assert_eq!(once.text(), addons.text(), "merging what was merged");
    assert_eq!(once.outputs, addons.outputs);
}

/// Every local file is there but those that say otherwise.
fn locate(wanted: &Wanted) -> Result<Option<Location>, String> {
    if wanted.path.contains("missing") {
        return Err("no such file".to_owned());
    }
    let text = |text: &str| text.to_owned();
    Ok(Some(Location { bucket: text("artifacts"), region: text("eu-west-1"), key: text("manual/addons/x") }))
}
