//! Manifests: the maximal ones read without a warning and name every field, each invalid one has its golden error.
//!
//! `WHARF_BLESS=1 cargo test --test manifests` writes the golden errors anew.

#![expect(clippy::unwrap_used, reason = "a broken fixture should stop the test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use wharf::diagnostic::{Diagnostics, Source};
use wharf::manifest::{catalogue, document, request_driven, scaffold, service, site};
use wharf::model;
use wharf::model::workload::Workload;
use wharf::name::{AppName, EnvName};
use wharf::ui::diagnostic::draw;
use wharf::yaml::node::{self, Node, Value};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn source(path: &Path) -> Source {
    let shown = path.strip_prefix(root()).unwrap().display().to_string();
    Source { path: shown, text: fs::read_to_string(path).unwrap().replace("\r\n", "\n") }
}

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "yml"));
    files.sort();
    assert!(!files.is_empty(), "{folder} is empty");
    files
}

fn names(env: &str) -> (AppName, EnvName) {
    (AppName::new("my-app").unwrap(), EnvName::new(env).unwrap())
}

/// The variables of the process in these tests.
fn lookup(name: &str) -> Option<String> {
    (name == "TAG").then(|| "v1".to_owned())
}

/// Files of environments are called so.
fn is_environment(source: &Source) -> bool {
    source.path.rsplit('/').next().is_some_and(|name| name.starts_with("environment"))
}

/// Files of pipelines are called so.
fn is_pipeline(source: &Source) -> bool {
    source.path.rsplit('/').next().is_some_and(|name| name.starts_with("pipeline"))
}

/// Where a pipeline's commands are when nothing is said.
const BUILDSPEC: &str = "wharf/pipelines/main/buildspec.yml";

/// Reads a manifest of any type.
fn read(source: &Source, env: &str) -> (bool, Diagnostics) {
    let (app, env) = names(env);
    if is_pipeline(source) {
        let (read, out) = model::pipeline::read(source, &app, BUILDSPEC);
        return (read.is_some(), out);
    }
    if is_environment(source) {
        // An environment's manifest is read for no other.
        let named = source.text.lines().find_map(|line| line.strip_prefix("name: "));
        let env = named.and_then(|name| EnvName::new(name.trim()).ok()).unwrap_or(env);
        let (read, out) = model::environment::read(source, &app, &env, &lookup);
        return (read.is_some(), out);
    }
    let (read, out) = model::workload::read(source, &app, &env, &lookup);
    (read.is_some(), out)
}

/// Every path of keys in a tree, as shapes write them.
fn keys(node: &Node, known: &BTreeSet<String>, at: &str, out: &mut BTreeSet<String>) {
    match &node.value {
        Value::Sequence(items) => {
            for item in items {
                keys(item, known, &format!("{at}[]"), out);
            }
        }
        Value::Mapping(pairs) => {
            for (key, value) in pairs {
                let key = key.as_str().unwrap();
                let own = if at.is_empty() { key.to_owned() } else { format!("{at}.{key}") };
                let path = if known.contains(&own) { own } else { format!("{at}.<key>") };
                out.insert(path.clone());
                keys(value, known, &path, out);
            }
        }
        Value::Scalar(..) => {}
    }
}

/// Fields of `known` that the manifest at `path` does not show.
fn not_shown(path: &str, known: Vec<String>) -> Vec<String> {
    let known: BTreeSet<String> = known.into_iter().collect();
    let mut shown = BTreeSet::new();
    let source = source(&root().join(path));
    keys(&node::parse(&source.text).unwrap(), &known, "", &mut shown);
    known.difference(&shown).cloned().collect()
}

#[test]
fn maximal_manifests_read_without_a_warning() {
    for path in files("manifests") {
        let source = source(&path);
        for env in ["test", "prod"] {
            let (read, out) = read(&source, env);
            assert!(read && out.is_empty(), "{}", draw(&source, out.items(), false));
        }
    }
}

