//! The application's StackSet: how it stands, and what hinders its next change.

use jiff::Timestamp;
use serde::Serialize;

use super::Health;
use crate::aws::cloudformation::stack_set::{Instance, Listed, StackSet};
use crate::facts::App;
use crate::ops::Result;
use crate::ops::app::upgrade::{self, Lagging, StateChange, Upgrade};
use crate::stack::infrastructure::StackSetState;
use crate::yaml::template;

/// Longest time, in minutes, that an operation takes that is not stuck.
const LONG: i64 = 60;

/// The StackSet, examined.
#[derive(Debug, Clone, Serialize)]
pub struct Examined {
    /// Its name.
    pub name: String,
    /// Its status, such as `ACTIVE`.
    pub status: String,
    /// Version of its template, such as `v1.2.0`; `v0.0.0` when it says none, empty when it can't be read.
    pub template_version: String,
    /// How often its template was changed, as the template itself counts; 0 when it does not.
    pub changes: u64,
    /// Its instances, one per account and region.
    pub instances: Vec<Place>,
    /// Operations that run or wait, oldest first.
    pub operations: Vec<Running>,
    /// What `wharf app upgrade` would do to it; absent where it would do nothing.
    pub upgrade: Option<Upgrade>,
    /// What is worth knowing, a sentence each without a period.
    pub findings: Vec<String>,
    /// How good it stands.
    pub health: Health,
    /// What that means, and what to do.
    pub verdict: String,
}

/// An instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its 12-digit account.
    pub account: String,
    /// Its region.
    pub region: String,
    /// `CURRENT`, `OUTDATED` or `INOPERABLE`.
    pub status: String,
}

/// An operation that is not at its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Running {
    /// Its id: the counter of the change that it carries out, or a random one.
    pub id: String,
    /// `QUEUED`, `RUNNING` or `STOPPING`.
    pub status: String,
    /// Since when, in minutes.
    pub minutes: i64,
}

/// Judges a StackSet by its template, its instances with those of their stacks that lag behind, and its operations.
pub(super) fn examined(
    app: &App,
    set: StackSet,
    (instances, lagging): (Vec<Instance>, &[Lagging]),
    operations: Vec<Listed>,
    now: Timestamp,
) -> Result<Examined> {
    let ahead = |change| upgrade::of_set(app, (&set, &instances, lagging), change);
    let upgrade = ahead(StateChange::Upgrade)?.map(|ahead| ahead.upgrade);
    // Where nothing is to be brought up to date the next change of anything may still be refused.
    let next = if upgrade.is_some() { None } else { ahead(StateChange::Anew)? };
    let findings: Vec<String> =
        next.into_iter().flat_map(|ahead| ahead.upgrade.problems).map(|problem| problem.what).collect();
    let mut running: Vec<Running> = operations
        .into_iter()
        .filter(Listed::is_under_way)
        .map(|operation| Running {
            id: operation.id,
            status: operation.status,
            minutes: (now.as_millisecond() - operation.began).max(0) / 60_000,
        })
        .collect();
    running.reverse();
    let instances: Vec<Place> = instances
        .into_iter()
        .map(|one| Place { account: one.account, region: one.region, status: one.status })
        .collect();
    let (health, verdict) = verdict(&set.status, &instances, &running, (upgrade.as_ref(), &findings));
    let state = template::parse(&set.template).ok().map(|read| StackSetState::parse(&read));
    Ok(Examined {
        name: set.name,
        status: set.status,
        template_version: state.as_ref().map(|state| state.template_version.clone()).unwrap_or_default(),
        changes: state.map(|state| state.version).unwrap_or_default(),
        instances,
        operations: running,
        upgrade,
        findings,
        health,
        verdict,
    })
}

