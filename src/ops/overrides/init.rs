//! Beginning overrides: an `overrides` folder with a skeleton.

use super::skeleton::{self, Resource};
use crate::ops::{Report, Result, Session};
use crate::workspace::list::Owner;

/// What makes the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// A list of patches.
    Patches,
    /// A CDK application in TypeScript.
    Cdk,
}

/// What is begun.
#[derive(Debug, Clone)]
pub struct Init<'a> {
    /// Whose template is changed.
    pub owner: Owner<'a>,
    /// With what.
    pub tool: Tool,
    /// Resources that the skeleton of a CDK application shows how to change.
    pub resources: Vec<Resource>,
    /// The command that shows the changed template.
    pub package: String,
}

/// Fails when the owner does not exist or has overrides already, so that nobody is asked in vain.
///
/// # Errors
/// A service or job without a manifest; anything in the folder.
pub fn refuse_existing(session: &Session, owner: Owner<'_>) -> Result<()> {
    if let Owner::Workload(name) = owner {
        session.workspace()?.manifest(name)?;
    }
    Ok(session.workspace()?.write_overrides(owner, &[]).map(drop)?)
}

/// Writes the skeleton.
///
/// # Errors
/// There are overrides already; files that can't be written.
pub fn init(session: &Session, options: &Init<'_>) -> Result<Report> {
    let files = match options.tool {
        Tool::Patches => skeleton::patches(),
        Tool::Cdk => skeleton::cdk(&options.resources, matches!(options.owner, Owner::Pipeline(_))),
    };
    let workspace = session.workspace()?;
    let written = workspace.write_overrides(options.owner, &files)?;
    let folder = workspace.display(&workspace.overrides_folder(options.owner));
    let what = match options.tool {
        Tool::Patches => "Write patches into cfn.patches.yml",
        Tool::Cdk => "Change resources in stack.ts",
    };
    Ok(Report {
        done: vec![format!("{folder} holds {} new files.", written.len())],
        next: vec![format!("{what}; README.md says how. `{}` shows the changed template.", options.package)],
        ..Report::default()
    })
}
