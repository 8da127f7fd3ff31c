//! Commit, branch and remote of the project. A project without git is as good as any: every answer may be none.

use std::path::{Path, PathBuf};

use super::process::Invocation;
use crate::name::is_image_tag;

/// What git says of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Git {
    /// Name of the commit that images are tagged with: `git describe --always`, or the short hash where that can't be a
    /// tag. None with uncommitted or untracked files: the name would lie.
    pub tag: Option<String>,
    /// The branch; none when a commit is checked out by itself.
    pub branch: Option<String>,
    /// URL of the remote `origin`, or of the only other one, without user name and password.
    pub remote: Option<String>,
    /// Whether something is not committed.
    pub dirty: bool,
}

/// Asks git about `directory`. No git, no repository, no commit: the answers are none.
pub async fn inspect(directory: &Path) -> Git {
    let Some(status) = git(directory, &["status", "--porcelain"]).await else { return Git::default() };
    let dirty = !status.is_empty();
    let tag = if dirty { None } else { commit(directory).await };
    let branch = git(directory, &["symbolic-ref", "--quiet", "--short", "HEAD"]).await.and_then(not_empty);
    Git { tag, branch, remote: remote(directory).await, dirty }
}

/// Why it can't be said what changed since a revision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Since {
    /// There is no git, or no repository.
    #[error("{directory} is in no git repository, so nobody can tell what changed since {revision}")]
    NoRepository {
        /// Where it was looked for.
        directory: String,
        /// The revision asked for.
        revision: String,
    },
    /// The repository does not know the revision.
    #[error(
        "git knows no revision {revision} here{}",
        if *shallow { ": this is a shallow clone, which has only the newest commits" } else { "" }
    )]
    Unknown {
        /// The revision asked for.
        revision: String,
        /// Whether the clone has a part of the history only.
        shallow: bool,
    },
    /// git could not compare.
    #[error("git can't tell what changed since {0}")]
    Failed(String),
}

impl Since {
    /// What the user can do.
    #[must_use]
    pub fn next_steps(&self) -> Vec<String> {
        let text = match self {
            Self::NoRepository { .. } => {
                "Leave out `--since`, or give `--all`, which compares with what is deployed."
            }
            Self::Unknown { shallow: true, .. } => {
                "Clone the history as well: `fetch-depth: 0` for actions/checkout, `GIT_DEPTH: 0` for GitLab, or `git fetch --unshallow`."
            }
            Self::Unknown { .. } => {
                "Give a commit, tag or branch that was fetched, such as `origin/main` or `HEAD~1`."
            }
            Self::Failed(_) => "Run `git status` to see what is wrong with the repository.",
        };
        vec![text.to_owned()]
    }
}

/// Files that differ between a revision and the working tree of the repository that `directory` lies in, and untracked files
/// that are not ignored: below `directory` joined with the way to the repository's root, `..` included.
///
/// # Errors
/// No repository, an unknown revision.
pub async fn changed_since(directory: &Path, revision: &str) -> Result<Vec<PathBuf>, Since> {
    let Some(up) = git(directory, &["rev-parse", "--show-cdup"]).await else {
        let directory = directory.display().to_string();
        return Err(Since::NoRepository { directory, revision: revision.to_owned() });
    };
    let wanted = format!("{revision}^{{commit}}");
    // What begins with a hyphen would be an option.
    let known = match revision.starts_with('-') {
        true => None,
        false => git(directory, &["rev-parse", "--verify", "--quiet", &wanted]).await.and_then(not_empty),
    };
    let Some(commit) = known else {
        let shallow = git(directory, &["rev-parse", "--is-shallow-repository"]).await;
        let shallow = shallow.as_deref() == Some("true");
        return Err(Since::Unknown { revision: revision.to_owned(), shallow });
    };
    let failed = || Since::Failed(revision.to_owned());
    let root = directory.join(up);
    let diff = ["diff", "--name-only", "--no-renames", "--no-relative", "-z", &commit, "--"];
    let mut names = exact(directory, &diff).await.ok_or_else(failed)?;
    let others = ["ls-files", "--others", "--exclude-standard", "-z"];
    names.push_str(&exact(&root, &others).await.ok_or_else(failed)?);
    Ok(names.split('\0').filter(|name| !name.is_empty()).map(|name| root.join(name)).collect())
}

async fn commit(directory: &Path) -> Option<String> {
    let described = git(directory, &["describe", "--always"]).await.and_then(not_empty)?;
    if is_image_tag(&described) {
        return Some(described);
    }
    // A git tag such as `release/1.0` can't be an image tag.
    git(directory, &["rev-parse", "--short", "HEAD"]).await.and_then(not_empty)
}

