//! Programs of the user's machine: container engines and git. The only home of child processes.
//!
//! * [`engine`]: finding a container engine; building, logging in, pushing; what its output means.
//! * [`git`]: commit, branch and remote of the project.
//! * [`process`]: running a program with its output line by line; a child never outlives its caller.
//!
//! Nothing here reads the environment: where to look is given in. Children inherit the environment of the process, with
//! what an [`Invocation`](process::Invocation) sets on top.

pub mod engine;
pub mod git;
pub mod process;

use std::fmt;

/// A text that never shows up in messages, logs or arguments: a password or token.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes the text in.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text, for the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
