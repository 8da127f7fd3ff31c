//! ECR: logging in, looking images up, emptying repositories.

mod config;

use aws_sdk_ecr::types;

pub use config::Description;

use super::cloudformation::millis;
use super::{Connection, Error, door, query};
use crate::secret::Secret;

door!(
    /// The door to ECR.
    Ecr, ecr, aws_sdk_ecr, "ECR", "ECR", "api.ecr"
);

/// Most images one BatchDeleteImage call takes.
const DELETE_BATCH: usize = 100;

/// What a container engine needs to log in to the account's registry. Valid for 12 hours.
#[derive(Debug, Clone)]
pub struct Login {
    /// The user, always `AWS`.
    pub user: String,
    /// The password.
    pub password: Secret,
    /// Address of the registry, such as `https://123456789012.dkr.ecr.eu-west-1.amazonaws.com`.
    pub endpoint: String,
}

/// An image of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Its digest, `sha256:…`.
    pub digest: String,
    /// Its tags, sorted.
    pub tags: Vec<String>,
    /// Its compressed size in bytes.
    pub size: u64,
    /// Milliseconds since the Unix epoch of its push.
    pub pushed: i64,
}

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its name, such as `shop/api`.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// Its address without tag.
    pub uri: String,
}

/// One image among those of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which<'a> {
    /// The one with this tag.
    Tag(&'a str),
    /// The one with this digest.
    Digest(&'a str),
}

impl Which<'_> {
    fn identifier(self) -> types::ImageIdentifier {
        let builder = types::ImageIdentifier::builder();
        match self {
            Self::Tag(tag) => builder.image_tag(tag).build(),
            Self::Digest(digest) => builder.image_digest(digest).build(),
        }
    }
}

impl Ecr {
    /// What a container engine needs to log in (GetAuthorizationToken).
    ///
    /// # Errors
    /// Whatever ECR reports, or that its token can't be read.
    pub async fn login(&self) -> Result<Login, Error> {
        const OPERATION: &str = "GetAuthorizationToken";
        let output = self.call(OPERATION, self.client().await?.get_authorization_token().send()).await?;
        let missing = || Error::incomplete("ECR", OPERATION, "a token of the form user:password");
        let data = output.authorization_data().first().ok_or_else(missing)?;
        let token = data.authorization_token().ok_or_else(missing)?;
        let token =
            aws_smithy_types::base64::decode(token).ok().and_then(|token| String::from_utf8(token).ok());
        let token = token.ok_or_else(missing)?;
        let (user, password) = token.split_once(':').ok_or_else(missing)?;
        Ok(Login {
            user: user.to_owned(),
            password: Secret::new(password),
            endpoint: data.proxy_endpoint().unwrap_or_default().to_owned(),
        })
    }

