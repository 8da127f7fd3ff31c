//! A folder of its own, a cleared environment, and the binary run in it.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses a part of this module")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A folder and an environment for one test; gone with the value.
pub struct Sandbox {
    root: tempfile::TempDir,
    env: BTreeMap<String, String>,
}

/// What a run of the binary gave. Must be looked at.
#[must_use]
pub struct Run {
    /// Exit code; -1 after a signal.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    args: String,
    root: PathBuf,
}

impl Sandbox {
    /// An empty folder `work` and an environment with nothing but a path, without colours, credentials or a terminal.
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("wharf-test-").tempdir().unwrap();
        std::fs::create_dir(root.path().join("work")).unwrap();
        std::fs::create_dir(root.path().join("home")).unwrap();
        let home = root.path().join("home").display().to_string();
        let env = [
            ("PATH", std::env::var("PATH").unwrap()),
            ("HOME", home.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
            ("AWS_CONFIG_FILE", format!("{home}/aws-config")),
            ("AWS_SHARED_CREDENTIALS_FILE", format!("{home}/aws-credentials")),
            ("COLUMNS", "100".to_owned()),
            ("LC_ALL", "C.UTF-8".to_owned()),
            ("RUST_BACKTRACE", "0".to_owned()),
        ];
        Self { root, env: env.into_iter().map(|(k, v)| (k.to_owned(), v)).collect() }
    }

    /// The folder the binary runs in.
    pub fn work(&self) -> PathBuf {
        self.root.path().join("work")
    }

    /// Sets a variable of the environment.
    pub fn set(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.env.insert(name.to_owned(), value.into());
        self
    }

    /// The environment.
    pub fn variables(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    /// Removes a variable of the environment.
    pub fn unset(&mut self, name: &str) -> &mut Self {
        self.env.remove(name);
        self
    }

    /// Leaves nothing on `PATH` but these programs, given as name and shell script.
    pub fn only_programs(&mut self, programs: &[(&str, &str)]) -> &mut Self {
        let folder = self.root.path().join("bin");
        std::fs::create_dir_all(&folder).unwrap();
        for (name, script) in programs {
            use std::os::unix::fs::PermissionsExt as _;
            let path = folder.join(name);
            std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        self.set("PATH", folder.display().to_string())
    }

    /// Writes a file of the work folder, with the folders above it.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.work().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
        self
    }

    /// The content of a file of the work folder.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.work().join(path)).unwrap()
    }

    /// Runs `wharf` in the work folder, arguments split at spaces.
    pub fn wharf(&self, args: &str) -> Run {
        self.wharf_in(&self.work(), args)
    }

    /// Runs `wharf` in a folder, arguments split at spaces (`'…'` keeps them together).
    pub fn wharf_in(&self, folder: &Path, args: &str) -> Run {
        let split = shell_words::split(args).unwrap();
        self.finish(args, self.command(folder).args(split).output().unwrap())
    }

    /// The binary as a command in a folder, with the sandbox's environment and no input.
    pub fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wharf"));
        command.current_dir(folder).env_clear().envs(&self.env).stdin(Stdio::null());
        command
    }

    /// What a finished run gave.
    pub fn finish(&self, args: &str, output: Output) -> Run {
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            args: args.to_owned(),
            root: self.root.path().to_owned(),
        }
    }
}

impl Run {
    /// Fails the test with all output unless the exit code is `code`.
    #[track_caller]
    pub fn expect(self, code: i32) -> Self {
        assert_eq!(
            self.code, code,
            "wharf {}\n-- stdout\n{}\n-- stderr\n{}",
            self.args, self.stdout, self.stderr
        );
        self
    }

    /// Fails the test with all output unless the exit code is `code`; nothing else of the run matters.
    #[track_caller]
    pub fn ends(self, code: i32) {
        let _ = self.expect(code);
    }

    /// Arguments, exit code and both streams as one text, with the sandbox's folder written as `[ROOT]`.
    pub fn transcript(&self) -> String {
        let block = |name: &str, text: &str| {
            if text.is_empty() { String::new() } else { format!("-- {name}\n{}\n", text.trim_end()) }
        };
        let text = format!(
            "$ wharf {}\nexit code: {}\n{}{}",
            self.args,
            self.code,
            block("stdout", &self.stdout),
            block("stderr", &self.stderr)
        );
        text.replace(&self.root.display().to_string(), "[ROOT]")
    }
}
