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
    let records = emulator.records(&emulator.account, &root);
    assert_eq!(names(&records, "A"), [domain.clone(), format!("tcp.{domain}"), format!("www.{domain}")]);
    let again = sandbox.wharf("svc deploy --name web --env test").expect(0);
    assert!(!again.stderr.contains("Write the records"), "{}", again.transcript());

    // An alias that is gone from the manifest is gone from its zone; the one that stays is not touched.
    sandbox.write("wharf/web/manifest.yml", aliases(&format!("web.test.shop.{domain}")));
    sandbox.wharf("svc deploy --name web --env test").ends(0);
    let records = emulator.records(&emulator.account, &root);
    assert_eq!(names(&records, "A"), [format!("tcp.{domain}"), format!("www.{domain}")]);

    sandbox.wharf("svc delete --name web --env prod --yes").ends(0);
    assert!(names(&emulator.records(&emulator.account, &root), "A").is_empty());
    sandbox.wharf("env delete --name prod --yes").ends(0);
    assert_eq!(emulator.leftovers_in(&other, "eu-west-1"), Vec::<String>::new());

    sandbox.wharf("app delete --yes").ends(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new());
    assert_eq!(emulator.leftovers_in(&emulator.account, "eu-west-1"), Vec::<String>::new());
    assert_eq!(emulator.records(&emulator.account, &root), before);
}
