//! From evidence to a cause: the most specific thing known wins.

use super::{Cause, Evidence, FailedResource, apprunner, resource, shift, target, task};

/// The first cause of a failure.
///
/// A failed service is explained by its tasks, then by its targets, then by its messages; any other resource by its own
/// reason. The texts matched are AWS's, as its documentation and API references give them.
#[must_use]
pub fn explain(evidence: &Evidence) -> Cause {
    let evidence = &with_short_names(evidence.clone());
    let first = first(evidence);
    let about_service = match first {
        Some(failed) => {
            failed.resource_type == "AWS::ECS::Service" && (shift::failed(evidence) || !is_refusal(failed))
        }
        None => !evidence.tasks.is_empty() || shift::failed(evidence),
    };
    if about_service && let Some(cause) = service(evidence) {
        return match first {
            Some(failed) => cause.detail(resource::line(failed)),
            None => cause,
        };
    }
    if first.is_some_and(|failed| failed.resource_type == apprunner::SERVICE && !is_refusal(failed))
        && let Some(cause) = evidence.instances.iter().find_map(apprunner::explain)
    {
        return match first {
            Some(failed) => cause.detail(resource::line(failed)),
            None => cause,
        };
    }
    match first {
        Some(failed) => resource::explain(failed),
        None => stack(evidence),
    }
}

/// The evidence with services called by their stack, which people know, instead of by the name that CloudFormation made up:
/// `shop-test-api` for `shop-test-api-Service-1A2B3C4D5E6F`.
fn with_short_names(mut evidence: Evidence) -> Evidence {
    let services = evidence.services.iter_mut().map(|service| &mut service.name);
    for name in services.chain(evidence.tasks.iter_mut().map(|task| &mut task.service)) {
        if let Some((short, _)) = name.rsplit_once("-Service-") {
            *name = short.to_owned();
        }
    }
    evidence
}

/// The first failed resource that is not just the wrapper of a failed nested stack.
fn first(evidence: &Evidence) -> Option<&FailedResource> {
    let failed = &evidence.resources;
    failed
        .iter()
        .find(|failed| failed.resource_type != "AWS::CloudFormation::Stack")
        .or_else(|| failed.first())
}

/// Whether ECS refused the service's definition, which no task can explain.
fn is_refusal(failed: &FailedResource) -> bool {
    if failed.reason.contains("Circuit Breaker") {
        return false;
    }
    resource::code(failed).is_some_and(|code| code != resource::TIMEOUT)
        || ["Invalid request provided", "InvalidRequest", "NotFound"]
            .iter()
            .any(|words| failed.reason.contains(words))
}

fn service(evidence: &Evidence) -> Option<Cause> {
    // The newest task is the best witness of what stops them all; an older one may still know more.
    let tasks = || evidence.tasks.iter().rev();
    tasks()
        .find_map(|stopped| task::before_start(stopped, evidence))
        .or_else(|| tasks().find_map(|stopped| task::ended(stopped, evidence)))
        .or_else(|| shift::alarm(evidence))
        .or_else(|| shift::refused(evidence))
        .or_else(|| tasks().find_map(|stopped| task::unhealthy(stopped, evidence)))
        .or_else(|| target::targets(evidence))
        .or_else(|| task::places(evidence))
        .or_else(|| shift::taken_back(evidence))
        .or_else(|| gave_up(evidence))
}

/// ECS gave up on a service, and no stopped task tells why.
fn gave_up(evidence: &Evidence) -> Option<Cause> {
    let circuit = evidence.resources.iter().any(|failed| failed.reason.contains("Circuit Breaker"))
        || evidence.services.iter().any(|service| !service.rollouts.is_empty());
    let name = evidence.services.first().map_or("the service", |service| task::short(&service.name));
    let late = evidence.resources.iter().any(|failed| resource::code(failed) == Some(resource::TIMEOUT));
    let mut cause = if circuit {
        let headline = "its tasks did not stay up, and none of them is left to tell why";
        Cause::new("circuit_breaker", format!("ECS gave up on {name}: {headline}"))
    } else if late {
        Cause::new(
            resource::TIMEOUT,
            format!("{name} did not become steady in the time that CloudFormation waits"),
        )
    } else {
        return None;
    };
    for service in &evidence.services {
        for text in service.rollouts.iter().chain(service.messages.iter().rev().take(3)) {
            cause = cause.detail(text.clone());
        }
    }
    Some(cause)
}

/// Nothing but the stack's own reason is known.
fn stack(evidence: &Evidence) -> Cause {
    if evidence.reason.is_empty() {
        return Cause::new(
            "unknown",
            format!(
                "stack {} ended in {} and CloudFormation gives no reason",
                evidence.stack, evidence.status
            ),
        );
    }
    resource::explain(&FailedResource {
        stack: evidence.stack.clone(),
        logical_id: evidence.stack.clone(),
        resource_type: "AWS::CloudFormation::Stack".into(),
        status: evidence.status.clone(),
        reason: evidence.reason.clone(),
        ..FailedResource::default()
    })
}

