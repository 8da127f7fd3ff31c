//! Tasks, their definitions, and commands in their containers.

use std::collections::BTreeMap;

use aws_sdk_ecs::types;

use super::{Ecs, tags, text};
use crate::aws::cloudformation::millis;
use crate::aws::{Error, query};
use crate::secret::Secret;

/// Most tasks one DescribeTasks call takes.
const TASKS: usize = 100;

/// Which tasks of a cluster to list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Filter<'a> {
    /// Only those of this service.
    pub service: Option<&'a str>,
    /// Only those of task definitions of this family.
    pub family: Option<&'a str>,
    /// Only those started by this.
    pub started_by: Option<&'a str>,
    /// Those that are to be stopped, instead of those that are to run. ECS keeps stopped tasks for about an hour.
    pub stopped: bool,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// ARN of its task definition.
    pub task_definition: String,
    /// `PROVISIONING`, `PENDING`, `ACTIVATING`, `RUNNING`, `DEACTIVATING`, `STOPPING`, `DEPROVISIONING`, `STOPPED`.
    pub status: String,
    /// `HEALTHY`, `UNHEALTHY`, `UNKNOWN`.
    pub health: String,
    /// Code of the reason it stopped, such as `EssentialContainerExited`; empty while it runs.
    pub stop_code: String,
    /// The reason it stopped; empty while it runs.
    pub stopped_reason: String,
    /// What started it: `ecs-svc/…` of a deployment, or a text of the caller.
    pub started_by: String,
    /// `service:<name>` or `family:<name>`.
    pub group: String,
    /// Availability zone it runs in.
    pub zone: String,
    /// `FARGATE`, `EC2`, `EXTERNAL`.
    pub launch_type: String,
    /// Its capacity provider, such as `FARGATE_SPOT`; empty without one.
    pub capacity_provider: String,
    /// `X86_64` or `ARM64`; empty when unknown.
    pub architecture: String,
    /// CPU units.
    pub cpu: String,
    /// Memory in MiB.
    pub memory: String,
    /// Whether commands may be run in its containers.
    pub exec: bool,
    /// Private IPv4 address of its network interface; empty while it has none.
    pub private_ip: String,
    /// Id of its network interface; empty while it has none.
    pub network_interface: String,
    /// Milliseconds since the Unix epoch of its creation.
    pub created: i64,
    /// Milliseconds since the Unix epoch of its start; `None` when it never ran.
    pub started: Option<i64>,
    /// Milliseconds since the Unix epoch of its end; `None` while it runs.
    pub stopped: Option<i64>,
    /// Its containers.
    pub containers: Vec<Container>,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Task {
    /// Its id: the last part of its ARN.
    #[must_use]
    pub fn id(&self) -> &str {
        self.arn.rsplit('/').next().unwrap_or_default()
    }
}

/// A container of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// Digest of its image; empty before it was pulled.
    pub digest: String,
    /// `PENDING`, `RUNNING`, `STOPPED`.
    pub status: String,
    /// Its exit code, once it ended.
    pub exit_code: Option<i32>,
    /// ECS's reason, such as `CannotPullContainerError: …`; empty without one.
    pub reason: String,
    /// `HEALTHY`, `UNHEALTHY`, `UNKNOWN`.
    pub health: String,
}

/// A revision of a task definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskDefinition {
    /// Its ARN.
    pub arn: String,
    /// Its family.
    pub family: String,
    /// Its number within the family.
    pub revision: u32,
    /// ARN of the role of its containers; empty without one.
    pub task_role: String,
    /// ARN of the role ECS starts it with; empty without one.
    pub execution_role: String,
    /// `X86_64` or `ARM64`; empty when not set (ECS takes `X86_64`).
    pub architecture: String,
    /// `LINUX`, `WINDOWS_SERVER_…`; empty when not set.
    pub os: String,
    /// CPU units.
    pub cpu: String,
    /// Memory in MiB.
    pub memory: String,
    /// Its containers.
    pub containers: Vec<ContainerDefinition>,
}

/// A container of a task definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerDefinition {
    /// Its name.
    pub name: String,
    /// Its image.
    pub image: String,
    /// Whether the task ends with it.
    pub essential: bool,
    /// Its variables, in the order of their names.
    pub environment: BTreeMap<String, String>,
    /// ARNs or names of its secrets by variable.
    pub secrets: BTreeMap<String, String>,
    /// Ports it listens on.
    pub ports: Vec<u16>,
    /// Its log group, with the `awslogs` driver; empty otherwise.
    pub log_group: String,
    /// Prefix of its log streams: a stream is called `<prefix>/<container>/<task id>`.
    pub log_prefix: String,
    /// Command of its health check; empty without one.
    pub health_check: Vec<String>,
    /// Its entry point, when the definition replaces the image's.
    pub entry_point: Vec<String>,
    /// Its command, when the definition replaces the image's.
    pub command: Vec<String>,
}

