//! The user's further templates: read with the local files they name, uploaded before the stack that nests them.

use std::collections::BTreeMap;

use super::package::Findings;
use super::{Error, Result, Session};
use crate::artifact::addons::{self, Location, Wanted};
use crate::artifact::{key, sha256, zip};
use crate::aws::Connection;
use crate::deploy::upload::{self, File};
use crate::diagnostic::Source;
use crate::facts::{Artifacts, Facts};
use crate::name::WorkloadName;
use crate::stack::workload;
use crate::workspace::list::Owner;
use crate::workspace::local::{self, Local};
use crate::workspace::{self, Workspace};

/// Addons without errors.
pub(super) struct Addons {
    /// The service they belong to; none: they are the environments'.
    workload: Option<WorkloadName>,
    sources: Vec<Source>,
    /// Content and key of every local file that the templates name.
    assets: BTreeMap<Wanted, Asset>,
    read: addons::Addons,
}

struct Asset {
    key: String,
    bytes: Vec<u8>,
}

/// Addons and what was found in their files that is no error.
#[derive(Default)]
pub(super) struct Loaded {
    /// The addons; none without a template.
    pub addons: Option<Addons>,
    /// Warnings.
    pub findings: Vec<Findings>,
}

/// Reads the addons of a service or of the environments.
///
/// # Errors
/// [`Error::Addons`] with all that is wrong with the files; files that can't be read.
pub(super) fn load(session: &Session, owner: Owner<'_>) -> Result<Loaded> {
    let workspace = session.workspace()?;
    let sources = workspace.addons(owner)?;
    if sources.is_empty() {
        return Ok(Loaded::default());
    }
    let workload = match owner {
        Owner::Workload(name) => Some(name.clone()),
        Owner::Environments | Owner::Pipeline(_) => None,
    };
    let mut assets = BTreeMap::new();
    let reading = addons::read(&sources, required(workload.as_ref()), &mut |wanted| {
        if !assets.contains_key(wanted) {
            assets.insert(wanted.clone(), asset(workspace, workload.as_ref(), wanted)?);
        }
        // Its address is known later.
        Ok(None)
    });
    let mut reading = reading;
    if session.inputs.strict {
        reading.findings.iter_mut().for_each(crate::diagnostic::Diagnostics::strict);
    }
    let broken = reading.findings.iter().any(crate::diagnostic::Diagnostics::has_errors);
    let findings: Vec<Findings> = sources
        .iter()
        .zip(reading.findings)
        .filter(|(_, diagnostics)| !diagnostics.is_empty())
        .map(|(source, diagnostics)| Findings { source: source.clone(), diagnostics })
        .collect();
    if broken {
        return Err(Error::Addons(findings));
    }
    let addons = reading.addons.map(|read| Addons { workload, sources, assets, read });
    Ok(Loaded { addons, findings })
}

/// Parameters that the one template must have.
pub(super) fn required(workload: Option<&WorkloadName>) -> &'static [&'static str] {
    if workload.is_some() { addons::WORKLOAD_PARAMETERS } else { addons::ENVIRONMENT_PARAMETERS }
}

/// The content of a local file or folder as it is uploaded.
fn asset(
    workspace: &Workspace,
    workload: Option<&WorkloadName>,
    wanted: &Wanted,
) -> std::result::Result<Asset, String> {
    let path = workspace.resolve(&wanted.path);
    let content = local::read(&path).map_err(|error| match error {
        workspace::Error::Missing { .. } => format!("the file or folder {} does not exist", wanted.path),
        error => error.to_string(),
    })?;
    let failed = |message| format!("{} can't be put into an archive: {message}", wanted.path);
    let bytes = match content {
        Local::File(bytes) if !wanted.zipped || zip::is_archive(&bytes) => bytes,
        Local::File(content) => {
            let name = wanted.path.rsplit('/').next().unwrap_or_default().to_owned();
            zip::archive(vec![zip::Entry { path: name, content, kind: zip::Kind::File }]).map_err(failed)?
        }
        Local::Folder(items) if items.is_empty() => {
            return Err(format!("the folder {} is empty", wanted.path));
        }
        Local::Folder(items) => zip::archive(items.into_iter().map(entry).collect()).map_err(failed)?,
    };
    let hash = sha256(&bytes);
    let key = match workload {
        Some(name) => key::addons_asset(name, &hash),
        None => key::environment_addons_asset(&hash),
    };
    Ok(Asset { key, bytes })
}