#[cfg(test)]
mod tests {
    use super::super::{FailedService, StoppedContainer, StoppedTask, UnhealthyTarget};
    use super::*;

    const BREAKER: &str = "Resource handler returned message: \"Error occurred during operation 'ECS Deployment Circuit \
        Breaker was triggered'.\" (RequestToken: 1b2c, HandlerErrorCode: GeneralServiceException)";

    fn resource(kind: &str, reason: &str) -> FailedResource {
        FailedResource {
            stack: "shop-test-api".into(),
            logical_id: kind.rsplit("::").next().unwrap().into(),
            resource_type: kind.into(),
            status: "UPDATE_FAILED".into(),
            reason: reason.into(),
            ..FailedResource::default()
        }
    }

    fn of_resource(kind: &str, reason: &str) -> Cause {
        explain(&Evidence { resources: vec![resource(kind, reason)], ..Evidence::default() })
    }

    fn api(container: StoppedContainer) -> StoppedTask {
        StoppedTask {
            id: "0a1b".into(),
            service: "api".into(),
            task_definition: "shop-test-api:7".into(),
            code: "EssentialContainerExited".into(),
            reason: "Essential container in task exited".into(),
            architecture: "X86_64".into(),
            memory: "512".into(),
            containers: vec![StoppedContainer {
                name: "api".into(),
                essential: true,
                ports: vec![8080],
                ..container
            }],
        }
    }

    fn of_task(task: StoppedTask) -> Cause {
        explain(&Evidence {
            stack: "shop-test-api".into(),
            resources: vec![resource("AWS::ECS::Service", BREAKER)],
            services: vec![FailedService { name: "api".into(), ..FailedService::default() }],
            tasks: vec![task],
            ..Evidence::default()
        })
    }

    fn not_started(code: &str, reason: &str) -> Cause {
        of_task(StoppedTask {
            code: code.into(),
            reason: reason.into(),
            ..api(StoppedContainer { reason: String::new(), ..StoppedContainer::default() })
        })
    }

    #[test]
    fn an_exit_code_comes_with_its_meaning_and_the_last_lines() {
        let cause = of_task(api(StoppedContainer {
            exit_code: Some(1),
            logs: vec!["Error: DATABASE_URL is not set".into()],
            ..StoppedContainer::default()
        }));
        assert_eq!(cause.code, "container_exited");
        assert_eq!(cause.headline, "container api exited with code 1");
        assert_eq!(cause.logs, ["Error: DATABASE_URL is not set"]);
        for (exit_code, words) in [
            (0, "ended by itself"),
            (126, "may not be executed"),
            (127, "was not found"),
            (139, "SIGSEGV"),
            (134, "SIGABRT"),
            (143, "SIGTERM"),
        ] {
            let cause =
                of_task(api(StoppedContainer { exit_code: Some(exit_code), ..StoppedContainer::default() }));
            let text = format!("{} {}", cause.headline, cause.details.join(" "));
            assert!(text.contains(words), "{exit_code}: {text}");
        }
    }

    #[test]
    fn out_of_memory() {
        let cause = of_task(api(StoppedContainer {
            exit_code: Some(137),
            reason: "OutOfMemoryError: Container killed due to memory usage".into(),
            ..StoppedContainer::default()
        }));
        assert_eq!(cause.code, "out_of_memory");
        assert_eq!(cause.headline, "container api used up its 512 MiB of memory and was killed");
    }

    #[test]
    fn another_architecture() {
        let cause = of_task(api(StoppedContainer {
            exit_code: Some(255),
            logs: vec!["exec /usr/bin/app: exec format error".into()],
            ..StoppedContainer::default()
        }));
        assert_eq!(cause.code, "architecture");
        let pull = not_started(
            "TaskFailedToStart",
            "CannotPullContainerError: pull image manifest has been retried 7 time(s): image Manifest does not contain \
             descriptor matching platform 'linux/amd64'",
        );
        assert_eq!(pull.code, "architecture");
        assert!(pull.next.iter().any(|next| next.contains("platform")), "{pull:?}");
    }

