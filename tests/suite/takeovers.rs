//! Takeovers of stacks that are not at rest, and of environments from early days.

use serde_json::{Value, json};

use crate::changes::{deployed_environment, unchanged};
use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::scripted::{ACCOUNT, Answer, Script, Scripted};
use crate::world::{WEB, no_stack, point, records, shop, shop_in, stack, template};

const COPILOTS: &str = "Metadata:\n  Version: v1.33.4\nResources:\n  EnvControllerAction:\n    Type: Custom::EnvControllerFunction\n    Properties:\n\
    \x20     ServiceToken: !GetAtt EnvControllerFunction.Arn\n  EnvControllerFunction:\n    Type: AWS::Lambda::Function\n\
    \x20   Properties: {Runtime: nodejs20.x}\n";

/// The service `api` as Copilot deployed it, its stack in `status`.
fn service_in(status: &str) -> (Sandbox, Scripted) {
    let script = records()
        .on(
            "cloudformation:DescribeStacks",
            "StackName=shop-test-api&",
            stack("shop-test-api", status, &[("AppName", "shop")], &[]),
        )
        .on("cloudformation:GetTemplate", "StackName=shop-test-api&", template(COPILOTS))
        .on("cloudformation:ListStackResources", "", Answer::Xml("<StackResourceSummaries/>".to_owned()));
    shop_in(deployed_environment(script))
}

#[test]
fn stacks_that_are_stuck() {
    let run = |status: &str, flags: &str| {
        let (sandbox, server) = service_in(status);
        let run = sandbox.wharf(&format!("svc deploy -n api -e test {flags}"));
        (run, server.actions())
    };
    // What never came to life is no stack to take over; what is at rest or stuck is asked for all the same.
    let states = [
        "UPDATE_ROLLBACK_COMPLETE",
        "UPDATE_ROLLBACK_FAILED",
        "UPDATE_FAILED",
        "DELETE_FAILED",
        "IMPORT_COMPLETE",
    ];
    for status in states {
        let (run, seen) = run(status, "");
        assert_eq!(run.code, 1, "{status}: {}", run.transcript());
        assert!(run.stderr.contains("--takeover"), "{status}: {}", run.transcript());
        assert!(
            !seen.iter().any(|action| action.contains("Update") || action.contains("Delete")),
            "{status}: {seen:?}"
        );
    }
    for status in ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE"] {
        let (run, _) = run(status, "");
        assert!(!run.stderr.contains("--takeover"), "{status}: {}", run.transcript());
    }
}

/// What a build of Copilot's hands to its pipeline would be laid over the deployed stack in one update.
#[test]
fn a_pipeline_gets_no_template_before_the_takeover() {
    let (sandbox, server) = service_in("UPDATE_COMPLETE");
    expect_runs!(
        "package_before_takeover",
        sandbox.wharf("svc package -n api -e test --output-dir out --upload-assets"),
    );
    let made = |action: &&String| ["Put", "Upload", "Create"].iter().any(|verb| action.contains(verb));
    assert_eq!(server.actions().iter().find(made), None);
}

/// An environment whose template is from before features were parameters.
fn early_environment() -> Script {
    let parameters = [
        ("AppName", "shop"),
        ("EnvironmentName", "test"),
        ("ToolsAccountPrincipalARN", "arn:aws:iam::1:root"),
    ];
    let text = "Parameters:\n  AppName: {Type: String}\nResources:\n  PublicLoadBalancer: {Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer'}\n\
        \x20 EnvironmentManagerRole: {Type: 'AWS::IAM::Role'}\n  DelegateDNSAction: {Type: 'Custom::DNSDelegationFunction'}\n";
    deployed_environment(
        records()
            .on(
                "cloudformation:DescribeStacks",
                "StackName=shop-test&",
                stack("shop-test", "UPDATE_COMPLETE", &parameters, &[]),
            )
            .on("cloudformation:GetTemplate", "StackName=shop-test&", template(text))
            .on("cloudformation:ListStackResources", "", Answer::Xml("<StackResourceSummaries/>".to_owned())),
    )
}

/// One that only has its two roles, as `env init` leaves it.
fn bootstrapped_environment() -> Script {
    deployed_environment(
        records()
            .on(
                "cloudformation:DescribeStacks",
                "StackName=shop-test&",
                stack("shop-test", "CREATE_COMPLETE", &[("AppName", "shop"), ("EnvironmentName", "test")], &[]),
            )
            .on(
                "cloudformation:GetTemplate",
                "StackName=shop-test&",
                template("Metadata:\n  Version: bootstrap\nResources:\n  EnvironmentManagerRole: {Type: 'AWS::IAM::Role'}\n"),
            ),
    )
}

