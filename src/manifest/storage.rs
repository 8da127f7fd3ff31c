//! `storage`: volumes and file systems of a task.

use super::decode::{Flag, Form, Map, Spanned, Text};
use super::element::element;
use super::variables::Value;

element! {
    /// How a file system of the user's is reached.
    pub struct EfsAuth {
        /// Whether the task role's rights count.
        iam: Flag = "iam" default "false",
        /// Id of an access point to go through.
        access_point_id: Text = "access_point_id",
    }
}

element! {
    /// A file system: the environment's own with `uid` and `gid`, or one of the user's with `id`.
    pub struct Efs {
        /// Id of a file system that exists.
        id: Value = "id",
        /// Directory of it that is mounted.
        root_dir: Text = "root_dir" default "/",
        /// How it is reached.
        auth: EfsAuth = "auth",
        /// User id that owns the service's directory of the environment's file system.
        uid: Spanned<u32> = "uid" default "made from the service's name",
        /// Group id that owns it.
        gid: Spanned<u32> = "gid" default "made from the service's name",
    }
    exclusive uid, gid | id, root_dir, auth;
}

element! {
    /// A volume that the main container mounts.
    pub struct Volume {
        /// What is behind it: nothing (scratch space), the environment's file system (`true`), or details.
        efs: Form<Flag, Efs> = "efs" default "false",
        /// Path in the main container.
        path: Text = "path",
        /// Whether the main container may only read it.
        read_only: Flag = "read_only" default "true",
    }
}

element! {
    /// Storage of a task.
    pub struct Storage {
        /// Ephemeral storage in GiB, 20 to 200.
        ephemeral: Spanned<u64> = "ephemeral" default "20",
        /// Whether the main container's root file system is read only.
        readonly_fs: Flag = "readonly_fs" default "false",
        /// Volumes by name.
        volumes: Map<Volume> = "volumes",
    }
}
