//! A reporter that keeps what it is told, and a deployment to a scripted [`Cloud`].

mod cloud;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

pub(crate) use cloud::{Cloud, Step};

use super::stack::{Applied, Options, apply};
use super::{Failure, Polling};
use crate::event::{Event, Reporter};
use crate::stack::Stack;

/// Keeps what is reported.
#[derive(Default)]
pub(crate) struct Recorder(Mutex<Vec<Event>>);

impl Recorder {
    pub(crate) fn events(&self) -> Vec<Event> {
        self.0.lock().unwrap().clone()
    }

    /// The sentences for the user.
    pub(crate) fn told(&self) -> Vec<String> {
        let texts = self.events().into_iter().filter_map(|event| match event {
            Event::Note { text, .. } => Some(text),
            _ => None,
        });
        texts.collect()
    }

    /// One short line per event.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.events().iter().map(line).collect()
    }
}

impl Reporter for Recorder {
    fn report(&self, event: Event) {
        self.0.lock().unwrap().push(event);
    }
}

pub(crate) fn line(event: &Event) -> String {
    match event {
        Event::StackStarted { stack, operation, changes, .. } => {
            format!("{stack} started {operation:?} {}", changes.len())
        }
        Event::Resource { stack, logical_id, status, .. } => format!("{stack} {logical_id} {status}"),
        Event::StackFinished { stack, status, outcome, .. } => {
            format!("{stack} finished {status} {outcome:?}")
        }
        Event::Deployment { deployment: it, .. } => {
            format!("deployment {} {}/{} {}", it.status, it.running, it.desired, it.rollout)
        }
        Event::Task { task, .. } => format!("task {} {}", task.id, task.status),
        Event::ServiceMessage { message, .. } => format!("message {message}"),
        Event::Target { target, state, .. } => format!("target {target} {state}"),
        Event::Shift { shift, .. } => {
            format!("shift {} {} {}", shift.status, shift.stage, shift.shares()).trim_end().to_owned()
        }
        Event::Note { text, .. } => format!("note {text}"),
        Event::StepFinished { id, outcome, .. } => format!("{id} {outcome:?}"),
        other => format!("{other:?}"),
    }
}

/// Pauses that cost a test nothing.
pub(crate) fn fast() -> Polling {
    Polling {
        first: Duration::from_millis(1),
        most: Duration::from_millis(2),
        patience: Duration::from_millis(500),
    }
}

/// The stack that tests deploy.
pub(crate) fn wanted() -> Stack {
    Stack {
        name: "shop-test-api".into(),
        template: serde_json::json!({"Resources": {
            "TaskDefinition": {"Type": "AWS::ECS::TaskDefinition"},
            "Service": {"Type": "AWS::ECS::Service", "Metadata": {"aws:copilot:description": "An ECS service to run and maintain your tasks"}},
        }}),
        parameters: BTreeMap::from([("AppName".to_owned(), "shop".to_owned())]),
        tags: BTreeMap::from([("copilot-application".to_owned(), "shop".to_owned())]),
    }
}

/// Options without pauses to speak of.
pub(crate) fn quick(recorder: &dyn Reporter) -> Options<'_> {
    Options { polling: fast(), ..Options::new("service api in test", recorder) }
}

/// Deploys it in the usual way.
pub(crate) async fn deploy(cloud: &Cloud, recorder: &Recorder) -> Result<Applied, Failure> {
    apply(cloud.connection(), &wanted(), quick(recorder)).await
}
