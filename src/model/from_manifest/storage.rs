//! Volumes of a task.

use super::Check;
use super::image::value;
use crate::diagnostic::Span;
use crate::manifest::decode::{Decode, Form, Text};
use crate::manifest::service::Service as Written;
use crate::manifest::storage as written;
use crate::model::container::{Mount, Volume, VolumeSource};
use crate::model::service::{Platform, Storage};

/// Fargate's ephemeral storage when nothing is said, in GiB.
const EPHEMERAL: u64 = 20;

/// Storage of the task, and the volumes the main container mounts.
pub(super) fn storage(
    service: &str,
    written: &Written,
    platform: &Platform,
    check: &mut Check<'_>,
) -> (Storage, Vec<Mount>) {
    let Some(given) = &written.storage else {
        return (Storage { ephemeral: None, readonly_fs: None, volumes: vec![] }, vec![]);
    };
    let ephemeral = check.range(given.ephemeral.as_ref(), "ephemeral", EPHEMERAL, 200);
    if let Some(flag) = given.readonly_fs.filter(|flag| flag.value && platform.is_windows()) {
        check
            .error("model/platform", flag.span, "a Windows container has no read-only root file system")
            .help("remove `readonly_fs`");
    }
    let (mut volumes, mut mounts) = (vec![], vec![]);
    let mut managed: Option<Span> = None;
    for (name, entry) in given.volumes.iter().flat_map(|map| &map.entries) {
        let volume = &entry.value;
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || !name.chars().all(fits) {
            check
                .error("model/name", entry.key, format!("{name:?} can't be the name of a volume"))
                .help("letters, digits, hyphens and underscores");
        }
        let read_only = volume.read_only.is_none_or(|flag| flag.value);
        let by_sidecar = written.sidecars.iter().flat_map(|map| map.entries.values()).any(|sidecar| {
            let mut points = sidecar.value.mount_points.iter().flat_map(|list| &list.items);
            points.any(|point| {
                point.source_volume.as_ref().is_some_and(|source| source.value == *name)
                    && point.read_only.is_some_and(|flag| !flag.value)
            })
        });
        let source = source(service, volume, !read_only || by_sidecar, check);
        if let (true, Some(efs)) = (platform.is_windows() && source != VolumeSource::Scratch, &volume.efs) {
            check
                .error("model/platform", efs.span(), "a Windows task can't mount EFS file systems")
                .help("remove `efs`");
        }
        if matches!(source, VolumeSource::ManagedEfs { .. }) {
            match managed {
                Some(first) => {
                    check
                        .error(
                            "model/storage",
                            entry.key,
                            "a service has one volume on the environment's file system",
                        )
                        .other(first, "the first one")
                        .help("put directories below one volume, or bring a file system with `efs.id`");
                }
                None => managed = Some(entry.key),
            }
        }
        if volume.path.is_none() {
            check.missing(entry.key, "path", "where the main container mounts the volume");
        }
        let path = path(volume.path.as_ref(), check).unwrap_or_default();
        mounts.push(Mount { volume: name.clone(), path, read_only });
        volumes.push(Volume { name: name.clone(), source });
    }
    volumes.sort_by_key(|volume| !matches!(volume.source, VolumeSource::ManagedEfs { .. }));
    let storage = Storage {
        ephemeral: ephemeral.filter(|size| *size != EPHEMERAL),
        readonly_fs: given.readonly_fs.map(|flag| flag.value),
        volumes,
    };
    (storage, mounts)
}

/// A path of a volume.
pub(super) fn path(written: Option<&Text>, check: &mut Check<'_>) -> Option<String> {
    let written = written?;
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._/".contains(c);
    if written.value.is_empty() || !written.value.chars().all(fits) {
        check
            .error("model/storage", written.span, format!("{:?} is no path of a volume", written.value))
            .help("letters, digits and the signs - . _ /");
    }
    Some(written.value.clone())
}

fn source(service: &str, volume: &written::Volume, writable: bool, check: &mut Check<'_>) -> VolumeSource {
    // Stable for a name, so that a service finds its files again.
    let id = crc32fast::hash(service.as_bytes());
    let efs = match &volume.efs {
        None => return VolumeSource::Scratch,
        Some(Form::Short(flag)) if !flag.value => return VolumeSource::Scratch,
        Some(Form::Short(_)) => return VolumeSource::ManagedEfs { uid: id, gid: id },
        Some(Form::Full(efs)) => efs,
    };
    let own = [
        ("id", efs.id.as_ref().map(Decode::span)),
        ("root_dir", efs.root_dir.as_ref().map(Decode::span)),
        ("auth", efs.auth.as_ref().map(Decode::span)),
    ]
    .into_iter()
    .find_map(|(key, span)| Some((key, span?)));
    let managed =
        [("uid", efs.uid), ("gid", efs.gid)].into_iter().find_map(|(key, id)| Some((key, id?.span)));
    match (own, managed) {
        (None, None) => return VolumeSource::Scratch,
        (Some(own), Some(managed)) => {
            check.exclusive(own, managed);
            return VolumeSource::Scratch;
        }
        (None, Some(_)) => {
            for (key, id) in [("uid", efs.uid), ("gid", efs.gid)] {
                if id.is_none() {
                    check.missing(efs.span, key, "`uid` and `gid` come together");
                }
            }
            if let Some(uid) = efs.uid.filter(|uid| uid.value == 0) {
                check
                    .error("model/storage", uid.span, "the user of a volume can't be 0")
                    .help("EFS gives root no rights there: take another number");
            }
            let uid = efs.uid.map_or(id, |uid| uid.value);
            return VolumeSource::ManagedEfs { uid, gid: efs.gid.map_or(id, |gid| gid.value) };
        }
        (Some(_), None) => {}
    }
    if efs.id.is_none() {
        check.missing(efs.span, "id", "the id of the file system, such as `fs-0123456789abcdef0`");
    }
    let root_dir = path(efs.root_dir.as_ref(), check).unwrap_or_else(|| "/".to_owned());
    let auth = efs.auth.clone().unwrap_or_default();
    if let Some(point) = &auth.access_point_id {
        if let Some(dir) = efs.root_dir.as_ref().filter(|dir| !matches!(dir.value.as_str(), "" | "/")) {
            check
                .error("model/storage", dir.span, "an access point has a root directory of its own")
                .other(point.span, "the access point")
                .help("remove `root_dir`");
        }
        if let Some(iam) = auth.iam.filter(|iam| !iam.value) {
            check
                .error("model/storage", iam.span, "an access point needs IAM authorisation")
                .other(point.span, "the access point")
                .help("remove `iam: false`");
        }
    }
    VolumeSource::Efs {
        id: efs
            .id
            .as_ref()
            .map_or_else(|| crate::model::container::Variable::Text(String::new()), |id| value(id, check)),
        root_dir,
        // Documented as on by default, but never was: with IAM root loses its rights on the files (root squash), so
        // services that run today would stop writing.
        iam: auth.iam.is_some_and(|flag| flag.value),
        access_point: check.text(auth.access_point_id.as_ref(), "access_point_id"),
        writable,
    }
}
