//! Changing stacks for the verbs: what every change has in common.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::{Error, Result, Session};
use crate::artifact::key;
use crate::aws::Connection;
use crate::aws::cloudformation::{MAX_TEMPLATE_BODY, Stack as Deployed, Template};
use crate::deploy::stack::{self as deploy, Applied};
use crate::deploy::{Failure, WhenBusy, delete, parameters};
use crate::event::Step;
use crate::stack::{Stack, TEMPLATE_VERSION};
use crate::takeover;
use crate::yaml::node::SyntaxError;
use crate::yaml::template;

/// How the user wants stacks to be changed.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Whether a failed stack stays as it is.
    pub no_rollback: bool,
    /// Whether a change ends as soon as it is clear that the new tasks will never stay up; `None`: in CI.
    pub fail_fast: Option<bool>,
    /// Whether to return once CloudFormation has begun.
    pub detach: bool,
    /// Whether an older version may go over a newer one's template.
    pub allow_downgrade: bool,
    /// Whether stacks that Copilot deployed are taken over without a further question.
    pub takeover: bool,
    /// Logical ids of resources that may be replaced or deleted although they hold data or take traffic.
    pub allow_replace: Vec<String>,
    /// Logical ids of resources that are given up when the rollback of an earlier update has to be continued.
    pub skip: Vec<String>,
    /// Whether the checks before a deployment are left out.
    pub skip_preflight: bool,
    /// Whether the containers are tried on this machine before anything changes.
    pub try_here: bool,
    /// File with values for the try, `NAME=VALUE` a line.
    pub try_env: Option<PathBuf>,
    /// Whether CloudFormation is done once a workload's configuration is applied, and wharf proves that it runs.
    pub express: bool,
}

/// What a change of a stack needs besides the stack.
#[derive(Debug, Clone)]
pub(super) struct Target<'a> {
    /// What it is for people, such as `service api in test`.
    pub title: &'a str,
    /// Role that CloudFormation takes on.
    pub role_arn: Option<&'a str>,
    /// The template as text, where the caller has it.
    pub text: Option<&'a str>,
    /// Bucket for templates that are too long for a call, and its region.
    pub bucket: Option<(&'a str, &'a str)>,
    /// How the user wants it.
    pub change: Change,
    /// Logical ids of resources that stay when it is deleted after an earlier deletion failed.
    pub retain: Vec<String>,
    /// What to do when somebody else is changing it: refuse where the change was computed from what is deployed.
    pub when_busy: WhenBusy,
}

impl<'a> Target<'a> {
    /// A change without a role and without a bucket.
    pub fn new(title: &'a str) -> Self {
        Self {
            title,
            role_arn: None,
            text: None,
            bucket: None,
            change: Change::default(),
            retain: vec![],
            when_busy: WhenBusy::Wait,
        }
    }
}

/// Makes or changes a stack and follows it to its end.
pub(super) async fn apply(
    session: &Session,
    connection: &Connection,
    stack: &Stack,
    target: &Target<'_>,
) -> Result<Applied> {
    let url = match target.bucket {
        Some(place) => {
            let text = target.text.map_or_else(|| stack.template_yaml(), str::to_owned);
            Some(upload(session, connection, &stack.name, text, target.title, place).await?)
        }
        None => None,
    };
    session.check_interrupt()?;
    // The last line of defence, whoever calls: no custom resource goes that nothing keeps from being deleted.
    if let Some(document) = deployed_document(connection, &stack.name).await?
        && takeover::stage(&document, &stack.template) == takeover::Stage::First
    {
        return Err(Error::Unsecured { stack: stack.name.clone() });
    }
    let options = deploy::Options { when_busy: target.when_busy, ..options(session, target, url.as_deref()) };
    Ok(deploy::apply(connection, stack, options).await?)
}

