//! What is built for a service, under which tags, and the hash of what it is built from.
//!
//! Tags are Copilot's: `latest` and, when there is one, the tag given or the git commit; for a built sidecar the same with
//! the sidecar's name before it. wharf adds one more, `wharf-<16 digits>`, with the digits of [`ContentHash`]: an image that
//! carries it was built from the same Dockerfile, files, arguments, stage and platform, so it need not be built again.
//! What the hash can't know is what a base image or a download is today; that is why a build can be forced.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::hex;
use crate::facts;
use crate::model::container::{Build, Container, Image};
use crate::model::service::Service;

/// Label with the name of the program that built an image.
const LABEL_BUILDER: &str = "com.aws.copilot.image.builder";
/// Label with its version.
const LABEL_VERSION: &str = "com.aws.copilot.image.version";
/// Label with the name of the container an image was built for.
const LABEL_CONTAINER: &str = "com.aws.copilot.image.container.name";
/// Tag that always names the newest image.
const LATEST: &str = "latest";
/// Changes when the way hashes are computed does: old content tags are then no longer found.
const HASH_VERSION: &str = "wharf build 1";

/// The tags a deployment may give its images.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tags {
    /// What the user asked for.
    pub given: Option<String>,
    /// The git commit; none when there are uncommitted changes.
    pub commit: Option<String>,
}

/// An image that is built for a container.
#[derive(Debug, Clone, PartialEq)]
pub struct ImagePlan {
    /// The container.
    pub container: String,
    /// How it is built.
    pub build: Build,
    /// What it runs on, such as `linux/arm64`.
    pub platform: String,
    /// URI of the repository it goes to, without tag.
    pub repository: String,
    /// Tags it gets, the one that always names the newest first; without the content tag.
    pub tags: Vec<String>,
    /// Tag that names this very image and goes into the task definition; empty = it is named by its digest.
    pub version: String,
    /// Labels put on it.
    pub labels: BTreeMap<String, String>,
}

/// The images that are built for a service: the main container's first, then those of its sidecars by name.
///
/// `repository`: URI of the workload's repository; `platform`: as builders name it.
#[must_use]
pub fn plan(service: &Service, repository: &str, tags: &Tags) -> Vec<ImagePlan> {
    let platform = service.platform.docker();
    std::iter::once((&service.main, true))
        .chain(service.sidecars.iter().map(|sidecar| (sidecar, false)))
        .filter_map(|(container, main)| container_plan(container, main, repository, &platform, tags))
        .collect()
}

/// The image that is built for one container; none when its image exists already.
#[must_use]
pub fn container_plan(
    container: &Container,
    main: bool,
    repository: &str,
    platform: &str,
    tags: &Tags,
) -> Option<ImagePlan> {
    let Image::Build(build) = &container.image else { return None };
    let named = |tag: &str| if main { tag.to_owned() } else { format!("{}-{tag}", container.name) };
    let latest = named(LATEST);
    let version = tags.given.as_deref().or(tags.commit.as_deref()).map(named).unwrap_or_default();
    let mut all = vec![latest];
    if !version.is_empty() && !all.contains(&version) {
        all.push(version.clone());
    }
    let label = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    Some(ImagePlan {
        container: container.name.clone(),
        build: build.clone(),
        platform: platform.to_owned(),
        repository: repository.to_owned(),
        tags: all,
        version,
        labels: BTreeMap::from([
            label(LABEL_BUILDER, "wharf"),
            label(LABEL_VERSION, concat!("v", env!("CARGO_PKG_VERSION"))),
            label(LABEL_CONTAINER, &container.name),
        ]),
    })
}

impl ImagePlan {
    /// Everything the image is called on push, `repository:tag` each. `content`: adds the content tag.
    #[must_use]
    pub fn references(&self, content: Option<&ContentHash>) -> Vec<String> {
        let content = content.map(ContentHash::tag);
        self.tags.iter().chain(&content).map(|tag| format!("{}:{tag}", self.repository)).collect()
    }

