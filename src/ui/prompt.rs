//! Questions to the user. Without a terminal nothing is asked: the error names the flag that answers.
//!
//! These calls block until the user answers. Ctrl-C becomes [`PromptError::Interrupted`] with the cursor back in place:
//! while a question stands, SIGINT goes to tokio and does not end the process. It stays there afterwards (tokio never gives
//! a signal back), so whoever runs the command listens to it from then on, as the command line does.

use std::io;

use console::Term;
use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, FuzzySelect, Input, MultiSelect, Select};

use super::streams::Ui;
use super::text;

/// Longer lists are searched by typing.
const LONG_LIST: usize = 10;

/// A question and the flag that answers it without asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// The question, with its question mark.
    pub text: &'a str,
    /// The flag, such as `--env`; for a list of values one may be given several times.
    pub flag: &'a str,
    /// A sentence of help shown above; empty without.
    pub help: &'a str,
}

/// One of several answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What is chosen.
    pub label: String,
    /// What it is, shown beside it; empty without.
    pub detail: String,
}

impl Choice {
    /// A choice without detail.
    #[must_use]
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), detail: String::new() }
    }

    /// A choice with what it is.
    #[must_use]
    pub fn with_detail(label: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { label: label.into(), detail: detail.into() }
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// There is nobody to ask.
    #[error("{flag} is missing, and there is no terminal to ask on: {question}")]
    Missing {
        /// The flag that answers.
        flag: String,
        /// The question.
        question: String,
    },
    /// The user gave up: Ctrl-C or Escape.
    #[error("interrupted")]
    Interrupted,
    /// The terminal failed.
    #[error("can't ask on the terminal: {0}")]
    Terminal(io::Error),
}

impl Ui {
    /// Asks for one of `choices` and returns its index. `default`: the index offered first. A single choice is asked for,
    /// too: whether to take it silently is the caller's to decide.
    ///
    /// # Errors
    /// [`PromptError`]; without choices [`PromptError::Missing`].
    pub fn select(
        &self,
        question: Question<'_>,
        choices: &[Choice],
        default: usize,
    ) -> Result<usize, PromptError> {
        if choices.is_empty() {
            return Err(missing(question));
        }
        let items = labels(choices);
        let default = default.min(choices.len() - 1);
        let answer = self.ask(question, |theme, term| {
            if choices.len() > LONG_LIST {
                FuzzySelect::with_theme(theme)
                    .with_prompt(question.text)
                    .items(&items)
                    .default(default)
                    .max_length(LONG_LIST)
                    .interact_on_opt(term)
            } else {
                Select::with_theme(theme)
                    .with_prompt(question.text)
                    .items(&items)
                    .default(default)
                    .interact_on_opt(term)
            }
        })?;
        answer.ok_or(PromptError::Interrupted)
    }

    /// Asks for any number of `choices` and returns their indices in order. `chosen`: those ticked at first.
    ///
    /// # Errors
    /// [`PromptError`].
    pub fn select_many(
        &self,
        question: Question<'_>,
        choices: &[Choice],
        chosen: &[usize],
    ) -> Result<Vec<usize>, PromptError> {
        let ticks: Vec<bool> = (0..choices.len()).map(|index| chosen.contains(&index)).collect();
        let items = labels(choices);
        let answer = self.ask(question, |theme, term| {
            MultiSelect::with_theme(theme)
                .with_prompt(question.text)
                .items(&items)
                .defaults(&ticks)
                .interact_on_opt(term)
        })?;
        answer.ok_or(PromptError::Interrupted)
    }

    /// Asks for a text until `validate` accepts it; it is trimmed. `default`: taken for an empty answer.
    ///
    /// # Errors
    /// [`PromptError`].
    pub fn input(
        &self,
        question: Question<'_>,
        default: Option<&str>,
        validate: &dyn Fn(&str) -> Result<(), String>,
    ) -> Result<String, PromptError> {
        let answer = self.ask(question, |theme, term| {
            let mut input = Input::<String>::with_theme(theme)
                .with_prompt(question.text)
                .validate_with(|answer: &String| validate(answer.trim()));
            if let Some(default) = default {
                input = input.default(default.to_owned());
            }
            input.interact_text_on(term)
        })?;
        Ok(answer.trim().to_owned())
    }

