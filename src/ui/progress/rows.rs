//! The rows of the tree: a sign, a text, a word and a time, each cut to what the line has room for.

use jiff::Timestamp;

use super::bar::Gauge;
use super::service::ServiceView;
use super::state::{ResourceView, Span, StackView, State};
use super::tree::{Frame, sign};
use crate::event::{Deployment, Phase, Shift, Task};
use crate::page::ago;
use crate::ui::style::Role;
use crate::ui::text;

/// Weight of what a program says while it works.
pub(super) const CHATTER: u8 = 10;
/// Weight of a resource that has not begun.
const WAITING: u8 = 20;
/// Weight of a resource that is done.
const DONE: u8 = 30;
/// Weight of the head of a step or stack that is done.
pub(super) const HEAD_DONE: u8 = 40;
/// Weight of a message of ECS's.
const MESSAGE: u8 = 50;
/// Weight of a task that is as it should be.
const TASK: u8 = 60;
/// Weight of a resource that is under way.
const RUNNING: u8 = 70;
/// Weight of what a service waits for and of its targets.
pub(super) const SERVICE: u8 = 80;
/// Weight of tasks that failed.
const TASK_FAILURE: u8 = 85;
/// Weight of a service's deployments.
const DEPLOYMENT: u8 = 90;
/// Weight of what the rest stands below: a step or stack that is under way, a resource with a service.
pub(super) const HEAD: u8 = 95;
/// Weight of a failure and its reason.
pub(super) const FAILURE: u8 = 100;

/// Most lines of a reason while there is more to come.
const REASON_LINES: usize = 3;
/// Most different reasons shown for which tasks of a service failed.
const REASONS: usize = 3;
/// Columns of the time at the end of a line.
const TIME: usize = 7;

/// A line of the tree.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) indent: usize,
    /// None: a text without a sign, which stands where the text of a row with one would.
    pub(super) state: Option<State>,
    pub(super) text: String,
    pub(super) role: Role,
    /// How far it is, if that is known.
    pub(super) bar: Option<Gauge>,
    /// Behind the text, fainter, and cut first.
    pub(super) note: String,
    pub(super) word: &'static str,
    pub(super) word_role: Role,
    pub(super) span: Span,
    pub(super) weight: u8,
}

impl Row {
    pub(super) fn new(indent: usize, state: State, text: String) -> Self {
        Self {
            indent,
            state: Some(state),
            text,
            role: if state == State::Waiting { Role::Faint } else { Role::Plain },
            bar: None,
            note: String::new(),
            word: "",
            word_role: if state == State::Failed { Role::Bad } else { Role::Faint },
            span: Span::default(),
            weight: RUNNING,
        }
    }

    pub(super) fn text(indent: usize, role: Role, text: String, weight: u8) -> Self {
        Self { state: None, role, weight, ..Self::new(indent, State::Running, text) }
    }

    /// The row as one line of at most `frame.width` columns.
    pub(super) fn render(&self, frame: &Frame) -> String {
        let style = frame.style;
        let mut head = "  ".repeat(self.indent);
        let mut used = 2 * self.indent;
        if let Some(state) = self.state {
            head.push_str(&sign(state, frame));
            head.push(' ');
            used += 2;
        }
        let time = self.span.elapsed(frame.now).map(text::duration).unwrap_or_default();
        let mut tail = String::new();
        let mut tail_width = 0;
        if !self.word.is_empty() || !time.is_empty() {
            // Long times fill their place: they keep off the word.
            let gap = if time.len() >= TIME && !self.word.is_empty() { " " } else { "" };
            tail = format!("{}{gap}{time:>TIME$}", style.paint(self.word_role, self.word));
            tail_width = text::width(self.word) + gap.len() + TIME.max(time.len());
        }
        // One column stays free: terminals wrap when the last is written.
        let width = frame.width.saturating_sub(1);
        if used + tail_width + 10 > width {
            (tail, tail_width) = (String::new(), 0);
        }
        let gap = if tail_width > 0 { 2 } else { 0 };
        let mut room = width.saturating_sub(used + tail_width + gap);
        let cut = text::truncate(&self.text, room, style.ellipsis());
        room -= text::width(&cut);
        let mut body = style.paint(self.role, &cut);
        if let Some(bar) = self.bar.and_then(|bar| bar.draw(style, room.saturating_sub(2))) {
            room -= text::width(&bar) + 2;
            body.push_str(&format!("  {bar}"));
        }
        if !self.note.is_empty() && room > 8 {
            let note = text::truncate(&self.note, room - 2, style.ellipsis());
            room -= text::width(&note) + 2;
            body.push_str(&format!("  {}", style.paint(Role::Faint, &note)));
        }
        let filler = if tail_width > 0 { " ".repeat(room + gap) } else { String::new() };
        format!("{head}{body}{filler}{tail}").trim_end().to_owned()
    }
}

