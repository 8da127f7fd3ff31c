//! Containers that run for a short time: started, looked at, asked, removed.
//!
//! docker, podman, finch and nerdctl take the same commands here. buildah builds images and runs none of them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use serde_json::Value;

use super::{Engine, Error, Kind, Task};

/// Label of everything that is made here, with the owner as its value.
pub const LABEL: &str = "wharf.try";

/// A container to start.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RunRequest {
    /// What it is called.
    pub name: String,
    /// Who started it: what stands in its label.
    pub owner: String,
    /// Its image, which is there already.
    pub image: String,
    /// What the image runs on, such as `linux/arm64`, where there may be one for each of several platforms.
    pub platform: Option<String>,
    /// Replaces the image's entry point.
    pub entrypoint: Vec<String>,
    /// Replaces the image's command.
    pub command: Vec<String>,
    /// File with its variables, `NAME=VALUE` a line. Never on the command line, which everybody can read.
    pub env_file: Option<PathBuf>,
    /// Variables whose values have several lines, which no such file can hold.
    pub long_variables: BTreeMap<String, String>,
    /// Ports that are reached at free ports of this machine's loopback address.
    pub ports: Vec<u16>,
    /// Container whose network it shares.
    pub network_of: Option<String>,
    /// Volume, absolute path, and whether it may only be read.
    pub mounts: Vec<(String, String, bool)>,
    /// Most memory in MiB.
    pub memory: Option<u64>,
    /// Whether its root file system may only be read.
    pub read_only: bool,
}

/// How a container stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State {
    /// The engine's id of it.
    pub id: String,
    /// Whether it runs.
    pub running: bool,
    /// How it ended, where it does not run.
    pub exit_code: i64,
    /// Whether it was killed for its memory.
    pub out_of_memory: bool,
    /// Its first process, as the engine's machine counts; 0 when it does not run.
    pub pid: u64,
}

fn words(words: &[&str]) -> Vec<OsString> {
    words.iter().map(OsString::from).collect()
}

/// The arguments that start a container in the background.
#[must_use]
pub fn run(kind: Kind, request: &RunRequest) -> Vec<OsString> {
    let mut arguments = words(&["run", "--detach"]);
    let mut option = |name: &str, value: &str| arguments.push(format!("--{name}={value}").into());
    option("name", &request.name);
    option("label", &format!("{LABEL}={}", request.owner));
    if let Some(platform) = &request.platform {
        option("platform", platform);
    }
    // ECS has no eye for the image's own health check; the others know no such option.
    if matches!(kind, Kind::Docker | Kind::Podman) {
        option("no-healthcheck", "true");
    }
    if let Some(container) = &request.network_of {
        option("network", &format!("container:{container}"));
    }
    for port in &request.ports {
        option("publish", &format!("127.0.0.1::{port}"));
    }
    for (volume, path, read_only) in &request.mounts {
        option("volume", &format!("{volume}:{path}{}", if *read_only { ":ro" } else { "" }));
    }
    if let Some(memory) = request.memory {
        option("memory", &format!("{memory}m"));
    }
    if request.read_only {
        option("read-only", "true");
    }
    for name in request.long_variables.keys() {
        option("env", name);
    }
    if let Some(first) = request.entrypoint.first() {
        option("entrypoint", first);
    }
    if let Some(file) = &request.env_file {
        let mut option = OsString::from("--env-file=");
        option.push(file);
        arguments.push(option);
    }
    arguments.push(request.image.clone().into());
    arguments.extend(request.entrypoint.iter().skip(1).chain(&request.command).map(OsString::from));
    arguments
}

/// `<id> {"Status":…}` as the engine prints it.
fn state(text: &str) -> Option<State> {
    let (id, json) = text.trim().split_once(' ')?;
    let value: Value = serde_json::from_str(json).ok()?;
    let running = value["Running"].as_bool().unwrap_or_else(|| value["Status"] == "running");
    Some(State {
        id: id.to_owned(),
        // A container that is just being made or started has not ended.
        running: running || matches!(value["Status"].as_str(), Some("created" | "initialized")),
        exit_code: value["ExitCode"].as_i64().unwrap_or_default(),
        out_of_memory: value["OOMKilled"].as_bool().unwrap_or_default(),
        pid: value["Pid"].as_u64().unwrap_or_default(),
    })
}

impl Engine {
    /// Whether it runs containers at all.
    #[must_use]
    pub fn runs_containers(&self) -> bool {
        self.kind() != Kind::Buildah
    }

