//! `${NAME}` in the values of a manifest.
//!
//! Names are replaced in the tree, so every value keeps its place. The same replacements are made in the text, which is
//! embedded in the template as what was deployed: it equals the file but for the replaced values, comments included.

use std::collections::BTreeMap;

use super::decode::JSON_LIST;
use crate::diagnostic::{Diagnostics, Source, Span};
use crate::name::{AppName, EnvName};
use crate::yaml::node::{self, Node, Style, Value};
use crate::yaml::template;

/// Looks up a variable of the process that runs wharf.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What names stand for.
struct Names<'a> {
    predefined: [(&'static str, &'a str); 2],
    lookup: Lookup<'a>,
}

/// A manifest with its names replaced.
#[derive(Debug, Clone, PartialEq)]
pub struct Interpolated {
    /// The tree; places are those of the file.
    pub root: Node,
    /// The text with the replaced values.
    pub text: String,
}

/// Replaces every `${NAME}` in the values of `root`, which was read from `source`. `\${NAME}` stays, without its
/// backslash. A value that becomes a JSON array of texts is a list from then on, unless it was a literal block. What
/// is undefined is reported and counts as not set.
pub fn interpolate(
    source: &Source,
    mut root: Node,
    app: &AppName,
    env: &EnvName,
    lookup: Lookup<'_>,
    out: &mut Diagnostics,
) -> Interpolated {
    let predefined = [("COPILOT_APPLICATION_NAME", app.as_str()), ("COPILOT_ENVIRONMENT_NAME", env.as_str())];
    let names = Names { predefined, lookup };
    let mut edits = BTreeMap::new();
    let before = out.items().len();
    walk(&mut root, source, &names, &mut edits, out);
    if out.items().len() > before {
        return Interpolated { root, text: source.text.clone() };
    }
    let mut text = source.text.clone();
    for ((start, end), new) in edits.into_iter().rev() {
        if text.is_char_boundary(start) && text.is_char_boundary(end) && start <= end {
            text.replace_range(start..end, &new);
        }
    }
    // The text must say what the tree says; where a replacement went wrong, the tree is written anew.
    match node::parse(&text) {
        Ok(again) if same(&root, &again) => {}
        _ => text = template::to_yaml(&template::normal(&untagged(root.clone()))),
    }
    Interpolated { root, text }
}

type Edits = BTreeMap<(usize, usize), String>;

fn walk(node: &mut Node, source: &Source, names: &Names<'_>, edits: &mut Edits, out: &mut Diagnostics) {
    let span = node.span;
    match &mut node.value {
        Value::Sequence(items) => {
            for item in items {
                walk(item, source, names, edits, out);
            }
        }
        Value::Mapping(pairs) => {
            for (_, value) in pairs {
                walk(value, source, names, edits, out);
            }
        }
        Value::Scalar(text, style) => {
            let style = *style;
            let Some(expanded) = expand(text, span, names, out) else {
                node.value = Value::Scalar(String::new(), Style::Plain);
                return;
            };
            let changed = expanded != *text;
            let list = (style != Style::Literal).then(|| json_list(&expanded)).flatten();
            if changed {
                let written = source.text.get(span.start..span.end).unwrap_or_default();
                let new = match &list {
                    Some(_) => expanded.clone(),
                    None => encode(written, style, &expanded, names),
                };
                edits.insert((span.start, span.end), new);
            }
            match list {
                Some(items) => {
                    let item = |text| Node { value: Value::Scalar(text, Style::Quoted), span, tag: None };
                    node.tag = Some(format!("{JSON_LIST}{expanded}"));
                    node.value = Value::Sequence(items.into_iter().map(item).collect());
                }
                None => *text = expanded,
            }
        }
    }
}

fn json_list(text: &str) -> Option<Vec<String>> {
    if !text.trim_start().starts_with('[') {
        return None;
    }
    serde_json::from_str::<Vec<String>>(text).ok().filter(|items| !items.is_empty())
}

/// The next `${NAME}` of a text: where it begins (with its backslash, if it has one), where it ends, and the name.
fn next_name(text: &str, from: usize) -> Option<(usize, usize, &str)> {
    let mut at = from;
    loop {
        let open = at + text.get(at..)?.find("${")?;
        let rest = &text[open + 2..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let name = &rest[..end];
        if rest[end..].starts_with('}') && !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())
        {
            let start = if text[..open].ends_with('\\') && open > from { open - 1 } else { open };
            return Some((start, open + 2 + end + 1, name));
        }
        at = open + 2;
    }
}

