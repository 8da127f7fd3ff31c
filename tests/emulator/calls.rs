//! How many calls a deployment costs: exact where nothing is waited for, at most so many where it is.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::played::{Played, STEPS};
use crate::proxy::Act;

/// Calls of a run by their action; those that follow a change again and again are left out.
fn counts(played: &Played, command: &str) -> String {
    const FOLLOWING: [&str; 8] = [
        "DescribeStacks",
        "DescribeStackEvents",
        "DescribeChangeSet",
        "DescribeServices",
        "ListTasks",
        "DescribeTasks",
        "DescribeTargetHealth",
        "DescribeStackSetOperation",
    ];
    let unchanged = command.ends_with(UNCHANGED);
    let command = command.trim_end_matches(UNCHANGED);
    played.run(command, |_, _| Act::Pass).ends(0);
    let mut counts = BTreeMap::new();
    for action in played.proxy.seen() {
        *counts.entry(action).or_insert(0) += 1;
    }
    let mut text = format!("$ wharf {command}\n");
    for (action, count) in counts {
        let follows = FOLLOWING.iter().any(|name| action.ends_with(name));
        if unchanged && !action.ends_with("DescribeChangeSet") || !follows {
            writeln!(text, "{count:>4} {action}").unwrap();
        } else {
            assert!(count <= 60, "{count} {action}");
        }
    }
    text
}

/// Marks a command after which everything is as it was.
const UNCHANGED: &str = " #";

#[test]
fn calls_of_a_deployment_are_counted() {
    let Some(played) = Played::after(STEPS.len()) else { return };
    let deploy = STEPS[STEPS.len() - 1].command;
    let mut text = counts(&played, &format!("{deploy}{UNCHANGED}"));
    played.emulator.sandbox.write("Dockerfile", "FROM scratch\nLABEL second=second\n");
    text += &counts(&played, deploy);
    text += &counts(&played, &format!("env deploy --name test{UNCHANGED}"));
    insta::assert_snapshot!(text);
}

#[test]
fn calls_of_twenty_services_are_counted() {
    let Some(played) = Played::after(2) else { return };
    for number in 1..=20 {
        let command =
            format!("svc init --name s{number} --svc-type 'Backend Service' --dockerfile Dockerfile");
        played.run(&command, |_, _| Act::Pass).ends(0);
    }
    played.run("env deploy --name test", |_, _| Act::Pass).ends(0);
    played.run("deploy --all --env test", |_, _| Act::Pass).ends(0);
    insta::assert_snapshot!(counts(&played, &format!("deploy --all --env test{UNCHANGED}")));
}
