//! What is seen in a try, judged: what a deployment would fail for, and what may be for want of what is not here.

use super::plan::Part;
use super::run::{CHECK, Trying};
use crate::deploy::failure;
use crate::ops::preflight::{Finding, Outcome};
use crate::tools::engine::container::State;
use crate::tools::engine::{self, Kind};

/// Failures that nothing which is not here can be the reason of.
const CERTAIN: [&str; 6] =
    ["architecture", "command_not_found", "command_not_executable", "port", "port_local", "out_of_memory"];
const ALONE: &str = "A try has no credentials of AWS and reaches nothing in the environment's network: give other addresses and values with `--try-env FILE`, or leave `--try` out.";

impl Trying<'_> {
    /// A container that ended.
    pub(super) async fn ended(&self, part: &Part, state: Option<&State>) -> Finding {
        let what = container(part);
        let Some(state) = state else {
            return Finding::unknown(CHECK, what, "somebody removed it meanwhile");
        };
        let lines = self.lines(&part.name).await;
        let code = i32::try_from(state.exit_code).unwrap_or_default();
        if lines.iter().any(|line| line.contains("exec format error")) {
            return self.foreign(part, lines);
        }
        let (kind, meaning) = failure::exit(code);
        let after = self.after();
        let found = if state.out_of_memory {
            let detail = format!("used up the {} MiB of a task {after} and was killed", self.plan.memory);
            Finding::failed(CHECK, what, "out_of_memory", detail)
        } else {
            let more = match (code, meaning) {
                (0, _) => ", but a service has to keep running".to_owned(),
                (_, Some(meaning)) => format!(": {meaning}"),
                (_, None) => String::new(),
            };
            Finding::failed(CHECK, what, kind, format!("exited with code {code} {after}{more}"))
        };
        self.judged(found, lines)
    }

    /// A container that can't be run by the machine that the engine is on.
    fn foreign(&self, part: &Part, lines: Vec<String>) -> Finding {
        let what = container(part);
        match &self.bench.platform {
            Some(own) if *own != self.plan.platform => {
                let why =
                    format!("tasks run on {}, which this machine ({own}) can't run", self.plan.platform);
                Finding::unknown(CHECK, what, why)
                    .advice("Install the emulators of other processors, or try on such a machine.")
            }
            _ => {
                let detail = "its program is built for another processor (exec format error)";
                Finding { lines, ..Finding::failed(CHECK, what, "architecture", detail) }
            }
        }
    }

    /// A container that did not start at all.
    pub(super) async fn unstarted(&self, part: &Part, error: &engine::Error) -> Finding {
        let said: Vec<String> = error.log_lines().iter().map(|line| self.plan.safe(line)).collect();
        let text = said.join("\n").to_lowercase();
        if text.contains("exec format error") {
            return self.foreign(part, said);
        }
        let has = |marks: &[&str]| marks.iter().any(|mark| text.contains(mark));
        let kind = match error {
            engine::Error::Failed { code: Some(code), .. } if self.of_the_command(*code) => {
                let about_it = has(&["exec: \"", "executable file", "open executable", "invoke a command"]);
                let missing = has(&["not found in $path", "no such file or directory", "no such file"]);
                match (about_it, missing) {
                    (true, true) => "command_not_found",
                    (true, false) if has(&["permission denied"]) => "command_not_executable",
                    _ => return self.open(part, said, error),
                }
            }
            _ => return self.open(part, said, error),
        };
        let detail = "could not be started: its entry point or command can't be run";
        let found = Finding::failed(CHECK, container(part), kind, detail);
        Finding { lines: said, ..found }
    }

    /// Whether an engine's exit code says that it is for the command of the container that it did not start. docker and podman have
    /// codes for that, and 125 for their own troubles; nerdctl and finch have one code for all.
    fn of_the_command(&self, code: i32) -> bool {
        match self.engine().kind() {
            Kind::Nerdctl | Kind::Finch => code == 1,
            Kind::Docker | Kind::Podman | Kind::Buildah => matches!(code, 126 | 127),
        }
    }

    /// What the engine says of itself, not of the container.
    fn open(&self, part: &Part, said: Vec<String>, error: &engine::Error) -> Finding {
        let finding = Finding::unknown(CHECK, container(part), error.to_string());
        Finding { lines: said, next: error.next_steps(), ..finding }
    }

    /// A failure, as a warning where something that was not here may be the reason.
    pub(super) fn judged(&self, found: Finding, lines: Vec<String>) -> Finding {
        let mut found = Finding { lines, ..found };
        // Nothing of a try is in AWS.
        found.next.retain(|text| !text.contains("wharf svc logs") && !text.contains("wharf svc status"));
        if found.outcome == Outcome::Failed && !CERTAIN.contains(&found.code) {
            if self.plan.absent.is_empty() {
                found.next.push(ALONE.to_owned());
            } else {
                found.detail = format!("{}; not here were: {}", found.detail, self.plan.absent.join(", "));
                found = found.mild();
                found.next.insert(
                    0,
                    "It may be for what was not here: give values for a try with `--try-env FILE`."
                        .to_owned(),
                );
            }
        }
        found
    }
}

/// What a finding about a container is about.
pub(super) fn container(part: &Part) -> String {
    format!("container {}", part.name)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Table, part, plan};
    use super::*;
    use crate::ops::trial::run::run;

    #[tokio::test]
    async fn what_an_engine_says_of_a_command_is_told_from_its_own_troubles() {
        let not_found = "exec: \"serve\": executable file not found in $PATH";
        for (program, code, said, wanted) in [
            (
                "docker",
                127,
                &format!("docker: Error response from daemon: {not_found}")[..],
                "command_not_found",
            ),
            (
                "docker",
                127,
                "exec: \"/serve\": stat /serve: no such file or directory: unknown",
                "command_not_found",
            ),
            ("docker", 126, "exec: \"/serve\": permission denied: unknown", "command_not_executable"),
            ("docker", 125, "Conflict. The container name is already in use", ""),
            ("docker", 127, "unable to apply cgroup configuration: no such file or directory", ""),
            (
                "podman",
                127,
                "Error: crun: executable file `serve` not found in $PATH: No such file or directory",
                "command_not_found",
            ),
            (
                "podman",
                126,
                "Error: crun: open executable: Permission denied: OCI permission denied",
                "command_not_executable",
            ),
            (
                "podman",
                125,
                "command required for rootless mode: exec: \"newuidmap\": executable file not found in $PATH",
                "",
            ),
            (
                "nerdctl",
                1,
                &format!("FATA[0000] failed to create shim task: OCI runtime create failed: {not_found}")[..],
                "command_not_found",
            ),
            ("finch", 1, &format!("FATA[0001] {not_found}")[..], "command_not_found"),
            ("nerdctl", 1, "FATA[0000] failed to find plugin \"bridge\" in path [/opt/cni/bin]", ""),
        ] {
            let script = format!(
                "case \"$1\" in image) echo linux/amd64 ;; run) cat >&2 <<'said'\n{said}\nsaid\nexit {code} ;; esac"
            );
            let table = Table::new(program, &script);
            let found = run(&table.bench(), &plan(vec![part("web")])).await.unwrap();
            assert_eq!(found[0].code, wanted, "{program}: {said}: {found:?}");
            let failed = if wanted.is_empty() { Outcome::NotChecked } else { Outcome::Failed };
            assert_eq!(found[0].outcome, failed, "{said}");
            assert!(found[0].lines.iter().any(|line| line == said), "{found:?}");
        }
    }
}
