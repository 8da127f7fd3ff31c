//! The manifest of a new Static Site.

use super::{Document, scalar};
use crate::name::WorkloadName;

/// The manifest of a new site. `sources`: paths below the project's root, those of directories with a slash at the end; empty:
/// the whole project but its manifests, which are in `folder`.
#[must_use]
pub fn static_site(name: &WorkloadName, sources: &[String], folder: &str) -> String {
    let mut document = Document::new("service", name.as_str(), "Static Site");
    document.lines(
        "\n# Without a name of its own the site has the one that CloudFront gives it.\n\
         # http:\n\
         #   alias: www.example.com\n\
         #   # ARN of a certificate in us-east-1 that covers the alias.\n\
         #   certificate: arn:aws:acm:us-east-1:111122223333:certificate/…\n\n\
         # The files of the site; paths are relative to the project's root.\nfiles:",
    );
    if sources.is_empty() {
        document.line("  - source: ./");
        document.line("    recursive: true");
        document.line(&format!("    exclude: [{}, .git]", scalar(folder)));
    }
    for source in sources {
        match source.strip_suffix('/') {
            Some("") => document.lines("  - source: ./\n    recursive: true"),
            Some(directory) => {
                document.line(&format!("  - source: {}", scalar(directory)));
                document.line("    recursive: true");
            }
            None => document.line(&format!("  - source: {}", scalar(source))),
        }
    }
    document.lines(
        "    # destination: docs       # A directory of the site that the files go to.\n\
         \x20   # exclude: '*.map'        # Patterns of files that are left out,\n\
         \x20   # reinclude: app.js.map   # and of those that are taken all the same.\n\n\
         # What differs in an environment.\n\
         # environments:\n\
         #   prod:\n\
         #     http:\n\
         #       alias: www.example.com",
    );
    document.0
}
