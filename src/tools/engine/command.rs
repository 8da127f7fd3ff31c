//! The arguments each engine takes.

use std::ffi::OsString;

use super::{BuildRequest, Kind};

/// Builds an image. `buildkit`: whether docker builds with BuildKit.
///
/// Values of the user's stand behind `=` in the same argument, so that none of them can be read as an option.
#[must_use]
pub fn build(kind: Kind, request: &BuildRequest, buildkit: bool) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["build".into()];
    let mut option = |name: &str, value: &str| arguments.push(format!("--{name}={value}").into());
    for tag in &request.tags {
        option("tag", tag);
    }
    // podman and buildah take repositories without tags here, which is something else; they reuse local layers instead.
    if !kind.uses_auth_file() {
        for image in &request.cache_from {
            option("cache-from", image);
        }
    }
    if let Some(target) = &request.target {
        option("target", target);
    }
    if let Some(platform) = &request.platform {
        option("platform", platform);
    }
    for (name, value) in &request.args {
        option("build-arg", &format!("{name}={value}"));
    }
    for (name, value) in &request.labels {
        option("label", &format!("{name}={value}"));
    }
    if request.no_cache {
        option("no-cache", "true");
    }
    match kind {
        Kind::Docker if buildkit => option("progress", "plain"),
        Kind::Finch | Kind::Nerdctl => option("progress", "plain"),
        // Their own format knows no SHELL and no HEALTHCHECK; without layers buildah reuses nothing.
        Kind::Podman => option("format", "docker"),
        Kind::Buildah => {
            option("format", "docker");
            option("layers", "true");
        }
        Kind::Docker => {}
    }
    let mut file = OsString::from("--file=");
    file.push(&request.dockerfile);
    arguments.push(file);
    arguments.push(request.context.clone().into());
    arguments
}

/// Logs in to a registry with the password on standard input.
#[must_use]
pub fn login(registry: &str, user: &str) -> Vec<OsString> {
    ["login", "--username", user, "--password-stdin", registry].map(OsString::from).to_vec()
}

/// Pushes an image.
#[must_use]
pub fn push(kind: Kind, reference: &str) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["push".into()];
    if kind.uses_auth_file() {
        // What is pushed is compressed anew: only the push itself knows the digest.
        arguments.push("--digestfile=/dev/stdout".into());
    }
    arguments.push(reference.into());
    arguments
}

/// Prints the digests of an image as a JSON list of `repository@digest`.
#[must_use]
pub fn inspect(reference: &str) -> Vec<OsString> {
    ["image", "inspect", "--format", "{{json .RepoDigests}}", reference].map(OsString::from).to_vec()
}

/// Prints what the engine's images run on, such as `linux/arm64`; none for buildah, which has no such question.
#[must_use]
pub fn platform(kind: Kind) -> Option<Vec<OsString>> {
    let words = match kind {
        Kind::Docker | Kind::Finch | Kind::Nerdctl => {
            ["version", "--format", "{{.Server.Os}}/{{.Server.Arch}}"]
        }
        Kind::Podman => ["info", "--format", "{{.Host.OS}}/{{.Host.Arch}}"],
        Kind::Buildah => return None,
    };
    Some(words.map(OsString::from).to_vec())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn request() -> BuildRequest {
        let map = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        BuildRequest {
            context: "/src/api".into(),
            dockerfile: "/src/api/Dockerfile".into(),
            target: Some("--privileged".into()),
            args: map(&[("B", "2"), ("A", "1 $(x)")]),
            cache_from: vec!["r/api:latest".into()],
            platform: Some("linux/arm64".into()),
            tags: vec!["r/api:latest".into(), "r/api:v1".into()],
            labels: map(&[("l", "v")]),
            no_cache: false,
        }
    }

    fn words(arguments: &[OsString]) -> String {
        arguments.iter().map(|argument| argument.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn docker_gets_everything_in_a_fixed_order() {
        let want = "build --tag=r/api:latest --tag=r/api:v1 --cache-from=r/api:latest --target=--privileged \
                    --platform=linux/arm64 --build-arg=A=1 $(x) --build-arg=B=2 --label=l=v --progress=plain \
                    --file=/src/api/Dockerfile /src/api";
        assert_eq!(words(&build(Kind::Docker, &request(), true)), want);
        assert_eq!(words(&build(Kind::Docker, &request(), false)), want.replace("--progress=plain ", ""));
    }

    #[test]
    fn others_differ_where_they_must() {
        let podman = words(&build(Kind::Podman, &request(), true));
        assert!(podman.contains("--format=docker") && !podman.contains("--cache-from"), "{podman}");
        assert!(!podman.contains("--progress"), "{podman}");
        let buildah = words(&build(Kind::Buildah, &BuildRequest { no_cache: true, ..request() }, true));
        assert!(buildah.contains("--layers=true") && buildah.contains("--no-cache=true"), "{buildah}");
        assert_eq!(words(&push(Kind::Buildah, "r:1")), "push --digestfile=/dev/stdout r:1");
        assert_eq!(words(&push(Kind::Docker, "r:1")), "push r:1");
    }
}
