//! SSM Parameter Store: the records of applications, and secrets.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::error::gone;
use super::query::{self, Api, Protocol};
use super::{Connection, Error};
use crate::secret::Secret;

const API: Api =
    Api { name: "SSM", id: "SSM", prefix: "ssm", protocol: Protocol::Json { target: "AmazonSSM" } };

/// The door to SSM.
#[derive(Debug, Clone)]
pub struct Ssm(Connection);

impl Connection {
    /// The door to SSM.
    #[must_use]
    pub fn ssm(&self) -> Ssm {
        Ssm(self.clone())
    }
}

/// A parameter with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its full name, such as `/copilot/applications/shop`.
    pub name: String,
    /// Its value; decrypted for a `SecureString`.
    pub value: String,
    /// Its ARN.
    pub arn: String,
    /// Version of the value, from 1.
    pub version: u64,
}

/// A parameter to write.
#[derive(Debug, Clone)]
pub struct Put<'a> {
    /// Its full name.
    pub name: &'a str,
    /// Its value.
    pub value: Secret,
    /// Whether it is encrypted (`SecureString`) or plain (`String`).
    pub secure: bool,
    /// Whether an existing value may be replaced. The tags of an existing parameter stay as they are.
    pub overwrite: bool,
    /// Tags of a new parameter.
    pub tags: &'a BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireParameter {
    name: String,
    value: String,
    #[serde(rename = "ARN", default)]
    arn: String,
    #[serde(default)]
    version: u64,
}

