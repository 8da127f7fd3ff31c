//! A view's [`Page`] as aligned text.

use console::{Style, measure_text_width};

use crate::page::{Bar, Body, Cell, Mark, Page};

/// Spaces before everything below a heading.
const INDENT: usize = 2;
/// Spaces between columns.
const GAP: usize = 2;
/// A column that is wrapped keeps at least this many columns of the terminal.
const NARROWEST: usize = 20;
/// Width of a bar.
const BAR: u64 = 10;

/// How a page is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Columns of the terminal; 0 where there is none: nothing is wrapped.
    pub width: usize,
    /// Whether to use colours.
    pub colour: bool,
}

/// The text of `page`, each line with its end. Characters that would steer a terminal are shown as `\u{…}`.
#[must_use]
pub fn draw(page: &Page, look: Look) -> String {
    let mut out = String::new();
    for (at, section) in page.sections.iter().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let indent = if section.title.is_empty() {
            0
        } else {
            push_line(&mut out, 0, &paint(&harmless(&section.title), look, Style::new().bold()));
            out.push('\n');
            INDENT
        };
        match &section.body {
            Body::Pairs(pairs) => {
                let rows: Vec<Vec<Cell>> = pairs
                    .iter()
                    .map(|(name, value)| vec![Cell::from(name.as_str()), value.clone()])
                    .collect();
                rows_at(&mut out, indent, &rows, look);
            }
            Body::Table { headers, rows } => {
                let line = |text: &str| Cell::new("-".repeat(measure_text_width(text)), Mark::Dim);
                let mut all = vec![
                    headers.iter().map(|header| Cell::from(header.as_str())).collect(),
                    headers.iter().map(|header| line(header)).collect(),
                ];
                all.extend(rows.iter().cloned());
                rows_at(&mut out, indent, &all, look);
            }
            Body::Lines(lines) => {
                let rows: Vec<Vec<Cell>> = lines.iter().map(|line| vec![line.clone()]).collect();
                rows_at(&mut out, indent, &rows, look);
            }
            Body::Bars(bars) => {
                let rows: Vec<Vec<Cell>> = bars.iter().map(bar).collect();
                rows_at(&mut out, indent, &rows, look);
            }
        }
    }
    out
}

/// A bar as cells: label, bar, numbers with their meaning.
fn bar(bar: &Bar) -> Vec<Cell> {
    let filled = bar.value.min(bar.max).saturating_mul(BAR).checked_div(bar.max).unwrap_or(0);
    let mark = if bar.value >= bar.max { Mark::Good } else { Mark::Bad };
    let drawn: String = (0..BAR).map(|at| if at < filled { '█' } else { '░' }).collect();
    vec![
        Cell::from(bar.label.as_str()),
        Cell::new(drawn, mark),
        Cell::from(format!("{}/{} {}", bar.value, bar.max, bar.note)),
    ]
}

/// Rows as aligned columns; the widest column is wrapped when the terminal is too narrow.
fn rows_at(out: &mut String, indent: usize, rows: &[Vec<Cell>], look: Look) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let texts: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| harmless(&cell.text)).collect()).collect();
    let mut widths: Vec<usize> = (0..columns)
        .map(|column| {
            texts
                .iter()
                .filter_map(|row| row.get(column))
                .map(|text| measure_text_width(text))
                .max()
                .unwrap_or(0)
        })
        .collect();
    let total = indent + widths.iter().sum::<usize>() + GAP * columns.saturating_sub(1);
    if look.width > 0
        && total > look.width
        && let Some(widest) = (0..columns).max_by_key(|column| widths[*column])
    {
        let others = total - widths[widest];
        widths[widest] = widths[widest].min(look.width.saturating_sub(others).max(NARROWEST));
    }
    for (row, cells) in texts.iter().zip(rows) {
        let wrapped: Vec<Vec<String>> =
            row.iter().zip(&widths).map(|(text, width)| wrap(text, *width)).collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(1);
        for line in 0..height {
            let mut text = String::new();
            let mut owed = 0;
            for (column, parts) in wrapped.iter().enumerate() {
                let part = parts.get(line).map_or("", String::as_str);
                if !part.is_empty() {
                    text.push_str(&" ".repeat(owed));
                    owed = 0;
                    text.push_str(&paint(part, look, style(cells[column].mark)));
                }
                owed += widths[column].saturating_sub(measure_text_width(part)) + GAP;
            }
            push_line(out, indent, &text);
        }
    }
}

fn push_line(out: &mut String, indent: usize, text: &str) {
    if !text.is_empty() {
        out.push_str(&" ".repeat(indent));
        out.push_str(text);
    }
    out.push('\n');
}