    /// The image `which` of `repository`; `None` when it or the repository does not exist (DescribeImages).
    ///
    /// # Errors
    /// Whatever ECR reports but that it does not exist.
    pub async fn image(&self, repository: &str, which: Which<'_>) -> Result<Option<Image>, Error> {
        let send = self
            .client()
            .await?
            .describe_images()
            .repository_name(repository)
            .image_ids(which.identifier())
            .send();
        match self.call("DescribeImages", send).await {
            Ok(output) => Ok(output.image_details().first().map(image)),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All images of `repository`, newest first (DescribeImages, all pages). A repository that does not exist has none.
    ///
    /// # Errors
    /// Whatever ECR reports but that the repository does not exist.
    pub async fn images(&self, repository: &str) -> Result<Vec<Image>, Error> {
        let client = self.client().await?;
        let found = query::pages(|token| async move {
            let send = client
                .describe_images()
                .repository_name(repository)
                .set_next_token(token)
                .max_results(1000)
                .send();
            let output = self.call("DescribeImages", send).await?;
            Ok((output.image_details().iter().map(image).collect(), output.next_token))
        })
        .await;
        match found {
            Ok(mut images) => {
                images.sort_by_key(|image: &Image| std::cmp::Reverse(image.pushed));
                Ok(images)
            }
            Err(error) if error.is_not_found() => Ok(vec![]),
            Err(error) => Err(error),
        }
    }

    /// Removes all images of `repository` and returns how many there were (ListImages, BatchDeleteImage). A repository that
    /// does not exist is empty.
    ///
    /// # Errors
    /// Whatever ECR reports, also for a single image.
    pub async fn empty(&self, repository: &str) -> Result<usize, Error> {
        let mut removed = 0;
        // An image that a manifest list refers to goes only after the list: a second round takes what the first could not.
        for _ in 0..3 {
            let digests = self.digests(repository).await?;
            if digests.is_empty() {
                return Ok(removed);
            }
            let mut refusal = None;
            for batch in digests.chunks(DELETE_BATCH) {
                let ids = batch.iter().map(|digest| Which::Digest(digest).identifier()).collect();
                let send = self
                    .client()
                    .await?
                    .batch_delete_image()
                    .repository_name(repository)
                    .set_image_ids(Some(ids))
                    .send();
                let output = self.call("BatchDeleteImage", send).await?;
                removed += output.image_ids().len();
                if let Some(failure) = output.failures().first() {
                    let code = failure.failure_code().map(|code| code.as_str().to_owned());
                    refusal = Some((
                        code.unwrap_or_default(),
                        failure.failure_reason().unwrap_or_default().to_owned(),
                    ));
                }
            }
            match refusal {
                None => return Ok(removed),
                Some((code, _)) if code == "ImageReferencedByManifestList" => {}
                Some((code, reason)) => {
                    return Err(Error::reported("ECR", "BatchDeleteImage", 400, &code, &reason, ""));
                }
            }
        }
        Ok(removed)
    }

    async fn digests(&self, repository: &str) -> Result<Vec<String>, Error> {
        let client = self.client().await?;
        let found = query::pages(|token| async move {
            let send = client
                .list_images()
                .repository_name(repository)
                .set_next_token(token)
                .max_results(1000)
                .send();
            let output = self.call("ListImages", send).await?;
            let digests =
                output.image_ids().iter().filter_map(|id| id.image_digest().map(str::to_owned)).collect();
            Ok((digests, output.next_token))
        })
        .await;
        match found {
            Ok(mut digests) => {
                // An image with two tags is listed twice.
                digests.sort();
                digests.dedup();
                Ok(digests)
            }
            Err(error) if error.is_not_found() => Ok(vec![]),
            Err(error) => Err(error),
        }
    }

    /// The repository `name`; `None` when it does not exist (DescribeRepositories).
    ///
    /// # Errors
    /// Whatever ECR reports but that it does not exist.
    pub async fn repository(&self, name: &str) -> Result<Option<Repository>, Error> {
        let send = self.client().await?.describe_repositories().repository_names(name).send();
        match self.call("DescribeRepositories", send).await {
            Ok(output) => Ok(output.repositories().first().map(|repository| Repository {
                name: repository.repository_name().unwrap_or_default().to_owned(),
                arn: repository.repository_arn().unwrap_or_default().to_owned(),
                uri: repository.repository_uri().unwrap_or_default().to_owned(),
            })),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn image(detail: &types::ImageDetail) -> Image {
    let mut tags = detail.image_tags().to_vec();
    tags.sort();
    Image {
        digest: detail.image_digest().unwrap_or_default().to_owned(),
        tags,
        size: detail.image_size_in_bytes().and_then(|size| u64::try_from(size).ok()).unwrap_or_default(),
        pushed: millis(detail.image_pushed_at()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn the_password_is_decoded_and_hidden() {
        let token = aws_smithy_types::base64::encode("AWS:top:secret");
        let server = testing::answers(vec![testing::json(
            200,
            &format!(
                r#"{{"authorizationData": [{{"authorizationToken": "{token}", "proxyEndpoint": "https://1.dkr.ecr.eu-west-1.amazonaws.com"}}]}}"#
            ),
        )]);
        let login = server.connection().ecr().login().await.unwrap();
        assert_eq!((login.user.as_str(), login.password.expose()), ("AWS", "top:secret"));
        assert!(!format!("{login:?}").contains("secret\""));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_missing_image_is_none() {
        for code in ["ImageNotFoundException", "RepositoryNotFoundException"] {
            let server = testing::answers(vec![testing::json_error(code, "gone")]);
            let ecr = server.connection().ecr();
            assert_eq!(ecr.image("shop/api", Which::Tag("latest")).await, Ok(None));
            assert_eq!(ecr.empty("shop/api").await, Ok(0));
            assert_eq!(ecr.repository("shop/api").await, Ok(None));
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn images_of_a_manifest_list_go_in_a_second_round() {
        let server = testing::answers(vec![
            testing::json(
                200,
                r#"{"imageIds": [{"imageDigest": "a"}, {"imageDigest": "b", "imageTag": "1"}, {"imageDigest": "b", "imageTag": "2"}]}"#,
            ),
            testing::json(
                200,
                r#"{"imageIds": [{"imageDigest": "b"}], "failures": [{"imageId": {"imageDigest": "a"}, "failureCode": "ImageReferencedByManifestList", "failureReason": "r"}]}"#,
            ),
            testing::json(200, r#"{"imageIds": [{"imageDigest": "a"}]}"#),
            testing::json(200, r#"{"imageIds": [{"imageDigest": "a"}], "failures": []}"#),
        ]);
        assert_eq!(server.connection().ecr().empty("shop/api").await, Ok(2));
        assert_eq!(server.actions(), ["ListImages", "BatchDeleteImage", "ListImages", "BatchDeleteImage"]);
    }
}
