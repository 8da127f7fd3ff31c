//! Plain lines: one for each change that means something, with the time since the beginning. For build servers, files and
//! pipes; nothing is ever drawn over.

use super::rows;
use super::service::ServiceView;
use super::state::{ResourceView, State, View};
use super::wait::{Wait, spent};
use crate::event::{Event, Level, Operation, Outcome, Record, Shift};
use crate::ui::style::{Role, Style, Symbol};
use crate::ui::text;

/// Turns records into lines.
#[derive(Debug, Clone)]
pub struct Lines {
    view: View,
    style: Style,
    output: bool,
}

impl Lines {
    /// `output`: whether every line that a program prints is shown, or only how it ended.
    #[must_use]
    pub fn new(style: Style, output: bool) -> Self {
        Self { view: View::default(), style, output }
    }

    /// The lines that a record gives, without line ends. Most give none or one.
    pub fn line(&mut self, record: &Record) -> Vec<String> {
        let before = self.known(&record.event);
        let waited = self.waiting(&record.event);
        self.view.apply(record);
        let mut said = self.say(&record.event, before.as_deref()).unwrap_or_default();
        said.extend(self.wait(&record.event, waited));
        let since = record.at - self.view.start.unwrap_or(record.at);
        let time = self.style.paint(Role::Faint, &format!("{:>8}", text::duration(since)));
        said.into_iter().map(|line| format!("{time}  {line}").trim_end().to_owned()).collect()
    }

    /// What was last said of the thing an event is about: a line is only worth writing when it says something else.
    fn known(&self, event: &Event) -> Option<String> {
        match event {
            Event::Resource { stack, logical_id, .. } => {
                self.resource(stack, logical_id).map(|resource| resource.status.clone())
            }
            Event::Deployment { stack, service, deployment } => self
                .service(stack, service)?
                .deployments
                .iter()
                .find(|known| known.id == deployment.id)
                .map(|known| rows::deployment_text(known).1 + &known.rollout),
            Event::Shift { stack, service, shift } => self
                .service(stack, service)?
                .shifts
                .iter()
                .find(|known| known.id == shift.id)
                .map(|known| rows::traffic_text(known, false).1),
            Event::Task { stack, service, task } => self
                .service(stack, service)?
                .tasks
                .iter()
                .find(|known| known.id == task.id)
                .map(|known| format!("{}{}", known.status, rows::has_failed(known))),
            Event::Target { stack, service, target, .. } => self
                .service(stack, service)?
                .targets
                .iter()
                .find(|known| known.target == *target)
                .map(|known| known.state.clone()),
            _ => None,
        }
    }

    /// What the service that an event is about waits for.
    fn waiting(&self, event: &Event) -> Option<Wait> {
        let (Event::Deployment { stack, service, .. }
        | Event::Shift { stack, service, .. }
        | Event::Task { stack, service, .. }
        | Event::Target { stack, service, .. }) = event
        else {
            return None;
        };
        self.service(stack, service)?.waits.now().map(|(wait, _)| wait)
    }

    /// A line about what a service waits for, when that is something else than before.
    fn wait(&self, event: &Event, before: Option<Wait>) -> Option<String> {
        if let Event::StackFinished { stack, .. } = event {
            let view = self.view.stacks.iter().find(|view| view.name == *stack)?;
            return spent(view).map(|spent| self.indented(stack, State::Waiting, &spent));
        }
        self.waiting(event).filter(|now| Some(*now) != before)?;
        let (Event::Deployment { stack, service, .. }
        | Event::Shift { stack, service, .. }
        | Event::Task { stack, service, .. }
        | Event::Target { stack, service, .. }) = event
        else {
            return None;
        };
        let (words, rule, _) = self.service(stack, service)?.waiting(None)?;
        Some(self.indented(stack, State::Waiting, &format!("{words} ({rule})")))
    }

    fn resource(&self, stack: &str, logical_id: &str) -> Option<&ResourceView> {
        let stack = self.view.stacks.iter().find(|view| view.name == stack)?;
        stack.resources.iter().find(|resource| resource.change.logical_id == logical_id)
    }

