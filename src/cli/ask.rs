//! What a command needs and was not given: taken from the workspace, chosen when there is only one, asked for on a terminal,
//! or an error that names the flag.

use clap::Subcommand as _;

use super::context::Context;
use super::failure::{Failure, Result as Done};
use super::global;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::difference::Difference;
use crate::ops::service::Noun;
use crate::ops::{self, Preview};
use crate::ui::{Choice, Question};

pub use super::ask_pipeline::{repository, repository_of, stages};
pub use super::ask_service::{Ingress, ServiceAnswers, service_init};

type Result<T> = std::result::Result<T, Failure>;

/// The sort of workloads that a command is for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// A service or a job.
    pub noun: Noun,
    /// The command behind `svc` or `job`, such as `show`.
    pub verb: &'a str,
}

impl Wanted<'_> {
    /// Refuses a job where a service is meant, and the other way round, and names the command that is for it.
    fn check(self, name: &WorkloadName, kind: Option<&str>) -> Done {
        let Some(kind) = kind.filter(|kind| Noun::of(kind) != self.noun) else { return Ok(()) };
        let (group, known) = match self.noun {
            Noun::Job => ("svc", super::svc::Command::has_subcommand(self.verb)),
            Noun::Service => ("job", super::job::Command::has_subcommand(self.verb)),
        };
        let next = if known {
            format!("Run `wharf {group} {} --name {name}`.", self.verb)
        } else {
            format!("`wharf {group} --help` lists what there is for a {}.", Noun::of(kind).as_str())
        };
        Err(Failure::user(format!("{name} is a {kind}, no {}", self.noun.as_str())).next(next))
    }
}

/// One of `names`: the given one, the only one, or the chosen one.
fn one_of<T: Clone + ToString>(
    cx: &Context,
    given: Option<T>,
    names: &[T],
    what: &str,
    flag: &str,
    none: &str,
) -> Result<T> {
    if let Some(given) = given {
        return Ok(given);
    }
    match names {
        [] => Err(Failure::user(format!("there is no {what} to choose from")).next(none)),
        [only] => {
            cx.ui.note(&format!("using the only {what}, {}", only.to_string()));
            Ok(only.clone())
        }
        many => {
            let text = format!("Which {what}?");
            let choices: Vec<Choice> = many.iter().map(|name| Choice::new(name.to_string())).collect();
            let index = cx.ui.select(Question { text: &text, flag, help: "" }, &choices, 0)?;
            many.get(index).cloned().ok_or_else(Failure::interrupted)
        }
    }
}

/// The application: given, the workspace's, the only one, or chosen.
pub async fn app(cx: &Context, given: Option<AppName>) -> Result<AppName> {
    app_by(cx, given, "--app").await
}

/// The same for a command whose flag has another name.
pub async fn app_by(cx: &Context, given: Option<AppName>, flag: &str) -> Result<AppName> {
    if let Some(app) = given.or_else(|| cx.session.workspace_app()) {
        return Ok(app);
    }
    let apps = ops::app::list(&cx.session).await?.applications;
    one_of(cx, None, &apps, "application", flag, "Run `wharf init` to make one.")
}

/// The workspace's application; another one can't be meant.
pub fn workspace_app(cx: &Context, given: Option<AppName>) -> Result<AppName> {
    let workspace = cx.session.workspace()?.app().clone();
    match given {
        Some(wanted) if wanted != workspace => Err(ops::Error::OtherApp { workspace, wanted }.into()),
        _ => Ok(workspace),
    }
}

/// The name of a new application, which `argument` would have given.
pub fn new_app(cx: &Context, argument: &str) -> Result<AppName> {
    let directory = cx.session.inputs.directory.file_name().map(|name| name.to_string_lossy().to_lowercase());
    let proposal = directory.filter(|name| AppName::new(name.as_str()).is_ok());
    let help = "An application is a set of services and environments, such as a product.";
    let question = Question { text: "What is the application called?", flag: argument, help };
    typed(cx, question, proposal.as_deref())
}

