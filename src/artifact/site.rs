//! A static site's files, and how they differ from those that are published.
//!
//! What the bucket holds is known from its listing and from a [`Receipt`], which every deployment writes: a listing says
//! neither what an object's content hashes to nor its media type. An object that the receipt does not know, or that was
//! changed by somebody else, is looked at for itself.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::hex;
use crate::model::site::FileSet;

/// Largest file that S3 takes in one upload, in bytes (5 GiB).
pub const MAX_SIZE: u64 = 5 << 30;

/// A file of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it is on this machine.
    pub local: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// The SHA-256 of its bytes as hexadecimal digits.
    pub sha256: String,
    /// Its media type, such as `text/html; charset=utf-8`.
    pub content_type: String,
}

/// Files of a site by key: their path in the site without a slash before it.
pub type Files = BTreeMap<String, File>;

/// Adds a file to a site; one that goes to the same place gives way. `path`: below the source of `set`.
pub fn add(files: &mut Files, set: &FileSet, path: &str, local: PathBuf, size: u64, sha256: [u8; 32]) {
    let key = match set.destination.as_str() {
        "" => path.to_owned(),
        destination => format!("{destination}/{path}"),
    };
    let file = File { local, size, sha256: hex(&sha256), content_type: content_type(&key) };
    files.insert(key, file);
}

/// The media type that a file's name says; texts are in UTF-8.
#[must_use]
pub fn content_type(path: &str) -> String {
    let kind = mime_guess::from_path(path).first_or_octet_stream();
    match kind.essence_str() {
        // RFC 9239 has one name for scripts and modules.
        "application/javascript" => "text/javascript; charset=utf-8".to_owned(),
        text if text.starts_with("text/") => format!("{text}; charset=utf-8"),
        other => other.to_owned(),
    }
}

/// Whether a file is a page: it names other files and must not be seen before them.
#[must_use]
pub fn is_page(content_type: &str) -> bool {
    content_type.starts_with("text/html") || content_type.starts_with("application/xhtml")
}

/// Paths that hardly are meant for the public: version control, settings with secrets, manifests.
#[must_use]
pub fn private<'a>(files: &'a Files, manifests: &str) -> Vec<&'a str> {
    let hidden = |key: &str| {
        let mut parts = key.split('/');
        let first = parts.clone().next().unwrap_or_default();
        parts.any(|part| part == ".git" || part == ".env" || part.starts_with(".env."))
            || (first == manifests && key.ends_with(".yml"))
    };
    files.keys().map(String::as_str).filter(|key| hidden(key)).collect()
}

/// What a bucket's listing says of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its size in bytes.
    pub size: u64,
    /// Its entity tag without quotes.
    pub etag: String,
}

/// What is known of an object's content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Entity tag it had when this was written.
    pub etag: String,
    /// The SHA-256 of its content as hexadecimal digits.
    pub sha256: String,
    /// Its media type.
    pub content_type: String,
}

/// What a deployment notes of the bucket.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Receipt {
    /// The bucket. What is noted of another one says nothing.
    pub bucket: String,
    /// Whether everything went through: caches hold nothing older than the bucket.
    pub settled: bool,
    /// Objects by key.
    pub files: BTreeMap<String, Known>,
}

impl Receipt {
    /// The receipt in a text; an empty one where it can't be read or speaks of another bucket.
    #[must_use]
    pub fn read(text: &[u8], bucket: &str) -> Self {
        let read: Option<Self> = serde_json::from_slice(text).ok();
        read.filter(|receipt| receipt.bucket == bucket)
            .unwrap_or_else(|| Self { bucket: bucket.to_owned(), ..Self::default() })
    }

    /// Its text.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Keys of objects by what must be done.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Difference {
    /// Files the bucket does not have.
    pub new: Vec<String>,
    /// Files it has in another form.
    pub changed: Vec<String>,
    /// Files it has as they are.
    pub same: Vec<String>,
    /// Files of the right size of which nothing is known: they must be looked at.
    pub unsure: Vec<String>,
    /// Objects that are no files of the site any more.
    pub gone: Vec<String>,
}

/// How the site's files differ from what is in the bucket.
#[must_use]
pub fn compare(files: &Files, listed: &BTreeMap<String, Listed>, receipt: &Receipt) -> Difference {
    let mut difference = Difference::default();
    for (key, file) in files {
        let list = match listed.get(key) {
            None => &mut difference.new,
            Some(object) => match receipt.files.get(key).filter(|known| known.etag == object.etag) {
                Some(known) if file.is(known) => &mut difference.same,
                Some(_) => &mut difference.changed,
                None if object.size != file.size => &mut difference.changed,
                None => &mut difference.unsure,
            },
        };
        list.push(key.clone());
    }
    difference.gone = listed.keys().filter(|key| !files.contains_key(*key)).cloned().collect();
    difference
}

