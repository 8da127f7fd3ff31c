//! `wharf deploy`: one or several services, and the environment when it is wanted.

use std::collections::BTreeMap;

use super::context::Context;
use super::failure::{Failure, Result};
use super::{ask, global, planned};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops;
use crate::ui::Question;

/// Deploy services of the workspace
///
/// Builds and pushes the images whose content changed, updates the stacks, and waits until the new version runs or has
/// failed. Services are deployed side by side, each after those that its manifest names in `depends_on`. An order, as in
/// `--name db/1 --name web/2`, puts them into groups that follow one another, the lowest number first.
#[derive(clap::Args, Debug, Default)]
pub struct Args {
    #[command(flatten)]
    pub app: global::App,
    /// Services to deploy, as NAME or NAME/ORDER; may be repeated
    #[arg(short, long, value_name = "NAME", value_delimiter = ',')]
    pub name: Vec<String>,
    /// Name of the environment
    #[arg(short, long, value_name = "NAME")]
    pub env: Option<EnvName>,
    /// Deploy all services and jobs of the workspace of which something changed since they were deployed
    #[arg(long, conflicts_with = "name")]
    pub all: bool,
    /// Deploy those only of which a file differs from this commit, tag or branch [default without --name: of all]
    #[arg(long, value_name = "REVISION")]
    pub since: Option<String>,
    /// Tag for the images; the task definitions then name the images by it, not by their digests
    #[arg(long)]
    pub tag: Option<String>,
    /// Tags for all resources of the stack, as KEY=VALUE,KEY=VALUE
    #[arg(long, value_name = "TAGS", value_parser = global::pairs)]
    pub resource_tags: Option<BTreeMap<String, String>>,
    /// Deploy, and replace the tasks, even when nothing changed
    #[arg(long)]
    pub force: bool,
    #[command(flatten)]
    pub trial: global::Trial,
    #[command(flatten)]
    pub manner: global::Manner,
    /// Show what each group of services would change before it is deployed, then ask whether to go on
    #[arg(long)]
    pub diff: bool,
    /// With --diff: go on without asking
    #[arg(long, requires = "diff")]
    pub diff_yes: bool,
    /// Deploy the environment first [default: only when it is new]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub deploy_env: Option<bool>,
    /// Register the environment if it is new; with =false fail instead [default: ask]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub init_env: Option<bool>,
    /// Register services that are new; with =false fail instead [default: ask]
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", value_name = "BOOL")]
    pub init_wkld: Option<bool>,
    /// Named AWS profile for the account of a new environment
    #[arg(long)]
    pub profile: Option<String>,
    /// Region of a new environment
    #[arg(long)]
    pub region: Option<String>,
}

/// Settles services and environment, prepares what is missing, deploys group by group.
pub async fn run(args: Args, cx: &mut Context) -> Result {
    let change = args.trial.clone().of(args.manner.clone().change()?);
    let app = ask::workspace_app(cx, args.app.app.clone())?;
    let local = cx.session.local_workloads()?;
    let names = match (args.all, args.name.is_empty()) {
        (true, _) => local.iter().map(ToString::to_string).collect(),
        (false, true) if args.since.is_some() => local.iter().map(ToString::to_string).collect(),
        (false, true) => vec![ask::local_workload(cx, None, None)?.to_string()],
        (false, false) => args.name.clone(),
    };
    if names.is_empty() {
        return Err(
            Failure::user("there is no service in this workspace").next("Run `wharf init` to make one.")
        );
    }
    let mut groups = ops::service::groups(&names)?;
    for name in groups.iter().flatten() {
        cx.session.workspace()?.manifest(name).map_err(ops::Error::from)?;
    }
    let env = environment(cx, &app, &args).await?;
    let mut report = ops::Report::default();
    let mut why = BTreeMap::new();
    if let Some(revision) = &args.since {
        let names = groups.concat();
        for one in ops::service::since(&cx.session, &app, &env, revision, &names).await? {
            match one.file {
                Some(file) => drop(why.insert(one.name, format!("{file} changed since {revision}"))),
                None => report.leave_out(one.name, format!("no file of it changed since {revision}")),
            }
        }
        groups.iter_mut().for_each(|group| group.retain(|name| why.contains_key(name)));
        groups.retain(|group| !group.is_empty());
        report.done.extend(report.left_out(&format!("not changed since {revision}")));
    }
    let known = ops::service::listed(&cx.session, &app, false, None).await?;
    for name in groups.iter().flatten().filter(|name| !known.iter().any(|known| known.name == **name)) {
        register(cx, &app, name, args.init_wkld).await?;
    }
    let options = ops::service::Deploy {
        app,
        env,
        tag: args.tag,
        resource_tags: args.resource_tags.unwrap_or_default(),
        force: args.force,
        only_changed: args.all && !args.force,
        why,
        change,
    };
    let wish = planned::Wish { diff: args.diff, yes: args.diff_yes };
    for group in groups {
        let one = match deployed(cx, &options, &group, wish).await {
            Ok(Some(one)) => one,
            Ok(None) => break,
            Err(error) => {
                // What the groups before came to stays true.
                if report != ops::Report::default() {
                    cx.tell(&report)?;
                }
                return Err(error);
            }
        };
        report.done.extend(one.done);
        report.urls.extend(one.urls);
        report.next.extend(one.next);
        report.workloads.extend(one.workloads);
    }
    cx.tell(&report)
}