/// A longer text as rows: a few lines while the tree lives, all of it at the end.
pub(super) fn wrapped(rows: &mut Vec<Row>, indent: usize, body: &str, role: Role, weight: u8, frame: &Frame) {
    let body = text::safe(body);
    if body.trim().is_empty() {
        return;
    }
    let width = frame.width.saturating_sub(2 * indent + 1).max(20);
    let mut lines = text::wrap(&body, width);
    if !frame.last && lines.len() > REASON_LINES {
        lines.truncate(REASON_LINES);
        if let Some(last) = lines.last_mut() {
            let tail = frame.style.ellipsis();
            *last = format!("{}{tail}", text::truncate(last, width - text::width(tail), ""));
        }
    }
    rows.extend(lines.into_iter().map(|line| Row::text(indent, role, line, weight)));
}

/// A resource and the reason for which it failed. `heads`: whether rows of a service or of a nested stack follow below it.
pub(super) fn resource(
    rows: &mut Vec<Row>,
    resource: &ResourceView,
    stack: &StackView,
    heads: bool,
    frame: &Frame,
    indent: usize,
) {
    let change = &resource.change;
    let kind = change.resource_type.strip_prefix("AWS::").unwrap_or(&change.resource_type);
    let note = if change.title.is_empty() { kind } else { &change.title };
    // What failed is a failure, also when it was taken back since.
    let failed = !resource.failure.is_empty();
    let state = if failed && resource.state.is_over() { State::Failed } else { resource.state };
    let mut row = Row::new(indent, state, text::safe(&change.logical_id));
    row.note = text::safe(note);
    row.span = resource.span;
    row.word = if state == State::Failed { "failed" } else { word(resource, stack.is_rolling_back()) };
    row.weight = match state {
        State::Failed => FAILURE,
        // What stands below needs its head.
        _ if heads => HEAD,
        State::Running => RUNNING,
        State::Waiting => WAITING,
        _ => DONE,
    };
    rows.push(row);
    if failed {
        wrapped(rows, indent + 1, without_token(&resource.failure), Role::Bad, FAILURE, frame);
    }
}

/// CloudFormation's reason without what only its own staff can read at the end: `(RequestToken: …, HandlerErrorCode: …)`.
pub(super) fn without_token(reason: &str) -> &str {
    reason.find(" (RequestToken:").map_or(reason, |at| &reason[..at])
}

/// What is being done to a resource, or was.
pub(super) fn word(resource: &ResourceView, rolling_back: bool) -> &'static str {
    let (operation, state) = resource.status.split_once('_').unwrap_or(("", ""));
    let replaced = resource.change.replacement == "True";
    match (operation, state) {
        ("CREATE", "IN_PROGRESS") => "creating",
        ("CREATE", "COMPLETE") => "created",
        ("IMPORT", "IN_PROGRESS") => "importing",
        ("IMPORT", "COMPLETE") => "imported",
        ("UPDATE", "IN_PROGRESS") if rolling_back => "taking back",
        ("UPDATE", "COMPLETE") if rolling_back => "taken back",
        ("UPDATE", "IN_PROGRESS") if replaced => "replacing",
        ("UPDATE", "COMPLETE") if replaced => "replaced",
        ("UPDATE", "IN_PROGRESS") => "updating",
        ("UPDATE", "COMPLETE") => "updated",
        ("DELETE", "IN_PROGRESS") => "deleting",
        ("DELETE", "COMPLETE") => "deleted",
        ("DELETE", "SKIPPED") => "kept",
        (_, "FAILED") if resource.state == State::Cancelled => "cancelled",
        (_, "FAILED") => "failed",
        ("", "") => match resource.change.action.as_str() {
            "Add" => "to create",
            "Import" => "to import",
            "Remove" => "to delete",
            "Modify" | "Dynamic" if replaced => "to replace",
            "Modify" | "Dynamic" => "to update",
            _ => "",
        },
        (_, state) if state.ends_with("IN_PROGRESS") => "under way",
        _ => "",
    }
}

