//! How traffic comes: certificates, listener rules and their limits.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::{Finding, Ground};
use crate::aws::acm::Certificate;
use crate::aws::elbv2::Rule as Deployed;
use crate::model::routing::Http;
use crate::model::service::Kind;
use crate::model::workload::Workload;
use crate::stack::workload::path_patterns;
use crate::stack::workload::priority::ListenerAt;

/// Limit of rules of a load balancer, as DescribeAccountLimits names it.
const RULES: &str = "rules-per-application-load-balancer";
/// Region of the certificates of CloudFront.
const CLOUDFRONT_REGION: &str = "us-east-1";

/// Looks at certificates and rules.
pub(super) async fn check(ground: &Ground<'_>) -> Vec<Finding> {
    let (mut found, rules) = tokio::join!(certificates(ground), rules(ground));
    found.extend(rules);
    found
}

async fn certificates(ground: &Ground<'_>) -> Vec<Finding> {
    let (arns, aliases, connection) = match ground.model {
        Workload::Container(service) => {
            let Some(http) = service.http.as_ref().filter(|http| http.imported.is_none()) else {
                return vec![];
            };
            let environment = ground.environment;
            let arns = match service.kind {
                Kind::LoadBalancedWeb => &environment.public.certificates,
                _ => &environment.private.certificates,
            };
            (arns.clone(), names(http), ground.manager.clone())
        }
        Workload::StaticSite(site) => {
            let arns = site.certificate.iter().cloned().collect();
            (arns, site.aliases.clone(), ground.manager.region(CLOUDFRONT_REGION))
        }
        Workload::RequestDriven(_) => return vec![],
    };
    let changed = ground.changed(|workload| match workload {
        Workload::Container(service) => service.http.as_ref().map(names).unwrap_or_default(),
        Workload::StaticSite(site) => {
            [site.aliases.clone(), site.certificate.iter().cloned().collect()].concat()
        }
        Workload::RequestDriven(_) => vec![],
    });
    if arns.is_empty() || !changed {
        return vec![];
    }
    let acm = connection.acm();
    let described = join_all(arns.iter().map(|arn| acm.certificate(arn))).await;
    let mut found = vec![];
    let mut issued: Vec<Certificate> = vec![];
    let mut complete = true;
    for (arn, described) in arns.iter().zip(described) {
        let what = format!("certificate {arn}");
        match described {
            Err(error) => {
                complete = false;
                found.push(Finding::not_checked("certificates", what, &error));
            }
            Ok(None) => {
                found.push(Finding::failed("certificates", what, "certificate_region", "does not exist"));
            }
            Ok(Some(one)) if one.status != "ISSUED" => {
                let detail = format!("is in the state {}", one.status);
                found.push(Finding::failed("certificates", what, "certificate_not_issued", detail));
            }
            Ok(Some(one)) => {
                found.push(Finding::ok(
                    "certificates",
                    what,
                    format!("is issued for {}", one.names.join(", ")),
                ));
                issued.push(one);
            }
        }
    }
    let covered = |alias: &String| issued.iter().any(|one| one.covers([alias]));
    // A certificate that could not be looked at may stand for the rest.
    for alias in
        aliases.iter().collect::<BTreeSet<_>>().into_iter().filter(|alias| complete && !covered(alias))
    {
        let detail = "is in no imported certificate that is issued: browsers will warn";
        found.push(Finding::failed("certificates", format!("alias {alias}"), "", detail).mild().advice(
            "Import a certificate that stands for it in the environment's manifest, or use another alias.",
        ));
    }
    found
}

fn names(http: &Http) -> Vec<String> {
    http.rules.iter().flat_map(|rule| rule.aliases.iter().map(|alias| alias.name.clone())).collect()
}

