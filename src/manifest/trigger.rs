//! `on`: what starts a job.

use super::decode::Text;
use super::element::element;

element! {
    /// What starts a job.
    pub struct Trigger {
        /// When it starts: five fields of cron, `@daily` and the like, `@every 1h30m`, `rate(…)`, `cron(…)`, or `none`.
        schedule: Text = "schedule",
    }
}
