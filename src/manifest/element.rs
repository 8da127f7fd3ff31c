//! The macro that defines a block of a manifest, and what its reading shares.

use super::decode::{Decode, enter, mismatch};
use super::shape::{Object, Shape};
use crate::diagnostic::{Diagnostics, Span};
use crate::yaml::node::Node;

/// Defines a block of a manifest.
///
/// One definition gives the struct (every field optional, with the block's own `span`), [`Decode`], the block's
/// [`Object`] with documentation and defaults, and [`Overlay`](super::overlay::Overlay): field by field, where a field of
/// one side of `exclusive a, b | c;` clears the fields of the other side of the base. `flatten` adds the fields of
/// another block, whose keys stand on the same level.
macro_rules! element {
    (
        $(#[doc = $doc:literal])+
        pub struct $name:ident {
            $(
                $(#[doc = $field_doc:literal])+
                $field:ident: $ty:ty = $key:literal $(default $default:literal)? $(was $was:literal)?,
            )*
        }
        $(exclusive $($first:ident),+ | $($second:ident),+;)*
        $(flatten $(#[doc = $flat_doc:literal])+ $flat:ident: $flat_ty:ty;)?
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, PartialEq, Default)]
        pub struct $name {
            /// The place to blame when something is missing: the key above the block.
            pub span: $crate::diagnostic::Span,
            $(
                $(#[doc = $field_doc])+
                pub $field: Option<$ty>,
            )*
            $(
                $(#[doc = $flat_doc])+
                pub $flat: $flat_ty,
            )?
        }

        impl $name {
            /// Its keys, for messages and schemas.
            pub const OBJECT: $crate::manifest::shape::Object = $crate::manifest::shape::Object {
                doc: concat!($($doc),+),
                fields: &[$(
                    $crate::manifest::shape::Field {
                        name: stringify!($field),
                        key: $key,
                        doc: concat!($($field_doc),+),
                        default: $crate::manifest::element::first(&[$($default)?]),
                        was: $crate::manifest::element::first(&[$($was)?]),
                        shape: <$ty as $crate::manifest::decode::Decode>::shape,
                    },
                )*],
                flattened: $crate::manifest::element::first_object(&[$(&<$flat_ty>::OBJECT)?]),
                exclusive: &[$((&[$(stringify!($first)),+], &[$(stringify!($second)),+]),)*],
            };

            /// Reads one key; `false` when the block has none of that name.
            pub(crate) fn read_key(
                &mut self,
                key: &$crate::yaml::node::Node,
                node: &$crate::yaml::node::Node,
                out: &mut $crate::diagnostic::Diagnostics,
            ) -> bool {
                match key.as_str() {
                    $(
                        Some($key) => {
                            let was = $crate::manifest::element::first(&[$($was)?]);
                            $crate::manifest::element::read_field(&mut self.$field, was, key, node, out);
                        }
                        $(
                            Some($was) => {
                                $crate::manifest::element::read_old_field(&mut self.$field, $key, key, node, out);
                            }
                        )?
                    )*
                    _ => {
                        $(
                            if self.$flat.read_key(key, node, out) {
                                return true;
                            }
                        )?
                        return false;
                    }
                }
                true
            }
        }

        impl $crate::manifest::decode::Decode for $name {
            const KINDS: $crate::manifest::decode::Kinds = $crate::manifest::decode::Kinds::MAP;

            fn decode(
                node: &$crate::yaml::node::Node,
                at: $crate::diagnostic::Span,
                out: &mut $crate::diagnostic::Diagnostics,
            ) -> Option<Self> {
                let mut read = Self { span: at, ..Self::default() };
                let pairs = $crate::manifest::element::pairs(node, <Self as $crate::manifest::decode::Decode>::shape(), out)?;
                for (key, value) in pairs {
                    if !read.read_key(key, value, out) {
                        $crate::manifest::element::unknown_key(key, &Self::OBJECT, out);
                    }
                }
                Some(read)
            }

            fn shape() -> $crate::manifest::shape::Shape {
                $crate::manifest::shape::Shape::Object(&Self::OBJECT)
            }

            fn span(&self) -> $crate::diagnostic::Span {
                self.span
            }
        }

        impl $crate::manifest::overlay::Overlay for $name {
            fn overlay(&mut self, over: Self) {
                $(
                    let first = $(over.$first.is_some())||+;
                    let second = $(over.$second.is_some())||+;
                    if second && !first {
                        $(self.$first = None;)+
                    }
                    if first && !second {
                        $(self.$second = None;)+
                    }
                )*
                $($crate::manifest::overlay::Overlay::overlay(&mut self.$field, over.$field);)*
                $($crate::manifest::overlay::Overlay::overlay(&mut self.$flat, over.$flat);)?
            }
        }
    };
}
pub(crate) use element;

/// The first of the words, if any.
#[must_use]
pub const fn first(words: &'static [&'static str]) -> Option<&'static str> {
    match words {
        [first, ..] => Some(first),
        [] => None,
    }
}

/// The first of the blocks, if any.
#[must_use]
pub const fn first_object(objects: &'static [&'static Object]) -> Option<&'static Object> {
    match objects {
        [first, ..] => Some(first),
        [] => None,
    }
}

