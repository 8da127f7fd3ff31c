//! A CDK application of the user's that changes a template: installed with their package manager, run with their CDK.
//!
//! Nothing goes through a shell: programs and arguments are fixed, the template travels in a file and the names in
//! variables.

use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::process::{Finished, Invocation};
use super::program::{is_program, on_path};

/// Where the application reads the template, below its folder.
pub const INPUT: &str = ".build/in.yml";
/// Directories above the application in which a lock file tells the package manager, its own one included.
const LOCK_DEPTH: usize = 6;
/// Lines of output that a failure is told with.
const EVIDENCE: usize = 40;

/// A package manager of Node.js.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    /// npm.
    Npm,
    /// Yarn.
    Yarn,
}

impl Manager {
    const ALL: [Self; 2] = [Self::Npm, Self::Yarn];

    /// Name of its program.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Npm => "npm",
            Self::Yarn => "yarn",
        }
    }

    fn lock_file(self) -> &'static str {
        match self {
            Self::Npm => "package-lock.json",
            Self::Yarn => "yarn.lock",
        }
    }
}

/// Why an application did not change a template.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is neither npm nor Yarn.
    #[error("a CDK application needs npm or yarn, and neither is on PATH")]
    NoManager,
    /// The package manager has not installed the CDK.
    #[error("{program} does not exist: the application does not depend on `aws-cdk`")]
    NoCdk {
        /// Where it was expected.
        program: String,
    },
    /// A program can't be run.
    #[error("{program} can't be run: {source}")]
    Start {
        /// The program.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A program failed.
    #[error("`{command}` failed{}", code.map_or_else(|| ": a signal ended it".to_owned(), |code| format!(" with exit code {code}")))]
    Failed {
        /// What was run.
        command: &'static str,
        /// Its exit code; none after a signal.
        code: Option<i32>,
        /// Its output.
        output: String,
    },
}

impl Error {
    /// The last lines of the output.
    #[must_use]
    pub fn log_lines(&self) -> Vec<String> {
        let Self::Failed { output, .. } = self else { return vec![] };
        let lines: Vec<&str> = output.lines().collect();
        lines[lines.len().saturating_sub(EVIDENCE)..].iter().map(|line| (*line).to_owned()).collect()
    }

    /// What the user can do, a sentence each.
    #[must_use]
    pub fn next_steps(&self) -> Vec<String> {
        let steps: &[&str] = match self {
            Self::NoManager => &["Install Node.js, which brings npm (https://nodejs.org)."],
            Self::NoCdk { .. } => {
                &["Add `aws-cdk` to the `devDependencies` of the application's package.json."]
            }
            Self::Start { .. } => &[],
            Self::Failed { command: SYNTH, .. } => &[
                "Run `npx cdk synth` in the application's folder to look for the fault; the template is in .build/in.yml.",
            ],
            Self::Failed { .. } => {
                &["Run the same command in the application's folder to look for the fault."]
            }
        };
        steps.iter().map(|step| (*step).to_owned()).collect()
    }
}

/// What is run to get the changed template.
const SYNTH: &str = "cdk synth";

/// An application with the package manager it is installed with.
#[derive(Debug, Clone)]
pub struct Cdk {
    folder: PathBuf,
    manager: Manager,
    program: PathBuf,
}

impl Cdk {
    /// The application in `folder`. The package manager is the only one on `path` (the value of `PATH`); of both the one
    /// whose lock file is nearest, in the folder or the five above it; else npm.
    ///
    /// # Errors
    /// [`Error::NoManager`].
    pub fn find(folder: &Path, path: Option<&OsStr>) -> Result<Self, Error> {
        let found =
            Manager::ALL.map(|manager| on_path(manager.program(), path).map(|program| (manager, program)));
        let (manager, program) = match found {
            [None, None] => return Err(Error::NoManager),
            [Some(one), None] | [None, Some(one)] => one,
            [Some(npm), Some(yarn)] => {
                if locked(folder) == Some(Manager::Yarn) {
                    yarn
                } else {
                    npm
                }
            }
        };
        Ok(Self { folder: folder.to_owned(), manager, program })
    }

    /// The package manager.
    #[must_use]
    pub fn manager(&self) -> Manager {
        self.manager
    }

    /// Installs what the application depends on. Each line of output goes to `on_line`.
    ///
    /// # Errors
    /// [`Error::Start`], [`Error::Failed`].
    pub async fn install(&self, on_line: &mut (dyn FnMut(&str) + Send)) -> Result<(), Error> {
        let command = match self.manager {
            Manager::Npm => "npm install",
            Manager::Yarn => "yarn install",
        };
        let invocation = Invocation::new(&self.program).arg("install").directory(&self.folder);
        run(&invocation, command, on_line).await.map(drop)
    }

