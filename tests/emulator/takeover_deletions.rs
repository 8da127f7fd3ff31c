//! What Copilot deployed is deleted without having been taken over: none of its functions is called, as they would change an
//! environment that others use, and nothing is left all the same.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wharf::yaml::template;

use crate::support::Emulator;
use crate::takeover::{ENVIRONMENT, add_machinery, as_copilot};

const WEB: &str = "name: web\ntype: Load Balanced Web Service\nimage:\n  location: public.ecr.aws/nginx/nginx:1\n  port: 8080\n\
    http:\n  path: /\ncpu: 256\nmemory: 512\ncount:\n  range: 1-2\n  cpu_percentage: 70\n";

/// Environment and service as Copilot would have deployed them, with a custom resource of the user's own in the service, and
/// more resources.
fn deployed_by_copilot(more: &[(&str, Value)]) -> Option<Emulator> {
    let emulator = Emulator::played()?;
    let sandbox = &emulator.sandbox;
    sandbox.wharf("app init shop").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox
        .wharf("svc init --name web --svc-type 'Load Balanced Web Service' --image public.ecr.aws/nginx/nginx:1 --port 8080")
        .ends(0);
    sandbox.write("wharf/environments/test/manifest.yml", ENVIRONMENT).write("wharf/web/manifest.yml", WEB);
    sandbox.wharf("env package --name test --output-dir infra").ends(0);
    let packaged = |stack: &str, file: &str| -> (Value, BTreeMap<String, String>) {
        let (text, parameters) = as_copilot(
            stack,
            &sandbox.read(&format!("infra/{file}.yml")),
            &sandbox.read(&format!("infra/{}.params.json", file.trim_end_matches(".stack"))),
        );
        (template::parse(&text).unwrap(), parameters)
    };
    let (environment, parameters) = packaged("shop-test", "test.env");
    emulator.deploy_stack("UpdateStack", "shop-test", &template::to_yaml(&environment), &parameters);
    let outputs = emulator.outputs("shop-test");
    let data: BTreeMap<&String, &String> = outputs.iter().map(|(name, (value, _))| (name, value)).collect();
    let answer = |id: &str, value: Value| {
        emulator.put_parameter(&format!("/wharf-emulators/custom-resources/{id}"), &value);
    };
    answer("EnvControllerAction", json!({"Data": data, "PhysicalResourceId": "envcontoller/shop-test/web"}));
    answer("HTTPRulePriorityAction", json!({"Data": {"Priority": 49_000}}));
    answer("DynamicDesiredCountAction", json!({"Data": {"DesiredCount": 1}}));
    sandbox.wharf("svc package -n web -e test --output-dir infra").ends(0);
    let (mut service, parameters) = packaged("shop-test-web", "web-test.stack");
    add_machinery(&mut service, "Own", "OwnFunction", "OwnRole", json!({}));
    for (id, resource) in more {
        service["Resources"][*id] = resource.clone();
    }
    emulator.deploy_stack("CreateStack", "shop-test-web", &template::to_yaml(&service), &parameters);
    Some(emulator)
}

/// Custom resources that were asked to delete what they made.
fn deleted(emulator: &Emulator) -> Vec<String> {
    let asked = emulator.parameters("/wharf-emulators/custom-resource-requests/");
    assert!(asked.len() >= 4, "{asked:?}");
    let deleted = asked.into_iter().filter(|(_, kinds)| kinds.contains("Delete"));
    deleted.map(|(name, _)| name.rsplit('/').next().unwrap().to_owned()).collect()
}

/// But for what the test itself needs.
#[track_caller]
fn nothing_is_left(emulator: &Emulator) {
    let own = ["parameter /wharf-emulators/", "bucket templates-"];
    let left = emulator.leftovers();
    let left: Vec<&String> =
        left.iter().filter(|left| !own.iter().any(|prefix| left.starts_with(prefix))).collect();
    assert_eq!(left, Vec::<&String>::new());
}

#[test]
fn a_deletion_calls_none_of_copilots_functions() {
    let Some(emulator) = deployed_by_copilot(&[]) else { return };
    let sandbox = &emulator.sandbox;
    assert!(emulator.resources("shop-test").contains_key("PublicLoadBalancer"));
    // Nor does a pipeline that Copilot made: what its build packages would be laid over the stacks in one update.
    for noun in ["env package -n test", "svc package -n web -e test"] {
        let refused = sandbox.wharf(&format!("{noun} --output-dir infra --upload-assets")).expect(1);
        assert!(refused.stderr.contains("holds custom resources"), "{}", refused.transcript());
    }

    // A task that was run once in the environment, with images and files that CloudFormation would stumble over.
    let task =
        "Resources:\n  ECRRepo: {Type: 'AWS::ECR::Repository'}\n  S3Bucket: {Type: 'AWS::S3::Bucket'}\n";
    let tags =
        [("copilot-application", "shop"), ("copilot-environment", "test"), ("copilot-task", "migrate")];
    emulator.deploy_long_stack("CreateStack", "task-migrate", task, &BTreeMap::new(), &tags);
    emulator.put_object(&emulator.resources("task-migrate")["S3Bucket"].0, "manual/env-files/x.env", "A=b");

    sandbox.wharf("svc delete --name web --env test --yes").ends(0);
    // The user's own is called, as it always was.
    assert_eq!(deleted(&emulator), ["Own"]);
    // What Copilot's function did to the environment is done.
    assert!(!emulator.resources("shop-test").contains_key("PublicLoadBalancer"));

    let asked = sandbox.wharf("env delete --name test").expect(1);
    assert!(asked.stderr.contains("task migrate"), "{}", asked.transcript());
    sandbox.wharf("env delete --name test --yes").ends(0);
    assert_eq!(deleted(&emulator), ["Own"]);
    sandbox.wharf("app delete --yes").ends(0);
    nothing_is_left(&emulator);
}

/// A deletion by Copilot that failed has called its functions and lists what is gone: that can't be kept any more.
#[test]
fn a_deletion_that_copilot_began_is_finished() {
    let bucket = ("Uploads", json!({"Type": "AWS::S3::Bucket"}));
    let Some(emulator) = deployed_by_copilot(&[bucket]) else { return };
    let sandbox = &emulator.sandbox;
    let bucket = emulator.resources("shop-test-web")["Uploads"].0.clone();
    emulator.put_object(&bucket, "photo", "x");
    emulator.fail_to_delete_stack("shop-test-web");
    sandbox.wharf("svc delete --name web --env test --yes --delete-data").ends(0);
    sandbox.wharf("app delete --yes").ends(0);
    nothing_is_left(&emulator);
}
