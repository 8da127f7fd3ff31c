//! What a Worker Service reads from: its queue, topics of other services, queues of their own.

use crate::name::WorkloadName;

/// What a Worker Service reads from.
#[derive(Debug, Clone, PartialEq)]
pub struct Events {
    /// The queue that every Worker Service has, for topics without one of their own.
    pub queue: Queue,
    /// Topics it subscribes to, in the order of the manifest.
    pub subscriptions: Vec<Subscription>,
}

/// Settings of an SQS queue; what is absent is left to SQS.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Queue {
    /// Seconds a message is kept, 60 to 1209600.
    pub retention: Option<u64>,
    /// Seconds a new message stays hidden, 0 to 900.
    pub delay: Option<u64>,
    /// Seconds a received message stays hidden from others, 0 to 43200.
    pub timeout: Option<u64>,
    /// Times a message is received before it moves to a dead letter queue, 1 to 1000; absent: there is none.
    pub tries: Option<u64>,
    /// FIFO settings, if it is a FIFO queue.
    pub fifo: Option<FifoQueue>,
}

/// Settings of a FIFO queue; what is absent is left to SQS.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FifoQueue {
    /// Whether messages with the same body within five minutes count as one.
    pub content_based_deduplication: Option<bool>,
    /// `messageGroup` or `queue`.
    pub deduplication_scope: Option<&'static str>,
    /// `perMessageGroupId` or `perQueue`.
    pub throughput_limit: Option<&'static str>,
}

/// A topic that a service subscribes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Subscription {
    /// Service that publishes the topic.
    pub service: WorkloadName,
    /// Name of the topic as its ARN ends behind `<app>-<env>-<service>-`: with `.fifo` when the queue behind it is a FIFO
    /// queue.
    pub topic: String,
    /// SNS filter policy, if not all messages are wanted.
    pub filter_policy: Option<serde_json::Value>,
    /// A queue for this topic alone.
    pub queue: Option<Queue>,
}
