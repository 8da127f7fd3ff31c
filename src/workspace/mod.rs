//! The user's files: finding, reading, scaffolding. The only home of `std::fs`.
//!
//! * [`Workspace`] and [`find`]: the manifest folder (`copilot/` or `wharf/`), the application it belongs to, the
//!   project's root.
//! * [`list`]: what the folder holds: workloads, environments, pipelines, addons, overrides.
//! * [`build`]: what an image is built from: Dockerfiles, ignore files, the files of a build context.
//! * [`env_file`]: what ECS will and will not understand of a `.env` file.
//! * [`mod@file`]: reading and writing single files; new files never replace existing ones.
//! * [`local`]: files and folders that a template names by a local path.
//! * [`site`]: the files of a static site.
//! * [`scratch`]: a private directory that is gone when its owner is.
//!
//! Every path a manifest names is relative to the project's root, the parent of the manifest folder; [`Workspace::resolve`]
//! turns it into a path of this machine.

pub mod build;
pub mod env_file;
mod error;
pub mod file;
pub mod list;
pub mod local;
pub mod scratch;
pub mod site;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use error::Error;
pub use file::{Privacy, Written};

use crate::name::AppName;

/// Names of the manifest folder, the preferred one first.
pub const FOLDERS: [&str; 2] = ["copilot", "wharf"];
/// Name of the file in the manifest folder that says which application it belongs to.
pub const WORKSPACE_FILE: &str = ".workspace";
/// Name of the file that describes a workload, an environment or a pipeline in its folder.
pub const MANIFEST_FILE: &str = "manifest.yml";
/// Most directories looked at for a manifest folder: the working directory and its nearest parents.
pub const SEARCH_DEPTH: usize = 5;

/// A project with its manifest folder, bound to an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workspace {
    root: PathBuf,
    folder: PathBuf,
    app: AppName,
}

/// The workspace file as written. Other keys, such as the `path` of early Copilot versions, are of no interest.
#[derive(Debug, Serialize, Deserialize)]
struct Binding {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    application: Option<String>,
}

/// What a search came upon.
enum Found {
    Bound(PathBuf),
    Unbound(PathBuf),
    Nothing,
}

/// Finds the workspace that `start` (an absolute directory, as a rule the working directory) stands in.
///
/// `start` itself counts when it is a manifest folder; then `copilot/` and `wharf/` in it and in its parents, [`SEARCH_DEPTH`]
/// directories in all. In one directory `copilot/` wins; a folder without a workspace file gives way to any that has one.
///
/// # Errors
/// [`Error::NotFound`] without any manifest folder, [`Error::Unbound`] when there is one that belongs to no application,
/// and what reading the workspace file can meet.
pub fn find(start: &Path) -> Result<Workspace, Error> {
    match search(start) {
        Found::Bound(folder) => open(folder),
        Found::Unbound(folder) => Err(Error::Unbound { folder }),
        Found::Nothing => Err(Error::NotFound { start: start.to_owned() }),
    }
}

/// Makes `start` (an absolute directory) a workspace of `app`, or finds that it is one.
///
/// A manifest folder that belongs to no application yet is bound where it stands; without one, `wharf/` is made in
/// `start`.
///
/// # Errors
/// [`Error::OtherApp`] when the workspace belongs to another application, and what writing can meet.
pub fn create(start: &Path, app: &AppName) -> Result<(Workspace, Written), Error> {
    let folder = match search(start) {
        Found::Bound(folder) => {
            let workspace = open(folder)?;
            if workspace.app != *app {
                return Err(Error::OtherApp {
                    folder: workspace.folder,
                    bound: workspace.app,
                    wanted: app.clone(),
                });
            }
            return Ok((workspace, Written::Kept));
        }
        Found::Unbound(folder) => folder,
        Found::Nothing => start.join(FOLDERS[1]),
    };
    let binding = Binding { application: Some(app.to_string()) };
    let path = folder.join(WORKSPACE_FILE);
    let text =
        crate::yaml::to_string(&binding).map_err(|message| Error::BadFile { path: path.clone(), message })?;
    let written = file::write_new(&path, text.as_bytes(), Privacy::Shared)?;
    // A workspace file that came into being meanwhile is read as any other.
    let workspace = open(folder)?;
    if workspace.app != *app {
        return Err(Error::OtherApp { folder: workspace.folder, bound: workspace.app, wanted: app.clone() });
    }
    Ok((workspace, written))
}

