//! Where tasks stand: subnets, security groups, file systems, and whether there is room.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::{Finding, Ground};
use crate::aws::ec2::Subnet;
use crate::model::container::{Variable, VolumeSource};
use crate::model::service::{Count, Placement, Service};

/// Looks at the network of a workload on ECS.
pub(super) async fn check(ground: &Ground<'_>) -> Vec<Finding> {
    let Some(service) = ground.model.container() else { return vec![] };
    let (mut found, groups, systems) =
        tokio::join!(subnets(ground, service), groups(ground, service), file_systems(ground, service));
    found.extend(groups);
    found.extend(systems);
    found
}

/// Ids of the subnets that tasks are placed in.
fn placed(ground: &Ground<'_>, service: &Service) -> Vec<String> {
    let output = |name: &str| {
        let text = ground.outputs.get(name).map(String::as_str).unwrap_or_default();
        text.split(',').filter(|id| !id.is_empty()).map(str::to_owned).collect()
    };
    match &service.network.placement {
        Placement::Public => output("PublicSubnets"),
        Placement::Private => output("PrivateSubnets"),
        Placement::Subnets(ids) => ids.clone(),
        Placement::Tagged(_) => ground.subnets.to_vec(),
    }
}

async fn subnets(ground: &Ground<'_>, service: &Service) -> Vec<Finding> {
    let moved = ground.service_changed(|service| service.network.placement.clone());
    let sized = ground.service_changed(|service| (service.count.clone(), service.deployment.max_percent));
    let ids = placed(ground, service);
    if !(moved || sized) || ids.is_empty() {
        return vec![];
    }
    let what = format!("subnets {}", ids.join(", "));
    let known = match ground.manager.ec2().known_subnets(&ids).await {
        Ok(known) => known,
        Err(error) => {
            return vec![
                Finding::not_checked("network", what.clone(), &error),
                Finding::not_checked("addresses", what, &error),
            ];
        }
    };
    let mut found = vec![];
    // Those behind tags were looked for a moment ago; a release names the ones of its time.
    let named = match &service.network.placement {
        Placement::Subnets(ids) => ids.as_slice(),
        Placement::Tagged(_) if ground.workspace.is_none() => ground.subnets,
        _ => &[],
    };
    if !named.is_empty() {
        let vpc = vpc(ground);
        found.extend(named.iter().map(|id| {
            let what = format!("subnet {id}");
            let advice = "Name subnets of the environment's VPC in `network.vpc.placement.subnets`, or place the tasks by tags.".to_owned();
            match known.iter().find(|subnet| subnet.id == *id) {
                None => failed(what, format!("does not exist in {}", ground.region), advice),
                Some(subnet) if !vpc.is_empty() && subnet.vpc != vpc => {
                    failed(what, format!("is in {}, and the environment in {vpc}", subnet.vpc), advice)
                }
                Some(_) => Finding::ok("network", what, "is in the environment's VPC"),
            }
        }));
    }
    found.extend(room(ground, service, &known));
    found
}

/// Id of the environment's VPC; empty when its stack does not say.
fn vpc<'a>(ground: &'a Ground<'_>) -> &'a str {
    ground.outputs.get("VpcId").map(String::as_str).unwrap_or_default()
}

fn failed(what: String, detail: String, advice: String) -> Finding {
    Finding::failed("network", what, "", detail).advice(advice)
}

/// Tasks at the start and at most while a deployment replaces them.
pub(super) fn tasks(service: &Service) -> (u64, u64) {
    if service.job.is_some() {
        return (1, 1);
    }
    let count = service.count.initial();
    (count, (count.saturating_mul(service.deployment.max_percent) / 100).max(count))
}

/// The most tasks that scaling comes to.
pub(super) fn most(service: &Service) -> u64 {
    match &service.count {
        Count::Fixed(count) | Count::Spot(count) => *count,
        Count::Scaled(scaling) => scaling.max,
    }
}

/// Whether the subnets have an address for each new task.
fn room(ground: &Ground<'_>, service: &Service, known: &[Subnet]) -> Option<Finding> {
    let free: u64 = known.iter().map(|subnet| subnet.free_addresses).sum();
    let (count, at_once) = tasks(service);
    let running = if ground.is_new { 0 } else { deployed_tasks(ground).unwrap_or(count) };
    let wanted = if ground.is_new { count } else { at_once.saturating_sub(running) };
    if known.is_empty() || count == 0 {
        return None;
    }
    let ids: Vec<&str> = known.iter().map(|subnet| subnet.id.as_str()).collect();
    let what = format!("subnets {}", ids.join(", "));
    let told =
        |number: u64, one: &str, many: &str| format!("{number} {}", if number == 1 { one } else { many });
    let detail = format!(
        "{} free for {}",
        told(free, "address is", "addresses are"),
        told(wanted, "new task", "new tasks")
    );
    Some(match free < wanted {
        false => Finding::ok("addresses", what, detail),
        true if ground.is_new => Finding::failed("addresses", what, "subnet_full", detail),
        // ECS stops old tasks first where it may.
        true => Finding::failed("addresses", what, "subnet_full", detail).mild(),
    })
}

