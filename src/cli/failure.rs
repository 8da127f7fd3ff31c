//! From an error to what the user reads and the exit code: the one place that gives advice.

use std::process::ExitCode;

use super::advice::{aws_advice, store_advice};
use super::context::Context;
use super::planned::{held_back, takeover_advice, would_fail, would_lose};
use crate::ops::AwsKind as Kind;
use crate::ops::package::Findings;
use crate::ops::{self, Error};
use crate::ui::{OutputError, PromptError, Report};

/// Exit codes. They are documented in the README and do not change.
pub mod codes {
    /// Done; also when there was nothing to do.
    pub const DONE: u8 = 0;
    /// It failed: the message says what to do.
    pub const FAILED: u8 = 1;
    /// The command line is wrong; for `package --diff`: the difference can't be told.
    pub const USAGE: u8 = 2;
    /// Whoever reads standard output has closed it.
    pub const CLOSED: u8 = 3;
    /// Held back: it would replace or delete what holds data or takes traffic, and nobody has agreed to it.
    pub const HELD_BACK: u8 = 5;
    /// Interrupted by the user.
    pub const INTERRUPTED: u8 = 130;
    /// A bug of wharf.
    pub const BUG: u8 = 255;
}

/// The result of a command.
pub type Result = std::result::Result<(), Failure>;

/// Why a command ended otherwise than well.
#[derive(Debug, Default)]
pub struct Failure {
    code: u8,
    reports: Vec<Report>,
    findings: Vec<Findings>,
}

impl Failure {
    /// A failure that the user can do something about.
    pub fn user(headline: impl Into<String>) -> Self {
        Self { code: codes::FAILED, reports: vec![Report::new(headline)], findings: vec![] }
    }

    /// An exit code without a word.
    pub fn silent(code: u8) -> Self {
        Self { code, ..Self::default() }
    }

    /// The user stopped it.
    pub fn interrupted() -> Self {
        Self { code: codes::INTERRUPTED, ..Self::user("interrupted") }
    }

    /// The same with advice.
    pub fn next(mut self, advice: impl Into<String>) -> Self {
        if let Some(report) = self.reports.last_mut() {
            report.next.push(advice.into());
        }
        self
    }

    /// The same with another exit code.
    pub fn with_code(mut self, code: u8) -> Self {
        self.code = code;
        self
    }

    /// Whether the user stopped it.
    pub fn is_interruption(&self) -> bool {
        self.code == codes::INTERRUPTED
    }

    /// The last of the JSON lines of a command that failed.
    fn as_json(&self) -> serde_json::Value {
        let errors = self.reports.iter().map(|report| {
            let mut error = serde_json::json!({
                "headline": report.headline,
                "facts": report.facts,
                "log_title": report.log_title,
                "log_lines": report.log_lines,
                "next": report.next,
            });
            if !report.code.is_empty() {
                error["code"] = report.code.as_str().into();
            }
            error
        });
        let findings = self
            .findings
            .iter()
            .map(|found| crate::ui::diagnostic::draw(&found.source, found.diagnostics.items(), false));
        serde_json::json!({
            "event": "result",
            "exit_code": self.code,
            "errors": errors.collect::<Vec<_>>(),
            "findings": findings.collect::<String>(),
        })
    }

    /// Ends the process before there is a screen.
    pub fn exit_without_context(self) -> ExitCode {
        use std::io::Write as _;
        for report in &self.reports {
            let _ = writeln!(std::io::stderr(), "error: {}", report.headline);
        }
        ExitCode::from(self.code)
    }
}

/// Shows what went wrong and gives the exit code.
pub fn exit(cx: &Context, result: Result) -> ExitCode {
    let finished = cx.ui.finish_progress().map_err(Failure::from);
    let Err(failure) = result.and(finished) else { return ExitCode::from(codes::DONE) };
    cx.warn_all(&failure.findings);
    for report in &failure.reports {
        cx.ui.report(report);
    }
    if cx.ui.settings().json && failure.code != codes::CLOSED {
        // That standard output is gone is no news next to an error.
        let _ = cx.ui.json(&failure.as_json());
    }
    ExitCode::from(failure.code)
}

