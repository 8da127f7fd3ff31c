//! What a command runs with. Built once; the only reader of the process environment.

use std::future::Future;
use std::io::IsTerminal;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::watch;

use super::failure::{Failure, Result, codes};
use super::global::{Global, Progress};
use crate::ops::difference::Difference;
use crate::ops::package::Findings;
use crate::ops::{self, Inputs, Polling, Session, ShowFindings};
use crate::page::Paged;
use crate::ui::{self, Settings, Ui, page::Look, progress::Mode, style::ColourFacts};

/// What a command runs with.
pub struct Context {
    /// The user's screen.
    pub ui: Ui,
    /// What verbs work with.
    pub session: Session,
    interrupt: watch::Sender<u32>,
    stop: watch::Sender<bool>,
}

/// A future of a command that borrows the context.
type Running<'a> = Pin<Box<dyn Future<Output = Result> + 'a>>;

impl Context {
    /// Reads the process environment.
    ///
    /// # Errors
    /// The working directory is gone.
    pub fn new(global: &Global) -> std::result::Result<Self, Failure> {
        let variable = |name: &str| std::env::var(name).ok();
        let ui = Ui::new(settings(global, &variable));
        let directory = std::env::current_dir()
            .map_err(|error| Failure::user(format!("the working directory can't be read: {error}")))?;
        // Tests against emulators look more often than is polite to AWS.
        let polling =
            match variable("WHARF_POLL_MILLIS").and_then(|text| text.parse().ok()).map(Duration::from_millis)
            {
                Some(pause) => Polling { first: pause, most: pause * 2, ..Polling::default() },
                None => Polling::default(),
            };
        let inputs = Inputs {
            directory,
            variables: Arc::new(|name| std::env::var(name).ok()),
            strict: global.strict,
            ci: ui.settings().ci,
            polling,
            findings: Some(show_findings(ui.clone())),
        };
        let (interrupt, interrupted) = watch::channel(0);
        let (stop, stopped) = watch::channel(false);
        let session = Session::new(inputs, ui.reporter(), interrupted, stopped);
        Ok(Self { ui, session, interrupt, stop })
    }

