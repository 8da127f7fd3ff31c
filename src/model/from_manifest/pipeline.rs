//! A pipeline as meant, from its manifest.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Check;
use crate::diagnostic::{Diagnostics, Source as File, Span};
use crate::manifest::decode::{Entry, List, Map, OrEmpty, Spanned, Text};
use crate::manifest::pipeline::{self as written, ArtifactFormat, Provider};
use crate::manifest::shape::nearest;
use crate::model::pipeline::{Action, Build, Deployment, Deployments, Origin, Pipeline, Source, Stage};
use crate::model::repository::{Host, Repository};
use crate::name::{AppName, EnvName, PipelineName, alphanumeric};

/// The image builds run in, when nothing is said.
const IMAGE: &str = "aws/codebuild/amazonlinux2-x86_64-standard:5.0";
/// The branch, when nothing is said.
const BRANCH: &str = "main";
/// Longest name of a CodePipeline action.
const MAX_ACTION: usize = 100;
/// Most stages of a pipeline besides source and build.
const MAX_STAGES: usize = 48;

/// A pipeline read from its manifest.
#[derive(Debug, Clone, PartialEq)]
pub struct Read {
    /// The pipeline.
    pub model: Pipeline,
    /// Place of each stage's environment.
    pub stages: Vec<Span>,
}

/// Reads the manifest of a pipeline of `app`. `buildspec` is where the build's commands are when nothing is said. Nothing
/// comes when there is any error; warnings come beside a result. The findings are sorted by place.
#[must_use]
pub fn read(file: &File, app: &AppName, buildspec: &str) -> (Option<Read>, Diagnostics) {
    let (read, mut out) = written::read(file);
    let read = read.and_then(|read| document(&read, app, buildspec, &mut Check::new(&mut out)));
    let read = read.filter(|_| !out.has_errors());
    (read, out.sorted())
}

fn document(
    given: &written::Pipeline,
    app: &AppName,
    buildspec: &str,
    check: &mut Check<'_>,
) -> Option<Read> {
    let name = name(given, app, check);
    match &given.version {
        Some(version) if version.value != written::VERSION => {
            check
                .error(
                    "model/version",
                    version.span,
                    format!("there is no version {} of this layout", version.value),
                )
                .help("write `version: 1`");
        }
        Some(_) => {}
        None => check.missing(given.span, "version", "write `version: 1`"),
    }
    let source = source(given, check);
    let build = build(given.build.as_ref(), buildspec, check);
    let (stages, places) = stages(given, app, check);
    Some(Read { model: Pipeline { name: name?, source: source?, build, stages }, stages: places })
}

fn name(given: &written::Pipeline, app: &AppName, check: &mut Check<'_>) -> Option<PipelineName> {
    let Some(name) = &given.name else {
        check.missing(given.span, "name", "such as `name: main`");
        return None;
    };
    match PipelineName::new(name.value.as_str()) {
        Ok(read) => {
            let rest = 128_usize.saturating_sub(format!("pipeline-{app}-").len());
            if name.value.len() > rest {
                let text = format!("the stack pipeline-{app}-{read} has a name of more than 128 characters");
                check.error("model/name", name.span, text).help(format!("the name has {rest} at most"));
            }
            Some(read)
        }
        Err(error) => {
            check.error("model/name", name.span, error.to_string());
            None
        }
    }
}

