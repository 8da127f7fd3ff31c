//! Secrets and parameters that containers start with: there, readable for the execution role, with a usable key. Values are
//! never read.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use super::{Finding, Ground, containers};
use crate::aws::secretsmanager::Described;
use crate::model::container::Secret;
use crate::model::workload::Workload;
use crate::name::{AppName, EnvName};

const CHECK: &str = "secrets";
/// Tags that the execution role's policy asks for, by what they must hold.
const TAGS: [&str; 2] = ["copilot-application", "copilot-environment"];

/// What a secret of the manifest is read from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Reference {
    /// A parameter of the environment's account and region: the names it may have.
    Parameter(Vec<String>),
    /// A secret of Secrets Manager.
    Secret {
        /// Its name or ARN.
        id: String,
        /// The stage or version that is asked for; empty: the current one.
        stage: String,
        version: String,
    },
    /// What can't be looked at from here, and why.
    Elsewhere(String, String),
}

/// Looks at the secrets of all containers.
pub(super) async fn check(ground: &Ground<'_>) -> Vec<Finding> {
    let before: BTreeSet<String> = ground.before.as_ref().map(texts).unwrap_or_default();
    let new = texts(ground.model);
    let references: BTreeSet<Reference> =
        new.difference(&before).map(|text| reference(ground, text)).collect();
    let mut names: Vec<&str> = vec![];
    let mut secrets = vec![];
    let mut found = vec![];
    for reference in &references {
        match reference {
            Reference::Parameter(candidates) => names.extend(candidates.iter().map(String::as_str)),
            Reference::Secret { id, stage, version } => secrets.push((id, stage, version)),
            Reference::Elsewhere(what, why) => found.push(Finding::unknown(CHECK, what, why)),
        }
    }
    let tags = [(TAGS[0], ground.app.as_str()), (TAGS[1], ground.env.as_str())];
    let ssm = ground.manager.ssm();
    let parameters = async {
        if names.is_empty() {
            return (vec![], BTreeSet::new());
        }
        let (known, tagged) = tokio::join!(ssm.described(&names, &[]), ssm.described(&names, &tags));
        let (known, tagged) = match (known, tagged) {
            (Ok(known), Ok(tagged)) => (known, tagged),
            (Err(error), _) | (_, Err(error)) => {
                return (vec![Finding::not_checked(CHECK, "parameters", &error)], BTreeSet::new());
            }
        };
        parameters(ground, &references, &known, &tagged)
    };
    let door = ground.manager.secretsmanager();
    let described = join_all(secrets.iter().map(|(id, ..)| door.described(id)));
    let ((parameters, mut keys), described) = tokio::join!(parameters, described);
    found.extend(parameters);
    for ((id, stage, version), described) in secrets.into_iter().zip(described) {
        match described {
            Ok(described) => {
                let own = described.as_ref().map(|secret| secret.key.clone()).filter(|key| is_own(key));
                keys.extend(own);
                found.push(secret(ground, id, (stage, version), described));
            }
            Err(error) => found.push(Finding::not_checked(CHECK, format!("secret {id}"), &error)),
        }
    }
    found.extend(join_all(keys.iter().map(|key| usable(ground, key))).await);
    found
}

/// What the secrets of a workload are read from, as the manifest says it: `ssm` names, ARNs, `secretsmanager:` and `export:`
/// before the others.
fn texts(workload: &Workload) -> BTreeSet<String> {
    let router = workload.container().and_then(|service| service.log_router.as_ref());
    let routers =
        router.into_iter().flat_map(|router| router.secrets.values().chain(router.secret_options.values()));
    let containers = containers(workload);
    let own = containers.iter().flat_map(|container| container.secrets.values());
    let text = |secret: &Secret| match secret {
        Secret::From(text) => text.clone(),
        Secret::Export(name) => format!("export:{name}"),
        Secret::SecretsManager(name) => format!("secretsmanager:{name}"),
    };
    let credentials = containers.iter().filter_map(|container| container.credentials.clone());
    own.chain(routers).map(text).chain(credentials).collect()
}

