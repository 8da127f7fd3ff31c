//! Finding a program by its name.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// The program of this name in the directories of a `PATH`; on Windows also with the suffixes of programs.
pub(super) fn on_path(program: &str, path: Option<&OsStr>) -> Option<PathBuf> {
    let suffixes: &[&str] = if cfg!(windows) { &[".exe", ".cmd", ".bat"] } else { &[""] };
    directories(path?)
        .flat_map(|directory| suffixes.iter().map(move |suffix| directory.join(format!("{program}{suffix}"))))
        .find(|path| is_program(path))
}

/// The directories of a `PATH`. Relative ones are left out: they would make the answer depend on where one stands.
fn directories(path: &OsStr) -> impl Iterator<Item = PathBuf> {
    let separator = if cfg!(windows) { ';' } else { ':' };
    let text = path.to_string_lossy().into_owned();
    let parts: Vec<PathBuf> = text.split(separator).map(PathBuf::from).collect();
    parts.into_iter().filter(|directory| directory.is_absolute())
}

/// Whether a file can be run.
#[cfg(unix)]
pub(super) fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

/// Whether a file can be run.
#[cfg(not(unix))]
pub(super) fn is_program(path: &Path) -> bool {
    path.is_file()
}