/// Fields that the maximal manifest of a type can't show beside others: a path, or with `.` behind it all below.
const NOT_SHOWN: &[(&str, &[&str])] = &[
    ("load-balanced-web-service", FRAMED),
    ("backend-service", &["http.alb"]),
    // The queue of all topics is no FIFO queue there: the topic without a queue of its own is none.
    ("worker-service", &["subscribe.queue.fifo."]),
    ("request-driven-web-service", &["image.location"]),
    // An existing VPC excludes one that is made; `security_groups` is the older spelling of `ingress`.
    // A token and a connection exclude each other.
    ("pipeline", &["source.properties.access_token_secret"]),
    (
        "environment",
        &[
            "http.private.subnets",
            "http.private.security_groups",
            "http.private.security_groups.",
            "http.public.security_groups",
            "http.public.security_groups.",
            "network.vpc.id",
            "network.vpc.subnets.private[].id",
            "network.vpc.subnets.public[].id",
        ],
    ),
];

/// The same for all services: `grace_period` belongs to the main rule only, host names of a network load balancer have no
/// hosted zone, an image is either built or there, tasks roll or stand beside each other.
const FRAMED: &[&str] = &[
    "http.additional_rules[].healthcheck.grace_period",
    "image.location",
    "nlb.additional_listeners[].healthcheck.grace_period",
    "nlb.alias[].hosted_zone",
    "nlb.healthcheck.grace_period",
    "count.spot",
    "deployment.strategy",
    "deployment.bake_time",
    "deployment.canary",
    "deployment.canary.",
    "deployment.linear",
    "deployment.linear.",
    "network.vpc.security_groups[].from_cfn",
];

#[test]
fn maximal_manifests_show_every_field() {
    for document in catalogue::DOCUMENTS {
        let own =
            NOT_SHOWN.iter().find(|(slug, _)| *slug == document.slug).map_or(&[][..], |(_, paths)| paths);
        let excepted = |path: &String| {
            let mut exceptions = own.iter().chain(FRAMED);
            exceptions.any(|exception| {
                path == exception || (exception.ends_with('.') && path.starts_with(exception))
            })
        };
        let mut missing = not_shown(&format!("manifests/{}.yml", document.slug), document.paths());
        missing.retain(|path| !excepted(path));
        assert_eq!(missing, [""; 0], "{}", document.name);
        // An exception that is none any more is a mistake.
        let paths = document.paths();
        for exception in own {
            assert!(paths.iter().any(|path| path.starts_with(exception)), "{}: {exception}", document.name);
        }
    }
    // Every maximal manifest belongs to a type.
    for path in files("manifests") {
        let slug = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(catalogue::find(&slug).is_some(), "{slug} is not in the catalogue");
    }
}

#[test]
fn scaffolded_pipelines_read_back() {
    let plain = scaffold::pipeline::Pipeline {
        app: "my-app".parse().unwrap(),
        name: "shop-main".parse().unwrap(),
        kind: scaffold::pipeline::Kind::Workloads,
        branch: "main".to_owned(),
        environments: vec!["test".parse().unwrap(), "on".parse().unwrap()],
    };
    let connected = scaffold::pipeline::Source {
        provider: "GitHub",
        repository: "https://github.com/acme/shop".to_owned(),
        secret: None,
        connected: true,
    };
    let token = scaffold::pipeline::Source {
        provider: "GitHubV1",
        secret: Some("github-token-my-app-shop".to_owned()),
        ..connected.clone()
    };
    let environments =
        scaffold::pipeline::Pipeline { kind: scaffold::pipeline::Kind::Environments, ..plain.clone() };
    insta::assert_snapshot!("scaffold-pipeline", scaffold::pipeline::manifest(&plain, &connected));
    insta::assert_snapshot!(
        "scaffold-pipeline-environments",
        scaffold::pipeline::manifest(&environments, &token)
    );
    insta::assert_snapshot!("scaffold-buildspec", scaffold::pipeline::buildspec(&plain));
    insta::assert_snapshot!("scaffold-buildspec-environments", scaffold::pipeline::buildspec(&environments));
    insta::assert_snapshot!("scaffold-github", scaffold::pipeline::github(&plain, "eu-west-1"));
    insta::assert_snapshot!("scaffold-gitlab", scaffold::pipeline::gitlab(&plain, "eu-west-1"));
    for (pipeline, source) in [(&plain, &connected), (&environments, &token)] {
        reads_without_warning("pipeline.yml", scaffold::pipeline::manifest(pipeline, source));
        for text in [
            scaffold::pipeline::buildspec(pipeline),
            scaffold::pipeline::github(pipeline, "eu-west-1"),
            scaffold::pipeline::gitlab(pipeline, "eu-west-1"),
        ] {
            assert!(node::parse(&text).is_ok(), "{text}");
        }
    }
}

