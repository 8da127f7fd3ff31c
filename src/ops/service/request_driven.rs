//! What is particular about services on App Runner: what keeps one from being deployed, its image, and its operations
//! (pausing, resuming, deploying anew), which are followed to their end.

use std::collections::BTreeMap;

use super::{AppName, EnvName, WorkloadName};
use crate::artifact::image::{self, ImagePlan, Tags};
use crate::aws::Connection;
use crate::describe::{self, Target, apprunner};
use crate::event::Step;
use crate::manifest::head::Kind;
use crate::model::environment::{Environment, Vpc};
use crate::model::request_driven::{Ingress, RequestDriven};
use crate::ops::{AwsKind, Error, Report, Result, Session};
use crate::yaml::template;

/// What App Runner builds and runs images for.
const PLATFORM: &str = "linux/amd64";
/// Most looks at an operation before it is given up: with the usual pauses about half an hour.
const MOST_LOOKS: u32 = 400;

/// Whether a service of the application runs on App Runner, by its record.
///
/// # Errors
/// It does not exist; whatever AWS reports.
pub(in crate::ops) async fn is(session: &Session, app: &AppName, name: &WorkloadName) -> Result<bool> {
    let workload = session.store().await.workload(app, name).await?;
    Ok(workload.kind == Kind::RequestDriven.as_str())
}

/// Refuses what can't be deployed to an environment, before anything changes.
///
/// # Errors
/// [`Error::Usage`]: the environment's endpoint in a VPC that it did not make.
pub(super) fn check(service: &RequestDriven, environment: &Environment) -> Result<()> {
    if service.ingress == Ingress::Environment && matches!(environment.vpc, Vpc::Imported(_)) {
        return Err(Error::Usage(format!(
            "{} is private (http.private), and the environment {} uses a VPC that it did not make: give the VPC an endpoint \
             for App Runner and name it in `http.private.endpoint`",
            service.name, environment.name
        )));
    }
    Ok(())
}

/// Refuses tags other than those of the deployed service, whose template is `deployed`: App Runner's resource type can't
/// change them, and CloudFormation replaces nothing that has a name.
///
/// # Errors
/// [`Error::Unsupported`] with the tags that the service has.
pub(super) fn refuse_other_tags(service: &RequestDriven, deployed: Option<&str>) -> Result<()> {
    let Some(Ok(template)) = deployed.map(template::parse) else { return Ok(()) };
    let found = template["Resources"].as_object().into_iter().flat_map(|resources| resources.values());
    let mut found = found.filter(|resource| resource["Type"] == apprunner::SERVICE);
    let Some(found) = found.next() else {
        return Ok(());
    };
    let tags = found["Properties"]["Tags"].as_array().into_iter().flatten();
    // Ours are references to parameters.
    let tags: BTreeMap<String, String> = tags
        .filter_map(|tag| Some((tag["Key"].as_str()?.to_owned(), tag["Value"].as_str()?.to_owned())))
        .collect();
    if tags == service.tags {
        return Ok(());
    }
    let words: Vec<String> = tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    let words = if words.is_empty() { "none".to_owned() } else { words.join(", ") };
    Err(Error::Unsupported(format!(
        "the `tags` of {} can't be changed once it is deployed (it has {words}): App Runner would have to replace the service. \
         Take them over, or delete the service and deploy it anew",
        service.name
    )))
}

/// The image that is built, if any.
pub(super) fn images(service: &RequestDriven, repository: &str, tags: &Tags) -> Vec<ImagePlan> {
    image::container_plan(&service.main, true, repository, PLATFORM, tags).into_iter().collect()
}

/// Removes the log groups of a service that is gone: App Runner makes them beside its stack and keeps them for ever.
/// `service` is App Runner's name of it. Roles of older environments may not; the user is told.
///
/// # Errors
/// Whatever AWS reports.
pub(super) async fn remove_logs(session: &Session, manager: &Connection, service: &str) -> Result<()> {
    let (logs, prefix) = (manager.logs(), format!("/aws/apprunner/{service}/"));
    let gone = async {
        for group in logs.groups(&prefix).await? {
            logs.delete_group(&group).await?;
        }
        Ok::<_, crate::ops::AwsError>(())
    };
    match session.work(&format!("Remove the log groups of {service}"), gone).await {
        Err(error) if matches!(error.kind, AwsKind::AccessDenied(_)) => {
            session.warn(format!(
                "The environment's role may not remove the log groups {prefix}…: `wharf env deploy` brings it up to date."
            ));
            Ok(())
        }
        result => Ok(result?),
    }
}

/// Pulls the image of a service and starts its instances anew.
///
/// # Errors
/// It fails; whatever AWS reports.
pub(super) async fn restart(session: &Session, manager: &Connection, target: &Target) -> Result<()> {
    let arn = apprunner::find(manager, target).await?;
    let title = format!("Deploy {} anew", target.workload);
    let door = manager.apprunner();
    operate(session, manager, &arn, &title, door.start_deployment(&arn)).await
}

/// Stops the instances of a service: nobody reaches it and it costs nothing until it is resumed.
///
/// # Errors
/// It is no service on App Runner; it is not deployed; whatever AWS reports.
pub async fn pause(session: &Session, app: &AppName, name: &WorkloadName, env: &EnvName) -> Result<Report> {
    let (manager, arn) = deployed(session, app, name, env).await?;
    let door = manager.apprunner();
    if door.service(&arn).await?.status == "PAUSED" {
        return Ok(told(format!("{name} in {env} is paused already.")));
    }
    let title = format!("Pause {name} in {env}");
    operate(session, &manager, &arn, &title, door.pause(&arn)).await?;
    let mut report = told(format!("{name} in {env} is paused: nobody reaches it."));
    report.next.push(format!("Run `wharf svc resume --name {name} --env {env}` to start it again."));
    Ok(report)
}

