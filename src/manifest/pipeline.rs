//! The document of a pipeline: where the source comes from, how it is built, what is deployed where in which order.
//!
//! Names are not replaced in it (`${…}` stays as it is), and it has no sections of environments: a pipeline belongs to all
//! of them.

use super::decode::{Any, Decode, Flag, List, Map, OrEmpty, Spanned, Text};
use super::element::element;
use super::scalar::words;
use crate::diagnostic::{Diagnostics, Source as File};
use crate::yaml::node;

/// The one version of the manifest's layout.
pub const VERSION: u64 = 1;

words! {
    /// Who keeps the source.
    pub enum Provider {
        /// GitHub through a connection.
        GitHub = "GitHub",
        /// GitHub with a personal access token in Secrets Manager.
        GitHubV1 = "GitHubV1",
        /// AWS CodeCommit.
        CodeCommit = "CodeCommit",
        /// Bitbucket Cloud through a connection.
        Bitbucket = "Bitbucket",
    }
}

words! {
    /// What the source action hands on.
    pub enum ArtifactFormat {
        /// The files in a zip archive, without git's own.
        Zip = "CODE_ZIP",
        /// A reference that CodeBuild clones, with the history.
        Clone = "CODEBUILD_CLONE_REF",
    }
}

element! {
    /// Where in the provider the source is. Which keys count depends on the provider.
    pub struct Properties {
        /// URL of the repository; `owner/name` for GitHub and Bitbucket, the name for CodeCommit.
        repository: Text = "repository",
        /// The branch whose changes start the pipeline.
        branch: Text = "branch" default "main",
        /// Name of the secret with a personal access token (GitHub without a connection).
        access_token_secret: Text = "access_token_secret",
        /// Name of an existing connection (GitHub, Bitbucket).
        connection_name: Text = "connection_name" default "one is made",
        /// What the source action hands on (not for GitHub with a token).
        output_artifact_format: Spanned<ArtifactFormat> = "output_artifact_format" default "CODE_ZIP",
    }
}

element! {
    /// Where the source comes from.
    pub struct Source {
        /// Who keeps it.
        provider: Spanned<Provider> = "provider",
        /// Where it is there.
        properties: Properties = "properties",
    }
}

element! {
    /// More rights for the build.
    pub struct AdditionalPolicy {
        /// An IAM policy document.
        document: Any = "PolicyDocument",
    }
}

element! {
    /// How templates and images are built.
    pub struct Build {
        /// The image the build runs in.
        image: Text = "image" default "aws/codebuild/amazonlinux2-x86_64-standard:5.0",
        /// Path of the build's commands, from the root of the repository.
        buildspec: Text = "buildspec" default "buildspec.yml beside the manifest",
        /// More rights for the build.
        additional_policy: AdditionalPolicy = "additional_policy",
    }
}

element! {
    /// A stack that is deployed.
    pub struct Deployment {
        /// Name of the stack.
        stack_name: Text = "stack_name" default "<app>-<env>-<name>",
        /// Path of its template in what the build hands on.
        template_path: Text = "template_path" default "infrastructure/<name>-<env>.stack.yml",
        /// Path of its parameters in what the build hands on.
        template_config: Text = "template_config" default "infrastructure/<name>-<env>.params.json",
        /// Deployments of this stage that come before it.
        depends_on: List<Text> = "depends_on",
    }
}

element! {
    /// Commands that run before or after the deployments, in a build project of their own.
    pub struct Action {
        /// Path of its commands, from the root of the repository.
        buildspec: Text = "buildspec",
        /// Actions of the same kind in this stage that come before it.
        depends_on: List<Text> = "depends_on",
    }
}

element! {
    /// A stage: an environment that is deployed to.
    pub struct Stage {
        /// Name of the environment.
        name: Text = "name",
        /// Whether somebody has to approve before anything happens.
        requires_approval: Flag = "requires_approval" default "false",
        /// What is deployed, by name.
        deployments: Map<OrEmpty<Deployment>> = "deployments" default "all services and jobs at once",
        /// What runs before the deployments, by name.
        pre_deployments: Map<OrEmpty<Action>> = "pre_deployments",
        /// What runs after the deployments, by name.
        post_deployments: Map<OrEmpty<Action>> = "post_deployments",
        /// Commands that test what was deployed; an older form of `post_deployments`.
        test_commands: List<Text> = "test_commands",
    }
}

element! {
    /// What a pipeline is.
    pub struct Pipeline {
        /// Its name.
        name: Text = "name",
        /// The version of this layout.
        version: Spanned<u64> = "version",
        /// Where the source comes from.
        source: Source = "source",
        /// How templates and images are built.
        build: Build = "build",
        /// The environments that are deployed to, one after the other.
        stages: List<Stage> = "stages",
    }
}

/// Reads the manifest of a pipeline. A value comes also beside errors: it must not be used then.
#[must_use]
pub fn read(source: &File) -> (Option<Pipeline>, Diagnostics) {
    let mut out = Diagnostics::new();
    match node::parse(&source.text) {
        Ok(root) => {
            let read = Pipeline::decode(&root, root.span, &mut out);
            (read, out)
        }
        Err(error) => {
            out.syntax(error);
            (None, out)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Pipeline, Diagnostics) {
        let (read, out) = read(&File { path: "manifest.yml".to_owned(), text: text.to_owned() });
        (read.unwrap(), out)
    }

    #[test]
    fn a_name_alone_is_a_deployment_with_every_default() {
        let (read, out) =
            read_text("stages:\n- name: test\n  deployments:\n    api:\n    web: {stack_name: x}\n");
        assert!(out.is_empty(), "{:?}", out.items());
        let stage = &read.stages.unwrap().items[0];
        let deployments = &stage.deployments.as_ref().unwrap().entries;
        assert_eq!(deployments.len(), 2);
        assert_eq!(deployments["api"].value.0.stack_name, None);
        assert_eq!(deployments["api"].value.0.span.line, 4);
    }

    #[test]
    fn names_are_not_replaced_and_providers_are_words() {
        let (read, out) = read_text("name: ${NAME}\nsource: {provider: github, properties: {branch: 1.0}}\n");
        assert!(out.is_empty(), "{:?}", out.items());
        assert_eq!(read.name.unwrap().value, "${NAME}");
        let source = read.source.unwrap();
        assert_eq!(source.provider.unwrap().value, Provider::GitHub);
        assert_eq!(source.properties.unwrap().branch.unwrap().value, "1.0");
        let (_, out) = read_text("source: {provider: GitLab, properties: {branches: [a]}}\n");
        assert!(out.has_errors());
        assert_eq!(out.items().len(), 2);
    }
}