/// The state of an ECS service.
pub(super) fn service(rows: &mut Vec<Row>, service: &ServiceView, frame: &Frame, indent: usize) {
    for deployment in service.deployments.iter().filter(|deployment| is_shown(deployment)) {
        let (state, text) = deployment_text(deployment);
        let mut row = Row::new(indent, state, text::safe(&text));
        if deployment.status != "PRIMARY" && state != State::Failed {
            row.note = "old".to_owned();
        }
        row.weight = if state == State::Failed { FAILURE } else { DEPLOYMENT };
        rows.push(row);
        if state == State::Failed {
            wrapped(rows, indent + 1, &deployment.reason, Role::Bad, FAILURE, frame);
        }
    }
    for (at, shift) in service.shifts.iter().enumerate() {
        let again = service.shifts[..at].iter().any(Shift::has_failed);
        traffic(rows, shift, again, frame, indent);
    }
    tasks(rows, service, frame, indent);
    targets(rows, service, indent);
    if frame.last {
        return;
    }
    if let Some((words, rule, since)) = service.waiting(Some(frame.now)) {
        let mut row = Row::text(indent, Role::Accent, words, SERVICE);
        row.note = rule.to_owned();
        row.span = Span { start: Some(since), end: None };
        rows.push(row);
    }
    if let Some((at, message)) = service.messages.back() {
        let instant = |at| Timestamp::from_millisecond(at).unwrap_or_default();
        let ago = ago(instant(*at), instant(frame.now));
        let line = format!("{}, {ago}", with_short_ids(message).trim_end_matches('.'));
        rows.push(Row::text(indent, Role::Faint, line, MESSAGE));
    }
}

/// How traffic is shared between the old and the new version. `again`: after one that was taken back, CloudFormation deploys
/// the old version.
fn traffic(rows: &mut Vec<Row>, shift: &Shift, again: bool, frame: &Frame, indent: usize) {
    let failed = shift.has_failed();
    // One that failed stays to be seen; of one that ended well only the service's tasks are of interest.
    if !failed && shift.phase() == Phase::Over {
        return;
    }
    let (state, text) = traffic_text(shift, again);
    let mut row = Row::new(indent, state, text);
    row.weight = if failed { FAILURE } else { DEPLOYMENT };
    if shift.phase() != Phase::Over {
        row.bar = shift.production.map(|share| Gauge::Share(share.new));
    }
    row.note = shift.word().to_owned();
    if let Some(test) = shift.test {
        row.note.push_str(&format!(", test traffic {}% new", test.new));
    }
    rows.push(row);
    if failed {
        wrapped(rows, indent + 1, &shift.reason, Role::Bad, FAILURE, frame);
    }
}

/// Where a deployment that moves traffic is, and how traffic is shared.
pub(super) fn traffic_text(shift: &Shift, again: bool) -> (State, String) {
    let state = match shift.phase() {
        _ if shift.has_failed() => State::Failed,
        Phase::Over | Phase::CleanUp => State::Done,
        _ => State::Running,
    };
    let head = match (again, shift.has_failed()) {
        (true, _) => "traffic of the rollback",
        (false, true) if shift.phase() == Phase::Over => "traffic went back",
        (false, true) => "traffic goes back",
        (false, false) => "traffic",
    };
    (state, text::safe(format!("{head}  {}", shift.shares()).trim_end()))
}

/// An old deployment without tasks is over.
fn is_shown(deployment: &Deployment) -> bool {
    deployment.status == "PRIMARY"
        || deployment.running > 0
        || deployment.pending > 0
        || deployment.rollout == "FAILED"
}

/// Where a deployment is, and its revision with the counts of its tasks.
pub(super) fn deployment_text(deployment: &Deployment) -> (State, String) {
    let revision = deployment.task_definition.rsplit('/').next().unwrap_or(&deployment.task_definition);
    let primary = deployment.status == "PRIMARY";
    let state = match deployment.rollout.as_str() {
        "FAILED" => State::Failed,
        "COMPLETED" if primary => State::Done,
        _ if primary => State::Running,
        _ => State::Waiting,
    };
    let mut counts = vec![];
    if deployment.desired > 0 || deployment.running > 0 || primary {
        counts.push(format!("{} of {} running", deployment.running, deployment.desired));
    }
    for (count, word) in [(deployment.pending, "starting"), (deployment.failed, "failed")] {
        if count > 0 {
            counts.push(format!("{count} {word}"));
        }
    }
    (state, format!("{revision}  {}", counts.join(", ")).trim_end().to_owned())
}

