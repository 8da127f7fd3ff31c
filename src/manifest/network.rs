//! `network`: where tasks stand in the network, and how services reach each other.

use super::decode::{Flag, Form, List, Map, Spanned, Text};
use super::element::element;
use super::scalar::words;
use super::variables::Value;

words! {
    /// Subnets of the environment.
    pub enum Placement {
        /// The public subnets, with public addresses.
        Public = "public",
        /// The private subnets, out through NAT gateways.
        Private = "private",
    }
}

element! {
    /// Subnets found by their tags.
    pub struct SubnetTags {
        /// Tags that a subnet must all carry; of several values of a tag any counts.
        from_tags: Map<Form<Text, List<Text>>> = "from_tags",
    }
}

element! {
    /// Subnets of the user's choice.
    pub struct Subnets {
        /// Ids of subnets, or tags by which they are found.
        subnets: Form<List<Text>, SubnetTags> = "subnets",
    }
}

element! {
    /// Security groups in the full form.
    pub struct SecurityGroups {
        /// Ids of security groups, or exports that hold them.
        groups: List<Value> = "groups",
        /// Whether the environment's own security group is left out.
        deny_default: Flag = "deny_default" default "false",
    }
}

element! {
    /// The tasks' place in the VPC.
    pub struct Vpc {
        /// Subnets of the tasks.
        placement: Form<Spanned<Placement>, Subnets> = "placement" default "public",
        /// Security groups besides the environment's.
        security_groups: Form<List<Value>, SecurityGroups> = "security_groups",
    }
}

element! {
    /// Service Connect in the full form.
    pub struct Connect {
        /// Name under which other services reach this one.
        alias: Text = "alias" default "the service's name",
    }
}

element! {
    /// Network of the tasks.
    pub struct Network {
        /// The tasks' place in the VPC.
        vpc: Vpc = "vpc",
        /// Whether services of the environment reach each other by name (ECS Service Connect).
        connect: Form<Flag, Connect> = "connect" default "false",
    }
}
