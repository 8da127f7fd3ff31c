//! Names that a deployment takes from a workload: they answer until the next ones do, come back after a failure, and are found
//! again by the next deployment when one was stopped. What the user has made by hand stays.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::inventory::Account;
use crate::played::Played;
use crate::proxy::Act;

/// Manifests of three workloads with names of their own.
impl Played {
    /// Writes the manifest of a service behind both load balancers, or without a network load balancer; `more` are further
    /// lines of it.
    pub fn write_web(&self, http: &str, network: Option<&str>, more: &str) {
        let domain = &self.domain;
        let network = network.map_or_else(String::new, |alias| {
            format!("nlb:\n  port: 8443/tls\n  target_port: 8080\n  alias: {alias}.{domain}\n")
        });
        let manifest = format!(
            "name: web\ntype: Load Balanced Web Service\nimage: {{location: example.com/good:1, port: 8080}}\ncpu: 256\n\
             memory: 512\ncount: 1\nhttp:\n  path: /\n  alias: [{http}.{domain}, web.test.names.{domain}]\n{network}{more}"
        );
        self.emulator.sandbox.write("wharf/web/manifest.yml", manifest);
    }

    /// Writes the manifest of a site with host names, and with the certificate that was imported for them or without one.
    pub fn write_docs(&self, aliases: &[&str], certificate: Option<&str>) {
        let hosts: Vec<String> = aliases.iter().map(|alias| format!("{alias}.{}", self.domain)).collect();
        let certificate = certificate.map_or_else(String::new, |arn| format!(", certificate: \"{arn}\""));
        let manifest = format!(
            "name: docs\ntype: Static Site\nhttp: {{alias: [{}]{certificate}}}\nfiles: [{{source: dist, recursive: true}}]\n",
            hosts.join(", ")
        );
        self.emulator.sandbox.write("wharf/docs/manifest.yml", manifest);
    }

    /// Writes the manifest of a service on App Runner with a host name, or without one.
    pub fn write_run(&self, alias: Option<&str>) {
        let http =
            alias.map_or_else(String::new, |alias| format!("http: {{alias: {alias}.{}}}\n", self.domain));
        let manifest = format!(
            "name: run\ntype: Request-Driven Web Service\nimage: {{location: public.ecr.aws/good/good:1, port: 8080}}\n\
             {http}cpu: 256\nmemory: 512\n"
        );
        self.emulator.sandbox.write("wharf/run/manifest.yml", manifest);
    }
}

/// An application `names` with a domain, its environment `test`, and the root zone's id.
struct Shop {
    played: Played,
    zone: String,
}

impl Shop {
    /// With these of the workloads `web`, `docs` and `run`. None without the emulators.
    fn new(workloads: &[&str]) -> Option<Self> {
        let played = Played::new()?;
        let zone = played.emulator.make_zone(&played.domain);
        played.emulator.sandbox.write("dist/index.html", "<h1>docs</h1>\n");
        played
            .emulator
            .sandbox
            .write("wharf/environments/test/manifest.yml", "name: test\ntype: Environment\n");
        for name in workloads {
            match *name {
                "web" => played.write_web("www", Some("tcp"), ""),
                "docs" => played.write_docs(&["docs"], None),
                _ => played.write_run(Some("run")),
            }
        }
        let shop = Self { played, zone };
        shop.run("app init names --domain {domain}", 0);
        shop.run("env init --name test", 0);
        for name in workloads {
            shop.run(&format!("svc init --name {name}"), 0);
        }
        shop.run("env deploy --name test", 0);
        Some(shop)
    }

    #[track_caller]
    fn run(&self, command: &str, code: i32) -> String {
        self.played.run(command, |_, _| Act::Pass).ends(code)
    }

    /// Deploys a workload; the command must end with the code.
    #[track_caller]
    fn deploy(&self, name: &str, code: i32) -> String {
        self.run(&format!("svc deploy --name {name} --env test"), code)
    }

