//! Deleting a service: from one environment, or everywhere with its images and its record.

use super::hosts::site_names;
use super::{Noun, environment, request_driven, site};
use crate::describe;
use crate::facts;
use crate::manifest::head::Kind;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::app::infrastructure;
use crate::ops::app::upgrade::StateChange;
use crate::ops::data::{self, Data, Found};
use crate::ops::domain::names;
use crate::ops::domain::service::nlb_aliases;
use crate::ops::owner::Owner;
use crate::ops::stacks::{self, Target};
use crate::ops::{Error, Preview, Report, Result, Session, job};
use crate::stack::features::{Feature, Features};
use crate::store;

/// What goes of a service in an environment, a line each; none when it is not deployed there.
async fn in_environment(
    session: &Session,
    record: &store::Environment,
    name: &WorkloadName,
    kind: &str,
) -> Result<Vec<String>> {
    let manager = session.manager(record).await;
    let owner = Owner::workload(&record.app, &record.name, name);
    let Some(stack) = owner.find(&manager).await? else { return Ok(vec![]) };
    let with = match kind {
        kind if kind == Kind::StaticSite.as_str() => "its bucket and all files in it",
        kind if kind == Kind::RequestDriven.as_str() => "its instances and log groups",
        _ => "its tasks and log group",
    };
    let mut goes = vec![format!("stack {} with {with}", stack.name)];
    let environment = Owner::environment(&record.app, &record.name).find(&manager).await?;
    let features = Features::from_parameters(&environment.map(|found| found.parameters).unwrap_or_default());
    let aliases = features.aliases();
    let aliases = aliases.get(name.as_str()).and_then(|names| names.as_array()).into_iter().flatten();
    let aliases = aliases.filter_map(|name| name.as_str().map(str::to_owned)).collect();
    let of_site = site_names(&manager, &stack).await?;
    let hosts = names::with_others(aliases, nlb_aliases(&stack.parameters).into_iter().chain(of_site));
    if !hosts.is_empty() {
        goes.push(format!("records that lead {} to it", hosts.join(", ")));
    }
    for (feature, what) in [
        (Feature::PublicLoadBalancer, "public load balancer"),
        (Feature::InternalLoadBalancer, "internal load balancer"),
        (Feature::NatGateways, "NAT gateways"),
    ] {
        if features.workloads(feature) == [name.as_str()] {
            goes.push(format!("{what} of the environment {}: nothing else needs it", record.name));
        }
    }
    Ok(goes)
}

/// What deleting the service takes away.
///
/// # Errors
/// It does not exist; whatever AWS reports.
pub async fn delete_preview(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    env: Option<&EnvName>,
    choice: Data,
) -> Result<Preview> {
    let kind = session.store().await.workload(app, name).await?.kind;
    let site = kind == Kind::StaticSite.as_str();
    if let Some(env) = env {
        let mut goes = in_environment(session, &session.env(app, env).await?, name, &kind).await?;
        if goes.is_empty() {
            goes.push(format!("what is left of {name}, which is not deployed to {env}"));
        }
        let stays = if site { "its record, its manifest" } else { "its images, its record, its manifest" };
        return Ok(Preview {
            question: format!("Delete {name} from the environment {env}?"),
            goes,
            stays: vec![stays.to_owned()],
        }
        .with_data(&data_in(session, app, name, env).await?, choice));
    }
    let mut goes = vec![];
    for record in session.store().await.environments(app).await? {
        goes.extend(in_environment(session, &record, name, &kind).await?);
    }
    if !site {
        goes.push(format!("image repository {app}/{name} with its images, in every region"));
    }
    goes.push(format!("record of {name}"));
    let mut found = Found::default();
    for record in session.store().await.environments(app).await? {
        found.extend(data_in(session, app, name, &record.name).await?);
    }
    Ok(Preview {
        question: format!("Delete {name} from {app} and all its environments?"),
        goes,
        stays: vec!["its manifest".to_owned()],
    }
    .with_data(&found, choice))
}

/// The data of a service in an environment, with that which earlier deletions left.
pub(in crate::ops) async fn data_in(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    env: &EnvName,
) -> Result<Found> {
    let record = session.env(app, env).await?;
    let manager = session.manager(&record).await;
    let mut found = data::find_in(&manager, &record, &Owner::workload(app, env, name)).await?;
    found.extend(data::in_left(&manager, &record, Some(name.as_str())).await?);
    Ok(found)
}

