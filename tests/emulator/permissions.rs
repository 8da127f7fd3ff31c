//! Who calls what: nobody but those to whom the list of permissions gives it; and what the doctor says of it beforehand.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use wharf::ops::permissions::{DNS, MANAGER, NEEDS_NONE, Need, SITE, USER};

use crate::crash_names;
use crate::played::Played;
use crate::proxy::Act;
use crate::support::Emulator;

/// Actions of a call as the proxy names it; none of a REST service whose calls it does not tell apart.
fn actions(call: &str) -> Vec<String> {
    let (service, operation) = call.split_once(':').unwrap();
    let service = match service {
        "monitoring" => "cloudwatch",
        "tagging" => "tag",
        "route53" | "cloudfront" | "unsigned" => return vec![],
        other => other,
    };
    let operations: &[&str] = match (service, operation) {
        ("s3", "HEAD bucket" | "GET list") => &["ListBucket"],
        ("s3", "HEAD object" | "GET object") => &["GetObject"],
        ("s3", "PUT object") => &["PutObject"],
        ("s3", "GET bucket") => &["ListBucketVersions"],
        ("s3", "POST bucket") => &["DeleteObject", "DeleteObjectVersion"],
        ("elasticfilesystem", _) => return vec![],
        _ => &[operation],
    };
    operations.iter().map(|name| format!("{service}:{name}")).collect()
}

/// What a manager role tries and need not be allowed: it has no managed policies.
const TRIED: &str = "iam:ListAttachedRolePolicies";

#[test]
fn nobody_calls_what_is_not_listed() {
    let Some(played) = Played::new() else { return };
    crash_names::prepare(&played);
    // The preparations are the test's own.
    let own = played.proxy.callers();
    for (at, step) in crash_names::STEPS.iter().enumerate() {
        crash_names::write(&played, at, false);
        played.run(step.command, |_, _| Act::Pass).ends(0);
        if at == 8 {
            for command in ["doctor", "svc status --name web --env test", "app show", "env show --name test"]
            {
                played.run(command, |_, _| Act::Pass).ends(0);
            }
        }
    }
    played.run("app delete --yes", |_, _| Act::Pass).ends(0);
    let allowed = |table: &[&[Need]]| -> BTreeSet<&str> {
        let needs = table.iter().flat_map(|needs| needs.iter()).flat_map(|need| need.actions);
        needs.chain(NEEDS_NONE).copied().collect()
    };
    let (user, manager, dns) = (allowed(&[USER]), allowed(&[MANAGER, SITE]), allowed(&[DNS]));
    let mut unlisted = vec![];
    let mut roles = BTreeSet::new();
    for (role, call) in played.proxy.callers().difference(&own).cloned() {
        let listed = match role.as_str() {
            "" => &user,
            role if role.ends_with("-EnvManagerRole") => &manager,
            role if role.ends_with("-DNSDelegationRole") => &dns,
            other => panic!("nobody takes on {other}"),
        };
        let missing: Vec<String> = actions(&call)
            .into_iter()
            .filter(|action| !listed.contains(action.as_str()) && (role.is_empty() || action != TRIED))
            .collect();
        unlisted.extend(missing.into_iter().map(|action| format!("{role} calls {action}")));
        roles.insert(role);
    }
    assert_eq!(roles.len(), 3, "{roles:?}");
    assert!(unlisted.is_empty(), "{unlisted:#?}");
}

#[test]
fn the_doctor_says_what_a_user_may_not_do() {
    let Some(mut emulator) = Emulator::played() else { return };
    let app = "bounds";
    emulator.sandbox.wharf(&format!("app init {app}")).ends(0);
    emulator.sandbox.wharf("env init --name test --default-config").ends(0);
    // Everybody's root may do everything.
    let report = emulator.sandbox.wharf("doctor --json").expect(0);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    assert_eq!(report["permissions"]["denied"], json!([]));
    assert_eq!(report["permissions"]["untold"], "");

    // A user who may do what the documents list for deploying, but push images of one service only.
    let account = emulator.account.clone();
    let docs = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/permissions.md")).unwrap();
    let policy = docs.split_once("```json\n").unwrap().1.split_once("```").unwrap().0;
    let policy = policy
        .replace("ACCOUNT", &account)
        .replace("APP", app)
        .replace(":repository/bounds/*", ":repository/bounds/web");
    let keys = emulator.make_user("ci", &policy);
    emulator.sandbox.set("AWS_ACCESS_KEY_ID", &keys.0).set("AWS_SECRET_ACCESS_KEY", &keys.1);
    let report = emulator.sandbox.wharf("doctor --json").expect(0);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    let found = &report["permissions"];
    assert_eq!(found["principal"], format!("arn:aws:iam::{account}:user/ci"), "{found:#}");
    assert_eq!(found["untold"], "", "{found:#}");
    let denied = |purpose: &str| -> BTreeSet<&str> {
        let all = found["denied"].as_array().unwrap().iter();
        let of = all.filter(|one| one["purposes"].as_array().unwrap().iter().any(|word| word == purpose));
        of.map(|one| one["action"].as_str().unwrap()).collect()
    };
    assert_eq!(denied("look"), BTreeSet::new());
    let pushes = denied("deploy");
    assert!(
        pushes.contains("ecr:PutImage") && pushes.iter().all(|action| action.starts_with("ecr:")),
        "{pushes:?}"
    );
    assert!(denied("delete").contains("ssm:DeleteParameter"));
    // With the policy that the doctor wrote for what is denied nothing is.
    emulator.sandbox.wharf("doctor").ends(0);
    let text = emulator.sandbox.wharf("doctor").expect(0).stdout;
    let policy = text.split_once("Policy That Allows It").unwrap().1;
    let policy = &policy[policy.find('{').unwrap()..];
    let policy: Value = serde_json::Deserializer::from_str(policy).into_iter().next().unwrap().unwrap();
    emulator.put_user_policy("ci", "more", &policy.to_string());
    let report = emulator.sandbox.wharf("doctor --json").expect(0);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    assert_eq!(report["permissions"]["denied"], json!([]));
}
