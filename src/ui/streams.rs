//! The two output streams and who may write to them: stdout is data, stderr is everything else.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;

use super::failure::Report;
use super::progress::{self, Display};
use super::style::{Role, Style, Symbol};
use super::text;
use crate::event::Reporter;

/// Columns assumed of a terminal that does not tell.
const USUAL_WIDTH: usize = 80;
/// Rows assumed of a terminal that does not tell.
const USUAL_HEIGHT: usize = 24;

/// What the terminal and the user are like, as plain data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// Whether standard input is a terminal.
    pub stdin_terminal: bool,
    /// Whether standard output is a terminal.
    pub stdout_terminal: bool,
    /// Whether standard error is a terminal.
    pub stderr_terminal: bool,
    /// Whether standard output has colours (see [`super::style::ColourFacts`]).
    pub stdout_colour: bool,
    /// Whether standard error has colours.
    pub stderr_colour: bool,
    /// Whether the terminal can't move its cursor (`TERM=dumb`): nothing is redrawn.
    pub dumb: bool,
    /// Whether the terminal shows characters outside ASCII.
    pub unicode: bool,
    /// Columns, in place of the terminal's own width.
    pub width: Option<usize>,
    /// Whether this is a build server (`CI`): nothing is redrawn, the output of builds is shown in full.
    pub ci: bool,
    /// Whether progress and notes are left out.
    pub quiet: bool,
    /// How events are shown, in place of what the other settings lead to.
    pub progress: Option<progress::Mode>,
    /// Whether standard output carries JSON: events become JSON lines there.
    pub json: bool,
}

/// Why standard output takes no more.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// Whoever read it has gone (`wharf … | head`): the command ends quietly.
    #[error("the output was closed")]
    Closed,
    /// It could not be written, for example because the disk is full.
    #[error("can't write the output: {0}")]
    Failed(io::Error),
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::Closed,
            _ => Self::Failed(error),
        }
    }
}

/// Tells the time: milliseconds since the Unix epoch.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;
/// A stream that several parts write to.
pub(super) type Stream = Arc<Mutex<dyn Write + Send>>;

/// The way to the user. Clones share the streams and the progress display.
#[derive(Clone)]
pub struct Ui {
    settings: Settings,
    stdout: Stream,
    stderr: Stream,
    clock: Clock,
    display: Arc<Mutex<Option<Arc<Display>>>>,
}

impl std::fmt::Debug for Ui {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ui").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// Locks, also after a panic of another thread: what it left half written is text.
pub(super) fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Ui {
    /// On the process's own streams, by the system's clock.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let clock = || {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        };
        let (stdout, stderr) = (Arc::new(Mutex::new(io::stdout())), Arc::new(Mutex::new(io::stderr())));
        Self::with(settings, stdout, stderr, Arc::new(clock))
    }

    /// On other streams and by another clock.
    #[must_use]
    pub fn with(
        settings: Settings,
        stdout: Arc<Mutex<dyn Write + Send>>,
        stderr: Arc<Mutex<dyn Write + Send>>,
        clock: Clock,
    ) -> Self {
        Self { settings, stdout, stderr, clock, display: Arc::default() }
    }

    /// What it was built from.
    #[must_use]
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// The time, in milliseconds since the Unix epoch.
    #[must_use]
    pub fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Whether questions can be asked: somebody reads standard error and types on standard input,
    /// and the command does not speak to a program.
    #[must_use]
    pub fn is_interactive(&self) -> bool {
        self.settings.stdin_terminal && self.settings.stderr_terminal && !self.settings.json
    }

    /// How text for standard error is decorated.
    #[must_use]
    pub fn style(&self) -> Style {
        Style { colour: self.settings.stderr_colour, unicode: self.settings.unicode }
    }

    /// How text for standard output is decorated.
    #[must_use]
    pub fn stdout_style(&self) -> Style {
        Style { colour: self.settings.stdout_colour, unicode: self.settings.unicode }
    }

    /// Columns that text on standard output keeps within; none when a program reads it.
    #[must_use]
    pub fn stdout_width(&self) -> Option<usize> {
        self.settings.stdout_terminal.then(|| columns(self.settings, &console::Term::stdout()))
    }

