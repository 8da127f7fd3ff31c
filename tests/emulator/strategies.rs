//! ECS's own deployment strategies: traffic goes over in stages, and back when an alarm rings or somebody stops it.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::played::{Played, STEPS};
use crate::proxy::Act;

/// The deployment of the web service in an environment that stands, its events as JSON.
const DEPLOY: &str = "deploy --name web --env test --progress json";

/// A service that is deployed by a strategy.
struct Service {
    played: Played,
}

impl Service {
    /// Deployed once. None without the emulators.
    fn new(strategy: &str) -> Option<Self> {
        Some(Self { played: Played::after(STEPS.len() - 2)? }.with(strategy))
    }

    /// Deployed once with the strategy.
    fn with(self, strategy: &str) -> Self {
        self.played.emulator.sandbox.write(
            "wharf/web/manifest.yml",
            format!(
                "name: web\ntype: Load Balanced Web Service\nimage:\n  build: Dockerfile\n  port: 8080\nhttp:\n  path: /\ncpu: 256\n\
                 memory: 512\ncount: 2\ndeployment:\n{strategy}"
            ),
        );
        self.deploy(0);
        self
    }

    /// Another version of the image.
    fn version(&self, version: u32) {
        let text = format!("FROM scratch\nLABEL version={version}\n");
        self.played.emulator.sandbox.write("Dockerfile", text);
    }

    /// Deploys; what was told of the traffic, and everything that was said.
    fn deploy(&self, code: i32) -> (Vec<Value>, String) {
        let text = self.played.run(DEPLOY, |_, _| Act::Pass).ends(code);
        (shifts(&text), text)
    }

    /// The same, with something done once traffic is told to be in a stage.
    fn deploy_and(&self, stage: &str, mut act: impl FnMut(&std::process::Child)) -> (Option<i32>, String) {
        let mut done = false;
        let mark = format!("\"stage\":\"{stage}\"");
        let ran = self.played.poked(
            DEPLOY,
            0,
            |_, _| Act::Pass,
            |process| {
                if !done && self.played.has_said(&mark) {
                    act(process);
                    done = true;
                }
                false
            },
        );
        assert!(done, "never in {stage}: {}", ran.text);
        (ran.code, ran.text)
    }

    /// The service as `svc status --json` has it.
    fn status(&self) -> Value {
        let run = self.played.emulator.sandbox.wharf("svc status --name web --env test --json").expect(0);
        serde_json::from_str(&run.stdout).unwrap()
    }

