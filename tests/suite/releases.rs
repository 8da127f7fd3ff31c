//! `svc releases` and `rollback`, as far as they come without real stacks.

use std::collections::BTreeMap;

use serde_json::json;

use crate::changes::{deployed_environment, unchanged};
use crate::expect_runs;
use crate::plans::{packaged, pushed};
use crate::sandbox::Sandbox;
use crate::scripted::{ACCOUNT, Answer, Script, Scripted};
use crate::world::{WEB, point, records, shop_in, stack, template};

const FOLDER: &str = "manual/releases/shop-test-web";
const NEW: &str = "1767323045000-0a1b2c3d4e";
const OLD: &str = "1700000000000-ffeeddccbb";

/// Two releases in the artifact bucket: the old one has lost its image and its template.
fn with_releases(script: Script) -> Script {
    let object = |name: &str| {
        format!(
            "<Contents><Key>{FOLDER}/{name}.json</Key><LastModified>2026-01-02T03:04:05Z</LastModified><Size>9</Size></Contents>"
        )
    };
    let release = |id: &str, at: i64, commit: &str| {
        let image = format!("{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/shop/web@sha256:{id}00112233");
        json!({
            "id": id, "at": at, "commit": commit, "images": {"web": image, "nginx": "nginx:1.27"},
            "template": "manual/templates/shop-test-web/0.yml", "parameters": {"AppName": "shop"}, "tags": {},
        })
        .to_string()
    };
    script
        .on(
            &format!("s3:GET /bucket-of-shop/?list-type=2&prefix={}%2F", FOLDER.replace('/', "%2F")),
            "",
            Answer::Raw(format!(
                "<ListBucketResult><IsTruncated>false</IsTruncated>{}{}</ListBucketResult>",
                object(OLD),
                object(NEW)
            )),
        )
        .on(
            &format!("s3:GET /bucket-of-shop/{FOLDER}/{NEW}.json?x-id=GetObject"),
            "",
            Answer::Raw(release("0a1b2c3d4e", 1_767_323_045_000, "4f2a9c1")),
        )
        .on(
            &format!("s3:GET /bucket-of-shop/{FOLDER}/{OLD}.json?x-id=GetObject"),
            "",
            Answer::Raw(release("ffeeddccbb", 1_700_000_000_000, "")),
        )
        .on(
            "s3:GET /bucket-of-shop/manual/templates/shop-test-web/0.yml?x-id=GetObject",
            "",
            Answer::Error(404, "NoSuchKey".to_owned(), "The specified key does not exist.".to_owned()),
        )
}

#[test]
fn releases_are_listed() {
    let (sandbox, _server) = shop_in(with_releases(deployed_environment(records())));
    expect_runs!(
        "releases",
        sandbox.wharf("svc releases -n web -e test"),
        sandbox.wharf("svc releases -n web -e test --json"),
        sandbox.wharf("svc releases -n nobody -e test"),
    );
}

#[test]
fn rollbacks_that_can_not_be() {
    let (sandbox, server) = shop_in(with_releases(deployed_environment(records())));
    expect_runs!(
        "rollback_refused",
        sandbox.wharf("rollback -n web -e test"),
        sandbox.wharf("rollback -n web -e test --yes"),
        sandbox.wharf("rollback -n web -e test --yes --to 1234"),
        sandbox.wharf("rollback -n web -e test --yes --to newest"),
        // Nothing is built in a rollback, so nothing is tried.
        sandbox.wharf("rollback -n web -e test --yes --try"),
    );
    let seen = server.actions();
    assert!(!seen.iter().any(|action| action.contains("ChangeSet") || action.contains("PUT")), "{seen:?}");
}

