//! Making a pipeline: its manifest and the commands of its build, or a workflow for a host that builds by itself.

use std::collections::BTreeMap;
use std::path::Path;

use crate::aws::Kind as AwsKind;
pub use crate::manifest::scaffold::pipeline::Kind;
use crate::manifest::scaffold::pipeline::{self as scaffold, Source};
use crate::model::repository::{Host, Repository};
use crate::name::{AppName, EnvName, PipelineName};
use crate::ops::{Error, Report, Result, Session, reference};
use crate::secret::Secret;
use crate::tools::git;
use crate::workspace::Written;
use crate::workspace::file::{self, Privacy};

/// What a pipeline is made from.
#[derive(Debug, Clone)]
pub struct Init {
    /// Its application.
    pub app: AppName,
    /// Its name.
    pub name: PipelineName,
    /// What it deploys.
    pub kind: Kind,
    /// Where the source is; a workflow of another place needs none.
    pub repository: Option<Repository>,
    /// The branch it watches.
    pub branch: String,
    /// The environments it deploys to, in order.
    pub environments: Vec<EnvName>,
    /// A personal access token of GitHub; without one it has a connection.
    pub token: Option<String>,
}

/// Where a workflow runs that is no pipeline of AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ci {
    /// GitHub Actions.
    GitHub,
    /// GitLab.
    GitLab,
}

/// Repositories that the remotes of the project name and a pipeline can watch, and the branch that is checked out.
///
/// # Errors
/// No workspace.
pub async fn repositories(session: &Session) -> Result<(Vec<Repository>, Option<String>)> {
    let root = session.workspace()?.root();
    let mut found: Vec<Repository> = vec![];
    for url in git::remotes(root).await {
        found.extend(Repository::parse(&url).filter(|repository| !found.contains(repository)));
    }
    Ok((found, git::inspect(root).await.branch))
}

/// The name that `<repository>-<branch>` makes, with a hyphen for what no name can hold.
#[must_use]
pub fn proposed_name(repository: &str, branch: &str) -> String {
    let mut name = String::new();
    for c in format!("{repository}-{branch}").to_lowercase().chars() {
        let c = if c.is_ascii_lowercase() || c.is_ascii_digit() { c } else { '-' };
        if c != '-' || !name.ends_with('-') {
            name.push(c);
        }
    }
    let name: String = name.trim_start_matches(|c: char| !c.is_ascii_lowercase()).chars().take(60).collect();
    name.trim_end_matches('-').to_owned()
}

/// Makes the pipeline's files, and the secret with its token. Files that are there are kept.
///
/// # Errors
/// An environment that does not exist; a CodeCommit repository in another region; a file can't be written; whatever AWS
/// reports.
pub async fn init(session: &Session, options: &Init) -> Result<Report> {
    check(session, options).await?;
    let connection = session.aws().await;
    let region = connection.region_name().await?;
    let missing = || Error::Usage("a pipeline needs a repository: give --url".to_owned());
    let repository = options.repository.as_ref().ok_or_else(missing)?;
    if repository.host == Host::CodeCommit && !repository.region.is_empty() && repository.region != region {
        return Err(Error::RepositoryElsewhere {
            repository: repository.name.clone(),
            region: repository.region.clone(),
            app_region: region,
        });
    }
    let mut done = vec![];
    let secret = match &options.token {
        Some(token) => {
            let name = format!("github-token-{}-{}", options.app, repository.name);
            keep_token(session, &options.app, &name, &Secret::new(token.as_str()), &mut done).await?;
            Some(name)
        }
        None => None,
    };
    let source = Source {
        provider: if secret.is_some() { "GitHubV1" } else { repository.host.as_str() },
        repository: repository.url(),
        connected: repository.host != Host::CodeCommit,
        secret,
    };
    let new = files(options);
    let workspace = session.workspace()?;
    let files =
        [("manifest.yml", scaffold::manifest(&new, &source)), ("buildspec.yml", scaffold::buildspec(&new))];
    for (name, text) in files {
        let (path, written) = workspace.write_pipeline(&options.name, name, &text)?;
        if (name, written) == ("manifest.yml", Written::Created) {
            reference::place_schema_of(workspace, "pipeline")?;
        }
        done.push(wrote(&workspace.display(&path), written));
    }
    Ok(Report {
        done,
        next: vec![
            "Say in the buildspec where wharf is (`WHARF_DOWNLOAD`), then commit both files and push them."
                .to_owned(),
            format!("Run `wharf pipeline deploy --name {}` to make the pipeline.", options.name),
        ],
        ..Report::default()
    })
}

