//! ACM: certificates that are requested, validated by DNS, and found again by their tags.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::error::gone;
use super::query::{self, Api, Protocol};
use super::{Connection, Error};

const API: Api =
    Api { name: "ACM", id: "ACM", prefix: "acm", protocol: Protocol::Json { target: "CertificateManager" } };

/// The door to ACM.
#[derive(Debug, Clone)]
pub struct Acm(Connection);

impl Connection {
    /// The door to ACM in the connection's region.
    #[must_use]
    pub fn acm(&self) -> Acm {
        Acm(self.clone())
    }
}

/// A certificate to request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// Its names, the main one first; never empty. A name may begin with `*.`.
    pub names: &'a [String],
    /// Tells a repeated request (within an hour) from a new one: letters, digits and `_`, at most 32.
    pub token: &'a str,
    /// Its tags.
    pub tags: &'a BTreeMap<String, String>,
}

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Its ARN.
    pub arn: String,
    /// `PENDING_VALIDATION`, `ISSUED`, `INACTIVE`, `EXPIRED`, `VALIDATION_TIMED_OUT`, `REVOKED`, `FAILED`.
    pub status: String,
    /// Why it failed, such as `CAA_ERROR`; empty unless it did.
    pub failure: String,
    /// Its names, the main one among them.
    pub names: Vec<String>,
    /// How its names are validated, one for each name; empty for an imported one.
    pub validations: Vec<Validation>,
    /// Whether it was requested from ACM, so that ACM renews it; else it was imported.
    pub requested: bool,
    /// ARNs of what uses it.
    pub in_use_by: Vec<String>,
}

impl Certificate {
    /// Whether the certificate stands for every one of `names`: by name or by a wildcard of one label.
    #[must_use]
    pub fn covers<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> bool {
        names.into_iter().all(|name| self.names.iter().any(|own| matches(own, name)))
    }
}

/// Whether a certificate's name stands for `name`; a wildcard stands for one label.
#[must_use]
pub fn matches(own: &str, name: &str) -> bool {
    if own.eq_ignore_ascii_case(name) {
        return true;
    }
    match (own.strip_prefix("*."), name.split_once('.')) {
        (Some(parent), Some((label, rest))) => !label.is_empty() && rest.eq_ignore_ascii_case(parent),
        _ => false,
    }
}

/// How one of a certificate's names is validated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Validation {
    /// The certificate's name that it is for.
    pub name: String,
    /// `PENDING_VALIDATION`, `SUCCESS`, `FAILED`.
    pub status: String,
    /// The CNAME record that must exist, name and value; absent until ACM has made it up, some seconds after the request.
    pub record: Option<(String, String)>,
}

/// A certificate as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// Its ARN.
    pub arn: String,
    /// Its main name.
    pub domain: String,
    /// Its names, at most 100 of them; may be empty.
    pub names: Vec<String>,
}

