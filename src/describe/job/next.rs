//! When a schedule expression of EventBridge fires next: <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html>

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan};

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const DAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/// Days that are looked at: a day that comes on leap years only is found, also across a year 2100.
const HORIZON: u32 = 366 * 9;

/// The next instant after `now`; `last` is when it fired last. None when it fires never again, when the expression holds
/// what is not counted here (`L`, `W`, `#`), and for a rate whose beginning is not known.
pub fn next(expression: &str, last: Option<Timestamp>, now: Timestamp) -> Option<Timestamp> {
    if let Some(inner) = expression.strip_prefix("rate(") {
        return after(last?, rate(inner.strip_suffix(')')?)?, now);
    }
    let inner = expression.strip_prefix("cron(")?.strip_suffix(')')?;
    let fields: Vec<&str> = inner.split_whitespace().collect();
    let [minute, hour, day, month, weekday, year] = fields.as_slice() else { return None };
    let minutes = field(minute, 0, 59, &[])?;
    let hours = field(hour, 0, 23, &[])?;
    let days = field(day, 1, 31, &[])?;
    let months = field(month, 1, 12, &MONTHS)?;
    let weekdays = field(weekday, 1, 7, &DAYS)?;
    let years = field(year, 1970, 2199, &[])?;
    let has = |values: &[i16], value: i16| values.binary_search(&value).is_ok();
    let begin = now.to_zoned(TimeZone::UTC).datetime();
    let mut date: Date = begin.date();
    for _ in 0..HORIZON {
        let weekday = i16::from(date.weekday().to_sunday_one_offset());
        if has(&years, date.year())
            && has(&months, date.month().into())
            && has(&days, date.day().into())
            && has(&weekdays, weekday)
        {
            for (hour, minute) in
                hours.iter().flat_map(|hour| minutes.iter().map(move |minute| (*hour, *minute)))
            {
                let time = Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()?;
                let at = date.to_datetime(time);
                if at > begin {
                    return at.to_zoned(TimeZone::UTC).ok().map(|at| at.timestamp());
                }
            }
        }
        date = date.tomorrow().ok()?;
    }
    None
}

fn rate(inner: &str) -> Option<i64> {
    let (number, unit) = inner.split_once(' ')?;
    let seconds = match unit.trim().trim_end_matches('s') {
        "minute" => 60,
        "hour" => 3600,
        "day" => 86_400,
        _ => return None,
    };
    number.trim().parse::<i64>().ok().filter(|number| *number > 0)?.checked_mul(seconds)
}

/// The first of `last` plus whole steps of `seconds` behind `now`.
fn after(last: Timestamp, seconds: i64, now: Timestamp) -> Option<Timestamp> {
    let passed = now.as_second().checked_sub(last.as_second())?.max(0);
    let span: Span = (passed / seconds + 1).checked_mul(seconds)?.seconds();
    last.checked_add(span).ok()
}

/// The values that a field takes, sorted.
fn field(text: &str, min: i16, max: i16, names: &[&str]) -> Option<Vec<i16>> {
    let value = |text: &str| -> Option<i16> {
        let named = names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = match named {
            Some(at) => i16::try_from(at).ok()? + min,
            None => text.parse().ok()?,
        };
        (min..=max).contains(&number).then_some(number)
    };
    let mut values = vec![];
    for item in text.split(',') {
        let (range, step) = match item.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<usize>().ok().filter(|step| *step > 0)?)),
            None => (item, None),
        };
        let (first, last) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (min, max),
            Some((first, last)) => (value(first)?, value(last)?),
            None => {
                let first = value(range)?;
                (first, if step.is_some() { max } else { first })
            }
        };
        if first <= last {
            values.extend((first..=last).step_by(step.unwrap_or(1)));
        } else {
            // `FRI-MON` goes over the end of the week.
            values.extend((first..=max).chain(min..=last).step_by(step.unwrap_or(1)));
        }
    }
    values.sort_unstable();
    values.dedup();
    Some(values)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_next_run_is_found() {
        // 2026-11-20 is a Friday.
        let now = at("2026-11-20T09:00:30Z");
        let lines: Vec<String> = [
            "cron(0 9 ? * MON-FRI *)",
            "cron(0 9 * * ? *)",
            "cron(*/20 * * * ? *)",
            "cron(5/30 9-10 * * ? *)",
            "cron(0 0 ? * 1 *)",
            "cron(0 0 ? * FRI-MON *)",
            "cron(0 0 29 2 ? *)",
            "cron(0 0 31 4 ? *)",
            "cron(0 0 1 JAN ? 2026)",
            "cron(0 12 ? * 2,6 *)",
            "cron(1,30 9 20 11 ? *)",
            "cron(0 0 L * ? *)",
            "rate(10 minutes)",
            "rate(1 day)",
            "rate(0 minutes)",
            "nonsense",
        ]
        .iter()
        .map(|text| {
            let next = next(text, Some(at("2026-11-20T08:55:00Z")), now);
            format!("{text} -> {}", next.map_or_else(|| "-".to_owned(), |next| next.to_string()))
        })
        .collect();
        insta::assert_snapshot!(lines.join("\n"));
        assert_eq!(next("rate(10 minutes)", None, now), None);
        assert_eq!(next("rate(1 hour)", Some(now), now), Some(at("2026-11-20T10:00:30Z")));
    }
}
