//! The binary against the emulators: whole applications from nothing to nothing.

#[path = "../support/sandbox.rs"]
mod sandbox;
mod support;

mod addons;
mod failures;
mod lifecycle;