fn search(start: &Path) -> Found {
    let bound = |folder: &Path| folder.join(WORKSPACE_FILE).is_file();
    let is_folder_name = |path: &Path| FOLDERS.iter().any(|name| path.file_name() == Some((*name).as_ref()));
    let mut unbound = None;
    if is_folder_name(start) && start.parent().is_some() {
        if bound(start) {
            return Found::Bound(start.to_owned());
        }
        if list::looks_like_manifests(start) {
            unbound = Some(start.to_owned());
        }
    }
    for directory in start.ancestors().take(SEARCH_DEPTH) {
        let folders: Vec<PathBuf> =
            FOLDERS.iter().map(|name| directory.join(name)).filter(|folder| folder.is_dir()).collect();
        if let Some(folder) = folders.iter().find(|folder| bound(folder)) {
            return Found::Bound(folder.clone());
        }
        // A `wharf/` that holds no manifests may be anything, such as a source folder.
        let candidate = folders
            .into_iter()
            .find(|folder| folder.ends_with(FOLDERS[0]) || list::looks_like_manifests(folder));
        unbound = unbound.or(candidate);
    }
    unbound.map_or(Found::Nothing, Found::Unbound)
}

fn open(folder: PathBuf) -> Result<Workspace, Error> {
    let path = folder.join(WORKSPACE_FILE);
    let text = file::read_text(&path)?;
    let bad = |message: String| Error::BadFile { path: path.clone(), message };
    let binding: Option<Binding> = crate::yaml::from_str(&text).map_err(bad)?;
    let Some(name) = binding.and_then(|binding| binding.application).filter(|name| !name.is_empty()) else {
        return Err(Error::Unbound { folder });
    };
    let app = AppName::new(name).map_err(|error| bad(error.to_string()))?;
    let root = folder.parent().unwrap_or(&folder).to_owned();
    Ok(Workspace { root, folder, app })
}

impl Workspace {
    /// The application it belongs to.
    #[must_use]
    pub fn app(&self) -> &AppName {
        &self.app
    }

    /// The project's root: the parent of the manifest folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The manifest folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A path of a manifest (Dockerfile, build context, `.env` file, site source) as a path of this machine.
    ///
    /// It is relative to the project's root, also with a leading `/`. `..` may leave the root: a project can be a part of a
    /// larger repository.
    #[must_use]
    pub fn resolve(&self, path: &str) -> PathBuf {
        let relative = path.trim_start_matches('/');
        let mut resolved = self.root.clone();
        for part in relative.split('/') {
            match part {
                "" | "." => {}
                // Taken by the text, so that messages show short paths.
                ".." if resolved.parent().is_some() => {
                    resolved.pop();
                }
                ".." => {}
                part => resolved.push(part),
            }
        }
        resolved
    }

    /// `path` for messages: relative to the project's root when it lies in it, with `/` between its parts.
    #[must_use]
    pub fn display(&self, path: &Path) -> String {
        slashed(path.strip_prefix(&self.root).unwrap_or(path))
    }

    /// Removes the workspace file, which unbinds the folder; manifests stay. A file that is already gone is no error.
    ///
    /// # Errors
    /// [`Error::Io`] when the file can't be removed.
    pub fn unbind(&self) -> Result<(), Error> {
        file::remove(&self.folder.join(WORKSPACE_FILE))
    }
}

