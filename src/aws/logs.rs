//! CloudWatch Logs: what containers wrote.

use aws_sdk_cloudwatchlogs::types;

use super::error::gone;
use super::{Connection, Error, door};

door!(
    /// The door to CloudWatch Logs.
    Logs, logs, aws_sdk_cloudwatchlogs, "CloudWatch Logs", "CloudWatch Logs", "logs"
);

/// A line of a log.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Line {
    /// Milliseconds since the Unix epoch.
    pub at: i64,
    /// Milliseconds since the Unix epoch when CloudWatch took it.
    pub ingested: i64,
    /// The stream it is in.
    pub stream: String,
    /// The text.
    pub message: String,
    /// Its id within the group; empty when read from a single stream.
    pub id: String,
}

/// A page of lines.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// Its lines, oldest first. May be empty although there are more pages.
    pub lines: Vec<Line>,
    /// Token of the next page; `None` at the end.
    pub next: Option<String>,
}

/// A stream of a log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// Its name.
    pub name: String,
    /// Milliseconds since the Unix epoch of its oldest line; 0 without lines.
    pub first_event: i64,
    /// Milliseconds since the Unix epoch of its newest line; 0 without lines.
    pub last_event: i64,
}

/// Which lines of a group to read.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only lines at or after this, in milliseconds since the Unix epoch.
    pub start: Option<i64>,
    /// Only lines before this, in milliseconds since the Unix epoch.
    pub end: Option<i64>,
    /// Only streams of these names (at most 100); empty: all.
    pub streams: Vec<String>,
    /// Only streams whose names begin so; not together with `streams`.
    pub stream_prefix: Option<String>,
    /// CloudWatch's filter pattern; `None`: every line.
    pub pattern: Option<String>,
    /// Most lines of a page, at most 10,000.
    pub limit: Option<i32>,
}

