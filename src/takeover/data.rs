//! Resources that hold data: what nobody can make again once it is deleted.
//!
//! A deletion keeps them unless it is told otherwise. A nested stack with data in it is kept as a whole, with the network
//! groups, secrets and policies that the data is reached with; of a stack itself the resource is kept with what it is made of.

use std::collections::BTreeSet;

use serde_json::Value;

use super::machinery;

/// Types of resources that hold data. A key is none by itself (Copilot's workers encrypt their queues with one): it stays with
/// what it encrypts.
const DATA: [&str; 27] = [
    "AWS::Backup::BackupVault",
    "AWS::CodeCommit::Repository",
    "AWS::Cognito::UserPool",
    "AWS::DocDB::DBCluster",
    "AWS::DocDB::DBInstance",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EC2::Volume",
    "AWS::ECR::Repository",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::ServerlessCache",
    "AWS::Elasticsearch::Domain",
    "AWS::FSx::FileSystem",
    "AWS::Kinesis::Stream",
    "AWS::MemoryDB::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::Neptune::DBInstance",
    "AWS::OpenSearchServerless::Collection",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::GlobalCluster",
    "AWS::Redshift::Cluster",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::Timestream::Table",
];

/// Types of resources that stand in a VPC: with one of them kept, the VPC can't be deleted.
const IN_NETWORK: [&str; 16] = [
    "AWS::DocDB::DBCluster",
    "AWS::DocDB::DBSubnetGroup",
    "AWS::EC2::NetworkInterface",
    "AWS::EC2::SecurityGroup",
    "AWS::EC2::VPCEndpoint",
    "AWS::EFS::MountTarget",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::ElastiCache::SubnetGroup",
    "AWS::Lambda::Function",
    "AWS::MemoryDB::SubnetGroup",
    "AWS::Neptune::DBSubnetGroup",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::RDS::DBSubnetGroup",
    "AWS::Redshift::Cluster",
];

/// Buckets by logical id that hold nothing of the user's: logs of requests, copies of a site's files in the workspace, what
/// pipelines pass on.
const OWN_BUCKETS: [&str; 4] =
    ["Bucket", "ELBAccessLogsBucket", "PipelineBuiltArtifactBucket", "CloudFrontAccessLogsBucket"];

/// Type of nested stacks.
pub const NESTED: &str = "AWS::CloudFormation::Stack";

/// Whether resources of a type hold data.
#[must_use]
pub fn is_data(kind: &str) -> bool {
    DATA.contains(&kind)
}

/// Whether resources of a type stand in a VPC.
#[must_use]
pub fn is_in_network(kind: &str) -> bool {
    IN_NETWORK.contains(&kind)
}

/// Whether a bucket of an environment's or a workload's own stack holds nothing of the user's.
#[must_use]
pub fn is_own_bucket(id: &str, kind: &str) -> bool {
    kind == "AWS::S3::Bucket" && OWN_BUCKETS.contains(&id)
}

/// Whether a resource stays by its own policy when its stack is deleted.
#[must_use]
pub fn stays(resource: &Value) -> bool {
    matches!(resource["DeletionPolicy"].as_str(), Some("Retain" | "RetainExceptOnCreate"))
}

/// Logical ids of `kept` in a template in normal form, and of all resources these refer to: they can't be deleted either
/// while the kept ones use them.
#[must_use]
pub fn with_what_it_leans_on(template: &Value, kept: &BTreeSet<String>) -> BTreeSet<String> {
    let (mut found, mut next) = (BTreeSet::new(), kept.clone());
    while let Some(id) = next.pop_first() {
        let Some(resource) = template["Resources"].get(&id) else { continue };
        // What a nested stack was given are values; it goes on without those who gave them.
        if machinery::kind(resource) != NESTED {
            let references = machinery::references(&resource["Properties"]);
            next.extend(references.into_iter().filter(|id| !found.contains(*id)).map(str::to_owned));
        }
        found.insert(id);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn types_are_sorted_and_known() {
        assert!(DATA.is_sorted() && IN_NETWORK.is_sorted());
        assert!(!is_data("AWS::KMS::Key"));
        assert!(
            is_data("AWS::DynamoDB::Table") && !is_data("AWS::SQS::Queue") && !is_data("AWS::Logs::LogGroup")
        );
        assert!(is_in_network("AWS::RDS::DBCluster") && !is_in_network("AWS::DynamoDB::Table"));
        assert!(is_own_bucket("ELBAccessLogsBucket", "AWS::S3::Bucket"));
        assert!(
            !is_own_bucket("Uploads", "AWS::S3::Bucket") && !is_own_bucket("Bucket", "AWS::DynamoDB::Table")
        );
    }

    #[test]
    fn what_data_is_reached_with_stays_with_it() {
        let template = json!({"Resources": {
            "Cluster": {"Type": "AWS::RDS::DBCluster", "Properties": {"DBSubnetGroupName": {"Ref": "Subnets"},
                "MasterUserPassword": {"Fn::Sub": "{{resolve:secretsmanager:${Secret}}}"}, "Size": {"Ref": "Parameter"}}},
            "Subnets": {"Type": "AWS::RDS::DBSubnetGroup", "Properties": {"Tags": [{"Value": {"Ref": "Loop"}}]}},
            "Loop": {"Type": "T", "Properties": {"Back": {"Ref": "Subnets"}}},
            "Secret": {"Type": "AWS::SecretsManager::Secret"},
            "AddonsStack": {"Type": NESTED, "Properties": {"Parameters": {"Role": {"Ref": "TaskRole"}}}},
            "TaskRole": {"Type": "AWS::IAM::Role"},
        }});
        let of = |ids: &[&str]| -> Vec<String> {
            let kept = ids.iter().map(|id| (*id).to_owned()).collect();
            with_what_it_leans_on(&template, &kept).into_iter().collect()
        };
        assert_eq!(of(&["Cluster"]), ["Cluster", "Loop", "Secret", "Subnets"]);
        assert_eq!(of(&["AddonsStack", "Missing"]), ["AddonsStack"]);
    }

    #[test]
    fn a_policy_of_its_own_keeps_a_resource() {
        for (policy, kept) in
            [("Retain", true), ("RetainExceptOnCreate", true), ("Snapshot", false), ("Delete", false)]
        {
            assert_eq!(stays(&json!({"DeletionPolicy": policy})), kept, "{policy}");
        }
        assert!(!stays(&json!({})));
    }
}
