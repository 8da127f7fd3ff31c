//! What every verb works with: the workspace, the way to AWS, the reporter of events.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{OnceCell, Semaphore, watch};

use super::overrides::Applications;
use super::package::Findings;
use super::{Error, Result};
use crate::aws::{self, Connection};
use crate::deploy::{Endurance, Interrupt, Polling, Wait, stackset};
use crate::diagnostic::{Diagnostics, Source};
use crate::event::{Event, Level, Reporter};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::plan::price::Prices;
use crate::store::{self, Store};
use crate::workspace::{self, Workspace};

/// Looks up a variable of the user's environment.
pub type Lookup = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Shows findings to the user.
pub type ShowFindings = Arc<dyn Fn(&[Findings]) + Send + Sync>;

/// What the process gives: read once, by `cli`.
#[derive(Clone)]
pub struct Inputs {
    /// Shows findings of files.
    pub findings: Option<ShowFindings>,
    /// The working directory.
    pub directory: PathBuf,
    /// The environment's variables.
    pub variables: Lookup,
    /// Whether warnings about files count as errors.
    pub strict: bool,
    /// Whether output goes to a machine (`CI=true`).
    pub ci: bool,
    /// How often AWS is asked how something stands.
    pub polling: Polling,
}

/// What a verb works with. Nothing is read or connected before it is needed.
pub struct Session {
    /// What the process gives.
    pub inputs: Inputs,
    /// Where events go.
    pub reporter: Arc<dyn Reporter>,
    /// How often the user asked to stop.
    pub interrupt: Interrupt,
    /// Turns true when the user wants to stop.
    pub stop: watch::Receiver<bool>,
    aws: OnceCell<Connection>,
    workspace: std::sync::OnceLock<Workspace>,
    pub(super) prices: std::sync::OnceLock<Arc<Prices>>,
    pub(super) cdk: tokio::sync::Mutex<Applications>,
    /// Turns of images that are built and pushed.
    pub(super) builds: Semaphore,
    /// The turn of trying containers on this machine.
    pub(super) tries: Semaphore,
    /// Images, `repository:tag` by their content, that were built for a try and are to be pushed as they are.
    pub(super) built: std::sync::Mutex<BTreeSet<String>>,
}

/// Most images that build at a time, of all workloads together: a build takes all cores by itself, but waits for downloads
/// and for its push in between.
const BUILDS_AT_ONCE: usize = 2;

impl Session {
    /// A session that has done nothing yet.
    #[must_use]
    pub fn new(
        inputs: Inputs,
        reporter: Arc<dyn Reporter>,
        interrupt: Interrupt,
        stop: watch::Receiver<bool>,
    ) -> Self {
        Self {
            inputs,
            reporter,
            interrupt,
            stop,
            aws: OnceCell::new(),
            workspace: std::sync::OnceLock::new(),
            prices: std::sync::OnceLock::new(),
            cdk: tokio::sync::Mutex::default(),
            builds: Semaphore::new(BUILDS_AT_ONCE),
            tries: Semaphore::new(1),
            built: std::sync::Mutex::default(),
        }
    }

    /// The workspace.
    ///
    /// # Errors
    /// None is near, or it belongs to no application.
    pub fn workspace(&self) -> Result<&Workspace> {
        if let Some(workspace) = self.workspace.get() {
            return Ok(workspace);
        }
        let found = workspace::find(&self.inputs.directory)?;
        Ok(self.workspace.get_or_init(|| found))
    }

    /// The application the workspace belongs to, if there is a workspace.
    #[must_use]
    pub fn workspace_app(&self) -> Option<AppName> {
        self.workspace().ok().map(|workspace| workspace.app().clone())
    }

    /// Services and jobs of the workspace, by name.
    ///
    /// # Errors
    /// No workspace, an unreadable folder.
    pub fn local_workloads(&self) -> Result<Vec<WorkloadName>> {
        let listing = self.workspace()?.workloads()?;
        for skipped in &listing.skipped {
            self.warn(format!("{} is no service or job: {}", skipped.folder, skipped.reason));
        }
        Ok(listing.names)
    }

    /// Environments of the workspace, by name.
    ///
    /// # Errors
    /// No workspace, an unreadable folder.
    pub fn local_environments(&self) -> Result<Vec<EnvName>> {
        Ok(self.workspace()?.environments()?.names)
    }

