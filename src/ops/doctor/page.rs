//! What the doctor found, for people.

use jiff::Timestamp;

use super::{Examined, Health, Report};
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
            page = page.with(&format!("StackSet ({})", set.name), Body::Lines(lines));
        }
        for stack in &self.stacks {
            page = page.with(&format!("{} ({})", stack.title, stack.stack), Body::Lines(lines(stack)));
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
        page.with("Not Deployed", Body::Lines(absent.collect()))
            .with("Missing Permissions", Body::Lines(denied.collect()))
            .with("Verdict", Body::table(&["Stack", ""], verdicts.collect()))
    }
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
