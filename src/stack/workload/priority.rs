//! Priorities of listener rules.
//!
//! A listener tries its rules from the lowest number on. Every rule of a stack has a parameter for its number. A rule
//! that is deployed keeps its number; a new one gets a free one of its listener: rules that take every path count down
//! from 50000, behind all others, which count up from 1.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::facts::Facts;
use crate::stack::expr;

/// Highest priority of a rule.
pub const LAST: u32 = 50_000;
/// Rules from here on take every path.
const ROOT: u32 = 48_000;

/// Priorities by the name of their parameter.
pub type Priorities = BTreeMap<String, u32>;

/// A listener that rules are added to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListenerAt {
    /// The environment's, by the suffix of its export (`<app>-<env>-<suffix>`).
    Export(&'static str),
    /// An imported load balancer's, by ARN.
    Arn(String),
}

impl ListenerAt {
    /// The listener's ARN as a value of a template.
    #[must_use]
    pub fn arn(&self) -> Value {
        match self {
            Self::Export(suffix) => expr::environment_export(suffix),
            Self::Arn(arn) => Value::from(arn.as_str()),
        }
    }
}

/// A rule that needs a priority.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSlot {
    /// Parameter with its priority.
    pub parameter: String,
    /// Logical id of the rule.
    pub rule: String,
    /// Its listener.
    pub listener: ListenerAt,
    /// Its path with a leading slash; `/` takes everything.
    pub path: String,
}

/// Chooses free priorities for rules of one listener, in their order. `taken`: the numbers of all its rules.
#[must_use]
pub fn free(paths: &[&str], taken: &BTreeSet<u32>) -> Vec<u32> {
    let mut taken = taken.clone();
    paths
        .iter()
        .map(|path| {
            let next = if *path == "/" {
                taken.range(ROOT..=LAST).next().map_or(LAST, |lowest| lowest - 1)
            } else {
                taken.range(..ROOT).next_back().map_or(1, |highest| highest + 1)
            };
            // Where the range is used up, any gap will do.
            let number = if next >= 1 && !taken.contains(&next) {
                next
            } else {
                (1..=LAST).find(|number| !taken.contains(number)).unwrap_or(LAST)
            };
            taken.insert(number);
            number
        })
        .collect()
}

/// Priorities of all rules of a stack: the given ones, then the deployed ones, then free ones of an empty listener
/// (rendering without AWS).
#[must_use]
pub fn resolve(slots: &[RuleSlot], given: &Priorities, facts: &Facts) -> Priorities {
    let mut chosen = Priorities::new();
    for slot in slots {
        let deployed = || facts.parameters.get(&slot.parameter).and_then(|value| value.parse().ok());
        if let Some(number) = given.get(&slot.parameter).copied().or_else(deployed) {
            chosen.insert(slot.parameter.clone(), number);
        }
    }
    for slot in slots {
        if !chosen.contains_key(&slot.parameter) {
            let taken = slots
                .iter()
                .filter(|other| other.listener == slot.listener)
                .filter_map(|other| chosen.get(&other.parameter).copied())
                .collect();
            chosen.extend(
                free(&[&slot.path], &taken).into_iter().map(|number| (slot.parameter.clone(), number)),
            );
        }
    }
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::{AppName, EnvName};

    #[test]
    fn everything_comes_last_and_counts_down() {
        let taken = BTreeSet::from([1, 2, 7, 49_998, 50_000]);
        assert_eq!(free(&["/", "/api", "/", "/admin"], &taken), [49_997, 8, 49_996, 9]);
        assert_eq!(free(&["/", "/api"], &BTreeSet::new()), [50_000, 1]);
    }

    #[test]
    fn a_full_range_falls_back_to_any_gap() {
        let taken: BTreeSet<u32> = (2..ROOT).chain(ROOT..=LAST).collect();
        assert_eq!(free(&["/"], &taken), [1]);
        let upper: BTreeSet<u32> = BTreeSet::from([ROOT - 1]);
        assert_eq!(free(&["/a"], &upper), [ROOT]);
    }

    #[test]
    fn deployed_priorities_are_kept() {
        let mut facts = Facts::new(AppName::new("app").unwrap(), EnvName::new("test").unwrap());
        facts.parameters.insert("HTTPRulePriority".into(), "3".into());
        let slot = |index| RuleSlot {
            parameter: super::super::indexed("HTTPRulePriority", index),
            rule: super::super::indexed("HTTPListenerRule", index),
            listener: ListenerAt::Export("HTTPListenerArn"),
            path: "/api".into(),
        };
        let slots = [slot(0), slot(1), slot(2)];
        let given = Priorities::from([("HTTPRulePriority2".into(), 9)]);
        let chosen = resolve(&slots, &given, &facts);
        assert_eq!(chosen.values().copied().collect::<Vec<_>>(), [3, 10, 9]);
    }
}
