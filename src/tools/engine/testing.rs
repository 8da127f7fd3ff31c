//! Container engines that are played, for tests.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{Engine, Lookup};

/// A directory with a program that records its arguments and environment in `calls`, then runs `script`, which finds the directory
/// in `$here`.
pub fn fake(name: &str, script: &str) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join(name);
    let text = format!(
        "#!/bin/sh\nhere={}\n{{ echo \"argv: $*\"; echo \"buildkit: $DOCKER_BUILDKIT config: $DOCKER_CONFIG auth: $REGISTRY_AUTH_FILE\"; }} >>$here/calls\n{script}\n",
        dir.path().display()
    );
    fs::write(&program, text).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    dir
}

/// The engine in such a directory.
pub fn engine(dir: &tempfile::TempDir) -> Engine {
    Engine::find(Lookup { path: Some(dir.path().as_os_str()), ..Lookup::default() }).unwrap()
}

/// What it was asked.
pub fn calls(dir: &tempfile::TempDir) -> String {
    fs::read_to_string(dir.path().join("calls")).unwrap()
}
