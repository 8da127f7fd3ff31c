//! A static site's names: the certificate in the region of CloudFront's certificates, the records that lead to its
//! distribution.

use super::certificate::{self, Wanted};
use super::environment::{CLOUDFRONT_REGION, alias_records, cloudfront_zone};
use super::service::Named;
use super::{Zones, names};
use crate::ops::Result;
use crate::stack::document::workload_stack;
use crate::stack::workload::site::DOMAIN_OUTPUT;

impl Named<'_> {
    /// ARN of a certificate for host names of a site, the main one first; never empty. `deployed` is the one in use, empty for
    /// none.
    ///
    /// # Errors
    /// A certificate that is not issued; whatever AWS reports.
    pub async fn site_certificate(&self, zones: &Zones, names: &[String], deployed: &str) -> Result<String> {
        let wanted = Wanted {
            at: &self.manager.region(CLOUDFRONT_REGION),
            names: names::with_others(names.to_vec(), []),
            tags: self.tags(),
            deployed,
        };
        let arn = certificate::ensure(self.session, zones, &wanted).await?;
        certificate::keep_renewable(self.session, zones, wanted.at, &arn).await?;
        Ok(arn)
    }

    /// Points host names to the site's distribution and removes the records of others that still lead to it. Nothing happens
    /// while there is no distribution.
    ///
    /// # Errors
    /// A name outside the application's zones; whatever AWS reports.
    pub async fn settle_site(&self, zones: &Zones, wanted: &[String], gone: &[String]) -> Result<()> {
        if wanted.is_empty() && gone.is_empty() {
            return Ok(());
        }
        let name = workload_stack(&self.app.name, &self.record.name, self.name);
        let stack = self.manager.cloudformation().stack(&name).await?;
        let target = stack.and_then(|stack| Some(stack.outputs.get(DOMAIN_OUTPUT)?.value.clone()));
        let Some(target) = target.filter(|target| !target.is_empty()) else { return Ok(()) };
        let zone = cloudfront_zone(&self.record.region);
        zones.write(self.session, &alias_records(wanted, &target, zone)).await?;
        zones.remove(self.session, &alias_records(gone, &target, zone)).await
    }
}
