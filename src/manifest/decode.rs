//! How a YAML value becomes a Rust value that knows its place.
//!
//! A value is decoded by the form it has: a map in the place of `count: 2` is read as the map form, and what is wrong
//! inside is reported there. No form is tried and dropped silently.

use std::collections::BTreeMap;

use super::scalar::Scalar;
use super::shape::Shape;
use crate::diagnostic::{Diagnostics, Span};
use crate::yaml::node::{Node, Style, Value};

/// Which YAML values a type takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds {
    /// Scalars.
    pub scalar: bool,
    /// Lists.
    pub list: bool,
    /// Maps.
    pub map: bool,
}

impl Kinds {
    /// Scalars only.
    pub const SCALAR: Self = Self { scalar: true, list: false, map: false };
    /// Lists only.
    pub const LIST: Self = Self { scalar: false, list: true, map: false };
    /// Maps only.
    pub const MAP: Self = Self { scalar: false, list: false, map: true };
    /// Everything.
    pub const ANY: Self = Self { scalar: true, list: true, map: true };

    /// What either takes.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self {
            scalar: self.scalar || other.scalar,
            list: self.list || other.list,
            map: self.map || other.map,
        }
    }

    /// Whether `node` is of these kinds.
    #[must_use]
    pub fn take(self, node: &Node) -> bool {
        match node.value {
            Value::Scalar(..) => self.scalar,
            Value::Sequence(_) => self.list,
            Value::Mapping(_) => self.map,
        }
    }
}

/// A value that can be read from a manifest.
pub trait Decode: Sized {
    /// Which YAML values it takes.
    const KINDS: Kinds;

    /// Reads `node`, which is not null. `at` is the place to blame when something inside is missing: the key, or the
    /// item of a list. What is wrong goes to `out`; `None` when nothing usable is left.
    fn decode(node: &Node, at: Span, out: &mut Diagnostics) -> Option<Self>;

    /// What it takes.
    fn shape() -> Shape;

    /// The value a null stands for where a map of the user's keys holds one; absent: the key counts as not set.
    fn from_null(_at: Span) -> Option<Self> {
        None
    }

    /// The place of the value.
    fn span(&self) -> Span;
}

/// Marks a list that interpolation made from a text: the prefix of the node's tag, followed by the text. Where no list
/// is taken, the text is meant.
pub const JSON_LIST: &str = "!wharf/json ";

/// Reads `node` as `T`, turning a list that was made from a JSON text back into the text where `T` takes no list.
pub fn enter<T: Decode>(node: &Node, at: Span, out: &mut Diagnostics) -> Option<T> {
    if !T::KINDS.list
        && let Some(text) = node.tag.as_deref().and_then(|tag| tag.strip_prefix(JSON_LIST))
    {
        let value = Value::Scalar(text.to_owned(), Style::Quoted);
        return T::decode(&Node { value, span: node.span, tag: None }, at, out);
    }
    T::decode(node, at, out)
}

/// The tree without the marks of lists that were made from texts.
#[must_use]
pub fn unmarked(mut node: Node) -> Node {
    node.tag = node.tag.filter(|tag| !tag.starts_with(JSON_LIST));
    match &mut node.value {
        Value::Scalar(..) => {}
        Value::Sequence(items) => *items = std::mem::take(items).into_iter().map(unmarked).collect(),
        Value::Mapping(pairs) => {
            let all = std::mem::take(pairs).into_iter();
            *pairs = all.map(|(key, value)| (key, unmarked(value))).collect();
        }
    }
    node
}

/// Reports that `node` is not what `shape` takes.
pub fn mismatch(node: &Node, shape: Shape, out: &mut Diagnostics) {
    let message = format!("expected {}, found {}", shape.describe(), node.describe());
    out.error("manifest/type", message).at(node.span);
}

/// A scalar with its place.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

/// A text with its place.
pub type Text = Spanned<String>;
/// A boolean with its place.
pub type Flag = Spanned<bool>;

impl<T: Scalar> Decode for Spanned<T> {
    const KINDS: Kinds = Kinds::SCALAR;

    fn decode(node: &Node, _: Span, out: &mut Diagnostics) -> Option<Self> {
        let Value::Scalar(text, style) = &node.value else {
            mismatch(node, T::shape(), out);
            return None;
        };
        match T::read(text, *style) {
            Ok(value) => Some(Self { value, span: node.span }),
            Err(help) => {
                let message = format!("expected {}, found {}", T::shape().describe(), node.describe());
                let diagnostic = out.error("manifest/type", message);
                diagnostic.at(node.span);
                if let Some(help) = help {
                    diagnostic.help(help);
                }
                None
            }
        }
    }

    fn shape() -> Shape {
        T::shape()
    }

    fn from_null(at: Span) -> Option<Self> {
        T::from_null().map(|value| Self { value, span: at })
    }

    fn span(&self) -> Span {
        self.span
    }
}

/// A list with its place.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct List<T> {
    /// Its items.
    pub items: Vec<T>,
    /// Where it stands.
    pub span: Span,
}

impl<T: Decode> Decode for List<T> {
    const KINDS: Kinds = Kinds::LIST;

