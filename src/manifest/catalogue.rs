//! Every type of manifest, one row each: what schemas, `explain`, the reference and the tests of all fields are made of.
//!
//! A new type is a row in [`DOCUMENTS`], with its maximal manifest in `manifests/`; `WHARF_BLESS=1 cargo test --test generated`
//! writes its schema and its page of the reference.

use super::decode::{Decode, Spanned, Text};
use super::environment::Environment;
use super::head::Kind;
use super::pipeline::Pipeline;
use super::request_driven::RequestDriven;
use super::service::Service;
use super::shape::{Field, Object, Shape};
use super::site::Site;

/// A type of manifest.
#[derive(Debug)]
pub struct Document {
    /// What its `type` says.
    pub name: &'static str,
    /// Its name in file names: of its maximal manifest, its schema and its page of the reference.
    pub slug: &'static str,
    /// What it is for, one sentence.
    pub about: &'static str,
    /// Its fields, but for those of its frame.
    pub object: &'static Object,
    /// What stands around the fields.
    pub frame: Frame,
    /// Paths of fields of the object that this type does not have, those below them included.
    pub without: &'static [&'static str],
    /// Paths of fields of which this type takes the full form only.
    pub full_only: &'static [&'static str],
    /// Its maximal manifest: every field, commented.
    pub example: &'static str,
}

/// What stands around the fields of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// `name` and `type` in front, `environments` behind: services and jobs.
    Workload,
    /// Nothing: the object has all of its fields. These must be there.
    Whole(&'static [&'static str]),
}

/// The types of manifests, workloads first.
pub static DOCUMENTS: &[Document] = &[
    Document {
        name: Kind::LoadBalancedWeb.as_str(),
        slug: "load-balanced-web-service",
        about: "A service that is reached from the internet through a load balancer.",
        object: &Service::OBJECT,
        frame: Frame::Workload,
        without: Kind::LoadBalancedWeb.without(),
        full_only: &[],
        example: include_str!("../../manifests/load-balanced-web-service.yml"),
    },
    Document {
        name: Kind::Backend.as_str(),
        slug: "backend-service",
        about: "A service that is reached from within the environment only.",
        object: &Service::OBJECT,
        frame: Frame::Workload,
        without: Kind::Backend.without(),
        full_only: &["http"],
        example: include_str!("../../manifests/backend-service.yml"),
    },
    Document {
        name: Kind::Worker.as_str(),
        slug: "worker-service",
        about: "A service that reads messages from queues, which topics of other services fill.",
        object: &Service::OBJECT,
        frame: Frame::Workload,
        without: Kind::Worker.without(),
        full_only: &[],
        example: include_str!("../../manifests/worker-service.yml"),
    },
    Document {
        name: Kind::RequestDriven.as_str(),
        slug: "request-driven-web-service",
        about: "A service on App Runner, which scales it with its requests.",
        object: &RequestDriven::OBJECT,
        frame: Frame::Workload,
        without: super::request_driven::WITHOUT,
        full_only: &[],
        example: include_str!("../../manifests/request-driven-web-service.yml"),
    },
    Document {
        name: Kind::ScheduledJob.as_str(),
        slug: "scheduled-job",
        about: "A task that runs at times and ends.",
        object: &Service::OBJECT,
        frame: Frame::Workload,
        without: Kind::ScheduledJob.without(),
        full_only: &[],
        example: include_str!("../../manifests/scheduled-job.yml"),
    },
    Document {
        name: Kind::StaticSite.as_str(),
        slug: "static-site",
        about: "Files in a bucket, served by CloudFront.",
        object: &Site::OBJECT,
        frame: Frame::Workload,
        without: &[],
        full_only: &[],
        example: include_str!("../../manifests/static-site.yml"),
    },
    Document {
        name: super::environment::TYPE,
        slug: "environment",
        about: "The place that workloads run in: network, cluster, load balancers.",
        object: &Environment::OBJECT,
        frame: Frame::Whole(&["name", "type"]),
        without: &[],
        full_only: &[],
        example: include_str!("../../manifests/environment.yml"),
    },
    Document {
        name: "Pipeline",
        slug: "pipeline",
        about: "What builds and deploys when the source changes.",
        object: &Pipeline::OBJECT,
        frame: Frame::Whole(&["name", "version", "source", "stages"]),
        without: &[],
        full_only: &[],
        example: include_str!("../../manifests/pipeline.yml"),
    },
];

