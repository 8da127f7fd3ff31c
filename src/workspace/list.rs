//! What the manifest folder holds: workloads, environments, pipelines, addons, overrides.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Error, MANIFEST_FILE, Privacy, WORKSPACE_FILE, Workspace, Written, file};
use crate::diagnostic::Source;
use crate::name::{EnvName, InvalidName, PipelineName, RESERVED, WorkloadName};

/// Folder of the environments' manifests.
const ENVIRONMENTS: &str = RESERVED[0];
/// Folder of the pipelines' manifests.
const PIPELINES: &str = RESERVED[1];
/// Folder of the JSON Schemas that editors read manifests by.
pub const SCHEMAS: &str = ".schema";
/// Folder of further CloudFormation templates beside a manifest.
const ADDONS: &str = "addons";
/// Folder of changes to the rendered template beside a manifest.
const OVERRIDES: &str = "overrides";
/// File of patches in it.
const PATCHES_FILE: &str = "cfn.patches.yml";
/// File that makes it a CDK application.
const CDK_FILE: &str = "cdk.json";

/// The names found in a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing<N> {
    /// Valid names with a manifest, sorted.
    pub names: Vec<N>,
    /// Folders with a manifest that can't be used, because the folder's name is none.
    pub skipped: Vec<Skipped>,
}

/// A folder with a manifest whose name is no valid name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Path of the folder relative to the project's root.
    pub folder: String,
    /// What is wrong with its name.
    pub reason: InvalidName,
}

/// Something in the manifest folder that is nothing wharf knows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stray {
    /// A file; its path relative to the project's root.
    File(String),
    /// A folder without a manifest; its path relative to the project's root.
    Folder(String),
}

/// A pipeline of the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    /// The name of its folder; absent for the single pipeline of early Copilot versions, whose name stands in its file.
    pub folder: Option<String>,
    /// Its manifest.
    pub manifest: PathBuf,
}

/// Changes to the rendered template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overrides {
    /// There are none.
    None,
    /// A `cfn.patches.yml`.
    Patches(Source),
    /// A CDK application in this directory.
    Cdk(PathBuf),
}

