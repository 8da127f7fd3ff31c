//! Static Sites: made, packaged, refused, seen.

use crate::changes::deployed_environment;
use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::scripted::{Answer, Script, Scripted};
use crate::world::{no_stack, point, records, stack, template};

const MANIFEST: &str = "name: docs\ntype: Static Site\nfiles:\n  - source: dist\n    recursive: true\n";

/// The workspace of `shop` with the site `docs`, which has a page and a script.
fn workspace(manifest: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox
        .write("copilot/.workspace", "application: shop\n")
        .write("copilot/environments/test/manifest.yml", "name: test\ntype: Environment\n")
        .write("copilot/docs/manifest.yml", manifest)
        .write("dist/index.html", "<h1>Docs</h1>\n")
        .write("dist/js/app.js", "docs()\n");
    sandbox
}

fn site_records() -> Script {
    let site = serde_json::json!({"app": "shop", "name": "docs", "type": "Static Site"});
    records().record("/copilot/applications/shop/components/docs", site)
}

fn shop_with_site(manifest: &str, script: Script) -> (Sandbox, Scripted) {
    let server = script.start();
    let mut sandbox = workspace(manifest);
    point(&mut sandbox, &server.url());
    (sandbox, server)
}

/// The site as deployed: its stack, three files in its bucket, nothing noted of them.
fn deployed(script: Script) -> Script {
    let outputs = [("CloudFrontDistributionDomainName", "d1.cloudfront.net")];
    let resource = |id: &str, kind: &str, physical: &str| {
        format!(
            "<member><LogicalResourceId>{id}</LogicalResourceId><PhysicalResourceId>{physical}</PhysicalResourceId>\
             <ResourceType>{kind}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>\
             <Timestamp>2026-01-02T03:04:05Z</Timestamp><LastUpdatedTimestamp>2026-01-02T03:04:05Z</LastUpdatedTimestamp></member>"
        )
    };
    let resources = [
        resource("Bucket", "AWS::S3::Bucket", "docs-bucket"),
        resource("CloudFrontDistribution", "AWS::CloudFront::Distribution", "E1"),
    ]
    .concat();
    let object = |key: &str, size: usize| {
        format!(
            "<Contents><Key>{key}</Key><Size>{size}</Size><ETag>\"e\"</ETag>\
             <LastModified>2026-01-02T03:04:05Z</LastModified></Contents>"
        )
    };
    let objects = [object("index.html", 9), object("js/app.js", 1_200_000), object("old.html", 3)].concat();
    let name = "StackName=shop-test-docs&";
    script
        .on("cloudformation:DescribeStacks", name, stack("shop-test-docs", "UPDATE_COMPLETE", &[], &outputs))
        .on("cloudformation:GetTemplate", name, template("Metadata:\n  Version: v2.0.0\nResources: {}\n"))
        .on(
            "cloudformation:ListStackResources",
            name,
            Answer::Xml(format!("<StackResourceSummaries>{resources}</StackResourceSummaries>")),
        )
        .on(
            "s3:GET /docs-bucket/?list-type=2&prefix=",
            "",
            Answer::Raw(format!("<ListBucketResult>{objects}</ListBucketResult>")),
        )
        .on("s3:*", "", Answer::Error(404, "NoSuchKey".into(), "The specified key does not exist.".into()))
        .on(
            "tagging:GetResources",
            "cloudformation:stack",
            Answer::Json(serde_json::json!({"ResourceTagMappingList": [{
                "ResourceARN": "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop-test-docs/1",
                "Tags": [{"Key": "copilot-application", "Value": "shop"}, {"Key": "copilot-environment", "Value": "test"},
                    {"Key": "copilot-service", "Value": "docs"}]}]})),
        )
        .on("tagging:GetResources", "", Answer::Json(serde_json::json!({"ResourceTagMappingList": []})))
}

#[test]
fn a_site_is_packaged_without_its_files() {
    let sandbox = workspace(MANIFEST);
    let run = sandbox.wharf("svc package --offline -n docs -e test --output-dir out");
    expect_runs!("site_package", run);
    assert!(sandbox.read("out/docs-test.stack.yml").contains("AWS::CloudFront::Distribution"));
    std::fs::remove_dir_all(sandbox.work().join("dist")).unwrap();
    sandbox.wharf("svc package --offline -n docs -e test").ends(0);
}

