//! What can go wrong with a container engine, told from its output.

use std::io;
use std::path::PathBuf;

use super::{Kind, output};

/// Most lines of output shown as evidence.
const EVIDENCE: usize = 20;

/// Why the engine did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no engine.
    #[error("{}", not_found(builder.as_deref()))]
    NotFound {
        /// Value of `WHARF_BUILDER`, when it was set.
        builder: Option<String>,
    },
    /// The program is there, but what it talks to does not answer.
    #[error("{engine} is not running")]
    NotRunning {
        /// The engine's name.
        engine: &'static str,
        /// What it printed.
        output: String,
    },
    /// The program is there, but this user may not use it.
    #[error("{engine} refuses this user access")]
    NotAllowed {
        /// The engine's name.
        engine: &'static str,
        /// What it printed.
        output: String,
    },
    /// The program could not be started.
    #[error("can't start {}: {source}", program.display())]
    Start {
        /// The program.
        program: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The engine ran and failed.
    #[error("{engine} could not {task}: {}", describe(*reason, step.as_deref(), *code))]
    Failed {
        /// The engine's name.
        engine: &'static str,
        /// What it was asked to do.
        task: Task,
        /// Why it failed, as far as its output tells.
        reason: Reason,
        /// The Dockerfile's instruction that failed, when one did.
        step: Option<String>,
        /// The engine's exit code; none when a signal ended it.
        code: Option<i32>,
        /// What it printed, in full unless very long.
        output: String,
    },
    /// An image was pushed, but its digest is not known.
    #[error("the engine does not say under which digest it pushed {reference}")]
    NoDigest {
        /// The image.
        reference: String,
    },
}

/// What an engine was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Build an image.
    Build,
    /// Log in to a registry.
    Login,
    /// Push an image.
    Push,
    /// Tell an image's digest.
    Inspect,
    /// Fetch an image.
    Pull,
    /// Start a container.
    Run,
}

impl std::fmt::Display for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Build => "build the image",
            Self::Login => "log in to the registry",
            Self::Push => "push the image",
            Self::Inspect => "read the image's digest",
            Self::Pull => "fetch the image",
            Self::Run => "start the container",
        })
    }
}

/// Why an engine failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The disk is full.
    NoSpace,
    /// There is no Dockerfile at the path.
    NoDockerfile,
    /// The Dockerfile has no such stage.
    NoStage,
    /// A program of another processor's could not be run.
    ForeignPlatform,
    /// A base image does not exist or may not be read.
    BaseImage,
    /// The registry of a base image allows no more pulls for now.
    RateLimit,
    /// A registry could not be reached.
    Network,
    /// The registry refused the credentials.
    Denied,
    /// The registry has no such repository.
    NoRepository,
    /// The registry's repository lets no tag be given twice.
    ImmutableTag,
    /// An instruction of the Dockerfile failed.
    Step,
    /// The output does not tell.
    Other,
}

fn not_found(builder: Option<&str>) -> String {
    match builder {
        Some(builder) => format!("WHARF_BUILDER names {builder:?}, which is no program on this machine"),
        None => {
            let names: Vec<&str> = Kind::ALL.into_iter().map(Kind::program).collect();
            format!("no container engine found; looked for {}", names.join(", "))
        }
    }
}

fn describe(reason: Reason, step: Option<&str>, code: Option<i32>) -> String {
    let text = match reason {
        Reason::NoSpace => "the disk is full",
        Reason::NoDockerfile => "there is no Dockerfile at the path of the manifest",
        Reason::NoStage => "the Dockerfile has no stage of that name",
        Reason::ForeignPlatform => "this machine can't run programs of the image's processor",
        Reason::BaseImage => "a base image does not exist or may not be read",
        Reason::RateLimit => "the registry of a base image allows no more pulls for now",
        Reason::Network => "a registry could not be reached",
        Reason::Denied => "the registry refused the credentials",
        Reason::NoRepository => "the registry has no such repository",
        Reason::ImmutableTag => "the repository does not let a tag be given twice",
        Reason::Step | Reason::Other => "",
    };
    let ended = code.map_or("stopped by a signal".to_owned(), |code| format!("exit code {code}"));
    match (text, step) {
        ("", Some(step)) => format!("the step `{step}` failed ({ended})"),
        ("", None) => format!("it failed ({ended})"),
        (text, Some(step)) => format!("{text} (in the step `{step}`)"),
        (text, None) => text.to_owned(),
    }
}

/// The error behind an engine's failure.
pub(super) fn failed(kind: Kind, task: Task, code: Option<i32>, output: String) -> Error {
    let engine = kind.program();
    if has(&output, &["permission denied while trying to connect", "rootless containerd not running"]) {
        return Error::NotAllowed { engine, output };
    }
    let not_running = [
        "cannot connect to the docker daemon",
        "is the docker daemon running",
        "error during connect",
        "cannot connect to podman",
        "unable to connect to podman",
        "cannot access containerd socket",
        "finch vm start",
        "finch vm init",
    ];
    if has(&output, &not_running) {
        return Error::NotRunning { engine, output };
    }
    let step = if task == Task::Build { output::failed_step(&output) } else { None };
    let reason = reason(task, &output, step.is_some());
    Error::Failed { engine, task, reason, step, code, output }
}

