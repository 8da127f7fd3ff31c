use super::*;

fn source(name: &str, text: &str) -> Source {
    Source { path: format!("copilot/api/addons/{name}"), text: text.to_owned() }
}

const HEAD: &str =
    "Parameters:\n  App:\n    Type: String\n  Env:\n    Type: String\n  Name:\n    Type: String\n";

/// A template with the required parameters and `rest`.
fn template(name: &str, rest: &str) -> Source {
    source(name, &format!("{HEAD}{rest}"))
}

fn table(name: &str) -> Source {
    template(name, "Resources:\n  Table:\n    Type: AWS::DynamoDB::Table\n")
}

fn reading(sources: &[Source]) -> Reading {
    read(sources, WORKLOAD_PARAMETERS, &mut |_| Ok(None))
}

fn good(sources: &[Source]) -> Addons {
    let reading = reading(sources);
    reading.addons.unwrap_or_else(|| panic!("{}", lines(sources, &reading.findings)))
}

/// Findings as `file:line:column severity rule message`.
fn lines(sources: &[Source], findings: &[Diagnostics]) -> String {
    let mut out = String::new();
    for (source, found) in sources.iter().zip(findings) {
        for report in found.report(source) {
            let place = report.line.zip(report.column).map_or(String::new(), |(l, c)| format!(":{l}:{c}"));
            out +=
                &format!("{}{place} {:?} {} {}\n", report.file, report.severity, report.rule, report.message);
        }
    }
    out
}

/// Findings of sources that can't be used.
fn wrong(sources: &[Source]) -> String {
    let reading = reading(sources);
    assert!(reading.addons.is_none());
    lines(sources, &reading.findings)
}

