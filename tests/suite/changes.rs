//! Making, deploying and deleting, as far as they come without real stacks.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::scripted::{ACCOUNT, Answer, Script, Scripted};
use crate::world::{no_stack, point, records, shop, shop_in, stack, template};

/// The environment `test` as deployed, with the application's repositories; services are not.
pub fn deployed_environment(script: Script) -> Script {
    let repository = |name: &str| format!("{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com/shop/{name}");
    let outputs = [
        ("PipelineBucket", "bucket-of-shop"),
        ("KMSKeyARN", "arn:aws:kms:eu-west-1:123456789012:key/1"),
        ("TemplateVersion", "v1.2.0"),
    ];
    let mut outputs: Vec<(String, String)> =
        outputs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    for name in ["web", "api"] {
        outputs.push((
            format!("ECRRepo{name}"),
            format!("arn:aws:ecr:eu-west-1:{ACCOUNT}:repository/shop/{name}"),
        ));
    }
    let outputs: Vec<(&str, &str)> = outputs.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let parameters = [
        ("AppName", "shop"),
        ("EnvironmentName", "test"),
        ("ALBWorkloads", "web"),
        ("ServiceDiscoveryEndpoint", "test.shop.local"),
        ("InternalALBWorkloads", ""),
        ("EFSWorkloads", ""),
        ("NATWorkloads", ""),
        ("AppRunnerPrivateWorkloads", ""),
        ("Aliases", ""),
    ];
    let instance = format!(
        "<Summaries><member><StackId>arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/StackSet-shop-1/1</StackId>\
         <Account>{ACCOUNT}</Account><Region>eu-west-1</Region><Status>CURRENT</Status></member></Summaries>"
    );
    let manifest = "Metadata:\n  Version: v1.33.0\n  Manifest: |\n    name: test\n    type: Environment\nResources: {}\n";
    script
        .on("cloudformation:ListStackInstances", "", Answer::Xml(instance))
        .on(
            "cloudformation:DescribeStacks",
            "StackSet-shop",
            stack("StackSet-shop-1", "CREATE_COMPLETE", &[], &outputs),
        )
        .on(
            "cloudformation:DescribeStacks",
            "StackName=shop-test&",
            stack("shop-test", "UPDATE_COMPLETE", &parameters, &[]),
        )
        .on("cloudformation:GetTemplate", "StackName=shop-test&", template(manifest))
        .on(
            "ecr:DescribeRepositories",
            "",
            Answer::Json(json!({"repositories": [{"repositoryUri": repository("web")}]})),
        )
        .on("ecr:DescribeImages", "", Answer::error("ImageNotFoundException", "no such image"))
        .on("ecr:BatchGetImage", "", Answer::Json(json!({"images": [], "failures": []})))
        .on(
            "ecr:GetAuthorizationToken",
            "",
            Answer::Json(json!({"authorizationData": [{
            "authorizationToken": "QVdTOnJlZ2lzdHJ5LXBhc3N3b3Jk", "expiresAt": 4_102_444_800.0,
            "proxyEndpoint": format!("https://{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com")}]})),
        )
        .on("cloudformation:DescribeStacks", "StackName=", no_stack())
        .on("cloudformation:DescribeStacks", "", Answer::Xml("<Stacks/>".to_owned()))
        .on("cloudformation:GetTemplate", "", no_stack())
}

/// No request changed anything.
#[track_caller]
pub fn unchanged(server: &Scripted) {
    let changing = ["Delete", "Put", "Create", "Update", "Execute"];
    let seen = server.actions();
    let changes = |action: &&String| {
        let operation = action.split(':').next_back().unwrap();
        changing.iter().any(|verb| operation.starts_with(verb))
    };
    assert_eq!(seen.iter().find(changes), None, "{seen:?}");
}

#[test]
fn no_container_engine() {
    let (mut sandbox, server) = shop_in(deployed_environment(records()));
    sandbox.only_programs(&[]);
    let missing = sandbox.wharf("svc deploy -n web -e test");
    sandbox.set("WHARF_BUILDER", "buildkitd");
    let named = sandbox.wharf("svc deploy -n web -e test");
    expect_runs!("no_engine", missing, named);
    unchanged(&server);
}

