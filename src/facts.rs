//! What AWS says of an application and an environment, as plain data.
//!
//! Read from AWS by `store` and `describe`, or from a file (`--offline --facts FILE`). Every field but the two names is
//! optional in the file; what is missing has the value of a fresh application without a domain.

pub mod pipeline;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::name::{AppName, EnvName};

/// Everything rendering needs to know besides the manifest and the artifacts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// The application.
    pub app: App,
    /// The environment.
    pub env: Env,
    /// Where artifacts of the environment's region go.
    #[serde(default)]
    pub artifacts: Artifacts,
    /// Pushed images by container name.
    #[serde(default)]
    pub images: BTreeMap<String, Image>,
    /// ARNs of uploaded environment files by container name.
    #[serde(default)]
    pub env_files: BTreeMap<String, String>,
    /// URL of the uploaded addons template; empty without addons.
    #[serde(default)]
    pub addons_url: String,
    /// A load balancer made outside the environment that the service is put behind (`http.alb`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load_balancer: Option<LoadBalancer>,
    /// `arn:<partition>:iam::<application's account>:root`; computed from the application's account when empty.
    #[serde(default)]
    pub root_user_arn: String,
    /// Ids of CloudFront's managed prefix lists in the region.
    #[serde(default)]
    pub cloudfront_prefix_lists: Vec<String>,
    /// Values of the parameters of the deployed stack by parameter name; empty when the stack does not exist.
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

/// The application's record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct App {
    /// Its name.
    pub name: AppName,
    /// The 12-digit account it lives in; empty when unknown.
    #[serde(default)]
    pub account: String,
    /// Its domain, such as `example.com`; empty without one.
    #[serde(default)]
    pub domain: String,
    /// Name (not ARN) of the IAM policy that bounds every role; empty without one.
    #[serde(default)]
    pub permissions_boundary: String,
    /// Tags put on every stack.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
}

impl App {
    /// An application of which nothing but the name is known.
    #[must_use]
    pub fn new(name: AppName) -> Self {
        Self {
            name,
            account: String::new(),
            domain: String::new(),
            permissions_boundary: String::new(),
            tags: BTreeMap::new(),
        }
    }
}

/// The environment's record and what its stack says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Env {
    /// Its name.
    pub name: EnvName,
    /// Its region, such as `eu-west-1`; empty when unknown.
    #[serde(default)]
    pub region: String,
    /// Its 12-digit account; empty when unknown.
    #[serde(default)]
    pub account: String,
    /// Version of the deployed template, such as `v2.0.0`; empty when none is deployed.
    #[serde(default)]
    pub version: String,
    /// Cloud Map namespace of the environment; `<env>.<app>.local` when empty.
    #[serde(default)]
    pub service_discovery_endpoint: String,
    /// Text of the deployed manifest; the local file counts when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manifest: Option<String>,
}

/// The artifact bucket of a region and its key.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Artifacts {
    /// Name of the bucket.
    #[serde(default)]
    pub bucket: String,
    /// ARN of the KMS key that encrypts it.
    #[serde(default)]
    pub kms_key_arn: String,
}

/// A pushed image.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Image {
    /// Repository URI without tag.
    #[serde(default, alias = "repo_url")]
    pub repository: String,
    /// Tag other than `latest` that names this very image; empty without one.
    #[serde(default, alias = "image_tag")]
    pub tag: String,
    /// Digest, `sha256:…`; empty when unknown.
    #[serde(default)]
    pub digest: String,
}

impl Image {
    /// The image's address: by tag when it has one, else by digest, else `latest`.
    #[must_use]
    pub fn address(&self) -> String {
        if !self.tag.is_empty() {
            format!("{}:{}", self.repository, self.tag)
        } else if !self.digest.is_empty() {
            format!("{}@{}", self.repository, self.digest)
        } else {
            format!("{}:latest", self.repository)
        }
    }
}

/// An application load balancer that exists already.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct LoadBalancer {
    /// Its ARN.
    pub arn: String,
    /// Its name.
    pub name: String,
    /// Its DNS name.
    pub dns_name: String,
    /// Canonical hosted zone of its DNS name.
    pub hosted_zone_id: String,
    /// Ids of its security groups.
    pub security_groups: Vec<String>,
    /// Its listeners.
    pub listeners: Vec<Listener>,
}

/// A listener of a load balancer.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// Its port.
    pub port: u16,
    /// `HTTP` or `HTTPS`.
    pub protocol: String,
}

impl Facts {
    /// Reads the JSON of a facts file.
    ///
    /// # Errors
    /// The parser's message with line and column.
    pub fn from_json(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    /// Facts of a fresh application and environment of which nothing but the names is known.
    #[must_use]
    pub fn new(app: AppName, env: EnvName) -> Self {
        Self {
            app: App::new(app),
            env: Env {
                name: env,
                region: String::new(),
                account: String::new(),
                version: String::new(),
                service_discovery_endpoint: String::new(),
                manifest: None,
            },
            artifacts: Artifacts::default(),
            images: BTreeMap::new(),
            env_files: BTreeMap::new(),
            addons_url: String::new(),
            load_balancer: None,
            root_user_arn: String::new(),
            cloudfront_prefix_lists: vec![],
            parameters: BTreeMap::new(),
        }
    }

    /// The Cloud Map namespace services of the environment are found in.
    #[must_use]
    pub fn service_discovery_endpoint(&self) -> String {
        if self.env.service_discovery_endpoint.is_empty() {
            format!("{}.{}.local", self.env.name, self.app.name)
        } else {
            self.env.service_discovery_endpoint.clone()
        }
    }

    /// Partition of the environment's region: `aws`, `aws-cn`, `aws-us-gov`.
    #[must_use]
    pub fn partition(&self) -> &'static str {
        partition(&self.env.region)
    }
}

/// The AWS partition a region belongs to, by the prefix of its name.
#[must_use]
pub fn partition(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "aws-cn"
    } else if region.starts_with("us-gov-") {
        "aws-us-gov"
    } else {
        "aws"
    }
}

/// Domain of AWS's endpoints in a region's partition.
#[must_use]
pub fn dns_suffix(region: &str) -> &'static str {
    if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" }
}
