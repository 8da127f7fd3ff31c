//! Static Sites: are their files there, and are they meant for the public?

use super::book::place;
use super::{Bench, Workload};
use crate::artifact::site::{self as artifact, Files};
use crate::diagnostic::{Diagnostics, Span};
use crate::model::site::Site;
use crate::model::workload as model;
use crate::name::EnvName;
use crate::ops::Result;
use crate::workspace::Error;
use crate::workspace::site::{Wanted, files as found_in};
use crate::yaml::node::Node;

/// The page of the site's root address.
const INDEX: &str = "index.html";

/// Checks the files of a workload that is a site.
pub(super) fn check(bench: &mut Bench<'_>, workload: &Workload) -> Result<()> {
    let mut found = vec![];
    for (env, model) in &workload.models {
        let model::Workload::StaticSite(site) = model else { continue };
        found.push((env.clone(), one(bench, workload, env, site)?));
    }
    bench.book.merge(&workload.source, found);
    Ok(())
}

fn one(bench: &Bench<'_>, workload: &Workload, env: &EnvName, site: &Site) -> Result<Diagnostics> {
    let workspace = bench.session.workspace()?;
    let (mut files, mut out) = (Files::new(), Diagnostics::new());
    for (index, set) in site.files.iter().enumerate() {
        let takes = |path: &str| set.takes(path);
        let wanted = Wanted { source: &set.source, recursive: set.recursive, takes: &takes };
        match found_in(workspace.root(), wanted) {
            Ok(found) => {
                for file in found {
                    artifact::add(&mut files, set, &file.path, file.local, file.size, file.sha256);
                }
            }
            Err(error) => {
                let message = match error {
                    Error::Missing { .. } => format!("there is nothing at ./{}", set.source),
                    error => error.to_string(),
                };
                out.warn("files/source", message)
                    .at(source(&workload.root, env, index))
                    .help("paths are relative to the parent of the manifest folder; what a build makes has to be built before `deploy`");
            }
        }
    }
    if !out.is_empty() {
        return Ok(out);
    }
    let at = place(&workload.root, env, &["files"]).unwrap_or_default();
    if files.is_empty() {
        out.warn("files/none", "the site has no files")
            .at(at)
            .help("see `exclude`, and `recursive: true` for directories below");
    } else if !files.contains_key(INDEX) {
        out.warn("files/index", format!("the site has no {INDEX}: its bare address shows an error"))
            .at(at)
            .help(format!("{INDEX} stands at the root of the site, see `destination`"));
    }
    let manifests = workspace.folder().file_name().unwrap_or_default().to_string_lossy();
    if let Some(first) = artifact::private(&files, &manifests).first() {
        out.warn("files/private", format!("{first} would be public"))
            .at(at)
            .help("leave it out with `exclude`");
    }
    Ok(out)
}

/// The place of a source.
fn source(root: &Node, env: &EnvName, index: usize) -> Span {
    let section = root.get("environments").and_then(|sections| sections.get(env.as_str()));
    let lists = [section, Some(root)].into_iter().flatten();
    let list = lists.filter_map(|root| root.get("files")?.as_sequence()).next().unwrap_or_default();
    let item = list.get(index);
    item.and_then(|item| item.get("source")).or(item).map(|node| node.span).unwrap_or_default()
}
