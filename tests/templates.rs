//! Stacks of services: a good spread of them as snapshots, each clean in cfn-lint.

#![expect(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

#[path = "support/carried.rs"]
mod carried;
#[path = "support/lint.rs"]
mod lint;

mod models;

use models::{Case, spread};
use wharf::artifact::addons;
use wharf::diagnostic::Source;
use wharf::facts::Facts;
use wharf::model::site::Site;
use wharf::model::workload::{Workload, read};
use wharf::name::EnvName;
use wharf::stack::Stack;
use wharf::stack::workload::request_driven::{Input, request_driven};
use wharf::stack::workload::{self, AddonKind, AddonOutput, Addons};

fn rendered(case: &Case) -> String {
    let stack = case.stack().unwrap_or_else(|error| panic!("{}: {error}", case.name));
    format!("{}\n---\n{}\n", stack.template_yaml().trim_end(), stack.parameters_json())
}

#[test]
fn templates_read_like_this() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden/service");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"Version: v[0-9.]+", "Version: [version]");
    settings.bind(|| {
        for case in spread() {
            insta::assert_snapshot!(case.name, rendered(&case));
        }
    });
}

/// A site, as plain as can be, with names that wharf manages, and with everything.
fn sites(facts: &Facts) -> Vec<(&'static str, Stack)> {
    let plain = Site { name: "docs".parse().unwrap(), aliases: vec![], certificate: None, files: vec![] };
    let certificate = "arn:aws:acm:us-east-1:111122223333:certificate/1234abcd-12ab-34cd-56ef-1234567890ab";
    let maximal = Site {
        aliases: vec!["docs.example.com".into(), "*.docs.example.com".into()],
        certificate: Some(certificate.into()),
        ..plain.clone()
    };
    let addons = Addons { outputs: vec![], parameters: serde_json::Map::new() };
    let stack = |site: &Site, domain: &str, addons: Option<&Addons>| {
        let mut facts = facts.clone();
        facts.app.domain = domain.into();
        facts.addons_url = addons.map(|_| "https://artifacts/x.yml".to_owned()).unwrap_or_default();
        let deployed = ("CertificateARN".to_owned(), certificate.to_owned());
        facts.parameters.extend((!domain.is_empty()).then_some(deployed));
        let manifest = "name: docs\ntype: Static Site\n";
        workload::site(&workload::SiteInput { site, facts: &facts, manifest, addons, certificate: None })
            .unwrap()
    };
    vec![
        ("site-plain", stack(&plain, "", None)),
        ("site-domain", stack(&plain, "example.com", None)),
        ("site-maximal", stack(&maximal, "example.com", Some(&addons))),
    ]
}

#[test]
fn templates_of_sites_read_like_this_and_are_clean_in_cfn_lint() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden/service");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"Version: v[0-9.]+", "Version: [version]");
    settings.bind(|| {
        for (name, stack) in sites(&models::facts()) {
            let text = format!("{}\n---\n{}\n", stack.template_yaml().trim_end(), stack.parameters_json());
            insta::assert_snapshot!(name, text);
            assert_eq!(wharf::yaml::template::parse(&stack.template_yaml()), Ok(stack.template), "{name}");
        }
    });
    lint::lint(sites(&models::facts()).iter().map(|(name, stack)| (*name, stack.template_yaml())));
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    for (first, second) in spread().iter().zip(&spread()) {
        assert_eq!(rendered(first), rendered(second));
    }
}

