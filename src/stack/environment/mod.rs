//! The stack of an environment: network, cluster, load balancers, file system, the roles that manage it.
//!
//! It holds no Lambda function and no custom resource. What such did is given in from outside: the certificates of the
//! load balancer and of CloudFront are parameters ([`PUBLIC_CERTIFICATE_PARAMETER`], [`CDN_CERTIFICATE_PARAMETER`]), the
//! application's zone is pointed to the name servers of the output `EnvironmentNameServers`, the bucket of access logs
//! is emptied before the stack goes.
//!
//! * [`roles`]: the two roles, also those of the bootstrap stack. `network`: where everything stands. `traffic`: who may
//!   call the load balancers, their logs, CloudFront.

mod network;
pub mod roles;
mod traffic;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::features::{CDN_ALIASES_PARAMETER, CDN_STATIC_ALIAS_PARAMETER, Features};
use super::render::{RenderError, render};
use super::{Stack, document};
use crate::facts::{Facts, partition};
use crate::model::environment::Environment;

/// Parameter with the ARN of the public HTTPS listener's certificate, where the manifest imports none. While it is empty
/// there is no such listener.
pub const PUBLIC_CERTIFICATE_PARAMETER: &str = "PublicCertificateARN";
/// Parameter with the ARN, in us-east-1, of the CloudFront distribution's certificate, where the manifest names none.
pub const CDN_CERTIFICATE_PARAMETER: &str = "CDNCertificateARN";

/// What a deployment of an environment brings besides manifest and facts.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// Value of the output `LastForceDeployID`: a new one makes an update out of any deployment. The deployed value
    /// when nothing is forced; empty at first.
    pub force_id: String,
    /// ARN of the public listener's certificate; absent: the deployed one.
    pub public_certificate: Option<String>,
    /// ARN of the CloudFront distribution's certificate; absent: the deployed one.
    pub cdn_certificate: Option<String>,
    /// Parameters of the addons' template besides `App` and `Env`: values may hold intrinsic functions. Counts where
    /// the facts give the URL of an addons template.
    pub addons_parameters: BTreeMap<String, Value>,
}

#[derive(Debug, Serialize)]
struct View {
    #[serde(flatten)]
    place: network::Place,
    #[serde(flatten)]
    roles: roles::View,
    container_insights: &'static str,
    security_group_ingress: Vec<Value>,
    security_group_egress: Vec<Value>,
    public_alb: bool,
    public_alb_accessible: &'static str,
    public_certificates: Vec<String>,
    public_ssl_policy: Option<String>,
    http_ingress: Vec<Value>,
    https_ingress: Vec<Value>,
    internal_alb: bool,
    internal_subnets: Vec<Value>,
    internal_ingress_vpc: bool,
    private_certificates: Vec<String>,
    private_ssl_policy: Option<String>,
    cdn: Option<traffic::Cdn>,
    flow_logs: Option<u64>,
    addons: Option<Addons>,
    force_id: String,
}

#[derive(Debug, Serialize)]
struct Addons {
    url: String,
    parameters: BTreeMap<String, Value>,
}

/// The stack of an environment. `raw_manifest`: the manifest's text after interpolation, kept in the template's metadata.
///
/// # Errors
/// [`RenderError`]: a fault in a built-in template, never in the input.
pub fn environment(
    model: &Environment,
    facts: &Facts,
    raw_manifest: &str,
    features: &Features,
    options: &Options,
) -> Result<Stack, RenderError> {
    let view = view(model, facts, options);
    let template = render("environment/environment.yml", &view)?;
    Ok(Stack {
        name: document::environment_stack(&facts.app.name, &facts.env.name),
        template: document::finished(template, Some(raw_manifest)),
        parameters: parameters(&view, model, facts, features, options),
        tags: document::tags(&facts.app, Some(&facts.env.name), None),
    })
}

