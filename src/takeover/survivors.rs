//! What lives on through a takeover: what the machinery made, and what people look for when Copilot's machinery goes.
//!
//! A comparison says of every resource what becomes of it. This says it of things that are no resources of the stack
//! (certificates, records, priorities, parameters) and of those that a team asks for first.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::compare::{Comparison, Side, Verdict};
use super::inherited::{Inherited, Physical};
use super::known::Known;
use crate::plan::evaluate::{Evaluated, evaluate};

/// What lives on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Survivors {
    /// Certificates, sorted by ARN.
    pub certificates: Vec<Certificate>,
    /// Id of the environment's hosted zone; empty when there is none.
    pub hosted_zone: String,
    /// Host names with records, sorted: those of the stack, and those that custom resources wrote.
    pub records: Vec<String>,
    /// Listener rules with their priorities.
    pub rules: Vec<Rule>,
    /// The environment's parameters that switch features on, by name.
    pub features: BTreeMap<String, String>,
    /// Tasks of the service; absent when there is none, or it can't be read.
    pub tasks: Option<Tasks>,
    /// Name of the bucket with the load balancer's access logs; empty when the stack has none.
    pub access_logs: String,
    /// Names of the exports.
    pub exports: Vec<String>,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// Its ARN.
    pub arn: String,
    /// The names it stands for; empty when they can't be read.
    pub names: Vec<String>,
}

/// A listener rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its logical id.
    pub id: String,
    /// Its priority.
    pub priority: String,
}

/// Tasks of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tasks {
    /// How many run.
    pub running: u32,
    /// How many are wanted.
    pub desired: u32,
}

/// Reads what lives on from a deployed stack and the one that takes its place. Names of certificates and counts of tasks are
/// not in either: the caller fills them in. `features`: names of the parameters that switch features on.
#[must_use]
pub fn survivors(
    (old, new): (Side<'_>, Side<'_>),
    known: &Known,
    comparison: &Comparison,
    inherited: &Inherited,
    resources: &[Physical],
    features: &[&str],
) -> Survivors {
    let evaluated = |side: Side<'_>| evaluate(side.template, &known.given(side.parameters));
    let (before, after) = (evaluated(old), evaluated(new));
    let stays = |id: &str| {
        let mut fates = comparison.resources.iter();
        fates.any(|fate| fate.id == id && matches!(fate.verdict, Verdict::Kept | Verdict::Changed))
    };
    let of_kind = |kind: &'static str| {
        after.resources.iter().filter(move |(id, resource)| resource.kind == kind && stays(id))
    };
    let rules = of_kind("AWS::ElasticLoadBalancingV2::ListenerRule")
        .filter_map(|(id, rule)| {
            let priority = rule.properties["Priority"].as_str()?.to_owned();
            Some(Rule { id: id.clone(), priority })
        })
        .collect();
    let mut records: BTreeSet<String> = of_kind("AWS::Route53::RecordSet")
        .chain(of_kind("AWS::Route53::RecordSetGroup"))
        .flat_map(|(_, record)| names_of(&known.put_in(&record.properties)))
        .collect();
    let written = inherited.aliases.values().flatten().chain(&inherited.nlb_aliases).cloned();
    records.extend(written.chain(asked_for(&before)));
    let bucket = resources.iter().find(|one| one.logical_id == ACCESS_LOGS && stays(ACCESS_LOGS));
    Survivors {
        certificates: certificates(inherited, new.parameters),
        hosted_zone: inherited.hosted_zone.clone(),
        records: records.into_iter().collect(),
        rules,
        features: features
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), new.parameters.get(*name)?.clone())))
            .filter(|(_, value)| !value.is_empty())
            .collect(),
        tasks: None,
        access_logs: bucket.map(|one| one.physical_id.clone()).unwrap_or_default(),
        exports: before.exports.keys().filter(|name| after.exports.contains_key(*name)).cloned().collect(),
    }
}

/// Logical id of the bucket with the access logs.
const ACCESS_LOGS: &str = "ELBAccessLogsBucket";

/// Certificates that custom resources requested, and those that the new stack is told of.
fn certificates(inherited: &Inherited, parameters: &BTreeMap<String, String>) -> Vec<Certificate> {
    let requested = [
        &inherited.public_certificate,
        &inherited.cdn_certificate,
        &inherited.nlb_certificate,
        &inherited.site_certificate,
    ];
    let told = parameters.values().filter(|value| value.starts_with("arn:") && value.contains(":acm:"));
    let arns: BTreeSet<&String> = requested.into_iter().filter(|arn| !arn.is_empty()).chain(told).collect();
    arns.into_iter().map(|arn| Certificate { arn: arn.clone(), names: vec![] }).collect()
}

