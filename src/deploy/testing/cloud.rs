//! A scripted CloudFormation and ECS.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use crate::aws::Connection;
use crate::aws::testing::{Answer, Request, Server, json, json_error, server, xml, xml_error};

const NAME: &str = "shop-test-api";
const STACK_ID: &str = "arn:aws:cloudformation:eu-west-1:1:stack/shop-test-api/u";
const DEFINITION: &str = "arn:aws:ecs:eu-west-1:1:task-definition/shop-test-api:";
const SERVICE: &str = "arn:aws:ecs:eu-west-1:1:service/shop-test-Cluster/api";

/// What one question for events brings.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    /// An event: logical id, type, physical id, status, reason.
    Event(String, String, String, String, String),
    /// A failure: HTTP status, code, message.
    Answer(u16, &'static str, &'static str),
}

impl Step {
    pub(crate) fn stack(status: &str) -> Self {
        Self::Event(
            NAME.into(),
            "AWS::CloudFormation::Stack".into(),
            STACK_ID.into(),
            status.into(),
            String::new(),
        )
    }

    pub(crate) fn resource(id: &str, kind: &str, status: &str) -> Self {
        Self::Event(id.into(), kind.into(), format!("physical-{id}"), status.into(), String::new())
    }

    pub(crate) fn failed(id: &str, kind: &str, status: &str, reason: &str) -> Self {
        Self::Event(id.into(), kind.into(), format!("physical-{id}"), status.into(), reason.into())
    }

    pub(crate) fn service(status: &str, reason: &str) -> Self {
        Self::Event(
            "Service".into(),
            "AWS::ECS::Service".into(),
            SERVICE.into(),
            status.into(),
            reason.into(),
        )
    }
}

struct State {
    /// The stack's status; `None`: there is none.
    status: Option<String>,
    settles_to: Option<String>,
    updates: u32,
    /// Events so far, oldest first, as XML.
    events: Vec<String>,
    steps: VecDeque<Step>,
    deletion: Vec<Step>,
    running: bool,
    change_set: (String, String),
    /// What the change set lists and the deployed stack's template, tags and parameters as XML, where a test sets them.
    nested: Option<(String, String)>,
    /// Tasks of the service that stopped with code 1.
    failing_tasks: usize,
    /// Calls that fail: after how many, how often, and the answer.
    refused: BTreeMap<&'static str, (usize, usize, Answer)>,
    /// What looks at the service show: number of the task definition, state of the rollout; 0 and the code of a failure. The
    /// last one stays.
    rollouts: VecDeque<(u32, &'static str)>,
    /// Whether the last change is in express mode.
    express: bool,
    /// How the service deployment stands from question to question; the last one stays.
    shifts: VecDeque<String>,
    on_execute: Option<Box<dyn FnOnce() + Send>>,
}

impl State {
    fn happen(&mut self, event: &Step) {
        let Step::Event(id, kind, physical, status, reason) = event else { return };
        let at = self.events.len();
        self.events.push(format!(
            "<member><EventId>e{at}</EventId><StackId>{STACK_ID}</StackId><StackName>{NAME}</StackName><LogicalResourceId>{id}\
             </LogicalResourceId><PhysicalResourceId>{physical}</PhysicalResourceId><ResourceType>{kind}</ResourceType>\
             <ResourceStatus>{status}</ResourceStatus><ResourceStatusReason>{}</ResourceStatusReason>\
             <Timestamp>2026-01-02T03:{:02}:{:02}Z</Timestamp></member>",
            reason.replace('"', "&quot;"),
            at / 60,
            at % 60,
        ));
        if kind == "AWS::CloudFormation::Stack" {
            self.status = Some(status.clone());
        }
    }

    /// The next step, as an answer that fails; events happen.
    fn step(&mut self) -> Option<Answer> {
        match self.steps.pop_front()? {
            Step::Answer(status, code, message) => Some(xml_error(status, code, message)),
            event => {
                self.happen(&event);
                None
            }
        }
    }

