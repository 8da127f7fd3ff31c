//! What an image is built from: Dockerfiles, ignore files, the files of a build context.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, Workspace, file, slashed};
use crate::diagnostic::Source;

/// Deepest directory below the root that the search for Dockerfiles enters.
const DOCKERFILE_DEPTH: usize = 4;
/// Directories that hold other people's Dockerfiles or none.
const NOT_SEARCHED: [&str; 5] = ["node_modules", "target", "vendor", "copilot", "wharf"];

/// Something in a build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path relative to the context, with `/` between the parts.
    pub path: String,
    /// Permission bits (`0o000` to `0o7777`); `0o755` for everything on systems without.
    pub mode: u32,
    /// What it is.
    pub kind: EntryKind,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryKind {
    /// A file with the SHA-256 of its bytes.
    File([u8; 32]),
    /// A directory.
    Directory,
    /// A symbolic link, which is not followed, with its target as written.
    Link(String),
}

/// What becomes of a path that the walk comes upon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visit {
    /// It belongs to the context.
    Take,
    /// It does not, nor does anything below it.
    Skip,
    /// It does not, but something below it may.
    Enter,
}

/// The entries of a build context, sorted by path. `decide` is asked for each path (relative to the context, with `/`).
///
/// Sockets, pipes and devices are left out, as builders do.
///
/// # Errors
/// [`Error::Missing`] when there is no such directory; [`Error::Io`].
pub fn context(directory: &Path, decide: &dyn Fn(&str) -> Visit) -> Result<Vec<Entry>, Error> {
    if !directory.is_dir() {
        return Err(Error::Missing { path: directory.to_owned(), purpose: "the build context" });
    }
    let mut entries = vec![];
    walk(directory, "", decide, &mut entries)?;
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(entries)
}

fn walk(
    directory: &Path,
    prefix: &str,
    decide: &dyn Fn(&str) -> Visit,
    into: &mut Vec<Entry>,
) -> Result<(), Error> {
    let fail = |action| move |path: &Path, source| Error::Io { action, path: path.to_owned(), source };
    let listed = fs::read_dir(directory).map_err(|source| fail("list")(directory, source))?;
    for entry in listed {
        let entry = entry.map_err(|source| fail("list")(directory, source))?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        let visit = decide(&path);
        if visit == Visit::Skip {
            continue;
        }
        let full = entry.path();
        let metadata = match full.symlink_metadata() {
            Ok(metadata) => metadata,
            // Gone since it was listed.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(source) => return Err(fail("read")(&full, source)),
        };
        let kind = if metadata.is_dir() {
            walk(&full, &format!("{path}/"), decide, into)?;
            EntryKind::Directory
        } else if visit == Visit::Enter {
            continue;
        } else if metadata.is_symlink() {
            let target = fs::read_link(&full).map_err(|source| fail("read")(&full, source))?;
            EntryKind::Link(slashed(&target))
        } else if metadata.is_file() {
            EntryKind::File(file::sha256(&full)?)
        } else {
            continue;
        };
        if visit == Visit::Take {
            into.push(Entry { path, mode: mode(&metadata), kind });
        }
    }
    Ok(())
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o7777
}

#[cfg(not(unix))]
fn mode(_metadata: &fs::Metadata) -> u32 {
    0o755
}

/// The text of the ignore file that holds for a build: `<Dockerfile>.dockerignore` beside the Dockerfile, else
/// `.dockerignore` in the context. None without either.
///
/// # Errors
/// What reading can meet.
pub fn ignore_file(dockerfile: &Path, context: &Path) -> Result<Option<String>, Error> {
    let mut own = dockerfile.as_os_str().to_owned();
    own.push(".dockerignore");
    match file::read_optional(Path::new(&own))? {
        Some(text) => Ok(Some(text)),
        None => file::read_optional(&context.join(".dockerignore")),
    }
}

impl Workspace {
    /// The Dockerfile that a manifest names.
    ///
    /// # Errors
    /// [`Error::Missing`] with its purpose, and what reading can meet.
    pub fn dockerfile(&self, path: &str) -> Result<Source, Error> {
        self.source(self.resolve(path)).map_err(|error| match error {
            Error::Missing { path, .. } => Error::Missing { path, purpose: "the Dockerfile" },
            error => error,
        })
    }

