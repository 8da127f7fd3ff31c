//! When AWS retires the runtimes of Lambda functions that Copilot's templates name.
//!
//! From the tables of <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>, as the data of cfn-lint 1.58.0 repeats
//! them: that data and public discussions were compared, not the page itself. AWS has put the blocks of Node.js 14 to 20 off
//! several times, all together. A function of a retired runtime goes on running; after the last date CloudFormation can't change
//! it any more, so that a Copilot whose template changes its function fails. It can still be deleted.

use serde::Serialize;

/// Dates of a runtime, as `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Retirement {
    /// No security updates from here on.
    pub deprecated: &'static str,
    /// No new functions from here on.
    pub creation_blocked: &'static str,
    /// No changes of functions from here on.
    pub updates_blocked: &'static str,
}

const TABLE: [(&str, &str, &str, &str); 8] = [
    ("nodejs10.x", "2021-07-30", "2021-07-30", "2022-02-14"),
    ("nodejs12.x", "2023-03-31", "2023-03-31", "2023-04-30"),
    ("nodejs14.x", "2023-12-04", "2024-01-09", "2027-03-03"),
    ("nodejs16.x", "2024-06-12", "2027-02-01", "2027-03-03"),
    ("nodejs18.x", "2025-09-01", "2027-02-01", "2027-03-03"),
    ("nodejs20.x", "2026-04-30", "2027-02-01", "2027-03-03"),
    ("nodejs22.x", "2027-04-30", "2027-06-01", "2027-07-01"),
    ("nodejs24.x", "2028-04-30", "2028-06-01", "2028-07-01"),
];

/// The dates of a runtime such as `nodejs20.x`; `None` for one that the table does not know.
#[must_use]
pub fn retirement(runtime: &str) -> Option<Retirement> {
    let (_, deprecated, creation_blocked, updates_blocked) =
        TABLE.into_iter().find(|row| row.0 == runtime)?;
    Some(Retirement { deprecated, creation_blocked, updates_blocked })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_known_and_in_order() {
        for (runtime, ..) in TABLE {
            let dates = retirement(runtime).unwrap();
            let all = [dates.deprecated, dates.creation_blocked, dates.updates_blocked];
            assert!(
                all.is_sorted() && all.iter().all(|date| date.parse::<jiff::civil::Date>().is_ok()),
                "{runtime}"
            );
        }
        assert_eq!(retirement("python3.99"), None);
    }
}