#[test]
fn what_is_wrong_with_a_site_is_said_before_anything_changes() {
    let run = |manifest: &str, command: &str| {
        let (sandbox, server) = shop_with_site(manifest, deployed_environment(site_records()));
        #[cfg(unix)]
        std::os::unix::fs::symlink("/etc", sandbox.work().join("out")).unwrap();
        let run = sandbox.wharf(command);
        let changing = ["PUT", "POST /2020", "DELETE", "CreateChangeSet", "UpdateStack", "PutParameter"];
        let seen = server.actions();
        let changed = seen.iter().find(|action| changing.iter().any(|verb| action.contains(verb)));
        assert_eq!(changed, None, "{seen:?}");
        run
    };
    let with = |from: &str, to: &str| MANIFEST.replace(from, to);
    let alias = format!("{MANIFEST}http:\n  alias: docs.example.com\n");
    expect_runs!(
        "site_refused",
        run(&with("dist", "build"), "svc deploy -n docs -e test"),
        run(&with("recursive: true", "exclude: '*.html'"), "svc deploy -n docs -e test"),
        run(&with("dist", "out"), "svc deploy -n docs -e test"),
        run(&alias, "svc deploy -n docs -e test"),
        run(MANIFEST, "svc deploy -n docs -e test --force"),
        run(&with("files", "file"), "svc deploy -n docs -e test"),
    );
}

#[test]
fn a_site_with_a_domain_says_what_it_needs() {
    let base = "/copilot/applications/shop";
    let with_domain = serde_json::json!({"name": "shop", "account": crate::scripted::ACCOUNT, "domain": "example.com",
        "domainHostedZoneID": "Z1", "version": "1.0"});
    let script = deployed_environment(site_records().record(base, with_domain));
    // An environment of Copilot's can't look after the name; a name of somebody else's can't be had.
    let (sandbox, _server) = shop_with_site(MANIFEST, script.clone());
    let other = format!("{MANIFEST}http:\n  alias: docs.example.org\n");
    let (other, _server2) = shop_with_site(&other, script);
    expect_runs!(
        "site_domain",
        sandbox.wharf("svc deploy -n docs -e test"),
        other.wharf("svc deploy -n docs -e test")
    );
}

#[test]
fn a_difference_names_the_files() {
    let (sandbox, server) = shop_with_site(MANIFEST, deployed_environment(deployed(site_records())));
    let run = sandbox.wharf("svc package -n docs -e test --diff").expect(1);
    let files = &run.stdout[run.stdout.find("Files of").unwrap()..];
    insta::assert_snapshot!(files, @r"
    Files of docs (+ new, ~ changed, - gone)
    ~ index.html
    ~ js/app.js
    - old.html
    ");
    assert!(!server.actions().iter().any(|action| action.contains("PUT")), "{:?}", server.actions());
}

#[test]
fn a_site_is_seen() {
    let (sandbox, _server) =
        shop_with_site(MANIFEST, deployed(site_records()).on("cloudformation:*", "", no_stack()));
    expect_runs!(
        "site_views",
        sandbox.wharf("svc status -n docs -e test"),
        sandbox.wharf("svc status -n docs -e test --json"),
        sandbox.wharf("svc show -n docs --resources"),
        sandbox.wharf("svc show -n docs --json"),
        sandbox.wharf("svc ls --local"),
    );
}

#[test]
fn a_site_has_no_logs() {
    let script = deployed(site_records()).on(
        "logs:*",
        "",
        Answer::error("ResourceNotFoundException", "The specified log group does not exist."),
    );
    let (sandbox, _server) = shop_with_site(MANIFEST, script);
    expect_runs!(
        "site_logs",
        sandbox.wharf("svc logs -n docs -e test"),
        sandbox.wharf("svc logs -n docs -e test --follow"),
    );
}

#[test]
fn a_deletion_says_that_the_files_go() {
    let script = site_records().on(
        "cloudformation:ListStackResources",
        "",
        Answer::Xml("<StackResourceSummaries/>".to_owned()),
    );
    let script =
        deployed(script).on("cloudformation:DescribeStacks", "", Answer::Xml("<Stacks/>".to_owned()));
    let (sandbox, _server) = shop_with_site(MANIFEST, script);
    expect_runs!(
        "site_delete",
        sandbox.wharf("svc delete -n docs -e test"),
        sandbox.wharf("svc delete -n docs")
    );
}

#[test]
fn making_a_site() {
    let (sandbox, _server) = shop_with_site(MANIFEST, records());
    let make = "svc init --name site --svc-type 'Static Site'";
    expect_runs!(
        "site_init_refused",
        sandbox.wharf(&format!("{make} --dockerfile Dockerfile")),
        sandbox.wharf(&format!("{make} --sources dist --image nginx")),
        sandbox.wharf(&format!("{make} --sources none")),
        sandbox.wharf(&format!("{make} --sources dist --sources /etc/hostname")),
        sandbox.wharf("svc init --name site --svc-type 'Backend Service' --image nginx --sources dist"),
        sandbox.wharf("svc init --svc-type 'Static Site' --sources dist"),
    );
}
