//! Carrying out a try: starting, asking, waiting, removing.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use super::judge::container;
use super::listening::{Listener, in_words, listeners};
use super::owner::Owner;
use super::plan::{Part, Plan, Probe, is_success};
use crate::event::Step;
use crate::model::container::Dependency;
use crate::ops::preflight::{Finding, Outcome};
use crate::ops::{Error, Result, Session};
use crate::tools::engine::container::RunRequest;
use crate::tools::engine::{Engine, Kind};
use crate::tools::probe::{self, Answer};
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
/// After which time the same wrong answer, or another port that is listened on, will not become right any more.
const SETTLED: Duration = Duration::from_secs(10);
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
    let trying = Trying { bench, plan, since: Instant::now() };
    let mut interrupt = bench.session.interrupt.clone();
    let result = tokio::select! {
        result = trying.all() => result,
        () = async {
            while *interrupt.borrow_and_update() == 0 {
                if interrupt.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            }
        } => Err(Error::Interrupted),
    };
    let names: Vec<String> = plan.parts.iter().map(|part| trying.name(&part.name)).collect();
    let volumes: Vec<String> = plan.volumes().into_iter().map(|volume| trying.name(volume)).collect();
    bench.engine.remove(&names, &volumes).await;
    let found = step.run(async { result }).await?;
    match found.iter().find(|one| one.outcome != Outcome::Ok) {
        Some(worst) if worst.outcome == Outcome::Failed => step.failed(&worst.sentence()),
        Some(open) => step.done(&format!("not settled: {}", open.sentence())),
        None => step.done(&found.first().map(Finding::sentence).unwrap_or_default()),
    }
    Ok(found)
}

pub(super) struct Trying<'a> {
    pub(super) bench: &'a Bench<'a>,
    pub(super) plan: &'a Plan,
    since: Instant,
}

/// How far the asking at one place has come.
#[derive(Default)]
struct Asked {
    /// The last answer that was no success, and since when it is the same.
    last: Option<(Answer, Instant)>,
    found: Option<Finding>,
}

impl Trying<'_> {
    fn name(&self, of: &str) -> String {
        self.bench.owner.name(of)
    }

    fn engine(&self) -> &Engine {
        self.bench.engine
    }

    pub(super) fn after(&self) -> String {
        format!("after {:.1} s", self.since.elapsed().as_secs_f64())
    }

    async fn all(&self) -> Result<Vec<Finding>> {
        for part in &self.plan.parts {
            let platform = self.engine().image_platform(&part.image).await;
            if let Some(other) = platform.filter(|platform| *platform != self.plan.platform) {
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
            let started = self.engine().start(&request).await;
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
            let state = self.engine().state(&self.name(on)).await;
            let running = state.as_ref().is_some_and(|state| state.running);
            match until {
                Dependency::Start => return None,
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
                Dependency::Complete | Dependency::Success => {}
            }
            if begun.elapsed() > AWAITED {
                let detail = format!("others wait for it, and {} it has not come to its end", self.after());
                return Some(Finding::unknown(CHECK, container(part), detail));
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
        let checked: Vec<&Part> = self.plan.parts.iter().filter(|part| part.health_check.is_some()).collect();
        let mut checks: Vec<Asked> = checked.iter().map(|_| Asked::default()).collect();
        loop {
            for part in self.plan.parts.iter().filter(|part| part.essential && !part.awaited) {
                let state = self.engine().state(&self.name(&part.name)).await;
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

    /// Asks at a port once; leaves a finding when that settles it.
    async fn ask(&self, probe: &Probe, asked: &mut Asked, begun: Instant) {
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
            None => Answer::Nobody,
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
        let settled = since.elapsed() >= SETTLED;
        let over = begun.elapsed() >= probe.patience;
        let found = match answer {
            // A server that is still busy with its start says 5xx.
            Answer::Status(code) if over || (settled && code < 500) => Some(self.refused(probe, what, code)),
            Answer::Nobody | Answer::Open if over || settled => self.silent(probe, what, answer, over).await,
            Answer::Late if over => {
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
        let others = found.as_ref().map(|all| in_words(all)).unwrap_or_default();
        if here.is_none() && found.as_ref().is_some_and(|all| !all.is_empty()) {
            let detail = format!("nothing listens on it; the containers listen on {others}");
            return Some(Finding::failed(CHECK, what, "port", detail));
        }
        let detail = match (answer, found) {
            _ if !over => return None,
            (Answer::Open, _) => {
                format!("the connection stays open, but no answer over HTTP comes {}", self.after())
            }
            (_, Some(all)) if all.is_empty() => format!("nothing listens on any port {}", self.after()),
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
    async fn check_health(&self, part: &Part, asked: &mut Asked, begun: Instant) {
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
        let answer = tokio::time::timeout(Duration::from_secs(check.timeout), work).await;
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

    pub(super) async fn lines(&self, of: &str) -> Vec<String> {
        let lines = self.engine().last_lines(&self.name(of), LINES).await;
        lines.iter().map(|line| self.plan.safe(line)).collect()
    }
}
