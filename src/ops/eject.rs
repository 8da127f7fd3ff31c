//! The way out: what is deployed of an application as plain CloudFormation, to go on without wharf.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::app::infrastructure;
use super::package::{self, Files};
use super::{Result, Session};
use crate::aws::Connection;
use crate::aws::cloudformation::stack_set::StackSet;
use crate::aws::cloudformation::{MAX_TEMPLATE_BODY, Stack};
use crate::facts;
use crate::name::AppName;
use crate::stack;
use crate::stack::infrastructure::stack_set_name;
use crate::store::Environment;
use crate::takeover::machinery;
use crate::yaml::template;

/// Writes templates, parameters and tags of all stacks of an application into a folder, with a README that says how to go on.
/// AWS is only read.
///
/// # Errors
/// The application does not exist; a file can't be written; whatever AWS reports.
pub async fn eject(session: &Session, app: &AppName, folder: &Path) -> Result<Files> {
    let record = facts::App::from(&session.app(app).await?);
    let connection = session.aws().await;
    let mut files = BTreeMap::new();
    let mut readme = format!("# {app} without wharf\n\n{INTRODUCTION}\n");
    let region = connection.region_name().await?;
    let home = Place { app: &record, home: connection, region: &region, environment: None };
    home.collect(session, connection, &mut files, &mut readme).await?;
    for environment in session.store().await.environments(app).await? {
        let manager = session.manager(&environment).await;
        let place = Place { region: &environment.region, environment: Some(&environment), ..home };
        place.collect(session, &manager, &mut files, &mut readme).await?;
    }
    let name = stack_set_name(app);
    if let Some(set) = connection.cloudformation().stack_set(&name).await? {
        readme.push_str(&of_stack_set(&set, &region));
        files.insert(format!("{name}.stackset.yml"), set.template);
    }
    files.insert("README.md".to_owned(), readme);
    package::write_all(session, folder, files)
}

const INTRODUCTION: &str = "\
These are the stacks as they are deployed: a template, and a file with parameters and tags, for each. Nothing was changed in
AWS, and nothing in it depends on wharf: without it everything goes on running. To change a stack, edit its template or its
parameters and deploy it with the command below it (of the AWS CLI, version 2), or in CI with any other tool for CloudFormation.
Run commands in this folder. One changes nothing as long as its files are as they were written.

Give all tags with every update, as the commands do: CloudFormation takes those that are not given off the stack and what is in it,
and tasks may read only such secrets of addons as carry the tags of their application and environment.
Secret parameters (`NoEcho`) are in no file: the commands leave them out, and CloudFormation keeps their values.
Container images are parameters (`ContainerImage`): build and push a new one to the repository in its address, then deploy the
service's stack with the new address. Environments carry lists of the services that need something of them (`ALBWorkloads`,
`NATWorkloads` and the like): a service that is new or gone has to be written into or taken out of them by hand.
Secrets are in Parameter Store under `/copilot/<application>/<environment>/secrets/`, wharf's own records under
`/copilot/applications/<application>`; the records may go.";

/// Where stacks are: in an environment, or outside of environments in the application's own region.
#[derive(Clone, Copy)]
struct Place<'a> {
    app: &'a facts::App,
    /// The application's own credentials and region.
    home: &'a Connection,
    region: &'a str,
    environment: Option<&'a Environment>,
}

