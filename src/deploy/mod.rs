//! Carries out changes and emits events.
//!
//! | module | holds |
//! |---|---|
//! | [`stack`] | making and changing a stack, from whatever state it is in |
//! | [`parameters`] | changing parameters of a stack, template and everything else left as deployed |
//! | [`pickup`] | following what somebody else began |
//! | [`delete`] | removing a stack |
//! | [`stackset`] | changing a stack set whose template counts its versions |
//! | [`watch`] | following a change: stack events, services, tasks and targets as events |
//! | [`failure`] | what is known of a failed change, and its first cause in words |
//! | [`conclusion`] | how a change ended, as an event and as a result |
//! | `endurance` | what a wait lives through |
//! | [`repair`] | a stack whose last update could not be undone |
//! | `turn` | waiting for what somebody else does to a stack |
//! | [`site`] | a static site's files into its bucket, and out of the caches |
//! | [`upload`] | files into the artifact bucket |
//!
//! Every function may be stopped between any two calls: a second run of the same finds what the first one left and goes on
//! from there.

pub mod conclusion;
pub mod delete;
mod endurance;
pub mod failure;
pub mod parameters;
pub mod pickup;
pub mod repair;
pub mod site;
pub mod stack;
pub mod stackset;
#[cfg(test)]
pub(crate) mod testing;
mod turn;
pub mod upload;
pub mod watch;

use std::time::Duration;

pub(crate) use endurance::{Endurance, Wait};
use tokio::sync::watch::Receiver;

use crate::aws;
use crate::event::{Event, Level, Reporter};

/// How often AWS is asked how something stands: at first every [`Polling::first`], then ever slower up to
/// [`Polling::most`], and from the start again when something happened. Each pause is moved by up to a fifth, so that many
/// deployments at once don't ask in step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Polling {
    /// Shortest pause.
    pub first: Duration,
    /// Longest pause.
    pub most: Duration,
    /// How long failures that may pass by themselves (throttling, no network, expired credentials) are waited through.
    pub patience: Duration,
}

impl Default for Polling {
    /// Gentle to AWS: CloudFormation's reads are throttled per account and region.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(2),
            most: Duration::from_secs(5),
            patience: Duration::from_secs(10 * 60),
        }
    }
}

/// The growing pauses of one wait.
#[derive(Debug)]
pub(crate) struct Pauses {
    polling: Polling,
    next: Duration,
}

impl Pauses {
    pub(crate) fn new(polling: Polling) -> Self {
        Self { polling, next: polling.first }
    }

    /// The next pauses are short again.
    pub(crate) fn reset(&mut self) {
        self.next = self.polling.first;
    }

    /// The next pause.
    pub(crate) fn next(&mut self) -> Duration {
        let pause = self.next.mul_f64(0.8 + fastrand::f64() * 0.4);
        self.next = self.next.mul_f64(1.25).min(self.polling.most);
        pause
    }

    /// Waits for the next pause.
    pub(crate) async fn wait(&mut self) {
        tokio::time::sleep(self.next()).await;
    }
}

/// What to do with a stack that something else is changing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WhenBusy {
    /// Say so and wait until it is done.
    #[default]
    Wait,
    /// Give up at once.
    Refuse,
}

/// How often the user asked to stop so far (Ctrl-C). The first time what was begun is undone, the second time it is only no
/// longer watched.
pub type Interrupt = Receiver<u32>;

