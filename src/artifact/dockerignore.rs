//! Which files of a build context a builder sees: the rules of `.dockerignore`.
//!
//! They are not those of `.gitignore`: every pattern is anchored at the context's root, `*` and `?` stop at `/`, `**` goes
//! through any number of directories, a pattern covers everything below what it matches, `!` takes back, and the last
//! match wins, so that a file can come back from an excluded directory ("Dockerfile reference", `.dockerignore` file).

/// What a `.dockerignore` says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ignore {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    /// Parts of the pattern between slashes.
    parts: Vec<String>,
    /// Whether it takes back (`!`).
    keep: bool,
}

/// What the rules say of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is seen.
    Seen,
    /// It is not seen, but something below it may be.
    HiddenForNow,
    /// Neither it nor anything below it is seen.
    Hidden,
}

impl Ignore {
    /// Reads the text of a `.dockerignore`. Every text is valid: what is no pattern matches nothing.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let rules = text.trim_start_matches('\u{feff}').lines().filter_map(rule).collect();
        Self { rules }
    }

    /// What the rules say of `path`, which is relative to the context, with `/` between its parts.
    #[must_use]
    pub fn verdict(&self, path: &str) -> Verdict {
        let parts: Vec<&str> = path.split('/').collect();
        if !self.hides(&parts) {
            return Verdict::Seen;
        }
        // An exception can only reach below this path when its beginning fits.
        let reached = self.rules.iter().any(|rule| rule.keep && may_match_below(&rule.parts, &parts));
        if reached { Verdict::HiddenForNow } else { Verdict::Hidden }
    }

    fn hides(&self, path: &[&str]) -> bool {
        let mut hidden = false;
        for rule in &self.rules {
            // A rule that would change nothing need not be tried.
            if hidden == rule.keep && rule_covers(&rule.parts, path) {
                hidden = !rule.keep;
            }
        }
        hidden
    }
}

fn rule(line: &str) -> Option<Rule> {
    // A `#` begins a comment in the first column only.
    if line.starts_with('#') {
        return None;
    }
    let mut pattern = line.trim();
    let keep = pattern.starts_with('!');
    if keep {
        pattern = pattern[1..].trim();
    }
    let mut parts: Vec<String> = vec![];
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            // Several in a row say no more than one.
            "**" if parts.last().is_some_and(|last| last == "**") => {}
            part => parts.push(part.to_owned()),
        }
    }
    // `.` and `/` name the root, which is always there.
    (!parts.is_empty()).then_some(Rule { parts, keep })
}

/// Whether the pattern matches the path or a directory above it.
fn rule_covers(pattern: &[String], path: &[&str]) -> bool {
    match pattern.split_first() {
        // The pattern is used up: the rest of the path lies below what it matched.
        None => true,
        Some((first, rest)) if first == "**" => {
            // At the end of a pattern it wants something to match.
            if rest.is_empty() {
                return !path.is_empty();
            }
            (0..=path.len()).any(|skipped| rule_covers(rest, &path[skipped..]))
        }
        Some((first, rest)) => path
            .split_first()
            .is_some_and(|(part, below)| part_matches(first, part) && rule_covers(rest, below)),
    }
}

/// Whether the pattern can match something below the path.
fn may_match_below(pattern: &[String], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some((first, _)), _) if first == "**" => true,
        (Some((first, rest)), Some((part, below))) => {
            part_matches(first, part) && may_match_below(rest, below)
        }
    }
}

/// Whether one part of a pattern matches one part of a path: `*`, `?`, `[a-z]`, `[^a]`, `\x`; `**` is `*` here.
fn part_matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where to go on when a match fails: behind the last `*`, one character further in the text.
    let mut retry: Option<(usize, usize)> = None;
    loop {
        if p < pattern.len() && pattern[p] == '*' {
            p += 1;
            retry = Some((p, t));
            continue;
        }
        if t == text.len() && p == pattern.len() {
            return true;
        }
        let step = (t < text.len() && p < pattern.len()).then(|| single(&pattern[p..], text[t])).flatten();
        if let Some(length) = step {
            p += length;
            t += 1;
            continue;
        }
        match retry {
            Some((after, from)) if from < text.len() => {
                retry = Some((after, from + 1));
                (p, t) = (after, from + 1);
            }
            _ => return false,
        }
    }
}

/// How many characters of `pattern` (not empty, not starting with `*`) match `c`; none when they don't.
fn single(pattern: &[char], c: char) -> Option<usize> {
    match pattern[0] {
        '?' => Some(1),
        '\\' => pattern.get(1).filter(|escaped| **escaped == c).map(|_| 2),
        '[' => class(pattern, c),
        literal => (literal == c).then_some(1),
    }
}