#[test]
fn valid_manifests_mean_what_they_say() {
    for path in [files("tests/manifests/valid"), files("manifests")].concat() {
        let source = source(&path);
        for env in ["test", "prod"] {
            let (app, env) = names(env);
            let name = format!("{}-{env}", path.file_stem().unwrap().to_string_lossy());
            if is_pipeline(&source) {
                let (read, out) = model::pipeline::read(&source, &app, BUILDSPEC);
                assert!(!out.has_errors(), "{}", draw(&source, out.items(), false));
                insta::assert_debug_snapshot!("pipeline", read.unwrap().model);
            } else if is_environment(&source) {
                let (read, out) = model::environment::read(&source, &app, &env, &lookup);
                assert!(!out.has_errors(), "{}", draw(&source, out.items(), false));
                insta::assert_debug_snapshot!(name, read.unwrap().model);
            } else {
                let (read, out) = model::workload::read(&source, &app, &env, &lookup);
                assert!(!out.has_errors(), "{}", draw(&source, out.items(), false));
                match read.unwrap().model {
                    Workload::Container(service) => insta::assert_debug_snapshot!(name, service),
                    Workload::StaticSite(site) => insta::assert_debug_snapshot!(name, site),
                    Workload::RequestDriven(service) => insta::assert_debug_snapshot!(name, service),
                }
            }
        }
    }
}

#[test]
fn line_ends_do_not_matter() {
    let (app, env) = names("test");
    for path in files("manifests")
        .into_iter()
        .filter(|path| !is_environment(&source(path)) && !is_pipeline(&source(path)))
    {
        let unix = source(&path);
        let text = format!("---\r\n{}", unix.text.trim_end().replace('\n', "\r\n"));
        let windows = Source { path: unix.path.clone(), text };
        let model = |source: &Source| model::workload::read(source, &app, &env, &lookup).0.unwrap().model;
        assert_eq!(model(&unix), model(&windows));
    }
}

#[test]
fn the_fields_are_those_of_the_snapshot() {
    for document in catalogue::DOCUMENTS {
        insta::assert_snapshot!(format!("fields-{}", document.slug), document.paths().join("\n"));
    }
}

#[test]
fn invalid_manifests_have_golden_errors() {
    let bless = std::env::var_os("WHARF_BLESS").is_some();
    let mut wrong = vec![];
    for path in files("tests/manifests/invalid") {
        let source = source(&path);
        let (_, out) = read(&source, "test");
        let drawn = draw(&source, out.items(), false);
        assert!(!out.is_empty(), "{} is valid", source.path);
        let golden = path.with_extension("err");
        if bless {
            fs::write(&golden, &drawn).unwrap();
        }
        let want = fs::read_to_string(&golden).unwrap_or_default();
        if want != drawn {
            wrong.push(format!("{}:\n--- want\n{want}\n--- got\n{drawn}", source.path));
        }
    }
    assert!(wrong.is_empty(), "WHARF_BLESS=1 writes them anew\n{}", wrong.join("\n"));
}

