//! What a new pipeline needs and was not given.

use super::context::Context;
use super::failure::Failure;
use crate::name::{AppName, EnvName};
use crate::ops::{self, pipeline::Repository};
use crate::ui::{Choice, Question};

type Result<T> = std::result::Result<T, Failure>;

/// Reads the address of a repository.
pub fn repository_of(url: &str) -> Result<Repository> {
    Repository::parse(url).ok_or_else(|| {
        Failure::user(format!("{url:?} is no address of a repository that a pipeline can watch"))
            .next("Write it as https://github.com/OWNER/NAME, https://bitbucket.org/OWNER/NAME or https://git-codecommit.REGION.amazonaws.com/v1/repos/NAME.")
            .next("For other hosts there is `--ci gitlab`.")
    })
}

/// The repository of a remote: the only one, or the chosen one.
pub fn repository(cx: &Context, found: &[Repository]) -> Result<Repository> {
    let text = "Which repository starts the pipeline?";
    let question = Question { text, flag: "--url", help: "" };
    match found {
        [only] => {
            cx.ui.note(&format!("using the repository {}", only.url()));
            Ok(only.clone())
        }
        [] => {
            let check =
                |url: &str| Repository::parse(url).map(drop).ok_or_else(|| "no such address".to_owned());
            repository_of(&cx.ui.input(question, None, &check)?)
        }
        many => {
            let choices: Vec<Choice> = many.iter().map(|one| Choice::new(one.url())).collect();
            let index = cx.ui.select(question, &choices, 0)?;
            many.get(index).cloned().ok_or_else(Failure::interrupted)
        }
    }
}

/// The environments that a new pipeline deploys to, in order.
pub async fn stages(cx: &Context, app: &AppName, given: Vec<EnvName>) -> Result<Vec<EnvName>> {
    if !given.is_empty() {
        return Ok(given);
    }
    let known: Vec<EnvName> =
        ops::env::list(&cx.session, app).await?.environments.into_iter().map(|env| env.name).collect();
    if known.len() < 2 {
        return Ok(vec![super::ask::env(cx, app, None).await?]);
    }
    let all: Vec<&str> = known.iter().map(EnvName::as_str).collect();
    let text = "Which environments, in the order in which they are deployed to?";
    let question = Question { text, flag: "--environments", help: "Names with commas between them." };
    let check = |answer: &str| {
        let unknown = answer.split(',').map(str::trim).find(|name| !all.contains(name));
        unknown.map_or(Ok(()), |name| Err(format!("there is no environment {name}")))
    };
    let answer = cx.ui.input(question, Some(&all.join(",")), &check)?;
    Ok(known_in_order(&known, &answer))
}

fn known_in_order(known: &[EnvName], answer: &str) -> Vec<EnvName> {
    let wanted = answer.split(',').map(str::trim);
    wanted.filter_map(|name| known.iter().find(|env| env.as_str() == name).cloned()).collect()
}
