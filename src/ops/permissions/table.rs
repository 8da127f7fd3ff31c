//! The list of permissions. What a service asks for with a call stands in its page of the Service Authorization Reference;
//! what CloudFormation calls for a resource, in the handlers of the resource's type.

use super::{Need, Purpose, Through};
use Purpose::{Application, Delete, Deploy, Domain, Drift, Environment, Look, Pipeline, Prices};
use Through::{Along, Call, CloudFormation, Engine};

const ANY: &str = "*";
const RECORDS: &str = "arn:{partition}:ssm:{region}:{account}:parameter/copilot/applications*";
const RECORDS_OF_APP: &str = "arn:{partition}:ssm:{region}:{account}:parameter/copilot/applications/{app}*";
const MANAGER_ROLE: &str = "arn:{partition}:iam::{account}:role/{app}-{env}-EnvManagerRole";
const EXECUTION_ROLE: &str = "arn:{partition}:iam::{account}:role/{app}-{env}-CFNExecutionRole";
const STACK_SET: &str = "arn:{partition}:cloudformation:*:{account}:stackset/{app}-infrastructure:*";
const STACK_SET_TARGET: &str =
    "arn:{partition}:cloudformation:*:{account}:stackset-target/{app}-infrastructure:*";
const ADMIN_ROLE: &str = "arn:{partition}:iam::{account}:role/{app}-adminrole";
const TARGET_ROLE: &str = "arn:{partition}:iam::{account}:role/{app}-executionrole";
const DNS_ROLE: &str = "arn:{partition}:iam::{account}:role/{app}-DNSDelegationRole";
const LINKED_ROLE: &str =
    "arn:{partition}:iam::{account}:role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS";
const ROLES_STACK: &str =
    "arn:{partition}:cloudformation:{region}:{account}:stack/{app}-infrastructure-roles/*";
const ENVIRONMENT_STACK: &str = "arn:{partition}:cloudformation:{region}:{account}:stack/{app}-{env}/*";
const PIPELINE_STACK: &str =
    "arn:{partition}:cloudformation:{region}:{account}:stack/pipeline-{app}-{pipeline}/*";
const REPOSITORY: &str = "arn:{partition}:ecr:{region}:{account}:repository/{app}/{workload}";
const BUCKET: &str = "arn:{partition}:s3:::{bucket}";
const KEY: &str = "arn:{partition}:kms:{region}:{account}:key/*";
const OBJECTS: &str = "arn:{partition}:s3:::{bucket}/*";
const SECRET: &str = "arn:{partition}:secretsmanager:{region}:{account}:secret:*";
const PIPELINE: &str = "arn:{partition}:codepipeline:{region}:{account}:*";
const PROJECT: &str = "arn:{partition}:codebuild:{region}:{account}:project/*";
const PIPELINE_ROLE: &str = "arn:{partition}:iam::{account}:role/pipeline-{app}-*";

/// Calls for which AWS asks nobody for a permission.
pub const NEEDS_NONE: &[&str] = &["sts:GetCallerIdentity"];

/// What brings a stack in place.
const STACK_ACTIONS: &[&str] = &[
    "cloudformation:CancelUpdateStack",
    "cloudformation:ContinueUpdateRollback",
    "cloudformation:CreateChangeSet",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeStackEvents",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:ListChangeSets",
    "cloudformation:UpdateStack",
];

/// What CloudFormation calls to make a role and to change it.
const ROLE_ACTIONS: &[&str] = &[
    "iam:CreateRole",
    "iam:DeleteRolePolicy",
    "iam:GetRole",
    "iam:GetRolePolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
];

/// What wharf calls to remove a role that a failed stack left behind.
const ROLE_CALLS: &[&str] = &[
    "iam:DeleteRole",
    "iam:DeleteRolePolicy",
    "iam:DetachRolePolicy",
    "iam:GetRole",
    "iam:ListAttachedRolePolicies",
    "iam:ListRolePolicies",
];

/// What CloudFormation calls to delete one.
const ROLE_DELETIONS: &[&str] =
    &["iam:DeleteRole", "iam:DeleteRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"];

/// What looks for drift.
const DRIFT_CALLS: &[&str] = &[
    "cloudformation:DescribeStackDriftDetectionStatus",
    "cloudformation:DescribeStackResourceDrifts",
    "cloudformation:DetectStackDrift",
];

const fn need(
    purpose: Purpose,
    through: Through,
    resource: &'static str,
    actions: &'static [&'static str],
) -> Need {
    Need { purpose, through, resource, actions }
}

