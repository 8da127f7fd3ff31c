//! What the account gives: Fargate's quotas, and names that are taken.

use super::network::{most, tasks};
use super::{Finding, Ground, Outcome};
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

async fn quota(ground: &Ground<'_>, service: &Service) -> Vec<Finding> {
    if !ground.service_changed(|one| (one.cpu, one.count.clone(), one.deployment.max_percent)) {
        return vec![];
    }
    let (code, kind) = match service.count {
        Count::Spot(_) => (SPOT, "Fargate Spot"),
        _ => (ON_DEMAND, "Fargate"),
    };
    let what = format!("vCPUs of {kind}");
    let limit = match ground.manager.quotas().quota(FARGATE, code).await {
        Ok(Some(limit)) => limit,
        Ok(None) => return vec![Finding::unknown("quota", what, format!("AWS knows no quota {code} here"))],
        Err(error) => return vec![Finding::not_checked("quota", what, &error)],
    };
    let (count, at_once) = tasks(service);
    let vcpus = |tasks: u64| tasks as f64 * service.cpu as f64 / 1024.0;
    // From some task on they run on Spot, which has a quota of its own.
    let mixed = matches!(&service.count, Count::Scaled(scaling) if scaling.spot_from.is_some());
    let detail = |tasks: u64, why: &str| {
        format!("the quota of the account is {limit}, and {tasks} tasks {why} need {}", vcpus(tasks))
    };
    let by_itself = if mixed {
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
    };
    if mixed || by_itself.outcome != Outcome::Ok {
        return vec![by_itself];
    }
    let class = if code == SPOT { "Standard/Spot" } else { "Standard/OnDemand" };
    match in_use(ground, (&by_itself.what, class, limit), vcpus(count), vcpus(at_once)).await {
        Some(found) if found.outcome == Outcome::NotChecked => vec![by_itself, found],
        Some(found) => vec![found],
        None => vec![by_itself],
    }
}

/// What the account uses of the quota, as AWS counted it some minutes ago, and whether that leaves room for the new tasks: else a
/// warning, as it may be less by now. `None`: there is no count.
async fn in_use(
    ground: &Ground<'_>,
    (what, class, limit): (&str, &str, f64),
    start: f64,
    at_once: f64,
) -> Option<Finding> {
    let now = jiff::Timestamp::now().as_millisecond();
    let used = match ground.manager.cloudwatch().usage(("Fargate", "vCPU", class), now).await {
        // Without a count nothing runs, or it is not told: then the quota itself is all that is known.
        Ok(used) => used?,
        Err(error) => return Some(Finding::not_checked("quota", format!("{what} in use"), &error)),
    };
    // What is deployed is among what is in use.
    let running = match &ground.before {
        Some(before) if !ground.is_new => before.container().map(|one| {
            let (count, _) = tasks(one);
            count as f64 * one.cpu as f64 / 1024.0
        })?,
        None if !ground.is_new => start,
        _ => 0.0,
    };
    let more = if ground.is_new { start } else { (at_once - running).max(0.0) };
    let detail = format!("{used} of the account's {limit} are in use, and the deployment needs {more} more");
    Some(if used + more <= limit {
        Finding::ok("quota", what, detail)
    } else {
        Finding::failed("quota", what, "quota_fargate", detail).mild()
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
        with_use(count, quota, taken, "").await
    }

    async fn with_use(count: &str, quota: &'static str, taken: bool, used: &'static str) -> String {
        let server = testing::server(move |request| match request.action.as_str() {
            "GetMetricData" => testing::xml(
                200,
                &format!(
                    "<GetMetricDataResponse><GetMetricDataResult><MetricDataResults><member><Values>{used}</Values></member></MetricDataResults></GetMetricDataResult></GetMetricDataResponse>"
                ),
            ),
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
        all.push(with_use("count: 2", SIX, false, "<member>3.5</member>").await);
        all.push(with_use("count: 2", SIX, false, "<member>5</member>").await);
        insta::assert_snapshot!("account", all.join("\n"));
    }
}
