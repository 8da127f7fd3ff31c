//! Stacks in the shape that Copilot gave them become wharf's: nothing that runs stops, nothing is replaced, no delete handler
//! is called.
//!
//! The stacks are wharf's own with Copilot's machinery put back in, as Copilot's conventions describe it: values of the
//! environment come out of a custom resource, priorities out of another, functions answer them. The emulator plays the
//! functions and writes down what was asked of them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use wharf::yaml::template;

use crate::support::Emulator;

const WEB: &str = "name: web\ntype: Load Balanced Web Service\nimage:\n  build: web/Dockerfile\n  port: 8080\n\
    http:\n  path: /\n  healthcheck:\n    path: /health\n    interval: 10s\n    timeout: 5s\n    healthy_threshold: 2\n\
    cpu: 256\nmemory: 512\ncount:\n  range: 2-4\n  cpu_percentage: 70\nvariables:\n  PROBE_LINES: 3\n";
const WORKER: &str = "name: worker\ntype: Worker Service\nimage:\n  build: web/Dockerfile\ncpu: 256\nmemory: 512\n\
    count:\n  range: 1-3\n  queue_delay:\n    acceptable_latency: 5m\n    msg_processing_time: 250ms\n\
    subscribe:\n  queue:\n    timeout: 30s\n";
pub const ENVIRONMENT: &str = "name: test\ntype: Environment\nhttp:\n  public:\n    access_logs: true\n";

/// Stacks in the order in which Copilot deploys them.
const STACKS: [&str; 3] = ["shop-test", "shop-test-web", "shop-test-worker"];

pub fn attribute(id: &str, name: &str) -> Value {
    json!({"Fn::GetAtt": [id, name]})
}

/// A custom resource with the function that answers it and the function's role.
pub fn add_machinery(template: &mut Value, action: &str, function: &str, role: &str, properties: Value) {
    let resources = template["Resources"].as_object_mut().unwrap();
    let kind = format!("Custom::{function}");
    let mut properties = properties;
    properties["ServiceToken"] = attribute(function, "Arn");
    resources.insert(action.into(), json!({"Type": kind, "Properties": properties}));
    add_function(template, function, role);
}