/// `text` with its names replaced; `None` when one is undefined, which is reported.
fn expand(text: &str, span: Span, names: &Names<'_>, out: &mut Diagnostics) -> Option<String> {
    let mut expanded = String::new();
    let (mut at, mut complete) = (0, true);
    while let Some((start, end, name)) = next_name(text, at) {
        expanded.push_str(&text[at..start]);
        if text[start..].starts_with('\\') {
            expanded.push_str(&text[start + 1..end]);
        } else {
            match names.value(name, span, out) {
                Some(value) => expanded.push_str(&value),
                None => complete = false,
            }
        }
        at = end;
    }
    expanded.push_str(&text[at..]);
    complete.then_some(expanded)
}

impl Names<'_> {
    fn value(&self, name: &str, span: Span, out: &mut Diagnostics) -> Option<String> {
        let outside = (self.lookup)(name);
        if let Some((_, value)) = self.predefined.iter().find(|(known, _)| *known == name) {
            if outside.is_some_and(|outside| outside != *value) {
                let message =
                    format!("the environment variable {name} is set to something else than {value:?}");
                out.error("manifest/variable-conflict", message)
                    .at(span)
                    .help(format!("wharf sets ${{{name}}} itself: unset the variable"));
                return None;
            }
            return Some((*value).to_owned());
        }
        if outside.is_none() {
            out.error("manifest/undefined-variable", format!("the environment variable {name} is not set"))
                .at(span)
                .help(format!("set {name}, or write \\${{{name}}} to keep the text as it is"));
        }
        outside
    }
}

/// How a replaced value is written in the place of `written`.
fn encode(written: &str, style: Style, text: &str, names: &Names<'_>) -> String {
    let quoted = || serde_json::Value::from(text).to_string();
    let one_line = !text.contains(char::is_control);
    match style {
        Style::Plain if plain(text) => text.to_owned(),
        Style::Quoted if written.starts_with('\'') && one_line => format!("'{}'", text.replace('\'', "''")),
        Style::Plain | Style::Quoted => quoted(),
        Style::Literal | Style::Folded => block(written, style, names),
    }
}

/// Whether a text can stand without quotes in any place.
fn plain(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/' || c == '_')
        && !text.ends_with(':')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:@+=%".contains(c))
}

/// A block with its names replaced; lines that a value adds get the indentation of the line they stand on.
fn block(written: &str, style: Style, names: &Names<'_>) -> String {
    let mut out = String::new();
    let mut at = 0;
    while let Some((start, end, name)) = next_name(written, at) {
        out.push_str(&written[at..start]);
        if written[start..].starts_with('\\') {
            out.push_str(&written[start + 1..end]);
        } else {
            let value = names.value(name, Span::default(), &mut Diagnostics::new()).unwrap_or_default();
            let line = out.rsplit('\n').next().unwrap_or_default();
            let indent: String = line.chars().take_while(|c| *c == ' ').collect();
            let newline = if style == Style::Folded { "\n\n" } else { "\n" };
            out.push_str(&value.replace('\n', &format!("{newline}{indent}")));
        }
        at = end;
    }
    out.push_str(&written[at..]);
    out
}

/// A tree without tags, which mean nothing in a manifest: as a template it would have them as functions.
fn untagged(mut node: Node) -> Node {
    node.tag = None;
    node.value = match node.value {
        Value::Sequence(items) => Value::Sequence(items.into_iter().map(untagged).collect()),
        Value::Mapping(pairs) => {
            Value::Mapping(pairs.into_iter().map(|(key, value)| (untagged(key), untagged(value))).collect())
        }
        scalar => scalar,
    };
    node
}

