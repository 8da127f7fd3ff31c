//! Log events of a workload, past and coming.
//!
//! * [`stream`] hands on the lines a [`Query`] asks for, all tasks merged by time, and goes on with new ones when following.
//! * [`previous`] asks for the lines of the task that stopped last.
//! * [`Labels`] is the text form of lines: which container and task, then the message.
//!
//! The decisions are pure and in `follow`: which events are new, where to look for the newest.

mod follow;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use tokio::sync::watch;

use self::follow::{Follower, Newest, spans};
use super::status::Task;
use super::{Error, short};
use crate::aws::logs::{Filter, Line};
use crate::aws::{self, Connection};

/// First part of the names of log streams that containers of a workload write to.
const STREAMS: &str = "copilot/";
/// First part of the names of log streams that state machines write to.
const STATES: &str = "states/";
/// Most containers of a task, each with a stream of its own.
const CONTAINERS: usize = 10;
/// So much longer than the task lived its last lines may take, in milliseconds.
const LAST_WORDS: i64 = 300_000;
/// Failures in a row that end following.
const PATIENCE: u32 = 10;
/// Longest pause between failures.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A line of a log. Serialises to a JSON line of `svc logs --json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// The stream it is in, `copilot/<container>/<task id>` for those of a workload.
    pub log_stream_name: String,
    /// When CloudWatch took it, in milliseconds since the Unix epoch.
    pub ingestion_time: i64,
    /// The text.
    pub message: String,
    /// When it was written, in milliseconds since the Unix epoch.
    pub timestamp: i64,
    /// Its id within the log group.
    #[serde(skip)]
    pub id: String,
}

impl From<Line> for LogLine {
    fn from(line: Line) -> Self {
        Self {
            log_stream_name: line.stream,
            ingestion_time: line.ingested,
            message: line.message,
            timestamp: line.at,
            id: line.id,
        }
    }
}

/// Which lines to hand on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// The log group.
    pub log_group: String,
    /// Only streams whose names begin so; [`Query::of`] leaves out what state machines write.
    pub prefix: String,
    /// Streams whose names begin so are wanted besides, whatever their container and task.
    pub also: Option<&'static str>,
    /// Only this container's streams (`…/<container>/<task id>`).
    pub container: Option<String>,
    /// Only tasks whose ids begin with one of these; empty: all.
    pub tasks: Vec<String>,
    /// Only lines at or after this instant, in milliseconds since the Unix epoch.
    pub start: Option<i64>,
    /// Only lines before this instant, in milliseconds since the Unix epoch; not when following.
    pub end: Option<i64>,
    /// Only the newest so many of the lines there are. Without a limit, following begins at `start`, or now.
    pub limit: Option<usize>,
    /// CloudWatch's filter pattern.
    pub pattern: Option<String>,
    /// Whether to go on with new lines until stopped; waits for a group that does not exist yet.
    pub follow: bool,
    /// Pause between two looks for new lines.
    pub every: Duration,
}

impl Query {
    /// All lines of a workload's log group.
    #[must_use]
    pub fn of(log_group: impl Into<String>) -> Self {
        Self {
            log_group: log_group.into(),
            prefix: STREAMS.to_owned(),
            also: None,
            container: None,
            tasks: vec![],
            start: None,
            end: None,
            limit: None,
            pattern: None,
            follow: false,
            every: Duration::from_secs(1),
        }
    }

    /// All lines of a log group that is not the workload's own, whatever its streams are called.
    #[must_use]
    pub fn of_any(log_group: impl Into<String>) -> Self {
        Self { prefix: String::new(), ..Self::of(log_group) }
    }

    /// The same with what the workload's state machine writes.
    #[must_use]
    pub fn with_state_machine(self) -> Self {
        Self { also: Some(STATES), ..self }
    }