/// The service `web` is deployed as it is in the workspace; its release before that had `manifest`.
fn with_earlier(manifest: &str, more: impl FnOnce(Script) -> Script) -> (Sandbox, Scripted) {
    let (mut sandbox, _first) = shop_in(deployed_environment(pushed(records())));
    let (text, parameters) = packaged(&sandbox);
    let parameters: Vec<(&str, &str)> =
        parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    sandbox.write("wharf/web/manifest.yml", manifest);
    let (old_text, old_parameters) = packaged(&sandbox);
    sandbox.write("wharf/web/manifest.yml", WEB);
    let image = format!("{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/shop/web@sha256:{}", "b".repeat(64));
    let mut old: BTreeMap<String, String> = old_parameters.into_iter().collect();
    old.insert("ContainerImage".to_owned(), image.clone());
    let release = json!({
        "id": "ffeeddccbb", "at": 1_700_000_000_000_i64, "commit": "4f2a9c1", "images": {"web": image},
        "template": "manual/templates/shop-test-web/0.yml", "parameters": old, "tags": {"copilot-application": "shop"},
    });
    let script = more(records())
        .on(
            &format!("s3:GET /bucket-of-shop/{FOLDER}/{OLD}.json?x-id=GetObject"),
            "",
            Answer::Raw(release.to_string()),
        )
        .on(
            "s3:GET /bucket-of-shop/manual/templates/shop-test-web/0.yml?x-id=GetObject",
            "",
            Answer::Raw(old_text),
        )
        .on(
            "cloudformation:DescribeStacks",
            "StackName=shop-test-web&",
            stack("shop-test-web", "UPDATE_COMPLETE", &parameters, &[]),
        )
        .on("cloudformation:GetTemplate", "StackName=shop-test-web&", template(&text));
    let server = deployed_environment(with_releases(pushed(script))).start();
    point(&mut sandbox, &server.url());
    (sandbox, server)
}

#[test]
fn the_beginning_of_several_ids_is_no_release() {
    let object = |name: &str| format!("<Contents><Key>{FOLDER}/{name}.json</Key></Contents>");
    let several = [OLD, "1700000000001-0a1b2c0000", NEW].map(object).concat();
    let script = deployed_environment(records()).on(
        &format!("s3:GET /bucket-of-shop/?list-type=2&prefix={}%2F", FOLDER.replace('/', "%2F")),
        "",
        Answer::Raw(format!(
            "<ListBucketResult><IsTruncated>false</IsTruncated>{several}</ListBucketResult>"
        )),
    );
    let (sandbox, server) = shop_in(script);
    expect_runs!("rollback_ambiguous", sandbox.wharf("rollback -n web -e test --yes --to 0a1b2c").expect(1));
    unchanged(&server);
}

#[test]
fn a_rollback_shows_what_it_changes_before_it_asks() {
    let manifest = WEB.replace("cpu: 256\nmemory: 512", "cpu: 512\nmemory: 1024");
    let (sandbox, server) = with_earlier(&manifest, |script| script);
    expect_runs!(
        "rollback_plan",
        sandbox.wharf("rollback -n web -e test").expect(1),
        sandbox.wharf("rollback -n web -e test --diff").expect(1),
        sandbox.wharf("diff -n web -e test --to ffee").expect(1),
        sandbox.wharf("diff -n web,api -e test --to ffee").expect(2),
    );
    let json = sandbox.wharf("diff -n web -e test --to ffee --json").expect(1);
    let value: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    insta::assert_snapshot!(
        "rollback_images_json",
        serde_json::to_string_pretty(&value["plans"][0]["images"]).unwrap()
    );
    unchanged(&server);
}

#[test]
fn a_rollback_is_checked_and_held_back_before_anything_changes() {
    let gone = |script: Script| {
        let error = Answer::Error(400, "ImageNotFoundException".to_owned(), "gone".to_owned());
        script.on("ecr:DescribeImages", &"b".repeat(64), error)
    };
    let (sandbox, server) = with_earlier(&format!("{WEB}secrets:\n  DB: /shop/db\n"), gone);
    expect_runs!("rollback_checked", sandbox.wharf("rollback -n web -e test --yes").expect(1));
    unchanged(&server);
    let grpc = WEB.replace("  path: /\n", "  path: /\n  version: grpc\n");
    let (sandbox, server) = with_earlier(&grpc, |script| script);
    expect_runs!("rollback_held_back", sandbox.wharf("rollback -n web -e test --yes").expect(5));
    unchanged(&server);
}
