//! The host name of a service on App Runner: its association with the service, the record that leads to it, and those by
//! which App Runner validates its certificate.

use std::time::{Duration, Instant};

use super::service::Named;
use super::{Failure, Zones};
use crate::aws::apprunner::AppRunner;
use crate::aws::apprunner::domains::Domain;
use crate::aws::route53::RecordSet;
use crate::event::Step;
use crate::ops::step::Running;
use crate::ops::{AwsKind, Result};

/// Seconds that answers with these records are kept.
const TTL: u32 = 60;
/// How long App Runner is waited for. It goes on by itself: nothing of the deployment depends on it.
const LIMIT: Duration = Duration::from_secs(10 * 60);

const ACTIVE: &str = "ACTIVE";
const FAILED: &str = "CREATE_FAILED";

impl Named<'_> {
    /// Gives a service its host name, or none, and takes those in `gone` from it. Can be run again after it was stopped
    /// anywhere: what is associated is found at the service. Returns those that App Runner could not take from it.
    ///
    /// # Errors
    /// App Runner refuses the name; a name outside the application's zones; whatever AWS reports.
    pub async fn settle_association(
        &self,
        zones: &Zones,
        arn: &str,
        wanted: Option<&str>,
        gone: &[String],
    ) -> Result<Vec<String>> {
        if let Some(name) = wanted {
            self.associate(zones, arn, name).await?;
        }
        let gone: Vec<String> = gone.iter().filter(|name| Some(name.as_str()) != wanted).cloned().collect();
        self.dissociate(zones, arn, &gone).await
    }

    /// Takes all host names from a service that is about to be deleted.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn leave_associations(&self, zones: &Zones, arn: &str) -> Result<()> {
        let domains = match self.manager.apprunner().domains(arn).await {
            // The service is gone, or the role is from before host names.
            Err(error) if error.is_not_found() || matches!(error.kind, AwsKind::AccessDenied(_)) => {
                return Ok(());
            }
            domains => domains?,
        };
        // One that is paused can't be changed, only deleted, and its names with it.
        if self.manager.apprunner().service(arn).await?.status != "RUNNING" {
            let records: Vec<RecordSet> = domains.iter().flat_map(records).collect();
            return zones.remove(self.session, &records).await;
        }
        let names: Vec<String> = domains.into_iter().map(|domain| domain.name).collect();
        self.dissociate(zones, arn, &names).await.map(drop)
    }

    async fn associate(&self, zones: &Zones, arn: &str, name: &str) -> Result<()> {
        let door = self.manager.apprunner();
        let mut found = find(&door, arn, name).await?;
        if found.as_ref().is_some_and(|domain| domain.status == FAILED) {
            self.dissociate(zones, arn, &[name.to_owned()]).await?;
            found = None;
        }
        if let Some(active) = found.as_ref().filter(|domain| domain.status == ACTIVE) {
            return zones.write(self.session, &records(active)).await;
        }
        self.session.check_interrupt()?;
        let title = format!("Host name {name} of {}", self.name);
        let step = self.session.step(&title, Step::Work, &title);
        if found.is_none() {
            step.run(door.associate(arn, name)).await?;
        }
        match self.validate(zones, arn, name, &step).await {
            Ok(true) => step.done(""),
            Ok(false) => {
                step.skipped("App Runner still validates it");
                self.session.warn(format!(
                    "{name} does not lead to {} yet: App Runner still validates its certificate, which can take some hours. Its \
                     records stand; `wharf svc show --name {}` lists the name once it works.",
                    self.name, self.name
                ));
            }
            Err(error) => {
                step.failed(&error.to_string());
                return Err(error);
            }
        }
        Ok(())
    }

    /// Writes the records that App Runner asks for and waits until it has seen them; whether it has.
    async fn validate(&self, zones: &Zones, arn: &str, name: &str, step: &Running) -> Result<bool> {
        let door = self.manager.apprunner();
        let start = Instant::now();
        let mut written = 0;
        let mut endurance = self.session.endurance();
        let what = format!("The validation of {name}");
        loop {
            let refused = |reason: String| Failure::Refused {
                name: name.to_owned(),
                region: self.record.region.clone(),
                reason,
            };
            let asked = self.session.ask(&mut endurance, self.manager, &what, || door.domains(arn)).await?;
            let Some(domain) = asked.into_iter().find(|domain| domain.name == name) else {
                return Err(refused("App Runner has forgotten the host name".to_owned()).into());
            };
            if domain.status == FAILED {
                return Err(refused(format!("App Runner says {FAILED}")).into());
            }
            let records = records(&domain);
            if records.len() > written {
                zones.write(self.session, &records).await?;
                written = records.len();
            }
            if domain.status == ACTIVE {
                return Ok(true);
            }
            if start.elapsed() > LIMIT {
                return Ok(false);
            }
            let done = domain.validation.iter().filter(|record| record.status == "SUCCESS").count();
            step.progress(
                done as u64,
                domain.validation.len() as u64,
                "waiting until App Runner sees the records",
            );
            self.session.check_interrupt()?;
            tokio::time::sleep(self.session.inputs.polling.first).await;
        }
    }

    /// Takes host names from a service. Their records go first, as far as they say what App Runner asked for: nobody but App
    /// Runner knows those, and only as long as the name is associated. Returns the names that are still associated.
    async fn dissociate(&self, zones: &Zones, arn: &str, names: &[String]) -> Result<Vec<String>> {
        let mut left = vec![];
        if names.is_empty() {
            return Ok(left);
        }
        let door = self.manager.apprunner();
        for domain in door.domains(arn).await?.into_iter().filter(|domain| names.contains(&domain.name)) {
            self.session.check_interrupt()?;
            zones.remove(self.session, &records(&domain)).await?;
            let title = format!("Take the host name {} from {}", domain.name, self.name);
            let gone = async {
                match door.disassociate(arn, &domain.name).await {
                    // Somebody else was faster.
                    Err(error) if error.is_not_found() => Ok(true),
                    Err(error) => Err(error),
                    Ok(_) => self.until_gone(&door, arn, &domain.name).await,
                }
            };
            if !self.session.work(&title, gone).await? {
                self.session.warn(format!(
                    "App Runner could not take {} from {}: it is still associated, without its records. The next deployment \
                     tries again.",
                    domain.name, self.name
                ));
                left.push(domain.name);
            }
        }
        Ok(left)
    }

    /// Waits until a host name is no more the service's: while App Runner is at it the service can't be changed. Whether it is
    /// gone, or at least on its way.
    async fn until_gone(
        &self,
        door: &AppRunner,
        arn: &str,
        name: &str,
    ) -> std::result::Result<bool, crate::aws::Error> {
        let (start, polling) = (Instant::now(), self.session.inputs.polling);
        let mut endurance = self.session.endurance();
        let what = format!("The removal of {name}");
        while start.elapsed() < polling.patience {
            let asked = self.session.ask(&mut endurance, self.manager, &what, || door.domains(arn)).await?;
            match asked.into_iter().find(|domain| domain.name == name) {
                None => return Ok(true),
                Some(domain) if domain.status == "DELETE_FAILED" => return Ok(false),
                Some(_) => tokio::time::sleep(polling.first).await,
            }
        }
        Ok(true)
    }
}

