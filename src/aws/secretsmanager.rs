//! Secrets Manager: the tokens with which pipelines read GitHub, and what is known of the secrets of services.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::error::gone;
use super::query::{self, Api, Protocol};
use super::{Connection, Error};
use crate::secret::Secret;

const API: Api = Api {
    name: "Secrets Manager",
    id: "Secrets Manager",
    prefix: "secretsmanager",
    protocol: Protocol::Json { target: "secretsmanager" },
};

/// The door to Secrets Manager.
#[derive(Debug, Clone)]
pub struct SecretsManager(Connection);

impl Connection {
    /// The door to Secrets Manager.
    #[must_use]
    pub fn secretsmanager(&self) -> SecretsManager {
        SecretsManager(self.clone())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeSecret {
    #[serde(default)]
    tags: Vec<Tag>,
    #[serde(default)]
    kms_key_id: String,
    deleted_date: Option<serde_json::Value>,
    #[serde(default)]
    version_ids_to_stages: BTreeMap<String, Vec<String>>,
}

/// What is known of a secret without its value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Described {
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// The key that encrypts it: a key's id, ARN or alias; empty for the account's default key.
    pub key: String,
    /// Whether it is on its way to be deleted: nobody can read it any more.
    pub deleted: bool,
    /// Its versions with their stages, such as `AWSCURRENT`; empty while it has no value.
    pub versions: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Tag {
    key: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
struct Nothing {}

impl SecretsManager {
    /// The tags of the secret `name` (DescribeSecret), never its value; `None` when there is none.
    ///
    /// # Errors
    /// Whatever Secrets Manager reports but that it does not exist.
    pub async fn tags(&self, name: &str) -> Result<Option<BTreeMap<String, String>>, Error> {
        Ok(self.described(name).await?.map(|found| found.tags))
    }

    /// What is known of the secret with this name or ARN (DescribeSecret), never its value; `None` when there is none.
    ///
    /// # Errors
    /// Whatever Secrets Manager reports but that it does not exist.
    pub async fn described(&self, id: &str) -> Result<Option<Described>, Error> {
        let input = json!({"SecretId": id});
        match query::json::<DescribeSecret>(&self.0, API, "DescribeSecret", &input).await {
            Ok(found) => Ok(Some(Described {
                tags: found.tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
                key: found.kms_key_id,
                deleted: found.deleted_date.is_some(),
                versions: found.version_ids_to_stages,
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Makes a secret (CreateSecret).
    ///
    /// # Errors
    /// [`super::Kind::AlreadyExists`] when there is one of that name; whatever else Secrets Manager reports.
    pub async fn create(
        &self,
        name: &str,
        value: &Secret,
        tags: &BTreeMap<String, String>,
    ) -> Result<(), Error> {
        let tags: Vec<_> = tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        let input = json!({
            "Name": name,
            "SecretString": value.expose(),
            "Tags": tags,
            "ClientRequestToken": uuid::Uuid::new_v4().to_string(),
        });
        query::json::<Nothing>(&self.0, API, "CreateSecret", &input).await.map(drop)
    }

    /// Gives a secret a new value (PutSecretValue).
    ///
    /// # Errors
    /// Whatever Secrets Manager reports.
    pub async fn put(&self, name: &str, value: &Secret) -> Result<(), Error> {
        let input = json!({
            "SecretId": name,
            "SecretString": value.expose(),
            "ClientRequestToken": uuid::Uuid::new_v4().to_string(),
        });
        query::json::<Nothing>(&self.0, API, "PutSecretValue", &input).await.map(drop)
    }

    /// Removes a secret at once (DeleteSecret). That it does not exist is no failure.
    ///
    /// # Errors
    /// Whatever else Secrets Manager reports.
    pub async fn delete(&self, name: &str) -> Result<(), Error> {
        let input = json!({"SecretId": name, "ForceDeleteWithoutRecovery": true});
        gone(query::json::<Nothing>(&self.0, API, "DeleteSecret", &input).await)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, testing};
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn a_secret_is_described_without_its_value() {
        let server = testing::answers(vec![testing::json(
            200,
            r#"{"Name": "t", "KmsKeyId": "alias/own", "DeletedDate": 1.7e9, "VersionIdsToStages": {"v1": ["AWSCURRENT"]}}"#,
        )]);
        let found = server.connection().secretsmanager().described("t").await.unwrap().unwrap();
        assert!(found.deleted && found.tags.is_empty());
        assert_eq!((found.key.as_str(), found.versions["v1"][0].as_str()), ("alias/own", "AWSCURRENT"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn secrets_come_and_go() {
        let server = testing::answers(vec![
            testing::json(
                200,
                r#"{"ARN": "arn", "Name": "t", "Tags": [{"Key": "copilot-application", "Value": "shop"}]}"#,
            ),
            testing::json_error("ResourceNotFoundException", "no"),
            testing::json_error("ResourceExistsException", "there is one"),
            testing::json(200, "{}"),
            testing::json_error("ResourceNotFoundException", "no"),
        ]);
        let door = server.connection().secretsmanager();
        assert_eq!(door.tags("t").await.unwrap().unwrap()["copilot-application"], "shop");
        assert_eq!(door.tags("t").await.unwrap(), None);
        let value = Secret::new("token");
        assert_eq!(door.create("t", &value, &BTreeMap::new()).await.unwrap_err().kind, Kind::AlreadyExists);
        door.put("t", &value).await.unwrap();
        door.delete("t").await.unwrap();
        let requests = server.requests();
        assert!(requests[2].body.contains(r#""SecretString":"token""#));
        assert!(requests[4].body.contains(r#""ForceDeleteWithoutRecovery":true"#));
    }
}
