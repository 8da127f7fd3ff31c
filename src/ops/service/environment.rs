//! The environment a service is deployed to, as far as the service must know it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::features::needs;
use super::images;
use super::inherited;
use super::naming::Before;
use super::render::Loaded;
use super::topics::Together;
use super::{many, request_driven, topics};
use crate::artifact::image::{self, ImagePlan, Tags};
use crate::artifact::key;
use crate::aws::Connection;
use crate::aws::cloudformation::{Output, Stack};
use crate::aws::ec2::SubnetFilter;
use crate::aws::elbv2::Which;
use crate::event::Step;
use crate::facts::{self, Facts};
use crate::model::container::Container;
use crate::model::environment::Environment;
use crate::model::service::{Placement, Service};
use crate::model::workload::Workload;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::app::infrastructure;
use crate::ops::stacks::{self, Change, Target};
use crate::ops::{Error, Result, Session, addons, env};
use crate::plan::price::Prices;
use crate::stack::document::{environment_stack, workload_stack};
use crate::stack::workload::priority::{self, ListenerAt};
use crate::stack::workload::site::CERTIFICATE;
use crate::stack::workload::{Priorities, rule_slots, scaling};
use crate::store;
use crate::store::parting::Parting;
use crate::tools::git;
use crate::workspace;
use crate::yaml::template;

/// An environment that is deployed.
pub(super) struct Place {
    /// Its record.
    pub record: store::Environment,
    /// The environment as deployed.
    pub model: Environment,
    /// The way to manage it.
    pub manager: Connection,
    /// The application's own credentials in its region: images are pushed with them.
    pub regional: Connection,
    /// The application's record.
    pub app: store::App,
    /// Parameters of its stack.
    pub parameters: BTreeMap<String, String>,
    /// Outputs of its stack.
    pub outputs: BTreeMap<String, String>,
    /// Values of its exports by their names.
    pub exports: BTreeMap<String, String>,
    /// What things cost.
    pub prices: Arc<Prices>,
    /// Workloads that are deployed together.
    pub together: Together,
    facts: Facts,
}

/// What a service is rendered with, but for priorities.
#[derive(Clone)]
pub(super) struct Ready {
    /// What AWS says.
    pub facts: Facts,
    /// Subnets behind a placement by tags.
    pub subnets: Vec<String>,
    /// Host names that wharf manages for the deployed site or service on App Runner.
    pub hosts: Vec<String>,
    /// Names that earlier deployments have noted for it.
    pub parting: Parting,
    /// Workloads deployed together with it that publish topics it subscribes to and that are not there yet.
    pub awaited: BTreeSet<WorkloadName>,
}

impl Ready {
    /// What there was before the deployment.
    pub fn before(&self) -> Before<'_> {
        Before { facts: &self.facts, hosts: &self.hosts, parting: &self.parting }
    }
}

/// Numbers in use by listener ARN: shared by services that are deployed together.
pub(super) type Taken = BTreeMap<String, BTreeSet<u32>>;

/// Reads the environment.
///
/// # Errors
/// It does not exist or was never deployed; whatever AWS reports.
pub(super) async fn read(session: &Session, app_name: &AppName, name: &EnvName) -> Result<Place> {
    let connection = session.aws().await;
    let app = session.app(app_name).await?;
    let record = session.env(app_name, name).await?;
    let manager = session.manager(&record).await;
    let regional = connection.region(&record.region);
    let stack = environment_stack(app_name, name);
    let not_deployed = || Error::NotDeployed { env: name.clone() };
    let deployed = stacks::settled(session, &manager, &stack).await?.ok_or_else(not_deployed)?;
    let text = manager.cloudformation().template(&stack).await?.unwrap_or_default();
    let document = template::parse(&text).unwrap_or_default();
    if env::is_bootstrap(&document) {
        return Err(not_deployed());
    }
    let manifest = document["Metadata"]["Manifest"].as_str();
    let model = env::load(session, app_name, name, manifest)?.model;
    let artifacts =
        infrastructure::resources(connection, &facts::App::from(&app), &record.region).await?.artifacts;
    let mut facts = Facts::new(app_name.clone(), name.clone());
    facts.app = facts::App::from(&app);
    facts.env = facts::Env {
        version: stacks::version_of(&text).unwrap_or_default(),
        service_discovery_endpoint: deployed
            .parameters
            .get("ServiceDiscoveryEndpoint")
            .cloned()
            .unwrap_or_default(),
        ..facts::Env::from(&record)
    };
    facts.artifacts = artifacts;
    facts.root_user_arn = infrastructure::root_arn(connection, &record.region).await?;
    Ok(Place {
        model,
        manager,
        regional,
        app,
        facts,
        prices: session.prices(),
        together: Together::new(),
        parameters: deployed.parameters,
        exports: exports(&deployed.outputs),
        outputs: deployed.outputs.into_iter().map(|(name, output)| (name, output.value)).collect(),
        record,
    })
}

