//! The verbs: each pipeline of the product, written once.
//!
//! A verb takes a [`Session`] and plain options, and gives back a serialisable value or an [`Error`] with the facts of the
//! failure. It never prints and never asks: prompts and advice belong to `cli`.
//!
//! | module | verbs |
//! |---|---|
//! | [`app`] | make, list, show, delete an application |
//! | [`mod@env`] | make, package, deploy, list, show, delete an environment |
//! | [`service`] | make, package, deploy, list, show, delete a service |
//! | [`doctor`] | what there is of an application, and what a takeover would do to it |
//! | [`eject`] | what is deployed as plain CloudFormation |
//! | [`job`] | start, follow, list a job, tell how its runs ended |
//! | [`lint`] | everything that can be checked without AWS |
//! | [`reference`] | what manifests may hold: schemas, single fields |
//! | [`pipeline`] | make, package, deploy, list, show, delete a pipeline |
//! | [`logs`] | a service's log lines |
//! | [`overrides`] | the user's changes of rendered templates: made, and begun with a skeleton |
//! | `data` | no verb: what a deletion keeps |
//! | `owner` | no verb: whose a stack is |
//! | `domain` | no verb: zones, records and certificates of applications with a domain |
//! | [`plan`] | what a deployment would do, and what nobody does by accident |
//! | [`preflight`] | no verb: what is checked before a deployment changes anything |
//! | [`cost`] | what is deployed costs a month |
//! | [`package`] | rendering to files, shared by environments and services |
//! | [`mod@watch`] | follow what goes on in an environment |
//! | `trial` | no verb: containers that run on this machine before they are deployed |
//! | [`takeover`] | the two updates in which a stack of Copilot's becomes wharf's |

mod addons;
pub mod app;
pub mod cost;
mod data;
pub mod difference;
pub mod doctor;
mod domain;
pub mod eject;
pub mod env;
mod error;
pub mod job;
pub mod lint;
pub mod logs;
pub mod overrides;
mod owner;
pub mod package;
pub mod permissions;
pub mod pipeline;
pub mod plan;
pub mod preflight;
mod prices;
pub mod reference;
pub mod service;
mod session;
mod stacks;
mod step;
pub mod takeover;
#[cfg(test)]
mod testing;
mod trial;
pub mod watch;

pub use crate::deploy::Polling;
pub use data::{Data, Holding};
pub use domain::Failure as DomainFailure;
pub use error::{Error, Result};
pub use session::{Inputs, Session, ShowFindings};

use serde::Serialize;

use crate::name::WorkloadName;
use crate::page::{Body, Cell, Mark};

pub use crate::aws::{Error as AwsError, Kind as AwsKind};
pub use crate::deploy::Failure as DeployFailure;
pub use crate::deploy::conclusion::ending as deploy_ending;
pub use crate::describe::Error as DescribeError;
pub use crate::stack::pipeline::StackError as PipelineStackError;
pub use crate::store::Error as StoreError;
pub use stacks::Change;

/// Lines of text that say what was done and what to do next.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What was done, a sentence each.
    pub done: Vec<String>,
    /// Addresses that answer now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub urls: Vec<String>,
    /// What to do next, a sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<String>,
    /// Data that a deletion has left.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kept: Vec<Holding>,
    /// What became of each workload, where several could be deployed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub workloads: Vec<service::Fate>,
}

/// What a deletion takes away and what it leaves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Preview {
    /// The question before it, such as `Delete the service api?`.
    pub question: String,
    /// What goes, a line each.
    pub goes: Vec<String>,
    /// What stays, a line each.
    pub stays: Vec<String>,
}

impl Preview {
    /// With the data that there is.
    fn with_data(mut self, found: &data::Found, choice: Data) -> Self {
        let (goes, stays) = found.lines(choice);
        self.goes.extend(goes);
        self.stays.extend(stays);
        self
    }
}

impl Report {
    /// With a workload that is not looked at.
    pub fn leave_out(&mut self, name: WorkloadName, why: String) {
        self.workloads.push(service::Fate { name, result: service::Ending::LeftOut, why });
    }

    /// A sentence about the workloads that are not looked at, if there are any.
    #[must_use]
    pub fn left_out(&self, why: &str) -> Option<String> {
        let left = self.workloads.iter().filter(|fate| fate.result == service::Ending::LeftOut);
        let names: Vec<&str> = left.map(|fate| fate.name.as_str()).collect();
        (!names.is_empty()).then(|| format!("Left out, {why}: {}.", names.join(", ")))
    }

    /// With the data that stays.
    fn with_kept(mut self, kept: data::Found) -> Self {
        self.next.extend(kept.sentences());
        self.kept.extend(kept.holdings);
        self
    }
}

/// Texts as lines of a page.
fn lines(texts: impl Iterator<Item = String>) -> Body {
    Body::Lines(texts.map(|text| Cell::new(text, Mark::Plain)).collect())
}
