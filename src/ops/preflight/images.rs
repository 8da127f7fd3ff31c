//! What containers are made of: images that exist already, ports, environment files.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::{Finding, Ground, containers};
use crate::artifact::dockerfile;
use crate::aws::ecr::Which;
use crate::model::container::{Container, Image};
use crate::model::workload::Workload;
use crate::workspace;

/// Looks at the images, the port of the main one, and the environment files.
pub(super) async fn check(ground: &Ground<'_>) -> Vec<Finding> {
    let before: BTreeSet<String> = ground.before.as_ref().map(locations).unwrap_or_default();
    let new = locations(ground.model);
    let changed_platform = ground.service_changed(|service| service.platform.clone());
    let changed_port = ground.changed(|workload| port_of(workload).map(|(port, _)| port));
    let main = containers(ground.model).first().map(|main| main.image.clone());
    let is_main = |location: &String| main == Some(Image::Location(location.clone()));
    let looked = new.iter().filter(|location| {
        changed_platform || !before.contains(*location) || (changed_port && is_main(location))
    });
    let images = join_all(looked.map(|location| image(ground, location))).await;
    let mut found: Vec<Finding> = images.into_iter().flatten().collect();
    if ground.changed(|workload| containers(workload).first().map(|main| main.image.clone())) || changed_port
    {
        found.extend(port(ground));
    }
    found.extend(env_files(ground));
    found
}

fn locations(workload: &Workload) -> BTreeSet<String> {
    let location = |container: &&Container| match &container.image {
        Image::Location(location) => Some(location.clone()),
        Image::Build(_) => None,
    };
    containers(workload).iter().filter_map(location).collect()
}

/// An image in ECR: account, region, repository, and its tag or digest.
#[derive(Debug, PartialEq, Eq)]
struct InEcr<'a> {
    account: &'a str,
    region: &'a str,
    repository: &'a str,
    which: Which<'a>,
}

fn in_ecr(location: &str) -> Option<InEcr<'_>> {
    let (host, path) = location.split_once('/')?;
    let (account, rest) = host.split_once(".dkr.ecr")?;
    let region = rest.trim_start_matches("-fips").strip_prefix('.')?.split('.').next()?;
    let (repository, which) = match (path.split_once('@'), path.split_once(':')) {
        (Some((name, digest)), _) => (name.split(':').next()?, Which::Digest(digest)),
        (None, Some((name, tag))) => (name, Which::Tag(tag)),
        (None, None) => (path, Which::Tag("latest")),
    };
    Some(InEcr { account, region, repository, which })
}

/// Nothing is found of an image in another registry: a task asks there as itself.
async fn image(ground: &Ground<'_>, location: &str) -> Vec<Finding> {
    const CHECK: &str = "images";
    let what = format!("image {location}");
    let Some(InEcr { account, region, repository, which }) = in_ecr(location) else {
        let why = "is in another registry than ECR, which is asked when a task starts";
        return ground.before.is_none().then(|| Finding::unknown(CHECK, what, why)).into_iter().collect();
    };
    let connection =
        if region == ground.region { ground.manager.clone() } else { ground.manager.region(region) };
    let wanted = ground.model.container().map(|service| service.platform.docker());
    let wanted = wanted.unwrap_or_else(|| "linux/amd64".to_owned());
    let found = match connection.ecr().describe(account, repository, which, &wanted).await {
        Ok(Some(found)) => found,
        Ok(None) => {
            return vec![Finding::failed(CHECK, what, "image_not_found", "is not in the registry")];
        }
        Err(error) => return vec![Finding::not_checked(CHECK, what, &error)],
    };
    let mut findings = vec![match found.platforms.as_slice() {
        [] => Finding::ok(CHECK, what, "is in the registry; for which platform, it does not say"),
        platforms if platforms.contains(&wanted) => {
            Finding::ok(CHECK, what, format!("is in the registry, for {wanted}"))
        }
        platforms => {
            let detail = format!("is there for {}, and tasks run on {wanted}", platforms.join(", "));
            Finding::failed(CHECK, what, "architecture", detail)
        }
    }];
    let main = containers(ground.model)
        .first()
        .is_some_and(|main| main.image == Image::Location(location.to_owned()));
    if let (true, Some(exposed), Some((wanted, what))) = (main, found.ports, port_of(ground.model)) {
        findings.extend(exposes(what, wanted, &exposed, "its image"));
    }
    findings
}

/// The port of the main container, and how it is called.
fn port_of(workload: &Workload) -> Option<(u16, String)> {
    let port = match workload {
        Workload::Container(service) => service.port?,
        Workload::RequestDriven(service) => service.port,
        Workload::StaticSite(_) => return None,
    };
    Some((port, format!("port {port} of {}", workload.name())))
}

