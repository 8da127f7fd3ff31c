//! What holds data or takes traffic: nobody replaces or deletes it without having been asked for that very resource.

use serde::Serialize;

/// Why a resource is guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Guard {
    /// It holds data that goes with it.
    Data,
    /// It takes traffic that ends nowhere without it.
    Traffic,
}

/// Types, without `AWS::`, of what holds data.
const DATA: &[&str] = &[
    "AmazonMQ::Broker",
    "Backup::BackupVault",
    "Cassandra::Table",
    // Nobody has looked into it.
    "CloudFormation::Stack",
    "Cognito::UserPool",
    "DocDB::DBCluster",
    "DocDB::DBInstance",
    "DocDBElastic::Cluster",
    "DynamoDB::GlobalTable",
    "DynamoDB::Table",
    "EC2::Volume",
    "ECR::Repository",
    "EFS::FileSystem",
    "ElastiCache::CacheCluster",
    "ElastiCache::ReplicationGroup",
    "ElastiCache::ServerlessCache",
    "Elasticsearch::Domain",
    "FSx::FileSystem",
    "KMS::Key",
    "Kinesis::Stream",
    "Logs::LogGroup",
    "MSK::Cluster",
    "MemoryDB::Cluster",
    "Neptune::DBCluster",
    "Neptune::DBInstance",
    "OpenSearchServerless::Collection",
    "OpenSearchService::Domain",
    "RDS::DBCluster",
    "RDS::DBInstance",
    "RDS::GlobalCluster",
    "Redshift::Cluster",
    "S3::Bucket",
    "SQS::Queue",
    "SecretsManager::Secret",
    "Timestream::Table",
];

/// Types, without `AWS::`, of what takes traffic.
const TRAFFIC: &[&str] = &[
    "ApiGateway::RestApi",
    "ApiGatewayV2::Api",
    "AppRunner::Service",
    "CloudFront::Distribution",
    "EC2::InternetGateway",
    "EC2::NatGateway",
    "EC2::Subnet",
    "EC2::VPC",
    "ECS::Cluster",
    "ECS::Service",
    "ElasticLoadBalancing::LoadBalancer",
    "ElasticLoadBalancingV2::Listener",
    "ElasticLoadBalancingV2::LoadBalancer",
    "ElasticLoadBalancingV2::TargetGroup",
    "Events::EventBus",
    "Route53::HostedZone",
    "SNS::Topic",
    "ServiceDiscovery::HttpNamespace",
    "ServiceDiscovery::PrivateDnsNamespace",
];

/// Why a resource type is guarded; `None` when it is not.
#[must_use]
pub fn guard(resource_type: &str) -> Option<Guard> {
    let name = resource_type.strip_prefix("AWS::")?;
    let among = |names: &[&str]| names.binary_search(&name).is_ok();
    if among(DATA) { Some(Guard::Data) } else { among(TRAFFIC).then_some(Guard::Traffic) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_are_sorted_so_that_each_type_is_found() {
        assert!(DATA.is_sorted() && TRAFFIC.is_sorted());
        assert_eq!(guard("AWS::RDS::DBInstance"), Some(Guard::Data));
        assert_eq!(guard("AWS::ElasticLoadBalancingV2::TargetGroup"), Some(Guard::Traffic));
        assert_eq!(guard("AWS::IAM::Role"), None);
        assert_eq!(guard("Custom::S3::Bucket"), None);
    }
}
