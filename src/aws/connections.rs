//! Connections to GitHub and Bitbucket, an AWS service of two names: CodeConnections, once CodeStar Connections.
//!
//! A connection belongs to the name it was made under, which its ARN holds.

use serde::Deserialize;
use serde_json::json;

use super::query::{self, Api, Protocol};
use super::{Connection as Way, Error};

const OLD: Api = Api {
    name: "CodeStar Connections",
    id: "CodeStar connections",
    prefix: "codestar-connections",
    protocol: Protocol::Json10 { target: "com.amazonaws.codestar.connections.CodeStar_connections_20191201" },
};

const NEW: Api = Api {
    name: "CodeConnections",
    id: "CodeConnections",
    prefix: "codeconnections",
    protocol: Protocol::Json10 { target: "CodeConnections_20231201" },
};

/// The door to connections.
#[derive(Debug, Clone)]
pub struct Connections(Way);

impl Way {
    /// The door to connections.
    #[must_use]
    pub fn connections(&self) -> Connections {
        Connections(self.clone())
    }
}

/// A connection to a host of repositories.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Connection {
    /// Its name.
    #[serde(rename = "ConnectionName")]
    pub name: String,
    /// Its ARN.
    #[serde(rename = "ConnectionArn")]
    pub arn: String,
    /// `PENDING` until somebody has finished the handshake in the console, then `AVAILABLE`; or `ERROR`.
    #[serde(rename = "ConnectionStatus", default)]
    pub status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListConnections {
    #[serde(default)]
    connections: Vec<Connection>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetConnection {
    connection: Connection,
}

impl Connections {
    /// The connections of the region under both names of the service, sorted by name (ListConnections, all pages).
    ///
    /// # Errors
    /// Whatever the service reports under its older name. That the newer one is not there (it is not in every partition)
    /// or not allowed is no failure.
    pub async fn list(&self) -> Result<Vec<Connection>, Error> {
        let mut found = self.list_at(OLD).await?;
        for connection in self.list_at(NEW).await.unwrap_or_default() {
            if !found.iter().any(|known| known.arn == connection.arn) {
                found.push(connection);
            }
        }
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    async fn list_at(&self, api: Api) -> Result<Vec<Connection>, Error> {
        query::pages(|token| async move {
            let mut input = json!({"MaxResults": 100});
            if let Some(token) = token {
                input["NextToken"] = token.into();
            }
            let output: ListConnections = query::json(&self.0, api, "ListConnections", &input).await?;
            Ok((output.connections, output.next_token))
        })
        .await
    }

    /// The connection with this ARN (GetConnection).
    ///
    /// # Errors
    /// Whatever the service reports.
    pub async fn get(&self, arn: &str) -> Result<Connection, Error> {
        let api = if arn.contains(":codeconnections:") { NEW } else { OLD };
        let found: GetConnection =
            query::json(&self.0, api, "GetConnection", &json!({"ConnectionArn": arn})).await?;
        Ok(found.connection)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;

    #[tokio::test(flavor = "current_thread")]
    async fn both_names_of_the_service_are_asked() {
        let server = testing::server(|request| {
            if request.action == "GetConnection" {
                let answer = r#"{"Connection": {"ConnectionName": "mine", "ConnectionArn": "arn", "ConnectionStatus": "PENDING"}}"#;
                return testing::json(200, answer);
            }
            let old = request.uri.contains("codestar-connections");
            let (name, arn) = if old { ("b", "arn:old") } else { ("a", "arn:new") };
            testing::json(
                200,
                &format!(
                    r#"{{"Connections": [{{"ConnectionName": "{name}", "ConnectionArn": "{arn}"}}, {{"ConnectionName": "c", "ConnectionArn": "arn:both"}}]}}"#
                ),
            )
        });
        let door = server.connection().connections();
        let names: Vec<String> = door.list().await.unwrap().into_iter().map(|found| found.name).collect();
        assert_eq!(names, ["a", "b", "c"]);
        assert_eq!(
            door.get("arn:aws:codeconnections:eu-west-1:1:connection/1").await.unwrap().status,
            "PENDING"
        );
        assert!(server.requests()[2].uri.contains("codeconnections."), "{}", server.requests()[2].uri);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_partition_without_the_newer_name() {
        let server = testing::server(|request| {
            if request.uri.contains("codestar-connections") {
                testing::json(
                    200,
                    r#"{"Connections": [{"ConnectionName": "b", "ConnectionArn": "arn:old"}]}"#,
                )
            } else {
                testing::json_error("AccessDeniedException", "no")
            }
        });
        assert_eq!(server.connection().connections().list().await.unwrap().len(), 1);
    }
}