    /// Deploys a workload and kills that before its first call of this action.
    #[track_caller]
    fn kill(&self, name: &str, at: &'static str) {
        let command = format!("svc deploy --name {name} --env test");
        let ran = self
            .played
            .run(&command, move |_, action| if action == at { Act::KillBefore } else { Act::Pass });
        assert_eq!(ran.code, None, "{at} is not called\n{}", ran.text);
    }

    /// Deploys a workload and kills that once it has written records after this many changes of stacks.
    #[track_caller]
    fn kill_at_change(&self, name: &str, changes: usize) {
        let command = format!("svc deploy --name {name} --env test");
        let (mut changed, mut written) = (0, false);
        let ran = self.played.run(&command, move |_, action| {
            changed += usize::from(action == "cloudformation:ExecuteChangeSet");
            let writes = changed >= changes && action.starts_with("route53:POST");
            // The first write after the change is that of the new name.
            if writes && std::mem::replace(&mut written, true) { Act::KillBefore } else { Act::Pass }
        });
        assert_eq!(ran.code, None, "{}", ran.text);
    }

    /// First labels of the names that have a record of the type in the root zone, without those that validate certificates.
    fn records(&self, kind: &str) -> Vec<String> {
        let emulator = &self.played.emulator;
        first_labels(&emulator.records(&emulator.account, &self.zone), kind)
    }

    /// First labels of the root zone's address records just before each change of a stack, while a workload is deployed.
    fn watched(&self, command: &str) -> Vec<Vec<String>> {
        let (seen, zone) = (Arc::new(Mutex::new(vec![])), self.zone.clone());
        let Account { upstream, number } = &self.played.account;
        let (account, all) = (Account { upstream: upstream.clone(), number: number.clone() }, seen.clone());
        let ran = self.played.run(command, move |_, action| {
            if action == "cloudformation:ExecuteChangeSet" {
                all.lock().unwrap().push(first_labels(&account.records(&zone), "A"));
            }
            Act::Pass
        });
        ran.ends(0);
        seen.lock().unwrap().clone()
    }

    /// Names of the certificates of a region that wharf has requested, sorted, each without the domain.
    fn certificates(&self, region: &str) -> Vec<String> {
        let suffix = format!(".{}", self.played.domain);
        let mut all: Vec<String> = self
            .played
            .account
            .certificates(region)
            .iter()
            .filter(|one| one["Type"] == "AMAZON_ISSUED")
            .map(|one| {
                let names = one["SubjectAlternativeNames"].as_array().unwrap().iter();
                let mut names: Vec<_> =
                    names.map(|name| name.as_str().unwrap().replace(&suffix, "")).collect();
                names.sort();
                names.join(" ")
            })
            .collect();
        all.sort();
        all
    }

    /// Answers of App Runner.
    fn app_runner(&self, operation: &str, body: &Value) -> Value {
        let target = format!("X-Amz-Target: AppRunner.{operation}");
        let headers = [&*target, "Content-Type: application/x-amz-json-1.0"];
        let text = self.played.emulator.own("apprunner", &headers, &body.to_string());
        serde_json::from_str(&text).unwrap_or_else(|_| panic!("{operation}: {text}"))
    }

    fn service(&self) -> Value {
        self.app_runner("ListServices", &json!({}))["ServiceSummaryList"][0]["ServiceArn"].clone()
    }

    /// First labels of the host names of the service on App Runner, sorted.
    fn associated(&self) -> Vec<String> {
        let found = self.app_runner("DescribeCustomDomains", &json!({"ServiceArn": self.service()}));
        let names = found["CustomDomains"].as_array().unwrap().iter();
        let mut names: Vec<String> =
            names.map(|one| first_label(one["DomainName"].as_str().unwrap()).to_owned()).collect();
        names.sort();
        names
    }

