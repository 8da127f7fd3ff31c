//! What a deletion keeps: data of addons and of the environment's file system, until it is told to delete them.

use crate::support::Emulator;

const STORAGE: &str = "Parameters:
  App:
    Type: String
  Env:
    Type: String
  Name:
    Type: String
Resources:
  Uploads:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: PREFIX-uploads
  Access:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: 2012-10-17
        Statement:
          - Effect: Allow
            Action: s3:GetObject
            Resource: !Sub '${Uploads.Arn}/*'
Outputs:
  UploadsName:
    Value: !Ref Uploads
  AccessArn:
    Value: !Ref Access
";

/// What stands in the environment's network.
const GROUP: &str = "  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: of the data
      VpcId:
        Fn::ImportValue: !Sub '${App}-${Env}-VpcId'
";

struct Shop {
    emulator: Emulator,
    bucket: String,
}

impl Shop {
    fn new(app: &str, more: &str) -> Option<Self> {
        let emulator = Emulator::new()?;
        let sandbox = &emulator.sandbox;
        let prefix = format!("d{}", emulator.account);
        emulator.write_probe("back");
        sandbox.wharf(&format!("app init {app}")).ends(0);
        sandbox.wharf("env init --name test --default-config").ends(0);
        sandbox.wharf("env deploy --name test").ends(0);
        sandbox
            .wharf("svc init --name back --svc-type 'Backend Service' --dockerfile back/Dockerfile")
            .ends(0);
        let addons = STORAGE.replace("PREFIX", &prefix).replace("Outputs:\n", &format!("{more}Outputs:\n"));
        sandbox.write("wharf/back/addons/storage.yml", addons);
        sandbox.wharf("svc deploy -n back").ends(0);
        let bucket = format!("{prefix}-uploads");
        emulator.put_object(&bucket, "letter.txt", "dear");
        Some(Self { emulator, bucket })
    }

    fn has_bucket(&self) -> bool {
        self.emulator.leftovers().contains(&format!("bucket {}", self.bucket))
    }
}

#[test]
fn data_outlives_its_service_and_its_environment() {
    let Some(shop) = Shop::new("keeps", "") else { return };
    let sandbox = &shop.emulator.sandbox;

    let gone = sandbox.wharf("svc delete -n back -e test --yes --progress json").expect(0);
    assert!(gone.stdout.contains(&shop.bucket) && gone.stdout.contains("\"kept\""), "{}", gone.transcript());
    let stacks = shop.emulator.leftovers();
    assert!(!stacks.contains(&"stack keeps-test-back".to_owned()), "{stacks:?}");
    assert!(stacks.iter().any(|name| name.starts_with("stack keeps-test-back-AddonsStack-")), "{stacks:?}");
    assert_eq!(shop.emulator.get_object(&shop.bucket, "letter.txt"), "dear");

    // Again is no failure, and everything else goes with the application.
    sandbox.wharf("svc delete -n back -e test --yes").ends(0);
    let gone = sandbox.wharf("app delete --yes").expect(0);
    assert!(
        gone.stderr.contains("aws cloudformation delete-stack --stack-name keeps-test-back-AddonsStack-"),
        "{}",
        gone.transcript()
    );
    let mut left = shop.emulator.leftovers();
    left.retain(|name| !name.starts_with("stack keeps-test-back-AddonsStack-"));
    assert_eq!(left, [format!("bucket {}", shop.bucket), "role keeps-test-CFNExecutionRole".to_owned()]);
    assert_eq!(shop.emulator.get_object(&shop.bucket, "letter.txt"), "dear");
}

/// Copilot's deletions failed at buckets that were not empty: what is left of such a stack goes, the data stays.
#[test]
fn what_another_tool_failed_to_delete() {
    let Some(shop) = Shop::new("failed", "") else { return };
    let sandbox = &shop.emulator.sandbox;
    shop.emulator.fail_to_delete_stack("failed-test-back");
    let gone = sandbox.wharf("svc delete -n back -e test --yes").expect(0);
    assert!(gone.stderr.contains(&shop.bucket), "{}", gone.transcript());
    assert!(!shop.emulator.leftovers().contains(&"stack failed-test-back".to_owned()));
    assert_eq!(shop.emulator.get_object(&shop.bucket, "letter.txt"), "dear");
    sandbox.wharf("app delete --yes --delete-data").ends(0);
    assert_eq!(shop.emulator.leftovers(), Vec::<String>::new());
}