/// A task to run once.
#[derive(Debug, Clone)]
pub struct Run<'a> {
    /// Cluster it runs in.
    pub cluster: &'a str,
    /// Family, `family:revision` or ARN.
    pub task_definition: &'a str,
    /// How many, at most 10.
    pub count: u32,
    /// Subnets it may be placed in.
    pub subnets: &'a [String],
    /// Security groups of its network interface.
    pub security_groups: &'a [String],
    /// Whether it gets a public address.
    pub public_ip: bool,
    /// What started it, for finding it again; at most 128 characters.
    pub started_by: &'a str,
    /// Fargate platform version, such as `LATEST` or `1.0.0`.
    pub platform_version: &'a str,
    /// Whether commands may be run in its containers.
    pub exec: bool,
}

/// A session with a command in a container, for the Session Manager.
#[derive(Debug, Clone)]
pub struct Session {
    /// Its id.
    pub id: String,
    /// The WebSocket address it is reached at.
    pub stream_url: String,
    /// What opens it.
    pub token: Secret,
}

impl Ecs {
    /// ARNs of the tasks of `cluster` that meet `filter` (ListTasks, all pages).
    ///
    /// # Errors
    /// Whatever ECS reports; an unknown cluster or service is [`crate::aws::Kind::NotFound`].
    pub async fn task_arns(&self, cluster: &str, filter: Filter<'_>) -> Result<Vec<String>, Error> {
        let client = self.client().await?;
        let status =
            if filter.stopped { types::DesiredStatus::Stopped } else { types::DesiredStatus::Running };
        let status = &status;
        query::pages(|token| async move {
            let send = client
                .list_tasks()
                .cluster(cluster)
                .set_service_name(filter.service.map(str::to_owned))
                .set_family(filter.family.map(str::to_owned))
                .set_started_by(filter.started_by.map(str::to_owned))
                .desired_status(status.clone())
                .set_next_token(token)
                .send();
            let output = self.call("ListTasks", send).await?;
            Ok((output.task_arns.unwrap_or_default(), output.next_token))
        })
        .await
    }

    /// The tasks with these ARNs or ids, those that exist, oldest first (DescribeTasks, 100 a call).
    ///
    /// # Errors
    /// Whatever ECS reports.
    pub async fn tasks(&self, cluster: &str, arns: &[String]) -> Result<Vec<Task>, Error> {
        let client = self.client().await?;
        let mut found = vec![];
        for batch in arns.chunks(TASKS) {
            let send = client
                .describe_tasks()
                .cluster(cluster)
                .set_tasks(Some(batch.to_vec()))
                .include(types::TaskField::Tags)
                .send();
            let output = self.call("DescribeTasks", send).await?;
            found.extend(output.tasks().iter().map(task));
        }
        found.sort_by(|a: &Task, b| (a.created, &a.arn).cmp(&(b.created, &b.arn)));
        Ok(found)
    }