    fn service(&self, stack: &str, service: &str) -> Option<&ServiceView> {
        let stack = self.view.stacks.iter().find(|view| view.name == stack)?;
        stack.services.iter().find(|view| view.name == service)
    }

    fn say(&self, event: &Event, before: Option<&str>) -> Option<Vec<String>> {
        let style = self.style;
        let one = |line: String| Some(vec![line]);
        match event {
            Event::StepStarted { title, .. } => one(text::safe(title)),
            Event::StepProgress { .. } => None,
            Event::StepOutput { id, line } if self.output => {
                one(format!("  {} {}", style.paint(Role::Faint, &text::safe(id)), text::safe(line)))
            }
            Event::StepOutput { .. } => None,
            Event::StepFinished { id, outcome, detail } => {
                let title = self.view.steps.iter().find(|step| step.id == *id).map_or(id, |step| &step.title);
                let line = format!(
                    "{} {}: {}",
                    outcome_sign(style, *outcome),
                    text::safe(title),
                    outcome_word(*outcome)
                );
                one(with(line, detail))
            }
            Event::Waiting { title, on, failed, .. } => match (failed.as_str(), on.as_slice()) {
                ("", []) => None,
                ("", on) => one(text::safe(&format!("{title} waits for {}", on.join(", ")))),
                (failed, _) => one(format!(
                    "{} {}",
                    style.symbol(Symbol::Cancelled),
                    text::safe(&format!("{title}: not deployed, because {failed} failed"))
                )),
            },
            Event::StackStarted { stack, operation, title, changes } => {
                let verb = match operation {
                    Operation::Create => "Create",
                    Operation::Update => "Update",
                    Operation::Delete => "Delete",
                };
                let count = text::plural(changes.len() as u64, "change");
                let count = if changes.is_empty() { String::new() } else { format!(", {count}") };
                one(format!("{verb} {} (stack {}{count})", text::safe(title), text::safe(stack)))
            }
            Event::Resource { stack, logical_id, resource_type, status, reason, .. } => {
                if before == Some(status.as_str()) {
                    return None;
                }
                self.resource_line(stack, logical_id, resource_type, status, reason).map(|line| vec![line])
            }
            Event::Deployment { stack, deployment, .. } => {
                let (state, line) = rows::deployment_text(deployment);
                let same = before == Some((line.clone() + &deployment.rollout).as_str());
                // The old deployment only says how many of its tasks are left, which its tasks say themselves.
                if same || state == State::Waiting {
                    return None;
                }
                let rollout = match deployment.rollout.as_str() {
                    "COMPLETED" => ", completed",
                    "FAILED" => ", given up",
                    _ => "",
                };
                let head = self.indented(stack, state, &text::safe(&format!("{line}{rollout}")));
                one(with(head, if state == State::Failed { &deployment.reason } else { "" }))
            }
            Event::Shift { stack, service, shift } => {
                let shifts = self.service(stack, service).map_or(&[][..], |view| &view.shifts);
                let earlier = shifts.iter().take_while(|known| known.id != shift.id);
                let again = earlier.clone().any(Shift::has_failed);
                let (state, line) = rows::traffic_text(shift, again);
                // Without shares there is nothing to say but what it waits for.
                if before == Some(rows::traffic_text(shift, false).1.as_str())
                    || shift.shares().is_empty() && !shift.has_failed()
                {
                    return None;
                }
                let head = self.indented(stack, state, &format!("{line} ({})", shift.word()));
                // Why is told once.
                let news = before.is_none_or(|before| before.starts_with("traffic  "));
                one(with(head, if state == State::Failed && news { &shift.reason } else { "" }))
            }
            Event::Task { stack, task, .. } => {
                let failed = rows::has_failed(task);
                if before == Some(format!("{}{failed}", task.status).as_str()) {
                    return None;
                }
                let id = rows::short(&task.id);
                if failed && task.status == "STOPPED" || task.health == "UNHEALTHY" {
                    let line = self.indented(stack, State::Failed, &format!("task {id} failed"));
                    return one(with(line, &rows::task_failure(task)));
                }
                match task.status.as_str() {
                    "PROVISIONING" | "PENDING" | "RUNNING" => one(self.indented(
                        stack,
                        State::Running,
                        &format!("task {id} {}", task.status.to_lowercase()),
                    )),
                    _ => None,
                }
            }
            Event::ServiceMessage { stack, message, .. } => {
                one(self.indented(stack, State::Waiting, &format!("ECS: {}", rows::with_short_ids(message))))
            }
            Event::Target { stack, target, state, reason, .. } => {
                if before == Some(state.as_str()) {
                    return None;
                }
                let shown = match state.as_str() {
                    "healthy" => State::Done,
                    "unhealthy" => State::Failed,
                    "unused" => return None,
                    _ => State::Running,
                };
                let line = self.indented(stack, shown, &text::safe(&format!("target {target} {state}")));
                one(with(line, if shown == State::Failed { reason } else { "" }))
            }
            Event::StackApplied { stack, .. } => one(self.indented(
                stack,
                State::Running,
                "CloudFormation is done (express mode); whether the new version runs is looked at here",
            )),
            Event::StackFinished { stack, status, outcome, reason } => {
                let view = self.view.stacks.iter().find(|view| view.name == *stack);
                let title =
                    view.map_or(stack, |view| if view.title.is_empty() { stack } else { &view.title });
                let line = format!("{} {}: {status}", outcome_sign(style, *outcome), text::safe(title));
                one(with(line, reason))
            }
            Event::Note { level, text: note } => one(match level {
                Level::Info => text::safe(note),
                Level::Warning => format!("{} {}", style.symbol(Symbol::Warning), text::safe(note)),
            }),
        }
    }

