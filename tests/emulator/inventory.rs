//! What there is in an account, as a text that is the same for the same things under other ids.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{BufReader, Write as _};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::proxy::Message;
use crate::support::elements;

/// An account of the emulator.
pub struct Account {
    /// Address of the emulator, such as `127.0.0.1:4566`.
    pub upstream: String,
    /// Its 12 digits.
    pub number: String,
}

/// Objects and images of an account, which outlive what deletes a service from an environment.
pub struct Stored {
    objects: BTreeSet<String>,
    images: BTreeSet<(String, String)>,
}

/// JSON APIs by the name they sign for and the prefix of their operations.
const TARGETS: [(&str, &str); 6] = [
    ("ssm", "AmazonSSM"),
    ("ecr", "AmazonEC2ContainerRegistry_V20150921"),
    ("ecs", "AmazonEC2ContainerServiceV20141113"),
    ("logs", "Logs_20140328"),
    ("acm", "CertificateManager"),
    ("apprunner", "AppRunner"),
];

impl Account {
    /// One call. The emulator reads who calls, and checks no signature.
    fn call(&self, service: &str, first: &str, headers: &str, body: &str) -> String {
        self.call_in("us-west-2", service, first, headers, body)
    }

    fn call_in(&self, region: &str, service: &str, first: &str, headers: &str, body: &str) -> String {
        let mut stream = TcpStream::connect(&self.upstream).unwrap();
        write!(
            stream,
            "{first} HTTP/1.1\r\nHost: {}\r\nAuthorization: AWS4-HMAC-SHA256 Credential={}/20260101/{region}/{service}/aws4_request, \
             SignedHeaders=host, Signature=0\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.upstream,
            self.number,
            body.len()
        )
        .unwrap();
        let answer = Message::read(&mut BufReader::new(stream), true).unwrap().unwrap();
        String::from_utf8_lossy(&answer.body).into_owned()
    }

    fn query(&self, service: &str, version: &str, form: &str) -> String {
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.call(service, "POST /", kind, &format!("Version={version}&Action={form}"))
    }

    fn json(&self, service: &str, operation: &str, body: &Value) -> Value {
        self.json_in("us-west-2", service, operation, body)
    }

    fn json_in(&self, region: &str, service: &str, operation: &str, body: &Value) -> Value {
        let target = TARGETS.iter().find(|(name, _)| *name == service).unwrap().1;
        let headers =
            format!("X-Amz-Target: {target}.{operation}\r\nContent-Type: application/x-amz-json-1.1\r\n");
        let text = self.call_in(region, service, "POST /", &headers, &body.to_string());
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{operation}: {text}"))
    }

    /// Values of a list in a JSON answer.
    fn listed(&self, service: &str, operation: &str, body: &Value, list: &str) -> Vec<Value> {
        self.json(service, operation, body)[list].as_array().cloned().unwrap_or_default()
    }

    /// Records of a zone, `NAME TYPE` each.
    pub fn records(&self, zone: &str) -> Vec<String> {
        let text = self.call("route53", &format!("GET /2013-04-01/hostedzone/{zone}/rrset"), "", "");
        let sets = elements(&text, "ResourceRecordSet").into_iter().map(|set| {
            let one = |tag: &str| elements(&set, tag).into_iter().next().unwrap_or_default();
            format!("{} {}", one("Name"), one("Type"))
        });
        sets.collect()
    }

    /// The certificates of a region, as ACM describes them.
    pub fn certificates(&self, region: &str) -> Vec<Value> {
        let list = self.json_in(region, "acm", "ListCertificates", &json!({}));
        let arns = list["CertificateSummaryList"].as_array().into_iter().flatten();
        let described = arns.map(|one| {
            let body = json!({"CertificateArn": one["CertificateArn"]});
            self.json_in(region, "acm", "DescribeCertificate", &body)["Certificate"].clone()
        });
        described.collect()
    }

