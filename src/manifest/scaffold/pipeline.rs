//! The files of a new pipeline: its manifest, the commands of its build, and workflows for other places that build.

use super::{Document, scalar};
use crate::name::{AppName, EnvName, PipelineName};

/// What a pipeline deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Services and jobs.
    Workloads,
    /// The environments themselves.
    Environments,
}

/// What is known of a new pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// Its application.
    pub app: AppName,
    /// Its name.
    pub name: PipelineName,
    /// What it deploys.
    pub kind: Kind,
    /// The branch it watches.
    pub branch: String,
    /// The environments it deploys to, in order.
    pub environments: Vec<EnvName>,
}

/// Where a new pipeline's source is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Who keeps it, as the manifest writes it.
    pub provider: &'static str,
    /// Address of the repository.
    pub repository: String,
    /// Name of the secret with the token that reads it; absent: it has a connection.
    pub secret: Option<String>,
    /// Whether the host has connections: all but CodeCommit.
    pub connected: bool,
}

/// The manifest of a new pipeline.
#[must_use]
pub fn manifest(pipeline: &Pipeline, source: &Source) -> String {
    let mut document = Document(String::new());
    document.schema("pipeline");
    document.line(&format!("# The manifest of the pipeline {}.", pipeline.name));
    document.line("");
    document.line(&format!("name: {}", scalar(pipeline.name.as_str())));
    document.line("version: 1   # Of the layout of this file.");
    document.line("");
    document.line("# A change of this branch starts the pipeline.");
    document.line("source:");
    document.line(&format!("  provider: {}   # GitHub, Bitbucket or CodeCommit.", source.provider));
    document.line("  properties:");
    document.line(&format!("    branch: {}", scalar(&pipeline.branch)));
    document.line(&format!("    repository: {}", scalar(&source.repository)));
    match &source.secret {
        Some(secret) => {
            document.line("    # The secret with the token that reads the repository.");
            document.line(&format!("    access_token_secret: {}", scalar(secret)));
        }
        None if source.connected => {
            document.line("    # A connection that exists already; without it one is made.");
            document.line("    # connection_name: my-connection");
        }
        None => {}
    }
    document.line("");
    document.line("# The environments that are deployed to, one after the other.");
    document.line("stages:");
    for env in &pipeline.environments {
        document.line(&format!("  - name: {}", scalar(env.as_str())));
        if pipeline.kind == Kind::Environments {
            document.line("    deployments:");
            document.line("      deploy-env:");
            document.line(&format!("        stack_name: {}-{env}", pipeline.app));
            document.line(&format!("        template_path: infrastructure/{env}.env.yml"));
            document.line(&format!("        template_config: infrastructure/{env}.env.params.json"));
        }
        document.lines(
            "    # Whether somebody has to approve first.\n\
             \x20   # requires_approval: true\n\
             \x20   # Commands that run after the deployments, such as tests.\n\
             \x20   # post_deployments:\n\
             \x20   #   tests:\n\
             \x20   #     buildspec: tests/buildspec.yml",
        );
    }
    document.0
}

/// How a machine gets wharf: shell commands that read `WHARF_DOWNLOAD`.
const INSTALL: &str = r#"case "$WHARF_DOWNLOAD" in
  s3://*) aws s3 cp --only-show-errors "$WHARF_DOWNLOAD" /tmp/wharf ;;
  https://*) curl --fail --silent --show-error --location --output /tmp/wharf "$WHARF_DOWNLOAD" ;;
  *) echo "WHARF_DOWNLOAD is no address: say where wharf is, https://... or s3://..." >&2; exit 1 ;;
esac
chmod +x /tmp/wharf"#;

/// The commands of a pipeline's build: they write templates and parameters to `infrastructure/`, where the stages look for
/// them, and push images.
#[must_use]
pub fn buildspec(pipeline: &Pipeline) -> String {
    let mut document = Document(String::new());
    document.line(&format!("# The build of the pipeline {}: CodeBuild runs these commands.", pipeline.name));
    document.lines(
        "version: 0.2\n\
         env:\n\
         \x20 variables:\n\
         \x20   # Where wharf is, the program for Linux: an https:// address, or an s3:// one that the build may read, such as\n\
         \x20   # one in the application's artifact bucket.\n\
         \x20   WHARF_DOWNLOAD: \"\"\n\
         \x20   CI: \"true\"\n\
         phases:\n\
         \x20 install:\n\
         \x20   commands:\n\
         \x20     - |",
    );
    indented(&mut document, 8, INSTALL);
    document.lines("  build:\n    commands:\n      # Tests of the source have their place here.\n      - |");
    let stages = format!(
        "stages=$(/tmp/wharf pipeline ls --local --json | jq -r '.pipelines[] | select(.name == \"{}\") | .stages[]')",
        pipeline.name
    );
    let package = match pipeline.kind {
        Kind::Workloads => {
            "services=$(/tmp/wharf svc ls --local --json | jq -r '.services[].name')\n\
             jobs=$(/tmp/wharf job ls --local --json | jq -r '.jobs[].name')\n\
             for env in $stages; do\n\
             \x20 for name in $services; do\n\
             \x20   /tmp/wharf svc package --name \"$name\" --env \"$env\" --output-dir infrastructure --upload-assets\n\
             \x20 done\n\
             \x20 for name in $jobs; do\n\
             \x20   /tmp/wharf job package --name \"$name\" --env \"$env\" --output-dir infrastructure --upload-assets\n\
             \x20 done\n\
             done"
        }
        Kind::Environments => {
            "for env in $stages; do\n\
             \x20 /tmp/wharf env package --name \"$env\" --output-dir infrastructure --upload-assets --force\n\
             done"
        }
    };
    indented(&mut document, 8, &format!("set -e\n{stages}\n{package}"));
    document.lines("artifacts:\n  files:\n    - infrastructure/*");
    document.0
}