/// Starts the instances of a paused service.
///
/// # Errors
/// It is no service on App Runner; it is not deployed; whatever AWS reports.
pub async fn resume(session: &Session, app: &AppName, name: &WorkloadName, env: &EnvName) -> Result<Report> {
    let (manager, arn) = deployed(session, app, name, env).await?;
    let door = manager.apprunner();
    let mut report = if door.service(&arn).await?.status == "RUNNING" {
        told(format!("{name} in {env} runs already."))
    } else {
        let title = format!("Resume {name} in {env}");
        operate(session, &manager, &arn, &title, door.resume(&arn)).await?;
        told(format!("{name} in {env} runs again."))
    };
    let target = Target { app: app.clone(), env: env.clone(), workload: name.clone() };
    report.urls = describe::service::addresses(&manager, &target).await?;
    Ok(report)
}

fn told(sentence: String) -> Report {
    Report { done: vec![sentence], ..Report::default() }
}

/// The manager of a service's environment and the service's ARN.
async fn deployed(
    session: &Session,
    app: &AppName,
    name: &WorkloadName,
    env: &EnvName,
) -> Result<(Connection, String)> {
    let record = session.env(app, env).await?;
    if !is(session, app, name).await? {
        return Err(Error::NotOnAppRunner { name: name.clone() });
    }
    let manager = session.manager(&record).await;
    let target = Target { app: app.clone(), env: env.clone(), workload: name.clone() };
    let arn = apprunner::find(&manager, &target).await?;
    Ok((manager, arn))
}

/// Starts an operation on a service and follows it to its end.
async fn operate(
    session: &Session,
    manager: &Connection,
    arn: &str,
    title: &str,
    start: impl Future<Output = std::result::Result<String, crate::ops::AwsError>>,
) -> Result<()> {
    let step = session.step(title, Step::Work, title);
    let door = manager.apprunner();
    let id = step.run(start).await?;
    let mut endurance = session.endurance();
    let what = format!("The operation {title:?}");
    for _ in 0..MOST_LOOKS {
        session.check_interrupt()?;
        tokio::time::sleep(session.inputs.polling.first).await;
        let look = session.ask(&mut endurance, manager, &what, || door.operations(arn));
        let operations = step.run(look).await?;
        let Some(operation) = operations.iter().find(|operation| operation.id == id) else { continue };
        match operation.status.as_str() {
            "SUCCEEDED" => {
                step.done("");
                return Ok(());
            }
            "PENDING" | "IN_PROGRESS" | "ROLLBACK_IN_PROGRESS" => {}
            status => {
                let error = Error::Operation { title: title.to_owned(), status: status.to_owned() };
                step.failed(status);
                return Err(error);
            }
        }
    }
    let status = "still going on";
    step.failed(status);
    Err(Error::Operation { title: title.to_owned(), status: status.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing;
    use crate::diagnostic::Source;
    use crate::model::workload::{self, Workload};
    use crate::ops::testing::{renewed, session};

    #[tokio::test(flavor = "current_thread")]
    async fn credentials_that_expire_during_an_operation_are_waited_for() {
        let server = renewed(testing::json(
            200,
            r#"{"OperationSummaryList": [{"Id": "o-1", "Type": "PAUSE_SERVICE", "Status": "SUCCEEDED"}]}"#,
        ));
        let (session, recorder) = session();
        let start = std::future::ready(Ok("o-1".to_owned()));
        operate(&session, server.connection(), "arn:s", "Pause web in test", start).await.unwrap();
        let told = recorder.told();
        assert!(
            told[0].contains("have expired. The operation \"Pause web in test\" goes on in AWS."),
            "{told:#?}"
        );
        assert_eq!(told[1..], ["AWS answers again."]);
    }

    fn service(more: &str) -> RequestDriven {
        let text = format!(
            "name: web\ntype: Request-Driven Web Service\nimage:\n  location: public.ecr.aws/nginx/nginx:1\n  port: 80\n{more}"
        );
        let source = Source { path: "manifest.yml".into(), text };
        let names = (AppName::new("shop").unwrap(), EnvName::new("test").unwrap());
        match workload::read(&source, &names.0, &names.1, &|_| None).0.unwrap().model {
            Workload::RequestDriven(service) => *service,
            _ => panic!("{more}"),
        }
    }

    #[test]
    fn tags_stay_as_they_are() {
        let deployed = "Resources:\n  Service:\n    Type: AWS::AppRunner::Service\n    Properties:\n      Tags:\n      - Key: copilot-service\n        Value: !Ref WorkloadName\n      - Key: team\n        Value: web\n";
        let same = service("tags: {team: web}\n");
        assert!(refuse_other_tags(&same, Some(deployed)).is_ok());
        assert!(refuse_other_tags(&same, None).is_ok());
        let error = refuse_other_tags(&service(""), Some(deployed)).unwrap_err().to_string();
        assert!(error.contains("it has team=web"), "{error}");
    }

    #[test]
    fn the_environments_endpoint_needs_a_network_of_its_own() {
        let environment = Environment {
            name: EnvName::new("test").unwrap(),
            vpc: Vpc::Managed(crate::model::environment::ManagedVpc {
                cidr: "10.0.0.0/16".into(),
                public: vec![],
                private: vec![],
            }),
            security_group: Default::default(),
            flow_logs: None,
            cdn: None,
            public: Default::default(),
            private: Default::default(),
            container_insights: false,
        };
        assert!(check(&service(""), &environment).is_ok());
        assert!(check(&service("http: {private: true}\n"), &environment).is_ok());
        assert!(check(&service("http: {alias: web.example.com}\n"), &environment).is_ok());
    }
}
