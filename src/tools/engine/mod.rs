//! Container engines: found, asked to build, to log in and to push.
//!
//! docker, podman, finch, buildah and nerdctl take nearly the same commands; [`command`] knows the differences, [`output`]
//! what their output means, [`credentials`] where they keep passwords.
//!
//! A registry's password never enters the user's own configuration: [`Engine::with_private_config`] points the engine at a
//! copy of it in a private directory that goes away with the command. finch runs in a virtual machine that sees only its
//! own configuration directory, so there the user's is used.

pub mod command;
pub mod container;
pub mod credentials;
mod error;
pub mod output;
#[cfg(test)]
pub mod testing;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::OnceCell;

pub use error::{Error, Reason, Task};

use super::process::{Finished, Invocation};
use super::program::{is_program, on_path};
use crate::secret::Secret;

/// Kinds of engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// docker, and what calls itself by another name but takes docker's commands.
    Docker,
    /// podman.
    Podman,
    /// AWS's finch.
    Finch,
    /// buildah.
    Buildah,
    /// nerdctl.
    Nerdctl,
}

impl Kind {
    /// Every kind, in the order they are looked for.
    pub const ALL: [Self; 5] = [Self::Docker, Self::Podman, Self::Finch, Self::Buildah, Self::Nerdctl];

    /// Name of its program.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Finch => "finch",
            Self::Buildah => "buildah",
            Self::Nerdctl => "nerdctl",
        }
    }

    /// Whether it keeps credentials as podman does: in one file that is named by an option.
    fn uses_auth_file(self) -> bool {
        matches!(self, Self::Podman | Self::Buildah)
    }
}

/// Where to look for an engine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Lookup<'a> {
    /// Value of `WHARF_BUILDER`: a program's name or path, which is used and no other.
    pub builder: Option<&'a str>,
    /// Value of `PATH`.
    pub path: Option<&'a OsStr>,
    /// Value of `DOCKER_BUILDKIT`: `0` asks docker for its classic builder.
    pub docker_buildkit: Option<&'a str>,
}

/// An engine on this machine.
#[derive(Debug, Clone)]
pub struct Engine {
    kind: Kind,
    program: PathBuf,
    /// Directory with the private copy of the configuration.
    config: Option<PathBuf>,
    classic: bool,
    buildkit: Arc<OnceCell<Option<bool>>>,
}

/// What is built.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BuildRequest {
    /// Directory whose files the build sees.
    pub context: PathBuf,
    /// The Dockerfile.
    pub dockerfile: PathBuf,
    /// Stage to build; the last one when absent.
    pub target: Option<String>,
    /// Build arguments.
    pub args: BTreeMap<String, String>,
    /// Images whose layers may be reused.
    pub cache_from: Vec<String>,
    /// What the image runs on, such as `linux/arm64`; the engine's own platform when absent.
    pub platform: Option<String>,
    /// What the image is called, `repository:tag` each.
    pub tags: Vec<String>,
    /// Labels put on it.
    pub labels: BTreeMap<String, String>,
    /// Whether nothing may be reused from earlier builds.
    pub no_cache: bool,
}

