//! Carrying out a try: starting, asking, waiting, removing.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::ask::Asked;
use super::judge::container;
use super::owner::{self, Owner};
use super::plan::{Part, Plan};
use crate::event::Step;
use crate::model::container::Dependency;
use crate::ops::preflight::{Finding, Outcome};
use crate::ops::{Error, Result, Session};
use crate::tools::engine::container::{RunRequest, State};
use crate::tools::engine::{Engine, Kind};
use crate::workspace::{file, scratch::Scratch};

/// The check, as it is documented.
pub const CHECK: &str = "try";
/// Lines of a container's log that are kept.
const LINES: usize = 20;
/// Longest pause between two looks.
const PACE: Duration = Duration::from_millis(500);
/// How long a container without anything to ask is watched.
const QUIET: Duration = Duration::from_secs(10);
/// How long a container has to run at least: some answer once and end.
const STEADY: Duration = Duration::from_secs(3);
/// How long a job may run: longer is no failure.
const JOB: Duration = Duration::from_secs(30);
/// How long a container that others wait for may take to its end.
const AWAITED: Duration = Duration::from_secs(120);
/// How long an engine that is about to make a container is waited for when the user stops.
const STARTING: Duration = Duration::from_secs(10);
/// How often in a row an engine may not tell of a container before that counts as gone.
const LOOKS: usize = 3;

/// What a try works with.
pub struct Bench<'a> {
    /// What the verb works with.
    pub session: &'a Session,
    /// The engine.
    pub engine: &'a Engine,
    /// A private directory.
    pub scratch: &'a Scratch,
    /// Whose the containers are.
    pub owner: &'a Owner,
    /// Whether the engine's containers run on another machine, whose ports are not reached from here.
    pub remote: bool,
    /// What the engine's machine runs by itself, such as `linux/amd64`, where it says so.
    pub platform: Option<String>,
}

/// Runs a workload's containers, asks them what ECS and the load balancer would ask, and removes them.
///
/// # Errors
/// [`Error::Interrupted`]; whatever keeps a private file from being written. Everything else is a finding.
pub async fn run(bench: &Bench<'_>, plan: &Plan) -> Result<Vec<Finding>> {
    bench.session.check_interrupt()?;
    let title = format!("Try {} on this machine", plan.name);
    let step = bench.session.step(&format!("try {}", plan.name), Step::Work, &title);
    let trying = Trying::new(bench, plan);
    let result = trying.until_interrupted().await;
    let names: Vec<String> = plan.parts.iter().map(|part| trying.name(&part.name)).collect();
    let volumes: Vec<String> = plan.volumes().into_iter().map(|volume| trying.name(volume)).collect();
    bench.engine.remove(&names, &volumes).await;
    if result.is_err() {
        owner::clear(bench.engine, bench.owner).await;
    }
    let found = step.run(async { result }).await?;
    match found.iter().find(|one| one.outcome != Outcome::Ok) {
        Some(worst) if worst.outcome == Outcome::Failed => step.failed(&worst.sentence()),
        Some(open) => step.done(&format!("not settled: {}", open.sentence())),
        None => step.done(&found.first().map(Finding::sentence).unwrap_or_default()),
    }
    Ok(found)
}

