//! Many workloads at once: which wait for which, what becomes of each.

use std::collections::BTreeSet;

use serde::Serialize;

use super::render::Loaded;
use super::topics::Together;
use crate::diagnostic::Diagnostics;
use crate::manifest::decode::Spanned;
use crate::manifest::shape::nearest;
use crate::name::WorkloadName;
use crate::ops::package::Findings;
use crate::ops::{Error, Result, Session};
use crate::plan::order::Order;

/// Most stacks that change at a time. Each is followed by several calls every few seconds, and CloudFormation throttles those
/// by account and region; more at once would all be slower.
pub(super) const STACKS_AT_ONCE: usize = 10;

/// What became of a workload in a deployment of several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fate {
    /// The workload.
    pub name: WorkloadName,
    /// What became of it.
    pub result: Ending,
    /// Why it was taken or left, in a clause.
    pub why: String,
}

/// What can become of a workload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// It was deployed, or found to be up to date on the way.
    Deployed,
    /// CloudFormation has begun to deploy it, and nobody waited.
    Started,
    /// Nothing of it has changed since it was deployed, so nothing was done.
    Unchanged,
    /// It was not looked at: it was not asked for.
    LeftOut,
    /// Its deployment failed.
    Failed,
    /// It was not deployed because something it depends on failed.
    NotDeployed,
}

/// A workload and what it says it depends on.
pub(in crate::ops) type Dependent<'a> = (&'a WorkloadName, &'a [Spanned<WorkloadName>]);

