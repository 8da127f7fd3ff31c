//! Certificates that wharf requests: found by their names and tags, validated by records in the application's zones.
//!
//! ACM renews a certificate as long as its validation records stand, so they stay as long as the certificate does.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use super::{Failure, Zones};
use crate::aws::Connection;
use crate::aws::acm::{Certificate, Request};
use crate::aws::route53::RecordSet;
use crate::event::Step;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::ops::step::Running;
use crate::ops::{AwsKind, Error, Result, Session};

/// Seconds that answers with validation records are kept.
const TTL: u32 = 60;
/// How long ACM is waited for. It usually takes a minute or two; with name servers that don't answer, for ever.
const LIMIT: Duration = Duration::from_secs(30 * 60);

/// A certificate that is wanted.
#[derive(Debug, Clone)]
pub(in crate::ops) struct Wanted<'a> {
    /// The account and region it is for: CloudFront takes certificates of us-east-1 alone.
    pub at: &'a Connection,
    /// Its names, the main one first; never empty.
    pub names: Vec<String>,
    /// Its tags ([`tags`]): certificates with the same ones and the same main name are taken for it.
    pub tags: BTreeMap<String, String>,
    /// ARN of the one in use; empty for none. It is kept while it covers the names, whoever has made it.
    pub deployed: &'a str,
}

/// Tags of a certificate of an environment, or of one of its services.
pub(in crate::ops) fn tags(
    app: &AppName,
    env: &EnvName,
    workload: Option<&WorkloadName>,
) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::from([
        ("copilot-application".to_owned(), app.to_string()),
        ("copilot-environment".to_owned(), env.to_string()),
    ]);
    tags.extend(workload.map(|name| ("copilot-service".to_owned(), name.to_string())));
    tags
}

/// Gives the ARN of a certificate that covers all names and is in force: the one in use, one found by its tags, or a new one,
/// which is validated and waited for.
///
/// # Errors
/// [`Failure::NoOwner`], [`Failure::Refused`], [`Failure::Pending`]; whatever AWS reports.
pub(in crate::ops) async fn ensure(session: &Session, zones: &Zones, wanted: &Wanted<'_>) -> Result<String> {
    let acm = wanted.at.acm();
    let mut found = None;
    if !wanted.deployed.is_empty()
        && let Some(deployed) = acm.certificate(wanted.deployed).await?
        && deployed.covers(&wanted.names)
    {
        if deployed.status == ISSUED {
            return Ok(deployed.arn);
        }
        found = Some(deployed).filter(is_alive);
    }
    if found.is_none() {
        let main = wanted.names.first().map(String::as_str).unwrap_or_default();
        let mut own = tagged(wanted.at, |tags| *tags == wanted.tags, |domain| domain == main).await?;
        own.retain(|it| is_alive(it) && it.requested && it.covers(&wanted.names));
        own.sort_by_key(|it| it.status != ISSUED);
        found = own.into_iter().next();
    }
    if let Some(issued) = found.as_ref().filter(|it| it.status == ISSUED) {
        return Ok(issued.arn.clone());
    }
    session.check_interrupt()?;
    let region = wanted.at.region_name().await?;
    let main = wanted.names.first().cloned().unwrap_or_default();
    let title = format!("Certificate of {main} in {region}");
    let step = session.step(&title, Step::Work, &title);
    let arn = match found {
        Some(pending) => pending.arn,
        None => {
            let token = uuid::Uuid::new_v4().simple().to_string();
            let request = Request { names: &wanted.names, token: &token, tags: &wanted.tags };
            step.run(acm.request(&request)).await?
        }
    };
    let result = validate(session, zones, wanted, (&arn, &main, &region), &step).await;
    match &result {
        Ok(()) => step.done(""),
        Err(error) => step.failed(&error.to_string()),
    }
    result.map(|()| arn)
}

const ISSUED: &str = "ISSUED";
const PENDING: &str = "PENDING_VALIDATION";

fn is_alive(certificate: &Certificate) -> bool {
    matches!(certificate.status.as_str(), ISSUED | PENDING)
}

