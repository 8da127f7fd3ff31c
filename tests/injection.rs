//! No text of a manifest or of AWS changes the shape of a template: it stays a text in its own place.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod models;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use models::{Case, spread};
use proptest::prelude::*;
use serde_json::Value;
use wharf::model::container::{Container, Image, Secret, Variable, VolumeSource};
use wharf::model::service::{Placement, RollbackAlarms};

/// Puts a text into every place of a case that takes one. A number behind the text keeps keys apart.
struct Fill<'a> {
    text: &'a str,
    number: usize,
}

impl Fill<'_> {
    fn text(&mut self, place: &mut String) {
        self.number += 1;
        *place = format!("{}{}", self.text, self.number);
    }

    fn all(&mut self, places: &mut [String]) {
        places.iter_mut().for_each(|place| self.text(place));
    }

    fn maybe(&mut self, place: &mut Option<String>) {
        if let Some(place) = place {
            self.text(place);
        }
    }

    fn map<V>(&mut self, map: &mut BTreeMap<String, V>, value: impl Fn(&mut Self, &mut V)) {
        *map = std::mem::take(map)
            .into_iter()
            .map(|(mut key, mut item)| {
                self.text(&mut key);
                value(self, &mut item);
                (key, item)
            })
            .collect();
    }

    fn variable(&mut self, variable: &mut Variable) {
        let (Variable::Text(text) | Variable::Export(text)) = variable;
        self.text(text);
    }

    fn secret(&mut self, secret: &mut Secret) {
        let (Secret::From(text) | Secret::Export(text) | Secret::SecretsManager(text)) = secret;
        self.text(text);
    }

    fn container(&mut self, container: &mut Container) {
        if let Image::Location(location) = &mut container.image {
            self.text(location);
        }
        self.maybe(&mut container.credentials);
        self.all(&mut container.entrypoint);
        self.all(&mut container.command);
        self.map(&mut container.variables, Self::variable);
        self.map(&mut container.secrets, Self::secret);
        self.map(&mut container.labels, Self::text);
        self.map(&mut container.depends_on, |_, _| ());
        if let Some(check) = &mut container.health_check {
            self.all(&mut check.command);
        }
        for mount in &mut container.mounts {
            self.text(&mut mount.path);
        }
    }

    fn case(&mut self, case: &mut Case) {
        let service = &mut case.service;
        self.container(&mut service.main);
        for sidecar in &mut service.sidecars {
            self.text(&mut sidecar.name);
            self.container(sidecar);
        }
        for rule in service.http.iter_mut().flat_map(|http| &mut http.rules) {
            self.text(&mut rule.path);
            self.text(&mut rule.target.container);
            self.text(&mut rule.health_check.path);
            self.maybe(&mut rule.health_check.success_codes);
            self.all(&mut rule.allowed_source_ips);
            for alias in &mut rule.aliases {
                self.text(&mut alias.name);
            }
        }
        if let Some(nlb) = &mut service.nlb {
            self.all(&mut nlb.aliases);
            for listener in &mut nlb.listeners {
                self.text(&mut listener.ssl_policy);
                self.text(&mut listener.target.container);
            }
        }
        if let Placement::Subnets(ids) = &mut service.network.placement {
            self.all(ids);
        }
        service.network.security_groups.iter_mut().for_each(|group| self.variable(group));
        if let Some(connect) = &mut service.network.connect {
            self.maybe(&mut connect.alias);
        }
        for volume in &mut service.storage.volumes {
            if let VolumeSource::Efs { id, root_dir, access_point, .. } = &mut volume.source {
                self.variable(id);
                self.text(root_dir);
                self.maybe(access_point);
            }
        }
        if let Some(router) = &mut service.log_router {
            self.text(&mut router.image);
            self.map(&mut router.destination, Self::text);
            self.map(&mut router.secret_options, Self::secret);
            self.maybe(&mut router.config_file);
            self.map(&mut router.variables, Self::variable);
            self.map(&mut router.secrets, Self::secret);
        }
        for topic in &mut service.topics {
            self.text(&mut topic.name);
        }
        for subscription in service.events.iter_mut().flat_map(|events| &mut events.subscriptions) {
            self.text(&mut subscription.topic);
            if let Some(policy) = &mut subscription.filter_policy {
                *policy = serde_json::json!({ format!("{} policy", self.text): [self.text] });
            }
        }
        if let RollbackAlarms::Names(names) = &mut service.deployment.rollback {
            self.all(names);
        }
        for change in &mut service.taskdef_overrides {
            if let Value::String(text) = &mut change.value {
                self.text(text);
            }
        }
        for output in case.addons.iter_mut().flat_map(|addons| &mut addons.outputs) {
            self.text(&mut output.id);
        }
        self.text(&mut case.manifest);
        self.all(&mut case.tagged_subnets);
        let facts = &mut case.facts;
        self.text(&mut facts.app.permissions_boundary);
        self.map(&mut facts.app.tags, Self::text);
        self.map(&mut facts.env_files, Self::text);
        self.text(&mut facts.addons_url);
        self.text(&mut facts.artifacts.kms_key_arn);
        self.text(&mut facts.env.service_discovery_endpoint);
        for image in facts.images.values_mut() {
            self.text(&mut image.repository);
        }
        if let Some(balancer) = &mut facts.load_balancer {
            self.text(&mut balancer.dns_name);
            self.text(&mut balancer.hosted_zone_id);
            self.all(&mut balancer.security_groups);
            balancer.listeners.iter_mut().for_each(|listener| self.text(&mut listener.arn));
        }
    }
}