/// Shows what clap says of the command line.
pub fn usage(error: &clap::Error) -> ExitCode {
    let wrong = error.use_stderr();
    match error.print() {
        Ok(()) if wrong => ExitCode::from(codes::USAGE),
        Ok(()) => ExitCode::from(codes::DONE),
        Err(_) => ExitCode::from(codes::CLOSED),
    }
}

/// Makes a panic read as what it is, with its exit code.
pub fn catch_bugs() {
    std::panic::set_hook(Box::new(|info| {
        use std::io::Write as _;
        let _ = writeln!(
            std::io::stderr(),
            "\nerror: a bug of wharf: {info}\n\nPlease report it with what you did."
        );
        #[expect(clippy::exit, reason = "a panic has no other way to its exit code when it aborts")]
        std::process::exit(i32::from(codes::BUG));
    }));
}

impl From<OutputError> for Failure {
    fn from(error: OutputError) -> Self {
        match error {
            OutputError::Closed => Self::silent(codes::CLOSED),
            OutputError::Failed(error) => Self::user(format!("standard output can't be written: {error}")),
        }
    }
}

impl From<PromptError> for Failure {
    fn from(error: PromptError) -> Self {
        match error {
            PromptError::Missing { flag, question } => Self::user(format!("{flag} is missing"))
                .next(format!("Without a terminal nobody can be asked {question:?}: give {flag}.")),
            PromptError::Interrupted => Self::interrupted(),
            PromptError::Terminal(error) => Self::user(format!("the terminal can't be used: {error}")),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Manifest(findings) => {
                let headline = error_count(&findings);
                Self { findings: vec![*findings], ..Self::user(headline) }
            }
            Error::Addons(findings) => {
                let wrong = findings.iter().filter(|found| found.diagnostics.has_errors());
                let headlines: Vec<String> = wrong.map(error_count).collect();
                Self { findings, ..Self::user(headlines.join(", ")) }
            }
            Error::Several { done, failures } => {
                let mut all = Self { code: codes::FAILED, ..Self::default() };
                for (name, error) in failures {
                    let one = Self::from(error);
                    if one.code == codes::INTERRUPTED {
                        all.code = codes::INTERRUPTED;
                    }
                    all.findings.extend(one.findings);
                    all.reports.extend(one.reports.into_iter().map(|mut report| {
                        report.headline = format!("{name}: {}", report.headline);
                        report
                    }));
                }
                if let Some(first) = all.reports.first_mut() {
                    first.facts.extend(done.done);
                }
                all
            }
            Error::RunFailed { ref job, ref run } => {
                let next = vec![
                    format!("Run `wharf job logs --name {job}` for the lines of its last run."),
                    format!("Run `wharf job status --name {job}` for its last runs."),
                ];
                let report =
                    Report { facts: vec![run.reason.clone()], next, ..Report::new(error.to_string()) };
                Self { code: codes::FAILED, reports: vec![report], findings: vec![] }
            }
            Error::Interrupted => Self::interrupted(),
            Error::Guarded(ref risks) => {
                let report = held_back(risks, error.to_string());
                Self { code: codes::HELD_BACK, reports: vec![report], findings: vec![] }
            }
            Error::WouldLose { ref problems, ref by_hand, .. } => {
                let report = would_lose(problems, by_hand, error.to_string());
                Self { code: codes::FAILED, reports: vec![report], findings: vec![] }
            }
            Error::Preflight(ref verified) => Self {
                code: codes::FAILED,
                reports: vec![would_fail(verified, error.to_string())],
                findings: vec![],
            },
            Error::Usage(text) => Self { code: codes::USAGE, ..Self::user(text) },
            Error::Deploy(failure) => deployment(*failure),
            Error::Render(_) | Error::Bug(_) | Error::Pipeline(ops::PipelineStackError::Render(_)) => {
                Self { code: codes::BUG, ..Self::user(error.to_string()) }
            }
            error => {
                let next = advice(&error);
                let mut report = Report { next, ..Report::new(error.to_string()) };
                if let Error::Cdk { source, .. } = &error {
                    report.log_lines = source.log_lines();
                    report.log_title = "last lines of its output".to_owned();
                }
                if let Error::Engine(engine) = &error {
                    report.log_lines = engine.log_lines();
                    report.log_title = "last lines of the container engine".to_owned();
                }
                Self { code: codes::FAILED, reports: vec![report], findings: vec![] }
            }
        }
    }
}