/// Deletes a service. Can be run again after it was stopped anywhere.
///
/// # Errors
/// A resource can't be deleted; whatever AWS reports.
pub async fn delete(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    env: Option<&EnvName>,
    choice: Data,
) -> Result<Report> {
    let (place, kept) = match env {
        Some(env) => {
            let site = is_site(session, app, name).await?;
            (env.to_string(), from_environment(session, app, name, env, site, choice).await?)
        }
        None => (app.to_string(), remove(session, app, name, (choice, true)).await?),
    };
    Ok(Report { done: vec![format!("{name} is deleted from {place}.")], ..Report::default() }.with_kept(kept))
}

/// Whether a service is a Static Site by its record; one without a record is none.
pub(in crate::ops) async fn is_site(session: &Session, app: &AppName, name: &WorkloadName) -> Result<bool> {
    let workloads = session.store().await.workloads(app).await?;
    Ok(workloads.iter().any(|workload| workload.name == *name && workload.kind == Kind::StaticSite.as_str()))
}

/// Removes a service everywhere, with its images and its record; returns the data that stays. `writes`: whether it is taken
/// out of the application's StackSet, too; otherwise that goes as a whole.
pub(in crate::ops) async fn remove(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    (choice, writes): (Data, bool),
) -> Result<Found> {
    let mut kept = Found::default();
    let connection = session.aws().await;
    let facts = facts::App::from(&session.app(app).await?);
    let change = StateChange::RemoveWorkload(name);
    if writes {
        infrastructure::admit(session, connection, &facts, (change, true)).await?;
    }
    let site = is_site(session, app, name).await?;
    for record in session.store().await.environments(app).await? {
        kept.extend(from_environment(session, app, name, &record.name, site, choice).await?);
    }
    if writes {
        infrastructure::remove_workload(session, connection, &facts, name, !site).await?;
    }
    session.store().await.delete_workload(app, name).await?;
    Ok(kept)
}

/// Removes a service's stack, then what the environment had for it alone; returns the data that stays.
async fn from_environment(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    env: &EnvName,
    site: bool,
    choice: Data,
) -> Result<Found> {
    let record = session.env(app, env).await?;
    let manager = session.manager(&record).await;
    let owner = Owner::workload(app, env, name);
    let stack = owner.stack();
    let workload = session.store().await.workload(app, name).await.ok();
    let kind = |workload: &store::Workload| workload.kind == Kind::RequestDriven.as_str();
    let on_app_runner = workload.as_ref().is_some_and(kind);
    let noun = workload.map_or(Noun::Service, |workload| Noun::of(&workload.kind));
    if noun == Noun::Job {
        let target = describe::Target { app: app.clone(), env: env.clone(), workload: name.clone() };
        job::stop(session, &manager, &target).await?;
    }
    let title = format!("{} {name} in {env}", noun.as_str());
    // An environment that was never deployed has nothing for it.
    let place = match environment::read(session, app, env).await {
        Err(Error::NotDeployed { .. }) => None,
        place => Some(place?),
    };
    if owner.find(&manager).await?.is_some() {
        let found = data::find_in(&manager, &record, &owner).await?;
        if site {
            site::empty(session, &manager, &stack, name, env).await?;
        }
        if let Some(place) = &place {
            place.leave_own_names(session, name).await?;
        }
        let bucket = place.as_ref().map(|place| (place.bucket().to_owned(), record.region.clone()));
        let bucket = bucket.as_ref().map(|(bucket, region)| (bucket.as_str(), region.as_str()));
        let mut target = Target { role_arn: Some(&record.execution_role_arn), bucket, ..Target::new(&title) };
        if choice == Data::Delete {
            data::empty(session, &manager, &found).await?;
        }
        target.retain = data::secure(session, &manager, &stack, (&found, choice), &target).await?;
        stacks::delete(session, &manager, &stack, &target).await?;
    }
    if on_app_runner {
        request_driven::remove_logs(session, &manager, &stack).await?;
    }
    if choice == Data::Delete {
        data::delete_left(session, &manager, &record, Some(name.as_str())).await?;
    }
    let kept = data::in_left(&manager, &record, Some(name.as_str())).await?;
    let Some(mut place) = place else { return Ok(kept) };
    place.leave_names(session, name).await?;
    place.forget(session, name, choice == Data::Delete).await?;
    Ok(kept)
}