/// What a service says of `count`, `exec`, `variables.A` and `command`, or the rules that it breaks.
fn said(more: &str) -> String {
    let text = format!("name: shop\ntype: Backend Service\nimage:\n  location: nginx\n  port: 80\n{more}");
    let (app, env) = names("test");
    let variables = |name: &str| match name {
        "TAG" => Some("v1".to_owned()),
        "LIST" => Some(r#"["a", "b"]"#.to_owned()),
        _ => None,
    };
    let source = Source { path: "manifest.yml".to_owned(), text };
    let (read, out) = model::service::read(&source, &app, &env, &variables);
    let rules: Vec<&str> = out.items().iter().map(|item| item.rule).collect();
    match read {
        Some(read) if rules.is_empty() => {
            let model = read.model;
            let a = model.main.variables.get("A").map(|value| format!("{value:?}")).unwrap_or_default();
            format!("{:?} {} {a} {:?}", model.count, model.exec, model.main.command)
        }
        _ => rules.join(" "),
    }
}

/// How Copilot's documents are read, one rule a row: two ways to write the same, or what is said against it.
#[test]
fn documents_are_read_as_they_are_written() {
    for (rule, one, other) in [
        ("YAML 1.1 booleans", "exec: on", "exec: true"),
        ("booleans in quotes", "exec: 'yes'", "exec: true"),
        ("a map that says off", "exec: {enable: no}", "exec: false"),
        ("any scalar is a text", "variables: {A: 1.0}", "variables: {A: '1.0'}"),
        ("words of YAML stay texts", "variables: {A: True}", "variables: {A: 'True'}"),
        ("null is the empty text of a variable", "variables: {A: ~}", "variables: {A: ''}"),
        ("null is not set", "count: ~", ""),
        ("a null section", "environments: {test: }", ""),
        ("a null block of sections", "environments:", ""),
        ("a section covers", "count: 3\nenvironments: {test: {count: 2}}", "count: 2"),
        ("a section with false", "exec: true\nenvironments: {test: {exec: off}}", "exec: false"),
        ("a section with 0", "count: 3\nenvironments: {test: {count: 0}}", "count: 0"),
        (
            "of two forms the covering one stands alone",
            "count: {range: 1-3, cpu_percentage: 50}\nenvironments: {test: {count: 2}}",
            "count: 2",
        ),
        (
            "forms within a block exclude each other",
            "count: {range: 1-3, cpu_percentage: 50}\nenvironments: {test: {count: {spot: 2}}}",
            "count: {spot: 2}",
        ),
        (
            "a range in both forms",
            "count: {range: {min: 1, max: 3}, cpu_percentage: 50}",
            "count: {range: 1-3, cpu_percentage: 50}",
        ),
        (
            "a target in both forms",
            "count: {range: 1-3, cpu_percentage: {value: 50}}",
            "count: {range: 1-3, cpu_percentage: 50}",
        ),
        (
            "durations",
            "count: {range: 1-3, cpu_percentage: 50, cooldown: {in: 1m30s}}",
            "count: {range: 1-3, cpu_percentage: 50, cooldown: {in: 90s}}",
        ),
        (
            "a duration has a unit",
            "count: {range: 1-3, cpu_percentage: 50, cooldown: {in: 90}}",
            "manifest/type",
        ),
        ("anchors", "x-a: &a {A: 1}\nvariables: *a", "variables: {A: 1}"),
        ("merge keys", "x-a: &a {A: 1, B: 2}\nvariables: {<<: *a, B: 3}", "variables: {A: 1, B: 3}"),
        ("a merge key gives way", "x-a: &a {A: 1}\nvariables: {A: 2, <<: *a}", "variables: {A: 2}"),
        ("numbers in hexadecimal and with _", "count: 0x2", "count: 2"),
        ("a quoted number is none", "count: '2'", "manifest/type"),
        ("a key that stands twice", "count: 1\ncount: 2", "yaml/syntax"),
        ("tabs do not indent", "variables:\n\tA: 1", "yaml/syntax"),
        ("tabs may stand behind values", "variables:\n  A: 1\t# why", "variables: {A: 1}"),
        ("two documents", "count: 1\n---\ncount: 2", "yaml/syntax"),
        ("CRLF", "variables:\r\n  A: 1\r\n", "variables: {A: 1}"),
        ("names", "variables: {A: '${TAG}'}", "variables: {A: v1}"),
        ("names within texts", "variables:\n  A: x-${TAG}-y", "variables: {A: x-v1-y}"),
        ("a name that is kept", "variables: {A: '\\${TAG}'}", "variables: {A: $TAG_}"),
        ("no name", "variables: {A: '$TAG ${TAG:-x}'}", "variables: {A: '$TAG ${TAG:-x}'}"),
        ("a list in JSON", "command: ${LIST}", "command: [a, b]"),
        (
            "a list in JSON where a text is meant",
            "variables: {A: '${LIST}'}",
            "variables: {A: '[\"a\", \"b\"]'}",
        ),
        ("a name that is not set", "variables: {A: '${NOPE}'}", "manifest/undefined-variable"),
        (
            "a name that is not set in another section",
            "environments: {prod: {variables: {A: '${NOPE}'}}}",
            "manifest/undefined-variable",
        ),
        ("a command in both forms", "command: echo 'a b'", "command: [echo, a b]"),
        (
            "what is wrong in a map is said there",
            "count: {range: 1-3, cpu_percentage: many}",
            "manifest/type",
        ),
        ("unknown keys", "deployments: {}", "manifest/unknown-key"),
    ] {
        let want = if other.contains(": ") || other.is_empty() { said(other) } else { other.to_owned() };
        // Two texts can't hold the same name, once kept and once replaced.
        let want = want.replace("$TAG_", "${TAG}");
        assert_eq!(said(one), want, "{rule}");
        assert!(!want.contains('/') || !other.contains(": "), "{rule}: {want}");
    }
    let text = "---\nname: shop\ntype: Backend Service\nimage: {location: nginx}";
    let source = Source { path: "manifest.yml".to_owned(), text: text.to_owned() };
    let (app, env) = names("test");
    assert!(model::service::read(&source, &app, &env, &lookup).1.is_empty(), "`---`, no final newline");
}

/// `on` is a key, not a boolean.
#[test]
fn on_is_a_key() {
    let root = node::parse("on:\n  schedule: '@daily'\nyes: no\n").unwrap();
    assert_eq!(root.get("on").unwrap().get("schedule").unwrap().as_str(), Some("@daily"));
    assert_eq!(root.get("yes").unwrap().as_str(), Some("no"));
}

fn new_service(path: &str, image: scaffold::Image, platform: Option<&str>) -> scaffold::Service {
    scaffold::Service {
        name: "shop".parse().unwrap(),
        image,
        port: Some(50051),
        path: path.to_owned(),
        platform: platform.map(str::to_owned),
        health_check: Some(scaffold::HealthCheck {
            command: vec!["CMD-SHELL".to_owned(), "curl -f \"http://localhost:80\" || exit 1".to_owned()],
            interval: 10,
            retries: 2,
            timeout: 5,
            start_period: 0,
        }),
        topics: vec![],
        private_environments: vec!["test".parse().unwrap(), "on".parse().unwrap()],
        private: false,
    }
}

fn reads_without_warning(path: &str, text: String) {
    let source = Source { path: path.to_owned(), text };
    let (read, out) = read(&source, "test");
    assert!(read && out.is_empty(), "{}\n{}", source.text, draw(&source, out.items(), false));
}

#[test]
fn scaffolded_services_read_back() {
    let dockerfile = |path: &str| scaffold::Image::Dockerfile(path.to_owned());
    let arm = new_service("/", dockerfile("./shop/Dockerfile"), Some("linux/arm64"));
    insta::assert_snapshot!("scaffold-load-balanced-web-service", scaffold::load_balanced_web_service(&arm));
    insta::assert_snapshot!("scaffold-backend-service", scaffold::backend_service(&arm));
    let topic = |text: &str| text.parse::<scaffold::Topic>().unwrap();
    let worker =
        scaffold::Service { topics: vec![topic("shop:paid.fifo"), topic("shop:seen")], ..arm.clone() };
    insta::assert_snapshot!(
        "scaffold-request-driven-web-service",
        scaffold::request_driven_web_service(&arm)
    );
    let inside = scaffold::Service { private: true, ..arm.clone() };
    insta::assert_snapshot!(
        "scaffold-request-driven-web-service-private",
        scaffold::request_driven_web_service(&inside)
    );
    insta::assert_snapshot!("scaffold-worker-service", scaffold::worker_service(&worker));
    insta::assert_snapshot!("scaffold-worker-service-plain", scaffold::worker_service(&arm));
    assert!("shop".parse::<scaffold::Topic>().is_err() && "shop:a b".parse::<scaffold::Topic>().is_err());
    let plain =
        scaffold::Service { port: None, private_environments: vec![], health_check: None, ..arm.clone() };
    insta::assert_snapshot!("scaffold-backend-service-plain", scaffold::backend_service(&plain));
    let windows = new_service("shop", dockerfile("Dockerfile"), Some("windows/x86_64"));
    let located = new_service("/", scaffold::Image::Location("nginx:1.27".to_owned()), None);
    let trigger = |timeout: Option<&str>, retries| scaffold::Trigger {
        schedule: "0 9 * * 1-5".to_owned(),
        timeout: timeout.map(str::to_owned),
        retries,
    };
    insta::assert_snapshot!(
        "scaffold-scheduled-job",
        scaffold::scheduled_job(&arm, &trigger(Some("90m"), 2))
    );
    insta::assert_snapshot!(
        "scaffold-scheduled-job-plain",
        scaffold::scheduled_job(&plain, &trigger(None, 0))
    );
    for service in [arm, inside, worker, plain, windows, located] {
        reads_without_warning("shop.yml", scaffold::scheduled_job(&service, &trigger(None, 0)));
        reads_without_warning("shop.yml", scaffold::scheduled_job(&service, &trigger(Some("1h"), 3)));
        reads_without_warning("shop.yml", scaffold::load_balanced_web_service(&service));
        reads_without_warning("shop.yml", scaffold::backend_service(&service));
        reads_without_warning("shop.yml", scaffold::worker_service(&service));
        if !matches!(&service.image, scaffold::Image::Location(address) if !address.contains("ecr")) {
            reads_without_warning("shop.yml", scaffold::request_driven_web_service(&service));
        }
    }
}

#[test]
fn scaffolded_sites_read_back() {
    let site = |sources: &[&str]| {
        let sources: Vec<String> = sources.iter().map(|source| (*source).to_owned()).collect();
        scaffold::static_site(&"docs".parse().unwrap(), &sources, "copilot")
    };
    insta::assert_snapshot!("scaffold-static-site", site(&["docs/build/", "docs/imprint.html"]));
    insta::assert_snapshot!("scaffold-static-site-all", site(&[]));
    for sources in [&["dist/"][..], &["a: b/", "- c", "/"], &[]] {
        reads_without_warning("docs.yml", site(sources));
    }
}

#[test]
fn scaffolded_environments_read_back() {
    let plain = scaffold::Environment {
        name: "test".parse().unwrap(),
        network: scaffold::Network::Default,
        public_certificates: vec![],
        private_certificates: vec![],
        private_subnets: vec![],
        allow_vpc_ingress: false,
        container_insights: false,
    };
    let subnet = |n: u8, az: &str| (format!("10.1.{n}.0/24"), Some(az.to_owned()));
    let managed = scaffold::Environment {
        network: scaffold::Network::Managed {
            cidr: "10.1.0.0/16".to_owned(),
            public: vec![subnet(0, "eu-west-1a"), subnet(1, "eu-west-1b")],
            private: vec![subnet(2, "eu-west-1a"), subnet(3, "eu-west-1b")],
        },
        public_certificates: vec!["arn:aws:acm:eu-west-1:111122223333:certificate/1".to_owned()],
        allow_vpc_ingress: true,
        ..plain.clone()
    };
    let ids = |from: u8| vec![format!("subnet-{from}"), format!("subnet-{}", from + 1)];
    let imported = scaffold::Environment {
        network: scaffold::Network::Imported { id: "vpc-1".to_owned(), public: ids(1), private: ids(3) },
        private_subnets: ids(3),
        container_insights: true,
        ..plain.clone()
    };
    insta::assert_snapshot!("scaffold-environment", scaffold::environment(&plain));
    insta::assert_snapshot!("scaffold-environment-managed", scaffold::environment(&managed));
    insta::assert_snapshot!("scaffold-environment-imported", scaffold::environment(&imported));
    for environment in [plain, managed, imported] {
        reads_without_warning("environment.yml", scaffold::environment(&environment));
    }
}

/// Texts that look like manifests, from pieces of the maximal ones.
fn pieces() -> impl Strategy<Value = String> {
    let words: Vec<String> = files("manifests")
        .iter()
        .flat_map(|path| source(path).text.lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| !line.trim_start().starts_with('#') && !line.is_empty())
        .collect();
    let line = prop_oneof![
        6 => prop::sample::select(words),
        1 => "[ -~]{0,20}",
        1 => Just("    - [1, {a: ${X}}]".to_owned()),
    ];
    prop::collection::vec(line, 0..25)
        .prop_map(|lines| format!("name: shop\ntype: Load Balanced Web Service\n{}\n", lines.join("\n")))
}

/// The maximal manifest of any type of workload with some scalars replaced.
fn of_any_type() -> impl Strategy<Value = String> {
    let workloads =
        catalogue::DOCUMENTS.iter().filter(|document| document.frame == catalogue::Frame::Workload);
    let each: Vec<_> = workloads.map(|document| changed(document.example).boxed()).collect();
    prop::strategy::Union::new(each)
}

/// The maximal manifest with some scalars replaced.
fn mutated() -> impl Strategy<Value = String> {
    changed(&source(&root().join("manifests/load-balanced-web-service.yml")).text)
}

/// A manifest with some scalars replaced.
fn changed(text: &str) -> impl Strategy<Value = String> + use<> {
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let value = prop::sample::select(vec![
        "",
        "0",
        "-1",
        "1",
        "99999999999999999999",
        "yes",
        "[]",
        "{}",
        "[a, b]",
        "{a: b}",
        "''",
        "10s",
        "a/b",
        "~",
        "0x10",
        "1.5",
        "\"ä\"",
        "65536",
        "true",
        "/",
        "443/udp",
    ]);
    prop::collection::vec((0..lines.len(), value), 1..6).prop_map(move |changes| {
        let mut lines = lines.clone();
        for (at, value) in changes {
            if let Some((key, _)) = lines[at].clone().split_once(": ") {
                lines[at] = format!("{key}: {value}");
            }
        }
        lines.join("\n")
    })
}

/// What a text says of a workload, when it decodes.
fn decoded<T: document::Body>(text: &str) -> Option<T> {
    let mut out = Diagnostics::new();
    Some(document::document::<T>(&node::parse(text).ok()?, &mut out)?.base)
}

/// Covering with the same twice is covering with it once.
fn covers_once<T: document::Body + PartialEq + std::fmt::Debug>(
    base: &str,
    over: &str,
) -> Result<(), TestCaseError> {
    let (Some(base), Some(over)) = (decoded::<T>(base), decoded::<T>(over)) else { return Ok(()) };
    let mut once = base;
    once.overlay(over.clone());
    let mut twice = once.clone();
    twice.overlay(over);
    prop_assert_eq!(once, twice);
    Ok(())
}

fn never_panics(text: String) -> Result<(), TestCaseError> {
    let source = Source { path: "manifest.yml".to_owned(), text };
    let (is_read, out) = read(&source, "test");
    prop_assert!(is_read != out.has_errors(), "a result or an error, not both");
    let drawn = draw(&source, out.items(), true);
    prop_assert_eq!(drawn.is_empty(), out.is_empty());
    Ok(())
}

proptest! {
    #[test]
    fn answers_can_not_break_out(path in "[ -~\n\u{e4}\u{2028}]{1,20}", image in "[ -~\n]{1,20}") {
        let service = new_service(&path, scaffold::Image::Location(image.clone()), None);
        let root = node::parse(&scaffold::load_balanced_web_service(&service)).unwrap();
        prop_assert_eq!(root.get("http").unwrap().get("path").unwrap().as_str(), Some(path.as_str()));
        prop_assert_eq!(root.get("image").unwrap().get("location").unwrap().as_str(), Some(image.as_str()));
        prop_assert!(root.get("environments").is_some());
    }

    #[test]
    fn no_panic_on_any_text(text in "\\PC{0,80}") {
        never_panics(format!("name: shop\ntype: Backend Service\n{text}"))?;
        never_panics(text)?;
    }

    #[test]
    fn no_panic_on_pieces(text in pieces()) {
        never_panics(text)?;
    }

    #[test]
    fn no_panic_on_mutations(text in mutated()) {
        never_panics(text)?;
    }

    #[test]
    fn covering_twice_is_covering_once(
        base in of_any_type(),
        over in of_any_type(),
        few in pieces(),
    ) {
        for over in [&over, &few] {
            covers_once::<service::Service>(&base, over)?;
            covers_once::<request_driven::RequestDriven>(&base, over)?;
            covers_once::<site::Site>(&base, over)?;
        }
    }
}
