//! A view's [`Page`] as aligned text.

use super::style::{Role, Style};
use super::text;
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
    /// Colours and symbols.
    pub style: Style,
}

/// The text of `page`, each line with its end. Texts of tasks and events come from outside: what would
/// steer a terminal is left out.
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
            push_line(&mut out, 0, &look.style.paint(Role::Strong, &text::safe(&section.title)));
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
                let line = |header: &str| Cell::new("-".repeat(text::width(header)), Mark::Dim);
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
                let rows: Vec<Vec<Cell>> = bars.iter().map(|one| bar(one, look.style)).collect();
                rows_at(&mut out, indent, &rows, look);
            }
        }
    }
    out
}

/// A bar as cells: label, bar, numbers with their meaning.
fn bar(bar: &Bar, style: Style) -> Vec<Cell> {
    let filled = bar.value.min(bar.max).saturating_mul(BAR).checked_div(bar.max).unwrap_or(0);
    let mark = if bar.value >= bar.max { Mark::Good } else { Mark::Bad };
    let (full, empty) = if style.unicode { ('█', '░') } else { ('#', '.') };
    let drawn: String = (0..BAR).map(|at| if at < filled { full } else { empty }).collect();
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
        rows.iter().map(|row| row.iter().map(|cell| text::safe(&cell.text)).collect()).collect();
    let mut widths: Vec<usize> = (0..columns)
        .map(|column| {
            texts.iter().filter_map(|row| row.get(column)).map(|text| text::width(text)).max().unwrap_or(0)
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
            row.iter().zip(&widths).map(|(cell, width)| wrapped(cell, *width)).collect();
        let height = wrapped.iter().map(Vec::len).max().unwrap_or(1);
        for line in 0..height {
            let mut whole = String::new();
            let mut owed = 0;
            for (column, parts) in wrapped.iter().enumerate() {
                let part = parts.get(line).map_or("", String::as_str);
                if !part.is_empty() {
                    whole.push_str(&" ".repeat(owed));
                    owed = 0;
                    whole.push_str(&look.style.paint(role(cells[column].mark), part));
                }
                owed += widths[column].saturating_sub(text::width(part)) + GAP;
            }
            push_line(out, indent, &whole);
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

/// A cell in lines of at most `width` columns; one that fits keeps its spaces.
fn wrapped(cell: &str, width: usize) -> Vec<String> {
    if text::width(cell) <= width { vec![cell.to_owned()] } else { text::wrap(cell, width) }
}

fn role(mark: Mark) -> Role {
    match mark {
        Mark::Plain => Role::Plain,
        Mark::Good => Role::Good,
        Mark::Bad => Role::Bad,
        Mark::Dim => Role::Faint,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Look = Look { width: 0, style: Style { colour: false, unicode: true } };

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
        let drawn = draw(&page(), Look { width: 50, ..PLAIN });
        assert!(drawn.lines().all(|line| text::width(line) <= 50), "{drawn}");
        insta::assert_snapshot!(drawn.lines().skip(7).take(5).collect::<Vec<_>>().join("\n"), @r#"
        ID        Health     Reason
        --        ------     ------
        37236ed3  healthy
        9         unhealthy  Health checks failed with
                             these codes: [502], then
        "#);
    }

    #[test]
    fn colours_only_when_asked_and_never_obeys_the_text() {
        let page = Page::new().with("", Body::Lines(vec![Cell::new("up\u{1b}[2J\nnext", Mark::Good)]));
        assert_eq!(draw(&page, PLAIN), "up next\n");
        assert_eq!(
            draw(&page, Look { style: Style { colour: true, unicode: true }, ..PLAIN }),
            "\u{1b}[32mup next\u{1b}[0m\n"
        );
    }

    #[test]
    fn bars_stay_within_their_length() {
        let drawn = |value, max| {
            let bar = bar(&Bar { label: String::new(), value, max, note: String::new() }, PLAIN.style);
            bar[1].text.clone()
        };
        assert_eq!(drawn(1, 3), "███░░░░░░░");
        assert_eq!(drawn(5, 3), "██████████");
        assert_eq!(drawn(0, 0), "░░░░░░░░░░");
        let ascii = bar(&Bar { label: String::new(), value: 1, max: 3, note: String::new() }, Style::PLAIN);
        assert_eq!(ascii[1].text, "###.......");
    }
}
