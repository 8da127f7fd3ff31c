//! Events folded into what can be shown: a pure view model. Times come from the records, never from a clock.

use std::collections::VecDeque;

use super::service::ServiceView;
use crate::event::{Event, Operation, Outcome, Record, ResourceChange, Step};

/// Lines of output kept of a step.
const OUTPUT_LINES: usize = 5;

/// Where something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It has not begun.
    Waiting,
    /// It is under way.
    Running,
    /// It ended well.
    Done,
    /// Nothing had to be done.
    Skipped,
    /// It failed.
    Failed,
    /// It was stopped because of something else.
    Cancelled,
}

impl State {
    /// Whether nothing more happens to it.
    #[must_use]
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Waiting | Self::Running)
    }
}

impl From<Outcome> for State {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => Self::Done,
            Outcome::Skipped => Self::Skipped,
            Outcome::Failed => Self::Failed,
            Outcome::Cancelled => Self::Cancelled,
        }
    }
}

/// When something began and ended, in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// When it began; none before.
    pub start: Option<i64>,
    /// When it ended; none before.
    pub end: Option<i64>,
}

impl Span {
    /// How long it took or takes, in milliseconds; none before it began.
    #[must_use]
    pub fn elapsed(self, now: i64) -> Option<i64> {
        self.start.map(|start| self.end.unwrap_or(now).saturating_sub(start).max(0))
    }

    fn begin(&mut self, at: i64) {
        self.start.get_or_insert(at);
        self.end = None;
    }

    fn finish(&mut self, at: i64) {
        self.start.get_or_insert(at);
        self.end = Some(at);
    }
}

/// All that happens in a command, in the order it began.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct View {
    /// Work outside CloudFormation.
    pub steps: Vec<StepView>,
    /// Stacks, nested ones too.
    pub stacks: Vec<StackView>,
    /// Steps and stacks in the order they began.
    pub order: Vec<Item>,
    /// When the first event happened.
    pub start: Option<i64>,
}

/// A step or a stack, by its index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    /// In [`View::steps`].
    Step(usize),
    /// In [`View::stacks`].
    Stack(usize),
}

/// Work outside CloudFormation.
#[derive(Debug, Clone, PartialEq)]
pub struct StepView {
    /// Its id.
    pub id: String,
    /// What it is.
    pub kind: Step,
    /// What it does.
    pub title: String,
    /// Where it is.
    pub state: State,
    /// Units done.
    pub done: u64,
    /// Units in all; 0 when not known.
    pub total: u64,
    /// What it does right now.
    pub message: String,
    /// What came of it.
    pub detail: String,
    /// Its last lines of output.
    pub output: VecDeque<String>,
    /// When it began and ended.
    pub span: Span,
}

/// A stack that is changed.
#[derive(Debug, Clone, PartialEq)]
pub struct StackView {
    /// Its name.
    pub name: String,
    /// What is done to it.
    pub operation: Operation,
    /// What it is for people; empty when it was not announced (a nested stack).
    pub title: String,
    /// CloudFormation's status; empty before the first.
    pub status: String,
    /// Where it is.
    pub state: State,
    /// Why it failed.
    pub reason: String,
    /// Its resources: in the order of the change set, then those nobody announced.
    pub resources: Vec<ResourceView>,
    /// Its ECS services.
    pub services: Vec<ServiceView>,
    /// When it began and ended.
    pub span: Span,
    /// When CloudFormation was done, where that was before what it made ran.
    pub applied: Option<i64>,
}

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq)]
pub struct ResourceView {
    /// What the change set said of it; the action is empty when nobody announced it.
    pub change: ResourceChange,
    /// CloudFormation's status; empty before the first.
    pub status: String,
    /// CloudFormation's latest reason.
    pub reason: String,
    /// Its physical id; empty while it has none.
    pub physical_id: String,
    /// Where it is.
    pub state: State,
    /// The first reason for which it failed, also when it was rolled back since; empty when it did not fail.
    pub failure: String,
    /// When it began and ended.
    pub span: Span,
}

