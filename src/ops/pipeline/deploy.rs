//! Putting a pipeline's stack in place, and waiting for its connection.

use std::time::Duration;

use super::load::load;
use super::render::{Package, package};
use crate::aws::Connection;
use crate::aws::connections::Connection as SourceConnection;
use crate::deploy::stack::Applied;
use crate::facts;
use crate::model::pipeline::Origin;
use crate::model::repository::console;
use crate::ops::app::infrastructure;
use crate::ops::stacks::{self, Target};
use crate::ops::{Change, Error, Report, Result, Session};

/// How long a connection is waited for: as long as Copilot did.
const PATIENCE: Duration = Duration::from_secs(45 * 60);
/// The stage that reads the repository.
const SOURCE: &str = "Source";

/// Makes or changes the pipeline. Can be run again after it was stopped anywhere.
///
/// # Errors
/// As [`package`]; a failed deployment; a connection that nobody has finished.
pub async fn deploy(session: &Session, options: &Package) -> Result<Report> {
    let connection = session.aws().await;
    let loaded = load(session, &options.app, &options.name)?;
    let app = facts::App::from(&session.app(&options.app).await?);
    let region = connection.region_name().await?;
    // Before anything is made: what is wrong with the manifest, and what is missing.
    match package(session, options).await {
        Ok(_) | Err(Error::NoRegion { .. }) => {}
        Err(error) => return Err(error),
    }
    infrastructure::ensure_region(session, connection, &app, &region).await?;
    let packaged = package(session, options).await?;
    session.report_findings(&packaged.warnings);
    let artifacts = infrastructure::resources(connection, &app, &region).await?.artifacts;
    let name = &loaded.read.model.name;
    let title = format!("pipeline {name}");
    let target = Target {
        bucket: Some((&artifacts.bucket, &region)),
        change: Change { allow_downgrade: options.allow_downgrade, ..Change::default() },
        ..Target::new(&title)
    };
    let applied = stacks::apply(session, connection, &packaged.stack, &target).await?;
    let deployed = connection.cloudformation().stack(&packaged.stack.name).await?;
    let arn = deployed
        .and_then(|stack| stack.outputs.get("PipelineConnectionARN").map(|output| output.value.clone()));
    if let (Some(arn), Origin::Connection { provider, .. }) = (arn, &loaded.read.model.source.origin) {
        wait_for_connection(session, connection, &arn, provider, &region).await?;
        start_again(session, connection, &packaged.stack.name).await?;
    }
    let branch = &loaded.read.model.source.branch;
    let done = match applied {
        Applied::Unchanged => format!("The pipeline {name} is up to date: there is nothing to change."),
        Applied::Started { .. } | Applied::Done { .. } => format!("The pipeline {name} is deployed."),
    };
    Ok(Report {
        done: vec![done],
        next: vec![
            format!("Push to the branch {branch}: the pipeline builds and deploys it."),
            format!("Run `wharf pipeline status --name {name}` to see how it stands."),
        ],
        ..Report::default()
    })
}

/// Waits until somebody has allowed the connection at the repository's host.
async fn wait_for_connection(
    session: &Session,
    connection: &Connection,
    arn: &str,
    provider: &str,
    region: &str,
) -> Result<()> {
    let door = connection.connections();
    let mut last = door.get(arn).await?;
    if !is_pending(&last) {
        return Ok(());
    }
    let url = format!("https://{}/codesuite/settings/connections?region={region}", console(region));
    session.note(format!(
        "The connection {} waits for somebody to allow AWS to read the repository at {provider}. Open {url}, choose it \
         and \"Update pending connection\".",
        last.name
    ));
    let pauses = session.inputs.polling;
    let mut left = PATIENCE.as_millis() / pauses.first.as_millis().max(1);
    let title = format!("Wait for the connection {}", last.name);
    let mut endurance = session.endurance();
    let what = format!("The update of the connection {}", last.name);
    let waiting = async {
        while is_pending(&last) {
            left = left.saturating_sub(1);
            if left == 0 {
                return Err(Error::ConnectionPending { name: last.name.clone(), url: url.clone() });
            }
            session.check_interrupt()?;
            tokio::time::sleep(pauses.first).await;
            last = session.ask(&mut endurance, connection, &what, || door.get(arn)).await?;
        }
        Ok(())
    };
    session.work(&title, waiting).await
}

fn is_pending(connection: &SourceConnection) -> bool {
    connection.status == "PENDING"
}

/// Runs the source stage once more that failed because its connection was pending. Nothing has come through it then.
async fn start_again(session: &Session, connection: &Connection, stack: &str) -> Result<()> {
    let resources = connection.cloudformation().resources(stack).await?.unwrap_or_default();
    let Some(pipeline) = resources.into_iter().find(|resource| resource.logical_id == "Pipeline") else {
        return Ok(());
    };
    let door = connection.codepipeline();
    let stages = door.state(&pipeline.physical_id).await?.stages;
    let passed = stages.iter().any(|stage| stage.name != SOURCE && stage.execution.is_some());
    let source = stages.into_iter().find(|stage| stage.name == SOURCE).and_then(|stage| stage.execution);
    if let (false, Some((execution, "Failed"))) =
        (passed, source.as_ref().map(|(id, status)| (id.as_str(), status.as_str())))
    {
        let title = "Read the repository once more".to_owned();
        session.work(&title, door.retry(&pipeline.physical_id, SOURCE, execution)).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing;
    use crate::ops::testing::{renewed_after, session};

    #[tokio::test(flavor = "current_thread")]
    async fn credentials_that_expire_meanwhile_are_waited_for() {
        let with = |status: &str| {
            testing::json(
                200,
                &format!(
                    r#"{{"Connection": {{"ConnectionName": "shop", "ConnectionArn": "arn:c", "ConnectionStatus": "{status}"}}}}"#
                ),
            )
        };
        let server = renewed_after(1, with("PENDING"), with("AVAILABLE"));
        let (session, recorder) = session();
        wait_for_connection(&session, server.connection(), "arn:c", "GitHub", "eu-west-1").await.unwrap();
        let told = recorder.told();
        assert!(told[0].starts_with("The connection shop waits for somebody"), "{told:#?}");
        assert!(told[1].starts_with("The AWS credentials have expired."), "{told:#?}");
        assert_eq!(told[2..], ["AWS answers again."]);
    }
}
