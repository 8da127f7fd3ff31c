//! Releases: what a workload was deployed with, an object of the artifact bucket for each.
//!
//! A release holds everything that is needed to deploy it again: where its template lies, the values of the parameters (they
//! name the images by digest) and the tags. Values of secrets are in none of them: templates name where secrets lie.

use std::collections::BTreeMap;

use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};

use super::Error;
use crate::aws::Connection;

/// What a workload was deployed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// Names what was deployed: the same template, parameters and tags have the same id. 10 hexadecimal digits.
    pub id: String,
    /// When it was deployed: milliseconds since the Unix epoch.
    pub at: i64,
    /// Tag of the git commit it was built from; empty when unknown.
    #[serde(default)]
    pub commit: String,
    /// The images by container, as task definitions name them.
    #[serde(default)]
    pub images: BTreeMap<String, String>,
    /// Key of the template in the artifact bucket.
    pub template: String,
    /// Values of its parameters.
    pub parameters: BTreeMap<String, String>,
    /// Tags of the stack.
    pub tags: BTreeMap<String, String>,
}

/// The releases of one stack.
#[derive(Debug, Clone, Copy)]
pub struct Releases<'a> {
    /// The way to the bucket.
    pub connection: &'a Connection,
    /// The artifact bucket.
    pub bucket: &'a str,
    /// Name of the stack.
    pub stack: &'a str,
}

impl Releases<'_> {
    /// Keys of the releases, newest first.
    async fn keys(&self) -> Result<Vec<String>, Error> {
        let objects = self.connection.s3().list(self.bucket, &prefix(self.stack)).await?;
        Ok(objects.into_iter().rev().map(|object| object.key).filter(|key| key.ends_with(".json")).collect())
    }

    /// The newest releases, newest first, at most `most`.
    ///
    /// # Errors
    /// Whatever S3 reports; a release that can't be read.
    pub async fn newest(&self, most: usize) -> Result<Vec<Release>, Error> {
        let keys = self.keys().await?;
        let read = keys.into_iter().take(most).map(|key| self.read(key));
        Ok(try_join_all(read).await?.into_iter().flatten().collect())
    }

    /// The release whose id begins with `id`, as it was deployed last.
    ///
    /// # Errors
    /// As [`Self::newest`]; [`Error::ManyReleases`].
    pub async fn find(&self, id: &str) -> Result<Option<Release>, Error> {
        let mut keys = self.keys().await?;
        keys.retain(|key| id_of(key).starts_with(id));
        let Some(newest) = keys.first() else { return Ok(None) };
        if keys.iter().any(|key| id_of(key) != id_of(newest)) {
            let mut found: Vec<String> = vec![];
            for other in keys.iter().map(|key| id_of(key)) {
                if !found.iter().any(|one| one == other) {
                    found.push(other.to_owned());
                }
            }
            return Err(Error::ManyReleases { id: id.to_owned(), found });
        }
        self.read(newest.clone()).await
    }

    async fn read(&self, key: String) -> Result<Option<Release>, Error> {
        let Some(bytes) = self.connection.s3().get(self.bucket, &key).await? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| Error::Unreadable {
            path: format!("s3://{}/{key}", self.bucket),
            why: error.to_string(),
        })
    }

    /// Id of the newest release, if there is any.
    ///
    /// # Errors
    /// Whatever S3 reports.
    pub async fn newest_id(&self) -> Result<Option<String>, Error> {
        Ok(self.keys().await?.first().map(|key| id_of(key).to_owned()))
    }

    /// Keeps a release, unless it is the newest one already: then what runs has not changed.
    ///
    /// # Errors
    /// Whatever S3 reports.
    pub async fn keep(&self, release: &Release) -> Result<(), Error> {
        if self.newest_id().await?.is_some_and(|newest| newest == release.id) {
            return Ok(());
        }
        let body = serde_json::to_vec(release).unwrap_or_default();
        self.connection
            .s3()
            .put(self.bucket, &key(self.stack, release.at, &release.id), body, "application/json")
            .await?;
        Ok(())
    }
}

