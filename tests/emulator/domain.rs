//! An application with a domain, over two accounts and two regions.

use crate::support::Emulator;

/// Names of the records of a type, without those that validate certificates.
fn names(records: &[String], kind: &str) -> Vec<String> {
    let mut names: Vec<String> = records
        .iter()
        .filter_map(|record| record.strip_suffix(&format!(" {kind}")))
        .map(|name| name.trim_end_matches('.').to_owned())
        .filter(|name| !name.starts_with('_'))
        .collect();
    names.sort();
    names
}

#[test]
fn names_in_two_accounts_and_back_to_nothing() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    let other = Emulator::other_account();
    emulator.write_probe("web");
    // Zones are found across accounts: each run has a domain of its own.
    let domain = format!("d{}.example", emulator.account);

    let missing = sandbox.wharf(&format!("app init shop --domain {domain}")).expect(1);
    assert!(missing.stderr.contains("there is no public hosted zone"), "{}", missing.transcript());
    let root = emulator.make_zone(&domain);
    let before = emulator.records(&emulator.account, &root);

    let made = sandbox.wharf(&format!("app init shop --domain {domain}")).expect(0);
    assert!(made.stderr.contains(&format!("shop.{domain}")), "{}", made.transcript());
    let different = sandbox.wharf("app init shop --domain example.org").expect(1);
    assert!(different.stderr.contains(&domain), "{}", different.transcript());
    sandbox.wharf("env init --name test --default-config").ends(0);
    sandbox
        .wharf(&format!(
            "env init --name prod --default-config --region eu-west-1 --aws-access-key-id {other} \
             --aws-secret-access-key test"
        ))
        .ends(0);
    sandbox
        .wharf(
            "svc init --name web --svc-type 'Load Balanced Web Service' --dockerfile web/Dockerfile --port 8080",
        )
        .ends(0);
    sandbox.write("dist/index.html", "<h1>docs</h1>\n");
    sandbox.wharf("svc init --name docs --svc-type 'Static Site' --sources dist").ends(0);
    let site = sandbox.read("wharf/docs/manifest.yml");
    sandbox.write(
        "wharf/docs/manifest.yml",
        format!("{site}\nenvironments:\n  prod:\n    http:\n      alias: docs.{domain}\n"),
    );
    let manifest = sandbox.read("wharf/web/manifest.yml");
    let aliases = |test: &str| {
        format!(
            "{manifest}\nenvironments:\n  test:\n    http:\n      alias: [{test}]\n  prod:\n    http:\n      alias: www.{domain}\n      \
             additional_rules:\n        - path: /v1\n          alias: v1.shop.{domain}\n    nlb:\n      port: 8443/tls\n      \
             target_port: 8080\n      alias: tcp.{domain}\n"
        )
    };
    sandbox.write("wharf/web/manifest.yml", aliases(&format!("{domain}, web.test.shop.{domain}")));
    for env in ["test", "prod"] {
        sandbox.wharf(&format!("env deploy --name {env}")).ends(0);
    }

    // A name of another environment is refused before anything is built.
    sandbox.write("wharf/web/manifest.yml", aliases(&format!("web.prod.shop.{domain}")));
    let refused = sandbox.wharf("svc deploy --name web --env test").expect(1);
    assert!(refused.stderr.contains("is no name of shop in test"), "{}", refused.transcript());
    assert!(!refused.stderr.contains("Build"), "{}", refused.transcript());

    sandbox.write("wharf/web/manifest.yml", aliases(&format!("{domain}, web.test.shop.{domain}")));
    for (env, url) in [("test", format!("https://{domain}")), ("prod", format!("https://www.{domain}"))] {
        let deployed = sandbox.wharf(&format!("svc deploy --name web --env {env}")).expect(0);
        assert!(deployed.stdout.contains(&url), "{}", deployed.transcript());
    }
    // A site has a name in its environment's zone unless its manifest names it.
    for (env, host) in [("test", format!("docs.test.shop.{domain}")), ("prod", format!("docs.{domain}"))] {
        let deployed = sandbox.wharf(&format!("svc deploy --name docs --env {env}")).expect(0);
        assert!(deployed.stdout.contains(&format!("https://{host}")), "{}", deployed.transcript());
    }
    let records = emulator.records(&emulator.account, &root);
    assert_eq!(
        names(&records, "A"),
        [domain.clone(), format!("docs.{domain}"), format!("tcp.{domain}"), format!("www.{domain}")]
    );
    let again = sandbox.wharf("svc deploy --name web --env test").expect(0);
    assert!(!again.stderr.contains("Write the records"), "{}", again.transcript());

    // An alias that is gone from the manifest is gone from its zone; the one that stays is not touched.
    sandbox.write("wharf/web/manifest.yml", aliases(&format!("web.test.shop.{domain}")));
    sandbox.wharf("svc deploy --name web --env test").ends(0);
    let records = emulator.records(&emulator.account, &root);
    assert_eq!(
        names(&records, "A"),
        [format!("docs.{domain}"), format!("tcp.{domain}"), format!("www.{domain}")]
    );

    for name in ["web", "docs"] {
        sandbox.wharf(&format!("svc delete --name {name} --env prod --yes")).ends(0);
    }
    assert!(names(&emulator.records(&emulator.account, &root), "A").is_empty());
    sandbox.wharf("env delete --name prod --yes").ends(0);
    for region in ["eu-west-1", "us-east-1"] {
        assert_eq!(emulator.leftovers_in(&other, region), Vec::<String>::new(), "{region}");
    }

    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
    for region in ["eu-west-1", "us-east-1"] {
        assert_eq!(emulator.leftovers_in(&emulator.account, region), Vec::<String>::new(), "{region}");
    }
    assert_eq!(emulator.records(&emulator.account, &root), before);
}

