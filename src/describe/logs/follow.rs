//! Which log events are new: the pure half of following.
//!
//! CloudWatch Logs can be asked for a span of event time only, while events become visible some time after their own
//! timestamps, later ones before earlier ones. So each poll reads a span again that was read before, and the ids of its
//! events tell what was shown already. The span of most polls is short ([`NEAR`]). When a stream speaks up that was silent
//! for longer, what it wrote before may have arrived just now too: then the poll reaches back to where the stream was
//! left. From time to time one reaches far back in any case ([`DEEP`]).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::LogLine;

/// How far behind the newest event each poll begins, in milliseconds.
const NEAR: i64 = 15_000;
/// How far behind the newest event the deep polls begin, in milliseconds.
const DEEP: i64 = 300_000;
/// Each so many polls one is deep.
const EVERY: u32 = 20;
/// A deep poll reads at most about so many known events again.
const DEEP_EVENTS: usize = 20_000;
/// So many ids are remembered; polls never reach behind the oldest of them.
const REMEMBERED: usize = 100_000;

/// What was shown of a log group, and where the next poll begins.
#[derive(Debug)]
pub(super) struct Follower {
    /// Timestamps and ids of events that were handed on, by time.
    seen: BTreeSet<(i64, String)>,
    /// Timestamp of the newest event of each stream.
    streams: BTreeMap<String, i64>,
    /// Before this instant (milliseconds) it is not known what was shown.
    floor: i64,
    /// Timestamp of the newest event.
    newest: i64,
    /// Now, at the last poll that succeeded.
    checked: i64,
    polls: u32,
}

impl Follower {
    /// Follows from `start` (milliseconds since the epoch) on; nothing before it is ever shown.
    pub(super) fn new(start: i64) -> Self {
        Self {
            seen: BTreeSet::new(),
            streams: BTreeMap::new(),
            floor: start,
            newest: start,
            checked: start,
            polls: 0,
        }
    }

    /// Takes note of an event that was shown, or left out on purpose.
    pub(super) fn know(&mut self, line: &LogLine) {
        self.note(line);
        self.seen.insert((line.timestamp, line.id.clone()));
        self.forget();
    }

    fn note(&mut self, line: &LogLine) {
        self.newest = self.newest.max(line.timestamp);
        match self.streams.get_mut(&line.log_stream_name) {
            Some(newest) => *newest = (*newest).max(line.timestamp),
            None => {
                self.streams.insert(line.log_stream_name.clone(), line.timestamp);
            }
        }
    }

    /// Everything from `start` on was read, and what is to be left out of it is known.
    pub(super) fn begin_at(&mut self, start: i64) {
        self.floor = self.floor.max(start);
    }

    /// Takes note that a poll, begun at `now`, was read to its end.
    pub(super) fn polled(&mut self, now: i64) {
        self.checked = self.checked.max(now);
    }

    /// Where the next poll begins, in milliseconds. `now` keeps an event with a timestamp ahead of time from moving the
    /// polls away from the present.
    pub(super) fn next_start(&mut self, now: i64) -> i64 {
        self.polls += 1;
        // What a silent group could still deliver is not older than the deep span. Counted from the last good poll: after
        // a pause (no network, a closed lid) the next one has to read what was missed.
        let newest = self.newest.max(self.checked.saturating_sub(DEEP)).min(now.max(self.floor));
        let near = newest.saturating_sub(NEAR);
        let start = if self.polls.is_multiple_of(EVERY) { near.min(self.deep(newest)) } else { near };
        start.max(self.floor)
    }

    /// Where a deep poll begins.
    fn deep(&self, newest: i64) -> i64 {
        let known = self.seen.iter().rev().nth(DEEP_EVENTS).map_or(i64::MIN, |(timestamp, _)| *timestamp);
        newest.saturating_sub(DEEP).max(known)
    }

    /// Where to read again from before `lines`, read from `start` on, are accepted: a stream of theirs was left before
    /// `start` and may hold more in between. `None` when nothing can be missing.
    pub(super) fn missing(&self, lines: &[LogLine], start: i64) -> Option<i64> {
        let deep = self.deep(self.newest).max(self.floor);
        lines
            .iter()
            .filter(|line| !self.seen.contains(&(line.timestamp, line.id.clone())))
            .map(|line| self.streams.get(&line.log_stream_name).copied().unwrap_or(deep).max(deep))
            .min()
            .filter(|from| *from < start)
    }

