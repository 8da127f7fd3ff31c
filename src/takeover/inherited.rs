//! What Copilot's custom resources made, as the deployed stack tells it. It lives on, and wharf's templates are told of it
//! by parameters.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::machinery;

/// What custom resources of an environment's or workload's stack made. Empty where there is nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Inherited {
    /// ARN of the certificate of the environment's public HTTPS listener: `<env>.<app>.<domain>`, everything below it, and
    /// the aliases.
    pub public_certificate: String,
    /// ARN, in us-east-1, of the certificate of the environment's CloudFront distribution.
    pub cdn_certificate: String,
    /// ARN of the certificate of a service's network load balancer.
    pub nlb_certificate: String,
    /// ARN, in us-east-1, of the certificate of a static site.
    pub site_certificate: String,
    /// Id of the environment's hosted zone.
    pub hosted_zone: String,
    /// Whether the application's zone was told the name servers of the environment's zone.
    pub delegated: bool,
    /// Host names whose records a custom resource wrote, by workload, as the environment's parameter `Aliases` has them.
    pub aliases: BTreeMap<String, Vec<String>>,
    /// Host names of a network load balancer whose records a custom resource wrote.
    pub nlb_aliases: Vec<String>,
}

/// A deployed resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Physical {
    /// Its logical id.
    pub logical_id: String,
    /// Its physical id.
    pub physical_id: String,
}

/// Reads what custom resources made, from the deployed template, its resources and the values of its parameters.
#[must_use]
pub fn inherited(
    template: &Value,
    resources: &[Physical],
    parameters: &BTreeMap<String, String>,
) -> Inherited {
    let id_of = |id: &str, kind: &str| {
        let declared = machinery::kind(&template["Resources"][id]) == kind;
        let found = resources.iter().find(|resource| declared && resource.logical_id == id);
        found.map(|resource| resource.physical_id.clone()).unwrap_or_default()
    };
    // A custom resource of a certificate has the ARN as its id; anything else is a request that came to nothing.
    let certificate = |id: &str, kind: &str| {
        let arn = id_of(id, kind);
        if arn.contains(":acm:") { arn } else { String::new() }
    };
    let has_records = |id: &str, kind: &str| !id_of(id, kind).is_empty();
    let aliases = parameters.get("Aliases").map(String::as_str).filter(|text| !text.is_empty());
    let aliases = aliases.filter(|_| has_records("CustomDomainAction", "Custom::CustomDomainFunction"));
    let nlb_aliases = parameters.get("NLBAliases").map(String::as_str).unwrap_or_default().split(',');
    let nlb_has_records = has_records("NLBCustomDomainAction", "Custom::NLBCustomDomainFunction");
    Inherited {
        public_certificate: certificate("HTTPSCert", "Custom::CertificateValidationFunction"),
        cdn_certificate: certificate("CertificateReplicator", "Custom::CertificateReplicatorFunction"),
        nlb_certificate: certificate("NLBCertValidatorAction", "Custom::NLBCertValidatorFunction"),
        site_certificate: certificate("CertificateValidatorAction", "Custom::CertificateValidationFunction"),
        hosted_zone: id_of("EnvironmentHostedZone", "AWS::Route53::HostedZone"),
        delegated: has_records("DelegateDNSAction", "Custom::DNSDelegationFunction"),
        aliases: aliases.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default(),
        nlb_aliases: nlb_aliases
            .filter(|name| nlb_has_records && !name.is_empty())
            .map(|name| name.trim().to_owned())
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn certificates_zone_and_records_of_an_environment() {
        let template = json!({"Resources": {
            "HTTPSCert": {"Type": "Custom::CertificateValidationFunction"},
            "DelegateDNSAction": {"Type": "Custom::DNSDelegationFunction"},
            "CustomDomainAction": {"Type": "Custom::CustomDomainFunction"},
            "CertificateReplicator": {"Type": "Custom::CertificateReplicatorFunction"},
            "EnvironmentHostedZone": {"Type": "AWS::Route53::HostedZone"},
        }});
        let arn = "arn:aws:acm:eu-west-1:1:certificate/a";
        let deployed = [
            ("HTTPSCert", arn),
            ("CertificateReplicator", "2026/01/02/[$LATEST]abc"),
            ("EnvironmentHostedZone", "Z1"),
            ("DelegateDNSAction", "x"),
            ("CustomDomainAction", "y"),
        ]
        .map(|(id, physical)| Physical { logical_id: id.into(), physical_id: physical.into() });
        let parameters = BTreeMap::from([("Aliases".to_owned(), r#"{"web":["a.example.com"]}"#.to_owned())]);
        let found = inherited(&template, &deployed, &parameters);
        assert_eq!(
            found,
            Inherited {
                public_certificate: arn.into(),
                hosted_zone: "Z1".into(),
                delegated: true,
                aliases: [("web".into(), vec!["a.example.com".into()])].into(),
                ..Inherited::default()
            }
        );
        // wharf's own template has no custom resources: nothing is inherited twice.
        let own = json!({"Resources": {"EnvironmentHostedZone": {"Type": "AWS::Route53::HostedZone"}}});
        let found = inherited(&own, &deployed, &parameters);
        assert_eq!(found, Inherited { hosted_zone: "Z1".into(), ..Inherited::default() });
    }
}
