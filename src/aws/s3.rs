//! S3: artifacts and sites go in, buckets are emptied.

use std::path::Path;
use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types;

use super::cloudformation::millis;
use super::{Connection, Error, Kind, door, query};

door!(
    /// The door to S3.
    S3, s3, aws_sdk_s3, "S3", "S3", "s3", adjusted by adjusted
);

/// Most objects one DeleteObjects call takes.
const DELETE_BATCH: usize = 1_000;

/// What is known of an object without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// Its key.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its entity tag without quotes.
    pub etag: String,
    /// Milliseconds since the Unix epoch of its last change.
    pub modified: i64,
}

/// What an object is besides its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Its entity tag without quotes.
    pub etag: String,
    /// Its media type; empty when it has none.
    pub content_type: String,
    /// The SHA-256 that [`S3::put_file`] noted, as hexadecimal digits; empty for objects that came otherwise.
    pub sha256: String,
}

/// A file that is to become an object.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// Where it is on this machine.
    pub path: &'a Path,
    /// The SHA-256 of its bytes as hexadecimal digits.
    pub sha256: &'a str,
    /// Its media type.
    pub content_type: &'a str,
}

/// Bytes a second that the slowest line takes which uploads wait for.
const SLOWEST_LINE: u64 = 16 * 1024;

/// Name under which an object's SHA-256 is noted in its metadata.
const SHA256: &str = "wharf-sha256";

impl S3 {
    fn adjusted(
        builder: aws_sdk_s3::config::Builder,
        config: &aws_config::SdkConfig,
    ) -> aws_sdk_s3::config::Builder {
        let custom = super::endpoint_override(config, "S3").is_some();
        let builder = builder.force_path_style(custom);
        // A large file on a slow line may take longer than any other call.
        match config.timeout_config() {
            Some(timeouts) => builder
                .timeout_config(timeouts.clone().into_builder().disable_operation_attempt_timeout().build()),
            None => builder,
        }
    }

    /// How long the answer to an upload of so many bytes may take: the SDK counts from the first byte that goes out.
    async fn time_for(&self, bytes: u64) -> Result<aws_sdk_s3::config::Builder, Error> {
        let timeouts = self.0.config().await?.timeout_config().cloned();
        let changed = aws_sdk_s3::config::Builder::new();
        Ok(match timeouts {
            Some(timeouts) if timeouts.read_timeout().is_some() => {
                let sending = Duration::from_secs(bytes / SLOWEST_LINE);
                let read = timeouts.read_timeout().map(|read| read + sending);
                // What is set here counts more than what the client was made with.
                let mut timeouts = timeouts.into_builder().disable_operation_attempt_timeout();
                timeouts.set_read_timeout(read);
                changed.timeout_config(timeouts.build())
            }
            _ => changed,
        })
    }

    /// Writes an object that the bucket's owner may do everything with (PutObject).
    ///
    /// # Errors
    /// Whatever S3 reports.
    pub async fn put(
        &self,
        bucket: &str,
        key: &str,
        bytes: Vec<u8>,
        content_type: &str,
    ) -> Result<(), Error> {
        let time = self.time_for(bytes.len() as u64).await?;
        let send = self
            .client()
            .await?
            .put_object()
            .bucket(bucket)
            .key(key)
            .acl(types::ObjectCannedAcl::BucketOwnerFullControl)
            .content_type(content_type)
            .body(ByteStream::from(bytes))
            .customize()
            .config_override(time)
            .send();
        self.call("PutObject", send).await.map(drop)
    }

    /// Writes an object whose key names its content, unless it is there; returns whether it was written. That the caller
    /// may not look (HeadObject refused) is no failure: it is written then.
    ///
    /// # Errors
    /// Whatever S3 reports.
    pub async fn put_if_absent(
        &self,
        bucket: &str,
        key: &str,
        bytes: Vec<u8>,
        content_type: &str,
    ) -> Result<bool, Error> {
        match self.head(bucket, key).await {
            Ok(Some(_)) => return Ok(false),
            // Without the right to list, S3 says "forbidden" for what does not exist.
            Ok(None) | Err(Error { kind: Kind::AccessDenied { .. }, .. }) => {}
            Err(error) => return Err(error),
        }
        self.put(bucket, key, bytes, content_type).await?;
        Ok(true)
    }

