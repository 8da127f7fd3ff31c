//! Volumes of a task, and the file systems behind them.

use serde::Serialize;
use serde_json::Value;

use crate::model::container::{Container, Variable, VolumeSource};
use crate::model::service::Storage;
use crate::stack::expr;

/// A volume as the template prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VolumeView {
    /// Its name.
    pub name: String,
    /// The file system behind it; none: scratch space.
    pub efs: Option<EfsView>,
}

/// A file system behind a volume.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EfsView {
    /// Its id.
    pub filesystem: Value,
    /// Directory that is mounted.
    pub root: String,
    /// `ENABLED` or `DISABLED`.
    pub iam: &'static str,
    /// Access point it is mounted through.
    pub access_point: Option<Value>,
}

/// What the task role may do with a file system.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GrantView {
    /// Name of the policy.
    pub name: Value,
    /// ARN of the file system.
    pub resource: Value,
    /// Whether it may write.
    pub writable: bool,
    /// ARN of the access point it has to use.
    pub access_point: Option<Value>,
}

/// The workload's own directory in the environment's file system.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AccessPointView {
    /// Owner.
    pub uid: u32,
    /// Owner's group.
    pub gid: u32,
    /// Path of the directory.
    pub path: String,
}

/// The storage of a task.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StorageParts {
    /// Its volumes.
    pub volumes: Vec<VolumeView>,
    /// Rights on file systems.
    pub grants: Vec<GrantView>,
    /// The directory in the environment's file system.
    pub access_point: Option<AccessPointView>,
}

/// A text of the manifest or the value of an export.
#[must_use]
pub fn variable(value: &Variable) -> Value {
    match value {
        Variable::Text(text) => Value::from(text.as_str()),
        Variable::Export(name) => expr::export(name),
    }
}

fn file_system_arn(id: Value) -> Value {
    let prefix = "arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:file-system";
    expr::join("/", vec![expr::sub(prefix), id])
}

/// The storage of a task with these containers.
#[must_use]
pub fn storage(storage: &Storage, workload: &str, containers: &[&Container]) -> StorageParts {
    let mut parts = StorageParts::default();
    for volume in &storage.volumes {
        let efs = match &volume.source {
            VolumeSource::Scratch => None,
            VolumeSource::ManagedEfs { uid, gid } => {
                let file_system = expr::environment_export("FilesystemID");
                let writable = containers
                    .iter()
                    .flat_map(|container| &container.mounts)
                    .any(|mount| mount.volume == volume.name && !mount.read_only);
                parts.access_point =
                    Some(AccessPointView { uid: *uid, gid: *gid, path: format!("/{workload}") });
                parts.grants.push(GrantView {
                    name: Value::from("GrantAccessCopilotManagedEFS"),
                    resource: file_system_arn(file_system.clone()),
                    writable,
                    access_point: Some(expr::attribute("AccessPoint", "Arn")),
                });
                Some(EfsView {
                    filesystem: file_system,
                    root: "/".to_owned(),
                    iam: "ENABLED",
                    access_point: Some(expr::reference("AccessPoint")),
                })
            }
            VolumeSource::Efs { id, root_dir, iam, access_point, writable } => {
                let managed = usize::from(parts.access_point.is_some());
                let index = format!("-{}", parts.grants.len() - managed);
                let access_point_arn = access_point.as_ref().map(|point| {
                    let prefix =
                        "arn:${AWS::Partition}:elasticfilesystem:${AWS::Region}:${AWS::AccountId}:access-point";
                    expr::join("/", vec![expr::sub(prefix), Value::from(point.as_str())])
                });
                parts.grants.push(GrantView {
                    name: expr::join(
                        "",
                        vec![Value::from("GrantEFSAccess"), variable(id), Value::from(index)],
                    ),
                    resource: file_system_arn(variable(id)),
                    writable: *writable,
                    access_point: access_point_arn,
                });
                Some(EfsView {
                    filesystem: variable(id),
                    root: root_dir.clone(),
                    iam: if *iam { "ENABLED" } else { "DISABLED" },
                    access_point: access_point.as_deref().map(Value::from),
                })
            }
        };
        parts.volumes.push(VolumeView { name: volume.name.clone(), efs });
    }
    parts
}