/// Maps whose keys are the user's.
const USER_KEYED: [&str; 3] = ["DockerLabels", "FilterPolicy", "Options"];
/// Logical ids that are made from users' names: what stands around the name.
const NAMED: [(&str, &str); 10] = [
    ("EnvFileARNFor", ""),
    ("HasEnvFileFor", ""),
    ("AutoScalingPolicy", "EventsQueue"),
    ("", "SNSTopic"),
    ("", "SNSTopicPolicy"),
    ("", "SNSTopicSubscription"),
    ("", "EventsQueue"),
    ("", "QueuePolicy"),
    ("", "DeadLetterQueue"),
    ("", "DeadLetterPolicy"),
];

/// A template with every scalar replaced by its kind, and ids and keys of the user's by a star.
fn shape(value: &Value, key: &str) -> Value {
    match value {
        Value::Object(map) if USER_KEYED.contains(&key) => {
            map.values().map(|item| shape(item, "")).collect::<Vec<_>>().into()
        }
        Value::Object(map) => {
            let mut shapes = serde_json::Map::new();
            for (key, item) in map {
                let named = NAMED.into_iter().find(|(prefix, suffix)| {
                    key.len() > prefix.len() + suffix.len()
                        && key.starts_with(prefix)
                        && key.ends_with(suffix)
                });
                let key = match named {
                    Some((prefix, suffix)) => format!("{prefix}*{suffix}, {}", shapes.len()),
                    None => key.clone(),
                };
                shapes.insert(key.clone(), shape(item, &key));
            }
            Value::Object(shapes)
        }
        Value::Array(items) => items.iter().map(|item| shape(item, "")).collect(),
        Value::String(_) => "text".into(),
        Value::Number(_) => "number".into(),
        Value::Bool(_) => "flag".into(),
        Value::Null => Value::Null,
    }
}

fn filled(case: &Case, text: &str) -> Value {
    let mut case = case.clone();
    Fill { text, number: 0 }.case(&mut case);
    let stack = case.stack().unwrap_or_else(|error| panic!("{}: {error}", case.name));
    let read = wharf::yaml::template::parse(&stack.template_yaml()).unwrap();
    assert!(read == stack.template, "{}: written and read differ", case.name);
    shape(&stack.template, "")
}

/// The cases and their shapes with a harmless text.
static CASES: LazyLock<Vec<(Case, Value)>> = LazyLock::new(|| {
    let plain = |case: Case| (filled(&case, "x"), case);
    spread().into_iter().map(plain).map(|(shape, case)| (case, shape)).collect()
});

fn check(text: &str) {
    for (case, plain) in CASES.iter() {
        let start: String = text.chars().take(60).collect();
        assert!(*plain == filled(case, text), "{}: {start:?} changes the shape", case.name);
    }
}

#[test]
fn awkward_texts_stay_texts() {
    for text in [
        "\"",
        "'",
        "\\",
        "\n",
        "\r\n",
        "\t",
        "\u{0}",
        "\u{85}",
        "\u{2028}",
        "\u{feff}",
        "💥",
        "${AppName}",
        "${",
        "${!x}",
        "!Ref AppName",
        "!Sub '${AWS::AccountId}'",
        "{{ name }}",
        "{% if x %}",
        "{# x #}",
        "{",
        "}",
        "]",
        ": ",
        " #",
        "- ",
        "---\n",
        "...\n",
        "&a ",
        "*a",
        "<<: ",
        "? ",
        "|\n",
        ">\n",
        "%YAML",
        "null",
        "yes",
        "",
        "\"}, \"Resources\": {\"Evil\": {\"Type\": \"AWS::IAM::Role\"}}, {\"",
        "\n  Evil:\n    Type: AWS::IAM::Role\n",
    ] {
        check(text);
    }
}

#[test]
fn long_texts_stay_texts() {
    let text = "long \"text\" ".repeat(9000);
    // One case: the text stands in it about a hundred times.
    let (case, plain) = CASES.iter().find(|(case, _)| case.name == "web-maximal").unwrap();
    assert!(*plain == filled(case, &text));
}

/// A site's template with a text in every place that takes one, and its shape.
fn site(text: &str) -> Value {
    let site = wharf::model::site::Site {
        name: "docs".parse().unwrap(),
        aliases: vec![text.to_owned(), format!("{text}2")],
        certificate: Some(text.to_owned()),
        files: vec![],
    };
    let facts = models::facts();
    let input = wharf::stack::workload::SiteInput {
        site: &site,
        facts: &facts,
        manifest: text,
        addons: None,
        certificate: None,
    };
    let stack = wharf::stack::workload::site(&input).unwrap();
    assert!(wharf::yaml::template::parse(&stack.template_yaml()).unwrap() == stack.template);
    shape(&stack.template, "")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn any_text_of_a_site_stays_a_text(text in "[^0-9]{1,40}") {
        prop_assert_eq!(site(&text), site("x"));
    }

    #[test]
    fn any_text_stays_a_text(text in "[^0-9]{0,40}") {
        check(&text);
    }
}
