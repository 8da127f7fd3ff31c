//! How a plan reads.

use jiff::Timestamp;

use super::{Costs, Plan, Plans, StackPlan};
use crate::page::{Body, Cell, Mark, Page, Paged};
use crate::plan::change::{Action, Change, Property};
use crate::plan::cost::{Cost, Item};
use crate::plan::resource_type::Effect;

/// Most characters of a value; the JSON has all of it.
const LONGEST: usize = 48;

impl Paged for Plans {
    fn page(&self, now: Timestamp) -> Page {
        Page { sections: self.plans.iter().flat_map(|plan| plan.page(now).sections).collect() }
    }
}

impl Paged for Plan {
    fn page(&self, _now: Timestamp) -> Page {
        let mut page = Page::new();
        for stack in &self.stacks {
            page = page.with(
                &format!("Plan for {} ({})", stack.title, stack.stack),
                Body::Lines(self.summary(stack)),
            );
            let rows = stack.changes.resources.iter().flat_map(rows).collect();
            page = page.with("", Body::table(&["Resource", "What changes", "Where"], rows));
        }
        let images = self.images.iter().map(|image| {
            let what = match (image.build, image.address.as_str()) {
                (true, _) => "is built and pushed".to_owned(),
                (false, "") => "stays".to_owned(),
                (false, address) => digest(address),
            };
            (image.container.clone(), Cell::from(format!("{what}: {}", image.reason)))
        });
        let uploads = self.uploads.iter().map(|upload| {
            let what = if upload.upload { "is uploaded" } else { "is already there" };
            (upload.what.clone(), Cell::from(what))
        });
        let features = self.features.iter().map(|switch| {
            let what =
                if switch.on { "is switched on" } else { "is switched off: nothing needs it any more" };
            (switch.feature.clone(), Cell::from(what))
        });
        page.with("Images", Body::Pairs(images.collect()))
            .with("Files the stack refers to", Body::Pairs(uploads.collect()))
            .with(
                "Files of the site (+ new, ~ changed, - gone)",
                Body::Lines(self.files.iter().map(|line| file(line)).collect()),
            )
            .with(&format!("In the environment {}", self.environment), Body::Pairs(features.collect()))
            .with(
                "Host names that get a record and a place in a certificate",
                Body::Lines(self.names.iter().map(|name| Cell::from(name.as_str())).collect()),
            )
            .with(
                "Cost a month, as far as it does not depend on use",
                Body::Lines(costs(&self.cost, &self.region)),
            )
    }
}

/// What tells an image from others of its repository: the beginning of its digest, or its tag.
fn digest(address: &str) -> String {
    match address.split_once("@sha256:") {
        Some((_, digest)) => format!("sha256:{}", digest.chars().take(12).collect::<String>()),
        None => address.rsplit('/').next().unwrap_or(address).to_owned(),
    }
}

fn file(line: &str) -> Cell {
    let mark = match line.chars().next() {
        Some('+') => Mark::Good,
        Some('-') => Mark::Bad,
        _ => Mark::Plain,
    };
    Cell::new(line, mark)
}

impl Plan {
    fn summary(&self, stack: &StackPlan) -> Vec<Cell> {
        let changes = &stack.changes;
        let count = |action: Action| changes.with(action).count();
        let parts = [
            (count(Action::Add), "new"),
            (count(Action::Modify), "changed in place"),
            (count(Action::Replace), "replaced"),
            (count(Action::MayReplace), "perhaps replaced"),
            (count(Action::Remove), "deleted"),
            (count(Action::Keep), "left alone, outside of the stack"),
            (stack.machinery, "gone that only served Copilot"),
        ];
        let told: Vec<String> = parts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        let rest = changes.unchanged;
        let mut lines = vec![Cell::from(match (stack.new, told.is_empty()) {
            (true, _) => format!("A new stack; resources: {}.", told.join(", ")),
            (false, true) => format!("No resource changes; {rest} stay as they are."),
            (false, false) => format!("Resources: {}; {rest} stay as they are.", told.join(", ")),
        })];
        if self.takeover && stack.machinery > 0 {
            lines.push(Cell::from("It was deployed by Copilot and is taken over first: see `wharf doctor`."));
        }
        let lost = changes.lost_exports.iter();
        lines.extend(lost.map(|name| Cell::new(format!("The export {name} would be gone."), Mark::Bad)));
        lines
    }
}