    fn decode(node: &Node, _: Span, out: &mut Diagnostics) -> Option<Self> {
        let Some(nodes) = node.as_sequence() else {
            mismatch(node, Self::shape(), out);
            return None;
        };
        let mut items = vec![];
        for node in nodes {
            if node.is_null() {
                mismatch(node, T::shape(), out);
            } else {
                items.extend(enter(node, node.span, out));
            }
        }
        Some(Self { items, span: node.span })
    }

    fn shape() -> Shape {
        Shape::List { item: T::shape }
    }

    fn span(&self) -> Span {
        self.span
    }
}

/// A value under a key of the user's.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry<T> {
    /// Place of the key.
    pub key: Span,
    /// The value.
    pub value: T,
}

/// A map with keys of the user's, sorted by key.
#[derive(Debug, Clone, PartialEq)]
pub struct Map<T> {
    /// The entries.
    pub entries: BTreeMap<String, Entry<T>>,
    /// Where it stands: the key above it.
    pub span: Span,
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Self { entries: BTreeMap::new(), span: Span::default() }
    }
}

impl<T: Decode> Decode for Map<T> {
    const KINDS: Kinds = Kinds::MAP;

    fn decode(node: &Node, at: Span, out: &mut Diagnostics) -> Option<Self> {
        let Some(pairs) = node.as_mapping() else {
            mismatch(node, Self::shape(), out);
            return None;
        };
        let mut entries = BTreeMap::new();
        for (key, node) in pairs {
            let value = if node.is_null() { T::from_null(key.span) } else { enter(node, key.span, out) };
            if let (Some(name), Some(value)) = (key.as_str(), value) {
                entries.insert(name.to_owned(), Entry { key: key.span, value });
            }
        }
        Some(Self { entries, span: at })
    }

    fn shape() -> Shape {
        Shape::Map { value: T::shape }
    }

    fn span(&self) -> Span {
        self.span
    }
}

/// A value with a short and a full form, such as `count: 2` and `count: {range: 1-10}`. The kind of the YAML value
/// decides which one it is.
#[derive(Debug, Clone, PartialEq)]
pub enum Form<A, B> {
    /// The short form.
    Short(A),
    /// The full form.
    Full(B),
}

impl<A, B> Form<A, B> {
    /// The short form, if it is that.
    pub fn short(&self) -> Option<&A> {
        match self {
            Self::Short(short) => Some(short),
            Self::Full(_) => None,
        }
    }

    /// The full form, if it is that.
    pub fn full(&self) -> Option<&B> {
        match self {
            Self::Short(_) => None,
            Self::Full(full) => Some(full),
        }
    }
}

impl<A: Decode, B: Decode> Decode for Form<A, B> {
    const KINDS: Kinds = A::KINDS.or(B::KINDS);

    fn decode(node: &Node, at: Span, out: &mut Diagnostics) -> Option<Self> {
        if A::KINDS.take(node) {
            A::decode(node, at, out).map(Self::Short)
        } else if B::KINDS.take(node) {
            B::decode(node, at, out).map(Self::Full)
        } else {
            mismatch(node, Self::shape(), out);
            None
        }
    }

    fn shape() -> Shape {
        Shape::Either { short: A::shape, full: B::shape }
    }

    fn from_null(at: Span) -> Option<Self> {
        A::from_null(at).map(Self::Short)
    }

    fn span(&self) -> Span {
        match self {
            Self::Short(short) => short.span(),
            Self::Full(full) => full.span(),
        }
    }
}

/// A block whose null stands for the block with nothing in it, such as `api:` in a map of the user's keys.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct OrEmpty<T>(pub T);

impl<T: Decode> Decode for OrEmpty<T> {
    const KINDS: Kinds = T::KINDS;

    fn decode(node: &Node, at: Span, out: &mut Diagnostics) -> Option<Self> {
        T::decode(node, at, out).map(Self)
    }

    fn shape() -> Shape {
        T::shape()
    }

    fn from_null(at: Span) -> Option<Self> {
        let nothing = Node { value: Value::Mapping(vec![]), span: at, tag: None };
        T::decode(&nothing, at, &mut Diagnostics::new()).map(Self)
    }

    fn span(&self) -> Span {
        self.0.span()
    }
}

impl<T: super::overlay::Overlay> super::overlay::Overlay for OrEmpty<T> {
    fn overlay(&mut self, over: Self) {
        self.0.overlay(over.0);
    }
}

/// Any value, as JSON with CloudFormation's short tags in their long form.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Any {
    /// The value.
    pub value: serde_json::Value,
    /// Where it stands.
    pub span: Span,
}

impl Decode for Any {
    const KINDS: Kinds = Kinds::ANY;

    fn decode(node: &Node, _: Span, _: &mut Diagnostics) -> Option<Self> {
        Some(Self { value: crate::yaml::template::normal(&unmarked(node.clone())), span: node.span })
    }

    fn shape() -> Shape {
        Shape::Any
    }

    fn span(&self) -> Span {
        self.span
    }
}

impl super::overlay::Overlay for Any {
    fn overlay(&mut self, over: Self) {
        *self = over;
    }
}
