//! Taking over stacks whose templates and parameters Copilot itself made: nothing but its machinery may go.
//!
//! Without the reference pairs ([`crate::golden`]) these tests say so and pass.

#![expect(clippy::print_stderr, reason = "a test that runs says what it compared")]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wharf::plan::evaluate::evaluate;
use wharf::takeover::compare::{Comparison, Side, Verdict, compare};
use wharf::takeover::known::Known;
use wharf::takeover::{Stage, retain, stage};
use wharf::yaml::template;

use crate::golden::{References, parameters};
use crate::sandbox::Sandbox;

/// What manifests point to.
fn sandbox(app: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .write("copilot/.workspace", format!("application: {app}\n"))
        .write("Dockerfile", "FROM scratch\n");
    for file in ["frontend/index.html", "out/index.html"] {
        sandbox.write(file, "<p>hello</p>\n");
    }
    for file in ["logging.env", "test.env", "log.env"] {
        sandbox.write(file, "A=b\n");
    }
    sandbox
}

/// Parameters that switch on all that an environment has on demand.
const ON_DEMAND: [&str; 5] =
    ["ALBWorkloads", "InternalALBWorkloads", "EFSWorkloads", "NATWorkloads", "AppRunnerPrivateWorkloads"];

/// What a workload's stack knows of its environment: Copilot's got it from a custom resource, wharf's imports it.
fn known(app: &str, env: &str, stack: &str) -> Known {
    let arn = format!("arn:aws:cloudformation:us-west-2:123456789123:stack/{stack}/1");
    let mut known = Known::of_stack(&arn);
    let sandbox = sandbox(app);
    sandbox.write(
        &format!("copilot/environments/{env}/manifest.yml"),
        format!("name: {env}\ntype: Environment\n"),
    );
    let text = sandbox.wharf(&format!("env package --name {env} --offline")).expect(0).stdout;
    let template = template::parse(&text).unwrap();
    let mut attributes = BTreeMap::new();
    for (name, output) in template["Outputs"].as_object().unwrap() {
        let export = output["Export"]["Name"].to_string();
        let suffix = export.rsplit_once("}-").map(|(_, rest)| rest.trim_end_matches(['"', '}', ']']));
        if let Some(suffix) = suffix {
            attributes.insert(name.clone(), format!("value of {name}"));
            known.imports.insert(format!("{app}-{env}-{suffix}"), format!("value of {name}"));
        }
    }
    assert!(attributes.contains_key("HTTPListenerArn"), "{attributes:?}");
    known.attributes.insert("EnvControllerAction".into(), attributes);
    known
}

/// What is wrong with a takeover, and what it does in short.
fn verdict(label: &str, comparison: &Comparison) -> String {
    let count = |verdict| comparison.with(verdict).count();
    let forbidden: Vec<String> = comparison
        .resources
        .iter()
        .filter(|fate| fate.verdict.is_forbidden())
        .map(|fate| format!("\n  {:?} {} {}", fate.verdict, fate.id, fate.properties.join(" ")))
        .chain(comparison.lost_exports.iter().map(|name| format!("\n  export {name}")))
        .collect();
    format!(
        "{label}: kept {} changed {} machinery {} added {}{}",
        count(Verdict::Kept),
        count(Verdict::Changed),
        count(Verdict::Machinery),
        count(Verdict::Added),
        forbidden.concat()
    )
}

/// Both updates: the first changes nothing but policies and leads to the second, the second loses nothing.
fn judge(
    label: &str,
    old: &str,
    had: &BTreeMap<String, String>,
    new: &str,
    has: &BTreeMap<String, String>,
    known: &Known,
) -> Result<String, String> {
    let (deployed, wanted) = (template::parse(old).unwrap(), template::parse(new).unwrap());
    if stage(&deployed, &wanted) == Stage::First {
        let retained = template::parse(&retain::retained(old).unwrap()).unwrap();
        assert_eq!(stage(&retained, &wanted), Stage::Second, "{label}");
        let first = compare(
            Side { template: &deployed, parameters: had },
            Side { template: &retained, parameters: had },
            known,
        );
        let touched = first.resources.iter().filter(|fate| fate.verdict != Verdict::Kept);
        let touched: Vec<&str> = touched.map(|fate| fate.id.as_str()).collect();
        assert_eq!(touched, ["WharfTakeover"], "{label}");
    }
    let comparison = compare(
        Side { template: &deployed, parameters: had },
        Side { template: &wanted, parameters: has },
        known,
    );
    assert!(comparison.with(Verdict::Kept).count() > 0, "{label} compares nothing");
    let verdict = verdict(label, &comparison);
    if comparison.is_safe() { Ok(verdict) } else { Err(verdict) }
}