/// New rules against those that the listeners have.
async fn rules(ground: &Ground<'_>) -> Vec<Finding> {
    let Some(http) = ground.model.container().and_then(|service| service.http.as_ref()) else {
        return vec![];
    };
    let routes = |workload: &Workload| {
        let http = workload.container().and_then(|service| service.http.as_ref());
        http.map(|http| conditions(http).collect::<Vec<_>>())
    };
    if !ground.changed(routes) {
        return vec![];
    }
    let listener = |at: &ListenerAt| match at {
        ListenerAt::Arn(arn) => Some(arn.clone()),
        ListenerAt::Export(suffix) => ground.outputs.get(*suffix).cloned(),
    };
    // A listener that comes with the deployment has no rules.
    let listeners: BTreeSet<String> = ground
        .slots
        .iter()
        .filter_map(|slot| listener(&slot.listener))
        .filter(|arn| !arn.is_empty())
        .collect();
    if listeners.is_empty() {
        return vec![];
    }
    let elbv2 = ground.manager.elbv2();
    let mut deployed: BTreeMap<&String, Vec<Deployed>> = BTreeMap::new();
    for (arn, rules) in listeners.iter().zip(join_all(listeners.iter().map(|arn| elbv2.rules(arn))).await) {
        match rules {
            Ok(rules) => drop(deployed.insert(arn, rules)),
            Err(error) => return vec![Finding::not_checked("rules", format!("listener {arn}"), &error)],
        }
    }
    let new =
        ground.slots.iter().filter(|slot| !ground.facts.parameters.contains_key(&slot.parameter)).count();
    let mut found = room(ground, &deployed, new).await;
    found.extend(conflicts(ground, http, &deployed).await);
    found
}

/// Hosts and path patterns of each rule.
fn conditions(http: &Http) -> impl Iterator<Item = (BTreeSet<String>, Vec<String>)> + '_ {
    http.rules.iter().map(|rule| {
        let hosts = rule.aliases.iter().map(|alias| alias.name.clone()).collect();
        (hosts, path_patterns(&rule.path))
    })
}

async fn room(ground: &Ground<'_>, deployed: &BTreeMap<&String, Vec<Deployed>>, new: usize) -> Vec<Finding> {
    let used = deployed.values().flatten().filter(|rule| rule.priority.is_some()).count();
    // Most load balancers are far from any limit: then the limit itself is not asked for.
    if new == 0 || used + new <= LEAST_LIMIT {
        return vec![];
    }
    let what = "rules of the load balancer".to_owned();
    match ground.manager.elbv2().limits().await {
        Err(error) => vec![Finding::not_checked("rules", what, &error)],
        Ok(limits) => match limits.get(RULES).copied() {
            Some(limit) if limit < (used + new) as u64 => {
                let detail = format!("{used} of {limit} are used, and {new} would be new");
                vec![Finding::failed("rules", what, "quota_rules", detail)]
            }
            Some(limit) => vec![Finding::ok("rules", what, format!("{used} of {limit} are used"))],
            None => vec![],
        },
    }
}

/// No account has a lower limit of rules.
const LEAST_LIMIT: usize = 100;