/// Whether two trees say the same; a list made from a JSON text equals that text.
fn same(a: &Node, b: &Node) -> bool {
    match (&a.value, &b.value) {
        (Value::Scalar(a, _), Value::Scalar(b, _)) => a == b,
        (Value::Sequence(a), Value::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Mapping(a), Value::Mapping(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|((k, v), (l, w))| k.as_str() == l.as_str() && same(v, w))
        }
        (Value::Sequence(_), Value::Scalar(text, _)) => {
            a.tag.as_deref().and_then(|tag| tag.strip_prefix(JSON_LIST)) == Some(text)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn run(text: &str, vars: &[(&str, &str)]) -> (Interpolated, Diagnostics) {
        let source = Source { path: "manifest.yml".to_owned(), text: text.to_owned() };
        let lookup = |name: &str| vars.iter().find(|(k, _)| *k == name).map(|(_, v)| (*v).to_owned());
        let (app, env) = (AppName::new("shop").unwrap(), EnvName::new("test").unwrap());
        let mut out = Diagnostics::new();
        let root = node::parse(text).unwrap();
        (interpolate(&source, root, &app, &env, &lookup, &mut out), out)
    }

    #[test]
    fn names_are_replaced_in_tree_and_text() {
        let text = "# ${NOT_HERE}\na: ${X}-1 # why\nb: 'it''s ${X}'\nc: \"q ${X}\"\nd:\n  - /${COPILOT_APPLICATION_NAME}/${COPILOT_ENVIRONMENT_NAME}\ne: |\n  one ${X}\n  \\${X}\nf: \\${X} ${1} $X ${X:-y}\ng: >-\n  fold ${X}\n  on\n";
        let (done, out) = run(text, &[("X", "va'l")]);
        assert!(out.is_empty(), "{out:?}");
        insta::assert_snapshot!(done.text, @r#"
        # ${NOT_HERE}
        a: "va'l-1" # why
        b: 'it''s va''l'
        c: "q va'l"
        d:
          - /shop/test
        e: |
          one va'l
          ${X}
        f: "${X} ${1} $X ${X:-y}"
        g: >-
          fold va'l
          on
        "#);
        assert_eq!(done.root.get("e").unwrap().as_str(), Some("one va'l\n${X}\n"));
        assert_eq!(done.root.get("a").unwrap().span.line, 2);
    }

    #[test]
    fn lines_and_signs_in_values() {
        let text = "a: ${X}\nb: |\n  x: ${X}\nc: {d: '${Y}'}\n";
        let (done, _) = run(text, &[("X", "l1\nl2: #"), ("Y", "a, b: c}")]);
        let again = node::parse(&done.text).unwrap();
        assert_eq!(again.get("a").unwrap().as_str(), Some("l1\nl2: #"));
        assert_eq!(again.get("b").unwrap().as_str(), Some("x: l1\nl2: #\n"));
        assert_eq!(again.get("c").unwrap().get("d").unwrap().as_str(), Some("a, b: c}"));
    }

    #[test]
    fn tags_are_no_part_of_a_text_that_is_written_anew() {
        let text = "a: !Ref b\nc: >-\n  f ${X}\u{8}  g\n";
        let (done, out) = run(text, &[("X", "l1\nl:: x")]);
        assert!(out.is_empty() && !done.text.contains("!Ref"), "{}", done.text);
        let again = node::parse(&done.text).unwrap();
        assert_eq!(again.get("a").unwrap().as_str(), Some("b"), "{}", done.text);
        assert_eq!(again.get("c").unwrap().as_str(), done.root.get("c").unwrap().as_str());
    }

    #[test]
    fn json_arrays_become_lists() {
        let (done, _) = run("a: ${X}\nb: |\n  ${X}\nc: '[]'\nd: '[1]'\n", &[("X", r#"["sg-1","sg-2"]"#)]);
        let items = done.root.get("a").unwrap().as_sequence().unwrap();
        assert_eq!(items.iter().map(|item| item.as_str().unwrap()).collect::<Vec<_>>(), ["sg-1", "sg-2"]);
        assert!(done.root.get("b").unwrap().as_str().is_some());
        assert!(done.root.get("c").unwrap().as_str().is_some());
        assert!(done.root.get("d").unwrap().as_str().is_some());
        assert!(done.text.starts_with("a: [\"sg-1\",\"sg-2\"]\n"));
    }

    #[test]
    fn undefined_and_conflicting_names() {
        let (_, out) = run(
            "a: ${X}\nb: [ '${Y}', '${COPILOT_ENVIRONMENT_NAME}' ]\n",
            &[("COPILOT_ENVIRONMENT_NAME", "prod")],
        );
        let rules: Vec<_> = out.items().iter().map(|item| (item.rule, item.span.unwrap().line)).collect();
        assert_eq!(
            rules,
            [
                ("manifest/undefined-variable", 1),
                ("manifest/undefined-variable", 2),
                ("manifest/variable-conflict", 2),
            ]
        );
    }

    proptest! {
        #[test]
        fn any_value_reads_back(value in "[ -~\n\u{e4}\u{85}\u{2028}]{0,30}", at in 0_usize..5) {
            let text = [
                "a: ${X}\n", "a: '${X}'\n", "a: \"${X}\"\n", "a: |\n  b ${X} c\n", "a: >\n  b ${X}\n  c\n",
            ][at];
            prop_assume!(json_list(&value).is_none());
            let (done, out) = run(text, &[("X", &value)]);
            prop_assert!(out.is_empty());
            let again = node::parse(&done.text).unwrap();
            prop_assert!(same(&done.root, &again), "{:?} {:?}", done.text, done.root);
        }
    }
}
