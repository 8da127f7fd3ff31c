//! What an environment has only while a workload needs it: load balancers, a file system, NAT gateways.
//!
//! The environment's stack has a parameter for each feature. Five list the workloads that need it, separated by commas;
//! `Aliases` is a JSON object of host names by workload. A feature is there while its parameter is not empty. The values
//! are kept as text: an update carries over what it does not mean to change letter by letter.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::model::container::VolumeSource;
use crate::model::request_driven::{Ingress, RequestDriven};
use crate::model::service::{Kind, Placement, Service};
use crate::name::WorkloadName;

/// Something an environment has on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Feature {
    /// The public load balancer.
    PublicLoadBalancer,
    /// The internal load balancer.
    InternalLoadBalancer,
    /// The file system of managed volumes.
    FileSystem,
    /// NAT gateways of the private subnets.
    NatGateways,
    /// The VPC endpoint of private App Runner services.
    AppRunnerEndpoint,
    /// Host names of services behind the public load balancer.
    Aliases,
}

impl Feature {
    /// All features in the order of the stack's parameters.
    pub const ALL: [Self; 6] = [
        Self::PublicLoadBalancer,
        Self::InternalLoadBalancer,
        Self::FileSystem,
        Self::NatGateways,
        Self::AppRunnerEndpoint,
        Self::Aliases,
    ];

    /// Name of the stack's parameter.
    #[must_use]
    pub fn parameter(self) -> &'static str {
        match self {
            Self::PublicLoadBalancer => "ALBWorkloads",
            Self::InternalLoadBalancer => "InternalALBWorkloads",
            Self::FileSystem => "EFSWorkloads",
            Self::NatGateways => "NATWorkloads",
            Self::AppRunnerEndpoint => "AppRunnerPrivateWorkloads",
            Self::Aliases => "Aliases",
        }
    }

    /// Version of the first environment template that has it, such as `v1.10.0`.
    #[must_use]
    pub fn since(self) -> &'static str {
        match self {
            Self::PublicLoadBalancer => "v1.0.0",
            Self::FileSystem | Self::NatGateways => "v1.3.0",
            Self::Aliases => "v1.4.0",
            Self::InternalLoadBalancer => "v1.10.0",
            Self::AppRunnerEndpoint => "v1.23.0",
        }
    }
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::PublicLoadBalancer => "public load balancer",
            Self::InternalLoadBalancer => "internal load balancer",
            Self::FileSystem => "managed file system",
            Self::NatGateways => "NAT gateways",
            Self::AppRunnerEndpoint => "App Runner endpoint",
            Self::Aliases => "aliases",
        })
    }
}

/// What a workload needs of its environment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Needs {
    /// The features, in the order of [`Feature::ALL`]; [`Feature::Aliases`] exactly when there are aliases.
    features: Vec<Feature>,
    /// Host names behind the public load balancer, in the order of the manifest, each once.
    aliases: Vec<String>,
}

impl Needs {
    /// What a service needs. Its aliases count where the environment's public load balancer serves it: the environment's
    /// certificate is requested for them, and CloudFront answers to them.
    #[must_use]
    pub fn of(service: &Service) -> Self {
        let mut needs = Self::default();
        // A load balancer made elsewhere (`http.alb`) is no matter of the environment's.
        if let Some(http) = service.http.as_ref().filter(|http| http.imported.is_none()) {
            match service.kind {
                Kind::LoadBalancedWeb => {
                    needs.add(Feature::PublicLoadBalancer);
                    let aliases = http.rules.iter().flat_map(|rule| &rule.aliases);
                    needs.aliases = distinct(aliases.map(|alias| alias.name.clone()));
                }
                Kind::Backend => needs.add(Feature::InternalLoadBalancer),
                Kind::Worker | Kind::Job => {}
            }
        }
        if service
            .storage
            .volumes
            .iter()
            .any(|volume| matches!(volume.source, VolumeSource::ManagedEfs { .. }))
        {
            needs.add(Feature::FileSystem);
        }
        if service.network.placement == Placement::Private {
            needs.add(Feature::NatGateways);
        }
        if !needs.aliases.is_empty() {
            needs.add(Feature::Aliases);
        }
        needs
    }

