//! The templates of environments and applications: a spread of settings, each linted, each compared with what was.
//!
//! The plain environment stands whole in its snapshot; the others stand as differences from it.

#![expect(clippy::unwrap_used, reason = "the values are the test's own")]

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use wharf::facts::Facts;
use wharf::model::environment::{
    AccessLogs, Cdn, Environment, ImportedVpc, ManagedVpc, PrivateHttp, PublicHttp, SecurityGroupRule,
    SecurityGroupRules, StaticAssets, Subnet, Vpc,
};
use wharf::name::{AppName, EnvName, WorkloadName};
use wharf::stack::Stack;
use wharf::stack::app::{self, Domain};
use wharf::stack::bootstrap::bootstrap;
use wharf::stack::environment::{Options, environment};
use wharf::stack::features::{Feature, Features};
use wharf::stack::infrastructure::{StackSetState, infrastructure};

#[path = "support/carried.rs"]
mod carried;
#[path = "support/lint.rs"]
mod lint;

const MANIFEST: &str = "name: test\ntype: Environment\n";

fn facts() -> Facts {
    let mut facts = Facts::new(AppName::new("demo").unwrap(), EnvName::new("test").unwrap());
    facts.app.account = "111122223333".to_owned();
    facts.env.account = "444455556666".to_owned();
    facts.env.region = "us-west-2".to_owned();
    facts.artifacts.bucket = "artifacts".to_owned();
    facts.artifacts.kms_key_arn = "arn:aws:kms:us-west-2:111122223333:key/1234abcd".to_owned();
    facts
}

fn subnet(cidr: &str) -> Subnet {
    Subnet { cidr: cidr.to_owned(), az: None }
}

fn plain() -> Environment {
    Environment {
        name: EnvName::new("test").unwrap(),
        vpc: Vpc::Managed(ManagedVpc {
            cidr: "10.0.0.0/16".to_owned(),
            public: vec![subnet("10.0.0.0/24"), subnet("10.0.1.0/24")],
            private: vec![subnet("10.0.2.0/24"), subnet("10.0.3.0/24")],
        }),
        security_group: SecurityGroupRules::default(),
        flow_logs: None,
        cdn: None,
        public: PublicHttp::default(),
        private: PrivateHttp::default(),
        container_insights: false,
    }
}

fn certificate(region: &str, id: &str) -> String {
    format!("arn:aws:acm:{region}:444455556666:certificate/{id}")
}

fn all_features() -> Features {
    let workload = WorkloadName::new("fe").unwrap();
    let features = Feature::ALL.iter().fold(Features::default(), |all, one| all.with(*one, &workload));
    features.with_aliases(&workload, &["www.example.com".to_owned(), "example.com".to_owned()])
}

fn rendered(model: &Environment, facts: &Facts, options: &Options) -> Stack {
    environment(model, facts, MANIFEST, &Features::default(), options).unwrap()
}

