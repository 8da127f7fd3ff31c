//! What a template's resources cost a month: what is paid by the hour, whether it is used or not.
//!
//! What depends on use (requests, data, log lines, the runs of jobs) is named and not guessed.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::evaluate::Resource;
use super::price::{HOURS, Regional, SPOT_SAVES, older};

/// A part of the cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Item {
    /// Logical id of what costs it.
    pub resource: String,
    /// What is paid for, such as `2 tasks of 0.25 vCPU and 0.5 GB (Linux, x86)`.
    pub what: String,
    /// US dollars a month; absent without a known price.
    pub monthly: Option<f64>,
    /// Whether it is no more than an estimate, such as with Spot.
    pub estimate: bool,
}

/// What is paid for resources.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Cost {
    /// US dollars a month of all items with a price.
    pub monthly: f64,
    /// The parts.
    pub items: Vec<Item>,
    /// What is paid by use, a clause each.
    pub usage: Vec<String>,
    /// The oldest month of a price in it, such as `2025-10`, or `undated`; empty without a price.
    pub prices_of: String,
}

impl Cost {
    /// Both together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.monthly = cents(self.monthly + other.monthly);
        self.items.extend(other.items);
        for text in other.usage {
            if !self.usage.contains(&text) {
                self.usage.push(text);
            }
        }
        self.prices_of = older(&self.prices_of, &other.prices_of).to_owned();
        self
    }

    /// Whether something in it has no known price.
    #[must_use]
    pub fn is_partial(&self) -> bool {
        self.items.iter().any(|item| item.monthly.is_none())
    }
}

/// What the resources of an evaluated template cost a month at the prices of a region.
#[must_use]
pub fn cost(resources: &BTreeMap<String, Resource>, prices: Regional<'_>) -> Cost {
    let mut book = Book { prices, cost: Cost::default() };
    for (id, resource) in resources {
        let properties = &resource.properties;
        match resource.kind.as_str() {
            "AWS::ECS::Service" => service(&mut book, resources, id, properties),
            "AWS::ElasticLoadBalancingV2::LoadBalancer" => balancer(&mut book, id, properties),
            "AWS::EC2::NatGateway" => {
                book.pay(id, "NAT gateway", &[("nat", 1.0)], 1.0, false);
                book.unit("data through NAT gateways", "nat-data");
            }
            "AWS::EC2::EIP" => book.pay(id, "public IPv4 address", &[("ipv4", 1.0)], 1.0, false),
            "AWS::AppRunner::Service" => {
                let gigabytes = size(&properties["InstanceConfiguration"]["Memory"]).unwrap_or(2.0);
                let what = format!("1 instance's memory of {} GB", number(gigabytes));
                book.pay(id, &what, &[("apprunner-gb", gigabytes)], 1.0, false);
                book.usage("vCPU of App Runner instances that answer requests");
            }
            "AWS::Logs::LogGroup" => {
                book.unit("log lines taken in", "logs-in");
                book.unit("log lines stored, a month", "logs-stored");
            }
            "AWS::StepFunctions::StateMachine" => book.usage("tasks of jobs, while they run"),
            "AWS::CloudFront::Distribution" => book.usage("requests and data of CloudFront"),
            kind => {
                if let Some((_, what)) = OTHERS.iter().find(|(start, _)| kind.starts_with(start)) {
                    book.cost.items.push(Item {
                        resource: id.clone(),
                        what: (*what).to_owned(),
                        monthly: None,
                        estimate: false,
                    });
                } else if let Some((_, what)) = BY_USE.iter().find(|(name, _)| *name == kind) {
                    book.usage(what);
                }
            }
        }
    }
    book.cost
}

/// Types, by how they begin, that are paid by the hour at prices that the table has not.
const OTHERS: &[(&str, &str)] = &[
    ("AWS::RDS::DBInstance", "database instance"),
    ("AWS::RDS::DBCluster", "database cluster"),
    ("AWS::DocDB::DBInstance", "database instance"),
    ("AWS::Neptune::DBInstance", "database instance"),
    ("AWS::ElastiCache::", "cache"),
    ("AWS::MemoryDB::Cluster", "cache"),
    ("AWS::OpenSearchService::Domain", "search domain"),
    ("AWS::MSK::Cluster", "Kafka cluster"),
    ("AWS::AmazonMQ::Broker", "message broker"),
    ("AWS::Redshift::Cluster", "data warehouse"),
    ("AWS::EC2::Instance", "EC2 instance"),
    ("AWS::EC2::VPCEndpoint", "VPC endpoint"),
];

