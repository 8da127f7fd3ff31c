//! A static site's files into its bucket, and what changed out of CloudFront's caches.
//!
//! [`plan`] reads how the files differ from the bucket, [`publish`] carries that out: files that pages name, then the pages,
//! then what is gone leaves, then the caches are emptied. Visitors never see a page without what belongs to it. Before the
//! first change a note in the artifact bucket ([`Receipt`]) says that something is under way, and only after the last one that
//! nothing is: a run that was stopped anywhere is taken up by the next one.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt, TryStreamExt};

use super::{Interrupt, Pauses, Polling, interrupts};
use crate::artifact::site::{self, Files, Known, Listed, Receipt};
use crate::aws::s3::Upload;
use crate::aws::{self, Connection, Kind};
use crate::event::{Event, Level, Outcome, Reporter, Step};

/// Files that are sent or looked at side by side.
const SIDE_BY_SIDE: usize = 16;
/// How long a refusal is waited through: IAM takes a while until a new policy holds everywhere.
const POLICY_TAKES_HOLD: Duration = Duration::from_secs(90);
/// How long CloudFront's caches are waited for; they empty themselves also when nobody waits.
const CACHES_EMPTY: Duration = Duration::from_secs(15 * 60);

/// Where a site lives.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Its name for people, such as `site docs in test`.
    pub title: &'a str,
    /// The bucket with its files.
    pub bucket: &'a str,
    /// The bucket with the receipt.
    pub artifacts: &'a str,
    /// Key of the receipt.
    pub receipt: &'a str,
    /// Id of the CloudFront distribution.
    pub distribution: &'a str,
}

/// How a site is published.
pub struct Options<'a> {
    /// Where events go.
    pub reporter: &'a dyn Reporter,
    /// How often the user asked to stop.
    pub interrupt: Option<Interrupt>,
    /// How often CloudFront is asked.
    pub polling: Polling,
}

/// Why a site was not published, or not to the end. The next run goes on from there.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Failure {
    /// A call failed.
    #[error(transparent)]
    Aws(#[from] aws::Error),
    /// The user stopped it.
    #[error("interrupted")]
    Interrupted,
}

/// What must be done to publish a site: keys of objects, sorted.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// Files the bucket does not have.
    pub new: Vec<String>,
    /// Files it has in another form.
    pub changed: Vec<String>,
    /// Objects that are no files of the site any more.
    pub gone: Vec<String>,
    /// Files it has as they are.
    pub same: BTreeMap<String, Known>,
    /// Whether caches may hold something older than the bucket, also when nothing differs.
    stale: bool,
    /// Whether the bucket never held anything, so that no cache can hold it.
    fresh: bool,
}

impl Plan {
    /// The plan for a site whose bucket is not there yet.
    #[must_use]
    pub fn first(files: &Files) -> Self {
        Self { new: files.keys().cloned().collect(), fresh: true, ..Self::default() }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_done(&self) -> bool {
        !self.differs() && !self.stale
    }

    fn differs(&self) -> bool {
        !(self.new.is_empty() && self.changed.is_empty() && self.gone.is_empty())
    }

    /// The plan in words, such as `2 new files, 1 changed, 3 gone, 40 as they were`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let counts = [
            (self.new.len(), "new"),
            (self.changed.len(), "changed"),
            (self.gone.len(), "gone"),
            (self.same.len(), "as they were"),
        ];
        let parts: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, word)| format!("{count} {word}"))
            .collect();
        if parts.is_empty() { "no files".to_owned() } else { format!("files: {}", parts.join(", ")) }
    }
}