/// Why a change was not carried out, or not to its end.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// A call failed. Nothing is known to be half done.
    #[error(transparent)]
    Aws(Box<aws::Error>),
    /// Something else is changing the stack.
    #[error("stack {stack} is being changed by someone else{}", in_brackets(status, reason))]
    Busy {
        /// The stack.
        stack: String,
        /// Its status.
        status: String,
        /// CloudFormation's reason; empty without one.
        reason: String,
    },
    /// The stack is in a state that needs a decision.
    #[error("stack {stack} is in {status}{}. {advice}", tail(reason))]
    Stuck {
        /// The stack.
        stack: String,
        /// Its status.
        status: String,
        /// CloudFormation's reason; empty without one.
        reason: String,
        /// What to do, as a sentence.
        advice: String,
    },
    /// CloudFormation refuses the change before it begins.
    #[error("CloudFormation refuses the change of stack {stack}: {reason}")]
    Refused {
        /// The stack.
        stack: String,
        /// Its reason.
        reason: String,
    },
    /// The change failed; CloudFormation has undone it unless told not to.
    #[error("{}", cause.headline)]
    Failed {
        /// The stack.
        stack: String,
        /// The status it ended in.
        status: String,
        /// The first cause.
        cause: Box<failure::Cause>,
        /// All that is known.
        evidence: Box<failure::Evidence>,
        /// What became of the stack.
        back: conclusion::Back,
    },
    /// The user stopped it.
    #[error("the change of stack {stack} was stopped{}", if status.is_empty() { String::new() } else { format!("; it is now in {status}") })]
    Interrupted {
        /// The stack.
        stack: String,
        /// The status it ended in; empty when it was not waited for.
        status: String,
    },
    /// The user asked to stop twice: the change, or its undoing, goes on without being watched.
    #[error("what has begun with stack {stack} goes on in AWS without being watched")]
    Left {
        /// The stack.
        stack: String,
    },
    /// The change goes on, but how it stands can't be seen any more.
    #[error("the change of stack {stack} goes on in AWS, but it can't be followed any more: {error}")]
    LostSight {
        /// The stack.
        stack: String,
        /// The last failure.
        error: Box<aws::Error>,
    },
    /// A template of this size can't be handed over inside a request.
    #[error(
        "the template of stack {stack} has {bytes} bytes and must be uploaded first (at most {} fit into a request)",
        aws::cloudformation::MAX_TEMPLATE_BODY
    )]
    TooLong {
        /// The stack.
        stack: String,
        /// The template's size.
        bytes: usize,
    },
    /// An operation on a stack set failed.
    #[error("stack set {set}: {reason}")]
    StackSet {
        /// The stack set.
        set: String,
        /// What failed, where and why.
        reason: String,
    },
}

impl From<aws::Error> for Failure {
    fn from(error: aws::Error) -> Self {
        Self::Aws(Box::new(error))
    }
}

/// Status and reason in brackets, as far as they are known.
fn in_brackets(status: &str, reason: &str) -> String {
    match (status, reason) {
        ("", "") => String::new(),
        ("", text) | (text, "") => format!(" ({text})"),
        (status, reason) => format!(" ({status}, {})", reason.trim_end_matches('.')),
    }
}

/// A reason after a status: `, reason`, or nothing.
fn tail(reason: &str) -> String {
    if reason.is_empty() { String::new() } else { format!(", {}", reason.trim_end_matches('.')) }
}

/// Tells the user something.
pub(crate) fn note(reporter: &dyn Reporter, level: Level, text: impl Into<String>) {
    reporter.report(Event::Note { level, text: text.into() });
}

/// How often the user asked to stop.
pub(crate) fn interrupts(interrupt: Option<&Interrupt>) -> u32 {
    interrupt.map_or(0, |interrupt| *interrupt.borrow())
}

/// Counts how often the user asks to stop from now on.
pub(crate) fn anew(interrupt: &Interrupt) -> Interrupt {
    let mut interrupt = interrupt.clone();
    let before = *interrupt.borrow_and_update();
    let (sender, receiver) = tokio::sync::watch::channel(0);
    tokio::spawn(async move {
        while interrupt.changed().await.is_ok() && !sender.is_closed() {
            let now = *interrupt.borrow_and_update();
            sender.send_replace(now.saturating_sub(before));
        }
    });
    receiver
}

/// Waits for `pause`, but no longer than until the user asks to stop once more.
pub(crate) async fn pause_or_interrupt(pause: Duration, interrupt: Option<&mut Interrupt>) {
    match interrupt {
        None => tokio::time::sleep(pause).await,
        Some(interrupt) => {
            // A sender that is gone can't interrupt any more.
            let _ = tokio::time::timeout(pause, async {
                if interrupt.changed().await.is_err() {
                    std::future::pending::<()>().await;
                }
            })
            .await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_longest_and_start_again() {
        let polling = Polling::default();
        let mut pauses = Pauses::new(polling);
        let first = pauses.next();
        assert!(first >= polling.first.mul_f64(0.8) && first <= polling.first.mul_f64(1.2));
        for _ in 0..20 {
            assert!(pauses.next() <= polling.most.mul_f64(1.2));
        }
        assert!(pauses.next >= polling.most.mul_f64(0.99));
        pauses.reset();
        assert_eq!(pauses.next, polling.first);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_interrupt_cuts_a_pause_short_and_a_gone_sender_does_not() {
        let (sender, mut interrupt) = tokio::sync::watch::channel(0);
        sender.send(1).unwrap();
        let start = std::time::Instant::now();
        pause_or_interrupt(Duration::from_secs(5), Some(&mut interrupt)).await;
        assert!(start.elapsed() < Duration::from_secs(1));
        assert_eq!(interrupts(Some(&interrupt)), 1);
        drop(sender);
        let start = std::time::Instant::now();
        pause_or_interrupt(Duration::from_millis(30), Some(&mut interrupt)).await;
        assert!(start.elapsed() >= Duration::from_millis(30));
    }
}