pub(super) fn exports(outputs: &BTreeMap<String, Output>) -> BTreeMap<String, String> {
    let exported = outputs.values().filter(|output| !output.export.is_empty());
    exported.map(|output| (output.export.clone(), output.value.clone())).collect()
}

impl Place {
    /// What a service is rendered with: nothing is changed yet.
    ///
    /// # Errors
    /// The environment's template is too old for what the service needs; subnets or load balancers that are not there;
    /// whatever AWS reports.
    pub async fn prepare(&self, session: &Session, loaded: &Loaded) -> Result<Ready> {
        let stack = workload_stack(&self.facts.app.name, &self.facts.env.name, loaded.model.name());
        let deployed = stacks::settled(session, &self.manager, &stack).await?;
        let deployed = deployed.filter(|deployed| !stacks::is_leftover(&deployed.status));
        self.ready(session, loaded, deployed.as_ref()).await
    }

    /// The same where the deployed stack is known; `None` when there is none that came to life.
    ///
    /// # Errors
    /// As [`Place::prepare`].
    pub async fn ready(&self, session: &Session, loaded: &Loaded, deployed: Option<&Stack>) -> Result<Ready> {
        self.check_names(session, loaded).await?;
        let needs = needs(&loaded.model);
        if let Some(feature) = needs.missing(&self.parameters).first() {
            return Err(Error::OldEnvironment {
                env: self.record.name.clone(),
                feature: feature.to_string(),
                since: feature.since().to_owned(),
            });
        }
        let mut facts = self.facts.clone();
        let stack = workload_stack(&facts.app.name, &facts.env.name, loaded.model.name());
        let (mut hosts, mut parting) = (vec![], Parting::default());
        if let Some(deployed) = deployed {
            hosts = self.deployed_hosts(&loaded.model, deployed).await?;
            parting = self.parting(&loaded.model, deployed).await?;
            facts.parameters.clone_from(&deployed.parameters);
        }
        let (mut subnets, mut awaited) = (vec![], BTreeSet::new());
        match &loaded.model {
            Workload::Container(service) => {
                if let Some(name) = service.http.as_ref().and_then(|http| http.imported.as_deref()) {
                    facts.load_balancer = Some(self.load_balancer(name).await?);
                }
                if !facts.parameters.is_empty() {
                    let inherited = inherited::parameters(self, &stack, service, &facts).await?;
                    facts.parameters.extend(inherited);
                }
                if let Placement::Tagged(tags) = &service.network.placement {
                    subnets = self.subnets(tags).await?;
                }
                let before = many::before(loaded, &self.together);
                awaited = topics::check(&self.manager, &facts, service, &before, &self.together).await?;
                if service.count.by_backlog() && !facts.parameters.contains_key(scaling::CALCULATOR) {
                    let name = self.calculator(&stack).await?;
                    facts.parameters.insert(scaling::CALCULATOR.to_owned(), name);
                }
            }
            Workload::RequestDriven(service) => {
                request_driven::check(service, &self.model)?;
                if let Some(Placement::Tagged(tags)) = &service.placement {
                    subnets = self.subnets(tags).await?;
                }
            }
            Workload::StaticSite(_) => {
                let managed = !facts.app.domain.is_empty() && !facts.parameters.is_empty();
                if managed && !facts.parameters.contains_key(CERTIFICATE) {
                    facts.parameters.extend(inherited::site_certificate(self, &stack, &facts).await?);
                }
            }
        }
        Ok(Ready { facts, subnets, hosts, parting, awaited })
    }

