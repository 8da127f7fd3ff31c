//! Brings the lines of a frame to the terminal: drawn over the last frame in one write, so that nothing flickers.

use super::super::text;

/// Begins and ends an update that terminals show at once ("synchronized output"); others ignore it.
const BEGIN: &str = "\u{1b}[?2026h";
const END: &str = "\u{1b}[?2026l";

/// What stands on the terminal now.
#[derive(Debug, Default)]
pub(super) struct Screen {
    /// Columns of each line that was drawn.
    drawn: Vec<usize>,
}

impl Screen {
    /// The bytes that replace the last frame with `lines`. `width`: columns of the terminal now, which may be others than
    /// before.
    pub(super) fn frame(&mut self, lines: &[String], width: usize) -> String {
        let mut out = String::from(BEGIN);
        out.push_str(&self.home(width));
        for line in lines {
            out.push_str(line);
            // The rest of the line goes, so that nothing has to be cleared before.
            out.push_str("\u{1b}[K\n");
        }
        out.push_str("\u{1b}[J");
        out.push_str(END);
        self.drawn = lines.iter().map(|line| text::width(line)).collect();
        out
    }

    /// The bytes that take the last frame off the terminal.
    pub(super) fn clear(&mut self, width: usize) -> String {
        if self.drawn.is_empty() {
            return String::new();
        }
        let out = format!("{}\u{1b}[J", self.home(width));
        self.drawn.clear();
        out
    }

    /// The last frame stays where it is.
    pub(super) fn forget(&mut self) {
        self.drawn.clear();
    }

    /// Moves to where the last frame begins. A terminal that became narrower has wrapped its lines.
    fn home(&self, width: usize) -> String {
        let rows: usize = self.drawn.iter().map(|columns| columns.div_ceil(width.max(1)).max(1)).sum();
        if rows == 0 { "\r".to_owned() } else { format!("\r\u{1b}[{rows}A") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_replace_each_other_also_when_the_terminal_shrinks() {
        let mut screen = Screen::default();
        let lines = |text: &[&str]| text.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        assert_eq!(screen.clear(80), "");
        assert_eq!(
            screen.frame(&lines(&["one", "0123456789"]), 80),
            "\u{1b}[?2026h\rone\u{1b}[K\n0123456789\u{1b}[K\n\u{1b}[J\u{1b}[?2026l"
        );
        assert!(screen.frame(&lines(&["x"]), 80).starts_with("\u{1b}[?2026h\r\u{1b}[2Ax"));
        screen.frame(&lines(&["one", "0123456789"]), 80);
        // Five columns: the second line takes two rows now.
        assert_eq!(screen.clear(5), "\r\u{1b}[3A\u{1b}[J");
        assert_eq!(screen.clear(5), "");
        screen.frame(&lines(&["one"]), 80);
        screen.forget();
        assert!(screen.frame(&lines(&["two"]), 80).starts_with("\u{1b}[?2026h\rtwo"));
    }
}
