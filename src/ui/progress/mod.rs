//! Events as the user sees them: a live tree on a terminal, plain lines elsewhere, JSON lines for programs.
//!
//! * [`state`]: events folded into a view, without a clock; [`service`]: the part of it that is an ECS service.
//! * [`wait`]: what a service waits for, how long that takes as a rule, and where the time went.
//! * [`tree`]: a view drawn as lines for a terminal; its rows are made in `rows`, and `screen` brings them to the terminal.
//!   `bar` has indicatif draw how far a build, a push or an upload is, as a part of a row.
//! * [`lines`]: a line for each change that means something.
//! * [`json`]: each event as a line of JSON.
//!
//! `Display` is the reporter of all of them. The tree is drawn by one thread, ten times a second at most and only by it, in one
//! write a frame; bars stand in the tree's own rows, so that there is one authority over the terminal.

mod bar;
pub mod json;
pub mod lines;
mod rows;
mod screen;
pub mod service;
pub mod state;
pub mod tree;
pub mod wait;

use std::io;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::streams::{Clock, Stream, lock, said};
use super::style::{Style, Symbol};
use crate::event::{Event, Level, Record, Reporter};
use lines::Lines;
use screen::Screen;
use state::View;
use tree::Frame;

/// Time between two frames.
const TICK: Duration = Duration::from_millis(100);
/// Between two frames lies more when the process was stopped (Ctrl-Z) or the machine slept, in milliseconds.
const SUSPENDED: i64 = 1000;
/// A command that is done sooner shows no live tree, in milliseconds.
const FIRST_FRAME: i64 = 150;

/// How events are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Drawn on a terminal.
    Tree,
    /// One line per change on standard error. `output`: with all that programs print.
    Lines {
        /// Whether the output of programs is shown.
        output: bool,
    },
    /// JSON lines on standard output.
    Json,
    /// Not at all, but for warnings.
    Silent,
}

/// Where events are shown.
pub(super) struct Surface {
    pub(super) stdout: Stream,
    pub(super) stderr: Stream,
    pub(super) style: Style,
    pub(super) clock: Clock,
    /// Rows and columns of the terminal.
    pub(super) size: Box<dyn Fn() -> (usize, usize) + Send + Sync>,
}

/// Shows events until it is finished.
pub(super) struct Display {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    mode: Mode,
    surface: Surface,
    inner: Mutex<Inner>,
    stop: Condvar,
}

struct Inner {
    view: View,
    lines: Lines,
    screen: Screen,
    turn: usize,
    over: bool,
    /// Standard output failed: nothing more is written to it.
    failure: Option<io::Error>,
}

impl Display {
    pub(super) fn new(mode: Mode, surface: Surface) -> Self {
        let lines = Lines::new(surface.style, mode == Mode::Lines { output: true });
        let inner = Inner {
            view: View::default(),
            lines,
            screen: Screen::default(),
            turn: 0,
            over: false,
            failure: None,
        };
        let shared = Arc::new(Shared { mode, surface, inner: Mutex::new(inner), stop: Condvar::new() });
        let thread = (mode == Mode::Tree).then(|| {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.draw_until_over())
        });
        Self { shared, thread: Mutex::new(thread) }
    }

    /// Ends the display: the tree's final state stays on the terminal.
    pub(super) fn finish(&self) -> io::Result<()> {
        let shared = &self.shared;
        lock(&shared.inner).over = true;
        shared.stop.notify_all();
        if let Some(thread) = lock(&self.thread).take() {
            // A thread that panicked has drawn its last frame.
            let _ = thread.join();
        }
        let mut inner = lock(&shared.inner);
        if shared.mode == Mode::Tree {
            shared.leave(&mut inner);
        }
        inner.failure.take().map_or(Ok(()), Err)
    }

    /// Does something with the tree off the terminal; nothing is drawn meanwhile. What all has come to its end stays above,
    /// so that what is told or asked next stands below it.
    pub(super) fn suspended<T>(&self, action: impl FnOnce() -> T) -> T {
        let mut inner = lock(&self.shared.inner);
        if self.shared.mode == Mode::Tree {
            if inner.view.is_over() {
                self.shared.leave(&mut inner);
            } else {
                let (_, width) = (self.shared.surface.size)();
                let clear = inner.screen.clear(width);
                self.shared.write(&clear);
            }
        }
        action()
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // A command that ends early leaves a whole frame behind and no thread that draws over its error.
        let _ = self.finish();
    }
}

