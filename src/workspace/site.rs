//! The files of a static site.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, file};

/// A file of the user's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its path below the source it was found in, with `/` between the parts; its name when it is the source.
    pub path: String,
    /// Where it is on this machine.
    pub local: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes.
    pub sha256: [u8; 32],
}

/// What is looked for.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// Path of a file or directory below the project's root; empty: the root.
    pub source: &'a str,
    /// Whether directories below a directory are entered.
    pub recursive: bool,
    /// Asked for each file by its path below the source.
    pub takes: &'a dyn Fn(&str) -> bool,
}

/// The files that `wanted` names below `root`, sorted by path.
///
/// Links are followed as long as they lead to something in the project: what a site shows is public. Sockets, pipes and
/// devices are passed over.
///
/// # Errors
/// [`Error::Missing`] without the source; [`Error::BadFile`] for a link that leads out of the project, nowhere or round in a
/// circle, and for a name that is no Unicode; [`Error::Io`].
pub fn files(root: &Path, wanted: Wanted<'_>) -> Result<Vec<Found>, Error> {
    let start = root.join(wanted.source);
    if !start.exists() {
        return Err(Error::Missing { path: start, purpose: "a source of the site" });
    }
    let canonical = |path: &Path| {
        path.canonicalize().map_err(|source| Error::Io { action: "read", path: path.to_owned(), source })
    };
    let mut walk = Walk { root: canonical(root)?, wanted, found: vec![] };
    walk.inside(&start)?;
    if start.is_dir() {
        let own = canonical(&start)?;
        walk.directory(&start, "", &mut vec![own])?;
    } else {
        let name = name(&start)?;
        walk.file(&start, name)?;
    }
    walk.found.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(walk.found)
}

struct Walk<'a> {
    root: PathBuf,
    wanted: Wanted<'a>,
    found: Vec<Found>,
}

impl Walk<'_> {
    /// `above`: the real paths of the directories that were entered to come here.
    fn directory(&mut self, directory: &Path, prefix: &str, above: &mut Vec<PathBuf>) -> Result<(), Error> {
        let fail = |source| Error::Io { action: "list", path: directory.to_owned(), source };
        for entry in fs::read_dir(directory).map_err(fail)? {
            let local = entry.map_err(fail)?.path();
            let path = format!("{prefix}{}", name(&local)?);
            let metadata = match local.symlink_metadata() {
                Ok(metadata) => metadata,
                // Gone since it was listed.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                Err(source) => return Err(Error::Io { action: "read", path: local, source }),
            };
            if metadata.is_symlink() && !local.is_dir() {
                // What is left out may lead anywhere.
                if (self.wanted.takes)(&path) {
                    self.inside(&local)?;
                    self.file(&local, path)?;
                }
            } else if local.is_dir() {
                let left_out = metadata.is_symlink() && !(self.wanted.takes)(&path);
                if self.wanted.recursive && !left_out {
                    self.enter(&local, &path, above)?;
                }
            } else {
                self.file(&local, path)?;
            }
        }
        Ok(())
    }

    fn enter(&mut self, local: &Path, path: &str, above: &mut Vec<PathBuf>) -> Result<(), Error> {
        let real = self.inside(local)?;
        if above.contains(&real) {
            let message = "this link leads round in a circle".to_owned();
            return Err(Error::BadFile { path: local.to_owned(), message });
        }
        above.push(real);
        let result = self.directory(local, &format!("{path}/"), above);
        above.pop();
        result
    }

    fn file(&mut self, local: &Path, path: String) -> Result<(), Error> {
        if !(self.wanted.takes)(&path) {
            return Ok(());
        }
        let metadata = local.metadata();
        let metadata =
            metadata.map_err(|source| Error::Io { action: "read", path: local.to_owned(), source })?;
        if metadata.is_file() {
            let sha256 = file::sha256(local)?;
            self.found.push(Found { path, local: local.to_owned(), size: metadata.len(), sha256 });
        }
        Ok(())
    }

    /// The real path of something that stands in the project.
    fn inside(&self, local: &Path) -> Result<PathBuf, Error> {
        let bad = |message: &str| Error::BadFile { path: local.to_owned(), message: message.to_owned() };
        let real = local.canonicalize().map_err(|_| bad("this link leads nowhere"))?;
        if real.starts_with(&self.root) {
            Ok(real)
        } else {
            Err(bad("this link leads out of the project; what a site shows is public, so it is not followed"))
        }
    }
}

fn name(path: &Path) -> Result<String, Error> {
    let name = path.file_name().unwrap_or_default();
    name.to_str().map(str::to_owned).ok_or_else(|| Error::BadFile {
        path: path.to_owned(),
        message: "the name is no text in Unicode, which addresses are made of".to_owned(),
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
            fs::write(&path, "x").unwrap();
        }
        dir
    }

    fn paths(root: &Path, source: &str, recursive: bool) -> Result<Vec<String>, Error> {
        let takes = |path: &str| !path.ends_with(".map");
        let found = files(root, Wanted { source, recursive, takes: &takes })?;
        Ok(found.into_iter().map(|found| found.path).collect())
    }

    #[test]
    fn directories_files_and_what_is_left_out() {
        let dir = tree(&["web/index.html", "web/js/a.js", "web/js/a.js.map", "web/b.txt"]);
        assert_eq!(paths(dir.path(), "web", false).unwrap(), ["b.txt", "index.html"]);
        assert_eq!(paths(dir.path(), "web", true).unwrap(), ["b.txt", "index.html", "js/a.js"]);
        assert_eq!(paths(dir.path(), "web/js/a.js", false).unwrap(), ["a.js"]);
        assert_eq!(paths(dir.path(), "", true).unwrap().len(), 3);
        let missing = paths(dir.path(), "dist", true).unwrap_err();
        assert!(missing.next_steps()[0].contains("a source of the site"), "{missing}");
        let one =
            files(dir.path(), Wanted { source: "web/b.txt", recursive: false, takes: &|_| true }).unwrap();
        assert_eq!((one[0].size, one[0].sha256[0]), (1, 0x2d));
    }

    #[cfg(unix)]
    #[test]
    fn links_stay_in_the_project() {
        use std::os::unix::fs::symlink;
        let dir = tree(&["project/web/index.html", "project/shared/logo.svg", "secret"]);
        let root = dir.path().join("project");
        symlink("../shared", root.join("web/img")).unwrap();
        symlink("../shared/logo.svg", root.join("web/logo.svg")).unwrap();
        assert_eq!(paths(&root, "web", true).unwrap(), ["img/logo.svg", "index.html", "logo.svg"]);
        assert_eq!(paths(&root, "web", false).unwrap(), ["index.html", "logo.svg"]);
        symlink("../../secret", root.join("web/s.map")).unwrap();
        assert_eq!(paths(&root, "web", true).unwrap().len(), 3, "what is left out may lead anywhere");
        for (target, want) in [("../../secret", "out of the project"), ("none", "nowhere"), ("..", "circle")]
        {
            let link = root.join("web/x");
            symlink(target, &link).unwrap();
            assert!(paths(&root, "web", true).unwrap_err().to_string().contains(want), "{target}");
            fs::remove_file(link).unwrap();
        }
        symlink("..", root.join("up")).unwrap();
        assert!(paths(&root, "up", true).unwrap_err().to_string().contains("out of the project"));
    }
}
