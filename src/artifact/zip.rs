//! ZIP archives that depend on nothing but names, contents and modes: the same files give the same bytes on every machine.
//!
//! Entries are stored, not compressed: what reads them (Lambda, Elastic Beanstalk) unpacks them anyway, and no compressor's
//! version can change the hash. There are no dates: every entry is of 1 January 1980, the first day the format knows.

/// First bytes of every archive that holds something.
const MAGIC: &[u8] = b"PK\x03\x04";
/// 1 January 1980 in the format's bits.
const DATE: u16 = 0x21;
/// Version that can unpack it: 2.0. In the directory, with the system (3, Unix) that modes are of.
const VERSION: u16 = 20;
const MADE_BY: u16 = 3 << 8 | VERSION;
/// Names are in UTF-8.
const UTF8: u16 = 1 << 11;

/// A file of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its path with `/` between the parts.
    pub path: String,
    /// Its content; of a link, its target.
    pub content: Vec<u8>,
    /// What it is.
    pub kind: Kind,
}

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file that everyone may read.
    File,
    /// A file that everyone may read and run.
    Program,
    /// A symbolic link.
    Link,
}

impl Kind {
    fn mode(self) -> u32 {
        match self {
            Self::File => 0o100_644,
            Self::Program => 0o100_755,
            Self::Link => 0o120_777,
        }
    }
}

/// Whether these are the bytes of an archive.
#[must_use]
pub fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// The archive of `entries`, sorted by path.
///
/// # Errors
/// A message when there are more files or bytes than the format holds (65 535, 4 GiB).
pub fn archive(mut entries: Vec<Entry>) -> Result<Vec<u8>, String> {
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    let count = u16::try_from(entries.len()).map_err(|_| format!("{} files are too many", entries.len()))?;
    let (mut out, mut directory) = (vec![], vec![]);
    for entry in &entries {
        let offset = size(out.len())?;
        let length = size(entry.content.len())?;
        let name =
            u16::try_from(entry.path.len()).map_err(|_| format!("the path {} is too long", entry.path))?;
        let mut head = vec![];
        for field in [VERSION, UTF8, 0, 0, DATE] {
            head.extend(field.to_le_bytes());
        }
        for field in [crc32fast::hash(&entry.content), length, length] {
            head.extend(field.to_le_bytes());
        }
        head.extend(name.to_le_bytes());
        // No extra field.
        head.extend(0_u16.to_le_bytes());
        out.extend(MAGIC);
        out.extend(&head);
        out.extend(entry.path.as_bytes());
        out.extend(&entry.content);
        directory.extend(b"PK\x01\x02");
        directory.extend(MADE_BY.to_le_bytes());
        directory.extend(&head);
        // No comment, first disk, no internal attributes.
        directory.extend([0; 6]);
        directory.extend((entry.kind.mode() << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(entry.path.as_bytes());
    }
    let (offset, length) = (size(out.len())?, size(directory.len())?);
    out.extend(&directory);
    out.extend(b"PK\x05\x06");
    out.extend([0; 4]);
    for field in [count, count] {
        out.extend(field.to_le_bytes());
    }
    for field in [length, offset] {
        out.extend(field.to_le_bytes());
    }
    out.extend([0; 2]);
    Ok(out)
}

fn size(bytes: usize) -> Result<u32, String> {
    u32::try_from(bytes).map_err(|_| "there is more than 4 GiB of it".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, content: &str, kind: Kind) -> Entry {
        Entry { path: path.to_owned(), content: content.as_bytes().to_vec(), kind }
    }

    #[test]
    fn order_does_not_matter_and_content_does() {
        let (one, two) = (entry("b/run", "x", Kind::Program), entry("a.js", "y", Kind::File));
        let archived = archive(vec![one.clone(), two.clone()]).unwrap();
        assert_eq!(archived, archive(vec![two.clone(), one.clone()]).unwrap());
        assert!(is_archive(&archived));
        assert_ne!(archived, archive(vec![Entry { kind: Kind::File, ..one }, two]).unwrap());
    }

    #[test]
    fn others_can_unpack_it() {
        let folder = tempfile::tempdir().unwrap();
        let entries = vec![
            entry("lib/ä.txt", "text\n", Kind::File),
            entry("bin/run", "#!/bin/sh\n", Kind::Program),
            entry("link", "lib/ä.txt", Kind::Link),
        ];
        let file = folder.path().join("a.zip");
        std::fs::write(&file, archive(entries).unwrap()).unwrap();
        let script = "import sys, zipfile\nz = zipfile.ZipFile(sys.argv[1])\nassert z.testzip() is None\n\
                      for i in z.infolist(): print(oct(i.external_attr >> 16), i.filename, z.read(i))";
        let output = std::process::Command::new("python3")
            .args(["-c", script])
            .arg(&file)
            .env("PYTHONIOENCODING", "utf-8")
            .output()
            .unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "0o100755 bin/run b'#!/bin/sh\\n'\n0o100644 lib/ä.txt b'text\\n'\n0o120777 link b'lib/\\xc3\\xa4.txt'\n",
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    #[test]
    fn too_many_files_are_refused() {
        let entries = vec![entry("a", "", Kind::File); 70_000];
        assert!(archive(entries).unwrap_err().contains("70000"));
    }
}
