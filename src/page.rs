//! What a view looks like to people, before it is drawn: sections of pairs, tables, lines and bars.
//!
//! A view builds its [`Page`]; only `ui` knows of widths, colours and terminals. The texts are plain: no escape codes, no
//! padding.

use jiff::Timestamp;

/// A view for people.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Its parts, in reading order.
    pub sections: Vec<Section>,
}

/// A titled part of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its heading; empty for a part without one.
    pub title: String,
    /// What it holds.
    pub body: Body,
}

/// What a section holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Names and their values, such as `Region  eu-west-1`.
    Pairs(Vec<(String, Cell)>),
    /// Rows under headers; every row has as many cells as there are headers.
    Table {
        /// Names of the columns.
        headers: Vec<String>,
        /// The rows.
        rows: Vec<Vec<Cell>>,
    },
    /// Lines one below the other.
    Lines(Vec<Cell>),
    /// Parts of wholes, drawn as bars.
    Bars(Vec<Bar>),
}

/// A part of a whole, such as 2 running tasks of 3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// What is counted.
    pub label: String,
    /// How many there are; may exceed `max`.
    pub value: u64,
    /// How many there should be.
    pub max: u64,
    /// What the numbers mean, such as `desired tasks are running`.
    pub note: String,
}

/// A text with its meaning.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    /// The text.
    pub text: String,
    /// What it means.
    pub mark: Mark,
}

/// What a text means; decides its colour where there are colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mark {
    /// Nothing special.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Broken.
    Bad,
    /// Less important than the rest.
    Dim,
}

/// What has a page.
pub trait Paged {
    /// The page, with times told relative to `now`.
    fn page(&self, now: Timestamp) -> Page;
}

impl Page {
    /// A page without sections.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a section, unless it holds nothing.
    #[must_use]
    pub fn with(mut self, title: &str, body: Body) -> Self {
        if !body.is_empty() {
            self.sections.push(Section { title: title.to_owned(), body });
        }
        self
    }
}

impl Body {
    /// A table with `headers` and `rows`.
    #[must_use]
    pub fn table(headers: &[&str], rows: Vec<Vec<Cell>>) -> Self {
        Self::Table { headers: headers.iter().map(|header| (*header).to_owned()).collect(), rows }
    }

    /// Whether it holds nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Pairs(pairs) => pairs.is_empty(),
            Self::Table { rows, .. } => rows.is_empty(),
            Self::Lines(lines) => lines.is_empty(),
            Self::Bars(bars) => bars.is_empty(),
        }
    }
}

impl Cell {
    /// A text with a meaning.
    pub fn new(text: impl Into<String>, mark: Mark) -> Self {
        Self { text: text.into(), mark }
    }

    /// A text, or a dimmed `-` for an empty one.
    pub fn or_dash(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() { Self::new("-", Mark::Dim) } else { Self::new(text, Mark::Plain) }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::new(text, Mark::Plain)
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::new(text, Mark::Plain)
    }
}

/// How long ago `then` was, such as `5 minutes ago`; `just now` within five seconds and for instants ahead of `now`.
#[must_use]
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    const UNITS: [(i64, &str); 6] = [
        (365 * 86_400, "year"),
        (30 * 86_400, "month"),
        (86_400, "day"),
        (3_600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    let seconds = then.duration_until(now).as_secs();
    if seconds < 5 {
        return "just now".to_owned();
    }
    let (size, unit) = UNITS.into_iter().find(|(size, _)| seconds >= *size).unwrap_or((1, "second"));
    let count = seconds / size;
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural} ago")
}

/// A number of bytes for people, such as `1.5 MB`.
#[must_use]
pub fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if count < 1_000 {
        return format!("{count} B");
    }
    let (mut tenths, mut unit) = (count / 100, 0);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        (tenths, unit) = (tenths / 1_000, unit + 1);
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_times_in_the_largest_whole_unit() {
        let now = Timestamp::from_second(1_000_000_000).unwrap();
        for (seconds, want) in [
            (-30, "just now"),
            (4, "just now"),
            (5, "5 seconds ago"),
            (60, "1 minute ago"),
            (7_199, "1 hour ago"),
            (86_400 * 29, "29 days ago"),
            (86_400 * 31, "1 month ago"),
            (86_400 * 800, "2 years ago"),
        ] {
            let then = Timestamp::from_second(1_000_000_000 - seconds).unwrap();
            assert_eq!(ago(then, now), want, "{seconds}");
        }
    }

    #[test]
    fn sizes_in_decimal_units() {
        let shown: Vec<String> =
            [0, 999, 1_000, 1_549, 2_000_000, 3_400_000_000].into_iter().map(bytes).collect();
        assert_eq!(shown, ["0 B", "999 B", "1.0 kB", "1.5 kB", "2.0 MB", "3.4 GB"]);
    }

    #[test]
    fn leaves_out_sections_that_hold_nothing() {
        let page = Page::new()
            .with("Empty", Body::table(&["Name"], vec![]))
            .with("Full", Body::Lines(vec!["one".into()]));
        assert_eq!(page.sections.iter().map(|section| section.title.as_str()).collect::<Vec<_>>(), ["Full"]);
    }
}
