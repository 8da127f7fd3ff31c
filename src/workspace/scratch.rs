//! A private directory that is gone when its owner is.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, Privacy, file};

/// A directory only its owner may enter (mode 0700), removed when dropped.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes one in `base`, as a rule the system's directory for temporary files.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn new(base: &Path) -> Result<Self, Error> {
        let path = base.join(format!("wharf-{:016x}", fastrand::u64(..)));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        builder.create(&path).map_err(|source| Error::Io { action: "create", path: path.clone(), source })?;
        Ok(Self { path })
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a private file into it and returns its path.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write(&self, name: &str, content: &[u8]) -> Result<PathBuf, Error> {
        let path = self.path.join(name);
        file::replace(&path, content, Privacy::Private)?;
        Ok(path)
    }

    /// Links every entry of `directory` but those called as in `except` into it, so that a program which is pointed at the
    /// scratch directory finds what it would find there. A missing directory has no entries.
    ///
    /// Systems without symbolic links for everyone get none.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn mirror(&self, directory: &Path, except: &[&str]) -> Result<(), Error> {
        if !cfg!(unix) {
            return Ok(());
        }
        let Ok(entries) = fs::read_dir(directory) else { return Ok(()) };
        for entry in entries.flatten() {
            if except.iter().any(|name| entry.file_name() == *name) {
                continue;
            }
            let link = self.path.join(entry.file_name());
            symlink(&entry.path(), &link).map_err(|source| Error::Io {
                action: "create",
                path: link.clone(),
                source,
            })?;
        }
        Ok(())
    }
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_target: &Path, _link: &Path) -> std::io::Result<()> {
    Ok(())
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Links are removed, never followed. What can't be removed is private all the same.
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn mirrors_and_goes_away() {
        use std::os::unix::fs::PermissionsExt;
        let (base, user) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::create_dir(user.path().join("contexts")).unwrap();
        fs::write(user.path().join("contexts/meta.json"), "{}").unwrap();
        fs::write(user.path().join("config.json"), "user's").unwrap();
        let scratch = Scratch::new(base.path()).unwrap();
        scratch.mirror(user.path(), &["config.json"]).unwrap();
        scratch.mirror(&user.path().join("missing"), &[]).unwrap();
        let config = scratch.write("config.json", b"ours").unwrap();
        assert_eq!(scratch.path().metadata().unwrap().permissions().mode() & 0o777, 0o700);
        assert_eq!(config.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert!(scratch.path().join("contexts/meta.json").is_file());
        let path = scratch.path().to_owned();
        drop(scratch);
        assert!(!path.exists());
        assert_eq!(fs::read_to_string(user.path().join("config.json")).unwrap(), "user's");
        assert!(user.path().join("contexts/meta.json").is_file());
    }
}