/// What the keys of a stack's releases begin with.
fn prefix(stack: &str) -> String {
    format!("manual/releases/{stack}/")
}

/// Key of a release: keys sort by time.
fn key(stack: &str, at: i64, id: &str) -> String {
    format!("{}{at:013}-{id}.json", prefix(stack))
}

/// The id in a release's key.
fn id_of(key: &str) -> &str {
    let name = key.rsplit('/').next().unwrap_or(key);
    name.split_once('-').map_or("", |(_, rest)| rest.trim_end_matches(".json"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{Request, server, xml};

    #[test]
    fn keys_sort_by_time_and_hold_the_id() {
        let key = |at| key("shop-test-api", at, "0a1b2c3d4e");
        assert_eq!(key(1_700_000_000_000), "manual/releases/shop-test-api/1700000000000-0a1b2c3d4e.json");
        assert_eq!(id_of(&key(1)), "0a1b2c3d4e");
        assert!(key(999_999_999_999) < key(1_700_000_000_000));
    }

    #[tokio::test]
    async fn the_beginning_of_an_id_names_one_release_or_none() {
        let release = |id: &str| {
            serde_json::json!({"id": id, "at": 1, "template": "t", "parameters": {}, "tags": {}}).to_string()
        };
        let server = server(move |request: &Request| {
            let path = request.uri.split('?').next().unwrap_or_default();
            match path.rsplit_once('-').filter(|(_, rest)| rest.ends_with(".json")) {
                Some((_, name)) => xml(200, &release(name.trim_end_matches(".json"))),
                None => {
                    let kept = [(1, "0a1b000001"), (2, "0a1b000002"), (3, "0a1b000001"), (4, "cccccccccc")];
                    let keys =
                        kept.map(|(at, id)| format!("<Contents><Key>{}</Key></Contents>", key("s", at, id)));
                    xml(
                        200,
                        &format!(
                            "<ListBucketResult><IsTruncated>false</IsTruncated>{}</ListBucketResult>",
                            keys.concat()
                        ),
                    )
                }
            }
        });
        let releases = Releases { connection: server.connection(), bucket: "b", stack: "s" };
        let found = async |id: &str| releases.find(id).await.map(|found| found.map(|release| release.id));
        assert_eq!(found("cccc").await, Ok(Some("cccccccccc".to_owned())));
        assert_eq!(found("0a1b000001").await, Ok(Some("0a1b000001".to_owned())));
        assert_eq!(found("dddd").await, Ok(None));
        let several = found("0a1b").await.unwrap_err().to_string();
        assert_eq!(several, "several releases begin with 0a1b: 0a1b000001, 0a1b000002");
    }

    #[tokio::test]
    async fn what_runs_already_is_no_further_release() {
        let listed = |request: &Request| match request.method.as_str() {
            "GET" => {
                let object =
                    |at: i64, id: &str| format!("<Contents><Key>{}</Key></Contents>", key("s", at, id));
                let objects = object(1, "aaaaaaaaaa") + &object(2, "bbbbbbbbbb");
                xml(
                    200,
                    &format!(
                        "<ListBucketResult><IsTruncated>false</IsTruncated>{objects}</ListBucketResult>"
                    ),
                )
            }
            _ => xml(200, ""),
        };
        let release = |id: &str| Release {
            id: id.to_owned(),
            at: 3,
            commit: String::new(),
            images: BTreeMap::new(),
            template: String::new(),
            parameters: BTreeMap::new(),
            tags: BTreeMap::new(),
        };
        for (id, kept) in [("bbbbbbbbbb", false), ("aaaaaaaaaa", true), ("cccccccccc", true)] {
            let server = server(listed);
            let releases = Releases { connection: server.connection(), bucket: "b", stack: "s" };
            releases.keep(&release(id)).await.unwrap();
            let requests = server.requests();
            let put = requests.iter().find(|request| request.method == "PUT");
            assert_eq!(
                put.is_some_and(|put| put.uri.contains(&format!("0000000000003-{id}.json"))),
                kept,
                "{id}"
            );
        }
    }
}
