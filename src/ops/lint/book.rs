//! Findings by file, and places in manifests.

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, Diagnostics, Source, Span};
use crate::name::EnvName;
use crate::ops::package::Findings;
use crate::yaml::node::{Node, Value};

/// Findings by the path of the file they are about.
#[derive(Debug, Default)]
pub struct Book {
    pages: BTreeMap<String, (Source, Diagnostics)>,
    files: usize,
}

impl Book {
    /// The findings of a file that was read.
    pub fn of(&mut self, source: &Source) -> &mut Diagnostics {
        let files = &mut self.files;
        let page = self.pages.entry(source.path.clone()).or_insert_with(|| {
            *files += usize::from(!source.text.is_empty());
            (source.clone(), Diagnostics::new())
        });
        &mut page.1
    }

    /// The findings of a file or folder that was not read.
    pub fn at(&mut self, path: &str) -> &mut Diagnostics {
        self.of(&Source { path: path.to_owned(), text: String::new() })
    }

    /// Shows stars in the place of values of a file, from now on.
    pub fn hide(&mut self, path: &str, spans: &[Span]) {
        if let Some((source, _)) = self.pages.get_mut(path) {
            source.text = starred(&source.text, spans);
        }
    }

    /// How many files were read.
    #[must_use]
    pub fn files(&self) -> usize {
        self.files
    }

    /// Everything that was found, by path, each file's by place.
    #[must_use]
    pub fn findings(self) -> Vec<Findings> {
        self.pages
            .into_values()
            .filter(|(_, diagnostics)| !diagnostics.is_empty())
            .map(|(source, diagnostics)| Findings { source, diagnostics: diagnostics.sorted() })
            .collect()
    }

    /// Takes over what was found in a file for several environments: what is the same in all is one finding, what is not
    /// names its environments.
    pub fn merge(&mut self, source: &Source, found: Vec<(EnvName, Diagnostics)>) {
        let all = found.len();
        let mut seen: Vec<(Diagnostic, Vec<EnvName>)> = vec![];
        for (env, diagnostics) in found {
            for item in diagnostics.items() {
                match seen.iter_mut().find(|(other, _)| other == item) {
                    Some((_, envs)) if envs.last() == Some(&env) => {}
                    Some((_, envs)) => envs.push(env.clone()),
                    None => seen.push((item.clone(), vec![env.clone()])),
                }
            }
        }
        let own = self.of(source);
        for (mut item, envs) in seen {
            if envs.len() < all {
                let envs: Vec<&str> = envs.iter().map(EnvName::as_str).collect();
                item.message = format!("{} (in {})", item.message, envs.join(", "));
            }
            own.add(item);
        }
    }
}

/// `text` with a star for every byte of these places; line ends stay.
fn starred(text: &str, spans: &[Span]) -> String {
    let hidden = |at: usize| spans.iter().any(|span| (span.start..span.end).contains(&at));
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if hidden(at) && c != '\n' && c != '\r' {
            out.extend(std::iter::repeat_n('*', c.len_utf8()));
        } else {
            out.push(c);
        }
    }
    out
}

/// The place of a field in a manifest as it holds in an environment: of the value when it is a scalar, else of the key. The
/// environment's section counts before the rest.
#[must_use]
pub fn place(root: &Node, env: &EnvName, path: &[&str]) -> Option<Span> {
    let section = ["environments", env.as_str()];
    find(root, &[&section, path].concat()).or_else(|| find(root, path))
}

/// The place of what stands under these keys: of the value when it is a scalar, else of the key.
pub(super) fn find(root: &Node, path: &[&str]) -> Option<Span> {
    let (first, rest) = path.split_first()?;
    let (key, value) = root.as_mapping()?.iter().find(|(key, _)| key.as_str() == Some(first))?;
    match (&value.value, rest) {
        (Value::Scalar(..), []) if !value.is_null() => Some(value.span),
        (_, []) => Some(key.span),
        _ => find(value, rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::node;

    #[test]
    fn stars_keep_places() {
        let span = Span { start: 3, end: 8, line: 1, column: 4 };
        let hidden = starred("a: \u{e4}b\ncd: e", &[span]);
        assert_eq!(hidden, "a: ***\n*d: e");
    }

    #[test]
    fn sections_come_first() {
        let root = node::parse("cpu: 1\nimage: {port: 2}\nenvironments: {test: {cpu: 3}}").unwrap();
        let (test, prod) = (EnvName::new("test").unwrap(), EnvName::new("prod").unwrap());
        assert_eq!(place(&root, &test, &["cpu"]).unwrap().line, 3);
        assert_eq!(place(&root, &prod, &["cpu"]).unwrap().line, 1);
        assert_eq!(place(&root, &prod, &["image", "port"]).unwrap().column, 15);
        assert_eq!(place(&root, &prod, &["image", "build"]), None);
    }

    #[test]
    fn what_differs_names_its_environments() {
        let source = Source { path: "m.yml".to_owned(), text: "x".to_owned() };
        let (test, prod) = (EnvName::new("test").unwrap(), EnvName::new("prod").unwrap());
        let mut both = Diagnostics::new();
        both.warn("a/b", "everywhere");
        let mut one = both.clone();
        one.error("a/c", "here");
        let mut book = Book::default();
        book.merge(&source, vec![(test, one), (prod, both)]);
        let found = book.findings();
        let messages: Vec<&str> =
            found[0].diagnostics.items().iter().map(|item| item.message.as_str()).collect();
        assert_eq!(messages, ["here (in test)", "everywhere"]);
    }
}
