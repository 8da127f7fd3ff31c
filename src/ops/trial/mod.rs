//! Trying a workload on this machine before it is deployed: its containers run as a task would run them, and are asked what
//! ECS and the load balancer would ask.
//!
//! [`plan`] says what is run, from the manifest and what is known; [`run`](run::run) carries it out and judges it; everything is
//! removed at its end, however that comes. What a killed try left is found by its label and name ([`owner`]) and removed by
//! the next one.
//!
//! A try has no credentials of AWS, no values of secrets and nothing of the environment's network. Where a container fails for
//! which something was not there, that is a warning that says what was not there, never a failure.

mod ask;
mod judge;
pub mod listening;
pub mod owner;
pub mod plan;
pub mod run;
#[cfg(test)]
mod testing;