    /// Name of the function that computed the backlog of the deployed stack, or what stands for it.
    async fn calculator(&self, stack: &str) -> Result<String> {
        let resources = self.manager.cloudformation().resources(stack).await?.unwrap_or_default();
        let function = resources.into_iter().find(|resource| {
            resource.logical_id == scaling::CALCULATOR && resource.resource_type == "AWS::Lambda::Function"
        });
        let name = function.map(|function| function.physical_id).filter(|name| !name.is_empty());
        Ok(name.unwrap_or_else(|| scaling::calculator(stack)))
    }

    async fn load_balancer(&self, name: &str) -> Result<facts::LoadBalancer> {
        let names = [name];
        let which = if name.starts_with("arn:") { Which::Arns(&names) } else { Which::Names(&names) };
        let elbv2 = self.manager.elbv2();
        let found = elbv2.load_balancers(which).await?.into_iter().next();
        let found = found.ok_or_else(|| Error::NoLoadBalancer { name: name.to_owned() })?;
        let listeners = elbv2.listeners(&found.arn).await?;
        Ok(facts::LoadBalancer {
            listeners: listeners
                .into_iter()
                .map(|listener| facts::Listener {
                    arn: listener.arn,
                    port: listener.port,
                    protocol: listener.protocol,
                })
                .collect(),
            arn: found.arn,
            name: found.name,
            dns_name: found.dns_name,
            hosted_zone_id: found.hosted_zone_id,
            security_groups: found.security_groups,
        })
    }

    async fn subnets(&self, tags: &BTreeMap<String, Vec<String>>) -> Result<Vec<String>> {
        let filter = SubnetFilter {
            tags: tags.clone(),
            vpc: self.outputs.get("VpcId").cloned(),
            ..SubnetFilter::default()
        };
        let found = self.manager.ec2().subnets(&filter).await?;
        if found.is_empty() {
            let tags =
                tags.iter().map(|(key, values)| format!("{key}={}", values.join("|"))).collect::<Vec<_>>();
            return Err(Error::NoSubnets { tags: tags.join(", ") });
        }
        Ok(found.into_iter().map(|subnet| subnet.id).collect())
    }

    /// Enters what a service's stack refers to into the facts: images, environment files, addons. With `upload` they are built,
    /// pushed and uploaded; else they are named as they would be.
    ///
    /// # Errors
    /// The service has no repository; a failed build or push; an unreadable file; whatever AWS reports.
    pub async fn artifacts(
        &self,
        session: &Session,
        loaded: &Loaded,
        facts: &mut Facts,
        tag: Option<&str>,
        upload: bool,
    ) -> Result<()> {
        let name = loaded.model.name();
        match &loaded.model {
            Workload::Container(service) => {
                let plans = |uri: &str, tags: &Tags| image::plan(service, uri, tags);
                self.images(session, name, &plans, facts, tag, upload).await?;
                self.env_files(session, service, facts, upload).await?;
            }
            Workload::RequestDriven(service) => {
                let plans = |uri: &str, tags: &Tags| request_driven::images(service, uri, tags);
                self.images(session, name, &plans, facts, tag, upload).await?;
            }
            // Its files go into a bucket of its own, which is there once the stack is.
            Workload::StaticSite(_) => {}
        }
        if let Some(addons) = loaded.addons.addons.as_ref().filter(|_| upload) {
            addons.upload(session, &self.manager, &facts.artifacts, &facts.env.region).await?;
        }
        addons::enter(loaded.addons.addons.as_ref(), facts)?;
        Ok(())
    }

    /// Enters the images of containers into the facts. `plans`: what is built, by the repository's address and the tags.
    async fn images(
        &self,
        session: &Session,
        name: &WorkloadName,
        plans: &(dyn Fn(&str, &Tags) -> Vec<ImagePlan> + Sync),
        facts: &mut Facts,
        tag: Option<&str>,
        upload: bool,
    ) -> Result<()> {
        let uri = infrastructure::repository(&self.regional, &facts.app, name).await?;
        let commit = git::inspect(session.workspace()?.root()).await.tag;
        let plans = plans(&uri, &Tags { given: tag.map(str::to_owned), commit });
        let repository = format!("{}/{name}", facts.app.name);
        facts.images = if upload {
            images::ensure(session, &self.regional, &repository, &plans, tag).await?
        } else {
            images::predict(session, &self.regional, &repository, &plans, tag).await?
        };
        Ok(())
    }

