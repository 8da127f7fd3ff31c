//! How the findings read.

use jiff::Timestamp;

use super::{Checked, Finding, Outcome, Verified};
use crate::page::{Body, Cell, Mark, Page, Paged};

impl Paged for Verified {
    fn page(&self, _now: Timestamp) -> Page {
        let mut page = Page::new();
        for workload in &self.workloads {
            let title =
                format!("Checks of the {} {} in {}", workload.kind, workload.name, workload.environment);
            let rows = workload.checks.iter().map(row).collect();
            page = page.with(&title, Body::table(&["", "Check", "What", "Found"], rows));
            for finding in workload.checks.iter().filter(|finding| !finding.lines.is_empty()) {
                let title = format!("Last lines of the try: {}", finding.what);
                page = page.with(&title, super::super::lines(finding.lines.iter().cloned()));
            }
            page = page.with("What to do", Body::Lines(remedies(workload)));
        }
        page.with("", Body::Lines(vec![self.summary()]))
    }
}

impl Verified {
    fn summary(&self) -> Cell {
        let count = |outcome| self.with(outcome).count();
        let (failed, warnings, unknown) =
            (count(Outcome::Failed), count(Outcome::Warning), count(Outcome::NotChecked));
        let text = format!(
            "{} checked: {failed} would make the deployment fail, {warnings} to look at, {unknown} not checked.",
            failed + warnings + unknown + count(Outcome::Ok)
        );
        Cell::new(text, if failed > 0 { Mark::Bad } else { Mark::Plain })
    }
}

fn row(finding: &Finding) -> Vec<Cell> {
    let (sign, mark) = match finding.outcome {
        Outcome::Ok => ("✔", Mark::Good),
        Outcome::Warning => ("!", Mark::Plain),
        Outcome::Failed => ("✘", Mark::Bad),
        Outcome::NotChecked => ("?", Mark::Dim),
    };
    let detail = match finding.outcome {
        Outcome::NotChecked => format!("not checked: {}", finding.detail),
        _ => finding.detail.clone(),
    };
    vec![
        Cell::new(sign, mark),
        Cell::new(finding.check, Mark::Dim),
        Cell::from(finding.what.as_str()),
        Cell::new(detail, mark),
    ]
}

fn remedies(workload: &Checked) -> Vec<Cell> {
    let open = workload.checks.iter().filter(|finding| !finding.next.is_empty());
    open.map(|finding| {
        let code = if finding.code.is_empty() { String::new() } else { format!(" ({})", finding.code) };
        Cell::from(format!("{}{code}: {}", finding.what, finding.next.join(" ")))
    })
    .collect()
}
