//! Deleting an environment: its stack, its place in the StackSet, its roles, its record.

use super::tasks;
use crate::aws::{Connection, Kind};
use crate::describe;
use crate::facts;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::app::infrastructure;
use crate::ops::data::{self, Data, Found};
use crate::ops::domain::environment::Leaving;
use crate::ops::owner::Owner;
use crate::ops::stacks::{self, Target};
use crate::ops::{Error, Preview, Report, Result, Session};
use crate::stack::document::environment_stack;
use crate::stack::pipeline::stage_name;
use crate::store::{APP_TAG, ENV_TAG, Environment, WORKLOAD_TAG};

/// What deleting the environment takes away.
///
/// # Errors
/// It does not exist; services still run in it; whatever AWS reports.
pub async fn delete_preview(
    session: &Session,
    app: &AppName,
    name: &EnvName,
    choice: Data,
) -> Result<Preview> {
    let record = session.env(app, name).await?;
    let manager = way_in(session, &record).await?;
    refuse_in_use(session, &record, &manager).await?;
    let stack = environment_stack(app, name);
    Owner::environment(app, name).check(manager.cloudformation().stack(&stack).await?.as_ref())?;
    let found = data::of_environment(&manager, &record).await?;
    data::refuse_in_network(name, &found, choice)?;
    let mut goes = vec![];
    for resource in manager.cloudformation().resources(&stack).await?.unwrap_or_default() {
        let telling = [
            "AWS::EC2::VPC",
            "AWS::ECS::Cluster",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "AWS::S3::Bucket",
            "AWS::EC2::NatGateway",
            "AWS::CloudFront::Distribution",
            "AWS::CloudFormation::Stack",
        ];
        let kept = found.holdings.iter().any(|holding| holding.id == resource.physical_id);
        if telling.contains(&resource.resource_type.as_str()) && !kept {
            goes.push(format!("{} {}", resource.resource_type, resource.physical_id));
        }
    }
    goes.extend(
        tasks::find(&manager, &record)
            .await?
            .iter()
            .map(|stack| format!("task {} with its images and files", tasks::name(stack))),
    );
    if let Some(leaving) = Leaving::new(session, &session.app(app).await?, &record, &manager).await? {
        leaving.refuse_others(false).await?;
        goes.extend(leaving.told().await?);
    }
    let needed = choice == Data::Keep && found.has_stacks();
    let mut stays = vec!["its manifest".to_owned()];
    let role = format!("{stack}-CFNExecutionRole");
    if needed {
        goes.push(format!("stack {stack}, role {stack}-EnvManagerRole"));
        stays.push(format!("role {role}, which deletes the stacks with its data"));
    } else {
        goes.push(format!("stack {stack}, roles {role} and {stack}-EnvManagerRole"));
    }
    let environments = session.store().await.environments(app).await?;
    let used = describe::pipeline::uses(session.aws().await, app).await?;
    if let Some(keeper) = used.into_iter().find(|pipeline| pipeline.regions.contains(&record.region)) {
        stays.push(format!(
            "artifact bucket of {app} in {}: the pipeline {} uses it",
            record.region, keeper.name
        ));
    } else if !environments.iter().any(|other| other.name != *name && other.region == record.region) {
        goes.push(format!(
            "artifact bucket and image repositories of {app} in {}, with their content: no other environment is there",
            record.region
        ));
    }
    goes.push(format!("record of the environment {name}"));
    let preview = Preview { question: format!("Delete the environment {name} of {app}?"), goes, stays };
    Ok(preview.with_data(&found, choice))
}

/// Refuses an environment in which services still run, or that a pipeline deploys to.
async fn refuse_in_use(session: &Session, record: &Environment, manager: &Connection) -> Result<()> {
    let services = running(manager, record).await?;
    if !services.is_empty() {
        return Err(Error::EnvironmentInUse { env: record.name.clone(), services });
    }
    let stage = stage_name(&record.name);
    let used = describe::pipeline::uses(session.aws().await, &record.app).await?;
    let deploying = used.into_iter().filter(|pipeline| pipeline.stages.contains(&stage));
    let pipelines: Vec<String> = deploying.map(|pipeline| pipeline.name).collect();
    if pipelines.is_empty() {
        return Ok(());
    }
    Err(Error::PipelineDeploysTo { env: record.name.clone(), pipelines })
}

/// The services and jobs whose stacks are in an environment, also those without a record. Data that a deleted service left is
/// none: its stack was nested. CloudFormation knows at once what the tagging API learns minutes later.
async fn running(manager: &Connection, record: &Environment) -> Result<Vec<WorkloadName>> {
    let stacks = manager.cloudformation().stacks().await?;
    let own = stacks.iter().filter(|stack| {
        let tag = |key: &str| stack.tags.get(key).map(String::as_str);
        stack.parent_id.is_empty()
            && stack.status != "DELETE_COMPLETE"
            && tag(APP_TAG) == Some(record.app.as_str())
            && tag(ENV_TAG) == Some(record.name.as_str())
    });
    let mut names: Vec<WorkloadName> =
        own.filter_map(|stack| WorkloadName::new(stack.tags.get(WORKLOAD_TAG)?).ok()).collect();
    names.sort();
    Ok(names)
}

