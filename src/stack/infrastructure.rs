//! The StackSet of an application: key, artifact bucket and image repositories in each region.
//!
//! The StackSet's template carries its own state in its metadata. The next template is always computed from the deployed
//! one: read it with [`StackSetState::parse`], change it, render it with [`infrastructure`]. The version counts the
//! changes and names the operation, so that of two that start from the same state one fails.

use serde::Serialize;
use serde_json::{Value, json};

use super::expr::attribute;
use super::render::{RenderError, render};
use super::{Stack, TEMPLATE_VERSION, document};
use crate::facts::App;
use crate::name::{AppName, WorkloadName};

/// Stands where older tools look for the list of services: they fail on it instead of dropping what they don't know.
const SERVICES_NOTE: &str =
    "See Workloads: this list is kept for tools older than v1.2.0, which must not write here.";

/// A workload as the StackSet knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Workload {
    /// Its name.
    pub name: String,
    /// Whether it has an image repository: all but static sites.
    pub with_ecr: bool,
}

/// What the metadata of a StackSet's template says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackSetState {
    /// Version of the template, such as `v1.2.0`; `v0.0.0` when it says none.
    pub template_version: String,
    /// Number of changes so far, and the id of the operation that made this state.
    pub version: u64,
    /// Workloads in the order in which they came.
    pub workloads: Vec<Workload>,
    /// 12-digit accounts that may use key, bucket and repositories, in the order in which they came.
    pub accounts: Vec<String>,
}

impl Default for StackSetState {
    fn default() -> Self {
        Self {
            template_version: TEMPLATE_VERSION.to_owned(),
            version: 1,
            workloads: vec![],
            accounts: vec![],
        }
    }
}

impl StackSetState {
    /// Reads the state from a deployed template in normal form, also from one that lists `Services` by name, which all
    /// have a repository. What is missing or of another shape counts as nothing.
    #[must_use]
    pub fn parse(template: &Value) -> Self {
        let metadata = &template["Metadata"];
        let texts = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(text).collect()
        };
        let workloads = match metadata["Workloads"].as_array() {
            Some(workloads) => workloads
                .iter()
                .filter_map(|workload| {
                    let with_ecr = workload["WithECR"].as_bool().unwrap_or(false);
                    Some(Workload { name: text(&workload["Name"])?, with_ecr })
                })
                .collect(),
            None => {
                let services = texts(&metadata["Services"]).into_iter();
                services.map(|name| Workload { name, with_ecr: true }).collect()
            }
        };
        Self {
            template_version: text(&metadata["TemplateVersion"]).unwrap_or_else(|| "v0.0.0".to_owned()),
            version: text(&metadata["Version"]).and_then(|version| version.parse().ok()).unwrap_or(0),
            workloads,
            accounts: texts(&metadata["Accounts"]),
        }
    }

    /// Id of the StackSet operation that brings this state.
    #[must_use]
    pub fn operation_id(&self) -> String {
        self.version.to_string()
    }

    /// Adds a workload; when it is there already nothing changes but that a repository is added where one is wanted.
    #[must_use]
    pub fn with_workload(&self, name: &WorkloadName, with_ecr: bool) -> Self {
        let mut workloads = self.workloads.clone();
        match workloads.iter_mut().find(|workload| workload.name == name.as_str()) {
            Some(workload) => workload.with_ecr |= with_ecr,
            None => workloads.push(Workload { name: name.to_string(), with_ecr }),
        }
        self.changed(workloads, self.accounts.clone())
    }

    /// Takes a workload out, and its repository with it.
    #[must_use]
    pub fn without_workload(&self, name: &WorkloadName) -> Self {
        let mut workloads = self.workloads.clone();
        workloads.retain(|workload| workload.name != name.as_str());
        self.changed(workloads, self.accounts.clone())
    }

    /// Lets an account use key, bucket and repositories.
    #[must_use]
    pub fn with_account(&self, account: &str) -> Self {
        let mut accounts = self.accounts.clone();
        if !accounts.iter().any(|known| known == account) {
            accounts.push(account.to_owned());
        }
        self.changed(self.workloads.clone(), accounts)
    }

    /// Shuts an account out.
    #[must_use]
    pub fn without_account(&self, account: &str) -> Self {
        let mut accounts = self.accounts.clone();
        accounts.retain(|known| known != account);
        self.changed(self.workloads.clone(), accounts)
    }

    /// The same state in this version's template; an older or equal deployed version is raised to ours.
    #[must_use]
    pub fn upgraded(&self) -> Self {
        if self.template_version == TEMPLATE_VERSION {
            return self.clone();
        }
        Self {
            template_version: TEMPLATE_VERSION.to_owned(),
            version: self.version.saturating_add(1),
            ..self.clone()
        }
    }

    /// The next state, written by this version's template; the same state when nothing differs.
    fn changed(&self, workloads: Vec<Workload>, accounts: Vec<String>) -> Self {
        if workloads == self.workloads && accounts == self.accounts {
            return self.clone();
        }
        Self {
            template_version: TEMPLATE_VERSION.to_owned(),
            version: self.version.saturating_add(1),
            workloads,
            accounts,
        }
    }
}