/// The name of a new environment.
pub fn new_env(cx: &Context) -> Result<EnvName> {
    let help = "An environment is a place where services run, such as test or prod.";
    typed(cx, Question { text: "What is the environment called?", flag: "--name", help }, Some("test"))
}

/// A typed name, checked while it is typed.
pub fn typed<T: std::str::FromStr<Err: ToString>>(
    cx: &Context,
    question: Question<'_>,
    proposal: Option<&str>,
) -> Result<T> {
    let check = |text: &str| text.parse::<T>().map(drop).map_err(|error| error.to_string());
    let text = cx.ui.input(question, proposal, &check)?;
    text.parse().map_err(|error: T::Err| Failure::user(error.to_string()))
}

/// An environment of the application.
pub async fn env(cx: &Context, app: &AppName, given: Option<EnvName>) -> Result<EnvName> {
    if given.is_some() {
        return one_of(cx, given, &[], "environment", "--env", "");
    }
    let names: Vec<EnvName> =
        ops::env::list(&cx.session, app).await?.environments.into_iter().map(|record| record.name).collect();
    one_of(cx, None, &names, "environment", "--env", "Run `wharf env init` to make one.")
}

/// An environment that has a manifest in the workspace.
pub fn local_env(cx: &Context, given: Option<EnvName>) -> Result<EnvName> {
    let names = cx.session.local_environments()?;
    one_of(cx, given, &names, "environment", "--name", "Run `wharf env init` to make one.")
}

/// The first environment of the workspace, where it does not matter which.
pub fn any_local_env(cx: &Context) -> Result<EnvName> {
    let first = cx.session.local_environments()?.into_iter().next();
    first.ok_or_else(|| {
        Failure::user("the workspace has no environment to render the template for")
            .next("Run `wharf env init` to make one, or give --skip-resources.")
    })
}

/// An environment: of the workspace when nothing may be asked of AWS, else of the application.
pub async fn local_or_known_env(
    cx: &Context,
    app: &AppName,
    given: Option<EnvName>,
    offline: bool,
) -> Result<EnvName> {
    if offline { local_env(cx, given) } else { env(cx, app, given).await }
}

/// A pipeline of the application that is deployed.
pub async fn pipeline(cx: &Context, app: &AppName, given: Option<String>) -> Result<String> {
    if let Some(given) = given {
        return Ok(given);
    }
    let names = ops::pipeline::names(&cx.session, app).await?;
    one_of(cx, None, &names, "pipeline", "--name", "Run `wharf pipeline deploy` to deploy one.")
}

/// A pipeline that has a manifest in the workspace.
pub fn local_pipeline(cx: &Context, given: Option<String>) -> Result<String> {
    if let Some(given) = given {
        return Ok(given);
    }
    let local = ops::pipeline::local(&cx.session)?;
    let names: Vec<String> = local.into_iter().map(|pipeline| pipeline.name).collect();
    one_of(cx, None, &names, "pipeline", "--name", "Run `wharf pipeline init` to make one.")
}

/// Workloads of the workspace: all, those that are given, or the one that is meant.
pub fn several(cx: &Context, all: bool, given: Vec<WorkloadName>) -> Result<Vec<WorkloadName>> {
    match (all, given.is_empty()) {
        (true, _) => Ok(cx.session.local_workloads()?),
        (false, true) => Ok(vec![local_workload(cx, None, None)?]),
        (false, false) => Ok(given),
    }
}

/// A workload that has a manifest in the workspace: a service, a job, or any.
pub fn local_workload(
    cx: &Context,
    wanted: Option<Wanted<'_>>,
    given: Option<WorkloadName>,
) -> Result<WorkloadName> {
    let names = match (&given, wanted) {
        (None, Some(wanted)) => ops::service::local(&cx.session, wanted.noun)?,
        (None, None) => cx.session.local_workloads()?,
        (Some(name), Some(wanted)) => {
            let kind = match ops::service::kind_of(&cx.session, name) {
                // Whoever goes on to read the manifest says what is wrong with it.
                Err(ops::Error::Manifest(_)) => None,
                kind => kind?,
            };
            wanted.check(name, kind.map(ops::service::Kind::as_str))?;
            vec![]
        }
        (Some(_), None) => vec![],
    };
    let noun = wanted.map(|wanted| wanted.noun);
    one_of(cx, given, &names, noun.unwrap_or(Noun::Service).as_str(), "--name", none(noun))
}

