//! An environment's names: its zone's delegation, its certificates, the aliases of the services behind its load balancer.

use std::collections::BTreeMap;

use super::certificate::{self, Owned, Wanted};
use super::{Zones, names};
use crate::aws::Connection;
use crate::aws::cloudformation::Stack;
use crate::aws::route53::RecordSet;
use crate::facts::partition;
use crate::model::environment::Environment;
use crate::ops::stacks::{self, Target};
use crate::ops::{Result, Session};
use crate::stack::document::environment_stack;
use crate::stack::environment::{CDN_CERTIFICATE_PARAMETER, PUBLIC_CERTIFICATE_PARAMETER};
use crate::stack::features::{Feature, Features};
use crate::store;

/// Seconds that answers with an environment's name servers are kept.
const TTL: u32 = 900;
/// The region of CloudFront's certificates.
pub(super) const CLOUDFRONT_REGION: &str = "us-east-1";

/// Outputs or parameters of a stack by name.
type Values = BTreeMap<String, String>;

/// An environment whose certificates and names are managed.
#[derive(Clone, Copy)]
pub(in crate::ops) struct Managed<'a> {
    session: &'a Session,
    app: &'a store::App,
    record: &'a store::Environment,
    manager: &'a Connection,
    model: &'a Environment,
}

impl<'a> Managed<'a> {
    /// The environment; `None` when its application has no domain or its manifest imports certificates.
    #[must_use]
    pub fn new(
        session: &'a Session,
        app: &'a store::App,
        record: &'a store::Environment,
        manager: &'a Connection,
        model: &'a Environment,
    ) -> Option<Self> {
        let managed = !app.domain.is_empty() && model.public.certificates.is_empty();
        managed.then_some(Self { session, app, record, manager, model })
    }

    /// Its domain, `<env>.<app>.<domain>`.
    #[must_use]
    pub fn domain(&self) -> String {
        names::of_environment(&self.app.name, &self.record.name, &self.app.domain)
    }

