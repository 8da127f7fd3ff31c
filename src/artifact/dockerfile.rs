//! What a Dockerfile says of the image: the ports it exposes and its health check.
//!
//! Only what the built stage and the stages it builds on in the same file say counts; a base image's own instructions are
//! not known. `ARG` and `ENV` are replaced as builders do: `$NAME`, `${NAME}`, `${NAME:-default}`, `${NAME:+other}`.

use std::collections::BTreeMap;

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dockerfile {
    /// Exposed ports in the order of the file, each once.
    pub ports: Vec<Expose>,
    /// The health check; none without one and for `HEALTHCHECK NONE`.
    pub health_check: Option<HealthCheck>,
    /// The `--platform` its last `FROM` is given in so many words, such as `linux/arm64`.
    pub platform: Option<String>,
    /// Names of the stages, in the order of the file; unnamed ones are left out.
    pub stages: Vec<String>,
}

/// An exposed port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expose {
    /// The port, 1 to 65535.
    pub port: u16,
    /// `tcp` or `udp`.
    pub protocol: String,
}

/// A health check. Durations are seconds, rounded up; absent where the file says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheck {
    /// `["CMD-SHELL", …]` or `["CMD", …]`, as ECS takes it.
    pub command: Vec<String>,
    /// Time between checks.
    pub interval: Option<u64>,
    /// Time a check may take.
    pub timeout: Option<u64>,
    /// Time after the start in which failures do not count.
    pub start_period: Option<u64>,
    /// Failures before the container counts as unhealthy.
    pub retries: Option<u64>,
}

/// Reads `text` for the stage `target`, or the last stage. `args`: build arguments, which win over defaults of `ARG`.
///
/// Every text has a reading; what is not understood says nothing.
#[must_use]
pub fn parse(text: &str, target: Option<&str>, args: &BTreeMap<String, String>) -> Dockerfile {
    let instructions = instructions(text);
    let mut globals: Variables = BTreeMap::new();
    let mut stages: Vec<Stage> = vec![];
    for (word, rest) in &instructions {
        match (word.as_str(), stages.last_mut()) {
            ("FROM", _) => stages.push(from(rest, &globals, &stages)),
            ("ARG", None) => declare_args(rest, args, &mut globals, &BTreeMap::new()),
            (_, None) => {}
            ("ARG", Some(stage)) => declare_args(rest, args, &mut stage.variables, &globals),
            ("ENV", Some(stage)) => declare_env(rest, &mut stage.variables),
            ("EXPOSE", Some(stage)) => expose(rest, stage),
            ("HEALTHCHECK", Some(stage)) => stage.health_check = health_check(rest, &stage.variables),
            _ => {}
        }
    }
    let names = stages.iter().filter_map(|stage| stage.name.clone()).collect();
    let wanted = match target {
        Some(target) => find_stage(target, &stages),
        None => stages.len().checked_sub(1),
    };
    let built = wanted.and_then(|index| stages.into_iter().nth(index)).unwrap_or_default();
    Dockerfile {
        ports: built.ports,
        health_check: built.health_check,
        platform: built.platform,
        stages: names,
    }
}

type Variables = BTreeMap<String, String>;

#[derive(Debug, Clone, Default)]
struct Stage {
    name: Option<String>,
    variables: Variables,
    ports: Vec<Expose>,
    health_check: Option<HealthCheck>,
    platform: Option<String>,
}

/// A stage starts with what its base says, when the base is a stage of the same file.
fn from(rest: &str, globals: &Variables, stages: &[Stage]) -> Stage {
    let words: Vec<&str> = rest.split_whitespace().filter(|word| !word.starts_with("--")).collect();
    let base = words.first().map(|base| substitute(base, globals)).unwrap_or_default();
    let name = match words.as_slice() {
        [_, keyword, name, ..] if keyword.eq_ignore_ascii_case("as") => Some(name.to_ascii_lowercase()),
        _ => None,
    };
    let platform = rest.split_whitespace().find_map(|word| word.strip_prefix("--platform="));
    let platform = platform.filter(|platform| !platform.contains('$')).map(str::to_owned);
    let inherited = find_stage(&base, stages).map(|index| stages[index].clone()).unwrap_or_default();
    Stage { name, platform: platform.or(inherited.platform.clone()), ..inherited }
}

