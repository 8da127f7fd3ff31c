//! Who may import whom: the layers of `src/` as a table, checked on every source file.
//!
//! Fails on an import, a module, a crate out of its home or a file size that the tables do not allow. A new module gets a
//! row; an import that is not allowed is a design question, not a row to widen.

#![expect(clippy::unwrap_used, reason = "a source file that can't be read should stop the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A layer and the layers it may import. Rows only name rows above them, so the order proves that there is no cycle.
const LAYERS: &[(&str, &[&str])] = &[
    ("name", &[]),
    ("yaml", &[]),
    ("diagnostic", &["yaml"]),
    ("event", &["name"]),
    ("facts", &["name"]),
    ("page", &[]),
    ("secret", &[]),
    ("workspace", &["name", "yaml", "diagnostic"]),
    ("manifest", &["name", "yaml", "diagnostic"]),
    ("model", &["name", "diagnostic", "manifest"]),
    ("artifact", &["name", "yaml", "diagnostic", "facts", "model"]),
    ("stack", &["name", "yaml", "facts", "model", "artifact"]),
    ("plan", &["name", "yaml", "facts", "secret", "model", "artifact", "stack"]),
    ("takeover", &["yaml", "plan"]),
    ("aws", &["name", "facts", "secret"]),
    ("tools", &["name", "secret"]),
    ("store", &["name", "facts", "secret", "aws"]),
    ("describe", &["name", "facts", "event", "page", "yaml", "aws", "store"]),
    ("deploy", &["name", "event", "facts", "artifact", "stack", "aws", "tools"]),
    (
        "ops",
        &[
            "name",
            "yaml",
            "diagnostic",
            "event",
            "facts",
            "page",
            "secret",
            "workspace",
            "manifest",
            "model",
            "artifact",
            "stack",
            "takeover",
            "plan",
            "aws",
            "tools",
            "store",
            "describe",
            "deploy",
        ],
    ),
    ("ui", &["name", "diagnostic", "event", "page"]),
    ("cli", &["name", "diagnostic", "event", "facts", "page", "describe", "ops", "ui"]),
];

/// A crate, path or macro and the layers that may use it.
const HOMES: &[(&str, &[&str])] = &[
    ("aws_config", &["aws"]),
    ("aws_sdk_", &["aws"]),
    ("aws_smithy", &["aws"]),
    ("clap", &["cli"]),
    ("dialoguer", &["ui"]),
    ("indicatif", &["ui"]),
    ("console::", &["ui"]),
    ("minijinja", &["stack"]),
    ("serde_yaml", &["yaml"]),
    ("saphyr_parser", &["yaml"]),
    ("annotate_snippets", &["ui"]),
    ("std::fs", &["workspace"]),
    ("tokio::fs", &["workspace"]),
    ("std::env", &["cli"]),
    ("tokio::process", &["tools"]),
    ("std::process::Command", &["tools"]),
    ("println!", &["ui"]),
    ("eprintln!", &["ui"]),
];

/// Longest source file, in lines before its tests.
const MAX_LINES: usize = 500;
/// Longest command file.
const MAX_COMMAND_LINES: usize = 150;

fn sources(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            sources(&entry, out);
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            out.push(entry);
        }
    }
}

/// The code of a file without comments and without its test module, which may use what it likes.
fn code(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
    text[..end].lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The first segments of all `crate::…` paths, also inside groups.
fn imported(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + 7..];
        let group = rest.strip_prefix('{').and_then(|rest| rest.split_once("};")).map(|(group, _)| group);
        let heads: Vec<&str> = match group {
            Some(group) => group.split(',').collect(),
            None => vec![rest],
        };
        for head in heads {
            let name: String =
                head.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if !name.is_empty() {
                found.insert(name);
            }
        }
    }
    found
}

#[test]
fn dependencies_point_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut files, mut wrong) = (vec![], vec![]);
    sources(&src, &mut files);
    files.sort();
    for file in files {
        let relative = file.strip_prefix(&src).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let layer = first.trim_end_matches(".rs");
        if layer == "lib" || layer == "main" {
            continue;
        }
        let at = relative.display();
        let Some((_, allowed)) = LAYERS.iter().find(|(name, _)| *name == layer) else {
            wrong.push(format!("{at}: the layer {layer} is not in the table"));
            continue;
        };
        let text = fs::read_to_string(&file).unwrap();
        let body = &text[..text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len())];
        let lines = body.lines().count();
        let command = layer == "cli" && relative.components().count() == 3;
        let most = if command { MAX_COMMAND_LINES } else { MAX_LINES };
        if lines > most {
            wrong.push(format!("{at}: {lines} lines, at most {most}"));
        }
        // What tests share is compiled for them alone, and may use what they may.
        let shared = relative.ends_with("testing.rs");
        let code = code(&text);
        for module in imported(&code) {
            let known = LAYERS.iter().any(|(name, _)| *name == module);
            if known && module != layer && !allowed.contains(&module.as_str()) {
                wrong.push(format!("{at}: {layer} may not import {module}"));
            }
        }
        for (what, homes) in HOMES {
            // `eprintln!` holds `println!`, and a path such as `xstd::fs` is no match.
            let used = code
                .match_indices(what)
                .any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'));
            if used && !shared && !homes.contains(&layer) {
                wrong.push(format!("{at}: {what} belongs to {homes:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "the layers are broken:\n{}", wrong.join("\n"));
}

#[test]
fn the_table_has_no_cycle() {
    let mut seen: Vec<&str> = vec![];
    for (layer, dependencies) in LAYERS {
        for dependency in *dependencies {
            assert!(seen.contains(dependency), "{layer} lists {dependency} before it is defined");
        }
        seen.push(layer);
    }
}