/// What whoever runs wharf needs in the application's account, and in an environment's account where the environment is made.
pub const USER: &[Need] = &[
    need(Look, Call, RECORDS, &["ssm:GetParameter", "ssm:GetParametersByPath"]),
    need(Look, Call, MANAGER_ROLE, &["sts:AssumeRole"]),
    need(
        Look,
        Call,
        STACK_SET,
        &[
            "cloudformation:DescribeStackSet",
            "cloudformation:GetTemplateSummary",
            "cloudformation:ListStackInstances",
            "cloudformation:ListStackSetOperations",
        ],
    ),
    need(
        Look,
        Call,
        ANY,
        &[
            "cloudformation:DescribeStackEvents",
            "cloudformation:DescribeStackResources",
            "cloudformation:DescribeStacks",
            "cloudformation:GetTemplate",
            "cloudformation:GetTemplateSummary",
            "cloudformation:ListStackResources",
            "iam:SimulatePrincipalPolicy",
            "tag:GetResources",
        ],
    ),
    need(Look, Call, PIPELINE, &["codepipeline:GetPipeline", "codepipeline:GetPipelineState"]),
    need(Deploy, Call, ANY, &["ecr:GetAuthorizationToken"]),
    need(
        Deploy,
        Call,
        REPOSITORY,
        &[
            "ecr:BatchGetImage",
            "ecr:DescribeImages",
            "ecr:DescribeRepositories",
            "ecr:GetDownloadUrlForLayer",
        ],
    ),
    need(
        Deploy,
        Engine,
        REPOSITORY,
        &[
            "ecr:BatchCheckLayerAvailability",
            "ecr:CompleteLayerUpload",
            "ecr:InitiateLayerUpload",
            "ecr:PutImage",
            "ecr:UploadLayerPart",
        ],
    ),
    need(Environment, Call, RECORDS_OF_APP, &["ssm:PutParameter"]),
    need(Environment, Along, RECORDS_OF_APP, &["ssm:AddTagsToResource"]),
    need(Environment, Call, LINKED_ROLE, &["iam:CreateServiceLinkedRole"]),
    need(Environment, Call, ENVIRONMENT_STACK, STACK_ACTIONS),
    need(Environment, Along, ENVIRONMENT_STACK, &["cloudformation:TagResource"]),
    need(Environment, Call, MANAGER_ROLE, ROLE_CALLS),
    need(Environment, Call, EXECUTION_ROLE, ROLE_CALLS),
    need(Environment, CloudFormation, MANAGER_ROLE, ROLE_ACTIONS),
    need(Environment, CloudFormation, EXECUTION_ROLE, ROLE_ACTIONS),
    need(
        Environment,
        Call,
        STACK_SET,
        &[
            "cloudformation:CreateStackInstances",
            "cloudformation:DescribeStackSetOperation",
            "cloudformation:ListStackSetOperationResults",
            "cloudformation:UpdateStackSet",
        ],
    ),
    need(
        Environment,
        Along,
        STACK_SET_TARGET,
        &["cloudformation:CreateStackInstances", "cloudformation:UpdateStackSet"],
    ),
    need(Environment, Along, ADMIN_ROLE, &["iam:PassRole"]),
    need(Application, Call, RECORDS_OF_APP, &["ssm:PutParameter"]),
    need(Application, Along, RECORDS_OF_APP, &["ssm:AddTagsToResource"]),
    need(Application, Call, ROLES_STACK, STACK_ACTIONS),
    need(Application, Along, ROLES_STACK, &["cloudformation:TagResource"]),
    need(
        Application,
        Call,
        STACK_SET,
        &[
            "cloudformation:CreateStackSet",
            "cloudformation:DescribeStackSetOperation",
            "cloudformation:ListStackSetOperationResults",
            "cloudformation:UpdateStackSet",
        ],
    ),
    need(Application, Along, STACK_SET, &["cloudformation:TagResource"]),
    need(Application, Along, STACK_SET_TARGET, &["cloudformation:UpdateStackSet"]),
    need(Application, Call, ADMIN_ROLE, &["iam:GetRole"]),
    need(Application, Along, ADMIN_ROLE, &["iam:PassRole"]),
    // Templates of many services are too long for a call.
    need(Application, Call, OBJECTS, &["s3:PutObject"]),
    need(Application, Along, KEY, &["kms:GenerateDataKey"]),
    need(Application, Call, ANY, &["iam:ListPolicies"]),
    need(Application, CloudFormation, ADMIN_ROLE, ROLE_ACTIONS),
    need(Application, CloudFormation, TARGET_ROLE, ROLE_ACTIONS),
    need(Domain, Call, ANY, &["route53:ListHostedZonesByName", "route53domains:GetDomainDetail"]),
    need(
        Domain,
        Call,
        "arn:{partition}:route53:::hostedzone/*",
        &["route53:GetHostedZone", "route53:ListResourceRecordSets"],
    ),
    need(
        Domain,
        CloudFormation,
        "arn:{partition}:route53:::hostedzone/*",
        &["route53:ChangeResourceRecordSets", "route53:ChangeTagsForResource", "route53:ListTagsForResource"],
    ),
    need(Domain, CloudFormation, ANY, &["route53:CreateHostedZone", "route53:GetChange"]),
    need(Domain, CloudFormation, DNS_ROLE, ROLE_ACTIONS),
    need(Domain, Call, DNS_ROLE, &["sts:AssumeRole"]),
    need(Pipeline, Call, PIPELINE_STACK, STACK_ACTIONS),
    need(Pipeline, Along, PIPELINE_STACK, &["cloudformation:TagResource"]),
    need(Pipeline, Call, OBJECTS, &["s3:GetObject", "s3:PutObject"]),
    need(Pipeline, Call, BUCKET, &["s3:ListBucket"]),
    need(Pipeline, Along, KEY, &["kms:Decrypt", "kms:GenerateDataKey"]),
    need(Pipeline, Call, PIPELINE, &["codepipeline:RetryStageExecution"]),
    need(
        Pipeline,
        Call,
        ANY,
        &[
            "codeconnections:GetConnection",
            "codeconnections:ListConnections",
            "codestar-connections:GetConnection",
            "codestar-connections:ListConnections",
        ],
    ),
    need(
        Pipeline,
        Call,
        SECRET,
        &["secretsmanager:CreateSecret", "secretsmanager:DescribeSecret", "secretsmanager:PutSecretValue"],
    ),
    need(Pipeline, Along, SECRET, &["secretsmanager:TagResource"]),
    need(
        Pipeline,
        CloudFormation,
        PIPELINE,
        &[
            "codepipeline:CreatePipeline",
            "codepipeline:ListTagsForResource",
            "codepipeline:TagResource",
            "codepipeline:UpdatePipeline",
        ],
    ),
    need(
        Pipeline,
        CloudFormation,
        PROJECT,
        &["codebuild:BatchGetProjects", "codebuild:CreateProject", "codebuild:UpdateProject"],
    ),
    need(
        Pipeline,
        CloudFormation,
        ANY,
        &[
            "codestar-connections:CreateConnection",
            "codestar-connections:PassConnection",
            "codestar-connections:TagResource",
        ],
    ),
    need(Pipeline, CloudFormation, PIPELINE_ROLE, ROLE_ACTIONS),
    need(Pipeline, CloudFormation, PIPELINE_ROLE, &["iam:PassRole"]),
    need(Delete, Call, RECORDS_OF_APP, &["ssm:DeleteParameter"]),
    need(Delete, Call, REPOSITORY, &["ecr:BatchDeleteImage", "ecr:ListImages"]),
    need(Delete, Call, BUCKET, &["s3:ListBucketVersions"]),
    need(Delete, Call, OBJECTS, &["s3:DeleteObject", "s3:DeleteObjectVersion"]),
    need(
        Delete,
        Call,
        STACK_SET,
        &[
            "cloudformation:DeleteStackInstances",
            "cloudformation:DeleteStackSet",
            "cloudformation:DescribeStackSetOperation",
            "cloudformation:ListStackSetOperationResults",
            "cloudformation:UpdateStackSet",
        ],
    ),
    need(
        Delete,
        Along,
        STACK_SET_TARGET,
        &["cloudformation:DeleteStackInstances", "cloudformation:UpdateStackSet"],
    ),
    need(Delete, Along, ADMIN_ROLE, &["iam:PassRole"]),
    need(Delete, Call, ROLES_STACK, &["cloudformation:DeleteStack"]),
    need(Delete, CloudFormation, ADMIN_ROLE, ROLE_DELETIONS),
    need(Delete, CloudFormation, TARGET_ROLE, ROLE_DELETIONS),
    need(Delete, Call, MANAGER_ROLE, ROLE_CALLS),
    need(Delete, Call, EXECUTION_ROLE, ROLE_CALLS),
    need(Delete, Call, PIPELINE_STACK, &["cloudformation:DeleteStack"]),
    need(Delete, Call, SECRET, &["secretsmanager:DeleteSecret", "secretsmanager:DescribeSecret"]),
    need(Delete, CloudFormation, PIPELINE, &["codepipeline:DeletePipeline"]),
    need(Delete, CloudFormation, PROJECT, &["codebuild:DeleteProject"]),
    need(Delete, CloudFormation, PIPELINE_ROLE, ROLE_DELETIONS),
    need(Delete, CloudFormation, ANY, &["codestar-connections:DeleteConnection"]),
    need(Drift, Call, ANY, DRIFT_CALLS),
    need(Drift, Along, ANY, &["cloudformation:DetectStackResourceDrift"]),
    need(Prices, Call, ANY, &["pricing:GetProducts"]),
];