/// Whose addons or overrides are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner<'a> {
    /// A service or job.
    Workload(&'a WorkloadName),
    /// All environments: they share one set.
    Environments,
    /// A pipeline, by the name of its folder. It has no addons.
    Pipeline(&'a str),
}

impl Workspace {
    /// The services and jobs that have a manifest here, whatever their type.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder can't be listed.
    pub fn workloads(&self) -> Result<Listing<WorkloadName>, Error> {
        self.listing(&self.folder, WorkloadName::new)
    }

    /// The environments that have a manifest here.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder can't be listed.
    pub fn environments(&self) -> Result<Listing<EnvName>, Error> {
        self.listing(&self.folder.join(ENVIRONMENTS), EnvName::new)
    }

    /// The pipelines that have a manifest here, sorted; the legacy single one (`pipeline.yml`) first.
    ///
    /// # Errors
    /// [`Error::Io`] when the folder can't be listed.
    pub fn pipelines(&self) -> Result<Vec<Pipeline>, Error> {
        let legacy = self.folder.join("pipeline.yml");
        let mut found = vec![];
        if legacy.is_file() {
            found.push(Pipeline { folder: None, manifest: legacy });
        }
        let folder = self.folder.join(PIPELINES);
        for name in folders_with_manifest(&folder)? {
            let manifest = folder.join(&name).join(MANIFEST_FILE);
            found.push(Pipeline { folder: Some(name), manifest });
        }
        Ok(found)
    }

    /// What stands in the manifest folder, among the environments and among the pipelines, and is nothing wharf knows;
    /// sorted.
    ///
    /// # Errors
    /// [`Error::Io`] when a folder can't be listed.
    pub fn strays(&self) -> Result<Vec<Stray>, Error> {
        let places: [(PathBuf, &[&str]); 3] = [
            (
                self.folder.clone(),
                &[WORKSPACE_FILE, SCHEMAS, ENVIRONMENTS, PIPELINES, "pipeline.yml", "buildspec.yml"],
            ),
            (self.folder.join(ENVIRONMENTS), &[ADDONS, OVERRIDES]),
            (self.folder.join(PIPELINES), &[]),
        ];
        let mut strays = vec![];
        for (folder, known) in places {
            for path in entries(&folder)? {
                let name = path.file_name().and_then(std::ffi::OsStr::to_str).unwrap_or_default();
                if known.contains(&name) || path.join(MANIFEST_FILE).is_file() {
                    continue;
                }
                let shown = self.display(&path);
                strays.push(if path.is_dir() { Stray::Folder(shown) } else { Stray::File(shown) });
            }
        }
        strays.sort();
        Ok(strays)
    }

    /// Where the manifest of a service or job is or would be.
    #[must_use]
    pub fn manifest_path(&self, name: &WorkloadName) -> PathBuf {
        self.folder.join(name.as_str()).join(MANIFEST_FILE)
    }

    /// Where the manifest of an environment is or would be.
    #[must_use]
    pub fn environment_path(&self, name: &EnvName) -> PathBuf {
        self.folder.join(ENVIRONMENTS).join(name.as_str()).join(MANIFEST_FILE)
    }

    /// The manifest of a service or job.
    ///
    /// # Errors
    /// [`Error::NoManifest`], and what reading can meet.
    pub fn manifest(&self, name: &WorkloadName) -> Result<Source, Error> {
        let path = self.manifest_path(name);
        if !path.exists() {
            let others = self.workloads()?.names.iter().map(ToString::to_string).collect();
            return Err(Error::NoManifest { kind: "service or job", name: name.to_string(), path, others });
        }
        self.source(path)
    }

    /// The manifest of an environment.
    ///
    /// # Errors
    /// [`Error::NoManifest`], and what reading can meet.
    pub fn environment(&self, name: &EnvName) -> Result<Source, Error> {
        let path = self.environment_path(name);
        if !path.exists() {
            let others = self.environments()?.names.iter().map(ToString::to_string).collect();
            return Err(Error::NoManifest { kind: "environment", name: name.to_string(), path, others });
        }
        self.source(path)
    }

    /// The file at `path` with its name for messages.
    ///
    /// # Errors
    /// What reading can meet.
    pub fn source(&self, path: PathBuf) -> Result<Source, Error> {
        let text = file::read_text(&path)?;
        Ok(Source { path: self.display(&path), text })
    }

    /// Templates and parameter files (`*.yml`, `*.yaml`) of the owner's `addons` folder, sorted by path.
    ///
    /// # Errors
    /// [`Error::Io`], and what reading can meet.
    pub fn addons(&self, owner: Owner<'_>) -> Result<Vec<Source>, Error> {
        let folder = self.owned(owner).join(ADDONS);
        let mut files: Vec<PathBuf> = entries(&folder)?
            .into_iter()
            .filter(|path| {
                path.extension().is_some_and(|extension| extension == "yml" || extension == "yaml")
            })
            .filter(|path| !hidden(path) && path.is_file())
            .collect();
        files.sort();
        files.into_iter().map(|path| self.source(path)).collect()
    }

    /// The owner's overrides: none without the folder. Patches win over a CDK application beside them, as with Copilot.
    ///
    /// # Errors
    /// [`Error::Overrides`] when the folder holds neither; what reading can meet.
    pub fn overrides(&self, owner: Owner<'_>) -> Result<Overrides, Error> {
        let folder = self.overrides_folder(owner);
        if !folder.is_dir() {
            return Ok(Overrides::None);
        }
        let patches = folder.join(PATCHES_FILE);
        if patches.is_file() {
            return Ok(Overrides::Patches(self.source(patches)?));
        }
        if folder.join(CDK_FILE).is_file() {
            return Ok(Overrides::Cdk(folder));
        }
        let empty = is_empty(&folder)?;
        Err(Error::Overrides { folder: self.display(&folder), empty })
    }

    /// Where the owner's overrides are or would be.
    #[must_use]
    pub fn overrides_folder(&self, owner: Owner<'_>) -> PathBuf {
        self.owned(owner).join(OVERRIDES)
    }

    /// Writes the files of new overrides, given by their paths below the owner's folder; returns their paths for messages.
    ///
    /// # Errors
    /// [`Error::OverridesExist`] when the folder holds anything; [`Error::Io`].
    pub fn write_overrides(
        &self,
        owner: Owner<'_>,
        files: &[(&'static str, String)],
    ) -> Result<Vec<String>, Error> {
        let folder = self.overrides_folder(owner);
        if !is_empty(&folder)? {
            return Err(Error::OverridesExist { folder: self.display(&folder) });
        }
        let mut written = vec![];
        for (name, text) in files {
            let path = folder.join(name);
            file::write_new(&path, text.as_bytes(), Privacy::Shared)?;
            written.push(self.display(&path));
        }
        Ok(written)
    }

    fn owned(&self, owner: Owner<'_>) -> PathBuf {
        match owner {
            Owner::Workload(name) => self.folder.join(name.as_str()),
            Owner::Environments => self.folder.join(ENVIRONMENTS),
            Owner::Pipeline(folder) => self.folder.join(PIPELINES).join(folder),
        }
    }

    /// Writes a file of a new pipeline, such as `manifest.yml`; an existing one is kept.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_pipeline(
        &self,
        name: &PipelineName,
        file_name: &str,
        text: &str,
    ) -> Result<(PathBuf, Written), Error> {
        let path = self.folder.join(PIPELINES).join(name.as_str()).join(file_name);
        let written = file::write_new(&path, text.as_bytes(), Privacy::Shared)?;
        Ok((path, written))
    }

    /// Writes the manifest of a new service or job; an existing one is kept.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_manifest(&self, name: &WorkloadName, text: &str) -> Result<(PathBuf, Written), Error> {
        let path = self.manifest_path(name);
        let written = file::write_new(&path, text.as_bytes(), Privacy::Shared)?;
        Ok((path, written))
    }

    /// Writes the manifest of a new environment; an existing one is kept.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn write_environment(&self, name: &EnvName, text: &str) -> Result<(PathBuf, Written), Error> {
        let path = self.environment_path(name);
        let written = file::write_new(&path, text.as_bytes(), Privacy::Shared)?;
        Ok((path, written))
    }

    fn listing<N: Ord>(
        &self,
        folder: &Path,
        parse: impl Fn(String) -> Result<N, InvalidName>,
    ) -> Result<Listing<N>, Error> {
        let mut listing = Listing { names: vec![], skipped: vec![] };
        for name in folders_with_manifest(folder)? {
            match parse(name.clone()) {
                Ok(name) => listing.names.push(name),
                // `environments/manifest.yml` is nobody's manifest.
                Err(InvalidName::Reserved(_)) => {}
                Err(reason) => {
                    let folder = self.display(&folder.join(name));
                    listing.skipped.push(Skipped { folder, reason });
                }
            }
        }
        listing.names.sort();
        Ok(listing)
    }
}

