//! EFS: whether a file system is there.

use serde::Deserialize;

use super::query::{self, Api, Protocol, Rest};
use super::{Connection, Error};

const API: Api = Api { name: "EFS", id: "EFS", prefix: "elasticfilesystem", protocol: Protocol::Rest };

/// The door to EFS.
#[derive(Debug, Clone)]
pub struct Efs(Connection);

impl Connection {
    /// The door to EFS.
    #[must_use]
    pub fn efs(&self) -> Efs {
        Efs(self.clone())
    }
}

/// A file system.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct FileSystem {
    /// `creating`, `available`, `updating`, `deleting`, `deleted`, `error`.
    #[serde(default)]
    pub life_cycle_state: String,
    /// How many mount targets it has: at most one in each zone.
    #[serde(default)]
    pub number_of_mount_targets: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct DescribeFileSystems {
    #[serde(default)]
    file_systems: Vec<FileSystem>,
}

impl Efs {
    /// The file system `id`, `fs-…` (DescribeFileSystems); `None` when there is none.
    ///
    /// # Errors
    /// Whatever EFS reports but that it does not exist.
    pub async fn file_system(&self, id: &str) -> Result<Option<FileSystem>, Error> {
        let path = format!("/2015-02-01/file-systems?FileSystemId={}", query::encoded(id));
        let request = Rest { method: "GET", path, body: String::new() };
        match query::rest_json::<DescribeFileSystems>(&self.0, API, "DescribeFileSystems", request).await {
            Ok(found) => Ok(found.file_systems.into_iter().next()),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;

    #[tokio::test(flavor = "current_thread")]
    async fn a_file_system_is_there_or_not() {
        let server = testing::answers(vec![
            testing::json(
                200,
                r#"{"FileSystems": [{"FileSystemId": "fs-1", "LifeCycleState": "available", "NumberOfMountTargets": 2}]}"#,
            ),
            testing::json_error("FileSystemNotFound", "no"),
        ]);
        let door = server.connection().efs();
        let found = door.file_system("fs-1").await.unwrap().unwrap();
        assert_eq!((found.life_cycle_state.as_str(), found.number_of_mount_targets), ("available", 2));
        assert_eq!(door.file_system("fs-2").await, Ok(None));
        let first = &server.requests()[0];
        assert_eq!(first.method, "GET");
        assert!(first.uri.ends_with("/2015-02-01/file-systems?FileSystemId=fs-1"), "{}", first.uri);
    }
}
