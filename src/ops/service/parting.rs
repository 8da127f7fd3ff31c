//! Names that a deployment takes from a workload. Afterwards its stack knows them no more: they are noted before it changes.
//! From then on those that the workload has are noted, too: a stack need not take up a change of nothing but names.
//!
//! Records that lead to what lives on go after the change, so that the old names answer until the new ones do; one that a
//! deployment leaves leads to what it led to, and goes with the next deployment. Records of what goes with the change are
//! removed before: they would be left pointing to a name that somebody else may get.

use std::collections::BTreeMap;

use serde_json::Value;

use super::environment::Place;
use super::hosts;
use super::naming::Before;
use crate::aws::cloudformation;
use crate::aws::route53::RecordSet;
use crate::model::workload::Workload;
use crate::name::WorkloadName;
use crate::ops::domain::names;
use crate::ops::domain::service::{NLB_ALIASES, nlb_aliases};
use crate::ops::{Result, Session};
use crate::plan::evaluate::{Evaluated, Given, evaluate};
use crate::stack::Stack;
use crate::stack::document::workload_stack;
use crate::store::parting::{Note, Parting};
use crate::yaml::template;

const BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
const DISTRIBUTION: &str = "AWS::CloudFront::Distribution";

impl Place {
    fn note<'a>(&'a self, name: &'a WorkloadName) -> Note<'a> {
        Note { connection: &self.manager, bucket: self.bucket(), env: &self.record.name, workload: name }
    }

    /// Whether wharf looks after names here: those of an environment of Copilot's are its own functions' business.
    fn has_names(&self) -> bool {
        !self.app.domain.is_empty() && self.is_ours()
    }

    /// Names that earlier deployments have noted for a workload.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub(super) async fn parting(
        &self,
        model: &Workload,
        deployed: &cloudformation::Stack,
    ) -> Result<Parting> {
        let may = match model {
            Workload::Container(_) => deployed.parameters.contains_key(NLB_ALIASES),
            Workload::RequestDriven(_) | Workload::StaticSite(_) => true,
        };
        if !(may && self.has_names()) {
            return Ok(Parting { stack: deployed.id.clone(), names: vec![] });
        }
        Ok(self.note(model.name()).read(&deployed.id).await?)
    }

    /// The same before a workload is deleted, of which there need be no manifest.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub(super) async fn parting_at_last(
        &self,
        name: &WorkloadName,
        deployed: &cloudformation::Stack,
    ) -> Result<Parting> {
        match self.has_names() {
            true => Ok(self.note(name).read(&deployed.id).await?),
            false => Ok(Parting { stack: deployed.id.clone(), names: vec![] }),
        }
    }

    /// Notes names of a workload in the place of those that were noted.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub(super) async fn note_parting(
        &self,
        name: &WorkloadName,
        noted: &Parting,
        names: Vec<String>,
    ) -> Result<()> {
        if noted.stack.is_empty() || !self.has_names() {
            return Ok(());
        }
        Ok(self.note(name).write(&Parting { stack: noted.stack.clone(), names }).await?)
    }

    /// Changes a workload's stack to `wanted` by `change`, and sees to the names that it has now and will not have any more:
    /// those that lead to what lives on are noted, for [`Place::settle_names`] to remove; the records of others are removed
    /// before the change, and come back after a failure where the stack is as it was.
    ///
    /// # Errors
    /// Those of the change; whatever AWS reports.
    pub(super) async fn parting_with_names<T>(
        &self,
        session: &Session,
        model: &Workload,
        before: &Before<'_>,
        wanted: &Stack,
        change: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let gone = before.gone(model);
        if gone.is_empty() || !self.has_names() {
            return change.await;
        }
        if self.target_stays(session, model, before, wanted).await? {
            let all = names::with_others(gone, before.wanted(model));
            if all != before.parting.names {
                self.note_parting(model.name(), before.parting, all).await?;
            }
            return change.await;
        }
        let records = self.records_of(session, model, &gone).await?;
        let parted = self.zones(session).await?.take(session, &records).await?;
        if !before.parting.names.is_empty() {
            self.note_parting(model.name(), before.parting, before.wanted(model)).await?;
        }
        let result = change.await;
        if result.is_err() && !parted.is_empty() {
            self.restore_or_warn(session, model, before, &parted).await;
        }
        result
    }

    /// Whether what the workload's names lead to is there after the change, and the same.
    async fn target_stays(
        &self,
        session: &Session,
        model: &Workload,
        before: &Before<'_>,
        wanted: &Stack,
    ) -> Result<bool> {
        let kind = match model {
            // A name goes with its association once the stack has changed: App Runner knows its records.
            Workload::RequestDriven(_) => return Ok(true),
            // Nobody would remove the records after the change.
            Workload::Container(_) if !self.is_managed(session) => return Ok(false),
            Workload::Container(_) => BALANCER,
            Workload::StaticSite(_) => DISTRIBUTION,
        };
        let text = self.manager.cloudformation().template(&wanted.name).await?.unwrap_or_default();
        let deployed = template::parse(&text).unwrap_or_default();
        let old = (&deployed, &before.facts.parameters);
        Ok(stays(kind, old, (&wanted.template, &wanted.parameters)))
    }

    /// The records of names as they lead to the workload now.
    async fn records_of(
        &self,
        session: &Session,
        model: &Workload,
        names: &[String],
    ) -> Result<Vec<RecordSet>> {
        let named = self.named(session, model.name());
        match model {
            Workload::Container(_) => named.nlb_records(names).await,
            Workload::StaticSite(_) => named.site_records(names).await,
            Workload::RequestDriven(_) => Ok(vec![]),
        }
    }

    /// Writes records again after a failure. That failure is what the user hears of; records that could not be written are a
    /// warning.
    async fn restore_or_warn(
        &self,
        session: &Session,
        model: &Workload,
        before: &Before<'_>,
        parted: &[RecordSet],
    ) {
        if let Err(error) = self.restore(session, model, before, parted).await {
            let names: Vec<&str> = parted.iter().map(|record| record.name.as_str()).collect();
            session.warn(format!(
                "The records of {}, which were to go with this deployment, are gone and could not be written again: {error}. \
                 Deploy a manifest that has the names again to bring them back.",
                names.join(", ")
            ));
        }
    }

    /// Writes the records again where the stack is as it was before. One that still changes, or that could not go back, may yet
    /// lose what they lead to.
    async fn restore(
        &self,
        session: &Session,
        model: &Workload,
        before: &Before<'_>,
        parted: &[RecordSet],
    ) -> Result<()> {
        let name = workload_stack(&self.app.name, &self.record.name, model.name());
        let Some(stack) = self.manager.cloudformation().stack(&name).await? else { return Ok(()) };
        let has = match model {
            Workload::Container(_) => nlb_aliases(&stack.parameters),
            Workload::StaticSite(_) => hosts::site_names(&self.manager, &stack).await?,
            Workload::RequestDriven(_) => vec![],
        };
        let had = before.had(model);
        if !(has == had && stack.status.ends_with("_COMPLETE")) {
            return Ok(());
        }
        let there = self.records_of(session, model, &had).await?;
        let records: Vec<RecordSet> =
            parted.iter().filter(|it| there.iter().any(|other| other.says_same(it))).cloned().collect();
        self.zones(session).await?.write(session, &records).await
    }
}