impl Engine {
    /// Finds the engine: `WHARF_BUILDER`, else the first of [`Kind::ALL`] on `PATH`.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub fn find(lookup: Lookup<'_>) -> Result<Self, Error> {
        let engine = |kind, program| Self {
            kind,
            program,
            config: None,
            classic: lookup.docker_buildkit.is_some_and(|value| matches!(value, "0" | "false")),
            buildkit: Arc::default(),
        };
        if let Some(builder) = lookup.builder.filter(|builder| !builder.is_empty()) {
            let program = if builder.contains(std::path::MAIN_SEPARATOR) {
                Some(PathBuf::from(builder)).filter(|path| is_program(path))
            } else {
                on_path(builder, lookup.path)
            };
            let stem = Path::new(builder).file_stem().unwrap_or_default();
            let kind = Kind::ALL.into_iter().find(|kind| stem == kind.program()).unwrap_or(Kind::Docker);
            return program
                .map(|program| engine(kind, program))
                .ok_or(Error::NotFound { builder: Some(builder.to_owned()) });
        }
        Kind::ALL
            .into_iter()
            .find_map(|kind| Some(engine(kind, on_path(kind.program(), lookup.path)?)))
            .ok_or(Error::NotFound { builder: None })
    }

    /// What kind it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Its program.
    #[must_use]
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Keeps passwords in `directory` instead of the user's configuration. `directory`: private, holds a `config.json` as
    /// [`credentials::private`] makes it, and for docker whatever else the user's configuration directory holds.
    #[must_use]
    pub fn with_private_config(self, directory: &Path) -> Self {
        let config = (self.kind != Kind::Finch).then(|| directory.to_owned());
        Self { config, ..self }
    }

    /// Builds an image. Each line of the engine's output goes to `on_line`.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::NotAllowed`], [`Error::Failed`] with the step that failed.
    pub async fn build(
        &self,
        request: &BuildRequest,
        on_line: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), Error> {
        let buildkit = self.buildkit().await;
        let mut invocation = self.invocation(command::build(self.kind, request, buildkit != Some(false)));
        if let Some(on) = buildkit {
            invocation = invocation.variable("DOCKER_BUILDKIT", if on { "1" } else { "0" });
        }
        self.run(invocation, Task::Build, on_line).await.map(drop)
    }

    /// Logs in to a registry. The password goes over standard input.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::NotAllowed`], [`Error::Failed`].
    pub async fn login(&self, registry: &str, user: &str, password: &Secret) -> Result<(), Error> {
        let invocation = self.invocation(command::login(registry, user)).input(password.clone());
        self.run(invocation, Task::Login, &mut |_| {}).await.map(drop)
    }

    /// Pushes an image (`repository:tag`) and returns its digest, `sha256:…`.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::NotAllowed`], [`Error::Failed`]; [`Error::NoDigest`] when it was pushed but the engine does
    /// not say under which digest.
    pub async fn push(
        &self,
        reference: &str,
        on_line: &mut (dyn FnMut(&str) + Send),
    ) -> Result<String, Error> {
        let invocation = self.invocation(command::push(self.kind, reference));
        let finished = self.run(invocation, Task::Push, on_line).await?;
        match output::pushed_digest(&finished.output) {
            Some(digest) => Ok(digest),
            None => self.image_digest(reference).await,
        }
    }

    /// The digest under which an image (`repository:tag`) was pushed from this machine or pulled to it.
    ///
    /// # Errors
    /// [`Error::Failed`] when the engine does not know the image; [`Error::NoDigest`] when it knows no digest of it in that
    /// repository.
    pub async fn image_digest(&self, reference: &str) -> Result<String, Error> {
        let finished =
            self.run(self.invocation(command::inspect(reference)), Task::Inspect, &mut |_| {}).await?;
        output::repository_digest(&finished.standard, reference)
            .ok_or_else(|| Error::NoDigest { reference: reference.to_owned() })
    }

    /// What the engine's own images run on, such as `linux/arm64`; none when it does not say, for example because it is not
    /// running.
    pub async fn platform(&self) -> Option<String> {
        let finished = self.invocation(command::platform(self.kind)?).run(&mut |_| {}).await.ok()?;
        output::platform(&finished.standard).filter(|_| finished.success())
    }

    /// Whether docker's BuildKit is asked for (`true`) or its classic builder; none for engines without the choice.
    async fn buildkit(&self) -> Option<bool> {
        if self.kind != Kind::Docker {
            return None;
        }
        if self.classic {
            return Some(false);
        }
        *self
            .buildkit
            .get_or_init(|| async {
                let version = self.invocation(vec!["--version".into()]).run(&mut |_| {}).await.ok()?;
                // Clients before 23 have BuildKit built in, but off; later ones need their buildx plugin for it.
                match output::major_version(&version.standard) {
                    Some(major) if major < 23 => Some(true),
                    _ => {
                        let plugin = self.invocation(vec!["buildx".into(), "version".into()]);
                        Some(plugin.run(&mut |_| {}).await.is_ok_and(|finished| finished.success()))
                    }
                }
            })
            .await
    }

    fn invocation(&self, arguments: Vec<std::ffi::OsString>) -> Invocation {
        let invocation = Invocation::new(&self.program);
        match &self.config {
            Some(config) if self.kind.uses_auth_file() => {
                // `REGISTRY_AUTH_FILE` is the variable behind `--authfile`, which not every subcommand knows.
                invocation.args(arguments).variable("REGISTRY_AUTH_FILE", config.join(credentials::FILE))
            }
            Some(config) => invocation.args(arguments).variable("DOCKER_CONFIG", config),
            None => invocation.args(arguments),
        }
    }

    async fn run(
        &self,
        invocation: Invocation,
        task: Task,
        on_line: &mut (dyn FnMut(&str) + Send),
    ) -> Result<Finished, Error> {
        let finished = invocation
            .run(on_line)
            .await
            .map_err(|source| Error::Start { program: self.program.clone(), source })?;
        if finished.success() {
            return Ok(finished);
        }
        let mut text = finished.output;
        if let Some(input) = &invocation.input {
            // No engine prints its input; should one ever do, it goes no further.
            text = text.replace(input.expose().trim(), "…");
        }
        Err(error::failed(self.kind, task, finished.code, text))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::testing::{calls, engine, fake};
    use super::*;

    fn request() -> BuildRequest {
        BuildRequest {
            context: "/src".into(),
            dockerfile: "/src/Dockerfile".into(),
            tags: vec!["r/api:latest".into()],
            ..BuildRequest::default()
        }
    }

    #[test]
    fn finds_the_first_in_order_or_the_one_asked_for() {
        let (podman, nerdctl) = (fake("podman", ""), fake("nerdctl", ""));
        let path = std::env::join_paths([nerdctl.path(), podman.path(), Path::new("relative")]).unwrap();
        let lookup = Lookup { path: Some(&path), ..Lookup::default() };
        assert_eq!(Engine::find(lookup).unwrap().kind(), Kind::Podman);
        let asked = Engine::find(Lookup { builder: Some("nerdctl"), ..lookup }).unwrap();
        assert_eq!(
            (asked.kind(), asked.program()),
            (Kind::Nerdctl, nerdctl.path().join("nerdctl").as_path())
        );
        let by_path = podman.path().join("podman");
        let asked =
            Engine::find(Lookup { builder: by_path.to_str(), path: None, docker_buildkit: None }).unwrap();
        assert_eq!(asked.kind(), Kind::Podman);
        let missing = Engine::find(Lookup { builder: Some("docker"), ..lookup }).unwrap_err();
        assert!(missing.to_string().contains("WHARF_BUILDER"), "{missing}");
        fs::set_permissions(podman.path().join("podman"), fs::Permissions::from_mode(0o644)).unwrap();
        fs::set_permissions(nerdctl.path().join("nerdctl"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(Engine::find(lookup), Err(Error::NotFound { builder: None })));
    }

    #[tokio::test]
    async fn an_old_client_gets_buildkit_and_a_new_one_without_plugin_does_not() {
        for (version, buildx, want) in
            [("20.10.24", "exit 1", "1"), ("28.2.2", "exit 0", "1"), ("28.2.2", "exit 1", "0")]
        {
            let dir = fake(
                "docker",
                &format!(
                    "case $1 in --version) echo Docker version {version}, build x;; buildx) {buildx};; esac"
                ),
            );
            let engine = engine(&dir);
            engine.build(&request(), &mut |_| {}).await.unwrap();
            engine.build(&request(), &mut |_| {}).await.unwrap();
            let calls = calls(&dir);
            let last = calls.lines().last().unwrap();
            assert!(last.starts_with(&format!("buildkit: {want} ")), "{version} {buildx}: {calls}");
            assert_eq!(calls.contains("--progress"), want == "1", "{calls}");
            assert_eq!(calls.matches("--version").count(), 1, "asked once");
        }
        let dir = fake("docker", "");
        let path = dir.path().as_os_str();
        let classic =
            Engine::find(Lookup { path: Some(path), docker_buildkit: Some("0"), builder: None }).unwrap();
        classic.build(&request(), &mut |_| {}).await.unwrap();
        assert!(calls(&dir).contains("buildkit: 0 "));
    }

    #[tokio::test]
    async fn the_password_goes_over_standard_input_into_the_private_configuration() {
        let dir = fake("docker", "cat >$here/stdin");
        let engine = engine(&dir).with_private_config(Path::new("/private"));
        engine.login("r.example", "AWS", &Secret::new("t0ken")).await.unwrap();
        assert_eq!(fs::read_to_string(dir.path().join("stdin")).unwrap(), "t0ken");
        let calls = calls(&dir);
        assert!(calls.contains("argv: login --username AWS --password-stdin r.example\n"), "{calls}");
        assert!(calls.contains("config: /private auth: \n") && !calls.contains("t0ken"), "{calls}");
    }

    #[tokio::test]
    async fn a_refused_login_says_so_without_the_password() {
        let dir = fake("podman", "echo \"bad password $(cat): unauthorized\" >&2; exit 125");
        let engine = engine(&dir).with_private_config(Path::new("/private"));
        let error = engine.login("r.example", "AWS", &Secret::new("t0ken\n")).await.unwrap_err();
        assert!(matches!(&error, Error::Failed { reason: Reason::Denied, .. }), "{error:?}");
        assert!(!format!("{error:?} {error}").contains("t0ken"), "{error:?}");
        assert!(calls(&dir).contains("auth: /private/config.json"));
    }

    #[tokio::test]
    async fn a_push_ends_with_its_digest() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        let dir = fake(
            "docker",
            &format!("echo '5f70bf18a086: Pushed'; echo 'latest: digest: {digest} size: 1234'"),
        );
        let mut lines = vec![];
        let pushed =
            engine(&dir).push("r/api:latest", &mut |line| lines.push(line.to_owned())).await.unwrap();
        assert_eq!((pushed, lines.len()), (digest.clone(), 2));
        // An engine that does not say the digest is asked for it.
        let dir =
            fake("nerdctl", &format!("[ $1 = push ] || echo '[\"other/x@sha256:1\",\"r/api@{digest}\"]'"));
        assert_eq!(engine(&dir).push("r/api:latest", &mut |_| {}).await.unwrap(), digest);
        let dir = fake("nerdctl", "[ $1 = push ] || echo '[]'");
        let error = engine(&dir).push("r/api:latest", &mut |_| {}).await.unwrap_err();
        assert!(matches!(error, Error::NoDigest { .. }), "{error:?}");
    }

    #[tokio::test]
    async fn the_platform_is_the_engines() {
        let dir = fake("docker", "echo linux/arm64");
        assert_eq!(engine(&dir).platform().await.as_deref(), Some("linux/arm64"));
        let dir = fake("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
        assert_eq!(engine(&dir).platform().await, None);
    }

    #[tokio::test]
    async fn a_failed_build_names_its_step() {
        let dir = fake(
            "docker",
            "[ $1 = build ] || exit 0; echo '#7 [2/4] RUN npm ci'; echo '#7 0.5 npm ERR! missing'; echo 'ERROR: failed to solve: process \"/bin/sh -c npm ci\" did not complete successfully: exit code: 1' >&2; exit 1",
        );
        let error = engine(&dir).build(&request(), &mut |_| {}).await.unwrap_err();
        let Error::Failed { reason, step, code, output, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*reason, step.as_deref(), *code), (Reason::Step, Some("RUN npm ci"), Some(1)));
        assert!(output.contains("npm ERR! missing"));
        assert_eq!(
            error.to_string(),
            "docker could not build the image: the step `RUN npm ci` failed (exit code 1)"
        );
    }

    #[tokio::test]
    async fn an_engine_that_does_not_run_is_told_from_a_failure() {
        let dir = fake(
            "docker",
            "echo 'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' >&2; exit 1",
        );
        let error = engine(&dir).push("r/api:latest", &mut |_| {}).await.unwrap_err();
        assert!(matches!(error, Error::NotRunning { engine: "docker", .. }), "{error:?}");
        assert!(!error.next_steps().is_empty());
    }
}
