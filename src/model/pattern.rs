//! Patterns of paths, as Copilot's manifests write them: those of Go's `filepath.Match`.
//!
//! | in a pattern | matches |
//! |---|---|
//! | `*` | any characters but `/`, also none |
//! | `?` | one character but `/` |
//! | `[a-z_]` | one character of the list; `[^…]` and `[!…]`: one that is not in it |
//! | `\x` | the character `x` |

use std::fmt;

/// A pattern of paths. Only made from a text that is one.
#[derive(Clone, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    parts: Vec<Part>,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// A list of characters has no end.
    #[error("the `[` has no `]`")]
    OpenList,
    /// A list of characters is empty.
    #[error("the list of characters in `[…]` is empty")]
    EmptyList,
    /// A range in a list lacks one of its ends.
    #[error("the range in `[…]` lacks one of its ends")]
    OpenRange,
    /// Nothing follows a backslash.
    #[error("nothing follows the `\\` at the end")]
    OpenEscape,
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// This character.
    Literal(char),
    /// One character but `/`.
    One,
    /// Any characters but `/`.
    Any,
    /// One character of these ranges, or, negated, one that is in none.
    List { negated: bool, ranges: Vec<(char, char)> },
}

impl Pattern {
    /// The pattern a text writes.
    ///
    /// # Errors
    /// [`PatternError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut characters = text.chars().peekable();
        let mut parts = vec![];
        while let Some(character) = characters.next() {
            parts.push(match character {
                '*' => Part::Any,
                '?' => Part::One,
                '[' => {
                    let negated = characters.next_if(|next| matches!(next, '^' | '!')).is_some();
                    let mut ranges = vec![];
                    loop {
                        match characters.peek() {
                            None => return Err(PatternError::OpenList),
                            Some(']') if !ranges.is_empty() => break,
                            Some(']') => return Err(PatternError::EmptyList),
                            Some('-') => return Err(PatternError::OpenRange),
                            Some(_) => {}
                        }
                        let first = literal(&mut characters)?;
                        let last = match characters.next_if_eq(&'-') {
                            None => first,
                            Some(_) if characters.peek() == Some(&']') => {
                                return Err(PatternError::OpenRange);
                            }
                            Some(_) => literal(&mut characters)?,
                        };
                        ranges.push((first, last));
                    }
                    characters.next();
                    Part::List { negated, ranges }
                }
                '\\' => Part::Literal(characters.next().ok_or(PatternError::OpenEscape)?),
                character => Part::Literal(character),
            });
        }
        // Several stars say no more than one.
        parts.dedup_by(|next, before| *next == Part::Any && *before == Part::Any);
        Ok(Self { text: text.to_owned(), parts })
    }

    /// The text it was made from.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether the whole of `path`, with `/` between its parts, matches.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        let path: Vec<char> = path.chars().collect();
        let (mut at, mut part) = (0, 0);
        // Where to go on when the rest does not match: behind the last star, with one more character taken by it. An earlier
        // star never needs another try, so the time is bounded by the product of both lengths.
        let mut star: Option<(usize, usize)> = None;
        loop {
            let taken = match (self.parts.get(part), path.get(at)) {
                (None, None) => return true,
                (Some(Part::Any), _) => {
                    star = Some((part + 1, at));
                    part += 1;
                    continue;
                }
                (Some(part), Some(character)) => part.takes(*character),
                _ => false,
            };
            if taken {
                (at, part) = (at + 1, part + 1);
                continue;
            }
            match star {
                Some((behind, from)) if path.get(from).is_some_and(|character| *character != '/') => {
                    star = Some((behind, from + 1));
                    (at, part) = (from + 1, behind);
                }
                _ => return false,
            }
        }
    }
}

impl Part {
    fn takes(&self, character: char) -> bool {
        match self {
            Self::Literal(literal) => *literal == character,
            Self::One | Self::Any => character != '/',
            Self::List { negated, ranges } => {
                // Go lets a negated list take a separator; so do we.
                let listed = ranges.iter().any(|(first, last)| (*first..=*last).contains(&character));
                listed != *negated
            }
        }
    }
}

/// A character of a list, behind a backslash or not.
fn literal(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Result<char, PatternError> {
    match characters.next() {
        None => Err(PatternError::OpenList),
        Some('\\') => characters.next().ok_or(PatternError::OpenEscape),
        Some('-') => Err(PatternError::OpenRange),
        Some(character) => Ok(character),
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({:?})", self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(path)
    }

    #[test]
    fn patterns_match_as_in_go() {
        for (pattern, path, want) in [
            ("abc", "abc", true),
            ("*", "abc", true),
            ("*c", "abc", true),
            ("a*", "a", true),
            ("a*", "ab/c", false),
            ("a*/b", "abc/b", true),
            ("a*/b", "a/c/b", false),
            ("a*b*c*d*e*/f", "axbxcxdxe/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
            ("a*b?c*x", "abxbbxdbxebxczzx", true),
            ("a*b?c*x", "abxbbxdbxebxczzy", false),
            ("ab[c]", "abc", true),
            ("ab[b-d]", "abc", true),
            ("ab[e-g]", "abc", false),
            ("ab[^c]", "abc", false),
            ("ab[!e-g]", "abc", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "ab", false),
            ("a?b", "aäb", true),
            ("a[^a]b", "aäb", true),
            ("a???b", "aäb", false),
            ("[a-ζ]*", "α", true),
            ("a?b", "a/b", false),
            ("a*b", "a/b", false),
            ("[\\]a]", "]", true),
            ("[\\-x]", "-", true),
            ("[x\\-]", "z", false),
            ("*x", "xxx", true),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, path), want, "{pattern} {path}");
        }
    }

    #[test]
    fn texts_that_are_no_patterns() {
        for (text, want) in [
            ("[", PatternError::OpenList),
            ("[a", PatternError::OpenList),
            ("[]", PatternError::EmptyList),
            ("[^]", PatternError::EmptyList),
            ("[-x]", PatternError::OpenRange),
            ("[x-]", PatternError::OpenRange),
            ("[a-b-c]", PatternError::OpenRange),
            ("a\\", PatternError::OpenEscape),
            ("[a\\", PatternError::OpenEscape),
        ] {
            assert_eq!(Pattern::parse(text), Err(want), "{text}");
        }
    }

    /// The same by trying everything.
    fn naive(parts: &[Part], path: &[char]) -> bool {
        match parts.split_first() {
            None => path.is_empty(),
            Some((Part::Any, rest)) => {
                naive(rest, path)
                    || path.split_first().is_some_and(|(first, more)| *first != '/' && naive(parts, more))
            }
            Some((part, rest)) => {
                path.split_first().is_some_and(|(first, more)| part.takes(*first) && naive(rest, more))
            }
        }
    }

    proptest! {
        #[test]
        fn the_quick_way_finds_what_trying_finds(pattern in "[ab/*?]{0,8}", path in "[ab/]{0,10}") {
            let pattern = Pattern::parse(&pattern).unwrap();
            let characters: Vec<char> = path.chars().collect();
            prop_assert_eq!(pattern.matches(&path), naive(&pattern.parts, &characters));
        }

        #[test]
        fn any_text_is_read_without_a_fault(text in "\\PC{0,20}", path in "\\PC{0,20}") {
            if let Ok(pattern) = Pattern::parse(&text) {
                prop_assert_eq!(pattern.as_str(), text);
                let _: bool = pattern.matches(&path);
            }
        }
    }
}
