//! Names that a deployment takes from a workload. Their records go before its stack changes: afterwards the stack knows them no
//! more, and a balancer that goes would leave them pointing to a name that somebody else may get.

use super::environment::Place;
use super::hosts::site_name;
use super::naming::Before;
use crate::aws::route53::RecordSet;
use crate::model::workload::Workload;
use crate::ops::domain::service::nlb_aliases;
use crate::ops::{Result, Session};
use crate::stack::document::workload_stack;
use crate::stack::workload::site::aliases;

impl Place {
    /// Changes a workload's stack by `change`. The records of names that it has now and will not have any more are removed
    /// before; after a failure they come back where the stack is as it was. Names on App Runner go with their association,
    /// once the stack has changed.
    ///
    /// # Errors
    /// Those of the change; whatever AWS reports.
    pub(super) async fn parting_with_names<T>(
        &self,
        session: &Session,
        model: &Workload,
        before: &Before<'_>,
        change: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let mut parted = self.records_gone(session, model, before).await?;
        if !parted.is_empty() {
            parted = self.zones(session).await?.take(session, &parted).await?;
        }
        let result = change.await;
        if result.is_err() && !parted.is_empty() {
            self.restore_or_warn(session, model, before, &parted).await;
        }
        result
    }

    async fn records_gone(
        &self,
        session: &Session,
        model: &Workload,
        before: &Before<'_>,
    ) -> Result<Vec<RecordSet>> {
        // Names of an environment of Copilot's are its own functions' business.
        if self.app.domain.is_empty() || !self.is_ours() {
            return Ok(vec![]);
        }
        let named = self.named(session, model.name());
        match model {
            Workload::Container(service) => {
                let wanted: &[String] = service.nlb.as_ref().map_or(&[], |nlb| &nlb.aliases);
                named.nlb_records_gone(wanted, &before.facts.parameters).await
            }
            Workload::StaticSite(site) => {
                let wanted = aliases(site, before.facts);
                let gone: Vec<String> =
                    before.hosts.iter().filter(|host| !wanted.contains(host)).cloned().collect();
                named.site_records(&gone).await
            }
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
        let has_names = match model {
            Workload::Container(_) => nlb_aliases(&stack.parameters) == nlb_aliases(&before.facts.parameters),
            Workload::StaticSite(_) => site_name(&stack) == before.hosts,
            Workload::RequestDriven(_) => false,
        };
        if !(has_names && stack.status.ends_with("_COMPLETE")) {
            return Ok(());
        }
        let there = self.records_gone(session, model, before).await?;
        let records: Vec<RecordSet> =
            parted.iter().filter(|it| there.iter().any(|other| other.says_same(it))).cloned().collect();
        self.zones(session).await?.write(session, &records).await
    }
}