#[test]
fn environments_from_early_days() {
    let (early, server) = shop_in(early_environment());
    let (bootstrapped, other) = shop_in(bootstrapped_environment());
    expect_runs!(
        "early_environments",
        early.wharf("svc deploy -n web -e test"),
        early.wharf("env deploy -n test --takeover"),
        bootstrapped.wharf("svc deploy -n web -e test"),
    );
    for seen in [server.actions(), other.actions()] {
        assert!(
            !seen.iter().any(|action| action.contains("Update") || action.contains("Delete")),
            "{seen:?}"
        );
    }
}

/// Resources that somebody changed by hand are named, and make the verdict.
#[test]
fn drift_is_shown() {
    let listed = "<member><StackName>shop-test-api</StackName><StackId>arn:aws:cloudformation:eu-west-1:123456789012:stack/shop-test-api/1</StackId>\
        <CreationTime>2026-01-02T03:04:05Z</CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus><Tags>\
        <member><Key>copilot-application</Key><Value>shop</Value></member><member><Key>copilot-environment</Key><Value>test</Value></member>\
        <member><Key>copilot-service</Key><Value>api</Value></member></Tags></member>";
    let difference = "<member><PropertyPath>/DesiredCount</PropertyPath><ExpectedValue>1</ExpectedValue><ActualValue>5</ActualValue>\
        <DifferenceType>NOT_EQUAL</DifferenceType></member>";
    let drifted = format!(
        "<StackResourceDrifts><member><StackId>s</StackId><LogicalResourceId>Service</LogicalResourceId><ResourceType>AWS::ECS::Service</ResourceType>\
         <StackResourceDriftStatus>MODIFIED</StackResourceDriftStatus><Timestamp>2026-01-02T03:04:05Z</Timestamp>\
         <PropertyDifferences>{difference}</PropertyDifferences></member></StackResourceDrifts>"
    );
    let status = "<StackId>s</StackId><StackDriftDetectionId>d</StackDriftDetectionId><DetectionStatus>DETECTION_COMPLETE</DetectionStatus>\
        <StackDriftStatus>DRIFTED</StackDriftStatus><Timestamp>2026-01-02T03:04:05Z</Timestamp>";
    let script = records()
        .on(
            "cloudformation:DetectStackDrift",
            "",
            Answer::Xml("<StackDriftDetectionId>d</StackDriftDetectionId>".to_owned()),
        )
        .on("cloudformation:DescribeStackDriftDetectionStatus", "", Answer::Xml(status.to_owned()))
        .on("cloudformation:DescribeStackResourceDrifts", "", Answer::Xml(drifted))
        .on(
            "cloudformation:GetTemplate",
            "StackName=shop-test-api&",
            template("Metadata:\n  Version: v2.0.0\nResources: {}\n"),
        )
        .on("cloudformation:DescribeStackSet", "", Answer::error("StackSetNotFoundException", "no"))
        .on("cloudformation:DescribeStacks", "StackName=", no_stack())
        .on("cloudformation:DescribeStacks", "", Answer::Xml(format!("<Stacks>{listed}</Stacks>")))
        .on("cloudformation:*", "", no_stack());
    let (sandbox, _server) = shop_in(script);
    let report = sandbox.wharf("doctor --drift --json").expect(0);
    let report: serde_json::Value = serde_json::from_str(&report.stdout).unwrap();
    let stack = &report["stacks"][0];
    assert_eq!(stack["drifted"], serde_json::json!(["Service: /DesiredCount"]), "{report:#}");
    assert_eq!(
        (stack["health"].as_str(), stack["verdict"].as_str()),
        (Some("bad"), Some("has drifted: see above"))
    );
}

const CERTIFICATE: &str = "arn:aws:acm:eu-west-1:123456789012:certificate/0a1b";

