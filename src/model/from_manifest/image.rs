//! Images, variables, secrets, commands and health checks of a container.

use std::collections::BTreeMap;

use super::Check;
use crate::diagnostic::Span;
use crate::manifest::decode::{Decode, Form, List, Map, Text};
use crate::manifest::image::{Build as WrittenBuild, HealthCheck as WrittenHealthCheck};
use crate::manifest::variables as written;
use crate::model::container::{Build, HealthCheck, Image, Secret, Variable};

/// Longest name of a variable or a secret that is still sensible; what is in it is checked by ECS.
const FORBIDDEN: [char; 2] = ['=', '\0'];

/// The image: exactly one of `build` and `location`.
pub(super) fn image(
    build: Option<&Form<Text, WrittenBuild>>,
    location: Option<&Text>,
    at: Span,
    check: &mut Check<'_>,
) -> Image {
    if let (Some(build), Some(location)) = (build, location) {
        check.exclusive(("build", build.span()), ("location", location.span));
    }
    match (build, location) {
        (Some(build), _) => Image::Build(self::build(build, check)),
        (None, Some(_)) => Image::Location(check.text(location, "location").unwrap_or_default()),
        (None, None) => {
            check.missing(
                at,
                "build",
                "say where the image comes from: `build: path/to/Dockerfile` or `location: registry/image:tag`",
            );
            Image::Location(String::new())
        }
    }
}

fn build(written: &Form<Text, WrittenBuild>, check: &mut Check<'_>) -> Build {
    let map = match written {
        Form::Short(path) => {
            let dockerfile = check.text(Some(path), "build").unwrap_or_default();
            return Build { context: directory(&dockerfile), dockerfile, ..Build::default() };
        }
        Form::Full(map) => map,
    };
    let dockerfile = check.text(map.dockerfile.as_ref(), "dockerfile");
    let context = check.text(map.context.as_ref(), "context");
    let (dockerfile, context) = match (dockerfile, context) {
        (Some(dockerfile), Some(context)) => (dockerfile, context),
        (Some(dockerfile), None) => {
            let context = directory(&dockerfile);
            (dockerfile, context)
        }
        (None, Some(context)) => (format!("{}/Dockerfile", context.trim_end_matches('/')), context),
        (None, None) => ("Dockerfile".to_owned(), ".".to_owned()),
    };
    Build {
        dockerfile,
        context,
        target: map.target.as_ref().map(|target| target.value.clone()),
        args: texts(map.args.as_ref()),
        cache_from: list(map.cache_from.as_ref()),
    }
}

/// The directory a path stands in.
fn directory(path: &str) -> String {
    match path.rsplit_once('/') {
        Some(("", _)) => "/".to_owned(),
        Some((directory, _)) => directory.to_owned(),
        None => ".".to_owned(),
    }
}

/// The texts of a map.
pub(super) fn texts(map: Option<&Map<Text>>) -> BTreeMap<String, String> {
    let entries = map.into_iter().flat_map(|map| &map.entries);
    entries.map(|(key, entry)| (key.clone(), entry.value.value.clone())).collect()
}

/// The texts of a list.
pub(super) fn list(list: Option<&List<Text>>) -> Vec<String> {
    list.into_iter().flat_map(|list| &list.items).map(|item| item.value.clone()).collect()
}

/// A command: a list, or a text that is split as a shell splits it.
pub(super) fn words(
    written: Option<&Form<Text, List<Text>>>,
    key: &str,
    check: &mut Check<'_>,
) -> Vec<String> {
    match written {
        None => vec![],
        Some(Form::Full(list)) => list.items.iter().map(|item| item.value.clone()).collect(),
        Some(Form::Short(text)) => shell_words::split(&text.value).unwrap_or_else(|_| {
            check
                .error("model/command", text.span, format!("the quotes of `{key}` do not match"))
                .help("close every quote, or write the command as a list");
            vec![]
        }),
    }
}

/// A text, or the name of an export.
pub(super) fn value(written: &written::Value, check: &mut Check<'_>) -> Variable {
    match written {
        Form::Short(text) => Variable::Text(text.value.clone()),
        Form::Full(import) => {
            if import.from_cfn.is_none() {
                check.missing(import.span, "from_cfn", "the name of a CloudFormation export");
            }
            Variable::Export(check.text(import.from_cfn.as_ref(), "from_cfn").unwrap_or_default())
        }
    }
}

