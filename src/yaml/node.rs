//! A YAML document as a tree in which every value knows its place in the text.
//!
//! Aliases and merge keys (`<<`) are resolved while reading. Scalars keep their text and style: what a scalar means is
//! decided by whoever reads it, as Go's yaml.v3 does, so `port: 80` can be read as the text `80`.

use std::cell::Cell;
use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};

/// A place in a text: a half-open range of bytes, and the line and column (both from 1) of its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: usize,
    /// Offset behind the last byte.
    pub end: usize,
    /// Line of the start, from 1.
    pub line: usize,
    /// Column of the start in characters, from 1.
    pub column: usize,
}

/// How a scalar was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes: may be read as a number, a boolean or null.
    Plain,
    /// In single or double quotes: always a text.
    Quoted,
    /// A literal block (`|`): always a text.
    Literal,
    /// A folded block (`>`): always a text.
    Folded,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A scalar's text (quotes and escapes resolved) and style.
    Scalar(String, Style),
    /// A list.
    Sequence(Vec<Node>),
    /// Key and value pairs in the order of the text; keys are unique scalars.
    Mapping(Vec<(Node, Node)>),
}

/// A value with its place and its tag.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What the node holds.
    pub value: Value,
    /// Where it stands; for a mapping, from its first key to the end of its last value.
    pub span: Span,
    /// An application tag such as `!Ref`, with its exclamation mark; none for YAML's own (`!!str`).
    pub tag: Option<String>,
}

/// Why a text is no YAML document, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {}, column {}: {message}", span.line, span.column)]
pub struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub span: Span,
    /// A second place that matters, with what it is: the first use of a repeated key.
    pub other: Option<(Span, String)>,
}

/// Most nodes one document may expand to: aliases that multiply ("billion laughs") end here.
const MAX_NODES: usize = 200_000;
/// Deepest nesting of one document.
const MAX_DEPTH: usize = 128;

impl Node {
    /// The scalar's text, when this is a scalar.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(text, _) => Some(text),
            _ => None,
        }
    }

    /// The pairs, when this is a mapping.
    #[must_use]
    pub fn as_mapping(&self) -> Option<&[(Node, Node)]> {
        match &self.value {
            Value::Mapping(pairs) => Some(pairs),
            _ => None,
        }
    }

    /// The items, when this is a list.
    #[must_use]
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The value under `key`, when this is a mapping that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_mapping()?.iter().find(|(k, _)| k.as_str() == Some(key)).map(|(_, v)| v)
    }

    /// Whether this is the absence of a value: an empty plain scalar, `~` or `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(text, Style::Plain)
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// Whether the scalar was written without quotes.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        matches!(self.value, Value::Scalar(_, Style::Plain))
    }

    /// What kind of value this is, in words for a message: `a list`, `a map`, `the text "x"`, `nothing`.
    #[must_use]
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Sequence(_) => "a list".to_owned(),
            Value::Mapping(_) => "a map".to_owned(),
            Value::Scalar(..) if self.is_null() => "nothing".to_owned(),
            Value::Scalar(text, Style::Plain) => {
                if text.parse::<f64>().is_ok() {
                    format!("the number {text}")
                } else {
                    format!("{text:?}")
                }
            }
            Value::Scalar(text, _) => {
                let short: String = text.chars().take(40).collect();
                format!("the text {short:?}{}", if short.len() < text.len() { "…" } else { "" })
            }
        }
    }
}

/// Reads the one document of `text`. An empty text is an empty mapping.
///
/// # Errors
/// [`SyntaxError`] with its place: malformed YAML, a repeated or compound key, a second document, or a document that
/// expands beyond reason.
pub fn parse(text: &str) -> Result<Node, SyntaxError> {
    let lines = line_starts(text);
    let mut padded = text.to_owned();
    let mut pads: HashMap<usize, usize> = HashMap::new();
    loop {
        let mut composer = Composer {
            text,
            parser: Parser::new_from_str(&padded),
            anchors: HashMap::new(),
            count: 0,
            lines: &lines,
            pads: &pads,
            cursor: Cell::default(),
        };
        let error = match composer.document() {
            Err(error) if error.message.starts_with(SHALLOW) && pads.len() < MAX_PADS => error,
            done => return done,
        };
        // The line of the error in the padded text: padding adds no lines.
        if pads.insert(error.span.line, PAD).is_some() {
            return Err(error);
        }
        let at = line_starts(&padded)[error.span.line - 1];
        padded.insert_str(at, &" ".repeat(PAD));
    }
}