impl Logs {
    /// Whether the log group exists (DescribeLogStreams: manager roles of environments may not call DescribeLogGroups).
    ///
    /// # Errors
    /// Whatever CloudWatch reports but that it does not exist.
    pub async fn exists(&self, group: &str) -> Result<bool, Error> {
        let send = self.client().await?.describe_log_streams().log_group_name(group).limit(1).send();
        match self.call("DescribeLogStreams", send).await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Names of the log groups that begin with `prefix` (DescribeLogGroups, all pages).
    ///
    /// # Errors
    /// Whatever CloudWatch reports.
    pub async fn groups(&self, prefix: &str) -> Result<Vec<String>, Error> {
        let (mut found, mut token) = (vec![], None);
        loop {
            let request = self.client().await?.describe_log_groups().log_group_name_prefix(prefix);
            let page = self.call("DescribeLogGroups", request.set_next_token(token).send()).await?;
            let groups = page.log_groups.unwrap_or_default();
            found.extend(groups.into_iter().filter_map(|group| group.log_group_name));
            token = page.next_token;
            if token.is_none() {
                return Ok(found);
            }
        }
    }

    /// Removes a log group with all it holds (DeleteLogGroup). That it does not exist is no failure.
    ///
    /// # Errors
    /// Whatever CloudWatch reports but that it does not exist.
    pub async fn delete_group(&self, group: &str) -> Result<(), Error> {
        let send = self.client().await?.delete_log_group().log_group_name(group).send();
        gone(self.call("DeleteLogGroup", send).await)
    }

    /// A page of the lines of `group` that meet `filter`, all streams merged (FilterLogEvents). A group that does not exist
    /// has no lines.
    ///
    /// # Errors
    /// Whatever CloudWatch reports but that the group or a stream does not exist.
    pub async fn filter(&self, group: &str, filter: &Filter, token: Option<String>) -> Result<Page, Error> {
        let send = self
            .client()
            .await?
            .filter_log_events()
            .log_group_name(group)
            .set_start_time(filter.start)
            .set_end_time(filter.end)
            .set_log_stream_names((!filter.streams.is_empty()).then(|| filter.streams.clone()))
            .set_log_stream_name_prefix(filter.stream_prefix.clone())
            .set_filter_pattern(filter.pattern.clone())
            .set_limit(filter.limit)
            .set_next_token(token)
            .send();
        let output = match self.call("FilterLogEvents", send).await {
            Ok(output) => output,
            Err(error) if error.is_not_found() => return Ok(Page::default()),
            Err(error) => return Err(error),
        };
        let lines = output.events().iter().map(|event| Line {
            at: event.timestamp().unwrap_or_default(),
            ingested: event.ingestion_time().unwrap_or_default(),
            stream: event.log_stream_name().unwrap_or_default().to_owned(),
            message: event.message().unwrap_or_default().to_owned(),
            id: event.event_id().unwrap_or_default().to_owned(),
        });
        Ok(Page { lines: lines.collect(), next: output.next_token().map(str::to_owned) })
    }

    /// A page of the lines of one stream (GetLogEvents): from the start and forwards, or with `tail` from the end and
    /// backwards. The next token is `None` when the page it came with had the same one: the end. A stream that does not exist
    /// has no lines.
    ///
    /// # Errors
    /// Whatever CloudWatch reports but that the group or the stream does not exist.
    pub async fn stream(
        &self,
        group: &str,
        stream: &str,
        tail: bool,
        limit: i32,
        token: Option<String>,
    ) -> Result<Page, Error> {
        let send = self
            .client()
            .await?
            .get_log_events()
            .log_group_name(group)
            .log_stream_name(stream)
            .start_from_head(!tail)
            .limit(limit)
            .set_next_token(token.clone())
            .send();
        let output = match self.call("GetLogEvents", send).await {
            Ok(output) => output,
            Err(error) if error.is_not_found() => return Ok(Page::default()),
            Err(error) => return Err(error),
        };
        let lines = output.events().iter().map(|event| Line {
            at: event.timestamp().unwrap_or_default(),
            ingested: event.ingestion_time().unwrap_or_default(),
            stream: stream.to_owned(),
            message: event.message().unwrap_or_default().to_owned(),
            id: String::new(),
        });
        let lines = lines.collect();
        let next = if tail { output.next_backward_token } else { output.next_forward_token };
        Ok(Page { lines, next: next.filter(|next| token.as_ref() != Some(next)) })
    }

    /// The streams of `group` whose names begin with `prefix`, at most `limit`, the most recently written first
    /// (DescribeLogStreams by last event, as many pages as needed). A group that does not exist has none.
    ///
    /// # Errors
    /// Whatever CloudWatch reports but that the group does not exist.
    pub async fn latest_streams(
        &self,
        group: &str,
        prefix: &str,
        limit: usize,
    ) -> Result<Vec<Stream>, Error> {
        let client = self.client().await?;
        let mut found = vec![];
        let mut token: Option<String> = None;
        loop {
            // CloudWatch takes a prefix or an order, not both.
            let send = client
                .describe_log_streams()
                .log_group_name(group)
                .order_by(types::OrderBy::LastEventTime)
                .descending(true)
                .set_next_token(token.clone())
                .send();
            let output = match self.call("DescribeLogStreams", send).await {
                Ok(output) => output,
                Err(error) if error.is_not_found() => return Ok(vec![]),
                Err(error) => return Err(error),
            };
            for stream in output.log_streams() {
                let name = stream.log_stream_name().unwrap_or_default();
                if name.starts_with(prefix) {
                    let last_event = stream.last_event_timestamp().unwrap_or_default();
                    let first_event = stream.first_event_timestamp().unwrap_or_default();
                    found.push(Stream { name: name.to_owned(), first_event, last_event });
                }
                if found.len() == limit {
                    return Ok(found);
                }
            }
            match output.next_token.filter(|next| token.as_ref() != Some(next)) {
                Some(next) => token = Some(next),
                None => return Ok(found),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[tokio::test(flavor = "current_thread")]
    async fn a_missing_group_is_empty() {
        let server = testing::answers(vec![testing::json_error(
            "ResourceNotFoundException",
            "The specified log group does not exist.",
        )]);
        let logs = server.connection().logs();
        assert_eq!(logs.filter("g", &Filter::default(), None).await, Ok(Page::default()));
        assert_eq!(logs.stream("g", "s", true, 10, None).await, Ok(Page::default()));
        assert_eq!(logs.latest_streams("g", "", 10).await, Ok(vec![]));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_group_without_streams_exists() {
        let server = testing::answers(vec![
            testing::json_error("ResourceNotFoundException", "The specified log group does not exist."),
            testing::json(200, r#"{"logStreams": []}"#),
        ]);
        let logs = server.connection().logs();
        assert_eq!(logs.exists("/copilot/shop-test-api").await, Ok(false));
        assert_eq!(logs.exists("/copilot/shop-test-api").await, Ok(true));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn groups_are_found_and_removed() {
        let server = testing::answers(vec![
            testing::json(200, r#"{"logGroups": [{"logGroupName": "/a/1"}], "nextToken": "n"}"#),
            testing::json(200, r#"{"logGroups": [{"logGroupName": "/a/2"}]}"#),
            testing::json(200, ""),
            testing::json_error("ResourceNotFoundException", "The specified log group does not exist."),
        ]);
        let logs = server.connection().logs();
        assert_eq!(logs.groups("/a/").await, Ok(vec!["/a/1".to_owned(), "/a/2".to_owned()]));
        assert_eq!(logs.delete_group("/a/1").await, Ok(()));
        assert_eq!(logs.delete_group("/a/2").await, Ok(()));
        let bodies: Vec<String> = server.requests().into_iter().map(|request| request.body).collect();
        assert_eq!(
            bodies,
            [
                r#"{"logGroupNamePrefix":"/a/"}"#,
                r#"{"logGroupNamePrefix":"/a/","nextToken":"n"}"#,
                r#"{"logGroupName":"/a/1"}"#,
                r#"{"logGroupName":"/a/2"}"#,
            ]
        );
    }

    #[tokio::test(flavor = "current_thread")]
    async fn the_end_of_a_stream_is_a_token_that_stays() {
        let server = testing::answers(vec![testing::json(
            200,
            r#"{"events": [{"timestamp": 1, "message": "hi", "ingestionTime": 2}], "nextBackwardToken": "b", "nextForwardToken": "f"}"#,
        )]);
        let logs = server.connection().logs();
        let first = logs.stream("g", "s", true, 10, None).await.unwrap();
        assert_eq!((first.lines[0].message.as_str(), first.next.as_deref()), ("hi", Some("b")));
        assert_eq!(logs.stream("g", "s", true, 10, first.next).await.unwrap().next, None);
        assert!(server.requests()[0].body.contains(r#""startFromHead":false"#));
    }

    #[tokio::test(flavor = "current_thread")]
    async fn streams_are_chosen_by_prefix_over_pages() {
        let server = testing::answers(vec![
            testing::json(
                200,
                r#"{"logStreams": [{"logStreamName": "states/1", "lastEventTimestamp": 9}], "nextToken": "n"}"#,
            ),
            testing::json(
                200,
                r#"{"logStreams": [{"logStreamName": "copilot/api/2", "lastEventTimestamp": 8}, {"logStreamName": "copilot/api/1", "lastEventTimestamp": 7}], "nextToken": "m"}"#,
            ),
        ]);
        let found = server.connection().logs().latest_streams("g", "copilot/api", 1).await.unwrap();
        assert_eq!(found, [Stream { name: "copilot/api/2".into(), first_event: 0, last_event: 8 }]);
        assert_eq!(server.requests().len(), 2);
    }
}
