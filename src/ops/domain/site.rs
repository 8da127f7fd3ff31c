//! A static site's names: the certificate in the region of CloudFront's certificates, the records that lead to its
//! distribution.

use super::certificate::{self, Wanted};
use super::environment::{CLOUDFRONT_REGION, alias_records, cloudfront_zone};
use super::service::Named;
use super::{Zones, names};
use crate::aws::route53::RecordSet;
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

    /// Whether there are certificates where CloudFront takes them from whose main name is one of the application's.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn has_certificates_for_sites(&self) -> Result<bool> {
        let all = self.manager.region(CLOUDFRONT_REGION).acm().certificates().await?;
        let below = format!(".{}", self.app.domain);
        Ok(all.iter().any(|summary| summary.domain == self.app.domain || summary.domain.ends_with(&below)))
    }

    /// Points host names to the site's distribution and removes the records of others that still lead to it. Nothing happens
    /// while there is no distribution.
    ///
    /// # Errors
    /// A name outside the application's zones; whatever AWS reports.
    pub async fn settle_site(&self, zones: &Zones, wanted: &[String], gone: &[String]) -> Result<()> {
        zones.write(self.session, &self.site_records(wanted).await?).await?;
        zones.remove(self.session, &self.site_records(gone).await?).await
    }

    /// Records that lead host names to the site's distribution; none while there is no distribution.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn site_records(&self, names: &[String]) -> Result<Vec<RecordSet>> {
        if names.is_empty() {
            return Ok(vec![]);
        }
        let stack = workload_stack(&self.app.name, &self.record.name, self.name);
        let stack = self.manager.cloudformation().stack(&stack).await?;
        let target = stack.and_then(|stack| Some(stack.outputs.get(DOMAIN_OUTPUT)?.value.clone()));
        let Some(target) = target.filter(|target| !target.is_empty()) else { return Ok(vec![]) };
        Ok(alias_records(names, &target, cloudfront_zone(&self.record.region)))
    }
}
