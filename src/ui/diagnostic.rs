//! Drawing findings about a file: the line, a caret under the offending value, what to do.

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::text::spelled;
use crate::diagnostic::{Diagnostic, Place, Severity, Source, Span};

/// Draws the findings about `source` one below the other, each with the lines it is about, a newline at the end.
/// Nothing when there are none.
#[must_use]
pub fn draw(source: &Source, items: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    // The renderer shows control characters, but not this one. The other has as many bytes: places stay right.
    let source = &Source { path: source.path.clone(), text: source.text.replace('\u{feff}', "\u{fffd}") };
    for item in items {
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&renderer.render(&[group(source, &harmless(item))]));
        out.push('\n');
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
            let primary = AnnotationKind::Primary.span(range(&source.text, span));
            let primary = if item.label.is_empty() { primary } else { primary.label(item.label.as_str()) };
            let others = item.others.iter().map(|place| {
                AnnotationKind::Context.span(range(&source.text, place.span)).label(place.label.as_str())
            });
            let snippet = Snippet::source(source.text.as_str()).path(source.path.as_str());
            title.element(snippet.annotation(primary).annotations(others))
        }
        None => title.element(annotate_snippets::Origin::path(source.path.as_str())),
    };
    if let Some(help) = &item.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    group
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
    fn odd_places_do_not_panic() {
        let source = Source { path: "m.yml".to_owned(), text: "ä: 1\n".to_owned() };
        for (start, end) in [(1, 2), (0, 99), (6, 6), (99, 98)] {
            let mut found = Diagnostics::new();
            found.error("x/y", "odd").at(Span { start, end, line: 1, column: 1 });
            assert!(draw(&source, found.items(), false).contains("odd"));
        }
    }
}