    /// Where polls never reach behind.
    pub(super) fn floor(&self) -> i64 {
        self.floor
    }

    /// The events of a poll that were not handed on before, oldest first; each counts as handed on from now on.
    pub(super) fn accept(&mut self, lines: Vec<LogLine>) -> Vec<LogLine> {
        let mut new: Vec<LogLine> = lines
            .into_iter()
            .filter(|line| line.timestamp >= self.floor)
            .filter(|line| self.seen.insert((line.timestamp, line.id.clone())))
            .collect();
        sort(&mut new);
        for line in &new {
            self.note(line);
        }
        self.forget();
        new
    }

    fn forget(&mut self) {
        while self.seen.len() > REMEMBERED
            && let Some((timestamp, _)) = self.seen.pop_first()
        {
            // Others of the same instant may be forgotten next: none of them is asked for again.
            self.floor = self.floor.max(timestamp + 1);
        }
    }
}

/// Oldest first; events of the same instant in the order they came in, then as they were given.
pub(super) fn sort(lines: &mut [LogLine]) {
    lines.sort_by_key(|line| (line.timestamp, line.ingestion_time));
}

/// The newest lines of a span read from its beginning.
#[derive(Debug)]
pub(super) struct Newest {
    limit: usize,
    lines: Vec<LogLine>,
    ids: HashSet<String>,
}

impl Newest {
    /// Keeps `limit` lines.
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, lines: vec![], ids: HashSet::new() }
    }

    /// Adds lines of any time; those it holds already do not count twice.
    pub(super) fn add(&mut self, lines: Vec<LogLine>) {
        self.lines.extend(lines.into_iter().filter(|line| self.ids.insert(line.id.clone())));
        // Not after each page: sorting costs, and a page is small against what may be kept.
        if self.lines.len() > self.limit.saturating_mul(2).max(20_000) {
            self.cut();
        }
    }

    fn cut(&mut self) {
        sort(&mut self.lines);
        let surplus = self.lines.len().saturating_sub(self.limit);
        for line in self.lines.drain(..surplus) {
            self.ids.remove(&line.id);
        }
    }

    /// Whether there are as many as wanted.
    pub(super) fn is_full(&self) -> bool {
        self.lines.len() >= self.limit
    }

    /// The newest lines, oldest first.
    pub(super) fn finish(mut self) -> Vec<LogLine> {
        self.cut();
        self.lines
    }
}

