//! Deploying in CloudFormation's express mode: CloudFormation is done once the configuration is applied, so whether the new
//! version runs is proven here, and what ran before is brought back when it does not.
//!
//! CloudFormation can't roll back what it is done with, and ECS's circuit breaker takes back the service alone, not the stack.
//! So the way back is the template of before with its parameters, deployed again in the same mode: then the stack says again
//! what runs, and the next deployment begins from there. A run that was killed leaves a stack whose last change nobody has
//! proven: the next deployment, whatever its mode, brings that to its end first, so that what it could fall back on runs.

use std::collections::BTreeMap;

use super::environment::Place;
use super::release::{MOST, all};
use super::rollback;
use crate::artifact::key;
use crate::deploy::conclusion::{Back, is_done};
use crate::deploy::stack::{self as deploy, Applied};
use crate::deploy::watch;
use crate::deploy::{Failure, anew, delete, pickup};
use crate::model::workload::Workload;
use crate::ops::plan::Risk;
use crate::ops::stacks::{self, Change, Target};
use crate::ops::takeover::{self, Deployed};
use crate::ops::{Error, Result, Session};
use crate::stack::Stack;

/// Refuses what can't be taken back in express mode, before anything changes. `model`: none when the manifest of a release can't be
/// read any more.
///
/// # Errors
/// The workload shifts traffic; something that holds data or takes traffic would be replaced or deleted, agreed to or not.
pub(super) fn refuse(change: &Change, model: Option<&Workload>, risks: &[Risk]) -> Result<()> {
    if !change.express {
        return Ok(());
    }
    let service = model.and_then(Workload::container);
    if let Some(service) = service.filter(|service| service.deployment.shift.is_some()) {
        let name = &service.name;
        return Err(Error::Express(format!(
            "{name} has a `deployment.strategy`: ECS shifts traffic and watches the new version while CloudFormation waits for it, \
             and in express mode it does not wait"
        )));
    }
    match risks.first() {
        None => Ok(()),
        Some(risk) => Err(Error::Express(format!(
            "{}: in express mode that happens before the new version has proven that it runs, and can't be taken back",
            risk.sentence()
        ))),
    }
}

/// What to go back to.
#[derive(Clone, Copy)]
enum Before<'a> {
    /// There was no stack.
    Nothing,
    /// This stack, with the text of its template.
    Stack(&'a Stack, &'a str),
    /// Nothing is known of before.
    Unknown,
}

/// Brings a workload's stack to `stack`. In express mode its services are followed until they run, and brought back to what
/// they were when they don't. `known`: the deployed stack as it was looked at.
///
/// # Errors
/// As [`stacks::apply`]; a new version that does not come up, with what became of the stack.
pub(super) async fn apply(
    session: &Session,
    place: &Place,
    stack: &Stack,
    target: &Target<'_>,
    known: Option<&Deployed>,
) -> Result<Applied> {
    if !target.change.express && !known.is_some_and(|known| known.stack.express) {
        return stacks::apply(session, &place.manager, stack, target).await;
    }
    let mut deployed = takeover::deployed_since(session, &place.manager, &stack.name, known).await?;
    if let Some(found) = &deployed
        && watch::is_unproven(&place.manager, &found.stack).await?
        && first(session, place, found, stack, target).await?
    {
        deployed = takeover::deployed(session, &place.manager, &stack.name).await?;
    }
    let result = stacks::apply(session, &place.manager, stack, target).await;
    let failure = match result {
        Err(Error::Deploy(failure)) if target.change.express && is_open(&failure) => *failure,
        result => return result,
    };
    let stood = deployed.as_ref().map(|deployed| (as_stack(deployed), deployed.text.as_str()));
    let before = match &stood {
        Some((stack, text)) => Before::Stack(stack, text),
        None => Before::Nothing,
    };
    Err(back(session, place, &stack.name, before, target, failure).await.into())
}

/// Whether a change failed, or was stopped, that CloudFormation is done with: nobody has taken it back.
fn is_open(failure: &Failure) -> bool {
    match failure {
        Failure::Failed { status, .. } | Failure::Interrupted { status, .. } => is_done(status),
        _ => false,
    }
}

fn as_stack(deployed: &Deployed) -> Stack {
    Stack {
        name: deployed.stack.name.clone(),
        template: deployed.document.clone(),
        parameters: deployed.stack.parameters.clone(),
        tags: deployed.stack.tags.clone(),
    }
}

/// Brings an earlier deployment in express mode, which nobody has followed to its end, to its end; whether the stack is another
/// one since.
///
/// # Errors
/// It did not come up, and the same is to be deployed again; the user stopped it; whatever AWS reports.
async fn first(
    session: &Session,
    place: &Place,
    found: &Deployed,
    wanted: &Stack,
    target: &Target<'_>,
) -> Result<bool> {
    session.note(format!(
        "Nobody has followed the last deployment of {} to its end, which was in express mode: that is done first.",
        found.stack.name
    ));
    let title = format!("{} (the last deployment)", target.title);
    let following = pickup::Options {
        title: &title,
        reporter: session.reporter.as_ref(),
        interrupt: Some(session.interrupt.clone()),
        polling: session.inputs.polling,
    };
    let fail_fast = target.change.fail_fast.unwrap_or(session.inputs.ci);
    let failure = match pickup::prove(&place.manager, &found.stack, fail_fast, following).await {
        Ok(()) => return Ok(false),
        Err(failure) if is_open(&failure) => failure,
        Err(failure) => return Err(failure.into()),
    };
    let earlier = earlier(place, found).await?;
    let before = match &earlier {
        Some((stack, text)) => Before::Stack(stack, text),
        None if found.stack.updated.is_none() => Before::Nothing,
        None => Before::Unknown,
    };
    let headline = failure.to_string();
    let failure = back(session, place, &found.stack.name, before, target, failure).await;
    if is_same(&found.text, &found.stack.parameters, wanted) {
        return Err(failure.into());
    }
    session.note(format!("The last deployment did not come up ({headline}); this one goes on."));
    Ok(true)
}