fn name(name: &str, at: Span, what: &str, check: &mut Check<'_>) {
    if name.is_empty() || name.contains(FORBIDDEN) {
        check.error("model/name", at, format!("{name:?} can't be the name of a {what}"));
    }
}

/// The variables of a container.
pub(super) fn variables(
    map: Option<&Map<written::Value>>,
    check: &mut Check<'_>,
) -> BTreeMap<String, Variable> {
    let mut out = BTreeMap::new();
    for (key, entry) in map.into_iter().flat_map(|map| &map.entries) {
        name(key, entry.key, "variable", check);
        out.insert(key.clone(), value(&entry.value, check));
    }
    out
}

/// The secrets of a container.
pub(super) fn secrets(map: Option<&Map<written::Secret>>, check: &mut Check<'_>) -> BTreeMap<String, Secret> {
    let mut out = BTreeMap::new();
    for (key, entry) in map.into_iter().flat_map(|map| &map.entries) {
        name(key, entry.key, "secret", check);
        out.insert(key.clone(), secret(&entry.value, check));
    }
    out
}

fn secret(written: &written::Secret, check: &mut Check<'_>) -> Secret {
    let source = match written {
        Form::Short(text) => {
            let from = check.text(Some(text), "secret").unwrap_or_default();
            return Secret::From(from);
        }
        Form::Full(source) => source,
    };
    match (&source.from_cfn, &source.secretsmanager) {
        (Some(export), Some(name)) => {
            check.exclusive(("from_cfn", export.span), ("secretsmanager", name.span));
            Secret::Export(export.value.clone())
        }
        (Some(_), None) => {
            Secret::Export(check.text(source.from_cfn.as_ref(), "from_cfn").unwrap_or_default())
        }
        (None, Some(_)) => Secret::SecretsManager(
            check.text(source.secretsmanager.as_ref(), "secretsmanager").unwrap_or_default(),
        ),
        (None, None) => {
            check.missing(
                source.span,
                "secretsmanager",
                "say where the secret is: `secretsmanager` or `from_cfn`",
            );
            Secret::From(String::new())
        }
    }
}

/// The path of a `.env` file.
pub(super) fn env_file(written: Option<&Text>, check: &mut Check<'_>) -> Option<String> {
    let path = check.text(written, "env_file")?;
    if let Some(text) = written.filter(|text| !text.value.ends_with(".env")) {
        check
            .error("model/env-file", text.span, "the name of an environment file ends in `.env`")
            .help("ECS takes no other names: rename the file");
    }
    Some(path)
}

/// A container's own health check; a block with any key fills the others.
pub(super) fn health_check(
    written: Option<&WrittenHealthCheck>,
    check: &mut Check<'_>,
) -> Option<HealthCheck> {
    let written = written?;
    let command = list(written.command.as_ref());
    let health_check = HealthCheck {
        command: if written.command.is_none() {
            vec!["CMD-SHELL".to_owned(), "curl -f http://localhost/ || exit 1".to_owned()]
        } else {
            command
        },
        interval: check.seconds(written.interval.as_ref(), "interval", 5, 300).unwrap_or(10),
        retries: check.range(written.retries.as_ref(), "retries", 0, 10).unwrap_or(2),
        timeout: check.seconds(written.timeout.as_ref(), "timeout", 2, 60).unwrap_or(5),
        start_period: check.seconds(written.start_period.as_ref(), "start_period", 0, 300).unwrap_or(0),
    };
    if let Some(retries) = written.retries.filter(|retries| retries.value == 0) {
        check
            .warn(
                "model/range",
                retries.span,
                "ECS counts a container as unhealthy after 1 to 10 failures, not 0",
            )
            .help("write `retries: 1` or more");
    }
    if let Some(command) = &written.command {
        let first = health_check.command.first().map(String::as_str);
        if !matches!(first, Some("CMD" | "CMD-SHELL")) || health_check.command.len() < 2 {
            check
                .error("model/health-check", command.span, "a health check begins with `CMD` or `CMD-SHELL`")
                .help("such as `[\"CMD-SHELL\", \"curl -f http://localhost:8080/ || exit 1\"]`");
        }
    }
    let any = written.command.is_some()
        || written.interval.is_some()
        || written.retries.is_some()
        || written.timeout.is_some()
        || written.start_period.is_some();
    any.then_some(health_check)
}
