//! What Copilot read or rendered otherwise than its documentation promised, and is right here: one test each.
//! `CHANGELOG.md` tells users of them under "Changed against Copilot".
//!
//! What it did wrong while it asked or deployed is tested where that is done:
//!
//! | defect | test |
//! |---|---|
//! | `svc init` of a Request-Driven Web Service without an ingress type failed | `suite apprunner::made` |
//! | a stack left in REVIEW_IN_PROGRESS barred every later deployment | `deploy::stack::what_a_first_try_left_is_removed`, `a_refused_change_set_leaves_no_empty_stack` |
//! | `--diff` built, pushed and uploaded before it asked | `suite plans::a_deployment_shows_its_plan_before_it_asks` |
//! | `--tag` named the main container's image only | `artifact::image::tags_and_addresses_are_copilots` |
//! | stack names were cut on deployment, not on deletion | `stack::document::stack_names_end_at_128`: both call it |
//! | instances of the StackSet were looked for in the wrong account | `emulator accounts::environments_in_other_accounts` |
//! | a region's bucket was emptied under a pipeline | `emulator pipeline::a_pipeline_comes_and_goes_and_keeps_its_bucket` |
//! | updates of StackSet and roles dropped inputs of before | `stack::infrastructure::what_is_rendered_reads_back`, `suite takeovers` |
//! | two writers of the StackSet failed | `deploy::stackset::a_lost_race_reads_again`, `emulator accounts::writers_at_the_same_time` |
//! | two deployments took one rule priority | `emulator lifecycle::two_services_at_once`, `stack::workload::priority` |
//! | answers of a function were cut at 4 KB; functions and runtimes aged | [`nothing_in_templates_ages_with_a_runtime`] |
//! | roles named an action that there is not | [`roles_name_no_action_that_there_is_not`] |
//! | leftover workloads were looked for by tags that lag behind | `suite changes::deletions_that_are_refused` |
//! | images were listed once while a repository was emptied | `aws::ecr::images_of_a_manifest_list_go_in_a_second_round` |
//! | the partition was written out | [`templates_work_in_every_partition`] |
//! | the collector, Windows' platform version, the CDK were pinned | [`what_is_pinned_is_current`] |
//! | retained roles were found by cutting texts | `suite takeovers`, `environment_templates::roles_begin_with_their_deletion_policy` |

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

#[path = "../fuzz/src/documents.rs"]
#[expect(dead_code, reason = "the fuzz targets themselves are called by tests/corpora.rs")]
mod documents;

use documents::{environment_stack, workload_stack};
use serde_json::{Value, json};
use wharf::artifact::addons::{self, WORKLOAD_PARAMETERS};
use wharf::diagnostic::{Diagnostics, Severity, Source};
use wharf::manifest::scaffold;
use wharf::model::schedule::{Schedule, schedule};
use wharf::stack::Stack;
use wharf::ui::diagnostic::draw;

fn source(text: &str) -> Source {
    Source { path: "manifest.yml".to_owned(), text: text.to_owned() }
}

fn read(text: &str) -> (Option<Stack>, Diagnostics) {
    if text.contains("type: Environment") {
        environment_stack(&source(text), "test", &|_| None)
    } else {
        workload_stack(&source(text), "test", &|_| None)
    }
}

/// The template of a manifest that nothing is wrong with.
fn template(text: &str) -> Value {
    let (stack, out) = read(text);
    assert!(out.is_empty(), "{}", draw(&source(text), out.items(), false));
    stack.unwrap_or_else(|| panic!("not rendered:\n{text}")).template
}

/// Rule and blamed text of each finding.
fn findings(text: &str) -> Vec<(&'static str, String)> {
    let (_, out) = read(text);
    let blamed = |item: &wharf::diagnostic::Diagnostic| {
        let span = item.span.unwrap();
        (item.rule, text[span.start..span.end].to_owned())
    };
    out.items().iter().map(blamed).collect()
}

