//! What tests of tries work with: a played engine, and a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::watch;

use super::owner::Owner;
use super::plan::{Part, Plan};
use super::run::Bench;
use crate::deploy::Polling;
use crate::deploy::testing::Recorder;
use crate::ops::Session;
use crate::ops::testing::inputs;
use crate::tools::engine::{Engine, testing};
use crate::workspace::scratch::Scratch;

/// All that a [`Bench`] borrows.
pub(super) struct Table {
    session: Session,
    /// How often the user wants to stop.
    pub interrupt: watch::Sender<u32>,
    engine: Engine,
    scratch: Scratch,
    owner: Owner,
    program: tempfile::TempDir,
}

impl Table {
    /// With an engine whose program is called so and runs this script.
    pub fn new(program: &str, script: &str) -> Self {
        let inputs = inputs(Polling::default());
        let (interrupt, heard) = watch::channel(0);
        let program = testing::fake(program, script);
        Self {
            session: Session::new(inputs, Arc::new(Recorder::default()), heard, watch::channel(false).1),
            interrupt,
            engine: testing::engine(&program),
            scratch: Scratch::new(program.path()).unwrap(),
            owner: Owner::at("machine"),
            program,
        }
    }

    pub fn bench(&self) -> Bench<'_> {
        Bench {
            session: &self.session,
            engine: &self.engine,
            scratch: &self.scratch,
            owner: &self.owner,
            remote: false,
            platform: Some("linux/amd64".to_owned()),
        }
    }

    /// What the engine was asked.
    pub fn calls(&self) -> String {
        testing::calls(&self.program)
    }
}

/// A container without anything special.
pub(super) fn part(name: &str) -> Part {
    Part {
        name: name.to_owned(),
        image: format!("registry/{name}:1"),
        located: false,
        entrypoint: vec![],
        command: vec![],
        variables: BTreeMap::new(),
        essential: true,
        awaited: false,
        depends_on: BTreeMap::new(),
        health_check: None,
        mounts: vec![],
        read_only: false,
    }
}

/// A service of containers, of which nothing is asked.
pub(super) fn plan(parts: Vec<Part>) -> Plan {
    Plan {
        name: "web".to_owned(),
        parts,
        probes: vec![],
        ends: false,
        memory: 512,
        platform: "linux/amd64".to_owned(),
        absent: vec![],
        hidden: vec![],
    }
}
