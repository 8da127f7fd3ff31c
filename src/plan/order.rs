//! What may start when: work that waits for other work, as plain numbers.
//!
//! An [`Order`] knows which items wait for which. It hands out what may start now, as many at once as it was told, and is
//! told how each ended. What failed stops what waits for it, directly or through others, and nothing else.

use std::collections::BTreeSet;

/// Where an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It has not begun.
    Waiting,
    /// It is under way.
    Running,
    /// It ended well.
    Done,
    /// It failed.
    Failed,
    /// It never begins, because this item failed.
    Stopped(usize),
}

/// Items that wait for each other, by their numbers from 0 on.
#[derive(Debug, Clone)]
pub struct Order {
    /// For each item those it waits for.
    after: Vec<BTreeSet<usize>>,
    progress: Vec<Progress>,
    /// Most items that run at a time.
    most: usize,
}

impl Order {
    /// Nothing has begun. `after`: for each item those it waits for; what is no number of an item, or the item itself, counts
    /// for nothing. `most`: how many may run at a time, at least one.
    #[must_use]
    pub fn new(after: &[Vec<usize>], most: usize) -> Self {
        let known = |own: usize, on: &usize| *on < after.len() && *on != own;
        let set = |(own, on): (usize, &Vec<usize>)| on.iter().copied().filter(|on| known(own, on)).collect();
        Self {
            after: after.iter().enumerate().map(set).collect(),
            progress: vec![Progress::Waiting; after.len()],
            most: most.max(1),
        }
    }

    /// Items that wait for each other in a circle, each for the next one and the last for the first; `None` when there is no
    /// circle. The one with the lowest number comes first.
    #[must_use]
    pub fn circle(&self) -> Option<Vec<usize>> {
        // What is taken away as soon as nothing it waits for is left: the rest is in a circle, or waits for one.
        let mut left: BTreeSet<usize> = (0..self.after.len()).collect();
        while let Some(free) = left.iter().copied().find(|item| self.after[*item].is_disjoint(&left)) {
            left.remove(&free);
        }
        let mut path = vec![*left.first()?];
        loop {
            let next = self.after[*path.last()?].intersection(&left).next()?;
            if let Some(at) = path.iter().position(|item| item == next) {
                let mut circle = path.split_off(at);
                let lowest = circle.iter().enumerate().min_by_key(|(_, item)| **item)?.0;
                circle.rotate_left(lowest);
                return Some(circle);
            }
            path.push(*next);
        }
    }

    /// Items that begin now, in the order of their numbers; they count as running from here on.
    pub fn start(&mut self) -> Vec<usize> {
        let running = self.progress.iter().filter(|progress| **progress == Progress::Running).count();
        let free: Vec<usize> = (0..self.after.len())
            .filter(|item| self.progress[*item] == Progress::Waiting && self.waits_for(*item).is_empty())
            .take(self.most.saturating_sub(running))
            .collect();
        for item in &free {
            self.progress[*item] = Progress::Running;
        }
        free
    }

    /// An item ended, also one that had not begun. One that failed stops those that wait for it.
    pub fn end(&mut self, item: usize, well: bool) {
        let Some(progress) = self.progress.get_mut(item) else { return };
        *progress = if well { Progress::Done } else { Progress::Failed };
        if well {
            return;
        }
        let mut gone = BTreeSet::from([item]);
        loop {
            let stopped: Vec<usize> = (0..self.after.len())
                .filter(|other| self.progress[*other] == Progress::Waiting)
                .filter(|other| !self.after[*other].is_disjoint(&gone))
                .collect();
            if stopped.is_empty() {
                return;
            }
            for other in stopped {
                self.progress[other] = Progress::Stopped(item);
                gone.insert(other);
            }
        }
    }

    /// What an item still waits for.
    #[must_use]
    pub fn waits_for(&self, item: usize) -> Vec<usize> {
        let on = self.after.get(item).into_iter().flatten().copied();
        on.filter(|on| self.progress[*on] != Progress::Done).collect()
    }

    /// Where each item is.
    #[must_use]
    pub fn progress(&self) -> &[Progress] {
        &self.progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_start_when_what_they_wait_for_is_done() {
        // migrate <- api <- web; site alone.
        let mut order = Order::new(&[vec![], vec![0], vec![1, 0], vec![]], 8);
        assert_eq!(order.circle(), None);
        assert_eq!(order.start(), [0, 3]);
        assert!(order.start().is_empty());
        order.end(3, true);
        assert!(order.start().is_empty());
        assert_eq!(order.waits_for(2), [0, 1]);
        order.end(0, true);
        assert_eq!(order.start(), [1]);
        order.end(1, true);
        assert_eq!(order.start(), [2]);
        order.end(2, true);
        assert!(order.progress().iter().all(|progress| *progress == Progress::Done));
    }

    #[test]
    fn no_more_run_than_may() {
        let mut order = Order::new(&[vec![], vec![], vec![], vec![0]], 2);
        assert_eq!(order.start(), [0, 1]);
        order.end(1, true);
        assert_eq!(order.start(), [2]);
        order.end(0, true);
        assert_eq!(order.start(), [3]);
        assert_eq!(Order::new(&[vec![], vec![]], 0).start(), [0]);
    }

    #[test]
    fn a_failure_stops_what_waits_for_it_and_nothing_else() {
        let mut order = Order::new(&[vec![], vec![0], vec![1], vec![], vec![3]], 8);
        assert_eq!(order.start(), [0, 3]);
        order.end(0, false);
        assert_eq!(order.progress()[1..3], [Progress::Stopped(0), Progress::Stopped(0)]);
        assert!(order.start().is_empty());
        order.end(3, true);
        assert_eq!(order.start(), [4]);
        // What fails before it begins, such as a build, stops as well.
        let mut early = Order::new(&[vec![], vec![0]], 8);
        early.end(0, false);
        assert!(early.start().is_empty());
        assert_eq!(early.progress(), [Progress::Failed, Progress::Stopped(0)]);
    }

    #[test]
    fn circles_are_found() {
        let circle = |after: &[Vec<usize>]| Order::new(after, 1).circle();
        assert_eq!(circle(&[vec![1], vec![0]]), Some(vec![0, 1]));
        // The first one only waits for the circle.
        assert_eq!(circle(&[vec![2], vec![3], vec![1], vec![2]]), Some(vec![1, 3, 2]));
        assert_eq!(circle(&[vec![0, 7], vec![0]]), None);
    }
}