    /// The longest beginning that all wanted streams share.
    fn stream_prefix(&self) -> Option<String> {
        if self.also.is_some() {
            return None;
        }
        let mut prefix = self.prefix.clone();
        if !prefix.is_empty()
            && let Some(container) = &self.container
        {
            prefix.push_str(container);
            prefix.push('/');
            if let [task] = self.tasks.as_slice() {
                prefix.push_str(task);
            }
        }
        (!prefix.is_empty()).then_some(prefix)
    }

    /// Whether lines of the stream are wanted.
    fn keeps(&self, stream: &str) -> bool {
        if self.also.is_some_and(|prefix| stream.starts_with(prefix)) {
            return true;
        }
        let mut parts = stream.rsplit('/');
        let (task, container) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        stream.starts_with(&self.prefix)
            && self.container.as_deref().is_none_or(|wanted| wanted == container)
            && (self.tasks.is_empty() || self.tasks.iter().any(|wanted| task.starts_with(wanted.as_str())))
    }

    fn filter(&self, start: Option<i64>, end: Option<i64>) -> Filter {
        Filter {
            start,
            end,
            streams: vec![],
            stream_prefix: self.stream_prefix(),
            pattern: self.pattern.clone(),
            limit: None,
        }
    }
}

/// Narrows `query` to the task of `tasks` that stopped last, within the time it lived.
///
/// # Errors
/// [`Error::NoStoppedTask`] when none of `tasks` has stopped; `name` is what they are tasks of.
pub fn previous(query: Query, name: &str, tasks: &[Task]) -> Result<Query, Error> {
    let stopped = tasks.iter().filter(|task| task.stopped_at.is_some());
    let last =
        stopped.max_by_key(|task| task.stopped_at).ok_or_else(|| Error::NoStoppedTask(name.to_owned()))?;
    // Without an own beginning the search goes back from the end as far as it has to.
    Ok(Query {
        tasks: vec![last.id.clone()],
        start: query.start.or(last.started_at.map(|at| at - LAST_WORDS)),
        end: query.end.or(last.stopped_at.map(|at| at + LAST_WORDS)),
        follow: false,
        ..query
    })
}

/// Narrows `query` to the last `tasks` tasks that have logged, from the first line of theirs on.
///
/// # Errors
/// [`Error::NoLogGroup`] when none has logged; what AWS reports.
pub async fn latest(manager: &Connection, query: Query, tasks: usize) -> Result<Query, Error> {
    let most = tasks.saturating_mul(CONTAINERS);
    let streams = manager.logs().latest_streams(&query.log_group, &query.prefix, most).await?;
    let mut ids: Vec<String> = vec![];
    let mut begin = i64::MAX;
    for stream in &streams {
        let id = super::last_part(&stream.name);
        if !ids.iter().any(|known| known == id) {
            if ids.len() == tasks {
                continue;
            }
            ids.push(id.to_owned());
        }
        begin = begin.min(stream.first_event);
    }
    if ids.is_empty() {
        return Err(Error::NoLogGroup(query.log_group));
    }
    // What the state machine says before the task's first word belongs to it.
    Ok(Query { tasks: ids, start: query.start.or(Some(begin - LAST_WORDS)), ..query })
}

/// What [`stream`] hands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// A line.
    Line(LogLine),
    /// There is no such log group yet: it is waited for. Told once.
    Waiting,
}