/// Whether a folder holds what a manifest folder holds.
pub(super) fn looks_like_manifests(folder: &Path) -> bool {
    RESERVED.iter().any(|name| folders_with_manifest(&folder.join(name)).is_ok_and(|found| !found.is_empty()))
        || folder.join("pipeline.yml").is_file()
        || folders_with_manifest(folder).is_ok_and(|found| !found.is_empty())
}

/// Names of the directories in `folder`, also linked ones, that hold a manifest; sorted. Hidden ones don't count.
fn folders_with_manifest(folder: &Path) -> Result<Vec<String>, Error> {
    let mut names: Vec<String> = entries(folder)?
        .into_iter()
        .filter(|path| !hidden(path) && path.join(MANIFEST_FILE).is_file())
        .filter_map(|path| path.file_name()?.to_str().map(str::to_owned))
        .collect();
    names.sort();
    Ok(names)
}

/// What stands in `folder`; nothing when there is no such folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let fail = |source| Error::Io { action: "list", path: folder.to_owned(), source };
    if !folder.is_dir() {
        return Ok(vec![]);
    }
    let listed: Result<Vec<PathBuf>, _> =
        fs::read_dir(folder).map_err(fail)?.map(|entry| entry.map(|entry| entry.path())).collect();
    listed.map_err(fail)
}

/// Whether a folder is missing or holds nothing but hidden files, such as `.gitkeep`.
fn is_empty(folder: &Path) -> Result<bool, Error> {
    Ok(entries(folder)?.iter().all(|path| hidden(path)))
}

