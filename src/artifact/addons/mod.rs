//! Addons: the user's further CloudFormation templates beside a manifest, as one template.
//!
//! * `merge`: all files become one template; what contradicts itself is named with both places.
//! * `local`: paths of local files in it, which give way to addresses in the artifact bucket.
//! * `parameters`: the parameters file against the parameters the template has.
//! * `outputs`: what the outputs are for.
//!
//! Pure: whoever calls [`read`] says where local files are or will be.

mod local;
mod merge;
mod outputs;
mod parameters;

use serde_json::{Map, Value as Json};

pub use local::{Locate, Location, Wanted};
pub use outputs::{AddonKind, AddonOutput};

use crate::diagnostic::{Diagnostics, Source, Span};
use crate::yaml::node::{self, Node};
use crate::yaml::template;

/// Names of the file with values of parameters, the usual one first.
pub const PARAMETERS_FILES: [&str; 2] = ["addons.parameters.yml", "addons.parameters.yaml"];
/// Parameters that the template of a workload's addons must have; the parent stack gives their values.
pub const WORKLOAD_PARAMETERS: &[&str] = &["App", "Env", "Name"];
/// Parameters that the template of the environments' addons must have; the parent stack gives their values.
pub const ENVIRONMENT_PARAMETERS: &[&str] = &["App", "Env"];

/// What the files of an `addons` folder come to.
#[derive(Debug, Clone, PartialEq)]
pub struct Addons {
    /// The one template, in normal form.
    pub template: Json,
    /// Its outputs in their order, with what they are for.
    pub outputs: Vec<AddonOutput>,
    /// Values of the parameters file in normal form, without the required ones; may hold intrinsic functions of the
    /// parent stack.
    pub parameters: Map<String, Json>,
}

impl Addons {
    /// The template's text: what is uploaded.
    #[must_use]
    pub fn text(&self) -> String {
        template::to_yaml(&self.template)
    }
}

/// What was read and what was found.
#[derive(Debug)]
pub struct Reading {
    /// The addons; none when there is no template or when there are errors.
    pub addons: Option<Addons>,
    /// Findings, one set for each of the files in their order.
    pub findings: Vec<Diagnostics>,
}

/// A template file with its tree.
struct File<'a> {
    /// Its place among the sources.
    index: usize,
    source: &'a Source,
    root: Node,
}

/// Where something stands: the place of its file among the sources, and the place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    file: usize,
    span: Span,
}

/// Reads the files of an `addons` folder. `required`: [`WORKLOAD_PARAMETERS`] or [`ENVIRONMENT_PARAMETERS`]; `locate` says
/// where a local file that a template names is to be found.
#[must_use]
pub fn read(sources: &[Source], required: &[&str], locate: &mut Locate<'_>) -> Reading {
    let mut findings = vec![Diagnostics::new(); sources.len()];
    let (mut files, mut values) = (vec![], vec![]);
    for (index, source) in sources.iter().enumerate() {
        let found = &mut findings[index];
        let root = match node::parse(&source.text) {
            Ok(root) if root.as_mapping().is_some() => root,
            Ok(root) => {
                let message =
                    format!("a template is a map of sections such as Resources, not {}", root.describe());
                found.error("addons/shape", message).at(root.span);
                continue;
            }
            Err(error) => {
                found.syntax(error);
                continue;
            }
        };
        let mut file = File { index, source, root };
        if is_parameters_file(source) {
            values.push(file);
        } else {
            local::place(&mut file.root, locate, found);
            files.push(file);
        }
    }
    if let Some(second) = values.get(1) {
        let message = format!("{} and {} both give parameters", values[0].source.path, second.source.path);
        findings[second.index].error("addons/parameters-file", message).help("keep one of the two files");
    }
    let broken = findings.iter().any(Diagnostics::has_errors);
    if files.is_empty() {
        if let (false, Some(file)) = (broken, values.first()) {
            let message = "there is no template beside this file, so it is not used";
            findings[file.index].warn("addons/no-template", message);
        }
        return finished(None, findings);
    }
    let merged = merge::merge(&files, &mut findings);
    // With a file missing, everything that refers to it would be reported, too.
    let parameters =
        if broken { Map::new() } else { parameters::read(&merged, values.first(), required, &mut findings) };
    let outputs = outputs::classify(&merged, &mut findings);
    finished(Some(Addons { template: merged.template(), outputs, parameters }), findings)
}

fn finished(addons: Option<Addons>, findings: Vec<Diagnostics>) -> Reading {
    let findings: Vec<Diagnostics> = findings.into_iter().map(Diagnostics::sorted).collect();
    let broken = findings.iter().any(Diagnostics::has_errors);
    Reading { addons: addons.filter(|_| !broken), findings }
}

fn is_parameters_file(source: &Source) -> bool {
    let name = source.path.rsplit(['/', '\\']).next().unwrap_or_default();
    PARAMETERS_FILES.contains(&name)
}

#[cfg(test)]
mod tests;
