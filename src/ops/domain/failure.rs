//! Why names and certificates can't be had: facts, without advice.

use crate::name::AppName;

/// Why a name or a certificate can't be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A text that is no domain.
    #[error("{0:?} is no domain")]
    NoDomain(String),
    /// The account has no public hosted zone of the domain.
    #[error("there is no public hosted zone of {domain} in this account")]
    NoZone {
        /// The domain.
        domain: String,
        /// Whether the domain is registered in this account.
        registered: bool,
    },
    /// Somebody else's records stand where the application's would.
    #[error("the zone {zone} has records of {name} already ({told})")]
    Taken {
        /// The zone.
        zone: String,
        /// The name.
        name: String,
        /// What the records say.
        told: String,
    },
    /// None of the application's zones is the name's.
    #[error("{name} belongs to none of the zones of {app}: {}", zones.join(", "))]
    NoOwner {
        /// The name.
        name: String,
        /// The application.
        app: AppName,
        /// Its zones.
        zones: Vec<String>,
    },
    /// Records of others stand in a zone that is to be deleted. Nothing was changed.
    #[error(
        "the zone {zone} can't be deleted with records in it that wharf did not write: {}",
        shown(records)
    )]
    Others {
        /// The zone.
        zone: String,
        /// The records, `MX of mail.example.com` each.
        records: Vec<String>,
    },
    /// ACM did not issue a certificate.
    #[error("the certificate of {name} in {region} was not issued: {reason}")]
    Refused {
        /// Its main name.
        name: String,
        /// Its region.
        region: String,
        /// ACM's reason.
        reason: String,
    },
    /// ACM has not seen the records it waits for.
    #[error("the certificate of {name} in {region} is still not validated: {}", pending.join(", "))]
    Pending {
        /// Its main name.
        name: String,
        /// Its region.
        region: String,
        /// Names that are not validated.
        pending: Vec<String>,
        /// The root zone.
        domain: String,
    },
}

/// The first of the records, and how many more there are.
fn shown(records: &[String]) -> String {
    const MOST: usize = 5;
    let mut text = records.iter().take(MOST).cloned().collect::<Vec<_>>().join(", ");
    if records.len() > MOST {
        text.push_str(&format!(" and {} more", records.len() - MOST));
    }
    text
}
