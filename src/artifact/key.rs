//! Keys and addresses of objects in the artifact bucket. They are Copilot's, so both tools find the same objects.

use super::sha256;
use crate::facts;
use crate::name::{EnvName, WorkloadName};

/// Key of a stack's template.
#[must_use]
pub fn template(stack: &str, body: &str) -> String {
    format!("manual/templates/{stack}/{}.yml", sha256(body.as_bytes()))
}

/// Key of a pipeline's template. The one key that is not named by content: there is one object per pipeline.
#[must_use]
pub fn pipeline_template(stack: &str) -> String {
    format!("{stack}.pipeline.stack.yml")
}

/// Key of the template of a workload's addons.
#[must_use]
pub fn addons(workload: &WorkloadName, body: &str) -> String {
    format!("manual/addons/{workload}/{}.yml", sha256(body.as_bytes()))
}

/// Key of a local file or directory that a workload's addons refer to. `hash`: hexadecimal, of its content.
#[must_use]
pub fn addons_asset(workload: &WorkloadName, hash: &str) -> String {
    format!("manual/addons/{workload}/assets/{hash}")
}

/// Key of the template of the environments' addons.
#[must_use]
pub fn environment_addons(body: &str) -> String {
    format!("manual/addons/environments/{}.yml", sha256(body.as_bytes()))
}

/// Key of a local file or directory that the environments' addons refer to. `hash`: hexadecimal, of its content.
#[must_use]
pub fn environment_addons_asset(hash: &str) -> String {
    format!("manual/addons/environments/assets/{hash}")
}

/// Key of a `.env` file. `path`: the manifest's path, of which the last part counts.
#[must_use]
pub fn env_file(path: &str, body: &[u8]) -> String {
    let base = path.rsplit('/').next().unwrap_or(path);
    format!("manual/env-files/{base}/{}.env", sha256(body))
}

/// Key of the note of what a static site's bucket holds. The one object of its name: each deployment writes it anew.
#[must_use]
pub fn site_receipt(env: &EnvName, workload: &WorkloadName) -> String {
    format!("local-assets/environments/{env}/workloads/{workload}/receipt.json")
}

/// URL of an object, as CloudFormation takes it for templates.
#[must_use]
pub fn url(bucket: &str, region: &str, key: &str) -> String {
    format!("https://{bucket}.s3.{region}.{}/{key}", facts::dns_suffix(region))
}

/// ARN of an object, as ECS takes it for environment files.
#[must_use]
pub fn arn(bucket: &str, region: &str, key: &str) -> String {
    format!("arn:{}:s3:::{bucket}/{key}", facts::partition(region))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_those_copilot_uses() {
        let api = WorkloadName::new("api").unwrap();
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(template("shop-test-api", ""), format!("manual/templates/shop-test-api/{empty}.yml"));
        assert_eq!(addons(&api, ""), format!("manual/addons/api/{empty}.yml"));
        assert_eq!(environment_addons(""), format!("manual/addons/environments/{empty}.yml"));
        assert_eq!(env_file("config/api.env", b""), format!("manual/env-files/api.env/{empty}.env"));
        let receipt = site_receipt(&EnvName::new("test").unwrap(), &api);
        assert_eq!(receipt, "local-assets/environments/test/workloads/api/receipt.json");
    }

    #[test]
    fn addresses_follow_the_partition() {
        assert_eq!(url("b", "eu-west-1", "k/x.yml"), "https://b.s3.eu-west-1.amazonaws.com/k/x.yml");
        assert_eq!(url("b", "cn-north-1", "k"), "https://b.s3.cn-north-1.amazonaws.com.cn/k");
        assert_eq!(arn("b", "us-gov-west-1", "k.env"), "arn:aws-us-gov:s3:::b/k.env");
    }
}
