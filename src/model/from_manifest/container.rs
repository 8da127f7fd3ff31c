//! The containers of a task, and who waits for whom.

use std::collections::BTreeMap;

use super::Check;
use super::image::{env_file, health_check, image, secrets, texts, variables, words};
use crate::diagnostic::Span;
use crate::manifest::decode::{Form, Map, Spanned};
use crate::manifest::image::Condition;
use crate::manifest::service::Service as Written;
use crate::manifest::sidecar::Sidecar;
use crate::model::container::{Container, Dependency, Image, Mount};

/// Name of the log router's container.
pub(super) const LOG_ROUTER: &str = "firelens_log_router";
/// Longest name of a container in ECS.
const MAX_NAME: usize = 255;

/// The container called as the service. Its ports and mounts come later.
pub(super) fn main(name: &str, written: &Written, at: Span, check: &mut Check<'_>) -> Container {
    let image = written.image.clone().unwrap_or_default();
    let source = match &written.image {
        Some(given) => self::image(given.build.as_ref(), given.location.as_ref(), given.span, check),
        None => {
            check.missing(
                at,
                "image",
                "say where the image comes from: `image: {build: path/to/Dockerfile}`",
            );
            Image::Location(String::new())
        }
    };
    Container {
        name: name.to_owned(),
        image: source,
        credentials: check.text(image.credentials.as_ref(), "credentials"),
        essential: None,
        entrypoint: words(written.entrypoint.as_ref(), "entrypoint", check),
        command: words(written.command.as_ref(), "command", check),
        variables: variables(written.variables.as_ref(), check),
        secrets: secrets(written.secrets.as_ref(), check),
        env_file: env_file(written.env_file.as_ref(), check),
        labels: texts(image.labels.as_ref()),
        depends_on: depends_on(image.depends_on.as_ref()),
        health_check: health_check(image.healthcheck.as_ref(), check),
        ports: vec![],
        mounts: vec![],
    }
}

/// A container beside the main one. Its ports come later.
pub(super) fn sidecar(
    name: &str,
    written: &Sidecar,
    key: Span,
    volumes: &[String],
    check: &mut Check<'_>,
) -> Container {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(fits) {
        check
            .error("model/name", key, format!("{name:?} can't be the name of a container"))
            .help("letters, digits, hyphens and underscores");
    }
    let image = match &written.image {
        Some(Form::Short(location)) => {
            Image::Location(check.text(Some(location), "image").unwrap_or_default())
        }
        Some(Form::Full(full)) => self::image(full.build.as_ref(), full.location.as_ref(), full.span, check),
        None => {
            check.missing(key, "image", "say which image the sidecar runs");
            Image::Location(String::new())
        }
    };
    let mut mounts = vec![];
    for mount in written.mount_points.iter().flat_map(|list| &list.items) {
        if mount.source_volume.is_none() {
            check.missing(mount.span, "source_volume", "the name of a volume in `storage.volumes`");
        }
        if mount.path.is_none() {
            check.missing(mount.span, "path", "the path in the sidecar");
        }
        if let Some(volume) = mount.source_volume.as_ref().filter(|volume| !volumes.contains(&volume.value)) {
            check
                .warn(
                    "model/volume",
                    volume.span,
                    format!("there is no volume {:?} in `storage.volumes`", volume.value),
                )
                .help("ECS refuses the task unless `taskdef_overrides` or an override file adds it");
        }
        mounts.push(Mount {
            volume: check.text(mount.source_volume.as_ref(), "source_volume").unwrap_or_default(),
            path: super::storage::path(mount.path.as_ref(), check).unwrap_or_default(),
            read_only: mount.read_only.is_none_or(|flag| flag.value),
        });
    }
    Container {
        name: name.to_owned(),
        image,
        credentials: check.text(written.credentials.as_ref(), "credentialsParameter"),
        essential: written.essential.map(|flag| flag.value),
        entrypoint: words(written.entrypoint.as_ref(), "entrypoint", check),
        command: words(written.command.as_ref(), "command", check),
        variables: variables(written.variables.as_ref(), check),
        secrets: secrets(written.secrets.as_ref(), check),
        env_file: env_file(written.env_file.as_ref(), check),
        labels: texts(written.labels.as_ref()),
        depends_on: depends_on(written.depends_on.as_ref()),
        health_check: health_check(written.healthcheck.as_ref(), check),
        ports: vec![],
        mounts,
    }
}

