//! What the account gives: Fargate's quotas, and names that are taken.

use super::network::{most, tasks};
use super::{Finding, Ground};
use crate::model::service::{Count, Service};

/// Service and codes of the quotas of vCPUs, on demand and Spot ("Fargate On-Demand vCPU resource count", "Fargate Spot vCPU
/// resource count").
const FARGATE: &str = "fargate";
const ON_DEMAND: &str = "L-3032A538";
const SPOT: &str = "L-36FBB829";

/// Looks at quotas and names.
pub(super) async fn check(ground: &Ground<'_>) -> Vec<Finding> {
    let Some(service) = ground.model.container() else { return vec![] };
    let (quota, name) = tokio::join!(quota(ground, service), log_group(ground));
    quota.into_iter().chain(name).collect()
}

async fn quota(ground: &Ground<'_>, service: &Service) -> Option<Finding> {
    if !ground.service_changed(|one| (one.cpu, one.count.clone(), one.deployment.max_percent)) {
        return None;
    }
    let (code, kind) = match service.count {
        Count::Spot(_) => (SPOT, "Fargate Spot"),
        _ => (ON_DEMAND, "Fargate"),
    };
    let what = format!("vCPUs of {kind}");
    let limit = match ground.manager.quotas().quota(FARGATE, code).await {
        Ok(Some(limit)) => limit,
        Ok(None) => return Some(Finding::unknown("quota", what, format!("AWS knows no quota {code} here"))),
        Err(error) => return Some(Finding::not_checked("quota", what, &error)),
    };
    let (count, at_once) = tasks(service);
    let vcpus = |tasks: u64| tasks as f64 * service.cpu as f64 / 1024.0;
    // From some task on they run on Spot, which has a quota of its own.
    let mixed = matches!(&service.count, Count::Scaled(scaling) if scaling.spot_from.is_some());
    let detail = |tasks: u64, why: &str| {
        format!("the quota of the account is {limit}, and {tasks} tasks {why} need {}", vcpus(tasks))
    };
    Some(if mixed {
        Finding::ok("quota", what, format!("the quota of the account is {limit}"))
    } else if vcpus(count) > limit {
        Finding::failed("quota", what, "quota_fargate", detail(count, "at the start"))
    } else if vcpus(at_once) > limit {
        Finding::failed("quota", what, "quota_fargate", detail(at_once, "during a deployment")).mild()
    } else if vcpus(most(service)) > limit {
        Finding::failed("quota", what, "quota_fargate", detail(most(service), "at most")).mild()
    } else {
        Finding::ok(
            "quota",
            what,
            format!("the quota of the account is {limit}; {} at most", vcpus(at_once.max(most(service)))),
        )
    })
}

/// The log group of a stack that is new: a deleted one may have kept it.
async fn log_group(ground: &Ground<'_>) -> Option<Finding> {
    if !ground.is_new {
        return None;
    }
    let name = format!("/copilot/{}", ground.full_name());
    let what = format!("log group {name}");
    Some(match ground.manager.logs().exists(&name).await {
        Ok(false) => Finding::ok("names", what, "the name is free"),
        // The stack of a failed creation still has it, and is removed first.
        Ok(true) => match ground.manager.cloudformation().stack(&ground.full_name()).await {
            Ok(None) => {
                let detail = "is there already, outside of any stack of this workload";
                Finding::failed("names", what, "log_group_exists", detail)
            }
            Ok(Some(_)) => Finding::ok("names", what, "belongs to the stack that is removed first"),
            Err(error) => Finding::not_checked("names", what, &error),
        },
        Err(error) => Finding::not_checked("names", what, &error),
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, lines};
    use super::*;
    use crate::aws::testing;

    async fn looked(count: &str, quota: &'static str, taken: bool) -> String {
        let server = testing::server(move |request| match request.action.as_str() {
            "GetServiceQuota" => testing::json(200, quota),
            "DescribeStacks" => testing::xml_error(400, "ValidationError", "Stack with id x does not exist"),
            _ if taken => testing::json(200, "{}"),
            _ => testing::json_error("ResourceNotFoundException", "no"),
        });
        let manifest = format!(
            "name: api\ntype: Backend Service\nimage:\n  location: nginx\ncpu: 1024\nmemory: 2048\n{count}\n"
        );
        let bench = Bench::new(&manifest);
        lines(&check(&bench.ground(&server)).await)
    }

    #[tokio::test(flavor = "current_thread")]
    async fn tasks_fit_into_the_quota() {
        const SIX: &str = r#"{"Quota": {"Value": 6.0}}"#;
        let mut all = vec![];
        for count in [
            "count: 2",
            "count: 4",
            "count: 7",
            "count:\n  range: 1-10\n  cpu_percentage: 50",
            "count:\n  spot: 7",
        ] {
            all.push(looked(count, SIX, false).await);
        }
        all.push(looked("count: 1", SIX, true).await);
        insta::assert_snapshot!("account", all.join("\n"));
    }
}