/// An application `shop` with a domain of its own and the environment `test`; the domain and its root zone.
fn shop_with_domain(emulator: &Emulator) -> (String, String) {
    let domain = format!("d{}.example", emulator.account);
    let root = emulator.make_zone(&domain);
    emulator.sandbox.wharf(&format!("app init shop --domain {domain}")).ends(0);
    emulator.sandbox.wharf("env init --name test --default-config").ends(0);
    (domain, root)
}

/// Somebody's own records in the zones of an application and of its environment: Route 53 would keep the zones when half of the rest
/// is gone, so nothing goes before they are moved away.
#[test]
fn zones_with_records_of_others_are_not_begun_to_be_deleted() {
    let Some(emulator) = Emulator::played() else { return };
    let sandbox = &emulator.sandbox;
    let (domain, root) = shop_with_domain(&emulator);
    sandbox.wharf("env deploy --name test").ends(0);
    let zone = emulator.resources("shop-test")["EnvironmentHostedZone"].0.clone();
    let app_zone = emulator.resources("shop-infrastructure-roles")["AppHostedZone"].0.clone();
    let (mail, text) = (format!("mail.test.shop.{domain}"), format!("shop.{domain}"));
    emulator.change_record(&zone, "UPSERT", &mail, "MX", "10 mx.example.");
    emulator.change_record(&app_zone, "UPSERT", &text, "TXT", "&quot;mine&quot;");
    let (before, records) = (emulator.leftovers(), emulator.records(&emulator.account, &app_zone));

    for line in ["env delete --name test", "env delete --name test --yes"] {
        let refused = sandbox.wharf(line).expect(1);
        assert!(refused.stderr.contains(&format!("MX of {mail}")), "{}", refused.transcript());
    }
    for line in ["app delete", "app delete --yes"] {
        let refused = sandbox.wharf(line).expect(1);
        assert!(refused.stderr.contains(&format!("TXT of {text}")), "{}", refused.transcript());
    }
    assert_eq!(emulator.leftovers(), before);
    assert_eq!(emulator.records(&emulator.account, &app_zone), records);

    emulator.change_record(&app_zone, "DELETE", &text, "TXT", "&quot;mine&quot;");
    sandbox.wharf("app delete --yes").ends(1);
    assert_eq!(emulator.leftovers(), before);
    emulator.change_record(&zone, "DELETE", &mail, "MX", "10 mx.example.");
    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
    assert_eq!(emulator.records(&emulator.account, &root).len(), 2);
}

