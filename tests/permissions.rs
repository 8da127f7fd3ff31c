//! The list of permissions is the one of the calls: nothing is called that is not listed, nothing listed that nobody calls, and
//! what environments' manager roles need stands in their template. `docs/permissions.md` is made from the list:
//! `WHARF_BLESS=1 cargo test --test permissions` writes it anew.

#![expect(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use wharf::facts::Facts;
use wharf::model::environment::{
    Environment, ManagedVpc, PrivateHttp, PublicHttp, SecurityGroupRules, Subnet, Vpc,
};
use wharf::name::{AppName, EnvName};
use wharf::ops::permissions::{
    DNS, MANAGER, NEEDS_NONE, Need, Place, Purpose, SITE, Through, USER, document, policy,
};
use wharf::stack::environment::{Options, environment};
use wharf::stack::features::Features;

/// What operations begin with.
const VERBS: [&str; 27] = [
    "Associate",
    "Assume",
    "Batch",
    "Cancel",
    "Change",
    "Continue",
    "Create",
    "Delete",
    "Describe",
    "Detach",
    "Detect",
    "Disassociate",
    "Execute",
    "Filter",
    "Get",
    "Head",
    "List",
    "Pause",
    "Put",
    "Request",
    "Resume",
    "Retry",
    "Run",
    "Simulate",
    "Start",
    "Stop",
    "Update",
];

/// What begins so, too.
const NO_OPERATIONS: [&str; 2] = ["Filters", "StartTime"];

/// Files of doors, or their folders, and how policies call the service; those of several services name all of them.
const SERVICES: [(&str, &[&str]); 24] = [
    ("acm", &["acm"]),
    ("apprunner", &["apprunner"]),
    ("cloudformation", &["cloudformation"]),
    ("cloudfront", &["cloudfront"]),
    ("cloudwatch", &["cloudwatch"]),
    ("codepipeline", &["codepipeline"]),
    ("connections", &["codeconnections", "codestar-connections"]),
    ("ec2", &["ec2"]),
    ("ecr", &["ecr"]),
    ("ecs", &["ecs"]),
    ("efs", &["elasticfilesystem"]),
    ("elbv2", &["elasticloadbalancing"]),
    ("iam", &["iam"]),
    ("kms", &["kms"]),
    ("logs", &["logs"]),
    ("pricing", &["pricing"]),
    ("quotas", &["servicequotas"]),
    ("route53", &["route53"]),
    ("s3", &["s3"]),
    ("secretsmanager", &["secretsmanager"]),
    ("ssm", &["ssm"]),
    ("states", &["states"]),
    ("sts", &["sts"]),
    ("tagging", &["tag"]),
];

/// Files without calls of their own.
const NO_DOORS: [&str; 9] =
    ["configuration", "endpoint", "error", "http", "mod", "presigned", "query", "renewal", "testing"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { sources(&path, out) } else { out.push(path) }
    }
}

/// Actions of an operation.
fn actions(service: &str, operation: &str) -> Vec<String> {
    let names: &[&str] = match (service, operation) {
        ("route53", "GetDomainDetail") => return vec!["route53domains:GetDomainDetail".to_owned()],
        ("s3", "HeadBucket" | "ListObjectsV2") => &["ListBucket"],
        ("s3", "HeadObject") => &["GetObject"],
        ("s3", "ListObjectVersions") => &["ListBucketVersions"],
        ("s3", "DeleteObjects") => &["DeleteObject", "DeleteObjectVersion"],
        _ => &[operation],
    };
    names.iter().map(|name| format!("{service}:{name}")).collect()
}

