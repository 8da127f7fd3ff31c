//! The emulators a test runs against, and an account of its own in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;

use crate::sandbox::Sandbox;

/// A sandbox whose AWS is the emulator, in an account that no other test uses.
pub struct Emulator {
    /// The sandbox.
    pub sandbox: Sandbox,
    /// The 12-digit account.
    pub account: String,
}

impl Emulator {
    /// Connects to the emulators that `WHARF_EMULATORS` (a file of `export NAME=value` lines) describes. Without them:
    /// none, or a failure when `WHARF_REQUIRE_EMULATORS` is set.
    pub fn new() -> Option<Self> {
        Self::described("WHARF_EMULATORS", true)
    }

    /// Connects to the emulators whose tasks are played, which `WHARF_EMULATORS_PLAYED` describes in the same way.
    pub fn played() -> Option<Self> {
        Self::described("WHARF_EMULATORS_PLAYED", false)
    }

    fn described(variable: &str, containers: bool) -> Option<Self> {
        let Ok(path) = std::env::var(variable) else {
            assert!(
                std::env::var_os("WHARF_REQUIRE_EMULATORS").is_none(),
                "{variable} does not name the emulators' settings: start them with tests/emulators/emulators.sh"
            );
            return None;
        };
        let mut sandbox = Sandbox::new();
        let mut engine = false;
        for line in std::fs::read_to_string(path.trim()).unwrap().lines() {
            for pair in shell_words::split(line.trim_start_matches("export ")).unwrap() {
                let Some((name, value)) = pair.split_once('=') else { continue };
                engine |= name == "WHARF_EMULATORS_ENGINE" && value != "none";
                if name != "PATH" {
                    sandbox.set(name, value);
                }
            }
        }
        assert!(
            engine == containers || std::env::var_os("WHARF_REQUIRE_EMULATORS").is_none(),
            "the emulators of {variable} run with{} a container engine",
            if engine { "" } else { "out" }
        );
        let account = account();
        sandbox
            .set("AWS_ACCESS_KEY_ID", account.clone())
            .set("AWS_SECRET_ACCESS_KEY", "test")
            .set("AWS_REGION", "us-west-2")
            .set("WHARF_POLL_MILLIS", "200");
        Some(Self { sandbox, account })
    }

    /// Puts the probe image's program and Dockerfile into `folder` of the sandbox.
    pub fn write_probe(&self, folder: &str) {
        let binary = probe_binary();
        self.sandbox.write(&format!("{folder}/probe"), std::fs::read(binary).unwrap());
        let path = self.sandbox.work().join(folder).join("probe");
        #[cfg(unix)]
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        self.sandbox.write(
            &format!("{folder}/Dockerfile"),
            "FROM scratch\nCOPY probe /probe\nEXPOSE 8080\nENTRYPOINT [\"/probe\"]\n",
        );
    }
}

impl Emulator {
    /// What there is in the account: stacks, parameters, repositories, buckets, roles, log groups. Empty after everything
    /// was deleted.
    pub fn leftovers(&self) -> Vec<String> {
        self.leftovers_in(&self.account, "us-west-2")
    }

