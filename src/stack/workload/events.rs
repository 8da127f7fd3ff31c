//! Queues of a Worker Service, and its subscriptions to topics of other services.

use serde::Serialize;
use serde_json::{Map, Value};

use super::{Ids, StackError};
use crate::model::events::{Events, Queue, Subscription};
use crate::name::alphanumeric;
use crate::stack::expr;

/// Logical id of the queue that every Worker Service has.
pub const QUEUE: &str = "EventsQueue";

/// Queues and subscriptions as the template prints them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EventsView {
    queues: Vec<QueueView>,
    subscriptions: Vec<SubscriptionView>,
    /// Variables of the containers, in order.
    #[serde(skip)]
    pub variables: Vec<(&'static str, Value)>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct QueueView {
    id: String,
    description: String,
    policy_id: String,
    /// ARNs of topics that may send: one, or a list.
    sources: Option<Value>,
    retention: Option<u64>,
    delay: Option<u64>,
    timeout: Option<u64>,
    /// Properties that only FIFO queues have.
    fifo: Map<String, Value>,
    dead_letter: Option<DeadLetterView>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct DeadLetterView {
    id: String,
    description: String,
    policy_id: String,
    tries: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct SubscriptionView {
    id: String,
    description: String,
    topic: Value,
    filter_policy: Option<Value>,
    queue: String,
}

impl EventsView {
    /// Logical ids of all queues that tasks work off.
    #[must_use]
    pub fn queues(&self) -> Vec<&str> {
        self.queues.iter().map(|queue| queue.id.as_str()).collect()
    }
}

/// Queues and subscriptions.
///
/// # Errors
/// [`StackError::Function`] when a filter policy holds a key that CloudFormation would read as a function of its own.
pub fn events(events: &Events) -> Result<EventsView, StackError> {
    let (mut ids, mut keys) = (Ids::default(), Ids::default());
    let (mut own, mut subscriptions, mut shared, mut addresses) = (vec![], vec![], vec![], vec![]);
    for subscription in &events.subscriptions {
        let Subscription { service, topic, filter_policy, queue } = subscription;
        check_keys(filter_policy.as_ref())?;
        let base = ids.take("", &format!("{service}{topic}"), "");
        let arn = topic_arn(subscription);
        let target = match queue {
            None => {
                shared.push(arn.clone());
                QUEUE.to_owned()
            }
            Some(queue) => {
                let description = format!("Queue of the topic {topic} of {service}");
                let view = queue_view(&base, &description, queue, vec![arn.clone()]);
                let id = view.id.clone();
                let key = keys.take("", &format!("{service}{}", capitalised(topic)), QUEUE);
                addresses.push((key, id.clone()));
                own.push(view);
                id
            }
        };
        subscriptions.push(SubscriptionView {
            id: format!("{base}SNSTopicSubscription"),
            description: format!("Subscription to the topic {topic} of {service}"),
            topic: arn,
            filter_policy: filter_policy.clone(),
            queue: target,
        });
    }
    let mut queues = vec![queue_view("", "Queue of messages that wait for the tasks", &events.queue, shared)];
    queues.append(&mut own);
    let mut variables = vec![("COPILOT_QUEUE_URI", expr::reference(QUEUE))];
    variables.extend(json_of_addresses(addresses).map(|uris| ("COPILOT_TOPIC_QUEUE_URIS", uris)));
    Ok(EventsView { queues, subscriptions, variables })
}

/// The topic's ARN; its parts that users name stay texts of their own.
fn topic_arn(subscription: &Subscription) -> Value {
    let prefix =
        expr::sub("arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${AppName}-${EnvName}-");
    let name = format!("{}-{}", subscription.service, subscription.topic);
    expr::join("", vec![prefix, Value::from(name)])
}

fn queue_view(base: &str, description: &str, queue: &Queue, mut sources: Vec<Value>) -> QueueView {
    let mut fifo = Map::new();
    if let Some(settings) = &queue.fifo {
        fifo.insert("FifoQueue".to_owned(), Value::from(true));
        let limit = settings.throughput_limit.map(Value::from);
        let scope = settings.deduplication_scope.map(Value::from);
        let content = settings.content_based_deduplication.map(Value::from);
        for (key, value) in [
            ("FifoThroughputLimit", limit),
            ("DeduplicationScope", scope),
            ("ContentBasedDeduplication", content),
        ] {
            fifo.extend(value.map(|value| (key.to_owned(), value)));
        }
    }
    QueueView {
        id: format!("{base}{QUEUE}"),
        description: description.to_owned(),
        policy_id: format!("{base}QueuePolicy"),
        sources: match sources.len() {
            0 => None,
            1 => sources.pop(),
            _ => Some(Value::from(sources)),
        },
        retention: queue.retention,
        delay: queue.delay,
        timeout: queue.timeout,
        fifo,
        dead_letter: queue.tries.map(|tries| DeadLetterView {
            id: format!("{base}DeadLetterQueue"),
            description: format!("Dead letters of {base}{QUEUE}: messages that failed too often"),
            policy_id: format!("{base}DeadLetterPolicy"),
            tries,
        }),
    }
}

/// A topic's letters and digits with a large first letter.
fn capitalised(topic: &str) -> String {
    let topic = alphanumeric(topic);
    let mut letters = topic.chars();
    letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// A JSON object from keys to addresses of queues, sorted by key; none without queues.
fn json_of_addresses(mut addresses: Vec<(String, String)>) -> Option<Value> {
    addresses.sort();
    let mut parts = vec![];
    for (at, (key, id)) in addresses.iter().enumerate() {
        let opening = if at == 0 { "{" } else { "\"," };
        parts.push(Value::from(format!("{opening}\"{key}\":\"")));
        parts.push(expr::reference(id));
    }
    parts.push(Value::from("\"}"));
    (!addresses.is_empty()).then(|| expr::join("", parts))
}

fn check_keys(policy: Option<&Value>) -> Result<(), StackError> {
    match policy {
        Some(Value::Object(map)) => {
            if let Some(key) = map.keys().find(|key| *key == "Ref" || key.starts_with("Fn::")) {
                let place = "subscribe.topics.filter_policy";
                return Err(StackError::Function { place, key: key.clone() });
            }
            map.values().try_for_each(|value| check_keys(Some(value)))
        }
        Some(Value::Array(items)) => items.iter().try_for_each(|value| check_keys(Some(value))),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::WorkloadName;

    fn subscription(service: &str, topic: &str, queue: bool) -> Subscription {
        Subscription {
            service: WorkloadName::new(service).unwrap(),
            topic: topic.to_owned(),
            filter_policy: None,
            queue: queue.then(Queue::default),
        }
    }

    fn view(subscriptions: Vec<Subscription>) -> EventsView {
        events(&Events { queue: Queue::default(), subscriptions }).unwrap()
    }

    #[test]
    fn ids_are_letters_and_digits_and_unique() {
        let view = view(vec![
            subscription("dog-svc", "gives_huskies", true),
            subscription("dogsvc", "gives-huskies", true),
            subscription("cats", "mice.fifo", true),
        ]);
        assert_eq!(
            view.queues(),
            [
                "EventsQueue",
                "dogsvcgiveshuskiesEventsQueue",
                "dogsvcgiveshuskies2EventsQueue",
                "catsmicefifoEventsQueue"
            ]
        );
        let uris = serde_json::to_string(&view.variables[1].1).unwrap();
        for key in
            ["dogsvcGiveshuskiesEventsQueue", "dogsvcGiveshuskies2EventsQueue", "catsMicefifoEventsQueue"]
        {
            assert!(uris.contains(key), "{uris}");
        }
    }

    #[test]
    fn topics_may_send_to_their_own_queue_only() {
        let view = view(vec![
            subscription("aa", "x-y", true),
            subscription("bb", "one", false),
            subscription("bb", "two", false),
        ]);
        let sources: Vec<String> =
            view.queues.iter().map(|queue| serde_json::to_string(&queue.sources).unwrap()).collect();
        assert!(sources[0].contains("\"bb-one\"") && sources[0].contains("\"bb-two\""), "{}", sources[0]);
        assert!(sources[1].contains("\"aa-x-y\"") && !sources[1].contains("one"), "{}", sources[1]);
    }

    #[test]
    fn a_worker_without_topics_has_a_queue_of_its_own() {
        let view = view(vec![]);
        assert_eq!(view.queues(), ["EventsQueue"]);
        assert_eq!(view.queues[0].sources, None);
        assert_eq!(view.variables.len(), 1);
    }

    #[test]
    fn functions_of_cloudformation_are_no_filters() {
        let mut one = subscription("aa", "x", false);
        one.filter_policy = Some(serde_json::json!({"store": [{"Ref": "AppName"}]}));
        let refused = events(&Events { queue: Queue::default(), subscriptions: vec![one] });
        assert!(matches!(refused, Err(StackError::Function { .. })));
    }
}
