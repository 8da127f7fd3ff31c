//! Changing a stack set whose template counts its versions.
//!
//! The template carries its own state, so a change reads it, computes the next one and names the operation by the next version.
//! Two writers that start from the same version name the same operation: CloudFormation refuses the second, which then reads
//! again. Other operations that run meanwhile are waited for.

use std::collections::BTreeMap;
use std::time::Instant;

use super::{Endurance, Failure, Interrupt, Pauses, Polling, Wait};
use crate::aws::cloudformation::stack_set::{Instance, Listed, Request, StackSet};
use crate::aws::cloudformation::{MAX_TEMPLATE_BODY, Template};
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
    /// Where the template was uploaded to; `None`: it goes into the request, which only a short one may.
    pub url: Option<String>,
    /// Its tags, which its stacks get, too.
    pub tags: BTreeMap<String, String>,
    /// Names the operation: the template's version counter.
    pub operation: String,
}

/// A stack set with its instances, while nobody was changing it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// The stack set.
    pub set: StackSet,
    /// Its instances.
    pub instances: Vec<Instance>,
}

/// The present state of a stack set once more, where its template says so but a run that was stopped, or another one, has not
/// brought it to all regions; `None` when all are there.
#[must_use]
pub fn again(set: &StackSet, instances: &[Instance]) -> Option<Next> {
    instances.iter().any(lags).then(|| Next {
        template: set.template.clone(),
        url: None,
        tags: set.tags.clone(),
        operation: uuid::Uuid::new_v4().to_string(),
    })
}

/// Whether the stack of an instance is not what its stack set's template says: bringing it there goes on, failed, or was
/// stopped.
#[must_use]
pub fn lags(instance: &Instance) -> bool {
    instance.status == OUTDATED && !instance.stack_id.is_empty()
}

/// A change of the stack set `name` that others may come before: look, compute the next state, write it, and begin anew when
/// somebody else was faster.
pub struct Turn<'a> {
    connection: &'a Connection,
    name: &'a str,
    race: Race<'a>,
    /// The template that was to be changed when an id turned out to be used up, and how many were.
    used_up: Option<(String, u64)>,
}

impl<'a> Turn<'a> {
    /// The first look is still to come.
    #[must_use]
    pub fn new(connection: &'a Connection, name: &'a str, options: Options<'a>) -> Self {
        Self { connection, name, race: Race::new(connection, name, options), used_up: None }
    }

    /// The stack set as it is, once nobody changes it any more: while an operation runs its instances are those of neither
    /// state. `None` when there is none. After the patience given it is told as it is.
    ///
    /// # Errors
    /// [`Failure::Aws`] when a call fails.
    pub async fn look(&mut self) -> Result<Option<Look>, Failure> {
        let (name, door) = (self.name, self.connection.cloudformation());
        loop {
            let Some(set) = self.race.ask(|| door.stack_set(name)).await? else { return Ok(None) };
            let instances = self.race.ask(|| door.stack_instances(name, None, None)).await?;
            let look = Look { set, instances };
            let settled = !look.instances.iter().any(lags) || !self.is_running().await?;
            if settled || self.race.is_over() {
                return Ok(Some(look));
            }
            self.race.pause().await;
        }
    }

