//! The zones an application's names stand in, and the records in them.

use std::time::Instant;

use super::Failure;
use super::names;
use crate::aws::Connection;
use crate::aws::route53::{Change, RecordSet, Route53};
use crate::deploy::Polling;
use crate::facts::partition;
use crate::name::AppName;
use crate::ops::{AwsKind, Error, Result, Session};
use crate::{stack, store};

/// Logical id of the application's zone in the stack of its roles.
const APP_ZONE: &str = "AppHostedZone";

/// A zone that can be written to.
#[derive(Debug, Clone)]
struct Zone {
    name: String,
    id: String,
    door: Route53,
}

/// The zones of an application, as far as they exist.
#[derive(Debug, Clone)]
pub(in crate::ops) struct Zones {
    app: AppName,
    /// The root domain.
    domain: String,
    /// Those with the longest names first.
    zones: Vec<Zone>,
}

impl Zones {
    /// The application's zone and the root zone. An application without a domain has none.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn read(session: &Session, app: &store::App) -> Result<Self> {
        let mut zones = Self { app: app.name.clone(), domain: app.domain.clone(), zones: vec![] };
        if app.domain.is_empty() {
            return Ok(zones);
        }
        let connection = session.aws().await;
        let region = connection.region_name().await?;
        let role = format!(
            "arn:{}:iam::{}:role/{}",
            partition(&region),
            app.account,
            stack::app::dns_role_name(&app.name)
        );
        let door = connection.assume(&role, &region).route53();
        let roles = stack::app::roles_stack_name(&app.name);
        let resources = connection.cloudformation().resources(&roles).await?.unwrap_or_default();
        let own = resources.into_iter().find(|resource| resource.logical_id == APP_ZONE);
        if let Some(own) = own.filter(|own| !own.physical_id.is_empty()) {
            zones.add(names::of_app(&app.name, &app.domain), &own.physical_id, door.clone());
        }
        if !app.domain_hosted_zone_id.is_empty() {
            zones.add(app.domain.clone(), &app.domain_hosted_zone_id, door);
        }
        Ok(zones)
    }

    /// With the zone of an environment, where it has one; `manager` is its manager role.
    #[must_use]
    pub fn with_environment(mut self, name: &str, id: Option<&str>, manager: &Connection) -> Self {
        if let Some(id) = id.filter(|id| !id.is_empty() && !name.is_empty()) {
            self.add(name.to_owned(), id, manager.route53());
        }
        self
    }

    fn add(&mut self, name: String, id: &str, door: Route53) {
        self.zones.push(Zone { name, id: id.to_owned(), door });
        self.zones.sort_by_key(|zone| std::cmp::Reverse(zone.name.len()));
    }

    /// The root domain; empty without one.
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The zone whose records answer for a name: the one with the longest name that the name ends with. The delegation of a
    /// zone (its NS records) stands in the zone above it.
    fn owner(&self, record: &RecordSet) -> Result<&Zone> {
        let owns = |zone: &&Zone| {
            let name = record.name.to_ascii_lowercase();
            let below = name.strip_suffix(&zone.name).is_some_and(|rest| rest.ends_with('.'));
            below || (name == zone.name && record.kind != "NS")
        };
        self.zones.iter().find(owns).ok_or_else(|| {
            let zones = self.zones.iter().map(|zone| zone.name.clone()).collect();
            let name = record.name.clone();
            Error::Domain(Failure::NoOwner { name, app: self.app.clone(), zones })
        })
    }

    /// Those of the records whose names are in one of the zones.
    #[must_use]
    pub fn owned(&self, records: Vec<RecordSet>) -> Vec<RecordSet> {
        records.into_iter().filter(|record| self.owner(record).is_ok()).collect()
    }

    /// Records in the zone of this name that are not the zone's own and not `ours`: the zone can't be deleted while they stand in
    /// it. None where the zone is not the application's, or may not be read.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn others(
        &self,
        name: &str,
        ours: impl Fn(&RecordSet) -> bool + Send,
    ) -> Result<Vec<RecordSet>> {
        let Some(zone) = self.zones.iter().find(|zone| zone.name == name) else { return Ok(vec![]) };
        let mut records = match zone.door.all_records(&zone.id).await {
            Err(error) if matches!(error.kind, AwsKind::AccessDenied(_)) => return Ok(vec![]),
            records => records?,
        };
        let is_own =
            |record: &RecordSet| record.name == zone.name && ["NS", "SOA"].contains(&record.kind.as_str());
        records.retain(|record| !is_own(record) && !ours(record));
        Ok(records)
    }

    /// What each zone must change. `judge` gets a record and what stands at its name.
    async fn changes<'a>(
        &'a self,
        records: &[RecordSet],
        judge: impl Fn(&RecordSet, &[RecordSet]) -> Option<Change>,
    ) -> Result<Vec<(&'a Zone, Vec<Change>)>> {
        let mut changes: Vec<(&Zone, Vec<Change>)> = vec![];
        for record in records {
            let zone = self.owner(record)?;
            let there = zone.door.records(&zone.id, &record.name).await?;
            let Some(change) = judge(record, &there) else { continue };
            match changes.iter_mut().find(|(other, _)| other.id == zone.id) {
                Some((_, changes)) if changes.contains(&change) => {}
                Some((_, changes)) => changes.push(change),
                None => changes.push((zone, vec![change])),
            }
        }
        Ok(changes)
    }

    /// Makes records say what they shall, each in the zone that owns its name. Records that say so already are left alone;
    /// others of the same name and type are replaced, which the user is told.
    ///
    /// # Errors
    /// [`Failure::NoOwner`]; whatever AWS reports.
    pub async fn write(&self, session: &Session, records: &[RecordSet]) -> Result<()> {
        let changes = self
            .changes(records, |record, there| {
                if there.iter().any(|other| other.says_same(record)) {
                    return None;
                }
                if let Some(other) = there.iter().find(|other| other.is_for_same(record)) {
                    session.note(format!(
                        "The {} record of {} said {}; it now says {}.",
                        record.kind,
                        record.name,
                        other.told(),
                        record.told()
                    ));
                }
                Some(Change::Upsert(record.clone()))
            })
            .await?;
        for (zone, changes) in changes {
            zone.carry_out(session, "Write", &changes).await?;
        }
        Ok(())
    }

    /// Removes records that say exactly this; any other of the same name is somebody else's and stays. Records of names that
    /// none of the zones owns any more are gone with their zone.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn remove(&self, session: &Session, records: &[RecordSet]) -> Result<()> {
        self.take(session, records).await.map(drop)
    }

    /// As [`Zones::remove`]; gives the records that were there.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn take(&self, session: &Session, records: &[RecordSet]) -> Result<Vec<RecordSet>> {
        let owned = self.owned(records.to_vec());
        let changes = self
            .changes(&owned, |record, there| {
                there.iter().find(|other| other.says_same(record)).cloned().map(Change::Delete)
            })
            .await?;
        let mut taken = vec![];
        for (zone, changes) in changes {
            match zone.carry_out(session, "Remove", &changes).await {
                // Somebody else was faster.
                Err(Error::Aws(error)) if error.kind == AwsKind::NotFound => continue,
                result => result?,
            }
            taken.extend(changes.into_iter().map(|change| match change {
                Change::Upsert(record) | Change::Delete(record) => record,
            }));
        }
        Ok(taken)
    }
}

impl Zone {
    async fn carry_out(&self, session: &Session, verb: &str, changes: &[Change]) -> Result<()> {
        session.check_interrupt()?;
        let mut names: Vec<&str> = changes
            .iter()
            .map(|change| match change {
                Change::Upsert(record) | Change::Delete(record) => record.name.as_str(),
            })
            .collect();
        names.dedup();
        let title = format!("{verb} the records of {} in the zone {}", names.join(", "), self.name);
        session.work(&title, self.settle(changes, session.inputs.polling)).await?;
        Ok(())
    }

    /// A zone takes one change at a time: others are waited for.
    async fn settle(
        &self,
        changes: &[Change],
        polling: Polling,
    ) -> std::result::Result<(), crate::aws::Error> {
        let start = Instant::now();
        loop {
            match self.door.change(&self.id, changes).await {
                Err(error) if error.kind == AwsKind::Busy && start.elapsed() < polling.patience => {
                    tokio::time::sleep(polling.first).await;
                }
                result => return result,
            }
        }
    }
}