fn reference(ground: &Ground<'_>, text: &str) -> Reference {
    if let Some(name) = text.strip_prefix("export:") {
        return match ground.exports.get(name) {
            Some(value) => reference(ground, &value.clone()),
            None => {
                let why = "it is named by the export of another stack".to_owned();
                Reference::Elsewhere(format!("the export {name}"), why)
            }
        };
    }
    if let Some(rest) = text.strip_prefix("secretsmanager:") {
        return of_secret("", rest);
    }
    if !text.starts_with("arn:") {
        return Reference::Parameter(vec![text.to_owned()]);
    }
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let [_, _, service, region, account, resource] = parts[..] else {
        return Reference::Elsewhere(text.to_owned(), "it is no ARN of a secret or parameter".to_owned());
    };
    let own_account = &ground.facts.env.account;
    if region != ground.region || !(own_account.is_empty() || account == own_account) {
        let why = format!("it is in another region or account ({region}, {account})");
        return Reference::Elsewhere(text.to_owned(), why);
    }
    match (service, resource.strip_prefix("secret:"), resource.strip_prefix("parameter")) {
        ("secretsmanager", Some(rest), _) => {
            let head = text.strip_suffix(rest).unwrap_or_default();
            of_secret(head, rest)
        }
        // The ARN of `a` and that of `/a` are the same.
        ("ssm", _, Some(name)) => {
            let bare = name.trim_start_matches('/');
            let both = if bare.contains('/') {
                vec![name.to_owned()]
            } else {
                vec![name.to_owned(), bare.to_owned()]
            };
            Reference::Parameter(both)
        }
        _ => Reference::Elsewhere(text.to_owned(), "it is no ARN of a secret or parameter".to_owned()),
    }
}

/// `name`, `name:key`, `name:key:stage:version`; `head`: what comes before it in an ARN.
fn of_secret(head: &str, rest: &str) -> Reference {
    let mut parts = rest.split(':');
    let name = parts.next().unwrap_or_default();
    let mut rest = parts.skip(1).map(str::to_owned);
    let (stage, version) = (rest.next().unwrap_or_default(), rest.next().unwrap_or_default());
    Reference::Secret { id: format!("{head}{name}"), stage, version }
}

/// What is known of parameters, and the keys to look at.
fn parameters(
    ground: &Ground<'_>,
    references: &BTreeSet<Reference>,
    known: &BTreeMap<String, String>,
    tagged: &BTreeMap<String, String>,
) -> (Vec<Finding>, BTreeSet<String>) {
    let (mut found, mut keys) = (vec![], BTreeSet::new());
    for reference in references {
        let Reference::Parameter(names) = reference else { continue };
        let Some(name) = names.iter().find(|name| known.contains_key(*name)) else {
            let what = format!("parameter {}", names.first().map(String::as_str).unwrap_or_default());
            let detail = format!("there is none of this name in {}", ground.region);
            found.push(Finding::failed(CHECK, what, "parameter_not_found", detail));
            continue;
        };
        keys.extend(known.get(name).filter(|key| is_own(key)).cloned());
        let what = format!("parameter {name}");
        found.push(match tagged.contains_key(name) {
            true => Finding::ok(CHECK, what, "is there, with the tags of the environment"),
            false => untagged(ground, Finding::failed(CHECK, what, "secret_access", lacks(ground.app, ground.env, &TAGS)).advice(format!(
                "Give it the tags: `aws ssm add-tags-to-resource --resource-type Parameter --resource-id {name} --tags Key={},Value={} Key={},Value={}`.",
                TAGS[0], ground.app, TAGS[1], ground.env
            ))),
        });
    }
    (found, keys)
}

/// The user's overrides may let the execution role read what has no tags.
fn untagged(ground: &Ground<'_>, finding: Finding) -> Finding {
    if ground.overridden { finding.mild() } else { finding }
}

fn lacks(app: &AppName, env: &EnvName, missing: &[&str]) -> String {
    let pair = |tag: &&str| match *tag {
        tag if tag == TAGS[0] => format!("{tag}={app}"),
        tag => format!("{tag}={env}"),
    };
    let pairs: Vec<String> = missing.iter().map(pair).collect();
    format!("lacks a tag that the execution role's policy asks for; it needs {}", pairs.join(" and "))
}

fn secret(
    ground: &Ground<'_>,
    id: &str,
    (stage, version): (&str, &str),
    described: Option<Described>,
) -> Finding {
    let what = format!("secret {id}");
    let Some(secret) = described else {
        let detail = format!("there is none of this name in {}", ground.region);
        return Finding::failed(CHECK, what, "secret_not_found", detail);
    };
    if secret.deleted {
        return Finding::failed(
            CHECK,
            what,
            "secret_not_found",
            "is being deleted, and can't be read any more",
        )
        .advice(format!("Bring it back: `aws secretsmanager restore-secret --secret-id {id}`."));
    }
    let stages = || secret.versions.values().flatten();
    if !stages().any(|stage| stage == "AWSCURRENT") {
        return Finding::failed(CHECK, what, "secret_empty", "has no value yet");
    }
    let missing_version = !version.is_empty() && !secret.versions.contains_key(version);
    if missing_version || (!stage.is_empty() && !stages().any(|known| known == stage)) {
        let asked = if missing_version { version } else { stage };
        return Finding::failed(CHECK, what, "secret_key", format!("has no version {asked}"))
            .advice("Correct the version after the secret's name in the manifest's `secrets`.");
    }
    let wanted = [(TAGS[0], ground.app.as_str()), (TAGS[1], ground.env.as_str())];
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|(tag, value)| secret.tags.get(*tag).map(String::as_str) != Some(*value))
        .map(|(tag, _)| *tag)
        .collect();
    if missing.is_empty() {
        return Finding::ok(CHECK, what, "is there, with the tags of the environment");
    }
    let detail = lacks(ground.app, ground.env, &missing);
    untagged(
        ground,
        Finding::failed(CHECK, what, "secret_access", detail).advice(format!(
            "Give it the tags: `aws secretsmanager tag-resource --secret-id {id} --tags Key={},Value={} Key={},Value={}`.",
            TAGS[0], ground.app, TAGS[1], ground.env
        )),
    )
}

