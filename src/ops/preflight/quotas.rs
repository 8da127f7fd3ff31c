//! What an account may have in a region against what it has now and what a deployment adds: load balancers, target groups,
//! services of a cluster, networks, elastic addresses. Fargate's vCPUs are in `account`.

use super::{Finding, Ground};
use crate::aws::{Connection, Error};
use crate::model::environment::{Environment, Vpc};
use crate::model::service::{Kind, Placement, Service};
use crate::stack::features::Feature;

const CHECK: &str = "quota";
/// Service and code of "VPCs per Region".
const VPCS: (&str, &str) = ("vpc", "L-F678F1CE");
/// Of "EC2-VPC Elastic IPs".
const ADDRESSES: (&str, &str) = ("ec2", "L-0263D0A3");
/// Of "Services per cluster".
const SERVICES: (&str, &str) = ("ecs", "L-9EF96962");
/// Services that every cluster may have: the default, which AWS lowers for nobody. Below it the quota is not asked for.
const LEAST_SERVICES: u64 = 5000;
/// Limits of load balancing, as DescribeAccountLimits names them.
const TARGET_GROUPS: &str = "target-groups";

/// Looks at what a workload's deployment adds.
pub(super) async fn check(ground: &Ground<'_>) -> Vec<Finding> {
    let Some(service) = ground.model.container() else { return vec![] };
    let (mut found, addresses, services) =
        tokio::join!(balancing(ground, service), addresses(ground, service), services(ground));
    found.extend(addresses);
    found.extend(services);
    found
}

/// A count, what is added, and the limit.
fn room(what: &str, code: &'static str, used: u64, more: u64, limit: f64) -> Finding {
    let detail = format!("{used} of {limit} are there, and the deployment adds {more}");
    if (used + more) as f64 > limit {
        Finding::failed(CHECK, what, code, detail)
    } else {
        Finding::ok(CHECK, what, detail)
    }
}

/// The same where count and limit have to be asked for.
fn asked(
    what: &str,
    code: &'static str,
    used: Result<u64, Error>,
    more: u64,
    limit: Result<Option<f64>, Error>,
) -> Finding {
    match (used, limit) {
        (Ok(used), Ok(Some(limit))) => room(what, code, used, more, limit),
        (Err(error), _) | (_, Err(error)) => Finding::not_checked(CHECK, what, &error),
        (Ok(_), Ok(None)) => Finding::unknown(CHECK, what, "AWS names no such quota here"),
    }
}

/// Load balancers and target groups.
async fn balancing(ground: &Ground<'_>, service: &Service) -> Vec<Finding> {
    // With a strategy, each target has a second group for the version that comes.
    let shifts = |service: &Service| service.deployment.shift.is_some();
    if !ground.is_new
        && !ground.service_changed(|service| (service.http.clone(), service.nlb.clone(), shifts(service)))
    {
        return vec![];
    }
    let groups = |service: &Service| {
        let rules = service.http.as_ref().map_or(0, |http| http.rules.len());
        let targets = rules + service.nlb.as_ref().map_or(0, |nlb| nlb.listeners.len());
        targets as u64 * if shifts(service) { 2 } else { 1 }
    };
    let before = ground.before.as_ref().filter(|_| !ground.is_new).and_then(|before| before.container());
    // Without what is deployed at hand, its own are among those that are counted.
    let deployed = if ground.is_new { Some(0) } else { before.map(groups) };
    let new_groups = groups(service).saturating_sub(deployed.unwrap_or_else(|| groups(service)));
    let new_network = ground.is_new && service.nlb.is_some()
        || before.is_some_and(|before| before.nlb.is_none()) && service.nlb.is_some();
    let feature = match service.kind {
        Kind::LoadBalancedWeb => Feature::PublicLoadBalancer,
        _ => Feature::InternalLoadBalancer,
    };
    let own = service.http.as_ref().is_some_and(|http| http.imported.is_none());
    let new_application = own && !ground.has(feature);
    if new_groups == 0 && !new_network && !new_application {
        return vec![];
    }
    let elbv2 = ground.manager.elbv2();
    let limits = match elbv2.limits().await {
        Ok(limits) => limits,
        Err(error) => return vec![Finding::not_checked(CHECK, "load balancers of the region", &error)],
    };
    let limit = |name: &str| Ok(limits.get(name).map(|limit| *limit as f64));
    let mut found = vec![];
    let kinds = [("application", new_application), ("network", new_network)];
    if kinds.iter().any(|(_, new)| *new) {
        let counts = elbv2.count().await;
        for (kind, _) in kinds.iter().filter(|(_, new)| *new) {
            let used = counts.clone().map(|counts| counts.get(*kind).copied().unwrap_or_default());
            let what = format!("{kind} load balancers of the region");
            let limit = limit(&format!("{kind}-load-balancers"));
            found.push(asked(&what, "quota_load_balancers", used, 1, limit));
        }
    }
    if new_groups > 0 {
        let used = elbv2.target_group_count().await;
        let what = "target groups of the region";
        found.push(asked(what, "quota_target_groups", used, new_groups, limit(TARGET_GROUPS)));
    }
    found
}