    /// The task definition with this family, `family:revision` or ARN; `None` when there is none (DescribeTaskDefinition).
    ///
    /// # Errors
    /// Whatever ECS reports but that it does not exist.
    pub async fn task_definition(&self, name: &str) -> Result<Option<TaskDefinition>, Error> {
        let send = self.client().await?.describe_task_definition().task_definition(name).send();
        match self.call("DescribeTaskDefinition", send).await {
            Ok(output) => Ok(output.task_definition().map(task_definition)),
            Err(error) if error.is_not_found() => Ok(None),
            // What ECS says of a family or revision that was never registered.
            Err(error) if error.message.contains("Unable to describe task definition") => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Stops a task (StopTask). That it is gone is no failure.
    ///
    /// # Errors
    /// Whatever else ECS reports.
    pub async fn stop_task(&self, cluster: &str, task: &str, reason: &str) -> Result<(), Error> {
        let send = self.client().await?.stop_task().cluster(cluster).task(task).reason(reason).send();
        match self.call("StopTask", send).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() || error.message.contains("was not found") => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Runs tasks on Fargate (RunTask) and returns them.
    ///
    /// # Errors
    /// Whatever ECS reports, also for a single task that could not be placed.
    pub async fn run_task(&self, run: &Run<'_>) -> Result<Vec<Task>, Error> {
        let public =
            if run.public_ip { types::AssignPublicIp::Enabled } else { types::AssignPublicIp::Disabled };
        let network = types::AwsVpcConfiguration::builder()
            .set_subnets(Some(run.subnets.to_vec()))
            .set_security_groups(Some(run.security_groups.to_vec()))
            .assign_public_ip(public)
            .build()
            .map_err(|error| Error {
                service: "ECS",
                operation: "RunTask",
                ..Error::local(crate::aws::Kind::InvalidRequest, error.to_string())
            })?;
        let send = self
            .client()
            .await?
            .run_task()
            .cluster(run.cluster)
            .task_definition(run.task_definition)
            .count(i32::try_from(run.count).unwrap_or(i32::MAX))
            .launch_type(types::LaunchType::Fargate)
            .platform_version(run.platform_version)
            .network_configuration(
                types::NetworkConfiguration::builder().awsvpc_configuration(network).build(),
            )
            .started_by(run.started_by)
            .enable_execute_command(run.exec)
            .propagate_tags(types::PropagateTags::TaskDefinition)
            .send();
        let output = self.call("RunTask", send).await?;
        match output.failures().first() {
            Some(failure) => Err(Error::reported(
                "ECS",
                "RunTask",
                400,
                "",
                &format!(
                    "a task could not be placed: {} {}",
                    failure.reason().unwrap_or_default(),
                    failure.detail().unwrap_or_default()
                ),
                "",
            )),
            None => Ok(output.tasks().iter().map(task).collect()),
        }
    }

    /// Starts a command in a container of a running task and opens a session with it (ExecuteCommand, interactive).
    ///
    /// # Errors
    /// Whatever ECS reports, such as that commands are not enabled for the task.
    pub async fn execute_command(
        &self,
        cluster: &str,
        task: &str,
        container: &str,
        command: &str,
    ) -> Result<Session, Error> {
        let send = self
            .client()
            .await?
            .execute_command()
            .cluster(cluster)
            .task(task)
            .container(container)
            .command(command)
            .interactive(true)
            .send();
        let output = self.call("ExecuteCommand", send).await?;
        let missing = || Error::incomplete("ECS", "ExecuteCommand", "the session");
        let session = output.session().ok_or_else(missing)?;
        Ok(Session {
            id: text(session.session_id()),
            stream_url: text(session.stream_url()),
            token: Secret::new(session.token_value().unwrap_or_default()),
        })
    }
}

fn task(task: &types::Task) -> Task {
    let network = |name: &str| {
        let details = task.attachments().iter().flat_map(|attachment| attachment.details());
        text(details.filter(|detail| detail.name() == Some(name)).find_map(|detail| detail.value()))
    };
    let architecture = task
        .attributes()
        .iter()
        .find(|attribute| attribute.name() == "ecs.cpu-architecture")
        .and_then(|attribute| attribute.value());
    Task {
        arn: text(task.task_arn()),
        task_definition: text(task.task_definition_arn()),
        status: text(task.last_status()),
        health: text(task.health_status().map(types::HealthStatus::as_str)),
        stop_code: text(task.stop_code().map(types::TaskStopCode::as_str)),
        stopped_reason: text(task.stopped_reason()),
        started_by: text(task.started_by()),
        group: text(task.group()),
        zone: text(task.availability_zone()),
        launch_type: text(task.launch_type().map(types::LaunchType::as_str)),
        capacity_provider: text(task.capacity_provider_name()),
        architecture: text(architecture).to_uppercase(),
        cpu: text(task.cpu()),
        memory: text(task.memory()),
        exec: task.enable_execute_command(),
        private_ip: network("privateIPv4Address"),
        network_interface: network("networkInterfaceId"),
        created: millis(task.created_at()),
        started: task.started_at().map(|time| millis(Some(time))),
        stopped: task.stopped_at().map(|time| millis(Some(time))),
        containers: task
            .containers()
            .iter()
            .map(|container| Container {
                name: text(container.name()),
                image: text(container.image()),
                digest: text(container.image_digest()),
                status: text(container.last_status()),
                exit_code: container.exit_code(),
                reason: text(container.reason()),
                health: text(container.health_status().map(types::HealthStatus::as_str)),
            })
            .collect(),
        tags: tags(task.tags()),
    }
}

fn task_definition(definition: &types::TaskDefinition) -> TaskDefinition {
    let platform = definition.runtime_platform();
    TaskDefinition {
        arn: text(definition.task_definition_arn()),
        family: text(definition.family()),
        revision: super::count(definition.revision()),
        task_role: text(definition.task_role_arn()),
        execution_role: text(definition.execution_role_arn()),
        architecture: text(
            platform.and_then(|platform| platform.cpu_architecture()).map(types::CpuArchitecture::as_str),
        ),
        os: text(
            platform.and_then(|platform| platform.operating_system_family()).map(types::OsFamily::as_str),
        ),
        cpu: text(definition.cpu()),
        memory: text(definition.memory()),
        containers: definition.container_definitions().iter().map(container_definition).collect(),
    }
}

fn container_definition(container: &types::ContainerDefinition) -> ContainerDefinition {
    let log_option = |name: &str| {
        let log = container.log_configuration();
        let log = log.filter(|log| *log.log_driver() == types::LogDriver::Awslogs);
        text(log.and_then(|log| log.options()).and_then(|options| options.get(name)).map(String::as_str))
    };
    ContainerDefinition {
        name: text(container.name()),
        image: text(container.image()),
        essential: container.essential().unwrap_or(true),
        environment: container
            .environment()
            .iter()
            .filter_map(|pair| Some((pair.name()?.to_owned(), text(pair.value()))))
            .collect(),
        secrets: container
            .secrets()
            .iter()
            .map(|secret| (secret.name().to_owned(), secret.value_from().to_owned()))
            .collect(),
        ports: container
            .port_mappings()
            .iter()
            .filter_map(|mapping| u16::try_from(mapping.container_port()?).ok())
            .collect(),
        log_group: log_option("awslogs-group"),
        log_prefix: log_option("awslogs-stream-prefix"),
        health_check: container.health_check().map(|check| check.command().to_vec()).unwrap_or_default(),
        entry_point: container.entry_point().to_vec(),
        command: container.command().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing;

    #[tokio::test(flavor = "current_thread")]
    async fn a_stopped_task_says_why() {
        let server = testing::answers(vec![testing::json(
            200,
            r#"{"tasks": [{"taskArn": "arn:aws:ecs:eu-west-1:1:task/c/abc", "lastStatus": "STOPPED", "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited", "createdAt": 1767323045, "attachments": [{"details": [{"name": "privateIPv4Address", "value": "10.0.0.5"}]}], "attributes": [{"name": "ecs.cpu-architecture", "value": "arm64"}], "containers": [{"name": "api", "exitCode": 137, "reason": "OutOfMemoryError: Container killed due to memory usage", "lastStatus": "STOPPED"}]}]}"#,
        )]);
        let arns: Vec<String> = (0..101).map(|at| at.to_string()).collect();
        let found = server.connection().ecs().tasks("c", &arns).await.unwrap();
        assert_eq!(server.requests().len(), 2);
        assert_eq!((found[0].id(), found[0].private_ip.as_str()), ("abc", "10.0.0.5"));
        assert_eq!(found[0].architecture, "ARM64");
        assert_eq!(found[0].containers[0].exit_code, Some(137));
        assert_eq!(found[0].started, None);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_task_definition_says_where_its_logs_are() {
        let server = testing::answers(vec![testing::json(
            200,
            r#"{"taskDefinition": {"family": "shop-test-api", "revision": 4, "runtimePlatform": {"cpuArchitecture": "ARM64"}, "containerDefinitions": [{"name": "api", "portMappings": [{"containerPort": 8080}], "environment": [{"name": "A", "value": "1"}], "secrets": [{"name": "S", "valueFrom": "/copilot/shop/test/secrets/S"}], "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/copilot/shop-test-api", "awslogs-stream-prefix": "copilot"}}}]}}"#,
        )]);
        let definition = server.connection().ecs().task_definition("shop-test-api").await.unwrap().unwrap();
        assert_eq!((definition.revision, definition.architecture.as_str()), (4, "ARM64"));
        let api = &definition.containers[0];
        assert_eq!((api.log_group.as_str(), api.log_prefix.as_str()), ("/copilot/shop-test-api", "copilot"));
        assert_eq!(api.secrets["S"], "/copilot/shop/test/secrets/S");
        assert!(api.essential);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn what_does_not_exist_is_no_failure() {
        let server = testing::answers(vec![testing::json_error(
            "ClientException",
            "Unable to describe task definition.",
        )]);
        assert_eq!(server.connection().ecs().task_definition("x").await, Ok(None));
        let server = testing::answers(vec![testing::json_error(
            "InvalidParameterException",
            "The referenced task was not found.",
        )]);
        server.connection().ecs().stop_task("c", "t", "r").await.unwrap();
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_task_that_can_not_be_placed_is_a_failure() {
        let server = testing::answers(vec![testing::json(
            200,
            r#"{"tasks": [], "failures": [{"reason": "RESOURCE:ENI"}]}"#,
        )]);
        let subnets = ["subnet-1".to_owned()];
        let error = server
            .connection()
            .ecs()
            .run_task(&Run {
                cluster: "c",
                task_definition: "copilot-x",
                count: 1,
                subnets: &subnets,
                security_groups: &[],
                public_ip: true,
                started_by: "copilot-task",
                platform_version: "LATEST",
                exec: true,
            })
            .await
            .unwrap_err();
        assert!(error.to_string().contains("RESOURCE:ENI"), "{error}");
    }
}
