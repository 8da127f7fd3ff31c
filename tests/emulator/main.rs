//! The binary against the emulators: whole applications from nothing to nothing.

#[path = "../support/sandbox.rs"]
mod sandbox;
mod support;

mod failures;
mod lifecycle;
