//! Topics a workload publishes.

use serde::Serialize;
use serde_json::Value;

use super::Ids;
use crate::model::service::Topic;
use crate::stack::expr;

/// A topic as the template prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopicView {
    /// Logical id.
    pub id: String,
    /// Logical id of its policy.
    pub policy_id: String,
    /// What it is.
    pub description: String,
    /// Its name, with the stack's name in front.
    pub name: Value,
    /// Whether it is a FIFO topic.
    pub fifo: bool,
    /// Content-based deduplication, if said.
    pub deduplication: Option<bool>,
}

/// The name of a topic within its workload: FIFO topics end in `.fifo`.
#[must_use]
pub fn local_name(topic: &Topic) -> String {
    if topic.fifo.is_some() { format!("{}.fifo", topic.name) } else { topic.name.clone() }
}

/// Views of the topics.
#[must_use]
pub fn views(topics: &[Topic]) -> Vec<TopicView> {
    let (mut ids, mut policies) = (Ids::default(), Ids::default());
    topics
        .iter()
        .map(|topic| {
            let name = local_name(topic);
            TopicView {
                id: ids.take("", &name, "SNSTopic"),
                policy_id: policies.take("", &name, "SNSTopicPolicy"),
                description: format!("Topic {name}"),
                name: expr::join("-", vec![expr::reference("AWS::StackName"), Value::from(name)]),
                fifo: topic.fifo.is_some(),
                deduplication: topic.fifo.as_ref().and_then(|fifo| fifo.content_based_deduplication),
            }
        })
        .collect()
}

/// The value of `COPILOT_SNS_TOPIC_ARNS`, a JSON object from name to ARN sorted by name; none without topics.
#[must_use]
pub fn arns(topics: &[Topic]) -> Option<Value> {
    let mut names: Vec<String> = topics.iter().map(local_name).collect();
    names.sort();
    let mut parts = vec![];
    for (at, name) in names.iter().enumerate() {
        let key = Value::from(name.as_str()).to_string();
        let opening = if at == 0 { "{" } else { "\"," };
        parts.push(Value::from(format!("{opening}{key}:\"")));
        parts
            .push(expr::sub("arn:${AWS::Partition}:sns:${AWS::Region}:${AWS::AccountId}:${AWS::StackName}-"));
        // The name inside a JSON text: without that text's own quotes.
        parts.push(Value::from(&key[1..key.len() - 1]));
    }
    parts.push(Value::from("\"}"));
    (!names.is_empty()).then(|| expr::join("", parts))
}