async fn conflicts(
    ground: &Ground<'_>,
    http: &Http,
    deployed: &BTreeMap<&String, Vec<Deployed>>,
) -> Vec<Finding> {
    let same = |rule: &&Deployed, hosts: &BTreeSet<String>, paths: &Vec<String>| {
        let theirs: BTreeSet<String> = rule.hosts.iter().cloned().collect();
        rule.priority.is_some() && !rule.redirects && &rule.paths == paths && theirs == *hosts
    };
    let mut clashes = vec![];
    for (hosts, paths) in conditions(http) {
        let rules = deployed.values().flatten();
        let others: Vec<&Deployed> = rules.filter(|rule| same(rule, &hosts, &paths)).collect();
        clashes.push((hosts, paths, others));
    }
    let groups: BTreeSet<&String> = clashes
        .iter()
        .flat_map(|(_, _, others)| others.iter().flat_map(|rule| &rule.target_groups))
        .collect();
    let owners = match groups.is_empty() {
        true => Ok(vec![]),
        false => {
            let tags =
                [("copilot-application", ground.app.as_str()), ("copilot-environment", ground.env.as_str())];
            ground.manager.tagging().resources(&["elasticloadbalancing:targetgroup"], &tags).await
        }
    };
    let owners = match owners {
        Ok(owners) => owners,
        Err(error) => return vec![Finding::not_checked("rules", "owners of listener rules", &error)],
    };
    let owner = |rule: &Deployed| {
        let group = owners.iter().find(|group| rule.target_groups.contains(&group.arn));
        group.and_then(|group| group.tags.get("copilot-service").cloned())
    };
    let own = ground.model.name().as_str();
    let mut found = vec![];
    for (hosts, paths, others) in clashes {
        let hosts: Vec<String> = hosts.into_iter().collect();
        let place = if hosts.is_empty() { "any host".to_owned() } else { hosts.join(", ") };
        let what = format!("rule for {} of {place}", paths.join(", "));
        match others.into_iter().find(|rule| owner(rule).as_deref() != Some(own)) {
            None => found.push(Finding::ok("rules", what, "nothing else has the same conditions")),
            Some(rule) => {
                let whose = owner(rule).map_or_else(
                    || "something outside of the application".to_owned(),
                    |name| format!("the service {name}"),
                );
                let detail = format!(
                    "{whose} has a rule with the same conditions (priority {}): the one with the lower priority gets all requests",
                    rule.priority.unwrap_or_default()
                );
                found.push(
                    Finding::failed("rules", what, "", detail)
                        .mild()
                        .advice("Set another `http.path`, or tell the services apart by `http.alias`."),
                );
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, lines};
    use super::*;
    use crate::aws::testing;
    use crate::stack::workload::priority::RuleSlot;

    const MANIFEST: &str = "name: web\ntype: Load Balanced Web Service\nimage:\n  location: nginx\n  port: 80\nhttp:\n  path: shop\n  alias: [www.shop.example, other.example]\n";

    fn rule(number: u32, hosts: &str, group: &str) -> String {
        format!(
            "<member><RuleArn>arn:rule/{number}</RuleArn><Priority>{number}</Priority><Conditions>\
             <member><Field>host-header</Field><HostHeaderConfig><Values>{hosts}</Values></HostHeaderConfig></member>\
             <member><Field>path-pattern</Field><PathPatternConfig><Values><member>/shop</member><member>/shop/*</member></Values></PathPatternConfig></member>\
             </Conditions><Actions><member><Type>forward</Type><TargetGroupArn>{group}</TargetGroupArn></member></Actions></member>"
        )
    }

    #[tokio::test(flavor = "current_thread")]
    async fn rules_and_certificates_of_others_are_seen() {
        let hosts = "<member>other.example</member><member>www.shop.example</member>";
        let more: String = (3..=101).map(|number| rule(number, "<member>x</member>", "arn:x")).collect();
        let all = format!("{}{}{more}", rule(1, hosts, "arn:api"), rule(2, hosts, "arn:web"));
        let server = testing::server(move |request| match request.action.as_str() {
            "DescribeRules" => testing::xml(
                200,
                &format!(
                    "<DescribeRulesResponse><DescribeRulesResult><Rules>{all}</Rules></DescribeRulesResult></DescribeRulesResponse>"
                ),
            ),
            "DescribeAccountLimits" => testing::xml(
                200,
                "<DescribeAccountLimitsResponse><DescribeAccountLimitsResult><Limits><member><Name>rules-per-application-load-balancer</Name>\
                 <Max>101</Max></member></Limits></DescribeAccountLimitsResult></DescribeAccountLimitsResponse>",
            ),
            "GetResources" => testing::json(
                200,
                r#"{"ResourceTagMappingList": [{"ResourceARN": "arn:api", "Tags": [{"Key": "copilot-service", "Value": "api"}]},
                    {"ResourceARN": "arn:web", "Tags": [{"Key": "copilot-service", "Value": "web"}]}]}"#,
            ),
            "DescribeCertificate" if request.body.contains("pending") => testing::json(
                200,
                r#"{"Certificate": {"CertificateArn": "arn:pending", "Status": "PENDING_VALIDATION", "DomainName": "other.example"}}"#,
            ),
            "DescribeCertificate" => testing::json(
                200,
                r#"{"Certificate": {"CertificateArn": "arn:issued", "Status": "ISSUED", "DomainName": "*.shop.example", "SubjectAlternativeNames": ["*.shop.example"]}}"#,
            ),
            other => panic!("{other}"),
        });
        let mut bench = Bench::new(MANIFEST);
        bench.environment.public.certificates = vec!["arn:issued".to_owned(), "arn:pending".to_owned()];
        bench.outputs.insert("HTTPSListenerArn".to_owned(), "arn:listener".to_owned());
        let mut ground = bench.ground(&server);
        ground.slots = vec![RuleSlot {
            parameter: "HTTPSRulePriority".to_owned(),
            rule: "HTTPSListenerRule".to_owned(),
            listener: ListenerAt::Export("HTTPSListenerArn"),
            path: "/shop".to_owned(),
        }];
        insta::assert_snapshot!("routing", lines(&check(&ground).await));
    }
}