fn verdict(
    status: &str,
    instances: &[Place],
    running: &[Running],
    (upgrade, findings): (Option<&Upgrade>, &[String]),
) -> (Health, String) {
    let with = |status: &str| -> Vec<&str> {
        instances.iter().filter(|one| one.status == status).map(|one| one.region.as_str()).collect()
    };
    let (inoperable, outdated) = (with("INOPERABLE"), with("OUTDATED"));
    if status != "ACTIVE" {
        (Health::Bad, format!("is {status}: run `wharf app init` again"))
    } else if let Some(stuck) = running.iter().find(|one| one.minutes > LONG) {
        let said =
            format!("has an operation {} that is {} for {} minutes", stuck.id, stuck.status, stuck.minutes);
        (Health::Bad, format!("{said}: stop it with `aws cloudformation stop-stack-set-operation`"))
    } else if !inoperable.is_empty() {
        (Health::Bad, format!("can't be changed in {}: delete that instance by hand", inoperable.join(", ")))
    } else if !running.is_empty() {
        (Health::Attention, "is being changed: look again when that is done".to_owned())
    } else if let Some(problem) = upgrade.and_then(|upgrade| upgrade.problems.first()) {
        (Health::Bad, format!("can't be upgraded as it is: {}", problem.what))
    } else if let Some(finding) = findings.first() {
        (Health::Bad, format!("can't be changed as it is: {finding}"))
    } else if !outdated.is_empty() {
        (Health::Attention, format!("lags behind in {}: `wharf app upgrade` mends it", outdated.join(", ")))
    } else if let Some(upgrade) = upgrade {
        let said = format!("is of version {}", upgrade.template_version);
        (Health::Attention, format!("{said}: `wharf app upgrade` brings it to {}", upgrade.to))
    } else {
        (Health::Good, "is in order".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_its_verdict() {
        let place = |status: &str| Place {
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            status: status.into(),
        };
        let running = |minutes| Running { id: "7".into(), status: "RUNNING".into(), minutes };
        let problem = || vec![upgrade::Problem { what: "Key would be lost".into(), next: String::new() }];
        let upgrade = |problems| Upgrade {
            template_version: "v1.0.0".into(),
            to: "v2.0.0".into(),
            stacks: vec![],
            problems,
        };
        let (due, refused, hidden) = (upgrade(vec![]), upgrade(problem()), ["Key would be lost".to_owned()]);
        let judged = |status: &str, instances: &[Place], operations: &[Running], more| {
            let (health, verdict) = verdict(status, instances, operations, more);
            format!("{health:?}: {verdict}")
        };
        let told = |status: &str, instances: &[Place], operations: &[Running]| {
            judged(status, instances, operations, (None, &[]))
        };
        let lines = [
            told("ACTIVE", &[place("CURRENT")], &[]),
            told("ACTIVE", &[place("OUTDATED")], &[]),
            told("ACTIVE", &[place("OUTDATED")], &[running(3)]),
            told("ACTIVE", &[place("INOPERABLE")], &[]),
            told("ACTIVE", &[place("OUTDATED")], &[running(61)]),
            told("DELETED", &[], &[]),
            judged("ACTIVE", &[place("CURRENT")], &[], (Some(&due), &[])),
            judged("ACTIVE", &[place("OUTDATED")], &[], (Some(&due), &[])),
            judged("ACTIVE", &[place("OUTDATED")], &[], (Some(&refused), &[])),
            judged("ACTIVE", &[place("OUTDATED")], &[running(3)], (Some(&refused), &[])),
            judged("ACTIVE", &[place("CURRENT")], &[], (None, &hidden)),
        ];
        insta::assert_snapshot!(lines.join("\n"), @r"
        Good: is in order
        Attention: lags behind in eu-west-1: `wharf app upgrade` mends it
        Attention: is being changed: look again when that is done
        Bad: can't be changed in eu-west-1: delete that instance by hand
        Bad: has an operation 7 that is RUNNING for 61 minutes: stop it with `aws cloudformation stop-stack-set-operation`
        Bad: is DELETED: run `wharf app init` again
        Attention: is of version v1.0.0: `wharf app upgrade` brings it to v2.0.0
        Attention: lags behind in eu-west-1: `wharf app upgrade` mends it
        Bad: can't be upgraded as it is: Key would be lost
        Attention: is being changed: look again when that is done
        Bad: can't be changed as it is: Key would be lost
        ");
    }

    #[test]
    fn operations_that_are_over_do_not_count() {
        let set = StackSet {
            name: "shop-infrastructure".into(),
            status: "ACTIVE".into(),
            description: String::new(),
            template: "Metadata:\n  TemplateVersion: v1.2.0\n  Version: 7\n".into(),
            parameters: std::collections::BTreeMap::new(),
            tags: std::collections::BTreeMap::new(),
            admin_role_arn: String::new(),
            execution_role: String::new(),
        };
        let operation = |id: &str, status: &str, began| Listed {
            id: id.into(),
            status: status.into(),
            reason: String::new(),
            began,
        };
        let now = Timestamp::from_millisecond(600_000).unwrap();
        let listed = vec![
            operation("8", "QUEUED", 540_000),
            operation("7", "RUNNING", 0),
            operation("6", "FAILED", 0),
        ];
        let name = crate::name::AppName::new("shop").unwrap();
        let app = crate::facts::Facts::new(name, crate::name::EnvName::new("test").unwrap()).app;
        let found = examined(&app, set, (vec![], &[]), listed, now).unwrap();
        let ids: Vec<(&str, i64)> =
            found.operations.iter().map(|one| (one.id.as_str(), one.minutes)).collect();
        assert_eq!((ids, found.changes), (vec![("7", 10), ("8", 1)], 7));
        assert_eq!(found.template_version, "v1.2.0");
    }
}