fn of_type<'a>(template: &'a Value, kind: &str) -> Vec<(&'a String, &'a Value)> {
    template["Resources"]
        .as_object()
        .unwrap()
        .iter()
        .filter(|(_, resource)| resource["Type"] == kind)
        .collect()
}

/// Every text in a value.
fn texts<'a>(value: &'a Value, out: &mut Vec<&'a str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, out)),
        Value::Object(map) => map.values().for_each(|item| texts(item, out)),
        _ => {}
    }
}

const BACKEND: &str = "name: api\ntype: Backend Service\nimage: {location: 'api:1', port: 80}\n";
const WEB: &str = "name: web\ntype: Load Balanced Web Service\nimage: {location: 'web:1', port: 80}\n";
const WORKER: &str = "name: work\ntype: Worker Service\nimage: {location: 'work:1'}\n";
const ENVIRONMENT: &str = "name: test\ntype: Environment\n";

#[test]
fn a_wrong_value_in_a_map_is_an_error_in_its_place() {
    for (field, wrong) in [
        ("http: {path: /, healthcheck: {interval: soon}}", "soon"),
        ("http: {path: /}\ncount: {range: 1-2, cpu_percentage: many}", "many"),
        ("http: {path: /}\nplatform: {osfamily: [linux], architecture: x86_64}", "[linux"),
        ("http: {path: /}\nstorage: {volumes: {v: {path: /v, efs: {id: {from_cfn: [x]}}}}}", "[x"),
        ("http: {path: /}\nexec: {enable: maybe}", "maybe"),
    ] {
        let found = findings(&format!("{WEB}{field}\n"));
        assert_eq!(found, [("manifest/type", wrong.to_owned())], "{field}");
    }
    let build =
        "name: api\ntype: Backend Service\nimage: {build: {dockerfile: Dockerfile, args: {A: [b]}}}\n";
    assert_eq!(findings(build), [("manifest/type", "[b".to_owned())]);
    let queue = format!("{WORKER}subscribe: {{queue: {{delay: later}}}}\n");
    assert_eq!(findings(&queue), [("manifest/type", "later".to_owned())]);
    let cdn = format!("{ENVIRONMENT}cdn: {{terminate_tls: perhaps}}\n");
    assert_eq!(findings(&cdn), [("manifest/type", "perhaps".to_owned())]);
}

#[test]
fn a_key_that_means_nothing_is_a_warning_and_names_the_nearest() {
    let text = format!("{BACKEND}variable: {{A: b}}\n");
    let (stack, out) = read(&text);
    assert!(stack.is_some());
    let item = &out.items()[0];
    assert_eq!((item.rule, item.severity), ("manifest/unknown-key", Severity::Warning));
    assert!(item.help.as_ref().unwrap().contains("variables"), "{item:?}");
}

#[test]
fn what_is_turned_off_is_off() {
    let logs = |text: &str| of_type(&template(&format!("{ENVIRONMENT}{text}\n")), "AWS::EC2::FlowLog").len();
    assert_eq!(logs("network: {vpc: {flow_logs: false}}"), 0);
    assert_eq!(logs("network: {vpc: {flow_logs: true}}"), 1);
    let exec = |text: &str| {
        let template = template(&format!("{BACKEND}{text}\n"));
        template["Resources"]["Service"]["Properties"].get("EnableExecuteCommand").cloned()
    };
    assert_ne!(exec("exec: {enable: false}"), Some(json!(true)));
    assert_eq!(exec("exec: {enable: true}"), Some(json!(true)));
}

#[test]
fn request_driven_services_may_name_their_platform() {
    for platform in ["linux/x86_64", "linux/amd64", "{osfamily: linux, architecture: x86_64}"] {
        template(&format!(
            "name: rd\ntype: Request-Driven Web Service\nimage: {{location: 'public.ecr.aws/a/b:1', port: 80}}\nplatform: {platform}\n"
        ));
    }
}

