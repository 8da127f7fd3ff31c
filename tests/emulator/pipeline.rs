//! A pipeline from its files to nothing, and what is kept for it meanwhile.

use serde_json::Value;

use crate::support::Emulator;

const API: &str =
    "name: api\ntype: Backend Service\nimage:\n  location: public.ecr.aws/nginx/nginx:1\n  port: 80\n";

#[test]
fn a_pipeline_comes_and_goes_and_keeps_its_bucket() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    let done = |command: &str| sandbox.wharf(command).ends(0);
    done("app init shop");
    done("env init --name near");
    done("env init --name far --region us-east-1");
    sandbox.write("wharf/api/manifest.yml", API);
    let init = "pipeline init --name main --url https://github.com/acme/shop --git-branch main \
                --environments far --pipeline-type Workloads";
    done(init);
    let deployed = sandbox.wharf("pipeline deploy").expect(0);
    assert!(
        deployed.stderr.contains("codesuite/settings/connections?region=us-west-2"),
        "{}",
        deployed.stderr
    );
    assert!(deployed.stderr.contains("Read the repository once more"), "{}", deployed.stderr);
    let again = sandbox.wharf("pipeline deploy --yes").expect(0);
    assert!(again.stderr.contains("up to date"), "{}", again.stderr);

    assert_eq!(sandbox.wharf("pipeline ls").expect(0).stdout, "main\n");
    let json =
        |command: &str| -> Value { serde_json::from_str(&sandbox.wharf(command).expect(0).stdout).unwrap() };
    let shown = json("pipeline show --json --resources");
    assert_eq!((&shown["name"], &shown["region"]), (&"main".into(), &"us-west-2".into()), "{shown}");
    assert_eq!(shown["stages"][2]["details"], "StackName: shop-far-api", "{shown}");
    assert!(shown["resources"].as_array().unwrap().iter().any(|one| one["logicalID"] == "SourceConnection"));
    let status = json("pipeline status --json");
    let states = status["stageStates"].as_array().unwrap();
    assert!(states.iter().all(|stage| stage["actions"][0]["status"] == "Succeeded"), "{status}");

    // No environment is left in the pipeline's region, but its artifacts are.
    let gone = sandbox.wharf("env delete --name near --yes").expect(0);
    assert!(gone.stderr.contains("the pipeline main uses them"), "{}", gone.stderr);
    assert!(emulator.leftovers().iter().any(|one| one.starts_with("bucket")), "{:?}", emulator.leftovers());
    let refused = sandbox.wharf("env delete --name far --yes").expect(1);
    assert!(refused.stderr.contains("pipelines deploy to the environment far: main"), "{}", refused.stderr);

    done("pipeline delete --name main --yes");
    assert_eq!(json("pipeline ls --json")["pipelines"], Value::Array(vec![]));
    done("env delete --name far --yes");
    done("app delete --yes");
    assert_eq!(emulator.leftovers(), [""; 0]);
}