fn is_same(text: &str, parameters: &BTreeMap<String, String>, other: &Stack) -> bool {
    text.trim_end() == other.template_yaml().trim_end() && *parameters == other.parameters
}

/// The newest release that is another than what is deployed: releases are kept once they run.
async fn earlier(place: &Place, found: &Deployed) -> Result<Option<(Stack, String)>> {
    for release in all(place, &found.stack.name).newest(MOST).await? {
        let (stack, text) = match rollback::stack_of(place, &found.stack.name, &release).await {
            Ok(read) => read,
            Err(Error::ReleaseGone { .. }) => continue,
            Err(error) => return Err(error),
        };
        if text.trim_end() != found.text.trim_end() || stack.parameters != found.stack.parameters {
            return Ok(Some((stack, text)));
        }
    }
    Ok(None)
}

/// Brings back what there was before a change that CloudFormation is done with and that did not come up; the failure with what
/// became of the stack.
async fn back(
    session: &Session,
    place: &Place,
    name: &str,
    before: Before<'_>,
    target: &Target<'_>,
    failure: Failure,
) -> Failure {
    let what = match before {
        Before::Nothing => "the new stack is deleted again",
        Before::Stack(..) => "what it held before is deployed again",
        Before::Unknown => "nothing is known of what it held before, so it stays as it is",
    };
    session.note(format!("{name} did not come up: {what}."));
    let came = match before {
        Before::Nothing => removed(session, place, name, target).await.map(|()| Back::Deleted),
        Before::Stack(stack, text) => {
            deployed_again(session, place, stack, text, target).await.map(|()| Back::Deployed)
        }
        Before::Unknown => Ok(Back::Left(
            "No release of before is recorded: mend it and deploy again, or delete the service.".to_owned(),
        )),
    };
    let came = match came {
        Ok(came) => came,
        Err(Failure::Left { stack }) => return Failure::Left { stack },
        Err(error) => {
            let again = "Deploy again: that brings it to its end first";
            Back::Left(format!("It could not be taken back: {error}. {again}."))
        }
    };
    match failure {
        Failure::Interrupted { stack, .. } => {
            let status = match &came {
                Back::Deployed => "as it was before",
                Back::Deleted => "DELETE_COMPLETE",
                _ => "not taken back: deploy again",
            };
            Failure::Interrupted { stack, status: status.to_owned() }
        }
        Failure::Failed { stack, status, cause, evidence, .. } => {
            Failure::Failed { stack, status, cause, evidence, back: came }
        }
        other => other,
    }
}

async fn removed(
    session: &Session,
    place: &Place,
    name: &str,
    target: &Target<'_>,
) -> std::result::Result<(), Failure> {
    let title = format!("{} (taken back)", target.title);
    let options = delete::Options {
        role_arn: target.role_arn,
        interrupt: Some(anew(&session.interrupt)),
        polling: session.inputs.polling,
        ..delete::Options::new(&title, session.reporter.as_ref())
    };
    delete::delete(&place.manager, name, options).await.map(drop)
}

async fn deployed_again(
    session: &Session,
    place: &Place,
    stack: &Stack,
    text: &str,
    target: &Target<'_>,
) -> std::result::Result<(), Failure> {
    if let Some((name, _)) = stack.parameters.iter().find(|(_, value)| *value == "****") {
        let reason = format!("the value of its parameter {name} is secret and was not kept");
        return Err(Failure::Refused { stack: stack.name.clone(), reason });
    }
    // Most often it is there: everything that wharf deploys is uploaded.
    let (bucket, region) = (place.bucket(), &place.record.region);
    let key = key::template(&stack.name, text);
    let bytes = text.as_bytes().to_vec();
    place.manager.s3().put_if_absent(bucket, &key, bytes, "text/yaml").await?;
    let url = key::url(bucket, region, &key);
    let known = watch::deployments(&place.manager, &stack.name).await?;
    let title = format!("{} (back to what ran before)", target.title);
    let target = Target { title: &title, change: way_back(&target.change), ..target.clone() };
    let options = deploy::Options {
        back: Some(&known),
        interrupt: Some(anew(&session.interrupt)),
        ..stacks::options(session, &target, Some(&url))
    };
    deploy::apply(&place.manager, stack, options).await.map(drop)
}

/// How the way back changes a stack: it is followed to its end, and CloudFormation undoes it when it fails, whatever was asked
/// for the change that it takes back.
fn way_back(change: &Change) -> Change {
    Change { express: true, detach: false, no_rollback: false, fail_fast: Some(false), ..change.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_is_followed_to_its_end() {
        let asked = Change { detach: true, no_rollback: true, fail_fast: Some(true), ..Change::default() };
        let back = way_back(&asked);
        assert!(back.express && !back.detach && !back.no_rollback && back.fail_fast == Some(false));
    }
}