/// A resource, with a row for each property.
fn rows(change: &Change) -> Vec<Vec<Cell>> {
    let (sign, what, mark) = match (change.action, change.policy.as_str()) {
        (Action::Add, _) => ("+", "new", Mark::Good),
        (Action::Modify, _) if change.kind == "AWS::ECS::TaskDefinition" => {
            ("~", "a new revision", Mark::Plain)
        }
        (Action::Modify, _) => ("~", "changed in place", Mark::Plain),
        (Action::Replace, "retain") => ("-/+", "replaced; the old one is kept", Mark::Bad),
        (Action::Replace, "snapshot") => ("-/+", "replaced; a snapshot is kept", Mark::Bad),
        (Action::Replace, _) => ("-/+", "replaced: a new one, then the old one is deleted", Mark::Bad),
        (Action::MayReplace, _) => ("?/+", "perhaps replaced: AWS decides", Mark::Bad),
        (Action::Remove, "snapshot") => ("-", "deleted; a snapshot is kept", Mark::Bad),
        (Action::Remove, _) => ("-", "deleted", Mark::Bad),
        (Action::Keep, _) => ("-", "leaves the stack and is kept", Mark::Plain),
    };
    let kind = change.kind.strip_prefix("AWS::").unwrap_or(&change.kind);
    let mut rows = vec![vec![
        Cell::new(format!("{sign} {}", change.id), mark),
        Cell::new(what, mark),
        Cell::new(kind, Mark::Dim),
    ]];
    rows.extend(change.properties.iter().map(property));
    rows
}

fn property(property: &Property) -> Vec<Cell> {
    let name = if property.words.is_empty() { &property.path } else { &property.words };
    let change = match (&property.old, &property.new) {
        (Some(old), Some(new)) => format!("{name}: {} -> {}", short(old), short(new)),
        (None, Some(new)) => format!("{name}: now {}", short(new)),
        (Some(old), None) => format!("{name}: no longer {}", short(old)),
        (None, None) => name.clone(),
    };
    let (tail, mark) = match property.effect {
        Effect::Update => ("", Mark::Plain),
        Effect::Replace if property.reason.is_empty() => (" (can't be changed in place)", Mark::Bad),
        Effect::MayReplace if property.reason.is_empty() => {
            (" (can't always be changed in place)", Mark::Bad)
        }
        _ => ("", Mark::Bad),
    };
    let reason = if property.reason.is_empty() { String::new() } else { format!(" ({})", property.reason) };
    let place = if property.words.is_empty() { String::new() } else { property.path.clone() };
    vec![Cell::default(), Cell::new(format!("{change}{tail}{reason}"), mark), Cell::new(place, Mark::Dim)]
}

/// A value that does not fill the screen.
fn short(text: &str) -> String {
    let line = text.replace('\n', " ");
    if line.chars().count() <= LONGEST {
        return line;
    }
    format!("{}...", line.chars().take(LONGEST - 3).collect::<String>())
}

fn costs(costs: &Costs, region: &str) -> Vec<Cell> {
    let (before, after) = (&costs.before, &costs.after);
    if before.items.is_empty() && after.items.is_empty() {
        return vec![];
    }
    let mut lines = vec![];
    if costs.region_known {
        let sign = if costs.difference < 0.0 { "-" } else { "+" };
        lines.push(Cell::from(format!(
            "{} now, {} then: {sign}{}",
            dollars(before.monthly),
            dollars(after.monthly),
            dollars(costs.difference.abs())
        )));
    } else {
        lines
            .push(Cell::from(format!("no prices for {region} are known; `wharf cost --refresh` reads them")));
    }
    lines.extend(after.items.iter().map(|one| item(one, !before.items.contains(one))));
    let gone = before.items.iter().filter(|one| !after.items.contains(one));
    lines.extend(gone.map(|one| Cell::new(format!("no longer: {}", item_words(one)), Mark::Dim)));
    lines.extend(by_use(after));
    lines
}

fn item(item: &Item, new: bool) -> Cell {
    Cell::new(item_words(item), if new { Mark::Plain } else { Mark::Dim })
}

/// What is paid for, and how much.
pub(in crate::ops) fn item_words(item: &Item) -> String {
    let price = match (item.monthly, item.estimate) {
        (Some(usd), false) => dollars(usd),
        (Some(usd), true) => format!("about {}", dollars(usd)),
        (None, _) => "no price known".to_owned(),
    };
    format!("{}: {}, {price}", item.resource, item.what)
}

/// What comes on top, and of when the prices are.
pub(in crate::ops) fn by_use(cost: &Cost) -> Vec<Cell> {
    let mut lines = vec![];
    if !cost.usage.is_empty() {
        lines.push(Cell::new(format!("by use, on top: {}", cost.usage.join("; ")), Mark::Dim));
    }
    let dates = match cost.prices_of.as_str() {
        "" => return lines,
        "undated" => "some of unknown date".to_owned(),
        month => format!("the oldest of {month}"),
    };
    lines.push(Cell::new(format!("list prices without taxes, 730 hours a month; {dates}"), Mark::Dim));
    lines
}

