//! Prices that are read of the AWS Price List, and kept for this user beside those that are built in.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use super::{Error, Result, Session};
use crate::aws::Connection;
use crate::aws::pricing::Product;
use crate::event::Step;
use crate::plan::price::{self, Prices};
use crate::workspace::file::{self, Privacy};

/// What is listed: a service of the Price List, a family of its products (empty: all), and the prices among them as key of
/// the table, end of the usage type, and operation (empty: any).
struct List {
    service: &'static str,
    family: &'static str,
    prices: &'static [(&'static str, &'static str, &'static str)],
}

const LISTS: &[List] = &[
    List {
        service: "AmazonECS",
        family: "",
        prices: &[
            ("fargate-vcpu", "Fargate-vCPU-Hours:perCPU", ""),
            ("fargate-gb", "Fargate-GB-Hours", ""),
            ("fargate-arm-vcpu", "Fargate-ARM-vCPU-Hours:perCPU", ""),
            ("fargate-arm-gb", "Fargate-ARM-GB-Hours", ""),
            ("fargate-windows-vcpu", "Fargate-Windows-vCPU-Hours:perCPU", ""),
            ("fargate-windows-gb", "Fargate-Windows-GB-Hours", ""),
            ("fargate-windows-os", "Fargate-Windows-OS-Hours:perCPU", ""),
            ("fargate-storage", "Fargate-EphemeralStorage-GB-Hours", ""),
        ],
    },
    List {
        service: "AWSELB",
        family: "Load Balancer-Application",
        prices: &[("alb", "LoadBalancerUsage", "")],
    },
    List { service: "AWSELB", family: "Load Balancer-Network", prices: &[("nlb", "LoadBalancerUsage", "")] },
    List {
        service: "AmazonEC2",
        family: "NAT Gateway",
        prices: &[("nat", "NatGateway-Hours", "NatGateway"), ("nat-data", "NatGateway-Bytes", "NatGateway")],
    },
    List {
        service: "AWSAppRunner",
        family: "",
        prices: &[("apprunner-gb", "AppRunner-Provisioned-GB-hours", "")],
    },
    List {
        service: "AmazonCloudWatch",
        family: "",
        prices: &[("logs-in", "DataProcessing-Bytes", ""), ("logs-stored", "TimedStorage-ByteHrs", "")],
    },
];

/// Lists that are asked for side by side: the API allows ten calls a second.
const AT_ONCE: usize = 3;

impl Session {
    /// All known prices: those that were read for this user, and those that are built in.
    #[must_use]
    pub fn prices(&self) -> Arc<Prices> {
        let known = self.prices.get_or_init(|| {
            // What can't be read does not keep a plan from being made.
            let read = self.prices_file().and_then(|path| file::read_optional(&path).ok().flatten());
            Arc::new(Prices::with(&read.unwrap_or_default()))
        });
        Arc::clone(known)
    }

    /// Where prices are kept that were read; `None` without a home.
    fn prices_file(&self) -> Option<PathBuf> {
        let variable = |name| self.variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let folder = variable("XDG_CACHE_HOME")
            .or_else(|| variable("LOCALAPPDATA"))
            .or_else(|| variable("HOME").map(|home| home.join(".cache")))?;
        Some(folder.join("wharf").join("prices.txt"))
    }
}

/// Reads the prices of regions of the AWS Price List and keeps them for later plans and costs of this user.
///
/// # Errors
/// No permission to read the list, no answer, no place to keep it.
pub(super) async fn refresh(session: &Session, regions: &BTreeSet<String>) -> Result<()> {
    let path = session.prices_file().ok_or_else(|| {
        Error::Usage(
            "there is no place to keep prices: XDG_CACHE_HOME or HOME has to name a directory".to_owned(),
        )
    })?;
    let month = Timestamp::now().strftime("%Y-%m").to_string();
    let aws = session.aws().await;
    let mut lines = vec![];
    for region in regions {
        let title = format!("Read the prices of {region}");
        let step = session.step(&title, Step::Work, &title);
        let found = step.run(read(aws, region)).await?;
        match found.is_empty() {
            true => step.skipped("the AWS Price List has none"),
            false => step.done(&format!("{} prices", found.len())),
        }
        lines.extend(found.iter().map(|(key, usd)| price::line(region, key, *usd, &month)));
    }
    // Another run may have read other regions meanwhile.
    let before = file::read_optional(&path)?.unwrap_or_default();
    file::replace(&path, together(lines, &before).as_bytes(), Privacy::Shared)?;
    Ok(())
}

