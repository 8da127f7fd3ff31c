//! Widths, wrapping and times of text for people.

use console::measure_text_width;

/// Columns that `text` takes on a terminal; colours take none.
#[must_use]
pub fn width(text: &str) -> usize {
    measure_text_width(text)
}

/// `text` without control characters and escape sequences, so that what others wrote never steers the terminal. Tabs and
/// line ends become spaces.
#[must_use]
pub fn safe(text: &str) -> String {
    console::strip_ansi_codes(text)
        .chars()
        .map(|c| if matches!(c, '\t' | '\n' | '\r') { ' ' } else { c })
        .filter(|c| !c.is_control())
        .collect()
}

/// `text` with what steers a terminal or turns the direction of reading spelled out, such as `\u{1b}`; line ends are kept.
#[must_use]
pub fn spelled(text: &str) -> String {
    let steers = |c: char| {
        c.is_control() && c != '\n'
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if steers(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// `text` cut to `width` columns, with `tail` in place of what is cut off.
#[must_use]
pub fn truncate(text: &str, width: usize, tail: &str) -> String {
    if measure_text_width(text) <= width {
        return text.to_owned();
    }
    let tail = if measure_text_width(tail) < width { tail } else { "" };
    console::truncate_str(text, width, tail).into_owned()
}

/// `text` filled up with spaces to `width` columns.
#[must_use]
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(measure_text_width(text))))
}

/// `text` as lines of at most `width` columns (at least one), broken between words; words that are too long are broken
/// anywhere. The text has no colours. Line ends in it are kept, spaces at line ends are not.
#[must_use]
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![];
    for paragraph in text.lines() {
        let before = lines.len();
        let mut line = String::new();
        let mut used = 0;
        for word in paragraph.split(' ').filter(|word| !word.is_empty()) {
            let mut word = word.to_owned();
            let mut length = measure_text_width(&word);
            if used > 0 && used + 1 + length > width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            while length > width {
                let (head, rest) = split_at_width(&word, width);
                lines.push(head);
                word = rest;
                length = measure_text_width(&word);
            }
            if word.is_empty() {
                continue;
            }
            if used > 0 {
                line.push(' ');
                used += 1;
            }
            line.push_str(&word);
            used += length;
        }
        // The last piece of a broken word may have filled its line.
        if !line.is_empty() || lines.len() == before {
            lines.push(line);
        }
    }
    if lines.is_empty() {
        lines.push(String::new());
    }
    lines
}

fn split_at_width(text: &str, width: usize) -> (String, String) {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += measure_text_width(c.encode_utf8(&mut [0; 4]));
        // A character wider than the whole line stands alone.
        if used > width && at > 0 {
            return (text[..at].to_owned(), text[at..].to_owned());
        }
    }
    (text.to_owned(), String::new())
}

/// A time span for people: `4s`, `1m 05s`, `2h 07m`, `3d 4h`. Milliseconds, rounded down; negative counts as none.
#[must_use]
pub fn duration(milliseconds: i64) -> String {
    let seconds = milliseconds.max(0) / 1000;
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    if days > 0 {
        format!("{days}d {}h", hours % 24)
    } else if hours > 0 {
        format!("{hours}h {:02}m", minutes % 60)
    } else if minutes > 0 {
        format!("{minutes}m {:02}s", seconds % 60)
    } else {
        format!("{seconds}s")
    }
}

/// A number with its noun: `1 task`, `2 tasks`.
#[must_use]
pub fn plural(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wraps_between_words_and_inside_long_ones() {
        assert_eq!(wrap("the quick brown fox", 10), ["the quick", "brown fox"]);
        assert_eq!(wrap("a\n\nb", 10), ["a", "", "b"]);
        assert_eq!(wrap("x arn:aws:ecs:eu y", 7), ["x", "arn:aws", ":ecs:eu", "y"]);
        assert_eq!(wrap("日本語日本", 4), ["日本", "語日", "本"]);
        assert_eq!(wrap("日本", 1), ["日", "本"]);
        assert_eq!(wrap("", 5), [""]);
    }

    #[test]
    fn other_peoples_text_is_only_text() {
        assert_eq!(safe("\u{1b}[31mred\u{1b}[0m\u{7}\r\n\tx\u{8}"), "red   x");
        assert_eq!(truncate("0123456789", 5, "…"), "0123…");
        assert_eq!(truncate("01", 5, "…"), "01");
        assert_eq!(truncate("0123456789", 1, "…"), "0");
        assert_eq!(truncate("0123456789", 0, "…"), "");
        assert_eq!(pad("日本", 6), "日本  ");
    }

    #[test]
    fn times_in_their_two_largest_units() {
        for (milliseconds, want) in [
            (-5, "0s"),
            (999, "0s"),
            (59_999, "59s"),
            (65_000, "1m 05s"),
            (7_620_000, "2h 07m"),
            (273_600_000, "3d 4h"),
        ] {
            assert_eq!(duration(milliseconds), want);
        }
    }
}
