//! Where a deployed service is reached: from outside, and from its neighbours.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;

use super::stack::{Deployed, Resource};
use super::{Error, Target, apprunner};
use crate::aws::Connection;
use crate::aws::elbv2::{Listener, LoadBalancer, Rule, Which};

/// A listener's rules that belong to a service, with the load balancer before them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Front {
    /// The load balancer.
    pub load_balancer: LoadBalancer,
    /// The listener.
    pub listener: Listener,
    /// The service's rules of it.
    pub rules: Vec<Rule>,
}

/// The addresses of a service as deployed in an environment, sorted as people would try them: `https` first.
/// `env` is the environment's stack, `stack` and `resources` are the service's.
///
/// # Errors
/// What AWS reports.
pub async fn addresses(
    manager: &Connection,
    target: &Target,
    env: &Deployed,
    stack: &Deployed,
    resources: &[Resource],
) -> Result<Vec<String>, Error> {
    let fronts = fronts(manager, resources).await?;
    let mut urls = web(&fronts, env);
    urls.extend(network(target, env, stack));
    urls.extend(site(stack));
    urls.extend(apprunner::addresses(manager, resources).await?);
    Ok(urls)
}

/// Reads the listeners before a service: its rules name them.
async fn fronts(manager: &Connection, resources: &[Resource]) -> Result<Vec<Front>, Error> {
    let own: Vec<&str> = resources
        .iter()
        .filter(|resource| resource.kind == "AWS::ElasticLoadBalancingV2::ListenerRule")
        .map(|resource| resource.physical_id.as_str())
        .collect();
    let listeners: BTreeSet<(String, String)> = own.iter().filter_map(|arn| listener_of(arn)).collect();
    let balancers: BTreeSet<&str> = listeners.iter().map(|(balancer, _)| balancer.as_str()).collect();
    let balancers: Vec<&str> = balancers.into_iter().collect();
    if balancers.is_empty() {
        return Ok(vec![]);
    }
    let door = manager.elbv2();
    let found = door.load_balancers(Which::Arns(&balancers)).await?;
    let read = |(balancer, listener): &(String, String)| {
        let (door, found, own) = (&door, &found, &own);
        let (balancer, listener) = (balancer.clone(), listener.clone());
        async move {
            let (listeners, rules) =
                futures_util::try_join!(door.listeners(&balancer), door.rules(&listener))?;
            let load_balancer = found.iter().find(|found| found.arn == balancer).cloned();
            let listener = listeners.into_iter().find(|found| found.arn == listener);
            let rules = rules.into_iter().filter(|rule| own.contains(&rule.arn.as_str())).collect();
            Ok::<_, Error>(load_balancer.zip(listener).map(|(load_balancer, listener)| Front {
                load_balancer,
                listener,
                rules,
            }))
        }
    };
    Ok(try_join_all(listeners.iter().map(read)).await?.into_iter().flatten().collect())
}

/// ARNs of load balancer and listener out of a rule's,
/// `arn:…:listener-rule/app/<name>/<balancer id>/<listener id>/<rule id>`.
fn listener_of(rule: &str) -> Option<(String, String)> {
    let (head, path) = rule.split_once(":listener-rule/")?;
    let (listener, _) = path.rsplit_once('/')?;
    let (balancer, _) = listener.rsplit_once('/')?;
    Some((format!("{head}:loadbalancer/{balancer}"), format!("{head}:listener/{listener}")))
}

/// Addresses behind application load balancers: each host of a rule with each of its paths, else the load balancer's own
/// name (unless only the CDN may reach it) and the CDN's.
#[must_use]
pub fn web(fronts: &[Front], env: &Deployed) -> Vec<String> {
    let mut urls = vec![];
    for front in fronts {
        let scheme = front.listener.protocol.to_ascii_lowercase();
        let port = match (scheme.as_str(), front.listener.port) {
            ("http", 80) | ("https", 443) => String::new(),
            (_, port) => format!(":{port}"),
        };
        for rule in front.rules.iter().filter(|rule| !rule.redirects) {
            let hosts: Vec<&str> =
                rule.hosts.iter().map(String::as_str).filter(|host| !host.contains('*')).collect();
            let hosts = if hosts.is_empty() { own_hosts(front, env) } else { hosts };
            for host in hosts {
                urls.extend(paths(&rule.paths).iter().map(|path| format!("{scheme}://{host}{port}{path}")));
            }
        }
    }
    // Https before http, otherwise by name.
    urls.sort_by(|a, b| (!a.starts_with("https:"), a).cmp(&(!b.starts_with("https:"), b)));
    urls.dedup();
    urls
}

