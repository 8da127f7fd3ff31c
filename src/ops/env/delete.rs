//! Deleting an environment: its stack, its place in the StackSet, its roles, its record.

use crate::aws::Connection;
use crate::describe;
use crate::facts;
use crate::name::{AppName, EnvName};
use crate::ops::app::infrastructure;
use crate::ops::stacks::{self, Target};
use crate::ops::{Error, Preview, Report, Result, Session};
use crate::stack::document::environment_stack;
use crate::store::Environment;

/// What deleting the environment takes away.
///
/// # Errors
/// It does not exist; services still run in it; whatever AWS reports.
pub async fn delete_preview(session: &Session, app: &AppName, name: &EnvName) -> Result<Preview> {
    let record = session.env(app, name).await?;
    refuse_in_use(session, &record).await?;
    let stack = environment_stack(app, name);
    let manager = session.manager(&record).await;
    let mut goes = vec![];
    for resource in manager.cloudformation().resources(&stack).await?.unwrap_or_default() {
        let telling = [
            "AWS::EC2::VPC",
            "AWS::ECS::Cluster",
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "AWS::EFS::FileSystem",
            "AWS::S3::Bucket",
            "AWS::EC2::NatGateway",
            "AWS::CloudFront::Distribution",
            "AWS::CloudFormation::Stack",
        ];
        if telling.contains(&resource.resource_type.as_str()) {
            goes.push(format!("{} {}", resource.resource_type, resource.physical_id));
        }
    }
    goes.push(format!("stack {stack}, roles {stack}-CFNExecutionRole and {stack}-EnvManagerRole"));
    goes.push(format!("record of the environment {name}"));
    Ok(Preview {
        question: format!("Delete the environment {name} of {app}?"),
        goes,
        stays: vec!["its manifest".to_owned()],
    })
}

/// Refuses an environment in which services still run.
async fn refuse_in_use(session: &Session, record: &Environment) -> Result<()> {
    let manager = session.manager(record).await;
    let known = session.store().await.workloads(&record.app).await?;
    let services = describe::service::deployed_to(&manager, record, &known).await?;
    if services.is_empty() {
        return Ok(());
    }
    Err(Error::EnvironmentInUse { env: record.name.clone(), services })
}

/// Deletes the environment. Can be run again after it was stopped anywhere.
///
/// # Errors
/// Services still run in it; a resource can't be deleted; whatever AWS reports.
pub async fn delete(session: &Session, app: &AppName, name: &EnvName) -> Result<Report> {
    let record = session.env(app, name).await?;
    refuse_in_use(session, &record).await?;
    remove(session, &record).await?;
    Ok(Report { done: vec![format!("The environment {name} of {app} is deleted.")], ..Report::default() })
}

/// Removes everything of an environment that no service uses.
pub(in crate::ops) async fn remove(session: &Session, record: &Environment) -> Result<()> {
    let connection = session.aws().await;
    let app = facts::App::from(&session.app(&record.app).await?);
    let stack = environment_stack(&record.app, &record.name);
    let manager = session.manager(record).await;
    // Without its manager role there is no way into the account but the user's own credentials.
    let manager = match manager.sts().caller_identity().await {
        Ok(_) => manager,
        Err(_) => connection.region(&record.region),
    };
    empty_buckets(session, &manager, &stack).await?;
    let title = format!("environment {}", record.name);
    let target = Target { role_arn: Some(&record.execution_role_arn), ..Target::new(&title) };
    stacks::delete(session, &manager, &stack, &target).await?;
    infrastructure::leave(session, connection, &app, record).await?;
    // The roles go last: everything before needs them, and the role that deletes can't be used to delete itself.
    for suffix in ["CFNExecutionRole", "EnvManagerRole"] {
        let role = format!("{stack}-{suffix}");
        manager.iam().delete_role(&role).await?;
    }
    session.store().await.delete_environment(&record.app, &record.name).await?;
    Ok(())
}

/// Empties the buckets of a stack: CloudFormation deletes only empty ones.
async fn empty_buckets(session: &Session, manager: &Connection, stack: &str) -> Result<()> {
    for resource in manager.cloudformation().resources(stack).await?.unwrap_or_default() {
        if resource.resource_type == "AWS::S3::Bucket" && !resource.physical_id.is_empty() {
            let title = format!("Empty the bucket {}", resource.physical_id);
            session.work(&title, manager.s3().empty(&resource.physical_id)).await?;
        }
    }
    Ok(())
}
