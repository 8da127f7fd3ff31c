//! What the containers of a try are asked: their ports as a load balancer asks, and their own health checks.

use std::path::Path;
use std::time::{Duration, Instant};

use super::listening::{Listener, in_words, listeners};
use super::plan::{Part, Probe, is_success};
use super::run::{CHECK, Trying};
use crate::ops::preflight::Finding;
use crate::tools::probe::{self, Answer};
use crate::workspace::file;

/// After which time the same wrong answer will not become right any more.
const SETTLED: Duration = Duration::from_secs(10);
/// How long the engine may take by itself to begin a command in a container, on a machine that has other work too.
const BEGINNING: Duration = Duration::from_secs(10);

/// How far the asking at one place has come.
#[derive(Default)]
pub(super) struct Asked {
    /// The last answer that was no success, and since when it is the same.
    last: Option<(Answer, Instant)>,
    pub found: Option<Finding>,
}

impl Trying<'_> {
    /// Asks at a port once; leaves a finding when that settles it.
    pub(super) async fn ask(&self, probe: &Probe, asked: &mut Asked, begun: Instant) {
        let what = match &probe.http {
            Some((path, _)) => format!("GET {path} at port {} of {}", probe.port, probe.container),
            None => format!("port {} of {}", probe.port, probe.container),
        };
        if self.bench.remote {
            let why = "the container engine runs on another machine, whose ports are not reached from here";
            asked.found = Some(Finding::unknown(CHECK, what, why));
            return;
        }
        let keeper = self.name(self.plan.keeper().unwrap_or(&probe.container));
        let answer = match self.engine().published(&keeper, probe.port).await {
            None => Answer::Refused,
            Some(address) => match &probe.http {
                Some((path, _)) => probe::http(address, path, probe.timeout).await,
                None => probe::tcp(address, probe.timeout).await,
            },
        };
        let good = match (&probe.http, answer) {
            (Some((_, codes)), Answer::Status(code)) => is_success(codes, code),
            (None, Answer::Open | Answer::Status(_)) => true,
            _ => false,
        };
        if good {
            let said = match answer {
                Answer::Status(code) => format!("answered {code} {}", self.after()),
                _ => format!("something listens {}", self.after()),
            };
            asked.found = Some(Finding::ok(CHECK, what, said));
            return;
        }
        let since = match asked.last {
            Some((last, since)) if last == answer => since,
            _ => Instant::now(),
        };
        asked.last = Some((answer, since));
        let same = since.elapsed();
        let over = begun.elapsed() >= probe.patience;
        let found = match answer {
            // A server that is still busy with its start says 5xx.
            Answer::Status(code) if over || (same >= SETTLED && code < 500) => {
                Some(self.refused(probe, what, code))
            }
            Answer::Refused | Answer::Closed | Answer::Open if over || same >= SETTLED => {
                self.silent(probe, what, answer, over).await
            }
            // More than once: a machine with other work too is late now and then.
            Answer::Late if over && same >= probe.timeout => {
                let detail = format!("did not answer within {} s", probe.timeout.as_secs());
                Some(Finding::failed(CHECK, what, "health_check_timeout", detail))
            }
            _ => None,
        };
        if let Some(found) = found {
            let found = if probe.must { found } else { found.mild() };
            let lines = self.lines(&probe.container).await;
            asked.found = Some(self.judged(found, lines));
        }
    }

    fn refused(&self, probe: &Probe, what: String, code: u16) -> Finding {
        let codes = probe.http.as_ref().map(|(_, codes)| codes.as_str()).unwrap_or_default();
        let detail = format!("answered {code}, and {codes} counts as healthy");
        Finding::failed(CHECK, what, "health_check_code", detail)
    }

    /// Nobody answers at the port: where else something listens tells why. `None`: it may still come.
    async fn silent(&self, probe: &Probe, what: String, answer: Answer, over: bool) -> Option<Finding> {
        let found = self.listening(&probe.container).await;
        let here = found.as_ref().and_then(|all| all.iter().find(|one| one.port == probe.port));
        if here.is_some_and(|one| one.local) {
            let detail = format!("the program listens on {} of localhost only", probe.port);
            return Some(Finding::failed(CHECK, what, "port_local", detail));
        }
        // Other ports tell nothing before: that of a sidecar, of metrics or of a debugger is often there long before this one.
        if !over {
            return None;
        }
        if here.is_some() && answer == Answer::Refused {
            let why =
                "something listens on it in the container, but the engine's ports are not reached from here";
            return Some(
                Finding::unknown(CHECK, what, why)
                    .advice("Run wharf on the machine itself that the engine runs on, not in a container."),
            );
        }
        let detail = match (answer, &found) {
            (Answer::Open, _) => {
                format!("the connection stays open, but no answer over HTTP comes {}", self.after())
            }
            (_, Some(all)) if all.is_empty() => format!("nothing listens on any port {}", self.after()),
            (_, Some(all)) if here.is_none() => {
                let detail = format!("nothing listens on it; the containers listen on {}", in_words(all));
                return Some(Finding::failed(CHECK, what, "port", detail));
            }
            _ => format!("nobody answers {}", self.after()),
        };
        Some(Finding::failed(CHECK, what, "health_check_no_answer", detail))
    }

    /// What the containers listen on; `None` when it can't be told. They share one network.
    async fn listening(&self, of: &str) -> Option<Vec<Listener>> {
        let name = self.name(of);
        let state = self.engine().state(&name).await?;
        let folder = format!("/proc/{}", state.pid);
        let read = |file: &str| file::read_optional(Path::new(&format!("{folder}/{file}"))).ok().flatten();
        // Where the engine runs in a machine of its own, its processes are others than those of the same number here.
        let text = match read("cgroup") {
            Some(groups) if state.pid > 0 && !state.id.is_empty() && groups.contains(&state.id) => {
                format!("{}{}", read("net/tcp")?, read("net/tcp6").unwrap_or_default())
            }
            _ => {
                let command = ["cat", "/proc/net/tcp", "/proc/net/tcp6"].map(str::to_owned);
                let (_, text) = self.engine().exec(&name, &command).await?;
                // Without the program there is no list, and no heading of one.
                text.contains("local_address").then_some(text)?
            }
        };
        Some(listeners(&text))
    }

    /// Runs a container's own health check once; leaves a finding when that settles it.
    pub(super) async fn check_health(&self, part: &Part, asked: &mut Asked, begun: Instant) {
        let what = format!("health check of container {}", part.name);
        let Some(check) = &part.health_check else {
            asked.found = Some(Finding::ok(CHECK, what, "it has none"));
            return;
        };
        let command: Vec<String> = match check.command.split_first() {
            Some((first, rest)) if first == "CMD-SHELL" => {
                ["/bin/sh", "-c"].map(str::to_owned).into_iter().chain(rest.iter().cloned()).collect()
            }
            Some((first, rest)) if first == "CMD" => rest.to_vec(),
            _ => check.command.clone(),
        };
        let name = self.name(&part.name);
        let work = self.engine().exec(&name, &command);
        let patience = Duration::from_secs(check.timeout) + BEGINNING;
        let answer = tokio::time::timeout(patience, work).await;
        let code = match answer {
            Ok(Some((0, _))) => {
                asked.found = Some(Finding::ok(CHECK, what, format!("passed {}", self.after())));
                return;
            }
            Ok(other) => other.map(|(code, _)| code),
            Err(_) => None,
        };
        let patience = check.start_period + check.interval * check.retries;
        // A command that is not in the image will not come.
        let missing = matches!(code, Some(126 | 127)) && begun.elapsed() >= Duration::from_secs(1);
        if missing || begun.elapsed() >= Duration::from_secs(patience.clamp(10, 300)) {
            let said = match code {
                Some(126 | 127) => "its command is not in the image".to_owned(),
                Some(code) => format!("its command ended with exit code {code} {}", self.after()),
                None => format!("its command did not end within {} s", check.timeout),
            };
            let found = Finding::failed(CHECK, what, "container_health_check", said);
            let lines = self.lines(&part.name).await;
            asked.found = Some(self.judged(found, lines));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::plan::Plan;
    use super::super::testing::{Table, part, plan};
    use super::*;
    use crate::model::container::{Dependency, HealthCheck};
    use crate::ops::preflight::Outcome;

    /// A table of the kernel's in which something listens at 3000, and at 9000 of localhost alone.
    const TABLE: &str = "  sl  local_address rem_address   st\n\
        0: 00000000:0BB8 00000000:0000 0A\n\
        1: 0100007F:2328 00000000:0000 0A\n";

    fn probe(port: u16) -> Probe {
        Probe {
            container: "web".to_owned(),
            port,
            http: None,
            timeout: Duration::from_secs(1),
            patience: Duration::ZERO,
            must: true,
        }
    }

    /// An engine in whose containers this is what `cat` prints; without a text there is no such program.
    fn listing(program: &str, text: Option<&str>) -> Table {
        let cat = text.map_or("exit 127".to_owned(), |text| format!("echo '{text}'"));
        let script = format!(
            "case \"$1 $2\" in\n\
             'container inspect') echo '4f2a {{\"Running\":true,\"Pid\":1}}' ;;\n\
             'exec '*) {cat} ;;\n\
             esac"
        );
        Table::new(program, &script)
    }

    async fn silent(table: &Table, port: u16, answer: Answer, over: bool) -> Option<String> {
        let plan = plan(vec![part("web")]);
        let bench = table.bench();
        let found = Trying::new(&bench, &plan).silent(&probe(port), "port".to_owned(), answer, over).await?;
        Some(format!("{:?} {}: {}", found.outcome, found.code, found.detail))
    }

    #[tokio::test]
    async fn where_else_something_listens_tells_why_a_port_is_silent() {
        for program in ["docker", "podman", "finch", "nerdctl"] {
            let table = listing(program, Some(TABLE));
            // Metrics or a debugger may be there long before the port itself: no verdict before the time is over.
            assert_eq!(silent(&table, 8080, Answer::Closed, false).await, None, "{program}");
            let elsewhere = "Failed port: nothing listens on it; the containers listen on 3000 and 9000 (on localhost only)";
            assert_eq!(silent(&table, 8080, Answer::Closed, true).await.as_deref(), Some(elsewhere));
            let local = "Failed port_local: the program listens on 9000 of localhost only";
            assert_eq!(silent(&table, 9000, Answer::Closed, false).await.as_deref(), Some(local));
            // It is there, and the engine's ports are those of another network.
            let apart = "NotChecked : something listens on it in the container, but the engine's ports are not reached from here";
            assert_eq!(silent(&table, 3000, Answer::Refused, true).await.as_deref(), Some(apart));
            let closed = silent(&table, 3000, Answer::Closed, true).await.unwrap();
            assert!(closed.starts_with("Failed health_check_no_answer: nobody answers"), "{closed}");
        }
    }

    #[tokio::test]
    async fn a_container_without_programs_tells_nothing_of_its_ports() {
        let table = listing("podman", None);
        assert_eq!(silent(&table, 8080, Answer::Closed, false).await, None);
        let found = silent(&table, 8080, Answer::Refused, true).await.unwrap();
        assert!(found.starts_with("Failed health_check_no_answer: nobody answers after"), "{found}");
        let found =
            silent(&listing("podman", Some("  sl  local_address")), 8080, Answer::Refused, true).await;
        assert!(found.unwrap().contains("nothing listens on any port"));
    }

    #[tokio::test]
    async fn health_counts_only_of_what_the_task_needs() {
        let check = HealthCheck {
            command: vec!["CMD".to_owned(), "ok".to_owned()],
            interval: 0,
            retries: 1,
            start_period: 0,
            timeout: 1,
        };
        let mut aside = part("aside");
        aside.essential = false;
        aside.health_check = Some(check.clone());
        let mut init = part("init");
        init.health_check = Some(check);
        init.awaited = true;
        let mut web = part("web");
        web.health_check.clone_from(&aside.health_check);
        web.depends_on.insert("init".to_owned(), Dependency::Success);
        let plan: Plan = plan(vec![init, web, aside]);
        // The one to be waited for has ended, and the health check of the main container alone passes.
        let table = Table::new(
            "nerdctl",
            "case \"$*\" in\n\
             'container inspect'*-init) echo '1 {\"Status\":\"exited\",\"Running\":false,\"ExitCode\":0}' ;;\n\
             'container inspect'*) echo '2 {\"Status\":\"running\",\"Running\":true}' ;;\n\
             'exec '*-web*) ;;\n\
             'exec '*) exit 1 ;;\n\
             esac",
        );
        let found = super::super::run::run(&table.bench(), &plan).await.unwrap();
        assert!(found.iter().all(|one| one.outcome == Outcome::Ok), "{found:?}");
        let calls = table.calls();
        let asked = calls.lines().filter(|call| call.starts_with("argv: exec"));
        assert!(asked.clone().count() > 0 && asked.clone().all(|call| call.contains("-web ")), "{calls}");
    }
}