fn own_hosts<'a>(front: &'a Front, env: &'a Deployed) -> Vec<&'a str> {
    let internal = front.load_balancer.scheme == "internal";
    // An imported load balancer is none of the environment's business.
    let of_env = front.load_balancer.dns_name == env.output("PublicLoadBalancerDNSName");
    let mut hosts = vec![];
    if internal || !of_env || env.output("PublicALBAccessible") != "false" {
        hosts.push(front.load_balancer.dns_name.as_str());
    }
    if of_env && !env.output("CloudFrontDomainName").is_empty() {
        hosts.push(env.output("CloudFrontDomainName"));
    }
    hosts
}

/// What is behind the host: path patterns without their wildcards, each once.
fn paths(patterns: &[String]) -> BTreeSet<&str> {
    if patterns.is_empty() {
        return BTreeSet::from([""]);
    }
    patterns.iter().map(|pattern| pattern.trim_end_matches('*').trim_end_matches('/')).collect()
}

/// Addresses behind the service's network load balancer: its aliases, else its name in the environment's domain, else the
/// load balancer's own name.
#[must_use]
pub fn network(target: &Target, env: &Deployed, stack: &Deployed) -> Vec<String> {
    let own = stack.output("PublicNetworkLoadBalancerDNSName");
    if own.is_empty() {
        return vec![];
    }
    let domain = env.output("EnvironmentSubdomain");
    let aliases: Vec<String> = list(stack.parameter("NLBAliases"));
    let hosts = if !aliases.is_empty() {
        aliases
    } else if stack.parameter("DNSDelegated") == "true" && !domain.is_empty() {
        vec![format!("{}-nlb.{domain}", target.workload)]
    } else {
        vec![own.to_owned()]
    };
    let port = stack.parameter("NLBPort");
    hosts.into_iter().map(|host| if port.is_empty() { host } else { format!("{host}:{port}") }).collect()
}

/// Addresses of a static site.
pub(super) fn site(stack: &Deployed) -> Vec<String> {
    ["CloudFrontDistributionAlternativeDomainName", "CloudFrontDistributionDomainName"]
        .into_iter()
        .map(|output| stack.output(output))
        .filter(|host| !host.is_empty())
        .map(|host| format!("https://{host}"))
        .collect()
}

/// `<service>.<namespace>:<port>`, where neighbours find the service by Cloud Map; `None` when it exposes no port.
#[must_use]
pub fn discovery(target: &Target, env: &Deployed, stack: &Deployed) -> Option<String> {
    let port = stack.parameter("TargetPort");
    if port.is_empty() || port == "-1" {
        return None;
    }
    let namespace = match env.parameter("ServiceDiscoveryEndpoint") {
        "" => format!("{}.{}.local", target.env, target.app),
        namespace => namespace.to_owned(),
    };
    Some(format!("{}.{namespace}:{port}", target.workload))
}

/// `<alias>:<port>`, where neighbours find the service by Service Connect; empty when it offers none.
#[must_use]
pub fn connect(stack: &Deployed) -> Vec<String> {
    let connect = &stack.template["Resources"]["Service"]["Properties"]["ServiceConnectConfiguration"];
    let mut found = vec![];
    aliases(connect, &mut |alias| {
        if let (Some(name), Some(port)) = (stack.text(&alias["DnsName"]), stack.text(&alias["Port"])) {
            found.push(format!("{name}:{port}"));
        }
    });
    found
}

