//! Whether files that changed are among those that a workload is made of.

use std::path::{Component, Path, PathBuf};

use crate::artifact::dockerignore::{Ignore, Verdict};

/// The files that a workload is made of, as paths of the machine without `.` and `..`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inputs {
    /// Single files: Dockerfiles, environment files.
    pub files: Vec<PathBuf>,
    /// Directories (or files) with all that is in them: the manifest's folder, the sources of a site.
    pub trees: Vec<PathBuf>,
    /// Build contexts, of which builders don't see everything.
    pub contexts: Vec<(PathBuf, Ignore)>,
}

impl Inputs {
    /// The first of the changed files that the workload is made of.
    #[must_use]
    pub fn touched<'a>(&self, changed: &'a [PathBuf]) -> Option<&'a PathBuf> {
        changed.iter().find(|path| self.has(path))
    }

    fn has(&self, path: &Path) -> bool {
        let seen = |(root, ignore): &(PathBuf, Ignore)| {
            path.strip_prefix(root).is_ok_and(|below| ignore.verdict(&slashed(below)) == Verdict::Seen)
        };
        self.files.iter().any(|file| file == path)
            || self.trees.iter().any(|tree| path.starts_with(tree))
            || self.contexts.iter().any(seen)
    }
}

fn slashed(path: &Path) -> String {
    let parts = path.components().map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

/// `path` without `.` and `..`, by its text alone.
#[must_use]
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            part => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_are_what_builders_see_of_them() {
        let inputs = Inputs {
            files: vec!["/p/env/api.env".into(), "/p/docker/Api".into()],
            trees: vec!["/p/copilot/api".into()],
            contexts: vec![("/p/api".into(), Ignore::parse("docs\n*.md\n!README.md\n"))],
        };
        for (path, hit) in [
            ("/p/copilot/api/manifest.yml", true),
            ("/p/copilot/api/addons/db.yml", true),
            ("/p/copilot/api2/manifest.yml", false),
            ("/p/env/api.env", true),
            ("/p/env/web.env", false),
            ("/p/docker/Api", true),
            ("/p/api/src/main.go", true),
            ("/p/api/docs/deep/er.txt", false),
            ("/p/api/notes.md", false),
            ("/p/api/README.md", true),
        ] {
            let changed = [PathBuf::from("/p/other"), PathBuf::from(path)];
            assert_eq!(inputs.touched(&changed).is_some(), hit, "{path}");
        }
    }

    #[test]
    fn paths_lose_their_dots() {
        assert_eq!(plain(Path::new("/p/app/../lib/./x")), Path::new("/p/lib/x"));
        assert_eq!(plain(Path::new("/../x")), Path::new("/x"));
    }
}
