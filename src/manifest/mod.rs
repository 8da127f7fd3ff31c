//! A manifest as written: typed, every value with its place in the file.
//!
//! ```text
//! text → yaml::node → interpolate → decode → overlay(environment) → a document → model
//! ```
//!
//! * [`decode`]: how a YAML value becomes a Rust value; the forms a value may have ([`Form`], [`List`], [`Map`]).
//! * [`scalar`]: texts, numbers, booleans, durations and other single values.
//! * [`shape`]: what a type takes, in words and for schemas; made from the same definitions that decode.
//! * [`element`]: the macro that defines a block of a manifest: fields, documentation, reading, overlaying, shape.
//! * [`overlay`]: how an environment's section covers the rest.
//! * [`interpolate`]: `${NAME}` in values.
//! * the elements: [`image`], [`http`], [`nlb`], [`count`], [`variables`], [`storage`], [`logging`], [`sidecar`],
//!   [`network`], [`subscribe`], [`trigger`], [`deployment`], [`task`] (smaller blocks).
//! * the documents: [`service`], [`request_driven`], [`site`], [`environment`], [`pipeline`];
//!   [`head`] and [`document`]: what those of workloads share;
//!   [`catalogue`]: a row for each.
//! * [`schema`], [`explain`]: the same definitions for editors and for people.
//! * [`scaffold`]: the manifests that `init` writes.
//!
//! All findings are collected: reading goes on behind an error, so that one run shows everything that is wrong.
//!
//! [`Form`]: decode::Form
//! [`List`]: decode::List
//! [`Map`]: decode::Map

pub mod catalogue;
pub mod count;
pub mod decode;
pub mod deployment;
pub mod document;
pub mod element;
pub mod environment;
pub mod explain;
pub mod head;
pub mod http;
pub mod image;
pub mod interpolate;
pub mod logging;
pub mod network;
pub mod nlb;
pub mod overlay;
pub mod pipeline;
pub mod request_driven;
pub mod scaffold;
pub mod scalar;
pub mod schema;
pub mod service;
pub mod shape;
pub mod sidecar;
pub mod site;
pub mod storage;
pub mod subscribe;
pub mod task;
pub mod trigger;
pub mod variables;
