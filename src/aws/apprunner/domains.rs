//! Host names of their own that services have, and the records they need.

use serde::Deserialize;
use serde_json::json;

use super::super::{Error, query};
use super::{API, AppRunner};

/// A host name that is associated with a service.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Domain {
    /// The host name.
    pub name: String,
    /// `CREATING`, `CREATE_FAILED`, `ACTIVE`, `DELETING`, `DELETE_FAILED`, `PENDING_CERTIFICATE_DNS_VALIDATION`,
    /// `BINDING_CERTIFICATE`.
    pub status: String,
    /// What the host name's record points to.
    pub target: String,
    /// Records by which the certificate is validated; App Runner tells them a while after the association only.
    pub validation: Vec<Validation>,
}

/// A record that validates a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Validation {
    /// Name of the record, with or without a final dot.
    pub name: String,
    /// Its type: `CNAME`.
    #[serde(rename = "Type")]
    pub kind: String,
    /// Its value.
    pub value: String,
    /// `PENDING_VALIDATION`, `SUCCESS` or `FAILED`.
    pub status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Changed {
    #[serde(rename = "DNSTarget", default)]
    target: String,
    custom_domain: Wire,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Page {
    #[serde(rename = "DNSTarget", default)]
    target: String,
    #[serde(default)]
    custom_domains: Vec<Wire>,
    next_token: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Wire {
    domain_name: String,
    status: String,
    certificate_validation_records: Vec<Validation>,
}

impl Wire {
    fn at(self, target: &str) -> Domain {
        Domain {
            name: self.domain_name,
            status: self.status,
            target: target.to_owned(),
            validation: self.certificate_validation_records,
        }
    }
}

impl AppRunner {
    /// Associates a host name with a service, without its `www.` (AssociateCustomDomain).
    ///
    /// # Errors
    /// It is associated already, with this service or another; whatever App Runner reports.
    pub async fn associate(&self, arn: &str, name: &str) -> Result<Domain, Error> {
        let input = json!({"ServiceArn": arn, "DomainName": name, "EnableWWWSubdomain": false});
        let output: Changed = query::json(&self.0, API, "AssociateCustomDomain", &input).await?;
        Ok(output.custom_domain.at(&output.target))
    }

    /// The host names of a service (DescribeCustomDomains, all pages).
    ///
    /// # Errors
    /// Whatever App Runner reports.
    pub async fn domains(&self, arn: &str) -> Result<Vec<Domain>, Error> {
        query::pages(|token| async move {
            let mut input = json!({"ServiceArn": arn});
            if let Some(token) = token {
                input["NextToken"] = token.into();
            }
            let page: Page = query::json(&self.0, API, "DescribeCustomDomains", &input).await?;
            let target = page.target;
            Ok((page.custom_domains.into_iter().map(|wire| wire.at(&target)).collect(), page.next_token))
        })
        .await
    }

    /// Takes a host name from a service (DisassociateCustomDomain).
    ///
    /// # Errors
    /// It is not associated; whatever App Runner reports.
    pub async fn disassociate(&self, arn: &str, name: &str) -> Result<Domain, Error> {
        let input = json!({"ServiceArn": arn, "DomainName": name});
        let output: Changed = query::json(&self.0, API, "DisassociateCustomDomain", &input).await?;
        Ok(output.custom_domain.at(&output.target))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing;
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn domains_come_and_go() {
        let server = testing::server(|request| match request.action.as_str() {
            "DescribeCustomDomains" if request.body.contains("NextToken") => testing::json(
                200,
                r#"{"DNSTarget": "t.awsapprunner.com", "ServiceArn": "s", "CustomDomains": [{"DomainName": "b.example.com", "Status": "ACTIVE"}]}"#,
            ),
            "DescribeCustomDomains" => testing::json(
                200,
                r#"{"DNSTarget": "t.awsapprunner.com", "ServiceArn": "s", "NextToken": "n", "CustomDomains": [{
                    "DomainName": "a.example.com", "EnableWWWSubdomain": false, "Status": "PENDING_CERTIFICATE_DNS_VALIDATION",
                    "CertificateValidationRecords": [{"Name": "_x.a.example.com.", "Type": "CNAME", "Value": "_y.acm.", "Status": "PENDING_VALIDATION"}]}]}"#,
            ),
            _ => testing::json(
                200,
                r#"{"DNSTarget": "t.awsapprunner.com", "ServiceArn": "s", "CustomDomain": {"DomainName": "a.example.com", "Status": "CREATING"}, "VpcDNSTargets": []}"#,
            ),
        });
        let door = server.connection().apprunner();
        let made = door.associate("s", "a.example.com").await.unwrap();
        assert_eq!((made.status.as_str(), made.target.as_str()), ("CREATING", "t.awsapprunner.com"));
        let found = door.domains("s").await.unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[0].validation,
            [Validation {
                name: "_x.a.example.com.".to_owned(),
                kind: "CNAME".to_owned(),
                value: "_y.acm.".to_owned(),
                status: "PENDING_VALIDATION".to_owned()
            }]
        );
        door.disassociate("s", "a.example.com").await.unwrap();
        let bodies: Vec<String> = server.requests().into_iter().map(|request| request.body).collect();
        assert_eq!(
            bodies,
            [
                r#"{"ServiceArn":"s","DomainName":"a.example.com","EnableWWWSubdomain":false}"#,
                r#"{"ServiceArn":"s"}"#,
                r#"{"ServiceArn":"s","NextToken":"n"}"#,
                r#"{"ServiceArn":"s","DomainName":"a.example.com"}"#,
            ]
        );
    }
}
