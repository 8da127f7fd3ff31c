//! Whether the services that run in an environment can stand behind its CloudFront distribution: asked before anything changes.

use std::collections::BTreeMap;

use serde_json::Value;

use super::deploy::Loaded;
use crate::aws::Connection;
use crate::diagnostic::Diagnostics;
use crate::ops::{Result, Session};
use crate::stack::features::{Feature, Features};
use crate::store;
use crate::yaml::{node, template};

/// Id of the rules.
const RULE: &str = "deploy/cdn";

/// A service behind the public load balancer, as deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Behind {
    name: String,
    has_alias: bool,
    redirects: bool,
}

/// Holds an environment's manifest against the services that run in it. `parameters` are those of its deployed stack.
///
/// # Errors
/// [`crate::ops::Error::Manifest`] with the place of `cdn`; whatever AWS reports.
pub(super) async fn check(
    session: &Session,
    manager: &Connection,
    app: &store::App,
    loaded: &Loaded,
    parameters: &BTreeMap<String, String>,
) -> Result<()> {
    let Some(cdn) = &loaded.model.cdn else { return Ok(()) };
    let features = Features::from_parameters(parameters);
    let aliases = features.aliases();
    let mut services = vec![];
    for name in features.workloads(Feature::PublicLoadBalancer) {
        let redirects = cdn.terminate_tls && {
            let stack = format!("{}-{}-{name}", app.name, loaded.model.name);
            let text = manager.cloudformation().template(&stack).await?.unwrap_or_default();
            redirects(&template::parse(&text).unwrap_or_default())
        };
        let has_alias = aliases.get(&name).and_then(Value::as_array).is_some_and(|names| !names.is_empty());
        services.push(Behind { name, has_alias, redirects });
    }
    let managed = !app.domain.is_empty() && loaded.model.public.certificates.is_empty();
    let found = findings(&services, managed, loaded);
    if found.has_errors() {
        session.accept(loaded.findings.source.clone(), found)?;
    } else {
        session.report_findings(&[session.accept(loaded.findings.source.clone(), found)?]);
    }
    Ok(())
}

/// Whether a service's template sends plain HTTP to HTTPS.
fn redirects(template: &Value) -> bool {
    let resources = template["Resources"].as_object().into_iter().flat_map(|all| all.values());
    resources.filter(|resource| resource["Type"] == "AWS::ElasticLoadBalancingV2::ListenerRule").any(|rule| {
        let actions = rule["Properties"]["Actions"].as_array().into_iter().flatten();
        actions.into_iter().any(|action| action["Type"] == "redirect")
    })
}

fn findings(services: &[Behind], managed: bool, loaded: &Loaded) -> Diagnostics {
    let mut found = Diagnostics::new();
    let place = |key: &str| {
        let root = node::parse(&loaded.findings.source.text).ok()?;
        let cdn = root.get("cdn")?;
        Some(cdn.get(key).unwrap_or(cdn).span)
    };
    let names = |is: &dyn Fn(&Behind) -> bool| -> Vec<&str> {
        services.iter().filter(|service| is(service)).map(|service| service.name.as_str()).collect()
    };
    let bare = names(&|service| !service.has_alias);
    if managed && !bare.is_empty() {
        let finding = found.error(
            RULE,
            format!("CloudFront can't lead to {}, which {} no host name", bare.join(", "), have(&bare)),
        );
        finding.help("give each rule of them an `alias` and deploy them first, or turn off `cdn`");
        finding.span = place("");
    }
    let looping = names(&|service| service.redirects);
    if looping.is_empty() {
        return found;
    }
    let text = format!(
        "{} {} plain HTTP to HTTPS, and CloudFront speaks plain HTTP to the load balancer: it would go round in circles",
        looping.join(", "),
        if looping.len() == 1 { "redirects" } else { "redirect" },
    );
    // Whoever can pass CloudFront by reaches the services all the same.
    let finding =
        if loaded.model.public.ingress_cdn { found.error(RULE, text) } else { found.warn(RULE, text) };
    finding.help(
        "write `redirect_to_https: false` into the `http` section of their manifests and deploy them first",
    );
    finding.span = place("terminate_tls");
    found
}

fn have(names: &[&str]) -> &'static str {
    if names.len() == 1 { "has" } else { "have" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_redirect_is_seen_in_rules_only() {
        let template = |kind: &str, action: &str| json!({"Resources": {"Rule": {"Type": kind, "Properties": {"Actions": [{"Type": action}]}}}});
        assert!(redirects(&template("AWS::ElasticLoadBalancingV2::ListenerRule", "redirect")));
        assert!(!redirects(&template("AWS::ElasticLoadBalancingV2::ListenerRule", "forward")));
        assert!(!redirects(&template("AWS::Other", "redirect")));
        assert!(!redirects(&Value::Null));
    }
}
