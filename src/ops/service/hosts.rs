//! Host names of workloads that stand behind no load balancer: of sites, which CloudFront serves, and of services on App
//! Runner.

use serde_json::Value;

use super::environment::Place;
use super::inherited;
use super::naming::Before;
use crate::aws::Connection;
use crate::aws::cloudformation::Stack;
use crate::describe::apprunner;
use crate::diagnostic::Source;
use crate::facts::Facts;
use crate::model::request_driven::RequestDriven;
use crate::model::site::Site;
use crate::model::workload::{self, Workload};
use crate::name::WorkloadName;
use crate::ops::domain::{Zones, names};
use crate::ops::{Error, Result, Session, stacks};
use crate::stack::TEMPLATE_VERSION;
use crate::stack::document::workload_stack;
use crate::stack::workload::request_driven::HOST_OUTPUT;
use crate::stack::workload::site::{ALIAS_OUTPUT, CERTIFICATE, DOMAIN_OUTPUT, aliases, names_are_managed};
use crate::store::parting::Parting;
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
                if self.manages_site(deployed).await? {
                    site_names(&self.manager, deployed).await
                } else {
                    Ok(vec![])
                }
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
        gone: &[String],
        certificate: Option<&str>,
    ) -> Result<()> {
        let named = self.named(session, &site.name);
        let had = before.facts.parameters.get(CERTIFICATE).is_some_and(|arn| !arn.is_empty());
        if certificate.is_none() && gone.is_empty() && !had {
            // A deployment that was stopped may have left a certificate that wharf had made.
            let may = !self.app.domain.is_empty() && self.is_ours();
            if !(may && named.has_certificates_for_sites().await?) {
                return Ok(());
            }
        }
        let wanted = if certificate.is_some() { aliases(site, before.facts) } else { vec![] };
        let zones = self.zones(session).await?;
        named.settle_site(&zones, &wanted, gone).await?;
        named.tidy(&zones, certificate).await
    }

    /// Once the stack of a service on App Runner stands: its host name leads to it, those in `gone` no more. Gives those that
    /// App Runner could not take from it.
    pub(super) async fn settle_association(
        &self,
        session: &Session,
        service: &RequestDriven,
        gone: &[String],
    ) -> Result<Vec<String>> {
        if service.alias.is_none() && gone.is_empty() {
            return Ok(vec![]);
        }
        let Some(arn) = self.on_app_runner(&service.name).await? else { return Ok(vec![]) };
        let (zones, named) = (self.zones(session).await?, self.named(session, &service.name));
        named.settle_association(&zones, &arn, service.alias.as_deref(), gone).await
    }

    /// Before the stack of a workload goes: its host names go. Whoever wrote a record that leads to its distribution, and whoever
    /// made the certificate: the record would lead nowhere.
    pub(super) async fn leave_hosts(
        &self,
        session: &Session,
        zones: &Zones,
        name: &WorkloadName,
        (deployed, parting): (&Stack, &Parting),
    ) -> Result<()> {
        let named = self.named(session, name);
        if deployed.outputs.contains_key(DOMAIN_OUTPUT) {
            let hosts = names::with_others(site_names(&self.manager, deployed).await?, parting.names.clone());
            named.settle_site(zones, &[], &hosts).await?;
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

/// The host names of a deployed site. The stack's output has the first one alone.
pub(super) async fn site_names(manager: &Connection, deployed: &Stack) -> Result<Vec<String>> {
    let Some(first) = deployed.outputs.get(ALIAS_OUTPUT) else { return Ok(vec![]) };
    let text = manager.cloudformation().template(&deployed.name).await?.unwrap_or_default();
    let all = distribution_names(&template::parse(&text).unwrap_or_default());
    Ok(names::with_others(vec![first.value.clone()], all))
}

/// The host names of the distributions in a template, as far as they stand there as texts.
fn distribution_names(template: &Value) -> Vec<String> {
    let resources = template["Resources"].as_object().into_iter().flat_map(|resources| resources.values());
    let distributions = resources.filter(|resource| resource["Type"] == "AWS::CloudFront::Distribution");
    let aliases = distributions.filter_map(|it| it["Properties"]["DistributionConfig"]["Aliases"].as_array());
    aliases.flatten().filter_map(|alias| alias.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_site_has_all_names_of_its_distribution() {
        let template = json!({"Resources": {
            "Bucket": {"Type": "AWS::S3::Bucket"},
            "Front": {"Type": "AWS::CloudFront::Distribution",
                "Properties": {"DistributionConfig": {"Aliases": ["a.example.com", {"Ref": "Name"}, "b.example.com"]}}},
        }});
        assert_eq!(distribution_names(&template), ["a.example.com", "b.example.com"]);
        assert!(distribution_names(&json!({})).is_empty());
    }
}