/// The actions of all operations that `src/aws` calls.
fn called() -> BTreeSet<String> {
    let folder = root().join("src/aws");
    let mut files = vec![];
    sources(&folder, &mut files);
    let mut found = BTreeSet::new();
    for file in files {
        let inside = file.strip_prefix(&folder).unwrap().to_str().unwrap();
        let door = inside.split(['/', '.']).next().unwrap();
        if NO_DOORS.contains(&door) {
            continue;
        }
        let services = SERVICES.iter().find(|(name, _)| *name == door);
        let (_, services) =
            services.unwrap_or_else(|| panic!("{inside} is of no service that is known here"));
        let text = fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
            for literal in line.split('"').skip(1).step_by(2) {
                let operation = literal.len() > 5
                    && literal.chars().all(|letter| letter.is_ascii_alphanumeric())
                    && VERBS.iter().any(|verb| literal.starts_with(verb) && literal.len() > verb.len())
                    && !literal.ends_with("Result")
                    && !NO_OPERATIONS.contains(&literal);
                if operation {
                    found.extend(services.iter().flat_map(|service| actions(service, literal)));
                }
            }
        }
    }
    found
}

fn listed(through: Option<Through>) -> BTreeSet<String> {
    [USER, MANAGER, SITE, DNS]
        .concat()
        .iter()
        .filter(|need| through.is_none_or(|through| need.through == through))
        .flat_map(|need| need.actions.iter().map(|action| (*action).to_owned()))
        .collect()
}

#[test]
fn every_call_has_its_permission() {
    let called = called();
    assert!(called.len() > 120, "{} calls", called.len());
    let known: BTreeSet<String> =
        listed(None).into_iter().chain(NEEDS_NONE.iter().map(|action| (*action).to_owned())).collect();
    let missing: Vec<&String> = called.difference(&known).collect();
    assert!(missing.is_empty(), "called and not listed in src/ops/permissions/table.rs: {missing:?}");
    let listed = listed(Some(Through::Call));
    let stale: Vec<&String> = listed.difference(&called).collect();
    assert!(stale.is_empty(), "listed as calls and not called in src/aws: {stale:?}");
}

/// The manager role of an environment's template.
fn manager(domain: bool) -> Value {
    let (app, env) = (AppName::new("demo").unwrap(), EnvName::new("test").unwrap());
    let mut facts = Facts::new(app, env.clone());
    facts.app.account = "111122223333".to_owned();
    facts.env.account = "111122223333".to_owned();
    facts.env.region = "eu-west-1".to_owned();
    facts.artifacts.bucket = "artifacts".to_owned();
    facts.artifacts.kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1".to_owned();
    if domain {
        facts.app.domain = "example.com".to_owned();
    }
    let subnet = |cidr: &str| Subnet { cidr: cidr.to_owned(), az: None };
    let model = Environment {
        name: env,
        vpc: Vpc::Managed(ManagedVpc {
            cidr: "10.0.0.0/16".to_owned(),
            public: vec![subnet("10.0.0.0/24"), subnet("10.0.1.0/24")],
            private: vec![subnet("10.0.2.0/24"), subnet("10.0.3.0/24")],
        }),
        security_group: SecurityGroupRules::default(),
        flow_logs: None,
        cdn: None,
        public: PublicHttp::default(),
        private: PrivateHttp::default(),
        container_insights: false,
    };
    let stack =
        environment(&model, &facts, "name: test\n", &Features::default(), &Options::default()).unwrap();
    stack.template["Resources"]["EnvironmentManagerRole"].clone()
}

#[test]
fn manager_roles_have_what_they_need() {
    for domain in [false, true] {
        let role = manager(domain);
        let needed = MANAGER.iter().filter(|need| domain || need.purpose != Purpose::Domain);
        let missing: Vec<&str> = needed
            .flat_map(|need| need.actions)
            .copied()
            .filter(|action| !policy::may_allow(&role, action))
            .collect();
        assert!(missing.is_empty(), "not in templates/environment/roles.yml: {missing:?}");
    }
    // Without a domain nothing of it is allowed: the check above can fail.
    assert!(!policy::may_allow(&manager(false), "acm:RequestCertificate"));
}

/// How `docs/permissions.md` names what differs.
const ANYWHERE: Place<'_> = Place {
    partition: "aws",
    region: "*",
    account: "ACCOUNT",
    app: "APP",
    env: "*",
    workload: "*",
    pipeline: "*",
    bucket: "stackset-APP-*",
    any: "*",
};

