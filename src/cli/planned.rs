//! Deployments with their plan before them: shown, asked about, and held back where something would be lost.

use std::collections::BTreeMap;

use super::context::Context;
use super::failure::{Failure, Result as Done};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::app::upgrade::Problem;
use crate::ops::plan::{Plans, Risk};
use crate::ops::preflight::{Outcome, Verified};
use crate::ops::service::{Ahead, Deploy, Rollback};
use crate::ops::{self, Report};
use crate::page::Paged;
use crate::ui::page::{Look, draw};
use crate::ui::{Question, Report as Message};

type Result<T> = std::result::Result<T, Failure>;

/// How the user wants to see the plan of a deployment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish {
    /// `--diff`: the plan is the result, and the question comes after it.
    pub diff: bool,
    /// `--diff-yes`: no question.
    pub yes: bool,
}

/// Workloads that are planned but not deployed.
pub fn workloads(app: AppName, env: EnvName, tag: Option<String>) -> Deploy {
    let change = ops::Change { allow_downgrade: true, ..ops::Change::default() };
    Deploy {
        app,
        env,
        tag,
        resource_tags: BTreeMap::new(),
        force: false,
        only_changed: false,
        why: BTreeMap::new(),
        change,
    }
}

/// An environment that is planned but not deployed.
pub fn environment(app: AppName, name: EnvName) -> ops::env::Package {
    let facts = ops::package::Source::Live;
    ops::env::Package { app, name, facts, force: false, upload: false, allow_downgrade: true }
}

/// The same for the difference of texts.
pub fn package(options: &Deploy, name: &WorkloadName) -> ops::service::Package {
    ops::service::Package {
        app: options.app.clone(),
        name: name.clone(),
        env: options.env.clone(),
        tag: options.tag.clone(),
        facts: ops::package::Source::Live,
        upload: false,
        allow_downgrade: options.change.allow_downgrade,
    }
}

/// Shows the plan of workloads and asks, as far as is wished. Whether to go on: without `--diff` it is shown on a terminal
/// only, and nothing is asked.
pub async fn agreed(cx: &Context, options: &Deploy, names: &[WorkloadName], wish: Wish) -> Result<bool> {
    if !wish.diff && !cx.ui.is_interactive() {
        return Ok(true);
    }
    let mut plans = ops::service::plan(&cx.session, options, names).await?;
    if options.only_changed {
        plans.retain(|plan| !plan.is_empty());
    }
    shown(cx, &Plans { plans }, wish)
}

/// The same for an environment.
pub async fn environment_agreed(cx: &Context, options: &ops::env::Package, wish: Wish) -> Result<bool> {
    if !wish.diff && !cx.ui.is_interactive() {
        return Ok(true);
    }
    let plan = ops::env::plan(&cx.session, options).await?;
    shown(cx, &Plans { plans: vec![plan] }, wish)
}

/// Shows something on standard error: it is not the result of the command.
fn told(cx: &Context, value: &impl Paged) {
    let look = Look { width: cx.ui.stderr_width().unwrap_or(0), style: cx.ui.style() };
    cx.ui.print(&draw(&value.page(jiff::Timestamp::now()), look));
}

fn shown(cx: &Context, plans: &Plans, wish: Wish) -> Result<bool> {
    if !wish.diff {
        told(cx, plans);
        return Ok(true);
    }
    if plans.is_empty() {
        cx.ui.note("there is no difference to what is deployed");
    } else {
        cx.show_as("plan", plans, false)?;
    }
    if wish.yes {
        return Ok(true);
    }
    let question = Question { text: "Go on with the deployment?", flag: "--diff-yes", help: "" };
    Ok(cx.ui.confirm(question, false)?)
}

/// Deploys services; where Copilot's stacks are to be taken over, or something that holds data or takes traffic is to be
/// replaced or deleted, after the user has seen what that does and has agreed.
pub async fn services(cx: &Context, options: &Deploy, names: &[WorkloadName]) -> Result<Report> {
    let mut options = options.clone();
    loop {
        let result = ops::service::deploy(&cx.session, &options, names).await;
        let Some(report) = settled(cx, result, &mut options.change)? else { continue };
        return Ok(report);
    }
}

/// Deploys an environment, as [`services`] does.
pub async fn env(cx: &Context, options: &ops::env::Package, mut change: ops::Change) -> Result<Report> {
    loop {
        let result = ops::env::deploy(&cx.session, options, &change).await;
        let Some(report) = settled(cx, result, &mut change)? else { continue };
        return Ok(report);
    }
}

/// Shows what a rollback would do, on a terminal or with `--diff`, and asks. Whether to go on.
pub fn rollback_agreed(cx: &Context, ahead: &Ahead, wish: Wish) -> Result<bool> {
    let plans = Plans { plans: vec![ahead.plan().clone()] };
    match (wish.diff, cx.ui.is_interactive()) {
        (true, _) if plans.is_empty() => cx.ui.note("there is no difference to what is deployed"),
        (true, _) => cx.show_as("plan", &plans, false)?,
        (false, true) => told(cx, &plans),
        (false, false) => {}
    }
    if wish.yes {
        return Ok(true);
    }
    let text = ahead.question();
    Ok(cx.ui.confirm(Question { text: &text, flag: "--yes", help: "" }, true)?)
}

/// Deploys a release again, as [`services`] deploys services.
pub async fn rollback(cx: &Context, mut options: Rollback, mut ahead: Ahead) -> Result<Report> {
    loop {
        let result = ops::service::rollback(&cx.session, &options, &mut ahead).await;
        let Some(report) = settled(cx, result, &mut options.change)? else { continue };
        return Ok(report);
    }
}