    /// All zones that its names may stand in. `outputs` are those of its stack.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn zones(&self, outputs: &Values) -> Result<Zones> {
        let zones = Zones::read(self.session, self.app).await?;
        let own = outputs.get("EnvironmentHostedZone").map(String::as_str);
        Ok(zones.with_environment(&self.domain(), own, self.manager))
    }

    /// Brings everything about the environment's names to what it should be after its stack was deployed: the delegation of its
    /// zone, its certificates, the records of its aliases.
    ///
    /// # Errors
    /// A certificate that is not issued; whatever AWS reports.
    pub async fn settle(&self) -> Result<()> {
        let name = environment_stack(&self.app.name, &self.record.name);
        let Some(stack) = self.manager.cloudformation().stack(&name).await? else { return Ok(()) };
        // A template of Copilot's does all this itself.
        if !stack.parameters.contains_key(PUBLIC_CERTIFICATE_PARAMETER) {
            return Ok(());
        }
        let outputs = outputs(&stack);
        let zones = self.zones(&outputs).await?;
        zones.write(self.session, &self.delegation(&outputs)).await?;
        let features = Features::from_parameters(&stack.parameters);
        let certificates = self.certificates(&zones, &stack.parameters, &features).await?;
        let title = format!("environment {} (certificates)", self.record.name);
        let target = Target { role_arn: Some(&self.record.execution_role_arn), ..Target::new(&title) };
        // While nothing uses a certificate there is nothing to change: it is found again by its tags.
        let used = !features.workloads(Feature::PublicLoadBalancer).is_empty();
        if used {
            let wanted = |deployed: &Values| declared(&certificates, deployed);
            stacks::change_parameters(self.session, self.manager, &name, &target, &wanted).await?;
        }
        let Some(stack) = self.manager.cloudformation().stack(&name).await? else { return Ok(()) };
        let mut aliases = features.public_aliases();
        aliases.extend(self.static_alias().filter(|alias| !aliases.contains(alias)));
        self.write_aliases(&zones, &self::outputs(&stack), &aliases).await?;
        for (parameter, arn) in &certificates {
            let at = self.place_of(parameter);
            certificate::keep_renewable(self.session, &zones, &at, arn).await?;
        }
        self.tidy(&zones, &certificates).await
    }

    /// The record that points the application's zone to the environment's.
    fn delegation(&self, outputs: &Values) -> Vec<RecordSet> {
        let servers = outputs.get("EnvironmentNameServers").map(String::as_str).unwrap_or_default();
        let servers: Vec<String> = servers
            .split(',')
            .filter(|server| !server.is_empty())
            .map(|server| format!("{}.", server.trim_end_matches('.')))
            .collect();
        if servers.is_empty() { vec![] } else { vec![RecordSet::values(&self.domain(), "NS", TTL, servers)] }
    }

    /// Host name of the files that CloudFront serves, where it is one of the application's.
    fn static_alias(&self) -> Option<String> {
        let assets = self.model.cdn.as_ref()?.static_assets.as_ref()?;
        let (app, env) = (&self.app.name, &self.record.name);
        names::is_alias(&assets.alias, app, env, &self.app.domain).then(|| assets.alias.clone())
    }

    /// The region that the certificate of a parameter is for.
    fn place_of(&self, parameter: &str) -> Connection {
        if parameter == CDN_CERTIFICATE_PARAMETER {
            self.manager.region(CLOUDFRONT_REGION)
        } else {
            self.manager.clone()
        }
    }

    /// The certificates the environment needs for its features, by the parameter that takes them; requested, validated and
    /// waited for where they are not there. `parameters` are the deployed ones.
    ///
    /// # Errors
    /// A certificate that is not issued; whatever AWS reports.
    pub async fn certificates(
        &self,
        zones: &Zones,
        parameters: &Values,
        features: &Features,
    ) -> Result<Values> {
        let mut certificates = Values::new();
        let aliases = features.public_aliases();
        for parameter in [PUBLIC_CERTIFICATE_PARAMETER, CDN_CERTIFICATE_PARAMETER] {
            let Some(deployed) = parameters.get(parameter) else { continue };
            let cdn = parameter == CDN_CERTIFICATE_PARAMETER;
            let more = if cdn { self.static_alias() } else { None };
            let wanted = Wanted {
                at: &self.place_of(parameter),
                names: names::of_certificate(&self.domain(), aliases.iter().cloned().chain(more)),
                tags: self.tags(),
                deployed,
            };
            let arn = certificate::ensure(self.session, zones, &wanted).await?;
            certificates.insert(parameter.to_owned(), arn);
        }
        Ok(certificates)
    }

    fn tags(&self) -> Values {
        certificate::tags(&self.app.name, &self.record.name, None)
    }

    /// Points aliases to the environment's public load balancer, or to CloudFront before it. Nothing happens while there is none.
    ///
    /// # Errors
    /// An alias outside the application's zones; whatever AWS reports.
    pub async fn write_aliases(&self, zones: &Zones, outputs: &Values, aliases: &[String]) -> Result<()> {
        let Some((target, zone)) = targets(outputs, &self.record.region).into_iter().next() else {
            return Ok(());
        };
        zones.write(self.session, &alias_records(aliases, &target, &zone)).await
    }

    /// Removes the records of aliases that still point to the environment.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn remove_aliases(&self, zones: &Zones, outputs: &Values, aliases: &[String]) -> Result<()> {
        for (target, zone) in targets(outputs, &self.record.region) {
            zones.remove(self.session, &alias_records(aliases, &target, &zone)).await?;
        }
        Ok(())
    }

    /// Removes certificates that others have taken the place of.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn tidy(&self, zones: &Zones, kept: &Values) -> Result<()> {
        if kept.is_empty() {
            return Ok(());
        }
        let keep: Vec<String> = kept.values().cloned().collect();
        let places = self.places();
        let neighbours = neighbours(self.session, self.record, self.manager).await?;
        let owned = Owned { places: &places, neighbours: &neighbours, tags: self.tags(), deep: false };
        owned.remove(self.session, zones, &keep).await
    }

    /// Whether there are certificates of the environment's name besides those in `kept`, by parameter: a deployment that was
    /// stopped leaves them.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn has_others(&self, kept: &Values) -> Result<bool> {
        for parameter in kept.keys() {
            let all = self.place_of(parameter).acm().certificates().await?;
            let is_kept = |arn: &String| kept.values().any(|other| other == arn);
            if all.iter().any(|summary| summary.domain == self.domain() && !is_kept(&summary.arn)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Regions in which the environment may have certificates.
    fn places(&self) -> Vec<Connection> {
        regions_of(self.record, self.manager, [])
    }
}

/// What goes with an environment besides its stack. Also without a readable manifest.
pub(in crate::ops) struct Leaving<'a> {
    session: &'a Session,
    app: &'a store::App,
    record: &'a store::Environment,
    manager: &'a Connection,
    neighbours: Vec<Connection>,
}

