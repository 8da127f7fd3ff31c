//! wharf takes a containerised application from its source to production on AWS and runs it there.
//!
//! The data flows one way, and the modules stand in that order:
//!
//! ```text
//! files → manifest → model → artifacts → stack → deployment → events → what the user sees
//!              facts ──────────────────┘
//! ```
//!
//! | module | holds |
//! |---|---|
//! | [`name`] | names of applications, environments, workloads: valid by construction |
//! | [`yaml`] | the only home of the YAML crates: a tree with places, CloudFormation documents, emission |
//! | [`diagnostic`] | findings about a file of the user's, each with its place |
//! | [`facts`] | what AWS says of an application and an environment, as plain data |
//! | [`event`] | what happens while something is carried out, as serialisable values |
//! | [`page`] | what a view looks like to people, before it is drawn |
//! | [`secret`] | texts that are handed over and never shown |
//! | [`workspace`] | the user's files: finding, reading, scaffolding |
//! | [`manifest`] | a manifest as written: every value with its place, interpolation, overlay, diagnostics |
//! | [`model`] | a service or an environment as meant: defaults filled, ranges checked |
//! | [`artifact`] | images, environment files, addons and templates: named by their content |
//! | [`stack`] | what CloudFormation will be told: a pure function of model, facts and artifacts |
//! | [`takeover`] | what becomes of a stack of Copilot's, judged before anything changes |
//! | [`plan`] | what a change would do to what is deployed, before anything happens |
//! | [`aws`] | the only home of the AWS SDK: plain types in and out |
//! | [`tools`] | the only home of child processes: container engines, git |
//! | [`store`] | our record of applications, environments and workloads |
//! | [`describe`] | deployed state as serialisable views |
//! | [`deploy`] | brings a stack to what it should be and emits events |
//! | [`ops`] | the verbs, each pipeline written once |
//! | [`ui`] | what the user sees: streams, prompts, tables, progress |
//! | [`cli`] | what the user types |
//!
//! `tests/architecture.rs` holds the table of who may import whom.

pub mod artifact;
pub mod aws;
pub mod cli;
pub mod deploy;
pub mod describe;
pub mod diagnostic;
pub mod event;
pub mod facts;
pub mod manifest;
pub mod model;
pub mod name;
pub mod ops;
pub mod page;
pub mod plan;
pub mod secret;
pub mod stack;
pub mod store;
pub mod takeover;
pub mod tools;
pub mod ui;
pub mod workspace;
pub mod yaml;
