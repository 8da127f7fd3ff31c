//! Elastic Load Balancing: load balancers, their listeners and rules, and the health of targets.

use aws_sdk_elasticloadbalancingv2::types;

use super::{Connection, Error, door, query};

door!(
    /// The door to Elastic Load Balancing (version 2).
    Elbv2,
    elbv2,
    aws_sdk_elasticloadbalancingv2,
    "Elastic Load Balancing",
    "Elastic Load Balancing v2",
    "elasticloadbalancing"
);

/// Most load balancers or target groups one call describes.
const BATCH: usize = 20;

/// A load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadBalancer {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its DNS name.
    pub dns_name: String,
    /// Hosted zone of its DNS name.
    pub hosted_zone_id: String,
    /// `internet-facing` or `internal`.
    pub scheme: String,
    /// `application`, `network`, `gateway`.
    pub kind: String,
    /// Id of its VPC.
    pub vpc: String,
    /// Ids of its security groups.
    pub security_groups: Vec<String>,
}

/// Which load balancers to describe.
#[derive(Debug, Clone, Copy)]
pub enum Which<'a> {
    /// Those with these ARNs.
    Arns(&'a [&'a str]),
    /// Those with these names.
    Names(&'a [&'a str]),
}

/// A listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// Its port.
    pub port: u16,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, `UDP` ….
    pub protocol: String,
    /// ARNs of its certificates.
    pub certificates: Vec<String>,
}

/// ARN of the listener that a rule belongs to, from the rule's own ARN; `None` for what is no rule's ARN.
#[must_use]
pub fn listener_of(rule_arn: &str) -> Option<String> {
    let (listener, _) = rule_arn.rsplit_once('/')?;
    let (head, tail) = listener.split_once(":listener-rule/")?;
    Some(format!("{head}:listener/{tail}"))
}

/// A rule of a listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its ARN.
    pub arn: String,
    /// Its priority, 1 to 50000; `None` for the default rule.
    pub priority: Option<u32>,
    /// Hosts it applies to; empty: any.
    pub hosts: Vec<String>,
    /// Paths it applies to; empty: any.
    pub paths: Vec<String>,
    /// ARNs of the target groups it forwards to.
    pub target_groups: Vec<String>,
    /// Whether it redirects.
    pub redirects: bool,
}

/// A target group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetGroup {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// The port targets are reached at.
    pub port: u16,
    /// The protocol targets are spoken to with.
    pub protocol: String,
    /// Path of the health check; empty when it is not an HTTP one.
    pub health_path: String,
    /// Port of the health check, a number or `traffic-port`.
    pub health_port: String,
    /// HTTP codes that count as healthy, such as `200-299`; empty when it is not an HTTP one.
    pub health_codes: String,
    /// ARNs of the load balancers in front of it.
    pub load_balancers: Vec<String>,
}

/// The health of a target.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct TargetHealth {
    /// The target's address or id.
    pub target: String,
    /// The port it is reached at.
    pub port: u16,
    /// `initial`, `healthy`, `unhealthy`, `unhealthy.draining`, `draining`, `unused`, `unavailable`.
    pub state: String,
    /// Code of the reason, such as `Target.ResponseCodeMismatch`; empty without one.
    pub reason: String,
    /// The reason for people; empty without one.
    pub description: String,
}

fn port(port: Option<i32>) -> u16 {
    port.and_then(|port| u16::try_from(port).ok()).unwrap_or_default()
}

fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

fn strings(values: &[&str]) -> Vec<String> {
    values.iter().map(|&value| value.to_owned()).collect()
}

