//! Host names of workloads that stand behind no load balancer: of sites, which CloudFront serves, and of services on App
//! Runner.

use super::environment::Place;
use super::inherited;
use super::naming::Before;
use crate::aws::cloudformation::Stack;
use crate::describe::apprunner;
use crate::diagnostic::Source;
use crate::facts::Facts;
use crate::model::request_driven::RequestDriven;
use crate::model::site::Site;
use crate::model::workload::{self, Workload};
use crate::name::WorkloadName;
use crate::ops::domain::Zones;
use crate::ops::{Error, Result, Session, stacks};
use crate::stack::TEMPLATE_VERSION;
use crate::stack::document::workload_stack;
use crate::stack::workload::request_driven::HOST_OUTPUT;
use crate::stack::workload::site::{ALIAS_OUTPUT, CERTIFICATE, aliases, names_are_managed};
use crate::yaml::template;

impl Place {
    /// Whether the environment's template is one of wharf's, so that its manager role may manage names.
    pub(super) fn is_ours(&self) -> bool {
        stacks::is_ours(self.version())
    }

    /// Refuses host names that an environment of Copilot's can't look after.
    ///
    /// # Errors
    /// [`Error::OldEnvironment`].
    pub(super) fn check_hosts(&self, model: &Workload) -> Result<()> {
        let needed = match model {
            Workload::Container(_) => false,
            Workload::RequestDriven(service) => service.alias.is_some(),
            Workload::StaticSite(site) => {
                site.certificate.is_none() && !(site.aliases.is_empty() && self.app.domain.is_empty())
            }
        };
        if !needed || self.is_ours() {
            return Ok(());
        }
        Err(Error::OldEnvironment {
            env: self.record.name.clone(),
            feature: format!("host names of {}", model.name()),
            since: TEMPLATE_VERSION.to_owned(),
        })
    }

    /// Host names of a deployed workload that wharf, or Copilot before it, looks after.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub(super) async fn deployed_hosts(&self, model: &Workload, deployed: &Stack) -> Result<Vec<String>> {
        match model {
            Workload::Container(_) => Ok(vec![]),
            // Without a domain nobody has looked after any.
            _ if self.app.domain.is_empty() => Ok(vec![]),
            Workload::RequestDriven(_) => {
                if let Some(output) = deployed.outputs.get(HOST_OUTPUT) {
                    return Ok(vec![output.value.clone()]);
                }
                // Copilot's template has it in the manifest alone.
                let text = self.manager.cloudformation().template(&deployed.name).await?.unwrap_or_default();
                let ours = stacks::version_of(&text).is_some_and(|version| stacks::is_ours(&version));
                Ok(self.deployed_alias(&text).filter(|_| !ours).into_iter().collect())
            }
            Workload::StaticSite(_) => {
                Ok(if self.manages_site(deployed).await? { site_name(deployed) } else { vec![] })
            }
        }
    }

    /// Whether wharf, or Copilot before it, looks after the host names of a deployed site.
    async fn manages_site(&self, deployed: &Stack) -> Result<bool> {
        let mut facts = Facts::new(self.app.name.clone(), self.record.name.clone());
        facts.parameters = deployed.parameters.clone();
        Ok(facts.parameters.contains_key(CERTIFICATE)
            || inherited::site_certificate(self, &deployed.name, &facts).await?.is_some())
    }

    /// The host name in the manifest that a service on App Runner was deployed with.
    fn deployed_alias(&self, text: &str) -> Option<String> {
        let document = template::parse(text).ok()?;
        let manifest = document["Metadata"]["Manifest"].as_str()?;
        let source = Source { path: "the deployed manifest".to_owned(), text: manifest.to_owned() };
        let read = workload::read(&source, &self.app.name, &self.record.name, &|_| None).0?;
        match read.model {
            Workload::RequestDriven(service) => service.alias,
            Workload::Container(_) | Workload::StaticSite(_) => None,
        }
    }

    /// The certificate of a site's host names, where wharf manages it.
    pub(super) async fn site_certificate(
        &self,
        session: &Session,
        site: &Site,
        facts: &Facts,
    ) -> Result<Option<String>> {
        if !names_are_managed(site, facts) {
            return Ok(None);
        }
        let deployed = facts.parameters.get(CERTIFICATE).map(String::as_str).unwrap_or_default();
        let zones = self.zones(session).await?;
        let named = self.named(session, &site.name);
        named.site_certificate(&zones, &aliases(site, facts), deployed).await.map(Some)
    }

    /// Once a site's stack stands: its host names lead to it, those it had before no more.
    pub(super) async fn settle_site(
        &self,
        session: &Session,
        site: &Site,
        before: &Before<'_>,
        certificate: Option<&str>,
    ) -> Result<()> {
        let all = aliases(site, before.facts);
        let gone: Vec<String> = before.hosts.iter().filter(|host| !all.contains(host)).cloned().collect();
        let had = before.facts.parameters.get(CERTIFICATE).is_some_and(|arn| !arn.is_empty());
        if certificate.is_none() && gone.is_empty() && !had {
            return Ok(());
        }
        let wanted = if certificate.is_some() { all.as_slice() } else { &[] };
        let (zones, named) = (self.zones(session).await?, self.named(session, &site.name));
        named.settle_site(&zones, wanted, &gone).await?;
        named.tidy(&zones, certificate).await
    }

    /// Once the stack of a service on App Runner stands: its host name leads to it, the one it had before no more.
    pub(super) async fn settle_association(
        &self,
        session: &Session,
        service: &RequestDriven,
        before: &[String],
    ) -> Result<()> {
        if service.alias.is_none() && before.is_empty() {
            return Ok(());
        }
        let Some(arn) = self.on_app_runner(&service.name).await? else { return Ok(()) };
        let (zones, named) = (self.zones(session).await?, self.named(session, &service.name));
        named.settle_association(&zones, &arn, service.alias.as_deref(), before).await
    }

    /// Before the stack of a workload goes: its host names go.
    pub(super) async fn leave_hosts(
        &self,
        session: &Session,
        zones: &Zones,
        name: &WorkloadName,
    ) -> Result<()> {
        let stack = workload_stack(&self.app.name, &self.record.name, name);
        let Some(deployed) = self.manager.cloudformation().stack(&stack).await? else { return Ok(()) };
        let named = self.named(session, name);
        if self.manages_site(&deployed).await? {
            named.settle_site(zones, &[], &site_name(&deployed)).await?;
        }
        match self.on_app_runner(name).await? {
            Some(arn) => named.leave_associations(zones, &arn).await,
            None => Ok(()),
        }
    }

    /// ARN of a workload's service on App Runner, if it has one.
    pub(super) async fn on_app_runner(&self, name: &WorkloadName) -> Result<Option<String>> {
        let stack = workload_stack(&self.app.name, &self.record.name, name);
        let resources = self.manager.cloudformation().resources(&stack).await?.unwrap_or_default();
        let found = resources.into_iter().find(|found| found.resource_type == apprunner::SERVICE);
        Ok(found.map(|found| found.physical_id).filter(|arn| !arn.is_empty()))
    }
}

/// The host name of a deployed site.
pub(super) fn site_name(deployed: &Stack) -> Vec<String> {
    deployed.outputs.get(ALIAS_OUTPUT).map(|output| output.value.clone()).into_iter().collect()
}
