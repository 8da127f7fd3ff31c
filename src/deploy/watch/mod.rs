//! Following a change to its end: answers of CloudFormation, ECS and load balancers become events.
//!
//! `apprunner` reads what App Runner says of a service that failed, `look` how an ECS service stands, `health` follows on where
//! CloudFormation did not wait. [`stack`], [`service`], `shift` and `standing` make something of answers and are pure;
//! [`witness`] keeps what explains a failure. This module asks: stack events every time, of nested stacks too; services, their
//! tasks and targets only while CloudFormation changes them. Nothing is lost when a question fails: the next answer holds what
//! the last one would have held.

mod apprunner;
mod change;
mod health;
mod look;
pub mod service;
mod shift;
pub mod stack;
mod standing;
mod undo;
pub mod witness;

use std::collections::BTreeMap;

use futures_util::future::{join, join_all};

pub use self::change::{Change, End};
use self::health::Proof;
pub use self::health::{Health, deployments, is_unproven};
use self::look::{look, service_of};
use self::service::{ServiceTracker, Snapshot};
use self::stack::{StackTracker, is_failure, is_final};
pub use self::undo::Undo;
use self::witness::Witness;
use super::endurance::Endurance;
use super::failure::{FailedInstances, FailedResource};
use super::{Failure, Pauses, interrupts, note, pause_or_interrupt};
use crate::aws::cloudformation::events::StackEvent;
use crate::aws::{Connection, Error, Kind};
use crate::event::{Event, Level};

/// Polls after which a stack's status is believed although nothing was seen to begin.
const BELIEVE_AFTER: u32 = 10;
/// The stack itself is described once in so many polls; its events are asked for each time.
const DESCRIBE_EVERY: u32 = 3;

/// Follows a change until CloudFormation is done with it.
///
/// # Errors
/// [`Failure::LostSight`] when it can't be followed for longer than the patience given, [`Failure::Left`] when the user asked to
/// stop twice, or once where it is left then. The change itself goes on. That the change fails is no error: see [`End::status`].
pub async fn follow(connection: &Connection, change: Change<'_>) -> Result<End, Failure> {
    let mut follower = Follower {
        connection,
        root: StackTracker::after(change.before),
        nested: BTreeMap::new(),
        services: BTreeMap::new(),
        witness: Witness::default(),
        runners: BTreeMap::new(),
        held: vec![],
        proof: None,
        health: Health::default(),
        began: false,
        final_seen: false,
        ended: change.stood.filter(|_| change.proof_only).map(|stood| stood.status.clone()),
        reason: String::new(),
        failed: vec![],
        instances: vec![],
        polls: 0,
        change,
    };
    follower.run().await
}

struct Follower<'a> {
    connection: &'a Connection,
    change: Change<'a>,
    root: StackTracker,
    /// Nested stacks by ARN, while they change.
    nested: BTreeMap<String, StackTracker>,
    /// Services by ARN.
    services: BTreeMap<String, Watched>,
    witness: Witness,
    /// Logical ids of services on App Runner by ARN, where they are followed here.
    runners: BTreeMap<String, String>,
    /// What CloudFormation said of services that are not proven yet.
    held: Vec<Event>,
    /// What is followed on since CloudFormation is done.
    proof: Option<Proof>,
    health: Health,
    /// Whether anything was seen of the change.
    began: bool,
    /// Whether the newest event of the stack itself says that it is done.
    final_seen: bool,
    ended: Option<String>,
    reason: String,
    failed: Vec<FailedResource>,
    instances: Vec<FailedInstances>,
    polls: u32,
}

/// What one round of questions brought.
struct Asked {
    /// Whether there was news.
    news: bool,
    /// How it is, once all is over.
    over: Option<Health>,
}

struct Watched {
    tracker: ServiceTracker,
    state: Watching,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Watching {
    Active,
    /// CloudFormation is done with it: one more look.
    Last,
    Done,
    /// The identity may not look.
    Refused,
}

impl Follower<'_> {
    async fn run(&mut self) -> Result<End, Failure> {
        let mut pauses = Pauses::new(self.change.polling);
        let mut endurance = Endurance::new(self.change.polling.patience);
        let (mut interrupted, mut given_up) = (false, !self.change.fail_fast);
        loop {
            match self.ask(interrupted).await {
                Ok(Asked { news, over }) => {
                    endurance.answered(self.change.reporter);
                    if let Some(health) = over {
                        return Ok(self.close(health, interrupted).await);
                    }
                    if news {
                        pauses.reset();
                    }
                }
                Err(error) => self.endure(error, &mut endurance)?,
            }
            match interrupts(self.change.interrupt.as_ref()) {
                0 if self.proof.is_some() => {
                    if self.change.fail_fast && self.is_hopeless() {
                        return Ok(self.close(Health::Failed, false).await);
                    }
                }
                0 if given_up => {}
                0 => given_up = self.give_up().await,
                1 if interrupted => {}
                1 if self.change.undo == Undo::Leave => {
                    return Err(Failure::Left { stack: self.change.stack.to_owned() });
                }
                // CloudFormation is done: there is nothing to undo, and no more to wait for.
                1 if self.ended.is_some() => {
                    interrupted = true;
                    continue;
                }
                1 => match self.undo().await {
                    Ok(()) => interrupted = true,
                    Err(error) => self.endure(error, &mut endurance)?,
                },
                _ => {
                    let stack = self.change.stack.to_owned();
                    return Err(Failure::Left { stack });
                }
            }
            pause_or_interrupt(pauses.next(), self.change.interrupt.as_mut()).await;
        }
    }

