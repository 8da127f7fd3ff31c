//! A static site as meant, from its manifest.

use super::environment::cloudfront_certificate;
use super::routing::host_name;
use super::{Check, read_as};
use crate::diagnostic::{Diagnostics, Source};
use crate::manifest::decode::{Form, Text};
use crate::manifest::document;
use crate::manifest::interpolate::Lookup;
use crate::manifest::site::{self as written, Patterns};
use crate::model::pattern::Pattern;
use crate::model::site::{FileSet, Site};
use crate::model::workload::Read;
use crate::name::{AppName, EnvName};

/// Reads the manifest of a site for an environment. `lookup` gives the variables of the process. Nothing comes when there
/// is any error; warnings come beside a result. The findings are sorted by place.
#[must_use]
pub fn read(
    source: &Source,
    app: &AppName,
    env: &EnvName,
    lookup: Lookup<'_>,
) -> (Option<Read<Site>>, Diagnostics) {
    read_as(source, app, env, lookup, model)
}

fn model(read: &document::Read<written::Site>, out: &mut Diagnostics) -> Site {
    let check = &mut Check::new(out);
    let given = &read.body;
    let http = given.http.as_ref();
    let alias = http.and_then(|http| http.alias.as_ref());
    let certificate = http.and_then(|http| http.certificate.as_ref());
    let names = match alias {
        None => &[],
        Some(Form::Short(text)) => std::slice::from_ref(text),
        Some(Form::Full(list)) => list.items.as_slice(),
    };
    if let (true, Some(certificate)) = (names.is_empty(), certificate) {
        check
            .error(
                "model/site",
                certificate.span,
                "the certificate is for no host name: `http.alias` is missing",
            )
            .help("name the host that the certificate is for: `alias: www.example.com`");
    }
    let uploads = given.files.as_ref().map(|list| list.items.as_slice()).unwrap_or_default();
    if uploads.is_empty() {
        let at = given.files.as_ref().map_or(read.head.kind.span, |list| list.span);
        check.missing(at, "files", "a site is made of files: `files: [{source: dist, recursive: true}]`");
    }
    Site {
        name: read.head.name.value.clone(),
        aliases: names.iter().map(|name| host_name(name, "model/site", check)).collect(),
        certificate: certificate.map(|text| cloudfront_certificate(text, "model/site", check)),
        files: uploads.iter().map(|upload| file_set(upload, check)).collect(),
    }
}

fn file_set(given: &written::Upload, check: &mut Check<'_>) -> FileSet {
    let source = match &given.source {
        None => {
            check.missing(given.span, "source", "the file or directory, relative to the project's root");
            String::new()
        }
        Some(text) => {
            check.text(Some(text), "source");
            path(text, "source", check)
        }
    };
    FileSet {
        source,
        destination: given
            .destination
            .as_ref()
            .map(|text| path(text, "destination", check))
            .unwrap_or_default(),
        recursive: given.recursive.is_some_and(|flag| flag.value),
        exclude: patterns(given.exclude.as_ref(), check),
        reinclude: patterns(given.reinclude.as_ref(), check),
    }
}

/// A path in plain form: no slashes around it, no `.` among its parts. One that leads up out of where it begins is an error.
fn path(text: &Text, key: &str, check: &mut Check<'_>) -> String {
    let mut parts: Vec<&str> = vec![];
    for part in text.value.trim().split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_some() => {}
            ".." => {
                let (above, help) = match key {
                    "source" => ("the project", "sources stand below the parent of the manifest folder"),
                    _ => ("the site", "destinations are directories of the site, such as `docs/v2`"),
                };
                check
                    .error("model/path", text.span, format!("`{key}` {:?} leads out of {above}", text.value))
                    .help(help);
                return String::new();
            }
            part => parts.push(part),
        }
    }
    if key == "source" && text.value.trim().starts_with('/') {
        check
            .error(
                "model/path",
                text.span,
                format!("`source` {:?} is not relative to the project's root", text.value),
            )
            .help("write the path from the parent of the manifest folder, such as `web/dist`");
    }
    parts.join("/")
}

fn patterns(given: Option<&Patterns>, check: &mut Check<'_>) -> Vec<Pattern> {
    let texts = match given {
        None => &[],
        Some(Form::Short(text)) => std::slice::from_ref(text),
        Some(Form::Full(list)) => list.items.as_slice(),
    };
    let mut patterns = vec![];
    for text in texts {
        let plain = text.value.trim();
        let plain = plain.strip_prefix("./").unwrap_or(plain);
        match Pattern::parse(plain.strip_suffix('/').unwrap_or(plain)) {
            Ok(pattern) => patterns.push(pattern),
            Err(error) => {
                check
                    .error("model/pattern", text.span, format!("{:?} is no pattern: {error}", text.value))
                    .help("`*` and `?` stand for characters, `[a-z]` for one of a list; a backslash takes the meaning away");
            }
        }
    }
    patterns
}