#[test]
fn what_does_not_fit_is_an_error() {
    let fault = |name: &str, change: &dyn Fn(&mut Case)| {
        let mut case = spread().into_iter().find(|case| case.name == name).unwrap();
        change(&mut case);
        case.stack().unwrap_err().to_string()
    };
    let listeners = |case: &mut Case, count| {
        let listeners = &mut case.facts.load_balancer.as_mut().unwrap().listeners;
        let first = listeners.remove(0);
        *listeners = vec![first; count];
    };
    let faults = [
        fault("web-imported-http", &|case| case.facts.load_balancer = None),
        fault("web-imported-http", &|case| listeners(case, 0)),
        fault("web-imported-http", &|case| listeners(case, 2)),
        fault("web-minimal", &|case| {
            case.service.main.labels.insert("Fn::Transform".into(), "x".into());
        }),
        fault("worker-maximal", &|case| {
            let events = case.service.events.as_mut().unwrap();
            events.subscriptions[0].filter_policy = Some(serde_json::json!({"a": [{"Fn::Sub": "x"}]}));
        }),
        fault("web-maximal", &|case| case.service.taskdef_overrides[0].path = "Family".into()),
    ];
    insta::assert_snapshot!(faults.join("\n"), @r#"
    the load balancer "shared" (http.alb) is not known: it was not found in AWS, or the facts have no load_balancer
    the load balancer "shared" (http.alb) has no HTTP and no HTTPS listener; wharf needs one HTTP listener, one HTTPS listener, or one of each
    the load balancer "shared" (http.alb) has 2 HTTP and 0 HTTPS listeners; wharf needs one HTTP listener, one HTTPS listener, or one of each
    labels: the key "Fn::Transform" is the name of a CloudFormation function and can't be used here
    subscribe.topics.filter_policy: the key "Fn::Sub" is the name of a CloudFormation function and can't be used here
    taskdef_overrides: "Family": the family can't be changed, it names the task definition
    "#);
}

#[test]
fn certificates_of_a_network_load_balancer_are_kept() {
    let mut case = spread().into_iter().find(|case| case.name == "web-nlb-tls").unwrap();
    case.facts.parameters.insert("NLBCertificateARN".into(), "arn:deployed".into());
    assert_eq!(case.stack().unwrap().parameters["NLBCertificateARN"], "arn:deployed");
}

#[test]
fn what_is_written_reads_back() {
    for case in spread() {
        let stack = case.stack().unwrap();
        assert_eq!(wharf::yaml::template::parse(&stack.template_yaml()), Ok(stack.template), "{}", case.name);
    }
}

#[test]
fn templates_are_clean_in_cfn_lint() {
    let cases = spread();
    let driven = request_driven_spread(&models::facts());
    let driven = driven.iter().map(|(name, stack)| (*name, stack.template_yaml()));
    lint::lint(cases.iter().map(|case| (case.name, case.stack().unwrap().template_yaml())).chain(driven));
}

/// Stacks of services on App Runner: the maximal manifest with and without addons, a small one, one that is private by the
/// environment's endpoint.
fn request_driven_spread(facts: &Facts) -> Vec<(&'static str, Stack)> {
    const HEAD: &str = "name: web\ntype: Request-Driven Web Service\n";
    let maximal = std::fs::read_to_string(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/manifests/request-driven-web-service.yml"
    ));
    let stack = |env: &str, text: String, addons: Option<&Addons>| {
        let source = Source { path: "manifest.yml".into(), text };
        let mut facts = facts.clone();
        facts.env.name = EnvName::new(env).unwrap();
        let (read, out) = read(&source, &facts.app.name, &facts.env.name, &|_| None);
        let Some(Workload::RequestDriven(service)) = read.map(|read| read.model) else {
            panic!("{:?}", out.items())
        };
        if let Some(image) = facts.images.get("api").cloned() {
            facts.images.insert("web".into(), image);
        }
        facts.addons_url = addons.map(|_| "https://artifacts/addons.yml".to_owned()).unwrap_or_default();
        request_driven(&Input {
            service: &service,
            facts: &facts,
            manifest: "name: web\n",
            addons,
            tagged_subnets: &["subnet-0123456789abcdef0".to_owned()],
        })
        .unwrap()
    };
    let output = |id: &str, kind| AddonOutput { id: id.to_owned(), kind };
    let addons = Addons {
        outputs: vec![
            output("DbSecret", AddonKind::Secret),
            output("TableName", AddonKind::Variable),
            output("TablePolicy", AddonKind::ManagedPolicy),
            output("DbClients", AddonKind::SecurityGroup),
        ],
        ..Addons::default()
    };
    let maximal = maximal.unwrap();
    let small = format!("{HEAD}image:\n  location: public.ecr.aws/nginx/nginx:1.27\n  port: 80\n");
    let inside =
        format!("{small}http:\n  private: true\nvariables:\n  'a: {{{{ c }}}}': \"{{{{ b }}}}\\n'\"\n");
    vec![
        ("request-driven-maximal", stack("test", maximal.clone(), None)),
        ("request-driven-addons", stack("prod", maximal, Some(&addons))),
        ("request-driven-minimal", stack("test", small, None)),
        ("request-driven-private", stack("test", inside, None)),
    ]
}

