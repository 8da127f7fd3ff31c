//! When a job runs, and for how long.

use super::schedule::Schedule;

/// What makes a job of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// When it starts.
    pub schedule: Schedule,
    /// Seconds it may run, all its tries together; absent: as long as it takes.
    pub timeout: Option<u64>,
    /// How often it is tried again after it failed.
    pub retries: u64,
}