/// The template of a deployed stack in normal form; `None` when there is no stack, or none that came to life.
async fn deployed_document(connection: &Connection, name: &str) -> Result<Option<Value>> {
    let Some(text) = connection.cloudformation().template(name).await? else { return Ok(None) };
    let bad = |error: SyntaxError| Error::BadTemplate { stack: name.to_owned(), message: error.to_string() };
    Ok(Some(template::parse(&text).map_err(bad)?))
}

/// Uploads a template and returns its URL.
pub(super) async fn upload(
    session: &Session,
    connection: &Connection,
    stack: &str,
    body: String,
    title: &str,
    (bucket, region): (&str, &str),
) -> Result<String> {
    session.check_interrupt()?;
    let key = key::template(stack, &body);
    let step =
        session.step(&format!("template {stack}"), Step::Upload, &format!("Upload the template of {title}"));
    let new = step.run(connection.s3().put_if_absent(bucket, &key, body.into_bytes(), "text/yaml")).await?;
    if new {
        step.done("")
    } else {
        step.skipped("already there")
    }
    Ok(key::url(bucket, region, &key))
}

pub(super) fn options<'a>(
    session: &'a Session,
    target: &'a Target<'a>,
    url: Option<&'a str>,
) -> deploy::Options<'a> {
    deploy::Options {
        role_arn: target.role_arn,
        template_url: url,
        disable_rollback: target.change.no_rollback,
        express: target.change.express,
        fail_fast: target.change.fail_fast.unwrap_or(session.inputs.ci),
        skip: &target.change.skip,
        detach: target.change.detach,
        interrupt: Some(session.interrupt.clone()),
        polling: session.inputs.polling,
        ..deploy::Options::new(target.title, session.reporter.as_ref())
    }
}

/// Computes parameters from the deployed ones.
type Wanted<'a> = dyn Fn(&BTreeMap<String, String>) -> BTreeMap<String, String> + Sync + 'a;

/// Changes parameters of a deployed stack and keeps its template. `wanted` computes the values from the deployed ones; it is
/// asked again when somebody else was faster, so that no one's change is lost.
pub(super) async fn change_parameters(
    session: &Session,
    connection: &Connection,
    name: &str,
    target: &Target<'_>,
    wanted: &Wanted<'_>,
) -> Result<Applied> {
    session.check_interrupt()?;
    let options = options(session, target, None);
    Ok(parameters::change(connection, name, options, |stack| Ok(wanted(&stack.parameters))).await?)
}

/// Gives a deployed stack at rest another template; its parameters and tags stay. It is followed to its end, and rolled back
/// when it fails. `false` when somebody else was faster: what they deployed may be another template.
pub(super) async fn replace_template(
    session: &Session,
    connection: &Connection,
    stack: &Deployed,
    text: String,
    title: &str,
    target: &Target<'_>,
) -> Result<bool> {
    session.check_interrupt()?;
    let template = match target.bucket {
        Some(place) if text.len() > MAX_TEMPLATE_BODY => {
            Template::Url(upload(session, connection, &stack.name, text, target.title, place).await?)
        }
        _ => Template::Body(text),
    };
    let options = deploy::Options {
        disable_rollback: false,
        express: false,
        detach: false,
        title,
        ..options(session, target, None)
    };
    match parameters::change_template(connection, stack, template, options).await {
        Err(Failure::Busy { .. }) => {
            tokio::time::sleep(session.inputs.polling.first).await;
            Ok(false)
        }
        result => result.map(|_| true).map_err(Error::from),
    }
}

/// Whether somebody else was changing the stack.
pub(super) fn is_busy(error: &Error) -> bool {
    matches!(error, Error::Deploy(failure) if matches!(**failure, Failure::Busy { .. }))
}