impl Place<'_> {
    async fn collect(
        &self,
        session: &Session,
        connection: &Connection,
        files: &mut BTreeMap<String, String>,
        readme: &mut String,
    ) -> Result<()> {
        let door = connection.cloudformation();
        let mut stacks = door.stacks().await?;
        let instance = format!("StackSet-{}-", stack_set_name(&self.app.name));
        stacks.retain(|stack| {
            let tag = |key: &str| stack.tags.get(key).map(String::as_str);
            tag("copilot-application") == Some(self.app.name.as_str())
                && tag("copilot-environment") == self.environment.map(|environment| environment.name.as_str())
                && stack.status != "DELETE_COMPLETE"
                // Changed with its StackSet alone.
                && !stack.name.starts_with(&instance)
        });
        stacks.sort_by(|one, other| (one.name.len(), &one.name).cmp(&(other.name.len(), &other.name)));
        let mut bucket = None;
        for stack in stacks {
            let Some(text) = door.template(&stack.name).await? else { continue };
            let document = template::parse(&text).unwrap_or_default();
            if stack.parent_id.is_empty() && machinery::of_copilot(&document).next().is_some() {
                session.warn(format!(
                    "{} still holds custom resources of Copilot's: take it over before you eject",
                    stack.name
                ));
            }
            if text.len() > MAX_TEMPLATE_BODY && bucket.is_none() {
                let found = infrastructure::resources(self.home, self.app, self.region).await?;
                bucket = Some(found.artifacts.bucket);
            }
            let bucket = bucket.as_deref().filter(|_| text.len() > MAX_TEMPLATE_BODY);
            let role = self.environment.map(|environment| environment.execution_role_arn.as_str());
            readme.push_str(&section(&stack, self.region, role, bucket));
            files.insert(format!("{}.params.json", stack.name), parameters(&stack, &document));
            files.insert(format!("{}.template.yml", stack.name), text);
        }
        Ok(())
    }
}

/// The file with parameters and tags. The values of secret parameters are not known.
fn parameters(stack: &Stack, document: &Value) -> String {
    let is_secret = |name: &str| {
        matches!(&document["Parameters"][name]["NoEcho"], Value::Bool(true))
            || document["Parameters"][name]["NoEcho"] == "true"
    };
    let mut parameters = stack.parameters.clone();
    parameters.retain(|name, _| !is_secret(name));
    let value = stack::Stack {
        name: stack.name.clone(),
        template: Value::Null,
        parameters,
        tags: stack.tags.clone(),
    };
    value.parameters_json() + "\n"
}

/// What the README says of a stack. `bucket`: where its template goes when it is too long for a call.
fn section(stack: &Stack, region: &str, role: Option<&str>, bucket: Option<&str>) -> String {
    let name = &stack.name;
    if !stack.parent_id.is_empty() {
        return format!(
            "\n## {name}\n\nNested in another stack, which names its template by URL; it is changed with that one.\n"
        );
    }
    let tags = stack.tags.iter().map(|(key, value)| {
        let pair = format!("{key}={value}");
        shell_words::quote(&pair).into_owned()
    });
    let mut lines = vec![
        format!("aws cloudformation deploy --region {region} --stack-name {name}"),
        format!("--template-file {name}.template.yml --parameter-overrides file://{name}.params.json"),
        format!("--tags {}", tags.collect::<Vec<_>>().join(" ")),
        "--capabilities CAPABILITY_NAMED_IAM CAPABILITY_AUTO_EXPAND".to_owned(),
    ];
    lines.extend(bucket.map(|bucket| format!("--s3-bucket {bucket}")));
    lines.extend(role.map(|role| format!("--role-arn {role}")));
    command(name, &lines)
}

fn of_stack_set(set: &StackSet, region: &str) -> String {
    let name = &set.name;
    let mut lines = vec![
        format!("aws cloudformation update-stack-set --region {region} --stack-set-name {name}"),
        format!("--template-body file://{name}.stackset.yml --capabilities CAPABILITY_NAMED_IAM"),
    ];
    if !set.admin_role_arn.is_empty() {
        lines.push(format!("--administration-role-arn {}", set.admin_role_arn));
        lines.push(format!("--execution-role-name {}", set.execution_role));
    }
    command(&format!("{name} (StackSet: buckets, keys and repositories, in every region)"), &lines)
}

/// A section with a command of several lines.
fn command(title: &str, lines: &[String]) -> String {
    format!("\n## {title}\n\n    {}\n", lines.join(" \\\n      "))
}