impl Reporter for Display {
    fn report(&self, event: Event) {
        let shared = &self.shared;
        let record = Record { at: (shared.surface.clock)(), event };
        let mut inner = lock(&shared.inner);
        match shared.mode {
            Mode::Tree => {
                if let Event::Note { level, text } = &record.event {
                    let (_, width) = (shared.surface.size)();
                    let above = format!(
                        "{}{}",
                        inner.screen.clear(width),
                        note(shared.surface.style, *level, text, Some(width))
                    );
                    shared.write(&above);
                }
                inner.view.apply(&record);
            }
            Mode::Lines { .. } => {
                let text: String = inner.lines.line(&record).iter().map(|line| format!("{line}\n")).collect();
                shared.write(&text);
            }
            Mode::Json if inner.failure.is_none() => {
                let mut stdout = lock(&shared.surface.stdout);
                let written = writeln!(stdout, "{}", json::line(&record)).and_then(|()| stdout.flush());
                inner.failure = written.err();
            }
            Mode::Json => {}
            Mode::Silent => {
                if let Event::Note { level: Level::Warning, text } = &record.event {
                    shared.write(&note(shared.surface.style, Level::Warning, text, None));
                }
            }
        }
    }
}

impl Shared {
    fn draw_until_over(&self) {
        let mut inner = lock(&self.inner);
        let mut last = (self.surface.clock)();
        while !inner.over {
            let now = (self.surface.clock)();
            if now - last > SUSPENDED {
                // Whoever had the terminal meanwhile wrote below the last frame: the next one begins there.
                inner.screen.forget();
            }
            last = now;
            let shown = inner.view.start.is_some_and(|start| now - start >= FIRST_FRAME);
            if shown {
                let (height, width) = (self.surface.size)();
                inner.turn += 1;
                // The cursor stands below the frame.
                let frame = self.frame(width, Some(height - 1), inner.turn, false);
                let lines = tree::lines(&inner.view, &frame);
                let text = inner.screen.frame(&lines, width);
                self.write(&text);
            }
            inner = match self.stop.wait_timeout(inner, TICK) {
                Ok((inner, _)) => inner,
                Err(poisoned) => PoisonError::into_inner(poisoned).0,
            };
        }
    }

    /// Leaves the tree's state on the terminal; the next one begins with nothing.
    fn leave(&self, inner: &mut Inner) {
        if inner.view.start.is_none() {
            return;
        }
        let (_, width) = (self.surface.size)();
        let frame = self.frame(width, None, 0, true);
        let mut text = inner.screen.clear(width);
        for line in tree::lines(&inner.view, &frame) {
            text.push_str(&line);
            text.push('\n');
        }
        self.write(&text);
        inner.view = View::default();
    }

    fn frame(&self, width: usize, height: Option<usize>, turn: usize, last: bool) -> Frame {
        Frame { now: (self.surface.clock)(), width, height, style: self.surface.style, turn, last }
    }

    fn write(&self, text: &str) {
        if !text.is_empty() {
            let mut stderr = lock(&self.surface.stderr);
            // Nobody is left to hear of it.
            let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
        }
    }
}

