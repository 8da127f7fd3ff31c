//! Pipelines: their manifests, and what they name in the workspace.

use std::collections::BTreeMap;

use super::Bench;
use super::book::find;
use crate::diagnostic::{Diagnostics, Span};
use crate::manifest::shape::nearest;
use crate::model::pipeline::{self as model, Action, Deployments, Pipeline};
use crate::name::{EnvName, WorkloadName};
use crate::ops::Result;
use crate::ops::pipeline::buildspec_of;
use crate::workspace::Workspace;
use crate::yaml::node::{self, Node};

/// Checks the manifests of all pipelines.
pub(super) fn check(bench: &mut Bench<'_>) -> Result<()> {
    let workspace = bench.session.workspace()?;
    let (envs, workloads) = (workspace.environments()?.names, workspace.workloads()?.names);
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    for pipeline in workspace.pipelines()? {
        let source = workspace.source(pipeline.manifest)?;
        let (read, mut out) = model::read(&source, &bench.app, &buildspec_of(&source));
        if let (Some(read), Ok(root)) = (read, node::parse(&source.text)) {
            let name = read.model.name.to_string();
            if let Some(other) = names.insert(name.clone(), source.path.clone()) {
                out.error("pipeline/name-twice", format!("{other} is a pipeline {name}, too"))
                    .at(span(&root, &["name"]))
                    .help("two pipelines of an application can't have one stack: give one another name");
            }
            environments(&read, &envs, &mut out);
            deployments(&read.model, &root, &workloads, &mut out);
            buildspecs(workspace, &read.model, &root, &mut out);
        }
        bench.book.of(&source).extend(out);
    }
    Ok(())
}

/// Environments of stages that have no manifest here. They may exist all the same, so this is a warning.
fn environments(read: &model::Read, known: &[EnvName], out: &mut Diagnostics) {
    for (stage, at) in read.model.stages.iter().zip(&read.stages) {
        if known.contains(&stage.env) {
            continue;
        }
        let message = format!("there is no manifest of the environment {} in this workspace", stage.env);
        let help = near(stage.env.as_str(), known.iter().map(EnvName::as_str))
            .unwrap_or_else(|| format!("the stage works only if {} exists in the application", stage.env));
        out.warn("pipeline/environment", message).at(*at).help(help);
    }
}

/// Deployments that are no service or job of the workspace and name no stack and no template.
fn deployments(pipeline: &Pipeline, root: &Node, known: &[WorkloadName], out: &mut Diagnostics) {
    for (index, stage) in pipeline.stages.iter().enumerate() {
        match &stage.deployments {
            Deployments::Everything if known.is_empty() => {
                out.warn("pipeline/deployment", format!("there is nothing to deploy to {}", stage.env))
                    .at(stage_span(root, index, &["name"]))
                    .help("the workspace has no service and no job yet");
            }
            Deployments::Everything => {}
            Deployments::These(listed) => {
                for one in listed {
                    let own = one.stack.is_some() && one.template.is_some();
                    if own || known.iter().any(|name| name.as_str() == one.name) {
                        continue;
                    }
                    let help = near(&one.name, known.iter().map(WorkloadName::as_str)).unwrap_or_else(|| {
                        "what is no service or job has a `stack_name` and a `template_path`".to_owned()
                    });
                    out.warn("pipeline/deployment", format!("there is no {} in this workspace", one.name))
                        .at(stage_span(root, index, &["deployments", &one.name]))
                        .help(help);
                }
            }
        }
    }
}

fn near<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    nearest(name, known).map(|near| format!("did you mean `{near}`?"))
}

/// Commands of the build and of actions that are not there.
fn buildspecs(workspace: &Workspace, pipeline: &Pipeline, root: &Node, out: &mut Diagnostics) {
    let mut look = |path: &str, at: Span| {
        // What CodeBuild reads from a bucket is not in the repository. The workspace may stand below the repository's root.
        let there = path.starts_with("arn:")
            || workspace
                .root()
                .ancestors()
                .any(|folder| folder.join(path.trim_start_matches("./")).is_file());
        if !there {
            out.error("pipeline/buildspec", format!("there is no file {path}"))
                .at(at)
                .help("paths are relative to the root of the repository");
        }
    };
    let given = root.get("build").and_then(|build| build.get("buildspec"));
    look(&pipeline.build.buildspec, given.map_or_else(|| span(root, &["name"]), |node| node.span));
    for (index, stage) in pipeline.stages.iter().enumerate() {
        let lists: [(&str, &[Action]); 2] =
            [("pre_deployments", &stage.before), ("post_deployments", &stage.after)];
        for (key, actions) in lists {
            for action in actions {
                look(&action.buildspec, stage_span(root, index, &[key, &action.name, "buildspec"]));
            }
        }
    }
}

/// The place of what stands under keys, or of as much of it as there is.
fn span(node: &Node, path: &[&str]) -> Span {
    (1..=path.len()).rev().find_map(|length| find(node, path.get(..length)?)).unwrap_or(node.span)
}

fn stage_span(root: &Node, index: usize, path: &[&str]) -> Span {
    let stages = root.get("stages").and_then(Node::as_sequence).unwrap_or_default();
    stages.get(index).map(|stage| span(stage, path)).unwrap_or_default()
}
