//! Changing a stack set whose template counts its versions.
//!
//! The template carries its own state, so a change reads it, computes the next one and names the operation by the next version.
//! Two writers that start from the same version name the same operation: CloudFormation refuses the second, which then reads
//! again. Other operations that run meanwhile are waited for.

use std::time::Instant;

use super::{Endurance, Failure, Interrupt, Pauses, Polling, Wait};
use crate::aws::cloudformation::stack_set::{Instance, Request, StackSet};
use crate::aws::{Connection, Error, Kind};
use crate::event::Reporter;

/// Status of an instance that lags behind its stack set: an operation runs, or one failed.
const OUTDATED: &str = "OUTDATED";

/// How a change of a stack set is waited for.
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// Takes what is worth knowing meanwhile.
    pub reporter: &'a dyn Reporter,
    /// How often the user asked to stop: from then on trouble is not lived through.
    pub interrupt: Option<&'a Interrupt>,
    /// How often to ask.
    pub polling: Polling,
}

/// The next state of a stack set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// Its template.
    pub template: String,
    /// Names the operation: the template's version counter.
    pub operation: String,
}

/// Changes the stack set `name`. `next` gets the present template and returns the next state, or `None` when the present one
/// will do; it may be asked several times. Returns whether anything was changed.
///
/// # Errors
/// [`Failure::StackSet`] when there is no such stack set, when `next` can't read its template, or when an instance could not be
/// changed; [`Failure::Aws`] when a call fails, or others keep the stack set busy for longer than the patience given.
pub async fn update(
    connection: &Connection,
    name: &str,
    options: Options<'_>,
    mut next: impl FnMut(&str) -> Result<Option<Next>, String>,
) -> Result<bool, Failure> {
    let door = connection.cloudformation();
    let failure = |reason: String| Failure::StackSet { set: name.to_owned(), reason };
    let mut race = Race::new(connection, name, options);
    loop {
        let set = race.ask(|| door.stack_set(name)).await?;
        let set = set.ok_or_else(|| failure("it does not exist in this account and region".to_owned()))?;
        let next = match next(&set.template).map_err(failure)? {
            Some(next) => next,
            // The template says so, but a run that was stopped, or another one, may not have brought it to all regions yet.
            None if is_outdated(connection, name).await? => {
                let operation = uuid::Uuid::new_v4().to_string();
                Next { template: set.template.clone(), operation }
            }
            None => return Ok(false),
        };
        match door.update_stack_set(&request(&set, &next.template), &next.operation).await {
            Ok(()) => {
                wait(connection, name, &next.operation, options).await?;
                return Ok(true);
            }
            Err(error) => race.lost(error).await?,
        }
    }
}

/// Whether an instance lags behind the stack set's template.
async fn is_outdated(connection: &Connection, name: &str) -> Result<bool, Failure> {
    let instances = connection.cloudformation().stack_instances(name, None, None).await?;
    Ok(instances.iter().any(|instance| instance.status == OUTDATED && !instance.stack_id.is_empty()))
}

fn request<'a>(set: &'a StackSet, template: &'a str) -> Request<'a> {
    Request {
        name: &set.name,
        description: &set.description,
        template,
        parameters: &set.parameters,
        tags: &set.tags,
        admin_role_arn: &set.admin_role_arn,
        execution_role: &set.execution_role,
    }
}

/// Makes instances of the stack set `name` in those of `regions` that have none; returns whether any was made.
///
/// # Errors
/// As [`update`].
pub async fn add_regions(
    connection: &Connection,
    name: &str,
    account: &str,
    regions: &[&str],
    options: Options<'_>,
) -> Result<bool, Failure> {
    let door = connection.cloudformation();
    let mut race = Race::new(connection, name, options);
    loop {
        let there = race.ask(|| door.stack_instances(name, Some(account), None)).await?;
        // An instance without a stack, or with an old one, is being made or left from a failed try: making it again waits for
        // the one and mends the other.
        let ready = |it: &Instance| !it.stack_id.is_empty() && it.status != OUTDATED;
        let has = |region: &str| there.iter().any(|it| it.region == region && ready(it));
        let missing: Vec<&str> = regions.iter().copied().filter(|region| !has(region)).collect();
        if missing.is_empty() {
            return Ok(false);
        }
        match door.create_stack_instances(name, account, &missing).await {
            Ok(operation) => {
                wait(connection, name, &operation, options).await?;
                return Ok(true);
            }
            Err(error) => race.lost(error).await?,
        }
    }
}