    /// Starts a container in the background.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::NotAllowed`]; [`Error::Failed`] with what the engine said, such as that the command is
    /// not in the image.
    pub async fn start(&self, request: &RunRequest) -> Result<(), Error> {
        let mut invocation = self.invocation(run(self.kind(), request));
        for (name, value) in &request.long_variables {
            invocation = invocation.variable(name, value);
        }
        self.run(invocation, Task::Run, &mut |_| {}).await.map(drop)
    }

    /// How a container stands; `None` when it is gone.
    pub async fn state(&self, name: &str) -> Option<State> {
        let question = ["container", "inspect", "--format", "{{.Id}} {{json .State}}", name];
        let finished = self.invocation(words(&question)).exact().run(&mut |_| {}).await.ok()?;
        state(&finished.standard).filter(|_| finished.success())
    }

    /// Where a port of a container is reached on this machine; `None` when it is not published.
    pub async fn published(&self, name: &str, port: u16) -> Option<SocketAddr> {
        let question = ["port", name, &format!("{port}/tcp")];
        let finished = self.invocation(words(&question)).run(&mut |_| {}).await.ok()?;
        finished.standard.lines().find_map(|line| line.trim().parse().ok())
    }

    /// The last lines that a container wrote, both streams.
    pub async fn last_lines(&self, name: &str, count: usize) -> Vec<String> {
        let question = ["logs", "--tail", &count.to_string(), name];
        let Ok(finished) = self.invocation(words(&question)).run(&mut |_| {}).await else { return vec![] };
        let lines: Vec<&str> = finished.output.lines().collect();
        lines[lines.len().saturating_sub(count)..].iter().map(|line| (*line).to_owned()).collect()
    }

    /// Runs a command in a container to its end: its exit code, and what it wrote to standard output. `None` when the engine
    /// could not be asked.
    pub async fn exec(&self, name: &str, command: &[String]) -> Option<(i32, String)> {
        let mut arguments = words(&["exec", name]);
        arguments.extend(command.iter().map(OsString::from));
        let finished = self.invocation(arguments).run(&mut |_| {}).await.ok()?;
        Some((finished.code?, finished.standard))
    }

    /// Fetches an image. Each line of the engine's output goes to `on_line`.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::NotAllowed`], [`Error::Failed`].
    pub async fn pull(
        &self,
        reference: &str,
        platform: &str,
        on_line: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), Error> {
        let question = ["pull", &format!("--platform={platform}"), reference];
        self.run(self.invocation(words(&question)), Task::Pull, on_line).await.map(drop)
    }

    /// What an image on this machine runs on, such as `linux/arm64`; `None` when it is not here.
    pub async fn image_platform(&self, reference: &str) -> Option<String> {
        let question = ["image", "inspect", "--format", "{{.Os}}/{{.Architecture}}", reference];
        let finished = self.invocation(words(&question)).run(&mut |_| {}).await.ok()?;
        finished.success().then(|| finished.standard.trim().to_owned())
    }

    /// Whether an image is here for this platform too, of an engine that keeps images for several under one name and by itself
    /// tells of one. The others, and old versions, don't know the question.
    pub async fn has_platform(&self, reference: &str, platform: &str) -> bool {
        let question = ["image", "inspect", &format!("--platform={platform}"), "--format={{.Id}}", reference];
        let finished = self.invocation(words(&question)).run(&mut |_| {}).await;
        finished.is_ok_and(|finished| finished.success())
    }

    /// Makes a volume.
    ///
    /// # Errors
    /// [`Error::NotRunning`], [`Error::NotAllowed`], [`Error::Failed`].
    pub async fn make_volume(&self, name: &str, owner: &str) -> Result<(), Error> {
        let question = ["volume", "create", &format!("--label={LABEL}={owner}"), name];
        self.run(self.invocation(words(&question)), Task::Run, &mut |_| {}).await.map(drop)
    }

    /// Names of the containers and of the volumes that were made here, by whomever.
    pub async fn left(&self) -> (Vec<String>, Vec<String>) {
        let filter = format!("--filter=label={LABEL}");
        let (containers, volumes) = (
            ["ps", "--all", &filter, "--format={{.Names}}"],
            ["volume", "ls", &filter, "--format={{.Name}}"],
        );
        (self.names(&containers).await, self.names(&volumes).await)
    }

    async fn names(&self, question: &[&str]) -> Vec<String> {
        let Ok(finished) = self.invocation(words(question)).run(&mut |_| {}).await else { return vec![] };
        if !finished.success() {
            return vec![];
        }
        finished.standard.lines().map(|line| line.trim().to_owned()).collect()
    }