/// `text` in lines of at most `width` columns, broken at spaces where there are any.
fn wrap(text: &str, width: usize) -> Vec<String> {
    if measure_text_width(text) <= width {
        return vec![text.to_owned()];
    }
    let mut lines = vec![];
    let mut line = String::new();
    for word in text.split(' ') {
        let mut word = word;
        if !line.is_empty() {
            if measure_text_width(&line) + 1 + measure_text_width(word) <= width {
                line.push(' ');
                line.push_str(word);
                continue;
            }
            lines.push(std::mem::take(&mut line));
        }
        while measure_text_width(word) > width {
            let cut = fitting(word, width);
            lines.push(word[..cut].to_owned());
            word = &word[cut..];
        }
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// Bytes of the longest beginning of `text` that fits into `width` columns; at least one character.
fn fitting(text: &str, width: usize) -> usize {
    let mut end = 0;
    for (at, char) in text.char_indices() {
        let next = at + char.len_utf8();
        if end > 0 && measure_text_width(&text[..next]) > width {
            break;
        }
        end = next;
    }
    end
}

fn style(mark: Mark) -> Style {
    match mark {
        Mark::Plain => Style::new(),
        Mark::Good => Style::new().green(),
        Mark::Bad => Style::new().red(),
        Mark::Dim => Style::new().dim(),
    }
}

fn paint(text: &str, look: Look, style: Style) -> String {
    if look.colour { style.force_styling(true).apply_to(text).to_string() } else { text.to_owned() }
}

/// `text` with control characters shown instead of obeyed: texts of tasks and events come from outside.
fn harmless(text: &str) -> String {
    if !text.chars().any(char::is_control) {
        return text.to_owned();
    }
    text.chars()
        .map(|char| match char {
            '\n' | '\r' | '\t' => " ".to_owned(),
            char if char.is_control() => char.escape_unicode().to_string(),
            char => char.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Look = Look { width: 0, colour: false };

    fn page() -> Page {
        Page::new()
            .with(
                "About",
                Body::Pairs(vec![("Name".into(), "api".into()), ("Environment".into(), Cell::or_dash(""))]),
            )
            .with(
                "Tasks",
                Body::table(
                    &["ID", "Health", "Reason"],
                    vec![
                        vec!["37236ed3".into(), Cell::new("healthy", Mark::Good), "".into()],
                        vec![
                            "9".into(),
                            Cell::new("unhealthy", Mark::Bad),
                            "Health checks failed with these codes: [502], then the task was stopped".into(),
                        ],
                    ],
                ),
            )
            .with(
                "Running",
                Body::Bars(vec![Bar { label: "Primary".into(), value: 1, max: 3, note: "desired".into() }]),
            )
    }

    #[test]
    fn aligns_columns_without_trailing_spaces() {
        insta::assert_snapshot!(draw(&page(), PLAIN), @r#"
        About

          Name         api
          Environment  -

        Tasks

          ID        Health     Reason
          --        ------     ------
          37236ed3  healthy
          9         unhealthy  Health checks failed with these codes: [502], then the task was stopped

        Running

          Primary  ███░░░░░░░  1/3 desired
        "#);
    }

    #[test]
    fn wraps_the_widest_column_where_the_terminal_ends() {
        let text = draw(&page(), Look { width: 50, colour: false });
        assert!(text.lines().all(|line| measure_text_width(line) <= 50), "{text}");
        insta::assert_snapshot!(text.lines().skip(7).take(5).collect::<Vec<_>>().join("\n"), @r#"
        ID        Health     Reason
        --        ------     ------
        37236ed3  healthy
        9         unhealthy  Health checks failed with
                             these codes: [502], then
        "#);
    }

    #[test]
    fn a_word_longer_than_the_column_is_cut_between_characters() {
        assert_eq!(wrap("ab cdefgh i", 3), ["ab", "cde", "fgh", "i"]);
        assert_eq!(wrap("日本語", 3), ["日", "本", "語"]);
    }

    #[test]
    fn colours_only_when_asked_and_never_obeys_the_text() {
        let page = Page::new().with("", Body::Lines(vec![Cell::new("up\u{1b}[2J\nnext", Mark::Good)]));
        assert_eq!(draw(&page, PLAIN), "up\\u{1b}[2J next\n");
        assert_eq!(draw(&page, Look { width: 0, colour: true }), "\u{1b}[32mup\\u{1b}[2J next\u{1b}[0m\n");
    }

    #[test]
    fn bars_stay_within_their_length() {
        let drawn =
            |value, max| bar(&Bar { label: String::new(), value, max, note: String::new() })[1].text.clone();
        assert_eq!(drawn(1, 3), "███░░░░░░░");
        assert_eq!(drawn(5, 3), "██████████");
        assert_eq!(drawn(0, 0), "░░░░░░░░░░");
    }
}
