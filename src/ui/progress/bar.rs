//! The bar of a step that knows how much there is to do: drawn by indicatif, into a text instead of onto the terminal.
//!
//! indicatif takes itself for the owner of the terminal and leaves lines behind when that is resized; here it only makes the
//! part of a row, and the tree brings the row to the terminal.

use std::fmt::Write;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle, TermLike};

use crate::event::Step;
use crate::ui::streams::lock;
use crate::ui::style::{Role, Style};
use crate::ui::text;

/// Columns of a bar that shows a part of a whole.
const SHARE: usize = 20;

/// What is drawn behind the text of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Gauge {
    /// How far a step is.
    Step(Bar),
    /// A part of a whole in percent, 0 to 100.
    Share(f64),
}

impl Gauge {
    /// It in at most `room` columns; none when they are too few.
    pub(super) fn draw(self, style: Style, room: usize) -> Option<String> {
        match self {
            Self::Step(bar) => bar.draw(style, room),
            Self::Share(percent) => [SHARE, SHARE / 2]
                .into_iter()
                .find(|width| *width <= room)
                .map(|width| share(percent, width, style)),
        }
    }
}

/// What there is of it is never drawn as nothing, nor what is missing as all.
fn share(percent: f64, width: usize, style: Style) -> String {
    let exact = percent.clamp(0.0, 100.0) / 100.0 * width as f64;
    let least = usize::from(percent > 0.0);
    let most = if percent < 100.0 { width - 1 } else { width };
    let filled = (exact.round() as usize).clamp(least, most);
    let (full, empty) = if style.unicode { ("━", "─") } else { ("=", "-") };
    let rest = style.paint(Role::Faint, &empty.repeat(width - filled));
    format!("{}{rest}", style.paint(Role::Accent, &full.repeat(filled)))
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bar {
    /// What the units are: steps of a build, layers of a push, bytes of an upload.
    pub(super) kind: Step,
    /// Units done.
    pub(super) done: u64,
    /// Units in all, at least 1.
    pub(super) total: u64,
    /// Milliseconds since the step began.
    pub(super) elapsed: i64,
}

impl Bar {
    /// The bar in at most `room` columns, with less beside it the fewer they are; none when they are too few.
    pub(super) fn draw(self, style: Style, room: usize) -> Option<String> {
        let templates: &[&str] = match self.kind {
            // How long a step of a Dockerfile takes says nothing about the next one: no time is promised.
            Step::Build => &["{bar:20} {percent:>3}%  {pos}/{len}", "{bar:10} {percent:>3}%"],
            // The message counts the layers.
            Step::Push => {
                &["{bar:20} {percent:>3}%{left}", "{bar:20} {percent:>3}%", "{bar:10} {percent:>3}%"]
            }
            Step::Upload | Step::Work => &[
                "{bar:20} {percent:>3}%  {decimal_bytes}/{decimal_total_bytes}{left}",
                "{bar:20} {percent:>3}%",
                "{bar:10} {percent:>3}%",
            ],
        };
        let drawn = templates.iter().map(|template| self.render(template, style));
        let fitting = drawn.into_iter().find(|drawn| !drawn.is_empty() && text::width(drawn) <= room)?;
        // indicatif decides on colours for the whole process; here each stream has its own rule.
        let end = fitting.find(' ').unwrap_or(fitting.len());
        let (bar, rest) = fitting.split_at(end);
        Some(format!("{}{rest}", style.paint(Role::Accent, bar)))
    }

    fn render(self, template: &str, style: Style) -> String {
        let canvas = Canvas::default();
        // The templates are constants, all of them in the tests: none is wrong.
        let Ok(look) = ProgressStyle::with_template(template) else { return String::new() };
        let left = self.left();
        let look = look.progress_chars(if style.unicode { "━╸─" } else { "=>-" }).with_key(
            "left",
            move |_: &ProgressState, out: &mut dyn Write| {
                if let Some(left) = left {
                    // What is written goes into a text, which takes everything.
                    let _ = write!(out, "  {:#} left", HumanDuration(left));
                }
            },
        );
        let target = ProgressDrawTarget::term_like(Box::new(canvas.clone()));
        let bar = ProgressBar::with_draw_target(Some(self.total), target)
            .with_position(self.done.min(self.total))
            .with_style(look);
        bar.tick();
        lock(&canvas.0).trim_end().to_owned()
    }

    /// Time that the rest takes at the pace so far, in whole seconds; none before anything is done. By the records' times:
    /// indicatif's own estimate goes by the clock, from which a replay would tell another.
    fn left(self) -> Option<Duration> {
        let (done, total) = (u128::from(self.done), u128::from(self.total));
        let rest = total.checked_sub(done).filter(|rest| *rest > 0)?;
        let millis = (u128::try_from(self.elapsed).ok()? * rest).checked_div(done)?;
        Some(Duration::from_secs(u64::try_from(millis / 1000).unwrap_or(u64::MAX)))
    }
}

/// A terminal of one endless line that keeps what is written to it.
#[derive(Debug, Clone, Default)]
struct Canvas(Arc<Mutex<String>>);

impl TermLike for Canvas {
    fn width(&self) -> u16 {
        // Wider than any bar; lines are filled up to it.
        256
    }

    fn height(&self) -> u16 {
        1
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, line: &str) -> io::Result<()> {
        self.write_str(line)
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        lock(&self.0).push_str(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        lock(&self.0).clear();
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(kind: Step, done: u64, total: u64, room: usize) -> Option<String> {
        Bar { kind, done, total, elapsed: 6000 }.draw(Style::PLAIN, room)
    }

    #[test]
    fn each_kind_says_what_it_counts() {
        assert_eq!(drawn(Step::Build, 3, 5, 60).unwrap(), "============>-------  60%  3/5");
        assert_eq!(drawn(Step::Push, 3, 7, 60).unwrap(), "========>-----------  43%  8s left");
        assert_eq!(
            drawn(Step::Upload, 1_500_000, 6_000_000, 60).unwrap(),
            "=====>--------------  25%  1.50 MB/6.00 MB  18s left"
        );
    }

    #[test]
    fn what_has_no_room_is_left_out() {
        assert_eq!(drawn(Step::Push, 3, 7, 30).unwrap(), "========>-----------  43%");
        assert_eq!(drawn(Step::Upload, 3, 7, 20).unwrap(), "====>-----  43%");
        assert_eq!(drawn(Step::Build, 3, 7, 5), None);
    }

    #[test]
    fn it_never_overflows_and_promises_no_time_at_its_ends() {
        assert_eq!(drawn(Step::Push, 9, 7, 60).unwrap(), "==================== 100%");
        assert_eq!(drawn(Step::Push, 0, 7, 60).unwrap(), "--------------------   0%");
        assert!(drawn(Step::Upload, 1, u64::MAX, 90).unwrap().starts_with(">-------------------   0%"));
        let early = Bar { kind: Step::Push, done: 1, total: 2, elapsed: -5 };
        assert_eq!(early.draw(Style::PLAIN, 60).unwrap(), "==========>---------  50%");
    }

    #[test]
    fn a_share_is_never_quite_nothing_nor_quite_all() {
        let drawn = |percent| Gauge::Share(percent).draw(Style::PLAIN, 60).unwrap();
        for (percent, bar) in [
            (0.0, "--------------------"),
            (0.1, "=-------------------"),
            (10.0, "==------------------"),
            (50.0, "==========----------"),
            (99.9, "===================-"),
            (100.0, "===================="),
        ] {
            assert_eq!(drawn(percent), bar, "{percent}");
        }
        assert_eq!(Gauge::Share(10.0).draw(Style::PLAIN, 12).unwrap(), "=---------");
        assert_eq!(Gauge::Share(10.0).draw(Style::PLAIN, 9), None);
    }

    #[test]
    fn colour_is_the_streams_own() {
        let style = Style { colour: true, unicode: true };
        let bar = Bar { kind: Step::Build, done: 1, total: 2, elapsed: 0 };
        assert_eq!(bar.draw(style, 60).unwrap(), "\u{1b}[36m━━━━━━━━━━╸─────────\u{1b}[0m  50%  1/2");
    }
}