fn source(given: &written::Pipeline, check: &mut Check<'_>) -> Option<Source> {
    let Some(source) = &given.source else {
        check.missing(
            given.span,
            "source",
            "it says where the source comes from: `provider` and `properties`",
        );
        return None;
    };
    let properties = source.properties.clone().unwrap_or_default();
    let at = source.properties.as_ref().map_or(source.span, |properties| properties.span);
    let Some(provider) = source.provider else {
        let words = written::Provider::WORDS.join(", ");
        check.missing(source.span, "provider", format!("it is one of {words}"));
        return None;
    };
    let host = match provider.value {
        Provider::GitHub | Provider::GitHubV1 => Host::GitHub,
        Provider::Bitbucket => Host::Bitbucket,
        Provider::CodeCommit => Host::CodeCommit,
    };
    foreign_keys(provider.value, &properties, check);
    let found = repository(host, properties.repository.as_ref(), at, check);
    let branch = check.text(properties.branch.as_ref(), "branch").unwrap_or_else(|| BRANCH.to_owned());
    let format = properties.output_artifact_format.map(|format| format.value);
    let clone = format == Some(ArtifactFormat::Clone);
    let format = format.map(ArtifactFormat::as_str);
    let token = properties.access_token_secret.as_ref();
    let found = found?;
    let origin = match provider.value {
        Provider::CodeCommit => {
            Origin::CodeCommit { repository: found.name, region: found.region, clone, format }
        }
        Provider::GitHubV1 => {
            Origin::Token { owner: found.owner, repository: found.name, secret: secret(token, at, check) }
        }
        // What manifests of the time before connections look like.
        Provider::GitHub if token.is_some() => {
            Origin::Token { owner: found.owner, repository: found.name, secret: secret(token, at, check) }
        }
        Provider::GitHub | Provider::Bitbucket => Origin::Connection {
            provider: host.as_str(),
            owner: found.owner,
            repository: found.name,
            name: check.text(properties.connection_name.as_ref(), "connection_name"),
            clone,
            format,
        },
    };
    Some(Source { branch, origin })
}

/// Reports keys that mean nothing to the provider.
fn foreign_keys(provider: Provider, properties: &written::Properties, check: &mut Check<'_>) {
    let token = provider == Provider::GitHubV1
        || (provider == Provider::GitHub && properties.access_token_secret.is_some());
    let connected = matches!(provider, Provider::GitHub | Provider::Bitbucket) && !token;
    let secret = properties.access_token_secret.as_ref().map(|text| text.span);
    let connection = properties.connection_name.as_ref().map(|text| text.span);
    let format = properties.output_artifact_format.as_ref().map(|format| format.span);
    if let (Some(secret), Some(connection)) = (secret, connection) {
        check.exclusive(("access_token_secret", secret), ("connection_name", connection));
        return;
    }
    let wanted = [
        ("access_token_secret", secret, token),
        ("connection_name", connection, connected),
        ("output_artifact_format", format, !token),
    ];
    for (key, place, fits) in wanted {
        if let (Some(place), false) = (place, fits) {
            let how = if token { "GitHub with a token" } else { provider.as_str() };
            check
                .error("model/source", place, format!("`{key}` means nothing to {how}"))
                .help("remove it, or choose another `provider`");
        }
    }
}

fn repository(host: Host, given: Option<&Text>, at: Span, check: &mut Check<'_>) -> Option<Repository> {
    let example = match host {
        Host::GitHub => "https://github.com/owner/name",
        Host::Bitbucket => "https://bitbucket.org/owner/name",
        Host::CodeCommit => {
            "https://eu-west-1.console.aws.amazon.com/codesuite/codecommit/repositories/name/browse"
        }
    };
    let Some(text) = given else {
        check.missing(at, "repository", format!("such as `repository: {example}`"));
        return None;
    };
    let found = Repository::parse_for(host, &text.value);
    if found.is_none() {
        let other = Repository::parse(&text.value).map(|other| other.host.as_str());
        let help = match other {
            Some(other) => format!("it is one of {other}: write `provider: {other}`"),
            None => format!("write it as `{example}`"),
        };
        check
            .error("model/repository", text.span, format!("this is no repository of {}", host.as_str()))
            .help(help);
    }
    found
}

fn secret(given: Option<&Text>, at: Span, check: &mut Check<'_>) -> String {
    let Some(text) = given else {
        check.missing(
            at,
            "access_token_secret",
            "it names the secret with a personal access token; `provider: GitHub` without it uses a connection",
        );
        return String::new();
    };
    // What Secrets Manager takes in names and ARNs; nothing of it ends CloudFormation's `{{resolve:…}}`.
    let fits = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-:".contains(c);
    if text.value.is_empty() || !text.value.chars().all(fits) {
        check
            .error("model/secret", text.span, "this can't be the name of a secret")
            .help("letters, digits and any of / _ + = . @ -, or an ARN");
    }
    text.value.clone()
}

