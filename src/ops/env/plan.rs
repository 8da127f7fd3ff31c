//! The plan of an environment: what deploying it would do. Nothing is uploaded or changed.

use std::collections::BTreeMap;

use super::{Package, is_bootstrap, package};
use crate::aws::Connection;
use crate::ops::package::Packaged;
use crate::ops::plan::{self, Costs, Ground, Laid, Plan, Upload};
use crate::ops::takeover::{self, Deployed};
use crate::ops::{Result, Session};
use crate::plan::price::Regional;

/// What deploying the environment would do.
///
/// # Errors
/// As [`package`]; whatever AWS reports.
pub async fn plan(session: &Session, options: &Package) -> Result<Plan> {
    let record = session.env(&options.app, &options.name).await?;
    let manager = session.manager(&record).await;
    let packaged = package(session, &Package { upload: false, ..options.clone() }).await?;
    let deployed = takeover::deployed(session, &manager, &packaged.stack.name).await?;
    let title = format!("environment {}", options.name);
    let none = BTreeMap::new();
    let prices = session.prices();
    let prices = prices.of(&record.region);
    let ground = ground(&manager, prices, &record.region, &none, true);
    let text = packaged.addons.as_ref().map(|(_, text)| text.as_str());
    let Laid { mut stacks, before, after, takeover } =
        plan::lay(&ground, deployed.as_ref(), &packaged.stack, text, &title).await?;
    // Its roles alone are no environment yet.
    if let Some(stack) = stacks.first_mut() {
        stack.new = deployed.as_ref().is_none_or(|deployed| is_bootstrap(&deployed.document));
    }
    let uploads = packaged.addons.iter().map(|(_, text)| {
        let key = crate::artifact::key::environment_addons(text);
        let known = deployed.as_ref().is_some_and(|deployed| deployed.text.contains(&key));
        Upload { what: "addons of the environments".to_owned(), upload: !known }
    });
    Ok(Plan {
        kind: "environment",
        name: options.name.to_string(),
        environment: options.name.to_string(),
        region: record.region.clone(),
        takeover,
        stacks,
        images: vec![],
        uploads: uploads.collect(),
        files: vec![],
        features: vec![],
        names: vec![],
        cost: Costs::new(prices, before, after),
    })
}

/// The environment's stack, held against the deployed one.
pub(super) async fn laid(
    session: &Session,
    manager: &Connection,
    region: &str,
    deployed: &Deployed,
    packaged: &Packaged,
    title: &str,
) -> Result<Laid> {
    let none = BTreeMap::new();
    let text = packaged.addons.as_ref().map(|(_, text)| text.as_str());
    let prices = session.prices();
    let ground = ground(manager, prices.of(region), region, &none, false);
    plan::lay(&ground, Some(deployed), &packaged.stack, text, title).await
}

fn ground<'a>(
    connection: &'a Connection,
    prices: Regional<'a>,
    region: &'a str,
    none: &'a BTreeMap<String, String>,
    whole: bool,
) -> Ground<'a> {
    Ground { connection, region, prices, workload: "", outputs: none, exports: none, whole }
}
