//! An application: its record, environments, services and jobs, where they are deployed, pipelines.

use std::collections::BTreeMap;

use futures_util::future::{join_all, try_join_all};
use futures_util::try_join;
use jiff::Timestamp;
use serde::{Serialize, Serializer};

use super::service::{Listed, Place, deployed_to};
use super::{Error, pipeline};
use crate::aws::Connection;
use crate::page::{Body, Cell, Mark, Page, Paged};
use crate::store::{self, Store};

/// An application. Serialises to the JSON of `app show --json`, where empty lists are null.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Application {
    /// Its name.
    pub name: String,
    /// Version of its stacks, the lower of roles stack and stack set; `v0.0.0` when they name none.
    pub version: String,
    /// Its domain; empty without one.
    pub uri: String,
    /// Name of the policy that bounds its roles; empty without one.
    pub permissions_boundary: String,
    /// Its environments.
    #[serde(serialize_with = "environments")]
    pub environments: Vec<store::Environment>,
    /// Its services.
    #[serde(serialize_with = "workloads")]
    pub services: Vec<Listed>,
    /// Its jobs.
    #[serde(serialize_with = "workloads")]
    pub jobs: Vec<Listed>,
    /// Its pipelines.
    #[serde(serialize_with = "or_null")]
    pub pipelines: Vec<pipeline::Found>,
    /// Environments by the workload that is deployed to them.
    #[serde(skip)]
    pub deployed: BTreeMap<String, Vec<String>>,
    /// Environments that could not be read, and why.
    #[serde(skip)]
    pub warnings: Vec<String>,
}

fn or_null<T: Serialize, S: Serializer>(items: &[T], serializer: S) -> Result<S::Ok, S::Error> {
    if items.is_empty() { serializer.serialize_none() } else { items.serialize(serializer) }
}

/// The records without the application's name, which the JSON has one level up.
fn environments<S: Serializer>(items: &[store::Environment], serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct Item<'a> {
        app: &'static str,
        name: &'a str,
        region: &'a str,
        #[serde(rename = "accountID")]
        account_id: &'a str,
        #[serde(rename = "registryURL")]
        registry_url: &'static str,
        #[serde(rename = "executionRoleARN")]
        execution_role_arn: &'static str,
        #[serde(rename = "managerRoleARN")]
        manager_role_arn: &'static str,
    }
    let item = |env| -> Item<'_> {
        let env: &store::Environment = env;
        Item {
            app: "",
            name: env.name.as_str(),
            region: &env.region,
            account_id: &env.account_id,
            registry_url: "",
            execution_role_arn: "",
            manager_role_arn: "",
        }
    };
    or_null(&items.iter().map(item).collect::<Vec<_>>(), serializer)
}

fn workloads<S: Serializer>(items: &[Listed], serializer: S) -> Result<S::Ok, S::Error> {
    let bare = |listed: &Listed| Listed { app: String::new(), ..listed.clone() };
    or_null(&items.iter().map(bare).collect::<Vec<_>>(), serializer)
}

/// Reads an application through `app_account`, a connection to its account and region. `place` gives the connection of an
/// environment's manager role. An environment that can't be read is told in [`Application::warnings`].
///
/// # Errors
/// What the record's store and AWS report of the application itself.
pub async fn show(
    app_account: &Connection,
    app: &store::App,
    place: impl Fn(&store::Environment) -> Connection,
) -> Result<Application, Failure> {
    let store = Store::new(app_account);
    let (environments, workloads, version, pipelines) = try_join!(
        async { Ok(store.environments(&app.name).await?) },
        async { Ok(store.workloads(&app.name).await?) },
        version(app_account, app),
        async { Ok(pipeline::deployed(app_account, &app.name).await?) },
    )?;
    let found = join_all(environments.iter().map(|env| {
        let (manager, workloads) = (place(env), &workloads);
        async move { (env, deployed_to(&manager, env, workloads).await) }
    }))
    .await;
    let mut deployed: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut warnings = vec![];
    for (env, found) in found {
        match found {
            Ok(names) => {
                for name in names {
                    deployed.entry(name.to_string()).or_default().push(env.name.to_string());
                }
            }
            Err(error) => warnings.push(format!("what is deployed to {}: {error}", env.name)),
        }
    }
    let list = |jobs: bool| -> Vec<Listed> {
        workloads.iter().filter(|workload| workload.is_job() == jobs).map(Listed::from).collect()
    };
    Ok(Application {
        name: app.name.to_string(),
        version,
        uri: app.domain.clone(),
        permissions_boundary: app.permissions_boundary.clone(),
        services: list(false),
        jobs: list(true),
        environments,
        pipelines,
        deployed,
        warnings,
    })
}

/// Why an application can't be shown.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Its records can't be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// Its stacks can't be read.
    #[error(transparent)]
    Describe(#[from] Error),
}

