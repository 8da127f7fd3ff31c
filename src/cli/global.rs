//! Flags that many commands share.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::failure::{Failure, codes};
use super::planned::Wish;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops;

/// Flags of every command.
#[derive(Args, Debug, Clone, Default)]
#[command(next_help_heading = "Everywhere")]
pub struct Global {
    /// Form of progress: auto, tree, lines, json or none
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "FORM",
        default_value_t = Progress::Auto,
        env = "WHARF_PROGRESS",
        hide_env_values = true,
        hide_possible_values = true
    )]
    pub progress: Progress,
    /// Count warnings about files as errors
    #[arg(
        long,
        global = true,
        env = "WHARF_STRICT",
        hide_env_values = true,
        value_parser = clap::builder::FalseyValueParser::new()
    )]
    pub strict: bool,
    /// Print without colours
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// How progress is shown.
#[derive(ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Progress {
    /// A live tree on a terminal, lines elsewhere
    #[default]
    Auto,
    /// A live tree
    Tree,
    /// A line for each change
    Lines,
    /// A JSON object a line for each event and for the result, on stdout
    Json,
    /// Nothing
    None,
}

/// The application a command works on.
#[derive(Args, Debug, Clone, Default)]
pub struct App {
    /// Name of the application [default: the workspace's]
    #[arg(short, long, value_name = "NAME")]
    pub app: Option<AppName>,
}

/// An environment of an application.
#[derive(Args, Debug, Clone, Default)]
pub struct Env {
    #[command(flatten)]
    pub app: App,
    /// Name of the environment
    #[arg(short, long, value_name = "NAME")]
    pub name: Option<EnvName>,
}

/// A service in an environment.
#[derive(Args, Debug, Clone, Default)]
pub struct Service {
    #[command(flatten)]
    pub app: App,
    /// Name of the service
    #[arg(short, long, value_name = "NAME")]
    pub name: Option<WorkloadName>,
    /// Name of the environment
    #[arg(short, long, value_name = "NAME")]
    pub env: Option<EnvName>,
}

/// What becomes of data in a deletion.
#[derive(Args, Debug, Clone, Copy, Default)]
pub struct Data {
    /// Also delete databases, tables, buckets, file systems and other data of addons and environments
    #[arg(long)]
    pub delete_data: bool,
}

impl Data {
    /// What was chosen.
    pub fn choice(self) -> ops::Data {
        if self.delete_data { ops::Data::Delete } else { ops::Data::Keep }
    }
}

/// A pipeline of an application.
#[derive(Args, Debug, Clone, Default)]
pub struct Pipeline {
    #[command(flatten)]
    pub app: App,
    /// Name of the pipeline
    #[arg(short, long, value_name = "NAME")]
    pub name: Option<String>,
}

/// A job in an environment.
#[derive(Args, Debug, Clone, Default)]
pub struct Job {
    #[command(flatten)]
    pub app: App,
    /// Name of the job
    #[arg(short, long, value_name = "NAME")]
    pub name: Option<WorkloadName>,
    /// Name of the environment
    #[arg(short, long, value_name = "NAME")]
    pub env: Option<EnvName>,
}

impl From<Job> for Service {
    fn from(job: Job) -> Self {
        Self { app: job.app, name: job.name, env: job.env }
    }
}

/// When a new job runs.
#[derive(Args, Debug, Clone, Default)]
pub struct Trigger {
    /// When the job runs, in UTC: cron ("0 9 * * MON-FRI"), @daily, "@every 1h30m", "rate(10 minutes)", or none
    #[arg(short, long, value_name = "SCHEDULE")]
    pub schedule: Option<String>,
    /// How long the job may run, all its tries together, such as 1h30m
    #[arg(long, value_name = "DURATION")]
    pub timeout: Option<String>,
    /// How often the job is tried again after it failed [default: 0]
    #[arg(long, value_name = "N")]
    pub retries: Option<u64>,
}

/// Rendering without AWS.
#[derive(Args, Debug, Clone, Default)]
pub struct Offline {
    /// Render without calling AWS; no credentials are needed
    #[arg(long)]
    pub offline: bool,
    /// With --offline: the file with what AWS would answer, as `wharf env show --facts` prints it
    #[arg(long, value_name = "FILE", requires = "offline")]
    pub facts: Option<PathBuf>,
}

/// How a stack is changed.
#[derive(Args, Debug, Clone, Default)]
pub struct Change {
    /// Leave a stack whose deployment fails as it is, instead of rolling it back
    #[arg(long)]
    pub no_rollback: bool,
    /// End a deployment as soon as it is clear that the new tasks will never stay up, instead of after all the tries that
    /// ECS makes; it has no effect with --no-rollback [default: true in CI]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub fail_fast: Option<bool>,
    /// Return as soon as CloudFormation has started, without waiting for the result
    #[arg(long)]
    pub detach: bool,
    /// Overwrite what a newer version of wharf deployed
    #[arg(long)]
    pub allow_downgrade: bool,
    /// Take over stacks that Copilot deployed without asking
    #[arg(long)]
    pub takeover: bool,
    /// A resource, by logical id, that may be replaced or deleted although it holds data or takes traffic; may be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub allow_replace: Vec<String>,
    /// Resources, by logical id, to give up as they are when the failed rollback of an earlier update must be continued first
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub resources_to_skip: Vec<String>,
}

/// CloudFormation's express mode.
#[derive(Args, Debug, Clone, Copy, Default)]
pub struct Express {
    /// Don't let CloudFormation wait until everything runs: it is done once the configuration is applied, and wharf follows the
    /// new version itself and goes back when it does not come up; for development, not for production
    #[arg(long)]
    pub express: bool,
}

