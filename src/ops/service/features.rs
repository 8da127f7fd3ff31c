//! What workloads need of their environment, and how that is switched on without taking it from others.

use crate::model::workload::Workload;
use crate::name::WorkloadName;
use crate::ops::domain::names;
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