    /// A call of CloudWatch about an alarm.
    fn alarm(&self, action: &str, form: &[&str]) {
        let account = &self.played.account;
        // Past the proxy, which stands still while a command is poked.
        let mut call = Command::new("curl");
        call.args(["-sSf", "--max-time", "30", "--aws-sigv4", "aws:amz:us-west-2:monitoring"]).args([
            "--user",
            &format!("{}:test", account.number),
            &format!("http://{}/", account.upstream),
        ]);
        let fixed = [&format!("Action={action}"), "Version=2010-08-01", "AlarmName=errors"];
        for pair in form.iter().chain(&fixed) {
            call.args(["--data-urlencode", pair]);
        }
        let output = call.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

/// What a recorded deployment told of its traffic.
fn shifts(text: &str) -> Vec<Value> {
    let events = text
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(|line| serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}")));
    events.filter(|event| event["event"] == "shift").map(|event| event["shift"].clone()).collect()
}

/// The percentages of the new version in their order, each once.
fn shares(shifts: &[Value]) -> Vec<f64> {
    let mut shares: Vec<f64> =
        shifts.iter().filter_map(|shift| shift["production"]["new"].as_f64()).collect();
    shares.dedup();
    shares
}

fn stages(shifts: &[Value]) -> Vec<&str> {
    shifts.iter().filter_map(|shift| shift["stage"].as_str()).collect()
}

#[test]
fn blue_green_goes_over_at_once_and_changes_nothing_without_a_change() {
    let Some(service) = Service::new("  strategy: blue_green\n  bake_time: 5m\n") else { return };
    service.version(2);
    let (shifts, text) = service.deploy(0);
    assert_eq!(shares(&shifts), [0.0, 100.0], "{text}");
    assert!(stages(&shifts).contains(&"BAKE_TIME"), "{text}");
    let last = shifts.last().unwrap();
    assert_eq!((&last["strategy"], &last["status"]), (&json!("BLUE_GREEN"), &json!("SUCCESSFUL")), "{text}");
    assert_eq!(last["bake_minutes"], 5, "{text}");

    let (shifts, text) = service.deploy(0);
    assert!(shifts.is_empty() && text.contains("nothing to change"), "{text}");
    assert_eq!(service.status()["Service"]["trafficShift"], Value::Null);
}

#[test]
fn a_canary_gets_its_part_first() {
    let canary = "  strategy: canary\n  bake_time: 5m\n  canary: {percent: 12.5, bake_time: 10m}\n";
    let Some(service) = Service::new(canary) else { return };
    service.version(2);
    // As people see it where there is no terminal.
    let text = service.played.run("deploy --name web --env test", |_, _| Act::Pass).ends(0);
    let place = |words: &str| text.find(words).unwrap_or_else(|| panic!("no {words:?}: {text}"));
    let told = [
        "traffic  0% new, 100% old (canary)",
        "traffic  12.5% new, 87.5% old (canary)",
        "traffic step: 10 min, then the rest follows (deployment.canary.bake_time)",
        "traffic  100% new (canary)",
        "bake time: 5 min, then the old tasks end (deployment.bake_time)",
    ];
    assert!(told.map(place).is_sorted(), "{text}");
}

#[test]
fn linear_goes_in_steps_and_can_be_watched() {
    let linear = "  strategy: linear\n  bake_time: 1m\n  linear: {step: 40, bake_time: 10m}\n";
    let Some(service) = Service::new(linear) else { return };
    service.version(2);
    service.played.run("deploy --name web --env test --detach", |_, _| Act::Pass).ends(0);
    let until = Instant::now() + Duration::from_secs(60);
    let shift = loop {
        let status = service.status();
        let shift = &status["Service"]["trafficShift"];
        if shift["newPercent"] == 40.0 {
            break shift.clone();
        }
        assert!(Instant::now() < until, "{status}");
        std::thread::sleep(Duration::from_millis(50));
    };
    assert_eq!((&shift["strategy"], &shift["oldPercent"]), (&json!("LINEAR"), &json!(60.0)), "{shift}");
    assert_eq!((&shift["stepPercent"], &shift["stepBakeMinutes"]), (&json!(40.0), &json!(10)), "{shift}");
    let text = service.played.run("watch --name web --env test --progress json", |_, _| Act::Pass).ends(0);
    let shifts = shifts(&text);
    assert!(shares(&shifts).ends_with(&[80.0, 100.0]), "{text}");
    assert_eq!(shifts.last().unwrap()["status"], "SUCCESSFUL", "{text}");
}

#[test]
fn an_alarm_in_the_bake_time_takes_it_back_and_is_named() {
    let strategy = "  strategy: blue_green\n  bake_time: 10m\n  rollback_alarms: [errors]\n";
    let Some(played) = Played::after(STEPS.len() - 2) else { return };
    let alarm = Service { played };
    let metric = [
        "MetricName=Errors",
        "Namespace=Shop",
        "Statistic=Sum",
        "Period=60",
        "EvaluationPeriods=1",
        "Threshold=5",
        "ComparisonOperator=GreaterThanThreshold",
        "TreatMissingData=notBreaching",
    ];
    alarm.alarm("PutMetricAlarm", &metric);
    let service = alarm.with(strategy);
    service.version(2);
    let before = service.status()["Service"]["taskDefinition"].clone();
    let (code, text) = service.deploy_and("BAKE_TIME", |_| {
        service.alarm(
            "SetAlarmState",
            &["StateValue=ALARM", "StateReason=Threshold Crossed: 7 errors in a minute"],
        );
    });
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("alarm errors went off in the bake time of the deployment of crash-test-web"),
        "{text}"
    );
    assert!(text.contains("Threshold Crossed: 7 errors in a minute"), "{text}");
    assert!(text.contains("\"code\":\"alarm\""), "{text}");
    let shifts = shifts(&text);
    let back = shifts
        .iter()
        .find(|shift| shift["status"] == "ROLLBACK_SUCCESSFUL")
        .unwrap_or_else(|| panic!("{text}"));
    assert_eq!((&back["ringing"], &back["production"]["new"]), (&json!(["errors"]), &json!(0.0)), "{text}");
    // What ran goes on running, and the way is free for the next version.
    let status = service.status();
    assert_eq!(
        (&status["Service"]["taskDefinition"], &status["Service"]["runningCount"]),
        (&before, &json!(2))
    );
    service.alarm("SetAlarmState", &["StateValue=OK", "StateReason=well again"]);
    service.version(3);
    let (shifts, text) = service.deploy(0);
    assert_eq!(shifts.last().unwrap()["status"], "SUCCESSFUL", "{text}");
}

#[test]
fn ctrl_c_in_the_bake_time_brings_the_traffic_back() {
    let Some(service) = Service::new("  strategy: blue_green\n  bake_time: 10m\n") else { return };
    let before = service.status()["Service"]["taskDefinition"].clone();
    service.version(2);
    let (code, text) = service.deploy_and("BAKE_TIME", |process| {
        let status = Command::new("kill").args(["-INT", &process.id().to_string()]).status().unwrap();
        assert!(status.success());
    });
    assert_eq!(code, Some(130), "{text}");
    assert!(
        text.contains("Traffic (100% new) goes back to the old version, whose tasks still run."),
        "{text}"
    );
    let status = service.status();
    assert_eq!(
        (&status["Service"]["taskDefinition"], &status["Service"]["runningCount"]),
        (&before, &json!(2))
    );
    assert_eq!(status["Service"]["trafficShift"], Value::Null, "{status}");
    let (shifts, text) = service.deploy(0);
    assert_eq!(shares(&shifts), [0.0, 100.0], "{text}");
}
