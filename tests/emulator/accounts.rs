//! An application over accounts: ways into another account, records that Copilot reads too, two writers at once.

use std::collections::BTreeSet;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::support::Emulator;

/// The credentials of the default session and of a profile `other` in a file, and nothing in the environment.
fn profiles(emulator: &mut Emulator, other: &str) {
    let keys = |account: &str| format!("aws_access_key_id = {account}\naws_secret_access_key = test\n");
    let own = emulator.account.clone();
    let path = |name: &str| emulator.sandbox.variables()[name].clone();
    let (config, credentials) = (path("AWS_CONFIG_FILE"), path("AWS_SHARED_CREDENTIALS_FILE"));
    std::fs::write(config, "[default]\nregion = us-west-2\n[profile other]\nregion = eu-west-1\n").unwrap();
    std::fs::write(credentials, format!("[default]\n{}[other]\n{}", keys(&own), keys(other))).unwrap();
    for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"] {
        emulator.sandbox.unset(name);
    }
}

/// By a profile, by keys on the command line, by the default chain: each environment is where its credentials lead.
#[test]
fn environments_in_other_accounts() {
    let Some(mut emulator) = Emulator::new() else { return };
    let (by_profile, by_keys) = (Emulator::other_account(), Emulator::other_account());
    profiles(&mut emulator, &by_profile);
    let sandbox = &emulator.sandbox;
    sandbox.wharf("app init wide --resource-tags team=orders").ends(0);
    sandbox.wharf("env init --name own --default-config").ends(0);
    sandbox.wharf("env init --name prod --profile other --default-config").ends(0);
    sandbox
        .wharf(&format!(
            "env init --name stage --region ap-south-1 --aws-access-key-id {by_keys} --aws-secret-access-key test \
             --default-config"
        ))
        .ends(0);
    let missing = sandbox.wharf("env init --name more --profile nobody --default-config").expect(1);
    assert!(missing.stderr.contains("nobody"), "{}", missing.transcript());
    sandbox.wharf("env deploy --name prod").ends(0);

    let records = emulator.parameters("/copilot/applications");
    let record = |path: &str| -> Value {
        serde_json::from_str(&records[&format!("/copilot/applications/wide{path}")]).unwrap()
    };
    // Exactly the fields that Copilot 1.34 writes and reads.
    assert_eq!(
        record(""),
        json!({"name": "wide", "account": emulator.account, "domain": "", "domainHostedZoneID": "", "version": "1.0",
            "tags": {"team": "orders"}})
    );
    let places = [
        ("own", &emulator.account, "us-west-2"),
        ("prod", &by_profile, "eu-west-1"),
        ("stage", &by_keys, "ap-south-1"),
    ];
    for (name, account, region) in places {
        let role = |kind: &str| format!("arn:aws:iam::{account}:role/wide-{name}-{kind}");
        assert_eq!(
            record(&format!("/environments/{name}")),
            json!({"app": "wide", "name": name, "region": region, "accountID": account, "registryURL": "",
                "executionRoleARN": role("CFNExecutionRole"), "managerRoleARN": role("EnvManagerRole")})
        );
        let there = emulator.leftovers_in(account, region);
        assert!(there.contains(&format!("stack wide-{name}")), "{name}: {there:?}");
        // The bucket of every region is the application's.
        assert_eq!(
            there.iter().any(|left| left.starts_with("bucket ")),
            *account == emulator.account,
            "{there:?}"
        );
    }
    let report = sandbox.wharf("doctor --json").expect(0);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    let stacks = report["stacks"].as_array().unwrap();
    let found: BTreeSet<&str> = stacks.iter().map(|stack| stack["account"].as_str().unwrap()).collect();
    assert_eq!(found.len(), 3, "{report:#}");
    assert_eq!(report["stack_set"]["instances"].as_array().unwrap().len(), 3, "{report:#}");
    assert_eq!(report["missing_permissions"], json!([]));

    sandbox.wharf("app delete --yes").ends(0);
    for (_, account, region) in places {
        assert_eq!(emulator.leftovers_in(account, region), Vec::<String>::new(), "{account} {region}");
    }
}

/// Several writers of the StackSet's state at once: nobody's change is lost.
#[test]
fn writers_at_the_same_time() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    sandbox.wharf("app init busy").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    let names = ["one", "two", "three"];
    let started: Vec<_> = names
        .iter()
        .map(|name| {
            let mut command = sandbox.command(&sandbox.work());
            let line = ["svc", "init", "--name", name, "--svc-type", "Worker Service", "--image", "nginx"];
            command.args(line).stdout(Stdio::piped()).stderr(Stdio::piped());
            (*name, command.spawn().unwrap())
        })
        .collect();
    for (name, child) in started {
        sandbox.finish(name, child.wait_with_output().unwrap()).ends(0);
    }
    let left = emulator.leftovers();
    for name in names {
        assert!(left.contains(&format!("repository busy/{name}")), "{left:?}");
    }
    let report = sandbox.wharf("doctor --json").expect(0);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    let set = &report["stack_set"];
    assert_eq!(
        (set["health"].as_str(), set["operations"].as_array().map(Vec::len)),
        (Some("good"), Some(0)),
        "{set:#}"
    );
    let records = emulator.parameters("/copilot/applications/busy");
    assert_eq!(
        serde_json::from_str::<Value>(&records["/copilot/applications/busy/components/one"]).unwrap(),
        json!({"app": "busy", "name": "one", "type": "Worker Service"})
    );
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}