    /// Columns that text on standard error keeps within; none when it is no terminal.
    #[must_use]
    pub fn stderr_width(&self) -> Option<usize> {
        self.settings.stderr_terminal.then(|| columns(self.settings, &console::Term::stderr()))
    }

    /// Writes data to standard output, with a line end behind it unless it has one.
    ///
    /// # Errors
    /// [`OutputError`].
    pub fn out(&self, text: &str) -> Result<(), OutputError> {
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        self.suspended(|| {
            let mut stdout = lock(&self.stdout);
            stdout.write_all(text.as_bytes())?;
            stdout.write_all(end.as_bytes())?;
            stdout.flush()
        })
        .map_err(OutputError::from)
    }

    /// Writes a value to standard output as one line of JSON.
    ///
    /// # Errors
    /// [`OutputError`].
    pub fn json<T: Serialize>(&self, value: &T) -> Result<(), OutputError> {
        let text = serde_json::to_string(value).map_err(|error| OutputError::Failed(error.into()))?;
        self.out(&text)
    }

    /// Says something in passing. Left out when quiet.
    pub fn note(&self, message: &str) {
        if !self.settings.quiet {
            self.say(None, message);
        }
    }

    /// Says that something was done. Left out when quiet.
    pub fn success(&self, message: &str) {
        if !self.settings.quiet {
            self.say(Some(Symbol::Done), message);
        }
    }

    /// Proposes what to do next. Left out when quiet.
    pub fn hint(&self, message: &str) {
        if !self.settings.quiet {
            self.say(Some(Symbol::Hint), message);
        }
    }

    /// Warns.
    pub fn warn(&self, message: &str) {
        self.say(Some(Symbol::Warning), message);
    }

    /// Shows an error, below what the progress display leaves behind.
    pub fn report(&self, report: &Report) {
        // That standard output is gone is no news next to an error.
        let _ = self.finish_progress();
        self.print(&report.render(self.style(), self.stderr_width()));
    }

    /// Writes prepared text to standard error, above the progress display.
    pub fn print(&self, text: &str) {
        self.suspended(|| {
            let mut stderr = lock(&self.stderr);
            // Nobody is left to hear of it.
            let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
        });
    }

    fn say(&self, symbol: Option<Symbol>, message: &str) {
        self.print(&said(self.style(), symbol, message, self.stderr_width()));
    }

    /// Where events go. The display it feeds lives until [`Ui::finish_progress`]; while it does, every reporter feeds the
    /// same one.
    #[must_use]
    pub fn reporter(&self) -> Arc<dyn Reporter> {
        let mut display = lock(&self.display);
        display.get_or_insert_with(|| Arc::new(Display::new(self.mode(), self.surface()))).clone()
    }

    fn mode(&self) -> progress::Mode {
        let settings = self.settings;
        if let Some(mode) = settings.progress {
            mode
        } else if settings.json {
            progress::Mode::Json
        } else if settings.quiet {
            progress::Mode::Silent
        } else if settings.stderr_terminal && !settings.ci && !settings.dumb {
            progress::Mode::Tree
        } else {
            progress::Mode::Lines { output: settings.ci }
        }
    }

    fn surface(&self) -> progress::Surface {
        let settings = self.settings;
        progress::Surface {
            stdout: self.stdout.clone(),
            stderr: self.stderr.clone(),
            style: self.style(),
            clock: self.clock.clone(),
            size: Box::new(move || terminal_size(settings)),
        }
    }

    /// Ends the progress display with its final state. Without a display nothing happens.
    ///
    /// # Errors
    /// [`OutputError`] when events went to standard output and it took them no more.
    pub fn finish_progress(&self) -> Result<(), OutputError> {
        let display = lock(&self.display).take();
        display.map_or(Ok(()), |display| display.finish().map_err(OutputError::from))
    }

    /// Does something with the live display out of the way.
    pub(super) fn suspended<T>(&self, action: impl FnOnce() -> T) -> T {
        let display = lock(&self.display).clone();
        match display {
            Some(display) => display.suspended(action),
            None => action(),
        }
    }
}

/// Columns of a terminal.
fn columns(settings: Settings, term: &console::Term) -> usize {
    let own = || term.size_checked().map_or(USUAL_WIDTH, |(_, columns)| usize::from(columns));
    settings.width.unwrap_or_else(own).max(20)
}

