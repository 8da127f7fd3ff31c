//! Credentials that AWS refuses as expired while a command runs. Each source first gives keys that are refused, then others.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;

use crate::changes::deployed_environment;
use crate::sandbox::Sandbox;
use crate::scripted::{ACCOUNT, Answer, Request, Script, Scripted};
use crate::world::{point, records, shop_in, stack};

fn expired() -> Answer {
    Answer::Error(
        403,
        "ExpiredTokenException".to_owned(),
        "The security token included in the request is expired".to_owned(),
    )
}

/// A server that refuses calls signed with the key `…1` and hands out keys as `source` says.
fn server(source: impl Fn(&Request) -> Option<Answer> + Send + Sync + 'static) -> Scripted {
    records()
        .first(move |request| {
            let refused = request.key.ends_with('1').then(expired);
            refused.or_else(|| source(request))
        })
        .start()
}

/// A sandbox without credentials.
fn sandbox(server: &Scripted) -> Sandbox {
    let mut sandbox = Sandbox::new();
    point(&mut sandbox, &server.url());
    sandbox.unset("AWS_ACCESS_KEY_ID").unset("AWS_SECRET_ACCESS_KEY");
    sandbox
}

/// `app ls` gets its answer at the second try, with the second key.
#[track_caller]
fn renews(sandbox: &Sandbox, server: &Scripted) {
    let run = sandbox.wharf("app ls").expect(0);
    assert_eq!(run.stdout, "shop\n");
    assert_eq!(run.stderr, "");
    let calls = server.actions().into_iter().filter(|action| action == "ssm:GetParametersByPath");
    assert_eq!(calls.count(), 2, "{:?}", server.actions());
}

/// The next number, from 1 on.
fn next(count: &AtomicU32) -> u32 {
    count.fetch_add(1, Ordering::SeqCst) + 1
}

#[test]
fn a_login_by_sso() {
    let count = AtomicU32::new(0);
    let server = server(move |request| {
        request.action.starts_with("unsigned:GET /federation/credentials").then(|| {
            let key = format!("ASIASSO{}", next(&count));
            let role = json!({"accessKeyId": key, "secretAccessKey": "s", "sessionToken": "t",
                "expiration": 4_070_908_800_000_u64});
            Answer::Json(json!({"roleCredentials": role}))
        })
    });
    let sandbox = sandbox(&server);
    sandbox.write(
        "../home/aws-config",
        "[default]\nsso_start_url = https://sso.example/start\nsso_region = eu-west-1\n\
         sso_account_id = 123456789012\nsso_role_name = dev\n",
    );
    // The SHA-1 of the start address.
    sandbox.write(
        "../home/.aws/sso/cache/98df91031e87f97bfc088c045be6442dc5d70b2a.json",
        json!({"accessToken": "token", "expiresAt": "2099-01-01T00:00:00Z", "region": "eu-west-1",
            "startUrl": "https://sso.example/start"})
        .to_string(),
    );
    renews(&sandbox, &server);
}