/// What a deployment came to; `None` when it waited for an answer, which is in `change` now.
fn settled(cx: &Context, result: ops::Result<Report>, change: &mut ops::Change) -> Result<Option<Report>> {
    match result {
        Err(ops::Error::TakeoverDue(stacks)) => {
            takeover(cx, &stacks)?;
            change.takeover = true;
        }
        Err(ops::Error::Several { ref done, .. }) if cx.ui.settings().json => {
            cx.event("workloads", &done.workloads)?;
            return Ok(Some(result?));
        }
        Err(ops::Error::Guarded(risks)) if cx.ui.is_interactive() => {
            for risk in &risks {
                risk_taken(cx, risk)?;
                change.allow_replace.push(risk.id.clone());
            }
        }
        result => return Ok(Some(result?)),
    }
    Ok(None)
}

/// Asks about a resource that would be replaced or deleted. A "no" ends with exit code 1.
fn risk_taken(cx: &Context, risk: &Risk) -> Done {
    cx.ui.warn(&risk.sentence());
    for cause in &risk.causes {
        cx.ui.note(cause);
    }
    let text = format!("Let {} go?", risk.id);
    let help = "It holds data or takes traffic: what is lost with it does not come back.";
    if cx.ui.confirm(Question { text: &text, flag: "--allow-replace", help }, false)? {
        return Ok(());
    }
    Err(Failure::user("nothing was changed"))
}

/// Shows what taking over does and asks whether to go on. A "no" ends with exit code 1.
fn takeover(cx: &Context, stacks: &[ops::takeover::Takeover]) -> Done {
    stacks.iter().for_each(|stack| told(cx, stack));
    let text = "Take over what Copilot deployed?";
    let help = "What runs goes on running, and nothing but Copilot's own machinery is deleted.";
    if cx.ui.confirm(Question { text, flag: "--takeover", help }, true)? {
        return Ok(());
    }
    Err(Failure::user("nothing was changed"))
}

/// A deployment that was held back: what would be lost and why, and the flags that let it go.
pub fn held_back(risks: &[Risk], headline: String) -> Message {
    let causes = |risk: &Risk| {
        let id = risk.id.clone();
        risk.causes.clone().into_iter().map(move |cause| format!("{id}: {cause}"))
    };
    let more = risks.iter().skip(1).map(Risk::sentence);
    let facts = more.chain(risks.iter().flat_map(causes)).collect();
    let flags: Vec<String> = risks.iter().map(|risk| format!("--allow-replace {}", risk.id)).collect();
    let next = vec![
        "Nothing was changed. Undo the change in the manifest, the addons or the overrides if it was not meant."
            .to_owned(),
        format!("If it was: save what must not be lost, then give `{}`.", flags.join(" ")),
    ];
    Message { facts, next, code: "held_back".to_owned(), ..Message::new(headline) }
}

/// A deployment that the checks before it stopped: every reason with what to do about it.
pub fn would_fail(verified: &Verified, headline: String) -> Message {
    let failed: Vec<_> = verified.with(Outcome::Failed).collect();
    let facts =
        failed.iter().skip(1).map(|(name, finding)| format!("{name}: {}", finding.sentence())).collect();
    let mut next: Vec<String> = failed
        .iter()
        .flat_map(|(_, finding)| finding.next.iter().map(|text| format!("{}: {text}", finding.what)))
        .collect();
    next.push(if verified.has_failed_try() {
        "Nothing was pushed, uploaded or changed in AWS. Without `--try` it is deployed all the same.".to_owned()
    } else if verified.workloads.iter().any(|one| one.kind == "environment") {
        "Nothing was uploaded or changed. `--skip-preflight` leaves the check out.".to_owned()
    } else {
        "Nothing was built, uploaded or changed. `wharf verify` lists all checks; `--skip-preflight` leaves them out."
            .to_owned()
    });
    let code = failed.first().map(|(_, finding)| finding.code).filter(|code| !code.is_empty());
    let said = failed.iter().find(|(_, finding)| !finding.lines.is_empty());
    Message {
        facts,
        next,
        code: code.unwrap_or("preflight").to_owned(),
        log_title: said
            .map(|(_, finding)| format!("last lines of the try: {}", finding.what))
            .unwrap_or_default(),
        log_lines: said.map(|(_, finding)| finding.lines.clone()).unwrap_or_default(),
        ..Message::new(headline)
    }
}

/// A change of an application's own stacks with which something would be lost: all of it, and what to do about each.
pub fn would_lose(problems: &[Problem], by_hand: &str, headline: String) -> Message {
    let mut next: Vec<String> = vec![];
    for problem in problems.iter().filter(|problem| !problem.next.is_empty()) {
        if !next.contains(&problem.next) {
            next.push(problem.next.clone());
        }
    }
    if !by_hand.is_empty() {
        next.push(format!(
            "By hand: `wharf eject` writes the template; when it is corrected, run `{by_hand}`."
        ));
    }
    next.push("Nothing was changed. `wharf doctor` shows what would become of every resource.".to_owned());
    Message {
        facts: problems.iter().skip(1).map(|problem| problem.what.clone()).collect(),
        next,
        code: "would_lose".to_owned(),
        ..Message::new(headline)
    }
}

/// What to do about a takeover that would lose something.
pub fn takeover_advice(stacks: &[ops::takeover::Takeover]) -> Vec<String> {
    let mut advice: Vec<String> = stacks.iter().flat_map(ops::takeover::Takeover::problems).skip(1).collect();
    advice.push(
        "Nothing was changed. If the manifest has changed since Copilot deployed it: take over with the manifest as it was, \
         then deploy the change."
            .to_owned(),
    );
    advice.push(
        "If the stack was deployed by a version before 1.34: deploy it once more with Copilot 1.34, which brings it up to date."
            .to_owned(),
    );
    advice
}
