//! The texts that fuzzing kept (`fuzz/corpus`) and our own manifests hold every property of the fuzz targets.
//!
//! `scripts/fuzz` makes up new ones; this keeps what was found from coming back, without a fuzzer.
//! `WHARF_BLESS=1 cargo test --test corpora` writes the dictionary of keys (`fuzz/keys.dict`) anew.

#![expect(clippy::unwrap_used, reason = "a broken fixture should stop the test")]

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use targets::TARGETS;
use wharf::manifest::catalogue;
use wharf::manifest::head::Kind;
use wharf::manifest::shape::Shape;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = root().join(folder);
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> =
        entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Folders whose texts a target is given besides its corpus.
fn more(target: &str) -> &'static [&'static str] {
    match target {
        "manifest" | "environment" | "pipeline" => {
            &["manifests", "tests/manifests/valid", "tests/manifests/invalid"]
        }
        _ => &[],
    }
}

#[test]
fn every_property_holds_for_what_was_kept() {
    for (name, target) in TARGETS {
        let corpus = files(&format!("fuzz/corpus/{name}"));
        assert!(!corpus.is_empty(), "{name} has no corpus");
        for path in corpus.into_iter().chain(more(name).iter().flat_map(|folder| files(folder))) {
            let data = fs::read(&path).unwrap();
            // The message of a panic does not say which text it was.
            let run = std::panic::catch_unwind(|| target(&data));
            assert!(run.is_ok(), "{name}: {}", path.display());
        }
    }
}

#[test]
fn every_target_is_a_program() {
    let manifest = fs::read_to_string(root().join("fuzz/Cargo.toml")).unwrap();
    let programs: Vec<&str> =
        manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")).collect();
    let targets: Vec<String> = TARGETS.iter().map(|(name, _)| format!("{name}.rs\"")).collect();
    assert_eq!(programs, targets);
}

/// Keys and words below a shape. Shapes hold no cycle.
fn words(shape: &Shape, out: &mut BTreeSet<&'static str>) {
    match shape {
        Shape::Word { words } => out.extend(*words),
        Shape::List { item } => words(&item(), out),
        Shape::Map { value } => words(&value(), out),
        Shape::Either { short, full } => {
            words(&short(), out);
            words(&full(), out);
        }
        Shape::Object(object) => {
            for field in object.all() {
                out.insert(field.key);
                out.extend(field.was);
                words(&(field.shape)(), out);
            }
        }
        _ => {}
    }
}

#[test]
fn the_dictionary_holds_every_key() {
    let mut all: BTreeSet<&str> = ["name", "type", "environments", "Environment"].into();
    all.extend(Kind::WORDS);
    for document in catalogue::DOCUMENTS {
        words(&Shape::Object(document.object), &mut all);
    }
    let mut dictionary =
        "# Keys and words of manifests, and marks of YAML; written by tests/corpora.rs.\n".to_owned();
    for word in all {
        dictionary.push_str(&format!("{word:?}\n"));
    }
    for mark in [
        ": ",
        "\\x0a  ",
        "\\x0a- ",
        "{",
        "}",
        "[",
        "]",
        "!Ref ",
        "!Sub ",
        "!GetAtt ",
        "${TAG}",
        "\\\\${TAG}",
        "${GROUPS}",
        "|\\x0a",
        ">-\\x0a",
        "&a ",
        "*a",
        "<<: ",
        "\\x00",
    ] {
        dictionary.push_str(&format!("\"{mark}\"\n"));
    }
    let path = root().join("fuzz/keys.dict");
    if std::env::var_os("WHARF_BLESS").is_some() {
        fs::write(&path, &dictionary).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(kept, dictionary, "WHARF_BLESS=1 writes it anew");
}