    /// Asks how the change stands.
    async fn ask(&mut self, interrupted: bool) -> Result<Asked, Error> {
        let mut news = false;
        if self.ended.is_none() {
            news = self.poll().await?;
        }
        let over = match &self.ended {
            None => None,
            Some(status) if !self.change.express || !health::is_applied(status) => Some(Health::Proven),
            Some(_) if interrupted => Some(Health::Stopped),
            Some(_) if self.proof.is_none() => self.begin_proof().await?,
            Some(_) => {
                news = self.look_again().await?;
                self.verdict().await?
            }
        };
        Ok(Asked { news, over })
    }

    /// The end of all: what is listed late, what was held back, and what was seen.
    async fn close(&mut self, health: Health, interrupted: bool) -> End {
        let status = self.ended.clone().unwrap_or_default();
        self.sweep().await;
        self.end_proof(health).await;
        self.end(status, interrupted)
    }

    /// Lives through a question that failed, for as long as that is worth it.
    fn endure(&self, error: Error, endurance: &mut Endurance) -> Result<(), Failure> {
        let what = format!("The change of {}", self.change.stack);
        let lived = endurance.over(error, self.connection, &what, self.change.reporter);
        lived.map_err(|error| Failure::LostSight {
            stack: self.change.stack.to_owned(),
            error: Box::new(error),
        })
    }

    fn end(&mut self, status: String, interrupted: bool) -> End {
        End {
            status,
            reason: std::mem::take(&mut self.reason),
            failed: std::mem::take(&mut self.failed),
            services: std::mem::take(&mut self.services)
                .into_values()
                .map(|watched| watched.tracker)
                .collect(),
            witness: std::mem::take(&mut self.witness),
            instances: std::mem::take(&mut self.instances),
            interrupted,
            health: self.health,
        }
    }

    /// Asks everything once; returns whether there was news.
    async fn poll(&mut self) -> Result<bool, Error> {
        self.polls += 1;
        let (stacks, services) = join(self.ask_stacks(), self.ask_services()).await;
        let mut news = self.take_services(services);
        let known = self.failed.len();
        let trackers: Vec<&ServiceTracker> = self.services.values().map(|watched| &watched.tracker).collect();
        self.witness.look(self.connection, &trackers).await;
        for (id, events) in stacks? {
            let new = if id == self.change.stack_id {
                self.root.take(events)
            } else {
                self.nested.get_mut(&id).map(|nested| nested.take(events)).unwrap_or_default()
            };
            news |= !new.is_empty();
            for event in new {
                self.absorb(&id, event);
            }
        }
        // At once: what App Runner does on the way back would cover it.
        let instances =
            apprunner::failed(self.connection, self.failed.get(known..).unwrap_or_default()).await;
        self.instances.extend(instances);
        if self.final_seen || self.polls % DESCRIBE_EVERY == 1 {
            self.confirm().await?;
        }
        Ok(news)
    }

    async fn ask_stacks(&self) -> Result<Vec<(String, Vec<StackEvent>)>, Error> {
        let door = self.connection.cloudformation();
        let root = (self.change.stack_id, &self.root);
        let all = [root].into_iter().chain(self.nested.iter().map(|(id, tracker)| (id.as_str(), tracker)));
        let answers = join_all(all.map(|(id, tracker)| {
            let door = &door;
            async move { Ok((id.to_owned(), door.events(id, None, tracker.ask_since()).await?)) }
        }));
        answers.await.into_iter().collect()
    }

    async fn ask_services(&self) -> Vec<(String, Result<Option<Snapshot>, Error>)> {
        let active = self
            .services
            .iter()
            .filter(|(_, watched)| matches!(watched.state, Watching::Active | Watching::Last));
        join_all(active.map(|(arn, watched)| async move {
            (arn.clone(), look(self.connection, &watched.tracker).await)
        }))
        .await
    }

    fn take_services(&mut self, answers: Vec<(String, Result<Option<Snapshot>, Error>)>) -> bool {
        let mut news = false;
        for (arn, answer) in answers {
            let Some(watched) = self.services.get_mut(&arn) else { continue };
            let last = watched.state == Watching::Last;
            match answer {
                Ok(Some(snapshot)) => {
                    for event in watched.tracker.take(&snapshot) {
                        news = true;
                        self.change.reporter.report(event);
                    }
                    if last {
                        watched.state = Watching::Done;
                    }
                }
                Ok(None) if last => watched.state = Watching::Done,
                // Not there yet.
                Ok(None) => {}
                Err(error) if matches!(error.kind, Kind::AccessDenied { .. }) => {
                    watched.state = Watching::Refused;
                    let text = format!("Tasks of {} can't be shown: {error}.", watched.tracker.name());
                    note(self.change.reporter, Level::Warning, text);
                }
                // The next look tells the same.
                Err(_) => {}
            }
        }
        news
    }

