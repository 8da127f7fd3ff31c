//! The hash of a build over a real directory: `workspace` walks it, `artifact` decides what counts and adds it up.

use std::fs;
use std::path::Path;

use wharf::artifact::dockerignore::{Ignore, Verdict};
use wharf::artifact::image::{ContentHash, FileKind, Hasher};
use wharf::model::container::Build;
use wharf::workspace::build::{self, EntryKind, Visit};

fn hash(context: &Path) -> ContentHash {
    let dockerfile = context.join("Dockerfile");
    let rules = build::ignore_file(&dockerfile, context).expect("readable").unwrap_or_default();
    let ignore = Ignore::parse(&rules);
    let decide = |path: &str| match ignore.verdict(path) {
        Verdict::Seen => Visit::Take,
        Verdict::HiddenForNow => Visit::Enter,
        Verdict::Hidden => Visit::Skip,
    };
    let text = fs::read_to_string(&dockerfile).expect("readable");
    let mut hasher = Hasher::new(&text, &Build::default(), "linux/amd64");
    for entry in build::context(context, &decide).expect("readable") {
        let kind = match &entry.kind {
            EntryKind::File(digest) => FileKind::File(digest),
            EntryKind::Directory => FileKind::Directory,
            EntryKind::Link(target) => FileKind::Link(target),
        };
        hasher.add(&entry.path, entry.mode, kind);
    }
    hasher.finish()
}

#[test]
fn only_what_the_builder_sees_counts() {
    let dir = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("Dockerfile", "FROM scratch\nCOPY . .\n");
    write(".dockerignore", "node_modules\ndata\n!data/keep.csv\n*.log\n");
    write("src/main.js", "1");
    let first = hash(dir.path());
    assert_eq!(hash(dir.path()), first, "the same directory has the same hash");
    for hidden in ["node_modules/x/index.js", "data/big.bin", "debug.log"] {
        write(hidden, "x");
        assert_eq!(hash(dir.path()), first, "{hidden} is not seen");
    }
    for seen in ["data/keep.csv", "src/main.js", "src/debug.log", "Dockerfile", ".dockerignore"] {
        let before = hash(dir.path());
        write(seen, "changed");
        assert_ne!(hash(dir.path()), before, "{seen} is seen");
    }
}
