//! The user's changes of rendered templates, in an `overrides` folder: patches or a CDK application.
//!
//! They are made last, on the finished template, for `package`, `diff` and `deploy` alike. A CDK application is the user's
//! own program: it is installed and run with their own package manager, once for each template.
//!
//! * [`init()`]: writes a skeleton; [`skeleton`]: its texts.

mod init;
pub mod skeleton;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

pub use init::{Init, Tool, init, refuse_existing};
pub use skeleton::Resource;

use super::package::Findings;
use super::{Error, Result, Session};
use crate::diagnostic::{Diagnostics, Source};
use crate::event::Step;
use crate::name::EnvName;
use crate::stack::{Stack, patch};
use crate::tools::cdk::{self, Cdk};
use crate::workspace::file::{self, Privacy};
use crate::workspace::list::Overrides;
pub use crate::workspace::list::Owner;

/// What the CDK applications of a session have done already: a deployment renders a template more than once.
#[derive(Debug, Default)]
pub struct Applications {
    /// Folders whose application is installed.
    installed: BTreeSet<PathBuf>,
    /// Changed templates by folder, environment and template.
    changed: BTreeMap<(PathBuf, Option<EnvName>, String), Value>,
}

/// Makes the owner's changes of a stack's template. `env`: the environment it is for.
///
/// # Errors
/// A folder without overrides; patches that don't fit; a CDK application that fails or prints no template.
pub(super) async fn apply(
    session: &Session,
    stack: &mut Stack,
    owner: Owner<'_>,
    env: Option<&EnvName>,
) -> Result<()> {
    match session.workspace()?.overrides(owner)? {
        Overrides::None => Ok(()),
        Overrides::Patches(source) => patches(session, stack, source),
        Overrides::Cdk(folder) => {
            stack.template = application(session, stack, &folder, env).await?;
            Ok(())
        }
    }
}

/// Makes the owner's patches of a stack's template; a CDK application is passed over.
///
/// # Errors
/// A folder without overrides; patches that don't fit.
pub(super) fn patch(session: &Session, stack: &mut Stack, owner: Owner<'_>) -> Result<()> {
    match session.workspace()?.overrides(owner)? {
        Overrides::Patches(source) => patches(session, stack, source),
        Overrides::None | Overrides::Cdk(_) => Ok(()),
    }
}

fn patches(session: &Session, stack: &mut Stack, source: Source) -> Result<()> {
    let bad = |error: patch::PatchError| {
        let mut diagnostics = Diagnostics::new();
        diagnostics.error("overrides/patch", error.message.clone()).at(error.span);
        Error::Manifest(Box::new(Findings { source: source.clone(), diagnostics }))
    };
    let patches = patch::read(&source.text).map_err(bad)?;
    for path in patch::apply(&mut stack.template, &patches).map_err(bad)? {
        session.warn(format!(
            "{}: the patch of {path} is passed over: this resource of Copilot's is not there any more",
            source.path
        ));
    }
    Ok(())
}

async fn application(
    session: &Session,
    stack: &Stack,
    folder: &Path,
    env: Option<&EnvName>,
) -> Result<Value> {
    // One after the other: two that install into one folder would be in each other's way.
    let mut done = session.cdk.lock().await;
    let key = (folder.to_owned(), env.cloned(), stack.template_yaml());
    if let Some(template) = done.changed.get(&key) {
        return Ok(template.clone());
    }
    let workspace = session.workspace()?;
    let shown = workspace.display(folder);
    let failed = |source: cdk::Error| Error::Cdk { folder: shown.clone(), source };
    let path = session.variable("PATH");
    let cdk = Cdk::find(folder, path.as_deref().map(str::as_ref)).map_err(failed)?;
    if !done.installed.contains(folder) {
        session.check_interrupt()?;
        let title = format!("Install {shown} with {}", cdk.manager().program());
        let step = session.step(&format!("install {shown}"), Step::Work, &title);
        step.run(cdk.install(&mut |line| step.output(line))).await.map_err(failed)?;
        step.done("");
        done.installed.insert(folder.to_owned());
    }
    session.check_interrupt()?;
    file::replace(&folder.join(cdk::INPUT), key.2.as_bytes(), Privacy::Shared)?;
    let mut variables = vec![("COPILOT_APPLICATION_NAME", workspace.app().as_str())];
    variables.extend(env.map(|env| ("COPILOT_ENVIRONMENT_NAME", env.as_str())));
    let title = format!("Change the template of {} with {shown}", stack.name);
    let step = session.step(&format!("cdk {}", stack.name), Step::Work, &title);
    let text = step.run(cdk.synth(&variables, &mut |line| step.output(line))).await.map_err(failed)?;
    let template = patch::from_cdk(&text).map_err(|message| {
        step.failed(&message);
        Error::CdkTemplate { folder: shown.clone(), message }
    })?;
    step.done("");
    done.changed.insert(key, template.clone());
    Ok(template)
}

/// The resources of a template, in its order.
pub(super) fn resources(template: &Value) -> Vec<Resource> {
    let resources = template["Resources"].as_object();
    resources
        .into_iter()
        .flatten()
        .map(|(id, resource)| Resource {
            id: id.clone(),
            kind: resource["Type"].as_str().unwrap_or_default().to_owned(),
        })
        .collect()
}
