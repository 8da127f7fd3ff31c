//! Schedules as people write them, as schedule expressions of EventBridge rules:
//! <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>
//!
//! Taken are the five fields of cron, its `@` words, `@every` with a duration, EventBridge's own `rate(…)` and `cron(…)`,
//! and `none`. EventBridge counts days of the week from 1 (Sunday) to 7, knows no steps among them and no schedule that
//! names days of the month and of the week at once; its times are UTC.

use crate::manifest::scalar::Duration;

/// When a job starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// Only when somebody starts it.
    Never,
    /// At the times of a schedule expression of EventBridge, such as `cron(0 9 ? * MON-FRI *)`; in UTC.
    At(String),
}

/// Why a text is no schedule, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}; {help}")]
pub struct Fault {
    /// What is wrong with it.
    pub message: String,
    /// What to write.
    pub help: String,
}

type Result<T> = std::result::Result<T, Fault>;

fn fault<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T> {
    Err(Fault { message: message.into(), help: help.into() })
}

/// What is shown when a text is nothing at all.
const EXAMPLES: &str =
    "write for example \"0 9 * * MON-FRI\", \"@daily\", \"@every 1h30m\", \"rate(10 minutes)\" or \"none\"";

/// One of the five fields of cron.
struct Field {
    what: &'static str,
    min: u32,
    max: u32,
    names: &'static [&'static str],
}

const MINUTE: Field = Field { what: "minute", min: 0, max: 59, names: &[] };
const HOUR: Field = Field { what: "hour", min: 0, max: 23, names: &[] };
const DAY: Field = Field { what: "day of the month", min: 1, max: 31, names: &[] };
const MONTH: Field = Field {
    what: "month",
    min: 1,
    max: 12,
    names: &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
};
/// 7 is a Sunday as well.
const WEEKDAY: Field = Field {
    what: "day of the week",
    min: 0,
    max: 7,
    names: &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
};

/// An element of a field: `*`, `3`, `3-5`, each with a step where one is given.
struct Item {
    /// First and last value; none: all.
    range: Option<(u32, u32)>,
    step: Option<u32>,
    /// Whether it is written with names.
    named: bool,
}

/// Reads a schedule.
///
/// # Errors
/// [`Fault`] when the text is none, or one that EventBridge has no form for.
pub fn schedule(text: &str) -> Result<Schedule> {
    let text = text.trim();
    if text == "none" {
        return Ok(Schedule::Never);
    }
    if let Some(inner) = text.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')) {
        return rate(inner).map(Schedule::At);
    }
    if let Some(inner) = text.strip_prefix("cron(").and_then(|rest| rest.strip_suffix(')')) {
        return native(inner).map(Schedule::At);
    }
    if let Some(every) = text.strip_prefix("@every ") {
        return interval(every.trim()).map(Schedule::At);
    }
    if text.starts_with('@') {
        return word(text).map(Schedule::At);
    }
    cron(text).map(Schedule::At)
}

fn rate(inner: &str) -> Result<String> {
    let units = [("minute", "minutes"), ("hour", "hours"), ("day", "days")];
    let parts: Vec<&str> = inner.split_whitespace().collect();
    if let [number, unit] = parts.as_slice()
        && let Some((one, many)) = units.into_iter().find(|(one, many)| unit == one || unit == many)
        && let Ok(number @ 1..) = number.parse::<u32>()
    {
        return Ok(format!("rate({number} {})", if number == 1 { one } else { many }));
    }
    fault(
        format!("\"rate({inner})\" is no rate"),
        "a whole number from 1 on and minutes, hours or days: `rate(15 minutes)`, `rate(1 hour)`",
    )
}

/// EventBridge's own form, with six fields. What stands in them EventBridge checks.
fn native(inner: &str) -> Result<String> {
    let fields: Vec<&str> = inner.split_whitespace().collect();
    let fits = |field: &&str| field.chars().all(|c| c.is_ascii_alphanumeric() || "*?,-/#".contains(c));
    let [_, _, day, _, weekday, _] = fields.as_slice() else {
        return fault(
            format!("`cron(…)` has six fields, not {}", fields.len()),
            "minute, hour, day of the month, month, day of the week, year: `cron(0 9 ? * MON-FRI *)`",
        );
    };
    if let Some(field) = fields.iter().find(|field| !fits(field)) {
        return fault(format!("{field:?} is no field of `cron(…)`"), "digits, names and * ? , - / # L W");
    }
    if *day != "?" && *weekday != "?" {
        return fault(
            "day of the month and day of the week exclude each other in `cron(…)`",
            "write ? for one of them: `cron(0 9 ? * MON-FRI *)`",
        );
    }
    Ok(format!("cron({})", fields.join(" ")))
}

