//! Parameters that a service's deployed stack of Copilot's has not, but what they say is there.

use std::collections::BTreeMap;

use super::environment::Place;
use crate::aws::elbv2;
use crate::facts::Facts;
use crate::model::service::Service;
use crate::ops::{Result, takeover};
use crate::stack::workload::site::CERTIFICATE;
use crate::stack::workload::{NLB_CERTIFICATE_PARAMETER, rule_slots};
use crate::takeover::inherited::Inherited;
use crate::yaml::template;

/// Priorities of the stack's deployed listener rules, the certificate of its network load balancer.
pub(super) async fn parameters(
    place: &Place,
    stack: &str,
    service: &Service,
    facts: &Facts,
) -> Result<BTreeMap<String, String>> {
    let mut slots = rule_slots(service, &place.model, facts)?;
    slots.retain(|slot| !facts.parameters.contains_key(&slot.parameter));
    let nlb = service.nlb.is_some() && !facts.parameters.contains_key(NLB_CERTIFICATE_PARAMETER);
    if slots.is_empty() && !nlb {
        return Ok(BTreeMap::new());
    }
    let cloudformation = place.manager.cloudformation();
    let resources = cloudformation.resources(stack).await?.unwrap_or_default();
    let (mut found, mut rules) = (BTreeMap::new(), BTreeMap::new());
    for slot in slots {
        let rule = resources.iter().find(|resource| resource.logical_id == slot.rule);
        let Some(arn) = rule.map(|rule| rule.physical_id.as_str()) else { continue };
        let Some(listener) = elbv2::listener_of(arn) else { continue };
        if !rules.contains_key(&listener) {
            rules.insert(listener.clone(), place.manager.elbv2().rules(&listener).await?);
        }
        let deployed = rules[&listener].iter().find(|known| known.arn == arn);
        if let Some(priority) = deployed.and_then(|rule| rule.priority) {
            found.insert(slot.parameter, priority.to_string());
        }
    }
    if nlb {
        let arn = inheritance(place, stack, facts).await?.nlb_certificate;
        if !arn.is_empty() {
            found.insert(NLB_CERTIFICATE_PARAMETER.to_owned(), arn);
        }
    }
    Ok(found)
}

/// The certificate of a site's host names.
pub(super) async fn site_certificate(
    place: &Place,
    stack: &str,
    facts: &Facts,
) -> Result<Option<(String, String)>> {
    let arn = inheritance(place, stack, facts).await?.site_certificate;
    Ok((!arn.is_empty()).then(|| (CERTIFICATE.to_owned(), arn)))
}

/// What custom resources of a deployed stack made.
pub(super) async fn inheritance(place: &Place, stack: &str, facts: &Facts) -> Result<Inherited> {
    let cloudformation = place.manager.cloudformation();
    let text = cloudformation.template(stack).await?.unwrap_or_default();
    let document = template::parse(&text).unwrap_or_default();
    let resources = cloudformation.resources(stack).await?.unwrap_or_default();
    Ok(takeover::inheritance(&document, &resources, &facts.parameters))
}
