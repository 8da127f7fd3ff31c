//! What is wrong on the way to AWS. Each failure is told quickly, with what to do.

use std::time::{Duration, Instant};

use crate::expect_runs;
use crate::sandbox::{Run, Sandbox};
use crate::scripted::{Answer, Script};
use crate::world::{SECRET, point, records, shop, shop_in, shown};

/// `app ls` against an AWS that answers everything with this.
fn refused(answer: Answer) -> Run {
    let server = Script::default().on("*", "", answer).start();
    let mut sandbox = Sandbox::new();
    point(&mut sandbox, &server.url());
    sandbox.wharf("app ls")
}

/// Fails when the run of `make` takes longer than a person would wait.
#[track_caller]
fn soon(make: impl FnOnce() -> Run) -> Run {
    let begin = Instant::now();
    let run = make();
    assert!(begin.elapsed() < Duration::from_secs(10), "{:?}: {}", begin.elapsed(), run.transcript());
    run
}

#[test]
fn no_credentials_or_no_region() {
    let mut sandbox = Sandbox::new();
    let nothing = sandbox.wharf("app ls");
    sandbox.set("AWS_REGION", "eu-west-1");
    let no_credentials = soon(|| sandbox.wharf("app ls"));
    let no_profile = {
        sandbox.write("../home/aws-config", "[profile other]\nregion = eu-west-1\n");
        sandbox.set("AWS_PROFILE", "nowhere");
        let run = sandbox.wharf("app ls");
        sandbox.unset("AWS_PROFILE");
        run
    };
    let mut other = Sandbox::new();
    other.set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE").set("AWS_SECRET_ACCESS_KEY", SECRET);
    expect_runs!(
        "no_credentials",
        nothing,
        no_credentials,
        no_profile,
        other.wharf("app ls"),
        other.wharf("app init shop")
    );
    assert_eq!(std::fs::read_dir(other.work()).unwrap().count(), 0);
}

#[test]
fn credentials_that_aws_does_not_take() {
    expect_runs!(
        "bad_credentials",
        refused(Answer::error(
            "ExpiredTokenException",
            "The security token included in the request is expired"
        )),
        refused(Answer::error(
            "UnrecognizedClientException",
            "The security token included in the request is invalid."
        )),
        refused(Answer::Error(
            403,
            "SignatureDoesNotMatch".to_owned(),
            format!(
                "The request signature we calculated does not match the signature you provided.\nThe Canonical String was {SECRET}"
            ),
        )),
        refused(Answer::Error(
            403,
            "InvalidClientTokenId".to_owned(),
            "The security token included in the request is invalid.".to_owned()
        )),
    );
}

#[test]
fn a_permission_is_missing() {
    let denied = "User: arn:aws:iam::123456789012:user/dev is not authorized to perform: ssm:GetParametersByPath on resource: \
                  arn:aws:ssm:eu-west-1:123456789012:parameter/copilot/applications because no identity-based policy allows \
                  the ssm:GetParametersByPath action";
    let role = "User: arn:aws:iam::123456789012:user/dev is not authorized to perform: sts:AssumeRole on resource: \
                arn:aws:iam::123456789012:role/shop-test-EnvManagerRole";
    let (sandbox, _server) = shop_in(records().on(
        "sts:AssumeRole",
        "",
        Answer::Error(403, "AccessDenied".to_owned(), role.to_owned()),
    ));
    expect_runs!(
        "access_denied",
        refused(Answer::error("AccessDeniedException", denied)),
        sandbox.wharf("status -n web -e test"),
        sandbox.wharf("svc deploy -n web -e test"),
    );
}

#[test]
fn aws_is_not_reached() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}", listener.local_addr().unwrap())
    };
    let mut sandbox = Sandbox::new();
    point(&mut sandbox, &closed);
    let no_one = soon(|| sandbox.wharf("app ls"));
    point(&mut sandbox, "http://aws.invalid");
    let no_host = soon(|| sandbox.wharf("app ls"));
    insta::assert_snapshot!("unreachable", format!("{}\n{}", shown(&no_one), shown(&no_host)));
}

#[test]
fn a_region_that_does_not_exist() {
    let mut sandbox = Sandbox::new();
    point(&mut sandbox, "");
    sandbox.unset("AWS_ENDPOINT_URL").set("AWS_REGION", "eu-nowhere-7");
    let run = soon(|| sandbox.wharf("app ls"));
    insta::assert_snapshot!("wrong_region", shown(&run));
}

#[test]
fn an_application_that_is_not_there() {
    let (sandbox, _server) = shop_in(records().on("cloudformation:*", "", crate::world::no_stack()));
    expect_runs!(
        "unknown",
        sandbox.wharf("app show -n blog"),
        sandbox.wharf("env ls -a blog"),
        sandbox.wharf("svc ls -a blog"),
        sandbox.wharf("svc show -n nowhere"),
        sandbox.wharf("env show -n prod"),
        sandbox.wharf("status -n web -e prod"),
        sandbox.wharf("logs -n web -e prod"),
        sandbox.wharf("svc deploy -n web -e prod"),
        sandbox.wharf("deploy -n web -e prod"),
        sandbox.wharf("app delete -n blog --yes"),
        sandbox.wharf("env delete -n prod --yes"),
        sandbox.wharf("svc delete -n nowhere --yes"),
    );
}

#[test]
fn nothing_is_left_of_an_init_without_access() {
    let expired =
        Answer::error("ExpiredTokenException", "The security token included in the request is expired");
    let server = Script::default().on("*", "", expired).start();
    let mut sandbox = Sandbox::new();
    point(&mut sandbox, &server.url());
    sandbox.write("Dockerfile", "FROM scratch\nEXPOSE 80\n");
    let init = sandbox.wharf("init --app shop --name web --type 'Load Balanced Web Service' --dockerfile Dockerfile --deploy=false");
    assert!(!sandbox.work().join("wharf").exists());
    let sandbox_with = {
        let mut sandbox = shop();
        point(&mut sandbox, &server.url());
        sandbox
    };
    let env = sandbox_with.wharf("env init --name prod --default-config");
    let svc = sandbox_with.wharf("svc init --name back --svc-type 'Backend Service' --image nginx");
    assert!(!sandbox_with.work().join("wharf/environments/prod").exists());
    assert!(!sandbox_with.work().join("wharf/back").exists());
    expect_runs!("nothing_half_done", init, env, svc);
}