impl From<WireParameter> for Parameter {
    fn from(wire: WireParameter) -> Self {
        Self { name: wire.name, value: wire.value, arn: wire.arn, version: wire.version }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetParameter {
    parameter: WireParameter,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetParametersByPath {
    #[serde(default)]
    parameters: Vec<WireParameter>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PutParameter {
    #[serde(default)]
    version: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeParameters {
    #[serde(default)]
    parameters: Vec<WireDescription>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireDescription {
    name: String,
    #[serde(default)]
    key_id: String,
}

#[derive(Deserialize)]
struct Nothing {}

/// Most values of a filter of DescribeParameters.
const FILTER_VALUES: usize = 50;

impl Ssm {
    /// Which of the parameters `names` there are that carry all of `tags`: their names, each with the key that encrypts it
    /// (a key's id, ARN or alias; empty for a plain one). Values are never read (DescribeParameters, 50 names a call).
    ///
    /// # Errors
    /// Whatever SSM reports.
    pub async fn described(
        &self,
        names: &[&str],
        tags: &[(&str, &str)],
    ) -> Result<BTreeMap<String, String>, Error> {
        let mut found = BTreeMap::new();
        for batch in names.chunks(FILTER_VALUES) {
            let mut filters = vec![json!({"Key": "Name", "Option": "Equals", "Values": batch})];
            filters.extend(
                tags.iter().map(|(key, value)| json!({"Key": format!("tag:{key}"), "Values": [value]})),
            );
            let filters = &filters;
            let page = query::pages(|token| async move {
                let mut input = json!({"ParameterFilters": filters, "MaxResults": 50});
                if let Some(token) = token {
                    input["NextToken"] = token.into();
                }
                let output: DescribeParameters =
                    query::json(&self.0, API, "DescribeParameters", &input).await?;
                Ok((output.parameters, output.next_token))
            });
            found.extend(page.await?.into_iter().map(|one| (one.name, one.key_id)));
        }
        Ok(found)
    }

    /// The parameter `name`, decrypted (GetParameter); `None` when it does not exist.
    ///
    /// # Errors
    /// Whatever SSM reports but that it does not exist.
    pub async fn get(&self, name: &str) -> Result<Option<Parameter>, Error> {
        let input = json!({"Name": name, "WithDecryption": true});
        match query::json::<GetParameter>(&self.0, API, "GetParameter", &input).await {
            Ok(output) => Ok(Some(output.parameter.into())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The parameters directly below `path`, all pages, sorted by name (GetParametersByPath).
    ///
    /// # Errors
    /// Whatever SSM reports.
    pub async fn list(&self, path: &str) -> Result<Vec<Parameter>, Error> {
        let mut found = query::pages(|token| async move {
            let mut input =
                json!({"Path": path, "Recursive": false, "WithDecryption": true, "MaxResults": 10});
            if let Some(token) = token {
                input["NextToken"] = token.into();
            }
            let output: GetParametersByPath =
                query::json(&self.0, API, "GetParametersByPath", &input).await?;
            Ok((output.parameters.into_iter().map(Parameter::from).collect(), output.next_token))
        })
        .await?;
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// Writes a parameter (PutParameter) and returns its version.
    ///
    /// # Errors
    /// [`super::Kind::AlreadyExists`] when it exists and may not be replaced; whatever else SSM reports.
    pub async fn put(&self, put: &Put<'_>) -> Result<u64, Error> {
        let tags: Vec<_> = put.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        let mut input = json!({
            "Name": put.name,
            "Value": put.value.expose(),
            "Type": if put.secure { "SecureString" } else { "String" },
            "Overwrite": put.overwrite,
        });
        // SSM refuses tags together with Overwrite.
        if !put.overwrite && !tags.is_empty() {
            input["Tags"] = tags.into();
        }
        let output: PutParameter = query::json(&self.0, API, "PutParameter", &input).await?;
        Ok(output.version)
    }

    /// Removes the parameter `name` (DeleteParameter). That it does not exist is no failure.
    ///
    /// # Errors
    /// Whatever else SSM reports.
    pub async fn delete(&self, name: &str) -> Result<(), Error> {
        gone(query::json::<Nothing>(&self.0, API, "DeleteParameter", &json!({"Name": name})).await)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, testing};
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn a_missing_parameter_is_none() {
        let server = testing::answers(vec![testing::json_error("ParameterNotFound", "")]);
        assert_eq!(server.connection().ssm().get("/a").await, Ok(None));
        server.connection().ssm().delete("/a").await.unwrap();
    }

    #[tokio::test(flavor = "current_thread")]
    async fn all_pages_are_read_and_sorted() {
        let server = testing::answers(vec![
            testing::json(
                200,
                r#"{"Parameters": [{"Name": "/p/b", "Value": "2", "Type": "String", "Version": 1}], "NextToken": "t"}"#,
            ),
            testing::json(
                200,
                r#"{"Parameters": [{"Name": "/p/a", "Value": "1", "ARN": "arn:a", "Version": 3}]}"#,
            ),
        ]);
        let found = server.connection().ssm().list("/p/").await.unwrap();
        assert_eq!(found.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["/p/a", "/p/b"]);
        assert_eq!(found[0].version, 3);
        assert!(server.requests()[1].body.contains(r#""NextToken":"t""#));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn parameters_are_described_without_their_values() {
        let names: Vec<String> = (0..51).map(|number| format!("/p/{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let server = testing::answers(vec![
            testing::json(
                200,
                r#"{"Parameters": [{"Name": "/p/0", "KeyId": "alias/aws/ssm", "Type": "SecureString"}], "NextToken": "t"}"#,
            ),
            testing::json(200, r#"{"Parameters": [{"Name": "/p/1", "Type": "String"}]}"#),
            testing::json(200, r#"{"Parameters": []}"#),
        ]);
        let found = server.connection().ssm().described(&names, &[("copilot-application", "shop")]).await;
        let known =
            [("/p/0", "alias/aws/ssm"), ("/p/1", "")].map(|(name, key)| (name.to_owned(), key.to_owned()));
        assert_eq!(found.unwrap(), BTreeMap::from(known));
        let requests = server.requests();
        assert_eq!(server.actions(), ["DescribeParameters"; 3]);
        assert!(requests[0].body.contains(r#"{"Key":"tag:copilot-application","Values":["shop"]}"#));
        assert!(requests[2].body.contains("/p/50") && !requests[0].body.contains("/p/50"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_existing_parameter_is_not_replaced() {
        let server = testing::answers(vec![testing::json_error(
            "ParameterAlreadyExists",
            "The parameter already exists.",
        )]);
        let tags = BTreeMap::from([("copilot-application".to_owned(), "shop".to_owned())]);
        let put = Put { name: "/a", value: Secret::new("{}"), secure: false, overwrite: false, tags: &tags };
        assert_eq!(server.connection().ssm().put(&put).await.unwrap_err().kind, Kind::AlreadyExists);
        assert_eq!(
            server.requests()[0].body,
            r#"{"Name":"/a","Value":"{}","Type":"String","Overwrite":false,"Tags":[{"Key":"copilot-application","Value":"shop"}]}"#
        );
    }
}
