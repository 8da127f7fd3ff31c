//! Our record of applications, environments and workloads, in SSM Parameter Store.
//!
//! The records are Copilot's: same paths, same JSON, same tags, so both tools see the same applications. They live in the
//! application's account, in the region the application was made in; nothing but that region points to them. Records are
//! made and removed, never changed.
//!
//! | record | path |
//! |---|---|
//! | [`App`] | `/copilot/applications/<app>` |
//! | [`Environment`] | `/copilot/applications/<app>/environments/<env>` |
//! | [`Workload`] | `/copilot/applications/<app>/components/<workload>` |
//! | a [`release`] | `s3://<artifact bucket>/manual/releases/<stack>/<time>-<id>.json` |
//! | a secret | `/copilot/<app>/<env>/secrets/<name>`, in the environment's account and region ([`secret`]) |

pub mod parting;
mod record;
pub mod release;
pub mod secret;

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::aws::ssm::{Parameter, Put};
use crate::aws::{self, Connection, Kind};
use crate::name::{AppName, EnvName, WorkloadName};
use crate::secret::Secret;

pub use record::{App, Environment, Workload};

/// Path of all applications' records.
const APPLICATIONS: &str = "/copilot/applications";

/// Tag that names the application.
pub const APP_TAG: &str = "copilot-application";
/// Tag that names the environment.
pub const ENV_TAG: &str = "copilot-environment";
/// Tag that names the service or job.
pub const WORKLOAD_TAG: &str = "copilot-service";