/// The pairs of a block; reports what is no map.
pub fn pairs<'a>(node: &'a Node, shape: Shape, out: &mut Diagnostics) -> Option<&'a [(Node, Node)]> {
    let pairs = node.as_mapping();
    if pairs.is_none() {
        mismatch(node, shape, out);
    }
    pairs
}

/// Reads a field under its own key. `was` is the older spelling that may have set it already.
pub fn read_field<T: Decode>(
    slot: &mut Option<T>,
    was: Option<&'static str>,
    key: &Node,
    node: &Node,
    out: &mut Diagnostics,
) {
    if node.is_null() {
        return;
    }
    if let (Some(old), Some(was)) = (slot.as_ref(), was) {
        twice(key, was, old.span(), out);
    }
    *slot = enter(node, key.span, out);
}

/// Reads a field under an older spelling of its key.
pub fn read_old_field<T: Decode>(
    slot: &mut Option<T>,
    new: &'static str,
    key: &Node,
    node: &Node,
    out: &mut Diagnostics,
) {
    if node.is_null() {
        return;
    }
    if let Some(set) = slot.as_ref() {
        twice(key, new, set.span(), out);
        return;
    }
    let name = key.as_str().unwrap_or_default();
    out.warn("manifest/deprecated-key", format!("`{name}` is an older spelling"))
        .at(key.span)
        .help(format!("write `{new}`"));
    *slot = enter(node, key.span, out);
}

fn twice(key: &Node, other: &str, place: Span, out: &mut Diagnostics) {
    let name = key.as_str().unwrap_or_default();
    out.error("manifest/given-twice", format!("`{name}` and `{other}` are two spellings of one field"))
        .at(key.span)
        .other(place, "also given here")
        .help("keep one of them");
}

/// Warns of a key that the block does not have, with the nearest one it has. Keys that begin with `x-` are the user's:
/// they hold what anchors are for.
pub fn unknown_key(key: &Node, object: &Object, out: &mut Diagnostics) {
    unknown_key_but(key, object, &[], out);
}

