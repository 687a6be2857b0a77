use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::losses::{Losses, Lost};
use crate::observation::Observation;

/// Between the engine's loop, which must never wait for a disk, and the thread that writes. What finds no room is counted by the
/// caller with [`Queue::lose`].
pub struct Queue {
    capacity: usize,
    batch: usize,
    inner: Mutex<Inner>,
    changed: Condvar,
}

#[derive(Default)]
struct Inner {
    waiting: VecDeque<Observation>,
    losses: Losses,
    is_over: bool,
}

/// What is written at once.
pub struct Batch {
    /// In the order in which they came.
    pub observations: Vec<Observation>,
    /// What was lost since the last batch.
    pub losses: Vec<(Lost, u64)>,
    /// Nothing waits any more.
    pub is_all: bool,
    /// Nothing will follow.
    pub is_over: bool,
}

impl Queue {
    /// Holds `capacity` observations; whoever takes is woken early when there are `batch`.
    #[must_use]
    pub fn new(capacity: usize, batch: usize) -> Self {
        Self { capacity, batch, inner: Mutex::default(), changed: Condvar::new() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes as many as there is room for; what is left to the caller found none.
    pub fn push(&self, observations: &mut Vec<Observation>) {
        let mut inner = self.lock();
        let room = self.capacity - inner.waiting.len();
        inner.waiting.extend(observations.drain(..room.min(observations.len())));
        if inner.waiting.len() >= self.batch {
            self.changed.notify_all();
        }
    }

    /// Counts what has no place in it.
    pub fn lose(&self, lost: Lost, events: u64) {
        self.lock().losses.add(lost, events);
    }

    /// How many wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Whether none wait.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes at most a batch: after `longest`, or as soon as there is one, or the end. What a batch becomes on its way to the disk is
    /// many times larger than what waits here: more at once would be memory, not speed.
    pub fn take(&self, longest: Duration) -> Batch {
        let end = Instant::now() + longest;
        let mut inner = self.lock();
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if inner.is_over || inner.waiting.len() >= self.batch || left.is_zero() {
                let taken = inner.waiting.len().min(self.batch);
                let observations = inner.waiting.drain(..taken).collect();
                let is_all = inner.waiting.is_empty();
                let is_over = inner.is_over && is_all;
                return Batch { observations, losses: inner.losses.take(), is_all, is_over };
            }
            inner = self.changed.wait_timeout(inner, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Nothing will be pushed any more.
    pub fn close(&self) {
        self.lock().is_over = true;
        self.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::{Event, Trace, TraceOrigin};

    fn one() -> Observation {
        let trace = Trace { id: None, origin: TraceOrigin::None };
        let event = Event::Enrolment { reason: "test" };
        Observation { at: 0, process: None, trace, truncated: false, event }
    }

    #[test]
    fn what_finds_no_room_is_refused_and_the_rest_leaves_in_batches() {
        let queue = Queue::new(5, 2);
        let left = [3, 4, 2].map(|these| {
            let mut these: Vec<_> = (0..these).map(|_| one()).collect();
            queue.push(&mut these);
            these.len()
        });
        assert_eq!(left, [0, 2, 2]);
        queue.close();
        let sizes = [(); 3].map(|()| queue.take(Duration::ZERO));
        let sizes = sizes.map(|batch| (batch.observations.len(), batch.is_over));
        assert_eq!(sizes, [(2, false), (2, false), (1, true)]);
    }

    #[test]
    fn a_full_batch_does_not_wait_for_the_clock() {
        let queue = Queue::new(4, 2);
        queue.push(&mut vec![one(), one()]);
        assert_eq!(queue.take(Duration::from_hours(1)).observations.len(), 2);
    }
}
