//! Manifests of workloads and environments.

use std::collections::BTreeMap;

use super::{Bench, Workload, values};
use crate::diagnostic::{Diagnostics, Severity, Source, Span};
use crate::manifest::{head, interpolate};
use crate::model;
use crate::name::EnvName;
use crate::ops::{Error, Result};
use crate::yaml::node;

/// What stands for a variable that is not set, so that the rest can be checked: a text as well as a number.
const STAND_IN: &str = "1";

/// The environment that manifests are read for when the workspace has none.
pub(super) fn any_environment() -> Result<EnvName> {
    EnvName::new("test").map_err(|error| Error::Bug(error.to_string()))
}

/// Names that are not set, as notes with their places.
fn undefined(bench: &Bench<'_>, source: &Source, env: &EnvName) -> Diagnostics {
    let mut out = Diagnostics::new();
    if let Ok(root) = node::parse(&source.text) {
        let lookup = |name: &str| bench.session.variable(name);
        interpolate::interpolate(source, root, &bench.app, env, &lookup, &mut out);
    }
    out.retain(|item| item.rule == "manifest/undefined-variable");
    for item in out.items_mut() {
        item.severity = Severity::Note;
    }
    out
}

/// Reads a manifest with something in the place of names that are not set; what is wrong in their places only because of
/// that is left out.
fn read<T>(
    bench: &Bench<'_>,
    source: &Source,
    env: &EnvName,
    reader: impl Fn(interpolate::Lookup<'_>) -> (Option<T>, Diagnostics),
) -> (Option<T>, Diagnostics) {
    let mut notes = undefined(bench, source, env);
    let lookup = |name: &str| {
        let stand_in = (!name.starts_with("COPILOT_")).then(|| STAND_IN.to_owned());
        bench.session.variable(name).or(stand_in)
    };
    let (value, mut found) = reader(&lookup);
    let blank: Vec<Option<Span>> = notes.items().iter().map(|item| item.span).collect();
    found.retain(|item| item.span.is_none() || !blank.contains(&item.span));
    notes.extend(found);
    (value, notes)
}

/// Checks the manifests of all services and jobs.
pub(super) fn workloads(bench: &mut Bench<'_>) -> Result<Vec<Workload>> {
    let workspace = bench.session.workspace()?;
    let mut workloads = vec![];
    for name in workspace.workloads()?.names {
        let source = workspace.manifest(&name)?;
        let (mut models, mut depends_on, mut found) = (BTreeMap::new(), BTreeMap::new(), vec![]);
        for env in &bench.envs {
            let (value, diagnostics) =
                read(bench, &source, env, |lookup| model::workload::read(&source, &bench.app, env, lookup));
            found.push((env.clone(), diagnostics));
            if let Some(read) = value {
                depends_on.insert(env.clone(), read.depends_on);
                models.insert(env.clone(), read.model);
            }
        }
        bench.book.merge(&source, found);
        if let Some(head) = head::head(&source).0.filter(|head| head.name.value != name) {
            bench
                .book
                .of(&source)
                .error("workspace/name", format!("the manifest of {name} is named {}", head.name.value))
                .at(head.name.span)
                .help(format!("write `name: {name}`, or rename the folder"));
        }
        let Ok(root) = node::parse(&source.text) else { continue };
        sections(bench, &source, &root);
        values::check(bench, &source, &root);
        workloads.push(Workload { name, source, root, models, depends_on });
    }
    Ok(workloads)
}

/// Notes sections of environments that the workspace does not have.
fn sections(bench: &mut Bench<'_>, source: &Source, root: &node::Node) {
    let names = root.get("environments").and_then(node::Node::as_mapping).unwrap_or_default();
    for (key, _) in names {
        let name = key.as_str().unwrap_or_default();
        if name.starts_with("x-") || bench.envs.iter().any(|env| env.as_str() == name) {
            continue;
        }
        let known: Vec<&str> = bench.envs.iter().map(EnvName::as_str).collect();
        let help = match crate::manifest::shape::nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("the workspace has manifests of: {}", known.join(", ")),
        };
        let message = format!("there is no manifest of the environment {name} in this workspace");
        bench.book.of(source).note("workspace/unknown-environment", message).at(key.span).help(help);
    }
}

/// Checks the manifests of all environments.
pub(super) fn environments(bench: &mut Bench<'_>) -> Result<()> {
    let workspace = bench.session.workspace()?;
    for name in workspace.environments()?.names {
        let source = workspace.environment(&name)?;
        let (value, diagnostics) = read(bench, &source, &name, |lookup| {
            model::environment::read(&source, &bench.app, &name, lookup)
        });
        bench.book.merge(&source, vec![(name.clone(), diagnostics)]);
        if let Some(read) = value.filter(|read| read.named.0 != name) {
            bench
                .book
                .of(&source)
                .error("workspace/name", format!("the manifest of {name} is named {}", read.named.0))
                .at(read.named.1)
                .help(format!("write `name: {name}`, or rename the folder"));
        }
    }
    Ok(())
}