#[test]
fn a_site_and_a_service_on_app_runner_change_their_names() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    emulator.write_probe("web");
    sandbox.write("dist/index.html", "<h1>docs</h1>\n");
    let (domain, root) = shop_with_domain(&emulator);
    sandbox.wharf("env deploy --name test").ends(0);
    sandbox.wharf("svc init --name docs --svc-type 'Static Site' --sources dist").ends(0);
    sandbox
        .wharf(
            "svc init --name web --svc-type 'Request-Driven Web Service' --ingress-type Internet --dockerfile \
             web/Dockerfile --port 8080",
        )
        .ends(0);
    let site = sandbox.read("wharf/docs/manifest.yml");
    let service = |alias: &str| {
        format!(
            "name: web\ntype: Request-Driven Web Service\nimage:\n  build: web/Dockerfile\n  port: 8080\nhttp:\n  alias: {alias}\n\
             cpu: 256\nmemory: 512\n"
        )
    };
    let at_root = |kind: &str| names(&emulator.records(&emulator.account, &root), kind);

    // App Runner takes names one label below the root domain; others are refused before anything is built.
    sandbox.write("wharf/web/manifest.yml", service(&format!("web.test.shop.{domain}")));
    let refused = sandbox.wharf("svc deploy --name web --env test").expect(1);
    assert!(
        refused.stderr.contains("is no name that a service on App Runner can have"),
        "{}",
        refused.transcript()
    );
    sandbox.write("wharf/web/manifest.yml", service(&format!("web.{domain}")));
    let deployed = sandbox.wharf("deploy --all --env test").expect(0);
    for host in [format!("https://web.{domain}"), format!("https://docs.test.shop.{domain}")] {
        assert!(deployed.stdout.contains(&host), "{}", deployed.transcript());
    }
    assert_eq!(at_root("CNAME"), [format!("web.{domain}")]);
    assert_eq!(at_root("A"), Vec::<String>::new());
    let again = sandbox.wharf("deploy --all --env test").expect(0);
    for word in ["Write the records", "Remove the records", "Host name", "Certificate of"] {
        assert!(!again.stderr.contains(word), "{}", again.transcript());
    }

    // Other names: the new ones work, of the old ones nothing is left.
    sandbox.write("wharf/web/manifest.yml", service(&format!("api.{domain}")));
    sandbox.write("wharf/docs/manifest.yml", format!("{site}\nhttp:\n  alias: docs.{domain}\n"));
    let changed = sandbox.wharf("deploy --all --env test").expect(0);
    for host in [format!("https://api.{domain}"), format!("https://docs.{domain}")] {
        assert!(changed.stdout.contains(&host), "{}", changed.transcript());
    }
    assert_eq!(at_root("CNAME"), [format!("api.{domain}")]);
    assert_eq!(at_root("A"), [format!("docs.{domain}")]);
    let certificates = |region: &str| -> Vec<String> {
        let left = emulator.leftovers_in(&emulator.account, region);
        left.into_iter().filter(|left| left.starts_with("certificate ")).collect()
    };
    assert_eq!(certificates("us-east-1"), [format!("certificate docs.{domain}")]);

    // Without a name it has App Runner's; nothing of it stays behind.
    sandbox.write("wharf/web/manifest.yml", service("x").replace("http:\n  alias: x\n", ""));
    sandbox.wharf("svc deploy --name web --env test").ends(0);
    assert_eq!(at_root("CNAME"), Vec::<String>::new());
    let validating = |records: Vec<String>| records.into_iter().filter(|name| name.contains("web.")).count();
    assert_eq!(validating(emulator.records(&emulator.account, &root)), 0);

    sandbox.write("wharf/web/manifest.yml", service(&format!("api.{domain}")));
    sandbox.wharf("svc deploy --name web --env test").ends(0);
    for name in ["docs", "web"] {
        sandbox.wharf(&format!("svc delete --name {name} --env test --yes")).ends(0);
    }
    assert_eq!((at_root("A"), at_root("CNAME")), (vec![], vec![]));
    assert_eq!(certificates("us-east-1"), Vec::<String>::new());
    sandbox.wharf("app delete --yes").ends(0);
    for region in ["us-west-2", "us-east-1"] {
        assert_eq!(emulator.leftovers_in(&emulator.account, region), Vec::<String>::new(), "{region}");
    }
    assert_eq!(emulator.records(&emulator.account, &root).len(), 2);
}