/// The places of an application's environments a workload is deployed to.
///
/// # Errors
/// What AWS reports.
pub async fn places_of(
    workload: &store::Workload,
    environments: &[store::Environment],
    place: impl Fn(&store::Environment) -> Connection,
) -> Result<Vec<Place>, Error> {
    let known = std::slice::from_ref(workload);
    let found = try_join_all(environments.iter().map(|env| {
        let manager = place(env);
        async move {
            let there = !deployed_to(&manager, env, known).await?.is_empty();
            Ok::<_, Error>(there.then(|| Place { env: env.name.clone(), manager }))
        }
    }))
    .await?;
    Ok(found.into_iter().flatten().collect())
}

/// Version of the application's stacks, the lower of the two.
async fn version(app_account: &Connection, app: &store::App) -> Result<String, Failure> {
    let door = app_account.cloudformation();
    let (roles, set) = (format!("{}-infrastructure-roles", app.name), format!("{}-infrastructure", app.name));
    let (roles, set) = try_join!(door.summary(&roles), door.stack_set_summary(&set)).map_err(Error::from)?;
    let of = |summary: Option<crate::aws::cloudformation::Summary>| {
        let metadata: serde_json::Value =
            summary.and_then(|summary| serde_json::from_str(&summary.metadata).ok()).unwrap_or_default();
        metadata["TemplateVersion"].as_str().unwrap_or("v0.0.0").to_owned()
    };
    let (roles, set) = (of(roles), of(set));
    Ok(if ordered(&roles) <= ordered(&set) { roles } else { set })
}

/// The numbers of a version, for comparing; anything else counts as none.
fn ordered(version: &str) -> Vec<u64> {
    let numbers = version.trim_start_matches('v').split(['.', '-']);
    numbers.map(|part| part.parse().unwrap_or(0)).take(3).collect()
}

impl Paged for Application {
    fn page(&self, _now: Timestamp) -> Page {
        let about = [
            ("Name", &self.name),
            ("Version", &self.version),
            ("URI", &self.uri),
            ("Permissions Boundary", &self.permissions_boundary),
        ];
        let about = about.map(|(name, value)| (name.to_owned(), Cell::or_dash(value.as_str())));
        let environments = self.environments.iter().map(|env| {
            vec![env.name.as_str().into(), env.account_id.as_str().into(), env.region.as_str().into()]
        });
        let workloads = self.services.iter().chain(&self.jobs).map(|listed| {
            let deployed = self.deployed.get(&listed.name).map(|envs| envs.join(", ")).unwrap_or_default();
            vec![listed.name.as_str().into(), listed.kind.as_str().into(), Cell::or_dash(deployed)]
        });
        let pipelines = self.pipelines.iter().map(|pipeline| vec![Cell::from(pipeline.name.as_str())]);
        let warnings = self.warnings.iter().map(|warning| Cell::new(warning.as_str(), Mark::Dim));
        Page::new()
            .with("About", Body::Pairs(about.into()))
            .with("Environments", Body::table(&["Name", "AccountID", "Region"], environments.collect()))
            .with("Workloads", Body::table(&["Name", "Type", "Environments"], workloads.collect()))
            .with("Pipelines", Body::table(&["Name"], pipelines.collect()))
            .with("Not Shown", Body::Lines(warnings.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn application() -> Application {
        Application {
            name: "shop".into(),
            version: "v1.2.0".into(),
            uri: "example.com".into(),
            permissions_boundary: String::new(),
            environments: vec![
                serde_json::from_value(serde_json::json!({
                    "app": "shop", "name": "test", "region": "eu-west-1", "accountID": "111111111111",
                    "managerRoleARN": "arn:manager"
                }))
                .unwrap(),
            ],
            services: vec![Listed { app: "shop".into(), name: "api".into(), kind: "Backend Service".into() }],
            jobs: vec![],
            pipelines: vec![],
            deployed: BTreeMap::from([("api".into(), vec!["test".into()])]),
            warnings: vec![],
        }
    }

    #[test]
    fn json_leaves_out_the_applications_name_and_has_null_for_nothing() {
        insta::assert_snapshot!(serde_json::to_string_pretty(&application()).unwrap(), @r#"
        {
          "name": "shop",
          "version": "v1.2.0",
          "uri": "example.com",
          "permissionsBoundary": "",
          "environments": [
            {
              "app": "",
              "name": "test",
              "region": "eu-west-1",
              "accountID": "111111111111",
              "registryURL": "",
              "executionRoleARN": "",
              "managerRoleARN": ""
            }
          ],
          "services": [
            {
              "app": "",
              "name": "api",
              "type": "Backend Service"
            }
          ],
          "jobs": null,
          "pipelines": null
        }
        "#);
    }

    #[test]
    fn shows_where_workloads_are() {
        let page = application().page(Timestamp::UNIX_EPOCH);
        insta::assert_snapshot!(crate::describe::testing::text(&page), @r#"
        # About
        Name: shop
        Version: v1.2.0
        URI: example.com
        Permissions Boundary: -
        # Environments
        Name | AccountID | Region
        test | 111111111111 | eu-west-1
        # Workloads
        Name | Type | Environments
        api | Backend Service | test
        "#);
    }

    #[test]
    fn versions_compare_by_their_numbers() {
        assert!(ordered("v1.10.0") > ordered("v1.9.3"));
        assert!(ordered("v2.0.0") > ordered("v1.34.1-dev"));
        assert_eq!(ordered("bootstrap"), [0]);
    }
}