    /// The pushed image as rendering takes it. `digest`: `sha256:…`; empty when it was not pushed.
    #[must_use]
    pub fn pushed(&self, digest: &str) -> facts::Image {
        // Without a push there is no digest, and a sidecar's newest image is not called `latest`.
        let tag = match self.tags.first() {
            Some(latest) if self.version.is_empty() && digest.is_empty() && latest != LATEST => latest,
            _ => &self.version,
        };
        facts::Image { repository: self.repository.clone(), tag: tag.clone(), digest: digest.to_owned() }
    }
}

/// The hash of everything an image is built from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ContentHash(String);

impl ContentHash {
    /// 64 hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag that names images with this content, `wharf-` and 16 digits.
    #[must_use]
    pub fn tag(&self) -> String {
        format!("wharf-{}", &self.0[..16])
    }
}

/// What a file of a build context is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind<'a> {
    /// A file with the SHA-256 of its bytes.
    File(&'a [u8; 32]),
    /// A directory.
    Directory,
    /// A symbolic link with its target.
    Link(&'a str),
}

/// Computes a [`ContentHash`]: made from the Dockerfile and its arguments, fed with the files of the context in the order
/// of their paths.
///
/// File times and owners do not count: builders do not copy them either. Permission bits do.
#[derive(Debug, Clone)]
pub struct Hasher(Sha256);

impl Hasher {
    /// Begins with what is known without the context. `dockerfile`: its text, of which line ends don't count;
    /// `platform`: such as `linux/arm64`.
    #[must_use]
    pub fn new(dockerfile: &str, build: &Build, platform: &str) -> Self {
        let mut hasher = Self(Sha256::new());
        hasher.text(HASH_VERSION);
        hasher.text(&dockerfile.replace("\r\n", "\n"));
        hasher.text(build.target.as_deref().unwrap_or_default());
        hasher.text(platform);
        hasher.number(build.args.len() as u64);
        for (name, value) in &build.args {
            hasher.text(name);
            hasher.text(value);
        }
        hasher
    }

    /// Takes in one file. `path`: relative to the context, with `/`; `mode`: permission bits.
    pub fn add(&mut self, path: &str, mode: u32, kind: FileKind<'_>) {
        self.text(path);
        self.number(u64::from(mode));
        match kind {
            FileKind::File(digest) => {
                self.0.update(b"f");
                self.0.update(digest);
            }
            FileKind::Directory => self.0.update(b"d"),
            FileKind::Link(target) => {
                self.0.update(b"l");
                self.text(target);
            }
        }
    }

    /// The hash of all that was taken in.
    #[must_use]
    pub fn finish(self) -> ContentHash {
        ContentHash(hex(&self.0.finalize()))
    }

    /// With its length, so that no two sequences of texts look the same.
    fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.update(text.as_bytes());
    }

    fn number(&mut self, number: u64) {
        self.0.update(number.to_be_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REPOSITORY: &str = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/api";

    fn container(name: &str, image: Image) -> Container {
        Container {
            name: name.to_owned(),
            image,
            credentials: None,
            essential: None,
            entrypoint: vec![],
            command: vec![],
            variables: BTreeMap::new(),
            secrets: BTreeMap::new(),
            env_file: None,
            labels: BTreeMap::new(),
            depends_on: BTreeMap::new(),
            health_check: None,
            ports: vec![],
            mounts: vec![],
        }
    }

    fn built(name: &str, main: bool, tags: &Tags) -> ImagePlan {
        let container = container(name, Image::Build(Build::default()));
        container_plan(&container, main, REPOSITORY, "linux/amd64", tags).unwrap()
    }

    #[test]
    fn tags_and_addresses_are_copilots() {
        let tag = |given: Option<&str>, commit: Option<&str>| Tags {
            given: given.map(str::to_owned),
            commit: commit.map(str::to_owned),
        };
        for (main, tags, want, address) in [
            (true, tag(None, None), vec!["latest"], "@sha256:1"),
            (true, tag(None, Some("1a2b3c")), vec!["latest", "1a2b3c"], ":1a2b3c"),
            (true, tag(Some("v1"), Some("1a2b3c")), vec!["latest", "v1"], ":v1"),
            (true, tag(Some("latest"), None), vec!["latest"], ":latest"),
            (false, tag(None, Some("1a2b3c")), vec!["proxy-latest", "proxy-1a2b3c"], ":proxy-1a2b3c"),
            (false, tag(Some("v1"), Some("1a2b3c")), vec!["proxy-latest", "proxy-v1"], ":proxy-v1"),
            (false, tag(Some("v1"), None), vec!["proxy-latest", "proxy-v1"], ":proxy-v1"),
            (false, tag(Some("latest"), None), vec!["proxy-latest"], ":proxy-latest"),
            (false, tag(None, None), vec!["proxy-latest"], "@sha256:1"),
        ] {
            let plan = built(if main { "api" } else { "proxy" }, main, &tags);
            assert_eq!(plan.tags, want);
            assert_eq!(plan.pushed("sha256:1").address(), format!("{REPOSITORY}{address}"));
        }
        assert_eq!(built("api", true, &Tags::default()).pushed("").address(), format!("{REPOSITORY}:latest"));
        let sidecar = built("proxy", false, &Tags::default()).pushed("");
        assert_eq!(sidecar.address(), format!("{REPOSITORY}:proxy-latest"));
    }

    #[test]
    fn existing_images_are_not_built() {
        let given = container("api", Image::Location("nginx".into()));
        assert_eq!(container_plan(&given, true, REPOSITORY, "linux/amd64", &Tags::default()), None);
    }

    #[test]
    fn the_content_tag_comes_on_top() {
        let plan = built("api", true, &Tags { given: None, commit: Some("c0ffee".into()) });
        let hash = Hasher::new("FROM x", &plan.build, &plan.platform).finish();
        let references = plan.references(Some(&hash));
        assert_eq!(references[1], format!("{REPOSITORY}:c0ffee"));
        assert!(
            crate::name::is_image_tag(&hash.tag()) && references[2].ends_with(&hash.tag()),
            "{references:?}"
        );
        assert_eq!(plan.references(None).len(), 2);
        assert_eq!(plan.labels[LABEL_CONTAINER], "api");
    }

    #[test]
    fn the_hash_changes_with_everything_that_is_built_from() {
        let build = Build::default();
        let base = |text: &str, build: &Build, platform: &str, files: &[(&str, u32, FileKind<'_>)]| {
            let mut hasher = Hasher::new(text, build, platform);
            for (path, mode, kind) in files {
                hasher.add(path, *mode, *kind);
            }
            hasher.finish()
        };
        let (one, two) = ([1; 32], [2; 32]);
        let args = |name: &str, value: &str| Build {
            args: BTreeMap::from([(name.to_owned(), value.to_owned())]),
            ..Build::default()
        };
        let staged = Build { target: Some("x".into()), ..Build::default() };
        let all = [
            base("FROM x", &build, "linux/amd64", &[]),
            base("FROM y", &build, "linux/amd64", &[]),
            base("FROM x", &build, "linux/arm64", &[]),
            base("FROM x", &staged, "linux/amd64", &[]),
            base("FROM x", &args("a", "bc"), "linux/amd64", &[]),
            base("FROM x", &args("ab", "c"), "linux/amd64", &[]),
            base("FROM x", &build, "linux/amd64", &[("a", 0o644, FileKind::File(&one))]),
            base("FROM x", &build, "linux/amd64", &[("a", 0o644, FileKind::File(&two))]),
            base("FROM x", &build, "linux/amd64", &[("a", 0o755, FileKind::File(&one))]),
            base("FROM x", &build, "linux/amd64", &[("b", 0o644, FileKind::File(&one))]),
            base("FROM x", &build, "linux/amd64", &[("a", 0o644, FileKind::Directory)]),
            base("FROM x", &build, "linux/amd64", &[("a", 0o644, FileKind::Link("b"))]),
        ];
        let distinct: std::collections::BTreeSet<&str> = all.iter().map(ContentHash::as_str).collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(base("FROM x\r\n", &build, "p", &[]), base("FROM x\n", &build, "p", &[]));
        // Where the Dockerfile lies and what may be cached changes nothing.
        let moved = Build { dockerfile: "d".into(), cache_from: vec!["x".into()], ..Build::default() };
        assert_eq!(base("FROM x", &moved, "p", &[]), base("FROM x", &build, "p", &[]));
    }
}
