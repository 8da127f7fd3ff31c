//! Dockerfiles against manifests, and environment files.

use super::book::place;
use super::{Bench, Workload};
use crate::artifact::dockerfile::{self, Dockerfile};
use crate::diagnostic::{Diagnostics, Source, Span};
use crate::model::container::{Build, Container, Image, Protocol};
use crate::model::workload as model;
use crate::name::EnvName;
use crate::ops::Result;
use crate::workspace::env_file;
use crate::yaml::node::Node;

/// A container of a workload in an environment.
struct Looked<'a> {
    root: &'a Node,
    env: &'a EnvName,
    /// Keys above its own: `sidecars` and its name, or none.
    above: Vec<&'a str>,
    container: Option<&'a Container>,
    /// What it runs on: `X86_64` or `ARM64`.
    processor: &'a str,
    /// Whether it runs on ECS, not on App Runner.
    ecs: bool,
}

impl Looked<'_> {
    /// The place of a field; of one further up where it is not given.
    fn place(&self, path: &[&str]) -> Span {
        let mut path = [&self.above, path].concat();
        while !path.is_empty() {
            if let Some(span) = place(self.root, self.env, &path) {
                return span;
            }
            path.pop();
        }
        self.root.get("name").map(|name| name.span).unwrap_or_default()
    }
}

/// Checks what the containers of a workload are made of.
pub(super) fn check(bench: &mut Bench<'_>, workload: &Workload) -> Result<()> {
    let mut found = vec![];
    for (env, model) in &workload.models {
        let mut out = Diagnostics::new();
        let router = model.container().and_then(|service| service.log_router.as_ref());
        for looked in containers(workload, env, model) {
            if let Some(container) = looked.container {
                image(bench, &looked, container, &mut out)?;
            }
            let file = match looked.container {
                Some(container) => container.env_file.as_deref(),
                None => router.and_then(|router| router.env_file.as_deref()),
            };
            if let Some(path) = file {
                variables_file(bench, path, looked.place(&["env_file"]), &mut out)?;
            }
        }
        found.push((env.clone(), out));
    }
    bench.book.merge(&workload.source, found);
    Ok(())
}

/// The main container, the sidecars, and the log router, whose block is no container's.
fn containers<'a>(workload: &'a Workload, env: &'a EnvName, model: &'a model::Workload) -> Vec<Looked<'a>> {
    let (processor, ecs) = match model {
        model::Workload::Container(service) => (service.platform.architecture.as_str(), true),
        model::Workload::RequestDriven(_) => ("X86_64", false),
        model::Workload::StaticSite(_) => return vec![],
    };
    let looked = |above, container| Looked { root: &workload.root, env, above, container, processor, ecs };
    match model {
        model::Workload::Container(service) => {
            let sidecar =
                |sidecar: &'a Container| looked(vec!["sidecars", sidecar.name.as_str()], Some(sidecar));
            let sidecars = service.sidecars.iter().map(sidecar);
            let router = looked(vec!["logging"], None);
            std::iter::once(looked(vec![], Some(&service.main))).chain(sidecars).chain([router]).collect()
        }
        model::Workload::RequestDriven(service) => vec![looked(vec![], Some(&service.main))],
        model::Workload::StaticSite(_) => vec![],
    }
}

fn image(
    bench: &mut Bench<'_>,
    looked: &Looked<'_>,
    container: &Container,
    out: &mut Diagnostics,
) -> Result<()> {
    match &container.image {
        Image::Build(build) => built(bench, looked, container, build, out),
        Image::Location(location) => {
            let other = if looked.processor == "ARM64" { ["amd64", "x86_64"] } else { ["arm64", "aarch64"] };
            if let Some(word) = other.iter().find(|word| location.contains(*word)) {
                let path: &[&str] = if looked.above.is_empty() { &["image", "location"] } else { &["image"] };
                let message =
                    format!("the image seems to be one for {word}, and tasks run on {}", looked.processor);
                out.warn("image/platform", message)
                    .at(looked.place(path))
                    .help("set `platform`, or take the image for the other processor");
            }
            Ok(())
        }
    }
}

fn built(
    bench: &mut Bench<'_>,
    looked: &Looked<'_>,
    container: &Container,
    build: &Build,
    out: &mut Diagnostics,
) -> Result<()> {
    let workspace = bench.session.workspace()?;
    let path = workspace.resolve(&build.dockerfile);
    if !path.is_file() {
        let at = looked.place(&["image", "build", "dockerfile"]);
        let known = workspace.dockerfiles();
        let help = if known.is_empty() {
            "the project has no Dockerfile; paths are relative to the parent of the manifest folder"
                .to_owned()
        } else {
            format!(
                "paths are relative to the parent of the manifest folder; there are: {}",
                known.join(", ")
            )
        };
        out.error("files/dockerfile", format!("there is no Dockerfile at {}", build.dockerfile))
            .at(at)
            .help(help);
        return Ok(());
    }
    let context = workspace.resolve(&build.context);
    if !context.is_dir() {
        let message = format!("the build context {} is no folder", build.context);
        out.error("files/context", message)
            .at(looked.place(&["image", "build", "context"]))
            .help("paths are relative to the parent of the manifest folder");
    }
    let source = workspace.source(path)?;
    bench.book.of(&source);
    let read = dockerfile::parse(&source.text, build.target.as_deref(), &build.args);
    target(looked, build, &read, out);
    ports(looked, container, &read, out);
    if let Some(check) = read.health_check.as_ref().filter(|_| looked.ecs && container.health_check.is_none())
    {
        hint(looked, check, out);
    }
    let wanted = read.platform.as_deref().and_then(architecture);
    if let Some(wanted) = wanted.filter(|wanted| *wanted != looked.processor) {
        let message =
            format!("the Dockerfile builds on an image for {wanted}, and tasks run on {}", looked.processor);
        let help = if looked.ecs {
            "set `platform` in the manifest, or take `--platform` out of the Dockerfile"
        } else {
            "App Runner has no other processor: take `--platform` out of the Dockerfile"
        };
        out.warn("image/platform", message).at(looked.place(&["image", "build"])).help(help);
    }
    Ok(())
}

