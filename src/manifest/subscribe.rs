//! `subscribe`: topics that a Worker Service reads from, and the queues between.

use super::decode::{Any, Flag, Form, List, Map, Spanned, Text};
use super::element::element;
use super::scalar::{Duration, words};

element! {
    /// What becomes of messages that can't be processed.
    pub struct DeadLetter {
        /// Times a message is received before it moves to the dead letter queue.
        tries: Spanned<u64> = "tries",
    }
}

words! {
    /// What makes two messages of a FIFO queue the same.
    pub enum DeduplicationScope {
        /// Within their message group.
        MessageGroup = "messageGroup",
        /// Within the queue.
        Queue = "queue",
    }
}

words! {
    /// What the throughput of a FIFO queue is counted for.
    pub enum ThroughputLimit {
        /// Each message group.
        PerMessageGroupId = "perMessageGroupId",
        /// The queue.
        PerQueue = "perQueue",
    }
}

element! {
    /// Settings of a FIFO queue.
    pub struct FifoQueue {
        /// Whether messages with the same body within five minutes count as one.
        content_based_deduplication: Flag = "content_based_deduplication" default "false",
        /// What makes two messages the same.
        deduplication_scope: Spanned<DeduplicationScope> = "deduplication_scope" default "queue",
        /// What the throughput is counted for.
        throughput_limit: Spanned<ThroughputLimit> = "throughput_limit" default "perQueue",
        /// Whether each message group has a throughput of its own: `messageGroup` and `perMessageGroupId`.
        high_throughput: Flag = "high_throughput" default "false",
    }
    exclusive high_throughput | deduplication_scope, throughput_limit;
}

element! {
    /// A queue.
    pub struct Queue {
        /// How long a message is kept, 1 minute to 14 days.
        retention: Spanned<Duration> = "retention" default "96h",
        /// How long a new message stays hidden, up to 15 minutes.
        delay: Spanned<Duration> = "delay" default "0s",
        /// How long a message that was received stays hidden from others, up to 12 hours.
        timeout: Spanned<Duration> = "timeout" default "30s",
        /// What becomes of messages that can't be processed.
        dead_letter: DeadLetter = "dead_letter",
        /// Whether it is a FIFO queue.
        fifo: Form<Flag, FifoQueue> = "fifo" default "false",
    }
}

element! {
    /// A topic of another service.
    pub struct Subscription {
        /// Name of the topic, without `.fifo`.
        name: Text = "name",
        /// Service that publishes it.
        service: Text = "service",
        /// Which messages are wanted, as SNS filters by their attributes.
        filter_policy: Map<Any> = "filter_policy",
        /// A queue for this topic alone: `true`, or its settings.
        queue: Form<Flag, Queue> = "queue" default "false",
    }
}

element! {
    /// What a service reads from.
    pub struct Subscribe {
        /// The topics.
        topics: List<Subscription> = "topics",
        /// The queue of topics that have none of their own.
        queue: Queue = "queue",
    }
}
