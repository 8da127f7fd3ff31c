//! What an image says of itself: the platforms of a list of images, and the configuration of one.

use serde_json::Value;

use super::{Ecr, Which};
use crate::aws::{Error, presigned};

/// What is known of an image in a registry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Description {
    /// What it runs on, such as `linux/arm64`: several for a list of images, one for a single image; empty when neither
    /// its manifest nor its configuration says.
    pub platforms: Vec<String>,
    /// Ports over TCP that the image for the wanted platform exposes; `None` when its configuration can't be had.
    pub ports: Option<Vec<u16>>,
}

const LISTS: [&str; 2] =
    ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
const SINGLE: [&str; 2] =
    ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];

impl Ecr {
    /// What the image `which` of `repository` in the registry of `account` says of itself; `None` when it or the repository
    /// does not exist (BatchGetImage, GetDownloadUrlForLayer). `wanted`: the platform whose configuration is read of a list
    /// of images.
    ///
    /// # Errors
    /// Whatever ECR reports but that it does not exist. A configuration that can't be read is no error: it is left out.
    pub async fn describe(
        &self,
        account: &str,
        repository: &str,
        which: Which<'_>,
        wanted: &str,
    ) -> Result<Option<Description>, Error> {
        let Some(manifest) = self.manifest(account, repository, which).await? else { return Ok(None) };
        if !manifest["manifests"].is_array() {
            let Some(config) = self.config(account, repository, &manifest).await else {
                return Ok(Some(Description::default()));
            };
            let platforms = platform(&config).into_iter().collect();
            return Ok(Some(Description { platforms, ports: Some(ports(&config)) }));
        }
        let entries = manifest["manifests"].as_array().into_iter().flatten();
        let listed: Vec<(String, &str)> = entries
            .filter_map(|entry| {
                Some((platform(&entry["platform"])?, entry["digest"].as_str().unwrap_or_default()))
            })
            .collect();
        let mut ports_of_wanted = None;
        if let Some((_, digest)) =
            listed.iter().find(|(platform, digest)| platform == wanted && !digest.is_empty())
            && let Ok(Some(single)) = self.manifest(account, repository, Which::Digest(digest)).await
        {
            ports_of_wanted = self.config(account, repository, &single).await.map(|config| ports(&config));
        }
        let platforms = listed.into_iter().map(|(platform, _)| platform).collect();
        Ok(Some(Description { platforms, ports: ports_of_wanted }))
    }

