//! `logging`: how long logs are kept, and a log router.

use super::decode::{Flag, Map, Spanned, Text};
use super::element::element;
use super::variables::{Secret, Value};

element! {
    /// Logs. Any key but `retention` puts a log router (FireLens) beside the main container.
    pub struct Logging {
        /// Days logs are kept.
        retention: Spanned<u64> = "retention" default "30",
        /// Image of the log router.
        image: Text = "image" default "public.ecr.aws/aws-observability/aws-for-fluent-bit:stable",
        /// Where logs go: options of the log driver.
        destination: Map<Text> = "destination",
        /// Whether ECS metadata is added to each record.
        enable_metadata: Flag = "enableMetadata" default "true",
        /// Options of the log driver that are secrets.
        secret_options: Map<Secret> = "secretOptions",
        /// Path of a configuration file in the router's image.
        config_file_path: Text = "configFilePath",
        /// Variables of the log router.
        variables: Map<Value> = "variables",
        /// Secrets of the log router.
        secrets: Map<Secret> = "secrets",
        /// Path of a `.env` file for the log router.
        env_file: Text = "env_file",
    }
}