fn target(looked: &Looked<'_>, build: &Build, read: &Dockerfile, out: &mut Diagnostics) {
    let Some(target) = &build.target else { return };
    let known = read.stages.iter().any(|stage| stage.eq_ignore_ascii_case(target));
    if known || target.bytes().all(|b| b.is_ascii_digit()) {
        return;
    }
    let message = format!("{} has no stage {target}", build.dockerfile);
    let help = if read.stages.is_empty() {
        "a stage has a name by `FROM … AS name`".to_owned()
    } else {
        format!("its stages are {}", read.stages.join(", "))
    };
    out.error("image/target", message).at(looked.place(&["image", "build", "target"])).help(help);
}

fn ports(looked: &Looked<'_>, container: &Container, read: &Dockerfile, out: &mut Diagnostics) {
    if read.ports.is_empty() {
        return;
    }
    for port in &container.ports {
        let protocol = if port.protocol == Protocol::Udp { "udp" } else { "tcp" };
        if read.ports.iter().any(|exposed| exposed.port == port.number && exposed.protocol == protocol) {
            continue;
        }
        let exposed: Vec<String> = read.ports.iter().map(|exposed| exposed.port.to_string()).collect();
        let path: &[&str] = if looked.above.is_empty() { &["image", "port"] } else { &["port"] };
        out.warn("image/port", format!("the Dockerfile does not expose port {}", port.number))
            .at(looked.place(path))
            .help(format!(
                "it exposes {}; a container that listens elsewhere fails its health check",
                exposed.join(", ")
            ));
    }
}

fn hint(looked: &Looked<'_>, check: &dockerfile::HealthCheck, out: &mut Diagnostics) {
    let command = serde_json::json!(check.command);
    let block = if looked.above.is_empty() { "image.healthcheck" } else { "healthcheck" };
    out.note("image/health-check", "ECS does not use the HEALTHCHECK of the Dockerfile")
        .at(looked.place(&["image", "build"]))
        .help(format!("to have it checked, write it into `{block}`: `command: {command}`"));
}

/// The processor of a builder's platform such as `linux/arm64/v8`, as ECS calls it.
fn architecture(platform: &str) -> Option<&'static str> {
    match platform.split('/').nth(1)? {
        "amd64" | "x86_64" => Some("X86_64"),
        "arm64" | "aarch64" | "arm" => Some("ARM64"),
        _ => None,
    }
}

/// A `.env` file: is it there, and will ECS read it as it looks?
fn variables_file(bench: &mut Bench<'_>, path: &str, at: Span, out: &mut Diagnostics) -> Result<()> {
    let workspace = bench.session.workspace()?;
    let file = workspace.resolve(path);
    if !file.is_file() {
        out.error("files/env-file", format!("there is no file {path}"))
            .at(at)
            .help("paths are relative to the parent of the manifest folder");
        return Ok(());
    }
    let Source { path, text } = workspace.source(file)?;
    let problems = env_file::check(&text);
    let source = Source { path, text: names_only(&text) };
    let own = bench.book.of(&source);
    if !own.is_empty() {
        return Ok(());
    }
    for problem in problems {
        let start = source.text.split_inclusive('\n').take(problem.line - 1).map(str::len).sum();
        let length = source.text[start..].find('\n').unwrap_or(source.text.len() - start);
        let span = Span { start, end: start + length, line: problem.line, column: 1 };
        let item = if problem.lost {
            own.error("files/env-line", problem.message)
        } else {
            own.warn("files/env-line", problem.message)
        };
        item.at(span);
    }
    Ok(())
}

/// The text without its values and comments.
fn names_only(text: &str) -> String {
    let name = |line: &str| match line.split_once('=') {
        Some((name, _)) if !line.trim_start().starts_with('#') => format!("{name}=…\n"),
        _ if line.trim().is_empty() => "\n".to_owned(),
        _ => "…\n".to_owned(),
    };
    text.lines().map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_of_an_env_file_is_left() {
        assert_eq!(names_only("A=s3cret\n# s3cret=1\n\ns3cret\nB =s\r\n"), "A=…\n…\n\n…\nB =…\n");
    }

    #[test]
    fn processors_by_both_names() {
        assert_eq!(architecture("linux/arm64/v8"), Some("ARM64"));
        assert_eq!(architecture("windows/amd64"), Some("X86_64"));
        assert_eq!(architecture("linux"), None);
    }
}
