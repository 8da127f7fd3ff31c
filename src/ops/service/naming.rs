//! Names and certificates of services that are deployed to an environment of an application with a domain.

use std::collections::BTreeMap;

use serde_json::Value;

use super::environment::Place;
use super::render::Loaded;
use crate::facts::Facts;
use crate::model::service::Service;
use crate::model::workload::Workload;
use crate::name::WorkloadName;
use crate::ops::domain::environment::Managed;
use crate::ops::domain::service::{NLB_ALIASES, Named, nlb_aliases};
use crate::ops::domain::{Zones, names, validate};
use crate::ops::package::Findings;
use crate::ops::{Error, Result, Session};
use crate::stack::document::workload_stack;
use crate::stack::environment::PUBLIC_CERTIFICATE_PARAMETER;
use crate::stack::features::{Feature, Features};
use crate::stack::workload::site::aliases;
use crate::store::parting::Parting;

/// What there was of a workload before a deployment.
pub(super) struct Before<'a> {
    /// What is known, with the parameters of its stack.
    pub facts: &'a Facts,
    /// Host names that led to it, as [`Place::deployed_hosts`] gives them.
    pub hosts: &'a [String],
    /// Names that earlier deployments have noted for it.
    pub parting: &'a Parting,
}

impl Before<'_> {
    /// Names of its own that the workload had: of its network load balancer, its distribution, its service on App Runner.
    pub fn had(&self, model: &Workload) -> Vec<String> {
        match model {
            Workload::Container(_) => nlb_aliases(&self.facts.parameters),
            Workload::StaticSite(_) | Workload::RequestDriven(_) => self.hosts.to_vec(),
        }
    }

    /// Names of its own that the workload shall have.
    pub fn wanted(&self, model: &Workload) -> Vec<String> {
        match model {
            Workload::Container(service) => service.nlb.iter().flat_map(|nlb| nlb.aliases.clone()).collect(),
            Workload::StaticSite(site) => aliases(site, self.facts),
            Workload::RequestDriven(service) => service.alias.iter().cloned().collect(),
        }
    }

    /// Names that lead to the workload, or may still do so, and that it shall not have.
    pub fn gone(&self, model: &Workload) -> Vec<String> {
        let wanted = self.wanted(model);
        let mut gone = names::with_others(self.had(model), self.parting.names.clone());
        gone.retain(|name| !wanted.contains(name));
        gone
    }
}

impl Place {
    /// The environment, where its names are managed by wharf: not where a template of Copilot's looks after them.
    fn managed<'a>(&'a self, session: &'a Session) -> Option<Managed<'a>> {
        let managed = Managed::new(session, &self.app, &self.record, &self.manager, &self.model);
        managed.filter(|_| self.parameters.contains_key(PUBLIC_CERTIFICATE_PARAMETER))
    }

    /// Whether wharf manages the environment's names.
    pub(super) fn is_managed(&self, session: &Session) -> bool {
        self.managed(session).is_some()
    }