/// Types that are paid by use alone.
const BY_USE: &[(&str, &str)] = &[
    ("AWS::DynamoDB::Table", "requests and storage of DynamoDB"),
    ("AWS::EFS::FileSystem", "storage of EFS"),
    ("AWS::S3::Bucket", "requests and storage of S3"),
    ("AWS::SQS::Queue", "requests of SQS"),
    ("AWS::SNS::Topic", "messages of SNS"),
    ("AWS::Lambda::Function", "calls of Lambda functions"),
];

struct Book<'a> {
    prices: Regional<'a>,
    cost: Cost,
}

impl Book<'_> {
    /// Enters something that is paid by the hour: `parts` are keys of prices and how much of each one piece takes.
    fn pay(&mut self, id: &str, what: &str, parts: &[(&str, f64)], pieces: f64, estimate: bool) {
        let hourly: Option<f64> =
            parts.iter().map(|(key, amount)| self.price(key).map(|usd| usd * amount)).sum();
        let saved = if estimate { 1.0 - SPOT_SAVES } else { 1.0 };
        let monthly = hourly.map(|usd| cents(usd * pieces * saved * HOURS));
        self.cost.monthly = cents(self.cost.monthly + monthly.unwrap_or_default());
        self.cost.items.push(Item { resource: id.to_owned(), what: what.to_owned(), monthly, estimate });
    }

    fn price(&mut self, key: &str) -> Option<f64> {
        let price = self.prices.price(key)?;
        self.cost.prices_of = older(&self.cost.prices_of, price.date).to_owned();
        Some(price.usd)
    }

    fn usage(&mut self, what: &str) {
        if !self.cost.usage.iter().any(|known| known == what) {
            self.cost.usage.push(what.to_owned());
        }
    }

    /// Names what is paid by the GB.
    fn unit(&mut self, what: &str, key: &str) {
        let text = match self.prices.price(key) {
            Some(price) => format!("{what} (${} a GB)", number(price.usd)),
            None => what.to_owned(),
        };
        self.usage(&text);
    }
}

/// Tasks of an ECS service, with their public addresses.
fn service(book: &mut Book<'_>, resources: &BTreeMap<String, Resource>, id: &str, properties: &Value) {
    let referred = properties["TaskDefinition"]["Ref"].as_str().and_then(|name| resources.get(name));
    let only = || resources.values().find(|resource| resource.kind == "AWS::ECS::TaskDefinition");
    let Some(task) = referred.or_else(only).map(|task| &task.properties) else { return };
    let (Some(cpu), Some(memory)) = (units(&task["Cpu"]), units(&task["Memory"])) else {
        book.usage("tasks, whose size is not known before they are deployed");
        return;
    };
    let (cpu, memory) = (cpu / 1024.0, memory / 1024.0);
    let scaled = resources.values().find(|one| one.kind == "AWS::ApplicationAutoScaling::ScalableTarget");
    let range = scaled
        .map(|target| (units(&target.properties["MinCapacity"]), units(&target.properties["MaxCapacity"])));
    let count = match (units(&properties["DesiredCount"]), range) {
        (Some(count), _) => count,
        (None, Some((Some(least), most))) => {
            let most = most.map(number).unwrap_or_default();
            book.usage(&format!("tasks above {}: it scales to {most}", number(least)));
            least
        }
        _ => 1.0,
    };
    let platform = &task["RuntimePlatform"];
    let windows = platform["OperatingSystemFamily"].as_str().is_some_and(|os| os.starts_with("WINDOWS"));
    let arm = platform["CpuArchitecture"].as_str() == Some("ARM64");
    let (name, mut parts) = match (windows, arm) {
        (true, _) => (
            "Windows",
            vec![("fargate-windows-vcpu", cpu), ("fargate-windows-gb", memory), ("fargate-windows-os", cpu)],
        ),
        (_, true) => ("Linux, ARM", vec![("fargate-arm-vcpu", cpu), ("fargate-arm-gb", memory)]),
        _ => ("Linux, x86", vec![("fargate-vcpu", cpu), ("fargate-gb", memory)]),
    };
    let storage = units(&task["EphemeralStorage"]["SizeInGiB"]).unwrap_or_default() - 20.0;
    if storage > 0.0 {
        parts.push(("fargate-storage", storage));
    }
    let what = |count: f64, spot: &str| {
        let tasks = if (count - 1.0).abs() < f64::EPSILON { "task" } else { "tasks" };
        format!("{} {tasks} of {} vCPU and {} GB ({name}{spot})", number(count), number(cpu), number(memory))
    };
    let spot = spot(&properties["CapacityProviderStrategy"], count);
    if count - spot > 0.0 || spot <= 0.0 {
        book.pay(id, &what(count - spot, ""), &parts, count - spot, false);
    }
    if spot > 0.0 {
        book.pay(id, &what(spot, ", Spot"), &parts, spot, true);
    }
    let addresses = &properties["NetworkConfiguration"]["AwsvpcConfiguration"]["AssignPublicIp"];
    if addresses.as_str() == Some("ENABLED") && count > 0.0 {
        book.pay(id, "public IPv4 addresses of its tasks", &[("ipv4", 1.0)], count, false);
    }
}