impl View {
    /// Whether nothing is under way.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.steps.iter().all(|step| step.state.is_over())
            && self.stacks.iter().all(|stack| stack.state.is_over())
    }

    /// Takes in an event.
    pub fn apply(&mut self, record: &Record) {
        let at = record.at;
        self.start.get_or_insert(at);
        match &record.event {
            Event::StepStarted { id, kind, title } => {
                let step = self.step(id, at);
                (step.kind, step.title, step.state) = (*kind, title.clone(), State::Running);
                step.span = Span { start: Some(at), end: None };
            }
            Event::StepProgress { id, done, total, message } => {
                let step = self.step(id, at);
                (step.done, step.total, step.message) = (*done, *total, message.clone());
            }
            Event::StepOutput { id, line } => {
                let step = self.step(id, at);
                step.output.push_back(line.clone());
                if step.output.len() > OUTPUT_LINES {
                    step.output.pop_front();
                }
            }
            Event::StepFinished { id, outcome, detail } => {
                let step = self.step(id, at);
                (step.state, step.detail) = ((*outcome).into(), detail.clone());
                step.span.finish(at);
            }
            Event::Waiting { workload, title, on, failed } => self.wait(workload, title, on, failed, at),
            Event::StackStarted { stack, operation, title, changes } => {
                let stack = self.stack(stack, at);
                (stack.operation, stack.title, stack.state) = (*operation, title.clone(), State::Running);
                stack.status.clear();
                stack.applied = None;
                stack.span = Span { start: Some(at), end: None };
                stack.resources = changes.iter().map(announced).collect();
            }
            Event::Resource { stack, logical_id, resource_type, physical_id, status, reason } => {
                let stack = self.stack(stack, at);
                // A stack's events about itself carry its own name.
                if resource_type == "AWS::CloudFormation::Stack" && *logical_id == stack.name {
                    stack.own(status, reason, at);
                } else {
                    stack.resource(logical_id, resource_type).change(status, reason, physical_id, at);
                }
            }
            Event::Deployment { stack, service, deployment } => {
                let service = self.stack(stack, at).service(service);
                service.deployment(deployment);
                service.changed(at);
            }
            Event::Shift { stack, service, shift } => {
                let service = self.stack(stack, at).service(service);
                service.shift(shift);
                service.changed(at);
            }
            Event::Task { stack, service, task } => {
                let service = self.stack(stack, at).service(service);
                service.task(task);
                service.changed(at);
            }
            Event::ServiceMessage { stack, service, message } => {
                self.stack(stack, at).service(service).message(at, message);
            }
            Event::Target { stack, service, target, state, reason } => {
                let service = self.stack(stack, at).service(service);
                service.target(target, state, reason);
                service.changed(at);
            }
            Event::StackApplied { stack, .. } => self.stack(stack, at).applied = Some(at),
            Event::StackFinished { stack, status, outcome, reason } => {
                let stack = self.stack(stack, at);
                (stack.status, stack.state) = (status.clone(), (*outcome).into());
                stack.reason.clone_from(reason);
                stack.span.finish(at);
                for service in &mut stack.services {
                    service.waits.turn(None, at);
                }
            }
            Event::Note { .. } => {}
        }
    }

    /// A workload that waits is a step that has not begun; it gives its place to its stack.
    fn wait(&mut self, workload: &str, title: &str, on: &[String], failed: &str, at: i64) {
        let id = format!("wait {workload}");
        if on.is_empty() && failed.is_empty() {
            let gone = self.steps.iter().position(|step| step.id == id).map(Item::Step);
            self.order.retain(|item| Some(*item) != gone);
            return;
        }
        let step = self.step(&id, at);
        title.clone_into(&mut step.title);
        step.span = Span::default();
        (step.state, step.detail) = match failed {
            "" => (State::Waiting, format!("waits for {}", on.join(", "))),
            failed => (State::Cancelled, format!("not deployed, because {failed} failed")),
        };
    }

    fn step(&mut self, id: &str, at: i64) -> &mut StepView {
        let found = self.steps.iter().position(|step| step.id == id);
        let index = found.unwrap_or_else(|| {
            self.order.push(Item::Step(self.steps.len()));
            self.steps.push(StepView {
                id: id.to_owned(),
                kind: Step::Work,
                title: id.to_owned(),
                state: State::Running,
                done: 0,
                total: 0,
                message: String::new(),
                detail: String::new(),
                output: VecDeque::new(),
                span: Span { start: Some(at), end: None },
            });
            self.steps.len() - 1
        });
        &mut self.steps[index]
    }

    fn stack(&mut self, name: &str, at: i64) -> &mut StackView {
        let found = self.stacks.iter().position(|stack| stack.name == name);
        let index = found.unwrap_or_else(|| {
            self.order.push(Item::Stack(self.stacks.len()));
            self.stacks.push(StackView {
                name: name.to_owned(),
                operation: Operation::Update,
                title: String::new(),
                status: String::new(),
                state: State::Running,
                reason: String::new(),
                resources: vec![],
                services: vec![],
                span: Span { start: Some(at), end: None },
                applied: None,
            });
            self.stacks.len() - 1
        });
        &mut self.stacks[index]
    }

    /// The stack behind a resource of type `AWS::CloudFormation::Stack`, once it is known.
    #[must_use]
    pub fn nested(&self, resource: &ResourceView) -> Option<&StackView> {
        let nested = resource.change.resource_type == "AWS::CloudFormation::Stack";
        // `arn:…:stack/<name>/<id>`; a physical id may be the bare name.
        let name = resource.physical_id.split('/').nth(1).unwrap_or(&resource.physical_id);
        self.stacks.iter().find(|stack| nested && !name.is_empty() && stack.name == name)
    }

    /// Whether the stack belongs to a resource of another one.
    #[must_use]
    pub fn is_nested(&self, stack: &StackView) -> bool {
        self.stacks
            .iter()
            .filter(|parent| parent.name != stack.name)
            .flat_map(|parent| &parent.resources)
            .any(|resource| self.nested(resource).is_some_and(|nested| nested.name == stack.name))
    }
}