/// A port against those that are exposed. Where nothing is, nothing is said: exposing is a habit, no need.
fn exposes(what: String, wanted: u16, exposed: &[u16], by: &str) -> Option<Finding> {
    if exposed.is_empty() {
        return None;
    }
    if exposed.contains(&wanted) {
        return Some(Finding::ok("port", what, format!("is exposed by {by}")));
    }
    let ports: Vec<String> = exposed.iter().map(u16::to_string).collect();
    Some(Finding::failed("port", what, "port", format!("{by} exposes {}", ports.join(", "))).mild())
}

/// The port of the main container, against those that its Dockerfile exposes.
fn port(ground: &Ground<'_>) -> Option<Finding> {
    let (wanted, what) = port_of(ground.model)?;
    let Image::Build(build) = &containers(ground.model).first()?.image else { return None };
    let workspace = ground.workspace?.workspace().ok()?;
    // A Dockerfile that is not there is the build's to tell.
    let source = workspace.dockerfile(&build.dockerfile).ok()?;
    let exposed = dockerfile::parse(&source.text, build.target.as_deref(), &build.args).ports;
    let exposed: Vec<u16> = exposed.iter().map(|exposed| exposed.port).collect();
    exposes(what, wanted, &exposed, &build.dockerfile)
}

fn env_files(ground: &Ground<'_>) -> Vec<Finding> {
    let router = ground.model.container().and_then(|service| service.log_router.as_ref());
    let files = containers(ground.model).into_iter().filter_map(|container| container.env_file.as_ref());
    let files: BTreeSet<&String> = files.chain(router.and_then(|router| router.env_file.as_ref())).collect();
    let Some(Ok(workspace)) = ground.workspace.map(super::Session::workspace) else { return vec![] };
    let look = |path: &String| {
        let what = format!("environment file {path}");
        match workspace::file::read_bytes(&workspace.resolve(path)) {
            Ok(_) => Finding::ok("env_files", what, "is there, and is uploaded by the deployment"),
            Err(error) => Finding::failed("env_files", what, "env_file_missing", error.to_string())
                .advice("Make the file, or correct `env_file` in the manifest; the path is one below the project's root."),
        }
    };
    files.into_iter().map(look).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, lines};
    use super::*;
    use crate::aws::testing;

    #[test]
    fn addresses_of_ecr_are_taken_apart() {
        let seen = |location| in_ecr(location).map(|at| (at.account, at.region, at.repository, at.which));
        let host = "111122223333.dkr.ecr.eu-west-1.amazonaws.com";
        let at = |rest: &str| format!("{host}/{rest}");
        let (tagged, digest, bare) = (at("a/b:1"), at("a/b:1@sha256:0"), at("a"));
        assert_eq!(seen(&tagged), Some(("111122223333", "eu-west-1", "a/b", Which::Tag("1"))));
        assert_eq!(seen(&digest), Some(("111122223333", "eu-west-1", "a/b", Which::Digest("sha256:0"))));
        assert_eq!(seen(&bare), Some(("111122223333", "eu-west-1", "a", Which::Tag("latest"))));
        let fips = "1.dkr.ecr-fips.us-east-1.amazonaws.com/a";
        assert_eq!(seen(fips).map(|at| at.1), Some("us-east-1"));
        assert_eq!(seen("nginx:1"), None);
        assert_eq!(seen("public.ecr.aws/nginx/nginx:1"), None);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn images_are_there_for_the_platform_or_not() {
        let manifest = "name: api\ntype: Backend Service\nimage:\n  location: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/main:1\n  port: 8080\nenv_file: api.env\n\
             sidecars:\n  list:\n    image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/api:1\n  gone:\n    image: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/gone:1\n  one:\n    image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/one:1\n  other:\n    image: nginx\n";
        let config =
            r#"{"os": "linux", "architecture": "amd64", "config": {"ExposedPorts": {"9000/tcp": {}}}}"#;
        let server = testing::server(move |request| match request.body.as_str() {
            "" => testing::json(200, config),
            body if body.contains("layerDigest") => {
                testing::json(200, r#"{"downloadUrl": "https://bucket.example/blob"}"#)
            }
            body if body.contains("\"main\"") => testing::json(
                200,
                r#"{"images": [{"imageManifest": "{\"config\": {\"digest\": \"sha256:c\"}}"}]}"#,
            ),
            body if body.contains("\"api\"") => {
                let list = r#"{"manifests": [{"platform": {"os": "linux", "architecture": "arm64"}}]}"#;
                testing::json(200, &serde_json::json!({"images": [{"imageManifest": list}]}).to_string())
            }
            body if body.contains("\"one\"") => {
                testing::json(200, r#"{"images": [{"imageManifest": "{}"}]}"#)
            }
            _ => testing::json_error("RepositoryNotFoundException", "gone"),
        });
        let bench = Bench::new(manifest);
        let mut found = check(&bench.ground(&server)).await;
        found.retain(|one| one.check != "env_files");
        insta::assert_snapshot!("images", lines(&found));
    }
}
