//! Addons and overrides: the files beside manifests.

use super::{Bench, Notes, Workload};
use crate::artifact::addons;
use crate::diagnostic::Source;
use crate::name::EnvName;
use crate::ops::addons::required;
use crate::ops::{Error, Result, env, pipeline, service};
use crate::stack::Stack;
use crate::workspace::list::{Overrides, Owner};

/// Checks the addons and overrides of all workloads and of the environments, and the overrides of pipelines.
pub(super) fn check(bench: &mut Bench<'_>, workloads: &[Workload], notes: &Notes) -> Result<()> {
    addons_of(bench, Owner::Environments)?;
    let envs = bench.session.workspace()?.environments()?.names;
    if let Some(source) = patches(bench, Owner::Environments)? {
        for name in &envs {
            let rendered = env::offline(bench.session, &bench.app, name);
            report(bench, &source, rendered, notes);
        }
    }
    for one in pipeline::local(bench.session)? {
        // Without a folder, as early Copilot versions had it, there are no patches.
        let Ok(folder) = pipeline::folder(bench.session, &one.name) else { continue };
        if let Some(source) = patches(bench, Owner::Pipeline(&folder))? {
            let rendered = pipeline::plain(bench.session, &bench.app, &folder);
            report(bench, &source, rendered, notes);
        }
    }
    for workload in workloads {
        let owner = Owner::Workload(&workload.name);
        addons_of(bench, owner)?;
        let Some(source) = patches(bench, owner)? else { continue };
        let readable: Vec<EnvName> = workload.models.keys().cloned().collect();
        for name in readable {
            let rendered =
                service::offline(bench.session, &bench.app, &workload.name, &name, !envs.contains(&name));
            report(bench, &source, rendered, notes);
        }
    }
    Ok(())
}

fn addons_of(bench: &mut Bench<'_>, owner: Owner<'_>) -> Result<()> {
    let workspace = bench.session.workspace()?;
    let sources = workspace.addons(owner)?;
    let workload = match owner {
        Owner::Workload(name) => Some(name),
        Owner::Environments | Owner::Pipeline(_) => None,
    };
    let reading = addons::read(&sources, required(workload), &mut |wanted| {
        if workspace.resolve(&wanted.path).exists() {
            Ok(None)
        } else {
            Err(format!("the file or folder {} does not exist", wanted.path))
        }
    });
    for (source, found) in sources.iter().zip(reading.findings) {
        bench.book.of(source).extend(found);
    }
    Ok(())
}

/// The file with patches, when there is one; a CDK application is noted.
fn patches(bench: &mut Bench<'_>, owner: Owner<'_>) -> Result<Option<Source>> {
    match bench.session.workspace()?.overrides(owner)? {
        Overrides::None => Ok(None),
        Overrides::Patches(source) => {
            bench.book.of(&source);
            Ok(Some(source))
        }
        Overrides::Cdk(folder) => {
            let folder = bench.session.workspace()?.display(&folder);
            bench
                .book
                .at(&format!("{folder}/cdk.json"))
                .note("overrides/cdk", "what this CDK application does to the template is not checked");
            Ok(None)
        }
    }
}

/// Takes over what came of rendering with patches. What is wrong with other files is reported where they are read.
fn report(bench: &mut Bench<'_>, source: &Source, rendered: Result<Stack>, notes: &Notes) {
    let mut passed_over = vec![];
    if let Ok(mut notes) = notes.0.lock() {
        passed_over.append(&mut notes);
    }
    let out = bench.book.of(source);
    for text in passed_over {
        if let Some(text) = text.strip_prefix(&format!("{}: ", source.path)) {
            out.note("overrides/passed-over", text);
        }
    }
    if let Err(Error::Manifest(found)) = rendered
        && found.source.path == source.path
    {
        out.extend(found.diagnostics);
    }
}
