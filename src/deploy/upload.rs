//! Files into the artifact bucket. Keys name content, so a file that is there is not sent again.

use futures_util::stream::{self, StreamExt, TryStreamExt};

use crate::aws::{Connection, Error};
use crate::event::{Event, Outcome, Reporter, Step};

/// Files that are sent side by side.
const SIDE_BY_SIDE: usize = 8;

/// A file to upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What it is for people, such as `template of service api`.
    pub title: String,
    /// Its key, which names its content.
    pub key: String,
    /// Its content.
    pub bytes: Vec<u8>,
    /// Its media type, such as `text/yaml`.
    pub content_type: String,
}

/// Puts those of `files` into `bucket` that are not there; returns how many that were.
///
/// # Errors
/// The first failed call; files already sent stay and are not sent again.
pub async fn upload(
    connection: &Connection,
    bucket: &str,
    files: Vec<File>,
    reporter: &dyn Reporter,
) -> Result<usize, Error> {
    let s3 = connection.s3();
    let s3 = &s3;
    let sent: Vec<bool> = stream::iter(files)
        .map(|file| async move {
            let id = format!("upload {}", file.key);
            reporter.report(Event::StepStarted {
                id: id.clone(),
                kind: Step::Upload,
                title: format!("Upload {}", file.title),
            });
            let sent = s3.put_if_absent(bucket, &file.key, file.bytes, &file.content_type).await;
            let (outcome, detail) = match &sent {
                Ok(true) => (Outcome::Done, file.key),
                Ok(false) => (Outcome::Skipped, "already uploaded".to_owned()),
                Err(error) => (Outcome::Failed, error.to_string()),
            };
            reporter.report(Event::StepFinished { id, outcome, detail });
            sent
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    Ok(sent.into_iter().filter(|&sent| sent).count())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::testing::{server, xml};
    use crate::deploy::testing::Recorder;

    #[tokio::test(flavor = "current_thread")]
    async fn only_what_is_missing_is_sent() {
        let server = server(|request| match (request.method.as_str(), request.uri.contains("there")) {
            ("HEAD", false) => xml(404, ""),
            _ => xml(200, ""),
        });
        let file = |key: &str| File {
            title: key.into(),
            key: key.into(),
            bytes: b"x".to_vec(),
            content_type: "text/yaml".into(),
        };
        let recorder = Recorder::default();
        let files = vec![file("there"), file("new")];
        assert_eq!(upload(server.connection(), "artifacts", files, &recorder).await, Ok(1));
        let mut lines = recorder.lines();
        lines.retain(|line| !line.contains("StepStarted"));
        lines.sort();
        assert_eq!(lines, ["upload new Done", "upload there Skipped"]);
    }
}