/// Elastic addresses of NAT gateways, which come with the first workload in private subnets.
async fn addresses(ground: &Ground<'_>, service: &Service) -> Option<Finding> {
    let Vpc::Managed(vpc) = &ground.environment.vpc else { return None };
    let moved = ground.is_new || ground.service_changed(|service| service.network.placement.clone());
    if !moved || service.network.placement != Placement::Private || ground.has(Feature::NatGateways) {
        return None;
    }
    let (used, limit) = (
        ground.manager.ec2().address_count().await,
        ground.manager.quotas().quota(ADDRESSES.0, ADDRESSES.1).await,
    );
    let more = vpc.public.len() as u64;
    Some(asked("elastic addresses of the region", "quota_addresses", used, more, limit))
}

async fn services(ground: &Ground<'_>) -> Option<Finding> {
    let cluster =
        ground.outputs.get("ClusterId").filter(|_| ground.is_new && ground.model.noun() == "service")?;
    let what = format!("services of the cluster {cluster}");
    let used = match ground.manager.ecs().clusters(&[cluster]).await {
        Ok(found) => found.first()?.services,
        Err(error) => return Some(Finding::not_checked(CHECK, what, &error)),
    };
    if used < LEAST_SERVICES {
        return Some(Finding::ok(
            CHECK,
            what,
            format!("{used} are there, and every account may have {LEAST_SERVICES}"),
        ));
    }
    let limit = ground.manager.quotas().quota(SERVICES.0, SERVICES.1).await;
    Some(asked(&what, "quota_services", Ok(used), 1, limit))
}