#[test]
fn a_network_with_nothing_but_connect_counts() {
    let connected = |text: &str| {
        let template = template(&format!("{BACKEND}{text}\n"));
        template["Resources"]["Service"]["Properties"]["ServiceConnectConfiguration"]["Enabled"]
            == json!(true)
    };
    assert!(!connected(""));
    assert!(connected("network: {connect: true}"));
    assert!(connected(
        "network: {vpc: {placement: private}}\nenvironments: {test: {network: {connect: true}}}"
    ));
}

#[test]
fn a_section_without_anything_changes_nothing() {
    for text in [
        "name: rd\ntype: Request-Driven Web Service\nimage: {location: 'public.ecr.aws/a/b:1', port: 80}\n",
        "name: job\ntype: Scheduled Job\non: {schedule: '@daily'}\nimage: {location: 'job:1'}\n",
        BACKEND,
        WORKER,
    ] {
        let mut template =
            [text.to_owned(), format!("{text}environments: {{test: }}\n"), format!("{text}environments:\n")]
                .map(|text| template(&text));
        for template in &mut template {
            template["Metadata"]["Manifest"] = Value::Null;
        }
        assert_eq!(template[0], template[1]);
        assert_eq!(template[0], template[2]);
    }
}

#[test]
fn a_queue_delay_that_says_too_little_is_an_error() {
    let text = format!("{WORKER}count: {{range: 1-2, queue_delay: {{cooldown: {{in: 1s}}}}}}\n");
    let (stack, out) = read(&text);
    assert!(stack.is_none() && out.has_errors());
    assert!(draw(&source(&text), out.items(), false).contains("acceptable_latency"));
}

/// Documented as on, always rendered as off: file systems that work without would stop doing so.
#[test]
fn iam_for_a_file_system_is_off_unless_it_is_asked_for() {
    let iam = |auth: &str| {
        let template = template(&format!(
            "{BACKEND}storage: {{volumes: {{v: {{path: /v, efs: {{id: fs-1{auth}}}}}}}}}\n"
        ));
        let volumes = &template["Resources"]["TaskDefinition"]["Properties"]["Volumes"];
        volumes[0]["EFSVolumeConfiguration"]["AuthorizationConfig"]["IAM"].clone()
    };
    assert_ne!(iam(""), json!("ENABLED"));
    assert_eq!(iam(", auth: {iam: true}"), json!("ENABLED"));
}

#[test]
fn hosted_zones_of_further_rules_get_their_records() {
    let template = template(&format!(
        "{WEB}http:\n  path: /\n  alias: web.example.org\n  hosted_zone: Z1\n  additional_rules:\n    - path: api\n      \
         alias: api.example.org\n      hosted_zone: Z2\n"
    ));
    let text = template["Resources"].to_string();
    let zone = |zone: &str, name: &str| {
        let records: Vec<&Value> = template["Resources"]
            .as_object()
            .unwrap()
            .values()
            .filter(|resource| resource["Properties"]["HostedZoneId"] == zone)
            .collect();
        assert!(records.iter().any(|record| record.to_string().contains(name)), "{zone} {name}: {text}");
    };
    zone("Z1", "web.example.org");
    zone("Z2", "api.example.org");
}

#[test]
fn the_queue_of_a_worker_without_topics_is_as_it_says() {
    let template =
        template(&format!("{WORKER}subscribe: {{queue: {{delay: 30s, dead_letter: {{tries: 3}}}}}}\n"));
    let queue = &template["Resources"]["EventsQueue"]["Properties"];
    assert_eq!(queue["DelaySeconds"], 30);
    assert_eq!(queue["RedrivePolicy"]["maxReceiveCount"], 3);
}

#[test]
fn a_queue_of_its_own_lets_its_topic_in_by_its_whole_name() {
    let template = template(&format!(
        "{WORKER}subscribe: {{topics: [{{name: paid-orders_all, service: shop, queue: true}}]}}\n"
    ));
    let policies = of_type(&template, "AWS::SQS::QueuePolicy");
    let mut found = vec![];
    policies.iter().for_each(|(_, policy)| texts(policy, &mut found));
    assert!(found.iter().any(|text| text.contains("paid-orders_all")), "{found:?}");
}