/// Tasks that are not simply running.
fn tasks(rows: &mut Vec<Row>, service: &ServiceView, frame: &Frame, indent: usize) {
    let current = service.primary().map(|primary| primary.task_definition.as_str());
    // Tasks that failed for one reason are told together, the latest reason last.
    let mut failures: Vec<(String, Vec<String>)> = vec![];
    for task in service.tasks.iter().filter(|task| has_failed(task)) {
        let reason = task_failure(task);
        let known = failures.iter().position(|(other, _)| *other == reason);
        let (reason, mut ids) = known.map_or((reason, vec![]), |index| failures.remove(index));
        ids.push(short(&task.id));
        failures.push((reason, ids));
    }
    for (reason, ids) in &failures[failures.len().saturating_sub(REASONS)..] {
        let noun = if ids.len() == 1 { "task" } else { "tasks" };
        let mut row = Row::new(indent, State::Failed, format!("{noun} {} failed", ids.join(", ")));
        row.weight = TASK_FAILURE;
        rows.push(row);
        wrapped(rows, indent + 1, reason, Role::Bad, TASK_FAILURE, frame);
    }
    if frame.last {
        return;
    }
    let starting = service.tasks.iter().filter(|task| {
        Some(task.task_definition.as_str()) == current
            && matches!(task.status.as_str(), "PROVISIONING" | "PENDING" | "ACTIVATING")
    });
    for task in starting {
        let mut row = Row::new(indent, State::Running, format!("task {}", short(&task.id)));
        row.note = task.status.to_lowercase();
        row.weight = TASK;
        rows.push(row);
    }
}

/// Whether a task ended, or is about to, for a reason of its own.
pub(super) fn has_failed(task: &Task) -> bool {
    let stopping = matches!(task.status.as_str(), "DEACTIVATING" | "STOPPING" | "DEPROVISIONING" | "STOPPED");
    let wanted = task.stopped_reason.starts_with("Scaling activity") || task.stopped_reason.is_empty();
    let crashed = task
        .containers
        .iter()
        .any(|container| container.exit_code.is_some_and(|code| !matches!(code, 0 | 137 | 143)));
    task.health == "UNHEALTHY" || (stopping && (!wanted || (crashed && task.stopped_reason.is_empty())))
}

/// Why a task failed: the container that ended it first.
pub(super) fn task_failure(task: &Task) -> String {
    let mut parts: Vec<String> = vec![];
    for container in &task.containers {
        match (container.exit_code, container.reason.as_str()) {
            (Some(0), "") | (None, "") => {}
            (Some(code), "") => parts.push(format!("{} ended with exit code {code}", container.name)),
            (Some(code), reason) => {
                parts.push(format!("{} ended with exit code {code}: {reason}", container.name));
            }
            (None, reason) => parts.push(format!("{}: {reason}", container.name)),
        }
    }
    if !task.stopped_reason.is_empty() {
        parts.push(task.stopped_reason.clone());
    } else if task.health == "UNHEALTHY" {
        parts.push("its health check fails".to_owned());
    }
    parts.join("; ")
}

/// Task ids are told apart by their first digits.
pub(super) fn short(id: &str) -> String {
    text::safe(id).chars().take(8).collect()
}

/// ECS's message with task ids as short as everywhere else.
pub(super) fn with_short_ids(message: &str) -> String {
    let safe = text::safe(message);
    let words = safe.split_inclusive(|c: char| !c.is_ascii_alphanumeric()).map(|word| {
        let id = word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric());
        if id.len() == 32 && id.chars().all(|c| c.is_ascii_hexdigit()) {
            format!("{}{}", &id[..8], &word[32..])
        } else {
            word.to_owned()
        }
    });
    words.collect()
}

/// Targets in one row, with the reason of the first that is not healthy.
fn targets(rows: &mut Vec<Row>, service: &ServiceView, indent: usize) {
    let count = |state: &str| service.targets.iter().filter(|target| target.state == state).count();
    let parts: Vec<String> = ["healthy", "initial", "unhealthy", "draining"]
        .into_iter()
        .map(|state| (count(state), state))
        .filter(|(count, _)| *count > 0)
        .map(|(count, state)| format!("{count} {state}"))
        .collect();
    if parts.is_empty() {
        return;
    }
    let unhealthy = service.targets.iter().find(|target| target.state == "unhealthy");
    let state = match unhealthy {
        Some(_) => State::Failed,
        None if count("initial") + count("draining") == 0 => State::Done,
        None => State::Running,
    };
    let mut row = Row::new(indent, state, format!("targets  {}", parts.join(", ")));
    row.note = unhealthy.map(|target| text::safe(&target.reason)).unwrap_or_default();
    row.weight = SERVICE;
    rows.push(row);
}
