//! What every manifest of a workload says first: its name and its type.

use super::decode::{Spanned, Text, enter};
use crate::diagnostic::{Diagnostics, Source, Span};
use crate::name::WorkloadName;
use crate::yaml::node::{self, Node};

super::scalar::words! {
    /// The `type` of a workload.
    pub enum Kind {
        /// Reached through a load balancer.
        LoadBalancedWeb = "Load Balanced Web Service",
        /// Reached inside the environment.
        Backend = "Backend Service",
        /// Reads from a queue.
        Worker = "Worker Service",
        /// Runs at times.
        ScheduledJob = "Scheduled Job",
        /// Runs on App Runner.
        RequestDriven = "Request-Driven Web Service",
        /// Files behind CloudFront.
        StaticSite = "Static Site",
    }
}

impl Kind {
    /// Whether workloads of this kind can be deployed with this version.
    #[must_use]
    pub fn supported(self) -> bool {
        match self {
            Self::LoadBalancedWeb
            | Self::Backend
            | Self::Worker
            | Self::ScheduledJob
            | Self::RequestDriven
            | Self::StaticSite => true,
        }
    }
}

/// What a manifest says it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Head {
    /// Its name.
    pub name: Spanned<WorkloadName>,
    /// Its type.
    pub kind: Spanned<Kind>,
}

/// Reads name and type only. A type that can't be deployed yet is no error here.
#[must_use]
pub fn head(source: &Source) -> (Option<Head>, Diagnostics) {
    let mut out = Diagnostics::new();
    let head = match node::parse(&source.text) {
        Ok(root) => read_head(&root, &mut out),
        Err(error) => {
            out.syntax(error);
            None
        }
    };
    (head, out.sorted())
}

/// Reads name and type of a tree.
pub(super) fn read_head(root: &Node, out: &mut Diagnostics) -> Option<Head> {
    if root.as_mapping().is_none() {
        out.error("manifest/type", format!("a manifest is a map, not {}", root.describe())).at(root.span);
        return None;
    }
    let top = Span { end: root.span.start, ..root.span };
    let mut field = |key: &str, help: &str| {
        let node = root.get(key).filter(|node| !node.is_null());
        if node.is_none() {
            out.error("manifest/missing", format!("`{key}` is missing")).at(top).help(help);
        }
        enter::<Text>(node?, node?.span, out)
    };
    let name = field("name", "the name is that of the folder the manifest stands in");
    let kind = field("type", &format!("one of: {}", Kind::WORDS.join(", ")));
    let name = name.and_then(|name| match WorkloadName::new(name.value.as_str()) {
        Ok(value) => Some(Spanned { value, span: name.span }),
        Err(error) => {
            out.error("manifest/name", error.to_string()).at(name.span);
            None
        }
    });
    let kind = kind.and_then(|kind| read_kind(&kind, out));
    Some(Head { name: name?, kind: kind? })
}

fn read_kind(text: &Text, out: &mut Diagnostics) -> Option<Spanned<Kind>> {
    use super::scalar::Scalar;
    match Kind::read(&text.value, node::Style::Plain) {
        Ok(value) => Some(Spanned { value, span: text.span }),
        Err(near) => {
            let near = near.map(|near| format!("{near} ")).unwrap_or_default();
            out.error("manifest/unknown-type", format!("there is no type {:?}", text.value))
                .at(text.span)
                .help(format!("{near}the types are {}", Kind::WORDS.join(", ")));
            None
        }
    }
}