    /// Hosted zones with their records, certificates, host names of App Runner.
    fn names(&self) -> Vec<String> {
        let mut lines = vec![];
        let zones = self.call("route53", "GET /2013-04-01/hostedzone", "", "");
        for id in elements(&zones, "Id").iter().filter_map(|id| id.strip_prefix("/hostedzone/")) {
            // Values are ids of certificates, and addresses of this machine.
            lines.extend(self.records(id).into_iter().map(|record| format!("zone {id} record {record}")));
        }
        for region in ["us-west-2", "us-east-1"] {
            let certificates = self.certificates(region);
            // Names that look like ids make certificates look the same.
            lines.push(format!("certificates in {region}: {}", certificates.len()));
            for certificate in certificates {
                let mut names: Vec<&str> = certificate["SubjectAlternativeNames"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .collect();
                names.sort_unstable();
                lines.push(format!("certificate in {region} {} {}", certificate["Status"], names.join(" ")));
            }
        }
        for service in self.listed("apprunner", "ListServices", &json!({}), "ServiceSummaryList") {
            let body = json!({"ServiceArn": service["ServiceArn"]});
            for name in self.listed("apprunner", "DescribeCustomDomains", &body, "CustomDomains") {
                lines.push(format!("host name {} of {}", name["DomainName"], service["ServiceName"]));
            }
        }
        lines
    }

    fn buckets(&self) -> Vec<String> {
        elements(&self.call("s3", "GET /", "", ""), "Name")
    }

    fn keys(&self, bucket: &str) -> Vec<String> {
        elements(&self.call("s3", &format!("GET /{bucket}?list-type=2"), "", ""), "Key")
    }

    /// All objects, `bucket/key` each.
    fn objects(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        for bucket in self.buckets() {
            found.extend(self.keys(&bucket).into_iter().map(|key| format!("{bucket}/{key}")));
        }
        found
    }

    /// Every image's repository and digest.
    fn images(&self) -> BTreeSet<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut found = BTreeSet::new();
        for repository in self.listed("ecr", "DescribeRepositories", &json!({}), "repositories") {
            let name = text(&repository["repositoryName"]);
            for image in self.listed("ecr", "ListImages", &json!({"repositoryName": name}), "imageIds") {
                found.insert((name.clone(), text(&image["imageDigest"])));
            }
        }
        found
    }

    /// What is stored now.
    pub fn stored(&self) -> Stored {
        Stored { objects: self.objects(), images: self.images() }
    }

    /// Removes what was not stored before, but for notes of names: they are about what is there now.
    pub fn restore(&self, before: &Stored) {
        let is_note = |object: &&String| object.ends_with("/parting.json");
        for object in self.objects().difference(&before.objects).filter(|object| !is_note(object)) {
            self.call("s3", &format!("DELETE /{object}"), "", "");
        }
        for (name, digest) in self.images().difference(&before.images) {
            let body = json!({"repositoryName": name, "imageIds": [{"imageDigest": digest}]});
            self.json("ecr", "BatchDeleteImage", &body);
        }
    }

