//! What a template names by a local path: a file, or a folder with all that is in it.

use std::fs;
use std::path::{Component, Path};

use super::build::{self, EntryKind, Visit};
use super::{Error, file};

/// The content behind a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Local {
    /// A file's bytes.
    File(Vec<u8>),
    /// The files of a folder, sorted by path.
    Folder(Vec<Item>),
}

/// A file of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its path relative to the folder, with `/` between the parts.
    pub path: String,
    /// Its content; of a link, its target.
    pub content: Vec<u8>,
    /// Whether its owner may run it.
    pub program: bool,
    /// Whether it is a link to a folder inside the folder. Links to files are followed.
    pub link: bool,
}

/// Reads what is behind `path`.
///
/// # Errors
/// [`Error::Missing`], [`Error::Io`]; [`Error::BadFile`] for a link that leads nowhere or to a folder outside.
pub fn read(path: &Path) -> Result<Local, Error> {
    if !path.is_dir() {
        return Ok(Local::File(file::read_bytes(path)?));
    }
    let mut items = vec![];
    for entry in build::context(path, &|_| Visit::Take)? {
        let full = path.join(&entry.path);
        let item = match entry.kind {
            EntryKind::Directory => continue,
            EntryKind::Link(target) if full.is_dir() => {
                if !stays_inside(&entry.path, &target) {
                    let message = "this link leads to a folder outside".to_owned();
                    return Err(Error::BadFile { path: full, message });
                }
                Item { path: entry.path, content: target.into_bytes(), program: false, link: true }
            }
            EntryKind::Link(_) if !full.exists() => {
                return Err(Error::BadFile { path: full, message: "this link leads nowhere".to_owned() });
            }
            EntryKind::File(_) | EntryKind::Link(_) => {
                let (content, program) = (file::read_bytes(&full)?, is_program(&full));
                Item { path: entry.path, content, program, link: false }
            }
        };
        items.push(item);
    }
    Ok(Local::Folder(items))
}

/// Whether a link at `path`, relative to a folder, leads to something in the folder.
fn stays_inside(path: &str, target: &str) -> bool {
    let mut depth = path.matches('/').count();
    for part in Path::new(target).components() {
        match part {
            Component::CurDir => {}
            Component::Normal(_) => depth += 1,
            Component::ParentDir if depth > 0 => depth -= 1,
            _ => return false,
        }
    }
    true
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|metadata| metadata.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn folders_with_links_and_programs() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("code");
        fs::create_dir_all(root.join("lib/deep")).unwrap();
        fs::write(root.join("lib/deep/a.js"), "a").unwrap();
        fs::write(root.join("run"), "r").unwrap();
        fs::set_permissions(root.join("run"), fs::Permissions::from_mode(0o700)).unwrap();
        fs::write(dir.path().join("outside.js"), "o").unwrap();
        symlink("../outside.js", root.join("b.js")).unwrap();
        symlink("../lib/deep", root.join("lib/again")).unwrap();
        let Local::Folder(items) = read(&root).unwrap() else { panic!("a folder") };
        let seen: Vec<_> = items
            .iter()
            .map(|item| {
                (item.path.as_str(), std::str::from_utf8(&item.content).unwrap(), item.program, item.link)
            })
            .collect();
        assert_eq!(
            seen,
            [
                ("b.js", "o", false, false),
                ("lib/again", "../lib/deep", false, true),
                ("lib/deep/a.js", "a", false, false),
                ("run", "r", true, false)
            ]
        );
        symlink("..", root.join("up")).unwrap();
        assert!(read(&root).unwrap_err().to_string().contains("outside"));
        fs::remove_file(root.join("up")).unwrap();
        symlink("nothing", root.join("up")).unwrap();
        assert!(read(&root).unwrap_err().to_string().contains("nowhere"));
    }

    #[test]
    fn single_files_and_nothing() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("a"), "x").unwrap();
        assert_eq!(read(&dir.path().join("a")).unwrap(), Local::File(b"x".to_vec()));
        assert!(matches!(read(&dir.path().join("b")).unwrap_err(), Error::Missing { .. }));
    }
}