    fn resource_line(&self, stack: &str, id: &str, kind: &str, status: &str, reason: &str) -> Option<String> {
        let view = self.view.stacks.iter().find(|view| view.name == stack)?;
        // A stack says itself when it turns back; its end is announced.
        if id == stack && kind == "AWS::CloudFormation::Stack" {
            let turns =
                status.contains("ROLLBACK") && status.ends_with("IN_PROGRESS") && !status.contains("CLEANUP");
            let line = format!("{} rolling back", text::safe(id));
            return turns.then(|| with(self.indented(stack, State::Failed, &line), reason));
        }
        let resource = view.resources.iter().find(|resource| resource.change.logical_id == id)?;
        let word = rows::word(resource, view.is_rolling_back());
        let kind = kind.strip_prefix("AWS::").unwrap_or(kind);
        let line = format!("{} ({}) {word}", text::safe(id), text::safe(kind));
        let reason = if resource.state == State::Failed { rows::without_token(reason) } else { "" };
        Some(with(self.indented(stack, resource.state, &line), reason))
    }

    /// A line below its stack; lines of nested stacks stand deeper.
    fn indented(&self, stack: &str, state: State, line: &str) -> String {
        let nested = self
            .view
            .stacks
            .iter()
            .find(|view| view.name == stack)
            .is_some_and(|view| self.view.is_nested(view));
        let sign = match state {
            State::Done => self.style.symbol(Symbol::Done),
            State::Failed => self.style.symbol(Symbol::Failed),
            State::Skipped => self.style.symbol(Symbol::Skipped),
            State::Cancelled => self.style.symbol(Symbol::Cancelled),
            State::Waiting | State::Running => " ".to_owned(),
        };
        format!("{}{sign} {line}", if nested { "    " } else { "  " })
    }
}

fn with(line: String, detail: &str) -> String {
    let detail = text::safe(detail);
    if detail.trim().is_empty() { line } else { format!("{line}: {detail}") }
}

fn outcome_sign(style: Style, outcome: Outcome) -> String {
    style.symbol(match outcome {
        Outcome::Done => Symbol::Done,
        Outcome::Skipped => Symbol::Skipped,
        Outcome::Failed => Symbol::Failed,
        Outcome::Cancelled => Symbol::Cancelled,
    })
}

fn outcome_word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Done => "done",
        Outcome::Skipped => "nothing to do",
        Outcome::Failed => "failed",
        Outcome::Cancelled => "cancelled",
    }
}