/// `path` with `/` between its parts on every system.
pub(crate) fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' {
        text.into_owned()
    } else {
        text.replace(std::path::MAIN_SEPARATOR, "/")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn app(name: &str) -> AppName {
        AppName::new(name).unwrap()
    }

    fn project(folder: &str, binding: Option<&str>) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join(folder)).unwrap();
        if let Some(text) = binding {
            fs::write(dir.path().join(folder).join(WORKSPACE_FILE), text).unwrap();
        }
        dir
    }

    #[test]
    fn finds_the_folder_upwards_and_not_too_far() {
        let dir = project("copilot", Some("application: shop\n"));
        fs::create_dir_all(dir.path().join("a/b/c/d/e")).unwrap();
        for start in ["", "copilot", "a/b/c/d", "copilot/api"] {
            fs::create_dir_all(dir.path().join(start)).unwrap();
            let found = find(&dir.path().join(start)).unwrap();
            assert_eq!((found.app(), found.root()), (&app("shop"), dir.path()), "{start:?}");
        }
        let far = find(&dir.path().join("a/b/c/d/e")).unwrap_err();
        assert!(matches!(far, Error::NotFound { .. }), "{far:?}");
    }

    #[test]
    fn both_folder_names_work_and_a_bound_one_wins() {
        let dir = project("wharf", Some("application: shop"));
        assert_eq!(find(dir.path()).unwrap().folder(), dir.path().join("wharf"));
        fs::create_dir_all(dir.path().join("copilot")).unwrap();
        assert_eq!(find(dir.path()).unwrap().folder(), dir.path().join("wharf"));
        fs::write(dir.path().join("copilot/.workspace"), "application: old\n").unwrap();
        assert_eq!(find(dir.path()).unwrap().app(), &app("old"));
    }

    #[test]
    fn a_project_called_wharf_is_no_manifest_folder() {
        let dir = project("wharf/copilot", Some("application: shop\n"));
        fs::create_dir_all(dir.path().join("wharf/src")).unwrap();
        assert_eq!(find(&dir.path().join("wharf")).unwrap().folder(), dir.path().join("wharf/copilot"));
        assert_eq!(find(&dir.path().join("wharf/src")).unwrap().root(), dir.path().join("wharf"));
    }

    #[test]
    fn tolerates_what_old_versions_wrote() {
        for text in
            ["path: \"\"\napplication: shop\n", "\u{feff}application: shop\r\n", "---\napplication: shop"]
        {
            assert_eq!(find(project("copilot", Some(text)).path()).unwrap().app(), &app("shop"), "{text:?}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_the_workspace_file() {
        let empty = find(project("copilot", Some("")).path()).unwrap_err();
        assert!(matches!(empty, Error::Unbound { .. }), "{empty:?}");
        let none = find(project("copilot", None).path()).unwrap_err();
        assert!(matches!(none, Error::Unbound { .. }), "{none:?}");
        let bad = find(project("copilot", Some("application: My App\n")).path()).unwrap_err();
        assert!(bad.to_string().contains("lower-case letter"), "{bad}");
        let list = find(project("copilot", Some("- a\n")).path()).unwrap_err();
        assert!(matches!(list, Error::BadFile { .. }), "{list:?}");
    }

    #[test]
    fn creating_twice_changes_nothing_and_another_app_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let (workspace, written) = create(dir.path(), &app("shop")).unwrap();
        assert_eq!((workspace.folder(), written), (dir.path().join("wharf").as_path(), Written::Created));
        assert_eq!(fs::read_to_string(dir.path().join("wharf/.workspace")).unwrap(), "application: shop\n");
        assert_eq!(create(dir.path(), &app("shop")).unwrap().1, Written::Kept);
        let refused = create(dir.path(), &app("other")).unwrap_err();
        assert!(matches!(refused, Error::OtherApp { .. }));
        workspace.unbind().unwrap();
        workspace.unbind().unwrap();
        // Nothing speaks for the empty folder any more, so it is made anew in place.
        assert_eq!(create(dir.path(), &app("other")).unwrap().0.app(), &app("other"));
    }

    #[test]
    fn an_unbound_copilot_folder_is_bound_in_place() {
        let dir = project("copilot/api", None);
        fs::write(dir.path().join("copilot/api/manifest.yml"), "name: api\n").unwrap();
        let (workspace, _) = create(&dir.path().join("copilot"), &app("shop")).unwrap();
        assert_eq!(workspace.folder(), dir.path().join("copilot"));
    }

    #[test]
    fn manifest_paths_are_relative_to_the_root() {
        let dir = project("copilot", Some("application: shop\n"));
        let workspace = find(dir.path()).unwrap();
        for (path, want) in
            [("Dockerfile", "Dockerfile"), ("/api/Dockerfile", "api/Dockerfile"), ("./x/../y", "y")]
        {
            assert_eq!(workspace.resolve(path), dir.path().join(want), "{path}");
            assert_eq!(workspace.display(&workspace.resolve(path)), want);
        }
        assert_eq!(workspace.resolve("../lib"), dir.path().parent().unwrap().join("lib"));
        assert_eq!(workspace.resolve("."), dir.path());
    }
}