async fn find(door: &AppRunner, arn: &str, name: &str) -> Result<Option<Domain>> {
    Ok(door.domains(arn).await?.into_iter().find(|domain| domain.name == name))
}

/// The records of a host name: the one that leads to the service, and those that validate its certificate, of which there are
/// none at first.
fn records(domain: &Domain) -> Vec<RecordSet> {
    let own = [(domain.name.as_str(), domain.target.as_str())];
    let validation = domain.validation.iter().filter(|record| record.kind == "CNAME");
    let validation = validation.map(|record| (record.name.as_str(), record.value.as_str()));
    own.into_iter()
        .chain(validation)
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| {
            let value = format!("{}.", value.trim_end_matches('.'));
            RecordSet::values(name, "CNAME", TTL, [value])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::apprunner::domains::Validation;

    #[test]
    fn a_host_name_needs_its_record_and_those_of_its_certificate() {
        let mut domain = Domain {
            name: "web.example.com".to_owned(),
            target: "abc.eu-west-1.awsapprunner.com".to_owned(),
            ..Domain::default()
        };
        let own =
            RecordSet::values("web.example.com", "CNAME", 60, ["abc.eu-west-1.awsapprunner.com.".to_owned()]);
        assert_eq!(records(&domain), std::slice::from_ref(&own));
        domain.validation = vec![Validation {
            name: "_a.web.example.com.".to_owned(),
            kind: "CNAME".to_owned(),
            value: "_b.acm-validations.aws.".to_owned(),
            status: "PENDING_VALIDATION".to_owned(),
        }];
        let other =
            RecordSet::values("_a.web.example.com", "CNAME", 60, ["_b.acm-validations.aws.".to_owned()]);
        assert_eq!(records(&domain), [own, other]);
    }
}