fn deployed_tasks(ground: &Ground<'_>) -> Option<u64> {
    ground.before.as_ref()?.container().map(|service| service.count.initial())
}

async fn groups(ground: &Ground<'_>, service: &Service) -> Vec<Finding> {
    let ids: Vec<String> = service
        .network
        .security_groups
        .iter()
        .filter_map(|group| match group {
            Variable::Text(id) => Some(id.clone()),
            Variable::Export(_) => None,
        })
        .collect();
    if ids.is_empty() || !ground.service_changed(|service| service.network.security_groups.clone()) {
        return vec![];
    }
    let known = match ground.manager.ec2().known_security_groups(&ids).await {
        Ok(known) => known,
        Err(error) => {
            return vec![Finding::not_checked(
                "network",
                format!("security groups {}", ids.join(", ")),
                &error,
            )];
        }
    };
    let vpc = vpc(ground);
    let look = |id: &String| {
        let what = format!("security group {id}");
        let advice = format!(
            "Name security groups of {} in `network.vpc.security_groups`.",
            if vpc.is_empty() { "the environment's VPC" } else { vpc }
        );
        match known.get(id) {
            None => failed(what, format!("does not exist in {}", ground.region), advice),
            Some(other) if !vpc.is_empty() && other != vpc => {
                failed(what, format!("is in {other}, and the environment in {vpc}"), advice)
            }
            Some(_) => Finding::ok("network", what, "is in the environment's VPC"),
        }
    };
    ids.iter().map(look).collect()
}

async fn file_systems(ground: &Ground<'_>, service: &Service) -> Vec<Finding> {
    if !ground.service_changed(|service| service.storage.volumes.clone()) {
        return vec![];
    }
    let ids: BTreeSet<&String> = service
        .storage
        .volumes
        .iter()
        .filter_map(|volume| match &volume.source {
            VolumeSource::Efs { id: Variable::Text(id), .. } => Some(id),
            _ => None,
        })
        .collect();
    let look = |id: String| async move {
        let what = format!("file system {id}");
        match ground.manager.efs().file_system(&id).await {
            Err(error) => Finding::not_checked("file_systems", what, &error),
            Ok(None) => Finding::failed("file_systems", what, "efs_mount", format!("does not exist in {}", ground.region))
                .advice("Correct the id below `storage.volumes` in the manifest; it must be in the account and region of the environment."),
            Ok(Some(system)) if system.life_cycle_state != "available" => {
                let detail = format!("is {}", system.life_cycle_state);
                Finding::failed("file_systems", what, "efs_mount", detail)
            }
            Ok(Some(system)) if system.number_of_mount_targets == 0 => {
                Finding::failed("file_systems", what, "efs_mount", "has no mount target")
            }
            Ok(Some(system)) => {
                let targets = system.number_of_mount_targets;
                Finding::ok("file_systems", what, format!("is available; mount targets: {targets}"))
            }
        }
    };
    join_all(ids.into_iter().cloned().map(look)).await
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, lines};
    use super::*;
    use crate::aws::testing;

    const MANIFEST: &str = "name: api\ntype: Backend Service\nimage:\n  location: nginx\ncount: 3\n\
        network:\n  vpc:\n    placement:\n      subnets: [subnet-1, subnet-2, subnet-3]\n    security_groups: [sg-1, sg-2, sg-3]\n\
        storage:\n  volumes:\n    a:\n      path: /a\n      efs: {id: fs-1}\n    b:\n      path: /b\n      efs: {id: fs-2}\n    c:\n      path: /c\n      efs: {id: fs-3}\n";

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_named_is_in_the_vpc_with_room() {
        let server = testing::server(|request| match request.action.as_str() {
            "DescribeSubnets" => testing::xml(
                200,
                "<r><subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId><availableIpAddressCount>1</availableIpAddressCount></item>\
                 <item><subnetId>subnet-2</subnetId><vpcId>vpc-2</vpcId></item></subnetSet></r>",
            ),
            "DescribeSecurityGroups" => testing::xml(
                200,
                "<r><securityGroupInfo><item><groupId>sg-1</groupId><vpcId>vpc-1</vpcId></item>\
                 <item><groupId>sg-2</groupId><vpcId>vpc-2</vpcId></item></securityGroupInfo></r>",
            ),
            _ if request.uri.contains("fs-1") => testing::json(
                200,
                r#"{"FileSystems": [{"LifeCycleState": "available", "NumberOfMountTargets": 2}]}"#,
            ),
            _ if request.uri.contains("fs-2") => {
                testing::json(200, r#"{"FileSystems": [{"LifeCycleState": "available"}]}"#)
            }
            _ => testing::json_error("FileSystemNotFound", "no"),
        });
        let bench = Bench::new(MANIFEST);
        let mut ground = bench.ground(&server);
        insta::assert_snapshot!("network", lines(&check(&ground).await));
        // Beside tasks that run, room is wanted for those of a deployment alone.
        ground.is_new = false;
        let found = check(&ground).await;
        let room = found.iter().find(|one| one.check == "addresses").unwrap();
        assert_eq!(room.detail, "1 address is free for 3 new tasks");
        assert_eq!(room.outcome, super::super::Outcome::Warning);
    }
}
