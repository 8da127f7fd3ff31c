//! App Runner: services, what they are at, and ([`domains`]) host names of their own.

pub mod domains;

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::query::{self, Api, Protocol};
use super::{Connection, Error};

const API: Api = Api {
    name: "App Runner",
    id: "AppRunner",
    prefix: "apprunner",
    protocol: Protocol::Json10 { target: "AppRunner" },
};

/// The door to App Runner.
#[derive(Debug, Clone)]
pub struct AppRunner(Connection);

impl Connection {
    /// The door to App Runner.
    #[must_use]
    pub fn apprunner(&self) -> AppRunner {
        AppRunner(self.clone())
    }
}

/// A service.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Service {
    /// Its ARN.
    pub arn: String,
    /// Its id, the last part of the ARN.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The host name App Runner gave it; of a private service nobody outside of its network reaches it.
    pub url: String,
    /// `CREATE_FAILED`, `RUNNING`, `DELETED`, `DELETE_FAILED`, `PAUSED` or `OPERATION_IN_PROGRESS`.
    pub status: String,
    /// When it was made, in milliseconds since 1970.
    pub created: Option<i64>,
    /// When it last changed, in milliseconds since 1970.
    pub updated: Option<i64>,
    /// Address of its image; empty for a service made from source code.
    pub image: String,
    /// Port of its container.
    pub port: String,
    /// CPU units of an instance (1024 = one vCPU).
    pub cpu: String,
    /// Memory of an instance in MiB.
    pub memory: String,
    /// Whether everybody reaches it; else only networks that are connected to it.
    pub public: bool,
    /// Variables of its container.
    pub variables: BTreeMap<String, String>,
    /// Secrets of its container: ARNs, or names of SSM parameters, by variable.
    pub secrets: BTreeMap<String, String>,
    /// ARN of its observability configuration, when one is on.
    pub observability: Option<String>,
}

/// Something App Runner does or did to a service.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Operation {
    /// Its id.
    pub id: String,
    /// `CREATE_SERVICE`, `UPDATE_SERVICE`, `START_DEPLOYMENT`, `PAUSE_SERVICE`, `RESUME_SERVICE`, `DELETE_SERVICE`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// `PENDING`, `IN_PROGRESS`, `SUCCEEDED`, `FAILED`, and of an update that was taken back `ROLLBACK_…`.
    pub status: String,
    /// When it began, in milliseconds since 1970.
    #[serde(deserialize_with = "milliseconds")]
    pub started_at: Option<i64>,
    /// When it ended, in milliseconds since 1970.
    #[serde(deserialize_with = "milliseconds")]
    pub ended_at: Option<i64>,
}