fn wrote(path: &str, written: Written) -> String {
    match written {
        Written::Created => format!("{path} is written."),
        Written::Kept => format!("{path} is kept as it was."),
    }
}

fn files(options: &Init) -> scaffold::Pipeline {
    scaffold::Pipeline {
        app: options.app.clone(),
        name: options.name.clone(),
        kind: options.kind,
        branch: options.branch.clone(),
        environments: options.environments.clone(),
    }
}

/// Refuses what can't be right, before anything is made.
async fn check(session: &Session, options: &Init) -> Result<()> {
    let branch = &options.branch;
    // What git takes as the name of a branch, as far as it matters to files and commands.
    let fits = |c: char| !c.is_whitespace() && !c.is_control() && !"~^:?*[\\\"'`$".contains(c);
    if branch.is_empty() || branch.starts_with('-') || !branch.chars().all(fits) {
        return Err(Error::Usage(format!("{branch:?} can't be the name of a branch")));
    }
    let host = options.repository.as_ref().map(|repository| repository.host);
    if options.token.is_some() && host != Some(Host::GitHub) {
        return Err(Error::Usage("a token is for repositories of GitHub only".to_owned()));
    }
    if options.environments.is_empty() {
        return Err(Error::Usage(
            "a pipeline deploys to one environment at least: give --environments".to_owned(),
        ));
    }
    session.app(&options.app).await?;
    for env in &options.environments {
        session.env(&options.app, env).await?;
    }
    Ok(())
}

/// Keeps the token in a secret. One that is there gets the new token.
async fn keep_token(
    session: &Session,
    app: &AppName,
    name: &str,
    token: &Secret,
    done: &mut Vec<String>,
) -> Result<()> {
    let tags = BTreeMap::from([("copilot-application".to_owned(), app.to_string())]);
    let door = session.aws().await.secretsmanager();
    match door.create(name, token, &tags).await {
        Ok(()) => done.push(format!("The token is kept in the secret {name}.")),
        Err(error) if error.kind == AwsKind::AlreadyExists => {
            door.put(name, token).await?;
            done.push(format!("The secret {name} holds the new token."));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(())
}

/// Writes a workflow that deploys from another place than AWS. A file that is there is kept.
///
/// # Errors
/// As [`init`].
pub async fn ci(session: &Session, options: &Init, ci: Ci) -> Result<Report> {
    check(session, options).await?;
    let region = session.aws().await.region_name().await?;
    let new = files(options);
    let (path, text, variables) = match ci {
        Ci::GitHub => (
            format!(".github/workflows/{}.yml", options.name),
            scaffold::github(&new, &region),
            "WHARF_ROLE_ARN and WHARF_DOWNLOAD",
        ),
        Ci::GitLab => {
            (".gitlab-ci.yml".to_owned(), scaffold::gitlab(&new, &region), "AWS_ROLE_ARN and WHARF_DOWNLOAD")
        }
    };
    let workspace = session.workspace()?;
    let full = workspace.root().join(Path::new(&path));
    let written = file::write_new(&full, text.as_bytes(), Privacy::Shared)?;
    Ok(Report {
        done: vec![wrote(&path, written)],
        next: vec![format!("Set the variables {variables}, then commit the file and push it.")],
        ..Report::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_repository_and_branch() {
        assert_eq!(proposed_name("Shop.Web", "main"), "shop-web-main");
        assert_eq!(proposed_name("shop", "feature/new_thing"), "shop-feature-new-thing");
        assert_eq!(proposed_name("2048", "main"), "main");
        assert!(proposed_name(&"x".repeat(90), "main").len() <= 60);
    }
}