/// Lines that were read now, with those of `before` that they say nothing of: an older price, which says of when it is, is better
/// than none.
fn together(mut lines: Vec<String>, before: &str) -> String {
    fn place(line: &str) -> Option<(&str, &str)> {
        let mut words = line.split(' ');
        Some((words.next()?, words.next()?))
    }
    let known: BTreeSet<_> = lines.iter().filter_map(|line| place(line)).collect();
    let others = before.lines().filter(|line| place(line).is_some_and(|place| !known.contains(&place)));
    let others: Vec<String> = others.map(str::to_owned).collect();
    lines.extend(others);
    lines.sort();
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Prices of a region by key.
async fn read(aws: &Connection, region: &str) -> Result<Vec<(&'static str, f64)>> {
    let door = &aws.pricing();
    let lists = LISTS.iter().map(|list| async move {
        let products = door.products(list.service, region, list.family).await?;
        let found = list
            .prices
            .iter()
            .filter_map(|(key, usage, operation)| Some((*key, the_only(&products, usage, operation)?)));
        Ok::<_, Error>(found.collect::<Vec<_>>())
    });
    let found: Vec<_> = stream::iter(lists).buffered(AT_ONCE).try_collect().await?;
    Ok(found.concat())
}

/// The price of a usage type; `None` where it has none, or several of which nobody knows which counts.
fn the_only(products: &[Product], usage: &str, operation: &str) -> Option<f64> {
    let fits = |product: &&Product| {
        let before = product.usage_type.strip_suffix(usage);
        // Before it stands a region's mark and nothing else: `EUC1-`, not `EUC1-Outposts-`.
        let is_it = before.is_some_and(|mark| mark.is_empty() || (mark.find('-') == Some(mark.len() - 1)));
        is_it && (operation.is_empty() || product.operation == operation)
    };
    let mut prices: Vec<f64> = products.iter().filter(fits).flat_map(|product| product.usd.clone()).collect();
    prices.sort_by(f64::total_cmp);
    prices.dedup();
    match prices.as_slice() {
        [price] => Some(*price),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn product(usage: &str, operation: &str, usd: &[f64]) -> Product {
        Product {
            usage_type: usage.to_owned(),
            family: String::new(),
            operation: operation.to_owned(),
            usd: usd.to_vec(),
        }
    }

    #[test]
    fn a_usage_type_has_one_price_or_none() {
        let products = [
            product("EUC1-LoadBalancerUsage", "", &[0.027]),
            product("EUC1-Outposts-LoadBalancerUsage", "", &[0.5]),
            product("EUC1-LCUUsage", "", &[0.008]),
            product("NatGateway-Hours", "NatGateway", &[0.045]),
            product("NatGateway-Hours", "RegionalNatGateway", &[0.09]),
            product("EU-Twice", "", &[1.0]),
            product("EUW1-Twice", "", &[2.0]),
        ];
        assert_eq!(the_only(&products, "LoadBalancerUsage", ""), Some(0.027));
        assert_eq!(the_only(&products, "NatGateway-Hours", "NatGateway"), Some(0.045));
        assert_eq!(the_only(&products, "NatGateway-Hours", ""), None);
        assert_eq!(the_only(&products, "Twice", ""), None);
        assert_eq!(the_only(&products, "TimedStorage-ByteHrs", ""), None);
    }

    #[test]
    fn what_was_not_found_this_time_stays_known() {
        let before = "eu-west-1 alb 0.02 2026-08 L\neu-west-1 nat 0.05 2026-08 L\nus-east-1 alb 0.01 2026-08 L\ntorn\n";
        let now = vec!["eu-west-1 nat 0.048 2026-11 L".to_owned()];
        assert_eq!(
            together(now, before),
            "eu-west-1 alb 0.02 2026-08 L\neu-west-1 nat 0.048 2026-11 L\nus-east-1 alb 0.01 2026-08 L\n"
        );
        assert_eq!(together(vec![], ""), "");
    }

    #[test]
    fn every_key_is_one_of_the_table() {
        let head = include_str!("../plan/prices.txt");
        for (key, ..) in LISTS.iter().flat_map(|list| list.prices) {
            assert!(head.contains(key), "{key}");
        }
    }
}