impl<'a> Leaving<'a> {
    /// The environment; `None` when its application has no domain.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn new(
        session: &'a Session,
        app: &'a store::App,
        record: &'a store::Environment,
        manager: &'a Connection,
    ) -> Result<Option<Self>> {
        if app.domain.is_empty() {
            return Ok(None);
        }
        let neighbours = neighbours(session, record, manager).await?;
        Ok(Some(Self { session, app, record, manager, neighbours }))
    }

    fn owned<'b>(&self, places: &'b [Connection], neighbours: &'b [Connection]) -> Owned<'b> {
        let tags = certificate::tags(&self.app.name, &self.record.name, None);
        Owned { places, neighbours, tags, deep: true }
    }

    fn domain(&self) -> String {
        names::of_environment(&self.app.name, &self.record.name, &self.app.domain)
    }

    /// Removes the certificates that wharf has made for an environment that imports its own ones now, as far as nothing uses
    /// them.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn unused(&self) -> Result<()> {
        let places = regions_of(self.record, self.manager, []);
        let mut any = false;
        for at in &places {
            any |= at.acm().certificates().await?.iter().any(|summary| summary.domain == self.domain());
        }
        if !any {
            return Ok(());
        }
        let (_, zones) = self.zones().await?;
        let owned = Owned { deep: false, ..self.owned(&places, &self.neighbours) };
        owned.remove(self.session, &zones, &[]).await
    }

    /// Its domain, and the zones that its names may stand in.
    pub(super) async fn zones(&self) -> Result<(String, Zones)> {
        let name = environment_stack(&self.app.name, &self.record.name);
        let stack = self.manager.cloudformation().stack(&name).await?;
        let outputs = stack.as_ref().map(outputs).unwrap_or_default();
        let domain = self.domain();
        let own = outputs.get("EnvironmentHostedZone").map(String::as_str);
        let zones = Zones::read(self.session, self.app).await?.with_environment(&domain, own, self.manager);
        Ok((domain, zones))
    }

    /// The records that validate its certificates and go with them.
    pub(super) async fn validating(&self) -> Result<Vec<RecordSet>> {
        let zones = Zones::read(self.session, self.app).await?;
        let places = regions_of(self.record, self.manager, []);
        self.owned(&places, &self.neighbours).validating(&zones).await
    }

    /// Removes what was written into zones for the environment: its delegation and the records that validate its certificates,
    /// with which its zone could not be deleted.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn before(&self) -> Result<()> {
        let name = environment_stack(&self.app.name, &self.record.name);
        let Some(stack) = self.manager.cloudformation().stack(&name).await? else { return Ok(()) };
        let outputs = outputs(&stack);
        let own = outputs.get("EnvironmentHostedZone").map(String::as_str);
        let (domain, zones) = self.zones().await?;
        let places = regions_of(self.record, self.manager, []);
        self.owned(&places, &self.neighbours).remove_records(self.session, &zones).await?;
        // Copilot's own function takes its delegation back, and its role may not ask for the zone.
        let Some(own) = own.filter(|_| stack.parameters.contains_key(PUBLIC_CERTIFICATE_PARAMETER)) else {
            return Ok(());
        };
        if let Some(servers) = self.manager.route53().name_servers(own).await? {
            let servers = servers.into_iter().map(|server| format!("{server}."));
            zones.remove(self.session, &[RecordSet::values(&domain, "NS", TTL, servers)]).await?;
        }
        Ok(())
    }

    /// Removes the environment's certificates, which nothing uses any more.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn after(&self) -> Result<()> {
        let zones = Zones::read(self.session, self.app).await?;
        let places = regions_of(self.record, self.manager, []);
        self.owned(&places, &self.neighbours).remove(self.session, &zones, &[]).await
    }

    /// What goes, for people, a line each.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn told(&self) -> Result<Vec<String>> {
        let zones = Zones::read(self.session, self.app).await?;
        let places = regions_of(self.record, self.manager, []);
        let mut told = self.owned(&places, &self.neighbours).told(&zones).await?;
        let domain = self.domain();
        told.push(format!("zone {domain} and the records of {domain} in the zone above it"));
        Ok(told)
    }
}