    /// What is known of the object `key`; `None` when it or the bucket does not exist (HeadObject).
    ///
    /// # Errors
    /// Whatever S3 reports but that it does not exist.
    pub async fn head(&self, bucket: &str, key: &str) -> Result<Option<Object>, Error> {
        let send = self.client().await?.head_object().bucket(bucket).key(key).send();
        match self.call("HeadObject", send).await {
            Ok(output) => Ok(Some(Object {
                key: key.to_owned(),
                size: size(output.content_length()),
                etag: etag(output.e_tag()),
                modified: millis(output.last_modified()),
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes a file as an object, piece by piece, and returns the object's entity tag (PutObject). S3 refuses it when its bytes
    /// do not hash to what `file` says: it was changed meanwhile.
    ///
    /// # Errors
    /// The file can't be read; whatever S3 reports.
    pub async fn put_file(&self, bucket: &str, key: &str, file: Upload<'_>) -> Result<String, Error> {
        let failed = |message: String| Error {
            service: "S3",
            operation: "PutObject",
            ..Error::local(Kind::InvalidRequest, message)
        };
        let body = ByteStream::read_from().path(file.path).build().await;
        let body = body.map_err(|error| failed(format!("{} can't be read: {error}", file.path.display())))?;
        let time = self.time_for(body.size_hint().1.unwrap_or_default()).await?;
        let send = self
            .client()
            .await?
            .put_object()
            .bucket(bucket)
            .key(key)
            .content_type(file.content_type)
            .metadata(SHA256, file.sha256)
            .checksum_sha256(base64_of(file.sha256))
            .body(body)
            .customize()
            .config_override(time)
            .send();
        let output = self.call("PutObject", send).await?;
        Ok(etag(output.e_tag()))
    }

    /// What the object `key` is; `None` when it does not exist (HeadObject).
    ///
    /// # Errors
    /// Whatever S3 reports but that it does not exist.
    pub async fn describe(&self, bucket: &str, key: &str) -> Result<Option<Described>, Error> {
        let send = self.client().await?.head_object().bucket(bucket).key(key).send();
        match self.call("HeadObject", send).await {
            Ok(output) => Ok(Some(Described {
                etag: etag(output.e_tag()),
                content_type: output.content_type().unwrap_or_default().to_owned(),
                sha256: output
                    .metadata()
                    .and_then(|metadata| metadata.get(SHA256))
                    .cloned()
                    .unwrap_or_default(),
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The content of the object `key`; `None` when it does not exist (GetObject).
    ///
    /// # Errors
    /// Whatever S3 reports but that it does not exist.
    pub async fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, Error> {
        let send = self.client().await?.get_object().bucket(bucket).key(key).send();
        let output = match self.call("GetObject", send).await {
            Ok(output) => output,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        match output.body.collect().await {
            Ok(bytes) => Ok(Some(bytes.to_vec())),
            Err(error) => Err(Error {
                service: "S3",
                operation: "GetObject",
                ..Error::local(
                    Kind::Unreachable { endpoint: Box::default() },
                    format!("the object {key} broke off: {error}"),
                )
            }),
        }
    }

    /// The objects whose keys begin with `prefix`, in the order of their keys (ListObjectsV2, all pages). A bucket that does
    /// not exist has none.
    ///
    /// # Errors
    /// Whatever S3 reports but that the bucket does not exist.
    pub async fn list(&self, bucket: &str, prefix: &str) -> Result<Vec<Object>, Error> {
        let client = self.client().await?;
        let found = query::pages(|token| async move {
            let send =
                client.list_objects_v2().bucket(bucket).prefix(prefix).set_continuation_token(token).send();
            let output = self.call("ListObjectsV2", send).await?;
            let objects = output.contents().iter().map(|object| Object {
                key: object.key().unwrap_or_default().to_owned(),
                size: size(object.size()),
                etag: etag(object.e_tag()),
                modified: millis(object.last_modified()),
            });
            Ok((objects.collect(), output.next_continuation_token().map(str::to_owned)))
        })
        .await;
        match found {
            Err(error) if error.is_not_found() => Ok(vec![]),
            other => other,
        }
    }

    /// Removes the objects `keys`; in a versioned bucket their older versions stay (DeleteObjects).
    ///
    /// # Errors
    /// Whatever S3 reports, also for a single object.
    pub async fn delete(&self, bucket: &str, keys: &[String]) -> Result<(), Error> {
        let keys: Vec<_> = keys.iter().map(|key| (key.clone(), None)).collect();
        self.delete_all(bucket, &keys).await
    }

    /// Removes every version of every object and every delete marker, and returns how many there were (ListObjectVersions,
    /// DeleteObjects). A bucket that does not exist is empty.
    ///
    /// # Errors
    /// Whatever S3 reports, also for a single object.
    pub async fn empty(&self, bucket: &str) -> Result<usize, Error> {
        let client = self.client().await?;
        let (mut key_marker, mut version_marker) = (None, None);
        let mut removed = 0;
        loop {
            let send = client
                .list_object_versions()
                .bucket(bucket)
                .set_key_marker(key_marker)
                .set_version_id_marker(version_marker)
                .send();
            let page = match self.call("ListObjectVersions", send).await {
                Ok(page) => page,
                Err(error) if error.is_not_found() => return Ok(removed),
                Err(error) => return Err(error),
            };
            let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
            let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
            let keys: Vec<_> = versions
                .chain(markers)
                .filter_map(|(key, version)| Some((key?.to_owned(), version.map(str::to_owned))))
                .collect();
            self.delete_all(bucket, &keys).await?;
            removed += keys.len();
            if !page.is_truncated().unwrap_or_default() || keys.is_empty() {
                return Ok(removed);
            }
            key_marker = page.next_key_marker;
            version_marker = page.next_version_id_marker;
        }
    }

    async fn delete_all(&self, bucket: &str, keys: &[(String, Option<String>)]) -> Result<(), Error> {
        let client = self.client().await?;
        for batch in keys.chunks(DELETE_BATCH) {
            let objects = batch
                .iter()
                .map(|(key, version)| {
                    types::ObjectIdentifier::builder().key(key).set_version_id(version.clone()).build()
                })
                .collect::<Result<Vec<_>, _>>();
            let delete = objects
                .and_then(|objects| types::Delete::builder().quiet(true).set_objects(Some(objects)).build())
                .map_err(|error| Error {
                    service: "S3",
                    operation: "DeleteObjects",
                    ..Error::local(Kind::InvalidRequest, error.to_string())
                })?;
            let send = client.delete_objects().bucket(bucket).delete(delete).send();
            let output = self.call("DeleteObjects", send).await?;
            if let Some(failed) = output.errors().first() {
                return Err(Error::reported(
                    "S3",
                    "DeleteObjects",
                    400,
                    failed.code().unwrap_or_default(),
                    &format!(
                        "{}: {}",
                        failed.key().unwrap_or_default(),
                        failed.message().unwrap_or("can't be deleted")
                    ),
                    "",
                ));
            }
        }
        Ok(())
    }

    /// Whether the bucket exists and may be looked at (HeadBucket).
    ///
    /// # Errors
    /// Whatever S3 reports but that it does not exist.
    pub async fn exists(&self, bucket: &str) -> Result<bool, Error> {
        let send = self.client().await?.head_bucket().bucket(bucket).send();
        match self.call("HeadBucket", send).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// Hexadecimal digits in base 64, as S3 wants checksums.
fn base64_of(hex: &str) -> String {
    let digit = |byte: u8| char::from(byte).to_digit(16).unwrap_or_default();
    let pairs = hex.as_bytes().chunks_exact(2);
    let bytes: Vec<u8> =
        pairs.filter_map(|pair| u8::try_from(digit(pair[0]) * 16 + digit(pair[1])).ok()).collect();
    aws_smithy_types::base64::encode(bytes)
}

fn size(size: Option<i64>) -> u64 {
    size.and_then(|size| u64::try_from(size).ok()).unwrap_or_default()
}

fn etag(etag: Option<&str>) -> String {
    etag.unwrap_or_default().trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use aws_config::timeout::TimeoutConfig;

    use super::super::testing;
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn an_upload_may_take_longer_than_any_other_call() {
        let limit = Duration::from_millis(20);
        let limits = TimeoutConfig::builder().read_timeout(limit).operation_attempt_timeout(limit).build();
        let server = testing::impatient(limits, move |_| testing::xml(200, "").after(limit * 5));
        let s3 = server.connection().s3();
        s3.put("b", "k", b"abc".to_vec(), "text/plain").await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        s3.put_file("b", "a", Upload { path: &path, sha256: "00ff", content_type: "text/plain" })
            .await
            .unwrap();
        assert_eq!(server.requests().len(), 2);
        let error = server.connection().ecs().clusters(&["c"]).await.unwrap_err();
        assert!(matches!(error.kind, Kind::Unreachable { .. }), "{error}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_is_there_is_not_written_again() {
        let there = testing::answers(vec![testing::xml(200, "").header("content-length", "3")]);
        let s3 = there.connection().s3();
        assert!(!s3.put_if_absent("b", "k", b"abc".to_vec(), "text/plain").await.unwrap());
        assert_eq!(there.requests().len(), 1);
        for status in [404, 403] {
            let absent = testing::answers(vec![testing::xml(status, ""), testing::xml(200, "")]);
            let s3 = absent.connection().s3();
            assert!(
                s3.put_if_absent("artifacts", "manual/x y.yml", b"abc".to_vec(), "text/plain").await.unwrap()
            );
            let put = &absent.requests()[1];
            assert_eq!(put.method, "PUT");
            assert!(
                put.uri.starts_with("https://artifacts.s3.eu-west-1.amazonaws.com/manual/x%20y.yml"),
                "{}",
                put.uri
            );
            assert_eq!(put.body, "abc");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn files_go_out_with_their_hash_and_come_back_described() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.html");
        std::fs::write(&path, "<p>").unwrap();
        let server = testing::server(|request| match request.method.as_str() {
            "PUT" => testing::xml(200, "").header("etag", "\"e1\""),
            _ if request.uri.contains("gone") => testing::xml(404, ""),
            _ => testing::xml(200, "")
                .header("etag", "\"e1\"")
                .header("content-type", "text/html")
                .header("x-amz-meta-wharf-sha256", "00ff"),
        });
        let s3 = server.connection().s3();
        let upload = Upload { path: &path, sha256: "00ff", content_type: "text/html" };
        assert_eq!(s3.put_file("site", "a/é.html", upload).await.as_deref(), Ok("e1"));
        let put = &server.requests()[0];
        assert!(put.uri.starts_with("https://site.s3.eu-west-1.amazonaws.com/a/%C3%A9.html"), "{}", put.uri);
        let described = s3.describe("site", "a").await.unwrap().unwrap();
        assert_eq!(
            described,
            Described { etag: "e1".into(), content_type: "text/html".into(), sha256: "00ff".into() }
        );
        assert_eq!(s3.describe("site", "gone").await, Ok(None));
        let none = Upload { path: &dir.path().join("none"), ..upload };
        assert!(s3.put_file("site", "a", none).await.unwrap_err().to_string().contains("can't be read"));
        assert_eq!(base64_of("00ff10"), "AP8Q");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_bucket_is_emptied_of_versions_and_markers() {
        let server = testing::server(|request| match request.method.as_str() {
            "GET" => testing::xml(
                200,
                "<ListVersionsResult><IsTruncated>false</IsTruncated><Version><Key>a</Key><VersionId>1</VersionId></Version>\
                 <DeleteMarker><Key>a</Key><VersionId>2</VersionId></DeleteMarker></ListVersionsResult>",
            ),
            _ => testing::xml(200, "<DeleteResult/>"),
        });
        assert_eq!(server.connection().s3().empty("b").await, Ok(2));
        let sent = &server.requests()[1].body;
        assert!(sent.contains("<Key>a</Key><VersionId>1</VersionId>"), "{sent}");
        assert!(sent.contains("<Key>a</Key><VersionId>2</VersionId>"), "{sent}");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_missing_bucket_is_empty() {
        let server = testing::answers(vec![testing::xml(
            404,
            "<Error><Code>NoSuchBucket</Code><Message>The specified bucket does not exist</Message></Error>",
        )]);
        let s3 = server.connection().s3();
        assert_eq!(s3.empty("b").await, Ok(0));
        assert_eq!(s3.list("b", "").await, Ok(vec![]));
        assert_eq!(s3.get("b", "k").await, Ok(None));
        assert_eq!(s3.exists("b").await, Ok(false));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_object_that_stays_is_a_failure() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code><Message>Access Denied</Message></Error></DeleteResult>",
        )]);
        let error = server.connection().s3().delete("b", &["a".into()]).await.unwrap_err();
        assert_eq!(error.to_string(), "access denied: a: Access Denied (S3 DeleteObjects, AccessDenied)");
    }
}
