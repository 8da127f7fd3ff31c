//! Smaller blocks of a service: `platform`, `exec`, `publish`, `observability`, `taskdef_overrides`.

use super::decode::{Any, Flag, Form, List, Spanned, Text};
use super::element::element;
use super::scalar::words;

element! {
    /// The platform in the full form.
    pub struct Platform {
        /// Operating system family.
        osfamily: Text = "osfamily",
        /// Processor architecture.
        architecture: Text = "architecture",
    }
}

element! {
    /// Running commands in containers, in the full form.
    pub struct Exec {
        /// Whether commands may be run.
        enable: Flag = "enable" default "true",
    }
}

element! {
    /// Settings of a FIFO topic.
    pub struct Fifo {
        /// Whether messages with the same body within five minutes count as one.
        content_based_deduplication: Flag = "content_based_deduplication" default "false",
    }
}

element! {
    /// An SNS topic that the service publishes.
    pub struct Topic {
        /// Its name, without `.fifo`.
        name: Text = "name",
        /// Whether it is a FIFO topic.
        fifo: Form<Flag, Fifo> = "fifo" default "false",
    }
}

element! {
    /// What the service publishes.
    pub struct Publish {
        /// Topics; other services of the environment subscribe to them by name.
        topics: List<Topic> = "topics",
    }
}

words! {
    /// Collectors of traces.
    pub enum Tracing {
        /// AWS X-Ray.
        AwsXray = "awsxray",
    }
}

element! {
    /// What is measured.
    pub struct Observability {
        /// Collector of traces that runs beside the main container.
        tracing: Spanned<Tracing> = "tracing",
    }
}

element! {
    /// A change of the rendered task definition.
    pub struct TaskdefOverride {
        /// Path below the task definition's properties, such as `ContainerDefinitions[0].Ulimits[-]`.
        path: Text = "path",
        /// The new value.
        value: Any = "value",
    }
}
