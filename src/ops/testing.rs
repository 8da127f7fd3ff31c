//! A session that keeps what it tells, and an AWS whose credentials expire.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::watch;

use super::{Inputs, Session};
use crate::aws::testing::{Answer, Server, json_error, server};
use crate::deploy::Polling;
use crate::deploy::testing::{Recorder, fast};

/// What a process without a workspace and without variables gives.
pub(super) fn inputs(polling: Polling) -> Inputs {
    Inputs {
        findings: None,
        directory: "/nonexistent".into(),
        variables: Arc::new(|_| None),
        strict: false,
        ci: false,
        polling,
    }
}

/// A session without a workspace, and what it tells.
pub(super) fn session() -> (Session, Arc<Recorder>) {
    let inputs = inputs(fast());
    let recorder = Arc::new(Recorder::default());
    let (interrupt, stop) = (watch::channel(0).1, watch::channel(false).1);
    (Session::new(inputs, recorder.clone(), interrupt, stop), recorder)
}

/// An AWS that answers once credentials were looked for anew that it refuses as expired.
pub(super) fn renewed(answer: Answer) -> Server {
    renewed_after(0, answer.clone(), answer)
}

/// The same, where it gives so many answers before.
pub(super) fn renewed_after(count: u32, before: Answer, after: Answer) -> Server {
    let calls = AtomicU32::new(0);
    server(move |_| match calls.fetch_add(1, Ordering::SeqCst) {
        call if call < count => before.clone(),
        // A refused call is repeated once: the third is the first after the renewal.
        call if call < count + 3 => json_error("ExpiredTokenException", "The security token is expired"),
        _ => after.clone(),
    })
}
