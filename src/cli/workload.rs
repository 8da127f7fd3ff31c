//! What `svc` and `job` do alike: packaging, deploying, printing log lines.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::context::Context;
use super::failure::{Failure, Result};
use super::{ask, global, planned};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops;
use crate::ops::logs::{Labels, LogLine};
use crate::ops::service::Noun;
use crate::ui::{OutputError, Ui};

/// What to package, and where to.
#[derive(Debug)]
pub struct Package {
    pub app: Option<AppName>,
    pub name: Option<WorkloadName>,
    pub env: Option<EnvName>,
    pub tag: Option<String>,
    pub output_dir: Option<PathBuf>,
    pub upload: bool,
    pub allow_downgrade: bool,
    pub diff: bool,
    /// Whether all workloads of the sort are wanted.
    pub all: bool,
    pub offline: global::Offline,
}

/// Renders, then prints, writes or compares.
pub async fn package(cx: &mut Context, noun: Noun, wanted: Package) -> Result {
    let app = ask::workspace_app(cx, wanted.app)?;
    let env = ask::local_or_known_env(cx, &app, wanted.env, wanted.offline.offline).await?;
    let names = if wanted.all {
        ops::service::local(&cx.session, noun)?
    } else {
        vec![ask::local_workload(cx, Some(ask::Wanted { noun, verb: "package" }), wanted.name)?]
    };
    let Some(first) = names.first().cloned() else {
        let text = format!("there is no {} in this workspace", noun.as_str());
        return Err(Failure::user(text).next(ask::none(Some(noun))));
    };
    let mut options = ops::service::Package {
        app,
        name: first,
        env,
        tag: wanted.tag,
        facts: ops::package::facts_source(wanted.offline.offline, wanted.offline.facts),
        upload: wanted.upload,
        allow_downgrade: wanted.allow_downgrade,
    };
    if wanted.diff {
        let difference = ops::service::diff(&cx.session, &options).await;
        return cx.show_difference(difference);
    }
    let mut written = ops::package::Files { files: vec![] };
    for name in names {
        options.name = name;
        let packaged = ops::service::package(&cx.session, &options).await?;
        cx.warn_all(&packaged.warnings);
        match &wanted.output_dir {
            Some(dir) => written.files.extend(ops::package::write(&cx.session, &packaged, dir)?.files),
            None => return cx.print(&packaged.template()),
        }
    }
    cx.show(&written, false)
}

/// What to deploy, and how.
#[derive(Debug)]
pub struct Deploy {
    pub app: Option<AppName>,
    pub name: Option<WorkloadName>,
    pub env: Option<EnvName>,
    pub tag: Option<String>,
    pub resource_tags: Option<BTreeMap<String, String>>,
    pub force: bool,
    pub change: ops::Change,
    pub diff: bool,
    pub diff_yes: bool,
}

/// Plans, shows the difference where wanted, deploys, prints the address.
pub async fn deploy(cx: &mut Context, noun: Noun, wanted: Deploy) -> Result {
    let app = ask::workspace_app(cx, wanted.app)?;
    let name = ask::local_workload(cx, Some(ask::Wanted { noun, verb: "deploy" }), wanted.name)?;
    let env = ask::env(cx, &app, wanted.env).await?;
    if wanted.force && ops::service::kind_of(&cx.session, &name)? == Some(ops::service::Kind::StaticSite) {
        return Err(Failure::user(format!("{name} is a Static Site: it has no tasks to replace"))
            .next("Leave --force out: what differs is uploaded in any case."));
    }
    let options = ops::service::Deploy {
        app,
        env,
        tag: wanted.tag,
        resource_tags: wanted.resource_tags.unwrap_or_default(),
        force: wanted.force,
        only_changed: false,
        why: BTreeMap::new(),
        change: wanted.change,
    };
    let names = std::slice::from_ref(&name);
    let wish = planned::Wish { diff: wanted.diff, yes: wanted.diff_yes };
    if !planned::agreed(cx, &options, names, wish).await? {
        return Ok(());
    }
    let deployed = planned::services(cx, &options, names).await?;
    cx.tell(&deployed)
}

/// Prints log lines as they come: texts with labels, JSON lines, or events among the other JSON lines.
pub struct Printer {
    ui: Ui,
    json: bool,
    events: bool,
    labels: Labels,
    broken: Option<OutputError>,
}

impl Printer {
    /// `json`: a JSON object for each line.
    pub fn new(cx: &Context, json: bool) -> Self {
        let ui = cx.ui.clone();
        let events = ui.settings().json && !json;
        Self { ui, json, events, labels: Labels::default(), broken: None }
    }

    /// Prints a line.
    ///
    /// # Errors
    /// In words, that nobody reads any more; [`Printer::finish`] has the error itself.
    pub fn print(&mut self, line: &LogLine) -> std::result::Result<(), String> {
        let written = match (self.json, self.events) {
            (true, _) => self.ui.json(line),
            (false, true) => self.ui.json(&serde_json::json!({"event": "log", "line": line})),
            (false, false) => self.ui.out(&self.labels.text(line)),
        };
        written.map_err(|error| {
            let text = error.to_string();
            self.broken = Some(error);
            text
        })
    }

    /// Whether lines go among the JSON lines of all that happens.
    pub fn events(&self) -> bool {
        self.events
    }

    /// What kept a line from being printed.
    ///
    /// # Errors
    /// Standard output failed or was closed.
    pub fn finish(self) -> Result {
        self.broken.map_or(Ok(()), |error| Err(error.into()))
    }
}