    /// Runs a command to its end on this thread. Ctrl-C ends it at once, but for the change of a stack and for logs that are
    /// followed: those are asked to stop in order first.
    ///
    /// # Errors
    /// Those of the command.
    pub fn block_on<F>(&mut self, command: F) -> Result
    where
        F: for<'a> FnOnce(&'a mut Self) -> Running<'a>,
    {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::user(format!("the event loop can't be started: {error}")))?;
        let (interrupt, stop) = (self.interrupt.clone(), self.stop.clone());
        runtime.block_on(async move {
            let mut running = command(self);
            let mut times = 0;
            loop {
                tokio::select! {
                    result = &mut running => return result,
                    () = interrupted() => {
                        times += 1;
                        // The session holds one receiver of each; there are more while a stack is changed or logs are
                        // followed. Otherwise nothing is under way that has to be ended in order.
                        let heard = interrupt.receiver_count() > 1 || stop.receiver_count() > 1;
                        // The first asks to stop in order, the second to stop watching; who asks again leaves.
                        if times > 2 || !heard {
                            return Err(Failure::interrupted());
                        }
                        stop.send_replace(true);
                        interrupt.send_replace(times);
                    }
                }
            }
        })
    }

    /// Prints a result: its page, or its JSON.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn show<T: Serialize + Paged>(&self, value: &T, json: bool) -> Result {
        self.ui.finish_progress()?;
        if json {
            return Ok(self.ui.json(value)?);
        }
        if self.ui.settings().json {
            return self.result("value", value);
        }
        let page = value.page(jiff::Timestamp::now());
        let style = self.ui.stdout_style();
        let look = Look { width: self.ui.stdout_width().unwrap_or(0), style };
        Ok(self.ui.out(&ui::page::draw(&page, look))?)
    }

    /// Shows a value as [`Context::show`] does; among JSON lines as an event of this name.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn show_as<T: Serialize + Paged>(&self, event: &str, value: &T, json: bool) -> Result {
        if self.ui.settings().json && !json { self.event(event, value) } else { self.show(value, json) }
    }

    /// Prints what was done to standard error, addresses to standard output.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn tell(&self, report: &ops::Report) -> Result {
        self.ui.finish_progress()?;
        if self.ui.settings().json {
            return self.result("report", report);
        }
        for sentence in &report.done {
            self.ui.success(sentence);
        }
        for url in &report.urls {
            self.ui.out(url)?;
        }
        for sentence in &report.next {
            self.ui.hint(sentence);
        }
        Ok(())
    }

    /// Prints text as it is, the result of a command.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn print(&self, text: &str) -> Result {
        self.ui.finish_progress()?;
        if self.ui.settings().json {
            return self.result("text", &text);
        }
        Ok(self.ui.out(text)?)
    }

    /// Prints the last of the JSON lines of a command that went well.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn result<T: Serialize>(&self, key: &str, value: &T) -> Result {
        let line = serde_json::json!({"event": "result", "exit_code": codes::DONE, key: value});
        Ok(self.ui.json(&line)?)
    }

    /// Prints a JSON line for a value that comes before the result.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn event<T: Serialize>(&self, name: &str, value: &T) -> Result {
        self.ui.finish_progress()?;
        Ok(self.ui.json(&serde_json::json!({"event": name, "value": value}))?)
    }

    /// Prints a difference.
    ///
    /// # Errors
    /// Standard output is closed.
    pub fn print_difference(&self, difference: &Difference) -> Result {
        self.ui.finish_progress()?;
        if self.ui.settings().json {
            let line = serde_json::json!({"event": "difference", "text": difference.text});
            return Ok(self.ui.json(&line)?);
        }
        Ok(self.ui.out(&difference.text)?)
    }

    /// Draws findings on standard error.
    pub fn warn_all(&self, findings: &[Findings]) {
        for found in findings {
            if !found.diagnostics.is_empty() {
                self.ui.print(&self.drawn(found));
            }
        }
    }

    /// Findings with their places.
    pub fn drawn(&self, found: &Findings) -> String {
        drawn(&self.ui, found)
    }

    /// Prints a difference; the exit code says whether there is one: 0 none, 1 some, 2 it can't be told.
    ///
    /// # Errors
    /// There is one, or it can't be told.
    pub fn show_difference(&self, difference: ops::Result<Difference>) -> Result {
        let difference = difference.map_err(|error| Failure::from(error).with_code(2))?;
        self.print_difference(&difference)?;
        match (difference.is_empty(), self.ui.settings().json) {
            (false, _) => Err(Failure::silent(1)),
            (true, false) => Ok(()),
            (true, true) => self.result("text", &""),
        }
    }
}

fn drawn(ui: &Ui, found: &Findings) -> String {
    ui::diagnostic::draw(&found.source, found.diagnostics.items(), ui.style().colour)
}

fn show_findings(ui: Ui) -> ShowFindings {
    Arc::new(move |findings| {
        for found in findings.iter().filter(|found| !found.diagnostics.is_empty()) {
            ui.print(&drawn(&ui, found));
        }
    })
}

fn settings(global: &Global, variable: &dyn Fn(&str) -> Option<String>) -> Settings {
    let [color, no_color, clicolor, clicolor_force, term] =
        ["COLOR", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM"].map(variable);
    let colours = ColourFacts {
        no_color_flag: global.no_color,
        color: color.as_deref(),
        no_color: no_color.as_deref(),
        clicolor: clicolor.as_deref(),
        clicolor_force: clicolor_force.as_deref(),
        term: term.as_deref(),
    };
    let (stdout, stderr) = (std::io::stdout().is_terminal(), std::io::stderr().is_terminal());
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| variable(name).filter(|v| !v.is_empty()));
    let ci = variable("CI").is_some_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    Settings {
        stdin_terminal: std::io::stdin().is_terminal(),
        stdout_terminal: stdout,
        stderr_terminal: stderr,
        stdout_colour: colours.decide(stdout),
        stderr_colour: colours.decide(stderr),
        dumb: term.as_deref() == Some("dumb"),
        unicode: locale.is_some_and(|locale| locale.to_ascii_uppercase().contains("UTF")),
        width: variable("COLUMNS").and_then(|text| text.parse().ok()),
        ci,
        quiet: false,
        json: global.progress == Progress::Json,
        progress: match global.progress {
            Progress::Auto => None,
            Progress::Tree => Some(Mode::Tree),
            Progress::Lines => Some(Mode::Lines { output: ci }),
            Progress::Json => Some(Mode::Json),
            Progress::None => Some(Mode::Silent),
        },
    }
}

/// Resolves when the user presses Ctrl-C or the process is told to end.
async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