fn build(given: Option<&written::Build>, buildspec: &str, check: &mut Check<'_>) -> Build {
    let given = given.cloned().unwrap_or_default();
    let policy = given.additional_policy.and_then(|policy| {
        let Some(document) = policy.document else {
            check.missing(policy.span, "PolicyDocument", "it is an IAM policy document with a `Statement`");
            return None;
        };
        if !document.value["Statement"].is_array() && !document.value["Statement"].is_object() {
            check
                .error("model/policy", document.span, "this is no IAM policy document")
                .help("it has a `Version` and a `Statement`");
        }
        Some(with_version(document.value))
    });
    Build {
        image: check.text(given.image.as_ref(), "image").unwrap_or_else(|| IMAGE.to_owned()),
        buildspec: check.text(given.buildspec.as_ref(), "buildspec").unwrap_or_else(|| buildspec.to_owned()),
        policy,
    }
}

/// YAML reads an unquoted `2012-10-17` as what it likes; IAM takes the text.
fn with_version(mut document: Value) -> Value {
    if let Some(map) = document.as_object_mut()
        && !map.get("Version").is_some_and(Value::is_string)
    {
        map.insert("Version".to_owned(), Value::from("2012-10-17"));
    }
    document
}

fn stages(given: &written::Pipeline, app: &AppName, check: &mut Check<'_>) -> (Vec<Stage>, Vec<Span>) {
    let items = given.stages.as_ref().map(|stages| stages.items.as_slice()).unwrap_or_default();
    let at = given.stages.as_ref().map_or(given.span, |stages| stages.span);
    if items.is_empty() {
        check.missing(at, "stages", "it names the environments that are deployed to: `- name: test`");
    }
    if items.len() > MAX_STAGES {
        check.error("model/stages", at, format!("a pipeline has {MAX_STAGES} stages at most"));
    }
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let (mut stages, mut places) = (vec![], vec![]);
    for stage in items {
        let Some(name) = &stage.name else {
            check.missing(stage.span, "name", "it is the name of an environment");
            continue;
        };
        let env = match EnvName::new(name.value.as_str()) {
            Ok(env) => env,
            Err(error) => {
                check.error("model/name", name.span, error.to_string());
                continue;
            }
        };
        // Environments whose names differ in hyphens only would share the logical ids of their projects.
        if let Some(first) = seen.insert(alphanumeric(env.as_str()), name.span) {
            check
                .error("model/stage-twice", name.span, format!("{env} has a stage already"))
                .other(first, "its first stage")
                .help("a stage holds everything that is deployed to an environment");
        }
        stages.push(one_stage(stage, app, env, check));
        places.push(name.span);
    }
    (stages, places)
}

fn one_stage(stage: &written::Stage, app: &AppName, env: EnvName, check: &mut Check<'_>) -> Stage {
    let commands: Vec<String> =
        stage.test_commands.iter().flat_map(|list| &list.items).map(|text| text.value.clone()).collect();
    if let (Some(commands), Some(after)) = (&stage.test_commands, &stage.post_deployments) {
        check.exclusive(("post_deployments", after.span), ("test_commands", commands.span));
    }
    let deployments = stage.deployments.as_ref().filter(|map| !map.entries.is_empty());
    Stage {
        requires_approval: stage.requires_approval.is_some_and(|flag| flag.value),
        before: actions(stage.pre_deployments.as_ref(), "pre_deployments", check),
        deployments: deployments
            .map_or(Deployments::Everything, |map| Deployments::These(listed(map, app, &env, check))),
        after: actions(stage.post_deployments.as_ref(), "post_deployments", check),
        test_commands: commands,
        env,
    }
}

fn listed(
    map: &Map<OrEmpty<written::Deployment>>,
    app: &AppName,
    env: &EnvName,
    check: &mut Check<'_>,
) -> Vec<Deployment> {
    let ranks = ranks(map, "deployments", |deployment| deployment.depends_on.as_ref(), check);
    let own = format!("{app}-{env}");
    map.entries
        .iter()
        .map(|(name, Entry { key, value: OrEmpty(given) })| {
            action_name(&format!("CreateOrUpdate-{name}-{env}"), *key, check);
            let stack = check.text(given.stack_name.as_ref(), "stack_name");
            let fits = |c: char| c.is_ascii_alphanumeric() || c == '-';
            if let (Some(place), Some(stack)) = (&given.stack_name, &stack)
                && (!stack.starts_with(|c: char| c.is_ascii_alphabetic()) || !stack.chars().all(fits))
            {
                check
                    .error("model/stack-name", place.span, format!("{stack:?} can't be the name of a stack"))
                    .help("letters, digits and hyphens, a letter first");
            } else if let (Some(place), Some(stack)) = (&given.stack_name, &stack)
                && *stack != own
                && !stack.starts_with(&format!("{own}-"))
            {
                check
                    .warn("model/stack-name", place.span, format!("{stack} is no name of a stack in {env}"))
                    .help(format!(
                        "the role of the environment may change stacks called {own} or {own}-… only"
                    ));
            }
            Deployment {
                name: name.clone(),
                stack,
                template: check.text(given.template_path.as_ref(), "template_path"),
                parameters: check.text(given.template_config.as_ref(), "template_config"),
                rank: ranks.get(name.as_str()).copied().unwrap_or(0),
            }
        })
        .collect()
}

