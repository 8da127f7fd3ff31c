//! Deleting an application with everything it owns.

use super::infrastructure;
use crate::deploy::stackset;
use crate::describe;
use crate::facts;
use crate::name::AppName;
use crate::ops::domain::names;
use crate::ops::stacks::{self, Target};
use crate::ops::{Preview, Report, Result, Session, env, pipeline, service};
use crate::{stack, store};

/// What deleting the application takes away.
///
/// # Errors
/// It does not exist; whatever AWS reports.
pub async fn delete_preview(session: &Session, app: &AppName) -> Result<Preview> {
    let record = record(session, app).await?;
    let store = session.store().await;
    let mut goes = vec![];
    for found in describe::pipeline::deployed(session.aws().await, app).await? {
        goes.push(format!("pipeline {}", found.name));
    }
    for workload in store.workloads(app).await? {
        goes.push(format!("{} {} with its images, in every environment", workload.kind, workload.name));
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
    Ok(Preview {
        question: format!("Delete the application {app} with everything it owns?"),
        goes,
        stays: std::iter::once("manifests in workspaces".to_owned()).chain(domain).collect(),
    })
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
pub async fn delete(session: &Session, app: &AppName) -> Result<Report> {
    let connection = session.aws().await;
    let facts = facts::App::from(&record(session, app).await?);
    let store = session.store().await;
    pipeline::remove_all(session, app).await?;
    for workload in store.workloads(app).await? {
        service::remove(session, app, &workload.name).await?;
    }
    for environment in store.environments(app).await? {
        env::remove(session, &environment).await?;
    }
    let regions = infrastructure::regions(connection, &facts).await?;
    infrastructure::remove_regions(session, connection, &facts, regions).await?;
    let set = stack::infrastructure::stack_set_name(app);
    session
        .work(
            &format!("Delete the StackSet {set}"),
            stackset::delete(connection, &set, session.inputs.polling),
        )
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
    Ok(Report { done, ..Report::default() })
}