    #[test]
    fn images_that_can_not_be_pulled() {
        for (reason, code) in [
            (
                "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref \
                 1.dkr.ecr.eu-west-1.amazonaws.com/shop/api:v9: 1.dkr.ecr.eu-west-1.amazonaws.com/shop/api:v9: not found",
                "image_not_found",
            ),
            (
                "CannotPullContainerError: Error response from daemon: pull access denied for acme/app, repository does not \
                 exist or may require 'docker login'",
                "image_access",
            ),
            (
                "CannotPullContainerError: The task cannot pull registry.example.com/app:1 from the registry \
                 registry.example.com/app:1. There is a connection issue between the task and the registry. Check your task \
                 network configuration. : dial tcp 1.2.3.4:443: i/o timeout",
                "image_network",
            ),
            (
                "CannotPullContainerError: toomanyrequests: You have reached your pull rate limit.",
                "image_rate_limit",
            ),
        ] {
            let cause = not_started("TaskFailedToStart", reason);
            assert_eq!(cause.code, code, "{cause:?}");
            assert!(!cause.next.is_empty());
        }
    }

    #[test]
    fn secrets_and_permissions_before_the_start() {
        for (reason, code, word) in [
            (
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
                 unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: \
                 /copilot/shop/test/secrets/KEY",
                "parameter_not_found",
                "/copilot/shop/test/secrets/KEY",
            ),
            (
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
                 unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret \
                 arn:aws:secretsmanager:eu-west-1:1:secret:db from secrets manager: ResourceNotFoundException: Secrets Manager \
                 can't find the specified secret.",
                "secret_not_found",
                "arn:aws:secretsmanager:eu-west-1:1:secret:db",
            ),
            (
                "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: \
                 unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: User: \
                 arn:aws:sts::1:assumed-role/shop-test-api-ExecutionRole/0a is not authorized to perform: ssm:GetParameters on \
                 resource: arn:aws:ssm:eu-west-1:1:parameter/KEY because no identity-based policy allows it",
                "secret_access",
                "ssm:GetParameters",
            ),
            (
                "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from \
                 Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network configuration.",
                "start_network",
                "network",
            ),
            (
                "ResourceInitializationError: failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to \
                 resolve \"fs-1.efs.eu-west-1.amazonaws.com\"",
                "efs_mount",
                "EFS",
            ),
        ] {
            let cause = not_started("TaskFailedToStart", reason);
            assert_eq!(cause.code, code, "{cause:?}");
            let text = format!("{} {}", cause.headline, cause.details.join(" "));
            assert!(text.contains(word), "{text}");
        }
    }

    #[test]
    fn a_command_that_does_not_exist() {
        let cause = of_task(api(StoppedContainer {
            reason: "CannotStartContainerError: Error response from daemon: failed to create shim task: OCI runtime create \
                     failed: runc create failed: unable to start container process: exec: \"serv\": executable file not found \
                     in $PATH: unknown"
                .into(),
            ..StoppedContainer::default()
        }));
        assert_eq!(cause.code, "command_not_found");
        assert!(cause.headline.contains("serv"), "{cause:?}");
    }

    #[test]
    fn a_health_check_of_the_load_balancer() {
        let evidence = |target: UnhealthyTarget, logs: &[&str]| {
            Evidence {
            resources: vec![resource("AWS::ECS::Service", BREAKER)],
            services: vec![FailedService { name: "api".into(), targets: vec![target], ..FailedService::default() }],
            tasks: vec![StoppedTask {
                code: "ServiceSchedulerInitiated".into(),
                reason: "Task failed ELB health checks in (target-group arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/t/1)"
                    .into(),
                ..api(StoppedContainer {
                    exit_code: Some(137),
                    logs: logs.iter().map(|&line| line.to_owned()).collect(),
                    ..StoppedContainer::default()
                })
            }],
            ..Evidence::default()
        }
        };
        let wrong_code = explain(&evidence(
            UnhealthyTarget {
                target: "10.0.0.5".into(),
                port: 8080,
                reason: "Target.ResponseCodeMismatch".into(),
                description: "Health checks failed with these codes: [404]".into(),
                path: "/healthz".into(),
                expected: "200".into(),
            },
            &[],
        ));
        assert_eq!(wrong_code.code, "health_check_code");
        assert_eq!(
            wrong_code.headline,
            "the load balancer's health check of api got 404 from /healthz instead of 200"
        );
        let silent = UnhealthyTarget {
            target: "10.0.0.5".into(),
            port: 8080,
            reason: "Target.FailedHealthChecks".into(),
            description: "Health checks failed".into(),
            path: "/".into(),
            expected: "200".into(),
        };
        let other_port =
            explain(&evidence(silent.clone(), &["[info] Server listening on http://0.0.0.0:3000"]));
        assert_eq!(other_port.code, "port");
        assert!(
            other_port.headline.contains("3000") && other_port.headline.contains("8080"),
            "{other_port:?}"
        );
        let nothing = explain(&evidence(silent, &["starting"]));
        assert_eq!(nothing.code, "health_check_no_answer");
        let timeout = explain(&evidence(
            UnhealthyTarget {
                reason: "Target.Timeout".into(),
                description: "Request timed out".into(),
                port: 8080,
                ..UnhealthyTarget::default()
            },
            &[],
        ));
        assert_eq!(timeout.code, "health_check_timeout");
    }