    /// Takes an event of the stack `id` in.
    fn absorb(&mut self, id: &str, event: StackEvent) {
        if event.is_of_stack() {
            if id == self.change.stack_id {
                self.absorb_status(&event);
            }
            return;
        }
        if is_failure(&event) {
            self.failed.push(FailedResource {
                stack: event.stack.clone(),
                logical_id: event.logical_id.clone(),
                resource_type: event.resource_type.clone(),
                physical_id: event.physical_id.clone(),
                status: event.status.clone(),
                reason: event.reason.clone(),
            });
        }
        match event.resource_type.as_str() {
            "AWS::CloudFormation::Stack" if event.physical_id.starts_with("arn:") => {
                // Events of a nested stack may be stamped a moment before the one that names it.
                let start = event.at - 5_000;
                self.nested.entry(event.physical_id.clone()).or_insert_with(|| StackTracker::since(start));
            }
            "AWS::ECS::Service" => self.absorb_service(&event),
            _ => {}
        }
        let proven_here = self.change.express && health::is_proven_here(&event.resource_type);
        if proven_here && event.resource_type != "AWS::ECS::Service" && event.physical_id.starts_with("arn:")
        {
            self.runners.insert(event.physical_id.clone(), event.logical_id.clone());
        }
        let held = proven_here && matches!(event.status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE");
        let event = Event::Resource {
            stack: event.stack,
            logical_id: event.logical_id,
            resource_type: event.resource_type,
            physical_id: event.physical_id,
            status: event.status,
            reason: event.reason,
        };
        match held {
            true => self.hold(event),
            false => self.change.reporter.report(event),
        }
    }

    fn absorb_status(&mut self, event: &StackEvent) {
        let failing = event.status.contains("ROLLBACK") || event.status.contains("FAILED");
        if failing && self.reason.is_empty() {
            self.reason.clone_from(&event.reason);
        }
        self.began = true;
        self.final_seen = self.is_done(&event.status);
    }

    fn is_done(&self, status: &str) -> bool {
        is_final(status) || (!self.change.cleanup && status == "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
    }

    fn absorb_service(&mut self, event: &StackEvent) {
        let Some((cluster, name)) = service_of(&event.physical_id) else { return };
        let begins = matches!(event.status.as_str(), "CREATE_IN_PROGRESS" | "UPDATE_IN_PROGRESS");
        if begins {
            let watched = self.services.entry(event.physical_id.clone()).or_insert_with(|| Watched {
                tracker: ServiceTracker::new(&event.stack, cluster, name, event.at)
                    .knowing(self.change.known),
                state: Watching::Active,
            });
            if watched.state != Watching::Refused {
                watched.state = Watching::Active;
            }
        } else if let Some(watched) = self.services.get_mut(&event.physical_id)
            && watched.state == Watching::Active
            && is_final(&event.status)
            && !self.change.express
        {
            watched.state = Watching::Last;
        }
    }

    /// Holds what events say against how the stack stands, for events that come late or never.
    async fn confirm(&mut self) -> Result<(), Error> {
        let stack = self.connection.cloudformation().stack(self.change.stack_id).await?;
        let Some(stack) = stack else {
            // Only a deleted stack is nowhere; right after its creation one may not be found yet.
            if self.began || self.change.stood.is_some() || self.polls > BELIEVE_AFTER {
                self.ended = Some("DELETE_COMPLETE".to_owned());
            }
            return Ok(());
        };
        let same = self
            .change
            .stood
            .is_some_and(|stood| stood.status == stack.status && stood.updated == stack.updated);
        let stale = same && !self.began && self.polls <= BELIEVE_AFTER;
        self.began |= stack.is_in_progress();
        self.ended = (self.is_done(&stack.status) && !stale).then(|| stack.status.clone());
        if self.ended.is_some() && self.reason.is_empty() && !stack.status.ends_with("_COMPLETE") {
            self.reason = stack.reason;
        }
        Ok(())
    }

    /// After the end: events that are listed late, and a last look at services.
    async fn sweep(&mut self) {
        for watched in self.services.values_mut() {
            if watched.state == Watching::Active {
                watched.state = Watching::Last;
            }
        }
        let status = self.ended.clone();
        for _ in 0..2 {
            tokio::time::sleep(self.change.polling.first / 4).await;
            self.polls = 1; // No description: the end is known.
            let asked = match self.proof.is_some() {
                true => self.look_again().await,
                false => self.poll().await,
            };
            if !asked.unwrap_or_default() {
                break;
            }
        }
        self.ended = status;
        if self.instances.iter().any(|instances| instances.messages.is_empty()) {
            self.instances = apprunner::failed(self.connection, &self.failed).await;
        }
    }
}