fn interval(text: &str) -> Result<String> {
    let Some(every) = Duration::parse(text) else {
        return fault(format!("{text:?} is no duration"), "write for example `@every 1h30m`");
    };
    let minute = Duration::seconds(60).nanos();
    if every.nanos() < minute || every.nanos() % minute != 0 {
        return fault("`@every` takes whole minutes, one at least", "write for example `@every 5m`");
    }
    let minutes = every.nanos() / minute;
    Ok(format!("rate({minutes} {})", if minutes == 1 { "minute" } else { "minutes" }))
}

fn word(text: &str) -> Result<String> {
    let words = [
        ("@hourly", "cron(0 * * * ? *)"),
        ("@daily", "cron(0 0 * * ? *)"),
        ("@midnight", "cron(0 0 * * ? *)"),
        ("@weekly", "cron(0 0 ? * 1 *)"),
        ("@monthly", "cron(0 0 1 * ? *)"),
        ("@yearly", "cron(0 0 1 1 ? *)"),
        ("@annually", "cron(0 0 1 1 ? *)"),
    ];
    match words.into_iter().find(|(word, _)| word.eq_ignore_ascii_case(text)) {
        Some((_, expression)) => Ok(expression.to_owned()),
        None => {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            fault(format!("{text:?} is no schedule"), format!("the words are {}, @every", known.join(", ")))
        }
    }
}

fn cron(text: &str) -> Result<String> {
    if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
        return fault("EventBridge has no time zones: its times are UTC", "give the time in UTC");
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else {
        let message = match fields.len() {
            0 | 1 => format!("{text:?} is no schedule"),
            number => format!("a cron schedule has five fields, not {number}"),
        };
        return fault(message, EXAMPLES);
    };
    let minute = plain(&MINUTE, minute)?;
    let hour = plain(&HOUR, hour)?;
    let month = plain(&MONTH, month)?;
    let day = Some(plain(&DAY, day)?).filter(|day| day != "*");
    let weekday = weekdays(weekday)?;
    let (day, weekday) = match (day, weekday) {
        (None, None) => ("*".to_owned(), "?".to_owned()),
        (Some(day), None) => (day, "?".to_owned()),
        (None, Some(weekday)) => ("?".to_owned(), weekday),
        (Some(_), Some(_)) => {
            return fault(
                "EventBridge takes days of the month or days of the week, not both",
                "write * for one of them, or make it two jobs",
            );
        }
    };
    Ok(format!("cron({minute} {hour} {day} {month} {weekday} *)"))
}

/// A field whose values are the same in EventBridge.
fn plain(field: &Field, text: &str) -> Result<String> {
    let mut items = vec![];
    for part in text.split(',') {
        let item = item(field, part)?;
        let all = item.range.is_none() && item.step.is_none_or(|step| step == 1);
        items.push(if all { "*".to_owned() } else { part.replace('?', "*").to_ascii_uppercase() });
    }
    // A list with all of them is all of them.
    Ok(if items.iter().any(|item| item == "*") { "*".to_owned() } else { items.join(",") })
}

/// Days of the week in EventBridge's numbers; none: all of them. Names stay as they are, and what EventBridge has no
/// form for (steps, ranges that end with Sunday) becomes a list.
fn weekdays(text: &str) -> Result<Option<String>> {
    let mut days = vec![];
    for part in text.split(',') {
        let item = item(&WEEKDAY, part)?;
        match (item.range, item.step.filter(|step| *step != 1)) {
            (None, None) => return Ok(None),
            (Some((first, last)), None) if item.named && first <= last && last < 7 => {
                let name = |day: u32| WEEKDAY.names.get(day as usize).copied().unwrap_or_default();
                days.push(if first == last {
                    name(first).to_owned()
                } else {
                    format!("{}-{}", name(first), name(last))
                });
            }
            (Some((first, last)), None) if last < 7 => {
                days.push(if first == last {
                    (first + 1).to_string()
                } else {
                    format!("{}-{}", first + 1, last + 1)
                });
            }
            (range, step) => {
                let (first, last) = range.unwrap_or((0, 6));
                let step = step.unwrap_or(1) as usize;
                let mut listed: Vec<u32> = (first..=last).step_by(step).map(|day| day % 7 + 1).collect();
                listed.sort_unstable();
                listed.dedup();
                days.extend(listed.iter().map(u32::to_string));
            }
        }
    }
    Ok(Some(days.join(",")))
}

