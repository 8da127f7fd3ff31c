//! The document `Static Site`.

use super::decode::{Flag, Form, List, Text};
use super::document::Body;
use super::element::{element, unknown_key};
use super::head::Kind;
use crate::diagnostic::{Diagnostics, Span};
use crate::yaml::node::Node;

element! {
    /// How a site is reached.
    pub struct SiteHttp {
        /// Host name of the site, or a list of host names.
        alias: Form<Text, List<Text>> = "alias" default "`<name>.<environment>.<application>.<domain>` when the application has a domain",
        /// ARN of a certificate in us-east-1 that covers all host names.
        certificate: Text = "certificate",
    }
}

/// One pattern, or a list of them.
pub type Patterns = Form<Text, List<Text>>;

element! {
    /// Files of a site.
    pub struct Upload {
        /// Path of a file or directory, relative to the project's root.
        source: Text = "source",
        /// Directory of the site the files go to.
        destination: Text = "destination" default "the root of the site",
        /// Whether directories below a directory are taken too.
        recursive: Flag = "recursive" default "false",
        /// Patterns of files that are left out.
        exclude: Patterns = "exclude",
        /// Patterns of files that are taken all the same.
        reinclude: Patterns = "reinclude",
    }
}

element! {
    /// What a site is, for all environments or for one.
    pub struct Site {
        /// How the site is reached.
        http: SiteHttp = "http",
        /// The files of the site.
        files: List<Upload> = "files",
        /// Workloads that are deployed before this one when they are deployed together.
        depends_on: List<Text> = "depends_on",
    }
}

impl Body for Site {
    fn at(span: Span) -> Self {
        Self { span, ..Self::default() }
    }

    fn read_field(&mut self, _: Kind, key: &Node, node: &Node, out: &mut Diagnostics) {
        if !self.read_key(key, node, out) {
            unknown_key(key, &Self::OBJECT, out);
        }
    }

    fn depends_on(&self) -> &[Text] {
        self.depends_on.as_ref().map(|list| list.items.as_slice()).unwrap_or_default()
    }
}
