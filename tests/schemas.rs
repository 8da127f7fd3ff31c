//! The JSON Schemas against real documents, with a validator that is not ours: what wharf reads they take, and what is wrong
//! with the structure of a manifest they refuse.

#![expect(clippy::unwrap_used, reason = "a broken fixture should stop the test")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json, json};
use wharf::diagnostic::{Diagnostics, Source};
use wharf::manifest::catalogue::{self, DOCUMENTS, Document};
use wharf::manifest::schema;
use wharf::model;
use wharf::name::{AppName, EnvName};
use wharf::stack::patch;
use wharf::yaml::node::{self, Node, Style, Value};

/// Rules that a schema can hold: the keys and the kinds of values.
const STRUCTURAL: [&str; 4] =
    ["manifest/type", "manifest/unknown-key", "manifest/missing", "manifest/unknown-type"];

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yml"));
    files.sort();
    assert!(!files.is_empty());
    files
}

/// A tree as an editor that reads YAML 1.2 sees it.
fn editors(node: &Node) -> Json {
    match &node.value {
        Value::Sequence(items) => items.iter().map(editors).collect(),
        Value::Mapping(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| (key.as_str().unwrap().to_owned(), editors(value)));
            Json::Object(pairs.collect::<Map<_, _>>())
        }
        Value::Scalar(text, Style::Plain) => match text.as_str() {
            "" | "~" | "null" | "Null" | "NULL" => Json::Null,
            "true" | "True" | "TRUE" => json!(true),
            "false" | "False" | "FALSE" => json!(false),
            text => {
                let number = text.parse::<i64>().map(|number| json!(number));
                let number = number.or_else(|_| text.parse::<f64>().map(|number| json!(number)));
                number.ok().filter(|number| !number.is_null()).unwrap_or_else(|| json!(text))
            }
        },
        Value::Scalar(text, _) => json!(text),
    }
}

/// The type of a manifest's text; a test's name says it where the text does not.
fn document(path: &Path, root: &Node) -> Option<&'static Document> {
    let kind = root.get("type").and_then(Node::as_str);
    kind.and_then(catalogue::find).or_else(|| {
        let name = path.file_stem().unwrap().to_string_lossy();
        DOCUMENTS.iter().find(|document| name.starts_with(document.slug))
    })
}