fn workload(references: &References, case: &Value) -> Result<String, String> {
    let (text, template) = (references.read(&case["manifest"]), case["template"].as_str().unwrap());
    let head = wharf::yaml::template::parse(&text).unwrap();
    let (name, kind) = (head["name"].as_str().unwrap(), head["type"].as_str().unwrap());
    let env = case["env"].as_str().unwrap();
    let mut sandbox = sandbox("my-app");
    for (name, value) in case["os_env"].as_object().into_iter().flatten() {
        sandbox.set(name, value.as_str().unwrap());
    }
    let certificates = case.get("env_public_certificates").cloned();
    let environment = match certificates {
        Some(arns) => json!({"name": env, "type": "Environment", "http": {"public": {"certificates": arns}}}),
        None => json!({"name": env, "type": "Environment"}),
    };
    let or = |key: &str, other: &str| {
        case[key].as_str().filter(|text| !text.is_empty()).unwrap_or(other).to_owned()
    };
    let account = or("account", "123456789123");
    let mut facts = json!({
        "app": {"name": "my-app", "account": account, "domain": case["domain"], "tags": {}},
        "env": {"name": env, "region": or("region", "us-west-2"), "account": account, "version": case["env_version"],
            "service_discovery_endpoint": case["service_discovery_endpoint"].as_str().unwrap().replace("<env>", env)},
        "artifacts": {"bucket": case["artifact_bucket"], "kms_key_arn": case["artifact_key_arn"]},
    });
    for (key, fact) in [("imported_alb", "load_balancer"), ("root_user_arn", "root_user_arn")] {
        if let Some(value) = case.get(key) {
            facts[fact] = value.clone();
        }
    }
    sandbox
        .write(&format!("copilot/{name}/manifest.yml"), &text)
        .write(&format!("copilot/environments/{env}/manifest.yml"), environment.to_string())
        .write("facts.json", facts.to_string());
    let noun = if kind == "Scheduled Job" { "job" } else { "svc" };
    let run = sandbox.wharf(&format!(
        "{noun} package --name {name} --env {env} --offline --facts facts.json --output-dir out"
    ));
    if run.code != 0 {
        return Err(format!("{template}: {}", run.stderr.trim()));
    }
    let has = parameters(&sandbox.read(&format!("out/{name}-{env}.params.json")));
    let had = match case["params"].is_null() {
        true => has.clone(),
        false => parameters(&references.read(&case["params"])),
    };
    let known = known("my-app", env, &format!("my-app-{env}-{name}"));
    let new = sandbox.read(&format!("out/{name}-{env}.stack.yml"));
    judge(template, &references.read(&case["template"]), &had, &new, &has, &known)
}

fn environment(references: &References, case: &Value) -> Result<String, String> {
    let (text, template) = (references.read(&case["manifest"]), case["template"].as_str().unwrap());
    let head = wharf::yaml::template::parse(&text).unwrap();
    let env = head["name"].as_str().unwrap();
    let sandbox = sandbox("demo");
    let account = "000000000000";
    let facts = json!({
        "app": {"name": "demo", "account": account},
        "env": {"name": env, "region": "us-west-2", "account": account},
        "artifacts": {"bucket": "mockbucket", "kms_key_arn": "arn:aws:kms:us-west-2:000000000000:key/1"},
        "root_user_arn": format!("arn:aws:iam::{account}:root"),
        "cloudfront_prefix_lists": case.get("cidr_prefix_list_ids").cloned().unwrap_or_else(|| json!([])),
    });
    sandbox
        .write(&format!("copilot/environments/{env}/manifest.yml"), &text)
        .write("facts.json", facts.to_string());
    let run = sandbox
        .wharf(&format!("env package --name {env} --offline --facts facts.json --output-dir out"))
        .expect(0);
    assert!(run.stdout.contains(".env.yml"));
    let mut has = parameters(&sandbox.read(&format!("out/{env}.env.params.json")));
    let new = sandbox.read(&format!("out/{env}.env.yml"));
    has.extend(ON_DEMAND.map(|name| (name.to_owned(), "web".to_owned())));
    let declared = |text: &str| template::parse(text).unwrap()["Parameters"].as_object().unwrap().clone();
    let old = references.read(&case["template"]);
    let (olds, news) = (declared(&old), declared(&new));
    let had: BTreeMap<String, String> =
        has.clone().into_iter().filter(|(name, _)| olds.contains_key(name)).collect();
    has.retain(|name, _| news.contains_key(name));
    let known = Known::of_stack(&format!("arn:aws:cloudformation:us-west-2:{account}:stack/demo-{env}/1"));
    let exports = evaluate(&template::parse(&old).unwrap(), &known.given(&had)).exports;
    assert!(exports.len() > 15, "{template}: {exports:?}");
    judge(template, &old, &had, &new, &has, &known)
}

fn all(list: &str, of: fn(&References, &Value) -> Result<String, String>) {
    let Some(references) = References::new() else { return };
    let results: Vec<Result<String, String>> =
        references.cases(list).iter().map(|case| of(&references, case)).collect();
    assert!(results.len() >= 5, "{list}");
    for line in results.iter().map(|result| result.as_ref().unwrap_or_else(|error| error)) {
        eprintln!("{line}");
    }
    let bad: Vec<&String> = results.iter().filter_map(|result| result.as_ref().err()).collect();
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn workloads_of_copilot_lose_nothing() {
    all("workloads", workload);
}

#[test]
fn environments_of_copilot_lose_nothing() {
    all("environments", environment);
}