/// Deploys a group, after its plan; `None` when the answer to that was no.
async fn deployed(
    cx: &Context,
    options: &ops::service::Deploy,
    group: &[WorkloadName],
    wish: planned::Wish,
) -> std::result::Result<Option<ops::Report>, Failure> {
    if !planned::agreed(cx, options, group, wish).await? {
        return Ok(None);
    }
    planned::services(cx, options, group).await.map(Some)
}

/// The environment, registered and deployed as far as the flags say.
async fn environment(cx: &Context, app: &AppName, args: &Args) -> std::result::Result<EnvName, Failure> {
    let known: Vec<EnvName> =
        ops::env::list(&cx.session, app).await?.environments.into_iter().map(|record| record.name).collect();
    let name = match &args.env {
        Some(name) => name.clone(),
        None if known.is_empty() => ask::local_env(cx, None)?,
        None => ask::env(cx, app, None).await?,
    };
    let new = !known.contains(&name);
    if new {
        let wanted = match args.init_env {
            Some(wanted) => wanted,
            None => {
                let text = format!("The environment {name} is not registered yet. Register it?");
                cx.ui.confirm(Question { text: &text, flag: "--init-env", help: "" }, true)?
            }
        };
        if !wanted {
            return Err(Failure::user(format!("the environment {name} is not registered"))
                .next(format!("Run `wharf env init --name {name}`, or give `--init-env`.")));
        }
        let options = ops::env::Init {
            app: app.clone(),
            name: name.clone(),
            account: ops::env::Account {
                profile: args.profile.clone(),
                keys: None,
                region: args.region.clone(),
            },
            allow_downgrade: args.manner.change.allow_downgrade,
            manifest: ops::env::Shape::default(),
        };
        ops::env::init(&cx.session, &options).await?;
    }
    if args.deploy_env == Some(true) || (new && args.deploy_env.is_none()) {
        let options = ops::env::Package {
            app: app.clone(),
            name: name.clone(),
            facts: ops::package::Source::Live,
            force: false,
            upload: true,
            allow_downgrade: args.manner.change.allow_downgrade,
        };
        let skip_preflight = args.manner.skip_preflight;
        let change = ops::Change { detach: false, skip_preflight, ..args.manner.change.clone().into() };
        planned::env(cx, &options, change).await?;
    }
    Ok(name)
}

/// Registers a service that only the workspace knows, when that is wanted.
async fn register(cx: &Context, app: &AppName, name: &WorkloadName, wanted: Option<bool>) -> Result {
    let wanted = match wanted {
        Some(wanted) => wanted,
        None => {
            let text = format!("{name} is not registered yet. Register it?");
            cx.ui.confirm(Question { text: &text, flag: "--init-wkld", help: "" }, true)?
        }
    };
    if !wanted {
        return Err(Failure::user(format!("{name} is not registered in {app}"))
            .next(format!("Run `wharf svc init --name {name}`, or give `--init-wkld`.")));
    }
    let given = ask::ServiceAnswers {
        name: Some(name.clone()),
        kind_flag: "--type",
        ..ask::ServiceAnswers::default()
    };
    let service = ask::service_init(cx, given)?;
    ops::service::init(&cx.session, app, &service, false).await?;
    Ok(())
}
