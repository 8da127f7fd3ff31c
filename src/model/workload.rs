//! Any workload as meant: the type of its manifest says which model it is.
//!
//! A further type of workload gets a document in `manifest`, a model here with its `read`, a stack in `stack::workload`,
//! and an arm in every `match` over [`Workload`]; [`Kind::supported`] then lets it in.

use super::request_driven::{self, RequestDriven};
use super::service::{self, Service};
use super::site::{self, Site};
use crate::diagnostic::{Diagnostics, Source};
use crate::manifest::decode::Spanned;
use crate::manifest::head::{self, Kind};
use crate::manifest::interpolate::Lookup;
use crate::name::{AppName, EnvName, WorkloadName};

/// A workload as meant for one environment.
#[derive(Debug, Clone, PartialEq)]
pub enum Workload {
    /// Containers on ECS.
    Container(Box<Service>),
    /// A container on App Runner.
    RequestDriven(Box<RequestDriven>),
    /// Files behind CloudFront.
    StaticSite(Box<Site>),
}

impl Workload {
    /// Its name.
    #[must_use]
    pub fn name(&self) -> &WorkloadName {
        match self {
            Self::Container(service) => &service.name,
            Self::RequestDriven(service) => &service.name,
            Self::StaticSite(site) => &site.name,
        }
    }

    /// What people call it: `service` or `job`.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        if self.is_job() { "job" } else { "service" }
    }

    /// Whether it runs at times, not all the time.
    #[must_use]
    pub fn is_job(&self) -> bool {
        match self {
            Self::Container(service) => service.job.is_some(),
            Self::RequestDriven(_) => false,
            Self::StaticSite(_) => false,
        }
    }

    /// The containers, when it runs on ECS.
    #[must_use]
    pub fn container(&self) -> Option<&Service> {
        match self {
            Self::Container(service) => Some(service),
            Self::RequestDriven(_) => None,
            Self::StaticSite(_) => None,
        }
    }
}

/// A workload read from its manifest for one environment.
#[derive(Debug, Clone, PartialEq)]
pub struct Read<T> {
    /// The workload.
    pub model: T,
    /// The manifest's text with its names replaced, before the environment's section is laid over: what is embedded in
    /// the template.
    pub raw: String,
    /// Workloads that are deployed before it when they are deployed together, each once.
    pub depends_on: Vec<Spanned<WorkloadName>>,
}

impl<T> Read<T> {
    /// The same text, read as something else.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Read<U> {
        Read { model: change(self.model), raw: self.raw, depends_on: self.depends_on }
    }
}

/// Reads the manifest of a workload for an environment. `lookup` gives the variables of the process. Nothing comes when
/// there is any error; warnings come beside a result. The findings are sorted by place.
#[must_use]
pub fn read(
    source: &Source,
    app: &AppName,
    env: &EnvName,
    lookup: Lookup<'_>,
) -> (Option<Read<Workload>>, Diagnostics) {
    let kind = head::head(source).0.map(|head| head.kind);
    match kind {
        Some(kind) if !kind.value.supported() => (None, unsupported(&kind)),
        Some(kind) if kind.value == Kind::RequestDriven => {
            let (read, out) = request_driven::read(source, app, env, lookup);
            (read.map(|read| read.map(|model| Workload::RequestDriven(Box::new(model)))), out)
        }
        Some(kind) if kind.value == Kind::StaticSite => {
            let (read, out) = site::read(source, app, env, lookup);
            (read.map(|read| read.map(|model| Workload::StaticSite(Box::new(model)))), out)
        }
        // A head that can't be read is reported there as well.
        _ => {
            let (read, out) = service::read(source, app, env, lookup);
            (read.map(|read| read.map(|model| Workload::Container(Box::new(model)))), out)
        }
    }
}

fn unsupported(kind: &Spanned<Kind>) -> Diagnostics {
    let mut out = Diagnostics::new();
    out.error(
        "manifest/unsupported-type",
        format!("a {} can't be deployed with wharf yet", kind.value.as_str()),
    )
    .at(kind.span)
    .help("its stack can go on running as it is; wharf does not touch it");
    out
}