/// Reads how `files` differ from what the bucket holds.
///
/// # Errors
/// Whatever S3 reports.
pub async fn plan(connection: &Connection, place: &Place<'_>, files: &Files) -> Result<Plan, aws::Error> {
    let s3 = connection.s3();
    let listed: BTreeMap<String, Listed> = s3
        .list(place.bucket, "")
        .await?
        .into_iter()
        .map(|object| (object.key, Listed { size: object.size, etag: object.etag }))
        .collect();
    let text = match s3.get(place.artifacts, place.receipt).await {
        // Without the right to list, S3 says "forbidden" for what does not exist.
        Err(aws::Error { kind: Kind::AccessDenied(_), .. }) => vec![],
        other => other?.unwrap_or_default(),
    };
    let receipt = Receipt::read(&text, place.bucket);
    let found = site::compare(files, &listed, &receipt);
    let mut plan = Plan {
        new: found.new,
        changed: found.changed,
        gone: found.gone,
        same: BTreeMap::new(),
        stale: !receipt.settled,
        fresh: listed.is_empty() && receipt.files.is_empty(),
    };
    for key in found.same {
        if let Some(known) = receipt.files.get(&key) {
            plan.same.insert(key, known.clone());
        }
    }
    let s3 = &s3;
    let looked: Vec<(String, Option<Known>)> = stream::iter(found.unsure)
        .map(|key| async move {
            let described = match s3.describe(place.bucket, &key).await {
                // Before the first update of a stack of Copilot's, objects may not be looked at.
                Err(aws::Error { kind: Kind::AccessDenied(_), .. }) => None,
                other => other?,
            };
            let known = described.map(|object| Known {
                etag: object.etag,
                sha256: object.sha256,
                content_type: object.content_type,
            });
            Ok::<_, aws::Error>((key, known))
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    for (key, known) in looked {
        match known.filter(|known| files.get(&key).is_some_and(|file| file.is(known))) {
            Some(known) => {
                plan.same.insert(key, known);
            }
            None => plan.changed.push(key),
        }
    }
    plan.changed.sort();
    Ok(plan)
}

/// As [`plan`], for a site whose stack was just deployed: its policy may not hold everywhere yet.
///
/// # Errors
/// Whatever S3 reports; [`Failure::Interrupted`].
pub async fn plan_after_stack(
    connection: &Connection,
    place: &Place<'_>,
    files: &Files,
    options: &Options<'_>,
) -> Result<Plan, Failure> {
    patiently(options, Instant::now(), || plan(connection, place, files)).await
}

/// Makes a call, and makes it again while a new policy may not hold everywhere yet.
async fn patiently<T, F>(options: &Options<'_>, begun: Instant, call: impl Fn() -> F) -> Result<T, Failure>
where
    F: Future<Output = Result<T, aws::Error>>,
{
    let mut pauses = Pauses::new(options.polling);
    let patience = POLICY_TAKES_HOLD.min(options.polling.patience);
    loop {
        if interrupts(options.interrupt.as_ref()) > 0 {
            return Err(Failure::Interrupted);
        }
        match call().await {
            Err(aws::Error { kind: Kind::AccessDenied(_), .. }) if begun.elapsed() < patience => {
                pauses.wait().await;
            }
            result => return Ok(result?),
        }
    }
}

/// Carries out a plan; when there is nothing to do, no call is made.
///
/// # Errors
/// [`Failure::Interrupted`], or the first failed call. What was sent stays; another run goes on from there.
pub async fn publish(
    connection: &Connection,
    place: &Place<'_>,
    files: &Files,
    plan: &Plan,
    options: Options<'_>,
) -> Result<(), Failure> {
    if plan.is_done() {
        return Ok(());
    }
    let receipt = Receipt { bucket: place.bucket.to_owned(), settled: false, files: plan.same.clone() };
    note(connection, place, &receipt).await?;
    let work =
        Work { connection, place, files, options, receipt: Mutex::new(receipt), begun: Instant::now() };
    work.upload(plan).await?;
    work.remove(&plan.gone).await?;
    let invalidation = if plan.fresh { None } else { Some(work.invalidate().await?) };
    let mut receipt = work.receipt.lock().map(|receipt| receipt.clone()).unwrap_or_default();
    receipt.settled = true;
    note(connection, place, &receipt).await?;
    match invalidation {
        Some(id) => work.wait_for_caches(&id).await,
        None => Ok(()),
    }
}

async fn note(connection: &Connection, place: &Place<'_>, receipt: &Receipt) -> Result<(), aws::Error> {
    let text = receipt.text().into_bytes();
    connection.s3().put(place.artifacts, place.receipt, text, "application/json").await
}

struct Work<'a> {
    connection: &'a Connection,
    place: &'a Place<'a>,
    files: &'a Files,
    options: Options<'a>,
    receipt: Mutex<Receipt>,
    begun: Instant,
}

impl Work<'_> {
    /// Sends what is new or changed: what pages name first, then the pages.
    async fn upload(&self, plan: &Plan) -> Result<(), Failure> {
        let keys: Vec<&String> = plan.new.iter().chain(&plan.changed).collect();
        if keys.is_empty() {
            return Ok(());
        }
        let id = format!("upload {}", self.place.bucket);
        let count = if keys.len() == 1 { "1 file".to_owned() } else { format!("{} files", keys.len()) };
        self.start(&id, Step::Upload, &format!("Upload {count} of {}", self.place.title));
        let total = keys.iter().filter_map(|key| self.files.get(*key)).map(|file| file.size).sum();
        let sent = Mutex::new(0_u64);
        let is_page =
            |key: &String| self.files.get(key).is_some_and(|file| site::is_page(&file.content_type));
        let (pages, others): (Vec<&String>, Vec<&String>) = keys.into_iter().partition(|key| is_page(key));
        for keys in [others, pages] {
            let (sent, id) = (&sent, &id);
            let result: Result<Vec<()>, Failure> = stream::iter(keys)
                .map(|key| async move {
                    let size = self.send(key).await?;
                    if let Ok(mut sent) = sent.lock() {
                        *sent += size;
                        let (id, message) = (id.clone(), key.clone());
                        let event = Event::StepProgress { id, done: *sent, total, message };
                        self.options.reporter.report(event);
                    }
                    Ok(())
                })
                .buffer_unordered(SIDE_BY_SIDE)
                .try_collect()
                .await;
            self.end(id, result.map(drop), "")?;
        }
        self.finish(&id, Outcome::Done, "");
        Ok(())
    }

    async fn send(&self, key: &str) -> Result<u64, Failure> {
        let Some(file) = self.files.get(key) else { return Ok(0) };
        let upload = Upload { path: &file.local, sha256: &file.sha256, content_type: &file.content_type };
        let s3 = self.connection.s3();
        let etag = self.patiently(|| s3.put_file(self.place.bucket, key, upload)).await?;
        let known = Known { etag, sha256: file.sha256.clone(), content_type: file.content_type.clone() };
        if let Ok(mut receipt) = self.receipt.lock() {
            receipt.files.insert(key.to_owned(), known);
        }
        Ok(file.size)
    }

    async fn remove(&self, gone: &[String]) -> Result<(), Failure> {
        if gone.is_empty() {
            return Ok(());
        }
        let id = format!("remove {}", self.place.bucket);
        let count =
            if gone.len() == 1 { "1 file that is" } else { &format!("{} files that are", gone.len()) };
        self.start(&id, Step::Work, &format!("Remove {count} gone from {}", self.place.title));
        let s3 = self.connection.s3();
        let result = self.patiently(|| s3.delete(self.place.bucket, gone)).await;
        self.end(&id, result, "")?;
        self.finish(&id, Outcome::Done, "");
        Ok(())
    }

    async fn invalidate(&self) -> Result<String, Failure> {
        let reference = uuid::Uuid::new_v4().to_string();
        let id = self.caches();
        self.start(&id, Step::Work, &format!("Empty CloudFront's caches of {}", self.place.title));
        let door = self.connection.cloudfront();
        let result = self.patiently(|| door.invalidate_all(self.place.distribution, &reference)).await;
        self.end(&id, result.map(|invalidation| invalidation.id), "")
    }

    /// Waits until CloudFront's caches are empty. That they take long, or can't be asked, is no failure.
    async fn wait_for_caches(&self, invalidation: &str) -> Result<(), Failure> {
        let (id, begun) = (self.caches(), Instant::now());
        let mut pauses = Pauses::new(self.options.polling);
        let door = self.connection.cloudfront();
        loop {
            let given_up = match door.invalidation(self.place.distribution, invalidation).await {
                Ok(found) if found.is_completed() => {
                    self.finish(&id, Outcome::Done, "");
                    return Ok(());
                }
                Ok(_) => begun.elapsed() > CACHES_EMPTY,
                Err(error) => !error.is_transient() || begun.elapsed() > CACHES_EMPTY,
            };
            let stopped = interrupts(self.options.interrupt.as_ref()) > 0;
            if given_up || stopped {
                self.finish(&id, Outcome::Skipped, "they empty themselves without being watched");
                return Ok(());
            }
            pauses.wait().await;
        }
    }

    fn caches(&self) -> String {
        format!("caches {}", self.place.distribution)
    }

    async fn patiently<T, F>(&self, call: impl Fn() -> F) -> Result<T, Failure>
    where
        F: Future<Output = Result<T, aws::Error>>,
    {
        patiently(&self.options, self.begun, call).await
    }

    fn start(&self, id: &str, kind: Step, title: &str) {
        self.options.reporter.report(Event::StepStarted { id: id.to_owned(), kind, title: title.to_owned() });
    }

    /// Ends a step that failed.
    fn end<T>(&self, id: &str, result: Result<T, Failure>, detail: &str) -> Result<T, Failure> {
        result.inspect_err(|error| match error {
            Failure::Interrupted => self.finish(id, Outcome::Cancelled, detail),
            Failure::Aws(error) => self.finish(id, Outcome::Failed, &error.to_string()),
        })
    }

    fn finish(&self, id: &str, outcome: Outcome, detail: &str) {
        let event = Event::StepFinished { id: id.to_owned(), outcome, detail: detail.to_owned() };
        self.options.reporter.report(event);
    }
}

/// Empties a site's bucket of all objects and their older versions, so that it can be deleted.
///
/// # Errors
/// Whatever S3 reports.
pub async fn empty(
    connection: &Connection,
    bucket: &str,
    title: &str,
    reporter: &dyn Reporter,
) -> Result<(), aws::Error> {
    let id = format!("empty {bucket}");
    let title = format!("Empty the bucket of {title}");
    reporter.report(Event::StepStarted { id: id.clone(), kind: Step::Work, title });
    let result = connection.s3().empty(bucket).await;
    let (outcome, detail) = match &result {
        Ok(count) => (Outcome::Done, format!("{count} objects and versions of them")),
        Err(error) => (Outcome::Failed, error.to_string()),
    };
    reporter.report(Event::StepFinished { id, outcome, detail });
    result.map(drop)
}

/// Says that files seem not to be meant for the public.
pub fn warn_of(private: &[&str], reporter: &dyn Reporter) {
    let Some(first) = private.first() else { return };
    let more = match private.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let text = format!(
        "{first}{more} will be public: `exclude` in the manifest leaves out what is not meant for everybody"
    );
    reporter.report(Event::Note { level: Level::Warning, text });
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::aws::testing::{Answer, Request, Server, server, xml, xml_error};
    use crate::deploy::testing::{Recorder, fast};
    use crate::model::site::FileSet;

    const PLACE: Place<'static> = Place {
        title: "site docs in test",
        bucket: "site",
        artifacts: "artifacts",
        receipt: "receipt.json",
        distribution: "E1",
    };

    /// A directory with files, and the site made of them.
    fn site(names: &[&str]) -> (tempfile::TempDir, Files) {
        let dir = tempfile::tempdir().unwrap();
        let mut files = Files::new();
        let set = FileSet {
            source: String::new(),
            destination: String::new(),
            recursive: true,
            exclude: vec![],
            reinclude: vec![],
        };
        for (at, name) in names.iter().enumerate() {
            let local = dir.path().join(format!("f{at}"));
            std::fs::write(&local, name).unwrap();
            let hash = [u8::try_from(at).unwrap(); 32];
            crate::artifact::site::add(&mut files, &set, name, local, name.len() as u64, hash);
        }
        (dir, files)
    }

    /// S3 with some objects in the site's bucket and what was noted of them, CloudFront; refuses the first uploads.
    fn world(objects: &[(&str, u64)], receipt: &str, refusals: u32) -> (Server, Arc<Mutex<Vec<String>>>) {
        let listing: String = objects
            .iter()
            .map(|(key, size)| {
                format!("<Contents><Key>{key}</Key><Size>{size}</Size><ETag>\"e-{key}\"</ETag></Contents>")
            })
            .collect();
        let (receipt, left) = (receipt.to_owned(), Mutex::new(refusals));
        let calls: Arc<Mutex<Vec<String>>> = Arc::default();
        let seen = calls.clone();
        let answer = move |request: &Request| -> Answer {
            let path = request.uri.split("amazonaws.com/").nth(1).unwrap_or_default();
            let path = path.split('?').next().unwrap_or_default();
            let receipts = path == "receipt.json";
            let say = |text: String| seen.lock().unwrap().push(text);
            match request.method.as_str() {
                "GET" if receipts && receipt.is_empty() => xml(404, "<Error><Code>NoSuchKey</Code></Error>"),
                "GET" if receipts => xml(200, &receipt),
                "GET" if request.uri.contains("/invalidation/") => {
                    xml(200, "<Invalidation><Id>I1</Id><Status>Completed</Status></Invalidation>")
                }
                "GET" => xml(200, &format!("<ListBucketResult>{listing}</ListBucketResult>")),
                "HEAD" => {
                    say(format!("look at {path}"));
                    xml(200, "").header("etag", &format!("\"e-{path}\""))
                }
                "PUT" if receipts => {
                    let settled = request.body.contains("\"settled\":true");
                    say(format!("note {}", if settled { "settled" } else { "under way" }));
                    xml(200, "")
                }
                "PUT" => {
                    let mut left = left.lock().unwrap();
                    if *left > 0 {
                        *left -= 1;
                        return xml_error(403, "AccessDenied", "Access Denied");
                    }
                    say(format!("put {path}"));
                    xml(200, "").header("etag", &format!("\"e-{path}\""))
                }
                _ if request.uri.contains("/invalidation") => {
                    say("invalidate".into());
                    xml(201, "<Invalidation><Id>I1</Id><Status>InProgress</Status></Invalidation>")
                }
                _ => {
                    say("remove".into());
                    xml(200, "<DeleteResult/>")
                }
            }
        };
        (server(answer), calls)
    }

    async fn run(server: &Server, files: &Files) -> (Plan, Vec<String>) {
        let recorder = Recorder::default();
        let plan = plan(server.connection(), &PLACE, files).await.unwrap();
        let options = Options { reporter: &recorder, interrupt: None, polling: fast() };
        publish(server.connection(), &PLACE, files, &plan, options).await.unwrap();
        (plan, recorder.lines())
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_new_site_goes_up_pages_last_and_needs_no_invalidation() {
        let (_dir, files) = site(&["index.html", "app.js", "a.css"]);
        let (server, calls) = world(&[], "", 2);
        let (plan, lines) = run(&server, &files).await;
        assert_eq!(plan.sentence(), "files: 3 new");
        let mut calls = calls.lock().unwrap().clone();
        calls[1..3].sort();
        assert_eq!(calls, ["note under way", "put a.css", "put app.js", "put index.html", "note settled"]);
        assert_eq!(lines.last().unwrap(), "upload site Done");
        let shown = lines.iter().filter(|line| line.contains("StepProgress")).count();
        assert_eq!(shown, 3);
    }

    #[tokio::test(flavor = "current_thread")]
    async fn only_what_differs_moves_and_caches_are_emptied() {
        let (_dir, files) = site(&["index.html", "app.js"]);
        let mut receipt = Receipt { bucket: "site".into(), settled: true, ..Receipt::default() };
        for (key, file) in &files {
            let sha256 = if key == "app.js" { "old".to_owned() } else { file.sha256.clone() };
            let known = Known { etag: format!("e-{key}"), sha256, content_type: file.content_type.clone() };
            receipt.files.insert(key.clone(), known);
        }
        let objects = [("index.html", 10), ("app.js", 6), ("old.html", 1)];
        let (server, calls) = world(&objects, &receipt.text(), 0);
        let (plan, lines) = run(&server, &files).await;
        assert_eq!(plan.sentence(), "files: 1 changed, 1 gone, 1 as they were");
        let want = ["note under way", "put app.js", "remove", "invalidate", "note settled"];
        assert_eq!(*calls.lock().unwrap(), want);
        assert_eq!(lines.last().unwrap(), "caches E1 Done");

        // The same again, as it is now: nothing happens.
        receipt.files.get_mut("app.js").unwrap().sha256 = files["app.js"].sha256.clone();
        let (server, calls) = world(&objects[..2], &receipt.text(), 0);
        let (plan, lines) = run(&server, &files).await;
        assert!(plan.is_done() && lines.is_empty() && calls.lock().unwrap().is_empty());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_run_that_was_stopped_is_taken_up() {
        let (_dir, files) = site(&["index.html"]);
        let mut receipt = Receipt { bucket: "site".into(), ..Receipt::default() };
        let file = &files["index.html"];
        let known = Known {
            etag: "e-index.html".into(),
            sha256: file.sha256.clone(),
            content_type: file.content_type.clone(),
        };
        receipt.files.insert("index.html".into(), known);
        // Everything is there, but nobody emptied the caches.
        let (server, calls) = world(&[("index.html", 10)], &receipt.text(), 0);
        run(&server, &files).await;
        assert_eq!(*calls.lock().unwrap(), ["note under way", "invalidate", "note settled"]);
        // An object that nothing is known of is looked at, and sent when it does not say what it holds.
        let (server, calls) = world(&[("index.html", 10)], "", 0);
        let (plan, _) = run(&server, &files).await;
        assert_eq!(plan.changed, ["index.html"]);
        assert_eq!(calls.lock().unwrap()[0], "look at index.html");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn an_interrupt_stops_before_the_next_file() {
        let (_dir, files) = site(&["index.html", "app.js"]);
        let (server, calls) = world(&[], "", 0);
        let (sender, interrupt) = tokio::sync::watch::channel(0);
        sender.send(1).unwrap();
        let recorder = Recorder::default();
        let options = Options { reporter: &recorder, interrupt: Some(interrupt), polling: fast() };
        let plan = Plan::first(&files);
        let result = publish(server.connection(), &PLACE, &files, &plan, options).await;
        assert_eq!(result, Err(Failure::Interrupted));
        assert_eq!(*calls.lock().unwrap(), ["note under way"]);
        assert_eq!(recorder.lines().last().unwrap(), "upload site Cancelled");
    }

    #[tokio::test(flavor = "current_thread")]
    async fn a_lasting_refusal_fails_with_its_words() {
        let (_dir, files) = site(&["index.html"]);
        let (server, _) = world(&[], "", u32::MAX);
        let recorder = Recorder::default();
        let options = Options { reporter: &recorder, interrupt: None, polling: fast() };
        let plan = Plan::first(&files);
        let result = publish(server.connection(), &PLACE, &files, &plan, options).await;
        assert!(matches!(result, Err(Failure::Aws(error)) if matches!(error.kind, Kind::AccessDenied(_))));
        assert_eq!(recorder.lines().last().unwrap(), "upload site Failed");
    }
}