/// A stage by its name (case does not matter) or its number from 0.
fn find_stage(wanted: &str, stages: &[Stage]) -> Option<usize> {
    let lower = wanted.to_ascii_lowercase();
    let named = stages.iter().position(|stage| stage.name.as_ref() == Some(&lower));
    named.or_else(|| wanted.parse().ok().filter(|index| *index < stages.len()))
}

/// The instructions: word in upper case and the rest, with continued lines joined, comments and heredoc bodies left out.
fn instructions(text: &str) -> Vec<(String, String)> {
    let mut escape = '\\';
    let mut lines = text.trim_start_matches('\u{feff}').lines().peekable();
    // Parser directives are comments at the very beginning.
    while let Some(directive) = lines.peek().and_then(|line| line.trim().strip_prefix('#')) {
        let Some((key, value)) = directive.split_once('=') else { break };
        if key.trim().eq_ignore_ascii_case("escape") && value.trim() == "`" {
            escape = '`';
        }
        lines.next();
    }
    let mut found = vec![];
    while let Some(line) = lines.next() {
        let mut whole = line.trim().to_owned();
        if whole.is_empty() || whole.starts_with('#') {
            continue;
        }
        while let Some(open) = whole.strip_suffix(escape).map(str::to_owned) {
            // Comments and empty lines inside a continued instruction are passed over.
            let next = lines.by_ref().find(|line| !line.trim().is_empty() && !line.trim().starts_with('#'));
            whole = open;
            let Some(next) = next else { break };
            whole.push_str(next.trim_end());
        }
        let (word, rest) = whole.split_once(char::is_whitespace).unwrap_or((&whole, ""));
        let word = word.to_ascii_uppercase();
        if matches!(word.as_str(), "RUN" | "COPY" | "ADD") {
            for end in heredocs(rest) {
                for line in lines.by_ref() {
                    if line.trim_start_matches('\t') == end {
                        break;
                    }
                }
            }
        }
        found.push((word, rest.trim().to_owned()));
    }
    found
}

/// The end marks of the heredocs that a line opens (`<<EOF`, `<<-"EOF"`).
fn heredocs(rest: &str) -> Vec<String> {
    rest.match_indices("<<")
        .filter(|(at, _)| !rest[..*at].ends_with('<'))
        .filter_map(|(at, _)| {
            let mark = rest[at + 2..].trim_start_matches('-').trim_start_matches(['"', '\'']);
            let name: String = mark.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            (!name.is_empty()).then_some(name)
        })
        .collect()
}

fn declare_args(rest: &str, args: &BTreeMap<String, String>, into: &mut Variables, globals: &Variables) {
    for word in words(rest) {
        let (name, default) = match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(substitute(value, into))),
            None => (word.clone(), None),
        };
        // ENV of an earlier line wins over ARG; a given argument over the default; the global default comes last.
        let value = args.get(&name).cloned().or(default).or_else(|| globals.get(&name).cloned());
        if let Some(value) = value {
            into.insert(name, value);
        }
    }
}

fn declare_env(rest: &str, into: &mut Variables) {
    let first = rest.split_whitespace().next().unwrap_or_default();
    if !first.contains('=') {
        // The old form: `ENV NAME value with spaces`.
        if let Some((name, value)) = rest.split_once(char::is_whitespace) {
            let value = substitute(value.trim(), into);
            into.insert(name.to_owned(), value);
        }
        return;
    }
    let pairs: Vec<(String, String)> = words(rest)
        .iter()
        .filter_map(|word| word.split_once('='))
        .map(|(name, value)| (name.to_owned(), substitute(value, into)))
        .collect();
    into.extend(pairs);
}

/// Words as a shell sees them; text with an open quote is split at spaces.
fn words(text: &str) -> Vec<String> {
    shell_words::split(text).unwrap_or_else(|_| text.split_whitespace().map(str::to_owned).collect())
}

