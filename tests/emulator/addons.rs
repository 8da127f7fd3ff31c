//! Addons of a service and of the environments: made with their owner, told to the containers, gone with their owner.

use serde_json::Value;

use crate::support::Emulator;

const PARAMETERS: &str =
    "Parameters:\n  App:\n    Type: String\n  Env:\n    Type: String\n  Name:\n    Type: String\n";

const BUCKET: &str = "  Prefix:
    Type: String
Resources:
  Assets:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: !Sub '${Prefix}-${App}-${Env}-${Name}-assets'
  AssetsPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Action: s3:GetObject
            Resource: !Sub '${Assets.Arn}/*'
Outputs:
  AssetsName:
    Value: !Ref Assets
  AssetsPolicyArn:
    Value: !Ref AssetsPolicy
";

/// A resource whose template is a local file.
const NESTED: &str = "\
Resources:
  Nested:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: infrastructure/nested.yml
";

const ENVIRONMENT: &str = "\
Parameters:
  App:
    Type: String
  Env:
    Type: String
Resources:
  Setting:
    Type: AWS::SSM::Parameter
    Properties:
      Name: !Sub '/settings/${App}/${Env}'
      Type: String
      Value: on
";

fn variables(emulator: &Emulator) -> Vec<(String, String)> {
    let shown = emulator.sandbox.wharf("svc show -n back --json").expect(0);
    let shown: Value = serde_json::from_str(&shown.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let variables = shown["variables"].as_array().unwrap();
    variables.iter().map(|variable| (text(&variable["name"]), text(&variable["value"]))).collect()
}

#[test]
fn made_changed_and_deleted_with_their_owner() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    emulator.write_probe("web");
    sandbox.wharf("app init extra").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox.write("wharf/environments/addons/setting.yml", ENVIRONMENT);
    let deployed = sandbox.wharf("env deploy --name test --progress lines").expect(0);
    assert!(deployed.stderr.contains("Upload the addons of the environments"), "{}", deployed.transcript());
    assert!(emulator.leftovers().contains(&"parameter /settings/extra/test".to_owned()));
    let again = sandbox.wharf("env deploy --name test").expect(0);
    assert!(again.transcript().contains("nothing to change"), "{}", again.transcript());

    sandbox.wharf("svc init --name back --svc-type 'Backend Service' --dockerfile web/Dockerfile").ends(0);
    let prefix = format!("w{}", emulator.account);
    sandbox.write("wharf/back/addons/assets.yml", format!("{PARAMETERS}{BUCKET}"));
    sandbox.write("wharf/back/addons/nested.yaml", NESTED);
    sandbox.write("wharf/back/addons/addons.parameters.yml", format!("Parameters:\n  Prefix: {prefix}\n"));

    // A file that is not there stops it before anything is made.
    let missing = sandbox.wharf("svc deploy -n back").expect(1);
    assert!(missing.stderr.contains("wharf/back/addons/nested.yaml:5:20"), "{}", missing.transcript());
    sandbox.write("infrastructure/nested.yml", "Resources:\n  Topic:\n    Type: AWS::SNS::Topic\n");

    sandbox.wharf("svc deploy -n back").ends(0);
    let bucket = format!("{prefix}-extra-test-back-assets");
    assert!(emulator.leftovers().contains(&format!("bucket {bucket}")));
    let found = variables(&emulator);
    assert!(found.contains(&("ASSETS_NAME".to_owned(), bucket.clone())), "{found:?}");
    assert!(!found.iter().any(|(name, _)| name == "ASSETS_POLICY_ARN"), "{found:?}");

    // The same again is no change.
    let again = sandbox.wharf("svc deploy -n back").expect(0);
    assert!(again.transcript().contains("nothing to change"), "{}", again.transcript());
    sandbox.wharf("svc package -n back -e test --diff").ends(0);
    let written = sandbox.wharf("svc package -n back -e test --output-dir out").expect(0).stdout;
    assert!(written.contains("out/back.addons.stack.yml"), "{written}");
    assert!(sandbox.read("out/back.addons.stack.yml").contains("/manual/addons/back/assets/"));

    // Without them, the containers lose the variable and the bucket goes.
    for file in ["assets.yml", "nested.yaml", "addons.parameters.yml"] {
        std::fs::remove_file(sandbox.work().join("wharf/back/addons").join(file)).unwrap();
    }
    sandbox.wharf("svc deploy -n back").ends(5);
    sandbox.wharf("svc deploy -n back --allow-replace Assets,Nested").ends(0);
    assert!(!variables(&emulator).iter().any(|(name, _)| name == "ASSETS_NAME"));
    assert!(!emulator.leftovers().contains(&format!("bucket {bucket}")));

    // And with the service when they are there again.
    sandbox.write(
        "wharf/back/addons/assets.yml",
        format!("{PARAMETERS}{BUCKET}")
            .replace("${Prefix}", &prefix)
            .replace("  Prefix:\n    Type: String\n", ""),
    );
    sandbox.wharf("svc deploy -n back").ends(0);
    assert!(emulator.leftovers().contains(&format!("bucket {bucket}")));
    let gone = sandbox.wharf("app delete --yes --delete-data").expect(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new(), "{}", gone.transcript());
}