#[test]
fn cloudfront_stands_before_the_load_balancer() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    emulator.write_probe("web");
    let (domain, root) = shop_with_domain(&emulator);
    let environment = |rest: &str| {
        sandbox
            .write("wharf/environments/test/manifest.yml", format!("name: test\ntype: Environment\n{rest}"));
    };
    environment("");
    sandbox.wharf("env deploy --name test").ends(0);
    sandbox
        .wharf("svc init --name web --svc-type 'Load Balanced Web Service' --dockerfile web/Dockerfile --port 8080")
        .ends(0);
    let manifest = sandbox.read("wharf/web/manifest.yml");
    let service = |more: &str| {
        assert!(manifest.contains("\nhttp:\n"), "{manifest}");
        sandbox.write("wharf/web/manifest.yml", manifest.replace("\nhttp:\n", &format!("\nhttp:\n{more}")));
    };
    service("");
    sandbox.wharf("svc deploy --name web --env test").ends(0);

    // A service without a host name can't stand behind it.
    environment("cdn: true\n");
    let refused = sandbox.wharf("env deploy --name test").expect(1);
    assert!(
        refused.stderr.contains("CloudFront can't lead to web, which has no host name"),
        "{}",
        refused.transcript()
    );
    service(&format!("  alias: www.{domain}\n"));
    sandbox.wharf("svc deploy --name web --env test").ends(0);
    sandbox.wharf("env deploy --name test").ends(0);
    let front = |emulator: &Emulator| emulator.outputs("shop-test")["CloudFrontDomainName"].0.clone();
    let target = front(&emulator);
    assert!(target.ends_with(".cloudfront.net"), "{target}");
    let zone = emulator.zone_text(&root);
    assert!(zone.contains(&target), "{zone}");
    let again = sandbox.wharf("env deploy --name test").expect(0);
    assert!(again.stderr.contains("nothing to change"), "{}", again.transcript());
    let again = sandbox.wharf("svc deploy --name web --env test").expect(0);
    assert!(!again.stderr.contains("records"), "{}", again.transcript());

    // TLS ends at CloudFront: a redirect to HTTPS would go round in circles.
    environment("cdn:\n  terminate_tls: true\nhttp:\n  public:\n    ingress:\n      cdn: true\n");
    let refused = sandbox.wharf("env deploy --name test").expect(1);
    assert!(refused.stderr.contains("round in circles"), "{}", refused.transcript());
    service(&format!("  alias: www.{domain}\n  redirect_to_https: false\n"));
    sandbox.wharf("svc deploy --name web --env test").ends(0);
    sandbox.wharf("env deploy --name test").ends(0);

    // Without it, names lead to the load balancer again, and its certificate goes.
    environment("");
    let held = sandbox.wharf("env deploy --name test").expect(5);
    assert!(held.stderr.contains("--allow-replace CloudFrontDistribution"), "{}", held.transcript());
    sandbox.wharf("env deploy --name test --allow-replace CloudFrontDistribution").ends(0);
    let zone = emulator.zone_text(&root);
    assert!(!zone.contains("cloudfront") && zone.contains(&format!("www.{domain}")), "{zone}");
    let left = emulator.leftovers_in(&emulator.account, "us-east-1");
    assert!(!left.iter().any(|left| left.starts_with("certificate ")), "{left:?}");

    sandbox.wharf("svc delete --name web --yes").ends(0);
    sandbox.wharf("app delete --yes").ends(0);
    for region in ["us-west-2", "us-east-1"] {
        assert_eq!(emulator.leftovers_in(&emulator.account, region), Vec::<String>::new(), "{region}");
    }
    assert_eq!(emulator.records(&emulator.account, &root).len(), 2);
}
