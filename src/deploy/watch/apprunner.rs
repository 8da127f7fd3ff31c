//! What App Runner and the container say of a service that failed. Their log groups outlive the service, so what
//! arrives late can be read after the end.

use futures_util::future::join_all;

use crate::aws::Connection;
use crate::deploy::failure::{FailedInstances, FailedResource};

/// Messages of App Runner that are read.
const MESSAGES: i32 = 20;
/// Lines of the container that are read.
const LINES: i32 = 20;

/// Reads about the services on App Runner among the failed resources. What can't be read leaves a gap.
pub(super) async fn failed(connection: &Connection, failed: &[FailedResource]) -> Vec<FailedInstances> {
    let services = failed.iter().filter_map(|failed| {
        // arn:aws:apprunner:<region>:<account>:service/<name>/<id>
        let (head, path) = failed.physical_id.split_once(":service/")?;
        head.contains(":apprunner:").then_some(path)
    });
    let read = services.map(|path| async move {
        let group = |part: &str| format!("/aws/apprunner/{path}/{part}");
        let messages = lines(connection, &group("service"), MESSAGES).await;
        let logs = lines(connection, &group("application"), LINES).await;
        let name = path.split('/').next().unwrap_or_default().to_owned();
        FailedInstances { name, messages, logs }
    });
    join_all(read).await
}

/// The last lines of the newest stream of a log group; none when they can't be read.
async fn lines(connection: &Connection, group: &str, limit: i32) -> Vec<String> {
    let logs = connection.logs();
    let streams = logs.latest_streams(group, "", 1).await.unwrap_or_default();
    let Some(newest) = streams.first() else { return vec![] };
    let page = logs.stream(group, &newest.name, true, limit, None).await.unwrap_or_default();
    page.lines.into_iter().map(|line| line.message.trim_end().to_owned()).collect()
}