    /// Asks a question of yes or no. `default`: the answer of the Enter key.
    ///
    /// # Errors
    /// [`PromptError`].
    pub fn confirm(&self, question: Question<'_>, default: bool) -> Result<bool, PromptError> {
        let answer = self.ask(question, |theme, term| {
            Confirm::with_theme(theme).with_prompt(question.text).default(default).interact_on_opt(term)
        })?;
        answer.ok_or(PromptError::Interrupted)
    }

    fn ask<T>(
        &self,
        question: Question<'_>,
        interact: impl FnOnce(&dyn Theme, &Term) -> dialoguer::Result<T>,
    ) -> Result<T, PromptError> {
        if !self.is_interactive() {
            return Err(missing(question));
        }
        if !question.help.is_empty() {
            self.note(question.help);
        }
        let colourful = ColorfulTheme::default();
        let theme: &dyn Theme = if self.style().colour { &colourful } else { &SimpleTheme };
        let term = Term::stderr();
        let _signal = catch_interrupt();
        let answer = self.suspended(|| interact(theme, &term));
        answer.map_err(|dialoguer::Error::IO(error)| {
            // Prompts hide the cursor and only show it again when they end well; what follows stands on a line of its own.
            let _ = term.show_cursor().and_then(|()| term.write_line(""));
            match error.kind() {
                io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof => PromptError::Interrupted,
                io::ErrorKind::NotConnected => missing(question),
                _ => PromptError::Terminal(error),
            }
        })
    }
}

/// Keeps SIGINT from ending the process, which would leave the cursor hidden. Without a runtime nothing is caught.
#[cfg(unix)]
fn catch_interrupt() -> Option<tokio::signal::unix::Signal> {
    tokio::runtime::Handle::try_current().ok()?;
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt()).ok()
}

#[cfg(not(unix))]
fn catch_interrupt() {}

fn missing(question: Question<'_>) -> PromptError {
    PromptError::Missing { flag: question.flag.to_owned(), question: question.text.to_owned() }
}

/// Labels with their details in a second column.
fn labels(choices: &[Choice]) -> Vec<String> {
    let widest = choices.iter().map(|choice| text::width(&choice.label)).max().unwrap_or(0);
    choices
        .iter()
        .map(|choice| {
            let (label, detail) = (text::safe(&choice.label), text::safe(&choice.detail));
            if detail.is_empty() { label } else { format!("{}  {detail}", text::pad(&label, widest)) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::streams::Settings;

    const QUESTION: Question<'_> =
        Question { text: "Which environment?", flag: "--env", help: "Services run in environments." };

    #[test]
    fn without_a_terminal_the_flag_is_named() {
        let ui = Ui::new(Settings { stdin_terminal: false, stderr_terminal: true, ..Settings::default() });
        let asked = [
            ui.select(QUESTION, &[Choice::new("test")], 0).err(),
            ui.input(QUESTION, None, &|_| Ok(())).err(),
            ui.confirm(QUESTION, true).err(),
            ui.select_many(QUESTION, &[Choice::new("test")], &[]).err(),
        ];
        for error in asked {
            let text = error.unwrap().to_string();
            assert!(text.starts_with("--env is missing") && text.ends_with("Which environment?"), "{text}");
        }
    }

    #[test]
    fn details_stand_in_a_column() {
        let choices = [
            Choice::with_detail("test", "eu-west-1"),
            Choice::with_detail("production", "us-east-1"),
            Choice::new("x"),
        ];
        assert_eq!(labels(&choices), ["test        eu-west-1", "production  us-east-1", "x"]);
    }
}