#[test]
fn a_web_identity_whose_token_file_changes() {
    let count = AtomicU32::new(0);
    let file: Arc<std::sync::OnceLock<PathBuf>> = Arc::default();
    let token = file.clone();
    let server = server(move |request| {
        request.action.ends_with(":AssumeRoleWithWebIdentity").then(|| {
            let number = next(&count);
            let sent = format!("WebIdentityToken=token-{number}");
            assert!(request.body.contains(&sent), "{}", request.body);
            std::fs::write(token.get().unwrap(), "token-2").unwrap();
            Answer::Xml(format!(
                "<Credentials><AccessKeyId>ASIAWEB{number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                 <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            ))
        })
    });
    let mut sandbox = sandbox(&server);
    sandbox.write("token", "token-1");
    file.set(sandbox.work().join("token")).unwrap();
    let path = sandbox.work().join("token").display().to_string();
    sandbox.set("AWS_WEB_IDENTITY_TOKEN_FILE", path).set("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/ci");
    renews(&sandbox, &server);
}

#[test]
fn a_process_that_gives_credentials() {
    let server = server(|_| None);
    let sandbox = sandbox(&server);
    let script = sandbox.work().join("keys.sh").display().to_string();
    let count = sandbox.work().join("count").display().to_string();
    sandbox.write(
        "keys.sh",
        format!(
            "echo x >> {count}\nn=$(wc -l < {count})\nprintf '{{\"Version\": 1, \"AccessKeyId\": \"ASIAPROC%d\", \
             \"SecretAccessKey\": \"s\", \"SessionToken\": \"t\"}}' $n\n"
        ),
    );
    sandbox.write("../home/aws-config", format!("[default]\ncredential_process = sh {script}\n"));
    renews(&sandbox, &server);
}

#[test]
fn the_role_of_a_container() {
    let count = AtomicU32::new(0);
    let server = server(move |request| {
        (request.action == "unsigned:GET /keys").then(|| {
            let key = format!("ASIATASK{}", next(&count));
            Answer::Json(json!({"AccessKeyId": key, "SecretAccessKey": "s", "Token": "t",
                "Expiration": "2099-01-01T00:00:00Z"}))
        })
    });
    let mut sandbox = sandbox(&server);
    sandbox.set("AWS_CONTAINER_CREDENTIALS_FULL_URI", format!("{}/keys", server.url()));
    renews(&sandbox, &server);
}

#[test]
fn the_role_of_an_instance() {
    let count = AtomicU32::new(0);
    let server = server(move |request| {
        let path = request.action.trim_start_matches("unsigned:");
        match path.rsplit('/').next()? {
            "token" => Some(Answer::Document("token".to_owned())),
            "dev" => {
                let key = format!("ASIAHOST{}", next(&count));
                Some(Answer::Json(json!({"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": key,
                    "SecretAccessKey": "s", "Token": "t", "LastUpdated": "2026-01-01T00:00:00Z",
                    "Expiration": "2099-01-01T00:00:00Z"})))
            }
            _ => path.contains("/security-credentials").then(|| Answer::Document("dev".to_owned())),
        }
    });
    let mut sandbox = sandbox(&server);
    sandbox.unset("AWS_EC2_METADATA_DISABLED").set("AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url());
    renews(&sandbox, &server);
}

#[test]
fn keys_of_the_environment_stay_what_they_are() {
    let server = server(|_| None);
    let mut sandbox = sandbox(&server);
    sandbox.set("AWS_ACCESS_KEY_ID", "AKID1").set("AWS_SECRET_ACCESS_KEY", "s");
    let run = sandbox.wharf("app ls").expect(1);
    assert!(run.stderr.contains("the AWS credentials have expired"), "{}", run.stderr);
    // No further try than the one.
    assert_eq!(server.actions().len(), 2);
}

/// Keys of a profile that expire in the middle of a wait: said once, and the wait goes on when fresh ones are in the file.
#[test]
fn keys_of_a_profile_in_a_wait() {
    let (looks, refusals) = (AtomicU32::new(0), Arc::new(AtomicU32::new(0)));
    let file: Arc<std::sync::OnceLock<PathBuf>> = Arc::default();
    let (seen, keys) = (refusals.clone(), file.clone());
    let (mut sandbox, server) = shop_in(watched().first(move |request| {
        let number = request.key.chars().last().unwrap_or_default();
        let is_look = request.action == "cloudformation:DescribeStackEvents";
        // The first two looks are before the wait.
        if number == '1' && (seen.load(Ordering::SeqCst) > 0 || (is_look && next(&looks) > 2)) {
            if next(&seen) == 6 {
                std::fs::write(keys.get().unwrap(), profile("AKID2")).unwrap();
            }
            return Some(expired());
        }
        match request.action.as_str() {
            "cloudformation:DescribeStackEvents" if number == '2' => Some(events(&["UPDATE_COMPLETE"])),
            "cloudformation:DescribeStacks" if number == '2' => {
                Some(stack("shop-test-web", "UPDATE_COMPLETE", &[], &[]))
            }
            "sts:AssumeRole" => Some(Answer::Xml(format!(
                "<Credentials><AccessKeyId>ASIAROLE{number}</AccessKeyId><SecretAccessKey>s</SecretAccessKey>\
                 <SessionToken>t</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            ))),
            _ => None,
        }
    }));
    sandbox.unset("AWS_ACCESS_KEY_ID").unset("AWS_SECRET_ACCESS_KEY");
    sandbox.write("../home/aws-credentials", profile("AKID1"));
    file.set(sandbox.work().join("../home/aws-credentials")).unwrap();
    let run = sandbox.wharf("watch -e test -n web").expect(0);
    assert_eq!(run.stderr.matches("credentials have expired").count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("Run `aws sso login` in another terminal"), "{}", run.stderr);
    assert!(run.stderr.contains("AWS answers again."), "{}", run.stderr);
    assert!(refusals.load(Ordering::SeqCst) >= 6, "{:?}", server.actions());
}

/// Keys of the environment that expire in the middle of a wait: it ends at once, with how to go on.
#[test]
fn keys_of_the_environment_in_a_wait() {
    let looks = AtomicU32::new(0);
    let (sandbox, server) = shop_in(watched().first(move |request| {
        let is_look = request.action == "cloudformation:DescribeStackEvents";
        (is_look && next(&looks) > 2).then(expired)
    }));
    let run = sandbox.wharf("watch -e test -n web").expect(1);
    insta::assert_snapshot!(run.stderr.split_once('✘').unwrap().1);
    let looks = server.actions().into_iter().filter(|action| action.ends_with("DescribeStackEvents"));
    // Two before the wait, one in it, and its one repetition.
    assert_eq!(looks.count(), 4);
}

fn profile(key: &str) -> String {
    format!("[default]\naws_access_key_id = {key}\naws_secret_access_key = s\naws_session_token = t\n")
}

/// The service `web`, whose stack is being changed.
fn watched() -> Script {
    let changing = stack("shop-test-web", "UPDATE_IN_PROGRESS", &[], &[]);
    let rules = records().on("cloudformation:DescribeStacks", "shop-test-web", changing);
    let resources = Answer::Xml("<StackResourceSummaries/>".to_owned());
    let rules = rules.on("cloudformation:ListStackResources", "", resources);
    deployed_environment(rules.on("cloudformation:DescribeStackEvents", "", events(&[])))
}

/// Events of its stack: the beginning of an update, then these.
fn events(later: &[&str]) -> Answer {
    let all = [&["UPDATE_IN_PROGRESS"], later].concat();
    let members: Vec<String> = all
        .iter()
        .enumerate()
        .map(|(number, status)| {
            format!(
                "<member><StackId>arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/shop-test-web/1</StackId>\
                 <EventId>{number}</EventId><StackName>shop-test-web</StackName>\
                 <LogicalResourceId>shop-test-web</LogicalResourceId>\
                 <PhysicalResourceId>arn:aws:cloudformation:eu-west-1:{ACCOUNT}:stack/shop-test-web/1</PhysicalResourceId>\
                 <ResourceType>AWS::CloudFormation::Stack</ResourceType>\
                 <Timestamp>2026-01-02T03:04:0{number}Z</Timestamp><ResourceStatus>{status}</ResourceStatus></member>"
            )
        })
        .rev()
        .collect();
    Answer::Xml(format!("<StackEvents>{}</StackEvents>", members.concat()))
}
