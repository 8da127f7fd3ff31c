//! `svc releases` and `rollback`, as far as they come without real stacks.

use serde_json::json;

use crate::changes::deployed_environment;
use crate::expect_runs;
use crate::scripted::{ACCOUNT, Answer, Script};
use crate::world::{records, shop_in};

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
    );
    let seen = server.actions();
    assert!(!seen.iter().any(|action| action.contains("ChangeSet") || action.contains("PUT")), "{seen:?}");
}
