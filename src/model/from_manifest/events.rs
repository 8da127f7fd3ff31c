//! What a Worker Service reads from. Limits are those of SQS:
//! <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html>

use std::collections::BTreeMap;

use super::Check;
use super::task::topic_name;
use crate::manifest::decode::{Flag, Form};
use crate::manifest::subscribe as written;
use crate::model::events::{Events, FifoQueue, Queue, Subscription};
use crate::name::WorkloadName;

/// Seconds a message may be kept.
const RETENTION: (u64, u64) = (60, 1_209_600);
/// Longest delay in seconds.
const MAX_DELAY: u64 = 900;
/// Longest visibility timeout in seconds.
const MAX_TIMEOUT: u64 = 43_200;
/// Most times a message is received before it is a dead letter.
const MAX_TRIES: u64 = 1000;

/// Queue and topics of a Worker Service, which has a queue also when it says nothing of one.
pub(super) fn events(given: Option<&written::Subscribe>, check: &mut Check<'_>) -> Events {
    let default = given.and_then(|given| given.queue.as_ref());
    let queue = default.map(|default| queue(default, check)).unwrap_or_default();
    let items = given.and_then(|given| given.topics.as_ref()).into_iter().flat_map(|list| &list.items);
    let mut seen = BTreeMap::new();
    let mut subscriptions = vec![];
    for item in items {
        let Some(subscription) = subscription(item, queue.fifo.is_some(), check) else { continue };
        let key = (subscription.service.clone(), subscription.topic.clone());
        if let Some(first) = seen.insert(key, item.span) {
            check
                .error(
                    "model/name",
                    item.span,
                    format!("the topic {:?} of {} is here twice", subscription.topic, subscription.service),
                )
                .other(first, "the first time")
                .help("keep one of them");
        }
        subscriptions.push(subscription);
    }
    Events { queue, subscriptions }
}

fn subscription(
    given: &written::Subscription,
    default_fifo: bool,
    check: &mut Check<'_>,
) -> Option<Subscription> {
    if given.name.is_none() {
        check.missing(given.span, "name", "the name under which the other service publishes the topic");
    }
    if given.service.is_none() {
        check.missing(given.span, "service", "the service that publishes the topic");
    }
    let own = match &given.queue {
        None => None,
        Some(Form::Short(flag)) => flag.value.then(Queue::default),
        Some(Form::Full(full)) => Some(queue(full, check)),
    };
    let (name, service) = (given.name.as_ref()?, given.service.as_ref()?);
    topic_name(name, "write `queue: {fifo: true}` instead", check);
    let service = match WorkloadName::new(service.value.as_str()) {
        Ok(name) => Some(name),
        Err(error) => {
            check.error("model/name", service.span, error.to_string());
            None
        }
    };
    let fifo = own.as_ref().map_or(default_fifo, |own| own.fifo.is_some());
    let topic = if fifo { format!("{}.fifo", name.value) } else { name.value.clone() };
    let filter_policy =
        given.filter_policy.as_ref().filter(|map| !map.entries.is_empty()).map(|map| {
            map.entries.iter().map(|(key, entry)| (key.clone(), entry.value.value.clone())).collect()
        });
    Some(Subscription { service: service?, topic, filter_policy, queue: own })
}

fn queue(given: &written::Queue, check: &mut Check<'_>) -> Queue {
    let tries = given.dead_letter.as_ref().and_then(|letters| {
        if letters.tries.is_none() {
            check.missing(letters.span, "tries", "how often a message is tried, such as `tries: 3`");
        }
        check.range(letters.tries.as_ref(), "tries", 1, MAX_TRIES)
    });
    Queue {
        retention: check.seconds(given.retention.as_ref(), "retention", RETENTION.0, RETENTION.1),
        delay: check.seconds(given.delay.as_ref(), "delay", 0, MAX_DELAY),
        timeout: check.seconds(given.timeout.as_ref(), "timeout", 0, MAX_TIMEOUT),
        tries,
        fifo: given.fifo.as_ref().and_then(|fifo| self::fifo(fifo, check)),
    }
}

fn fifo(given: &Form<Flag, written::FifoQueue>, check: &mut Check<'_>) -> Option<FifoQueue> {
    let full = match given {
        Form::Short(flag) => return flag.value.then(FifoQueue::default),
        Form::Full(full) => full,
    };
    let mut fifo = FifoQueue {
        content_based_deduplication: full.content_based_deduplication.map(|flag| flag.value),
        deduplication_scope: full.deduplication_scope.map(|scope| scope.value.as_str()),
        throughput_limit: full.throughput_limit.map(|limit| limit.value.as_str()),
    };
    if let Some(high) = full.high_throughput {
        let scope = full.deduplication_scope.map(|scope| ("deduplication_scope", scope.span));
        let limit = full.throughput_limit.map(|limit| ("throughput_limit", limit.span));
        for other in [scope, limit].into_iter().flatten() {
            check.exclusive(("high_throughput", high.span), other);
        }
        if high.value {
            fifo.deduplication_scope = Some(written::DeduplicationScope::MessageGroup.as_str());
            fifo.throughput_limit = Some(written::ThroughputLimit::PerMessageGroupId.as_str());
        }
    } else if let (Some(limit), scope) = (full.throughput_limit, full.deduplication_scope)
        && limit.value == written::ThroughputLimit::PerMessageGroupId
        && scope.is_none_or(|scope| scope.value == written::DeduplicationScope::Queue)
    {
        check
            .error(
                "model/queue",
                limit.span,
                "`perMessageGroupId` goes with `deduplication_scope: messageGroup` only",
            )
            .help("write `high_throughput: true`, which means both");
    }
    Some(fifo)
}
