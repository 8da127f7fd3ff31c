//! A static site at work: its bucket, what is in it, and where it is reached.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::stack::{self, Resource};
use super::{Error, Target, rfc3339};
use crate::aws::Connection;
use crate::page::{Body, Cell, Page, Paged, bytes};

/// A site at work. Serialises to the JSON of `svc status --json`.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Its bucket.
    pub bucket_name: String,
    /// Size of its files in bytes; a text for people in JSON, as Copilot wrote it.
    #[serde(serialize_with = "as_text")]
    pub total_size: u64,
    /// How many files it has.
    pub total_objects: usize,
    /// When a file changed last.
    #[serde(serialize_with = "rfc3339")]
    pub last_change: Option<i64>,
    /// Id of its CloudFront distribution; empty when there is none.
    pub distribution: String,
    /// Where it is reached.
    pub urls: Vec<String>,
}

fn as_text<S: Serializer>(size: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&bytes(*size))
}

/// Reads how a site is, through the connection of the environment's manager role.
///
/// # Errors
/// [`Error::NotDeployed`] without a stack, [`Error::Missing`] when the stack holds no bucket, and what AWS reports.
pub async fn status(manager: &Connection, target: &Target) -> Result<Status, Error> {
    let name = target.stack();
    let stack = stack::read(manager, &name).await?.ok_or_else(|| target.not_deployed())?;
    let resources = stack::resources(manager, &name).await?;
    let bucket = bucket(&resources).ok_or_else(|| Error::Missing {
        stack: name,
        what: "bucket of a site",
        hint: String::new(),
    })?;
    let objects = manager.s3().list(bucket, "").await?;
    let distribution = resources.iter().find(|resource| resource.kind == "AWS::CloudFront::Distribution");
    Ok(Status {
        bucket_name: bucket.to_owned(),
        total_size: objects.iter().map(|object| object.size).sum(),
        total_objects: objects.len(),
        last_change: objects.iter().map(|object| object.modified).max(),
        distribution: distribution.map(|resource| resource.physical_id.clone()).unwrap_or_default(),
        urls: super::url::site(&stack),
    })
}

/// The bucket with a site's files among the resources of its stack.
pub(super) fn bucket(resources: &[Resource]) -> Option<&str> {
    let found =
        resources.iter().find(|found| found.logical_id == "Bucket" && found.kind == "AWS::S3::Bucket");
    found.map(|found| found.physical_id.as_str()).filter(|bucket| !bucket.is_empty())
}

impl Paged for Status {
    fn page(&self, now: Timestamp) -> Page {
        let changed = super::ago(self.last_change, now);
        let pairs = [
            ("Bucket", self.bucket_name.clone()),
            ("Files", self.total_objects.to_string()),
            ("Size", bytes(self.total_size)),
            ("Last change", changed),
            ("Distribution", self.distribution.clone()),
            ("URL", self.urls.join(", ")),
        ];
        let pairs = pairs.into_iter().map(|(name, text)| (name.to_owned(), Cell::or_dash(text)));
        Page::new().with("Static Site", Body::Pairs(pairs.collect()))
    }
}

/// Files of a site in an environment, drawn as a tree.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Objects {
    /// The environment.
    pub environment: String,
    /// The tree, a line for each file and directory.
    pub tree: String,
}

/// Reads the files in a site's bucket as a tree, when they are wanted and there is a bucket.
///
/// # Errors
/// What AWS reports.
pub(super) async fn tree_of(
    manager: &Connection,
    resources: &[Resource],
    wanted: bool,
) -> Result<Option<String>, Error> {
    let Some(bucket) = bucket(resources).filter(|_| wanted) else { return Ok(None) };
    let objects = manager.s3().list(bucket, "").await?;
    Ok(Some(tree(objects.iter().map(|object| object.key.as_str()))))
}

/// A page with the files of a site.
pub(super) fn with_files(page: Page, objects: &[Objects]) -> Page {
    objects.iter().fold(page, |page, Objects { environment, tree }| {
        let lines = tree.lines().map(Cell::from).collect();
        page.with(&format!("Files in {environment}"), Body::Lines(lines))
    })
}

/// A directory with what is in it.
#[derive(Default)]
struct Directory<'a>(BTreeMap<&'a str, Directory<'a>>);

fn tree<'a>(keys: impl Iterator<Item = &'a str>) -> String {
    let mut root = Directory::default();
    for key in keys {
        let mut at = &mut root;
        for part in key.split('/') {
            at = at.0.entry(part).or_default();
        }
    }
    let mut out = ".\n".to_owned();
    draw(&root, "", &mut out);
    out
}

fn draw(directory: &Directory<'_>, indent: &str, out: &mut String) {
    let mut left = directory.0.len();
    for (name, below) in &directory.0 {
        left -= 1;
        let (branch, next) = if left == 0 { ("└── ", "    ") } else { ("├── ", "│   ") };
        out.push_str(&format!("{indent}{branch}{name}\n"));
        draw(below, &format!("{indent}{next}"), out);
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::text;
    use super::*;

    #[test]
    fn files_make_a_tree() {
        let keys = ["index.html", "js/app.js", "js/deep/x.js", "a.css"];
        insta::assert_snapshot!(tree(keys.into_iter()), @r"
        .
        ├── a.css
        ├── index.html
        └── js
            ├── app.js
            └── deep
                └── x.js
        ");
        assert_eq!(tree(std::iter::empty()), ".\n");
    }

    #[test]
    fn a_status_reads_as_people_and_machines_want_it() {
        let status = Status {
            bucket_name: "shop-test-docs-bucket".into(),
            total_size: 1_234_567,
            total_objects: 3,
            last_change: Some(1_000_000_000_000),
            distribution: "E1".into(),
            urls: vec!["https://d1.cloudfront.net".into()],
        };
        let now = Timestamp::from_second(1_000_003_600).unwrap();
        insta::assert_snapshot!(text(&status.page(now)), @r"
        # Static Site
        Bucket: shop-test-docs-bucket
        Files: 3
        Size: 1.2 MB
        Last change: 1 hour ago
        Distribution: E1
        URL: https://d1.cloudfront.net
        ");
        insta::assert_snapshot!(serde_json::to_string(&status).unwrap(), @r#"{"bucketName":"shop-test-docs-bucket","totalSize":"1.2 MB","totalObjects":3,"lastChange":"2001-09-09T01:46:40Z","distribution":"E1","urls":["https://d1.cloudfront.net"]}"#);
    }
}
