//! Help pages, versions, completions.

use crate::expect_runs;
use crate::sandbox::Sandbox;
use crate::world::shown;

fn pages(commands: &[&str]) -> String {
    let sandbox = Sandbox::new();
    commands
        .iter()
        .map(|command| shown(&sandbox.wharf(&format!("{command} --help")).expect(0)))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn the_root() {
    insta::assert_snapshot!(
        "root",
        pages(&["", "init", "deploy", "status", "logs", "completion", "version"])
    );
}

#[test]
fn job() {
    let pages = pages(&[
        "job",
        "job init",
        "job ls",
        "job package",
        "job deploy",
        "job delete",
        "job run",
        "job show",
        "job status",
        "job logs",
    ]);
    insta::assert_snapshot!("job", pages);
}

#[test]
fn app() {
    insta::assert_snapshot!("app", pages(&["app", "app init", "app ls", "app show", "app delete"]));
}

#[test]
fn env() {
    let pages = pages(&[
        "env",
        "env init",
        "env ls",
        "env show",
        "env package",
        "env deploy",
        "env delete",
        "env upgrade",
    ]);
    insta::assert_snapshot!("env", pages);
}

#[test]
fn svc() {
    let pages = pages(&[
        "svc",
        "svc init",
        "svc ls",
        "svc package",
        "svc deploy",
        "svc delete",
        "svc show",
        "svc status",
        "svc logs",
    ]);
    insta::assert_snapshot!("svc", pages);
}

#[test]
fn versions() {
    let sandbox = Sandbox::new();
    expect_runs!("versions", sandbox.wharf("--version"), sandbox.wharf("-V"), sandbox.wharf("version"));
}

#[test]
fn no_command_or_none_that_exists() {
    let sandbox = Sandbox::new();
    expect_runs!(
        "no_command",
        sandbox.wharf(""),
        sandbox.wharf("svc"),
        sandbox.wharf("deply"),
        sandbox.wharf("svc deploy --nam web"),
        sandbox.wharf("svc ls --progress loud"),
        sandbox.wharf("completion tcsh"),
    );
}

/// The scripts are long and clap's: what counts is that each names the commands, and that the shell takes it.
#[test]
fn completions() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = sandbox.wharf(&format!("completion {shell}")).expect(0);
        assert!(run.stdout.contains("wharf") && run.stdout.contains("deploy"), "{shell}: {}", run.stdout);
        assert!(run.stdout.contains("resource-tags"), "{shell}: {}", run.stdout);
        assert_eq!(run.stderr, "", "{shell}");
    }
    let script = sandbox.wharf("completion bash").expect(0).stdout;
    sandbox.write("completion.bash", script);
    let read = std::process::Command::new("bash")
        .args(["--norc", "-c", "source completion.bash && complete -p wharf"])
        .current_dir(sandbox.work())
        .output()
        .unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
}
