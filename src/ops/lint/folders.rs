//! What stands in the manifest folder.

use super::Bench;
use crate::ops::Result;
use crate::workspace::list::Stray;

/// Reports folders with a manifest that can't be used, and what is nothing wharf knows.
pub(super) fn check(bench: &mut Bench<'_>) -> Result<()> {
    let workspace = bench.session.workspace()?;
    let (workloads, environments) = (workspace.workloads()?.skipped, workspace.environments()?.skipped);
    for skipped in workloads.into_iter().chain(environments) {
        bench
            .book
            .at(&skipped.folder)
            .error(
                "workspace/folder-name",
                format!("the manifest in this folder is not used: {}", skipped.reason),
            )
            .help("rename the folder, and `name` in its manifest");
    }
    for stray in workspace.strays()? {
        match stray {
            Stray::Folder(path) => {
                bench
                    .book
                    .at(&path)
                    .note("workspace/no-manifest", "this folder has no manifest.yml and is passed over");
            }
            Stray::File(path) => {
                bench
                    .book
                    .at(&path)
                    .note("workspace/stray-file", "this file has no meaning here and is passed over");
            }
        }
    }
    Ok(())
}