    /// What a service on App Runner needs.
    #[must_use]
    pub fn of_request_driven(service: &RequestDriven) -> Self {
        let mut needs = Self::default();
        if service.placement == Some(Placement::Private) {
            needs.add(Feature::NatGateways);
        }
        if service.ingress == Ingress::Environment {
            needs.add(Feature::AppRunnerEndpoint);
        }
        needs
    }

    fn add(&mut self, feature: Feature) {
        self.features.push(feature);
        self.features.sort();
    }

    /// The features, in the order of the stack's parameters.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Host names behind the public load balancer.
    #[must_use]
    pub fn aliases(&self) -> &[String] {
        &self.aliases
    }

    /// Features for which the environment's deployed stack has no parameter yet: its template is older than
    /// [`Feature::since`].
    #[must_use]
    pub fn missing(&self, deployed: &BTreeMap<String, String>) -> Vec<Feature> {
        self.features.iter().copied().filter(|feature| !deployed.contains_key(feature.parameter())).collect()
    }
}

/// Values of the feature parameters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Features {
    /// The texts that are not empty.
    texts: BTreeMap<Feature, String>,
}

impl Features {
    /// The values that the deployed stack has; a parameter that it has not is empty.
    #[must_use]
    pub fn from_parameters(parameters: &BTreeMap<String, String>) -> Self {
        let text =
            |feature: Feature| parameters.get(feature.parameter()).filter(|text| !text.is_empty()).cloned();
        Self { texts: Feature::ALL.iter().filter_map(|&feature| Some((feature, text(feature)?))).collect() }
    }

    /// The six parameters by name.
    #[must_use]
    pub fn parameters(&self) -> BTreeMap<String, String> {
        Feature::ALL
            .iter()
            .map(|&feature| (feature.parameter().to_owned(), self.text(feature).to_owned()))
            .collect()
    }

    /// Value of a feature's parameter as it stands.
    #[must_use]
    pub fn text(&self, feature: Feature) -> &str {
        self.texts.get(&feature).map_or("", String::as_str)
    }

    /// Workloads that need a feature, in their order.
    #[must_use]
    pub fn workloads(&self, feature: Feature) -> Vec<String> {
        match feature {
            Feature::Aliases => self.aliases().keys().cloned().collect(),
            _ => listed(self.text(feature)).map(str::to_owned).collect(),
        }
    }

    /// Host names by workload. A text that is no JSON object, which no tool has written, counts as empty.
    #[must_use]
    pub fn aliases(&self) -> Map<String, Value> {
        serde_json::from_str(self.text(Feature::Aliases)).unwrap_or_default()
    }

    /// Adds a workload to a feature's list, at its end; nothing changes when it stands there already. A workload is
    /// added to the aliases with [`Features::with_aliases`].
    #[must_use]
    pub fn with(&self, feature: Feature, workload: &WorkloadName) -> Self {
        let text = self.text(feature);
        if feature == Feature::Aliases || listed(text).any(|name| name == workload.as_str()) {
            return self.clone();
        }
        let names: Vec<&str> = listed(text).chain([workload.as_str()]).collect();
        self.replaced(feature, names.join(","))
    }

    /// Takes a workload out of a feature's list or out of the aliases; nothing changes when it does not stand there.
    #[must_use]
    pub fn without(&self, feature: Feature, workload: &WorkloadName) -> Self {
        if feature == Feature::Aliases {
            return self.with_aliases(workload, &[]);
        }
        let text = self.text(feature);
        if !listed(text).any(|name| name == workload.as_str()) {
            return self.clone();
        }
        let names: Vec<&str> = listed(text).filter(|name| *name != workload.as_str()).collect();
        self.replaced(feature, names.join(","))
    }