fn error_count(findings: &Findings) -> String {
    use crate::diagnostic::Severity;
    let errors = findings.diagnostics.items().iter().filter(|item| item.severity == Severity::Error).count();
    let path = &findings.source.path;
    if errors == 1 { format!("{path} has 1 error") } else { format!("{path} has {errors} errors") }
}

/// What the user can do, the best first.
fn advice(error: &Error) -> Vec<String> {
    let one = |text: &str| vec![text.to_owned()];
    match error {
        Error::Workspace(error) => error.next_steps(),
        Error::Engine(error) => error.next_steps(),
        Error::Cdk { source, .. } => source.next_steps(),
        Error::Since(error) => error.next_steps(),
        Error::CdkTemplate { .. } => one(
            "Run `npx cdk synth` in its folder: it must print one template, and nothing else on standard output.",
        ),
        Error::Aws(error) => aws_advice(error),
        Error::Store(error) => store_advice(error),
        Error::Describe(ops::DescribeError::Aws(error)) => aws_advice(error),
        Error::Describe(ops::DescribeError::NotDeployed { .. }) => one("Run `wharf deploy` to deploy it."),
        Error::OtherApp { .. } => one("Leave out `--app`, or work in the other application's workspace."),
        Error::OtherName { folder, .. } => {
            vec![format!("Name it {folder} in the manifest, or rename the folder.")]
        }
        Error::NameTaken { region, .. } => vec![
            format!("If the application lives in another region than {region}, set AWS_REGION to that one."),
            "Otherwise choose another name, or remove the role.".to_owned(),
        ],
        Error::OtherStack { .. } => vec![
            "Nothing was changed. Stacks are named by application, environment and service, joined by hyphens: give one \
             of the two another name."
                .to_owned(),
        ],
        Error::NoWayIn { app, env, role, region, .. } => vec![
            format!("Use a profile that may take on the role {role} (AWS_PROFILE)."),
            format!(
                "If the account is closed, or the role is gone: delete by hand what is left of it there, the stacks \
                 {app}-{env}-… first, then {app}-{env}. Then the application forgets the environment with `aws ssm \
                 delete-parameter --name /copilot/applications/{app}/environments/{env} --region {region}`."
            ),
        ],
        Error::NoPolicy { .. } => one("Give the name or ARN of a policy of this account."),
        Error::NoRegion { .. } => one("Run `wharf env init` for an environment in that region."),
        Error::NoRelease { name, env, .. } => {
            vec![format!("`wharf svc releases --name {name} --env {env}` lists the releases that there are.")]
        }
        Error::ReleaseGone { .. } => one(
            "Check out the commit it was built from and deploy that, or choose another release with `--to`.",
        ),
        Error::NotDeployed { env } => vec![format!("Run `wharf env deploy --name {env}` first.")],
        Error::OldEnvironment { env, .. } => {
            vec![format!("Run `wharf env deploy --name {env}` to bring it up to date.")]
        }
        Error::EnvironmentInUse { env, services } => services
            .iter()
            .map(|name| format!("Run `wharf svc delete --name {name} --env {env}` first."))
            .collect(),
        Error::NotRegistered { name } => vec![format!("Run `wharf svc init --name {name}` to register it.")],
        Error::Newer { .. } => one("Upgrade wharf, or give `--allow-downgrade` to go over it all the same."),
        Error::Domain(failure) => domain_advice(failure),
        Error::NoLogs { site } => vec![
            format!("`wharf svc status --name {site}` shows its files and where it is reached."),
            "CloudFront's standard logs say who asked for what; a patch of the stack switches them on.".to_owned(),
        ],
        Error::NoFiles { .. } => vec![
            "Build the site first, or correct `files` in the manifest; directories below a source need `recursive: true`."
                .to_owned(),
        ],
        Error::LargeFile { .. } => one("Leave it out with `exclude` in the manifest."),
        Error::Express(_) => one("Nothing was changed. Deploy without `--express`."),
        Error::TakeoverDue(_) => vec![
            "Nothing was changed. Give `--takeover` to take over what Copilot deployed.".to_owned(),
            "`wharf doctor` shows, resource by resource, what a takeover does.".to_owned(),
        ],
        Error::TakeoverRefused(stacks) => takeover_advice(stacks),
        Error::Unsecured { .. } => one(
            "Nothing was changed. Deploy it once with `wharf deploy` or `wharf env deploy` (`--takeover` in CI), which take over such stacks.",
        ),
        Error::DataUnsafe { .. } => vec![
            "Mend the stack first: a deployment does, or says what is wrong.".to_owned(),
            "Or give `--delete-data` to delete its data, too.".to_owned(),
        ],
        Error::HandlersUnsafe { .. } => one("Mend the stack first: a deployment does, or says what is wrong."),
        Error::NamesUnsafe { env, .. } => vec![
            format!("Run `wharf env deploy --name {env}` to take the environment over, then delete again."),
            "Nothing was deleted.".to_owned(),
        ],
        Error::DataInNetwork { .. } => vec![
            "Save what you need of it, then give `--delete-data` to delete it, too.".to_owned(),
            "Delete services alone with `wharf svc delete`: their data stays where it is.".to_owned(),
        ],
        Error::NoDeployedManifest { .. } => one("Deploy it first."),
        Error::NoLoadBalancer { .. } => one("Correct `http.alb` in the manifest."),
        Error::NoSubnets { .. } => one("Correct `network.vpc.placement.subnets.from_tags` in the manifest."),
        Error::NoTopic { service, .. } => vec![
            format!("Publish it in the manifest of {service} (`publish.topics`) and deploy {service} first."),
            "Or correct `subscribe.topics` in the manifest; FIFO topics need `queue: {fifo: true}`."
                .to_owned(),
        ],
        Error::Pipeline(_) => one("Correct the pipeline's manifest, or make what is missing."),
        Error::NoPipeline { .. } => one("Run `wharf pipeline ls` to see which there are, `wharf pipeline deploy` to deploy one."),
        Error::NoLocalPipeline { .. } => one("Run `wharf pipeline init` to make one."),
        Error::NoConnection { .. } => one(
            "Correct `connection_name` in the manifest, or remove it: then one is made.",
        ),
        Error::ConnectionPending { url, .. } => vec![
            format!("Open {url}, choose the connection and \"Update pending connection\"."),
            "Then run the command again: it goes on where it stopped.".to_owned(),
        ],
        Error::RepositoryElsewhere { .. } => {
            one("A pipeline reads CodeCommit in its own region only: move the repository, or use another host.")
        }
        Error::PipelineDeploysTo { env, pipelines } => pipelines
            .iter()
            .map(|name| {
                format!(
                    "Take the stage {env} out of the pipeline {name} and deploy it, or run `wharf pipeline delete --name {name}`."
                )
            })
            .collect(),
        Error::NotOnAppRunner { .. } => one(
            "Write `count: 0` for that environment in its manifest and deploy it to stop its tasks; an earlier `count` starts them again.",
        ),
        Error::Operation { .. } => one(
            "Read what App Runner says with `wharf svc logs --log-group system`, and what the container wrote without it.",
        ),
        Error::BadFacts { .. } => one("Write one with `wharf env show --facts`."),
        _ => vec![],
    }
}

