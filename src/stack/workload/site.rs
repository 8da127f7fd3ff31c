//! The stacks of static sites: a bucket, and CloudFront before it.

use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::addons::Addons;
use super::topics::TopicView;
use super::{Condition, Parameter, StackError};
use crate::facts::Facts;
use crate::model::site::Site;
use crate::stack::{Stack, document, expr, render};

/// Name of the parameter with the certificate that wharf manages.
pub const CERTIFICATE: &str = "CertificateARN";
/// Logical id of the bucket with the site's files.
pub const BUCKET: &str = "Bucket";
/// Logical id of the CloudFront distribution.
pub const DISTRIBUTION: &str = "CloudFrontDistribution";
/// Output with CloudFront's own name of the site.
pub const DOMAIN_OUTPUT: &str = "CloudFrontDistributionDomainName";
/// Output with the site's own host name.
pub const ALIAS_OUTPUT: &str = "CloudFrontDistributionAlternativeDomainName";
/// Longest name of a CloudFront function, but for the six digits that keep cut names apart.
const MAX_NAME: usize = 58;

/// Everything a site's stack is made from.
#[derive(Debug, Clone, Copy)]
pub struct SiteInput<'a> {
    /// The site as meant.
    pub site: &'a Site,
    /// What AWS says.
    pub facts: &'a Facts,
    /// Text of the manifest after interpolation; goes into the template's metadata.
    pub manifest: &'a str,
    /// The site's addons, if any.
    pub addons: Option<&'a Addons>,
    /// ARN of the certificate in us-east-1 that wharf manages for the site; absent: the deployed one.
    pub certificate: Option<&'a str>,
}

/// A template's view.
#[derive(Debug, Serialize)]
struct View {
    description: &'static str,
    parameters: Vec<Parameter>,
    conditions: Vec<Condition>,
    name: String,
    aliases: Vec<String>,
    certificate: Option<Value>,
    addon_parameters: Value,
    // What a site never has of the part that all workloads share.
    topics: Vec<TopicView>,
    access_point: Option<()>,
}

/// Host names of a site: those of its manifest, else `<site>.<environment>.<application>.<domain>` when the application has
/// a domain. Empty: CloudFront's own name is all it has.
#[must_use]
pub fn aliases(site: &Site, facts: &Facts) -> Vec<String> {
    let (app, domain) = (&facts.app.name, &facts.app.domain);
    if !site.aliases.is_empty() || domain.is_empty() {
        return site.aliases.clone();
    }
    vec![format!("{}.{}.{app}.{domain}", site.name, facts.env.name)]
}

/// Whether wharf manages the certificate and the records of the site's host names.
#[must_use]
pub fn names_are_managed(site: &Site, facts: &Facts) -> bool {
    site.certificate.is_none() && !aliases(site, facts).is_empty()
}

/// Name of the origin access control and of the function: `<app>-<env>-<site>`; a long one is cut and gets the first six
/// digits of its SHA-256.
fn resource_name(full: &str) -> String {
    if full.len() <= MAX_NAME {
        return full.to_owned();
    }
    let digest = Sha256::digest(full.as_bytes());
    let digits: String = digest.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    // Names are ASCII, so every byte is a boundary.
    format!("{}{digits}", full.get(..MAX_NAME).unwrap_or(full))
}

