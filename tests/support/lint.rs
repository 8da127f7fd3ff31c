//! cfn-lint over rendered templates: no error and no warning is let through.

#![expect(clippy::unwrap_used, reason = "a test that can't write its files has failed")]

use std::process::Command;

/// Lints templates, given as name and YAML, in one run. Does nothing with `WHARF_SKIP_CFN_LINT=1`.
///
/// Panics with the linter's words when it finds something, and when it is not installed.
pub fn lint<'a>(templates: impl IntoIterator<Item = (&'a str, String)>) {
    if std::env::var("WHARF_SKIP_CFN_LINT").is_ok_and(|value| value == "1") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut files = vec![];
    for (name, text) in templates {
        let file = dir.path().join(format!("{name}.yml"));
        std::fs::write(&file, text).unwrap();
        files.push(file);
    }
    assert!(!files.is_empty(), "nothing to lint");
    let done = Command::new("cfn-lint")
        .args(["--format", "parseable", "--template"])
        .args(&files)
        .output()
        .unwrap_or_else(|error| {
            panic!("cfn-lint: {error}. Install it (pip install cfn-lint) or set WHARF_SKIP_CFN_LINT=1.")
        });
    assert!(
        done.status.success(),
        "cfn-lint is not content:\n{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
}