/// Why a record can't be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A call failed.
    #[error(transparent)]
    Aws(#[from] aws::Error),
    /// There is no such application here.
    #[error(
        "application {app} does not exist in account {account}, region {region}{}",
        have("applications", existing)
    )]
    NoApp {
        /// The name asked for.
        app: String,
        /// The account looked in; `?` when even that can't be told.
        account: String,
        /// The region looked in.
        region: String,
        /// The names that do exist.
        existing: Vec<String>,
    },
    /// The application has no such environment.
    #[error("application {app} has no environment {env}{}", have("environments", existing))]
    NoEnvironment {
        /// The application.
        app: String,
        /// The name asked for.
        env: String,
        /// The names that do exist.
        existing: Vec<String>,
    },
    /// The application has no such service or job.
    #[error("application {app} has no service or job {name}{}", have("services and jobs", existing))]
    NoWorkload {
        /// The application.
        app: String,
        /// The name asked for.
        name: String,
        /// The names that do exist.
        existing: Vec<String>,
    },
    /// The beginning of an id that several releases have.
    #[error("several releases begin with {id}: {}", found.join(", "))]
    ManyReleases {
        /// The beginning.
        id: String,
        /// Ids of the releases, newest first.
        found: Vec<String>,
    },
    /// A record holds something else than expected.
    #[error("the record {path} can't be read: {why}")]
    Unreadable {
        /// Name of the parameter, or URL of the object.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}

/// The end of a sentence that names what exists.
fn have(what: &str, existing: &[String]) -> String {
    if existing.is_empty() {
        format!("; there are no {what} there")
    } else {
        format!("; {what} there: {}", existing.join(", "))
    }
}

/// The records of the account and region of a connection.
#[derive(Debug, Clone)]
pub struct Store(Connection);

impl Store {
    /// The records that `connection`, the application's account and region, sees.
    #[must_use]
    pub fn new(connection: &Connection) -> Self {
        Self(connection.clone())
    }

    /// The application's record.
    ///
    /// # Errors
    /// [`Error::NoApp`] with the applications there are; a failed call; an unreadable record.
    pub async fn app(&self, name: &AppName) -> Result<App, Error> {
        if let Some(app) = self.find_app(name).await? {
            return Ok(app);
        }
        let account = self.0.sts().caller_identity().await.map_or_else(|_| "?".to_owned(), |id| id.account);
        Err(Error::NoApp {
            app: name.to_string(),
            account,
            region: self.0.region_name().await?,
            existing: self.names(APPLICATIONS).await?,
        })
    }

    /// The application's record; `None` when there is none.
    ///
    /// # Errors
    /// A failed call; an unreadable record.
    pub async fn find_app(&self, name: &AppName) -> Result<Option<App>, Error> {
        self.get(&app_path(name)).await
    }

    /// All applications' records, sorted by name.
    ///
    /// # Errors
    /// A failed call; an unreadable record.
    pub async fn apps(&self) -> Result<Vec<App>, Error> {
        self.list(APPLICATIONS).await
    }

    /// Writes an application's record. One that exists stays as it is: that is success too, and `false`.
    ///
    /// # Errors
    /// A failed call.
    pub async fn create_app(&self, app: &App) -> Result<bool, Error> {
        self.create(&app_path(&app.name), app, &[(APP_TAG, app.name.as_str())]).await
    }

    /// Removes an application's record, if it is there.
    ///
    /// # Errors
    /// A failed call.
    pub async fn delete_app(&self, name: &AppName) -> Result<(), Error> {
        Ok(self.0.ssm().delete(&app_path(name)).await?)
    }

    /// The environment's record.
    ///
    /// # Errors
    /// [`Error::NoEnvironment`] with the environments there are; a failed call; an unreadable record.
    pub async fn environment(&self, app: &AppName, env: &EnvName) -> Result<Environment, Error> {
        if let Some(found) = self.get(&environment_path(app, env)).await? {
            return Ok(found);
        }
        let existing = self.names(&environments_path(app)).await?;
        Err(Error::NoEnvironment { app: app.to_string(), env: env.to_string(), existing })
    }

    /// All environments' records of an application, sorted by name.
    ///
    /// # Errors
    /// A failed call; an unreadable record.
    pub async fn environments(&self, app: &AppName) -> Result<Vec<Environment>, Error> {
        self.list(&environments_path(app)).await
    }

    /// Writes an environment's record. One that exists stays as it is: that is success too, and `false`.
    ///
    /// # Errors
    /// A failed call.
    pub async fn create_environment(&self, env: &Environment) -> Result<bool, Error> {
        let tags = [(APP_TAG, env.app.as_str()), (ENV_TAG, env.name.as_str())];
        self.create(&environment_path(&env.app, &env.name), env, &tags).await
    }

    /// Removes an environment's record, if it is there.
    ///
    /// # Errors
    /// A failed call.
    pub async fn delete_environment(&self, app: &AppName, env: &EnvName) -> Result<(), Error> {
        Ok(self.0.ssm().delete(&environment_path(app, env)).await?)
    }

    /// The record of a service or job.
    ///
    /// # Errors
    /// [`Error::NoWorkload`] with the services and jobs there are; a failed call; an unreadable record.
    pub async fn workload(&self, app: &AppName, name: &WorkloadName) -> Result<Workload, Error> {
        if let Some(found) = self.get(&workload_path(app, name)).await? {
            return Ok(found);
        }
        let existing = self.names(&workloads_path(app)).await?;
        Err(Error::NoWorkload { app: app.to_string(), name: name.to_string(), existing })
    }

    /// The records of all services and jobs of an application, sorted by name; [`Workload::is_job`] tells them apart.
    ///
    /// # Errors
    /// A failed call; an unreadable record.
    pub async fn workloads(&self, app: &AppName) -> Result<Vec<Workload>, Error> {
        self.list(&workloads_path(app)).await
    }

    /// Writes the record of a service or job. One that exists stays as it is: that is success too, and `false`.
    ///
    /// # Errors
    /// A failed call.
    pub async fn create_workload(&self, workload: &Workload) -> Result<bool, Error> {
        let tags = [(APP_TAG, workload.app.as_str()), (WORKLOAD_TAG, workload.name.as_str())];
        self.create(&workload_path(&workload.app, &workload.name), workload, &tags).await
    }

    /// Removes the record of a service or job, if it is there.
    ///
    /// # Errors
    /// A failed call.
    pub async fn delete_workload(&self, app: &AppName, name: &WorkloadName) -> Result<(), Error> {
        Ok(self.0.ssm().delete(&workload_path(app, name)).await?)
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<Option<T>, Error> {
        self.0.ssm().get(path).await?.map(|parameter| read(&parameter)).transpose()
    }

    async fn list<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, Error> {
        self.0.ssm().list(path).await?.iter().map(read).collect()
    }

    async fn names(&self, path: &str) -> Result<Vec<String>, Error> {
        let found = self.0.ssm().list(path).await?;
        Ok(found.into_iter().filter_map(|found| Some(found.name.rsplit('/').next()?.to_owned())).collect())
    }

    async fn create<T: Serialize>(
        &self,
        path: &str,
        record: &T,
        tags: &[(&str, &str)],
    ) -> Result<bool, Error> {
        let unreadable =
            |error: serde_json::Error| Error::Unreadable { path: path.to_owned(), why: error.to_string() };
        let value = serde_json::to_string(record).map_err(unreadable)?;
        let tags: BTreeMap<String, String> =
            tags.iter().map(|&(key, value)| (key.to_owned(), value.to_owned())).collect();
        let put = Put { name: path, value: Secret::new(value), secure: false, overwrite: false, tags: &tags };
        match self.0.ssm().put(&put).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind == Kind::AlreadyExists => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

fn read<T: DeserializeOwned>(parameter: &Parameter) -> Result<T, Error> {
    serde_json::from_str(&parameter.value)
        .map_err(|error| Error::Unreadable { path: parameter.name.clone(), why: error.to_string() })
}

fn app_path(app: &AppName) -> String {
    format!("{APPLICATIONS}/{app}")
}

fn environments_path(app: &AppName) -> String {
    format!("{APPLICATIONS}/{app}/environments")
}

fn environment_path(app: &AppName, env: &EnvName) -> String {
    format!("{APPLICATIONS}/{app}/environments/{env}")
}

fn workloads_path(app: &AppName) -> String {
    format!("{APPLICATIONS}/{app}/components")
}

fn workload_path(app: &AppName, name: &WorkloadName) -> String {
    format!("{APPLICATIONS}/{app}/components/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{self, json, json_error};

    fn app(name: &str) -> AppName {
        AppName::new(name).unwrap()
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_record_is_written_as_copilot_does() {
        let server = testing::answers(vec![json(200, r#"{"Version": 1}"#)]);
        let record = Environment {
            app: app("shop"),
            name: EnvName::new("test").unwrap(),
            region: "eu-west-1".into(),
            account_id: "123456789012".into(),
            registry_url: String::new(),
            execution_role_arn: "arn:x".into(),
            manager_role_arn: "arn:m".into(),
            custom_config: None,
            telemetry: None,
        };
        assert_eq!(Store::new(server.connection()).create_environment(&record).await, Ok(true));
        let sent: serde_json::Value = serde_json::from_str(&server.requests()[0].body).unwrap();
        assert_eq!(sent["Name"], "/copilot/applications/shop/environments/test");
        assert_eq!(
            sent["Value"],
            r#"{"app":"shop","name":"test","region":"eu-west-1","accountID":"123456789012","registryURL":"","executionRoleARN":"arn:x","managerRoleARN":"arn:m"}"#
        );
        assert_eq!(
            sent["Tags"].to_string(),
            r#"[{"Key":"copilot-application","Value":"shop"},{"Key":"copilot-environment","Value":"test"}]"#
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_existing_record_is_left_alone() {
        let server = testing::answers(vec![json_error("ParameterAlreadyExists", "exists")]);
        let record = Workload {
            app: app("shop"),
            name: WorkloadName::new("api").unwrap(),
            kind: "Worker Service".into(),
        };
        assert_eq!(Store::new(server.connection()).create_workload(&record).await, Ok(false));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_missing_application_names_the_place_and_the_others() {
        let server = testing::server(|request| match request.action.as_str() {
            "GetParameter" => json_error("ParameterNotFound", ""),
            "GetParametersByPath" => json(
                200,
                r#"{"Parameters": [{"Name": "/copilot/applications/shop", "Value": "{}"}, {"Name": "/copilot/applications/blog", "Value": "{}"}]}"#,
            ),
            _ => testing::xml(
                200,
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn><Account>123456789012</Account>\
                 </GetCallerIdentityResult></GetCallerIdentityResponse>",
            ),
        });
        let error = Store::new(server.connection()).app(&app("chop")).await.unwrap_err();
        insta::assert_snapshot!(error, @"application chop does not exist in account 123456789012, region eu-west-1; applications there: blog, shop");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_unreadable_record_is_named() {
        let server = testing::answers(vec![json(
            200,
            r#"{"Parameter": {"Name": "/copilot/applications/shop", "Value": "{\"name\": 1}"}}"#,
        )]);
        let error = Store::new(server.connection()).app(&app("shop")).await.unwrap_err();
        assert!(
            error.to_string().starts_with("the record /copilot/applications/shop can't be read"),
            "{error}"
        );
    }
}