/// Comes back once the user wants to stop.
async fn interrupted(session: &Session) {
    let mut interrupt = session.interrupt.clone();
    while *interrupt.borrow_and_update() == 0 {
        if interrupt.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

pub(super) struct Trying<'a> {
    pub(super) bench: &'a Bench<'a>,
    pub(super) plan: &'a Plan,
    since: Instant,
    /// Whether the engine is about to make a container or a volume.
    starting: AtomicBool,
}

impl<'a> Trying<'a> {
    pub(super) fn new(bench: &'a Bench<'a>, plan: &'a Plan) -> Self {
        Self { bench, plan, since: Instant::now(), starting: AtomicBool::new(false) }
    }

    pub(super) fn name(&self, of: &str) -> String {
        self.bench.owner.name(of)
    }

    pub(super) fn engine(&self) -> &Engine {
        self.bench.engine
    }

    /// How a container stands; `None` when it is gone.
    pub(super) async fn state(&self, of: &str) -> Option<State> {
        for look in 1..=LOOKS {
            let state = self.engine().state(&self.name(of)).await;
            if state.is_some() || look == LOOKS {
                return state;
            }
            self.pause().await;
        }
        None
    }

    pub(super) fn after(&self) -> String {
        format!("after {:.1} s", self.since.elapsed().as_secs_f64())
    }

    async fn until_interrupted(&self) -> Result<Vec<Finding>> {
        let mut work = pin!(self.all());
        tokio::select! {
            result = &mut work => return result,
            () = interrupted(self.bench.session) => {}
        }
        // What the engine is just making is not there yet, and could not be removed.
        let made = async {
            while self.starting.load(Ordering::Relaxed) {
                tokio::time::sleep(PACE / 10).await;
            }
        };
        tokio::select! {
            _ = &mut work => {}
            _ = tokio::time::timeout(STARTING, made) => {}
        }
        Err(Error::Interrupted)
    }

    async fn all(&self) -> Result<Vec<Finding>> {
        for part in &self.plan.parts {
            let wanted = &self.plan.platform;
            let platform = self.engine().image_platform(&part.image).await;
            // Some images don't say what they are for.
            let is_said = |platform: &String| {
                platform.split_once('/').is_some_and(|(os, kind)| !os.is_empty() && !kind.is_empty())
            };
            if let Some(other) = platform.filter(is_said).filter(|platform| platform != wanted)
                && !(part.located && self.engine().has_platform(&part.image, wanted).await)
            {
                let detail =
                    format!("its image is built for {other}, and tasks run on {}", self.plan.platform);
                return Ok(vec![Finding::failed(CHECK, container(part), "architecture", detail)]);
            }
        }
        for volume in self.plan.volumes() {
            if let Err(error) =
                self.engine().make_volume(&self.name(volume), &self.bench.owner.to_string()).await
            {
                return Ok(vec![self.unstarted(&self.plan.parts[0], &error).await]);
            }
        }
        let keeper = self.plan.keeper();
        let mut network = None;
        for part in &self.plan.parts {
            for (on, until) in &part.depends_on {
                if let Some(finding) = self.wait_for(on, *until).await {
                    return Ok(vec![finding]);
                }
            }
            let request = self.request(part, keeper, network.clone())?;
            self.starting.store(true, Ordering::Relaxed);
            let started = self.engine().start(&request).await;
            self.starting.store(false, Ordering::Relaxed);
            // The engine has read it, and it may hold secrets: it does not wait for the end, which may be a sudden one.
            request.env_file.iter().try_for_each(|file| file::remove(file))?;
            if let Err(error) = started {
                return Ok(vec![self.unstarted(part, &error).await]);
            }
            if keeper == Some(part.name.as_str()) {
                network = Some(request.name);
            }
        }
        Ok(self.watch().await)
    }

    /// The containers of a task share one network: that of `keeper`, the first of those that stay, which has the ports.
    fn request(&self, part: &Part, keeper: Option<&str>, network: Option<String>) -> Result<RunRequest> {
        let (long, short): (BTreeMap<_, _>, BTreeMap<_, _>) =
            part.variables.iter().partition(|(_, value)| value.expose().contains(['\n', '\r']));
        let text: String = short.iter().map(|(name, value)| format!("{name}={}\n", value.expose())).collect();
        let file = self.bench.scratch.write(&format!("{}.env", part.name), text.as_bytes())?;
        let ports: BTreeSet<u16> = self.plan.probes.iter().map(|probe| probe.port).collect();
        let keeps = keeper == Some(part.name.as_str());
        Ok(RunRequest {
            name: self.name(&part.name),
            owner: self.bench.owner.to_string(),
            image: part.image.clone(),
            platform: part.located.then(|| self.plan.platform.clone()),
            entrypoint: part.entrypoint.clone(),
            command: part.command.clone(),
            env_file: Some(file),
            long_variables: long
                .into_iter()
                .map(|(name, value)| (name.clone(), value.expose().to_owned()))
                .collect(),
            ports: if keeps { ports.into_iter().collect() } else { vec![] },
            network_of: network.filter(|_| !keeps),
            mounts: part
                .mounts
                .iter()
                .map(|(volume, path, read_only)| (self.name(volume), path.clone(), *read_only))
                .collect(),
            // Others can't bound memory everywhere they run.
            memory: (self.engine().kind() == Kind::Docker).then_some(self.plan.memory),
            read_only: part.read_only,
        })
    }

    /// Waits for a container that another one depends on; a finding when that will not come.
    async fn wait_for(&self, on: &str, until: Dependency) -> Option<Finding> {
        let part = self.plan.parts.iter().find(|part| part.name == on)?;
        let begun = Instant::now();
        let mut asked = Asked::default();
        loop {
            if until == Dependency::Start {
                return None;
            }
            let state = self.state(on).await;
            let running = state.as_ref().is_some_and(|state| state.running);
            match until {
                Dependency::Complete if !running => return None,
                Dependency::Success if !running => {
                    let fine = state.as_ref().is_some_and(|state| state.exit_code == 0);
                    return if fine { None } else { Some(self.ended(part, state.as_ref()).await) };
                }
                Dependency::Healthy if !running => return Some(self.ended(part, state.as_ref()).await),
                Dependency::Healthy => {
                    self.check_health(part, &mut asked, begun).await;
                    match asked.found.take() {
                        Some(finding) if finding.outcome == Outcome::Ok => return None,
                        Some(finding) => return Some(finding),
                        None => {}
                    }
                }
                Dependency::Complete | Dependency::Success if begun.elapsed() > AWAITED => {
                    let detail =
                        format!("others wait for it, and {} it has not come to its end", self.after());
                    return Some(Finding::unknown(CHECK, container(part), detail));
                }
                Dependency::Start | Dependency::Complete | Dependency::Success => {}
            }
            self.pause().await;
        }
    }

    async fn pause(&self) {
        tokio::time::sleep(PACE.min(self.bench.session.inputs.polling.first)).await;
    }

    /// Looks at the containers until everything is known of them.
    async fn watch(&self) -> Vec<Finding> {
        let begun = Instant::now();
        let mut probes: Vec<Asked> = self.plan.probes.iter().map(|_| Asked::default()).collect();
        // ECS looks at the health of containers alone that a task can't be without.
        let stays = |part: &&Part| part.essential && !part.awaited;
        let checked: Vec<&Part> =
            self.plan.parts.iter().filter(stays).filter(|part| part.health_check.is_some()).collect();
        let mut checks: Vec<Asked> = checked.iter().map(|_| Asked::default()).collect();
        loop {
            for part in self.plan.parts.iter().filter(stays) {
                let state = self.state(&part.name).await;
                if state.as_ref().is_none_or(|state| !state.running) {
                    let done = self.plan.ends && state.as_ref().is_some_and(|state| state.exit_code == 0);
                    if done {
                        let detail = format!("ended with exit code 0 {}", self.after());
                        return vec![Finding::ok(CHECK, container(part), detail)];
                    }
                    return vec![self.ended(part, state.as_ref()).await];
                }
            }
            for (probe, asked) in self.plan.probes.iter().zip(&mut probes) {
                if asked.found.is_none() {
                    self.ask(probe, asked, begun).await;
                }
            }
            for (part, asked) in checked.iter().zip(&mut checks) {
                if asked.found.is_none() {
                    self.check_health(part, asked, begun).await;
                }
            }
            let asked = probes.iter().chain(&checks);
            let least = match (self.plan.ends, probes.is_empty() && checks.is_empty()) {
                (true, _) => JOB,
                (false, true) => QUIET,
                (false, false) => STEADY,
            };
            if asked.clone().all(|asked| asked.found.is_some()) && begun.elapsed() >= least {
                let mut found: Vec<Finding> = asked.filter_map(|asked| asked.found.clone()).collect();
                if found.is_empty() {
                    let what = format!("containers of {}", self.plan.name);
                    found.push(Finding::ok(CHECK, what, format!("still run {}", self.after())));
                }
                return found;
            }
            self.pause().await;
        }
    }

    pub(super) async fn lines(&self, of: &str) -> Vec<String> {
        let lines = self.engine().last_lines(&self.name(of), LINES).await;
        lines.iter().map(|line| self.plan.safe(line)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Table, part, plan};
    use super::*;

    #[tokio::test]
    async fn what_an_engine_is_just_making_is_removed_too() {
        let table = Table::new(
            "podman",
            "case \"$1 $2\" in 'image inspect') echo linux/amd64 ;; 'run '*) sleep 1; echo made >>$here/calls ;; esac",
        );
        let (bench, plan) = (table.bench(), plan(vec![part("web")]));
        let stop = async {
            while !table.calls().contains("argv: run") {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            table.interrupt.send(1).unwrap();
        };
        // Something has to be there for the first look at it.
        table.bench().engine.left().await;
        let (result, ()) = tokio::join!(run(&bench, &plan), stop);
        assert!(matches!(result, Err(Error::Interrupted)), "{result:?}");
        let calls = table.calls();
        let (made, removed) = (calls.find("made\n"), calls.find("argv: rm --force --volumes wharf-try-"));
        assert!(made.is_some() && made < removed, "{calls}");
    }

    #[tokio::test]
    async fn one_look_without_an_answer_does_not_make_a_container_gone() {
        let script = "case \"$1 $2\" in\n\
            'image inspect') echo linux/amd64 ;;\n\
            'container inspect') [ -e $here/looked ] || { touch $here/looked; echo 'timeout' >&2; exit 1; }\n\
            echo '1 {\"Status\":\"exited\",\"Running\":false,\"ExitCode\":3}' ;;\n\
            'logs '*) echo 'no database' ;;\n\
            esac";
        let table = Table::new("docker", script);
        let found = run(&table.bench(), &plan(vec![part("web")])).await.unwrap();
        assert_eq!((found.len(), found[0].outcome), (1, Outcome::Failed), "{found:?}");
        assert!(found[0].detail.starts_with("exited with code 3"), "{found:?}");
        assert_eq!(found[0].lines, ["no database"]);
        let gone = Table::new("docker", "[ \"$1 $2\" != 'container inspect' ]");
        let found = run(&gone.bench(), &plan(vec![part("web")])).await.unwrap();
        assert_eq!(
            (found[0].outcome, found[0].detail.as_str()),
            (Outcome::NotChecked, "somebody removed it meanwhile")
        );
    }

    #[tokio::test]
    async fn an_image_for_another_platform_fails_unless_it_is_there_for_both() {
        let of = |also: &str| {
            format!(
                "case \"$*\" in *--platform=*) [ \"$1\" = run ] || {also} ;; 'image inspect'*) echo linux/arm64 ;;\n\
                 'container inspect'*) echo '1 {{\"Running\":false,\"ExitCode\":3}}' ;; esac"
            )
        };
        let mut web = part("web");
        web.located = true;
        for (also, code) in [("exit 1", "architecture"), ("true", "container_exited")] {
            let table = Table::new("docker", &of(also));
            let found = run(&table.bench(), &plan(vec![web.clone()])).await.unwrap();
            assert_eq!(found[0].code, code, "{found:?}");
            assert_eq!(table.calls().contains("argv: run"), code != "architecture", "{}", table.calls());
        }
    }
}
