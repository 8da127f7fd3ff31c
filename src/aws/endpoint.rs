//! Addresses of services where the user put none in their place, by the endpoint rules of AWS's SDKs.
//!
//! The rules come with the models of the services. `tests/endpoints.txt` holds what they say of the services and partitions
//! that matter here; the SDK's own crates are asked beside it.

use aws_config::SdkConfig;

/// The address of the service whose host names begin with `prefix`, and the region that calls of it are signed for.
/// `region`: the one that is wanted. Which kind of endpoint that is say `AWS_USE_FIPS_ENDPOINT`,
/// `AWS_USE_DUALSTACK_ENDPOINT` or their like in the profile.
pub(super) fn of(config: &SdkConfig, prefix: &str, region: &str) -> (String, String) {
    let wanted = Wanted {
        fips: config.use_fips().unwrap_or_default(),
        dual_stack: config.use_dual_stack().unwrap_or_default(),
    };
    wanted.of(prefix, region)
}

/// Which kind of endpoint is wanted.
#[derive(Debug, Clone, Copy, Default)]
struct Wanted {
    fips: bool,
    dual_stack: bool,
}

impl Wanted {
    fn of(self, prefix: &str, region: &str) -> (String, String) {
        let partition = crate::facts::partition(region);
        let (host, signed_for) = match prefix {
            "cloudfront" | "iam" | "route53" => self.of_partition(prefix, partition),
            _ => (self.of_region(prefix, region, partition), region),
        };
        (format!("https://{host}"), signed_for.to_owned())
    }

    fn of_region(self, prefix: &str, region: &str, partition: &str) -> String {
        let prefix = match prefix {
            "api.ecr" if self.dual_stack => "ecr",
            "elasticfilesystem" if self.dual_stack => "efs",
            prefix => prefix,
        };
        let suffix = match partition {
            // Its usual host names have addresses of both kinds.
            _ if !self.dual_stack || prefix == "secretsmanager" => crate::facts::dns_suffix(region),
            "aws-cn" => "api.amazonwebservices.com.cn",
            _ => "api.aws",
        };
        // Some endpoints in GovCloud are FIPS endpoints as they are.
        let plain = match prefix {
            "monitoring" => true,
            "states" => !self.dual_stack && region == "us-gov-west-1",
            "acm"
            | "cloudformation"
            | "ec2"
            | "elasticloadbalancing"
            | "logs"
            | "servicequotas"
            | "ssm"
            | "sts" => !self.dual_stack,
            _ => false,
        };
        let fips = if self.fips && !(plain && partition == "aws-us-gov") { "-fips" } else { "" };
        if prefix == "s3" && self.dual_stack {
            return format!("s3{fips}.dualstack.{region}.{}", crate::facts::dns_suffix(region));
        }
        format!("{prefix}{fips}.{region}.{suffix}")
    }

    /// Services with one endpoint for a whole partition: its host name, and the region that it is signed for. There are no
    /// FIPS endpoints in China.
    fn of_partition(self, prefix: &str, partition: &str) -> (String, &'static str) {
        let fips = if self.fips { "-fips" } else { "" };
        match (partition, prefix, self.dual_stack) {
            ("aws-cn", "iam", false) => ("iam.cn-north-1.amazonaws.com.cn".to_owned(), "cn-north-1"),
            ("aws-cn", "iam", true) => ("iam.global.api.amazonwebservices.com.cn".to_owned(), "cn-north-1"),
            ("aws-cn", "route53", false) => ("route53.amazonaws.com.cn".to_owned(), "cn-northwest-1"),
            ("aws-cn", "route53", true) => {
                ("route53.global.api.amazonwebservices.com.cn".to_owned(), "cn-northwest-1")
            }
            ("aws-cn", prefix, false) => {
                (format!("{prefix}.cn-northwest-1.amazonaws.com.cn"), "cn-northwest-1")
            }
            ("aws-cn", prefix, true) => (format!("{prefix}.api.amazonwebservices.com.cn"), "cn-northwest-1"),
            // It is not in GovCloud: its rules name the endpoint of the other regions.
            ("aws-us-gov", "cloudfront", false) => {
                (format!("cloudfront{fips}.amazonaws.com"), "us-gov-west-1")
            }
            ("aws-us-gov", "cloudfront", true) => (format!("cloudfront{fips}.api.aws"), "us-gov-west-1"),
            // FIPS endpoints as they are.
            ("aws-us-gov", prefix, false) => (format!("{prefix}.us-gov.amazonaws.com"), "us-gov-west-1"),
            ("aws-us-gov", prefix, true) => (format!("{prefix}.us-gov.api.aws"), "us-gov-west-1"),
            (_, prefix, false) => (format!("{prefix}{fips}.amazonaws.com"), "us-east-1"),
            (_, prefix, true) => (format!("{prefix}{fips}.global.api.aws"), "us-east-1"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Wanted; 4] = [
        Wanted { fips: false, dual_stack: false },
        Wanted { fips: true, dual_stack: false },
        Wanted { fips: false, dual_stack: true },
        Wanted { fips: true, dual_stack: true },
    ];

    /// A row is a service, a region, and an address for each kind that there is: plain, FIPS, dual-stack, both.
    #[test]
    fn addresses_of_the_small_client_are_those_of_the_rules() {
        let rows = include_str!("../../tests/endpoints.txt").lines().filter(|line| !line.starts_with('#'));
        let mut services = std::collections::BTreeSet::new();
        for row in rows {
            let words: Vec<&str> = row.split_whitespace().collect();
            let [prefix, region, signed_for, addresses @ ..] = words.as_slice() else { panic!("{row}") };
            services.insert(*prefix);
            assert_eq!(addresses.len(), KINDS.len(), "{row}");
            for (kind, address) in KINDS.iter().zip(addresses).filter(|(_, address)| **address != "-") {
                let want = (format!("https://{address}"), (*signed_for).to_owned());
                assert_eq!(kind.of(prefix, region), want, "{kind:?} {row}");
            }
        }
        assert_eq!(services.len(), 19, "{services:?}");
    }

    /// What the error of a call names is where the SDK's client went.
    #[test]
    fn addresses_of_the_sdk_are_its_own() {
        macro_rules! check {
            ($sdk:ident, $prefix:literal) => {{
                use $sdk::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
                for region in ["eu-west-1", "us-gov-west-1", "us-gov-east-1", "cn-north-1"] {
                    for kind in KINDS.iter().filter(|kind| !(kind.fips && region.starts_with("cn-"))) {
                        let asked = Params::builder()
                            .region(region)
                            .use_fips(kind.fips)
                            .use_dual_stack(kind.dual_stack)
                            .build();
                        let resolving = DefaultResolver::new();
                        let found = futures_util::FutureExt::now_or_never(
                            resolving.resolve_endpoint(&asked.unwrap()),
                        );
                        let found = found.unwrap().unwrap();
                        assert_eq!(kind.of($prefix, region).0, found.url(), "{kind:?} {region}");
                    }
                }
            }};
        }
        check!(aws_sdk_cloudformation, "cloudformation");
        check!(aws_sdk_cloudwatchlogs, "logs");
        check!(aws_sdk_ecr, "api.ecr");
        check!(aws_sdk_ecs, "ecs");
        check!(aws_sdk_elasticloadbalancingv2, "elasticloadbalancing");
        check!(aws_sdk_s3, "s3");
        check!(aws_sdk_sts, "sts");
    }
}
