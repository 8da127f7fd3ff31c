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
    /// have a repository. What is missing or of another shape counts as nothing: [`StackSetState::unread`] tells it.
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
                    let with_ecr = boolean(&workload["WithECR"]).unwrap_or(false);
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

    /// What [`StackSetState::parse`] can't carry over from a template's metadata into the next template.
    #[must_use]
    pub fn unread(template: &Value) -> Vec<Unread> {
        const STATE: [&str; 5] = ["TemplateVersion", "Version", "Workloads", "Accounts", "Services"];
        let metadata = &template["Metadata"];
        let mut found = vec![];
        let mut add = |path: String, why: &'static str| found.push(Unread { path, why });
        if !metadata.is_null() && !metadata.is_object() {
            add("Metadata".to_owned(), "is no map");
        }
        // What begins so tells CloudFormation's console how to draw the template.
        let of_console = |key: &str| key.starts_with("AWS::CloudFormation::");
        let keys = metadata.as_object().into_iter().flat_map(|map| map.keys());
        for key in keys.filter(|key| !STATE.contains(&key.as_str()) && !of_console(key)) {
            add(format!("Metadata.{key}"), UNKNOWN);
        }
        let version = &metadata["Version"];
        if !version.is_null() && text(version).and_then(|version| version.parse::<u64>().ok()).is_none() {
            add("Metadata.Version".to_owned(), "is no number");
        }
        let mut listed = |key: &str, good: &dyn Fn(&Value) -> bool, why: &'static str| match &metadata[key] {
            Value::Null => {}
            Value::Array(items) => {
                let wrong = items.iter().enumerate().filter(|(_, item)| !good(item));
                for (index, _) in wrong {
                    add(format!("Metadata.{key}[{index}]"), why);
                }
            }
            _ => add(format!("Metadata.{key}"), "is no list"),
        };
        listed("Accounts", &|item| text(item).is_some(), "is no account");
        listed("Workloads", &is_workload, "is no workload with `Name` and `WithECR`");
        // Later templates have a text there.
        if metadata["Workloads"].is_null() && !metadata["Services"].is_string() {
            listed("Services", &|item| text(item).is_some(), "is no name");
        }
        found
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

/// Why a key of the metadata is not carried over that this version knows nothing of.
const UNKNOWN: &str = "is unknown to this version";

/// Something in the metadata of a StackSet's template that can't be carried into the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Where it stands, such as `Metadata.Workloads[2]`.
    pub path: String,
    /// Why, as a clause such as `is no list`.
    pub why: &'static str,
}

impl Unread {
    /// Whether somebody wrote it whose templates hold more than ours.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.why == UNKNOWN
    }
}

/// Whether an element of `Workloads` is read whole. One that does not say whether it has a repository has none.
fn is_workload(item: &Value) -> bool {
    let Some(map) = item.as_object() else { return false };
    let known = map.keys().all(|key| matches!(key.as_str(), "Name" | "WithECR"));
    let with_ecr = map.get("WithECR").is_none_or(|value| boolean(value).is_some());
    known && with_ecr && map.get("Name").is_some_and(|name| text(name).is_some())
}

/// A boolean, also where it is written as a text.
fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::String(text) => text.parse().ok(),
        _ => None,
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
    /// Accounts that get rights.
    accounts: Vec<String>,
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
        accounts: state.accounts.iter().filter(|account| is_account(account)).cloned().collect(),
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

