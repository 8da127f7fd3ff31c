//! `count`: how many tasks run, and what makes the number change.

use super::decode::{Form, Spanned};
use super::element::element;
use super::scalar::{Duration, Percent, Range};

element! {
    /// Pauses between changes of the number of tasks.
    pub struct Cooldown {
        /// Pause after tasks were taken away.
        scale_in: Spanned<Duration> = "in" default "120s",
        /// Pause after tasks were added.
        scale_out: Spanned<Duration> = "out" default "60s",
    }
}

element! {
    /// Bounds of the number of tasks.
    pub struct Bounds {
        /// Fewest tasks.
        min: Spanned<u64> = "min",
        /// Most tasks.
        max: Spanned<u64> = "max",
        /// From this task on they run on Fargate Spot.
        spot_from: Spanned<u64> = "spot_from",
    }
}

element! {
    /// Target of a utilisation.
    pub struct PercentTarget {
        /// Average over the tasks, in percent.
        value: Spanned<Percent> = "value",
        /// Pauses for this metric.
        cooldown: Cooldown = "cooldown",
    }
}

element! {
    /// Target of a rate.
    pub struct RequestsTarget {
        /// Requests per task and minute.
        value: Spanned<u64> = "value",
        /// Pauses for this metric.
        cooldown: Cooldown = "cooldown",
    }
}

element! {
    /// Target of a time.
    pub struct TimeTarget {
        /// Average time.
        value: Spanned<Duration> = "value",
        /// Pauses for this metric.
        cooldown: Cooldown = "cooldown",
    }
}

element! {
    /// Target of a Worker Service's backlog.
    pub struct QueueDelay {
        /// Longest time a message may wait.
        acceptable_latency: Spanned<Duration> = "acceptable_latency",
        /// Time one message takes.
        msg_processing_time: Spanned<Duration> = "msg_processing_time",
        /// Pauses for this metric.
        cooldown: Cooldown = "cooldown",
    }
}

element! {
    /// A number of tasks that changes with metrics, or tasks on Fargate Spot.
    pub struct Scaling {
        /// A fixed number of tasks, all on Fargate Spot.
        spot: Spanned<u64> = "spot",
        /// Bounds of the number of tasks.
        range: Form<Spanned<Range>, Bounds> = "range",
        /// Pauses between changes, for metrics that have none of their own.
        cooldown: Cooldown = "cooldown",
        /// Average CPU utilisation in percent.
        cpu_percentage: Form<Spanned<Percent>, PercentTarget> = "cpu_percentage",
        /// Average memory utilisation in percent.
        memory_percentage: Form<Spanned<Percent>, PercentTarget> = "memory_percentage",
        /// Requests per task and minute; needs `http`.
        requests: Form<Spanned<u64>, RequestsTarget> = "requests",
        /// Average response time; needs `http`.
        response_time: Form<Spanned<Duration>, TimeTarget> = "response_time",
        /// Backlog of a queue; Worker Service only.
        queue_delay: QueueDelay = "queue_delay",
    }
    exclusive spot | range, cooldown, cpu_percentage, memory_percentage, requests, response_time, queue_delay;
}

/// A fixed number of tasks, or what makes it change.
pub type Count = Form<Spanned<u64>, Scaling>;