fn faults(schema: &Json, value: &Json) -> Vec<String> {
    let validator = jsonschema::draft7::new(schema).unwrap();
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// What wharf finds in a manifest.
fn findings(document: &Document, text: &str) -> Diagnostics {
    let source = Source { path: "manifest.yml".to_owned(), text: text.to_owned() };
    let (app, env) = (AppName::new("my-app").unwrap(), EnvName::new("test").unwrap());
    let lookup = |name: &str| (name == "TAG").then(|| "v1".to_owned());
    match document.slug {
        "environment" => model::environment::read(&source, &app, &env, &lookup).1,
        "pipeline" => model::pipeline::read(&source, &app, "buildspec.yml").1,
        _ => model::workload::read(&source, &app, &env, &lookup).1,
    }
}

#[test]
fn schemas_are_schemas() {
    for document in DOCUMENTS {
        assert!(jsonschema::draft7::meta::is_valid(&schema::schema(document)), "{}", document.name);
    }
    assert!(jsonschema::draft7::meta::is_valid(&schema::workspace_files()));
}

#[test]
fn what_is_read_is_taken() {
    for path in [files("manifests"), files("tests/manifests/valid")].concat() {
        let root = node::parse(&fs::read_to_string(&path).unwrap()).unwrap();
        let document = document(&path, &root).unwrap_or_else(|| panic!("{} has no type", path.display()));
        let faults = faults(&schema::schema(document), &editors(&root));
        let found = findings(document, &fs::read_to_string(&path).unwrap());
        let structural = found.items().iter().any(|item| STRUCTURAL.contains(&item.rule));
        assert_eq!(!faults.is_empty(), structural, "{}:\n{}", path.display(), faults.join("\n"));
    }
}

#[test]
fn what_is_wrong_in_structure_is_refused() {
    let mut refused = 0;
    for path in files("tests/manifests/invalid") {
        let text = fs::read_to_string(&path).unwrap();
        let Ok(root) = node::parse(&text) else { continue };
        let Some(document) = document(&path, &root) else { continue };
        let found = findings(document, &text);
        let structural: Vec<_> =
            found.items().iter().filter(|item| STRUCTURAL.contains(&item.rule)).collect();
        let faults = faults(&schema::schema(document), &editors(&root));
        if structural.is_empty() {
            continue;
        }
        refused += 1;
        assert!(!faults.is_empty(), "{} is taken, but: {structural:?}", path.display());
    }
    assert!(refused >= 10, "{refused}");
}

/// A manifest of a web service with one more line.
fn web(line: &str) -> String {
    format!(
        "name: web\ntype: Load Balanced Web Service\nimage:\n  location: nginx\n  port: 80\nhttp:\n  path: /\n{line}\n"
    )
}

#[test]
fn forms_are_taken_and_refused_as_wharf_does() {
    let document = catalogue::find("load-balanced-web-service").unwrap();
    let schema = schema::schema(document);
    for (line, taken) in [
        ("cpu: 512\nmemory: 1024", true),
        ("cpu: '512'", false),
        ("exec: yes", true),
        ("exec: 'off'", true),
        ("exec: maybe", false),
        ("exec: {enable: On}", true),
        ("exec: [true]", false),
        ("count: {range: 1-3, cpu_percentage: 70}", true),
        ("count: {range: {min: 1, max: 3}, requests: {value: 5}}", true),
        ("count: {range: [1, 3]}", false),
        ("count: {spot: 1, range: 1-3}", false),
        ("variables: {A: 1, B: true, C: , D: {from_cfn: x}}", true),
        ("variables: [A]", false),
        ("command: [a, b]", true),
        ("command: {a: b}", false),
        ("deployment: {rolling: Recreate}", true),
        ("deployment: {rolling: blue}", false),
        ("network: {vpc: {placement: private, security_groups: '${GROUPS}'}}", true),
        ("deployments: {}", false),
        ("x-mine: {a: 1}", true),
        ("sidecars: {nginx: {image: nginx, port: 81/tcp}}", true),
        ("sidecars: {nginx: {image: nginx, ports: 80}}", false),
        ("environments: {test: {cpu: 512, memory: 1024}, prod: }", true),
        ("environments: {test: {name: x}}", false),
        ("environments: [test]", false),
        ("storage: {ephemeral: 25}", true),
        ("storage: {ephemeral: many}", false),
    ] {
        let text = web(line);
        let faults = faults(&schema, &editors(&node::parse(&text).unwrap()));
        assert_eq!(faults.is_empty(), taken, "{line}: {faults:?}");
        let lookup = |_: &str| Some(r#"["sg-1"]"#.to_owned());
        let (app, env) = (AppName::new("my-app").unwrap(), EnvName::new("test").unwrap());
        let source = Source { path: "manifest.yml".to_owned(), text };
        let found = model::workload::read(&source, &app, &env, &lookup).1;
        assert_eq!(found.is_empty(), taken, "{line}: {:?}", found.items());
    }
}

#[test]
fn small_files() {
    let schema = schema::workspace_files();
    for (text, taken) in [
        ("application: shop", true),
        ("path: ''\napplication: shop", true),
        ("application: My App", false),
        ("Parameters: {Name2: !Ref Service, A: 1}", true),
        ("Parameters: {App: x}", false),
        ("Parameter: {}", false),
        ("", false),
    ] {
        assert_eq!(faults(&schema, &editors(&node::parse(text).unwrap())).is_empty(), taken, "{text}");
    }
    for text in [
        "- {op: add, path: /Resources/A, value: 1}",
        "- {op: replace, path: '', value: null}",
        "- {op: remove, path: /a/0}",
        "- {op: move, path: /a}",
        "- {op: add, path: /a}",
        "- {op: add, path: a, value: 1}",
        "- {path: /a}",
        "- [add]",
    ] {
        let taken = faults(&schema, &editors(&node::parse(text).unwrap())).is_empty();
        assert_eq!(patch::read(text).is_ok(), taken, "{text}");
    }
}
