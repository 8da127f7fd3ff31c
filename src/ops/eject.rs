//! The way out: what is deployed of an application as plain CloudFormation, to go on without wharf.

use std::collections::BTreeMap;
use std::path::Path;

use super::package::{self, Files};
use super::{Result, Session};
use crate::aws::Connection;
use crate::aws::cloudformation::Stack;
use crate::name::AppName;
use crate::stack;
use crate::takeover::machinery;
use crate::yaml::template;

/// Writes templates, parameters and tags of all stacks of an application into a folder, with a README that says how to go on.
/// AWS is only read.
///
/// # Errors
/// The application does not exist; a file can't be written; whatever AWS reports.
pub async fn eject(session: &Session, app: &AppName, folder: &Path) -> Result<Files> {
    session.app(app).await?;
    let connection = session.aws().await;
    let mut files = BTreeMap::new();
    let mut readme = format!("# {app} without wharf\n\n{INTRODUCTION}\n");
    collect(session, connection, app, None, &mut files, &mut readme).await?;
    for environment in session.store().await.environments(app).await? {
        let manager = session.manager(&environment).await;
        let place = Some((environment.name.as_str(), environment.execution_role_arn.as_str()));
        collect(session, &manager, app, place, &mut files, &mut readme).await?;
    }
    if let Some(text) = connection
        .cloudformation()
        .stack_set(&stack::infrastructure::stack_set_name(app))
        .await?
        .map(|set| set.template)
    {
        let name = stack::infrastructure::stack_set_name(app);
        files.insert(format!("{name}.stackset.yml"), text);
        readme.push_str(&format!("\n## {name} (StackSet)\n\nTemplate `{name}.stackset.yml`.\n"));
    }
    files.insert("README.md".to_owned(), readme);
    package::write_all(session, folder, files)
}

const INTRODUCTION: &str = "\
These are the stacks as they are deployed: a template, and a file with parameters and tags, for each. Nothing was changed in
AWS, and nothing in it depends on wharf: without it everything goes on running. To change a stack, edit its template or its
parameters and deploy it with the command below it, or in CI with any other tool for CloudFormation.

Parameters whose value is `****` are secret: leave them out of the command, and CloudFormation keeps their value.
Container images are parameters (`ContainerImage`): build and push a new one to the repository in its address, then deploy the
service's stack with the new address. Environments carry lists of the services that need something of them (`ALBWorkloads`,
`NATWorkloads` and the like): a service that is new or gone has to be written into or taken out of them by hand.
Secrets are in Parameter Store under `/copilot/<application>/<environment>/secrets/`, wharf's own records under
`/copilot/applications/<application>`; the records may go.";

/// Stacks of an environment, or those outside of environments in the application's own region.
async fn collect(
    session: &Session,
    connection: &Connection,
    app: &AppName,
    environment: Option<(&str, &str)>,
    files: &mut BTreeMap<String, String>,
    readme: &mut String,
) -> Result<()> {
    let door = connection.cloudformation();
    let region = connection.region_name().await?;
    let mut stacks = door.stacks().await?;
    stacks.retain(|stack| {
        let tag = |key: &str| stack.tags.get(key).map(String::as_str);
        tag("copilot-application") == Some(app.as_str())
            && tag("copilot-environment") == environment.map(|(name, _)| name)
            && stack.status != "DELETE_COMPLETE"
    });
    stacks.sort_by(|one, other| (one.name.len(), &one.name).cmp(&(other.name.len(), &other.name)));
    for stack in stacks {
        let Some(text) = door.template(&stack.name).await? else { continue };
        let document = template::parse(&text).unwrap_or_default();
        if machinery::custom_resources(&document).next().is_some() {
            session.warn(format!(
                "{} still holds custom resources of Copilot's: take it over before you eject",
                stack.name
            ));
        }
        readme.push_str(&section(&stack, &region, environment.map(|(_, role)| role)));
        files.insert(format!("{}.params.json", stack.name), parameters(&stack));
        files.insert(format!("{}.template.yml", stack.name), text);
    }
    Ok(())
}

fn parameters(stack: &Stack) -> String {
    let value = stack::Stack {
        name: stack.name.clone(),
        template: serde_json::Value::Null,
        parameters: stack.parameters.clone(),
        tags: stack.tags.clone(),
    };
    value.parameters_json() + "\n"
}

fn section(stack: &Stack, region: &str, role: Option<&str>) -> String {
    let name = &stack.name;
    if !stack.parent_id.is_empty() {
        return format!(
            "\n## {name}\n\nNested in another stack, which names its template by URL; it is changed with that one.\n"
        );
    }
    let role = role.map(|role| format!(" \\\n      --role-arn {role}")).unwrap_or_default();
    format!(
        "\n## {name}\n\n    aws cloudformation deploy --region {region} --stack-name {name} \\\n      \
         --template-file {name}.template.yml --parameter-overrides file://{name}.params.json \\\n      \
         --capabilities CAPABILITY_NAMED_IAM CAPABILITY_AUTO_EXPAND{role}\n"
    )
}
