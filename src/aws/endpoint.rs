//! Addresses of services where the user put none in their place.

use aws_config::SdkConfig;

/// The address of `prefix` in `region` that a configuration leads to where none was put in its place.
pub(super) fn regional(config: &SdkConfig, prefix: &str, region: &str) -> String {
    Endpoints::of(config).regional(prefix, region)
}

/// Which endpoints are wanted (`AWS_USE_FIPS_ENDPOINT`, `AWS_USE_DUALSTACK_ENDPOINT` or their like in the profile).
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Endpoints {
    fips: bool,
    dual_stack: bool,
}

impl Endpoints {
    pub(super) fn of(config: &SdkConfig) -> Self {
        Self {
            fips: config.use_fips().unwrap_or_default(),
            dual_stack: config.use_dual_stack().unwrap_or_default(),
        }
    }

    /// By the endpoint rules of the region's partition.
    fn regional(self, prefix: &str, region: &str) -> String {
        let partition = crate::facts::partition(region);
        let suffix = match partition {
            _ if !self.dual_stack => crate::facts::dns_suffix(region),
            "aws-cn" => "api.amazonwebservices.com.cn",
            _ => "api.aws",
        };
        // Some services' endpoints in GovCloud are FIPS endpoints as they are.
        let plain = partition == "aws-us-gov"
            && !self.dual_stack
            && matches!(prefix, "ec2" | "ssm" | "states" | "tagging" | "acm" | "sts");
        let fips = if self.fips && !plain { "-fips" } else { "" };
        format!("https://{prefix}{fips}.{region}.{suffix}")
    }

    /// Address and signing region of a service with one endpoint for a whole partition.
    pub(super) fn global(self, prefix: &str, region: &str) -> (String, &'static str) {
        let (url, signed) = global_endpoint(prefix, region);
        // In other partitions there are no further ones, or they are FIPS endpoints as they are.
        if crate::facts::partition(region) != "aws" {
            return (url, signed);
        }
        let fips = if self.fips { "-fips" } else { "" };
        match (prefix, self.dual_stack) {
            ("iam", true) => (format!("https://iam{fips}.global.api.aws"), signed),
            ("route53", true) => (format!("https://route53{fips}.global.api.aws"), signed),
            ("cloudfront", true) => (format!("https://cloudfront{fips}.global.api.aws"), signed),
            _ => (format!("https://{prefix}{fips}.amazonaws.com"), signed),
        }
    }
}

/// Address and signing region of a service with one endpoint for a whole partition.
fn global_endpoint(prefix: &str, region: &str) -> (String, &'static str) {
    match crate::facts::partition(region) {
        // Where the endpoint rules differ from those of IAM.
        "aws-cn" if prefix == "route53" => ("https://route53.amazonaws.com.cn".to_owned(), "cn-northwest-1"),
        "aws-cn" if prefix == "cloudfront" => {
            ("https://cloudfront.cn-northwest-1.amazonaws.com.cn".to_owned(), "cn-northwest-1")
        }
        "aws-cn" => (format!("https://{prefix}.cn-north-1.amazonaws.com.cn"), "cn-north-1"),
        "aws-us-gov" => (format!("https://{prefix}.us-gov.amazonaws.com"), "us-gov-west-1"),
        _ => (format!("https://{prefix}.amazonaws.com"), "us-east-1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_follow_the_partition() {
        let plain = Endpoints::default();
        assert_eq!(plain.regional("ec2", "eu-west-1"), "https://ec2.eu-west-1.amazonaws.com");
        assert_eq!(plain.regional("ec2", "cn-north-1"), "https://ec2.cn-north-1.amazonaws.com.cn");
        let fips = Endpoints { fips: true, dual_stack: false };
        assert_eq!(fips.regional("ssm", "us-east-1"), "https://ssm-fips.us-east-1.amazonaws.com");
        assert_eq!(fips.regional("ssm", "us-gov-west-1"), "https://ssm.us-gov-west-1.amazonaws.com");
        assert_eq!(fips.global("iam", "us-east-1").0, "https://iam-fips.amazonaws.com");
        let dual = Endpoints { fips: false, dual_stack: true };
        assert_eq!(dual.regional("ec2", "eu-west-1"), "https://ec2.eu-west-1.api.aws");
        assert_eq!(dual.global("iam", "eu-west-1"), ("https://iam.global.api.aws".to_owned(), "us-east-1"));
        assert_eq!(global_endpoint("iam", "eu-west-1").0, "https://iam.amazonaws.com");
        assert_eq!(global_endpoint("iam", "us-gov-east-1").1, "us-gov-west-1");
    }
}
