//! Every AWS operation that a deployment uses refuses once: the deployment ends well, or says what to do.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::inventory::{difference, normal};
use crate::played::{Played, STEPS};
use crate::proxy::Act;

/// Harms the first call of every action.
fn first_of_each(act: Act) -> impl FnMut(usize, &str) -> Act + Send + 'static {
    let mut seen = BTreeSet::new();
    move |_, action| if seen.insert(action.to_owned()) { act } else { Act::Pass }
}

/// What passes is tried again: the whole way, with every action harmed once in every command.
#[test]
fn throttling_failures_and_cut_connections_pass() {
    let Some(calm) = Played::after(STEPS.len()) else { return };
    let wanted = calm.inventory();
    std::thread::scope(|scope| {
        for act in [Act::Throttle, Act::Failure, Act::Reset] {
            let wanted = &wanted;
            scope.spawn(move || {
                let played = Played::new().unwrap();
                for step in &STEPS {
                    let ran = played.run(step.command, first_of_each(act));
                    assert_eq!(ran.code, Some(0), "{act:?}: {}", ran.text);
                }
                let found = played.inventory();
                assert_eq!(&found, wanted, "{act:?}: {}", difference(wanted, &found));
            });
        }
    });
}

/// A clock that is wrong: said, with what to do.
#[test]
fn a_wrong_clock_is_explained() {
    let Some(played) = Played::after(1) else { return };
    let skewed =
        |_: usize, action: &str| if action == "sts:GetCallerIdentity" { Act::Skewed } else { Act::Pass };
    let text = played.run(STEPS[1].command, skewed).ends(1);
    assert!(text.contains("the clock of this machine differs"), "{text}");
    assert!(text.contains("Set this machine's clock"), "{text}");
    played.run(STEPS[1].command, |_, _| Act::Pass).ends(0);
}

/// Credentials that expire at some call: said, with what to do and the exit code of credentials; the next run goes on.
#[test]
fn expired_credentials_are_explained() {
    let Some(played) = Played::after(STEPS.len() - 2) else { return };
    let step = &STEPS[STEPS.len() - 2];
    let before = played.account.stored();
    played.run(step.command, |_, _| Act::Pass).ends(0);
    let actions: BTreeSet<String> = played.proxy.seen().into_iter().collect();
    let end = played.inventory();
    let all = std::env::var("WHARF_CRASH").is_ok_and(|value| value == "all");
    let mut told = String::new();
    for (index, action) in actions.iter().enumerate() {
        if !all && !FIXED.contains(&action.as_str()) {
            continue;
        }
        played.undo(step, &before).unwrap();
        // Every time: a single refusal is mended by a second try.
        let chosen = action.clone();
        let ran = played.run(
            step.command,
            move |_, action| {
                if action == chosen { Act::Expired } else { Act::Pass }
            },
        );
        let code = ran.code;
        if code != Some(0) {
            assert!(ran.text.contains("expired"), "{index} {action}: {}", ran.text);
        }
        if FIXED.contains(&action.as_str()) {
            let error = ran.text.split_once("\n✘ ").map_or("", |(_, error)| error).trim();
            writeln!(told, "{action}: {code:?}\n{}\n", normal(error)).unwrap();
        }
        played.run(step.command, |_, _| Act::Pass).ends(0);
        let found = played.inventory();
        assert_eq!(found, end, "{action}: {}", difference(&end, &found));
    }
    insta::assert_snapshot!(told);
}

/// Actions whose messages are held fast: a first call, a call with a role, one that changes, one in the middle of the wait.
const FIXED: [&str; 5] = [
    "ssm:GetParameter",
    "sts:AssumeRole",
    "ecr:GetAuthorizationToken",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:DescribeStackEvents",
];