/// Looks at what a new environment adds, before its stack is made.
pub(in crate::ops) async fn environment(manager: &Connection, model: &Environment) -> Vec<Finding> {
    if matches!(model.vpc, Vpc::Imported(_)) {
        return vec![];
    }
    let used = manager.ec2().vpcs(&[]).await.map(|found| found.len() as u64);
    let limit = manager.quotas().quota(VPCS.0, VPCS.1).await;
    vec![asked("VPCs of the region", "quota_vpcs", used, 1, limit)]
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, lines};
    use super::*;
    use crate::aws::testing;

    const WEB: &str = "name: web\ntype: Load Balanced Web Service\nimage:\n  location: nginx\n  port: 80\nhttp:\n  path: /\n\
        nlb:\n  port: 443/tcp\nnetwork:\n  vpc:\n    placement: private\n";

    /// An account with `used` of everything, of which it may have 5.
    fn account(used: usize) -> testing::Server {
        testing::server(move |request| {
            let many = |item: &str| item.repeat(used);
            match request.action.as_str() {
                "DescribeAccountLimits" => {
                    let limit = |name: &str| format!("<member><Name>{name}</Name><Max>5</Max></member>");
                    let limits = ["application-load-balancers", "network-load-balancers", "target-groups"].map(limit);
                    testing::xml(200, &format!("<r><DescribeAccountLimitsResult><Limits>{}</Limits></DescribeAccountLimitsResult></r>", limits.concat()).replace("<r>", "<DescribeAccountLimitsResponse>").replace("</r>", "</DescribeAccountLimitsResponse>"))
                }
                "DescribeLoadBalancers" => {
                    let all = many("<member><Type>application</Type></member><member><Type>network</Type></member>");
                    testing::xml(200, &format!("<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancers>{all}</LoadBalancers></DescribeLoadBalancersResult></DescribeLoadBalancersResponse>"))
                }
                "DescribeTargetGroups" => {
                    let all = many("<member><TargetGroupName>x</TargetGroupName></member>");
                    testing::xml(200, &format!("<DescribeTargetGroupsResponse><DescribeTargetGroupsResult><TargetGroups>{all}</TargetGroups></DescribeTargetGroupsResult></DescribeTargetGroupsResponse>"))
                }
                "DescribeAddresses" => {
                    let all = many("<item><publicIp>192.0.2.1</publicIp></item>");
                    testing::xml(200, &format!("<DescribeAddressesResponse><addressesSet>{all}</addressesSet></DescribeAddressesResponse>"))
                }
                "DescribeVpcs" => {
                    let all = many("<item><vpcId>vpc-1</vpcId><cidrBlock>10.0.0.0/16</cidrBlock><isDefault>false</isDefault></item>");
                    testing::xml(200, &format!("<DescribeVpcsResponse><vpcSet>{all}</vpcSet></DescribeVpcsResponse>"))
                }
                "DescribeClusters" => testing::json(
                    200,
                    &serde_json::json!({"clusters": [{"clusterName": "c", "activeServicesCount": if used < 5 { 7 } else { 5000 }}]}).to_string(),
                ),
                "GetServiceQuota" if request.body.contains("L-9EF96962") => testing::json(200, r#"{"Quota": {"Value": 5000.0}}"#),
                "GetServiceQuota" => testing::json(200, r#"{"Quota": {"Value": 5.0}}"#),
                other => panic!("{other}"),
            }
        })
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_a_deployment_adds_has_to_fit() {
        let mut all = vec![];
        for used in [2, 5] {
            let server = account(used);
            let mut bench = Bench::new(WEB);
            bench.outputs.insert("ClusterId".to_owned(), "c".to_owned());
            let ground = bench.ground(&server);
            all.push(lines(&check(&ground).await));
            all.push(lines(&environment(server.connection(), &bench.environment).await));
        }
        insta::assert_snapshot!("quotas", all.join("\n"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_strategy_takes_a_second_target_group() {
        const PLAIN: &str = "name: web\ntype: Load Balanced Web Service\nimage:\n  location: nginx\n  port: 80\nhttp:\n  path: /\n";
        let server = account(4);
        let mut bench = Bench::new(&format!("{PLAIN}deployment:\n  strategy: blue_green\n"));
        bench.features = [(Feature::PublicLoadBalancer.parameter().to_owned(), "other".to_owned())].into();
        let mut ground = bench.ground(&server);
        let groups = |found: &[Finding]| lines(found).lines().next().unwrap_or_default().to_owned();
        let counted = "target groups of the region: 4 of 5 are there, and the deployment adds";
        assert_eq!(groups(&check(&ground).await), format!("Failed quota quota_target_groups | {counted} 2"));
        // Switched on for a service that is there.
        ground.is_new = false;
        ground.before = Some(Bench::new(PLAIN).model);
        assert_eq!(groups(&check(&ground).await), format!("Ok quota  | {counted} 1"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_there_already_is_not_asked_about() {
        let server = account(5);
        let mut bench = Bench::new(WEB);
        bench.features = [Feature::PublicLoadBalancer, Feature::NatGateways]
            .map(|feature| (feature.parameter().to_owned(), "other".to_owned()))
            .into();
        let mut ground = bench.ground(&server);
        ground.is_new = false;
        ground.before = Some(bench.model.clone());
        assert_eq!((check(&ground).await, server.actions()), (vec![], vec![]));
        bench.environment.vpc = Vpc::Imported(crate::model::environment::ImportedVpc {
            id: "vpc-1".into(),
            public: vec![],
            private: vec![],
        });
        assert_eq!(
            (environment(server.connection(), &bench.environment).await, server.actions()),
            (vec![], vec![])
        );
    }
}
