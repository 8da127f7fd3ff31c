//! What Copilot deployed is deleted without having been taken over: none of its functions is called, as they would change an
//! environment that others use, and nothing is left all the same.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wharf::yaml::template;

use crate::support::Emulator;
use crate::takeover::{ENVIRONMENT, add_machinery, as_copilot};

const WEB: &str = "name: web\ntype: Load Balanced Web Service\nimage:\n  location: public.ecr.aws/nginx/nginx:1\n  port: 8080\n\
    http:\n  path: /\ncpu: 256\nmemory: 512\ncount:\n  range: 1-2\n  cpu_percentage: 70\n";

/// Environment and service as Copilot would have deployed them, with a custom resource of the user's own in the service.
fn deployed_by_copilot() -> Option<Emulator> {
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

#[test]
fn a_deletion_calls_none_of_copilots_functions() {
    let Some(emulator) = deployed_by_copilot() else { return };
    let sandbox = &emulator.sandbox;
    assert!(emulator.resources("shop-test").contains_key("PublicLoadBalancer"));
    // Nor does a pipeline that Copilot made: what its build packages would be laid over the stacks in one update.
    for noun in ["env package -n test", "svc package -n web -e test"] {
        let refused = sandbox.wharf(&format!("{noun} --output-dir infra --upload-assets")).expect(1);
        assert!(refused.stderr.contains("holds custom resources"), "{}", refused.transcript());
    }

    sandbox.wharf("svc delete --name web --env test --yes").ends(0);
    // The user's own is called, as it always was.
    assert_eq!(deleted(&emulator), ["Own"]);
    // What Copilot's function did to the environment is done.
    assert!(!emulator.resources("shop-test").contains_key("PublicLoadBalancer"));

    sandbox.wharf("env delete --name test --yes").ends(0);
    assert_eq!(deleted(&emulator), ["Own"]);
    sandbox.wharf("app delete --yes").ends(0);
    let left = emulator.leftovers();
    let left: Vec<&String> =
        left.iter().filter(|left| !left.starts_with("parameter /wharf-emulators/")).collect();
    assert_eq!(left, Vec::<&String>::new());
}
