//! Programs of the user's machine: container engines, git, Node.js. The only home of child processes.
//!
//! * [`engine`]: finding a container engine; building, logging in, pushing; what its output means.
//! * [`cdk`]: running a CDK application that changes a template, with the user's own package manager.
//! * [`git`]: commit, branch and remote of the project.
//! * [`probe`]: asking a port of this machine as a load balancer does.
//! * [`process`]: running a program with its output line by line; a child never outlives its caller.
//!
//! Nothing here reads the environment: where to look is given in. Children inherit the environment of the process, with
//! what an [`Invocation`](process::Invocation) sets on top.

pub mod cdk;
pub mod engine;
pub mod git;
pub mod probe;
pub mod process;
mod program;
