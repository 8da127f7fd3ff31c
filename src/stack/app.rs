//! The stack of an application's roles: those of its StackSet, the one that writes into its zone, and the zone.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::render::{RenderError, render};
use super::{Stack, TEMPLATE_VERSION, document};
use crate::facts::App;
use crate::name::AppName;

/// The domain of an application.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Domain {
    /// The domain, such as `example.com`.
    pub name: String,
    /// Id of its Route 53 zone in the application's account.
    pub hosted_zone_id: String,
    /// 12-digit accounts, besides the application's, whose environments have names below the domain.
    pub accounts: Vec<String>,
}

#[derive(Debug, Serialize)]
struct View {
    version: &'static str,
    permissions_boundary: Option<Value>,
}

/// Name of the stack of an application's roles.
#[must_use]
pub fn roles_stack_name(app: &AppName) -> String {
    format!("{app}-infrastructure-roles")
}

/// Name of the role with which CloudFormation administers the application's StackSet.
#[must_use]
pub fn admin_role_name(app: &AppName) -> String {
    format!("{app}-adminrole")
}

/// Name of the role with which CloudFormation makes the resources of the application's StackSet.
#[must_use]
pub fn execution_role_name(app: &AppName) -> String {
    format!("{app}-executionrole")
}

/// Name of the role that writes into the application's zone.
#[must_use]
pub fn dns_role_name(app: &AppName) -> String {
    format!("{app}-DNSDelegationRole")
}

/// The stack of an application's roles, with its zone when it has a domain.
///
/// `deployed`: the template of the deployed stack, if there is one. Names by which CloudFormation tells records and
/// zones apart stay as they are there: in another spelling the same name would be made anew, which Route 53 refuses.
///
/// # Errors
/// [`RenderError`]: a fault in a built-in template, never in the input.
pub fn roles(app: &App, domain: Option<&Domain>, deployed: Option<&Value>) -> Result<Stack, RenderError> {
    let view = View { version: TEMPLATE_VERSION, permissions_boundary: document::permissions_boundary(app) };
    let mut template = render("app/roles.yml", &view)?;
    if let Some(deployed) = deployed {
        keep(&mut template, deployed, "AppHostedZone", &["Name"]);
        keep(
            &mut template,
            deployed,
            "AppDomainDelegationRecordSet",
            &["HostedZoneId", "HostedZoneName", "Name", "Type"],
        );
    }
    // The application's account comes last.
    let accounts = domain.into_iter().flat_map(|domain| &domain.accounts).filter(|id| **id != app.account);
    let mut accounts: Vec<&str> = accounts.map(String::as_str).collect();
    accounts.push(&app.account);
    let parameters = [
        ("AdminRoleName", admin_role_name(&app.name)),
        ("ExecutionRoleName", execution_role_name(&app.name)),
        ("DNSDelegationRoleName", dns_role_name(&app.name)),
        ("AppDNSDelegatedAccounts", accounts.join(",")),
        ("AppDomainName", domain.map(|domain| domain.name.clone()).unwrap_or_default()),
        ("AppDomainHostedZoneID", domain.map(|domain| domain.hosted_zone_id.clone()).unwrap_or_default()),
        ("AppName", app.name.to_string()),
    ];
    Ok(Stack {
        name: roles_stack_name(&app.name),
        template,
        parameters: parameters
            .map(|(name, value)| (name.to_owned(), value))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        tags: document::tags(app, None, None),
    })
}

/// Takes properties of a resource over from the deployed template, as they are or are not there.
fn keep(template: &mut Value, deployed: &Value, id: &str, names: &[&str]) {
    let Some(old) = deployed["Resources"][id]["Properties"].as_object() else { return };
    let Some(new) = template["Resources"][id]["Properties"].as_object_mut() else { return };
    for name in names {
        match old.get(*name) {
            Some(value) => {
                new.insert((*name).to_owned(), value.clone());
            }
            None => {
                new.shift_remove(*name);
            }
        }
    }
}

/// Accounts that the deployed stack's parameters let write into the application's zone, without the application's own.
#[must_use]
pub fn delegated_accounts(parameters: &BTreeMap<String, String>, app: &App) -> Vec<String> {
    let text = parameters.get("AppDNSDelegatedAccounts").map_or("", String::as_str);
    let accounts = text.split(',').map(str::trim).filter(|id| !id.is_empty() && *id != app.account);
    accounts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Facts;
    use crate::name::EnvName;
    use serde_json::json;

    fn app() -> App {
        let mut app = Facts::new(AppName::new("demo").unwrap(), EnvName::new("test").unwrap()).app;
        app.account = "111122223333".to_owned();
        app
    }

    fn domain(accounts: &[&str]) -> Domain {
        Domain {
            name: "example.com".to_owned(),
            hosted_zone_id: "Z01".to_owned(),
            accounts: accounts.iter().map(|id| (*id).to_owned()).collect(),
        }
    }

    #[test]
    fn the_applications_account_comes_last() {
        let stack = roles(&app(), Some(&domain(&["111122223333", "444455556666"])), None).unwrap();
        assert_eq!(stack.parameters["AppDNSDelegatedAccounts"], "444455556666,111122223333");
        assert_eq!(delegated_accounts(&stack.parameters, &app()), ["444455556666"]);
        let stack = roles(&app(), None, None).unwrap();
        assert_eq!(stack.parameters["AppDNSDelegatedAccounts"], "111122223333");
        assert_eq!(stack.parameters["AppDomainName"], "");
    }

    #[test]
    fn names_of_a_deployed_zone_stay_as_they_are_spelt() {
        let deployed = json!({"Resources": {"AppDomainDelegationRecordSet": {"Properties": {
            "HostedZoneName": {"Fn::Sub": "${AppDomainName}."}, "Name": {"Fn::Sub": "${AppName}.${AppDomainName}."},
            "Type": "NS", "TTL": "60"}}}});
        let template = roles(&app(), Some(&domain(&[])), Some(&deployed)).unwrap().template;
        let record = &template["Resources"]["AppDomainDelegationRecordSet"]["Properties"];
        assert_eq!(record["Name"], json!({"Fn::Sub": "${AppName}.${AppDomainName}."}));
        assert_eq!(record["HostedZoneName"], json!({"Fn::Sub": "${AppDomainName}."}));
        assert_eq!(record.get("HostedZoneId"), None);
        assert_eq!(record["TTL"], "900");
        assert_eq!(
            template["Resources"]["AppHostedZone"]["Properties"]["Name"],
            json!({"Fn::Sub": "${AppName}.${AppDomainName}"})
        );
    }
}