    /// A log group with which no stack can make one of the same name.
    fn take(&self, group: &str, taken: bool) {
        let operation = if taken { "CreateLogGroup" } else { "DeleteLogGroup" };
        let target = format!("X-Amz-Target: Logs_20140328.{operation}");
        let body = json!({"logGroupName": group}).to_string();
        self.played.emulator.own("logs", &[&*target, "Content-Type: application/x-amz-json-1.1"], &body);
    }

    /// Has a workload's stack make a log group of this name, or makes it be without one.
    fn patch(&self, workload: &str, group: Option<&str>) {
        let folder = format!("wharf/{workload}/overrides");
        match group {
            None => std::fs::remove_dir_all(self.played.emulator.sandbox.work().join(folder)).unwrap(),
            Some(group) => {
                let patch = format!(
                    "- op: add\n  path: /Resources/Taken\n  value:\n    Type: AWS::Logs::LogGroup\n    Properties:\n      \
                     LogGroupName: {group}\n"
                );
                self.played.emulator.sandbox.write(&format!("{folder}/cfn.patches.yml"), patch);
            }
        }
    }

    /// Deletes everything; nothing is left but the root zone, and certificates that were imported.
    #[track_caller]
    fn end(&self) {
        self.run("app delete --yes", 0);
        let emulator = &self.played.emulator;
        for region in ["us-west-2", "us-east-1"] {
            assert_eq!(self.certificates(region), Vec::<String>::new());
            let left = emulator.leftovers_in(&emulator.account, region);
            let left: Vec<String> = left.into_iter().filter(|one| !one.starts_with("certificate ")).collect();
            assert_eq!(left, Vec::<String>::new(), "{region}");
        }
        assert_eq!(
            emulator.records(&emulator.account, &self.zone).len(),
            2,
            "{}",
            emulator.zone_text(&self.zone)
        );
    }
}

fn first_label(name: &str) -> &str {
    name.split('.').next().unwrap_or(name)
}

fn first_labels(records: &[String], kind: &str) -> Vec<String> {
    let mut labels: Vec<String> = records
        .iter()
        .filter_map(|record| record.strip_suffix(&format!(" {kind}")))
        .filter(|name| !name.starts_with('_'))
        .map(|name| first_label(name).to_owned())
        .collect();
    labels.sort();
    labels
}

const NO_BALANCER: &str = "--allow-replace NLBListener --allow-replace NetworkLoadBalancerTargetGroup --allow-replace \
                           PublicNetworkLoadBalancerV2";

#[test]
fn a_name_answers_until_the_next_one_does() {
    let Some(shop) = Shop::new(&["web", "docs"]) else { return };
    shop.deploy("web", 0);
    shop.deploy("docs", 0);
    assert_eq!(shop.records("A"), ["docs", "tcp", "www"]);

    // The balancer and the distribution live on: while their stacks change the old names lead to them.
    shop.played.write_web("www", Some("two"), "");
    shop.played.write_docs(&["pages"], None);
    assert_eq!(shop.watched("svc deploy --name web --env test"), [["docs", "tcp", "www"]]);
    assert!(
        shop.certificates("us-west-2").contains(&"tcp two web-nlb.test.names".to_owned()),
        "{:?}",
        shop.certificates("us-west-2")
    );
    assert_eq!(shop.records("A"), ["docs", "two", "www"]);
    assert_eq!(shop.watched("svc deploy --name docs --env test"), [["docs", "two", "www"]]);
    assert_eq!(shop.records("A"), ["pages", "two", "www"]);

    // The balancer goes: its record goes first, as somebody else may get what it leads to.
    shop.played.write_web("www", None, "");
    assert_eq!(shop.watched(&format!("svc deploy --name web --env test {NO_BALANCER}"))[0], ["pages", "www"]);
    assert_eq!(shop.records("A"), ["pages", "www"]);
    shop.end();
}

