//! A step of a verb that is not CloudFormation's: its beginning, progress and end as events.

use std::future::Future;
use std::sync::Arc;

use super::Session;
use crate::event::{Event, Outcome, Reporter, Step};

/// A step that has begun.
pub struct Running {
    id: String,
    reporter: Arc<dyn Reporter>,
}

impl Session {
    /// Begins a step. `id` names it in events; `title` says what it does.
    pub fn step(&self, id: &str, kind: Step, title: &str) -> Running {
        let reporter = Arc::clone(&self.reporter);
        reporter.report(Event::StepStarted { id: id.to_owned(), kind, title: title.to_owned() });
        Running { id: id.to_owned(), reporter }
    }

    /// Does a piece of work as a step of its own.
    ///
    /// # Errors
    /// Those of the work.
    pub async fn work<T, E: std::fmt::Display>(
        &self,
        title: &str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let step = self.step(title, Step::Work, title);
        let result = step.run(work).await?;
        step.done("");
        Ok(result)
    }
}

impl Running {
    /// Awaits `work`; a failure ends the step.
    ///
    /// # Errors
    /// Those of the work.
    pub async fn run<T, E: std::fmt::Display>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, E> {
        let result = work.await;
        if let Err(error) = &result {
            self.finish(Outcome::Failed, &error.to_string());
        }
        result
    }

    /// A line of a program's output.
    pub fn output(&self, line: &str) {
        self.reporter.report(Event::StepOutput { id: self.id.clone(), line: line.to_owned() });
    }

    /// How far it came.
    pub fn progress(&self, done: u64, total: u64, message: &str) {
        self.reporter.report(Event::StepProgress {
            id: self.id.clone(),
            done,
            total,
            message: message.to_owned(),
        });
    }

    /// It ended well.
    pub fn done(&self, detail: &str) {
        self.finish(Outcome::Done, detail);
    }

    /// There was nothing to do.
    pub fn skipped(&self, detail: &str) {
        self.finish(Outcome::Skipped, detail);
    }

    /// It failed.
    pub fn failed(&self, reason: &str) {
        self.finish(Outcome::Failed, reason);
    }

    fn finish(&self, outcome: Outcome, detail: &str) {
        self.reporter.report(Event::StepFinished { id: self.id.clone(), outcome, detail: detail.to_owned() });
    }
}
