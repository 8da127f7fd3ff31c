//! What tests begin with: workspaces, an application in AWS, and the comparison with what is expected.

use serde_json::json;

use crate::sandbox::{Run, Sandbox};
use crate::scripted::{ACCOUNT, Answer, Script, Scripted};

/// The secret that no output may hold.
pub const SECRET: &str = "do-not-show-this-secret-key";

/// A manifest of a web service.
pub const WEB: &str = "name: web\ntype: Load Balanced Web Service\nimage:\n  build: web/Dockerfile\n  port: 8080\n\
    http:\n  path: /\ncpu: 256\nmemory: 512\ncount: 1\n";

/// A manifest of a service without image build.
pub const API: &str =
    "name: api\ntype: Backend Service\nimage:\n  location: public.ecr.aws/nginx/nginx:1\n  port: 80\n";

/// A sandbox with the workspace of `shop`: environment `test`, services `api` and `web`.
pub fn shop() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .write("wharf/.workspace", "application: shop\n")
        .write("wharf/environments/test/manifest.yml", "name: test\ntype: Environment\n")
        .write("wharf/web/manifest.yml", WEB)
        .write("wharf/api/manifest.yml", API)
        .write("web/Dockerfile", "FROM scratch\nEXPOSE 8080\n");
    sandbox
}

/// The workspace of `shop` with one service `api` and this manifest.
pub fn shop_with(manifest: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .write("wharf/.workspace", "application: shop\n")
        .write("wharf/environments/test/manifest.yml", "name: test\ntype: Environment\n")
        .write("wharf/api/manifest.yml", manifest);
    sandbox
}

/// Points a sandbox to a server, with credentials and a region.
pub fn point(sandbox: &mut Sandbox, url: &str) {
    sandbox
        .set("AWS_ENDPOINT_URL", url)
        .set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .set("AWS_SECRET_ACCESS_KEY", SECRET)
        .set("AWS_REGION", "eu-west-1")
        .set("WHARF_POLL_MILLIS", "10");
}

/// The sandbox with the workspace of `shop`, its AWS played by `script`.
pub fn shop_in(script: Script) -> (Sandbox, Scripted) {
    let server = script.start();
    let mut sandbox = shop();
    point(&mut sandbox, &server.url());
    (sandbox, server)
}

/// The records of `shop`: environment `test`, services `api` and `web`, a job.
pub fn records() -> Script {
    let base = "/copilot/applications/shop";
    let role = |name: &str| format!("arn:aws:iam::{ACCOUNT}:role/shop-test-{name}");
    let workload = |name: &str, kind: &str| json!({"app": "shop", "name": name, "type": kind});
    Script::default()
        .record(base, json!({"name": "shop", "account": ACCOUNT, "domain": "", "domainHostedZoneID": "", "version": "1.0"}))
        .record(
            &format!("{base}/environments/test"),
            json!({"app": "shop", "name": "test", "region": "eu-west-1", "accountID": ACCOUNT, "registryURL": "",
                "executionRoleARN": role("CFNExecutionRole"), "managerRoleARN": role("EnvManagerRole")}),
        )
        .record(&format!("{base}/components/web"), workload("web", "Load Balanced Web Service"))
        .record(&format!("{base}/components/api"), workload("api", "Backend Service"))
        .record(&format!("{base}/components/nightly"), workload("nightly", "Scheduled Job"))
}

/// CloudFormation says that there is no such stack.
pub fn no_stack() -> Answer {
    Answer::error("ValidationError", "Stack with id shop-test does not exist")
}

/// A stack as DescribeStacks gives it: name, status, parameters and outputs.
pub fn stack(name: &str, status: &str, parameters: &[(&str, &str)], outputs: &[(&str, &str)]) -> Answer {
    let list = |kind: &str, pairs: &[(&str, &str)]| -> String {
        let member = |(key, value): &(&str, &str)| {
            format!("<member><{kind}Key>{key}</{kind}Key><{kind}Value>{value}</{kind}Value></member>")
        };
        pairs.iter().map(member).collect()
    };
    Answer::Xml(format!(
        "<Stacks><member><StackName>{name}</StackName>\
         <StackId>arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/{name}/1</StackId>\
         <CreationTime>2026-01-02T03:04:05Z</CreationTime><StackStatus>{status}</StackStatus>\
         <Parameters>{}</Parameters><Outputs>{}</Outputs><Tags></Tags></member></Stacks>",
        list("Parameter", parameters),
        list("Output", outputs)
    ))
}

/// A deployed template.
pub fn template(text: &str) -> Answer {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;");
    Answer::Xml(format!("<TemplateBody>{escaped}</TemplateBody>"))
}

/// A run as text in which nothing changes from day to day: the sandbox's folder, ports and versions are names.
pub fn shown(run: &Run) -> String {
    let version = format!("v{}", env!("CARGO_PKG_VERSION"));
    let mut text = run.transcript().replace(&version, "[VERSION]").replace(&version[1..], "[VERSION]");
    while let Some(at) = text.find("127.0.0.1:") {
        let end = text[at + 10..].find(|c: char| !c.is_ascii_digit()).map_or(text.len(), |end| at + 10 + end);
        text.replace_range(at..end, "[SERVER]");
    }
    text
}

/// Compares several runs, one below the other, with what is expected.
#[macro_export]
macro_rules! expect_runs {
    ($name:literal, $($run:expr),+ $(,)?) => {
        insta::with_settings!({filters => vec![(r"\d+ [a-z]+ ago", "[AGE]")]}, {
            insta::assert_snapshot!($name, [$($crate::world::shown(&$run)),+].join("\n"));
        })
    };
}
