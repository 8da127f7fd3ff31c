//! What manifests may hold: schemas for editors, single fields for people.

use serde::Serialize;

use super::{Error, Result, Session, lines};
use crate::manifest::catalogue::{self, DOCUMENTS, Document};
use crate::manifest::shape::{Field, nearest};
use crate::manifest::{explain, schema};
use crate::page::{Body, Cell, Mark, Page, Paged};
use crate::workspace::Workspace;
use crate::workspace::file::{self, Privacy};
use crate::workspace::list::SCHEMAS;

/// A field of a manifest.
#[derive(Debug, Clone, Serialize)]
pub struct Explained {
    /// Its path: `[]` stands for an item of a list, `<key>` for a key of the user's.
    pub field: String,
    /// Types of manifests that have it, with this meaning.
    pub types: Vec<&'static str>,
    /// What it is.
    pub about: &'static str,
    /// What its value may be, in words.
    pub form: String,
    /// What holds without it, in the manifest's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<&'static str>,
    /// An older spelling that is still read.
    #[serde(rename = "olderSpelling", skip_serializing_if = "Option::is_none")]
    pub older_spelling: Option<&'static str>,
    /// The fields right below it.
    pub fields: Vec<Below>,
    /// How it is written, as YAML from the top of the manifest; empty for a field that excludes others.
    pub example: String,
}

/// A field below another.
#[derive(Debug, Clone, Serialize)]
pub struct Below {
    /// Its path.
    pub field: String,
    /// What it is.
    pub about: &'static str,
}

/// The meanings of a field: one, unless types of manifests differ.
#[derive(Debug, Clone, Serialize)]
pub struct Meanings {
    /// The meanings.
    pub meanings: Vec<Explained>,
}

impl Paged for Meanings {
    fn page(&self, _now: jiff::Timestamp) -> Page {
        let mut page = Page::new();
        for meaning in &self.meanings {
            let mut pairs = vec![("Type".to_owned(), Cell::from(meaning.types.join(", ")))];
            pairs.push(("Form".to_owned(), meaning.form.clone().into()));
            pairs.extend(meaning.default.map(|default| ("Default".to_owned(), default.into())));
            pairs.extend(meaning.older_spelling.map(|was| ("Older spelling".to_owned(), was.into())));
            let row = |below: &Below| vec![Cell::from(below.field.clone()), below.about.into()];
            page = page
                .with(&meaning.field, lines(std::iter::once(meaning.about.to_owned())))
                .with("", Body::Pairs(pairs))
                .with("Fields", Body::table(&["Field", ""], meaning.fields.iter().map(row).collect()));
            if !meaning.example.is_empty() {
                let text = meaning.example.lines().map(|line| Cell::new(line, Mark::Dim)).collect();
                page = page.with("Example", Body::Lines(text));
            }
        }
        page
    }
}

/// Says what a field is; `of`: in one type of manifest only.
///
/// # Errors
/// [`Error::Usage`] for a type or a field that does not exist, with what may have been meant.
pub fn explain(field: &str, of: Option<&str>) -> Result<Meanings> {
    let document = of.map(document).transpose()?;
    let found = explain::explain(field, document).map_err(|near| unknown(field, document, &near))?;
    let below = |(path, field): (String, &'static Field)| Below { field: path, about: field.doc() };
    let meaning = |found: explain::Explained| Explained {
        field: found.path,
        types: found.types,
        about: found.field.doc(),
        form: (found.field.shape)().describe(),
        default: found.field.default,
        older_spelling: found.field.was,
        fields: found.below.into_iter().map(below).collect(),
        example: found.example,
    };
    Ok(Meanings { meanings: found.into_iter().map(meaning).collect() })
}

fn unknown(field: &str, document: Option<&Document>, near: &[String]) -> Error {
    let what = document.map_or("no type of manifest has", |_| "this type of manifest does not have");
    let near: Vec<String> = near.iter().map(|path| format!("`{path}`")).collect();
    let near = match near.as_slice() {
        [] => String::new(),
        near => format!("; did you mean {}?", crate::manifest::shape::alternatives(near)),
    };
    Error::Usage(format!("{what} a field {field:?}{near}"))
}

fn document(name: &str) -> Result<&'static Document> {
    catalogue::find(name).ok_or_else(|| {
        let names = DOCUMENTS.iter().flat_map(|document| [document.slug, document.name]);
        let near =
            nearest(name, names).map_or_else(|| ";".to_owned(), |near| format!("; did you mean {near:?}?"));
        let all: Vec<&str> = DOCUMENTS.iter().map(|document| document.slug).collect();
        Error::Usage(format!("there is no type of manifest {name:?}{near} there are {}", all.join(", ")))
    })
}

/// The JSON Schema of a type of manifest, or of the workspace's small files, as text.
///
/// # Errors
/// [`Error::Usage`] for a type that does not exist.
pub fn schema(name: &str) -> Result<String> {
    let schema = match name {
        schema::WORKSPACE_FILES => schema::workspace_files(),
        name => schema::schema(document(name)?),
    };
    serde_json::to_string_pretty(&schema)
        .map(|text| text + "\n")
        .map_err(|error| Error::Bug(error.to_string()))
}

/// Files that were written.
pub use super::package::Files;

/// Writes the schemas of all types into the workspace, where manifests name them.
///
/// # Errors
/// No workspace; a file can't be written.
pub fn write_schemas(session: &Session) -> Result<Files> {
    let workspace = session.workspace()?;
    let names = DOCUMENTS.iter().map(|document| document.slug).chain([schema::WORKSPACE_FILES]);
    let files = names.map(|name| place_schema(workspace, name)).collect::<Result<Vec<String>>>()?;
    Ok(Files { files })
}

/// Writes the schema that a new manifest of this `type` names, so that editors find it. A type without one names none.
///
/// # Errors
/// The file can't be written.
pub(super) fn place_schema_of(workspace: &Workspace, kind: &str) -> Result<()> {
    catalogue::find(kind).map_or(Ok(()), |document| place_schema(workspace, document.slug).map(|_| ()))
}

/// Writes the schema of a type into the workspace, over an older one; gives its path for messages.
fn place_schema(workspace: &Workspace, name: &str) -> Result<String> {
    let path = workspace.folder().join(SCHEMAS).join(format!("{name}.json"));
    let text = schema(name)?;
    if file::read_optional(&path)?.as_deref() != Some(&text) {
        file::replace(&path, text.as_bytes(), Privacy::Shared)?;
    }
    Ok(workspace.display(&path))
}
