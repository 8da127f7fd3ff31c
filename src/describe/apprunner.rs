//! A service on App Runner: where it is, how it runs, where it is reached.

use futures_util::join;
use jiff::Timestamp;
use serde::Serialize;

use super::stack::{self, Resource};
use super::{Error, Target, ago, rfc3339};
use crate::aws::{self, Connection, apprunner};
use crate::page::{Body, Cell, Mark, Page, Paged};

/// Type of the resource in a stack.
pub const SERVICE: &str = "AWS::AppRunner::Service";
/// Type of the connection by which a network reaches a private service.
const CONNECTION: &str = "AWS::AppRunner::VpcIngressConnection";
/// Messages of App Runner that are kept.
const MESSAGES: i32 = 10;
/// Operations that are shown.
const OPERATIONS: usize = 5;

/// A service on App Runner at work. Serialises to the JSON of `svc status --json`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// ARN of the service.
    pub arn: String,
    /// `RUNNING`, `PAUSED`, `OPERATION_IN_PROGRESS`, `CREATE_FAILED` …
    pub status: String,
    /// When it was made.
    #[serde(serialize_with = "rfc3339")]
    pub created_at: Option<i64>,
    /// When it last changed.
    #[serde(serialize_with = "rfc3339")]
    pub updated_at: Option<i64>,
    /// What runs.
    pub source: Source,
    /// What App Runner did lately, the newest first.
    pub operations: Vec<Operation>,
    /// What App Runner said lately, the oldest first.
    pub events: Vec<Event>,
    /// Parts that could not be read, and why; the rest holds.
    pub warnings: Vec<String>,
}

/// What a service runs.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Source {
    /// Address of its image.
    pub image_id: String,
}

/// Something App Runner did to a service.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// Its id.
    pub id: String,
    /// What it was, such as `PAUSE_SERVICE`.
    #[serde(rename = "type")]
    pub kind: String,
    /// `SUCCEEDED`, `IN_PROGRESS`, `FAILED` …
    pub status: String,
    /// When it began.
    #[serde(serialize_with = "rfc3339")]
    pub started_at: Option<i64>,
    /// When it ended.
    #[serde(serialize_with = "rfc3339")]
    pub ended_at: Option<i64>,
}

/// A message of App Runner.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Event {
    /// When it was said.
    #[serde(serialize_with = "rfc3339")]
    pub created_at: Option<i64>,
    /// The message.
    pub message: String,
}

/// A log group of a service, `/aws/apprunner/<name>/<id>/<part>`; `part` is `application` (what the container writes) or
/// `service` (what App Runner says). None for an ARN that is none of a service.
#[must_use]
pub fn log_group(arn: &str, part: &str) -> Option<String> {
    // arn:aws:apprunner:<region>:<account>:service/<name>/<id>
    let (_, path) = arn.split_once(":service/")?;
    Some(format!("/aws/apprunner/{path}/{part}"))
}

/// ARN of the service in a stack's resources.
#[must_use]
pub fn arn_in(resources: &[Resource]) -> Option<&str> {
    let service = resources.iter().find(|resource| resource.kind == SERVICE);
    service.map(|service| service.physical_id.as_str()).filter(|arn| !arn.is_empty())
}

/// ARN of a service by its stack.
///
/// # Errors
/// [`Error::NotDeployed`] without a stack, [`Error::Missing`] when it holds no such service, and what AWS reports.
pub async fn find(manager: &Connection, target: &Target) -> Result<String, Error> {
    let name = target.stack();
    let resources = stack::resources(manager, &name).await?;
    if let Some(arn) = arn_in(&resources) {
        return Ok(arn.to_owned());
    }
    if manager.cloudformation().stack(&name).await?.is_none() {
        return Err(target.not_deployed());
    }
    let hint = if resources.iter().any(|resource| resource.kind == "AWS::ECS::Service") {
        "; it runs on ECS"
    } else {
        "; its last deployment may have failed"
    };
    Err(Error::Missing { stack: name, what: "App Runner service", hint: hint.to_owned() })
}

/// Reads how the service is doing, through the connection of the environment's manager role.
///
/// # Errors
/// As [`find`]. Operations and messages that may not be read are told in [`Status::warnings`] instead.
pub async fn status(manager: &Connection, target: &Target) -> Result<Status, Error> {
    let arn = find(manager, target).await?;
    let door = manager.apprunner();
    let (service, operations, events) =
        join!(door.service(&arn), door.operations(&arn), events(manager, &arn));
    let service = service?;
    let mut warnings = vec![];
    let operations = operations.unwrap_or_else(|error| {
        warnings.push(format!("operations: {error}"));
        vec![]
    });
    let events = events.unwrap_or_else(|error| {
        warnings.push(format!("messages: {error}"));
        vec![]
    });
    Ok(Status {
        arn: service.arn,
        status: service.status,
        created_at: service.created,
        updated_at: service.updated,
        source: Source { image_id: service.image },
        operations: operations
            .into_iter()
            .take(OPERATIONS)
            .map(|operation| Operation {
                id: operation.id,
                kind: operation.kind,
                status: operation.status,
                started_at: operation.started_at,
                ended_at: operation.ended_at,
            })
            .collect(),
        events,
        warnings,
    })
}