#[test]
fn days_of_the_week_are_counted_right() {
    for (text, want) in [
        ("0 9 * * 1-5/2", "cron(0 9 ? * 2,4,6 *)"),
        ("0 9 * * 7", "cron(0 9 ? * 1 *)"),
        ("0 9 * * 0,6", "cron(0 9 ? * 1,7 *)"),
        ("rate(1 day)", "rate(1 day)"),
    ] {
        assert_eq!(schedule(text), Ok(Schedule::At(want.to_owned())));
    }
    // What stands around an expression is no part of it.
    for text in ["at rate(1 day)", "rate(1 day) or so", "xcron(0 9 ? * 2 *)", "cron(0 9 ? * 2 *)x"] {
        assert!(schedule(text).is_err(), "{text}");
    }
}

#[test]
fn the_older_spelling_of_a_target_counts_for_backend_services() {
    let (stack, out) = read(&format!(
        "{BACKEND}http: {{path: /, targetContainer: proxy}}\nsidecars: {{proxy: {{image: 'proxy:1', port: 9000}}}}\n"
    ));
    assert!(!out.has_errors());
    let balancers = stack.unwrap().template["Resources"]["Service"]["Properties"]["LoadBalancers"].clone();
    assert_eq!(
        (&balancers[0]["ContainerName"], &balancers[0]["ContainerPort"]),
        (&json!("proxy"), &json!(9000))
    );
}

#[test]
fn who_may_call_the_load_balancers_is_read_and_written_in_the_same_words() {
    let text = scaffold::environment(&scaffold::Environment {
        name: "test".parse().unwrap(),
        network: scaffold::Network::Default,
        public_certificates: vec![],
        private_certificates: vec![],
        private_subnets: vec![],
        allow_vpc_ingress: true,
        container_insights: false,
    });
    let ingress = |template: &Value| {
        let ingress = of_type(template, "AWS::EC2::SecurityGroupIngress");
        ingress.into_iter().map(|(id, resource)| format!("{id} {resource}")).collect::<Vec<_>>()
    };
    let without = ingress(&template(ENVIRONMENT));
    let with = ingress(&template(&text));
    assert!(with.len() > without.len() || with != without, "{with:?}");
    // The older spelling has the same effect, with a warning.
    let older =
        format!("{ENVIRONMENT}http: {{private: {{security_groups: {{ingress: {{from_vpc: true}}}}}}}}\n");
    assert_eq!(ingress(&read(&older).0.unwrap().template), with);
    let older = format!(
        "{ENVIRONMENT}http: {{public: {{security_groups: {{ingress: {{source_ips: [192.0.2.0/24]}}}}}}}}\n"
    );
    assert!(read(&older).0.unwrap().template.to_string().contains("192.0.2.0/24"));
}

#[test]
fn values_of_a_rule_are_counted_as_the_load_balancer_counts_them() {
    let errors = |text: &str| read(&format!("{WEB}http: {text}\n")).1.has_errors();
    // Four host names and a path are five; the path of everything is none.
    assert!(!errors("{path: shop, alias: [a.example.org, b.example.org, c.example.org], hosted_zone: Z1}"));
    assert!(errors(
        "{path: shop, alias: [a.example.org, b.example.org, c.example.org], hosted_zone: Z1, \
         allowed_source_ips: [192.0.2.0/24, 198.51.100.0/24, 203.0.113.0/24]}"
    ));
}

/// A template of addons with its outputs.
fn addon(name: &str, rest: &str) -> Source {
    let parameters = "Parameters: {App: {Type: String}, Env: {Type: String}, Name: {Type: String}}";
    Source { path: format!("addons/{name}.yml"), text: format!("{parameters}\n{rest}") }
}

