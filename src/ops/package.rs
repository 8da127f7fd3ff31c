//! Rendering to files, shared by environments and services.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Error, Result, Session, lines};
use crate::diagnostic::{Diagnostics, Source as Text};
use crate::facts::Facts;
use crate::name::{AppName, EnvName};
use crate::page::{Page, Paged};
use crate::stack::Stack;
use crate::workspace::file::{self, Privacy};

/// Where facts come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// From AWS.
    Live,
    /// From a file; without one, nothing but the names is known.
    Offline(Option<PathBuf>),
}

/// The source that the flags `--offline` and `--facts` mean.
#[must_use]
pub fn facts_source(offline: bool, file: Option<PathBuf>) -> Source {
    if offline { Source::Offline(file) } else { Source::Live }
}

/// What was found in a file that did not keep it from being used.
#[derive(Debug, Clone)]
pub struct Findings {
    /// The file.
    pub source: Text,
    /// What was found.
    pub diagnostics: Diagnostics,
}

/// A stack that is ready to be written.
#[derive(Debug, Clone)]
pub struct Packaged {
    /// Name of the template's file, such as `api-test.stack.yml`.
    pub template_file: String,
    /// Name of the parameters' file, such as `api-test.params.json`.
    pub parameters_file: String,
    /// The stack.
    pub stack: Stack,
    /// Name and text of the addons' template, if there is one.
    pub addons: Option<(String, String)>,
    /// Warnings of the files it was made from.
    pub warnings: Vec<Findings>,
}

impl Packaged {
    /// The template as YAML.
    #[must_use]
    pub fn template(&self) -> String {
        self.stack.template_yaml()
    }
}

/// Files that were written.
#[derive(Debug, Clone, Serialize)]
pub struct Files {
    /// Their paths.
    pub files: Vec<String>,
}

impl Paged for Files {
    fn page(&self, _now: jiff::Timestamp) -> Page {
        Page::new().with("", lines(self.files.iter().cloned()))
    }
}

/// Writes a packaged stack into a folder, over what is there.
///
/// # Errors
/// The folder or a file can't be written.
pub fn write(session: &Session, packaged: &Packaged, folder: &Path) -> Result<Files> {
    let mut files = vec![
        (packaged.template_file.clone(), packaged.template()),
        (packaged.parameters_file.clone(), packaged.stack.parameters_json()),
    ];
    files.extend(packaged.addons.clone());
    write_all(session, folder, files)
}

/// Writes files into a folder, over what is there.
pub(super) fn write_all(
    session: &Session,
    folder: &Path,
    files: impl IntoIterator<Item = (String, String)>,
) -> Result<Files> {
    let folder = session.inputs.directory.join(folder);
    let mut written = vec![];
    for (name, content) in files {
        let path = folder.join(name);
        file::replace(&path, content.as_bytes(), Privacy::Shared)?;
        written.push(path.strip_prefix(&session.inputs.directory).unwrap_or(&path).display().to_string());
    }
    Ok(Files { files: written })
}

/// The facts of a file, or those of a fresh application.
///
/// # Errors
/// The file can't be read, is no facts file, or speaks of another application or environment.
pub(super) fn offline_facts(
    session: &Session,
    file: Option<&Path>,
    app: &AppName,
    env: &EnvName,
) -> Result<Facts> {
    let Some(file) = file else { return Ok(Facts::new(app.clone(), env.clone())) };
    let path = session.inputs.directory.join(file);
    let text = file::read_text(&path)?;
    let facts = Facts::from_json(&text)
        .map_err(|message| Error::BadFacts { path: file.display().to_string(), message })?;
    if facts.app.name != *app || facts.env.name != *env {
        let message = format!(
            "it speaks of the environment {} of {}, not of {env} of {app}",
            facts.env.name, facts.app.name
        );
        return Err(Error::BadFacts { path: file.display().to_string(), message });
    }
    Ok(facts)
}