impl Summary {
    /// Whether the certificate has one of these names.
    #[must_use]
    pub fn has_any(&self, names: &[String]) -> bool {
        std::iter::once(&self.domain).chain(&self.names).any(|name| names.contains(name))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RequestCertificate {
    certificate_arn: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeCertificate {
    certificate: WireCertificate,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireCertificate {
    certificate_arn: String,
    #[serde(default)]
    domain_name: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    failure_reason: String,
    #[serde(default)]
    subject_alternative_names: Vec<String>,
    #[serde(default)]
    domain_validation_options: Vec<WireValidation>,
    #[serde(default)]
    in_use_by: Vec<String>,
    #[serde(default)]
    r#type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireValidation {
    domain_name: String,
    #[serde(default)]
    validation_status: String,
    resource_record: Option<WireRecord>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireRecord {
    name: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListCertificates {
    #[serde(default)]
    certificate_summary_list: Vec<WireSummary>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireSummary {
    certificate_arn: String,
    #[serde(default)]
    domain_name: String,
    #[serde(default)]
    subject_alternative_name_summaries: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ListTags {
    #[serde(default)]
    tags: Vec<WireTag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireTag {
    key: String,
    #[serde(default)]
    value: String,
}

#[derive(Deserialize)]
struct Nothing {}

impl From<WireCertificate> for Certificate {
    fn from(wire: WireCertificate) -> Self {
        let mut names = wire.subject_alternative_names;
        if !wire.domain_name.is_empty() && !names.contains(&wire.domain_name) {
            names.insert(0, wire.domain_name);
        }
        let validation = |wire: WireValidation| Validation {
            name: wire.domain_name,
            status: wire.validation_status,
            record: wire.resource_record.map(|record| (record.name, record.value)),
        };
        Self {
            arn: wire.certificate_arn,
            status: wire.status,
            failure: wire.failure_reason,
            names,
            validations: wire.domain_validation_options.into_iter().map(validation).collect(),
            requested: wire.r#type != "IMPORTED",
            in_use_by: wire.in_use_by,
        }
    }
}

impl Acm {
    /// Requests a certificate that is validated by DNS (RequestCertificate), and returns its ARN. The same request with the
    /// same token within an hour returns the same certificate.
    ///
    /// # Errors
    /// Whatever ACM reports.
    pub async fn request(&self, request: &Request<'_>) -> Result<String, Error> {
        let Some((domain, others)) = request.names.split_first() else {
            return Err(Error::local(super::Kind::InvalidRequest, "a certificate needs a name".to_owned()));
        };
        let tags: Vec<_> =
            request.tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect();
        let mut input = json!({
            "DomainName": domain,
            "ValidationMethod": "DNS",
            "IdempotencyToken": request.token,
            "Tags": tags,
        });
        if !others.is_empty() {
            input["SubjectAlternativeNames"] = json!(request.names);
        }
        let output: RequestCertificate = query::json(&self.0, API, "RequestCertificate", &input).await?;
        Ok(output.certificate_arn)
    }

    /// The certificate `arn` (DescribeCertificate); `None` when it does not exist.
    ///
    /// # Errors
    /// Whatever ACM reports but that it does not exist.
    pub async fn certificate(&self, arn: &str) -> Result<Option<Certificate>, Error> {
        let input = json!({"CertificateArn": arn});
        match query::json::<DescribeCertificate>(&self.0, API, "DescribeCertificate", &input).await {
            Ok(output) => Ok(Some(output.certificate.into())),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// All certificates that are issued or on their way, of every kind of key (ListCertificates, all pages).
    ///
    /// # Errors
    /// Whatever ACM reports.
    pub async fn certificates(&self) -> Result<Vec<Summary>, Error> {
        query::pages(|token| async move {
            let mut input = json!({
                "CertificateStatuses": ["PENDING_VALIDATION", "ISSUED"],
                "MaxItems": 100,
            });
            if let Some(token) = token {
                input["NextToken"] = token.into();
            }
            let output: ListCertificates = query::json(&self.0, API, "ListCertificates", &input).await?;
            let summary = |wire: WireSummary| Summary {
                arn: wire.certificate_arn,
                domain: wire.domain_name,
                names: wire.subject_alternative_name_summaries,
            };
            Ok((output.certificate_summary_list.into_iter().map(summary).collect(), output.next_token))
        })
        .await
    }

    /// Tags of the certificate `arn` (ListTagsForCertificate); none when it does not exist.
    ///
    /// # Errors
    /// Whatever ACM reports but that it does not exist.
    pub async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, Error> {
        let input = json!({"CertificateArn": arn});
        match query::json::<ListTags>(&self.0, API, "ListTagsForCertificate", &input).await {
            Ok(output) => Ok(output.tags.into_iter().map(|tag| (tag.key, tag.value)).collect()),
            Err(error) if error.is_not_found() => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        }
    }

    /// Removes the certificate `arn` (DeleteCertificate). That it does not exist is no failure.
    ///
    /// # Errors
    /// [`super::Kind::Busy`] while something uses it; whatever else ACM reports.
    pub async fn delete(&self, arn: &str) -> Result<(), Error> {
        let input = json!({"CertificateArn": arn});
        gone(query::json::<Nothing>(&self.0, API, "DeleteCertificate", &input).await)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, testing};
    use super::*;

    const ARN: &str = "arn:aws:acm:eu-west-1:1:certificate/c";

    #[test]
    fn a_wildcard_stands_for_one_label() {
        for (own, name, fits) in [
            ("a.example.com", "A.example.com", true),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "b.a.example.com", false),
            ("*.example.com", ".example.com", false),
            ("*.example.com", "*.example.com", true),
            ("a.example.com", "b.example.com", false),
        ] {
            assert_eq!(matches(own, name), fits, "{own} {name}");
        }
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_request_names_all_names_and_tags() {
        let server = testing::answers(vec![testing::json(200, &json!({"CertificateArn": ARN}).to_string())]);
        let names = ["test.shop.example.com".to_owned(), "*.test.shop.example.com".to_owned()];
        let tags = BTreeMap::from([("copilot-application".to_owned(), "shop".to_owned())]);
        let acm = server.connection().acm();
        assert_eq!(acm.request(&Request { names: &names, token: "t", tags: &tags }).await.unwrap(), ARN);
        acm.request(&Request { names: &names[..1], token: "t", tags: &tags }).await.unwrap();
        let requests = server.requests();
        assert_eq!(requests[0].action, "RequestCertificate");
        assert_eq!(
            requests[0].body,
            r#"{"DomainName":"test.shop.example.com","ValidationMethod":"DNS","IdempotencyToken":"t","Tags":[{"Key":"copilot-application","Value":"shop"}],"SubjectAlternativeNames":["test.shop.example.com","*.test.shop.example.com"]}"#
        );
        assert!(!requests[1].body.contains("SubjectAlternativeNames"));
        assert!(acm.request(&Request { names: &[], token: "t", tags: &tags }).await.is_err());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_certificate_says_how_it_is_validated() {
        let server = testing::answers(vec![testing::json(
            200,
            &json!({"Certificate": {
                "CertificateArn": ARN, "DomainName": "a.example.com", "Status": "PENDING_VALIDATION",
                "SubjectAlternativeNames": ["a.example.com", "b.example.com"], "Type": "AMAZON_ISSUED",
                "CreatedAt": 1.5,
                "DomainValidationOptions": [
                    {"DomainName": "a.example.com", "ValidationStatus": "PENDING_VALIDATION",
                     "ResourceRecord": {"Name": "_x.a.example.com.", "Type": "CNAME", "Value": "_y.acm-validations.aws."}},
                    {"DomainName": "b.example.com", "ValidationStatus": "PENDING_VALIDATION"}
                ]
            }})
            .to_string(),
        )]);
        let found = server.connection().acm().certificate(ARN).await.unwrap().unwrap();
        assert_eq!(found.names, ["a.example.com", "b.example.com"]);
        assert!(found.requested);
        assert_eq!(
            found.validations[0].record,
            Some(("_x.a.example.com.".to_owned(), "_y.acm-validations.aws.".to_owned()))
        );
        assert_eq!(found.validations[1].record, None);
        assert!(found.covers(&["b.example.com".to_owned()]));
        assert!(!found.covers(&["c.example.com".to_owned()]));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_certificate_that_is_gone_is_none() {
        let server =
            testing::answers(vec![testing::json_error("ResourceNotFoundException", "Could not find it")]);
        let acm = server.connection().acm();
        assert_eq!(acm.certificate(ARN).await, Ok(None));
        assert_eq!(acm.tags(ARN).await, Ok(BTreeMap::new()));
        acm.delete(ARN).await.unwrap();
        let server =
            testing::answers(vec![testing::json_error("ResourceInUseException", "Certificate is in use")]);
        assert_eq!(server.connection().acm().delete(ARN).await.unwrap_err().kind, Kind::Busy);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn all_pages_of_certificates_and_their_tags() {
        let server = testing::answers(vec![
            testing::json(
                200,
                r#"{"CertificateSummaryList": [{"CertificateArn": "a", "DomainName": "a.example.com"}], "NextToken": "t"}"#,
            ),
            testing::json(
                200,
                r#"{"CertificateSummaryList": [{"CertificateArn": "b", "DomainName": "b.example.com", "SubjectAlternativeNameSummaries": ["c.example.com"]}]}"#,
            ),
            testing::json(
                200,
                r#"{"Tags": [{"Key": "copilot-environment", "Value": "test"}, {"Key": "bare"}]}"#,
            ),
        ]);
        let acm = server.connection().acm();
        let found = acm.certificates().await.unwrap();
        assert_eq!(found.iter().map(|it| it.arn.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(server.requests()[1].body.contains(r#""NextToken":"t""#));
        let shared = ["c.example.com".to_owned()];
        assert_eq!([found[0].has_any(&shared), found[1].has_any(&shared)], [false, true]);
        assert_eq!(acm.tags("a").await.unwrap()["copilot-environment"], "test");
    }
}