    pub(super) fn named<'a>(&'a self, session: &'a Session, name: &'a WorkloadName) -> Named<'a> {
        Named { session, app: &self.app, record: &self.record, manager: &self.manager, name }
    }

    /// All zones that names of the environment's services may stand in; none without a domain.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn zones(&self, session: &Session) -> Result<Zones> {
        match self.managed(session) {
            Some(managed) => managed.zones(&self.outputs).await,
            None => {
                let zones = Zones::read(session, &self.app).await?;
                // The manager role of an environment of Copilot's may not write into its zone.
                let own = self.outputs.get("EnvironmentHostedZone").filter(|_| self.is_ours());
                let name = names::of_environment(&self.app.name, &self.record.name, &self.app.domain);
                Ok(zones.with_environment(&name, own.map(String::as_str), &self.manager))
            }
        }
    }

    /// Certificates that the environment needs for these features, by parameter; none where they are not managed.
    ///
    /// # Errors
    /// A certificate that is not issued; whatever AWS reports.
    pub async fn certificates(
        &self,
        session: &Session,
        features: &Features,
    ) -> Result<BTreeMap<String, String>> {
        match self.managed(session) {
            Some(managed) if !features.workloads(Feature::PublicLoadBalancer).is_empty() => {
                let zones = managed.zones(&self.outputs).await?;
                managed.certificates(&zones, &self.parameters, features).await
            }
            _ => Ok(BTreeMap::new()),
        }
    }

    /// Removes certificates that new ones have taken the place of. `deployed` are the parameters from before.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn tidy_certificates(
        &self,
        session: &Session,
        deployed: &BTreeMap<String, String>,
        certificates: &BTreeMap<String, String>,
    ) -> Result<()> {
        let Some(managed) = self.managed(session) else { return Ok(()) };
        let changed = certificates.iter().any(|(parameter, arn)| deployed.get(parameter) != Some(arn));
        // A deployment that was stopped has changed them, and left what they took the place of.
        if !changed && !managed.has_others(certificates).await? {
            return Ok(());
        }
        managed.tidy(&managed.zones(&self.outputs).await?, certificates).await
    }

    /// The certificate that wharf manages for a service alone, if it needs one: of the TLS listeners of its network load
    /// balancer, of a site's host names.
    ///
    /// # Errors
    /// A certificate that is not issued; whatever AWS reports.
    pub async fn certificate(
        &self,
        session: &Session,
        model: &Workload,
        before: &Before<'_>,
    ) -> Result<Option<String>> {
        if let Workload::StaticSite(site) = model {
            return self.site_certificate(session, site, before.facts).await;
        }
        let nlb = model.container().and_then(|service| service.nlb.as_ref());
        let (Some(nlb), Some(managed)) = (nlb, self.managed(session)) else { return Ok(None) };
        let zones = managed.zones(&self.outputs).await?;
        let named = self.named(session, model.name());
        named.nlb_certificate(&zones, nlb, &before.gone(model), &before.facts.parameters).await
    }

    /// After a service was deployed: writes the records of its aliases, removes those of the ones it had before, and the
    /// certificates that are not needed any more.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn settle_names(
        &self,
        session: &Session,
        model: &Workload,
        before: &Before<'_>,
        certificate: Option<&str>,
    ) -> Result<()> {
        let gone = before.gone(model);
        let mut left = vec![];
        match model {
            // Nobody removes them here: they stay noted.
            Workload::Container(_) if !self.is_managed(session) => left.clone_from(&before.parting.names),
            Workload::Container(service) => {
                self.settle_balancers(session, (model, service), before, &gone, certificate).await?;
            }
            Workload::StaticSite(site) => self.settle_site(session, site, before, &gone, certificate).await?,
            Workload::RequestDriven(service) => {
                left = self.settle_association(session, service, &gone).await?;
            }
        }
        let left = names::with_others(left, before.wanted(model));
        let noted = &before.parting.names;
        if gone.is_empty() && (noted.is_empty() || *noted == left) {
            return Ok(());
        }
        self.note_parting(model.name(), before.parting, left).await
    }

    /// Once the stack of a service behind load balancers stands. `lost`: names that its network load balancer had.
    async fn settle_balancers(
        &self,
        session: &Session,
        (model, service): (&Workload, &Service),
        before: &Before<'_>,
        lost: &[String],
        certificate: Option<&str>,
    ) -> Result<()> {
        let deployed = &before.facts.parameters;
        let Some(managed) = self.managed(session) else { return Ok(()) };
        let wanted = super::features::needs(model).aliases().to_vec();
        let mut gone = self.aliases_of(&service.name);
        gone.retain(|alias| !wanted.contains(alias));
        let network = service.nlb.is_some() || deployed.contains_key(NLB_ALIASES);
        let named = self.named(session, &service.name);
        let network = network || named.has_nlb_certificates().await?;
        if wanted.is_empty() && gone.is_empty() && !network {
            return Ok(());
        }
        let zones = managed.zones(&self.outputs).await?;
        managed.write_aliases(&zones, &self.outputs, &wanted).await?;
        managed.remove_aliases(&zones, &self.outputs, &gone).await?;
        if network {
            named.settle_nlb(&zones, service.nlb.as_ref(), lost).await?;
            named.tidy(&zones, certificate).await?;
        }
        Ok(())
    }

    /// Aliases that the environment has for a service and for no other.
    fn aliases_of(&self, name: &WorkloadName) -> Vec<String> {
        let all = Features::from_parameters(&self.parameters).aliases();
        let texts = |value: &Value| -> Vec<String> {
            value
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|text| text.as_str().map(str::to_owned))
                .collect()
        };
        let others: Vec<String> = all
            .iter()
            .filter(|(other, _)| *other != name.as_str())
            .flat_map(|(_, value)| texts(value))
            .collect();
        let mut own = all.get(name.as_str()).map(texts).unwrap_or_default();
        own.retain(|alias| !others.contains(alias));
        own
    }

    /// Before the stack of a service goes: removes the records that point to what goes with it, its network load balancer, its
    /// distribution, its service on App Runner.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn leave_own_names(&self, session: &Session, name: &WorkloadName) -> Result<()> {
        if self.app.domain.is_empty() {
            return Ok(());
        }
        let stack = workload_stack(&self.app.name, &self.record.name, name);
        let Some(deployed) = self.manager.cloudformation().stack(&stack).await? else { return Ok(()) };
        let parting = self.parting_at_last(name, &deployed).await?;
        let zones = self.zones(session).await?;
        let lost = names::with_others(nlb_aliases(&deployed.parameters), parting.names.clone());
        self.named(session, name).settle_nlb(&zones, None, &lost).await?;
        self.leave_hosts(session, &zones, name, (&deployed, &parting)).await?;
        if parting.names.is_empty() {
            return Ok(());
        }
        self.note_parting(name, &parting, vec![]).await
    }

    /// After the stack of a service is gone: removes the records of its aliases and its certificates.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn leave_names(&self, session: &Session, name: &WorkloadName) -> Result<()> {
        if self.app.domain.is_empty() || !self.is_ours() {
            return Ok(());
        }
        let zones = self.zones(session).await?;
        if let Some(managed) = self.managed(session) {
            managed.remove_aliases(&zones, &self.outputs, &self.aliases_of(name)).await?;
        }
        self.named(session, name).tidy(&zones, None).await
    }

    /// Checks the names that a service asks for against what the application and the environment can give.
    ///
    /// # Errors
    /// [`Error::Manifest`] with the places in the manifest; whatever AWS reports.
    pub async fn check_names(&self, session: &Session, loaded: &Loaded) -> Result<()> {
        let context = validate::Context {
            app: &self.app.name,
            env: &self.record.name,
            domain: &self.app.domain,
            environment: &self.model,
        };
        let text = &loaded.findings.source.text;
        let mut diagnostics = match &loaded.model {
            Workload::Container(service) => validate::names(&context, service, text),
            Workload::RequestDriven(service) => validate::association(&context, service, text),
            Workload::StaticSite(site) => validate::site(&context, site, text),
        };
        if let Some(service) = loaded.model.container().filter(|_| !diagnostics.has_errors()) {
            let names = validate::imported_names(&self.manager, &context, service).await?;
            diagnostics = validate::covered(context.env, service, text, &names);
        }
        if !diagnostics.has_errors() {
            return Ok(());
        }
        session.check_interrupt()?;
        Err(Error::Manifest(Box::new(Findings { source: loaded.findings.source.clone(), diagnostics })))
    }
}
