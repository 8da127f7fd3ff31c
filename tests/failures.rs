//! Recorded evidence of failed deployments (`tests/failures/<code>[.<variant>].json`), explained and drawn.
//!
//! Each cause that is told apart has at least one recording; AWS's messages in them are its own, the rest is made up.
//! `docs/failures.md` lists the causes: `WHARF_BLESS=1 cargo test --test failures` writes its table anew.

#![expect(clippy::unwrap_used, reason = "a broken recording should stop the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use wharf::deploy::Failure;
use wharf::deploy::conclusion::Back;
use wharf::deploy::failure::{Cause, Evidence, KINDS, explain};
use wharf::ui::style::Style;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The name of each recording and what it holds, in the order of names.
fn recordings() -> Vec<(String, Evidence)> {
    let folder = root().join("tests/failures");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let evidence = serde_json::from_str(&fs::read_to_string(&path).unwrap());
        (name.clone(), evidence.unwrap_or_else(|error| panic!("{name}: {error}")))
    };
    paths.into_iter().map(read).collect()
}

fn screen(evidence: &Evidence, cause: &Cause, width: usize, colour: bool) -> String {
    let failure = Failure::Failed {
        stack: evidence.stack.clone(),
        status: evidence.status.clone(),
        cause: Box::new(cause.clone()),
        evidence: Box::new(evidence.clone()),
        back: Back::default(),
    };
    wharf::cli::deployment_report(failure)
        .render(Style { colour, unicode: true }, Some(width))
        .replace('\u{1b}', "␛")
}

#[test]
fn every_cause_is_told_from_its_evidence_and_drawn() {
    let recordings = recordings();
    let known: BTreeSet<&str> = KINDS.iter().map(|kind| kind.code).collect();
    let shown: BTreeSet<&str> =
        recordings.iter().map(|(name, _)| name.split('.').next().unwrap_or_default()).collect();
    assert_eq!(shown, known, "a recording for each cause, a cause for each recording");
    for (name, evidence) in &recordings {
        let cause = explain(evidence);
        assert_eq!(cause.code, name.split('.').next().unwrap_or_default(), "{name}: {cause:#?}");
        let mut film = String::new();
        for (width, colour) in [(80, false), (120, false), (80, true), (120, true)] {
            let title = format!("── {width}{} ", if colour { " colour" } else { "" });
            let rule = "─".repeat(width - title.chars().count());
            film.push_str(&format!("{title}{rule}\n{}", screen(evidence, &cause, width, colour)));
        }
        assert!(film.lines().next_back().is_some_and(|line| line.contains(&cause.code)), "{film}");
        insta::with_settings!({ snapshot_path => "snapshots/failures", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name.as_str(), film);
        });
    }
}

#[test]
fn recordings_name_no_real_account() {
    for (name, evidence) in recordings() {
        let text = serde_json::to_string(&evidence).unwrap();
        for number in text.split(|c: char| !c.is_ascii_digit()).filter(|digits| digits.len() == 12) {
            assert!(["111122223333", "444455556666"].contains(&number), "{name}: {number}");
        }
    }
}

#[test]
fn all_codes_of_the_source_are_kinds() {
    let folder = root().join("src/deploy/failure");
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let text = fs::read_to_string(&path).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for mark in ["Pattern::new(", "Cause::new("] {
            for (at, _) in code.match_indices(mark) {
                let Some(rest) = code[at + mark.len()..].trim_start().strip_prefix('"') else { continue };
                let code = rest.split('"').next().unwrap();
                assert!(KINDS.iter().any(|kind| kind.code == code), "{}: {code}", path.display());
            }
        }
    }
}

#[test]
fn the_list_of_causes_is_up_to_date() {
    let path = root().join("docs/failures.md");
    let docs = fs::read_to_string(&path).unwrap();
    let head = "| code | what it means | what to do |\n|---|---|---|\n";
    let (intro, rest) = docs.split_once(head).unwrap();
    let tail = &rest[rest.find("\n## ").unwrap()..];
    let rows: String = KINDS
        .iter()
        .map(|kind| format!("| `{}` | {} | {} |\n", kind.code, kind.means, kind.remedy.join(" ")))
        .collect();
    let wanted = format!("{intro}{head}{rows}{tail}");
    if std::env::var_os("WHARF_BLESS").is_some() {
        fs::write(&path, &wanted).unwrap();
    } else {
        assert_eq!(docs, wanted, "run with WHARF_BLESS=1");
    }
}

#[test]
fn the_list_of_checks_is_up_to_date() {
    let path = root().join("docs/preflight.md");
    let docs = fs::read_to_string(&path).unwrap();
    let head = "| check | looks at | asks AWS |\n|---|---|---|\n";
    let (intro, rest) = docs.split_once(head).unwrap();
    let tail = &rest[rest.find("\n## ").unwrap()..];
    let row = |check: &wharf::ops::preflight::Check| {
        format!("| `{}` | {} | {} |\n", check.name, check.looks_at, check.asks.join(", "))
    };
    let rows: String = wharf::ops::preflight::CHECKS.iter().map(row).collect();
    let wanted = format!("{intro}{head}{rows}{tail}");
    if std::env::var_os("WHARF_BLESS").is_some() {
        fs::write(&path, &wanted).unwrap();
    } else {
        assert_eq!(docs, wanted, "run with WHARF_BLESS=1");
    }
}