#[test]
fn names_are_there_after_a_failure() {
    let Some(shop) = Shop::new(&["web", "docs"]) else { return };
    shop.deploy("web", 0);
    shop.deploy("docs", 0);
    let zone = || shop.played.emulator.zone_text(&shop.zone);
    let before = zone();

    // The balancer would go, but the new tasks don't run: CloudFormation goes back, and the balancer has its name again.
    shop.played.write_web("www", None, "variables: {A: b}\n");
    let manifest = shop.played.emulator.sandbox.read("wharf/web/manifest.yml");
    shop.played.emulator.sandbox.write("wharf/web/manifest.yml", manifest.replace("good:1", "fail:1"));
    let failed = shop.run(&format!("svc deploy --name web --env test {NO_BALANCER}"), 1);
    let gone = failed.find("Remove the records of tcp.").unwrap_or_else(|| panic!("{failed}"));
    let back = failed.find("Write the records of tcp.").unwrap_or_else(|| panic!("{failed}"));
    assert!(gone < back, "{failed}");
    assert_eq!(zone(), before);
    // With the same manifest as before there is nothing to mend.
    shop.played.write_web("www", Some("tcp"), "");
    shop.deploy("web", 0);
    assert_eq!(zone(), before);

    // A site gets another name, and its stack can't be changed.
    shop.take("taken", true);
    shop.patch("docs", Some("taken"));
    shop.played.write_docs(&["pages"], None);
    shop.deploy("docs", 1);
    assert_eq!(shop.records("A"), ["docs", "tcp", "www"]);
    shop.patch("docs", None);
    shop.played.write_docs(&["docs"], None);
    let same = shop.deploy("docs", 0);
    assert!(!same.contains("records of docs."), "{same}");
    assert_eq!(zone(), before);
    shop.played.write_docs(&["pages"], None);
    shop.deploy("docs", 0);
    assert_eq!(shop.records("A"), ["pages", "tcp", "www"]);
    shop.take("taken", false);
    shop.end();
}

#[test]
fn names_are_there_after_a_rollback_that_fails() {
    let Some(shop) = Shop::new(&["web"]) else { return };
    // The first release has a log group and no network load balancer, the second one the other way round.
    shop.played.write_web("www", None, "");
    shop.patch("web", Some("taken"));
    shop.deploy("web", 0);
    shop.patch("web", None);
    shop.played.write_web("www", Some("tcp"), "");
    shop.run("svc deploy --name web --env test --allow-replace Taken", 0);
    let before = shop.played.emulator.zone_text(&shop.zone);
    assert_eq!(shop.records("A"), ["tcp", "www"]);

    // The log group's name is taken meanwhile: there is no way back.
    shop.take("taken", true);
    let rollback = format!("rollback --name web --env test --yes {NO_BALANCER}");
    let failed = shop.run(&rollback, 1);
    let gone = failed.find("Remove the records of tcp.").unwrap_or_else(|| panic!("{failed}"));
    let back = failed.find("Write the records of tcp.").unwrap_or_else(|| panic!("{failed}"));
    assert!(gone < back, "{failed}");
    assert_eq!(shop.played.emulator.zone_text(&shop.zone), before);

    shop.take("taken", false);
    shop.run(&rollback, 0);
    assert_eq!(shop.records("A"), ["www"]);
    shop.end();
}

