//! Host names that wharf has given a workload: noted in the artifact bucket before a deployment takes one from it, so that the next
//! deployment finds what one that was stopped has left. Once the old names are gone, those that the workload has are noted.
//!
//! A note also tells such names from those that the user has given a workload by hand.

use serde::{Deserialize, Serialize};

use super::Error;
use crate::aws::Connection;
use crate::name::{EnvName, WorkloadName};

/// Names that a workload has, or is parting with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parting {
    /// ARN of the workload's stack: names that led to an earlier one of the same name are none of its own. Empty while there is
    /// no stack.
    pub stack: String,
    /// The names.
    pub names: Vec<String>,
}

/// Where the note of a workload lies.
#[derive(Debug, Clone, Copy)]
pub struct Note<'a> {
    /// The way to the bucket.
    pub connection: &'a Connection,
    /// The artifact bucket.
    pub bucket: &'a str,
    /// The environment.
    pub env: &'a EnvName,
    /// The workload.
    pub workload: &'a WorkloadName,
}

impl Note<'_> {
    fn key(&self) -> String {
        format!("local-assets/environments/{}/workloads/{}/parting.json", self.env, self.workload)
    }

    /// The names of the workload in the stack with the ARN; none without a note, or where it is about another stack.
    ///
    /// # Errors
    /// Whatever S3 reports; a note that can't be read.
    pub async fn read(&self, stack: &str) -> Result<Parting, Error> {
        let none = Parting { stack: stack.to_owned(), names: vec![] };
        let Some(bytes) = self.connection.s3().get(self.bucket, &self.key()).await? else { return Ok(none) };
        let found: Parting = serde_json::from_slice(&bytes).map_err(|error| Error::Unreadable {
            path: format!("s3://{}/{}", self.bucket, self.key()),
            why: error.to_string(),
        })?;
        Ok(if found.stack == stack { found } else { none })
    }

    /// Writes the note anew.
    ///
    /// # Errors
    /// Whatever S3 reports.
    pub async fn write(&self, parting: &Parting) -> Result<(), Error> {
        let body = serde_json::to_vec(parting).unwrap_or_default();
        Ok(self.connection.s3().put(self.bucket, &self.key(), body, "application/json").await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{server, xml};

    #[tokio::test]
    async fn a_note_is_about_one_stack() {
        let note = r#"{"stack":"arn:1","names":["a.example.com"]}"#;
        let server = server(|request| match request.method.as_str() {
            "GET" => xml(200, note),
            _ => xml(200, ""),
        });
        let (env, workload) = (EnvName::new("test").unwrap(), WorkloadName::new("run").unwrap());
        let place = Note { connection: server.connection(), bucket: "b", env: &env, workload: &workload };
        let found = place.read("arn:1").await.unwrap();
        assert_eq!(found.names, ["a.example.com"]);
        let other = place.read("arn:2").await.unwrap();
        assert_eq!(other, Parting { stack: "arn:2".to_owned(), names: vec![] });
        place.write(&found).await.unwrap();
        let put = server.requests().into_iter().find(|request| request.method == "PUT").unwrap();
        assert!(
            put.uri.contains("/local-assets/environments/test/workloads/run/parting.json"),
            "{}",
            put.uri
        );
        assert!(put.body.contains(note), "{}", put.body);
    }
}
