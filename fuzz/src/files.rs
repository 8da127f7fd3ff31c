//! What stands beside manifests: Dockerfiles, ignore files, environment files.

use std::collections::BTreeMap;

use wharf::artifact::dockerfile;
use wharf::artifact::dockerignore::{Ignore, Verdict};
use wharf::workspace::env_file;

use super::parts;

/// A path, NUL, the text of a file of any of these kinds.
pub fn files(data: &[u8]) {
    let Some(parts) = parts(data) else { return };
    let [path, text] = parts[..] else { return };
    let args = BTreeMap::from([("PORT".to_owned(), "8080".to_owned())]);
    let all = dockerfile::parse(text, None, &args);
    for stage in &all.stages {
        assert_eq!(dockerfile::parse(text, Some(stage), &args).stages, all.stages);
    }
    for expose in &all.ports {
        assert!(expose.port > 0 && ["tcp", "udp"].contains(&expose.protocol.as_str()), "{expose:?}");
    }
    for problem in env_file::check(text) {
        assert!((1..=text.lines().count()).contains(&problem.line), "{problem:?}");
    }
    let ignore = Ignore::parse(text);
    // What is below something hidden for good is hidden.
    if ignore.verdict(path) == Verdict::Hidden {
        assert_ne!(ignore.verdict(&format!("{path}/below")), Verdict::Seen, "{path:?}");
    }
}