/// As [`single`] for a pattern that starts with `[`. One without its end matches nothing.
fn class(pattern: &[char], c: char) -> Option<usize> {
    let mut at = 1;
    let negated = pattern.get(at).is_some_and(|first| *first == '^');
    at += usize::from(negated);
    let (mut matched, first) = (false, at);
    loop {
        let mut low = *pattern.get(at)?;
        if low == ']' && at > first {
            return (matched != negated).then_some(at + 1);
        }
        if low == '\\' {
            at += 1;
            low = *pattern.get(at)?;
        }
        at += 1;
        let mut high = low;
        if pattern.get(at) == Some(&'-') && pattern.get(at + 1).is_some_and(|next| *next != ']') {
            at += 1;
            high = *pattern.get(at)?;
            if high == '\\' {
                at += 1;
                high = *pattern.get(at)?;
            }
            at += 1;
        }
        matched |= (low..=high).contains(&c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(rules: &str, path: &str) -> bool {
        Ignore::parse(rules).verdict(path) == Verdict::Seen
    }

    #[test]
    fn patterns_match_as_documented() {
        for (rules, hidden, visible) in [
            // Anchored, with or without a leading slash; everything below goes with it.
            ("node_modules", "node_modules/a/b", "web/node_modules/a"),
            ("/node_modules/", "node_modules", "web/node_modules"),
            ("*/temp*", "somedir/temporary.txt", "temporary.txt"),
            ("*/*/temp*", "somedir/subdir/temporary.txt", "somedir/temp"),
            ("temp?", "tempa", "temp"),
            ("*.md", "README.md", "docs/README.md"),
            ("**/*.go", "a.go", "a.goo"),
            ("**/*.go", "a/b/c.go", "a/b/c.rs"),
            ("**/.git", "x/y/.git/config", "x/y/.gitignore"),
            ("a/**/z", "a/z", "a/zz"),
            ("a/**/z", "a/b/c/z/q", "b/a/z"),
            ("a/**", "a/b", "a"),
            ("a/**/**/z", "a/b/z", "a/b"),
            ("x[a-c0-9].txt", "x7.txt", "xd.txt"),
            ("x[^a-c].txt", "xd.txt", "xa.txt"),
            (r"a\*b", "a*b", "aXb"),
            ("./dist/../build", "build/x", "dist"),
            (" spaced  ", "spaced", "space"),
            ("a*b*c", "aXbYbZc", "aXbYbZ"),
        ] {
            assert!(!seen(rules, hidden), "{rules:?} should hide {hidden:?}");
            assert!(seen(rules, visible), "{rules:?} should not hide {visible:?}");
        }
    }

    #[test]
    fn the_last_match_wins() {
        let rules = "# comment\n\n*.md\n!README*.md\nREADME-secret.md\n";
        assert!(seen(rules, "README.md"));
        assert!(!seen(rules, "README-secret.md"));
        assert!(!seen(rules, "NOTES.md"));
        assert!(seen("#hash\n", "#hash"), "a comment is no pattern");
        assert!(!seen(" #hash", "#hash"), "only the first column starts a comment");
        let all_but = "*\n!src\n!Cargo.toml\nsrc/**/*.tmp";
        assert!(seen(all_but, "src/main.rs") && seen(all_but, "Cargo.toml"));
        assert!(!seen(all_but, "src/x/y.tmp") && !seen(all_but, "target/x"));
    }

    #[test]
    fn says_where_an_exception_may_be() {
        let rules = Ignore::parse("data\n!data/keep/*.csv\nlogs\n*\n!**/x.txt");
        assert_eq!(rules.verdict("data"), Verdict::HiddenForNow);
        let rules = Ignore::parse("data\n!data/keep/*.csv\nlogs");
        for (path, want) in [
            ("data", Verdict::HiddenForNow),
            ("data/keep", Verdict::HiddenForNow),
            ("data/keep/a.csv", Verdict::Seen),
            ("data/other", Verdict::Hidden),
            ("logs", Verdict::Hidden),
            ("src", Verdict::Seen),
        ] {
            assert_eq!(rules.verdict(path), want, "{path}");
        }
    }

    #[test]
    fn nothing_hides_nothing_and_odd_patterns_do_no_harm() {
        for rules in ["", "\n\n", "/", ".", "!", "[", "[a", "\\", "!!", "[]a]x"] {
            assert!(seen(rules, "a"), "{rules:?}");
        }
        // Would take exponential time with naive backtracking.
        let long = "a".repeat(60);
        assert!(seen(&format!("{}b", "*a".repeat(30)), &long));
        assert!(seen(&format!("{}b", "**/a/".repeat(8)), &"a/".repeat(20)));
    }

    #[test]
    fn windows_line_ends_and_marks_are_no_part_of_patterns() {
        assert!(!seen("\u{feff}dist\r\nbuild\r\n", "dist/x"));
        assert!(!seen("dist\r\nbuild\r\n", "build"));
    }
}
