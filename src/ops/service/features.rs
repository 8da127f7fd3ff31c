//! What workloads need of their environment, and how that is switched on and off without taking it from others.

use std::collections::BTreeMap;

use super::environment::{Place, exports};
use super::render::Loaded;
use crate::deploy::stack::Applied;
use crate::model::workload::Workload;
use crate::name::WorkloadName;
use crate::ops::domain::environment::declared;
use crate::ops::domain::names;
use crate::ops::stacks::{self, Change, Target};
use crate::ops::{Result, Session};
use crate::stack::document::environment_stack;
use crate::stack::features::{Feature, Features, Needs};

/// What a workload needs of its environment.
pub(super) fn needs(workload: &Workload) -> Needs {
    match workload {
        Workload::Container(service) => Needs::of(service),
        Workload::RequestDriven(service) => Needs::of_request_driven(service),
        Workload::StaticSite(_) => Needs::default(),
    }
}

/// `wanted`, but a workload stays where `before` has it.
pub(super) fn union(before: &Features, wanted: &Features, workload: &WorkloadName) -> Features {
    let aliases = |features: &Features| -> Vec<String> {
        let all = features.aliases();
        let own = all.get(workload.as_str()).and_then(|names| names.as_array());
        own.into_iter().flatten().filter_map(|name| name.as_str().map(str::to_owned)).collect()
    };
    let both = names::with_others(aliases(wanted), aliases(before));
    let wanted = wanted.with_aliases(workload, &both);
    Feature::ALL.into_iter().fold(wanted.clone(), |features, feature| {
        let had = feature != Feature::Aliases
            && before.workloads(feature).iter().any(|name| name == workload.as_str());
        if had { features.with(feature, workload) } else { features }
    })
}

impl Place {
    /// Switches on in the environment what services need, in one update; nothing happens when all is on.
    ///
    /// # Errors
    /// A failed update of the environment; whatever AWS reports.
    pub async fn switch_on(
        &mut self,
        session: &Session,
        services: &[&Loaded],
        change: &Change,
    ) -> Result<()> {
        let needs: Vec<_> =
            services.iter().map(|loaded| (loaded.model.name().clone(), needs(&loaded.model))).collect();
        self.provide(session, &needs, change).await
    }

    /// Switches on in the environment what workloads need, in one update; nothing happens when all is on.
    ///
    /// # Errors
    /// A failed update of the environment; whatever AWS reports.
    pub async fn provide(
        &mut self,
        session: &Session,
        needs: &[(WorkloadName, Needs)],
        change: &Change,
    ) -> Result<()> {
        let balanced = needs.iter().any(|(_, needs)| needs.features().contains(&Feature::PublicLoadBalancer));
        let wanted = |features: &Features| {
            needs.iter().fold(features.clone(), |features, (name, needs)| {
                // What is not needed any more goes only after the service's stack has let go of it.
                union(&features, &features.with_needs(name, needs), name)
            })
        };
        loop {
            let deployed = self.parameters.clone();
            let features = wanted(&Features::from_parameters(&deployed));
            let certificates = match balanced {
                true => self.certificates(session, &features).await?,
                false => BTreeMap::new(),
            };
            self.update_features(session, change, &certificates, &wanted).await?;
            // Aliases of other deployments may have come in meanwhile: the certificate is for them, too.
            let known = features.public_aliases();
            let now = Features::from_parameters(&self.parameters).public_aliases();
            if now.iter().all(|alias| known.contains(alias)) {
                return self.tidy_certificates(session, &deployed, &certificates).await;
            }
        }
    }

    /// Switches off in the environment what a service does not need any more.
    ///
    /// # Errors
    /// A failed update of the environment; whatever AWS reports.
    pub async fn switch_off(
        &mut self,
        session: &Session,
        name: &WorkloadName,
        loaded: &Loaded,
    ) -> Result<()> {
        self.settle(session, name, &needs(&loaded.model)).await
    }

    /// Takes a deleted workload out of what the environment has on demand; with `files`, the file system goes with the last
    /// one too.
    ///
    /// # Errors
    /// A failed update of the environment; whatever AWS reports.
    pub async fn forget(&mut self, session: &Session, name: &WorkloadName, files: bool) -> Result<()> {
        let wanted = |features: &Features| match files {
            true => features.without_workload(name),
            false => features.without_workload_but_its_files(name),
        };
        self.update_features(session, &Change::default(), &BTreeMap::new(), &wanted).await
    }

    /// Leaves of what the environment has on demand for a workload what it needs.
    ///
    /// # Errors
    /// A failed update of the environment; whatever AWS reports.
    pub async fn settle(&mut self, session: &Session, name: &WorkloadName, needs: &Needs) -> Result<()> {
        let wanted = |features: &Features| features.with_needs(name, needs);
        self.update_features(session, &Change::default(), &BTreeMap::new(), &wanted).await
    }

    async fn update_features(
        &mut self,
        session: &Session,
        change: &Change,
        certificates: &BTreeMap<String, String>,
        wanted: &(dyn Fn(&Features) -> Features + Sync),
    ) -> Result<()> {
        let title = format!("environment {} (on-demand parts)", self.record.name);
        let target = Target {
            role_arn: Some(&self.record.execution_role_arn),
            change: Change { detach: false, express: false, ..change.clone() },
            ..Target::new(&title)
        };
        let stack = environment_stack(&self.record.app, &self.record.name);
        let changed = |deployed: &BTreeMap<String, String>| {
            let mut parameters = wanted(&Features::from_parameters(deployed)).applied_to(deployed);
            parameters.extend(declared(certificates, deployed));
            parameters
        };
        let applied = stacks::change_parameters(session, &self.manager, &stack, &target, &changed).await?;
        if applied == Applied::Unchanged {
            return Ok(());
        }
        if let Some(deployed) = self.manager.cloudformation().stack(&stack).await? {
            self.parameters = deployed.parameters;
            self.exports = exports(&deployed.outputs);
            self.outputs = deployed.outputs.into_iter().map(|(name, output)| (name, output.value)).collect();
        }
        Ok(())
    }
}