#[test]
fn the_container_engine_does_not_run() {
    let (mut sandbox, server) = shop_in(deployed_environment(records()));
    let script = "echo 'ERROR: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?' >&2; exit 1";
    sandbox.only_programs(&[("docker", script)]);
    expect_runs!(
        "engine_not_running",
        sandbox.wharf("svc deploy -n web -e test"),
        sandbox.wharf("deploy -n web -e test --progress json")
    );
    unchanged(&server);
}

#[test]
fn a_build_that_fails() {
    let (mut sandbox, server) = shop_in(deployed_environment(records()));
    let script = "case \"$1\" in build|buildx) echo 'step 2/2: RUN make' >&2; echo 'make: *** No rule to make target' >&2; exit 2;; esac";
    sandbox.only_programs(&[("docker", script)]);
    let run = sandbox.wharf("svc deploy -n web -e test").expect(1);
    assert!(run.stderr.contains("No rule to make target"), "{}", run.transcript());
    assert!(!run.transcript().contains("registry-password"));
    unchanged(&server);
}

#[test]
fn the_environment_is_not_deployed() {
    let (sandbox, server) = shop_in(records().on("cloudformation:*", "", no_stack()));
    expect_runs!(
        "environment_not_deployed",
        sandbox.wharf("svc deploy -n web -e test"),
        sandbox.wharf("deploy -n web -e test --deploy-env=false"),
    );
    unchanged(&server);
}

#[test]
fn a_stack_that_is_busy() {
    let busy = |name: &str, status: &str| stack(name, status, &[], &[]);
    let script = records()
        .on("cloudformation:DescribeStacks", "StackName=shop-test&", busy("shop-test", "UPDATE_IN_PROGRESS"))
        .on("cloudformation:DescribeStacks", "", no_stack());
    let (sandbox, server) = shop_in(script);
    let mut waiting = sandbox.command(&sandbox.work());
    waiting.args(["svc", "deploy", "-n", "web", "-e", "test"]);
    waiting.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = waiting.spawn().unwrap();
    // It looks once before it waits, and again and again while it does.
    let until = Instant::now() + Duration::from_secs(30);
    let looks =
        || server.actions().iter().filter(|action| *action == "cloudformation:DescribeStacks").count();
    while looks() < 6 {
        assert!(Instant::now() < until, "{:?}", server.actions());
        std::thread::sleep(Duration::from_millis(20));
    }
    crate::streams::interrupt(&child);
    let run = sandbox.finish("svc deploy -n web -e test", child.wait_with_output().unwrap());
    expect_runs!("busy", run);
    unchanged(&server);
}

#[test]
fn an_unregistered_service() {
    let sandbox_with = |script: Script| {
        let (sandbox, server) = shop_in(script);
        sandbox.write(
            "wharf/extra/manifest.yml",
            "name: extra\ntype: Backend Service\nimage:\n  location: nginx\n",
        );
        (sandbox, server)
    };
    let (sandbox, server) = sandbox_with(deployed_environment(records()));
    expect_runs!(
        "unregistered",
        sandbox.wharf("svc deploy -n extra -e test"),
        sandbox.wharf("deploy -n extra -e test"),
        sandbox.wharf("deploy -n extra -e test --init-wkld=false"),
        sandbox.wharf("deploy -n nowhere -e test --init-wkld"),
    );
    unchanged(&server);
}

#[test]
fn deletions_that_are_refused() {
    // The stacks of the region: one of the environment's, one nested in what is gone, one of another environment.
    let listed = |name: &str, parent: &str, env: &str| {
        let tag = |key: &str, value: &str| {
            format!("<member><Key>copilot-{key}</Key><Value>{value}</Value></member>")
        };
        let tags = [tag("application", "shop"), tag("environment", env), tag("service", name)].concat();
        format!(
            "<member><StackName>shop-{env}-{name}</StackName><StackId>arn:{name}</StackId>{parent}\
             <CreationTime>2026-01-02T03:04:05Z</CreationTime><StackStatus>CREATE_COMPLETE</StackStatus><Tags>{tags}</Tags></member>"
        )
    };
    let all = [
        listed("web", "", "test"),
        listed("gone", "<ParentId>arn:none</ParentId>", "test"),
        listed("api", "", "prod"),
    ];
    let all = format!("<Stacks>{}</Stacks>", all.concat());
    let script = deployed_environment(records()).first(move |request| {
        let lists = request.action == "cloudformation:DescribeStacks" && !request.body.contains("StackName=");
        lists.then(|| Answer::Xml(all.clone()))
    });
    let (sandbox, server) = shop_in(script);
    expect_runs!("deletion_refused", sandbox.wharf("env delete -n test --yes"));
    unchanged(&server);
}