    /// Enters the environment files of containers into the facts.
    async fn env_files(
        &self,
        session: &Session,
        service: &Service,
        facts: &mut Facts,
        upload: bool,
    ) -> Result<()> {
        let router =
            service.log_router.iter().filter_map(|router| Some((LOG_ROUTER, router.env_file.as_ref()?)));
        let containers = std::iter::once(&service.main).chain(&service.sidecars);
        let containers = containers.filter_map(|container: &Container| {
            Some((container.name.as_str(), container.env_file.as_ref()?))
        });
        for (container, path) in containers.chain(router) {
            let arn = self.env_file(session, facts, path, upload).await?;
            facts.env_files.insert(container.to_owned(), arn);
        }
        Ok(())
    }

    async fn env_file(&self, session: &Session, facts: &Facts, path: &str, upload: bool) -> Result<String> {
        let workspace = session.workspace()?;
        let bytes = workspace::file::read_bytes(&workspace.resolve(path))?;
        let (bucket, region) = (&facts.artifacts.bucket, &facts.env.region);
        let key = key::env_file(path, &bytes);
        if upload {
            let step = session.step(&format!("upload {path}"), Step::Upload, &format!("Upload {path}"));
            let new = step.run(self.manager.s3().put_if_absent(bucket, &key, bytes, "text/plain")).await?;
            if new { step.done("") } else { step.skipped("already there") }
        }
        Ok(key::arn(bucket, region, &key))
    }

    /// Version of the environment's template; empty when it says none.
    pub fn version(&self) -> &str {
        &self.facts.env.version
    }

    /// The artifact bucket of the environment's region.
    pub fn bucket(&self) -> &str {
        &self.facts.artifacts.bucket
    }

    /// How a workload's stack is changed.
    pub fn target<'a>(&'a self, title: &'a str, change: Change) -> Target<'a> {
        Target {
            role_arn: Some(&self.record.execution_role_arn),
            bucket: Some((self.bucket(), &self.record.region)),
            change,
            ..Target::new(title)
        }
    }

    /// Numbers of listener rules that are known to be in use: none yet.
    pub fn taken(&self) -> Taken {
        Taken::new()
    }

    /// Priorities of the rules that are new in a service's stack. They are entered into `taken`.
    ///
    /// # Errors
    /// A listener that is not there; whatever AWS reports.
    pub async fn priorities(&self, loaded: &Loaded, facts: &Facts, taken: &mut Taken) -> Result<Priorities> {
        let slots = match &loaded.model {
            Workload::Container(service) => rule_slots(service, &self.model, facts)?,
            Workload::RequestDriven(_) => vec![],
            Workload::StaticSite(_) => vec![],
        };
        let mut chosen = Priorities::new();
        for slot in slots.iter().filter(|slot| !facts.parameters.contains_key(&slot.parameter)) {
            let listener = match &slot.listener {
                ListenerAt::Arn(arn) => Some(arn.clone()),
                ListenerAt::Export(suffix) => self.outputs.get(*suffix).cloned(),
            };
            // A listener that comes with this deployment has no rules yet.
            let listener = listener.unwrap_or_default();
            if !taken.contains_key(&listener) {
                let mut numbers = BTreeSet::new();
                if !listener.is_empty() {
                    let rules = self.manager.elbv2().rules(&listener).await?;
                    numbers.extend(rules.iter().filter_map(|rule| rule.priority));
                }
                taken.insert(listener.clone(), numbers);
            }
            let numbers = taken.entry(listener).or_default();
            if let Some(number) = priority::free(&[&slot.path], numbers).first().copied() {
                numbers.insert(number);
                chosen.insert(slot.parameter.clone(), number);
            }
        }
        Ok(chosen)
    }

    /// `taken` with the rules that listeners have now.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn with_new_rules(&self, taken: &Taken) -> Result<Taken> {
        let mut taken = taken.clone();
        for (listener, numbers) in taken.iter_mut().filter(|(listener, _)| !listener.is_empty()) {
            let rules = self.manager.elbv2().rules(listener).await?;
            numbers.extend(rules.iter().filter_map(|rule| rule.priority));
        }
        Ok(taken)
    }
}

/// Container that routes logs, as its environment file is called for.
const LOG_ROUTER: &str = "firelens_log_router";
