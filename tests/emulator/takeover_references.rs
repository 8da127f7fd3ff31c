//! Templates that Copilot itself made, deployed as it would have deployed them, become wharf's.
//!
//! They take minutes and a folder of reference pairs ([`crate::golden`]), so they are ignored unless they are asked for:
//! `WHARF_GOLDEN=<folder> cargo test --test emulator -- --ignored references`; then there is no way to pass without having run.
//! `WHARF_REFERENCE` takes those pairs only whose template's path holds that text.
//!
//! What their manifests name from outside is put in its place first: certificates, domains, exports, topics, secrets, load
//! balancers. Tasks are played, so that images need not exist. What custom resources would have made (certificates, priorities)
//! comes from a deployment of wharf's that makes way for Copilot's. What a takeover does is held against what the doctor said
//! of it before.

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
    /// What the doctor says of the takeover; null where none is due.
    plan: Value,
}

impl<'a> Deployed<'a> {
    fn new(emulator: &'a Emulator, stack: &str, template: &str) -> Self {
        let report = emulator.sandbox.wharf("doctor --json").expect(0);
        let report: Value = serde_json::from_str(&report.stdout).unwrap();
        let mut stacks = report["stacks"].as_array().unwrap().iter();
        let examined = stacks.find(|one| one["stack"] == stack).unwrap_or_else(|| panic!("{report:#}"));
        Self {
            emulator,
            stack: stack.to_owned(),
            template: template::parse(template).unwrap(),
            before: emulator.resources(stack),
            exports: emulator.exports(),
            tasks: emulator.running_tasks().len(),
            plan: examined["takeover"].clone(),
        }
    }

    /// Whether a takeover in two updates is due.
    fn is_due(&self) -> bool {
        machinery::custom_resources(&self.template).next().is_some()
    }

