//! Rollbacks: planned, held back and checked as deployments are.

use serde_json::{Value, json};

use crate::played::{Played, STEPS};
use crate::proxy::Act;

/// A bucket whose name can't be changed in place.
fn addons(bucket: &str) -> String {
    format!(
        "Parameters:\n  App:\n    Type: String\n  Env:\n    Type: String\n  Name:\n    Type: String\nResources:\n\
         \x20 Assets:\n    Type: AWS::S3::Bucket\n    Properties:\n      BucketName: {bucket}\n"
    )
}

#[test]
fn rollbacks_show_what_they_change_and_what_is_gone() {
    let Some(played) = Played::after(STEPS.len()) else { return };
    let (emulator, sandbox) = (&played.emulator, &played.emulator.sandbox);
    let run = |command: &str, code: i32| played.run(command, |_, _| Act::Pass).ends(code);
    let releases = || {
        let listed = sandbox.wharf("svc releases -n api -e test --json").expect(0).stdout;
        let listed: Value = serde_json::from_str(&listed).unwrap();
        listed["releases"].as_array().unwrap().clone()
    };
    let bucket = |number: u32| format!("w{}-back-{number}", emulator.account);
    let deploy = |number: u32, flags: &str| {
        sandbox.write("wharf/api/addons/assets.yml", addons(&bucket(number)));
        run(&format!("svc deploy --name api --env test{flags}"), 0);
    };

    // Another image, then addons, then other ones.
    sandbox.write("Dockerfile", "FROM scratch\n# more\n");
    deploy(1, "");
    deploy(2, " --allow-replace Assets");
    assert_eq!(releases().len(), 3);

    // The plan names what would go, the addons' resources too; nothing has changed yet.
    let asked = run("rollback --name api --env test --diff", 1);
    assert!(asked.contains("-/+ Assets") && asked.contains("--yes is missing"), "{asked}");
    let held = run("rollback --name api --env test --yes", 5);
    assert!(held.contains("--allow-replace Assets"), "{held}");
    assert_eq!(releases().len(), 3);
    run("rollback --name api --env test --yes --allow-replace Assets", 0);
    let now = releases();
    assert_eq!((now.len(), &now[0]["id"]), (4, &now[2]["id"]));
    assert!(emulator.leftovers().contains(&format!("bucket {}", bucket(1))), "{:?}", emulator.leftovers());

    // Once more changes nothing, and is no further release.
    let id = now[0]["id"].as_str().unwrap();
    let same = run(&format!("diff --name api --env test --to {id}"), 0);
    assert!(same.contains("No resource changes"), "{same}");
    let same = run(&format!("rollback --name api --env test --yes --to {id}"), 0);
    assert!(same.contains(&format!("is release {id} already")), "{same}");
    assert_eq!(releases().len(), 4);

    // A lifecycle policy has taken the first image meanwhile.
    let first = now.last().unwrap();
    let image = first["images"]["api"].as_str().unwrap();
    let (_, digest) = image.split_once('@').unwrap();
    let target = "X-Amz-Target: AmazonEC2ContainerRegistry_V20150921.BatchDeleteImage";
    let body = json!({"repositoryName": "crash/api", "imageIds": [{"imageDigest": digest}]}).to_string();
    emulator.own("ecr", &[target, "Content-Type: application/x-amz-json-1.1"], &body);
    let to = first["id"].as_str().unwrap();
    let gone = run(&format!("rollback --name api --env test --yes --to {to} --allow-replace Assets"), 1);
    assert!(gone.contains("is not in the registry any more") && gone.contains("lifecycle policy"), "{gone}");
    assert_eq!(releases().len(), 4);
    run("app delete --yes --delete-data", 0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}
