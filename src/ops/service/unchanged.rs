//! Workloads that are deployed as they would be deployed: nothing is built for them and CloudFormation is not asked.
//!
//! What would be deployed is rendered with images by the hashes of their content, environment files and addons by theirs, and
//! with what AWS says of the environment; it is held against the stack as it stands. So no record can be out of date: what
//! somebody else changed, rolled back or deployed with another tool is seen. The newest release tells whether the last
//! deployment came to its end.

use super::deploy::{Deploy, Job, stack_of};
use super::environment::{Place, Taken};
use super::release;
use crate::ops::takeover::Deployed;
use crate::ops::{Result, Session, stacks};
use crate::plan::unchanged::difference;

/// Why a workload is deployed again; `None` when nothing of it changed. Nothing is built or uploaded.
pub(super) async fn changed(
    session: &Session,
    options: &Deploy,
    place: &Place,
    job: &Job,
    deployed: &Deployed,
) -> Result<Option<String>> {
    if let Some(site) = job.site.as_ref().filter(|site| !site.is_done()) {
        return Ok(Some(format!("its files changed: {}", site.sentence())));
    }
    let mut ready = job.ready.clone();
    place.artifacts(session, &job.loaded, &mut ready.facts, options.tag.as_deref(), false).await?;
    let priorities = place.priorities(&job.loaded, &ready.facts, &mut Taken::new()).await?;
    let wanted = stack_of(session, options, place, (&job.loaded, &ready, None), &priorities).await?;
    let comparable = stacks::read_back(&wanted)?;
    if let Some(why) = difference(deployed.laid(), &comparable) {
        return Ok(Some(why));
    }
    if job.site.is_none() && !release::is_newest(place, &wanted).await? {
        return Ok(Some("its last deployment is not recorded as a release".to_owned()));
    }
    Ok(None)
}