/// Settings by name; the first is the one the others are compared with.
fn environments() -> Vec<(&'static str, Stack)> {
    let plain_with = |change: &dyn Fn(&mut Environment)| {
        let mut model = plain();
        change(&mut model);
        rendered(&model, &facts(), &Options::default())
    };
    let mut domain = facts();
    domain.app.domain = "example.com".to_owned();
    let mut bounded = facts();
    bounded.app.permissions_boundary = "bounds".to_owned();
    let mut cloudfront = facts();
    cloudfront.cloudfront_prefix_lists = vec!["pl-82a045eb".to_owned()];
    let mut addons = facts();
    addons.addons_url = "https://artifacts.s3.us-west-2.amazonaws.com/manual/addons.yml".to_owned();
    let mut unknown = facts();
    unknown.artifacts = wharf::facts::Artifacts::default();

    let imported = |public: &[&str], private: &[&str]| {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
        Vpc::Imported(ImportedVpc {
            id: "vpc-0123456789abcdef0".to_owned(),
            public: ids(public),
            private: ids(private),
        })
    };
    let subnets = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"];
    let cdn = |certificate: Option<String>| {
        let assets = StaticAssets {
            alias: "static.example.com".to_owned(),
            location: "files.s3.us-west-2.amazonaws.com".to_owned(),
            path: "static/*".to_owned(),
        };
        Some(Cdn { certificate, terminate_tls: true, static_assets: Some(assets) })
    };
    let everything = {
        let mut model = plain();
        model.flow_logs = Some(14);
        model.container_insights = true;
        model.cdn = cdn(Some(certificate("us-east-1", "viewer")));
        model.public = PublicHttp {
            certificates: vec![certificate("us-west-2", "one"), certificate("us-west-2", "two")],
            access_logs: Some(AccessLogs { bucket: None, prefix: Some("lb".to_owned()) }),
            ingress_cdn: true,
            source_ips: vec!["192.0.2.0/24".to_owned(), "2001:db8::/32".to_owned()],
            ssl_policy: Some("ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned()),
        };
        model.private = PrivateHttp {
            certificates: vec![certificate("us-west-2", "three"), certificate("us-west-2", "four")],
            subnets: vec![],
            ingress_vpc: true,
            ssl_policy: Some("ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned()),
        };
        model
    };
    let options = Options {
        force_id: "9a5bb0b4".to_owned(),
        addons_parameters: BTreeMap::from([("Network".to_owned(), json!({"Ref": "VPC"}))]),
        ..Options::default()
    };
    vec![
        ("plain", plain_with(&|_| {})),
        ("everything", environment(&everything, &cloudfront, MANIFEST, &all_features(), &options).unwrap()),
        ("imported_vpc", plain_with(&|model| model.vpc = imported(&subnets, &subnets))),
        ("imported_vpc_private", plain_with(&|model| model.vpc = imported(&[], &subnets))),
        ("imported_vpc_public", plain_with(&|model| model.vpc = imported(&subnets, &[]))),
        (
            "imported_certificates",
            plain_with(&|model| model.public.certificates = vec![certificate("us-west-2", "one")]),
        ),
        (
            "internal_certificates",
            plain_with(&|model| {
                model.vpc = imported(&subnets, &subnets);
                model.private.certificates = vec![certificate("us-west-2", "one")];
                model.private.subnets = subnets.map(str::to_owned).to_vec();
                model.private.ingress_vpc = true;
            }),
        ),
        ("access_logs", plain_with(&|model| model.public.access_logs = Some(AccessLogs::default()))),
        (
            "access_logs_elsewhere",
            plain_with(&|model| {
                let (bucket, prefix) = (Some("logs".to_owned()), Some("lb".to_owned()));
                model.public.access_logs = Some(AccessLogs { bucket, prefix });
            }),
        ),
        ("flow_logs", plain_with(&|model| model.flow_logs = Some(60))),
        ("cdn", plain_with(&|model| model.cdn = Some(Cdn::default()))),
        (
            "cdn_with_certificate",
            plain_with(&|model| {
                let certificate = Some(certificate("us-east-1", "viewer"));
                model.cdn = Some(Cdn { certificate, terminate_tls: true, static_assets: None });
            }),
        ),
        (
            "adjusted_vpc",
            plain_with(&|model| {
                let subnet = |cidr: &str, az: &str| Subnet { cidr: cidr.to_owned(), az: Some(az.to_owned()) };
                model.vpc = Vpc::Managed(ManagedVpc {
                    cidr: "10.1.0.0/16".to_owned(),
                    public: vec![
                        subnet("10.1.0.0/24", "us-west-2a"),
                        subnet("10.1.1.0/24", "us-west-2b"),
                        subnet("10.1.2.0/24", "us-west-2c"),
                    ],
                    private: vec![
                        subnet("10.1.3.0/24", "us-west-2a"),
                        subnet("10.1.4.0/24", "us-west-2b"),
                        subnet("10.1.5.0/24", "us-west-2c"),
                    ],
                });
            }),
        ),
        (
            "security_group",
            plain_with(&|model| {
                let rule = |cidr: &str, from_port, to_port| SecurityGroupRule {
                    cidr: cidr.to_owned(),
                    protocol: "tcp".to_owned(),
                    from_port,
                    to_port,
                };
                model.security_group = SecurityGroupRules {
                    ingress: vec![rule("10.0.0.0/8", 80, 80), rule("2001:db8::/32", 8000, 9000)],
                    egress: vec![rule("0.0.0.0/0", 0, 65535)],
                };
            }),
        ),
        ("domain", rendered(&plain(), &domain, &Options::default())),
        ("domain_and_cdn", {
            let mut model = plain();
            model.cdn = cdn(None);
            rendered(&model, &domain, &Options::default())
        }),
        ("permissions_boundary", {
            let mut model = plain();
            model.flow_logs = Some(14);
            rendered(&model, &bounded, &Options::default())
        }),
        ("addons", rendered(&plain(), &addons, &options)),
        ("nothing_known", rendered(&plain(), &unknown, &Options::default())),
    ]
}

/// The lines that `new` has and `old` has not, and the other way round, with the nearest key above each place.
fn difference(old: &str, new: &str) -> String {
    similar::TextDiff::from_lines(old, new).unified_diff().context_radius(1).to_string()
}

fn described(stack: &Stack) -> String {
    format!("{}{}\n", stack.template_yaml(), stack.parameters_json())
}

/// Snapshots stand below `golden/environment` and do not change with wharf's version.
fn settings() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden/environment");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"(Version|Value): v[0-9.]+", "$1: [version]");
    settings
}

#[test]
fn environments_render_as_before() {
    settings().bind(|| {
        let all = environments();
        let (_, first) = &all[0];
        insta::assert_snapshot!("plain", described(first));
        for (name, stack) in &all[1..] {
            insta::assert_snapshot!(*name, difference(&described(first), &described(stack)));
        }
    });
}

fn app() -> wharf::facts::App {
    let mut app = facts().app;
    app.tags.insert("team".to_owned(), "platform".to_owned());
    app
}

fn domain() -> Domain {
    Domain {
        name: "example.com".to_owned(),
        hosted_zone_id: "Z0123456789ABCDEFGHIJ".to_owned(),
        accounts: vec!["444455556666".to_owned(), "111122223333".to_owned()],
    }
}

/// Stacks of the application, and the one an environment begins with.
fn applications() -> Vec<(&'static str, Stack)> {
    let mut bounded = app();
    bounded.permissions_boundary = "bounds".to_owned();
    let mut bounded_facts = facts();
    bounded_facts.app = bounded.clone();
    let state = StackSetState::default()
        .with_account("444455556666")
        .with_workload(&WorkloadName::new("front-end").unwrap(), true)
        .with_workload(&WorkloadName::new("site").unwrap(), false)
        .with_workload(&WorkloadName::new("api").unwrap(), true);
    vec![
        ("bootstrap", bootstrap(&facts()).unwrap()),
        ("bootstrap_bounded", bootstrap(&bounded_facts).unwrap()),
        ("roles", app::roles(&app(), None, None).unwrap()),
        ("roles_with_domain", app::roles(&bounded, Some(&domain()), None).unwrap()),
        ("infrastructure_empty", infrastructure(&app(), &StackSetState::default()).unwrap()),
        ("infrastructure", infrastructure(&app(), &state).unwrap()),
    ]
}

#[test]
fn boundary_tags_and_version_are_carried() {
    let mut facts = facts();
    carried::asked(&mut facts.app);
    let mut model = plain();
    model.flow_logs = Some(14);
    let options = Options::default();
    for model in [plain(), model] {
        let stack = rendered(&model, &facts, &options);
        assert!(carried::check("environment", &stack, "Version") >= 2);
    }
    let state = StackSetState::default().with_workload(&WorkloadName::new("api").unwrap(), true);
    let roles = app::roles(&facts.app, Some(&domain()), None).unwrap();
    assert_eq!(carried::check("roles", &roles, "TemplateVersion"), 3);
    let set = infrastructure(&facts.app, &state).unwrap();
    assert_eq!(carried::check("infrastructure", &set, "TemplateVersion"), 0);
    // An environment that was begun and not deployed says so instead of a version, as Copilot's does: whoever is next deploys it.
    let begun = bootstrap(&facts).unwrap();
    assert_eq!(begun.template["Metadata"]["Version"], "bootstrap");
    assert_eq!(begun.tags["team"], "storefront");
    let roles = begun.template["Resources"].as_object().unwrap();
    assert!(roles.values().all(|role| role["Properties"]["PermissionsBoundary"].is_object()), "{roles:?}");
}

#[test]
fn applications_render_as_before() {
    let all = applications();
    let text = |name: &str| described(&all.iter().find(|(known, _)| *known == name).unwrap().1);
    let mut settings = settings();
    settings.set_snapshot_path("golden/app");
    settings.bind(|| {
        for name in ["bootstrap", "roles", "infrastructure"] {
            insta::assert_snapshot!(name, text(name));
        }
        for (old, new) in [
            ("bootstrap", "bootstrap_bounded"),
            ("roles", "roles_with_domain"),
            ("infrastructure", "infrastructure_empty"),
        ] {
            insta::assert_snapshot!(new, difference(&text(old), &text(new)));
        }
    });
}

#[test]
fn the_linter_is_content() {
    let all = environments().into_iter().chain(applications());
    lint::lint(all.map(|(name, stack)| (name, stack.template_yaml())));
}

/// A value as IAM gets it, with names and places of the given length.
fn resolved(value: &Value, names: usize) -> Value {
    let name = "n".repeat(names);
    match value {
        Value::Object(map) => {
            if let Some(text) = map.get("Fn::Sub").and_then(Value::as_str) {
                let text = ["AppName", "EnvironmentName"]
                    .iter()
                    .fold(text.to_owned(), |text, part| text.replace(&format!("${{{part}}}"), &name));
                let stack = text.replace("${AWS::StackName}", &format!("{name}-{name}"));
                let account = stack.replace("${AWS::AccountId}", "444455556666");
                let region = account.replace("${AWS::Region}", "ap-southeast-1");
                return Value::from(region.replace("${AWS::Partition}", "aws"));
            }
            if let Some(choice) = map.get("Fn::If") {
                return resolved(&choice[1], names);
            }
            if map.contains_key("Ref") {
                return Value::from(name);
            }
            map.iter().map(|(key, item)| (key.clone(), resolved(item, names))).collect()
        }
        Value::Array(items) => items.iter().map(|item| resolved(item, names)).collect(),
        other => other.clone(),
    }
}

#[test]
fn roles_stay_within_what_iam_takes() {
    let mut facts = facts();
    facts.app.domain = "example.com".to_owned();
    let mut model = plain();
    model.private.certificates = vec![certificate("us-west-2", &format!("{:036}", 1)); 4];
    model.public.access_logs = Some(AccessLogs::default());
    let stack = rendered(&model, &facts, &Options::default());
    let policies = &stack.template["Resources"]["EnvironmentManagerRole"]["Properties"]["Policies"];
    // IAM counts the characters of all inline policies of a role, white space apart, and takes 10,240.
    let size = resolved(policies, 40).to_string().chars().filter(|c| !c.is_whitespace()).count();
    assert!(size <= 10_240, "{size} characters");
}

#[test]
fn roles_begin_with_their_deletion_policy() {
    let (_, plain) = environments().swap_remove(0);
    for stack in [plain, bootstrap(&facts()).unwrap()] {
        let text = stack.template_yaml();
        for role in ["CloudformationExecutionRole", "EnvironmentManagerRole"] {
            assert!(text.contains(&format!("  {role}:\n    DeletionPolicy: Retain\n")), "{text}");
        }
    }
}

#[test]
fn what_is_deployed_is_carried_over() {
    let mut facts = facts();
    facts.app.domain = "example.com".to_owned();
    let old = [
        ("ALBWorkloads", "web,api"),
        ("Aliases", r#"{"web": ["www.example.com"]}"#),
        ("ServiceDiscoveryEndpoint", "demo.local"),
        ("PublicCertificateARN", "arn:aws:acm:us-west-2:444455556666:certificate/old"),
        ("CreateHTTPSListener", "false"),
    ];
    facts.parameters = old.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let features = Features::from_parameters(&facts.parameters);
    let at =
        |options: &Options| environment(&plain(), &facts, MANIFEST, &features, options).unwrap().parameters;
    let parameters = at(&Options::default());
    for (name, value) in &old[..4] {
        assert_eq!(parameters[*name], *value);
    }
    assert_eq!(parameters["CreateHTTPSListener"], "true");
    let new = certificate("us-west-2", "new");
    let options = Options { public_certificate: Some(new.clone()), ..Options::default() };
    assert_eq!(at(&options)["PublicCertificateARN"], new);
}

/// What every template must have: a parameter for each value and a value for each parameter without default.
#[test]
fn parameters_fit_the_template() {
    for (name, stack) in environments().into_iter().chain(applications()) {
        let Some(declared) = stack.template["Parameters"].as_object() else {
            assert!(stack.parameters.is_empty(), "{name}");
            continue;
        };
        for parameter in stack.parameters.keys() {
            assert!(declared.contains_key(parameter), "{name}: {parameter} is passed and not declared");
        }
        for (parameter, declaration) in declared {
            let given = stack.parameters.contains_key(parameter) || declaration.get("Default").is_some();
            assert!(given, "{name}: {parameter} is declared and not passed");
        }
    }
}

#[test]
fn nothing_in_them_is_a_function_or_a_custom_resource() {
    for (name, stack) in environments().into_iter().chain(applications()) {
        for (id, resource) in stack.template["Resources"].as_object().unwrap() {
            let kind = resource["Type"].as_str().unwrap();
            assert!(!kind.starts_with("AWS::Lambda::") && !kind.starts_with("Custom::"), "{name}: {id}");
            assert_ne!(kind, "AWS::CloudFormation::CustomResource", "{name}: {id}");
        }
    }
}

/// Texts that mean something to YAML, JSON, the template engine or CloudFormation.
fn evil() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        prop::sample::select(vec![
            "",
            "yes",
            "012",
            "~",
            "null",
            "{{ force_id }}",
            "{% if %}",
            "{# x #}",
            "${AppName}",
            "${Nothing}",
            "!Ref VPC",
            "- a",
            "a: b",
            " #",
            "\"",
            "'",
            "\\",
            "a\nResources:\n  Evil:\n    Type: AWS::IAM::User\n",
            "\u{85}",
            "\u{2028}",
            "\u{0}",
        ])
        .prop_map(str::to_owned),
    ]
}

