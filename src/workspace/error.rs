//! What can be wrong with the user's files.

use std::io;
use std::path::PathBuf;

use crate::name::AppName;

/// Why a file or the workspace can't be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No manifest folder is near.
    #[error("no workspace in {} or the directories above it", start.display())]
    NotFound {
        /// Where the search began.
        start: PathBuf,
    },
    /// The manifest folder says of no application that it belongs to it.
    #[error("{} belongs to no application", folder.display())]
    Unbound {
        /// The manifest folder.
        folder: PathBuf,
    },
    /// The manifest folder belongs to another application than the one asked for.
    #[error("{} belongs to the application {bound}, not to {wanted}", folder.display())]
    OtherApp {
        /// The manifest folder.
        folder: PathBuf,
        /// Whom it belongs to.
        bound: AppName,
        /// Who was asked for.
        wanted: AppName,
    },
    /// A file does not hold what it should.
    #[error("{}: {message}", path.display())]
    BadFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        message: String,
    },
    /// A file or directory is not there.
    #[error("{} does not exist", path.display())]
    Missing {
        /// Where it was expected.
        path: PathBuf,
        /// What it is for, such as `the Dockerfile`; empty when the path says enough.
        purpose: &'static str,
    },
    /// A workload, environment or pipeline has no manifest here.
    #[error("there is no manifest for the {kind} {name}: {} does not exist", path.display())]
    NoManifest {
        /// `service or job`, `environment` or `pipeline`.
        kind: &'static str,
        /// Its name.
        name: String,
        /// Where its manifest would be.
        path: PathBuf,
        /// Names of the same kind that do have a manifest.
        others: Vec<String>,
    },
    /// A folder of overrides from which nothing can be made.
    #[error("{folder} {}", if *empty { "is empty" } else { "holds neither cfn.patches.yml nor cdk.json" })]
    Overrides {
        /// The folder, for messages.
        folder: String,
        /// Whether it holds nothing at all.
        empty: bool,
    },
    /// Overrides are there where new ones were to be written.
    #[error("{folder} is not empty: there are overrides already")]
    OverridesExist {
        /// The folder, for messages.
        folder: String,
    },
    /// The operating system refused.
    #[error("can't {action} {}: {source}", path.display())]
    Io {
        /// `read`, `write`, `list`, `remove` or `create`.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// Its reason.
        source: io::Error,
    },
}

impl Error {
    /// What the user can do, a sentence each.
    #[must_use]
    pub fn next_steps(&self) -> Vec<String> {
        match self {
            Self::NotFound { .. } => vec![
                "Change to a directory of your project, or run `wharf init` to start one here.".to_owned(),
                "To look at something that is deployed, name the application: `--app NAME`.".to_owned(),
            ],
            Self::Unbound { .. } => {
                vec!["Run `wharf app init NAME` to say which application it belongs to.".to_owned()]
            }
            Self::OtherApp { folder, bound, .. } => vec![
                format!("Run the command with `--app {bound}`, or without `--app`."),
                format!(
                    "To move the manifests to another application, remove {} first.",
                    folder.join(super::WORKSPACE_FILE).display()
                ),
            ],
            Self::BadFile { path, .. } if path.ends_with(super::WORKSPACE_FILE) => {
                vec!["The file holds one line: `application: NAME`.".to_owned()]
            }
            Self::BadFile { .. } => vec![],
            Self::Missing { purpose, .. } if !purpose.is_empty() => {
                vec![format!(
                    "It is needed as {purpose}; paths in manifests are relative to the parent of the manifest folder."
                )]
            }
            Self::Missing { .. } => vec![],
            Self::NoManifest { kind, others, .. } if others.is_empty() => {
                vec![format!("There is no {kind} in this workspace yet; `init` makes one.")]
            }
            Self::NoManifest { others, .. } => vec![format!("The workspace has: {}.", others.join(", "))],
            Self::Overrides { .. } => vec![
                "Remove the folder, or write patches or a CDK application with the command `override`."
                    .to_owned(),
            ],
            Self::OverridesExist { .. } => vec!["Change what is there, or remove it first.".to_owned()],
            Self::Io { source, path, .. } => match source.kind() {
                io::ErrorKind::PermissionDenied => {
                    vec![format!("Check who may read and write {}.", path.display())]
                }
                io::ErrorKind::StorageFull => vec!["Free some disk space.".to_owned()],
                _ => vec![],
            },
        }
    }
}
