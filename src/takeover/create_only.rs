//! Properties that CloudFormation can't change: another value makes a new resource and deletes the old one.
//!
//! From the schemas that AWS publishes of its resource types, for the types that Copilot's templates hold and those that
//! addons and overrides put beside them. A question mark: only some changes replace.

const TABLE: &str = "\
AWS::AppRunner::Service EncryptionConfiguration ServiceName
AWS::AppRunner::VpcConnector SecurityGroups Subnets VpcConnectorName
AWS::AppRunner::VpcIngressConnection ServiceArn VpcIngressConnectionName
AWS::ApplicationAutoScaling::ScalableTarget ResourceId ScalableDimension ServiceNamespace
AWS::ApplicationAutoScaling::ScalingPolicy PolicyName ResourceId ScalableDimension ScalingTargetId ServiceNamespace
AWS::CertificateManager::Certificate CertificateAuthorityArn DomainName DomainValidationOptions KeyAlgorithm SubjectAlternativeNames ValidationMethod
AWS::CloudFront::Function Name
AWS::CloudWatch::Alarm AlarmName
AWS::EC2::EIP Address IpamPoolId NetworkBorderGroup TransferAddress
AWS::EC2::FlowLog DeliverCrossAccountRole DeliverLogsPermissionArn DestinationOptions LogDestination LogDestinationType LogFormat LogGroupName MaxAggregationInterval ResourceId ResourceType TrafficType
AWS::EC2::NatGateway AllocationId AvailabilityMode ConnectivityType PrivateIpAddress SubnetId VpcId
AWS::EC2::Route DestinationCidrBlock DestinationIpv6CidrBlock DestinationPrefixListId RouteTableId
AWS::EC2::RouteTable VpcId
AWS::EC2::SecurityGroup GroupDescription GroupName VpcId
AWS::EC2::SecurityGroupEgress CidrIp CidrIpv6 DestinationPrefixListId DestinationSecurityGroupId FromPort GroupId IpProtocol ToPort
AWS::EC2::SecurityGroupIngress CidrIp CidrIpv6 FromPort GroupId GroupName IpProtocol SourcePrefixListId SourceSecurityGroupId SourceSecurityGroupName SourceSecurityGroupOwnerId ToPort
AWS::EC2::Subnet AvailabilityZone AvailabilityZoneId CidrBlock Ipv6Native OutpostArn VpcId ?Ipv6CidrBlock
AWS::EC2::SubnetRouteTableAssociation RouteTableId SubnetId
AWS::EC2::VPC CidrBlock Ipv4IpamPoolId Ipv4NetmaskLength ?InstanceTenancy
AWS::EC2::VPCEndpoint ServiceName ServiceRegion VpcEndpointType VpcId
AWS::EC2::VPCGatewayAttachment VpcId
AWS::ECR::Repository EncryptionConfiguration RepositoryName
AWS::ECS::Cluster ClusterName
AWS::ECS::Service Cluster Role SchedulingStrategy ServiceName ?LaunchType
AWS::ECS::TaskDefinition Family
AWS::EFS::AccessPoint ClientToken FileSystemId PosixUser RootDirectory
AWS::EFS::FileSystem AvailabilityZoneName Encrypted KmsKeyId PerformanceMode
AWS::EFS::MountTarget FileSystemId IpAddress SubnetId
AWS::ElasticLoadBalancingV2::Listener LoadBalancerArn
AWS::ElasticLoadBalancingV2::ListenerCertificate ListenerArn
AWS::ElasticLoadBalancingV2::ListenerRule ListenerArn
AWS::ElasticLoadBalancingV2::LoadBalancer Name Scheme Type
AWS::ElasticLoadBalancingV2::TargetGroup IpAddressType Name Port Protocol ProtocolVersion TargetType VpcId
AWS::Events::Rule Name ?EventBusName
AWS::IAM::ManagedPolicy Description ManagedPolicyName Path
AWS::IAM::Role Path RoleName
AWS::Logs::LogGroup LogGroupName
AWS::Logs::ResourcePolicy PolicyName
AWS::Route53::HostedZone Name
AWS::Route53::RecordSet HostedZoneId HostedZoneName Name
AWS::Route53::RecordSetGroup HostedZoneId HostedZoneName
AWS::S3::Bucket BucketName
AWS::S3::BucketPolicy Bucket
AWS::SNS::Subscription Endpoint Protocol TopicArn ?Region
AWS::SNS::Topic FifoTopic TopicName
AWS::SQS::Queue FifoQueue QueueName
AWS::ServiceDiscovery::PrivateDnsNamespace Name Vpc
AWS::ServiceDiscovery::Service HealthCheckCustomConfig Name NamespaceId Type
AWS::StepFunctions::StateMachine StateMachineName StateMachineType
";

/// Names of the properties of a type whose other value replaces the resource. Of a task definition only the family counts:
/// every change makes a new revision, and that is meant.
pub fn properties(kind: &str) -> impl Iterator<Item = &'static str> {
    let row = TABLE.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(' ')).unwrap_or_default();
    row.split(' ').filter(|name| !name.is_empty()).map(|name| name.trim_start_matches('?'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_has_its_row_and_no_other() {
        assert_eq!(properties("AWS::ECS::TaskDefinition").collect::<Vec<_>>(), ["Family"]);
        assert_eq!(properties("AWS::EC2::Route").count(), 4);
        assert!(properties("AWS::ECS::Service").any(|name| name == "LaunchType"));
        assert_eq!(properties("AWS::Own::Thing").count(), 0);
    }
}