/// The stack of a site.
///
/// # Errors
/// [`StackError::Render`] is a bug.
pub fn site(input: &SiteInput<'_>) -> Result<Stack, StackError> {
    let SiteInput { site, facts, .. } = *input;
    let (app, env) = (&facts.app.name, &facts.env.name);
    let managed = names_are_managed(site, facts);
    let mut parameters = vec![
        Parameter::text("AppName", app.as_str()),
        Parameter::text("EnvName", env.as_str()),
        Parameter::text("WorkloadName", site.name.as_str()),
        Parameter::optional(
            "AddonsTemplateURL",
            facts.addons_url.as_str(),
            "URL of the addons template; empty without addons.",
        ),
        Parameter {
            description: Some("ARN of the key that encrypts artifacts."),
            ..Parameter::text("ArtifactKeyARN", facts.artifacts.kms_key_arn.as_str())
        },
    ];
    if managed {
        let deployed = facts.parameters.get(CERTIFICATE).map(String::as_str);
        parameters.push(Parameter {
            description: Some("ARN of the certificate of the site's host names, in us-east-1."),
            ..Parameter::text(CERTIFICATE, input.certificate.or(deployed).unwrap_or_default())
        });
    }
    let given = site.certificate.as_deref().map(Value::from);
    let view = View {
        description: "A static site on Amazon S3 and CloudFront, made by wharf.",
        conditions: vec![Condition::differs("HasAddons", "AddonsTemplateURL", Value::from(""))],
        name: resource_name(&format!("{app}-{env}-{}", site.name)),
        aliases: aliases(site, facts),
        certificate: given.or_else(|| managed.then(|| expr::reference(CERTIFICATE))),
        addon_parameters: Addons::stack_parameters(input.addons),
        topics: vec![],
        access_point: None,
        parameters,
    };
    let template = document::finished(render::render("workload/site.yml", &view)?, Some(input.manifest));
    Ok(Stack {
        name: document::workload_stack(app, env, &site.name),
        template,
        parameters: view.parameters.into_iter().map(|parameter| (parameter.name, parameter.value)).collect(),
        tags: document::tags(&facts.app, Some(env), Some(&site.name)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::{AppName, EnvName};

    fn facts(domain: &str) -> Facts {
        let mut facts = Facts::new(AppName::new("shop").unwrap(), EnvName::new("test").unwrap());
        facts.app.domain = domain.to_owned();
        facts
    }

    fn made(site: &Site, facts: &Facts) -> Stack {
        super::site(&SiteInput { site, facts, manifest: "name: docs", addons: None, certificate: None })
            .unwrap()
    }

    fn docs() -> Site {
        Site { name: "docs".parse().unwrap(), aliases: vec![], certificate: None, files: vec![] }
    }

    #[test]
    fn host_names_come_from_the_manifest_or_the_domain() {
        let (mut site, domain) = (docs(), facts("example.com"));
        assert_eq!(aliases(&site, &domain), ["docs.test.shop.example.com"]);
        assert!(names_are_managed(&site, &domain));
        assert!(aliases(&site, &facts("")).is_empty() && !names_are_managed(&site, &facts("")));
        site.aliases = vec!["www.example.com".into()];
        assert_eq!(aliases(&site, &domain), ["www.example.com"]);
        site.certificate = Some("arn".into());
        assert!(!names_are_managed(&site, &domain));
    }

    #[test]
    fn the_distribution_has_names_only_with_a_certificate() {
        let distribution = |stack: &Stack| {
            stack.template["Resources"][DISTRIBUTION]["Properties"]["DistributionConfig"].clone()
        };
        let plain = distribution(&made(&docs(), &facts("")));
        assert!(plain["Aliases"].is_null() && plain["ViewerCertificate"].is_null());
        let managed = made(&docs(), &facts("example.com"));
        let certificate = &distribution(&managed)["ViewerCertificate"]["AcmCertificateArn"];
        assert_eq!(*certificate, expr::reference(CERTIFICATE));
        assert_eq!(managed.parameters[CERTIFICATE], "");
        let mut site = docs();
        (site.aliases, site.certificate) = (vec!["*.a.b".into()], Some("arn:aws:acm:us-east-1:1:c".into()));
        let own = made(&site, &facts(""));
        assert_eq!(distribution(&own)["ViewerCertificate"]["AcmCertificateArn"], "arn:aws:acm:us-east-1:1:c");
        let outputs = &own.template["Outputs"];
        assert_eq!(outputs["CloudFrontDistributionAlternativeDomainName"]["Value"], "*.a.b");
    }

    #[test]
    fn long_names_are_cut_and_stay_apart() {
        assert_eq!(resource_name(&"a".repeat(58)), "a".repeat(58));
        let (one, other) = (resource_name(&"a".repeat(59)), resource_name(&"a".repeat(60)));
        assert_eq!((one.len(), other.len()), (64, 64));
        assert_ne!(one, other);
    }
}
