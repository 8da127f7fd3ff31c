//! What is wrong with a file of the user's, and where: collected while reading, shown all at once.
//!
//! A reader pushes a [`Diagnostic`] and goes on; whoever asked for the reading decides at the end, by
//! [`Diagnostics::has_errors`], whether the result may be used. `ui::diagnostic` draws them with a caret,
//! [`Diagnostics::report`] gives them to machines.

use serde::Serialize;

pub use crate::yaml::node::{Span, SyntaxError};

/// A file's text with the path it is shown under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Path as the user knows it, relative to the workspace root or as typed.
    pub path: String,
    /// The whole text.
    pub text: String,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The file can't be used.
    Error,
    /// The file can be used, but probably does not say what was meant.
    Warning,
    /// Worth knowing; nothing is wrong. Stays a note when warnings count as errors.
    Note,
}

/// A second place that explains the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Where.
    pub span: Span,
    /// What stands there, in a few words.
    pub label: String,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Stable id of the rule, such as `manifest/unknown-key`.
    pub rule: &'static str,
    /// What is wrong, one sentence without a period.
    pub message: String,
    /// The offending value; absent when the finding is about the whole file.
    pub span: Option<Span>,
    /// A few words under the caret; empty for none.
    pub label: String,
    /// Other places that matter.
    pub others: Vec<Place>,
    /// What to do about it.
    pub help: Option<String>,
}

impl Diagnostic {
    /// Sets the offending place.
    pub fn at(&mut self, span: Span) -> &mut Self {
        self.span = Some(span);
        self
    }

    /// Sets the words under the caret.
    pub fn label(&mut self, label: impl Into<String>) -> &mut Self {
        self.label = label.into();
        self
    }

    /// Adds a second place with its words.
    pub fn other(&mut self, span: Span, label: impl Into<String>) -> &mut Self {
        self.others.push(Place { span, label: label.into() });
        self
    }

    /// Sets what to do about it.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }
}

/// One finding for machines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Path of the file, as in [`Source::path`].
    pub file: String,
    /// Line from 1; absent when the finding is about the whole file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Column in characters from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<usize>,
    /// Stable id of the rule.
    pub rule: &'static str,
    /// `error`, `warning` or `note`.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

/// Findings about one file, in the order they were made until they are sorted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Diagnostics {
    items: Vec<Diagnostic>,
}

impl Diagnostics {
    /// None yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn push(&mut self, severity: Severity, rule: &'static str, message: String) -> &mut Diagnostic {
        let label = String::new();
        self.items.push(Diagnostic {
            severity,
            rule,
            message,
            span: None,
            label,
            others: vec![],
            help: None,
        });
        let last = self.items.len() - 1;
        &mut self.items[last]
    }

    /// Adds an error; place, label and help are set on what is returned.
    pub fn error(&mut self, rule: &'static str, message: impl Into<String>) -> &mut Diagnostic {
        self.push(Severity::Error, rule, message.into())
    }

    /// Adds a warning; place, label and help are set on what is returned.
    pub fn warn(&mut self, rule: &'static str, message: impl Into<String>) -> &mut Diagnostic {
        self.push(Severity::Warning, rule, message.into())
    }

    /// Adds a note; place, label and help are set on what is returned.
    pub fn note(&mut self, rule: &'static str, message: impl Into<String>) -> &mut Diagnostic {
        self.push(Severity::Note, rule, message.into())
    }

    /// Adds a text that is no YAML document.
    pub fn syntax(&mut self, error: SyntaxError) {
        let diagnostic = self.error("yaml/syntax", error.message);
        diagnostic.at(error.span);
        if let Some((span, label)) = error.other {
            diagnostic.other(span, label);
        }
    }

    /// Whether any finding is an error.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.items.iter().any(|item| item.severity == Severity::Error)
    }

    /// Whether nothing was found.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Turns every warning into an error (`--strict`).
    pub fn strict(&mut self) {
        for item in self.items.iter_mut().filter(|item| item.severity == Severity::Warning) {
            item.severity = Severity::Error;
        }
    }

    /// Adds a finding that was made elsewhere.
    pub fn add(&mut self, item: Diagnostic) {
        self.items.push(item);
    }

    /// Takes over the findings of another step.
    pub fn extend(&mut self, other: Self) {
        self.items.extend(other.items);
    }

    /// Sorts by place and drops repetitions: an anchor that is used twice is read twice.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        let key =
            |item: &Diagnostic| (item.span.map(|span| (span.start, span.end)), item.severity, item.rule);
        self.items.sort_by(|a, b| key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message)));
        self.items.dedup();
        self
    }

    /// Keeps the findings that `keep` is true of.
    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.items.retain(keep);
    }

    /// The findings in their order, to change them.
    pub fn items_mut(&mut self) -> &mut [Diagnostic] {
        &mut self.items
    }

    /// The findings in their order.
    #[must_use]
    pub fn items(&self) -> &[Diagnostic] {
        &self.items
    }

    /// The findings for machines.
    #[must_use]
    pub fn report(&self, source: &Source) -> Vec<Report> {
        let one = |item: &Diagnostic| Report {
            file: source.path.clone(),
            line: item.span.map(|span| span.line),
            column: item.span.map(|span| span.column),
            rule: item.rule,
            severity: item.severity,
            message: item.message.clone(),
            help: item.help.clone(),
        };
        self.items.iter().map(one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: usize) -> Span {
        Span { start, end: start + 1, line: 1, column: start + 1 }
    }

    #[test]
    fn sorted_strict_and_reported() {
        let mut found = Diagnostics::new();
        found.warn("manifest/unknown-key", "unknown key `b`").at(span(7)).help("remove it");
        found.error("manifest/type", "expected a map").at(span(2));
        found.error("manifest/type", "expected a map").at(span(2));
        assert!(found.has_errors());
        let found = found.sorted();
        let source = Source { path: "copilot/api/manifest.yml".to_owned(), text: String::new() };
        insta::assert_json_snapshot!(found.report(&source), @r#"
        [
          {
            "file": "copilot/api/manifest.yml",
            "line": 1,
            "column": 3,
            "rule": "manifest/type",
            "severity": "error",
            "message": "expected a map"
          },
          {
            "file": "copilot/api/manifest.yml",
            "line": 1,
            "column": 8,
            "rule": "manifest/unknown-key",
            "severity": "warning",
            "message": "unknown key `b`",
            "help": "remove it"
          }
        ]
        "#);
    }

    #[test]
    fn strict_leaves_no_warning() {
        let mut found = Diagnostics::new();
        found.note("workspace/no-manifest", "a folder");
        found.strict();
        assert!(!found.has_errors());
        found.warn("manifest/unknown-key", "unknown key");
        assert!(!found.has_errors());
        found.strict();
        assert!(found.has_errors());
        assert_eq!(found.items()[0].severity, Severity::Note);
    }
}