#[test]
fn a_host_name_on_app_runner_goes_after_a_kill_and_one_made_by_hand_stays() {
    let Some(shop) = Shop::new(&["run"]) else { return };
    shop.deploy("run", 0);
    let hand = json!({"ServiceArn": shop.service(), "DomainName": format!("hand.{}", shop.played.domain),
        "EnableWWWSubdomain": false});
    shop.app_runner("AssociateCustomDomain", &hand);
    assert_eq!(shop.associated(), ["hand", "run"]);

    // The stack has the new name, App Runner still the old one. Another name on top of it: all but the last go.
    shop.played.write_run(Some("two"));
    shop.kill("run", "apprunner:AssociateCustomDomain");
    assert_eq!(
        (shop.associated(), shop.records("CNAME")),
        (vec!["hand".into(), "run".into()], vec!["run".into()])
    );
    shop.played.write_run(Some("three"));
    shop.kill("run", "apprunner:DisassociateCustomDomain");
    assert_eq!(shop.associated(), ["hand", "run", "three"]);
    shop.deploy("run", 0);
    assert_eq!(
        (shop.associated(), shop.records("CNAME")),
        (vec!["hand".into(), "three".into()], vec!["three".into()])
    );

    // Back to the old name after a kill: it is not taken away.
    shop.played.write_run(Some("four"));
    shop.kill("run", "apprunner:DisassociateCustomDomain");
    shop.played.write_run(Some("three"));
    shop.deploy("run", 0);
    assert_eq!(
        (shop.associated(), shop.records("CNAME")),
        (vec!["hand".into(), "three".into()], vec!["three".into()])
    );

    // Without a name, killed too; the deployment after it has nothing to change in the stack. Then there is nothing to do.
    shop.played.write_run(None);
    shop.kill("run", "apprunner:DisassociateCustomDomain");
    let again = shop.run("deploy --all --env test", 0);
    assert!(again.contains("Take the host name three."), "{again}");
    assert_eq!((shop.associated(), shop.records("CNAME")), (vec!["hand".into()], vec![]));
    let again = shop.run("deploy --all --env test", 0);
    assert!(!again.contains("host name"), "{again}");
    shop.run("svc delete --name run --env test --yes", 0);
    shop.end();
}

#[test]
fn a_deleted_workload_leaves_no_name_behind() {
    let Some(shop) = Shop::new(&["web", "docs"]) else { return };
    shop.played.write_docs(&["docs", "pages"], None);
    shop.deploy("docs", 0);
    assert_eq!(shop.records("A"), ["docs", "pages"]);
    // One of several names goes, whichever it is.
    shop.played.write_docs(&["docs", "paper"], None);
    shop.deploy("docs", 0);
    assert_eq!(shop.records("A"), ["docs", "paper"]);

    // Names that deployments have left, as they were killed before they removed them, go with the workload.
    shop.deploy("web", 0);
    shop.played.write_web("www", Some("two"), "");
    shop.kill_at_change("web", 1);
    shop.played.write_docs(&["docs", "other"], None);
    shop.kill_at_change("docs", 1);
    assert_eq!(shop.records("A"), ["docs", "other", "paper", "tcp", "two", "www"]);
    shop.run("svc delete --name docs --env test --yes", 0);
    assert_eq!(shop.records("A"), ["tcp", "two", "www"]);
    shop.run("svc delete --name web --env test --yes", 0);
    assert_eq!(shop.records("A"), Vec::<String>::new());
    shop.end();
}

#[test]
fn a_site_changes_to_an_imported_certificate_and_back() {
    let Some(shop) = Shop::new(&["docs"]) else { return };
    shop.deploy("docs", 0);
    let own = shop.certificates("us-east-1");
    assert_eq!(own, ["docs"]);
    let wildcard = format!("*.{}", shop.played.domain);
    let imported = shop.played.emulator.import_certificate("us-east-1", &[&wildcard]);
    let has_imported = || shop.played.emulator.certificates("us-east-1").contains(&imported);

    // The site has the imported certificate, and its own one is still there.
    shop.played.write_docs(&["docs"], Some(&imported));
    shop.kill("docs", "acm:DeleteCertificate");
    assert_eq!((shop.certificates("us-east-1"), shop.records("A")), (own.clone(), vec!["docs".into()]));
    shop.deploy("docs", 0);
    assert_eq!((shop.certificates("us-east-1"), shop.records("A")), (vec![], vec!["docs".into()]));
    assert!(has_imported());
    let validating = |shop: &Shop| shop.played.emulator.zone_text(&shop.zone).matches("<Name>_").count();
    assert_eq!(validating(&shop), 0);

    // Back: killed before the stack changes, and the change is called off; killed again, and it is carried out.
    shop.played.write_docs(&["docs"], None);
    shop.kill("docs", "cloudformation:ExecuteChangeSet");
    assert_eq!(shop.certificates("us-east-1"), own);
    shop.played.write_docs(&["docs"], Some(&imported));
    shop.deploy("docs", 0);
    assert_eq!((shop.certificates("us-east-1"), validating(&shop)), (vec![], 0));
    shop.played.write_docs(&["docs"], None);
    shop.kill("docs", "cloudformation:ExecuteChangeSet");
    shop.deploy("docs", 0);
    assert_eq!((shop.certificates("us-east-1"), shop.records("A")), (own, vec!["docs".into()]));
    assert!(has_imported() && validating(&shop) == 1);

    // A record that leads to a distribution goes with it, whoever has made its certificate.
    shop.played.write_docs(&["docs"], Some(&imported));
    shop.deploy("docs", 0);
    shop.run("svc delete --name docs --env test --yes", 0);
    assert_eq!((shop.certificates("us-east-1"), shop.records("A")), (vec![], vec![]));
    assert!(has_imported());
    shop.end();
}