/// What the parser says of a line inside brackets that stands no deeper than the key before them. YAML forbids it,
/// libyaml reads it, and people write it: such lines are read with more blanks in front.
const SHALLOW: &str = "invalid indentation";
/// Blanks put in front: more than any document is deep.
const PAD: usize = 2 * MAX_DEPTH;
/// Most lines that get blanks.
const MAX_PADS: usize = 200;

struct Composer<'a> {
    text: &'a str,
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: HashMap<usize, Node>,
    count: usize,
    lines: &'a [usize],
    /// Blanks that stand in front of a line, from 1, for the parser only.
    pads: &'a HashMap<usize, usize>,
    /// The place that was asked for last: the parser asks from the front to the back, and lines may be long.
    cursor: Cell<Cursor>,
}

/// A place in a line, in characters and in bytes.
#[derive(Debug, Clone, Copy, Default)]
struct Cursor {
    /// Line, from 1; 0 before the first place.
    line: usize,
    /// Characters in front of it in its line.
    column: usize,
    /// Offset of the byte.
    offset: usize,
}

fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

impl<'a> Composer<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), SyntaxError> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                let span = self.span(&span);
                Ok((event, span))
            }
            Some(Err(error)) => {
                let place = saphyr_parser::Span::empty(*error.marker());
                let span = self.span(&place);
                Err(SyntaxError { message: error.info().to_owned(), span, other: None })
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// The parser's markers, whose index counts characters, as byte offsets with line and column recomputed.
    fn span(&self, span: &saphyr_parser::Span) -> Span {
        let from = self.place(span.start.line(), span.start.col());
        let start = from.offset;
        let end = self.place(span.end.line(), span.end.col()).offset.max(start);
        let line = self.lines.partition_point(|at| *at <= start);
        // The parser also ends lines at a lone carriage return.
        let column = if line == from.line {
            from.column + 1
        } else {
            self.text[self.lines[line - 1]..start].chars().count() + 1
        };
        Span { start, end, line, column }
    }

    /// A place that the parser names, within the text.
    fn place(&self, line: usize, column: usize) -> Cursor {
        let Some(&at) = self.lines.get(line.saturating_sub(1)) else {
            return Cursor { offset: self.text.len(), ..Cursor::default() };
        };
        let column = column.saturating_sub(self.pads.get(&line).copied().unwrap_or(0));
        let cursor = self.cursor.get();
        let from = if cursor.line == line && cursor.column <= column {
            cursor
        } else {
            Cursor { line, column: 0, offset: at }
        };
        let missing = column - from.column;
        let rest = &self.text[from.offset..];
        let Some((bytes, _)) = rest.char_indices().nth(missing) else {
            return Cursor { line: 0, column: 0, offset: self.text.len() };
        };
        let place = Cursor { line, column, offset: from.offset + bytes };
        self.cursor.set(place);
        place
    }

    fn document(&mut self) -> Result<Node, SyntaxError> {
        let mut root = None;
        loop {
            let (event, span) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::DocumentStart(_) if root.is_some() => {
                    return Err(SyntaxError {
                        message: "a second document begins here; one file holds one document".to_owned(),
                        span,
                        other: None,
                    });
                }
                Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
                event => root = Some(self.node(event, span, 0)?),
            }
        }
        let empty = Node {
            value: Value::Mapping(vec![]),
            span: Span { line: 1, column: 1, ..Span::default() },
            tag: None,
        };
        Ok(root.filter(|node| !node.is_null()).unwrap_or(empty))
    }

    fn node(&mut self, event: Event<'a>, span: Span, depth: usize) -> Result<Node, SyntaxError> {
        self.count += 1;
        if self.count > MAX_NODES || depth > MAX_DEPTH {
            return Err(SyntaxError {
                message: "the document is too large or too deep".to_owned(),
                span,
                other: None,
            });
        }
        match event {
            Event::Alias(id) => {
                let Some(node) = self.anchors.get(&id).cloned() else {
                    return Err(SyntaxError {
                        message: "this alias refers to itself".to_owned(),
                        span,
                        other: None,
                    });
                };
                self.count += size(&node);
                if self.count > MAX_NODES {
                    let message = "the aliases of the document expand to too much".to_owned();
                    return Err(SyntaxError { message, span, other: None });
                }
                Ok(node)
            }
            Event::Scalar(text, style, anchor, tag) => {
                let tag = tag.map(|tag| format!("{}{}", tag.handle, tag.suffix));
                let style = match style {
                    ScalarStyle::Plain => Style::Plain,
                    ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => Style::Quoted,
                    ScalarStyle::Literal => Style::Literal,
                    ScalarStyle::Folded => Style::Folded,
                };
                // `!!str 12` is the text 12.
                let style =
                    if tag.as_deref() == Some("tag:yaml.org,2002:str") { Style::Quoted } else { style };
                let node = Node { value: Value::Scalar(text.into_owned(), style), span, tag: own(tag) };
                self.keep(anchor, &node);
                Ok(node)
            }
            Event::SequenceStart(anchor, tag) => {
                let mut items = vec![];
                let end = loop {
                    let (event, at) = self.next()?;
                    if matches!(event, Event::SequenceEnd) {
                        break at;
                    }
                    items.push(self.node(event, at, depth + 1)?);
                };
                let end = items.last().map_or(end.end, |last: &Node| last.span.end.max(span.end));
                let tag = own(tag.map(|tag| format!("{}{}", tag.handle, tag.suffix)));
                let node = Node { value: Value::Sequence(items), span: Span { end, ..span }, tag };
                self.keep(anchor, &node);
                Ok(node)
            }
            Event::MappingStart(anchor, tag) => {
                let (pairs, end) = self.pairs(span, depth)?;
                let tag = own(tag.map(|tag| format!("{}{}", tag.handle, tag.suffix)));
                let node = Node { value: Value::Mapping(pairs), span: Span { end, ..span }, tag };
                self.keep(anchor, &node);
                Ok(node)
            }
            _ => Err(SyntaxError { message: "a value is missing here".to_owned(), span, other: None }),
        }
    }

    fn pairs(&mut self, span: Span, depth: usize) -> Result<(Vec<(Node, Node)>, usize), SyntaxError> {
        let mut pairs: Vec<(Node, Node)> = vec![];
        let mut merged: Vec<(Node, Node)> = vec![];
        // Where each key stands: a generated map may have thousands.
        let mut places: HashMap<String, Span> = HashMap::new();
        loop {
            let (event, at) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let key = self.node(event, at, depth + 1)?;
            let (event, at) = self.next()?;
            let value = self.node(event, at, depth + 1)?;
            let Some(name) = key.as_str() else {
                let message = "a key must be a plain word, not a list or a map".to_owned();
                return Err(SyntaxError { message, span: key.span, other: None });
            };
            if name == "<<" && key.is_plain() {
                merged.extend(merge_sources(&value)?);
            } else if let Some(first) = places.insert(name.to_owned(), key.span) {
                let message = format!("the key {name:?} stands here a second time");
                let other = Some((first, "first here".to_owned()));
                return Err(SyntaxError { message, span: key.span, other });
            } else {
                pairs.push((key, value));
            }
        }
        let end = pairs.last().map_or(span.end, |(_, value)| value.span.end.max(span.end));
        for (key, value) in merged {
            let is_new = key.as_str().is_some_and(|name| places.insert(name.to_owned(), key.span).is_none());
            if is_new {
                pairs.push((key, value));
            }
        }
        Ok((pairs, end))
    }

    fn keep(&mut self, anchor: usize, node: &Node) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
    }
}