fn hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::AppName;
    use crate::workspace::create;

    fn name(text: &str) -> WorkloadName {
        WorkloadName::new(text).unwrap()
    }

    fn fixture(files: &[(&str, &str)]) -> (tempfile::TempDir, Workspace) {
        let dir = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let (workspace, _) = create(dir.path(), &AppName::new("shop").unwrap()).unwrap();
        (dir, workspace)
    }

    #[test]
    fn lists_what_has_a_manifest() {
        let (dir, workspace) = fixture(&[
            ("copilot/web/manifest.yml", "name: web"),
            ("copilot/api/manifest.yml", "name: api\r\n"),
            ("copilot/empty/notes.txt", ""),
            ("copilot/.DS_Store", ""),
            ("copilot/.hidden/manifest.yml", ""),
            ("copilot/My_Service/manifest.yml", ""),
            ("copilot/environments/manifest.yml", ""),
            ("copilot/environments/.DS_Store", ""),
            ("shared/prod/manifest.yml", "name: prod"),
            ("copilot/pipeline.yml", "name: old"),
            ("copilot/pipelines/main/manifest.yml", "name: main"),
            ("copilot/pipelines/main/buildspec.yml", ""),
        ]);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(
                dir.path().join("shared/prod"),
                dir.path().join("copilot/environments/prod"),
            )
            .unwrap();
            let environments = workspace.environments().unwrap();
            assert_eq!(environments.names, [EnvName::new("prod").unwrap()]);
            assert_eq!(workspace.environment(&environments.names[0]).unwrap().text, "name: prod");
        }
        let workloads = workspace.workloads().unwrap();
        assert_eq!(workloads.names, [name("api"), name("web")]);
        let skipped: Vec<&str> = workloads.skipped.iter().map(|skipped| skipped.folder.as_str()).collect();
        assert_eq!(skipped, ["copilot/My_Service"]);
        let pipelines = workspace.pipelines().unwrap();
        let folders: Vec<_> = pipelines.iter().map(|pipeline| pipeline.folder.as_deref()).collect();
        assert_eq!(folders, [None, Some("main")]);
        let manifest = workspace.manifest(&name("api")).unwrap();
        assert_eq!(
            (manifest.path.as_str(), manifest.text.as_str()),
            ("copilot/api/manifest.yml", "name: api\r\n")
        );
        let missing = workspace.manifest(&name("nope")).unwrap_err();
        assert_eq!(missing.next_steps(), ["The workspace has: api, web."]);
        drop(dir);
    }

    #[test]
    fn addons_and_overrides() {
        let (_dir, workspace) = fixture(&[
            ("copilot/api/manifest.yml", ""),
            ("copilot/api/addons/table.yml", "a"),
            ("copilot/api/addons/addons.parameters.yml", "b"),
            ("copilot/api/addons/bucket.yaml", "c"),
            ("copilot/api/addons/readme.md", "d"),
            ("copilot/api/overrides/cfn.patches.yml", "- op: add"),
            ("copilot/environments/test/manifest.yml", ""),
            ("copilot/environments/overrides/cdk.json", "{}"),
            ("copilot/environments/overrides/cfn.patches.yml", ""),
            ("copilot/pipelines/main/overrides/cdk.json", "{}"),
            ("copilot/bare/overrides/.gitkeep", ""),
            ("copilot/odd/overrides/notes.md", ""),
        ]);
        let api = name("api");
        let addons = workspace.addons(Owner::Workload(&api)).unwrap();
        let names: Vec<&str> = addons.iter().map(|file| file.path.rsplit('/').next().unwrap()).collect();
        assert_eq!(names, ["addons.parameters.yml", "bucket.yaml", "table.yml"]);
        assert_eq!(workspace.addons(Owner::Environments).unwrap(), []);
        let patches = workspace.overrides(Owner::Workload(&api)).unwrap();
        assert!(matches!(patches, Overrides::Patches(source) if source.text == "- op: add"));
        let both = workspace.overrides(Owner::Environments).unwrap();
        assert!(matches!(both, Overrides::Patches(source) if source.text.is_empty()));
        let cdk = workspace.overrides(Owner::Pipeline("main")).unwrap();
        assert!(matches!(cdk, Overrides::Cdk(folder) if folder.ends_with("pipelines/main/overrides")));
        assert_eq!(workspace.overrides(Owner::Workload(&name("web"))).unwrap(), Overrides::None);
        for (folder, words) in [("bare", "is empty"), ("odd", "neither cfn.patches.yml nor cdk.json")] {
            let error = workspace.overrides(Owner::Workload(&name(folder))).unwrap_err().to_string();
            assert!(error.contains(words) && error.contains(folder), "{error}");
        }
    }

    #[test]
    fn overrides_are_written_into_empty_folders_only() {
        let (dir, workspace) = fixture(&[("copilot/bare/overrides/.gitkeep", "")]);
        let bare = name("bare");
        let files = [("cfn.patches.yml", "[]\n".to_owned()), ("bin/x.ts", "x".to_owned())];
        let written = workspace.write_overrides(Owner::Workload(&bare), &files).unwrap();
        assert!(written[1].ends_with("bare/overrides/bin/x.ts"), "{written:?}");
        let again = workspace.write_overrides(Owner::Workload(&bare), &files).unwrap_err();
        assert!(matches!(again, Error::OverridesExist { .. }), "{again}");
        drop(dir);
    }

    #[test]
    fn a_manifest_is_written_once() {
        let (_dir, workspace) = fixture(&[]);
        let (path, written) = workspace.write_manifest(&name("api"), "name: api\n").unwrap();
        assert_eq!(
            (workspace.display(&path).as_str(), written),
            ("wharf/api/manifest.yml", Written::Created)
        );
        assert_eq!(workspace.write_manifest(&name("api"), "other").unwrap().1, Written::Kept);
        assert_eq!(workspace.manifest(&name("api")).unwrap().text, "name: api\n");
        let test = EnvName::new("test").unwrap();
        assert_eq!(workspace.write_environment(&test, "name: test\n").unwrap().1, Written::Created);
        assert_eq!(workspace.environments().unwrap().names, [test]);
    }
}
