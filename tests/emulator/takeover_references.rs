//! Templates that Copilot itself made, deployed as it would have deployed them, become wharf's.
//!
//! They take minutes: without `WHARF_GOLDEN`, which names the folder of the reference pairs ([`crate::golden`]), they say so and pass. What their manifests name from outside is put
//! in its place first: certificates, domains, exports, topics, secrets. Tasks are played, so that images need not exist. What
//! custom resources would have made (certificates, priorities) comes from a deployment of wharf's that makes way for Copilot's.

#![expect(clippy::print_stderr, reason = "a test that runs says what it took over")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::{Value, json};
use wharf::takeover::machinery;
use wharf::yaml::template;

use crate::golden::{References, parameters};
use crate::support::Emulator;

/// Parameters that switch on all that an environment has on demand.
const ON_DEMAND: [&str; 5] =
    ["ALBWorkloads", "InternalALBWorkloads", "EFSWorkloads", "NATWorkloads", "AppRunnerPrivateWorkloads"];

/// An environment of Copilot's or a workload of its, and what there was before its takeover.
struct Deployed<'a> {
    emulator: &'a Emulator,
    stack: String,
    template: Value,
    before: BTreeMap<String, (String, String)>,
    exports: BTreeMap<String, String>,
    tasks: usize,
}

impl<'a> Deployed<'a> {
    fn new(emulator: &'a Emulator, stack: &str, template: &str) -> Self {
        Self {
            emulator,
            stack: stack.to_owned(),
            template: template::parse(template).unwrap(),
            before: emulator.resources(stack),
            exports: emulator.exports(),
            tasks: emulator.running_tasks().len(),
        }
    }

