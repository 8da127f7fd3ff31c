//! An application over accounts: ways into another account, records that Copilot reads too, two writers at once.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
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

/// A profile that was asked for by name is the one that counts, also where keys stand in the environment: the environment would
/// be made in an account that nobody named.
#[test]
fn a_profile_goes_before_the_keys_of_the_environment() {
    let Some(emulator) = Emulator::played() else { return };
    let other = Emulator::other_account();
    let sandbox = &emulator.sandbox;
    std::fs::write(&sandbox.variables()["AWS_CONFIG_FILE"], "[profile other]\nregion = eu-west-1\n").unwrap();
    let keys = format!("[other]\naws_access_key_id = {other}\naws_secret_access_key = test\n");
    std::fs::write(&sandbox.variables()["AWS_SHARED_CREDENTIALS_FILE"], keys).unwrap();
    sandbox.wharf("app init wide").ends(0);
    let made =
        sandbox.wharf("env init --name prod --profile other --region eu-west-1 --default-config").expect(0);
    assert!(made.stderr.contains(&format!("in account {other}")), "{}", made.transcript());
    let missing = sandbox.wharf("env init --name more --profile nobody --default-config").expect(1);
    assert!(missing.stderr.contains("there is no profile nobody"), "{}", missing.transcript());
    sandbox.wharf("app delete --yes").ends(0);
}

