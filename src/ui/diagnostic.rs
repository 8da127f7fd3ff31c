//! Drawing findings about a file: the line, a caret under the offending value, what to do.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::text::spelled;
use crate::diagnostic::{Diagnostic, Place, Severity, Source, Span};

/// Most findings of one file that are drawn: nobody reads more, and drawing each takes as long as its lines are.
const MOST: usize = 100;

/// Draws the findings about `source` one below the other, each with the lines it is about, a newline at the end: the first
/// hundred, and how many more there are. Nothing when there are none.
#[must_use]
pub fn draw(source: &Source, items: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    // The renderer shows control characters, but not this one. The other has as many bytes: places stay right.
    let source = &Source { path: source.path.clone(), text: source.text.replace('\u{feff}', "\u{fffd}") };
    for item in items.iter().take(MOST) {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&renderer.render(&[group(source, &harmless(item))]));
        out.push('\n');
    }
    match items.len().saturating_sub(MOST) {
        0 => {}
        1 => out.push_str(&format!("\n1 more finding in {}\n", source.path)),
        more => out.push_str(&format!("\n{more} more findings in {}\n", source.path)),
    }
    out
}

/// A finding whose texts, which may quote the file, do not steer the terminal. The lines of the file itself are shown
/// harmless by the renderer.
fn harmless(item: &Diagnostic) -> Diagnostic {
    let others =
        item.others.iter().map(|place| Place { label: spelled(&place.label), ..place.clone() }).collect();
    Diagnostic {
        message: spelled(&item.message),
        label: spelled(&item.label),
        help: item.help.as_deref().map(spelled),
        others,
        ..item.clone()
    }
}

fn group<'a>(source: &'a Source, item: &'a Diagnostic) -> Group<'a> {
    let level = match item.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(item.message.as_str()).id(item.rule);
    let mut group = match item.span {
        Some(span) => {
            let part = part(&source.text, span, &item.others);
            let within = |span: Span| {
                let range = range(&source.text, span);
                range.start - part.start..range.end - part.start
            };
            let primary = AnnotationKind::Primary.span(within(span));
            let primary = if item.label.is_empty() { primary } else { primary.label(item.label.as_str()) };
            let others = item
                .others
                .iter()
                .map(|place| AnnotationKind::Context.span(within(place.span)).label(place.label.as_str()));
            let first = source.text[..part.start].matches('\n').count() + 1;
            let text = &source.text[part.start..part.end];
            let snippet = Snippet::source(text).line_start(first).path(source.path.as_str());
            title.element(snippet.annotation(primary).annotations(others))
        }
        None => title.element(annotate_snippets::Origin::path(source.path.as_str())),
    };
    if let Some(help) = &item.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group
}

/// The lines from the first to the last that a finding names: the renderer reads all it is given, for each finding.
fn part(text: &str, span: Span, others: &[Place]) -> std::ops::Range<usize> {
    let all =
        || std::iter::once(span).chain(others.iter().map(|place| place.span)).map(|span| range(text, span));
    let start = all().map(|range| range.start).min().unwrap_or(0);
    let end = all().map(|range| range.end).max().unwrap_or(text.len());
    if start == text.len() {
        // Behind the last line: the renderer shows that one.
        return 0..start;
    }
    let from = text[..start].rfind('\n').map_or(0, |at| at + 1);
    let to = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
    from..to
}

/// The part of a place on its first line, within the text and between characters.
fn range(text: &str, span: Span) -> std::ops::Range<usize> {
    let floor = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = floor(span.start);
    let end = floor(span.end).max(start);
    let line = text[start..end].find(['\n', '\r']).map_or(end, |at| start + at);
    start..line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Diagnostics;

    #[test]
    fn draws_place_label_and_help() {
        let source = Source {
            path: "copilot/api/manifest.yml".to_owned(),
            text: "name: äpi\ncpu: many\n".to_owned(),
        };
        let mut found = Diagnostics::new();
        found
            .error("manifest/type", "`cpu` takes a whole number, not \"many\"")
            .at(Span { start: 16, end: 20, line: 2, column: 6 })
            .label("not a number")
            .help("write 256, 512, 1024 …");
        found.warn("manifest/empty", "the file says nothing");
        insta::assert_snapshot!(draw(&source, found.items(), false), @r#"
        error[manifest/type]: `cpu` takes a whole number, not "many"
         --> copilot/api/manifest.yml:2:6
          |
        2 | cpu: many
          |      ^^^^ not a number
          |
          = help: write 256, 512, 1024 …

        warning[manifest/empty]: the file says nothing
        --> copilot/api/manifest.yml
        "#);
    }

    #[test]
    fn what_is_quoted_does_not_steer_the_terminal() {
        let hostile = "\u{1b}[31m\r\u{202e}\u{feff}\u{7f}";
        let source = Source { path: "m.yml".to_owned(), text: format!("name: {hostile}\n") };
        let mut found = Diagnostics::new();
        found
            .error("x/y", format!("no {hostile}"))
            .at(Span { start: 6, end: 7, line: 1, column: 7 })
            .label(hostile)
            .other(Span { start: 0, end: 4, line: 1, column: 1 }, hostile)
            .help(hostile);
        let drawn = draw(&source, found.items(), false);
        let steers = |c: char| c.is_control() && c != '\n' || "\u{202e}\u{feff}".contains(c);
        assert!(!drawn.contains(steers), "{drawn:?}");
        assert!(drawn.contains("\\u{1b}[31m\\r\\u{202e}"), "{drawn}");
    }

    #[test]
    fn of_many_findings_the_first_are_drawn_with_their_lines() {
        let source = Source { path: "m.yml".to_owned(), text: "a: 1\n".repeat(300) };
        let mut found = Diagnostics::new();
        for line in 1..=102 {
            let start = (line - 1) * 5;
            found.error("x/y", "odd").at(Span { start, end: start + 1, line, column: 1 });
        }
        let drawn = draw(&source, found.items(), false);
        assert_eq!(drawn.matches("error[x/y]").count(), 100);
        assert!(drawn.contains(" --> m.yml:100:1\n") && !drawn.contains("m.yml:101"), "{drawn}");
        assert!(drawn.ends_with("\n\n2 more findings in m.yml\n"), "{drawn}");
    }

    #[test]
    fn odd_places_do_not_panic() {
        let source = Source { path: "m.yml".to_owned(), text: "ä: 1\n".to_owned() };
        for (start, end) in [(1, 2), (0, 99), (6, 6), (99, 98)] {
            let mut found = Diagnostics::new();
            found.error("x/y", "odd").at(Span { start, end, line: 1, column: 1 });
            assert!(draw(&source, found.items(), false).contains("odd"));
        }
    }
}
