//! What ECS will and will not understand of a `.env` file.
//!
//! ECS reads one `NAME=value` a line and takes the value literally: quotes, `export` and `${…}` have no meaning. Lines that
//! start with `#` and empty lines are left out ("Pass an individual environment variable to an Amazon ECS container", AWS
//! documentation). Messages never hold a value: it may be a secret.

/// Something in a `.env` file that will not do what it looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Its line, from 1.
    pub line: usize,
    /// What is wrong, without any value of the file.
    pub message: String,
    /// Whether the container gets a variable at all; false = the line is lost.
    pub lost: bool,
}

/// The problems of a file's text, in the order of its lines.
#[must_use]
pub fn check(text: &str) -> Vec<Problem> {
    let mut problems = vec![];
    let mut seen: Vec<(&str, usize)> = vec![];
    for (index, line) in text.lines().enumerate() {
        let number = index + 1;
        let mut say = |message: String, lost| problems.push(Problem { line: number, message, lost });
        let line = line.trim_end_matches('\r');
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else {
            say("this line has no `=`; ECS leaves it out".to_owned(), true);
            continue;
        };
        if let Some(name) = name.trim_start().strip_prefix("export ") {
            say(format!("`export` becomes a part of the name; write `{}=…`", shown(name)), true);
            continue;
        }
        if name.trim() != name || name.is_empty() {
            say("a name stands at the start of the line, with no space before `=`".to_owned(), true);
            continue;
        }
        if name.starts_with(|c: char| c.is_ascii_digit())
            || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        {
            let message = format!("`{}` is no name of a variable that every shell can read", shown(name));
            say(message, false);
        }
        let trimmed = value.trim();
        if trimmed.len() >= 2
            && ((trimmed.starts_with('"') && trimmed.ends_with('"'))
                || (trimmed.starts_with('\'') && trimmed.ends_with('\'')))
        {
            say(format!("the quotes become a part of the value of `{}`", shown(name)), false);
        }
        if let Some((_, first)) = seen.iter().find(|(other, _)| *other == name) {
            let message =
                format!("`{}` stands in line {first} already; which one counts is not certain", shown(name));
            say(message, false);
        }
        seen.push((name, number));
    }
    problems
}

/// A name for messages: short, and without control characters.
fn shown(name: &str) -> String {
    name.trim().chars().filter(|c| !c.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ecs_reads_is_no_problem() {
        assert_eq!(check("# comment\n\nA=1\nURL=postgres://u:p@h/db?x=1#y\r\nEMPTY=\n  # indented\n"), []);
    }

    #[test]
    fn says_what_will_not_work_and_no_values() {
        let text = "export TOKEN=s3cret\nNAME = s3cret\ns3cret\nQ=\"s3cret\"\nA=1\nA=s3cret\nMY-VAR=1\n=x\n";
        let problems = check(text);
        let lines: Vec<(usize, bool)> = problems.iter().map(|problem| (problem.line, problem.lost)).collect();
        assert_eq!(lines, [(1, true), (2, true), (3, true), (4, false), (6, false), (7, false), (8, true)]);
        assert!(problems.iter().all(|problem| !problem.message.contains("s3cret")), "{problems:?}");
    }
}