/// Whether a key is one of the user's, not AWS's for the service.
fn is_own(key: &str) -> bool {
    !key.is_empty() && !key.contains("alias/aws/")
}

async fn usable(ground: &Ground<'_>, key: &str) -> Finding {
    let what = format!("key {key}");
    match ground.manager.kms().state(key).await {
        Ok(Some(state)) if state == "Enabled" => Finding::ok(CHECK, what, "is enabled"),
        Ok(Some(state)) => Finding::failed(CHECK, what, "kms_refused", format!("is in the state {state}"))
            .advice(format!("Enable it: `aws kms enable-key --key-id {key}`; a key on its way to be deleted first needs `cancel-key-deletion`.")),
        Ok(None) => Finding::failed(CHECK, what, "kms_refused", "does not exist")
            .advice("Encrypt the secret with a key that exists."),
        Err(error) => Finding::not_checked(CHECK, what, &error),
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Bench, lines};
    use super::*;
    use crate::aws::testing;

    const MANIFEST: &str = "name: api\ntype: Backend Service\nimage:\n  location: nginx\nsecrets:\n  A: /shop/a\n  B: /shop/b\n  C: /shop/c\n  \
        D: arn:aws:ssm:eu-west-1:111122223333:parameter/plain\n  E:\n    secretsmanager: 'one:key::'\n  F:\n    secretsmanager: two\n  G:\n    secretsmanager: 'three:::v9'\n  \
        H: arn:aws:ssm:us-east-1:111122223333:parameter/far\n  I:\n    secretsmanager: gone\n  J:\n    from_cfn: other-export\n  K:\n    secretsmanager: empty\n";

    #[tokio::test(flavor = "current_thread")]
    async fn each_secret_has_its_finding() {
        let server = testing::server(|request| {
            let has = |part: &str| request.body.contains(part);
            match request.action.as_str() {
                "DescribeParameters" if has("tag:") => {
                    testing::json(200, r#"{"Parameters": [{"Name": "/shop/a"}, {"Name": "plain"}]}"#)
                }
                "DescribeParameters" => testing::json(
                    200,
                    r#"{"Parameters": [{"Name": "/shop/a", "KeyId": "alias/off"}, {"Name": "/shop/b", "KeyId": "alias/aws/ssm"}, {"Name": "plain"}]}"#,
                ),
                "DescribeSecret" if has("\"one\"") => testing::json(
                    200,
                    r#"{"Tags": [{"Key": "copilot-application", "Value": "shop"}, {"Key": "copilot-environment", "Value": "test"}], "VersionIdsToStages": {"v1": ["AWSCURRENT"]}}"#,
                ),
                "DescribeSecret" if has("two") => testing::json(
                    200,
                    r#"{"Tags": [{"Key": "copilot-application", "Value": "shop"}], "VersionIdsToStages": {"v1": ["AWSCURRENT"]}}"#,
                ),
                "DescribeSecret" if has("three") => {
                    testing::json(200, r#"{"VersionIdsToStages": {"v1": ["AWSCURRENT"]}}"#)
                }
                "DescribeSecret" if has("gone") => testing::json(200, r#"{"DeletedDate": 1}"#),
                "DescribeSecret" => testing::json(200, "{}"),
                "DescribeKey" => testing::json(200, r#"{"KeyMetadata": {"KeyState": "Disabled"}}"#),
                other => panic!("{other}"),
            }
        });
        let bench = Bench::new(MANIFEST);
        let mut ground = bench.ground(&server);
        let found = check(&ground).await;
        insta::assert_snapshot!("secrets", lines(&found));
        // What overrides may allow does not stop a deployment.
        ground.overridden = true;
        let mild = check(&ground).await;
        let failed = |found: &[Finding]| {
            found
                .iter()
                .filter(|one| one.code == "secret_access" && one.outcome == super::super::Outcome::Failed)
                .count()
        };
        assert_eq!((failed(&found), failed(&mild)), (2, 0));
        assert_eq!(server.actions().iter().filter(|action| *action == "DescribeParameters").count(), 4);
    }
}
