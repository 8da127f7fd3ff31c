//! The AWS Price List: what things cost in a region (Price List Query API, which answers in a few regions for all).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::query::{self, Api, Protocol};
use super::{Connection, Error, Kind};

const API: Api = Api {
    name: "the AWS Price List",
    id: "Pricing",
    prefix: "api.pricing",
    protocol: Protocol::Json { target: "AWSPriceListService" },
};

/// A region in which the API answers for every region of the partition `aws`.
const REGION: &str = "us-east-1";

/// The door to the Price List.
#[derive(Debug, Clone)]
pub struct Pricing(Connection);

impl Connection {
    /// The door to the Price List, in whatever region the connection is.
    #[must_use]
    pub fn pricing(&self) -> Pricing {
        Pricing(self.region(REGION))
    }
}

/// Something that is paid for.
#[derive(Debug, Clone, PartialEq)]
pub struct Product {
    /// What it is on a bill, such as `EUC1-Fargate-GB-Hours`.
    pub usage_type: String,
    /// Its family, such as `Load Balancer-Application`; empty without one.
    pub family: String,
    /// The operation that is paid for, such as `NatGateway`; empty without one.
    pub operation: String,
    /// US dollars a unit, on demand, of the first of the steps of a price that falls with the amount; different ones only
    /// where AWS lists several.
    pub usd: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GetProducts {
    #[serde(default)]
    price_list: Vec<String>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
struct Listed {
    product: ListedProduct,
    #[serde(default)]
    terms: Terms,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedProduct {
    #[serde(default)]
    product_family: String,
    #[serde(default)]
    attributes: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Terms {
    #[serde(default)]
    on_demand: BTreeMap<String, Offer>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Offer {
    #[serde(default)]
    price_dimensions: BTreeMap<String, Dimension>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dimension {
    begin_range: Option<String>,
    #[serde(default)]
    price_per_unit: BTreeMap<String, String>,
}

impl Pricing {
    /// What a service, such as `AmazonECS`, costs in a region; of one family only where one is given (GetProducts, all
    /// pages).
    ///
    /// # Errors
    /// Whatever the service reports, or that an entry of its list can't be read.
    pub async fn products(&self, service: &str, region: &str, family: &str) -> Result<Vec<Product>, Error> {
        let filter = |field: &str, value: &str| json!({"Type": "TERM_MATCH", "Field": field, "Value": value});
        let mut filters = vec![filter("regionCode", region)];
        if !family.is_empty() {
            filters.push(filter("productFamily", family));
        }
        let filters = &filters;
        let texts = query::pages(|token| async move {
            let mut input = json!({"ServiceCode": service, "Filters": filters, "MaxResults": 100});
            if let Some(token) = token {
                input["NextToken"] = token.into();
            }
            let page: GetProducts = query::json(&self.0, API, "GetProducts", &input).await?;
            Ok((page.price_list, page.next_token))
        })
        .await?;
        texts.iter().map(|text| product(text)).collect()
    }
}

/// An entry of the list, which comes as text inside the answer.
fn product(text: &str) -> Result<Product, Error> {
    let listed: Listed = serde_json::from_str(text).map_err(|error| Error {
        service: API.name,
        operation: "GetProducts",
        ..Error::local(Kind::Service, format!("an entry of the list can't be read: {error}"))
    })?;
    let mut usd: Vec<f64> = vec![];
    let dimensions = listed.terms.on_demand.values().flat_map(|offer| offer.price_dimensions.values());
    for dimension in dimensions.filter(|one| one.begin_range.as_deref().is_none_or(|begin| begin == "0")) {
        let price = dimension.price_per_unit.get("USD").and_then(|text| text.parse().ok());
        // What is free is free under a condition.
        if let Some(price) = price.filter(|price| *price > 0.0 && !usd.contains(price)) {
            usd.push(price);
        }
    }
    let mut attributes = listed.product.attributes;
    let mut attribute = |name: &str| attributes.remove(name).unwrap_or_default();
    Ok(Product {
        usage_type: attribute("usagetype"),
        family: listed.product.product_family,
        operation: attribute("operation"),
        usd,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    fn entry(usage: &str, prices: &[(&str, &str)]) -> String {
        let dimensions: BTreeMap<String, serde_json::Value> = prices
            .iter()
            .map(|(begin, usd)| {
                ((*begin).to_owned(), json!({"beginRange": begin, "pricePerUnit": {"USD": usd}}))
            })
            .collect();
        json!({
            "product": {"productFamily": "NAT Gateway", "attributes": {"usagetype": usage, "operation": "NatGateway"}},
            "terms": {"OnDemand": {"A": {"priceDimensions": dimensions}}, "Reserved": {}},
        })
        .to_string()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn products_of_all_pages_with_the_price_of_their_first_step() {
        let first = json!({"PriceList": [entry("EUC1-NatGateway-Hours", &[("0", "0.0520000000"), ("100", "0.01")])],
            "NextToken": "more"});
        let second = json!({"PriceList": [entry("EUC1-NatGateway-Bytes", &[("0", "0"), ("1", "0.05")])]});
        let server = testing::answers(vec![
            testing::json(200, &first.to_string()),
            testing::json(200, &second.to_string()),
        ]);
        let products =
            server.connection().pricing().products("AmazonEC2", "eu-central-1", "NAT Gateway").await;
        let products = products.unwrap();
        let seen: Vec<_> = products.iter().map(|one| (one.usage_type.as_str(), one.usd.as_slice())).collect();
        assert_eq!(seen, [("EUC1-NatGateway-Hours", [0.052].as_slice()), ("EUC1-NatGateway-Bytes", &[])]);
        assert_eq!(
            (products[0].family.as_str(), products[0].operation.as_str()),
            ("NAT Gateway", "NatGateway")
        );
        let requests = server.requests();
        assert_eq!(
            requests[0].body,
            r#"{"ServiceCode":"AmazonEC2","Filters":[{"Type":"TERM_MATCH","Field":"regionCode","Value":"eu-central-1"},{"Type":"TERM_MATCH","Field":"productFamily","Value":"NAT Gateway"}],"MaxResults":100}"#
        );
        assert!(requests[1].body.ends_with(r#""NextToken":"more"}"#), "{}", requests[1].body);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_entry_that_is_none_is_an_error() {
        let server = testing::answers(vec![testing::json(200, r#"{"PriceList": ["{}"]}"#)]);
        let error = server.connection().pricing().products("AmazonECS", "eu-west-1", "").await.unwrap_err();
        assert!(error.message.contains("can't be read"), "{error}");
    }
}
