"""What the tests of wharf need of AWS beyond LocalStack's community core.

**This is a simulation.** How ECS deploys, fails and rolls back, how CloudFormation creates, updates and rolls back, how a
load balancer checks its targets, and the words they all use, are written from AWS's public documentation. None of it was
compared with AWS. A test that passes here says that wharf does what we believe AWS expects, no more.

LocalStack serves what it has (S3, SSM, Secrets Manager, IAM, STS, SNS, SQS, KMS, EC2, Route 53, CloudWatch, Logs). This
package adds or replaces:

==================  ================================================================================================
module              what it is
==================  ================================================================================================
``cloudformation``  an engine of our own: change sets, parallel execution, rollback, exports, nested stacks, StackSets
``ecs``             clusters, task definitions, services, deployments; a task is a container when an engine is there
``elbv2``           load balancers that listen on loopback, follow their rules and check their targets
``ecr``             repositories whose images are kept by a real OCI registry
``autoscaling``     scalable targets and policies (nothing scales by itself)
``cloudmap``        namespaces, services, instances
``tagging``         GetResources over everything above and LocalStack's own services
``logs``            filter patterns and paging of CloudWatch Logs
==================  ================================================================================================

State is kept per account and region; a 12-digit access key id is the account, so tests run side by side.
"""