fn reason(task: Task, output: &str, step: bool) -> Reason {
    // What a step of the build prints about its own work says nothing about the engine.
    let said = if step { output::engine_lines(output) } else { output.to_owned() };
    let building: [(Reason, &[&str]); 4] = [
        (
            Reason::NoDockerfile,
            &[
                "failed to read dockerfile",
                "cannot locate specified dockerfile",
                "unable to evaluate symlinks in dockerfile",
                "no containerfile or dockerfile",
            ],
        ),
        (
            Reason::NoStage,
            &[
                "could not be found in dockerfile",
                "failed to reach build target",
                "target stage",
                "not found in dockerfile",
            ],
        ),
        (
            Reason::BaseImage,
            &[
                "pull access denied",
                "manifest unknown",
                "failed to resolve source metadata",
                "repository does not exist",
                "manifest for",
                "initializing source",
            ],
        ),
        (Reason::ForeignPlatform, &["exec format error", "no match for platform"]),
    ];
    let pushing: [(Reason, &[&str]); 3] = [
        (Reason::ImmutableTag, &["tag is immutable", "imagetagalreadyexists", "already exists in the"]),
        (Reason::NoRepository, &["name unknown", "does not exist in the registry"]),
        (
            Reason::Denied,
            &[
                "no basic auth credentials",
                "unauthorized",
                "authorization token has expired",
                "denied",
                "403 forbidden",
            ],
        ),
    ];
    if has(output, &["no space left on device"]) {
        return Reason::NoSpace;
    }
    if has(&said, &["toomanyrequests", "too many requests", "pull rate limit"]) {
        return Reason::RateLimit;
    }
    if has(output, &["exec format error"]) && task == Task::Build {
        return Reason::ForeignPlatform;
    }
    let network = [
        "i/o timeout",
        "tls handshake timeout",
        "no such host",
        "temporary failure in name resolution",
        "connection refused",
        "network is unreachable",
        "connection reset by peer",
    ];
    if has(&said, &network) {
        return Reason::Network;
    }
    let known: &[(Reason, &[&str])] = match task {
        // What keeps a container from starting is told from its text by whoever knows what it runs.
        Task::Run => return Reason::Other,
        Task::Build => &building,
        Task::Pull => &building[2..],
        Task::Push | Task::Login | Task::Inspect => &pushing,
    };
    match known.iter().find(|(_, marks)| has(&said, marks)) {
        Some((reason, _)) => *reason,
        None if step => Reason::Step,
        None => Reason::Other,
    }
}

fn has(text: &str, marks: &[&str]) -> bool {
    let text = text.to_ascii_lowercase();
    marks.iter().any(|mark| text.contains(mark))
}

impl Error {
    /// The last lines of the engine's output: what it said about the failure.
    #[must_use]
    pub fn log_lines(&self) -> Vec<String> {
        let (Self::NotRunning { output, .. } | Self::NotAllowed { output, .. } | Self::Failed { output, .. }) =
            self
        else {
            return vec![];
        };
        let lines: Vec<&str> = output.lines().collect();
        lines[lines.len().saturating_sub(EVIDENCE)..].iter().map(|line| (*line).to_owned()).collect()
    }