/// Deletes the instances of the stack set `name` in `regions` with their stacks; returns whether there were any.
///
/// # Errors
/// As [`update`].
pub async fn remove_regions(
    connection: &Connection,
    name: &str,
    account: &str,
    regions: &[&str],
    options: Options<'_>,
) -> Result<bool, Failure> {
    let door = connection.cloudformation();
    let mut race = Race::new(connection, name, options);
    loop {
        let there = race.ask(|| door.stack_instances(name, Some(account), None)).await?;
        let left: Vec<&str> =
            there.iter().map(|it| it.region.as_str()).filter(|region| regions.contains(region)).collect();
        if left.is_empty() {
            return Ok(false);
        }
        match door.delete_stack_instances(name, account, &left).await {
            Ok(operation) => {
                wait(connection, name, &operation, options).await?;
                return Ok(true);
            }
            Err(error) => race.lost(error).await?,
        }
    }
}

/// Deletes all instances of the stack set `name`, then the stack set. That it does not exist is no failure.
///
/// # Errors
/// As [`update`].
pub async fn delete(connection: &Connection, name: &str, options: Options<'_>) -> Result<(), Failure> {
    let door = connection.cloudformation();
    let there = door.stack_instances(name, None, None).await?;
    let mut accounts: Vec<&str> = there.iter().map(|it| it.account.as_str()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    for account in accounts {
        let regions: Vec<&str> =
            there.iter().filter(|it| it.account == account).map(|it| it.region.as_str()).collect();
        remove_regions(connection, name, account, &regions, options).await?;
    }
    let mut race = Race::new(connection, name, options);
    while let Err(error) = door.delete_stack_set(name).await {
        race.lost(error).await?;
    }
    Ok(())
}

/// A change that others may come before.
struct Race<'a> {
    connection: &'a Connection,
    options: Options<'a>,
    /// What goes on in AWS meanwhile.
    what: String,
    pauses: Pauses,
    endurance: Endurance,
    start: Instant,
    /// Whether another change came first.
    waits: bool,
}

impl<'a> Race<'a> {
    fn new(connection: &'a Connection, name: &str, options: Options<'a>) -> Self {
        Self {
            connection,
            options,
            what: format!("The other change of stack set {name}"),
            pauses: Pauses::new(options.polling),
            endurance: Endurance::new(options.polling.patience),
            start: Instant::now(),
            waits: false,
        }
    }

    /// Asks how things stand; trouble is lived through once another change is waited for.
    async fn ask<T, F: Future<Output = Result<T, Error>>>(
        &mut self,
        mut ask: impl FnMut() -> F,
    ) -> Result<T, Error> {
        match self.waits {
            true => self.endurance.ask(waiting(self.connection, &self.what, self.options), ask).await,
            false => ask().await,
        }
    }

    /// Waits when another change came first, and passes any other failure on.
    async fn lost(&mut self, error: Error) -> Result<(), Failure> {
        if error.kind != Kind::Busy || self.start.elapsed() > self.options.polling.patience {
            return Err(error.into());
        }
        self.waits = true;
        self.pauses.wait().await;
        Ok(())
    }
}

fn waiting<'a>(connection: &'a Connection, what: &'a str, options: Options<'a>) -> Wait<'a> {
    let Options { reporter, interrupt, polling } = options;
    Wait { connection, what, reporter, pause: polling.first, interrupt }
}