    /// Paths of the Dockerfiles of the project, relative to its root, those nearest to the root first.
    ///
    /// Directories deeper than four below the root, hidden ones and those with dependencies or build results are left
    /// out; what can't be listed is passed over.
    #[must_use]
    pub fn dockerfiles(&self) -> Vec<String> {
        dockerfiles(&self.root)
    }
}

/// As [`Workspace::dockerfiles`], for a project that is no workspace yet.
#[must_use]
pub fn dockerfiles(root: &Path) -> Vec<String> {
    let mut found = vec![];
    search(root, 0, &mut found);
    let mut paths: Vec<String> =
        found.iter().map(|path| slashed(path.strip_prefix(root).unwrap_or(path))).collect();
    paths.sort_by(|one, other| {
        (one.matches('/').count(), one.as_str()).cmp(&(other.matches('/').count(), other.as_str()))
    });
    paths
}

fn search(directory: &Path, depth: usize, into: &mut Vec<PathBuf>) {
    let Ok(listed) = fs::read_dir(directory) else { return };
    for entry in listed.flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        // Links to directories are not followed: they could lead round in circles.
        let is_directory = entry.file_type().is_ok_and(|kind| kind.is_dir());
        if is_directory {
            if depth < DOCKERFILE_DEPTH && !name.starts_with('.') && !NOT_SEARCHED.contains(&name.as_str()) {
                search(&path, depth + 1, into);
            }
        } else if is_dockerfile(&name) && path.is_file() {
            into.push(path);
        }
    }
}

fn is_dockerfile(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let stem = ["dockerfile", "containerfile"];
    !lower.ends_with(".dockerignore")
        && stem.iter().any(|stem| {
            lower == *stem || lower.starts_with(&format!("{stem}.")) || lower.ends_with(&format!(".{stem}"))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        for path in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        dir
    }

    #[test]
    fn the_context_is_what_the_decision_takes() {
        let dir = tree(&["Dockerfile", "src/main.rs", "src/gen/a.rs", "big/data", "big/keep/b"]);
        let decide = |path: &str| match path {
            "big" => Visit::Enter,
            "big/data" | "src/gen" => Visit::Skip,
            "big/keep" => Visit::Take,
            _ => Visit::Take,
        };
        let entries = context(dir.path(), &decide).unwrap();
        let paths: Vec<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
        assert_eq!(paths, ["Dockerfile", "big/keep", "big/keep/b", "src", "src/main.rs"]);
        assert!(matches!(entries[1].kind, EntryKind::Directory));
        let missing = context(&dir.path().join("none"), &decide).unwrap_err();
        assert_eq!(missing.next_steps().len(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_taken_as_links() {
        let dir = tree(&["a/b"]);
        std::os::unix::fs::symlink("..", dir.path().join("a/loop")).unwrap();
        let entries = context(dir.path(), &|_| Visit::Take).unwrap();
        assert_eq!(entries[2].kind, EntryKind::Link("..".into()));
        assert_eq!(entries.len(), 3);
    }

    #[test]
    fn a_dockerfiles_own_ignore_file_wins() {
        let dir = tree(&["docker/api.Dockerfile", ".dockerignore"]);
        let dockerfile = dir.path().join("docker/api.Dockerfile");
        assert_eq!(ignore_file(&dockerfile, dir.path()).unwrap().as_deref(), Some("x"));
        fs::write(dir.path().join("docker/api.Dockerfile.dockerignore"), "own").unwrap();
        assert_eq!(ignore_file(&dockerfile, dir.path()).unwrap().as_deref(), Some("own"));
        assert_eq!(ignore_file(&dockerfile, &dir.path().join("none")).unwrap().as_deref(), Some("own"));
    }

    #[test]
    fn finds_dockerfiles_that_are_the_users() {
        let dir = tree(&[
            "Dockerfile",
            "Dockerfile.dockerignore",
            "api/Dockerfile",
            "api/Dockerfile.dev",
            "web/web.Dockerfile",
            "a/b/c/d/Containerfile",
            "a/b/c/d/e/Dockerfile",
            "node_modules/x/Dockerfile",
            ".git/Dockerfile",
            "docs/dockerfile-howto.md",
        ]);
        let want = [
            "Dockerfile",
            "api/Dockerfile",
            "api/Dockerfile.dev",
            "web/web.Dockerfile",
            "a/b/c/d/Containerfile",
        ];
        assert_eq!(dockerfiles(dir.path()), want);
    }
}
