//! Why a verb failed: the facts, without advice. What the user can do about it is said in `cli/failure.rs`.

use super::app::upgrade::Problem;
use super::package::Findings;
use super::plan::Risk;
use super::preflight::Verified;
use super::takeover::Takeover;
use super::{Report, domain};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::{aws, deploy, describe, stack, store, tools, workspace};

/// The result of a verb.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a verb failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The user's files.
    #[error(transparent)]
    Workspace(#[from] workspace::Error),
    /// A manifest with errors; all of them are in the findings.
    #[error("{} has errors", .0.source.path)]
    Manifest(Box<Findings>),
    /// Addons with errors, by file.
    #[error("{} has errors", .0.first().map_or("an addon", |found| found.source.path.as_str()))]
    Addons(Vec<Findings>),
    /// A call of AWS.
    #[error(transparent)]
    Aws(#[from] aws::Error),
    /// Our records.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Views of what is deployed.
    #[error(transparent)]
    Describe(#[from] describe::Error),
    /// A container engine.
    #[error(transparent)]
    Engine(#[from] tools::engine::Error),
    /// What changed since a revision is not known.
    #[error(transparent)]
    Since(#[from] tools::git::Since),
    /// A CDK application of the user's.
    #[error("the CDK application in {folder} did not change the template: {source}")]
    Cdk {
        /// Its folder, for messages.
        folder: String,
        /// Why.
        source: tools::cdk::Error,
    },
    /// What a CDK application printed is no template.
    #[error("the CDK application in {folder} printed no template: {message}")]
    CdkTemplate {
        /// Its folder, for messages.
        folder: String,
        /// What is wrong with it.
        message: String,
    },
    /// A change of a stack.
    #[error(transparent)]
    Deploy(Box<deploy::Failure>),
    /// A workload's stack can't be made from what is given.
    #[error(transparent)]
    Stack(#[from] stack::workload::StackError),
    /// A fault in a built-in template.
    #[error(transparent)]
    Render(#[from] stack::render::RenderError),
    /// A facts file that can't be used.
    #[error("{path} is no facts file: {message}")]
    BadFacts {
        /// The file as given.
        path: String,
        /// Why.
        message: String,
    },
    /// A deployed template that can't be read.
    #[error("the deployed template of {stack} can't be read: {message}")]
    BadTemplate {
        /// The stack.
        stack: String,
        /// Why.
        message: String,
    },
    /// The workspace belongs to another application.
    #[error("this workspace belongs to the application {workspace}, not to {wanted}")]
    OtherApp {
        /// Whom it belongs to.
        workspace: AppName,
        /// Who was asked for.
        wanted: AppName,
    },
    /// A manifest's name is not its folder's.
    #[error("the manifest in {folder} names its service {name}")]
    OtherName {
        /// The folder.
        folder: WorkloadName,
        /// The name in the manifest.
        name: WorkloadName,
    },
    /// Something exists in another form.
    #[error("{0}")]
    Exists(String),
    /// Roles of an application's name exist without the application.
    #[error("the name {name} is taken: the role {role} exists, but no application {name} in {region}")]
    NameTaken {
        /// The name.
        name: AppName,
        /// The role.
        role: String,
        /// The region that was looked in.
        region: String,
    },
    /// The stack of something is another's: their names, joined by hyphens, are the same. Nothing was changed.
    #[error("the stack {stack} of {wanted} is there already, and belongs to {owner}")]
    OtherStack {
        /// The stack.
        stack: String,
        /// Whose it is.
        owner: String,
        /// Whose it would be.
        wanted: String,
    },
    /// A permissions boundary that does not exist.
    #[error("there is no IAM policy {name} in the account")]
    NoPolicy {
        /// Its name.
        name: String,
    },
    /// The application has nothing in a region.
    #[error("the application {app} has no resources in {region}")]
    NoRegion {
        /// The application.
        app: AppName,
        /// The region.
        region: String,
    },
    /// There is no release to go back to.
    #[error("{name} has no {} in {env}", if which.is_empty() { "earlier release".to_owned() } else { format!("release {which}") })]
    NoRelease {
        /// The workload.
        name: WorkloadName,
        /// The environment.
        env: EnvName,
        /// The id asked for; empty for any earlier one.
        which: String,
    },
    /// Something that a release needs is not there any more.
    #[error("release {release} can't be deployed again: {what} is gone")]
    ReleaseGone {
        /// Its id.
        release: String,
        /// What is gone.
        what: String,
    },
    /// The environment is registered but not deployed.
    #[error("the environment {env} is not deployed yet")]
    NotDeployed {
        /// The environment.
        env: EnvName,
    },
    /// The environment's template is too old.
    #[error("the environment {env} can't have {feature} yet: its template is older than {since}")]
    OldEnvironment {
        /// The environment.
        env: EnvName,
        /// What the service needs.
        feature: String,
        /// Version of the template that brought it.
        since: String,
    },
    /// There is no way into the account of an environment that is to be deleted. Nothing was changed.
    #[error(
        "there is no way into the environment {env} in account {}: {source}",
        role.split(':').nth(4).unwrap_or_default()
    )]
    NoWayIn {
        /// The application.
        app: AppName,
        /// The environment.
        env: EnvName,
        /// ARN of the role that was to be taken on, which names the account.
        role: String,
        /// The region of the application's records.
        region: String,
        /// Why not.
        source: Box<aws::Error>,
    },
    /// Services run in an environment that is to be deleted.
    #[error("services run in the environment {env}: {}", services.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))]
    EnvironmentInUse {
        /// The environment.
        env: EnvName,
        /// The services.
        services: Vec<WorkloadName>,
    },
    /// The service has no image repository.
    #[error("{name} is not registered: it has no image repository")]
    NotRegistered {
        /// The service.
        name: WorkloadName,
    },
    /// A newer version has deployed the stack.
    #[error("{stack} was deployed by a newer version ({version}) than this one (v{})", env!("CARGO_PKG_VERSION"))]
    Newer {
        /// The stack.
        stack: String,
        /// Its version.
        version: String,
    },
    /// Stacks of Copilot's that are to be taken over first, which nobody has agreed to yet. Nothing was changed.
    #[error(
        "{} deployed by Copilot and must be taken over first",
        match .0.as_slice() { [one] => format!("{} was", one.stack), all => format!("{} stacks were", all.len()) }
    )]
    TakeoverDue(Vec<Takeover>),
    /// Stacks of Copilot's that can't be taken over as they are: something would be lost. Nothing was changed.
    #[error(
        "{} can't be taken over: {}",
        .0.iter().map(|one| one.stack.as_str()).collect::<Vec<_>>().join(", "),
        .0.iter().flat_map(Takeover::problems).next().unwrap_or_default()
    )]
    TakeoverRefused(Vec<Takeover>),
    /// A change of an application's own stacks with which something would be lost. Nothing was changed.
    #[error(
        "{what} can't be changed: {}{}",
        problems.first().map(|problem| problem.what.as_str()).unwrap_or_default(),
        if problems.len() > 1 { format!(", and {} more", problems.len() - 1) } else { String::new() }
    )]
    WouldLose {
        /// What was to be changed, such as `the StackSet shop-infrastructure`.
        what: String,
        /// What would be lost, and what to do about it; at least one.
        problems: Vec<Problem>,
        /// The command that gives it a template that was corrected by hand; empty where there is none.
        by_hand: String,
    },
    /// Resources that hold data or take traffic would be replaced or deleted, and nobody has agreed to it. Nothing was
    /// changed.
    #[error(
        "{}{}",
        .0.first().map(Risk::sentence).unwrap_or_default(),
        if .0.len() > 1 { format!(", and {} more", .0.len() - 1) } else { String::new() }
    )]
    Guarded(Vec<Risk>),
    /// A deployment that would fail, found by the checks before it.
    #[error("the deployment would fail: {}", .0.with(super::preflight::Outcome::Failed).next().map(|(name, finding)| format!("{name}: {}", finding.sentence())).unwrap_or_default())]
    Preflight(Verified),
    /// What can't be done in express mode, and why.
    #[error("{0}")]
    Express(String),
    /// An update would delete custom resources that nothing keeps from being deleted.
    #[error("{stack} holds custom resources that this update would delete, and with them what they made")]
    Unsecured {
        /// The stack.
        stack: String,
    },
    /// Data that would go with its stack, which can't be changed to keep it.
    #[error("the data of {stack} can't be kept while the stack is in {status}")]
    DataUnsafe {
        /// The stack.
        stack: String,
        /// Its status.
        status: String,
    },
    /// Copilot's custom resources would be called by a deletion, as their stack can't be changed.
    #[error("the custom resources of {stack} can't be kept from being called while the stack is in {status}")]
    HandlersUnsafe {
        /// The stack.
        stack: String,
        /// Its status.
        status: String,
    },
    /// Certificates and records that nobody but Copilot's functions may take away.
    #[error(
        "{stack} has certificates or records that functions of Copilot's look after, as the environment {env} is still Copilot's"
    )]
    NamesUnsafe {
        /// The stack.
        stack: String,
        /// The environment.
        env: EnvName,
    },
    /// Data that is kept stands in a network that would be deleted.
    #[error("the environment {env} can't go without the data in its network, in {}", stacks.join(", "))]
    DataInNetwork {
        /// The environment.
        env: EnvName,
        /// The stacks that hold it.
        stacks: Vec<String>,
    },
    /// Names of an application with a domain, and their certificates.
    #[error(transparent)]
    Domain(#[from] domain::Failure),
    /// A site, which has no logs.
    #[error("{site} is a Static Site: no container of it runs, so nothing is logged")]
    NoLogs {
        /// The site.
        site: WorkloadName,
    },
    /// A site without files.
    #[error("{site} has no files: {} holds nothing, or nothing that is not left out", sources.join(", "))]
    NoFiles {
        /// The site.
        site: WorkloadName,
        /// Where its files would come from.
        sources: Vec<String>,
    },
    /// A file that is too large for a site.
    #[error("{key} of {site} has {size} bytes: S3 takes files up to 5 GiB in one piece")]
    LargeFile {
        /// The site.
        site: WorkloadName,
        /// The file, by its path in the site.
        key: String,
        /// Its size in bytes.
        size: u64,
    },
    /// A stack lacks an output that it must have.
    #[error("the stack {stack} has no output {output}")]
    MissingOutput {
        /// The stack.
        stack: String,
        /// The output.
        output: String,
    },
    /// A stack's template holds no manifest.
    #[error("the stack {stack} does not exist or holds no manifest")]
    NoDeployedManifest {
        /// The stack.
        stack: String,
    },
    /// A load balancer that does not exist.
    #[error("there is no load balancer {name}")]
    NoLoadBalancer {
        /// Its name or ARN.
        name: String,
    },
    /// Tags that no subnet carries.
    #[error("no subnet of the environment's VPC carries the tags {tags}")]
    NoSubnets {
        /// The tags.
        tags: String,
    },
    /// A topic that is not there.
    #[error(
        "there is no topic {topic:?} of {service} in this environment{}",
        if known.is_empty() { String::new() } else { format!("; there are {}", known.join(", ")) }
    )]
    NoTopic {
        /// Its name.
        topic: String,
        /// The service that is to publish it.
        service: WorkloadName,
        /// Topics that the service publishes.
        known: Vec<String>,
    },
    /// A pipeline's stack can't be made from what is given.
    #[error(transparent)]
    Pipeline(#[from] stack::pipeline::StackError),
    /// A pipeline that is not deployed.
    #[error("there is no pipeline {name} of this application{}", among(known))]
    NoPipeline {
        /// Its name.
        name: String,
        /// Those that are deployed.
        known: Vec<String>,
    },
    /// A pipeline that has no manifest in the workspace.
    #[error("there is no manifest of a pipeline {name} in this workspace{}", among(known))]
    NoLocalPipeline {
        /// Its name.
        name: String,
        /// Those that have one.
        known: Vec<String>,
    },
    /// A connection to a host of repositories that does not exist.
    #[error("there is no connection {name} in this region{}", among(known))]
    NoConnection {
        /// Its name.
        name: String,
        /// Those of the region.
        known: Vec<String>,
    },
    /// A connection that nobody has allowed at the repository's host.
    #[error("the connection {name} is still pending: nobody has allowed it at the repository's host")]
    ConnectionPending {
        /// Its name.
        name: String,
        /// Where it is done.
        url: String,
    },
    /// A CodeCommit repository in another region than the pipeline's.
    #[error(
        "the repository {repository} is in {region}, but the application's pipelines are in {app_region}"
    )]
    RepositoryElsewhere {
        /// Its name.
        repository: String,
        /// Its region.
        region: String,
        /// The application's region.
        app_region: String,
    },
    /// Pipelines deploy to an environment that is to be deleted.
    #[error("pipelines deploy to the environment {env}: {}", pipelines.join(", "))]
    PipelineDeploysTo {
        /// The environment.
        env: EnvName,
        /// The pipelines.
        pipelines: Vec<String>,
    },
    /// New tasks did not come to run.
    #[error("the new tasks of {name} did not come to run")]
    NotSteady {
        /// The service.
        name: WorkloadName,
    },
    /// A service that does not run on App Runner, in the place of one that does.
    #[error("{name} runs on ECS; only services on App Runner (Request-Driven Web Services) can be paused")]
    NotOnAppRunner {
        /// The service.
        name: WorkloadName,
    },
    /// An operation of App Runner that did not succeed in its time.
    #[error("{title}: App Runner's operation is {status}")]
    Operation {
        /// What was to be done.
        title: String,
        /// Its status.
        status: String,
    },
    /// A run of a job did not end well.
    #[error("{job} {}", match run.status.as_str() {
        "TIMED_OUT" => "timed out",
        "ABORTED" => "was stopped",
        _ => "failed",
    })]
    RunFailed {
        /// The job.
        job: WorkloadName,
        /// What it came to.
        run: Box<describe::job::Run>,
    },
    /// Of several services some failed.
    #[error("not deployed: {}", failures.iter().map(|(name, _)| name.to_string()).collect::<Vec<_>>().join(", "))]
    Several {
        /// What the others came to.
        done: Box<Report>,
        /// The failures by service.
        failures: Vec<(WorkloadName, Error)>,
    },
    /// Something this version can't do yet.
    #[error("{0}")]
    Unsupported(String),
    /// A value on the command line.
    #[error("{0}")]
    Usage(String),
    /// The user stopped it.
    #[error("interrupted")]
    Interrupted,
    /// Something that can't be.
    #[error("{0}; this is a bug in wharf")]
    Bug(String),
}

/// What there is instead, for messages.
fn among(known: &[String]) -> String {
    if known.is_empty() { String::new() } else { format!("; there are {}", known.join(", ")) }
}

impl From<deploy::site::Failure> for Error {
    fn from(failure: deploy::site::Failure) -> Self {
        match failure {
            deploy::site::Failure::Aws(error) => Self::Aws(error),
            deploy::site::Failure::Interrupted => Self::Interrupted,
        }
    }
}

impl From<deploy::Failure> for Error {
    fn from(failure: deploy::Failure) -> Self {
        Self::Deploy(Box::new(failure))
    }
}
