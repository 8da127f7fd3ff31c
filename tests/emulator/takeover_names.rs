//! Stacks of Copilot's with a domain: their certificates, records and associations go over to wharf as they are.
//!
//! Everything is deployed by wharf first, so that what custom resources would have made is there; then the stacks are turned
//! into the shape that Copilot gives them, with the custom resources that made it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wharf::yaml::template;

use crate::support::Emulator;

/// Adds a custom resource and the function that answers it.
fn add_custom(template: &mut Value, id: &str, kind: &str) {
    let function = format!("{id}Function");
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": ["lambda.amazonaws.com"]}}]});
    let code = json!({"S3Bucket": "bucket", "S3Key": "x.zip"});
    let resources = template["Resources"].as_object_mut().unwrap();
    resources.insert(
        format!("{id}Role"),
        json!({"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}),
    );
    resources.insert(
        function.clone(),
        json!({"Type": "AWS::Lambda::Function", "Properties": {"Code": code, "Handler": "index.handler",
            "Role": {"Fn::GetAtt": [format!("{id}Role"), "Arn"]}, "Runtime": "nodejs20.x"}}),
    );
    resources.insert(
        id.to_owned(),
        json!({"Type": kind, "Properties": {"ServiceToken": {"Fn::GetAtt": [function, "Arn"]}}}),
    );
}

/// Makes a custom resource stand where a parameter with a certificate stood.
fn with_certificate_of(
    template: &mut Value,
    parameters: &mut BTreeMap<String, String>,
    parameter: &str,
    (id, kind): (&str, &str),
) -> String {
    let arn = parameters.remove(parameter).unwrap();
    assert!(arn.contains(":acm:"), "{parameter} is {arn:?}");
    template["Parameters"].as_object_mut().unwrap().remove(parameter).unwrap();
    let reference = json!({ "Ref": parameter }).to_string();
    // A condition can't look at a resource: there is a certificate.
    let conditions = template["Conditions"].to_string().replace(&reference, "\"there\"");
    template["Conditions"] = serde_json::from_str(&conditions).unwrap();
    let resources = template["Resources"].to_string().replace(&reference, &json!({ "Ref": id }).to_string());
    template["Resources"] = serde_json::from_str(&resources).unwrap();
    add_custom(template, id, kind);
    arn
}

const RECORDS: &str = "Custom::CustomDomainFunction";
const CERTIFICATE: &str = "Custom::CertificateValidationFunction";

/// A stack as wharf would deploy it, turned into Copilot's.
fn turn_back(emulator: &Emulator, stack: &str, file: &str) {
    let sandbox = &emulator.sandbox;
    let mut template = template::parse(&sandbox.read(&format!("infra/{file}.yml"))).unwrap();
    let parameters = sandbox.read(&format!("infra/{}.params.json", file.trim_end_matches(".stack")));
    let parameters: Value = serde_json::from_str(&parameters).unwrap();
    let mut parameters: BTreeMap<String, String> =
        serde_json::from_value(parameters["Parameters"].clone()).unwrap();
    // The environment stays wharf's for its services: its role must be able to look after their names.
    template["Metadata"]["Version"] = json!("v1.33.4");
    let answer = |id: &str, arn: &str| {
        let name = format!("/wharf-emulators/custom-resources/{id}");
        emulator.put_parameter(&name, &json!({ "PhysicalResourceId": arn }));
    };
    match stack {
        "shop-test" => {
            let id = "HTTPSCert";
            let arn = with_certificate_of(
                &mut template,
                &mut parameters,
                "PublicCertificateARN",
                (id, CERTIFICATE),
            );
            answer(id, &arn);
            add_custom(&mut template, "CustomDomainAction", RECORDS);
            add_custom(&mut template, "DelegateDNSAction", "Custom::DNSDelegationFunction");
        }
        "shop-test-docs" => {
            let id = "CertificateValidatorAction";
            let arn =
                with_certificate_of(&mut template, &mut parameters, "CertificateARN", (id, CERTIFICATE));
            answer(id, &arn);
            add_custom(&mut template, "CustomDomainAction", RECORDS);
        }
        "shop-test-api" => {
            template.as_object_mut().unwrap().remove("Outputs").unwrap();
            add_custom(&mut template, "CustomDomainAction", RECORDS);
        }
        _ => add_custom(&mut template, "EnvControllerAction", "Custom::EnvControllerFunction"),
    }
    emulator.deploy_stack("UpdateStack", stack, &template::to_yaml(&template), &parameters);
}

/// Everything that names hang on: records of the root zone and of the environment's, certificates of both regions.
fn world(emulator: &Emulator, root: &str, zone: &str) -> Vec<String> {
    let mut world = vec![emulator.zone_text(root), emulator.zone_text(zone)];
    world.extend(["us-west-2", "us-east-1"].map(|region| emulator.certificates(region).join("\n")));
    world
}

#[test]
fn certificates_records_and_associations_go_over() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    emulator.write_probe("web");
    sandbox.write("dist/index.html", "<h1>docs</h1>\n");
    let domain = format!("d{}.example", emulator.account);
    let root = emulator.make_zone(&domain);
    sandbox.wharf(&format!("app init shop --domain {domain}")).ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox.wharf("env deploy --name test").ends(0);
    for (name, kind, rest) in [
        ("web", "Load Balanced Web Service", "--dockerfile web/Dockerfile --port 8080"),
        ("docs", "Static Site", "--sources dist"),
        (
            "api",
            "Request-Driven Web Service",
            "--ingress-type Internet --dockerfile web/Dockerfile --port 8080",
        ),
    ] {
        sandbox.wharf(&format!("svc init --name {name} --svc-type '{kind}' {rest}")).ends(0);
    }
    let web = sandbox.read("wharf/web/manifest.yml");
    let docs = sandbox.read("wharf/docs/manifest.yml");
    sandbox
        .write(
            "wharf/web/manifest.yml",
            web.replace("\nhttp:\n", &format!("\nhttp:\n  alias: [www.{domain}, web.test.shop.{domain}]\n")),
        )
        .write("wharf/docs/manifest.yml", format!("{docs}\nhttp:\n  alias: docs.{domain}\n"))
        .write(
            "wharf/api/manifest.yml",
            format!(
                "name: api\ntype: Request-Driven Web Service\nimage:\n  build: web/Dockerfile\n  port: 8080\nhttp:\n  alias: \
                 api.{domain}\ncpu: 256\nmemory: 512\n"
            ),
        );
    sandbox.wharf("deploy --all --env test").ends(0);
    let zone = emulator.resources("shop-test")["EnvironmentHostedZone"].0.clone();

    let stacks = [
        ("shop-test-web", "web-test.stack"),
        ("shop-test-docs", "docs-test.stack"),
        ("shop-test-api", "api-test.stack"),
        ("shop-test", "test.env"),
    ];
    sandbox.wharf("env package --name test --output-dir infra").ends(0);
    for name in ["web", "docs", "api"] {
        sandbox.wharf(&format!("svc package -n {name} -e test --output-dir infra --upload-assets")).ends(0);
    }
    for (stack, file) in stacks {
        turn_back(&emulator, stack, file);
    }
    let before = world(&emulator, &root, &zone);

    // An environment of Copilot's can't look after host names: it comes first.
    let early = sandbox.wharf("svc deploy -n docs -e test --takeover").expect(1);
    assert!(early.stderr.contains("env deploy --name test"), "{}", early.transcript());
    sandbox.wharf("env deploy --name test --takeover").ends(0);
    let taken = sandbox.wharf("deploy --all --env test --takeover").expect(0);
    for host in ["www", "docs", "api"] {
        assert!(taken.stdout.contains(&format!("https://{host}.{domain}")), "{}", taken.transcript());
    }
    let asked = emulator.parameters("/wharf-emulators/custom-resource-requests/");
    assert!(asked.len() >= 6, "{asked:?}");
    assert!(!asked.values().any(|kinds| kinds.contains("Delete")), "{asked:?}");
    assert_eq!(world(&emulator, &root, &zone), before);
    for (stack, _) in stacks {
        let kinds = emulator.resources(stack);
        assert!(!kinds.values().any(|(_, kind)| kind.starts_with("Custom::")), "{stack}: {kinds:?}");
    }

    // Nothing is left to do, and what wharf took over goes with it.
    sandbox.wharf("env deploy --name test").ends(0);
    let again = sandbox.wharf("deploy --all --env test").expect(0);
    for word in ["records of", "Certificate of", "Host name"] {
        assert!(!again.stderr.contains(word), "{}", again.transcript());
    }
    assert_eq!(world(&emulator, &root, &zone), before);
    sandbox.wharf("app delete --yes").ends(0);
    for region in ["us-west-2", "us-east-1"] {
        let left = emulator.leftovers_in(&emulator.account, region);
        let of_emulator = |left: &String| left.starts_with("parameter /wharf-emulators/");
        let left: Vec<String> = left.into_iter().filter(|left| !of_emulator(left)).collect();
        assert_eq!(left, Vec::<String>::new(), "{region}");
    }
    assert_eq!(emulator.records(&emulator.account, &root).len(), 2);
}
