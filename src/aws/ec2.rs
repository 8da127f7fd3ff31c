//! EC2: networks that environments and services are placed in.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::query::{self, Api, Form, Protocol};
use super::{Connection, Error};

const API: Api =
    Api { name: "EC2", id: "EC2", prefix: "ec2", protocol: Protocol::Query { version: "2016-11-15" } };

/// The door to EC2.
#[derive(Debug, Clone)]
pub struct Ec2(Connection);

impl Connection {
    /// The door to EC2.
    #[must_use]
    pub fn ec2(&self) -> Ec2 {
        Ec2(self.clone())
    }
}

/// A VPC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vpc {
    /// Its id, `vpc-…`.
    pub id: String,
    /// Its primary CIDR block.
    pub cidr: String,
    /// Whether it is the region's default VPC.
    pub is_default: bool,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Its id, `subnet-…`.
    pub id: String,
    /// The VPC it is in.
    pub vpc: String,
    /// Its availability zone, such as `eu-west-1a`.
    pub zone: String,
    /// Its CIDR block.
    pub cidr: String,
    /// Whether instances in it get a public address by default.
    pub public_by_default: bool,
    /// Addresses in it that nothing has yet.
    pub free_addresses: u64,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

/// Which subnets to describe; all conditions hold at once.
#[derive(Debug, Clone, Default)]
pub struct SubnetFilter {
    /// Only these ids.
    pub ids: Vec<String>,
    /// Only in this VPC.
    pub vpc: Option<String>,
    /// Only those whose tag has one of the values.
    pub tags: BTreeMap<String, Vec<String>>,
    /// Only the default subnets of their zones.
    pub default_only: bool,
}

#[derive(Deserialize)]
struct Items<T> {
    #[serde(default = "Vec::new")]
    item: Vec<T>,
}

impl<T> Default for Items<T> {
    fn default() -> Self {
        Self { item: vec![] }
    }
}

#[derive(Deserialize)]
struct WireTag {
    key: String,
    #[serde(default)]
    value: String,
}

