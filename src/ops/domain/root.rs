//! The domain of a new application: its zone in the application's account, and which accounts may write into it.

use super::{Failure, names};
use crate::aws::Connection;
use crate::name::AppName;
use crate::ops::stacks::{self, Target};
use crate::ops::{AwsKind, Result, Session};
use crate::stack::app as roles;
use crate::{facts, store};

/// Parameter of the roles' stack with the accounts that may write into the application's zone.
const ACCOUNTS: &str = "AppDNSDelegatedAccounts";

/// The hosted zone of a domain that a new application shall have. `begun`: making the application was stopped before, so that
/// its own records may stand in the zone already.
///
/// # Errors
/// [`Failure::NoDomain`], [`Failure::NoZone`]; [`Failure::Taken`] when records stand where the application's zone would be
/// pointed to; whatever AWS reports.
pub(in crate::ops) async fn find(
    session: &Session,
    app: &AppName,
    domain: &str,
    begun: bool,
) -> Result<String> {
    if !names::is_domain(domain) {
        return Err(Failure::NoDomain(domain.to_owned()).into());
    }
    let connection = session.aws().await;
    let route53 = connection.route53();
    let mut zones = route53.zones(domain).await?;
    zones.retain(|zone| !zone.private);
    // Whoever may not ask the registrar learns less, that is all.
    let registered = match route53.registered(domain).await {
        Ok(registered) => registered,
        Err(error) if matches!(error.kind, AwsKind::NoCredentials) => return Err(error.into()),
        Err(_) => None,
    };
    let mut chosen = None;
    for zone in &zones {
        let servers = route53.name_servers(&zone.id).await?.unwrap_or_default();
        let answers = registered.as_ref().is_none_or(|registered| *registered == servers);
        if chosen.is_none() || answers {
            chosen = Some((zone, answers));
        }
        if answers {
            break;
        }
    }
    let Some((zone, answers)) = chosen else {
        return Err(Failure::NoZone { domain: domain.to_owned(), registered: registered.is_some() }.into());
    };
    if registered.is_none() && zones.len() > 1 {
        let ids: Vec<&str> = zones.iter().map(|zone| zone.id.as_str()).collect();
        session.warn(format!(
            "There are {} public hosted zones of {domain} ({}); names will be written into {}. If the domain's name servers are \
             those of another one, they are not found: then delete the zone that nobody asks and make the application again.",
            ids.len(),
            ids.join(", "),
            zone.id
        ));
    }
    if !answers {
        session.warn(format!(
            "The name servers of the registered domain {domain} are not those of its hosted zone {}: names in it are not \
             found, and certificates are not validated, until they are.",
            zone.id
        ));
    }
    let own = names::of_app(app, domain);
    let there = route53.records(&zone.id, &own).await?;
    if let Some(other) = there.first().filter(|_| !begun) {
        return Err(Failure::Taken { zone: domain.to_owned(), name: own, told: other.told() }.into());
    }
    Ok(zone.id.clone())
}

/// The domain that the roles' stack is made with; `None` for an application without one.
#[must_use]
pub(in crate::ops) fn of_record(app: &store::App, accounts: Vec<String>) -> Option<roles::Domain> {
    (!app.domain.is_empty()).then(|| roles::Domain {
        name: app.domain.clone(),
        hosted_zone_id: app.domain_hosted_zone_id.clone(),
        accounts,
    })
}

/// Lets an account write into the application's zone, or no more. The stack's template, tags and other parameters stay.
///
/// # Errors
/// Whatever AWS reports.
pub(in crate::ops) async fn delegate(
    session: &Session,
    connection: &Connection,
    app: &store::App,
    account: &str,
    may: bool,
) -> Result<()> {
    if app.domain.is_empty() || account == app.account {
        return Ok(());
    }
    let verb = if may { "for" } else { "without" };
    let title = format!("roles of the application {} ({verb} account {account})", app.name);
    let facts = facts::App::from(app);
    let name = roles::roles_stack_name(&app.name);
    stacks::change_parameters(session, connection, &name, &Target::new(&title), &|deployed| {
        let mut accounts = roles::delegated_accounts(deployed, &facts);
        accounts.retain(|other| other != account);
        if may {
            accounts.push(account.to_owned());
        }
        // The application's own account comes last.
        accounts.push(app.account.clone());
        [(ACCOUNTS.to_owned(), accounts.join(","))].into()
    })
    .await?;
    Ok(())
}
