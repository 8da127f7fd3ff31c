//! What `svc` and `job` do alike: packaging, deploying, printing log lines.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::context::Context;
use super::failure::{Failure, Result};
use super::{ask, global, planned};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops;
use crate::ops::logs::{Labels, LogLine};
use crate::ops::service::Noun;
use crate::ui::{OutputError, Ui};

/// What is packaged, and where to.
#[derive(clap::Args, Debug)]
pub struct Package {
    /// Tag for the image; the task definition then names the image by it, not by its digest
    #[arg(long)]
    tag: Option<String>,
    /// Write `<name>-<env>.stack.yml`, `<name>-<env>.params.json` and `<name>.addons.stack.yml` into this folder instead
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// Build, push and upload what the template refers to
    #[arg(long)]
    upload_assets: bool,
    /// Overwrite what a newer version of wharf deployed
    #[arg(long)]
    allow_downgrade: bool,
    /// Show the difference to the deployed template; exit code 0: none, 1: some, 2: it can't be told
    #[arg(long, conflicts_with_all = ["output_dir", "upload_assets"])]
    diff: bool,
}

/// Which workloads are packaged, from which facts.
pub struct Which {
    /// The one that was named.
    pub target: global::Service,
    /// Whether all workloads of the sort are wanted.
    pub all: bool,
    pub offline: global::Offline,
}

/// Renders, then prints, writes or compares.
pub async fn package(cx: &mut Context, noun: Noun, which: Which, wanted: Package) -> Result {
    let Which { target, all, offline } = which;
    let app = ask::workspace_app(cx, target.app.app)?;
    let env = ask::local_or_known_env(cx, &app, target.env, offline.offline).await?;
    let names = if all {
        ops::service::local(&cx.session, noun)?
    } else {
        vec![ask::local_workload(cx, Some(ask::Wanted { noun, verb: "package" }), target.name)?]
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
        facts: ops::package::facts_source(offline.offline, offline.facts),
        upload: wanted.upload_assets,
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

/// How what is deployed is named.
#[derive(clap::Args, Debug, Default)]
pub struct Tags {
    /// Tag for the image; the task definition then names the image by it, not by its digest
    #[arg(long)]
    tag: Option<String>,
    /// Tags for all resources of the stack, as KEY=VALUE,KEY=VALUE
    #[arg(long, value_name = "TAGS", value_parser = global::pairs)]
    resource_tags: Option<BTreeMap<String, String>>,
}

/// What to deploy, and how.
#[derive(Debug)]
pub struct Deploy {
    pub target: global::Service,
    pub tags: Tags,
    pub force: bool,
    pub trial: global::Trial,
    pub deployment: global::Deployment,
}

/// Plans, shows the difference where wanted, deploys, prints the address.
pub async fn deploy(cx: &mut Context, noun: Noun, wanted: Deploy) -> Result {
    let global::Deployment { manner, planned } = wanted.deployment;
    let change = wanted.trial.of(manner.change()?);
    let app = ask::workspace_app(cx, wanted.target.app.app)?;
    let name = ask::local_workload(cx, Some(ask::Wanted { noun, verb: "deploy" }), wanted.target.name)?;
    let env = ask::env(cx, &app, wanted.target.env).await?;
    if wanted.force && ops::service::kind_of(&cx.session, &name)? == Some(ops::service::Kind::StaticSite) {
        return Err(Failure::user(format!("{name} is a Static Site: it has no tasks to replace"))
            .next("Leave --force out: what differs is uploaded in any case."));
    }
    let options = ops::service::Deploy {
        app,
        env,
        tag: wanted.tags.tag,
        resource_tags: wanted.tags.resource_tags.unwrap_or_default(),
        force: wanted.force,
        only_changed: false,
        why: BTreeMap::new(),
        change,
    };
    let names = std::slice::from_ref(&name);
    if !planned::agreed(cx, &options, names, planned.wish()).await? {
        return Ok(());
    }
    let deployed = planned::services(cx, &options, names).await?;
    cx.tell(&deployed)
}

/// What of a workload is shown.
#[derive(clap::Args, Debug)]
pub struct Show {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Also show the CloudFormation resources
    #[arg(long)]
    resources: bool,
    /// Print the manifest deployed to this environment instead
    #[arg(long, value_name = "ENV", conflicts_with_all = ["json", "resources"])]
    manifest: Option<EnvName>,
}

/// Prints a workload.
pub async fn show(
    cx: &mut Context,
    noun: Noun,
    (app, name): (global::App, Option<WorkloadName>),
    wanted: Show,
) -> Result {
    let app = ask::app(cx, app.app).await?;
    let name = ask::workload(cx, &app, ask::Wanted { noun, verb: "show" }, name).await?;
    if let Some(env) = wanted.manifest {
        return cx.print(&ops::service::deployed_manifest(&cx.session, &app, &name, &env).await?);
    }
    let shown = ops::service::show(&cx.session, &app, &name, wanted.resources).await?;
    cx.show(&shown, wanted.json)
}

/// Which log lines are printed, and how.
#[derive(clap::Args, Debug)]
pub struct Logs {
    /// Print one JSON object per line
    #[arg(long)]
    pub json: bool,
    /// Keep printing new lines as they come
    #[arg(long)]
    pub follow: bool,
    /// Print lines newer than this, such as 30s, 15m or 1h30m
    #[arg(long, value_name = "DURATION", value_parser = global::duration)]
    pub since: Option<Duration>,
    /// Print lines from this instant on (RFC 3339)
    #[arg(long, value_name = "TIME", conflicts_with = "since")]
    pub start_time: Option<String>,
    /// Print lines up to this instant (RFC 3339)
    #[arg(long, value_name = "TIME", conflicts_with = "follow")]
    pub end_time: Option<String>,
    /// Print at most this many lines, 1 to 10000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10000))]
    pub limit: Option<u32>,
    /// Print only lines of tasks whose ids start with one of these
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    pub tasks: Vec<String>,
}

impl From<Logs> for ops::logs::Options {
    fn from(logs: Logs) -> Self {
        Self {
            follow: logs.follow,
            since: logs.since,
            start: logs.start_time,
            end: logs.end_time,
            limit: logs.limit,
            tasks: logs.tasks,
            ..Self::default()
        }
    }
}

/// Prints a workload's log lines: history, then what comes where wanted.
pub async fn logs(
    cx: &mut Context,
    (app, name, env): (AppName, WorkloadName, EnvName),
    options: &ops::logs::Options,
    json: bool,
) -> Result {
    let mut printer = Printer::new(cx, json);
    let events = printer.events();
    let streamed =
        ops::logs::stream(&cx.session, &app, &name, &env, options, &mut |line| printer.print(&line)).await;
    printer.finish()?;
    streamed?;
    if events { cx.result("value", &()) } else { Ok(()) }
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