    /// Everything, one thing a line.
    pub fn inventory(&self) -> String {
        let mut lines = BTreeSet::new();
        let stacks = self.query("cloudformation", "2010-05-15", "DescribeStacks");
        for stack in stacks.split("<StackId>").skip(1) {
            let one = |tag: &str| elements(stack, tag).into_iter().next().unwrap_or_default();
            let (name, status) = (one("StackName"), one("StackStatus"));
            // Whether something was made at once or mended later is no difference.
            let status = status.replace("UPDATE_COMPLETE", "COMPLETE").replace("CREATE_COMPLETE", "COMPLETE");
            lines.insert(format!("stack {name} {status}"));
            for (kind, key, value) in [
                ("parameter", "ParameterKey", "ParameterValue"),
                ("tag", "Key", "Value"),
                ("output", "OutputKey", "OutputValue"),
            ] {
                for member in stack.split("<member>").filter(|member| member.contains(&format!("<{key}>"))) {
                    let one = |tag: &str| elements(member, tag).into_iter().next().unwrap_or_default();
                    let (key, value) = (one(key), one(value));
                    // An address of this machine, or an id without a digit.
                    let value = if key.ends_with("DNSName") || key.ends_with("DomainName") {
                        String::new()
                    } else {
                        value
                    };
                    lines.insert(format!("stack {name} {kind} {key}={value}"));
                }
            }
            let form = format!("DescribeStackResources&StackName={name}");
            let resources = self.query("cloudformation", "2010-05-15", &form);
            for resource in elements(&resources, "member") {
                let one = |tag: &str| elements(&resource, tag).into_iter().next().unwrap_or_default();
                let (id, of) = (one("LogicalResourceId"), one("ResourceType"));
                lines.insert(format!("stack {name} resource {id} {of}"));
            }
            let sets =
                self.query("cloudformation", "2010-05-15", &format!("ListChangeSets&StackName={name}"));
            let open =
                elements(&sets, "ExecutionStatus").iter().filter(|status| *status == "AVAILABLE").count();
            if open > 0 {
                lines.insert(format!("stack {name} has {open} open change sets"));
            }
        }
        for set in elements(&self.query("cloudformation", "2010-05-15", "ListStackSets"), "StackSetName") {
            let form = format!("DescribeStackSet&StackSetName={set}");
            let described = self.query("cloudformation", "2010-05-15", &form);
            if described.contains("<Status>DELETED") {
                continue;
            }
            lines.insert(format!("stack set {set} {}", elements(&described, "TemplateBody").join(" ")));
            let form = format!("ListStackInstances&StackSetName={set}");
            let instances = self.query("cloudformation", "2010-05-15", &form);
            lines.insert(format!("stack set {set} in {}", elements(&instances, "Region").join(" ")));
        }
        let body = json!({"Path": "/", "Recursive": true});
        for parameter in self.listed("ssm", "GetParametersByPath", &body, "Parameters") {
            lines.insert(format!("record {} {}", parameter["Name"], parameter["Value"]));
        }
        for repository in self.listed("ecr", "DescribeRepositories", &json!({}), "repositories") {
            let name = &repository["repositoryName"];
            lines.insert(format!("repository {name}"));
            for image in
                self.listed("ecr", "DescribeImages", &json!({"repositoryName": name}), "imageDetails")
            {
                lines.insert(format!("image {name} {}", image["imageTags"]));
            }
        }
        for bucket in self.buckets() {
            lines.insert(format!("bucket {bucket}"));
        }
        // A release's key holds its time.
        lines.extend(self.objects().into_iter().map(|object| format!("object {object}")));
        let roles = elements(&self.query("iam", "2010-05-08", "ListRoles"), "RoleName");
        lines.extend(roles.into_iter().map(|role| format!("role {role}")));
        for group in self.listed("logs", "DescribeLogGroups", &json!({}), "logGroups") {
            lines.insert(format!("log group {}", group["logGroupName"]));
        }
        for cluster in self.listed("ecs", "ListClusters", &json!({}), "clusterArns") {
            for service in self.listed("ecs", "ListServices", &json!({"cluster": cluster}), "serviceArns") {
                let body = json!({"cluster": cluster, "services": [service]});
                for service in self.listed("ecs", "DescribeServices", &body, "services") {
                    lines.insert(format!(
                        "service {} wants {} in {} deployments",
                        service["serviceName"],
                        service["desiredCount"],
                        service["deployments"].as_array().map_or(0, Vec::len)
                    ));
                }
            }
        }
        lines.extend(self.names());
        let groups = self.query("elasticloadbalancing", "2015-12-01", "DescribeTargetGroups");
        let count = elements(&groups, "TargetGroupName").len();
        lines.insert(format!("target groups: {count}"));
        let mut text = lines.into_iter().fold(String::new(), |mut text, line| {
            writeln!(text, "{line}").unwrap();
            text
        });
        for bucket in self.buckets() {
            text = text.replace(&bucket, "BUCKET");
        }
        let text = normal(&text.replace(&self.number, "ACCOUNT"));
        // The application's StackSet counts its updates.
        let counter = |line: &str| {
            let line = line.trim_start();
            line.contains(" StackSetOpId=")
                || ["Version: ", "Value: '"].iter().any(|start| {
                    line.strip_prefix(start)
                        .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
                })
        };
        // A certificate that is kept may stand for names of before, too.
        let told = |line: &str| {
            let mut words: Vec<&str> = line.split(' ').collect();
            if line.starts_with("certificate in ") {
                words.dedup();
            }
            words.join(" ")
        };
        let lines: BTreeSet<String> = text.lines().filter(|line| !counter(line)).map(told).collect();
        lines.into_iter().fold(String::new(), |text, line| text + &line + "\n")
    }
}

/// The text with everything that looks like an id, a hash or a time as `#`.
pub fn normal(text: &str) -> String {
    let mut out = String::new();
    let mut word = String::new();
    for letter in text.chars().chain(['\0']) {
        if letter.is_ascii_alphanumeric() {
            word.push(letter);
            continue;
        }
        let digits = word.chars().filter(char::is_ascii_digit).count();
        let hex = word.len() >= 4
            && word.len().is_multiple_of(4)
            && word.chars().all(|letter| matches!(letter, 'a'..='f'));
        let upper = word.len() >= 12 && word.chars().all(|letter| letter.is_ascii_uppercase());
        let id = digits > 0 && word.len() >= 4 || hex || upper;
        // The emulator's ids of discovery services need not hold a digit.
        let id = id || out.ends_with("service/srv-");
        out.push_str(if id { "#" } else { &word });
        word.clear();
        if letter != '\0' {
            out.push(letter);
        }
    }
    out
}

/// Lines of one text that the other lacks, marked.
pub fn difference(wanted: &str, found: &str) -> String {
    let (wanted, found): (BTreeSet<&str>, BTreeSet<&str>) =
        (wanted.lines().collect(), found.lines().collect());
    let missing = wanted.difference(&found).map(|line| format!("  - {line}\n"));
    let more = found.difference(&wanted).map(|line| format!("  + {line}\n"));
    missing.chain(more).collect()
}