/// Hands on the lines `query` asks for, oldest first, and new ones as they arrive when it follows.
///
/// Following ends with `Ok` when `stop` turns true (a dropped sender never stops it); so does reading history between two
/// pages. No line is handed on twice. A line that reaches CloudWatch up to five minutes after it was written is not
/// lost; lines of one stream keep their order, those of different streams are ordered as far as they are there.
///
/// # Errors
/// [`Error::NoLogGroup`] when there is nothing to read and it is not followed; what AWS reports, when following only what
/// does not go away by itself; [`Error::Sink`] with the receiver's text.
pub async fn stream(
    manager: &Connection,
    query: &Query,
    mut stop: watch::Receiver<bool>,
    sink: &mut (dyn FnMut(Piece) -> Result<(), String> + Send),
) -> Result<(), Error> {
    let now = || Timestamp::now().as_millisecond();
    if !query.follow && !manager.logs().exists(&query.log_group).await? {
        return Err(Error::NoLogGroup(query.log_group.clone()));
    }
    let begin = now();
    let from_now = query.follow && query.limit.is_none();
    let mut follower = Follower::new(query.start.unwrap_or(if from_now { begin } else { 0 }));
    if let Some(limit) = query.limit {
        let reached = newest(manager, query, limit, begin, &mut follower, &stop, sink).await?;
        if !query.follow {
            return Ok(());
        }
        follower.begin_at(reached);
        follower.polled(begin);
    } else if !query.follow {
        let filter = query.filter(query.start, query.end);
        return pages(manager, query, &filter, &mut stop, |mut lines| {
            follow::sort(&mut lines);
            hand_on(lines, sink)
        })
        .await;
    }
    keep_following(manager, query, &mut follower, &mut stop, sink, now).await
}

/// Hands on the newest `limit` lines and returns where the oldest span that was read begins.
async fn newest(
    manager: &Connection,
    query: &Query,
    limit: usize,
    now: i64,
    follower: &mut Follower,
    stop: &watch::Receiver<bool>,
    sink: &mut (dyn FnMut(Piece) -> Result<(), String> + Send),
) -> Result<i64, Error> {
    let mut newest = Newest::new(limit);
    let mut reached = query.start.unwrap_or(0);
    for (first, last) in spans(reached, query.end, now) {
        let filter = query.filter(Some(first), last);
        let mut token = None;
        loop {
            let page = manager.logs().filter(&query.log_group, &filter, token.clone()).await?;
            let lines = wanted(query, page.lines);
            if query.follow {
                lines.iter().for_each(|line| follower.know(line));
            }
            newest.add(lines);
            if page.next.is_none() || page.next == token || *stop.borrow() {
                break;
            }
            token = page.next;
        }
        reached = first;
        if newest.is_full() || *stop.borrow() {
            break;
        }
    }
    hand_on(newest.finish(), sink)?;
    Ok(reached)
}

