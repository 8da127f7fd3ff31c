//! What the doctor found, for people.

use jiff::Timestamp;

use super::permissions::{Permissions, Refused};
use super::{Examined, Health, Report};
use crate::ops::app::upgrade::Upgrade;
use crate::ops::takeover::{LIVES_ON, row, survivors};
use crate::page::{Body, Cell, Mark, Page, Paged};
use crate::takeover::compare::Verdict;

impl Paged for Report {
    fn page(&self, _now: Timestamp) -> Page {
        let about = vec![
            ("Application".to_owned(), Cell::from(self.app.as_str())),
            ("Account".to_owned(), Cell::from(self.account.as_str())),
            ("Region".to_owned(), Cell::from(self.region.as_str())),
        ];
        let mut page = Page::new().with("About", Body::Pairs(about));
        if let Some(set) = &self.stack_set {
            let places = set.instances.iter();
            let places: Vec<String> =
                places.map(|one| format!("{} in {}, {}", one.status, one.account, one.region)).collect();
            let mut lines = vec![Cell::from(format!(
                "{}, changed {} times: {}",
                set.status,
                set.changes,
                places.join("; ")
            ))];
            lines.extend(set.operations.iter().map(|one| {
                Cell::from(format!("Operation {} is {} for {} minutes", one.id, one.status, one.minutes))
            }));
            lines.extend(set.findings.iter().map(|finding| Cell::new(finding.as_str(), Mark::Bad)));
            if !set.template_version.is_empty() && set.upgrade.is_none() {
                lines.push(Cell::from(format!("Template of version {}", set.template_version)));
            }
            page = page.with(&format!("StackSet ({})", set.name), Body::Lines(lines));
            page = upgraded(page, set.upgrade.as_ref());
        }
        for stack in &self.stacks {
            page = page.with(&format!("{} ({})", stack.title, stack.stack), Body::Lines(lines(stack)));
            page = upgraded(page, stack.upgrade.as_ref());
            let Some(takeover) = &stack.takeover else { continue };
            let changes = takeover.comparison.resources.iter().filter(|fate| fate.verdict != Verdict::Kept);
            let headers = ["Resource", "Type", "What a takeover does"];
            page = page
                .with("", Body::table(&headers, changes.map(row).collect()))
                .with(LIVES_ON, survivors::body(&takeover.lives_on));
        }
        let denied = self.missing_permissions.iter().map(|action| Cell::new(action.as_str(), Mark::Bad));
        let row =
            |name: &str, verdict: &str, health| vec![Cell::from(name), Cell::new(verdict, mark(health))];
        let set = self.stack_set.iter().map(|set| row(&set.name, &set.verdict, set.health));
        let stacks = self.stacks.iter().map(|stack| row(&stack.stack, &stack.verdict, stack.health));
        let verdicts = set.chain(stacks);
        let absent = self.not_deployed.iter();
        let absent = absent.map(|one| {
            Cell::from(format!("{} has a manifest here and no stack in {}", one.name, one.environment))
        });
        let page = page
            .with("Not Deployed", Body::Lines(absent.collect()))
            .with("Refused on the Way", Body::Lines(denied.collect()));
        about_permissions(page, &self.permissions)
            .with("Verdict", Body::table(&["Stack", ""], verdicts.collect()))
    }
}