    /// Stops `command` between the two updates, where there are two, and finishes it.
    fn take_over(&self, command: &str) {
        let sandbox = &self.emulator.sandbox;
        let stack = self.stack.as_str();
        assert_eq!(self.plan.is_object(), self.is_due(), "{stack}: {:#}", self.plan);
        if self.is_due() {
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
        let now = emulator.resources(stack);
        let planned: BTreeMap<&str, &str> = self.plan["resources"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|fate| (fate["id"].as_str().unwrap(), fate["verdict"].as_str().unwrap()))
            .collect();
        let (mut kept, mut gone) = (0, 0);
        for (id, (physical, kind)) in &self.before {
            let found = now.get(id).map(|(physical, _)| physical);
            // The plan is what happens, and whatever it says, only what nobody misses may go.
            let goes = planned.get(id.as_str()) == Some(&"machinery");
            if goes {
                assert!(may_go(id, kind), "{id} ({kind}) of {stack} goes");
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
        // Custom resources behind conditions are not there.
        let answered = self.before.values().any(|(_, kind)| kind.starts_with("Custom::"));
        assert!(kept > 0 && (gone > 0) == answered, "{stack}: kept {kept}, gone {gone}");
        assert!(!now.contains_key("WharfTakeover"), "{stack}");
        let exports = emulator.exports();
        for (name, value) in &self.exports {
            assert_eq!(exports.get(name), Some(value), "{stack}: {name}");
        }
        self.lives_on();
        let tasks = emulator.running_tasks().len();
        assert!(tasks >= self.tasks, "{stack}: {tasks} of {} tasks run", self.tasks);
        eprintln!("{stack}: kept {kept}, machinery {gone}, tasks {tasks}");
    }
}

impl Deployed<'_> {
    /// What the doctor promised lives on.
    #[track_caller]
    fn lives_on(&self) {
        let (emulator, stack, promised) = (self.emulator, self.stack.as_str(), &self.plan["lives_on"]);
        let texts = |key: &str| -> Vec<String> {
            let list = promised[key].as_array().into_iter().flatten();
            list.map(|one| one.as_str().unwrap().to_owned()).collect()
        };
        for name in texts("exports") {
            assert!(self.exports.contains_key(&name), "{stack}: {name}");
        }
        if self.is_due() {
            let outputs = emulator.outputs(stack);
            let exported = outputs.values().filter(|(_, name)| self.exports.contains_key(name));
            assert_eq!(texts("exports").len(), exported.count(), "{stack}: {promised:#}");
        }
        let mut known = emulator.certificates("us-west-2");
        known.extend(emulator.certificates("us-east-1"));
        for certificate in promised["certificates"].as_array().into_iter().flatten() {
            assert!(
                known.contains(&certificate["arn"].as_str().unwrap().to_owned()),
                "{stack}: {promised:#}"
            );
            assert!(!certificate["names"].as_array().unwrap().is_empty(), "{stack}: {promised:#}");
        }
        let rules: Vec<&Value> = promised["rules"].as_array().into_iter().flatten().collect();
        let priorities = emulator.rule_priorities();
        for rule in &rules {
            let priority = rule["priority"].as_str().unwrap().parse().unwrap();
            assert!(priorities.contains(&priority), "{stack}: {priorities:?} {promised:#}");
        }
        let of_kind = |kind: &str| self.before.values().filter(|(_, other)| other == kind).count();
        if self.is_due() {
            assert_eq!(rules.len(), of_kind("AWS::ElasticLoadBalancingV2::ListenerRule"), "{stack}");
            assert_eq!(
                promised["tasks"].is_object(),
                of_kind("AWS::ECS::Service") > 0,
                "{stack}: {promised:#}"
            );
        }
    }
}

/// Whether a resource may go: it answers, runs or serves Copilot's functions. Roles are those that the templates name after
/// the functions; of the state machine that copies a site's files there is one, and one of the steps that scaling took.
fn may_go(id: &str, kind: &str) -> bool {
    match kind {
        "AWS::Lambda::Function" | "AWS::Lambda::Permission" => true,
        "AWS::StepFunctions::StateMachine" => id == "CopyAssetsStateMachine",
        "AWS::IAM::Role" => {
            !matches!(id, "TaskRole" | "ExecutionRole" | "InstanceRole" | "AccessRole" | "FlowLogRole")
        }
        _ => kind.starts_with("Custom::"),
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
    let emulator = emulator();
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
    assert!(
        std::env::var_os("WHARF_GOLDEN").is_some(),
        "WHARF_GOLDEN names the folder with the reference pairs"
    );
    let references = References::new().unwrap();
    let only = std::env::var("WHARF_REFERENCE").unwrap_or_default();
    let (mut failed, mut ran) = (vec![], 0);
    for case in references.cases(list) {
        let template = case["template"].as_str().unwrap().to_owned();
        if !wanted(&template) || !template.contains(&only) {
            continue;
        }
        ran += 1;
        let began = std::time::Instant::now();
        let run = std::panic::AssertUnwindSafe(|| work(&references, &case));
        if std::panic::catch_unwind(run).is_err() {
            failed.push(template.clone());
        }
        eprintln!("{template}: {} s", began.elapsed().as_secs());
    }
    assert_eq!(failed, Vec::<String>::new());
    assert!(ran > 0 || !only.is_empty(), "there are no such pairs");
}

/// The emulators, which must be there.
fn emulator() -> Emulator {
    Emulator::new().expect("WHARF_EMULATORS names the emulators' settings")
}

/// Two security groups in the network `Vpc`, as resources of a template.
macro_rules! security_groups {
    () => {
        r#"  First:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: first, VpcId: !Ref Vpc}
  Second:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: second, VpcId: !Ref Vpc}
"#
    };
}

/// What the workloads' manifests name from outside: exports of other stacks, topics, secrets.
const OUTSIDE: &str = concat!(
    r#"
Parameters:
  Env: {Type: String}
  Vpc: {Type: String}
Resources:
  FileSystem: {Type: 'AWS::EFS::FileSystem'}
"#,
    security_groups!(),
    r#"  Password:
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
"#
);

/// A load balancer that somebody else has made, with a listener for HTTP and one for HTTPS.
const BALANCER: &str = concat!(
    r#"
Parameters:
  Vpc: {Type: String}
  Subnets: {Type: CommaDelimitedList}
  Certificate: {Type: String}
Resources:
"#,
    security_groups!(),
    r#"  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties: {Name: imported, Type: application, Subnets: !Ref Subnets, SecurityGroups: [!Ref First, !Ref Second]}
  Http:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: '404'}}]
  Https:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      Port: 443
      Protocol: HTTPS
      Certificates: [{CertificateArn: !Ref Certificate}]
      DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: '404'}}]
