//! The command `override` of services, jobs, environments and pipelines: what they have in common.

use clap::ValueEnum;

use super::ask;
use super::context::Context;
use super::failure::{Failure, Result};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops;
use crate::ops::overrides::{Init, Owner, Resource, Tool};
use crate::ops::service::Noun;
use crate::ui::{Choice, Question};

/// How overrides are begun.
#[derive(clap::Args, Debug)]
pub struct Flags {
    /// What makes the changes: `yamlpatch` or `cdk`
    #[arg(long, value_name = "TOOL", alias = "iac-tool", value_enum, hide_possible_values = true)]
    tool: Option<ToolFlag>,
    /// Language of the CDK application
    #[arg(long, value_name = "LANGUAGE", value_parser = ["typescript"], default_value = "typescript")]
    cdk_language: String,
    /// Logical ids of resources that the CDK application begins with, separated by commas
    #[arg(long, value_name = "IDS", value_delimiter = ',', conflicts_with = "skip_resources")]
    resources: Vec<String>,
    /// Begin the CDK application with no resource
    #[arg(long)]
    skip_resources: bool,
}

#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq)]
enum ToolFlag {
    #[value(name = "yamlpatch")]
    Patches,
    Cdk,
}

impl From<ToolFlag> for Tool {
    fn from(flag: ToolFlag) -> Self {
        match flag {
            ToolFlag::Patches => Self::Patches,
            ToolFlag::Cdk => Self::Cdk,
        }
    }
}

/// Whose overrides are begun.
pub struct Begin<'a> {
    /// The owner.
    pub owner: Owner<'a>,
    /// The command that shows its template.
    pub package: String,
    /// Finds the resources of its template.
    pub resources: &'a dyn Fn(&Context) -> std::result::Result<Vec<Resource>, Failure>,
}

/// Asks for what is missing and writes the skeleton.
pub fn begin(cx: &Context, flags: Flags, begin: &Begin<'_>) -> Result {
    ops::overrides::refuse_existing(&cx.session, begin.owner)?;
    let tool = match flags.tool {
        Some(tool) => tool.into(),
        None => ask_tool(cx)?,
    };
    let resources = match tool {
        Tool::Patches => vec![],
        Tool::Cdk if flags.skip_resources => vec![],
        Tool::Cdk => chosen(cx, &flags.resources, (begin.resources)(cx)?)?,
    };
    let options = Init { owner: begin.owner, tool, resources, package: begin.package.clone() };
    cx.tell(&ops::overrides::init(&cx.session, &options)?)
}

fn ask_tool(cx: &Context) -> std::result::Result<Tool, Failure> {
    let choices = [
        Choice::with_detail("yamlpatch", "a list of patches: add, replace, remove"),
        Choice::with_detail("cdk", "an application in TypeScript; needs Node.js"),
    ];
    let question = Question { text: "What makes the changes?", flag: "--tool", help: "" };
    Ok(if cx.ui.select(question, &choices, 0)? == 0 { Tool::Patches } else { Tool::Cdk })
}

/// The resources that were named, or those that the user picks.
fn chosen(
    cx: &Context,
    named: &[String],
    known: Vec<Resource>,
) -> std::result::Result<Vec<Resource>, Failure> {
    if named.is_empty() {
        let choices: Vec<Choice> =
            known.iter().map(|resource| Choice::with_detail(&resource.id, &resource.kind)).collect();
        let help = "Each gets a method in the application. `--skip-resources` begins with none.";
        let question = Question { text: "Which resources are changed?", flag: "--resources", help };
        let picked = cx.ui.select_many(question, &choices, &[])?;
        return Ok(picked.into_iter().filter_map(|index| known.get(index).cloned()).collect());
    }
    named
        .iter()
        .map(|id| {
            known.iter().find(|resource| resource.id == *id).cloned().ok_or_else(|| {
                let ids: Vec<&str> = known.iter().map(|resource| resource.id.as_str()).collect();
                Failure::user(format!("the template has no resource {id:?}"))
                    .next(format!("Its resources are {}.", ids.join(", ")))
            })
        })
        .collect()
}

/// Begins changes of the template of a workload.
pub fn of_workload(
    cx: &Context,
    noun: Noun,
    app: Option<AppName>,
    name: Option<WorkloadName>,
    env: Option<EnvName>,
    flags: Flags,
) -> Result {
    let app = ask::workspace_app(cx, app)?;
    let name = ask::local_workload(cx, Some(ask::Wanted { noun, verb: "override" }), name)?;
    let resources = |cx: &Context| {
        let env = match env.clone() {
            Some(env) => env,
            None => ask::any_local_env(cx)?,
        };
        Ok(ops::service::resources(&cx.session, &app, &name, &env)?)
    };
    let group = if noun == Noun::Job { "job" } else { "svc" };
    let package = format!("wharf {group} package --name {name}");
    begin(cx, flags, &Begin { owner: Owner::Workload(&name), package, resources: &resources })
}
