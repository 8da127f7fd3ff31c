//! Plans against what is really deployed: told before anything happens, true afterwards, and held back where data would go.

use serde_json::Value;

use crate::sandbox::Run;
use crate::support::Emulator;

/// A bucket whose name can't be changed in place.
fn addons(bucket: &str) -> String {
    format!(
        "Parameters:\n  App:\n    Type: String\n  Env:\n    Type: String\n  Name:\n    Type: String\nResources:\n\
         \x20 Assets:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: {bucket}\n"
    )
}

/// What becomes of a resource in the one plan of a run.
fn action(run: &Run, id: &str) -> String {
    let value: Value = serde_json::from_str(&run.stdout).unwrap();
    let stacks = value["plans"][0]["stacks"].as_array().unwrap();
    let mut resources = stacks.iter().flat_map(|stack| stack["resources"].as_array().unwrap());
    let found = resources.find(|resource| resource["id"] == id);
    found.map_or_else(String::new, |resource| resource["action"].as_str().unwrap().to_owned())
}

#[test]
fn plans_are_told_before_and_true_after() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    emulator.write_probe("web");
    sandbox.wharf("app init plans").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    let before = sandbox.wharf("diff --environment -e test --json").expect(1);
    assert_eq!(action(&before, "Cluster"), "add", "{}", before.transcript());
    sandbox.wharf("env deploy --name test").ends(0);
    sandbox.wharf("diff --environment -e test").ends(0);

    sandbox.wharf("svc init --name back --svc-type 'Backend Service' --dockerfile web/Dockerfile").ends(0);
    let name = |n: u32| format!("w{}-plans-{n}", emulator.account);
    sandbox.write("wharf/back/addons/assets.yml", addons(&name(1)));
    let before = sandbox.wharf("diff -n back --json").expect(1);
    assert_eq!((action(&before, "Service"), action(&before, "Assets")), ("add".into(), "add".into()));
    assert!(!emulator.resources("plans-test").is_empty());
    let none = sandbox.wharf("svc status -n back");
    assert_ne!(none.code, 0, "a plan makes no stack: {}", none.transcript());
    sandbox.wharf("svc deploy -n back").ends(0);
    let same = sandbox.wharf("diff -n back").expect(0);
    assert!(same.stdout.contains("No resource changes"), "{}", same.transcript());

    // Another size is a new revision, in the words of the manifest.
    let manifest = sandbox.read("wharf/back/manifest.yml");
    sandbox.write(
        "wharf/back/manifest.yml",
        manifest.replace("cpu: 256", "cpu: 512").replace("memory: 512", "memory: 1024"),
    );
    let size = sandbox.wharf("diff -n back").expect(1);
    assert!(size.stdout.contains("cpu: 256 -> 512"), "{}", size.transcript());
    assert!(size.stdout.contains("stays: the registry has this content"), "{}", size.transcript());
    sandbox.wharf("svc deploy -n back --diff --diff-yes").ends(0);
    sandbox.wharf("diff -n back").ends(0);

    // Another content is another image.
    sandbox.write("web/more.txt", "more");
    sandbox.write("web/Dockerfile", format!("{}# more\n", sandbox.read("web/Dockerfile")));
    let image = sandbox.wharf("diff -n back").expect(1);
    assert!(image.stdout.contains("is built and pushed: its content is new"), "{}", image.transcript());
    sandbox.wharf("svc deploy -n back").ends(0);
    sandbox.wharf("diff -n back").ends(0);

    // Another name is another bucket: nobody loses what is in it by accident.
    sandbox.write("wharf/back/addons/assets.yml", addons(&name(2)));
    let other = sandbox.wharf("diff -n back --json").expect(1);
    assert_eq!(action(&other, "Assets"), "replace", "{}", other.transcript());
    let held = sandbox.wharf("svc deploy -n back").expect(5);
    assert!(held.stderr.contains("--allow-replace Assets"), "{}", held.transcript());
    assert!(emulator.leftovers().contains(&format!("bucket {}", name(1))));
    sandbox.wharf("svc deploy -n back --allow-replace Assets").ends(0);
    let left = emulator.leftovers();
    assert!(left.contains(&format!("bucket {}", name(2))), "{left:?}");

    let cost: Value = serde_json::from_str(&sandbox.wharf("cost -e test --json").expect(0).stdout).unwrap();
    assert_eq!(cost["environments"][0]["stacks"].as_array().map(Vec::len), Some(2), "{cost}");
    sandbox.wharf("app delete --yes --delete-data").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}
