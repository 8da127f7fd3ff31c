//! The binary against the emulators: whole applications from nothing to nothing.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

#[path = "../support/golden.rs"]
mod golden;
mod imported;
mod inventory;
mod played;
mod proxy;
#[path = "../support/sandbox.rs"]
mod sandbox;
mod support;

mod accounts;
mod addons;
mod apprunner;
mod calls;
mod crash;
mod crash_names;
mod deletions;
mod domain;
mod express;
mod failures;
mod faults;
mod jobs;
mod lifecycle;
mod many;
mod names;
mod permissions;
mod pipeline;
mod plans;
mod rollback;
mod signals;
mod sites;
mod strategies;
mod takeover;
mod takeover_deletions;
mod takeover_names;
mod takeover_references;
mod takeover_types;
mod together;
mod tries;