    /// Gives a workload these host names instead of those it has; none takes it out.
    #[must_use]
    pub fn with_aliases(&self, workload: &WorkloadName, names: &[String]) -> Self {
        let mut aliases = self.aliases();
        let wanted = (!names.is_empty()).then(|| Value::from(names.to_vec()));
        if aliases.get(workload.as_str()) == wanted.as_ref() {
            return self.clone();
        }
        match wanted {
            Some(names) => {
                aliases.insert(workload.to_string(), names);
            }
            // Not `remove`, which puts the last workload into its place.
            None => aliases.retain(|name, _| name != workload.as_str()),
        }
        // The stack takes an empty text, not an empty object, for none.
        let text = if aliases.is_empty() { String::new() } else { Value::Object(aliases).to_string() };
        self.replaced(Feature::Aliases, text)
    }

    /// Enters a workload wherever it needs to be and takes it out everywhere else, but where its files are: what is stored in
    /// the file system does not go because a manifest names it no more.
    #[must_use]
    pub fn with_needs(&self, workload: &WorkloadName, needs: &Needs) -> Self {
        let lists = Feature::ALL.into_iter().filter(|feature| *feature != Feature::Aliases);
        lists
            .fold(self.clone(), |features, feature| {
                if needs.features.contains(&feature) {
                    features.with(feature, workload)
                } else if feature == Feature::FileSystem {
                    features
                } else {
                    features.without(feature, workload)
                }
            })
            .with_aliases(workload, &needs.aliases)
    }

    /// Takes a workload out everywhere but where its files are: the file system stays as long as one is listed.
    #[must_use]
    pub fn without_workload_but_its_files(&self, workload: &WorkloadName) -> Self {
        self.with_needs(workload, &Needs::default())
    }

    /// Takes a workload out everywhere.
    #[must_use]
    pub fn without_workload(&self, workload: &WorkloadName) -> Self {
        self.without_workload_but_its_files(workload).without(Feature::FileSystem, workload)
    }

    /// Host names of workloads behind the public load balancer, each once, in the order of the workloads' entries.
    #[must_use]
    pub fn public_aliases(&self) -> Vec<String> {
        let public = self.workloads(Feature::PublicLoadBalancer);
        let aliases = self.aliases();
        distinct(
            aliases
                .iter()
                .filter(|(workload, _)| public.contains(workload))
                .filter_map(|(_, names)| names.as_array())
                .flatten()
                .filter_map(|name| name.as_str().map(str::to_owned)),
        )
    }

    /// What an update of the deployed stack that changes nothing but features passes: every deployed parameter, with
    /// the features' values and what follows from them.
    #[must_use]
    pub fn applied_to(&self, deployed: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut parameters = deployed.clone();
        for (name, value) in &mut parameters {
            if let Some(feature) = Feature::ALL.iter().find(|feature| feature.parameter() == name) {
                self.text(*feature).clone_into(value);
            }
        }
        let fixed = deployed.get(CDN_STATIC_ALIAS_PARAMETER).map_or("", String::as_str);
        if let Some(value) = parameters.get_mut(CDN_ALIASES_PARAMETER) {
            *value = self.cdn_aliases(fixed);
        }
        parameters
    }

    /// Value of the parameter [`CDN_ALIASES_PARAMETER`]: the public aliases but the one of the static files.
    #[must_use]
    pub fn cdn_aliases(&self, static_alias: &str) -> String {
        let names: Vec<String> =
            self.public_aliases().into_iter().filter(|name| name != static_alias).collect();
        names.join(",")
    }

    fn replaced(&self, feature: Feature, text: String) -> Self {
        let mut changed = self.clone();
        changed.texts.insert(feature, text);
        changed.texts.retain(|_, text| !text.is_empty());
        changed
    }
}