/// Deletes a stack and follows it to its end; one that does not exist is no failure.
pub(super) async fn delete(
    session: &Session,
    connection: &Connection,
    stack: &str,
    target: &Target<'_>,
) -> Result<()> {
    session.check_interrupt()?;
    let options = delete::Options {
        role_arn: target.role_arn,
        retain: &target.retain,
        interrupt: Some(session.interrupt.clone()),
        polling: session.inputs.polling,
        ..delete::Options::new(target.title, session.reporter.as_ref())
    };
    delete::delete(connection, stack, options).await?;
    Ok(())
}

/// The stack, once nobody changes it any more; `None` when there is none.
pub(super) async fn settled(
    session: &Session,
    connection: &Connection,
    name: &str,
) -> Result<Option<Deployed>> {
    let (mut said, door) = (false, connection.cloudformation());
    let mut endurance = session.endurance();
    let what = format!("What is done to the stack {name}");
    loop {
        let found = match said {
            true => session.ask(&mut endurance, connection, &what, || door.stack(name)).await?,
            // Not in a wait yet.
            false => door.stack(name).await?,
        };
        let Some(stack) = found else { return Ok(None) };
        if !stack.is_in_progress() || stack.status == "REVIEW_IN_PROGRESS" {
            return Ok(Some(stack));
        }
        if !said {
            session.note(format!(
                "The stack {name} is being changed ({}); waiting until that is done.",
                stack.status
            ));
            said = true;
        }
        session.check_interrupt()?;
        tokio::time::sleep(session.inputs.polling.first).await;
    }
}

/// Whether a stack's status says that it never came to life: a new one takes its place.
pub(super) fn is_leftover(status: &str) -> bool {
    matches!(status, "REVIEW_IN_PROGRESS" | "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "DELETE_COMPLETE")
}

/// Refuses to go over the template of a newer version.
pub(super) fn refuse_newer(stack: &str, deployed: Option<&str>, allowed: bool) -> Result<()> {
    let Some(version) = deployed.and_then(version_of) else { return Ok(()) };
    if allowed || !is_newer(&version) {
        return Ok(());
    }
    Err(Error::Newer { stack: stack.to_owned(), version })
}

/// Whether a version is later than that of this version's templates.
pub(super) fn is_newer(version: &str) -> bool {
    parts(version) > parts(TEMPLATE_VERSION)
}

/// A stack with its template read back from its text, as a deployed one is.
///
/// # Errors
/// [`Error::BadTemplate`]: a fault in a built-in template or in an override.
pub(super) fn read_back(stack: &Stack) -> Result<Stack> {
    let template = template::parse(&stack.template_yaml())
        .map_err(|error| Error::BadTemplate { stack: stack.name.clone(), message: error.to_string() })?;
    Ok(Stack { template, ..stack.clone() })
}

/// The version in a template's metadata.
pub(super) fn version_of(text: &str) -> Option<String> {
    let document = template::parse(text).ok()?;
    let metadata = &document["Metadata"];
    metadata["Version"].as_str().or(metadata["TemplateVersion"].as_str()).map(str::to_owned)
}

/// Whether a template's version is one of wharf's: they begin with 2.
pub(super) fn is_ours(version: &str) -> bool {
    parts(version).first().is_some_and(|major| *major >= 2)
}

/// The numbers of a version such as `v2.0.0`; what is no number counts as 0.
fn parts(version: &str) -> Vec<u64> {
    let plain = version.trim_start_matches('v');
    let plain = plain.split(['-', '+']).next().unwrap_or_default();
    plain.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_newer_templates_are_refused() {
        for (version, refused) in
            [("v1.34.0", false), ("v2.0.0", false), ("v2.0.1", true), ("v10.0.0", true), ("bootstrap", false)]
        {
            let template = format!("Metadata:\n  Version: {version}\n");
            assert_eq!(refuse_newer("s", Some(&template), false).is_err(), refused, "{version}");
            assert!(refuse_newer("s", Some(&template), true).is_ok());
        }
        assert!(refuse_newer("s", Some("Resources: {}"), false).is_ok());
        assert!(refuse_newer("s", None, false).is_ok());
    }
}
