//! A workload, an environment or a pipeline as meant: defaults filled, unions resolved, ranges checked. [`workload`] is the
//! door to services and jobs: it knows which model belongs to which type of manifest.
//!
//! Nothing here is optional because it "was not given": an `Option` says that the thing itself is absent. Every value
//! was checked when the model was made, so `stack` can render it without failing.

pub mod container;
pub mod environment;
pub mod events;
mod from_manifest;
pub mod job;
pub mod pattern;
pub mod pipeline;
pub mod repository;
pub mod request_driven;
pub mod routing;
pub mod schedule;
pub mod service;
pub mod site;
pub mod workload;
