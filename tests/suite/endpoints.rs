//! The way to AWS: proxies, certificates, variants of endpoints, hosts that say nothing.

use std::time::Duration;

use crate::sandbox::Sandbox;
use crate::scripted::{AUTHORITY, Answer, Script, Scripted};
use crate::world::{SECRET, point, records};

/// A sandbox that reaches AWS through `proxy`, whose certificates it trusts.
fn behind(proxy: &Scripted) -> Sandbox {
    let mut sandbox = Sandbox::new();
    sandbox.write("ca.pem", AUTHORITY);
    let bundle = sandbox.work().join("ca.pem").display().to_string();
    sandbox
        .set("HTTPS_PROXY", proxy.url())
        .set("AWS_CA_BUNDLE", bundle)
        .set("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .set("AWS_SECRET_ACCESS_KEY", SECRET)
        .set("AWS_REGION", "eu-west-1");
    sandbox
}

#[test]
fn a_proxy_with_its_own_authority() {
    let proxy = records().start_as_proxy();
    let mut sandbox = behind(&proxy);
    assert_eq!(sandbox.wharf("app ls").expect(0).stdout, "shop\n");
    assert_eq!(proxy.actions(), ["CONNECT ssm.eu-west-1.amazonaws.com:443", "ssm:GetParametersByPath"]);
    // Without the bundle the certificate is not trusted, and the way out is named.
    sandbox.unset("AWS_CA_BUNDLE");
    let refused = sandbox.wharf("app ls").expect(1);
    assert!(refused.stderr.contains("is not trusted"), "{}", refused.stderr);
    assert!(refused.stderr.contains("AWS_CA_BUNDLE"), "{}", refused.stderr);
}

#[test]
fn hosts_that_need_no_proxy() {
    let server = records().start();
    let mut sandbox = Sandbox::new();
    point(&mut sandbox, &server.url());
    // Nobody listens there.
    sandbox.set("HTTP_PROXY", "http://127.0.0.1:9").set("NO_PROXY", "127.0.0.1");
    assert_eq!(sandbox.wharf("app ls").expect(0).stdout, "shop\n");
    sandbox.unset("NO_PROXY").wharf("app ls").ends(1);
}

#[test]
fn fips_and_dual_stack_endpoints() {
    for (variable, host) in [
        ("AWS_USE_FIPS_ENDPOINT", "ssm-fips.eu-west-1.amazonaws.com"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "ssm.eu-west-1.api.aws"),
    ] {
        let proxy = records().start_as_proxy();
        let mut sandbox = behind(&proxy);
        sandbox.set(variable, "true").wharf("app ls").ends(0);
        assert_eq!(proxy.actions()[0], format!("CONNECT {host}:443"));
    }
}

#[test]
fn an_endpoint_of_one_service() {
    let (server, other) = (records().start(), Script::default().start());
    let mut sandbox = Sandbox::new();
    point(&mut sandbox, &other.url());
    sandbox.set("AWS_ENDPOINT_URL_SSM", server.url()).wharf("app ls").ends(0);
    assert_eq!((server.actions().len(), other.actions().len()), (1, 0));
    sandbox.set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true").set("AWS_MAX_ATTEMPTS", "1");
    sandbox.set("HTTPS_PROXY", "http://127.0.0.1:9").wharf("app ls").ends(1);
    assert_eq!((server.actions().len(), other.actions().len()), (1, 0));
}

#[test]
fn the_environment_says_how_often_calls_are_tried() {
    for tries in [2, 1] {
        let busy = Answer::error("ThrottlingException", "Rate exceeded");
        let server = Script::default().on("*", "", busy).start();
        let mut sandbox = Sandbox::new();
        point(&mut sandbox, &server.url());
        // The mode of other tools changes nothing.
        sandbox.set("AWS_MAX_ATTEMPTS", tries.to_string()).set("AWS_RETRY_MODE", "legacy");
        sandbox.wharf("app ls").ends(1);
        assert_eq!(server.actions().len(), tries);
    }
}

#[test]
fn a_host_that_takes_requests_and_says_nothing() {
    let server = Script::default().on("*", "", Answer::Late(Duration::from_secs(20))).start();
    let mut sandbox = Sandbox::new();
    point(&mut sandbox, &server.url());
    let run = sandbox.set("WHARF_READ_TIMEOUT", "0.5").wharf("app ls").expect(1);
    let port = server.url().rsplit(':').next().unwrap().to_owned();
    // How many seconds it took is left out.
    let (_, told) = run.stderr.split_once('!').unwrap();
    insta::assert_snapshot!(told.replace(&port, "PORT"));
    assert_eq!(server.actions().len(), 3);
    let run = sandbox.set("WHARF_READ_TIMEOUT", "soon").set("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    let run = run.wharf("app ls").expect(1);
    assert!(run.stderr.contains("WHARF_READ_TIMEOUT is no number of seconds: soon"), "{}", run.stderr);
}
