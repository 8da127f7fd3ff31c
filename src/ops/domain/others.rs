//! Records of others in zones that are to be deleted. Route 53 deletes no zone with records in it, and by the time it says so half of
//! an environment is gone: so they are looked for before anything goes.

use super::environment::Leaving;
use super::{Failure, Zones, names};
use crate::aws::route53::RecordSet;
use crate::ops::{Result, Session};
use crate::store;

/// Refuses to delete an application while records of others stand in its zone. `services`: services may
/// have theirs there, too.
///
/// # Errors
/// [`Failure::Others`]; whatever AWS reports.
pub(in crate::ops) async fn refuse_in_app(
    session: &Session,
    app: &store::App,
    environments: &[store::Environment],
    services: bool,
) -> Result<()> {
    if app.domain.is_empty() {
        return Ok(());
    }
    let zones = Zones::read(session, app).await?;
    let zone = names::of_app(&app.name, &app.domain);
    let delegated: Vec<String> = environments
        .iter()
        .map(|environment| names::of_environment(&app.name, &environment.name, &app.domain))
        .collect();
    let records = zones
        .others(&zone, |record| {
            (services && is_of_service(record)) || (record.kind == "NS" && delegated.contains(&record.name))
        })
        .await?;
    refuse(&zone, &records)
}

impl Leaving<'_> {
    /// Refuses while records of others stand in the environment's zone. `services`: services may have theirs there, too.
    ///
    /// # Errors
    /// [`Failure::Others`]; whatever AWS reports.
    pub async fn refuse_others(&self, services: bool) -> Result<()> {
        let (zone, zones) = self.zones().await?;
        let ours = if services { vec![] } else { self.validating().await? };
        let is_ours = |record: &RecordSet| match services {
            true => is_of_service(record),
            false => ours.iter().any(|own| own.says_same(record)),
        };
        refuse(&zone, &zones.others(&zone, is_ours).await?)
    }
}

/// Whether a service can have such records in a zone: its aliases, and what validates its certificates.
fn is_of_service(record: &RecordSet) -> bool {
    record.is_alias() || (record.kind == "CNAME" && record.told().contains(".acm-validations.aws"))
}

fn refuse(zone: &str, records: &[RecordSet]) -> Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let records = records.iter().map(|record| format!("{} of {}", record.kind, record.name)).collect();
    Err(Failure::Others { zone: zone.to_owned(), records }.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_have_aliases_and_validations() {
        let values = |kind: &str, value: &str| RecordSet::values("a.b", kind, 60, [value.to_owned()]);
        for (record, ours) in [
            (RecordSet::alias("a.b", "lb.amazonaws.com", "Z"), true),
            (values("CNAME", "_x.acm-validations.aws."), true),
            (values("CNAME", "elsewhere.example."), false),
            (values("MX", "10 mail.example."), false),
            (values("A", "192.0.2.1"), false),
        ] {
            assert_eq!(is_of_service(&record), ours, "{record:?}");
        }
    }

    #[test]
    fn a_refusal_names_the_first_records() {
        let records: Vec<RecordSet> =
            (0..7).map(|at| RecordSet::values(&format!("m{at}.b.c"), "TXT", 60, ["x".to_owned()])).collect();
        let refusal = refuse("b.c", &records).unwrap_err().to_string();
        assert!(refusal.contains("zone b.c") && refusal.ends_with("TXT of m4.b.c and 2 more"), "{refusal}");
        assert!(refuse("b.c", &[]).is_ok());
    }
}