/// Times go over the wire as seconds since 1970, with fractions.
fn milliseconds<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<i64>, D::Error> {
    // Beyond any time that can be meant the cast ends at the largest number.
    Ok(Option::<f64>::deserialize(from)?.map(|seconds| (seconds * 1000.0).round() as i64))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Described {
    service: Wire,
    #[serde(default)]
    operation_id: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Wire {
    service_arn: String,
    service_id: String,
    service_name: String,
    service_url: String,
    status: String,
    #[serde(deserialize_with = "milliseconds")]
    created_at: Option<i64>,
    #[serde(deserialize_with = "milliseconds")]
    updated_at: Option<i64>,
    source_configuration: WireSource,
    instance_configuration: WireInstance,
    network_configuration: WireNetwork,
    observability_configuration: WireObservability,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct WireSource {
    image_repository: WireImage,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct WireImage {
    image_identifier: String,
    image_configuration: WireContainer,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct WireContainer {
    port: String,
    runtime_environment_variables: BTreeMap<String, String>,
    runtime_environment_secrets: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct WireInstance {
    cpu: String,
    memory: String,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct WireNetwork {
    ingress_configuration: WireIngress,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct WireIngress {
    is_publicly_accessible: bool,
}

impl Default for WireIngress {
    fn default() -> Self {
        Self { is_publicly_accessible: true }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct WireObservability {
    observability_enabled: bool,
    observability_configuration_arn: Option<String>,
}

impl From<Wire> for Service {
    fn from(wire: Wire) -> Self {
        let image = wire.source_configuration.image_repository;
        let observability = wire.observability_configuration;
        Self {
            arn: wire.service_arn,
            id: wire.service_id,
            name: wire.service_name,
            url: wire.service_url,
            status: wire.status,
            created: wire.created_at,
            updated: wire.updated_at,
            image: image.image_identifier,
            port: image.image_configuration.port,
            cpu: wire.instance_configuration.cpu,
            memory: wire.instance_configuration.memory,
            public: wire.network_configuration.ingress_configuration.is_publicly_accessible,
            variables: image.image_configuration.runtime_environment_variables,
            secrets: image.image_configuration.runtime_environment_secrets,
            observability: observability
                .observability_enabled
                .then(|| observability.observability_configuration_arn.unwrap_or_default()),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Started {
    #[serde(default)]
    operation_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Operations {
    #[serde(default)]
    operation_summary_list: Vec<Operation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Connected {
    vpc_ingress_connection: WireConnection,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct WireConnection {
    domain_name: String,
}

/// Operations of a service that are looked at: the last ones.
const OPERATIONS: u32 = 20;

impl AppRunner {
    /// A service by its ARN (DescribeService).
    ///
    /// # Errors
    /// [`Kind::NotFound`](super::Kind::NotFound) without one; whatever App Runner reports.
    pub async fn service(&self, arn: &str) -> Result<Service, Error> {
        let input = json!({"ServiceArn": arn});
        let output: Described = query::json(&self.0, API, "DescribeService", &input).await?;
        Ok(output.service.into())
    }

    /// Stops the instances of a running service; nobody reaches it then (PauseService). Gives the operation's id.
    ///
    /// # Errors
    /// It is not running; whatever App Runner reports.
    pub async fn pause(&self, arn: &str) -> Result<String, Error> {
        self.change("PauseService", arn).await
    }

    /// Starts the instances of a paused service (ResumeService). Gives the operation's id.
    ///
    /// # Errors
    /// It is not paused; whatever App Runner reports.
    pub async fn resume(&self, arn: &str) -> Result<String, Error> {
        self.change("ResumeService", arn).await
    }

    async fn change(&self, operation: &'static str, arn: &str) -> Result<String, Error> {
        let output: Described = query::json(&self.0, API, operation, &json!({"ServiceArn": arn})).await?;
        Ok(output.operation_id)
    }

    /// Pulls a service's image and starts its instances anew (StartDeployment). Gives the operation's id.
    ///
    /// # Errors
    /// Something else is being done to it; whatever App Runner reports.
    pub async fn start_deployment(&self, arn: &str) -> Result<String, Error> {
        let input = json!({"ServiceArn": arn});
        let output: Started = query::json(&self.0, API, "StartDeployment", &input).await?;
        Ok(output.operation_id)
    }

    /// The last operations on a service, the newest first (ListOperations, one page).
    ///
    /// # Errors
    /// Whatever App Runner reports.
    pub async fn operations(&self, arn: &str) -> Result<Vec<Operation>, Error> {
        let input = json!({"ServiceArn": arn, "MaxResults": OPERATIONS});
        let output: Operations = query::json(&self.0, API, "ListOperations", &input).await?;
        let mut found = output.operation_summary_list;
        found.sort_by_key(|operation| std::cmp::Reverse(operation.started_at));
        Ok(found)
    }

    /// Host name by which a connected network reaches a private service (DescribeVpcIngressConnection).
    ///
    /// # Errors
    /// Whatever App Runner reports.
    pub async fn private_url(&self, connection_arn: &str) -> Result<String, Error> {
        let input = json!({"VpcIngressConnectionArn": connection_arn});
        let output: Connected = query::json(&self.0, API, "DescribeVpcIngressConnection", &input).await?;
        Ok(output.vpc_ingress_connection.domain_name)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, testing};

    const ARN: &str =
        "arn:aws:apprunner:eu-west-1:111122223333:service/shop-test-web/0123456789abcdef0123456789abcdef";

    #[tokio::test(flavor = "current_thread")]
    async fn a_service_is_read() {
        let server = testing::answers(vec![testing::json(
            200,
            r#"{"Service": {"ServiceArn": "arn:s", "ServiceId": "0123", "ServiceName": "shop-test-web",
                "ServiceUrl": "abc.eu-west-1.awsapprunner.com", "Status": "RUNNING", "CreatedAt": 1700000000.5,
                "UpdatedAt": 1.7000001E9, "AutoScalingConfigurationSummary": {"AutoScalingConfigurationName": "x"},
                "SourceConfiguration": {"AutoDeploymentsEnabled": false, "ImageRepository": {
                    "ImageIdentifier": "1.dkr/shop/web:1", "ImageRepositoryType": "ECR", "ImageConfiguration": {
                        "Port": "8080", "RuntimeEnvironmentVariables": {"A": "1"},
                        "RuntimeEnvironmentSecrets": {"S": "arn:secret"}}}},
                "InstanceConfiguration": {"Cpu": "1024", "Memory": "2048"},
                "ObservabilityConfiguration": {"ObservabilityEnabled": true, "ObservabilityConfigurationArn": "arn:o"},
                "NetworkConfiguration": {"IngressConfiguration": {"IsPubliclyAccessible": false}}}}"#,
        )]);
        let found = server.connection().apprunner().service(ARN).await.unwrap();
        assert_eq!(
            (found.status.as_str(), found.created, found.updated),
            ("RUNNING", Some(1_700_000_000_500), Some(1_700_000_100_000))
        );
        assert_eq!(
            (found.image.as_str(), found.port.as_str(), found.public),
            ("1.dkr/shop/web:1", "8080", false)
        );
        assert_eq!(found.secrets["S"], "arn:secret");
        assert_eq!(found.observability.as_deref(), Some("arn:o"));
        let request = &server.requests()[0];
        assert_eq!(
            (request.action.as_str(), request.body.as_str()),
            ("DescribeService", format!(r#"{{"ServiceArn":"{ARN}"}}"#).as_str())
        );
        assert!(request.uri.starts_with("https://apprunner.eu-west-1.amazonaws.com"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn operations_are_started_and_listed() {
        let server = testing::server(|request| match request.action.as_str() {
            "ListOperations" => testing::json(
                200,
                r#"{"OperationSummaryList": [
                    {"Id": "one", "Type": "CREATE_SERVICE", "Status": "SUCCEEDED", "StartedAt": 1, "EndedAt": 2.25},
                    {"Id": "two", "Type": "PAUSE_SERVICE", "Status": "IN_PROGRESS", "StartedAt": 3}]}"#,
            ),
            "StartDeployment" => testing::json(200, r#"{"OperationId": "deploy"}"#),
            "DescribeVpcIngressConnection" => {
                testing::json(200, r#"{"VpcIngressConnection": {"DomainName": "x.awsapprunner.com"}}"#)
            }
            action => testing::json(200, &format!(r#"{{"Service": {{}}, "OperationId": "{action}"}}"#)),
        });
        let door = server.connection().apprunner();
        assert_eq!(door.pause(ARN).await.unwrap(), "PauseService");
        assert_eq!(door.resume(ARN).await.unwrap(), "ResumeService");
        assert_eq!(door.start_deployment(ARN).await.unwrap(), "deploy");
        assert_eq!(door.private_url("arn:c").await.unwrap(), "x.awsapprunner.com");
        let found = door.operations(ARN).await.unwrap();
        assert_eq!((found[0].id.as_str(), found[0].ended_at), ("two", None));
        assert_eq!((found[1].kind.as_str(), found[1].ended_at), ("CREATE_SERVICE", Some(2250)));
        let requests = server.requests();
        assert_eq!(requests[3].body, r#"{"VpcIngressConnectionArn":"arn:c"}"#);
        assert_eq!(requests[4].body, format!(r#"{{"ServiceArn":"{ARN}","MaxResults":20}}"#));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_service_that_is_not_there() {
        let server =
            testing::answers(vec![testing::json_error("ResourceNotFoundException", "no such service")]);
        let error = server.connection().apprunner().service(ARN).await.unwrap_err();
        assert_eq!(error.kind, Kind::NotFound);
        let busy =
            testing::answers(vec![testing::json_error("InvalidStateException", "Service cannot be paused")]);
        let error = busy.connection().apprunner().pause(ARN).await.unwrap_err();
        assert_eq!((error.operation, error.code.as_str()), ("PauseService", "InvalidStateException"));
    }
}