/// What to do without any workload of a sort.
pub fn none(noun: Option<Noun>) -> &'static str {
    match noun {
        Some(Noun::Job) => "Run `wharf job init` to make one.",
        _ => "Run `wharf svc init` to make one.",
    }
}

/// A service or a job of the application.
pub async fn workload(
    cx: &Context,
    app: &AppName,
    wanted: Wanted<'_>,
    given: Option<WorkloadName>,
) -> Result<WorkloadName> {
    if let Some(given) = given {
        let kind = ops::service::recorded_kind(&cx.session, app, &given).await?;
        wanted.check(&given, kind.as_deref())?;
        return Ok(given);
    }
    let noun = wanted.noun;
    let found = ops::service::listed(&cx.session, app, false, Some(noun)).await?;
    let names: Vec<WorkloadName> = found.into_iter().map(|workload| workload.name).collect();
    one_of(cx, None, &names, noun.as_str(), "--name", none(Some(noun)))
}

/// A job and the environment it runs in, for a verb of `wharf job`.
pub async fn deployed_job(
    cx: &Context,
    verb: &str,
    target: global::Job,
) -> Result<(AppName, WorkloadName, EnvName)> {
    let app = app(cx, target.app.app).await?;
    let name = workload(cx, &app, Wanted { noun: Noun::Job, verb }, target.name).await?;
    let env = env(cx, &app, target.env).await?;
    Ok((app, name, env))
}

/// A service and the environment it runs in, for a verb of `wharf svc`.
pub async fn deployed(
    cx: &Context,
    verb: &str,
    target: global::Service,
) -> Result<(AppName, WorkloadName, EnvName)> {
    let app = app(cx, target.app.app).await?;
    let name = workload(cx, &app, Wanted { noun: Noun::Service, verb }, target.name).await?;
    let env = env(cx, &app, target.env).await?;
    Ok((app, name, env))
}

/// A service, or a job where one is named, and the environment it runs in: both have releases.
pub async fn released(cx: &Context, target: global::Service) -> Result<(AppName, WorkloadName, EnvName)> {
    let app = app(cx, target.app.app).await?;
    let name = match target.name {
        Some(name) => name,
        None => workload(cx, &app, Wanted { noun: Noun::Service, verb: "releases" }, None).await?,
    };
    let env = env(cx, &app, target.env).await?;
    Ok((app, name, env))
}

/// Shows what goes and asks whether to go on. A "no" ends with exit code 1.
pub fn deletion(cx: &Context, preview: &Preview, yes: bool) -> Done {
    if yes {
        return Ok(());
    }
    let lines = |title: &str, lines: &[String]| {
        if lines.is_empty() {
            return String::new();
        }
        format!("{title}\n{}", lines.iter().map(|line| format!("  - {line}\n")).collect::<String>())
    };
    cx.ui.print(&(lines("This goes:", &preview.goes) + &lines("This stays:", &preview.stays)));
    if cx.ui.confirm(Question { text: &preview.question, flag: "--yes", help: "" }, false)? {
        return Ok(());
    }
    Err(Failure::user("nothing was deleted"))
}

/// Shows a difference and asks whether to go on; `flag` spares the question.
pub fn difference(cx: &Context, difference: &Difference, yes: bool, flag: &str) -> Result<bool> {
    if difference.is_empty() {
        cx.ui.note("there is no difference to what is deployed");
    } else {
        cx.print_difference(difference)?;
    }
    if yes {
        return Ok(true);
    }
    let question = Question { text: "Go on with the deployment?", flag, help: "" };
    Ok(cx.ui.confirm(question, false)?)
}