/// Names of a record, or of the records of a group, without the dot at the end.
fn names_of(properties: &Value) -> Vec<String> {
    let group = properties["RecordSets"].as_array().into_iter().flatten();
    let names = group.chain([properties]).filter_map(|record| record["Name"].as_str());
    names.map(|name| name.trim_end_matches('.').to_owned()).collect()
}

/// Host names that a custom resource of a site or an App Runner service was asked to write records of.
fn asked_for(deployed: &Evaluated) -> Vec<String> {
    let customs = deployed.resources.values();
    let customs = customs.filter(|resource| resource.kind == "Custom::CustomDomainFunction");
    let lists =
        customs.flat_map(|custom| [&custom.properties["Aliases"], &custom.properties["CustomDomain"]]);
    let texts = lists.flat_map(|value| match value {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        // The environment's are one JSON text: its parameter `Aliases`, which is read as such.
        Value::String(name) if !name.is_empty() && !name.contains('{') => vec![name.as_str()],
        _ => vec![],
    });
    texts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::super::compare::compare;
    use super::*;
    use crate::yaml::template::parse;

    #[test]
    fn what_people_ask_for_is_named() {
        let old = parse(
            "Resources:\n  Rule: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: l, Priority: !GetAtt Action.Priority}}\n\
             \x20 Action: {Type: Custom::RulePriorityFunction}\n\
             \x20 ELBAccessLogsBucket: {Type: AWS::S3::Bucket}\n\
             \x20 Alias: {Type: AWS::Route53::RecordSetGroup, Properties: {RecordSets: [{Name: !Sub 'web.${AWS::StackName}.', Type: A}]}}\n\
             \x20 GoneAlias: {Type: AWS::Route53::RecordSet, Properties: {Name: gone.example.com, Type: A}}\n\
             \x20 CustomDomainAction: {Type: Custom::CustomDomainFunction, Properties: {Aliases: [docs.example.com]}}\n\
             Outputs:\n  Kept: {Value: x, Export: {Name: kept}}\n  Gone: {Value: x, Export: {Name: gone}}\n",
        )
        .unwrap();
        let new = parse(
            "Parameters: {P: {Type: String}}\nResources:\n\
             \x20 Rule: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: l, Priority: !Ref P}}\n\
             \x20 New: {Type: AWS::ElasticLoadBalancingV2::ListenerRule, Properties: {ListenerArn: l, Priority: 9}}\n\
             \x20 ELBAccessLogsBucket: {Type: AWS::S3::Bucket}\n\
             \x20 Alias: {Type: AWS::Route53::RecordSetGroup, Properties: {RecordSets: [{Name: !Sub 'web.${AWS::StackName}.', Type: A}]}}\n\
             Outputs:\n  Kept: {Value: x, Export: {Name: kept}}\n",
        )
        .unwrap();
        let none = BTreeMap::new();
        let arn = "arn:aws:acm:eu-west-1:1:certificate/a".to_owned();
        let given = BTreeMap::from([
            ("P".to_owned(), "49000".to_owned()),
            ("Certificate".to_owned(), arn.clone()),
            ("ALBWorkloads".to_owned(), "web".to_owned()),
            ("EFSWorkloads".to_owned(), String::new()),
        ]);
        let known = Known::of_stack("arn:aws:cloudformation:eu-west-1:1:stack/shop/uuid");
        let (old, new) =
            (Side { template: &old, parameters: &none }, Side { template: &new, parameters: &given });
        let inherited = Inherited {
            public_certificate: arn.clone(),
            hosted_zone: "Z1".into(),
            aliases: [("web".to_owned(), vec!["www.example.com".to_owned()])].into(),
            nlb_aliases: vec!["tcp.example.com".into()],
            ..Inherited::default()
        };
        let bucket = Physical { logical_id: ACCESS_LOGS.into(), physical_id: "logs-1".into() };
        let found = survivors(
            (old, new),
            &known,
            &compare(old, new, &known),
            &inherited,
            &[bucket],
            &["ALBWorkloads", "EFSWorkloads", "NATWorkloads"],
        );
        assert_eq!(
            found,
            Survivors {
                certificates: vec![Certificate { arn, names: vec![] }],
                hosted_zone: "Z1".into(),
                records: ["docs.example.com", "tcp.example.com", "web.shop", "www.example.com"]
                    .map(str::to_owned)
                    .into(),
                rules: vec![Rule { id: "Rule".into(), priority: "49000".into() }],
                features: [("ALBWorkloads".to_owned(), "web".to_owned())].into(),
                tasks: None,
                access_logs: "logs-1".into(),
                exports: vec!["kept".into()],
            }
        );
    }
}
