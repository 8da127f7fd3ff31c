//! Jobs, services on App Runner and Static Sites in the shape that Copilot gave them become wharf's, as services on ECS do.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wharf::yaml::template;

use crate::support::Emulator;
use crate::takeover::{ENVIRONMENT, add_machinery, as_copilot, attribute, through_the_controller};

const JOB: &str = "name: nightly\ntype: Scheduled Job\non:\n  schedule: '@daily'\nimage:\n  build: app/Dockerfile\n\
    cpu: 256\nmemory: 512\nretries: 1\ntimeout: 10m\n";
const FRONT: &str = "name: front\ntype: Request-Driven Web Service\nimage:\n  build: app/Dockerfile\n  port: 8080\n\
    http:\n  healthcheck: /health\ncpu: 256\nmemory: 512\n";
const DOCS: &str = "name: docs\ntype: Static Site\nfiles:\n  - source: dist\n    recursive: true\n";

const STACKS: [&str; 4] = ["shop-test", "shop-test-nightly", "shop-test-front", "shop-test-docs"];

/// A packaged workload's stack with Copilot's machinery: each has its own.
fn workload_as_copilot(stack: &str, text: &str, parameters: &str) -> (String, BTreeMap<String, String>) {
    let mut template = template::parse(text).unwrap();
    let parameters: Value = serde_json::from_str(parameters).unwrap();
    let parameters = serde_json::from_value(parameters["Parameters"].clone()).unwrap();
    template["Metadata"]["Version"] = json!("v1.34.0");
    through_the_controller(&mut template);
    if stack == "shop-test-docs" {
        let machine = json!({"StateMachineArn": attribute("CopyAssetsStateMachine", "Arn")});
        let (function, role) = ("TriggerStateMachineFunction", "TriggerStateMachineFunctionRole");
        add_machinery(&mut template, "TriggerStateMachineAction", function, role, machine);
        let resources = template["Resources"].as_object_mut().unwrap();
        resources["TriggerStateMachineAction"]["Type"] = json!("Custom::TriggerStateMachine");
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": ["states.amazonaws.com"]}}]});
        let role = json!({"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}});
        resources.insert("CopyAssetsStateMachineRole".into(), role);
        let steps = json!({"StartAt": "End", "States": {"End": {"Type": "Pass", "End": true}}});
        resources.insert(
            "CopyAssetsStateMachine".into(),
            json!({"Type": "AWS::StepFunctions::StateMachine", "Properties": {"StateMachineType": "EXPRESS",
                "RoleArn": attribute("CopyAssetsStateMachineRole", "Arn"), "DefinitionString": steps.to_string()}}),
        );
    } else {
        let wanted = json!({"Workload": {"Ref": "WorkloadName"}, "Parameters": [], "EnvVersion": "v1.34.0"});
        let (function, role) = ("EnvControllerFunction", "EnvControllerRole");
        add_machinery(&mut template, "EnvControllerAction", function, role, wanted);
    }
    (template::to_yaml(&template), parameters)
}

fn is_machinery(id: &str, kind: &str) -> bool {
    let prefixes =
        ["EnvController", "TriggerStateMachine", "CopyAssetsStateMachine", "ELBAccessLogsBucketCleaner"];
    kind.starts_with("Custom::")
        || kind.starts_with("AWS::Lambda::")
        || prefixes.iter().any(|prefix| id.starts_with(prefix))
}

#[test]
fn jobs_app_runner_and_sites_are_taken_over() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    emulator.write_probe("app");
    sandbox.write("dist/index.html", "<h1>first</h1>\n");
    sandbox.wharf("app init shop").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox.wharf("job init --name nightly --dockerfile app/Dockerfile --schedule @daily").ends(0);
    sandbox
        .wharf("svc init --name front --svc-type 'Request-Driven Web Service' --ingress-type Internet --dockerfile app/Dockerfile --port 8080")
        .ends(0);
    sandbox.wharf("svc init --name docs --svc-type 'Static Site' --sources dist").ends(0);
    sandbox
        .write("wharf/environments/test/manifest.yml", ENVIRONMENT)
        .write("wharf/nightly/manifest.yml", JOB)
        .write("wharf/front/manifest.yml", FRONT)
        .write("wharf/docs/manifest.yml", DOCS);

    sandbox.wharf("env package --name test --output-dir infra").ends(0);
    let (template, parameters) = as_copilot(
        STACKS[0],
        &sandbox.read("infra/test.env.yml"),
        &sandbox.read("infra/test.env.params.json"),
    );
    emulator.deploy_stack("UpdateStack", STACKS[0], &template, &parameters);
    let outputs = emulator.outputs(STACKS[0]);
    let data: BTreeMap<&String, &String> = outputs.iter().map(|(name, (value, _))| (name, value)).collect();
    emulator.put_parameter(
        "/wharf-emulators/custom-resources/EnvControllerAction",
        &json!({"Data": data, "PhysicalResourceId": "envcontoller/shop-test/x"}),
    );
    for (noun, name) in [("job", "nightly"), ("svc", "front"), ("svc", "docs")] {
        sandbox
            .wharf(&format!("{noun} package -n {name} -e test --output-dir infra --upload-assets"))
            .ends(0);
        let stack = format!("shop-test-{name}");
        let (template, parameters) = workload_as_copilot(
            &stack,
            &sandbox.read(&format!("infra/{name}-test.stack.yml")),
            &sandbox.read(&format!("infra/{name}-test.params.json")),
        );
        emulator.deploy_stack("CreateStack", &stack, &template, &parameters);
    }
    let before: BTreeMap<&str, _> = STACKS.iter().map(|stack| (*stack, emulator.resources(stack))).collect();
    let exports = emulator.exports();
    for stack in STACKS {
        let customs = before[stack].values().filter(|(_, kind)| kind.starts_with("Custom::"));
        assert!(customs.count() > 0, "{stack} has no custom resource: {:?}", before[stack]);
    }

    sandbox.wharf("env deploy --name test --takeover").ends(0);
    sandbox.wharf("deploy --all --env test --takeover").ends(0);

    let asked = emulator.parameters("/wharf-emulators/custom-resource-requests/");
    assert!(asked.len() >= STACKS.len(), "{asked:?}");
    assert!(!asked.values().any(|kinds| kinds.contains("Delete")), "{asked:?}");
    for (stack, resources) in &before {
        let now = emulator.resources(stack);
        for (id, (physical, kind)) in resources {
            let found = now.get(id).map(|(physical, _)| physical);
            match is_machinery(id, kind) {
                true => assert_eq!(found, None, "{id} of {stack}"),
                // Every change of a task definition makes a new one, and that is meant.
                false if kind == "AWS::ECS::TaskDefinition" => assert!(found.is_some(), "{id} of {stack}"),
                false => assert_eq!(found, Some(physical), "{id} of {stack}"),
            }
        }
        assert!(!now.contains_key("WharfTakeover"), "{stack}");
    }
    let now = emulator.exports();
    for (name, value) in &exports {
        assert_eq!(now.get(name), Some(value), "{name}");
    }
    let again = sandbox.wharf("deploy --all --env test").expect(0);
    assert!(again.stderr.contains("Unchanged in test: docs, front, nightly."), "{}", again.transcript());
    sandbox.wharf("doctor").ends(0);
    sandbox.wharf("app delete --yes").ends(0);
}