/// What the manager role of an environment needs: the environment's template gives it, within the environment.
pub const MANAGER: &[Need] = &[
    need(
        Look,
        Call,
        ANY,
        &[
            "apprunner:DescribeCustomDomains",
            "apprunner:DescribeService",
            "apprunner:DescribeVpcIngressConnection",
            "apprunner:ListOperations",
            "cloudformation:DescribeStackEvents",
            "cloudformation:DescribeStackResources",
            "cloudformation:DescribeStacks",
            "cloudformation:GetTemplate",
            "cloudformation:ListStackResources",
            "cloudwatch:DescribeAlarms",
            "ecs:DescribeClusters",
            "ecs:DescribeServiceDeployments",
            "ecs:DescribeServices",
            "ecs:DescribeTaskDefinition",
            "ecs:DescribeTasks",
            "ecs:ListServiceDeployments",
            "ecs:ListServices",
            "ecs:ListTasks",
            "elasticloadbalancing:DescribeListeners",
            "elasticloadbalancing:DescribeLoadBalancers",
            "elasticloadbalancing:DescribeRules",
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:FilterLogEvents",
            "logs:GetLogEvents",
            "s3:GetObject",
            "states:DescribeExecution",
            "states:ListExecutions",
            "tag:GetResources",
        ],
    ),
    need(
        Deploy,
        Call,
        ANY,
        &[
            "acm:DescribeCertificate",
            "apprunner:PauseService",
            "apprunner:ResumeService",
            "apprunner:StartDeployment",
            "cloudformation:CancelUpdateStack",
            "cloudformation:ContinueUpdateRollback",
            "cloudformation:CreateChangeSet",
            "cloudformation:DeleteChangeSet",
            "cloudformation:DescribeChangeSet",
            "cloudformation:ExecuteChangeSet",
            "cloudformation:ListChangeSets",
            "cloudformation:ListImports",
            "cloudformation:UpdateStack",
            "cloudwatch:GetMetricData",
            "ec2:DescribeAddresses",
            "ec2:DescribeManagedPrefixLists",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
            "ecs:ExecuteCommand",
            "ecs:RunTask",
            "ecs:StopTask",
            "ecs:UpdateService",
            "elasticfilesystem:DescribeFileSystems",
            "elasticloadbalancing:DescribeAccountLimits",
            "kms:DescribeKey",
            "s3:ListBucket",
            "s3:PutObject",
            "secretsmanager:DescribeSecret",
            "servicequotas:GetServiceQuota",
            "ssm:DescribeParameters",
            "ssm:GetParameter",
            "states:StartExecution",
            "states:StopExecution",
        ],
    ),
    need(
        Deploy,
        Along,
        ANY,
        &["cloudformation:TagResource", "iam:PassRole", "kms:Decrypt", "kms:GenerateDataKey"],
    ),
    need(
        Domain,
        Call,
        ANY,
        &[
            "acm:DeleteCertificate",
            "acm:ListCertificates",
            "acm:ListTagsForCertificate",
            "acm:RequestCertificate",
            "apprunner:AssociateCustomDomain",
            "apprunner:DisassociateCustomDomain",
            "route53:ChangeResourceRecordSets",
            "route53:GetHostedZone",
            "route53:ListHostedZonesByName",
            "route53:ListResourceRecordSets",
        ],
    ),
    need(Domain, Along, ANY, &["acm:AddTagsToCertificate"]),
    need(
        Delete,
        Call,
        ANY,
        &[
            "cloudformation:DeleteStack",
            "iam:DeleteRole",
            "iam:DeleteRolePolicy",
            "iam:ListRolePolicies",
            "logs:DeleteLogGroup",
            "s3:ListBucketVersions",
        ],
    ),
    need(Drift, Call, ANY, DRIFT_CALLS),
    need(Drift, Along, ANY, &["cloudformation:DetectStackResourceDrift"]),
];

/// What the manager role needs for a Static Site: the site's own stack gives it, for its bucket and its distribution.
pub const SITE: &[Need] = &[
    need(
        Deploy,
        Call,
        ANY,
        &[
            "cloudfront:CreateInvalidation",
            "cloudfront:GetInvalidation",
            "s3:DeleteObject",
            "s3:GetObject",
            "s3:ListBucket",
            "s3:PutObject",
        ],
    ),
    need(Delete, Call, ANY, &["s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions"]),
];

/// What the role needs that writes into an application's zone.
pub const DNS: &[Need] = &[need(
    Domain,
    Call,
    ANY,
    &["route53:ChangeResourceRecordSets", "route53:ListHostedZonesByName", "route53:ListResourceRecordSets"],
)];
