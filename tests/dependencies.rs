//! Keeps unwanted crates and licences out, as deny.toml says, without a further tool.

#![expect(clippy::unwrap_used, reason = "what cargo says has a known form")]

use std::collections::BTreeSet;
use std::process::Command;

/// Crates that must not come back, with the versions that are meant (empty: every version).
const BANNED: &[(&str, &str, &str)] = &[
    ("hyper", "0.14", "the legacy stack of the AWS SDK: some aws-sdk crate has its default features on"),
    ("rustls", "0.21", "the legacy stack of the AWS SDK: some aws-sdk crate has its default features on"),
    ("aws-lc-sys", "", "one TLS backend: ring"),
    ("openssl-sys", "", "one TLS backend: ring"),
    ("native-tls", "", "one TLS backend: ring"),
];

fn metadata() -> serde_json::Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform"])
        .arg(host())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

#[test]
fn no_banned_crate_is_linked() {
    let metadata = metadata();
    let used: BTreeSet<&str> = metadata["resolve"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|node| node["id"].as_str())
        .collect();
    let mut wrong = vec![];
    for package in metadata["packages"].as_array().unwrap() {
        let (name, version) = (package["name"].as_str().unwrap(), package["version"].as_str().unwrap());
        if !used.contains(package["id"].as_str().unwrap()) {
            continue;
        }
        for (banned, prefix, why) in BANNED {
            if name == *banned && version.starts_with(prefix) {
                wrong.push(format!("{name} {version}: {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_licence_is_one_we_accept() {
    let deny = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/deny.toml")).unwrap();
    let list = &deny[deny.find("allow = [").unwrap()..];
    let accepted: BTreeSet<&str> = list[..list.find(']').unwrap()].split('"').skip(1).step_by(2).collect();
    let metadata = metadata();
    let mut wrong = vec![];
    for package in metadata["packages"].as_array().unwrap() {
        let licence = package["license"].as_str().unwrap_or_default().replace('/', " OR ");
        // An expression holds when one side of each OR, or all sides of an AND, are accepted.
        let accepted = licence.split(" OR ").any(|choice| {
            choice
                .trim_matches(['(', ')', ' '])
                .split(" AND ")
                .all(|part| accepted.contains(part.trim_matches(['(', ')', ' '])))
        });
        if !accepted {
            wrong.push(format!("{} {}: {licence:?}", package["name"], package["version"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
