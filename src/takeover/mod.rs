//! Taking over a stack that Copilot deployed: what is judged before anything changes. Pure: no calls, no clock.
//!
//! Copilot's templates hold custom resources. CloudFormation calls the delete handler of one that disappears from its
//! template, and those handlers take away load balancers, certificates and records. So such a stack is updated twice:
//!
//! 1. the deployed template with `DeletionPolicy: Retain` on every custom resource ([`retain`]);
//! 2. wharf's template, which drops them: CloudFormation forgets them without calling anybody.
//!
//! * [`machinery`]: which resources only served Copilot; [`known`]: values that they handed around.
//! * [`compare`]: what the second update does to every resource; anything but machinery that would go forbids it.
//! * [`inherited`]: what the machinery made and the new template has to be told.
//! * [`survivors`]: what lives on, for people to see before they agree.
//! * [`data`]: what a deletion keeps, by the same policies.
//! * [`renewal`]: what a newer template does to an application's own stacks, which nobody takes over in two updates.

pub mod compare;
pub mod data;
pub mod inherited;
pub mod known;
pub mod machinery;
pub mod renewal;
pub mod retain;
pub mod survivors;

use serde_json::Value;

/// Which of the two updates is next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// None: no custom resource goes, an ordinary update will do.
    Ordinary,
    /// The first: custom resources that go would have their delete handlers called.
    First,
    /// The second: every custom resource that goes is kept by a policy.
    Second,
}

/// Which update brings a stack with the template `deployed` to `wanted`, both in normal form.
#[must_use]
pub fn stage(deployed: &Value, wanted: &Value) -> Stage {
    let gone: Vec<&Value> = machinery::custom_resources(deployed)
        .filter(|(id, _)| wanted["Resources"].get(*id).is_none())
        .map(|(_, resource)| resource)
        .collect();
    if gone.is_empty() {
        Stage::Ordinary
    } else if gone.iter().all(|resource| retain::is_retained(resource)) {
        Stage::Second
    } else {
        Stage::First
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_custom_resource_that_goes_needs_two_updates() {
        let kept = json!({"Type": "Custom::X", "DeletionPolicy": "Retain", "UpdateReplacePolicy": "Retain"});
        let half = json!({"Type": "Custom::X", "DeletionPolicy": "Retain"});
        let bare = json!({"Type": "AWS::CloudFormation::CustomResource"});
        let deployed = |custom: &Value| json!({"Resources": {"A": custom, "B": {"Type": "AWS::S3::Bucket"}}});
        let without = json!({"Resources": {"B": {"Type": "AWS::S3::Bucket"}}});
        for (custom, wanted) in [(&kept, Stage::Second), (&half, Stage::First), (&bare, Stage::First)] {
            assert_eq!(stage(&deployed(custom), &without), wanted, "{custom}");
            // The user's own, which stays.
            assert_eq!(stage(&deployed(custom), &deployed(&bare)), Stage::Ordinary);
        }
        assert_eq!(stage(&without, &without), Stage::Ordinary);
    }
}