/// An environment with a text wherever one can stand.
fn filled(text: &str) -> (Environment, Facts, Options) {
    let text = text.to_owned();
    let subnet = || Subnet { cidr: text.clone(), az: Some(text.clone()) };
    let rule = || SecurityGroupRule { cidr: text.clone(), protocol: text.clone(), from_port: 1, to_port: 2 };
    let model = Environment {
        name: EnvName::new("test").unwrap(),
        vpc: Vpc::Managed(ManagedVpc {
            cidr: text.clone(),
            public: vec![subnet(), subnet()],
            private: vec![subnet(), subnet()],
        }),
        security_group: SecurityGroupRules { ingress: vec![rule()], egress: vec![rule()] },
        flow_logs: Some(14),
        cdn: Some(Cdn {
            certificate: Some(text.clone()),
            terminate_tls: false,
            static_assets: Some(StaticAssets {
                alias: text.clone(),
                location: text.clone(),
                path: text.clone(),
            }),
        }),
        public: PublicHttp {
            certificates: vec![text.clone(), text.clone()],
            access_logs: Some(AccessLogs { bucket: None, prefix: Some(text.clone()) }),
            ingress_cdn: false,
            source_ips: vec![text.clone()],
            ssl_policy: Some(text.clone()),
        },
        private: PrivateHttp {
            certificates: vec![text.clone(), text.clone()],
            subnets: vec![text.clone()],
            ingress_vpc: true,
            ssl_policy: Some(text.clone()),
        },
        container_insights: true,
    };
    let mut facts = facts();
    facts.app.permissions_boundary = text.clone();
    facts.app.domain = text.clone();
    facts.artifacts.bucket = text.clone();
    facts.artifacts.kms_key_arn = text.clone();
    facts.addons_url = text.clone();
    let options = Options { force_id: text, ..Options::default() };
    (model, facts, options)
}