    /// A variable of the user's environment.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<String> {
        (self.inputs.variables)(name).filter(|value| !value.is_empty())
    }

    /// The connection with the user's own credentials. Nothing is called yet.
    pub async fn aws(&self) -> &Connection {
        self.aws.get_or_init(|| async { Connection::new(self.settings()) }).await
    }

    fn settings(&self) -> aws::Settings {
        let reporter = self.reporter.clone();
        let tell = move |text| reporter.report(Event::Note { level: Level::Warning, text });
        aws::Settings {
            roots: self.roots(),
            keys_of_environment: ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
                .iter()
                .all(|name| self.variable(name).is_some()),
            read_timeout: self.read_timeout(),
            tell: Some(aws::Tell(Arc::new(tell))),
            ..aws::Settings::default()
        }
    }

    /// How long an answer of AWS may take, where the user says so: seconds.
    fn read_timeout(&self) -> Option<Duration> {
        let text = self.variable("WHARF_READ_TIMEOUT")?;
        let seconds: Option<f64> = text.trim().parse().ok();
        let limit =
            seconds.filter(|seconds| *seconds > 0.0).and_then(|s| Duration::try_from_secs_f64(s).ok());
        if limit.is_none() {
            self.warn(format!("WHARF_READ_TIMEOUT is no number of seconds: {text}; it does not count"));
        }
        limit
    }

    /// Another connection with other credentials or another region than the session's.
    #[must_use]
    pub fn connect(
        &self,
        region: Option<String>,
        profile: Option<String>,
        keys: Option<aws::Keys>,
    ) -> Connection {
        Connection::new(aws::Settings { region, profile, keys, ..self.settings() })
    }

    /// The certificates servers are checked against.
    fn roots(&self) -> aws::Roots {
        const BUNDLES: [&str; 4] = [
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/ca-bundle.pem",
            "/etc/ssl/cert.pem",
        ];
        if let Some(path) = self.variable("AWS_CA_BUNDLE") {
            if let Ok(pem) = workspace::file::read_bytes(path.as_ref()) {
                return aws::Roots::Bundle { path, pem };
            }
            self.warn(format!(
                "AWS_CA_BUNDLE names {path}, which can't be read; the system's certificates count"
            ));
        }
        BUNDLES
            .iter()
            .filter(|_| self.variable("SSL_CERT_FILE").is_none() && self.variable("SSL_CERT_DIR").is_none())
            .find_map(|path| Some(((*path).to_owned(), workspace::file::read_bytes(path.as_ref()).ok()?)))
            .map_or(aws::Roots::System, |(path, pem)| aws::Roots::SystemBundle { path, pem })
    }

    /// The records.
    pub async fn store(&self) -> Store {
        Store::new(self.aws().await)
    }

    /// What was found in a file, when the file may be used.
    ///
    /// # Errors
    /// [`Error::Manifest`] when there are errors, or warnings while those count as errors.
    pub fn accept(&self, source: Source, mut diagnostics: Diagnostics) -> Result<Findings> {
        if self.inputs.strict {
            diagnostics.strict();
        }
        let findings = Findings { source, diagnostics };
        if findings.diagnostics.has_errors() {
            Err(Error::Manifest(Box::new(findings)))
        } else {
            Ok(findings)
        }
    }

    /// Shows findings that did not keep a file from being used.
    pub fn report_findings(&self, findings: &[Findings]) {
        if let Some(show) = &self.inputs.findings {
            show(findings);
        }
    }

    /// The application's record.
    ///
    /// # Errors
    /// It does not exist here, or AWS can't be asked.
    pub async fn app(&self, app: &AppName) -> Result<store::App> {
        Ok(self.store().await.app(app).await?)
    }

    /// The environment's record.
    ///
    /// # Errors
    /// It does not exist, or AWS can't be asked.
    pub async fn env(&self, app: &AppName, env: &EnvName) -> Result<store::Environment> {
        Ok(self.store().await.environment(app, env).await?)
    }

    /// The connection that manages an environment: its manager role in its region.
    pub async fn manager(&self, env: &store::Environment) -> Connection {
        self.aws().await.assume(&env.manager_role_arn, &env.region)
    }

    /// Tells the user something worth knowing.
    pub fn note(&self, text: impl Into<String>) {
        self.reporter.report(Event::Note { level: Level::Info, text: text.into() });
    }

    /// Warns the user.
    pub fn warn(&self, text: impl Into<String>) {
        self.reporter.report(Event::Note { level: Level::Warning, text: text.into() });
    }

    /// Asks AWS in a wait: what passes by itself, and credentials that have expired, are lived through. `what` goes on
    /// meanwhile, such as `The run of report`.
    ///
    /// # Errors
    /// What does not pass, or not within the patience.
    pub(super) async fn ask<T, F>(
        &self,
        endurance: &mut Endurance,
        connection: &Connection,
        what: &str,
        ask: impl FnMut() -> F,
    ) -> std::result::Result<T, aws::Error>
    where
        F: Future<Output = std::result::Result<T, aws::Error>>,
    {
        let wait = Wait {
            connection,
            what,
            reporter: self.reporter.as_ref(),
            pause: self.inputs.polling.first,
            interrupt: Some(&self.interrupt),
        };
        endurance.ask(wait, ask).await
    }

    /// How changes of stack sets are waited for.
    pub(super) fn stack_sets(&self) -> stackset::Options<'_> {
        stackset::Options {
            reporter: self.reporter.as_ref(),
            interrupt: Some(&self.interrupt),
            polling: self.inputs.polling,
        }
    }

    /// What a wait of this session lives through.
    pub(super) fn endurance(&self) -> Endurance {
        Endurance::new(self.inputs.polling.patience)
    }

    /// Whether the user wants to stop.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when so.
    pub fn check_interrupt(&self) -> Result<()> {
        if *self.interrupt.borrow() > 0 { Err(Error::Interrupted) } else { Ok(()) }
    }
}
