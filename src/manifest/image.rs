//! `image`: where a container's image comes from; health checks and dependencies of containers.

use super::decode::{Form, List, Map, Spanned, Text};
use super::element::element;
use super::scalar::{Duration, words};

element! {
    /// How an image is built. Paths are relative to the workspace root.
    pub struct Build {
        /// Path of the Dockerfile.
        dockerfile: Text = "dockerfile" default "Dockerfile in the build context",
        /// Path of the build context.
        context: Text = "context" default "the directory of the Dockerfile",
        /// Build arguments.
        args: Map<Text> = "args",
        /// Stage of the Dockerfile to build.
        target: Text = "target" default "the last one",
        /// Images whose layers may be reused.
        cache_from: List<Text> = "cache_from",
    }
}

words! {
    /// When a container that others wait for counts as there.
    pub enum Condition {
        /// It has started.
        Start = "start",
        /// It has run to its end.
        Complete = "complete",
        /// It has ended with exit code 0.
        Success = "success",
        /// Its health check passes.
        Healthy = "healthy",
    }
}

element! {
    /// A container's own health check. A block with any key fills the others with their defaults.
    pub struct HealthCheck {
        /// The command: `["CMD-SHELL", "…"]` or `["CMD", "…", "…"]`.
        command: List<Text> = "command" default "[\"CMD-SHELL\", \"curl -f http://localhost/ || exit 1\"]",
        /// Time between checks.
        interval: Spanned<Duration> = "interval" default "10s",
        /// Failures in a row before the container counts as unhealthy.
        retries: Spanned<u64> = "retries" default "2",
        /// Time a check may take.
        timeout: Spanned<Duration> = "timeout" default "5s",
        /// Time after the start in which failures do not count.
        start_period: Spanned<Duration> = "start_period" default "0s",
    }
}

element! {
    /// The image of the main container.
    pub struct Image {
        /// Path of a Dockerfile, or how the image is built.
        build: Form<Text, Build> = "build",
        /// An image that exists.
        location: Text = "location",
        /// ARN of the secret with the credentials of a private registry.
        credentials: Text = "credentials",
        /// Docker labels.
        labels: Map<Text> = "labels",
        /// Containers that must be there first.
        depends_on: Map<Spanned<Condition>> = "depends_on",
        /// Port the container listens on.
        port: Spanned<u16> = "port",
        /// The container's own health check.
        healthcheck: HealthCheck = "healthcheck",
    }
    exclusive build | location;
}