/// Tasks that run on Spot, of `count`, by base and weight of the providers.
fn spot(strategy: &Value, count: f64) -> f64 {
    let providers: Vec<(bool, f64, f64)> = strategy
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            let spot = one["CapacityProvider"].as_str() == Some("FARGATE_SPOT");
            (spot, units(&one["Base"]).unwrap_or_default(), units(&one["Weight"]).unwrap_or_default())
        })
        .collect();
    let based: f64 = providers.iter().map(|(_, base, _)| base).sum::<f64>().min(count);
    let weights: f64 = providers.iter().map(|(_, _, weight)| weight).sum();
    let of_spot = |part: fn(&(bool, f64, f64)) -> f64| -> f64 {
        providers.iter().filter(|(spot, ..)| *spot).map(part).sum()
    };
    let share = if weights > 0.0 { of_spot(|one| one.2) / weights } else { 0.0 };
    (of_spot(|one| one.1).min(count) + (count - based) * share).round()
}

fn balancer(book: &mut Book<'_>, id: &str, properties: &Value) {
    let (key, name) = match properties["Type"].as_str() {
        Some("network") => ("nlb", "network load balancer"),
        Some("gateway") => return book.usage("gateway load balancers"),
        _ => ("alb", "application load balancer"),
    };
    book.pay(id, name, &[(key, 1.0)], 1.0, false);
    book.usage("capacity units of load balancers");
    if properties["Scheme"].as_str() != Some("internal") {
        // One for each zone; two zones where the subnets are not known before.
        let lists = [&properties["Subnets"], &properties["SubnetMappings"]];
        let zones = lists.iter().find_map(|list| list.as_array()).map_or(2, Vec::len);
        let zones = u32::try_from(zones).unwrap_or(2);
        book.pay(id, &format!("{zones} public IPv4 addresses"), &[("ipv4", 1.0)], f64::from(zones), false);
    }
}

