//! A deployment of several workloads on its way: who goes on, who failed, and who waits for whom.

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::deploy::{Deploy, Job, title};
use super::many::{self, Ending, Fate};
use crate::event::Event;
use crate::name::WorkloadName;
use crate::ops::{Error, Report, Result, Session};
use crate::plan::order::{Order, Progress};

/// Where the workloads of a deployment are.
pub(super) struct Run<'a> {
    session: &'a Session,
    options: &'a Deploy,
    order: Order,
    /// What each came to so far.
    results: Vec<Result<Report>>,
    /// What was last said of what each waits for.
    told: Vec<Told>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Nothing,
    Waits(Vec<usize>),
    Stopped,
}

impl<'a> Run<'a> {
    /// Nothing has begun; workloads that have not changed are done. `after`: for each the numbers of those it waits for.
    pub fn new(session: &'a Session, options: &'a Deploy, jobs: &[Job], after: &[Vec<usize>]) -> Self {
        let mut order = Order::new(after, many::STACKS_AT_ONCE);
        for (index, _) in jobs.iter().enumerate().filter(|(_, job)| job.changed.is_none()) {
            order.end(index, true);
        }
        let results = jobs.iter().map(|_| Ok(Report::default())).collect();
        Self { session, options, order, results, told: vec![Told::Nothing; jobs.len()] }
    }

    /// Whether a workload has not begun and may begin.
    pub fn goes_on(&self, index: usize) -> bool {
        self.order.progress().get(index) == Some(&Progress::Waiting)
    }

    /// Whether a workload failed, or something that it depends on.
    pub fn is_lost(&self, index: usize) -> bool {
        let progress = self.order.progress().get(index);
        matches!(progress, Some(Progress::Failed | Progress::Stopped(_)) | None)
    }

    /// Whether nothing is left to be done.
    pub fn is_over(&self, jobs: &[Job]) -> bool {
        (0..jobs.len()).all(|index| self.is_lost(index))
    }

    /// Takes in which workloads failed on the way.
    pub fn fail<T>(&mut self, results: impl IntoIterator<Item = (usize, Result<T>)>) {
        for (index, result) in results {
            if let Err(error) = result {
                self.end(index, Err(error));
            }
        }
    }

    fn end(&mut self, index: usize, result: Result<Report>) {
        self.order.end(index, result.is_ok());
        self.put(index, result);
    }

    /// What a workload came to, to be gone on with.
    pub fn take(&mut self, index: usize) -> Report {
        let result = self.results.get_mut(index);
        result.and_then(|result| result.as_mut().ok()).map(std::mem::take).unwrap_or_default()
    }

    /// What a workload came to.
    pub fn put(&mut self, index: usize, result: Result<Report>) {
        if let Some(place) = self.results.get_mut(index) {
            *place = result;
        }
    }

    /// Carries out all that goes on, each as soon as those that it waits for are done. `start` begins with one; none: there is
    /// nothing to do for it.
    pub async fn carry_out<F: Future<Output = Result<Report>>>(
        &mut self,
        jobs: &[Job],
        mut start: impl FnMut(usize) -> Option<F>,
    ) {
        let mut running = FuturesUnordered::new();
        loop {
            let begun = self.order.start();
            self.tell(jobs);
            let mut idle = begun.is_empty();
            for index in begun {
                match start(index) {
                    Some(work) => running.push(async move { (index, work.await) }),
                    None => {
                        self.order.end(index, true);
                        idle = false;
                    }
                }
            }
            if running.is_empty() && idle {
                return;
            }
            if let Some((index, result)) = running.next().await {
                self.end(index, result);
            }
        }
    }

    /// Says who waits for whom, as far as that is news.
    fn tell(&mut self, jobs: &[Job]) {
        for (index, job) in jobs.iter().enumerate() {
            let (mut on, mut failed) = (vec![], "");
            let news = match self.order.progress().get(index) {
                Some(Progress::Waiting) => Told::Waits(self.order.waits_for(index)),
                Some(Progress::Stopped(other)) => {
                    failed = jobs.get(*other).map_or("", |job| job.name().as_str());
                    Told::Stopped
                }
                _ => Told::Nothing,
            };
            // One that waits for its turn only says nothing.
            let news = if news == Told::Waits(vec![]) { Told::Nothing } else { news };
            if let Told::Waits(others) = &news {
                let names = others.iter().filter_map(|other| jobs.get(*other));
                on = names.map(|other| other.name().to_string()).collect();
            }
            if self.told.get(index) == Some(&news) {
                continue;
            }
            self.session.reporter.report(Event::Waiting {
                workload: job.name().to_string(),
                title: title(self.options, job),
                on,
                failed: failed.to_owned(),
            });
            if let Some(told) = self.told.get_mut(index) {
                *told = news;
            }
        }
    }

    /// What all of it came to.
    ///
    /// # Errors
    /// The failure of the only workload, or those of several.
    pub fn report(mut self, jobs: &[Job]) -> Result<Report> {
        self.tell(jobs);
        let Self { options, order, results, .. } = self;
        let mut report = Report::default();
        let mut failures: Vec<(WorkloadName, Error)> = vec![];
        let mut same: Vec<&str> = vec![];
        let mut fates = vec![];
        for ((job, result), progress) in jobs.iter().zip(results).zip(order.progress()) {
            let name = job.name();
            let (ending, why) = match (result, progress, &job.changed) {
                (Err(error), _, _) => {
                    let why = error.to_string();
                    failures.push((name.clone(), error));
                    (Ending::Failed, why)
                }
                (Ok(_), Progress::Stopped(other), _) => {
                    let other = jobs.get(*other).map_or("", |job| job.name().as_str());
                    report.done.push(format!("{name} is not deployed, because {other} failed."));
                    (Ending::NotDeployed, format!("{other} failed"))
                }
                (Ok(_), _, None) => {
                    same.push(name.as_str());
                    (Ending::Unchanged, "nothing of it changed since it was deployed".to_owned())
                }
                (Ok(one), _, Some(why)) => {
                    report.done.extend(one.done);
                    report.urls.extend(one.urls);
                    report.next.extend(one.next);
                    let detached = job.is_detached(options);
                    (if detached { Ending::Started } else { Ending::Deployed }, why.clone())
                }
            };
            fates.push(Fate { name: name.clone(), result: ending, why });
        }
        if !same.is_empty() {
            report.done.push(format!("Unchanged in {}: {}.", options.env, same.join(", ")));
        }
        if jobs.len() > 1 || options.only_changed || !options.why.is_empty() {
            report.workloads = fates;
        }
        match (failures.len(), jobs.len()) {
            (0, _) => Ok(report),
            (_, 1) => Err(failures.remove(0).1),
            _ => Err(Error::Several { done: Box::new(report), failures }),
        }
    }
}