/// What is wrong with dependencies: the workload in whose manifest it stands, and the finding. `all`: workloads that may be
/// named.
pub(in crate::ops) fn faults(
    items: &[Dependent<'_>],
    all: &[WorkloadName],
) -> Vec<(WorkloadName, Diagnostics)> {
    let mut found = vec![];
    for (name, depends_on) in items {
        let mut out = Diagnostics::new();
        for on in depends_on.iter().filter(|on| !all.contains(&on.value)) {
            let near = nearest(on.value.as_str(), all.iter().map(WorkloadName::as_str));
            let help = near.map_or_else(
                || "only services and jobs of this workspace can be waited for".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            let message = format!("there is no {} in this workspace", on.value);
            out.error("depends-on/unknown", message).at(on.span).help(help);
        }
        if !out.is_empty() {
            found.push(((*name).clone(), out));
        }
    }
    if let Some(circle) = Order::new(&numbers(items), 1).circle() {
        let name = |at: usize| items.get(circle[at % circle.len()]).map(|item| item.0);
        if let (Some((own, depends_on)), Some(next)) = (items.get(circle[0]), name(1))
            && let Some(on) = depends_on.iter().find(|on| on.value == *next)
        {
            let path: Vec<&str> = (0..=circle.len()).filter_map(|at| Some(name(at)?.as_str())).collect();
            let mut out = Diagnostics::new();
            out.error("depends-on/circle", format!("{own} waits for itself: {}", path.join(" → ")))
                .at(on.span)
                .help("take one of these dependencies out");
            found.push(((*own).clone(), out));
        }
    }
    found
}

/// For each workload the numbers of those it waits for, as far as they are among these.
fn numbers(items: &[Dependent<'_>]) -> Vec<Vec<usize>> {
    let number = |on: &Spanned<WorkloadName>| items.iter().position(|(name, _)| **name == on.value);
    items.iter().map(|(_, depends_on)| depends_on.iter().filter_map(number).collect()).collect()
}

/// For each workload the numbers of those it waits for, when all of this can be deployed together.
///
/// # Errors
/// A dependency that is not in the workspace, a circle: with their places in the manifest.
pub(super) fn after(session: &Session, loaded: &[Loaded]) -> Result<Vec<Vec<usize>>> {
    let items: Vec<Dependent<'_>> =
        loaded.iter().map(|one| (one.model.name(), one.depends_on.as_slice())).collect();
    if items.iter().all(|(_, depends_on)| depends_on.is_empty()) {
        return Ok(vec![vec![]; loaded.len()]);
    }
    let all = session.workspace()?.workloads()?.names;
    for (name, diagnostics) in faults(&items, &all) {
        let own = loaded.iter().find(|one| *one.model.name() == name);
        if let Some(own) = own {
            let source = own.findings.source.clone();
            return Err(Error::Manifest(Box::new(Findings { source, diagnostics })));
        }
    }
    Ok(numbers(&items))
}

/// Workloads that are deployed before this one, of those that are deployed together.
pub(super) fn before<'a>(loaded: &'a Loaded, together: &Together) -> BTreeSet<&'a WorkloadName> {
    loaded.depends_on.iter().map(|on| &on.value).filter(|name| together.contains_key(*name)).collect()
}

/// The same order with those that wait for topics which are not there yet; `awaited` has for each workload whose those are.
///
/// # Errors
/// They wait for each other in a circle.
pub(super) fn with_topics(
    mut after: Vec<Vec<usize>>,
    awaited: &[(&WorkloadName, &BTreeSet<WorkloadName>)],
) -> Result<Vec<Vec<usize>>> {
    for (own, (_, publishers)) in awaited.iter().enumerate() {
        let numbers = awaited.iter().enumerate().filter(|(_, (name, _))| publishers.contains(*name));
        after[own].extend(numbers.map(|(number, _)| number));
    }
    let Some(circle) = Order::new(&after, 1).circle() else { return Ok(after) };
    let names: Vec<&str> =
        circle.iter().chain(circle.first()).map(|number| awaited[*number].0.as_str()).collect();
    Err(Error::Usage(format!(
        "these can't be deployed together for the first time, as each waits for the next one or for a topic of it: {}; \
         deploy one of them without its subscription first",
        names.join(" → ")
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Span;

    #[test]
    fn who_subscribes_waits_for_who_publishes() {
        let name = |text: &str| WorkloadName::new(text).unwrap();
        let (api, work) = (name("api"), name("work"));
        let (none, on) = (BTreeSet::new(), BTreeSet::from([name("api"), name("elsewhere")]));
        let after = with_topics(vec![vec![], vec![]], &[(&api, &none), (&work, &on)]).unwrap();
        assert_eq!(after, [vec![], vec![0]]);
        let error = with_topics(vec![vec![1], vec![]], &[(&api, &none), (&work, &on)]).unwrap_err();
        assert!(error.to_string().contains("api → work → api"), "{error}");
    }

    #[test]
    fn unknown_names_and_circles_are_faults() {
        let name = |text: &str| WorkloadName::new(text).unwrap();
        let on = |texts: &[&str]| -> Vec<Spanned<WorkloadName>> {
            texts.iter().map(|text| Spanned { value: name(text), span: Span::default() }).collect()
        };
        let said = |items: &[(&str, &[&str])]| -> Vec<String> {
            let owned: Vec<_> = items.iter().map(|(own, depends_on)| (name(own), on(depends_on))).collect();
            let items: Vec<Dependent<'_>> = owned.iter().map(|(own, on)| (own, on.as_slice())).collect();
            let all: Vec<WorkloadName> = owned.iter().map(|(own, _)| own.clone()).collect();
            let found = faults(&items, &all);
            let text = |out: &Diagnostics| out.items()[0].message.clone();
            found.iter().map(|(own, out)| format!("{own}: {}", text(out))).collect()
        };
        assert!(said(&[("web", &["api"]), ("api", &[])]).is_empty());
        assert_eq!(said(&[("web", &["apo"]), ("api", &[])]), ["web: there is no apo in this workspace"]);
        assert_eq!(
            said(&[("web", &["api"]), ("api", &["db"]), ("db", &["web"])]),
            ["web: web waits for itself: web → api → db → web"]
        );
    }
}
