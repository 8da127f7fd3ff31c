//! IAM: roles left behind, the service-linked role of ECS, policy names, and what a principal may do ([`simulation`]).

pub mod simulation;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::gone;
use super::query::{self, Api, Form, Protocol};
use super::{Connection, Error, Kind};

const API: Api =
    Api { name: "IAM", id: "IAM", prefix: "iam", protocol: Protocol::Query { version: "2010-05-08" } };

/// The door to IAM.
#[derive(Debug, Clone)]
pub struct Iam(Connection);

impl Connection {
    /// The door to IAM.
    #[must_use]
    pub fn iam(&self) -> Iam {
        Iam(self.clone())
    }
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct GetRole {
    #[serde(rename = "GetRoleResult")]
    result: GetRoleResult,
}

#[derive(Deserialize)]
struct GetRoleResult {
    #[serde(rename = "Role")]
    role: WireRole,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireRole {
    role_name: String,
    arn: String,
    #[serde(default)]
    tags: Members<WireTag>,
}

#[derive(Deserialize)]
struct Members<T> {
    #[serde(default = "Vec::new")]
    member: Vec<T>,
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self { member: vec![] }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireTag {
    key: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
struct ListRolePolicies {
    #[serde(rename = "ListRolePoliciesResult")]
    result: ListRolePoliciesResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListRolePoliciesResult {
    #[serde(default)]
    policy_names: Members<String>,
    marker: Option<String>,
}

#[derive(Deserialize)]
struct ListAttached {
    #[serde(rename = "ListAttachedRolePoliciesResult")]
    result: ListAttachedResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListAttachedResult {
    #[serde(default)]
    attached_policies: Members<WireAttached>,
    marker: Option<String>,
}

#[derive(Deserialize)]
struct WireAttached {
    #[serde(rename = "PolicyArn")]
    arn: String,
}

#[derive(Deserialize)]
struct ListPolicies {
    #[serde(rename = "ListPoliciesResult")]
    result: ListPoliciesResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListPoliciesResult {
    #[serde(default)]
    policies: Members<WirePolicy>,
    marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WirePolicy {
    policy_name: String,
}

#[derive(Deserialize)]
struct Nothing {}

fn with_marker(form: Form, marker: Option<String>) -> Form {
    match marker {
        Some(marker) => form.with("Marker", &marker),
        None => form,
    }
}

impl Iam {
    /// The role `name` with its tags (GetRole); `None` when it does not exist.
    ///
    /// # Errors
    /// Whatever IAM reports but that it does not exist.
    pub async fn role(&self, name: &str) -> Result<Option<Role>, Error> {
        match query::xml::<GetRole>(&self.0, API, "GetRole", Form::default().with("RoleName", name)).await {
            Ok(GetRole { result: GetRoleResult { role } }) => Ok(Some(Role {
                name: role.role_name,
                arn: role.arn,
                tags: role.tags.member.into_iter().map(|tag| (tag.key, tag.value)).collect(),
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes the role `name` with its inline policies, after taking its managed policies off (ListRolePolicies,
    /// DeleteRolePolicy, ListAttachedRolePolicies, DetachRolePolicy, DeleteRole). That it does not exist is no failure.
    ///
    /// # Errors
    /// Whatever else IAM reports, such as a role still in use by an instance profile.
    pub async fn delete_role(&self, name: &str) -> Result<(), Error> {
        gone(self.try_delete_role(name).await)
    }

    async fn try_delete_role(&self, name: &str) -> Result<(), Error> {
        let role = || Form::default().with("RoleName", name);
        let inline = query::pages(|marker| async move {
            let form = with_marker(Form::default().with("RoleName", name), marker);
            let output: ListRolePolicies = query::xml(&self.0, API, "ListRolePolicies", form).await?;
            Ok((output.result.policy_names.member, output.result.marker))
        })
        .await?;
        for policy in inline {
            let form = role().with("PolicyName", &policy);
            query::xml::<Nothing>(&self.0, API, "DeleteRolePolicy", form).await?;
        }
        let attached = match self.attached(name).await {
            // Environment manager roles may remove themselves but not look at managed policies, of which they have none.
            Err(Error { kind: Kind::AccessDenied { .. }, .. }) => vec![],
            other => other?,
        };
        for arn in attached {
            query::xml::<Nothing>(&self.0, API, "DetachRolePolicy", role().with("PolicyArn", &arn)).await?;
        }
        query::xml::<Nothing>(&self.0, API, "DeleteRole", role()).await?;
        Ok(())
    }

    async fn attached(&self, role: &str) -> Result<Vec<String>, Error> {
        query::pages(|marker| async move {
            let form = with_marker(Form::default().with("RoleName", role), marker);
            let output: ListAttached = query::xml(&self.0, API, "ListAttachedRolePolicies", form).await?;
            let arns = output.result.attached_policies.member.into_iter().map(|policy| policy.arn);
            Ok((arns.collect(), output.result.marker))
        })
        .await
    }

    /// Makes the service-linked role of ECS, which an account has once (CreateServiceLinkedRole). That it exists is no
    /// failure.
    ///
    /// # Errors
    /// Whatever else IAM reports.
    pub async fn create_ecs_service_linked_role(&self) -> Result<(), Error> {
        let form = Form::default().with("AWSServiceName", "ecs.amazonaws.com");
        match query::xml::<Nothing>(&self.0, API, "CreateServiceLinkedRole", form).await {
            Ok(_) => Ok(()),
            Err(error) if error.kind == Kind::AlreadyExists => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Names of all managed policies, the account's own and AWS's, sorted (ListPolicies, all pages).
    ///
    /// # Errors
    /// Whatever IAM reports.
    pub async fn policy_names(&self) -> Result<Vec<String>, Error> {
        let mut names = query::pages(|marker| async move {
            let form = with_marker(Form::default().with("Scope", "All").with("MaxItems", "1000"), marker);
            let output: ListPolicies = query::xml(&self.0, API, "ListPolicies", form).await?;
            let names = output.result.policies.member.into_iter().map(|policy| policy.policy_name);
            Ok((names.collect(), output.result.marker))
        })
        .await?;
        names.sort();
        Ok(names)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;

    #[tokio::test(flavor = "current_thread")]
    async fn a_role_comes_with_its_tags() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<GetRoleResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><GetRoleResult><Role><Path>/</Path>\
             <RoleName>shop-test-EnvManagerRole</RoleName><Arn>arn:aws:iam::1:role/shop-test-EnvManagerRole</Arn><Tags>\
             <member><Key>copilot-environment</Key><Value>test</Value></member></Tags></Role></GetRoleResult>\
             <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetRoleResponse>",
        )]);
        let role = server.connection().iam().role("shop-test-EnvManagerRole").await.unwrap().unwrap();
        assert_eq!(role.arn, "arn:aws:iam::1:role/shop-test-EnvManagerRole");
        assert_eq!(role.tags["copilot-environment"], "test");
        assert_eq!(
            server.requests()[0].body,
            "Action=GetRole&Version=2010-05-08&RoleName=shop-test-EnvManagerRole"
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_role_goes_with_its_policies() {
        let server = testing::server(|request| match request.action.as_str() {
            "ListRolePolicies" => testing::xml(
                200,
                "<ListRolePoliciesResponse><ListRolePoliciesResult><PolicyNames><member>root</member></PolicyNames>\
                 <IsTruncated>false</IsTruncated></ListRolePoliciesResult></ListRolePoliciesResponse>",
            ),
            "ListAttachedRolePolicies" => {
                testing::xml_error(403, "AccessDenied", "User: x is not authorized")
            }
            _ => testing::xml(200, "<R><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></R>"),
        });
        server.connection().iam().delete_role("r").await.unwrap();
        assert_eq!(
            server.actions(),
            ["ListRolePolicies", "DeleteRolePolicy", "ListAttachedRolePolicies", "DeleteRole"]
        );
        let gone = testing::answers(vec![testing::xml_error(404, "NoSuchEntity", "gone")]);
        gone.connection().iam().delete_role("r").await.unwrap();
        assert_eq!(gone.connection().iam().role("r").await, Ok(None));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_existing_service_linked_role_is_fine() {
        let server = testing::answers(vec![testing::xml_error(
            400,
            "InvalidInput",
            "Service role name AWSServiceRoleForECS has been taken in this account, please try a different suffix.",
        )]);
        server.connection().iam().create_ecs_service_linked_role().await.unwrap();
    }

    #[tokio::test(flavor = "current_thread")]
    async fn policy_names_of_all_pages() {
        let page = |name: &str, marker: &str| {
            testing::xml(
                200,
                &format!(
                    "<ListPoliciesResponse><ListPoliciesResult><IsTruncated>true</IsTruncated>{marker}<Policies><member>\
                     <PolicyName>{name}</PolicyName></member></Policies></ListPoliciesResult></ListPoliciesResponse>"
                ),
            )
        };
        let server = testing::answers(vec![page("b", "<Marker>m</Marker>"), page("a", "")]);
        assert_eq!(server.connection().iam().policy_names().await.unwrap(), ["a", "b"]);
    }
}
