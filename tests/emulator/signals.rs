//! Ctrl-C at every stage of a deployment: once undoes in order, twice leaves at once and says what goes on.

use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::played::{Played, Ran, STEPS};
use crate::proxy::Act;

/// The deployment of the first service in an environment that stands.
const DEPLOY: usize = 5;

fn interrupt(process: &Child) {
    let status = Command::new("kill").args(["-INT", &process.id().to_string()]).status().unwrap();
    assert!(status.success());
}

/// Runs a command and interrupts it `times`, the first time once `ready`.
fn interrupted(
    played: &Played,
    command: &str,
    times: u32,
    hold: usize,
    rule: impl FnMut(usize, &str) -> Act + Send + 'static,
    ready: impl Fn() -> bool,
) -> (Ran, Duration) {
    let (mut sent, mut last) = (0, Instant::now());
    let ran = played.poked(command, hold, rule, |process| {
        // The second comes once the first was heard.
        let due = if sent == 0 { ready() } else { played.has_said("Interrupt once more") };
        if sent < times && due {
            interrupt(process);
            (sent, last) = (sent + 1, Instant::now());
        }
        false
    });
    assert_eq!(sent, times, "was over before: {}", ran.text);
    (ran, last.elapsed())
}

/// A rule that only looks, and whether it has seen `action`.
fn seen(wanted: &'static str) -> (impl FnMut(usize, &str) -> Act + Send + 'static, impl Fn() -> bool) {
    let flag = Arc::new(AtomicBool::new(false));
    let mine = flag.clone();
    let rule = move |_: usize, action: &str| {
        if action == wanted {
            mine.store(true, Ordering::Relaxed);
        }
        Act::Pass
    };
    (rule, move || flag.load(Ordering::Relaxed))
}

#[test]
fn ctrl_c_cancels_once_and_leaves_twice() {
    let Some(played) = Played::after(DEPLOY) else { return };
    let command = STEPS[DEPLOY].command;
    let stack = |played: &Played| {
        let inventory = played.inventory();
        inventory.lines().find(|line| line.starts_with("stack crash-test-web ")).map(str::to_owned)
    };

    // While the image builds: nothing has changed, so once is enough.
    let (ran, took) = interrupted(&played, command, 1, 4, |_, _| Act::Pass, || played.is_held());
    assert_eq!(ran.code, Some(130), "{}", ran.text);
    assert!(took < Duration::from_secs(5), "{took:?}: {}", ran.text);
    assert_eq!(stack(&played), None);

    // While the stack is made, once: it is gone again.
    let (rule, ready) = seen("cloudformation:ExecuteChangeSet");
    let (ran, _) = interrupted(&played, command, 1, 0, rule, ready);
    assert_eq!(ran.code, Some(130), "{}", ran.text);
    assert!(ran.text.contains("stopped"), "{}", ran.text);
    let left = stack(&played);
    assert!(left.as_deref().is_none_or(|line| line.ends_with("ROLLBACK_COMPLETE")), "{left:?}");

    // Twice: leaves at once, says what goes on; the next run waits for it.
    let (rule, ready) = seen("cloudformation:ExecuteChangeSet");
    let (ran, took) = interrupted(&played, command, 2, 0, rule, ready);
    assert_eq!(ran.code, Some(130), "{}", ran.text);
    assert!(took < Duration::from_secs(3), "{took:?}: {}", ran.text);
    assert!(ran.text.contains("goes on in AWS"), "{}", ran.text);
    played.run(command, |_, _| Act::Pass).ends(0);
    assert_eq!(stack(&played).as_deref(), Some("stack crash-test-web COMPLETE"));

    // While it is updated: once takes the old one back.
    played.emulator.sandbox.write("Dockerfile", "FROM scratch\nLABEL second=second\n");
    let (rule, ready) = seen("cloudformation:ExecuteChangeSet");
    let (ran, _) = interrupted(&played, command, 1, 0, rule, ready);
    assert_eq!(ran.code, Some(130), "{}", ran.text);
    let status = stack(&played).unwrap();
    assert!(
        status.ends_with("UPDATE_ROLLBACK_COMPLETE") || status.ends_with("ROLLBACK_COMPLETE"),
        "{status}"
    );
    played.run(command, |_, _| Act::Pass).ends(0);

    // While it waits for somebody else's change.
    played.emulator.sandbox.write("Dockerfile", "FROM scratch\nLABEL third=third\n");
    let (rule, ready) = seen("cloudformation:ExecuteChangeSet");
    let (left, _) = interrupted(&played, command, 2, 0, rule, ready);
    assert_eq!(left.code, Some(130), "{}", left.text);
    let (rule, ready) = seen("cloudformation:DescribeStacks");
    let (ran, took) = interrupted(&played, command, 1, 0, rule, ready);
    assert_eq!(ran.code, Some(130), "{}", ran.text);
    assert!(took < Duration::from_secs(5), "{took:?}: {}", ran.text);
    played.run(command, |_, _| Act::Pass).ends(0);
}
