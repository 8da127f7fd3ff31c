//! What the user sees. The only home of printing, prompts and the terminal.
//!
//! * [`streams`]: [`Ui`], built once from plain data: stdout is data, stderr everything else.
//! * [`style`]: colours and symbols; [`text`]: widths, wrapping, times.
//! * [`page`]: a view's page as aligned text; [`diagnostic`]: findings in a file, drawn with their place.
//! * [`prompt`]: questions, which become errors that name a flag when nobody can answer.
//! * [`progress`]: events as a live tree, as plain lines or as JSON lines.
//! * [`failure`]: how an error reads at the end of a command.
//!
//! Nothing here reads the environment; [`streams::Settings`] says what the terminal is like.

pub mod diagnostic;
pub mod failure;
pub mod page;
pub mod progress;
pub mod prompt;
pub mod streams;
pub mod style;
pub mod text;

pub use failure::Report;
pub use prompt::{Choice, PromptError, Question};
pub use streams::{OutputError, Settings, Ui};
pub use style::Style;