/// Every client alias below `value`, also within conditions.
fn aliases<'a>(value: &'a serde_json::Value, each: &mut dyn FnMut(&'a serde_json::Value)) {
    match value {
        serde_json::Value::Array(items) => items.iter().for_each(|item| aliases(item, each)),
        serde_json::Value::Object(object) => {
            if object.contains_key("DnsName") {
                each(value);
            }
            object.values().for_each(|value| aliases(value, each));
        }
        _ => {}
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

/// Addresses as a sentence has them: `a, b or c`.
#[must_use]
pub fn sentence(urls: &[String]) -> String {
    match urls {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::stack::deployed;
    use super::*;

    fn target() -> Target {
        Target {
            app: "shop".parse().unwrap(),
            env: "test".parse().unwrap(),
            workload: "api".parse().unwrap(),
        }
    }

    fn front(protocol: &str, port: u16, rules: &[(&[&str], &[&str], bool)]) -> Front {
        let strings = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        Front {
            load_balancer: LoadBalancer {
                arn: String::new(),
                name: String::new(),
                dns_name: "lb.example.amazonaws.com".into(),
                hosted_zone_id: String::new(),
                scheme: "internet-facing".into(),
                kind: "application".into(),
                vpc: String::new(),
                security_groups: vec![],
            },
            listener: Listener { arn: String::new(), port, protocol: protocol.into(), certificates: vec![] },
            rules: rules
                .iter()
                .map(|(hosts, paths, redirects)| Rule {
                    arn: String::new(),
                    priority: Some(1),
                    hosts: strings(hosts),
                    paths: strings(paths),
                    target_groups: vec![],
                    redirects: *redirects,
                })
                .collect(),
        }
    }

    fn env(outputs: &[(&str, &str)]) -> Deployed {
        deployed(&[], outputs, "{}")
    }

    #[test]
    fn hosts_come_from_the_rules_and_redirects_do_not_count() {
        let fronts = [
            front("HTTP", 80, &[(&["api.example.com"], &["/*"], true)]),
            front("HTTPS", 443, &[(&["api.example.com", "www.example.com"], &["/v1", "/v1/*"], false)]),
        ];
        assert_eq!(web(&fronts, &env(&[])), ["https://api.example.com/v1", "https://www.example.com/v1"]);
    }

    #[test]
    fn without_hosts_the_load_balancer_and_the_cdn_answer() {
        let fronts = [
            front("HTTP", 80, &[(&[], &["/*"], false)]),
            front("HTTP", 8080, &[(&[], &["/admin/*"], false)]),
        ];
        assert_eq!(
            web(&fronts, &env(&[])),
            ["http://lb.example.amazonaws.com", "http://lb.example.amazonaws.com:8080/admin"]
        );
        let hidden = env(&[
            ("PublicLoadBalancerDNSName", "lb.example.amazonaws.com"),
            ("PublicALBAccessible", "false"),
            ("CloudFrontDomainName", "d1.cloudfront.net"),
        ]);
        assert_eq!(web(&fronts[..1], &hidden), ["http://d1.cloudfront.net"]);
    }

    #[test]
    fn a_network_load_balancer_has_a_port_and_the_best_name_there_is() {
        let stack = |parameters: &[(&str, &str)]| {
            deployed(parameters, &[("PublicNetworkLoadBalancerDNSName", "nlb.amazonaws.com")], "{}")
        };
        let env = env(&[("EnvironmentSubdomain", "test.shop.example.com")]);
        let of = |parameters: &[(&str, &str)]| network(&target(), &env, &stack(parameters));
        assert_eq!(of(&[("NLBPort", "443"), ("DNSDelegated", "false")]), ["nlb.amazonaws.com:443"]);
        assert_eq!(
            of(&[("NLBPort", "443"), ("DNSDelegated", "true")]),
            ["api-nlb.test.shop.example.com:443"]
        );
        assert_eq!(
            of(&[("NLBPort", "1"), ("NLBAliases", "a.example.com,b.example.com")]),
            ["a.example.com:1", "b.example.com:1"]
        );
        assert_eq!(network(&target(), &env, &deployed(&[], &[], "{}")), Vec::<String>::new());
    }

    #[test]
    fn neighbours_find_a_service_that_exposes_a_port() {
        let env = deployed(&[("ServiceDiscoveryEndpoint", "shop.local")], &[], "{}");
        let stack = deployed(
            &[("TargetPort", "8080")],
            &[],
            "Resources:\n  Service:\n    Properties:\n      ServiceConnectConfiguration: !If\n        - Exposed\n        - Services:\n            - ClientAliases:\n                - Port: !Ref TargetPort\n                  DnsName: backend\n        - !Ref AWS::NoValue\n",
        );
        assert_eq!(discovery(&target(), &env, &stack).as_deref(), Some("api.shop.local:8080"));
        assert_eq!(connect(&stack), ["backend:8080"]);
        let worker = deployed(&[("TargetPort", "-1")], &[], "{}");
        assert_eq!(discovery(&target(), &env, &worker), None);
        assert_eq!(connect(&worker), Vec::<String>::new());
    }

    #[test]
    fn a_rule_names_its_listener_and_load_balancer() {
        let (balancer, listener) =
            listener_of("arn:aws:elasticloadbalancing:r:1:listener-rule/app/lb/50dc/f2f7/9683").unwrap();
        assert_eq!(balancer, "arn:aws:elasticloadbalancing:r:1:loadbalancer/app/lb/50dc");
        assert_eq!(listener, "arn:aws:elasticloadbalancing:r:1:listener/app/lb/50dc/f2f7");
        assert_eq!(listener_of("pending"), None);
    }

    #[test]
    fn joins_as_people_write() {
        let urls = |urls: &[&str]| sentence(&urls.iter().map(|url| (*url).to_owned()).collect::<Vec<_>>());
        assert_eq!(urls(&["a"]), "a");
        assert_eq!(urls(&["a", "b", "c"]), "a, b or c");
    }
}
