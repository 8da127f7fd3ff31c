//! What a newer template does to the stacks of an application's own: its roles, and keys, buckets and repositories of its
//! StackSet.
//!
//! Those templates are computed from few facts: parameters, or the lists in a template's metadata. What stands in the deployed
//! template and follows from none of them would go without a word. So every change is held against what is deployed first.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

use super::compare::{Comparison, Side, Verdict, compare};
use super::known::Known;
use crate::plan::evaluate::evaluate;

/// What becomes of a stack.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Renewal {
    /// What becomes of its resources and exports.
    #[serde(flatten)]
    pub comparison: Comparison,
    /// 12-digit accounts that a policy lets in now and none would any more, sorted.
    pub lost_accounts: Vec<String>,
}

/// What somebody has asked to remove: that it goes is no loss.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Leaving {
    /// Logical id of a resource.
    pub resource: Option<String>,
    /// A 12-digit account.
    pub account: Option<String>,
}

impl Renewal {
    /// Whether nothing would be lost or made anew.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.comparison.is_safe() && self.lost_accounts.is_empty()
    }
}

/// What laying `new` over the deployed `old` does, besides what is `leaving`. The account of the stack itself needs nobody's
/// leave, and machinery counts as any other resource: nobody takes these stacks over in two updates.
#[must_use]
pub fn renewal(old: Side<'_>, new: Side<'_>, known: &Known, leaving: &Leaving) -> Renewal {
    let mut comparison = compare(old, new, known);
    for fate in comparison.resources.iter_mut().filter(|fate| fate.verdict == Verdict::Machinery) {
        fate.verdict = Verdict::Lost;
    }
    let leaves = |id: &str| leaving.resource.as_deref() == Some(id);
    comparison.resources.retain(|fate| fate.verdict != Verdict::Lost || !leaves(&fate.id));
    comparison.resources.sort_by(|one, other| (one.verdict, &one.id).cmp(&(other.verdict, &other.id)));
    let after = accounts(new, known);
    let mut lost = accounts(old, known);
    lost.retain(|account| {
        !after.contains(account) && *account != known.account && leaving.account.as_ref() != Some(account)
    });
    Renewal { comparison, lost_accounts: lost.into_iter().collect() }
}

/// Accounts that the policies of a template's resources let in.
fn accounts(side: Side<'_>, known: &Known) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for resource in evaluate(side.template, &known.given(side.parameters)).resources.values() {
        principals(&resource.properties, &mut found);
    }
    found
}

fn principals(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| principals(item, found)),
        Value::Object(map) => {
            if map.get("Effect").is_some_and(|effect| effect == "Allow")
                && let Some(principal) = map.get("Principal")
            {
                // An account stands there by its number, in an ARN, or in a part of one that is not joined yet.
                let text = principal.to_string();
                let numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|run| run.len() == 12);
                found.extend(numbers.map(str::to_owned));
            }
            map.values().for_each(|value| principals(value, found));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::yaml::template::parse;

    /// Key and bucket with two accounts, two repositories.
    const OLD: &str = "Resources:\n\
        \x20 KMSKey:\n    Type: AWS::KMS::Key\n    Properties:\n      KeyPolicy:\n        Statement:\n\
        \x20         - {Effect: Allow, Principal: {AWS: !Sub 'arn:aws:iam::${AWS::AccountId}:root'}, Action: 'kms:*'}\n\
        \x20         - {Effect: Allow, Principal: {AWS: [!Sub 'arn:${AWS::Partition}:iam::444455556666:root', '777788889999']}, Action: 'kms:Decrypt'}\n\
        \x20         - {Effect: Deny, Principal: {AWS: '000011112222'}, Action: 'kms:*'}\n\
        \x20 Bucket: {Type: AWS::S3::Bucket, Properties: {VersioningConfiguration: {Status: Enabled}}}\n\
        \x20 ECRRepoapi: {Type: AWS::ECR::Repository, Properties: {RepositoryName: shop/api}}\n\
        \x20 ECRRepoweb: {Type: AWS::ECR::Repository, Properties: {RepositoryName: shop/web}}\n\
        Outputs: {KMSKeyARN: {Value: !GetAtt KMSKey.Arn, Export: {Name: shop-ArtifactKey}}}\n";

    fn laid(new: &str, leaving: &Leaving) -> (Vec<String>, Vec<String>) {
        let known = Known { account: "123456789012".to_owned(), ..Known::default() };
        let (old, new, none) = (parse(OLD).unwrap(), parse(new).unwrap(), BTreeMap::new());
        let side = |template| Side { template, parameters: &none };
        let found = renewal(side(&old), side(&new), &known, leaving);
        assert_eq!(
            found.is_safe(),
            found.comparison.problems("s").is_empty() && found.lost_accounts.is_empty()
        );
        (found.comparison.problems("s"), found.lost_accounts)
    }

    fn nothing() -> (Vec<String>, Vec<String>) {
        (vec![], vec![])
    }

    #[test]
    fn the_same_template_loses_nothing_and_neither_does_a_larger_one() {
        assert_eq!(laid(OLD, &Leaving::default()), nothing());
        let larger = OLD.replace("'777788889999'", "'777788889999', '999900001111'")
            + "Conditions: {A: !Equals [a, a]}\n";
        assert_eq!(laid(&larger, &Leaving::default()), nothing());
    }

    #[test]
    fn what_goes_is_told_unless_it_was_asked_for() {
        let smaller = OLD
            .replace(
                "  ECRRepoapi: {Type: AWS::ECR::Repository, Properties: {RepositoryName: shop/api}}\n",
                "",
            )
            .replace(", '777788889999'", "");
        let lost = "ECRRepoapi (AWS::ECR::Repository) of s would be lost".to_owned();
        let account = "777788889999".to_owned();
        assert_eq!(laid(&smaller, &Leaving::default()), (vec![lost.clone()], vec![account.clone()]));
        let asked = Leaving { resource: Some("ECRRepoapi".to_owned()), account: Some(account) };
        assert_eq!(laid(&smaller, &asked), nothing());
        let other = Leaving { resource: Some("ECRRepoweb".to_owned()), account: None };
        assert_eq!(laid(&smaller, &other).0, [lost]);
    }

    #[test]
    fn a_repository_under_another_name_and_a_lost_export_are_told() {
        let renamed = OLD.replace("shop/web", "shop/site").replace("shop-ArtifactKey", "other");
        assert_eq!(
            laid(&renamed, &Leaving::default()).0,
            [
                "ECRRepoweb (AWS::ECR::Repository) of s would be replaced, as RepositoryName would change",
                "the export shop-ArtifactKey would be gone"
            ]
        );
        // Asked for was that it goes, not that it becomes another one.
        let asked = Leaving { resource: Some("ECRRepoweb".to_owned()), account: None };
        assert_eq!(laid(&renamed, &asked).0.len(), 2);
    }

    #[test]
    fn machinery_is_a_loss_here() {
        let (old, new, none) = (
            parse("Resources: {A: {Type: 'Custom::BucketCleanerFunction'}}\n").unwrap(),
            parse("Resources: {}\n").unwrap(),
            BTreeMap::new(),
        );
        let side = |template| Side { template, parameters: &none };
        let found = renewal(side(&old), side(&new), &Known::default(), &Leaving::default());
        assert_eq!(found.comparison.problems("s"), ["A (Custom::BucketCleanerFunction) of s would be lost"]);
    }
}