/// The last messages of App Runner; none before its first.
async fn events(manager: &Connection, arn: &str) -> Result<Vec<Event>, aws::Error> {
    let Some(group) = log_group(arn, "service") else { return Ok(vec![]) };
    let logs = manager.logs();
    let streams = match logs.latest_streams(&group, "", 1).await {
        Err(error) if error.is_not_found() => return Ok(vec![]),
        streams => streams?,
    };
    let Some(newest) = streams.first() else { return Ok(vec![]) };
    let page = logs.stream(&group, &newest.name, true, MESSAGES, None).await?;
    let event =
        |line: aws::logs::Line| Event { created_at: Some(line.at), message: plain(&line.message).to_owned() };
    Ok(page.lines.into_iter().map(event).collect())
}

/// A message without the time in front, which its event has too: `11-20-2026 04:12:55 PM [AppRunner] Service is running.`
fn plain(message: &str) -> &str {
    match message.split_once("[AppRunner]") {
        Some((_, text)) => text.trim(),
        None => message.trim(),
    }
}

/// Where a service is reached: its own host names that work, then the one App Runner gave it. A private service is reached
/// from its network only. Empty for a stack without such a service.
///
/// # Errors
/// What AWS reports.
pub async fn addresses(manager: &Connection, resources: &[Resource]) -> Result<Vec<String>, Error> {
    let Some(arn) = arn_in(resources) else { return Ok(vec![]) };
    let door = manager.apprunner();
    let connection = resources.iter().find(|resource| resource.kind == CONNECTION);
    let host = match connection {
        Some(connection) => door.private_url(&connection.physical_id).await?,
        None => door.service(arn).await?.url,
    };
    let names = match door.domains(arn).await {
        // Roles of older environments do not know of host names.
        Err(error) if matches!(error.kind, aws::Kind::AccessDenied(_)) => vec![],
        domains => domains?,
    };
    let names = names.into_iter().filter(|domain| domain.status == "ACTIVE").map(|domain| domain.name);
    let hosts = names.chain([host]).filter(|host| !host.is_empty());
    Ok(hosts.map(|host| format!("https://{host}")).collect())
}

/// The service in a stack's resources, if there is one.
///
/// # Errors
/// What AWS reports.
pub async fn read(manager: &Connection, resources: &[Resource]) -> Result<Option<apprunner::Service>, Error> {
    match arn_in(resources) {
        Some(arn) => Ok(Some(manager.apprunner().service(arn).await?)),
        None => Ok(None),
    }
}

fn mark(status: &str) -> Mark {
    match status {
        "RUNNING" | "SUCCEEDED" => Mark::Good,
        other if other.contains("FAILED") => Mark::Bad,
        _ => Mark::Plain,
    }
}

impl Paged for Status {
    fn page(&self, now: Timestamp) -> Page {
        let about = vec![
            ("Status".to_owned(), Cell::new(self.status.as_str(), mark(&self.status))),
            ("Image".to_owned(), Cell::or_dash(self.source.image_id.as_str())),
            ("Updated".to_owned(), Cell::or_dash(ago(self.updated_at, now))),
            ("Created".to_owned(), Cell::or_dash(ago(self.created_at, now))),
        ];
        let operation = |operation: &Operation| {
            vec![
                Cell::from(operation.kind.to_ascii_lowercase().replace('_', " ")),
                Cell::new(operation.status.as_str(), mark(&operation.status)),
                Cell::or_dash(ago(operation.started_at, now)),
            ]
        };
        let event = |event: &Event| {
            vec![Cell::or_dash(ago(event.created_at, now)), Cell::from(event.message.as_str())]
        };
        let warnings = self.warnings.iter().map(|text| Cell::new(text.as_str(), Mark::Dim)).collect();
        Page::new()
            .with("Service", Body::Pairs(about))
            .with(
                "Operations",
                Body::table(
                    &["Operation", "Status", "Begun"],
                    self.operations.iter().map(operation).collect(),
                ),
            )
            .with("Last Events", Body::table(&["When", "Message"], self.events.iter().map(event).collect()))
            .with("Not Shown", Body::Lines(warnings))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:apprunner:eu-west-1:111122223333:service/shop-test-web/0123";

    #[test]
    fn log_groups_are_named_by_the_arn() {
        assert_eq!(log_group(ARN, "service").as_deref(), Some("/aws/apprunner/shop-test-web/0123/service"));
        assert_eq!(log_group("shop-test-web", "service"), None);
    }

    #[test]
    fn a_service_at_work() {
        let now: Timestamp = "2026-11-20T12:00:00Z".parse().unwrap();
        let before = |minutes: i64| Some(now.as_millisecond() - minutes * 60_000);
        let status = Status {
            arn: ARN.to_owned(),
            status: "RUNNING".to_owned(),
            created_at: before(600),
            updated_at: before(5),
            source: Source { image_id: "1.dkr/shop/web:1".to_owned() },
            operations: vec![Operation {
                id: "1".to_owned(),
                kind: "UPDATE_SERVICE".to_owned(),
                status: "SUCCEEDED".to_owned(),
                started_at: before(6),
                ended_at: before(5),
            }],
            events: vec![Event {
                created_at: before(5),
                message: plain("11-20-2026 11:55:00 AM [AppRunner] Service update completed successfully.")
                    .to_owned(),
            }],
            warnings: vec![],
        };
        insta::assert_snapshot!(super::super::testing::text(&status.page(now)));
        insta::assert_json_snapshot!(status);
    }
}
