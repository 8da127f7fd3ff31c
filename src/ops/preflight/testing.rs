//! A workload to look at, for tests.

use std::collections::BTreeMap;

use super::{Finding, Ground};
use crate::aws::testing::Server;
use crate::diagnostic::Source;
use crate::facts::Facts;
use crate::model::environment::Environment;
use crate::model::workload::{self, Workload};
use crate::name::{AppName, EnvName};
use crate::ops::{Session, testing};

/// All that a [`Ground`] borrows.
pub(super) struct Bench {
    pub session: Session,
    pub app: AppName,
    pub env: EnvName,
    pub environment: Environment,
    pub features: BTreeMap<String, String>,
    pub outputs: BTreeMap<String, String>,
    pub exports: BTreeMap<String, String>,
    pub model: Workload,
    pub facts: Facts,
}

impl Bench {
    /// The workload of a manifest, in the environment `test` of `shop` in eu-west-1, which is `vpc-1`.
    pub fn new(manifest: &str) -> Self {
        let (app, env) = (AppName::new("shop").unwrap(), EnvName::new("test").unwrap());
        let source = |text: &str| Source { path: "manifest.yml".to_owned(), text: text.to_owned() };
        let (read, diagnostics) = workload::read(&source(manifest), &app, &env, &|_| None);
        let model = read.unwrap_or_else(|| panic!("{diagnostics:?}")).model;
        let environment = source("name: test\ntype: Environment\n");
        let environment =
            crate::model::environment::read(&environment, &app, &env, &|_| None).0.unwrap().model;
        let mut facts = Facts::new(app.clone(), env.clone());
        facts.env.account = "111122223333".to_owned();
        Self {
            session: testing::session().0,
            environment,
            features: BTreeMap::new(),
            outputs: BTreeMap::from([("VpcId".to_owned(), "vpc-1".to_owned())]),
            exports: BTreeMap::new(),
            model,
            facts,
            app,
            env,
        }
    }

    /// The workload as a new one.
    pub fn ground<'a>(&'a self, server: &'a Server) -> Ground<'a> {
        Ground {
            workspace: Some(&self.session),
            manager: server.connection(),
            app: &self.app,
            env: &self.env,
            region: "eu-west-1",
            environment: &self.environment,
            features: &self.features,
            outputs: &self.outputs,
            exports: &self.exports,
            model: &self.model,
            facts: &self.facts,
            subnets: &[],
            slots: vec![],
            overridden: false,
            is_new: true,
            before: None,
        }
    }
}

/// Findings as text, each with its advice.
pub(super) fn lines(found: &[Finding]) -> String {
    let line = |finding: &Finding| {
        let advice: String = finding.next.iter().map(|text| format!("\n    {text}")).collect();
        format!("{:?} {} {} | {}{advice}\n", finding.outcome, finding.check, finding.code, finding.sentence())
    };
    found.iter().map(line).collect()
}
