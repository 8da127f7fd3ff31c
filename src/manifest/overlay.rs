//! How an environment's section covers what the manifest says for all environments.

use super::decode::{Form, List, Map, Spanned};

/// A value that another one of its type can cover. Covering twice with the same value is covering once.
pub trait Overlay: Sized {
    /// Covers `self` with what `over` says. The rule is that of the type: a scalar or a list is replaced as a whole, a
    /// block or a map is merged key by key, and of two forms that exclude each other the covering one stays alone.
    fn overlay(&mut self, over: Self);
}

/// An absent value covers nothing; a present one covers what is there, or takes its place when nothing is.
impl<T: Overlay> Overlay for Option<T> {
    fn overlay(&mut self, over: Self) {
        match (self.as_mut(), over) {
            (Some(base), Some(over)) => base.overlay(over),
            (None, Some(over)) => *self = Some(over),
            (_, None) => {}
        }
    }
}

/// A scalar is replaced, also by `false`, `0` and the empty text.
impl<T> Overlay for Spanned<T> {
    fn overlay(&mut self, over: Self) {
        *self = over;
    }
}

/// A list is replaced as a whole, also by an empty one.
impl<T> Overlay for List<T> {
    fn overlay(&mut self, over: Self) {
        *self = over;
    }
}

/// A map is merged by key; what happens to a key that both have is the rule of its value.
impl<T: Overlay> Overlay for Map<T> {
    fn overlay(&mut self, over: Self) {
        for (key, entry) in over.entries {
            match self.entries.get_mut(&key) {
                Some(base) => base.value.overlay(entry.value),
                None => {
                    self.entries.insert(key, entry);
                }
            }
        }
    }
}

/// Two full forms are merged; otherwise the covering form stands alone: `count: 2` takes the place of
/// `count: {range: 1-10}` and the other way round.
impl<A: Overlay, B: Overlay> Overlay for Form<A, B> {
    fn overlay(&mut self, over: Self) {
        match (self, over) {
            (Self::Full(base), Self::Full(over)) => base.overlay(over),
            (base, over) => *base = over,
        }
    }
}
