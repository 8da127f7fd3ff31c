//! The network of an environment: one that it makes, or one that is there.

use serde::Serialize;
use serde_json::{Value, json};

use super::super::expr::{reference, sub};
use crate::model::environment::{ManagedVpc, Subnet, Vpc};

/// Where everything else of the environment stands.
#[derive(Debug, Serialize)]
pub(super) struct Place {
    /// The network that is made, if one is.
    pub network: Option<Network>,
    /// The network's id.
    pub vpc: Value,
    /// Ids of the public subnets.
    pub public_subnets: Vec<Value>,
    /// Ids of the private subnets.
    pub private_subnets: Vec<Value>,
}

/// A network that is made.
#[derive(Debug, Serialize)]
pub(super) struct Network {
    cidr: String,
    public: Vec<PublicSubnet>,
    private: Vec<PrivateSubnet>,
    private_route_tables: Vec<Value>,
}

#[derive(Debug, Serialize)]
struct PublicSubnet {
    title: String,
    cidr: String,
    zone: Value,
    /// Whether the zone is named in the manifest.
    fixed_zone: bool,
    name: Value,
}

#[derive(Debug, Serialize)]
struct PrivateSubnet {
    title: String,
    cidr: String,
    zone: Value,
    /// Whether the zone is named in the manifest.
    fixed_zone: bool,
    name: Value,
    address_title: String,
    nat_title: String,
    nat_subnet: Value,
    nat_name: Value,
}

impl Place {
    pub fn new(vpc: &Vpc) -> Self {
        match vpc {
            Vpc::Managed(vpc) => Self {
                network: Some(Network::new(vpc)),
                vpc: reference("VPC"),
                public_subnets: numbered("PublicSubnet", vpc.public.len()),
                private_subnets: numbered("PrivateSubnet", vpc.private.len()),
            },
            Vpc::Imported(vpc) => Self {
                network: None,
                vpc: Value::from(vpc.id.as_str()),
                public_subnets: vpc.public.iter().map(|id| Value::from(id.as_str())).collect(),
                private_subnets: vpc.private.iter().map(|id| Value::from(id.as_str())).collect(),
            },
        }
    }
}

impl Network {
    fn new(vpc: &ManagedVpc) -> Self {
        Self {
            cidr: vpc.cidr.clone(),
            public: (0..).zip(&vpc.public).map(|(index, subnet)| public(index, subnet)).collect(),
            private: (0..)
                .zip(&vpc.private)
                .map(|(index, subnet)| private(index, subnet, vpc.public.len()))
                .collect(),
            private_route_tables: numbered("PrivateRouteTable", vpc.private.len()),
        }
    }
}

fn public(index: usize, subnet: &Subnet) -> PublicSubnet {
    PublicSubnet {
        title: format!("Public subnet {}, with a way to the internet", index + 1),
        cidr: subnet.cidr.clone(),
        zone: zone(index, subnet),
        fixed_zone: subnet.az.is_some(),
        name: sub(&format!("copilot-${{AppName}}-${{EnvironmentName}}-pub{index}")),
    }
}

fn private(index: usize, subnet: &Subnet, public_subnets: usize) -> PrivateSubnet {
    let number = index + 1;
    // There are as many public subnets as private ones, in the same zones.
    let nat_subnet = index % public_subnets.max(1) + 1;
    PrivateSubnet {
        title: format!("Private subnet {number}, not reached from the internet"),
        cidr: subnet.cidr.clone(),
        zone: zone(index, subnet),
        fixed_zone: subnet.az.is_some(),
        name: sub(&format!("copilot-${{AppName}}-${{EnvironmentName}}-priv{index}")),
        address_title: format!("The public address of NAT gateway {number}"),
        nat_title: format!("NAT gateway {number}: the way from private subnet {number} to the internet"),
        nat_subnet: reference(&format!("PublicSubnet{nat_subnet}")),
        nat_name: sub(&format!("copilot-${{AppName}}-${{EnvironmentName}}-{index}")),
    }
}

/// The zone that is asked for, else the region's zone of the subnet's number.
fn zone(index: usize, subnet: &Subnet) -> Value {
    subnet.az.as_deref().map_or_else(|| json!({"Fn::Select": [index, {"Fn::GetAZs": ""}]}), Value::from)
}

fn numbered(id: &str, count: usize) -> Vec<Value> {
    (1..=count).map(|number| reference(&format!("{id}{number}"))).collect()
}
