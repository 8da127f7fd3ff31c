//! Starting a service's tasks anew: a deployment of the task definition that runs already.

use super::environment::Place;
use crate::aws::Connection;
use crate::aws::ecs::Update;
use crate::event::Step;
use crate::name::WorkloadName;
use crate::ops::step::Running;
use crate::ops::{Error, Result, Session};

/// Most looks at the service before it is given up: with the usual pauses about half an hour.
const MOST_LOOKS: u32 = 400;

/// Starts the tasks of the ECS service in `stack` anew and waits until they run.
pub(super) async fn restart(
    session: &Session,
    place: &Place,
    stack: &str,
    name: &WorkloadName,
) -> Result<()> {
    let resources = place.manager.cloudformation().resources(stack).await?.unwrap_or_default();
    let service = resources.iter().find(|resource| resource.resource_type == "AWS::ECS::Service");
    let arn = service.map(|service| service.physical_id.clone()).unwrap_or_default();
    // arn:aws:ecs:<region>:<account>:service/<cluster>/<service>
    let mut parts = arn.rsplit('/');
    let (Some(service), Some(cluster)) = (parts.next(), parts.next()) else {
        return Err(Error::MissingOutput { stack: stack.to_owned(), output: "ECS service".to_owned() });
    };
    let title = format!("Start the tasks of {name} anew");
    let step = session.step(&title, Step::Work, &title);
    let ecs = place.manager.ecs();
    let update = Update { force: true, ..Update::default() };
    step.run(ecs.update_service(cluster, service, update)).await?;
    until_steady(session, &place.manager, (cluster, service), name, &step).await
}

/// Waits until the tasks of the newest deployment run, and no others.
async fn until_steady(
    session: &Session,
    manager: &Connection,
    (cluster, service): (&str, &str),
    name: &WorkloadName,
    step: &Running,
) -> Result<()> {
    let (ecs, services) = (manager.ecs(), [service]);
    let mut endurance = session.endurance();
    let what = format!("The start of the new tasks of {name}");
    for _ in 0..MOST_LOOKS {
        session.check_interrupt()?;
        tokio::time::sleep(session.inputs.polling.first).await;
        let look = session.ask(&mut endurance, manager, &what, || ecs.services(cluster, &services));
        let found = step.run(look).await?;
        let Some(found) = found.first() else { break };
        let primary = found.deployments.first();
        if primary.is_some_and(|deployment| deployment.rollout == "FAILED") {
            break;
        }
        if found.deployments.len() == 1 && found.running == found.desired {
            step.done("");
            return Ok(());
        }
        step.progress(found.running.into(), found.desired.into(), "tasks of the new deployment");
    }
    let error = Error::NotSteady { name: name.clone() };
    step.failed(&error.to_string());
    Err(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing;
    use crate::ops::testing::{renewed, session};

    #[tokio::test(flavor = "current_thread")]
    async fn credentials_that_expire_meanwhile_are_waited_for() {
        let server = renewed(testing::json(
            200,
            r#"{"services": [{"serviceName": "api", "desiredCount": 1, "runningCount": 1, "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY"}]}]}"#,
        ));
        let (session, recorder) = session();
        let name = WorkloadName::new("api").unwrap();
        let step = session.step("restart", Step::Work, "Start the tasks of api anew");
        until_steady(&session, server.connection(), ("c", "api"), &name, &step).await.unwrap();
        let told = recorder.told();
        assert!(
            told[0].contains("have expired. The start of the new tasks of api goes on in AWS."),
            "{told:#?}"
        );
        assert_eq!(told[1..], ["AWS answers again."]);
    }
}
