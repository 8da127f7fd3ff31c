//! `wharf pipeline init`.

use clap::ValueEnum;

use crate::cli::context::Context;
use crate::cli::failure::{Failure, Result};
use crate::cli::{ask, global};
use crate::name::{EnvName, PipelineName};
use crate::ops;
use crate::ops::pipeline::Kind;
use crate::ui::{Choice, Question};

/// Create the manifest and the build commands of a pipeline
///
/// Writes `pipelines/<name>/manifest.yml` and `buildspec.yml`; files that are there are kept. With --ci it writes a workflow
/// for GitHub Actions or GitLab instead, which runs wharf with OpenID Connect.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(flatten)]
    pipeline: global::Pipeline,
    /// Address of the repository at github.com, bitbucket.org or CodeCommit [default: git's remote]
    #[arg(short, long, alias = "github-url")]
    url: Option<String>,
    /// Branch that starts the pipeline [default: the current one, or main]
    #[arg(short = 'b', long, value_name = "BRANCH")]
    git_branch: Option<String>,
    /// Environments to deploy to, in order
    #[arg(short, long, value_name = "NAMES", value_delimiter = ',')]
    environments: Vec<EnvName>,
    /// What is deployed: Workloads or Environments
    #[arg(short, long, value_enum, ignore_case = true, hide_possible_values = true, value_name = "TYPE")]
    pipeline_type: Option<Type>,
    /// Personal access token of GitHub, for pipelines without a connection
    #[arg(short = 't', long, hide = true, env = "WHARF_GITHUB_ACCESS_TOKEN", hide_env_values = true)]
    github_access_token: Option<String>,
    /// Write a workflow for another place that builds: github or gitlab
    #[arg(long, value_enum, hide_possible_values = true, value_name = "PLACE")]
    ci: Option<Ci>,
}

/// What a pipeline deploys.
#[derive(ValueEnum, Debug, Clone, Copy)]
#[value(rename_all = "PascalCase")]
enum Type {
    /// Services and jobs
    Workloads,
    /// Environments
    Environments,
}

/// Where a workflow runs.
#[derive(ValueEnum, Debug, Clone, Copy)]
#[value(rename_all = "lower")]
enum Ci {
    /// GitHub Actions
    GitHub,
    /// GitLab CI/CD
    GitLab,
}

/// Asks for what is missing, writes the files.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let app = ask::workspace_app(cx, args.pipeline.app.app)?;
    let (found, current) = ops::pipeline::repositories(&cx.session).await?;
    let place = args.ci;
    let repository = match (args.url.as_deref(), place) {
        (Some(url), _) => Some(ask::repository_of(url)?),
        // A workflow lies in the repository that it deploys.
        (None, Some(_)) => found.first().cloned(),
        (None, None) => Some(ask::repository(cx, &found)?),
    };
    let branch = args.git_branch.or(current).unwrap_or_else(|| "main".to_owned());
    let name = match args.pipeline.name {
        Some(name) => name.parse::<PipelineName>().map_err(|error| Failure::user(error.to_string()))?,
        None => {
            let help = "The name stands in the workspace and in AWS; one pipeline watches one branch.";
            let question = Question { text: "What is the pipeline called?", flag: "--name", help };
            let start = repository.as_ref().map_or(app.as_str(), |repository| &repository.name);
            ask::typed(cx, question, Some(&ops::pipeline::proposed_name(start, &branch)))?
        }
    };
    let environments = ask::stages(cx, &app, args.environments).await?;
    let options = ops::pipeline::Init {
        kind: kind(cx, args.pipeline_type)?,
        app,
        name,
        repository,
        branch,
        environments,
        token: args.github_access_token,
    };
    let made = match place {
        None => ops::pipeline::init(&cx.session, &options).await?,
        Some(Ci::GitHub) => ops::pipeline::ci(&cx.session, &options, ops::pipeline::Ci::GitHub).await?,
        Some(Ci::GitLab) => ops::pipeline::ci(&cx.session, &options, ops::pipeline::Ci::GitLab).await?,
    };
    cx.tell(&made)
}

fn kind(cx: &Context, given: Option<Type>) -> std::result::Result<Kind, Failure> {
    let index = match given {
        Some(Type::Workloads) => 0,
        Some(Type::Environments) => 1,
        None => {
            let question =
                Question { text: "What does the pipeline deploy?", flag: "--pipeline-type", help: "" };
            let choices = [
                Choice::with_detail("Workloads", "services and jobs"),
                Choice::with_detail("Environments", "the environments themselves"),
            ];
            cx.ui.select(question, &choices, 0)?
        }
    };
    Ok(if index == 0 { Kind::Workloads } else { Kind::Environments })
}
