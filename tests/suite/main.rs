//! The binary as a user meets it: each command once at least, and each way to get it wrong. A test runs it in a folder of
//! its own and compares stdout, stderr and exit code as one text.
//!
//! | module | looks at |
//! |---|---|
//! | [`help`] | help pages, versions, completions |
//! | [`offline`] | commands that need no AWS |
//! | [`lint`] | checking files, looking fields up |
//! | [`given`] | what is missing or wrong on the command line |
//! | [`files`] | what is wrong in the workspace |
//! | [`overrides`] | changes of rendered templates, and how they begin |
//! | [`access`] | what is wrong on the way to AWS |
//! | [`endpoints`] | proxies, certificates, endpoints, hosts that say nothing |
//! | [`renewals`] | credentials that expire while a command runs |
//! | [`views`] | what is shown of an application in AWS |
//! | [`pipelines`] | pipelines, and builds that call wharf by the name of Copilot |
//! | [`plans`] | what a deployment would do, and what is held back |
//! | [`verify`] | what would make a deployment fail, looked up before it |
//! | [`express`] | what `--express` does not go together with |
//! | [`many`] | several services at once: what they say of each other, what changed since a commit |
//! | [`releases`] | what was deployed before, and the way back to it |
//! | [`changes`] | making, deploying and deleting, as far as they come without real stacks |
//! | [`deletions`] | what goes and what stays |
//! | [`doctor`] | what there is of an application, whoever made it |
//! | [`ejections`] | what is deployed as plain CloudFormation |
//! | [`sites`] | Static Sites: made, packaged, refused, seen |
//! | [`stack_sets`] | an application's own stacks from early days, and what is not done to them |
//! | [`jobs`] | jobs: packaged, made, run, observed |
//! | [`apprunner`] | services on App Runner: made, seen, paused and resumed |
//! | [`watching`] | following what goes on |
//! | [`references`] | taking over what Copilot itself made, where reference pairs are at hand |
//! | [`takeovers`] | stacks of Copilot's that are stuck, early environments, drift |
//! | [`tries`] | containers that run here before they are deployed |
//! | [`streams`] | stdout, JSON lines, signals, secrets |
#![expect(clippy::unwrap_used, reason = "a test that can't be set up has failed")]

#[path = "../support/golden.rs"]
mod golden;
#[path = "../support/sandbox.rs"]
mod sandbox;
#[path = "../support/scripted.rs"]
mod scripted;
mod world;

mod access;
mod apprunner;
mod changes;
mod deletions;
mod doctor;
mod ejections;
mod endpoints;
mod express;
mod files;
mod given;
mod help;
mod jobs;
mod lint;
mod many;
mod offline;
mod overrides;
mod pipelines;
mod plans;
mod references;
mod releases;
mod renewals;
mod sites;
mod stack_sets;
mod streams;
mod takeovers;
mod tries;
mod verify;
mod views;
mod watching;