    async fn manifest(
        &self,
        account: &str,
        repository: &str,
        which: Which<'_>,
    ) -> Result<Option<Value>, Error> {
        let types: Vec<String> = LISTS.iter().chain(&SINGLE).map(|&kind| kind.to_owned()).collect();
        let send = self
            .client()
            .await?
            .batch_get_image()
            .registry_id(account)
            .repository_name(repository)
            .image_ids(which.identifier())
            .set_accepted_media_types(Some(types))
            .send();
        let output = match self.call("BatchGetImage", send).await {
            Ok(output) => output,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        if let Some(failure) = output.failures().first()
            && output.images().is_empty()
        {
            return match failure.failure_code().map(aws_sdk_ecr::types::ImageFailureCode::as_str) {
                Some("ImageNotFound") => Ok(None),
                code => {
                    let reason = failure.failure_reason().unwrap_or_default();
                    Err(Error::reported("ECR", "BatchGetImage", 400, code.unwrap_or_default(), reason, ""))
                }
            };
        }
        let manifest = output.images().first().and_then(|image| image.image_manifest());
        Ok(manifest.map(|text| serde_json::from_str(text).unwrap_or_default()))
    }

    /// The configuration that a single image's manifest names; `None` when it can't be had, such as for lack of a permission.
    async fn config(&self, account: &str, repository: &str, manifest: &Value) -> Option<Value> {
        const OPERATION: &str = "GetDownloadUrlForLayer";
        let digest = manifest["config"]["digest"].as_str()?;
        let client = self.client().await.ok()?;
        let send = client
            .get_download_url_for_layer()
            .registry_id(account)
            .repository_name(repository)
            .layer_digest(digest)
            .send();
        let url = self.call(OPERATION, send).await.ok()?.download_url?;
        let service = (Self::SERVICE.name, Self::SERVICE.prefix);
        let bytes = presigned::get(&self.0, service, OPERATION, &url).await.ok()?;
        serde_json::from_slice(&bytes).ok()
    }
}

/// `os/architecture` of a platform or a configuration. What is no image, such as an attestation, says `unknown`.
fn platform(value: &Value) -> Option<String> {
    let text = |key: &str| value[key].as_str().filter(|text| !matches!(*text, "" | "unknown"));
    Some(format!("{}/{}", text("os")?, text("architecture")?))
}

/// Keys such as `8080/tcp`, or `8080` alone.
fn ports(config: &Value) -> Vec<u16> {
    let exposed = config["config"]["ExposedPorts"].as_object().into_iter().flatten();
    let port = |(key, _): (&String, &Value)| match key.split_once('/') {
        Some((port, "tcp")) => port.parse().ok(),
        Some(_) => None,
        None => key.parse().ok(),
    };
    let mut ports: Vec<u16> = exposed.filter_map(port).collect();
    ports.sort_unstable();
    ports
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing;
    use serde_json::json;

    fn image(manifest: &Value) -> testing::Answer {
        testing::json(200, &json!({"images": [{"imageManifest": manifest.to_string()}]}).to_string())
    }

    const CONFIG: &str = r#"{"os": "linux", "architecture": "arm64", "config": {"ExposedPorts": {"9090/tcp": {}, "53/udp": {}, "80": {}}}}"#;

    #[tokio::test(flavor = "current_thread")]
    async fn a_single_image_says_by_its_configuration() {
        let server = testing::answers(vec![
            image(&json!({"config": {"digest": "sha256:c"}})),
            testing::json(200, r#"{"downloadUrl": "https://bucket.example/blob?X-Amz-Signature=a%2Fb"}"#),
            testing::json(200, CONFIG),
        ]);
        let ecr = server.connection().ecr();
        let found =
            ecr.describe("111122223333", "base", Which::Tag("1"), "linux/amd64").await.unwrap().unwrap();
        let want = Description { platforms: vec!["linux/arm64".into()], ports: Some(vec![80, 9090]) };
        assert_eq!(found, want);
        let requests = server.requests();
        assert!(requests[0].body.contains(r#""registryId":"111122223333""#));
        assert!(requests[1].body.contains(r#""layerDigest":"sha256:c""#));
        assert_eq!(
            (requests[2].method.as_str(), requests[2].uri.as_str(), requests[2].authorization.as_str()),
            ("GET", "https://bucket.example/blob?X-Amz-Signature=a%2Fb", ""),
            "no credentials go to the address"
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_list_says_by_its_entries_and_exposes_what_the_wanted_one_does() {
        let entry = |architecture: &str| json!({"digest": format!("sha256:{architecture}"), "platform": {"os": "linux", "architecture": architecture}});
        let server = testing::answers(vec![
            image(
                &json!({"manifests": [entry("amd64"), entry("arm64"), {"platform": {"os": "unknown", "architecture": "unknown"}}]}),
            ),
            image(&json!({"config": {"digest": "sha256:c"}})),
            testing::json(200, r#"{"downloadUrl": "https://bucket.example/blob"}"#),
            testing::json(200, CONFIG),
        ]);
        let ecr = server.connection().ecr();
        let found = ecr.describe("1", "base", Which::Tag("1"), "linux/arm64").await.unwrap().unwrap();
        assert_eq!(found.platforms, ["linux/amd64", "linux/arm64"]);
        assert_eq!(found.ports, Some(vec![80, 9090]));
        assert!(server.requests()[1].body.contains("sha256:arm64"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_cannot_be_had_is_left_out_and_what_is_not_there_is_none() {
        let server = testing::answers(vec![
            image(&json!({"config": {"digest": "sha256:c"}})),
            testing::json_error("AccessDeniedException", "no"),
            testing::json(200, r#"{"images": [], "failures": [{"failureCode": "ImageNotFound"}]}"#),
            testing::json_error("RepositoryNotFoundException", "gone"),
        ]);
        let ecr = server.connection().ecr();
        let ask = || ecr.describe("1", "base", Which::Tag("1"), "linux/amd64");
        assert_eq!(ask().await, Ok(Some(Description::default())));
        assert_eq!(ask().await, Ok(None));
        assert_eq!(ask().await, Ok(None));
    }
}