/// Hands on the lines of `filter`, page by page.
async fn pages(
    manager: &Connection,
    query: &Query,
    filter: &Filter,
    stop: &mut watch::Receiver<bool>,
    mut each: impl FnMut(Vec<LogLine>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut token = None;
    loop {
        let logs = manager.logs();
        let page = tokio::select! {
            page = logs.filter(&query.log_group, filter, token.clone()) => page?,
            () = stopped(stop) => return Ok(()),
        };
        each(wanted(query, page.lines))?;
        if page.next.is_none() || page.next == token {
            return Ok(());
        }
        token = page.next;
    }
}

fn hand_on(
    lines: Vec<LogLine>,
    sink: &mut (dyn FnMut(Piece) -> Result<(), String> + Send),
) -> Result<(), Error> {
    lines.into_iter().try_for_each(|line| sink(Piece::Line(line)).map_err(Error::Sink))
}

async fn keep_following(
    manager: &Connection,
    query: &Query,
    follower: &mut Follower,
    stop: &mut watch::Receiver<bool>,
    sink: &mut (dyn FnMut(Piece) -> Result<(), String> + Send),
    now: impl Fn() -> i64,
) -> Result<(), Error> {
    let mut exists = false;
    let mut told = false;
    let mut failures = 0;
    loop {
        if *stop.borrow() {
            return Ok(());
        }
        let at = now();
        let start = follower.next_start(at);
        let mut pause = query.every;
        match look(manager, query, start, follower, stop, sink, &mut exists).await {
            Ok(()) => {
                failures = 0;
                follower.polled(at);
                if !exists && !told {
                    told = true;
                    sink(Piece::Waiting).map_err(Error::Sink)?;
                }
            }
            Err(Error::Aws(error)) if passes(&error) && failures < PATIENCE => {
                failures += 1;
                if error.kind == aws::Kind::ExpiredCredentials {
                    manager.renew();
                }
                pause = (query.every * 2_u32.pow(failures.min(6))).min(LONGEST_PAUSE);
            }
            Err(error) => return Err(error),
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stopped(stop) => return Ok(()),
        }
    }
}

/// One look for new lines from `start` on; `exists` remembers that the group was there.
async fn look(
    manager: &Connection,
    query: &Query,
    start: i64,
    follower: &mut Follower,
    stop: &mut watch::Receiver<bool>,
    sink: &mut (dyn FnMut(Piece) -> Result<(), String> + Send),
    exists: &mut bool,
) -> Result<(), Error> {
    if !*exists {
        *exists = manager.logs().exists(&query.log_group).await?;
    }
    if !*exists {
        return Ok(());
    }
    if start <= follower.floor() {
        // There is nothing before it, and there may be days after it: line by line, not all at once.
        let filter = query.filter(Some(start), None);
        return pages(manager, query, &filter, stop, |lines| hand_on(follower.accept(lines), sink)).await;
    }
    let mut lines = vec![];
    let mut from = Some(start);
    while let Some(start) = from {
        lines.clear();
        pages(manager, query, &query.filter(Some(start), None), stop, |page| {
            lines.extend(page);
            Ok(())
        })
        .await?;
        from = follower.missing(&lines, start);
    }
    hand_on(follower.accept(lines), sink)
}

/// Whether it is worth to go on after the failure: a long session outlives lost networks and renewed logins.
fn passes(error: &aws::Error) -> bool {
    error.is_transient() || error.kind == aws::Kind::ExpiredCredentials
}

fn wanted(query: &Query, lines: Vec<Line>) -> Vec<LogLine> {
    lines.into_iter().filter(|line| query.keeps(&line.stream)).map(LogLine::from).collect()
}

async fn stopped(stop: &mut watch::Receiver<bool>) {
    if stop.wait_for(|stop| *stop).await.is_err() {
        // Nobody is left who could stop it.
        std::future::pending::<()>().await;
    }
}

/// Names of streams as people read them: `<container>/<short task id>`, all of one width.
///
/// The width grows with the longest name seen, so lines stay aligned without knowing the streams before.
#[derive(Debug, Clone, Default)]
pub struct Labels {
    known: BTreeMap<String, String>,
    width: usize,
}

impl Labels {
    /// Labels at least as wide as those of the containers given.
    #[must_use]
    pub fn new(containers: &[&str]) -> Self {
        let width = containers.iter().map(|name| name.chars().count() + 9).max().unwrap_or(0);
        Self { known: BTreeMap::new(), width }
    }

    /// The label of a stream, padded with spaces.
    pub fn label(&mut self, stream: &str) -> String {
        let label = self.known.entry(stream.to_owned()).or_insert_with(|| label(stream));
        self.width = self.width.max(label.chars().count());
        format!("{label:width$}", width = self.width)
    }

    /// The text of a line: its label before each line of the message.
    pub fn text(&mut self, line: &LogLine) -> String {
        let label = self.label(&line.log_stream_name);
        let message = line.message.trim_end_matches(['\n', '\r']);
        let lines = message.split('\n').map(|part| format!("{label} {}", part.trim_end_matches('\r')));
        lines.collect::<Vec<_>>().join("\n")
    }
}

fn label(stream: &str) -> String {
    if stream.starts_with(STATES) {
        return "state machine".to_owned();
    }
    let mut parts = stream.rsplit('/');
    match (parts.next(), parts.next()) {
        (Some(task), Some(container)) => format!("{container}/{}", short(task)),
        _ => stream.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::aws::testing;

    const GROUP: &str = "/copilot/shop-test-api";

    fn there() -> testing::Answer {
        testing::json(200, r#"{"logStreams": []}"#)
    }

    /// A CloudWatch with one group that holds `lines` (stream, time, message) and, as it may, begins with an empty page.
    fn cloudwatch(lines: Vec<(&'static str, i64, &'static str)>) -> testing::Server {
        testing::server(move |request| {
            if request.action == "DescribeLogStreams" {
                return there();
            }
            let asked: serde_json::Value = serde_json::from_str(&request.body).unwrap();
            if asked["nextToken"].is_null() {
                return testing::json(200, r#"{"events": [], "nextToken": "more"}"#);
            }
            let (start, end) =
                (asked["startTime"].as_i64().unwrap_or(0), asked["endTime"].as_i64().unwrap_or(i64::MAX));
            let prefix = asked["logStreamNamePrefix"].as_str().unwrap_or_default().to_owned();
            let events: Vec<_> = lines
                .iter()
                .enumerate()
                .filter(|(_, (stream, at, _))| stream.starts_with(&prefix) && (start..=end).contains(at))
                .map(|(id, (stream, at, message))| {
                    serde_json::json!({"eventId": id.to_string(), "logStreamName": stream, "timestamp": at,
                        "ingestionTime": at, "message": message})
                })
                .collect();
            testing::json(200, &serde_json::json!({"events": events}).to_string())
        })
    }

    async fn read(server: &testing::Server, query: &Query) -> Result<Vec<String>, Error> {
        let (_stop, stopped) = watch::channel(false);
        let mut lines = vec![];
        stream(server.connection(), query, stopped, &mut |piece| {
            if let Piece::Line(line) = piece {
                lines.push(line.message);
            }
            Ok(())
        })
        .await?;
        Ok(lines)
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_limit_keeps_the_newest_of_all_tasks() {
        let server = cloudwatch(vec![
            ("copilot/api/1", 100, "old"),
            ("copilot/api/2", 86_400_000, "middle"),
            ("copilot/nginx/1", 86_400_500, "newest"),
            ("states/x", 86_400_900, "state machine"),
        ]);
        let query = Query { limit: Some(2), ..Query::of(GROUP) };
        assert_eq!(read(&server, &query).await.unwrap(), ["middle", "newest"]);
        let query = Query { limit: Some(5), container: Some("api".into()), ..query };
        assert_eq!(read(&server, &query).await.unwrap(), ["old", "middle"]);
        let query = Query { start: Some(50), tasks: vec!["1".into()], ..Query::of(GROUP) };
        assert_eq!(read(&server, &query).await.unwrap(), ["old", "newest"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_missing_group_is_an_error_unless_it_is_waited_for() {
        let calls = Mutex::new(0);
        let server = testing::server(move |request| {
            let mut calls = calls.lock().unwrap();
            *calls += 1;
            match request.action.as_str() {
                "DescribeLogStreams" if *calls < 4 => testing::json_error(
                    "ResourceNotFoundException",
                    "The specified log group does not exist.",
                ),
                "DescribeLogStreams" => there(),
                _ if *calls < 7 => testing::json_error("ServiceUnavailableException", "later"),
                _ => testing::json(
                    200,
                    r#"{"events": [{"eventId": "1", "logStreamName": "copilot/api/1", "timestamp": 99999999999999,
                        "ingestionTime": 1, "message": "up"}]}"#,
                ),
            }
        });
        let error = read(&server, &Query::of(GROUP)).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "log group /copilot/shop-test-api does not exist: nothing has logged there yet"
        );

        let (stop, stopped) = watch::channel(false);
        let mut pieces = vec![];
        let query = Query { follow: true, every: Duration::from_millis(1), ..Query::of(GROUP) };
        let mut sink = |piece| {
            if matches!(piece, Piece::Line(_)) {
                stop.send_replace(true);
            }
            pieces.push(piece);
            Ok(())
        };
        stream(server.connection(), &query, stopped, &mut sink).await.unwrap();
        assert_eq!(pieces.len(), 2, "{pieces:?}");
        assert_eq!(pieces[0], Piece::Waiting);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn following_goes_on_after_the_newest_lines_without_those_left_out() {
        let now = Timestamp::now().as_millisecond();
        let line = |id: u32, at: i64| {
            format!(
                r#"{{"eventId": "{id}", "logStreamName": "copilot/api/1", "timestamp": {at}, "ingestionTime": {at}, "message": "{id}"}}"#
            )
        };
        let looks = Mutex::new(0);
        let server = testing::server(move |request| {
            if request.action == "DescribeLogStreams" {
                return there();
            }
            let mut looks = looks.lock().unwrap();
            *looks += 1;
            let known: Vec<String> =
                (1..=3 + *looks / 3).map(|id| line(id, now - 1_000 + i64::from(id))).collect();
            testing::json(200, &format!(r#"{{"events": [{}]}}"#, known.join(",")))
        });
        let (stop, stopped) = watch::channel(false);
        let mut messages = vec![];
        let query =
            Query { limit: Some(2), follow: true, every: Duration::from_millis(1), ..Query::of(GROUP) };
        let mut sink = |piece| {
            if let Piece::Line(line) = piece {
                messages.push(line.message);
            }
            stop.send_replace(messages.len() == 4);
            Ok(())
        };
        stream(server.connection(), &query, stopped, &mut sink).await.unwrap();
        assert_eq!(messages, ["2", "3", "4", "5"]);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_receiver_that_fails_ends_the_stream() {
        let server = cloudwatch(vec![("copilot/api/1", 100, "a")]);
        let (_stop, stopped) = watch::channel(false);
        let failed =
            stream(server.connection(), &Query::of(GROUP), stopped, &mut |_| Err("broken pipe".into())).await;
        assert_eq!(failed.unwrap_err().to_string(), "broken pipe");
    }

    #[test]
    fn the_previous_task_is_the_one_that_stopped_last() {
        let task = |id: &str, stopped_at| Task {
            id: id.into(),
            stopped_at,
            started_at: Some(1_000_000),
            ..Task::default()
        };
        let tasks = [task("a", Some(2_000_000)), task("b", Some(3_000_000)), task("c", None)];
        let query = previous(Query::of(GROUP), "api", &tasks).unwrap();
        assert_eq!(query.tasks, ["b"]);
        assert_eq!((query.start, query.end), (Some(700_000), Some(3_300_000)));
        let error = previous(Query::of(GROUP), "api", &tasks[2..]).unwrap_err();
        assert!(error.to_string().starts_with("no task of api has stopped"));
    }

    #[test]
    fn the_prefix_is_as_long_as_the_query_allows() {
        let query = Query::of(GROUP);
        assert_eq!(query.stream_prefix().as_deref(), Some("copilot/"));
        let query = Query { container: Some("api".into()), tasks: vec!["37236".into()], ..query };
        assert_eq!(query.stream_prefix().as_deref(), Some("copilot/api/37236"));
        let query = Query { tasks: vec!["1".into(), "2".into()], ..query };
        assert_eq!(query.stream_prefix().as_deref(), Some("copilot/api/"));
        assert!(
            query.keeps("copilot/api/2345")
                && !query.keeps("copilot/api/345")
                && !query.keeps("copilot/api-2/2")
        );
        assert_eq!(Query::of_any("/other").stream_prefix(), None);
        assert!(Query::of_any("/other").keeps("whatever"));
    }

    #[test]
    fn labels_stay_aligned() {
        let line = |stream: &str, message: &str| LogLine {
            log_stream_name: stream.into(),
            ingestion_time: 2,
            message: message.into(),
            timestamp: 1,
            id: "7".into(),
        };
        let mut labels = Labels::new(&["nginx"]);
        let text = [
            labels.text(&line("copilot/api/0123456789abcdef", "GET /\n")),
            labels.text(&line("copilot/envoy-proxy/0123456789abcdef", "one\ntwo")),
            labels.text(&line("copilot/api/0123456789abcdef", "")),
        ];
        insta::assert_snapshot!(text.join("\n"), @r#"
        api/01234567   GET /
        envoy-proxy/01234567 one
        envoy-proxy/01234567 two
        api/01234567
        "#);
        assert_eq!(
            serde_json::to_string(&line("copilot/api/1", "hi")).unwrap(),
            r#"{"logStreamName":"copilot/api/1","ingestionTime":2,"message":"hi","timestamp":1}"#
        );
    }
}