/// Writes the records that ACM wants to see and waits until it has.
async fn validate(
    session: &Session,
    zones: &Zones,
    wanted: &Wanted<'_>,
    (arn, main, region): (&str, &str, &str),
    step: &Running,
) -> Result<()> {
    let (name, region) = (main.to_owned(), region.to_owned());
    let acm = wanted.at.acm();
    let mut written = BTreeSet::new();
    let start = Instant::now();
    let mut endurance = session.endurance();
    let what = format!("The validation of {name}");
    loop {
        let asked = session.ask(&mut endurance, wanted.at, &what, || acm.certificate(arn)).await?;
        let Some(now) = asked else {
            let reason = "it is gone".to_owned();
            return Err(Failure::Refused { name, region, reason }.into());
        };
        let pending: Vec<String> = now
            .validations
            .iter()
            .filter(|validation| validation.status != "SUCCESS")
            .map(|validation| validation.name.clone())
            .collect();
        match now.status.as_str() {
            ISSUED => return Ok(()),
            PENDING => {}
            status => {
                let reason = if now.failure.is_empty() {
                    status.to_owned()
                } else {
                    format!("{status}, {}", now.failure)
                };
                // A certificate that failed never becomes a good one.
                acm.delete(arn).await?;
                return Err(Failure::Refused { name, region, reason }.into());
            }
        }
        let records: Vec<RecordSet> =
            validation_records(&now).into_iter().filter(|record| !written.contains(&record.name)).collect();
        zones.write(session, &records).await?;
        written.extend(records.into_iter().map(|record| record.name));
        let total = now.validations.len();
        let done = total - pending.len();
        let message = match pending.first() {
            Some(first) if !written.is_empty() => format!("waiting until ACM sees the record of {first}"),
            _ => "waiting for ACM to name the records".to_owned(),
        };
        step.progress(done as u64, total as u64, &message);
        if start.elapsed() > LIMIT {
            let domain = zones.domain().to_owned();
            return Err(Failure::Pending { name, region, pending, domain }.into());
        }
        session.check_interrupt()?;
        tokio::time::sleep(session.inputs.polling.first).await;
    }
}

/// The records by which a certificate is validated, each once: a name and its wildcard share one.
fn validation_records(certificate: &Certificate) -> Vec<RecordSet> {
    let mut records: Vec<RecordSet> = vec![];
    for (name, value) in certificate.validations.iter().filter_map(|validation| validation.record.as_ref()) {
        let record = RecordSet::values(name, "CNAME", TTL, [value.clone()]);
        if !records.iter().any(|other| other.is_for_same(&record)) {
            records.push(record);
        }
    }
    records
}

/// Certificates whose tags with Copilot's keys and whose main name are as wanted.
async fn tagged(
    at: &Connection,
    are_wanted: impl Fn(&BTreeMap<String, String>) -> bool,
    is_wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Certificate>> {
    let acm = at.acm();
    let mut found = vec![];
    for summary in acm.certificates().await?.into_iter().filter(|summary| is_wanted(&summary.domain)) {
        let mut own = acm.tags(&summary.arn).await?;
        own.retain(|key, _| key.starts_with("copilot-"));
        if are_wanted(&own) {
            found.extend(acm.certificate(&summary.arn).await?);
        }
    }
    Ok(found)
}

/// What is to be removed, and where: an environment's certificates, or those of one of its services.
pub(in crate::ops) struct Owned<'a> {
    /// The regions they are looked for in, in the account they are in.
    pub places: &'a [Connection],
    /// Regions of the same account in which other certificates may need the same records: ACM wants the same record for the
    /// same name in all regions of an account.
    pub neighbours: &'a [Connection],
    /// Their tags.
    pub tags: BTreeMap<String, String>,
    /// Whether those with further tags of Copilot's keys are meant, too: with an environment go the certificates of its
    /// services. Else one of a service is none of the environment's.
    pub deep: bool,
}

