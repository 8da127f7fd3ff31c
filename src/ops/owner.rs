//! Whose a stack is.
//!
//! Names of stacks are names joined by hyphens, so two things can come to the same: `shop-test-api` is the service `api` in the
//! environment `test` of `shop`, the environment `test-api` of `shop`, and the environment `api` of `shop-test`. Tags tell them
//! apart, and nothing is changed or deleted before they have been looked at.

use super::{Error, Result};
use crate::aws::Connection;
use crate::aws::cloudformation::Stack;
use crate::name::{AppName, EnvName, WorkloadName};
use crate::stack::document::{environment_stack, workload_stack};
use crate::store::{APP_TAG, ENV_TAG, WORKLOAD_TAG};

/// An environment, or a workload in one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'a> {
    app: &'a AppName,
    env: &'a EnvName,
    workload: Option<&'a WorkloadName>,
}

impl<'a> Owner<'a> {
    /// An environment.
    pub fn environment(app: &'a AppName, env: &'a EnvName) -> Self {
        Self { app, env, workload: None }
    }

    /// A service or job in an environment.
    pub fn workload(app: &'a AppName, env: &'a EnvName, name: &'a WorkloadName) -> Self {
        Self { app, env, workload: Some(name) }
    }

    /// Name of its stack.
    pub fn stack(&self) -> String {
        match self.workload {
            Some(name) => workload_stack(self.app, self.env, name),
            None => environment_stack(self.app, self.env),
        }
    }

    /// Whether the stack of its name is its own. One without a tag of an application was made by hand: its name has to do.
    pub fn has(&self, stack: &Stack) -> bool {
        let tag = |key: &str| stack.tags.get(key).map(String::as_str);
        let Some(app) = tag(APP_TAG) else { return true };
        app == self.app.as_str()
            && tag(ENV_TAG) == Some(self.env.as_str())
            && tag(WORKLOAD_TAG) == self.workload.map(WorkloadName::as_str)
    }

    /// Its stack; `None` when there is none, or only another's of the same name.
    ///
    /// # Errors
    /// Whatever AWS reports.
    pub async fn find(&self, connection: &Connection) -> Result<Option<Stack>> {
        let found = connection.cloudformation().stack(&self.stack()).await?;
        Ok(found.filter(|stack| self.has(stack)))
    }

    /// Refuses a stack that is another's.
    ///
    /// # Errors
    /// [`Error::OtherStack`].
    pub fn check(&self, stack: Option<&Stack>) -> Result<()> {
        match stack {
            Some(stack) if !self.has(stack) => Err(Error::OtherStack {
                stack: stack.name.clone(),
                owner: owner_of(stack),
                wanted: told(
                    self.app.as_str(),
                    Some(self.env.as_str()),
                    self.workload.map(WorkloadName::as_str),
                ),
            }),
            _ => Ok(()),
        }
    }
}

/// Whose a stack is by its tags, for people.
fn owner_of(stack: &Stack) -> String {
    let tag = |key: &str| stack.tags.get(key).map(String::as_str);
    told(tag(APP_TAG).unwrap_or_default(), tag(ENV_TAG), tag(WORKLOAD_TAG))
}

fn told(app: &str, env: Option<&str>, workload: Option<&str>) -> String {
    match (workload, env) {
        (Some(name), Some(env)) => format!("{name} in the environment {env} of {app}"),
        (None, Some(env)) => format!("the environment {env} of {app}"),
        _ => format!("the application {app}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack(tags: &[(&str, &str)]) -> Stack {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        Stack { name: "shop-test-api".to_owned(), tags, ..Stack::default() }
    }

    #[test]
    fn tags_tell_apart_what_has_the_same_name() {
        let (app, env, name) =
            (AppName::new("shop").unwrap(), EnvName::new("test").unwrap(), WorkloadName::new("api").unwrap());
        let service = Owner::workload(&app, &env, &name);
        assert_eq!(service.stack(), "shop-test-api");
        let own = stack(&[(APP_TAG, "shop"), (ENV_TAG, "test"), (WORKLOAD_TAG, "api"), ("team", "x")]);
        assert!(service.has(&own));
        // Made by hand, or brought along.
        assert!(service.has(&stack(&[("team", "x")])));
        for (tags, whose) in [
            (vec![(APP_TAG, "shop"), (ENV_TAG, "test-api")], "the environment test-api of shop"),
            (vec![(APP_TAG, "shop-test"), (ENV_TAG, "api")], "the environment api of shop-test"),
            (vec![(APP_TAG, "shop")], "the application shop"),
            (
                vec![(APP_TAG, "sh"), (ENV_TAG, "op"), (WORKLOAD_TAG, "test-api")],
                "test-api in the environment op of sh",
            ),
        ] {
            let other = stack(&tags);
            assert!(!service.has(&other), "{whose}");
            let refusal = service.check(Some(&other)).unwrap_err().to_string();
            assert!(refusal.contains(whose), "{refusal}");
            assert!(refusal.contains("api in the environment test of shop"), "{refusal}");
        }
        assert!(service.check(None).is_ok());
    }
}