#[test]
fn stacks_on_app_runner_read_like_this() {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("golden/service");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.add_filter(r"Version: v[0-9.]+", "Version: [version]");
    settings.bind(|| {
        for (name, stack) in request_driven_spread(&models::facts()) {
            let text = stack.template_yaml();
            assert_eq!(wharf::yaml::template::parse(&text), Ok(stack.template.clone()), "{name}");
            insta::assert_snapshot!(name, format!("{}\n---\n{}\n", text.trim_end(), stack.parameters_json()));
        }
    });
}

#[test]
fn boundary_tags_and_version_are_carried() {
    let mut roles = 0;
    for mut case in spread() {
        carried::asked(&mut case.facts.app);
        roles += carried::check(case.name, &case.stack().unwrap(), "Version");
    }
    let mut facts = models::facts();
    carried::asked(&mut facts.app);
    for (name, stack) in request_driven_spread(&facts).iter().chain(&sites(&facts)) {
        roles += carried::check(name, stack, "Version");
    }
    assert!(roles > 2 * spread().len(), "{roles}");
}

/// Addons as people write them: a table and a secret with what the service needs of them.
const ADDONS: &str = "\
Parameters:
  App:
    Type: String
  Env:
    Type: String
  Name:
    Type: String
  Vpc:
    Type: String
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub '${App}-${Env}-${Name}-orders'
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: id, AttributeType: S}
      KeySchema:
        - {AttributeName: id, KeyType: HASH}
  OrdersPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - {Effect: Allow, Action: 'dynamodb:*Item', Resource: !GetAtt Orders.Arn}
  Key:
    Type: AWS::SecretsManager::Secret
    Properties:
      GenerateSecretString: {PasswordLength: 30}
  Clients:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: Clients of the database
      VpcId: !Ref Vpc
Outputs:
  OrdersName:
    Value: !Ref Orders
  OrdersPolicyArn:
    Value: !Ref OrdersPolicy
  Key:
    Value: !Ref Key
  ClientsGroup:
    Value: !Ref Clients
";

#[test]
fn a_service_with_addons_is_clean_in_cfn_lint() {
    let file = |path: &str, text: &str| Source { path: path.to_owned(), text: text.to_owned() };
    let sources = [
        file("addons/orders.yml", ADDONS),
        file(
            "addons/addons.parameters.yml",
            "Parameters:\n  Vpc: {Fn::ImportValue: !Sub '${AppName}-${EnvName}-VpcId'}\n",
        ),
    ];
    let read = addons::read(&sources, addons::WORKLOAD_PARAMETERS, &mut |_| Ok(None)).addons.unwrap();
    let mut case = spread().into_iter().find(|case| case.name == "web-minimal").unwrap();
    case.facts.addons_url = "https://artifacts.s3.eu-west-1.amazonaws.com/manual/addons/api/x.yml".into();
    case.addons = Some(Addons { outputs: read.outputs.clone(), parameters: read.parameters.clone() });
    let text = case.stack().unwrap().template_yaml();
    for expected in [
        "Name: ORDERS_NAME",
        "Name: KEY\n",
        "AddonsStack.Outputs.OrdersPolicyArn",
        "AddonsStack.Outputs.ClientsGroup",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(!text.contains("CLIENTS_GROUP") && !text.contains("ORDERS_POLICY_ARN"), "{text}");
    lint::lint([("service", text), ("addons", read.text())]);
}
