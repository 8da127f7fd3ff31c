//! A static site as meant for one environment.

pub use super::from_manifest::site::read;
use super::pattern::Pattern;
use crate::name::WorkloadName;

/// Files behind CloudFront.
#[derive(Debug, Clone, PartialEq)]
pub struct Site {
    /// Its name.
    pub name: WorkloadName,
    /// Host names it was given. Without any it has one of the application's domain, if there is one, else CloudFront's.
    pub aliases: Vec<String>,
    /// ARN of a certificate of the user's in us-east-1; always beside host names.
    pub certificate: Option<String>,
    /// Its files, in the order of the manifest: of two that go to the same place, the later one counts.
    pub files: Vec<FileSet>,
}

/// Files of a site that come from one place.
#[derive(Debug, Clone, PartialEq)]
pub struct FileSet {
    /// Path of a file or directory below the project's root: parts joined by `/`, no `.` and no `..` among them. Empty: the
    /// root itself.
    pub source: String,
    /// Directory of the site: parts joined by `/`, as [`FileSet::source`]. Empty: the root of the site.
    pub destination: String,
    /// Whether directories below a directory are taken too.
    pub recursive: bool,
    /// What is left out.
    pub exclude: Vec<Pattern>,
    /// What is taken all the same.
    pub reinclude: Vec<Pattern>,
}

impl FileSet {
    /// Whether a file is taken. `path`: below the source, with `/`; for a source that is a file, its name.
    ///
    /// A pattern covers a file when it matches the file's path below the project's root, its path below the source or its
    /// bare name, or one of these of a directory that it stands in.
    #[must_use]
    pub fn takes(&self, path: &str) -> bool {
        let covered = |patterns: &[Pattern]| patterns.iter().any(|pattern| self.covers(pattern, path));
        !covered(&self.exclude) || covered(&self.reinclude)
    }

    fn covers(&self, pattern: &Pattern, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        let mut above = ends.filter_map(|end| path.get(..end));
        let from_root = |path: &str| match self.source.as_str() {
            "" => path.to_owned(),
            source if source.rsplit('/').next() == Some(path) => source.to_owned(),
            source => format!("{source}/{path}"),
        };
        above.any(|path| {
            let name = path.rsplit('/').next().unwrap_or(path);
            pattern.matches(path) || pattern.matches(name) || pattern.matches(&from_root(path))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(source: &str, exclude: &[&str], reinclude: &[&str]) -> FileSet {
        let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        FileSet {
            source: source.into(),
            destination: String::new(),
            recursive: true,
            exclude: patterns(exclude),
            reinclude: patterns(reinclude),
        }
    }

    #[test]
    fn exclusions_first_then_what_comes_back() {
        let all = set("foo", &[], &[]);
        assert!(all.takes("a/b.js"));
        let pictures = set("foo", &["*"], &["*.jpg"]);
        assert!(pictures.takes("a.jpg") && pictures.takes("deep/er/b.jpg"));
        assert!(!pictures.takes("a.png") && !pictures.takes("deep/c.html"));
        // Nothing was left out, so nothing comes back.
        assert!(set("foo", &["*.map"], &["a.js"]).takes("b.js"));
    }

    #[test]
    fn patterns_see_the_path_from_the_root_from_the_source_and_the_name() {
        for pattern in
            ["web/dist/js/a.map", "js/a.map", "a.map", "*.map", "js", "web/dist/js", "web/*/js", "j?"]
        {
            assert!(!set("web/dist", &[pattern], &[]).takes("js/a.map"), "{pattern}");
        }
        for pattern in ["dist", "web", "js/*/a.map", "a", "dist/js/a.map"] {
            assert!(set("web/dist", &[pattern], &[]).takes("js/a.map"), "{pattern}");
        }
        assert!(!set("", &["copilot"], &[]).takes("copilot/api/manifest.yml"));
        assert!(!set("web/a.txt", &["web/*.txt"], &[]).takes("a.txt"));
    }
}
