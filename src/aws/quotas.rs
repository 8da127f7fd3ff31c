//! Service Quotas: what an account may use in a region.

use serde::Deserialize;
use serde_json::json;

use super::query::{self, Api, Protocol};
use super::{Connection, Error};

const API: Api = Api {
    name: "Service Quotas",
    id: "Service Quotas",
    prefix: "servicequotas",
    protocol: Protocol::Json { target: "ServiceQuotasV20190624" },
};

/// The door to Service Quotas.
#[derive(Debug, Clone)]
pub struct Quotas(Connection);

impl Connection {
    /// The door to Service Quotas.
    #[must_use]
    pub fn quotas(&self) -> Quotas {
        Quotas(self.clone())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetServiceQuota {
    quota: Quota,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Quota {
    value: f64,
}

impl Quotas {
    /// The quota `code`, such as `L-3032A538`, of `service`, such as `fargate`, as it is applied to the account in the
    /// region (GetServiceQuota); `None` when there is no such quota.
    ///
    /// # Errors
    /// Whatever the service reports but that it does not exist.
    pub async fn quota(&self, service: &str, code: &str) -> Result<Option<f64>, Error> {
        let input = json!({"ServiceCode": service, "QuotaCode": code});
        match query::json::<GetServiceQuota>(&self.0, API, "GetServiceQuota", &input).await {
            Ok(found) => Ok(Some(found.quota.value)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;

    #[tokio::test(flavor = "current_thread")]
    async fn a_quota_has_a_value_or_is_not_there() {
        let server = testing::answers(vec![
            testing::json(
                200,
                r#"{"Quota": {"ServiceCode": "fargate", "QuotaCode": "L-3032A538", "Value": 6.0}}"#,
            ),
            testing::json_error("NoSuchResourceException", "no"),
        ]);
        let door = server.connection().quotas();
        assert_eq!(door.quota("fargate", "L-3032A538").await, Ok(Some(6.0)));
        assert_eq!(door.quota("fargate", "L-0").await, Ok(None));
        assert_eq!(server.requests()[0].body, r#"{"ServiceCode":"fargate","QuotaCode":"L-3032A538"}"#);
    }
}
