//! The application's StackSet: in each region a bucket, a key and the image repositories.

use crate::aws::cloudformation::stack_set::Request;
use crate::aws::cloudformation::{MAX_TEMPLATE_BODY, Template};
use crate::aws::{Connection, Kind};
use crate::deploy::Failure;
use crate::deploy::stackset::{self, Look, Turn};
use crate::describe;
use crate::event::Step;
use crate::facts::{App, partition};
use crate::name::WorkloadName;
use crate::ops::app::upgrade::{self, Ahead, StateChange};
use crate::ops::{Error, Result, Session, domain, stacks};
use crate::stack::app::{admin_role_name, execution_role_name};
use crate::stack::infrastructure::{StackSetState, infrastructure, repository_name, stack_set_name};
use crate::store::{self, Environment};
use crate::yaml::template;

pub use describe::facts::Regional;

/// Makes the StackSet, without instances, where it is not there.
pub(in crate::ops) async fn create(session: &Session, connection: &Connection, app: &App) -> Result<()> {
    let stack = infrastructure(app, &StackSetState::default())?;
    let name = stack_set_name(&app.name);
    let region = connection.region_name().await?;
    let admin =
        format!("arn:{}:iam::{}:role/{}", partition(&region), app.account, admin_role_name(&app.name));
    let template = Template::Body(stack.template_yaml());
    let cloudformation = connection.cloudformation();
    let request = Request {
        name: &name,
        description: "Resources of the application in a region",
        template: &template,
        parameters: &stack.parameters,
        tags: &stack.tags,
        admin_role_arn: &admin,
        execution_role: &execution_role_name(&app.name),
    };
    match session.work(&format!("Make the StackSet {name}"), cloudformation.create_stack_set(&request)).await
    {
        Err(error) if error.kind != Kind::AlreadyExists => Err(error.into()),
        _ => Ok(()),
    }
}

/// Changes the state of the StackSet and with it the stacks of all regions, unless something would be lost with that. Several
/// writers take turns: each computes its change from the state it finds.
async fn change(
    session: &Session,
    connection: &Connection,
    app: &App,
    title: &str,
    change: StateChange<'_>,
) -> Result<bool> {
    let name = stack_set_name(&app.name);
    let step = session.step(title, Step::Work, title);
    let changed = step.run(write(session, connection, app, &name, change)).await?;
    if changed {
        step.done("")
    } else {
        step.skipped("nothing to change")
    }
    Ok(changed)
}

async fn write(
    session: &Session,
    connection: &Connection,
    app: &App,
    name: &str,
    change: StateChange<'_>,
) -> Result<bool> {
    let mut turn = Turn::new(connection, name, session.stack_sets());
    loop {
        let look = turn.look().await?.ok_or_else(|| Failure::StackSet {
            set: name.to_owned(),
            reason: "it does not exist in this account and region".to_owned(),
        })?;
        let counter = turn.used_up(&look);
        let Some(next) = ahead(connection, app, &look, (change, counter)).await? else { return Ok(false) };
        let Some(mut next) = next.admitted(&look.set)? else { return Ok(false) };
        next.url = uploaded(session, connection, app, (&look, &next.template)).await?;
        if turn.write(&look, &next).await? {
            return Ok(true);
        }
    }
}

/// Uploads a template that is too long for a call, which that of some forty workloads is, into one of the application's
/// buckets. `None` for a short one, and where there is no bucket yet.
async fn uploaded(
    session: &Session,
    connection: &Connection,
    app: &App,
    (look, text): (&Look, &str),
) -> Result<Option<String>> {
    if text.len() <= MAX_TEMPLATE_BODY {
        return Ok(None);
    }
    let title = format!("the StackSet {}", look.set.name);
    for region in look.instances.iter().filter(|one| one.account == app.account).map(|one| &one.region) {
        let found = describe::facts::regional(connection, &app.name, &app.account, region).await?;
        if !found.artifacts.bucket.is_empty() {
            let place = (found.artifacts.bucket.as_str(), region.as_str());
            let (regional, name) = (connection.region(region), &look.set.name);
            let url = stacks::upload(session, &regional, name, text.to_owned(), &title, place).await?;
            return Ok(Some(url));
        }
    }
    Ok(None)
}