    fn answer(&mut self, request: &Request) -> Answer {
        match self.refused.get_mut(request.action.as_str()) {
            Some((before, ..)) if *before > 0 => *before -= 1,
            Some((_, left, failure)) if *left > 0 => {
                *left -= 1;
                return failure.clone();
            }
            _ => {}
        }
        match request.action.as_str() {
            "DescribeStacks" => self.stacks(request),
            "CreateChangeSet" => {
                self.express = request.body.contains("DeploymentConfig.Mode=EXPRESS");
                if self.status.is_none() {
                    self.status = Some("REVIEW_IN_PROGRESS".into());
                }
                wrap("CreateChangeSet", "<Id>arn:cs</Id>")
            }
            "DescribeChangeSet" => {
                let (status, reason) = &self.change_set;
                let (available, changes) =
                    if status == "FAILED" { ("UNAVAILABLE", "") } else { ("AVAILABLE", CHANGES) };
                let changes = if self.nested.is_some() { NESTED } else { changes };
                wrap(
                    "DescribeChangeSet",
                    &format!(
                        "<ChangeSetId>arn:cs</ChangeSetId><StackId>{STACK_ID}</StackId><Status>{status}</Status><StatusReason>\
                         {reason}</StatusReason><ExecutionStatus>{available}</ExecutionStatus><Changes>{changes}</Changes>"
                    ),
                )
            }
            "GetTemplate" => {
                let text = self.nested.as_ref().map_or("", |(template, _)| template);
                wrap("GetTemplate", &format!("<TemplateBody>{text}</TemplateBody>"))
            }
            "ExecuteChangeSet" => {
                self.running = true;
                self.updates += 1;
                if let Some(hook) = self.on_execute.take() {
                    hook();
                }
                wrap("ExecuteChangeSet", "")
            }
            "UpdateStack" => {
                if self.status.as_ref().is_some_and(|status| status.ends_with("_IN_PROGRESS")) {
                    return xml_error(
                        400,
                        "ValidationError",
                        "Stack:arn is in UPDATE_IN_PROGRESS state and can not be updated.",
                    );
                }
                self.running = true;
                self.updates += 1;
                wrap("UpdateStack", &format!("<StackId>{STACK_ID}</StackId>"))
            }
            "ContinueUpdateRollback" => {
                self.running = true;
                wrap("ContinueUpdateRollback", "")
            }
            "CancelUpdateStack" => {
                self.steps =
                    [Step::stack("UPDATE_ROLLBACK_IN_PROGRESS"), Step::stack("UPDATE_ROLLBACK_COMPLETE")]
                        .into();
                wrap("CancelUpdateStack", "")
            }
            "DeleteStack" => {
                match self.status.as_deref() {
                    Some("REVIEW_IN_PROGRESS") => self.status = None,
                    Some("ROLLBACK_COMPLETE" | "ROLLBACK_FAILED") => {
                        self.status = Some("DELETE_COMPLETE".into())
                    }
                    _ => {
                        self.steps = self.deletion.clone().into();
                        self.running = true;
                    }
                }
                xml(200, "<DeleteStackResponse/>")
            }
            "DescribeStackEvents" => {
                if self.running
                    && let Some(failure) = self.step()
                {
                    return failure;
                }
                let newest_first: String = self.events.iter().rev().map(String::as_str).collect();
                wrap("DescribeStackEvents", &format!("<StackEvents>{newest_first}</StackEvents>"))
            }
            "DeleteChangeSet" => wrap("DeleteChangeSet", ""),
            // A rollback takes the log group along.
            "GetLogEvents" if self.status.as_ref().is_some_and(|status| status.contains("ROLLBACK")) => {
                json(400, r#"{"__type": "ResourceNotFoundException", "message": "gone"}"#)
            }
            "ListStackResources" => wrap(
                "ListStackResources",
                &format!(
                    "<StackResourceSummaries><member><LogicalResourceId>Service</LogicalResourceId><PhysicalResourceId>{SERVICE}\
                     </PhysicalResourceId><ResourceType>AWS::ECS::Service</ResourceType><ResourceStatus>UPDATE_COMPLETE\
                     </ResourceStatus></member><member><LogicalResourceId>TaskDefinition</LogicalResourceId><PhysicalResourceId>\
                     {DEFINITION}7</PhysicalResourceId><ResourceType>AWS::ECS::TaskDefinition</ResourceType></member>\
                     </StackResourceSummaries>"
                ),
            ),
            "DescribeServices" if !self.rollouts.is_empty() => {
                let (number, rollout) = self.rollouts[0];
                if self.rollouts.len() > 1 {
                    self.rollouts.pop_front();
                }
                if number == 0 {
                    return json_error(rollout, "not now");
                }
                json(
                    200,
                    &format!(
                        r#"{{"services": [{{"serviceName": "api", "status": "ACTIVE", "desiredCount": 1, "deployments": [{{"id": "ecs-svc/{number}", "status": "PRIMARY", "rolloutState": "{rollout}", "rolloutStateReason": "ECS deployment circuit breaker: tasks failed to start.", "desiredCount": 1, "taskDefinition": "{DEFINITION}{number}", "createdAt": 4000000000, "updatedAt": 4000000000}}]}}]}}"#
                    ),
                )
            }
            "DescribeServices" if !self.shifts.is_empty() => json(
                200,
                r#"{"services": [{"serviceName": "api", "status": "ACTIVE", "desiredCount": 1, "currentServiceDeployment": "arn:d/1", "deploymentConfiguration": {"strategy": "BLUE_GREEN", "alarms": {"enable": true, "rollback": true, "alarmNames": ["errors", "quiet"]}}, "deployments": []}]}"#,
            ),
            "DescribeServiceDeployments" => {
                let now = self.shifts.pop_front().unwrap_or_default();
                if self.shifts.is_empty() {
                    self.shifts.push_back(now.clone());
                }
                json(
                    200,
                    &format!(
                        r#"{{"serviceDeployments": [{{"serviceDeploymentArn": "arn:d/1", "createdAt": 1767324000, "updatedAt": 1767324000, "deploymentConfiguration": {{"strategy": "BLUE_GREEN", "bakeTimeInMinutes": 10}}, "sourceServiceRevisions": [{{"requestedProductionTrafficWeight": 0}}], "targetServiceRevision": {{"requestedProductionTrafficWeight": 100}}, {now}}}]}}"#
                    ),
                )
            }
            "DescribeAlarms" => wrap(
                "DescribeAlarms",
                "<MetricAlarms><member><AlarmName>errors</AlarmName><StateValue>ALARM</StateValue>\
                 <StateReason>Threshold Crossed: 7 errors</StateReason></member></MetricAlarms>",
            ),
            _ => ecs(request, self.failing_tasks),
        }
    }

    fn stacks(&mut self, request: &Request) -> Answer {
        let by_name = !request.body.contains("arn:");
        let status = match self.status.clone() {
            Some(status) if status == "DELETE_COMPLETE" && by_name => None,
            other => other,
        };
        let Some(status) = status else {
            return xml_error(400, "ValidationError", "Stack with id shop-test-api does not exist");
        };
        if let Some(settled) = self.settles_to.take() {
            self.status = Some(settled);
        }
        let nested = self.nested.as_ref().map_or("", |(_, details)| details);
        let mode = if self.express { "EXPRESS" } else { "STANDARD" };
        wrap(
            "DescribeStacks",
            &format!(
                "<Stacks><member><StackId>{STACK_ID}</StackId><StackName>{NAME}</StackName><StackStatus>{status}</StackStatus>\
                 <CreationTime>2026-01-02T03:04:05Z</CreationTime><LastUpdatedTime>2026-01-02T03:04:{:02}Z</LastUpdatedTime>\
                 <Parameters><member><ParameterKey>AppName</ParameterKey><ParameterValue>shop</ParameterValue></member><member>\
                 <ParameterKey>ALBWorkloads</ParameterKey><ParameterValue>web</ParameterValue></member></Parameters>\
                 <DeploymentConfig><Mode>{mode}</Mode></DeploymentConfig>{nested}</member></Stacks>",
                self.updates
            ),
        )
    }
}

const CHANGES: &str = "<member><ResourceChange><Action>Modify</Action><LogicalResourceId>Service</LogicalResourceId>\
    <ResourceType>AWS::ECS::Service</ResourceType></ResourceChange></member><member><ResourceChange><Action>Modify</Action>\
    <LogicalResourceId>TaskDefinition</LogicalResourceId><ResourceType>AWS::ECS::TaskDefinition</ResourceType>\
    </ResourceChange></member>";

const NESTED: &str = "<member><ResourceChange><Action>Modify</Action><LogicalResourceId>AddonsStack</LogicalResourceId>\
    <ResourceType>AWS::CloudFormation::Stack</ResourceType></ResourceChange></member><member><ResourceChange>\
    <Action>Modify</Action><LogicalResourceId>Service</LogicalResourceId><ResourceType>AWS::ECS::Service</ResourceType>\
    </ResourceChange></member>";

fn wrap(operation: &str, body: &str) -> Answer {
    xml(
        200,
        &format!("<{operation}Response><{operation}Result>{body}</{operation}Result></{operation}Response>"),
    )
}

/// A service of whose new tasks so many exited with code 1.
fn ecs(request: &Request, failing: usize) -> Answer {
    let arns: Vec<String> =
        (0..failing).map(|at| format!("arn:aws:ecs:eu-west-1:1:task/c/{at}a1b")).collect();
    match request.action.as_str() {
        "DescribeServices" => json(
            200,
            r#"{"services": [{"serviceName": "api", "status": "ACTIVE", "desiredCount": 1, "deployments": [{"id": "ecs-svc/1", "status": "PRIMARY", "rolloutState": "IN_PROGRESS", "desiredCount": 1}]}]}"#,
        ),
        "ListTasks" if request.body.contains("STOPPED") => json(200, &format!(r#"{{"taskArns": {arns:?}}}"#)),
        "ListTasks" => json(200, r#"{"taskArns": []}"#),
        "DescribeTasks" => {
            let tasks: Vec<String> = arns
                .iter()
                .map(|arn| {
                    format!(
                        r#"{{"taskArn": "{arn}", "taskDefinitionArn": "{DEFINITION}7", "lastStatus": "STOPPED", "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited", "createdAt": 1767324000, "stoppedAt": 1767324060, "containers": [{{"name": "api", "exitCode": 1, "lastStatus": "STOPPED"}}]}}"#
                    )
                })
                .collect();
            json(200, &format!(r#"{{"tasks": [{}]}}"#, tasks.join(",")))
        }
        "DescribeTaskDefinition" => json(
            200,
            r#"{"taskDefinition": {"family": "shop-test-api", "revision": 7, "containerDefinitions": [{"name": "api", "essential": true, "logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/copilot/shop-test-api", "awslogs-stream-prefix": "copilot"}}}]}}"#,
        ),
        "GetLogEvents" if request.body.contains("copilot/api/0a1b") => json(
            200,
            r#"{"events": [{"timestamp": 1, "message": "starting"}, {"timestamp": 2, "message": "Error: DATABASE_URL is not set"}]}"#,
        ),
        other => json(400, &format!(r#"{{"__type": "UnknownOperationException", "message": "{other}"}}"#)),
    }
}

/// The scripted cloud: one stack.
pub(crate) struct Cloud {
    state: Arc<Mutex<State>>,
    server: Server,
}

impl Cloud {
    /// A cloud whose stack has this status; `None`: there is no stack.
    pub(crate) fn new(status: Option<&str>) -> Self {
        let mut state = State {
            status: None,
            settles_to: None,
            updates: 0,
            events: vec![],
            steps: VecDeque::new(),
            deletion: vec![Step::stack("DELETE_IN_PROGRESS"), Step::stack("DELETE_COMPLETE")],
            running: false,
            change_set: ("CREATE_COMPLETE".into(), String::new()),
            nested: None,
            failing_tasks: 0,
            refused: BTreeMap::new(),
            rollouts: VecDeque::new(),
            express: false,
            shifts: VecDeque::new(),
            on_execute: None,
        };
        if let Some(status) = status {
            state.happen(&Step::stack(status));
        }
        let state = Arc::new(Mutex::new(state));
        let shared = state.clone();
        let server = server(move |request| shared.lock().unwrap().answer(request));
        Self { state, server }
    }

    /// What happens once the change set is executed, a step for each question for events.
    pub(crate) fn steps(self, steps: Vec<Step>) -> Self {
        self.state.lock().unwrap().steps = steps.into();
        self
    }

    /// Something is being done to the stack: what happened already, and what will, a step for each question for events.
    pub(crate) fn goes_on(self, happened: Vec<Step>, steps: Vec<Step>) -> Self {
        {
            let mut state = self.state.lock().unwrap();
            for event in &happened {
                state.happen(event);
            }
            state.steps = steps.into();
            state.running = true;
        }
        self
    }

    /// What happens once the deletion has begun.
    pub(crate) fn deletes(self, steps: Vec<Step>) -> Self {
        self.state.lock().unwrap().deletion = steps;
        self
    }

    /// How the change set turns out.
    pub(crate) fn change_set(self, status: &str, reason: &str) -> Self {
        self.state.lock().unwrap().change_set = (status.into(), reason.into());
        self
    }

    /// A change set that lists a nested stack and what depends on it. `template`: the deployed one; `details`: tags and
    /// parameters of the deployed stack as XML.
    pub(crate) fn nested(self, template: &str, details: &str) -> Self {
        self.state.lock().unwrap().nested = Some((template.into(), details.into()));
        self
    }

    /// The status the stack has from the second look on.
    pub(crate) fn settles_to(self, status: &str) -> Self {
        self.state.lock().unwrap().settles_to = Some(status.into());
        self
    }

    /// The service's task stops with code 1.
    pub(crate) fn failing_service(self) -> Self {
        self.failing_tasks(1)
    }

    /// So many of the service's tasks stop with code 1.
    pub(crate) fn failing_tasks(self, count: usize) -> Self {
        self.state.lock().unwrap().failing_tasks = count;
        self
    }

    /// The first so many calls of `action` fail.
    pub(crate) fn refuses(self, action: &'static str, times: usize, failure: Answer) -> Self {
        self.refuses_from(action, 0, times, failure)
    }

    /// So many calls of `action` fail, after some that don't.
    pub(crate) fn refuses_from(
        self,
        action: &'static str,
        before: usize,
        times: usize,
        failure: Answer,
    ) -> Self {
        self.state.lock().unwrap().refused.insert(action, (before, times, failure));
        self
    }

    /// What looks at the service show, one after the other: number of the task definition (7 is the stack's), state of the
    /// rollout; 0 and a code: the look fails.
    pub(crate) fn rollouts(self, rollouts: &[(u32, &'static str)]) -> Self {
        self.state.lock().unwrap().rollouts = rollouts.to_vec().into();
        self
    }

    /// The stack's last change was in express mode.
    pub(crate) fn express(self) -> Self {
        self.state.lock().unwrap().express = true;
        self
    }

    /// The service has a deployment that moves traffic: members of its JSON, from question to question.
    pub(crate) fn shifts(self, shifts: &[&str]) -> Self {
        self.state.lock().unwrap().shifts = shifts.iter().map(|&shift| shift.to_owned()).collect();
        self
    }

    /// Called when the change set is executed.
    pub(crate) fn on_execute(&self, hook: impl FnOnce() + Send + 'static) {
        self.state.lock().unwrap().on_execute = Some(Box::new(hook));
    }

    pub(crate) fn connection(&self) -> &Connection {
        self.server.connection()
    }

    pub(crate) fn stack_id(&self) -> String {
        STACK_ID.into()
    }

    pub(crate) fn actions(&self) -> Vec<String> {
        self.server.actions()
    }

    /// The body of the first request for `action`.
    pub(crate) fn body(&self, action: &str) -> String {
        self.server.requests().into_iter().find(|request| request.action == action).unwrap().body
    }
}