/// Rows and columns of the terminal behind standard error.
fn terminal_size(settings: Settings) -> (usize, usize) {
    let term = console::Term::stderr();
    let rows = term.size_checked().map_or(USUAL_HEIGHT, |(rows, _)| usize::from(rows));
    (rows.max(4), columns(settings, &term))
}

/// A message with its sign, wrapped.
pub(super) fn said(style: Style, symbol: Option<Symbol>, message: &str, width: Option<usize>) -> String {
    let indent = symbol.map_or(0, |_| 2);
    let mut out = String::new();
    for (index, line) in message
        .lines()
        .map(text::safe)
        .flat_map(|line| match width {
            Some(width) => text::wrap(&line, width - indent),
            None => vec![line],
        })
        .enumerate()
    {
        match symbol {
            Some(symbol) if index == 0 => out.push_str(&format!("{} ", style.symbol(symbol))),
            Some(_) => out.push_str("  "),
            None => {}
        }
        let role = if symbol == Some(Symbol::Warning) { Role::Doubtful } else { Role::Plain };
        out.push_str(&style.paint(role, &line));
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken(io::ErrorKind);

    impl Write for Broken {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    type Buffer = Arc<Mutex<Vec<u8>>>;

    fn ui(settings: Settings) -> (Ui, Buffer, Buffer) {
        let (out, err) = (Buffer::default(), Buffer::default());
        (Ui::with(settings, out.clone(), err.clone(), Arc::new(|| 0)), out, err)
    }

    fn text(buffer: &Buffer) -> String {
        String::from_utf8(lock(buffer).clone()).unwrap()
    }

    #[test]
    fn data_and_the_rest_go_apart() {
        let (ui, out, err) = ui(Settings::default());
        ui.out("a").unwrap();
        ui.out("b\n").unwrap();
        ui.json(&[1, 2]).unwrap();
        ui.note("noted");
        ui.success("done");
        ui.warn("careful\nsecond");
        ui.hint("try");
        assert_eq!(text(&out), "a\nb\n[1,2]\n");
        assert_eq!(text(&err), "noted\n+ done\n! careful\n  second\n> try\n");
    }

    #[test]
    fn quiet_leaves_warnings_and_errors() {
        let (ui, _, err) = ui(Settings { quiet: true, ..Settings::default() });
        ui.note("noted");
        ui.success("done");
        ui.hint("try");
        ui.warn("careful");
        ui.report(&Report::new("No"));
        assert_eq!(text(&err), "! careful\nx No\n");
    }

    #[test]
    fn messages_are_wrapped_on_a_terminal() {
        let (ui, _, err) =
            ui(Settings { stderr_terminal: true, width: Some(24), unicode: true, ..Settings::default() });
        ui.warn("one two three four five six");
        assert_eq!(text(&err), "! one two three four\n  five six\n");
    }

    #[test]
    fn an_error_stands_below_the_final_state() {
        use crate::event::{Event, Outcome, Step};
        let (ui, _, err) = ui(Settings { stderr_terminal: true, width: Some(40), ..Settings::default() });
        let reporter = ui.reporter();
        reporter.report(Event::StepStarted { id: "b".into(), kind: Step::Build, title: "Build".into() });
        let detail = String::new();
        reporter.report(Event::StepFinished { id: "b".into(), outcome: Outcome::Failed, detail });
        ui.report(&Report::new("No"));
        let shown = text(&err);
        assert!(shown.contains("x Build") && shown.ends_with("0s\nx No\n"), "{shown:?}");
    }

    #[test]
    fn a_closed_output_is_told_from_a_broken_one() {
        let broken = |kind| {
            Ui::with(
                Settings::default(),
                Arc::new(Mutex::new(Broken(kind))),
                Arc::new(Mutex::new(Broken(kind))),
                Arc::new(|| 0),
            )
        };
        assert!(matches!(broken(io::ErrorKind::BrokenPipe).out("x"), Err(OutputError::Closed)));
        assert!(matches!(broken(io::ErrorKind::StorageFull).out("x"), Err(OutputError::Failed(_))));
        broken(io::ErrorKind::BrokenPipe).warn("nobody listens");
    }
}
