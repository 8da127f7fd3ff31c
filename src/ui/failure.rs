//! How an error reads at the end of a command: what happened, why, the evidence, what to do.

use super::style::{Role, Style, Symbol};
use super::text;

/// Most columns that running text takes, however wide the terminal is.
const MOST_COLUMNS: usize = 110;

/// An error for people, as plain data.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// What happened, in one sentence without its full stop.
    pub headline: String,
    /// Why, and what else is known, the cause first: a sentence each.
    pub facts: Vec<String>,
    /// What programs said: the last lines of a log, as they are.
    pub log_lines: Vec<String>,
    /// Where those lines are from, such as `last lines of container api`; empty without.
    pub log_title: String,
    /// What the user can do, a sentence each, the best first.
    pub next: Vec<String>,
    /// Stable code of the cause, for scripts and to look it up; empty without.
    pub code: String,
}

impl Report {
    /// A report that is one sentence.
    #[must_use]
    pub fn new(headline: impl Into<String>) -> Self {
        Self { headline: headline.into(), ..Self::default() }
    }

    /// The report as text, with a line end behind each line. `width`: columns of the terminal; none when there is none: then
    /// nothing is wrapped.
    #[must_use]
    pub fn render(&self, style: Style, width: Option<usize>) -> String {
        let width = width.map_or(usize::MAX, |width| width.min(MOST_COLUMNS));
        let mut out = String::new();
        let head = style.symbol(Symbol::Failed);
        paragraph(&mut out, &head, &self.headline, width, |line| style.paint(Role::Strong, line));
        for fact in &self.facts {
            paragraph(&mut out, " ", fact, width, str::to_owned);
        }
        if !self.log_lines.is_empty() {
            out.push('\n');
            if !self.log_title.is_empty() {
                out.push_str(&format!("  {}\n", style.paint(Role::Faint, &text::safe(&self.log_title))));
            }
            // Evidence is shown as it was written: wrapped lines could not be searched for.
            for line in &self.log_lines {
                out.push_str(format!("    {}", text::safe(line)).trim_end());
                out.push('\n');
            }
        }
        if !self.next.is_empty() {
            out.push('\n');
        }
        for step in &self.next {
            paragraph(&mut out, &style.symbol(Symbol::Hint), step, width, str::to_owned);
        }
        if !self.code.is_empty() {
            let code = format!("cause: {}", text::safe(&self.code));
            out.push_str(&format!("\n  {}\n", style.paint(Role::Faint, &code)));
        }
        out
    }
}

/// Writes `body` with `head` (one column wide) before its first line, the others below its text.
fn paragraph(out: &mut String, head: &str, body: &str, width: usize, paint: impl Fn(&str) -> String) {
    let lines: Vec<String> = body
        .lines()
        .flat_map(|line| {
            let line = text::safe(line);
            if width == usize::MAX { vec![line] } else { text::wrap(&line, width.saturating_sub(2)) }
        })
        .collect();
    for (index, line) in lines.iter().enumerate() {
        let head = if index == 0 { head } else { " " };
        out.push_str(format!("{head} {}", paint(line)).trim_end());
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report() -> Report {
        Report {
            headline: "The deployment of api to test failed and was rolled back".into(),
            facts: vec![
                "Container api ended with exit code 1 before its first health check.".into(),
                "The tasks of revision shop-test-api:13 failed 3 times; the service runs shop-test-api:12 again, with 2 of 2 tasks.".into(),
            ],
            log_lines: vec![
                "Error: connect ECONNREFUSED 10.0.1.12:5432".into(),
                "    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) which is a rather long line".into(),
                String::new(),
                "\u{1b}[31mred\u{1b}[0m".into(),
            ],
            log_title: "last lines of container api, task 0a1b2c3d".into(),
            next: vec![
                "Read the whole log: `wharf svc logs --name api --env test --previous`.".into(),
                "Check that the security group of the database lets the service in, then run `wharf svc deploy` again.".into(),
            ],
            code: "container_exited".into(),
        }
    }

    #[test]
    fn reads_from_what_to_what_next() {
        insta::assert_snapshot!(report().render(Style { colour: false, unicode: true }, Some(80)), @r"
        ✘ The deployment of api to test failed and was rolled back
          Container api ended with exit code 1 before its first health check.
          The tasks of revision shop-test-api:13 failed 3 times; the service runs
          shop-test-api:12 again, with 2 of 2 tasks.

          last lines of container api, task 0a1b2c3d
            Error: connect ECONNREFUSED 10.0.1.12:5432
                at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1611:16) which is a rather long line

            red

        → Read the whole log: `wharf svc logs --name api --env test --previous`.
        → Check that the security group of the database lets the service in, then run
          `wharf svc deploy` again.

          cause: container_exited
        ");
    }

    #[test]
    fn without_a_terminal_nothing_is_wrapped() {
        let text = report().render(Style::PLAIN, None);
        assert_eq!(text.lines().count(), 14);
        assert!(text.is_ascii(), "{text}");
        assert_eq!(Report::new("No.").render(Style::PLAIN, None), "x No.\n");
    }
}
