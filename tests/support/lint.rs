//! cfn-lint over rendered templates: no error and no warning is let through.

#![expect(clippy::unwrap_used, reason = "a test that can't write its files has failed")]

use std::ffi::OsString;
use std::process::Command;

/// Lints templates, given as name and YAML, in one run, with `WHARF_CFN_LINT` or the cfn-lint on `PATH`. Does nothing
/// with `WHARF_SKIP_CFN_LINT=1`.
///
/// Panics with the linter's words when it finds something, and when it is not installed.
pub fn lint<'a>(templates: impl IntoIterator<Item = (&'a str, String)>) {
    if std::env::var_os("WHARF_SKIP_CFN_LINT").is_some_and(|value| value == "1") {
        return;
    }
    let linter = std::env::var_os("WHARF_CFN_LINT").unwrap_or_else(|| OsString::from("cfn-lint"));
    let folder = tempfile::tempdir().unwrap();
    let mut files = vec![];
    for (name, text) in templates {
        let file = folder.path().join(format!("{name}.yml"));
        std::fs::write(&file, text).unwrap();
        files.push(file);
    }
    assert!(!files.is_empty(), "nothing to lint");
    let output =
        Command::new(linter).args(["--regions", "eu-west-1", "--"]).args(&files).output().unwrap_or_else(|error| {
            panic!(
                "cfn-lint: {error}; install it (pip install cfn-lint), name it in WHARF_CFN_LINT, or set WHARF_SKIP_CFN_LINT=1"
            )
        });
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success() && text.trim().is_empty(),
        "cfn-lint has found something:\n{text}{errors}"
    );
}