Outputs:
  Arn: {Value: !Ref Balancer}
  Name: {Value: !GetAtt Balancer.DNSName}
  Zone: {Value: !GetAtt Balancer.CanonicalHostedZoneID}
  First: {Value: !Ref First}
  Second: {Value: !Ref Second}
  Http: {Value: !Ref Http}
  Https: {Value: !Ref Https}
"#
);

/// Makes the load balancer that a reference imports, and returns what stands for what in its manifest and its template.
fn imported(emulator: &Emulator, environment: &str, certificate: &str) -> Vec<(&'static str, String)> {
    let outputs = emulator.outputs(environment);
    let given = BTreeMap::from([
        ("Vpc".to_owned(), outputs["VpcId"].0.clone()),
        ("Subnets".to_owned(), outputs["PublicSubnets"].0.clone()),
        ("Certificate".to_owned(), certificate.to_owned()),
    ]);
    emulator.deploy_long_stack("CreateStack", "balancer", BALANCER, &given, &[]);
    let made = emulator.outputs("balancer");
    let imported = "arn:aws:elasticloadbalancing:us-west-2:1234567890:loadbalancer/app/demo-t-Publi-MqfbfMJgLPZ0/5ea280ee3a7eff37";
    [
        (imported, "Arn"),
        ("mockImportALBDNSName", "Name"),
        ("mockHostedZoneID", "Zone"),
        ("mockImportALBSG1", "First"),
        ("mockImportALBSG2", "Second"),
        ("MockHttpListener", "Http"),
        ("MockHttpsListener", "Https"),
    ]
    .map(|(from, output)| (from, made[output].0.clone()))
    .into()
}