fn merge_sources(value: &Node) -> Result<Vec<(Node, Node)>, SyntaxError> {
    match &value.value {
        Value::Mapping(pairs) => Ok(pairs.clone()),
        Value::Sequence(items) if items.iter().all(|item| item.as_mapping().is_some()) => {
            Ok(items.iter().filter_map(Node::as_mapping).flatten().cloned().collect())
        }
        _ => {
            let message = "a merge key (<<) takes a map or a list of maps".to_owned();
            Err(SyntaxError { message, span: value.span, other: None })
        }
    }
}

/// YAML's own tags say nothing that the reader does not decide itself.
fn own(tag: Option<String>) -> Option<String> {
    tag.filter(|tag| !tag.starts_with("tag:yaml.org,2002:"))
}

fn size(node: &Node) -> usize {
    1 + match &node.value {
        Value::Scalar(..) => 0,
        Value::Sequence(items) => items.iter().map(size).sum(),
        Value::Mapping(pairs) => pairs.iter().map(|(k, v)| size(k) + size(v)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_place() {
        let text = "name: api\nhttp:\n  path: 'ä/x'\n  list: [a, b]\n";
        let root = parse(text).unwrap();
        let path = root.get("http").unwrap().get("path").unwrap();
        assert_eq!((path.span.line, path.span.column), (3, 9));
        assert_eq!(&text[path.span.start..path.span.end], "'ä/x'");
        let list = root.get("http").unwrap().get("list").unwrap();
        assert_eq!(list.as_sequence().unwrap()[1].span.line, 4);
        assert_eq!(list.as_sequence().unwrap()[1].as_str(), Some("b"));
    }

    #[test]
    fn merge_keys_and_aliases_are_resolved() {
        let root = parse("base: &b {a: 1, b: 2}\nuse:\n  <<: *b\n  b: 3\n").unwrap();
        let used = root.get("use").unwrap();
        assert_eq!(used.get("a").unwrap().as_str(), Some("1"));
        assert_eq!(used.get("b").unwrap().as_str(), Some("3"));
    }

    #[test]
    fn bad_documents_say_where() {
        let repeated = parse("a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!((repeated.span.line, repeated.other.unwrap().0.line), (3, 1));
        assert_eq!(parse("a: 1\n---\nb: 2\n").unwrap_err().span.line, 2);
        assert_eq!(parse("a: [1\nb: 2\n").unwrap_err().span.line, 2);
        let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned()
            + &(b'b'..=b'j')
                .map(|c| {
                    format!(
                        "{0}: &{0} [*{1},*{1},*{1},*{1},*{1},*{1},*{1},*{1},*{1}]\n",
                        c as char,
                        (c - 1) as char
                    )
                })
                .collect::<String>();
        assert!(parse(&bomb).is_err());
    }

    #[test]
    fn shallow_lines_in_brackets() {
        let text = "a:\n- b: [\n  x,\n'y', {\n z: 1}\n  ]\n  c: 2\n";
        let root = parse(text).unwrap();
        let item = &root.get("a").unwrap().as_sequence().unwrap()[0];
        let items = item.get("b").unwrap().as_sequence().unwrap();
        assert_eq!((items[1].as_str(), items[1].span.line, items[1].span.column), (Some("y"), 4, 1));
        assert_eq!(&text[items[1].span.start..items[1].span.end], "'y'");
        assert_eq!(items[2].get("z").unwrap().span.column, 5);
        assert_eq!(item.get("c").unwrap().span.column, 6);
        assert!(parse(&format!("a:\n  b: [\n{}", "x,\n".repeat(400))).is_err());
    }

    #[test]
    fn tags_and_nothing() {
        let root = parse("a: !Ref X\nb: !!str 12\nc:\n").unwrap();
        assert_eq!(root.get("a").unwrap().tag.as_deref(), Some("!Ref"));
        assert!(!root.get("b").unwrap().is_plain());
        assert!(root.get("c").unwrap().is_null());
        assert_eq!(parse("").unwrap().as_mapping(), Some(&[][..]));
        assert_eq!(parse("---\nname: api").unwrap().get("name").unwrap().as_str(), Some("api"));
    }
}
