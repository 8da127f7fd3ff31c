//! What is deployed costs a month: environments, with the workloads in them.

use jiff::Timestamp;
use serde::Serialize;

use super::plan::{by_use, dollars, item_words};
use super::{Result, Session, prices, takeover};
use crate::aws::Connection;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::page::{Body, Cell, Mark, Page, Paged};
use crate::plan::cost::{Cost, cost};
use crate::plan::evaluate::evaluate;
use crate::plan::price::Regional;
use crate::stack::document::{environment_stack, workload_stack};
use crate::takeover::known::Known;

/// What costs are asked for.
#[derive(Debug, Clone)]
pub struct Options {
    /// The application.
    pub app: AppName,
    /// One environment; none: all.
    pub env: Option<EnvName>,
    /// One workload; none: the environment and all workloads in it.
    pub name: Option<WorkloadName>,
    /// Whether current prices are read of the AWS Price List first.
    pub refresh: bool,
}

/// What an application costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Costs {
    /// The application.
    pub app: AppName,
    /// US dollars a month of everything with a known price.
    pub monthly: f64,
    /// Its environments.
    pub environments: Vec<Environment>,
}

/// What an environment costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Environment {
    /// Its name.
    pub name: EnvName,
    /// Its region.
    pub region: String,
    /// Whether prices of the region are known.
    pub region_known: bool,
    /// US dollars a month of everything with a known price.
    pub monthly: f64,
    /// Its stacks that are deployed: its own first, then those of workloads.
    pub stacks: Vec<Stack>,
}

/// What a stack costs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stack {
    /// The stack.
    pub stack: String,
    /// Name of the workload; empty for the environment's own.
    pub name: String,
    /// What it costs.
    #[serde(flatten)]
    pub cost: Cost,
}

/// What the deployed templates, with the values of their parameters, cost a month. Stacks that are nested in them count.
///
/// # Errors
/// The application or the environment does not exist; whatever AWS reports.
pub async fn costs(session: &Session, options: &Options) -> Result<Costs> {
    let store = session.store().await;
    let records = match &options.env {
        Some(name) => vec![session.env(&options.app, name).await?],
        None => {
            session.app(&options.app).await?;
            store.environments(&options.app).await?
        }
    };
    let workloads = match &options.name {
        Some(name) => vec![store.workload(&options.app, name).await?],
        None => store.workloads(&options.app).await?,
    };
    if options.refresh {
        let regions = records.iter().map(|record| record.region.clone()).collect();
        prices::refresh(session, &regions).await?;
    }
    let prices = session.prices();
    let mut environments = vec![];
    for record in records {
        let manager = session.manager(&record).await;
        let prices = prices.of(&record.region);
        let mut wanted = vec![];
        if options.name.is_none() {
            wanted.push((environment_stack(&options.app, &record.name), String::new()));
        }
        for workload in &workloads {
            let stack = workload_stack(&options.app, &record.name, &workload.name);
            wanted.push((stack, workload.name.to_string()));
        }
        let mut stacks = vec![];
        for (stack, name) in wanted {
            if let Some(cost) = of_stack(session, &manager, &stack, prices).await? {
                stacks.push(Stack { stack, name, cost });
            }
        }
        environments.push(Environment {
            region_known: prices.is_known(),
            monthly: sum(stacks.iter().map(|stack| stack.cost.monthly)),
            name: record.name,
            region: record.region,
            stacks,
        });
    }
    let monthly = sum(environments.iter().map(|environment| environment.monthly));
    Ok(Costs { app: options.app.clone(), monthly, environments })
}

/// Dollars together, to the cent.
fn sum(parts: impl Iterator<Item = f64>) -> f64 {
    (parts.sum::<f64>() * 100.0).round() / 100.0
}

/// What a stack costs, with those nested in it; `None` when it is not deployed.
async fn of_stack(
    session: &Session,
    manager: &Connection,
    stack: &str,
    prices: Regional<'_>,
) -> Result<Option<Cost>> {
    let mut all: Option<Cost> = None;
    let mut open = vec![stack.to_owned()];
    while let Some(name) = open.pop() {
        let Some(deployed) = takeover::deployed(session, manager, &name).await? else { continue };
        let given = Known::of_stack(&deployed.stack.id).given(&deployed.stack.parameters);
        let resources = evaluate(&deployed.document, &given).resources;
        if resources.values().any(|resource| resource.kind == NESTED) {
            let found = manager.cloudformation().resources(&name).await?.unwrap_or_default();
            let nested = found.into_iter().filter(|resource| resource.resource_type == NESTED);
            open.extend(nested.map(|resource| resource.physical_id).filter(|id| !id.is_empty()));
        }
        let one = cost(&resources, prices);
        all = Some(all.map_or_else(|| one.clone(), |all| all.and(one.clone())));
    }
    Ok(all)
}

const NESTED: &str = "AWS::CloudFormation::Stack";

impl Paged for Costs {
    fn page(&self, _now: Timestamp) -> Page {
        let mut page = Page::new();
        for environment in &self.environments {
            let total = match (environment.stacks.is_empty(), environment.region_known) {
                (true, _) => "nothing is deployed".to_owned(),
                (_, false) => "no prices are known, `wharf cost --refresh` reads them".to_owned(),
                (_, true) => format!("{} a month", dollars(environment.monthly)),
            };
            let title = format!("{} ({}): {total}", environment.name, environment.region);
            let mut lines = vec![];
            let mut together = Cost::default();
            for stack in &environment.stacks {
                let who = if stack.name.is_empty() { "the environment itself" } else { &stack.name };
                lines.push(Cell::from(format!("{who}: {}", dollars(stack.cost.monthly))));
                let items = stack.cost.items.iter();
                lines.extend(items.map(|item| Cell::new(format!("  {}", item_words(item)), Mark::Dim)));
                together = together.and(Cost { items: vec![], ..stack.cost.clone() });
            }
            lines.extend(by_use(&together));
            if lines.is_empty() {
                lines.push(Cell::new("-", Mark::Dim));
            }
            page = page.with(&title, Body::Lines(lines));
        }
        page
    }
}