async fn remote(directory: &Path) -> Option<String> {
    let names = git(directory, &["remote"]).await?;
    let names: Vec<&str> = names.lines().collect();
    let name = match names.as_slice() {
        [only] => *only,
        names if names.contains(&"origin") => "origin",
        _ => return None,
    };
    git(directory, &["remote", "get-url", name])
        .await
        .and_then(not_empty)
        .map(|url| without_credentials(&url))
}

/// URLs of all remotes of `directory`, without user names and passwords, in git's order.
pub async fn remotes(directory: &Path) -> Vec<String> {
    let names = git(directory, &["remote"]).await.unwrap_or_default();
    let mut urls = vec![];
    for name in names.lines() {
        let url = git(directory, &["remote", "get-url", name]).await.and_then(not_empty);
        urls.extend(url.map(|url| without_credentials(&url)));
    }
    urls
}

/// `https://user:token@host/path` as `https://host/path`; `git@host:path` stays, its user is no secret.
fn without_credentials(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => {
            let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = host.rsplit('@').next().unwrap_or(host);
            format!("{scheme}://{host}{path}")
        }
        None => url.to_owned(),
    }
}

/// Trimmed standard output of a git command that succeeded.
async fn git(directory: &Path, arguments: &[&str]) -> Option<String> {
    let finished = invocation(directory, arguments).run(&mut |_| {}).await.ok()?;
    finished.success().then(|| finished.standard.trim().to_owned())
}

/// The same as it is, of any length.
async fn exact(directory: &Path, arguments: &[&str]) -> Option<String> {
    let finished = invocation(directory, arguments).exact().run(&mut |_| {}).await.ok()?;
    finished.success().then_some(finished.standard)
}

fn invocation(directory: &Path, arguments: &[&str]) -> Invocation {
    Invocation::new("git")
        .args(arguments.iter().copied())
        .directory(directory)
        // Looking must not write: `git status` would refresh the index.
        .variable("GIT_OPTIONAL_LOCKS", "0")
        .variable("LC_ALL", "C")
}

fn not_empty(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn run(directory: &Path, script: &str) {
        let config = [("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_CONFIG_SYSTEM", "/dev/null")];
        let mut invocation = Invocation::new("/bin/sh").arg("-ec").arg(script).directory(directory);
        for (name, value) in config {
            invocation = invocation.variable(name, value);
        }
        for role in ["AUTHOR", "COMMITTER"] {
            invocation = invocation
                .variable(&format!("GIT_{role}_NAME"), "t")
                .variable(&format!("GIT_{role}_EMAIL"), "t@example.com");
        }
        let finished = invocation.run(&mut |_| {}).await.unwrap();
        assert!(finished.success(), "{}", finished.output);
    }

    #[tokio::test]
    async fn a_clean_commit_has_a_tag_and_a_dirty_one_none() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(inspect(dir.path()).await, Git::default());
        run(dir.path(), "git init -q -b main; git remote add up https://u:p@example.com/x.git").await;
        run(dir.path(), "echo a > a; git add a; git commit -q -m a").await;
        let clean = inspect(dir.path()).await;
        assert_eq!(clean.branch.as_deref(), Some("main"));
        assert_eq!(clean.remote.as_deref(), Some("https://example.com/x.git"));
        assert_eq!(remotes(dir.path()).await, ["https://example.com/x.git"]);
        let tag = clean.tag.unwrap();
        assert!(tag.len() >= 7 && tag.chars().all(|c| c.is_ascii_hexdigit()), "{tag}");
        run(dir.path(), "git tag -a -m x v1.2; echo b > b").await;
        let dirty = inspect(dir.path()).await;
        assert_eq!((dirty.tag, dirty.dirty), (None, true));
        run(dir.path(), "rm b").await;
        assert_eq!(inspect(dir.path()).await.tag.as_deref(), Some("v1.2"));
        run(dir.path(), "git tag -d v1.2; git tag -a -m x release/2").await;
        assert_eq!(inspect(dir.path()).await.tag, Some(tag));
    }

    #[test]
    fn remotes_hold_no_credentials() {
        for (url, want) in [
            ("https://token@github.com/a/b.git", "https://github.com/a/b.git"),
            ("git@github.com:a/b.git", "git@github.com:a/b.git"),
            ("ssh://git@host:22/a", "ssh://host:22/a"),
        ] {
            assert_eq!(without_credentials(url), want);
        }
    }
}
