//! The part of all causes that end a deployment as a whole: alarms, traffic that could not go over, patience, what is left.

use super::kinds::{Kind, kind};

const DRIFT: &str = "`wharf doctor --drift` shows what was changed by hand; put it back as the stack has it, then deploy again.";

/// Those causes.
pub(super) const KINDS: &[Kind] = &[
    kind(
        "alarm",
        "an alarm went off during the deployment, which was taken back",
        &[
            "Look at the alarm in CloudWatch and at what the new tasks did: `wharf svc logs`.",
            "If it goes off without a reason, change `deployment.rollback_alarms`.",
        ],
    ),
    kind(
        "shift_role",
        "the role that ECS moves traffic with may not change the load balancer",
        &[
            "Look at `TrafficRole` of the stack: it must trust ecs.amazonaws.com and have the policy AmazonECSInfrastructureRolePolicyForLoadBalancers; a permissions boundary or a policy of the organisation may take rights away.",
        ],
    ),
    kind(
        "shift_rule",
        "the listener rule or listener that a deployment strategy needs is gone",
        &[DRIFT, "CloudTrail has who removed it (DeleteRule, DeleteListener)."],
    ),
    kind(
        "shift_target_group",
        "a listener rule does not lead to both target groups that a deployment strategy needs",
        &[
            "The rule must forward to both target groups of the service, one with weight 100 and one with 0.",
            DRIFT,
        ],
    ),
    kind(
        "shift_weights",
        "a listener rule sends traffic to both target groups at once, or to another one",
        &[
            "Give the target group whose tasks run all the weight and the other one 0, then deploy again.",
            DRIFT,
        ],
    ),
    kind(
        "lifecycle_hook",
        "a lifecycle hook of the deployment failed",
        &[
            "Read the log of the hook's function: it must be callable by its role and answer with `hookStatus`.",
            "Hooks come from the overrides of the service; wharf sets none itself.",
        ],
    ),
    kind(
        "deployment_stopped",
        "somebody stopped the deployment in ECS",
        &["Find out who and why (CloudTrail: StopServiceDeployment), then deploy again."],
    ),
    kind(
        "shift",
        "ECS took back a deployment that moves traffic, for a reason not told apart",
        &["Look at the service deployment in the ECS console, then deploy again."],
    ),
    kind(
        "circuit_breaker",
        "ECS gave up, and no stopped task is left to tell why",
        &[
            "Read what the containers wrote with `wharf svc logs`.",
            "Run the image locally with the same variables, and ask its health check path there.",
        ],
    ),
    kind(
        "timeout",
        "something did not become ready in the time that CloudFormation waits",
        &["Look at the state of the resource and at `wharf svc status`, then deploy again."],
    ),
    kind(
        "secret",
        "App Runner may not read a secret that a service needs to start, or it is not there",
        &["Make the secret, with the tags copilot-application and copilot-environment."],
    ),
    kind(
        "app_runner",
        "App Runner gave up on a service, for a reason not told apart",
        &["Read what App Runner says with `wharf svc logs --log-group system`."],
    ),
    kind("resource", "a resource failed, for a reason not told apart", &[]),
    kind(
        "unknown",
        "CloudFormation gives no reason",
        &["Look at the stack's events in the CloudFormation console."],
    ),
];
