//! Manifests of every type: read, covered by an environment's section, made a model, rendered. And schedules of jobs.

use wharf::diagnostic::{Diagnostics, Source};
use wharf::facts::pipeline::{Environment, PipelineFacts};
use wharf::facts::{Artifacts, Facts, Listener, LoadBalancer};
use wharf::manifest::interpolate::Lookup;
use wharf::model;
use wharf::model::schedule::{Schedule, schedule};
use wharf::model::workload::Workload;
use wharf::name::{AppName, EnvName};
use wharf::stack::features::Features;
use wharf::stack::workload::request_driven::{Input as RequestDriven, request_driven};
use wharf::stack::workload::{self, Priorities, StackError};
use wharf::stack::{Stack, environment, pipeline as pipelines};
use wharf::ui::diagnostic::draw;

/// Environments that manifests are read for: one whose sections the maximal manifests have, one they have not.
const ENVIRONMENTS: [&str; 2] = ["test", "prod"];

/// How a document becomes a stack, for an environment and with the variables of the process: `None` when the manifest has
/// errors or does not fit its surroundings.
pub type Reader = fn(&Source, &str, Lookup<'_>) -> (Option<Stack>, Diagnostics);

/// The manifest of a service or job, of any type.
pub fn manifest(data: &[u8]) {
    let Some(source) = source(data) else { return };
    for env in ENVIRONMENTS {
        check(&source, env, workload_stack);
    }
}

/// The manifest of an environment.
pub fn environment(data: &[u8]) {
    let Some(source) = source(data) else { return };
    for env in ENVIRONMENTS {
        check(&source, env, environment_stack);
    }
}

/// The manifest of a pipeline.
pub fn pipeline(data: &[u8]) {
    let Some(source) = source(data) else { return };
    check(&source, "test", pipeline_stack);
}

/// The `on.schedule` of a job: what is taken is an expression that EventBridge reads, and means the same when it is read
/// again.
pub fn schedules(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match schedule(text) {
        Ok(Schedule::Never) => assert_eq!(text.trim(), "none"),
        Ok(Schedule::At(expression)) => {
            assert_eq!(schedule(&expression), Ok(Schedule::At(expression.clone())), "{text:?}");
            fits_event_bridge(&expression, text);
        }
        Err(fault) => {
            assert!(!fault.message.is_empty() && !fault.help.is_empty(), "{text:?}");
        }
    }
}

/// Holds an expression against the grammar of EventBridge's rules, as far as it goes without calendars.
fn fits_event_bridge(expression: &str, text: &str) {
    let inner = |head: &str| Some(expression.strip_prefix(head)?.strip_suffix(')')?.to_owned());
    if let Some(rate) = inner("rate(") {
        let (number, unit) = rate.split_once(' ').expect("a number and a unit");
        let number: u64 = number.parse().expect("a whole number");
        let units = if number == 1 { ["minute", "hour", "day"] } else { ["minutes", "hours", "days"] };
        assert!(number > 0 && units.contains(&unit), "{text:?}: {expression}");
        return;
    }
    let cron = inner("cron(").unwrap_or_else(|| panic!("{text:?}: {expression}"));
    let fields: Vec<&str> = cron.split(' ').collect();
    assert_eq!(fields.len(), 6, "{text:?}: {expression}");
    assert!(fields[2] == "?" || fields[4] == "?", "{text:?}: {expression}");
    assert!(fields.iter().all(|field| !field.is_empty()), "{text:?}: {expression}");
    let allowed = |c: char| c.is_ascii_alphanumeric() || "*?,-/# ".contains(c);
    assert!(cron.chars().all(allowed), "{text:?}: {expression}");
    if text.trim_start().starts_with("cron(") {
        // EventBridge's own words are the user's.
        return;
    }
    // What we make of five fields stays within EventBridge's bounds.
    for (field, low, high) in [(0, 0, 59), (1, 0, 23), (2, 1, 31), (3, 1, 12), (4, 1, 7)] {
        for number in
            fields[field].split([',', '-']).filter_map(|part| part.split('/').next()?.parse::<u32>().ok())
        {
            assert!((low..=high).contains(&number), "{text:?}: {expression}");
        }
    }
}

fn source(data: &[u8]) -> Option<Source> {
    let text = std::str::from_utf8(data).ok()?.to_owned();
    Some(Source { path: "manifest.yml".to_owned(), text })
}

/// Reads and renders twice.
fn check(source: &Source, env: &str, read: Reader) {
    let (stack, out) = read(source, env, &lookup);
    let drawn = draw(source, out.items(), true);
    assert_eq!(drawn.is_empty(), out.is_empty(), "findings are shown");
    assert!(stack.is_none() || !out.has_errors(), "a stack beside errors");
    let Some(stack) = stack else { return };
    let yaml = stack.template_yaml();
    let back = wharf::yaml::template::parse(&yaml).expect("a rendered template is YAML");
    assert_eq!(back, stack.template, "written and read differ");
    let (again, _) = read(source, env, &lookup);
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

/// The stack of a service or job.
pub fn workload_stack(source: &Source, env: &str, lookup: Lookup<'_>) -> (Option<Stack>, Diagnostics) {
    let facts = &facts(env);
    let (app, env) = names(facts);
    let (read, out) = model::workload::read(source, app, env, lookup);
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

/// The stack of an environment.
pub fn environment_stack(source: &Source, env: &str, lookup: Lookup<'_>) -> (Option<Stack>, Diagnostics) {
    let facts = &facts(env);
    let (app, env) = names(facts);
    let (read, out) = model::environment::read(source, app, env, lookup);
    let Some(read) = read else {
        assert!(out.has_errors(), "neither an environment nor an error");
        return (None, out);
    };
    let options = environment::Options::default();
    let rendered = environment::environment(&read.model, facts, &read.raw, &Features::default(), &options);
    (Some(rendered.unwrap_or_else(|error| panic!("{error}"))), out)
}

/// The stack of a pipeline. Its manifest names no variables.
pub fn pipeline_stack(source: &Source, env: &str, _: Lookup<'_>) -> (Option<Stack>, Diagnostics) {
    let app = facts(env).app;
    let (read, out) = model::pipeline::read(source, &app.name, "copilot/pipelines/main/buildspec.yml");
    let Some(read) = read else {
        assert!(out.has_errors(), "neither a pipeline nor an error");
        return (None, out);
    };
    let mut facts = PipelineFacts::new(app);
    facts.region = "eu-west-1".to_owned();
    facts.workloads = vec!["api".parse().expect("valid"), "web".parse().expect("valid")];
    facts.connection_arn = "arn:aws:codeconnections:eu-west-1:111122223333:connection/1".to_owned();
    for (env, region) in [("test", "eu-west-1"), ("prod", "us-east-1")] {
        facts.artifacts.insert(
            region.to_owned(),
            Artifacts {
                bucket: format!("artifacts-{region}"),
                kms_key_arn: format!("arn:aws:kms:{region}:111122223333:key/1"),
            },
        );
        let role = |role: &str| format!("arn:aws:iam::111122223333:role/shop-{env}-{role}");
        facts.environments.insert(
            env.parse().expect("valid"),
            Environment {
                region: region.to_owned(),
                execution_role_arn: role("CFNExecutionRole"),
                manager_role_arn: role("EnvManagerRole"),
            },
        );
    }
    match pipelines::pipeline(&read.model, &facts) {
        Ok(stack) => (Some(stack), out),
        Err(pipelines::StackError::Render(error)) => panic!("{error}"),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            (None, out)
        }
    }
}
