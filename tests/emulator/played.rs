//! A user's way from nothing to two services, with a played container engine, through a proxy that can do harm.

use std::fs::File;
use std::process::Child;

use crate::inventory::{Account, Stored};
use crate::proxy::{Act, Proxy};
use crate::support::Emulator;

/// A command and what takes it back.
pub struct Step {
    /// The arguments.
    pub command: &'static str,
    /// Commands that take it back.
    pub undo: &'static [&'static str],
    /// Folders and files of the workspace that it makes.
    pub makes: &'static [&'static str],
}

/// The way: an application, an environment, two services.
pub const STEPS: [Step; 7] = [
    Step { command: "app init crash", undo: &["app delete --yes"], makes: &["wharf"] },
    Step {
        command: "env init --name test --default-config",
        undo: &["env delete --name test --yes"],
        makes: &["wharf/environments"],
    },
    Step {
        command: "svc init --name web --svc-type 'Load Balanced Web Service' --dockerfile Dockerfile --port 8080",
        undo: &["svc delete --name web --yes"],
        makes: &["wharf/web"],
    },
    Step {
        command: "svc init --name api --svc-type 'Backend Service' --dockerfile Dockerfile",
        undo: &["svc delete --name api --yes"],
        makes: &["wharf/api"],
    },
    Step {
        command: "env deploy --name test",
        undo: &["env delete --name test --yes", "env init --name test --default-config"],
        makes: &[],
    },
    Step {
        command: "deploy --name web --env test",
        undo: &["svc delete --name web --env test --yes"],
        makes: &[],
    },
    Step {
        command: "svc deploy --name api --env test",
        undo: &["svc delete --name api --env test --yes"],
        makes: &[],
    },
];

/// An account, a workspace, and the proxy between them.
pub struct Played {
    /// The sandbox.
    pub emulator: Emulator,
    /// The proxy.
    pub proxy: Proxy,
    /// The account.
    pub account: Account,
    /// A domain that no other test uses; it stands for `{domain}` in commands.
    pub domain: String,
}

/// What a run came to.
pub struct Ran {
    /// The exit code; none when it was killed.
    pub code: Option<i32>,
    /// Both streams.
    pub text: String,
}

impl Ran {
    /// Fails the test unless the run ended with the code.
    #[track_caller]
    pub fn ends(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}", self.text);
        self.text
    }
}

impl Played {
    /// A new account, an empty workspace. None without the emulators.
    pub fn new() -> Option<Self> {
        let mut emulator = Emulator::played()?;
        let upstream =
            emulator.sandbox.variables()["AWS_ENDPOINT_URL"].trim_start_matches("http://").to_owned();
        let proxy = Proxy::start(&upstream);
        let account = Account { upstream, number: emulator.account.clone() };
        let folder = emulator.sandbox.work().join("../engine");
        std::fs::create_dir(&folder).unwrap();
        let path = emulator.sandbox.variables()["PATH"].clone();
        emulator.sandbox.only_programs(&[("docker", include_str!("docker.sh"))]);
        let docker = emulator.sandbox.variables()["PATH"].clone();
        emulator
            .sandbox
            .set("PATH", format!("{docker}:{path}"))
            .set("WHARF_TEST_ENGINE", folder.display().to_string())
            .set("AWS_ENDPOINT_URL", proxy.url())
            .set("WHARF_POLL_MILLIS", "40");
        emulator.sandbox.write("Dockerfile", "FROM scratch\n");
        let domain = format!("d{}.example", emulator.account);
        Some(Self { emulator, proxy, account, domain })
    }

    /// The same with the first commands of [`STEPS`] behind it.
    pub fn after(steps: usize) -> Option<Self> {
        let played = Self::new()?;
        played.go(&STEPS[..steps]);
        Some(played)
    }

    /// Does these steps.
    pub fn go(&self, steps: &[Step]) {
        for step in steps {
            self.run(step.command, |_, _| Act::Pass).ends(0);
        }
    }

    /// Runs a command; the rule decides what happens with its calls.
    pub fn run(&self, command: &str, rule: impl FnMut(usize, &str) -> Act + Send + 'static) -> Ran {
        self.poked(command, 0, rule, |_| false)
    }

    /// Runs a command whose `hold`-th call of the engine stands still for a moment; `poke` may kill or signal the process.
    pub fn poked(
        &self,
        command: &str,
        hold: usize,
        rule: impl FnMut(usize, &str) -> Act + Send + 'static,
        poke: impl FnMut(&Child) -> bool,
    ) -> Ran {
        let command = &command.replace("{domain}", &self.domain);
        for file in ["calls", "held"] {
            drop(std::fs::remove_file(self.engine(file)));
        }
        let sandbox = &self.emulator.sandbox;
        let output = sandbox.work().join("../output");
        let file = File::create(&output).unwrap();
        self.proxy.begin(rule);
        let process = sandbox
            .command(&sandbox.work())
            .args(shell_words::split(command).unwrap())
            .env("WHARF_TEST_ENGINE_HOLD", hold.to_string())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .spawn()
            .unwrap();
        let status = self.proxy.watch(process, poke);
        let text = std::fs::read_to_string(&output).unwrap();
        Ran { code: status.code(), text: format!("$ wharf {command}\n{text}") }
    }

    /// A file of the played engine.
    pub fn engine(&self, file: &str) -> std::path::PathBuf {
        self.emulator.sandbox.work().join("../engine").join(file)
    }

    /// Whether the played engine stands still now.
    pub fn is_held(&self) -> bool {
        self.engine("held").exists()
    }

    /// Whether the command that runs has said this yet.
    pub fn has_said(&self, text: &str) -> bool {
        let output = self.emulator.sandbox.work().join("../output");
        std::fs::read_to_string(output).is_ok_and(|said| said.contains(text))
    }

    /// Everything in the account and the workspace.
    pub fn inventory(&self) -> String {
        let mut files = vec![];
        list(&self.emulator.sandbox.work(), "", &mut files);
        self.account.inventory() + &files.concat()
    }

    /// Takes a step back, so that it can be done again as if for the first time. `before`: what was stored then.
    pub fn undo(&self, step: &Step, before: &Stored) -> Result<(), String> {
        for command in step.undo {
            let ran = self.run(command, |_, _| Act::Pass);
            if ran.code != Some(0) {
                return Err(ran.text);
            }
        }
        self.account.restore(before);
        for path in step.makes {
            drop(std::fs::remove_dir_all(self.emulator.sandbox.work().join(path)));
        }
        Ok(())
    }
}

fn list(folder: &std::path::Path, prefix: &str, files: &mut Vec<String>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(Result::unwrap).collect();
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{prefix}{}", entry.file_name().display());
        if entry.path().is_dir() {
            list(&entry.path(), &format!("{name}/"), files);
        } else {
            let text = std::fs::read(entry.path()).unwrap();
            files.push(format!("file {name}: {} bytes\n", text.len()));
        }
    }
}