/// A text, or a number as text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

#[derive(Debug, Serialize)]
struct View {
    app: String,
    state: StateView,
    workloads: Vec<Value>,
    accounts: Vec<Value>,
    repositories: Vec<Repository>,
    key_export: String,
    services_note: &'static str,
}

#[derive(Debug, Serialize)]
struct StateView {
    template_version: &'static str,
    version: u64,
    version_text: String,
    accounts: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Repository {
    id: String,
    title: String,
    output_title: String,
    name: String,
    workload: String,
    arn: Value,
}

/// Name of an application's StackSet.
#[must_use]
pub fn stack_set_name(app: &AppName) -> String {
    format!("{app}-infrastructure")
}

/// Logical id, and name of the output with the ARN, of a workload's repository.
#[must_use]
pub fn repository_id(workload: &str) -> String {
    format!("ECRRepo{}", workload.replace('-', "DASH"))
}

/// Name of a workload's repository.
#[must_use]
pub fn repository_name(app: &AppName, workload: &str) -> String {
    format!("{app}/{workload}")
}

/// The StackSet of an application in a state: its instances have no parameters.
///
/// # Errors
/// [`RenderError`]: a fault in a built-in template, never in the input.
pub fn infrastructure(app: &App, state: &StackSetState) -> Result<Stack, RenderError> {
    let repositories = state.workloads.iter().filter(|workload| workload.with_ecr).map(|workload| {
        let id = repository_id(&workload.name);
        Repository {
            title: format!("The image repository of {}", workload.name),
            output_title: format!("ARN of the image repository of {}.", workload.name),
            name: repository_name(&app.name, &workload.name),
            workload: workload.name.clone(),
            arn: attribute(&id, "Arn"),
            id,
        }
    });
    let workloads = state.workloads.iter();
    let view = View {
        app: app.name.to_string(),
        workloads: workloads
            .map(|workload| json!({"Name": workload.name, "WithECR": workload.with_ecr}))
            .collect(),
        accounts: state.accounts.iter().map(|account| account_root(account)).collect(),
        repositories: repositories.collect(),
        key_export: format!("{}-ArtifactKey", app.name),
        services_note: SERVICES_NOTE,
        state: StateView {
            template_version: TEMPLATE_VERSION,
            version: state.version,
            version_text: state.operation_id(),
            accounts: state.accounts.clone(),
        },
    };
    Ok(Stack {
        name: stack_set_name(&app.name),
        template: render("app/infrastructure.yml", &view)?,
        parameters: std::collections::BTreeMap::new(),
        tags: document::tags(app, None, None),
    })
}

/// An account as the principal of a policy.
fn account_root(account: &str) -> Value {
    let account = super::expr::verbatim(account);
    super::expr::sub(&format!("arn:${{AWS::Partition}}:iam::{account}:root"))
}