    /// What there is in another account or region.
    pub fn leftovers_in(&self, account: &str, region: &str) -> Vec<String> {
        let call = |service: &str, headers: &[&str], body: &str| {
            self.call((account, region), service, headers, "", body)
        };
        let query = |service: &str, body: &str, tag: &str| elements(&call(service, &[], body), tag);
        let json = |service: &str, target: &str, list: &str, name: &str| {
            let target = format!("X-Amz-Target: {target}");
            let text = call(service, &[&target, "Content-Type: application/x-amz-json-1.1"], "{}");
            let answer: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
            let items = answer[list].as_array().cloned().unwrap_or_default();
            items
                .iter()
                .map(|item| item[name].as_str().or(item.as_str()).unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let mut left = vec![];
        let mut add =
            |kind: &str, names: Vec<String>| left.extend(names.iter().map(|name| format!("{kind} {name}")));
        add("stack", query("cloudformation", "Action=DescribeStacks&Version=2010-05-15", "StackName"));
        add("parameter", json("ssm", "AmazonSSM.DescribeParameters", "Parameters", "Name"));
        let target = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories";
        add("repository", json("ecr", target, "repositories", "repositoryName"));
        add("log group", json("logs", "Logs_20140328.DescribeLogGroups", "logGroups", "logGroupName"));
        let target = "AmazonEC2ContainerServiceV20141113.ListClusters";
        add("cluster", json("ecs", target, "clusterArns", ""));
        let target = "CertificateManager.ListCertificates";
        add("certificate", json("acm", target, "CertificateSummaryList", "DomainName"));
        add("bucket", query("s3", "", "Name"));
        let roles = query("iam", "Action=ListRoles&Version=2010-05-08", "RoleName");
        add("role", roles.into_iter().filter(|role| !role.starts_with("AWSServiceRole")).collect());
        add("topic", query("sns", "Action=ListTopics&Version=2010-03-31", "TopicArn"));
        let states = json("states", "AWSStepFunctions.ListStateMachines", "stateMachines", "name");
        add("state machine", states);
        add("rule", json("events", "AWSEvents.ListRules", "Rules", "Name"));
        left
    }

    /// Another account that no other test uses.
    pub fn other_account() -> String {
        account()
    }

    /// Makes a public hosted zone in the account and returns its id.
    pub fn make_zone(&self, name: &str) -> String {
        let body = format!(
            "<CreateHostedZoneRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><Name>{name}</Name>\
             <CallerReference>{}</CallerReference></CreateHostedZoneRequest>",
            self.account
        );
        let headers = ["Content-Type: application/xml"];
        let text =
            self.call((&self.account, "us-east-1"), "route53", &headers, "2013-04-01/hostedzone", &body);
        let id = text.split_once("/hostedzone/").and_then(|(_, rest)| rest.split_once('<'));
        id.unwrap_or_else(|| panic!("{text}")).0.to_owned()
    }

    /// Changes a record of a zone of the test's own account, `UPSERT` or `DELETE`.
    pub fn change_record(&self, zone: &str, action: &str, name: &str, kind: &str, value: &str) {
        let body = format!(
            "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\"><ChangeBatch><Changes>\
             <Change><Action>{action}</Action><ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type><TTL>60</TTL>\
             <ResourceRecords><ResourceRecord><Value>{value}</Value></ResourceRecord></ResourceRecords></ResourceRecordSet>\
             </Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>"
        );
        let path = format!("2013-04-01/hostedzone/{zone}/rrset/");
        let headers = ["Content-Type: application/xml"];
        let text = self.call((&self.account, "us-east-1"), "route53", &headers, &path, &body);
        assert!(text.contains("ChangeInfo"), "{text}");
    }

    /// Records of a zone of an account, `NAME TYPE` each.
    pub fn records(&self, account: &str, zone: &str) -> Vec<String> {
        let path = format!("2013-04-01/hostedzone/{zone}/rrset");
        let text = self.call((account, "us-east-1"), "route53", &[], &path, "");
        let between = |text: &str, tag: &str| {
            let (_, rest) = text.split_once(&format!("<{tag}>")).unwrap();
            rest.split_once('<').unwrap().0.to_owned()
        };
        let sets = text.split("<ResourceRecordSet>").skip(1);
        sets.map(|set| format!("{} {}", between(set, "Name"), between(set, "Type"))).collect()
    }

    /// All records of a zone of the test's own account, as Route 53 answers them.
    pub fn zone_text(&self, zone: &str) -> String {
        let path = format!("2013-04-01/hostedzone/{zone}/rrset");
        self.call((&self.account, "us-east-1"), "route53", &[], &path, "")
    }

    /// ARNs of the account's certificates in a region, sorted.
    pub fn certificates(&self, region: &str) -> Vec<String> {
        let headers =
            ["X-Amz-Target: CertificateManager.ListCertificates", "Content-Type: application/x-amz-json-1.1"];
        let text = self.call((&self.account, region), "acm", &headers, "", "{}");
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
        let listed = answer["CertificateSummaryList"].as_array().unwrap();
        let mut arns: Vec<String> =
            listed.iter().map(|one| one["CertificateArn"].as_str().unwrap().to_owned()).collect();
        arns.sort();
        arns
    }

    /// Publishes a message to a topic; `more` are further parameters of the call, encoded, with `&` before each.
    pub fn publish(&self, topic: &str, message: &str, more: &str) {
        let body = format!("Action=Publish&Version=2010-03-31&TopicArn={topic}&Message={message}{more}");
        let answer = self.own("sns", &[], &body);
        assert!(answer.contains("<MessageId>"), "{answer}");
    }

    /// What a queue hands out within two seconds, as SQS answers it.
    pub fn receive(&self, queue: &str) -> String {
        let target = "X-Amz-Target: AmazonSQS.ReceiveMessage";
        let body = serde_json::json!({"QueueUrl": queue, "MaxNumberOfMessages": 10, "WaitTimeSeconds": 2});
        self.own("sqs", &[target, "Content-Type: application/x-amz-json-1.0"], &body.to_string())
    }

    /// Puts an object into a bucket.
    pub fn put_object(&self, bucket: &str, key: &str, text: &str) {
        let place = (self.account.as_str(), "us-west-2");
        let options = [["-X", "PUT"], ["--data-binary", text]];
        let answer = self.curl(place, "s3", &[], &format!("{bucket}/{key}"), &options);
        assert!(!answer.contains("<Error>"), "{answer}");
    }

    /// The text of an object.
    pub fn get_object(&self, bucket: &str, key: &str) -> String {
        self.call((&self.account, "us-west-2"), "s3", &[], &format!("{bucket}/{key}"), "")
    }

    /// Makes a user with this policy in the test's own account; returns the id and the secret of its access key.
    pub fn make_user(&self, name: &str, policy: &str) -> (String, String) {
        let form = |action: &str| {
            vec![format!("Action={action}"), "Version=2010-05-08".to_owned(), format!("UserName={name}")]
        };
        self.send("iam", &[], &form("CreateUser"));
        self.put_user_policy(name, "own", policy);
        let text = self.send("iam", &[], &form("CreateAccessKey"));
        let field = |tag: &str| elements(&text, tag).pop().unwrap_or_else(|| panic!("{text}"));
        (field("AccessKeyId"), field("SecretAccessKey"))
    }

    /// Gives a user of the test's own account an inline policy.
    pub fn put_user_policy(&self, user: &str, name: &str, policy: &str) {
        let form = [
            "Action=PutUserPolicy".to_owned(),
            "Version=2010-05-08".to_owned(),
            format!("UserName={user}"),
            format!("PolicyName={name}"),
            format!("PolicyDocument={policy}"),
        ];
        let text = self.send("iam", &[], &form);
        assert!(text.contains("PutUserPolicyResponse"), "{text}");
    }

    /// A call in the test's own account, in the region that tests deploy to.
    pub fn own(&self, service: &str, headers: &[&str], body: &str) -> String {
        let region = self.sandbox.variables()["AWS_REGION"].clone();
        self.call((&self.account, &region), service, headers, "", body)
    }

    /// One signed call of an AWS API, by curl; an empty body is a GET.
    fn call(&self, place: (&str, &str), service: &str, headers: &[&str], path: &str, body: &str) -> String {
        let body = (!body.is_empty()).then_some(["-d", body]);
        self.curl(place, service, headers, path, body.as_slice())
    }

    /// The same with a form, `name=value` or `name@file`, in the test's own account.
    fn send(&self, service: &str, headers: &[&str], form: &[String]) -> String {
        let body: Vec<[&str; 2]> = form.iter().map(|pair| ["--data-urlencode", pair.as_str()]).collect();
        self.curl((&self.account, "us-west-2"), service, headers, "", &body)
    }

    fn curl(
        &self,
        (account, region): (&str, &str),
        service: &str,
        headers: &[&str],
        path: &str,
        body: &[[&str; 2]],
    ) -> String {
        let variables = self.sandbox.variables();
        let mut command = std::process::Command::new("curl");
        command
            .args(["-sS", "--max-time", "30", "--user"])
            .arg(format!("{account}:test"))
            .arg("--aws-sigv4")
            .arg(format!("aws:amz:{region}:{service}"));
        for header in headers {
            command.args(["-H", header]);
        }
        command.args(body.iter().flatten());
        let output = command.arg(format!("{}/{path}", variables["AWS_ENDPOINT_URL"])).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

/// What another tool does, and what there is then.
impl Emulator {
    /// Makes (`CreateStack`) or changes (`UpdateStack`) a stack as another tool would, and waits until that is done.
    #[track_caller]
    pub fn deploy_stack(
        &self,
        action: &str,
        stack: &str,
        template: &str,
        parameters: &BTreeMap<String, String>,
    ) {
        let file = self.sandbox.work().join(format!("{stack}.template"));
        std::fs::write(&file, template).unwrap();
        let keys = ["copilot-application", "copilot-environment", "copilot-service"];
        let tags: Vec<(&str, &str)> = keys.into_iter().zip(stack.splitn(3, '-')).collect();
        self.put_stack(action, stack, &format!("TemplateBody@{}", file.display()), parameters, &tags);
    }

    /// The same with tags of one's own, and a template of any length.
    #[track_caller]
    pub fn deploy_long_stack(
        &self,
        action: &str,
        stack: &str,
        template: &str,
        parameters: &BTreeMap<String, String>,
        tags: &[(&str, &str)],
    ) {
        let bucket = format!("templates-{}", self.account);
        self.curl((&self.account, "us-east-1"), "s3", &[], &bucket, &[["-X", "PUT"]]);
        let file = self.sandbox.work().join(format!("{stack}.template"));
        std::fs::write(&file, template).unwrap();
        let body = format!("@{}", file.display());
        let options = [["-X", "PUT"], ["--data-binary", &body]];
        let place = (self.account.as_str(), "us-east-1");
        let answer = self.curl(place, "s3", &[], &format!("{bucket}/{stack}"), &options);
        assert!(!answer.contains("<Error>"), "{answer}");
        let url = format!("TemplateURL=https://{bucket}.s3.us-east-1.amazonaws.com/{stack}");
        self.put_stack(action, stack, &url, parameters, tags);
    }

    #[track_caller]
    fn put_stack(
        &self,
        action: &str,
        stack: &str,
        template: &str,
        parameters: &BTreeMap<String, String>,
        tags: &[(&str, &str)],
    ) {
        let mut form = vec![
            format!("Action={action}"),
            "Version=2010-05-15".to_owned(),
            format!("StackName={stack}"),
            template.to_owned(),
            "Capabilities.member.1=CAPABILITY_NAMED_IAM".to_owned(),
            "Capabilities.member.2=CAPABILITY_AUTO_EXPAND".to_owned(),
        ];
        for (index, (name, value)) in parameters.iter().enumerate() {
            let member = index + 1;
            form.push(format!("Parameters.member.{member}.ParameterKey={name}"));
            form.push(format!("Parameters.member.{member}.ParameterValue={value}"));
        }
        for (index, (key, value)) in tags.iter().enumerate() {
            let member = index + 1;
            form.push(format!("Tags.member.{member}.Key={key}"));
            form.push(format!("Tags.member.{member}.Value={value}"));
        }
        let answer = self.send("cloudformation", &[], &form);
        assert!(answer.contains("<StackId>"), "{answer}");
        let until = Instant::now() + Duration::from_secs(120);
        loop {
            let answer = self.stack(stack);
            let status = elements(&answer, "StackStatus").remove(0);
            if !status.ends_with("IN_PROGRESS") {
                let done = matches!(&*status, "CREATE_COMPLETE" | "UPDATE_COMPLETE");
                assert!(done, "{stack} is {status}: {:#?}", self.reasons(stack));
                return;
            }
            assert!(Instant::now() < until, "{stack} is still in {status}");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Gives a StackSet another template as another tool would, and waits until it is in all places.
    #[track_caller]
    pub fn update_stack_set(&self, set: &str, template: &str) {
        let file = self.sandbox.work().join(format!("{set}.template"));
        std::fs::write(&file, template).unwrap();
        let base = ["Version=2010-05-15".to_owned(), format!("StackSetName={set}")];
        let form = [
            "Action=UpdateStackSet".to_owned(),
            format!("TemplateBody@{}", file.display()),
            "Capabilities.member.1=CAPABILITY_NAMED_IAM".to_owned(),
        ];
        let answer = self.send("cloudformation", &[], &[base.to_vec(), form.to_vec()].concat());
        assert!(answer.contains("<OperationId>"), "{answer}");
        let list = [base.to_vec(), vec!["Action=ListStackSetOperations".to_owned()]].concat();
        let until = Instant::now() + Duration::from_secs(60);
        while self.send("cloudformation", &[], &list).contains("<Status>RUNNING") {
            assert!(Instant::now() < until, "{set} is still changed");
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Physical ids of the stack of a StackSet in a region of the test's own account, by logical id.
    pub fn instance(&self, set: &str, region: &str) -> BTreeMap<String, String> {
        let place = (self.account.as_str(), region);
        let call = |form: &str| {
            self.call(place, "cloudformation", &[], "", &format!("Version=2010-05-15&Action={form}"))
        };
        let stacks = elements(&call("DescribeStacks"), "StackName");
        let stack = stacks.iter().find(|name| name.starts_with(&format!("StackSet-{set}-")));
        let stack = stack.unwrap_or_else(|| panic!("{set} is not in {region}: {stacks:?}"));
        let answer = call(&format!("DescribeStackResources&StackName={stack}"));
        let (ids, physical) =
            (elements(&answer, "LogicalResourceId"), elements(&answer, "PhysicalResourceId"));
        ids.into_iter().zip(physical).collect()
    }

    /// Deletes a stack as another tool would, and waits until that has failed.
    #[track_caller]
    pub fn fail_to_delete_stack(&self, stack: &str) {
        let form = ["Action=DeleteStack", "Version=2010-05-15", &format!("StackName={stack}")];
        self.send("cloudformation", &[], &form.map(str::to_owned));
        let until = Instant::now() + Duration::from_secs(60);
        while elements(&self.stack(stack), "StackStatus")
            .first()
            .is_none_or(|status| status != "DELETE_FAILED")
        {
            assert!(Instant::now() < until, "{stack}: {}", self.stack(stack));
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Why resources of a stack failed.
    fn reasons(&self, stack: &str) -> Vec<String> {
        let form = ["Action=DescribeStackEvents", "Version=2010-05-15", &format!("StackName={stack}")];
        let answer = self.send("cloudformation", &[], &form.map(str::to_owned));
        let failed = elements(&answer, "member").into_iter().filter(|event| event.contains("_FAILED"));
        let one = |event: &str, tag: &str| elements(event, tag).pop().unwrap_or_default();
        failed
            .map(|event| {
                format!("{}: {}", one(&event, "LogicalResourceId"), one(&event, "ResourceStatusReason"))
            })
            .collect()
    }

    /// Deletes a stack as another tool would, and waits until it is gone.
    #[track_caller]
    pub fn delete_stack(&self, stack: &str) {
        let form = ["Action=DeleteStack", "Version=2010-05-15", &format!("StackName={stack}")];
        self.send("cloudformation", &[], &form.map(str::to_owned));
        let until = Instant::now() + Duration::from_secs(120);
        while !self.stack(stack).contains("does not exist") {
            assert!(Instant::now() < until, "{stack}: {:#?}", self.reasons(stack));
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// Deletes all versions of all objects of a bucket, and what marks deletions.
    pub fn empty_bucket(&self, bucket: &str) {
        let place = (self.account.as_str(), "us-west-2");
        let listed = self.curl(place, "s3", &[], &format!("{bucket}?versions"), &[]);
        for (key, version) in elements(&listed, "Key").iter().zip(elements(&listed, "VersionId")) {
            self.curl(place, "s3", &[], &format!("{bucket}/{key}?versionId={version}"), &[["-X", "DELETE"]]);
        }
    }

    /// Bucket and key of the artifacts of a stack's pipeline.
    pub fn artifact_store(&self, stack: &str) -> (String, String) {
        let name = self.resources(stack)["Pipeline"].0.clone();
        let body = serde_json::json!({ "name": name });
        let pipeline = &self.json("codepipeline", "CodePipeline_20150709.GetPipeline", &body)["pipeline"];
        let one = pipeline["artifactStores"].as_object().and_then(|stores| stores.values().next());
        let store = one.unwrap_or(&pipeline["artifactStore"]);
        let text =
            |value: &serde_json::Value| value.as_str().unwrap_or_else(|| panic!("{pipeline}")).to_owned();
        (text(&store["location"]), text(&store["encryptionKey"]["id"]))
    }

    /// Has tasks played, so that no image must exist.
    pub fn play_tasks(&self) {
        let body = serde_json::json!({"Name": "/wharf-emulators/tasks", "Value": "played", "Type": "String"});
        self.json("ssm", "AmazonSSM.PutParameter", &body);
    }

    /// ARN of a certificate that was imported into a region: self-signed, for the names.
    pub fn import_certificate(&self, region: &str, names: &[&str]) -> String {
        let folder = self.sandbox.work().join("certificate");
        std::fs::create_dir_all(&folder).unwrap();
        let alternatives: Vec<String> = names.iter().map(|name| format!("DNS:{name}")).collect();
        let output = std::process::Command::new("openssl")
            .args([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-keyout", "key.pem", "-out",
            ])
            .args(["cert.pem", "-subj", &format!("/CN={}", names[0]), "-addext"])
            .arg(format!("subjectAltName={}", alternatives.join(",")))
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = |name: &str| {
            base64::engine::general_purpose::STANDARD.encode(std::fs::read(folder.join(name)).unwrap())
        };
        let body = serde_json::json!({"Certificate": text("cert.pem"), "PrivateKey": text("key.pem")});
        let target = "X-Amz-Target: CertificateManager.ImportCertificate";
        let headers = [target, "Content-Type: application/x-amz-json-1.1"];
        let text = self.call((&self.account, region), "acm", &headers, "", &body.to_string());
        let answer: serde_json::Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
        answer["CertificateArn"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    fn stack(&self, stack: &str) -> String {
        let form = ["Action=DescribeStacks", "Version=2010-05-15", &format!("StackName={stack}")];
        self.send("cloudformation", &[], &form.map(str::to_owned))
    }

    /// Outputs of a stack: value and name of the export.
    pub fn outputs(&self, stack: &str) -> BTreeMap<String, (String, String)> {
        let answer = self.stack(stack);
        let outputs = answer.split_once("<Outputs>").and_then(|(_, rest)| rest.split_once("</Outputs>"));
        let outputs = outputs.map(|(outputs, _)| outputs).unwrap_or_default();
        let one = |output: &str, tag: &str| elements(output, tag).pop().unwrap_or_default();
        elements(outputs, "member")
            .iter()
            .map(|output| (one(output, "OutputKey"), (one(output, "OutputValue"), one(output, "ExportName"))))
            .collect()
    }

    /// Exports of the account with their values.
    pub fn exports(&self) -> BTreeMap<String, String> {
        let form = ["Action=ListExports", "Version=2010-05-15"].map(str::to_owned);
        let answer = self.send("cloudformation", &[], &form);
        elements(&answer, "Name").into_iter().zip(elements(&answer, "Value")).collect()
    }

    /// Resources of a stack: physical id and type.
    pub fn resources(&self, stack: &str) -> BTreeMap<String, (String, String)> {
        let form = ["Action=DescribeStackResources", "Version=2010-05-15", &format!("StackName={stack}")];
        let answer = self.send("cloudformation", &[], &form.map(str::to_owned));
        let one = |member: &str, tag: &str| elements(member, tag).pop().unwrap_or_default();
        answer
            .split("<LogicalResourceId>")
            .skip(1)
            .map(|rest| format!("<LogicalResourceId>{rest}"))
            .map(|member| {
                let physical = one(&member, "PhysicalResourceId");
                (one(&member, "LogicalResourceId"), (physical, one(&member, "ResourceType")))
            })
            .collect()
    }

    fn json(&self, service: &str, target: &str, body: &serde_json::Value) -> serde_json::Value {
        let target = format!("X-Amz-Target: {target}");
        let headers = [&*target, "Content-Type: application/x-amz-json-1.1"];
        let text = self.call((&self.account, "us-west-2"), service, &headers, "", &body.to_string());
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"))
    }

    /// Deletes a parameter of the Parameter Store.
    pub fn delete_parameter(&self, name: &str) {
        self.json("ssm", "AmazonSSM.DeleteParameter", &serde_json::json!({"Name": name}));
    }

    /// Deletes a role of an account with its policies.
    pub fn delete_role(&self, account: &str, name: &str) {
        let ask = |action: &str, more: &str| {
            let form = format!("Action={action}&Version=2010-05-08&RoleName={name}{more}");
            let headers = ["Content-Type: application/x-www-form-urlencoded"];
            self.call((account, "us-east-1"), "iam", &headers, "", &form)
        };
        for policy in elements(&ask("ListRolePolicies", ""), "member") {
            ask("DeleteRolePolicy", &format!("&PolicyName={policy}"));
        }
        let answer = ask("DeleteRole", "");
        assert!(answer.contains("DeleteRoleResponse"), "{answer}");
    }

    /// Writes a parameter of the Parameter Store.
    pub fn put_parameter(&self, name: &str, value: &serde_json::Value) {
        let body = serde_json::json!({"Name": name, "Value": value.to_string(), "Type": "String", "Overwrite": true});
        self.json("ssm", "AmazonSSM.PutParameter", &body);
    }

    /// Parameters below a path.
    pub fn parameters(&self, path: &str) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        let mut token = serde_json::Value::Null;
        loop {
            let mut body = serde_json::json!({"Path": path, "Recursive": true});
            if !token.is_null() {
                body["NextToken"] = token;
            }
            let answer = self.json("ssm", "AmazonSSM.GetParametersByPath", &body);
            for parameter in answer["Parameters"].as_array().unwrap() {
                let text = |key: &str| parameter[key].as_str().unwrap().to_owned();
                found.insert(text("Name"), text("Value"));
            }
            token = answer["NextToken"].clone();
            if token.is_null() {
                return found;
            }
        }
    }

    /// A list of ARNs that ECS answers.
    fn ecs_list(&self, operation: &str, body: &serde_json::Value, key: &str) -> Vec<String> {
        let target = format!("AmazonEC2ContainerServiceV20141113.{operation}");
        serde_json::from_value(self.json("ecs", &target, body)[key].clone()).unwrap()
    }

    /// Tasks that run, in all clusters.
    pub fn running_tasks(&self) -> BTreeSet<String> {
        self.ecs_list("ListClusters", &serde_json::json!({}), "clusterArns")
            .into_iter()
            .flat_map(|cluster| {
                self.ecs_list("ListTasks", &serde_json::json!({"cluster": cluster}), "taskArns")
            })
            .collect()
    }

    /// What ECS says of the services of all clusters, the newest of each first.
    pub fn service_messages(&self) -> Vec<String> {
        let mut messages = vec![];
        for cluster in self.ecs_list("ListClusters", &serde_json::json!({}), "clusterArns") {
            let services =
                self.ecs_list("ListServices", &serde_json::json!({"cluster": cluster}), "serviceArns");
            let target = "AmazonEC2ContainerServiceV20141113.DescribeServices";
            let body = serde_json::json!({"cluster": cluster, "services": services});
            for service in self.json("ecs", target, &body)["services"].as_array().unwrap() {
                let events = service["events"].as_array().unwrap().iter();
                messages.extend(events.map(|event| event["message"].as_str().unwrap().to_owned()));
            }
        }
        messages
    }

    /// Priorities of all listener rules but the default ones.
    pub fn rule_priorities(&self) -> Vec<u32> {
        let call = |form: &[&str]| {
            let form: Vec<String> =
                form.iter().map(|pair| (*pair).to_owned()).chain(["Version=2015-12-01".to_owned()]).collect();
            self.send("elasticloadbalancing", &[], &form)
        };
        let balancers = elements(&call(&["Action=DescribeLoadBalancers"]), "LoadBalancerArn");
        let listeners = balancers.iter().flat_map(|arn| {
            elements(&call(&["Action=DescribeListeners", &format!("LoadBalancerArn={arn}")]), "ListenerArn")
        });
        let rules = listeners.flat_map(|arn| {
            elements(&call(&["Action=DescribeRules", &format!("ListenerArn={arn}")]), "Priority")
        });
        rules.filter_map(|priority| priority.parse().ok()).collect()
    }
}

/// The texts of all elements with this tag.
pub fn elements(xml: &str, tag: &str) -> Vec<String> {
    let (open, close) = (format!("<{tag}>"), format!("</{tag}>"));
    xml.split(&open).skip(1).filter_map(|rest| Some(rest.split_once(&close)?.0.to_owned())).collect()
}

/// The probe web server, compiled once as a static program.
fn probe_binary() -> std::path::PathBuf {
    static ONCE: std::sync::Once = std::sync::Once::new();
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let binary = folder.join("probe");
    ONCE.call_once(|| {
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/emulators/images/probe/main.rs");
        let status = std::process::Command::new("rustc")
            .args(["-O", "-C", "target-feature=+crt-static", "-C", "strip=symbols", "--edition=2021", "-o"])
            .arg(&binary)
            .arg(source)
            .status()
            .unwrap();
        assert!(status.success(), "the probe does not compile");
    });
    binary
}

/// An account that no earlier test and no earlier run used.
fn account() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let seconds = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
    let number = (seconds % 10_000_000) * 100_000 + u64::from(std::process::id() % 1000) * 100;
    format!("{:012}", number + NEXT.fetch_add(1, Ordering::Relaxed))
}

/// The body of an HTTP GET, tried until it answers with 200 or half a minute is over.
#[track_caller]
pub fn get(url: &str) -> String {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let output =
            std::process::Command::new("curl").args(["-sS", "-f", "--max-time", "5", url]).output().unwrap();
        if output.status.success() {
            return String::from_utf8_lossy(&output.stdout).into_owned();
        }
        assert!(Instant::now() < until, "{url}: {}", String::from_utf8_lossy(&output.stderr));
        std::thread::sleep(Duration::from_millis(200));
    }
}