/// The application exists: a workspace is bound to it, and nothing else happens.
#[test]
fn a_workspace_is_bound() {
    let server = records().start();
    let mut sandbox = Sandbox::new();
    point(&mut sandbox, &server.url());
    expect_runs!(
        "app_init_binds",
        sandbox.wharf("app init shop"),
        sandbox.wharf("app init shop"),
        sandbox.wharf("app init --progress json")
    );
    assert_eq!(sandbox.read("wharf/.workspace"), "application: shop\n");
    unchanged(&server);
}

#[test]
fn a_name_that_somebody_elses_roles_have() {
    let role = "<Role><RoleName>shop-adminrole</RoleName><Arn>arn:aws:iam::123456789012:role/shop-adminrole</Arn>\
                <Path>/</Path><RoleId>R</RoleId><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>";
    let script = Script::default()
        .on("iam:GetRole", "", Answer::Xml(role.to_owned()))
        .on("iam:ListRoleTags", "", Answer::Xml("<Tags/>".to_owned()))
        .on("cloudformation:*", "", no_stack());
    let server = script.start();
    let mut sandbox = Sandbox::new();
    point(&mut sandbox, &server.url());
    expect_runs!("name_taken", sandbox.wharf("app init shop"));
    assert!(!sandbox.work().join("wharf").exists());
    unchanged(&server);
}

#[test]
fn a_domain_that_can_not_be_had() {
    let zones = |zones: &str| {
        Answer::Document(format!(
            "<ListHostedZonesByNameResponse><HostedZones>{zones}</HostedZones><IsTruncated>false</IsTruncated>\
             </ListHostedZonesByNameResponse>"
        ))
    };
    let script = || {
        Script::default()
            .on("iam:GetRole", "", Answer::error("NoSuchEntity", "no such role"))
            .on("cloudformation:*", "", no_stack())
            .on(
                "route53domains:GetDomainDetail",
                "",
                Answer::error("InvalidInput", "not found in this account"),
            )
    };
    let server =
        script().on("route53:GET /2013-04-01/hostedzonesbyname?dnsname=example.com", "", zones("")).start();
    let mut sandbox = Sandbox::new();
    point(&mut sandbox, &server.url());
    expect_runs!(
        "no_domain",
        sandbox.wharf("app init shop --domain Example"),
        sandbox.wharf("app init shop --domain example.com"),
    );
    unchanged(&server);

    // Somebody's records stand where the application's zone would be pointed to.
    let zone = "<HostedZone><Id>/hostedzone/Z1</Id><Name>example.com.</Name></HostedZone>";
    let server = script()
        .on("route53:GET /2013-04-01/hostedzonesbyname?dnsname=example.com", "", zones(zone))
        .on(
            "route53:GET /2013-04-01/hostedzone/Z1",
            "",
            Answer::Document(format!(
                "<GetHostedZoneResponse>{zone}<DelegationSet><NameServers><NameServer>ns-1.example</NameServer>\
                 </NameServers></DelegationSet></GetHostedZoneResponse>"
            )),
        )
        .on(
            "route53:GET /2013-04-01/hostedzone/Z1/rrset?name=shop.example.com",
            "",
            Answer::Document(
                "<ListResourceRecordSetsResponse><ResourceRecordSets><ResourceRecordSet><Name>shop.example.com.</Name>\
                 <Type>A</Type><TTL>60</TTL><ResourceRecords><ResourceRecord><Value>192.0.2.1</Value></ResourceRecord>\
                 </ResourceRecords></ResourceRecordSet></ResourceRecordSets><IsTruncated>false</IsTruncated>\
                 </ListResourceRecordSetsResponse>"
                    .to_owned(),
            ),
        )
        .start();
    point(&mut sandbox, &server.url());
    expect_runs!("domain_taken", sandbox.wharf("app init shop --domain example.com"));
    unchanged(&server);
}