/// A stack as Copilot deployed it, for a played AWS.
struct Copilots {
    name: &'static str,
    template: Value,
    parameters: Vec<(String, String)>,
    /// Physical ids of resources, where they matter.
    ids: Vec<(&'static str, String)>,
}

impl Copilots {
    /// What wharf renders, with an older version and with these custom resources and their functions.
    fn of(
        sandbox: &Sandbox,
        (name, line, file): (&'static str, &str, &str),
        customs: &[(&'static str, &str)],
    ) -> Self {
        let noun = if file.ends_with(".env") { "env" } else { "svc" };
        sandbox
            .wharf(&format!("{noun} package {line} --offline --facts facts.json --output-dir out"))
            .ends(0);
        let mut template = wharf::yaml::template::parse(&sandbox.read(&format!("out/{file}.yml"))).unwrap();
        template["Metadata"]["Version"] = json!("v1.34.0");
        for (id, kind) in customs {
            let token = json!({"Fn::GetAtt": [kind, "Arn"]});
            template["Resources"][id] =
                json!({"Type": format!("Custom::{kind}"), "Properties": {"ServiceToken": token}});
            template["Resources"][kind] =
                json!({"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "nodejs20.x"}});
        }
        let given = sandbox.read(&format!("out/{}.params.json", file.trim_end_matches(".stack")));
        let given: Value = serde_json::from_str(&given).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let given = given["Parameters"].as_object().unwrap().iter();
        let parameters = given.map(|(name, value)| (name.clone(), text(value))).collect();
        Self { name, template, parameters, ids: vec![] }
    }

    /// A parameter with this value.
    fn set(&mut self, name: &str, value: &str) {
        self.unset(name);
        self.parameters.push((name.to_owned(), value.to_owned()));
    }

    fn unset(&mut self, name: &str) {
        self.parameters.retain(|(known, _)| known != name);
    }

    /// Its resources as ListStackResources gives them.
    fn resources(&self) -> Answer {
        let one = |(id, resource): (&String, &Value)| {
            let known = self.ids.iter().find(|(logical, _)| logical == id);
            format!(
                "<member><LogicalResourceId>{id}</LogicalResourceId><PhysicalResourceId>{}</PhysicalResourceId>\
                 <ResourceType>{}</ResourceType><ResourceStatus>CREATE_COMPLETE</ResourceStatus>\
                 <LastUpdatedTimestamp>2026-01-02T03:04:05Z</LastUpdatedTimestamp></member>",
                known.map_or(id.as_str(), |(_, physical)| physical),
                resource["Type"].as_str().unwrap()
            )
        };
        let all: String = self.template["Resources"].as_object().unwrap().iter().map(one).collect();
        Answer::Xml(format!("<StackResourceSummaries>{all}</StackResourceSummaries>"))
    }

    /// AWS with this stack, whose outputs are `outputs`.
    fn in_aws(&self, script: Script, outputs: &[(&str, &str)]) -> Script {
        let parameters: Vec<(&str, &str)> =
            self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let named = format!("StackName={}&", self.name);
        script
            .on(
                "cloudformation:DescribeStacks",
                &named,
                stack(self.name, "UPDATE_COMPLETE", &parameters, outputs),
            )
            .on("cloudformation:GetTemplate", &named, template(&self.template.to_string()))
            .on("cloudformation:ListStackResources", &named, self.resources())
    }
}

/// An application with a domain as Copilot deployed it: the environment and a service behind its load balancer.
fn application_of_copilot(sandbox: &Sandbox) -> Script {
    let facts = json!({"app": {"name": "shop", "account": ACCOUNT, "domain": "example.com"},
        "env": {"name": "test", "region": "eu-west-1", "account": ACCOUNT}});
    sandbox
        .write(
            "wharf/environments/test/manifest.yml",
            "name: test\ntype: Environment\nhttp:\n  public:\n    access_logs: true\n",
        )
        .write("wharf/web/manifest.yml", WEB.replace("  path: /\n", "  path: /\n  alias: www.example.com\n"))
        .write("facts.json", facts.to_string());
    let mut environment = Copilots::of(
        sandbox,
        ("shop-test", "--name test", "test.env"),
        &[
            ("HTTPSCert", "CertificateValidationFunction"),
            ("CustomDomainAction", "CustomDomainFunction"),
            ("DelegateDNSAction", "DNSDelegationFunction"),
        ],
    );
    // The listener takes the certificate from the custom resource, not from a parameter.
    let conditions =
        json!([{"Condition": "CreateALB"}, {"Fn::Equals": [{"Ref": "CreateHTTPSListener"}, "true"]}]);
    environment.template["Conditions"]["ExportHTTPSListener"] = json!({"Fn::And": conditions});
    environment.template["Resources"]["HTTPSListener"]["Properties"]["Certificates"] =
        json!([{"CertificateArn": {"Ref": "HTTPSCert"}}]);
    environment.template["Parameters"].as_object_mut().unwrap().remove("PublicCertificateARN");
    environment.set("ALBWorkloads", "web");
    environment.set("Aliases", r#"{"web":["www.example.com"]}"#);
    environment.unset("PublicCertificateARN");
    environment.ids = vec![
        ("HTTPSCert", CERTIFICATE.to_owned()),
        ("EnvironmentHostedZone", "Z0123".to_owned()),
        ("ELBAccessLogsBucket", "shop-test-elbaccesslogsbucket-1".to_owned()),
    ];
    let mut web = Copilots::of(
        sandbox,
        ("shop-test-web", "-n web -e test", "web-test.stack"),
        &[
            ("EnvControllerAction", "EnvControllerFunction"),
            ("HTTPSRulePriorityAction", "RulePriorityFunction"),
            ("HTTPRuleWithDomainPriorityAction", "RulePriorityFunction"),
        ],
    );
    let listener = format!("arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:listener-rule/app/shop/1");
    for (rule, number, parameter) in [
        ("HTTPSListenerRule", 443, "HTTPSRulePriority"),
        ("HTTPListenerRuleWithDomain", 80, "HTTPRuleWithDomainPriority"),
    ] {
        web.template["Resources"][rule]["Properties"]["Priority"] =
            json!({"Fn::GetAtt": [format!("{parameter}Action"), "Priority"]});
        web.template["Parameters"].as_object_mut().unwrap().remove(parameter);
        web.unset(parameter);
        web.ids.push((rule, format!("{listener}/{number}/a")));
    }
    web.ids.push(("Service", format!("arn:aws:ecs:eu-west-1:{ACCOUNT}:service/shop-cluster/web-svc")));
    let rule = |listener: u32, priority: u32| {
        let arn =
            format!("arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:listener-rule/app/shop/1/{listener}/a");
        Answer::Xml(format!(
            "<Rules><member><RuleArn>{arn}</RuleArn><Priority>{priority}</Priority><IsDefault>false</IsDefault></member></Rules>"
        ))
    };
    let listed = |name: &str, service: &str| {
        let tag = |key: &str, value: &str| {
            format!("<member><Key>copilot-{key}</Key><Value>{value}</Value></member>")
        };
        let service = if service.is_empty() { String::new() } else { tag("service", service) };
        format!(
            "<member><StackName>{name}</StackName><StackId>arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/{name}/1</StackId>\
             <CreationTime>2026-01-02T03:04:05Z</CreationTime><StackStatus>UPDATE_COMPLETE</StackStatus>\
             <Tags>{}{}{service}</Tags></member>",
            tag("application", "shop"),
            tag("environment", "test")
        )
    };
    let stacks = listed("shop-test", "") + &listed("shop-test-web", "web");
    let script = records()
        .record(
            "/copilot/applications/shop",
            json!({"name": "shop", "account": ACCOUNT, "domain": "example.com", "domainHostedZoneID": "Z9", "version": "1.0"}),
        )
        .on("cloudformation:DescribeStackSet", "", Answer::error("StackSetNotFoundException", "no"))
        .on("acm:DescribeCertificate", "", Answer::Json(json!({"Certificate": {
            "CertificateArn": CERTIFICATE, "DomainName": "test.shop.example.com", "Status": "ISSUED",
            "SubjectAlternativeNames": ["test.shop.example.com", "*.test.shop.example.com", "www.example.com"]}})))
        .on("elasticloadbalancing:DescribeRules", "1%2F443", rule(443, 49_000))
        .on("elasticloadbalancing:DescribeRules", "1%2F80", rule(80, 48_000))
        .on("ecs:DescribeServices", "web-svc", Answer::Json(json!({"services": [{
            "serviceName": "web-svc", "status": "ACTIVE", "desiredCount": 3, "runningCount": 2}]})));
    let script = environment.in_aws(script, &[]);
    let all = Answer::Xml(format!("<Stacks>{stacks}</Stacks>"));
    deployed_environment(web.in_aws(script, &[])).first(move |request| {
        let lists = request.action == "cloudformation:DescribeStacks" && !request.body.contains("StackName=");
        lists.then(|| all.clone())
    })
}

/// What a takeover leaves as it is: names, certificates, rules, tasks, logs of the load balancer, exports.
#[test]
fn what_lives_on_is_named() {
    let mut sandbox = shop();
    let server = application_of_copilot(&sandbox).start();
    point(&mut sandbox, &server.url());
    let json = sandbox.wharf("doctor --json").expect(0);
    let report: Value = serde_json::from_str(&json.stdout).unwrap();
    let lives_on: Vec<Value> = report["stacks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stack| {
            let takeover = &stack["takeover"];
            let about_role = |text: &Value| text.as_str().unwrap().starts_with("its manager role");
            assert!(stack["findings"].as_array().unwrap().iter().all(about_role), "{stack:#}");
            assert_eq!(takeover["lost_exports"], json!([]), "{stack:#}");
            json!({"stack": stack["stack"], "lives_on": takeover["lives_on"]})
        })
        .collect();
    insta::assert_snapshot!("lives_on_json", serde_json::to_string_pretty(&lives_on).unwrap());
    expect_runs!("lives_on", sandbox.wharf("doctor").expect(0));
    unchanged(&server);
}