/// An account that nobody can get into any more: nothing goes, and what is said to do about it works.
#[test]
fn an_environment_without_a_way_in_can_be_forgotten() {
    let Some(emulator) = Emulator::played() else { return };
    let other = Emulator::other_account();
    let sandbox = &emulator.sandbox;
    sandbox.wharf("app init wide").ends(0);
    sandbox
        .wharf(&format!(
            "env init --name prod --region eu-west-1 --aws-access-key-id {other} --aws-secret-access-key test --default-config"
        ))
        .ends(0);
    emulator.delete_role(&other, "wide-prod-EnvManagerRole");
    let before = emulator.leftovers();
    for line in ["app delete --yes", "env delete --name prod --yes"] {
        let refused = sandbox.wharf(line).expect(1);
        for word in
            ["the environment prod in account", "aws ssm delete-parameter --name /copilot/applications/wide"]
        {
            assert!(refused.stderr.contains(word), "{word}: {}", refused.transcript());
        }
    }
    assert_eq!(emulator.leftovers(), before);
    emulator.delete_parameter("/copilot/applications/wide/environments/prod");
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
    assert_eq!(emulator.leftovers_in(&emulator.account, "eu-west-1"), Vec::<String>::new());
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

/// The template of a StackSet with many workloads is too long for a call.
#[test]
fn an_application_of_many_services_is_upgraded() {
    let Some(emulator) = Emulator::played() else { return };
    let sandbox = &emulator.sandbox;
    sandbox.wharf("app init many").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox.wharf("eject --output-dir out").ends(0);
    let set = sandbox.read("out/many-infrastructure.stackset.yml");
    let mut old = wharf::yaml::template::parse(&set).unwrap();
    let names: Vec<String> = (0..60).map(|number| format!("service-{number}")).collect();
    old["Metadata"]["TemplateVersion"] = json!("v1.0.0");
    old["Metadata"]["Services"] = json!(names);
    old["Metadata"].as_object_mut().unwrap().remove("Workloads");
    emulator.update_stack_set("many-infrastructure", &serde_json::to_string(&old).unwrap());
    let upgraded = sandbox.wharf("app upgrade").expect(0);
    assert!(upgraded.stderr.contains("Upload the template"), "{}", upgraded.transcript());
    let there = emulator.instance("many-infrastructure", "us-west-2");
    assert_eq!(there.keys().filter(|id| id.starts_with("ECRRepo")).count(), names.len(), "{there:?}");
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}

/// An application of Copilot's over two accounts and two regions gets this version's roles and StackSet everywhere, also after
/// a run that was stopped; key, bucket and repositories stay what they are. Then a third account comes.
#[test]
fn an_application_is_upgraded_in_all_places() {
    let Some(emulator) = Emulator::played() else { return };
    let (other, third) = (Emulator::other_account(), Emulator::other_account());
    let sandbox = &emulator.sandbox;
    sandbox.wharf("app init wide").ends(0);
    sandbox.wharf("env init --name own --default-config").ends(0);
    let elsewhere = |name: &str, account: &str, region: &str| {
        sandbox
            .wharf(&format!(
                "env init --name {name} --region {region} --aws-access-key-id {account} --aws-secret-access-key test \
                 --default-config"
            ))
            .ends(0);
    };
    elsewhere("prod", &other, "eu-west-1");
    for name in ["web", "api"] {
        let line = format!("svc init --name {name} --svc-type 'Backend Service' --image nginx --port 80");
        sandbox.wharf(&line).ends(0);
    }
    let places = ["us-west-2", "eu-west-1"];
    let all = || places.map(|region| emulator.instance("wide-infrastructure", region));
    let before = all();
    assert!(before[1].contains_key("ECRRepoweb"), "{before:?}");

    // As Copilot has left it: its versions, and the list of services of its early versions.
    let age = |legacy: bool, services: &[&str]| {
        sandbox.wharf("eject --output-dir out").ends(0);
        let set = sandbox.read("out/wide-infrastructure.stackset.yml");
        let mut old = wharf::yaml::template::parse(&set).unwrap();
        old["Metadata"]["TemplateVersion"] = json!(if legacy { "v1.0.0" } else { "v1.2.0" });
        old["Outputs"]["TemplateVersion"]["Value"] = json!("v1.2.0");
        if legacy {
            old["Metadata"]["Services"] = json!(services);
            old["Metadata"].as_object_mut().unwrap().remove("Workloads");
        }
        emulator.update_stack_set("wide-infrastructure", &serde_json::to_string(&old).unwrap());
        let roles = sandbox.read("out/wide-infrastructure-roles.template.yml");
        let mut old = wharf::yaml::template::parse(&roles).unwrap();
        if old["Metadata"]["TemplateVersion"] == "v1.0.2" {
            return;
        }
        old["Metadata"]["TemplateVersion"] = json!("v1.0.2");
        old["Outputs"]["TemplateVersion"]["Value"] = json!("v1.0.2");
        let file: Value =
            serde_json::from_str(&sandbox.read("out/wide-infrastructure-roles.params.json")).unwrap();
        let parameters = file["Parameters"].as_object().unwrap().iter();
        let parameters = parameters.map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()));
        let parameters = parameters.collect();
        let old = serde_json::to_string(&old).unwrap();
        let tags = [("copilot-application", "wide")];
        emulator.deploy_long_stack("UpdateStack", "wide-infrastructure-roles", &old, &parameters, &tags);
    };
    let version = || -> String {
        let shown: Value = serde_json::from_str(&sandbox.wharf("app show --json").expect(0).stdout).unwrap();
        shown["version"].as_str().unwrap().to_owned()
    };
    // What the doctor says of the StackSet and of the roles.
    let examined = || -> (Value, Value) {
        let report: Value = serde_json::from_str(&sandbox.wharf("doctor --json").expect(0).stdout).unwrap();
        let stacks = report["stacks"].as_array().unwrap();
        let roles = stacks.iter().find(|stack| stack["stack"] == "wide-infrastructure-roles").unwrap();
        (report["stack_set"].clone(), roles.clone())
    };
    for legacy in [false, true] {
        age(legacy, &["web", "api"]);
        assert_ne!(version(), "v2.0.0");
        let (set, roles) = examined();
        let has = if legacy { "v1.0.0" } else { "v1.2.0" };
        assert_eq!((&set["template_version"], &set["health"]), (&json!(has), &json!("attention")), "{set:#}");
        assert_eq!(
            (&roles["version"], &roles["health"]),
            (&json!("v1.0.2"), &json!("attention")),
            "{roles:#}"
        );
        for (one, regions) in [(&set, json!(["eu-west-1", "us-west-2"])), (&roles, json!(["us-west-2"]))] {
            let upgrade = &one["upgrade"];
            assert_eq!((&upgrade["to"], &upgrade["problems"]), (&json!("v2.0.0"), &json!([])), "{one:#}");
            let stacks = upgrade["stacks"].as_array().unwrap();
            assert_eq!((stacks.len(), &stacks[0]["regions"]), (1, &regions), "{one:#}");
            let foreseen = stacks[0]["resources"].as_array().unwrap();
            let mut verdicts = foreseen.iter().map(|fate| fate["verdict"].as_str().unwrap());
            assert!(verdicts.all(|verdict| matches!(verdict, "kept" | "changed")), "{one:#}");
        }
        // All that there is was judged.
        let foreseen = set["upgrade"]["stacks"][0]["resources"].as_array().unwrap();
        let foreseen: BTreeSet<&str> = foreseen.iter().map(|fate| fate["id"].as_str().unwrap()).collect();
        assert_eq!(foreseen, before[0].keys().map(String::as_str).collect());
        if legacy {
            // Stopped as soon as the roles are done.
            let mut child = sandbox
                .command(&sandbox.work())
                .args(["app", "upgrade", "--progress", "json"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let done = lines.map_while(Result::ok).any(|line| line.contains("\"event\":\"stack_finished\""));
            child.kill().unwrap();
            child.wait().unwrap();
            assert!(done);
        }
        sandbox.wharf("app upgrade").ends(0);
        assert_eq!(version(), "v2.0.0");
        assert_eq!(all(), before, "key, bucket and repositories stay");
        let (set, roles) = examined();
        for one in [&set, &roles] {
            assert_eq!((&one["upgrade"], &one["health"]), (&Value::Null, &json!("good")), "{one:#}");
        }
        assert_eq!(set["template_version"], "v2.0.0");
        let again = sandbox.wharf("app upgrade").expect(0);
        assert!(again.stderr.contains("up to date"), "{}", again.transcript());
    }

    // A list that does not say all: nothing that renders the template anew touches it, and the doctor says so before.
    age(true, &["web"]);
    let (set, _) = examined();
    let lost = "ECRRepoapi (AWS::ECR::Repository) of wide-infrastructure would be lost";
    assert_eq!(
        (&set["health"], &set["upgrade"]["problems"][0]["what"]),
        (&json!("bad"), &json!(lost)),
        "{set:#}"
    );
    for line in ["app upgrade", "svc init --name more --svc-type 'Backend Service' --image nginx --port 80"] {
        let refused = sandbox.wharf(line).expect(1);
        assert!(refused.stderr.contains(lost), "{}", refused.transcript());
    }
    let (same, roles) = examined();
    assert_eq!(
        (all(), same, &roles["version"]),
        (before.clone(), set, &json!("v1.0.2")),
        "nothing was changed"
    );
    // Corrected by hand, it is accepted.
    age(true, &["web", "api"]);
    sandbox.wharf("app upgrade").ends(0);
    assert_eq!(all(), before);

    elsewhere("stage", &third, "ap-south-1");
    let report: Value = serde_json::from_str(&sandbox.wharf("doctor --json").expect(0).stdout).unwrap();
    let set = &report["stack_set"];
    assert_eq!((set["health"].as_str(), set["instances"].as_array().map(Vec::len)), (Some("good"), Some(3)));
    sandbox.wharf("eject --output-dir out").ends(0);
    let set = wharf::yaml::template::parse(&sandbox.read("out/wide-infrastructure.stackset.yml")).unwrap();
    let accounts = set["Metadata"]["Accounts"].as_array().unwrap();
    for account in [&emulator.account, &other, &third] {
        assert!(accounts.contains(&json!(account)), "{accounts:?}");
    }
    // What goes with everything need not be whole.
    age(true, &["web"]);
    sandbox.wharf("app delete --yes").ends(0);
    for (account, region) in [(&emulator.account, "us-west-2"), (&other, "eu-west-1"), (&third, "ap-south-1")]
    {
        let mut left = emulator.leftovers_in(account, region);
        // Where the test put templates that are too long for a call.
        left.retain(|line| !line.starts_with("bucket templates-"));
        assert_eq!(left, Vec::<String>::new(), "{account} {region}");
    }
}