fn depends_on(map: Option<&Map<Spanned<Condition>>>) -> BTreeMap<String, Dependency> {
    let entries = map.into_iter().flat_map(|map| &map.entries);
    entries
        .map(|(name, entry)| {
            let dependency = match entry.value.value {
                Condition::Start => Dependency::Start,
                Condition::Complete => Dependency::Complete,
                Condition::Success => Dependency::Success,
                Condition::Healthy => Dependency::Healthy,
            };
            (name.clone(), dependency)
        })
        .collect()
}

/// A container as others wait for it.
struct Waiting<'a> {
    essential: bool,
    depends_on: Option<&'a Map<Spanned<Condition>>>,
}

/// Reports containers that wait for what is not there, for themselves, or for the end of one that must not end.
pub(super) fn check_dependencies(main: &str, written: &Written, log_router: bool, check: &mut Check<'_>) {
    let mut containers: BTreeMap<&str, Waiting<'_>> = BTreeMap::new();
    let depends_on = written.image.as_ref().and_then(|image| image.depends_on.as_ref());
    containers.insert(main, Waiting { essential: true, depends_on });
    if log_router {
        containers.insert(LOG_ROUTER, Waiting { essential: false, depends_on: None });
    }
    for (name, entry) in written.sidecars.iter().flat_map(|map| &map.entries) {
        let essential = entry.value.essential.is_none_or(|flag| flag.value);
        if name == main {
            check
                .error("model/name", entry.key, format!("the main container is called {name:?} already"))
                .help("the main container is called as the service: give the sidecar another name");
            continue;
        }
        containers.insert(name, Waiting { essential, depends_on: entry.value.depends_on.as_ref() });
    }
    for (name, container) in &containers {
        for (other, entry) in container.depends_on.into_iter().flat_map(|map| &map.entries) {
            let Some(target) = containers.get(other.as_str()) else {
                let known = containers.keys().filter(|known| *known != name).copied();
                let near = crate::manifest::shape::nearest(other, known);
                let names: Vec<&str> = containers.keys().filter(|known| *known != name).copied().collect();
                check.error("model/dependency", entry.key, format!("there is no container {other:?}")).help(
                    match near {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => format!("the other containers are: {}", names.join(", ")),
                    },
                );
                continue;
            };
            let ends = matches!(entry.value.value, Condition::Complete | Condition::Success);
            if target.essential && ends {
                check
                    .error(
                        "model/dependency",
                        entry.value.span,
                        format!("{other:?} is essential: the task ends when it ends"),
                    )
                    .help(format!("wait for `start` or `healthy`, or set `essential: false` on `{other}`"));
            }
        }
        if let Some(at) = on_a_cycle(name, &containers) {
            check
                .error(
                    "model/dependency",
                    at,
                    format!("{name:?} waits for itself, directly or through others"),
                )
                .help("take one of the dependencies out");
        }
    }
}

/// The place of the dependency by which `start` comes back to itself.
fn on_a_cycle(start: &str, containers: &BTreeMap<&str, Waiting<'_>>) -> Option<Span> {
    let next = |name: &str| {
        let map = containers.get(name).and_then(|container| container.depends_on);
        map.into_iter().flat_map(|map| &map.entries)
    };
    for (first, entry) in next(start) {
        let (mut seen, mut open) = (vec![], vec![first.as_str()]);
        while let Some(name) = open.pop() {
            if name == start {
                return Some(entry.key);
            }
            if !seen.contains(&name) {
                seen.push(name);
                open.extend(next(name).map(|(name, _)| name.as_str()));
            }
        }
    }
    None
}
