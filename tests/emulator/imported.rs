//! Certificates that the user has imported: at the load balancer, and at CloudFront before it. wharf requests none, and leaves
//! them alone when all is gone.

use crate::support::Emulator;

const HOST: &str = "www.imported.example";

#[test]
fn imported_certificates_at_cloudfront_and_the_load_balancer() {
    let Some(emulator) = Emulator::played() else { return };
    let sandbox = &emulator.sandbox;
    let front = emulator.import_certificate("us-east-1", &[HOST]);
    let balancer = emulator.import_certificate("us-west-2", &["*.imported.example"]);
    let certificates = || [emulator.certificates("us-east-1"), emulator.certificates("us-west-2")];
    let before = certificates();
    assert_eq!(before, [vec![front.clone()], vec![balancer.clone()]]);

    sandbox.wharf("app init shop").ends(0);
    sandbox.wharf("env init --name test --default-config").ends(0);
    let environment = |cdn: &str| {
        sandbox.write(
            "wharf/environments/test/manifest.yml",
            format!("name: test\ntype: Environment\nhttp:\n  public:\n    certificates: [{balancer}]\n{cdn}"),
        );
    };
    let cdn = format!("cdn:\n  certificate: {front}\n");
    environment(&cdn);
    sandbox.wharf("env deploy --name test").ends(0);
    let service = |alias: &str| {
        sandbox.write(
            "wharf/web/manifest.yml",
            format!(
                "name: web\ntype: Load Balanced Web Service\nimage: {{location: example.com/good:1, port: 8080}}\ncpu: 256\n\
                 memory: 512\ncount: 1\nhttp:\n  path: /\n  alias: {alias}\n"
            ),
        );
    };
    service(HOST);
    sandbox.wharf("svc init --name web").ends(0);

    // What no certificate stands for is refused in its place, before anything changes.
    service("www.other.example");
    let refused = sandbox.wharf("svc deploy --name web --env test").expect(1);
    assert!(refused.stderr.contains("www.other.example"), "{}", refused.transcript());
    assert!(emulator.resources("shop-test-web").is_empty());

    service(HOST);
    sandbox.wharf("svc deploy --name web --env test").ends(0);
    let again = sandbox.wharf("svc deploy --name web --env test").expect(0);
    assert!(again.stderr.contains("nothing to change"), "{}", again.transcript());
    let again = sandbox.wharf("env deploy --name test").expect(0);
    assert!(again.stderr.contains("nothing to change"), "{}", again.transcript());
    let resources = emulator.resources("shop-test");
    for id in ["CloudFrontDistribution", "HTTPSListener"] {
        assert!(resources.contains_key(id), "{id}: {:?}", resources.keys());
    }
    assert_eq!(certificates(), before, "none is requested");
    let shown = sandbox.wharf("svc show --name web --json").expect(0);
    assert!(shown.stdout.contains(&format!("https://{HOST}")), "{}", shown.transcript());

    // Without CloudFront both certificates stay where they are.
    environment("");
    sandbox.wharf("env deploy --name test --allow-replace CloudFrontDistribution").ends(0);
    assert!(!emulator.resources("shop-test").contains_key("CloudFrontDistribution"));
    environment(&cdn);
    sandbox.wharf("env deploy --name test").ends(0);

    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(certificates(), before, "they are the user's");
    let left: Vec<String> =
        emulator.leftovers().into_iter().filter(|left| !left.starts_with("certificate ")).collect();
    assert_eq!(left, Vec::<String>::new());
}