/// The same for a block that has all keys but `without`.
pub fn unknown_key_but(key: &Node, object: &Object, without: &[&str], out: &mut Diagnostics) {
    let name = key.as_str().unwrap_or_default();
    if name.starts_with("x-") {
        return;
    }
    let help = match object.nearest(name).filter(|near| !without.contains(near)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let keys = object.all().map(|field| field.key).filter(|key| !without.contains(key));
            let keys: Vec<&str> = keys.collect();
            format!("known keys here are {}", keys.join(", "))
        }
    };
    out.warn("manifest/unknown-key", format!("unknown key `{name}` is ignored")).at(key.span).help(help);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::decode::{Decode, Flag, Form, List, Map, Spanned, Text};
    use crate::manifest::overlay::Overlay;
    use crate::yaml::node;

    element! {
        /// Something to test with.
        pub struct Sample {
            /// How many.
            count: Form<Spanned<u64>, Counts> = "count" default "1",
            /// Words.
            words: Form<Text, List<Text>> = "words",
            /// Labels.
            labels: Map<Text> = "labels",
            /// Deep maps.
            parts: Map<Counts> = "parts",
            /// Once called otherwise.
            target_container: Text = "target_container" was "targetContainer",
        }
    }

    element! {
        /// Bounds.
        pub struct Counts {
            /// Spot.
            spot: Spanned<u64> = "spot",
            /// Most.
            max: Spanned<u64> = "max",
            /// Whether.
            on: Flag = "on",
        }
        exclusive spot | max, on;
    }

    fn read(text: &str) -> (Option<Sample>, Diagnostics) {
        let mut out = Diagnostics::new();
        let node = node::parse(text).unwrap();
        let sample = Sample::decode(&node, node.span, &mut out);
        (sample, out)
    }

    fn messages(out: &Diagnostics) -> Vec<String> {
        out.items()
            .iter()
            .map(|d| format!("{}: {} ({})", d.span.unwrap().line, d.message, d.help.as_deref().unwrap_or("")))
            .collect()
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let (_, out) = read("count:\n  spot: many\n  mx: 1\nwords: {a: b}\nlabels: [a]\nlable: x\n");
        insta::assert_debug_snapshot!(messages(&out), @r#"
        [
            "2: expected a whole number, found \"many\" ()",
            "3: unknown key `mx` is ignored (did you mean `max`?)",
            "4: expected a text or a list, found a map ()",
            "5: expected a map, found a list ()",
            "6: unknown key `lable` is ignored (did you mean `labels`?)",
        ]
        "#);
    }

    #[test]
    fn null_is_not_set_and_scalars_are_texts() {
        let (sample, out) = read("count:\nlabels: {a: 1.0, b: yes, c: }\nparts: {x: }\n");
        let sample = sample.unwrap();
        assert!(out.is_empty() && sample.count.is_none());
        let labels = sample.labels.unwrap();
        let texts: Vec<&str> = labels.entries.values().map(|entry| entry.value.value.as_str()).collect();
        assert_eq!(texts, ["1.0", "yes", ""]);
        assert!(sample.parts.unwrap().entries.is_empty());
    }

    #[test]
    fn older_spellings_are_read_once() {
        let (sample, out) = read("targetContainer: nginx\n");
        assert_eq!(sample.unwrap().target_container.unwrap().value, "nginx");
        assert!(!out.has_errors() && !out.is_empty());
        let (_, out) = read("targetContainer: nginx\ntarget_container: api\n");
        assert!(out.has_errors());
        let (_, out) = read("target_container: nginx\ntargetContainer: api\n");
        assert!(out.has_errors());
    }

    #[test]
    fn covering() {
        let base = "count: {max: 10, on: true}\nlabels: {a: 1, b: 2}\nparts: {x: {max: 1}}\nwords: [a, b]\n";
        let covered = |over: &str| {
            let mut base = read(base).0.unwrap();
            base.overlay(read(over).0.unwrap());
            base
        };
        assert!(covered("count: 2").count.unwrap().short().is_some());
        let spot = covered("count: {spot: 5}").count.unwrap();
        let spot = spot.full().unwrap();
        assert!(spot.spot.is_some() && spot.max.is_none() && spot.on.is_none());
        let off = covered("count: {on: false}").count.unwrap();
        assert!(!off.full().unwrap().on.unwrap().value && off.full().unwrap().max.is_some());
        let merged = covered("labels: {b: 3}\nparts: {x: {on: no}, y: {spot: 1}}\nwords: []");
        assert_eq!(merged.labels.unwrap().entries["b"].value.value, "3");
        let parts = merged.parts.unwrap();
        assert!(parts.entries["x"].value.max.is_some() && parts.entries["y"].value.spot.is_some());
        assert!(merged.words.unwrap().full().unwrap().items.is_empty());
    }

    #[test]
    fn paths_come_from_the_definition() {
        let want = [
            "count",
            "count.spot",
            "count.max",
            "count.on",
            "words",
            "labels",
            "parts",
            "parts.<key>.spot",
            "parts.<key>.max",
            "parts.<key>.on",
            "target_container",
        ];
        assert_eq!(Sample::shape().paths(), want);
        assert_eq!(Sample::OBJECT.fields[0].doc(), "How many.");
        assert_eq!(Sample::OBJECT.fields[0].default, Some("1"));
    }
}
