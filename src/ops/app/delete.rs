//! Deleting an application with everything it owns.

use super::infrastructure;
use crate::deploy::stackset;
use crate::describe;
use crate::facts;
use crate::manifest::head::Kind;
use crate::name::AppName;
use crate::ops::data::{self, Data, Found};
use crate::ops::domain::environment::Leaving;
use crate::ops::domain::{self, names};
use crate::ops::owner::Owner;
use crate::ops::stacks::{self, Target};
use crate::ops::{Preview, Report, Result, Session, env, pipeline, service};
use crate::{stack, store};

/// What deleting the application takes away.
///
/// # Errors
/// It does not exist; whatever AWS reports.
pub async fn delete_preview(session: &Session, app: &AppName, choice: Data) -> Result<Preview> {
    let record = record(session, app).await?;
    let found = data_in(session, &record, choice).await?;
    let store = session.store().await;
    let mut goes = vec![];
    for found in describe::pipeline::deployed(session.aws().await, app).await? {
        goes.push(format!("pipeline {}", found.name));
    }
    for workload in store.workloads(app).await? {
        let what = if workload.kind == Kind::StaticSite.as_str() { "files" } else { "images" };
        goes.push(format!("{} {} with its {what}, in every environment", workload.kind, workload.name));
    }
    for environment in store.environments(app).await? {
        goes.push(format!(
            "environment {} in account {}, region {}",
            environment.name, environment.account_id, environment.region
        ));
    }
    for region in infrastructure::regions(session.aws().await, &facts::App::from(&record)).await? {
        goes.push(format!("artifact bucket and key in {region}"));
    }
    if !record.domain.is_empty() {
        let zone = names::of_app(app, &record.domain);
        goes.push(format!("zone {zone}, and its records in the zone {}", record.domain));
    }
    goes.push("roles and record of the application".to_owned());
    let domain =
        (!record.domain.is_empty()).then(|| format!("zone {} with everything else in it", record.domain));
    let preview = Preview {
        question: format!("Delete the application {app} with everything it owns?"),
        goes,
        stays: std::iter::once("manifests in workspaces".to_owned()).chain(domain).collect(),
    };
    Ok(preview.with_data(&found, choice))
}

/// The data of all environments and workloads. Refused before anything goes when one is in a network that would go, or records of
/// others are in a zone.
async fn data_in(session: &Session, record: &store::App, choice: Data) -> Result<Found> {
    let (app, store) = (&record.name, session.store().await);
    let workloads = store.workloads(app).await?;
    let mut all = Found::default();
    let environments = store.environments(app).await?;
    domain::refuse_in_app(session, record, &environments, true).await?;
    for environment in environments {
        let manager = env::way_in(session, &environment).await?;
        if let Some(leaving) = Leaving::new(session, record, &environment, &manager).await? {
            leaving.refuse_others(true).await?;
        }
        let mut found = data::of_environment(&manager, &environment).await?;
        for workload in &workloads {
            let owner = Owner::workload(app, &environment.name, &workload.name);
            found.extend(data::find_in(&manager, &environment, &owner).await?);
        }
        data::refuse_in_network(&environment.name, &found, choice)?;
        all.extend(found);
    }
    Ok(all)
}

/// The application's record, or what it would say where making or deleting the application was stopped without one.
async fn record(session: &Session, app: &AppName) -> Result<store::App> {
    if let Some(record) = session.store().await.find_app(app).await? {
        return Ok(record);
    }
    let connection = session.aws().await;
    let roles = connection.cloudformation().stack(&stack::app::roles_stack_name(app)).await?;
    let bound = session.workspace_app().is_some_and(|bound| bound == *app);
    // With the role but without the stack it lives in another region: that is not for deleting from here.
    let gone = bound && connection.iam().role(&stack::app::admin_role_name(app)).await?.is_none();
    if roles.is_none() && !gone {
        return session.app(app).await;
    }
    Ok(store::App::new(app.clone(), &connection.sts().caller_identity().await?.account))
}

/// Deletes the application. Can be run again after it was stopped anywhere.
///
/// # Errors
/// A resource can't be deleted; whatever AWS reports.
pub async fn delete(session: &Session, app: &AppName, choice: Data) -> Result<Report> {
    let connection = session.aws().await;
    let record = record(session, app).await?;
    let facts = facts::App::from(&record);
    let store = session.store().await;
    data_in(session, &record, choice).await?;
    let mut kept = Found::default();
    let writes = infrastructure::is_writable(session, connection, &facts).await?;
    pipeline::remove_all(session, app).await?;
    for workload in store.workloads(app).await? {
        service::remove(session, app, &workload.name, (choice, writes)).await?;
    }
    for environment in store.environments(app).await? {
        // What services left is left in their environment.
        kept.extend(env::remove(session, &environment, (choice, writes)).await?);
    }
    // Aliases that stand there now were made by hand.
    domain::refuse_in_app(session, &record, &[], false).await?;
    let regions = infrastructure::regions(connection, &facts).await?;
    infrastructure::remove_regions(session, connection, &facts, regions).await?;
    let set = stack::infrastructure::stack_set_name(app);
    session
        .work(&format!("Delete the StackSet {set}"), stackset::delete(connection, &set, session.stack_sets()))
        .await?;
    let title = format!("roles of the application {app}");
    stacks::delete(session, connection, &stack::app::roles_stack_name(app), &Target::new(&title)).await?;
    store.delete_app(app).await?;
    let mut done = vec![format!("The application {app} is deleted.")];
    if let Ok(workspace) = session.workspace()
        && workspace.app() == app
    {
        workspace.unbind()?;
        done.push(format!(
            "This workspace ({}/) belongs to no application any more.",
            workspace.display(workspace.folder())
        ));
    }
    Ok(Report { done, ..Report::default() }.with_kept(kept))
}