    /// Stops `command` between the two updates, where there are two, and finishes it.
    fn take_over(&self, command: &str) {
        let sandbox = &self.emulator.sandbox;
        let stack = self.stack.as_str();
        if machinery::custom_resources(&self.template).next().is_some() {
            let mut child = sandbox
                .command(&sandbox.work())
                .args(command.split(' '))
                .args(["--takeover", "--progress", "json"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let lines = BufReader::new(child.stdout.take().unwrap()).lines();
            let finished = lines.map_while(Result::ok).any(|line| {
                let event: Value = serde_json::from_str(&line).unwrap();
                event["event"] == "stack_finished" && event["stack"] == stack
            });
            child.kill().unwrap();
            child.wait().unwrap();
            if !finished {
                sandbox.wharf(&format!("{command} --takeover")).ends(0);
                panic!("{stack}: there was no first update");
            }
            assert!(self.emulator.resources(stack).contains_key("WharfTakeover"), "{stack}");
        }
        sandbox.wharf(&format!("{command} --takeover")).ends(0);
        self.all_is_there();
        let again = sandbox.wharf(command).expect(0);
        assert!(again.stderr.contains("nothing to change"), "{}", again.transcript());
    }

    #[track_caller]
    fn all_is_there(&self) {
        let (emulator, stack) = (self.emulator, self.stack.as_str());
        let asked = emulator.parameters(&format!("/wharf-emulators/custom-resource-requests/{stack}/"));
        // Others stand behind conditions.
        let customs = self.before.values().filter(|(_, kind)| kind.starts_with("Custom::"));
        assert_eq!(asked.len(), customs.count(), "{stack}: {asked:?}");
        assert!(!asked.values().any(|kinds| kinds.contains("Delete")), "{stack}: {asked:?}");
        let (now, machines) = (emulator.resources(stack), machinery::machinery(&self.template));
        let (mut kept, mut gone) = (0, 0);
        for (id, (physical, kind)) in &self.before {
            let found = now.get(id).map(|(physical, _)| physical);
            if machines.contains(id.as_str()) {
                assert_eq!(found, None, "{id} of {stack}");
                gone += 1;
            } else if kind == "AWS::ECS::TaskDefinition" {
                // Every change of a task definition makes a new one, and that is meant.
                assert!(found.is_some(), "{id} of {stack}");
            } else {
                assert_eq!(found, Some(physical), "{id} of {stack}");
                kept += 1;
            }
        }
        assert!(!now.contains_key("WharfTakeover"), "{stack}");
        let exports = emulator.exports();
        for (name, value) in &self.exports {
            assert_eq!(exports.get(name), Some(value), "{stack}: {name}");
        }
        let tasks = emulator.running_tasks().len();
        assert!(tasks >= self.tasks, "{stack}: {tasks} of {} tasks run", self.tasks);
        eprintln!("{stack}: kept {kept}, machinery {gone}, tasks {tasks}");
    }
}

/// What a custom resource answers.
fn answer(emulator: &Emulator, id: &str, physical: &str, data: &Value) {
    let mut answer = json!({ "Data": data });
    if !physical.is_empty() {
        answer["PhysicalResourceId"] = json!(physical);
    }
    emulator.put_parameter(&format!("/wharf-emulators/custom-resources/{id}"), &answer);
}

/// A template with texts replaced, and with the version that Copilot would have written where it has none.
fn localised(text: &str, replaced: &[(&str, String)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in replaced {
        text = text.replace(from, to);
    }
    // References compare templates without their tags; what makes no sense as it stands gets its tag.
    for (from, to) in [
        ("!Ref 'arn:", "!Sub 'arn:"),
        ("- arn:${AWS::Partition}:iam::aws", "- !Sub arn:${AWS::Partition}:iam::aws"),
        ("- 'arn:${AWS::Partition}:iam::aws", "- !Sub 'arn:${AWS::Partition}:iam::aws"),
        ("!Ref: ", "!Ref "),
    ] {
        text = text.replace(from, to);
    }
    text = with_code(&text);
    let versioned = template::parse(&text).unwrap()["Metadata"]["Version"].is_string();
    match versioned {
        true => text,
        false => text.replacen("Metadata:\n", "Metadata:\n  Version: v1.34.0\n", 1),
    }
}

/// Puts code into the functions, which the references leave out.
fn with_code(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let mut result = vec![];
    for (at, line) in lines.iter().enumerate() {
        result.push((*line).to_owned());
        if line.trim() != "Properties:" {
            continue;
        }
        let inside = |other: &&&str| indent(other) > indent(line) || other.trim().is_empty();
        let sibling = |other: &&&str| indent(other) >= indent(line) || other.trim().is_empty();
        let is_type = |other: &&str| other.trim().replace(['\'', '"'], "") == "Type: AWS::Lambda::Function";
        let function = lines[..at].iter().rev().take_while(sibling).any(&is_type)
            || lines[at + 1..].iter().take_while(sibling).any(is_type);
        let has_code =
            lines[at + 1..].iter().take_while(inside).any(|other| other.trim().starts_with("Code:"));
        if function && !has_code {
            result
                .push(format!("{}Code: {{S3Bucket: bucket, S3Key: code.zip}}", " ".repeat(indent(line) + 2)));
        }
    }
    result.join("\n") + "\n"
}

/// The parameters that a template declares: as wharf would give them, else as Copilot did, else empty.
fn given(
    template: &str,
    ours: &BTreeMap<String, String>,
    theirs: &BTreeMap<String, String>,
) -> BTreeMap<String, String> {
    let document = template::parse(template).unwrap();
    let mut values = BTreeMap::new();
    for (name, declared) in document["Parameters"].as_object().unwrap() {
        let value = ours.get(name).or_else(|| theirs.get(name)).cloned();
        if value.is_none() && !declared["Default"].is_null() {
            continue;
        }
        values.insert(name.clone(), value.unwrap_or_default());
    }
    values
}

fn environment(references: &References, case: &Value) {
    let Some(emulator) = Emulator::new() else { return };
    emulator.play_tasks();
    let sandbox = &emulator.sandbox;
    let mut replaced = vec![];
    for (name, region) in [("viewer-cert", "us-east-1"), ("cert-1", "us-west-2"), ("cert-2", "us-west-2")] {
        let certificate = emulator.import_certificate(region, &["example.com", "*.example.com"]);
        replaced.push((name, certificate));
    }
    replaced.push(("pl-mockid", "pl-82a045eb".to_owned()));
    replaced.push(("000000000", emulator.account.clone()));
    // A single address is none of EC2's ranges.
    replaced.extend(["1.1.1.1", "2.2.2.2"].map(|address| (address, format!("{address}/32"))));
    answer(&emulator, "UniqueAliasesAction", "", &json!({"UniqueValues": ["example.com"]}));
    let text = localised_manifest(&references.read(&case["manifest"]), &replaced);
    sandbox.wharf("app init demo").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox.write("wharf/environments/test/manifest.yml", &text);
    sandbox.wharf("env package --name test --output-dir infra").ends(0);
    let mut ours = parameters(&sandbox.read("infra/test.env.params.json"));
    ours.extend(ON_DEMAND.map(|name| (name.to_owned(), "web".to_owned())));
    let theirs = ["CreateHTTPSListener", "CreateInternalHTTPSListener"];
    let theirs = theirs.map(|name| (name.to_owned(), "false".to_owned())).into();
    let template = localised(&references.read(&case["template"]), &replaced);
    let tags = [("copilot-application", "demo"), ("copilot-environment", "test")];
    let had = given(&template, &ours, &theirs);
    emulator.deploy_long_stack("UpdateStack", "demo-test", &template, &had, &tags);
    let deployed = Deployed::new(&emulator, "demo-test", &template);
    assert!(deployed.before.len() > 30, "{:?}", deployed.before);
    deployed.take_over("env deploy --name test");
}

fn localised_manifest(text: &str, replaced: &[(&str, String)]) -> String {
    replaced.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// Runs over the pairs of a list that are `wanted`, all of them even when one fails.
fn each(list: &str, wanted: &dyn Fn(&str) -> bool, work: fn(&References, &Value)) {
    if std::env::var_os("WHARF_GOLDEN").is_none() {
        eprintln!("skipped: it takes minutes; WHARF_GOLDEN names the folder with the reference pairs");
        return;
    }
    let Some(references) = References::new() else { return };
    if std::env::var_os("WHARF_EMULATORS").is_none() && std::env::var_os("WHARF_REQUIRE_EMULATORS").is_none()
    {
        return;
    }
    let only = std::env::var("WHARF_REFERENCE").unwrap_or_default();
    let mut failed = vec![];
    for case in references.cases(list) {
        let template = case["template"].as_str().unwrap().to_owned();
        if !wanted(&template) || !template.contains(&only) {
            continue;
        }
        let run = std::panic::AssertUnwindSafe(|| work(&references, &case));
        if std::panic::catch_unwind(run).is_err() {
            failed.push(template);
        }
    }
    assert_eq!(failed, Vec::<String>::new());
}

/// What the workloads' manifests name from outside: exports of other stacks, topics, secrets.
const OUTSIDE: &str = r#"
Parameters:
  Env: {Type: String}
  Vpc: {Type: String}
Resources:
  FileSystem: {Type: 'AWS::EFS::FileSystem'}
  First:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: first, VpcId: !Ref Vpc}
  Second:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: second, VpcId: !Ref Vpc}
  Password:
    Type: AWS::SSM::Parameter
    Properties: {Name: SQL_PASS, Type: String, Value: x}
  User:
    Type: AWS::SSM::Parameter
    Properties: {Name: user, Type: String, Value: x}
  Token:
    Type: AWS::SSM::Parameter
    Properties: {Name: GITHUB_TOKEN, Type: String, Value: x}
  January:
    Type: AWS::SSM::Parameter
    Properties: {Name: jan11ssm, Type: String, Value: x}
  Database:
    Type: AWS::SecretsManager::Secret
    Properties: {Name: demo/testing/mysql, SecretString: x}
  OtherDatabase:
    Type: AWS::SecretsManager::Secret
    Properties: {Name: demo/test/mysql, SecretString: x}
  ThirdDatabase:
    Type: AWS::SecretsManager::Secret
    Properties: {Name: mysecretsmanagername, SecretString: x}
  GivesDogs: {Type: 'AWS::SNS::Topic', Properties: {Tags: [{Key: copilot-service, Value: dogsvc}], TopicName: !Sub 'my-app-${Env}-dogsvc-givesdogs'}}
  GivesHuskies: {Type: 'AWS::SNS::Topic', Properties: {Tags: [{Key: copilot-service, Value: dogsvc}], TopicName: !Sub 'my-app-${Env}-dogsvc-giveshuskies'}}
  Mine: {Type: 'AWS::SNS::Topic', Properties: {Tags: [{Key: copilot-service, Value: mytopic}], TopicName: !Sub 'my-app-${Env}-mytopic-mytopic.fifo', FifoTopic: true}}
  Yours: {Type: 'AWS::SNS::Topic', Properties: {Tags: [{Key: copilot-service, Value: yourtopic}], TopicName: !Sub 'my-app-${Env}-yourtopic-yourtopic.fifo', FifoTopic: true}}
  Plain: {Type: 'AWS::SNS::Topic', Properties: {Tags: [{Key: copilot-service, Value: nonfifotopic}], TopicName: !Sub 'my-app-${Env}-nonfifotopic-nonfifotopic'}}
Outputs:
  Files: {Value: !Ref FileSystem, Export: {Name: stack-fs-12345}}
  First: {Value: !Ref First, Export: {Name: MyUserDBAccessSecurityGroup1}}
  Second: {Value: !Ref Second, Export: {Name: MyUserDBAccessSecurityGroup2}}
  User: {Value: user, Export: {Name: stack-SSMGHUserName}}
  Mongo: {Value: user, Export: {Name: stack-MongoUserName}}
  Secret: {Value: !Ref Database, Export: {Name: my-other-stack-exported-secret}}
  Variable: {Value: db, Export: {Name: MyDB}}
  Other: {Value: db, Export: {Name: MYDB}}
  Third: {Value: db, Export: {Name: test-UserDB}}
"#;

/// A workload: deployed by wharf, so that its environment, images and certificate are there, then as Copilot deployed it.
fn workload(references: &References, case: &Value) {
    let Some(mut emulator) = Emulator::new() else { return };
    for (name, value) in case["os_env"].as_object().into_iter().flatten() {
        emulator.sandbox.set(name, value.as_str().unwrap());
    }
    emulator.play_tasks();
    let sandbox = &emulator.sandbox;
    let manifest = references.read(&case["manifest"]);
    let head = template::parse(&manifest).unwrap();
    let (name, kind) = (head["name"].as_str().unwrap(), head["type"].as_str().unwrap());
    let env = case["env"].as_str().unwrap();
    let domain = format!("d{}.example", emulator.account);
    let mut replaced = vec![
        ("example.com", domain.clone()),
        ("123456789123", emulator.account.clone()),
        ("arn:aws:ssm:us-east-1", "arn:aws:ssm:us-west-2".to_owned()),
        // Groups that can't be made under these ids.
        ("- sg-0c10c4fe23f5e5361", String::new()),
        ("- sg-09295097b2a41b59d", String::new()),
    ];
    let has_domain = case["domain"].as_str().is_some_and(|domain| !domain.is_empty());
    let zone = emulator.make_zone(&domain);
    replaced.push(("Z08230443CW11KE6JBNUA", zone));
    sandbox
        .wharf(&format!(
            "app init my-app{}",
            if has_domain { format!(" --domain {domain}") } else { String::new() }
        ))
        .ends(0);
    sandbox.wharf(&format!("env init --name {env} --default-config")).ends(0);
    let environment = match case.get("env_public_certificates") {
        Some(_) => {
            let certificate = emulator.import_certificate("us-west-2", &[&domain, &format!("*.{domain}")]);
            json!({"name": env, "type": "Environment", "http": {"public": {"certificates": [certificate]}}})
        }
        None => json!({"name": env, "type": "Environment"}),
    };
    sandbox.write(&format!("wharf/environments/{env}/manifest.yml"), environment.to_string());
    sandbox.wharf(&format!("env deploy --name {env}")).ends(0);
    let environment_stack = format!("my-app-{env}");
    let vpc = emulator.resources(&environment_stack)["VPC"].0.clone();
    let outside = BTreeMap::from([("Env".to_owned(), env.to_owned()), ("Vpc".to_owned(), vpc)]);
    let tags = [("copilot-application", "my-app"), ("copilot-environment", env)];
    emulator.deploy_long_stack("CreateStack", "outside", OUTSIDE, &outside, &tags);

    for file in ["Dockerfile", "frontend/Dockerfile"] {
        sandbox.write(file, "FROM scratch\nCOPY probe /probe\nENTRYPOINT [\"/probe\"]\n");
    }
    for file in ["probe", "frontend/probe", "frontend/dist/index.html", "foo/index.html", "foo/a.jpg"] {
        sandbox.write(file, "hello\n");
    }
    for file in ["logging.env", "test.env", "log.env"] {
        sandbox.write(file, "A=b\n");
    }
    let noun = if kind == "Scheduled Job" { "job" } else { "svc" };
    let mut manifest = localised_manifest(&manifest, &replaced);
    if manifest.contains("platform: windows") {
        // No engine here builds for Windows.
        manifest = manifest.replace("build: Dockerfile", "location: example/windows:1");
    }
    sandbox.write(&format!("wharf/{name}/manifest.yml"), &manifest);
    sandbox.wharf(&format!("{noun} init --name {name}")).ends(0);
    sandbox.wharf(&format!("{noun} deploy --name {name} --env {env} --tag one --skip-preflight")).ends(0);

    let stack = format!("my-app-{env}-{name}");
    sandbox
        .wharf(&format!("{noun} package -n {name} -e {env} --tag one --upload-assets --output-dir infra"))
        .ends(0);
    let ours = parameters(&sandbox.read(&format!("infra/{name}-{env}.params.json")));
    let theirs = match case["params"].is_null() {
        true => BTreeMap::new(),
        false => parameters(&references.read(&case["params"])),
    };
    let template = localised(&references.read(&case["template"]), &replaced);
    let outputs = emulator.outputs(&environment_stack);
    let data: BTreeMap<&String, &String> = outputs.iter().map(|(name, (value, _))| (name, value)).collect();
    answer(&emulator, "EnvControllerAction", "", &json!(data));
    answer(&emulator, "DynamicDesiredCountAction", "", &json!({"DesiredCount": theirs.get("TaskCount")}));
    for (at, id) in [
        "HTTPRulePriorityAction",
        "HTTPSRulePriorityAction",
        "HTTPRedirectRulePriorityAction",
        "HTTPRuleWithDomainPriorityAction",
    ]
    .into_iter()
    .enumerate()
    {
        let data: BTreeMap<String, usize> = ["Priority", "Priority1", "Priority2"]
            .iter()
            .enumerate()
            .map(|(rule, key)| ((*key).to_owned(), 40_000 + 10 * at + rule))
            .collect();
        answer(&emulator, id, "", &json!(data));
    }
    for (id, parameter) in
        [("NLBCertValidatorAction", "NLBCertificateARN"), ("CertificateValidatorAction", "CertificateARN")]
    {
        if let Some(arn) = ours.get(parameter) {
            answer(&emulator, id, arn, &json!({}));
        }
    }
    emulator.delete_stack(&stack);
    let had = given(&template, &ours, &theirs);
    let tags = [("copilot-application", "my-app"), ("copilot-environment", env), ("copilot-service", name)];
    emulator.deploy_long_stack("CreateStack", &stack, &template, &had, &tags);
    let deployed = Deployed::new(&emulator, &stack, &template);
    deployed.take_over(&format!("{noun} deploy --name {name} --env {env} --tag one --skip-preflight"));
}

#[test]
fn environments_as_copilot_made_them() {
    each("environments", &|_| true, environment);
}

#[test]
fn services_behind_load_balancers_as_copilot_made_them() {
    // One reference has two protocols at one listener of an imported load balancer, which is nowhere.
    let wanted = |template: &str| {
        (template.contains("/svc-") || template.contains("/windows-")) && !template.contains("/svc-test.")
    };
    each("workloads", &wanted, workload);
}

#[test]
fn internal_services_as_copilot_made_them() {
    each("workloads", &|template| template.contains("/backend/"), workload);
}

#[test]
fn workers_jobs_and_app_runner_as_copilot_made_them() {
    // Sites are taken over in `takeover_names`: their buckets would have to be emptied here first.
    let kinds = ["/worker-", "/job-", "/rdws-"];
    each("workloads", &|template| kinds.iter().any(|kind| template.contains(kind)), workload);
}