fn expose(rest: &str, stage: &mut Stage) {
    for word in rest.split_whitespace() {
        let word = substitute(word.trim_matches(['"', '\'']), &stage.variables);
        // A variable can hold several.
        for port in word.split_whitespace() {
            let (numbers, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
            let protocol = protocol.to_ascii_lowercase();
            let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
            let (Ok(first), Ok(last)) = (first.parse::<u16>(), last.parse::<u16>()) else { continue };
            // A range of the whole port space says nothing about where a program listens.
            if first == 0 || last < first || last - first > 100 || !matches!(protocol.as_str(), "tcp" | "udp")
            {
                continue;
            }
            for port in first..=last {
                let expose = Expose { port, protocol: protocol.clone() };
                if !stage.ports.contains(&expose) {
                    stage.ports.push(expose);
                }
            }
        }
    }
}

fn health_check(rest: &str, variables: &Variables) -> Option<HealthCheck> {
    let mut check =
        HealthCheck { command: vec![], interval: None, timeout: None, start_period: None, retries: None };
    let mut rest = rest.trim();
    while let Some(option) = rest.strip_prefix("--") {
        let (option, after) = option.split_once(char::is_whitespace)?;
        let (name, value) = option.split_once('=')?;
        let value = substitute(value, variables);
        match name {
            "interval" => check.interval = seconds(&value),
            "timeout" => check.timeout = seconds(&value),
            "start-period" => check.start_period = seconds(&value),
            "retries" => check.retries = value.parse().ok(),
            _ => {}
        }
        rest = after.trim_start();
    }
    let (word, command) = rest.split_once(char::is_whitespace)?;
    if !word.eq_ignore_ascii_case("CMD") {
        return None;
    }
    let command = command.trim();
    // Variables of the command are the container's business, not the builder's.
    check.command = match serde_json::from_str::<Vec<String>>(command) {
        Ok(list) if list.is_empty() => return None,
        Ok(list) => std::iter::once("CMD".to_owned()).chain(list).collect(),
        Err(_) if command.is_empty() => return None,
        Err(_) => vec!["CMD-SHELL".to_owned(), command.to_owned()],
    };
    Some(check)
}

/// Seconds of a Go duration such as `1m30s`, `500ms`, `1.5h`; rounded up.
fn seconds(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.'))?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let factor = match &rest[..unit] {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total += number * factor;
        rest = &rest[unit..];
    }
    // Float to integer conversion saturates.
    Some(total.ceil() as u64)
}

