//! `deployment`: how a new version of a service takes over.

use super::decode::{Form, List, Spanned, Text};
use super::element::element;
use super::scalar::{Duration, words};

words! {
    /// How a new version replaces the old one, task by task.
    pub enum Rolling {
        /// New tasks start before old ones stop.
        Default = "default",
        /// Old tasks stop before new ones start.
        Recreate = "recreate",
    }
}

words! {
    /// How traffic goes over to a new version that runs beside the old one.
    pub enum Strategy {
        /// All at once.
        BlueGreen = "blue_green",
        /// A small part first, then the rest.
        Canary = "canary",
        /// In equal steps.
        Linear = "linear",
    }
}

element! {
    /// The part of the traffic that goes to the new version first.
    pub struct Canary {
        /// Part of the traffic in percent, 0.1 to 100.
        percent: Spanned<f64> = "percent" default "5",
        /// Time before the rest follows, in whole minutes.
        bake_time: Spanned<Duration> = "bake_time" default "10m",
    }
}

element! {
    /// The steps in which traffic goes to the new version.
    pub struct Linear {
        /// Part of the traffic that each step moves in percent, 3 to 100.
        step: Spanned<f64> = "step" default "10",
        /// Time between two steps, in whole minutes.
        bake_time: Spanned<Duration> = "bake_time" default "6m",
    }
}

element! {
    /// Thresholds of alarms that are made with the service.
    pub struct AlarmThresholds {
        /// CPU utilisation in percent.
        cpu_utilization: Spanned<f64> = "cpu_utilization",
        /// Memory utilisation in percent.
        memory_utilization: Spanned<f64> = "memory_utilization",
        /// Messages in the queue that are delayed; Worker Service only.
        messages_delayed: Spanned<u64> = "messages_delayed",
    }
}

element! {
    /// How a new version takes over.
    pub struct Deployment {
        /// New tasks take the place of old ones: new ones first (`default`) or old ones first (`recreate`).
        rolling: Spanned<Rolling> = "rolling" default "default",
        /// The new version runs beside the old one, and traffic goes over: `blue_green`, `canary` or `linear`.
        strategy: Spanned<Strategy> = "strategy",
        /// Time the old version stays ready after all traffic went over, in whole minutes.
        bake_time: Spanned<Duration> = "bake_time" default "5m",
        /// The first part of `strategy: canary`.
        canary: Canary = "canary",
        /// The steps of `strategy: linear`.
        linear: Linear = "linear",
        /// Alarms that roll a deployment back: names of existing ones, or thresholds.
        rollback_alarms: Form<List<Text>, AlarmThresholds> = "rollback_alarms",
    }
    exclusive rolling | strategy, bake_time, canary, linear;
    exclusive canary | linear;
}
