//! Logs, topics, overrides of the task definition.

use std::collections::BTreeMap;

use super::Check;
use super::image::{env_file, secrets, texts, variables};
use crate::manifest::decode::{Decode, Form, List, Spanned, Text};
use crate::manifest::logging::Logging;
use crate::manifest::task as written;
use crate::model::container::LogRouter;
use crate::model::service::{FifoTopic, TaskdefOverride, Topic};

/// Days CloudWatch Logs keeps logs for.
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html>
const RETENTION: [u64; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];
/// Image of the log router.
const LOG_ROUTER_IMAGE: &str = "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable";

/// Days of a retention, which CloudWatch Logs must know.
pub(super) fn retention(given: Option<&Spanned<u64>>, default: u64, check: &mut Check<'_>) -> u64 {
    let Some(given) = given else { return default };
    if !RETENTION.contains(&given.value) {
        let near = RETENTION.iter().min_by_key(|days| days.abs_diff(given.value)).copied().unwrap_or(default);
        let days: Vec<String> = RETENTION.iter().map(u64::to_string).collect();
        check
            .error(
                "model/retention",
                given.span,
                format!("CloudWatch Logs can't keep logs for {} days", given.value),
            )
            .help(format!("the nearest is {near}; all are {}", days.join(", ")));
    }
    given.value
}

/// Days logs are kept, and the log router when anything else is said.
pub(super) fn logging(given: Option<&Logging>, check: &mut Check<'_>) -> (u64, Option<LogRouter>) {
    let Some(given) = given else { return (30, None) };
    let days = retention(given.retention.as_ref(), 30, check);
    let router = given.image.is_some()
        || given.destination.is_some()
        || given.enable_metadata.is_some()
        || given.secret_options.is_some()
        || given.config_file_path.is_some()
        || given.variables.is_some()
        || given.secrets.is_some()
        || given.env_file.is_some();
    if !router {
        return (days, None);
    }
    let router = LogRouter {
        image: check.text(given.image.as_ref(), "image").unwrap_or_else(|| LOG_ROUTER_IMAGE.to_owned()),
        destination: texts(given.destination.as_ref()),
        metadata: given.enable_metadata.is_none_or(|flag| flag.value),
        secret_options: secrets(given.secret_options.as_ref(), check),
        config_file: check.text(given.config_file_path.as_ref(), "configFilePath"),
        variables: variables(given.variables.as_ref(), check),
        secrets: secrets(given.secrets.as_ref(), check),
        env_file: env_file(given.env_file.as_ref(), check),
    };
    (days, Some(router))
}

/// The topics a service publishes.
pub(super) fn topics(given: Option<&written::Publish>, check: &mut Check<'_>) -> Vec<Topic> {
    let items = given.and_then(|publish| publish.topics.as_ref()).into_iter().flat_map(|list| &list.items);
    let mut seen = BTreeMap::new();
    let mut topics = vec![];
    for item in items {
        let Some(name) = &item.name else {
            check.missing(item.span, "name", "the name under which other services subscribe to the topic");
            continue;
        };
        topic_name(name, "write `fifo: true` instead", check);
        let fifo = match &item.fifo {
            None => None,
            Some(Form::Short(flag)) => flag.value.then_some(FifoTopic { content_based_deduplication: None }),
            Some(Form::Full(full)) => Some(FifoTopic {
                content_based_deduplication: full.content_based_deduplication.map(|flag| flag.value),
            }),
        };
        // A FIFO topic is called `.fifo` besides.
        if let Some(first) = seen.insert((name.value.clone(), fifo.is_some()), name.span) {
            check
                .error("model/name", name.span, format!("there are two topics {:?}", name.value))
                .other(first, "the first one")
                .help("give each topic a name of its own");
        }
        topics.push(Topic { name: name.value.clone(), fifo });
    }
    topics
}

/// Checks the name of a topic. `fifo` says what to write instead of the suffix `.fifo`.
pub(super) fn topic_name(name: &Text, fifo: &str, check: &mut Check<'_>) {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if name.value.is_empty() || !name.value.chars().all(fits) {
        let help = match name.value.strip_suffix(".fifo") {
            Some(plain) => format!("leave `.fifo` out (`name: {plain}`) and {fifo}"),
            None => "letters, digits, hyphens and underscores".to_owned(),
        };
        check
            .error("model/name", name.span, format!("{:?} can't be the name of a topic", name.value))
            .help(help);
    }
}

/// Changes of the rendered task definition.
pub(super) fn overrides(
    given: Option<&List<written::TaskdefOverride>>,
    check: &mut Check<'_>,
) -> Vec<TaskdefOverride> {
    let mut out = vec![];
    for item in given.into_iter().flat_map(|list| &list.items) {
        let Some(path) = &item.path else {
            check.missing(item.span, "path", "the path below the task definition's properties");
            continue;
        };
        if !path.value.split('.').all(is_segment) {
            check
                .error("model/taskdef-override", path.span, format!("{:?} is no path", path.value))
                .help("keys joined by dots, with `[2]` for an item of a list and `[-]` for a new one");
        }
        if refused(&path.value) {
            check
                .error("model/taskdef-override", path.span, format!("`{}` can't be changed", path.value))
                .help("wharf finds the service's tasks and containers by it");
        }
        match &item.value {
            Some(value) => {
                out.push(TaskdefOverride { path: path.value.clone(), value: value.value.clone() });
            }
            None => check.missing(path.span(), "value", "the new value"),
        }
    }
    out
}

/// `key`, `key[2]` or `key[-]`.
fn is_segment(segment: &str) -> bool {
    let (key, index) = match segment.split_once('[') {
        Some((key, rest)) => (key, Some(rest)),
        None => (segment, None),
    };
    let index = index.is_none_or(|rest| {
        rest.strip_suffix(']').is_some_and(|index| {
            index == "-" || (!index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()))
        })
    });
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !key.is_empty() && key.chars().all(fits) && index
}

/// The family, and the names of containers that are there.
fn refused(path: &str) -> bool {
    if path == "Family" {
        return true;
    }
    let index = path.strip_prefix("ContainerDefinitions[").and_then(|rest| rest.strip_suffix("].Name"));
    index.is_some_and(|index| !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_overrides() {
        for path in ["ContainerDefinitions[0].Ulimits[-].HardLimit", "Family", "a-b_c"] {
            assert!(path.split('.').all(is_segment), "{path}");
        }
        for path in ["", "a.", "a[", "a[]", "a[x]", "a[1]b", "a[1][2]", "[0]"] {
            assert!(!path.split('.').all(is_segment), "{path}");
        }
        assert!(refused("Family") && refused("ContainerDefinitions[12].Name"));
        assert!(!refused("ContainerDefinitions[-].Name") && !refused("Family2"));
    }
}
