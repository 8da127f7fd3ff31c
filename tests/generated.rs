//! What is made from the definition of the command line and lies in the repository is up to date: completion scripts, the
//! reference of commands, man pages. Where a shell is installed, its script is loaded. The same for what is made from the
//! definitions of manifests: their schemas and their reference.
//!
//! `WHARF_BLESS=1 cargo test --test generated` writes the files anew.

#![expect(clippy::unwrap_used, reason = "a broken file should stop the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use clap::{Arg, ArgAction};
use clap_complete::Shell;
use wharf::manifest::catalogue::{DOCUMENTS, Document};
use wharf::manifest::schema;

/// Widest line of a help text.
const WIDTH: usize = 100;

/// Scripts of shells, with the names under which the shells find them.
const SHELLS: [(Shell, &str); 4] = [
    (Shell::Bash, "wharf.bash"),
    (Shell::Zsh, "_wharf"),
    (Shell::Fish, "wharf.fish"),
    (Shell::PowerShell, "_wharf.ps1"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The whole definition, with the names of subcommands and the inherited flags filled in.
fn definition() -> clap::Command {
    let mut command = wharf::cli::command().disable_help_subcommand(true);
    command.build();
    command
}

/// Every command that is shown, the root first, each with its words.
fn commands(command: &clap::Command) -> Vec<(Vec<String>, clap::Command)> {
    fn visit(command: &clap::Command, words: &[String], out: &mut Vec<(Vec<String>, clap::Command)>) {
        let words = [words, &[command.get_name().to_owned()]].concat();
        out.push((words.clone(), command.clone()));
        let shown = |command: &&clap::Command| !command.is_hide_set() && command.get_name() != "help";
        command.get_subcommands().filter(shown).for_each(|command| visit(command, &words, out));
    }
    let mut out = vec![];
    visit(command, &[], &mut out);
    out
}

/// The files of a folder that are not among `files` are left over; the others must hold what they should.
fn settle(folder: &str, files: &BTreeMap<String, String>) {
    let folder = root().join(folder);
    let bless = std::env::var_os("WHARF_BLESS").is_some();
    fs::create_dir_all(&folder).unwrap();
    let found = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut stale: Vec<String> = found.filter(|name| !files.contains_key(name)).collect();
    for (name, text) in files {
        if bless {
            fs::write(folder.join(name), text).unwrap();
        } else if fs::read_to_string(folder.join(name)).unwrap_or_default() != *text {
            stale.push(name.clone());
        }
    }
    assert!(
        stale.is_empty(),
        "not up to date in {}: {}; run with WHARF_BLESS=1",
        folder.display(),
        stale.join(", ")
    );
}

/// The script for a shell, as `wharf completion` prints it.
fn script(shell: Shell) -> String {
    let output =
        Command::new(env!("CARGO_BIN_EXE_wharf")).args(["completion", &shell.to_string()]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn completions_are_up_to_date() {
    let files = SHELLS.iter().map(|(shell, file)| ((*file).to_owned(), script(*shell))).collect();
    settle("completions", &files);
}

#[test]
fn man_pages_are_up_to_date() {
    let mut files = BTreeMap::new();
    for (words, command) in commands(&definition()) {
        let name = words.join("-");
        let command =
            command.display_name(name.clone()).bin_name(words.join(" ")).version(env!("CARGO_PKG_VERSION"));
        let mut page = vec![];
        let title = name.to_uppercase();
        clap_mangen::Man::new(command)
            .title(title)
            .date("")
            .source("wharf")
            .manual("wharf")
            .render(&mut page)
            .unwrap();
        // Neither spaces at the ends of lines nor more than one line end at the end.
        let text = String::from_utf8(page).unwrap();
        let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
        files.insert(format!("{name}.1"), lines.join("\n").trim_end().to_owned() + "\n");
    }
    settle("docs/man", &files);
}

/// An argument's row of a table: how it is written, and what it does.
fn row(argument: &Arg) -> String {
    let values = argument.get_value_names().unwrap_or_default().join(" ");
    let value = match argument.get_action() {
        ArgAction::SetTrue
        | ArgAction::Help
        | ArgAction::HelpShort
        | ArgAction::HelpLong
        | ArgAction::Version => String::new(),
        _ if argument.is_positional() => values,
        _ if argument.is_require_equals_set() => format!("[={values}]"),
        _ => format!(" {values}"),
    };
    let long = argument.get_long().map(|long| format!("--{long}"));
    let short = argument.get_short().map(|short| format!("-{short}"));
    let name = [short, long].into_iter().flatten().collect::<Vec<_>>().join(", ");
    let mut help = argument.get_help().map(ToString::to_string).unwrap_or_default().replace('|', "\\|");
    let possible: Vec<String> =
        argument.get_possible_values().iter().map(|value| format!("`{}`", value.get_name())).collect();
    let takes_name = matches!(argument.get_action(), ArgAction::Set) && !argument.is_require_equals_set();
    if takes_name && !possible.is_empty() && !argument.is_hide_possible_values_set() {
        let _ = write!(help, ": one of {}", possible.join(", "));
    }
    if let Some(variable) = argument.get_env() {
        let _ = write!(help, "; environment variable `{}`", variable.to_string_lossy());
    }
    format!("| `{name}{value}` | {help} |\n")
}

/// A table of flags under a heading; nothing when there are none.
fn table<'a>(heading: &str, arguments: impl Iterator<Item = &'a Arg>) -> String {
    let rows: String = arguments.filter(|argument| !argument.is_hide_set()).map(row).collect();
    if rows.is_empty() { rows } else { format!("\n| {heading} | |\n|---|---|\n{rows}") }
}

fn reference() -> String {
    let definition = definition();
    let mut text = String::from(
        "# Commands\n\n<!-- Written by tests/generated.rs from the definition of the command line. -->\n\n\
         `wharf COMMAND --help` shows the same. Switches can be written `--yes`, `--yes=true` or `--yes=false`. Lists are\n\
         separated by commas, or the flag is repeated.\n",
    );
    let everywhere: Vec<&Arg> = definition.get_arguments().collect();
    let _ = write!(text, "\n## Everywhere\n{}", table("flag of every command", everywhere.iter().copied()));
    for (words, command) in commands(&definition).into_iter().skip(1) {
        let level = "#".repeat(words.len());
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let _ = write!(text, "\n{level} {}\n\n{about}.", words.join(" "));
        let long = command.get_long_about().map(ToString::to_string).unwrap_or_default();
        if let Some((_, rest)) = long.split_once("\n\n") {
            let _ = write!(text, " {}", rest.trim());
        }
        text.push('\n');
        if command.has_subcommands() {
            continue;
        }
        let mut command = command.bin_name(words.join(" "));
        let usage = command.render_usage().to_string();
        let _ = write!(text, "\n    {}\n", usage.trim_start_matches("Usage: "));
        let own = |argument: &&Arg| !everywhere.iter().any(|global| global.get_id() == argument.get_id());
        text += &table("argument", command.get_positionals().filter(own));
        text +=
            &table("flag", command.get_arguments().filter(|argument| !argument.is_positional()).filter(own));
    }
    text
}

#[test]
fn the_reference_is_up_to_date() {
    let (path, text) = (root().join("docs/cli.md"), reference());
    if std::env::var_os("WHARF_BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(path).unwrap_or_default(), text, "run with WHARF_BLESS=1");
}

fn json(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap() + "\n"
}

#[test]
fn schemas_are_up_to_date() {
    let own = DOCUMENTS.iter().map(|document| (document.slug, schema::schema(document)));
    let all = own.chain([(schema::WORKSPACE_FILES, schema::workspace_files())]);
    let files = all.map(|(name, schema)| (format!("{name}.json"), json(&schema))).collect();
    settle("manifests/schema", &files);
}

/// The page of the reference for a type: every field in its order.
fn fields_of(document: &Document) -> String {
    let mut text = format!(
        "# {}\n\n<!-- Written by tests/generated.rs from the definitions of manifests. -->\n\n{} All of it with comments: \
         [the maximal manifest](../../manifests/{slug}.yml); for editors: [its schema](../../manifests/schema/{slug}.json).\n\
         `[]` stands for an item of a list, `<key>` for a key of yours.\n\n| field | form | default | |\n|---|---|---|---|\n",
        document.name,
        document.about,
        slug = document.slug
    );
    for (path, field) in document.fields() {
        let form = (field.shape)().describe().replace('|', "\\|");
        let default = field.default.map(|default| default.replace('|', "\\|")).unwrap_or_default();
        let older = field.was.map(|was| format!(" Older spelling: `{was}`.")).unwrap_or_default();
        let _ =
            writeln!(text, "| `{path}` | {form} | {default} | {}{older} |", field.doc().replace('|', "\\|"));
    }
    text
}

#[test]
fn the_reference_of_manifests_is_up_to_date() {
    let files =
        DOCUMENTS.iter().map(|document| (format!("{}.md", document.slug), fields_of(document))).collect();
    settle("docs/manifest", &files);
    let index = fs::read_to_string(root().join("docs/manifest.md")).unwrap();
    for document in DOCUMENTS {
        assert!(index.contains(&format!("manifest/{}.md", document.slug)), "{} is not listed", document.name);
    }
}

/// Stages whose rules have ids of the form `stage/rule`.
const STAGES: [&str; 13] = [
    "yaml",
    "manifest",
    "model",
    "addons",
    "overrides",
    "workspace",
    "files",
    "image",
    "values",
    "topics",
    "routes",
    "depends-on",
    "pipeline",
];

/// Ids of rules in the texts of a source file.
fn rules(text: &str, out: &mut BTreeSet<String>) {
    let code = &text[..text.find("#[cfg(test)]").unwrap_or(text.len())];
    let is_rule = |text: &&str| {
        text.split_once('/').is_some_and(|(stage, rule)| {
            STAGES.contains(&stage)
                && !rule.is_empty()
                && rule.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        })
    };
    out.extend(code.split('"').filter(is_rule).map(str::to_owned));
}

fn rules_below(folder: &Path, out: &mut BTreeSet<String>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            rules_below(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            rules(&fs::read_to_string(path).unwrap(), out);
        }
    }
}

#[test]
fn every_rule_is_documented() {
    let mut used = BTreeSet::new();
    rules_below(&root().join("src"), &mut used);
    let docs = fs::read_to_string(root().join("docs/lint.md")).unwrap();
    let listed = docs.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let listed: BTreeSet<String> = listed.map(str::to_owned).collect();
    assert_eq!(listed, used);
}

#[test]
fn help_texts_read_alike() {
    let mut wrong = vec![];
    for (words, command) in commands(&definition()) {
        let words = words.join(" ");
        let about = command.get_about().map(ToString::to_string).unwrap_or_default();
        let arguments = command.get_arguments().filter(|argument| !argument.is_hide_set());
        let named = arguments.map(|argument| (argument.get_id().to_string(), argument.get_help()));
        let helps = named.map(|(name, help)| (name, help.map(ToString::to_string).unwrap_or_default()));
        for (name, help) in helps.chain([("itself".to_owned(), about)]) {
            if help.is_empty() || help.ends_with('.') || help.starts_with(char::is_lowercase) {
                wrong.push(format!("{words}: {name}: {help:?}"));
            }
        }
        let mut command = command.max_term_width(WIDTH);
        for help in [command.render_help(), command.render_long_help()] {
            let long = help.to_string();
            let lines = long.lines().filter(|line| line.chars().count() > WIDTH);
            wrong.extend(lines.map(|line| format!("{words}: too long: {line}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The path of a program, when it is installed.
fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// What a shell prints for `script`; none when it is not installed.
fn shell(program: &str, arguments: &[&str], script: &str) -> Option<String> {
    let path = installed(program)?;
    let mut child = Command::new(path);
    child.args(arguments).arg(script).current_dir(root().join("completions"));
    let output = child.env("HOME", std::env::temp_dir()).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success() && err.is_empty(), "{program}: {out}{err}");
    Some(out.into_owned())
}

#[test]
fn bash_completes() {
    let script = "source ./wharf.bash || exit 1; complete -p wharf
        try() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _wharf \"$1\" \"${!#}\" \"${@: -2:1}\"; echo \"${COMPREPLY[*]}\"; }
        try wharf sv; try wharf svc de; try wharf status --di; try wharf env deploy --di; try wharf status --progress l";
    let Some(out) = shell("bash", &["--norc", "-c"], script) else { return };
    let lines: Vec<&str> = out.lines().collect();
    assert!(lines[0].contains("-F _wharf") && lines[0].ends_with(" wharf"), "{out}");
    // `--di` of status is nothing: it has no `--diff`.
    assert_eq!(lines[1..], ["svc", "deploy delete", "", "--diff --diff-yes", "lines"], "{out}");
}

#[test]
fn zsh_loads_its_script() {
    let script = "autoload -U compinit; compinit -u -D; source ./_wharf; print ${_comps[wharf]}";
    if let Some(out) = shell("zsh", &["-f", "-c"], script) {
        assert_eq!(out.trim(), "_wharf");
    }
}

#[test]
fn fish_completes() {
    let script = "source ./wharf.fish; complete -C 'wharf sv'; complete -C 'wharf env deploy --diff-y'";
    if let Some(out) = shell("fish", &["--no-config", "-c"], script) {
        let words: Vec<&str> = out.lines().filter_map(|line| line.split('\t').next()).collect();
        assert_eq!(words, ["svc", "--diff-yes"], "{out}");
    }
}