    /// Whether an operation runs or waits.
    async fn is_running(&mut self) -> Result<bool, Failure> {
        let (name, door) = (self.name, self.connection.cloudformation());
        match self.race.ask(|| door.stack_set_operations(name)).await {
            Ok(operations) => Ok(operations.iter().any(Listed::is_under_way)),
            // CloudFormation refuses a second operation itself.
            Err(error) if matches!(error.kind, Kind::AccessDenied(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// How far the counter has to skip: operations by the next ids are over, and yet the template is the same as before.
    /// Somebody has given the stack set an earlier template, whose counter is behind.
    #[must_use]
    pub fn used_up(&self, look: &Look) -> u64 {
        let same = self.used_up.as_ref().filter(|(template, _)| *template == look.set.template);
        same.map_or(0, |(_, count)| *count)
    }

    /// Remembers that the id is used up, unless its operation is one of somebody else's who was faster.
    async fn note_used_up(&mut self, look: &Look, next: &Next) {
        let door = self.connection.cloudformation();
        let operation = door.stack_set_operation(self.name, &next.operation).await;
        if operation.is_ok_and(|one| matches!(&*one.status, "SUCCEEDED" | "FAILED" | "STOPPED")) {
            self.used_up = Some((look.set.template.clone(), self.used_up(look).saturating_add(1)));
        }
    }

    /// Brings the next state to all instances and follows that to its end. `false` when somebody else was faster: then it is
    /// to be computed from another look.
    ///
    /// # Errors
    /// [`Failure::StackSet`] when an instance could not be changed; [`Failure::Aws`] when a call fails, or others keep the stack
    /// set busy for longer than the patience given.
    pub async fn write(&mut self, look: &Look, next: &Next) -> Result<bool, Failure> {
        let door = self.connection.cloudformation();
        let template = match &next.url {
            Some(url) => Template::Url(url.clone()),
            None if next.template.len() > MAX_TEMPLATE_BODY => {
                return Err(Failure::TooLong { stack: self.name.to_owned(), bytes: next.template.len() });
            }
            None => Template::Body(next.template.clone()),
        };
        match door.update_stack_set(&request(&look.set, &template, &next.tags), &next.operation).await {
            Ok(()) => {
                wait(self.connection, self.name, &next.operation, self.race.options).await?;
                Ok(true)
            }
            Err(error) => {
                if error.kind == Kind::Busy && error.code.starts_with("OperationIdAlreadyExists") {
                    self.note_used_up(look, next).await;
                }
                self.race.lost(error).await.map(|()| false)
            }
        }
    }
}

fn request<'a>(set: &'a StackSet, template: &'a Template, tags: &'a BTreeMap<String, String>) -> Request<'a> {
    Request {
        name: &set.name,
        description: &set.description,
        template,
        parameters: &set.parameters,
        tags,
        admin_role_arn: &set.admin_role_arn,
        execution_role: &set.execution_role,
    }
}

/// Makes instances of the stack set `name` in those of `regions` that have none; returns whether any was made.
///
/// # Errors
/// As [`Turn::write`].
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
/// As [`Turn::write`].
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
/// As [`Turn::write`].
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
        if error.kind != Kind::Busy || self.is_over() {
            return Err(error.into());
        }
        self.pause().await;
        Ok(())
    }

    /// Whether others have had their way for longer than the patience given.
    fn is_over(&self) -> bool {
        self.start.elapsed() > self.options.polling.patience
    }