/// `name` of a workload.
static NAME: Field = Field {
    name: "name",
    key: "name",
    doc: "Its name: the name of the folder the manifest stands in.",
    default: None,
    was: None,
    shape: <Text as Decode>::shape,
};

/// `type` of a workload.
static TYPE: Field = Field {
    name: "type",
    key: "type",
    doc: "What it is.",
    default: None,
    was: None,
    shape: <Spanned<Kind> as Decode>::shape,
};

/// `environments` of a workload.
static ENVIRONMENTS: Field = Field {
    name: "environments",
    key: "environments",
    doc: "What is different in an environment: its name, and below it any of the fields but `name` and `type`.",
    default: None,
    was: None,
    shape: || Shape::Map { value: || Shape::Any },
};

impl Document {
    /// The fields of the first level, in their order.
    #[must_use]
    pub fn top(&self) -> Vec<&'static Field> {
        let own = self.object.all().filter(|field| self.has(field.key));
        match self.frame {
            Frame::Workload => [&NAME, &TYPE].into_iter().chain(own).chain([&ENVIRONMENTS]).collect(),
            Frame::Whole(_) => own.collect(),
        }
    }

    /// Every field with its path, as [`Shape::paths`] writes it, in their order.
    #[must_use]
    pub fn fields(&self) -> Vec<(String, &'static Field)> {
        let mut out = vec![];
        for field in self.top() {
            out.push((field.key.to_owned(), field));
            (field.shape)().collect(field.key, &mut out);
        }
        out.dedup_by(|(one, _), (other, _)| one == other);
        out.retain(|(path, _)| self.has(path));
        out
    }

    /// The paths of its fields.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        self.fields().into_iter().map(|(path, _)| path).collect()
    }

    /// Whether a field of the object is one of this type's.
    #[must_use]
    pub fn has(&self, path: &str) -> bool {
        let below = |field: &&str| path.strip_prefix(*field).is_some_and(|rest| !rest.starts_with(is_word));
        !self.without.iter().any(below)
    }
}

/// Whether a character can stand in a key, so that it does not end there.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The document of a type, by what its `type` says or by its name in file names; letter case does not count.
#[must_use]
pub fn find(name: &str) -> Option<&'static Document> {
    DOCUMENTS
        .iter()
        .find(|document| document.name.eq_ignore_ascii_case(name) || document.slug.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_found_by_both_names() {
        assert_eq!(find("backend-service").unwrap().name, "Backend Service");
        assert_eq!(find("backend service").unwrap().slug, "backend-service");
        assert!(find("Backend").is_none());
    }

    #[test]
    fn paths_end_at_words() {
        let backend = find("backend-service").unwrap();
        assert!(!backend.has("nlb") && !backend.has("nlb.port") && backend.has("nlbs"));
        assert!(!backend.has("count.queue_delay.cooldown") && backend.has("count.range"));
    }

    #[test]
    fn a_workload_has_a_frame() {
        let paths = find("worker-service").unwrap().paths();
        assert_eq!(paths.first().map(String::as_str), Some("name"));
        assert_eq!(paths.last().map(String::as_str), Some("environments"));
        for path in ["sidecars.<key>.image.build.args", "subscribe.topics[].queue.fifo", "count.range.min"] {
            assert!(paths.iter().any(|known| known == path), "{path}");
        }
    }
}