impl Owned<'_> {
    fn has(&self, tags: &BTreeMap<String, String>) -> bool {
        let all = self.tags.iter().all(|(key, value)| tags.get(key) == Some(value));
        all && (self.deep || tags.len() == self.tags.len())
    }

    /// The certificates with the tags and a main name below the application's domain, requested from ACM.
    async fn all(&self, zones: &Zones) -> Result<Vec<(&Connection, Certificate)>> {
        let suffix = format!(".{}", zones.domain());
        let mut all = vec![];
        for at in self.places {
            let found = match tagged(
                at,
                |tags| self.has(tags),
                |domain| domain.ends_with(&suffix) || domain == zones.domain(),
            )
            .await
            {
                // A manager role that never might ask for certificates has none.
                Err(Error::Aws(error)) if matches!(error.kind, AwsKind::AccessDenied(_)) => continue,
                found => found?,
            };
            all.extend(found.into_iter().filter(|it| it.requested).map(|it| (at, it)));
        }
        Ok(all)
    }

    /// Records that validate these certificates and no other of the account.
    async fn records(&self, gone: &[(&Connection, Certificate)]) -> Result<Vec<RecordSet>> {
        let mut records: Vec<RecordSet> = gone.iter().flat_map(|(_, it)| validation_records(it)).collect();
        let names: Vec<String> = gone.iter().flat_map(|(_, it)| it.names.clone()).collect();
        if records.is_empty() {
            return Ok(records);
        }
        for at in self.neighbours {
            for summary in at.acm().certificates().await? {
                if gone.iter().any(|(_, it)| it.arn == summary.arn) || !summary.has_any(&names) {
                    continue;
                }
                let Some(other) = at.acm().certificate(&summary.arn).await? else { continue };
                let needed = validation_records(&other);
                records.retain(|record| !needed.iter().any(|other| other.is_for_same(record)));
            }
        }
        Ok(records)
    }

    /// The records that go with the certificates.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn validating(&self, zones: &Zones) -> Result<Vec<RecordSet>> {
        self.records(&self.all(zones).await?).await
    }

    /// Removes the certificates but those in `keep` and those in use, with the records that validated them.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn remove(&self, session: &Session, zones: &Zones, keep: &[String]) -> Result<()> {
        let mut gone = self.all(zones).await?;
        gone.retain(|(_, it)| !keep.contains(&it.arn) && it.in_use_by.is_empty());
        zones.remove(session, &self.records(&gone).await?).await?;
        for (at, certificate) in gone {
            let name = certificate.names.first().cloned().unwrap_or_default();
            let title = format!("Delete the certificate of {name} in {}", at.region_name().await?);
            match session.work(&title, at.acm().delete(&certificate.arn)).await {
                // Something has begun to use it.
                Err(error) if error.kind == AwsKind::Busy => {}
                result => result?,
            }
        }
        Ok(())
    }

    /// Removes the records that validate the certificates, which would keep a zone from being deleted. The certificates go
    /// with [`Owned::remove`] once nothing uses them.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn remove_records(&self, session: &Session, zones: &Zones) -> Result<()> {
        zones.remove(session, &self.validating(zones).await?).await
    }

    /// Main names and regions of the certificates, for people.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn told(&self, zones: &Zones) -> Result<Vec<String>> {
        let mut told = vec![];
        for (at, certificate) in self.all(zones).await? {
            let name = certificate.names.first().cloned().unwrap_or_default();
            told.push(format!("certificate of {name} in {}", at.region_name().await?));
        }
        Ok(told)
    }
}

/// Writes the validation records of a certificate that wharf or Copilot requested again where they are gone: without them it is
/// not renewed. One that was imported has none.
///
/// # Errors
/// Whatever AWS reports.
pub(in crate::ops) async fn keep_renewable(
    session: &Session,
    zones: &Zones,
    at: &Connection,
    arn: &str,
) -> Result<()> {
    match at.acm().certificate(arn).await? {
        Some(certificate) if certificate.requested => {
            zones.write(session, &zones.owned(validation_records(&certificate))).await
        }
        _ => Ok(()),
    }
}
