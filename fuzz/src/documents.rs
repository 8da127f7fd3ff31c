//! Manifests of every type: read, covered by an environment's section, made a model, rendered.

use wharf::diagnostic::{Diagnostics, Source};
use wharf::facts::{Facts, Listener, LoadBalancer};
use wharf::model;
use wharf::model::workload::Workload;
use wharf::name::{AppName, EnvName};
use wharf::stack::features::Features;
use wharf::stack::workload::request_driven::{Input as RequestDriven, request_driven};
use wharf::stack::workload::{self, Priorities, StackError};
use wharf::stack::{Stack, environment};
use wharf::ui::diagnostic::draw;

/// Environments that manifests are read for: one whose sections the maximal manifests have, one they have not.
const ENVIRONMENTS: [&str; 2] = ["test", "prod"];

/// How a document becomes a stack: `None` when the manifest has errors or does not fit its surroundings.
type Reader = fn(&Source, &Facts) -> (Option<Stack>, Diagnostics);

/// The manifest of a service or job, of any type.
pub fn manifest(data: &[u8]) {
    let Some(source) = source(data) else { return };
    for env in ENVIRONMENTS {
        check(&source, &facts(env), workload_stack);
    }
}

/// The manifest of an environment.
pub fn environment(data: &[u8]) {
    let Some(source) = source(data) else { return };
    for env in ENVIRONMENTS {
        check(&source, &facts(env), environment_stack);
    }
}

fn source(data: &[u8]) -> Option<Source> {
    let text = std::str::from_utf8(data).ok()?.to_owned();
    Some(Source { path: "manifest.yml".to_owned(), text })
}

/// Reads and renders twice.
fn check(source: &Source, facts: &Facts, read: Reader) {
    let (stack, out) = read(source, facts);
    let drawn = draw(source, out.items(), true);
    assert_eq!(drawn.is_empty(), out.is_empty(), "findings are shown");
    assert!(stack.is_none() || !out.has_errors(), "a stack beside errors");
    let Some(stack) = stack else { return };
    let yaml = stack.template_yaml();
    let back = wharf::yaml::template::parse(&yaml).expect("a rendered template is YAML");
    assert_eq!(back, stack.template, "written and read differ");
    let (again, _) = read(source, facts);
    let again = again.expect("it was rendered before");
    assert_eq!(again.template_yaml(), yaml, "rendered twice, written differently");
    assert_eq!(again.parameters_json(), stack.parameters_json(), "rendered twice, other parameters");
}

/// The variables of the process.
fn lookup(name: &str) -> Option<String> {
    match name {
        "TAG" => Some("v1".to_owned()),
        "GROUPS" => Some("[\"sg-1\", \"sg-2\"]".to_owned()),
        "LINES" => Some("one: 'two'\n\"three\" # four".to_owned()),
        _ => None,
    }
}

fn names(facts: &Facts) -> (&AppName, &EnvName) {
    (&facts.app.name, &facts.env.name)
}

/// Facts with everything there that some manifest may ask for.
fn facts(env: &str) -> Facts {
    let mut facts =
        Facts::new(AppName::new("shop").expect("a valid name"), EnvName::new(env).expect("a valid name"));
    facts.app.account = "111122223333".to_owned();
    facts.app.domain = "example.com".to_owned();
    facts.env.account = "111122223333".to_owned();
    facts.env.region = "eu-west-1".to_owned();
    facts.addons_url = "https://artifacts.s3.eu-west-1.amazonaws.com/addons.yml".to_owned();
    let listener = |port, protocol: &str| Listener {
        arn: format!("arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/a/1/{port}"),
        port,
        protocol: protocol.to_owned(),
    };
    facts.load_balancer = Some(LoadBalancer {
        name: "shared".to_owned(),
        listeners: vec![listener(80, "HTTP"), listener(443, "HTTPS")],
        ..LoadBalancer::default()
    });
    facts
}

fn workload_stack(source: &Source, facts: &Facts) -> (Option<Stack>, Diagnostics) {
    let (app, env) = names(facts);
    let (read, out) = model::workload::read(source, app, env, &lookup);
    let Some(read) = read else {
        assert!(out.has_errors(), "neither a workload nor an error");
        return (None, out);
    };
    // A further type gets its arm here.
    let rendered = match &read.model {
        Workload::Container(service) => workload::service(&workload::Input {
            service,
            environment: &model::environment::default(env),
            facts,
            manifest: &read.raw,
            addons: None,
            priorities: &Priorities::new(),
            nlb_certificate: None,
            tagged_subnets: &[],
        }),
        Workload::RequestDriven(service) => request_driven(&RequestDriven {
            service,
            facts,
            manifest: &read.raw,
            addons: None,
            tagged_subnets: &[],
        }),
        Workload::StaticSite(site) => workload::site(&workload::SiteInput {
            site,
            facts,
            manifest: &read.raw,
            addons: None,
            certificate: None,
        }),
    };
    (without_fault(rendered), out)
}

/// A fault of the user's is fine, one of a built-in template is not.
fn without_fault(rendered: Result<Stack, StackError>) -> Option<Stack> {
    match rendered {
        Ok(stack) => Some(stack),
        Err(StackError::Render(error)) => panic!("{error}"),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            None
        }
    }
}

fn environment_stack(source: &Source, facts: &Facts) -> (Option<Stack>, Diagnostics) {
    let (app, env) = names(facts);
    let (read, out) = model::environment::read(source, app, env, &lookup);
    let Some(read) = read else {
        assert!(out.has_errors(), "neither an environment nor an error");
        return (None, out);
    };
    let options = environment::Options::default();
    let rendered = environment::environment(&read.model, facts, &read.raw, &Features::default(), &options);
    (Some(rendered.unwrap_or_else(|error| panic!("{error}"))), out)
}