fn add_function(template: &mut Value, function: &str, role: &str) {
    let resources = template["Resources"].as_object_mut().unwrap();
    let code = json!({"S3Bucket": "bucket", "S3Key": "manual/scripts/custom-resources/x.zip"});
    resources.insert(
        function.into(),
        json!({"Type": "AWS::Lambda::Function", "Properties": {"Code": code, "Handler": "index.handler",
            "Timeout": 900, "MemorySize": 512, "Role": attribute(role, "Arn"), "Runtime": "nodejs20.x"}}),
    );
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": ["lambda.amazonaws.com"]}}]});
    resources.insert(
        role.into(),
        json!({"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, "Path": "/"}}),
    );
}

/// Values of the environment that came out of the custom resource, by the suffix of their export.
const FROM_CONTROLLER: [(&str, &str); 3] = [
    ("HTTPListenerArn", "HTTPListenerArn"),
    ("PublicLoadBalancerDNS", "PublicLoadBalancerDNSName"),
    ("PublicLoadBalancerFullName", "PublicLoadBalancerFullName"),
];

pub fn through_the_controller(value: &mut Value) {
    let text = value.get("Fn::ImportValue").map(ToString::to_string).unwrap_or_default();
    let found = FROM_CONTROLLER.iter().find(|(export, _)| text.contains(&format!("-{export}\"")));
    if let Some((_, name)) = found {
        *value = attribute("EnvControllerAction", name);
    }
    match value {
        Value::Array(items) => items.iter_mut().for_each(through_the_controller),
        Value::Object(map) => map.values_mut().for_each(through_the_controller),
        _ => {}
    }
}

/// A packaged stack of wharf's, with Copilot's machinery.
pub fn as_copilot(stack: &str, template: &str, parameters: &str) -> (String, BTreeMap<String, String>) {
    let mut template = template::parse(template).unwrap();
    let parameters: Value = serde_json::from_str(parameters).unwrap();
    let mut parameters: BTreeMap<String, String> =
        serde_json::from_value(parameters["Parameters"].clone()).unwrap();
    template["Metadata"]["Version"] = json!("v1.33.4");
    let drop = |template: &mut Value, parameters: &mut BTreeMap<String, String>, name: &str| {
        template["Parameters"].as_object_mut().unwrap().remove(name).unwrap();
        parameters.remove(name);
    };
    if stack == "shop-test" {
        parameters.insert("ALBWorkloads".into(), "web".into());
        drop(&mut template, &mut parameters, "PublicCertificateARN");
        let text = template.to_string().replace(r#"{"Ref":"PublicCertificateARN"}"#, r#""""#);
        template = serde_json::from_str(&text).unwrap();
        add_machinery(
            &mut template,
            "ELBAccessLogsBucketCleanerAction",
            "BucketCleanerFunction",
            "ELBAccessLogsBucketCleanerRole",
            json!({"BucketName": {"Ref": "ELBAccessLogsBucket"}}),
        );
        return (template::to_yaml(&template), parameters);
    }
    through_the_controller(&mut template);
    let controller = json!({"Workload": {"Ref": "WorkloadName"}, "Parameters": ["ALBWorkloads,"], "EnvVersion": "v1.33.4"});
    add_machinery(
        &mut template,
        "EnvControllerAction",
        "EnvControllerFunction",
        "EnvControllerRole",
        controller,
    );
    add_machinery(
        &mut template,
        "DynamicDesiredCountAction",
        "DynamicDesiredCountFunction",
        "DynamicDesiredCountFunctionRole",
        json!({"DefaultDesiredCount": {"Ref": "TaskCount"}}),
    );
    template["Resources"]["Service"]["Properties"]["DesiredCount"] =
        attribute("DynamicDesiredCountAction", "DesiredCount");
    if stack == "shop-test-web" {
        drop(&mut template, &mut parameters, "HTTPRulePriority");
        add_machinery(
            &mut template,
            "HTTPRulePriorityAction",
            "RulePriorityFunction",
            "RulePriorityFunctionRole",
            json!({"RulePath": [{"Ref": "RulePath"}], "ListenerArn": attribute("EnvControllerAction", "HTTPListenerArn")}),
        );
        template["Resources"]["HTTPListenerRule"]["Properties"]["Priority"] =
            attribute("HTTPRulePriorityAction", "Priority");
    } else {
        add_function(&mut template, "BacklogPerTaskCalculatorFunction", "BacklogPerTaskCalculatorRole");
        let arn = attribute("BacklogPerTaskCalculatorFunction", "Arn");
        let resources = template["Resources"].as_object_mut().unwrap();
        resources.insert(
            "BacklogPerTaskCalculatorLogGroup".into(),
            json!({"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 3,
                "LogGroupName": {"Fn::Join": ["/", ["/aws", "lambda", {"Ref": "BacklogPerTaskCalculatorFunction"}]]}}}),
        );
        resources.insert(
            "BacklogPerTaskScheduledRule".into(),
            json!({"Type": "AWS::Events::Rule", "Properties": {"ScheduleExpression": "rate(1 minute)",
                "Targets": [{"Arn": arn, "Id": "calculator"}]}}),
        );
        resources.insert(
            "PermissionToInvokeBacklogPerTaskCalculatorLambda".into(),
            json!({"Type": "AWS::Lambda::Permission", "Properties": {"FunctionName": {"Ref": "BacklogPerTaskCalculatorFunction"},
                "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com",
                "SourceArn": attribute("BacklogPerTaskScheduledRule", "Arn")}}),
        );
    }
    (template::to_yaml(&template), parameters)
}

/// An application as Copilot would have deployed it, and what there was before its takeover.
struct Copilots {
    emulator: Emulator,
    before: BTreeMap<String, BTreeMap<String, (String, String)>>,
    exports: BTreeMap<String, String>,
    tasks: BTreeSet<String>,
}

impl Copilots {
    fn new() -> Option<Self> {
        let emulator = Emulator::new()?;
        let sandbox = &emulator.sandbox;
        emulator.write_probe("web");
        sandbox.wharf("app init shop").ends(0);
        sandbox.wharf("env init --name test --default-config").ends(0);
        sandbox.wharf("svc init --name web --svc-type 'Load Balanced Web Service' --dockerfile web/Dockerfile --port 8080").ends(0);
        sandbox
            .wharf("svc init --name worker --svc-type 'Worker Service' --dockerfile web/Dockerfile")
            .ends(0);
        sandbox
            .write("wharf/environments/test/manifest.yml", ENVIRONMENT)
            .write("wharf/web/manifest.yml", WEB)
            .write("wharf/worker/manifest.yml", WORKER);
        sandbox.wharf("env package --name test --output-dir infra").ends(0);
        let deploy = |stack: &str, file: &str, action: &str| {
            let (template, parameters) = as_copilot(
                stack,
                &sandbox.read(&format!("infra/{file}.yml")),
                &sandbox.read(&format!("infra/{}.params.json", file.trim_end_matches(".stack"))),
            );
            // So long that the template of the first update goes into no request.
            let padding =
                if stack == "shop-test-web" { 51_190_usize.saturating_sub(template.len()) } else { 0 };
            let template = format!(
                "{template}{}",
                if padding > 2 { format!("# {:x>1$}", "", padding - 2) } else { String::new() }
            );
            emulator.deploy_stack(action, stack, &template, &parameters);
        };
        deploy(STACKS[0], "test.env", "UpdateStack");
        let outputs = emulator.outputs(STACKS[0]);
        let data: BTreeMap<&String, &String> =
            outputs.iter().map(|(name, (value, _))| (name, value)).collect();
        emulator.put_parameter(
            "/wharf-emulators/custom-resources/EnvControllerAction",
            &json!({"Data": data, "PhysicalResourceId": "envcontoller/shop-test/x"}),
        );
        emulator.put_parameter(
            "/wharf-emulators/custom-resources/HTTPRulePriorityAction",
            &json!({"Data": {"Priority": 49_000}}),
        );
        emulator.put_parameter(
            "/wharf-emulators/custom-resources/DynamicDesiredCountAction",
            &json!({"Data": {"DesiredCount": 2}}),
        );
        for name in ["web", "worker"] {
            sandbox
                .wharf(&format!("svc package -n {name} -e test --output-dir infra --upload-assets"))
                .ends(0);
            deploy(&format!("shop-test-{name}"), &format!("{name}-test.stack"), "CreateStack");
        }
        let before = STACKS.iter().map(|stack| ((*stack).to_owned(), emulator.resources(stack))).collect();
        let exports = emulator.exports();
        let tasks = emulator.running_tasks();
        assert_eq!(tasks.len(), 4, "{tasks:?}");
        Some(Self { emulator, before, exports, tasks })
    }

    /// What was asked of custom resources so far, by stack and logical id.
    fn asked(&self) -> BTreeMap<String, String> {
        self.emulator.parameters("/wharf-emulators/custom-resource-requests/")
    }

    #[track_caller]
    fn nothing_was_deleted(&self) {
        let asked = self.asked();
        assert!(asked.len() >= 6, "{asked:?}");
        assert!(!asked.values().any(|kinds| kinds.contains("Delete")), "{asked:?}");
        for (stack, resources) in &self.before {
            let now = self.emulator.resources(stack);
            let machinery = |kind: &str, id: &str| {
                kind.starts_with("Custom::")
                    || kind.starts_with("AWS::Lambda::")
                    || id.contains("Function")
                    || matches!(
                        id,
                        "EnvControllerRole"
                            | "ELBAccessLogsBucketCleanerRole"
                            | "BacklogPerTaskCalculatorRole"
                    )
            };
            for (id, (physical, _)) in resources.iter().filter(|(id, (_, kind))| !machinery(kind, id)) {
                let found = now.get(id).map(|(physical, _)| physical);
                assert_eq!(found, Some(physical), "{id} of {stack}");
            }
        }
        let exports = self.emulator.exports();
        for (name, value) in &self.exports {
            assert_eq!(exports.get(name), Some(value), "{name}");
        }
    }

    #[track_caller]
    fn all_is_wharfs(&self) {
        let sandbox = &self.emulator.sandbox;
        for stack in STACKS {
            let left: Vec<String> = self
                .emulator
                .resources(stack)
                .into_iter()
                .filter(|(id, (_, kind))| {
                    kind.starts_with("Custom::") || kind.contains("Lambda") || id.starts_with("WharfTakeover")
                })
                .map(|(id, _)| id)
                .collect();
            assert_eq!(left, Vec::<String>::new(), "{stack}");
        }
        let environment = sandbox.wharf("env deploy --name test").expect(0);
        assert!(environment.stderr.contains("nothing to change"), "{}", environment.transcript());
        let services = sandbox.wharf("deploy --all --env test").expect(0);
        assert!(services.stderr.contains("Unchanged in test: web, worker."), "{}", services.transcript());
        assert_eq!(self.emulator.rule_priorities(), [49_000]);
    }
}

#[test]
fn what_copilot_deployed_is_taken_over() {
    let Some(copilots) = Copilots::new() else { return };
    let sandbox = &copilots.emulator.sandbox;

    // Not without being asked.
    for command in ["env deploy --name test", "deploy --all --env test"] {
        let asked = sandbox.wharf(command).expect(1);
        assert!(asked.stderr.contains("--takeover"), "{}", asked.transcript());
        assert!(asked.stderr.contains("it only served Copilot"), "{}", asked.transcript());
    }
    for stack in STACKS {
        assert_eq!(&copilots.emulator.resources(stack), &copilots.before[stack]);
    }

    // The doctor says the same, and changes nothing.
    let report = sandbox.wharf("doctor --json").expect(0);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    let verdicts = |report: &Value| -> BTreeMap<String, String> {
        let stacks = report["stacks"].as_array().unwrap().iter();
        let text = |stack: &Value, key: &str| stack[key].as_str().unwrap().to_owned();
        stacks.map(|stack| (text(stack, "stack"), text(stack, "verdict"))).collect()
    };
    for stack in STACKS {
        let verdict = &verdicts(&report)[stack];
        assert_eq!(verdict, "is ready: the next deployment takes it over in two updates", "{report:#}");
    }
    sandbox.wharf("doctor").ends(0);

    // At no time fewer tasks than one of each service.
    let over = Arc::new(AtomicBool::new(false));
    std::thread::scope(|scope| {
        let watched = scope.spawn({
            let (over, emulator) = (over.clone(), &copilots.emulator);
            move || {
                let mut fewest = usize::MAX;
                while !over.load(Ordering::Relaxed) {
                    fewest = fewest.min(emulator.running_tasks().len());
                    std::thread::sleep(std::time::Duration::from_millis(100));
                }
                fewest
            }
        });
        let environment = sandbox.wharf("env deploy --name test --takeover");
        let services = sandbox.wharf("deploy --all --env test --takeover");
        over.store(true, Ordering::Relaxed);
        assert_eq!(watched.join().unwrap(), 4);
        environment.ends(0);
        services.ends(0);
    });
    assert_eq!(copilots.emulator.running_tasks(), copilots.tasks);
    copilots.nothing_was_deleted();
    copilots.all_is_wharfs();
    let report = sandbox.wharf("doctor --json").expect(0);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    for stack in STACKS {
        assert_eq!(verdicts(&report)[stack], "is wharf's: nothing to take over", "{report:#}");
    }

    // The way out holds every stack.
    let ejected = sandbox.wharf("eject --output-dir out").expect(0);
    for stack in STACKS {
        assert!(ejected.stdout.contains(&format!("out/{stack}.template.yml")), "{}", ejected.transcript());
        assert!(sandbox.read("out/README.md").contains(&format!("--stack-name {stack} ")));
    }
    let again = sandbox.wharf("app upgrade").expect(0);
    assert!(again.stderr.contains("up to date"), "{}", again.transcript());
}

#[test]
fn a_takeover_goes_on_where_it_was_stopped() {
    let Some(copilots) = Copilots::new() else { return };
    let sandbox = &copilots.emulator.sandbox;
    for (command, stack) in [
        ("env deploy --name test", STACKS[0]),
        ("svc deploy -n web -e test", STACKS[1]),
        ("svc deploy -n worker -e test", STACKS[2]),
    ] {
        // Killed as soon as the first update is done.
        let mut child = sandbox
            .command(&sandbox.work())
            .args(command.split(' '))
            .args(["--takeover", "--progress", "json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut uploads = 0;
        let finished = lines.map_while(Result::ok).any(|line| {
            let event: Value = serde_json::from_str(&line).unwrap();
            uploads +=
                usize::from(event["event"] == "step_started" && event["id"] == format!("template {stack}"));
            event["event"] == "stack_finished" && event["stack"] == stack
        });
        assert_eq!(uploads, usize::from(stack == "shop-test-web"), "{command}");
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(finished, "{command}");
        let between = copilots.emulator.resources(stack);
        assert!(between.contains_key("WharfTakeover"), "{command}: {between:?}");
        assert!(between.values().any(|(_, kind)| kind.starts_with("Custom::")), "{command}");

        let resumed = sandbox.wharf(&format!("{command} --takeover --progress json")).expect(0);
        let updates = resumed.stdout.lines().filter(|line| {
            line.contains("\"stack_started\"") && line.contains(&format!("\"stack\":\"{stack}\""))
        });
        assert_eq!(updates.count(), 1, "{}", resumed.transcript());
    }
    copilots.nothing_was_deleted();
    copilots.all_is_wharfs();
}

/// The detector detects: laying the new template over the old one in one update calls delete handlers.
#[test]
fn a_single_update_would_call_delete_handlers() {
    let Some(copilots) = Copilots::new() else { return };
    let sandbox = &copilots.emulator.sandbox;
    let template = sandbox.read("infra/web-test.stack.yml");
    let parameters: Value = serde_json::from_str(&sandbox.read("infra/web-test.params.json")).unwrap();
    let parameters = serde_json::from_value(parameters["Parameters"].clone()).unwrap();
    copilots.emulator.deploy_stack("UpdateStack", "shop-test-web", &template, &parameters);
    let asked = copilots.asked();
    let deleted: Vec<&str> = asked
        .iter()
        .filter(|(_, kinds)| kinds.contains("Delete"))
        .map(|(name, _)| name.rsplit('/').next().unwrap())
        .collect();
    assert_eq!(deleted, ["DynamicDesiredCountAction", "EnvControllerAction", "HTTPRulePriorityAction"]);
}

/// A manifest that has changed since: what it no longer names would be lost in the takeover.
#[test]
fn a_takeover_that_would_lose_something_is_refused() {
    let Some(copilots) = Copilots::new() else { return };
    let sandbox = &copilots.emulator.sandbox;
    sandbox
        .write("wharf/web/manifest.yml", WEB.replace("  cpu_percentage: 70\n", "  memory_percentage: 70\n"));
    let refused = sandbox.wharf("svc deploy -n web -e test --takeover").expect(1);
    assert!(
        refused.stderr.contains("AutoScalingPolicyECSServiceAverageCPUUtilization")
            && refused.stderr.contains("would be lost"),
        "{}",
        refused.transcript()
    );
    assert_eq!(&copilots.emulator.resources("shop-test-web"), &copilots.before["shop-test-web"]);
    sandbox.write("wharf/web/manifest.yml", WEB);
    sandbox.wharf("svc deploy -n web -e test --takeover").ends(0);
    copilots.nothing_was_deleted();
}