#[test]
fn a_later_deletion_takes_what_was_left() {
    let Some(shop) = Shop::new("later", "") else { return };
    let sandbox = &shop.emulator.sandbox;
    sandbox.wharf("svc delete -n back -e test --yes").ends(0);
    assert!(shop.has_bucket());
    sandbox.wharf("svc delete -n back -e test --yes --delete-data").ends(0);
    assert!(!shop.has_bucket());
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(shop.emulator.leftovers(), Vec::<String>::new());
}

/// A service that is not deployed, in an environment whose name makes its stack's name another environment's: nothing of that one
/// is changed or deleted. The same between two applications.
#[test]
fn stacks_of_the_same_name_are_told_apart() {
    let Some(emulator) = Emulator::played() else { return };
    let sandbox = &emulator.sandbox;
    sandbox.wharf("app init shop").ends(0);
    for env in ["test", "test-api"] {
        sandbox.wharf(&format!("env init --name {env} --default-config")).ends(0);
        sandbox.wharf(&format!("env deploy --name {env}")).ends(0);
    }
    sandbox.wharf("svc init --name api --svc-type 'Backend Service' --image nginx --port 80").ends(0);
    let before = emulator.leftovers();
    assert!(before.contains(&"stack shop-test-api".to_owned()), "{before:?}");

    for line in ["svc deploy --name api --env test", "deploy --name api --env test --diff"] {
        let refused = sandbox.wharf(line).expect(1);
        let why = "belongs to the environment test-api of shop";
        assert!(refused.stderr.contains(why), "{}", refused.transcript());
    }
    let asked = sandbox.wharf("svc delete --name api --env test").expect(1);
    assert!(asked.stderr.contains("which is not deployed to test"), "{}", asked.transcript());
    assert!(!asked.stderr.contains("stack shop-test-api"), "{}", asked.transcript());
    sandbox.wharf("svc delete --name api --env test --yes").ends(0);
    assert_eq!(emulator.leftovers(), before);

    let other = sandbox.work().with_file_name("other");
    std::fs::create_dir(&other).unwrap();
    sandbox.wharf_in(&other, "app init shop-test").ends(0);
    let refused = sandbox.wharf_in(&other, "env init --name api --default-config").expect(1);
    assert!(
        refused.stderr.contains("belongs to the environment test-api of shop"),
        "{}",
        refused.transcript()
    );
    sandbox.wharf_in(&other, "app delete --yes").ends(0);
    sandbox.wharf("svc delete --name api --yes").ends(0);
    let of_service = |left: &String| left.ends_with("shop/api") || left.ends_with("/components/api");
    let without: Vec<String> = before.into_iter().filter(|left| !of_service(left)).collect();
    assert_eq!(emulator.leftovers(), without);
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
}

/// A network can't go while kept data stands in it: that is said before anything is deleted.
#[test]
fn a_network_with_data_in_it_is_not_deleted() {
    let Some(shop) = Shop::new("networked", GROUP) else { return };
    let sandbox = &shop.emulator.sandbox;
    let before = shop.emulator.leftovers();
    let refused = sandbox.wharf("app delete --yes").expect(1);
    assert!(refused.stderr.contains("--delete-data"), "{}", refused.transcript());
    assert_eq!(shop.emulator.leftovers(), before);

    sandbox.wharf("svc delete -n back --yes").ends(0);
    let refused = sandbox.wharf("env delete -n test --yes").expect(1);
    assert!(refused.stderr.contains("networked-test-back-AddonsStack-"), "{}", refused.transcript());
    assert!(shop.has_bucket());

    sandbox.wharf("app delete --yes --delete-data").ends(0);
    assert_eq!(shop.emulator.leftovers(), Vec::<String>::new());
}