#[test]
fn a_newer_template_is_not_overwritten() {
    let newer = template("Metadata:\n  Version: v99.0.0\nResources: {}\n");
    let script = records()
        .on(
            "cloudformation:DescribeStacks",
            "StackName=shop-test-web&",
            stack("shop-test-web", "UPDATE_COMPLETE", &[("AppName", "shop")], &[]),
        )
        .on("cloudformation:GetTemplate", "StackName=shop-test-web&", newer.clone())
        .on("cloudformation:GetTemplate", "StackName=shop-test&", newer);
    let (sandbox, server) = shop_in(deployed_environment(script));
    expect_runs!(
        "newer",
        sandbox.wharf("svc deploy -n web -e test"),
        sandbox.wharf("svc package -n web -e test"),
        sandbox.wharf("env deploy -n test"),
    );
    unchanged(&server);
}

#[test]
fn existing_manifests_are_kept() {
    let mut sandbox = shop();
    let server = records().start();
    point(&mut sandbox, &server.url());
    let before = sandbox.read("wharf/web/manifest.yml");
    let run = sandbox.wharf("svc init --name web --svc-type 'Backend Service' --image nginx");
    assert_eq!(sandbox.read("wharf/web/manifest.yml"), before);
    // It goes on to AWS with the manifest's own type; the script ends there.
    assert!(
        run.stderr.contains("web has a manifest") && run.stderr.contains("NotScripted"),
        "{}",
        run.transcript()
    );
}

/// A service as Copilot deployed it: nothing changes before the user has seen what a takeover does and has agreed.
#[test]
fn a_takeover_is_asked_for() {
    let custom = "Metadata:\n  Version: v1.33.4\nResources:\n  EnvControllerAction:\n    Type: Custom::EnvControllerFunction\n    Properties:\n\
        \x20     ServiceToken: !GetAtt EnvControllerFunction.Arn\n  EnvControllerFunction:\n    Type: AWS::Lambda::Function\n\
        \x20   Properties: {Runtime: nodejs20.x}\n";
    let deployed = |more: &str| {
        let script = records()
            .on(
                "cloudformation:DescribeStacks",
                "StackName=shop-test-api&",
                stack("shop-test-api", "UPDATE_COMPLETE", &[("AppName", "shop")], &[]),
            )
            .on(
                "cloudformation:GetTemplate",
                "StackName=shop-test-api&",
                template(&format!("{custom}{more}")),
            )
            .on("cloudformation:ListStackResources", "", Answer::Xml("<StackResourceSummaries/>".to_owned()));
        shop_in(deployed_environment(script))
    };
    let (sandbox, server) = deployed("");
    expect_runs!("takeover_asked", sandbox.wharf("svc deploy -n api -e test"));
    unchanged(&server);
    let (sandbox, server) = deployed("  Queue:\n    Type: AWS::SQS::Queue\n");
    expect_runs!("takeover_refused", sandbox.wharf("svc deploy -n api -e test --takeover"));
    unchanged(&server);
}

/// An environment that gets CloudFront while a service without a host name stands behind its load balancer, or one that
/// redirects to HTTPS where TLS ends at CloudFront.
#[test]
fn cloudfront_is_held_against_the_services_behind_it() {
    let base = "/copilot/applications/shop";
    let with_domain = json!({"name": "shop", "account": ACCOUNT, "domain": "example.com", "domainHostedZoneID": "Z1",
        "version": "1.0"});
    let redirecting = "Resources:\n  Rule:\n    Type: AWS::ElasticLoadBalancingV2::ListenerRule\n    Properties:\n      Actions:\n      - Type: redirect\n";
    let script = deployed_environment(records().record(base, with_domain).on(
        "cloudformation:GetTemplate",
        "StackName=shop-test-web&",
        template(redirecting),
    ));
    let run = |manifest: &str| {
        let (sandbox, server) = shop_in(script.clone());
        sandbox.write(
            "wharf/environments/test/manifest.yml",
            format!("name: test\ntype: Environment\n{manifest}"),
        );
        let run = sandbox.wharf("env deploy -n test");
        assert!(
            !server.actions().iter().any(|action| action.contains("ChangeSet")),
            "{:?}",
            server.actions()
        );
        run
    };
    expect_runs!(
        "cdn_refused",
        run("cdn: true\n"),
        run("cdn:\n  terminate_tls: true\nhttp:\n  public:\n    ingress:\n      cdn: true\n"),
    );
}
