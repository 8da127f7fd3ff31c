//! Two deployments at the same time: both end well, or one says that somebody else is at it; what comes next goes on.

use std::process::{Output, Stdio};

use crate::played::{Played, STEPS};
use crate::proxy::Act;

/// Runs commands at the same time, the second a moment later.
fn together(played: &Played, commands: [&str; 2], later: u64) -> [Output; 2] {
    let sandbox = &played.emulator.sandbox;
    let start = |command: &str| {
        let words = shell_words::split(command).unwrap();
        let mut process = sandbox.command(&sandbox.work());
        process.args(words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let first = start(commands[0]);
    std::thread::sleep(std::time::Duration::from_millis(later));
    let second = start(commands[1]);
    [first, second].map(|process| process.wait_with_output().unwrap())
}

#[test]
fn the_same_service_twice_at_once() {
    let Some(played) = Played::after(5) else { return };
    let deploy = STEPS[5].command;
    // New, then changed, at several distances from each other.
    for (round, later) in [0, 150, 400, 900].into_iter().enumerate() {
        let rounds = [deploy, deploy];
        for output in together(&played, rounds, later) {
            let text = String::from_utf8_lossy(&output.stderr);
            let busy = text.contains("being changed by someone else");
            assert!(output.status.success() || busy, "round {round}: {text}");
        }
        let after = played.run(deploy, |_, _| Act::Pass).ends(0);
        assert!(after.contains("nothing to change"), "round {round}: {after}");
        let inventory = played.inventory();
        assert!(inventory.contains("\nstack crash-test-web COMPLETE\n"), "{inventory}");
        assert!(!inventory.contains("open change sets"), "{inventory}");
        played.emulator.sandbox.write("Dockerfile", format!("FROM scratch\nLABEL round={round}\n"));
    }
}

#[test]
fn two_services_that_change_the_environment_at_once() {
    let Some(played) = Played::after(5) else { return };
    let outputs = together(&played, [STEPS[5].command, STEPS[6].command], 0);
    for output in outputs {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}
