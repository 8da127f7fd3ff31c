//! Colours and symbols. Colour is never the only sign: each symbol says the same.

/// How text is decorated on one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Style {
    /// Whether colours are used.
    pub colour: bool,
    /// Whether symbols outside ASCII are used.
    pub unicode: bool,
}

/// What is known about colours, each as plain data of the environment.
#[derive(Debug, Clone, Copy, Default)]
pub struct ColourFacts<'a> {
    /// Whether `--no-color` was given.
    pub no_color_flag: bool,
    /// Value of `COLOR`: `true` or `false` decide, as with Copilot.
    pub color: Option<&'a str>,
    /// Value of `NO_COLOR`: anything but an empty text turns colours off (no-color.org).
    pub no_color: Option<&'a str>,
    /// Value of `CLICOLOR`: `0` turns colours off.
    pub clicolor: Option<&'a str>,
    /// Value of `CLICOLOR_FORCE`: anything but `0` turns colours on.
    pub clicolor_force: Option<&'a str>,
    /// Value of `TERM`: `dumb` has no colours.
    pub term: Option<&'a str>,
}

impl ColourFacts<'_> {
    /// Whether colours are used on a stream that is a terminal or not. The first fact that decides counts, in the order
    /// of the fields.
    #[must_use]
    pub fn decide(&self, terminal: bool) -> bool {
        let set = |value: Option<&str>| value.is_some_and(|value| !value.is_empty());
        if self.no_color_flag {
            return false;
        }
        match self.color {
            Some("true") => return true,
            Some("false") => return false,
            _ => {}
        }
        if set(self.no_color) {
            return false;
        }
        if set(self.clicolor_force) && self.clicolor_force != Some("0") {
            return true;
        }
        terminal && self.clicolor != Some("0") && self.term != Some("dumb")
    }
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Nothing special.
    Plain,
    /// It went well.
    Good,
    /// It went wrong.
    Bad,
    /// It may go wrong.
    Doubtful,
    /// It is under way, or stands out.
    Accent,
    /// It matters less.
    Faint,
    /// It matters more.
    Strong,
}

/// Signs in front of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// Done.
    Done,
    /// Failed.
    Failed,
    /// Nothing had to be done.
    Skipped,
    /// Stopped before its end.
    Cancelled,
    /// Not begun.
    Waiting,
    /// A warning.
    Warning,
    /// Something to know or to do.
    Hint,
}

impl Style {
    /// No colours, ASCII only.
    pub const PLAIN: Self = Self { colour: false, unicode: false };

    /// `text` decorated for its role.
    #[must_use]
    pub fn paint(self, role: Role, text: &str) -> String {
        let style = console::Style::new().force_styling(self.colour);
        let style = match role {
            Role::Plain => return text.to_owned(),
            Role::Good => style.green(),
            Role::Bad => style.red(),
            Role::Doubtful => style.yellow(),
            Role::Accent => style.cyan(),
            Role::Faint => style.dim(),
            Role::Strong => style.bold(),
        };
        if text.is_empty() { String::new() } else { style.apply_to(text).to_string() }
    }

    /// The sign's character, undecorated; always one column wide.
    #[must_use]
    pub fn glyph(self, symbol: Symbol) -> &'static str {
        match (symbol, self.unicode) {
            (Symbol::Done, true) => "✔",
            (Symbol::Done, false) => "+",
            (Symbol::Failed, true) => "✘",
            (Symbol::Failed, false) => "x",
            (Symbol::Skipped, true) => "–",
            (Symbol::Skipped, false) => "-",
            (Symbol::Cancelled, true) => "⊘",
            (Symbol::Cancelled, false) => "/",
            (Symbol::Waiting, true) => "·",
            (Symbol::Waiting, false) => ".",
            (Symbol::Warning, _) => "!",
            (Symbol::Hint, true) => "→",
            (Symbol::Hint, false) => ">",
        }
    }

    /// The sign with its colour.
    #[must_use]
    pub fn symbol(self, symbol: Symbol) -> String {
        let role = match symbol {
            Symbol::Done => Role::Good,
            Symbol::Failed => Role::Bad,
            Symbol::Warning => Role::Doubtful,
            Symbol::Hint => Role::Accent,
            Symbol::Skipped | Symbol::Cancelled | Symbol::Waiting => Role::Faint,
        };
        self.paint(role, self.glyph(symbol))
    }

    /// One picture of a turning sign; `turn` counts up.
    #[must_use]
    pub fn spinner(self, turn: usize) -> &'static str {
        let pictures: &[&str] = if self.unicode {
            &["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]
        } else {
            &["-", "\\", "|", "/"]
        };
        pictures[turn % pictures.len()]
    }

    /// What stands for text that was cut off.
    #[must_use]
    pub fn ellipsis(self) -> &'static str {
        if self.unicode { "…" } else { "..." }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_fact_decides() {
        let none = ColourFacts::default();
        assert!(none.decide(true) && !none.decide(false));
        let facts = ColourFacts { color: Some("true"), no_color: Some("1"), ..none };
        assert!(facts.decide(false));
        assert!(!ColourFacts { no_color_flag: true, ..facts }.decide(true));
        assert!(!ColourFacts { color: Some("false"), clicolor_force: Some("1"), ..none }.decide(true));
        assert!(!ColourFacts { no_color: Some("1"), ..none }.decide(true));
        assert!(ColourFacts { no_color: Some(""), ..none }.decide(true));
        assert!(ColourFacts { clicolor_force: Some("1"), ..none }.decide(false));
        assert!(!ColourFacts { clicolor_force: Some("0"), clicolor: Some("0"), ..none }.decide(true));
        assert!(!ColourFacts { term: Some("dumb"), ..none }.decide(true));
    }

    #[test]
    fn without_colour_there_are_no_escapes() {
        assert_eq!(Style::PLAIN.paint(Role::Bad, "x"), "x");
        let colour = Style { colour: true, unicode: true };
        assert_eq!(colour.paint(Role::Bad, "x"), "\u{1b}[31mx\u{1b}[0m");
        assert_eq!(Style::PLAIN.symbol(Symbol::Done), "+");
    }
}