/// How workloads are deployed.
#[derive(Args, Debug, Clone, Default)]
pub struct Manner {
    #[command(flatten)]
    pub change: Change,
    /// Leave out the checks that come before anything is built or changed
    #[arg(long)]
    pub skip_preflight: bool,
    #[command(flatten)]
    pub express: Express,
}

impl Manner {
    /// How stacks are changed.
    ///
    /// # Errors
    /// Flags that do not go together.
    pub fn change(self) -> Result<ops::Change, Failure> {
        let Self { change, skip_preflight, express: Express { express } } = self;
        let why = match (express, change.no_rollback, change.detach) {
            (true, true, _) => {
                "--express can't leave a failed stack as it is (--no-rollback): CloudFormation neither rolls back nor replaces \
                 anything in such a stack, and takes no other change than one in express mode again"
            }
            (true, _, true) => {
                "--express needs somebody who waits (--detach does not): CloudFormation says nothing of whether the new version runs, \
                 and nobody would go back if it did not"
            }
            _ => return Ok(ops::Change { express, skip_preflight, ..change.into() }),
        };
        Err(Failure::user(why).with_code(codes::USAGE).next("Leave one of the two flags out."))
    }
}

/// What is shown and asked before a deployment.
#[derive(Args, Debug, Clone, Copy, Default)]
pub struct Planned {
    /// Show the plan, what would be changed and what it costs, then ask whether to go on
    #[arg(long)]
    pub diff: bool,
    /// With --diff: go on without asking
    #[arg(long, requires = "diff")]
    pub diff_yes: bool,
}

impl Planned {
    /// How the user wants to see the plan.
    pub fn wish(self) -> Wish {
        Wish { diff: self.diff, yes: self.diff_yes }
    }
}

/// A deployment of one workload: how, and what comes before it.
#[derive(Args, Debug, Clone, Default)]
pub struct Deployment {
    #[command(flatten)]
    pub manner: Manner,
    #[command(flatten)]
    pub planned: Planned,
}

/// Running containers on this machine before they are deployed.
#[derive(Args, Debug, Clone, Default)]
pub struct Trial {
    /// Before anything changes in AWS: build the images, run the containers on this machine, and ask them what the health checks
    /// ask; what fails is not deployed. Secrets are not read: the containers get placeholders
    #[arg(long = "try")]
    pub try_here: bool,
    /// With --try: file with values of secrets and other variables for the try, NAME=VALUE a line; only its owner may read it
    #[arg(long, value_name = "FILE", requires = "try_here")]
    pub try_env: Option<PathBuf>,
}

impl Trial {
    /// How a stack is changed, with what is said of the try.
    pub fn of(self, change: ops::Change) -> ops::Change {
        ops::Change { try_here: self.try_here, try_env: self.try_env, ..change }
    }
}

impl From<Change> for ops::Change {
    fn from(flags: Change) -> Self {
        Self {
            no_rollback: flags.no_rollback,
            fail_fast: flags.fail_fast,
            detach: flags.detach,
            allow_downgrade: flags.allow_downgrade,
            takeover: flags.takeover,
            allow_replace: flags.allow_replace,
            skip: flags.resources_to_skip,
            skip_preflight: false,
            try_here: false,
            try_env: None,
            express: false,
        }
    }
}

/// Parses the id of a release, or the beginning of one.
///
/// # Errors
/// A text that says how a release is named.
pub fn release(text: &str) -> Result<String, String> {
    let fits = (4..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if fits {
        return Ok(text.to_ascii_lowercase());
    }
    Err("a release is named by 4 to 10 hexadecimal digits; `wharf svc releases` lists them".to_owned())
}

/// Parses `k=v,k=v`.
///
/// # Errors
/// A text that names the pair without `=`.
pub fn pairs(text: &str) -> Result<BTreeMap<String, String>, String> {
    text.split(',')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) =
                pair.split_once('=').ok_or_else(|| format!("{pair:?} is no KEY=VALUE pair"))?;
            Ok((key.trim().to_owned(), value.to_owned()))
        })
        .collect()
}

/// Parses a duration in Go's notation, such as `1h30m` or `90s`, into milliseconds.
///
/// # Errors
/// A text that says what a duration looks like.
pub fn duration(text: &str) -> Result<std::time::Duration, String> {
    let wrong = || format!("{text:?} is no duration; write for example 30s, 15m or 1h30m");
    let (mut rest, mut total) = (text, 0.0_f64);
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
        let value: f64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = &rest[digits..];
        let unit = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        total += value
            * match &rest[..unit] {
                "ms" => 0.001,
                "s" => 1.0,
                "m" => 60.0,
                "h" => 3600.0,
                "d" => 86400.0,
                _ => return Err(wrong()),
            };
        rest = &rest[unit..];
    }
    std::time::Duration::try_from_secs_f64(total).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(duration("1h30m"), Ok(std::time::Duration::from_secs(5400)));
        assert_eq!(duration("1.5m"), Ok(std::time::Duration::from_secs(90)));
        for text in ["", "10", "h", "1x", "1m-", "99999999999999999999999h"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn tags() {
        assert_eq!(
            pairs("a=1,b=x=y").unwrap().into_iter().collect::<Vec<_>>(),
            [("a".to_owned(), "1".to_owned()), ("b".to_owned(), "x=y".to_owned())]
        );
        assert!(pairs("a").is_err());
    }
}
