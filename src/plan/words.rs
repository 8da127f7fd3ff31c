//! What the manifest calls a property of a resource.

/// Containers' properties, such as `ReadonlyRootFilesystem`, and the manifest's words.
const CONTAINER: &[(&str, &str)] = &[
    ("Command", "command"),
    ("Cpu", "cpu"),
    ("DependsOn", "depends_on"),
    ("DockerLabels", "labels"),
    ("EntryPoint", "entrypoint"),
    ("EnvironmentFiles", "env_file"),
    ("Essential", "essential"),
    ("HealthCheck", "healthcheck"),
    ("Image", "image"),
    ("LogConfiguration", "logging"),
    ("Memory", "memory"),
    ("MountPoints", "storage.volumes"),
    ("PortMappings", "port"),
    ("ReadonlyRootFilesystem", "storage.readonly_fs"),
    ("RepositoryCredentials", "credentials"),
    ("User", "user"),
];

/// Types without `AWS::`, the beginning of a path of theirs, and the manifest's words.
const WORDS: &[(&str, &str, &str)] = &[
    ("AppRunner::Service", "HealthCheckConfiguration", "http.healthcheck"),
    ("AppRunner::Service", "InstanceConfiguration.Cpu", "cpu"),
    ("AppRunner::Service", "InstanceConfiguration.Memory", "memory"),
    ("AppRunner::Service", "NetworkConfiguration", "network"),
    ("AppRunner::Service", "SourceConfiguration.ImageRepository.ImageIdentifier", "image"),
    ("ApplicationAutoScaling::ScalableTarget", "MaxCapacity", "count.range"),
    ("ApplicationAutoScaling::ScalableTarget", "MinCapacity", "count.range"),
    ("ApplicationAutoScaling::ScalingPolicy", "", "count"),
    ("ECS::Service", "CapacityProviderStrategy", "count.spot"),
    ("ECS::Service", "DeploymentConfiguration", "deployment"),
    ("ECS::Service", "DesiredCount", "count"),
    ("ECS::Service", "EnableExecuteCommand", "exec"),
    ("ECS::Service", "HealthCheckGracePeriodSeconds", "http.healthcheck.grace_period"),
    ("ECS::Service", "LaunchType", "count.spot"),
    ("ECS::Service", "NetworkConfiguration", "network.vpc"),
    ("ECS::Service", "PlatformVersion", "platform"),
    ("ECS::Service", "ServiceConnectConfiguration", "network.connect"),
    ("ECS::TaskDefinition", "Cpu", "cpu"),
    ("ECS::TaskDefinition", "EphemeralStorage", "storage.ephemeral"),
    ("ECS::TaskDefinition", "Memory", "memory"),
    ("ECS::TaskDefinition", "RuntimePlatform", "platform"),
    ("ECS::TaskDefinition", "Volumes", "storage.volumes"),
    ("ElasticLoadBalancingV2::ListenerRule", "Actions", "http"),
    ("ElasticLoadBalancingV2::ListenerRule", "Conditions", "http"),
    ("ElasticLoadBalancingV2::TargetGroup", "HealthCheckIntervalSeconds", "http.healthcheck.interval"),
    ("ElasticLoadBalancingV2::TargetGroup", "HealthCheckPath", "http.healthcheck.path"),
    ("ElasticLoadBalancingV2::TargetGroup", "HealthCheckPort", "http.healthcheck.port"),
    ("ElasticLoadBalancingV2::TargetGroup", "HealthCheckTimeoutSeconds", "http.healthcheck.timeout"),
    ("ElasticLoadBalancingV2::TargetGroup", "HealthyThresholdCount", "http.healthcheck.healthy_threshold"),
    ("ElasticLoadBalancingV2::TargetGroup", "Matcher", "http.healthcheck.success_codes"),
    ("ElasticLoadBalancingV2::TargetGroup", "Port", "http.target_port"),
    ("ElasticLoadBalancingV2::TargetGroup", "ProtocolVersion", "http.version"),
    (
        "ElasticLoadBalancingV2::TargetGroup",
        "TargetGroupAttributes[deregistration_delay",
        "http.deregistration_delay",
    ),
    ("ElasticLoadBalancingV2::TargetGroup", "TargetGroupAttributes[stickiness", "http.stickiness"),
    (
        "ElasticLoadBalancingV2::TargetGroup",
        "UnhealthyThresholdCount",
        "http.healthcheck.unhealthy_threshold",
    ),
    ("Events::Rule", "ScheduleExpression", "on.schedule"),
    ("Logs::LogGroup", "RetentionInDays", "logging.retention"),
    ("SQS::Queue", "DelaySeconds", "subscribe.queue.delay"),
    ("SQS::Queue", "MessageRetentionPeriod", "subscribe.queue.retention"),
    ("SQS::Queue", "VisibilityTimeout", "subscribe.queue.timeout"),
];