/// A number as templates have it: a number or a text.
fn units(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// GB of an App Runner instance: `2048` (MB) or `2 GB`.
fn size(value: &Value) -> Option<f64> {
    let text = value.as_str()?.trim();
    match text.strip_suffix("GB") {
        Some(gigabytes) => gigabytes.trim().parse().ok(),
        None => text.parse::<f64>().ok().map(|megabytes| megabytes / 1024.0),
    }
}

/// A number without zeros at its end.
fn number(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// Dollars to the cent.
fn cents(usd: f64) -> f64 {
    (usd * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::super::evaluate::{Given, evaluate};
    use super::super::price::Prices;
    use super::*;
    use crate::yaml::template::parse;

    fn costs(text: &str, region: &str) -> Cost {
        let given = Given { region: region.to_owned(), ..Given::default() };
        cost(&evaluate(&parse(text).unwrap(), &given).resources, Prices::default().of(region))
    }

    fn lines(cost: &Cost) -> Vec<String> {
        let items = cost.items.iter().map(|item| {
            let usd = item.monthly.map_or("no price".to_owned(), |usd| format!("{usd:.2}"));
            format!(
                "{}: {} = {usd}{}",
                item.resource,
                item.what,
                if item.estimate { " (estimate)" } else { "" }
            )
        });
        items.chain(cost.usage.iter().map(|text| format!("+ {text}"))).collect()
    }

    fn tasks(task: &str, service: &str) -> String {
        format!(
            "Resources:\n  T: {{Type: 'AWS::ECS::TaskDefinition', Properties: {{{task}}}}}\n\
             \x20 S: {{Type: 'AWS::ECS::Service', Properties: {{TaskDefinition: !Ref T, {service}}}}}\n"
        )
    }

    #[test]
    fn tasks_cost_by_size_count_and_platform() {
        let text = tasks("Cpu: 256, Memory: 512", "DesiredCount: 2");
        let found = costs(&text, "us-east-1");
        // 2 × (0.25 × 0.04048 + 0.5 × 0.004445) × 730
        assert_eq!(lines(&found), ["S: 2 tasks of 0.25 vCPU and 0.5 GB (Linux, x86) = 18.02"]);
        assert_eq!((found.monthly, found.prices_of.as_str()), (18.02, "2024-12"));
        let arm = tasks(
            "Cpu: 1024, Memory: 2048, RuntimePlatform: {CpuArchitecture: ARM64, OperatingSystemFamily: LINUX}",
            "DesiredCount: 1, NetworkConfiguration: {AwsvpcConfiguration: {AssignPublicIp: ENABLED}}",
        );
        assert_eq!(
            lines(&costs(&arm, "us-east-1")),
            [
                "S: 1 task of 1 vCPU and 2 GB (Linux, ARM) = 28.84",
                "S: public IPv4 addresses of its tasks = 3.65"
            ]
        );
        let windows = tasks(
            "Cpu: 1024, Memory: 2048, RuntimePlatform: {OperatingSystemFamily: WINDOWS_SERVER_2022_CORE}",
            "DesiredCount: 1",
        );
        assert_eq!(
            lines(&costs(&windows, "us-east-1")),
            ["S: 1 task of 1 vCPU and 2 GB (Windows) = no price"]
        );
        assert!(costs(&windows, "us-east-1").is_partial());
    }

    #[test]
    fn spot_is_an_estimate() {
        let text = tasks(
            "Cpu: 1024, Memory: 2048",
            "DesiredCount: 4, CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Weight: 1}, {CapacityProvider: FARGATE, Weight: 0, Base: 1}]",
        );
        assert_eq!(
            lines(&costs(&text, "us-east-1")),
            [
                "S: 1 task of 1 vCPU and 2 GB (Linux, x86) = 36.04",
                "S: 3 tasks of 1 vCPU and 2 GB (Linux, x86, Spot) = 32.44 (estimate)"
            ]
        );
    }

    #[test]
    fn a_scaled_service_costs_its_least_count() {
        let text = tasks("Cpu: 256, Memory: 512", "")
            + "  A: {Type: 'AWS::ApplicationAutoScaling::ScalableTarget', Properties: {MinCapacity: 2, MaxCapacity: 10}}\n";
        assert_eq!(
            lines(&costs(&text, "us-east-1")),
            ["S: 2 tasks of 0.25 vCPU and 0.5 GB (Linux, x86) = 18.02", "+ tasks above 2: it scales to 10"]
        );
    }

    #[test]
    fn what_an_environment_costs() {
        let text = "Resources:\n  Lb: {Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: {Scheme: internet-facing, Subnets: [a, b]}}\n\
            \x20 Inner: {Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: {Scheme: internal}}\n\
            \x20 Net: {Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: {Scheme: internal, Type: network}}\n\
            \x20 Nat: {Type: 'AWS::EC2::NatGateway'}\n  Ip: {Type: 'AWS::EC2::EIP'}\n  Logs: {Type: 'AWS::Logs::LogGroup'}\n\
            \x20 Db: {Type: 'AWS::RDS::DBInstance'}\n  Table: {Type: 'AWS::DynamoDB::Table'}\n\
            \x20 App: {Type: 'AWS::AppRunner::Service', Properties: {InstanceConfiguration: {Memory: 2048}}}\n";
        assert_eq!(
            lines(&costs(text, "us-east-1")),
            [
                "App: 1 instance's memory of 2 GB = 10.22",
                "Db: database instance = no price",
                "Inner: application load balancer = 16.43",
                "Ip: public IPv4 address = 3.65",
                "Lb: application load balancer = 16.43",
                "Lb: 2 public IPv4 addresses = 7.30",
                "Nat: NAT gateway = 32.85",
                "Net: network load balancer = 16.43",
                "+ vCPU of App Runner instances that answer requests",
                "+ capacity units of load balancers",
                "+ log lines taken in ($0.5 a GB)",
                "+ log lines stored, a month",
                "+ data through NAT gateways ($0.045 a GB)",
                "+ requests and storage of DynamoDB",
            ]
        );
        let elsewhere = costs(text, "mars-north-1");
        assert!(elsewhere.items.iter().all(|item| item.monthly.is_none() || item.what.contains("IPv4")));
    }
}