fn tags(tags: Items<WireTag>) -> BTreeMap<String, String> {
    tags.item.into_iter().map(|tag| (tag.key, tag.value)).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireVpc {
    vpc_id: String,
    #[serde(default)]
    cidr_block: String,
    #[serde(default)]
    is_default: bool,
    #[serde(default)]
    tag_set: Items<WireTag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireSubnet {
    subnet_id: String,
    #[serde(default)]
    vpc_id: String,
    #[serde(default)]
    availability_zone: String,
    #[serde(default)]
    cidr_block: String,
    #[serde(default)]
    map_public_ip_on_launch: bool,
    #[serde(default)]
    available_ip_address_count: u64,
    #[serde(default)]
    tag_set: Items<WireTag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WirePrefixList {
    prefix_list_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct WireGroup {
    group_id: String,
    #[serde(default)]
    vpc_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeSecurityGroups {
    #[serde(default)]
    security_group_info: Items<WireGroup>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeVpcs {
    #[serde(default)]
    vpc_set: Items<WireVpc>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeAddresses {
    #[serde(default)]
    addresses_set: Items<Address>,
}

#[derive(Deserialize)]
struct Address {}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribeSubnets {
    #[serde(default)]
    subnet_set: Items<WireSubnet>,
    next_token: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribePrefixLists {
    #[serde(default)]
    prefix_list_set: Items<WirePrefixList>,
    next_token: Option<String>,
}

impl Ec2 {
    async fn ask<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        form: Form,
        token: Option<String>,
    ) -> Result<T, Error> {
        let form = match token {
            Some(token) => form.with("NextToken", &token),
            None => form,
        };
        query::xml(&self.0, API, operation, form).await
    }

    /// The VPCs with `ids` (empty: all of the region), sorted by id (DescribeVpcs).
    ///
    /// # Errors
    /// Whatever EC2 reports; an unknown id is [`super::Kind::NotFound`].
    pub async fn vpcs(&self, ids: &[&str]) -> Result<Vec<Vpc>, Error> {
        let form = Form::default().list("VpcId", ids.iter().copied());
        let form = &form;
        let mut found = query::pages(|token| async move {
            let output: DescribeVpcs = self.ask("DescribeVpcs", form.clone(), token).await?;
            let vpcs = output.vpc_set.item.into_iter().map(|vpc| Vpc {
                id: vpc.vpc_id,
                cidr: vpc.cidr_block,
                is_default: vpc.is_default,
                tags: tags(vpc.tag_set),
            });
            Ok((vpcs.collect(), output.next_token))
        })
        .await?;
        found.sort_by(|a: &Vpc, b| a.id.cmp(&b.id));
        Ok(found)
    }

    /// How many elastic addresses the account has in the region (DescribeAddresses, which has no pages).
    ///
    /// # Errors
    /// Whatever EC2 reports.
    pub async fn address_count(&self) -> Result<u64, Error> {
        let output: DescribeAddresses = self.ask("DescribeAddresses", Form::default(), None).await?;
        Ok(output.addresses_set.item.len() as u64)
    }

    /// Those of the subnets `ids` that there are, sorted by id (DescribeSubnets).
    ///
    /// # Errors
    /// Whatever EC2 reports.
    pub async fn known_subnets(&self, ids: &[String]) -> Result<Vec<Subnet>, Error> {
        // A filter passes over unknown ids, which a list of ids is refused for.
        self.subnets_by(Form::default().filters(&[("subnet-id".into(), ids.to_vec())])).await
    }

    /// Those of the security groups `ids` that there are, each with its VPC (DescribeSecurityGroups).
    ///
    /// # Errors
    /// Whatever EC2 reports.
    pub async fn known_security_groups(&self, ids: &[String]) -> Result<BTreeMap<String, String>, Error> {
        let form = Form::default().filters(&[("group-id".into(), ids.to_vec())]);
        let form = &form;
        let found = query::pages(|token| async move {
            let output: DescribeSecurityGroups =
                self.ask("DescribeSecurityGroups", form.clone(), token).await?;
            Ok((output.security_group_info.item, output.next_token))
        });
        Ok(found.await?.into_iter().map(|group| (group.group_id, group.vpc_id)).collect())
    }

    /// The subnets that meet `filter`, sorted by id (DescribeSubnets).
    ///
    /// # Errors
    /// Whatever EC2 reports; an unknown id is [`super::Kind::NotFound`].
    pub async fn subnets(&self, filter: &SubnetFilter) -> Result<Vec<Subnet>, Error> {
        let mut filters: Vec<(String, Vec<String>)> =
            filter.tags.iter().map(|(key, values)| (format!("tag:{key}"), values.clone())).collect();
        if let Some(vpc) = &filter.vpc {
            filters.push(("vpc-id".into(), vec![vpc.clone()]));
        }
        if filter.default_only {
            filters.push(("default-for-az".into(), vec!["true".into()]));
        }
        self.subnets_by(
            Form::default().list("SubnetId", filter.ids.iter().map(String::as_str)).filters(&filters),
        )
        .await
    }

    async fn subnets_by(&self, form: Form) -> Result<Vec<Subnet>, Error> {
        let form = &form;
        let mut found = query::pages(|token| async move {
            let output: DescribeSubnets = self.ask("DescribeSubnets", form.clone(), token).await?;
            let subnets = output.subnet_set.item.into_iter().map(|subnet| Subnet {
                id: subnet.subnet_id,
                vpc: subnet.vpc_id,
                zone: subnet.availability_zone,
                cidr: subnet.cidr_block,
                public_by_default: subnet.map_public_ip_on_launch,
                free_addresses: subnet.available_ip_address_count,
                tags: tags(subnet.tag_set),
            });
            Ok((subnets.collect(), output.next_token))
        })
        .await?;
        found.sort_by(|a: &Subnet, b| a.id.cmp(&b.id));
        Ok(found)
    }

    /// Ids of the managed prefix lists called `name`, such as `com.amazonaws.global.cloudfront.origin-facing`, sorted
    /// (DescribeManagedPrefixLists).
    ///
    /// # Errors
    /// Whatever EC2 reports.
    pub async fn prefix_lists(&self, name: &str) -> Result<Vec<String>, Error> {
        let form = Form::default().filters(&[("prefix-list-name".into(), vec![name.to_owned()])]);
        let form = &form;
        let mut ids = query::pages(|token| async move {
            let output: DescribePrefixLists =
                self.ask("DescribeManagedPrefixLists", form.clone(), token).await?;
            let ids = output.prefix_list_set.item.into_iter().map(|list| list.prefix_list_id);
            Ok((ids.collect(), output.next_token))
        })
        .await?;
        ids.sort();
        Ok(ids)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Kind, testing};
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn addresses_are_counted() {
        let server = testing::answers(vec![
            testing::xml(
                200,
                "<DescribeAddressesResponse><addressesSet><item><publicIp>192.0.2.1</publicIp><domain>vpc</domain></item>\
                 <item><publicIp>192.0.2.2</publicIp></item></addressesSet></DescribeAddressesResponse>",
            ),
            testing::xml(200, "<DescribeAddressesResponse><addressesSet/></DescribeAddressesResponse>"),
        ]);
        let ec2 = server.connection().ec2();
        assert_eq!((ec2.address_count().await, ec2.address_count().await), (Ok(2), Ok(0)));
        assert_eq!(server.actions(), ["DescribeAddresses", "DescribeAddresses"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn unknown_ids_are_passed_over() {
        let server = testing::answers(vec![
            testing::xml(
                200,
                "<r><subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId>\
                 <availableIpAddressCount>7</availableIpAddressCount></item></subnetSet></r>",
            ),
            testing::xml(
                200,
                "<r><securityGroupInfo><item><groupId>sg-1</groupId><vpcId>vpc-1</vpcId></item></securityGroupInfo></r>",
            ),
        ]);
        let door = server.connection().ec2();
        let ids = ["subnet-1", "subnet-2"].map(str::to_owned);
        let found = door.known_subnets(&ids).await.unwrap();
        assert_eq!((found.len(), found[0].free_addresses, found[0].vpc.as_str()), (1, 7, "vpc-1"));
        assert!(server.requests()[0].body.contains("Filter.1.Name=subnet-id"), "{:?}", server.requests()[0]);
        let groups = door.known_security_groups(&["sg-1".to_owned(), "sg-2".to_owned()]).await.unwrap();
        assert_eq!(groups, BTreeMap::from([("sg-1".to_owned(), "vpc-1".to_owned())]));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn subnets_by_tags() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<DescribeSubnetsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId><subnetSet>\
             <item><subnetId>subnet-2</subnetId><vpcId>vpc-1</vpcId><cidrBlock>10.0.1.0/24</cidrBlock>\
             <availabilityZone>eu-west-1b</availabilityZone><mapPublicIpOnLaunch>true</mapPublicIpOnLaunch><tagSet><item>\
             <key>Name</key><value>b</value></item></tagSet></item>\
             <item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId></item></subnetSet></DescribeSubnetsResponse>",
        )]);
        let filter = SubnetFilter {
            vpc: Some("vpc-1".into()),
            tags: BTreeMap::from([("org".into(), vec!["a".into(), "b".into()])]),
            ..SubnetFilter::default()
        };
        let found = server.connection().ec2().subnets(&filter).await.unwrap();
        assert_eq!(found[0].id, "subnet-1");
        assert!(found[1].public_by_default);
        assert_eq!(found[1].tags["Name"], "b");
        assert_eq!(
            server.requests()[0].body,
            "Action=DescribeSubnets&Version=2016-11-15&Filter.1.Name=tag:org&Filter.1.Value.1=a&Filter.1.Value.2=b\
             &Filter.2.Name=vpc-id&Filter.2.Value.1=vpc-1"
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_unknown_vpc_is_not_found() {
        let server = testing::answers(vec![testing::xml(
            400,
            "<?xml version=\"1.0\"?>\n<Response><Errors><Error><Code>InvalidVpcID.NotFound</Code><Message>The vpc ID \
             'vpc-9' does not exist</Message></Error></Errors><RequestID>q</RequestID></Response>",
        )]);
        let error = server.connection().ec2().vpcs(&["vpc-9"]).await.unwrap_err();
        assert_eq!((error.kind, &*error.request_id), (Kind::NotFound, "q"));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn prefix_lists_by_name() {
        let server = testing::answers(vec![testing::xml(
            200,
            "<R><prefixListSet><item><prefixListId>pl-1</prefixListId></item></prefixListSet></R>",
        )]);
        let ec2 = server.connection().ec2();
        assert_eq!(
            ec2.prefix_lists("com.amazonaws.global.cloudfront.origin-facing").await.unwrap(),
            ["pl-1"]
        );
    }
}