fn actions(map: Option<&Map<OrEmpty<written::Action>>>, key: &str, check: &mut Check<'_>) -> Vec<Action> {
    let Some(map) = map else { return vec![] };
    let ranks = ranks(map, key, |action| action.depends_on.as_ref(), check);
    let mut seen: BTreeMap<String, Span> = BTreeMap::new();
    let mut actions = vec![];
    for (name, Entry { key, value: OrEmpty(given) }) in &map.entries {
        action_name(name, *key, check);
        if let Some(first) = seen.insert(alphanumeric(name), *key) {
            let text = "two names differ in nothing but signs: their projects would be the same";
            check.error("model/name", *key, text).other(first, "the other one");
        }
        let buildspec = check.text(given.buildspec.as_ref(), "buildspec");
        if given.buildspec.is_none() {
            check.missing(
                given.span,
                "buildspec",
                "it is the path of the commands, from the root of the repository",
            );
        }
        let rank = ranks.get(name.as_str()).copied().unwrap_or(0);
        actions.push(Action { name: name.clone(), buildspec: buildspec.unwrap_or_default(), rank });
    }
    actions
}

/// Checks what becomes the name of a CodePipeline action.
fn action_name(name: &str, at: Span, check: &mut Check<'_>) {
    let fits = |c: char| c.is_ascii_alphanumeric() || ".@-_".contains(c);
    if name.is_empty() || name.len() > MAX_ACTION || !name.chars().all(fits) {
        let text = format!("{name:?} can't be the name of an action");
        check
            .error("model/name", at, text)
            .help(format!("1 to {MAX_ACTION} letters, digits and any of . @ - _"));
    }
}

/// For each entry the number of entries that come before it, one after the other.
fn ranks<'a, T>(
    map: &'a Map<OrEmpty<T>>,
    key: &str,
    depends_on: impl Fn(&T) -> Option<&List<Text>>,
    check: &mut Check<'_>,
) -> BTreeMap<&'a str, u32> {
    let mut waiting: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (name, Entry { value: OrEmpty(given), .. }) in &map.entries {
        let mut wanted = BTreeSet::new();
        for text in depends_on(given).into_iter().flat_map(|list| &list.items) {
            match map.entries.get_key_value(&text.value) {
                Some((sibling, _)) => drop(wanted.insert(sibling.as_str())),
                None => unknown_sibling(text, key, map.entries.keys().map(String::as_str), check),
            }
        }
        waiting.insert(name, wanted);
    }
    let mut ranks = BTreeMap::new();
    for rank in 0.. {
        let ready: Vec<&str> = waiting
            .iter()
            .filter(|(_, wanted)| wanted.iter().all(|name| ranks.contains_key(name)))
            .map(|(name, _)| *name)
            .collect();
        if ready.is_empty() {
            break;
        }
        for name in ready {
            waiting.remove(name);
            ranks.insert(name, rank);
        }
    }
    if let Some(name) = waiting.keys().next() {
        let names: Vec<&str> = waiting.keys().copied().collect();
        let at = map.entries.get(*name).map_or(map.span, |entry| entry.key);
        check
            .error("model/cycle", at, format!("these `{key}` wait for each other: {}", names.join(", ")))
            .help("remove one `depends_on`");
    }
    ranks
}

fn unknown_sibling<'a>(
    text: &Spanned<String>,
    key: &str,
    known: impl Iterator<Item = &'a str> + Clone,
    check: &mut Check<'_>,
) {
    let message = format!("there is no {:?} among the `{key}` of this stage", text.value);
    let help = match nearest(&text.value, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("there are {}", known.collect::<Vec<_>>().join(", ")),
    };
    check.error("model/depends-on", text.span, message).help(help);
}