/// Outputs of a stack by name.
pub(in crate::ops) fn outputs(stack: &Stack) -> Values {
    stack.outputs.iter().map(|(name, output)| (name.clone(), output.value.clone())).collect()
}

/// Those of the certificates whose parameters the deployed stack has.
pub(in crate::ops) fn declared(certificates: &Values, deployed: &Values) -> Values {
    let has = |name: &String| deployed.contains_key(name);
    certificates.iter().filter(|(name, _)| has(name)).map(|(name, arn)| (name.clone(), arn.clone())).collect()
}

/// What aliases of an environment may point to, name and hosted zone, the one new records point to first: CloudFront where
/// there is a distribution, and the public load balancer.
fn targets(outputs: &Values, region: &str) -> Vec<(String, String)> {
    let text = |name: &str| outputs.get(name).filter(|value| !value.is_empty()).cloned();
    let cloudfront = text("CloudFrontDomainName").map(|name| (name, cloudfront_zone(region).to_owned()));
    let balancer = text("PublicLoadBalancerDNSName").zip(text("PublicLoadBalancerHostedZone"));
    cloudfront.into_iter().chain(balancer).collect()
}

/// Hosted zone of the names of CloudFront distributions (Route 53's reference of `AliasTarget`).
pub(in crate::ops) fn cloudfront_zone(region: &str) -> &'static str {
    if partition(region) == "aws-cn" { "Z3RFFRIM2A3IF5" } else { "Z2FDTNDATAQYW2" }
}

/// Address records of aliases.
pub(super) fn alias_records(aliases: &[String], target: &str, zone: &str) -> Vec<RecordSet> {
    aliases.iter().map(|alias| RecordSet::alias(alias, target, zone)).collect()
}

/// Connections to an environment's account in its own region, in that of CloudFront's certificates, and in others, each once.
pub(super) fn regions_of(
    record: &store::Environment,
    manager: &Connection,
    more: impl IntoIterator<Item = String>,
) -> Vec<Connection> {
    let own = record.region.clone();
    let others = [CLOUDFRONT_REGION.to_owned()].into_iter().chain(more);
    let regions = names::with_others(vec![own], others);
    regions.iter().map(|region| manager.region(region)).collect()
}

/// Regions of an environment's account in which certificates may share validation records with its own.
pub(in crate::ops) async fn neighbours(
    session: &Session,
    record: &store::Environment,
    manager: &Connection,
) -> Result<Vec<Connection>> {
    let environments = session.store().await.environments(&record.app).await?;
    let others = environments.into_iter().filter(|other| other.account_id == record.account_id);
    Ok(regions_of(record, manager, others.map(|other| other.region)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aliases_point_to_cloudfront_where_there_is_one() {
        let mut outputs = Values::from(
            [("PublicLoadBalancerDNSName", "lb.amazonaws.com"), ("PublicLoadBalancerHostedZone", "ZLB")]
                .map(|(name, value)| (name.to_owned(), value.to_owned())),
        );
        let balancer = ("lb.amazonaws.com".to_owned(), "ZLB".to_owned());
        assert_eq!(targets(&outputs, "eu-west-1"), std::slice::from_ref(&balancer));
        outputs.insert("CloudFrontDomainName".to_owned(), "d1.cloudfront.net".to_owned());
        let cloudfront = ("d1.cloudfront.net".to_owned(), "Z2FDTNDATAQYW2".to_owned());
        assert_eq!(targets(&outputs, "eu-west-1"), [cloudfront, balancer]);
        assert!(targets(&Values::new(), "eu-west-1").is_empty());
    }

    #[test]
    fn only_declared_parameters_get_certificates() {
        let certificates =
            Values::from([("A".to_owned(), "arn".to_owned()), ("B".to_owned(), "arn".to_owned())]);
        let deployed = Values::from([("B".to_owned(), String::new()), ("C".to_owned(), String::new())]);
        assert_eq!(declared(&certificates, &deployed).into_keys().collect::<Vec<_>>(), ["B"]);
    }
}
