//! Names of applications, environments, workloads and pipelines.
//!
//! A name can only be built valid: what holds one never has to check it again, and it is safe to place in stack names,
//! paths and host names.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Shortest length of a name, in characters.
pub const MIN_LEN: usize = 2;
/// Longest length of a name, in characters.
pub const MAX_LEN: usize = 255;
/// Longest name of a pipeline, in characters.
pub const MAX_PIPELINE_LEN: usize = 100;
/// Directories below the manifest folder that are not workloads.
pub const RESERVED: [&str; 2] = ["environments", "pipelines"];

/// Why a text is not a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// The text has fewer than [`MIN_LEN`] or more than [`MAX_LEN`] characters.
    #[error("a name has {MIN_LEN} to {MAX_LEN} characters, this one has {0}")]
    Length(usize),
    /// The first character is no lower-case letter.
    #[error("a name starts with a lower-case letter, not with {0:?}")]
    Start(char),
    /// A character is none of `a-z`, `0-9`, `-`.
    #[error("a name holds lower-case letters, digits and hyphens only, not {0:?}")]
    Character(char),
    /// Two hyphens in a row, or one at the end.
    #[error("a name has no double and no trailing hyphen")]
    Hyphens,
    /// The word is used for a folder of another kind.
    #[error("{0:?} is a folder of the workspace and can't name a service or job")]
    Reserved(String),
    /// The text is no name of a pipeline, which becomes a part of a stack's name.
    #[error(
        "a pipeline's name has 1 to {MAX_PIPELINE_LEN} letters, digits and hyphens and starts with a letter"
    )]
    Pipeline,
}

fn check(text: &str) -> Result<(), InvalidName> {
    let length = text.chars().count();
    if !(MIN_LEN..=MAX_LEN).contains(&length) {
        return Err(InvalidName::Length(length));
    }
    if let Some(first) = text.chars().next().filter(|c| !c.is_ascii_lowercase()) {
        return Err(InvalidName::Start(first));
    }
    if let Some(other) = text.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-')) {
        return Err(InvalidName::Character(other));
    }
    if text.ends_with('-') || text.contains("--") {
        return Err(InvalidName::Hyphens);
    }
    Ok(())
}

fn check_pipeline(text: &str) -> Result<(), InvalidName> {
    let fits = (1..=MAX_PIPELINE_LEN).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if fits { Ok(()) } else { Err(InvalidName::Pipeline) }
}

macro_rules! name {
    ($(#[$doc:meta])* $ty:ident, $rules:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $ty(String);

        impl $ty {
            /// Builds the name from `text`.
            ///
            /// # Errors
            /// [`InvalidName`] when the text breaks a rule of names.
            pub fn new(text: impl Into<String>) -> Result<Self, InvalidName> {
                let text = text.into();
                let rules: fn(&str) -> Result<(), InvalidName> = $rules;
                rules(&text)?;
                Ok(Self(text))
            }

            /// The name as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $ty {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl AsRef<str> for $ty {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $ty {
            type Err = InvalidName;

            fn from_str(text: &str) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $ty {
            type Error = InvalidName;

            fn try_from(text: String) -> Result<Self, InvalidName> {
                Self::new(text)
            }
        }

        impl From<$ty> for String {
            fn from(name: $ty) -> String {
                name.0
            }
        }
    };
}

name!(
    /// The name of an application: a set of services and environments under one record.
    AppName,
    check
);
name!(
    /// The name of an environment: the place where services run, such as `test` or `prod`.
    EnvName,
    check
);
name!(
    /// The name of a service or job; also the name of its folder in the workspace.
    WorkloadName,
    |text| if RESERVED.contains(&text) { Err(InvalidName::Reserved(text.to_owned())) } else { check(text) }
);
name!(
    /// The name of a pipeline: what its manifest says. Early versions of Copilot took over names of repositories, so
    /// capital letters are allowed.
    PipelineName,
    check_pipeline
);

/// `text` without every character that a CloudFormation logical id can't hold (all but `a-z`, `A-Z`, `0-9`).
#[must_use]
pub fn alphanumeric(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

/// `text` as part of a logical id of the application's regional stack: each `-` becomes the word `DASH`.
#[must_use]
pub fn dashed(text: &str) -> String {
    text.replace('-', "DASH")
}

/// Reverses [`dashed`].
#[must_use]
pub fn undashed(text: &str) -> String {
    text.replace("DASH", "-")
}

/// Whether `tag` can name an image: 1 to 128 characters of `A-Z`, `a-z`, `0-9`, `_`, `.`, `-`, not starting with `.` or `-`
/// (OCI distribution specification).
#[must_use]
pub fn is_image_tag(tag: &str) -> bool {
    (1..=128).contains(&tag.len())
        && !tag.starts_with(['.', '-'])
        && tag.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_tags_have_rules() {
        for (tag, good) in [("v1.2_3-x", true), ("", false), (".x", false), ("-x", false), ("a/b", false)] {
            assert_eq!(is_image_tag(tag), good, "{tag:?}");
        }
        assert!(is_image_tag(&"a".repeat(128)) && !is_image_tag(&"a".repeat(129)));
    }

    #[test]
    fn accepts_what_the_convention_allows() {
        for text in ["ab", "api", "my-service-2", &"a".repeat(255)] {
            assert_eq!(AppName::new(text).map(String::from), Ok(text.to_owned()));
        }
    }

    #[test]
    fn says_which_rule_is_broken() {
        for (text, want) in [
            ("a", InvalidName::Length(1)),
            ("Api", InvalidName::Start('A')),
            ("1api", InvalidName::Start('1')),
            ("a_b", InvalidName::Character('_')),
            ("a/../b", InvalidName::Character('/')),
            ("a--b", InvalidName::Hyphens),
            ("api-", InvalidName::Hyphens),
        ] {
            assert_eq!(EnvName::new(text), Err(want), "{text}");
        }
        assert_eq!(WorkloadName::new("pipelines"), Err(InvalidName::Reserved("pipelines".into())));
        for text in ["", "1a", "a_b", "a/b", &"a".repeat(101)] {
            assert_eq!(PipelineName::new(text), Err(InvalidName::Pipeline), "{text}");
        }
        assert!(PipelineName::new("My-Repo-main").is_ok());
    }

    #[test]
    fn logical_id_parts_reverse() {
        assert_eq!(dashed("my-svc"), "myDASHsvc");
        assert_eq!(undashed("myDASHsvc"), "my-svc");
        assert_eq!(alphanumeric("my-topic_1.fifo"), "mytopic1fifo");
    }
}
