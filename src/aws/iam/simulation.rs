//! What somebody may do, by IAM's own reckoning (SimulatePrincipalPolicy): nothing is called but IAM.

use serde::Deserialize;

use super::{API, Iam, Members, with_marker};
use crate::aws::query::{self, Form};
use crate::aws::{Error, Kind};

/// Whether a principal may do things with a resource.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// ARN of a user or of a role: not of a role's session.
    pub principal: &'a str,
    /// Actions as policies name them, such as `ecr:PutImage`.
    pub actions: &'a [&'a str],
    /// ARN of the resource, or `*`.
    pub resource: &'a str,
    /// Region in which it would be done: policies often name it.
    pub region: &'a str,
}

/// What IAM says of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The action.
    pub action: String,
    /// Whether it is allowed.
    pub decision: Decision,
}

/// Whether something is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is.
    Allowed,
    /// It is not.
    Denied {
        /// A statement refuses it; else none allows it.
        explicit: bool,
        /// The permissions boundary of the principal doesn't allow it.
        boundary: bool,
    },
    /// Policies of the organization refuse it, as far as IAM can tell. With conditions in such policies it can't: what works
    /// is told to be refused (<https://github.com/aws/aws-sdk/issues/102>).
    Organization,
    /// It depends on what only the call itself brings along: these condition keys.
    Conditions(Vec<String>),
}

#[derive(Deserialize)]
struct Simulated {
    #[serde(rename = "SimulatePrincipalPolicyResult")]
    result: SimulatedResult,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SimulatedResult {
    #[serde(default)]
    evaluation_results: Members<Evaluation>,
    marker: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Evaluation {
    eval_action_name: String,
    eval_decision: String,
    #[serde(default)]
    missing_context_values: Members<String>,
    organizations_decision_detail: Option<Organizations>,
    permissions_boundary_decision_detail: Option<Boundary>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Organizations {
    allowed_by_organizations: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Boundary {
    allowed_by_permissions_boundary: bool,
}

impl From<Evaluation> for Answer {
    fn from(found: Evaluation) -> Self {
        let refused_by_organization =
            found.organizations_decision_detail.is_some_and(|detail| !detail.allowed_by_organizations);
        let boundary = found
            .permissions_boundary_decision_detail
            .is_some_and(|detail| !detail.allowed_by_permissions_boundary);
        let decision = match found.eval_decision.as_str() {
            "allowed" => Decision::Allowed,
            _ if refused_by_organization => Decision::Organization,
            _ if !found.missing_context_values.member.is_empty() => {
                Decision::Conditions(found.missing_context_values.member)
            }
            other => Decision::Denied { explicit: other == "explicitDeny", boundary },
        };
        Self { action: found.eval_action_name, decision }
    }
}

impl Iam {
    /// What IAM says of each of the actions (SimulatePrincipalPolicy, all pages); none when it does not know the principal.
    ///
    /// Policies of sessions and of resources do not count, and those of the organization only as far as IAM evaluates them.
    ///
    /// # Errors
    /// Whatever else IAM reports; often that the caller may not ask.
    pub async fn simulate(&self, question: &Question<'_>) -> Result<Option<Vec<Answer>>, Error> {
        let pages = query::pages(|marker| async move {
            let form = Form::default()
                .with("PolicySourceArn", question.principal)
                .list("ActionNames.member", question.actions.iter().copied())
                .list("ResourceArns.member", [question.resource])
                .with("ContextEntries.member.1.ContextKeyName", "aws:RequestedRegion")
                .with("ContextEntries.member.1.ContextKeyType", "string")
                .list("ContextEntries.member.1.ContextKeyValues.member", [question.region])
                .with("MaxItems", "1000");
            let form = with_marker(form, marker);
            let output: Simulated = query::xml(&self.0, API, "SimulatePrincipalPolicy", form).await?;
            let answers = output.result.evaluation_results.member.into_iter().map(Answer::from);
            Ok((answers.collect::<Vec<_>>(), output.result.marker))
        });
        match pages.await {
            Ok(answers) => Ok(Some(answers)),
            Err(Error { kind: Kind::NotFound, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing;

    fn page(results: &str, marker: &str) -> testing::Answer {
        testing::xml(
            200,
            &format!(
                "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults>{results}\
                 </EvaluationResults>{marker}</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
            ),
        )
    }

    fn result(action: &str, decision: &str, more: &str) -> String {
        format!(
            "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>*</EvalResourceName>\
             <EvalDecision>{decision}</EvalDecision><MatchedStatements/>{more}</member>"
        )
    }

    #[tokio::test(flavor = "current_thread")]
    async fn decisions_of_all_pages() {
        let organization = "<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations>\
                            </OrganizationsDecisionDetail>";
        let boundary = "<OrganizationsDecisionDetail><AllowedByOrganizations>true</AllowedByOrganizations>\
                        </OrganizationsDecisionDetail><PermissionsBoundaryDecisionDetail>\
                        <AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary></PermissionsBoundaryDecisionDetail>";
        let missing = "<MissingContextValues><member>aws:ResourceTag/team</member></MissingContextValues>";
        let first = result("ecr:PutImage", "allowed", "")
            + &result("iam:PassRole", "implicitDeny", missing)
            + &result("s3:PutObject", "implicitDeny", "<MissingContextValues/>");
        let second = result("ssm:PutParameter", "explicitDeny", boundary)
            + &result("sts:AssumeRole", "explicitDeny", organization);
        let server = testing::answers(vec![page(&first, "<Marker>m</Marker>"), page(&second, "")]);
        let question = Question {
            principal: "arn:aws:iam::1:user/ci",
            actions: &["ecr:PutImage", "iam:PassRole", "s3:PutObject", "ssm:PutParameter", "sts:AssumeRole"],
            resource: "*",
            region: "eu-west-1",
        };
        let answers = server.connection().iam().simulate(&question).await.unwrap().unwrap();
        let decisions: Vec<Decision> = answers.into_iter().map(|answer| answer.decision).collect();
        assert_eq!(
            decisions,
            [
                Decision::Allowed,
                Decision::Conditions(vec!["aws:ResourceTag/team".into()]),
                Decision::Denied { explicit: false, boundary: false },
                Decision::Denied { explicit: true, boundary: true },
                Decision::Organization,
            ]
        );
        let requests = server.requests();
        assert!(
            requests[0].body.starts_with(
                "Action=SimulatePrincipalPolicy&Version=2010-05-08&PolicySourceArn=arn:aws:iam::1:user/ci&\
                 ActionNames.member.1=ecr:PutImage&"
            ),
            "{}",
            requests[0].body
        );
        assert!(requests[0].body.contains("ContextKeyValues.member.1=eu-west-1"));
        assert!(requests[1].body.ends_with("&Marker=m"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_principal_that_is_not_there() {
        let server = testing::answers(vec![testing::xml_error(404, "NoSuchEntity", "gone")]);
        let question =
            Question { principal: "arn:aws:iam::1:role/r", actions: &["a:B"], resource: "*", region: "r" };
        assert_eq!(server.connection().iam().simulate(&question).await, Ok(None));
    }
}