/// Deletes the environment. Can be run again after it was stopped anywhere.
///
/// # Errors
/// Services still run in it; a resource can't be deleted; whatever AWS reports.
pub async fn delete(session: &Session, app: &AppName, name: &EnvName, choice: Data) -> Result<Report> {
    let record = session.env(app, name).await?;
    refuse_in_use(session, &record, &way_in(session, &record).await?).await?;
    let kept = remove(session, &record, (choice, true)).await?;
    let done = vec![format!("The environment {name} of {app} is deleted.")];
    Ok(Report { done, ..Report::default() }.with_kept(kept))
}

/// The way into the environment's account: its manager role, or the user's own credentials when a deletion that was stopped
/// has removed that role already. Own credentials of another account would find nothing there and take that for deleted.
pub(in crate::ops) async fn way_in(session: &Session, record: &Environment) -> Result<Connection> {
    let manager = session.manager(record).await;
    let Err(refusal) = manager.sts().caller_identity().await else { return Ok(manager) };
    let own = session.aws().await.region(&record.region);
    let role = record.manager_role_arn.rsplit('/').next().unwrap_or_default();
    if own.sts().caller_identity().await?.account == record.account_id
        && own.iam().role(role).await?.is_none()
    {
        return Ok(own);
    }
    if !matches!(refusal.kind, Kind::AccessDenied(_)) {
        return Err(refusal.into());
    }
    Err(Error::NoWayIn {
        app: record.app.clone(),
        env: record.name.clone(),
        role: record.manager_role_arn.clone(),
        region: session.aws().await.region_name().await?,
        source: Box::new(refusal),
    })
}

/// Removes everything of an environment that no service uses; returns the data that stays. `writes`: whether its account is
/// taken out of the application's StackSet, too; otherwise that goes as a whole.
pub(in crate::ops) async fn remove(
    session: &Session,
    record: &Environment,
    (choice, writes): (Data, bool),
) -> Result<Found> {
    let connection = session.aws().await;
    let app_record = session.app(&record.app).await?;
    if writes {
        infrastructure::admit_leaving(session, connection, &app_record, record).await?;
    }
    let stack = environment_stack(&record.app, &record.name);
    let manager = way_in(session, record).await?;
    let owner = Owner::environment(&record.app, &record.name);
    owner.check(manager.cloudformation().stack(&stack).await?.as_ref())?;
    let kept = data::of_environment(&manager, record).await?;
    data::refuse_in_network(&record.name, &kept, choice)?;
    tasks::remove(session, &manager, record).await?;
    let leaving = Leaving::new(session, &app_record, record, &manager).await?;
    if let Some(leaving) = &leaving {
        leaving.refuse_others(false).await?;
        leaving.before().await?;
    }
    let title = format!("environment {}", record.name);
    let app = facts::App::from(&app_record);
    let place = infrastructure::resources(connection, &app, &record.region).await.ok();
    let bucket = place.as_ref().map(|place| (place.artifacts.bucket.as_str(), record.region.as_str()));
    let mut target = Target { role_arn: Some(&record.execution_role_arn), bucket, ..Target::new(&title) };
    let found = data::find(&manager, &owner).await?;
    if choice == Data::Delete {
        data::delete_left(session, &manager, record, None).await?;
        data::empty(session, &manager, &found).await?;
    }
    target.retain = data::secure(session, &manager, &stack, (&found, choice), &target).await?;
    empty_buckets(session, &manager, &stack, &found).await?;
    stacks::delete(session, &manager, &stack, &target).await?;
    if let Some(leaving) = &leaving {
        leaving.after().await?;
    }
    infrastructure::leave(session, connection, &app_record, record, writes).await?;
    // The roles go last: everything before needs them, and the role that deletes can't be used to delete itself.
    // Stacks with data remember it as the role that may delete them.
    if choice == Data::Delete || !kept.has_stacks() {
        manager.iam().delete_role(&format!("{stack}-CFNExecutionRole")).await?;
    }
    let store = session.store().await;
    if connection.sts().caller_identity().await?.account == record.account_id {
        let role = format!("{stack}-EnvManagerRole");
        // A role that has taken its own rights away can't always remove itself.
        match manager.iam().delete_role(&role).await {
            Err(error) if matches!(error.kind, Kind::AccessDenied(_)) => {
                connection.iam().delete_role(&role).await?;
            }
            result => result?,
        }
        store.delete_environment(&record.app, &record.name).await?;
    } else {
        // The role is the only way into the other account: a record without it could never be deleted, while a role without
        // a record is removed when an environment of that name is made.
        store.delete_environment(&record.app, &record.name).await?;
        manager.iam().delete_role(&format!("{stack}-EnvManagerRole")).await?;
    }
    Ok(if choice == Data::Keep { kept } else { Found::default() })
}

/// Empties the buckets of a stack, but for those with data: CloudFormation deletes only empty ones.
async fn empty_buckets(session: &Session, manager: &Connection, stack: &str, found: &Found) -> Result<()> {
    for resource in manager.cloudformation().resources(stack).await?.unwrap_or_default() {
        let data = found.holdings.iter().any(|holding| holding.id == resource.physical_id);
        if resource.resource_type == "AWS::S3::Bucket" && !resource.physical_id.is_empty() && !data {
            let title = format!("Empty the bucket {}", resource.physical_id);
            session.work(&title, manager.s3().empty(&resource.physical_id)).await?;
        }
    }
    Ok(())
}