/// Replaces variables; unknown ones become empty, as builders do.
fn substitute(text: &str, variables: &Variables) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '\\']) {
        out.push_str(&rest[..at]);
        let escaped = rest[at..].starts_with('\\');
        rest = &rest[at + 1..];
        if escaped {
            let mut chars = rest.chars();
            out.extend(chars.next());
            rest = chars.as_str();
        } else if let Some((inside, after)) = rest.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            let end = inside.find(|c: char| !is_name(c)).unwrap_or(inside.len());
            let (name, modifier) = inside.split_at(end);
            let value = variables.get(name);
            let filled = value.filter(|value| !value.is_empty());
            match modifier.get(..2) {
                Some(":-") => out.push_str(filled.map_or(&modifier[2..], String::as_str)),
                Some(":+") => out.push_str(filled.map_or("", |_| &modifier[2..])),
                _ if modifier.starts_with('-') => out.push_str(value.map_or(&modifier[1..], String::as_str)),
                _ if modifier.starts_with('+') => out.push_str(value.map_or("", |_| &modifier[1..])),
                _ => out.push_str(value.map_or("", String::as_str)),
            }
            rest = after;
        } else {
            let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name.is_empty() {
                out.push('$');
            }
            out.push_str(variables.get(name).map_or("", String::as_str));
            rest = after;
        }
    }
    out + rest
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Dockerfile {
        parse(text, None, &BTreeMap::new())
    }

    fn ports(file: &Dockerfile) -> Vec<String> {
        file.ports.iter().map(|port| format!("{}/{}", port.port, port.protocol)).collect()
    }

    #[test]
    fn ports_of_the_last_stage() {
        let text = "\
# syntax=docker/dockerfile:1
ARG PORT=3000
FROM node:22 AS build
EXPOSE 9229
RUN npm ci
FROM nginx
ARG PORT
ENV METRICS=9100 ADMIN_PORT=8081
expose 80 443/tcp 53/UDP ${PORT} $METRICS \\
  # a comment inside
  ${ADMIN_PORT:-1} 80 \"7000\"
";
        let file = read(text);
        assert_eq!(
            ports(&file),
            ["80/tcp", "443/tcp", "53/udp", "3000/tcp", "9100/tcp", "8081/tcp", "7000/tcp"]
        );
        assert_eq!(file.stages, ["build"]);
        let build = parse(text, Some("BUILD"), &BTreeMap::new());
        assert_eq!(ports(&build), ["9229/tcp"]);
        assert_eq!(ports(&parse(text, Some("0"), &BTreeMap::new())), ["9229/tcp"]);
        assert_eq!(parse(text, Some("nope"), &BTreeMap::new()).ports, []);
        let given = BTreeMap::from([("PORT".to_owned(), "4000".to_owned())]);
        assert!(ports(&parse(text, None, &given)).contains(&"4000/tcp".to_owned()));
    }

    #[test]
    fn a_stage_inherits_from_a_stage() {
        let file = read("FROM x AS base\nEXPOSE 80\nHEALTHCHECK CMD true\nFROM base AS final\nEXPOSE 81\n");
        assert_eq!(ports(&file), ["80/tcp", "81/tcp"]);
        assert!(file.health_check.is_some());
        let file = read("ARG B=base\nFROM x AS base\nEXPOSE 80\nFROM --platform=linux/arm64 ${B} as y\n");
        assert_eq!(ports(&file), ["80/tcp"]);
    }

    #[test]
    fn ranges_and_nonsense() {
        assert_eq!(ports(&read("FROM x\nEXPOSE 8000-8002 1-65535 abc 0 70000 80/sctp $UNSET")).len(), 3);
        assert_eq!(read(""), Dockerfile::default());
        assert_eq!(read("EXPOSE 80"), Dockerfile::default());
        assert_eq!(read("\u{feff}FROM x\r\nEXPOSE 80\r\n").ports.len(), 1);
        assert_eq!(read("FROM x\nRUN <<EOF\nEXPOSE 80\nEOF\nEXPOSE 81\n").ports.len(), 1);
        assert_eq!(read("# escape=`\nFROM x\nEXPOSE 80 `\n 81\n").ports.len(), 2);
        assert_eq!(read("FROM x\nEXPOSE 80 \\").ports.len(), 1);
    }

    #[test]
    fn health_checks() {
        let check = read(
            "FROM x\nHEALTHCHECK --interval=1m30s --timeout=500ms --start-period=1.5m --retries=5 \\\n  CMD curl -f http://localhost:$PORT/ || exit 1\n",
        );
        assert_eq!(
            check.health_check,
            Some(HealthCheck {
                command: vec!["CMD-SHELL".into(), "curl -f http://localhost:$PORT/ || exit 1".into()],
                interval: Some(90),
                timeout: Some(1),
                start_period: Some(90),
                retries: Some(5),
            })
        );
        let list = read("FROM x\nHEALTHCHECK CMD [\"/bin/check\", \"-q\"]\n").health_check.unwrap();
        assert_eq!(
            (list.command, list.interval),
            (vec!["CMD".into(), "/bin/check".into(), "-q".into()], None)
        );
        for none in ["HEALTHCHECK NONE", "HEALTHCHECK", "HEALTHCHECK --interval=3s", "HEALTHCHECK CMD []"] {
            assert_eq!(read(&format!("FROM x\nHEALTHCHECK CMD true\n{none}\n")).health_check, None, "{none}");
        }
    }

    #[test]
    fn variables_as_builders_replace_them() {
        let variables = BTreeMap::from([("A".to_owned(), "1".to_owned()), ("E".to_owned(), String::new())]);
        for (text, want) in [
            ("$A-${A}", "1-1"),
            ("${X:-d}${E:-d}${A:-d}", "dd1"),
            ("${A:+y}${X:+y}", "y"),
            ("${E-d}${X-d}", "d"),
            (r"\$A $", "$A $"),
            ("${A", "${A"),
        ] {
            assert_eq!(substitute(text, &variables), want, "{text}");
        }
    }
}