    /// Runs the application on the template in [`INPUT`] and returns the changed template as it printed it. `variables`:
    /// what it is told besides.
    ///
    /// # Errors
    /// [`Error::NoCdk`], [`Error::Start`], [`Error::Failed`].
    pub async fn synth(
        &self,
        variables: &[(&str, &str)],
        on_line: &mut (dyn FnMut(&str) + Send),
    ) -> Result<String, Error> {
        let name = if cfg!(windows) { "cdk.cmd" } else { "cdk" };
        let program = self.folder.join("node_modules").join(".bin").join(name);
        if !is_program(&program) {
            return Err(Error::NoCdk { program: program.display().to_string() });
        }
        let mut invocation = Invocation::new(program)
            .args(["synth", "--no-version-reporting"])
            .directory(&self.folder)
            .exact();
        for (name, value) in variables {
            invocation = invocation.variable(name, value);
        }
        Ok(run(&invocation, SYNTH, on_line).await?.standard)
    }
}

/// The package manager whose lock file is nearest.
fn locked(folder: &Path) -> Option<Manager> {
    folder.ancestors().take(LOCK_DEPTH).find_map(|folder| {
        Manager::ALL.into_iter().find(|manager| folder.join(manager.lock_file()).is_file())
    })
}

async fn run(
    invocation: &Invocation,
    command: &'static str,
    on_line: &mut (dyn FnMut(&str) + Send),
) -> Result<Finished, Error> {
    let finished = invocation
        .run(on_line)
        .await
        .map_err(|source| Error::Start { program: invocation.program.display().to_string(), source })?;
    if finished.success() {
        return Ok(finished);
    }
    let output = match (finished.output.trim().is_empty(), invocation.exact) {
        // Some programs say on standard output what went wrong.
        (true, true) => finished.standard,
        _ => finished.output,
    };
    Err(Error::Failed { command, code: finished.code, output })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// A folder with programs in `bin` and an application in `a/b/app`.
    fn place(programs: &[&str], files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let scripts = programs.iter().map(|name| (format!("bin/{name}"), "#!/bin/sh\n"));
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), *text));
        for (path, text) in scripts.chain(files) {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        let app = dir.path().join("a/b/app");
        fs::create_dir_all(&app).unwrap();
        (dir, app)
    }

    fn manager(programs: &[&str], files: &[(&str, &str)]) -> Result<Manager, Error> {
        let (dir, app) = place(programs, files);
        Ok(Cdk::find(&app, Some(dir.path().join("bin").as_os_str()))?.manager())
    }

    #[test]
    fn the_package_manager_is_the_only_one_or_the_locks_or_npm() {
        assert!(matches!(manager(&[], &[]), Err(Error::NoManager)));
        assert_eq!(manager(&["yarn"], &[("a/package-lock.json", "")]).unwrap(), Manager::Yarn);
        assert_eq!(manager(&["npm"], &[("a/b/app/yarn.lock", "")]).unwrap(), Manager::Npm);
        let both = &["npm", "yarn"];
        assert_eq!(manager(both, &[]).unwrap(), Manager::Npm);
        assert_eq!(manager(both, &[("yarn.lock", "")]).unwrap(), Manager::Yarn);
        let nearer = [("a/yarn.lock", ""), ("a/b/package-lock.json", "")];
        assert_eq!(manager(both, &nearer).unwrap(), Manager::Npm);
    }

    #[tokio::test]
    async fn the_application_gets_names_and_gives_its_template() {
        let cdk = "#!/bin/sh\necho \"$1 $2 in $(basename \"$PWD\")\" >&2\ncat .build/in.yml\necho \"Env: $COPILOT_ENVIRONMENT_NAME\"\n";
        let npm = "#!/bin/sh\necho \"$@ \"\n[ ! -e fail ] || { echo no network >&2; exit 7; }\n";
        let files = [
            ("bin/npm", npm),
            ("a/b/app/.build/in.yml", "A: |\n  x\n\n  y\n"),
            ("a/b/app/node_modules/.bin/cdk", cdk),
        ];
        let (dir, app) = place(&[], &files);
        let cdk = Cdk::find(&app, Some(dir.path().join("bin").as_os_str())).unwrap();
        let mut seen = vec![];
        cdk.install(&mut |line| seen.push(line.to_owned())).await.unwrap();
        let text =
            cdk.synth(&[("COPILOT_ENVIRONMENT_NAME", "$(id)")], &mut |line| seen.push(line.to_owned())).await;
        assert_eq!(text.unwrap(), "A: |\n  x\n\n  y\nEnv: $(id)\n");
        assert_eq!(seen, ["install", "synth --no-version-reporting in app"]);
        fs::write(app.join("fail"), "").unwrap();
        let error = cdk.install(&mut |_| {}).await.unwrap_err();
        assert_eq!(error.to_string(), "`npm install` failed with exit code 7");
        // Standard output and standard error are two streams: which line comes first is chance.
        let mut lines = error.log_lines().to_vec();
        lines.sort_unstable();
        assert_eq!(lines, ["install", "no network"]);
        fs::remove_file(app.join("node_modules/.bin/cdk")).unwrap();
        assert!(matches!(cdk.synth(&[], &mut |_| {}).await, Err(Error::NoCdk { .. })));
    }
}
