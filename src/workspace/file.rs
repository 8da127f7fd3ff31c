//! Single files: read as text or bytes, written whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::Error;

/// What became of a file that was to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// It is new.
    Created,
    /// It was there before and stays as it was.
    Kept,
}

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// Whoever the system's defaults allow.
    Shared,
    /// Its owner alone (mode 0600): it may hold secrets.
    Private,
}

/// The text of a file, without a byte order mark.
///
/// # Errors
/// [`Error::Missing`], [`Error::Io`], or [`Error::BadFile`] when it is no UTF-8 text.
pub fn read_text(path: &Path) -> Result<String, Error> {
    let bytes = read_bytes(path)?;
    let text = String::from_utf8(bytes).map_err(|_| Error::BadFile {
        path: path.to_owned(),
        message: "this is no text in UTF-8".to_owned(),
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

/// The bytes of a file.
///
/// # Errors
/// [`Error::Missing`] or [`Error::Io`].
pub fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| not_read(path, source))
}

/// The text of a file that may be absent.
///
/// # Errors
/// As [`read_text`], but for a missing file.
pub fn read_optional(path: &Path) -> Result<Option<String>, Error> {
    match read_text(path) {
        Ok(text) => Ok(Some(text)),
        Err(Error::Missing { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads a text file of secrets.
///
/// # Errors
/// As [`read_text`]; [`Error::BadFile`] when others than its owner may read it.
pub fn read_private(path: &Path) -> Result<String, Error> {
    let text = read_text(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = path.metadata().map_err(|source| not_read(path, source))?.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            let message =
                format!("others may read or change this file (mode {mode:03o}); run `chmod 600` on it");
            return Err(Error::BadFile { path: path.to_owned(), message });
        }
    }
    Ok(text)
}

/// The SHA-256 of a file's bytes, read piece by piece.
///
/// # Errors
/// [`Error::Missing`] or [`Error::Io`].
pub fn sha256(path: &Path) -> Result<[u8; 32], Error> {
    let fail = |source| not_read(path, source);
    let mut file = File::open(path).map_err(fail)?;
    let (mut hash, mut buffer) = (Sha256::new(), vec![0; 128 * 1024]);
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(count) => hash.update(&buffer[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(fail(error)),
        }
    }
}

fn not_read(path: &Path, source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
            Error::Missing { path: path.to_owned(), purpose: "" }
        }
        _ => Error::Io { action: "read", path: path.to_owned(), source },
    }
}

/// Writes a file that does not exist yet, with the directories above it. An existing file is kept, whatever it holds.
///
/// The file appears with all its content or not at all, also when the program is stopped meanwhile.
///
/// # Errors
/// [`Error::Io`].
pub fn write_new(path: &Path, content: &[u8], privacy: Privacy) -> Result<Written, Error> {
    if path.symlink_metadata().is_ok() {
        return Ok(Written::Kept);
    }
    let draft = draft(path, content, privacy)?;
    // Linking fails when the name is taken; renaming would replace what has it.
    let linked = fs::hard_link(&draft, path);
    let result = match linked {
        Ok(()) => Ok(Written::Created),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Written::Kept),
        // File systems without hard links: the gap between look and rename is as small as it gets.
        Err(_) if path.symlink_metadata().is_ok() => Ok(Written::Kept),
        Err(_) => fs::rename(&draft, path).map(|()| Written::Created).map_err(|source| Error::Io {
            action: "write",
            path: path.to_owned(),
            source,
        }),
    };
    let _ = fs::remove_file(&draft);
    result
}

/// Writes a file with the directories above it, in place of one that may exist. Made for output the user asked for, not
/// for files the user edits.
///
/// # Errors
/// [`Error::Io`].
pub fn replace(path: &Path, content: &[u8], privacy: Privacy) -> Result<(), Error> {
    // What is no regular file (`/dev/stdout`, a pipe) is written to, not replaced.
    if path.metadata().is_ok_and(|metadata| !metadata.is_file()) {
        return fs::write(path, content).map_err(|source| Error::Io {
            action: "write",
            path: path.to_owned(),
            source,
        });
    }
    let draft = draft(path, content, privacy)?;
    fs::rename(&draft, path).map_err(|source| {
        let _ = fs::remove_file(&draft);
        Error::Io { action: "write", path: path.to_owned(), source }
    })
}

/// Removes a file; one that is not there is no error.
///
/// # Errors
/// [`Error::Io`].
pub fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => {
            Err(Error::Io { action: "remove", path: path.to_owned(), source })
        }
        _ => Ok(()),
    }
}

/// `content` in a new file beside `path`.
fn draft(path: &Path, content: &[u8], privacy: Privacy) -> Result<PathBuf, Error> {
    let directory = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(directory).map_err(|source| Error::Io {
        action: "create",
        path: directory.to_owned(),
        source,
    })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = directory.join(format!(".{name}.{:08x}.tmp", fastrand::u32(..)));
    let written = new_file(&draft, privacy).and_then(|mut file| {
        file.write_all(content)?;
        file.sync_all()
    });
    match written {
        Ok(()) => Ok(draft),
        Err(source) => {
            let _ = fs::remove_file(&draft);
            Err(Error::Io { action: "write", path: path.to_owned(), source })
        }
    }
}

fn new_file(path: &Path, privacy: Privacy) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if privacy == Privacy::Private {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = privacy;
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn a_file_of_secrets_is_its_owners() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("try.env");
        fs::write(&path, "A=secret").unwrap();
        let mode = |mode| fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        mode(0o600);
        assert_eq!(read_private(&path).unwrap(), "A=secret");
        mode(0o640);
        let error = read_private(&path).unwrap_err().to_string();
        assert!(error.contains("mode 640") && !error.contains("secret"), "{error}");
    }

    #[test]
    fn new_files_never_replace_existing_ones() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("copilot/api/manifest.yml");
        assert_eq!(write_new(&path, b"first", Privacy::Shared).unwrap(), Written::Created);
        assert_eq!(write_new(&path, b"second", Privacy::Shared).unwrap(), Written::Kept);
        assert_eq!(read_text(&path).unwrap(), "first");
        replace(&path, b"third", Privacy::Shared).unwrap();
        assert_eq!(read_text(&path).unwrap(), "third");
        let left: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().collect();
        assert_eq!(left.len(), 1, "drafts stay behind");
    }

    #[cfg(unix)]
    #[test]
    fn private_files_are_their_owners_alone() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secrets.yml");
        write_new(&path, b"x", Privacy::Private).unwrap();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        // A dangling link counts as taken: nothing is written through it.
        let link = dir.path().join("link");
        std::os::unix::fs::symlink("/nowhere/x", &link).unwrap();
        assert_eq!(write_new(&link, b"x", Privacy::Shared).unwrap(), Written::Kept);
    }

    #[test]
    fn texts_lose_their_mark_and_must_be_texts() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("manifest.yml");
        fs::write(&path, b"\xef\xbb\xbfname: api\r\n").unwrap();
        assert_eq!(read_text(&path).unwrap(), "name: api\r\n");
        fs::write(&path, b"\xff\xfe").unwrap();
        assert!(matches!(read_text(&path), Err(Error::BadFile { .. })));
        assert_eq!(read_optional(&dir.path().join("none")).unwrap(), None);
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        fs::write(&path, b"").unwrap();
        let hex: String = sha256(&path).unwrap().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, empty);
    }
}
