//! Tables: aligned columns that keep within the terminal's width, and never lose text.

use super::style::{Role, Style};
use super::text;

/// Spaces between columns.
const GAP: usize = 2;
/// Narrowest that a column is made, as long as anything else can give way.
const NARROWEST: usize = 8;

/// A table of texts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Table {
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these column heads and no rows.
    #[must_use]
    pub fn new<H: Into<String>>(headers: impl IntoIterator<Item = H>) -> Self {
        Self { headers: headers.into_iter().map(Into::into).collect(), rows: vec![] }
    }

    /// Adds a row. Missing cells are empty, cells without a column are dropped. Cells hold no colours.
    pub fn row<C: Into<String>>(&mut self, cells: impl IntoIterator<Item = C>) -> &mut Self {
        let mut row: Vec<String> = cells.into_iter().map(|cell| text::safe(&cell.into())).collect();
        row.resize(self.headers.len(), String::new());
        self.rows.push(row);
        self
    }

    /// Whether it has no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text with a line end behind each line. `width`: columns of the terminal, into which cells are wrapped;
    /// none when the reader is a program: then each row is one line.
    #[must_use]
    pub fn render(&self, style: Style, width: Option<usize>) -> String {
        let widths = self.widths(width);
        let mut out = String::new();
        line(&mut out, &self.headers, &widths, |cell| style.paint(Role::Strong, cell));
        let rules: Vec<String> = self
            .headers
            .iter()
            .zip(&widths)
            .map(|(header, width)| "-".repeat(text::width(header).min(*width)))
            .collect();
        line(&mut out, &rules, &widths, |cell| style.paint(Role::Faint, cell));
        for row in &self.rows {
            line(&mut out, row, &widths, str::to_owned);
        }
        out
    }

    /// Width of each column: what its longest cell needs, less when the terminal is narrower.
    fn widths(&self, width: Option<usize>) -> Vec<usize> {
        let mut widths: Vec<usize> = self.headers.iter().map(|header| text::width(header)).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(text::width(cell));
            }
        }
        let Some(most) = width else { return widths };
        let gaps = GAP * widths.len().saturating_sub(1);
        // The widest column gives way first.
        while widths.iter().sum::<usize>() + gaps > most {
            let Some(widest) =
                widths.iter_mut().max_by_key(|width| **width).filter(|width| **width > NARROWEST)
            else {
                break;
            };
            *widest -= 1;
        }
        widths
    }
}

/// Writes one row, which takes several lines when a cell is wrapped.
fn line(out: &mut String, cells: &[String], widths: &[usize], paint: impl Fn(&str) -> String) {
    let wrapped: Vec<Vec<String>> =
        cells.iter().zip(widths).map(|(cell, width)| text::wrap(cell, (*width).max(1))).collect();
    let height = wrapped.iter().map(Vec::len).max().unwrap_or(0);
    for index in 0..height {
        let mut whole = String::new();
        for (column, (lines, width)) in wrapped.iter().zip(widths).enumerate() {
            let cell = lines.get(index).map_or("", String::as_str);
            if column > 0 {
                whole.push_str(&" ".repeat(GAP));
            }
            whole.push_str(&text::pad(&paint(cell), *width));
        }
        out.push_str(whole.trim_end());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["Name", "Type", "Reason"]);
        table.row(["api", "Load Balanced Web Service", ""]);
        table.row(["worker", "Worker Service", "Essential container in task exited with code 1"]);
        table.row(["x"]);
        table
    }

    #[test]
    fn columns_are_aligned_and_lines_have_no_spaces_at_their_end() {
        insta::assert_snapshot!(table().render(Style::PLAIN, None), @r"
        Name    Type                       Reason
        ----    ----                       ------
        api     Load Balanced Web Service
        worker  Worker Service             Essential container in task exited with code 1
        x
        ");
    }

    #[test]
    fn cells_are_wrapped_into_the_terminal() {
        let text = table().render(Style::PLAIN, Some(50));
        insta::assert_snapshot!(text, @r"
        Name    Type                  Reason
        ----    ----                  ------
        api     Load Balanced Web
                Service
        worker  Worker Service        Essential container
                                      in task exited with
                                      code 1
        x
        ");
        assert!(text.lines().all(|line| text::width(line) <= 50));
    }

    #[test]
    fn colours_do_not_shift_columns() {
        let colour = Style { colour: true, unicode: true };
        let plain = table().render(Style::PLAIN, None);
        assert_eq!(console::strip_ansi_codes(&table().render(colour, None)), plain);
        assert_eq!(Table::new(Vec::<String>::new()).render(Style::PLAIN, Some(10)), "");
    }
}
