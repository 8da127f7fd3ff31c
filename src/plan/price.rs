//! Prices by region, as a table in the binary. Its head says where every number is from, and of when it is.

/// The table.
const TABLE: &str = include_str!("prices.txt");

/// Hours of a month, as AWS counts them in its estimates.
pub const HOURS: f64 = 730.0;

/// Part of the price of Fargate that Spot saves at most, as AWS says; the true price moves with the day.
pub const SPOT_SAVES: f64 = 0.7;

/// A price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// US dollars for an hour (of a vCPU, of a GB, of a load balancer …) or for a GB.
    pub usd: f64,
    /// The month in which it was so, such as `2026-09`, or `undated`.
    pub date: &'static str,
}

/// The older of two dates of prices; one that is not known is the oldest, an empty one is none.
#[must_use]
pub fn older<'d>(one: &'d str, other: &'d str) -> &'d str {
    match (one, other) {
        ("", date) | (date, "") => date,
        ("undated", _) | (_, "undated") => "undated",
        (one, other) => one.min(other),
    }
}

/// The price of `key` in a region; `None` when it is not known.
#[must_use]
pub fn price(region: &str, key: &str) -> Option<Price> {
    rows().find(|row| (row.region == region || row.region == "*") && row.key == key).map(|row| row.price)
}

/// Whether anything is known of a region besides what costs the same everywhere.
#[must_use]
pub fn is_known(region: &str) -> bool {
    rows().any(|row| row.region == region)
}

struct Row {
    region: &'static str,
    key: &'static str,
    price: Price,
}

fn rows() -> impl Iterator<Item = Row> {
    TABLE.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut words = line.split(' ');
        let (region, key) = (words.next()?, words.next()?);
        let usd = words.next()?.parse().ok()?;
        Some(Row { region, key, price: Price { usd, date: words.next()? } })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_price_a_date_and_a_source_that_the_head_names() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.is_sorted(), "scripts/prices sorts them");
        assert_eq!(lines.len(), rows().count());
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            let [_, key, usd, date, source] = words.as_slice() else { panic!("{line}") };
            assert!(TABLE.contains(&format!("#   {source}  ")), "{line}");
            assert!(TABLE.split_once("Sources").is_some_and(|(head, _)| head.contains(key)), "{line}");
            assert!(*date == "undated" || (date.len() == 7 && date.starts_with("20")), "{line}");
            assert!(usd.parse::<f64>().is_ok_and(|usd| usd > 0.0 && usd < 1.0), "{line}");
        }
    }

    #[test]
    fn a_region_without_a_price_gets_none() {
        assert_eq!(price("us-east-1", "fargate-vcpu").map(|price| price.usd), Some(0.04048));
        assert_eq!(price("mars-north-1", "fargate-vcpu"), None);
        assert_eq!(price("mars-north-1", "ipv4").map(|price| price.usd), Some(0.005));
        assert!(is_known("eu-west-1") && !is_known("mars-north-1"));
        let oldest = ["2026-10", "2024-12", ""].into_iter().fold("", older);
        assert_eq!((oldest, older("undated", oldest)), ("2024-12", "undated"));
    }
}