#[test]
fn security_groups_of_addons_are_no_variables() {
    let files = [addon(
        "group",
        "Resources: {Group: {Type: 'AWS::EC2::SecurityGroup', Properties: {GroupDescription: x}}}\n\
         Outputs: {GroupId: {Value: !Ref Group}, Other: {Value: x}}\n",
    )];
    let read = addons::read(&files, WORKLOAD_PARAMETERS, &mut |_| Ok(None)).addons.unwrap();
    let kinds: Vec<_> = read.outputs.iter().map(|output| (output.id.as_str(), output.kind)).collect();
    assert_eq!(
        kinds,
        [("GroupId", addons::AddonKind::SecurityGroup), ("Other", addons::AddonKind::Variable)]
    );
}

#[test]
fn a_transform_of_several_addons_stands_once() {
    let bucket = |name: &str| {
        addon(
            name,
            &format!(
                "Transform: AWS::Serverless-2016-10-31\nResources: {{{name}: {{Type: 'AWS::S3::Bucket'}}}}\n"
            ),
        )
    };
    let files = [bucket("One"), bucket("Two")];
    let read = addons::read(&files, WORKLOAD_PARAMETERS, &mut |_| Ok(None)).addons.unwrap();
    assert_eq!(read.template["Transform"], "AWS::Serverless-2016-10-31");
}

/// Documents of every type that is rendered.
fn maximal() -> Vec<(&'static str, Value)> {
    let mut all = vec![];
    for document in wharf::manifest::catalogue::DOCUMENTS {
        let read = match document.slug {
            "environment" => environment_stack,
            "pipeline" => documents::pipeline_stack,
            _ => workload_stack,
        };
        let (stack, out) = read(&source(document.example), "test", &|_| None);
        assert!(!out.has_errors(), "{}", document.slug);
        let mut template = stack.unwrap().template;
        if let Some(manifest) = template.pointer_mut("/Metadata/Manifest") {
            *manifest = Value::Null;
        }
        all.push((document.slug, template));
    }
    all
}

#[test]
fn templates_work_in_every_partition() {
    for (slug, template) in maximal() {
        let mut all = vec![];
        texts(&template, &mut all);
        // ARNs with an account are the manifest's and the facts'.
        let ours = all.iter().filter(|text| text.contains("arn:aws:") && !text.contains("111122223333"));
        assert_eq!(ours.collect::<Vec<_>>(), [&""; 0], "{slug}");
    }
}

#[test]
fn nothing_in_templates_ages_with_a_runtime() {
    for (slug, template) in maximal() {
        for kind in ["AWS::Lambda::Function", "AWS::CloudFormation::CustomResource"] {
            assert!(of_type(&template, kind).is_empty(), "{slug}: {kind}");
        }
        let resources = template["Resources"].as_object().unwrap();
        assert!(
            !resources.values().any(|resource| resource["Type"].as_str().unwrap().starts_with("Custom::")),
            "{slug}"
        );
        assert!(!template.to_string().contains("cloudfront-js-1.0"), "{slug}");
    }
}

#[test]
fn what_is_pinned_is_current() {
    let (_, web) = maximal().into_iter().find(|(slug, _)| *slug == "load-balanced-web-service").unwrap();
    assert!(web.to_string().contains("aws-otel-collector:v0.49.0"));
    let windows = "platform: windows/amd64\ncpu: 1024\nmemory: 2048\n";
    let service = template(&format!("{BACKEND}{windows}"));
    assert_eq!(service["Resources"]["Service"]["Properties"]["PlatformVersion"], "LATEST");
    let job = "name: job\ntype: Scheduled Job\non: {schedule: '@daily'}\nimage: {location: 'job:1'}\n";
    let job = template(&format!("{job}{windows}")).to_string();
    assert!(job.contains("LATEST") && !job.contains("1.0.0"), "{job}");
}

#[test]
fn roles_name_no_action_that_there_is_not() {
    for (slug, template) in maximal() {
        assert!(!template.to_string().contains("s3:EmptyBucket"), "{slug}");
    }
}