fn indented(document: &mut Document, by: usize, text: &str) {
    for line in text.lines() {
        document.line(&format!("{:by$}{line}", ""));
    }
}

/// The commands that deploy to an environment.
fn deploy(kind: Kind, env: &EnvName) -> String {
    match kind {
        Kind::Workloads => format!("/tmp/wharf deploy --all --env {env} --init-wkld --deploy-env=false"),
        Kind::Environments => format!("/tmp/wharf env deploy --name {env}"),
    }
}

/// A workflow of GitHub Actions that deploys to one environment after the other, in the region of the application.
#[must_use]
pub fn github(pipeline: &Pipeline, region: &str) -> String {
    let mut document = Document(String::new());
    document.lines(&format!(
        "# Deploys {} when {} changes. The repository's variables say how:\n\
         #   WHARF_ROLE_ARN   a role of AWS that trusts GitHub's OpenID Connect provider for this repository\n\
         #   WHARF_DOWNLOAD   the https:// or s3:// address of wharf, the program for Linux",
        pipeline.app, pipeline.branch
    ));
    document.line(&format!("name: {}", scalar(pipeline.name.as_str())));
    document.line("on:\n  push:\n    branches:");
    document.line(&format!("      - {}", scalar(&pipeline.branch)));
    document.lines("permissions:\n  contents: read\n  id-token: write   # For the role.");
    document.line("concurrency:");
    document.line(&format!("  group: {}", scalar(pipeline.name.as_str())));
    document.line("  cancel-in-progress: false   # A deployment is not broken off.");
    document.line("jobs:");
    let mut before: Option<&EnvName> = None;
    for env in &pipeline.environments {
        document.line(&format!("  {}:", scalar(env.as_str())));
        if let Some(before) = before {
            document.line(&format!("    needs: {}", scalar(before.as_str())));
        }
        document.lines(&format!(
            "    runs-on: ubuntu-latest\n\
             \x20   environment: {}   # GitHub's own: reviewers and variables.\n\
             \x20   env:\n\
             \x20     CI: \"true\"\n\
             \x20     WHARF_DOWNLOAD: ${{{{ vars.WHARF_DOWNLOAD }}}}\n\
             \x20   steps:\n\
             \x20     - uses: actions/checkout@v4\n\
             \x20     - uses: aws-actions/configure-aws-credentials@v4\n\
             \x20       with:\n\
             \x20         role-to-assume: ${{{{ vars.WHARF_ROLE_ARN }}}}\n\
             \x20         aws-region: {}\n\
             \x20     - name: Install wharf\n\
             \x20       run: |",
            scalar(env.as_str()),
            scalar(region)
        ));
        indented(&mut document, 10, INSTALL);
        document.line(&format!("      - run: {}", deploy(pipeline.kind, env)));
        before = Some(env);
    }
    document.0
}

/// A pipeline of GitLab that deploys to one environment after the other, in the region of the application.
#[must_use]
pub fn gitlab(pipeline: &Pipeline, region: &str) -> String {
    let mut document = Document(String::new());
    document.lines(&format!(
        "# Deploys {} when {} changes. Variables of the project say how:\n\
         #   AWS_ROLE_ARN     a role of AWS that trusts GitLab's OpenID Connect provider for this project\n\
         #   WHARF_DOWNLOAD   the https:// address of wharf, the program for Linux",
        pipeline.app, pipeline.branch
    ));
    document.line("stages:");
    for env in &pipeline.environments {
        document.line(&format!("  - {}", scalar(env.as_str())));
    }
    document.lines(&format!(
        ".deploy:\n\
         \x20 image: docker:28\n\
         \x20 services:\n\
         \x20   - docker:28-dind\n\
         \x20 id_tokens:\n\
         \x20   WHARF_ID_TOKEN:\n\
         \x20     aud: sts.amazonaws.com\n\
         \x20 variables:\n\
         \x20   AWS_REGION: {}\n\
         \x20   AWS_ROLE_SESSION_NAME: gitlab-$CI_PIPELINE_ID\n\
         \x20   # Not in the project's folder: images are built from that.\n\
         \x20   AWS_WEB_IDENTITY_TOKEN_FILE: /tmp/wharf-token\n\
         \x20 rules:",
        scalar(region)
    ));
    let condition = format!("$CI_COMMIT_BRANCH == {}", scalar_quoted(&pipeline.branch));
    document.line(&format!("    - if: {}", scalar_quoted(&condition)));
    document.lines(
        "  before_script:\n\
         \x20   - apk add --no-cache curl git\n\
         \x20   - (umask 077; printf %s \"$WHARF_ID_TOKEN\" > \"$AWS_WEB_IDENTITY_TOKEN_FILE\")\n\
         \x20   - |",
    );
    indented(&mut document, 6, INSTALL);
    for env in &pipeline.environments {
        document.lines(&format!(
            "{}:\n\
             \x20 extends: .deploy\n\
             \x20 stage: {}\n\
             \x20 environment: {}\n\
             \x20 resource_group: {}   # One deployment at a time.\n\
             \x20 script:\n\
             \x20   - {}",
            scalar(&format!("deploy-{env}")),
            scalar(env.as_str()),
            scalar(env.as_str()),
            scalar(env.as_str()),
            deploy(pipeline.kind, env)
        ));
    }
    document.0
}

/// A text in double quotes.
fn scalar_quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