fn domain_advice(failure: &ops::DomainFailure) -> Vec<String> {
    use ops::DomainFailure;
    match failure {
        DomainFailure::NoDomain(_) => vec!["Give a domain such as `example.com`, in lower case.".to_owned()],
        DomainFailure::NoZone { domain, registered: true } => vec![format!(
            "The domain is registered here: make a public hosted zone {domain} in Route 53 and enter its name servers with the \
             registered domain."
        )],
        DomainFailure::NoZone { domain, .. } => vec![
            format!("Make a public hosted zone {domain} in Route 53 and point the domain to its name servers."),
            "If the zone is in another account, use a profile of that account (AWS_PROFILE): the application lives with its \
             domain."
                .to_owned(),
        ],
        DomainFailure::Taken { .. } => vec![
            "Remove these records if nothing needs them any more, or choose another name for the application.".to_owned(),
        ],
        DomainFailure::Others { zone, .. } => vec![
            format!("Nothing was deleted. Remove these records from {zone}, or move them to another zone, and delete again."),
        ],
        DomainFailure::NoOwner { .. } => {
            vec!["Use a name in one of these zones, or import a certificate for it.".to_owned()]
        }
        DomainFailure::Refused { .. } => {
            vec!["Correct what ACM complains about (CAA records, for one), then run the command again.".to_owned()]
        }
        DomainFailure::Pending { domain, .. } => vec![
            format!("ACM asks public name servers: check that the name servers of {domain} are those of its hosted zone."),
            "Then run the command again: it goes on waiting for the same certificate.".to_owned(),
        ],
    }
}