fn announced(change: &ResourceChange) -> ResourceView {
    ResourceView {
        change: change.clone(),
        status: String::new(),
        reason: String::new(),
        physical_id: String::new(),
        state: State::Waiting,
        failure: String::new(),
        span: Span::default(),
    }
}

impl StackView {
    /// Whether CloudFormation takes back what it did.
    #[must_use]
    pub fn is_rolling_back(&self) -> bool {
        self.status.contains("ROLLBACK")
    }

    /// The resource of an ECS service: the one with its name in the physical id, or the only one.
    #[must_use]
    pub fn resource_of(&self, service: &ServiceView) -> Option<&ResourceView> {
        let mut services =
            self.resources.iter().filter(|resource| resource.change.resource_type == "AWS::ECS::Service");
        let named = services.clone().find(|resource| {
            resource.physical_id == service.name
                || resource.physical_id.rsplit('/').next() == Some(&service.name)
        });
        named.or_else(|| match (services.next(), services.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        })
    }

    fn own(&mut self, status: &str, reason: &str, at: i64) {
        status.clone_into(&mut self.status);
        if !reason.is_empty()
            && (status.contains("ROLLBACK") || status.ends_with("_FAILED"))
            && self.reason.is_empty()
        {
            reason.clone_into(&mut self.reason);
        }
        // Nobody announces the end of a nested stack.
        if self.title.is_empty() {
            self.state = state_of(status, reason);
            if self.state == State::Done && status.contains("ROLLBACK") {
                self.state = State::Failed;
            }
            if self.state.is_over() {
                self.span.finish(at);
            }
        }
    }

    fn resource(&mut self, logical_id: &str, resource_type: &str) -> &mut ResourceView {
        let found = self.resources.iter().position(|resource| resource.change.logical_id == logical_id);
        let index = found.unwrap_or_else(|| {
            self.resources.push(announced(&ResourceChange {
                logical_id: logical_id.to_owned(),
                resource_type: resource_type.to_owned(),
                action: String::new(),
                replacement: String::new(),
                title: String::new(),
            }));
            self.resources.len() - 1
        });
        &mut self.resources[index]
    }

    fn service(&mut self, name: &str) -> &mut ServiceView {
        let found = self.services.iter().position(|service| service.name == name);
        let index = found.unwrap_or_else(|| {
            self.services.push(ServiceView { name: name.to_owned(), ..ServiceView::default() });
            self.services.len() - 1
        });
        &mut self.services[index]
    }
}

/// Where a resource or stack is by CloudFormation's status and reason.
fn state_of(status: &str, reason: &str) -> State {
    if status.ends_with("_FAILED") {
        // "Resource creation cancelled": another resource is the cause.
        if reason.contains("cancelled") { State::Cancelled } else { State::Failed }
    } else if status.ends_with("_IN_PROGRESS") {
        State::Running
    } else if status.ends_with("_SKIPPED") {
        State::Skipped
    } else {
        State::Done
    }
}