/// What the manifest of `workload` calls the property at `path`, such as `ContainerDefinitions[web].Image`, of a type;
/// empty where it has no word for it.
#[must_use]
pub fn words(resource_type: &str, path: &str, workload: &str) -> String {
    let Some(kind) = resource_type.strip_prefix("AWS::") else { return String::new() };
    if kind == "ECS::TaskDefinition"
        && let Some((container, rest)) =
            path.strip_prefix("ContainerDefinitions[").and_then(|rest| rest.split_once(']'))
    {
        return of_container(container, rest.trim_start_matches('.'), workload);
    }
    let within = |start: &str| {
        let rest = path.strip_prefix(start);
        rest.is_some_and(|rest| {
            start.is_empty() || start.contains('[') || rest.is_empty() || rest.starts_with(['.', '['])
        })
    };
    let found = WORDS.iter().find(|(name, start, _)| *name == kind && within(start));
    found.map(|(_, _, words)| (*words).to_owned()).unwrap_or_default()
}

fn of_container(container: &str, rest: &str, workload: &str) -> String {
    let named =
        |list: &str| rest.strip_prefix(list)?.strip_prefix('[')?.split_once(']').map(|(name, _)| name);
    let inner = if rest.is_empty() {
        String::new()
    } else if let Some(name) = named("Environment") {
        format!("variables.{name}")
    } else if let Some(name) = named("Secrets") {
        format!("secrets.{name}")
    } else {
        let head = rest.split(['.', '[']).next().unwrap_or_default();
        match CONTAINER.iter().find(|(name, _)| *name == head) {
            Some((_, words)) => (*words).to_owned(),
            None => return String::new(),
        }
    };
    if container != workload {
        return format!("sidecars.{container}.{inner}").trim_end_matches('.').to_owned();
    }
    // What the manifest has below `image` for the main container.
    match inner.as_str() {
        "port" | "healthcheck" | "depends_on" | "labels" | "credentials" => format!("image.{inner}"),
        _ => inner,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties_have_the_words_of_the_manifest() {
        for (kind, path, expected) in [
            ("AWS::ECS::TaskDefinition", "Cpu", "cpu"),
            (
                "AWS::ECS::TaskDefinition",
                "ContainerDefinitions[web].Environment[LEVEL].Value",
                "variables.LEVEL",
            ),
            ("AWS::ECS::TaskDefinition", "ContainerDefinitions[web].Secrets[KEY]", "secrets.KEY"),
            ("AWS::ECS::TaskDefinition", "ContainerDefinitions[web].Image", "image"),
            (
                "AWS::ECS::TaskDefinition",
                "ContainerDefinitions[web].HealthCheck.Interval",
                "image.healthcheck",
            ),
            ("AWS::ECS::TaskDefinition", "ContainerDefinitions[envoy].Image", "sidecars.envoy.image"),
            ("AWS::ECS::TaskDefinition", "ContainerDefinitions[envoy]", "sidecars.envoy"),
            ("AWS::ECS::TaskDefinition", "ContainerDefinitions[web].Unknown", ""),
            ("AWS::ECS::Service", "DesiredCount", "count"),
            ("AWS::ECS::Service", "DesiredCountOfSomething", ""),
            (
                "AWS::ElasticLoadBalancingV2::TargetGroup",
                "TargetGroupAttributes[deregistration_delay.timeout_seconds].Value",
                "http.deregistration_delay",
            ),
            (
                "AWS::ApplicationAutoScaling::ScalingPolicy",
                "TargetTrackingScalingPolicyConfiguration.TargetValue",
                "count",
            ),
            ("AWS::S3::Bucket", "BucketName", ""),
            ("Custom::Thing", "Cpu", ""),
        ] {
            assert_eq!(words(kind, path, "web"), expected, "{kind} {path}");
        }
    }
}