/// Parameter of an environment's stack with the host names of services behind CloudFront, separated by commas.
pub const CDN_ALIASES_PARAMETER: &str = "CDNAliases";
/// Parameter of an environment's stack with the host name of the static files behind CloudFront.
pub const CDN_STATIC_ALIAS_PARAMETER: &str = "CDNStaticAlias";

fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty())
}

fn distinct(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = vec![];
    for name in names {
        if !seen.contains(&name) {
            seen.push(name);
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::container::{Container, Image, Volume};
    use crate::model::routing::{Alias, Http, Rule, Target, TargetHealthCheck};
    use crate::model::service::{Count, Deployment, Network, Platform, RollbackAlarms, Storage};
    use proptest::prelude::*;

    fn service(kind: Kind) -> Service {
        Service {
            name: workload("web"),
            kind,
            job: None,
            cpu: 256,
            memory: 512,
            platform: Platform { os: "LINUX".to_owned(), architecture: "X86_64".to_owned() },
            count: Count::Fixed(1),
            exec: false,
            main: Container {
                name: "web".to_owned(),
                image: Image::Location("nginx".to_owned()),
                credentials: None,
                essential: None,
                entrypoint: vec![],
                command: vec![],
                variables: BTreeMap::new(),
                secrets: BTreeMap::new(),
                env_file: None,
                labels: BTreeMap::new(),
                depends_on: BTreeMap::new(),
                health_check: None,
                ports: vec![],
                mounts: vec![],
            },
            sidecars: vec![],
            port: None,
            http: None,
            nlb: None,
            target: None,
            grace_period: None,
            network: Network {
                placement: Placement::Public,
                security_groups: vec![],
                deny_default: false,
                connect: None,
            },
            storage: Storage { ephemeral: None, readonly_fs: None, volumes: vec![] },
            log_retention: 30,
            log_router: None,
            topics: vec![],
            events: None,
            deployment: Deployment {
                min_healthy_percent: 100,
                max_percent: 200,
                shift: None,
                rollback: RollbackAlarms::None,
            },
            tracing: false,
            taskdef_overrides: vec![],
        }
    }

    fn rule(aliases: &[&str]) -> Rule {
        let alias = |name: &&str| Alias { name: (*name).to_owned(), hosted_zone: None };
        Rule {
            path: "/".to_owned(),
            target: Target { container: "web".to_owned(), port: 80 },
            health_check: TargetHealthCheck::default(),
            deregistration_delay: 60,
            stickiness: false,
            allowed_source_ips: vec![],
            aliases: aliases.iter().map(alias).collect(),
            redirect_to_https: true,
            protocol_version: None,
        }
    }

    #[test]
    fn a_service_needs_what_its_settings_stand_on() {
        let needs = |change: &dyn Fn(&mut Service)| {
            let mut web = service(Kind::LoadBalancedWeb);
            change(&mut web);
            Needs::of(&web)
        };
        let http = |imported: Option<&str>| {
            let rules = vec![rule(&["a.b", "c.d"]), rule(&["c.d", "e.f"])];
            Some(Http { rules, imported: imported.map(str::to_owned) })
        };
        assert_eq!(needs(&|_| {}), Needs::default());
        let public = needs(&|web| web.http = http(None));
        assert_eq!(public.features(), [Feature::PublicLoadBalancer, Feature::Aliases]);
        assert_eq!(public.aliases(), ["a.b", "c.d", "e.f"]);
        assert_eq!(needs(&|web| web.http = http(Some("shared"))), Needs::default());
        let internal = needs(&|web| (web.kind, web.http) = (Kind::Backend, http(None)));
        assert_eq!(internal.features(), [Feature::InternalLoadBalancer]);
        assert_eq!(internal.aliases(), [""; 0]);
        let private = needs(&|web| {
            let source = VolumeSource::ManagedEfs { uid: 1, gid: 1 };
            web.storage.volumes = vec![Volume { name: "data".to_owned(), source }];
            web.network.placement = Placement::Private;
        });
        assert_eq!(private.features(), [Feature::FileSystem, Feature::NatGateways]);
        let elsewhere = needs(&|web| {
            web.storage.volumes = vec![Volume { name: "tmp".to_owned(), source: VolumeSource::Scratch }];
            web.network.placement = Placement::Subnets(vec!["subnet-1".to_owned()]);
        });
        assert_eq!(elsewhere, Needs::default());
    }

    fn workload(name: &str) -> WorkloadName {
        WorkloadName::new(name).unwrap()
    }

    fn deployed(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn values_are_carried_over_as_they_are() {
        let parameters = deployed(&[
            ("ALBWorkloads", "b, a,,c "),
            ("Aliases", "{ \"b\" : [\"x.y\"] }"),
            ("AppName", "demo"),
        ]);
        let features = Features::from_parameters(&parameters);
        assert_eq!(features.text(Feature::PublicLoadBalancer), "b, a,,c ");
        assert_eq!(features.parameters()["Aliases"], "{ \"b\" : [\"x.y\"] }");
        assert_eq!(features.parameters()["NATWorkloads"], "");
        assert_eq!(features.parameters().len(), 6);
        assert_eq!(
            features.with(Feature::PublicLoadBalancer, &workload("aa")).text(Feature::PublicLoadBalancer),
            "b,a,c,aa"
        );
    }

    #[test]
    fn the_last_workload_out_leaves_nothing() {
        let features = Features::default()
            .with(Feature::NatGateways, &workload("api"))
            .with_aliases(&workload("api"), &["a.example.com".to_owned()]);
        assert_eq!(features.text(Feature::NatGateways), "api");
        assert_eq!(features.text(Feature::Aliases), r#"{"api":["a.example.com"]}"#);
        let features = features.without_workload(&workload("api"));
        assert!(features.parameters().values().all(String::is_empty));
    }

    #[test]
    fn a_name_is_no_part_of_another() {
        let features = Features::default().with(Feature::FileSystem, &workload("api-v2"));
        assert_eq!(features.without(Feature::FileSystem, &workload("api")), features);
        assert_eq!(
            features.with(Feature::FileSystem, &workload("api")).text(Feature::FileSystem),
            "api-v2,api"
        );
    }

    #[test]
    fn files_outlive_their_workload() {
        let (web, api) = (workload("web"), workload("api"));
        let before = Features::default().with(Feature::FileSystem, &web).with(Feature::NatGateways, &web);
        let after = before.without_workload_but_its_files(&web);
        assert_eq!(after, Features::default().with(Feature::FileSystem, &web));
        assert_eq!(before.without_workload_but_its_files(&api), before);
        // Nor does a deployment that needs no files any more take them.
        assert_eq!(before.with_needs(&web, &Needs::default()), after);
        assert_eq!(before.without_workload(&web), Features::default());
    }

    #[test]
    fn needs_replace_what_was_needed() {
        let (web, api) = (workload("web"), workload("api"));
        let before = Features::default()
            .with(Feature::PublicLoadBalancer, &web)
            .with(Feature::NatGateways, &web)
            .with(Feature::NatGateways, &api)
            .with_aliases(&web, &["old.example.com".to_owned()]);
        let mut needs = Needs { features: vec![], aliases: vec!["new.example.com".to_owned()] };
        needs.add(Feature::FileSystem);
        needs.add(Feature::PublicLoadBalancer);
        let after = before.with_needs(&web, &needs);
        insta::assert_json_snapshot!(after.parameters(), @r#"
        {
          "ALBWorkloads": "web",
          "Aliases": "{\"web\":[\"new.example.com\"]}",
          "AppRunnerPrivateWorkloads": "",
          "EFSWorkloads": "web",
          "InternalALBWorkloads": "",
          "NATWorkloads": "api"
        }
        "#);
        let older = deployed(&[("ALBWorkloads", "")]);
        assert_eq!(needs.missing(&older), [Feature::FileSystem]);
    }

    #[test]
    fn aliases_of_public_services_are_told_once() {
        let parameters = deployed(&[
            ("ALBWorkloads", "web,shop"),
            ("Aliases", r#"{"shop":["a.b","s.b"],"hidden":["h.b"],"web":["a.b","w.b",1]}"#),
            ("CDNAliases", "stale"),
            ("CDNStaticAlias", "s.b"),
            ("VpcCidr", "kept"),
        ]);
        let features = Features::from_parameters(&parameters);
        assert_eq!(features.public_aliases(), ["a.b", "s.b", "w.b"]);
        let applied = features.applied_to(&parameters);
        assert_eq!(applied["CDNAliases"], "a.b,w.b");
        assert_eq!(applied["VpcCidr"], "kept");
        // A parameter that the deployed template has not would be refused.
        assert_eq!(applied.len(), parameters.len());
    }

    fn names() -> impl Strategy<Value = Vec<String>> {
        prop::collection::vec("[a-c]{2,3}", 0..6)
    }

    fn any_feature() -> impl Strategy<Value = Feature> {
        prop::sample::select(Feature::ALL.to_vec())
    }

    fn any_features() -> impl Strategy<Value = Features> {
        let lists = prop::collection::vec(names(), 5);
        (lists, prop::collection::vec(("[a-c]{2,3}", names()), 0..4)).prop_map(|(lists, aliases)| {
            let features = Feature::ALL.into_iter().filter(|feature| *feature != Feature::Aliases);
            let base = features.zip(lists).fold(Features::default(), |all, (feature, names)| {
                names.iter().fold(all, |all, name| all.with(feature, &workload(name)))
            });
            aliases.iter().fold(base, |all, (name, aliases)| all.with_aliases(&workload(name), aliases))
        })
    }

    proptest! {
        #[test]
        fn adding_twice_is_adding_once(features in any_features(), feature in any_feature(), name in "[a-c]{2,3}") {
            let once = features.with(feature, &workload(&name));
            prop_assert_eq!(once.with(feature, &workload(&name)), once.clone());
            if feature != Feature::Aliases {
                prop_assert!(once.workloads(feature).contains(&name));
                // The order of the others stays, and others' features do not move.
                let others: Vec<String> = once.workloads(feature).into_iter().filter(|other| *other != name).collect();
                let before: Vec<String> = features.workloads(feature).into_iter().filter(|other| *other != name).collect();
                prop_assert_eq!(others, before);
            }
        }

        #[test]
        fn taking_out_undoes_adding(features in any_features(), feature in any_feature(), name in "[d-f]{2,3}") {
            let name = workload(&name);
            let added = features.with(feature, &name).with_aliases(&name, &["x.y".to_owned()]);
            prop_assert_eq!(added.without(feature, &name).without(Feature::Aliases, &name), features);
        }

        #[test]
        fn a_workload_taken_out_is_nowhere(features in any_features(), name in "[a-c]{2,3}") {
            let out = features.without_workload(&workload(&name));
            prop_assert_eq!(out.without_workload(&workload(&name)), out.clone());
            for feature in Feature::ALL {
                prop_assert!(!out.workloads(feature).contains(&name));
                let kept: Vec<String> = features.workloads(feature).into_iter().filter(|other| *other != name).collect();
                prop_assert_eq!(out.workloads(feature), kept);
            }
        }

        #[test]
        fn any_text_is_read_without_fault(text in any::<String>(), name in "[a-c]{2,3}") {
            let parameters: BTreeMap<String, String> =
                Feature::ALL.iter().map(|feature| (feature.parameter().to_owned(), text.clone())).collect();
            let features = Features::from_parameters(&parameters);
            prop_assert_eq!(features.parameters(), parameters);
            let without = features.with_needs(&workload(&name), &Needs::default()).public_aliases();
            prop_assert!(without.iter().all(|alias| !alias.is_empty() || text.contains("\"\"")));
        }
    }
}
