//! The live tree: a [`View`] drawn as lines for a terminal of a given size. Pure; `screen` brings them there.
//!
//! Each line has a weight. When there are more lines than rows, the lightest go first: what is done, then what has not
//! begun; failures, what is under way and the state of services stay to the last.

use super::bar::{Bar, Gauge};
use super::rows::{self, Row};
use super::state::{Item, StackView, State, StepView, View};
use super::wait;
use crate::event::{Operation, Step};
use crate::ui::style::{Role, Style, Symbol};
use crate::ui::text;

/// What a frame is drawn for.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// Now, in milliseconds since the Unix epoch.
    pub now: i64,
    /// Columns.
    pub width: usize,
    /// Most rows; none when all are wanted.
    pub height: Option<usize>,
    /// Colours and symbols.
    pub style: Style,
    /// Counts up with every frame: turns the signs of what is under way.
    pub turn: usize,
    /// Whether this is what stays on the screen: then only results are shown, and reasons in full.
    pub last: bool,
}

/// The lines of one frame, none wider than the frame.
#[must_use]
pub fn lines(view: &View, frame: &Frame) -> Vec<String> {
    let mut rows = vec![];
    for item in &view.order {
        match item {
            Item::Step(index) => step(&mut rows, &view.steps[*index], frame),
            Item::Stack(index) if view.is_nested(&view.stacks[*index]) => {}
            Item::Stack(index) => stack(&mut rows, view, &view.stacks[*index], frame, 0),
        }
    }
    let dropped = fit(&mut rows, frame.height);
    let mut lines: Vec<String> = rows.iter().map(|row| row.render(frame)).collect();
    if dropped > 0 {
        let rest = format!("  {} {dropped} more", frame.style.ellipsis());
        lines.push(frame.style.paint(Role::Faint, &text::truncate(&rest, frame.width, "")));
    }
    lines
}

/// Takes out the lightest rows until `height` is enough for the rest and one line about them; says how many went.
fn fit(rows: &mut Vec<Row>, height: Option<usize>) -> usize {
    let Some(height) = height.filter(|height| rows.len() > *height) else { return 0 };
    let most = height.saturating_sub(1);
    let excess = rows.len() - most;
    let mut order: Vec<usize> = (0..rows.len()).collect();
    // The earliest of the lightest first.
    order.sort_by_key(|index| rows[*index].weight);
    let mut gone = vec![false; rows.len()];
    for index in &order[..excess] {
        gone[*index] = true;
    }
    let mut keep = gone.iter().map(|gone| !gone);
    rows.retain(|_| keep.next().unwrap_or(true));
    excess
}

fn step(rows: &mut Vec<Row>, step: &StepView, frame: &Frame) {
    let mut row = Row::new(0, step.state, text::safe(&step.title));
    if step.state != State::Skipped {
        row.span = step.span;
    }
    row.weight = if step.state.is_over() { rows::HEAD_DONE } else { rows::HEAD };
    match step.state {
        State::Running if step.total > 0 && matches!(step.kind, Step::Build | Step::Push | Step::Upload) => {
            let elapsed = step.span.elapsed(frame.now).unwrap_or(0);
            row.bar = Some(Gauge::Step(Bar { kind: step.kind, done: step.done, total: step.total, elapsed }));
            row.note = text::safe(&step.message);
        }
        State::Running => row.note = text::safe(&step.message),
        State::Failed => {}
        _ => row.note = shortened(&step.detail),
    }
    rows.push(row);
    if step.state == State::Failed {
        rows::wrapped(rows, 1, &step.detail, Role::Bad, rows::FAILURE, frame);
    } else if step.state == State::Running && !frame.last {
        // One line of what the program says shows that it is alive.
        let news = step.output.back().filter(|line| step.message.is_empty() || !line.contains(&step.message));
        if let Some(line) = news {
            rows.push(Row::text(1, Role::Faint, text::safe(line), rows::CHATTER));
        }
    }
}

