//! CloudFront: what its caches hold is thrown away.

use serde::Deserialize;

use super::query::{self, Api, Protocol, Rest, encoded};
use super::{Connection, Error};

const API: Api = Api { name: "CloudFront", id: "CloudFront", prefix: "cloudfront", protocol: Protocol::Rest };
/// The API's version, which all its paths begin with.
const ROOT: &str = "/2020-05-31";
/// Namespace of its documents.
const NAMESPACE: &str = "http://cloudfront.amazonaws.com/doc/2020-05-31/";

/// The door to CloudFront.
#[derive(Debug, Clone)]
pub struct CloudFront(Connection);

impl Connection {
    /// The door to CloudFront.
    #[must_use]
    pub fn cloudfront(&self) -> CloudFront {
        CloudFront(self.clone())
    }
}

/// An invalidation: what caches hold of some paths is thrown away.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Invalidation {
    /// Its id.
    #[serde(rename = "Id")]
    pub id: String,
    /// `InProgress` or `Completed`.
    #[serde(rename = "Status")]
    pub status: String,
}

impl Invalidation {
    /// Whether all caches are done.
    #[must_use]
    pub fn is_completed(&self) -> bool {
        self.status == "Completed"
    }
}

impl CloudFront {
    /// Begins to throw away what the caches of a distribution hold of all paths (CreateInvalidation). `reference` names this
    /// invalidation: with the same one a second call begins none.
    ///
    /// # Errors
    /// Whatever CloudFront reports.
    pub async fn invalidate_all(&self, distribution: &str, reference: &str) -> Result<Invalidation, Error> {
        let reference = quick_xml::escape::escape(reference);
        let body = format!(
            "<InvalidationBatch xmlns=\"{NAMESPACE}\"><Paths><Quantity>1</Quantity><Items><Path>/*</Path></Items></Paths>\
             <CallerReference>{reference}</CallerReference></InvalidationBatch>"
        );
        let path = format!("{ROOT}/distribution/{}/invalidation", encoded(distribution));
        query::rest(&self.0, API, "CreateInvalidation", Rest { method: "POST", path, body }).await
    }

    /// How an invalidation stands (GetInvalidation).
    ///
    /// # Errors
    /// Whatever CloudFront reports.
    pub async fn invalidation(&self, distribution: &str, id: &str) -> Result<Invalidation, Error> {
        let path = format!("{ROOT}/distribution/{}/invalidation/{}", encoded(distribution), encoded(id));
        let request = Rest { method: "GET", path, body: String::new() };
        query::rest(&self.0, API, "GetInvalidation", request).await
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;

    const ANSWER: &str = "<Invalidation><Id>I1</Id><Status>InProgress</Status><CreateTime>2026-01-02T03:04:05Z</CreateTime>\
        <InvalidationBatch><Paths><Quantity>1</Quantity><Items><Path>/*</Path></Items></Paths><CallerReference>r</CallerReference>\
        </InvalidationBatch></Invalidation>";

    #[tokio::test(flavor = "current_thread")]
    async fn everything_is_invalidated_and_looked_at() {
        let server = testing::answers(vec![
            testing::xml(201, ANSWER),
            testing::xml(200, &ANSWER.replace("InProgress", "Completed")),
        ]);
        let door = server.connection().cloudfront();
        let begun = door.invalidate_all("E123", "a<b").await.unwrap();
        assert_eq!((begun.id.as_str(), begun.is_completed()), ("I1", false));
        assert!(door.invalidation("E123", "I1").await.unwrap().is_completed());
        let requests = server.requests();
        assert_eq!(requests[0].method, "POST");
        assert_eq!(
            requests[0].uri,
            "https://cloudfront.amazonaws.com/2020-05-31/distribution/E123/invalidation"
        );
        assert!(requests[0].body.contains("<Path>/*</Path>") && requests[0].body.contains("a&lt;b"));
        assert!(requests[0].authorization.contains("/us-east-1/cloudfront/aws4_request"));
        assert_eq!(requests[1].method, "GET");
        assert!(requests[1].uri.ends_with("/distribution/E123/invalidation/I1"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_distribution_that_is_gone_is_named() {
        let server = testing::answers(vec![testing::xml_error(
            404,
            "NoSuchDistribution",
            "The specified distribution does not exist.",
        )]);
        let error = server.connection().cloudfront().invalidate_all("E1", "r").await.unwrap_err();
        assert!(error.to_string().contains("CloudFront CreateInvalidation, NoSuchDistribution"), "{error}");
    }
}
