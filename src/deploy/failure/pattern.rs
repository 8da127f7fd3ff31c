//! Causes that AWS's own words give away, as data: what a text must hold, and what is said then.
//!
//! AWS words the same thing in several ways and changes them, so patterns look for the few words that stay, without regard
//! to case. The first pattern of a table that fits wins: narrow ones stand before wide ones.

use super::Cause;

/// A cause and the words that give it away.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pattern {
    /// Its code.
    pub code: &'static str,
    /// Types of resources it is about; empty: any.
    kinds: &'static [&'static str],
    /// Words in lower case: the text holds one of each group.
    marks: &'static [&'static [&'static str]],
    /// What the sentence says. `{name}` stands for a value; a part in `[]` is left out when a value in it is empty.
    headline: &'static str,
    /// Marks in lower case; what follows the first one that is there is the value `word`.
    after: &'static [&'static str],
    /// Whether `word` is all that follows, not one word.
    whole: bool,
}

impl Pattern {
    pub const fn new(
        code: &'static str,
        marks: &'static [&'static [&'static str]],
        headline: &'static str,
    ) -> Self {
        Self { code, kinds: &[], marks, headline, after: &[], whole: false }
    }

    /// Only for resources of these types.
    pub const fn of(mut self, kinds: &'static [&'static str]) -> Self {
        self.kinds = kinds;
        self
    }

    /// With the word that follows one of these marks.
    pub const fn word(mut self, after: &'static [&'static str]) -> Self {
        self.after = after;
        self
    }

    /// With all that follows one of these marks.
    pub const fn rest(mut self, after: &'static [&'static str]) -> Self {
        self.whole = true;
        self.word(after)
    }

    /// The cause in words, without details: those are whose the text is.
    pub fn cause(&self, text: &str, values: &[(&str, &str)]) -> Cause {
        let word = self.after.iter().map(|mark| following(text, mark, self.whole));
        let word = word.into_iter().find(|word| !word.is_empty()).unwrap_or_default();
        let values: Vec<(&str, &str)> = values.iter().copied().chain([("word", word.as_str())]).collect();
        Cause::new(self.code, fill(self.headline, &values))
    }
}

/// The first pattern that fits a text; `kind`: the type of the resource it is about, if any.
pub(super) fn find<'a>(table: &'a [Pattern], kind: &str, text: &str) -> Option<&'a Pattern> {
    let text = text.to_lowercase();
    table.iter().find(|pattern| {
        (pattern.kinds.is_empty() || pattern.kinds.contains(&kind))
            && pattern.marks.iter().all(|group| group.iter().any(|mark| text.contains(mark)))
    })
}

/// What follows `mark` (in lower case), without punctuation around it.
pub(super) fn following(text: &str, mark: &str, whole: bool) -> String {
    // Lower case of ASCII keeps the places of all characters.
    let at = text.to_ascii_lowercase().find(mark).map(|at| at + mark.len());
    let rest = at.and_then(|at| text.get(at..)).unwrap_or_default();
    let word = if whole { rest } else { rest.split_whitespace().next().unwrap_or_default() };
    word.trim().trim_matches(['.', ',', '"', '\'', ';', ':', '\u{60}']).to_owned()
}

/// Puts values in the places of their names, once: what is in a value stays as it is.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let value = |name: &str| values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
    let plain = |template: &str| {
        let mut pieces = template.split('{');
        let mut out = pieces.next().unwrap_or_default().to_owned();
        for piece in pieces {
            let (name, text) = piece.split_once('}').unwrap_or((piece, ""));
            out.push_str(value(name));
            out.push_str(text);
        }
        out
    };
    let optional = template.split_once('[').and_then(|(front, rest)| Some((front, rest.split_once(']')?)));
    let Some((front, (part, back))) = optional else { return plain(template) };
    let mut names = part.split('{').skip(1).filter_map(|piece| piece.split_once('}'));
    let part = if names.all(|(name, _)| !value(name).is_empty()) { plain(part) } else { String::new() };
    format!("{}{part}{}", plain(front), plain(back))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &[Pattern] = &[
        Pattern::new("narrow", &[&["lost", "gone"], &["key"]], "{id} lost its key[ {word}]")
            .of(&["Door"])
            .word(&["key "]),
        Pattern::new("wide", &[&["lost"]], "lost[: {word}]").rest(&["lost "]),
    ];

    fn said(kind: &str, text: &str) -> String {
        find(TABLE, kind, text).map_or(String::new(), |found| {
            let cause = found.cause(text, &[("id", "{word}")]);
            format!("{}: {}", found.code, cause.headline)
        })
    }

    #[test]
    fn the_first_pattern_that_fits_wins() {
        assert_eq!(said("Door", "GONE is the Key 'K1', says it"), "narrow: {word} lost its key K1");
        assert_eq!(said("Door", "its key is lost: key"), "narrow: {word} lost its key is");
        assert_eq!(said("Door", "lost, the key"), "narrow: {word} lost its key");
        assert_eq!(said("Wall", "Lost the key."), "wide: lost: the key");
        assert_eq!(said("Wall", "lost"), "wide: lost");
        assert_eq!(said("Wall", "found"), "");
    }

    #[test]
    fn characters_that_grow_in_lower_case_do_no_harm() {
        assert_eq!(following("İİİ the ROLE 'arn:é'", "role", false), "arn:é");
    }
}
