//! Deployed state as serialisable views.
//!
//! Each view is read from AWS in one go, serialises to the JSON of `--json`, and has a [`Page`](crate::page::Page) for people.
//! Lists in JSON are never null; an instant that is not there is. Fields that Copilot had keep their names; wharf adds
//! fields and takes none away.
//!
//! | module | shows |
//! |---|---|
//! | [`status`] | a service at work: deployments, tasks, targets, alarms, events |
//! | [`site`] | a static site: its bucket and what is in it |
//! | [`job`] | a job at work: its next run, how its last ones ended |
//! | [`service`] | a service as deployed in each of its environments |
//! | [`environment`] [`app`] | what is in an environment, in an application |
//! | [`pipeline`] | a pipeline as deployed, and how it stands |
//! | [`facts`] | what rendering needs to know of an environment |
//! | [`url`] | where a service is reached |
//! | [`apprunner`] | a service on App Runner |
//! | [`logs`] | log events, past and coming |

pub mod app;
pub mod apprunner;
pub mod environment;
pub mod facts;
pub mod job;
pub mod logs;
pub mod pipeline;
pub mod service;
pub mod site;
pub mod stack;
pub mod status;
pub mod url;

use serde::Serializer;

use crate::aws;
use crate::name::{AppName, EnvName, WorkloadName};

/// Why a view can't be shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// AWS refused or did not answer.
    #[error(transparent)]
    Aws(Box<aws::Error>),
    /// The workload has no stack in the environment.
    #[error("{workload} is not deployed to {env} of application {app}: there is no stack {stack}")]
    NotDeployed {
        /// The workload.
        workload: String,
        /// The environment.
        env: String,
        /// The application.
        app: String,
        /// Name of the missing stack.
        stack: String,
    },
    /// The workload has a stack without the resource the view is about.
    #[error("stack {stack} holds no {what}{hint}")]
    Missing {
        /// Name of the stack.
        stack: String,
        /// What is missing, such as `running ECS service`.
        what: &'static str,
        /// Why it may be missing; begins with `; ` when not empty.
        hint: String,
    },
    /// There is no log group to read.
    #[error("log group {0} does not exist: nothing has logged there yet")]
    NoLogGroup(String),
    /// No task stopped lately.
    #[error("no task of {0} has stopped within the last hour, as far back as ECS remembers")]
    NoStoppedTask(String),
    /// The receiver of log lines failed; the text is its own.
    #[error("{0}")]
    Sink(String),
}

impl From<aws::Error> for Error {
    fn from(error: aws::Error) -> Self {
        Self::Aws(Box::new(error))
    }
}

/// A workload in an environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The application.
    pub app: AppName,
    /// The environment.
    pub env: EnvName,
    /// The service or job.
    pub workload: WorkloadName,
}

impl Target {
    /// Name of its stack.
    #[must_use]
    pub fn stack(&self) -> String {
        self.full_name().chars().take(128).collect()
    }

    /// Name of the environment's stack.
    #[must_use]
    pub fn environment_stack(&self) -> String {
        format!("{}-{}", self.app, self.env)
    }

    /// Name of the log group its containers write to.
    #[must_use]
    pub fn log_group(&self) -> String {
        format!("/copilot/{}", self.full_name())
    }

    /// `<app>-<env>-<workload>`, the family of its task definitions.
    #[must_use]
    pub fn full_name(&self) -> String {
        format!("{}-{}-{}", self.app, self.env, self.workload)
    }

    /// The tags its stack and all its resources carry.
    fn tags(&self) -> [(&str, &str); 3] {
        [
            ("copilot-application", self.app.as_str()),
            ("copilot-environment", self.env.as_str()),
            ("copilot-service", self.workload.as_str()),
        ]
    }

    fn not_deployed(&self) -> Error {
        Error::NotDeployed {
            workload: self.workload.to_string(),
            env: self.env.to_string(),
            app: self.app.to_string(),
            stack: self.stack(),
        }
    }
}

/// Milliseconds since the Unix epoch as a timestamp; `None` outside what a timestamp can hold.
fn instant(millis: i64) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_millisecond(millis).ok()
}

/// Serialises milliseconds since the Unix epoch as RFC 3339 text or null.
///
/// # Errors
/// The serializer's.
pub fn rfc3339<S: Serializer>(millis: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    match millis.and_then(instant) {
        Some(instant) => serializer.collect_str(&instant),
        None => serializer.serialize_none(),
    }
}

/// How long ago `millis` since the Unix epoch was; empty without an instant.
#[must_use]
pub fn ago(millis: Option<i64>, now: jiff::Timestamp) -> String {
    millis.and_then(instant).map(|then| crate::page::ago(then, now)).unwrap_or_default()
}

/// The last part of an ARN behind its slashes: the id of a task, the `family:revision` of a task definition.
fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The first eight characters of an id, as people read it.
fn short(id: &str) -> &str {
    id.char_indices().nth(8).map_or(id, |(end, _)| &id[..end])
}

#[cfg(test)]
pub(crate) mod testing {
    //! Pages as text for snapshots, without the drawing of `ui`.

    use crate::page::{Body, Cell, Page};

    /// Each section's title, then its rows with ` | ` between cells.
    pub(crate) fn text(page: &Page) -> String {
        let row =
            |cells: &[Cell]| cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>().join(" | ");
        let mut out = String::new();
        for section in &page.sections {
            out.push_str(&format!("# {}\n", section.title));
            let lines: Vec<String> = match &section.body {
                Body::Pairs(pairs) => {
                    pairs.iter().map(|(key, cell)| format!("{key}: {}", cell.text)).collect()
                }
                Body::Table { headers, rows } => {
                    std::iter::once(headers.join(" | ")).chain(rows.iter().map(|cells| row(cells))).collect()
                }
                Body::Lines(lines) => lines.iter().map(|cell| cell.text.clone()).collect(),
                Body::Bars(bars) => bars
                    .iter()
                    .map(|bar| format!("{} {}/{} {}", bar.label, bar.value, bar.max, bar.note))
                    .collect(),
            };
            out.push_str(&lines.join("\n"));
            out.push('\n');
        }
        out
    }
}