fn keys(value: &Value, path: &str, out: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            for (key, item) in map {
                out.push(format!("{path}/{key}"));
                keys(item, &format!("{path}/{key}"), out);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                keys(item, &format!("{path}/{at}"), out);
            }
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_leaves_its_place(text in evil()) {
        // A text that is empty, or holds a colon, asks for another property on purpose.
        let text = format!("Zq{}", text.replace(':', ";"));
        let keys_with = |text: &str| {
            let (model, facts, options) = filled(text);
            let stack = environment(&model, &facts, text, &Features::default(), &options).unwrap();
            let written = wharf::yaml::template::parse(&stack.template_yaml()).unwrap();
            assert_eq!(written, stack.template);
            let mut found = vec![];
            keys(&stack.template, "", &mut found);
            (found, stack)
        };
        let ((with, stack), (without, _)) = (keys_with(&text), keys_with("harmless"));
        prop_assert_eq!(with, without);
        // Nor is it read by `Fn::Sub`.
        let subs = subs(&stack.template);
        prop_assert!(subs.iter().all(|sub| !sub.contains("Zq")), "{:?}", subs);
        prop_assert_eq!(&stack.template["Metadata"]["Manifest"], &json!(text));
    }
}

fn subs(value: &Value) -> Vec<String> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, item)| match item.as_str() {
                Some(text) if key == "Fn::Sub" => vec![text.to_owned()],
                _ => subs(item),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(subs).collect(),
        _ => vec![],
    }
}