/// The reference has one listener of two protocols, which is nowhere: redirects belong to the one for HTTP, the rest to
/// the other.
fn with_two_listeners(text: &str) -> String {
    let mut of_http = false;
    let lines = text.lines().map(|line| {
        if line.starts_with("  ") && !line.starts_with("   ") {
            of_http = line.contains("Redirect");
        }
        line.replace("MockListenerARN1", if of_http { "MockHttpListener" } else { "MockHttpsListener" })
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

/// A workload: deployed by wharf, so that its environment, images and certificate are there, then as Copilot deployed it.
fn workload(references: &References, case: &Value) {
    let mut emulator = emulator();
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
    let certificate = || emulator.import_certificate("us-west-2", &[&domain, &format!("*.{domain}")]);
    let environment = match case.get("env_public_certificates") {
        Some(_) => {
            let certificate = certificate();
            json!({"name": env, "type": "Environment", "http": {"public": {"certificates": [certificate]}}})
        }
        None => json!({"name": env, "type": "Environment"}),
    };
    sandbox.write(&format!("wharf/environments/{env}/manifest.yml"), environment.to_string());
    sandbox.wharf(&format!("env deploy --name {env}")).ends(0);
    let environment_stack = format!("my-app-{env}");
    let vpc = emulator.resources(&environment_stack)["VPC"].0.clone();
    let outside = BTreeMap::from([("Env".to_owned(), env.to_owned()), ("Vpc".to_owned(), vpc)]);
    if case.get("imported_alb").is_some() {
        replaced.extend(imported(&emulator, &environment_stack, &certificate()));
    }
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
    let template = localised(&with_two_listeners(&references.read(&case["template"])), &replaced);
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
    if let Some((bucket, _)) = emulator.resources(&stack).get("Bucket") {
        emulator.empty_bucket(bucket);
    }
    emulator.delete_stack(&stack);
    let had = given(&template, &ours, &theirs);
    let tags = [("copilot-application", "my-app"), ("copilot-environment", env), ("copilot-service", name)];
    emulator.deploy_long_stack("CreateStack", &stack, &template, &had, &tags);
    let deployed = Deployed::new(&emulator, &stack, &template);
    deployed.take_over(&format!("{noun} deploy --name {name} --env {env} --tag one --skip-preflight"));
}

/// A pipeline: it has no custom resources, so it becomes wharf's in one update, in place.
fn pipeline(references: &References, case: &Value) {
    let emulator = emulator();
    emulator.play_tasks();
    let sandbox = &emulator.sandbox;
    let name = "phonetool-pipeline";
    let stages = case["stages"].as_array().unwrap();
    let env = stages[0]["name"].as_str().unwrap();
    sandbox.wharf("app init phonetool").ends(0);
    sandbox.wharf(&format!("env init --name {env} --default-config")).ends(0);
    let workloads = stages.iter().flat_map(|stage| stage["workloads"].as_array().unwrap());
    for workload in workloads.map(|workload| workload.as_str().unwrap()) {
        let manifest = format!(
            "name: {workload}\ntype: Backend Service\nimage:\n  location: public.ecr.aws/nginx/nginx:1\n"
        );
        sandbox.write(&format!("wharf/{workload}/manifest.yml"), manifest);
    }
    let manifest = match case.get("manifest") {
        Some(path) => {
            let text = references.read(path).replace("name: exampleapppipeline", &format!("name: {name}"));
            text.replace(
                "    # test_commands: [echo 'running tests', make test]",
                "    test_commands: ['echo \"test\"']",
            )
        }
        None => {
            let (mut properties, mut stages) = (case["source"].clone(), case["stages"].clone());
            let provider = properties.as_object_mut().unwrap().remove("provider").unwrap();
            for stage in stages.as_array_mut().unwrap() {
                stage.as_object_mut().unwrap().remove("workloads");
            }
            json!({"name": name, "version": 1, "source": {"provider": provider, "properties": properties}, "stages": stages})
                .to_string()
        }
    };
    sandbox.write(&format!("wharf/pipelines/{name}/manifest.yml"), manifest);
    sandbox.write(&format!("wharf/pipelines/{name}/buildspec.yml"), "version: 0.2\n");
    // The application's bucket and key, as the pipeline's own template names them.
    sandbox.wharf(&format!("pipeline deploy --name {name} --yes")).ends(0);
    let stack = format!("pipeline-phonetool-{name}");
    let store = emulator.artifact_store(&stack);
    emulator.delete_stack(&stack);
    let template = localised(
        &references.read(&case["template"]),
        &[
            ("arn:aws:kms:us-west-2:1111:key/abcd", store.1),
            ("fancy-bucket", store.0),
            (":1111:", format!(":{}:", emulator.account)),
        ],
    );
    let tags = [("copilot-application", "phonetool"), ("copilot-pipeline", name)];
    emulator.deploy_long_stack("CreateStack", &stack, &template, &BTreeMap::new(), &tags);
    let deployed = Deployed::new(&emulator, &stack, &template);
    assert!(!deployed.is_due() && deployed.before.len() >= 6, "{:?}", deployed.before);
    sandbox.wharf(&format!("pipeline deploy --name {name} --yes")).ends(0);
    deployed.all_is_there();
    let again = sandbox.wharf(&format!("pipeline deploy --name {name} --yes")).expect(0);
    assert!(again.stderr.contains("up to date"), "{}", again.transcript());
}

/// Why they do not run with the others.
macro_rules! asked_for {
    ($(#[doc = $doc:literal])* $name:ident, $list:literal, $wanted:expr, $work:expr) => {
        $(#[doc = $doc])*
        #[test]
        #[ignore = "takes minutes: WHARF_GOLDEN names the folder with the reference pairs"]
        fn $name() {
            each($list, &$wanted, $work);
        }
    };
}

asked_for!(environments_as_copilot_made_them, "environments", |_: &str| true, environment);
asked_for!(
    services_behind_load_balancers_as_copilot_made_them,
    "workloads",
    |template: &str| template.contains("/svc-") || template.contains("/windows-"),
    workload
);
asked_for!(
    internal_services_as_copilot_made_them,
    "workloads",
    |template: &str| template.contains("/backend/"),
    workload
);
asked_for!(
    /// And whatever else there is.
    workers_jobs_sites_and_app_runner_as_copilot_made_them,
    "workloads",
    |template: &str| !["/svc-", "/windows-", "/backend/"].iter().any(|kind| template.contains(kind)),
    workload
);
asked_for!(pipelines_as_copilot_made_them, "pipelines", |_: &str| true, pipeline);