/// Whether a text is an account's id, which as a principal stands for whom the account lets. Nothing else in a list of
/// accounts gets rights: `*` would be everyone.
fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::template::parse;
    use proptest::prelude::*;

    fn workload(name: &str) -> WorkloadName {
        WorkloadName::new(name).unwrap()
    }

    fn app() -> App {
        crate::facts::Facts::new(AppName::new("demo").unwrap(), crate::name::EnvName::new("test").unwrap())
            .app
    }

    #[test]
    fn an_old_list_of_services_is_read() {
        let old = "Metadata:\n  TemplateVersion: 'v1.0.2'\n  Version: 7\n  Services:\n    - api\n    - front-end\n  Accounts:\n    - 012345678912\n    - 123456789123\n";
        let state = StackSetState::parse(&parse(old).unwrap());
        let with_ecr = |name: &str| Workload { name: name.to_owned(), with_ecr: true };
        assert_eq!(
            state,
            StackSetState {
                template_version: "v1.0.2".to_owned(),
                version: 7,
                workloads: vec![with_ecr("api"), with_ecr("front-end")],
                accounts: vec!["012345678912".to_owned(), "123456789123".to_owned()],
            }
        );
        let next = state.upgraded();
        assert_eq!((next.template_version.as_str(), next.version), (TEMPLATE_VERSION, 8));
        assert_eq!(next.workloads, state.workloads);
    }

    #[test]
    fn a_template_without_metadata_is_the_oldest_state() {
        let state = StackSetState::parse(&parse("Resources: {}\n").unwrap());
        assert_eq!((state.template_version.as_str(), state.version), ("v0.0.0", 0));
        assert!(state.workloads.is_empty() && state.accounts.is_empty());
    }

    #[test]
    fn what_is_not_carried_over_is_told() {
        let told = |metadata: &str| -> Vec<String> {
            let template = parse(&format!("Metadata: {metadata}\nResources: {{}}\n")).unwrap();
            let found = StackSetState::unread(&template);
            found.iter().map(|unread| format!("{} {}", unread.path, unread.why)).collect()
        };
        // All forms that there were: lists of early versions, empty ones, the note in the place of the old list.
        for fine in [
            "null",
            "{}",
            "{TemplateVersion: v1.0.0, Version: 7, Services: [api], Accounts: [012345678912, 123456789123]}",
            "{TemplateVersion: v1.2.0, Version: '7', Services: see below, Workloads: null, Accounts: null}",
            "{Version: 1, Workloads: [{Name: api, WithECR: true}, {Name: site, WithECR: 'false'}, {Name: job}]}",
            "{'AWS::CloudFormation::Designer': {a: b}}",
        ] {
            assert_eq!(told(fine), Vec::<String>::new(), "{fine}");
        }
        assert_eq!(told(&format!("{{Workloads: null, Services: '{SERVICES_NOTE}'}}")), Vec::<String>::new());
        assert_eq!(
            told(
                "{Version: seven, Workloads: [{Name: api, Keep: 3}, api, {WithECR: true}, {Name: a, WithECR: 2}], Accounts: {a: b}}"
            ),
            [
                "Metadata.Version is no number",
                "Metadata.Accounts is no list",
                "Metadata.Workloads[0] is no workload with `Name` and `WithECR`",
                "Metadata.Workloads[1] is no workload with `Name` and `WithECR`",
                "Metadata.Workloads[2] is no workload with `Name` and `WithECR`",
                "Metadata.Workloads[3] is no workload with `Name` and `WithECR`",
            ]
        );
        assert_eq!(told("[a]"), ["Metadata is no map"]);
        assert_eq!(told("{Buckets: [a]}"), ["Metadata.Buckets is unknown to this version"]);
        assert_eq!(
            told("{Services: {a: b}, Accounts: [[a]]}"),
            ["Metadata.Accounts[0] is no account", "Metadata.Services is no list"]
        );
        assert!(StackSetState::unread(&parse("Metadata: {More: 1}\n").unwrap())[0].is_unknown());
    }

    #[test]
    fn the_note_for_old_tools_is_no_list_of_services() {
        let template = infrastructure(&app(), &StackSetState::default()).unwrap().template;
        assert!(template["Metadata"]["Services"].is_string());
        assert_eq!(StackSetState::parse(&template), StackSetState::default());
    }

    #[test]
    fn a_repository_may_come_later_but_does_not_go() {
        let state = StackSetState::default().with_workload(&workload("site"), false);
        let wanted = state.with_workload(&workload("site"), true);
        assert!(wanted.workloads[0].with_ecr);
        assert_eq!(wanted.with_workload(&workload("site"), false), wanted);
    }

    #[test]
    fn only_accounts_get_rights() {
        let state = StackSetState::default().with_account("*").with_account("111122223333");
        let template = infrastructure(&app(), &state).unwrap().template;
        let principals: Vec<&Value> = template["Resources"]["KMSKey"]["Properties"]["KeyPolicy"]["Statement"]
            .as_array()
            .unwrap()
            .iter()
            .map(|statement| &statement["Principal"]["AWS"])
            .collect();
        assert_eq!(principals[1], &json!(["111122223333"]));
        assert_eq!(StackSetState::parse(&template), state);
    }

    #[test]
    fn ids_tell_hyphens() {
        assert_eq!(repository_id("front-end"), "ECRRepofrontDASHend");
    }

    fn states() -> impl Strategy<Value = StackSetState> {
        let names = prop::collection::vec(("[a-d][a-d-]{0,3}[a-d]", any::<bool>()), 0..5);
        (names, prop::collection::vec("[0-9]{12}", 0..4)).prop_map(|(names, accounts)| {
            let state = names.iter().fold(StackSetState::default(), |state, (name, with_ecr)| {
                WorkloadName::new(name.as_str())
                    .map_or(state.clone(), |name| state.with_workload(&name, *with_ecr))
            });
            accounts.iter().fold(state, |state, account| state.with_account(account))
        })
    }

    proptest! {
        #[test]
        fn what_is_rendered_reads_back(state in states()) {
            let stack = infrastructure(&app(), &state).unwrap();
            let text = stack.template_yaml();
            prop_assert_eq!(StackSetState::parse(&parse(&text).unwrap()), state.clone());
            prop_assert_eq!(StackSetState::unread(&stack.template), vec![]);
            prop_assert_eq!(&stack.template["Outputs"]["StackSetOpId"]["Value"], &Value::from(state.operation_id()));
            let repositories = state.workloads.iter().filter(|workload| workload.with_ecr).count();
            prop_assert_eq!(stack.template["Resources"].as_object().unwrap().len(), 3 + repositories);
        }

        #[test]
        fn a_change_counts_once(state in states(), name in "[a-d]{2}", account in "[0-9]{12}") {
            let name = workload(&name);
            let (added, opened) = (state.with_workload(&name, true), state.with_account(&account));
            for changed in [&added, &opened] {
                let moved = u64::from(*changed != state);
                prop_assert_eq!(changed.version, state.version + moved);
            }
            prop_assert_eq!(added.with_workload(&name, true), added.clone());
            let gone = added.without_workload(&name);
            prop_assert!(gone.workloads.iter().all(|workload| workload.name != name.as_str()));
            prop_assert_eq!(gone.without_workload(&name), gone.clone());
            prop_assert!(!opened.without_account(&account).accounts.contains(&account));
        }
    }
}