impl Elbv2 {
    /// The load balancers `which` (DescribeLoadBalancers, 20 a call).
    ///
    /// # Errors
    /// Whatever the service reports; an unknown one is [`super::Kind::NotFound`].
    pub async fn load_balancers(&self, which: Which<'_>) -> Result<Vec<LoadBalancer>, Error> {
        let client = self.client().await?;
        let (all, by_arn) = match which {
            Which::Arns(arns) => (arns, true),
            Which::Names(names) => (names, false),
        };
        let mut found = vec![];
        for batch in all.chunks(BATCH) {
            let request = client.describe_load_balancers();
            let request = if by_arn {
                request.set_load_balancer_arns(Some(strings(batch)))
            } else {
                request.set_names(Some(strings(batch)))
            };
            let output = self.call("DescribeLoadBalancers", request.send()).await?;
            found.extend(output.load_balancers().iter().map(|balancer| LoadBalancer {
                arn: text(balancer.load_balancer_arn()),
                name: text(balancer.load_balancer_name()),
                dns_name: text(balancer.dns_name()),
                hosted_zone_id: text(balancer.canonical_hosted_zone_id()),
                scheme: text(balancer.scheme().map(types::LoadBalancerSchemeEnum::as_str)),
                kind: text(balancer.r#type().map(types::LoadBalancerTypeEnum::as_str)),
                vpc: text(balancer.vpc_id()),
                security_groups: balancer.security_groups().to_vec(),
            }));
        }
        Ok(found)
    }

    /// The listeners of a load balancer, by port (DescribeListeners, all pages).
    ///
    /// # Errors
    /// Whatever the service reports.
    pub async fn listeners(&self, load_balancer_arn: &str) -> Result<Vec<Listener>, Error> {
        let client = self.client().await?;
        let mut found = query::pages(|marker| async move {
            let send =
                client.describe_listeners().load_balancer_arn(load_balancer_arn).set_marker(marker).send();
            let output = self.call("DescribeListeners", send).await?;
            let listeners = output.listeners().iter().map(|listener| Listener {
                arn: text(listener.listener_arn()),
                port: port(listener.port()),
                protocol: text(listener.protocol().map(types::ProtocolEnum::as_str)),
                certificates: listener
                    .certificates()
                    .iter()
                    .filter_map(|certificate| certificate.certificate_arn().map(str::to_owned))
                    .collect(),
            });
            Ok((listeners.collect(), output.next_marker.clone()))
        })
        .await?;
        found.sort_by_key(|listener: &Listener| listener.port);
        Ok(found)
    }

    /// How many load balancers of each kind (`application`, `network`, `gateway`) the account has in the region
    /// (DescribeLoadBalancers, all pages).
    ///
    /// # Errors
    /// Whatever the service reports.
    pub async fn count(&self) -> Result<std::collections::BTreeMap<String, u64>, Error> {
        let client = self.client().await?;
        let kinds = query::pages(|marker| async move {
            let send = client.describe_load_balancers().page_size(400).set_marker(marker).send();
            let output = self.call("DescribeLoadBalancers", send).await?;
            let kind =
                |one: &types::LoadBalancer| text(one.r#type().map(types::LoadBalancerTypeEnum::as_str));
            Ok((output.load_balancers().iter().map(kind).collect::<Vec<_>>(), output.next_marker.clone()))
        })
        .await?;
        Ok(kinds.into_iter().fold(std::collections::BTreeMap::new(), |mut counts, kind| {
            *counts.entry(kind).or_default() += 1;
            counts
        }))
    }

    /// How many target groups the account has in the region (DescribeTargetGroups, all pages).
    ///
    /// # Errors
    /// Whatever the service reports.
    pub async fn target_group_count(&self) -> Result<u64, Error> {
        let client = self.client().await?;
        let found = query::pages(|marker| async move {
            let send = client.describe_target_groups().page_size(400).set_marker(marker).send();
            let output = self.call("DescribeTargetGroups", send).await?;
            Ok((vec![(); output.target_groups().len()], output.next_marker.clone()))
        })
        .await?;
        Ok(found.len() as u64)
    }

    /// What the account may have of load balancing, by the limit's name, such as `rules-per-application-load-balancer`
    /// (DescribeAccountLimits).
    ///
    /// # Errors
    /// Whatever the service reports.
    pub async fn limits(&self) -> Result<std::collections::BTreeMap<String, u64>, Error> {
        let output =
            self.call("DescribeAccountLimits", self.client().await?.describe_account_limits().send()).await?;
        let limits = output.limits().iter();
        Ok(limits.filter_map(|limit| Some((limit.name()?.to_owned(), limit.max()?.parse().ok()?))).collect())
    }

    /// The rules of a listener, all pages, in the order of their priorities with the default rule last (DescribeRules).
    ///
    /// # Errors
    /// Whatever the service reports.
    pub async fn rules(&self, listener_arn: &str) -> Result<Vec<Rule>, Error> {
        let client = self.client().await?;
        let mut found = query::pages(|marker| async move {
            let send = client.describe_rules().listener_arn(listener_arn).set_marker(marker).send();
            let output = self.call("DescribeRules", send).await?;
            Ok((output.rules().iter().map(rule).collect(), output.next_marker.clone()))
        })
        .await?;
        found.sort_by_key(|rule: &Rule| rule.priority.unwrap_or(u32::MAX));
        Ok(found)
    }

    /// The health of all targets of a target group (DescribeTargetHealth). A target group that does not exist has none.
    ///
    /// # Errors
    /// Whatever the service reports but that it does not exist.
    pub async fn target_health(&self, target_group_arn: &str) -> Result<Vec<TargetHealth>, Error> {
        let send = self.client().await?.describe_target_health().target_group_arn(target_group_arn).send();
        let output = match self.call("DescribeTargetHealth", send).await {
            Ok(output) => output,
            Err(error) if error.is_not_found() => return Ok(vec![]),
            Err(error) => return Err(error),
        };
        let health = output.target_health_descriptions().iter().map(|description| {
            let health = description.target_health();
            TargetHealth {
                target: text(description.target().and_then(types::TargetDescription::id)),
                port: port(description.target().and_then(types::TargetDescription::port)),
                state: text(
                    health.and_then(|health| health.state()).map(types::TargetHealthStateEnum::as_str),
                ),
                reason: text(
                    health.and_then(|health| health.reason()).map(types::TargetHealthReasonEnum::as_str),
                ),
                description: text(health.and_then(|health| health.description())),
            }
        });
        Ok(health.collect())
    }

    /// The target groups with these ARNs (DescribeTargetGroups, 20 a call).
    ///
    /// # Errors
    /// Whatever the service reports; an unknown one is [`super::Kind::NotFound`].
    pub async fn target_groups(&self, arns: &[&str]) -> Result<Vec<TargetGroup>, Error> {
        let client = self.client().await?;
        let mut found = vec![];
        for batch in arns.chunks(BATCH) {
            let send = client.describe_target_groups().set_target_group_arns(Some(strings(batch))).send();
            let output = self.call("DescribeTargetGroups", send).await?;
            found.extend(output.target_groups().iter().map(|group| TargetGroup {
                arn: text(group.target_group_arn()),
                name: text(group.target_group_name()),
                port: port(group.port()),
                protocol: text(group.protocol().map(types::ProtocolEnum::as_str)),
                health_path: text(group.health_check_path()),
                health_port: text(group.health_check_port()),
                health_codes: text(
                    group.matcher().and_then(|matcher| matcher.http_code().or(matcher.grpc_code())),
                ),
                load_balancers: group.load_balancer_arns().to_vec(),
            }));
        }
        Ok(found)
    }
}

fn rule(rule: &types::Rule) -> Rule {
    let values = |field: &str| -> Vec<String> {
        rule.conditions()
            .iter()
            .filter(|condition| condition.field() == Some(field))
            .flat_map(|condition| {
                let config = match field {
                    "host-header" => condition.host_header_config().map(|config| config.values()),
                    _ => condition.path_pattern_config().map(|config| config.values()),
                };
                config.filter(|values| !values.is_empty()).unwrap_or(condition.values()).to_vec()
            })
            .collect()
    };
    let forward = rule.actions().iter().flat_map(|action| {
        let several = action.forward_config().map(|config| config.target_groups()).unwrap_or_default();
        let several = several.iter().filter_map(|tuple| tuple.target_group_arn());
        action.target_group_arn().into_iter().chain(several)
    });
    let mut target_groups: Vec<String> = forward.map(str::to_owned).collect();
    target_groups.sort();
    target_groups.dedup();
    Rule {
        arn: text(rule.rule_arn()),
        priority: rule.priority().and_then(|priority| priority.parse().ok()),
        hosts: values("host-header"),
        paths: values("path-pattern"),
        target_groups,
        redirects: rule.actions().iter().any(|action| action.redirect_config().is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;

    #[test]
    fn a_rules_arn_names_its_listener() {
        let head = "arn:aws:elasticloadbalancing:eu-west-1:1";
        let rule = format!("{head}:listener-rule/app/shop/50dc/f2f7/9683");
        assert_eq!(super::listener_of(&rule), Some(format!("{head}:listener/app/shop/50dc/f2f7")));
        assert_eq!(super::listener_of("rule"), None);
        assert_eq!(super::listener_of("arn:a/b"), None);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn load_balancers_and_target_groups_are_counted_over_pages() {
        let page = |operation: &str, list: &str, members: &str, more: &str| {
            testing::xml(
                200,
                &format!(
                    "<{operation}Response><{operation}Result><{list}>{members}</{list}>{more}</{operation}Result></{operation}Response>"
                ),
            )
        };
        let balancers =
            |members: &str, more: &str| page("DescribeLoadBalancers", "LoadBalancers", members, more);
        let one = |kind: &str| format!("<member><Type>{kind}</Type></member>");
        let server = testing::answers(vec![
            balancers(&format!("{}{}", one("application"), one("network")), "<NextMarker>n</NextMarker>"),
            balancers(&one("application"), ""),
            page("DescribeTargetGroups", "TargetGroups", "<member/><member/>", ""),
        ]);
        let door = server.connection().elbv2();
        let counts = door.count().await.unwrap();
        assert_eq!((counts["application"], counts["network"]), (2, 1));
        assert_eq!(door.target_group_count().await, Ok(2));
        assert!(server.requests()[1].body.contains("Marker=n"), "{:?}", server.requests()[1]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn limits_are_numbers_by_name() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<DescribeAccountLimitsResponse><DescribeAccountLimitsResult><Limits><member><Name>target-groups</Name>\
             <Max>3000</Max></member></Limits></DescribeAccountLimitsResult></DescribeAccountLimitsResponse>",
        )]);
        let limits = server.connection().elbv2().limits().await.unwrap();
        assert_eq!(limits["target-groups"], 3000);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn rules_come_in_the_order_of_their_priorities() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<DescribeRulesResponse><DescribeRulesResult><Rules>\
             <member><RuleArn>d</RuleArn><Priority>default</Priority><IsDefault>true</IsDefault></member>\
             <member><RuleArn>b</RuleArn><Priority>50000</Priority><Conditions><member><Field>path-pattern</Field>\
             <PathPatternConfig><Values><member>/*</member></Values></PathPatternConfig></member></Conditions>\
             <Actions><member><Type>forward</Type><TargetGroupArn>tg</TargetGroupArn><ForwardConfig><TargetGroups><member>\
             <TargetGroupArn>tg</TargetGroupArn></member></TargetGroups></ForwardConfig></member></Actions></member>\
             <member><RuleArn>a</RuleArn><Priority>3</Priority><Conditions><member><Field>host-header</Field>\
             <Values><member>a.example.com</member></Values></member></Conditions></member>\
             </Rules></DescribeRulesResult></DescribeRulesResponse>",
        )]);
        let rules = server.connection().elbv2().rules("l").await.unwrap();
        assert_eq!(rules.iter().map(|rule| rule.priority).collect::<Vec<_>>(), [Some(3), Some(50_000), None]);
        assert_eq!(rules[0].hosts, ["a.example.com"]);
        assert_eq!(
            (rules[1].paths.as_slice(), rules[1].target_groups.as_slice()),
            (&["/*".to_owned()][..], &["tg".to_owned()][..])
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn health_says_why() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions><member><Target>\
             <Id>10.0.0.5</Id><Port>8080</Port></Target><TargetHealth><State>unhealthy</State>\
             <Reason>Target.ResponseCodeMismatch</Reason><Description>Health checks failed with these codes: [404]\
             </Description></TargetHealth></member></TargetHealthDescriptions></DescribeTargetHealthResult>\
             </DescribeTargetHealthResponse>",
        )]);
        let health = server.connection().elbv2().target_health("tg").await.unwrap();
        assert_eq!(
            (health[0].target.as_str(), health[0].port, health[0].state.as_str()),
            ("10.0.0.5", 8080, "unhealthy")
        );
        assert_eq!(health[0].description, "Health checks failed with these codes: [404]");
        let gone = testing::answers(vec![testing::xml_error(400, "TargetGroupNotFound", "gone")]);
        assert_eq!(gone.connection().elbv2().target_health("tg").await, Ok(vec![]));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn many_target_groups_take_several_calls() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<DescribeTargetGroupsResponse><DescribeTargetGroupsResult/></DescribeTargetGroupsResponse>",
        )]);
        let arns: Vec<String> = (0..45).map(|at| format!("arn:{at}")).collect();
        let arns: Vec<&str> = arns.iter().map(String::as_str).collect();
        server.connection().elbv2().target_groups(&arns).await.unwrap();
        assert_eq!(server.requests().len(), 3);
    }
}