fn entry(item: local::Item) -> zip::Entry {
    let kind = match (item.link, item.program) {
        (true, _) => zip::Kind::Link,
        (false, true) => zip::Kind::Program,
        (false, false) => zip::Kind::File,
    };
    zip::Entry { path: item.path, content: item.content, kind }
}

impl Addons {
    /// What the service's stack needs to know of them.
    pub fn of_workload(&self) -> workload::Addons {
        workload::Addons { outputs: self.read.outputs.clone(), parameters: self.read.parameters.clone() }
    }

    /// Values for the nested stack besides those every one gets.
    pub fn parameters(&self) -> BTreeMap<String, serde_json::Value> {
        self.read.parameters.clone().into_iter().collect()
    }

    /// The one template: with addresses for local files where the bucket is known, else with their paths.
    pub fn template(&self, artifacts: &Artifacts, region: &str) -> Result<String> {
        if artifacts.bucket.is_empty() || region.is_empty() || self.assets.is_empty() {
            return Ok(self.read.text());
        }
        let mut locate = |wanted: &Wanted| {
            Ok(self.assets.get(wanted).map(|asset| Location {
                bucket: artifacts.bucket.clone(),
                region: region.to_owned(),
                key: asset.key.clone(),
            }))
        };
        let reading = addons::read(&self.sources, required(self.workload.as_ref()), &mut locate);
        let read =
            reading.addons.ok_or_else(|| Error::Bug("addons that were read can't be read".to_owned()))?;
        Ok(read.text())
    }

    fn key(&self, template: &str) -> String {
        match &self.workload {
            Some(name) => key::addons(name, template),
            None => key::environment_addons(template),
        }
    }

    /// The template's URL; none when the bucket is not known.
    pub fn url(&self, artifacts: &Artifacts, region: &str) -> Result<Option<String>> {
        if artifacts.bucket.is_empty() || region.is_empty() {
            return Ok(None);
        }
        let key = self.key(&self.template(artifacts, region)?);
        Ok(Some(key::url(&artifacts.bucket, region, &key)))
    }

    /// Uploads what is not there yet: the local files, then the template that names them.
    pub async fn upload(
        &self,
        session: &Session,
        connection: &Connection,
        artifacts: &Artifacts,
        region: &str,
    ) -> Result<()> {
        session.check_interrupt()?;
        let reporter = session.reporter.as_ref();
        let files = self.assets.iter().map(|(wanted, asset)| File {
            title: wanted.path.clone(),
            key: asset.key.clone(),
            bytes: asset.bytes.clone(),
            content_type: if zip::is_archive(&asset.bytes) {
                "application/zip"
            } else {
                "application/octet-stream"
            }
            .to_owned(),
        });
        // The same content under two paths is one object.
        let files: BTreeMap<String, File> = files.map(|file| (file.key.clone(), file)).collect();
        upload::upload(connection, &artifacts.bucket, files.into_values().collect(), reporter).await?;
        let template = self.template(artifacts, region)?;
        let title = match &self.workload {
            Some(name) => format!("the addons of service {name}"),
            None => "the addons of the environments".to_owned(),
        };
        let file = File {
            title,
            key: self.key(&template),
            bytes: template.into_bytes(),
            content_type: "text/yaml".to_owned(),
        };
        upload::upload(connection, &artifacts.bucket, vec![file], reporter).await?;
        Ok(())
    }
}

/// Enters the address of the template into facts. One that a facts file names counts as long as there are addons.
pub(super) fn enter(addons: Option<&Addons>, facts: &mut Facts) -> Result<()> {
    facts.addons_url = match addons {
        None => String::new(),
        Some(_) if !facts.addons_url.is_empty() => return Ok(()),
        Some(addons) => addons.url(&facts.artifacts, &facts.env.region)?.unwrap_or_default(),
    };
    Ok(())
}

/// The template's text, as it is uploaded where the bucket is known.
pub(super) fn text(addons: Option<&Addons>, facts: &Facts) -> Result<Option<String>> {
    addons.map(|addons| addons.template(&facts.artifacts, &facts.env.region)).transpose()
}