fn view(model: &Environment, facts: &Facts, options: &Options) -> View {
    let place = network::Place::new(&model.vpc);
    // An internet-facing load balancer needs public subnets, an internal one subnets of any kind; an imported network
    // may have none.
    let public_alb = !place.public_subnets.is_empty();
    let internal_subnets = match model.private.subnets.as_slice() {
        [] => place.private_subnets.clone(),
        ids => ids.iter().map(|id| Value::from(id.as_str())).collect(),
    };
    let access_logs = model.public.access_logs.as_ref().filter(|_| public_alb);
    let access_logs = access_logs.map(|logs| traffic::AccessLogs::new(logs, &facts.env.region));
    let cdn = model.cdn.as_ref().filter(|_| public_alb);
    let cdn = cdn.map(|cdn| traffic::Cdn::new(cdn, traffic::managed_certificates(model, facts)));
    let prefix_lists = &facts.cloudfront_prefix_lists;
    let addons = (!facts.addons_url.is_empty()).then(|| {
        let mut parameters = options.addons_parameters.clone();
        parameters.insert("App".to_owned(), super::expr::reference("AppName"));
        parameters.insert("Env".to_owned(), super::expr::reference("EnvironmentName"));
        Addons { url: facts.addons_url.clone(), parameters }
    });
    View {
        roles: roles::View::of_environment(model, facts, access_logs),
        container_insights: if model.container_insights { "enabled" } else { "disabled" },
        security_group_ingress: traffic::rules(&model.security_group.ingress),
        security_group_egress: traffic::rules(&model.security_group.egress),
        public_alb,
        public_alb_accessible: if model.public.ingress_cdn { "false" } else { "true" },
        public_certificates: model.public.certificates.clone(),
        public_ssl_policy: model.public.ssl_policy.clone(),
        http_ingress: traffic::public_ingress(&model.public, prefix_lists, 80),
        https_ingress: traffic::public_ingress(&model.public, prefix_lists, 443),
        internal_alb: !internal_subnets.is_empty(),
        internal_subnets,
        internal_ingress_vpc: model.private.ingress_vpc,
        private_certificates: model.private.certificates.clone(),
        private_ssl_policy: model.private.ssl_policy.clone(),
        cdn,
        flow_logs: model.flow_logs,
        addons,
        force_id: options.force_id.clone(),
        place,
    }
}

fn parameters(
    view: &View,
    model: &Environment,
    facts: &Facts,
    features: &Features,
    options: &Options,
) -> BTreeMap<String, String> {
    let deployed = |name: &str| facts.parameters.get(name).cloned().unwrap_or_default();
    let domain = &facts.app.domain;
    let role = match domain.as_str() {
        "" => String::new(),
        _ => dns_role(facts),
    };
    let wanted = |yes: bool| yes.to_string();
    let mut parameters = features.parameters();
    let mut set = |name: &str, value: String| parameters.insert(name.to_owned(), value);
    set("AppName", facts.app.name.to_string());
    set("EnvironmentName", facts.env.name.to_string());
    set("ToolsAccountPrincipalARN", roles::tools_account(facts));
    set("AppDNSName", domain.clone());
    set("AppDNSDelegationRole", role);
    set("CreateHTTPSListener", wanted(!model.public.certificates.is_empty() || !domain.is_empty()));
    set("CreateInternalHTTPSListener", wanted(!model.private.certificates.is_empty()));
    // Services are found under the name that the environment began with: another one would replace its namespace.
    let endpoint = Some(deployed("ServiceDiscoveryEndpoint")).filter(|name| !name.is_empty());
    set("ServiceDiscoveryEndpoint", endpoint.unwrap_or_else(|| facts.service_discovery_endpoint()));
    if view.public_alb && view.public_certificates.is_empty() {
        let certificate = options.public_certificate.clone();
        let certificate = certificate.unwrap_or_else(|| deployed(PUBLIC_CERTIFICATE_PARAMETER));
        set(PUBLIC_CERTIFICATE_PARAMETER, certificate);
    }
    if let Some(cdn) = &view.cdn {
        if cdn.has_managed_certificate() {
            let certificate = options.cdn_certificate.clone();
            set(
                CDN_CERTIFICATE_PARAMETER,
                certificate.unwrap_or_else(|| deployed(CDN_CERTIFICATE_PARAMETER)),
            );
        }
        if cdn.has_aliases() {
            let assets = model.cdn.as_ref().and_then(|cdn| cdn.static_assets.as_ref());
            let fixed = assets.map_or("", |assets| assets.alias.as_str());
            set(CDN_ALIASES_PARAMETER, features.cdn_aliases(fixed));
            if assets.is_some() {
                set(CDN_STATIC_ALIAS_PARAMETER, fixed.to_owned());
            }
        }
    }
    parameters
}

/// ARN of the role, in the application's account, that writes into the application's zone.
fn dns_role(facts: &Facts) -> String {
    format!(
        "arn:{}:iam::{}:role/{}",
        partition(&facts.env.region),
        facts.app.account,
        super::app::dns_role_name(&facts.app.name)
    )
}