/// A deployment that failed, with its exit code.
fn deployment(failure: ops::DeployFailure) -> Failure {
    use ops::DeployFailure as F;
    let code = match failure {
        F::Left { .. } | F::Interrupted { .. } => codes::INTERRUPTED,
        _ => codes::FAILED,
    };
    Failure { code, reports: vec![deployment_report(failure)], findings: vec![] }
}

/// How a deployment that failed reads: its first cause, with what it rests on.
#[must_use]
pub fn deployment_report(failure: ops::DeployFailure) -> Report {
    use ops::DeployFailure as F;
    let headline = failure.to_string();
    match failure {
        F::Aws(error) => Report { next: aws_advice(&error), ..Report::new(headline) },
        F::Busy { .. } => Report {
            next: vec!["Wait until the other change is done, then run the command again.".to_owned()],
            code: "stack_busy".to_owned(),
            ..Report::new(headline)
        },
        F::Failed { stack, status, cause, evidence, back } => {
            let mut facts = cause.details;
            facts.push(ops::deploy_ending(&stack, &status, &back));
            let writers = evidence.tasks.iter().flat_map(|task| &task.containers);
            let log_title = writers
                .filter(|container| !cause.logs.is_empty() && container.logs.ends_with(&cause.logs))
                .map(|container| format!("last lines of container {}", container.name))
                .next()
                .unwrap_or_else(|| "last log lines".to_owned());
            let (headline, log_lines) = (cause.headline, cause.logs);
            Report { headline, facts, log_lines, log_title, next: cause.next, code: cause.code }
        }
        F::LostSight { error, .. } => {
            let mut next = vec!["Run `wharf watch` to follow it to its end.".to_owned()];
            next.splice(
                0..0,
                match &error.kind {
                    Kind::ExpiredCredentials => {
                        vec!["Log in again (`aws sso login`), or set fresh credentials.".to_owned()]
                    }
                    _ => aws_advice(&error),
                },
            );
            Report { next, ..Report::new(headline) }
        }
        F::Left { stack } => Report {
            next: vec![format!("Run the command again to wait for the end of what goes on with {stack}.")],
            ..Report::new(headline)
        },
        _ => Report::new(headline),
    }
}