#[test]
fn an_environment_changes_to_an_imported_certificate() {
    let Some(shop) = Shop::new(&["web"]) else { return };
    shop.played.write_web("www", None, "");
    shop.deploy("web", 0);
    let own = "*.test.names test.names web.test.names www";
    assert_eq!(shop.certificates("us-west-2"), [own]);
    let (below, environment) =
        (format!("*.{}", shop.played.domain), format!("*.test.names.{}", shop.played.domain));
    let imported = shop.played.emulator.import_certificate("us-west-2", &[&below, &environment]);
    let write = |more: &str| {
        let text = format!("name: test\ntype: Environment\n{more}");
        shop.played.emulator.sandbox.write("wharf/environments/test/manifest.yml", text);
    };

    // wharf's own certificate goes, also after a kill; the records stay.
    write(&format!("http: {{public: {{certificates: [\"{imported}\"]}}}}\n"));
    // The environment's own zone goes, too.
    let deploy = "env deploy --name test --allow-replace EnvironmentHostedZone";
    let killed = shop.played.run(deploy, |_, action| match action {
        "acm:DeleteCertificate" => Act::KillBefore,
        _ => Act::Pass,
    });
    assert_eq!(killed.code, None, "{}", killed.text);
    assert_eq!(shop.certificates("us-west-2"), [own]);
    shop.run(deploy, 0);
    assert_eq!((shop.certificates("us-west-2"), shop.records("A")), (vec![], vec!["www".into()]));
    assert!(shop.played.emulator.certificates("us-west-2").contains(&imported));

    // Back: the load balancer would have no certificate until the environment has its zone again.
    write("");
    assert!(shop.run("env deploy --name test", 5).contains("HTTPSListener"));
    assert_eq!(shop.records("A"), ["www"]);
}

#[test]
fn the_certificate_behind_a_changed_alias_goes_after_a_kill() {
    let Some(shop) = Shop::new(&["web"]) else { return };
    shop.played.write_web("www", None, "");
    shop.deploy("web", 0);
    let first = "*.test.names test.names web.test.names www";
    let second = "*.test.names shop test.names web.test.names www";
    assert_eq!(shop.certificates("us-west-2"), [first]);

    // The load balancer has the new certificate; killed before the old one is deleted.
    shop.played.write_web("shop", None, "");
    shop.kill("web", "acm:DeleteCertificate");
    assert_eq!(shop.certificates("us-west-2").len(), 2);
    shop.deploy("web", 0);
    assert_eq!(shop.certificates("us-west-2"), [second]);
    assert_eq!(shop.records("A"), ["shop"]);

    // Without the service its names go at once; the certificate is for them until it has to be another one.
    shop.run("svc delete --name web --env test --yes", 0);
    assert_eq!(shop.records("A"), Vec::<String>::new());
    assert_eq!(shop.certificates("us-west-2"), [second]);
    shop.played.write_web("more", None, "");
    shop.deploy("web", 0);
    assert_eq!(shop.certificates("us-west-2"), ["*.test.names more test.names web.test.names"]);
    shop.end();
}