#[test]
fn files_become_one_template() {
    let first = template(
        "a.yml",
        "Description: first\nMetadata:\n  Version: 1\nTransform: AWS::Serverless-2016-10-31\n\
         Mappings:\n  Size:\n    test:\n      Units: 5\n      Replicas: 1\n\
         Conditions:\n  IsProd: !Equals [!Ref Env, prod]\n\
         Resources:\n  Table:\n    Type: AWS::DynamoDB::Table\nOutputs:\n  TableName:\n    Value: !Ref Table\n",
    );
    let second = source(
        "b.yaml",
        "Description: second\n\
         Outputs:\n  TableName: {Value: {Ref: Table}}\n  BucketName:\n    Value: !Ref Bucket\n\
         Transform: [MyMacro, 'AWS::Serverless-2016-10-31']\n\
         Mappings:\n  Size:\n    prod: {Units: 50}\n    test: {Replicas: 1, Units: 5}\n  Other:\n    test: {Units: 1}\n\
         Conditions:\n  IsProd:\n    Fn::Equals: [{Ref: Env}, 'prod']\n\
         Parameters:\n  Name: {Type: 'String'}\n\
         Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n",
    );
    insta::assert_snapshot!(good(&[first, second]).text(), @r"
    Description: first
    Metadata:
      Version: 1
    Parameters:
      App:
        Type: String
      Env:
        Type: String
      Name:
        Type: String
    Mappings:
      Size:
        test:
          Units: 5
          Replicas: 1
        prod:
          Units: 50
      Other:
        test:
          Units: 1
    Conditions:
      IsProd: !Equals
        - !Ref Env
        - prod
    Transform:
      - AWS::Serverless-2016-10-31
      - MyMacro
    Resources:
      Table:
        Type: AWS::DynamoDB::Table
      Bucket:
        Type: AWS::S3::Bucket
    Outputs:
      TableName:
        Value: !Ref Table
      BucketName:
        Value: !Ref Bucket
    ");
}

#[test]
fn what_contradicts_names_both_places() {
    let first = template(
        "a.yml",
        "Metadata:\n  Version: 1\nMappings:\n  Size:\n    test: {Units: 5}\n  Odd: 1\nConditions:\n  IsProd: !Equals [!Ref Env, prod]\n\
         Resources:\n  Table:\n    Type: AWS::DynamoDB::Table\nOutputs:\n  Out:\n    Value: !Ref Table\n",
    );
    let second = source(
        "b.yml",
        "Metadata:\n  Version: 2\nMappings:\n  Size:\n    test: {Units: 6}\n  Odd: {test: {Units: 1}}\nConditions:\n  IsProd: !Equals [!Ref Env, live]\n\
         Parameters:\n  App:\n    Type: Number\n\
         Resources:\n  Table:\n    Type: AWS::S3::Bucket\nOutputs:\n  Out:\n    Value: !GetAtt Table.Arn\n",
    );
    insta::assert_snapshot!(wrong(&[first, second]), @r"
    copilot/api/addons/b.yml:2:3 Error addons/conflict `Metadata.Version` is not the same as in copilot/api/addons/a.yml:9:3
    copilot/api/addons/b.yml:5:5 Error addons/conflict `Mappings.Size.test` is not the same as in copilot/api/addons/a.yml:12:5
    copilot/api/addons/b.yml:6:9 Error addons/conflict `Mappings.Odd` is not the same as in copilot/api/addons/a.yml:13:3
    copilot/api/addons/b.yml:8:3 Error addons/conflict `Conditions.IsProd` is not the same as in copilot/api/addons/a.yml:15:3
    copilot/api/addons/b.yml:10:3 Error addons/conflict `Parameters.App` is not the same as in copilot/api/addons/a.yml:2:3
    copilot/api/addons/b.yml:13:3 Error addons/conflict `Resources.Table` is not the same as in copilot/api/addons/a.yml:17:3
    copilot/api/addons/b.yml:16:3 Error addons/conflict `Outputs.Out` is not the same as in copilot/api/addons/a.yml:20:3
    ");
}

#[test]
fn files_that_are_no_templates() {
    let sources = [
        source("a.yml", "- a\n"),
        source("b.yml", "Resources: []\nHooks: {}\n"),
        source("c.yml", "Resources:\n  A: {Type: X\n"),
    ];
    insta::assert_snapshot!(wrong(&sources), @r"
    copilot/api/addons/a.yml:1:1 Error addons/shape a template is a map of sections such as Resources, not a list
    copilot/api/addons/b.yml:1:12 Error addons/shape the section `Resources` is a map, not a list
    copilot/api/addons/b.yml:2:1 Warning addons/section the section `Hooks` is not taken over into the nested stack
    copilot/api/addons/c.yml:3:1 Error yaml/syntax while parsing a flow mapping, did not find expected ',' or '}'
    ");
    let empty = [template("a.yml", ""), source("b.yml", "")];
    insta::assert_snapshot!(wrong(&empty), @"copilot/api/addons/a.yml Error addons/no-resources the addons hold no resources");
}

#[test]
fn outputs_are_told_by_what_they_refer_to() {
    let addons = good(&[template(
        "a.yml",
        "Resources:\n  Secret:\n    Type: AWS::SecretsManager::Secret\n  Policy:\n    Type: AWS::IAM::ManagedPolicy\n  \
         Group:\n    Type: AWS::EC2::SecurityGroup\n  Table:\n    Type: AWS::DynamoDB::Table\n\
         Outputs:\n  One: {Value: !Ref Secret}\n  Two:\n    Value:\n      Ref: Policy\n  Three: {Value: !Ref Group}\n  \
         Four: {Value: !Ref Table}\n  Five: {Value: !GetAtt Group.GroupId}\n  Six: {Value: !Ref App}\n  \
         Seven: {Value: !If [A, !Ref Secret, !Ref Table]}\n  Eight: {Value: text}\n  Nine: {Description: nothing}\n  \
         Fn::ForEach::X: []\n",
    )]);
    let kinds: Vec<_> = addons.outputs.iter().map(|output| (output.id.as_str(), output.kind)).collect();
    use AddonKind::{ManagedPolicy, Secret, SecurityGroup, Variable};
    assert_eq!(
        kinds,
        [
            ("One", Secret),
            ("Two", ManagedPolicy),
            ("Three", SecurityGroup),
            ("Four", Variable),
            ("Five", Variable),
            ("Six", Variable),
            ("Seven", Variable),
            ("Eight", Variable),
            ("Nine", Variable)
        ]
    );
}

#[test]
fn a_reference_may_lead_into_another_file() {
    let outputs = source("b.yml", "Outputs:\n  Key:\n    Value: !Ref Secret\n");
    let secret = template("a.yml", "Resources:\n  Secret:\n    Type: AWS::SecretsManager::Secret\n");
    assert_eq!(good(&[secret, outputs]).outputs, [AddonOutput { id: "Key".into(), kind: AddonKind::Secret }]);
}

#[test]
fn parameters_have_values() {
    let file = source(
        "addons.parameters.yml",
        "Parameters:\n  Group: !Ref ServiceSecurityGroup\n  Port: 5432\n  Vpc: {Fn::ImportValue: !Sub '${AppName}-VpcId'}\n",
    );
    let more = source(
        "a.yml",
        "Parameters:\n  Group:\n    Type: String\n  Port:\n    Type: Number\n    Default: 1\n  Vpc:\n    Type: String\n  Size:\n    Type: String\n    Default: ''\n",
    );
    let addons = good(&[more.clone(), file, table("t.yml")]);
    assert_eq!(
        Json::Object(addons.parameters),
        serde_json::json!({"Group": {"Ref": "ServiceSecurityGroup"}, "Port": 5432,
            "Vpc": {"Fn::ImportValue": {"Fn::Sub": "${AppName}-VpcId"}}})
    );
    let file = source("addons.parameters.yaml", "Other: 1\nParameters:\n  App: x\n  Nothing: 1\n  Group:\n");
    insta::assert_snapshot!(wrong(&[more, file, table("t.yml")]), @r"
    copilot/api/addons/a.yml:2:3 Error addons/parameter-without-value the parameter `Group` has no value
    copilot/api/addons/a.yml:7:3 Error addons/parameter-without-value the parameter `Vpc` has no value
    copilot/api/addons/addons.parameters.yaml:1:1 Warning addons/section unknown section `Other`
    copilot/api/addons/addons.parameters.yaml:3:3 Error addons/reserved-parameter `App` can't be set: wharf gives its value
    copilot/api/addons/addons.parameters.yaml:4:3 Error addons/unknown-parameter no template has a parameter `Nothing`
    copilot/api/addons/addons.parameters.yaml:5:3 Error addons/parameter-without-value `Group` has no value
    ");
}

#[test]
fn required_parameters_and_the_file_itself() {
    let bare = source("a.yml", "Parameters:\n  App: {Type: String}\nResources:\n  A: {Type: X}\n");
    insta::assert_snapshot!(wrong(std::slice::from_ref(&bare)), @r"
    copilot/api/addons/a.yml:2:3 Error addons/required-parameter the template of the addons has no parameter `Env`
    copilot/api/addons/a.yml:2:3 Error addons/required-parameter the template of the addons has no parameter `Name`
    ");
    let named = [bare, source("b.yml", "Parameters:\n  Env: {Type: String}\n")];
    let environment = read(&named, ENVIRONMENT_PARAMETERS, &mut |_| Ok(None));
    assert!(environment.addons.is_some());

    let (one, two) =
        (source("addons.parameters.yml", "Parameters: {}\n"), source("addons.parameters.yaml", "a: 1\n"));
    insta::assert_snapshot!(wrong(&[two.clone(), one, table("t.yml")]), @r"
    copilot/api/addons/addons.parameters.yml Error addons/parameters-file copilot/api/addons/addons.parameters.yaml and copilot/api/addons/addons.parameters.yml both give parameters
    ");
    let alone = [two.clone(), table("t.yml")];
    insta::assert_snapshot!(wrong(&alone), @r"
    copilot/api/addons/addons.parameters.yaml Error addons/parameters-file the file has no section `Parameters`
    copilot/api/addons/addons.parameters.yaml:1:1 Warning addons/section unknown section `a`
    ");
    insta::assert_snapshot!(wrong(&[two]), @"copilot/api/addons/addons.parameters.yaml Warning addons/no-template there is no template beside this file, so it is not used");
}

const LOCAL: &str = "\
Transform: {Name: AWS::Include, Parameters: {Location: part.yml}}
Resources:
  Api: {Type: AWS::ApiGateway::RestApi, Properties: {BodyS3Location: api.json}}
  Function: {Type: AWS::Lambda::Function, Properties: {Code: lambda/src, Handler: index.handler}}
  Inline: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: 'exports = 1'}}}
  Layer: {Type: AWS::Lambda::LayerVersion, Properties: {Content: layer}}
  Sam: {Type: AWS::Serverless::Function, Properties: {CodeUri: lambda/src}}
  SamLayer: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layer}}
  SamApp: {Type: AWS::Serverless::Application, Properties: {Location: app.yml}}
  SamApi: {Type: AWS::Serverless::Api, Properties: {DefinitionUri: api.json}}
  SamState: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: states.json}}
  Schema: {Type: AWS::AppSync::GraphQLSchema, Properties: {DefinitionS3Location: schema.graphql}}
  Resolver:
    Type: AWS::AppSync::Resolver
    Properties: {RequestMappingTemplateS3Location: request.vtl, ResponseMappingTemplateS3Location: s3://other/response.vtl}
  Bean: {Type: AWS::ElasticBeanstalk::ApplicationVersion, Properties: {SourceBundle: bundle.zip}}
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yml}}
  Remote: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 'https://example.com/child.yml'}}
  Computed: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: !Sub '${App}.yml'}}
  Job: {Type: AWS::Glue::Job, Properties: {Command: {Name: glueetl, ScriptLocation: job.py}}}
  States: {Type: AWS::StepFunctions::StateMachine, Properties: {DefinitionS3Location: states.json}}
  Repository: {Type: AWS::CodeCommit::Repository, Properties: {Code: {BranchName: main, S3: seed}}}
  Included:
    Type: AWS::S3::Bucket
    Properties:
      Fn::Transform: {Name: AWS::Include, Parameters: {Location: bucket.yml}}
      Tags: !Transform {Name: AWS::Include, Parameters: {Location: tags.yml}}
      Other: {Fn::Transform: [{Name: Mine, Parameters: {Location: kept.yml}}]}