/// What a change would do to the StackSet as it is seen, with how far its counter has to skip.
async fn ahead(
    connection: &Connection,
    app: &App,
    look: &Look,
    change: (StateChange<'_>, u64),
) -> Result<Option<Ahead>> {
    let lagging = upgrade::lagging(connection, app, &look.instances).await?;
    upgrade::skipping(app, (&look.set, &look.instances, &lagging), change)
}

/// Refuses a change of the StackSet with which something would be lost, before anything is done towards it. `newer`: whether
/// it may go over a newer version's template. What does not exist has nothing to lose.
pub(in crate::ops) async fn admit(
    session: &Session,
    connection: &Connection,
    app: &App,
    (change, newer): (StateChange<'_>, bool),
) -> Result<()> {
    let name = stack_set_name(&app.name);
    let look = Turn::new(connection, &name, session.stack_sets()).look().await?;
    let Some(look) = look else { return Ok(()) };
    let version =
        template::parse(&look.set.template).map(|read| StackSetState::parse(&read).template_version);
    if let Ok(version) = version
        && stacks::is_newer(&version)
        && !newer
    {
        return Err(Error::Newer { stack: name, version });
    }
    match ahead(connection, app, &look, (change, 0)).await? {
        Some(ahead) => ahead.admitted(&look.set).map(drop),
        None => Ok(()),
    }
}

/// Whether the StackSet can be changed without a loss. Where an application goes with everything it owns it need not be.
pub(in crate::ops) async fn is_writable(
    session: &Session,
    connection: &Connection,
    app: &App,
) -> Result<bool> {
    match admit(session, connection, app, (StateChange::Anew, true)).await {
        Err(Error::WouldLose { .. }) => Ok(false),
        result => result.map(|()| true),
    }
}

/// Brings the StackSet to this version's template; tells whether that changed anything.
pub(in crate::ops) async fn upgrade(session: &Session, connection: &Connection, app: &App) -> Result<bool> {
    let title = format!("Bring the StackSet of {} up to date", app.name);
    change(session, connection, app, &title, StateChange::Upgrade).await
}

/// Lets an account use the application's buckets, keys and repositories.
pub(in crate::ops) async fn add_account(
    session: &Session,
    connection: &Connection,
    app: &App,
    account: &str,
) -> Result<()> {
    let title = format!("Let account {account} use the application's artifacts");
    change(session, connection, app, &title, StateChange::AddAccount(account)).await.map(drop)
}

/// Makes the application's stack in a region where it is not there.
pub(in crate::ops) async fn ensure_region(
    session: &Session,
    connection: &Connection,
    app: &App,
    region: &str,
) -> Result<()> {
    let title = format!("Make the application's bucket and key in {region}");
    let name = stack_set_name(&app.name);
    let step = session.step(&title, Step::Work, &title);
    let regions = [region];
    let made = step
        .run(stackset::add_regions(connection, &name, &app.account, &regions, session.stack_sets()))
        .await?;
    if made {
        step.done("")
    } else {
        step.skipped("there already")
    }
    Ok(())
}

/// Registers a service or job, with an image repository in every region where it has images.
pub(in crate::ops) async fn add_workload(
    session: &Session,
    connection: &Connection,
    app: &App,
    name: &WorkloadName,
    images: bool,
) -> Result<()> {
    let title = if images {
        format!("Make the image repository {}/{name}", app.name)
    } else {
        format!("Add {name} to {}", app.name)
    };
    change(session, connection, app, &title, StateChange::AddWorkload { name, images }).await.map(drop)
}

/// Removes a service or job with its image repositories, which are emptied first.
pub(in crate::ops) async fn remove_workload(
    session: &Session,
    connection: &Connection,
    app: &App,
    name: &WorkloadName,
    images: bool,
) -> Result<()> {
    if !images {
        let title = format!("Take {name} out of {}", app.name);
        return change(session, connection, app, &title, StateChange::RemoveWorkload(name)).await.map(drop);
    }
    let repository = format!("{}/{name}", app.name);
    for region in regions(connection, app).await? {
        let title = format!("Delete the images of {name} in {region}");
        let regional = connection.region(&region);
        let ecr = regional.ecr();
        session.work(&title, ecr.empty(&repository)).await?;
    }
    let title = format!("Delete the image repository {repository}");
    change(session, connection, app, &title, StateChange::RemoveWorkload(name)).await.map(drop)
}

/// Refuses to take an environment out when its account would leave with a loss, before anything is done towards it.
pub(in crate::ops) async fn admit_leaving(
    session: &Session,
    connection: &Connection,
    record: &store::App,
    gone: &Environment,
) -> Result<()> {
    if others(session, gone).await?.iter().any(|other| other.account_id == gone.account_id) {
        return Ok(());
    }
    let change = StateChange::RemoveAccount(&gone.account_id);
    admit(session, connection, &App::from(record), (change, true)).await
}

/// The application's environments but for one.
async fn others(session: &Session, gone: &Environment) -> Result<Vec<Environment>> {
    let mut all = session.store().await.environments(&gone.app).await?;
    all.retain(|other| other.name != gone.name);
    Ok(all)
}

/// Takes an environment out: its region when no other environment is there, its account when none is in it. `writes`:
/// whether the StackSet's template is changed for that.
pub(in crate::ops) async fn leave(
    session: &Session,
    connection: &Connection,
    record: &store::App,
    gone: &Environment,
    writes: bool,
) -> Result<()> {
    let app = &App::from(record);
    let others = others(session, gone).await?;
    let used = describe::pipeline::uses(connection, &app.name).await?;
    let keeper = used.into_iter().find(|pipeline| pipeline.regions.contains(&gone.region));
    let last = !others.iter().any(|other| other.region == gone.region);
    if let (true, Some(keeper)) = (last, &keeper) {
        session.note(format!(
            "The application's bucket and key in {} stay: the pipeline {} uses them.",
            gone.region, keeper.name
        ));
    } else if last {
        remove_regions(session, connection, app, vec![gone.region.clone()]).await?;
    }
    if !others.iter().any(|other| other.account_id == gone.account_id) {
        domain::root::delegate(session, connection, record, &gone.account_id, false).await?;
        if !writes {
            return Ok(());
        }
        let title = format!("Take account {} out of the application", gone.account_id);
        change(session, connection, app, &title, StateChange::RemoveAccount(&gone.account_id)).await?;
    }
    Ok(())
}

/// Regions the application has a stack in.
pub(in crate::ops) async fn regions(connection: &Connection, app: &App) -> Result<Vec<String>> {
    let name = stack_set_name(&app.name);
    let cloudformation = connection.cloudformation();
    if cloudformation.stack_set(&name).await?.is_none() {
        return Ok(vec![]);
    }
    let instances = cloudformation.stack_instances(&name, Some(&app.account), None).await?;
    Ok(instances.into_iter().map(|instance| instance.region).collect())
}

/// Removes the application's stacks in some regions; their buckets and repositories are emptied first.
pub(in crate::ops) async fn remove_regions(
    session: &Session,
    connection: &Connection,
    app: &App,
    mut gone: Vec<String>,
) -> Result<()> {
    let there = regions(connection, app).await?;
    gone.retain(|region| there.contains(region));
    for region in &gone {
        let regional = connection.region(region);
        // Without outputs its stack never came to life or is on its way out already.
        let resources = describe::facts::regional(connection, &app.name, &app.account, region).await?;
        if !resources.artifacts.bucket.is_empty() {
            let title = format!("Empty the bucket {}", resources.artifacts.bucket);
            session.work(&title, regional.s3().empty(&resources.artifacts.bucket)).await?;
        }
        for workload in resources.repositories.keys() {
            let ecr = regional.ecr();
            let repository = format!("{}/{workload}", app.name);
            session
                .work(&format!("Delete the images of {workload} in {region}"), ecr.empty(&repository))
                .await?;
        }
    }
    if gone.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = gone.iter().map(String::as_str).collect();
    let title = format!("Delete the application's bucket and key in {}", gone.join(", "));
    let name = stack_set_name(&app.name);
    let work = stackset::remove_regions(connection, &name, &app.account, &names, session.stack_sets());
    session.work(&title, work).await?;
    Ok(())
}

/// What the application has in a region.
pub(in crate::ops) async fn resources(connection: &Connection, app: &App, region: &str) -> Result<Regional> {
    let found = describe::facts::regional(connection, &app.name, &app.account, region).await?;
    if found.artifacts.bucket.is_empty() {
        return Err(Error::NoRegion { app: app.name.clone(), region: region.to_owned() });
    }
    Ok(found)
}

/// ARN of the root of the account that deploys: environments trust it.
pub(in crate::ops) async fn root_arn(connection: &Connection, region: &str) -> Result<String> {
    let account = connection.sts().caller_identity().await?.account;
    Ok(format!("arn:{}:iam::{account}:root", partition(region)))
}

/// URI of a workload's image repository in a region, as ECR says it.
pub(in crate::ops) async fn repository(
    regional: &Connection,
    app: &App,
    name: &WorkloadName,
) -> Result<String> {
    let repository = repository_name(&app.name, name.as_str());
    let found = regional.ecr().repository(&repository).await?;
    found.map(|found| found.uri).ok_or_else(|| Error::NotRegistered { name: name.clone() })
}
