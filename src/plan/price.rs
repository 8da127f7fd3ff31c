//! Prices by region: a table in the binary, the head of which says where every number is from and of when it is, and what
//! has been read of the AWS Price List since.

/// The table.
const TABLE: &str = include_str!("prices.txt");

/// Hours of a month, as AWS counts them in its estimates.
pub const HOURS: f64 = 730.0;

/// Part of the price of Fargate that Spot saves at most, as AWS says; the true price moves with the day.
pub const SPOT_SAVES: f64 = 0.7;

/// A price.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price<'a> {
    /// US dollars for an hour (of a vCPU, of a GB, of a load balancer …) or for a GB.
    pub usd: f64,
    /// The month in which it was so, such as `2026-09`, or `undated`.
    pub date: &'a str,
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

/// All known prices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prices {
    /// Lines as in the table, what was read before what is built in.
    text: String,
}

impl Default for Prices {
    fn default() -> Self {
        Self::with("")
    }
}

impl Prices {
    /// The table's prices, and before them those of `read`: lines as [`line`] makes them. What is no such line is passed over.
    #[must_use]
    pub fn with(read: &str) -> Self {
        Self { text: format!("{read}\n{TABLE}") }
    }

    /// Those of a region.
    #[must_use]
    pub fn of<'a>(&'a self, region: &'a str) -> Regional<'a> {
        Regional { prices: self, region }
    }

    fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
            let mut words = line.split(' ');
            let (region, key) = (words.next()?, words.next()?);
            let usd = words.next()?.parse().ok()?;
            Some(Row { region, key, price: Price { usd, date: words.next()? } })
        })
    }
}

/// The prices of a region.
#[derive(Debug, Clone, Copy)]
pub struct Regional<'a> {
    prices: &'a Prices,
    region: &'a str,
}

impl<'a> Regional<'a> {
    /// The price of `key`; `None` when it is not known.
    #[must_use]
    pub fn price(&self, key: &str) -> Option<Price<'a>> {
        let fits = |row: &Row<'_>| (row.region == self.region || row.region == "*") && row.key == key;
        self.prices.rows().find(fits).map(|row| row.price)
    }

    /// Whether anything is known of the region besides what costs the same everywhere.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.prices.rows().any(|row| row.region == self.region)
    }
}

/// A line for [`Prices::with`]: a price that AWS's Price List gave in `month`, such as `2026-09`.
#[must_use]
pub fn line(region: &str, key: &str, usd: f64, month: &str) -> String {
    let usd = format!("{usd:.7}");
    format!("{region} {key} {} {month} L", usd.trim_end_matches('0').trim_end_matches('.'))
}

struct Row<'a> {
    region: &'a str,
    key: &'a str,
    price: Price<'a>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_a_price_a_date_and_a_source_that_the_head_names() {
        let lines: Vec<&str> = TABLE.lines().filter(|line| !line.starts_with('#')).collect();
        assert!(lines.is_sorted(), "scripts/prices sorts them");
        assert_eq!(lines.len(), Prices::default().rows().count());
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
        let prices = Prices::default();
        let usd = |region, key| prices.of(region).price(key).map(|price| price.usd);
        assert_eq!(usd("us-east-1", "fargate-vcpu"), Some(0.04048));
        assert_eq!(usd("mars-north-1", "fargate-vcpu"), None);
        assert_eq!(usd("mars-north-1", "ipv4"), Some(0.005));
        assert!(prices.of("eu-west-1").is_known() && !prices.of("mars-north-1").is_known());
        let oldest = ["2026-10", "2024-12", ""].into_iter().fold("", older);
        assert_eq!((oldest, older("undated", oldest)), ("2024-12", "undated"));
    }

    #[test]
    fn what_was_read_counts_before_what_is_built_in() {
        let read = [line("eu-west-1", "alb", 0.0301, "2026-11"), "torn off".to_owned()].join("\n");
        assert_eq!(read, "eu-west-1 alb 0.0301 2026-11 L\ntorn off");
        let prices = Prices::with(&read);
        assert_eq!(prices.of("eu-west-1").price("alb"), Some(Price { usd: 0.0301, date: "2026-11" }));
        assert_eq!(prices.of("us-east-1").price("alb").map(|price| price.usd), Some(0.0225));
        assert_eq!(line("x", "logs-in", 1.0, "2026-11"), "x logs-in 1 2026-11 L");
        assert_eq!(line("x", "fargate-storage", 0.000111, "2026-11"), "x fargate-storage 0.000111 2026-11 L");
    }
}
