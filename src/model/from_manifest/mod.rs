//! From a manifest as written to a service, an environment or a pipeline as meant: the rules of every field, and the defaults.
//!
//! Each function takes one block, reports what breaks a rule at the place of the offending value, and gives the model's
//! value. Behind an error the value is some value that lets the reading go on; the entry points
//! ([`service::read`], [`environment::read`], [`pipeline::read`]) hand out
//! nothing then.

mod container;
mod count;
mod deployment;
pub(super) mod environment;
mod events;
mod image;
mod job;
mod network;
pub(super) mod pipeline;
mod ports;
pub(super) mod request_driven;
mod routing;
pub(super) mod service;
pub(super) mod site;
mod size;
mod storage;
mod task;
mod vpc;

use super::workload;
use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};
use crate::manifest::decode::{Spanned, Text};
use crate::manifest::document;
use crate::manifest::interpolate::Lookup;
use crate::manifest::scalar::Duration;
use crate::name::{AppName, EnvName, WorkloadName};

/// Reads the manifest of a workload for an environment, then what `model` makes of it. Nothing comes when there is any error;
/// warnings come beside a result. The findings are sorted by place.
fn read_as<B: document::Body, M>(
    source: &Source,
    app: &AppName,
    env: &EnvName,
    lookup: Lookup<'_>,
    model: impl FnOnce(&document::Read<B>, &mut Diagnostics) -> M,
) -> (Option<workload::Read<M>>, Diagnostics) {
    let (read, mut out) = document::read::<B>(source, app, env, lookup);
    let read = read.map(|read| workload::Read {
        model: model(&read, &mut out),
        depends_on: dependencies(&read.head.name.value, read.body.depends_on(), &mut out),
        raw: read.raw,
    });
    (read.filter(|_| !out.has_errors()), out.sorted())
}

/// The names of `depends_on`, each once.
fn dependencies(own: &WorkloadName, written: &[Text], out: &mut Diagnostics) -> Vec<Spanned<WorkloadName>> {
    const RULE: &str = "model/depends-on";
    let mut names: Vec<Spanned<WorkloadName>> = vec![];
    for text in written {
        match WorkloadName::new(text.value.as_str()) {
            Err(error) => {
                out.error(RULE, error.to_string()).at(text.span).help("the name of another service or job");
            }
            Ok(name) if name == *own => {
                out.error(RULE, format!("{name} can't wait for itself")).at(text.span).help("take it out");
            }
            Ok(name) if names.iter().any(|known| known.value == name) => {}
            Ok(value) => names.push(Spanned { value, span: text.span }),
        }
    }
    names
}

/// Where rules report.
struct Check<'a> {
    out: &'a mut Diagnostics,
    /// Whether everything was read: only then is an absent value a missing one.
    complete: bool,
}

impl<'a> Check<'a> {
    fn new(out: &'a mut Diagnostics) -> Self {
        let complete = !out.has_errors();
        Self { out, complete }
    }

    fn error(&mut self, rule: &'static str, at: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.out.error(rule, message).at(at)
    }

    fn warn(&mut self, rule: &'static str, at: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.out.warn(rule, message).at(at)
    }

    /// Reports that `key` is missing in the block at `at`.
    fn missing(&mut self, at: Span, key: &str, help: impl Into<String>) {
        if self.complete {
            self.out.error("model/missing", format!("`{key}` is missing")).at(at).help(help);
        }
    }

    /// A number within its bounds, if one is given.
    fn range(&mut self, value: Option<&Spanned<u64>>, key: &str, min: u64, max: u64) -> Option<u64> {
        let value = value?;
        if !(min..=max).contains(&value.value) {
            let message = format!("`{key}` is a number from {min} to {max}, not {}", value.value);
            self.error("model/range", value.span, message);
        }
        Some(value.value)
    }

    /// Whole seconds within their bounds, if a duration is given.
    fn seconds(&mut self, value: Option<&Spanned<Duration>>, key: &str, min: u64, max: u64) -> Option<u64> {
        let value = value?;
        let seconds = value.value.secs();
        if value.value.nanos() < 0 || !(min..=max).contains(&seconds) {
            let message = format!("`{key}` is a duration from {min}s to {max}s");
            self.error("model/range", value.span, message);
        }
        Some(seconds)
    }

    /// A text that is not empty, if one is given.
    fn text(&mut self, value: Option<&Text>, key: &str) -> Option<String> {
        let value = value?;
        if value.value.trim().is_empty() {
            self.error("model/empty", value.span, format!("`{key}` is empty"));
        }
        Some(value.value.clone())
    }

    /// Two fields that exclude each other are both given.
    fn exclusive(&mut self, first: (&str, Span), second: (&str, Span)) {
        let message = format!("`{}` and `{}` exclude each other", first.0, second.0);
        self.error("model/exclusive", second.1, message)
            .other(first.1, format!("`{}` is given here", first.0))
            .help("keep one of them");
    }
}
