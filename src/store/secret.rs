//! Secrets of an application, one value per environment.

use std::collections::BTreeMap;

use super::{APP_TAG, ENV_TAG};
use crate::aws::ssm::Put;
use crate::aws::{Connection, Error, Kind};
use crate::name::{AppName, EnvName};
use crate::secret::Secret;

/// What became of a secret that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is new.
    Created,
    /// It had a value, which was replaced.
    Replaced,
    /// It has a value, which was left.
    Kept,
}

/// Name of the parameter that holds the secret `name`.
#[must_use]
pub fn path(app: &AppName, env: &EnvName, name: &str) -> String {
    format!("/copilot/{app}/{env}/secrets/{name}")
}

/// Writes the secret `name` as a `SecureString` with the environment's connection. An existing value is only replaced with
/// `overwrite`.
///
/// # Errors
/// Whatever SSM reports.
pub async fn put(
    environment: &Connection,
    (app, env): (&AppName, &EnvName),
    name: &str,
    value: Secret,
    overwrite: bool,
) -> Result<Written, Error> {
    let tags = BTreeMap::from([(APP_TAG.to_owned(), app.to_string()), (ENV_TAG.to_owned(), env.to_string())]);
    let path = path(app, env, name);
    let put = Put { name: &path, value, secure: true, overwrite: false, tags: &tags };
    let ssm = environment.ssm();
    match ssm.put(&put).await {
        Ok(_) => Ok(Written::Created),
        Err(error) if error.kind == Kind::AlreadyExists && !overwrite => Ok(Written::Kept),
        Err(error) if error.kind == Kind::AlreadyExists => {
            ssm.put(&Put { overwrite: true, ..put }).await.map(|_| Written::Replaced)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{self, json, json_error};

    #[tokio::test(flavor = "current_thread")]
    async fn an_existing_secret_is_only_replaced_on_demand() {
        let (app, env) = (AppName::new("shop").unwrap(), EnvName::new("test").unwrap());
        let server = testing::server(|request| {
            if request.body.contains(r#""Overwrite":true"#) {
                json(200, r#"{"Version": 2}"#)
            } else {
                json_error("ParameterAlreadyExists", "exists")
            }
        });
        let write = |overwrite| put(server.connection(), (&app, &env), "KEY", Secret::new("v"), overwrite);
        assert_eq!(write(false).await, Ok(Written::Kept));
        assert_eq!(write(true).await, Ok(Written::Replaced));
        let requests = server.requests();
        assert!(requests[0].body.contains(r#""Name":"/copilot/shop/test/secrets/KEY""#));
        assert!(requests[0].body.contains(r#""Type":"SecureString""#));
    }
}