/// What `wharf app upgrade` would do to the application's own.
fn upgraded(mut page: Page, upgrade: Option<&Upgrade>) -> Page {
    let Some(upgrade) = upgrade else { return page };
    let has = match upgrade.template_version.as_str() {
        "" => "a template that can't be read".to_owned(),
        version => format!("version {version}"),
    };
    let mut lines = vec![match upgrade.is_refused() {
        true => Cell::new(
            format!("It has {has}. `wharf app upgrade` would bring it to {}, but is refused:", upgrade.to),
            Mark::Bad,
        ),
        false => Cell::from(format!("It has {has}. `wharf app upgrade` brings it to {}:", upgrade.to)),
    }];
    for problem in &upgrade.problems {
        lines.push(Cell::new(problem.what.as_str(), Mark::Bad));
        lines.push(Cell::from(format!("  {}", problem.next)));
    }
    for one in &upgrade.stacks {
        let comparison = &one.renewal.comparison;
        let kept = comparison.with(Verdict::Kept).count();
        let changes = comparison.resources.iter().filter(|fate| fate.verdict != Verdict::Kept);
        let changes: Vec<Vec<Cell>> = changes.map(row).collect();
        let heading = if upgrade.stacks.len() > 1 { format!("{}: ", one.place()) } else { String::new() };
        let rest = if changes.is_empty() { "" } else { "; of the others:" };
        lines.push(Cell::from(format!("{heading}{kept} resources stay as they are{rest}")));
        page = page
            .with("", Body::Lines(std::mem::take(&mut lines)))
            .with("", Body::table(&["Resource", "Type", "What an upgrade does"], changes));
    }
    page.with("", Body::Lines(lines))
}

/// What may not be done, with the policy that would allow it.
fn about_permissions(mut page: Page, found: &Permissions) -> Page {
    if !found.untold.is_empty() {
        let line = format!("What {} may do can't be told: {}", found.principal, found.untold);
        page = page.with("Permissions", Body::Lines(vec![Cell::from(line)]));
    }
    let headers = ["Action", "On", "For", "Why"];
    let rows = |refused: &[Refused], mark| -> Vec<Vec<Cell>> {
        let row = |one: &Refused| {
            let purposes: Vec<&str> = one.purposes.iter().map(|purpose| purpose.word()).collect();
            vec![
                Cell::new(one.action.as_str(), mark),
                Cell::from(one.resource.as_str()),
                Cell::from(purposes.join(", ")),
                Cell::from(one.reason.as_str()),
            ]
        };
        refused.iter().map(row).collect()
    };
    if !found.denied.is_empty() {
        let title = format!("Not Allowed ({})", found.principal);
        let policy = found.policy().lines().map(Cell::from).collect();
        page = page
            .with(&title, Body::table(&headers, rows(&found.denied, Mark::Bad)))
            .with("Policy That Allows It", Body::Lines(policy));
    }
    if !found.unsure.is_empty() {
        let title = format!("Perhaps Not Allowed ({})", found.principal);
        page = page.with(&title, Body::table(&headers, rows(&found.unsure, Mark::Plain)));
    }
    for manager in &found.managers {
        let title = format!("Not Allowed ({})", manager.role);
        page = page
            .with(&title, Body::Lines(manager.missing.iter().map(|one| Cell::from(one.as_str())).collect()));
    }
    page
}

fn mark(health: Health) -> Mark {
    match health {
        Health::Good => Mark::Good,
        Health::Attention => Mark::Plain,
        Health::Bad => Mark::Bad,
    }
}

fn lines(stack: &Examined) -> Vec<Cell> {
    let version = if stack.version.is_empty() { "no version" } else { &stack.version };
    let mut lines = vec![Cell::from(format!(
        "{} in {}, {}, by {} ({version})",
        stack.status, stack.account, stack.region, stack.made_by
    ))];
    if !stack.custom_resources.is_empty() {
        lines.push(Cell::from(format!("Custom resources: {}", stack.custom_resources.join(", "))));
    }
    for function in &stack.functions {
        let text = match &function.retirement {
            Some(dates) => format!(
                "Function {} ({}): deprecated on {}, can't be changed from {} on",
                function.id, function.runtime, dates.deprecated, dates.updates_blocked
            ),
            None => format!("Function {} ({})", function.id, function.runtime),
        };
        lines.push(Cell::from(text));
    }
    lines.extend(stack.findings.iter().map(|finding| Cell::new(finding.as_str(), Mark::Bad)));
    if let Some(drifted) = &stack.drifted {
        lines.extend(drifted.iter().map(|text| Cell::new(format!("Drift: {text}"), Mark::Bad)));
    }
    lines
}
