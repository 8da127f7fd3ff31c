//! `sidecars`: containers beside the main one.

use super::decode::{Flag, Form, List, Map, Spanned, Text};
use super::element::element;
use super::image::{Build, Condition, HealthCheck};
use super::scalar::PortSpec;
use super::variables::{Secret, Value};

element! {
    /// The image of a sidecar in the full form.
    pub struct SidecarImage {
        /// Path of a Dockerfile, or how the image is built.
        build: Form<Text, Build> = "build",
        /// An image that exists.
        location: Text = "location",
    }
    exclusive build | location;
}

element! {
    /// A volume mounted into a sidecar.
    pub struct MountPoint {
        /// Name of the volume in `storage.volumes`.
        source_volume: Text = "source_volume",
        /// Path in the sidecar.
        path: Text = "path",
        /// Whether the sidecar may only read it.
        read_only: Flag = "read_only" default "true",
    }
}

element! {
    /// A container beside the main one.
    pub struct Sidecar {
        /// Port it listens on, with an optional protocol: `8080`, `53/udp`.
        port: Spanned<PortSpec> = "port",
        /// Its image: one that exists, or how it is built.
        image: Form<Text, SidecarImage> = "image",
        /// Whether the task ends when it ends.
        essential: Flag = "essential" default "true",
        /// ARN of the secret with the credentials of a private registry.
        credentials: Text = "credentialsParameter",
        /// Its variables.
        variables: Map<Value> = "variables",
        /// Path of a `.env` file.
        env_file: Text = "env_file",
        /// Its secrets.
        secrets: Map<Secret> = "secrets",
        /// Volumes mounted into it.
        mount_points: List<MountPoint> = "mount_points",
        /// Docker labels.
        labels: Map<Text> = "labels",
        /// Containers that must be there first.
        depends_on: Map<Spanned<Condition>> = "depends_on",
        /// Its own health check.
        healthcheck: HealthCheck = "healthcheck",
        /// Replaces the image's entry point.
        entrypoint: Form<Text, List<Text>> = "entrypoint",
        /// Replaces the image's command.
        command: Form<Text, List<Text>> = "command",
    }
}