";

#[test]
fn local_paths_give_way_to_addresses() {
    let mut asked = vec![];
    let sources = [template("a.yml", LOCAL)];
    let reading = read(&sources, WORKLOAD_PARAMETERS, &mut |wanted| {
        asked.push(format!("{}{}", wanted.path, if wanted.zipped { " (zip)" } else { "" }));
        let key = format!("k/{}", wanted.path);
        Ok(Some(Location { bucket: "b".into(), region: "eu-west-1".into(), key }))
    });
    let addons = reading.addons.unwrap_or_else(|| panic!("{}", lines(&sources, &reading.findings)));
    asked.sort();
    asked.dedup();
    assert_eq!(
        asked.join(" "),
        "api.json app.yml bucket.yml bundle.zip child.yml job.py lambda/src (zip) layer (zip) part.yml request.vtl \
         schema.graphql seed (zip) states.json tags.yml"
    );
    let mut shown = format!("Transform {}\n", addons.template["Transform"]);
    for (id, resource) in addons.template["Resources"].as_object().unwrap() {
        shown += &format!("{id} {}\n", resource["Properties"]);
    }
    insta::assert_snapshot!(shown, @r#"
    Transform {"Name":"AWS::Include","Parameters":{"Location":"s3://b/k/part.yml"}}
    Api {"BodyS3Location":{"Bucket":"b","Key":"k/api.json"}}
    Function {"Code":{"S3Bucket":"b","S3Key":"k/lambda/src"},"Handler":"index.handler"}
    Inline {"Code":{"ZipFile":"exports = 1"}}
    Layer {"Content":{"S3Bucket":"b","S3Key":"k/layer"}}
    Sam {"CodeUri":"s3://b/k/lambda/src"}
    SamLayer {"ContentUri":"s3://b/k/layer"}
    SamApp {"Location":"https://b.s3.eu-west-1.amazonaws.com/k/app.yml"}
    SamApi {"DefinitionUri":"s3://b/k/api.json"}
    SamState {"DefinitionUri":{"Bucket":"b","Key":"k/states.json"}}
    Schema {"DefinitionS3Location":"s3://b/k/schema.graphql"}
    Resolver {"RequestMappingTemplateS3Location":"s3://b/k/request.vtl","ResponseMappingTemplateS3Location":"s3://other/response.vtl"}
    Bean {"SourceBundle":{"S3Bucket":"b","S3Key":"k/bundle.zip"}}
    Child {"TemplateURL":"https://b.s3.eu-west-1.amazonaws.com/k/child.yml"}
    Remote {"TemplateURL":"https://example.com/child.yml"}
    Computed {"TemplateURL":{"Fn::Sub":"${App}.yml"}}
    Job {"Command":{"Name":"glueetl","ScriptLocation":"s3://b/k/job.py"}}
    States {"DefinitionS3Location":{"Bucket":"b","Key":"k/states.json"}}
    Repository {"Code":{"BranchName":"main","S3":{"Bucket":"b","Key":"k/seed"}}}
    Included {"Fn::Transform":{"Name":"AWS::Include","Parameters":{"Location":"s3://b/k/bucket.yml"}},"Tags":{"Fn::Transform":{"Name":"AWS::Include","Parameters":{"Location":"s3://b/k/tags.yml"}}},"Other":{"Fn::Transform":[{"Name":"Mine","Parameters":{"Location":"kept.yml"}}]}}
    "#);
}

#[test]
fn a_file_that_is_not_there_is_an_error_at_its_path() {
    let sources = [template(
        "a.yml",
        "Resources:\n  F:\n    Type: AWS::Lambda::Function\n    Properties:\n      Code: src\n",
    )];
    let reading =
        read(&sources, WORKLOAD_PARAMETERS, &mut |wanted| Err(format!("{} does not exist", wanted.path)));
    assert!(reading.addons.is_none());
    assert_eq!(
        lines(&sources, &reading.findings),
        "copilot/api/addons/a.yml:12:13 Error addons/local-file src does not exist\n"
    );
}