/// Waits until an operation is done.
async fn wait(
    connection: &Connection,
    name: &str,
    operation: &str,
    options: Options<'_>,
) -> Result<(), Failure> {
    let door = connection.cloudformation();
    let mut pauses = Pauses::new(options.polling);
    let mut endurance = Endurance::new(options.polling.patience);
    let what = format!("The change of stack set {name}");
    loop {
        let wait = waiting(connection, &what, options);
        let now = endurance.ask(wait, || door.stack_set_operation(name, operation)).await?;
        match now.status.as_str() {
            "SUCCEEDED" => return Ok(()),
            "FAILED" | "STOPPED" => {
                let results = door.stack_set_operation_results(name, operation).await.unwrap_or_default();
                let failed = results
                    .iter()
                    .filter(|result| result.status == "FAILED")
                    .map(|result| format!("{} in {}: {}", result.account, result.region, result.reason));
                let failed: Vec<String> = failed.collect();
                let reason = match failed.is_empty() {
                    true => format!("operation {operation} ended in {} {}", now.status, now.reason),
                    false => format!("operation {operation} failed for {}", failed.join("; ")),
                };
                return Err(Failure::StackSet { set: name.to_owned(), reason: reason.trim_end().to_owned() });
            }
            _ => pauses.wait().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::*;
    use crate::aws::testing::{server, xml, xml_error};
    use crate::deploy::testing::{Recorder, fast};

    fn told(recorder: &Recorder) -> Options<'_> {
        Options { reporter: recorder, interrupt: None, polling: fast() }
    }

    fn described(template: &str) -> crate::aws::testing::Answer {
        xml(
            200,
            &format!(
                "<DescribeStackSetResponse><DescribeStackSetResult><StackSet><StackSetName>shop-infrastructure</StackSetName>\
                 <Description>d</Description><Status>ACTIVE</Status><TemplateBody>{template}</TemplateBody><Tags><member>\
                 <Key>copilot-application</Key><Value>shop</Value></member></Tags>\
                 <AdministrationRoleARN>arn:a</AdministrationRoleARN><ExecutionRoleName>x</ExecutionRoleName></StackSet>\
                 </DescribeStackSetResult></DescribeStackSetResponse>"
            ),
        )
    }

    fn operation(status: &str) -> crate::aws::testing::Answer {
        xml(
            200,
            &format!(
                "<DescribeStackSetOperationResponse><DescribeStackSetOperationResult><StackSetOperation><Status>{status}</Status>\
                 </StackSetOperation></DescribeStackSetOperationResult></DescribeStackSetOperationResponse>"
            ),
        )
    }

    fn count_up(template: &str) -> Result<Option<Next>, String> {
        let version: u32 = template.parse().map_err(|_| "no version".to_owned())?;
        Ok(Some(Next { template: (version + 1).to_string(), operation: (version + 1).to_string() }))
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_lost_race_reads_again() {
        let version = Mutex::new(6);
        let server = server(move |request| match request.action.as_str() {
            "DescribeStackSet" => described(&version.lock().unwrap().to_string()),
            "UpdateStackSet" => {
                let mut version = version.lock().unwrap();
                *version += 1;
                if request.body.contains("OperationId=7") {
                    // Someone else was the one who made version 7.
                    xml_error(409, "OperationIdAlreadyExistsException", "exists")
                } else {
                    xml(
                        200,
                        "<UpdateStackSetResponse><UpdateStackSetResult><OperationId>8</OperationId></UpdateStackSetResult></UpdateStackSetResponse>",
                    )
                }
            }
            _ => operation("SUCCEEDED"),
        });
        let changed =
            update(server.connection(), "shop-infrastructure", told(&Recorder::default()), count_up).await;
        assert_eq!(changed, Ok(true));
        assert_eq!(
            server.actions(),
            [
                "DescribeStackSet",
                "UpdateStackSet",
                "DescribeStackSet",
                "UpdateStackSet",
                "DescribeStackSetOperation"
            ]
        );
        let last = &server.requests()[3].body;
        assert!(last.contains("TemplateBody=8") && last.contains("OperationId=8"), "{last}");
        assert!(last.contains("Tags.member.1.Key=copilot-application"), "{last}");
        assert!(last.contains("Description=d"), "{last}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_failed_operation_says_where_and_why() {
        let server = server(|request| match request.action.as_str() {
            "DescribeStackSet" => described("1"),
            "UpdateStackSet" => {
                xml(200, "<UpdateStackSetResponse><UpdateStackSetResult/></UpdateStackSetResponse>")
            }
            "ListStackSetOperationResults" => xml(
                200,
                "<ListStackSetOperationResultsResponse><ListStackSetOperationResultsResult><Summaries><member><Account>1</Account>\
                 <Region>eu-west-1</Region><Status>FAILED</Status><StatusReason>bucket exists</StatusReason></member></Summaries>\
                 </ListStackSetOperationResultsResult></ListStackSetOperationResultsResponse>",
            ),
            _ => operation("FAILED"),
        });
        let failure =
            update(server.connection(), "shop-infrastructure", told(&Recorder::default()), count_up)
                .await
                .unwrap_err();
        insta::assert_snapshot!(failure, @"stack set shop-infrastructure: operation 2 failed for 1 in eu-west-1: bucket exists");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_region_that_is_there_is_not_made_again() {
        let server = server(|_| {
            xml(
                200,
                "<ListStackInstancesResponse><ListStackInstancesResult><Summaries><member><Account>1</Account>\
                 <Region>eu-west-1</Region><StackId>arn:s</StackId></member></Summaries></ListStackInstancesResult>\
                 </ListStackInstancesResponse>",
            )
        });
        assert_eq!(
            add_regions(server.connection(), "s", "1", &["eu-west-1"], told(&Recorder::default())).await,
            Ok(false)
        );
        assert_eq!(
            remove_regions(server.connection(), "s", "1", &["us-east-1"], told(&Recorder::default())).await,
            Ok(false)
        );
        assert_eq!(server.actions(), ["ListStackInstances", "ListStackInstances"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_needs_no_change_is_left() {
        let server = server(|request| match request.action.as_str() {
            "DescribeStackSet" => described("1"),
            _ => instances("CURRENT"),
        });
        assert_eq!(
            update(server.connection(), "s", told(&Recorder::default()), |_| Ok(None)).await,
            Ok(false)
        );
        assert_eq!(server.actions(), ["DescribeStackSet", "ListStackInstances"]);
    }

    fn instances(status: &str) -> crate::aws::testing::Answer {
        xml(
            200,
            &format!(
                "<ListStackInstancesResponse><ListStackInstancesResult><Summaries><member><Account>1</Account>\
                 <Region>eu-west-1</Region><StackId>arn:s</StackId><Status>{status}</Status></member></Summaries>\
                 </ListStackInstancesResult></ListStackInstancesResponse>"
            ),
        )
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_change_that_a_killed_run_left_is_brought_to_its_end() {
        let server = server(|request| match request.action.as_str() {
            "DescribeStackSet" => described("1"),
            "ListStackInstances" => instances("OUTDATED"),
            "UpdateStackSet" => {
                xml(200, "<UpdateStackSetResponse><UpdateStackSetResult/></UpdateStackSetResponse>")
            }
            _ => operation("SUCCEEDED"),
        });
        assert_eq!(
            update(server.connection(), "s", told(&Recorder::default()), |_| Ok(None)).await,
            Ok(true)
        );
        assert_eq!(server.actions().last().map(String::as_str), Some("DescribeStackSetOperation"));
    }

    /// In the wait for another change, and in that for one's own.
    #[tokio::test(flavor = "current_thread")]
    async fn credentials_that_expire_meanwhile_are_waited_for() {
        let counts: Mutex<BTreeMap<String, u32>> = Mutex::default();
        let server = server(move |request| {
            let mut counts = counts.lock().unwrap();
            let count = counts.entry(request.action.clone()).or_default();
            *count += 1;
            match (request.action.as_str(), *count) {
                ("DescribeStackSet" | "DescribeStackSetOperation", 2..=4) => {
                    xml_error(403, "ExpiredToken", "The security token is expired")
                }
                ("DescribeStackSet", _) => described("1"),
                ("UpdateStackSet", 1) => xml_error(409, "OperationInProgressException", "busy"),
                ("UpdateStackSet", _) => {
                    xml(200, "<UpdateStackSetResponse><UpdateStackSetResult/></UpdateStackSetResponse>")
                }
                (_, 1) => operation("RUNNING"),
                _ => operation("SUCCEEDED"),
            }
        });
        let recorder = Recorder::default();
        let changed = update(server.connection(), "shop-infrastructure", told(&recorder), count_up).await;
        assert_eq!(changed, Ok(true), "{:#?}", recorder.lines());
        let told = recorder.told();
        let expired = "The AWS credentials have expired. The";
        let set = "change of stack set shop-infrastructure goes on in AWS.";
        assert!(told[0].starts_with(&format!("{expired} other {set}")), "{told:#?}");
        assert!(told[2].starts_with(&format!("{expired} {set}")), "{told:#?}");
        let again = "AWS answers again.";
        assert_eq!((told.len(), told[1].as_str(), told[3].as_str()), (4, again, again));
    }
}
