//! Deleting a pipeline: its stack, and the secret with its token where that is wanted.

use super::find;
use crate::describe::pipeline::{self as view, Found};
use crate::name::AppName;
use crate::ops::stacks::{self, Target};
use crate::ops::{Preview, Report, Result, Session};
use crate::yaml::template;

/// Which pipeline is deleted.
#[derive(Debug, Clone)]
pub struct Delete {
    /// Its application.
    pub app: AppName,
    /// Its name.
    pub name: String,
    /// Whether the secret with the token of its source goes too.
    pub secret: bool,
}

/// What deleting the pipeline takes away.
///
/// # Errors
/// It is not deployed; whatever AWS reports.
pub async fn delete_preview(session: &Session, options: &Delete) -> Result<Preview> {
    let found = find(session, &options.app, &options.name).await?;
    let mut goes = vec![format!("stack {} with its pipeline, build projects and roles", found.stack)];
    let mut stays =
        vec!["its manifest and the commands of its build".to_owned(), "what it has deployed".to_owned()];
    if let Some(secret) = secret_of(session, &found).await? {
        if options.secret { &mut goes } else { &mut stays }.push(format!("secret {secret}"));
    }
    Ok(Preview { question: format!("Delete the pipeline {} of {}?", found.name, options.app), goes, stays })
}

/// Name of the secret with the token of a deployed pipeline's source, if it has one.
///
/// # Errors
/// The pipeline is not deployed; whatever AWS reports.
pub async fn token_secret(session: &Session, app: &AppName, name: &str) -> Result<Option<String>> {
    secret_of(session, &find(session, app, name).await?).await
}

async fn secret_of(session: &Session, found: &Found) -> Result<Option<String>> {
    let connection = session.aws().await;
    let Some(text) = connection.cloudformation().template(&found.stack).await? else { return Ok(None) };
    let Some(name) = template::parse(&text).ok().and_then(|template| named_secret(&template)) else {
        return Ok(None);
    };
    Ok(connection.secretsmanager().tags(&name).await?.map(|_| name))
}

/// The secret that the source action's token is read from.
fn named_secret(template: &serde_json::Value) -> Option<String> {
    let source = &template["Resources"]["Pipeline"]["Properties"]["Stages"][0]["Actions"][0]["Configuration"];
    let token = &source["OAuthToken"];
    let token = token.as_str().or_else(|| token["Fn::Sub"].as_str())?;
    let name = token.strip_prefix("{{resolve:secretsmanager:")?.strip_suffix("}}")?;
    // Behind the name may stand `:SecretString:<key>`.
    let name = name.split(":SecretString").next()?;
    Some(name.to_owned())
}

/// Deletes the pipeline. Can be run again after it was stopped anywhere.
///
/// # Errors
/// It is not deployed; whatever AWS reports.
pub async fn delete(session: &Session, options: &Delete) -> Result<Report> {
    let found = find(session, &options.app, &options.name).await?;
    let secret = if options.secret { secret_of(session, &found).await? } else { None };
    remove(session, &found).await?;
    let mut done = vec![format!("The pipeline {} of {} is deleted.", found.name, options.app)];
    if let Some(secret) = secret {
        let title = format!("Delete the secret {secret}");
        session.work(&title, session.aws().await.secretsmanager().delete(&secret)).await?;
        done.push(format!("The secret {secret} is deleted."));
    }
    Ok(Report { done, ..Report::default() })
}

async fn remove(session: &Session, found: &Found) -> Result<()> {
    let title = format!("pipeline {}", found.name);
    stacks::delete(session, session.aws().await, &found.stack, &Target::new(&title)).await
}

/// Deletes all pipelines of an application, and the secrets that were made for them.
pub(in crate::ops) async fn remove_all(session: &Session, app: &AppName) -> Result<()> {
    let connection = session.aws().await;
    for found in view::deployed(connection, app).await? {
        let secret = secret_of(session, &found).await?;
        remove(session, &found).await?;
        let Some(secret) = secret else { continue };
        let door = connection.secretsmanager();
        let tags = door.tags(&secret).await?.unwrap_or_default();
        // One that the user has made may be used elsewhere.
        if tags.get("copilot-application").is_some_and(|value| value == app.as_str()) {
            session.work(&format!("Delete the secret {secret}"), door.delete(&secret)).await?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_secret_stands_in_the_source_action() {
        let with = |token: serde_json::Value| {
            let actions = json!([{"Configuration": {"OAuthToken": token}}]);
            json!({"Resources": {"Pipeline": {"Properties": {"Stages": [{"Actions": actions}]}}}})
        };
        let name = "{{resolve:secretsmanager:github-token-shop-web}}";
        assert_eq!(named_secret(&with(json!(name))).as_deref(), Some("github-token-shop-web"));
        assert_eq!(named_secret(&with(json!({"Fn::Sub": name}))).as_deref(), Some("github-token-shop-web"));
        let key = "{{resolve:secretsmanager:github:SecretString:token}}";
        assert_eq!(named_secret(&with(json!(key))).as_deref(), Some("github"));
        assert_eq!(named_secret(&json!({})), None);
    }
}