    /// What the user can do, a sentence each.
    #[must_use]
    pub fn next_steps(&self) -> Vec<String> {
        let steps: &[&str] = match self {
            Self::NotFound { builder: Some(_) } => &[
                "Set WHARF_BUILDER to the name or path of docker, podman, finch, buildah or nerdctl, or unset it.",
            ],
            Self::NotFound { builder: None } => &[
                "Install one of them, such as Docker (https://docs.docker.com/get-docker/) or Finch (https://runfinch.com).",
                "Or build the image elsewhere and name it in the manifest: `image.location`.",
            ],
            Self::NotRunning { engine: "podman", .. } => &["Start it: `podman machine start`."],
            Self::NotRunning { engine: "finch", .. } => &["Start it: `finch vm start`."],
            Self::NotRunning { engine: "docker", .. } => &[
                "Start Docker Desktop, or the service: `sudo systemctl start docker`.",
                "If it runs elsewhere, check `docker context ls` and DOCKER_HOST.",
            ],
            Self::NotRunning { .. } => &["Start containerd: `sudo systemctl start containerd`."],
            Self::NotAllowed { engine: "docker", .. } => {
                &["Add yourself to the group `docker` (`sudo usermod -aG docker $USER`) and log in again."]
            }
            Self::NotAllowed { .. } => &["Run the engine once by hand; it says what is missing."],
            Self::Start { .. } => &[],
            Self::NoDigest { .. } => &["Deploy again with `--tag`, so that the image is named by its tag."],
            Self::Failed { engine, reason, .. } => match reason {
                Reason::NoSpace if *engine == "docker" => &[
                    "Make room: `docker system prune` removes what nothing uses, `docker builder prune` the build cache.",
                ],
                Reason::NoSpace => &["Make room: the engine's `system prune` removes what nothing uses."],
                Reason::NoDockerfile => &[
                    "Check `image.build` in the manifest; paths are relative to the parent of the manifest folder.",
                ],
                Reason::NoStage => &[
                    "Check `image.build.target` in the manifest against the names after `AS` in the Dockerfile.",
                ],
                Reason::ForeignPlatform => &[
                    "Install the emulators: `docker run --privileged --rm tonistiigi/binfmt --install all`.",
                    "Or set `platform` in the manifest to what this machine is: `linux/arm64` or `linux/x86_64`.",
                ],
                Reason::BaseImage => {
                    &["Check the image's name after `FROM`, and log in to its registry if it is private."]
                }
                Reason::RateLimit => &[
                    "Log in to the registry for a higher limit, or take the image from public.ecr.aws (such as public.ecr.aws/docker/library/node).",
                ],
                Reason::Network => &[
                    "Check the connection and the proxy settings of the engine, then run the command again.",
                ],
                Reason::Denied => {
                    &["Run the command again: credentials for the registry are valid for 12 hours."]
                }
                Reason::NoRepository => &["Run `wharf svc init` for the service: it makes the repository."],
                Reason::ImmutableTag => &[
                    "Turn off tag immutability of the repository: the tag `latest` moves with every deployment.",
                ],
                Reason::Step => {
                    &["Build it by hand to look into it: `docker build` with the same Dockerfile."]
                }
                Reason::Other => &[],
            },
        };
        steps.iter().map(|step| (*step).to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_tells_the_reason() {
        let build = |text: &str| match failed(Kind::Docker, Task::Build, Some(1), text.to_owned()) {
            Error::Failed { reason, .. } => reason,
            error => panic!("{error:?}"),
        };
        for (text, want) in [
            (
                "ERROR: failed to solve: failed to read dockerfile: open Dockerfile: no such file",
                Reason::NoDockerfile,
            ),
            (
                "unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat",
                Reason::NoDockerfile,
            ),
            ("ERROR: failed to solve: target stage \"x\" could not be found", Reason::NoStage),
            ("write /x: no space left on device", Reason::NoSpace),
            (
                "#5 [2/3] RUN x\n#5 0.1 exec /bin/sh: exec format error\nERROR: process \"x\" did not complete successfully: exit code: 255",
                Reason::ForeignPlatform,
            ),
            (
                "ERROR: failed to solve: nope: pull access denied, repository does not exist",
                Reason::BaseImage,
            ),
            ("toomanyrequests: You have reached your unauthenticated pull rate limit", Reason::RateLimit),
            ("failed to do request: dial tcp: lookup registry-1.docker.io: no such host", Reason::Network),
            (
                "#7 [2/4] RUN test\n#7 1.2 dial tcp 127.0.0.1:5432: connection refused\nERROR: failed to solve: process \"/bin/sh -c test\" did not complete successfully: exit code: 1",
                Reason::Step,
            ),
            ("something else", Reason::Other),
        ] {
            assert_eq!(build(text), want, "{text}");
        }
        let push = |text: &str| match failed(Kind::Docker, Task::Push, Some(1), text.to_owned()) {
            Error::Failed { reason, .. } => reason,
            error => panic!("{error:?}"),
        };
        for (text, want) in [
            ("no basic auth credentials", Reason::Denied),
            (
                "name unknown: The repository with name 'shop/api' does not exist in the registry",
                Reason::NoRepository,
            ),
            (
                "tag invalid: The image tag 'latest' already exists in the 'x' repository and cannot be overwritten because the tag is immutable.",
                Reason::ImmutableTag,
            ),
        ] {
            assert_eq!(push(text), want, "{text}");
        }
    }

    #[test]
    fn an_engine_that_is_off_is_told_by_its_words() {
        for (kind, text) in [
            (Kind::Docker, "error during connect: in the default daemon configuration on Windows"),
            (Kind::Podman, "Cannot connect to Podman. Please verify your connection to the Linux system"),
            (Kind::Finch, "instance \"finch\" is stopped, run `finch vm start` to start it"),
            (
                Kind::Nerdctl,
                "cannot access containerd socket \"/run/containerd/containerd.sock\": no such file",
            ),
        ] {
            let error = failed(kind, Task::Build, Some(1), text.to_owned());
            assert!(matches!(error, Error::NotRunning { .. }), "{error:?}");
            assert_eq!(error.log_lines(), [text]);
        }
        let denied = "Got permission denied while trying to connect to the Docker daemon socket";
        let error = failed(Kind::Docker, Task::Build, Some(1), denied.to_owned());
        assert!(matches!(error, Error::NotAllowed { .. }) && error.next_steps()[0].contains("usermod"));
    }
}
