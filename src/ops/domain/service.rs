//! A service's names: its aliases behind the environment's load balancer, those of its network load balancer and the
//! certificate of its TLS listeners.

use std::collections::BTreeMap;

use super::certificate::{self, Owned, Wanted};
use super::environment::{alias_records, neighbours, regions_of};
use super::{Zones, names};
use crate::aws::Connection;
use crate::aws::elbv2::Which;
use crate::aws::route53::RecordSet;
use crate::model::routing::{Nlb, NlbProtocol};
use crate::name::WorkloadName;
use crate::ops::{Result, Session};
use crate::stack::document::workload_stack;
use crate::store;

/// Parameter of a service's stack with the aliases of its network load balancer, separated by commas.
pub(in crate::ops) const NLB_ALIASES: &str = "NLBAliases";
/// Parameter with the ARN of the certificate of its TLS listeners.
const NLB_CERTIFICATE: &str = "NLBCertificateARN";

/// A service in an environment whose names are managed.
#[derive(Clone, Copy)]
pub(in crate::ops) struct Named<'a> {
    /// The session.
    pub session: &'a Session,
    /// The application's record.
    pub app: &'a store::App,
    /// The environment's record.
    pub record: &'a store::Environment,
    /// The environment's manager role.
    pub manager: &'a Connection,
    /// The service's name.
    pub name: &'a WorkloadName,
}

impl Named<'_> {
    /// ARN of a certificate for the TLS listeners of the network load balancer; `None` when it has none. `gone` are names that it
    /// shall not have any more: they answer until the stack has changed, so that a new certificate is for them, too. `deployed`
    /// are the parameters of the service's stack.
    ///
    /// # Errors
    /// A certificate that is not issued; whatever AWS reports.
    pub async fn nlb_certificate(
        &self,
        zones: &Zones,
        nlb: &Nlb,
        gone: &[String],
        deployed: &BTreeMap<String, String>,
    ) -> Result<Option<String>> {
        if !nlb.listeners.iter().any(|listener| listener.protocol == NlbProtocol::Tls) {
            return Ok(None);
        }
        let (app, env) = (&self.app.name, &self.record.name);
        let own = names::of_network_balancer(self.name, app, env, &self.app.domain);
        let wanted = Wanted {
            at: self.manager,
            names: names::with_others(vec![own], nlb.aliases.iter().chain(gone).cloned()),
            tags: self.tags(),
            deployed: deployed.get(NLB_CERTIFICATE).map(String::as_str).unwrap_or_default(),
        };
        certificate::ensure(self.session, zones, &wanted).await.map(Some)
    }

    pub(super) fn tags(&self) -> BTreeMap<String, String> {
        certificate::tags(&self.app.name, &self.record.name, Some(self.name))
    }

    /// DNS name and hosted zone of the service's network load balancer, if it has one.
    async fn balancer(&self) -> Result<Option<(String, String)>> {
        let stack = workload_stack(&self.app.name, &self.record.name, self.name);
        let resources = self.manager.cloudformation().resources(&stack).await?.unwrap_or_default();
        let balancer = resources.into_iter().find(|resource| {
            resource.resource_type == "AWS::ElasticLoadBalancingV2::LoadBalancer"
                && !resource.physical_id.is_empty()
        });
        let Some(balancer) = balancer else { return Ok(None) };
        let arns = [balancer.physical_id.as_str()];
        let found = self.manager.elbv2().load_balancers(Which::Arns(&arns)).await;
        let found = match found {
            Err(error) if error.is_not_found() => return Ok(None),
            found => found?,
        };
        Ok(found.into_iter().next().map(|found| (found.dns_name, found.hosted_zone_id)))
    }

    /// Points the aliases of the network load balancer to it, and removes the records of those in `gone` that still lead to it.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn settle_nlb(&self, zones: &Zones, nlb: Option<&Nlb>, gone: &[String]) -> Result<()> {
        let wanted: &[String] = nlb.map_or(&[], |nlb| &nlb.aliases);
        if wanted.is_empty() && gone.is_empty() {
            return Ok(());
        }
        let Some((target, zone)) = self.balancer().await? else { return Ok(()) };
        zones.write(self.session, &alias_records(wanted, &target, &zone)).await?;
        zones.remove(self.session, &alias_records(gone, &target, &zone)).await
    }

    /// Records of names as they lead to the service's network load balancer; none without one.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn nlb_records(&self, names: &[String]) -> Result<Vec<RecordSet>> {
        if names.is_empty() {
            return Ok(vec![]);
        }
        let balancer = self.balancer().await?;
        Ok(balancer.map_or_else(Vec::new, |(target, zone)| alias_records(names, &target, &zone)))
    }

    /// Whether there are certificates of the name of a network load balancer, which a service without one does not need.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn has_nlb_certificates(&self) -> Result<bool> {
        let own = names::of_network_balancer(self.name, &self.app.name, &self.record.name, &self.app.domain);
        let all = self.manager.acm().certificates().await?;
        Ok(all.iter().any(|summary| summary.domain == own))
    }

    /// Removes the service's certificates but the one in `keep`, as far as nothing uses them.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn tidy(&self, zones: &Zones, keep: Option<&str>) -> Result<()> {
        let neighbours = neighbours(self.session, self.record, self.manager).await?;
        // Those of sites are where CloudFront takes certificates from.
        let places = regions_of(self.record, self.manager, []);
        let owned = Owned { places: &places, neighbours: &neighbours, tags: self.tags(), deep: false };
        let keep: Vec<String> = keep.map(str::to_owned).into_iter().collect();
        owned.remove(self.session, zones, &keep).await
    }
}

/// Aliases of the network load balancer that a service's stack was deployed with.
pub(in crate::ops) fn nlb_aliases(parameters: &BTreeMap<String, String>) -> Vec<String> {
    let text = parameters.get(NLB_ALIASES).map(String::as_str).unwrap_or_default();
    text.split(',').map(str::trim).filter(|alias| !alias.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deployed_aliases_are_read() {
        let parameters = BTreeMap::from([(NLB_ALIASES.to_owned(), "a.example.com,b.example.com".to_owned())]);
        assert_eq!(nlb_aliases(&parameters), ["a.example.com", "b.example.com"]);
        assert!(nlb_aliases(&BTreeMap::new()).is_empty());
    }
}
