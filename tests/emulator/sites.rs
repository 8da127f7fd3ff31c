//! A Static Site from nothing to a page, through changes, and back to nothing.

use crate::support::Emulator;

const PAGE: &str = "<!doctype html><script src=\"/js/app.js\"></script><h1>first</h1>\n";

/// What a browser gets of a path of the site: status and body, from CloudFront's cache or the bucket.
fn fetch(emulator: &Emulator, distribution: &str, path: &str) -> (u16, String) {
    let endpoint = &emulator.sandbox.variables()["AWS_ENDPOINT_URL"];
    let url = format!("{endpoint}/_wharf/cloudfront/{}/{distribution}{path}", emulator.account);
    let output = std::process::Command::new("curl")
        .args(["-sS", "--max-time", "30", "-w", "\n%{content_type}\n%{http_code}", &url])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (rest, status) = text.rsplit_once('\n').unwrap();
    let (body, kind) = rest.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), format!("{kind}|{body}"))
}

fn status(emulator: &Emulator) -> serde_json::Value {
    let run = emulator.sandbox.wharf("svc status -n docs -e test --json").expect(0);
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn a_site_is_published_changed_and_deleted() {
    let Some(emulator) = Emulator::new() else { return };
    let sandbox = &emulator.sandbox;
    sandbox
        .write("dist/index.html", PAGE)
        .write("dist/js/app.js", "first()\n")
        .write("dist/guide/index.html", "<h1>guide</h1>\n");

    // Init to deploy in one go, without a single question; all files go up, pages last.
    let first = sandbox.wharf(
        "init --app shop --name docs --type 'Static Site' --sources dist --env test --deploy --progress json",
    );
    let first = first.expect(0).transcript();
    let is_upload = |line: &&str| line.contains("step_progress") && line.contains("upload shop-test-docs");
    let order: Vec<&str> = first.lines().filter(is_upload).collect();
    assert_eq!(order.len(), 3, "{first}");
    assert!(order[0].contains("js/app.js"), "{order:?}");
    assert!(first.contains("files: 3 new"), "{first}");
    let seen = status(&emulator);
    assert_eq!(seen["totalObjects"], 3, "{seen}");
    let distribution = seen["distribution"].as_str().unwrap();
    let page = (200, format!("text/html; charset=utf-8|{PAGE}"));
    assert_eq!(fetch(&emulator, distribution, "/"), page);
    assert_eq!(fetch(&emulator, distribution, "/guide").1, "text/html; charset=utf-8|<h1>guide</h1>\n");
    assert_eq!(fetch(&emulator, distribution, "/js/app.js").1, "text/javascript; charset=utf-8|first()\n");

    // Nothing changed but for a file that is left out: nothing is sent.
    let manifest = sandbox.read("wharf/docs/manifest.yml");
    let excluding = manifest.replace("    recursive: true\n", "    recursive: true\n    exclude: '*.map'\n");
    assert_ne!(manifest, excluding);
    sandbox.write("wharf/docs/manifest.yml", &excluding).write("dist/js/app.js.map", "not for the public\n");
    let again = sandbox.wharf("svc deploy -n docs -e test").expect(0).transcript();
    assert!(again.contains("nothing to change"), "{again}");
    assert!(!again.contains("file of site") && !again.contains("caches"), "{again}");
    assert_eq!(fetch(&emulator, distribution, "/js/app.js.map").0, 403);

    // One file changes, one goes, one comes: only these move, and caches forget what they had.
    sandbox.write("dist/js/app.js", "second()\n").write("dist/new.txt", "new\n");
    std::fs::remove_dir_all(sandbox.work().join("dist/guide")).unwrap();
    let difference = sandbox.wharf("svc package -n docs -e test --diff").expect(1);
    let files: Vec<&str> = difference.stdout.lines().rev().take(3).collect();
    assert_eq!(files, ["- guide/index.html", "~ js/app.js", "+ new.txt"], "{}", difference.transcript());
    let second = sandbox.wharf("svc deploy -n docs -e test").expect(0).transcript();
    assert!(second.contains("files: 1 new, 1 changed, 1 gone, 1 as they were"), "{second}");
    assert!(second.contains("Upload 2 files") && second.contains("caches"), "{second}");
    assert_eq!(fetch(&emulator, distribution, "/js/app.js").1, "text/javascript; charset=utf-8|second()\n");
    assert_eq!(fetch(&emulator, distribution, "/new.txt").0, 200);
    assert_eq!(fetch(&emulator, distribution, "/guide").0, 403);
    assert_eq!(fetch(&emulator, distribution, "/"), page);

    // A stack that changes without its files, and files that are seen.
    sandbox.write(
        "wharf/docs/overrides/cfn.patches.yml",
        "- op: add\n  path: /Resources/CloudFrontDistribution/Properties/DistributionConfig/Comment\n  value: patched\n",
    );
    let third = sandbox.wharf("deploy --name docs --env test --force").expect(0).transcript();
    assert!(third.contains("its files are as they were"), "{third}");
    let shown = sandbox.wharf("svc show -n docs --resources").expect(0);
    assert!(shown.stdout.contains("app.js") && shown.stdout.contains("https://"), "{}", shown.transcript());

    // Gone, with its files; nothing of the application is left in the account.
    let gone = sandbox.wharf("svc delete -n docs --yes").expect(0);
    assert!(gone.stderr.contains("Empty the bucket"), "{}", gone.transcript());
    let rest = sandbox.wharf("app delete --yes").expect(0);
    assert_eq!(emulator.leftovers(), Vec::<String>::new(), "{}", rest.transcript());
}
