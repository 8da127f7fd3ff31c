//! `lint`: everything in a workspace that can be checked without AWS.
//!
//! Nothing is changed, built or called. Every file is read for every environment of the workspace; findings that are the
//! same everywhere are one finding.
//!
//! * [`book`]: findings by file, and places in files.
//! * `folders`: what stands in the manifest folder.
//! * `manifests`: manifests of workloads and environments.
//! * `pipelines`: manifests of pipelines, and what they name.
//! * `images`: Dockerfiles, ports, health checks, platforms, environment files.
//! * `sites`: the files of Static Sites.
//! * `values`: variables that look like secrets.
//! * `between`: what workloads say of each other: topics, routes and dependencies.
//! * `extras`: addons and overrides.
//!
//! Rules are listed in `docs/lint.md`; their ids do not change.

mod between;
pub mod book;
mod extras;
mod folders;
mod images;
mod manifests;
mod pipelines;
mod sites;
mod values;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::Serialize;

use self::book::Book;
use super::package::Findings;
use super::{Result, Session};
use crate::diagnostic::{Report, Severity, Source};
use crate::event::{Event, Reporter};
use crate::manifest::decode::Spanned;
use crate::model::service::Service;
use crate::model::workload;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::yaml::node::Node;

/// What was found in a workspace.
#[derive(Debug, Clone, Serialize)]
pub struct Linted {
    /// The findings, by file and place.
    pub findings: Vec<Report>,
    /// How many of them are errors.
    pub errors: usize,
    /// How many are warnings.
    pub warnings: usize,
    /// How many are notes.
    pub notes: usize,
    /// Files that were read.
    pub files: usize,
    /// The findings with the files they are about, for drawing.
    #[serde(skip)]
    pub drawn: Vec<Findings>,
}

impl Linted {
    /// The numbers in a sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        let count = |number: usize, what: &str| {
            (number > 0).then(|| format!("{number} {what}{}", if number == 1 { "" } else { "s" }))
        };
        let found: Vec<String> =
            [count(self.errors, "error"), count(self.warnings, "warning"), count(self.notes, "note")]
                .into_iter()
                .flatten()
                .collect();
        let files = count(self.files, "file").unwrap_or_else(|| "no file".to_owned());
        if found.is_empty() {
            format!("Nothing to say about {files}.")
        } else {
            format!("{} in {files}.", found.join(", "))
        }
    }
}

/// A workload's manifest and what it means in each environment in which it can be read.
struct Workload {
    name: WorkloadName,
    source: Source,
    root: Node,
    models: BTreeMap<EnvName, workload::Workload>,
    /// Workloads that are deployed before it in each environment.
    depends_on: BTreeMap<EnvName, Vec<Spanned<WorkloadName>>>,
}

impl Workload {
    /// Its containers in each environment, when it runs on ECS.
    fn services(&self) -> impl Iterator<Item = (&EnvName, &Service)> {
        self.models.iter().filter_map(|(env, model)| Some((env, model.container()?)))
    }
}

/// The workspace under the lamp.
struct Bench<'a> {
    session: &'a Session,
    app: AppName,
    /// Environments that manifests are read for: those of the workspace, or one that stands for any.
    envs: Vec<EnvName>,
    book: Book,
}

/// Notes of the verbs, kept.
#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Reporter for Notes {
    fn report(&self, event: Event) {
        if let (Event::Note { text, .. }, Ok(mut notes)) = (event, self.0.lock()) {
            notes.push(text);
        }
    }
}

/// Checks the whole workspace; under `strict` of the session's, warnings count as errors.
///
/// # Errors
/// No workspace, a folder or file that can't be read.
pub fn lint(session: &Session) -> Result<Linted> {
    let notes = Arc::new(Notes::default());
    // What verbs tell the user on their way becomes findings here.
    let quiet =
        Session::new(session.inputs.clone(), notes.clone(), session.interrupt.clone(), session.stop.clone());
    let workspace = quiet.workspace()?;
    let mut envs = workspace.environments()?.names;
    if envs.is_empty() {
        envs = vec![manifests::any_environment()?];
    }
    let mut bench = Bench { session: &quiet, app: workspace.app().clone(), envs, book: Book::default() };
    folders::check(&mut bench)?;
    manifests::environments(&mut bench)?;
    let workloads = manifests::workloads(&mut bench)?;
    pipelines::check(&mut bench)?;
    for workload in &workloads {
        images::check(&mut bench, workload)?;
        sites::check(&mut bench, workload)?;
    }
    between::topics(&mut bench, &workloads);
    between::routes(&mut bench, &workloads);
    between::dependencies(&mut bench, &workloads);
    extras::check(&mut bench, &workloads, &notes)?;
    Ok(finished(bench.book, session.inputs.strict))
}

fn finished(book: Book, strict: bool) -> Linted {
    let files = book.files();
    let mut drawn = book.findings();
    if strict {
        drawn.iter_mut().for_each(|found| found.diagnostics.strict());
    }
    let findings: Vec<Report> =
        drawn.iter().flat_map(|found| found.diagnostics.report(&found.source)).collect();
    let count = |severity| findings.iter().filter(|report| report.severity == severity).count();
    Linted {
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        notes: count(Severity::Note),
        files,
        findings,
        drawn,
    }
}
