//! What a type takes, as data: for messages, suggestions, `explain` and the JSON Schema.
//!
//! Shapes come from the definitions that also decode, so they can't disagree with what is read.

/// What a value may be.
#[derive(Clone, Copy)]
pub enum Shape {
    /// A text; any scalar is taken by its text. `what` says what it holds, such as `a CIDR block`.
    Text {
        /// What it is, with its article.
        what: &'static str,
    },
    /// A text of a certain form; any scalar is taken by its text.
    Pattern {
        /// What it is, with its article.
        what: &'static str,
        /// Regular expression (of ECMAScript, anchored) that every such text matches.
        pattern: &'static str,
    },
    /// One of some words, in any case.
    Word {
        /// The words.
        words: &'static [&'static str],
    },
    /// A whole number between two bounds, both allowed.
    Integer {
        /// Smallest value.
        min: i64,
        /// Largest value.
        max: i64,
    },
    /// Any number.
    Number,
    /// `true` or `false`, also in the words of YAML 1.1 (`yes`, `off` …).
    Boolean,
    /// A duration with its unit, such as `1m30s`.
    Duration,
    /// A list of values.
    List {
        /// What each of them takes.
        item: fn() -> Shape,
    },
    /// A map with keys of the user's.
    Map {
        /// What each value takes.
        value: fn() -> Shape,
    },
    /// A block with known keys.
    Object(&'static Object),
    /// Either of two forms.
    Either {
        /// The short one.
        short: fn() -> Shape,
        /// The full one.
        full: fn() -> Shape,
    },
    /// Anything.
    Any,
}

/// A block with known keys.
#[derive(Debug)]
pub struct Object {
    /// Its documentation.
    pub doc: &'static str,
    /// Its own fields in the order of the definition.
    pub fields: &'static [Field],
    /// A block whose fields stand on the same level.
    pub flattened: Option<&'static Object>,
    /// Fields that exclude each other, by their names: any of the first with any of the second.
    pub exclusive: &'static [Exclusive],
}

/// Names of fields of two sides that exclude each other.
pub type Exclusive = (&'static [&'static str], &'static [&'static str]);

/// A field of a block.
pub struct Field {
    /// Its name in the definition, as a rule the key.
    pub name: &'static str,
    /// Its key.
    pub key: &'static str,
    /// Its documentation.
    pub doc: &'static str,
    /// What holds when it is absent, in the manifest's own words.
    pub default: Option<&'static str>,
    /// An older spelling that is still read, with a warning.
    pub was: Option<&'static str>,
    /// What its value takes.
    pub shape: fn() -> Shape,
}

impl std::fmt::Debug for Field {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.key)
    }
}

impl Field {
    /// Its documentation without the blanks a doc comment begins with.
    #[must_use]
    pub fn doc(&self) -> &'static str {
        self.doc.trim()
    }
}

impl Object {
    /// Its documentation without the blanks a doc comment begins with.
    #[must_use]
    pub fn doc(&self) -> &'static str {
        self.doc.trim()
    }

    /// The known key nearest to `key`, when one is near enough to be meant.
    #[must_use]
    pub fn nearest(&self, key: &str) -> Option<&'static str> {
        nearest(key, self.all().map(|field| field.key))
    }

    /// Pairs of keys that exclude each other.
    #[must_use]
    pub fn excluded(&self) -> Vec<(&'static str, &'static str)> {
        let key = |name: &&str| self.fields.iter().find(|field| field.name == *name).map(|field| field.key);
        let mut pairs: Vec<_> = self.flattened.map(Self::excluded).unwrap_or_default();
        for (first, second) in self.exclusive {
            for one in first.iter().filter_map(key) {
                pairs.extend(second.iter().filter_map(key).map(|other| (one, other)));
            }
        }
        pairs
    }

    /// All its fields, the flattened ones first.
    pub fn all(&self) -> impl Iterator<Item = &'static Field> {
        let flattened = self.flattened.map_or(&[][..], |object| object.fields);
        flattened.iter().chain(self.fields)
    }
}

/// The candidate nearest to `word`, when one is near enough to be meant: letter case, `-`, `_` and blanks do not count.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let word = plain(word);
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len().max(word.len()) / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

impl Shape {
    /// The shape in words with their article, such as `a text or a map`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Text { what } | Self::Pattern { what, .. } => (*what).to_owned(),
            Self::Word { words } => {
                let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
                alternatives(&quoted)
            }
            Self::Integer { min, max } => match (*min, *max) {
                (0, i64::MAX) => "a whole number".to_owned(),
                (min, max) => format!("a whole number from {min} to {max}"),
            },
            Self::Number => "a number".to_owned(),
            Self::Boolean => "`true` or `false`".to_owned(),
            Self::Duration => "a duration such as `10s` or `1m30s`".to_owned(),
            Self::List { .. } => "a list".to_owned(),
            Self::Map { .. } => "a map".to_owned(),
            Self::Object(object) => {
                let keys: Vec<String> =
                    object.all().take(4).map(|field| format!("`{}`", field.key)).collect();
                let more = if object.all().count() > keys.len() { " …" } else { "" };
                format!("a map with {}{more}", keys.join(", "))
            }
            Self::Either { short, full } => format!("{} or {}", short().describe(), full().describe()),
            Self::Any => "any value".to_owned(),
        }
    }

    /// Every path of known keys below this shape, in the order of the definitions: `[]` stands for a list's items,
    /// `<key>` for the user's keys. Older spellings are left out.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.fields().into_iter().map(|(path, _)| path).collect()
    }

    /// Every field below this shape with its path, as [`Self::paths`] writes it.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, &'static Field)> {
        let mut out = vec![];
        self.collect("", &mut out);
        out.dedup_by(|(one, _), (other, _)| one == other);
        out
    }

    /// Adds every field below this shape, which stands at the path `at`.
    pub(super) fn collect(&self, at: &str, out: &mut Vec<(String, &'static Field)>) {
        match self {
            Self::List { item } => item().collect(&format!("{at}[]"), out),
            Self::Map { value } => value().collect(&format!("{at}.<key>"), out),
            Self::Either { short, full } => {
                short().collect(at, out);
                full().collect(at, out);
            }
            Self::Object(object) => {
                for field in object.all() {
                    let path =
                        if at.is_empty() { field.key.to_owned() } else { format!("{at}.{}", field.key) };
                    out.push((path.clone(), field));
                    (field.shape)().collect(&path, out);
                }
            }
            _ => {}
        }
    }
}

/// `a`, `a or b`, `a, b or c`.
#[must_use]
pub fn alternatives(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_are_near_or_absent() {
        let keys = ["deployment", "variables", "cpu", "env_file"];
        assert_eq!(nearest("deployments", keys), Some("deployment"));
        assert_eq!(nearest("envFile", keys), Some("env_file"));
        assert_eq!(nearest("varaibles", keys), Some("variables"));
        assert_eq!(nearest("autoscaling", keys), None);
    }
}