fn note(style: Style, level: Level, text: &str, width: Option<usize>) -> String {
    let symbol = match level {
        Level::Info => None,
        Level::Warning => Some(Symbol::Warning),
    };
    said(style, symbol, text, width)
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::event::{Outcome, Step};

    type Buffer = Arc<Mutex<Vec<u8>>>;

    fn display(mode: Mode) -> (Display, Buffer, Buffer, Arc<AtomicI64>) {
        let (out, err, time) = (Buffer::default(), Buffer::default(), Arc::new(AtomicI64::new(0)));
        let clock = Arc::clone(&time);
        let surface = Surface {
            stdout: out.clone(),
            stderr: err.clone(),
            style: Style::PLAIN,
            clock: Arc::new(move || clock.load(Ordering::Relaxed)),
            size: Box::new(|| (24, 60)),
        };
        (Display::new(mode, surface), out, err, time)
    }

    fn text(buffer: &Buffer) -> String {
        String::from_utf8(lock(buffer).clone()).unwrap()
    }

    fn work(display: &Display, time: &AtomicI64) {
        display.report(Event::StepStarted {
            id: "b".into(),
            kind: Step::Build,
            title: "Build image api".into(),
        });
        time.store(61_000, Ordering::Relaxed);
        display.report(Event::Note { level: Level::Warning, text: "careful".into() });
        display.report(Event::StepFinished { id: "b".into(), outcome: Outcome::Done, detail: String::new() });
    }

    #[test]
    fn the_tree_leaves_its_final_state() {
        let (display, _, err, time) = display(Mode::Tree);
        work(&display, &time);
        display.finish().unwrap();
        display.finish().unwrap();
        let shown = text(&err);
        assert!(shown.contains("! careful\n"), "{shown:?}");
        let last = shown.lines().last().unwrap();
        assert!(last.contains("+ Build image api") && last.ends_with("1m 01s"), "{shown:?}");
    }

    #[test]
    fn what_is_over_stays_above_a_question_and_what_goes_on_comes_back_below() {
        let (display, _, err, time) = display(Mode::Tree);
        work(&display, &time);
        display.suspended(|| lock(&err).write_all(b"? go on\n").unwrap());
        display.report(Event::StepStarted { id: "p".into(), kind: Step::Push, title: "Push it".into() });
        display.suspended(|| lock(&err).write_all(b"? really\n").unwrap());
        display.report(Event::StepFinished { id: "p".into(), outcome: Outcome::Done, detail: String::new() });
        display.finish().unwrap();
        let shown = text(&err);
        let place = |part: &str| {
            let places: Vec<usize> = shown.match_indices(part).map(|(at, _)| at).collect();
            assert_eq!(places.len(), 1, "{part}: {shown:?}");
            places[0]
        };
        assert!(place("Build image api") < place("? go on"), "{shown:?}");
        assert!(place("? really") < place("+ Push it"), "{shown:?}");
    }

    #[test]
    fn lines_json_and_silence() {
        let (lines, _, err, time) = display(Mode::Lines { output: false });
        work(&lines, &time);
        assert_eq!(
            text(&err),
            "      0s  Build image api\n  1m 01s  ! careful\n  1m 01s  + Build image api: done\n"
        );
        let (json, out, err, time) = display(Mode::Json);
        work(&json, &time);
        let records: Vec<Record> = text(&out).lines().map(|line| json::parse(line).unwrap()).collect();
        assert_eq!((records.len(), records[2].at, text(&err).len()), (3, 61_000, 0));
        let (silent, _, err, time) = display(Mode::Silent);
        work(&silent, &time);
        assert_eq!(text(&err), "! careful\n");
    }

    #[test]
    fn a_closed_standard_output_is_told_at_the_end() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let surface = Surface {
            stdout: Arc::new(Mutex::new(Closed)),
            stderr: Buffer::default(),
            style: Style::PLAIN,
            clock: Arc::new(|| 0),
            size: Box::new(|| (24, 80)),
        };
        let display = Display::new(Mode::Json, surface);
        work(&display, &AtomicI64::new(0));
        assert_eq!(display.finish().unwrap_err().kind(), io::ErrorKind::BrokenPipe);
    }
}