/// The table of a list, without what is asked for another purpose.
fn table(needs: &[Need], purpose: Purpose, resources: bool) -> String {
    let mut rows: BTreeMap<(String, &str), BTreeSet<&str>> = BTreeMap::new();
    for need in needs.iter().filter(|need| need.purpose == purpose) {
        let through = match need.through {
            Through::Call | Through::Along => "",
            Through::Engine => "the container engine",
            Through::CloudFormation => "CloudFormation",
        };
        rows.entry((need.arn(&ANYWHERE), through)).or_default().extend(need.actions);
    }
    let mut text = String::new();
    for ((resource, through), actions) in rows {
        let actions = actions.into_iter().collect::<Vec<_>>().join("`, `");
        match (resources, through) {
            (false, _) => writeln!(text, "`{actions}`").unwrap(),
            (true, "") => writeln!(text, "- on `{resource}`: `{actions}`").unwrap(),
            (true, through) => writeln!(text, "- on `{resource}`, by {through}: `{actions}`").unwrap(),
        }
    }
    text
}

fn wanted_docs() -> String {
    let needs = |purposes: &[Purpose]| {
        let needs = USER.iter().filter(|need| purposes.contains(&need.purpose));
        let allowed: Vec<(&str, String)> =
            needs.flat_map(|need| need.actions.iter().map(|action| (*action, need.arn(&ANYWHERE)))).collect();
        document(allowed.iter().map(|(action, resource)| (*action, resource.as_str())))
    };
    let mut text = format!(
        "# Permissions\n\n\
         What wharf asks of AWS, and what for. `wharf doctor` tells what of it is not allowed before it is tried: it asks IAM about\n\
         whoever runs it (`iam:SimulatePrincipalPolicy`, and `iam:GetRole` for the path of a role), and reads the manager roles of\n\
         environments from their templates. Policies of sessions and of resources are not looked at; what policies of the\n\
         organization refuse is shown as uncertain, since IAM does not evaluate their conditions.\n\n\
         APP stands for the application, ACCOUNT for its account. The application's bucket is named by CloudFormation: the\n\
         output `PipelineBucket` of its stack tells its whole name.\n\n\
         ## To deploy\n\n\
         What a CI job needs that deploys services and jobs into environments that are there:\n\n```json\n{}\n```\n\n\
         Everything inside of an environment is done by the environment's manager role, which its template makes and bounds; its\n\
         resources are made by CloudFormation with the environment's execution role.\n",
        needs(&[Purpose::Look, Purpose::Deploy])
    );
    text += "\n## Whoever runs wharf\n\nIn the application's account; what stands under environments also in the account of an \
             environment that is made.\n";
    for purpose in Purpose::ALL {
        let rows = table(USER, purpose, true);
        if !rows.is_empty() {
            write!(text, "\n### {} (`{}`)\n\n{rows}", heading(purpose), purpose.word()).unwrap();
        }
    }
    text += "\n## Manager roles of environments\n\nGiven by the environment's template, within the environment; for a Static Site \
             by the site's stack. A role that Copilot made has less until the environment is deployed.\n";
    for purpose in Purpose::ALL {
        let rows = table(&[MANAGER, SITE].concat(), purpose, false);
        if !rows.is_empty() {
            write!(text, "\n### {}\n\n{rows}", heading(purpose)).unwrap();
        }
    }
    write!(
        text,
        "\n## The role that writes into the application's zone\n\n{}",
        table(DNS, Purpose::Domain, false)
    )
    .unwrap();
    text
}

fn heading(purpose: Purpose) -> String {
    let title = purpose.title();
    let mut letters = title.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[test]
fn the_list_is_written_down() {
    let path = root().join("docs/permissions.md");
    let wanted = wanted_docs();
    if std::env::var_os("WHARF_BLESS").is_some() {
        fs::write(path, wanted).unwrap();
    } else {
        assert_eq!(fs::read_to_string(path).unwrap_or_default(), wanted, "run with WHARF_BLESS=1");
    }
}