    /// Waits while another change goes on.
    async fn pause(&mut self) {
        self.waits = true;
        self.pauses.wait().await;
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

    /// The next state by counting up, as long as `counts`; whether anything was changed.
    async fn update(connection: &Connection, counts: bool) -> Result<bool, Failure> {
        let recorder = Recorder::default();
        update_told(connection, counts, &recorder).await
    }

    async fn update_told(
        connection: &Connection,
        counts: bool,
        recorder: &Recorder,
    ) -> Result<bool, Failure> {
        let mut turn = Turn::new(connection, "shop-infrastructure", told(recorder));
        loop {
            let look = turn.look().await?.unwrap();
            let version: u64 = look.set.template.parse().unwrap();
            let version = version + 1 + turn.used_up(&look);
            let template = version.to_string();
            let tags = look.set.tags.clone();
            let counted = Next { operation: template.clone(), template, url: None, tags };
            let Some(next) = Some(counted).filter(|_| counts).or_else(|| again(&look.set, &look.instances))
            else {
                return Ok(false);
            };
            if turn.write(&look, &next).await? {
                return Ok(true);
            }
        }
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
            "ListStackInstances" => instances("CURRENT"),
            _ => operation("SUCCEEDED"),
        });
        assert_eq!(update(server.connection(), true).await, Ok(true));
        assert_eq!(
            server.actions(),
            [
                "DescribeStackSet",
                "ListStackInstances",
                "UpdateStackSet",
                "DescribeStackSetOperation",
                "DescribeStackSet",
                "ListStackInstances",
                "UpdateStackSet",
                "DescribeStackSetOperation"
            ]
        );
        let last = &server.requests()[6].body;
        assert!(last.contains("TemplateBody=8") && last.contains("OperationId=8"), "{last}");
        assert!(last.contains("Tags.member.1.Key=copilot-application"), "{last}");
        assert!(last.contains("Description=d"), "{last}");
    }

    /// Somebody has given it an earlier template: the next numbers name operations that there have been.
    #[tokio::test(flavor = "current_thread")]
    async fn a_counter_that_is_behind_skips() {
        let server = server(|request| match request.action.as_str() {
            "DescribeStackSet" => described("5"),
            "ListStackInstances" => instances("CURRENT"),
            "UpdateStackSet" if !request.body.contains("OperationId=8") => {
                xml_error(409, "OperationIdAlreadyExistsException", "exists")
            }
            "UpdateStackSet" => {
                xml(200, "<UpdateStackSetResponse><UpdateStackSetResult/></UpdateStackSetResponse>")
            }
            _ => operation("SUCCEEDED"),
        });
        assert_eq!(update(server.connection(), true).await, Ok(true));
        let written: Vec<String> = server
            .requests()
            .iter()
            .filter(|request| request.action == "UpdateStackSet")
            .map(|request| request.body.clone())
            .collect();
        assert_eq!(written.len(), 3);
        assert!(written[2].contains("TemplateBody=8"), "{}", written[2]);
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
            "ListStackInstances" => instances("CURRENT"),
            _ => operation("FAILED"),
        });
        let failure = update(server.connection(), true).await.unwrap_err();
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
        assert_eq!(update(server.connection(), false).await, Ok(false));
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
    async fn a_template_that_is_too_long_goes_by_its_address() {
        let server = server(|request| match request.action.as_str() {
            "DescribeStackSet" => described("1"),
            "ListStackInstances" => instances("CURRENT"),
            "UpdateStackSet" => {
                xml(200, "<UpdateStackSetResponse><UpdateStackSetResult/></UpdateStackSetResponse>")
            }
            _ => operation("SUCCEEDED"),
        });
        let recorder = Recorder::default();
        let mut turn = Turn::new(server.connection(), "s", told(&recorder));
        let look = turn.look().await.unwrap().unwrap();
        let long = Next {
            template: "x".repeat(MAX_TEMPLATE_BODY + 1),
            url: None,
            tags: BTreeMap::new(),
            operation: "2".into(),
        };
        let failure = turn.write(&look, &long).await.unwrap_err();
        assert!(matches!(failure, Failure::TooLong { .. }), "{failure:?}");
        let placed = Next { url: Some("https://b.s3.eu-west-1.amazonaws.com/k".into()), ..long };
        assert_eq!(turn.write(&look, &placed).await, Ok(true));
        assert!(server.requests()[2].body.contains("TemplateURL=https"), "{}", server.requests()[2].body);
    }

    /// What ListStackSetOperations says of one operation.
    fn operations(status: &str) -> crate::aws::testing::Answer {
        xml(
            200,
            &format!(
                "<ListStackSetOperationsResponse><ListStackSetOperationsResult><Summaries><member><OperationId>7</OperationId>\
                 <Status>{status}</Status><CreationTimestamp>2026-01-02T03:04:05Z</CreationTimestamp></member></Summaries>\
                 </ListStackSetOperationsResult></ListStackSetOperationsResponse>"
            ),
        )
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_change_that_a_killed_run_left_is_brought_to_its_end() {
        let server = server(|request| match request.action.as_str() {
            "DescribeStackSet" => described("1"),
            "ListStackInstances" => instances("OUTDATED"),
            "ListStackSetOperations" => operations("FAILED"),
            "UpdateStackSet" => {
                xml(200, "<UpdateStackSetResponse><UpdateStackSetResult/></UpdateStackSetResponse>")
            }
            _ => operation("SUCCEEDED"),
        });
        assert_eq!(update(server.connection(), false).await, Ok(true));
        assert_eq!(server.actions().last().map(String::as_str), Some("DescribeStackSetOperation"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn nobody_judges_by_instances_that_are_being_changed() {
        let looks = Mutex::new(0);
        let server = server(move |request| match request.action.as_str() {
            "DescribeStackSet" => described("1"),
            "ListStackSetOperations" => operations("RUNNING"),
            _ => {
                let mut looks = looks.lock().unwrap();
                *looks += 1;
                instances(if *looks < 3 { "OUTDATED" } else { "CURRENT" })
            }
        });
        let recorder = Recorder::default();
        let mut turn = Turn::new(server.connection(), "s", told(&recorder));
        let look = turn.look().await.unwrap().unwrap();
        assert_eq!(look.instances.iter().filter(|one| lags(one)).count(), 0);
        let asked = server.actions().iter().filter(|action| *action == "ListStackSetOperations").count();
        assert_eq!(asked, 2);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn whoever_may_not_see_operations_goes_on_without() {
        let server = server(|request| match request.action.as_str() {
            "DescribeStackSet" => described("1"),
            "ListStackInstances" => instances("OUTDATED"),
            _ => xml_error(403, "AccessDenied", "User: x is not authorized to perform: y"),
        });
        let recorder = Recorder::default();
        let mut turn = Turn::new(server.connection(), "s", told(&recorder));
        let look = turn.look().await.unwrap().unwrap();
        assert_eq!(again(&look.set, &look.instances).map(|next| next.template), Some("1".to_owned()));
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
                ("ListStackInstances", _) => instances("CURRENT"),
                ("UpdateStackSet", 1) => xml_error(409, "OperationInProgressException", "busy"),
                ("UpdateStackSet", _) => {
                    xml(200, "<UpdateStackSetResponse><UpdateStackSetResult/></UpdateStackSetResponse>")
                }
                (_, 1) => operation("RUNNING"),
                _ => operation("SUCCEEDED"),
            }
        });
        let recorder = Recorder::default();
        let changed = update_told(server.connection(), true, &recorder).await;
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