    #[test]
    fn a_health_check_of_the_container() {
        let cause = of_task(StoppedTask {
            code: "ServiceSchedulerInitiated".into(),
            reason: "Task failed container health checks".into(),
            ..api(StoppedContainer {
                exit_code: Some(143),
                health: "UNHEALTHY".into(),
                ..StoppedContainer::default()
            })
        });
        assert_eq!(cause.code, "container_health_check");
    }

    #[test]
    fn a_breaker_without_evidence_says_so_and_what_to_do() {
        let cause = explain(&Evidence {
            resources: vec![resource("AWS::ECS::Service", BREAKER)],
            services: vec![FailedService { name: "api".into(), ..FailedService::default() }],
            ..Evidence::default()
        });
        assert_eq!(cause.code, "circuit_breaker");
        assert!(cause.next.iter().any(|next| next.contains("svc logs")));
    }

    #[test]
    fn tasks_that_can_not_be_placed() {
        let cause = explain(&Evidence {
            resources: vec![resource("AWS::ECS::Service", BREAKER)],
            services: vec![FailedService {
                name: "api".into(),
                messages: vec![
                    "was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a \
                     different availability zone."
                        .into(),
                ],
                ..FailedService::default()
            }],
            ..Evidence::default()
        });
        assert_eq!(cause.code, "capacity");
    }

    #[test]
    fn reasons_of_other_resources() {
        for (kind, reason, code) in [
            ("AWS::S3::Bucket", "shop-assets already exists", "bucket_exists"),
            (
                "AWS::Logs::LogGroup",
                "Resource handler returned message: \"Resource of type 'AWS::Logs::LogGroup' with identifier \
                 '{\"/properties/LogGroupName\":\"/copilot/x\"}' already exists.\" (RequestToken: 1, HandlerErrorCode: AlreadyExists)",
                "log_group_exists",
            ),
            (
                "AWS::CloudFormation::Stack",
                "Export shop-test-HTTPListenerArn cannot be deleted as it is in use by shop-test-api and shop-test-web",
                "export_in_use",
            ),
            (
                "AWS::ECS::Service",
                "No export named shop-test-ClusterId found. Rollback requested by user.",
                "export_missing",
            ),
            (
                "AWS::IAM::Role",
                "API: iam:CreateRole User: arn:aws:iam::1:user/a is not authorized to perform: iam:CreateRole on resource: \
                 arn:aws:iam::1:role/x because no identity-based policy allows the iam:CreateRole action",
                "access_denied",
            ),
            (
                "AWS::ElasticLoadBalancingV2::ListenerRule",
                "Resource handler returned message: \"Priority '1' is currently in use (Service: ElasticLoadBalancingV2, Status \
                 Code: 400, Request ID: 1)\" (RequestToken: 1, HandlerErrorCode: AlreadyExists)",
                "rule_priority",
            ),
            (
                "AWS::EC2::EIP",
                "Resource handler returned message: \"The maximum number of addresses has been reached. (Service: Ec2, Status \
                 Code: 400)\" (HandlerErrorCode: ServiceLimitExceeded)",
                "quota_addresses",
            ),
            (
                "AWS::ECS::Service",
                "Resource handler returned message: \"Invalid request provided: CreateService error: The target group with \
                 targetGroupArn arn does not have an associated load balancer. (Service: AmazonECS; Status Code: 400)\" \
                 (RequestToken: 1, HandlerErrorCode: InvalidRequest)",
                "resource",
            ),
            (
                "AWS::S3::Bucket",
                "The bucket you tried to delete is not empty (Service: S3)",
                "bucket_not_empty",
            ),
        ] {
            let cause = of_resource(kind, reason);
            assert_eq!(cause.code, code, "{cause:?}");
            assert!(!cause.headline.contains("RequestToken"), "{}", cause.headline);
        }
    }

    #[test]
    fn a_nested_stack_is_explained_by_what_failed_in_it() {
        let cause = explain(&Evidence {
            resources: vec![
                resource("AWS::CloudFormation::Stack", "Embedded stack arn was not successfully created"),
                resource("AWS::S3::Bucket", "shop-assets already exists"),
            ],
            ..Evidence::default()
        });
        assert_eq!(cause.code, "bucket_exists");
    }

    #[test]
    fn nothing_known_but_the_stack() {
        assert_eq!(explain(&Evidence::default()).code, "unknown");
        let cause = explain(&Evidence {
            stack: "s".into(),
            reason: "Export with name a-B is already exported by stack t".into(),
            ..Evidence::default()
        });
        assert_eq!(cause.code, "exists");
    }
}