/// The spans in which the newest events before `end` are looked for, newest span first, each four times as long as the
/// one before, down to `start`: (first, last) in milliseconds. The newest span is open towards the future when `end` is
/// `None`. Neighbours share one instant: CloudWatch's operations disagree on whether the last instant is included.
pub(super) fn spans(start: i64, end: Option<i64>, now: i64) -> Vec<(i64, Option<i64>)> {
    let mut spans = vec![];
    let mut last = end;
    let mut length = 60_000_i64;
    let mut edge = end.unwrap_or(now);
    loop {
        let first = edge.saturating_sub(length).max(start);
        spans.push((first, last));
        if first <= start {
            return spans;
        }
        last = Some(first);
        edge = first;
        length = length.saturating_mul(4);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line(stream: &str, timestamp: i64, ingestion_time: i64, id: usize) -> LogLine {
        LogLine {
            log_stream_name: stream.to_owned(),
            ingestion_time,
            message: format!("{stream} {id}"),
            timestamp,
            id: id.to_string(),
        }
    }

    #[test]
    fn spans_meet_without_a_gap() {
        for (start, end) in [(0, None), (0, Some(1_000_000_000)), (999_999_000, None)] {
            let spans = spans(start, end, 1_000_000_000);
            assert_eq!(spans[0].1, end);
            for pair in spans.windows(2) {
                assert_eq!(pair[1].1, Some(pair[0].0));
            }
            assert_eq!(spans.last().unwrap().0, start);
            assert!(spans.len() <= 10, "{spans:?}");
        }
        assert_eq!(spans(5, Some(3), 9), [(5, Some(3))]);
    }

    #[test]
    fn keeps_the_newest_not_the_first() {
        let mut newest = Newest::new(2);
        newest.add((0..50_000).map(|at| line("a", at, at, usize::try_from(at).unwrap())).collect());
        assert!(newest.is_full());
        newest.add(vec![line("b", 7, 7, 60_000), line("b", 60_000, 60_000, 60_001)]);
        newest.add(vec![line("b", 60_000, 60_000, 60_001)]);
        let kept: Vec<i64> = newest.finish().iter().map(|line| line.timestamp).collect();
        assert_eq!(kept, [49_999, 60_000]);
    }

    #[test]
    fn a_timestamp_ahead_of_time_does_not_hide_the_present() {
        let mut follower = Follower::new(0);
        assert_eq!(follower.accept(vec![line("a", 9_000_000, 5, 1)]).len(), 1);
        assert!(follower.next_start(60_000) <= 60_000);
        assert_eq!(follower.accept(vec![line("a", 60_001, 60_001, 2), line("a", 9_000_000, 5, 1)]).len(), 1);
    }

    #[test]
    fn memory_is_bounded_and_what_is_forgotten_is_not_asked_for_again() {
        let mut follower = Follower::new(0);
        let many: Vec<LogLine> =
            (0..REMEMBERED + 10).map(|at| line("a", i64::try_from(at).unwrap(), 0, at)).collect();
        assert_eq!(follower.accept(many.clone()).len(), REMEMBERED + 10);
        assert_eq!(follower.seen.len(), REMEMBERED);
        for _ in 0..=EVERY {
            assert!(follower.next_start(1_000_000) >= 10);
        }
        assert_eq!(follower.accept(many), []);
    }

    #[test]
    fn a_silent_group_is_not_read_from_its_beginning_each_time_but_a_pause_is_read_in_full() {
        let mut follower = Follower::new(0);
        follower.polled(3_600_000);
        assert_eq!(follower.next_start(3_601_000), 3_600_000 - DEEP - NEAR);
        follower.accept(vec![line("a", 3_600_000, 3_600_000, 1)]);
        follower.polled(3_601_000);
        assert_eq!(follower.next_start(9_000_000), 3_600_000 - NEAR);
    }

    /// An event with the poll from which on it can be read.
    fn arrivals() -> impl Strategy<Value = Vec<(usize, i64, u32)>> {
        // Stream, milliseconds after the one before in the same stream, polls until it is visible.
        prop::collection::vec((0..3_usize, 0..4_000_i64, prop_oneof![4 => 0..5_u32, 1 => 0..200_u32]), 1..120)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]
        #[test]
        fn following_loses_nothing_doubles_nothing_and_keeps_each_streams_order(arrivals in arrivals()) {
            // A stream delivers in order: an event is visible no earlier than the ones before it.
            let mut clocks = [0_i64; 3];
            let mut visible = [0_u32; 3];
            let mut events = vec![];
            for (id, (stream, gap, delay)) in arrivals.into_iter().enumerate() {
                clocks[stream] += gap;
                let own = u32::try_from(clocks[stream] / 1_000).unwrap();
                visible[stream] = visible[stream].max(own + delay);
                let ingestion = i64::from(visible[stream]) * 1_000;
                events.push((visible[stream], line(&stream.to_string(), clocks[stream], ingestion, id)));
            }
            let last = events.iter().map(|(poll, _)| *poll).max().unwrap_or(0);
            let mut follower = Follower::new(0);
            let mut shown = vec![];
            for poll in 0..=last + EVERY {
                let start = follower.next_start(i64::from(poll) * 1_000);
                let read = |start: i64| -> Vec<LogLine> {
                    let there = events.iter().filter(|(from, line)| *from <= poll && line.timestamp >= start);
                    there.map(|(_, line)| line.clone()).collect()
                };
                let mut lines = read(start);
                let mut from = start;
                while let Some(earlier) = follower.missing(&lines, from) {
                    from = earlier;
                    lines = read(from);
                }
                shown.extend(follower.accept(lines));
                follower.polled(i64::from(poll) * 1_000);
            }
            // Behind the newest event by more than the deep span is out of reach; the delays above stay within it.
            prop_assert_eq!(shown.len(), events.len());
            for stream in ["0", "1", "2"] {
                let of = |lines: Vec<&LogLine>| -> Vec<String> {
                    lines.into_iter().filter(|line| line.log_stream_name == stream).map(|line| line.id.clone()).collect()
                };
                prop_assert_eq!(of(shown.iter().collect()), of(events.iter().map(|(_, line)| line).collect()));
            }
        }
    }
}