fn item(field: &Field, text: &str) -> Result<Item> {
    let wrong = || Fault {
        message: format!("{text:?} is no {}", field.what),
        help: match field.names {
            [] => format!("numbers from {} to {}, with * , - and /", field.min, field.max),
            names => format!(
                "numbers from {} to {} or names from {} to {}, with * , - and /",
                field.min,
                field.max,
                names.first().copied().unwrap_or_default(),
                names.last().copied().unwrap_or_default()
            ),
        },
    };
    let (range, step) = match text.split_once('/') {
        None => (text, None),
        // `parse` takes a sign as well.
        Some((range, step)) => match step.parse::<u32>() {
            Ok(number @ 1..) if step.bytes().all(|byte| byte.is_ascii_digit()) => (range, Some(number)),
            _ => return Err(wrong()),
        },
    };
    if range == "*" || range == "?" {
        return Ok(Item { range: None, step, named: false });
    }
    let value = |text: &str| -> Option<(u32, bool)> {
        if let Some(at) = field.names.iter().position(|name| name.eq_ignore_ascii_case(text)) {
            return Some((u32::try_from(at).ok()? + field.min, true));
        }
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse().ok().filter(|number| digits && (field.min..=field.max).contains(number))?;
        Some((number, false))
    };
    let sunday_last = |first: u32, (last, named): (u32, bool)| {
        // `FRI-SUN`: the week ends with Sunday there.
        if named && last == 0 && first > 0 && field.max == WEEKDAY.max { 7 } else { last }
    };
    let (first, last, named) = match range.split_once('-') {
        None => {
            let (first, named) = value(range).ok_or_else(wrong)?;
            // `3/2` is from 3 on.
            let end = if field.max == WEEKDAY.max { 6 } else { field.max };
            (first, if step.is_some() { end.max(first) } else { first }, named)
        }
        Some((first, last)) => {
            let (first, named) = value(first).ok_or_else(wrong)?;
            let last = sunday_last(first, value(last).ok_or_else(wrong)?);
            (first, last, named)
        }
    };
    if last < first {
        return Err(Fault {
            message: format!("{text:?} ends before it begins"),
            help: format!("give the earlier {} first", field.what),
        });
    }
    Ok(Item { range: Some((first, last)), step, named })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match schedule(text) {
            Ok(Schedule::Never) => "never".to_owned(),
            Ok(Schedule::At(expression)) => expression,
            Err(fault) => format!("{} ({})", fault.message, fault.help),
        }
    }

    #[test]
    fn schedules_become_expressions() {
        let texts = [
            "0 12 * * MON",
            "*/5 * * * *",
            "0 */2 * * *",
            "0 9 * * 1-5",
            "0 9 * * mon-fri",
            "0 9 * * 0",
            "0 9 * * 7",
            "0 9 * * 1,3,5",
            "0 9 * * 1-5/2",
            "0 9 * * */2",
            "0 9 * * 5-7",
            "0 9 * * FRI-SUN",
            "0 9 * * SUN,3",
            "0 9 * * 2/2",
            "0 9 * * */1",
            "15,45 8-18 1 jan,jul *",
            "0 0 1-7/2 * ?",
            "? ? ? ? ?",
            "5/15 * * * *",
            "*,5 0 * * *",
            "@hourly",
            "@daily",
            "@midnight",
            "@weekly",
            "@monthly",
            "@yearly",
            "@annually",
            "@every 1h30m",
            "@every 60s",
            "rate(1 minute)",
            "rate( 10  minutes )",
            "rate(1 hours)",
            "cron(0 9 ? * MON-FRI *)",
            "cron(0 0 L * ? *)",
            "  none ",
        ];
        let lines: Vec<String> = texts.iter().map(|text| format!("{text:?} -> {}", shown(text))).collect();
        insta::assert_snapshot!(lines.join("\n"));
    }

    #[test]
    fn what_is_no_schedule_is_told() {
        let texts = [
            "",
            "now",
            "run rate(1 hour) please",
            "rate(0 minutes)",
            "rate(5 weeks)",
            "cron(0 9 * * ?)",
            "cron(0 9 * * MON *)",
            "cron(0 9 ? * $X *)",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 8",
            "* * * * MO",
            "5-1 * * * *",
            "* * * * SAT-MON",
            "*/0 * * * *",
            "1- * * * *",
            "+1 * * * *",
            "0 9 1 * MON",
            "* * * *",
            "* * * * * *",
            "@never",
            "@every 30s",
            "@every 90s",
            "@every x",
            "TZ=Europe/Berlin 0 9 * * *",
            "rate(1 hour",
            "NONE",
        ];
        let lines: Vec<String> = texts.iter().map(|text| format!("{text:?} -> {}", shown(text))).collect();
        insta::assert_snapshot!(lines.join("\n"));
        assert!(texts.iter().all(|text| schedule(text).is_err()));
    }
}
