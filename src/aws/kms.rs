//! KMS: whether a key can be used.

use serde::Deserialize;
use serde_json::json;

use super::query::{self, Api, Protocol};
use super::{Connection, Error};

const API: Api =
    Api { name: "KMS", id: "KMS", prefix: "kms", protocol: Protocol::Json { target: "TrentService" } };

/// The door to KMS.
#[derive(Debug, Clone)]
pub struct Kms(Connection);

impl Connection {
    /// The door to KMS.
    #[must_use]
    pub fn kms(&self) -> Kms {
        Kms(self.clone())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeKey {
    key_metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    #[serde(default)]
    key_state: String,
}

impl Kms {
    /// State of the key with this id, ARN or alias (DescribeKey): `Enabled`, `Disabled`, `PendingDeletion`,
    /// `PendingImport`, `Unavailable` …; `None` when there is none.
    ///
    /// # Errors
    /// Whatever KMS reports but that it does not exist.
    pub async fn state(&self, key: &str) -> Result<Option<String>, Error> {
        match query::json::<DescribeKey>(&self.0, API, "DescribeKey", &json!({"KeyId": key})).await {
            Ok(found) => Ok(Some(found.key_metadata.key_state)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;

    #[tokio::test(flavor = "current_thread")]
    async fn a_key_has_a_state_or_is_not_there() {
        let server = testing::answers(vec![
            testing::json(200, r#"{"KeyMetadata": {"KeyId": "k", "KeyState": "Disabled"}}"#),
            testing::json_error("NotFoundException", "no"),
        ]);
        let door = server.connection().kms();
        assert_eq!(door.state("alias/own").await.unwrap().as_deref(), Some("Disabled"));
        assert_eq!(door.state("other").await, Ok(None));
        assert!(server.requests()[0].body.contains(r#""KeyId":"alias/own""#));
    }
}
