//! What is to be said of manifests and of stacks that can't go on as they are, and what of a workspace was never deployed.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::{Examined, Foreseen};
use crate::diagnostic::Severity;
use crate::name::AppName;
use crate::ops::Session;
use crate::ops::package::Findings;
use crate::yaml::template;

/// What is to be said of a manifest: mistakes, unknown keys, and that it is not the deployed one.
pub(in crate::ops) fn about_manifest(document: &Value, foreseen: &Foreseen) -> Vec<String> {
    let mut found = shown(&foreseen.findings);
    match document["Metadata"]["Manifest"].as_str() {
        Some(deployed) if !say_the_same(deployed, &foreseen.manifest) => {
            found.push("the manifest here is not the one it was deployed with".to_owned());
        }
        None if document["Metadata"]["Version"] != "bootstrap" => {
            found.push("its template holds no manifest: the one here counts".to_owned());
        }
        _ => {}
    }
    found
}

/// Whether two manifests have the same keys and values. Copilot wrote them anew when it deployed them: in another layout.
fn say_the_same(one: &str, other: &str) -> bool {
    let read = |text: &str| template::parse(text).ok();
    one.trim() == other.trim() || read(one).is_some_and(|one| Some(one) == read(other))
}

/// Findings of files, a line each: `path:line: word: message: help`.
pub fn shown<F: std::borrow::Borrow<Findings>>(findings: &[F]) -> Vec<String> {
    let lines = findings.iter().map(std::borrow::Borrow::borrow).flat_map(|found| {
        found.diagnostics.items().iter().map(|item| {
            let line = item.span.map(|span| format!(":{}", span.line)).unwrap_or_default();
            let word = if item.severity == Severity::Error { "error" } else { "warning" };
            let help = item.help.as_ref().map(|help| format!(": {help}")).unwrap_or_default();
            format!("{}{line}: {word}: {}{help}", found.source.path, item.message)
        })
    });
    lines.collect()
}

/// What the state of a stuck stack means; `None` for one that is not stuck.
pub fn stuck(examined: &Examined) -> Option<String> {
    let status = examined.status.as_str();
    let deployed = matches!(examined.kind, "environment" | "workload");
    let text = match status {
        "REVIEW_IN_PROGRESS" if deployed => "never came to be: the next deployment makes it".to_owned(),
        "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" if deployed => {
            format!("never came to be ({status}): the next deployment removes what is left and makes it anew")
        }
        "UPDATE_ROLLBACK_FAILED" if deployed => {
            format!(
                "is stuck in {status}: the next deployment continues its rollback before it changes anything"
            )
        }
        "DELETE_FAILED" => format!("is stuck in {status}: delete it again, which says what is in the way"),
        "UPDATE_FAILED" | "CREATE_FAILED" if deployed => {
            format!("was left as it failed ({status}): the next deployment goes on from there")
        }
        "REVIEW_IN_PROGRESS" | "ROLLBACK_COMPLETE" => format!("is stuck in {status}: mend it first"),
        status if status.ends_with("_FAILED") => format!("is stuck in {status}: mend it first"),
        _ => return None,
    };
    Some(text)
}

/// A service or job with a manifest in the workspace and without a stack in an environment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Undeployed {
    /// Its name.
    pub name: String,
    /// The environment.
    pub environment: String,
}

/// Services and jobs of the workspace that are not deployed to environments whose stack was found. None outside of the
/// application's workspace.
pub fn undeployed(session: &Session, app: &AppName, stacks: &[Examined]) -> Vec<Undeployed> {
    let Ok(workspace) = session.workspace() else { return vec![] };
    let (true, Ok(here)) = (workspace.app() == app, workspace.workloads()) else { return vec![] };
    let of = |kind: &'static str| stacks.iter().filter(move |stack| stack.kind == kind);
    let deployed: BTreeSet<(&str, &str)> =
        of("workload").map(|stack| (stack.environment.as_str(), stack.name.as_str())).collect();
    let mut found = vec![];
    for environment in of("environment") {
        for name in here.names.iter().filter(|name| !deployed.contains(&(&environment.name, name.as_str()))) {
            found.push(Undeployed { name: name.to_string(), environment: environment.name.clone() });
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_layout_of_a_manifest_means_nothing() {
        let here = "# mine\nname: api\ntype: \"Backend Service\"\nimage:\n    build: ./Dockerfile # there\nsecrets: {A: b}\n";
        let deployed =
            "name: api\ntype: Backend Service\n\nimage:\n  build: ./Dockerfile\nsecrets:\n  A: b\n";
        assert!(say_the_same(deployed, here));
        assert!(!say_the_same(deployed, &here.replace("A: b", "A: c")));
        assert!(!say_the_same("a: [", "b: 1") && say_the_same("a: [", "a: [\n"));
    }
}