impl File {
    /// Whether an object holds just this file.
    #[must_use]
    pub fn is(&self, known: &Known) -> bool {
        self.sha256 == known.sha256 && self.content_type == known.content_type
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(destination: &str) -> FileSet {
        FileSet {
            source: "web".into(),
            destination: destination.into(),
            recursive: true,
            exclude: vec![],
            reinclude: vec![],
        }
    }

    #[test]
    fn media_types_of_the_web() {
        for (path, want) in [
            ("index.html", "text/html; charset=utf-8"),
            ("a/b.css", "text/css; charset=utf-8"),
            ("app.js", "text/javascript; charset=utf-8"),
            ("app.mjs", "text/javascript; charset=utf-8"),
            ("data.json", "application/json"),
            ("logo.svg", "image/svg+xml"),
            ("a.wasm", "application/wasm"),
            ("f.woff2", "font/woff2"),
            ("site.webmanifest", "application/manifest+json"),
            ("robots.txt", "text/plain; charset=utf-8"),
            ("x.webp", "image/webp"),
            ("x.avif", "image/avif"),
            ("CNAME", "application/octet-stream"),
        ] {
            assert_eq!(content_type(path), want, "{path}");
        }
        assert!(is_page(&content_type("a.htm")) && !is_page(&content_type("a.js")));
    }

    #[test]
    fn later_files_win_and_keys_have_no_slash_before_them() {
        let mut files = Files::new();
        add(&mut files, &set(""), "index.html", "one".into(), 1, [1; 32]);
        add(&mut files, &set("docs/v2"), "a/index.html", "two".into(), 1, [2; 32]);
        add(&mut files, &set(""), "index.html", "three".into(), 1, [3; 32]);
        let keys: Vec<&str> = files.keys().map(String::as_str).collect();
        assert_eq!(keys, ["docs/v2/a/index.html", "index.html"]);
        assert_eq!(files["index.html"].local, PathBuf::from("three"));
        assert!(files["index.html"].sha256.starts_with("0303"));
        assert_eq!(private(&files, "copilot"), [""; 0]);
        for key in [".git/config", "a/.env", ".env.local", "copilot/api/manifest.yml"] {
            add(&mut files, &set(""), key, "x".into(), 1, [3; 32]);
        }
        assert_eq!(private(&files, "copilot").len(), 4);
    }

    #[test]
    fn only_what_is_known_to_be_the_same_stays() {
        let mut files = Files::new();
        for (at, key) in ["same", "other", "type", "touched", "size", "new"].into_iter().enumerate() {
            add(&mut files, &set(""), key, key.into(), 3, [u8::try_from(at).unwrap(); 32]);
        }
        let known = |key: &str, etag: &str| Known {
            etag: etag.into(),
            sha256: files[key].sha256.clone(),
            content_type: files[key].content_type.clone(),
        };
        let mut receipt = Receipt { bucket: "b".into(), settled: true, ..Receipt::default() };
        receipt.files.insert("same".into(), known("same", "1"));
        receipt.files.insert("other".into(), known("same", "2"));
        receipt.files.insert("type".into(), Known { content_type: "text/css".into(), ..known("type", "3") });
        receipt.files.insert("touched".into(), known("touched", "4"));
        let listed = |size: u64, etag: &str| Listed { size, etag: etag.into() };
        let bucket = BTreeMap::from([
            ("same".to_owned(), listed(3, "1")),
            ("other".to_owned(), listed(3, "2")),
            ("type".to_owned(), listed(3, "3")),
            ("touched".to_owned(), listed(3, "changed")),
            ("size".to_owned(), listed(4, "5")),
            ("old".to_owned(), listed(1, "6")),
        ]);
        let found = compare(&files, &bucket, &receipt);
        let want = Difference {
            new: vec!["new".into()],
            changed: vec!["other".into(), "size".into(), "type".into()],
            same: vec!["same".into()],
            unsure: vec!["touched".into()],
            gone: vec!["old".into()],
        };
        assert_eq!(found, want);
    }

    #[test]
    fn receipts_of_other_buckets_and_other_texts_say_nothing() {
        let mut receipt = Receipt::read(b"", "b");
        assert!(!receipt.settled && receipt.files.is_empty());
        receipt.settled = true;
        assert_eq!(Receipt::read(receipt.text().as_bytes(), "b"), receipt);
        assert!(!Receipt::read(receipt.text().as_bytes(), "c").settled);
    }
}