/// A digest is told by its first digits.
fn shortened(detail: &str) -> String {
    let detail = text::safe(detail);
    match detail.strip_prefix("sha256:") {
        Some(hex) if hex.len() == 64 && hex.is_ascii() => format!("sha256:{}", &hex[..12]),
        _ => detail,
    }
}

fn stack(rows: &mut Vec<Row>, view: &View, stack: &StackView, frame: &Frame, indent: usize) {
    let (verb, done) = match stack.operation {
        Operation::Create => ("Create", "created"),
        Operation::Update => ("Update", "updated"),
        Operation::Delete => ("Delete", "deleted"),
    };
    let title = if stack.title.is_empty() { format!("stack {}", stack.name) } else { stack.title.clone() };
    let mut row = Row::new(indent, stack.state, format!("{verb} {}", text::safe(&title)));
    row.role = Role::Strong;
    row.span = stack.span;
    row.weight = if stack.state.is_over() { rows::HEAD_DONE } else { rows::HEAD };
    let failed = stack.status.ends_with("ROLLBACK_FAILED");
    row.word = match stack.state {
        State::Done => done,
        State::Failed if failed => "rollback failed",
        State::Failed if stack.is_rolling_back() => "rolled back",
        State::Failed => "failed",
        State::Running if stack.is_rolling_back() => "rolling back",
        State::Skipped => "unchanged",
        State::Cancelled => "cancelled",
        State::Waiting | State::Running => "",
    };
    if stack.is_rolling_back() {
        row.word_role = Role::Doubtful;
    }
    rows.push(row);
    if stack.state == State::Failed {
        // The resource that failed says more than the stack that lists it.
        let told = stack.resources.iter().any(|resource| !resource.failure.is_empty());
        if !told {
            rows::wrapped(rows, indent + 1, &stack.reason, Role::Bad, rows::FAILURE, frame);
        }
    }
    children(rows, view, stack, frame, indent + 1);
    if frame.last
        && let Some(spent) = wait::spent(stack)
    {
        rows::wrapped(rows, indent + 1, &spent, Role::Faint, rows::HEAD_DONE, frame);
    }
}

fn children(rows: &mut Vec<Row>, view: &View, stack: &StackView, frame: &Frame, indent: usize) {
    let mut placed: Vec<&str> = vec![];
    for resource in &stack.resources {
        let services: Vec<_> = stack
            .services
            .iter()
            .filter(|service| stack.resource_of(service).is_some_and(|owner| owner.change == resource.change))
            .collect();
        let nested = view.nested(resource);
        let shown = !frame.last || !resource.failure.is_empty();
        if shown {
            let heads = nested.is_some() || !services.is_empty();
            rows::resource(rows, resource, stack, heads, frame, indent);
        }
        for service in services {
            placed.push(&service.name);
            // A service that is well needs no lines once all is over.
            if shown {
                rows::service(rows, service, frame, indent + 1);
            }
        }
        if let Some(nested) = nested.filter(|_| shown) {
            children(rows, view, nested, frame, indent + 1);
        }
    }
    for service in stack.services.iter().filter(|service| !placed.contains(&service.name.as_str())) {
        if !frame.last || stack.state == State::Failed {
            rows.push(Row::text(
                indent,
                Role::Plain,
                format!("service {}", text::safe(&service.name)),
                rows::SERVICE,
            ));
            rows::service(rows, service, frame, indent + 1);
        }
    }
}

/// The sign of a state.
pub(super) fn sign(state: State, frame: &Frame) -> String {
    let style = frame.style;
    match state {
        State::Waiting => style.symbol(Symbol::Waiting),
        State::Running if frame.last => style.symbol(Symbol::Waiting),
        State::Running => style.paint(Role::Accent, style.spinner(frame.turn)),
        State::Done => style.symbol(Symbol::Done),
        State::Skipped => style.symbol(Symbol::Skipped),
        State::Failed => style.symbol(Symbol::Failed),
        State::Cancelled => style.symbol(Symbol::Cancelled),
    }
}