/// A template in normal form and the values of its parameters.
type Side<'a> = (&'a Value, &'a BTreeMap<String, String>);

/// Whether the resources of a kind in a deployed template are in the wanted one, and none is made anew. What a distribution has
/// can be changed in place; a load balancer that changes at all counts as another one.
fn stays(kind: &str, old: Side<'_>, new: Side<'_>) -> bool {
    let evaluated = |(template, parameters): Side<'_>| -> Evaluated {
        evaluate(template, &Given { parameters: parameters.clone(), ..Given::default() })
    };
    let (old, new) = (evaluated(old), evaluated(new));
    let mut found = old.resources.iter().filter(|(_, resource)| resource.kind == kind).peekable();
    found.peek().is_some()
        && found.all(|(id, had)| {
            let same = |has: &&crate::plan::evaluate::Resource| {
                has.kind == kind && (kind == DISTRIBUTION || has.properties == had.properties)
            };
            new.resources.get(id).filter(same).is_some()
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_balancer_stays_while_nothing_of_it_changes() {
        let none = BTreeMap::new();
        let with = |id: &str, kind: &str, scheme: Value| {
            json!({"Parameters": {"Scheme": {"Type": "String", "Default": "internal"}},
                "Resources": {id: {"Type": kind, "Properties": {"Scheme": scheme}}}})
        };
        let deployed = with("Balancer", BALANCER, json!({"Ref": "Scheme"}));
        let stays = |wanted: &Value| stays(BALANCER, (&deployed, &none), (wanted, &none));
        assert!(stays(&deployed));
        assert!(stays(&with("Balancer", BALANCER, json!("internal"))));
        assert!(!stays(&with("Balancer", BALANCER, json!("internet-facing"))));
        assert!(!stays(&with("Other", BALANCER, json!("internal"))));
        assert!(!stays(&with("Balancer", "AWS::SNS::Topic", json!("internal"))));
        assert!(!stays(&json!({"Resources": {}})));
        let other = BTreeMap::from([("Scheme".to_owned(), "internet-facing".to_owned())]);
        assert!(!super::stays(BALANCER, (&deployed, &none), (&deployed, &other)));
        // What is not there can't lead anywhere.
        assert!(!super::stays(DISTRIBUTION, (&deployed, &none), (&deployed, &none)));
    }

    #[test]
    fn a_distribution_is_changed_in_place_but_for_its_condition() {
        let none = BTreeMap::new();
        let site = |aliases: Value, condition: Value| {
            json!({"Parameters": {"On": {"Type": "String", "Default": "yes"}},
                "Conditions": {"Is": {"Fn::Equals": [{"Ref": "On"}, "yes"]}},
                "Resources": {"Front": {"Type": DISTRIBUTION, "Condition": condition, "Properties": {"Aliases": aliases}}}})
        };
        let (deployed, wanted) = (site(json!(["a"]), json!("Is")), site(json!(["b"]), json!("Is")));
        assert!(stays(DISTRIBUTION, (&deployed, &none), (&wanted, &none)));
        let off = BTreeMap::from([("On".to_owned(), "no".to_owned())]);
        assert!(!stays(DISTRIBUTION, (&deployed, &none), (&wanted, &off)));
    }
}