impl ResourceView {
    fn change(&mut self, status: &str, reason: &str, physical_id: &str, at: i64) {
        self.state = state_of(status, reason);
        if self.state == State::Running {
            if self.status.ends_with("_IN_PROGRESS") {
                self.span.begin(at);
            } else {
                // A new operation on it, such as taking it back.
                self.span = Span { start: Some(at), end: None };
            }
        } else if self.span.end.is_none() {
            // One that is taken back at once goes from one end to the next: the time of the work counts.
            self.span.finish(at);
        }
        if self.state == State::Failed && self.failure.is_empty() {
            self.failure = if reason.is_empty() { status.to_owned() } else { reason.to_owned() };
        }
        status.clone_into(&mut self.status);
        reason.clone_into(&mut self.reason);
        if !physical_id.is_empty() {
            physical_id.clone_into(&mut self.physical_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn apply(view: &mut View, at: i64, event: Event) {
        view.apply(&Record { at, event });
    }

    fn resource(stack: &str, id: &str, kind: &str, physical_id: &str, status: &str, reason: &str) -> Event {
        Event::Resource {
            stack: stack.into(),
            logical_id: id.into(),
            resource_type: kind.into(),
            physical_id: physical_id.into(),
            status: status.into(),
            reason: reason.into(),
        }
    }

    #[test]
    fn events_without_a_beginning_still_show() {
        let mut view = View::default();
        apply(
            &mut view,
            5,
            Event::StepProgress { id: "push".into(), done: 1, total: 2, message: "x".into() },
        );
        apply(&mut view, 6, resource("s", "Topic", "AWS::SNS::Topic", "", "CREATE_IN_PROGRESS", ""));
        assert_eq!(view.order, [Item::Step(0), Item::Stack(0)]);
        let (step, stack) = (&view.steps[0], &view.stacks[0]);
        assert_eq!((step.title.as_str(), step.state, step.done), ("push", State::Running, 1));
        assert_eq!(stack.resources[0].state, State::Running);
    }

    #[test]
    fn the_first_failure_stays_known_through_a_rollback() {
        let mut view = View::default();
        for (at, status, reason) in [
            (0, "UPDATE_IN_PROGRESS", ""),
            (10, "UPDATE_FAILED", "it broke"),
            (20, "UPDATE_IN_PROGRESS", ""),
            (50, "UPDATE_COMPLETE", ""),
        ] {
            apply(&mut view, at, resource("s", "Svc", "AWS::ECS::Service", "arn:x/y/svc", status, reason));
        }
        let stack = &view.stacks[0];
        let svc = &stack.resources[0];
        assert_eq!((svc.state, svc.failure.as_str()), (State::Done, "it broke"));
        assert_eq!(svc.span.elapsed(99), Some(30), "the time of the last operation");
        let cancelled = state_of("UPDATE_FAILED", "Resource update cancelled");
        assert_eq!(cancelled, State::Cancelled);
    }

    #[test]
    fn nested_stacks_find_their_resource() {
        let mut view = View::default();
        let started = Event::StackStarted {
            stack: "outer".into(),
            operation: Operation::Create,
            title: "service api".into(),
            changes: vec![],
        };
        apply(&mut view, 0, started);
        let arn = "arn:aws:cloudformation:eu-west-1:1:stack/outer-Addons-1/uuid";
        let kind = "AWS::CloudFormation::Stack";
        apply(&mut view, 1, resource("outer", "AddonsStack", kind, arn, "CREATE_IN_PROGRESS", ""));
        apply(
            &mut view,
            2,
            resource("outer-Addons-1", "outer-Addons-1", kind, arn, "CREATE_IN_PROGRESS", ""),
        );
        apply(
            &mut view,
            3,
            resource("outer-Addons-1", "Table", "AWS::DynamoDB::Table", "", "CREATE_FAILED", "no"),
        );
        apply(
            &mut view,
            4,
            resource("outer-Addons-1", "outer-Addons-1", kind, arn, "ROLLBACK_COMPLETE", "r"),
        );
        let outer = &view.stacks[0];
        let nested = view.nested(&outer.resources[0]).unwrap();
        assert_eq!((nested.resources.len(), nested.state), (1, State::Failed));
        assert!(view.is_nested(nested) && !view.is_nested(outer));
    }
}