    /// Removes containers, also running ones, and volumes. What is not there is no error, and what can't be removed is found
    /// by [`Engine::left`] the next time.
    pub async fn remove(&self, containers: &[String], volumes: &[String]) {
        if !containers.is_empty() {
            let mut arguments = words(&["rm", "--force", "--volumes"]);
            arguments.extend(containers.iter().map(OsString::from));
            let _ = self.invocation(arguments).run(&mut |_| {}).await;
        }
        if !volumes.is_empty() {
            let mut arguments = words(&["volume", "rm", "--force"]);
            arguments.extend(volumes.iter().map(OsString::from));
            let _ = self.invocation(arguments).run(&mut |_| {}).await;
        }
    }

    /// Address of the machine that containers run on, such as `unix:///var/run/docker.sock` or `ssh://host`, where the engine
    /// may be another than this one. `variable` gives the process's variables.
    pub async fn address(&self, variable: impl Fn(&str) -> Option<String>) -> Option<String> {
        let given = match self.kind() {
            Kind::Docker => variable("DOCKER_HOST"),
            Kind::Podman => variable("CONTAINER_HOST"),
            // They have no other machine.
            Kind::Finch | Kind::Nerdctl | Kind::Buildah => None,
        };
        if given.is_some() || self.kind() != Kind::Docker {
            return given;
        }
        let question = ["context", "inspect", "--format={{.Endpoints.docker.Host}}"];
        let finished = self.invocation(words(&question)).run(&mut |_| {}).await.ok()?;
        finished.success().then(|| finished.standard.trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{calls, engine, fake};
    use super::*;

    fn line(arguments: &[OsString]) -> String {
        arguments.iter().map(|argument| argument.to_string_lossy()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_container_gets_what_its_manifest_says_and_no_value_on_the_command_line() {
        let text = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let request = RunRequest {
            name: "n".into(),
            owner: "o".into(),
            image: "r:1".into(),
            platform: Some("linux/arm64".into()),
            entrypoint: text(&["/bin/sh", "-c"]),
            command: text(&["serve --all"]),
            env_file: Some("/private/env".into()),
            long_variables: BTreeMap::from([("PEM".into(), "a\nsecret".into())]),
            ports: vec![8080, 9090],
            network_of: None,
            mounts: vec![("v".into(), "/data".into(), true), ("w".into(), "/tmp".into(), false)],
            memory: Some(512),
            read_only: true,
        };
        assert_eq!(
            line(&run(Kind::Docker, &request)),
            "run --detach --name=n --label=wharf.try=o --platform=linux/arm64 --no-healthcheck=true \
             --publish=127.0.0.1::8080 --publish=127.0.0.1::9090 --volume=v:/data:ro --volume=w:/tmp --memory=512m \
             --read-only=true --env=PEM --entrypoint=/bin/sh --env-file=/private/env r:1 -c serve --all"
        );
        let side = RunRequest {
            name: "s".into(),
            image: "r:2".into(),
            network_of: Some("n".into()),
            ..Default::default()
        };
        assert_eq!(
            line(&run(Kind::Nerdctl, &side)),
            "run --detach --name=s --label=wharf.try= --network=container:n r:2"
        );
    }

    /// What docker and those that follow it print, as far as a try reads it.
    const SAYS: &str = "case \"$1 $2\" in\n\
        'container inspect') echo '4f2a {\"Status\":\"running\",\"Running\":true,\"Pid\":12,\"ExitCode\":0}' ;;\n\
        'port n') [ \"$3\" = 8080/tcp ] && echo 127.0.0.1:49153 && echo '[::1]:49153' ;;\n\
        'logs --tail') echo one; echo two >&2; echo three ;;\n\
        'exec n') shift 2; echo \"ran $*\"; exit 3 ;;\n\
        'ps --all') echo wharf-try-a-1-00000001-web; echo wharf-try-a-1-00000001-aside ;;\n\
        'volume ls') echo wharf-try-a-1-00000001-data ;;\n\
        'context inspect') echo ssh://me@host ;;\n\
        esac";

    #[tokio::test]
    async fn every_engine_is_asked_in_the_words_they_share() {
        for program in ["docker", "podman", "finch", "nerdctl"] {
            let dir = fake(program, SAYS);
            let engine = engine(&dir);
            assert!(engine.runs_containers(), "{program}");
            let state = engine.state("n").await.unwrap();
            assert!(state.running && state.id == "4f2a", "{program}: {state:?}");
            assert_eq!(engine.published("n", 8080).await, Some("127.0.0.1:49153".parse().unwrap()));
            assert_eq!(engine.published("n", 1).await, None, "{program}");
            let mut lines = engine.last_lines("n", 9).await;
            lines.sort();
            assert_eq!(lines, ["one", "three", "two"], "{program}");
            assert_eq!(engine.last_lines("n", 1).await.len(), 1, "{program}");
            let command = ["cat", "/x"].map(str::to_owned);
            assert_eq!(engine.exec("n", &command).await, Some((3, "ran cat /x\n".to_owned())));
            let (containers, volumes) = engine.left().await;
            assert_eq!((containers.len(), volumes), (2, vec!["wharf-try-a-1-00000001-data".to_owned()]));
            engine.remove(&containers, &["v".to_owned()]).await;
            let calls = calls(&dir);
            for call in [
                "container inspect --format {{.Id}} {{json .State}} n",
                "port n 8080/tcp",
                "logs --tail 9 n",
                "exec n cat /x",
                "ps --all --filter=label=wharf.try --format={{.Names}}",
                "volume ls --filter=label=wharf.try --format={{.Name}}",
                "rm --force --volumes wharf-try-a-1-00000001-web wharf-try-a-1-00000001-aside",
                "volume rm --force v",
            ] {
                assert!(calls.contains(&format!("argv: {call}\n")), "{program}: {call}: {calls}");
            }
        }
        assert!(!engine(&fake("buildah", "")).runs_containers());
    }

    #[tokio::test]
    async fn a_container_that_is_gone_or_an_engine_that_fails_has_no_state() {
        let gone = fake("podman", "echo 'Error: no such container n' >&2; exit 125");
        let engine = engine(&gone);
        assert_eq!((engine.state("n").await, engine.published("n", 1).await), (None, None));
        assert_eq!(engine.left().await, (vec![], vec![]));
        assert_eq!(engine.image_platform("x").await, None);
    }

    #[tokio::test]
    async fn values_of_several_lines_go_over_the_environment() {
        let dir = fake("nerdctl", "echo \"pem: $PEM\" > $here/pem");
        let request = RunRequest {
            name: "n".into(),
            image: "r:1".into(),
            long_variables: BTreeMap::from([("PEM".into(), "a\nsecret".into())]),
            ..Default::default()
        };
        engine(&dir).start(&request).await.unwrap();
        assert_eq!(std::fs::read_to_string(dir.path().join("pem")).unwrap(), "pem: a\nsecret\n");
        assert!(calls(&dir).contains("--env=PEM") && !calls(&dir).contains("secret"));
    }

    #[tokio::test]
    async fn an_engine_elsewhere_is_known_by_its_own_variable() {
        let both = |name: &str| match name {
            "DOCKER_HOST" => Some("tcp://docker:2375".to_owned()),
            "CONTAINER_HOST" => Some("ssh://podman".to_owned()),
            _ => None,
        };
        for (program, given, none) in [
            ("docker", Some("tcp://docker:2375"), Some("ssh://me@host")),
            ("podman", Some("ssh://podman"), None),
            ("finch", None, None),
            ("nerdctl", None, None),
        ] {
            let dir = fake(program, SAYS);
            let engine = engine(&dir);
            assert_eq!(engine.address(both).await.as_deref(), given, "{program}");
            assert_eq!(engine.address(|_| None).await.as_deref(), none, "{program}");
        }
    }

    #[tokio::test]
    async fn an_image_may_be_here_for_several_platforms() {
        let dir = fake(
            "docker",
            "case \"$*\" in *--platform=linux/arm64*) echo sha256:1 ;; *--platform=*) exit 1 ;; *) echo linux/amd64 ;; esac",
        );
        let engine = engine(&dir);
        assert_eq!(engine.image_platform("nginx").await.as_deref(), Some("linux/amd64"));
        assert!(engine.has_platform("nginx", "linux/arm64").await);
        assert!(!engine.has_platform("nginx", "windows/amd64").await);
    }

    #[test]
    fn states_are_read() {
        let running =
            state("4f2a {\"Status\":\"running\",\"Running\":true,\"Pid\":12,\"ExitCode\":0}\n").unwrap();
        assert!(running.running && running.pid == 12 && running.id == "4f2a");
        let ended =
            state("4f2a {\"Status\":\"exited\",\"Running\":false,\"OOMKilled\":true,\"ExitCode\":137}")
                .unwrap();
        assert_eq!((ended.running, ended.out_of_memory, ended.exit_code), (false, true, 137));
        assert!(state("4f2a {\"Status\":\"created\",\"Running\":false}").unwrap().running);
        assert_eq!(state("Error: no such container"), None);
    }
}