/// An amount such as `$18.02`.
pub(in crate::ops) fn dollars(usd: f64) -> String {
    format!("${usd:.2}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::{Image, Switch, Upload};
    use super::*;
    use crate::plan::change::{Around, Side, changes};
    use crate::plan::cost::cost;
    use crate::plan::evaluate::{Given, evaluate};
    use crate::plan::price::Prices;
    use crate::ui::page::{Look, draw};
    use crate::ui::style::Style;
    use crate::yaml::template::parse;

    const OLD: &str = "Resources:
  Service: {Type: 'AWS::ECS::Service', Properties: {TaskDefinition: !Ref TaskDefinition, DesiredCount: 1}}
  TaskDefinition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      {Cpu: 256, Memory: 512, ContainerDefinitions: [{Name: web, Image: 'registry/shop/web@sha256:0123456789abcdef0123456789abcdef'}]}
  TargetGroup: {Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: {Port: 8080}}
  Table: {Type: 'AWS::DynamoDB::Table', Properties: {KeySchema: [{AttributeName: id}]}}
  Queue: {Type: 'AWS::SQS::Queue'}
  Bucket: {Type: 'AWS::S3::Bucket', DeletionPolicy: Retain}
  Role: {Type: 'AWS::IAM::Role'}
Outputs: {Arn: {Value: 1, Export: {Name: shop-test-web-Arn}}}
";
    const NEW: &str = "Resources:
  Service: {Type: 'AWS::ECS::Service', Properties: {TaskDefinition: !Ref TaskDefinition, DesiredCount: 2}}
  TaskDefinition:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: 512
      Memory: 1024
      ContainerDefinitions:
        - {Name: web, Image: 'registry/shop/web@sha256:fedcba9876543210fedcba9876543210', Environment: [{Name: API_TOKEN, Value: correct-horse}]}
  TargetGroup: {Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: {Port: 9090}}
  Table: {Type: 'AWS::DynamoDB::Table', Properties: {KeySchema: [{AttributeName: key}]}}
  Alarm: {Type: 'AWS::CloudWatch::Alarm'}
  Role: {Type: 'AWS::IAM::Role'}
";

    fn plan(region: &str) -> Plan {
        let (old, new) = (parse(OLD).unwrap(), parse(NEW).unwrap());
        let none = BTreeMap::new();
        let (old, new) =
            (Side { template: &old, parameters: &none }, Side { template: &new, parameters: &none });
        let given = Given { region: region.to_owned(), ..Given::default() };
        let prices = Prices::default();
        let priced = |side: Side<'_>| cost(&evaluate(side.template, &given).resources, prices.of(region));
        let changes = changes(old, new, &Around { given: &given, known: &Clone::clone, workload: "web" });
        Plan {
            kind: "service",
            name: "web".into(),
            environment: "test".into(),
            region: region.to_owned(),
            takeover: false,
            stacks: vec![StackPlan {
                stack: "shop-test-web".into(),
                title: "service web in test".into(),
                new: false,
                changes,
                machinery: 0,
            }],
            images: vec![Image {
                container: "web".into(),
                repository: "registry/shop/web".into(),
                build: true,
                reason: "its content is new".into(),
                address: String::new(),
            }],
            uploads: vec![Upload { what: "environment file of web".into(), upload: false }],
            files: vec!["+ index.html".into(), "- old.html".into()],
            features: vec![
                Switch { feature: "NAT gateways".into(), on: true },
                Switch { feature: "public load balancer".into(), on: false },
            ],
            names: vec!["www.example.com".into()],
            cost: Costs::new(prices.of(region), priced(old), priced(new)),
        }
    }

    #[test]
    fn plans_read_on_narrow_and_wide_terminals_with_and_without_colours() {
        let page = plan("us-east-1").page(Timestamp::UNIX_EPOCH);
        for (width, colour) in [(80, false), (120, false), (80, true), (120, true)] {
            let text = draw(&page, Look { width, style: Style { colour, unicode: true } });
            assert!(!text.contains("correct-horse"), "{text}");
            let name = format!("plan_{width}_{}", if colour { "colour" } else { "plain" });
            insta::assert_snapshot!(name, text.replace('\u{1b}', "<ESC>"));
        }
    }

    #[test]
    fn a_region_without_prices_gets_no_number() {
        let page = plan("mars-north-1").page(Timestamp::UNIX_EPOCH);
        let text = draw(&page, Look { width: 0, style: Style { colour: false, unicode: true } });
        assert!(text.contains("no prices for mars-north-1 are known"), "{text}");
        assert!(!text.contains('$') || text.contains("${"), "{text}");
        assert!(text.contains("(Linux, x86), no price known"), "{text}");
    }
}
